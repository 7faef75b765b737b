/* outside.h - asks the witnesses that are not ours to cosign the log: c2sp.org/tlog-witness, add-checkpoint.
 *
 * A thread of its own, so that neither ingest nor any line ever waits for somebody else's server.  Every
 * hub.outside_s seconds it looks whether the newest signed checkpoint is larger than what a witness has
 * cosigned, proves the step and asks.  A witness that names another size (409) is asked again from there at
 * once.  What comes back is verified against the key in D/policy before it is stored.  A witness that fails
 * is left alone for a while, longer each time, at most an hour; the board and /metrics say so. THREADS:
 * outside_open, outside_close: main; the others any. */
#ifndef SUNLIT_HUB_OUTSIDE_H
#define SUNLIT_HUB_OUTSIDE_H

#include "core/base/json_out.h"
#include "hub/hub.h"

struct outside;

/* *out stays NULL when the policy names no witness with an address: then nobody is asked. */
bool outside_open(struct outside **out, struct hub *hub, struct err *err);
void outside_close(struct outside *outside); /* the question being asked is cut; NULL is fine */

/* One witness, as it stands. */
struct outside_state {
  char name[124], url[404];
  uint64_t size; /* the largest it has cosigned */
  int64_t asked_ms, failing_since_ms, next_ms;
  char rule[48], text[200]; /* why it fails; "" when it does not */
};
struct outside_counts {
  uint64_t witnesses, failing, asked, failed;
};
void outside_count(struct outside *outside, struct outside_counts *out);
/* The member "outside": an array, empty when nobody is asked. */
void outside_out(struct json_out *out, struct outside *outside);

#endif
