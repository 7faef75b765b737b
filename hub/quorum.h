/* quorum.h - up to where the log counts as witnessed, and since when something waits to be.
 *
 * With a policy (D/policy, c2sp.org/tlog-policy) its quorum decides.  Without one the rule is: more than half
 * of the enrolled branches that had contact in the last 24 hours.  Each witness counts as far as its newest
 * cosignature (sync/cosigner.h).  Publishing never waits for any of this: a checkpoint is served as soon as
 * it is signed, and people are told when the oldest unwitnessed one is older than hub.unwitnessed_hours
 * hours. THREADS: opened before the first thread and read-only from then on; quorum_follow is the steward's.
 */
#ifndef SUNLIT_HUB_QUORUM_H
#define SUNLIT_HUB_QUORUM_H

#include "core/base/json_out.h"
#include "program/app.h"
#include "sync/cosigner.h"
#include "sync/policy.h"

struct hub;

struct quorum {
  struct policy *policy; /* NULL: there is no file */
  char rule[WITNESSED_RULE_SIZE];
  int64_t limit_ms;
};

/* Reads D/policy, when there is one; a file that leaves doubt, or names other logs than ours, is refused. */
bool quorum_open(struct quorum *quorum, const struct app *app, struct err *err);
void quorum_close(struct quorum *quorum);

/* Raises the mark when more is witnessed than it says. */
bool quorum_follow(struct hub *hub, struct db *db, int64_t now_ms, struct err *err);

/* Keeps the newest checkpoint whose own cosignatures are the quorum, and chooses the next one on which they
 * are to meet (sync/meeting.h).  *waits: ask again in a second, also when nothing has changed. */
bool quorum_meet(struct hub *hub, struct db *db, int64_t now_ms, bool *waits, struct err *err);

struct quorum_state {
  uint64_t size;          /* of the newest signed checkpoint */
  uint64_t witnessed;     /* of it, how many entries are witnessed */
  int64_t waits_since_ms; /* when the oldest checkpoint above that was signed; 0: none */
  bool by_policy, late;
};
bool quorum_read(const struct hub *hub, struct db *db, int64_t now_ms, struct quorum_state *out,
                 struct err *err);
/* The member "log" of the status and of the board. */
void quorum_out(struct json_out *out, const struct hub *hub, const struct quorum_state *state);

#endif
