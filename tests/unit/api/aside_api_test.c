/* Entries that a disk that went back left aside, at a branch and at the province: who sees what, tries again,
 * decides. */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/hub.h"
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"

#include <stdio.h>
#include <string.h>

static struct rig province, county;
static struct hub hub;
static struct node node;
static struct visitor curator, auditor, staff, officer;

static void index_follows(void)
{
  struct err err = ERR_INIT;
  struct db *db;
  bool more = true;
  assert_true(readers_take(hub.app.readers, &db, &err));
  while (more)
    assert_true(audit_index_follow(&hub.app, db, 1000, &more, &err));
  readers_give(hub.app.readers, db);
}

static int open_rig(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub.app);
  rig_carry(&hub.app, &node.app);
  rig_account(&hub.app, "curator", "curator", "curator-password");
  rig_account(&hub.app, "auditor", "auditor", "auditor-password");
  rig_account(&node.app, "staff", "staff", "staff-password");
  rig_account(&node.app, "officer", "officer", "officer-password");
  assert_true(audit_reads_open(&hub.reads, &err));
  rig_open(&province, &hub.app, hub_routes, hub_route_count);
  rig_open(&county, &node.app, node_routes, node_route_count);
  curator = rig_login(&province, "curator", "curator-password");
  auditor = rig_login(&province, "auditor", "auditor-password");
  staff = rig_login(&county, "staff", "staff-password");
  officer = rig_login(&county, "officer", "officer-password");
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&county);
  rig_close(&province);
  audit_reads_close(hub.reads);
  rig_site_close(&node.app);
  rig_site_close(&hub.app);
  return 0;
}

/* -- a branch -- */

static void tamper(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX];
  assert_true(db_open(&db, data_dir_path(&node.app.dir, "store.db", path), DB_WRITE, &err));
  if (!db_exec(db, sql, &err)) fail_msg("%s", err.text);
  db_close(db);
}

/* An entry like one that stands, made at another moment: the last byte of its clock is another. */
#define LIKE_RECORD "CAST(substr(record, 1, 61) || x'7f' || substr(record, 63) AS BLOB)"

/* Three entries of this branch as a disk that went back leaves them: two kept, and one whose content is
 * withheld. */
static void put_aside(void)
{
  char body[300], day[11];
  date_format(day, date_of_ms(clock_wall_ms()));
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":960,\"source\":\"market\",\"date\":\"%s\"}",
           (long long)rig_product(&node.app, "淳安无核柿"), day);
  answered(rig_post(&county, &officer, "/api/v1/prices", body), 201);
  for (int i = 1; i <= 3; i++) {
    char sql[500];
    snprintf(sql, sizeof sql,
             "INSERT INTO sync_aside(id, cut, author, lane, epoch, seq, record, payload, made_ms, aside_ms, "
             "state, reason)"
             " SELECT %d, 1, 330127, 0, 1, 7, " LIKE_RECORD ", iif(%d = 3, NULL, payload), 1, 2, 'kept',"
             " iif(%d = 3, 'withheld', 'row_differs') FROM sync_entry WHERE pos = (SELECT max(pos) FROM "
             "sync_entry)",
             i, i, i);
    tamper(sql);
  }
}

static void what_was_put_aside_is_named_tried_again_and_left_aside_with_a_reason(void **state)
{
  (void)state;
  struct reply r = rig_get(&county, &staff, "/api/v1/sync/aside");
  assert_int_equal(at_int(&r, "total"), 0);
  reply_wipe(&r);
  rig_carry(&hub.app, &node.app);
  put_aside();
  int64_t prices = rig_count(&node.app, "SELECT count(*) FROM price");
  r = rig_get(&county, &staff, "/api/v1/sync/aside");
  assert_int_equal(at_int(&r, "open"), 3);
  assert_string_equal(at_text(&r, "items.2.title"), "淳安无核柿 9.60 元");
  assert_string_equal(at_text(&r, "items.2.action_title"), "记价格");
  assert_string_equal(at_text(&r, "items.2.actor"), "officer");
  assert_string_equal(at_text(&r, "items.2.author_name"), "淳安县");
  assert_string_equal(at_text(&r, "items.2.tables.0"), describe_table("price", LANGUAGE_ZH));
  assert_string_equal(at_text(&r, "items.2.reason_title"), "要改的那一行和它看到的不一样");
  assert_int_equal(strlen(at_text(&r, "items.2.record_hash")), 64);
  assert_true(json_is_true(at(&r, "items.2.retry")));
  assert_true(json_is_false(at(&r, "items.0.retry"))); /* withheld */
  assert_string_equal(at_text(&r, "items.0.title"), "");
  reply_wipe(&r);
  r = rig_get(&county, &staff, "/api/v1/sync/aside?lang=en");
  assert_string_equal(at_text(&r, "items.2.reason_title"), "the row is not what it changed");
  reply_wipe(&r);
  refused_as(rig_post(&county, &staff, "/api/v1/sync/aside/1/retry", "{}"), 403, "role");
  refused_as(rig_post(&county, &officer, "/api/v1/sync/aside/3/retry", "{}"), 409, "withheld");
  refused_as(rig_post(&county, &officer, "/api/v1/sync/aside/9/retry", "{}"), 404, "not_found");
  r = rig_post(&county, &officer, "/api/v1/sync/aside/1/retry", "{}");
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_true(json_is_true(at(&r, "again")));
  int64_t seq = at_int(&r, "seq");
  reply_wipe(&r);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), prices + 1);
  struct reply same =
      rig_post(&county, &officer, "/api/v1/sync/aside/1/retry", "{}"); /* an answer was lost */
  assert_int_equal(same.status, 200);
  assert_true(json_is_true(at(&same, "again")));
  assert_int_equal(at_int(&same, "seq"), seq);
  reply_wipe(&same);
  refused_as(rig_post(&county, &officer, "/api/v1/sync/aside/1/leave", "{\"note\":\"不要了\"}"), 409,
             "not_kept");
  r = rig_get(&county, &staff, "/api/v1/sync/aside");
  assert_string_equal(at_text(&r, "items.2.state"), "again"); /* those that are open come first */
  assert_int_equal(at_int(&r, "items.2.again.seq"), seq);
  reply_wipe(&r);
  /* The three are the same record here, so one decision is about all that are kept. */
  refused_as(rig_post(&county, &staff, "/api/v1/sync/aside/2/leave", "{\"note\":\"已重记\"}"), 403, "role");
  refused_as(rig_post(&county, &officer, "/api/v1/sync/aside/2/leave", "{\"note\":\"x\"}"), 400, "length");
  answered(rig_post(&county, &officer, "/api/v1/sync/aside/2/leave", "{\"note\":\"已按新的内容重记\"}"), 201);
  refused_as(rig_post(&county, &officer, "/api/v1/sync/aside/2/leave", "{\"note\":\"再来一次\"}"), 409,
             "handled");
  refused_as(rig_post(&county, &officer, "/api/v1/sync/aside/2/retry", "{}"), 409, "handled");
  r = rig_get(&county, &staff, "/api/v1/sync/aside");
  assert_string_equal(at_text(&r, "items.1.decided.note"), "已按新的内容重记");
  assert_string_equal(at_text(&r, "items.1.decided.actor"), "officer");
  assert_true(at_int(&r, "items.1.decided.entry.seq") > seq);
  reply_wipe(&r);
  rig_carry(&hub.app, &node.app); /* and the province sees by whom and why */
  assert_int_equal(
      rig_count(&hub.app, "SELECT count(*) FROM security_event WHERE detail LIKE 'aside % 已按新的内容重记'"),
      1);
  tamper("DELETE FROM sync_aside");
}

