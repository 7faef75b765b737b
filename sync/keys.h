/* keys.h - whose signatures count: one Ed25519 public key per author and epoch, and when it was revoked.
 *
 * The table sync_key is read here on any connection; writing goes through the store
 * (store_keys.h), because only the store writes.  A revoked key keeps proving what was received before; it
 * proves nothing new at the hub.  THREADS: the connection's. */
#ifndef SUNLIT_SYNC_KEYS_H
#define SUNLIT_SYNC_KEYS_H

#include "core/base/db.h"
#include "sync/entry.h"

struct key {
  uint32_t author;
  uint32_t epoch;
  uint8_t public_key[PUBLIC_SIZE];
  int64_t since_ms;
  int64_t revoked_ms; /* 0: in force */
};

/* ERR_DENIED rule "unknown_key" when there is none. */
bool key_get(struct db *db, uint32_t author, uint32_t epoch, struct key *out, struct err *err);
/* The same, and ERR_DENIED rule "revoked_key" when it was revoked. */
bool key_in_force(struct db *db, uint32_t author, uint32_t epoch, struct key *out, struct err *err);
/* Which key has signed that hash: `key`, or another that the province names of that epoch of this branch
 * (own_epochs.h), which `key` becomes then?  */
bool key_signed(struct db *db, struct key *key, const uint8_t signature[SIGNATURE_SIZE],
                const uint8_t hash[HASH_SIZE], bool *good, struct err *err);
/* Is that public key one of (author, epoch), for the same reason? */
bool key_is(struct db *db, const struct key *key, const uint8_t public_key[PUBLIC_SIZE], bool *yes,
            struct err *err);
/* Calls each() for those others of that key's epoch. */
bool key_others(struct db *db, const struct key *key, bool (*each)(void *ctx, const struct key *key),
                void *ctx, struct err *err);
/* Calls each() for every key of the author, stops when it returns false.  The newest comes first, then those
 * that have signed what is here of its streams, then the others, newest first: a message has room for some.
 * Of author 0, all: oldest epoch first. */
bool key_list(struct db *db, uint32_t author, bool (*each)(void *ctx, const struct key *key), void *ctx,
              struct err *err);

#endif
