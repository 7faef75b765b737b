#include "core/domain/account.h"

#include "core/domain/lockout.h"
#include "core/domain/login.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MIN = 2, NAME_MAX = 32, PASSWORD_MIN = 10, PASSWORD_MAX = 128, PASSWORD_WORTH_MIN = 5 };

bool role_check(enum site site, const char *role, struct err *err)
{
  static const char *const roles[2][3] = {
      [SITE_NODE] = {"staff", "officer", "admin"}, [SITE_HUB] = {"curator", "auditor", "admin"}};
  for (int i = 0; role && i < 3; i++)
    if (strcmp(role, roles[site][i]) == 0) return true;
  return err_rule(err, ERR_INPUT, "role", "one_of", "%.40s is no role here: %s, %s or %s", role ? role : "",
                  roles[site][0], roles[site][1], roles[site][2]);
}

bool one_time_make(struct one_time *out, struct err *err)
{
  password_make(out->password);
  return password_hash(out->hash, out->password, err);
}

/* Counts characters; false for bytes that are not UTF-8 or control something. */
static bool count_characters(const char *text, size_t *count)
{
  *count = 0;
  for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
    if (*p < 0x20 || *p == 0x7f) return false;
    if ((*p & 0xc0) != 0x80) ++*count;
  }
  return true;
}

/* Removes every occurrence. */
static void take_out(char *text, const char *part)
{
  size_t n = strlen(part);
  for (char *at = n ? strstr(text, part) : NULL; at; at = strstr(at, part))
    memmove(at, at + n, strlen(at + n) + 1);
}

/* Does text[i] go on from the one before: the same, the next, or the one before it? */
static bool goes_on(const char *text, size_t i)
{
  int step = (unsigned char)text[i] - (unsigned char)text[i - 1];
  return (step >= -1 && step <= 1) || (text[i] == '0' && text[i - 1] == '9');
}

/* What a guesser tries first is worth nothing, and of a run such as 3456 or dddd only its beginning counts.
 */
static size_t worth(const char *name, const char *password)
{
  static const char *const tried[] = {
      "password", "passw0rd", "p@ssw0rd", "p@ssword", "qwertyuiop", "qwerty",   "asdfghjkl", "asdfgh",
      "zxcvbnm",  "1qaz",     "2wsx",     "3edc",     "4rfv",       "iloveyou", "welcome",   "administrator",
      "letmein",  "woaini",   "5201314",  "1314520",  "sunlit",     "abc123",   "mima"};
  char left[PASSWORD_SIZE_MAX];
  login_fold(left, sizeof left, password);
  if (strlen(name) >= 4 && strstr(left, name)) return 0;
  take_out(left, name);
  for (size_t i = 0; i < sizeof tried / sizeof *tried; i++)
    take_out(left, tried[i]);
  size_t n = 0;
  bool used[256] = {false};
  for (size_t i = 0; left[i]; i++) {
    unsigned char c = (unsigned char)left[i];
    n += !used[c] && (i == 0 || !goes_on(left, i));
    used[c] = true;
  }
  return n;
}

bool password_check(const char *name, const char *password, struct err *err)
{
  size_t count = 0;
  if (!password || !count_characters(password, &count))
    return err_rule(err, ERR_INPUT, "new", "control_character", "the password holds a control character");
  if (count < PASSWORD_MIN || count > PASSWORD_MAX)
    return err_rule(err, ERR_INPUT, "new", "length", "a password has %d to %d characters, this one has %zu",
                    PASSWORD_MIN, PASSWORD_MAX, count);
  if (worth(name, password) < PASSWORD_WORTH_MIN)
    return err_rule(
        err, ERR_INPUT, "new", "guessable",
        "the password is little more than the account's name, a run of neighbours such as 123456 or"
        " a word everybody tries: take a sentence, or add other characters");
  return true;
}

