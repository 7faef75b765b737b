#include "site/site.h"

#include "core/base/clock.h"
#include "core/base/conf.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "core/domain/describe.h"
#include "core/domain/security_event.h"
#include "program/clock_watch.h"
#include "site/answer.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  HASHES_AT_NODE = 1, /* 64 MiB and a processor each: a branch's machine is small, and 60 ms are soon over */
  HASHES_AT_HUB = 2,
  HASHES_EACH = 2, /* of one account at one address: a second browser, a double click */
  HASH_WAIT_MS = 8000,
  SHEETS_AT_ONCE = 1, /* some 20 MiB each, to make or to read */
  SHEETS_EACH = 30,
  SHEET_WAIT_MS = 20000,
  BUNDLES_AT_ONCE = 1, /* up to 128 MiB each, until the last byte is handed over */
  BUNDLES_EACH = 2
};
/* Who waits holds a connection; so many of one address are left for looking. */
static_assert(ADDRESS_LOGINS_MAX + ADDRESS_SHEETS_MAX + ADDRESS_BUNDLES_MAX + 40 <= ADDRESS_CONNECTIONS_MAX,
              "pages for the others");

/* A snapshot and how many requests are reading it; the newest has one more reader, the site. */
struct snapshot {
  struct catalogue *catalogue;
  int readers;
  struct snapshot *next;
};

struct site_state {
  pthread_mutex_t lock;
  struct gate hashing, sheets, bundles;
  struct export_pace exports;
  struct pace writes;
  struct snapshot *snapshots; /* the newest first */
  struct kept_files files;
  struct unwritten *unwritten;
};

bool site_open(struct app *app, struct err *err)
{
  int64_t writes = WRITES_AT_A_TIME;
  if (app->conf && !conf_int(app->conf, "people.writes_at_once", 1, WRITES_MAX, writes, &writes, err))
    return false;
  struct site_state *site = calloc(1, sizeof *site);
  if (!site) return err_set(err, ERR_IO, "no memory");
  pthread_mutex_init(&site->lock, NULL);
  gate_init(&site->hashing, app->kind == APP_HUB ? HASHES_AT_HUB : HASHES_AT_NODE, HASHES_EACH,
            ADDRESS_LOGINS_MAX, HASH_WAIT_MS,
            "too many are logging in at this moment: try again in a few seconds");
  gate_init(&site->sheets, SHEETS_AT_ONCE, SHEETS_EACH, ADDRESS_SHEETS_MAX, SHEET_WAIT_MS,
            "other workbooks are being made or read at this moment: try again in a few seconds");
  gate_init(&site->bundles, BUNDLES_AT_ONCE, BUNDLES_EACH, ADDRESS_BUNDLES_MAX, SHEET_WAIT_MS,
            "other files of entries are being taken out at this moment: try again in a few seconds");
  export_pace_init(&site->exports);
  pace_init(&site->writes, (int)writes, WRITE_EVERY_MS);
  kept_files_init(&site->files);
  app->site = site;
  return unwritten_open(&site->unwritten, err);
}

void site_close(struct app *app)
{
  struct site_state *site = app->site;
  if (!site) return;
  for (struct snapshot *s = site->snapshots, *next; s; s = next) {
    next = s->next;
    catalogue_close(s->catalogue);
    free(s);
  }
  kept_files_wipe(&site->files);
  unwritten_close(site->unwritten);
  gate_wipe(&site->hashing);
  gate_wipe(&site->sheets);
  gate_wipe(&site->bundles);
  export_pace_wipe(&site->exports);
  pace_wipe(&site->writes);
  pthread_mutex_destroy(&site->lock);
  free(site);
  app->site = NULL;
}

/* Drops what nobody reads.  Under the lock. */
static void give(struct site_state *site, const struct catalogue *catalogue)
{
  for (struct snapshot **at = &site->snapshots; *at; at = &(*at)->next) {
    struct snapshot *s = *at;
    if (s->catalogue != catalogue) continue;
    if (--s->readers == 0) {
      *at = s->next;
      catalogue_close(s->catalogue);
      free(s);
    }
    return;
  }
}

