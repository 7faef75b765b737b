#include "site/unwritten.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/lockout.h"
#include "core/domain/security_event.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct pass {
  uint8_t token_hash[HASH_SIZE];
  char account[33], peer[65], agent[SESSION_AGENT_SIZE];
  int64_t made_ms, seen_ms; /* made 0: free */
  int64_t password_ms;      /* which of the account's passwords its owner gave at the login */
  int64_t next_ms;          /* and which one its owner set here, once that is written; 0: none */
};

struct strikes {
  char who[68]; /* "a:NAME" or "p:PEER" */
  int64_t failures, last_ms, until_ms;
};

struct event {
  char kind[41], actor[65], detail[201], peer[65];
  int64_t count;
};

struct unwritten {
  pthread_mutex_t lock;
  struct pass passes[UNWRITTEN_SESSIONS_MAX];
  struct strikes strikes[UNWRITTEN_STRIKES_MAX];
  struct event events[UNWRITTEN_EVENTS_MAX];
  size_t event_count;
  int64_t more; /* refusals that found no room */
};

bool unwritten_open(struct unwritten **out, struct err *err)
{
  struct unwritten *u = calloc(1, sizeof *u);
  if (!u) return err_set(err, ERR_IO, "no memory");
  pthread_mutex_init(&u->lock, NULL);
  *out = u;
  return true;
}

void unwritten_close(struct unwritten *u)
{
  if (!u) return;
  pthread_mutex_destroy(&u->lock);
  crypto_wipe(u->passes, sizeof u->passes);
  free(u);
}

bool unwritten_is(const struct err *err)
{
  return err->kind == ERR_IO || err->kind == ERR_BUSY || err->kind == ERR_CORRUPT ||
         err->kind == ERR_CONFLICT;
}

/* ---- sessions ---- */

void unwritten_let_in(struct unwritten *u, const char *account, int64_t password_ms, const char *peer,
                      const char *agent, int64_t now_ms, char token[SESSION_TOKEN_SIZE])
{
  uint8_t secret[32];
  crypto_random(secret, sizeof secret);
  hex_encode(token, secret, sizeof secret);
  crypto_wipe(secret, sizeof secret);
  pthread_mutex_lock(&u->lock);
  struct pass *pass = &u->passes[0];
  for (size_t i = 1; i < UNWRITTEN_SESSIONS_MAX; i++)
    if (u->passes[i].seen_ms < pass->seen_ms) pass = &u->passes[i];
  *pass = (struct pass){.made_ms = now_ms, .seen_ms = now_ms, .password_ms = password_ms};
  sha256(pass->token_hash, token, strlen(token));
  snprintf(pass->account, sizeof pass->account, "%s", account);
  snprintf(pass->peer, sizeof pass->peer, "%.64s", peer);
  snprintf(pass->agent, sizeof pass->agent, "%s", agent);
  pthread_mutex_unlock(&u->lock);
}

/* Under the lock. */
static struct pass *find_pass(struct unwritten *u, const char *token)
{
  uint8_t hash[HASH_SIZE];
  sha256(hash, token, strlen(token));
  for (size_t i = 0; i < UNWRITTEN_SESSIONS_MAX; i++)
    if (u->passes[i].made_ms && crypto_equal(u->passes[i].token_hash, hash, sizeof hash))
      return &u->passes[i];
  return NULL;
}

static bool is_live(const struct pass *pass, int64_t now_ms)
{
  return pass->made_ms && pass->made_ms <= now_ms + SESSION_CLOCK_SLACK_MS &&
         now_ms - pass->seen_ms < SESSION_IDLE_MS && now_ms - pass->made_ms < SESSION_LIFE_MS;
}

/* What ends the sessions in the table ends these too: another password, and whatever sets ended_ms.  One that
 * lies in the future is of a clock that was wrong.  `pass`: which password it is by, brought up to date. */
