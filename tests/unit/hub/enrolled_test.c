/* After a rebuilding the keys, certificates and invitations in force are what the log says, whatever somebody
 * says who has dialled in. */
#include "core/domain/describe.h"
#include "core/domain/enrolment.h"
#include "core/domain/security_event.h"
#include "hub/audit_index.h"
#include "hub/enrolled.h"
#include "hub/revoke.h"
#include "tests/unit/api/rig.h"

#include <stdio.h>
#include <string.h>

enum { BRANCH = 330127, OTHER = 330902 };

static const int64_t NOW_MS = 1795316000000, UNTIL_MS = 1799999999999;
static struct hub hub;
static struct buf said;

static int begin(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, 330000, audit_index_migrate);
  return 0;
}

static int end(void **state)
{
  (void)state;
  buf_wipe(&said);
  rig_site_close(&hub.app);
  return 0;
}

static struct db *open_store(void)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX];
  if (!db_open(&db, data_dir_path(&hub.app.dir, "store.db", path), DB_WRITE, &err)) fail_msg("%s", err.text);
  return db;
}

static void execute(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = open_store();
  if (!db_exec(db, sql, &err)) fail_msg("%s", err.text);
  db_close(db);
}

static bool commit(store_work work, void *ctx, struct err *err)
{
  const struct act act = {.actor = "system", .role = "system", .action = ACTION_SECURITY, .now_ms = NOW_MS};
  return app_commit(&hub.app, &act, work, ctx, NULL, err);
}

/* A key that starts with the epoch, and is not left in the table unless the test says so. */
static void put_key(uint32_t branch, uint32_t epoch)
{
  char sql[200];
  (void)snprintf(sql, sizeof sql, "INSERT INTO sync_key VALUES(%u, %u, x'%04x%02x%058d', 1, 0)", branch,
                 epoch, branch & 0xffffU, epoch, 0);
  execute(sql);
}

static void put_certificate(uint32_t branch, uint32_t epoch, const char *serial)
{
  char sql[200];
  (void)snprintf(sql, sizeof sql, "INSERT INTO certificate VALUES('%s', %u, %u, 1, %lld, 0, '')", serial,
                 branch, epoch, (long long)UNTIL_MS);
  execute(sql);
}

static bool record(struct tx *tx, void *ctx, struct err *err)
{
  return enrolled_record(tx, ctx, err);
}

/* The log names a certificate; what the tables had of it is gone with the disk. */
static void the_log_names(uint32_t epoch, const char *serial, bool renewed)
{
  struct err err = ERR_INIT;
  struct enrolled_certificate given = {
      .branch = BRANCH, .epoch = epoch, .serial = serial, .until_ms = UNTIL_MS, .renewed = renewed};
  execute("DELETE FROM sync_key WHERE author = 330127");
  put_key(BRANCH, epoch);
  if (!commit(record, &given, &err)) fail_msg("%s", err.text);
  execute("DELETE FROM sync_key WHERE author = 330127");
}

static bool revoke(struct tx *tx, void *ctx, struct err *err)
{
  uint32_t epoch = 0;
  return revoke_record(tx, *(const uint32_t *)ctx, "stolen", &epoch, err);
}

/* And what the tables had of that is gone as well. */
static void the_log_revokes(uint32_t branch, uint32_t epoch)
{
  struct err err = ERR_INIT;
  put_certificate(branch, epoch, "d15c");
  if (!commit(revoke, &branch, &err)) fail_msg("%s", err.text);
  execute("DELETE FROM certificate WHERE serial = 'd15c'");
}

static struct db *before; /* what the hub began with; NULL: what there is now */

static void settle(const struct recall_guest *guests, size_t count)
{
  struct err err = ERR_INIT;
  struct db *db = open_store();
  buf_clear(&said);
  const struct enrolled_settling with = {.province = 330000,
                                         .now_ms = NOW_MS + 1,
                                         .guests = guests,
                                         .guest_count = count,
                                         .before = before,
                                         .out = &said};
  if (!enrolled_settle(db, &with, &err)) fail_msg("%s", err.text);
  put_bytes(&said, "", 1);
  db_close(db);
}

static bool is_said(const char *text)
{
  return strstr((const char *)said.data, text);
}

