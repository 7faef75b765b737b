/* entry_proof.h - what can be checked about one entry of the log now, each check with a sentence for people.
 *
 * Nothing is believed from the index or the moment it was received: keys, hashes, neighbours and rows are
 * read again.  A check that cannot be made yet (not signed, content withheld) is open, which is not a
 * failure. THREADS: the connection's. */
#ifndef SUNLIT_HUB_ENTRY_PROOF_H
#define SUNLIT_HUB_ENTRY_PROOF_H

#include "core/domain/describe.h"
#include "sync/streams.h"

enum check_result { CHECK_OPEN, CHECK_PASSED, CHECK_FAILED };

struct entry_check {
  enum check_result ok;
  char detail[240];
};

/* The signature that covers the entry, and every link of the chain from the entry to it. */
bool entry_proof_signature(struct db *db, int64_t pos, enum language language, struct entry_check *check,
                           struct err *err);
/* The entry before it in its stream has the hash it names. */
bool entry_proof_chain(struct db *db, const struct logged *entry, enum language language,
                       struct entry_check *check, struct err *err);
/* The payload has the size and the hash of the record. */
void entry_proof_payload(const struct logged *entry, enum language language, struct entry_check *check);
/* Every row belongs to a table this author may write, and to this author. */
bool entry_proof_scope(struct db *db, const struct logged *entry, enum language language,
                       struct entry_check *check, struct err *err);

/* It is a leaf of the newest checkpoint that was signed, by a proof from the tiles. */
bool entry_proof_log(struct db *db, const struct logged *entry, enum language language,
                     struct entry_check *check, struct err *err);
/* How many witnesses have cosigned a checkpoint that covers it. */
bool entry_proof_witnesses(struct db *db, const struct logged *entry, enum language language,
                           struct entry_check *check, struct err *err);

#endif
