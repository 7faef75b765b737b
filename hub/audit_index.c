#include "hub/audit_index.h"

#include "core/base/clock.h"
#include "core/base/migrate.h"
#include "hub/audit_tally.h"
#include "sync/lost_leaf.h"

#include <stdlib.h>
#include <string.h>

extern const char audit_01_sql[], audit_02_sql[], audit_03_sql[];

enum { FOLLOW_MAX = 4000, HASH_KEPT = 8, BLOCK = 512 };

enum { STEPS = 3 };

bool audit_index_migrate(struct db *db, struct err *err)
{
  const struct migration steps[STEPS] = {{1, audit_01_sql}, {2, audit_02_sql}, {3, audit_03_sql}};
  return migrate(db, "hub", steps, STEPS, err);
}

static bool is_waiting(struct db *db, bool *waits, struct err *err)
{
  return migrate_waits(db, "hub", STEPS, waits, err);
}

const struct current_more audit_index_tables = {is_waiting, audit_index_migrate};

bool audit_index_forget(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return db_exec(tx->db, "DELETE FROM audit; DELETE FROM audit_hash; DELETE FROM audit_break;", err);
}

struct row {
  int64_t pos, received_ms;
  struct record record;
  size_t at;               /* of its bytes in `bytes`; SIZE_MAX: the entry is lost (sync/lost_leaf.h) */
  uint8_t hash[HASH_KEPT]; /* the beginning of its record's */
  int odd;
};

struct follow {
  struct row *rows;
  int count;
  struct buf bytes;
};

/* Records are read on a connection of one's own, for the store's writer must not wait for a decoder. */
static bool gather(struct db *db, int rows, struct follow *follow, struct err *err)
{
  int64_t done = 0;
  if (!db_int(db, "SELECT coalesce(max(pos), -1) FROM audit", -1, &done, err)) return false;
  struct query q = query_open(db,
                              "SELECT pos, record, received_ms, NULL, NULL, NULL, NULL FROM sync_entry"
                              " WHERE pos > ?1 UNION ALL SELECT pos, NULL, received_ms, author, lane, epoch,"
                              " seq FROM sync_lost_leaf WHERE pos > ?1 AND found_ms = 0"
                              " ORDER BY 1 LIMIT ?2",
                              err);
  query_int(&q, 1, done);
  query_int(&q, 2, rows);
  while (follow->count < rows && query_row(&q)) {
    struct row *row = &follow->rows[follow->count++];
    size_t n = 0;
    const void *p = column_blob(&q, 1, &n);
    row->pos = column_int(&q, 0);
    row->received_ms = column_int(&q, 2);
    row->at = SIZE_MAX;
    row->record = (struct record){.stream = {(uint32_t)column_int(&q, 3), (uint32_t)column_int(&q, 4)},
                                  .epoch = (uint32_t)column_int(&q, 5),
                                  .seq = (uint64_t)column_int(&q, 6),
                                  .actor = name_of(""),
                                  .action = name_of(""),
                                  .subject = name_of("")};
    if (column_null(&q, 1)) continue;
    row->at = follow->bytes.size;
    put_u16(&follow->bytes, (uint16_t)n);
    put_bytes(&follow->bytes, p, n);
  }
  if (!query_close(&q)) return false;
  return !follow->bytes.bad || err_set(err, ERR_IO, "out of memory for the audit index");
}

static bool decode(struct follow *follow, struct err *err)
{
  for (int i = 0; i < follow->count; i++) {
    struct row *row = &follow->rows[i];
    if (row->at == SIZE_MAX) continue; /* its place and number are all there is to know */
    struct reader r = reader_of(follow->bytes.data + row->at, follow->bytes.size - row->at);
    size_t n = 0;
    const uint8_t *p = get_vec16(&r, &n);
    uint8_t hash[HASH_SIZE];
    if (!record_decode(&row->record, p, n, err)) return false;
    record_hash(hash, p, n);
    memcpy(row->hash, hash, HASH_KEPT);
  }
  return true;
}

static bool insert_row(struct db *db, const struct row *row, struct err *err)
{
  const struct record *record = &row->record;
  struct query q = query_open(db, "INSERT INTO audit VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)", err);
  query_int(&q, 1, row->pos);
  query_int(&q, 2, record->stream.author);
  query_int(&q, 3, record->stream.lane);
  query_int(&q, 4, record->epoch);
  query_int(&q, 5, (int64_t)record->seq);
  query_int(&q, 6, record->hlc ? hlc_ms(record->hlc) : row->received_ms);
  query_int(&q, 7, row->received_ms);
  query_textn(&q, 8, record->actor.text, record->actor.size);
  query_textn(&q, 9, record->action.text, record->action.size);
  query_textn(&q, 10, record->subject.text, record->subject.size);
  query_int(&q, 11, row->odd);
  return query_run(&q);
}

