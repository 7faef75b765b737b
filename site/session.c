/* The session's routes: who is logged in, login, logout, one's own password. */
#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/domain/describe.h"
#include "core/domain/division.h"
#include "core/domain/lockout.h"
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

/* {account, ended, site} into out. */
static bool write_session(struct app *app, struct db *db, const struct session *session, const char *ended,
                          struct json_out *out, struct err *err)
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
  out_text_or_null(out, "ended", ended);
  out_object(out, "site");
  out_text(out, "kind", app->kind == APP_HUB ? "hub" : "node");
  out_int(out, "code", app->code);
  out_text(out, "id", app->site_id);
  if (!site_name_out(app, db, out, err)) return false;
  out_text(out, "version", SUNLIT_VERSION);
  out_end(out);
  out_end(out);
  return true;
}

static bool read_session(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                         struct err *err)
{
  const struct caller *caller = site_caller(request);
  return write_session(app, db, &caller->session, caller->ended ? caller->ended : "", out, err);
}

void get_session(struct web_request *request, void *app)
{
  answer_reading(request, app, read_session);
}

/* -- login -- */

struct attempt {
  struct login login;
  struct session session;
  struct login_tokens tokens;
};

static bool login_work(struct tx *tx, void *ctx, struct err *err)
{
  struct attempt *attempt = ctx;
  const char *token = attempt->tokens.session;
  return login_finish(tx, &attempt->login, &attempt->tokens, err) &&
         (!*token || session_get(&attempt->session, tx->db, token, tx->now_ms, err));
}

/* While nothing can be written, too, a browser that is known waits for itself alone. */
static void counted_under(const struct login *login, char name[LOGIN_DEVICE_SIZE],
                          char peer[LOGIN_DEVICE_SIZE])
{
  snprintf(name, LOGIN_DEVICE_SIZE, "%s", login->name);
  snprintf(peer, LOGIN_DEVICE_SIZE, "%s", login->peer);
  if (!login->device_known) return;
  login_device(name, login);
  login_device(peer, login);
}

static bool begin(struct app *app, const char *typed, const struct login_from *from, struct attempt *attempt,
                  struct err *err)
{
  struct db *db = NULL;
  if (!readers_take(app->readers, &db, err)) return false;
  bool ok = login_begin(&attempt->login, db, typed, from, clock_wall_ms(), err);
  readers_give(app->readers, db);
  char name[LOGIN_DEVICE_SIZE], peer[LOGIN_DEVICE_SIZE];
  counted_under(&attempt->login, name, peer);
  int64_t wait_ms = ok ? unwritten_wait(site_unwritten(app), name, peer, clock_boot_ms()) : 0;
  if (wait_ms > attempt->login.wait_ms) attempt->login.wait_ms = wait_ms;
  return ok;
}

/* The lock is looked at once more in the place: many guesses at once must not all pass it together. */
static bool verify(struct app *app, struct attempt *attempt, const char *typed, const struct login_from *from,
                   const char *password, struct err *err)
{
  struct gate_place place;
  char name[sizeof attempt->login.name];
  if (attempt->login.wait_ms > 0) return true;
  snprintf(name, sizeof name, "%s", attempt->login.name);
  if (!gate_enter(site_hashing(app), &place, name, from->peer, err)) return false;
  bool ok = begin(app, typed, from, attempt, err);
  if (ok && attempt->login.wait_ms == 0) login_verify(&attempt->login, password);
  gate_leave(site_hashing(app), &place);
  return ok;
}

static void refuse_locked(struct edit *edit, int64_t wait_ms)
{
  struct err err = ERR_INIT;
  char params[64];
  snprintf(params, sizeof params, "{\"retry_ms\":%lld}", (long long)wait_ms);
  put_text(&edit->params, params);
  put_u8(&edit->params, 0);
  err_rule(&err, ERR_LIMIT, "", "locked_out", "too many failures; wait %lld s",
           (long long)(wait_ms + 999) / 1000);
  edit_refuse(edit, &err);
}

