/* A certificate that the province gave and its database does not know: the disk went back, and nothing is
 * added until a rebuilding has seen to it. */
#include "fixture.h"

#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/stranger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0};

static int begin(void **state)
{
  (void)state;
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  sites_meet(&hub, &node);
  site_record_price(&node, 1);
  return 0;
}

static int end(void **state)
{
  (void)state;
  site_close(&node);
  site_close(&hub);
  fixture_end();
  return 0;
}

static void settle(uint32_t branch)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_begin(db, &err));
  assert_true(stranger_settle(db, branch, FIXTURE_NOW_MS, &err));
  assert_true(stranger_settle_all(db, &err));
  assert_true(db_commit(db, &err));
  db_close(db);
  site_reopen(&hub);
}

static void adds_nothing(void)
{
  struct err err = ERR_INIT;
  struct done done;
  bool went_back = false;
  int64_t entries = site_int(&hub, "SELECT count(*) FROM sync_entry");
  assert_false(store_writable(hub.store, &err));
  assert_string_equal(err.rule, "log_rolled_back");
  assert_false(site_commit(&hub, 0, "INSERT INTO product VALUES(9, 'tea', 'kg', NULL, 1.0)", &done, NULL));
  struct batch *batch = site_batch(&node, own, 0, 1);
  struct apply_result result = {0};
  assert_false(store_apply(hub.store, &batch, 1, FIXTURE_NOW_MS, &result, NULL));
  batch_close(batch);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_entry"), entries);
  assert_true(log_went_back(hub.reader, PROVINCE, &went_back, NULL));
  assert_true(went_back);
}

static void a_certificate_of_ours_that_is_unknown_stops_what_adds_to_the_log(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool first = false;
  assert_true(store_writable(hub.store, &err));
  assert_true(store_stranger(hub.store, CHUNAN, "4a", FIXTURE_NOW_MS, &first, &err));
  assert_true(first);
  adds_nothing();
  assert_true(store_stranger(hub.store, CHUNAN, "4a", FIXTURE_NOW_MS, &first, &err));
  assert_false(first);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_evidence WHERE rule = 'log_rolled_back'"), 1);
  site_reopen(&hub);
  adds_nothing();
}

static void after_a_rebuilding_an_unknown_one_of_that_branch_is_an_older_one(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool first = false, settled = false;
  assert_true(store_stranger(hub.store, CHUNAN, "4a", FIXTURE_NOW_MS, &first, &err));
  settle(TONGLU);
  assert_true(store_writable(hub.store, &err));
  assert_true(stranger_is_settled(hub.reader, CHUNAN, &settled, &err));
  assert_true(settled);
  assert_true(stranger_is_settled(hub.reader, TONGLU, &settled, &err));
  assert_true(settled);
  assert_true(store_stranger(hub.store, TONGLU, "4b", FIXTURE_NOW_MS, &first, &err));
  assert_false(first);
  assert_true(store_writable(hub.store, &err));
  /* Another one that nobody has heard of since is as good a sign as the first. */
  assert_true(stranger_is_settled(hub.reader, 330902, &settled, &err));
  assert_false(settled);
  assert_true(store_stranger(hub.store, 330902, "4c", FIXTURE_NOW_MS, &first, &err));
  assert_true(first);
  adds_nothing();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_certificate_of_ours_that_is_unknown_stops_what_adds_to_the_log, begin,
                                      end),
      cmocka_unit_test_setup_teardown(after_a_rebuilding_an_unknown_one_of_that_branch_is_an_older_one, begin,
                                      end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
