/* Paths, queries and headers, read strictly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "webui/url.h"

#include <stdio.h>
#include <string.h>

static void patterns_match_whole_paths(void **state)
{
  (void)state;
  static const struct {
    const char *pattern, *path, *first, *second; /* first NULL: no match */
  } rows[] = {
      {"/api/v1/status", "/api/v1/status", "", ""},
      {"/api/v1/status", "/api/v1/status/", NULL, NULL},
      {"/api/v1/status", "/api/v1/statu", NULL, NULL},
      {"/api/v1/status", "/api/v1", NULL, NULL},
      {"/products/{id}", "/products/7", "7", ""},
      {"/products/{id}", "/products/", NULL, NULL},
      {"/products/{id}", "/products/7/prices", NULL, NULL},
      {"/products/{id}/prices", "/products/7/prices", "7", ""},
      {"/reviews/{branch}/{id}", "/reviews/330127/9", "330127", "9"},
      {"/import/{token}.xlsx", "/import/ab.c.xlsx", "ab.c", ""},
      {"/import/{token}.xlsx", "/import/.xlsx", NULL, NULL},
      {"/import/{token}.xlsx", "/import/ab.csv", NULL, NULL},
      {"/accounts/{name}", "/accounts/采购员", "采购员", ""},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct url_params params;
    bool ok = url_match(rows[i].pattern, rows[i].path, &params);
    if (ok != (rows[i].first != NULL)) fail_msg("%s %s", rows[i].pattern, rows[i].path);
    if (!ok) continue;
    assert_string_equal(params.count > 0 ? params.at[0].value : "", rows[i].first);
    assert_string_equal(params.count > 1 ? params.at[1].value : "", rows[i].second);
  }
}

static void a_path_is_taken_as_it_was_sent_or_refused(void **state)
{
  (void)state;
  static const struct {
    const char *sent, *path; /* path NULL: refused */
  } rows[] = {
      {"/", "/"},
      {"/accounts/clerk.", "/accounts/clerk."},
      {"/accounts/clerk%2E", "/accounts/clerk."},
      {"/accounts/...", "/accounts/..."},
      {"/accounts/a..b", "/accounts/a..b"},
      {"/accounts/clerk/", "/accounts/clerk/"},
      {"/%E8%8C%B6/a+b", "/茶/a+b"},
      {"/accounts/..", NULL},
      {"/accounts/%2e%2E", NULL},
      {"/accounts/.%2e/x", NULL},
      {"/accounts/./clerk", NULL},
      {"/./x", NULL},
      {"//accounts", NULL},
      {"/accounts//clerk", NULL},
      {"/accounts/clerk%2Freset", NULL},
      {"/accounts/clerk%5Creset", NULL},
      {"/accounts\\clerk", NULL},
      {"/accounts/clerk%00x", NULL},
      {"/accounts/clerk%", NULL},
      {"/accounts/clerk%4", NULL},
      {"/accounts/%C3%28", NULL},
      {"/accounts/a%0Ab", NULL},
      {"accounts", NULL},
      {"", NULL},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char path[URL_PATH_SIZE_MAX];
    bool ok = url_path(path, rows[i].sent);
    if (ok != (rows[i].path != NULL) || (ok && strcmp(path, rows[i].path) != 0)) fail_msg("%s", rows[i].sent);
  }
  char sent[URL_PATH_SIZE_MAX + 1] = "/", path[URL_PATH_SIZE_MAX];
  memset(sent + 1, 'a', sizeof sent - 2);
  assert_false(url_path(path, sent));
  sent[URL_PATH_SIZE_MAX - 1] = 0;
  assert_true(url_path(path, sent));
}

static void a_value_longer_than_its_place_is_no_match(void **state)
{
  (void)state;
  char path[300] = "/products/";
  struct url_params params;
  memset(path + 10, 'x', URL_VALUE_MAX - 1);
  assert_true(url_match("/products/{id}", path, &params));
  path[10 + URL_VALUE_MAX - 1] = 'x';
  assert_false(url_match("/products/{id}", path, &params));
}

