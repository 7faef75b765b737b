/* Holes of a log are walked over wherever a place is looked up: among what waits for an upgrade, below an act
 * of withholding, in a greeting; and what turned up in one is taken back only by an entry that stands. */
#include "forge.h"
#include "lose.h"

#include "core/base/capture.h"
#include "sync/exchange_node.h"
#include "sync/hole_aside.h"
#include "sync/lost_message.h"
#include "sync/rebuild.h"
#include "sync/restored.h"
#include "sync/store_log.h"
#include "sync/withholding.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0}, shared = {PROVINCE, 0};

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
  site_close(&node);
  site_close(&hub);
  fixture_end();
  return 0;
}

/* The province says of one place that nobody has what was there. */
static void told_lost(struct stream stream, uint64_t seq)
{
  struct err err = ERR_INIT;
  struct lost_message *lost = calloc(1, sizeof *lost);
  uint64_t through = 0;
  enum answer answer = ANSWER_END;
  assert_non_null(lost);
  *lost = (struct lost_message){.stream = stream, .first_seq = seq, .count = 1};
  lost->leaves[0] = (struct lost_leaf){
      .stream = stream, .seq = seq, .epoch = 1, .received_ms = FIXTURE_NOW_MS, .leaf = {{7}}};
  if (!store_lost_leaves(node.store, lost, FIXTURE_NOW_MS, &through, &answer, &err)) fail_msg("%s", err.text);
  free(lost);
}

static void upgraded(struct site *site)
{
  site_close(site);
  site->config.schema = 2;
  site_reopen(site);
}

static void what_waits_behind_a_hole_is_taken_after_an_upgrade(void **state)
{
  (void)state;
  struct buf rows[4] = {BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT};
  for (int i = 0; i < 4; i++) {
    char sql[120];
    snprintf(sql, sizeof sql, "INSERT INTO stock VALUES(330127, (1 << 40) | (%d << 12), 'a', 1)", i + 1);
    forge_payload(&rows[i], sql);
  }
  struct forgery f = {.stream = own, .first_seq = 1, .schema = 2};
  struct batch *batch = forge_batch(&hub, &f, rows, 4);
  assert_int_equal(site_apply(&hub, batch).parked, 4);
  batch_close(batch);
  site_close(&hub);
  lose(hub.path, own, 3, 1);
  hub.config.schema = 2;
  site_reopen(&hub);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 3);
  for (int i = 0; i < 4; i++)
    buf_wipe(&rows[i]);
}

static struct batch *forge_behind(uint64_t seq, uint32_t schema, const char *sql)
{
  struct err err = ERR_INIT;
  struct buf rows = BUF_INIT;
  struct head head;
  forge_payload(&rows, sql);
  assert_true(stream_head(hub.reader, own, &head, &err));
  struct forgery f = {.stream = own, .first_seq = seq, .schema = schema, .hlc = head.hlc + 1};
  memcpy(f.prev, head.hash, HASH_SIZE);
  struct batch *batch = forge_batch(&hub, &f, &rows, 1);
  buf_wipe(&rows);
  return batch;
}

/* Its stream waits for an upgrade, and it stood behind that: it is taken in its turn. */
static void what_turns_up_behind_what_waits_stays_behind_it(void **state)
{
  (void)state;
  struct batch *first = forge_behind(1, 2, "INSERT INTO stock VALUES(330127, (1 << 40) | (1 << 12), 'a', 1)");
  assert_int_equal(site_apply(&hub, first).parked, 1);
  struct batch *second =
      forge_behind(2, 0, "INSERT INTO stock VALUES(330127, (1 << 40) | (2 << 12), 'b', 1)");
  assert_int_equal(site_apply(&hub, second).parked, 1);
  site_close(&hub);
  lose(hub.path, own, 2, 1);
  site_reopen(&hub);
  assert_int_equal(site_apply(&hub, second).taken, 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 0);
  upgraded(&hub);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 1);
  assert_int_equal(site_apply(&hub, second).taken, 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM stock"), 2);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_quarantine WHERE state <> 'done'"), 0);
  batch_close(first);
  batch_close(second);
}

static void a_branch_takes_what_waits_before_a_hole(void **state)
{
  (void)state;
  struct buf row = BUF_INIT;
  forge_payload(&row, "INSERT INTO product VALUES(5, 'salt', 'kg', NULL, 1.0)");
  struct forgery f = {.stream = shared, .first_seq = 1, .schema = 2};
  struct batch *batch = forge_batch(&node, &f, &row, 1);
  assert_int_equal(site_apply(&node, batch).parked, 1);
  batch_close(batch);
  told_lost(shared, 2);
  upgraded(&node);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM product"), 1);
  buf_wipe(&row);
}

