/* keep_message.h - the frames by which branches are given the province's log to keep, and give it back
 * (keep.h).
 *
 *   TILES    both  some of what is kept of it
 *   KEEPERS  hub   the branches among which tiles are dealt (keepers.h)
 *   WANT     node  a tile that is its own and of which it does not have the leaves
 * Encoders and decoders as in message.h; docs/PROTOCOL.md 7.15 to 7.17. */
#ifndef SUNLIT_SYNC_KEEP_MESSAGE_H
#define SUNLIT_SYNC_KEEP_MESSAGE_H

#include "sync/keep_leaves.h"
#include "sync/mirror.h"

enum tiles_kind {
  TILES_HASHES = 1, /* of full tiles: from is where the first begins */
  TILES_LEAVES,     /* what the leaves from there on are, all of one tile, and sealed entries among them */
  TILES_PLACES,     /* node: where its own entries stand, as they were proved to it; from is a seq */
  TILES_KIND_END
};
enum { TILES_HASHES_MAX = 128, TILES_PLACES_MAX = 256, WANT_SIZE = 8 };

/* A run of the node's own entries that came in one batch, or of one: the last has its signature, or none. */
struct keep_place {
  uint64_t first_seq, count, first_pos;
  int64_t received_ms;
  bool last_signed;
};

/* What a frame says.  large.  hashes: the bytes that were decoded. */
struct tiles {
  enum tiles_kind kind;
  uint64_t from;
  unsigned count;        /* of hashes, leaves or places */
  const uint8_t *hashes; /* TILES_HASHES */
  uint64_t shared,
      directed; /* of the hub's streams for all and for the branch, before the end of these; 0: not told */
  struct keep_leaves leaves;
  struct mirror_entries entries;
  struct keep_place places[TILES_PLACES_MAX];
};

void tiles_encode_hashes(struct buf *out, uint64_t from, const struct merkle_hash *hashes, unsigned count,
                         uint64_t shared, uint64_t directed);
/* entries: count and bytes as mirror_entry_put made them, places counted from `from`. */
void tiles_encode_leaves(struct buf *out, uint64_t from, const struct keep_leaves *leaves, uint64_t entries,
                         const struct buf *entry_bytes);
void tiles_encode_places(struct buf *out, uint64_t from, const struct keep_place *places, unsigned count);
/* ERR_INPUT rule "message". */
bool tiles_decode(struct tiles *out, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));

void want_encode(struct buf *out, uint64_t tile);
bool want_decode(uint64_t *tile, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));

#endif
