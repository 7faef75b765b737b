#include "net/talk.h"

#include "core/base/clock.h"
#include "net/address.h"
#include "net/head.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
  UP_SIZE = HEAD_SIZE_MAX,
  DOWN_SIZE = 16 * 1024,
  DIAL_MS = 3000,
  ANSWER_MS = 120000,   /* a handler may think this long */
  STOPPING_MS = 200,    /* a quiet connection is closed so soon when the program ends */
  CROWDED_MS = 1000,    /* ... and so soon when others wait for its place */
  GRACE_MS = 15000,     /* before a minimum rate counts */
  BODY_RATE_MIN = 1024, /* bytes a second a client must give of a body it announced */
  TAKE_RATE_MIN = 256,  /* bytes a second a client must take of an answer that waits for it */
  LINGER_MS = 2000,     /* for a client that still sends while it is told why not */
  PROBE_SIZE = 12       /* "HTTP/1.1 101" */
};

enum talk_state { TALK_HEAD, TALK_BODY, TALK_CHUNKS, TALK_UPGRADE, TALK_PIPE, TALK_REFUSED };

struct talk {
  const struct talk_config *config;
  struct link *link;
  enum talk_state state;
  int backend;     /* -1: not dialled */
  uint32_t source; /* its address; 0: none */
  bool client_ended, backend_ended, backend_told;
  bool backend_deaf; /* it takes no more, but may have something to say */
  bool waits;        /* a head went up and nothing has come down since */
  /* Followed bytes are cleared to go up; what lies behind them is not yet understood. */
  size_t up_size, cleared;
  size_t down_size;
  uint64_t body_left;
  struct chunks chunks;
  char probe[PROBE_SIZE + 1];
  size_t probe_size;
  int64_t now_ms;
  int64_t head_ms;  /* since when a head is awaited; -1: none of its bytes has come on a kept connection */
  int64_t quiet_ms; /* when the last byte moved */
  int64_t asked_ms; /* when the last head went up */
  /* What of the body came pays for its place at the least rate, and for stall_ms ahead at most: who sent much
   * at once may not stand still for hours behind it. */
  int64_t body_credit; /* bytes * 1000 */
  int64_t body_ms;     /* paid through here */
  int64_t blocked_ms;  /* how long answers have waited for the client, and how much it took meanwhile */
  uint64_t blocked_took;
  uint8_t up[UP_SIZE]; /* from here on not zeroed: pages nobody uses stay untouched */
  uint8_t down[DOWN_SIZE];
};

/* -- Answers of our own. -- */

static const char *reason_of(int status)
{
  switch (status) {
  case 408: return "Request Timeout";
  case 413: return "Too Large";
  case 417: return "Expectation Failed";
  case 431: return "Head Too Large";
  case 501: return "Not Implemented";
  case 503: return "Unavailable";
  case 505: return "Version Not Supported";
  default: return "Bad Request";
  }
}

static void put_down(struct talk *t, const char *text)
{
  size_t n = strlen(text);
  if (n > DOWN_SIZE - t->down_size) return;
  memcpy(t->down + t->down_size, text, n);
  t->down_size += n;
}

/* Tells the client why, and takes no more of it. */
static void refuse(struct talk *t, int status, const char *why)
{
  char body[256], answer[768];
  snprintf(body, sizeof body,
           "{\"error\":{\"kind\":\"%s\",\"rule\":\"request\",\"field\":\"\",\"text\":\"%s\"}}",
           status == 503 ? "busy" : "input", why);
  snprintf(
      answer, sizeof answer,
      "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\nCache-Control: no-store\r\n"
      "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
      "X-Content-Type-Options: nosniff\r\nReferrer-Policy: same-origin\r\nConnection: close\r\n\r\n%s",
      status, reason_of(status), strlen(body), body);
  put_down(t, answer);
  t->state = TALK_REFUSED;
  t->up_size = t->cleared = 0;
}

/* -- Following the requests. -- */

static void drop_line(struct talk *t, const struct head *head, size_t base)
{
  uint8_t *line = t->up + base + head->expect_at;
  size_t behind = t->up_size - base - head->expect_at - head->expect_size;
  memmove(line, line + head->expect_size, behind);
  t->up_size -= head->expect_size;
}

