/* How far branches were told of their refusals is counted in turns; a log that is cut takes turns with it. */
#include "hub/audit_index.h"
#include "hub/hub.h"
#include "hub/told.h"
#include "rig.h"

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

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_refused_after_a_cut_is_told)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
