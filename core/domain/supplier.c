#include "core/domain/supplier.h"

#include "core/base/clock.h"

#include <inttypes.h>
#include <string.h>

enum licence_state licence_state_of(int until_date, int today, int *days_left)
{
  if (days_left) *days_left = 0;
  if (until_date == 0) return LICENCE_NONE;
  int left = date_days_between(today, until_date);
  if (days_left) *days_left = left;
  return left < 0 ? LICENCE_OVER : left <= LICENCE_SOON_DAYS ? LICENCE_SOON : LICENCE_OK;
}

const char *licence_state_name(enum licence_state state)
{
  static const char *const names[] = {"none", "ok", "soon", "over"};
  return names[state];
}

#define SUPPLIER_COLUMNS                                                                                     \
  "s.id, s.uscc, s.name, s.division, coalesce(d.name_zh, ''), coalesce(d.name_en, ''), s.contact_name,"      \
  " s.contact_phone, s.licence_no, s.licence_until_date, s.status, s.status_reason, s.rev, s.changed_by,"    \
  " s.changed_ms"
#define SCORE_COLUMNS                                                                                        \
  ", (SELECT count(*) FROM channel c WHERE c.supplier = s.id), o.count, o.overall_centi, o.quality_centi,"   \
  " o.price_centi, o.delivery_centi, o.trend"
#define SUPPLIER_JOIN                                                                                        \
  " FROM supplier s LEFT JOIN division d ON d.code = s.division"                                             \
  " LEFT JOIN supplier_score o ON o.supplier = s.id"

static void read_supplier(struct supplier *row, const struct query *q, int at)
{
  row->id = column_int(q, at);
  row->uscc = column_text(q, at + 1);
  row->name = column_text(q, at + 2);
  row->division = (uint32_t)column_int(q, at + 3);
  row->division_name = column_text(q, at + 4);
  row->division_name_en = column_text(q, at + 5);
  row->contact_name = column_text(q, at + 6);
  row->contact_phone = column_text(q, at + 7);
  row->licence_no = column_text(q, at + 8);
  row->licence_until_date = (int)column_int(q, at + 9);
  row->status = column_text(q, at + 10);
  row->status_reason = column_text(q, at + 11);
  row->rev = column_int(q, at + 12);
  row->changed_by = column_text(q, at + 13);
  row->changed_ms = column_int(q, at + 14);
  row->trend = "";
}

static void read_scored(struct supplier *row, const struct query *q)
{
  read_supplier(row, q, 0);
  row->channels = (int)column_int(q, 15);
  row->score_count = column_int(q, 16);
  row->overall_centi = (int)column_int(q, 17);
  row->quality_centi = (int)column_int(q, 18);
  row->price_centi = (int)column_int(q, 19);
  row->delivery_centi = (int)column_int(q, 20);
  row->trend = column_text(q, 21);
}

bool supplier_get(struct db *db, int64_t id, void (*each)(void *ctx, const struct supplier *row), void *ctx,
                  struct err *err)
{
  struct query q =
      query_open(db, "SELECT " SUPPLIER_COLUMNS SCORE_COLUMNS SUPPLIER_JOIN " WHERE s.id = ?1", err);
  query_int(&q, 1, id);
  bool found = query_row(&q);
  if (found) {
    struct supplier row = {0};
    read_scored(&row, &q);
    each(ctx, &row);
  }
  if (!query_close(&q)) return false;
  return found ||
         err_rule(err, ERR_MISSING, "supplier", "unknown_supplier", "there is no supplier %" PRId64, id);
}

#define SUPPLIER_WHERE                                                                                       \
  " WHERE (?1 IS NULL OR instr(s.name, ?1) OR instr(s.uscc, upper(?1))) AND (?2 IS NULL OR s.status = ?2)"   \
  " AND (?3 = 0 OR s.division = ?3 OR (?3 % 100 = 0 AND s.division / 100 = ?3 / 100))"

static void bind_filter(struct query *q, const struct supplier_filter *filter)
{
  query_text(q, 1, filter->text && *filter->text ? filter->text : NULL);
  query_text(q, 2, filter->status);
  query_int(q, 3, filter->division);
}

/* The first key of each order (enum supplier_order) as a number that grows, ?8 being 1 or -1; then the name.
 */
