/* Up to where branches have witnessed the log, whatever one of them lacks. */
#include "hub/audit_index.h"
#include "hub/hub.h"
#include "sync/cosigner.h"
#include "sync/store_log.h"
#include "tests/unit/api/rig.h"

#include <stdio.h>

enum { SIZE = 5 };

static const int64_t NOW_MS = 1795316000000;
static struct hub hub;
static struct db *db;

static void execute(const char *sql)
{
  struct err err = ERR_INIT;
  if (!db_exec(db, sql, &err)) fail_msg("%s", err.text);
}

static int begin(void **state)
{
  struct err err = ERR_INIT;
  char path[DATA_PATH_MAX];
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_seed(&hub.app);
  (void)snprintf(hub.quorum.rule, sizeof hub.quorum.rule, "branches");
  assert_true(db_open(&db, data_dir_path(&hub.app.dir, "store.db", path), DB_WRITE, &err));
  execute("INSERT OR IGNORE INTO sync_checkpoint VALUES(5, zeroblob(32), '', 1)");
  return 0;
}

static int end(void **state)
{
  (void)state;
  db_close(db);
  rig_site_close(&hub.app);
  return 0;
}

/* It has called an hour ago, with a certificate that is good. */
static void put_branch(uint32_t branch)
{
  char sql[400];
  (void)snprintf(sql, sizeof sql,
                 "INSERT INTO certificate VALUES('%u', %u, 1, 1, %lld, 0, '');"
                 "INSERT INTO branch_contact VALUES(%u, 1, 1, 1, 1, %lld, 0, 0, 0, 0, '', 1, 0, '')",
                 branch, branch, (long long)NOW_MS + 1, branch, (long long)NOW_MS - 3600000);
  execute(sql);
}

static void put_witness(uint32_t branch)
{
  struct err err = ERR_INIT;
  struct note_key key;
  char sql[200];
  const struct cosignature line = {.size = SIZE, .line = "", .line_size = 0, .time_s = 1, .heard_ms = 1};
  put_branch(branch);
  (void)snprintf(sql, sizeof sql, "INSERT INTO sync_key VALUES(%u, 1, x'%064u', 1, 0)", branch, branch);
  execute(sql);
  if (!store_branch_witness(db, branch, &key, &err) || !cosigner_keep(db, &key, &line, &err))
    fail_msg("%s", err.text);
}

static void one_without_a_key_keeps_nobody_from_being_counted(void **state)
{
  struct err err = ERR_INIT;
  struct witnessed mark;
  (void)state;
  put_witness(330127);
  put_witness(330122);
  put_branch(330182);
  if (!quorum_follow(&hub, db, NOW_MS, &err)) fail_msg("%s", err.text);
  assert_true(witnessed_get(db, &mark, &err));
  assert_int_equal(mark.size, SIZE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(one_without_a_key_keeps_nobody_from_being_counted, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
