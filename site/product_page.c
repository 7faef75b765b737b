/* One product: everything a page shows of it, and its prices over time. */
#include "core/base/clock.h"
#include "core/domain/division.h"
#include "core/domain/product.h"
#include "core/domain/score.h"
#include "program/clock_watch.h"
#include "site/routes.h"

#include <string.h>

enum { EVALUATIONS_SHOWN = 20, PRICES_SHOWN = 200 };

static void write_product(void *ctx, const struct product *row)
{
  struct json_out *out = ctx;
  out_int(out, "id", row->id);
  out_text(out, "name_zh", row->name_zh);
  out_text(out, "name_pinyin", row->name_pinyin);
  out_text(out, "name_en", row->name_en);
  out_text(out, "aliases", row->aliases);
  out_text(out, "group", row->group);
  out_text(out, "subgroup", row->subgroup);
  out_int(out, "origin_code", row->origin_code);
  out_text(out, "origin_name", row->origin_name);
  out_text(out, "origin_name_en", row->origin_name_en);
  out_int(out, "prefecture_code", division_prefecture(row->origin_code));
  out_text(out, "prefecture_name", row->prefecture_name);
  out_text(out, "unit", row->unit);
  out_text(out, "storage", row->storage);
  out_text(out, "storage_note_zh", row->storage_note_zh);
  out_bool(out, "geo_indication", row->geo_indication);
  out_text(out, "geo_basis", row->geo_basis);
  out_bool(out, "confirmed", row->confirmed);
  out_int_or_null(out, "confirmed_by", row->confirmed_by);
  out_text(out, "status", row->status);
  out_text(out, "status_reason", row->status_reason);
  out_int(out, "rev", row->rev);
  out_text(out, "changed_by", row->changed_by);
  out_int(out, "changed_ms", row->changed_ms);
  seasons_out(out, row->seasons, row->season_count);
}

static void each_confirmation(void *ctx, const struct confirmation *row)
{
  struct json_out *out = ctx;
  out_object(out, NULL);
  out_int(out, "branch", row->branch);
  out_text(out, "name", row->branch_name);
  out_text(out, "name_en", row->branch_name_en);
  out_text(out, "note", row->note);
  out_text(out, "actor", row->actor);
  out_int(out, "at_ms", row->at_ms);
  out_int_or_null(out, "rev", row->rev);
  out_bool(out, "counts", row->counts);
  out_end(out);
}

void channel_out(struct json_out *out, const struct channel *row)
{
  const struct supplier *s = &row->supplier;
  out_object(out, NULL);
  out_int(out, "id", row->id);
  out_int(out, "product", row->product);
  out_text(out, "product_name", row->product_name);
  out_text(out, "product_name_en", row->product_name_en);
  out_text(out, "unit", row->unit);
  out_object(out, "supplier");
  out_int(out, "id", s->id);
  out_text(out, "name", s->name);
  out_text(out, "division_name", s->division_name);
  out_text(out, "division_name_en", s->division_name_en);
  out_text(out, "status", s->status);
  out_text(out, "status_reason", s->status_reason);
  out_date(out, "licence_until", s->licence_until_date);
  out_text(out, "contact_name", s->contact_name);
  out_text(out, "contact_phone", s->contact_phone);
  out_end(out);
  out_text(out, "way", row->way);
  out_int(out, "min_order_qty", row->min_order_qty);
  out_text(out, "delivery_area", row->delivery_area);
  out_text(out, "note", row->note);
  out_int(out, "rev", row->rev);
  out_end(out);
}

static void each_channel(void *ctx, const struct channel *row)
{
  channel_out(ctx, row);
}

/* The name of a prefecture, or null. */
static void write_division_name(void *ctx, const struct division *row)
{
  out_text(ctx, "name", row->name_zh);
}

static bool extreme_out(struct json_out *out, struct db *db, const char *key, int64_t fen, uint32_t code,
                        struct err *err)
{
  if (!fen || !code) {
    out_null(out, key);
    return true;
  }
  out_object(out, key);
  out_int(out, "fen", fen);
  out_int(out, "prefecture", code);
  bool ok = division_get(db, code, write_division_name, out, err);
  out_end(out);
  return ok;
}

static bool write_score(struct json_out *out, struct db *db, int64_t id, struct err *err)
{
  struct product_score score;
  bool found;
  if (!score_product(db, id, &score, &found, err)) return false;
  if (!found) memset(&score, 0, sizeof score);
  out_int_or_null(out, "median_fen", score.median_fen);
  out_centi(out, "score", score.overall_centi);
  out_int(out, "score_count", score.count);
  if (!found) {
    out_null(out, "province");
    out_null(out, "score_detail");
    return true;
  }
  out_object(out, "province");
  out_int_or_null(out, "median_fen", score.median_fen);
  out_int_or_null(out, "p25_fen", score.p25_fen);
  out_int_or_null(out, "p75_fen", score.p75_fen);
  out_int_or_null(out, "last_fen", score.last_fen);
  out_date(out, "last_date", score.last_date);
  out_int(out, "branches", score.branches);
  out_int(out, "days", SCORE_PRICE_DAYS);
  out_int(out, "prefectures", score.prefectures);
  out_int_or_null(out, "spread_prefectures", score.low_fen ? score.high_fen * 100 / score.low_fen : 0);
  if (!extreme_out(out, db, "low", score.low_fen, score.low_prefecture, err) ||
      !extreme_out(out, db, "high", score.high_fen, score.high_prefecture, err))
    return false;
  out_end(out);
  out_object(out, "score_detail");
  out_centi(out, "overall", score.overall_centi);
  out_centi(out, "quality", score.quality_centi);
  out_centi(out, "price", score.price_centi);
  out_centi(out, "delivery", score.delivery_centi);
  out_int(out, "count", score.count);
  out_text_or_null(out, "trend", score.trend);
  out_int_or_null(out, "at_ms", score.at_ms);
  out_end(out);
  return true;
}

