#include "core/domain/login.h"

#include "core/domain/security_event.h"

#include <stdio.h>
#include <string.h>

enum { TOUCH_MS = 60 * 1000, DAY_MS = 24 * 3600 * 1000, LOCKOUTS_MAX = 10000 };

/* The hash of a password nobody has, with the parameters of every other: verifying it takes as long. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$Jd1nqr3xC+pxiuvgb26+ew$"
                             "eBXbZx8pzDVHbs1jLKXJtM1Pj05DArDn8K1AmJX0Tu4";

static bool read_account(struct login *login, struct db *db, struct err *err)
{
  struct query q =
      query_open(db, "SELECT password_hash, disabled, password_ms FROM account WHERE name = ?1", err);
  query_text(&q, 1, login->name);
  snprintf(login->hash, sizeof login->hash, "%s", nobody);
  if (query_row(&q) && column_int(&q, 1) == 0) {
    login->known = true;
    login->password_ms = column_int(&q, 2);
    snprintf(login->hash, sizeof login->hash, "%s", column_text(&q, 0));
  }
  return query_close(&q);
}

bool login_begin(struct login *login, struct db *db, const char *name, const char *peer, int64_t now_ms,
                 struct err *err)
{
  *login = (struct login){.wait_ms = 0};
  bool fits = strlen(name) < sizeof login->name;
  snprintf(login->name, sizeof login->name, "%s", fits ? name : "(too long)");
  snprintf(login->peer, sizeof login->peer, "%.63s", peer);
  struct query q = query_open(db,
                              "SELECT max(until_ms) FROM lockout WHERE (kind = 'account' AND name = ?1)"
                              " OR (kind = 'peer' AND name = ?2)",
                              err);
  query_text(&q, 1, login->name);
  query_text(&q, 2, login->peer);
  if (query_row(&q) && column_int(&q, 0) > now_ms) login->wait_ms = column_int(&q, 0) - now_ms;
  if (!query_close(&q)) return false;
  return login->wait_ms > 0 || read_account(login, db, err);
}

void login_verify(struct login *login, const char *password)
{
  bool right = password_verify(login->hash, password);
  login->right = right && login->known;
  crypto_wipe(login->hash, sizeof login->hash);
}

/* 30 s from the free failures on, doubling. */
int64_t login_wait_ms(int64_t failures, int free)
{
  if (failures < free) return 0;
  int64_t wait = LOGIN_WAIT_MS;
  for (int64_t i = free; i < failures && wait < LOGIN_WAIT_MAX_MS; i++)
    wait *= 2;
  return wait < LOGIN_WAIT_MAX_MS ? wait : LOGIN_WAIT_MAX_MS;
}

static bool count_failure(struct tx *tx, const char *kind, const char *name, int free, int64_t *wait_ms,
                          struct err *err)
{
  int64_t failures = 1;
  struct query q =
      query_open(tx->db, "SELECT failures, last_ms FROM lockout WHERE kind = ?1 AND name = ?2", err);
  query_text(&q, 1, kind);
  query_text(&q, 2, name);
  if (query_row(&q) && tx->now_ms - column_int(&q, 1) < DAY_MS) failures = column_int(&q, 0) + 1;
  if (!query_close(&q)) return false;
  int64_t wait = login_wait_ms(failures, free);
  q = query_open(tx->db,
                 "INSERT OR REPLACE INTO lockout(kind, name, failures, last_ms, until_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5)",
                 err);
  query_text(&q, 1, kind);
  query_text(&q, 2, name);
  query_int(&q, 3, failures);
  query_int(&q, 4, tx->now_ms);
  query_int(&q, 5, wait ? tx->now_ms + wait : 0);
  if (wait > *wait_ms) *wait_ms = wait;
  return query_run(&q);
}

/* Somebody who invents names must not fill the disk: the oldest go first. */
static bool bound_lockouts(struct tx *tx, struct err *err)
{
  struct query q =
      query_open(tx->db,
                 "DELETE FROM lockout WHERE (kind, name) IN (SELECT kind, name FROM lockout"
                 " ORDER BY last_ms DESC LIMIT -1 OFFSET ?1) /* scan: meant, past the bound by index */",
                 err);
  query_int(&q, 1, LOCKOUTS_MAX);
  return query_run(&q);
}

