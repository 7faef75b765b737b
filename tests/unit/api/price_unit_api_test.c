/* A price is signed in the unit it was filled in for, or not at all: it may have stood in a form, or waited
 * on a phone, while the province changed the product's. */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/item.h"

#include <string.h>

static struct rig rig;
static struct node node;
static struct app hub;
static struct visitor officer;
static int64_t fish;

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub);
  rig_carry(&hub, &node.app);
  rig_account(&node.app, "officer", "officer", "officer-password");
  rig_open(&rig, &node.app, node_routes, node_route_count);
  officer = rig_login(&rig, "officer", "officer-password");
  fish = rig_product(&node.app, "舟山三疣梭子蟹");
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  rig_site_close(&node.app);
  rig_site_close(&hub);
  return 0;
}

struct turn {
  const char *unit;
};

static bool turn_work(struct tx *tx, void *ctx, struct err *err)
{
  const struct turn *turn = ctx;
  struct query q = query_open(tx->db, "SELECT rev FROM product WHERE id = ?1", err);
  int64_t rev;
  query_int(&q, 1, fish);
  rev = query_row(&q) ? column_int(&q, 0) : 0;
  if (!query_close(&q)) return false;
  json_t *fields = json_pack("{ss}", "unit", turn->unit);
  bool ok = item_change(tx, ITEM_PRODUCT, fish, rev, fields, &rev, NULL, err);
  json_decref(fields);
  return ok;
}

/* The province sells it by another unit, and the branch hears of it. */
static void turn_unit(const char *unit)
{
  const struct act act = {
      .actor = "curator", .role = "curator", .action = ACTION_PRODUCT_CHANGE, .now_ms = clock_wall_ms()};
  struct turn turn = {unit};
  struct err err = ERR_INIT;
  if (!store_commit(hub.store, &act, turn_work, &turn, NULL, &err)) fail_msg("%s", err.text);
  rig_carry(&hub, &node.app);
}

static struct reply send(int fen, const char *more)
{
  char body[300], today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"price_fen\":%d,\"source\":\"market\",\"date\":\"%s\",\"qty\":2%s}",
           (long long)fish, fen, today, more);
  return rig_post(&rig, &officer, "/api/v1/prices", body);
}

static void a_price_is_recorded_in_the_unit_it_was_filled_in_for_or_not_at_all(void **state)
{
  (void)state;
  char more[80];
  turn_unit("kg");
  struct reply r = send(1250, ",\"unit\":\"kg\"");
  assert_int_equal(r.status, 201);
  int64_t first = at_int(&r, "id");
  reply_wipe(&r);
  turn_unit("box");
  r = send(1300, ",\"unit\":\"kg\"");
  assert_string_equal(at_text(&r, "error.field"), "unit");
  assert_string_equal(at_text(&r, "error.params.filled"), "kg");
  assert_string_equal(at_text(&r, "error.params.now"), "box");
  refused_as(r, 409, "unit_changed");
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), 1);
  answered(send(1300, ",\"unit\":\"box\""), 201);
  answered(send(1400, ""), 201); /* a program that takes whatever it is */
  /* a correction keeps the unit that stands */
  snprintf(more, sizeof more, ",\"unit\":\"box\",\"replaces\":%lld", (long long)first);
  r = send(1260, more);
  assert_string_equal(at_text(&r, "error.params.now"), "kg");
  refused_as(r, 409, "unit_changed");
  snprintf(more, sizeof more, ",\"unit\":\"kg\",\"replaces\":%lld", (long long)first);
  answered(send(1260, more), 201);
}

/* A page that hears of two faults says both in full, and asks about both. */
static void of_two_faults_each_has_its_own_figures(void **state)
{
  (void)state;
  char body[300], today[11], tomorrow[11];
  turn_unit("box");
  date_format(today, date_of_ms(clock_wall_ms()));
  date_format(tomorrow, date_of_ms(clock_wall_ms() + 86400000));
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"price_fen\":1300,\"source\":\"market\",\"date\":\"%s\",\"unit\":\"kg\"}",
           (long long)fish, tomorrow);
  struct reply r = rig_post(&rig, &officer, "/api/v1/prices", body);
  assert_int_equal(json_array_size(at(&r, "errors")), 2);
  for (int i = 0; i < 2; i++) {
    char rule[24], path[40];
    snprintf(path, sizeof path, "errors.%d.rule", i);
    snprintf(rule, sizeof rule, "%s", at_text(&r, path));
    bool unit = strcmp(rule, "unit_changed") == 0;
    if (!unit) assert_string_equal(rule, "future");
    snprintf(path, sizeof path, "errors.%d.params", i);
    const json_t *params = at(&r, path);
    assert_int_equal(json_object_size(params), unit ? 2 : 1);
    assert_string_equal(json_string_value(json_object_get(params, unit ? "now" : "today")),
                        unit ? "box" : today);
  }
  reply_wipe(&r);
}

static void what_is_no_unit_is_said_to_be_none(void **state)
{
  (void)state;
  refused_as(send(1250, ",\"unit\":\"斤\""), 400, "unknown_unit");
  refused_as(send(1250, ",\"unit\":5"), 400, "type");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_price_is_recorded_in_the_unit_it_was_filled_in_for_or_not_at_all),
      cmocka_unit_test(of_two_faults_each_has_its_own_figures),
      cmocka_unit_test(what_is_no_unit_is_said_to_be_none),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
