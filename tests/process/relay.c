#include "tests/process/relay.h"

#include "tests/process/rig.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

struct relay {
  int listener, port, to_port;
  atomic_bool released;
  atomic_uint_fast64_t up, down;
};

struct pair {
  struct relay *relay;
  int node, hub;
};

static bool move(int from, int to, atomic_uint_fast64_t *count)
{
  char bytes[65536];
  ssize_t n = recv(from, bytes, sizeof bytes, 0);
  if (n <= 0) return false;
  atomic_fetch_add(count, (uint64_t)n);
  for (ssize_t at = 0; at < n;) {
    ssize_t sent = send(to, bytes + at, (size_t)(n - at), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    at += sent;
  }
  return true;
}

static void *carry(void *arg)
{
  struct pair *pair = arg;
  bool open = true;
  while (open) {
    struct pollfd both[2] = {{.fd = pair->node, .events = POLLIN}, {.fd = pair->hub, .events = POLLIN}};
    poll(both, 2, -1);
    if (both[0].revents) open = move(pair->node, pair->hub, &pair->relay->up);
    if (open && both[1].revents) open = move(pair->hub, pair->node, &pair->relay->down);
  }
  close(pair->node);
  close(pair->hub);
  free(pair);
  return NULL;
}

static int dial(int port)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (const struct sockaddr *)&to, sizeof to) != 0) rig_fail("the relay cannot reach the hub");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static void *serve(void *arg)
{
  struct relay *relay = arg;
  while (!atomic_load(&relay->released))
    rig_sleep_ms(1);
  for (;;) {
    int fd = accept4(relay->listener, NULL, NULL, SOCK_CLOEXEC), one = 1;
    if (fd < 0) return NULL;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct pair *pair = malloc(sizeof *pair);
    pthread_t thread;
    *pair = (struct pair){.relay = relay, .node = fd, .hub = dial(relay->to_port)};
    pthread_create(&thread, NULL, carry, pair);
    pthread_detach(thread);
  }
}

struct relay *relay_open(int to_port)
{
  struct relay *relay = calloc(1, sizeof *relay);
  struct sockaddr_in at = {.sin_family = AF_INET};
  socklen_t size = sizeof at;
  pthread_t thread;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  relay->to_port = to_port;
  relay->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (bind(relay->listener, (const struct sockaddr *)&at, sizeof at) != 0 ||
      listen(relay->listener, 1024) != 0)
    rig_fail("no port for the relay");
  getsockname(relay->listener, (struct sockaddr *)&at, &size);
  relay->port = ntohs(at.sin_port);
  pthread_create(&thread, NULL, serve, relay);
  pthread_detach(thread);
  return relay;
}

void relay_release(struct relay *relay)
{
  atomic_store(&relay->released, true);
}

int relay_port(const struct relay *relay)
{
  return relay->port;
}

void relay_count(struct relay *relay, uint64_t *up, uint64_t *down)
{
  *up = atomic_exchange(&relay->up, 0);
  *down = atomic_exchange(&relay->down, 0);
}
