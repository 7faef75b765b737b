/* A log with holes: what is lost is said, the rest is proved and goes on. */
#include "fixture.h"
#include "lose.h"

#include "sync/leaf_rows.h"
#include "sync/lost_said.h"
#include "sync/mirror.h"
#include "sync/rebuild.h"
#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0}, shared = {PROVINCE, 0};
static char copy[200];

/* A batch of four entries of the branch, one of the province, another batch of three, one of the province. */
static int begin(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fixture_pair(&hub, &node);
  for (int i = 0; i < 4; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, own);
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0)", NULL, &err));
  for (int i = 4; i < 7; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, own);
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(2, 'rice', 'kg', NULL, 1.0)", NULL, &err));
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
  site_close(&hub);
  snprintf(copy, sizeof copy, "%s/copy.db", fixture_folder());
  return 0;
}

static int end(void **state)
{
  (void)state;
  fixture_pair_end(&hub, &node);
  return 0;
}

static struct verify_report proved(const char *path)
{
  struct verify_report report = {0};
  struct err err = ERR_INIT;
  assert_true(store_verify(path, &report, &err));
  if (report.faults) print_message("%.*s", (int)report.text.size, (const char *)report.text.data);
  assert_int_equal(report.faults, 0);
  buf_wipe(&report.text);
  buf_wipe(&report.lost_text);
  return report;
}

/* The tables made anew from what is left, and all of it proved; the root is the one that was signed. */
static struct verify_report rebuilt(struct rebuild_report *report)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct tlog_state was, is;
  assert_true(db_open(&db, hub.path, DB_READ, &err));
  assert_true(db_copy(db, copy, &err));
  assert_true(tlog_state(db, &was, &err));
  db_close(db);
  if (!rebuild_tables(copy, hub.path, report, &err)) fail_msg("%s", err.text);
  assert_true(db_open(&db, copy, DB_READ, &err));
  assert_true(tlog_state(db, &is, &err));
  db_close(db);
  assert_int_equal(is.size, was.size);
  assert_memory_equal(is.root.bytes, was.root.bytes, HASH_SIZE);
  return proved(copy);
}

static void the_root_is_reached_and_the_rest_is_proved(struct stream stream, uint64_t first, uint64_t count,
                                                       uint64_t alone, uint64_t links)
{
  struct rebuild_report report;
  lose(hub.path, stream, first, count);
  struct verify_report r = rebuilt(&report);
  assert_int_equal(report.lost, count);
  assert_int_equal(r.lost, count);
  assert_int_equal(r.entries, 9 - count);
  assert_int_equal(r.leaves, 9);
  assert_int_equal(r.by_log_alone, alone);
  assert_int_equal(r.lost_links, links);
  assert_int_equal(r.lost_unsaid, count);
}

static void the_first_of_a_stream(void **state)
{
  (void)state;
  the_root_is_reached_and_the_rest_is_proved(own, 1, 1, 0, 1);
}

static void the_middle_of_a_batch(void **state)
{
  (void)state;
  the_root_is_reached_and_the_rest_is_proved(own, 2, 2, 1, 1);
}

/* The three before it have no signature any more: the log alone holds them. */
static void the_one_that_was_signed(void **state)
{
  (void)state;
  the_root_is_reached_and_the_rest_is_proved(own, 4, 1, 3, 1);
}

static void the_whole_tail_of_a_stream(void **state)
{
  (void)state;
  the_root_is_reached_and_the_rest_is_proved(own, 3, 5, 2, 0);
}

static void the_provinces_own(void **state)
{
  (void)state;
  the_root_is_reached_and_the_rest_is_proved(shared, 1, 1, 0, 1);
}

static void the_last_leaf_of_the_log(void **state)
{
  (void)state;
  the_root_is_reached_and_the_rest_is_proved(shared, 2, 1, 0, 0);
}

static void a_hole_that_is_no_leaf_of_the_log_is_a_fault(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct verify_report report = {0};
  struct db *db = NULL;
  lose(hub.path, own, 2, 1);
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db, "UPDATE sync_lost_leaf SET leaf = zeroblob(32)", &err));
  db_close(db);
  assert_true(store_verify(hub.path, &report, &err));
  assert_true(report.faults > 0);
  buf_wipe(&report.text);
  buf_wipe(&report.lost_text);
}

/* As a rebuilding writes it. */
static void a_log_is_written_on_over_its_holes(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct tlog_state was, is;
  lose(hub.path, own, 3, 2);
  lose(hub.path, own, 7, 1);
  lose(hub.path, shared, 2, 1);
  site_migrate(copy);
  write_again(PROVINCE, hub.path, copy);
  assert_true(db_open(&db, hub.path, DB_READ, &err));
  assert_true(tlog_state(db, &was, &err));
  db_close(db);
  assert_true(db_open(&db, copy, DB_READ, &err));
  assert_true(tlog_state(db, &is, &err));
  struct head head;
  int64_t pos = -1;
  assert_true(stream_head(db, own, &head, &err));
  assert_true(head.lost);
  assert_int_equal(head.seq, 7);
  assert_true(stream_find(db, own, 6, &pos, &err));
  assert_int_equal(pos, 6);
  db_close(db);
  assert_int_equal(is.size, was.size);
  assert_memory_equal(is.root.bytes, was.root.bytes, HASH_SIZE);
}

