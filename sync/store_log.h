/* store_log.h - what a store does about the transparency log: the node's side as a witness, the hub's as its
 * keeper.
 *
 * Each function is one transaction of the store; see witness.h, leaves.h and tlog.h for what they mean.
 * THREADS: any, as store.h. */
#ifndef SUNLIT_SYNC_STORE_LOG_H
#define SUNLIT_SYNC_STORE_LOG_H

#include "sync/cosigner.h"
#include "sync/keep_message.h"
#include "sync/keep_prove.h"
#include "sync/leaves.h"
#include "sync/lost_message.h"
#include "sync/policy.h"
#include "sync/store.h"
#include "sync/witness.h"

/* The key that signs the province's log, from the keys this database was given. */
bool log_key(struct db *db, uint32_t province, struct note_key *out, struct err *err);

/* Node: judges a checkpoint of the province; a contradiction is made durable as evidence. */
bool store_witness(struct store *store, const struct checkpoint_message *m, int64_t now_ms,
                   enum witness_verdict *verdict, struct err *why, struct err *err);
/* Node: the cosignature line over the checkpoint held. */
bool store_cosign(struct store *store, int64_t now_ms, uint64_t *size, struct buf *line, struct err *err);
/* Node: a standard question of some log's (add_checkpoint.h), judged by the same memory as our province's.
 * The logs are those of the policy.  The caller wipes out->body, also after a failure. */
struct add_answer {
  int status;      /* of HTTP */
  struct buf body; /* of 200 and, with a size, of 409 */
  struct err why;  /* of every other status */
  bool forked;     /* the log has signed two roots of one size, and both are kept */
};
bool store_add_checkpoint(struct store *store, const struct policy *policy, struct span question,
                          int64_t now_ms, struct add_answer *out, struct err *err);
/* Node: the province has proved that it logged these entries; from now on they count as received. */
bool store_leaves(struct store *store, const struct leaves_message *m, struct err *err);

/* Node: what the province said contradicts the checkpoint held, in a way that it did not sign: kept beside
 * that checkpoint, once for the same words.  `said` is the message; distrust: nothing more is believed. */
bool store_accuse(struct store *store, const struct err *why, const void *said, size_t size, bool distrust,
                  int64_t now_ms, struct err *err);
/* Node: the province, which has enrolled this branch again since, denies an entry that it had proved to hold.
 * A person has acted: its history is taken from the beginning, and every proof goes aside with what it was
 * about.  *any false: nothing of the kind, and nothing was done. */
bool store_denied(struct store *store, int64_t now_ms, bool *any, struct err *err);
/* Node: a person lets the branch listen to its province again.  What was held stays held: a log that does not
 * continue it is caught again. */
bool store_trust(struct store *store, struct err *err);

/* Node: keeps what a MIRROR frame says of the log, when it follows on what is kept (mirror.h). */
bool store_mirror(struct store *store, const void *body, size_t size, struct err *err);
/* Node: holes of a stream that the province gives in their place (lost_message.h): behind our head, or not.
 * What stands there in our own stream, is not the leaf and has no receipt, is put aside (aside.h). */
bool store_lost_leaves(struct store *store, struct lost_message *m, int64_t now_ms, uint64_t *through,
                       enum answer *answer, struct err *err);
/* Hub: signs the entries before lost ones whose author's signature was lost with those, so that their branch
 * takes them back. */
bool store_vouch(struct store *store, struct err *err);
/* Node: mirror_forget, in a transaction of its own. */
bool store_mirror_forget(struct store *store, uint64_t size, struct err *err);
/* Node: what TILES and KEEPERS bring is kept; keep_step and keep_forget, in transactions of their own
 * (keep.h). */
bool store_keep(struct store *store, struct tiles *m, bool names, int64_t now_ms, enum keep_led *led,
                struct err *err);
/* What is kept, against the checkpoint that is held; store_keep does so at once (keep_prove.h). */
bool store_keep_prove(struct store *store, bool names, int64_t now_ms, enum keep_led *led, struct err *err)
    __attribute__((warn_unused_result));
bool store_keepers(struct store *store, const void *body, size_t size, struct err *err);
bool store_keep_step(struct store *store, bool *wants, uint64_t *tile, struct err *err);
bool store_keep_forget(struct store *store, uint64_t size, struct err *err);
/* Hub: the key under which it seals what branches keep for it. */
void store_mirror_key(const struct store *store, uint8_t out[BOX_KEY_SIZE]);

/* Hub: the branch's key in force, as a witness.  ERR_DENIED rule "unknown_key" when there is none. */
bool store_branch_witness(struct db *db, uint32_t branch, struct note_key *out, struct err *err);
/* Hub: a branch's cosignature over a checkpoint we signed.  Verified here (time_s is taken from the line);
 * ERR_DENIED rule "cosignature".  It may show that the log which stands is ours, and whoever was shown
 * another stands alone: a store that added nothing any more (store_witnessed) goes on then. */
bool store_cosignature(struct store *store, uint32_t branch, const struct cosignature *came, struct err *err);
/* Hub: the same of a witness outside, with the key that the policy names. */
bool store_cosignature_outside(struct store *store, const struct note_key *key,
                               const struct cosignature *came, struct err *err);
/* Hub: see witnessed_set. */
bool store_witnessed_mark(struct store *store, const struct witnessed *mark, struct err *err);
/* Hub: see meeting_next and quorum_keep (meeting.h). */
bool store_meeting(struct store *store, int64_t now_ms, struct err *err);
bool store_quorum(struct store *store, uint64_t size, const struct buf *note, size_t lines, int64_t now_ms,
                  struct err *err);
/* Hub: see archive_days. */
bool store_archive(struct store *store, int64_t now_ms, int *days, struct err *err);
/* Hub: a branch shows a checkpoint with our signature.  When it is larger than our log, the log was rolled
 * back: that is kept as evidence and nothing smaller is ever signed.  *rolled_back says so. */
bool store_witnessed(struct store *store, uint32_t branch, const char *note, size_t size, int64_t now_ms,
                     bool *rolled_back, struct err *err);

/* Hub: has a branch shown what this database has not, and would have if its disk had not gone back? */
bool log_went_back(struct db *db, uint32_t province, bool *went_back, struct err *err);

#endif
