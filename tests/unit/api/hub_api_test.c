/* The province's HTTP interface over the real web and the real store, with a branch's signed entries in it.
 */
#include "agree.h"
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/hub.h"
#include "net/cert_authority.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/base/xlsx_read.h"
#include "core/domain/describe.h"
#include "core/domain/enrolment.h"
#include "core/domain/price.h"
#include "core/domain/proposal.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig rig;
static struct hub hub;
static struct app branch; /* its journal is carried up */
static struct visitor curator, auditor, admin, nobody;
static int64_t fish, persimmon;
static int64_t proposal;

/* -- what the branch did -- */

static bool price_work(struct tx *tx, void *ctx, struct err *err)
{
  struct price_new in = {.product = fish,
                         .price_fen = 11800,
                         .source = "settled",
                         .observed_date = date_add_days(date_of_ms(tx->now_ms), -1),
                         .note = "到货"};
  struct written row;
  (void)ctx;
  return price_add(tx, &in, &row, NULL, err);
}

static bool proposal_work(struct tx *tx, void *ctx, struct err *err)
{
  struct written row;
  json_t *patch = json_pack("{s:s, s:s}", "storage", "dry", "storage_note_zh", "单层摆放，防压伤");
  struct proposal_new in = {
      .kind = "correction", .target = persimmon, .base_rev = 1, .patch = patch, .reason = "常温放两天就软"};
  bool ok = proposal_add(tx, &in, &row, NULL, err);
  *(int64_t *)ctx = row.id;
  json_decref(patch);
  return ok;
}

static void branch_does(const char *action, store_work work, void *ctx)
{
  struct err err = ERR_INIT;
  struct act act = {.actor = "officer", .role = "officer", .action = action, .now_ms = clock_wall_ms()};
  if (!store_commit(branch.store, &act, work, ctx, NULL, &err)) fail_msg("%s", err.text);
}

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

/* What an invitation names. */
static void make_authority(void)
{
  struct err err = ERR_INIT;
  char certificate[DATA_PATH_MAX], key[DATA_PATH_MAX];
  data_dir_path(&hub.app.dir, "keys/ca.crt", certificate);
  data_dir_path(&hub.app.dir, "keys/ca.key", key);
  if (!tls_start(&err) || !cert_authority_make(certificate, key, "Sunlit test", &err))
    fail_msg("%s", err.text);
  snprintf(hub.address, sizeof hub.address, "hub.test:7443");
}

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_site(&branch, APP_NODE, COUNTY, NULL);
  make_authority();
  rig_seed(&hub.app);
  rig_carry(&hub.app, &branch);
  fish = rig_product(&branch, "舟山三疣梭子蟹");
  persimmon = rig_product(&branch, "淳安无核柿");
  branch_does(ACTION_PRICE_ADD, price_work, NULL);
  branch_does(ACTION_PROPOSAL_ADD, proposal_work, &proposal);
  rig_carry(&hub.app, &branch);
  index_follows();
  rig_account(&hub.app, "curator", "curator", "curator-password");
  rig_account(&hub.app, "auditor", "auditor", "auditor-password");
  rig_account(&hub.app, "admin", "admin", "admin-password");
  struct err err = ERR_INIT;
  assert_true(audit_reads_open(&hub.reads, &err));
  rig_open(&rig, &hub.app, hub_routes, hub_route_count);
  curator = rig_login(&rig, "curator", "curator-password");
  auditor = rig_login(&rig, "auditor", "auditor-password");
  admin = rig_login(&rig, "admin", "admin-password");
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

static void routes_and_description_agree(void **state)
{
  (void)state;
  const struct served served = {hub_routes, hub_route_count, "hub", ROLE_HUB};
  routes_are_described(&served);
  descriptions_are_served(&served);
}

