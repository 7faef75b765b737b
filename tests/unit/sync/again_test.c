/* An entry that says which record it is counts as that record when it says the same, and else as one more. */
#include "forge.h"
#include "lose.h"

#include "sync/again_same.h"
#include "sync/rebuild.h"
#include "sync/streams.h"
#include "sync/verify.h"

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
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&node, "node", CHUNAN, 1);
  sites_meet(&hub, &node);
  for (int i = 0; i < 3; i++)
    site_record_price(&node, i);
  site_pull(&hub, &node, own);
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

/* ---- what counts as the same ---- */

static struct tables tables;

#define ROW(id, no, fen, replaces)                                                                           \
  "INSERT INTO price VALUES(330127, " id ", '" no "', 5, " fen                                               \
  ", 'kg', NULL, NULL, 'market', 20261124, '', " replaces ", 0, 0, 'officer', 7);"
#define AT(seq, n) "(1 << 40) + (" #seq " << 12) + " #n
#define SAYS(seq, n)                                                                                         \
  "INSERT INTO journaled_again VALUES(330127, " AT(                                                          \
      seq, n) ", x'0000000000000000000000000000000000000000000000000000000000000000');"

static struct logged made(struct buf *payload, const char *actor, const char *subject, const char *sql)
{
  forge_payload(payload, sql);
  return (struct logged){.record = {.stream = own,
                                    .actor = name_of(actor),
                                    .action = name_of("price.record"),
                                    .subject = name_of(subject),
                                    .payload_size = (uint32_t)payload->size},
                         .payload = payload->data};
}

static bool same(const char *actor, const char *subject, const char *sql)
{
  struct buf was = BUF_INIT, is = BUF_INIT;
  const struct logged first =
      made(&was, "officer", "JG-0001",
           ROW(AT(2, 0), "JG-0001", "500", AT(1, 3)) ROW(AT(2, 1), "JG-0002", "600", "0"));
  const struct logged later = made(&is, actor, subject, sql);
  const bool yes = again_is_same(&tables, &first, &later);
  buf_wipe(&was);
  buf_wipe(&is);
  return yes;
}

static void what_follows_its_place_may_differ_and_nothing_else(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[200];
  snprintf(path, sizeof path, "%s/rules.db", fixture_folder());
  site_migrate(path);
  assert_true(db_open(&db, path, DB_WRITE, &err));
  assert_true(db_exec(db,
                      "INSERT INTO column_rule VALUES('price', 'no', 'code', 1, 40, '', 1),"
                      " ('price', 'replaces', 'earlier', 1, 0, '', 1)",
                      &err));
  assert_true(tables_load(&tables, db, &err));
#define SECOND ROW(AT(9, 1), "JG-0002", "600", "0")
  assert_true(same("officer", "JG-0001", ROW(AT(9, 0), "JG-0001", "500", AT(1, 3)) SECOND SAYS(9, 2)));
  assert_true(same("officer", "JG-0007", ROW(AT(9, 0), "JG-0007", "500", AT(8, 3)) SECOND SAYS(9, 2)));
  assert_false(same("officer", "JG-0001", ROW(AT(9, 0), "JG-0001", "501", AT(1, 3)) SECOND SAYS(9, 2)));
  assert_false(same("officer", "JG-0001", ROW(AT(9, 0), "JG-0001", "500", AT(1, 4)) SECOND SAYS(9, 2)));
  assert_false(same("officer", "JG-0001", ROW(AT(9, 0), "JG-0001", "500", "0") SECOND SAYS(9, 2)));
  assert_false(same("officer", "other", ROW(AT(9, 0), "JG-0001", "500", AT(1, 3)) SECOND SAYS(9, 2)));
  assert_false(same("chief", "JG-0001", ROW(AT(9, 0), "JG-0001", "500", AT(1, 3)) SECOND SAYS(9, 2)));
  assert_false(same("officer", "JG-0001", ROW(AT(9, 0), "JG-0001", "500", AT(1, 3)) SAYS(9, 1)));
  assert_false(same("officer", "JG-0001",
                    ROW(AT(9, 0), "JG-0001", "500", AT(1, 3)) SECOND ROW(AT(9, 2), "JG-0003", "1", "0")
                        SAYS(9, 3)));
  assert_false(same("officer", "JG-0001", SAYS(9, 0)));
  tables_close(&tables);
  db_close(db);
}

/* ---- what a branch gains by saying it ---- */

