/* Tables that were tampered with come back from the log; a log that was, does not pass for the truth. */
#include "forge.h"

#include "sync/rebuild.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0};
static char copy[200];

static int begin(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fixture_pair(&hub, &node);
  for (int i = 0; i < 4; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, own);
  assert_true(site_commit(&hub, 0, "INSERT INTO product VALUES(1, 'tea', 'kg', NULL, 1.0)", NULL, &err));
  struct batch *bad = forge_next(&hub, own, "INSERT INTO product VALUES(9, 'stolen', 'kg', NULL, NULL)");
  assert_int_equal(site_apply(&hub, bad).quarantined, 1);
  batch_close(bad);
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, &err));
  site_close(&hub);
  snprintf(copy, sizeof copy, "%s/copy.db", fixture_folder());
  return 0;
}

static int end(void **state)
{
  (void)state;
  site_close(&node);
  fixture_end();
  return 0;
}

/* As somebody with the file would: without the store, its guards dropped. */
static void tamper(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(
      db_exec(db, "CREATE TEMP TABLE t AS SELECT name FROM sqlite_schema WHERE type = 'trigger'", &err));
  struct buf drop = BUF_INIT;
  struct query q = query_open(db, "SELECT name FROM t", &err);
  while (query_row(&q)) {
    put_text(&drop, "DROP TRIGGER \"");
    put_text(&drop, column_text(&q, 0));
    put_text(&drop, "\";");
  }
  assert_true(query_close(&q));
  put_u8(&drop, 0);
  assert_true(db_exec(db, (const char *)drop.data, &err));
  buf_wipe(&drop);
  assert_true(db_exec(db, sql, &err));
  db_close(db);
}

static bool rebuild(struct rebuild_report *report, struct err *err)
{
  struct db *db = NULL;
  assert_true(db_open(&db, hub.path, DB_READ, err));
  assert_true(db_copy(db, copy, err));
  db_close(db);
  return rebuild_tables(copy, hub.path, report, err);
}

static uint64_t faults(const char *path)
{
  struct verify_report report = {0};
  struct err err = ERR_INIT;
  assert_true(store_verify(path, &report, &err));
  buf_wipe(&report.text);
  return report.faults;
}

static void tampered_tables_come_back_from_the_log(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct rebuild_report report;
  tamper("UPDATE price SET price_fen = price_fen + 1 WHERE id = (SELECT min(id) FROM price);"
         "DELETE FROM product; INSERT INTO product VALUES(7, 'never', 'kg', NULL, NULL);");
  assert_true(faults(hub.path) > 0);
  assert_true(rebuild(&report, &err));
  assert_int_equal(report.missing, 2);
  assert_int_equal(report.extra, 2);
  assert_true(report.log_size > 0);
  assert_int_equal(report.folded, report.entries - 1); /* what was refused stays refused */
  assert_int_equal(faults(copy), 0);
  /* And it opens, guarded again. */
  assert_int_equal(rename(copy, hub.path), 0);
  site_reopen(&hub);
  assert_false(site_local(&hub, "DELETE FROM price", NULL));
  site_close(&hub);
}

static void whole_tables_stay_as_they_are(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct rebuild_report report;
  assert_true(rebuild(&report, &err));
  assert_int_equal(report.missing + report.extra, 0);
  assert_int_equal(faults(copy), 0);
}

static void a_log_that_is_not_the_signed_one_is_refused(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct rebuild_report report;
  tamper("UPDATE sync_entry SET received_ms = received_ms + 1 WHERE pos = 2");
  assert_false(rebuild(&report, &err));
  assert_string_equal(err.rule, "log_rewritten");
}

/* As what branches gave back to a province is: judged as if it came now, by the rules that the log shows. */
static void what_is_new_to_it_is_held_to_the_rules_of_its_place(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct rebuild_report report;
  tamper("INSERT INTO column_rule VALUES('price', 'price_fen', 'number', 1, 1, '', 1)");
  site_reopen(&hub);
  struct batch *dear = forge_next(&hub, own,
                                  "INSERT INTO price SELECT 330127, (1 << 40) | (6 << 12), 'x', 1, 2, 'kg', "
                                  "NULL, NULL, 'market', 20261101, '', NULL, 0, 0, 'a', 1");
  assert_int_equal(site_apply(&hub, dear).quarantined, 1);
  batch_close(dear);
  site_close(&hub);
  assert_true(db_open(&db, hub.path, DB_READ, &err));
  assert_true(db_copy(db, copy, &err));
  db_close(db);
  assert_true(db_open(&db, copy, DB_WRITE, &err));
  assert_true(db_exec(db, "DELETE FROM sync_quarantine", &err));
  db_close(db);
  assert_true(rebuild_tables_from(copy, hub.path, 4, &report, &err));
  assert_int_equal(report.missing + report.extra, 0);
  assert_int_equal(report.refused, 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(tampered_tables_come_back_from_the_log, begin, end),
      cmocka_unit_test_setup_teardown(whole_tables_stay_as_they_are, begin, end),
      cmocka_unit_test_setup_teardown(a_log_that_is_not_the_signed_one_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(what_is_new_to_it_is_held_to_the_rules_of_its_place, begin, end),
  };
  if (!crypto_start(NULL)) return 1;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
