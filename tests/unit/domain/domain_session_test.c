/* What is kept of logins has an end, however often somebody logs in. */
#include "fixture.h"

#include "core/domain/account.h"
#include "core/domain/login.h"

static struct fixture f;
static struct one_time first;

static int setup(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fixture_open(&f);
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

/* Each is a row for a week. */
static void an_account_has_so_many_sessions_and_then_the_oldest_ends(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct login login;
  struct login_tokens tokens[SESSIONS_MAX + 2];
  struct session session;
  const struct login_from from = {"10.0.0.1", "", ""};
  assert_ok(login_begin(&login, f.db, "admin", &from, f.now_ms, &err), &err);
  login_verify(&login, first.password);
  for (int i = 0; i < SESSIONS_MAX + 2; i++) {
    if (i == SESSIONS_MAX + 1)
      f.now_ms -= 3600 * 1000; /* a clock set back does not end the one just opened */
    struct tx tx = begin_as(&f, CHUNAN, "admin");
    assert_ok(login_finish(&tx, &login, &tokens[i], &err), &err);
    commit(&f);
  }
  f.now_ms += 3600 * 1000;
  assert_int_equal(number_of(&f, "SELECT count(*) FROM session /* scan: meant */"), SESSIONS_MAX);
  for (int i = 0; i < SESSIONS_MAX + 2; i++) {
    assert_int_equal(session_get(&session, f.db, tokens[i].session, f.now_ms, &err), i >= 2);
    err_clear(&err);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(an_account_has_so_many_sessions_and_then_the_oldest_ends, setup,
                                      teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
