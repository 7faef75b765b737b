/* own_epochs.h - the epochs that a branch has been in, as its own database knows them, at an enrolment.
 *
 * A province whose disk went back does not know all epochs that it gave, and gave some of them again.  So the
 * branch says how far it has been (ENROL), and looks at the answer before its database opens under the new
 * epoch: that must lie behind every epoch in which it has signed with another key.  Its own key of an earlier
 * epoch stays what it is, for it proves what the branch wrote; what the province names instead is kept beside
 * it, for it proves what the province gives back.  A province that is rebuilt is shown both (recalled.h).
 * THREADS: the connection's. */
#ifndef SUNLIT_SYNC_OWN_EPOCHS_H
#define SUNLIT_SYNC_OWN_EPOCHS_H

#include "sync/keys.h"
#include "sync/message.h"
#include "sync/store.h"

/* The newest in which `author` has another key than this one, or entries under another; 0: none. */
bool own_epoch_newest(struct db *db, uint32_t author, const uint8_t key[PUBLIC_SIZE], uint32_t *epoch,
                      struct err *err);
/* May the database go on under that answer to `key`?  Nothing is written.  ERR_CONFLICT rule "epoch_used":
 * the epoch is one that the branch has been in; "other_province": its keys are another's. */
bool own_epochs_check(struct db *db, const struct enrolled *answer, const uint8_t key[PUBLIC_SIZE],
                      struct err *err);
/* Can what no receipt proves be written again (PROTOCOL 2.3)?  Read as that reads it, before an invitation is
 * used up.  Behind what a receipt proves: a province that went back may need more of it, and then
 * rejournaling looks.  ERR_CORRUPT or ERR_MISSING rule "tail_unreadable" names the first entry that cannot be
 * read; a hole is none. */
bool own_tail_check(struct db *db, uint32_t author, struct err *err);
/* The keys of the answer.  *others: so many epochs of the branch have another key at the province. */
bool own_keys_learn(struct store *store, const struct enrolled *answer, size_t *others, struct err *err);

#endif
