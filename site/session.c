/* The session's routes: who is logged in, login, logout, one's own password. */
#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/domain/describe.h"
#include "core/domain/division.h"
#include "core/domain/security_event.h"
#include "site/edit.h"
#include "site/routes.h"

#include <stdio.h>
#include <string.h>

static void write_site(void *ctx, const struct division *row)
{
  struct json_out *out = ctx;
  out_text(out, "name_zh", row->name_zh);
  out_text(out, "name_en", row->name_en);
}

/* name_zh and name_en of this site: its county's, or the province centre's. */
bool site_name_out(struct app *app, struct db *db, struct json_out *out, struct err *err)
{
  struct err none = ERR_INIT;
  if (app->kind == APP_HUB) {
    out_text(out, "name_zh", *app->identity.name ? app->identity.name : "浙江省中心");
    out_text(out, "name_en", "Provincial centre");
    return true;
  }
  if (division_get(db, app->code, write_site, out, &none)) return true;
  if (none.kind != ERR_MISSING) {
    *err = none;
    return false;
  }
  char code[16]; /* a node that has not got the divisions yet */
  snprintf(code, sizeof code, "%u", app->code);
  out_text(out, "name_zh", code);
  out_text(out, "name_en", code);
  return true;
}

/* While nothing can be saved a password cannot be changed either. */
static bool cannot_save(struct app *app)
{
  struct trouble trouble;
  site_trouble(app, &trouble);
  return *trouble.rule;
}

/* {account, site} into out. */
static bool write_session(struct app *app, struct db *db, const struct session *session, struct json_out *out,
                          struct err *err)
{
  out_object(out, NULL);
  if (session && *session->account) {
    out_object(out, "account");
    out_text(out, "name", session->account);
    out_text(out, "role", session->role);
    out_bool(out, "must_change", session->must_change && !cannot_save(app));
    out_end(out);
  } else {
    out_null(out, "account");
  }
  out_object(out, "site");
  out_text(out, "kind", app->kind == APP_HUB ? "hub" : "node");
  out_int(out, "code", app->code);
  if (!site_name_out(app, db, out, err)) return false;
  out_text(out, "version", SUNLIT_VERSION);
  out_end(out);
  out_end(out);
  return true;
}

static bool read_session(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                         struct err *err)
{
  return write_session(app, db, &site_caller(request)->session, out, err);
}

void get_session(struct web_request *request, void *app)
{
  answer_reading(request, app, read_session);
}

/* -- login -- */

struct attempt {
  struct login login;
  struct session session;
  char token[SESSION_TOKEN_SIZE];
};

static bool login_work(struct tx *tx, void *ctx, struct err *err)
{
  struct attempt *attempt = ctx;
  return login_finish(tx, &attempt->login, attempt->token, err) &&
         (!*attempt->token || session_get(&attempt->session, tx->db, attempt->token, tx->now_ms, err));
}

static bool begin(struct app *app, const char *name, const char *peer, struct attempt *attempt,
                  struct err *err)
{
  struct db *db = NULL;
  if (!readers_take(app->readers, &db, err)) return false;
  int64_t now_ms = clock_wall_ms();
  bool ok = login_begin(&attempt->login, db, name, peer, now_ms, err);
  readers_give(app->readers, db);
  int64_t wait_ms = ok ? unwritten_wait(site_unwritten(app), attempt->login.name, peer, now_ms) : 0;
  if (wait_ms > attempt->login.wait_ms) attempt->login.wait_ms = wait_ms;
  return ok;
}

static bool verify(struct app *app, struct attempt *attempt, const char *password, struct err *err)
{
  if (attempt->login.wait_ms > 0) return true;
  if (!site_hash_begin(app, err)) return false;
  login_verify(&attempt->login, password);
  site_hash_end(app);
  return true;
}

