/* found.h - an entry that was lost (lost_leaf.h) turns up: it takes its place.
 *
 * Its branch comes after all, or an old file does.  It must be the leaf: record, the time it came then, and
 * the signature or none, hashed to what the log has there; so nothing else is believed and nothing else is
 * needed.  Its rows are written as if it had come now, for what was built on it since is judged; what breaks
 * a rule then stays out and is shown, like any other.
 * THREADS: the store's writer, inside its transaction. */
#ifndef SUNLIT_SYNC_FOUND_H
#define SUNLIT_SYNC_FOUND_H

#include "sync/batch.h"
#include "sync/lost_leaf.h"

/* Is the entry of the batch that leaf?  *is_signed: with the batch's signature in it.  When a lost one came
 * is its keepers' word, and they may lie: the time that its branch has proof of (came_ms) is tried too. */
bool found_is(const struct batch *batch, uint32_t index, const struct lost_leaf *leaf, bool *is_signed);
/* When it turned up, and where the log ended then. */
struct found_when {
  int64_t now_ms, log_end;
};
/* Puts it into the log at the leaf's place, with the time that makes the leaf; the row says since when. */
bool found_put(struct db *db, const struct batch *batch, uint32_t index, const struct lost_leaf *lost,
               bool is_signed, const uint8_t *payload, const struct found_when *when, struct err *err);

#endif
