/* peer_pace.h - how often the branch on a line may greet, and how often claim between two greetings.
 *
 * A greeting is answered from the database; HELLO_BURST at once are borne, then one in HELLO_LEAST_MS.  A
 * *claim* is a frame that costs whoever sends it nothing and us a line of the log, an event or a transaction:
 * WITNESSED, HELD, a batch that is not taken.  An honest branch makes a few after a greeting, so CLAIMS_MAX
 * are borne until the next one.  Whoever goes past either is dropped.
 * THREADS: the connection's; time comes in, and is monotonic. */
#ifndef SUNLIT_SYNC_PEER_PACE_H
#define SUNLIT_SYNC_PEER_PACE_H

#include "core/base/err.h"

#include <stdint.h>

struct peer_pace {
  int64_t last_ms;   /* of the newest greeting, or of the beginning */
  int64_t credit_ms; /* a bucket of HELLO_BURST greetings, in milliseconds */
  unsigned claims;   /* since that greeting */
};

void peer_pace_init(struct peer_pace *pace, int64_t now_ms);
/* A greeting; the claims are counted anew.  ERR_LIMIT rule "hello_too_often". */
bool peer_pace_hello(struct peer_pace *pace, int64_t now_ms, struct err *err)
    __attribute__((warn_unused_result));
/* A claim.  ERR_LIMIT rule "claims_too_often". */
bool peer_pace_claim(struct peer_pace *pace, struct err *err) __attribute__((warn_unused_result));

#endif
