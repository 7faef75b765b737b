/* The queue of proposals, one of them side by side, and the decision. */
#include "core/domain/describe.h"
#include "core/domain/min_order.h"
#include "core/domain/proposal_talk.h"
#include "core/domain/review.h"
#include "core/domain/similar.h"
#include "hub/api.h"
#include "hub/entry_proof.h"
#include "site/edit.h"
#include "site/routes.h"
#include "site/withheld.h"
#include "sync/streams.h"

#include <stdio.h>
#include <string.h>

static json_t *parse_object(const char *text)
{
  json_t *value = *text ? json_parse(text, strlen(text), NULL) : NULL;
  return value ? value : json_object();
}

/* What a review says of a proposal beyond what its branch sees. */
static void review_members_out(struct ledger_out *ledger, const struct proposal_row *row)
{
  json_t *patch = parse_object(row->patch);
  proposal_members_out(ledger, row);
  out_int(ledger->out, "fields", (int64_t)json_object_size(patch));
  /* The place of a proposal here is when it came. */
  out_int_or_null(ledger->out, "received_ms", ledger->place.ms);
  json_decref(patch);
}

static void each_review(void *ctx, const struct proposal_row *row)
{
  struct ledger_out *ledger = ctx;
  bool open = !*row->verdict;
  out_object(ledger->out, NULL);
  review_members_out(ledger, row);
  out_bool(ledger->out, "stale", open && row->target && row->now_rev != row->base_rev);
  out_end(ledger->out);
}

static bool read_reviews(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                         struct err *err)
{
  static const char *const states[] = {"open", "decided", "asked", NULL};
  struct ledger_out ledger = {.out = out};
  struct proposal_filter filter = {0};
  int state;
  int64_t branch, total;
  struct bookmark next;
  if (!answer_query_word(request, "state", states, &state, err) ||
      !web_query_int_or(request, "branch", 110000, 659999, 0, &branch, err) ||
      !proposal_asked(request, &filter, err) || !answer_page(request, &filter.page, &next, err) ||
      !place_open(&ledger.place, app, db, err))
    return false;
  out_object(out, NULL);
  out_array(out, "items");
  filter.branch = (uint32_t)branch;
  filter.state = state == 2 ? PROPOSAL_ASKED : state == 1 ? PROPOSAL_DECIDED : PROPOSAL_OPEN;
  bool ok = proposal_list(db, &filter, each_review, &ledger, &total, err) && !ledger.place.bad;
  out_end(out);
  out_int(out, "total", ok ? total : 0);
  next_out(out, &next);
  out_end(out);
  return ok;
}

void hub_get_reviews(struct web_request *request, void *app)
{
  answer_reading(request, app, read_reviews);
}

void hub_get_reviews_workbook(struct web_request *request, void *app)
{
  answer_workbook(request, app, read_reviews, &review_sheet);
}

/* -- one of them -- */

struct side_by_side {
  json_t *base, *now, *changed;
  int64_t now_rev;
  bool stale, exists, readable;
  bool bad;
};

static void take_head(void *ctx, const struct review *review)
{
  struct side_by_side *side = ctx;
  side->now_rev = review->now_rev;
  side->stale = review->stale;
  side->readable = review->readable;
  side->exists = review->now != NULL;
  if (review->now) side->now = json_deep_copy(review->now);
}

static void take_field(void *ctx, const struct review_field *f)
{
  struct side_by_side *side = ctx;
  if (f->base && json_object_set_new(side->base, f->field, json_deep_copy(f->base))) side->bad = true;
  if (!f->changed_by || !*f->changed_by) return;
  json_t *who = json_pack("{s:I, s:s, s:I, s:b}", "at_ms", (json_int_t)f->changed_ms, "actor", f->changed_by,
                          "rev", (json_int_t)f->changed_rev, "stale", f->stale);
  if (json_object_set_new(side->changed, f->field, who)) side->bad = true;
}

static void out_json(struct json_out *out, const char *key, const json_t *value)
{
  struct buf text = BUF_INIT;
  json_write(&text, value);
  put_u8(&text, 0);
  if (text.bad)
    out->bytes.bad = true;
  else
    out_raw(out, key, (const char *)text.data);
  buf_wipe(&text);
}

static void side_out(struct json_out *out, const struct side_by_side *side)
{
  if (!side->exists) {
    out_null(out, "base");
    out_null(out, "now");
  } else {
    out_json(out, "base", side->base);
    out_object(out, "now");
    out_int(out, "rev", side->now_rev);
    out_json(out, "fields", side->now);
    out_json(out, "changed", side->changed);
    out_end(out);
  }
  out_bool(out, "stale", side->stale);
  out_bool(out, "readable", side->readable);
}

