/* A branch without a line brings its whole history in one file, or is told that it does not fit. */
#include "fixture.h"

#include "sync/carry_history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>

static struct site node;

static void write_much(uint64_t seq)
{
  struct err err = ERR_INIT;
  char sql[200];
  (void)snprintf(sql, sizeof sql, "INSERT INTO stock VALUES(330127, (1 << 40) | (%llu << 12), %s, 1)",
                 (unsigned long long)seq, "hex(randomblob(250000))");
  if (!site_commit(&node, 0, sql, NULL, &err)) fail_msg("%s", err.text);
}

/* Half a megabyte an entry, of which half is left when it is packed: 67 MB. */
static void a_history_that_is_too_long_is_refused_and_not_cut(void **state)
{
  struct err err = ERR_INIT;
  struct buf file = BUF_INIT;
  (void)state;
  fixture_begin();
  site_open(&node, "node", CHUNAN, 1);
  uint64_t seq = 1;
  for (; seq <= 3; seq++)
    write_much(seq);
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, &err));
  assert_true(carry_history(node.reader, PROVINCE, CHUNAN, &file, &err));
  assert_in_range(file.size, 700000, 800000);
  buf_clear(&file);
  for (; seq <= 268; seq++)
    write_much(seq);
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, &err));
  assert_false(carry_history(node.reader, PROVINCE, CHUNAN, &file, &err));
  assert_string_equal(err.rule, "carry_size");
  buf_wipe(&file);
  site_close(&node);
  fixture_end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_history_that_is_too_long_is_refused_and_not_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
