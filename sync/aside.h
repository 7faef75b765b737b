/* aside.h - entries of our own that another history of ours has overtaken.
 *
 * A disk can go back: a snapshot, a folder that was copied back, a deleted write-ahead log, a cloned machine.
 * What is written then takes places in the stream that others have already.  None of it is lost and nothing
 * is signed for the other side twice: before a branch sends anything it hears where the province has its
 * stream (exchange_node.h), and when the two have parted it
 *
 *   1. is given its own history from before the parting on, proved by its own signatures
 *   2. at the first entry that differs cuts its own tail: its rows are undone, its entries superseded and
 *      noted in sync_aside, in the transaction that takes the entry               aside_cut
 *   3. takes the history to its end, and then
 *   4. journals what was put aside again behind it, each in a transaction of its own: the same rows under new
 *      ids, numbers that are taken meanwhile replaced by the next                 store_again
 *
 * A crash between 2 and 4 leaves entries that wait: the store says "restoring" until the province has been
 * heard once more.  What cannot be journaled again (it changes a row that is another now) stays aside with
 * its reason; what is withheld by law meanwhile goes, and stays (withholding.h).  A province whose log was
 * cut back (cut.h) has the same table and takes the same step 4 when it starts. THREADS: the connection's. */
#ifndef SUNLIT_SYNC_ASIDE_H
#define SUNLIT_SYNC_ASIDE_H

#include "core/base/db.h"
#include "sync/entry.h"

struct aside_counts {
  int64_t waiting, again, kept;
};
bool aside_count(struct db *db, struct aside_counts *out, struct err *err);

struct aside_row {
  int64_t id;
  struct record record;    /* its names are borrowed for the call, as all that follows */
  uint8_t hash[HASH_SIZE]; /* of the record */
  const void *payload;     /* record.payload_size bytes; NULL: withheld, or journaled again */
  int64_t made_ms, aside_ms;
  const char *state;    /* waiting again kept */
  uint32_t again_epoch; /* where it stands now; 0: nowhere */
  uint64_t again_seq;
  const char *reason; /* why it is kept; "" for one of another author, who brings it again */
};
/* Those that wait, those that are kept, those that were journaled again; the newest of each first. */
bool aside_list(struct db *db, int limit, void (*each)(void *ctx, const struct aside_row *row), void *ctx,
                struct err *err);
/* ERR_MISSING rule "not_found". */
bool aside_get(struct db *db, int64_t id, void (*each)(void *ctx, const struct aside_row *row), void *ctx,
               struct err *err);

#endif
