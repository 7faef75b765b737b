/* Another unit leaves the prices of the one before behind: whoever decides it, by a proposal or with a sheet,
 * is told how many. */
#include "hub/api.h"
#include "hub/hub.h"
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>

static struct rig branch, province;
static struct node node;
static struct hub hub;
static struct visitor officer, curator;

static int open_rigs(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, NULL);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub.app);
  rig_carry(&hub.app, &node.app);
  rig_account(&node.app, "officer", "officer", "officer-password");
  rig_account(&hub.app, "curator", "curator", "curator-password");
  rig_open(&branch, &node.app, node_routes, node_route_count);
  rig_open(&province, &hub.app, hub_routes, hub_route_count);
  officer = rig_login(&branch, "officer", "officer-password");
  curator = rig_login(&province, "curator", "curator-password");
  return 0;
}

static int close_rigs(void **state)
{
  (void)state;
  rig_close(&branch);
  rig_close(&province);
  rig_site_close(&node.app);
  rig_site_close(&hub.app);
  return 0;
}

static int64_t record(int64_t product, int64_t fen)
{
  char body[200], today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":%lld,\"source\":\"market\",\"date\":\"%s\"}",
           (long long)product, (long long)fen, today);
  struct reply r = rig_post(&branch, &officer, "/api/v1/prices", body);
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  int64_t id = at_int(&r, "id");
  reply_wipe(&r);
  return id;
}

static int64_t supplier(const char *uscc)
{
  char body[200];
  snprintf(body, sizeof body, "{\"uscc\":\"%s\",\"name\":\"供应商甲\",\"division\":330523}", uscc);
  struct reply r = rig_post(&province, &curator, "/api/v1/suppliers", body);
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  int64_t id = at_int(&r, "id");
  reply_wipe(&r);
  return id;
}

static struct reply sell(int64_t product, int64_t by, const char *way, const char *more)
{
  char body[200];
  snprintf(body, sizeof body, "{\"product\":%lld,\"supplier\":%lld,\"way\":\"%s\"%s}", (long long)product,
           (long long)by, way, more);
  return rig_post(&province, &curator, "/api/v1/channels", body);
}

static int64_t propose(int64_t product, const char *patch)
{
  char body[300];
  snprintf(body, sizeof body,
           "{\"kind\":\"correction\",\"target\":%lld,\"base_rev\":1,\"patch\":%s,\"reason\":"
           "\"市场都按盒卖\"}",
           (long long)product, patch);
  struct reply r = rig_post(&branch, &officer, "/api/v1/proposals", body);
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  int64_t id = at_int(&r, "id");
  reply_wipe(&r);
  return id;
}

static struct reply review(int64_t id)
{
  char path[80];
  snprintf(path, sizeof path, "/api/v1/reviews/%d/%lld", COUNTY, (long long)id);
  struct reply r = rig_get(&province, &curator, path);
  assert_int_equal(r.status, 200);
  return r;
}

static void who_decides_about_another_unit_sees_what_it_leaves_behind(void **state)
{
  (void)state;
  int64_t product = rig_product(&node.app, "安吉冬笋");
  char path[80];
  record(product, 1250);
  record(product, 1260);
  int64_t seller = supplier("91330100716105852F");
  answered(sell(product, seller, "direct", ",\"min_order_qty\":100"), 201);
  answered(sell(product, seller, "market", ""), 201);
  snprintf(path, sizeof path, "/api/v1/prices/%lld/void", (long long)record(product, 1270));
  answered(rig_post(&branch, &officer, path, "{\"reason\":\"看错了单子\"}"), 201);
  int64_t unit = propose(product, "{\"unit\":\"box\"}"), storage = propose(product, "{\"storage\":\"dry\"}");
  rig_carry(&node.app, &hub.app);
  struct reply r = review(unit);
  assert_int_equal(at_int(&r, "old_unit_prices"),
                   2); /* what was taken back is compared with nothing already */
  assert_int_equal(at_int(&r, "old_unit_orders"), 1);
  reply_wipe(&r);
  r = review(storage);
  assert_true(json_is_null(at(&r, "old_unit_prices")));
  assert_true(json_is_null(at(&r, "old_unit_orders")));
  reply_wipe(&r);
}

