/* Whose keys signed what came back: a key counts when the log that has the signed root has a signature of it.
 * Who says that a key is a branch's, over a line or in a file, proves nothing by that. */
#include "sync/recall_state.h"

#include <string.h>

static const char SCHEMA[] =
    /* Keys that a batch which is here verified under, whatever their branch shows later. */
    "CREATE TABLE IF NOT EXISTS used_key(author INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " public_key BLOB NOT NULL, source INTEGER NOT NULL, PRIMARY KEY(author, epoch, public_key, source))"
    " STRICT, WITHOUT ROWID;";

bool recall_keys_tables(struct db *gathered, struct err *err)
{
  return db_exec(gathered, SCHEMA, err);
}

bool recall_keys_clear(struct db *gathered, struct err *err)
{
  return db_exec(gathered, "DELETE FROM used_key", err);
}

bool recall_keys_leave_out(struct recall *r, uint32_t source, struct err *err)
{
  struct query q = query_open(r->db, "DELETE FROM used_key WHERE author = ?1 AND source = ?2", err);
  query_int(&q, 1, recall_code(source));
  query_int(&q, 2, source);
  return query_run(&q);
}

bool recall_keys_used(struct recall *r, uint32_t source, uint32_t epoch, const uint8_t key[PUBLIC_SIZE],
                      struct err *err)
{
  struct query q = query_open(
      r->db, "INSERT OR IGNORE INTO used_key(author, epoch, public_key, source) VALUES(?1, ?2, ?3, ?4)", err);
  query_int(&q, 1, recall_code(source));
  query_int(&q, 2, epoch);
  query_blob(&q, 3, key, PUBLIC_SIZE);
  query_int(&q, 4, source);
  return query_run(&q);
}

/* ---- a batch ---- */

static bool made_it(const struct batch *batch, const uint8_t key[PUBLIC_SIZE])
{
  return head_verify(batch->signature, batch->entries[batch->head.count - 1].hash, key);
}

bool recall_keys_signer(struct recall *r, uint32_t source, const struct batch *batch,
                        uint8_t key[PUBLIC_SIZE], struct err *err)
{
  const uint32_t author = batch->head.stream.author, epoch = batch->head.epoch;
  struct key known;
  struct err unknown = ERR_INIT;
  bool any = key_get(r->log, author, epoch, &known, &unknown);
  if (any) memcpy(key, known.public_key, PUBLIC_SIZE);
  bool found = any && made_it(batch, key);
  struct query q = query_open(
      r->db, "SELECT public_key FROM author_key WHERE author = ?1 AND epoch = ?2 AND source = ?3", err);
  query_int(&q, 1, author);
  query_int(&q, 2, epoch);
  query_int(&q, 3, source);
  while (!found && query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    if (n != PUBLIC_SIZE) continue;
    memcpy(key, bytes, PUBLIC_SIZE);
    any = true;
    found = made_it(batch, key);
  }
  if (!query_close(&q)) return false;
  return any || err_rule(err, ERR_DENIED, "epoch", "unknown_key",
                         "branch %u did not show its key of epoch %u", author, epoch);
}

/* ---- a leaf that has a signature ---- */

struct signed_leaf {
  struct record record;
  uint8_t hash[HASH_SIZE];
  const uint8_t *signature;
  int64_t received_ms;
};

/* Of the keys that were shown or used for its epoch, the one that made the signature; *any: there are some.
 */
static bool find_signer(struct recall *r, const struct signed_leaf *leaf, uint8_t key[PUBLIC_SIZE],
                        bool *found, bool *any, struct err *err)
{
  struct query q = query_open(r->db,
                              "SELECT public_key FROM used_key WHERE author = ?1 AND epoch = ?2 UNION"
                              " SELECT public_key FROM author_key WHERE author = ?1 AND epoch = ?2",
                              err);
  query_int(&q, 1, leaf->record.stream.author);
  query_int(&q, 2, leaf->record.epoch);
  *found = *any = false;
  while (!*found && query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    if (n != PUBLIC_SIZE) continue;
    *any = true;
    *found = head_verify(leaf->signature, leaf->hash, bytes);
    if (*found) memcpy(key, bytes, PUBLIC_SIZE);
  }
  return query_close(&q);
}