#define SUPPLIER_FIRST                                                                                       \
  "CASE ?7 WHEN 0 THEN s.status <> 'active' WHEN 1 THEN 0 WHEN 2 THEN s.division * ?8"                       \
  " WHEN 3 THEN iif(s.licence_until_date = 0, 99999999, s.licence_until_date * ?8)"                          \
  " WHEN 4 THEN (SELECT count(*) FROM channel c WHERE c.supplier = s.id) * ?8"                               \
  " WHEN 5 THEN iif(coalesce(o.overall_centi, 0) = 0, 99999999, o.overall_centi * ?8)"                       \
  " ELSE CASE s.status WHEN 'active' THEN 0 WHEN 'suspended' THEN 1 ELSE 2 END * ?8 END"
#define SUPPLIER_PAGE(than, order)                                                                           \
  "SELECT " SUPPLIER_COLUMNS SCORE_COLUMNS ", " SUPPLIER_FIRST SUPPLIER_JOIN SUPPLIER_WHERE                  \
  " AND (?5 = 0 OR (" SUPPLIER_FIRST ", s.name, s.id) " than " (?9, ?10, ?11)) ORDER BY " SUPPLIER_FIRST     \
  ", s.name " order ", s.id " order " LIMIT ?4 /* scan: meant, hundreds of rows, by part of a name */"

bool supplier_list(struct db *db, const struct supplier_filter *filter,
                   void (*each)(void *ctx, const struct supplier *row), void *ctx, int64_t *total,
                   struct err *err)
{
  struct query q = query_open(db,
                              "SELECT count(*) FROM supplier s" SUPPLIER_WHERE
                              " /* scan: meant, hundreds of rows, by part of a name */",
                              err);
  bind_filter(&q, filter);
  int64_t count = 0;
  static const char forwards[] = SUPPLIER_PAGE(">", "ASC"), backwards[] = SUPPLIER_PAGE("<", "DESC");
  if (query_row(&q)) count = column_int(&q, 0);
  if (!query_close(&q)) return false;
  q = query_open(db, filter->order == SUPPLIERS_BY_NAME && filter->descending ? backwards : forwards, err);
  bind_filter(&q, filter);
  const struct bookmark *after = &filter->page.after;
  query_int(&q, 4, page_rows(&filter->page));
  query_int(&q, 5, after->set);
  query_int(&q, 7, filter->order);
  query_int(&q, 8, filter->descending ? -1 : 1);
  query_int(&q, 9, after->first);
  query_text(&q, 10, after->text);
  query_int(&q, 11, after->id);
  for (int shown = 0; page_row(&filter->page, &q, &shown);) {
    struct supplier row = {0};
    read_scored(&row, &q);
    each(ctx, &row);
    page_keep(&filter->page, column_int(&q, 22), 0, 0, row.id, row.name);
  }
  if (!query_close(&q)) return false;
  if (total) *total = count;
  return true;
}

#define CHANNEL_SELECT                                                                                       \
  "SELECT " SUPPLIER_COLUMNS ", c.id, c.product, coalesce(p.name_zh, ''), coalesce(p.unit, ''), c.way,"      \
  " c.min_order_qty, c.delivery_area, c.note, c.rev, coalesce(p.name_en, '') FROM channel c JOIN supplier "  \
  "s ON s.id = c.supplier"                                                                                   \
  " LEFT JOIN division d ON d.code = s.division LEFT JOIN product p ON p.id = c.product"

bool channel_list(struct db *db, int64_t product, int64_t supplier,
                  void (*each)(void *ctx, const struct channel *row), void *ctx, struct err *err)
{
  struct query q = query_open(
      db,
      product ? CHANNEL_SELECT " WHERE c.product = ?1 ORDER BY s.status <> 'active', s.name, c.id"
              : CHANNEL_SELECT " WHERE c.supplier = ?1 ORDER BY s.status <> 'active', p.name_pinyin, c.id",
      err);
  query_int(&q, 1, product ? product : supplier);
  while (query_row(&q)) {
    struct channel row = {.id = column_int(&q, 15),
                          .product = column_int(&q, 16),
                          .product_name = column_text(&q, 17),
                          .unit = column_text(&q, 18),
                          .way = column_text(&q, 19),
                          .min_order_qty = column_int(&q, 20),
                          .delivery_area = column_text(&q, 21),
                          .note = column_text(&q, 22),
                          .rev = column_int(&q, 23),
                          .product_name_en = column_text(&q, 24)};
    read_supplier(&row.supplier, &q, 0);
    each(ctx, &row);
  }
  return query_close(&q);
}
