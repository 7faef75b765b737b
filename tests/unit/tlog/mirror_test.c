/* What a branch is told of the log besides its own: whose entries stand where, and when they came. */
#include "fixture.h"
#include "sync/mirror.h"
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct site hub, node, other;
static const struct stream of_node = {CHUNAN, 0}, of_other = {TONGLU, 0};

static int begin(void **state)
{
  (void)state;
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  site_open(&other, "other", TONGLU, 1);
  sites_meet(&hub, &node);
  sites_meet(&hub, &other);
  return 0;
}

static int end(void **state)
{
  (void)state;
  site_close(&node);
  site_close(&other);
  site_close(&hub);
  fixture_end();
  return 0;
}

static uint64_t log_size(void)
{
  struct tlog_state tree;
  assert_true(tlog_state(hub.reader, &tree, NULL));
  return tree.size;
}

static void expect_run(struct mirror_reader *m, struct stream stream, uint64_t pos, uint64_t seq,
                       uint64_t count)
{
  struct mirror_run run;
  assert_true(mirror_next_run(m, &run));
  assert_int_equal(run.stream.author, stream.author);
  assert_int_equal(run.stream.lane, stream.lane);
  assert_int_equal(run.first_pos, pos);
  assert_int_equal(run.first_seq, seq);
  assert_int_equal(run.count, count);
  assert_int_equal(run.received_ms, FIXTURE_NOW_MS);
}

/* All of it comes in the same millisecond: what tells batches apart is whose they are and their signatures.
 */
static void each_batch_is_a_run_of_its_author_in_its_place(void **state)
{
  static const uint8_t key[BOX_KEY_SIZE] = {7};
  struct buf body = BUF_INIT;
  struct mirror_reader m;
  struct mirror_run none;
  struct mirror_entry entry;
  struct err err = ERR_INIT;
  (void)state;
  site_record_price(&node, 1);
  site_pull(&hub, &node, of_node); /* 0 */
  site_record_price(&other, 1);    /* the first of its own too, one behind in the log */
  site_pull(&hub, &other, of_other);
  for (int i = 2; i <= 4; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, of_node); /* 2, 3, 4 */
  site_record_price(&other, 2);
  site_pull(&hub, &other, of_other);
  assert_true(site_commit(&hub, TONGLU, "INSERT INTO decision VALUES(330122, (1 << 40) | (1 << 12), 'yes')",
                          NULL, &err));
  uint64_t to = log_size();
  assert_int_equal(to, 7);
  assert_true(mirror_of_log(hub.reader, CHUNAN, key, 0, &to, &body, &err));
  assert_int_equal(to, 7);
  assert_true(mirror_open(&m, body.data, body.size, &err));
  expect_run(&m, of_node, 0, 1, 1);
  expect_run(&m, of_other, 1, 1, 1);
  expect_run(&m, of_node, 2, 2, 3);
  expect_run(&m, of_other, 5, 2, 1);
  expect_run(&m, (struct stream){PROVINCE, TONGLU}, 6, 1, 1);
  assert_false(mirror_next_run(&m, &none));
  /* The decision is for another branch: this one keeps it sealed.  Other branches bring their own. */
  assert_true(mirror_next_entry(&m, &entry));
  assert_int_equal(entry.pos, 6);
  assert_non_null(entry.sealed);
  assert_false(mirror_next_entry(&m, &entry));
  buf_wipe(&body);
}

/* To whom the decision is for, it comes as an entry; a piece begins where the last one ended. */
static void a_piece_begins_anywhere_a_run_does(void **state)
{
  static const uint8_t key[BOX_KEY_SIZE] = {7};
  struct buf body = BUF_INIT;
  struct mirror_reader m;
  struct mirror_entry entry;
  struct err err = ERR_INIT;
  (void)state;
  site_record_price(&node, 1);
  site_pull(&hub, &node, of_node);
  assert_true(site_commit(&hub, CHUNAN, "INSERT INTO decision VALUES(330127, (1 << 40) | (1 << 12), 'yes')",
                          NULL, &err));
  uint64_t to = 1;
  assert_true(mirror_of_log(hub.reader, CHUNAN, key, 0, &to, &body, &err));
  assert_int_equal(to, 1);
  buf_clear(&body);
  to = log_size();
  assert_true(mirror_of_log(hub.reader, CHUNAN, key, 1, &to, &body, &err));
  assert_int_equal(to, 2);
  assert_true(mirror_open(&m, body.data, body.size, &err));
  assert_int_equal(m.from, 1);
  expect_run(&m, (struct stream){PROVINCE, CHUNAN}, 1, 1, 1);
  assert_false(mirror_next_entry(&m, &entry));
  buf_clear(&body);
  assert_true(mirror_of_log(hub.reader, CHUNAN, key, 2, &to, &body, &err));
  assert_int_equal(body.size, 0);
  buf_wipe(&body);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(each_batch_is_a_run_of_its_author_in_its_place, begin, end),
      cmocka_unit_test_setup_teardown(a_piece_begins_anywhere_a_run_does, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
