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

/* What branches say, each under its source: who says it.  Of a branch's own stream only itself brings entries
 * and signatures; entries of the province are in recall_ours.c. */
static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS base(have INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE IF NOT EXISTS branch(code INTEGER PRIMARY KEY, asked_ms INTEGER NOT NULL,"
    " brought_ms INTEGER NOT NULL, bound INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS author_key(author INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " public_key BLOB NOT NULL, since_ms INTEGER NOT NULL, revoked_ms INTEGER NOT NULL,"
    " PRIMARY KEY(author, epoch)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS shown(source INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,"
    " note TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS run(source INTEGER NOT NULL, first_pos INTEGER NOT NULL,"
    " author INTEGER NOT NULL, lane INTEGER NOT NULL, first_seq INTEGER NOT NULL, count INTEGER NOT NULL,"
    " received_ms INTEGER NOT NULL, PRIMARY KEY(source, first_pos)) STRICT, WITHOUT ROWID;"
    /* Of each stream, the entry that is due next in a source's runs. */
    "CREATE TABLE IF NOT EXISTS reach(source INTEGER NOT NULL, author INTEGER NOT NULL,"
    " lane INTEGER NOT NULL, next_seq INTEGER NOT NULL, PRIMARY KEY(source, author, lane)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS own(author INTEGER NOT NULL, seq INTEGER NOT NULL, record BLOB NOT NULL,"
    " payload BLOB, PRIMARY KEY(author, seq)) STRICT;"
    "CREATE TABLE IF NOT EXISTS guest(branch INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " serial TEXT NOT NULL, until_ms INTEGER NOT NULL, known INTEGER NOT NULL,"
    " PRIMARY KEY(branch, serial)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS expected(branch INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE IF NOT EXISTS left_out(branch INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE IF NOT EXISTS signature(author INTEGER NOT NULL, seq INTEGER NOT NULL,"
    " signature BLOB NOT NULL, PRIMARY KEY(author, seq)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS fault(source INTEGER PRIMARY KEY, void INTEGER NOT NULL,"
    " why TEXT NOT NULL) STRICT;";

/* What an earlier program gathered was kept otherwise: it is brought again. */
enum { FORMAT = 3 };
static const char DROP_OLD[] =
    "DROP TABLE IF EXISTS base; DROP TABLE IF EXISTS branch; DROP TABLE IF EXISTS run;"
    "DROP TABLE IF EXISTS entry; DROP TABLE IF EXISTS sealed; DROP TABLE IF EXISTS guest;"
    "PRAGMA user_version = 3;";

/* ---- opening ---- */

/* What was gathered behind another log's end does not follow on this one's. */
static bool same_base(struct db *gathered, int64_t have, struct err *err)
{
  int64_t was = -1;
  if (!db_int(gathered, "SELECT coalesce((SELECT have FROM base), -1)", -1, &was, err)) return false;
  if (was == have) return true;
  if (!db_exec(gathered,
               "DELETE FROM base; DELETE FROM branch; DELETE FROM author_key; DELETE FROM shown;"
               "DELETE FROM run; DELETE FROM reach; DELETE FROM own; DELETE FROM signature;"
               "DELETE FROM fault;",
               err) ||
      !ours_clear(gathered, err) || !recall_keys_clear(gathered, err))
    return false;
  struct query q = query_open(gathered, "INSERT INTO base(have) VALUES(?1)", err);
  query_int(&q, 1, have);
  return query_run(&q);
}

static bool make_tables(struct db *gathered, struct err *err)
{
  int64_t format = 0;
  return db_int(gathered, "PRAGMA user_version", 0, &format, err) &&
         (format == FORMAT || db_exec(gathered, DROP_OLD, err)) && db_exec(gathered, SCHEMA, err) &&
         ours_tables(gathered, err) && recall_keys_tables(gathered, err);
}

static bool open_databases(struct recall *r, const char *gathered, const char *log, struct err *err)
{
  int64_t province = 0, have = 0;
  if (!db_open(&r->db, gathered, DB_CREATE, err) || !make_tables(r->db, err) ||
      /* Each shows its certificate once more. */
      !db_exec(r->db,
               "UPDATE branch SET brought_ms = 0; DELETE FROM guest; DELETE FROM expected;"
               "DELETE FROM left_out",
               err) ||
      !db_open(&r->log, log, DB_READ, err) ||
      !db_int(r->log, "SELECT value FROM sync_self WHERE name = 'province'", 0, &province, err) ||
      !log_end(r->log, &have, err))
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

bool recall_begin(struct recall *r, struct err *err)
{
  pthread_mutex_lock(&r->lock);
  if (db_begin(r->db, err)) return true;
  pthread_mutex_unlock(&r->lock);
  return false;
}

bool recall_end(struct recall *r, bool ok, struct err *err)
{
  ok = ok && db_commit(r->db, err);
  if (!ok) db_rollback(r->db);
  pthread_mutex_unlock(&r->lock);
  return ok;
}

bool recall_expect(struct recall *r, uint32_t branch, struct err *err)
{
  if (!recall_begin(r, err)) return false;
  struct query q = query_open(r->db, "INSERT OR IGNORE INTO expected(branch) VALUES(?1)", err);
  query_int(&q, 1, branch);
  return recall_end(r, query_run(&q), err);
}

/* What did not lead to the root may have failed because of what it brought. */
bool recall_leave_out(struct recall *r, uint32_t branch, struct err *err)
{
  static const char *const steps[] = {
      "INSERT OR IGNORE INTO left_out(branch) VALUES(?1)",
      "DELETE FROM shown WHERE source = ?1",
      "DELETE FROM run WHERE source = ?1",
      "DELETE FROM reach WHERE source = ?1",
      "DELETE FROM branch WHERE code = ?1",
      "DELETE FROM guest WHERE branch = ?1",
      "DELETE FROM author_key WHERE author = ?1",
      "DELETE FROM signature WHERE author = ?1",
      "DELETE FROM own WHERE author = ?1",
      "DELETE FROM fault WHERE void OR source = ?1 /* scan: a row a branch */"};
  if (!recall_begin(r, err)) return false;
  bool ok = true;
  for (size_t i = 0; ok && i < sizeof steps / sizeof *steps; i++) {
    struct query q = query_open(r->db, steps[i], err);
    query_int(&q, 1, branch);
    ok = query_run(&q);
  }
  return recall_end(r, ok && ours_leave_out(r, branch, err) && recall_keys_leave_out(r, branch, err), err);
}

bool recall_try_again(struct recall *r, struct err *err)
{
  pthread_mutex_lock(&r->lock);
  bool ok = db_exec(r->db, "DELETE FROM fault", err);
  pthread_mutex_unlock(&r->lock);
  return ok;
}

void recall_from_file(struct recall *r, bool from_file)
{
  r->from_file = from_file;
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

/* The newest entry of a branch's stream, brought or of the backup. */
static bool newest(struct recall *r, uint32_t author, uint64_t *seq, struct err *err)
{
  struct head head;
  struct query q = query_open(r->db, "SELECT coalesce(max(seq), 0) FROM own WHERE author = ?1", err);
  query_int(&q, 1, author);
  *seq = query_row(&q) ? (uint64_t)column_int(&q, 0) : 0;
  if (!query_close(&q)) return false;
  if (*seq) return true;
  if (!stream_head(r->log, (struct stream){author, 0}, &head, err)) return false;
  *seq = head.seq;
  return true;
}

bool recall_through(struct recall *r, struct stream stream, uint64_t *seq, struct err *err)
{
  if (stream.author == r->province) return ours_through(r, stream.lane, seq, err);
  return newest(r, stream.author, seq, err);
}

/* Of the province's entries each branch is asked for all, though others may have brought them: two may hold
 * two pasts, and only who has shown its own counts for its mirror. */
static bool tip_of(struct recall *r, uint32_t branch, uint32_t lane, uint64_t *seq, struct err *err)
{
  struct ours_tip tip;
  if (!ours_tip(r, branch, lane, &tip, err)) return false;
  *seq = tip.seq;
  return true;
}

bool recall_mapped(struct recall *r, uint32_t source, uint64_t *pos, struct err *err)
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
  bool ok = newest(r, branch, &have->own, err) && tip_of(r, branch, 0, &have->shared, err) &&
            tip_of(r, branch, branch, &have->directed, err) && recall_mapped(r, branch, &have->mirror, err);
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

/* No entry stands in the log before the ones of its stream that come before it: those that a log of the size
 * shown cannot have are not kept, or one branch could fill the disk.  A file has its end. */
static bool bound_now(struct recall *r, uint64_t *bound, struct err *err)
{
  *bound = SEQ_MAX;
  return r->from_file || recall_limit(r, bound, err);
}

static bool forget_keys(struct recall *r, uint32_t branch, struct err *err)
{
  struct query q = query_open(r->db, "DELETE FROM author_key WHERE author = ?1", err);
  query_int(&q, 1, branch);
  return query_run(&q);
}

static bool add_branch(struct recall *r, uint32_t branch, int64_t now_ms, struct err *err)
{
  uint64_t bound = 0;
  if (!bound_now(r, &bound, err)) return false;
  struct query q = query_open(r->db,
                              "INSERT INTO branch(code, asked_ms, brought_ms, bound) VALUES(?1, ?2, 0, ?3)"
                              " ON CONFLICT DO UPDATE SET asked_ms = excluded.asked_ms, brought_ms = 0,"
                              " bound = excluded.bound",
                              err);
  query_int(&q, 1, branch);
  query_int(&q, 2, now_ms);
  query_int(&q, 3, (int64_t)bound);
  return query_run(&q);
}

bool recall_take_answer(struct recall *r, uint32_t branch, const struct recalled *m, int64_t now_ms,
                        struct err *err)
{
  if (!recall_begin(r, err)) return false;
  bool ok =
      add_shown(r, branch, m->note, err) && add_branch(r, branch, now_ms, err) && forget_keys(r, branch, err);
  for (size_t i = 0; ok && i < m->keys_count; i++)
    ok = add_key(r, branch, &m->keys[i], err);
  return recall_end(r, ok, err);
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
  if (!recall_begin(r, err)) return false;
  struct query q = query_open(r->db, "UPDATE branch SET brought_ms = ?2 WHERE code = ?1", err);
  query_int(&q, 1, guest->branch);
  query_int(&q, 2, now_ms);
  return recall_end(r, query_run(&q) && keep_guest(r, guest, err), err);
}

static bool read_guests(struct recall *r, struct recall_guest *guests, size_t count, struct err *err)
{
  struct query q = query_open(
      r->db,
      "SELECT branch, epoch, serial, until_ms, known FROM guest ORDER BY branch, serial /* scan: once */",
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

static bool bound_of(struct recall *r, uint32_t branch, uint64_t *bound, struct err *err)
{
  struct query q = query_open(r->db, "SELECT bound FROM branch WHERE code = ?1", err);
  query_int(&q, 1, branch);
  *bound = query_row(&q) ? (uint64_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

static bool add_signature(struct recall *r, uint32_t branch, const struct signature_of *one, struct err *err)
{
  struct query q =
      query_open(r->db, "REPLACE INTO signature(author, seq, signature) VALUES(?1, ?2, ?3)", err);
  query_int(&q, 1, branch);
  query_int(&q, 2, (int64_t)one->seq);
  query_blob(&q, 3, one->bytes, SIGNATURE_SIZE);
  return query_run(&q);
}

bool recall_take_signatures(struct recall *r, uint32_t branch, struct signatures *m, struct err *err)
{
  struct signature_of one;
  uint64_t bound = 0;
  if (!recall_begin(r, err)) return false;
  bool ok = bound_of(r, branch, &bound, err);
  while (ok && signatures_next(m, &one))
    if (one.seq <= bound) ok = add_signature(r, branch, &one, err);
  return recall_end(r, ok, err);
}

/* ---- batches ---- */

bool recall_key_of(struct recall *r, uint32_t author, uint32_t epoch, uint8_t out[PUBLIC_SIZE],
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

static bool hash_at(struct recall *r, uint32_t author, uint64_t seq, uint8_t out[HASH_SIZE], struct err *err)
{
  struct head head;
  memset(out, 0, HASH_SIZE);
  if (seq == 0) return true;
  if (!stream_head(r->log, (struct stream){author, 0}, &head, err)) return false;
  if (head.seq == seq) {
    memcpy(out, head.hash, HASH_SIZE);
    return true;
  }
  struct query q = query_open(r->db, "SELECT record FROM own WHERE author = ?1 AND seq = ?2", err);
  query_int(&q, 1, author);
  query_int(&q, 2, (int64_t)seq);
  size_t n = 0;
  const void *record = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
  if (record) record_hash(out, record, n);
  return query_close(&q);
}

static bool add_own(struct recall *r, const struct batch *batch, uint32_t i, struct err *err)
{
  const struct batch_entry *e = &batch->entries[i];
  struct query q =
      query_open(r->db, "INSERT INTO own(author, seq, record, payload) VALUES(?1, ?2, ?3, ?4)", err);
  query_int(&q, 1, batch->head.stream.author);
  query_int(&q, 2, (int64_t)(batch->head.first_seq + i));
  query_blob(&q, 3, e->record, e->record_size);
  if (e->payload) query_blob(&q, 4, e->payload, e->payload_size);
  return query_run(&q);
}

/* Entries follow on what is there by their hashes; what is there already is passed over. */
static bool add_own_batch(struct recall *r, const struct batch *batch, const uint8_t key[PUBLIC_SIZE],
                          struct err *err)
{
  const struct batch_head *head = &batch->head;
  const uint32_t author = head->stream.author;
  uint8_t hash[HASH_SIZE];
  uint64_t have = 0, bound = 0;
  if (!newest(r, author, &have, err) || !bound_of(r, author, &bound, err)) return false;
  if (batch_last_seq(head) <= have || have >= bound) return true;
  if (head->first_seq > have + 1)
    return err_rule(err, ERR_INPUT, "first_seq", "gap", "entry %llu of %u/0 is missing before %llu",
                    (unsigned long long)have + 1, author, (unsigned long long)head->first_seq);
  uint32_t skip = (uint32_t)(have + 1 - head->first_seq);
  const uint8_t *before = skip ? batch->entries[skip - 1].hash : head->prev;
  if (!hash_at(r, author, have, hash, err)) return false;
  if (memcmp(hash, before, HASH_SIZE) != 0)
    return err_rule(err, ERR_CORRUPT, "prev", "other_history",
                    "entry %llu of %u/0 follows on another entry than the one that is here",
                    (unsigned long long)have + 1, author);
  bool ok = true;
  for (uint32_t i = skip; ok && i < head->count && head->first_seq + i <= bound; i++)
    ok = add_own(r, batch, i, err);
  return ok && recall_keys_used(r, author, head->epoch, key, err);
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
  bool ok = recall_key_of(r, head.stream.author, head.epoch, key, err);
  pthread_mutex_unlock(&r->lock);
  ok = ok && batch_open(&batch, p, n, err) && batch_verify(batch, key, err);
  ok = ok && recall_begin(r, err) &&
       recall_end(r, given ? ours_add_batch(r, branch, batch, err) : add_own_batch(r, batch, key, err), err);
  batch_close(batch);
  return ok;
}