static void an_auditor_reads_everything_and_changes_nothing(void **state)
{
  (void)state;
  size_t count;
  struct err err = ERR_INIT;
  struct web_route *table = site_table(hub_routes, hub_route_count, &count, &err);
  for (size_t i = 0; i < count; i++) {
    const struct web_route *route = &table[i];
    bool reads = strcmp(route->method, "GET") == 0;
    if (reads && !(route->need & ROLE_AUDITOR) && route->need)
      fail_msg("an auditor may not read %s", route->pattern);
    /* Its own sessions and password. */
    bool own = (route->flags & SITE_NEW_PASSWORD) || !route->need ||
               strcmp(route->pattern, "/api/v1/sessions/{id}/logout") == 0;
    bool compares = strcmp(route->pattern, "/api/v1/audit/checkpoint") == 0; /* writes that it was asked */
    if (reads || own || compares) continue;
    refused_as(rig_change(&rig, &auditor, route->method, route->pattern, NULL, "{}"), 403, "role");
  }
  free(table);
}

static void every_page_has_its_answer(void **state)
{
  (void)state;
  char path[120];
  static const char *const lists[] = {"/api/v1/status",
                                      "/api/v1/session",
                                      "/api/v1/board",
                                      "/api/v1/reviews",
                                      "/api/v1/reviews?state=decided",
                                      "/api/v1/price-doubts",
                                      "/api/v1/audit",
                                      "/api/v1/branches",
                                      "/api/v1/catalogue?limit=1000",
                                      "/api/v1/prices",
                                      "/api/v1/evaluations",
                                      "/api/v1/suppliers",
                                      "/api/v1/accounts",
                                      "/api/v1/divisions",
                                      "/api/v1/delisted",
                                      "/api/v1/audit?lang=en&author=330127&from=2026-01-01&state=verified"};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    answered(rig_get(&rig, &auditor, lists[i]), 200);
  snprintf(path, sizeof path, "/api/v1/products/%lld", (long long)fish);
  answered(rig_get(&rig, &auditor, path), 200);
  snprintf(path, sizeof path, "/api/v1/products/%lld/prices", (long long)fish);
  answered(rig_get(&rig, &auditor, path), 200);
  for (int pos = 0; pos < 2; pos++) { /* signature and chain of the first of a log too */
    snprintf(path, sizeof path, "/api/v1/audit/%d", pos);
    struct reply r = rig_get(&rig, &auditor, path);
    assert_true(json_is_true(at(&r, "checks.0.ok")) && json_is_true(at(&r, "checks.1.ok")));
    reply_wipe(&r);
  }
}

static void every_list_is_a_workbook_too(void **state)
{
  (void)state;
  char compare[120];
  snprintf(compare, sizeof compare, "/api/v1/compare/%lld/counties.xlsx", (long long)fish);
  const char *const lists[] = {
      "/api/v1/board.xlsx",    "/api/v1/reviews.xlsx", "/api/v1/audit.xlsx?author=330127",
      "/api/v1/branches.xlsx", "/api/v1/prices.xlsx",  compare};
  static const size_t rows[] = {91, 2, 3, 91, 2, 2};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    struct grid grid = GRID_INIT;
    struct err err = ERR_INIT;
    struct reply r = rig_get(&rig, &auditor, lists[i]);
    if (!xlsx_read(&grid, r.body, r.size, NULL, &err)) fail_msg("%s: %s", lists[i], err.text);
    if (grid.rows != rows[i]) fail_msg("%s: %zu rows", lists[i], grid.rows);
    grid_wipe(&grid);
    reply_wipe(&r);
  }
}

/* -- the board -- */

static bool heard_work(struct tx *tx, void *ctx, struct err *err)
{
  const struct branch_fact *fact = ctx;
  return branch_contact_enrolled(tx, fact->branch, 1, err) && branch_contact_heard(tx, fact, err);
}

static void heard(struct branch_fact fact)
{
  struct err err = ERR_INIT;
  fact.epoch = 1;
  fact.version = "1.0.0";
  fact.schema = 3;
  if (!fact.reason) fact.reason = "";
  assert_true(store_local(hub.app.store, clock_wall_ms(), heard_work, &fact, &err));
}

