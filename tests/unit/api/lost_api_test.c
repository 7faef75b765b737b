/* What people and auditors are told of a log with holes: over the real web and with the auditor's own reader.
 */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/hub.h"
#include "hub/lost_leaves.h"
#include "program/left_out.h"
#include "rig.h"
#include "tests/unit/sync/lose.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/price.h"
#include "core/domain/score.h"
#include "hub/evaluate.h"
#include "sync/apply.h"
#include "sync/streams.h"
#include "sync/verify.h"
#include "verify/audit_log.h"
#include "verify/source.h"

#include <stdio.h>
#include <string.h>

static struct rig rig;
static struct hub hub;
static struct app branch;
static struct visitor auditor;
static const struct stream own = {COUNTY, 0};
static int64_t fish;

static bool price_work(struct tx *tx, void *ctx, struct err *err)
{
  struct price_new in = {
      .product = fish, .price_fen = 11800, .source = "settled", .observed_date = date_of_ms(clock_wall_ms())};
  struct written row;
  (void)ctx;
  return price_add(tx, &in, &row, NULL, err);
}

static void branch_records(void)
{
  struct err err = ERR_INIT;
  struct act act = {
      .actor = "officer", .role = "officer", .action = ACTION_PRICE_ADD, .now_ms = clock_wall_ms()};
  if (!store_commit(branch.store, &act, price_work, NULL, NULL, &err)) fail_msg("%s", err.text);
}

static void index_follows(void)
{
  struct err err = ERR_INIT;
  struct db *db;
  bool more = true;
  assert_true(readers_take(hub.app.readers, &db, &err));
  while (more)
    if (!audit_index_follow(&hub.app, db, 2, &more, &err)) fail_msg("%s", err.text);
  readers_give(hub.app.readers, db);
}

static bool add_token(struct tx *tx, void *ctx, struct err *err)
{
  uint8_t hash[HASH_SIZE];
  (void)ctx;
  sha256(hash, "0123456789abcdef", 16);
  struct query q = query_open(
      tx->db, "INSERT INTO log_reader(token_hash, name, made_ms, until_ms) VALUES(?1, 'audit', 1, ?2)", err);
  query_blob(&q, 1, hash, sizeof hash);
  query_int(&q, 2, clock_wall_ms() + 3600000);
  return query_run(&q);
}

static void give_token(void)
{
  struct err err = ERR_INIT;
  char path[DATA_PATH_MAX];
  FILE *file = fopen(data_dir_path(&hub.app.dir, "token", path), "w");
  assert_non_null(file);
  fputs("0123456789abcdef\n", file);
  fclose(file);
  if (!app_local(&hub.app, add_token, NULL, &err) || !source_token(path, &err)) fail_msg("%s", err.text);
}

static int open_rig(void **state)
{
  struct err err = ERR_INIT;
  char path[DATA_PATH_MAX];
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_site(&branch, APP_NODE, COUNTY, NULL);
  rig_seed(&hub.app);
  rig_carry(&hub.app, &branch);
  fish = rig_product(&branch, "舟山三疣梭子蟹");
  for (int i = 0; i < 5; i++)
    branch_records();
  rig_carry(&hub.app, &branch);
  lose(data_dir_path(&hub.app.dir, "store.db", path), own, 2, 3);
  rig_account(&hub.app, "auditor", "auditor", "auditor-password");
  assert_true(audit_reads_open(&hub.reads, &err));
  rig_open(&rig, &hub.app, hub_routes, hub_route_count);
  auditor = rig_login(&rig, "auditor", "auditor-password");
  give_token();
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  audit_reads_close(hub.reads);
  rig_site_close(&hub.app);
  rig_site_close(&branch);
  return 0;
}

static void province_says(void)
{
  struct err err = ERR_INIT;
  struct db *db;
  struct lost_leaves state = {0};
  assert_true(readers_take(hub.app.readers, &db, &err));
  if (!lost_leaves_say(&state, &hub.app, db, &err)) fail_msg("%s", err.text);
  readers_give(hub.app.readers, db);
  assert_true(state.named);
}