struct one {
  struct ledger_out ledger;
  char target_kind[12];
  int64_t target;
  bool open;     /* nobody has decided about it */
  bool fresh;    /* something new, which nobody has decided about */
  json_t *patch; /* an object */
};

static void write_one(void *ctx, const struct proposal_row *row)
{
  struct one *one = ctx;
  review_members_out(&one->ledger, row);
  out_stored_object(one->ledger.out, "proposed", row->patch);
  snprintf(one->target_kind, sizeof one->target_kind, "%s", row->target_kind);
  one->target = row->target;
  one->open = !*row->verdict;
  one->fresh = strncmp(row->kind, "new_", 4) == 0 && one->open;
  one->patch = parse_object(row->patch);
}

static bool write_sides(struct json_out *out, struct db *db, uint32_t branch, int64_t id, struct err *err)
{
  struct side_by_side side = {.base = json_object(), .changed = json_object()};
  bool ok = side.base && side.changed && review_get(db, branch, id, take_head, take_field, &side, err);
  if (ok) side_out(out, &side);
  if (side.bad) out->bytes.bad = true;
  json_decref(side.base);
  json_decref(side.now);
  json_decref(side.changed);
  return ok;
}

static bool write_signature(struct json_out *out, struct db *db, uint32_t branch, int64_t id, struct err *err)
{
  struct entry_check check = {.ok = CHECK_OPEN};
  int64_t pos = 0;
  if (!stream_find(db, (struct stream){branch, 0}, id_seq(id), &pos, err) ||
      (pos >= 0 && !entry_proof_signature(db, pos, LANGUAGE_ZH, &check, err)))
    return false;
  out_object(out, "signature");
  out_bool(out, "verified", check.ok == CHECK_PASSED);
  out_end(out);
  if (pos < 0)
    out_null(out, "entry_pos");
  else
    out_int(out, "entry_pos", pos);
  return true;
}

static void each_similar(void *ctx, const struct similar *row)
{
  struct json_out *out = ctx;
  out_object(out, NULL);
  out_int(out, "id", row->id);
  out_text(out, "name", row->name);
  out_text(out, "name_en", row->name_en);
  out_text(out, "aliases", row->aliases);
  out_text(out, "place", row->place);
  out_text(out, "place_en", row->place_en);
  out_text(out, "status", row->status);
  out_text(out, "why", similar_why_name(row->why));
  out_end(out);
}

/* What is here already under a name like that of something new. */
static bool write_similar(struct json_out *out, struct db *db, const struct one *one, struct err *err)
{
  enum item_kind kind;
  bool ok = true;
  out_array(out, "similar");
  if (one->fresh && item_kind_of(one->target_kind, &kind, NULL))
    ok = similar_list(db, kind, one->patch, each_similar, out, err);
  out_end(out);
  return ok;
}

/* What a new unit would leave behind, and empty; null when the proposal asks for none. */
static bool write_old_unit(struct json_out *out, struct db *db, const struct one *one, struct err *err)
{
  int64_t prices = 0, orders = 0;
  bool asks = one->open && one->target && strcmp(one->target_kind, "product") == 0 &&
              json_object_get(one->patch, "unit");
  if (!asks) {
    out_null(out, "old_unit_prices");
    out_null(out, "old_unit_orders");
    return true;
  }
  if (!price_count_in_unit(db, one->target, &prices, err) || !min_order_count(db, one->target, &orders, err))
    return false;
  out_int(out, "old_unit_prices", prices);
  out_int(out, "old_unit_orders", orders);
  return true;
}

/* What else was proposed for the same thing, and what came last of it. */
static bool write_history(struct json_out *out, struct db *db, const struct one *one, uint32_t branch,
                          int64_t id, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT p.branch, coalesce(d.name_zh, ''), p.id, p.no, p.at_ms, x.verdict, coalesce(d.name_en, '')"
      " FROM proposal p LEFT JOIN decision x ON x.branch = p.branch AND x.proposal = p.id"
      " LEFT JOIN division d ON d.code = p.branch"
      " WHERE p.target = ?1 AND p.target_kind = ?2 AND NOT (p.branch = ?3 AND p.id = ?4)"
      " ORDER BY came(p.branch, p.id) DESC LIMIT 20 /* scan: proposals are few */",
      err);
  query_int(&q, 1, one->target ? one->target : -1);
  query_text(&q, 2, one->target_kind);
  query_int(&q, 3, branch);
  query_int(&q, 4, id);
  out_array(out, "history");
  while (query_row(&q)) {
    out_object(out, NULL);
    out_int(out, "branch", column_int(&q, 0));
    out_text(out, "branch_name", column_text(&q, 1));
    out_text(out, "branch_name_en", column_text(&q, 6));
    out_int(out, "id", column_int(&q, 2));
    out_text(out, "no", column_text(&q, 3));
    out_int(out, "at_ms", column_int(&q, 4));
    out_text_or_null(out, "verdict", column_text(&q, 5));
    out_end(out);
  }
  out_end(out);
  return query_close(&q);
}

