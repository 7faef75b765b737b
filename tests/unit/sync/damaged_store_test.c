/* A database whose bytes contradicted themselves while a program runs: nothing writes to it any more. */
#include "fixture.h"

#include "sync/apply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0};

static int begin(void **state)
{
  (void)state;
  fixture_pair(&hub, &node);
  return 0;
}

static int end(void **state)
{
  (void)state;
  fixture_pair_end(&hub, &node);
  return 0;
}

static bool then_damaged(struct tx *tx, void *ctx, struct err *err)
{
  (void)tx;
  return err_set(err, ctx ? ERR_REFUTED : ERR_CORRUPT, "database disk image is malformed");
}

/* Whoever knocks, and also what comes over the line: nothing is acknowledged that may not be there. */
static void a_database_that_contradicted_itself_is_not_written_to(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct act act = {.actor = "a", .role = "staff", .action = "x", .now_ms = FIXTURE_NOW_MS};
  struct apply_result result;
  site_record_price(&node, 1);
  struct batch *batch = site_batch(&node, own, 0, 10);
  assert_false(store_commit(hub.store, &act, then_damaged, &act, NULL, &err)); /* somebody's proof */
  assert_true(store_writable(hub.store, NULL));
  assert_false(store_commit(hub.store, &act, then_damaged, NULL, NULL, NULL));
  err_clear(&err);
  assert_false(store_apply(hub.store, &batch, 1, FIXTURE_NOW_MS, &result, &err));
  assert_string_equal(err.rule, "store_damaged");
  err_clear(&err);
  assert_false(site_local(&hub, "INSERT INTO draft VALUES(1, 'x')", &err));
  assert_string_equal(err.rule, "store_damaged");
  assert_false(store_writable(hub.store, NULL));
  site_close(&hub);
  site_reopen(&hub);
  assert_int_equal(site_apply(&hub, batch).outcome, OUTCOME_TAKEN);
  batch_close(batch);
  site_record_price(&node, 2);
  err_clear(&err);
  store_damaged(node.store, &(struct err){.kind = ERR_CORRUPT, .text = "as a reader saw"});
  assert_false(store_sign_head(node.store, FIXTURE_NOW_MS, &err));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_database_that_contradicted_itself_is_not_written_to, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