static bool read_account(struct db *db, struct session *out, struct pass *pass, int64_t now_ms,
                         struct err *err)
{
  struct query q = query_open(
      db, "SELECT role, must_change, password_ms, ended_ms FROM account WHERE name = ?1 AND disabled = 0",
      err);
  query_text(&q, 1, out->account);
  int64_t password_ms = query_row(&q) ? column_int(&q, 2) : 0;
  bool found = password_ms && (password_ms == pass->password_ms || password_ms == pass->next_ms) &&
               (column_int(&q, 3) < out->made_ms || column_int(&q, 3) > now_ms + SESSION_CLOCK_SLACK_MS);
  if (found) {
    pass->password_ms = password_ms;
    snprintf(out->role, sizeof out->role, "%s", column_text(&q, 0));
    out->must_change = column_int(&q, 1) != 0;
  }
  if (!query_close(&q)) return false;
  return found || err_rule(err, ERR_DENIED, "", "no_session", "not logged in, or the session is over");
}

bool unwritten_session(struct unwritten *u, struct db *db, const char *token, int64_t now_ms,
                       struct session *out, struct err *err)
{
  struct pass copy = {.made_ms = 0};
  *out = (struct session){0};
  pthread_mutex_lock(&u->lock);
  struct pass *pass = find_pass(u, token);
  bool live = pass && is_live(pass, now_ms);
  if (live) {
    pass->seen_ms = now_ms;
    copy = *pass;
    out->made_ms = pass->made_ms;
    out->seen_ms = now_ms;
    out->expires_ms = pass->made_ms + SESSION_LIFE_MS;
    memcpy(out->account, pass->account, sizeof out->account);
  }
  pthread_mutex_unlock(&u->lock);
  if (!live) return err_rule(err, ERR_DENIED, "", "no_session", "not logged in, or the session is over");
  if (!read_account(db, out, &copy, now_ms, err)) return false;
  pthread_mutex_lock(&u->lock);
  if ((pass = find_pass(u, token))) pass->password_ms = copy.password_ms;
  pthread_mutex_unlock(&u->lock);
  return true;
}

bool unwritten_list(struct unwritten *u, struct db *db, const char *account, const char *token,
                    int64_t now_ms, void (*each)(void *ctx, const struct session_row *row), void *ctx,
                    struct err *err)
{
  struct pass copies[UNWRITTEN_SESSIONS_MAX];
  uint8_t own[HASH_SIZE];
  size_t count = 0;
  sha256(own, token, strlen(token));
  pthread_mutex_lock(&u->lock);
  for (size_t i = 0; i < UNWRITTEN_SESSIONS_MAX; i++)
    if (is_live(&u->passes[i], now_ms) && strcmp(u->passes[i].account, account) == 0)
      copies[count++] = u->passes[i];
  pthread_mutex_unlock(&u->lock);
  for (size_t i = 0; i < count; i++) {
    struct session session = {.made_ms = copies[i].made_ms};
    struct err why = ERR_INIT;
    memcpy(session.account, copies[i].account, sizeof session.account);
    if (!read_account(db, &session, &copies[i], now_ms, &why)) {
      if (why.kind == ERR_DENIED) continue;
      *err = why;
      return false;
    }
    each(ctx, &(struct session_row){.id = session_id(copies[i].token_hash),
                                    .peer = copies[i].peer,
                                    .agent = copies[i].agent,
                                    .made_ms = copies[i].made_ms,
                                    .seen_ms = copies[i].seen_ms,
                                    .expires_ms = copies[i].made_ms + SESSION_LIFE_MS,
                                    .own = memcmp(copies[i].token_hash, own, sizeof own) == 0});
  }
  return true;
}

