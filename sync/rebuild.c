#include "sync/rebuild.h"

#include "core/base/db.h"
#include "sync/again.h"
#include "sync/again_same.h"
#include "sync/fold_order.h"
#include "sync/older.h"
#include "sync/rows.h"
#include "sync/streams.h"
#include "sync/superseded.h"
#include "sync/tlog.h"
#include "sync/withholding.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct rebuild {
  struct db *db;
  struct tables tables;
  struct superseded superseded;
  uint32_t province;
  int64_t undecided; /* entries from here on are new to this database: nothing was decided about them yet */
  int64_t schema;    /* the newest this program knows */
  bool keeps_log;
  uint32_t level; /* to which rules the province holds what comes next; tables.h */
  struct rebuild_report *report;
  struct err *err;
};

/* ---- emptying ---- */

static bool empty_tables(struct rebuild *r)
{
  char sql[256];
  for (size_t i = 0; i < r->tables.count; i++) {
    snprintf(sql, sizeof sql, "DELETE FROM \"%s\"", r->tables.all[i].name);
    if (!db_exec(r->db, sql, r->err)) return false;
  }
  return true;
}

static bool drop_triggers(struct rebuild *r)
{
  struct buf sql = BUF_INIT;
  struct query q = query_open(r->db,
                              "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN"
                              " (SELECT name FROM table_scope)",
                              r->err);
  while (query_row(&q)) {
    put_text(&sql, "DROP TRIGGER \"");
    put_text(&sql, column_text(&q, 0));
    put_text(&sql, "\";");
  }
  put_u8(&sql, 0);
  bool ok = query_close(&q) && !sql.bad && db_exec(r->db, (const char *)sql.data, r->err);
  buf_wipe(&sql);
  return ok;
}

/* ---- the fold ---- */

/* What was decided about the entry when it came; that decision is kept. */
static bool is_applied(struct rebuild *r, const struct logged *e, bool *applied, bool *waited)
{
  struct query q = query_open(
      r->db,
      "SELECT coalesce((SELECT state = 'refused' FROM sync_quarantine WHERE pos = ?1), 0)"
      " OR EXISTS(SELECT 1 FROM sync_stream WHERE author = ?2 AND lane = ?3 AND waiting_seq > 0"
      " AND waiting_seq <= ?4), EXISTS(SELECT 1 FROM sync_quarantine WHERE pos = ?1 AND state = 'done')",
      r->err);
  query_int(&q, 1, e->pos);
  query_int(&q, 2, e->record.stream.author);
  query_int(&q, 3, e->record.stream.lane);
  query_int(&q, 4, (int64_t)e->record.seq);
  *applied = query_row(&q) && !column_int(&q, 0) && e->payload && !superseded_at(&r->superseded, e->pos);
  *waited = column_int(&q, 1) != 0;
  return query_close(&q);
}

static bool is_undecided(const struct rebuild *r, const struct logged *e)
{
  return e->pos >= r->undecided;
}

/* As store_apply would have, when it came. */
static bool decide(struct rebuild *r, const struct logged *e, const struct refusal *why, const char *state)
{
  r->report->refused++;
  return quarantine_keep(r->db, e->record.stream, e->record.seq, e->pos, why, state, e->received_ms, r->err);
}

static bool park(struct rebuild *r, const struct logged *e)
{
  struct refusal why = {0};
  struct query q =
      query_open(r->db, "UPDATE sync_stream SET waiting_seq = ?3 WHERE author = ?1 AND lane = ?2", r->err);
  query_int(&q, 1, e->record.stream.author);
  query_int(&q, 2, e->record.stream.lane);
  query_int(&q, 3, (int64_t)e->record.seq);
  refuse(&why, "schema_newer", "made under schema %u, this program knows %lld: upgrade it first",
         e->record.schema, (long long)r->schema);
  return query_run(&q) && decide(r, e, &why, "waiting");
}

/* Until an act says why it is missing; withholding_enforce takes this back. */
static bool keep_missing(struct rebuild *r, const struct logged *e)
{
  struct refusal why = {0};
  refuse(&why, "withheld", "its payload was withheld");
  return quarantine_keep(r->db, e->record.stream, e->record.seq, e->pos, &why, "refused", e->received_ms,
                         r->err);
}

struct naming {
  struct db *db;
  int64_t pos;
};

static bool note_again(void *ctx, const uint8_t hash[HASH_SIZE], struct err *err)
{
  const struct naming *n = ctx;
  struct query q = query_open(n->db, "INSERT OR IGNORE INTO temp.again VALUES(?1, ?2)", err);
  query_blob(&q, 1, hash, HASH_SIZE);
  query_int(&q, 2, n->pos);
  return query_run(&q);
}

/* Which records new entries say they are: of a record and one that was journaled again of it the later is
 * applied, whatever came first (again.h). */