/* The branch has what the province lost, and goes on; so does the province behind its own. */
static void streams_go_on_behind_a_lost_head(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct rebuild_report report;
  lose(hub.path, own, 6, 2);
  lose(hub.path, shared, 2, 1);
  (void)rebuilt(&report);
  assert_int_equal(rename(copy, hub.path), 0);
  site_reopen(&hub);
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(3, 'oil', 'kg', NULL, 1.0)", NULL, &err));
  site_record_price(&node, 7);
  struct apply_result result = site_pull(&hub, &node, own);
  assert_int_equal(result.outcome, OUTCOME_TAKEN);
  assert_int_equal(result.through_seq, 8);
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
  site_close(&hub);
  struct verify_report r = proved(hub.path);
  assert_int_equal(r.lost, 3);
  assert_int_equal(r.leaves, 11);
  assert_int_equal(r.lost_links, 1); /* the branch's next names the lost record, the province's the leaf */
}

/* Nothing is skipped silently: a batch ends before what is lost, and begins behind it. */
static void no_batch_reaches_over_a_hole(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct batch_head head;
  struct buf out = BUF_INIT;
  lose(hub.path, own, 5, 2);
  assert_true(db_open(&db, hub.path, DB_READ, &err));
  assert_true(store_batch_read(db, own, 0, NULL, &head, &out, &err));
  assert_int_equal(head.count, 4);
  assert_true(store_batch_read(db, own, 4, NULL, &head, &out, &err));
  assert_int_equal(head.count, 0);
  assert_true(store_batch_read(db, own, 6, NULL, &head, &out, &err));
  assert_int_equal(head.first_seq, 7);
  assert_int_equal(head.count, 1);
  db_close(db);
  buf_wipe(&out);
}

/* The signature over the first three went with the fourth.  The province stands in for it before their
 * author, and before nobody else: not before the province itself, nor before another branch. */
static void a_province_vouches_for_a_branchs_history_before_that_branch_alone(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct batch_head head;
  struct batch *batch = NULL;
  struct buf out = BUF_INIT;
  struct site other;
  lose(hub.path, own, 4, 1);
  site_reopen(&hub);
  assert_true(store_batch_read(hub.reader, own, 0, NULL, &head, &out, &err));
  assert_int_equal(head.count, 0);
  assert_true(store_vouch(hub.store, &err));
  assert_true(store_batch_read(hub.reader, own, 0, NULL, &head, &out, &err));
  assert_int_equal(head.count, 3);
  assert_true(batch_accept(&batch, node.reader, out.data, out.size, &err));
  assert_true(batch->vouched);
  batch_close(batch);
  assert_false(batch_accept(&batch, hub.reader, out.data, out.size, &err));
  assert_string_equal(err.rule, "signature");
  site_open(&other, "other", TONGLU, 1);
  sites_meet(&hub, &other);
  struct key key = {.author = CHUNAN, .epoch = 1, .since_ms = 1};
  memcpy(key.public_key, node.public_key, PUBLIC_SIZE);
  assert_true(store_key_add(other.store, &key, &err));
  assert_false(batch_accept(&batch, other.reader, out.data, out.size, &err));
  site_close(&other);
  buf_wipe(&out);
}

static void stock(const char *sql)
{
  struct err err = ERR_INIT;
  if (!site_commit(&node, 0, sql, NULL, &err)) fail_msg("%s", err.text);
}

/* What was built on the lost one was refused when the log was folded without it, and stays so: what turns up
 * is written behind it, and folded there ever after. */
static void the_fold_follows_the_order_of_writing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct rebuild_report report;
  struct db *db = NULL;
  site_reopen(&hub);
  stock("INSERT INTO stock VALUES(330127, (1 << 40) | (8 << 12), 'rice', 1)");
  stock("UPDATE stock SET qty = 2");
  stock("UPDATE stock SET qty = 3");
  site_pull(&hub, &node, own);
  assert_int_equal(site_int(&hub, "SELECT qty FROM stock"), 3);
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
  site_close(&hub);
  lose(hub.path, own, 9, 1);
  assert_true(db_open(&db, hub.path, DB_READ, &err));
  assert_true(db_copy(db, copy, &err));
  db_close(db);
  if (!rebuild_tables_from(copy, hub.path, 0, &report, &err)) fail_msg("%s", err.text);
  assert_int_equal(report.refused, 1);
  assert_int_equal(rename(copy, hub.path), 0);
  site_reopen(&hub);
  struct batch *again = site_batch(&node, own, 7, 0);
  struct apply_result result = site_apply(&hub, again);
  batch_close(again);
  assert_int_equal(result.taken, 1);
  assert_int_equal(site_int(&hub, "SELECT qty FROM stock"), 2);
  site_close(&hub);
  assert_int_equal(proved(hub.path).lost, 0);
  assert_true(db_open(&db, hub.path, DB_READ, &err));
  assert_true(db_copy(db, copy, &err));
  db_close(db);
  if (!rebuild_tables(copy, hub.path, &report, &err)) fail_msg("%s", err.text);
  assert_int_equal(report.missing + report.extra, 0);
}