static void says(const struct reply *r, const char *of)
{
  char path[60];
  snprintf(path, sizeof path, "%sold_unit.prices", of);
  assert_int_equal(at_int(r, path), 2);
  snprintf(path, sizeof path, "%sold_unit.rows", of);
  assert_int_equal(json_array_size(at(r, path)), 1);
  snprintf(path, sizeof path, "%sold_unit.orders", of);
  assert_int_equal(at_int(r, path), 1);
  snprintf(path, sizeof path, "%sold_unit.rows", of);
  assert_int_equal(json_integer_value(json_array_get(at(r, path), 0)), 3);
}

static void a_sheet_with_another_unit_says_what_it_leaves_behind_and_in_which_rows(void **state)
{
  (void)state;
  static const char sheet[] = "name_zh,group,season_start_month,season_end_month,storage,unit,gb2260\n"
                              "安吉春笋,produce,3,5,chilled,box,330523\n"
                              "安吉冬笋,produce,11,2,chilled,box,330523\n";
  char path[160];
  struct reply r =
      rig_upload(&province, &curator, "/api/v1/catalogue/import", "text/csv", sheet, strlen(sheet));
  if (r.status != 409) fail_msg("%d %s", r.status, (char *)r.body);
  says(&r, "error.params.");
  assert_int_equal(at_int(&r, "error.params.rows.0.prices"), 0);
  assert_int_equal(at_int(&r, "error.params.rows.1.prices"), 2);
  assert_int_equal(at_int(&r, "error.params.rows.0.orders"), 0);
  assert_int_equal(at_int(&r, "error.params.rows.1.orders"), 1);
  snprintf(path, sizeof path, "/api/v1/catalogue/import?meant=%s", at_text(&r, "error.params.seen"));
  reply_wipe(&r);
  r = rig_upload(&province, &curator, path, "text/csv", sheet, strlen(sheet));
  if (r.status != 201) fail_msg("%d %s", r.status, (char *)r.body);
  says(&r, "");
  reply_wipe(&r);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM channel WHERE min_order_qty > 0"), 0);
}

static struct reply product_of(int64_t product)
{
  char path[80];
  snprintf(path, sizeof path, "/api/v1/products/%lld", (long long)product);
  return rig_get(&province, &curator, path);
}

static void a_new_unit_empties_the_minimum_that_was_said_in_the_one_of_before(void **state)
{
  (void)state;
  char path[80], body[120];
  int64_t product = rig_product(&hub.app, "舟山带鱼"), seller = supplier("91330100799593858N");
  struct reply r = sell(product, seller, "direct", ",\"min_order_qty\":100,\"unit\":\"kg\"");
  assert_int_equal(r.status, 201);
  int64_t channel = at_int(&r, "id");
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/products/%lld", (long long)product);
  answered(rig_change(&province, &curator, "PATCH", path, NULL, "{\"rev\":1,\"unit\":\"box\"}"), 200);
  rig_carry(&hub.app, &node.app);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM channel WHERE min_order_qty > 0"), 0);
  r = product_of(product);
  assert_int_equal(at_int(&r, "channels.0.min_order_qty"), 0);
  assert_int_equal(at_int(&r, "channels.0.rev"), 2);
  reply_wipe(&r);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM revision WHERE target_kind = 'channel' AND"
                                       " field = 'min_order_qty' AND before = '100' AND after = '0'"),
                   2); /* and that of the sheet */
  /* A form that was opened before. */
  snprintf(path, sizeof path, "/api/v1/channels/%lld", (long long)channel);
  snprintf(body, sizeof body, "{\"rev\":2,\"min_order_qty\":100,\"unit\":\"kg\"}");
  r = rig_change(&province, &curator, "PATCH", path, NULL, body);
  assert_string_equal(at_text(&r, "error.params.filled"), "kg");
  assert_string_equal(at_text(&r, "error.params.now"), "box");
  refused_as(r, 409, "unit_changed");
  refused_as(sell(product, seller, "market", ",\"min_order_qty\":100,\"unit\":\"kg\""), 409, "unit_changed");
  snprintf(body, sizeof body, "{\"rev\":2,\"min_order_qty\":10,\"unit\":\"box\"}");
  answered(rig_change(&province, &curator, "PATCH", path, NULL, body), 200);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(who_decides_about_another_unit_sees_what_it_leaves_behind),
      cmocka_unit_test(a_sheet_with_another_unit_says_what_it_leaves_behind_and_in_which_rows),
      cmocka_unit_test(a_new_unit_empties_the_minimum_that_was_said_in_the_one_of_before),
  };
  return cmocka_run_group_tests(tests, open_rigs, close_rigs);
}
