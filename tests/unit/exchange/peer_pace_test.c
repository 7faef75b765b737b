/* How often a branch on the line may greet, and claim what it cannot be held to. */
#include "sync/exchange.h"
#include "sync/peer_pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static const int64_t START_MS = 5000;

static void refused(bool ok, const struct err *err, const char *rule)
{
  assert_false(ok);
  assert_int_equal(err->kind, ERR_LIMIT);
  assert_string_equal(err->rule, rule);
}

static void greetings_come_in_a_burst_and_then_at_a_pace(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct peer_pace pace;
  peer_pace_init(&pace, START_MS);
  for (int i = 0; i < HELLO_BURST; i++)
    assert_true(peer_pace_hello(&pace, START_MS, &err));
  refused(peer_pace_hello(&pace, START_MS, &err), &err, "hello_too_often");
  err_clear(&err);
  refused(peer_pace_hello(&pace, START_MS + HELLO_LEAST_MS - 1, &err), &err, "hello_too_often");
  err_clear(&err);
  assert_true(peer_pace_hello(&pace, START_MS + HELLO_LEAST_MS, &err));
  refused(peer_pace_hello(&pace, START_MS + HELLO_LEAST_MS, &err), &err, "hello_too_often");
}

static void a_long_silence_earns_one_burst_and_no_more(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct peer_pace pace;
  peer_pace_init(&pace, START_MS);
  const int64_t later = START_MS + 1000 * (int64_t)HELLO_LEAST_MS;
  for (int i = 0; i < HELLO_BURST; i++)
    assert_true(peer_pace_hello(&pace, later, &err));
  refused(peer_pace_hello(&pace, later, &err), &err, "hello_too_often");
}

static void claims_are_counted_until_the_next_greeting(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct peer_pace pace;
  peer_pace_init(&pace, START_MS);
  for (int round = 0; round < 2; round++) {
    assert_true(peer_pace_hello(&pace, START_MS, &err));
    for (int i = 0; i < CLAIMS_MAX; i++)
      assert_true(peer_pace_claim(&pace, &err));
  }
  refused(peer_pace_claim(&pace, &err), &err, "claims_too_often");
}

static void a_greeting_that_comes_too_early_pays_for_no_claims(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct peer_pace pace;
  peer_pace_init(&pace, START_MS);
  for (int i = 0; i < HELLO_BURST; i++)
    assert_true(peer_pace_hello(&pace, START_MS, &err));
  for (int i = 0; i < CLAIMS_MAX; i++)
    assert_true(peer_pace_claim(&pace, &err));
  refused(peer_pace_hello(&pace, START_MS, &err), &err, "hello_too_often");
  err_clear(&err);
  refused(peer_pace_claim(&pace, &err), &err, "claims_too_often");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(greetings_come_in_a_burst_and_then_at_a_pace),
      cmocka_unit_test(a_long_silence_earns_one_burst_and_no_more),
      cmocka_unit_test(claims_are_counted_until_the_next_greeting),
      cmocka_unit_test(a_greeting_that_comes_too_early_pays_for_no_claims),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