/* What stands for it in an entry bundle names it and its hash; PROTOCOL 10.2. */
static void a_bundle_has_a_note_in_its_place(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct buf out = BUF_INIT;
  struct lost_leaf told, kept;
  bool is = false, lost = false;
  lose(hub.path, own, 2, 1);
  assert_true(db_open(&db, hub.path, DB_READ, &err));
  assert_true(lost_leaf_at(db, 1, &kept, &lost, &err));
  assert_true(lost);
  assert_true(tlog_tile(db, &(struct tile){TILE_ENTRIES, 0, 9}, 9, &out, &err));
  db_close(db);
  struct reader r = reader_of(out.data, out.size);
  for (int i = 0; i < 9; i++) {
    size_t n = 0;
    const uint8_t *bytes = get_vec16(&r, &n);
    assert_true(lost_leaf_decode(&told, bytes, n, &is, &err));
    assert_int_equal(is, i == 1);
    if (!is) continue;
    kept.pos = 0;
    assert_memory_equal(&told, &kept, sizeof told);
    assert_false(lost_leaf_decode(&told, bytes, n - 1, &is, &err));
  }
  assert_true(reader_done(&r));
  buf_wipe(&out);
}

/* What branches keep of the log goes on over it. */
static void a_mirror_counts_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  const uint8_t key[BOX_KEY_SIZE] = {1};
  struct buf out = BUF_INIT;
  struct mirror_reader reader;
  struct mirror_run run;
  uint64_t to = 9, pos = 0;
  lose(hub.path, own, 3, 2);
  lose(hub.path, shared, 2, 1);
  assert_true(db_open(&db, hub.path, DB_READ, &err));
  assert_true(mirror_of_log(db, TONGLU, key, 0, &to, &out, &err));
  db_close(db);
  assert_int_equal(to, 9);
  assert_true(mirror_open(&reader, out.data, out.size, &err));
  for (; mirror_next_run(&reader, &run); pos += run.count)
    assert_int_equal(run.first_pos, pos);
  assert_int_equal(pos, 9);
  buf_wipe(&out);
}

static void what_the_province_says_of_it_is_read_one_way(void **state)
{
  (void)state;
  static const struct {
    const char *action, *subject;
    uint32_t author;
    bool counts;
  } cases[] = {
      {"entry.lost", "330127/0/100+11", PROVINCE, true}, {"lost_leaf", "330127/0/100+11", CHUNAN, false},
      {"price", "330127/0/100+11", PROVINCE, false},     {"entry.lost", "330127/0/0100+11", PROVINCE, false},
      {"entry.lost", "330127/0/100", PROVINCE, false},   {"lost_leaf", "330127/0/100+11x", PROVINCE, false}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    struct lost_said said = {0};
    const struct record record = {.stream = {cases[i].author, cases[i].author},
                                  .action = name_of(cases[i].action),
                                  .subject = name_of(cases[i].subject)};
    lost_said_add(&said, PROVINCE, &record);
    assert_int_equal(lost_said_covers(&said, own, 110), cases[i].counts);
    assert_false(lost_said_covers(&said, own, 111));
    assert_false(lost_said_covers(&said, own, 99));
    assert_false(lost_said_covers(&said, shared, 100));
    lost_said_wipe(&said);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_first_of_a_stream, begin, end),
      cmocka_unit_test_setup_teardown(the_middle_of_a_batch, begin, end),
      cmocka_unit_test_setup_teardown(the_one_that_was_signed, begin, end),
      cmocka_unit_test_setup_teardown(the_whole_tail_of_a_stream, begin, end),
      cmocka_unit_test_setup_teardown(the_provinces_own, begin, end),
      cmocka_unit_test_setup_teardown(the_last_leaf_of_the_log, begin, end),
      cmocka_unit_test_setup_teardown(a_hole_that_is_no_leaf_of_the_log_is_a_fault, begin, end),
      cmocka_unit_test_setup_teardown(a_log_is_written_on_over_its_holes, begin, end),
      cmocka_unit_test_setup_teardown(streams_go_on_behind_a_lost_head, begin, end),
      cmocka_unit_test_setup_teardown(no_batch_reaches_over_a_hole, begin, end),
      cmocka_unit_test_setup_teardown(a_province_vouches_for_a_branchs_history_before_that_branch_alone,
                                      begin, end),
      cmocka_unit_test_setup_teardown(the_fold_follows_the_order_of_writing, begin, end),
      cmocka_unit_test_setup_teardown(a_bundle_has_a_note_in_its_place, begin, end),
      cmocka_unit_test_setup_teardown(a_mirror_counts_it, begin, end),
      cmocka_unit_test(what_the_province_says_of_it_is_read_one_way),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
