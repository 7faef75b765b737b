/* A branch's disk went back and its sticks come home, one after the other: what is journaled again speaks of
 * the record it spoke of, whatever stands in that one's place by now. */
#include "fixture.h"

#include "sync/aside.h"
#include "sync/late.h"
#include "sync/restored.h"
#include "sync/store_keys.h"

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
/* 1 to 3 and 4 to 5, together; and 6 with the correction of 3. */
static struct batch *sunday, *late_sunday, *monday, *tuesday;

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

struct correction {
  int n, of;
};

/* A price, and a second row that replaces another. */
static bool correct(struct tx *tx, void *ctx, struct err *err)
{
  const struct correction *c = ctx;
  if (!price_insert(tx, c->n, err)) return false;
  struct query q =
      query_open(tx->db,
                 "INSERT INTO price SELECT n.branch, n.id + 1, n.no || 'c', n.product, n.price_fen, n.unit,"
                 " n.qty_milli, n.supplier, n.source, n.observed_date, n.note, p.id, 0, 0, n.actor, n.at_ms"
                 " FROM price n, price p WHERE n.no LIKE printf('%%-%04d', ?1) AND p.no LIKE"
                 " printf('%%-%04d', ?2)",
                 err);
  query_int(&q, 1, c->n);
  query_int(&q, 2, c->of);
  return query_run(&q);
}

