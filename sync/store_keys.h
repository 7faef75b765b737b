/* store_keys.h - which keys a store trusts: learnt, revoked, and at the hub given to a branch's next epoch.
 *
 * Each function is one transaction of the store.  THREADS: any, as store.h. */
#ifndef SUNLIT_SYNC_STORE_KEYS_H
#define SUNLIT_SYNC_STORE_KEYS_H

#include "sync/store.h"

/* A key that somebody who may say so has told: the same again is fine, ERR_CONFLICT rule "key_mismatch" for
 * another one in that epoch.  A restored or rolled-back hub learns none. */
bool store_key_add(struct store *store, const struct key *key, struct err *err);
/* Those of epochs up to `through`: who revokes says which had ended then, and a later one was given since. */
bool store_key_revoke(struct store *store, uint32_t author, uint32_t through, int64_t now_ms,
                      struct err *err);

/* A branch that asks to be let in, and what it is given. */
struct enrolling {
  uint32_t author;
  uint8_t public_key[PUBLIC_SIZE];
  uint32_t given; /* epochs up to this one were given, also when their keys are not here any more */
  uint32_t had;   /* the branch has been in epochs up to this one, says it; 0: in none */
  /* set by store_enrol, before work runs */
  bool again;     /* the newest key in force asks again: its answer was lost */
  uint32_t epoch; /* the next one, or the same when again */
  uint64_t base_seq;
  uint8_t base_hash[HASH_SIZE]; /* what the hub has of the branch at this moment */
};

/* Hub: may anybody be let in?  Else as store_enrol. */
bool store_may_enrol(struct store *store, struct err *err);
/* Hub: all of an enrolment or nothing of it.  The author's older keys end, so that nothing more of an earlier
 * epoch is taken, also of batches that wait for ingest; the new key begins behind the head the hub has now;
 * work uses the invitation up and gives certificates (local tables only).  PROTOCOL 7.8.
 * ERR_DENIED rule "key_used_before" when the key is or was anybody's, "epoch_range" when the branch says that
 * it has been further than can be, else as work says; ERR_BUSY rule
 * "restoring" and ERR_CONFLICT rule "log_rolled_back": the invitation is still good. */
bool store_enrol(struct store *store, struct enrolling *e, int64_t now_ms, store_work work, void *ctx,
                 struct err *err);

#endif