static const struct catalogue *take_newest(struct site_state *site, uint64_t stamp)
{
  struct snapshot *s = site->snapshots;
  if (!s || catalogue_stamp_of(s->catalogue) != stamp) return NULL;
  s->readers++;
  return s->catalogue;
}

bool site_catalogue(struct app *app, struct db *db, const struct catalogue **out, struct err *err)
{
  struct site_state *site = app->site;
  const int today = clock_province_day(app, clock_wall_ms());
  uint64_t stamp;
  if (!catalogue_stamp(db, app->code, today, &stamp, err)) return false;
  pthread_mutex_lock(&site->lock);
  *out = take_newest(site, stamp);
  pthread_mutex_unlock(&site->lock);
  if (*out) return true;
  /* Two threads may build the same snapshot at once; the second to finish replaces the first's. */
  struct snapshot *fresh = calloc(1, sizeof *fresh);
  if (!fresh || !catalogue_open(&fresh->catalogue, db, app->code, today, err)) {
    if (!fresh) err_set(err, ERR_IO, "no memory for the catalogue");
    free(fresh);
    return false;
  }
  fresh->readers = 2; /* the caller, and the site */
  pthread_mutex_lock(&site->lock);
  if (site->snapshots) give(site, site->snapshots->catalogue);
  fresh->next = site->snapshots;
  site->snapshots = fresh;
  pthread_mutex_unlock(&site->lock);
  *out = fresh->catalogue;
  return true;
}

void site_catalogue_give(struct app *app, const struct catalogue *catalogue)
{
  if (!catalogue) return;
  pthread_mutex_lock(&app->site->lock);
  give(app->site, catalogue);
  pthread_mutex_unlock(&app->site->lock);
}

struct kept_files *site_files(struct app *app)
{
  return &app->site->files;
}

struct unwritten *site_unwritten(struct app *app)
{
  return app->site->unwritten;
}

void site_trouble(struct app *app, struct trouble *out)
{
  struct err why = ERR_INIT;
  app_trouble(app, out);
  if (*out->rule || store_writable(app->store, &why)) return;
  snprintf(out->rule, sizeof out->rule, "%s", *why.rule ? why.rule : err_kind_name(why.kind));
  snprintf(out->text, sizeof out->text, "%s", why.text);
  out->since_ms = app->started_ms;
}

void site_attention(struct app *app, struct trouble *out)
{
  site_trouble(app, out);
  if (!*out->rule) (void)clock_trouble(app, clock_wall_ms(), out);
}

void site_beat(struct app *app)
{
  struct trouble trouble;
  struct err err = ERR_INIT;
  app_trouble(app, &trouble);
  if (app->site && !*trouble.rule) (void)unwritten_flush(app->site->unwritten, app, &err);
}

struct gate *site_hashing(struct app *app)
{
  return &app->site->hashing;
}

struct gate *site_sheets(struct app *app)
{
  return &app->site->sheets;
}

struct gate *site_bundles(struct app *app)
{
  return &app->site->bundles;
}

struct pace *site_writes(struct app *app)
{
  return &app->site->writes;
}

struct export_pace *site_exports(struct app *app)
{
  return &app->site->exports;
}

unsigned role_bit(const char *name)
{
  static const char *const names[] = {"staff", "officer", "curator", "auditor", "admin"};
  for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(name, names[i]) == 0) return 1u << i;
  return 0;
}

void site_cookie(const struct app *app, const struct web_request *request, const char *what,
                 char out[SITE_COOKIE_SIZE])
{
  snprintf(out, SITE_COOKIE_SIZE, "%ssunlit-%u%s", request->secure ? "__Host-" : "", app->code, what);
}

/* Earlier versions named it the same at every site: it may be another site's, and then it is nobody's here.
 */
static bool session_cookie(const struct app *app, const struct web_request *request,
                           char token[SESSION_TOKEN_SIZE])
{
  char name[SITE_COOKIE_SIZE];
  site_cookie(app, request, "", name);
  return web_cookie(request, name, token, SESSION_TOKEN_SIZE) ||
         web_cookie(request, request->secure ? "__Host-sunlit" : "sunlit", token, SESSION_TOKEN_SIZE);
}

