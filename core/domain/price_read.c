/* The reading half of price.h: lists, one row, the newest. */
#include "core/base/clock.h"
#include "core/domain/price.h"
#include "core/domain/price_doubt.h"

#include <inttypes.h>

#define PRICE_SELECT                                                                                         \
  "SELECT p.branch, p.id, p.no, p.product, coalesce(g.name_zh, ''), coalesce(d.name_zh, ''), p.unit,"        \
  " p.price_fen, p.qty_milli, p.supplier, coalesce(s.name, ''), p.source, p.observed_date, p.note,"          \
  " p.replaces, p.void, p.outlier, p.actor, p.at_ms,"                                                        \
  " (SELECT r.id FROM price r WHERE r.branch = p.branch AND r.replaces = p.id),"                             \
  " coalesce((SELECT f.rule FROM refusal f WHERE f.branch = p.branch AND f.subject_table = 'price'"          \
  " AND f.subject_id = p.id), ''), coalesce(g.name_en, ''), coalesce(g.name_pinyin, ''), " PRICE_WAITS       \
  ", coalesce(d.name_en, '')"
#define PRICE_JOIN                                                                                           \
  " LEFT JOIN product g ON g.id = p.product LEFT JOIN division d ON d.code = p.branch"                       \
  " LEFT JOIN supplier s ON s.id = p.supplier"
/* ?1 branch is part of each form below. */
#define PRICE_WHERE                                                                                          \
  " AND (?3 = 0 OR p.supplier = ?3) AND p.observed_date BETWEEN ?4 AND ?5 AND (?6 IS NULL OR p.source = ?6)" \
  " AND (?7 = 0 OR p.void = 0) AND (?7 < 2 OR (" PRICE_STANDS " AND (?7 = 3 OR NOT (" PRICE_WAITS "))))"     \
  " AND (?7 < 4 OR p.unit = (SELECT n.unit FROM product n WHERE n.id = p.product))" RECORD_FIND(             \
      "p", "price", "note")
/* The page begins behind (?9, ?10, ?11, ?12), the day being bounded by ?5 already; ?9 is past all days at
 * first. */
#define PRICE_ORDER                                                                                          \
  " AND (p.observed_date < ?9 OR p.branch > ?10 OR (p.branch = ?10 AND p.id < ?11))"                         \
  " ORDER BY p.observed_date DESC, p.branch, p.id DESC LIMIT ?8"
/* Any other order: everything that fits is sorted. */
#define FIRST                                                                                                \
  "CASE ?13 WHEN 1 THEN p.observed_date WHEN 2 THEN -p.price_fen WHEN 3 THEN p.price_fen"                    \
  " ELSE -p.observed_date END"
#define NAMED "CASE WHEN ?13 = 4 THEN coalesce(g.name_pinyin, '') ELSE '' END"
#define PRICE_SORTED                                                                                         \
  " AND (?14 = 0 OR (" NAMED ", " FIRST ", p.branch, -p.id) > (?12, ?9, ?10, -?11)) ORDER BY " NAMED         \
  ", " FIRST ", p.branch, p.id DESC LIMIT ?8"

/* Four statements instead of one with "?1 = 0 OR": each uses the index that fits what is asked. */
#define BY_BRANCH " FROM price p INDEXED BY price_observed"
#define BY_PRODUCT " FROM price p INDEXED BY price_product"
#define FORM(from, where)                                                                                    \
  {                                                                                                          \
    "SELECT count(*)" from where PRICE_WHERE, PRICE_SELECT from PRICE_JOIN where PRICE_WHERE PRICE_ORDER,    \
        PRICE_SELECT from PRICE_JOIN where PRICE_WHERE PRICE_SORTED                                          \
  }

