/* What the province said of a price stays with its history, at the branch and at the province, and leads to
 * the prices it was judged by. */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/hub.h"
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/domain.h"
#include "core/domain/price_doubt.h"
#include "core/domain/refusal.h"

#include <stdio.h>
#include <string.h>

static struct rig province, county;
static struct hub hub;
static struct node node;
static struct visitor auditor, officer;
static int64_t fish;

static void carry(void)
{
  struct err err = ERR_INIT;
  struct db *db;
  bool more = true;
  rig_carry(&hub.app, &node.app);
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
  carry();
  rig_account(&hub.app, "auditor", "auditor", "auditor-password");
  rig_account(&node.app, "officer", "officer", "officer-password");
  assert_true(audit_reads_open(&hub.reads, &err));
  rig_open(&province, &hub.app, hub_routes, hub_route_count);
  rig_open(&county, &node.app, node_routes, node_route_count);
  auditor = rig_login(&province, "auditor", "auditor-password");
  officer = rig_login(&county, "officer", "officer-password");
  fish = rig_product(&node.app, "舟山三疣梭子蟹");
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&county);
  rig_close(&province);
  audit_reads_close(hub.reads);
  rig_site_close(&hub.app);
  rig_site_close(&node.app);
  return 0;
}

static int64_t record(int fen, int64_t replaces, char no[NUMBER_SIZE])
{
  char body[300], today[11], more[40] = "";
  date_format(today, date_of_ms(clock_wall_ms()));
  if (replaces) snprintf(more, sizeof more, ",\"replaces\":%lld", (long long)replaces);
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":%d,\"source\":\"settled\",\"date\":\"%s\"%s}",
           (long long)fish, fen, today, more);
  struct reply r = rig_post(&county, &officer, "/api/v1/prices", body);
  assert_int_equal(r.status, 201);
  int64_t id = at_int(&r, "id");
  snprintf(no, NUMBER_SIZE, "%s", at_text(&r, "no"));
  reply_wipe(&r);
  return id;
}

static bool refuse(struct tx *tx, void *ctx, struct err *err)
{
  return refusal_add(
      tx, COUNTY, "price", *(const int64_t *)ctx, "price_judged",
      "{\"price_fen\":99000,\"median_fen\":11800,\"reason\":\"礼盒不计入比价\",\"by\":\"mulan\"}", err);
}

static bool doubt(struct tx *tx, void *ctx, struct err *err)
{
  return price_doubt_add(tx, COUNTY, *(const int64_t *)ctx, 0, 0, err);
}

static void say(bool (*work)(struct tx *, void *, struct err *), int64_t price)
{
  struct err err = ERR_INIT;
  const struct act act = {.actor = "mulan",
                          .role = "curator",
                          .action = ACTION_PRICE_JUDGE,
                          .lane = COUNTY,
                          .now_ms = clock_wall_ms()};
  carry();
  if (!app_commit(&hub.app, &act, work, &price, NULL, &err)) fail_msg("%s", err.text);
  carry();
}

/* The entry at the province that made a row of the branch. */
static struct reply entry_of(int64_t id)
{
  char path[100];
  snprintf(path, sizeof path, "/api/v1/audit/row/%d/%lld", COUNTY, (long long)id);
  struct reply r = rig_get(&province, &auditor, path);
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)at_int(&r, "pos"));
  reply_wipe(&r);
  return rig_get(&province, &auditor, path);
}

static void reason_is_read(struct reply r, const char *no, bool settled)
{
  assert_int_equal(r.status, 200);
  assert_int_equal(json_array_size(at(&r, "rulings")), 1);
  assert_string_equal(at_text(&r, "rulings.0.no"), no);
  assert_string_equal(at_text(&r, "rulings.0.rule"), "price_judged");
  assert_string_equal(at_text(&r, "rulings.0.detail.reason"), "礼盒不计入比价");
  assert_string_equal(at_text(&r, "rulings.0.detail.by"), "mulan");
  assert_int_equal(json_is_true(at(&r, "rulings.0.settled")), settled);
  reply_wipe(&r);
}

static void a_reason_is_read_before_and_after_the_price_is_corrected_twice(void **state)
{
  (void)state;
  char path[80], no[NUMBER_SIZE], other[NUMBER_SIZE];
  int64_t first = record(99000, 0, no);
  say(refuse, first);
  snprintf(path, sizeof path, "/api/v1/prices/%lld", (long long)first);
  reason_is_read(rig_get(&county, &officer, path), no, false);
  reason_is_read(entry_of(first), no, false);
  int64_t second = record(11900, first, other), third = record(11850, second, other);
  carry();
  const int64_t ids[] = {first, second, third};
  for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
    snprintf(path, sizeof path, "/api/v1/prices/%lld", (long long)ids[i]);
    reason_is_read(rig_get(&county, &officer, path), no, true);
    reason_is_read(entry_of(ids[i]), no, true);
  }
}

