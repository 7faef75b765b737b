/* A log that is cut back: what goes is kept whole, and forgotten when the same comes back. */
#include "forge.h"

#include "core/base/capture.h"
#include "sync/cut.h"
#include "sync/late.h"
#include "sync/rebuild.h"
#include "sync/settle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <string.h>

enum { STAYS = 4, ALL = 8 };

static const struct stream from_chunan = {CHUNAN, 0}, from_tonglu = {TONGLU, 0};
static struct site hub, chunan, tonglu;
static struct db *db; /* of the hub's file, which its store has left */

static void write_to_tonglu(uint32_t schema)
{
  struct buf payload = BUF_INIT;
  struct err err = ERR_INIT;
  struct head head;
  assert_true(stream_head(hub.reader, from_tonglu, &head, &err));
  forge_payload(&payload, "UPDATE price SET price_fen = 200 WHERE id = 1");
  struct forgery f = {
      .stream = from_tonglu, .first_seq = head.seq + 1, .schema = schema, .hlc = head.hlc + (1 << 20)};
  memcpy(f.prev, head.hash, HASH_SIZE);
  struct batch *batch = forge_batch(&hub, &f, &payload, 1);
  struct apply_result result = site_apply(&hub, batch);
  assert_int_equal(result.outcome, OUTCOME_TAKEN);
  assert_int_equal(result.quarantined + result.parked, 1);
  batch_close(batch);
  buf_wipe(&payload);
}

/* Four leaves that a branch has cosigned, and behind them one of that branch, one of the province, one that
 * was refused and one that waits. */
static int begin(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&chunan, "chunan", CHUNAN, 1);
  site_open(&tonglu, "tonglu", TONGLU, 1);
  sites_meet(&hub, &chunan);
  sites_meet(&hub, &tonglu);
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0)", NULL, &err));
  for (int i = 1; i <= 3; i++)
    site_record_price(&chunan, i);
  site_pull(&hub, &chunan, from_chunan);
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
  site_record_price(&chunan, 4);
  site_pull(&hub, &chunan, from_chunan);
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(2, 'rice', 'kg', NULL, 1.0)", NULL, &err));
  write_to_tonglu(0);
  write_to_tonglu(2);
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_entry"), ALL);
  site_close(&hub);
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db,
                      "INSERT INTO sync_cosigner(name, key_id, size, time_s) VALUES"
                      " ('330127.sunlit/witness', x'01020304', 4, 1),"
                      " ('330122.sunlit/witness', x'01020304', 3, 1)," /* no checkpoint is kept of it */
                      " ('witness.example', x'01020304', 8, 1)",
                      &err));
  return 0;
}

static int end(void **state)
{
  (void)state;
  db_close(db);
  site_close(&chunan);
  site_close(&tonglu);
  site_close(&hub);
  fixture_end();
  return 0;
}

static int64_t count(const char *sql)
{
  struct err err = ERR_INIT;
  int64_t n = 0;
  assert_true(db_int(db, sql, -1, &n, &err));
  return n;
}

static void the_place_is_the_largest_size_that_a_branch_has_cosigned(void **state)
{
  struct err err = ERR_INIT;
  uint64_t size = 1;
  (void)state;
  assert_true(cut_place(db, INT64_MAX, &size, &err));
  assert_int_equal(size, STAYS);
  assert_true(cut_place(db, STAYS + 1, &size, &err));
  assert_int_equal(size, STAYS);
  assert_true(cut_place(db, STAYS, &size, &err));
  assert_int_equal(size, 0);
}

static void what_is_cut_is_kept_whole(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  assert_true(db_exec(db, "CREATE TEMP TABLE was AS SELECT * FROM sync_entry", &err));
  assert_true(cut_log(hub.path, STAYS, FIXTURE_NOW_MS + 5, &err));
  assert_int_equal(count("SELECT count(*) FROM sync_entry"), STAYS);
  assert_int_equal(count("SELECT max(pos) FROM sync_entry"), STAYS - 1);
  assert_int_equal(count("SELECT count(*) FROM sync_aside a JOIN was w ON w.record = a.record AND"
                         " w.payload = a.payload WHERE w.pos >= 4"),
                   ALL - STAYS);
  assert_int_equal(count("SELECT count(*) FROM sync_aside"), ALL - STAYS);
  assert_int_equal(count("SELECT count(DISTINCT cut) FROM sync_aside"), 1);
  assert_int_equal(count("SELECT cut = min(id) FROM sync_aside"), 1);
  /* Its own come again by itself, those of branches by their branches. */
  assert_int_equal(count("SELECT author FROM sync_aside WHERE state = 'waiting'"), PROVINCE);
  assert_int_equal(count("SELECT count(*) FROM sync_aside WHERE state = 'kept'"), 3);
  assert_int_equal(count("SELECT seq FROM sync_aside WHERE author = 330127"), 4);
}

