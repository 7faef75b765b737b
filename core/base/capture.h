/* capture.h - what one transaction changed, as a changeset; and the fence around SQL that is not ours.
 *
 * A capture is one SQLite session on one connection, begun inside a transaction and ended before COMMIT. Only
 * tables the filter allows are recorded.  The only user of SQLite's session API.
 * OWNERSHIP: capture_end appends to the caller's buf.  THREADS: the connection's. */
#ifndef SUNLIT_BASE_CAPTURE_H
#define SUNLIT_BASE_CAPTURE_H

#include "core/base/bytes.h"
#include "core/base/db.h"
#include "core/base/err.h"

struct capture;

/* `wanted` decides once per table and transaction whether its changes are recorded. */
bool capture_begin(struct capture **out, struct db *db, bool (*wanted)(void *ctx, const char *table),
                   void *ctx, struct err *err);
/* Appends the changeset (nothing when nothing changed) and frees the capture, also on failure. */
bool capture_end(struct capture *capture, struct buf *out, struct err *err);
void capture_drop(struct capture *capture); /* without looking; NULL is fine */

/* While closed, statements prepared on the connection may not change the schema or any table whose name
 * starts with prefix, begin or end a transaction, attach, or set a pragma: ERR_DENIED.  Statements prepared
 * before keep working.  One fence per connection, borrowed for its life. */
struct fence {
  const char *prefix;
  bool closed;
};
bool db_fence(struct db *db, const struct fence *fence, struct err *err);

#endif
