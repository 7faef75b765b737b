/* In which order the province is shown what branches proposed: as it came, whatever their clocks said. */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/hub.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/proposal.h"

#include <stdio.h>
#include <string.h>

enum { CAME = 4 };
#define YEARS_MS (INT64_C(5) * 365 * 24 * 3600 * 1000)

static struct rig rig;
static struct hub hub;
static struct app here, there;
static struct visitor curator;
static int64_t persimmon;
static char came[CAME][NUMBER_SIZE]; /* the number of each */

static bool proposal_work(struct tx *tx, void *ctx, struct err *err)
{
  struct written row;
  json_t *patch = json_pack("{s:s}", "storage", "dry");
  struct proposal_new in = {
      .kind = "correction", .target = persimmon, .base_rev = 1, .patch = patch, .reason = "常温放两天就软"};
  bool ok = proposal_add(tx, &in, &row, NULL, err);
  snprintf(ctx, NUMBER_SIZE, "%s", row.no);
  json_decref(patch);
  return ok;
}

static void propose(struct app *branch, int64_t fast_ms, char no[NUMBER_SIZE])
{
  struct err err = ERR_INIT;
  struct act act = {.actor = "officer",
                    .role = "officer",
                    .action = ACTION_PROPOSAL_ADD,
                    .now_ms = clock_wall_ms() + fast_ms};
  if (!store_commit(branch->store, &act, proposal_work, no, NULL, &err)) fail_msg("%s", err.text);
  rig_carry(&hub.app, branch);
}

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_site(&here, APP_NODE, COUNTY, NULL);
  rig_site(&there, APP_NODE, OTHER_COUNTY, NULL);
  rig_seed(&hub.app);
  rig_carry(&hub.app, &here);
  rig_carry(&hub.app, &there);
  persimmon = rig_product(&here, "淳安无核柿");
  propose(&here, 0, came[0]);
  propose(&there, -YEARS_MS, came[1]);
  propose(&here, YEARS_MS, came[2]);
  propose(&there, 0, came[3]);
  rig_account(&hub.app, "curator", "curator", "curator-password");
  rig_open(&rig, &hub.app, hub_routes, hub_route_count);
  curator = rig_login(&rig, "curator", "curator-password");
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  rig_site_close(&hub.app);
  rig_site_close(&here);
  rig_site_close(&there);
  return 0;
}

/* A page a row, each from where the one before ended. */
static void listed(const char *how, const int order[CAME])
{
  char path[900] = "", next[800] = "";
  for (int i = 0; i < CAME; i++) {
    snprintf(path, sizeof path, "/api/v1/reviews?limit=1%s%s%s", how, *next ? "&after=" : "", next);
    struct reply r = rig_get(&rig, &curator, path);
    if (r.status != 200) fail_msg("%s", (char *)r.body);
    assert_int_equal(at_int(&r, "total"), CAME);
    assert_string_equal(at_text(&r, "items.0.no"), came[order[i]]);
    bool more = json_is_string(at(&r, "next"));
    assert_int_equal(more, i < CAME - 1);
    if (more) snprintf(next, sizeof next, "%s", at_text(&r, "next"));
    reply_wipe(&r);
  }
}

static void no_branch_stands_before_the_others_by_its_clock(void **state)
{
  (void)state;
  listed("", (const int[]){0, 1, 2, 3});
  listed("&sort=newest", (const int[]){3, 2, 1, 0});
}

/* Of one thing, what came last is first, beside the proposal that is being read. */
static void what_was_proposed_for_the_same_thing_stands_as_it_came(void **state)
{
  (void)state;
  char path[120];
  struct reply r = rig_get(&rig, &curator, "/api/v1/reviews?limit=1");
  snprintf(path, sizeof path, "/api/v1/reviews/%d/%lld", COUNTY, (long long)at_int(&r, "items.0.id"));
  reply_wipe(&r);
  r = rig_get(&rig, &curator, path);
  if (r.status != 200) fail_msg("%s", (char *)r.body);
  assert_string_equal(at_text(&r, "history.0.no"), came[3]);
  assert_string_equal(at_text(&r, "history.1.no"), came[2]);
  assert_string_equal(at_text(&r, "history.2.no"), came[1]);
  reply_wipe(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(no_branch_stands_before_the_others_by_its_clock),
      cmocka_unit_test(what_was_proposed_for_the_same_thing_stands_as_it_came),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
