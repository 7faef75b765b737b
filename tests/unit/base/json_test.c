#include "core/base/json.h"
#include "core/base/limits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static json_t *parse(const char *text, struct err *err)
{
  return json_parse(text, strlen(text), err);
}

static void only_one_strict_value_passes(void **state)
{
  (void)state;
  static const char *const bad[] = {
      "", "{", "{} {}", "{\"a\":1,\"a\":2}", "{'a':1}", "[1,]", "{\"a\":\"\xff\"}", "nul"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
    struct err err = ERR_INIT;
    assert_null(parse(bad[i], &err));
    assert_string_equal(err.rule, "json");
  }
  json_t *v = parse("{\"a\":[1,2]}", NULL);
  assert_non_null(v);
  json_decref(v);
}

static void depth_is_bounded_and_brackets_in_text_do_not_count(void **state)
{
  (void)state;
  char text[200] = "";
  for (int i = 0; i < JSON_DEPTH_MAX; i++)
    strcat(text, "[");
  for (int i = 0; i < JSON_DEPTH_MAX; i++)
    strcat(text, "]");
  json_t *v = parse(text, NULL);
  assert_non_null(v);
  json_decref(v);
  char deeper[210];
  strcpy(deeper, "[");
  strcat(deeper, text);
  strcat(deeper, "]");
  struct err err = ERR_INIT;
  assert_null(parse(deeper, &err));
  assert_string_equal(err.rule, "json_depth");
  v = parse("[\"[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[[[\"]", NULL);
  assert_non_null(v);
  json_decref(v);
}

static void readers_name_the_field_and_the_rule(void **state)
{
  (void)state;
  json_t *v = parse("{\"n\":5,\"s\":\"茶\",\"b\":true,\"z\":null,\"c\":\"a\\u0001\"}", NULL);
  int64_t n = 0;
  const char *s = NULL;
  bool b = false;
  assert_true(json_get_int(v, "n", 0, 5, &n, NULL) && n == 5);
  assert_true(json_get_text(v, "s", 1, 1, &s, NULL));
  assert_true(json_get_bool_or(v, "b", false, &b, NULL) && b);
  assert_true(json_get_int_or(v, "z", 0, 9, 7, &n, NULL) && n == 7);
  struct {
    bool ok;
    struct err err;
    const char *rule;
  } cases[6] = {{.rule = "range"},
                {.rule = "type"},
                {.rule = "required"},
                {.rule = "length"},
                {.rule = "control_character"},
                {.rule = "type"}};
  cases[0].ok = json_get_int(v, "n", 0, 4, &n, &cases[0].err);
  cases[1].ok = json_get_int(v, "s", 0, 4, &n, &cases[1].err);
  cases[2].ok = json_get_text(v, "missing", 0, 9, &s, &cases[2].err);
  cases[3].ok = json_get_text(v, "s", 2, 9, &s, &cases[3].err);
  cases[4].ok = json_get_text(v, "c", 0, 9, &s, &cases[4].err);
  cases[5].ok = json_get_bool_or(v, "n", false, &b, &cases[5].err);
  for (int i = 0; i < 6; i++) {
    assert_false(cases[i].ok);
    assert_string_equal(cases[i].err.rule, cases[i].rule);
    assert_true(cases[i].err.field[0]);
  }
  json_decref(v);
}

static void what_must_be_said_is_more_than_blanks(void **state)
{
  (void)state;
  static const struct {
    const char *json, *rule; /* "": it passes a least of 2 */
  } cases[] = {{"{\"s\":\"  \"}", "required"},
               {"{\"s\":\"\u3000\u3000\"}", "required"},
               {"{\"s\":\"\\n\\n\"}", "required"},
               {"{\"s\":\"\u2800\u200d\u2800\"}", "required"},
               {"{\"s\":\" \u8d35 \"}", "length"},
               {"{\"s\":\" \u8d35 \u4e86 \"}", ""},
               {"{\"s\":\"too long by one \"}", "length"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct err err = ERR_INIT;
    const char *s = NULL;
    json_t *v = parse(cases[i].json, NULL);
    assert_non_null(v);
    assert_int_equal(json_get_text(v, "s", 2, 15, &s, &err), !*cases[i].rule);
    assert_string_equal(err.rule, cases[i].rule);
    err_clear(&err);
    if (i < 4) assert_true(json_get_text(v, "s", 0, 15, &s, &err)); /* nothing need be said */
    json_decref(v);
  }
}

static void unknown_members_are_named(void **state)
{
  (void)state;
  static const char *const keys[] = {"a", "b", NULL};
  struct err err = ERR_INIT;
  json_t *v = parse("{\"a\":1,\"x\":2}", NULL);
  assert_false(json_only(v, keys, &err));
  assert_string_equal(err.field, "x");
  json_decref(v);
  v = parse("[1]", NULL);
  assert_false(json_only(v, keys, NULL));
  json_decref(v);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_one_strict_value_passes),
      cmocka_unit_test(depth_is_bounded_and_brackets_in_text_do_not_count),
      cmocka_unit_test(readers_name_the_field_and_the_rule),
      cmocka_unit_test(what_must_be_said_is_more_than_blanks),
      cmocka_unit_test(unknown_members_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
