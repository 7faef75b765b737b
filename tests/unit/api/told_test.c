/* Branches are told what was refused, many entries in one refusal and some at a time; how far is counted in
 * turns, and a log that is cut takes turns with it. */
#include "core/domain/refusal.h"
#include "hub/audit_index.h"
#include "hub/hub.h"
#include "hub/told.h"
#include "rig.h"
#include "sync/entry.h"

#include <stdio.h>

static struct hub hub;

static int64_t cursor_after_a_cut(int64_t told, int64_t last_turn)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX], sql[400];
  assert_true(db_open(&db, data_dir_path(&hub.app.dir, "store.db", path), DB_WRITE, &err));
  snprintf(
      sql, sizeof sql,
      "DELETE FROM sync_quarantine; INSERT OR REPLACE INTO setting VALUES('quarantine_told_turn', '%lld');",
      (long long)told);
  assert_true(db_exec(db, sql, &err));
  snprintf(
      sql, sizeof sql,
      "INSERT INTO sync_quarantine(pos, author, lane, seq, reason, detail, table_name, row_id, state, at_ms,"
      " turn) VALUES(40, 330127, 0, 7, 'range', '', 'price', 0, 'refused', 1, %lld)",
      (long long)last_turn);
  if (last_turn && !db_exec(db, sql, &err)) fail_msg("%s", err.text);
  if (!told_cut(db, &err)) fail_msg("%s", err.text);
  db_close(db);
  return rig_count(&hub.app, "SELECT CAST(value AS INTEGER) FROM setting WHERE key = 'quarantine_told_turn'");
}

static void what_is_refused_after_a_cut_is_told(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  assert_int_equal(cursor_after_a_cut(9, 0), 0); /* every refusal left the log: the next has turn 1 */
  assert_int_equal(cursor_after_a_cut(9, 4), 4);
  assert_int_equal(cursor_after_a_cut(3, 4), 3); /* the fourth waits to be told */
  rig_site_close(&hub.app);
}

/* In places before the log, where nobody else looks. */
static void quarantine(struct db *db, uint32_t epoch, uint64_t seq, const char *reason)
{
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  const struct record record = {.stream = {330127, 0},
                                .epoch = epoch,
                                .seq = seq,
                                .schema = 1,
                                .actor = name_of("a"),
                                .action = name_of("price.add"),
                                .subject = name_of("")};
  if (!record_encode(&bytes, &record, &err)) fail_msg("%s", err.text);
  struct query q = query_open(
      db, "INSERT INTO sync_entry(pos, record, payload, received_ms) VALUES(?1, ?2, NULL, 1)", &err);
  query_int(&q, 1, -(int64_t)seq);
  query_blob(&q, 2, bytes.data, bytes.size);
  if (!query_run(&q)) fail_msg("%s", err.text);
  q = query_open(
      db,
      "INSERT INTO sync_quarantine(pos, author, lane, seq, reason, detail, table_name, row_id, state,"
      " at_ms, turn) VALUES(?1, 330127, 0, ?2, ?3, 'why', 'price', 0, 'refused', 1, ?2)",
      &err);
  query_int(&q, 1, -(int64_t)seq);
  query_int(&q, 2, (int64_t)seq);
  query_text(&q, 3, reason);
  if (!query_run(&q)) fail_msg("%s", err.text);
  buf_wipe(&bytes);
}

/* A tenth is not refused, and a tenth for another reason. */
static int quarantine_many(int entries)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX];
  int refused = 0;
  assert_true(db_open(&db, data_dir_path(&hub.app.dir, "store.db", path), DB_WRITE, &err));
  assert_true(db_begin(db, &err));
  for (int seq = 1; seq <= entries; seq++) {
    if (seq % 1000 < 100) continue;
    quarantine(db, 3, (uint64_t)seq, seq % 1000 < 200 ? "row_differs" : "range");
    refused++;
  }
  assert_true(db_commit(db, &err));
  db_close(db);
  return refused;
}

static int told_so_far(void)
{
  return (int)rig_count(&hub.app, "SELECT coalesce(sum(detail ->> '$.count'), 0) FROM refusal");
}

static void what_a_branch_sent_in_a_minute_is_told_in_a_few_refusals(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX];
  bool more = true;
  int turns = 0;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  const int refused = quarantine_many(40000);
  assert_true(db_open(&db, data_dir_path(&hub.app.dir, "store.db", path), DB_READ, &err));
  for (int before = 0; more; turns++) {
    if (!told_catch_up(&hub, db, &more, &err)) fail_msg("%s", err.text);
    assert_in_range(told_so_far() - before, 0, 12000); /* one turn */
    before = told_so_far();
  }
  assert_in_range(turns, 4, 40);
  assert_int_equal(told_so_far(), refused);
  assert_in_range(rig_count(&hub.app, "SELECT count(*) FROM refusal"), 2, 60);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM refusal WHERE rule = 'range' AND detail ->> "
                                       "'$.entries' LIKE '200-999, 1200-1999%' AND subject_id >> 40 = 3"),
                   1);
  assert_int_equal(rig_count(&hub.app,
                             "SELECT count(*) FROM refusal WHERE rule = 'row_differs' AND detail ->> "
                             "'$.entries' LIKE '100-199, 1100-1199%'"),
                   1);
  db_close(db);
  rig_site_close(&hub.app);
}

