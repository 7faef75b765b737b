/* rows.h - writes the changes of one entry into the tables, all of them or none, or says why not.
 *
 * Used by store_apply on verified entries and by store_verify for its fold, so both take the same decisions.
 * Never sqlite3changeset_apply: it skips silently what it does not understand.  Every row is checked against
 * its scope and its before-image first.  Runs inside the caller's transaction with the guard open. */
#ifndef SUNLIT_SYNC_ROWS_H
#define SUNLIT_SYNC_ROWS_H

#include "sync/tables.h"

enum rows_outcome {
  ROWS_WRITTEN,
  ROWS_REFUSED, /* nothing written; why says which row and reason */
  ROWS_FAILED   /* disk or memory: err is set, the transaction must be rolled back */
};

enum rows_outcome rows_write(struct db *db, struct tables *tables, const struct origin *origin,
                             const void *payload, size_t size, struct refusal *why, struct err *err);

/* One row of an entry, as rows_write writes each; ROWS_REFUSED may leave the rows before it. */
enum rows_outcome rows_write_one(struct db *db, struct tables *tables, const struct origin *origin,
                                 const struct change *change, struct refusal *why, struct err *err);
/* Takes an applied entry back: rows it added go, rows it changed or removed are as before.  Its own author's
 * newest entry alone, so that nothing was built on it. */
bool rows_undo(struct db *db, struct tables *tables, const void *payload, size_t size, struct err *err);

/* Are the rows of that entry, which stands or stood in its stream here, in the tables: it was neither refused
 * nor waits. */
bool quarantine_was_applied(struct db *db, struct stream stream, uint64_t seq, int64_t pos, bool *applied,
                            struct err *err);
/* An entry that is logged at pos and not applied, with its reason; state "refused" or "waiting". */
bool quarantine_keep(struct db *db, struct stream stream, uint64_t seq, int64_t pos,
                     const struct refusal *why, const char *state, int64_t at_ms, struct err *err);

/* Takes back the rows that an entry of INSERTs added: removes each by its key.  Only for withholding.h, which
 * has made sure that they stand alone. */
bool rows_remove(struct db *db, struct tables *tables, const void *payload, size_t size, struct err *err);

#endif
