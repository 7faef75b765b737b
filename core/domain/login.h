/* login.h - from a name and a password to a session, in three steps, because the middle one is slow:
 *
 *   login_begin   (a read)   is the name or the peer locked out?  which hash is it?
 *   login_verify  (no database, 60 ms, as long for an unknown name as for a wrong password)
 *   login_finish  (a write)  the session, or one more failure and its security event
 *
 * From the fifth failure on a name waits 30 s, doubling up to 15 minutes; a peer address from the twentieth.
 * Unknown names are counted like known ones, so nothing tells which exist. */
#ifndef SUNLIT_DOMAIN_LOGIN_H
#define SUNLIT_DOMAIN_LOGIN_H

#include "core/base/crypto.h"
#include "core/base/tx.h"

enum {
  LOGIN_FREE_ACCOUNT = 5,
  LOGIN_FREE_PEER = 20,
  LOGIN_WAIT_MS = 30 * 1000,
  LOGIN_WAIT_MAX_MS = 15 * 60 * 1000,
  SESSION_IDLE_MS = 12 * 3600 * 1000,
  SESSION_TOKEN_SIZE = 65 /* 64 hex characters and a zero */
};
#define SESSION_LIFE_MS (INT64_C(7) * 24 * 3600 * 1000)

struct login {
  char name[33];
  char peer[64];
  char hash[PASSWORD_HASH_SIZE];
  bool known;          /* exists and is enabled */
  int64_t password_ms; /* which of its passwords the hash is of */
  bool right;          /* set by login_verify */
  int64_t wait_ms;     /* > 0: locked out for so long; nothing was verified */
};

/* True also when locked out: then wait_ms > 0, skip login_verify, and login_finish records the refusal. */
bool login_begin(struct login *login, struct db *db, const char *name, const char *peer, int64_t now_ms,
                 struct err *err);
void login_verify(struct login *login, const char *password);
/* What so many failures in a row wait, when the first `free` cost nothing. */
int64_t login_wait_ms(int64_t failures, int free);
/* token is "" when refused (true is returned: the failure must be committed). */
bool login_finish(struct tx *tx, struct login *login, char token[SESSION_TOKEN_SIZE], struct err *err);

struct session {
  char account[33];
  char role[16];
  bool must_change;
  int64_t made_ms, seen_ms, expires_ms;
  bool touch; /* seen more than a minute ago: call session_touch when convenient */
};
/* ERR_DENIED "no_session" for an unknown, expired or idle token, or a disabled account. */
bool session_get(struct session *out, struct db *db, const char *token, int64_t now_ms, struct err *err);
bool session_touch(struct tx *tx, const char *token, struct err *err);
bool session_remove(struct tx *tx, const char *token, struct err *err);
struct session_row {
  int64_t id; /* the first 48 bits of the token's hash: enough to name it, nothing to log in with */
  const char *peer;
  int64_t made_ms, seen_ms, expires_ms;
  bool own; /* that of `token` */
};
/* The live sessions of an account, the latest seen first. */
bool session_list(struct db *db, const char *account, const char *token, int64_t now_ms,
                  void (*each)(void *ctx, const struct session_row *row), void *ctx, struct err *err);
/* ERR_MISSING "unknown_session" when the account has none of that id. */
bool session_end(struct tx *tx, const char *account, int64_t id, struct err *err);
bool session_remove_all(struct tx *tx, const char *account, const char *keep_token, struct err *err);
/* Drops expired sessions and lockouts older than a day. */
bool login_sweep(struct tx *tx, struct err *err);

#endif
