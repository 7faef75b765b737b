/* The session's routes: who is logged in, login, logout, one's own password. */
#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/domain/describe.h"
#include "core/domain/division.h"
#include "site/change.h"
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
    out_text(out, "name_zh", "浙江省中心");
    out_text(out, "name_en", "Zhejiang provincial centre");
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

/* {account, site} into out. */
static bool write_session(struct app *app, struct db *db, const struct session *session, struct json_out *out,
                          struct err *err)
{
  out_object(out, NULL);
  if (session && *session->account) {
    out_object(out, "account");
    out_text(out, "name", session->account);
    out_text(out, "role", session->role);
    out_bool(out, "must_change", session->must_change);
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

static bool login_work(struct tx *tx, struct change *change, void *ctx, struct err *err)
{
  struct attempt *attempt = ctx;
  (void)change;
  return login_finish(tx, &attempt->login, attempt->token, err) &&
         (!*attempt->token || session_get(&attempt->session, tx->db, attempt->token, tx->now_ms, err));
}

static bool begin(struct app *app, const char *name, const char *peer, struct attempt *attempt,
                  struct err *err)
{
  struct db *db = NULL;
  if (!readers_take(app->readers, &db, err)) return false;
  bool ok = login_begin(&attempt->login, db, name, peer, clock_wall_ms(), err);
  readers_give(app->readers, db);
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

static void refuse_login(struct change *change, const struct attempt *attempt)
{
  struct err err = ERR_INIT;
  char params[64];
  if (attempt->login.wait_ms > 0) {
    snprintf(params, sizeof params, "{\"retry_ms\":%lld}", (long long)attempt->login.wait_ms);
    put_text(&change->params, params);
    put_u8(&change->params, 0);
    err_rule(&err, ERR_LIMIT, "", "locked_out", "too many failures; wait %lld s",
             (long long)(attempt->login.wait_ms + 999) / 1000);
  } else {
    err_rule(&err, ERR_DENIED, "", "wrong_login", "name or password is wrong");
  }
  change_refuse(change, &err);
}

static void finish_login(struct change *change, struct attempt *attempt)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  if (!*attempt->token) {
    refuse_login(change, attempt);
    return;
  }
  bool ok = readers_take(change->app->readers, &db, &err);
  if (ok) {
    ok = write_session(change->app, db, &attempt->session, &change->out, &err);
    readers_give(change->app->readers, db);
  }
  if (ok)
    web_set_cookie(change->request, site_cookie(change->request), attempt->token, SESSION_LIFE_MS / 1000);
  else
    change_refuse(change, &err);
}

void post_login(struct web_request *request, void *app)
{
  static const char *const fields[] = {"name", "password", NULL};
  /* An entry, because a failure is a security event of the branch. */
  static const struct change_plan plan = {
      .action = ACTION_LOGIN, .fields = fields, .work = login_work, .status = 200};
  struct change change;
  struct attempt attempt = {.token = ""};
  struct err err = ERR_INIT;
  const char *name, *password;
  if (!change_begin(&change, request, app, &plan)) return;
  bool ok = json_get_text(change.body, "name", 1, 32, &name, &err) &&
            json_get_text(change.body, "password", 1, 128, &password, &err) &&
            begin(app, name, request->peer, &attempt, &err) && verify(app, &attempt, password, &err);
  if (!ok)
    change_refuse(&change, &err);
  else if (change_commit(&change, &attempt))
    finish_login(&change, &attempt);
  crypto_wipe(&attempt, sizeof attempt);
  change_end(&change);
}

/* -- logout and the own password -- */

static bool logout_work(struct tx *tx, struct change *change, void *ctx, struct err *err)
{
  (void)ctx;
  return session_remove(tx, site_caller(change->request)->token, err) &&
         write_session(change->app, tx->db, NULL, &change->out, err);
}

void post_logout(struct web_request *request, void *app)
{
  static const struct change_plan plan = {.work = logout_work, .status = 200};
  web_set_cookie(request, site_cookie(request), "", 0);
  change_run(request, app, &plan, NULL);
}

static bool password_work(struct tx *tx, struct change *change, void *ctx, struct err *err)
{
  const struct caller *caller = site_caller(change->request);
  struct session session = caller->session;
  session.must_change = false;
  return account_set_password(tx, session.account, ctx, false, caller->token, err) &&
         write_session(change->app, tx->db, &session, &change->out, err);
}

static bool old_hash(struct app *app, const char *name, char hash[PASSWORD_HASH_SIZE], struct err *err)
{
  struct db *db = NULL;
  if (!readers_take(app->readers, &db, err)) return false;
  bool ok = account_hash(db, name, hash, err);
  readers_give(app->readers, db);
  return ok;
}

static bool make_password(struct change *change, char hash[PASSWORD_HASH_SIZE], struct err *err)
{
  const char *name = site_caller(change->request)->session.account;
  const char *old, *fresh;
  if (!json_get_text(change->body, "old", 1, 128, &old, err) ||
      !json_get_text(change->body, "new", 1, 128, &fresh, err) || !password_check(name, fresh, err) ||
      !old_hash(change->app, name, hash, err))
    return false;
  if (strcmp(old, fresh) == 0)
    return err_rule(err, ERR_INPUT, "new", "same_password", "the new password is the old one");
  if (!site_hash_begin(change->app, err)) return false;
  bool right = password_verify(hash, old);
  bool ok = right && password_hash(hash, fresh, err);
  site_hash_end(change->app);
  if (right) return ok;
  site_record(change->app, change->request, "password", "wrong old password");
  return err_rule(err, ERR_INPUT, "old", "wrong_password", "the old password is wrong");
}

void post_password(struct web_request *request, void *app)
{
  static const char *const fields[] = {"old", "new", NULL};
  static const struct change_plan plan = {.fields = fields, .work = password_work, .status = 200};
  struct change change;
  struct err err = ERR_INIT;
  char hash[PASSWORD_HASH_SIZE];
  if (!change_begin(&change, request, app, &plan)) return;
  if (make_password(&change, hash, &err))
    change_commit(&change, hash);
  else
    change_refuse(&change, &err);
  crypto_wipe(hash, sizeof hash);
  change_end(&change);
}
