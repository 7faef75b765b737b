#include "net/address.h"

#include "core/base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

int address_wait_ms(int64_t deadline_ms)
{
  int64_t left = deadline_ms - clock_mono_ms();
  if (left <= 0) return 0;
  return left > INT_MAX ? INT_MAX : (int)left;
}

static bool parse_port(const char *text, uint16_t *port)
{
  unsigned v = 0;
  if (!*text || strlen(text) > 5) return false;
  for (; *text; text++) {
    if (*text < '0' || *text > '9') return false;
    v = v * 10 + (unsigned)(*text - '0');
  }
  if (v > UINT16_MAX) return false;
  *port = (uint16_t)v;
  return true;
}

bool address_parse(struct address *out, const char *text, struct err *err)
{
  const char *colon = strrchr(text, ':');
  size_t n = colon ? (size_t)(colon - text) : 0;
  bool brackets = n > 2 && text[0] == '[' && text[n - 1] == ']';
  bool ok = n > 0 && n < sizeof out->host && parse_port(colon + 1, &out->port) &&
            (brackets || (!memchr(text, ':', n) && !memchr(text, '[', n)));
  if (!ok)
    return err_rule(err, ERR_INPUT, "address", "format", "\"%.80s\" is not HOST:PORT or [IPV6]:PORT", text);
  snprintf(out->host, sizeof out->host, "%.*s", (int)(brackets ? n - 2 : n), brackets ? text + 1 : text);
  return true;
}

static const uint8_t *v4_of(const struct sockaddr_storage *from)
{
  if (from->ss_family == AF_INET) return (const uint8_t *)&((const struct sockaddr_in *)from)->sin_addr;
  const struct in6_addr *six = &((const struct sockaddr_in6 *)from)->sin6_addr;
  return from->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(six) ? six->s6_addr + 12 : NULL;
}

void address_text(char out[ADDRESS_TEXT_SIZE], const struct sockaddr_storage *from)
{
  const uint8_t *v4 = v4_of(from);
  const char *text = v4 ? inet_ntop(AF_INET, v4, out, ADDRESS_TEXT_SIZE) : NULL;
  if (!v4 && from->ss_family == AF_INET6)
    text = inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)from)->sin6_addr, out, ADDRESS_TEXT_SIZE);
  if (!text) snprintf(out, ADDRESS_TEXT_SIZE, "unknown");
}

uint64_t address_key(const struct sockaddr_storage *from)
{
  const uint8_t *v4 = v4_of(from);
  uint64_t key = 0;
  if (v4) {
    for (int i = 0; i < 4; i++)
      key = key << 8 | v4[i];
    return key;
  }
  const uint8_t *six = ((const struct sockaddr_in6 *)from)->sin6_addr.s6_addr;
  for (int i = 0; i < 8; i++)
    key = key << 8 | six[i];
  return key;
}

bool address_is_loopback(const struct sockaddr_storage *from)
{
  const uint8_t *v4 = v4_of(from);
  if (v4) return v4[0] == 127;
  return from->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)from)->sin6_addr);
}

static int ask(const struct address *address, int flags, struct addrinfo **list)
{
  struct addrinfo hints = {.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = flags};
  char port[8];
  snprintf(port, sizeof port, "%u", (unsigned)address->port);
  return getaddrinfo(address->host, port, &hints, list);
}

static bool not_found(const struct address *address, int code, struct err *err)
{
  return err_rule(err, ERR_IO, "", "dns", "%.80s: %s", address->host, gai_strerror(code));
}

/* One name being looked up.  Of the two who share it, who asks and the thread that waits for the resolver,
 * the last frees it. */
struct lookup {
  struct address address;
  pthread_mutex_t lock;
  pthread_cond_t answered;
  struct addrinfo *list; /* under lock, as all below */
  int code, shares;
  bool has_answer;
};

static void drop_lookup(struct lookup *l)
{
  pthread_mutex_lock(&l->lock);
  int left = --l->shares;
  pthread_mutex_unlock(&l->lock);
  if (left) return;
  if (l->list) freeaddrinfo(l->list);
  pthread_cond_destroy(&l->answered);
  pthread_mutex_destroy(&l->lock);
  free(l);
}

static void *run_lookup(void *arg)
{
  struct lookup *l = arg;
  struct addrinfo *list = NULL;
  int code = ask(&l->address, 0, &list);
  pthread_mutex_lock(&l->lock);
  l->list = code == 0 ? list : NULL;
  l->code = code;
  l->has_answer = true;
  pthread_cond_signal(&l->answered);
  pthread_mutex_unlock(&l->lock);
  drop_lookup(l);
  return NULL;
}

