/* What people type, against the vectors that the pages read too. */
#include "core/base/json.h"
#include "core/base/typed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

static json_t *vectors;

static int read_vectors(void **state)
{
  (void)state;
  json_error_t fault;
  vectors = json_load_file(SOURCE_DIR "/tests/vectors/typed.json", JSON_REJECT_DUPLICATES, &fault);
  if (!vectors) fail_msg("%s at line %d", fault.text, fault.line);
  return 0;
}

static int drop_vectors(void **state)
{
  (void)state;
  json_decref(vectors);
  return 0;
}

static void an_amount_is_read_with_its_unit_or_says_why_not(void **state)
{
  (void)state;
  size_t i;
  const json_t *v;
  json_t *list = json_object_get(vectors, "amounts");
  assert_true(json_array_size(list) > 60);
  json_array_foreach(list, i, v)
  {
    const char *text = json_string_value(json_array_get(v, 0));
    const json_t *wanted = json_array_get(v, 3);
    int64_t value = -1;
    char unit[TYPED_UNIT_SIZE];
    const char *rule = typed_amount(text, (int)json_integer_value(json_array_get(v, 1)), 1000000,
                                    json_is_true(json_array_get(v, 2)), &value, unit);
    if (json_is_string(wanted)) {
      if (!rule || strcmp(rule, json_string_value(wanted)) != 0)
        fail_msg("%s: %s", text, rule ? rule : "read");
      continue;
    }
    if (rule) fail_msg("%s: %s", text, rule);
    if (value != json_integer_value(wanted)) fail_msg("%s: %lld", text, (long long)value);
    assert_string_equal(unit, json_string_value(json_array_get(v, 4)));
  }
}

static void a_day_is_read_in_every_usual_form(void **state)
{
  (void)state;
  size_t i;
  const json_t *v;
  json_array_foreach(json_object_get(vectors, "dates"), i, v)
  {
    const char *text = json_string_value(json_array_get(v, 0));
    const json_t *wanted = json_array_get(v, 1);
    int date = 0;
    const char *rule = typed_date(text, &date);
    if (json_is_string(wanted) ? !rule || strcmp(rule, json_string_value(wanted)) != 0
                               : rule || date != json_integer_value(wanted))
      fail_msg("%s: %s %d", text, rule ? rule : "read", date);
  }
}

static void yes_is_said_in_many_ways(void **state)
{
  (void)state;
  size_t i;
  const json_t *v;
  json_array_foreach(json_object_get(vectors, "yes"), i,
                     v) if (typed_yes(json_string_value(json_array_get(v, 0))) !=
                            json_integer_value(json_array_get(v, 1)))
      fail_msg("%s", json_string_value(json_array_get(v, 0)));
}

static void what_looks_the_same_folds_to_the_same(void **state)
{
  (void)state;
  static const char *const pairs[][2] = {{"单价（元）", "单价(元)"}, {"　舟山 带鱼 ", "舟山\u00a0\u3000带鱼"},
                                         {"ＡＢＣ１２", "abc12"},    {"鱼\u200b\ufeff\u202e虾", "鱼虾"},
                                         {"￥", "\u00a5"},           {"\n是\t", "是"}};
  char a[80], b[80];
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    typed_fold(a, sizeof a, pairs[i][0]);
    typed_fold(b, sizeof b, pairs[i][1]);
    assert_string_equal(a, b);
  }
  typed_fold(a, 5, "鱼虾"); /* whole characters */
  assert_string_equal(a, "鱼");
  typed_fold(a, 4, "a b");
  assert_string_equal(a, "a b");
  typed_fold(a, 3, "a b");
  assert_string_equal(a, "a");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_amount_is_read_with_its_unit_or_says_why_not),
      cmocka_unit_test(a_day_is_read_in_every_usual_form),
      cmocka_unit_test(yes_is_said_in_many_ways),
      cmocka_unit_test(what_looks_the_same_folds_to_the_same),
  };
  return cmocka_run_group_tests(tests, read_vectors, drop_vectors);
}
