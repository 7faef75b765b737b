/* Which runs of the province's program a node has met: one that comes back has not ended meanwhile. */
#include "sync/hub_runs.h"

#include "sync/log_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static bool told(const struct hub_runs *runs, uint64_t own)
{
  struct buf tail = BUF_INIT;
  hub_runs_tell(runs, &tail);
  bool other = hub_runs_other((struct span){tail.data, tail.size}, own);
  buf_wipe(&tail);
  return other;
}

static void a_run_that_comes_back_is_one_of_two(void **state)
{
  (void)state;
  struct hub_runs runs = {0};
  hub_runs_met(&runs, 7, 1000);
  hub_runs_met(&runs, 7, 2000);
  assert_false(told(&runs, 7));
  hub_runs_met(&runs, 8, 3000);
  assert_false(hub_runs_two(&runs, 3000));
  assert_true(told(&runs, 7));
  assert_false(told(&runs, 8));
  assert_false(told(&runs, 9));
  assert_false(told(&runs, 0));
  hub_runs_met(&runs, 7, 4000);
  assert_true(hub_runs_two(&runs, 4000));
  assert_true(told(&runs, 8));
  assert_false(told(&runs, 7));
  assert_true(hub_runs_two(&runs, 3999 + TWO_HUBS_TOLD_MS));
  assert_false(hub_runs_two(&runs, 4000 + TWO_HUBS_TOLD_MS));
}

static void the_oldest_is_forgotten_and_nobody_is_none(void **state)
{
  (void)state;
  struct hub_runs runs = {0};
  hub_runs_met(&runs, 0, 1000);
  assert_int_equal(runs.count, 0);
  for (uint64_t run = 1; run <= HUB_RUNS_MAX + 1; run++)
    hub_runs_met(&runs, run, 1000);
  assert_int_equal(runs.count, HUB_RUNS_MAX);
  assert_true(told(&runs, 2));
  assert_false(told(&runs, 1));
  hub_runs_met(&runs, 1, 2000);
  assert_false(hub_runs_two(&runs, 2000));
}

static void what_is_no_list_of_runs_says_nothing(void **state)
{
  (void)state;
  struct buf tail = BUF_INIT;
  tail_put(&tail, TAIL_HUB_RUN, "\0\0\0\0\0\0\0\1\0\0\0\0\0\0\0\2x", 17);
  assert_false(hub_runs_other((struct span){tail.data, tail.size}, 2));
  buf_wipe(&tail);
  tail_put(&tail, TAIL_HUB_RUN, "", 0);
  assert_false(hub_runs_other((struct span){tail.data, tail.size}, 2));
  buf_wipe(&tail);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_run_that_comes_back_is_one_of_two),
      cmocka_unit_test(the_oldest_is_forgotten_and_nobody_is_none),
      cmocka_unit_test(what_is_no_list_of_runs_says_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
