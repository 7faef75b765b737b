/* A province that knows that its clock is wrong says so with what time it is, and no branch is set by it. */
#include "tests/sim/province.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000, DAY_MS = 86400000;

static struct province p;

/* When the hub's WELCOME came, and the time it gave. */
static int64_t told_ms(int64_t off_ms)
{
  struct member *m = &p.members[0];
  p.hub_off_ms = off_ms;
  p.mono_ms += 60000;
  province_connect(&p, m);
  province_settle(&p);
  assert_non_null(m->node);
  const struct exchange_node_facts *facts = exchange_node_facts(m->node);
  assert_true(facts->welcome);
  int64_t ahead_ms = facts->hub_wall_ms - (START_MS + p.mono_ms);
  province_hang_up(&p, m);
  return ahead_ms;
}

static void a_node_hears_the_time_that_the_province_takes_for_right(void **state)
{
  (void)state;
  province_open(&p, 1, START_MS);
  assert_int_equal(told_ms(0), 0);
  assert_int_equal(told_ms(3 * DAY_MS), -3 * DAY_MS);
  assert_int_equal(told_ms(-DAY_MS), DAY_MS);
  assert_int_equal(told_ms(0), 0);
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_node_hears_the_time_that_the_province_takes_for_right)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
