#include "sync/recall.h"

#include "core/base/limits.h"
#include "sync/batch.h"
#include "sync/recall_state.h"
#include "sync/recall_tiles.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What branches say, each under its source: who says it, which is a branch and what it came with.  Of a
 * branch's own stream only itself brings entries and signatures (recall_own.c); entries of the province are
 * in recall_ours.c. */
static const char SCHEMA[] =
    "CREATE TABLE IF NOT EXISTS base(have INTEGER PRIMARY KEY) STRICT;"
    /* The sources.  asked_ms 0: has not answered yet; bound: no entries of its own behind this one; bytes: of
     * what it was the first to bring. */
    "CREATE TABLE IF NOT EXISTS branch(source INTEGER PRIMARY KEY, code INTEGER NOT NULL,"
    " came_with TEXT NOT NULL, asked_ms INTEGER NOT NULL, is_here INTEGER NOT NULL,"
    " brought_ms INTEGER NOT NULL, bound INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;"
    "CREATE INDEX IF NOT EXISTS branch_code ON branch(code);"
    "CREATE TABLE IF NOT EXISTS author_key(source INTEGER NOT NULL, author INTEGER NOT NULL,"
    " epoch INTEGER NOT NULL, public_key BLOB NOT NULL, since_ms INTEGER NOT NULL,"
    " revoked_ms INTEGER NOT NULL, PRIMARY KEY(author, epoch, source, public_key)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS shown(source INTEGER PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,"
    " note TEXT NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS run(source INTEGER NOT NULL, first_pos INTEGER NOT NULL,"
    " author INTEGER NOT NULL, lane INTEGER NOT NULL, first_seq INTEGER NOT NULL, count INTEGER NOT NULL,"
    " received_ms INTEGER NOT NULL, PRIMARY KEY(source, first_pos)) STRICT, WITHOUT ROWID;"
    /* Of each stream, the entry that is due next in a source's runs. */
    "CREATE TABLE IF NOT EXISTS reach(source INTEGER NOT NULL, author INTEGER NOT NULL,"
    " lane INTEGER NOT NULL, next_seq INTEGER NOT NULL, PRIMARY KEY(source, author, lane)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS guest(branch INTEGER NOT NULL, epoch INTEGER NOT NULL,"
    " serial TEXT NOT NULL, until_ms INTEGER NOT NULL, known INTEGER NOT NULL,"
    " PRIMARY KEY(branch, serial)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS expected(branch INTEGER PRIMARY KEY) STRICT;"
    /* code 0: whoever comes with that; came_with "": whatever that branch comes with.  And the sources that
     * were. */
    "CREATE TABLE IF NOT EXISTS refused(code INTEGER NOT NULL, came_with TEXT NOT NULL,"
    " PRIMARY KEY(code, came_with)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS left_out(source INTEGER PRIMARY KEY) STRICT;"
    "CREATE TABLE IF NOT EXISTS fault(source INTEGER PRIMARY KEY, void INTEGER NOT NULL,"
    " why TEXT NOT NULL) STRICT;";

/* What an earlier program gathered was kept otherwise: it is brought again. */
enum { FORMAT = 5 };
static const char DROP_OLD[] =
    "DROP TABLE IF EXISTS base; DROP TABLE IF EXISTS branch; DROP TABLE IF EXISTS run;"
    "DROP TABLE IF EXISTS entry; DROP TABLE IF EXISTS sealed; DROP TABLE IF EXISTS guest;"
    "DROP TABLE IF EXISTS own; DROP TABLE IF EXISTS signature; DROP TABLE IF EXISTS author_key;"
    "DROP TABLE IF EXISTS used_key; DROP TABLE IF EXISTS left_out; PRAGMA user_version = 5;";

/* ---- opening ---- */

