/* settle.h - what was put aside and stands in the log again is aside no more.
 *
 * What a province's log was cut back by (cut.h), and what a stick brought too late (late.h), may come all the
 * same: its branch brings it over the line, in the place it had.  It is the very entry when its record is,
 * byte for byte; then its row in sync_aside has nothing more to say and goes, in the transaction that takes
 * the entry.  Or the branch has it back and has journaled it again (again.h): then that entry says so.  A row
 * that keeps a payload which the log has not is kept. THREADS: the connection's. */
#ifndef SUNLIT_SYNC_SETTLE_H
#define SUNLIT_SYNC_SETTLE_H

#include "core/base/db.h"
#include "sync/batch.h"
#include "sync/store.h"

/* Is anything of the stream aside?  Then each entry of it that is taken asks settle_entry. */
bool settle_any(struct db *db, struct stream stream, bool *any, struct err *err);
/* The entry has just been logged. */
bool settle_entry(struct db *db, struct stream stream, uint64_t seq, const struct batch_entry *entry,
                  struct err *err);
/* The entry has just been applied, and names records that it is (again.h): what a stick brought too late, and
 * its branch has journaled again since.  Province, inside its transaction. */
bool settle_again(struct db *db, struct stream stream, const void *payload, size_t size, struct err *err)
    __attribute__((warn_unused_result));
/* Does this very record stand in the log? */
bool settle_is_back(struct db *db, struct stream stream, uint64_t seq, const void *record, size_t n,
                    bool *back, struct err *err);
/* All that is aside, in the caller's transaction. */
bool settle_all(struct db *db, struct err *err);
/* The same at start, in one of its own if there is anything to do. */
bool store_settle(struct store *store, struct err *err);

#endif
