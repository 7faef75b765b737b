/* keep_prove.h - does what a branch keeps of the log (keep.h) lead to the checkpoint that it holds?
 *
 * What comes of the log is kept as it comes.  When it reaches exactly as far as the checkpoint that is held,
 * the branch makes the root of it: what leads there is the log's, and so are all full tiles of it, for good.
 * What does not goes back to the last tile that was proved, and comes again from there; so whoever changes a
 * piece, or a province that wants its past forgotten, has nothing of what was proved before.  The names in it
 * that a branch can compare, of its own entries, are compared too.  Walks what is new alone: what was proved
 * is kept as the subtrees over it.  THREADS: the connection's. */
#ifndef SUNLIT_SYNC_KEEP_PROVE_H
#define SUNLIT_SYNC_KEEP_PROVE_H

#include "core/base/db.h"
#include "sync/keep_leaves.h"
#include "sync/witness.h"

enum keep_led {
  KEEP_OPEN,  /* it ends elsewhere than the checkpoint: nobody can say yet */
  KEEP_LEADS, /* it is the log's */
  KEEP_STRAYS /* it was let go behind what was proved before */
};

struct keep_whose {
  uint32_t author, province;
};

/* Inside a transaction.  names: what is told of its own entries decides too. */
bool keep_prove(struct db *db, const struct keep_whose *whose, const struct witness_held *held, bool names,
                int64_t now_ms, enum keep_led *out, struct err *err) __attribute__((warn_unused_result));
/* Are its own entries, as far as they are among these leaves from `begin` on, where they were proved to
 * stand, and the sealed ones where the province's are? */
bool keep_names_fit(struct db *db, const struct keep_whose *whose, uint64_t begin,
                    const struct keep_leaves *leaves, bool *fit, struct err *err)
    __attribute__((warn_unused_result));
/* What is kept now ends there: nothing behind it is proved any more.  Inside a transaction. */
bool keep_prove_until(struct db *db, uint64_t through, struct err *err) __attribute__((warn_unused_result));
/* When what came was let go the last time and has not been proved since; 0: it is in order. */
bool keep_strayed(struct db *db, int64_t *at_ms, struct err *err) __attribute__((warn_unused_result));

#endif
