/* The proof runs on one connection: a private temporary database that holds the fold, with the database under
 * test attached to it as `live`.  The tables of the log exist only there and the folded tables are found here
 * first, so the readers and writers used are exactly those the store uses.  One deferred transaction around
 * everything makes it one consistent look, and takes no lock that would stop the store. */
#include "sync/verify.h"

#include "core/base/db.h"
#include "core/base/limits.h"
#include "core/base/text.h"
#include "sync/again.h"
#include "sync/fold_order.h"
#include "sync/follows.h"
#include "sync/lost_said.h"
#include "sync/older.h"
#include "sync/rows.h"
#include "sync/streams.h"
#include "sync/superseded.h"
#include "sync/tables.h"
#include "sync/verify_log.h"
#include "sync/withholding.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { FAULT_LINES_MAX = 100 };

struct proof {
  struct db *db;
  struct tables tables;
  struct verify_report *report;
  struct buf keep;
  bool asides; /* and entries that were put aside */
  bool acts;   /* the database knows acts that withhold */
  uint32_t province;
  bool is_province; /* a branch does not get what the province says of lost leaves (entry.lost) */
  struct lost_said said;
  uint32_t level; /* to which rules the province holds what comes next; tables.h */
  struct err *err;
};

/* Always true: a fault is noted and the proof goes on. */
static bool fault(struct proof *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fault(struct proof *p, const char *format, ...)
{
  char line[400];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  verify_fault(p->report, "%s", line);
  return true;
}

void verify_fault(struct verify_report *report, const char *format, ...)
{
  char line[400];
  va_list args;
  if (++report->faults > FAULT_LINES_MAX) return;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  text_clean(TEXT_NAME, line, sizeof line, line); /* a damaged database has anything in its texts */
  put_text(&report->text, line);
  put_text(&report->text, "\n");
}

/* ---- spans: every pos in exactly one ---- */

static bool check_spans(struct proof *p)
{
  int64_t end = 0, expected = 0, lost = 0;
  if (!log_end(p->db, &end, p->err) || !lost_leaf_count(p->db, 0, end, &lost, p->err)) return false;
  struct query q = query_open(
      p->db, "SELECT author, lane, first_seq, count, first_pos FROM sync_span ORDER BY first_pos", p->err);
  while (query_row(&q)) {
    int64_t first = column_int(&q, 4), count = column_int(&q, 3);
    if (first != expected)
      fault(p, "span %lld/%lld from entry %lld begins at pos %lld, not at %lld", (long long)column_int(&q, 0),
            (long long)column_int(&q, 1), (long long)column_int(&q, 2), (long long)first,
            (long long)expected);
    expected = count == 0 ? end : first + count;
  }
  if (!query_close(&q)) return false;
  if (expected != end)
    fault(p, "the spans end at pos %lld, the log at %lld", (long long)expected, (long long)end);
  int64_t rows = 0;
  if (!db_int(p->db, "SELECT count(*) FROM sync_entry", 0, &rows, p->err)) return false;
  if (rows + lost != end)
    fault(p, "the log has %lld entries and %lld that are lost, up to pos %lld", (long long)rows,
          (long long)lost, (long long)end);
  return true;
}

/* ---- chains ---- */

struct chain {
  struct stream stream;
  uint64_t seq; /* of the entry before; 0: none yet */
  uint32_t epoch;
  uint8_t hash[HASH_SIZE];
  int64_t pos;
  bool joined; /* prev can be compared */
  bool lost;   /* the entry before is: hash is its leaf's */
  bool superseded;
  uint64_t unsigned_tail;
};

static void name_entry(char out[64], const struct record *r)
{
  snprintf(out, 64, "entry %u/%u/%u/%llu", r->stream.author, r->stream.lane, r->epoch,
           (unsigned long long)r->seq);
}

static bool check_signature(struct proof *p, const struct logged *e, const char *name)
{
  struct key key;
  struct err unknown = ERR_INIT;
  p->report->signatures++;
  if (!key_get(p->db, e->record.stream.author, e->record.epoch, &key, &unknown)) {
    if (unknown.kind == ERR_DENIED) return fault(p, "%s: its key is not known", name);
    if (p->err) *p->err = unknown;
    return false;
  }
  bool good = false;
  if (!key_signed(p->db, &key, e->signature, e->hash, &good, p->err)) return false;
  if (!good) fault(p, "%s: the signature is wrong", name);
  return true;
}

/* Journaled again, its content stands in another entry. */
static bool check_aside(struct proof *p, const struct logged *e, const char *name)
{
  struct query q = query_open(
      p->db, "SELECT 1 FROM sync_aside WHERE pos = ?1 AND (state = 'again' OR reason = 'withheld')", p->err);
  query_int(&q, 1, e->pos);
  bool known = query_row(&q);
  if (!query_close(&q)) return false;
  return known || fault(p, "%s: its payload is missing, and it was not journaled again", name);
}

/* A payload that is missing must be withheld by an act, or have been refused for want of one. */
static bool check_missing(struct proof *p, const struct logged *e, const char *name, bool superseded)
{
  bool withheld = false, refused;
  if (p->acts && !withholding_any(p->db, e->record.stream, e->record.seq, e->record.seq, &withheld, p->err))
    return false;
  if (!withheld && superseded && p->asides) return check_aside(p, e, name);
  p->report->withheld++;
  if (withheld) return true;
  struct query q =
      query_open(p->db, "SELECT 1 FROM sync_quarantine WHERE pos = ?1 AND reason = 'withheld'", p->err);
  query_int(&q, 1, e->pos);
  refused = query_row(&q);
  if (!query_close(&q)) return false;
  return refused || fault(p, "%s: its payload is missing, and no act withholds it", name);
}

/* Behind a lost entry prev names its leaf, or its record, which nobody knows. */
static bool check_link(struct proof *p, const struct chain *chain, const struct logged *e, const char *name)
{
  if (memcmp(e->record.prev, chain->hash, HASH_SIZE) == 0) return true;
  if (chain->lost) p->report->lost_links += !chain->superseded;
  if (chain->lost) return true;
  bool known = false;
  if (!follows_on(p->db, chain->pos, chain->hash, e->record.prev, &known, p->err)) return false;
  return known || fault(p, "%s: it does not follow the entry before it", name);
}

static void check_lost(struct proof *p, struct chain *chain, const struct lost_leaf *leaf, uint64_t seq,
                       uint32_t epoch)
{
  if (leaf->stream.author != chain->stream.author || leaf->stream.lane != chain->stream.lane ||
      leaf->seq != seq || leaf->epoch != epoch)
    fault(p, "pos %lld has the lost entry %u/%u/%u/%llu, not entry %llu of stream %u/%u",
          (long long)leaf->pos, leaf->stream.author, leaf->stream.lane, leaf->epoch,
          (unsigned long long)leaf->seq, (unsigned long long)seq, chain->stream.author, chain->stream.lane);
  memcpy(chain->hash, leaf->leaf.bytes, HASH_SIZE);
  chain->joined = chain->lost = true;
  chain->pos = leaf->pos;
  chain->seq = seq;
  chain->epoch = epoch;
  /* What was to be signed with it is not any more. */
  if (!chain->superseded) p->report->by_log_alone += chain->unsigned_tail;
  chain->unsigned_tail = 0;
  p->report->lost += !chain->superseded;
}

/* Of what was lost the epoch of its run was known at best (lost_leaf.h): what turned up says its own, which
 * is proved by its hash and never an earlier one. */
static bool is_of_epoch(struct proof *p, const struct logged *e, uint32_t epoch, bool *yes)
{
  *yes = e->record.epoch == epoch;
  if (*yes || e->record.epoch < epoch) return true;
  struct query q = query_open(p->db, "SELECT 1 FROM sync_lost_leaf WHERE pos = ?1 AND found_ms > 0", p->err);
  query_int(&q, 1, e->pos);
  *yes = query_row(&q);
  return query_close(&q);
}

static bool check_entry(struct proof *p, struct chain *chain, const struct logged *e, uint64_t seq,
                        uint32_t epoch)
{
  char name[64];
  const struct record *r = &e->record;
  bool of_epoch = false;
  name_entry(name, r);
  if (!is_of_epoch(p, e, epoch, &of_epoch)) return false;
  if (r->stream.author != chain->stream.author || r->stream.lane != chain->stream.lane || r->seq != seq ||
      !of_epoch)
    fault(p, "pos %lld holds %s, not entry %llu of stream %u/%u", (long long)e->pos, name,
          (unsigned long long)seq, chain->stream.author, chain->stream.lane);
  if (chain->joined && !check_link(p, chain, e, name)) return false;
  if (!e->payload) {
    if (!check_missing(p, e, name, chain->superseded)) return false;
  } else if (!record_names(r, e->payload)) {
    fault(p, "%s: the payload is not the signed one", name);
  }
  memcpy(chain->hash, e->hash, HASH_SIZE);
  chain->joined = true;
  chain->lost = false;
  chain->pos = e->pos;
  chain->seq = seq;
  chain->epoch = epoch;
  chain->unsigned_tail = e->is_signed ? 0 : chain->unsigned_tail + 1;
  lost_said_add(&p->said, p->province, r);
  p->report->entries++;
  p->report->superseded += chain->superseded;
  return !e->is_signed || check_signature(p, e, name);
}

static void end_chain(struct proof *p, const struct chain *chain)
{
  if (chain->seq == 0 || chain->superseded) return;
  p->report->streams++;
  p->report->unsigned_tail += chain->unsigned_tail;
  if (chain->unsigned_tail > BATCH_ENTRIES_MAX)
    fault(p, "stream %u/%u: its last %llu entries are not signed", chain->stream.author, chain->stream.lane,
          (unsigned long long)chain->unsigned_tail);
}

static void begin_span(struct proof *p, struct chain *chain, const struct query *q)
{
  struct stream stream = {.author = (uint32_t)column_int(q, 0), .lane = (uint32_t)column_int(q, 1)};
  bool superseded = column_int(q, 2) != 0;
  uint64_t first = (uint64_t)column_int(q, 3);
  uint32_t epoch = (uint32_t)column_int(q, 4);
  if (stream.author != chain->stream.author || stream.lane != chain->stream.lane ||
      superseded != chain->superseded) {
    end_chain(p, chain);
    *chain = (struct chain){.stream = stream, .superseded = superseded, .joined = !superseded};
  }
  /* What was superseded begins somewhere in the middle, and in one place perhaps more than once. */
  if (superseded) chain->joined = false;
  if (!superseded && first != chain->seq + 1)
    fault(p, "stream %u/%u: entry %llu follows entry %llu", stream.author, stream.lane,
          (unsigned long long)first, (unsigned long long)chain->seq);
  if (!superseded && epoch < chain->epoch)
    fault(p, "stream %u/%u: epoch %u follows epoch %u", stream.author, stream.lane, epoch, chain->epoch);
}

static bool check_chains(struct proof *p)
{
  struct chain chain = {0};
  int64_t end = 0;
  bool ok = log_end(p->db, &end, p->err);
  struct query q =
      query_open(p->db,
                 "SELECT author, lane, superseded, first_seq, epoch, count, first_pos FROM sync_span"
                 " ORDER BY author, lane, superseded, first_seq, epoch",
                 p->err);
  while (ok && query_row(&q)) {
    begin_span(p, &chain, &q);
    int64_t first = column_int(&q, 6);
    int64_t count = column_int(&q, 5) ? column_int(&q, 5) : end - first;
    for (int64_t i = 0; ok && i < count; i++) {
      struct logged entry;
      struct lost_leaf leaf;
      struct err bad = ERR_INIT;
      bool lost = false;
      uint64_t seq = (uint64_t)(column_int(&q, 3) + i);
      uint32_t epoch = (uint32_t)column_int(&q, 4);
      if (entry_read_or_lost(p->db, first + i, &entry, &p->keep, &leaf, &lost, &bad)) {
        if (lost)
          check_lost(p, &chain, &leaf, seq, epoch);
        else
          ok = check_entry(p, &chain, &entry, seq, epoch);
        continue;
      }
      ok = bad.kind == ERR_CORRUPT || bad.kind == ERR_REFUTED || bad.kind == ERR_MISSING;
      if (ok) fault(p, "%.300s", bad.text);
      if (!ok && p->err) *p->err = bad;
      chain.joined = false;
    }
  }
  end_chain(p, &chain);
  return query_close(&q) && ok;
}

/* ---- what is lost ---- */

static bool name_run(void *ctx, const struct lost_run *run, struct err *err)
{
  struct proof *p = ctx;
  uint64_t unsaid = 0;
  (void)err;
  for (uint64_t i = 0; p->is_province && i < run->count; i++)
    unsaid += !lost_said_covers(&p->said, run->stream, run->first_seq + i);
  p->report->lost_unsaid += unsaid;
  lost_said_line(&p->report->lost_text, run);
  return true;
}

/* ---- acts ---- */

static bool check_copy(void *ctx, const struct logged *entry, bool superseded, struct err *err)
{
  struct proof *p = ctx;
  char name[64];
  (void)superseded;
  (void)err;
  name_entry(name, &entry->record);
  return !entry->payload || fault(p, "%s: an act withholds its payload, and it is still here", name);
}

/* What lies there and cannot be read has been named by check_chains; a database that cannot be read proves
 * nothing, and least of all that nothing is wrong. */
static bool is_named(struct proof *p, const struct err *bad)
{
  if (bad->kind == ERR_CORRUPT || err_is_about_input(bad)) return true;
  if (p->err) *p->err = *bad;
  return false;
}

static bool is_sealed(struct proof *p, const struct withholding *act, struct err *bad, const char *sql)
{
  struct query q = query_open(p->db, sql, bad);
  query_int(&q, 1, act->stream.author);
  query_int(&q, 2, act->stream.lane);
  query_int(&q, 3, (int64_t)act->seq);
  if (query_row(&q))
    fault(p, "entry %u/%u/%llu: an act withholds its payload, and it is still kept for the province",
          act->stream.author, act->stream.lane, (unsigned long long)act->seq);
  return query_close(&q);
}

/* Nor may it be kept for the province, sealed (mirror.h, keep.h). */
static bool check_mirror(struct proof *p, const struct withholding *act)
{
  struct err bad = ERR_INIT;
  bool ok =
      is_sealed(p, act, &bad,
                "SELECT 1 FROM sync_mirror_run r JOIN sync_mirror_entry e"
                " ON e.pos = r.first_pos + ?3 - r.first_seq WHERE r.author = ?1 AND r.lane = ?2"
                " AND r.first_seq <= ?3 AND r.first_seq + r.count > ?3 AND e.sealed IS NOT NULL") &&
      is_sealed(
          p, act, &bad,
          "SELECT 1 FROM sync_keep_entry WHERE ?1 = (SELECT value FROM sync_self WHERE name = 'province')"
          " AND lane = ?2 AND seq = ?3 AND sealed IS NOT NULL");
  return ok || is_named(p, &bad);
}

static bool check_aside_copy(void *ctx, const struct aside_copy *copy, struct err *err)
{
  (void)err;
  return !copy->content ||
         fault(ctx, "entry %lld put aside: an act withholds its payload, and it is still kept",
               (long long)copy->id);
}

static bool check_act(void *ctx, const struct withholding *act, struct err *err)
{
  struct proof *p = ctx;
  struct err bad = ERR_INIT;
  (void)err;
  if (!withholding_copies(p->db, act, check_copy, p, &bad)) return is_named(p, &bad);
  return check_mirror(p, act) &&
         (!p->asides || withholding_asides(p->db, act, check_aside_copy, p, &bad) || is_named(p, &bad));
}

static bool check_acts(struct proof *p)
{
  return !p->acts || withholding_each(p->db, check_act, p, p->err);
}

/* ---- the fold ---- */

static bool make_tables(struct proof *p)
{
  for (size_t i = 0; i < p->tables.count; i++) {
    struct query q =
        query_open(p->db,
                   "SELECT sql FROM live.sqlite_schema WHERE tbl_name = ?1 AND type IN ('table', 'index')"
                   " AND sql IS NOT NULL ORDER BY type DESC",
                   p->err);
    query_text(&q, 1, p->tables.all[i].name);
    bool ok = true;
    while (ok && query_row(&q))
      ok = db_exec(p->db, column_text(&q, 0), p->err);
    if (!query_close(&q) || !ok) return false;
  }
  return true;
}

/* What the live store decided about the entry at pos. */
enum verdict { VERDICT_APPLIED, VERDICT_REFUSED, VERDICT_WAITING };

static bool verdict_of(struct proof *p, const struct logged *e, enum verdict *out, bool *waited)
{
  struct query q = query_open(p->db,
                              "SELECT (SELECT state FROM sync_quarantine WHERE pos = ?3), (SELECT waiting_seq"
                              " FROM sync_stream WHERE author = ?1 AND lane = ?2)",
                              p->err);
  query_int(&q, 1, e->record.stream.author);
  query_int(&q, 2, e->record.stream.lane);
  query_int(&q, 3, e->pos);
  *out = VERDICT_APPLIED;
  if (query_row(&q)) {
    uint64_t waiting = (uint64_t)column_int(&q, 1);
    if (strcmp(column_text(&q, 0), "refused") == 0) *out = VERDICT_REFUSED;
    *waited = strcmp(column_text(&q, 0), "done") == 0;
    if (waiting && e->record.seq >= waiting) *out = VERDICT_WAITING;
  }
  return query_close(&q);
}

/* Refused because a later entry is the same record (again.h), and there is one: its rows are that one's. */
static bool stands_again(struct proof *p, const struct logged *e, const char *name, bool *again)
{
  const struct again_asked asked = {p->db, &p->tables, p->province, "live"};
  bool is = false;
  *again = false;
  if (!tables_find(&p->tables, "journaled_again")) return true;
  struct query q = query_open(
      p->db, "SELECT 1 FROM sync_quarantine WHERE pos = ?1 AND reason = 'journaled_again'", p->err);
  query_int(&q, 1, e->pos);
  bool refused = query_row(&q);
  if (!query_close(&q) || (refused && !again_is(&asked, e, &is, again, p->err))) return false;
  return !*again || is ||
         fault(p, "%s was refused as what a later entry is, and no later entry says the same", name);
}

static bool fold_entry(struct proof *p, const struct logged *e, uint32_t province)
{
  enum verdict verdict;
  char name[64];
  struct refusal why;
  bool waited = false, again = false;
  name_entry(name, &e->record);
  if (!verdict_of(p, e, &verdict, &waited) ||
      (verdict == VERDICT_REFUSED && !stands_again(p, e, name, &again)))
    return false;
  p->report->parked += verdict == VERDICT_WAITING;
  p->report->quarantined += verdict == VERDICT_REFUSED;
  if (!e->payload || verdict == VERDICT_WAITING || again) return true;
  /* Trailing columns may be missing in what an older program wrote. */
  struct origin origin = {.stream = e->record.stream,
                          .province = province,
                          .epoch = e->record.epoch,
                          .seq = e->record.seq,
                          .older_schema =
                              memcmp(e->record.schema_hash, p->tables.hash, SCHEMA_HASH_SIZE) != 0,
                          .level = e->record.stream.author == province ? 0 : p->level,
                          .waited = waited};
  enum rows_outcome outcome =
      rows_write(p->db, &p->tables, &origin, e->payload, e->record.payload_size, &why, p->err);
  if (outcome == ROWS_FAILED) return false;
  if (outcome == ROWS_REFUSED && verdict == VERDICT_APPLIED)
    return fault(p, "%s was applied, and cannot be: %s: %.180s", name, why.reason, why.detail);
  if (outcome == ROWS_WRITTEN && verdict == VERDICT_REFUSED)
    return fault(p, "%s was refused, and can be applied", name);
  return true;
}

static bool fold(struct proof *p, uint32_t author, uint32_t province)
{
  int64_t pos = 0;
  struct fold_order order;
  struct superseded superseded;
  bool ok = superseded_load(&superseded, p->db, p->err) && fold_order_open(&order, p->db, p->err);
  while (ok && (ok = fold_order_next(&order, &pos)) && pos >= 0) {
    struct logged entry;
    if (superseded_at(&superseded, pos)) continue;
    struct err bad = ERR_INIT;
    if (!entry_read(p->db, pos, &entry, &p->keep, &bad)) {
      ok = is_named(p, &bad);
      continue;
    }
    ok = fold_entry(p, &entry, province);
    if (author == province && entry.record.stream.author == province && entry.record.schema > p->level)
      p->level = entry.record.schema;
  }
  superseded_close(&superseded);
  return ok;
}

/* ---- the comparison ---- */

/* Rows of `from`.table that are not in `other`.table; all rows without an other. */
static bool count_rows(struct proof *p, const char *from, const char *other, const char *table, int64_t *out)
{
  char sql[400];
  if (other)
    snprintf(sql, sizeof sql, "SELECT count(*) FROM (SELECT * FROM %s.\"%s\" EXCEPT SELECT * FROM %s.\"%s\")",
             from, table, other, table);
  else
    snprintf(sql, sizeof sql, "SELECT count(*) FROM %s.\"%s\"", from, table);
  return db_int(p->db, sql, 0, out, p->err);
}

static bool compare(struct proof *p)
{
  for (size_t i = 0; i < p->tables.count; i++) {
    const char *name = p->tables.all[i].name;
    int64_t rows = 0, extra = 0, missing = 0;
    if (!count_rows(p, "live", NULL, name, &rows) || !count_rows(p, "live", "main", name, &extra) ||
        !count_rows(p, "main", "live", name, &missing))
      return false;
    p->report->tables++;
    p->report->rows += (uint64_t)rows;
    if (extra) fault(p, "table %s: %lld rows are not what the log says", name, (long long)extra);
    if (missing) fault(p, "table %s: %lld rows of the log are not there", name, (long long)missing);
  }
  return true;
}

static bool attach(struct proof *p, const char *path)
{
  struct query q = query_open(p->db, "ATTACH ?1 AS live", p->err);
  query_text(&q, 1, path);
  return query_run(&q);
}

static bool find_self(struct proof *p, uint32_t *province, uint32_t *author)
{
  int64_t of_province = 0, of_author = 0;
  bool ok = db_int(p->db, "SELECT value FROM sync_self WHERE name = 'province'", 0, &of_province, p->err) &&
            db_int(p->db, "SELECT value FROM sync_self WHERE name = 'author'", 0, &of_author, p->err);
  *province = (uint32_t)of_province;
  *author = (uint32_t)of_author;
  return ok;
}

bool store_verify(const char *path, struct verify_report *out, struct err *err)
{
  struct proof p = {.report = out, .err = err};
  struct db *probe = NULL;
  uint32_t province = 0, author = 0;
  memset(out, 0, sizeof *out);
  /* Opened once for itself: ATTACH would make a file that is not there. */
  if (!db_open(&probe, path, DB_READ, err)) return false;
  bool ok = db_check(probe, err);
  db_close(probe);
  if (!ok) return false;
  ok = db_open(&p.db, "", DB_CREATE, err) && attach(&p, path) && db_exec(p.db, "BEGIN", err) &&
       tables_load(&p.tables, p.db, err) && find_self(&p, &province, &author);
  int64_t asides = 0;
  ok = ok && db_int(p.db, "SELECT count(*) FROM pragma_table_list('sync_aside')", 0, &asides, err);
  p.asides = asides > 0;
  p.acts = ok && tables_find(&p.tables, "withholding"); /* a database of an older program has none */
  p.province = province;
  p.is_province = author == province;
  ok = ok && older_bear(p.db, DB_CREATE, err) && check_spans(&p) && check_chains(&p) &&
       lost_leaf_runs(p.db, false, name_run, &p, err) && verify_log(p.db, author, province, out, err) &&
       check_acts(&p) && make_tables(&p) && fold(&p, author, province) && compare(&p);
  if (p.db) db_rollback(p.db);
  db_close(p.db);
  tables_close(&p.tables);
  lost_said_wipe(&p.said);
  buf_wipe(&p.keep);
  return ok;
}
