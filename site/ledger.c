/* Prices and evaluations as lists: a node's own, on the hub those of all branches. */
#include "core/base/clock.h"
#include "program/clock_watch.h"
#include "site/routes.h"

#include <stdio.h>
#include <string.h>

/* Of a kind of record: the row that stands for another, and whether a row is among what statistics count. */
static const struct kind {
  const char *table, *successor, *counted;
} kinds[] = {
    {"price", "SELECT void, no, note, actor, at_ms FROM price WHERE branch = ?1 AND id = ?2",
     "SELECT 1 FROM counted_price p JOIN product g ON g.id = p.product AND g.unit = p.unit"
     " WHERE p.branch = ?1 AND p.id = ?2"},
    {"evaluation", "SELECT void, no, remark, actor, at_ms FROM evaluation WHERE branch = ?1 AND id = ?2",
     "SELECT 1 FROM counted_evaluation WHERE branch = ?1 AND id = ?2"},
};
static const struct kind *const price_kind = &kinds[0], *const evaluation_kind = &kinds[1];

/* The number of the row that replaces the record; or, when that row puts nothing in its place, who took the
 * record back and why. */
static void successor_out(struct ledger_out *ledger, const struct kind *kind, uint32_t branch, int64_t by)
{
  struct json_out *out = ledger->out;
  struct place *place = &ledger->place;
  bool replaced = false, voided = false;
  if (by && !place->bad) {
    struct query q = query_open(place->db, kind->successor, place->err);
    query_int(&q, 1, branch);
    query_int(&q, 2, by);
    bool found = query_row(&q);
    voided = found && column_int(&q, 0) == 1;
    replaced = found && !voided;
    if (replaced) out_text(out, "replaced_by_no", column_text(&q, 1));
    if (voided) {
      out_object(out, "void");
      out_text(out, "reason", column_text(&q, 2));
      out_text(out, "actor", column_text(&q, 3));
      out_int(out, "at_ms", column_int(&q, 4));
      out_end(out);
    }
    if (!query_close(&q)) place->bad = true;
  }
  if (!replaced) out_null(out, "replaced_by_no");
  if (!voided) out_null(out, "void");
}

/* Whoever averages a list leaves out what the province's own statistics leave out: for a price also one in
 * the unit of before. */
static void counts_out(struct ledger_out *ledger, const struct kind *kind, uint32_t branch, int64_t id,
                       bool future)
{
  struct place *place = &ledger->place;
  bool counts = false;
  if (!future && !place->bad && !place_refused(place, branch, kind->table, id)) {
    struct query q = query_open(place->db, kind->counted, place->err);
    query_int(&q, 1, branch);
    query_int(&q, 2, id);
    counts = query_row(&q);
    if (!query_close(&q)) place->bad = true;
  }
  out_bool(ledger->out, "counts", counts);
}

void price_members_out(struct ledger_out *ledger, const struct price_row *row)
{
  struct json_out *out = ledger->out;
  const struct place *place = &ledger->place;
  out_int(out, "branch", row->branch);
  out_text(out, "branch_name", row->branch_name);
  out_int(out, "id", row->id);
  out_text(out, "no", row->no);
  out_int(out, "product", row->product);
  out_text(out, "product_name", row->product_name);
  out_text(out, "product_name_en", row->product_name_en);
  out_text(out, "unit", row->unit);
  out_int(out, "price_fen", row->price_fen);
  out_milli(out, "qty", row->qty_milli);
  out_int_or_null(out, "supplier", row->supplier);
  out_text_or_null(out, "supplier_name", row->supplier_name);
  out_text(out, "source", row->source);
  out_date(out, "date", row->observed_date);
  out_text(out, "note", row->note);
  out_int_or_null(out, "replaces", row->replaces);
  out_int_or_null(out, "replaced_by", row->replaced_by);
  successor_out(ledger, price_kind, row->branch, row->replaced_by);
  out_bool(out, "outlier", row->outlier);
  out_bool(out, "waits", row->waits);
  bool future = row->observed_date > place->today;
  out_bool(out, "future", future);
  counts_out(ledger, price_kind, row->branch, row->id, future);
  out_text(out, "actor", row->actor);
  out_int(out, "at_ms", row->at_ms);
  place_out(&ledger->place, out, row->branch, "price", row->id, row->at_ms);
}

void price_out(void *ctx, const struct price_row *row)
{
  struct ledger_out *ledger = ctx;
  out_object(ledger->out, NULL);
  price_members_out(ledger, row);
  out_end(ledger->out);
}

