/* Which counties are in, and letting them in or cutting them off. */
#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "core/domain/enrolment.h"
#include "hub/api.h"
#include "hub/hub.h"
#include "hub/invite.h"
#include "hub/revoke.h"
#include "site/division_names.h"
#include "site/edit.h"

#include <string.h>

struct branches {
  struct json_out *out;
  struct division_names *names;
  uint32_t only; /* 0: all */
  int64_t total;
};

static const char *state_of(const struct branch_state *row)
{
  return row->enrolled ? "enrolled" : row->invited ? "invited" : row->revoked ? "revoked" : "none";
}

static void each_branch(void *ctx, const struct branch_state *row)
{
  struct branches *branches = ctx;
  struct json_out *out = branches->out;
  if (branches->only && branches->only != row->code) return;
  branches->total++;
  out_object(out, NULL);
  out_int(out, "code", row->code);
  out_text(out, "name_zh", row->name_zh);
  out_text(out, "name_en", row->name_en);
  out_int(out, "prefecture_code", row->prefecture_code);
  out_text(out, "prefecture_name", division_name(branches->names, row->prefecture_code));
  out_text(out, "state", state_of(row));
  out_bool(out, "connected", row->connected);
  out_int_or_null(out, "epoch", row->epoch);
  out_int_or_null(out, "enrolled_ms", row->enrolled_ms);
  out_int_or_null(out, "invite_expires_ms", row->invite_expires_ms);
  out_int_or_null(out, "certificate_until_ms", row->certificate_until_ms);
  out_int_or_null(out, "last_contact_ms", row->last_contact_ms);
  out_end(out);
}

static bool read_branches(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  struct division_names names;
  struct branches branches = {.out = out, .names = &names};
  (void)app;
  if (!division_names_open(&names, db, answer_language(request), err)) return false;
  out_object(out, NULL);
  out_array(out, "items");
  bool ok = branch_list(db, clock_wall_ms(), each_branch, &branches, err);
  division_names_close(&names);
  out_end(out);
  out_int(out, "total", branches.total);
  out_end(out);
  return ok;
}

void hub_get_branches(struct web_request *request, void *app)
{
  answer_reading(request, app, read_branches);
}

void hub_get_branches_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"name_zh", "支行", CELL_TEXT, 14, NULL},
      {"code", "代码", CELL_TEXT, 10, NULL},
      {"state", "接入", CELL_SITE, 10, NULL},
      {"epoch", "第几次接入", CELL_INT, 12, NULL},
      {"enrolled_ms", "接入时间", CELL_MS, 20, NULL},
      {"certificate_until_ms", "证书有效期至", CELL_MS, 20, NULL},
      {"invite_expires_ms", "邀请有效期至", CELL_MS, 20, NULL},
      {"last_contact_ms", "最近联系", CELL_MS, 20, NULL},
  };
  static const struct list_sheet sheet = {"接入", "items", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_branches, &sheet);
}

/* Somebody else may have been faster than who looked at it. */
static bool another(struct edit *edit, const char *field, const char *rule, int64_t seen, int64_t now,
                    struct err *err)
{
  struct json_out params = JSON_OUT_INIT;
  out_object(&params, NULL);
  out_int(&params, "seen", seen);
  out_int(&params, "now", now);
  out_end(&params);
  put_u8(&params.bytes, 0);
  edit->params = params.bytes;
  return err_rule(err, ERR_CONFLICT, field, rule, "%lld was looked at, and it is %lld now", (long long)seen,
                  (long long)now);
}

/* -- invite: its line is a secret, in this one answer -- */

static void write_invite(struct json_out *out, const struct invitation *invitation, const char *line)
{
  out_object(out, NULL);
  out_text_or_null(out, "invite", line);
  out_int(out, "branch", invitation->branch);
  out_int(out, "expires_ms", invitation->expires_ms);
  out_end(out);
}

/* The open invitation that was looked at is the one that ends; none when that one is over by now. */
static bool ends_what_was_seen(struct tx *tx, struct edit *edit, uint32_t branch, struct err *err)
{
  int64_t seen, open;
  if (!json_get_int_or(edit->body, "replaces_ms", 1, INT64_MAX, 0, &seen, err) ||
      !invite_open_until(tx->db, branch, tx->now_ms, &open, err))
    return false;
  if (seen <= tx->now_ms) seen = 0;
  return open == seen || another(edit, "replaces_ms", "another_invite", seen, open, err);
}

/* One transaction with the key of the request: of two equal requests at once one makes an invitation, and the
 * other learns that it was made; an earlier one is withdrawn once. */
