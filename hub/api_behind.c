/* From a figure to the signed entries it is made of: the prices behind a comparison, the counted
 * ratings behind a score, the prices behind the median that a price was judged by, and from any row to its
 * entry.
 *
 * A row's id carries the epoch and number of the entry that made it (core/base/tx.h), so this is arithmetic
 * and one look at the index of runs; nothing is kept for it. */
#include "core/base/clock.h"
#include "core/base/tx.h"
#include "core/domain/price_basis.h"
#include "hub/api.h"
#include "hub/audit_reads.h"
#include "site/routes.h"
#include "sync/streams.h"

#include <string.h>

struct behind {
  struct json_out *out;
  struct db *db;
  struct err *err;
  int64_t rows;
  bool bad;
};

struct behind_row {
  uint32_t branch;
  const char *name, *name_en;
  int64_t id;
  const char *no;
};

static void row_out(struct behind *b, const struct behind_row *row)
{
  int64_t pos = -1;
  if (!b->bad && !stream_find(b->db, (struct stream){row->branch, 0}, id_seq(row->id), &pos, b->err))
    b->bad = true;
  b->rows++;
  out_int(b->out, "branch", row->branch);
  out_text(b->out, "branch_name", row->name);
  out_text(b->out, "branch_name_en", row->name_en);
  out_int(b->out, "id", row->id);
  out_text(b->out, "no", row->no);
  if (pos < 0)
    out_null(b->out, "pos");
  else
    out_int(b->out, "pos", pos);
}

static void each_price(void *ctx, const struct price_row *row)
{
  struct behind *b = ctx;
  out_object(b->out, NULL);
  row_out(b, &(struct behind_row){row->branch, row->branch_name, row->branch_name_en, row->id, row->no});
  out_int(b->out, "price_fen", row->price_fen);
  out_text(b->out, "unit", row->unit);
  out_date(b->out, "date", row->observed_date);
  out_text(b->out, "source", row->source);
  out_text(b->out, "actor", row->actor);
  out_int(b->out, "at_ms", row->at_ms);
  out_end(b->out);
}

static void each_rating(void *ctx, const struct evaluation_row *row)
{
  struct behind *b = ctx;
  out_object(b->out, NULL);
  row_out(b, &(struct behind_row){row->branch, row->branch_name, row->branch_name_en, row->id, row->no});
  out_int(b->out, "quality", row->quality);
  out_int(b->out, "price", row->price);
  out_int(b->out, "delivery", row->delivery);
  out_text(b->out, "product_name", row->product_name);
  out_text(b->out, "actor", row->actor);
  out_int(b->out, "at_ms", row->at_ms);
  out_end(b->out);
}

struct question {
  int of; /* 0: prices, 1: ratings, 2: a judgement */
  int64_t product, supplier, branch, days, price;
  struct page page;
  struct bookmark next;
};

static bool read_question(struct web_request *request, struct question *q, struct err *err)
{
  static const char *const figures[] = {"price", "score", "judgement", NULL};
  if (!answer_query_word(request, "of", figures, &q->of, err) ||
      !web_query_int_or(request, "product", 1, INT64_MAX, 0, &q->product, err) ||
      !web_query_int_or(request, "supplier", 1, INT64_MAX, 0, &q->supplier, err) ||
      !web_query_int_or(request, "branch", 110000, 659999, 0, &q->branch, err) ||
      !web_query_int_or(request, "days", 1, 366, 30, &q->days, err) ||
      !web_query_int_or(request, "price", 1, INT64_MAX, 0, &q->price, err) ||
      !answer_page(request, &q->page, &q->next, err))
    return false;
  if (q->of < 0)
    return err_rule(err, ERR_INPUT, "of", "required", "of is missing: price, score or judgement");
  if (q->of == 2)
    return (q->branch && q->price) ||
           err_rule(err, ERR_INPUT, q->branch ? "price" : "branch", "required", "branch or price is missing");
  return q->product || q->supplier ||
         err_rule(err, ERR_INPUT, "product", "required", "product or supplier is missing");
}

/* All of them: one of each other branch. */
static bool list_basis(struct behind *b, const struct question *q, struct price_basis *basis, int64_t *total)
{
  bool ok = price_basis(b->db, (uint32_t)q->branch, q->price, each_price, b, basis, b->err) && !b->bad;
  *total = b->rows;
  return ok;
}

static void basis_out(struct json_out *out, const struct price_basis *basis)
{
  out_object(out, "judged");
  out_int(out, "price_fen", basis->price_fen);
  out_int_or_null(out, "median_fen", basis->median_fen);
  out_int(out, "branches", basis->branches);
  out_int(out, "at_ms", basis->at_ms);
  out_int_or_null(out, "now_fen", basis->now_fen);
  out_end(out);
}

static bool list(struct behind *b, const struct question *q, int64_t *total)
{
  int today = date_of_ms(clock_wall_ms());
  const struct price_filter prices = {.branch = (uint32_t)q->branch,
                                      .product = q->product,
                                      .supplier = q->supplier,
                                      .from_date = date_add_days(today, 1 - (int)q->days),
                                      .to_date = today,
                                      .compared_only = true,
                                      .page = q->page};
  const struct evaluation_filter ratings = {.branch = (uint32_t)q->branch,
                                            .product = q->product,
                                            .supplier = q->supplier,
                                            .now_ms = clock_wall_ms(),
                                            .counted_only = true,
                                            .page = q->page};
  bool ok = q->of == 0 ? price_list(b->db, &prices, each_price, b, total, b->err)
                       : evaluation_list(b->db, &ratings, each_rating, b, total, b->err);
  return ok && !b->bad;
}

static bool read_behind(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                        struct err *err)
{
  struct behind b = {.out = out, .db = db, .err = err};
  struct question q = {0};
  int64_t total = 0;
  (void)app;
  if (!read_question(request, &q, err)) return false;
  out_object(out, NULL);
  out_array(out, "items");
  struct price_basis basis;
  bool ok = q.of == 2 ? list_basis(&b, &q, &basis, &total) : list(&b, &q, &total);
  out_end(out);
  if (ok && q.of == 2)
    basis_out(out, &basis);
  else
    out_null(out, "judged");
  out_int(out, "total", total);
  next_out(out, &q.next);
  out_end(out);
  site_caller(request)->rows = b.rows;
  return ok;
}

void hub_get_behind(struct web_request *request, void *app)
{
  answer_trail(request, app, read_behind);
}

/* -- one row -- */

static bool read_row(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                     struct err *err)
{
  static const char *const authors[] = {"branch", "province", NULL};
  int64_t branch, id, pos = -1;
  int author;
  if (!web_param_int(request, "branch", 110000, 659999, &branch, err) ||
      !web_param_int(request, "id", 1, INT64_MAX, &id, err) ||
      !answer_query_word(request, "by", authors, &author, err))
    return false;
  bool province = author == 1 || branch == app->code;
  const struct stream stream = {province ? app->code : (uint32_t)branch, province ? (uint32_t)branch : 0};
  if (!stream_find(db, stream, id_seq(id), &pos, err)) return false;
  if (pos < 0)
    return err_rule(err, ERR_MISSING, "id", "not_found", "no entry of the log made row %lld", (long long)id);
  out_object(out, NULL);
  out_int(out, "pos", pos);
  out_end(out);
  site_caller(request)->pos = pos;
  return true;
}

void hub_get_audit_row(struct web_request *request, void *app)
{
  answer_trail(request, app, read_row);
}
