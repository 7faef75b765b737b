/* What two persons are told from one by is not withheld: else one of them could ask, the other agree in good
 * faith, and one person with two accounts could carry out the next one alone. */
#include "core/base/clock.h"
#include "core/domain/withhold.h"
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/hub.h"
#include "rig.h"

#include <stdio.h>
#include <string.h>

#define ASK "{\"rule\":\"pipl_47\",\"reason\":\"本人要求删除\"}"

static struct rig province;
static struct hub hub;
static struct visitor admin, curator;

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_account(&hub.app, "admin", "admin", "admin-password");
  rig_account(&hub.app, "curator", "curator", "curator-password");
  rig_open(&province, &hub.app, hub_routes, hub_route_count);
  admin = rig_login(&province, "admin", "admin-password");
  curator = rig_login(&province, "curator", "curator-password");
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&province);
  rig_site_close(&hub.app);
  return 0;
}

/* Of the newest entry: its path. */
static const char *withholding(void)
{
  static char path[100];
  snprintf(path, sizeof path, "/api/v1/audit/%lld/withholding",
           (long long)rig_count(&hub.app, "SELECT max(pos) FROM sync_entry"));
  return path;
}

static void stays(void)
{
  struct reply r = rig_get(&province, &curator, withholding());
  assert_string_equal(at_text(&r, "state"), "kept");
  assert_string_equal(at_text(&r, "why.rule"), "withhold_account");
  assert_true(json_is_false(at(&r, "may_ask")));
  reply_wipe(&r);
  refused_as(rig_post(&province, &curator, withholding(), ASK), 409, "withhold_account");
}

static void may_go(void)
{
  struct reply r = rig_get(&province, &curator, withholding());
  assert_string_equal(at_text(&r, "state"), "open");
  assert_true(json_is_true(at(&r, "may_ask")));
  reply_wipe(&r);
}

static void change(const char *more)
{
  answered(rig_change(&province, &admin, "PATCH", "/api/v1/accounts/clerk", NULL,
                      rig_account_change(&hub.app, "clerk", more)),
           200);
}

static void what_is_said_of_an_account_stays_where_two_persons_are_told_by_it(void **state)
{
  (void)state;
  char body[200];
  answered(rig_post(&province, &admin, "/api/v1/accounts", "{\"name\":\"clerk\",\"role\":\"curator\"}"), 201);
  stays();
  struct reply r =
      rig_post(&province, &admin, "/api/v1/accounts/clerk/reset", rig_account_reset(&hub.app, "clerk"));
  stays();
  struct visitor clerk = rig_login(&province, "clerk", at_text(&r, "password"));
  snprintf(body, sizeof body, "{\"old\":\"%s\",\"new\":\"lanterns by night 4\"}", at_text(&r, "password"));
  reply_wipe(&r);
  answered(rig_post(&province, &clerk, "/api/v1/password", body), 200);
  stays();
  change("\"role\":\"auditor\"");
  stays();
  change("\"disabled\":true");
  may_go();
  change("\"disabled\":false");
  stays();
}

static bool ask_before(struct tx *tx, void *ctx, struct err *err)
{
  int64_t *id = ctx;
  const int64_t row = rig_count(&hub.app, "SELECT max(id) FROM security_event");
  const struct withhold_request in = {.author = PROVINCE_CODE,
                                      .lane = PROVINCE_CODE,
                                      .seq = id_seq(row),
                                      .rule = "pipl_47",
                                      .reason = "本人要求删除"};
  return withhold_ask(tx, &in, id, err);
}

/* By a program that did not know better: it is declined, and nothing else is offered. */
static void what_was_asked_before_is_not_carried_out(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char path[120], body[100];
  int64_t id = 0;
  const struct act act = {
      .actor = "curator", .role = "curator", .action = "withhold.ask", .now_ms = clock_wall_ms()};
  answered(rig_post(&province, &admin, "/api/v1/accounts", "{\"name\":\"clerk-2\",\"role\":\"curator\"}"),
           201);
  snprintf(path, sizeof path, "%s", withholding());
  assert_true(store_commit(hub.app.store, &act, ask_before, &id, NULL, &err));
  struct reply r = rig_get(&province, &admin, path);
  assert_string_equal(at_text(&r, "state"), "asked");
  assert_string_equal(at_text(&r, "why.rule"), "withhold_account");
  assert_true(json_is_false(at(&r, "requests.0.may_carry_out")));
  assert_true(json_is_true(at(&r, "requests.0.may_decline")));
  reply_wipe(&r);
  size_t end = strlen(path);
  snprintf(path + end, sizeof path - end, "/carry-out");
  snprintf(body, sizeof body, "{\"request\":%lld,\"with\":[]}", (long long)id);
  refused_as(rig_post(&province, &admin, path, body), 409, "withhold_account");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_said_of_an_account_stays_where_two_persons_are_told_by_it),
      cmocka_unit_test(what_was_asked_before_is_not_carried_out),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