static bool do_withhold(struct tx *tx, void *ctx, struct err *err)
{
  const struct withholding act = {
      .no = "", .rule = "pipl_47", .reason = "asked", .request = 1, .asked_by = "curator", .asked_ms = 1};
  int64_t pos = -1;
  return stream_find(tx->db, own, *(const uint64_t *)ctx, &pos, err) && withholding_add(tx, pos, &act, err);
}

/* A hole stood in its place and went aside; the entry that is there since is withheld by an act of the
 * province. */
static void an_act_reaches_a_place_where_a_hole_was(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  uint64_t seq = 4;
  for (int i = 0; i < 3; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, own);
  told_lost(own, seq);
  assert_true(store_hole_aside(node.store, seq, FIXTURE_NOW_MS, &err));
  assert_true(store_heard(node.store, FIXTURE_NOW_MS, &err));
  site_record_price(&node, 4);
  assert_int_equal(site_pull(&hub, &node, own).outcome, OUTCOME_TAKEN);
  const struct act act = {.actor = "chief", .role = "admin", .action = "withhold", .now_ms = FIXTURE_NOW_MS};
  if (!store_commit(hub.store, &act, do_withhold, &seq, NULL, &err)) fail_msg("%s", err.text);
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(5, 'salt', 'kg', NULL, 1.0)", NULL, &err));
  assert_int_equal(site_pull(&node, &hub, shared).outcome, OUTCOME_TAKEN);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM product"), 1);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 3); /* the withheld one is gone here too */
  assert_true(site_verifies(&node));
}

static void greets(void)
{
  struct err err = ERR_INIT;
  struct exchange_node *x = NULL;
  const struct exchange_node_config config = {.store = node.store, .db = node.reader, .program = "1.0.0"};
  const struct moment now = {.mono_ms = 1000, .wall_ms = FIXTURE_NOW_MS};
  assert_true(exchange_node_open(&x, &config, now, &err));
  if (exchange_node_ended(x)) fail_msg("%s", exchange_node_facts(x)->why.text);
  exchange_node_close(x);
}

/* ... which it asks for by naming what it has whole before it. */
static void a_branch_greets_that_lacks_content_behind_a_hole(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  for (int i = 1; i < 4; i++) {
    char sql[100];
    snprintf(sql, sizeof sql, "INSERT INTO product VALUES(%d, 'tea%d', 'kg', NULL, 1.0)", 10 + i, i);
    if (!site_commit(&hub, 0, sql, NULL, &err)) fail_msg("%s", err.text);
  }
  struct batch *first = site_batch(&hub, shared, 0, 1);
  assert_int_equal(site_apply(&node, first).outcome, OUTCOME_TAKEN);
  batch_close(first);
  site_close(&hub);
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db, "UPDATE sync_entry SET payload = NULL WHERE pos = 2", &err));
  db_close(db);
  lose(hub.path, shared, 2, 1);
  site_reopen(&hub);
  struct lost_message *lost = calloc(1, sizeof *lost);
  assert_non_null(lost);
  uint64_t through = 0;
  enum answer answer = ANSWER_END;
  assert_true(lost_message_read(hub.reader, shared, 1, lost, &err));
  assert_true(store_lost_leaves(node.store, lost, FIXTURE_NOW_MS, &through, &answer, &err));
  free(lost);
  greets();
  struct batch *third = site_batch(&hub, shared, 2, 0);
  assert_int_equal(site_apply(&node, third).quarantined, 1);
  batch_close(third);
  greets();
  struct head head;
  assert_true(hole_before(node.reader, shared, 2, &head, &err));
  assert_int_equal(head.seq, 1);
}

/* Nothing whole stands before a hole in the first place: it greets as one who has nothing. */
static void a_lane_of_holes_alone_has_no_head(void **state)
{
  static const struct head none;
  struct err err = ERR_INIT;
  struct head head;
  (void)state;
  told_lost(shared, 1);
  told_lost(shared, 2);
  assert_true(hole_head(node.reader, shared, &head, &err));
  assert_memory_equal(&head, &none, sizeof none);
  greets();
}

static void copy_file(const char *from, const char *to)
{
  char command[1200];
  snprintf(command, sizeof command, "cp %s %s && rm -f %s-wal %s-shm", from, to, to, to);
  assert_int_equal(system(command), 0);
}