static void what_was_known_of_the_leaves_goes_with_them(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  assert_int_equal(count("SELECT count(*) FROM sync_stream WHERE waiting_seq > 0"), 1);
  assert_true(cut_log(hub.path, STAYS, FIXTURE_NOW_MS, &err));
  assert_int_equal(count("SELECT max(size) FROM sync_checkpoint"), STAYS);
  assert_int_equal(count("SELECT max(size) FROM sync_cosigner"), STAYS);
  assert_int_equal(count("SELECT count(*) FROM sync_quarantine"), 0);
  assert_int_equal(count("SELECT count(*) FROM sync_stream WHERE waiting_seq > 0"), 0);
  assert_int_equal(count("SELECT max(first_pos + count) FROM sync_span"), STAYS);
}

static void cut_and_go_on(void)
{
  struct err err = ERR_INIT;
  struct rebuild_report report;
  char was[200];
  snprintf(was, sizeof was, "%s.was", hub.path);
  assert_true(db_copy(db, was, &err));
  assert_true(cut_log(hub.path, STAYS, FIXTURE_NOW_MS, &err));
  assert_true(rebuild_tables_from(hub.path, was, STAYS, &report, &err));
  site_reopen(&hub);
}

static const char of_chunan[] = "SELECT count(*) FROM sync_aside WHERE author = 330127";

/* The log is written on: the branch's entry stands in it again; in the place of tonglu's first is another. */
static void what_stands_in_the_log_again_is_aside_no_more(void **state)
{
  (void)state;
  cut_and_go_on();
  assert_int_equal(site_int(&hub, of_chunan), 1);
  assert_int_equal(site_pull(&hub, &chunan, from_chunan).through_seq, 4);
  assert_int_equal(site_int(&hub, of_chunan), 0); /* at once */
  site_record_price(&tonglu, 7);
  assert_int_equal(site_pull(&hub, &tonglu, from_tonglu).through_seq, 1);
  site_close(&hub);
  assert_int_equal(count("SELECT count(*) FROM sync_aside WHERE author = 330122"), 2);
  /* The province's own was journaled again when it opened. */
  assert_int_equal(count("SELECT count(*) FROM sync_aside WHERE author = 330000 AND state = 'again'"), 1);
  assert_int_equal(count("SELECT count(*) FROM product WHERE name = 'rice'"), 1);
}

/* Rows of a release that settled nothing afterwards. */
static void what_came_again_before_is_settled_at_start(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  cut_and_go_on();
  assert_true(db_exec(db, "CREATE TABLE kept AS SELECT * FROM sync_aside WHERE author = 330127", &err));
  assert_int_equal(site_pull(&hub, &chunan, from_chunan).through_seq, 4);
  site_close(&hub);
  assert_true(db_exec(db, "INSERT INTO sync_aside SELECT * FROM kept", &err));
  site_reopen(&hub);
  site_close(&hub);
  assert_int_equal(count(of_chunan), 0);
  assert_int_equal(count("SELECT count(*) FROM sync_aside WHERE author = 330122"), 2);
}

/* A stick that brings it once more after that. */
static void what_stands_in_the_log_is_not_put_aside_again(void **state)
{
  struct err err = ERR_INIT;
  struct batch *batch = site_batch(&chunan, from_chunan, 3, 0);
  (void)state;
  cut_and_go_on();
  assert_int_equal(site_pull(&hub, &chunan, from_chunan).through_seq, 4);
  assert_true(store_late(hub.store, batch, FIXTURE_NOW_MS, &err));
  assert_int_equal(site_int(&hub, of_chunan), 0);
  batch_close(batch);
}

/* What the log has without its payload is kept where the payload is. */
static void a_payload_that_the_log_has_not_stays_aside(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  cut_and_go_on();
  assert_true(db_exec(db, "CREATE TABLE kept AS SELECT * FROM sync_aside WHERE author = 330127", &err));
  assert_int_equal(site_pull(&hub, &chunan, from_chunan).through_seq, 4);
  site_close(&hub);
  assert_true(db_exec(db,
                      "INSERT INTO sync_aside SELECT * FROM kept; UPDATE sync_entry SET payload = NULL"
                      " WHERE record IN (SELECT record FROM kept)",
                      &err));
  assert_true(cut_settle(hub.path, &err));
  assert_int_equal(count(of_chunan), 1);
  assert_true(db_exec(db, "UPDATE sync_aside SET payload = NULL WHERE author = 330127", &err));
  assert_true(cut_settle(hub.path, &err));
  assert_int_equal(count(of_chunan), 0);
}

