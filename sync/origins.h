/* origins.h - which entry stood before another, in the history in which that one was written?
 *
 * A branch's disk may have gone back more than once, and each time other entries took the same places: a seq
 * alone does not say which.  Each record names the one before it by its hash, so the chain does: it is
 * followed through what was put aside (sync_aside) and superseded, back to the entry that is asked for, or to
 * one that stands in the log, before which all is as it was.  THREADS: the connection's. */
#ifndef SUNLIT_SYNC_ORIGINS_H
#define SUNLIT_SYNC_ORIGINS_H

#include "core/base/db.h"
#include "sync/entry.h"

struct origin_entry {
  enum { ORIGIN_UNKNOWN, ORIGIN_HERE, ORIGIN_AGAIN } kind; /* HERE: it stands in the place it had */
  uint32_t epoch;                                          /* AGAIN: it was journaled again there */
  uint64_t seq;
};
/* The entry `seq` that stood before `record`.  UNKNOWN: it stays aside, or the chain to it is not here. */
bool origin_of(struct db *db, const struct record *record, uint64_t seq, struct origin_entry *out,
               struct err *err) __attribute__((warn_unused_result));

#endif