static struct lookup *begin_lookup(const struct address *address)
{
  struct lookup *l = calloc(1, sizeof *l);
  pthread_condattr_t monotonic;
  pthread_t thread;
  if (!l) return NULL;
  *l = (struct lookup){.address = *address, .shares = 2};
  pthread_mutex_init(&l->lock, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&l->answered, &monotonic);
  pthread_condattr_destroy(&monotonic);
  if (pthread_create(&thread, NULL, run_lookup, l) == 0) {
    pthread_detach(thread);
    return l;
  }
  l->shares = 1;
  drop_lookup(l);
  return NULL;
}

/* A resolver cannot be told to give up, and waits as long as resolv.conf says: so somebody else waits for it.
 */
static bool look_up(const struct address *address, int64_t deadline_ms, struct addrinfo **list,
                    struct err *err)
{
  if (ask(address, AI_NUMERICHOST, list) == 0) return true;
  const struct timespec until = {.tv_sec = (time_t)(deadline_ms / 1000),
                                 .tv_nsec = (long)(deadline_ms % 1000) * 1000000};
  struct lookup *l = begin_lookup(address);
  if (!l) return err_set(err, ERR_IO, "no memory or thread to look up %.80s", address->host);
  pthread_mutex_lock(&l->lock);
  int waited = 0;
  while (!l->has_answer && waited == 0)
    waited = pthread_cond_timedwait(&l->answered, &l->lock, &until);
  const int code = l->has_answer ? l->code : EAI_AGAIN;
  *list = l->list;
  l->list = NULL;
  pthread_mutex_unlock(&l->lock);
  drop_lookup(l);
  return code == 0 || not_found(address, code, err);
}

static uint16_t port_of(int fd)
{
  struct sockaddr_storage self;
  memset(&self, 0, sizeof self);
  socklen_t n = sizeof self;
  if (getsockname(fd, (struct sockaddr *)&self, &n) != 0) return 0;
  if (self.ss_family == AF_INET) return ntohs(((struct sockaddr_in *)&self)->sin_port);
  return ntohs(((struct sockaddr_in6 *)&self)->sin6_port);
}

bool address_listen(const char *text, bool loopback_only, int *out, uint16_t *port, struct err *err)
{
  struct addrinfo *list = NULL;
  struct address address;
  if (!address_parse(&address, text, err)) return false;
  int code = ask(&address, AI_PASSIVE | AI_NUMERICHOST, &list);
  if (code != 0) return not_found(&address, code, err);
  struct sockaddr_storage self = {0};
  socklen_t self_size = list->ai_addrlen;
  memcpy(&self, list->ai_addr, self_size);
  freeaddrinfo(list);
  if (loopback_only && !address_is_loopback(&self))
    return err_rule(err, ERR_DENIED, "listen", "loopback", "%.80s is not a loopback address", text);
  int fd = socket(self.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int on = 1;
  bool ok = fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
            bind(fd, (struct sockaddr *)&self, self_size) == 0 && listen(fd, BACKLOG) == 0;
  if (!ok) {
    err_set(err, ERR_IO, "cannot listen on %.80s: %s", text, strerror(errno));
    if (fd >= 0) close(fd);
    return false;
  }
  *port = port_of(fd);
  *out = fd;
  return true;
}

static bool connect_one(const struct addrinfo *to, int64_t deadline_ms, int *out)
{
  int fd = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  int code = connect(fd, to->ai_addr, to->ai_addrlen) == 0 ? 0 : errno;
  while (code == EINPROGRESS) {
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int n = poll(&p, 1, address_wait_ms(deadline_ms));
    if (n < 0 && errno == EINTR) continue;
    socklen_t size = sizeof code;
    if (n == 0)
      code = ETIMEDOUT;
    else if (n < 0 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) != 0)
      code = errno;
  }
  if (code == 0) {
    *out = fd;
    return true;
  }
  close(fd);
  errno = code;
  return false;
}

bool address_dial(const char *text, int64_t deadline_ms, int *fd, struct err *err)
{
  struct addrinfo *list = NULL;
  struct address address;
  if (!address_parse(&address, text, err) || !look_up(&address, deadline_ms, &list, err)) return false;
  bool ok = false;
  for (const struct addrinfo *at = list; at && !ok; at = at->ai_next)
    ok = connect_one(at, deadline_ms, fd);
  freeaddrinfo(list);
  if (!ok)
    return err_rule(err, ERR_IO, "", errno == ECONNREFUSED ? "refused" : "no_answer",
                    "cannot reach %.80s: %s", text, strerror(errno));
  address_tune(*fd);
  return true;
}

void address_tune(int fd)
{
  int on = 1, idle_s = 60, every_s = 15, tries = 4, unacknowledged_ms = 120000;
  /* None of these is needed to be right, only to be quick. */
  (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof every_s);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof tries);
  (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}
