/* Withholding an entry by law: where it stands, asking, carrying it out, declining. */
#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/withhold.h"
#include "hub/api.h"
#include "hub/withhold.h"
#include "site/edit.h"
#include "site/withheld.h"
#include "sync/streams.h"

#include <stdio.h>
#include <string.h>

struct standing {
  struct json_out *out;
  struct db *db;
  const struct caller *caller;
  enum language language;
  struct division_names names;
  struct logged entry;
  struct buf keep;
  struct withhold_set set; /* what would go */
  struct err why;          /* it cannot */
  bool can;
  bool asked; /* a request is open */
  bool withheld;
  uint32_t province;
  bool bad;
  struct err *err;
};

static void request_out(struct json_out *out, const struct withhold_request *row, enum language language)
{
  out_int(out, "id", row->id);
  out_text(out, "rule", row->rule);
  out_text(out, "rule_title", describe_rule(row->rule, language));
  out_text(out, "reason", row->reason);
  out_text(out, "asked_by", row->actor);
  out_int(out, "asked_ms", row->at_ms);
  out_text_or_null(out, "verdict", row->verdict);
  out_text(out, "answer_reason", row->answer_reason);
  out_text_or_null(out, "answered_by", row->answer_actor);
  out_int_or_null(out, "answered_ms", row->answer_ms);
}

/* What this account may do about it: the pages show no button that would be refused. */
static void each_request(void *ctx, const struct withhold_request *row)
{
  struct standing *s = ctx;
  bool open = !*row->verdict;
  bool own = strcmp(row->actor, s->caller->session.account) == 0;
  bool admin = s->caller->role == ROLE_ADMIN, second = false;
  struct tx who = {
      .db = s->db, .author = s->province, .actor = s->caller->session.account, .now_ms = clock_wall_ms()};
  if (open && admin && !s->bad && !withhold_second(&who, row, &second, s->err)) s->bad = true;
  s->asked = s->asked || open;
  out_object(s->out, NULL);
  request_out(s->out, row, s->language);
  out_bool(s->out, "may_carry_out", second && s->can);
  out_bool(s->out, "may_decline", open && (admin || own));
  out_end(s->out);
}

static bool act_out(struct standing *s)
{
  struct withholding act;
  struct buf keep = BUF_INIT;
  bool ok =
      withholding_get(s->db, s->entry.record.stream, s->entry.record.seq, &act, &s->withheld, &keep, s->err);
  if (ok && s->withheld)
    ok = withheld_out(s->out, "act", s->db, &s->names, &act, s->language, s->err);
  else
    out_null(s->out, "act");
  buf_wipe(&keep);
  return ok;
}

static bool with_out(struct standing *s)
{
  struct buf keep = BUF_INIT;
  bool ok = true;
  out_array(s->out, "with");
  for (size_t i = 1; ok && i < s->set.count; i++) {
    struct logged entry;
    ok = entry_read(s->db, s->set.entries[i].pos, &entry, &keep, s->err);
    if (!ok) break;
    out_object(s->out, NULL);
    out_int(s->out, "pos", s->set.entries[i].pos);
    out_text(s->out, "no", s->set.entries[i].no);
    out_textn(s->out, "subject", entry.record.subject.text, entry.record.subject.size);
    out_end(s->out);
  }
  out_end(s->out);
  buf_wipe(&keep);
  return ok;
}

/* Can it go, and what goes with it. */
static bool find_reach(struct standing *s)
{
  s->can = !s->withheld && withhold_collect(s->db, s->entry.pos, &s->set, &s->why);
  if (s->can) return true;
  s->set.count = 0;
  if (s->withheld || s->why.kind == ERR_CONFLICT || s->why.kind == ERR_LIMIT) return true;
  *s->err = s->why;
  return false;
}

static bool reach_out(struct standing *s)
{
  bool curates = (s->caller->role & (ROLE_CURATOR | ROLE_ADMIN)) != 0;
  out_text(s->out, "state", s->withheld ? "withheld" : s->asked ? "asked" : s->can ? "open" : "kept");
  if (s->can || s->withheld)
    out_null(s->out, "why");
  else
    fault_out(s->out, "why", &s->why, NULL);
  out_bool(s->out, "may_ask", s->can && curates && !s->asked);
  out_int(s->out, "rows", s->can ? (int64_t)s->set.rows : 0);
  return with_out(s);
}

