/* login.h - from a name and a password to a session, in three steps, because the middle one is slow:
 *
 *   login_begin   (a read)   is the name or the peer locked out?  which hash is it?
 *   login_verify  (no database, 60 ms, as long for an unknown name as for a wrong password)
 *   login_finish  (a write)  the session, or one more failure and its security event
 *
 * Who waits (lockout.h): a browser that has logged in as the name before has a count of its own, and waits
 * for nobody else's failures.  All others share the count of the name and the count of their address; of an
 * address the *names* that failed are counted, and every login that succeeds takes one off, so an office
 * behind one address does not lock itself out while somebody who tries names does.  Unknown names are
 * counted like known ones, so nothing tells which exist.
 *
 * Times are this machine's.  What a wrong clock wrote heals when the clock does: a lock or a session that
 * begins in the future is none.  */
#ifndef SUNLIT_DOMAIN_LOGIN_H
#define SUNLIT_DOMAIN_LOGIN_H

#include "core/base/crypto.h"
#include "core/base/tx.h"

enum {
  SESSION_IDLE_MS = 12 * 3600 * 1000,
  SESSION_CLOCK_SLACK_MS = 60 * 1000, /* a clock set back by so little ends no session */
  SESSION_TOKEN_SIZE = 65,            /* 64 hex characters and a zero */
  SESSION_AGENT_SIZE = 257,           /* as much of what a browser calls itself as is kept */
  SESSIONS_MAX = 100, /* of one account at once: an office that shares one; then the oldest ends */
  PASSWORD_SIZE_MAX = 128 * 4 + 1 /* 128 characters and a zero */
};
#define SESSION_LIFE_MS (INT64_C(7) * 24 * 3600 * 1000)
#define DEVICE_LIFE_MS (INT64_C(180) * 24 * 3600 * 1000)
#define ONE_TIME_LIFE_MS (INT64_C(7) * 24 * 3600 * 1000)

/* Where a login comes from. */
struct login_from {
  const char *peer;
  const char *device; /* the token the browser was given at an earlier login; "" without one */
  const char *agent;  /* what the browser calls itself, as it was sent; "" for none */
};

struct login {
  char name[33]; /* of no account: "?" and a hash of what was typed, which may be a password */
  char peer[64];
  char agent[SESSION_AGENT_SIZE];
  char hash[PASSWORD_HASH_SIZE];
  uint8_t device[HASH_SIZE];
  bool device_known;   /* it has logged in as this name before */
  bool known;          /* exists */
  bool disabled;       /* told to whoever knows the password, and to nobody else */
  bool one_time;       /* its password is one that must be changed */
  int64_t password_ms; /* which of its passwords the hash is of, and since when */
  bool too_old;        /* a one-time password that has ended */
  bool right;          /* set by login_verify */
  int64_t wait_ms;     /* > 0: locked out for so long; nothing was verified */
};

/* A name or one-time password as people type or paste it: spaces and invisible characters go, wide forms
 * become narrow, capitals small.  At most size - 1 bytes. */
void login_fold(char *out, size_t size, const char *typed);

/* True also when locked out: then wait_ms > 0, skip login_verify, and login_finish records the refusal. */
bool login_begin(struct login *login, struct db *db, const char *name, const struct login_from *from,
                 int64_t now_ms, struct err *err);
void login_verify(struct login *login, const char *password);
/* Whose failure a security event is: "" when what was typed is no account's name. */
const char *login_actor(const struct login *login);
const char *login_failure(const struct login *login); /* why, as the event's detail */

/* What the failures of a browser that is known are counted under. */
enum { LOGIN_DEVICE_SIZE = 32 + 1 + 32 + 1 };
void login_device(char out[LOGIN_DEVICE_SIZE], const struct login *login);

struct login_tokens {
  char session[SESSION_TOKEN_SIZE]; /* "" when refused */
  char device[SESSION_TOKEN_SIZE];  /* by which the browser is known next time */
};
/* True also when refused: the failure must be committed. */
bool login_finish(struct tx *tx, struct login *login, struct login_tokens *out, struct err *err);

struct session {
  char account[33];
  char role[16];
  bool must_change;
  int64_t made_ms, seen_ms, expires_ms;
  bool touch; /* seen more than a minute ago: call session_touch when convenient */
};
/* ERR_DENIED "no_session" for an unknown, expired or idle token, one opened in the future, or a disabled
 * account; "role_changed" for one that ended with a change of its account's role, "password_reset" when
 * somebody else set a one-time password: only who has its token hears it. */
bool session_get(struct session *out, struct db *db, const char *token, int64_t now_ms, struct err *err);
bool session_touch(struct tx *tx, const char *token, struct err *err);
bool session_remove(struct tx *tx, const char *token, struct err *err);
struct session_row {
  int64_t id; /* the first 48 bits of the token's hash: enough to name it, nothing to log in with */
  const char *peer;
  const char *agent; /* "" when it is not known */
  int64_t made_ms, seen_ms, expires_ms;
  bool own; /* that of `token` */
};
int64_t session_id(const uint8_t hash[HASH_SIZE]);
/* The live sessions of an account, the latest seen first. */
bool session_list(struct db *db, const char *account, const char *token, int64_t now_ms,
                  void (*each)(void *ctx, const struct session_row *row), void *ctx, struct err *err);
enum { SESSION_ID_BITS = 48 };
/* ERR_MISSING "unknown_session" when the account has none of that id. */
bool session_end(struct tx *tx, const char *account, int64_t id, struct err *err);
/* Without a token to keep also those that a program has in memory (account.ended_ms). */
bool session_remove_all(struct tx *tx, const char *account, const char *keep_token, struct err *err);
/* All of them, as above; each token hears "role_changed" or "password_reset" from session_get until it would
 * have expired. */
enum session_end { SESSION_END_ROLE, SESSION_END_RESET };
bool session_end_by(struct tx *tx, const char *account, enum session_end why, struct err *err);
/* Drops expired sessions, devices not seen for long and lockouts older than a day. */
bool login_sweep(struct tx *tx, struct err *err);

#endif