static const struct form {
  const char *count, *newest, *sorted;
} forms[2][2] = {
    /* [one product?][one branch?] */
    {FORM(" FROM price p", " WHERE ?1 = 0 AND ?2 = 0 /* scan: meant, a list of everything */"),
     FORM(BY_BRANCH, " WHERE p.branch = ?1 AND ?2 = 0")},
    {FORM(BY_PRODUCT, " WHERE p.product = ?2 AND ?1 = 0"),
     FORM(BY_PRODUCT, " WHERE p.product = ?2 AND p.branch = ?1")},
};

static void call(struct query *q, void (*each)(void *ctx, const struct price_row *row), void *ctx)
{
  struct price_row row = {.branch = (uint32_t)column_int(q, 0),
                          .id = column_int(q, 1),
                          .no = column_text(q, 2),
                          .product = column_int(q, 3),
                          .product_name = column_text(q, 4),
                          .branch_name = column_text(q, 5),
                          .unit = column_text(q, 6),
                          .price_fen = column_int(q, 7),
                          .qty_milli = column_int(q, 8),
                          .supplier = column_int(q, 9),
                          .supplier_name = column_text(q, 10),
                          .source = column_text(q, 11),
                          .observed_date = (int)column_int(q, 12),
                          .note = column_text(q, 13),
                          .replaces = column_int(q, 14),
                          .is_void = column_int(q, 15) != 0,
                          .outlier = column_int(q, 16) != 0,
                          .actor = column_text(q, 17),
                          .at_ms = column_int(q, 18),
                          .replaced_by = column_int(q, 19),
                          .refused = column_text(q, 20),
                          .product_name_en = column_text(q, 21),
                          .waits = column_int(q, 23) != 0,
                          .branch_name_en = column_text(q, 24)};
  each(ctx, &row);
}

static void bind(struct query *q, const struct price_filter *filter)
{
  query_int(q, 1, filter->branch);
  query_int(q, 2, filter->product);
  query_int(q, 3, filter->supplier);
  query_int(q, 4, filter->from_date);
  query_int(q, 5, filter->to_date ? filter->to_date : 99991231);
  query_text(q, 6, filter->source);
  query_int(q, 7,
            filter->compared_only   ? 4
            : filter->standing_only ? 3
            : filter->counted_only  ? 2
            : filter->records_only  ? 1
                                    : 0);
  record_find_bind(q, &filter->find);
}

/* Where the page begins, in the terms of its order. */
static void bind_page(struct query *q, const struct price_filter *filter)
{
  const struct bookmark *after = &filter->page.after;
  bool newest = filter->order == PRICE_NEWEST;
  query_int(q, 8, page_rows(&filter->page));
  query_int(q, 9, after->set ? after->first : newest ? INT64_MAX : 0);
  query_int(q, 10, after->branch);
  query_int(q, 11, after->id);
  if (newest && after->set && (!filter->to_date || after->first < filter->to_date))
    query_int(q, 5, after->first);
  if (newest) return;
  query_text(q, 12, after->text);
  query_int(q, 13, filter->order);
  query_int(q, 14, after->set);
}

static void keep_place(const struct price_filter *filter, struct query *q)
{
  int64_t date = column_int(q, 12), fen = column_int(q, 7);
  const int64_t first[] = {[PRICE_NEWEST] = date,
                           [PRICE_OLDEST] = date,
                           [PRICE_DEAREST] = -fen,
                           [PRICE_CHEAPEST] = fen,
                           [PRICE_BY_NAME] = -date};
  page_keep(&filter->page, first[filter->order], 0, (uint32_t)column_int(q, 0), column_int(q, 1),
            filter->order == PRICE_BY_NAME ? column_text(q, 22) : "");
}

static bool list_part(struct db *db, const struct price_filter *filter, int *shown,
                      void (*each)(void *ctx, const struct price_row *row), void *ctx, struct err *err)
{
  const struct form *form = &forms[filter->product != 0][filter->branch != 0];
  struct query q = query_open(db, filter->order == PRICE_NEWEST ? form->newest : form->sorted, err);
  bind(&q, filter);
  bind_page(&q, filter);
  while (page_row(&filter->page, &q, shown)) {
    call(&q, each, ctx);
    keep_place(filter, &q);
  }
  return query_close(&q);
}

