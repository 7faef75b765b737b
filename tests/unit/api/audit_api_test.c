/* What a bank's auditor asks of the province: over the real web and the real store, with the signed entries of
 * two branches. */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_tally.h"
#include "hub/hub.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/price.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig rig;
static struct hub hub;
static struct app branch, other;
static struct visitor curator, auditor;
static int64_t fish;

static bool price_work(struct tx *tx, void *ctx, struct err *err)
{
  struct price_new in = {.product = fish,
                         .price_fen = 11800,
                         .source = "settled",
                         .observed_date = date_of_ms(clock_wall_ms())};
  struct written row;
  (void)ctx;
  return price_add(tx, &in, &row, NULL, err);
}

/* A price, at a moment of the branch's own clock. */
static void branch_records(struct app *who, int64_t at_ms)
{
  struct err err = ERR_INIT;
  struct act act = {.actor = "officer", .role = "officer", .action = ACTION_PRICE_ADD, .now_ms = at_ms};
  if (!store_commit(who->store, &act, price_work, NULL, NULL, &err)) fail_msg("%s", err.text);
}

static void index_follows(void)
{
  struct err err = ERR_INIT;
  struct db *db;
  bool more = true;
  assert_true(readers_take(hub.app.readers, &db, &err));
  while (more)
    assert_true(audit_index_follow(&hub.app, db, 7, &more, &err)); /* few at a time: sums go on */
  readers_give(hub.app.readers, db);
}

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_site(&branch, APP_NODE, COUNTY, NULL);
  rig_site(&other, APP_NODE, OTHER_COUNTY, NULL);
  rig_seed(&hub.app);
  rig_carry(&hub.app, &branch);
  rig_carry(&hub.app, &other);
  fish = rig_product(&branch, "舟山三疣梭子蟹");
  for (int i = 0; i < 4; i++)
    branch_records(&branch, clock_wall_ms());
  branch_records(&other, clock_wall_ms());
  rig_carry(&hub.app, &branch);
  rig_carry(&hub.app, &other);
  rig_account(&hub.app, "curator", "curator", "curator-password");
  rig_account(&hub.app, "auditor", "auditor", "auditor-password");
  rig_open(&rig, &hub.app, hub_routes, hub_route_count);
  curator = rig_login(&rig, "curator", "curator-password");
  auditor = rig_login(&rig, "auditor", "auditor-password");
  index_follows();
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  rig_site_close(&hub.app);
  rig_site_close(&branch);
  rig_site_close(&other);
  return 0;
}

/* The answer's only item; wipes. */
static int64_t only_pos(struct reply r)
{
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_int_equal(at_int(&r, "total"), 1);
  int64_t pos = at_int(&r, "items.0.pos");
  reply_wipe(&r);
  return pos;
}

static void the_beginning_of_a_hash_finds_its_entry(void **state)
{
  (void)state;
  char path[200], hash[65];
  struct reply r = rig_get(&rig, &auditor, "/api/v1/audit?author=330182&action=price.add");
  int64_t pos = at_int(&r, "items.0.pos");
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)pos);
  r = rig_get(&rig, &auditor, path);
  snprintf(hash, sizeof hash, "%s", at_text(&r, "record_hash"));
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/audit?q=%.8s", hash);
  assert_int_equal(only_pos(rig_get(&rig, &auditor, path)), pos);
  snprintf(path, sizeof path, "/api/v1/audit?q=%.4s+%.4s+%.4s", hash, hash + 4, hash + 8); /* as it is shown */
  assert_int_equal(only_pos(rig_get(&rig, &auditor, path)), pos);
  snprintf(path, sizeof path, "/api/v1/audit?q=%s", hash);
  assert_int_equal(only_pos(rig_get(&rig, &auditor, path)), pos);
  hash[40] = hash[40] == '0' ? '1' : '0'; /* behind what the index keeps */
  snprintf(path, sizeof path, "/api/v1/audit?q=%s", hash);
  r = rig_get(&rig, &auditor, path);
  assert_int_equal(at_int(&r, "total"), 0);
  reply_wipe(&r);
}

static void a_step_of_delay_is_never_far_from_the_delay(void **state)
{
  (void)state;
  for (int64_t ms = 1; ms < INT64_C(40) * 365 * 86400000; ms += 1 + ms / 7) {
    int64_t about = delay_of_step(delay_step(ms));
    if (llabs(about - ms) * 12 > ms) fail_msg("%lld is taken for %lld", (long long)ms, (long long)about);
    assert_int_equal(delay_of_step(delay_step(-ms)), -about);
    assert_true(delay_step(ms + 1) >= delay_step(ms));
  }
  assert_int_equal(delay_of_step(delay_step(0)), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_beginning_of_a_hash_finds_its_entry),
      cmocka_unit_test(a_step_of_delay_is_never_far_from_the_delay),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
