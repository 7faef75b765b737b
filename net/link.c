#include "net/link.h"

#include "net/address.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

struct link {
  int fd;
  int wake; /* eventfd */
  atomic_bool woken, cut;
  struct tls_session *tls; /* NULL: plain */
  char peer[LINK_PEER_SIZE], local[LINK_PEER_SIZE];
  bool shaken;        /* a goodbye makes sense */
  bool failed, ended; /* ended: the peer said goodbye, and mbedTLS says it only once */
  bool owes_sent;     /* everything left in an earlier turn, and its news was bytes */
  short wants;        /* what the last steps waited for: POLLIN, POLLOUT */
};

_Static_assert((int)LINK_PEER_SIZE == (int)ADDRESS_TEXT_SIZE, "one size for a peer's address");

/* -- Opening and closing. -- */

bool link_open(struct link **out, struct tls *tls, int fd, struct err *err)
{
  struct link *link = calloc(1, sizeof *link);
  int wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  if (!link || wake < 0) {
    free(link);
    if (wake >= 0) close(wake);
    close(fd);
    return err_set(err, ERR_IO, "no memory or descriptor for a connection");
  }
  struct sockaddr_storage peer = {0};
  socklen_t n = sizeof peer;
  (void)getpeername(fd, (struct sockaddr *)&peer, &n); /* a failure leaves "unknown" */
  address_text(link->peer, &peer);
  struct sockaddr_storage local = {0};
  n = sizeof local;
  (void)getsockname(fd, (struct sockaddr *)&local, &n);
  address_text(link->local, &local);
  link->fd = fd;
  link->wake = wake;
  atomic_init(&link->woken, false);
  atomic_init(&link->cut, false);
  if (tls && !tls_session_open(&link->tls, tls, fd, err)) {
    link_close(link);
    return false;
  }
  *out = link;
  return true;
}

void link_close(struct link *link)
{
  if (!link) return;
  if (link->tls && link->shaken && !link->failed) (void)tls_goodbye(link->tls);
  tls_session_close(link->tls);
  close(link->fd);
  close(link->wake);
  free(link);
}

bool link_dial(struct link **out, struct tls *tls, const char *address, int64_t deadline_ms, struct err *err)
{
  int fd;
  struct link *link = NULL;
  if (!address_dial(address, deadline_ms, &fd, err) || !link_open(&link, tls, fd, err)) return false;
  if (!link_handshake(link, deadline_ms, err)) {
    link_close(link);
    return err_prefix(err, "%.80s", address);
  }
  *out = link;
  return true;
}

/* -- Steps that never wait. -- */

static enum tls_step remember(struct link *link, enum tls_step step)
{
  if (step == TLS_WANT_READ) link->wants |= POLLIN;
  if (step == TLS_WANT_WRITE) link->wants |= POLLOUT;
  if (step == TLS_FAILED) link->failed = true;
  if (step == TLS_END) link->ended = true;
  return step;
}

static enum tls_step fail(struct link *link, struct err *err, const char *why)
{
  link->failed = true;
  err_set(err, ERR_IO, "%s: %s", link->peer, why);
  return TLS_FAILED;
}

static enum tls_step plain_step(struct link *link, ssize_t n, enum tls_step wait, size_t *done,
                                struct err *err)
{
  if (n > 0) {
    *done = (size_t)n;
    return TLS_DONE;
  }
  if (n == 0) return TLS_END;
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return wait;
  return fail(link, err, strerror(errno));
}

enum tls_step link_take(struct link *link, void *out, size_t max, size_t *done, struct err *err)
{
  *done = 0;
  if (atomic_load(&link->cut)) return fail(link, err, "cut");
  if (link->ended) return TLS_END;
  if (link->tls) return remember(link, tls_read(link->tls, out, max, done, err));
  return remember(link, plain_step(link, recv(link->fd, out, max, 0), TLS_WANT_READ, done, err));
}

enum tls_step link_give(struct link *link, const void *p, size_t n, size_t *done, struct err *err)
{
  *done = 0;
  if (atomic_load(&link->cut)) return fail(link, err, "cut");
  if (link->tls) return remember(link, tls_write(link->tls, p, n, done, err));
  return remember(link, plain_step(link, send(link->fd, p, n, MSG_NOSIGNAL), TLS_WANT_WRITE, done, err));
}

enum tls_step link_finish(struct link *link)
{
  enum tls_step step = link->tls && !link->failed ? tls_goodbye(link->tls) : TLS_DONE;
  if (step == TLS_WANT_WRITE || step == TLS_WANT_READ) return remember(link, step);
  link->shaken = false; /* said once */
  shutdown(link->fd, SHUT_WR);
  return TLS_DONE;
}

size_t link_pending(const struct link *link)
{
  return link->tls ? tls_pending(link->tls) : 0;
}

/* -- Waiting. -- */

enum wait_end { WAIT_READY, WAIT_WOKEN, WAIT_TIMEOUT };

/* Waits for the socket, a wake or the deadline.  *gone: the connection is dead in both directions. */
static enum wait_end wait_for(struct link *link, short events, bool wakes, int64_t deadline_ms, bool *gone)
{
  struct pollfd fds[2] = {{.fd = link->fd, .events = events}, {.fd = link->wake, .events = POLLIN}};
  for (;;) {
    int n = poll(fds, 2, address_wait_ms(deadline_ms));
    if (n < 0) continue; /* EINTR; nothing else can be wrong with two descriptors of ours */
    *gone = (fds[0].revents & (POLLERR | POLLHUP | POLLNVAL)) != 0;
    if (atomic_load(&link->cut) || fds[0].revents) return WAIT_READY;
    if (n == 0) return WAIT_TIMEOUT;
    if (wakes) return WAIT_WOKEN;
    fds[1].fd = -1; /* this caller is not to be disturbed; the wake stays for the next */
  }
}