/* A day that has not come yet is not the newest one: first all up to today, then what claims to be later. */
static bool list_newest(struct db *db, const struct price_filter *filter, int *shown,
                        void (*each)(void *ctx, const struct price_row *row), void *ctx, struct err *err)
{
  struct price_filter come = *filter, later = *filter;
  const struct bookmark *after = &filter->page.after;
  bool beyond = after->set && after->first > filter->today;
  if (!filter->to_date || filter->to_date > filter->today) come.to_date = filter->today;
  if (filter->from_date <= filter->today) later.from_date = date_add_days(filter->today, 1);
  if (!beyond) later.page.after.set = false;
  if (!beyond && !list_part(db, &come, shown, each, ctx, err)) return false;
  if (page_full(&filter->page, *shown)) return true;
  return list_part(db, &later, shown, each, ctx, err);
}

static bool count_all(struct db *db, const struct price_filter *filter, int64_t *count, struct err *err)
{
  struct query q = query_open(db, forms[filter->product != 0][filter->branch != 0].count, err);
  bind(&q, filter);
  *count = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

bool price_count_later(struct db *db, uint32_t branch, int today, int64_t *count, struct err *err)
{
  const struct price_filter filter = {
      .branch = branch, .from_date = date_add_days(today, 1), .standing_only = true};
  return count_all(db, &filter, count, err);
}

bool price_list(struct db *db, const struct price_filter *filter,
                void (*each)(void *ctx, const struct price_row *row), void *ctx, int64_t *total,
                struct err *err)
{
  int64_t count;
  int shown = 0;
  if (!count_all(db, filter, &count, err)) return false;
  bool apart = filter->order == PRICE_NEWEST && filter->today;
  if (!(apart ? list_newest : list_part)(db, filter, &shown, each, ctx, err)) return false;
  if (total) *total = count;
  return true;
}

bool price_get(struct db *db, uint32_t branch, int64_t id,
               void (*each)(void *ctx, const struct price_row *row), void *ctx, struct err *err)
{
  struct query q =
      query_open(db, PRICE_SELECT " FROM price p" PRICE_JOIN " WHERE p.branch = ?1 AND p.id = ?2", err);
  query_int(&q, 1, branch);
  query_int(&q, 2, id);
  bool found = query_row(&q);
  if (found) call(&q, each, ctx);
  if (!query_close(&q)) return false;
  return found ||
         err_rule(err, ERR_MISSING, "id", "unknown_price", "there is no price %" PRId64 " of %u", id, branch);
}

bool price_count_in_unit(struct db *db, int64_t product, int64_t *count, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT count(*) FROM counted_price WHERE product = ?1"
                              " AND unit = (SELECT unit FROM product WHERE id = ?1)",
                              err);
  query_int(&q, 1, product);
  *count = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

bool price_is_in_unit(struct db *db, uint32_t branch, int64_t id, bool *is, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT 1 FROM price p JOIN product g ON g.id = p.product AND g.unit = p.unit"
                              " WHERE p.branch = ?1 AND p.id = ?2",
                              err);
  query_int(&q, 1, branch);
  query_int(&q, 2, id);
  *is = query_row(&q);
  return query_close(&q);
}

bool price_latest(struct db *db, uint32_t branch, int64_t product, int today, int64_t *price_fen, int *date,
                  struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT price_fen, observed_date FROM counted_price WHERE product = ?2 AND branch = ?1"
                 " AND observed_date <= ?3 AND unit = (SELECT unit FROM product WHERE id = ?2)"
                 " ORDER BY observed_date DESC, id DESC LIMIT 1",
                 err);
  query_int(&q, 1, branch);
  query_int(&q, 2, product);
  query_int(&q, 3, today);
  *price_fen = 0;
  *date = 0;
  if (query_row(&q)) {
    *price_fen = column_int(&q, 0);
    *date = (int)column_int(&q, 1);
  }
  return query_close(&q);
}
