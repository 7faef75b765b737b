/* Who is waited for and who is left out, as typed. */
#include "hub/recall_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define SERIAL "0123456789abcdef0123456789abcdef"

static const struct cli_command command = {
    .name = "rebuild", .options = {{"without", "LIST", false, ""}, {"branches", "LIST", false, ""}}};
static struct codes codes;
static struct names names;
static struct checkpoints checkpoints;
static struct err err;

static bool without(const char *text)
{
  const struct cli_args args = {.command = &command, .values = {text}};
  err_clear(&err);
  return recall_read_without(&args, &codes, &names, &checkpoints, &err);
}

static void branches_certificates_and_files_stand_in_one_list(void **state)
{
  (void)state;
  assert_true(without(NULL));
  assert_int_equal(codes.count + names.count, 0);
  assert_true(without("330127," SERIAL ",330902,file-00ff"));
  assert_int_equal(codes.count, 2);
  assert_int_equal(codes.branch[0], 330127);
  assert_int_equal(codes.branch[1], 330902);
  assert_int_equal(names.count, 2);
  assert_string_equal(names.of[0], SERIAL);
  assert_string_equal(names.of[1], "file-00ff");
  assert_true(without(SERIAL));
  assert_int_equal(codes.count, 0);
  assert_int_equal(names.count, 1);
}

#define ROOT SERIAL SERIAL

static void a_checkpoint_stands_among_them(void **state)
{
  (void)state;
  assert_true(without("checkpoint:7:" ROOT));
  assert_int_equal(codes.count + names.count, 0);
  assert_int_equal(checkpoints.count, 1);
  assert_int_equal(checkpoints.of[0].size, 7);
  assert_int_equal(checkpoints.of[0].root.bytes[1], 0x23);
  assert_true(without("330127,checkpoint:8:" ROOT "," SERIAL));
  assert_int_equal(codes.count, 1);
  assert_int_equal(names.count, 1);
  assert_int_equal(checkpoints.of[0].size, 8);
}

static void what_is_none_of_them_is_named(void **state)
{
  (void)state;
  static const char *const bad[] = {"",
                                    "33",
                                    "330127,x",
                                    SERIAL "0",
                                    "0123456789abcdef0123456789abcdeF",
                                    "file-",
                                    "checkpoint:7:" SERIAL,
                                    "checkpoint:0:" ROOT};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    assert_false(without(bad[i]));
    assert_string_equal(err.field, "without");
    assert_int_equal(err.kind, ERR_INPUT);
  }
  assert_false(without("330127,nobody"));
  assert_non_null(strstr(err.text, "'nobody'"));
}

static void a_list_of_branches_has_codes_alone(void **state)
{
  (void)state;
  struct cli_args args = {.command = &command, .values = {NULL, "330127,330902"}};
  err_clear(&err);
  assert_true(recall_read_codes(&args, "branches", &codes, &err));
  assert_int_equal(codes.count, 2);
  args.values[1] = SERIAL;
  assert_false(recall_read_codes(&args, "branches", &codes, &err));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(branches_certificates_and_files_stand_in_one_list),
      cmocka_unit_test(a_checkpoint_stands_among_them),
      cmocka_unit_test(what_is_none_of_them_is_named),
      cmocka_unit_test(a_list_of_branches_has_codes_alone),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