static void the_board_names_the_worst_first(void **state)
{
  (void)state;
  heard((struct branch_fact){
      .branch = 330127, .seq = 1000, .pending = 3, .oldest_pending_ms = clock_wall_ms()});
  heard((struct branch_fact){.branch = 330182});
  heard((struct branch_fact){.branch = 330225, .refused = 3});
  heard((struct branch_fact){.branch = 330921, .skew_ms = INT64_C(3) * 86400000});
  struct reply r = rig_get(&rig, &auditor, "/api/v1/board");
  assert_int_equal(json_array_size(at(&r, "branches")), 90);
  assert_int_equal(at_int(&r, "branches.0.code"), 330225);
  assert_string_equal(at_text(&r, "branches.0.reason"), "refused");
  assert_string_equal(at_text(&r, "branches.1.reason"), "skew");
  assert_int_equal(at_int(&r, "counts.attention"), 2);
  assert_int_equal(at_int(&r, "counts.pending"), 1);
  assert_int_equal(at_int(&r, "counts.synced"), 1);
  assert_int_equal(at_int(&r, "counts.unknown"), 86);
  assert_string_equal(at_text(&r, "branches.89.upgrade"), "ok");
  assert_true(json_is_null(at(&r, "branches.5.pending"))); /* never counted is not zero */
  reply_wipe(&r);
  r = rig_get(&rig, &nobody, "/api/v1/status");
  assert_string_equal(at_text(&r, "state"), "attention");
  assert_int_equal(at_int(&r, "reviews"), 1);
  reply_wipe(&r);
}

static void what_the_log_has_is_no_longer_pending(void **state)
{
  (void)state;
  /* It greeted with its first entry pending, which has come since. */
  heard((struct branch_fact){.branch = 330127, .seq = 1, .pending = 1, .oldest_pending_ms = clock_wall_ms()});
  struct reply r = rig_get(&rig, &auditor, "/api/v1/board");
  assert_int_equal(at_int(&r, "counts.pending"), 0);
  assert_int_equal(at_int(&r, "counts.synced"), 2);
  reply_wipe(&r);
}

static void a_records_number_finds_its_entry(void **state)
{
  (void)state;
  struct reply r = rig_get(&rig, &auditor, "/api/v1/prices?branch=330127&limit=1");
  char path[120];
  snprintf(path, sizeof path, "/api/v1/audit?q=%s", at_text(&r, "items.0.no"));
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, path);
  assert_int_equal(at_int(&r, "total"), 1);
  assert_int_equal(at_int(&r, "items.0.author"), 330127);
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, "/api/v1/audit?q=JG330127-190001-0001");
  assert_int_equal(at_int(&r, "total"), 0);
  reply_wipe(&r);
}

/* -- the catalogue -- */

static void a_product_changes_by_field_and_never_over_somebody_else(void **state)
{
  (void)state;
  char path[80];
  snprintf(path, sizeof path, "/api/v1/products/%lld", (long long)fish);
  struct reply r = rig_change(&rig, &curator, "PATCH", path, NULL,
                              "{\"rev\":1,\"storage_note_zh\":\"活体低温保湿运输\",\"confirmed\":true}");
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_int_equal(at_int(&r, "rev"), 2);
  reply_wipe(&r);
  refused_as(rig_change(&rig, &curator, "PATCH", path, NULL, "{\"rev\":1,\"storage\":\"dry\"}"), 409,
             "stale");
  refused_as(rig_change(&rig, &curator, "PATCH", path, NULL, "{\"rev\":2,\"colour\":\"red\"}"), 400,
             "unknown_field");
  refused_as(rig_change(&rig, &curator, "PATCH", path, NULL, "{\"rev\":2,\"storage\":\"wet\"}"), 400,
             "one_of");
  refused_as(rig_change(&rig, &curator, "PATCH", path, NULL, "{\"rev\":2}"), 400, "required");
  refused_as(rig_change(&rig, &curator, "PATCH", path, NULL, "{\"storage\":\"dry\"}"), 400, "required");
  refused_as(
      rig_change(&rig, &curator, "PATCH", "/api/v1/products/9", NULL, "{\"rev\":1,\"storage\":\"dry\"}"), 404,
      "unknown_product");
  r = rig_get(&rig, &auditor, path);
  assert_string_equal(at_text(&r, "storage_note_zh"), "活体低温保湿运输");
  assert_true(json_is_true(at(&r, "confirmed")));
  reply_wipe(&r);
}

