/* keepers.h - which branches keep what stands in a tile of the log (keep.h).
 *
 * Three for each tile of 256 leaves, dealt among the branches in force; all, when there are no more than
 * three. Whoever has the list can say whose a tile is: each branch has a number for it, made of the two, and
 * the largest three numbers have it.  So a branch that joins takes tiles over from all others alike, and one
 * that leaves gives its own to all, and no tile changes hands between two that stay. THREADS: none.  A plain
 * struct; large. */
#ifndef SUNLIT_SYNC_KEEPERS_H
#define SUNLIT_SYNC_KEEPERS_H

#include "core/base/bytes.h"
#include "core/base/db.h"

enum {
  KEEPERS_OF_A_TILE = 3,
  KEEPERS_MAX = 2048,
  KEEPERS_ID_SIZE = 8,
  KEEPERS_SIZE_MAX = 2 + 4 * KEEPERS_MAX
};

struct keepers {
  uint32_t count;
  uint32_t codes[KEEPERS_MAX]; /* ascending */
};

/* Hub: the branches that have a key in force. */
bool keepers_read(struct keepers *out, struct db *db, uint32_t province, struct err *err);
bool keepers_have(const struct keepers *all, uint64_t tile, uint32_t branch);

/* u16 count | count x u32 code, ascending: the body of KEEPERS, and what a node keeps.  ERR_INPUT rule
 * "message". */
void keepers_encode(struct buf *out, const struct keepers *all);
bool keepers_decode(struct keepers *out, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
/* The first bytes of the SHA-256 of that. */
void keepers_id(uint8_t out[KEEPERS_ID_SIZE], const void *encoded, size_t n);

#endif
