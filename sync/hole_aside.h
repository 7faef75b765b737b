/* hole_aside.h - holes of a branch's own stream that its province turns out not to have.
 *
 * A hole (lost_leaf.h) is the province's word, and comes before any checkpoint could prove it: a branch with
 * a new disk is given its history first.  What answers under the province's key for one line may say
 * anything. So a hole is believed until the province shows otherwise, and no longer: a stream that ends
 * before it, another leaf in its place, or an entry there that is not that leaf.  Then the hole and all
 * behind it leave the stream as a parted tail does (aside.h), what was written there is journaled again, and
 * it is kept for people.  What a receipt proves to stand before or behind it stays.
 *
 * Holes at the end of a lane of the province are its word too: the branch greets as if they were not there,
 * and is given them again, or what the province has in their place.  THREADS: any, as store.h. */
#ifndef SUNLIT_SYNC_HOLE_ASIDE_H
#define SUNLIT_SYNC_HOLE_ASIDE_H

#include "sync/batch.h"
#include "sync/journal.h"
#include "sync/store.h"

/* Entry seq, or the newest before it that is no hole; zeros: there is none. */
bool hole_before(struct db *db, struct stream stream, uint64_t seq, struct head *out, struct err *err);
/* The newest entry of the stream, before holes at its end. */
bool hole_head(struct db *db, struct stream stream, struct head *out, struct err *err);
/* The first hole behind what the province shows and what it has proved; *seq 0: none. */
bool hole_denied(struct db *db, struct stream own, uint64_t through, uint64_t *seq, struct err *err);
/* Is our entry at that place such a hole, and the province's another leaf or an entry? */
bool hole_differs(struct db *db, struct stream own, uint64_t seq, const uint8_t hash[HASH_SIZE], bool *yes,
                  struct err *err);
/* That hole and all behind it go aside, for the province's stream ends before it. */
bool store_hole_aside(struct store *store, uint64_t seq, int64_t now_ms, struct err *err);
/* What went aside last and nobody was told of, once; count 0: nothing. */
void store_hole_news(struct store *store, struct lost_run *out);

enum hole_denial { HOLE_NO_PLACE, HOLE_OTHER_LEAF, HOLE_AN_ENTRY };
/* Inside a transaction: the same, and it is kept for people why. */
bool hole_cut(struct store *store, struct stream_state *state, uint64_t seq, enum hole_denial denial,
              int64_t now_ms, struct err *err);
/* Inside a transaction: our history came, or entries of the province, and where there is an entry we have a
 * hole that is not its leaf. */
bool hole_part(struct store *store, struct stream_state *state, const struct batch *batch, int64_t now_ms,
               struct err *err);

#endif