static bool list_again(struct rebuild *r)
{
  struct query q = query_open(r->db,
                              "SELECT pos, payload FROM sync_entry WHERE pos >= ?1"
                              " AND instr(payload, CAST('journaled_again' AS BLOB)) > 0",
                              r->err);
  bool ok = true;
  query_int(&q, 1, r->undecided);
  while (ok && query_row(&q)) {
    size_t n = 0;
    const void *payload = column_blob(&q, 1, &n);
    struct naming naming = {r->db, column_int(&q, 0)};
    ok = superseded_at(&r->superseded, naming.pos) || again_named(payload, n, note_again, &naming, r->err);
  }
  return query_close(&q) && ok;
}

static bool stands_again(struct rebuild *r, const struct logged *e, struct refusal *why)
{
  struct logged later;
  struct buf keep = BUF_INIT;
  bool ok = true;
  struct query q = query_open(r->db, "SELECT pos FROM temp.again WHERE hash = ?1", r->err);
  query_blob(&q, 1, e->hash, HASH_SIZE);
  while (ok && !why->reason[0] && query_row(&q)) {
    ok = entry_read(r->db, column_int(&q, 0), &later, &keep, r->err);
    if (ok && again_is_same(&r->tables, e, &later)) again_keep_out(why);
  }
  buf_wipe(&keep);
  return query_close(&q) && ok;
}

static bool fold_entry(struct rebuild *r, const struct logged *e)
{
  struct refusal why = {0};
  bool applied = false, waited = false;
  r->report->entries++;
  if (!is_applied(r, e, &applied, &waited)) return false;
  if (!e->payload && is_undecided(r, e)) return keep_missing(r, e);
  if (!applied) return true;
  if (is_undecided(r, e) && (int64_t)e->record.schema > r->schema) return park(r, e);
  if (is_undecided(r, e) && !stands_again(r, e, &why)) return false;
  if (why.reason[0]) return decide(r, e, &why, "refused");
  const struct origin origin = {.stream = e->record.stream,
                                .province = r->province,
                                .epoch = e->record.epoch,
                                .seq = e->record.seq,
                                .older_schema =
                                    memcmp(e->record.schema_hash, r->tables.hash, SCHEMA_HASH_SIZE) != 0,
                                .level = e->record.stream.author == r->province ? 0 : r->level,
                                .waited = waited};
  enum rows_outcome outcome =
      rows_write(r->db, &r->tables, &origin, e->payload, e->record.payload_size, &why, r->err);
  if (outcome == ROWS_FAILED) return false;
  if (outcome == ROWS_REFUSED && is_undecided(r, e)) return decide(r, e, &why, "refused");
  if (outcome == ROWS_REFUSED)
    return err_rule(r->err, ERR_CORRUPT, why.table, why.reason,
                    "entry %llu of %u/%u was applied once and cannot be again: %.180s",
                    (unsigned long long)e->record.seq, e->record.stream.author, e->record.stream.lane,
                    why.detail);
  r->report->folded++;
  if (r->tables.acts_from == 0) return true;
  /* A copy from elsewhere may still hold what an act withholds: it goes here as it went when the act came. */
  bool ok = withholding_enforce(r->db, &r->tables, r->tables.acts_from, r->err);
  r->tables.acts_from = 0;
  return ok;
}

static bool fold(struct rebuild *r)
{
  struct buf keep = BUF_INIT;
  int64_t pos = 0;
  struct fold_order order;
  bool ok = db_exec(r->db,
                    "CREATE TEMP TABLE again(hash BLOB NOT NULL, pos INTEGER NOT NULL,"
                    " PRIMARY KEY(hash, pos)) WITHOUT ROWID",
                    r->err) &&
            list_again(r) && fold_order_open(&order, r->db, r->err);
  while (ok && (ok = fold_order_next(&order, &pos)) && pos >= 0) {
    struct logged entry;
    struct lost_leaf leaf;
    bool lost = false;
    ok = entry_read_or_lost(r->db, pos, &entry, &keep, &leaf, &lost, r->err);
    if (ok && lost) r->report->lost++;
    if (!ok || lost) continue; /* nothing comes of it */
    ok = fold_entry(r, &entry);
    if (ok && r->keeps_log && entry.record.stream.author == r->province && entry.record.schema > r->level)
      r->level = entry.record.schema;
  }
  buf_wipe(&keep);
  return ok;
}

/* ---- the tree ---- */

static bool newest_signed(struct db *db, struct tlog_state *out, struct err *err)
{
  struct buf note = BUF_INIT;
  bool ok = tlog_checkpoint(db, &note, out, err);
  buf_wipe(&note);
  return ok;
}