static void write_correction(int n, int of)
{
  struct err err = ERR_INIT;
  struct correction c = {n, of};
  const struct act act = {
      .actor = "officer", .role = "officer", .action = "price.correct", .now_ms = FIXTURE_NOW_MS + 400000};
  if (!store_commit(node.store, &act, correct, &c, NULL, &err)) fail_msg("%s", err.text);
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

/* What is on the sticks is written, and the disk goes back to when it had so many of it. */
static void begin(int copied)
{
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  rule(&hub);
  rule(&node);
  sites_meet(&hub, &node);
  for (int i = 1; i <= 5; i++) {
    if (i == copied + 1) copy_disk(false);
    site_record_price(&node, i);
    if (i == 3) sunday = site_batch(&node, own, 0, 0);
  }
  if (copied == 5) copy_disk(false);
  late_sunday = site_batch(&node, own, 3, 0);
  monday = site_batch(&node, own, 0, 0);
  site_record_price(&node, 6);
  write_correction(9, 3);
  tuesday = site_batch(&node, own, 5, 0);
  copy_disk(true);
}

static int set_up(void **state)
{
  (void)state;
  begin(0);
  for (int i = 20; i <= 22; i++)
    site_record_price(&node, i);
  receive();
  return 0;
}

static int set_up_enrolled(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  begin(5);
  site_close(&node);
  node.epoch = node.config.epoch = 2;
  site_key(CHUNAN, 2, node.public_key, node.config.secret);
  assert_true(store_key_revoke(hub.store, CHUNAN, EPOCH_MAX, FIXTURE_NOW_MS, &err));
  site_reopen(&node);
  sites_meet(&hub, &node);
  receive();
  return 0;
}

static int tear_down(void **state)
{
  (void)state;
  assert_true(site_verifies(&node));
  assert_true(site_verifies(&hub));
  struct batch *sticks[] = {sunday, late_sunday, monday, tuesday};
  for (int i = 0; i < 4; i++)
    batch_close(sticks[i]);
  fixture_pair_end(&hub, &node);
  return 0;
}

static void give_back(struct batch *batch, bool to_the_end)
{
  struct err err = ERR_INIT;
  struct returned back = {0};
  now_ms += 60000;
  assert_true(store_return(node.store, node.reader, batch, now_ms, &back, &err));
  if (to_the_end && back.parted && !store_return_end(node.store, now_ms, &err)) fail_msg("%s", err.text);
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

static void so_does_one_after_the_program_was_started_anew(void **state)
{
  (void)state;
  give_back(monday, true);
  receive();
  site_reopen(&node);
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

/* This disk is gone too, and the next has what the province has. */
static void new_disk(void)
{
  struct err err = ERR_INIT;
  receive();
  site_close(&node);
  site_open(&node, "next", CHUNAN, 1);
  rule(&node);
  sites_meet(&hub, &node);
  struct apply_result history = site_pull(&node, &hub, own);
  assert_true(store_receipt(node.store, own, history.through_seq, FIXTURE_NOW_MS, &err) &&
              store_heard(node.store, FIXTURE_NOW_MS, &err));
}

static void what_a_disk_that_is_gone_recorded_again_is_told_by_that(void **state)
{
  (void)state;
  give_back(sunday, true);
  new_disk();
  give_back(late_sunday, true);
  receive();
  give_back(tuesday, true);
  assert_int_equal(kept(), 0);
  stands(11);
}

/* That tells which the fifth was, and of the third, which is meant, nothing. */
static void and_tells_nothing_of_those_before_it(void **state)
{
  (void)state;
  give_back(monday, true);
  new_disk();
  give_back(tuesday, true);
  assert_int_equal(kept(), 1);
  receive();
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 9);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price WHERE replaces IS NOT NULL"), 0);
}

/* It stands where it was, under another signature. */
static void a_correction_follows_what_an_enrolment_recorded_again(void **state)
{
  (void)state;
  give_back(tuesday, true);
  assert_int_equal(kept(), 0);
  stands(8);
}

/* Another disk of the same branch wrote in the same places, and corrected its own third. */
static struct batch *other_disk(uint64_t after_seq)
{
  struct site here = node;
  site_open(&node, "other", CHUNAN, 1);
  sites_meet(&hub, &node);
  for (int i = 31; i <= 34; i++)
    site_record_price(&node, i);
  write_correction(39, 33);
  struct batch *batch = site_batch(&node, own, after_seq, 0);
  site_close(&node);
  node = here;
  return batch;
}

static void of_two_histories_each_is_followed_by_its_own(void **state)
{
  (void)state;
  struct batch *other = other_disk(0), *sticks[] = {monday, other, tuesday};
  struct site *sides[] = {&node, &hub};
  for (int i = 0; i < 3; i++) {
    give_back(sticks[i], true);
    receive();
  }
  for (int i = 0; i < 2; i++)
    assert_int_equal(site_int(sides[i], "SELECT count(*) FROM price r JOIN price p ON p.id = r.replaces"
                                        " WHERE (p.no LIKE '%-0003' AND r.no LIKE '%-0009c')"
                                        " OR (p.no LIKE '%-0033' AND r.no LIKE '%-0039c')"),
                     2);
  batch_close(other);
}

/* Its third is not on this stick. */
static void what_stands_in_the_place_of_another_is_not_taken_for_it(void **state)
{
  (void)state;
  struct batch *other = other_disk(3);
  give_back(other, true);
  assert_int_equal(kept(), 1);
  receive();
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 6);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price WHERE replaces IS NOT NULL"), 0);
  batch_close(other);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_correction_follows_what_an_earlier_stick_brought, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_file_that_was_cut_short_is_given_again, set_up, tear_down),
      cmocka_unit_test_setup_teardown(so_does_one_after_the_program_was_started_anew, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_it_speaks_of_is_waited_for, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_a_disk_that_is_gone_recorded_again_is_told_by_that, set_up,
                                      tear_down),
      cmocka_unit_test_setup_teardown(and_tells_nothing_of_those_before_it, set_up, tear_down),
      cmocka_unit_test_setup_teardown(a_correction_follows_what_an_enrolment_recorded_again, set_up_enrolled,
                                      tear_down),
      cmocka_unit_test_setup_teardown(of_two_histories_each_is_followed_by_its_own, set_up, tear_down),
      cmocka_unit_test_setup_teardown(what_stands_in_the_place_of_another_is_not_taken_for_it,
                                      set_up_enrolled, tear_down),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
