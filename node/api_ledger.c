/* Evaluations, confirmations and proposals of the branch. */
#include "core/domain/confirmation.h"
#include "core/domain/describe.h"
#include "core/domain/proposal.h"
#include "core/domain/proposal_talk.h"
#include "node/api.h"
#include "site/edit.h"
#include "site/routes.h"
#include "site/withheld.h"

#include <string.h>

static void write_saved(struct edit *edit, int64_t id, const char *no, int64_t now_ms)
{
  struct json_out *out = &edit->out;
  out_object(out, NULL);
  out_int(out, "id", id);
  out_text_or_null(out, "no", no);
  place_new(out, now_ms);
  out_end(out);
}

/* -- evaluations -- */

static bool evaluation_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  struct evaluation_new in = {0};
  struct written row;
  const json_t *body = edit->body;
  (void)ctx;
  if (!json_get_int(body, "product", 1, INT64_MAX, &in.product, err) ||
      !json_get_int_or(body, "supplier", 1, INT64_MAX, 0, &in.supplier, err) ||
      !json_get_int(body, "quality", 1, 5, &in.quality, err) ||
      !json_get_int(body, "price", 1, 5, &in.price, err) ||
      !json_get_int(body, "delivery", 1, 5, &in.delivery, err) ||
      !json_get_text_or(body, "remark", 200, "", &in.remark, err) ||
      !json_get_int_or(body, "replaces", 1, INT64_MAX, 0, &in.replaces, err) ||
      !evaluation_add(tx, &in, &row, &edit->faults, err))
    return false;
  write_saved(edit, row.id, row.no, tx->now_ms);
  return true;
}

void node_post_evaluation(struct web_request *request, void *app)
{
  static const char *const fields[] = {"product",  "supplier", "quality",  "price",
                                       "delivery", "remark",   "replaces", NULL};
  static const struct edit_plan plan = {
      .action = ACTION_EVALUATION_ADD, .fields = fields, .work = evaluation_work};
  edit_run(request, app, &plan, NULL);
}

static bool read_evaluation(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                            struct err *err)
{
  struct ledger_out ledger = {.out = out};
  int64_t id;
  if (!web_param_int(request, "id", 1, INT64_MAX, &id, err) || !place_open(&ledger.place, app, db, err))
    return false;
  bool ok = (evaluation_get(db, app->code, id, evaluation_out, &ledger, err) ||
             withheld_instead(db, app->code, id, err)) &&
            !ledger.place.bad;
  return ok;
}

void node_get_evaluation(struct web_request *request, void *app)
{
  answer_reading(request, app, read_evaluation);
}

static bool evaluation_void_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  struct written row;
  const char *reason;
  int64_t id;
  (void)ctx;
  if (!web_param_int(edit->request, "id", 1, INT64_MAX, &id, err) ||
      !json_get_text(edit->body, "reason", 2, 200, &reason, err) ||
      !evaluation_void(tx, id, reason, &row, err))
    return false;
  write_saved(edit, row.id, row.no, tx->now_ms);
  return true;
}

void node_post_evaluation_void(struct web_request *request, void *app)
{
  static const char *const fields[] = {"reason", NULL};
  static const struct edit_plan plan = {
      .action = ACTION_EVALUATION_VOID, .fields = fields, .work = evaluation_void_work};
  edit_run(request, app, &plan, NULL);
}

/* -- confirmations -- */

static bool confirmation_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const char *note;
  int64_t product, rev, id;
  (void)ctx;
  if (!json_get_int(edit->body, "product", 1, INT64_MAX, &product, err) ||
      !json_get_int(edit->body, "rev", 1, INT64_MAX, &rev, err) ||
      !json_get_text_or(edit->body, "note", 200, "", &note, err) ||
      !confirmation_add(tx, product, rev, note, &id, err))
    return false;
  write_saved(edit, id, NULL, tx->now_ms);
  return true;
}

void node_post_confirmation(struct web_request *request, void *app)
{
  static const char *const fields[] = {"product", "rev", "note", NULL};
  static const struct edit_plan plan = {
      .action = ACTION_CONFIRMATION_ADD, .fields = fields, .work = confirmation_work};
  edit_run(request, app, &plan, NULL);
}

/* -- proposals -- */

static bool proposal_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  struct proposal_new in = {0};
  struct written row;
  const json_t *body = edit->body;
  (void)ctx;
  in.patch = json_object_get(body, "patch");
  if (in.patch && !json_is_object(in.patch) && !json_is_null(in.patch))
    return err_rule(err, ERR_INPUT, "patch", "type", "patch is not an object");
  if (json_is_null(in.patch)) in.patch = NULL;
  if (!json_get_text(body, "kind", 1, 20, &in.kind, err) ||
      !json_get_text_or(body, "target_kind", 20, NULL, &in.target_kind, err) ||
      !json_get_int_or(body, "target", 1, INT64_MAX, 0, &in.target, err) ||
      !json_get_int_or(body, "base_rev", 1, INT64_MAX, 0, &in.base_rev, err) ||
      !json_get_text(body, "reason", 2, 400, &in.reason, err) ||
      !proposal_add(tx, &in, &row, &edit->faults, err))
    return false;
  write_saved(edit, row.id, row.no, tx->now_ms);
  return true;
}