static bool checked(const char *serial, const char *rule)
{
  struct err err = ERR_INIT;
  uint32_t branch = 0, epoch = 0;
  struct db *db = open_store();
  bool good = certificate_check(db, serial, NOW_MS, &branch, &epoch, &err);
  db_close(db);
  return rule ? !good && strcmp(err.rule, rule) == 0 : good;
}

static int64_t keys_in_force(void)
{
  return rig_count(&hub.app, "SELECT coalesce(sum(epoch), 0) FROM sync_key WHERE author = 330127"
                             " AND revoked_ms = 0");
}

static void who_was_revoked_does_not_come_back_with_another_epoch(void **state)
{
  (void)state;
  const struct recall_guest thief = {.branch = BRANCH, .epoch = 9, .serial = "71", .until_ms = UNTIL_MS};
  const struct recall_guest anybody = {.branch = BRANCH, .epoch = 9, .serial = "72", .until_ms = UNTIL_MS};
  const struct recall_guest guests[] = {thief, anybody};
  the_log_names(1, "71", false);
  the_log_revokes(BRANCH, 1);
  settle(guests, 2);
  assert_true(checked("71", "revoked"));
  assert_true(checked("72", "unknown_certificate"));
  assert_int_equal(keys_in_force(), 0);
  assert_true(is_said("330127 came with certificate 72"));
  assert_true(is_said("sunlit-hub invite --branch 330127"));
}

static void what_a_new_enrolment_ended_stays_ended_whoever_calls_last(void **state)
{
  (void)state;
  const struct recall_guest guests[] = {{.branch = BRANCH, .epoch = 2, .serial = "82", .until_ms = UNTIL_MS},
                                        {.branch = BRANCH, .epoch = 3, .serial = "81", .until_ms = UNTIL_MS}};
  the_log_names(1, "81", false);
  the_log_names(2, "82", false);
  the_log_names(2, "83", true);
  settle(guests, 2);
  assert_true(checked("81", "revoked"));
  assert_true(checked("82", NULL));
  assert_true(checked("83", NULL));
  assert_int_equal(keys_in_force(), 2);
  assert_true(is_said("330127 is in the log"));
}

/* The same key asked again: its answer was lost, and what was answered before is nobody's. */
static void an_enrolment_ends_the_certificates_before_it(void **state)
{
  (void)state;
  the_log_names(1, "91", false);
  the_log_names(1, "92", false);
  settle(NULL, 0);
  assert_true(checked("91", "revoked"));
  assert_true(checked("92", NULL));
}

/* The backup is of between the two, and has the first as it was then. */
static void what_was_good_in_the_backup_is_ended_as_well(void **state)
{
  (void)state;
  the_log_names(1, "91", false);
  the_log_names(1, "92", false);
  put_certificate(BRANCH, 1, "91");
  settle(NULL, 0);
  assert_true(checked("91", "revoked"));
  assert_true(checked("92", NULL));
}

static void a_revocation_counts_though_nobody_came(void **state)
{
  (void)state;
  put_key(BRANCH, 1);
  put_certificate(BRANCH, 1, "a1");
  put_key(OTHER, 1);
  put_certificate(OTHER, 1, "b1");
  the_log_revokes(BRANCH, 1);
  execute("UPDATE certificate SET revoked_ms = 0; UPDATE sync_key SET revoked_ms = 0;"
          "INSERT INTO invite(token_hash, branch, made_by, made_ms, expires_ms, used_ms, withdrawn_ms)"
          " VALUES(zeroblob(32), 330127, 'admin', 1, 2, 0, 0)");
  settle(NULL, 0);
  assert_true(checked("a1", "revoked"));
  assert_true(checked("b1", NULL));
  assert_int_equal(keys_in_force(), 0);
  assert_int_equal(
      rig_count(&hub.app, "SELECT count(*) FROM sync_key WHERE author = 330902 AND revoked_ms = 0"), 1);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM invite WHERE withdrawn_ms = 0"), 0);
  assert_true(is_said("330127 was revoked"));
  assert_false(is_said("330902"));
}

/* The clock was ahead when they were made: what the log says that the backup does not know is later all the
 * same. */
