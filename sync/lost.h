/* lost.h - entries of the province's own that a branch holds, signed by it, and that its log has not.
 *
 * A branch is sent an entry before it witnesses the log that has it.  When the province's disk went back to
 * before such an entry no checkpoint shows it; the branch does, with HELLO's hashes, and proves it with the
 * entry's record and signature (HELD).  What is proved is kept here, and as long as the log has it otherwise,
 * or not at all, nothing is added to it: `rebuild --from-branches` brings it back (recall.h).  Not when
 * branches have witnessed the entry that our log has in its place: that is the log, and whoever was shown
 * another stands alone.  What no rebuilding could bring back, because its branch is gone, is *settled* by it:
 * the province goes on, and stops for nothing up to there in that lane again.
 * THREADS: any, as store.h; lost_any the connection's. */
#ifndef SUNLIT_SYNC_LOST_H
#define SUNLIT_SYNC_LOST_H

#include "sync/log_message.h"
#include "sync/store.h"

enum lost_verdict {
  LOST_NOT,     /* our log has it */
  LOST_NOW,     /* it has not: nothing is added any more (ERR_CONFLICT rule "log_rolled_back" elsewhere) */
  LOST_SETTLED, /* it has not, and no rebuilding could change that */
};

/* Hub: a branch shows such an entry.  ERR_DENIED or ERR_INPUT: it proves nothing. */
bool store_lost(struct store *store, uint32_t branch, const struct held_message *m, int64_t now_ms,
                enum lost_verdict *out, struct err *err);
/* Those that are not settled and that the log still has not. */
struct lost_entry {
  uint32_t branch; /* that has shown it */
  uint32_t lane;
  uint64_t seq;
  uint8_t hash[HASH_SIZE];
  int64_t at_ms; /* when */
};
bool lost_list(struct db *db, uint32_t province, void (*each)(void *ctx, const struct lost_entry *row),
               void *ctx, struct err *err);
/* Is there one? */
bool lost_any(struct db *db, uint32_t province, bool *any, struct err *err);
/* After a rebuilding, inside its transaction. */
bool lost_settle(struct db *db, struct err *err);
/* People let go of what was shown of one lane, inside a transaction. */
bool lost_let_go(struct db *db, uint32_t lane, struct err *err);

#endif