static bool fail(struct tx *tx, struct login *login, struct err *err)
{
  if (login->wait_ms > 0)
    return security_event_add(tx, "locked", login->name, "login while locked out", login->peer, err);
  return count_failure(tx, "account", login->name, LOGIN_FREE_ACCOUNT, &login->wait_ms, err) &&
         count_failure(tx, "peer", login->peer, LOGIN_FREE_PEER, &login->wait_ms, err) &&
         bound_lockouts(tx, err) &&
         security_event_add(tx, "login", login->name, "wrong name or password", login->peer, err);
}

static void hash_token(uint8_t out[HASH_SIZE], const char *token)
{
  sha256(out, token, strlen(token));
}

static bool open_session(struct tx *tx, const struct login *login, char token[SESSION_TOKEN_SIZE],
                         struct err *err)
{
  uint8_t secret[32], hash[HASH_SIZE];
  char text[SESSION_TOKEN_SIZE];
  crypto_random(secret, sizeof secret);
  hex_encode(text, secret, sizeof secret);
  crypto_wipe(secret, sizeof secret);
  hash_token(hash, text);
  struct query q = query_open(tx->db,
                              "INSERT INTO session(token_hash, account, peer, made_ms, seen_ms, expires_ms)"
                              " VALUES(?1, ?2, ?3, ?4, ?4, ?5)",
                              err);
  query_blob(&q, 1, hash, sizeof hash);
  query_text(&q, 2, login->name);
  query_text(&q, 3, login->peer);
  query_int(&q, 4, tx->now_ms);
  query_int(&q, 5, tx->now_ms + SESSION_LIFE_MS);
  if (!query_run(&q)) return false;
  memcpy(token, text, sizeof text);
  return true;
}

/* The account may have been disabled, or its password changed, while the password was being verified: then
 * the session would outlive what it was granted on, so both are looked at once more inside the transaction.
 */
static bool still_stands(struct tx *tx, const struct login *login, bool *stands, struct err *err)
{
  struct query q =
      query_open(tx->db, "SELECT 1 FROM account WHERE name = ?1 AND disabled = 0 AND password_ms = ?2", err);
  query_text(&q, 1, login->name);
  query_int(&q, 2, login->password_ms);
  *stands = query_row(&q);
  return query_close(&q);
}

bool login_finish(struct tx *tx, struct login *login, char token[SESSION_TOKEN_SIZE], struct err *err)
{
  bool stands = false;
  token[0] = '\0';
  if (login->wait_ms > 0 || !login->right) return fail(tx, login, err);
  if (!still_stands(tx, login, &stands, err)) return false;
  if (!stands) return fail(tx, login, err);
  struct query q = query_open(tx->db, "UPDATE account SET login_ms = ?2 WHERE name = ?1", err);
  query_text(&q, 1, login->name);
  query_int(&q, 2, tx->now_ms);
  if (!query_run(&q)) return false;
  q = query_open(tx->db, "DELETE FROM lockout WHERE kind = 'account' AND name = ?1", err);
  query_text(&q, 1, login->name);
  return query_run(&q) && open_session(tx, login, token, err);
}

bool session_get(struct session *out, struct db *db, const char *token, int64_t now_ms, struct err *err)
{
  uint8_t hash[HASH_SIZE];
  *out = (struct session){0};
  hash_token(hash, token);
  struct query q =
      query_open(db,
                 "SELECT a.name, a.role, a.must_change, s.made_ms, s.seen_ms, s.expires_ms FROM session s"
                 " JOIN account a ON a.name = s.account AND a.disabled = 0 WHERE s.token_hash = ?1"
                 " AND s.expires_ms > ?2 AND s.seen_ms > ?2 - ?3",
                 err);
  query_blob(&q, 1, hash, sizeof hash);
  query_int(&q, 2, now_ms);
  query_int(&q, 3, SESSION_IDLE_MS);
  bool found = query_row(&q);
  if (found) {
    snprintf(out->account, sizeof out->account, "%s", column_text(&q, 0));
    snprintf(out->role, sizeof out->role, "%s", column_text(&q, 1));
    out->must_change = column_int(&q, 2) != 0;
    out->made_ms = column_int(&q, 3);
    out->seen_ms = column_int(&q, 4);
    out->expires_ms = column_int(&q, 5);
    out->touch = now_ms - out->seen_ms > TOUCH_MS;
  }
  if (!query_close(&q)) return false;
  return found || err_rule(err, ERR_DENIED, "", "no_session", "not logged in, or the session is over");
}

