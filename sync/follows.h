/* follows.h - does an entry follow on the one before it?
 *
 * `prev` names a record by its hash.  Whoever wrote behind a lost one (lost_leaf.h) had its leaf alone and
 * names that, and does so for ever, also where the record is here: it turned up since, or was never lost to
 * this disk.  The leaf is a hash over the record, so either says which one is meant.
 * THREADS: the connection's. */
#ifndef SUNLIT_SYNC_FOLLOWS_H
#define SUNLIT_SYNC_FOLLOWS_H

#include "core/base/db.h"
#include "sync/entry.h"
#include "sync/lost_leaf.h"

/* Is `prev` the record whose hash this is, or its leaf?  pos: where it stands in the log here; -1: nowhere,
 * and it has no leaf. */
bool follows_on(struct db *db, int64_t pos, const uint8_t hash[HASH_SIZE], const uint8_t prev[HASH_SIZE],
                bool *yes, struct err *err) __attribute__((warn_unused_result));
/* Is the entry that stands there this leaf, as it came then?  That of another place is not; nor is a lost
 * one. */
bool is_leaf_here(struct db *db, int64_t pos, const struct lost_leaf *leaf, bool *yes, struct err *err)
    __attribute__((warn_unused_result));
/* follows_on of the head of a stream.  Behind a lost one everything does: nobody knows its record's hash. */
bool follows_on_head(struct db *db, int64_t pos, const struct head *head, const uint8_t prev[HASH_SIZE],
                     bool *yes, struct err *err) __attribute__((warn_unused_result));

#endif