/* Positions are dense, so the hashes of one block are appended in their order. */
static bool insert_hashes(struct db *db, const struct follow *follow, struct err *err)
{
  uint8_t hashes[BLOCK * HASH_KEPT];
  for (int i = 0; i < follow->count;) {
    int64_t block = follow->rows[i].pos / BLOCK;
    size_t n = 0;
    for (; i < follow->count && follow->rows[i].pos / BLOCK == block; i++, n += HASH_KEPT)
      memcpy(hashes + n, follow->rows[i].hash, HASH_KEPT);
    struct query q = query_open(db,
                                "INSERT INTO audit_hash(block, hashes) VALUES(?1, ?2)"
                                " ON CONFLICT DO UPDATE SET hashes = CAST(hashes || excluded.hashes AS BLOB)",
                                err);
    query_int(&q, 1, block);
    query_blob(&q, 2, hashes, n);
    if (!query_run(&q)) return false;
  }
  return true;
}

/* Rows and sums in one transaction: the index is always that of the first so many entries. */
static bool insert(struct tx *tx, void *ctx, struct err *err)
{
  struct follow *follow = ctx;
  struct audit_tally tally;
  audit_tally_init(&tally, tx->db);
  bool ok = follow->rows[0].pos > 0 || audit_tally_empty(tx->db, err);
  for (int i = 0; ok && i < follow->count; i++) {
    struct row *row = &follow->rows[i];
    ok = audit_tally_add(&tally, row->pos, &row->record, row->received_ms, &row->odd, err) &&
         insert_row(tx->db, row, err);
  }
  ok = ok && insert_hashes(tx->db, follow, err) && audit_tally_write(&tally, err);
  audit_tally_wipe(&tally);
  return ok;
}

bool audit_index_follow(struct app *app, struct db *db, int rows, bool *more, struct err *err)
{
  if (rows > FOLLOW_MAX) rows = FOLLOW_MAX;
  struct follow follow = {.rows = calloc((size_t)rows, sizeof(struct row))};
  bool ok = follow.rows || err_set(err, ERR_IO, "out of memory for the audit index");
  ok = ok && gather(db, rows, &follow, err) && decode(&follow, err);
  if (ok && follow.count) ok = app_local(app, insert, &follow, err);
  *more = ok && follow.count == rows;
  buf_wipe(&follow.bytes);
  free(follow.rows);
  return ok;
}

/* One statement a way in, so that each has an index: by author, by action, by neither.  What is left is read
 * row by row, newest first, and stops at the limit. */
#define STATE                                                                                                \
  "CASE WHEN f.pos IS NOT NULL THEN 'fork' WHEN q.state = 'refused' THEN 'quarantined'"                      \
  " WHEN q.state = 'waiting' THEN 'parked' WHEN l.pos IS NOT NULL THEN 'lost' ELSE 'verified' END"
#define FROM                                                                                                 \
  " FROM audit a LEFT JOIN sync_quarantine q ON q.pos = a.pos"                                               \
  " LEFT JOIN (SELECT DISTINCT pos FROM sync_fork) f ON f.pos = a.pos"                                       \
  " LEFT JOIN sync_lost_leaf l ON l.pos = a.pos AND l.found_ms = 0"
#define WHERE                                                                                                \
  " (?10 = 0 OR a.lane = ?10) AND (?9 = 0 OR a.odd & ?9) AND (?3 = 0 OR a.received_ms >= ?3) AND (?4 = 0 "   \
  "OR a.received_ms < ?4)"                                                                                   \
  " AND (?5 IS NULL OR instr(a.actor, ?5) OR instr(a.action, ?5) OR instr(a.subject, ?5))"                   \
  " AND (?6 IS NULL OR " STATE " = ?6)"
#define COLUMNS                                                                                              \
  "SELECT a.pos, a.author, a.lane, a.epoch, a.seq, a.claimed_ms, a.received_ms, a.actor, a.action,"          \
  " a.subject, " STATE ", coalesce(q.reason, ''), a.odd" FROM
