#include "core/base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static void the_hybrid_clock_always_rises(void **state)
{
  (void)state;
  uint64_t t = hlc_next(0, 1000);
  assert_int_equal(hlc_ms(t), 1000);
  assert_true(hlc_next(t, 1000) == t + 1);
  assert_true(hlc_next(t, 500) == t + 1);
  assert_true(hlc_next(t, -5) == t + 1);
  assert_int_equal(hlc_ms(hlc_next(t, 1001)), 1001);
  assert_true(hlc_next(0, -1) > 0);
}

static void dates_are_local_days_of_shanghai(void **state)
{
  (void)state;
  assert_int_equal(date_of_ms(0), 19700101);
  assert_int_equal(date_start_ms(20261124), 1795449600000LL);
  assert_int_equal(date_of_ms(date_start_ms(20261124)), 20261124);
  assert_int_equal(date_of_ms(date_start_ms(20261124) - 1), 20261123);
}

static void date_arithmetic_knows_leap_years(void **state)
{
  (void)state;
  assert_int_equal(date_add_days(20240228, 1), 20240229);
  assert_int_equal(date_add_days(20250228, 1), 20250301);
  assert_int_equal(date_add_days(20260101, -1), 20251231);
  assert_int_equal(date_days_between(20240101, 20250101), 366);
  assert_true(date_valid(20240229));
  assert_false(date_valid(20250229) || date_valid(20251301) || date_valid(20250100) || date_valid(20250432) ||
               date_valid(0));
}

static void text_forms_are_exact(void **state)
{
  (void)state;
  char date[11], time[30];
  int v = 0;
  date_format(date, 20261124);
  assert_string_equal(date, "2026-11-24");
  assert_true(date_parse(date, &v) && v == 20261124);
  static const char *const bad[] = {"",           "2026-11-2", "2026-11-245", "2026/11/24",
                                    "2026-02-30", "20261124",  "2026-1a-24",  " 2026-11-2"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_false(date_parse(bad[i], &v));
  time_format(time, 1795488125123LL);
  assert_string_equal(time, "2026-11-24T10:42:05.123+08:00");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_hybrid_clock_always_rises),
      cmocka_unit_test(dates_are_local_days_of_shanghai),
      cmocka_unit_test(date_arithmetic_knows_leap_years),
      cmocka_unit_test(text_forms_are_exact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
