/* One product's prices over the counties. */
#include "core/base/clock.h"
#include "hub/api.h"
#include "site/routes.h"

#include <string.h>

struct counties {
  struct json_out *out;
  int64_t prices;
};

static void each_county(void *ctx, const struct price_county *row)
{
  struct counties *counties = ctx;
  struct json_out *out = counties->out;
  counties->prices += row->count;
  out_object(out, NULL);
  out_int(out, "branch", row->branch);
  out_text(out, "name", row->branch_name);
  out_text(out, "name_en", row->branch_name_en);
  out_int(out, "prefecture_code", row->prefecture_code);
  out_text(out, "prefecture_name", row->prefecture_name);
  out_int(out, "last_fen", row->last_fen);
  out_date(out, "date", row->last_date);
  out_int(out, "count", row->count);
  out_int(out, "median_fen", row->median_fen);
  out_text(out, "source", row->source);
  out_int(out, "vs_median_pct", row->vs_median_pct);
  out_end(out);
}

static void each_period(void *ctx, const struct price_period *row)
{
  period_out(ctx, row);
}

static bool product_out(struct json_out *out, struct app *app, struct db *db, int64_t id, struct err *err)
{
  const struct catalogue *catalogue;
  if (!site_catalogue(app, db, &catalogue, err)) return false;
  const struct catalogue_item *item = catalogue_get(catalogue, id);
  if (item) item_out(out, "product", item);
  site_catalogue_give(app, catalogue);
  return item || err_rule(err, ERR_MISSING, "product", "unknown_product", "there is no product %lld on sale",
                          (long long)id);
}

static bool read_compare(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                         struct err *err)
{
  struct counties counties = {.out = out};
  struct price_province province = {0};
  int64_t id, days;
  int today = date_of_ms(clock_wall_ms());
  if (!web_param_int(request, "product", 1, INT64_MAX, &id, err) ||
      !web_query_int_or(request, "days", 1, 366, 30, &days, err))
    return false;
  out_object(out, NULL);
  if (!product_out(out, app, db, id, err)) return false;
  out_int(out, "days", days);
  out_array(out, "counties");
  if (!price_compare(db, id, date_add_days(today, 1 - (int)days), today, &province, each_county, &counties,
                     err))
    return false;
  out_end(out);
  out_object(out, "province");
  out_int_or_null(out, "median_fen", province.median_fen);
  out_int_or_null(out, "p25_fen", province.p25_fen);
  out_int_or_null(out, "p75_fen", province.p75_fen);
  out_int_or_null(out, "low_fen", province.low_fen);
  out_int_or_null(out, "high_fen", province.high_fen);
  out_int(out, "branches", province.branches);
  out_int(out, "count", counties.prices);
  out_end(out);
  out_array(out, "periods");
  if (!price_periods(db, 0, id, period_before(period_of_date(today), 23), today, each_period, out, err))
    return false;
  out_end(out);
  out_end(out);
  return true;
}

void hub_get_compare(struct web_request *request, void *app)
{
  answer_reading(request, app, read_compare);
}

void hub_get_compare_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"name", "支行", CELL_TEXT, 14, NULL},
      {"branch", "代码", CELL_TEXT, 10, NULL},
      {"prefecture_name", "地市", CELL_TEXT, 12, NULL},
      {"last_fen", "最近价（元）", CELL_FEN, 14, NULL},
      {"date", "采价日期", CELL_DATE, 12, NULL},
      {"source", "来源", CELL_WORD, 12, NULL},
      {"count", "采价次数", CELL_INT, 10, NULL},
      {"median_fen", "本行中位价（元）", CELL_FEN, 16, NULL},
      {"vs_median_pct", "比全省中位（%）", CELL_INT, 16, NULL},
  };
  static const struct list_sheet sheet = {"比价", "counties", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_compare, &sheet);
}