/* The database cannot be written: who knew the password looks all the same, who did not is counted. */
static bool remember(struct app *app, struct attempt *attempt, bool right, struct err *err)
{
  struct unwritten *u = site_unwritten(app);
  struct login *login = &attempt->login;
  struct db *db = NULL;
  int64_t now_ms = clock_wall_ms();
  if (!right) {
    unwritten_event(u, login->wait_ms ? "locked" : "login", login->name, "wrong name or password",
                    login->peer);
    if (!login->wait_ms) login->wait_ms = unwritten_strike(u, login->name, login->peer, now_ms);
    return true;
  }
  unwritten_let_in(u, login->name, now_ms, attempt->token);
  if (!readers_take(app->readers, &db, err)) return false;
  bool ok = unwritten_session(u, db, attempt->token, now_ms, &attempt->session, err);
  readers_give(app->readers, db);
  return ok;
}

/* A failure is an entry, because it is a security event of the branch.  A login that is right is not, and so
 * needs no journal that can be written; nor, in the end, a disk. */
static bool settle(struct app *app, struct attempt *attempt, struct err *err)
{
  struct err why = ERR_INIT;
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_LOGIN, .now_ms = clock_wall_ms()};
  bool right = attempt->login.right && attempt->login.wait_ms == 0;
  bool ok = right ? app_local(app, login_work, attempt, &why)
                  : app_commit(app, &act, login_work, attempt, NULL, &why);
  if (!ok && right && !unwritten_is(&why)) { /* its account was disabled meanwhile: that is an event */
    err_clear(&why);
    ok = app_commit(app, &act, login_work, attempt, NULL, &why);
  }
  if (ok) return true;
  if (unwritten_is(&why)) return remember(app, attempt, right, err);
  *err = why;
  return false;
}

static void refuse_login(struct edit *edit, const struct attempt *attempt)
{
  struct err err = ERR_INIT;
  char params[64];
  if (attempt->login.wait_ms > 0) {
    snprintf(params, sizeof params, "{\"retry_ms\":%lld}", (long long)attempt->login.wait_ms);
    put_text(&edit->params, params);
    put_u8(&edit->params, 0);
    err_rule(&err, ERR_LIMIT, "", "locked_out", "too many failures; wait %lld s",
             (long long)(attempt->login.wait_ms + 999) / 1000);
  } else {
    err_rule(&err, ERR_DENIED, "", "wrong_login", "name or password is wrong");
  }
  edit_refuse(edit, &err);
}

static void finish_login(struct edit *edit, struct attempt *attempt)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  if (!*attempt->token) {
    refuse_login(edit, attempt);
    return;
  }
  bool ok = readers_take(edit->app->readers, &db, &err);
  if (ok) {
    ok = write_session(edit->app, db, &attempt->session, &edit->out, &err);
    readers_give(edit->app->readers, db);
  }
  if (ok)
    web_set_cookie(edit->request, site_cookie(edit->request), attempt->token, SESSION_LIFE_MS / 1000);
  else
    edit_refuse(edit, &err);
}

void post_login(struct web_request *request, void *app)
{
  static const char *const fields[] = {"name", "password", NULL};
  static const struct edit_plan plan = {.fields = fields, .status = 200};
  struct edit edit;
  struct attempt attempt = {.token = ""};
  struct err err = ERR_INIT;
  const char *name, *password;
  if (!edit_begin(&edit, request, app, &plan)) return;
  bool ok = json_get_text(edit.body, "name", 1, 32, &name, &err) &&
            json_get_text(edit.body, "password", 1, 128, &password, &err) &&
            begin(app, name, request->peer, &attempt, &err) && verify(app, &attempt, password, &err) &&
            settle(app, &attempt, &err);
  if (ok)
    finish_login(&edit, &attempt);
  else
    edit_refuse(&edit, &err);
  crypto_wipe(&attempt, sizeof attempt);
  edit_end(&edit);
}

/* -- logout and the own password -- */

static bool logout_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  (void)ctx;
  return session_remove(tx, site_caller(edit->request)->token, err) &&
         write_session(edit->app, tx->db, NULL, &edit->out, err);
}

void post_logout(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {.work = logout_work, .status = 200};
  web_set_cookie(request, site_cookie(request), "", 0);
  unwritten_forget(site_unwritten(app), site_caller(request)->token);
  edit_run(request, app, &plan, NULL);
}

