/* The accounts of this site, for its administrator. */
#include "core/domain/account.h"
#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/lockout.h"
#include "core/domain/security_event.h"
#include "site/edit.h"
#include "site/routes.h"

#include <stdio.h>
#include <string.h>

static void write_account(struct json_out *out, const struct account *row, int64_t unstored)
{
  out_object(out, NULL);
  out_text(out, "name", row->name);
  out_text(out, "role", row->role);
  out_bool(out, "must_change", row->must_change);
  out_bool(out, "disabled", row->disabled);
  out_int_or_null(out, "locked_until_ms", row->locked_until_ms);
  out_int_or_null(out, "last_login_ms", row->login_ms);
  out_int(out, "sessions", row->sessions + unstored);
  out_int(out, "password_ms", row->password_ms);
  out_end(out);
}

struct listing {
  struct json_out *out;
  struct app *app;
  struct db *db;
  const char *only; /* a name; NULL: all */
  int64_t total;
  struct err err; /* of the sessions in memory */
};

static void count_session(void *ctx, const struct session_row *row)
{
  int64_t *count = ctx;
  (void)row;
  ++*count;
}

static void each_account(void *ctx, const struct account *row)
{
  struct listing *list = ctx;
  if (list->only && strcmp(list->only, row->name) != 0) return;
  int64_t unstored = 0;
  (void)unwritten_list(site_unwritten(list->app), list->db, row->name, "", clock_wall_ms(), count_session,
                       &unstored, &list->err);
  write_account(list->out, row, unstored);
  list->total++;
}

static bool list_accounts(struct listing *list, int64_t now_ms, struct err *err)
{
  if (!account_list(list->db, now_ms, each_account, list, err)) return false;
  if (list->err.kind) *err = list->err;
  return !list->err.kind;
}

static bool read_accounts(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  struct listing list = {.out = out, .app = app, .db = db};
  (void)request;
  out_object(out, NULL);
  out_array(out, "items");
  if (!list_accounts(&list, clock_wall_ms(), err)) return false;
  out_end(out);
  out_int(out, "total", list.total);
  out_end(out);
  return true;
}

void get_accounts(struct web_request *request, void *app)
{
  answer_reading(request, app, read_accounts);
}

/* The account's row as the answer. */
static bool write_one(struct edit *edit, struct db *db, int64_t now_ms, const char *name, struct err *err)
{
  struct listing list = {.out = &edit->out, .app = edit->app, .db = db, .only = name};
  if (!list_accounts(&list, now_ms, err)) return false;
  return list.total || err_rule(err, ERR_MISSING, "name", "unknown_account", "there is no account %s", name);
}

static enum site site_of(const struct edit *edit)
{
  return edit->app->kind == APP_HUB ? SITE_HUB : SITE_NODE;
}

/* Who may do what is part of the trail: the change and its record are one transaction. */
static bool tell(struct tx *tx, const struct edit *edit, const char *kind, const char *name,
                 const char *detail, struct err *err)
{
  char line[80];
  snprintf(line, sizeof line, "%s%s%s", name, *detail ? " " : "", detail);
  snprintf(tx->subject, sizeof tx->subject, "%s", name);
  return security_event_record(tx, kind, tx->actor, line, edit->request->peer, 1, err);
}

/* -- A one-time password is shown in one answer; what is kept for a resend has none. -- */

struct made {
  struct one_time one_time;
  const char *name;
};

static void write_made(struct json_out *out, const char *name, const char *role, const char *password)
{
  out_object(out, NULL);
  out_text(out, "name", name);
  out_text(out, "role", role);
  out_text_or_null(out, "password", password);
  out_end(out);
}

static void answer_made(struct edit *edit, const char *name, const char *role, const struct made *made)
{
  struct json_out kept = JSON_OUT_INIT;
  write_made(&edit->out, name, role, made->one_time.password);
  write_made(&kept, name, role, NULL);
  edit->kept = kept.bytes;
}

static bool make_one_time(struct web_request *request, struct app *app, struct made *made, struct err *err)
{
  struct gate_place place;
  if (!gate_enter(site_hashing(app), &place, site_caller(request)->session.account, request->peer, err))
    return false;
  bool ok = one_time_make(&made->one_time, err);
  gate_leave(site_hashing(app), &place);
  return ok;
}

static void run_with_password(struct web_request *request, struct app *app, const struct edit_plan *plan)
{
  struct edit edit;
  struct made made;
  struct err err = ERR_INIT;
  if (!edit_begin(&edit, request, app, plan)) return;
  if (make_one_time(request, app, &made, &err))
    edit_commit(&edit, &made);
  else
    edit_refuse(&edit, &err);
  crypto_wipe(&made, sizeof made);
  edit_end(&edit);
}

static bool add_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const struct made *made = ctx;
  const char *name, *role;
  if (!json_get_text(edit->body, "name", 1, 200, &name, err) ||
      !json_get_text(edit->body, "role", 1, 16, &role, err) ||
      !account_add(tx, site_of(edit), name, role, made->one_time.hash, err) ||
      !tell(tx, edit, "account_add", name, role, err))
    return false;
  answer_made(edit, name, role, made);
  return true;
}

void post_account(struct web_request *request, void *app)
{
  static const char *const fields[] = {"name", "role", NULL};
  static const struct edit_plan plan = {.action = ACTION_ACCOUNT, .fields = fields, .work = add_work};
  run_with_password(request, app, &plan);
}

/* What an act replaces (docs/decisions/0233): it names what its administrator saw of it. */
struct standing {
  const char *name;
  char role[16];
  bool disabled;
  int64_t password_ms;
};