static void a_new_product_is_found_at_once_and_a_delisted_one_can_come_back(void **state)
{
  (void)state;
  char path[80];
  struct reply r = rig_post(
      &rig, &curator, "/api/v1/products",
      "{\"name_zh\":\"威坪辣椒酱\",\"group\":\"processed\",\"origin_code\":330127,\"unit\":\"bottle\","
      "\"seasons\":[{\"kind\":\"open\",\"start_md\":101,\"end_md\":1231}],"
      "\"storage\":\"ambient\",\"subgroup\":\"sauce\",\"name_pinyin\":\"wei ping la jiao jiang\"}");
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  snprintf(path, sizeof path, "/api/v1/products/%lld", (long long)at_int(&r, "id"));
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, "/api/v1/catalogue?q=wplj");
  assert_int_equal(at_int(&r, "total"), 1);
  reply_wipe(&r);
  answered(rig_change(&rig, &curator, "PATCH", path, NULL,
                      "{\"rev\":1,\"status\":\"delisted\",\"status_reason\":\"停产\"}"),
           200);
  r = rig_get(&rig, &auditor, "/api/v1/delisted");
  assert_string_equal(at_text(&r, "items.0.origin_name_en"), "Chun'an County");
  reply_wipe(&r);
  answered(rig_change(&rig, &curator, "PATCH", path, NULL,
                      "{\"rev\":2,\"status\":\"active\",\"status_reason\":\"\"}"),
           200);
  r = rig_post(&rig, &curator, "/api/v1/products",
               "{\"group\":\"fish\",\"origin_code\":1,\"unit\":\"\",\"storage\":7}");
  assert_int_equal(r.status, 400);
  assert_true(json_array_size(at(&r, "errors")) >= 4);
  reply_wipe(&r);
}

static void suppliers_and_channels_are_made_and_changed(void **state)
{
  (void)state;
  char body[300], path[80];
  refused_as(rig_post(&rig, &curator, "/api/v1/suppliers",
                      "{\"uscc\":\"91330100000000001A\",\"name\":\"某水产\",\"division\":330903}"),
             400, "check_digit");
  struct reply r = rig_post(&rig, &curator, "/api/v1/suppliers",
                            "{\"uscc\":\"91350100M000100Y43\",\"name\":\"普陀水产\",\"division\":330903,"
                            "\"licence_until\":\"2028-03-14\"}");
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  long long id = at_int(&r, "id");
  reply_wipe(&r);
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"supplier\":%lld,\"way\":\"direct\",\"min_order_qty\":20,\"delivery_area\":"
           "\"淳安\"}",
           (long long)fish, id);
  r = rig_post(&rig, &curator, "/api/v1/channels", body);
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  long long channel = at_int(&r, "id");
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/suppliers/%lld", id);
  r = rig_get(&rig, &auditor, path);
  assert_string_equal(at_text(&r, "licence_until"), "2028-03-14");
  assert_int_equal(at_int(&r, "channel_list.0.product"), fish);
  reply_wipe(&r);
  refused_as(rig_change(&rig, &curator, "PATCH", path, NULL, "{\"rev\":1,\"status\":\"suspended\"}"), 400,
             "required");
  answered(rig_change(&rig, &curator, "PATCH", path, NULL,
                      "{\"rev\":1,\"status\":\"suspended\",\"status_reason\":\"许可证到期\"}"),
           200);
  snprintf(path, sizeof path, "/api/v1/channels/%lld", channel);
  answered(rig_change(&rig, &curator, "PATCH", path, NULL, "{\"rev\":1,\"way\":\"wholesale\"}"), 200);
  refused_as(rig_change(&rig, &curator, "PATCH", path, NULL, "{\"rev\":1,\"remove\":true}"), 409, "stale");
  answered(rig_change(&rig, &curator, "PATCH", path, NULL, "{\"rev\":2,\"remove\":true}"), 200);
  r = rig_get(&rig, &auditor, "/api/v1/suppliers?status=suspended");
  assert_int_equal(at_int(&r, "total"), 1);
  reply_wipe(&r);
}