void evaluation_out(void *ctx, const struct evaluation_row *row)
{
  struct ledger_out *ledger = ctx;
  struct json_out *out = ledger->out;
  out_object(out, NULL);
  out_int(out, "branch", row->branch);
  out_text(out, "branch_name", row->branch_name);
  out_int(out, "id", row->id);
  out_text(out, "no", row->no);
  out_int(out, "product", row->product);
  out_text(out, "product_name", row->product_name);
  out_text(out, "product_name_en", row->product_name_en);
  out_int_or_null(out, "supplier", row->supplier);
  out_text_or_null(out, "supplier_name", row->supplier_name);
  out_int(out, "quality", row->quality);
  out_int(out, "price", row->price);
  out_int(out, "delivery", row->delivery);
  out_text(out, "remark", row->remark);
  out_int_or_null(out, "replaces", row->replaces);
  out_int_or_null(out, "replaced_by", row->replaced_by);
  successor_out(ledger, evaluation_kind, row->branch, row->replaced_by);
  counts_out(ledger, evaluation_kind, row->branch, row->id, false);
  out_text(out, "actor", row->actor);
  out_int(out, "at_ms", row->at_ms);
  place_out(&ledger->place, out, row->branch, "evaluation", row->id, row->at_ms);
  out_end(out);
}

/* What q and state ask for.  Names are looked for as the catalogue does it: by pinyin, initials and English
 * too. */
struct wanted {
  struct record_find find;
  struct buf products; /* a text */
  bool later;          /* of prices: what claims a day that has not come */
};

static bool named_products(struct app *app, struct db *db, const char *text, struct buf *out, struct err *err)
{
  const struct catalogue_filter filter = {.text = text, .today = clock_province_day(app, clock_wall_ms())};
  const struct catalogue *catalogue;
  struct catalogue_page found = {.items = NULL};
  char id[24];
  if (!site_catalogue(app, db, &catalogue, err)) return false;
  bool ok = catalogue_find(catalogue, &filter, &found, err);
  put_text(out, "[");
  for (int i = 0; i < found.count; i++) {
    snprintf(id, sizeof id, "%s%lld", i ? "," : "", (long long)found.items[i]->id);
    put_text(out, id);
  }
  put_text(out, "]");
  put_u8(out, 0);
  catalogue_page_wipe(&found);
  site_catalogue_give(app, catalogue);
  return ok && (!out->bad || err_set(err, ERR_IO, "no memory for this search"));
}

enum { LATER = 5 };
static const char *const price_states[] = {"waiting",  "received", "refused", "void",
                                           "replaced", "later",    NULL};
static const char *const evaluation_states[] = {"waiting", "received", "refused", "void", "replaced", NULL};

static bool read_wanted(struct web_request *request, struct app *app, struct db *db,
                        const char *const *states, uint64_t acked, struct wanted *out, struct err *err)
{
  const char *text = web_query(request, "q");
  int state;
  *out = (struct wanted){.products = BUF_INIT};
  if (!answer_query_word(request, "state", states, &state, err)) return false;
  out->later = state == LATER;
  out->find.state = out->later ? RECORD_ANY : (enum record_state)(state + 1);
  out->find.acked = app->kind == APP_NODE ? acked : UINT64_MAX;
  if (!text || !*text) return true;
  if (strlen(text) > NAME_SIZE_MAX)
    return err_rule(err, ERR_INPUT, "q", "length", "q is longer than %d bytes", NAME_SIZE_MAX);
  if (!named_products(app, db, text, &out->products, err)) return false;
  out->find.text = text;
  out->find.products = (const char *)out->products.data;
  return true;
}

static bool read_prices(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                        struct err *err)
{
  static const char *const sources[] = {"settled", "quoted", "market", NULL};
  struct ledger_out ledger = {.out = out};
  static const char *const orders[] = {"newest", "oldest", "dearest", "cheapest", "name", NULL};
  struct price_filter filter = {.records_only = true};
  struct wanted wanted = {.products = BUF_INIT};
  struct bookmark next;
  int source, order;
  int64_t total;
  if (!answer_query_branch(request, app, &filter.branch, err) ||
      !web_query_int_or(request, "product", 1, INT64_MAX, 0, &filter.product, err) ||
      !web_query_int_or(request, "supplier", 1, INT64_MAX, 0, &filter.supplier, err) ||
      !answer_query_date(request, "from", &filter.from_date, err) ||
      !answer_query_date(request, "to", &filter.to_date, err) ||
      !answer_query_word(request, "source", sources, &source, err) ||
      !answer_query_word(request, "sort", orders, &order, err) ||
      !answer_page(request, &filter.page, &next, err) || !place_open(&ledger.place, app, db, err))
    return false;
  filter.source = source >= 0 ? sources[source] : NULL;
  filter.order = order > 0 ? (enum price_order)order : PRICE_NEWEST;
  filter.today = ledger.place.today;
  out_object(out, NULL);
  out_array(out, "items");
  bool ok = read_wanted(request, app, db, price_states, ledger.place.acked, &wanted, err);
  filter.find = wanted.find;
  filter.standing_only = wanted.later;
  if (wanted.later && filter.from_date <= filter.today) filter.from_date = date_add_days(filter.today, 1);
  ok = ok && price_list(db, &filter, price_out, &ledger, &total, err) && !ledger.place.bad;
  out_end(out);
  total_out(out, ok ? total : 0);
  next_out(out, &next);
  out_end(out);
  buf_wipe(&wanted.products);
  return ok;
}