void node_post_proposal(struct web_request *request, void *app)
{
  static const char *const fields[] = {"kind", "target_kind", "target", "base_rev", "patch", "reason", NULL};
  static const struct edit_plan plan = {
      .action = ACTION_PROPOSAL_ADD, .fields = fields, .work = proposal_work};
  edit_run(request, app, &plan, NULL);
}

static bool read_proposals(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                           struct err *err)
{
  static const char *const states[] = {"open", "decided", "asked", "replied", NULL};
  struct ledger_out ledger = {.out = out};
  static const char *const kinds[] = {"new_product", "new_supplier", "correction", "delisting", NULL};
  struct proposal_filter filter = {
      .branch = app->code, .text = web_query(request, "q"), .actor = web_query(request, "actor")};
  struct bookmark next;
  int state, kind;
  int64_t total;
  if (!answer_query_word(request, "state", states, &state, err) ||
      !answer_query_word(request, "kind", kinds, &kind, err) || !proposal_asked(request, &filter, err) ||
      !answer_page(request, &filter.page, &next, err) || !place_open(&ledger.place, app, db, err))
    return false;
  out_object(out, NULL);
  out_array(out, "items");
  filter.kind = kind >= 0 ? kinds[kind] : NULL;
  filter.state = (enum proposal_state)(state + 1);
  bool ok = proposal_list(db, &filter, proposal_out, &ledger, &total, err) && !ledger.place.bad;
  out_end(out);
  total_out(out, ok ? total : 0);
  next_out(out, &next);
  out_end(out);
  return ok;
}

void node_get_proposals(struct web_request *request, void *app)
{
  answer_reading(request, app, read_proposals);
}

void node_get_proposals_workbook(struct web_request *request, void *app)
{
  answer_workbook(request, app, read_proposals, &proposal_sheet);
}

struct one_proposal {
  struct ledger_out ledger;
  struct db *db;
  struct err *err;
  bool ok;
};

static void one_proposal_out(void *ctx, const struct proposal_row *row)
{
  struct one_proposal *one = ctx;
  struct json_out *out = one->ledger.out;
  out_object(out, NULL);
  proposal_members_out(&one->ledger, row);
  out_stored_object(out, "base", row->base);
  one->ok = talk_out(out, one->db, row->branch, row->id, one->err);
  out_end(out);
}

static bool read_proposal(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  struct one_proposal one = {.ledger = {.out = out}, .db = db, .err = err, .ok = true};
  int64_t id;
  if (!web_param_int(request, "id", 1, INT64_MAX, &id, err) || !place_open(&one.ledger.place, app, db, err))
    return false;
  bool ok = (proposal_get(db, app->code, id, one_proposal_out, &one, err) ||
             withheld_instead(db, app->code, id, err)) &&
            one.ok && !one.ledger.place.bad;
  return ok;
}

void node_get_proposal(struct web_request *request, void *app)
{
  answer_reading(request, app, read_proposal);
}

/* -- what the branch says to its proposal before it is decided -- */

static bool answer_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const int64_t proposal = *(int64_t *)ctx;
  const char *text;
  int64_t question;
  if (!json_get_int(edit->body, "question", 1, INT64_MAX, &question, err) ||
      !json_get_text(edit->body, "text", 2, 400, &text, err) ||
      !proposal_answer(tx, proposal, question, text, err))
    return false;
  write_saved(edit, proposal, NULL, tx->now_ms);
  return true;
}

static bool withdraw_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const int64_t proposal = *(int64_t *)ctx;
  const char *text;
  if (!json_get_text(edit->body, "text", 2, 400, &text, err) || !proposal_withdraw(tx, proposal, text, err))
    return false;
  write_saved(edit, proposal, NULL, tx->now_ms);
  return true;
}

static void say(struct web_request *request, void *app, const struct edit_plan *plan)
{
  struct edit edit;
  struct err err = ERR_INIT;
  int64_t proposal;
  if (!edit_begin(&edit, request, app, plan)) return;
  if (web_param_int(request, "id", 1, INT64_MAX, &proposal, &err))
    edit_commit(&edit, &proposal);
  else
    edit_refuse(&edit, &err);
  edit_end(&edit);
}

void node_post_proposal_answer(struct web_request *request, void *app)
{
  static const char *const fields[] = {"question", "text", NULL};
  static const struct edit_plan plan = {
      .action = ACTION_PROPOSAL_ANSWER, .fields = fields, .work = answer_work};
  say(request, app, &plan);
}

void node_post_proposal_withdrawal(struct web_request *request, void *app)
{
  static const char *const fields[] = {"text", NULL};
  static const struct edit_plan plan = {
      .action = ACTION_PROPOSAL_WITHDRAW, .fields = fields, .work = withdraw_work};
  say(request, app, &plan);
}
