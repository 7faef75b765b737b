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

static void a_path_leaves_its_last_name(void **state)
{
  (void)state;
  static const char *const texts[][2] = {
      {"/var/lib/sunlit/node/store.db: the disk is full", "store.db: the disk is full"},
      {"cannot copy /a/b to /c/d/: no", "cannot copy b to d/: no"},
      {"(/a/b) \"/c/d\", /e", "(b) \"d\", e"},
      {"1/2 kg and km/h, / alone", "1/2 kg and km/h, / alone"},
      {"", ""},
  };
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
    char text[100];
    strcpy(text, texts[i][0]);
    err_drop_folders(text);
    assert_string_equal(text, texts[i][1]);
  }
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
      cmocka_unit_test(a_path_leaves_its_last_name),
      cmocka_unit_test(nobody_has_to_listen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
