/* A place in a list goes out to a browser and comes back; anything else that comes is refused. */
#include "core/domain/bookmark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */
#include <string.h>

static void what_goes_out_comes_back(void **state)
{
  struct bookmark out = {.of = UINT32_MAX}, in;
  char text[BOOKMARK_SIZE];
  (void)state;
  bookmark_set(&out, -7, INT64_MAX, UINT32_MAX, 9, "a.b");
  assert_true(bookmark_parse(&in, bookmark_print(&out, text)));
  assert_true(in.set && in.of == UINT32_MAX);
  assert_true(in.first == -7 && in.second == INT64_MAX && in.branch == UINT32_MAX && in.id == 9);
  assert_string_equal(in.text, "a.b");
}

static void anything_else_is_refused(void **state)
{
  static const char *const texts[] = {"",
                                      "50",
                                      "1.2.3",
                                      "1.2.3.4.5",
                                      "0.x.2.3.4.t",
                                      " 0.1.2.3.4.t",
                                      "1.2.3.4.t",
                                      "0.1.x.3.4.t",
                                      "0.1.2.x.4.t",
                                      "0.1.2.3.x.t",
                                      "0.1.2.-1.4.t",
                                      "0.1.2.4294967296.4.t",
                                      "-1.1.2.3.4.t",
                                      "4294967296.1.2.3.4.t"};
  char text[BOOKMARK_TEXT_SIZE + 11];
  struct bookmark in;
  (void)state;
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    if (bookmark_parse(&in, texts[i])) fail_msg("\"%s\" is taken", texts[i]);
  memset(text, 'a', sizeof text);
  memcpy(text, "0.1.2.3.4.", 10);
  text[10 + BOOKMARK_TEXT_SIZE] = '\0';
  assert_false(bookmark_parse(&in, text));
  text[10 + BOOKMARK_TEXT_SIZE - 1] = '\0';
  assert_true(bookmark_parse(&in, text));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_goes_out_comes_back),
      cmocka_unit_test(anything_else_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