static void invitations_of_before_are_withdrawn_whatever_the_clock_said(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char path[DATA_PATH_MAX + 8];
  struct db *db = open_store();
  put_key(BRANCH, 1);
  put_key(OTHER, 1);
  the_log_revokes(OTHER, 1);
  execute("INSERT INTO invite(token_hash, branch, made_by, made_ms, expires_ms, used_ms, withdrawn_ms)"
          " VALUES(zeroblob(32), 330127, 'admin', 9e15, 9e15, 0, 0), (randomblob(32), 330902, 'admin', 9e15, "
          "9e15, 0, 0)");
  (void)snprintf(path, sizeof path, "%s.copy", db_path(db));
  assert_true(db_copy(db, path, &err));
  db_close(db);
  the_log_revokes(BRANCH, 1);
  assert_true(db_open(&before, path, DB_READ, &err));
  settle(NULL, 0);
  db_close(before);
  before = NULL;
  assert_int_equal(rig_count(&hub.app, "SELECT branch FROM invite WHERE withdrawn_ms = 0"), OTHER);
}

static void who_was_enrolled_again_since_stays_in(void **state)
{
  (void)state;
  the_log_names(1, "c1", false);
  the_log_revokes(BRANCH, 1);
  the_log_names(2, "c2", false);
  settle(NULL, 0);
  assert_true(checked("c1", "revoked"));
  assert_true(checked("c2", NULL));
  assert_int_equal(keys_in_force(), 2);
  settle(NULL, 0);
  assert_true(checked("c2", NULL));
  assert_false(is_said("330127"));
}

/* The database as it is now is what a rebuilding begins with; what follows, the branches bring. */
static void the_disk_is_lost(const char *sql)
{
  struct err err = ERR_INIT;
  char path[DATA_PATH_MAX];
  struct db *db = open_store();
  data_dir_path(&hub.app.dir, "before.db", path);
  (void)remove(path);
  if (!db_copy(db, path, &err) || !db_open(&before, path, DB_WRITE, &err) || !db_exec(before, sql, &err))
    fail_msg("%s", err.text);
  db_close(db);
}

static void it_is_rebuilt(void)
{
  settle(NULL, 0);
  db_close(before);
  before = NULL;
}

static void one_is_enrolled_and_marked_as(const char *reason)
{
  char sql[200];
  the_log_names(1, "a1", false);
  put_key(BRANCH, 1);
  put_certificate(BRANCH, 1, "a1");
  (void)snprintf(sql, sizeof sql, "UPDATE certificate SET revoked_ms = 5, reason = '%s' WHERE serial = 'a1'",
                 reason);
  execute(sql);
}

static bool flush(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return security_event_flush(tx, err);
}

static void the_province_runs(void)
{
  struct err err = ERR_INIT;
  if (!commit(flush, NULL, &err)) fail_msg("%s", err.text);
}

static int64_t events(const char *detail)
{
  char sql[200];
  (void)snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM security_event WHERE kind = 'revoke' AND detail = '%s'", detail);
  return rig_count(&hub.app, sql);
}

/* It was enrolled again after the backup, and people revoked it before the log was back. */
static void who_is_revoked_meanwhile_is_out_whatever_the_log_brings(void **state)
{
  (void)state;
  one_is_enrolled_and_marked_as(REVOKED_MEANWHILE);
  the_disk_is_lost("");
  the_log_names(2, "a2", false);
  the_log_names(2, "a3", true);
  it_is_rebuilt();
  assert_true(checked("a1", "revoked"));
  assert_true(checked("a2", "revoked"));
  assert_true(checked("a3", "revoked"));
  assert_int_equal(keys_in_force(), 0);
  assert_true(is_said("330127 was revoked in this database"));
  assert_true(is_said("sunlit-hub invite --branch 330127"));
  assert_false(is_said("taken over"));
  the_province_runs();
  assert_int_equal(events("330127 epoch 2 by the command line"), 1);
}

/* Before the province runs and signs that event: it is left once, and ends what comes now as well. */
static void it_is_out_also_when_it_is_rebuilt_twice(void **state)
{
  (void)state;
  one_is_enrolled_and_marked_as(REVOKED_MEANWHILE);
  the_disk_is_lost("");
  the_log_names(2, "a2", false);
  it_is_rebuilt();
  the_disk_is_lost("");
  it_is_rebuilt();
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM untold"), 1);
  the_disk_is_lost("");
  the_log_names(3, "a3", false);
  it_is_rebuilt();
  assert_true(checked("a2", "revoked"));
  assert_true(checked("a3", "revoked"));
  assert_int_equal(keys_in_force(), 0);
  the_province_runs();
  assert_int_equal(events("330127 epoch 3 by the command line"), 1);
}

