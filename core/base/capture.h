/* capture.h - what a transaction changed, as a changeset; and the fence around SQL that is not ours.
 *
 * A capture watches a list of tables on one connection.  Between capture_begin and capture_end it notes, for
 * each row that is touched, its key and what it was before; at the end it reads what the row is now and
 * writes the difference.  So it says what the transaction did in the end and not how: a failed statement or a
 * rolled back savepoint leaves no trace, a row inserted and deleted again neither.  These are the rules and
 * the bytes of SQLite's session extension (docs/decisions/0001 says why it is not the session itself); the
 * rows of a table stand in the order in which they were first touched.
 *
 * A row from before a column was added shows the column's default as what it was, as readers see it (SQLite
 * 3.40's own hook, and so its session, shows NULL there).  So that this is never a guess, a column that may
 * be NULL must have no default.
 *
 * Primary keys must not hold NULL.  A trigger that changes a watched table is refused: receivers have the
 * trigger too, and the change would be made twice.
 * OWNERSHIP: capture_end appends to the caller's buf.  THREADS: the connection's. */
#ifndef SUNLIT_BASE_CAPTURE_H
#define SUNLIT_BASE_CAPTURE_H

#include "core/base/bytes.h"
#include "core/base/db.h"
#include "core/base/err.h"

struct capture;

/* Reads the shapes of the tables now: they must not be altered while the capture is open.  Names are copied.
 * ERR_INPUT for a table without a key or with a column that may be NULL and has a default. */
bool capture_open(struct capture **out, struct db *db, const char *const *tables, size_t count,
                  struct err *err);
void capture_close(struct capture *capture); /* before the connection; NULL is fine */

void capture_begin(struct capture *capture);
/* Appends the changeset (nothing when nothing changed) and stops watching, also on failure.  ERR_LIMIT rule
 * "payload_size" past the bound of out, ERR_INPUT rule "trigger_effect". */
bool capture_end(struct capture *capture, struct buf *out, struct err *err);
void capture_drop(struct capture *capture); /* stops watching without looking */

/* While closed, statements prepared on the connection may not change the schema or any table whose name
 * starts with prefix, begin or end a transaction, attach, or run a pragma: ERR_DENIED.  Statements prepared
 * before keep working.  One fence per connection, borrowed for its life. */
struct fence {
  const char *prefix;
  bool closed;
};
bool db_fence(struct db *db, const struct fence *fence, struct err *err);

#endif