static void rules_out(struct standing *s)
{
  out_array(s->out, "rules");
  for (int i = 0; withhold_rules[i]; i++) {
    out_object(s->out, NULL);
    out_text(s->out, "rule", withhold_rules[i]);
    out_text(s->out, "title", describe_rule(withhold_rules[i], s->language));
    out_end(s->out);
  }
  out_end(s->out);
}

static bool standing_out(struct standing *s)
{
  const struct record *r = &s->entry.record;
  out_object(s->out, NULL);
  out_int(s->out, "pos", s->entry.pos);
  if (!act_out(s) || !find_reach(s)) return false;
  out_array(s->out, "requests");
  bool ok = withhold_list(s->db, r->stream.author, r->stream.lane, r->seq, false, each_request, s, s->err);
  out_end(s->out);
  ok = ok && !s->bad && reach_out(s);
  rules_out(s);
  out_end(s->out);
  return ok;
}

struct held_at {
  struct db *db;
  uint32_t province;
};

static bool write_standing(struct web_request *request, const struct held_at *at, int64_t pos,
                           struct json_out *out, struct err *err)
{
  struct db *db = at->db;
  struct standing s = {.out = out,
                       .db = db,
                       .province = at->province,
                       .caller = site_caller(request),
                       .language = answer_language(request),
                       .why = ERR_INIT,
                       .err = err};
  struct err none = ERR_INIT;
  if (!entry_read(db, pos, &s.entry, &s.keep, &none)) {
    buf_wipe(&s.keep);
    if (none.kind == ERR_MISSING)
      return err_rule(err, ERR_MISSING, "pos", "not_found", "there is no entry %lld", (long long)pos);
    *err = none;
    return false;
  }
  bool ok = division_names_open(&s.names, db, s.language, err);
  ok = ok && standing_out(&s);
  division_names_close(&s.names);
  buf_wipe(&s.keep);
  return ok;
}

static bool read_standing(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  int64_t pos;
  return web_param_int(request, "pos", 0, INT64_MAX, &pos, err) &&
         write_standing(request, &(struct held_at){db, app->code}, pos, out, err);
}

void hub_get_withholding(struct web_request *request, void *app)
{
  answer_reading(request, app, read_standing);
}

/* -- asking -- */

static bool ask_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const int64_t pos = *(int64_t *)ctx;
  struct withhold_set set;
  struct withhold_request wish = {.actor = tx->actor};
  struct logged entry;
  struct buf keep = BUF_INIT;
  int64_t id;
  bool ok = json_get_text(edit->body, "rule", 1, 40, &wish.rule, err) &&
            json_get_text(edit->body, "reason", 2, 400, &wish.reason, err) &&
            withhold_collect(tx->db, pos, &set, err) && withhold_subject(tx, &set, err) &&
            entry_read(tx->db, pos, &entry, &keep, err);
  if (ok) {
    wish.author = entry.record.stream.author;
    wish.lane = entry.record.stream.lane;
    wish.seq = entry.record.seq;
    ok = withhold_ask(tx, &wish, &id, err);
  }
  buf_wipe(&keep);
  return ok && write_standing(edit->request, &(struct held_at){tx->db, tx->author}, pos, &edit->out, err);
}

/* -- answering -- */

static bool read_seen(const json_t *body, struct withhold_seen *out, struct err *err)
{
  const json_t *with = json_object_get(body, "with");
  out->count = json_array_size(with);
  if (!json_is_array(with) || out->count >= WITHHOLD_TOGETHER_MAX)
    return err_rule(err, ERR_INPUT, "with", with ? "type" : "required",
                    "with is not the list of the entries that were shown to go along");
  for (size_t i = 0; i < out->count; i++) {
    const json_t *pos = json_array_get(with, i);
    if (!json_is_integer(pos))
      return err_rule(err, ERR_INPUT, "with", "type", "with has something that is no position");
    out->with[i] = json_integer_value(pos);
  }
  return json_get_int(body, "request", 1, INT64_MAX, &out->request, err);
}

