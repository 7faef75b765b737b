#include "tests/unit/program/files.h"

#include "core/base/conf.h"

static struct conf *read_text(const char *text, struct err *err)
{
  FILE *file = fopen(in_folder("sunlit.conf"), "w");
  assert_non_null(file);
  fputs(text, file);
  fclose(file);
  struct conf *conf = NULL;
  return conf_open(&conf, in_folder("sunlit.conf"), err) ? conf : NULL;
}

static void values_are_found_by_section_and_name(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct conf *conf = read_text("\xef\xbb\xbf; a comment\n[node]\nhub = 10.0.0.1:7443\nidle_s = 20\n", &err);
  int64_t n = 0;
  assert_non_null(conf);
  assert_string_equal(conf_text(conf, "node.hub", ""), "10.0.0.1:7443");
  assert_string_equal(conf_text(conf, "hub.name", "fallback"), "fallback");
  assert_true(conf_int(conf, "node.idle_s", 1, 3600, 15, &n, &err));
  assert_int_equal(n, 20);
  assert_true(conf_int(conf, "node.other", 1, 3600, 15, &n, &err));
  assert_int_equal(n, 15);
  conf_close(conf);
}

static void no_file_is_an_empty_one(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct conf *conf = NULL;
  assert_true(conf_open(&conf, in_folder("absent.conf"), &err));
  assert_null(conf_text(conf, "a.b", NULL));
  conf_close(conf);
}

static void a_fault_names_its_line(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_null(read_text("[node]\nhub = x\nwhat is this\n", &err));
  assert_non_null(strstr(err.text, "line 3"));
  err_clear(&err);
  assert_null(read_text("[node]\nhub = x\nhub = y\n", &err));
  assert_non_null(strstr(err.text, "node.hub is given twice"));
}

static void an_unknown_name_and_a_value_out_of_bounds_are_refused(void **state)
{
  (void)state;
  static const char *const known[] = {"node.idle_s", NULL};
  struct err err = ERR_INIT;
  struct conf *conf = read_text("[node]\nidle_s = 3601\n", &err);
  int64_t n = 0;
  assert_true(conf_only(conf, known, &err));
  assert_false(conf_int(conf, "node.idle_s", 1, 3600, 15, &n, &err));
  assert_string_equal(err.rule, "range");
  err_clear(&err);
  assert_true(conf_int(conf, "node.idle_s", 1, 3601, 15, &n, &err));
  conf_close(conf);
  conf = read_text("[node]\nidel_s = 1\n", &err);
  assert_false(conf_only(conf, known, &err));
  assert_non_null(strstr(err.text, "node.idel_s"));
  conf_close(conf);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      test_in_folder(values_are_found_by_section_and_name),
      test_in_folder(no_file_is_an_empty_one),
      test_in_folder(a_fault_names_its_line),
      test_in_folder(an_unknown_name_and_a_value_out_of_bounds_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