/* The database cannot be written: who knew the password looks all the same, who did not is counted. */
static bool remember(struct app *app, struct attempt *attempt, bool right, struct err *err)
{
  struct unwritten *u = site_unwritten(app);
  struct login *login = &attempt->login;
  struct db *db = NULL;
  int64_t now_ms = clock_wall_ms();
  if (!right) {
    unwritten_event(u, login->wait_ms ? "locked" : "login", login_actor(login), login_failure(login),
                    login->peer);
    if (login->right && !login->wait_ms) return true; /* of a disabled account: nobody guesses */
    char name[LOGIN_DEVICE_SIZE], peer[LOGIN_DEVICE_SIZE];
    counted_under(login, name, peer);
    if (!login->wait_ms) login->wait_ms = unwritten_strike(u, name, peer, clock_boot_ms());
    return true;
  }
  attempt->tokens = (struct login_tokens){.session = ""}; /* what was not committed knows nobody */
  if (login->too_old) return true;
  unwritten_let_in(u, login->name, login->password_ms, login->peer, login->agent, now_ms,
                   attempt->tokens.session);
  if (!readers_take(app->readers, &db, err)) return false;
  bool ok = unwritten_session(u, db, attempt->tokens.session, now_ms, &attempt->session, err);
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
  bool right = attempt->login.right && !attempt->login.disabled && attempt->login.wait_ms == 0;
  char name[LOGIN_DEVICE_SIZE], peer[LOGIN_DEVICE_SIZE];
  counted_under(&attempt->login, name, peer);
  if (right) unwritten_forgive(site_unwritten(app), name, peer, clock_boot_ms());
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
  if (attempt->login.wait_ms > 0) {
    refuse_locked(edit, attempt->login.wait_ms);
    return;
  }
  if (attempt->login.right && attempt->login.disabled)
    err_rule(&err, ERR_DENIED, "", "account_disabled",
             "this account is disabled: an administrator may enable it");
  else if (attempt->login.right && attempt->login.too_old)
    err_rule(&err, ERR_DENIED, "", "one_time_expired",
             "this one-time password was given more than %d days ago: an administrator gives a new one",
             (int)(ONE_TIME_LIFE_MS / 86400000));
  else
    err_rule(&err, ERR_DENIED, "", "wrong_login", "name or password is wrong");
  edit_refuse(edit, &err);
}

static void set_cookies(const struct edit *edit, const struct login_tokens *tokens)
{
  char name[SITE_COOKIE_SIZE];
  site_cookie(edit->app, edit->request, "", name);
  web_set_cookie(edit->request, name, tokens->session, SESSION_LIFE_MS / 1000);
  if (!*tokens->device) return;
  site_cookie(edit->app, edit->request, "-device", name);
  web_set_cookie(edit->request, name, tokens->device, DEVICE_LIFE_MS / 1000);
}

static void finish_login(struct edit *edit, struct attempt *attempt)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  if (!*attempt->tokens.session) {
    refuse_login(edit, attempt);
    return;
  }
  bool ok = readers_take(edit->app->readers, &db, &err);
  if (ok) {
    ok = write_session(edit->app, db, &attempt->session, "", &edit->out, &err);
    readers_give(edit->app->readers, db);
  }
  if (ok)
    set_cookies(edit, &attempt->tokens);
  else
    edit_refuse(edit, &err);
}

void post_login(struct web_request *request, void *app)
{
  static const char *const fields[] = {"name", "password", NULL};
  static const struct edit_plan plan = {.fields = fields, .status = 200};
  struct edit edit;
  struct attempt attempt = {.tokens.session = ""};
  struct err err = ERR_INIT;
  char device[SESSION_TOKEN_SIZE] = "", cookie[SITE_COOKIE_SIZE];
  const char *agent = web_header(request, "User-Agent");
  const struct login_from from = {request->peer, device, agent ? agent : ""};
  const char *name, *password;
  if (!edit_begin(&edit, request, app, &plan)) return;
  site_cookie(app, request, "-device", cookie);
  if (!web_cookie(request, cookie, device, sizeof device)) *device = '\0';
  bool ok = json_get_typed(edit.body, "name", 256, &name, &err) &&
            json_get_typed(edit.body, "password", PASSWORD_SIZE_MAX - 1, &password, &err) &&
            begin(app, name, &from, &attempt, &err) && verify(app, &attempt, name, &from, password, &err) &&
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
  const char *token = site_caller(edit->request)->token;
  (void)ctx;
  unwritten_forget(site_unwritten(edit->app), token);
  return session_remove(tx, token, err) && write_session(edit->app, tx->db, NULL, "", &edit->out, err);
}

