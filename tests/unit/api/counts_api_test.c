/* What a list says of a record is said of that branch's record, and what it says counts is what the figures
 * are made of. */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/hub.h"
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/refusal.h"
#include "core/domain/score.h"

#include <stdio.h>
#include <string.h>

static struct rig first, second, province;
static struct node node, other;
static struct hub hub;
static struct visitor officer, other_officer, curator;

static void carry(void)
{
  struct err err = ERR_INIT;
  struct db *db;
  bool more = true;
  rig_carry(&hub.app, &node.app);
  rig_carry(&hub.app, &other.app);
  assert_true(readers_take(hub.app.readers, &db, &err));
  while (more)
    assert_true(audit_index_follow(&hub.app, db, 1000, &more, &err));
  readers_give(hub.app.readers, db);
}

static int open_rigs(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_site(&other.app, APP_NODE, OTHER_COUNTY, NULL);
  rig_seed(&hub.app);
  carry();
  rig_account(&node.app, "officer", "officer", "officer-password");
  rig_account(&other.app, "officer", "officer", "officer-password");
  rig_account(&hub.app, "curator", "curator", "curator-password");
  assert_true(audit_reads_open(&hub.reads, &err));
  rig_open(&first, &node.app, node_routes, node_route_count);
  rig_open(&second, &other.app, node_routes, node_route_count);
  rig_open(&province, &hub.app, hub_routes, hub_route_count);
  officer = rig_login(&first, "officer", "officer-password");
  other_officer = rig_login(&second, "officer", "officer-password");
  curator = rig_login(&province, "curator", "curator-password");
  return 0;
}

static int close_rigs(void **state)
{
  (void)state;
  rig_close(&first);
  rig_close(&second);
  rig_close(&province);
  audit_reads_close(hub.reads);
  rig_site_close(&node.app);
  rig_site_close(&other.app);
  rig_site_close(&hub.app);
  return 0;
}

static int64_t record(struct rig *rig, const struct visitor *who, int64_t product, int64_t fen)
{
  char body[200], today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":%lld,\"source\":\"market\",\"date\":\"%s\"}",
           (long long)product, (long long)fen, today);
  struct reply r = rig_post(rig, who, "/api/v1/prices", body);
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  int64_t id = at_int(&r, "id");
  reply_wipe(&r);
  return id;
}

struct refused {
  const char *table, *detail;
  const int64_t *ids;
  int count;
};

static bool refuse_work(struct tx *tx, void *ctx, struct err *err)
{
  const struct refused *r = ctx;
  bool ok = true;
  for (int i = 0; ok && i < r->count; i++)
    ok = refusal_add(tx, COUNTY, r->table, r->ids[i], "price_judged", r->detail, err);
  return ok;
}

static void refuse(struct refused r)
{
  struct err err = ERR_INIT;
  const struct act act = {.actor = "curator",
                          .role = "curator",
                          .action = ACTION_PRICE_JUDGE,
                          .lane = COUNTY,
                          .now_ms = clock_wall_ms()};
  carry();
  if (!app_commit(&hub.app, &act, refuse_work, &r, NULL, &err)) fail_msg("%s", err.text);
  carry();
}

/* How a list says where its only row is, and whether it counts. */
static void only_row(struct rig *rig, const struct visitor *who, const char *path, const char *place,
                     bool counts)
{
  struct reply r = rig_get(rig, who, path);
  assert_int_equal(r.status, 200);
  assert_int_equal(json_array_size(at(&r, "items")), 1);
  assert_string_equal(at_text(&r, "items.0.place.at"), place);
  assert_int_equal(json_is_true(at(&r, "items.0.counts")), counts);
  reply_wipe(&r);
}

static void what_is_refused_of_one_branch_stands_of_another_with_the_same_number(void **state)
{
  (void)state;
  int64_t product = rig_product(&node.app, "安吉冬笋");
  int64_t id = record(&first, &officer, product, 1250);
  assert_true(id == record(&second, &other_officer, product, 1260));
  refuse((struct refused){"price", "{}", &id, 1});
  only_row(&province, &curator, "/api/v1/prices?branch=330127", "refused", false);
  only_row(&province, &curator, "/api/v1/prices?branch=330182", "province", true);
  only_row(&province, &curator, "/api/v1/prices?state=received", "province", true);
  only_row(&province, &curator, "/api/v1/prices?state=refused", "refused", false);
}

