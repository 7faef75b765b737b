/* keep_root.h - the root over a list of tile hashes and the leaves of the open tile, as they come.
 *
 * What is held is the largest full subtrees from the left, at most one of each level.  THREADS: none. */
#ifndef SUNLIT_SYNC_KEEP_ROOT_H
#define SUNLIT_SYNC_KEEP_ROOT_H

#include "sync/merkle.h"
#include "sync/tile.h"

struct keep_root {
  uint64_t size; /* leaves so far */
  struct merkle_hash peaks[64];
};

/* A full tile; the size so far is one of full tiles. */
void keep_root_tile(struct keep_root *r, const struct merkle_hash *hash);
void keep_root_leaf(struct keep_root *r, const struct merkle_hash *hash);
void keep_root_get(const struct keep_root *r, struct merkle_hash *out);

#endif
