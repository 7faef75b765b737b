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
  char account[33];
  int64_t made_ms, seen_ms; /* made 0: free */
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

void unwritten_let_in(struct unwritten *u, const char *account, int64_t now_ms,
                      char token[SESSION_TOKEN_SIZE])
{
  uint8_t secret[32];
  crypto_random(secret, sizeof secret);
  hex_encode(token, secret, sizeof secret);
  crypto_wipe(secret, sizeof secret);
  pthread_mutex_lock(&u->lock);
  struct pass *pass = &u->passes[0];
  for (size_t i = 1; i < UNWRITTEN_SESSIONS_MAX; i++)
    if (u->passes[i].seen_ms < pass->seen_ms) pass = &u->passes[i];
  *pass = (struct pass){.made_ms = now_ms, .seen_ms = now_ms};
  sha256(pass->token_hash, token, strlen(token));
  snprintf(pass->account, sizeof pass->account, "%s", account);
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

static bool read_account(struct db *db, struct session *out, struct err *err)
{
  struct query q = query_open(
      db, "SELECT role, must_change, password_ms FROM account WHERE name = ?1 AND disabled = 0", err);
  query_text(&q, 1, out->account);
  /* A password that was changed ends the sessions from before, as login.h does with those in the table. */
  bool found = query_row(&q) && column_int(&q, 2) <= out->made_ms;
  if (found) {
    snprintf(out->role, sizeof out->role, "%s", column_text(&q, 0));
    out->must_change = column_int(&q, 1) != 0;
  }
  if (!query_close(&q)) return false;
  return found || err_rule(err, ERR_DENIED, "", "no_session", "not logged in, or the session is over");
}

bool unwritten_session(struct unwritten *u, struct db *db, const char *token, int64_t now_ms,
                       struct session *out, struct err *err)
{
  *out = (struct session){0};
  pthread_mutex_lock(&u->lock);
  struct pass *pass = find_pass(u, token);
  bool live = pass && pass->made_ms <= now_ms + SESSION_CLOCK_SLACK_MS &&
              now_ms - pass->seen_ms < SESSION_IDLE_MS && now_ms - pass->made_ms < SESSION_LIFE_MS;
  if (live) {
    pass->seen_ms = now_ms;
    out->made_ms = pass->made_ms;
    out->seen_ms = now_ms;
    out->expires_ms = pass->made_ms + SESSION_LIFE_MS;
    memcpy(out->account, pass->account, sizeof out->account);
  }
  pthread_mutex_unlock(&u->lock);
  if (!live) return err_rule(err, ERR_DENIED, "", "no_session", "not logged in, or the session is over");
  return read_account(db, out, err);
}

void unwritten_forget(struct unwritten *u, const char *token)
{
  pthread_mutex_lock(&u->lock);
  struct pass *pass = find_pass(u, token);
  if (pass) memset(pass, 0, sizeof *pass);
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

static int64_t strike(struct strikes *s, const struct lockout_kind *kind, int64_t now_ms)
{
  s->failures++;
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
        strcmp(u->events[i].peer, fresh.peer) == 0)
      same = &u->events[i];
  if (!same && u->event_count < UNWRITTEN_EVENTS_MAX)
    u->events[u->event_count++] = fresh;
  else
    (same ? same : &u->events[UNWRITTEN_EVENTS_MAX - 1])->count++;
  pthread_mutex_unlock(&u->lock);
}

struct telling {
  struct event *events;
  size_t count;
};

static bool tell(struct tx *tx, void *ctx, struct err *err)
{
  const struct telling *t = ctx;
  for (size_t i = 0; i < t->count; i++) {
    const struct event *e = &t->events[i];
    if (!security_event_record(tx, e->kind, e->actor, e->detail, e->peer, e->count, err)) return false;
  }
  return true;
}

bool unwritten_flush(struct unwritten *u, struct app *app, struct err *err)
{
  pthread_mutex_lock(&u->lock);
  size_t count = u->event_count;
  pthread_mutex_unlock(&u->lock);
  if (count == 0 || !store_writable(app->store, err)) return count == 0;
  struct telling t = {.events = calloc(UNWRITTEN_EVENTS_MAX, sizeof *t.events)};
  if (!t.events) return err_set(err, ERR_IO, "no memory");
  pthread_mutex_lock(&u->lock);
  t.count = u->event_count;
  memcpy(t.events, u->events, t.count * sizeof *t.events);
  u->event_count = 0;
  pthread_mutex_unlock(&u->lock);
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
  bool ok = app_commit(app, &act, tell, &t, NULL, err);
  pthread_mutex_lock(&u->lock);
  if (!ok && u->event_count == 0) { /* what came meanwhile goes before what could not be written again */
    memcpy(u->events, t.events, t.count * sizeof *t.events);
    u->event_count = t.count;
  }
  pthread_mutex_unlock(&u->lock);
  free(t.events);
  return ok;
}
