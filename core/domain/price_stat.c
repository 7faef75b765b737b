#include "core/domain/price_stat.h"

#include "core/base/clock.h"

int period_of_date(int date)
{
  return date / 100 * 100 + (date % 100 < 16 ? 1 : 16);
}

int period_next(int period)
{
  if (period % 100 == 1) return period + 15;
  return period / 100 % 100 == 12 ? (period / 10000 + 1) * 10000 + 101 : (period / 100 + 1) * 100 + 1;
}

int period_before(int period, int count)
{
  int halves = period / 10000 * 24 + (period / 100 % 100 - 1) * 2 + (period % 100 == 16) - count;
  return halves / 24 * 10000 + (halves % 24 / 2 + 1) * 100 + (halves % 2 ? 16 : 1);
}

/* The branch's newest price of each half-month, in the product's unit, beside the published row of it. */
static const char *const periods_sql =
    "WITH own AS (SELECT observed_date / 100 * 100 + iif(observed_date % 100 < 16, 1, 16) AS period,"
    " price_fen, row_number() OVER (PARTITION BY observed_date / 100 * 100 + iif(observed_date % 100 < 16, "
    "1, 16)"
    " ORDER BY observed_date DESC, id DESC) AS nth FROM counted_price"
    " WHERE product = ?2 AND branch = ?1 AND observed_date BETWEEN ?3 AND ?5"
    " AND unit = (SELECT unit FROM product WHERE id = ?2))"
    " SELECT period, price_fen, 0, 0, 0, 0 FROM own WHERE nth = 1"
    " UNION ALL SELECT period, 0, median_fen, p25_fen, p75_fen, branches FROM price_stat"
    " WHERE product = ?2 AND period BETWEEN ?3 AND ?4 ORDER BY 1 /* scan: meant, the two parts of the union "
    "*/";

/* Fills the gaps up to, not including, `until`. */
static void call_empty(int *at, int until, void (*each)(void *ctx, const struct price_period *row), void *ctx)
{
  for (; *at < until; *at = period_next(*at))
    each(ctx, &(struct price_period){.period = *at});
}

bool price_periods(struct db *db, uint32_t branch, int64_t product, int from_period, int to_date,
                   void (*each)(void *ctx, const struct price_period *row), void *ctx, struct err *err)
{
  int at = period_of_date(from_period), last = period_of_date(to_date);
  struct query q = query_open(db, periods_sql, err);
  query_int(&q, 1, branch);
  query_int(&q, 2, product);
  query_int(&q, 3, at);
  query_int(&q, 4, last);
  query_int(&q, 5, to_date);
  struct price_period row = {0};
  while (query_row(&q)) {
    int period = (int)column_int(&q, 0);
    if (row.period && row.period != period) {
      call_empty(&at, row.period, each, ctx);
      each(ctx, &row);
      at = period_next(row.period);
      row = (struct price_period){0};
    }
    row.period = period;
    row.own_fen += column_int(&q, 1);
    row.median_fen += column_int(&q, 2);
    row.p25_fen += column_int(&q, 3);
    row.p75_fen += column_int(&q, 4);
    row.branches += (int)column_int(&q, 5);
  }
  if (!query_close(&q)) return false;
  if (row.period) {
    call_empty(&at, row.period, each, ctx);
    each(ctx, &row);
    at = period_next(row.period);
  }
  call_empty(&at, period_next(last), each, ctx);
  return true;
}

/* Each county's prices with its own median, the newest first; over them the quartiles of all counties'
 * newest. */
#define COMPARE_WITH                                                                                         \
  "WITH c AS (SELECT p.branch, p.price_fen, p.observed_date, p.source,"                                      \
  " row_number() OVER (PARTITION BY p.branch ORDER BY p.observed_date DESC, p.id DESC) AS newest,"           \
  " row_number() OVER (PARTITION BY p.branch ORDER BY p.price_fen) - 1 AS nth,"                              \
  " count(*) OVER (PARTITION BY p.branch) AS n"                                                              \
  " FROM counted_price p JOIN product g ON g.id = p.product AND g.unit = p.unit"                             \
  " WHERE p.product = ?1 AND p.observed_date BETWEEN ?2 AND ?3)"

