#include "core/domain/login.h"

#include "core/base/bytes.h"
#include "core/base/text.h"
#include "core/domain/lockout.h"
#include "core/domain/security_event.h"

#include <stdio.h>
#include <string.h>

enum { TOUCH_MS = 60 * 1000, DAY_MS = 24 * 3600 * 1000, DEVICES_MAX = 20 };

/* The hash of a password nobody has, with the parameters of every other: verifying it takes as long. */
static const char nobody[] = "$argon2id$v=19$m=65536,t=2,p=1$Jd1nqr3xC+pxiuvgb26+ew$"
                             "eBXbZx8pzDVHbs1jLKXJtM1Pj05DArDn8K1AmJX0Tu4";

static void hash_token(uint8_t out[HASH_SIZE], const char *token)
{
  sha256(out, token, strlen(token));
}

static void make_token(char text[SESSION_TOKEN_SIZE], uint8_t hash[HASH_SIZE])
{
  uint8_t secret[32];
  crypto_random(secret, sizeof secret);
  hex_encode(text, secret, sizeof secret);
  crypto_wipe(secret, sizeof secret);
  hash_token(hash, text);
}

/* -- What people type. -- */

/* Input methods make a wide or a long dash of the key. */
static uint32_t plain(uint32_t c)
{
  if (c >= 0xff01 && c <= 0xff5e) c -= 0xfee0;
  if ((c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0xfe63) c = '-';
  if (c == 0x3002 || c == 0xff61) c = '.';
  return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

void login_fold(char *out, size_t size, const char *typed)
{
  size_t used = 0, left = strlen(typed), n;
  uint32_t c;
  for (const char *p = typed; left && (n = text_next(p, left, &c)) > 0; p += n, left -= n) {
    uint32_t folded = plain(c);
    char ascii = (char)folded;
    size_t kept = folded < 0x80 ? 1 : n;
    if (text_is_space(c) || text_is_unseen(c) || text_turns(c)) continue;
    if (used + kept >= size) break;
    memcpy(out + used, folded < 0x80 ? &ascii : p, kept);
    used += kept;
  }
  out[used] = '\0';
}

/* -- Login. -- */

/* A time of the future is of a clock that was wrong: then nobody knows its age, and it is not held against
 * it. */
static bool ended(const struct login *login, int64_t now_ms)
{
  return login->one_time && now_ms - login->password_ms > ONE_TIME_LIFE_MS;
}

/* People type their password into the field above it.  What is no account's name is counted under a hash of
 * it, and written, signed or told nowhere; a name begins with a letter or a digit, so none is taken for it.
 */
enum { UNKNOWN = '?' };

static bool hide_unknown(struct login *login, struct db *db, struct err *err)
{
  uint8_t hash[HASH_SIZE];
  char hex[2 * 12 + 1];
  struct query q = query_open(db, "SELECT 1 FROM account WHERE name = ?1", err);
  query_text(&q, 1, login->name);
  bool found = query_row(&q);
  if (!query_close(&q)) return false;
  if (found) return true;
  sha256(hash, login->name, strlen(login->name));
  hex_encode(hex, hash, 12);
  crypto_wipe(login->name, sizeof login->name);
  snprintf(login->name, sizeof login->name, "%c%s", UNKNOWN, hex);
  return true;
}

const char *login_actor(const struct login *login)
{
  return *login->name == UNKNOWN ? "" : login->name;
}

const char *login_failure(const struct login *login)
{
  if (login->wait_ms > 0) return "login while locked out";
  if (login->right && login->disabled) return "login of a disabled account";
  return *login->name == UNKNOWN ? "no account of the name typed" : "wrong name or password";
}

static bool read_account(struct login *login, struct db *db, int64_t now_ms, struct err *err)
{
  struct query q = query_open(
      db, "SELECT password_hash, disabled, password_ms, must_change FROM account WHERE name = ?1", err);
  query_text(&q, 1, login->name);
  snprintf(login->hash, sizeof login->hash, "%s", nobody);
  if (query_row(&q)) {
    login->known = true;
    login->disabled = column_int(&q, 1) != 0;
    login->password_ms = column_int(&q, 2);
    login->one_time = column_int(&q, 3) != 0;
    login->too_old = ended(login, now_ms);
    snprintf(login->hash, sizeof login->hash, "%s", column_text(&q, 0));
  }
  return query_close(&q);
}

static bool read_device(struct login *login, struct db *db, const char *token, struct err *err)
{
  if (!*token) return true;
  hash_token(login->device, token);
  struct query q = query_open(db, "SELECT 1 FROM device WHERE token_hash = ?1 AND account = ?2", err);
  query_blob(&q, 1, login->device, sizeof login->device);
  query_text(&q, 2, login->name);
  login->device_known = query_row(&q);
  return query_close(&q);
}

void login_device(char out[LOGIN_DEVICE_SIZE], const struct login *login)
{
  hex_encode(out, login->device, 16);
  snprintf(out + 32, LOGIN_DEVICE_SIZE - 32, " %s", login->name);
}

static bool read_locks(struct login *login, struct db *db, int64_t now_ms, struct err *err)
{
  char device[LOGIN_DEVICE_SIZE];
  login_device(device, login);
  if (login->device_known) return lockout_wait(db, &lockout_device, device, now_ms, &login->wait_ms, err);
  return lockout_wait(db, &lockout_account, login->name, now_ms, &login->wait_ms, err) &&
         lockout_wait(db, &lockout_peer, login->peer, now_ms, &login->wait_ms, err);
}

bool login_begin(struct login *login, struct db *db, const char *name, const struct login_from *from,
                 int64_t now_ms, struct err *err)
{
  char folded[sizeof login->name + 4];
  *login = (struct login){.wait_ms = 0};
  login_fold(folded, sizeof folded, name);
  bool fits = strlen(folded) < sizeof login->name;
  snprintf(login->name, sizeof login->name, "%.32s", fits ? folded : "(too long)");
  snprintf(login->peer, sizeof login->peer, "%.63s", from->peer);
  text_clean(TEXT_NAME, login->agent, sizeof login->agent, from->agent);
  crypto_wipe(folded, sizeof folded);
  if (!hide_unknown(login, db, err)) return false;
  if (!read_device(login, db, from->device, err) || !read_locks(login, db, now_ms, err)) return false;
  return login->wait_ms > 0 || read_account(login, db, now_ms, err);
}

/* A one-time password is of small letters, digits and dashes, and comes by messenger and clipboard. */
void login_verify(struct login *login, const char *password)
{
  char folded[PASSWORD_SIZE_MAX];
  login_fold(folded, sizeof folded, password);
  bool right = password_verify(login->hash, login->one_time ? folded : password);
  login->right = right && login->known;
  crypto_wipe(login->hash, sizeof login->hash);
  crypto_wipe(folded, sizeof folded);
}

/* An address is charged for a name once; whoever mistypes their own again and again costs it nothing more. */
static bool count_failure(struct tx *tx, struct login *login, struct err *err)
{
  char device[LOGIN_DEVICE_SIZE];
  bool seen = false;
  login_device(device, login);
  if (login->device_known) return lockout_fail(tx, &lockout_device, device, &login->wait_ms, err);
  return lockout_fail(tx, &lockout_account, login->name, &login->wait_ms, err) &&
         lockout_seen(tx, login->peer, login->name, &seen, err) &&
         (seen || lockout_fail(tx, &lockout_peer, login->peer, &login->wait_ms, err));
}

static bool fail(struct tx *tx, struct login *login, struct err *err)
{
  const char *why = login_failure(login);
  if (login->wait_ms > 0) return security_event_add(tx, "locked", login_actor(login), why, login->peer, err);
  return count_failure(tx, login, err) &&
         security_event_add(tx, "login", login_actor(login), why, login->peer, err);
}

static bool forgive(struct tx *tx, const struct login *login, struct err *err)
{
  char device[LOGIN_DEVICE_SIZE];
  login_device(device, login);
  if (login->device_known) return lockout_clear(tx, &lockout_device, device, err);
  return lockout_clear(tx, &lockout_account, login->name, err) &&
         lockout_forgive(tx, &lockout_peer, login->peer, err);
}

/* Whoever knows the password may log in without end; what is kept of it has one. */
static bool open_session(struct tx *tx, const struct login *login, char token[SESSION_TOKEN_SIZE],
                         struct err *err)
{
  uint8_t hash[HASH_SIZE];
  char text[SESSION_TOKEN_SIZE];
  make_token(text, hash);
  struct query q =
      query_open(tx->db,
                 "INSERT INTO session(token_hash, account, peer, made_ms, seen_ms, expires_ms, agent)"
                 " VALUES(?1, ?2, ?3, ?4, ?4, ?5, ?6)",
                 err);
  query_blob(&q, 1, hash, sizeof hash);
  query_text(&q, 2, login->name);
  query_text(&q, 3, login->peer);
  query_int(&q, 4, tx->now_ms);
  query_int(&q, 5, tx->now_ms + SESSION_LIFE_MS);
  query_text(&q, 6, login->agent);
  if (!query_run(&q)) return false;
  q = query_open(tx->db,
                 "DELETE FROM session WHERE account = ?1 AND token_hash IN (SELECT token_hash FROM session"
                 " WHERE account = ?1 ORDER BY token_hash = ?2 DESC, seen_ms DESC LIMIT -1 OFFSET ?3)",
                 err);
  query_text(&q, 1, login->name);
  query_blob(&q, 2, hash, sizeof hash);
  query_int(&q, 3, SESSIONS_MAX);
  if (!query_run(&q)) return false;
  memcpy(token, text, sizeof text);
  return true;
}

/* The account may have been disabled or enabled, or its password changed, while the password was being
 * verified: then the session would outlive what it was granted on, so both are looked at once more inside the
 * transaction. */
static bool still_stands(struct tx *tx, struct login *login, bool *stands, struct err *err)
{
  struct query q =
      query_open(tx->db, "SELECT disabled FROM account WHERE name = ?1 AND password_ms = ?2", err);
  query_text(&q, 1, login->name);
  query_int(&q, 2, login->password_ms);
  *stands = query_row(&q);
  if (*stands) login->disabled = column_int(&q, 0) != 0;
  return query_close(&q);
}

/* The browser is known as this account from now on; the oldest of too many is forgotten. */
static bool keep_device(struct tx *tx, const struct login *login, char token[SESSION_TOKEN_SIZE],
                        struct err *err)
{
  uint8_t hash[HASH_SIZE];
  memcpy(hash, login->device, sizeof hash);
  *token = '\0';
  if (!login->device_known) make_token(token, hash);
  struct query q = query_open(
      tx->db, "INSERT OR REPLACE INTO device(token_hash, account, seen_ms) VALUES(?1, ?2, ?3)", err);
  query_blob(&q, 1, hash, sizeof hash);
  query_text(&q, 2, login->name);
  query_int(&q, 3, tx->now_ms);
  if (!query_run(&q)) return false;
  q = query_open(tx->db,
                 "DELETE FROM device WHERE account = ?1 AND token_hash IN (SELECT token_hash FROM device"
                 " WHERE account = ?1 ORDER BY seen_ms DESC LIMIT -1 OFFSET ?2)",
                 err);
  query_text(&q, 1, login->name);
  query_int(&q, 2, DEVICES_MAX);
  return query_run(&q);
}

bool login_finish(struct tx *tx, struct login *login, struct login_tokens *out, struct err *err)
{
  bool stands = false;
  *out = (struct login_tokens){.session = ""};
  if (login->wait_ms > 0 || !login->right) return fail(tx, login, err);
  if (!still_stands(tx, login, &stands, err)) return false;
  if (!stands) return fail(tx, login, err);
  if (login->disabled) /* who knows the password guessed nothing */
    return security_event_add(tx, "login", login->name, login_failure(login), login->peer, err);
  if (login->too_old)
    return security_event_add(tx, "login", login->name, "one-time password too old", login->peer, err);
  struct query q = query_open(tx->db, "UPDATE account SET login_ms = ?2 WHERE name = ?1", err);
  query_text(&q, 1, login->name);
  query_int(&q, 2, tx->now_ms);
  return query_run(&q) && forgive(tx, login, err) && keep_device(tx, login, out->device, err) &&
         open_session(tx, login, out->session, err);
}

/* -- Sessions. -- */

/* Neither over nor idle, and not opened in the future: that was a wrong clock, under which it would live on
 * for as long as the clock was ahead.  One *seen* in the future was touched under such a clock; it counts as
 * seen now. */
#define LIVE(s) s "expires_ms > ?2 AND " s "seen_ms > ?2 - ?3 AND " s "made_ms <= ?2 + ?4"

/* seen_ms of a session that ended with a change of role, or when somebody else reset its account's password:
 * long idle to all that asks whether it is live, and kept until it would have expired, so that its own token
 * is told why. */
#define ENDED_BY_ROLE "-1"
#define ENDED_BY_RESET "-2"

/* *by: of the two; 0: it is no such session. */
static bool ended_by(struct db *db, const uint8_t hash[HASH_SIZE], int64_t now_ms, int64_t *by,
                     struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT s.seen_ms FROM session s JOIN account a ON a.name = s.account AND a.disabled = 0"
                 " WHERE s.token_hash = ?1 AND s.expires_ms > ?2 AND s.seen_ms < 0",
                 err);
  query_blob(&q, 1, hash, HASH_SIZE);
  query_int(&q, 2, now_ms);
  *by = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
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
                 " AND " LIVE("s."),
                 err);
  query_blob(&q, 1, hash, sizeof hash);
  query_int(&q, 2, now_ms);
  query_int(&q, 3, SESSION_IDLE_MS);
  query_int(&q, 4, SESSION_CLOCK_SLACK_MS);
  bool found = query_row(&q);
  if (found) {
    snprintf(out->account, sizeof out->account, "%s", column_text(&q, 0));
    snprintf(out->role, sizeof out->role, "%s", column_text(&q, 1));
    out->must_change = column_int(&q, 2) != 0;
    out->made_ms = column_int(&q, 3);
    out->seen_ms = column_int(&q, 4);
    out->expires_ms = column_int(&q, 5);
    out->touch = now_ms - out->seen_ms > TOUCH_MS || out->seen_ms - now_ms > TOUCH_MS;
  }
  int64_t by = 0;
  if (!query_close(&q) || (!found && !ended_by(db, hash, now_ms, &by, err))) return false;
  if (by == -1) return err_rule(err, ERR_DENIED, "", "role_changed", "the role of this account was changed");
  if (by == -2)
    return err_rule(err, ERR_DENIED, "", "password_reset", "the password of this account was reset");
  return found || err_rule(err, ERR_DENIED, "", "no_session", "not logged in, or the session is over");
}