static void pay_body(struct talk *t, size_t bytes)
{
  const int64_t most = (int64_t)t->config->stall_ms * BODY_RATE_MIN;
  int64_t room = most - t->body_credit;
  t->body_credit = bytes > (size_t)(room / 1000) ? most : t->body_credit + (int64_t)bytes * 1000;
}

/* What has passed while the client was waited for is used up.  False: it gives too little. */
static bool body_is_paid(struct talk *t)
{
  int64_t passed_ms = t->now_ms - t->body_ms;
  t->body_ms = t->now_ms;
  if (t->cleared > 0) return true; /* we wait for CivetWeb */
  t->body_credit -= passed_ms * BODY_RATE_MIN;
  return t->body_credit >= 0;
}

static bool follow_head(struct talk *t)
{
  struct head head;
  size_t size;
  enum head_verdict verdict = head_parse(&head, t->up + t->cleared, t->up_size - t->cleared);
  if (verdict == HEAD_MORE) return false;
  if (verdict == HEAD_BAD) {
    refuse(t, head.status, head.why);
    return false;
  }
  size = head.size;
  if (head.expect_size > 0) {
    drop_line(t, &head, t->cleared);
    size -= head.expect_size;
  }
  /* CivetWeb would never say this, and the client would wait for it. */
  if (head.expects) put_down(t, "HTTP/1.1 100 Continue\r\n\r\n");
  t->cleared += size;
  t->body_left = head.body_size;
  t->chunks = (struct chunks){0};
  t->body_ms = t->asked_ms = t->now_ms;
  t->body_credit = 0;
  pay_body(t, SIZE_MAX);
  t->waits = true;
  t->head_ms = -1;
  t->probe_size = 0;
  t->state = head.upgrades    ? TALK_UPGRADE
             : head.chunked   ? TALK_CHUNKS
             : head.body_size ? TALK_BODY
                              : TALK_HEAD;
  return true;
}

static void follow_body(struct talk *t)
{
  size_t n = t->up_size - t->cleared;
  size_t k = t->body_left < n ? (size_t)t->body_left : n;
  t->cleared += k;
  t->body_left -= k;
  pay_body(t, k);
  if (t->body_left == 0) t->state = TALK_HEAD;
}

static void follow_chunks(struct talk *t)
{
  size_t k = chunks_follow(&t->chunks, t->up + t->cleared, t->up_size - t->cleared);
  t->cleared += k;
  pay_body(t, k);
  if (t->chunks.bad)
    refuse(t, 400, "the chunks are malformed");
  else if (t->chunks.done)
    t->state = TALK_HEAD;
}

/* Clears what is understood; a kept connection may have several requests in the buffer. */
static void follow(struct talk *t)
{
  bool more = true;
  while (more && t->cleared < t->up_size) {
    switch (t->state) {
    case TALK_HEAD:
      if (t->head_ms < 0) t->head_ms = t->now_ms;
      more = follow_head(t);
      break;
    case TALK_BODY: follow_body(t); break;
    case TALK_CHUNKS: follow_chunks(t); break;
    case TALK_PIPE: t->cleared = t->up_size; break;
    case TALK_UPGRADE: more = false; break; /* what follows depends on the answer */
    case TALK_REFUSED: t->up_size = t->cleared = 0; break;
    }
  }
}

/* -- The backend. -- */

static bool dial_backend(struct talk *t)
{
  uint16_t port = t->config->backend(t->config->ctx);
  t->source = port ? sources_take(t->config->sources, link_peer(t->link), link_secure(t->link)) : 0;
  if (!t->source) return false;
  struct sockaddr_in from = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(t->source)};
  struct sockaddr_in to = {
      .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), on = 1;
  t->backend = fd;
  if (fd < 0) return false;
  (void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (bind(fd, (struct sockaddr *)&from, sizeof from) != 0) return false;
  address_tune(fd);
  if (connect(fd, (struct sockaddr *)&to, sizeof to) == 0) return true;
  if (errno != EINPROGRESS) return false;
  struct pollfd p = {.fd = fd, .events = POLLOUT};
  int code = 0;
  socklen_t size = sizeof code;
  return poll(&p, 1, DIAL_MS) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &size) == 0 && code == 0;
}

static void hang_up(struct talk *t)
{
  if (t->backend >= 0) close(t->backend);
  t->backend = -1;
  if (t->source) sources_give(t->config->sources, t->source);
  t->source = 0;
}