static bool invite_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  struct invite_ask *ask = ctx;
  struct json_out kept = JSON_OUT_INIT;
  char line[INVITATION_LINE_MAX];
  if (!ends_what_was_seen(tx, edit, ask->invitation.branch, err) || !invite_record(tx, ask, err))
    return false;
  invitation_write(&ask->invitation, line);
  write_invite(&edit->out, &ask->invitation, line);
  write_invite(&kept, &ask->invitation, NULL);
  edit->kept = kept.bytes;
  crypto_wipe(line, sizeof line);
  return true;
}

void hub_post_invite(struct web_request *request, void *app)
{
  static const char *const fields[] = {"branch", "replaces_ms", NULL};
  static const struct edit_plan plan = {.action = ACTION_SECURITY, .fields = fields, .work = invite_work};
  struct edit edit;
  struct err err = ERR_INIT;
  struct hub *hub = hub_of(app);
  struct invite_ask ask = {.dir = &hub->app.dir, .address = hub->address};
  int64_t branch;
  if (!edit_begin(&edit, request, app, &plan)) return;
  bool ok = json_get_int(edit.body, "branch", 110000, 659999, &branch, &err);
  if (ok) {
    ask.invitation.branch = (uint32_t)branch;
    ok = invite_fill(&ask, &err);
  }
  if (ok)
    edit_commit(&edit, &ask);
  else
    edit_refuse(&edit, &err);
  crypto_wipe(&ask.invitation, sizeof ask.invitation);
  edit_end(&edit);
}

static bool write_branch(struct tx *tx, struct edit *edit, uint32_t branch, struct err *err)
{
  struct division_names names;
  struct branches one = {.out = &edit->out, .names = &names, .only = branch};
  if (!division_names_open(&names, tx->db, answer_language(edit->request), err)) return false;
  bool ok = branch_list(tx->db, tx->now_ms, each_branch, &one, err);
  division_names_close(&names);
  if (!ok) return false;
  return one.total ||
         err_rule(err, ERR_MISSING, "branch", "unknown_division", "there is no county %u", branch);
}

/* -- ended is what was looked at -- */

struct ending {
  uint32_t branch, epoch;
  bool done; /* here, and not by an equal request before */
};

static void end_what_was_seen(struct web_request *request, void *app, const struct edit_plan *plan,
                              struct ending *ending)
{
  struct edit edit;
  struct err err = ERR_INIT;
  int64_t code;
  if (!edit_begin(&edit, request, app, plan)) return;
  if (web_param_int(request, "branch", 110000, 659999, &code, &err)) {
    ending->branch = (uint32_t)code;
    ending->done = edit_commit(&edit, ending) && ending->done;
  } else {
    edit_refuse(&edit, &err);
  }
  edit_end(&edit);
}

/* -- an invitation is taken back -- */

static bool withdraw_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const struct ending *ending = ctx;
  int64_t seen, open;
  if (!json_get_int(edit->body, "expires_ms", 1, INT64_MAX, &seen, err) ||
      !invite_open_until(tx->db, ending->branch, tx->now_ms, &open, err))
    return false;
  if (open != 0 && open != seen) return another(edit, "expires_ms", "another_invite", seen, open, err);
  return invite_withdraw_record(tx, ending->branch, err) && write_branch(tx, edit, ending->branch, err);
}

void hub_post_invite_withdrawal(struct web_request *request, void *app)
{
  static const char *const fields[] = {"expires_ms", NULL};
  static const struct edit_plan plan = {.action = ACTION_SECURITY, .fields = fields, .work = withdraw_work};
  struct ending ending = {.branch = 0};
  end_what_was_seen(request, app, &plan, &ending);
}

/* -- revoke -- */

static bool revoke_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  struct ending *ending = ctx;
  const char *reason;
  int64_t seen, epoch;
  if (!json_get_text(edit->body, "reason", 2, 200, &reason, err) ||
      !json_get_int(edit->body, "epoch", 1, UINT32_MAX, &seen, err) ||
      !branch_contact_epoch(tx->db, ending->branch, &epoch, err))
    return false;
  if (epoch != 0 && epoch != seen) return another(edit, "epoch", "another_enrolment", seen, epoch, err);
  ending->done = revoke_record(tx, ending->branch, reason, &ending->epoch, err) &&
                 write_branch(tx, edit, ending->branch, err);
  return ending->done;
}

void hub_post_revoke(struct web_request *request, void *app)
{
  static const char *const fields[] = {"epoch", "reason", NULL};
  static const struct edit_plan plan = {.action = ACTION_SECURITY, .fields = fields, .work = revoke_work};
  struct ending ending = {.branch = 0};
  struct err err = ERR_INIT;
  end_what_was_seen(request, app, &plan, &ending);
  if (ending.done && !revoke_finish(hub_of(app), ending.branch, ending.epoch, &err))
    log_warning("the keys of %u are revoked in a moment: %s", ending.branch, err.text);
}