/* One that ended meanwhile stays ended. */
bool session_touch(struct tx *tx, const char *token, struct err *err)
{
  uint8_t hash[HASH_SIZE];
  hash_token(hash, token);
  struct query q =
      query_open(tx->db, "UPDATE session SET seen_ms = ?2 WHERE token_hash = ?1 AND seen_ms >= 0", err);
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

int64_t session_id(const uint8_t hash[HASH_SIZE])
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
                              "SELECT token_hash, peer, made_ms, seen_ms, expires_ms, agent FROM session"
                              " WHERE account = ?1 AND " LIVE("") " ORDER BY seen_ms DESC, made_ms DESC",
                              err);
  query_text(&q, 1, account);
  query_int(&q, 2, now_ms);
  query_int(&q, 3, SESSION_IDLE_MS);
  query_int(&q, 4, SESSION_CLOCK_SLACK_MS);
  while (query_row(&q)) {
    size_t n = 0;
    const uint8_t *hash = column_blob(&q, 0, &n);
    const struct session_row row = {.id = session_id(hash),
                                    .peer = column_text(&q, 1),
                                    .agent = column_text(&q, 5),
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
  if (id >> SESSION_ID_BITS)
    return err_rule(err, ERR_MISSING, "id", "unknown_session", "%s has no such session", account);
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

static bool end_in_memory(struct tx *tx, const char *account, struct err *err)
{
  struct query q = query_open(tx->db, "UPDATE account SET ended_ms = ?2 WHERE name = ?1", err);
  query_text(&q, 1, account);
  query_int(&q, 2, tx->now_ms);
  return query_run(&q);
}

bool session_remove_all(struct tx *tx, const char *account, const char *keep_token, struct err *err)
{
  uint8_t hash[HASH_SIZE];
  hash_token(hash, keep_token ? keep_token : "");
  struct query q = query_open(tx->db, "DELETE FROM session WHERE account = ?1 AND token_hash <> ?2", err);
  query_text(&q, 1, account);
  query_blob(&q, 2, hash, sizeof hash);
  if (!query_run(&q) || keep_token) return !q.bad;
  return end_in_memory(tx, account, err);
}

bool session_end_by(struct tx *tx, const char *account, enum session_end why, struct err *err)
{
  struct query q = query_open(tx->db,
                              why == SESSION_END_ROLE
                                  ? "UPDATE session SET seen_ms = " ENDED_BY_ROLE " WHERE account = ?1"
                                  : "UPDATE session SET seen_ms = " ENDED_BY_RESET " WHERE account = ?1",
                              err);
  query_text(&q, 1, account);
  return query_run(&q) && end_in_memory(tx, account, err);
}

bool login_sweep(struct tx *tx, struct err *err)
{
  struct query q = query_open(tx->db, "DELETE FROM session WHERE expires_ms <= ?1", err);
  query_int(&q, 1, tx->now_ms);
  if (!query_run(&q) || !lockout_sweep(tx, err)) return false;
  q = query_open(tx->db, "DELETE FROM device WHERE seen_ms <= ?1", err);
  query_int(&q, 1, tx->now_ms - DEVICE_LIFE_MS);
  return query_run(&q);
}
