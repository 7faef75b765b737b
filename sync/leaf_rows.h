/* leaf_rows.h - the leaves of the log in their order, each with its hash; of a lost one that is all there is.
 *
 * Each leaf is made again from the bytes that the tables hold now (tlog.h), so a hash says what is stored.
 * THREADS: the connection's.  OWNERSHIP: leaf_rows_close, also after a failure; bytes until the next row. */
#ifndef SUNLIT_SYNC_LEAF_ROWS_H
#define SUNLIT_SYNC_LEAF_ROWS_H

#include "sync/lost_leaf.h"

struct leaf_rows {
  struct query at;
  uint64_t pos; /* of the leaf in hand */
  int64_t received_ms;
  struct merkle_hash hash;
  bool lost;
  struct buf bytes; /* the leaf, or the note that stands for it in an entry bundle (lost_leaf.h) */
  bool bad;
};

/* Those of [from, to). */
void leaf_rows_open(struct leaf_rows *rows, struct db *db, uint64_t from, uint64_t to, struct err *err);
bool leaf_rows_next(struct leaf_rows *rows); /* false at the end and after a fault, which close reports */
bool leaf_rows_close(struct leaf_rows *rows);

#endif