struct caller *site_caller(const struct web_request *request)
{
  return request->state;
}

/* -- Refusals, which an auditor can see. -- */

struct refused {
  const char *kind, *actor, *detail, *peer;
};

static bool record_work(struct tx *tx, void *ctx, struct err *err)
{
  const struct refused *r = ctx;
  return security_event_add(tx, r->kind, r->actor, r->detail, r->peer, err);
}

void site_record(struct app *app, const struct web_request *request, const char *kind, const char *detail)
{
  const struct caller *caller = site_caller(request);
  struct refused refused = {
      .kind = kind, .actor = caller->session.account, .detail = detail, .peer = request->peer};
  struct act act = {.actor = "system",
                    .role = "system",
                    .action = ACTION_SECURITY,
                    .subject = kind,
                    .now_ms = clock_wall_ms()};
  struct err err = ERR_INIT;
  if (app_commit(app, &act, record_work, &refused, NULL, &err)) return;
  if (unwritten_is(&err))
    unwritten_event(site_unwritten(app), kind, refused.actor, detail, request->peer);
  else
    log_warning_of(request->peer, "a refusal (%s) could not be recorded: %s", kind, err.rule);
}

/* -- The gate. -- */

static bool touch_work(struct tx *tx, void *ctx, struct err *err)
{
  return session_touch(tx, ctx, err);
}

/* Why a session ended that is told so. */
static const char *told_end(const struct err *why)
{
  return strcmp(why->rule, "role_changed") == 0     ? "role_changed"
         : strcmp(why->rule, "password_reset") == 0 ? "password_reset"
                                                    : NULL;
}

static bool refuse_ended(const char *ended, struct err *err)
{
  if (strcmp(ended, "password_reset") == 0)
    return err_rule(err, ERR_DENIED, "", "password_reset",
                    "the password of this account was reset: log in with the new one");
  return err_rule(err, ERR_DENIED, "", "role_changed", "the role of this account was changed: log in again");
}

/* The session of a token as the database has it now, or as memory has while it cannot be written. */
static bool session_of(struct app *app, struct db *db, const char *token, struct session *out,
                       const char **ended, struct err *why)
{
  int64_t now_ms = clock_wall_ms();
  bool ok = session_get(out, db, token, now_ms, why);
  *ended = ok ? NULL : told_end(why);
  if (ok || why->kind != ERR_DENIED) return ok;
  err_clear(why);
  return unwritten_session(site_unwritten(app), db, token, now_ms, out, why);
}

/* Fills the caller from the cookie.  True also when nobody is logged in; false on a fault of the database. */
static bool find_session(struct web_request *request, struct app *app, struct caller *caller, struct err *err)
{
  struct db *db = NULL;
  char name[SITE_COOKIE_SIZE];
  site_cookie(app, request, "", name);
  if (!web_cookie_single(request, name))
    return err_rule(err, ERR_INPUT, "Cookie", "header_twice",
                    "the cookie %s comes twice, with different values", name);
  if (!session_cookie(app, request, caller->token)) {
    *caller->token = 0;
    return true;
  }
  struct err why = ERR_INIT;
  const char *ended = NULL;
  if (!readers_take(app->readers, &db, err)) return false;
  bool ok = session_of(app, db, caller->token, &caller->session, &ended, &why);
  readers_give(app->readers, db);
  if (!ok) {
    memset(caller, 0, sizeof *caller);
    caller->ended = ended;
    if (why.kind == ERR_DENIED) return true;
    *err = why;
    return false;
  }
  caller->role = role_bit(caller->session.role);
  if (caller->session.touch)
    app_local(app, touch_work, caller->token, NULL); /* a full disk logs nobody out */
  return true;
}

static bool changes(const struct web_request *request)
{
  return strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0;
}

void site_describe_request(const struct web_request *request, char out[SITE_REQUEST_SIZE])
{
  snprintf(out, SITE_REQUEST_SIZE, "%s %.120s", request->method, request->path);
}

