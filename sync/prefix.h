/* prefix.h - does a head that a peer names lie on our chain?
 *
 * One hash vouches for everything behind it, so two ends agree on a whole prefix of a stream by comparing the
 * hash at one seq.  THREADS: the connection's. */
#ifndef SUNLIT_SYNC_PREFIX_H
#define SUNLIT_SYNC_PREFIX_H

#include "core/base/db.h"
#include "sync/entry.h"

enum prefix {
  PREFIX_AHEAD, /* we do not have that seq: it says nothing yet */
  PREFIX_SAME,  /* the same record, and so the same chain behind it; also for seq 0 */
  PREFIX_OTHER  /* another record has that place here: the two chains have parted */
};

bool prefix_compare(struct db *db, struct stream stream, uint64_t seq, const uint8_t hash[HASH_SIZE],
                    enum prefix *out, struct err *err) __attribute__((warn_unused_result));
/* The seq and hash of the entry at `seq`, or of the newest when the stream does not reach that far; zeros
 * when it has none.  *lost: that entry is (lost_leaf.h), and hash says nothing. */
bool prefix_at(struct db *db, struct stream stream, uint64_t seq, uint64_t *at, uint8_t hash[HASH_SIZE],
               bool *lost, struct err *err) __attribute__((warn_unused_result));
/* When the entry was made, by its author's clock; 0 when it is not here. */
bool prefix_made_ms(struct db *db, struct stream stream, uint64_t seq, int64_t *ms, struct err *err)
    __attribute__((warn_unused_result));

#endif
