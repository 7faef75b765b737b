/* Whoever guesses waits: how long, until when, and how it is forgotten. */
#include "fixture.h"

#include "core/domain/account.h"
#include "core/domain/lockout.h"
#include "core/domain/login.h"

enum { MINUTE_MS = 60 * 1000, HOUR_MS = 60 * MINUTE_MS };

static struct fixture f;

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static int64_t wait_of(const struct lockout_kind *kind, const char *name)
{
  struct err err = ERR_INIT;
  int64_t wait_ms = 0;
  assert_ok(lockout_wait(f.db, kind, name, f.now_ms, &wait_ms, &err), &err);
  return wait_ms;
}

/* What the last of them costs. */
static int64_t fail_times(const struct lockout_kind *kind, const char *name, int times)
{
  struct err err = ERR_INIT;
  int64_t wait_ms = 0;
  for (int i = 0; i < times; i++) {
    const int64_t now_ms = f.now_ms;
    struct tx tx = begin_as(&f, CHUNAN, name);
    f.now_ms = tx.now_ms = now_ms;
    wait_ms = 0;
    assert_ok(lockout_fail(&tx, kind, name, &wait_ms, &err), &err);
    commit(&f);
  }
  return wait_ms;
}

static void five_are_free_and_then_it_doubles_up_to_a_longest(void **state)
{
  (void)state;
  int64_t wait = LOCKOUT_WAIT_MS;
  assert_int_equal(wait, 30000);
  assert_int_equal(lockout_cost_ms(&lockout_account, 4), 0);
  for (int64_t failures = 5; wait < LOCKOUT_WAIT_MAX_MS; failures++, wait *= 2)
    assert_int_equal(lockout_cost_ms(&lockout_account, failures), wait);
  for (int64_t failures = 30; failures < 100; failures++)
    assert_int_equal(lockout_cost_ms(&lockout_account, failures), LOCKOUT_WAIT_MAX_MS);
  assert_int_equal(lockout_cost_ms(&lockout_peer, 19), 0);
  assert_int_equal(lockout_cost_ms(&lockout_peer, 20), LOCKOUT_WAIT_MS);
  assert_int_equal(fail_times(&lockout_account, "clerk", 4), 0);
  assert_int_equal(fail_times(&lockout_account, "clerk", 1), LOCKOUT_WAIT_MS);
  assert_int_equal(fail_times(&lockout_account, "clerk", 1), 2 * LOCKOUT_WAIT_MS);
}

static void a_lock_stands_to_its_last_millisecond_and_for_its_name_alone(void **state)
{
  (void)state;
  assert_int_equal(fail_times(&lockout_account, "clerk", 5), LOCKOUT_WAIT_MS);
  assert_int_equal(wait_of(&lockout_account, "clerk"), LOCKOUT_WAIT_MS);
  assert_int_equal(wait_of(&lockout_account, "other"), 0);
  assert_int_equal(wait_of(&lockout_password, "clerk"), 0);
  f.now_ms += LOCKOUT_WAIT_MS - 1;
  assert_int_equal(wait_of(&lockout_account, "clerk"), 1);
  f.now_ms++;
  assert_int_equal(wait_of(&lockout_account, "clerk"), 0);
}

/* In its last millisecond too, the right password is not even looked at. */
static void who_is_locked_out_is_not_looked_at(void **state)
{
  struct err err = ERR_INIT;
  struct one_time first;
  struct login login;
  (void)state;
  assert_ok(one_time_make(&first, &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, "system");
  assert_ok(account_add(&tx, SITE_NODE, "clerk", "staff", first.hash, &err), &err);
  commit(&f);
  fail_times(&lockout_account, "clerk", 5);
  for (int left = 1; left >= 0; left--) {
    f.now_ms += left ? LOCKOUT_WAIT_MS - 1 : 1;
    assert_ok(login_begin(&login, f.db, "clerk", &(struct login_from){"10.0.0.1", "", ""}, f.now_ms, &err),
              &err);
    assert_int_equal(login.wait_ms, left);
    assert_int_equal(login.known, left == 0);
  }
}

/* Cut to its length it would be somebody else's. */
static void a_name_that_is_too_long_is_nobodys(void **state)
{
  static const char longest[] = "abcdefghijklmnopqrstuvwxyz012345";
  struct err err = ERR_INIT;
  struct one_time first;
  struct login login;
  char longer[40];
  (void)state;
  assert_int_equal(strlen(longest), sizeof login.name - 1);
  assert_ok(one_time_make(&first, &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, "system");
  assert_ok(account_add(&tx, SITE_NODE, longest, "staff", first.hash, &err), &err);
  commit(&f);
  snprintf(longer, sizeof longer, "%s6", longest);
  for (int more = 0; more < 2; more++) {
    assert_ok(login_begin(&login, f.db, more ? longer : longest, &(struct login_from){"10.0.0.1", "", ""},
                          f.now_ms, &err),
              &err);
    assert_int_equal(login.known, more == 0);
    assert_string_equal(login_actor(&login), more ? "" : longest);
  }
}

/* One failure an hour, not all of them at once. */
static void failures_fade_one_by_one(void **state)
{
  (void)state;
  fail_times(&lockout_account, "clerk", 5);
  f.now_ms += HOUR_MS - 1;
  assert_int_equal(fail_times(&lockout_account, "clerk", 1), 2 * LOCKOUT_WAIT_MS);
  f.now_ms += HOUR_MS;
  assert_int_equal(fail_times(&lockout_account, "clerk", 1), 2 * LOCKOUT_WAIT_MS);
  f.now_ms += 4 * HOUR_MS;
  assert_int_equal(fail_times(&lockout_account, "clerk", 1), 0);
  f.now_ms += 100 * HOUR_MS;
  assert_int_equal(fail_times(&lockout_account, "clerk", 4), 0);
  assert_int_equal(fail_times(&lockout_account, "clerk", 1), LOCKOUT_WAIT_MS);
}

static void what_is_forgiven_is_one_and_a_standing_lock_is_waited_out(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  fail_times(&lockout_peer, "10.0.0.1", 20);
  const int64_t now_ms = f.now_ms;
  struct tx tx = begin_as(&f, CHUNAN, "system");
  f.now_ms = tx.now_ms = now_ms;
  assert_ok(lockout_forgive(&tx, &lockout_peer, "10.0.0.1", &err), &err);
  commit(&f);
  assert_int_equal(wait_of(&lockout_peer, "10.0.0.1"), LOCKOUT_WAIT_MS);
  assert_int_equal(fail_times(&lockout_peer, "10.0.0.1", 1), LOCKOUT_WAIT_MS); /* the twentieth again */
  assert_int_equal(fail_times(&lockout_peer, "10.0.0.1", 1), 2 * LOCKOUT_WAIT_MS);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(five_are_free_and_then_it_doubles_up_to_a_longest),
      TEST(a_lock_stands_to_its_last_millisecond_and_for_its_name_alone),
      TEST(who_is_locked_out_is_not_looked_at),
      TEST(a_name_that_is_too_long_is_nobodys),
      TEST(failures_fade_one_by_one),
      TEST(what_is_forgiven_is_one_and_a_standing_lock_is_waited_out),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
