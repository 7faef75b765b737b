/* archive.h - each local day's cosignatures, kept for ever as signed notes that every verifier reads.
 *
 * While a day lasts its cosignatures stand in sync_cosignature, as many as came.  When it is over, the newest
 * one of each witness (which vouches for all it said before, see cosigner.h) goes into the archive: by
 * checkpoint, notes of the checkpoint's text, the log's own line and at most ARCHIVE_LINES_MAX cosignatures.
 * In the same transaction the day's lines leave the table they came into, but for those of the newest
 * checkpoint, which is still served: so a crash keeps the one or the other, and the table stays small.  What
 * is archived is never changed.
 * THREADS: the caller's; archive_days runs inside the caller's transaction. */
#ifndef SUNLIT_SYNC_ARCHIVE_H
#define SUNLIT_SYNC_ARCHIVE_H

#include "core/base/bytes.h"
#include "core/base/db.h"

/* With the log's line 99: golang.org/x/mod reads 100 and refuses more. */
enum { ARCHIVE_LINES_MAX = 98, ARCHIVE_DAYS_MAX = 8 /* a time: a transaction is not to last */ };

/* Archives local days that are over and have cosignatures that are not archived, the oldest first; how many
 * it were.  ARCHIVE_DAYS_MAX: there may be more. */
bool archive_days(struct db *db, int64_t now_ms, int *days, struct err *err);
/* Appends note n of the day, yyyymmdd.  ERR_MISSING rule "no_note" when there is none. */
bool archive_note(struct db *db, int day, int n, struct buf *out, struct err *err);
/* Appends a line "yyyymmdd NOTES COSIGNATURES SIZE" for each day, the oldest first; SIZE: the largest. */
bool archive_list(struct db *db, struct buf *out, struct err *err);

#endif
