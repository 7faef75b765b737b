#include "core/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

static const char *refused(enum text_kind kind, const char *text)
{
  static struct err err;
  err = (struct err)ERR_INIT;
  if (text_check(kind, "name", text, strlen(text), &err)) return "";
  assert_int_equal(err.kind, ERR_INPUT);
  assert_string_equal(err.field, "name");
  return err.rule;
}

static void what_a_person_writes_is_text(void **state)
{
  (void)state;
  static const char *const names[] = {"舟山三疣梭子蟹", "a",     "",        "张　三",    "Zhōu Shān", "𠀀",
                                      "\ufffd",         "مرحبا", "A\u0301", "’—…、（）", "\U0010fffd"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    assert_string_equal(refused(TEXT_NAME, names[i]), "");
    assert_string_equal(refused(TEXT_REMARK, names[i]), "");
  }
  assert_string_equal(refused(TEXT_REMARK, "第一行\n第二行\t👨\u200d👩\u200d👧 ❤\ufe0f"), "");
}

static void controls_noncharacters_and_what_turns_text_are_none(void **state)
{
  (void)state;
  static const char *const controls[] = {"\x01",   "\x7f",       "\r",        "\xc2\x80", "\xc2\x9f",
                                         "\u2028", "\u2029",     "\ufdd0",    "\ufdef",   "\ufffe",
                                         "\uffff", "\U0001fffe", "\U0010ffff"};
  static const char *const turning[] = {"\u061c", "\u200e", "\u200f", "\u202a", "\u202e", "\u2066", "\u2069"};
  for (int kind = TEXT_NAME; kind <= TEXT_REMARK; kind++) {
    for (size_t i = 0; i < sizeof controls / sizeof *controls; i++)
      assert_string_equal(refused((enum text_kind)kind, controls[i]), "control_character");
    for (size_t i = 0; i < sizeof turning / sizeof *turning; i++)
      assert_string_equal(refused((enum text_kind)kind, turning[i]), "direction_character");
    assert_string_equal(refused((enum text_kind)kind, "\ufdcf\ufdf0"), "");
  }
}

static void a_name_holds_nothing_that_nobody_sees(void **state)
{
  (void)state;
  static const char *const unseen[] = {"青\u200b菜", "青\u00a0菜", "青\u2003菜", "\ufeff青菜",  "青菜\u2060",
                                       "\u3164",     "青\u00ad菜", "\U000e0041", "菜\U000e0100"};
  static const char *const joins[] = {"青\u200d菜", "菜\ufe0f", "菜\u200c"};
  for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
    assert_string_equal(refused(TEXT_NAME, unseen[i]), "invisible_character");
  for (size_t i = 0; i < sizeof joins / sizeof *joins; i++) {
    assert_string_equal(refused(TEXT_NAME, joins[i]), "invisible_character");
    assert_string_equal(refused(TEXT_REMARK, joins[i]), "");
  }
  assert_string_equal(refused(TEXT_REMARK, "青\u200b菜"), "invisible_character");
  assert_string_equal(refused(TEXT_REMARK, "青\u00a0菜"), ""); /* a space is to be seen among words */
  assert_string_equal(refused(TEXT_NAME, "两\n行"), "control_character");
  assert_string_equal(refused(TEXT_NAME, "两\t行"), "control_character");
}

static void private_characters_alone_say_nothing(void **state)
{
  (void)state;
  assert_int_equal(text_said("\ue000", 3), 0);
  assert_int_equal(text_said("\ue000\uf8ff\U000f0000", 10), 0);
  assert_int_equal(text_said("\ue000鱼\ue000", 9), 3); /* a rare character of an old encoding, in a name */
}

static void what_is_no_utf8_is_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"\x80",
                                    "\xc1\xbf",
                                    "\xc3",
                                    "\xe0\x9f\xbf",
                                    "\xed\xa0\x80",
                                    "\xf0\x8f\xbf\xbf",
                                    "\xf4\x90\x80\x80",
                                    "\xf8\x88\x80\x80\x80",
                                    "a\xff"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    assert_string_equal(refused(TEXT_NAME, bad[i]), "encoding");
  uint32_t code = 0;
  assert_int_equal(text_next("", 0, &code), 0);
  assert_int_equal(text_next("鱼", 2, &code), 0);
  assert_int_equal(text_next("鱼", 3, &code), 3);
  assert_int_equal(code, 0x9c7c);
}

static void what_is_written_out_is_text_whatever_is_stored(void **state)
{
  (void)state;
  static const struct {
    const char *stored, *written;
    size_t size;
  } cases[] = {{"鱼", "鱼", 4},          {"鱼", "", 3},         {"a\x1b[2J", "a?[2J", 20},
               {"a\uffff", "a?", 20},    {"a\u202e", "a?", 20}, {"\xff\xe9\xb1", "???", 20},
               {"鱼\xe9\xb1", "鱼?", 5}, {"abc", "ab", 3}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char out[40];
    text_clean(TEXT_NAME, out, cases[i].size, cases[i].stored);
    assert_string_equal(out, cases[i].written);
    strcpy(out, cases[i].stored);
    text_clean(TEXT_NAME, out, cases[i].size, out); /* in place */
    assert_string_equal(out, cases[i].written);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_person_writes_is_text),
      cmocka_unit_test(controls_noncharacters_and_what_turns_text_are_none),
      cmocka_unit_test(a_name_holds_nothing_that_nobody_sees),
      cmocka_unit_test(private_characters_alone_say_nothing),
      cmocka_unit_test(what_is_no_utf8_is_refused),
      cmocka_unit_test(what_is_written_out_is_text_whatever_is_stored),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
