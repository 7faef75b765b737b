/* When to dial again. */
#include "sync/retry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void the_first_try_is_at_once(void **state)
{
  (void)state;
  struct retry r;
  retry_init(&r, 7, 1000);
  assert_true(retry_due(&r, 1000));
}

static void waits_double_with_jitter_up_to_the_most_and_never_end(void **state)
{
  (void)state;
  struct retry r;
  int64_t now = 0;
  int64_t full = RETRY_FIRST_MS;
  retry_init(&r, 7, now);
  for (int i = 0; i < 200; i++) {
    retry_tried(&r, now);
    assert_in_range(r.next_ms - now, full / 2, full);
    now = r.next_ms;
    assert_true(retry_due(&r, now));
    full = full * 2 < RETRY_MOST_MS ? full * 2 : RETRY_MOST_MS;
  }
}

static void ninety_nodes_that_fail_together_come_back_apart(void **state)
{
  (void)state;
  int in_first_half = 0;
  for (uint64_t seed = 1; seed <= 90; seed++) {
    struct retry r;
    retry_init(&r, seed * 0x9e3779b97f4a7c15ULL, 0);
    for (int i = 0; i < 8; i++)
      retry_tried(&r, 0);
    if (r.next_ms < RETRY_MOST_MS * 3 / 4) in_first_half++;
  }
  assert_in_range(in_first_half, 25, 65);
}

static void work_dials_at_once_but_never_twice_within_a_second(void **state)
{
  (void)state;
  struct retry r;
  retry_init(&r, 7, 0);
  for (int i = 0; i < 8; i++)
    retry_tried(&r, 0);
  retry_work(&r, 5000);
  assert_true(retry_due(&r, 5000));
  retry_tried(&r, 5000);
  retry_work(&r, 5001);
  assert_false(retry_due(&r, 5000 + RETRY_WORK_MS - 1));
  assert_true(retry_due(&r, 5000 + RETRY_WORK_MS));
}

static void success_makes_the_next_wait_small_again(void **state)
{
  (void)state;
  struct retry r;
  retry_init(&r, 7, 0);
  for (int i = 0; i < 8; i++)
    retry_tried(&r, 0);
  retry_worked(&r, 10);
  retry_tried(&r, 20);
  assert_in_range(r.next_ms - 20, RETRY_FIRST_MS / 2, RETRY_FIRST_MS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_try_is_at_once),
      cmocka_unit_test(waits_double_with_jitter_up_to_the_most_and_never_end),
      cmocka_unit_test(ninety_nodes_that_fail_together_come_back_apart),
      cmocka_unit_test(work_dials_at_once_but_never_twice_within_a_second),
      cmocka_unit_test(success_makes_the_next_wait_small_again),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