/* What was gathered behind another log's end does not follow on this one's. */
static bool same_base(struct db *gathered, int64_t have, struct err *err)
{
  int64_t was = -1;
  if (!db_int(gathered, "SELECT coalesce((SELECT have FROM base), -1)", -1, &was, err)) return false;
  if (was == have) return true;
  if (!db_exec(gathered,
               "DELETE FROM base; DELETE FROM branch; DELETE FROM author_key; DELETE FROM shown;"
               "DELETE FROM run; DELETE FROM reach; DELETE FROM fault;",
               err) ||
      !tiles_clear(gathered, err) || !own_clear(gathered, err) || !ours_clear(gathered, err) ||
      !recall_keys_clear(gathered, err) || !let_go_clear(gathered, err))
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
         tiles_tables(gathered, err) && own_tables(gathered, err) && ours_tables(gathered, err) &&
         recall_keys_tables(gathered, err) && let_go_tables(gathered, err);
}

static bool open_databases(struct recall *r, const char *gathered, const char *log, struct err *err)
{
  int64_t province = 0, have = 0;
  if (!db_open(&r->db, gathered, DB_CREATE, err) || !make_tables(r->db, err) ||
      /* Each shows its certificate once more. */
      !db_exec(r->db,
               "UPDATE branch SET brought_ms = 0, is_here = 0; DELETE FROM guest; DELETE FROM expected;"
               "DELETE FROM refused; DELETE FROM left_out",
               err) ||
      !db_open(&r->log, log, DB_READ, err) ||
      !db_int(r->log, "SELECT value FROM sync_self WHERE name = 'province'", 0, &province, err) ||
      !log_end(r->log, &have, err))
    return false;
  r->province = (uint32_t)province;
  r->have = (uint64_t)have;
  if (!same_base(r->db, have, err) || !let_go_of_backup(r, err)) return false;
  return log_key(r->log, r->province, &r->log_key, err);
}

