/* listener.h - a port: accepts, admits, shakes hands and runs one thread per connection.
 *
 * What a stranger can cost is bounded at each step.  A new socket waits in one poll set until its first byte
 * comes; a peer that says nothing costs that socket and loses it at the deadline.  A token bucket per peer
 * address is asked before anything is read; an IPv6 peer is its /64.  Only then come a thread with a small
 * stack and a handshake, of which a bounded number run at once; the others keep waiting in the poll set.
 * Next is whose address has the fewest handshakes under way, of those one where somebody has proved who they
 * are, of those who came first.  When there is no place for an address that has none under way, or far fewer
 * than another, a handshake that is no longer fresh gives way: the oldest of the address that has the most.
 * So stalling ones, from however many addresses, cost the next at most `fresh_ms`.
 * After the handshake the connection's thread calls `serve` and closes the link when it returns.
 *
 * THREADS: one for the port, one per connection.  All functions may be called from any thread; listener_close
 * not from `serve`. */
#ifndef SUNLIT_NET_LISTENER_H
#define SUNLIT_NET_LISTENER_H

#include "net/link.h"

#include <stdatomic.h>

struct listener;

/* Zero means the default in brackets. */
struct listener_config {
  const char *listen; /* "ADDR:PORT" or "[ADDR]:PORT"; port 0: the kernel chooses */
  struct tls *tls;    /* shared; NULL: plain, and then only a loopback address is accepted */
  void (*serve)(struct link *link, void *ctx);
  void *ctx;
  int connections_max;          /* [256] live connections, handshakes included */
  int connections_per_peer_max; /* [32] of them from one address */
  int queue_per_peer_max;       /* [as many] with those of that address which wait for a place */
  int waiting_max;              /* [512] sockets accepted and not yet served */
  int handshakes_max;           /* [64] begun and not yet ended */
  int handshakes_per_peer_max;  /* [8] of them from one address */
  int handshake_ms;             /* [10000] from its first byte to its end */
  int fresh_ms;                 /* [2000] of it that nobody can take */
  int silence_ms;               /* [5000] from accept to the first byte */
  int queue_ms;                 /* [20000] for a place, after the first byte */
  int burst_per_peer;           /* [60] new connections at once from one address */
  int rate_per_peer;            /* [600] new connections a minute from one address */
  size_t stack_size;            /* [64 KiB] of a connection's thread */
  /* Plain ports: what whoever is not admitted is told before it is hung up on.  In TLS that would cost the
   * handshake which is refused. */
  const char *refusal;
  atomic_bool *crowded; /* set while somebody who has begun to speak waits for a place; NULL: nobody asks */
};

/* *out is there before the first peer is served, and NULL after a failure. */
bool listener_open(struct listener **out, const struct listener_config *config, struct err *err)
    __attribute__((warn_unused_result));
/* Stops accepting, cuts every connection, waits for their threads.  What it counted can still be asked. */
void listener_stop(struct listener *listener);
/* Stops, and goes. */
void listener_close(struct listener *listener);
/* Stops accepting and wakes every connection; those that are still there after grace_ms are cut by
 * listener_close. */
void listener_drain(struct listener *listener, int64_t grace_ms);
uint16_t listener_port(const struct listener *listener);
/* New connections use this context; live ones keep theirs.  For a renewed certificate. */
void listener_renew(struct listener *listener, struct tls *tls);

/* Cuts every live connection of a branch, e.g. because it was revoked; returns how many. */
size_t listener_cut(struct listener *listener, uint32_t code);
/* Wakes every live connection of a branch, or all with code 0. */
size_t listener_wake(struct listener *listener, uint32_t code);
bool listener_stopping(const struct listener *listener);

/* Since the start, except the first two. */
struct listener_counts {
  uint64_t live, waiting;
  uint64_t accepted;
  uint64_t refused_rate;     /* token bucket */
  uint64_t refused_peer;     /* too many of one peer */
  uint64_t refused_full;     /* no place in the poll set, or no thread */
  uint64_t silent;           /* no first byte in time, or no place in time */
  uint64_t garbage;          /* a first byte that begins no TLS, or none and gone */
  uint64_t handshake_failed; /* those that gave way among them */
};
void listener_count(struct listener *listener, struct listener_counts *out);

#endif