static void a_record_that_nobody_refused_has_no_reason(void **state)
{
  (void)state;
  char path[80], no[NUMBER_SIZE];
  int64_t id = record(11700, 0, no);
  carry();
  snprintf(path, sizeof path, "/api/v1/prices/%lld", (long long)id);
  struct reply r = rig_get(&county, &officer, path);
  assert_int_equal(json_array_size(at(&r, "rulings")), 0);
  reply_wipe(&r);
  r = entry_of(id);
  assert_int_equal(json_array_size(at(&r, "rulings")), 0);
  reply_wipe(&r);
}

/* The price as the branch has it, brought by a phone that says how long it kept it. */
static struct reply brought(const char *key, const char *waited, int64_t *kept_ms, int64_t *at_ms)
{
  char body[300], today[11], headers[300], path[80];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(
      body, sizeof body,
      "{\"product\":%lld,\"price_fen\":12345,\"source\":\"market\",\"date\":\"%s\",\"confirm_repeat\":true}",
      (long long)fish, today);
  snprintf(headers, sizeof headers,
           "Content-Type: application/json\r\nX-Sunlit: 1\r\nX-Sunlit-Account: officer\r\nIdempotency-Key: "
           "%s\r\n%s%s%s",
           key, waited ? "X-Sunlit-Waited: " : "", waited ? waited : "", waited ? "\r\n" : "");
  struct reply made = rig_send(&county, &officer, "POST", "/api/v1/prices", headers, body, strlen(body));
  if (made.status != 201) fail_msg("%d %.*s", made.status, (int)made.size, (const char *)made.body);
  snprintf(path, sizeof path, "/api/v1/prices/%lld", (long long)at_int(&made, "id"));
  struct reply r = rig_get(&county, &officer, path);
  *kept_ms = json_integer_value(at(&r, "kept_ms"));
  *at_ms = at_int(&r, "at_ms");
  reply_wipe(&r);
  return made;
}

static void what_waited_on_a_phone_keeps_when_it_was_kept_there(void **state)
{
  (void)state;
  int64_t kept_ms, at_ms, first;
  struct reply r = brought("kept-on-the-phone-1", "3600000", &kept_ms, &at_ms);
  first = at_int(&r, "id");
  assert_int_equal(at_ms - kept_ms, 3600000);
  reply_wipe(&r);
  /* It comes again, older by now: one record, and when it was kept stays. */
  r = brought("kept-on-the-phone-1", "3700000", &kept_ms, &at_ms);
  assert_int_equal(at_int(&r, "id"), first);
  assert_int_equal(at_ms - kept_ms, 3600000);
  reply_wipe(&r);
  /* Not later than its arrival, and no clock that is out of its mind. */
  static const char *const wrong[] = {"0", "-5", "99999999999999", "x", ""};
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
    char key[40];
    snprintf(key, sizeof key, "kept-on-the-phone-wrong-%zu", i);
    r = brought(key, wrong[i], &kept_ms, &at_ms);
    assert_int_equal(kept_ms, 0);
    reply_wipe(&r);
  }
  r = brought("never-on-a-phone", NULL, &kept_ms, &at_ms);
  assert_int_equal(kept_ms, 0);
  reply_wipe(&r);
}

static void a_judgement_leads_to_what_it_was_judged_by(void **state)
{
  (void)state;
  char path[120], no[NUMBER_SIZE];
  int64_t id = record(12100, 0, no);
  say(doubt, id);
  snprintf(path, sizeof path, "/api/v1/audit/behind?of=judgement&branch=%d&price=%lld", COUNTY,
           (long long)id);
  struct reply r = rig_get(&province, &auditor, path);
  assert_int_equal(r.status, 200);
  assert_int_equal(at_int(&r, "judged.price_fen"), 12100);
  assert_true(json_is_null(at(&r, "judged.median_fen")));
  assert_int_equal(at_int(&r, "total"), 0); /* no other branch has a price here */
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/audit/behind?of=judgement&branch=%d", COUNTY);
  refused_as(rig_get(&province, &auditor, path), 400, "required");
  snprintf(path, sizeof path, "/api/v1/audit/behind?of=judgement&branch=%d&price=77", COUNTY);
  refused_as(rig_get(&province, &auditor, path), 404, "unknown_price");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_reason_is_read_before_and_after_the_price_is_corrected_twice),
      cmocka_unit_test(a_record_that_nobody_refused_has_no_reason),
      cmocka_unit_test(what_waited_on_a_phone_keeps_when_it_was_kept_there),
      cmocka_unit_test(a_judgement_leads_to_what_it_was_judged_by)};
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