/* "I am entry 2", by the same person under the same name, at another price. */
static struct batch *lie(void)
{
  struct err err = ERR_INIT;
  struct logged two;
  struct head head;
  struct buf keep = BUF_INIT, payload = BUF_INIT;
  int64_t pos = -1;
  char hex[2 * HASH_SIZE + 1], sql[600], subject[NAME_SIZE_MAX + 1];
  assert_true(stream_find(node.reader, own, 2, &pos, &err) &&
              entry_read(node.reader, pos, &two, &keep, &err));
  hex_encode(hex, two.hash, HASH_SIZE);
  snprintf(subject, sizeof subject, "%.*s", (int)two.record.subject.size, two.record.subject.text);
  snprintf(sql, sizeof sql,
           ROW(AT(4, 0), "JG-9", "99", "0") "INSERT INTO journaled_again VALUES(330127, " AT(4, 1) ", x'%s')",
           hex);
  forge_payload(&payload, sql);
  assert_true(stream_head(hub.reader, own, &head, &err));
  struct forgery f = {.stream = own,
                      .first_seq = 4,
                      .hlc = head.hlc + 1,
                      .actor = "officer",
                      .action = "price.record",
                      .subject = subject};
  memcpy(f.prev, head.hash, HASH_SIZE);
  struct batch *batch = forge_batch(&hub, &f, &payload, 1);
  buf_wipe(&keep);
  buf_wipe(&payload);
  return batch;
}

/* The tables are made anew from the log, as in a rebuilding: nothing was decided before. */
static void fold_anew(void)
{
  struct err err = ERR_INIT;
  struct rebuild_report report;
  struct db *db = NULL;
  char copy[200];
  snprintf(copy, sizeof copy, "%s/copy.db", fixture_folder());
  assert_true(db_open(&db, hub.path, DB_READ, &err) && db_copy(db, copy, &err));
  db_close(db);
  site_close(&hub);
  assert_true(db_open(&db, copy, DB_WRITE, &err) && db_exec(db, "DELETE FROM sync_quarantine", &err));
  db_close(db);
  if (!rebuild_tables_from(copy, hub.path, 0, &report, &err)) fail_msg("%s", err.text);
  assert_int_equal(rename(copy, hub.path), 0);
  site_reopen(&hub);
}

/* The record stays as it was acknowledged, and the other is one more. */
static void both_stand(void)
{
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 4);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price WHERE id = " AT(2, 0)), 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_quarantine"), 0);
  assert_true(site_verifies(&hub));
}

/* Entry 2 is lost; the batch that has it. */
static struct batch *two_is_lost(void)
{
  struct batch *all = site_batch(&node, own, 0, 0);
  site_close(&hub);
  lose(hub.path, own, 2, 1);
  site_reopen(&hub);
  fold_anew();
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 2);
  return all;
}

static void who_says_so_takes_nothing_back(void **state)
{
  (void)state;
  struct batch *all = two_is_lost(), *later = lie();
  site_apply(&hub, all);
  assert_int_equal(site_apply(&hub, later).taken, 1);
  both_stand();
  fold_anew();
  both_stand();
  batch_close(all);
  batch_close(later);
}

static void nor_keeps_out_what_turns_up_behind_it(void **state)
{
  (void)state;
  struct batch *all = two_is_lost(), *later = lie();
  assert_int_equal(site_apply(&hub, later).taken, 1);
  site_apply(&hub, all);
  both_stand();
  batch_close(all);
  batch_close(later);
}

/* As a program left it that believed what is said. */
static void where_it_was_believed_verify_says_so(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct verify_report report;
  struct db *db = NULL;
  struct batch *later = lie();
  assert_int_equal(site_apply(&hub, later).taken, 1);
  both_stand();
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db,
                      "INSERT INTO sync_quarantine(pos, author, lane, seq, reason, detail,"
                      " table_name, row_id, state, at_ms) SELECT first_pos + 2 - first_seq, author, lane, 2,"
                      " 'journaled_again', '', '', 0, 'refused', 1 FROM sync_span WHERE author = 330127"
                      " AND first_seq <= 2 AND (count = 0 OR first_seq + count > 2)",
                      &err));
  db_close(db);
  assert_true(store_verify(hub.path, &report, &err));
  put_u8(&report.text, 0);
  print_message("%s", (char *)report.text.data);
  assert_non_null(strstr((const char *)report.text.data, "no later entry says the same"));
  buf_wipe(&report.text);
  batch_close(later);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_follows_its_place_may_differ_and_nothing_else, begin, end),
      cmocka_unit_test_setup_teardown(who_says_so_takes_nothing_back, begin, end),
      cmocka_unit_test_setup_teardown(nor_keeps_out_what_turns_up_behind_it, begin, end),
      cmocka_unit_test_setup_teardown(where_it_was_believed_verify_says_so, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