/* The leaves, hashed again from the entries, must have the root that was signed for that many. */
static bool grow_tree(struct rebuild *r)
{
  struct tlog_state was, now, at_signed;
  if (!newest_signed(r->db, &was, r->err) ||
      !db_exec(r->db, "DELETE FROM sync_tile; DELETE FROM sync_tree;", r->err) ||
      !tlog_integrate(r->db, r->err) || !tlog_state(r->db, &now, r->err))
    return false;
  at_signed.size = was.size;
  struct tlog_reader *reader = calloc(1, sizeof *reader);
  if (!reader) return err_set(r->err, ERR_IO, "out of memory");
  struct merkle_source source = tlog_source(reader, r->db, now.size);
  bool ok = was.size == 0 || was.size > now.size || merkle_root(&source, was.size, &at_signed.root, r->err);
  free(reader);
  if (ok && was.size > 0 && (was.size > now.size || memcmp(&at_signed.root, &was.root, HASH_SIZE) != 0))
    return err_rule(r->err, ERR_CORRUPT, "log", "log_rewritten",
                    "the log of %llu entries is not the one that was signed at %llu: restore a backup",
                    (unsigned long long)now.size, (unsigned long long)was.size);
  r->report->log_size = was.size;
  return ok;
}

/* ---- the difference ---- */

static bool count(struct rebuild *r, const char *in, const char *but_not_in, const char *table, uint64_t *sum)
{
  char sql[300];
  int64_t n = 0;
  snprintf(sql, sizeof sql, "SELECT count(*) FROM (SELECT * FROM %s.\"%s\" EXCEPT SELECT * FROM %s.\"%s\")",
           in, table, but_not_in, table);
  if (!db_int(r->db, sql, 0, &n, r->err)) return false;
  *sum += (uint64_t)n;
  return true;
}

static bool compare(struct rebuild *r)
{
  r->report->tables = r->tables.count;
  for (size_t i = 0; i < r->tables.count; i++) {
    const char *name = r->tables.all[i].name;
    if (!count(r, "main", "was", name, &r->report->missing) ||
        !count(r, "was", "main", name, &r->report->extra))
      return false;
  }
  return true;
}

/* An older program's database has no table of lost leaves. */
static bool end_of_was(struct rebuild *r, int64_t *end)
{
  int64_t there = 0, lost = 0;
  bool ok =
      db_int(r->db, "SELECT max(pos) + 1 FROM was.sync_entry", 0, end, r->err) &&
      db_int(r->db, "SELECT count(*) FROM was.sqlite_schema WHERE name = 'sync_lost_leaf' /* scan: once */",
             0, &there, r->err) &&
      (!there || db_int(r->db, "SELECT max(pos) + 1 FROM was.sync_lost_leaf", 0, &lost, r->err));
  if (lost > *end) *end = lost;
  return ok;
}

static bool attach(struct rebuild *r, const char *was, int64_t fresh_from)
{
  struct query q = query_open(r->db, "ATTACH ?1 AS was", r->err);
  query_text(&q, 1, was);
  bool ok = query_run(&q) && end_of_was(r, &r->undecided) &&
            db_int(r->db, "SELECT max(number) FROM sync_schema", 0, &r->schema, r->err);
  if (fresh_from < r->undecided) r->undecided = fresh_from;
  return ok;
}

static bool begin(struct rebuild *r)
{
  int64_t province = 0, author = 0;
  if (!older_bear(r->db, DB_WRITE, r->err) ||
      !db_int(r->db, "SELECT value FROM sync_self WHERE name = 'province'", 0, &province, r->err) ||
      !db_int(r->db, "SELECT value FROM sync_self WHERE name = 'author'", 0, &author, r->err))
    return false;
  r->province = (uint32_t)province;
  r->keeps_log = author == province;
  /* Keys between tables are checked again by the comparison; here the order of the log is all that counts. */
  return db_exec(r->db, "PRAGMA foreign_keys = 0", r->err) && tables_load(&r->tables, r->db, r->err) &&
         superseded_load(&r->superseded, r->db, r->err);
}

bool rebuild_tables_from(const char *copy, const char *was, int64_t fresh_from, struct rebuild_report *report,
                         struct err *err)
{
  struct rebuild r = {.report = report, .err = err};
  memset(report, 0, sizeof *report);
  bool ok = db_open(&r.db, copy, DB_WRITE, err) && begin(&r) && attach(&r, was, fresh_from) &&
            db_begin(r.db, err) && drop_triggers(&r) && empty_tables(&r) && fold(&r) &&
            (!r.keeps_log || grow_tree(&r)) && db_commit(r.db, err) && compare(&r);
  if (r.db) db_rollback(r.db);
  db_close(r.db);
  tables_close(&r.tables);
  superseded_close(&r.superseded);
  return ok;
}

bool rebuild_tables(const char *copy, const char *was, struct rebuild_report *report, struct err *err)
{
  return rebuild_tables_from(copy, was, INT64_MAX, report, err);
}