void post_logout(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {.work = logout_work, .status = 200};
  char cookie[SITE_COOKIE_SIZE];
  struct edit edit;
  if (edit_begin(&edit, request, app, &plan)) {
    if (edit_commit(&edit, NULL)) { /* who is not logged out comes again with it */
      site_cookie(app, request, "", cookie);
      web_set_cookie(request, cookie, "", 0);
    }
    edit_end(&edit);
  }
  unwritten_forget(site_unwritten(app), site_caller(request)->token); /* also when nothing can be written */
}

/* -- where else this account is logged in -- */

static void each_session(void *ctx, const struct session_row *row)
{
  struct json_out *out = ctx;
  out_object(out, NULL);
  out_int(out, "id", row->id);
  out_text(out, "peer", row->peer);
  out_text(out, "agent", row->agent);
  out_int(out, "made_ms", row->made_ms);
  out_int(out, "seen_ms", row->seen_ms);
  out_int(out, "expires_ms", row->expires_ms);
  out_bool(out, "own", row->own);
  out_end(out);
}

/* Also those that are in memory because nothing could be written when they began. */
static bool write_sessions(struct app *app, const struct caller *caller, struct db *db, int64_t now_ms,
                           struct json_out *out, struct err *err)
{
  const char *account = caller->session.account;
  out_object(out, NULL);
  out_array(out, "items");
  if (!unwritten_list(site_unwritten(app), db, account, caller->token, now_ms, each_session, out, err) ||
      !session_list(db, account, caller->token, now_ms, each_session, out, err))
    return false;
  out_end(out);
  out_end(out);
  return true;
}

static bool read_sessions(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  return write_sessions(app, site_caller(request), db, clock_wall_ms(), out, err);
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
         write_sessions(edit->app, caller, tx->db, tx->now_ms, &edit->out, err);
}

void post_session_logout(struct web_request *request, void *app)
{
  static const struct edit_plan plan = {.work = end_session_work, .status = 200};
  int64_t id = 0;
  /* One in memory ends without a transaction, which may be what is not to be had. */
  if (web_param_int(request, "id", 0, INT64_MAX, &id, NULL) &&
      unwritten_end_one(site_unwritten(app), site_caller(request)->session.account, id))
    answer_reading(request, app, read_sessions);
  else
    edit_run(request, app, &plan, NULL);
}

static bool password_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const struct caller *caller = site_caller(edit->request);
  struct session session = caller->session;
  session.must_change = false;
  unwritten_keep(site_unwritten(edit->app), caller->token, tx->now_ms);
  snprintf(tx->subject, sizeof tx->subject, "%s", session.account);
  return account_set_password(tx, session.account, ctx, false, caller->token, err) &&
         security_event_record(tx, "password_change", session.account, "", edit->request->peer, 1, err) &&
         write_session(edit->app, tx->db, &session, "", &edit->out, err);
}

/* -- A new password: the old one is asked for, and whoever guesses it waits as at the login. -- */

struct change {
  struct password_now now;
  char hash[PASSWORD_HASH_SIZE]; /* of the new one */
  int64_t wait_ms;               /* locked out: nothing was verified */
  bool stands;                   /* the new one is the password already: an answer was lost */
};

static bool read_now(struct app *app, const char *name, struct change *change, struct err *err)
{
  struct db *db = NULL;
  if (!readers_take(app->readers, &db, err)) return false;
  bool ok = lockout_wait(db, &lockout_password, name, clock_wall_ms(), &change->wait_ms, err) &&
            account_password(db, name, &change->now, err);
  readers_give(app->readers, db);
  return ok;
}

