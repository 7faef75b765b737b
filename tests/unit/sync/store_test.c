#include "fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static struct site hub, node;

static int begin(void **state)
{
  (void)state;
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  sites_meet(&hub, &node);
  return 0;
}

static int end(void **state)
{
  (void)state;
  site_close(&hub);
  site_close(&node);
  fixture_end();
  return 0;
}

static void a_commit_makes_one_row_and_its_entry(void **state)
{
  (void)state;
  site_record_price(&node, 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM sync_entry"), 1);
  assert_int_equal(site_int(&node, "SELECT (id >> 12) & 268435455 FROM price"), 1);
  assert_true(site_verifies(&node));
}

static void what_a_node_wrote_arrives_at_the_hub(void **state)
{
  (void)state;
  for (int i = 0; i < 2500; i++)
    site_record_price(&node, i);
  struct apply_result result = site_pull(&hub, &node, (struct stream){CHUNAN, 0});
  assert_int_equal(result.outcome, OUTCOME_TAKEN);
  assert_int_equal(result.through_seq, 2500);
  assert_int_equal(result.quarantined, 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 2500);
  assert_true(site_verifies(&hub));
  assert_true(site_verifies(&node));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_commit_makes_one_row_and_its_entry, begin, end),
      cmocka_unit_test_setup_teardown(what_a_node_wrote_arrives_at_the_hub, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
