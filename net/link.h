/* link.h - bytes with deadlines to one peer, over TLS or (on loopback) without it.
 *
 * No frames: sync/frame cuts them.  Both directions progress in one call, link_turn, so two peers that both
 * have a lot to say cannot wait for each other for ever.  Another thread may link_wake the one that waits, as
 * the hub does when it has something new to push.
 *
 * A deadline is a point of clock_mono_ms.  After LINK_END, LINK_FAILED or an err the link can only be closed.
 * OWNERSHIP: who dials closes; a link handed to a listener's callback is closed by the listener.
 * THREADS: one thread at a time, except link_wake and link_cut, which any thread may call while the link is
 * open. */
#ifndef SUNLIT_NET_LINK_H
#define SUNLIT_NET_LINK_H

#include "core/base/bytes.h"
#include "core/base/err.h"
#include "net/tls.h"

enum { LINK_PEER_SIZE = 46 }; /* "10.33.1.27" or an IPv6 address, without the port */

enum link_event {
  LINK_BYTES,   /* something was read */
  LINK_SENT,    /* everything that was to be sent has left */
  LINK_WOKEN,   /* link_wake was called since the last LINK_WOKEN */
  LINK_TIMEOUT, /* the deadline passed */
  LINK_END,     /* the peer ended cleanly */
  LINK_FAILED   /* err says why */
};

struct link;

/* Resolves, connects and shakes hands before the deadline.  `address` is "host:port" or "[v6]:port". */
bool link_dial(struct link **out, struct tls *tls, const char *address, int64_t deadline_ms, struct err *err)
    __attribute__((warn_unused_result));
/* Takes a connected socket, which is closed with the link, and also when this fails.  tls NULL: plain. */
bool link_open(struct link **out, struct tls *tls, int fd, struct err *err)
    __attribute__((warn_unused_result));
/* The handshake, either side's; nothing on a plain link. */
bool link_handshake(struct link *link, int64_t deadline_ms, struct err *err)
    __attribute__((warn_unused_result));
void link_close(struct link *link); /* says goodbye if that does not block */

/* Sends from the front of `out` (NULL: nothing) and drops what has left; reads at most in_max bytes into
 * `in`. Returns as soon as there is news: first a wake, then bytes (*in_size > 0), then LINK_SENT, once, when
 * `out` was not empty and now is, then an end, the deadline.  `out` may grow at its back between calls,
 * nothing else. in_max 0: only sends (backpressure: what the peer says waits in the socket). */
enum link_event link_turn(struct link *link, struct buf *out, void *in, size_t in_max, size_t *in_size,
                          int64_t deadline_ms, struct err *err);

/* The simple forms for a conversation in turns.  link_read may also return LINK_WOKEN. */
enum link_event link_read(struct link *link, void *out, size_t max, size_t *done, int64_t deadline_ms,
                          struct err *err);
bool link_write(struct link *link, const void *p, size_t n, int64_t deadline_ms, struct err *err)
    __attribute__((warn_unused_result));

void link_wake(struct link *link); /* any thread */
void link_cut(struct link *link);  /* any thread: the link fails at its next step */

const char *link_peer(const struct link *link);  /* address without port */
const char *link_local(const struct link *link); /* that of our own end */
bool link_secure(const struct link *link);       /* over TLS */
/* See tls_peer_branch.  On a plain link: false. */
bool link_branch(const struct link *link, struct tls_peer *out, struct err *err)
    __attribute__((warn_unused_result));

/* -- Without waiting, for net/front.c, which polls two sockets at once. -- */
int link_socket(const struct link *link);
int link_wake_fd(const struct link *link);
bool link_woken(struct link *link); /* since the last question; empties the wake_fd */
/* POLLIN or POLLOUT that the steps since the last question asked for, besides what the caller waits for. */
short link_poll_events(struct link *link);
enum tls_step link_take(struct link *link, void *out, size_t max, size_t *done, struct err *err);
enum tls_step link_give(struct link *link, const void *p, size_t n, size_t *done, struct err *err);
enum tls_step link_finish(struct link *link); /* ends our direction: close_notify and shutdown */
size_t link_pending(const struct link *link);

#endif