bool unwritten_end_one(struct unwritten *u, const char *account, int64_t id)
{
  bool found = false;
  pthread_mutex_lock(&u->lock);
  for (size_t i = 0; i < UNWRITTEN_SESSIONS_MAX && !found; i++) {
    struct pass *pass = &u->passes[i];
    found = pass->made_ms && strcmp(pass->account, account) == 0 && session_id(pass->token_hash) == id;
    if (found) memset(pass, 0, sizeof *pass);
  }
  pthread_mutex_unlock(&u->lock);
  return found;
}

void unwritten_forget(struct unwritten *u, const char *token)
{
  pthread_mutex_lock(&u->lock);
  struct pass *pass = find_pass(u, token);
  if (pass) memset(pass, 0, sizeof *pass);
  pthread_mutex_unlock(&u->lock);
}

void unwritten_keep(struct unwritten *u, const char *token, int64_t next_ms)
{
  pthread_mutex_lock(&u->lock);
  struct pass *pass = find_pass(u, token);
  if (pass) pass->next_ms = next_ms;
  pthread_mutex_unlock(&u->lock);
}

void unwritten_end(struct unwritten *u, const char *account)
{
  pthread_mutex_lock(&u->lock);
  for (size_t i = 0; i < UNWRITTEN_SESSIONS_MAX; i++)
    if (strcmp(u->passes[i].account, account) == 0) memset(&u->passes[i], 0, sizeof u->passes[i]);
  pthread_mutex_unlock(&u->lock);
}

/* ---- wrong passwords ---- */

/* The row of that name; with `make` the one unused for longest becomes it.  Under the lock. */
static struct strikes *find_strikes(struct unwritten *u, char what, const char *name, bool make)
{
  char who[68];
  snprintf(who, sizeof who, "%c:%.64s", what, name);
  struct strikes *oldest = &u->strikes[0];
  for (size_t i = 0; i < UNWRITTEN_STRIKES_MAX; i++) {
    if (strcmp(u->strikes[i].who, who) == 0) return &u->strikes[i];
    if (u->strikes[i].last_ms < oldest->last_ms) oldest = &u->strikes[i];
  }
  if (!make) return NULL;
  *oldest = (struct strikes){0};
  memcpy(oldest->who, who, sizeof who);
  return oldest;
}

static int64_t left(const struct strikes *s, int64_t now_ms)
{
  return s && s->until_ms > now_ms ? s->until_ms - now_ms : 0;
}

int64_t unwritten_wait(struct unwritten *u, const char *name, const char *peer, int64_t now_ms)
{
  pthread_mutex_lock(&u->lock);
  int64_t account = left(find_strikes(u, 'a', name, false), now_ms);
  int64_t address = left(find_strikes(u, 'p', peer, false), now_ms);
  pthread_mutex_unlock(&u->lock);
  return account > address ? account : address;
}

/* As lockout.h counts them. */
static int64_t count_now(const struct strikes *s, const struct lockout_kind *kind, int64_t now_ms)
{
  int64_t failures = s->failures - (now_ms - s->last_ms) / kind->fades_ms;
  return failures > 0 ? failures : 0;
}

static int64_t strike(struct strikes *s, const struct lockout_kind *kind, int64_t now_ms)
{
  s->failures = count_now(s, kind, now_ms);
  if (s->failures < kind->free + LOCKOUT_BEYOND_MAX) s->failures++;
  s->last_ms = now_ms;
  s->until_ms = now_ms + lockout_cost_ms(kind, s->failures);
  return left(s, now_ms);
}

int64_t unwritten_strike(struct unwritten *u, const char *name, const char *peer, int64_t now_ms)
{
  pthread_mutex_lock(&u->lock);
  int64_t account = strike(find_strikes(u, 'a', name, true), &lockout_account, now_ms);
  int64_t address = strike(find_strikes(u, 'p', peer, true), &lockout_peer, now_ms);
  pthread_mutex_unlock(&u->lock);
  return account > address ? account : address;
}

