/* A row that nobody mends is met every few minutes, for months: one line of the log. */
#include "core/base/log_once.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>

static void what_stays_is_said_once(void **state)
{
  (void)state;
  struct log_once once = {.count = 0};
  assert_true(log_once_take(&once, "branch 330127: a row"));
  assert_false(log_once_take(&once, "branch 330127: a row"));
  assert_true(log_once_take(&once, "branch 330127: another row"));
  assert_true(log_once_take(&once, "branch 330122: a row"));
  assert_false(log_once_take(&once, "branch 330127: another row"));
  assert_false(log_once_take(&once, "branch 330127: a row"));
}

static void the_newest_are_remembered(void **state)
{
  (void)state;
  struct log_once once = {.count = 0};
  char text[20];
  for (int i = 0; i <= LOG_ONCE_MAX; i++) {
    (void)snprintf(text, sizeof text, "row %d", i);
    assert_true(log_once_take(&once, text));
  }
  for (int i = 1; i <= LOG_ONCE_MAX; i++) {
    (void)snprintf(text, sizeof text, "row %d", i);
    assert_false(log_once_take(&once, text));
  }
  assert_true(log_once_take(&once, "row 0"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_stays_is_said_once),
      cmocka_unit_test(the_newest_are_remembered),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