static bool read_path(struct web_request *request, uint32_t *branch, int64_t *id, struct err *err)
{
  int64_t code;
  if (!web_param_int(request, "branch", 110000, 659999, &code, err) ||
      !web_param_int(request, "id", 1, INT64_MAX, id, err))
    return false;
  *branch = (uint32_t)code;
  return true;
}

static bool read_review(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                        struct err *err)
{
  struct one one = {.ledger = {.out = out}};
  uint32_t branch;
  int64_t id;
  if (!read_path(request, &branch, &id, err) || !place_open(&one.ledger.place, app, db, err)) return false;
  out_object(out, NULL);
  bool ok = (proposal_get(db, branch, id, write_one, &one, err) || withheld_instead(db, branch, id, err)) &&
            !one.ledger.place.bad && write_sides(out, db, branch, id, err) &&
            write_signature(out, db, branch, id, err) && talk_out(out, db, branch, id, err) &&
            write_similar(out, db, &one, err) && write_old_unit(out, db, &one, err) &&
            write_history(out, db, &one, branch, id, err);
  if (ok) out_end(out);
  json_decref(one.patch);
  return ok;
}

void hub_get_review(struct web_request *request, void *app)
{
  answer_reading(request, app, read_review);
}

/* -- the decision -- */

static void write_decided(void *ctx, const struct proposal_row *row)
{
  struct json_out *out = ctx;
  int64_t target = row->target ? row->target : row->created;
  out_object(out, NULL);
  out_text(out, "verdict", row->verdict);
  out_int_or_null(out, "target", target);
  out_int_or_null(out, "rev", row->target ? row->now_rev : target ? 1 : 0);
  out_end(out);
}

static bool decide_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  struct verdict *verdict = ctx;
  int64_t decision;
  verdict->fields = json_object_get(edit->body, "fields");
  if (!json_is_object(verdict->fields))
    return err_rule(err, ERR_INPUT, "fields", verdict->fields ? "type" : "required",
                    "fields is not an object of accepted and rejected fields");
  verdict->mends = json_object_get(edit->body, "mends");
  if (verdict->mends && !json_is_object(verdict->mends))
    return err_rule(err, ERR_INPUT, "mends", "type", "mends is not an object of fields and values");
  return json_get_int_or(edit->body, "rev", 1, INT64_MAX, 0, &verdict->rev, err) &&
         json_get_int_or(edit->body, "talk", 0, INT64_MAX, 0, &verdict->talk, err) &&
         json_get_text_or(edit->body, "reason", 400, "", &verdict->reason, err) &&
         review_decide(tx, verdict, &decision, &edit->faults, err) &&
         proposal_get(tx->db, verdict->branch, verdict->proposal, write_decided, &edit->out, err);
}

void hub_post_decision(struct web_request *request, void *app)
{
  static const char *const fields[] = {"fields", "mends", "reason", "rev", "talk", NULL};
  static const struct edit_plan plan = {
      .action = ACTION_PROPOSAL_DECIDE, .fields = fields, .work = decide_work};
  struct edit edit;
  struct verdict verdict = {0};
  struct err err = ERR_INIT;
  if (!edit_begin(&edit, request, app, &plan)) return;
  if (!read_path(request, &verdict.branch, &verdict.proposal, &err)) {
    edit_refuse(&edit, &err);
  } else {
    edit.lane = verdict.branch; /* the decision goes down to the branch that asked */
    edit_commit(&edit, &verdict);
  }
  edit_end(&edit);
}

/* -- a question before the decision -- */

struct question {
  uint32_t branch;
  int64_t proposal;
};

static bool ask_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const struct question *question = ctx;
  const char *text;
  if (!json_get_text(edit->body, "text", 2, 400, &text, err) ||
      !proposal_ask(tx, question->branch, question->proposal, text, err))
    return false;
  out_object(&edit->out, NULL);
  out_text(&edit->out, "state", "asked");
  out_end(&edit->out);
  return true;
}

void hub_post_question(struct web_request *request, void *app)
{
  static const char *const fields[] = {"text", NULL};
  static const struct edit_plan plan = {.action = ACTION_PROPOSAL_ASK, .fields = fields, .work = ask_work};
  struct edit edit;
  struct question question;
  struct err err = ERR_INIT;
  if (!edit_begin(&edit, request, app, &plan)) return;
  if (!read_path(request, &question.branch, &question.proposal, &err)) {
    edit_refuse(&edit, &err);
  } else {
    edit.lane = question.branch;
    edit_commit(&edit, &question);
  }
  edit_end(&edit);
}