/* -- the province -- */

/* Of the province's own log that was cut, and of a branch whose entry went with it. */
static void what_the_province_put_aside_is_decided_by_a_recorded_act(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX];
  refused_as(rig_post(&province, &auditor, "/api/v1/invites", "{\"branch\":330106}"), 403,
             "role"); /* an entry of its own */
  index_follows();
  assert_true(db_open(&db, data_dir_path(&hub.app.dir, "store.db", path), DB_WRITE, &err));
  assert_true(
      db_exec(db,
              "INSERT INTO sync_aside(id, cut, author, lane, epoch, seq, record, payload, made_ms, aside_ms,"
              " state, reason) SELECT 1, 1, 330127, 0, 1, 2, " LIKE_RECORD
              ", payload, 1, 2, 'kept', '' FROM sync_entry"
              " WHERE pos = (SELECT pos FROM audit WHERE author = 330127 AND action = 'price.add' LIMIT 1);"
              "INSERT INTO sync_aside(id, cut, author, lane, epoch, seq, record, payload, made_ms, aside_ms,"
              " state, reason) SELECT 2, 1, 330000, 330000, 1, 2, " LIKE_RECORD
              ", payload, 1, 2, 'kept', 'constraint'"
              " FROM sync_entry WHERE pos = (SELECT pos FROM audit WHERE author = 330000 AND lane = 330000"
              " ORDER BY pos DESC LIMIT 1)",
              &err));
  db_close(db);
  struct reply r = rig_get(&province, &auditor, "/api/v1/audit/aside");
  assert_int_equal(at_int(&r, "total"), 2);
  assert_string_equal(at_text(&r, "items.0.reason"), "constraint");
  assert_true(json_is_true(at(&r, "items.0.retry")));
  assert_string_equal(at_text(&r, "items.1.reason_title"), "是支行的记录，由支行再报来");
  assert_string_equal(at_text(&r, "items.1.author_name"), "淳安县");
  assert_true(json_is_false(at(&r, "items.1.retry")));
  reply_wipe(&r);
  refused_as(rig_post(&province, &auditor, "/api/v1/audit/aside/1/leave", "{\"note\":\"已重记\"}"), 403,
             "role");
  refused_as(rig_post(&province, &curator, "/api/v1/audit/aside/1/retry", "{}"), 409, "of_branch");
  answered(rig_post(&province, &curator, "/api/v1/audit/aside/1/leave", "{\"note\":\"支行已重新记录\"}"),
           201);
  r = rig_get(&province, &auditor, "/api/v1/audit/aside");
  int64_t act = at_int(&r, "items.1.decided.entry.pos");
  reply_wipe(&r);
  index_follows();
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)act);
  r = rig_get(&province, &auditor, path);
  assert_string_equal(at_text(&r, "action"), "entry.handle");
  assert_string_equal(at_text(&r, "actor"), "curator");
  reply_wipe(&r);
  r = rig_post(&province, &curator, "/api/v1/audit/aside/2/retry", "{}");
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_true(json_is_true(at(&r, "again")));
  reply_wipe(&r);
  r = rig_get(&province, &auditor, "/api/v1/audit/aside");
  assert_string_equal(at_text(&r, "items.1.state"), "again");
  assert_true(at_int(&r, "items.1.again.pos") > 0);
  reply_wipe(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_put_aside_is_named_tried_again_and_left_aside_with_a_reason),
      cmocka_unit_test(what_the_province_put_aside_is_decided_by_a_recorded_act),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