/* From the first leaf that has its signature: what a branch says of its age is no fact. */
static bool keep_proved(struct db *db, const struct signed_leaf *leaf, const uint8_t key[PUBLIC_SIZE],
                        struct err *err)
{
  struct query q = query_open(db,
                              "INSERT INTO sync_key(author, epoch, public_key, since_ms, revoked_ms)"
                              " VALUES(?1, ?2, ?3, ?4, 0)",
                              err);
  query_int(&q, 1, leaf->record.stream.author);
  query_int(&q, 2, leaf->record.epoch);
  query_blob(&q, 3, key, PUBLIC_SIZE);
  query_int(&q, 4, leaf->received_ms);
  return query_run(&q);
}

/* The backup has a key of that epoch and none of its entries: it learned that key behind what is common, when
 * its disk had gone back and the epoch was given again.  In this log it is the key that signs here. */
static bool replace_unused(struct recall *r, struct db *db, const struct signed_leaf *leaf,
                           const uint8_t key[PUBLIC_SIZE], bool *replaced, struct err *err)
{
  struct query q = query_open(db,
                              "UPDATE sync_key SET public_key = ?3, since_ms = ?4, revoked_ms = 0 WHERE"
                              " author = ?1 AND epoch = ?2 AND NOT EXISTS(SELECT 1 FROM sync_span WHERE"
                              " author = ?1 AND epoch = ?2 AND first_pos < ?5)",
                              err);
  query_int(&q, 1, leaf->record.stream.author);
  query_int(&q, 2, leaf->record.epoch);
  query_blob(&q, 3, key, PUBLIC_SIZE);
  query_int(&q, 4, leaf->received_ms);
  query_int(&q, 5, (int64_t)r->have);
  if (!query_run(&q)) return false;
  *replaced = db_changes(db) > 0;
  return true;
}

static bool prove(struct recall *r, struct db *db, const struct signed_leaf *leaf, bool *right,
                  struct err *err)
{
  struct key known;
  struct err unknown = ERR_INIT;
  uint8_t key[PUBLIC_SIZE];
  bool found = false, any = false;
  if (key_get(db, leaf->record.stream.author, leaf->record.epoch, &known, &unknown)) {
    *right = head_verify(leaf->signature, leaf->hash, known.public_key);
    if (*right || !find_signer(r, leaf, key, &found, &any, err)) return *right;
    return !found || replace_unused(r, db, leaf, key, right, err);
  }
  if (!find_signer(r, leaf, key, &found, &any, err)) return false;
  *right = found || !any; /* nobody showed one: the enrolment in the log may name it */
  return !found || keep_proved(db, leaf, key, err);
}

bool recall_keys_prove(struct recall *r, struct db *db, struct recall_forged *forged, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT record, signature, received_ms FROM sync_entry WHERE pos >= ?1"
                              " AND signature IS NOT NULL ORDER BY pos",
                              err);
  bool ok = true;
  *forged = (struct recall_forged){0};
  query_int(&q, 1, (int64_t)r->have);
  while (ok && forged->author == 0 && query_row(&q)) {
    struct signed_leaf leaf = {.received_ms = column_int(&q, 2)};
    size_t size = 0, n = 0;
    const void *bytes = column_blob(&q, 0, &size);
    bool right = true;
    leaf.signature = column_blob(&q, 1, &n);
    ok = record_decode(&leaf.record, bytes, size, err);
    if (!ok || leaf.record.stream.author == r->province) continue;
    record_hash(leaf.hash, bytes, size);
    if (n == SIGNATURE_SIZE)
      ok = prove(r, db, &leaf, &right, err);
    else
      right = false;
    if (ok && !right)
      *forged = (struct recall_forged){.author = leaf.record.stream.author, .seq = leaf.record.seq};
  }
  return query_close(&q) && ok;
}
