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

#include <stdio.h>
#include <string.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0};

static int begin(void **state)
{
  (void)state;
  fixture_pair(&hub, &node);
  site_record_price(&node, 1);
  return 0;
}

static int end(void **state)
{
  (void)state;
  fixture_pair_end(&hub, &node);
  return 0;
}

static void settle(uint32_t branch, const char *serial)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_begin(db, &err));
  assert_true(stranger_settle(db, branch, serial, FIXTURE_NOW_MS, &err));
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

static bool is_settled(uint32_t branch, const char *serial)
{
  struct err err = ERR_INIT;
  bool settled = false;
  assert_true(stranger_is_settled(hub.reader, branch, serial, &settled, &err));
  return settled;
}

static void what_was_settled_stops_nothing_and_the_next_one_does(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool first = false;
  assert_true(store_stranger(hub.store, CHUNAN, "4a", FIXTURE_NOW_MS, &first, &err));
  settle(TONGLU, "4b");
  assert_true(store_writable(hub.store, &err));
  assert_true(is_settled(CHUNAN, "4a"));
  assert_true(is_settled(TONGLU, "4b"));
  assert_true(store_stranger(hub.store, CHUNAN, "4a", FIXTURE_NOW_MS, &first, &err));
  assert_false(first);
  assert_true(store_stranger(hub.store, TONGLU, "4b", FIXTURE_NOW_MS, &first, &err));
  assert_false(first);
  assert_true(store_writable(hub.store, &err));
  /* The disk went back once more: one that was given since is as good a sign as the first. */
  assert_false(is_settled(CHUNAN, "4c"));
  assert_true(store_stranger(hub.store, CHUNAN, "4c", FIXTURE_NOW_MS, &first, &err));
  assert_true(first);
  adds_nothing();
  settle(CHUNAN, "4c");
  assert_true(store_writable(hub.store, &err));
  assert_true(is_settled(CHUNAN, "4a"));
  assert_true(store_stranger(hub.store, 330902, "4d", FIXTURE_NOW_MS, &first, &err));
  assert_true(first);
  adds_nothing();
}

/* A table of before said it of a branch, of any certificate: that is forgotten, and what stops goes on to. */
static void what_was_said_of_a_whole_branch_is_forgotten(void **state)
{
  (void)state;
  extern const unsigned char sync_schema_14[];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db,
                      "DROP TABLE sync_stranger;"
                      "CREATE TABLE sync_stranger(branch INTEGER PRIMARY KEY NOT NULL, serial TEXT NOT NULL,"
                      " at_ms INTEGER NOT NULL, settled INTEGER NOT NULL) STRICT;"
                      "INSERT INTO sync_stranger VALUES(330127, '', 1, 1), (330122, '4b', 1, 0)",
                      &err));
  assert_true(db_exec(db, (const char *)sync_schema_14, &err));
  db_close(db);
  site_reopen(&hub);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_stranger"), 1);
  adds_nothing();
}

static void write_product(int n)
{
  struct err err = ERR_INIT;
  struct done done;
  char sql[100];
  (void)snprintf(sql, sizeof sql, "INSERT INTO product VALUES(%d, 'tea %d', 'kg', NULL, 1.0)", n, n);
  if (!site_commit(&hub, 0, sql, &done, &err)) fail_msg("%s", err.text);
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
}

/* What a branch keeps of it. */
static void newest_checkpoint(char note[2000])
{
  struct query q =
      query_open(hub.reader, "SELECT note FROM sync_checkpoint ORDER BY size DESC LIMIT 1", NULL);
  assert_true(query_row(&q));
  (void)snprintf(note, 2000, "%s", column_text(&q, 0));
  assert_true(query_close(&q));
}

static bool shown(const char *note)
{
  struct err err = ERR_INIT;
  bool rolled_back = false;
  if (!store_witnessed(hub.store, CHUNAN, note, strlen(note), FIXTURE_NOW_MS, &rolled_back, &err))
    fail_msg("%s", err.text);
  return rolled_back;
}

/* A branch that has seen nothing of the log verifies that, and its cosignature comes. */
static void witnesses(struct site *branch, const char *note)
{
  struct err err = ERR_INIT, why = ERR_INIT;
  struct buf line = BUF_INIT;
  enum witness_verdict verdict = WITNESS_UNKNOWN;
  struct cosignature came = {.heard_ms = FIXTURE_NOW_MS};
  const struct checkpoint_message m = {.note = {(const uint8_t *)note, strlen(note)}};
  assert_true(store_witness(branch->store, &m, FIXTURE_NOW_MS, &verdict, &why, &err));
  assert_int_equal(verdict, WITNESS_TAKEN);
  assert_true(store_cosign(branch->store, FIXTURE_NOW_MS, &came.size, &line, &err));
  came.line = line.data;
  came.line_size = line.size;
  if (!store_cosignature(hub.store, branch->author, &came, &err)) fail_msg("%s", err.text);
  buf_wipe(&line);
}

/* The file of one leaf is put back when two were signed, and then written on: shorter, as long again, longer.
 */
static void a_log_that_was_written_on_after_it_went_back_is_another_one(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char one[2000], two[2000], copy[200];
  struct db *db = NULL;
  struct site early, late;
  site_open(&early, "early", TONGLU, 1);
  site_open(&late, "late", 330902, 1);
  sites_meet(&hub, &early);
  sites_meet(&hub, &late);
  write_product(1);
  newest_checkpoint(one);
  (void)snprintf(copy, sizeof copy, "%s.copy", hub.path);
  assert_true(db_open(&db, hub.path, DB_READ, &err) && db_copy(db, copy, &err));
  db_close(db);
  write_product(2);
  newest_checkpoint(two);
  assert_false(shown(one) || shown(two));
  for (int more = 0; more < 3; more++) {
    assert_true(db_open(&db, copy, DB_READ, &err));
    site_close(&hub);
    (void)remove(hub.path);
    assert_true(db_copy(db, hub.path, &err));
    db_close(db);
    site_reopen(&hub);
    for (int i = 0; i < more; i++)
      write_product(3 + i);
    assert_false(shown(one));
    assert_true(store_writable(hub.store, &err));
    assert_true(shown(two));
    adds_nothing();
    site_reopen(&hub);
    adds_nothing();
  }
  /* Another branch witnesses this one as far: it is the log, at once and after a start. */
  witnesses(&early, one);
  adds_nothing();
  newest_checkpoint(one);
  witnesses(&late, one);
  assert_true(store_writable(hub.store, &err));
  assert_false(shown(two));
  site_reopen(&hub);
  assert_true(store_writable(hub.store, &err));
  assert_false(shown(two));
  site_close(&late);
  site_close(&early);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_certificate_of_ours_that_is_unknown_stops_what_adds_to_the_log, begin,
                                      end),
      cmocka_unit_test_setup_teardown(what_was_settled_stops_nothing_and_the_next_one_does, begin, end),
      cmocka_unit_test_setup_teardown(what_was_said_of_a_whole_branch_is_forgotten, begin, end),
      cmocka_unit_test_setup_teardown(a_log_that_was_written_on_after_it_went_back_is_another_one, begin,
                                      end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
