#include "core/base/cli.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const char *seen_dir, *seen_file;
static bool seen_quiet;

static bool run(const struct cli_args *args, struct err *err)
{
  seen_dir = cli_value(args, "dir");
  seen_quiet = cli_value(args, "quiet");
  seen_file = args->operand;
  return strcmp(seen_dir, "bad") != 0 || err_set(err, ERR_INPUT, "bad is bad");
}

static const struct cli_command commands[] = {
    {"load", "loads a file", "FILE", {{"dir", "D", true, "where"}, {"quiet", NULL, false, "no words"}}, run},
    {"stop", "stops", NULL, {{"dir", "D", true, "where"}}, run},
};
static const struct cli cli = {"sunlit-test", "a program for tests", commands, 2, NULL};

static int call(int argc, const char **argv)
{
  static char text[8][40];
  char *words[8] = {0};
  seen_dir = seen_file = NULL;
  for (int i = 0; i < argc; i++) {
    snprintf(text[i], sizeof text[i], "%s", argv[i]);
    words[i] = text[i];
  }
  return cli_main(&cli, argc, words);
}

#define CALL(...)                                                                                            \
  call((int)(sizeof((const char *[]){"sunlit-test", __VA_ARGS__}) / sizeof(char *)),                         \
       (const char *[]){"sunlit-test", __VA_ARGS__})

static void a_whole_line_runs_and_exits_0(void **state)
{
  (void)state;
  assert_int_equal(CALL("load", "--dir", "x", "--quiet", "f.csv"), 0);
  assert_string_equal(seen_dir, "x");
  assert_string_equal(seen_file, "f.csv");
  assert_true(seen_quiet);
  assert_int_equal(CALL("stop", "--dir=y"), 0);
  assert_string_equal(seen_dir, "y");
}

static void a_refusal_exits_1(void **state)
{
  (void)state;
  assert_int_equal(CALL("stop", "--dir", "bad"), 1);
}

static void a_line_that_does_not_fit_exits_2_and_runs_nothing(void **state)
{
  (void)state;
  assert_int_equal(CALL("fly"), 2);
  assert_int_equal(CALL("stop"), 2);
  assert_int_equal(CALL("stop", "--dir"), 2);
  assert_int_equal(CALL("stop", "--dir", "x", "extra"), 2);
  assert_int_equal(CALL("stop", "--dir", "x", "--dir", "y"), 2);
  assert_int_equal(CALL("stop", "--dri", "x"), 2);
  assert_int_equal(CALL("load", "--dir", "x"), 2);
  assert_int_equal(CALL("load", "--dir", "x", "--quiet=yes", "f"), 2);
  assert_null(seen_dir);
}

static void addresses_are_taken_apart(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct cli_address a;
  assert_true(cli_address("listen", "10.0.0.1:8443", &a, &err));
  assert_string_equal(a.host, "10.0.0.1");
  assert_string_equal(a.port, "8443");
  assert_true(cli_address("listen", "[::1]:1", &a, &err));
  assert_string_equal(a.host, "::1");
  assert_true(cli_address("listen", ":65535", &a, &err));
  assert_string_equal(a.host, "");
  assert_false(cli_address("listen", "10.0.0.1", &a, &err));
  assert_string_equal(err.rule, "address");
  err_clear(&err);
  assert_false(cli_address("listen", "x:65536", &a, &err));
  assert_string_equal(err.rule, "range");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_whole_line_runs_and_exits_0),
      cmocka_unit_test(a_refusal_exits_1),
      cmocka_unit_test(a_line_that_does_not_fit_exits_2_and_runs_nothing),
      cmocka_unit_test(addresses_are_taken_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