/* One after the other, with an entry of each epoch, told at once. */
static void tell_two(const char *first, uint32_t epoch, const char *second)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX];
  bool more = true;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  assert_true(db_open(&db, data_dir_path(&hub.app.dir, "store.db", path), DB_WRITE, &err));
  assert_true(db_exec(db,
                      "CREATE TRIGGER not_this BEFORE INSERT ON refusal WHEN new.rule = 'untold'"
                      " BEGIN SELECT RAISE(ABORT, 'not this one'); END",
                      &err));
  quarantine(db, 3, 1, first);
  quarantine(db, epoch, 2, second);
  while (more)
    if (!told_catch_up(&hub, db, &more, &err)) fail_msg("%s", err.text);
  db_close(db);
}

static void entries_of_two_epochs_are_two_refusals(void **state)
{
  (void)state;
  tell_two("range", 4, "range");
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM refusal"), 2);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM refusal WHERE subject_id >> 40 = 4"), 1);
  rig_site_close(&hub.app);
}

static void one_that_cannot_be_told_stands_in_no_other_ones_way(void **state)
{
  (void)state;
  tell_two("untold", 3, "range");
  assert_int_equal(told_so_far(), 1);
  assert_int_equal(rig_count(&hub.app, "SELECT CAST(value AS INTEGER) FROM setting WHERE key ="
                                       " 'quarantine_told_turn'"),
                   2);
  rig_site_close(&hub.app);
}

/* One row of price whose id is of that epoch and seq, as a session writes it. */
static void put_row(struct buf *out, uint32_t epoch, uint64_t seq)
{
  put_text(out, "T\2\1\2price");
  put_u8(out, 0);
  put_u8(out, 18);
  put_u8(out, 0);
  put_u8(out, 1);
  put_u64(out, 330127);
  put_u8(out, 1);
  put_u64(out, (uint64_t)id_of(epoch, seq, 0));
}

static void give_row(struct db *db, uint64_t seq, uint32_t epoch, uint64_t row_seq)
{
  struct err err = ERR_INIT;
  struct buf payload = BUF_INIT;
  put_row(&payload, epoch, row_seq);
  struct query q = query_open(db, "UPDATE sync_entry SET payload = ?2 WHERE pos = ?1", &err);
  query_int(&q, 1, -(int64_t)seq);
  query_blob(&q, 2, payload.data, payload.size);
  if (!query_run(&q)) fail_msg("%s", err.text);
  buf_wipe(&payload);
}

/* The branch was enrolled again before it was sent: its own page knows the record by the id it had. */
static void a_record_that_an_enrolment_wrote_again_is_told_by_its_own_id(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct refusal_word word;
  char path[DATA_PATH_MAX];
  bool more = true, refused = false;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  assert_true(db_open(&db, data_dir_path(&hub.app.dir, "store.db", path), DB_WRITE, &err));
  quarantine(db, 2, 7, "range");
  give_row(db, 7, 1, 7);
  quarantine(db, 2, 8, "row_id");
  give_row(db, 8, 1, 3); /* an id that is not of this entry */
  if (!told_catch_up(&hub, db, &more, &err)) fail_msg("%s", err.text);
  assert_true(refusal_of(db, 330127, "price", id_of(1, 7, 0), &refused, &word, &err));
  assert_true(refused);
  assert_string_equal(word.rule, "range");
  assert_true(refusal_of(db, 330127, "price", id_of(1, 3, 0), &refused, &word, &err));
  assert_false(refused);
  assert_true(refusal_of(db, 330127, "price", id_of(2, 8, 0), &refused, &word, &err));
  assert_true(refused);
  db_close(db);
  rig_site_close(&hub.app);
}

/* Its branch brings the content again, and would read for ever that the record was refused. */
static void one_that_lacks_its_content_is_not_told_as_refused(void **state)
{
  (void)state;
  tell_two("withheld", 3, "range");
  assert_int_equal(told_so_far(), 1);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM refusal WHERE rule = 'withheld'"), 0);
  rig_site_close(&hub.app);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_refused_after_a_cut_is_told),
      cmocka_unit_test(what_a_branch_sent_in_a_minute_is_told_in_a_few_refusals),
      cmocka_unit_test(entries_of_two_epochs_are_two_refusals),
      cmocka_unit_test(a_record_that_an_enrolment_wrote_again_is_told_by_its_own_id),
      cmocka_unit_test(one_that_cannot_be_told_stands_in_no_other_ones_way),
      cmocka_unit_test(one_that_lacks_its_content_is_not_told_as_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
