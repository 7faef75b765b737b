/* keep_leaves.h - what neighbouring leaves of the log are, packed: the hash of each, whose entry it is, when
 * it came, and whether it has its author's signature in it.
 *
 *   varint count | varint streams | streams x ( author u32 | lane u32 ) | count x leaf
 *   leaf   hash[32] | varint 2 x stream + signed | zigzag seq - due | zigzag received - received before
 * Streams stand in the order in which they first come; due is what follows on the last seq of the stream
 * among these leaves, 0 for its first.  There is one form of each list.  36 bytes a leaf when it came by
 * itself. THREADS: none.  A plain struct; large. */
#ifndef SUNLIT_SYNC_KEEP_LEAVES_H
#define SUNLIT_SYNC_KEEP_LEAVES_H

#include "core/base/bytes.h"
#include "sync/entry.h"
#include "sync/merkle.h"
#include "sync/tile.h"

enum { KEEP_LEAF_MAX = HASH_SIZE + 2 + 10 + 10, KEEP_LEAVES_SIZE_MAX = 4 + TILE_WIDTH * (8 + KEEP_LEAF_MAX) };

struct keep_leaf {
  struct merkle_hash hash;
  struct stream stream;
  uint64_t seq;
  int64_t received_ms;
  bool is_signed;
};

struct keep_leaves {
  unsigned count;
  struct keep_leaf of[TILE_WIDTH];
};

void keep_leaves_encode(struct buf *out, const struct keep_leaves *leaves);
/* Takes them off the reader, which is bad when they are none or out of bounds. */
void keep_leaves_get(struct reader *r, struct keep_leaves *out);
/* The hash over all 256. */
void keep_leaves_root(struct merkle_hash *out, const struct keep_leaves *leaves);

#endif
