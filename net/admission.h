/* admission.h - how much of a port one peer address may have: connections at once, those of them that are
 * served, handshakes at once, and a token bucket for new ones.
 *
 * A pure table; time comes in.  A peer that has nothing open and a full bucket is as good as unknown, so its
 * row is reused, one that has proved who it is last; when no row can be, the peer is refused.  Peers are the
 * keys of address_key.  Not locked. */
#ifndef SUNLIT_NET_ADMISSION_H
#define SUNLIT_NET_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

struct admission;

struct admission_limits {
  int per_peer;            /* connections at once, waiting ones included */
  int served_per_peer;     /* of them that are served, or shake hands */
  int handshakes_per_peer; /* of them */
  int burst;               /* the bucket's size */
  int per_minute;          /* its refill */
  int peers_max;           /* rows; a power of two */
};

enum admission_answer { ADMISSION_YES, ADMISSION_RATE, ADMISSION_PEER, ADMISSION_FULL };

struct admission *admission_open(const struct admission_limits *limits); /* NULL: no memory */
void admission_close(struct admission *admission);
/* A new connection: takes a token and a place. */
enum admission_answer admission_enter(struct admission *admission, uint64_t peer, int64_t now_ms);
/* served: it had begun. */
void admission_leave(struct admission *admission, uint64_t peer, bool served);
/* A handshake begins (false: not now, it waits), and the connection is served from here on; and ends. */
bool admission_begin(struct admission *admission, uint64_t peer);
void admission_end(struct admission *admission, uint64_t peer);
/* Whether it could begin one more, and how many are under way; both of nobody: none. */
bool admission_may_begin(struct admission *admission, uint64_t peer);
int admission_shaking(struct admission *admission, uint64_t peer);
/* Somebody at this address has proved who they are: for as long as its row is there. */
void admission_prove(struct admission *admission, uint64_t peer);
bool admission_proved(struct admission *admission, uint64_t peer);

#endif