/* The first words of an answer to an upgrade decide whether this becomes a pipe. */
static void probe_upgrade(struct talk *t, const uint8_t *p, size_t n)
{
  while (n-- > 0 && t->probe_size < PROBE_SIZE)
    t->probe[t->probe_size++] = (char)*p++;
  if (t->probe_size < PROBE_SIZE) return;
  t->state = memcmp(t->probe, "HTTP/1.1 101", PROBE_SIZE) == 0 ? TALK_PIPE : TALK_HEAD;
}

/* -- Moving bytes; each says whether something moved.  False in *alive ends the conversation. -- */

static bool read_client(struct talk *t, bool *alive)
{
  size_t n = 0;
  if (t->client_ended || t->up_size == UP_SIZE || t->state == TALK_REFUSED) return false;
  enum tls_step step = link_take(t->link, t->up + t->up_size, UP_SIZE - t->up_size, &n, NULL);
  t->up_size += n;
  if (step == TLS_FAILED) *alive = false;
  if (step == TLS_END) t->client_ended = true;
  if (n > 0) follow(t);
  return n > 0 || step == TLS_END;
}

static bool write_backend(struct talk *t)
{
  if (t->cleared == 0 || t->backend_ended) return false;
  if (t->backend < 0 && !dial_backend(t)) {
    hang_up(t);
    refuse(t, 503, "the pages are not ready");
    return true;
  }
  ssize_t n = t->backend_deaf ? (ssize_t)t->cleared : send(t->backend, t->up, t->cleared, MSG_NOSIGNAL);
  if (n < 0) {
    t->backend_deaf = errno != EAGAIN && errno != EINTR;
    return t->backend_deaf;
  }
  memmove(t->up, t->up + n, t->up_size - (size_t)n);
  t->up_size -= (size_t)n;
  t->cleared -= (size_t)n;
  follow(t);
  return true;
}