struct guess {
  const char *name;
  int64_t wait_ms;
};

static bool guess_work(struct tx *tx, void *ctx, struct err *err)
{
  struct guess *guess = ctx;
  return lockout_fail(tx, &lockout_password, guess->name, &guess->wait_ms, err);
}

static bool refuse_same(struct err *err)
{
  return err_rule(err, ERR_INPUT, "new", "same_password", "the new password is the old one");
}

static bool refuse_guess(struct edit *edit, const char *name, struct err *err)
{
  struct guess guess = {.name = name};
  site_record(edit->app, edit->request, "password", "wrong old password");
  if (!app_local(edit->app, guess_work, &guess, err)) return false;
  return err_rule(err, ERR_INPUT, "old", "wrong_password", "the old password is wrong");
}

/* The lock is looked at in the place, so that many guesses cannot pass it together.  The old one-time
 * password is taken as the login takes it, and is in no spelling the new one; nor is a change to it one whose
 * answer was lost. */
static bool verify_old(struct edit *edit, const char *name, const char *old, const char *fresh,
                       struct change *change, struct err *err)
{
  struct gate_place place;
  char folded[PASSWORD_SIZE_MAX], who[48];
  const struct password_now *now = &change->now;
  bool right = false;
  login_fold(folded, sizeof folded, old);
  snprintf(who, sizeof who, "password of %s", name);
  if (!gate_enter(site_hashing(edit->app), &place, who, edit->request->peer, err)) return false;
  bool ok = read_now(edit->app, name, change, err);
  if (ok && change->wait_ms == 0) {
    right = password_verify(now->hash, now->one_time ? folded : old);
    change->stands = !right && !now->one_time && password_verify(now->hash, fresh);
    if (right && now->one_time) login_fold(folded, sizeof folded, fresh);
    if (change->stands)
      ok = true;
    else if (!right)
      ok = refuse_guess(edit, name, err);
    else if ((*now->before && password_verify(now->before, fresh)) ||
             (now->one_time && password_verify(now->hash, folded)))
      ok = refuse_same(err);
    else
      ok = password_hash(change->hash, fresh, err);
  }
  gate_leave(site_hashing(edit->app), &place);
  crypto_wipe(folded, sizeof folded);
  return ok;
}

static bool make_password(struct edit *edit, struct change *change, struct err *err)
{
  const char *name = site_caller(edit->request)->session.account;
  const char *old, *fresh;
  if (!json_get_typed(edit->body, "old", PASSWORD_SIZE_MAX - 1, &old, err) ||
      !json_get_text(edit->body, "new", 1, 128, &fresh, err) || !password_check(name, fresh, err))
    return false;
  if (strcmp(old, fresh) == 0) return refuse_same(err);
  return verify_old(edit, name, old, fresh, change, err);
}

/* The answer that the first of two equal requests got. */
static bool say_again(struct edit *edit, struct err *err)
{
  struct db *db = NULL;
  if (!readers_take(edit->app->readers, &db, err)) return false;
  struct session session = site_caller(edit->request)->session; /* as it was before the first */
  session.must_change = false;
  bool ok = write_session(edit->app, db, &session, "", &edit->out, err);
  readers_give(edit->app->readers, db);
  return ok;
}

void post_password(struct web_request *request, void *app)
{
  static const char *const fields[] = {"old", "new", NULL};
  static const struct edit_plan plan = {
      .action = ACTION_ACCOUNT, .fields = fields, .work = password_work, .status = 200};
  struct edit edit;
  struct err err = ERR_INIT;
  struct change change = {.wait_ms = 0};
  if (!edit_begin(&edit, request, app, &plan)) return;
  bool ok = make_password(&edit, &change, &err);
  if (ok && change.wait_ms > 0)
    refuse_locked(&edit, change.wait_ms);
  else if (ok && !change.stands)
    edit_commit(&edit, change.hash);
  else if (!ok || !say_again(&edit, &err))
    edit_refuse(&edit, &err);
  crypto_wipe(&change, sizeof change);
  edit_end(&edit);
}
