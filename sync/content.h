/* content.h - entries that stand here without their content, though no act withholds it (withholding.h).
 *
 * A batch is signed over its records alone, so whoever hands on a file can leave a payload out without a key,
 * and what was once taken so would stay empty for ever.  So the province takes none (apply.c), and wherever
 * one stands all the same (a file for a branch may be made before it has the act, a rebuilding has only what
 * is brought) it is asked for again and put into its place: the hash in its record says that it is the one.
 * THREADS: the connection's. */
#ifndef SUNLIT_SYNC_CONTENT_H
#define SUNLIT_SYNC_CONTENT_H

#include "core/base/db.h"
#include "sync/entry.h"

struct logged; /* streams.h */

/* The first of the stream from seq on whose content is missing; *found false: none. */
bool content_missing_next(struct db *db, struct stream stream, uint64_t seq, uint64_t *missing, bool *found,
                          struct err *err);
/* The content of an entry that lacked it, which is checked against the record already.  It is folded where
 * the log ends now, as what was lost and turned up (fold_order.h). */
bool content_put(struct db *db, const struct logged *entry, const uint8_t *payload, int64_t log_end,
                 int64_t now_ms, struct err *err);

#endif