static void queries_are_decoded(void **state)
{
  (void)state;
  struct url_query q;
  assert_true(url_query_parse(&q, "q=%E8%8C%B6+x&page=2&all&empty=&&a%3Db=c%26d"));
  assert_string_equal(url_query_get(&q, "q"), "茶 x");
  assert_string_equal(url_query_get(&q, "page"), "2");
  assert_string_equal(url_query_get(&q, "all"), "");
  assert_string_equal(url_query_get(&q, "empty"), "");
  assert_string_equal(url_query_get(&q, "a=b"), "c&d");
  assert_null(url_query_get(&q, "none"));
  assert_true(url_query_parse(&q, NULL));
  assert_int_equal(q.count, 0);
}

static void malformed_queries_are_refused(void **state)
{
  (void)state;
  static const char *const bad[] = {"q=%",   "q=%4",  "q=%zz",   "q=%00",
                                    "q=%ff", "q=%0a", "q=1&q=2", "%41=1&A=2"};
  struct url_query q;
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (url_query_parse(&q, bad[i])) fail_msg("%s", bad[i]);
}

static void queries_have_their_bounds(void **state)
{
  (void)state;
  struct url_query q;
  char text[URL_QUERY_SIZE_MAX + 2] = "a=";
  memset(text + 2, 'x', URL_QUERY_SIZE_MAX - 3);
  assert_true(url_query_parse(&q, text));
  text[URL_QUERY_SIZE_MAX - 1] = 'x';
  assert_false(url_query_parse(&q, text));
  size_t n = 0;
  for (int i = 0; i < URL_QUERY_MAX; i++)
    n += (size_t)snprintf(text + n, sizeof text - n, "a%d&", i);
  assert_true(url_query_parse(&q, text));
  snprintf(text + n, sizeof text - n, "more");
  assert_false(url_query_parse(&q, text));
}

static void a_cookie_is_found_among_others(void **state)
{
  (void)state;
  char out[8];
  assert_true(url_cookie("a=1; session=abc; b=2", "session", out, sizeof out));
  assert_string_equal(out, "abc");
  assert_true(url_cookie("session=", "session", out, sizeof out));
  assert_string_equal(out, "");
  assert_false(url_cookie("xsession=abc", "session", out, sizeof out));
  assert_false(url_cookie("session", "session", out, sizeof out));
  assert_false(url_cookie("session=12345678", "session", out, sizeof out)); /* longer than any of ours */
  assert_false(url_cookie(NULL, "session", out, sizeof out));
  assert_true(url_cookie_single("session=a; other=b; session=a", "session"));
  assert_true(url_cookie_single(NULL, "session"));
  assert_true(url_cookie_single("a=1; a=2", "session"));
  assert_false(url_cookie_single("session=a; other=b; session=ab", "session"));
  assert_false(url_cookie_single("session=ab; session=a", "session"));
}

static void lists_are_read_with_their_weights(void **state)
{
  (void)state;
  assert_true(url_list_has("gzip, deflate, br", "br"));
  assert_true(url_list_has("GZIP;q=0.5", "gzip"));
  assert_false(url_list_has("gzip;q=0, br", "gzip"));
  assert_false(url_list_has("gzip;q=0.000", "gzip"));
  assert_false(url_list_has("xgzip", "gzip"));
  assert_false(url_list_has(NULL, "gzip"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(patterns_match_whole_paths),
      cmocka_unit_test(a_path_is_taken_as_it_was_sent_or_refused),
      cmocka_unit_test(a_value_longer_than_its_place_is_no_match),
      cmocka_unit_test(queries_are_decoded),
      cmocka_unit_test(malformed_queries_are_refused),
      cmocka_unit_test(queries_have_their_bounds),
      cmocka_unit_test(a_cookie_is_found_among_others),
      cmocka_unit_test(lists_are_read_with_their_weights),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