bool session_touch(struct tx *tx, const char *token, struct err *err)
{
  uint8_t hash[HASH_SIZE];
  hash_token(hash, token);
  struct query q =
      query_open(tx->db, "UPDATE session SET seen_ms = max(seen_ms, ?2) WHERE token_hash = ?1", err);
  query_blob(&q, 1, hash, sizeof hash);
  query_int(&q, 2, tx->now_ms);
  return query_run(&q);
}

bool session_remove(struct tx *tx, const char *token, struct err *err)
{
  uint8_t hash[HASH_SIZE];
  hash_token(hash, token);
  struct query q = query_open(tx->db, "DELETE FROM session WHERE token_hash = ?1", err);
  query_blob(&q, 1, hash, sizeof hash);
  return query_run(&q);
}

static int64_t session_id(const uint8_t *hash)
{
  uint64_t id = 0;
  for (int i = 0; i < 6; i++)
    id = id << 8 | hash[i];
  return (int64_t)id;
}

bool session_list(struct db *db, const char *account, const char *token, int64_t now_ms,
                  void (*each)(void *ctx, const struct session_row *row), void *ctx, struct err *err)
{
  uint8_t own[HASH_SIZE];
  hash_token(own, token);
  struct query q = query_open(db,
                              "SELECT token_hash, peer, made_ms, seen_ms, expires_ms FROM session"
                              " WHERE account = ?1 AND expires_ms > ?2 AND seen_ms > ?2 - ?3"
                              " ORDER BY seen_ms DESC, made_ms DESC",
                              err);
  query_text(&q, 1, account);
  query_int(&q, 2, now_ms);
  query_int(&q, 3, SESSION_IDLE_MS);
  while (query_row(&q)) {
    size_t n = 0;
    const uint8_t *hash = column_blob(&q, 0, &n);
    const struct session_row row = {.id = session_id(hash),
                                    .peer = column_text(&q, 1),
                                    .made_ms = column_int(&q, 2),
                                    .seen_ms = column_int(&q, 3),
                                    .expires_ms = column_int(&q, 4),
                                    .own = memcmp(hash, own, sizeof own) == 0};
    each(ctx, &row);
  }
  return query_close(&q);
}

bool session_end(struct tx *tx, const char *account, int64_t id, struct err *err)
{
  uint8_t first[6];
  for (int i = 0; i < 6; i++)
    first[i] = (uint8_t)(id >> (40 - 8 * i));
  struct query q =
      query_open(tx->db, "DELETE FROM session WHERE account = ?1 AND substr(token_hash, 1, 6) = ?2", err);
  query_text(&q, 1, account);
  query_blob(&q, 2, first, sizeof first);
  if (!query_run(&q)) return false;
  if (db_changes(tx->db) > 0) return true;
  return err_rule(err, ERR_MISSING, "id", "unknown_session", "%s has no such session", account);
}

bool session_remove_all(struct tx *tx, const char *account, const char *keep_token, struct err *err)
{
  uint8_t hash[HASH_SIZE];
  hash_token(hash, keep_token ? keep_token : "");
  struct query q = query_open(tx->db, "DELETE FROM session WHERE account = ?1 AND token_hash <> ?2", err);
  query_text(&q, 1, account);
  query_blob(&q, 2, hash, sizeof hash);
  return query_run(&q);
}

bool login_sweep(struct tx *tx, struct err *err)
{
  struct query q = query_open(tx->db, "DELETE FROM session WHERE expires_ms <= ?1", err);
  query_int(&q, 1, tx->now_ms);
  if (!query_run(&q)) return false;
  q = query_open(tx->db, "DELETE FROM lockout WHERE last_ms <= ?1", err);
  query_int(&q, 1, tx->now_ms - DAY_MS);
  return query_run(&q);
}