static void find_standing(void *ctx, const struct account *row)
{
  struct standing *found = ctx;
  if (strcmp(found->name, row->name) != 0) return;
  snprintf(found->role, sizeof found->role, "%s", row->role);
  found->disabled = row->disabled;
  found->password_ms = row->password_ms;
}

static bool read_standing(struct tx *tx, const struct edit *edit, struct standing *out, struct err *err)
{
  *out = (struct standing){.name = web_param(edit->request, "name")};
  return account_list(tx->db, tx->now_ms, find_standing, out, err) &&
         (*out->role ||
          err_rule(err, ERR_MISSING, "name", "unknown_account", "there is no account %.32s", out->name));
}

static bool stale(const struct standing *now, struct err *err)
{
  return err_rule(err, ERR_CONFLICT, "seen", "stale", "the account %s was changed by somebody just now",
                  now->name);
}

static bool reset_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const struct made *made = ctx;
  struct standing now;
  int64_t seen_ms;
  if (!json_get_int(edit->body, "password_ms", 0, INT64_MAX, &seen_ms, err) ||
      !read_standing(tx, edit, &now, err))
    return false;
  if (strcmp(now.name, tx->actor) == 0) /* the reset would end the session that is to read the new one */
    return err_rule(err, ERR_DENIED, "name", "own_password",
                    "one's own password is not reset: POST password changes it");
  if (seen_ms != now.password_ms) return stale(&now, err);
  if (!account_set_password(tx, now.name, made->one_time.hash, true, NULL, err) ||
      !tell(tx, edit, "account_reset", now.name, "", err))
    return false;
  answer_made(edit, now.name, now.role, made);
  return true;
}

void post_account_reset(struct web_request *request, void *app)
{
  static const char *const fields[] = {"password_ms", NULL};
  static const struct edit_plan plan = {.action = ACTION_ACCOUNT, .fields = fields, .work = reset_work};
  run_with_password(request, app, &plan);
}

/* A change that ends the account's sessions, also those that could not be stored. */
static void run_ending(struct web_request *request, struct app *app, const struct edit_plan *plan)
{
  struct edit edit;
  if (!edit_begin(&edit, request, app, plan)) return;
  if (edit_commit(&edit, NULL)) unwritten_end(site_unwritten(app), web_param(request, "name"));
  edit_end(&edit);
}

static bool tell_change(struct tx *tx, const struct edit *edit, const char *name, const char *role,
                        const bool *disabled, struct err *err)
{
  if (role && !tell(tx, edit, "account_role", name, role, err)) return false;
  if (!disabled) return true;
  return tell(tx, edit, *disabled ? "account_disable" : "account_enable", name, "", err);
}

/* "seen": {"role", "disabled"}, as the list had them. */
static bool read_seen(const struct edit *edit, struct standing *out, struct err *err)
{
  static const char *const fields[] = {"role", "disabled", NULL};
  const char *role;
  const json_t *seen = json_object_get(edit->body, "seen");
  if (!json_is_object(seen) || !json_is_boolean(json_object_get(seen, "disabled")))
    return err_rule(err, ERR_INPUT, "seen", "required",
                    "a change says which role was seen, and whether the account was disabled");
  if (!json_only(seen, fields, err) || !json_get_text(seen, "role", 1, 16, &role, err)) return false;
  snprintf(out->role, sizeof out->role, "%s", role);
  out->disabled = json_is_true(json_object_get(seen, "disabled"));
  return true;
}

/* What is as it shall be is so by an earlier press, whose answer may have been lost: nothing is written. */
static bool change_account_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const char *name = web_param(edit->request, "name"), *role;
  struct standing seen, now;
  bool disabled;
  (void)ctx;
  if (!json_get_text_or(edit->body, "role", 16, NULL, &role, err) ||
      !json_get_bool_or(edit->body, "disabled", false, &disabled, err) || !read_seen(edit, &seen, err) ||
      !read_standing(tx, edit, &now, err))
    return false;
  const bool *wanted = json_is_boolean(json_object_get(edit->body, "disabled")) ? &disabled : NULL;
  bool is_so = (!role || strcmp(role, now.role) == 0) && (!wanted || *wanted == now.disabled);
  if (!is_so && (strcmp(seen.role, now.role) != 0 || seen.disabled != now.disabled)) return stale(&now, err);
  return (is_so || (account_change(tx, site_of(edit), name, role, wanted, err) &&
                    tell_change(tx, edit, name, role, wanted, err))) &&
         write_one(edit, tx->db, tx->now_ms, name, err);
}

void patch_account(struct web_request *request, void *app)
{
  static const char *const fields[] = {"role", "disabled", "seen", NULL};
  static const struct edit_plan plan = {
      .action = ACTION_ACCOUNT, .fields = fields, .work = change_account_work, .status = 200};
  run_ending(request, app, &plan);
}

static bool end_sessions_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const char *name = web_param(edit->request, "name");
  (void)ctx;
  return session_remove_all(tx, name, NULL, err) && tell(tx, edit, "account_logout", name, "", err) &&
         write_one(edit, tx->db, tx->now_ms, name, err);
}

void post_account_logout(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {.action = ACTION_ACCOUNT, .work = end_sessions_work, .status = 200};
  run_ending(request, app, &plan);
}

static bool unlock_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const char *name = web_param(edit->request, "name");
  int lifted = 0;
  (void)ctx;
  return lockout_lift(tx, name, &lifted, err) && tell(tx, edit, "account_unlock", name, "", err) &&
         write_one(edit, tx->db, tx->now_ms, name, err);
}

void post_account_unlock(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {.action = ACTION_ACCOUNT, .work = unlock_work, .status = 200};
  edit_run(request, app, &plan, NULL);
}
