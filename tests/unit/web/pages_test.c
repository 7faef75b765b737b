/* The table of pages that is part of every program, built or not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "webui/pages.h"

#include <string.h>

static void there_is_an_index(void **state)
{
  (void)state;
  size_t found = 0;
  for (size_t i = 0; i < pages_asset_count; i++)
    if (strcmp(pages_assets[i].path, "/index.html") == 0) {
      found++;
      assert_false(pages_assets[i].immutable);
      assert_int_equal(strncmp((const char *)pages_assets[i].raw, "<!doctype html>", 15) &&
                           strncmp((const char *)pages_assets[i].raw, "<!DOCTYPE html>", 15),
                       0);
    }
  assert_int_equal(found, 1);
}

static void every_page_has_a_type_a_tag_and_bytes(void **state)
{
  (void)state;
  for (size_t i = 0; i < pages_asset_count; i++) {
    const struct web_asset *a = &pages_assets[i];
    assert_true(a->path[0] == '/' && strchr(a->type, '/') && strlen(a->tag) == 16 && a->raw &&
                a->raw_size > 0);
    assert_true(!a->gzip == !a->gzip_size && a->gzip_size < a->raw_size);
    assert_true(!a->br == !a->br_size && a->br_size < a->raw_size);
    if (a->gzip) assert_memory_equal(a->gzip, "\x1f\x8b", 2);
  }
}

/* What our Content-Security-Policy would refuse must not be in them. */
static void nothing_is_inline(void **state)
{
  (void)state;
  for (size_t i = 0; i < pages_asset_count; i++) {
    const char *text = (const char *)pages_assets[i].raw;
    if (!strstr(pages_assets[i].path, ".html")) continue;
    assert_null(strstr(text, "<style"));
    assert_null(strstr(text, " style="));
    assert_null(strstr(text, "<script>"));
    assert_null(strstr(text, " onclick="));
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(there_is_an_index),
      cmocka_unit_test(every_page_has_a_type_a_tag_and_bytes),
      cmocka_unit_test(nothing_is_inline),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
