#include "fixture.h"

#include "core/domain/account.h"
#include "core/domain/lockout.h"
#include "core/domain/login.h"

#include <time.h>

static struct fixture f;
static struct one_time first;
static const char *at_device = ""; /* the browser's token */
static char given_device[SESSION_TOKEN_SIZE];
static bool last_expired, last_disabled;

enum { FREE_ACCOUNT = 5, FREE_PEER = 20 };

static int setup(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fixture_open(&f);
  at_device = "";
  assert_ok(one_time_make(&first, &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, "system");
  assert_ok(account_add(&tx, SITE_NODE, "admin", "admin", first.hash, &err), &err);
  commit(&f);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

/* All three steps; the token is "" when refused, *wait_ms what the form says. */
static void log_in(const char *name, const char *password, const char *peer, char token[SESSION_TOKEN_SIZE],
                   int64_t *wait_ms)
{
  struct err err = ERR_INIT;
  struct login login;
  struct login_tokens tokens;
  assert_ok(login_begin(&login, f.db, name, &(struct login_from){peer, at_device, ""}, f.now_ms, &err), &err);
  if (login.wait_ms == 0) login_verify(&login, password);
  struct tx tx = begin_as(&f, CHUNAN, name);
  assert_ok(login_finish(&tx, &login, &tokens, &err), &err);
  commit(&f);
  *wait_ms = login.wait_ms;
  memcpy(token, tokens.session, SESSION_TOKEN_SIZE);
  if (*tokens.device) memcpy(given_device, tokens.device, sizeof given_device);
  last_expired = login.right && login.too_old;
  last_disabled = login.right && login.disabled;
}

/* A wrong login without the 60 ms: what the second step would have left. */
static int64_t fail_once(const char *name, const char *peer)
{
  struct err err = ERR_INIT;
  struct login login;
  struct login_tokens tokens;
  assert_ok(login_begin(&login, f.db, name, &(struct login_from){peer, at_device, ""}, f.now_ms, &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, name);
  assert_ok(login_finish(&tx, &login, &tokens, &err), &err);
  commit(&f);
  assert_string_equal(tokens.session, "");
  return login.wait_ms;
}

static void see_account(void *ctx, const struct account *row)
{
  char *text = ctx;
  size_t n = strlen(text);
  snprintf(text + n, 200 - n, "%s %s %d %d;", row->name, row->role, row->sessions, row->locked_until_ms > 0);
}

static int64_t events(void)
{
  return number_of(&f, "SELECT count(*) FROM security_event /* scan: meant */");
}

static void the_first_password_opens_a_session_that_must_change_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct session session;
  char token[SESSION_TOKEN_SIZE];
  int64_t wait_ms;
  log_in("admin", first.password, "10.0.0.1", token, &wait_ms);
  assert_int_equal(strlen(token), 64);
  assert_ok(session_get(&session, f.db, token, f.now_ms, &err), &err);
  assert_string_equal(session.account, "admin");
  assert_string_equal(session.role, "admin");
  assert_true(session.must_change);
  char hash[PASSWORD_HASH_SIZE];
  assert_ok(password_hash(hash, "a longer sentence", &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(account_set_password(&tx, "admin", hash, false, token, &err), &err);
  commit(&f);
  assert_ok(session_get(&session, f.db, token, f.now_ms, &err), &err);
  assert_false(session.must_change);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM session WHERE token_hash = CAST('x' AS BLOB)"), 0);
}

/* Whoever sat at another machine with the old password is out, and who had guessed too often may try again:
 * of the name, and of the old password of somebody who is logged in. */
static void a_new_password_ends_other_sessions_and_all_waiting(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct session session;
  char mine[SESSION_TOKEN_SIZE], other[SESSION_TOKEN_SIZE], none[SESSION_TOKEN_SIZE];
  int64_t wait_ms = 0;
  log_in("admin", first.password, "10.0.0.1", mine, &wait_ms);
  log_in("admin", first.password, "10.0.0.2", other, &wait_ms);
  for (int i = 0; i < FREE_ACCOUNT; i++)
    fail_once("admin", "10.0.0.9");
  log_in("admin", first.password, "10.0.0.3", none, &wait_ms);
  assert_string_equal(none, "");
  struct tx tx = begin_as(&f, CHUNAN, "admin");
  for (int i = 0; i < FREE_ACCOUNT; i++)
    assert_ok(lockout_fail(&tx, &lockout_password, "admin", &wait_ms, &err), &err);
  commit(&f);
  wait_ms = 0;
  assert_ok(lockout_wait(f.db, &lockout_password, "admin", f.now_ms, &wait_ms, &err), &err);
  assert_true(wait_ms > 0);
  tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(account_set_password(&tx, "admin", first.hash, false, mine, &err), &err);
  commit(&f);
  assert_ok(session_get(&session, f.db, mine, f.now_ms, &err), &err);
  assert_refused(session_get(&session, f.db, other, f.now_ms, &err), &err, "no_session");
  wait_ms = 0;
  assert_ok(lockout_wait(f.db, &lockout_password, "admin", f.now_ms, &wait_ms, &err), &err);
  assert_int_equal(wait_ms, 0);
  log_in("admin", first.password, "10.0.0.3", other, &wait_ms);
  assert_int_equal(strlen(other), 64);
}

/* The work of this thread: what else the machine does is not in it. */
static int64_t cpu_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void unknown_names_and_wrong_passwords_look_alike(void **state)
{
  (void)state;
  char token[SESSION_TOKEN_SIZE];
  int64_t wait_ms, start = cpu_us();
  log_in("admin", "wrong password", "10.0.0.1", token, &wait_ms);
  int64_t known_us = cpu_us() - start;
  assert_string_equal(token, "");
  start = cpu_us();
  log_in("nobody", "wrong password", "10.0.0.2", token, &wait_ms);
  int64_t unknown_us = cpu_us() - start;
  assert_string_equal(token, "");
  assert_true(unknown_us * 4 > known_us && known_us * 4 > unknown_us);
  assert_int_equal(events(), 2);
  for (int i = 1; i < FREE_ACCOUNT; i++) {
    assert_int_equal(fail_once("admin", "10.0.0.3"), i == FREE_ACCOUNT - 1 ? LOCKOUT_WAIT_MS : 0);
    assert_int_equal(fail_once("nobody", "10.0.0.4"), i == FREE_ACCOUNT - 1 ? LOCKOUT_WAIT_MS : 0);
  }
}

/* A password, typed one field too early. */
#define SCAN " /* scan: meant, a test */"
static void what_is_typed_and_is_no_accounts_name_is_written_nowhere(void **state)
{
  (void)state;
  for (int i = 0; i <= FREE_ACCOUNT; i++)
    fail_once("MySecretPass-2026!", "10.0.0.1");
  fail_once("admin", "10.0.0.2");
  assert_int_equal(
      number_of(&f, "SELECT count(*) FROM security_event WHERE actor || detail LIKE '%secretpass%'" SCAN), 0);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM guess WHERE name LIKE '%secretpass%'" SCAN), 0);
  assert_true(number_of(&f, "SELECT count(*) FROM security_event WHERE actor = ''"
                            " AND detail = 'no account of the name typed'" SCAN) > 0);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM security_event WHERE actor = 'admin'" SCAN), 1);
}

/* Whoever guesses learns nothing of it. */
static void a_disabled_account_is_told_to_whoever_knows_its_password(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char token[SESSION_TOKEN_SIZE];
  int64_t wait_ms;
  struct tx tx = begin_as(&f, CHUNAN, "system");
  assert_ok(account_add(&tx, SITE_NODE, "second", "admin", first.hash, &err), &err);
  assert_ok(account_change(&tx, SITE_NODE, "second", NULL, &(bool){true}, &err), &err);
  assert_refused(account_set_password(&tx, "second", first.hash, true, NULL, &err), &err, "disabled");
  commit(&f);
  log_in("second", "wrong password", "10.0.0.1", token, &wait_ms);
  assert_false(last_disabled);
  for (int i = 0; i <= FREE_ACCOUNT; i++) {
    log_in("second", first.password, "10.0.0.1", token, &wait_ms);
    assert_true(last_disabled && wait_ms == 0); /* knowing it is no guess */
    assert_string_equal(token, "");
  }
}

static void a_locked_name_waits_even_with_the_right_password_and_longer_each_time(void **state)
{
  (void)state;
  char token[SESSION_TOKEN_SIZE];
  int64_t wait_ms = 0;
  for (int i = 0; i < FREE_ACCOUNT; i++)
    wait_ms = fail_once("admin", "10.0.0.1");
  assert_int_equal(wait_ms, LOCKOUT_WAIT_MS);
  log_in("admin", first.password, "10.0.0.9", token, &wait_ms);
  assert_string_equal(token, "");
  assert_true(wait_ms > 0);
  f.now_ms += LOCKOUT_WAIT_MS;
  assert_int_equal(fail_once("admin", "10.0.0.1"), 2 * LOCKOUT_WAIT_MS);
  f.now_ms += 2 * LOCKOUT_WAIT_MS;
  log_in("admin", first.password, "10.0.0.1", token, &wait_ms);
  assert_int_equal(strlen(token), 64);
  assert_int_equal(fail_once("admin", "10.0.0.1"), 0); /* counted anew */
  for (int i = 0; i < 20; i++) {
    wait_ms = fail_once("admin", "10.0.0.1");
    f.now_ms += wait_ms;
  }
  assert_int_equal(wait_ms, LOCKOUT_WAIT_MAX_MS);
}

static void a_peer_that_tries_many_names_is_locked_out_itself(void **state)
{
  (void)state;
  char name[20];
  int64_t wait_ms = 0;
  for (int i = 0; i < FREE_PEER; i++) {
    snprintf(name, sizeof name, "name%d", i);
    wait_ms = fail_once(name, "10.0.0.66");
  }
  assert_int_equal(wait_ms, LOCKOUT_WAIT_MS);
  struct login login;
  struct err err = ERR_INIT;
  assert_ok(login_begin(&login, f.db, "admin", &(struct login_from){"10.0.0.66", "", ""}, f.now_ms, &err),
            &err);
  assert_true(login.wait_ms > 0);
  assert_ok(login_begin(&login, f.db, "admin", &(struct login_from){"10.0.0.67", "", ""}, f.now_ms, &err),
            &err);
  assert_int_equal(login.wait_ms, 0);
}

/* Everybody mistypes, and everybody then logs in: twenty mistypings of an office are not a guesser. */
static void an_office_behind_one_address_does_not_lock_itself_out(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char name[20], token[SESSION_TOKEN_SIZE];
  int64_t wait_ms;
  for (int i = 0; i < 4; i++) { /* the same person again and again costs the address one */
    assert_int_equal(fail_once("clerk-a", "10.0.0.50"), 0);
    assert_int_equal(fail_once("clerk-b", "10.0.0.50"), 0);
  }
  assert_int_equal(number_of(&f, "SELECT failures FROM guess WHERE kind = 'peer' AND name = '10.0.0.50'"), 2);
  for (int i = 0; i < 3 * FREE_PEER; i++) { /* a mistyping of somebody, then the right password */
    snprintf(name, sizeof name, "person%d", i);
    assert_int_equal(fail_once(name, "10.0.0.50"), 0);
    log_in("admin", first.password, "10.0.0.50", token, &wait_ms);
    assert_int_equal(strlen(token), 64);
  }
  f.now_ms += 2 * 3600 * 1000;
  for (int i = 0; i < 2 * FREE_PEER; i++) { /* one an hour never adds up */
    snprintf(name, sizeof name, "late%d", i);
    assert_int_equal(fail_once(name, "10.0.0.50"), 0);
    f.now_ms += 3600 * 1000;
  }
  struct tx tx = begin_as(&f, CHUNAN, "system");
  assert_ok(login_sweep(&tx, &err), &err);
  commit(&f);
}

/* Somebody far away can keep a name waiting, but not the browser of whoever the name belongs to. */
static void a_browser_that_has_logged_in_before_passes_the_locks_of_others(void **state)
{
  (void)state;
  char token[SESSION_TOKEN_SIZE], name[20], mine[SESSION_TOKEN_SIZE];
  int64_t wait_ms;
  log_in("admin", first.password, "10.0.0.1", token, &wait_ms);
  memcpy(mine, given_device, sizeof mine);
  assert_int_equal(strlen(mine), 64);
  for (int i = 0; i < FREE_ACCOUNT; i++)
    wait_ms = fail_once("admin", "10.9.9.9");
  for (int i = 0; i < FREE_PEER; i++) {
    snprintf(name, sizeof name, "name%d", i);
    fail_once(name, "10.0.0.1");
  }
  log_in("admin", first.password, "10.0.0.2", token, &wait_ms); /* the name is locked */
  assert_true(wait_ms > 0);
  at_device = mine;
  log_in("admin", first.password, "10.0.0.1", token, &wait_ms); /* for this browser neither is */
  assert_int_equal(wait_ms, 0);
  assert_int_equal(strlen(token), 64);
  for (int i = 0; i < FREE_ACCOUNT; i++) /* and its own failures are its own */
    wait_ms = fail_once("admin", "10.0.0.1");
  assert_int_equal(wait_ms, LOCKOUT_WAIT_MS);
  log_in("admin", first.password, "10.0.0.1", token, &wait_ms);
  assert_string_equal(token, "");
  struct err err = ERR_INIT;
  struct login login; /* the token of admin's browser is nothing for another name */
  assert_ok(login_begin(&login, f.db, "other", &(struct login_from){"10.0.0.3", mine, ""}, f.now_ms, &err),
            &err);
  assert_false(login.device_known);
}

static void a_locked_account_is_opened_by_hand(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char token[SESSION_TOKEN_SIZE];
  int64_t wait_ms;
  int lifted = 0;
  for (int i = 0; i < FREE_ACCOUNT; i++)
    fail_once("admin", "10.0.0.1");
  struct tx tx = begin_as(&f, CHUNAN, "system");
  assert_ok(lockout_lift(&tx, "admin", &lifted, &err), &err);
  commit(&f);
  assert_int_equal(lifted, 1);
  log_in("admin", first.password, "10.0.0.1", token, &wait_ms);
  assert_int_equal(strlen(token), 64);
}

static const int64_t years_ms = INT64_C(10) * 365 * 24 * 3600 * 1000;

static void what_a_wrong_clock_wrote_ends_when_the_clock_is_right(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct session session;
  char before[SESSION_TOKEN_SIZE], ahead[SESSION_TOKEN_SIZE];
  int64_t wait_ms;
  log_in("admin", first.password, "10.0.0.1", before, &wait_ms);
  f.now_ms += 3600 * 1000; /* an hour ahead: the session is touched there */
  struct tx tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(session_touch(&tx, before, &err), &err);
  commit(&f);
  f.now_ms -= 3600 * 1000;
  assert_ok(session_get(&session, f.db, before, f.now_ms, &err), &err);
  assert_true(session.touch);
  tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(session_touch(&tx, before, &err), &err);
  assert_ok(account_set_password(&tx, "admin", first.hash, true, before, &err), &err);
  commit(&f);
  f.now_ms += SESSION_IDLE_MS; /* and is idle after its time, not an hour later */
  assert_refused(session_get(&session, f.db, before, f.now_ms, &err), &err, "no_session");
  f.now_ms += years_ms;
  tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(account_set_password(&tx, "admin", first.hash, true, NULL, &err), &err);
  commit(&f);
  log_in("admin", first.password, "10.0.0.1", ahead, &wait_ms);
  assert_int_equal(strlen(ahead), 64);
  for (int i = 0; i < FREE_ACCOUNT; i++)
    wait_ms = fail_once("admin", "10.0.0.9");
  assert_true(wait_ms > 0);
  f.now_ms -= years_ms;
  assert_refused(session_get(&session, f.db, ahead, f.now_ms, &err), &err, "no_session");
  char text[200] = "";
  assert_ok(account_list(f.db, f.now_ms, see_account, text, &err), &err);
  assert_string_equal(text, "admin admin 0 0;");
  text[0] = '\0';
  log_in("admin", first.password, "10.0.0.9", before, &wait_ms); /* no lock of 2036 */
  assert_int_equal(strlen(before), 64);
  assert_ok(account_list(f.db, f.now_ms, see_account, text, &err), &err);
  assert_string_equal(text, "admin admin 1 0;"); /* nor its session counts */
}

static void a_one_time_password_is_taken_as_it_is_pasted_and_for_a_week(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char token[SESSION_TOKEN_SIZE], typed[80], upper[20];
  int64_t wait_ms;
  for (int i = 0; i < 20; i++)
    upper[i] = first.password[i] >= 'a' && first.password[i] <= 'z' ? (char)(first.password[i] - 32)
                                                                    : first.password[i];
  static const char *const around[][2] = {
      {" ", "\n"}, {"\u200b", "\ufeff"}, {"", "\u3000"}, {"\u00a0", "\u2060"}};
  for (size_t i = 0; i < sizeof around / sizeof *around; i++) {
    snprintf(typed, sizeof typed, "%s%s%s", around[i][0], upper, around[i][1]);
    log_in("admin", typed, "10.0.0.1", token, &wait_ms);
    assert_int_equal(strlen(token), 64);
  }
  log_in(" Ａdmin ", first.password, "10.0.0.1", token, &wait_ms); /* the name too */
  assert_int_equal(strlen(token), 64);
  f.now_ms += ONE_TIME_LIFE_MS;
  log_in("admin", first.password, "10.0.0.1", token, &wait_ms);
  assert_string_equal(token, "");
  assert_true(last_expired);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM guess /* scan: meant */"), 0); /* no guess */
  log_in("admin", "wrong password", "10.0.0.1", token, &wait_ms);
  assert_false(last_expired); /* who does not know it is told nothing */
  char hash[PASSWORD_HASH_SIZE];
  assert_ok(password_hash(hash, "A Longer Sentence", &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(account_set_password(&tx, "admin", hash, false, NULL, &err), &err);
  commit(&f);
  f.now_ms += ONE_TIME_LIFE_MS;
  log_in("admin", "a longer sentence", "10.0.0.1", token, &wait_ms); /* one's own is taken as it is */
  assert_string_equal(token, "");
  log_in("admin", "A Longer Sentence", "10.0.0.1", token, &wait_ms);
  assert_int_equal(strlen(token), 64);
}

static void another_role_ends_the_sessions_of_the_account(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct session session;
  char token[SESSION_TOKEN_SIZE];
  int64_t wait_ms;
  struct tx tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(account_add(&tx, SITE_NODE, "clerk", "staff", first.hash, &err), &err);
  commit(&f);
  log_in("clerk", first.password, "10.0.0.1", token, &wait_ms);
  tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(account_change(&tx, SITE_NODE, "clerk", "staff", NULL, &err), &err); /* as it was */
  commit(&f);
  assert_ok(session_get(&session, f.db, token, f.now_ms, &err), &err);
  tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(account_change(&tx, SITE_NODE, "clerk", "officer", NULL, &err), &err);
  commit(&f);
  assert_refused(session_get(&session, f.db, token, f.now_ms, &err), &err, "role_changed");
}

static void a_session_is_ended_by_its_whole_id(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char token[SESSION_TOKEN_SIZE];
  int64_t wait_ms;
  log_in("admin", first.password, "10.0.0.1", token, &wait_ms);
  uint8_t hash[HASH_SIZE];
  sha256(hash, token, strlen(token));
  int64_t id = 0;
  for (int i = 0; i < 6; i++)
    id = id << 8 | hash[i];
  struct tx tx = begin_as(&f, CHUNAN, "admin");
  assert_refused(session_end(&tx, "admin", id | INT64_C(1) << SESSION_ID_BITS, &err), &err,
                 "unknown_session");
  assert_ok(session_end(&tx, "admin", id, &err), &err);
  commit(&f);
}

static void sessions_end_by_idleness_age_logout_and_disabling(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct session session;
  char a[SESSION_TOKEN_SIZE], b[SESSION_TOKEN_SIZE];
  int64_t wait_ms, made = 0;
  log_in("admin", first.password, "10.0.0.1", a, &wait_ms);
  made = f.now_ms;
  assert_ok(session_get(&session, f.db, a, made + SESSION_IDLE_MS - 1, &err), &err);
  assert_true(session.touch);
  assert_refused(session_get(&session, f.db, a, made + SESSION_IDLE_MS, &err), &err, "no_session");
  for (int i = 0; i < 15; i++) {
    f.now_ms += SESSION_IDLE_MS / 2 * 2 - 2000;
    struct tx tx = begin_as(&f, CHUNAN, "admin");
    assert_ok(session_touch(&tx, a, &err), &err);
    commit(&f);
  }
  assert_refused(session_get(&session, f.db, a, f.now_ms, &err), &err, "no_session"); /* a week is over */
  struct tx tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(login_sweep(&tx, &err), &err);
  commit(&f);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM session /* scan: meant */"), 0);
  tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(account_set_password(&tx, "admin", first.hash, true, NULL, &err), &err);
  commit(&f);
  log_in("admin", first.password, "10.0.0.1", a, &wait_ms);
  log_in("admin", first.password, "10.0.0.2", b, &wait_ms);
  tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(session_remove(&tx, a, &err), &err);
  commit(&f);
  assert_refused(session_get(&session, f.db, a, f.now_ms, &err), &err, "no_session");
  assert_ok(session_get(&session, f.db, b, f.now_ms, &err), &err);
  tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(account_add(&tx, SITE_NODE, "officer", "admin", first.hash, &err), &err);
  assert_ok(account_change(&tx, SITE_NODE, "admin", NULL, &(bool){true}, &err), &err);
  commit(&f);
  assert_refused(session_get(&session, f.db, b, f.now_ms, &err), &err, "no_session");
  log_in("admin", first.password, "10.0.0.3", a, &wait_ms);
  assert_string_equal(a, "");
  assert_refused(session_get(&session, f.db, "", f.now_ms, &err), &err, "no_session");
}

static void a_login_overtaken_by_a_new_password_opens_nothing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct login login;
  struct login_tokens tokens;
  assert_ok(login_begin(&login, f.db, "admin", &(struct login_from){"10.0.0.1", "", ""}, f.now_ms, &err),
            &err);
  login_verify(&login, first.password);
  assert_true(login.right);
  struct tx tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(account_set_password(&tx, "admin", first.hash, true, NULL, &err), &err);
  assert_ok(login_finish(&tx, &login, &tokens, &err), &err);
  commit(&f);
  assert_string_equal(tokens.session, "");
}

static void passwords_names_and_roles_obey_their_rules(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char long_one[140];
  assert_ok(password_check("officer", "九个汉字再加一个字十", &err), &err);
  assert_refused(password_check("officer", "123456789", &err), &err, "length");
  assert_refused(password_check("officer", "九个汉字再加一个字", &err), &err, "length");
  assert_refused(password_check("officer", "officer-2026", &err), &err, "guessable");
  assert_refused(password_check("officer", "aaaaaaaaaaaa", &err), &err, "guessable");
  assert_refused(password_check("staff2", "STAFF2STAFF2", &err), &err, "guessable");
  assert_refused(password_check("officer", "1234567890", &err), &err, "guessable");
  assert_refused(password_check("officer", "9876543210", &err), &err, "guessable");
  assert_refused(password_check("officer", "password12", &err), &err, "guessable");
  assert_refused(password_check("officer", "Ｐassword 2026", &err), &err, "guessable");
  assert_refused(password_check("officer", "qwertyuiop1", &err), &err, "guessable");
  assert_refused(password_check("officer", "abcabcabcabc", &err), &err, "guessable");
  assert_refused(password_check("ab", "ab-ab-ab-ab", &err), &err, "guessable");
  assert_ok(password_check("officer", "plain water keeps", &err), &err);
  assert_ok(password_check("officer", "kX7-qP2w_Zm", &err), &err);
  assert_refused(password_check("officer", "tab\tinside it", &err), &err, "control_character");
  for (size_t i = 0; i < sizeof long_one; i++)
    long_one[i] = "sentence taken "[i % 15];
  long_one[129] = '\0';
  assert_refused(password_check("officer", long_one, &err), &err, "length");
  long_one[128] = '\0';
  assert_ok(password_check("officer", long_one, &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, "admin");
  assert_refused(account_add(&tx, SITE_NODE, "a", "staff", "h", &err), &err, "account_name");
  assert_refused(account_add(&tx, SITE_NODE, "Officer", "staff", "h", &err), &err, "account_name");
  static const char *const colliding[] = {"..",     ".....",  "clerk.", ".clerk",
                                          "clerk-", "_clerk", "a..b",   "a-_b"};
  for (size_t i = 0; i < sizeof colliding / sizeof *colliding; i++)
    assert_refused(account_add(&tx, SITE_NODE, colliding[i], "staff", "h", &err), &err, "account_name");
  assert_ok(account_add(&tx, SITE_NODE, "l.clerk_2-a", "staff", "h", &err), &err);
  assert_refused(account_add(&tx, SITE_NODE, "system", "staff", "h", &err), &err, "account_name");
  assert_refused(account_add(&tx, SITE_NODE, "admin", "staff", "h", &err), &err, "exists");
  assert_refused(account_add(&tx, SITE_NODE, "auditor", "auditor", "h", &err), &err, "one_of");
  assert_ok(account_add(&tx, SITE_HUB, "auditor", "auditor", "h", &err), &err);
  assert_refused(account_change(&tx, SITE_NODE, "nobody", "staff", NULL, &err), &err, "unknown_account");
  assert_refused(account_change(&tx, SITE_NODE, "admin", "staff", NULL, &err), &err, "last_admin");
  assert_refused(account_change(&tx, SITE_NODE, "admin", NULL, &(bool){true}, &err), &err, "last_admin");
  assert_refused(account_set_password(&tx, "nobody", "h", false, NULL, &err), &err, "unknown_account");
  back(&f);
}

static void the_list_of_accounts_tells_sessions_and_locks(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char token[SESSION_TOKEN_SIZE], text[200] = "";
  int64_t wait_ms;
  log_in("admin", first.password, "10.0.0.1", token, &wait_ms);
  for (int i = 0; i < FREE_ACCOUNT; i++)
    fail_once("admin", "10.0.0.1");
  assert_ok(account_list(f.db, f.now_ms, see_account, text, &err), &err);
  assert_string_equal(text, "admin admin 1 1;");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

/* The touch of an answer that was under way meanwhile brings nothing back to life. */
static void a_session_that_ended_with_its_role_stays_ended(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct session session;
  char token[SESSION_TOKEN_SIZE];
  int64_t wait_ms;
  log_in("admin", first.password, "10.0.0.1", token, &wait_ms);
  struct tx tx = begin_as(&f, CHUNAN, "admin");
  assert_ok(session_end_by(&tx, "admin", SESSION_END_ROLE, &err), &err);
  assert_ok(session_touch(&tx, token, &err), &err);
  commit(&f);
  assert_refused(session_get(&session, f.db, token, f.now_ms, &err), &err, "role_changed");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(the_first_password_opens_a_session_that_must_change_it),
      TEST(a_new_password_ends_other_sessions_and_all_waiting),
      TEST(unknown_names_and_wrong_passwords_look_alike),
      TEST(what_is_typed_and_is_no_accounts_name_is_written_nowhere),
      TEST(a_disabled_account_is_told_to_whoever_knows_its_password),
      TEST(a_locked_name_waits_even_with_the_right_password_and_longer_each_time),
      TEST(a_peer_that_tries_many_names_is_locked_out_itself),
      TEST(an_office_behind_one_address_does_not_lock_itself_out),
      TEST(a_browser_that_has_logged_in_before_passes_the_locks_of_others),
      TEST(a_locked_account_is_opened_by_hand),
      TEST(what_a_wrong_clock_wrote_ends_when_the_clock_is_right),
      TEST(a_one_time_password_is_taken_as_it_is_pasted_and_for_a_week),
      TEST(another_role_ends_the_sessions_of_the_account),
      TEST(a_session_that_ended_with_its_role_stays_ended),
      TEST(a_session_is_ended_by_its_whole_id),
      TEST(sessions_end_by_idleness_age_logout_and_disabling),
      TEST(a_login_overtaken_by_a_new_password_opens_nothing),
      TEST(passwords_names_and_roles_obey_their_rules),
      TEST(the_list_of_accounts_tells_sessions_and_locks),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