static void who_is_enrolled_after_it_stays_in_at_the_next_rebuilding(void **state)
{
  (void)state;
  one_is_enrolled_and_marked_as(REVOKED_MEANWHILE);
  the_disk_is_lost("");
  the_log_names(2, "a2", false);
  it_is_rebuilt();
  the_province_runs();
  the_disk_is_lost("");
  the_log_names(3, "a3", false);
  it_is_rebuilt();
  assert_true(checked("a2", "revoked"));
  assert_true(checked("a3", NULL));
  assert_int_equal(keys_in_force(), 3);
  assert_true(is_said("taken over"));
}

/* The backup is of the second between the mark and its event: the log has that, and who came in after it. */
static void a_mark_of_the_backup_is_the_event_that_the_log_brings(void **state)
{
  (void)state;
  one_is_enrolled_and_marked_as(REVOKED_BY_COMMAND);
  the_disk_is_lost("INSERT INTO sync_restored(id, copied_ms) VALUES(1, 9)");
  the_log_revokes(BRANCH, 1);
  the_log_names(2, "a2", false);
  it_is_rebuilt();
  assert_true(checked("a1", "revoked"));
  assert_true(checked("a2", NULL));
  assert_int_equal(keys_in_force(), 2);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM untold"), 0);
}

static void a_mark_of_meanwhile_is_none_that_the_log_brings(void **state)
{
  (void)state;
  one_is_enrolled_and_marked_as(REVOKED_MEANWHILE);
  the_disk_is_lost("INSERT INTO sync_restored(id, copied_ms) VALUES(1, 9)");
  the_log_revokes(BRANCH, 1);
  the_log_names(2, "a2", false);
  it_is_rebuilt();
  assert_true(checked("a2", "revoked"));
  assert_int_equal(keys_in_force(), 0);
}

/* Its disk went back, it was not told yet, and carried a revocation out in a past that is put aside.  Who was
 * let in there after that is no part of what the log brings. */
static void a_revocation_of_a_past_that_is_put_aside_ends_what_is_brought(void **state)
{
  static const char past[] =
      "DROP TABLE security_event; CREATE TABLE security_event(branch, id, kind, actor, detail, peer, count,"
      " at_ms); INSERT INTO security_event VALUES(330000, 1, 'revoke', 'admin', '330127 epoch 1 stolen', '', "
      "1,"
      " 7), (330000, 2, 'enrol', 'system', '330127 epoch 3 enrolled a3 until 1799999999999 key"
      " 098f030000000000000000000000000000000000000000000000000000000000', '', 1, 8)";
  (void)state;
  one_is_enrolled_and_marked_as("stolen");
  put_certificate(BRANCH, 3, "a3");
  the_disk_is_lost(past);
  the_log_names(2, "a2", false);
  put_key(BRANCH, 3);
  it_is_rebuilt();
  assert_true(checked("a1", "revoked"));
  assert_true(checked("a2", "revoked"));
  assert_true(checked("a3", NULL));
  assert_int_equal(keys_in_force(), 3);
  the_province_runs();
  assert_int_equal(events("330127 epoch 2 by the command line"), 1);
}

static void an_invitation_that_looks_good_is_not_withdrawn_without_a_word(void **state)
{
  char sql[300];
  (void)state;
  put_key(BRANCH, 1);
  (void)snprintf(sql, sizeof sql,
                 "INSERT INTO invite(token_hash, branch, made_by, made_ms, expires_ms, used_ms, withdrawn_ms)"
                 " VALUES(zeroblob(32), 330127, 'admin', %lld, %lld, 0, 0)",
                 (long long)NOW_MS, (long long)UNTIL_MS);
  execute(sql);
  the_disk_is_lost("");
  the_log_names(2, "a2", false);
  it_is_rebuilt();
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM invite WHERE withdrawn_ms = 0"), 0);
  assert_true(is_said("330127: its open invitation is of before"));
  the_disk_is_lost("");
  it_is_rebuilt();
  assert_false(is_said("invitation"));
}