static bool read_backend(struct talk *t)
{
  if (t->backend < 0 || t->backend_ended || t->down_size == DOWN_SIZE || t->state == TALK_REFUSED)
    return false;
  ssize_t n = recv(t->backend, t->down + t->down_size, DOWN_SIZE - t->down_size, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (n <= 0) {
    t->backend_ended = true;
    return true;
  }
  if (t->state == TALK_UPGRADE) {
    probe_upgrade(t, t->down + t->down_size, (size_t)n);
    follow(t);
  }
  t->down_size += (size_t)n;
  t->waits = false;
  return true;
}

static bool write_client(struct talk *t, bool *alive)
{
  size_t n = 0;
  if (t->down_size == 0) return false;
  enum tls_step step = link_give(t->link, t->down, t->down_size, &n, NULL);
  if (step == TLS_FAILED || step == TLS_END) *alive = false;
  if (n == 0) return false;
  memmove(t->down, t->down + n, t->down_size - n);
  t->down_size -= n;
  t->blocked_took += n;
  if (t->down_size == 0) t->blocked_ms = 0, t->blocked_took = 0;
  return true;
}

/* -- Time. -- */

static int64_t idle_limit_ms(const struct talk *t)
{
  int64_t limit_ms = t->config->idle_ms;
  if (t->config->crowded(t->config->ctx) && CROWDED_MS < limit_ms) limit_ms = CROWDED_MS;
  return t->config->stopping(t->config->ctx) ? STOPPING_MS : limit_ms;
}

static bool too_slow(int64_t spent_ms, uint64_t bytes, uint64_t rate_min)
{
  return spent_ms > GRACE_MS && bytes * 1000 < rate_min * (uint64_t)spent_ms;
}

/* What the talk waits for, and until when; false ends it, 0 in *status without a word. */
static bool within_time(struct talk *t, int64_t *until_ms, int *status)
{
  int64_t limit_ms = t->quiet_ms + t->config->stall_ms;
  *status = 0;
  if (t->down_size > 0) {
    if (too_slow(t->blocked_ms, t->blocked_took, TAKE_RATE_MIN)) return false;
  } else if (t->state == TALK_PIPE && !t->client_ended) {
    limit_ms = INT64_MAX; /* both ends have their own idea of idle; TCP notices who is gone */
  } else if (t->waits && (t->state == TALK_HEAD || t->state == TALK_UPGRADE)) {
    limit_ms = t->asked_ms + ANSWER_MS;
  } else if (t->state == TALK_HEAD && t->head_ms >= 0) {
    limit_ms = t->head_ms + t->config->head_ms;
    *status = 408;
  } else if (t->state == TALK_HEAD) {
    limit_ms = t->quiet_ms + idle_limit_ms(t);
  } else {
    *status = 408;
    if (!body_is_paid(t)) return false;
  }
  *until_ms = limit_ms;
  return t->now_ms < limit_ms;
}

static void wait_for_news(struct talk *t, int64_t until_ms)
{
  const int look_again_ms = 1000; /* rates are judged at least this often */
  bool reads = !t->client_ended && t->up_size < UP_SIZE && t->state != TALK_REFUSED;
  short client = (short)((reads ? POLLIN : 0) | (t->down_size > 0 ? POLLOUT : 0) | link_poll_events(t->link));
  short backend = (short)((t->down_size < DOWN_SIZE && t->state != TALK_REFUSED ? POLLIN : 0) |
                          (t->cleared > 0 ? POLLOUT : 0));
  bool listens = t->backend >= 0 && !t->backend_ended && backend;
  struct pollfd fds[] = {{.fd = client ? link_socket(t->link) : -1, .events = client},
                         {.fd = listens ? t->backend : -1, .events = backend},
                         {.fd = link_wake_fd(t->link), .events = POLLIN}};
  int wait_ms = address_wait_ms(until_ms);
  int64_t before_ms = clock_mono_ms();
  (void)poll(fds, 3, wait_ms < look_again_ms ? wait_ms : look_again_ms);
  if (t->down_size > 0) t->blocked_ms += clock_mono_ms() - before_ms;
  uint64_t count;
  if (fds[2].revents)
    (void)!read(fds[2].fd, &count, sizeof count); /* a wake only says: look whether we stop */
}

/* -- The end. -- */

/* True while there is a reason to go on. */
static bool goes_on(struct talk *t)
{
  if (t->down_size > 0) return true;
  if (t->backend_ended || t->state == TALK_REFUSED) return false;
  if (!t->client_ended) return true;
  if (t->backend < 0 || (t->state != TALK_PIPE && !t->waits)) return false;
  /* The client has said all; what was asked is still answered. */
  if (t->cleared == 0 && !t->backend_told) {
    shutdown(t->backend, SHUT_WR);
    t->backend_told = true;
  }
  return true;
}

/* A client that is still sending loses our last answer if the socket is closed under it. */
static void linger(struct talk *t)
{
  int64_t until_ms = clock_mono_ms() + LINGER_MS;
  if (link_finish(t->link) != TLS_DONE) return;
  while (!t->client_ended && address_wait_ms(until_ms) > 0) {
    size_t n;
    enum tls_step step = link_take(t->link, t->up, UP_SIZE, &n, NULL);
    if (step == TLS_END || step == TLS_FAILED) return;
    struct pollfd p = {.fd = link_socket(t->link), .events = POLLIN};
    if (step == TLS_WANT_READ) (void)poll(&p, 1, address_wait_ms(until_ms));
  }
}

static void converse(struct talk *t)
{
  bool alive = true;
  while (alive && goes_on(t)) {
    int64_t until_ms = 0;
    int status = 0;
    t->now_ms = clock_mono_ms();
    bool moved = read_client(t, &alive);
    moved = write_backend(t) || moved;
    moved = read_backend(t) || moved;
    moved = (alive && write_client(t, &alive)) || moved;
    if (moved) t->quiet_ms = t->now_ms;
    if (!alive || moved) continue;
    if (within_time(t, &until_ms, &status)) {
      wait_for_news(t, until_ms);
    } else {
      if (!status || t->state == TALK_REFUSED) return;
      refuse(t, status, "the request did not come in time");
      t->quiet_ms = t->now_ms;
    }
  }
  hang_up(t); /* CivetWeb's thread does not wait for the client's last bytes */
  if (alive) linger(t);
}

void talk_run(struct link *link, const struct talk_config *config)
{
  struct talk *t = malloc(sizeof *t);
  if (!t) return;
  memset(t, 0, offsetof(struct talk, up));
  t->config = config;
  t->link = link;
  t->backend = -1;
  t->now_ms = t->head_ms = t->quiet_ms = clock_mono_ms();
  converse(t);
  hang_up(t);
  free(t);
}