/* A lock that stands is waited out all the same. */
void unwritten_forgive(struct unwritten *u, const char *name, const char *peer, int64_t now_ms)
{
  pthread_mutex_lock(&u->lock);
  struct strikes *account = find_strikes(u, 'a', name, false), *address = find_strikes(u, 'p', peer, false);
  if (account) *account = (struct strikes){0};
  if (address) {
    int64_t failures = count_now(address, &lockout_peer, now_ms);
    address->failures = failures > 0 ? failures - 1 : 0;
    address->last_ms = now_ms;
  }
  pthread_mutex_unlock(&u->lock);
}

/* ---- what an auditor must be told ---- */

void unwritten_event(struct unwritten *u, const char *kind, const char *actor, const char *detail,
                     const char *peer)
{
  struct event fresh = {.count = 1};
  snprintf(fresh.kind, sizeof fresh.kind, "%s", kind);
  snprintf(fresh.actor, sizeof fresh.actor, "%.64s", actor);
  snprintf(fresh.detail, sizeof fresh.detail, "%.200s", detail);
  snprintf(fresh.peer, sizeof fresh.peer, "%.64s", peer);
  pthread_mutex_lock(&u->lock);
  struct event *same = NULL;
  for (size_t i = 0; i < u->event_count && !same; i++)
    if (strcmp(u->events[i].kind, fresh.kind) == 0 && strcmp(u->events[i].actor, fresh.actor) == 0 &&
        strcmp(u->events[i].detail, fresh.detail) == 0 && strcmp(u->events[i].peer, fresh.peer) == 0)
      same = &u->events[i];
  if (same)
    same->count++;
  else if (u->event_count < UNWRITTEN_EVENTS_MAX)
    u->events[u->event_count++] = fresh;
  else
    u->more++;
  pthread_mutex_unlock(&u->lock);
}

struct telling {
  struct event *events;
  size_t count;
  int64_t more;
};

static bool tell(struct tx *tx, void *ctx, struct err *err)
{
  const struct telling *t = ctx;
  for (size_t i = 0; i < t->count; i++) {
    const struct event *e = &t->events[i];
    if (!security_event_record(tx, e->kind, e->actor, e->detail, e->peer, e->count, err)) return false;
  }
  return !t->more || security_event_record(tx, "many", "", "so many more while nothing could be written", "",
                                           t->more, err);
}

/* What was told goes; what was added to the same event meanwhile stays, and so does what came behind.  Under
 * the lock. */
static void take_off(struct unwritten *u, const struct telling *t)
{
  size_t kept = 0;
  for (size_t i = 0; i < u->event_count; i++) {
    if (i < t->count) u->events[i].count -= t->events[i].count;
    if (u->events[i].count == 0) continue;
    if (kept != i) u->events[kept] = u->events[i];
    kept++;
  }
  u->event_count = kept;
  u->more -= t->more;
}

/* Nothing is taken off before the commit has succeeded: whatever fails, and whatever comes meanwhile, is
 * still there. */
bool unwritten_flush(struct unwritten *u, struct app *app, struct err *err)
{
  struct telling t = {.count = 0};
  pthread_mutex_lock(&u->lock);
  size_t waits = u->event_count;
  pthread_mutex_unlock(&u->lock);
  if (waits == 0 || !store_writable(app->store, err)) return waits == 0;
  t.events = calloc(UNWRITTEN_EVENTS_MAX, sizeof *t.events);
  if (!t.events) return err_set(err, ERR_IO, "no memory");
  pthread_mutex_lock(&u->lock);
  t.count = u->event_count;
  t.more = u->more;
  memcpy(t.events, u->events, t.count * sizeof *t.events);
  pthread_mutex_unlock(&u->lock);
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
  bool ok = app_commit(app, &act, tell, &t, NULL, err);
  pthread_mutex_lock(&u->lock);
  if (ok) take_off(u, &t);
  pthread_mutex_unlock(&u->lock);
  free(t.events);
  return ok;
}