/* The acts are written here and carried out when the store seals them: the answer is what is then known. */
static bool carry_out_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const int64_t pos = *(int64_t *)ctx;
  struct withhold_seen seen;
  return read_seen(edit->body, &seen, err) && withhold_carry_out(tx, pos, &seen, err) &&
         write_standing(edit->request, &(struct held_at){tx->db, tx->author}, pos, &edit->out, err);
}

static void take_actor(void *ctx, const struct withhold_request *row)
{
  snprintf(ctx, 65, "%s", row->actor);
}

/* An administrator may say no, and whoever asked may take it back. */
static bool decline_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const int64_t pos = *(int64_t *)ctx;
  const char *reason;
  char asked_by[65];
  int64_t request = 0;
  if (!json_get_text(edit->body, "reason", 2, 400, &reason, err) ||
      !json_get_int(edit->body, "request", 1, INT64_MAX, &request, err) ||
      !withhold_same_request(tx->db, pos, request, err) ||
      !withhold_get(tx->db, request, take_actor, asked_by, err))
    return false;
  if (site_caller(edit->request)->role != ROLE_ADMIN && strcmp(asked_by, tx->actor) != 0)
    return err_rule(err, ERR_DENIED, "", "role",
                    "only an administrator declines what somebody else asked for");
  return withhold_reply(tx, request, "declined", reason, err) &&
         write_standing(edit->request, &(struct held_at){tx->db, tx->author}, pos, &edit->out, err);
}

static void change(struct web_request *request, void *app, const struct edit_plan *plan)
{
  struct edit edit;
  struct err err = ERR_INIT;
  int64_t pos;
  if (!edit_begin(&edit, request, app, plan)) return;
  if (web_param_int(request, "pos", 0, INT64_MAX, &pos, &err))
    edit_commit(&edit, &pos);
  else
    edit_refuse(&edit, &err);
  edit_end(&edit);
}

void hub_post_withholding(struct web_request *request, void *app)
{
  static const char *const fields[] = {"rule", "reason", NULL};
  static const struct edit_plan plan = {.action = ACTION_WITHHOLD_ASK, .fields = fields, .work = ask_work};
  change(request, app, &plan);
}

void hub_post_withholding_decline(struct web_request *request, void *app)
{
  static const char *const fields[] = {"request", "reason", NULL};
  static const struct edit_plan plan = {
      .action = ACTION_WITHHOLD_DECLINE, .fields = fields, .work = decline_work};
  change(request, app, &plan);
}

void hub_post_withholding_carry_out(struct web_request *request, void *app)
{
  static const char *const fields[] = {"request", "with", NULL};
  static const struct edit_plan plan = {.action = ACTION_WITHHOLD, .fields = fields, .work = carry_out_work};
  change(request, app, &plan);
}

/* -- what waits for an answer -- */

struct waiting {
  struct json_out *out;
  struct db *db;
  struct division_names names;
  enum language language;
  int64_t total;
  struct err *err;
  bool bad;
};

static void each_waiting(void *ctx, const struct withhold_request *row)
{
  struct waiting *w = ctx;
  int64_t pos = -1;
  if (w->bad) return;
  w->bad = !stream_find(w->db, (struct stream){row->author, row->lane}, row->seq, &pos, w->err);
  w->total++;
  out_object(w->out, NULL);
  out_int(w->out, "pos", pos);
  out_int(w->out, "author", row->author);
  out_text(w->out, "author_name", division_name(&w->names, row->author));
  out_int(w->out, "seq", (int64_t)row->seq);
  request_out(w->out, row, w->language);
  out_end(w->out);
}

static bool read_requests(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  struct waiting w = {.out = out, .db = db, .language = answer_language(request), .err = err};
  static const char *const states[] = {"open", "all", NULL};
  int state;
  (void)app;
  if (!answer_query_word(request, "state", states, &state, err) ||
      !division_names_open(&w.names, db, w.language, err))
    return false;
  out_object(out, NULL);
  out_array(out, "items");
  bool ok = withhold_list(db, 0, 0, 0, state != 1, each_waiting, &w, err) && !w.bad;
  out_end(out);
  out_int(out, "total", w.total);
  out_end(out);
  division_names_close(&w.names);
  return ok;
}

void hub_get_withhold_requests(struct web_request *request, void *app)
{
  answer_reading(request, app, read_requests);
}