/* Its first batch comes again, as it was made. */
static void branch_brings_it_again(void)
{
  struct err err = ERR_INIT;
  struct db *here = NULL;
  struct buf bytes = BUF_INIT;
  struct batch *batch = NULL;
  struct apply_result result;
  const struct batch_limits as_made = {.first_signed = true};
  assert_true(readers_take(branch.readers, &here, &err));
  assert_true(store_batch_read(here, own, 0, &as_made, NULL, &bytes, &err));
  readers_give(branch.readers, here);
  assert_true(readers_take(hub.app.readers, &here, &err));
  if (!batch_accept(&batch, here, bytes.data, bytes.size, &err)) fail_msg("%s", err.text);
  readers_give(hub.app.readers, here);
  if (!store_apply(hub.app.store, &batch, 1, clock_wall_ms(), &result, &err)) fail_msg("%s", err.text);
  assert_int_equal(result.outcome, OUTCOME_REPLAY);
  assert_int_equal(result.taken, 3);
  batch_close(batch);
  buf_wipe(&bytes);
}

/* As often as is needed until nothing is left to do. */
static bool evaluation_is_due(void)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct log_once once = {0};
  bool due = false, later = false;
  const int today = date_of_ms(clock_wall_ms());
  assert_true(readers_take(hub.app.readers, &db, &err));
  if (!score_due(db, today, &due, &err) || !evaluate(&hub.app, db, &once, &err) ||
      !score_due(db, today, &later, &err))
    fail_msg("%s", err.text);
  readers_give(hub.app.readers, db);
  assert_false(later);
  return due;
}

/* As sunlit-verify reads the log of a running province. */
static bool audit(struct audit_result *result, struct err *err)
{
  char where[60];
  assert_true(store_sign_log(hub.app.store, clock_wall_ms(), err));
  snprintf(where, sizeof where, "http://127.0.0.1:%u/log", rig.port);
  const struct audit_config config = {.where = where};
  err_clear(err);
  return audit_log(&config, result, err);
}

static void a_hole_is_taken_when_the_province_says_it_and_not_before(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct audit_result result;
  assert_false(audit(&result, &err));
  assert_string_equal(err.rule, "lost_unsaid");
  assert_non_null(strstr(err.text, "author 330127 lane 0 seq 2"));
  province_says();
  if (!audit(&result, &err)) fail_msg("%s", err.text);
  assert_int_equal(result.lost, 3);
  assert_int_equal(result.by_log_alone, 1); /* the first of the batch */
  assert_int_equal(result.lost_links, 1);
  put_u8(&result.lost_text, 0);
  assert_non_null(strstr((char *)result.lost_text.data, "author 330127 lane 0: entry 2 to 4"));
  buf_wipe(&result.lost_text);
  /* Once. */
  uint64_t size = result.checkpoint.size;
  province_says();
  assert_true(audit(&result, &err));
  assert_int_equal(result.checkpoint.size, size);
  buf_wipe(&result.lost_text);
}

/* By the status of a directory, and by its verify.  (lose leaves the rows: that it finds is no matter here.)
 */
static int64_t lost_in(struct app *app)
{
  char path[DATA_PATH_MAX];
  struct err err = ERR_INIT;
  struct verify_report report = {0};
  struct db *db = NULL;
  json_t *o = json_object();
  data_dir_path(&app->dir, "store.db", path);
  assert_true(db_open(&db, path, DB_READ, &err) && left_out_json(db, o, &err));
  db_close(db);
  if (!store_verify(path, &report, &err)) fail_msg("%s", err.text);
  int64_t lost = json_integer_value(json_object_get(o, "lost_total"));
  assert_int_equal(report.lost, lost);
  assert_int_equal(
      json_integer_value(json_object_get(json_array_get(json_object_get(o, "lost"), 0), "count")), lost);
  buf_wipe(&report.text);
  buf_wipe(&report.lost_text);
  json_decref(o);
  return lost;
}