static void a_file_is_taken_whole_or_not_at_all(void **state)
{
  (void)state;
  const char *head =
      "name_zh,name_pinyin,name_en,group,subgroup,gb2260,season_start_month,season_end_month,storage,"
      "storage_note_zh,unit,geo_indication\r\n";
  char text[2000];
  int64_t before = rig_count(&hub.app, "SELECT count(*) FROM product");
  snprintf(text, sizeof text,
           "%s新茶一号,xin cha yi hao,New "
           "tea,processed,tea,330127,3,5,dry,干燥,kg,0\r\n坏行,x,x,fish,tea,1,13,5,dry,x,kg,2\r\n",
           head);
  struct reply r = rig_upload(&rig, &curator, "/api/v1/catalogue/import", "text/csv", text, strlen(text));
  assert_int_equal(r.status, 422);
  assert_true(json_array_size(at(&r, "errors")) >= 3);
  assert_int_equal(at_int(&r, "errors.0.row"), 3);
  reply_wipe(&r);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM product"), before);
  *strstr(text, "坏行") = 0;
  r = rig_upload(&rig, &curator, "/api/v1/catalogue/import", "text/csv", text, strlen(text));
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  assert_int_equal(at_int(&r, "added"), 1);
  reply_wipe(&r);
  refused_as(rig_upload(&rig, &curator, "/api/v1/catalogue/import", "application/json", "{}", 2), 415,
             "content_type");
}

/* -- reviews -- */

static void a_proposal_is_decided_by_field_once_and_goes_down_to_its_branch(void **state)
{
  (void)state;
  char path[120], decide[140], product[80];
  snprintf(path, sizeof path, "/api/v1/reviews/330127/%lld", (long long)proposal);
  snprintf(decide, sizeof decide, "%s/decision", path);
  snprintf(product, sizeof product, "/api/v1/products/%lld", (long long)persimmon);
  answered(rig_change(&rig, &curator, "PATCH", product, NULL, "{\"rev\":1,\"storage_note_zh\":\"轻拿轻放\"}"),
           200);
  struct reply r = rig_get(&rig, &auditor, path);
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_true(json_is_true(at(&r, "stale")));
  assert_true(json_is_true(at(&r, "signature.verified")));
  assert_string_equal(at_text(&r, "proposed.storage"), "dry");
  assert_string_equal(at_text(&r, "branch_name"), "淳安县");
  assert_string_equal(at_text(&r, "branch_name_en"), "Chun'an County");
  assert_int_equal(json_array_size(at(&r, "similar")), 0); /* nothing new */
  assert_string_equal(at_text(&r, "now.fields.storage_note_zh"), "轻拿轻放");
  assert_string_equal(at_text(&r, "now.changed.storage_note_zh.actor"), "curator");
  assert_int_equal(at_int(&r, "now.rev"), 2);
  reply_wipe(&r);
  refused_as(rig_post(&rig, &curator, decide, "{\"fields\":{\"storage\":\"accepted\"},\"rev\":2}"), 400,
             "required");
  refused_as(rig_post(&rig, &curator, decide,
                      "{\"fields\":{\"storage\":\"accepted\",\"storage_note_zh\":\"rejected\"},\"reason\":"
                      "\"已改\",\"rev\":1}"),
             409, "stale");
  r = rig_post(&rig, &curator, decide,
               "{\"fields\":{\"storage\":\"accepted\",\"storage_note_zh\":\"rejected\"},\"reason\":\"已改\","
               "\"rev\":2}");
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  assert_string_equal(at_text(&r, "verdict"), "partly");
  assert_int_equal(at_int(&r, "rev"), 3);
  reply_wipe(&r);
  refused_as(rig_post(&rig, &curator, decide,
                      "{\"fields\":{\"storage\":\"accepted\",\"storage_note_zh\":\"accepted\"},\"rev\":3}"),
             409, "decided");
  r = rig_get(&rig, &auditor, "/api/v1/reviews?state=decided");
  assert_string_equal(at_text(&r, "items.0.decision.verdict"), "partly");
  reply_wipe(&r);
  rig_carry(&hub.app, &branch);
  assert_int_equal(rig_count(&branch, "SELECT count(*) FROM decision WHERE branch = 330127"), 1);
  refused_as(rig_get(&rig, &auditor, "/api/v1/reviews/330127/77"), 404, "unknown_proposal");
}

