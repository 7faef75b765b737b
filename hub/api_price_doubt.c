/* Prices that a person has to judge: far from the others', confirmed and explained by the branch. */
#include "core/domain/describe.h"
#include "core/domain/price_doubt.h"
#include "hub/api.h"
#include "site/edit.h"

#include <string.h>

static void each_doubt(void *ctx, const struct price_doubt *row)
{
  struct json_out *out = ctx;
  out_object(out, NULL);
  out_int(out, "branch", row->branch);
  out_text(out, "branch_name", row->branch_name);
  out_text(out, "branch_name_en", row->branch_name_en);
  out_int(out, "id", row->id);
  out_text(out, "no", row->no);
  out_int(out, "product", row->product);
  out_text(out, "product_name", row->product_name);
  out_text(out, "product_name_en", row->product_name_en);
  out_text(out, "unit", row->unit);
  out_int(out, "price_fen", row->price_fen);
  out_int_or_null(out, "median_fen", row->median_fen);
  out_int(out, "branches", row->branches);
  out_date(out, "date", row->observed_date);
  out_text(out, "source", row->source);
  out_milli(out, "qty", row->qty_milli);
  out_text(out, "note", row->note);
  out_text(out, "actor", row->actor);
  out_int(out, "at_ms", row->at_ms);
  out_end(out);
}

static bool read_doubts(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                        struct err *err)
{
  int64_t total = 0;
  (void)request;
  (void)app;
  out_object(out, NULL);
  out_array(out, "items");
  bool ok = price_doubt_list(db, each_doubt, out, &total, err);
  out_end(out);
  out_int(out, "total", total);
  out_end(out);
  return ok;
}

void hub_get_price_doubts(struct web_request *request, void *app)
{
  answer_reading(request, app, read_doubts);
}

struct judged {
  int64_t branch, price;
};

static bool judge_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  static const char *const verdicts[] = {"accepted", "refused", NULL};
  const struct judged *judged = ctx;
  const char *verdict, *reason;
  if (!json_get_text(edit->body, "verdict", 1, 20, &verdict, err) ||
      !json_get_text_or(edit->body, "reason", 400, "", &reason, err))
    return false;
  bool accepted = strcmp(verdict, verdicts[0]) == 0;
  if (!accepted && strcmp(verdict, verdicts[1]) != 0)
    return err_rule(err, ERR_INPUT, "verdict", "one_of", "%.20s is neither accepted nor refused", verdict);
  if (!price_doubt_answer(tx, (uint32_t)judged->branch, judged->price, accepted, reason, err)) return false;
  out_object(&edit->out, NULL);
  out_text(&edit->out, "verdict", verdict);
  out_end(&edit->out);
  return true;
}

void hub_post_price_doubt(struct web_request *request, void *app)
{
  static const char *const fields[] = {"verdict", "reason", NULL};
  static const struct edit_plan plan = {.action = ACTION_PRICE_JUDGE, .fields = fields, .work = judge_work};
  struct edit edit;
  struct judged judged;
  struct err err = ERR_INIT;
  if (!edit_begin(&edit, request, app, &plan)) return;
  if (!web_param_int(request, "branch", 110000, 659999, &judged.branch, &err) ||
      !web_param_int(request, "id", 1, INT64_MAX, &judged.price, &err)) {
    edit_refuse(&edit, &err);
  } else {
    edit.lane = (uint32_t)judged.branch; /* the answer goes down to the branch that recorded it */
    edit_commit(&edit, &judged);
  }
  edit_end(&edit);
}