#define COUNT "SELECT count(*)" FROM
#define PAGE " AND (?7 = 0 OR a.pos < ?7) ORDER BY a.pos DESC LIMIT ?8"
#define BY_AUTHOR " WHERE a.author = ?1 AND (?2 IS NULL OR a.action = ?2) AND"
#define BY_ACTION " WHERE a.action = ?2 AND"
#define BY_ODD " WHERE a.odd <> 0 AND (?1 IS NULL OR a.author = ?1) AND (?2 IS NULL OR a.action = ?2) AND"
#define BY_NONE " WHERE"
#define MEANT " /* scan: meant, newest first until the limit */"

static const char *const list_sql[] = {COLUMNS BY_AUTHOR WHERE PAGE, COLUMNS BY_ACTION WHERE PAGE,
                                       COLUMNS BY_NONE WHERE PAGE MEANT, COLUMNS BY_ODD WHERE PAGE MEANT};
static const char *const count_sql[] = {COUNT BY_AUTHOR WHERE, COUNT BY_ACTION WHERE,
                                        COUNT BY_NONE WHERE MEANT, COUNT BY_ODD WHERE MEANT};

static struct query filtered(struct db *db, const char *const sql[4], const struct audit_filter *filter,
                             struct err *err)
{
  int way = filter->odd ? 3 : filter->author ? 0 : filter->action ? 1 : 2;
  struct query q = query_open(db, sql[way], err);
  if (filter->author) query_int(&q, 1, filter->author);
  if (way != 2) query_text(&q, 2, filter->action);
  query_int(&q, 3, filter->from_ms);
  query_int(&q, 4, filter->to_ms);
  query_text(&q, 5, filter->text);
  query_text(&q, 6, filter->state);
  query_int(&q, 9, filter->odd);
  query_int(&q, 10, filter->lane);
  return q;
}

static void hand_out(struct query *q, void (*each)(void *ctx, const struct audit_row *row), void *ctx)
{
  const struct audit_row row = {.pos = column_int(q, 0),
                                .author = (uint32_t)column_int(q, 1),
                                .lane = (uint32_t)column_int(q, 2),
                                .epoch = (uint32_t)column_int(q, 3),
                                .seq = (uint64_t)column_int(q, 4),
                                .claimed_ms = column_int(q, 5),
                                .received_ms = column_int(q, 6),
                                .actor = column_text(q, 7),
                                .action = column_text(q, 8),
                                .subject = column_text(q, 9),
                                .state = column_text(q, 10),
                                .reason = column_text(q, 11),
                                .odd = (int)column_int(q, 12)};
  each(ctx, &row);
}

bool audit_list(struct db *db, const struct audit_filter *filter,
                void (*each)(void *ctx, const struct audit_row *row), void *ctx, int64_t *total,
                struct err *err)
{
  struct query q = filtered(db, list_sql, filter, err);
  query_int(&q, 7, filter->before);
  query_int(&q, 8, filter->limit);
  while (query_row(&q))
    hand_out(&q, each, ctx);
  if (!query_close(&q)) return false;
  if (!total) return true;
  struct query counted = filtered(db, count_sql, filter, err);
  if (query_row(&counted)) *total = column_int(&counted, 0);
  return query_close(&counted);
}

bool audit_get(struct db *db, int64_t pos, void (*each)(void *ctx, const struct audit_row *row), void *ctx,
               struct err *err)
{
  struct query q = query_open(db, COLUMNS " WHERE a.pos = ?1", err);
  bool found = false;
  query_int(&q, 1, pos);
  while (query_row(&q)) {
    hand_out(&q, each, ctx);
    found = true;
  }
  if (!query_close(&q)) return false;
  return found || err_rule(err, ERR_MISSING, "pos", "not_found", "no entry %lld", (long long)pos);
}

bool audit_find_hash(struct db *db, const uint8_t low[8], const uint8_t high[8], int64_t *positions, int max,
                     int *count, struct err *err)
{
  struct query q = query_open(
      db, "SELECT block, hashes FROM audit_hash ORDER BY block /* scan: meant, 8 bytes an entry */", err);
  *count = 0;
  while (*count < max && query_row(&q)) {
    size_t size = 0;
    const uint8_t *hashes = column_blob(&q, 1, &size);
    for (size_t at = 0; at + HASH_KEPT <= size && *count < max; at += HASH_KEPT)
      if (memcmp(hashes + at, low, HASH_KEPT) >= 0 && memcmp(hashes + at, high, HASH_KEPT) <= 0)
        positions[(*count)++] = column_int(&q, 0) * BLOCK + (int64_t)(at / HASH_KEPT);
  }
  return query_close(&q);
}

bool audit_lag(struct db *db, int64_t *entries, struct err *err)
{
  return db_int(db, "SELECT " LOG_END " - 1 - (SELECT coalesce(max(pos), -1) FROM audit)", 0, entries, err);
}