static bool new_product_work(struct tx *tx, void *ctx, struct err *err)
{
  struct written row;
  json_t *patch = json_pack("{ss ss si ss ss s[{ss si si}]}", "name_zh", "无核柿", "group", "produce",
                            "origin_code", 330182, "unit", "kg", "storage", "ambient", "seasons", "kind",
                            "open", "start_md", 1001, "end_md", 1130);
  struct proposal_new in = {.kind = "new_product", .patch = patch, .reason = "食堂在用"};
  bool ok = proposal_add(tx, &in, &row, NULL, err);
  *(int64_t *)ctx = row.id;
  json_decref(patch);
  return ok;
}

static void something_new_comes_with_what_is_called_like_it(void **state)
{
  (void)state;
  int64_t id = 0;
  char path[120], decide[140];
  branch_does(ACTION_PROPOSAL_ADD, new_product_work, &id);
  rig_carry(&hub.app, &branch);
  snprintf(path, sizeof path, "/api/v1/reviews/330127/%lld", (long long)id);
  snprintf(decide, sizeof decide, "%s/decision", path);
  struct reply r = rig_get(&rig, &auditor, path);
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_string_equal(at_text(&r, "similar.0.name"), "淳安无核柿");
  assert_string_equal(at_text(&r, "similar.0.why"), "part");
  assert_string_equal(at_text(&r, "similar.0.place_en"), "Chun'an County");
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, "/api/v1/reviews?sort=newest&from=2020-01-01");
  assert_int_equal(at_int(&r, "items.0.id"), id);
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, "/api/v1/reviews?to=2020-01-01");
  assert_int_equal(at_int(&r, "total"), 0);
  reply_wipe(&r);
  r = rig_post(
      &rig, &curator, decide,
      "{\"fields\":{\"name_zh\":\"rejected\",\"group\":\"rejected\",\"origin_code\":\"rejected\",\"unit\":"
      "\"rejected\",\"storage\":\"rejected\",\"seasons\":\"rejected\"},\"reason\":\"就是淳安无核柿\"}");
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, path);
  assert_int_equal(json_array_size(at(&r, "similar")), 0); /* it is decided */
  reply_wipe(&r);
  refused_as(rig_get(&rig, &auditor, "/api/v1/suppliers?sort=colour"), 400, "one_of");
}

/* -- comparison and audit -- */

static void one_product_is_compared_over_counties(void **state)
{
  (void)state;
  char path[80];
  snprintf(path, sizeof path, "/api/v1/compare/%lld", (long long)fish);
  struct reply r = rig_get(&rig, &auditor, path);
  assert_int_equal(at_int(&r, "counties.0.branch"), 330127);
  assert_int_equal(at_int(&r, "counties.0.last_fen"), 11800);
  assert_int_equal(at_int(&r, "province.count"), 1);
  assert_int_equal(json_array_size(at(&r, "periods")), 24);
  reply_wipe(&r);
  refused_as(rig_get(&rig, &auditor, "/api/v1/compare/9"), 404, "unknown_product");
  /* yesterday's is of the last two days and not of one, and so is what is behind it */
  for (int days = 1; days <= 2; days++) {
    snprintf(path, sizeof path, "/api/v1/compare/%lld?days=%d", (long long)fish, days);
    r = rig_get(&rig, &auditor, path);
    assert_int_equal(json_array_size(at(&r, "counties")), days - 1);
    reply_wipe(&r);
    snprintf(path, sizeof path, "/api/v1/audit/behind?of=price&product=%lld&days=%d", (long long)fish, days);
    r = rig_get(&rig, &auditor, path);
    assert_int_equal(at_int(&r, "total"), days - 1);
    reply_wipe(&r);
  }
}

