#include "sync/store_keys.h"

#include "sync/store_state.h"
#include "sync/streams.h"

#include <string.h>

enum { EPOCHS_LOST_MAX = 1024 };

static bool insert(struct db *db, const struct key *key, struct err *err)
{
  struct query q = query_open(db,
                              "INSERT INTO sync_key(author, epoch, public_key, since_ms, revoked_ms)"
                              " VALUES(?1, ?2, ?3, ?4, ?5)",
                              err);
  query_int(&q, 1, key->author);
  query_int(&q, 2, key->epoch);
  query_blob(&q, 3, key->public_key, PUBLIC_SIZE);
  query_int(&q, 4, key->since_ms);
  query_int(&q, 5, key->revoked_ms);
  return query_run(&q);
}

bool store_keys_put(struct db *db, const struct key *key, struct err *err)
{
  struct key have;
  struct err unknown = ERR_INIT;
  if (key_get(db, key->author, key->epoch, &have, &unknown)) {
    if (memcmp(have.public_key, key->public_key, PUBLIC_SIZE) == 0) return true;
    return err_rule(err, ERR_CONFLICT, "epoch", "key_mismatch",
                    "author %u already has another key in epoch %u", key->author, key->epoch);
  }
  if (unknown.kind != ERR_DENIED) {
    if (err && err->kind == ERR_NONE) *err = unknown;
    return false;
  }
  return insert(db, key, err);
}

bool store_key_add(struct store *store, const struct key *key, struct err *err)
{
  if (!store_begin(store, err)) return false;
  /* An epoch that was given after the copy must not be given again. */
  bool ok = (!store->keeps_log || (store_not_restored(store, err) && store_not_rolled_back(store, err))) &&
            store_keys_put(store->db, key, err);
  return store_end(store, ok, err);
}

static bool revoke(struct db *db, uint32_t author, uint32_t below, int64_t now_ms, struct err *err)
{
  struct query q = query_open(db,
                              "UPDATE sync_key SET revoked_ms = ?3 WHERE author = ?1 AND epoch < ?2"
                              " AND revoked_ms = 0",
                              err);
  query_int(&q, 1, author);
  query_int(&q, 2, below);
  query_int(&q, 3, now_ms);
  return query_run(&q);
}

bool store_key_revoke(struct store *store, uint32_t author, uint32_t through, int64_t now_ms, struct err *err)
{
  if (!store_begin(store, err)) return false;
  return store_end(store, revoke(store->db, author, through + 1, now_ms, err), err);
}

/* ---- a new epoch ---- */

static bool newest_of(struct db *db, uint32_t author, struct key *out, struct err *err)
{
  struct query q = query_open(db, "SELECT coalesce(max(epoch), 0) FROM sync_key WHERE author = ?1", err);
  query_int(&q, 1, author);
  uint32_t epoch = query_row(&q) ? (uint32_t)column_int(&q, 0) : 0;
  memset(out, 0, sizeof *out);
  return query_close(&q) && (epoch == 0 || key_get(db, author, epoch, out, err));
}

/* A key is one epoch of one branch: a signature must never mean two things, and a revoked key is no witness
 * under a new number. */
static bool never_seen(struct db *db, const struct enrolling *e, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT author, epoch, revoked_ms FROM sync_key WHERE public_key = ?1 LIMIT 1"
                              " /* scan: meant, one row a branch and epoch */",
                              err);
  query_blob(&q, 1, e->public_key, PUBLIC_SIZE);
  bool seen = query_row(&q);
  uint32_t author = seen ? (uint32_t)column_int(&q, 0) : 0;
  long long epoch = seen ? column_int(&q, 1) : 0;
  bool revoked = seen && column_int(&q, 2) != 0;
  if (!query_close(&q)) return false;
  if (!seen) return true;
  return err_rule(
      err, ERR_DENIED, "key", "key_used_before",
      "this signing key is that of author %u in epoch %lld%s; enrol with a new one (remove keys.new)", author,
      epoch, revoked ? ", which was revoked" : "");
}

/* Behind all that were given, and all that the branch has been in: what it signed there it will not sign
 * otherwise. What it says is bounded, or one who has an invitation uses up all that there are. */
static bool next_epoch(struct enrolling *e, uint32_t newest, struct err *err)
{
  uint32_t last = e->given > newest ? e->given : newest;
  if (e->had > last + EPOCHS_LOST_MAX)
    return err_rule(
        err, ERR_DENIED, "epoch", "epoch_range",
        "branch %u says that it has been in epoch %u, and the province has given it none after %u: no "
        "disk forgets that many",
        e->author, e->had, last);
  if (e->had > last) last = e->had;
  e->epoch = e->again ? newest : last + 1;
  return e->epoch <= EPOCH_MAX ||
         err_rule(err, ERR_LIMIT, "epoch", "epoch_range", "branch %u has used up its epochs", e->author);
}

static bool settle(struct store *store, struct enrolling *e, int64_t now_ms, struct err *err)
{
  struct key newest;
  struct head head;
  if (!newest_of(store->db, e->author, &newest, err) ||
      !stream_head(store->db, (struct stream){e->author, 0}, &head, err))
    return false;
  /* A branch that has been in the epoch of that answer has signed with another key in it: it needs a later
   * one. */
  e->again = newest.epoch > e->had && !newest.revoked_ms &&
             memcmp(newest.public_key, e->public_key, PUBLIC_SIZE) == 0;
  if (!next_epoch(e, newest.epoch, err)) return false;
  e->base_seq = head.seq;
  memcpy(e->base_hash, head.hash, HASH_SIZE);
  if (e->again) return true;
  struct key key = {.author = e->author, .epoch = e->epoch, .since_ms = now_ms};
  memcpy(key.public_key, e->public_key, PUBLIC_SIZE);
  return never_seen(store->db, e, err) && revoke(store->db, e->author, e->epoch, now_ms, err) &&
         insert(store->db, &key, err);
}

bool store_may_enrol(struct store *store, struct err *err)
{
  pthread_mutex_lock(&store->lock);
  bool ok = store_not_restored(store, err) && store_not_rolled_back(store, err);
  pthread_mutex_unlock(&store->lock);
  return ok;
}

bool store_enrol(struct store *store, struct enrolling *e, int64_t now_ms, store_work work, void *ctx,
                 struct err *err)
{
  if (!store_begin(store, err)) return false;
  struct tx tx = {.db = store->db, .author = store->author, .now_ms = now_ms, .actor = "system", .role = ""};
  for (int scope = 0; scope < SCOPE_COUNT; scope++)
    tx.ids[scope].next = ENTRY_ROWS_MAX;
  bool ok =
      store_not_restored(store, err) && store_not_rolled_back(store, err) && settle(store, e, now_ms, err);
  store->fence.closed = true;
  ok = ok && work(&tx, ctx, err);
  store->fence.closed = false;
  return store_end(store, ok, err);
}
