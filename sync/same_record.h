/* same_record.h - a record that was journaled again at its own place.
 *
 * After an enrolment the tail that the province had not got is signed once more under the new key, with the
 * same seqs, clocks, names and payloads (rejournal.c).  A file written before, or a disk that goes back to
 * before, brings the first version again: another entry by its hash, and the same record of a person.
 * THREADS: the connection's. */
#ifndef SUNLIT_SYNC_SAME_RECORD_H
#define SUNLIT_SYNC_SAME_RECORD_H

#include "core/base/db.h"
#include "sync/entry.h"

/* Equal but for the epoch and what it follows on. */
bool same_record(const struct record *a, const struct record *b);
/* Does the stream have, at its place, that record or that record journaled again?  *epoch: of the entry that
 * stands there. */
bool same_record_stands(struct db *db, const struct record *record, bool *stands, uint32_t *epoch,
                        struct err *err) __attribute__((warn_unused_result));

#endif
