#include "core/domain/score.h"

#include "core/base/clock.h"
#include "core/domain/catalogue.h"
#include "core/domain/contact.h"
#include "core/domain/price.h"
#include "core/domain/price_stat.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char report_score_products_sql[], report_score_suppliers_sql[], report_price_periods_sql[];

enum part { PART_PRODUCT, PART_SUPPLIER, PART_PERIOD, PART_COUNT };
enum { VALUES_MAX = 18 };

/* One row to publish: the columns of its report, NULLs as bits. */
struct row {
  enum part part;
  unsigned null;
  int64_t value[VALUES_MAX];
};

struct score_work {
  struct row *rows;
  size_t count, room, next;
  char stamp[40];
  struct buf before; /* the setting when this began */
};

bool score_product(struct db *db, int64_t product, struct product_score *out, bool *found, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT count, overall_centi, quality_centi, price_centi, delivery_centi, trend, median_fen,"
                 " p25_fen, p75_fen, branches, last_fen, last_date, prefectures, low_fen, high_fen,"
                 " low_prefecture, high_prefecture, at_ms FROM product_score WHERE product = ?1",
                 err);
  query_int(&q, 1, product);
  *out = (struct product_score){.trend = ""};
  *found = query_row(&q);
  if (*found) {
    const char *trend = column_text(&q, 5);
    *out = (struct product_score){
        .count = column_int(&q, 0),
        .overall_centi = (int)column_int(&q, 1),
        .quality_centi = (int)column_int(&q, 2),
        .price_centi = (int)column_int(&q, 3),
        .delivery_centi = (int)column_int(&q, 4),
        .trend = *trend == 'u'   ? "up"
                 : *trend == 'd' ? "down"
                 : *trend == 'f' ? "flat"
                                 : "",
        .median_fen = column_int(&q, 6),
        .p25_fen = column_int(&q, 7),
        .p75_fen = column_int(&q, 8),
        .branches = (int)column_int(&q, 9),
        .last_fen = column_int(&q, 10),
        .last_date = (int)column_int(&q, 11),
        .prefectures = (int)column_int(&q, 12),
        .low_fen = column_int(&q, 13),
        .high_fen = column_int(&q, 14),
        .low_prefecture = (uint32_t)column_int(&q, 15),
        .high_prefecture = (uint32_t)column_int(&q, 16),
        .at_ms = column_int(&q, 17),
    };
  }
  return query_close(&q);
}

/* What every branch has sent so far, as one number: its newest price, evaluation, confirmation and refusal,
 * and the newest of its explained prices that was taken. */
static bool make_stamp(char out[40], struct db *db, int today, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT coalesce((SELECT id FROM price p WHERE p.branch = d.code ORDER BY id DESC LIMIT 1), 0),"
      " coalesce((SELECT id FROM evaluation e WHERE e.branch = d.code ORDER BY id DESC LIMIT 1), 0),"
      " coalesce((SELECT id FROM confirmation c WHERE c.branch = d.code ORDER BY id DESC LIMIT 1), 0),"
      " coalesce((SELECT id FROM refusal f WHERE f.branch = d.code ORDER BY id DESC LIMIT 1), 0),"
      " coalesce((SELECT id FROM price_accepted a WHERE a.branch = d.code ORDER BY id DESC LIMIT 1), 0),"
      " (SELECT rev FROM catalogue WHERE id = 1) FROM division d WHERE d.level = 'county'"
      " /* scan: meant, 102 divisions, five lookups each */",
      err);
  uint64_t hash = UINT64_C(14695981039346656037); /* FNV-1a over the numbers */
  while (query_row(&q))
    for (int i = 0; i < 6; i++)
      hash = (hash ^ (uint64_t)column_int(&q, i)) * UINT64_C(1099511628211);
  snprintf(out, 40, "%d %016" PRIx64, today, hash);
  return query_close(&q);
}