/* A log of an earlier program names no certificate: a signature in it proves the key and no certificate. */
static void a_proved_key_of_a_later_epoch_ends_the_earlier_one(void **state)
{
  (void)state;
  const struct recall_guest guest = {.branch = BRANCH, .epoch = 2, .serial = "e2", .until_ms = UNTIL_MS};
  put_key(BRANCH, 1);
  put_certificate(BRANCH, 1, "e1");
  put_key(BRANCH, 2);
  settle(&guest, 1);
  assert_true(checked("e1", "revoked"));
  assert_true(checked("e2", "unknown_certificate"));
  assert_int_equal(keys_in_force(), 2);
  assert_true(is_said("certificate e2"));
}

static void each_revocation_has_its_event(void **state)
{
  (void)state;
  for (uint32_t branch = 330101; branch < 330120; branch++)
    the_log_revokes(branch, branch - 330100);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM security_event WHERE kind = 'revoke'"), 19);
}

static void certificates_that_the_log_does_not_name_are_named_once(void **state)
{
  struct err err = ERR_INIT;
  uint32_t epoch = 0;
  (void)state;
  put_key(BRANCH, 3);
  put_certificate(BRANCH, 3, "f1");
  put_certificate(BRANCH, 3, "f2");
  execute("UPDATE certificate SET revoked_ms = 5 WHERE serial = 'f1'");
  struct db *db = open_store();
  for (int twice = 0; twice < 2; twice++)
    if (!enrolled_catch_up(&hub, db, &err)) fail_msg("%s", err.text);
  assert_true(enrolled_newest(db, 330000, BRANCH, &epoch, &err));
  assert_int_equal(epoch, 3);
  assert_true(enrolled_newest(db, 330000, OTHER, &epoch, &err));
  assert_int_equal(epoch, 0);
  db_close(db);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM security_event WHERE kind = 'enrol'"), 1);
  execute("DELETE FROM certificate; DELETE FROM sync_key WHERE author = 330127");
  settle(NULL, 0);
  assert_true(checked("f2", NULL));
  assert_int_equal(keys_in_force(), 3);
}

/* Its certificate is there, and the log is told a moment later: what is unnamed was looked for in between. */
static void who_is_enrolled_meanwhile_is_named_by_that_alone(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct enrolled_certificate given = {
      .branch = BRANCH, .epoch = 1, .serial = "e1", .until_ms = UNTIL_MS, .renewed = false};
  put_key(BRANCH, 1);
  put_certificate(BRANCH, 1, "e1");
  struct db *db = open_store();
  assert_true(db_exec(db, "BEGIN; SELECT count(*) FROM certificate", &err)); /* it sees what is now */
  if (!commit(record, &given, &err)) fail_msg("%s", err.text);
  if (!enrolled_catch_up(&hub, db, &err)) fail_msg("%s", err.text);
  assert_true(db_exec(db, "COMMIT", &err));
  db_close(db);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM security_event WHERE kind = 'enrol'"), 1);
  execute("DELETE FROM certificate; DELETE FROM sync_key WHERE author = 330127");
  settle(NULL, 0);
  assert_true(checked("e1", NULL));
}

/* The database's own was given when the epoch was given once more.  What stands in the log has proved its
 * key. */
static void the_key_of_an_epoch_is_the_one_that_the_log_names(void **state)
{
  static const char other[] = "SELECT count(*) FROM sync_key WHERE author = 330127 AND public_key ="
                              " x'ffff000000000000000000000000000000000000000000000000000000000000'";
  (void)state;
  the_log_names(1, "b1", false);
  execute("INSERT INTO sync_key VALUES(330127, 1,"
          " x'ffff000000000000000000000000000000000000000000000000000000000000', 1, 1)");
  execute("INSERT INTO sync_span VALUES(330127, 0, 0, 1, 1, 1, 0)");
  settle(NULL, 0);
  assert_int_equal(rig_count(&hub.app, other), 1);
  execute("DELETE FROM sync_span WHERE author = 330127");
  settle(NULL, 0);
  assert_int_equal(rig_count(&hub.app, other), 0);
  assert_int_equal(keys_in_force(), 1);
}

/* The epoch was given once more when the disk had gone back; that is put aside, journaled again, and ends
 * nothing of the branch that the log knows. */