static bool letter_or_digit(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool well_formed(const char *name)
{
  size_t n = strlen(name);
  if (!letter_or_digit(name[0]) || !letter_or_digit(name[n - 1])) return false;
  for (size_t i = 1; i < n; i++)
    if (!letter_or_digit(name[i]) && (!strchr("-_.", name[i]) || !letter_or_digit(name[i - 1]))) return false;
  return true;
}

bool account_name_check(const char *name, struct err *err)
{
  size_t n = name ? strlen(name) : 0;
  if (n < NAME_MIN || n > NAME_MAX)
    return err_rule(err, ERR_INPUT, "name", "account_name",
                    "an account's name has %d to %d characters, not %zu", NAME_MIN, NAME_MAX, n);
  if (well_formed(name) && strcmp(name, "system") != 0) return true;
  return err_rule(
      err, ERR_INPUT, "name", "account_name",
      "an account's name is made of a-z and 0-9, with single '-', '_' or '.' between them, and is not"
      " \"system\": \"%.40s\"",
      name);
}

static bool exists(struct db *db, const char *name, bool *found, struct err *err)
{
  struct query q = query_open(db, "SELECT 1 FROM account WHERE name = ?1", err);
  query_text(&q, 1, name);
  *found = query_row(&q);
  return query_close(&q);
}

bool account_add(struct tx *tx, enum site site, const char *name, const char *role, const char *hash,
                 struct err *err)
{
  bool found = false;
  if (!account_name_check(name, err) || !role_check(site, role, err) || !exists(tx->db, name, &found, err))
    return false;
  if (found) return err_rule(err, ERR_CONFLICT, "name", "exists", "there is an account %s already", name);
  struct query q = query_open(tx->db,
                              "INSERT INTO account(name, role, password_hash, must_change, disabled, made_ms,"
                              " password_ms, login_ms) VALUES(?1, ?2, ?3, 1, 0, ?4, ?4, 0)",
                              err);
  query_text(&q, 1, name);
  query_text(&q, 2, role);
  query_text(&q, 3, hash);
  query_int(&q, 4, tx->now_ms);
  return query_run(&q);
}

static bool unknown(const char *name, struct err *err)
{
  return err_rule(err, ERR_MISSING, "name", "unknown_account", "there is no account %.40s", name);
}

/* Somebody must be left who can give accounts. */
static bool check_admins(struct db *db, const char *name, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT EXISTS(SELECT 1 FROM account WHERE name = ?1 AND role = 'admin' AND disabled = 0),"
                 " EXISTS(SELECT 1 FROM account WHERE name <> ?1 AND role = 'admin' AND disabled = 0)"
                 " /* scan: meant, a few dozen accounts */",
                 err);
  query_text(&q, 1, name);
  bool last = query_row(&q) && column_int(&q, 0) && !column_int(&q, 1);
  if (!query_close(&q)) return false;
  return !last || err_rule(err, ERR_CONFLICT, "name", "last_admin", "%s is the last administrator", name);
}

static bool changes_role(struct db *db, const char *name, const char *role, bool *changes, struct err *err)
{
  struct query q = query_open(db, "SELECT 1 FROM account WHERE name = ?1 AND role <> ?2", err);
  query_text(&q, 1, name);
  query_text(&q, 2, role); /* NULL: not another one */
  *changes = query_row(&q);
  return query_close(&q);
}

bool account_change(struct tx *tx, enum site site, const char *name, const char *role, const bool *disabled,
                    struct err *err)
{
  bool found = false, ends = false;
  bool demotes = (role && strcmp(role, "admin") != 0) || (disabled && *disabled);
  if (role && !role_check(site, role, err)) return false;
  if (!exists(tx->db, name, &found, err)) return false;
  if (!found) return unknown(name, err);
  if (demotes && !check_admins(tx->db, name, err)) return false;
  if (!changes_role(tx->db, name, role, &ends, err)) return false;
  struct query q =
      query_open(tx->db,
                 "UPDATE account SET role = coalesce(?2, role), disabled = coalesce(?3, disabled)"
                 " WHERE name = ?1",
                 err);
  query_text(&q, 1, name);
  query_text(&q, 2, role);
  if (disabled) query_int(&q, 3, *disabled);
  if (!query_run(&q)) return false;
  if (disabled && *disabled) return session_remove_all(tx, name, NULL, err);
  return !ends || session_end_by(tx, name, SESSION_END_ROLE, err);
}

