/* leaves.h - where a branch's entries stand in the province's log: found by the hub, verified by the node.
 *
 * Between two signatures of an author the hub took one batch, so those entries are neighbours in the log,
 * came at one time, and only the last carries a signature in its leaf.  One range proof covers all of them.
 * The node rebuilds each leaf from its own record: what verifies is that the province logged exactly what
 * this branch wrote. THREADS: the connection's. */
#ifndef SUNLIT_SYNC_LEAVES_H
#define SUNLIT_SYNC_LEAVES_H

#include "core/base/db.h"
#include "sync/entry.h"
#include "sync/log_message.h"

/* Hub: the run of neighbours that begins with entry seq; its size and proof are not filled in.  ERR_MISSING
 * when the entry is not here. */
bool leaves_find(struct db *db, struct stream stream, uint64_t seq, struct leaves_message *out,
                 struct err *err);
/* Hub: fills in the proof for the signed size. */
bool leaves_prove(struct db *db, uint64_t size, struct leaves_message *m, struct err *err);

/* Node: verifies that its entries are those leaves of the tree with that root, and stores it, inside the
 * caller's transaction; a signature of ours that is told and missing here is verified and kept.  ERR_REFUTED
 * rule "leaves_differ" when they are not; nothing is stored then. */
bool leaves_take(struct db *db, struct stream stream, const struct leaves_message *m,
                 const struct merkle_hash *root, struct err *err);
/* Node: the proved run that begins behind after_seq; *found false when there is none.  And whether its proof
 * leads from the entries as they are here to the root of the checkpoint it names: ERR_REFUTED when not. */
bool leaves_next(struct db *db, uint64_t after_seq, struct leaves_message *m, bool *found, struct err *err);
bool leaves_check(struct db *db, struct stream stream, const struct leaves_message *m, int64_t until_pos,
                  struct err *err);
/* Node: what stands behind seq leaves its stream, or the province denies it: what was proved of it goes aside
 * with it (sync_leaf_former), and none of it counts as received any more.  Inside the caller's transaction,
 * before anything else is appended. */
bool leaves_set_aside(struct db *db, struct stream stream, uint64_t seq, struct err *err);
/* Node: the next such proof behind *until_pos and m->first_seq, both 0 at first; *until_pos is what
 * leaves_check wants to know which entries it is about: 0 there means those that stand in the stream. */
bool leaves_former_next(struct db *db, int64_t *until_pos, struct leaves_message *m, bool *found,
                        struct err *err);
/* Node: a tlog-proof@v1 file for one of its entries, with the leaf in it.  ERR_MISSING rule "not_received"
 * when the province has not proved it yet. */
bool leaves_proof(struct db *db, struct stream stream, uint64_t seq, struct buf *file, struct err *err);

#endif
