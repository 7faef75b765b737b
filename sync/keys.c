#include "sync/keys.h"

#include <string.h>

static void key_of_row(struct key *out, const struct query *q)
{
  memset(out, 0, sizeof *out);
  out->author = (uint32_t)column_int(q, 0);
  out->epoch = (uint32_t)column_int(q, 1);
  size_t n = 0;
  const void *p = column_blob(q, 2, &n);
  if (n == PUBLIC_SIZE) memcpy(out->public_key, p, n);
  out->since_ms = column_int(q, 3);
  out->revoked_ms = column_int(q, 4);
}

bool key_get(struct db *db, uint32_t author, uint32_t epoch, struct key *out, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT author, epoch, public_key, since_ms, revoked_ms FROM sync_key"
                              " WHERE author = ?1 AND epoch = ?2",
                              err);
  query_int(&q, 1, author);
  query_int(&q, 2, epoch);
  bool found = query_row(&q);
  if (found) key_of_row(out, &q);
  if (!query_close(&q)) return false;
  if (found) return true;
  return err_rule(err, ERR_DENIED, "epoch", "unknown_key", "no key of author %u, epoch %u is known", author,
                  epoch);
}

bool key_in_force(struct db *db, uint32_t author, uint32_t epoch, struct key *out, struct err *err)
{
  if (!key_get(db, author, epoch, out, err)) return false;
  if (out->revoked_ms == 0) return true;
  return err_rule(err, ERR_DENIED, "epoch", "revoked_key", "the key of author %u, epoch %u was revoked",
                  author, epoch);
}

/* A database of before there were any has no such table. */
bool key_others(struct db *db, const struct key *key, bool (*each)(void *ctx, const struct key *key),
                void *ctx, struct err *err)
{
  int64_t tables = 0;
  struct key other;
  bool go_on = true;
  if (!db_int(db, "SELECT count(*) FROM pragma_table_list('sync_key_other')", 0, &tables, err)) return false;
  if (tables == 0) return true;
  struct query q = query_open(db,
                              "SELECT author, epoch, public_key, told_ms, 0 FROM sync_key_other"
                              " WHERE author = ?1 AND epoch = ?2",
                              err);
  query_int(&q, 1, key->author);
  query_int(&q, 2, key->epoch);
  while (go_on && query_row(&q)) {
    key_of_row(&other, &q);
    go_on = each(ctx, &other);
  }
  return query_close(&q);
}

struct looked_for {
  const uint8_t *same;             /* is there this one?  NULL: */
  const uint8_t *signature, *hash; /* who made that? */
  uint8_t found[PUBLIC_SIZE];
  bool yes;
};

static bool look_at(void *ctx, const struct key *key)
{
  struct looked_for *f = ctx;
  f->yes = f->same ? memcmp(f->same, key->public_key, PUBLIC_SIZE) == 0
                   : head_verify(f->signature, f->hash, key->public_key);
  if (f->yes) memcpy(f->found, key->public_key, PUBLIC_SIZE);
  return !f->yes;
}

/* The key itself, or one of its others. */
static bool look_for(struct db *db, const struct key *key, struct looked_for *f, struct err *err)
{
  return !look_at(f, key) || key_others(db, key, look_at, f, err);
}

bool key_signed(struct db *db, struct key *key, const uint8_t signature[SIGNATURE_SIZE],
                const uint8_t hash[HASH_SIZE], bool *good, struct err *err)
{
  struct looked_for f = {.signature = signature, .hash = hash};
  if (!look_for(db, key, &f, err)) return false;
  *good = f.yes;
  if (f.yes) memcpy(key->public_key, f.found, PUBLIC_SIZE);
  return true;
}

bool key_is(struct db *db, const struct key *key, const uint8_t public_key[PUBLIC_SIZE], bool *yes,
            struct err *err)
{
  struct looked_for f = {.same = public_key};
  if (!look_for(db, key, &f, err)) return false;
  *yes = f.yes;
  return true;
}

bool key_list(struct db *db, uint32_t author, bool (*each)(void *ctx, const struct key *key), void *ctx,
              struct err *err)
{
  static const char of_all[] = "SELECT author, epoch, public_key, since_ms, revoked_ms FROM sync_key"
                               " ORDER BY author, epoch";
  static const char of_one[] =
      "SELECT author, epoch, public_key, since_ms, revoked_ms FROM sync_key WHERE author = ?1"
      " ORDER BY epoch = (SELECT max(epoch) FROM sync_key WHERE author = ?1) DESC,"
      " epoch IN (SELECT epoch FROM sync_span WHERE author = ?1) DESC, epoch DESC";
  struct query q = query_open(db, author ? of_one : of_all, err);
  if (author) query_int(&q, 1, author);
  struct key key;
  bool go_on = true;
  while (go_on && query_row(&q)) {
    key_of_row(&key, &q);
    go_on = each(ctx, &key);
  }
  return query_close(&q);
}
