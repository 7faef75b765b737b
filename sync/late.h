/* late.h - entries of a branch that come late in a carried file: written by a disk that its branch has gone
 * back from.
 *
 * A stick is written, the branch's disk goes back, the branch writes on, and its line tells the province so
 * before the stick arrives: then the stick's entries claim places that are taken.  Over a line that is a
 * fork, because a line is welcomed only when everything before it is stored.  In a file it is no lie and
 * freezes nothing: the province names what it does not take (sync_aside, without content, which is in the
 * file), and the branch takes its own file back: what it still misses is journaled again behind what it has
 * (aside.h).  The same goes for a stick of before an enrolment: what the key of then signed is signed anew.
 * THREADS: any, as store.h. */
#ifndef SUNLIT_SYNC_LATE_H
#define SUNLIT_SYNC_LATE_H

#include "sync/batch.h"
#include "sync/store.h"

/* Why store_apply refuses such a batch. */
#define LATE_RULE "other_history"
/* Province: entries from..count-1 of the batch are named, once.  Inside a transaction. */
bool late_name(struct db *db, const struct batch *batch, uint32_t from, int64_t now_ms, struct err *err);
/* The same for a whole batch that comes behind such entries, in a transaction of its own. */
bool store_late(struct store *store, const struct batch *batch, int64_t now_ms, struct err *err);

struct returned {
  uint64_t entries; /* that were missing here */
  bool parted;      /* the file's history is another than that of this disk, from some entry on */
};
/* Branch: a batch of its own export.  What follows on what is here is taken as it is, if its key is the
 * present one; what another history has in its place waits to be journaled again, for which everything here
 * must be received first, or have come from the province as lost (ERR_CONFLICT rule "unreceived"): then the
 * province has none of it.  The store must be writable. */
bool store_return(struct store *store, struct db *db, struct batch *batch, int64_t now_ms,
                  struct returned *out, struct err *err);
/* Of that, only what is lost here and was there all the time by its hash: it is not another record, takes its
 * place, and needs no signature. */
bool store_return_holes(struct store *store, struct batch *batch, int64_t now_ms, struct returned *out,
                        struct err *err);
/* Journals again what waits. */
bool store_return_end(struct store *store, int64_t now_ms, struct err *err);

#endif
