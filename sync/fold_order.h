/* fold_order.h - in which order entries came to the tables: that of the log, but for those that were lost.
 *
 * An entry that turned up (found.h) stands at its old place in the log and was written when it came, behind
 * all that was in the log then.  Whoever folds the log again does the same, or what was judged would be
 * judged otherwise.  A lost one comes nowhere: its position is given out, and has no entry. THREADS: the
 * connection's. */
#ifndef SUNLIT_SYNC_FOLD_ORDER_H
#define SUNLIT_SYNC_FOLD_ORDER_H

#include "sync/lost_leaf.h"

struct fold_order {
  struct db *db;
  int64_t pos, end; /* the next of the log, and where it ends */
  bool any;         /* some turned up */
  int64_t found_end, found_pos;
  struct err *err;
};

bool fold_order_open(struct fold_order *order, struct db *db, struct err *err);
/* *pos -1: that was the last. */
bool fold_order_next(struct fold_order *order, int64_t *pos);

#endif