bool link_handshake(struct link *link, int64_t deadline_ms, struct err *err)
{
  if (!link->tls) return true;
  for (;;) {
    if (atomic_load(&link->cut)) {
      (void)fail(link, err, "cut");
      return false;
    }
    link->wants = 0;
    enum tls_step step = remember(link, tls_handshake(link->tls, err));
    if (step == TLS_DONE) return link->shaken = true;
    if (step == TLS_FAILED || step == TLS_END) return false;
    bool gone;
    if (wait_for(link, link->wants, false, deadline_ms, &gone) == WAIT_TIMEOUT) {
      link->failed = true;
      return err_rule(err, ERR_IO, "", "timeout", "no TLS handshake with %s in time", link->peer);
    }
  }
}

/* Sends what goes; true unless the line is broken. */
static bool send_front(struct link *link, struct buf *out, struct err *err)
{
  size_t sent = 0;
  bool ok = true;
  while (sent < out->size) {
    size_t n;
    enum tls_step step = link_give(link, out->data + sent, out->size - sent, &n, err);
    sent += n;
    if (step == TLS_DONE) continue;
    ok = step != TLS_FAILED && step != TLS_END;
    break;
  }
  buf_drop(out, sent);
  return ok;
}

/* The flag is set before the eventfd is written, so one wake may be seen twice, and none is lost. */
bool link_woken(struct link *link)
{
  uint64_t count;
  (void)!read(link->wake, &count, sizeof count);
  return atomic_exchange(&link->woken, false);
}

enum link_event link_turn(struct link *link, struct buf *out, void *in, size_t in_max, size_t *in_size,
                          int64_t deadline_ms, struct err *err)
{
  *in_size = 0;
  for (;;) {
    if (atomic_load(&link->woken) && link_woken(link)) return LINK_WOKEN;
    bool had = out && out->size > 0;
    link->wants = 0;
    /* A broken line may still hold the peer's last words, so they are read before the failure is told. */
    struct err broken = ERR_INIT;
    bool sound = !had || send_front(link, out, &broken);
    if (had) link->owes_sent = out->size == 0;
    enum tls_step step = TLS_WANT_READ;
    if (in_max > 0) step = link_take(link, in, in_max, in_size, sound ? err : NULL);
    if (step == TLS_DONE) return LINK_BYTES;
    if (!sound) {
      if (err) *err = broken;
      return LINK_FAILED;
    }
    if (link->owes_sent) {
      link->owes_sent = false;
      return LINK_SENT;
    }
    if (step == TLS_END) return LINK_END;
    if (step == TLS_FAILED) return LINK_FAILED;
    bool gone = false;
    enum wait_end end = wait_for(link, link->wants, true, deadline_ms, &gone);
    if (end == WAIT_TIMEOUT) return LINK_TIMEOUT;
    if (end == WAIT_WOKEN && link_woken(link)) return LINK_WOKEN;
    if (gone && in_max == 0 && !(out && out->size > 0)) {
      (void)fail(link, err, "the peer went away");
      return LINK_FAILED;
    }
  }
}

enum link_event link_read(struct link *link, void *out, size_t max, size_t *done, int64_t deadline_ms,
                          struct err *err)
{
  assert(max > 0);
  return link_turn(link, NULL, out, max, done, deadline_ms, err);
}

bool link_write(struct link *link, const void *p, size_t n, int64_t deadline_ms, struct err *err)
{
  const uint8_t *at = p;
  while (n > 0) {
    size_t sent;
    link->wants = 0;
    enum tls_step step = link_give(link, at, n, &sent, err);
    at += sent;
    n -= sent;
    if (step == TLS_DONE) continue;
    if (step == TLS_FAILED || step == TLS_END) return false;
    bool gone;
    if (wait_for(link, link->wants, false, deadline_ms, &gone) == WAIT_TIMEOUT)
      return err_rule(err, ERR_IO, "", "timeout", "%s takes nothing", link->peer);
  }
  return true;
}

/* -- Other threads. -- */

void link_wake(struct link *link)
{
  const uint64_t one = 1;
  if (atomic_exchange(&link->woken, true)) return;
  (void)!write(link->wake, &one, sizeof one);
}

void link_cut(struct link *link)
{
  atomic_store(&link->cut, true);
  shutdown(link->fd, SHUT_RDWR);
  link_wake(link);
}

/* -- Facts. -- */

const char *link_local(const struct link *link)
{
  return link->local;
}

const char *link_peer(const struct link *link)
{
  return link->peer;
}

bool link_secure(const struct link *link)
{
  return link->tls != NULL;
}

int link_socket(const struct link *link)
{
  return link->fd;
}

int link_wake_fd(const struct link *link)
{
  return link->wake;
}

short link_poll_events(struct link *link)
{
  short wants = link->wants;
  link->wants = 0;
  return wants;
}

bool link_branch(const struct link *link, struct tls_peer *out, struct err *err)
{
  if (!link->tls)
    return err_rule(err, ERR_DENIED, "certificate", "missing", "a plain connection has no identity");
  return tls_peer_branch(link->tls, out, err);
}