static void everybody_says_the_same_number(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct audit_result result;
  char path[DATA_PATH_MAX];
  province_says();
  index_follows();
  assert_int_equal(lost_in(&hub.app), 3);
  if (!audit(&result, &err)) fail_msg("%s", err.text);
  assert_int_equal(result.lost, 3);
  buf_wipe(&result.lost_text);
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit?state=lost");
  assert_int_equal(at_int(&r, "total"), 3);
  reply_wipe(&r);
  assert_int_equal(lost_in(&branch), 0);
  lose(data_dir_path(&branch.dir, "store.db", path), own, 2, 3); /* as a new disk of it is given them */
  assert_int_equal(lost_in(&branch), 3);
}

static void more_than_was_said_is_refused(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char path[DATA_PATH_MAX];
  struct audit_result result;
  province_says();
  lose(data_dir_path(&hub.app.dir, "store.db", path), own, 5, 1);
  assert_false(audit(&result, &err));
  assert_string_equal(err.rule, "lost_unsaid");
  assert_non_null(strstr(err.text, "seq 5"));
}

static void the_trail_says_whose_it_was_and_when(void **state)
{
  (void)state;
  province_says();
  index_follows();
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit?state=lost");
  assert_int_equal(at_int(&r, "total"), 3);
  assert_int_equal(at_int(&r, "items.0.author"), COUNTY);
  assert_int_equal(at_int(&r, "items.0.seq"), 4);
  assert_string_equal(at_text(&r, "items.0.state"), "lost");
  assert_non_null(strstr(at_text(&r, "items.0.title"), "这一笔在重建时已无处可寻"));
  assert_true(at_int(&r, "items.0.received_ms") > 0);
  char path[80];
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)at_int(&r, "items.0.pos"));
  reply_wipe(&r);
  refused_as(rig_get(&rig, &auditor, path), 404, "entry_lost");
  r = rig_get(&rig, &auditor, "/api/v1/audit/branches");
  const json_t *authors = at(&r, "items");
  size_t i;
  json_t *one;
  json_array_foreach(authors, i, one)
  {
    bool is_it = json_integer_value(json_object_get(one, "author")) == COUNTY;
    assert_int_equal(json_integer_value(json_object_get(one, "lost")), is_it ? 3 : 0);
    if (!is_it) continue;
    assert_string_equal(json_string_value(json_object_get(one, "reason")), "lost");
    assert_int_equal(json_integer_value(json_object_get(json_object_get(one, "own"), "entries")), 5);
  }
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, "/api/v1/audit/events?group=keys");
  assert_int_equal(at_int(&r, "total"), 1);
  assert_string_equal(at_text(&r, "items.0.kind"), "entry_lost");
  assert_int_equal(at_int(&r, "items.0.count"), 3);
  assert_non_null(strstr(at_text(&r, "items.0.detail_title"), "第 2 到 4 条"));
  reply_wipe(&r);
}

/* The branch sends its batch once more: what was lost stands in its place, and the trail says so. */
static void what_turned_up_is_said_and_shown(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct audit_result result;
  province_says();
  index_follows();
  (void)evaluation_is_due();
  assert_false(evaluation_is_due());
  branch_brings_it_again();
  province_says();
  province_says();                  /* once */
  assert_true(evaluation_is_due()); /* though none of these prices is the newest */
  index_follows();
  if (!audit(&result, &err)) fail_msg("%s", err.text);
  assert_int_equal(result.lost, 0);
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit?state=lost");
  assert_int_equal(at_int(&r, "total"), 0);
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, "/api/v1/audit?author=330127&action=price.add");
  assert_int_equal(at_int(&r, "total"), 5);
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, "/api/v1/audit/events?group=keys");
  assert_int_equal(at_int(&r, "total"), 2);
  assert_string_equal(at_text(&r, "items.0.kind"), "entry_found");
  assert_int_equal(at_int(&r, "items.0.count"), 3);
  reply_wipe(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_hole_is_taken_when_the_province_says_it_and_not_before, open_rig,
                                      close_rig),
      cmocka_unit_test_setup_teardown(everybody_says_the_same_number, open_rig, close_rig),
      cmocka_unit_test_setup_teardown(more_than_was_said_is_refused, open_rig, close_rig),
      cmocka_unit_test_setup_teardown(the_trail_says_whose_it_was_and_when, open_rig, close_rig),
      cmocka_unit_test_setup_teardown(what_turned_up_is_said_and_shown, open_rig, close_rig),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