bool score_due(struct db *db, int today, bool *due, struct err *err)
{
  char stamp[40];
  struct buf last = BUF_INIT;
  bool ok = make_stamp(stamp, db, today, err) && setting_get(db, "score.stamp", "", &last, err);
  if (ok) *due = last.size != strlen(stamp) || memcmp(last.data, stamp, last.size) != 0;
  buf_wipe(&last);
  return ok;
}

static bool keep_row(struct score_work *work, enum part part, const struct query *q, int columns)
{
  if (work->count == work->room) {
    size_t room = work->room ? work->room * 2 : 256;
    struct row *rows = realloc(work->rows, room * sizeof *rows);
    if (!rows) return false;
    work->rows = rows;
    work->room = room;
  }
  struct row *row = &work->rows[work->count++];
  *row = (struct row){.part = part};
  for (int i = 0; i < columns; i++) {
    if (column_null(q, i)) row->null |= 1U << i;
    row->value[i] = column_int(q, i);
  }
  return true;
}

/* One of the three reports, and what it is asked for; each names some of the parameters. */
struct report {
  const char *sql;
  int columns;
  int64_t first, last; /* dates, or a period and a date */
  int64_t late_ms;     /* where the trend begins, */
  int64_t end_ms;      /* and ends */
};

static bool compute(struct score_work *work, struct db *db, enum part part, const struct report *report,
                    struct err *err)
{
  struct query q = query_open(db, report->sql, err);
  if (part != PART_SUPPLIER) {
    query_int(&q, 1, report->first);
    query_int(&q, 2, report->last);
  }
  if (part != PART_PERIOD) query_int(&q, 3, report->late_ms);
  if (part != PART_PERIOD) query_int(&q, 4, report->end_ms);
  bool ok = true;
  while (ok && query_row(&q))
    ok = keep_row(work, part, &q, report->columns);
  if (!query_close(&q)) return false;
  return ok || err_set(err, ERR_IO, "out of memory computing the evaluation");
}

bool score_open(struct score_work **out, struct db *db, int today, struct err *err)
{
  struct score_work *work = calloc(1, sizeof *work);
  if (!work) return err_set(err, ERR_IO, "out of memory computing the evaluation");
  int64_t late_ms = date_start_ms(date_add_days(today, -SCORE_TREND_DAYS));
  int64_t end_ms = date_start_ms(date_add_days(today, 1));
  int first = date_add_days(today, 1 - SCORE_PRICE_DAYS);
  int period = period_of_date(date_add_days(today, -PRICE_AGE_DAYS_MAX));
  const struct report products = {report_score_products_sql, 18, first, today, late_ms, end_ms};
  const struct report suppliers = {
      .sql = report_score_suppliers_sql, .columns = 7, .late_ms = late_ms, .end_ms = end_ms};
  const struct report periods = {report_price_periods_sql, 7, period, today, 0, 0};
  bool ok = setting_get(db, "score.stamp", "", &work->before, err) &&
            make_stamp(work->stamp, db, today, err) && compute(work, db, PART_PRODUCT, &products, err) &&
            compute(work, db, PART_SUPPLIER, &suppliers, err) &&
            compute(work, db, PART_PERIOD, &periods, err);
  if (!ok) {
    score_close(work);
    return false;
  }
  *out = work;
  return true;
}

size_t score_left(const struct score_work *work)
{
  return work->count - work->next;
}

void score_close(struct score_work *work)
{
  if (!work) return;
  free(work->rows);
  buf_wipe(&work->before);
  free(work);
}

