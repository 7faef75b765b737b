/* standing.h - how far a branch's stream goes, told in carried files by a restored branch and answered by the
 * province.
 *
 * STANDING: u32 epoch | u64 seq | hash[32] | challenge[16].  A copy that was put back does not know what its
 * branch wrote after the backup.  Over a line WELCOME says it; a receipt lies about for days, and one that
 * was written before the disk was lost would say too little.  So the copy makes up a challenge when it first
 * exports, and only a receipt that repeats it can end its waiting: it was written after the question, and it
 * carries what the copy lacks.  THREADS: none; the caller's connection. */
#ifndef SUNLIT_SYNC_STANDING_H
#define SUNLIT_SYNC_STANDING_H

#include "core/base/db.h"
#include "sync/entry.h"

enum { CHALLENGE_SIZE = 16, STANDING_SIZE = 4 + 8 + HASH_SIZE + CHALLENGE_SIZE };

struct standing {
  struct head head; /* hlc is not told */
  uint8_t challenge[CHALLENGE_SIZE];
};

void standing_encode(struct buf *out, const struct standing *standing);
bool standing_decode(struct standing *out, const void *bytes, size_t size, struct err *err);

/* The challenge of a restored copy: *asks is false when this is none, or it has none yet. */
bool challenge_get(struct db *db, uint8_t out[CHALLENGE_SIZE], bool *asks, struct err *err);
/* Makes one when this is a restored copy without; on a connection of its own that may write. */
bool challenge_make(struct db *db, struct err *err);

#endif
