#include "core/base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static void the_first_error_wins(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_false(err_rule(&err, ERR_INPUT, "price_fen", "range", "price_fen %d is negative", -3));
  assert_false(err_set(&err, ERR_IO, "later"));
  assert_int_equal(err.kind, ERR_INPUT);
  assert_string_equal(err.text, "price_fen -3 is negative");
  assert_string_equal(err.field, "price_fen");
  err_clear(&err);
  err_set(&err, ERR_BUSY, "now");
  assert_string_equal(err.rule, "busy");
}

static void a_prefix_keeps_the_text_and_never_overflows(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  err_prefix(&err, "nothing");
  assert_int_equal(err.kind, ERR_NONE);
  err_set(&err, ERR_IO, "inner");
  err_prefix(&err, "file %d", 7);
  assert_string_equal(err.text, "file 7: inner");
  for (int i = 0; i < 100; i++)
    err_prefix(&err, "a prefix that is quite long");
  assert_true(strlen(err.text) < sizeof err.text);
}

static void nobody_has_to_listen(void **state)
{
  (void)state;
  assert_false(err_set(NULL, ERR_IO, "x"));
  assert_false(err_prefix(NULL, "x"));
  err_clear(NULL);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_first_error_wins),
      cmocka_unit_test(a_prefix_keeps_the_text_and_never_overflows),
      cmocka_unit_test(nobody_has_to_listen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