static const char *const upserts[PART_COUNT] = {
    [PART_PRODUCT] =
        "INSERT INTO product_score(product, count, overall_centi, quality_centi, price_centi, "
        "delivery_centi, trend,"
        " median_fen, p25_fen, p75_fen, branches, last_fen, last_date, prefectures, low_fen, low_prefecture, "
        "high_fen,"
        " high_prefecture, at_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, CASE ?7 WHEN 1 THEN 'up' WHEN 2 THEN 'flat' "
        "WHEN 3"
        " THEN 'down' END, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) ON CONFLICT(product) DO "
        "UPDATE SET"
        " (count, overall_centi, quality_centi, price_centi, delivery_centi, trend, median_fen, p25_fen, "
        "p75_fen,"
        " branches, last_fen, last_date, prefectures, low_fen, low_prefecture, high_fen, high_prefecture, "
        "at_ms) ="
        " (excluded.count, excluded.overall_centi, excluded.quality_centi, excluded.price_centi,"
        " excluded.delivery_centi, excluded.trend, excluded.median_fen, excluded.p25_fen, excluded.p75_fen,"
        " excluded.branches, excluded.last_fen, excluded.last_date, excluded.prefectures, excluded.low_fen,"
        " excluded.low_prefecture, excluded.high_fen, excluded.high_prefecture, excluded.at_ms)",
    [PART_SUPPLIER] =
        "INSERT INTO supplier_score(supplier, count, overall_centi, quality_centi, price_centi, "
        "delivery_centi, trend,"
        " at_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, CASE ?7 WHEN 1 THEN 'up' WHEN 2 THEN 'flat' WHEN 3 THEN "
        "'down' END, ?8)"
        " ON CONFLICT(supplier) DO UPDATE SET (count, overall_centi, quality_centi, price_centi, "
        "delivery_centi, trend,"
        " at_ms) = (excluded.count, excluded.overall_centi, excluded.quality_centi, excluded.price_centi,"
        " excluded.delivery_centi, excluded.trend, excluded.at_ms)",
    [PART_PERIOD] =
        "INSERT INTO price_stat(product, period, median_fen, p25_fen, p75_fen, branches, count)"
        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(product, period) DO UPDATE SET"
        " (median_fen, p25_fen, p75_fen, branches, count) = (excluded.median_fen, excluded.p25_fen,"
        " excluded.p75_fen, excluded.branches, excluded.count)",
};

static bool remove_period(struct tx *tx, const struct row *row, struct err *err)
{
  struct query q = query_open(tx->db, "DELETE FROM price_stat WHERE product = ?1 AND period = ?2", err);
  query_int(&q, 1, row->value[0]);
  query_int(&q, 2, row->value[1]);
  return query_run(&q);
}

static bool write_row(struct tx *tx, const struct row *row, struct err *err)
{
  static const int columns[PART_COUNT] = {18, 7, 7};
  if (row->part == PART_PERIOD && row->value[5] == 0) return remove_period(tx, row, err);
  struct query q = query_open(tx->db, upserts[row->part], err);
  for (int i = 0; i < columns[row->part]; i++) {
    if (row->null >> i & 1U)
      query_null(&q, i + 1);
    else
      query_int(&q, i + 1, row->value[i]);
  }
  if (row->part != PART_PERIOD) query_int(&q, columns[row->part] + 1, tx->now_ms);
  return query_run(&q);
}

bool score_write(struct tx *tx, struct score_work *work, struct err *err)
{
  size_t end = work->next + SCORE_ROWS_CHUNK;
  if (end > work->count) end = work->count;
  if (end == work->next) return true;
  for (size_t i = work->next; i < end; i++)
    if (!write_row(tx, &work->rows[i], err)) return false;
  work->next = end;
  return catalogue_raise(tx, true, err);
}

bool score_forget(struct tx *tx, struct err *err)
{
  char text[40]; /* another each time: an evaluation that runs has seen the one before */
  snprintf(text, sizeof text, "forgotten %" PRId64, tx->now_ms);
  return setting_set(tx, "score.stamp", text, err);
}

static bool same_as(struct db *db, const char *key, const struct buf *seen, bool *same, struct err *err)
{
  struct buf now = BUF_INIT;
  bool ok = setting_get(db, key, "", &now, err);
  *same = ok && now.size == seen->size && (now.size == 0 || memcmp(now.data, seen->data, now.size) == 0);
  buf_wipe(&now);
  return ok;
}

bool score_published(struct tx *tx, const struct score_work *work, struct err *err)
{
  bool same = false;
  if (!same_as(tx->db, "score.stamp", &work->before, &same, err)) return false;
  return !same || setting_set(tx, "score.stamp", work->stamp, err);
}