void get_prices(struct web_request *request, void *app)
{
  answer_reading(request, app, read_prices);
}

void get_prices_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"no", "编号", CELL_TEXT, 24, NULL},
      {"branch_name", "支行", CELL_TEXT, 12, NULL},
      {"product_name", "品名", CELL_TEXT, 22, NULL},
      {"price_fen", "单价（元）", CELL_FEN, 12, NULL},
      {"unit", "单位", CELL_WORD, 8, NULL},
      {"qty", "数量", CELL_REAL, 10, NULL},
      {"source", "来源", CELL_WORD, 12, NULL},
      {"date", "采价日期", CELL_DATE, 12, NULL},
      {"future", "日期还没到", CELL_YES, 10, NULL},
      {"waits", "等省中心的人看", CELL_YES, 14, NULL},
      {"supplier_name", "供应商", CELL_TEXT, 26, NULL},
      {"note", "说明", CELL_TEXT, 30, NULL},
      {"counts", "计入统计", CELL_YES_NO, 10, NULL},
      {"replaced_by_no", "已由这条替代", CELL_TEXT, 24, NULL},
      {"void.reason", "作废原因", CELL_TEXT, 20, NULL},
      {"place.rule", "省中心未接受的原因", CELL_RULE, 30, NULL},
      {"actor", "记录人", CELL_TEXT, 14, NULL},
      {"at_ms", "记录时间", CELL_MS, 20, NULL},
      {"place", "位置", CELL_PLACE, 14, NULL},
  };
  static const struct list_sheet sheet = {"价格", "items", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_prices, &sheet);
}

static bool read_evaluations(struct web_request *request, struct app *app, struct db *db,
                             struct json_out *out, struct err *err)
{
  struct ledger_out ledger = {.out = out};
  static const char *const orders[] = {"newest", "oldest", "best", "worst", NULL};
  struct evaluation_filter filter = {.records_only = true, .now_ms = clock_wall_ms()};
  struct wanted wanted = {.products = BUF_INIT};
  struct bookmark next;
  int from, to, order;
  int64_t total;
  if (!answer_query_branch(request, app, &filter.branch, err) ||
      !web_query_int_or(request, "product", 1, INT64_MAX, 0, &filter.product, err) ||
      !web_query_int_or(request, "supplier", 1, INT64_MAX, 0, &filter.supplier, err) ||
      !answer_query_date(request, "from", &from, err) || !answer_query_date(request, "to", &to, err) ||
      !answer_query_word(request, "sort", orders, &order, err) ||
      !answer_page(request, &filter.page, &next, err) || !place_open(&ledger.place, app, db, err))
    return false;
  filter.order = order > 0 ? (enum evaluation_order)order : EVALUATIONS_NEWEST;
  filter.from_ms = from ? date_start_ms(from) : 0;
  filter.to_ms = to ? date_start_ms(date_add_days(to, 1)) : 0;
  out_object(out, NULL);
  out_array(out, "items");
  bool ok = read_wanted(request, app, db, evaluation_states, ledger.place.acked, &wanted, err);
  filter.find = wanted.find;
  ok = ok && evaluation_list(db, &filter, evaluation_out, &ledger, &total, err) && !ledger.place.bad;
  out_end(out);
  total_out(out, ok ? total : 0);
  next_out(out, &next);
  out_end(out);
  buf_wipe(&wanted.products);
  return ok;
}

void get_evaluations(struct web_request *request, void *app)
{
  answer_reading(request, app, read_evaluations);
}

void get_evaluations_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"no", "编号", CELL_TEXT, 24, NULL},
      {"branch_name", "支行", CELL_TEXT, 12, NULL},
      {"product_name", "品名", CELL_TEXT, 22, NULL},
      {"supplier_name", "供应商", CELL_TEXT, 26, NULL},
      {"quality", "质量", CELL_INT, 8, NULL},
      {"price", "价格", CELL_INT, 8, NULL},
      {"delivery", "配送", CELL_INT, 8, NULL},
      {"remark", "评语", CELL_TEXT, 40, NULL},
      {"counts", "计入统计", CELL_YES_NO, 10, NULL},
      {"replaced_by_no", "已由这条替代", CELL_TEXT, 24, NULL},
      {"void.reason", "作废原因", CELL_TEXT, 20, NULL},
      {"place.rule", "省中心未接受的原因", CELL_RULE, 30, NULL},
      {"actor", "评价人", CELL_TEXT, 14, NULL},
      {"at_ms", "时间", CELL_MS, 20, NULL},
      {"place", "位置", CELL_PLACE, 14, NULL},
  };
  static const struct list_sheet sheet = {"评价", "items", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_evaluations, &sheet);
}
