/* Work that is more than one entry holds. */
#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0};

struct parts {
  int made, all, fails_at;
};

static bool in_parts(struct tx *tx, void *ctx, struct err *err)
{
  struct parts *parts = ctx;
  if (parts->made == parts->fails_at) return err_rule(err, ERR_CONFLICT, "rev", "stale", "no");
  tx->more = ++parts->made < parts->all;
  return price_insert(tx, parts->made, err);
}

static void work_of_several_entries_is_one_commit(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct done done;
  fixture_pair(&hub, &node);
  struct act act = {.actor = "a", .role = "staff", .action = "x", .now_ms = FIXTURE_NOW_MS};
  struct parts three = {.all = 3, .fails_at = -1}, broken = {.all = 3, .fails_at = 2};
  assert_false(store_commit(node.store, &act, in_parts, &broken, NULL, &err));
  assert_string_equal(err.rule, "stale");
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 0);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry"), 0);
  assert_true(store_commit(node.store, &act, in_parts, &three, &done, &err));
  assert_int_equal(done.branch.seq, 3);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry"), 3);
  assert_int_equal(site_int(&node, "SELECT count(DISTINCT (id >> 12) & 268435455) FROM price"), 3);
  assert_true(site_verifies(&node));
  assert_int_equal(site_pull(&hub, &node, own).through_seq, 3);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 3);
  assert_true(site_verifies(&hub));
  fixture_pair_end(&hub, &node);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(work_of_several_entries_is_one_commit)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