static bool is_disabled(struct db *db, const char *name, bool *disabled, struct err *err)
{
  struct query q = query_open(db, "SELECT 1 FROM account WHERE name = ?1 AND disabled <> 0", err);
  query_text(&q, 1, name);
  *disabled = query_row(&q);
  return query_close(&q);
}

bool account_set_password(struct tx *tx, const char *name, const char *hash, bool one_time,
                          const char *keep_token, struct err *err)
{
  bool disabled = false;
  if (!is_disabled(tx->db, name, &disabled, err)) return false;
  if (disabled)
    return err_rule(err, ERR_CONFLICT, "name", "disabled",
                    "the account %s is disabled: no password opens it before it is enabled", name);
  struct query q =
      query_open(tx->db,
                 "UPDATE account SET before_hash = CASE WHEN ?3 = 0 THEN '' WHEN must_change THEN"
                 " before_hash ELSE password_hash END, password_hash = ?2, must_change = ?3,"
                 " password_ms = ?4 WHERE name = ?1",
                 err);
  query_text(&q, 1, name);
  query_text(&q, 2, hash);
  query_int(&q, 3, one_time);
  query_int(&q, 4, tx->now_ms);
  if (!query_run(&q)) return false;
  if (db_changes(tx->db) == 0) return unknown(name, err);
  return lockout_clear(tx, &lockout_account, name, err) && lockout_clear(tx, &lockout_password, name, err) &&
         (one_time && !keep_token ? session_end_by(tx, name, SESSION_END_RESET, err)
                                  : session_remove_all(tx, name, keep_token, err));
}

bool account_hash(struct db *db, const char *name, char hash[PASSWORD_HASH_SIZE], struct err *err)
{
  struct query q = query_open(db, "SELECT password_hash FROM account WHERE name = ?1", err);
  query_text(&q, 1, name);
  bool found = query_row(&q);
  if (found) snprintf(hash, PASSWORD_HASH_SIZE, "%s", column_text(&q, 0));
  if (!query_close(&q)) return false;
  return found || unknown(name, err);
}

bool account_password(struct db *db, const char *name, struct password_now *out, struct err *err)
{
  struct query q =
      query_open(db, "SELECT password_hash, before_hash, must_change FROM account WHERE name = ?1", err);
  query_text(&q, 1, name);
  bool found = query_row(&q);
  if (found) {
    snprintf(out->hash, sizeof out->hash, "%s", column_text(&q, 0));
    snprintf(out->before, sizeof out->before, "%s", column_text(&q, 1));
    out->one_time = column_int(&q, 2) != 0;
  }
  if (!query_close(&q)) return false;
  return found || unknown(name, err);
}

bool account_list(struct db *db, int64_t now_ms, void (*each)(void *ctx, const struct account *row),
                  void *ctx, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT a.name, a.role, a.must_change, a.disabled, a.made_ms, a.password_ms, a.login_ms,"
                 " (SELECT count(*) FROM session s WHERE s.account = a.name AND s.expires_ms > ?1"
                 " AND s.seen_ms > ?1 - ?2 AND s.made_ms <= ?1 + ?3),"
                 " coalesce((SELECT g.until_ms FROM guess g WHERE g.kind = 'account' AND g.name = a.name"
                 " AND g.until_ms > ?1 AND g.last_ms <= ?1 + ?3), 0) FROM account a ORDER BY a.name /* scan: "
                 "meant, a few dozen accounts */",
                 err);
  query_int(&q, 1, now_ms);
  query_int(&q, 2, SESSION_IDLE_MS);
  query_int(&q, 3, SESSION_CLOCK_SLACK_MS);
  while (query_row(&q)) {
    struct account row = {.name = column_text(&q, 0),
                          .role = column_text(&q, 1),
                          .must_change = column_int(&q, 2) != 0,
                          .disabled = column_int(&q, 3) != 0,
                          .made_ms = column_int(&q, 4),
                          .password_ms = column_int(&q, 5),
                          .login_ms = column_int(&q, 6),
                          .sessions = (int)column_int(&q, 7),
                          .locked_until_ms = column_int(&q, 8)};
    each(ctx, &row);
  }
  return query_close(&q);
}