bool recall_open(struct recall **out, const char *gathered, const char *log,
                 const uint8_t secret[SECRET_SIZE], struct err *err)
{
  struct recall *r = calloc(1, sizeof *r);
  if (!r) return err_set(err, ERR_IO, "out of memory for what branches bring");
  pthread_mutex_init(&r->lock, NULL);
  memcpy(r->secret, secret, SECRET_SIZE);
  r->source_max = RECALL_SOURCE_MAX;
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
  recall_said_wipe(r);
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
  r->kept = 0;
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

/* ---- sources ---- */

uint32_t recall_code(uint32_t source)
{
  return source % SOURCE_STEP;
}

static bool find_source(struct recall *r, uint32_t branch, const char *came_with, uint32_t *source,
                        struct err *err)
{
  struct query q = query_open(r->db, "SELECT source FROM branch WHERE code = ?1 AND came_with = ?2", err);
  query_int(&q, 1, branch);
  query_text(&q, 2, came_with);
  *source = query_row(&q) ? (uint32_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

/* A number that is nobody's, nor was. */
static bool free_source(struct recall *r, uint32_t branch, uint32_t *source, struct err *err)
{
  for (uint32_t i = 0; i < RECALL_SOURCES_MAX; i++) {
    struct query q = query_open(r->db,
                                "SELECT EXISTS(SELECT 1 FROM branch WHERE source = ?1) OR"
                                " EXISTS(SELECT 1 FROM left_out WHERE source = ?1)",
                                err);
    *source = branch + i * SOURCE_STEP;
    query_int(&q, 1, *source);
    bool taken = query_row(&q) && column_int(&q, 0);
    if (!query_close(&q)) return false;
    if (!taken) return true;
  }
  return err_rule(err, ERR_DENIED, "certificate", "too_many_certificates",
                  "branch %u has come with %d certificates already", branch, RECALL_SOURCES_MAX);
}

static bool add_source(struct recall *r, uint32_t branch, const char *came_with, uint32_t *source,
                       struct err *err)
{
  if (!find_source(r, branch, came_with, source, err)) return false;
  if (*source) return true;
  if (!free_source(r, branch, source, err)) return false;
  struct query q = query_open(r->db, "INSERT INTO branch VALUES(?1, ?2, ?3, 0, 0, 0, 0, 0)", err);
  query_int(&q, 1, *source);
  query_int(&q, 2, branch);
  query_text(&q, 3, came_with);
  return query_run(&q);
}

bool recall_arrive(struct recall *r, uint32_t branch, const char *came_with, uint32_t *source,
                   struct err *err)
{
  if (!recall_begin(r, err)) return false;
  return recall_end(r, add_source(r, branch, came_with, source, err), err);
}

bool recall_spend(struct recall *r, uint32_t source, struct err *err)
{
  if (r->kept == 0) return true;
  struct query q =
      query_open(r->db, "UPDATE branch SET bytes = bytes + ?2 WHERE source = ?1 RETURNING bytes", err);
  query_int(&q, 1, source);
  query_int(&q, 2, (int64_t)r->kept);
  uint64_t all = query_row(&q) ? (uint64_t)column_int(&q, 0) : 0;
  if (!query_close(&q)) return false;
  return all <= r->source_max ||
         err_rule(err, ERR_DENIED, "branch", "brought_too_much",
                  "branch %u has brought %llu MiB, as much as one may: --most-gib N lets each bring more",
                  recall_code(source), (unsigned long long)(r->source_max >> 20));
}

void recall_lost_too(struct recall *r, bool lost_too)
{
  r->lost_too = lost_too;
}

void recall_bound(struct recall *r, uint64_t bytes)
{
  r->source_max = bytes;
}

/* What did not lead to the root may have failed because of what it brought. */
static bool forget(struct recall *r, uint32_t source, struct err *err)
{
  static const char *const steps[] = {
      "INSERT OR IGNORE INTO left_out(source) VALUES(?1)",
      "DELETE FROM shown WHERE source = ?1",
      "DELETE FROM run WHERE source = ?1",
      "DELETE FROM reach WHERE source = ?1",
      ("DELETE FROM guest WHERE EXISTS(SELECT 1 FROM branch AS b WHERE b.source = ?1 AND b.code = branch"
       " AND b.came_with = serial) /* scan: a row a certificate */"),
      "DELETE FROM branch WHERE source = ?1",
      "DELETE FROM author_key WHERE source = ?1 /* scan: a few keys a branch */",
      "DELETE FROM fault WHERE void OR source = ?1 /* scan: a row a branch */"};
  bool ok = true;
  for (size_t i = 0; ok && i < sizeof steps / sizeof *steps; i++) {
    struct query q = query_open(r->db, steps[i], err);
    query_int(&q, 1, source);
    ok = query_run(&q);
  }
  return ok && own_leave_out(r, source, err) && ours_leave_out(r, source, err) &&
         tiles_leave_out(r, source, err) && recall_keys_leave_out(r, source, err);
}

/* branch 0: whoever came with it; came_with "": whatever it came with.  0: there is none left. */
static bool next_to_forget(struct recall *r, uint32_t branch, const char *came_with, uint32_t *source,
                           struct err *err)
{
  struct query q = query_open(r->db,
                              "SELECT source FROM branch WHERE (?1 = 0 OR code = ?1) AND"
                              " (?2 = '' OR came_with = ?2) LIMIT 1 /* scan: a row a certificate */",
                              err);
  query_int(&q, 1, branch);
  query_text(&q, 2, came_with);
  *source = query_row(&q) ? (uint32_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

static bool leave_out(struct recall *r, uint32_t branch, const char *came_with, size_t *count,
                      struct err *err)
{
  uint32_t source = branch;
  *count = 0;
  if (!recall_begin(r, err)) return false;
  struct query q = query_open(r->db, "INSERT OR IGNORE INTO refused(code, came_with) VALUES(?1, ?2)", err);
  query_int(&q, 1, branch);
  query_text(&q, 2, came_with);
  bool ok = query_run(&q);
  while (ok && (ok = next_to_forget(r, branch, came_with, &source, err)) && source) {
    ok = forget(r, source, err);
    ++*count;
  }
  return recall_end(r, ok, err);
}

bool recall_leave_out(struct recall *r, uint32_t branch, struct err *err)
{
  size_t count;
  return leave_out(r, branch, "", &count, err);
}

bool recall_leave_out_one(struct recall *r, const char *came_with, bool *had_come, struct err *err)
{
  size_t count = 0;
  bool ok = leave_out(r, 0, came_with, &count, err);
  *had_come = count > 0;
  return ok;
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

bool recall_left_out(struct recall *r, const struct recall_guest *guest, bool *left_out, struct err *err)
{
  pthread_mutex_lock(&r->lock);
  struct query q = query_open(r->db,
                              "SELECT 1 FROM refused WHERE (code = ?1 AND came_with = '') OR"
                              " (code = 0 AND came_with = ?2)",
                              err);
  query_int(&q, 1, guest->branch);
  query_text(&q, 2, guest->serial);
  *left_out = query_row(&q);
  bool ok = query_close(&q);
  pthread_mutex_unlock(&r->lock);
  return ok;
}

/* ---- what is there ---- */

bool recall_through(struct recall *r, struct stream stream, uint64_t *seq, struct err *err)
{
  if (stream.author == r->province) return ours_through(r, stream.lane, seq, err);
  return own_through(r, stream.author, seq, err);
}

/* Each is asked for all, though others may have brought them: two may hold two pasts of the province, and two
 * that come for one branch two of its own.  Only who has shown its own counts for its mirror. */
static bool tip_of(struct recall *r, uint32_t source, uint32_t lane, uint64_t *seq, struct err *err)
{
  struct ours_tip tip;
  if (!ours_tip(r, source, lane, &tip, err)) return false;
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

bool recall_have(struct recall *r, uint32_t source, struct recall_marks *have, struct err *err)
{
  pthread_mutex_lock(&r->lock);
  bool ok = own_ask_from(r, source, &have->own, err) && tip_of(r, source, 0, &have->shared, err) &&
            tip_of(r, source, recall_code(source), &have->directed, err) &&
            recall_mapped(r, source, &have->mirror, err) && tiles_have(r, source, have, err);
  pthread_mutex_unlock(&r->lock);
  return ok;
}

/* ---- what a branch brings ---- */

/* Also another than the backup's, or two of one epoch (own_epochs.h): what one signed stands in the log, or
 * it does not. */
static bool add_key(struct recall *r, uint32_t source, const struct known_key *key, struct err *err)
{
  struct query q =
      query_open(r->db,
                 "INSERT INTO author_key(source, author, epoch, public_key, since_ms, revoked_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING",
                 err);
  query_int(&q, 1, source);
  query_int(&q, 2, recall_code(source));
  query_int(&q, 3, key->epoch);
  query_blob(&q, 4, key->public_key, PUBLIC_SIZE);
  query_int(&q, 5, key->since_ms);
  query_int(&q, 6, key->revoked_ms);
  return query_run(&q);
}

/* A checkpoint counts when the province signed it: its key is in the backup. */
static bool add_shown(struct recall *r, uint32_t source, struct span text, struct err *err)
{
  struct note note;
  struct checkpoint shown;
  if (text.size == 0) return true;
  if (!note_open(&note, (const char *)text.p, text.size, err) ||
      !note_verify(&note, &r->log_key, NULL, err) ||
      !checkpoint_decode(&shown, note.text, note.text_size, err))
    return err_prefix(err, "the checkpoint that %u holds", recall_code(source));
  struct query q =
      query_open(r->db, "REPLACE INTO shown(source, size, root, note) VALUES(?1, ?2, ?3, ?4)", err);
  query_int(&q, 1, source);
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

static bool forget_keys(struct recall *r, uint32_t source, struct err *err)
{
  struct query q =
      query_open(r->db, "DELETE FROM author_key WHERE source = ?1 /* scan: a few keys a branch */", err);
  query_int(&q, 1, source);
  return query_run(&q);
}

static bool add_branch(struct recall *r, uint32_t source, int64_t now_ms, struct err *err)
{
  uint64_t bound = 0;
  if (!bound_now(r, &bound, err)) return false;
  struct query q = query_open(r->db,
                              "INSERT INTO branch VALUES(?1, ?2, '', ?3, 1, 0, ?4, 0) ON CONFLICT DO UPDATE"
                              " SET asked_ms = excluded.asked_ms, is_here = 1, brought_ms = 0,"
                              " bound = excluded.bound",
                              err);
  query_int(&q, 1, source);
  query_int(&q, 2, recall_code(source));
  query_int(&q, 3, now_ms);
  query_int(&q, 4, (int64_t)bound);
  return query_run(&q);
}

bool recall_take_answer(struct recall *r, uint32_t source, const struct recalled *m, int64_t now_ms,
                        struct err *err)
{
  if (!recall_begin(r, err)) return false;
  bool ok = add_shown(r, source, m->note, err) && add_branch(r, source, now_ms, err) &&
            forget_keys(r, source, err) && own_ask_again(r, source, err);
  for (size_t i = 0; ok && i < m->keys_count; i++)
    ok = add_key(r, source, &m->keys[i], err);
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

/* Another that came for its branch: what failed without its entries may lead there now. */
static bool try_again_with(struct recall *r, uint32_t source, struct err *err)
{
  struct query q =
      query_open(r->db,
                 "DELETE FROM fault WHERE void AND EXISTS(SELECT 1 FROM branch WHERE code = ?1 AND"
                 " source <> ?2) /* scan: a row a branch */",
                 err);
  query_int(&q, 1, recall_code(source));
  query_int(&q, 2, source);
  return query_run(&q);
}

bool recall_take_end(struct recall *r, const struct recall_guest *guest, int64_t now_ms, struct err *err)
{
  const uint32_t source = guest->source ? guest->source : guest->branch;
  if (!recall_begin(r, err)) return false;
  struct query q = query_open(r->db, "UPDATE branch SET brought_ms = ?2 WHERE source = ?1", err);
  query_int(&q, 1, source);
  query_int(&q, 2, now_ms);
  return recall_end(r, query_run(&q) && keep_guest(r, guest, err) && try_again_with(r, source, err), err);
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

bool recall_bound_of(struct recall *r, uint32_t source, uint64_t *bound, struct err *err)
{
  struct query q = query_open(r->db, "SELECT bound FROM branch WHERE source = ?1", err);
  query_int(&q, 1, source);
  *bound = query_row(&q) ? (uint64_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

bool recall_take_signatures(struct recall *r, uint32_t source, struct signatures *m, struct err *err)
{
  struct signature_of one;
  uint64_t bound = 0;
  if (!recall_begin(r, err)) return false;
  bool ok = recall_bound_of(r, source, &bound, err);
  while (ok && signatures_next(m, &one))
    if (one.seq <= bound) ok = own_add_signature(r, source, &one, err);
  return recall_end(r, ok && recall_spend(r, source, err), err);
}

/* ---- batches ---- */

bool recall_take_batch(struct recall *r, uint32_t source, const void *p, size_t n, struct err *err)
{
  struct batch_head head;
  struct batch *batch = NULL;
  uint8_t key[PUBLIC_SIZE];
  const uint32_t branch = recall_code(source);
  if (!batch_peek(&head, p, n, err)) return false;
  bool own = head.stream.author == branch && head.stream.lane == 0;
  bool given = head.stream.author == r->province && (head.stream.lane == 0 || head.stream.lane == branch);
  if (!own && !given)
    return err_rule(err, ERR_DENIED, "stream", "wrong_stream", "a batch of %u/%u from branch %u",
                    head.stream.author, head.stream.lane, branch);
  if (!batch_open(&batch, p, n, err)) return false;
  pthread_mutex_lock(&r->lock);
  bool ok = recall_keys_signer(r, source, batch, key, err);
  pthread_mutex_unlock(&r->lock);
  ok = ok && batch_verify(batch, key, err);
  if (ok && (ok = recall_begin(r, err))) {
    ok = given ? ours_add_batch(r, source, batch, err) : own_add_batch(r, source, batch, key, err);
    ok = recall_end(r, ok && recall_spend(r, source, err), err);
  }
  batch_close(batch);
  return ok;
}