/* A page of another site can neither read our answers nor set this header without asking first. */
static bool check_origin(struct web_request *request, struct app *app, const struct caller *caller,
                         struct err *err)
{
  const char *header = web_header(request, "X-Sunlit");
  bool marked = header && strcmp(header, "1") == 0;
  if (marked && web_same_origin(request)) return true;
  if (caller->role) {
    char detail[SITE_REQUEST_SIZE];
    site_describe_request(request, detail);
    site_record(app, request, "csrf", detail);
  }
  if (!marked) return err_rule(err, ERR_DENIED, "X-Sunlit", "csrf", "the header X-Sunlit: 1 is missing");
  return err_rule(err, ERR_DENIED, "Origin", "origin", "the request comes from another site");
}

/* Every browser marks its changes with Origin; a program that keeps a cookie of its own need not. */
static bool from_a_browser(const struct web_request *request)
{
  return web_header(request, "Origin") || web_header(request, "Sec-Fetch-Site");
}

/* Whose page asks: in the header, or, of a link to a file, which can send none, in its address.  It says
 * nothing of what is asked for, so nobody behind the gate finds it there. */
static const char *page_of(struct web_request *request)
{
  const char *header = web_header(request, "X-Sunlit-Account");
  const char *as = changes(request) ? NULL : web_query_take(request, "as");
  return header ? header : as;
}

/* The tabs of a browser share one cookie.  A tab cannot see that somebody else logged in beside it, and what
 * was filled in under one account must not be recorded, or answered, under another; nor at another site that
 * has the address by now, where somebody may have the same name. */
static bool check_account(struct app *app, struct web_request *request, struct caller *caller,
                          struct err *err)
{
  const char *named = caller->page = page_of(request), *own = caller->session.account;
  const char *at = named ? strchr(named, '@') : NULL;
  if (at && strcmp(at + 1, app->site_id) != 0)
    return err_rule(err, ERR_CONFLICT, "X-Sunlit-Account", "another_site",
                    "the page is of another site, %.40s, and this is %s", at + 1, app->site_id);
  if (!caller->role) return true;
  size_t size = at ? (size_t)(at - named) : named ? strlen(named) : 0;
  if (named && size == strlen(own) && memcmp(named, own, size) == 0) return true;
  if (named)
    return err_rule(err, ERR_CONFLICT, "X-Sunlit-Account", "other_account",
                    "the page is of the account %.*s and the session of %s", size < 40 ? (int)size : 40,
                    named, own);
  if (!changes(request) || !request->route->need || !from_a_browser(request)) return true;
  return err_rule(
      err, ERR_DENIED, "X-Sunlit-Account", "csrf",
      "the page does not say whose it is: it is older than this program and has to be loaded again");
}

static bool is_looking(const struct web_request *request)
{
  return !changes(request);
}

/* Then a one-time password cannot be changed, and its owner looks with it. */
static bool cannot_change(struct app *app)
{
  struct trouble trouble;
  site_trouble(app, &trouble);
  return *trouble.rule;
}

bool site_admits(struct web_request *request, struct app *app, unsigned need, struct err *err)
{
  const struct caller *caller = site_caller(request);
  if (!need) return true;
  if (!caller->role && caller->ended) return refuse_ended(caller->ended, err);
  if (!caller->role) return err_rule(err, ERR_DENIED, "", "login_required", "nobody is logged in");
  if (caller->session.must_change && !(request->route->flags & SITE_NEW_PASSWORD) &&
      !(is_looking(request) && cannot_change(app)))
    return err_rule(err, ERR_DENIED, "", "must_change_password",
                    "the one-time password must be changed first");
  if (need & caller->role) return true;
  char detail[SITE_REQUEST_SIZE];
  site_describe_request(request, detail);
  site_record(app, request, "role", detail);
  return err_rule(err, ERR_DENIED, "", "role", "the role %s may not do this", caller->session.role);
}

bool site_still_admits(const struct web_request *request, struct app *app, struct db *db, struct err *err)
{
  const struct caller *caller = site_caller(request);
  struct session now;
  struct err why = ERR_INIT;
  const char *ended = NULL;
  if (!caller->role) return true; /* nobody was asked for: the route decides by what is sent */
  bool ok = session_of(app, db, caller->token, &now, &ended, &why);
  if (!ok && why.kind != ERR_DENIED) {
    *err = why;
    return false;
  }
  if (ended || (ok && role_bit(now.role) != caller->role))
    return refuse_ended(ended ? ended : "role_changed", err);
  return ok || err_rule(err, ERR_DENIED, "", "login_required",
                        "the session ended while this was on its way: log in again");
}