/* The same when it is taken: the branch has the act that withheld it. */
static void an_entry_that_comes_without_its_payload_leaves_it_aside(void **state)
{
  struct err err = ERR_INIT;
  struct batch *batch = site_batch(&chunan, from_chunan, 3, 0);
  (void)state;
  cut_and_go_on();
  struct batch_entry entry = batch->entries[4 - batch->head.first_seq];
  const uint8_t *payload = entry.payload;
  entry.payload = NULL;
  assert_true(settle_entry(db, from_chunan, 4, &entry, &err));
  assert_int_equal(count(of_chunan), 1);
  entry.payload = payload;
  assert_true(settle_entry(db, from_chunan, 4, &entry, &err));
  assert_int_equal(count(of_chunan), 0);
  batch_close(batch);
}

/* "I am that entry once more." */
static void forge_again(struct buf *out)
{
  static const char *const tables[] = {"journaled_again"};
  struct err err = ERR_INIT;
  struct db *forge = NULL;
  struct capture *capture = NULL;
  struct logged entry;
  struct buf keep = BUF_INIT;
  int64_t pos = -1;
  char path[200], hex[2 * HASH_SIZE + 1], sql[200];
  snprintf(path, sizeof path, "%s/forge_again.db", fixture_folder());
  assert_true(stream_find(chunan.reader, from_chunan, 4, &pos, &err) &&
              entry_read(chunan.reader, pos, &entry, &keep, &err));
  hex_encode(hex, entry.hash, HASH_SIZE);
  snprintf(sql, sizeof sql, "INSERT INTO journaled_again VALUES(330127, (1 << 40) | (5 << 12), x'%s')", hex);
  site_migrate(path);
  assert_true(db_open(&forge, path, DB_WRITE, &err) && capture_open(&capture, forge, tables, 1, &err));
  capture_begin(capture);
  assert_true(db_exec(forge, sql, &err) && capture_end(capture, out, &err));
  assert_true(db_exec(db, "DROP TRIGGER IF EXISTS sunlit_guard_journaled_again_INSERT", &err) &&
              db_exec(db, sql, &err));
  capture_close(capture);
  db_close(forge);
  buf_wipe(&keep);
}

/* The branch has recorded it again; what was cut off with its content is in the log nowhere. */
static void what_was_kept_whole_stays_when_it_is_recorded_again(void **state)
{
  struct err err = ERR_INIT;
  struct buf again = BUF_INIT;
  (void)state;
  cut_and_go_on();
  site_close(&hub);
  forge_again(&again);
  for (int name = 0; name < 2; name++) { /* then as it were a name alone */
    if (name) assert_true(db_exec(db, "UPDATE sync_aside SET payload = NULL WHERE author = 330127", &err));
    assert_true(settle_again(db, from_chunan, again.data, again.size, &err));
    assert_int_equal(count(of_chunan), !name);
  }
  buf_wipe(&again);
}

static void nor_does_it_go_at_the_next_start(void **state)
{
  struct err err = ERR_INIT;
  struct buf again = BUF_INIT;
  (void)state;
  cut_and_go_on();
  site_close(&hub);
  forge_again(&again);
  assert_true(cut_settle(hub.path, &err));
  assert_int_equal(count(of_chunan), 1);
  assert_true(db_exec(db, "UPDATE sync_aside SET payload = NULL WHERE author = 330127", &err));
  assert_true(cut_settle(hub.path, &err));
  assert_int_equal(count(of_chunan), 0);
  buf_wipe(&again);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_place_is_the_largest_size_that_a_branch_has_cosigned, begin, end),
      cmocka_unit_test_setup_teardown(what_is_cut_is_kept_whole, begin, end),
      cmocka_unit_test_setup_teardown(what_was_known_of_the_leaves_goes_with_them, begin, end),
      cmocka_unit_test_setup_teardown(what_stands_in_the_log_again_is_aside_no_more, begin, end),
      cmocka_unit_test_setup_teardown(what_came_again_before_is_settled_at_start, begin, end),
      cmocka_unit_test_setup_teardown(what_stands_in_the_log_is_not_put_aside_again, begin, end),
      cmocka_unit_test_setup_teardown(a_payload_that_the_log_has_not_stays_aside, begin, end),
      cmocka_unit_test_setup_teardown(an_entry_that_comes_without_its_payload_leaves_it_aside, begin, end),
      cmocka_unit_test_setup_teardown(what_was_kept_whole_stays_when_it_is_recorded_again, begin, end),
      cmocka_unit_test_setup_teardown(nor_does_it_go_at_the_next_start, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
