/* Each way a file can be made to lie is found and named by the proof. */
#include "forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0};

/* A hub with entries of its own and of a branch, one of them quarantined, closed. */
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
  site_close(&hub);
  return 0;
}

static int end(void **state)
{
  (void)state;
  site_close(&node);
  fixture_end();
  return 0;
}

static void verify(struct verify_report *report)
{
  struct err err = ERR_INIT;
  bool looked = store_verify(hub.path, report, &err);
  if (!looked) print_message("%s\n", err.text);
  assert_true(looked);
}

/* Tampers as somebody with the file would: without the store, its guards dropped. */
static void tamper(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db,
                      "DROP TRIGGER sunlit_guard_price_INSERT; DROP TRIGGER sunlit_guard_price_UPDATE;"
                      "DROP TRIGGER sunlit_guard_price_DELETE; DROP TRIGGER sunlit_guard_product_INSERT",
                      &err));
  bool ok = db_exec(db, sql, &err);
  if (!ok) print_message("%s\n", err.text);
  assert_true(ok);
  db_close(db);
}

static void an_honest_file_is_proved(void **state)
{
  (void)state;
  struct verify_report report;
  verify(&report);
  assert_int_equal(report.faults, 0);
  assert_int_equal(report.entries, 6);
  assert_int_equal(report.streams, 2);
  assert_int_equal(report.quarantined, 1);
  assert_int_equal(report.rows, 5);
  assert_true(report.signatures >= 3);
  assert_int_equal(report.leaves, 6);
  assert_true(report.checkpoints >= 1);
  buf_wipe(&report.text);
}

static void every_lie_is_found_and_named(void **state)
{
  (void)state;
  static const struct {
    const char *sql, *found;
  } lies[] = {
      {"UPDATE price SET price_fen = price_fen + 1", "table price"},
      {"DELETE FROM price WHERE id = (SELECT min(id) FROM price)", "are not there"},
      {"INSERT INTO product VALUES(7, 'ghost', 'kg', NULL, NULL)", "not what the log says"},
      {"UPDATE sync_entry SET payload = CAST(x'00' || substr(payload, 2) AS BLOB) WHERE pos = 1",
       "payload is not the signed one"},
      {"UPDATE sync_entry SET payload = CAST(payload || x'00' AS BLOB) WHERE pos = 1", "the record says"},
      {"UPDATE sync_entry SET record = CAST(substr(record, 1, 54) || x'00' || substr(record, 56) AS BLOB) "
       "WHERE pos = 1",
       "does not follow"},
      {"UPDATE sync_entry SET record = CAST(x'02' || substr(record, 2) AS BLOB) WHERE pos = 1", "version"},
      {"UPDATE sync_entry SET signature = zeroblob(64) WHERE pos = 3", "signature is wrong"},
      {"UPDATE sync_entry SET signature = (SELECT signature FROM sync_entry WHERE pos = 5) WHERE pos = 3",
       "signature is wrong"},
      {"DELETE FROM sync_entry WHERE pos = 2", "no entry at pos 2"},
      {"DELETE FROM sync_key WHERE author = 330127", "key is not known"},
      {"DELETE FROM sync_quarantine", "cannot be: scope"},
      {"UPDATE sync_span SET first_seq = 2 WHERE author = 330127 AND first_seq = 1", "follows entry 0"},
      {"UPDATE sync_span SET count = 3 WHERE author = 330127 AND first_seq = 1",
       "span 330000/0 from entry 1 begins at pos 4, not at 3"},
      {"INSERT INTO sync_quarantine VALUES(0, 330127, 0, 1, 'scope', '', '', 0, 'refused', 1, '', 1)",
       "can be applied"},
      {"UPDATE sync_entry SET received_ms = received_ms + 1 WHERE pos = 1",
       "has another root than they make"},
      {"UPDATE sync_tile SET hashes = zeroblob(length(hashes))", "tile 0/0 of the log"},
      {"INSERT INTO sync_tile VALUES(99, zeroblob(32))", "has 2 tiles, its entries make 1"},
      {"UPDATE sync_tree SET root = zeroblob(32)", "the tree of 6 entries"},
      {"UPDATE sync_tree SET size = 5", "the tree says 5 entries, there are 6"},
      {"UPDATE sync_checkpoint SET root = zeroblob(32)", "the checkpoint of 6 entries"},
      {"UPDATE sync_checkpoint SET note = replace(note, 'A', 'B')", "the checkpoint of 6 entries"},
      {"INSERT INTO sync_checkpoint SELECT 7, root, note, 1 FROM sync_checkpoint",
       "7 entries was signed, and there are 6"},
  };
  char honest[200], command[1000];
  snprintf(honest, sizeof honest, "%s.honest", hub.path);
  snprintf(command, sizeof command, "cp %s %s", hub.path, honest);
  assert_int_equal(system(command), 0);
  for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
    struct verify_report report;
    snprintf(command, sizeof command, "rm -f %s-wal %s-shm && cp %s %s", hub.path, hub.path, honest,
             hub.path);
    assert_int_equal(system(command), 0);
    tamper(lies[i].sql);
    verify(&report);
    put_u8(&report.text, 0);
    if (!strstr((const char *)report.text.data, lies[i].found))
      print_message("%s\n-> %s\n", lies[i].sql, (const char *)report.text.data);
    assert_true(report.faults > 0);
    assert_non_null(strstr((const char *)report.text.data, lies[i].found));
    buf_wipe(&report.text);
  }
}

static void a_damaged_file_is_corrupt_and_a_missing_one_is_not_made(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct verify_report report;
  FILE *f = fopen(hub.path, "r+b");
  assert_non_null(f);
  fseek(f, 4096 * 3, SEEK_SET);
  for (int i = 0; i < 4096; i++)
    fputc(0xa5, f);
  fclose(f);
  assert_false(store_verify(hub.path, &report, &err));
  assert_int_equal(err.kind, ERR_CORRUPT);
  char path[200];
  snprintf(path, sizeof path, "%s/nothing.db", fixture_folder());
  err_clear(&err);
  assert_false(store_verify(path, &report, &err));
  assert_int_not_equal(access(path, F_OK), 0);
}

static void a_store_in_use_can_be_proved(void **state)
{
  (void)state;
  struct verify_report report;
  struct err err = ERR_INIT;
  site_record_price(&node, 50);
  assert_true(store_verify(node.path, &report, &err));
  assert_int_equal(report.faults, 0);
  assert_int_equal(report.unsigned_tail, 1);
  site_record_price(&node, 51);
  buf_wipe(&report.text);
}

/* A damaged database has anything in its texts, and a terminal obeys some of it. */
static void a_fault_is_printed_as_text(void **state)
{
  (void)state;
  struct verify_report report = {0};
  verify_fault(&report, "entry of %s", "\x1b[2J\xff\xfe name");
  put_u8(&report.text, 0);
  assert_string_equal((const char *)report.text.data, "entry of ?[2J?? name\n");
  buf_wipe(&report.text);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {
      T(an_honest_file_is_proved),
      T(every_lie_is_found_and_named),
      T(a_damaged_file_is_corrupt_and_a_missing_one_is_not_made),
      T(a_store_in_use_can_be_proved),
      cmocka_unit_test(a_fault_is_printed_as_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
