/* A branch's disk went back and its sticks come home, one after the other: what is journaled again speaks of
 * the record it spoke of, whatever stands in that one's place by now. */
#include "fixture.h"

#include "sync/aside.h"
#include "sync/late.h"
#include "sync/restored.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

static const struct stream own = {CHUNAN, 0};
static struct site hub, node;
static int64_t now_ms = FIXTURE_NOW_MS;
static struct batch *monday, *tuesday; /* 1 to 5, and 6 with the correction of 3 */

static void copy_disk(bool back)
{
  char command[1200], copy[200];
  snprintf(copy, sizeof copy, "%s.copy", node.path);
  site_close(&node);
  snprintf(command, sizeof command, "cp %s %s && rm -f %s-wal %s-shm", back ? copy : node.path,
           back ? node.path : copy, node.path, node.path);
  assert_int_equal(system(command), 0);
  site_reopen(&node);
}

/* A price, and a second row that replaces the third. */
static bool correct(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return price_insert(tx, 9, err) &&
         db_exec(
             tx->db,
             "INSERT INTO price SELECT branch, id + 1, no || 'c', product, price_fen, unit, qty_milli,"
             " supplier, source, observed_date, note, (SELECT id FROM price WHERE no LIKE '%-0003'), 0, 0,"
             " actor, at_ms FROM price WHERE no LIKE '%-0009'",
             err);
}

/* All of the province's answer that the branch needs. */
static void receive(void)
{
  struct err err = ERR_INIT;
  struct apply_result taken = site_pull(&hub, &node, own);
  if (taken.through_seq) assert_true(store_receipt(node.store, own, taken.through_seq, FIXTURE_NOW_MS, &err));
}

static void rule(struct site *site)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  site_close(site);
  assert_true(db_open(&db, site->path, DB_WRITE, &err));
  assert_true(
      db_exec(db, "INSERT INTO column_rule VALUES('price', 'replaces', 'earlier', 1, 0, '', 1)", &err));
  db_close(db);
  site_reopen(site);
}

static int set_up(void **state)
{
  struct err err = ERR_INIT;
  const struct act act = {
      .actor = "officer", .role = "officer", .action = "price.correct", .now_ms = FIXTURE_NOW_MS + 400000};
  (void)state;
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  rule(&hub);
  rule(&node);
  sites_meet(&hub, &node);
  copy_disk(false);
  for (int i = 1; i <= 5; i++)
    site_record_price(&node, i);
  monday = site_batch(&node, own, 0, 0);
  site_record_price(&node, 6);
  assert_true(store_commit(node.store, &act, correct, NULL, NULL, &err));
  tuesday = site_batch(&node, own, 5, 0);
  copy_disk(true);
  for (int i = 20; i <= 22; i++)
    site_record_price(&node, i);
  receive();
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  assert_true(site_verifies(&node));
  assert_true(site_verifies(&hub));
  batch_close(monday);
  batch_close(tuesday);
  fixture_pair_end(&hub, &node);
  return 0;
}

static void give_back(struct batch *batch, bool to_the_end)
{
  struct err err = ERR_INIT;
  struct returned back = {0};
  now_ms += 60000;
  assert_true(store_return(node.store, node.reader, batch, now_ms, &back, &err));
  if (to_the_end) assert_true(!back.parted || store_return_end(node.store, now_ms, &err));
}

static int64_t kept(void)
{
  struct err err = ERR_INIT;
  struct aside_counts n;
  assert_true(aside_count(node.reader, &n, &err));
  assert_int_equal(n.waiting, 0);
  return n.kept;
}

/* At both ends the correction is of the third price, and of nothing else. */
static void stands(int prices)
{
  struct site *sides[] = {&node, &hub};
  receive();
  for (int i = 0; i < 2; i++) {
    assert_int_equal(site_int(sides[i], "SELECT count(*) FROM price"), prices);
    assert_int_equal(site_int(sides[i], "SELECT count(DISTINCT no) FROM price"), prices);
    assert_int_equal(site_int(sides[i], "SELECT count(*) FROM price WHERE replaces IS NOT NULL"), 1);
    assert_int_equal(site_int(sides[i], "SELECT count(*) FROM price r JOIN price p ON p.id = r.replaces"
                                        " WHERE p.no LIKE '%-0003' AND r.no LIKE '%-0009c'"),
                     1);
    assert_int_equal(site_int(sides[i], "SELECT count(*) FROM sync_quarantine"), 0);
  }
}

static void a_correction_follows_what_an_earlier_stick_brought(void **state)
{
  (void)state;
  give_back(monday, true);
  receive();
  give_back(tuesday, true);
  assert_int_equal(kept(), 0);
  stands(11);
}

/* It dies between the two; what waits is journaled again when the line is up, and the file is given again. */
static void a_file_that_was_cut_short_is_given_again(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  give_back(monday, false);
  site_reopen(&node);
  assert_true(store_heard(node.store, FIXTURE_NOW_MS, &err));
  receive();
  give_back(monday, true);
  give_back(tuesday, true);
  assert_int_equal(kept(), 0);
  stands(11);
}

/* Without the stick in between nobody here knows what the third was. */
static void what_it_speaks_of_is_waited_for(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct aside_retry retry;
  give_back(tuesday, true);
  assert_int_equal(kept(), 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 4);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price WHERE replaces IS NOT NULL"), 0);
  receive();
  give_back(monday, true);
  int64_t id = site_int(&node, "SELECT id FROM sync_aside WHERE state = 'kept' AND reason = 'kept_aside'");
  assert_true(store_aside_retry(node.store, id, FIXTURE_NOW_MS, &retry, &err));
  assert_true(retry.again);
  assert_int_equal(kept(), 0);
  stands(11);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_correction_follows_what_an_earlier_stick_brought, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_file_that_was_cut_short_is_given_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_it_speaks_of_is_waited_for, set_up, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
