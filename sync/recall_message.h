/* recall_message.h - the frames of a province that asks its branches for what it lost (recall.h).
 *
 *   RECALL      hub    what it has already: it asks for what lies behind
 *   RECALLED    node   how far it will bring each, the checkpoint it holds, and the keys its entries need
 *   SIGNATURES  node   those inside its own stream, which batches do not carry
 *   BROUGHT     node   that was all; it is empty
 * Between them travel BATCH and MIRROR as always.  Encoders and decoders as in message.h; docs/PROTOCOL.md
 * section 13.  OWNERSHIP: the note and the signatures are borrowed from the bytes that were decoded. */
#ifndef SUNLIT_SYNC_RECALL_MESSAGE_H
#define SUNLIT_SYNC_RECALL_MESSAGE_H

#include "sync/message.h"

enum {
  SIGNATURES_MAX = 1024, /* in one frame */
  SIGNATURES_SIZE_MAX = 2 + SIGNATURES_MAX * (8 + SIGNATURE_SIZE)
};

/* Of the node's stream, of everybody's, of the province's for this branch: the newest seq.  Of the mirror:
 * the first leaf that is not there.  And the first of what it keeps in tiles (keep.h): of the list a tile, of
 * the leaves a leaf, of its own places a seq; these three go only to and from a node that keeps the log so.
 */
struct recall_marks {
  uint64_t own, shared, directed, mirror;
  bool keeps;
  uint64_t hashes, leaves, places;
};

struct recalled {
  struct recall_marks marks; /* through here it will bring them */
  struct span note;          /* "": it has witnessed nothing */
  size_t keys_count;
  struct known_key keys[ENROL_KEYS_MAX]; /* of this branch */
};

struct signature_of {
  uint64_t seq;
  const uint8_t *bytes; /* SIGNATURE_SIZE */
};

struct signatures {
  uint32_t count;
  struct reader left;
};

void recall_encode(struct buf *out, const struct recall_marks *have);
void recalled_encode(struct buf *out, const struct recalled *m);
bool recall_decode(struct recall_marks *have, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
bool recalled_decode(struct recalled *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));

/* u16 count | count x ( u64 seq | signature[64] ), seqs ascending. */
bool signatures_decode(struct signatures *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
bool signatures_next(struct signatures *m, struct signature_of *out);

#endif
