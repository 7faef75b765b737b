/* What one hash says about two chains: the same, parted, or not known here, for every place of an entry. */
#include "fixture.h"

#include "sync/prefix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */
#include <string.h>

enum { ENTRIES = 3 };

static void every_entry_is_found_and_another_hash_is_another_chain(void **state)
{
  const struct stream own = {CHUNAN, 0};
  const uint8_t other[HASH_SIZE] = {1};
  struct head heads[ENTRIES];
  struct site node;
  struct err err = ERR_INIT;
  enum prefix prefix;
  (void)state;
  fixture_begin();
  site_open(&node, "node", CHUNAN, 1);
  for (int i = 0; i < ENTRIES; i++) {
    site_record_price(&node, i + 1);
    assert_true(stream_head(node.reader, own, &heads[i], &err));
  }
  for (int i = 0; i < ENTRIES; i++) { /* the first lies at place 0 of the log */
    assert_true(prefix_compare(node.reader, own, heads[i].seq, heads[i].hash, &prefix, &err));
    assert_int_equal(prefix, PREFIX_SAME);
    assert_true(prefix_compare(node.reader, own, heads[i].seq, other, &prefix, &err));
    assert_int_equal(prefix, PREFIX_OTHER);
  }
  assert_true(prefix_compare(node.reader, own, ENTRIES + 1, other, &prefix, &err));
  assert_int_equal(prefix, PREFIX_AHEAD);
  assert_true(prefix_compare(node.reader, own, 0, other, &prefix, &err));
  assert_int_equal(prefix, PREFIX_SAME);
  site_close(&node);
  fixture_end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_entry_is_found_and_another_hash_is_another_chain),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