static bool check_once(struct web_request *request, struct caller *caller, struct err *err)
{
  if (!(request->route->flags & SITE_ONCE)) return true;
  const char *key = web_header(request, "Idempotency-Key");
  if (!key)
    return err_rule(err, ERR_INPUT, "Idempotency-Key", "no_idempotency_key",
                    "the header Idempotency-Key is missing");
  size_t size = strspn(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-");
  if (key[size] || size < IDEMPOTENCY_KEY_MIN || size > IDEMPOTENCY_KEY_MAX)
    return err_rule(err, ERR_INPUT, "Idempotency-Key", "no_idempotency_key",
                    "an Idempotency-Key is %d to %d letters, digits or -", IDEMPOTENCY_KEY_MIN,
                    IDEMPOTENCY_KEY_MAX);
  caller->once = key;
  return true;
}

/* A misspelt filter that is passed over would show everything, and look like an answer. */
static bool check_query(struct web_request *request, struct err *err)
{
  static const char *const languages[] = {"zh", "en", NULL};
  int language;
  const char *stray = web_query_stray(request, "lang");
  if (stray)
    return err_rule(err, ERR_INPUT, stray, "unknown_parameter", "there is no parameter \"%.40s\" here",
                    stray);
  return answer_query_word(request, "lang", languages, &language, err);
}

/* A page of the wrong account is told both names, and a stray parameter its own, so that pages can say them.
 */
static void refuse(struct web_request *request, const struct caller *caller, const struct err *err)
{
  bool account = strcmp(err->rule, "other_account") == 0;
  if (!account && strcmp(err->rule, "unknown_parameter") != 0) {
    answer_err(request, err);
    return;
  }
  struct json_out names = JSON_OUT_INIT;
  const char *named = account ? caller->page ? caller->page : "" : err->field;
  out_object(&names, NULL);
  out_textn(&names, "named", named, account ? strcspn(named, "@") : strlen(named));
  if (account) out_text(&names, "session", caller->session.account);
  out_end(&names);
  put_u8(&names.bytes, 0);
  answer_faults(request, err, NULL, names.bytes.bad ? NULL : (const char *)names.bytes.data);
  buf_wipe(&names.bytes);
}

bool site_before(struct web_request *request, void *ctx)
{
  static _Thread_local struct caller caller; /* a request is one thread's from here to its reply */
  struct app *app = ctx;
  struct err err = ERR_INIT;
  memset(&caller, 0, sizeof caller);
  request->state = &caller;
  readers_patience(SITE_PATIENCE_MS);
  if (request->route->flags & SITE_OPEN) return true;
  bool ok = find_session(request, app, &caller, &err) &&
            (!changes(request) || check_origin(request, app, &caller, &err)) &&
            check_account(app, request, &caller, &err) &&
            site_admits(request, app, request->route->need, &err) && check_query(request, &err) &&
            check_once(request, &caller, &err);
  if (!ok) refuse(request, &caller, &err);
  return ok;
}

bool site_still(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  struct db *db = NULL;
  struct err err = ERR_INIT;
  const struct caller *caller = site_caller(request);
  if (!caller || !caller->role) return true;
  bool ok = readers_take(app->readers, &db, &err);
  if (ok) {
    ok = site_still_admits(request, app, db, &err);
    readers_give(app->readers, db);
  }
  if (!ok) answer_err(request, &err);
  return ok;
}

struct web_route *site_table(const struct web_route *own, size_t own_count, size_t *count, struct err *err)
{
  *count = site_route_count + own_count;
  struct web_route *table = malloc(*count * sizeof *table);
  if (!table) {
    err_set(err, ERR_IO, "no memory for %zu routes", *count);
    return NULL;
  }
  if (own_count) memcpy(table, own, own_count * sizeof *own);
  memcpy(table + own_count, site_routes, site_route_count * sizeof *own);
  return table;
}