/* The third names the second, and what is said to be lost there is another: its disk went back once. */
static void what_its_successor_does_not_name_fills_no_hole(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct site other_hub;
  struct db *db = NULL;
  char copy[200], sql[300];
  snprintf(copy, sizeof copy, "%s/copy.db", fixture_folder());
  site_open(&other_hub, "other_hub", PROVINCE, 1);
  sites_meet(&other_hub, &node);
  site_record_price(&node, 1);
  site_close(&node);
  copy_file(node.path, copy);
  site_reopen(&node);
  site_record_price(&node, 2);
  site_record_price(&node, 3);
  site_pull(&hub, &node, own);
  site_close(&node);
  copy_file(copy, node.path);
  site_reopen(&node);
  site_record_price(&node, 22);
  struct batch *other = site_batch(&node, own, 1, 0);
  site_pull(&other_hub, &node, own);
  site_close(&hub);
  site_close(&other_hub);
  lose(hub.path, own, 2, 1);
  lose(other_hub.path, own, 2, 1);
  snprintf(sql, sizeof sql,
           "ATTACH '%s' AS o; UPDATE sync_lost_leaf SET leaf = (SELECT leaf FROM o.sync_lost_leaf);",
           other_hub.path);
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  if (!db_exec(db, sql, &err)) fail_msg("%s", err.text);
  db_close(db);
  site_reopen(&hub);
  assert_int_equal(site_apply(&hub, other).taken, 0);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_lost_leaf WHERE found_ms = 0"), 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price WHERE no LIKE '%-0022'"), 0);
  batch_close(other);
}

/* Entry 2 of the branch is lost, the tables are made anew from what is left, and then it turns up. */
static void two_turns_up(struct batch *all)
{
  struct err err = ERR_INIT;
  struct rebuild_report report;
  struct db *db = NULL;
  char copy[200];
  snprintf(copy, sizeof copy, "%s/copy.db", fixture_folder());
  site_pull(&hub, &node, own);
  site_close(&hub);
  lose(hub.path, own, 2, 1);
  assert_true(db_open(&db, hub.path, DB_READ, &err));
  assert_true(db_copy(db, copy, &err));
  db_close(db);
  if (!rebuild_tables(copy, hub.path, &report, &err)) fail_msg("%s", err.text);
  assert_int_equal(rename(copy, hub.path), 0);
  site_reopen(&hub);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 2);
  site_apply(&hub, all);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 3);
}

/* "I am entry 2 once more", with a row that no branch may write. */
static void forge_again(struct buf *out)
{
  static const char *const tables[] = {"stock", "journaled_again"};
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct capture *capture = NULL;
  struct logged two;
  struct buf keep = BUF_INIT;
  int64_t pos = -1;
  char path[200], hex[2 * HASH_SIZE + 1], sql[300];
  snprintf(path, sizeof path, "%s/forge_again.db", fixture_folder());
  assert_true(stream_find(node.reader, own, 2, &pos, &err) &&
              entry_read(node.reader, pos, &two, &keep, &err));
  hex_encode(hex, two.hash, HASH_SIZE);
  snprintf(sql, sizeof sql,
           "INSERT INTO journaled_again VALUES(330127, (1 << 40) | (4 << 12), x'%s');"
           " INSERT INTO stock VALUES(330127, 77, 'a', 1)",
           hex);
  site_migrate(path);
  assert_true(db_open(&db, path, DB_WRITE, &err) && capture_open(&capture, db, tables, 2, &err));
  capture_begin(capture);
  if (!db_exec(db, sql, &err) || !capture_end(capture, out, &err)) fail_msg("%s", err.text);
  capture_close(capture);
  db_close(db);
  buf_wipe(&keep);
}

static void what_turned_up_stays_when_the_entry_that_names_it_is_refused(void **state)
{
  (void)state;
  struct buf rows = BUF_INIT;
  struct head head;
  struct err err = ERR_INIT;
  for (int i = 0; i < 3; i++)
    site_record_price(&node, i);
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, &err));
  struct batch *all = site_batch(&node, own, 0, 0);
  two_turns_up(all);
  forge_again(&rows);
  assert_true(stream_head(hub.reader, own, &head, &err));
  struct forgery f = {.stream = own, .first_seq = 4, .hlc = head.hlc + 1};
  memcpy(f.prev, head.hash, HASH_SIZE);
  struct batch *batch = forge_batch(&hub, &f, &rows, 1);
  assert_int_equal(site_apply(&hub, batch).quarantined, 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 3);
  assert_true(site_verifies(&hub));
  batch_close(batch);
  batch_close(all);
  buf_wipe(&rows);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_waits_behind_a_hole_is_taken_after_an_upgrade, begin, end),
      cmocka_unit_test_setup_teardown(what_turns_up_behind_what_waits_stays_behind_it, begin, end),
      cmocka_unit_test_setup_teardown(a_branch_takes_what_waits_before_a_hole, begin, end),
      cmocka_unit_test_setup_teardown(an_act_reaches_a_place_where_a_hole_was, begin, end),
      cmocka_unit_test_setup_teardown(a_branch_greets_that_lacks_content_behind_a_hole, begin, end),
      cmocka_unit_test_setup_teardown(a_lane_of_holes_alone_has_no_head, begin, end),
      cmocka_unit_test_setup_teardown(what_its_successor_does_not_name_fills_no_hole, begin, end),
      cmocka_unit_test_setup_teardown(what_turned_up_stays_when_the_entry_that_names_it_is_refused, begin,
                                      end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