static void what_another_key_of_the_epoch_was_given_is_not_in_force(void **state)
{
  struct enrolled_certificate thief = {.branch = BRANCH, .epoch = 1, .serial = "a2", .until_ms = UNTIL_MS};
  static const char other[] = "INSERT INTO sync_key VALUES(330127, 1,"
                              " x'ffff000000000000000000000000000000000000000000000000000000000000', 1, 0)";
  (void)state;
  struct err err = ERR_INIT;
  char path[DATA_PATH_MAX];
  put_certificate(BRANCH, 1, "a2");
  struct db *db = open_store();
  assert_true(db_copy(db, data_dir_path(&hub.app.dir, "before.db", path), &err));
  db_close(db);
  assert_true(db_open(&before, path, DB_WRITE, &err));
  if (!db_exec(before,
               "DROP TABLE security_event; CREATE TABLE security_event(branch, id, kind, actor, detail, "
               "peer, count,"
               " at_ms); INSERT INTO security_event VALUES(330000, 1, 'enrol', 'system', '330127 epoch 1"
               " enrolled a2 until 1799999999999 key"
               " ffff000000000000000000000000000000000000000000000000000000000000', '', 1, 1)",
               &err))
    fail_msg("%s", err.text);
  the_log_names(1, "a1", false);
  settle(NULL, 0);
  db_close(before);
  before = NULL;
  assert_true(is_said("certificate a2"));
  assert_true(checked("a1", NULL));
  assert_true(checked("a2", "revoked"));
  execute("DELETE FROM sync_key WHERE author = 330127");
  execute(other);
  if (!commit(record, &thief, &err)) fail_msg("%s", err.text);
  execute("DELETE FROM sync_key WHERE author = 330127; DELETE FROM certificate");
  settle(NULL, 0);
  assert_true(checked("a1", NULL));
  assert_true(checked("a2", "revoked"));
  assert_int_equal(rig_count(&hub.app,
                             "SELECT count(*) FROM sync_key WHERE author = 330127 AND public_key ="
                             " x'ffff000000000000000000000000000000000000000000000000000000000000'"),
                   0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(who_was_revoked_does_not_come_back_with_another_epoch, begin, end),
      cmocka_unit_test_setup_teardown(what_a_new_enrolment_ended_stays_ended_whoever_calls_last, begin, end),
      cmocka_unit_test_setup_teardown(an_enrolment_ends_the_certificates_before_it, begin, end),
      cmocka_unit_test_setup_teardown(what_was_good_in_the_backup_is_ended_as_well, begin, end),
      cmocka_unit_test_setup_teardown(a_revocation_counts_though_nobody_came, begin, end),
      cmocka_unit_test_setup_teardown(invitations_of_before_are_withdrawn_whatever_the_clock_said, begin,
                                      end),
      cmocka_unit_test_setup_teardown(who_was_enrolled_again_since_stays_in, begin, end),
      cmocka_unit_test_setup_teardown(a_proved_key_of_a_later_epoch_ends_the_earlier_one, begin, end),
      cmocka_unit_test_setup_teardown(who_is_revoked_meanwhile_is_out_whatever_the_log_brings, begin, end),
      cmocka_unit_test_setup_teardown(it_is_out_also_when_it_is_rebuilt_twice, begin, end),
      cmocka_unit_test_setup_teardown(who_is_enrolled_after_it_stays_in_at_the_next_rebuilding, begin, end),
      cmocka_unit_test_setup_teardown(a_mark_of_the_backup_is_the_event_that_the_log_brings, begin, end),
      cmocka_unit_test_setup_teardown(a_mark_of_meanwhile_is_none_that_the_log_brings, begin, end),
      cmocka_unit_test_setup_teardown(a_revocation_of_a_past_that_is_put_aside_ends_what_is_brought, begin,
                                      end),
      cmocka_unit_test_setup_teardown(an_invitation_that_looks_good_is_not_withdrawn_without_a_word, begin,
                                      end),
      cmocka_unit_test_setup_teardown(each_revocation_has_its_event, begin, end),
      cmocka_unit_test_setup_teardown(who_is_enrolled_meanwhile_is_named_by_that_alone, begin, end),
      cmocka_unit_test_setup_teardown(the_key_of_an_epoch_is_the_one_that_the_log_names, begin, end),
      cmocka_unit_test_setup_teardown(what_another_key_of_the_epoch_was_given_is_not_in_force, begin, end),
      cmocka_unit_test_setup_teardown(certificates_that_the_log_does_not_name_are_named_once, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