static const char *check_of(const struct reply *r, const char *name)
{
  size_t i;
  json_t *one;
  json_array_foreach(at(r, "checks"), i, one)
  {
    if (strcmp(json_string_value(json_object_get(one, "name")), name) != 0) continue;
    const json_t *ok = json_object_get(one, "ok");
    return json_is_true(ok) ? "passed" : json_is_null(ok) ? "open" : "failed";
  }
  return "missing";
}

static void an_entry_is_decoded_and_proved(void **state)
{
  (void)state;
  char path[120];
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit?author=330127&action=price.add");
  assert_int_equal(at_int(&r, "total"), 1);
  assert_string_equal(at_text(&r, "items.0.author_name"), "淳安县");
  assert_non_null(strstr(at_text(&r, "items.0.title"), "舟山三疣梭子蟹"));
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)at_int(&r, "items.0.pos"));
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, path);
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_string_equal(check_of(&r, "signature"), "passed");
  assert_string_equal(check_of(&r, "chain"), "passed");
  assert_string_equal(check_of(&r, "payload"), "passed");
  assert_non_null(strstr((const char *)r.body, "这一行归它写")); /* the scope, passed */
  assert_string_equal(at_text(&r, "changes.0.table"), "price");
  assert_string_equal(at_text(&r, "changes.0.op"), "insert");
  assert_int_equal(at_int(&r, "key.epoch"), 1);
  size_t record = strlen(at_text(&r, "record_hex")) / 2, payload = (size_t)at_int(&r, "payload_size");
  bool own = json_is_string(at(&r, "signature_hex"));
  reply_wipe(&r);
  strcat(path, "/bytes");
  r = rig_get(&rig, &auditor, path);
  assert_int_equal(r.size, 2 + record + 1 + (own ? 64 : 0) + 4 + payload);
  reply_wipe(&r);
  refused_as(rig_get(&rig, &auditor, "/api/v1/audit/999999"), 404, "not_found");
  refused_as(rig_get(&rig, &auditor, "/api/v1/audit?state=good"), 400, "one_of");
}

static void a_change_shows_before_and_after(void **state)
{
  (void)state;
  char path[120];
  index_follows();
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit?action=product.change&limit=1");
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)at_int(&r, "items.0.pos"));
  reply_wipe(&r);
  r = rig_get(&rig, &auditor, path);
  size_t i;
  json_t *one;
  bool found = false;
  json_array_foreach(at(&r, "changes"), i, one)
  {
    found = found || strcmp(json_string_value(json_object_get(one, "op")), "update") == 0;
  }
  assert_true(found);
  assert_string_equal(check_of(&r, "scope"), "passed");
  reply_wipe(&r);
}

/* -- branches -- */

static void branches_are_listed_and_only_an_administrator_lets_in(void **state)
{
  (void)state;
  struct reply r = rig_get(&rig, &auditor, "/api/v1/branches");
  assert_int_equal(at_int(&r, "total"), 90);
  reply_wipe(&r);
  refused_as(rig_post(&rig, &curator, "/api/v1/invites", "{\"branch\":330127}"), 403, "role");
  refused_as(rig_post(&rig, &admin, "/api/v1/invites", "{\"branch\":\"x\"}"), 400, "type");
  refused_as(rig_post(&rig, &admin, "/api/v1/invites", "{\"branch\":330127,\"days\":3}"), 400,
             "unknown_field");
  refused_as(rig_post(&rig, &admin, "/api/v1/invites", "{\"branch\":330100}"), 400, "not_a_county");
  const char *key = "invited-once-and-shown-once";
  r = rig_change(&rig, &admin, "POST", "/api/v1/invites", key, "{\"branch\":330182}");
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  assert_non_null(strstr(at_text(&r, "invite"), "hub.test:7443"));
  reply_wipe(&r);
  r = rig_change(&rig, &admin, "POST", "/api/v1/invites", key, "{\"branch\":330182}");
  assert_true(json_is_null(at(&r, "invite")));
  reply_wipe(&r);
}

