#include "fixture.h"

#include "core/domain/form.h"

static const char *rule_of(void (*ask)(struct check *check, int64_t n), int64_t n)
{
  static struct err err;
  err = no_error;
  struct check check = {.err = &err};
  ask(&check, n);
  assert_int_equal(check.bad, err.rule[0] != '\0');
  return err.rule;
}

static void ask_range(struct check *check, int64_t n)
{
  form_range(check, "quality", n, 1, 5);
}

/* n characters of three bytes. */
static void ask_text(struct check *check, int64_t n)
{
  char text[40] = "";
  for (int64_t i = 0; i < n; i++)
    memcpy(text + 3 * i, "鱼", 4);
  form_text(check, "remark", text, 2, 5);
}

static void numbers_and_texts_end_where_the_form_says(void **state)
{
  static const char *const numbers[] = {"range", "", "", "", "", "", "range"};
  static const char *const texts[] = {"required", "length", "", "", "", "", "length"};
  (void)state;
  for (int i = 0; i <= 6; i++) {
    assert_string_equal(rule_of(ask_range, i), numbers[i]);
    assert_string_equal(rule_of(ask_text, i), texts[i]);
  }
}

static void ask_nothing(struct check *check, int64_t least)
{
  form_text(check, "remark", NULL, (size_t)least, 5);
}

static void ask_broken(struct check *check, int64_t least)
{
  form_text(check, "remark", "\xff", (size_t)least, 5);
}

static void ask_word(struct check *check, int64_t which)
{
  static const char *const words[] = {"settled", "quoted", NULL};
  static const char *const said[] = {"settled", "quoted", "market", "", NULL};
  form_word(check, "source", said[which], words);
}

static void what_is_missing_or_no_text_is_told_apart(void **state)
{
  static const char *const rules[] = {"", "", "one_of", "required", "required"};
  (void)state;
  assert_string_equal(rule_of(ask_nothing, 0), "");
  assert_string_equal(rule_of(ask_nothing, 1), "required");
  assert_string_equal(rule_of(ask_broken, 0), "encoding");
  for (int i = 0; i < 5; i++)
    assert_string_equal(rule_of(ask_word, i), rules[i]);
}

/* An entry of several rows is about the first of them. */
static void what_an_entry_is_about_is_said_once_and_on_one_line(void **state)
{
  struct tx tx = {0};
  (void)state;
  form_subject(&tx, "A");
  form_subject(&tx, "B");
  assert_string_equal(tx.subject, "A");
  tx.subject[0] = '\0';
  form_subject(&tx, "a\nb");
  assert_null(strchr(tx.subject, '\n'));
  assert_int_equal(strlen(tx.subject), 3);
}

static void one_changes_what_is_ones_own_or_keeps_the_ledger(void **state)
{
  static const struct {
    const char *actor, *role;
    bool may;
  } cases[] = {{"clerk", "staff", true},    {"clerk", "canteen", true}, {"other", "staff", false},
               {"other", "canteen", false}, {"other", "officer", true}, {"other", "admin", true},
               {"system", "system", true},  {"other", "auditor", false}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    const struct tx tx = {.actor = cases[i].actor, .role = cases[i].role};
    assert_int_equal(form_may_change(&tx, "clerk"), cases[i].may);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_and_texts_end_where_the_form_says),
      cmocka_unit_test(what_is_missing_or_no_text_is_told_apart),
      cmocka_unit_test(what_an_entry_is_about_is_said_once_and_on_one_line),
      cmocka_unit_test(one_changes_what_is_ones_own_or_keeps_the_ledger),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