static bool write_own_price(struct json_out *out, struct app *app, struct db *db, int64_t id, struct err *err)
{
  int64_t fen = 0;
  int date = 0;
  if (app->kind == APP_NODE &&
      !price_latest(db, app->code, id, clock_province_day(app, clock_wall_ms()), &fen, &date, err))
    return false;
  if (!fen) {
    out_null(out, "own_price");
    return true;
  }
  out_object(out, "own_price");
  out_int(out, "price_fen", fen);
  out_date(out, "date", date);
  out_end(out);
  return true;
}

static bool write_evaluations(struct json_out *out, struct app *app, struct db *db, int64_t id,
                              struct err *err)
{
  struct ledger_out ledger = {.out = out};
  struct evaluation_filter filter = {.branch = app->kind == APP_NODE ? app->code : 0,
                                     .product = id,
                                     .counted_only = true,
                                     .page = {.limit = EVALUATIONS_SHOWN}};
  int64_t total;
  if (!place_open(&ledger.place, app, db, err)) return false;
  out_array(out, "evaluations");
  bool ok = evaluation_list(db, &filter, evaluation_out, &ledger, &total, err) && !ledger.place.bad;
  out_end(out);
  return ok;
}

static bool read_product(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                         struct err *err)
{
  int64_t id;
  if (!web_param_int(request, "id", 1, INT64_MAX, &id, err)) return false;
  out_object(out, NULL);
  if (!product_get(db, id, write_product, out, err) || !write_own_price(out, app, db, id, err) ||
      !write_score(out, db, id, err))
    return false;
  out_array(out, "confirmations");
  if (!confirmation_list(db, id, each_confirmation, out, err)) return false;
  out_end(out);
  out_array(out, "channels");
  if (!channel_list(db, id, 0, each_channel, out, err)) return false;
  out_end(out);
  if (!write_evaluations(out, app, db, id, err)) return false;
  out_end(out);
  return true;
}

void get_product(struct web_request *request, void *app)
{
  answer_reading(request, app, read_product);
}

/* -- prices over time -- */

void period_out(struct json_out *out, const struct price_period *row)
{
  out_object(out, NULL);
  out_date(out, "start", row->period);
  out_int_or_null(out, "own_fen", row->own_fen);
  out_int_or_null(out, "median_fen", row->median_fen);
  out_int_or_null(out, "p25_fen", row->p25_fen);
  out_int_or_null(out, "p75_fen", row->p75_fen);
  out_int(out, "branches", row->branches);
  out_end(out);
}

static void each_period(void *ctx, const struct price_period *row)
{
  period_out(ctx, row);
}

static void nothing_of_product(void *ctx, const struct product *row)
{
  (void)ctx;
  (void)row;
}

static bool write_own_prices(struct json_out *out, struct app *app, struct db *db, int64_t id, int from,
                             int today, struct err *err)
{
  struct ledger_out ledger = {.out = out};
  struct price_filter filter = {.branch = app->code,
                                .product = id,
                                .from_date = from,
                                .today = today,
                                .counted_only = true,
                                .page = {.limit = PRICES_SHOWN}};
  int64_t total;
  bool ok = true;
  out_array(out, "own");
  if (app->kind == APP_NODE) {
    ok = place_open(&ledger.place, app, db, err) &&
         price_list(db, &filter, price_out, &ledger, &total, err) && !ledger.place.bad;
  }
  out_end(out);
  return ok;
}

static bool read_product_prices(struct web_request *request, struct app *app, struct db *db,
                                struct json_out *out, struct err *err)
{
  int64_t id, months;
  if (!web_param_int(request, "id", 1, INT64_MAX, &id, err) ||
      !web_query_int_or(request, "months", 1, 36, 12, &months, err) ||
      !product_get(db, id, nothing_of_product, NULL, err))
    return false;
  int today = clock_province_day(app, clock_wall_ms());
  int from = period_before(period_of_date(today), (int)months * 2 - 1);
  out_object(out, NULL);
  out_array(out, "periods");
  uint32_t branch = app->kind == APP_NODE ? app->code : 0;
  if (!price_periods(db, branch, id, from, today, each_period, out, err)) return false;
  out_end(out);
  if (!write_own_prices(out, app, db, id, from, today, err)) return false;
  out_end(out);
  return true;
}

void get_product_prices(struct web_request *request, void *app)
{
  answer_reading(request, app, read_product_prices);
}
