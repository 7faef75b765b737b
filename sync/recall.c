#include "sync/recall.h"

#include "core/base/limits.h"
#include "sync/batch.h"
#include "sync/recall_state.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* run, entry and so on are what branches say; `source` is who says it where they might differ. */
static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS base(have INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE IF NOT EXISTS branch(code INTEGER PRIMARY KEY, asked_ms INTEGER NOT NULL,"
    " brought_ms INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS author_key(author INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " public_key BLOB NOT NULL, since_ms INTEGER NOT NULL, revoked_ms INTEGER NOT NULL,"
    " PRIMARY KEY(author, epoch)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS shown(source INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,"
    " note TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS run(source INTEGER NOT NULL, first_pos INTEGER NOT NULL,"
    " author INTEGER NOT NULL, lane INTEGER NOT NULL, first_seq INTEGER NOT NULL, count INTEGER NOT NULL,"
    " received_ms INTEGER NOT NULL, PRIMARY KEY(source, first_pos)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS entry(author INTEGER NOT NULL, lane INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " record BLOB NOT NULL, payload BLOB, PRIMARY KEY(author, lane, seq)) STRICT;"
    "CREATE TABLE IF NOT EXISTS guest(branch INTEGER PRIMARY KEY, epoch INTEGER NOT NULL,"
    " serial TEXT NOT NULL, until_ms INTEGER NOT NULL, known INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS expected(branch INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE IF NOT EXISTS left_out(branch INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE IF NOT EXISTS signature(author INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " signature BLOB NOT NULL, PRIMARY KEY(author, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS sealed(pos INTEGER PRIMARY KEY, record BLOB NOT NULL, sealed BLOB) STRICT;";

/* ---- opening ---- */

/* What was gathered behind another log's end does not follow on this one's. */
static bool same_base(struct db *gathered, int64_t have, struct err *err)
{
  int64_t was = -1;
  if (!db_int(gathered, "SELECT coalesce((SELECT have FROM base), -1)", -1, &was, err)) return false;
  if (was == have) return true;
  if (!db_exec(gathered,
               "DELETE FROM base; DELETE FROM branch; DELETE FROM author_key; DELETE FROM shown;"
               "DELETE FROM run; DELETE FROM entry; DELETE FROM signature; DELETE FROM sealed;",
               err))
    return false;
  struct query q = query_open(gathered, "INSERT INTO base(have) VALUES(?1)", err);
  query_int(&q, 1, have);
  return query_run(&q);
}

static bool open_databases(struct recall *r, const char *gathered, const char *log, struct err *err)
{
  int64_t province = 0, have = 0;
  if (!db_open(&r->db, gathered, DB_CREATE, err) || !db_exec(r->db, SCHEMA, err) ||
      /* Each shows its certificate once more. */
      !db_exec(r->db,
               "UPDATE branch SET brought_ms = 0; DELETE FROM guest; DELETE FROM expected;"
               "DELETE FROM left_out",
               err) ||
      !db_open(&r->log, log, DB_READ, err) ||
      !db_int(r->log, "SELECT value FROM sync_self WHERE name = 'province'", 0, &province, err) ||
      !db_int(r->log, "SELECT max(pos) + 1 FROM sync_entry", 0, &have, err))
    return false;
  r->province = (uint32_t)province;
  r->have = (uint64_t)have;
  if (!same_base(r->db, have, err)) return false;
  return log_key(r->log, r->province, &r->log_key, err);
}

bool recall_open(struct recall **out, const char *gathered, const char *log,
                 const uint8_t secret[SECRET_SIZE], struct err *err)
{
  struct recall *r = calloc(1, sizeof *r);
  if (!r) return err_set(err, ERR_IO, "out of memory for what branches bring");
  pthread_mutex_init(&r->lock, NULL);
  memcpy(r->secret, secret, SECRET_SIZE);
  mirror_key(r->mirror_key, secret);
  if (!open_databases(r, gathered, log, err)) {
    recall_close(r);
    return false;
  }
  *out = r;
  return true;
}

void recall_close(struct recall *r)
{
  if (!r) return;
  db_close(r->db);
  db_close(r->log);
  crypto_wipe(r->secret, sizeof r->secret);
  crypto_wipe(r->mirror_key, sizeof r->mirror_key);
  pthread_mutex_destroy(&r->lock);
  free(r);
}

static bool begin(struct recall *r, struct err *err)
{
  pthread_mutex_lock(&r->lock);
  if (db_begin(r->db, err)) return true;
  pthread_mutex_unlock(&r->lock);
  return false;
}

static bool end(struct recall *r, bool ok, struct err *err)
{
  ok = ok && db_commit(r->db, err);
  if (!ok) db_rollback(r->db);
  pthread_mutex_unlock(&r->lock);
  return ok;
}

bool recall_expect(struct recall *r, uint32_t branch, struct err *err)
{
  if (!begin(r, err)) return false;
  struct query q = query_open(r->db, "INSERT OR IGNORE INTO expected(branch) VALUES(?1)", err);
  query_int(&q, 1, branch);
  return end(r, query_run(&q), err);
}

bool recall_leave_out(struct recall *r, uint32_t branch, struct err *err)
{
  static const char *const steps[] = {
      "INSERT OR IGNORE INTO left_out(branch) VALUES(?1)", "DELETE FROM shown WHERE source = ?1",
      "DELETE FROM run WHERE source = ?1", "DELETE FROM branch WHERE code = ?1"};
  if (!begin(r, err)) return false;
  bool ok = true;
  for (size_t i = 0; ok && i < sizeof steps / sizeof *steps; i++) {
    struct query q = query_open(r->db, steps[i], err);
    query_int(&q, 1, branch);
    ok = query_run(&q);
  }
  return end(r, ok, err);
}

bool recall_left_out(struct recall *r, uint32_t branch, bool *left_out, struct err *err)
{
  pthread_mutex_lock(&r->lock);
  struct query q = query_open(r->db, "SELECT 1 FROM left_out WHERE branch = ?1", err);
  query_int(&q, 1, branch);
  *left_out = query_row(&q);
  bool ok = query_close(&q);
  pthread_mutex_unlock(&r->lock);
  return ok;
}

/* ---- what is there ---- */

static bool gathered_through(struct recall *r, struct stream stream, uint64_t *seq, struct err *err)
{
  struct query q =
      query_open(r->db, "SELECT coalesce(max(seq), 0) FROM entry WHERE author = ?1 AND lane = ?2", err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  *seq = query_row(&q) ? (uint64_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

/* The newest entry of the stream, brought or of the backup. */
static bool newest(struct recall *r, struct stream stream, uint64_t *seq, struct err *err)
{
  struct head head;
  if (!gathered_through(r, stream, seq, err) || !stream_head(r->log, stream, &head, err)) return false;
  if (head.seq > *seq) *seq = head.seq;
  return true;
}

static bool mapped_by(struct recall *r, uint32_t source, uint64_t *pos, struct err *err)
{
  struct query q = query_open(
      r->db, "SELECT first_pos + count FROM run WHERE source = ?1 ORDER BY first_pos DESC LIMIT 1", err);
  query_int(&q, 1, source);
  *pos = query_row(&q) ? (uint64_t)column_int(&q, 0) : r->have;
  return query_close(&q);
}

bool recall_have(struct recall *r, uint32_t branch, struct recall_marks *have, struct err *err)
{
  pthread_mutex_lock(&r->lock);
  bool ok = newest(r, (struct stream){branch, 0}, &have->own, err) &&
            newest(r, (struct stream){r->province, 0}, &have->shared, err) &&
            newest(r, (struct stream){r->province, branch}, &have->directed, err) &&
            mapped_by(r, branch, &have->mirror, err);
  pthread_mutex_unlock(&r->lock);
  return ok;
}

/* ---- what a branch brings ---- */

static bool add_key(struct recall *r, uint32_t branch, const struct known_key *key, struct err *err)
{
  struct key have;
  struct err unknown = ERR_INIT;
  if (key_get(r->log, branch, key->epoch, &have, &unknown) &&
      memcmp(have.public_key, key->public_key, PUBLIC_SIZE) != 0)
    return err_rule(err, ERR_DENIED, "epoch", "key_mismatch",
                    "branch %u shows another key for epoch %u than the backup has", branch, key->epoch);
  struct query q = query_open(r->db,
                              "INSERT INTO author_key(author, epoch, public_key, since_ms, revoked_ms)"
                              " VALUES(?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
                              err);
  query_int(&q, 1, branch);
  query_int(&q, 2, key->epoch);
  query_blob(&q, 3, key->public_key, PUBLIC_SIZE);
  query_int(&q, 4, key->since_ms);
  query_int(&q, 5, key->revoked_ms);
  return query_run(&q);
}

/* A checkpoint counts when the province signed it: its key is in the backup. */
static bool add_shown(struct recall *r, uint32_t branch, struct span text, struct err *err)
{
  struct note note;
  struct checkpoint shown;
  if (text.size == 0) return true;
  if (!note_open(&note, (const char *)text.p, text.size, err) ||
      !note_verify(&note, &r->log_key, NULL, err) ||
      !checkpoint_decode(&shown, note.text, note.text_size, err))
    return err_prefix(err, "the checkpoint that %u holds", branch);
  struct query q =
      query_open(r->db, "REPLACE INTO shown(source, size, root, note) VALUES(?1, ?2, ?3, ?4)", err);
  query_int(&q, 1, branch);
  query_int(&q, 2, (int64_t)shown.size);
  query_blob(&q, 3, shown.root.bytes, HASH_SIZE);
  query_textn(&q, 4, (const char *)text.p, text.size);
  return query_run(&q);
}

bool recall_take_answer(struct recall *r, uint32_t branch, const struct recalled *m, int64_t now_ms,
                        struct err *err)
{
  if (!begin(r, err)) return false;
  struct query q = query_open(r->db,
                              "INSERT INTO branch(code, asked_ms, brought_ms) VALUES(?1, ?2, 0)"
                              " ON CONFLICT DO UPDATE SET asked_ms = excluded.asked_ms, brought_ms = 0",
                              err);
  query_int(&q, 1, branch);
  query_int(&q, 2, now_ms);
  bool ok = query_run(&q) && add_shown(r, branch, m->note, err);
  for (size_t i = 0; ok && i < m->keys_count; i++)
    ok = add_key(r, branch, &m->keys[i], err);
  return end(r, ok, err);
}

static bool keep_guest(struct recall *r, const struct recall_guest *guest, struct err *err)
{
  if (!guest->serial[0]) return true;
  struct query q = query_open(
      r->db, "REPLACE INTO guest(branch, epoch, serial, until_ms, known) VALUES(?1, ?2, ?3, ?4, ?5)", err);
  query_int(&q, 1, guest->branch);
  query_int(&q, 2, guest->epoch);
  query_text(&q, 3, guest->serial);
  query_int(&q, 4, guest->until_ms);
  query_int(&q, 5, guest->known);
  return query_run(&q);
}

bool recall_take_end(struct recall *r, const struct recall_guest *guest, int64_t now_ms, struct err *err)
{
  if (!begin(r, err)) return false;
  struct query q = query_open(r->db, "UPDATE branch SET brought_ms = ?2 WHERE code = ?1", err);
  query_int(&q, 1, guest->branch);
  query_int(&q, 2, now_ms);
  return end(r, query_run(&q) && keep_guest(r, guest, err), err);
}

static bool read_guests(struct recall *r, struct recall_guest *guests, size_t count, struct err *err)
{
  struct query q = query_open(
      r->db, "SELECT branch, epoch, serial, until_ms, known FROM guest ORDER BY branch /* scan: once */",
      err);
  for (size_t i = 0; i < count && query_row(&q); i++) {
    guests[i] = (struct recall_guest){.branch = (uint32_t)column_int(&q, 0),
                                      .epoch = (uint32_t)column_int(&q, 1),
                                      .until_ms = column_int(&q, 3),
                                      .known = column_int(&q, 4) != 0};
    snprintf(guests[i].serial, sizeof guests[i].serial, "%s", column_text(&q, 2));
  }
  return query_close(&q);
}

bool recall_guests(struct recall *r, struct recall_guest **out, size_t *count, struct err *err)
{
  int64_t n = 0;
  pthread_mutex_lock(&r->lock);
  bool ok = db_int(r->db, "SELECT count(*) FROM guest", 0, &n, err);
  struct recall_guest *guests = ok ? calloc((size_t)n + 1, sizeof *guests) : NULL;
  if (ok && !guests) ok = err_set(err, ERR_IO, "out of memory for the branches that came");
  ok = ok && read_guests(r, guests, (size_t)n, err);
  pthread_mutex_unlock(&r->lock);
  if (ok) {
    *out = guests;
    *count = (size_t)n;
  } else
    free(guests);
  return ok;
}

bool recall_take_signatures(struct recall *r, uint32_t branch, struct signatures *m, struct err *err)
{
  struct signature_of one;
  if (!begin(r, err)) return false;
  bool ok = true;
  while (ok && signatures_next(m, &one)) {
    struct query q =
        query_open(r->db, "REPLACE INTO signature(author, seq, signature) VALUES(?1, ?2, ?3)", err);
    query_int(&q, 1, branch);
    query_int(&q, 2, (int64_t)one.seq);
    query_blob(&q, 3, one.bytes, SIGNATURE_SIZE);
    ok = query_run(&q);
  }
  return end(r, ok, err);
}

/* Only the province can have sealed it, and only the payload of that record opens it. */
static bool is_ours(struct recall *r, const struct mirror_entry *entry)
{
  struct record record;
  struct buf payload = BUF_INIT;
  uint8_t hash[HASH_SIZE];
  bool ok = record_decode(&record, entry->record, entry->record_size, NULL) &&
            record.stream.author == r->province && mirror_unseal(&payload, entry, r->mirror_key);
  if (ok) sha256(hash, payload.data, payload.size);
  ok = ok && payload.size == record.payload_size && memcmp(hash, record.payload_sha256, HASH_SIZE) == 0;
  buf_wipe(&payload);
  return ok;
}

/* What opens stays; what says it was withheld gives way to it. */
static bool add_sealed(struct recall *r, const struct mirror_entry *entry, struct err *err)
{
  if (entry->sealed && !is_ours(r, entry)) return true;
  struct query q = query_open(r->db,
                              "INSERT INTO sealed(pos, record, sealed) VALUES(?1, ?2, ?3) ON CONFLICT DO"
                              " UPDATE SET record = excluded.record, sealed = excluded.sealed"
                              " WHERE sealed IS NULL AND excluded.sealed IS NOT NULL",
                              err);
  query_int(&q, 1, (int64_t)entry->pos);
  query_blob(&q, 2, entry->record, entry->record_size);
  if (entry->sealed) query_blob(&q, 3, entry->sealed, entry->sealed_size);
  return query_run(&q);
}

static bool add_run(struct recall *r, uint32_t source, const struct mirror_run *run, struct err *err)
{
  struct query q =
      query_open(r->db,
                 "INSERT INTO run(source, first_pos, author, lane, first_seq, count, received_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                 err);
  query_int(&q, 1, source);
  query_int(&q, 2, (int64_t)run->first_pos);
  query_int(&q, 3, run->stream.author);
  query_int(&q, 4, run->stream.lane);
  query_int(&q, 5, (int64_t)run->first_seq);
  query_int(&q, 6, (int64_t)run->count);
  query_int(&q, 7, run->received_ms);
  return query_run(&q);
}

bool recall_take_mirror(struct recall *r, uint32_t branch, struct mirror_reader *m, struct err *err)
{
  struct mirror_run run;
  struct mirror_entry entry;
  uint64_t mapped = 0;
  if (!begin(r, err)) return false;
  bool ok = mapped_by(r, branch, &mapped, err);
  /* What is here is passed over; a run that the backup's end would cut is none that the log had. */
  bool follows = m->from <= mapped;
  while (ok && follows && mirror_next_run(m, &run))
    if (run.first_pos >= mapped) ok = add_run(r, branch, &run, err);
  while (ok && follows && mirror_next_entry(m, &entry))
    if (entry.pos >= mapped) ok = add_sealed(r, &entry, err);
  return end(r, ok, err);
}

/* ---- batches ---- */

static bool key_of(struct recall *r, uint32_t author, uint32_t epoch, uint8_t out[PUBLIC_SIZE],
                   struct err *err)
{
  struct key key;
  if (author == r->province) {
    bool ok = key_get(r->log, author, epoch, &key, err);
    if (ok) memcpy(out, key.public_key, PUBLIC_SIZE);
    return ok;
  }
  struct query q =
      query_open(r->db, "SELECT public_key FROM author_key WHERE author = ?1 AND epoch = ?2", err);
  query_int(&q, 1, author);
  query_int(&q, 2, epoch);
  size_t n = 0;
  const void *bytes = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
  if (n == PUBLIC_SIZE) memcpy(out, bytes, n);
  if (!query_close(&q)) return false;
  return n == PUBLIC_SIZE || err_rule(err, ERR_DENIED, "epoch", "unknown_key",
                                      "branch %u did not show its key of epoch %u", author, epoch);
}

static bool hash_at(struct recall *r, struct stream stream, uint64_t seq, uint8_t out[HASH_SIZE],
                    struct err *err)
{
  struct head head;
  memset(out, 0, HASH_SIZE);
  if (seq == 0) return true;
  if (!stream_head(r->log, stream, &head, err)) return false;
  if (head.seq == seq) {
    memcpy(out, head.hash, HASH_SIZE);
    return true;
  }
  struct query q =
      query_open(r->db, "SELECT record FROM entry WHERE author = ?1 AND lane = ?2 AND seq = ?3", err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  size_t n = 0;
  const void *record = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
  if (record) record_hash(out, record, n);
  return query_close(&q);
}

static bool add_entry(struct recall *r, const struct batch *batch, uint32_t i, struct err *err)
{
  const struct batch_entry *e = &batch->entries[i];
  struct query q = query_open(
      r->db, "INSERT INTO entry(author, lane, seq, record, payload) VALUES(?1, ?2, ?3, ?4, ?5)", err);
  query_int(&q, 1, batch->head.stream.author);
  query_int(&q, 2, batch->head.stream.lane);
  query_int(&q, 3, (int64_t)(batch->head.first_seq + i));
  query_blob(&q, 4, e->record, e->record_size);
  if (e->payload) query_blob(&q, 5, e->payload, e->payload_size);
  return query_run(&q);
}

/* Entries follow on what is there by their hashes; what is there already is passed over. */
static bool add_batch(struct recall *r, const struct batch *batch, struct err *err)
{
  /* Of the province's own streams two branches may hold two pasts, when its disk went back and it went on:
   * one is put together, the other is passed over, and all else that its branch brings counts. */
  const bool ours = batch->head.stream.author == r->province;
  const struct batch_head *head = &batch->head;
  uint8_t hash[HASH_SIZE];
  uint64_t have = 0;
  if (!newest(r, head->stream, &have, err)) return false;
  if (batch_last_seq(head) <= have) return true;
  if (head->first_seq > have + 1 && ours) return true;
  if (head->first_seq > have + 1)
    return err_rule(err, ERR_INPUT, "first_seq", "gap", "entry %llu of %u/%u is missing before %llu",
                    (unsigned long long)have + 1, head->stream.author, head->stream.lane,
                    (unsigned long long)head->first_seq);
  uint32_t skip = (uint32_t)(have + 1 - head->first_seq);
  const uint8_t *before = skip ? batch->entries[skip - 1].hash : head->prev;
  if (!hash_at(r, head->stream, have, hash, err)) return false;
  if (memcmp(hash, before, HASH_SIZE) != 0 && ours) return true;
  if (memcmp(hash, before, HASH_SIZE) != 0)
    return err_rule(err, ERR_CORRUPT, "prev", "other_history",
                    "entry %llu of %u/%u follows on another entry than the one that is here",
                    (unsigned long long)have + 1, head->stream.author, head->stream.lane);
  bool ok = true;
  for (uint32_t i = skip; ok && i < head->count; i++)
    ok = add_entry(r, batch, i, err);
  return ok;
}

bool recall_take_batch(struct recall *r, uint32_t branch, const void *p, size_t n, struct err *err)
{
  struct batch_head head;
  struct batch *batch = NULL;
  uint8_t key[PUBLIC_SIZE];
  if (!batch_peek(&head, p, n, err)) return false;
  bool own = head.stream.author == branch && head.stream.lane == 0;
  bool given = head.stream.author == r->province && (head.stream.lane == 0 || head.stream.lane == branch);
  if (!own && !given)
    return err_rule(err, ERR_DENIED, "stream", "wrong_stream", "a batch of %u/%u from branch %u",
                    head.stream.author, head.stream.lane, branch);
  pthread_mutex_lock(&r->lock);
  bool ok = key_of(r, head.stream.author, head.epoch, key, err);
  pthread_mutex_unlock(&r->lock);
  ok = ok && batch_open(&batch, p, n, err) && batch_verify(batch, key, err);
  ok = ok && begin(r, err) && end(r, add_batch(r, batch, err), err);
  batch_close(batch);
  return ok;
}
