/* carry_history.h - what a branch would bring to a province that is being rebuilt (recall.h), in a file: for
 * a branch without a line.
 *
 * A file as in carry.h, of kind 3: RECALLED, then SIGNATURES, MIRROR and BATCH as they would come over a line
 * that was asked for everything, and BROUGHT.  Whoever carries it can change nothing in it that the root
 * would not show. */
#ifndef SUNLIT_SYNC_CARRY_HISTORY_H
#define SUNLIT_SYNC_CARRY_HISTORY_H

#include "sync/carry.h"
#include "sync/recall.h"

/* Branch: all of it.  ERR_LIMIT rule "carry_size" when one file cannot hold it. */
bool carry_history(struct db *db, uint32_t province, uint32_t branch, struct buf *out, struct err *err);
/* Province: takes it; *guest says whose it is, and by which name it can be left out. */
bool recall_take_carried(struct recall *recall, const void *p, size_t n, int64_t now_ms,
                         struct recall_guest *guest, struct err *err);

#endif