/* One refusal speaks of many entries: the second and third are refused as the first is. */
static void each_entry_that_a_refusal_names_is_refused(void **state)
{
  (void)state;
  char detail[100], path[100];
  int64_t product = rig_product(&node.app, "舟山带鱼"), id[4];
  for (int i = 0; i < 4; i++)
    id[i] = record(&first, &officer, product, 3000 + i);
  snprintf(detail, sizeof detail, "{\"entries\":\"%d, %d-%d\",\"count\":3}", (int)id_seq(id[0]),
           (int)id_seq(id[2]), (int)id_seq(id[3]));
  int64_t entries = id_of(id_epoch(id[0]), id_seq(id[0]), 2);
  refuse((struct refused){"entry", detail, &entries, 1});
  for (int i = 0; i < 4; i++) {
    snprintf(path, sizeof path, "/api/v1/prices/%lld", (long long)id[i]);
    struct reply r = rig_get(&first, &officer, path);
    assert_string_equal(at_text(&r, "place.at"), i == 1 ? "province" : "refused");
    assert_int_equal(json_is_true(at(&r, "counts")), i == 1);
    assert_int_equal(json_array_size(at(&r, "rulings")), i == 1 ? 0 : 1); /* and its page says why */
    if (i != 1) assert_int_equal(at_int(&r, "rulings.0.subject_id"), entries);
    reply_wipe(&r);
  }
  snprintf(path, sizeof path, "/api/v1/prices?product=%lld&state=", (long long)product);
  char one[120];
  snprintf(one, sizeof one, "%sreceived", path);
  only_row(&first, &officer, one, "province", true);
  snprintf(one, sizeof one, "%srefused", path);
  struct reply r = rig_get(&first, &officer, one);
  assert_int_equal(at_int(&r, "total"), 3);
  reply_wipe(&r);
}

static int64_t refused_now(bool handled)
{
  int64_t count = 0;
  struct reply r = rig_get(&first, &officer, "/api/v1/sync");
  const json_t *list = at(&r, "refused");
  for (size_t i = 0; i < json_array_size(list); i++)
    count += json_is_true(json_object_get(json_array_get(list, i), "handled")) == handled;
  reply_wipe(&r);
  return count;
}

static void all_that_is_open_is_told_and_of_what_is_settled_the_newest(void **state)
{
  (void)state;
  int64_t product = rig_product(&node.app, "安吉白茶"), before = refused_now(false), id[24];
  char path[100];
  for (int i = 0; i < 24; i++)
    id[i] = record(&first, &officer, product, 40000 + i);
  refuse((struct refused){"price", "{}", id, 24});
  for (int i = 2; i < 24; i++) {
    snprintf(path, sizeof path, "/api/v1/prices/%lld/void", (long long)id[i]);
    answered(rig_post(&first, &officer, path, "{\"reason\":\"看错了单子\"}"), 201);
  }
  assert_int_equal(refused_now(false), before + 2);
  assert_int_equal(refused_now(true), 20);
}

static void change_unit(int64_t product, const char *unit)
{
  char path[80], body[80];
  snprintf(path, sizeof path, "/api/v1/products/%lld", (long long)product);
  snprintf(body, sizeof body, "{\"rev\":1,\"unit\":\"%s\"}", unit);
  answered(rig_change(&province, &curator, "PATCH", path, NULL, body), 200);
  carry();
}

static bool publish_work(struct tx *tx, void *ctx, struct err *err)
{
  return score_write(tx, ctx, err);
}

static void publish(void)
{
  struct err err = ERR_INIT;
  struct score_work *work = NULL;
  struct db *db;
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SCORE_PUBLISH, .now_ms = clock_wall_ms()};
  assert_true(readers_take(hub.app.readers, &db, &err));
  assert_true(score_open(&work, db, date_of_ms(clock_wall_ms()), &err));
  readers_give(hub.app.readers, db);
  while (score_left(work))
    if (!app_commit(&hub.app, &act, publish_work, work, NULL, &err)) fail_msg("%s", err.text);
  score_close(work);
  carry();
}

static void is_compared_with(int64_t price, int64_t median_fen)
{
  char path[80];
  snprintf(path, sizeof path, "/api/v1/prices/%lld", (long long)price);
  struct reply r = rig_get(&first, &officer, path);
  if (median_fen)
    assert_int_equal(at_int(&r, "median_fen"), median_fen);
  else
    assert_true(json_is_null(at(&r, "median_fen")));
  reply_wipe(&r);
}

static void a_price_in_the_unit_of_before_stands_behind_no_figure(void **state)
{
  (void)state;
  char path[100];
  int64_t product = rig_product(&node.app, "安吉春笋");
  int64_t old = record(&first, &officer, product, 1000);
  carry();
  snprintf(path, sizeof path, "/api/v1/prices?product=%lld", (long long)product);
  only_row(&province, &curator, path, "province", true);
  publish();
  is_compared_with(old, 1000);
  change_unit(product, "box");
  only_row(&province, &curator, path, "province", false);
  record(&second, &other_officer, product, 4000);
  carry();
  snprintf(path, sizeof path, "/api/v1/audit/behind?of=price&product=%lld", (long long)product);
  struct reply r = rig_get(&province, &curator, path);
  assert_int_equal(at_int(&r, "total"), 1);
  assert_int_equal(at_int(&r, "items.0.price_fen"), 4000);
  reply_wipe(&r);
  publish();
  is_compared_with(old, 0);
  is_compared_with(record(&first, &officer, product, 4100), 4000);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_refused_of_one_branch_stands_of_another_with_the_same_number),
      cmocka_unit_test(each_entry_that_a_refusal_names_is_refused),
      cmocka_unit_test(all_that_is_open_is_told_and_of_what_is_settled_the_newest),
      cmocka_unit_test(a_price_in_the_unit_of_before_stands_behind_no_figure),
  };
  return cmocka_run_group_tests(tests, open_rigs, close_rigs);
}