/* -- the same request from many at once -- */

struct crowd {
  pthread_t thread;
  const char *path, *key, *body;
  int status;
  bool told; /* its answer holds the secret line */
};

enum { CROWD = 8 };

static void *one_of_many(void *ctx)
{
  struct crowd *one = ctx;
  struct reply r = rig_change(&rig, &admin, "POST", one->path, one->key, one->body);
  one->status = r.status;
  one->told = json_is_string(json_object_get(r.json, "invite"));
  reply_wipe(&r);
  return NULL;
}

/* How many of them were told the line. */
static int all_at_once(const char *path, const char *key, const char *body)
{
  struct crowd crowd[CROWD];
  int told = 0;
  for (size_t i = 0; i < CROWD; i++) {
    crowd[i] = (struct crowd){.path = path, .key = key, .body = body};
    assert_int_equal(pthread_create(&crowd[i].thread, NULL, one_of_many, &crowd[i]), 0);
  }
  for (size_t i = 0; i < CROWD; i++) {
    pthread_join(crowd[i].thread, NULL);
    assert_int_equal(crowd[i].status, 201);
    told += crowd[i].told;
  }
  return told;
}

static bool certify(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return certificate_add(tx, "c0ffee", 330822, 2, tx->now_ms + 1000000, err) &&
         branch_contact_enrolled(tx, 330822, 2, err);
}

static void what_is_sent_by_many_at_once_is_done_once(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_int_equal(all_at_once("/api/v1/invites", "invite-at-once", "{\"branch\":330822}"), 1);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM invite WHERE branch = 330822"), 1);
  assert_int_equal(
      rig_count(&hub.app, "SELECT count(*) FROM security_event WHERE kind = 'invite' AND detail = '330822'"),
      1);
  assert_true(app_local(&hub.app, certify, NULL, &err));
  all_at_once("/api/v1/branches/330822/revoke", "revoke-at-once", "{\"reason\":\"换机\",\"epoch\":2}");
  assert_int_equal(rig_count(&hub.app, "SELECT sum(count) FROM security_event WHERE kind = 'revoke'"), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(routes_and_description_agree),
      cmocka_unit_test(an_auditor_reads_everything_and_changes_nothing),
      cmocka_unit_test(every_page_has_its_answer),
      cmocka_unit_test(every_list_is_a_workbook_too),
      cmocka_unit_test(the_board_names_the_worst_first),
      cmocka_unit_test(what_the_log_has_is_no_longer_pending),
      cmocka_unit_test(a_records_number_finds_its_entry),
      cmocka_unit_test(a_product_changes_by_field_and_never_over_somebody_else),
      cmocka_unit_test(a_new_product_is_found_at_once_and_a_delisted_one_can_come_back),
      cmocka_unit_test(suppliers_and_channels_are_made_and_changed),
      cmocka_unit_test(a_file_is_taken_whole_or_not_at_all),
      cmocka_unit_test(a_proposal_is_decided_by_field_once_and_goes_down_to_its_branch),
      cmocka_unit_test(one_product_is_compared_over_counties),
      cmocka_unit_test(an_entry_is_decoded_and_proved),
      cmocka_unit_test(a_change_shows_before_and_after),
      cmocka_unit_test(something_new_comes_with_what_is_called_like_it),
      cmocka_unit_test(branches_are_listed_and_only_an_administrator_lets_in),
      cmocka_unit_test(what_is_sent_by_many_at_once_is_done_once),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
