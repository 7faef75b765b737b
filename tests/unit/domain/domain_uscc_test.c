#include "fixture.h"

#include "core/domain/uscc.h"

/* The worked example of GB 32100-2015 and public codes of well-known companies. */
static void codes_in_public_registers_pass(void **state)
{
  (void)state;
  static const char *const good[] = {"91350100M000100Y43", "91330100716105852F", "914403001922038216",
                                     "9144030071526726XG", "91110000802100433B"};
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    struct err err = ERR_INIT;
    assert_ok(uscc_check(good[i], &err), &err);
    assert_int_equal(uscc_check_character(good[i]), good[i][17]);
  }
}

/* The place of registration is six digits, any of them; before and behind it letters may stand. */
static void each_digit_may_stand_in_the_place_and_no_letter(void **state)
{
  (void)state;
  for (size_t i = 2; i <= 8; i++)
    for (const char *c = "0123456789AY"; *c; c++) {
      struct err err = ERR_INIT;
      char code[19] = "913301007161058520";
      code[i] = *c;
      code[17] = uscc_check_character(code);
      if (*c <= '9' || i == 8)
        assert_ok(uscc_check(code, &err), &err);
      else
        assert_refused(uscc_check(code, &err), &err, "character");
    }
}

static void the_standards_own_wrong_example_is_refused_with_the_right_character(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_false(uscc_check("91350100M000100Y4Q", &err));
  assert_string_equal(err.rule, "check_digit");
  assert_non_null(strstr(err.text, "would be 3, not Q"));
}

static void every_swap_and_every_single_error_is_found(void **state)
{
  (void)state;
  static const char all[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
  const char *good = "91330100716105852F";
  for (size_t i = 0; i < 18; i++)
    for (const char *c = all; *c; c++) {
      char code[19];
      memcpy(code, good, 19);
      if (code[i] == *c) continue;
      code[i] = *c;
      assert_false(uscc_check(code, NULL));
    }
  for (size_t i = 0; i < 17; i++) {
    char code[19];
    memcpy(code, good, 19);
    if (code[i] == code[i + 1]) continue;
    code[i] = good[i + 1];
    code[i + 1] = good[i];
    assert_false(uscc_check(code, NULL));
  }
}

static void wrong_length_and_forbidden_letters_are_named(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_refused(uscc_check("", &err), &err, "length");
  assert_refused(uscc_check("91330100716105852", &err), &err, "length");
  assert_refused(uscc_check("91330100716105852FF", &err), &err, "length");
  assert_refused(uscc_check("9133010071610585I5", &err), &err, "character");
  assert_refused(uscc_check("91A30100716105852F", &err), &err, "character");
  assert_refused(uscc_check("91330100716105852f", &err), &err, "character");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(codes_in_public_registers_pass),
      cmocka_unit_test(each_digit_may_stand_in_the_place_and_no_letter),
      cmocka_unit_test(the_standards_own_wrong_example_is_refused_with_the_right_character),
      cmocka_unit_test(every_swap_and_every_single_error_is_found),
      cmocka_unit_test(wrong_length_and_forbidden_letters_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
