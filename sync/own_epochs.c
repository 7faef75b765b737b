#include "sync/own_epochs.h"

#include "sync/store_state.h"
#include "sync/streams.h"

#include <string.h>

bool own_epoch_newest(struct db *db, uint32_t author, const uint8_t key[PUBLIC_SIZE], uint32_t *epoch,
                      struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT coalesce(max(epoch), 0) FROM (SELECT epoch FROM sync_key WHERE author = ?1"
      " AND public_key <> ?2 UNION ALL SELECT s.epoch FROM sync_span s WHERE s.author = ?1 AND NOT EXISTS"
      " (SELECT 1 FROM sync_key k WHERE k.author = ?1 AND k.epoch = s.epoch AND k.public_key = ?2))",
      err);
  query_int(&q, 1, author);
  query_blob(&q, 2, key, PUBLIC_SIZE);
  *epoch = query_row(&q) ? (uint32_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

static bool check_provinces_key(struct db *db, const struct known_key *told, struct err *err)
{
  struct key have;
  struct err unknown = ERR_INIT;
  if (key_get(db, told->author, told->epoch, &have, &unknown))
    return memcmp(have.public_key, told->public_key, PUBLIC_SIZE) == 0 ||
           err_rule(err, ERR_CONFLICT, "epoch", "other_province",
                    "this directory is a branch of a province with another key: enroll in a new one");
  if (unknown.kind == ERR_DENIED) return true;
  if (err) *err = unknown;
  return false;
}

bool own_epochs_check(struct db *db, const struct enrolled *answer, const uint8_t key[PUBLIC_SIZE],
                      struct err *err)
{
  uint32_t newest = 0;
  for (size_t i = 0; i < answer->keys_count; i++)
    if (answer->keys[i].author != answer->branch && !check_provinces_key(db, &answer->keys[i], err))
      return false;
  if (!own_epoch_newest(db, answer->branch, key, &newest, err)) return false;
  return newest < answer->epoch ||
         err_rule(
             err, ERR_CONFLICT, "epoch", "epoch_used",
             "the province gives epoch %u, and this branch has been in epoch %u already: the province's disk "
             "went back. Nothing is changed here; upgrade the province's program, invite the branch again, "
             "and give enroll with the new invitation",
             answer->epoch, newest);
}

/* A payload that is not the signed one would be signed now. */
static bool is_signed_one(const struct logged *entry, struct err *err)
{
  return !entry->payload || record_names(&entry->record, entry->payload) ||
         err_set(err, ERR_CORRUPT, "its content is not what was signed");
}

bool own_tail_check(struct db *db, uint32_t author, struct err *err)
{
  const struct stream own = {.author = author};
  struct head head;
  struct buf keep = BUF_INIT;
  uint64_t seq = 0;
  int64_t received_ms = 0;
  bool ok = stream_head(db, own, &head, err) && stream_acked(db, own, &seq, &received_ms, err);
  while (ok && seq++ < head.seq) {
    struct logged entry;
    struct lost_leaf leaf;
    struct err why = ERR_INIT;
    int64_t pos = -1;
    bool lost = false;
    ok = stream_find(db, own, seq, &pos, &why) &&
         entry_read_or_lost(db, pos, &entry, &keep, &leaf, &lost, &why) &&
         (lost || is_signed_one(&entry, &why));
    if (!ok)
      (void)err_rule(err, why.kind, "dir", "tail_unreadable",
                     "entry %llu, which the province has not proved to hold, cannot be written again: %.200s",
                     (unsigned long long)seq, why.text);
  }
  buf_wipe(&keep);
  return ok;
}

static bool keep_other(struct db *db, const struct key *key, struct err *err)
{
  struct query q = query_open(db,
                              "INSERT INTO sync_key_other(author, epoch, public_key, told_ms)"
                              " VALUES(?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING",
                              err);
  query_int(&q, 1, key->author);
  query_int(&q, 2, key->epoch);
  query_blob(&q, 3, key->public_key, PUBLIC_SIZE);
  query_int(&q, 4, key->since_ms);
  return query_run(&q);
}

/* PROTOCOL 7.8: our own old keys are kept in force here, also those the province has revoked: they prove our
 * history when it gives it back, and it has taken nothing new of them. */
static bool learn(struct store *store, const struct enrolled *answer, const struct known_key *told,
                  size_t *others, struct err *err)
{
  bool own = told->author == answer->branch;
  struct err mismatch = ERR_INIT;
  struct key key = {.author = told->author,
                    .epoch = told->epoch,
                    .since_ms = told->since_ms,
                    .revoked_ms = own ? 0 : told->revoked_ms};
  memcpy(key.public_key, told->public_key, PUBLIC_SIZE);
  if (store_keys_put(store->db, &key, &mismatch)) return true;
  if (own && strcmp(mismatch.rule, "key_mismatch") == 0) {
    ++*others;
    return keep_other(store->db, &key, err);
  }
  if (err) *err = mismatch;
  return false;
}

bool own_keys_learn(struct store *store, const struct enrolled *answer, size_t *others, struct err *err)
{
  bool ok = true;
  *others = 0;
  if (!store_begin(store, err)) return false;
  for (size_t i = 0; ok && i < answer->keys_count; i++)
    ok = learn(store, answer, &answer->keys[i], others, err);
  return store_end(store, ok, err);
}
