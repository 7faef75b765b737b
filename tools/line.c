/* line.c - the lines between counties and province, as pieces of wire that a hand can cut.
 *
 *   sunlit-line DIR NAME:LISTEN:TARGET...
 *
 * For each NAME it listens on 127.0.0.1:LISTEN and carries every byte to 127.0.0.1:TARGET and back.  While
 * the file DIR/NAME.cut exists the line is cut: what was open is dropped and nobody can dial.  Remove the
 * file and the line is whole again.  SIGTERM ends it.  A tool for trying an outage on one machine; no part of
 * the product. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LINES_MAX = 100, CALLS_MAX = 1000, CHUNK_SIZE = 64 * 1024, LOOK_MS = 100 };

struct line {
  char cut[256]; /* the file whose being there cuts it */
  uint16_t listen_port, target_port;
  int socket; /* -1 while cut */
};

/* One direction of a call: bytes taken from `from` that `to` has not accepted yet. */
struct flow {
  int from, to;
  size_t start, end;
  bool ended; /* `from` said its last word */
  bool told;  /* and `to` knows */
  char bytes[CHUNK_SIZE];
};

struct call {
  const struct line *line;
  struct flow up, down;
};

static struct line lines[LINES_MAX];
static size_t line_count;
static struct call *calls[CALLS_MAX];
static size_t call_count;
static volatile sig_atomic_t stop;

static void on_signal(int number)
{
  (void)number;
  stop = 1;
}

static struct sockaddr_in loopback(uint16_t port)
{
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

static bool line_read(struct line *line, const char *folder, const char *text)
{
  char name[32];
  unsigned listen_port, target_port;
  int size = 0;
  if (sscanf(text, "%31[0-9a-z]:%5u:%5u%n", name, &listen_port, &target_port, &size) != 3 || text[size])
    return false;
  if (listen_port == 0 || listen_port > 65535 || target_port == 0 || target_port > 65535) return false;
  line->listen_port = (uint16_t)listen_port;
  line->target_port = (uint16_t)target_port;
  line->socket = -1;
  int length = snprintf(line->cut, sizeof line->cut, "%s/%s.cut", folder, name);
  return length > 0 && (size_t)length < sizeof line->cut;
}

static bool line_open(struct line *line)
{
  struct sockaddr_in address = loopback(line->listen_port);
  int yes = 1;
  line->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (line->socket < 0) return false;
  setsockopt(line->socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(line->socket, (const struct sockaddr *)&address, sizeof address) == 0 &&
      listen(line->socket, 64) == 0)
    return true;
  fprintf(stderr, "sunlit-line: cannot listen on 127.0.0.1:%u: %s\n", line->listen_port, strerror(errno));
  close(line->socket);
  line->socket = -1;
  return false;
}

static void call_close(size_t i)
{
  close(calls[i]->up.from);
  close(calls[i]->down.from);
  free(calls[i]);
  calls[i] = calls[--call_count];
}

static void call_open(const struct line *line)
{
  int caller = accept4(line->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  if (caller < 0) return;
  struct sockaddr_in address = loopback(line->target_port);
  int callee = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  struct call *call = call_count < CALLS_MAX ? calloc(1, sizeof *call) : NULL;
  /* Loopback answers a dial at once, so waiting for it costs the other calls nothing. */
  if (!call || callee < 0 || connect(callee, (const struct sockaddr *)&address, sizeof address) != 0) {
    if (callee >= 0) close(callee);
    close(caller);
    free(call);
    return;
  }
  int yes = 1;
  fcntl(callee, F_SETFL, O_NONBLOCK);
  setsockopt(caller, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  setsockopt(callee, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  call->line = line;
  call->up.from = call->down.to = caller;
  call->up.to = call->down.from = callee;
  calls[call_count++] = call;
}

/* Cuts and mends as the files say. */
static void look_at_files(void)
{
  for (size_t i = 0; i < line_count; i++) {
    bool cut = access(lines[i].cut, F_OK) == 0;
    if (!cut && lines[i].socket < 0) line_open(&lines[i]);
    if (!cut || lines[i].socket < 0) continue;
    close(lines[i].socket);
    lines[i].socket = -1;
    for (size_t c = call_count; c-- > 0;)
      if (calls[c]->line == &lines[i]) call_close(c);
  }
}

/* Moves what can be moved without waiting; false when the call is broken. */
static bool flow_move(struct flow *flow)
{
  if (flow->start == flow->end && !flow->ended) {
    ssize_t got = recv(flow->from, flow->bytes, sizeof flow->bytes, 0);
    if (got < 0) return errno == EAGAIN || errno == EINTR;
    flow->start = 0;
    flow->end = (size_t)got;
    flow->ended = got == 0;
  }
  if (flow->start < flow->end) {
    ssize_t sent = send(flow->to, flow->bytes + flow->start, flow->end - flow->start, MSG_NOSIGNAL);
    if (sent < 0) return errno == EAGAIN || errno == EINTR;
    flow->start += (size_t)sent;
  }
  if (flow->ended && flow->start == flow->end && !flow->told) {
    shutdown(flow->to, SHUT_WR);
    flow->told = true;
  }
  return true;
}

static short events_of(const struct flow *reading, const struct flow *writing)
{
  int events = 0;
  if (reading->start == reading->end && !reading->ended) events |= POLLIN;
  if (writing->start < writing->end) events |= POLLOUT;
  return (short)events;
}

static void turn(void)
{
  static struct pollfd fds[LINES_MAX + 2 * CALLS_MAX];
  size_t n = 0, carried = call_count;
  for (size_t i = 0; i < line_count; i++)
    fds[n++] = (struct pollfd){.fd = lines[i].socket, .events = POLLIN};
  for (size_t i = 0; i < carried; i++) {
    fds[n++] = (struct pollfd){.fd = calls[i]->up.from, .events = events_of(&calls[i]->up, &calls[i]->down)};
    fds[n++] =
        (struct pollfd){.fd = calls[i]->down.from, .events = events_of(&calls[i]->down, &calls[i]->up)};
  }
  if (poll(fds, n, LOOK_MS) > 0) {
    for (size_t i = carried; i-- > 0;) {
      int happened = fds[line_count + 2 * i].revents | fds[line_count + 2 * i + 1].revents;
      if (!happened) continue;
      bool whole = !(happened & POLLERR) && flow_move(&calls[i]->up) && flow_move(&calls[i]->down);
      if (!whole || (calls[i]->up.told && calls[i]->down.told)) call_close(i);
    }
    for (size_t i = 0; i < line_count; i++)
      if (fds[i].revents & POLLIN) call_open(&lines[i]);
  }
  look_at_files();
}

int main(int argc, char **argv)
{
  for (int i = 2; i < argc && line_count < LINES_MAX; i++)
    if (line_read(&lines[line_count], argv[1], argv[i])) line_count++;
  if (argc < 3 || line_count != (size_t)argc - 2) {
    fprintf(stderr, "usage: sunlit-line DIR NAME:LISTEN:TARGET...\n");
    return 2;
  }
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGTERM, &action, NULL);
  sigaction(SIGINT, &action, NULL);
  look_at_files();
  for (size_t i = 0; i < line_count; i++)
    if (lines[i].socket < 0 && access(lines[i].cut, F_OK) != 0) return 1; /* line_open said why */
  while (!stop)
    turn();
  return 0;
}