static bool compare_province(struct db *db, int64_t product, int from_date, int to_date,
                             struct price_province *province, struct err *err)
{
  struct query q =
      query_open(db,
                 COMPARE_WITH ", l AS (SELECT price_fen, row_number() OVER (ORDER BY price_fen) - 1 AS nth,"
                              " count(*) OVER () AS n FROM c WHERE newest = 1)"
                              " SELECT count(*), min(price_fen), max(price_fen),"
                              " (2 + sum(iif(nth = (n - 1) / 4, price_fen * (4 - (n - 1) % 4), 0)"
                              " + iif(nth = (n - 1) / 4 + 1, price_fen * ((n - 1) % 4), 0))) / 4,"
                              " (1 + sum(iif(nth = (n - 1) / 2, price_fen * (2 - (n - 1) % 2), 0)"
                              " + iif(nth = (n - 1) / 2 + 1, price_fen * ((n - 1) % 2), 0))) / 2,"
                              " (2 + sum(iif(nth = (n - 1) * 3 / 4, price_fen * (4 - (n - 1) * 3 % 4), 0)"
                              " + iif(nth = (n - 1) * 3 / 4 + 1, price_fen * ((n - 1) * 3 % 4), 0))) / 4"
                              " FROM l /* scan: meant, of the product's rows found by index */",
                 err);
  query_int(&q, 1, product);
  query_int(&q, 2, from_date);
  query_int(&q, 3, to_date);
  *province = (struct price_province){0};
  if (query_row(&q) && column_int(&q, 0))
    *province = (struct price_province){.branches = (int)column_int(&q, 0),
                                        .low_fen = column_int(&q, 1),
                                        .high_fen = column_int(&q, 2),
                                        .p25_fen = column_int(&q, 3),
                                        .median_fen = column_int(&q, 4),
                                        .p75_fen = column_int(&q, 5)};
  return query_close(&q);
}

static int percent_above(int64_t price_fen, int64_t median_fen)
{
  if (median_fen == 0) return 0;
  int64_t twice = (price_fen - median_fen) * 200 / median_fen;
  return (int)((twice + (twice < 0 ? -1 : 1)) / 2);
}

bool price_compare(struct db *db, int64_t product, int from_date, int to_date,
                   struct price_province *province, void (*each)(void *ctx, const struct price_county *row),
                   void *ctx, struct err *err)
{
  if (!compare_province(db, product, from_date, to_date, province, err)) return false;
  struct query q = query_open(
      db,
      COMPARE_WITH " SELECT c.branch, coalesce(d.name_zh, ''), coalesce(d.name_en, ''), d.prefecture_code,"
                   " coalesce(f.name_zh, ''), max(iif(newest = 1, price_fen, NULL)),"
                   " max(iif(newest = 1, observed_date, NULL)), max(iif(newest = 1, source, NULL)), max(n),"
                   " (1 + sum(iif(nth = (n - 1) / 2, price_fen * (2 - (n - 1) % 2), 0)"
                   " + iif(nth = (n - 1) / 2 + 1, price_fen * ((n - 1) % 2), 0))) / 2"
                   " FROM c LEFT JOIN division d ON d.code = c.branch"
                   " LEFT JOIN division f ON f.code = d.prefecture_code GROUP BY c.branch ORDER BY c.branch"
                   " /* scan: meant, of the product's rows found by index */",
      err);
  query_int(&q, 1, product);
  query_int(&q, 2, from_date);
  query_int(&q, 3, to_date);
  while (query_row(&q)) {
    struct price_county row = {.branch = (uint32_t)column_int(&q, 0),
                               .branch_name = column_text(&q, 1),
                               .branch_name_en = column_text(&q, 2),
                               .prefecture_code = (uint32_t)column_int(&q, 3),
                               .prefecture_name = column_text(&q, 4),
                               .last_fen = column_int(&q, 5),
                               .last_date = (int)column_int(&q, 6),
                               .source = column_text(&q, 7),
                               .count = column_int(&q, 8),
                               .median_fen = column_int(&q, 9)};
    row.vs_median_pct = percent_above(row.last_fen, province->median_fen);
    each(ctx, &row);
  }
  return query_close(&q);
}