/* -- where else this account is logged in -- */

static void each_session(void *ctx, const struct session_row *row)
{
  struct json_out *out = ctx;
  out_object(out, NULL);
  out_int(out, "id", row->id);
  out_text(out, "peer", row->peer);
  out_int(out, "made_ms", row->made_ms);
  out_int(out, "seen_ms", row->seen_ms);
  out_int(out, "expires_ms", row->expires_ms);
  out_bool(out, "own", row->own);
  out_end(out);
}

static bool write_sessions(const struct caller *caller, struct db *db, int64_t now_ms, struct json_out *out,
                           struct err *err)
{
  out_object(out, NULL);
  out_array(out, "items");
  if (!session_list(db, caller->session.account, caller->token, now_ms, each_session, out, err)) return false;
  out_end(out);
  out_end(out);
  return true;
}

static bool read_sessions(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  (void)app;
  return write_sessions(site_caller(request), db, clock_wall_ms(), out, err);
}

void get_sessions(struct web_request *request, void *app)
{
  answer_reading(request, app, read_sessions);
}

static bool end_session_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const struct caller *caller = site_caller(edit->request);
  int64_t id;
  (void)ctx;
  return web_param_int(edit->request, "id", 0, INT64_MAX, &id, err) &&
         session_end(tx, caller->session.account, id, err) &&
         write_sessions(caller, tx->db, tx->now_ms, &edit->out, err);
}

void post_session_logout(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {.work = end_session_work, .status = 200};
  edit_run(request, app, &plan, NULL);
}

static bool password_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const struct caller *caller = site_caller(edit->request);
  struct session session = caller->session;
  session.must_change = false;
  snprintf(tx->subject, sizeof tx->subject, "%s", session.account);
  return account_set_password(tx, session.account, ctx, false, caller->token, err) &&
         security_event_record(tx, "password_change", session.account, "", edit->request->peer, 1, err) &&
         write_session(edit->app, tx->db, &session, &edit->out, err);
}

static bool old_hash(struct app *app, const char *name, char hash[PASSWORD_HASH_SIZE], struct err *err)
{
  struct db *db = NULL;
  if (!readers_take(app->readers, &db, err)) return false;
  bool ok = account_hash(db, name, hash, err);
  readers_give(app->readers, db);
  return ok;
}

static bool make_password(struct edit *edit, char hash[PASSWORD_HASH_SIZE], struct err *err)
{
  const char *name = site_caller(edit->request)->session.account;
  const char *old, *fresh;
  if (!json_get_text(edit->body, "old", 1, 128, &old, err) ||
      !json_get_text(edit->body, "new", 1, 128, &fresh, err) || !password_check(name, fresh, err) ||
      !old_hash(edit->app, name, hash, err))
    return false;
  if (strcmp(old, fresh) == 0)
    return err_rule(err, ERR_INPUT, "new", "same_password", "the new password is the old one");
  if (!site_hash_begin(edit->app, err)) return false;
  bool right = password_verify(hash, old);
  bool ok = right && password_hash(hash, fresh, err);
  site_hash_end(edit->app);
  if (right) return ok;
  site_record(edit->app, edit->request, "password", "wrong old password");
  return err_rule(err, ERR_INPUT, "old", "wrong_password", "the old password is wrong");
}

void post_password(struct web_request *request, void *app)
{
  static const char *const fields[] = {"old", "new", NULL};
  static const struct edit_plan plan = {
      .action = ACTION_ACCOUNT, .fields = fields, .work = password_work, .status = 200};
  struct edit edit;
  struct err err = ERR_INIT;
  char hash[PASSWORD_HASH_SIZE];
  if (!edit_begin(&edit, request, app, &plan)) return;
  if (make_password(&edit, hash, &err))
    edit_commit(&edit, hash);
  else
    edit_refuse(&edit, &err);
  crypto_wipe(hash, sizeof hash);
  edit_end(&edit);
}
