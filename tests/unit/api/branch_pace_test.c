/* How much of one branch the province takes, and that the board says when it was too much. */
#include "hub/branch_pace.h"

#include "core/base/clock.h"
#include "core/domain/enrolment.h"
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/hub.h"
#include "rig.h"

#include <stdio.h>

enum { FULL_KIB = 1024 }; /* of branch_mib = 1 */

static struct hub hub;
static struct conf *conf;

static int open_pace(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char path[DATA_PATH_MAX];
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  FILE *file = fopen(data_dir_path(&hub.app.dir, "sunlit.conf", path), "we");
  assert_non_null(file);
  assert_true(fputs("[hub]\nbranch_mib = 1\n", file) >= 0);
  assert_int_equal(fclose(file), 0);
  assert_true(conf_open(&conf, path, &err));
  assert_true(branch_pace_open(&hub.pace, conf, &err));
  return 0;
}

static int close_pace(void **state)
{
  (void)state;
  branch_pace_close(hub.pace);
  hub.pace = NULL;
  conf_close(conf);
  rig_site_close(&hub.app);
  return 0;
}

static bool take(uint32_t branch, int64_t cost, int64_t mono_ms, bool *first)
{
  struct err err = ERR_INIT;
  bool ok = branch_pace_take(hub.pace, branch, cost, mono_ms, first, &err);
  assert_true(ok == (err.kind == 0));
  if (!ok) assert_string_equal(err.rule, "branch_pace");
  return ok;
}

static void what_a_branch_owes_is_taken_and_what_goes_past_it_later(void **state)
{
  (void)state;
  bool first = false;
  const int64_t now_ms = 1000000;
  assert_int_equal(branch_pace_cost(1000, 100 * 1024), 1100);
  assert_true(take(COUNTY, 600, now_ms, &first));
  assert_false(take(COUNTY, 600, now_ms, &first));
  assert_true(first);
  assert_false(take(COUNTY, 600, now_ms, &first));
  assert_false(first);                                  /* told once */
  assert_true(take(OTHER_COUNTY, 600, now_ms, &first)); /* another's is its own */
  assert_true(branch_pace_late(hub.pace, COUNTY, now_ms));
  assert_false(branch_pace_late(hub.pace, OTHER_COUNTY, now_ms));
  assert_true(take(COUNTY, FULL_KIB - 600, now_ms, &first)); /* a refused one took nothing */
  assert_false(take(COUNTY, 600, now_ms + 599 * BRANCH_PACE_MS, &first));
  assert_true(take(COUNTY, 600, now_ms + 600 * BRANCH_PACE_MS, &first));
  branch_pace_give(hub.pace, COUNTY, 600);
  assert_true(take(COUNTY, 600, now_ms + 600 * BRANCH_PACE_MS, &first));
  assert_false(branch_pace_late(hub.pace, COUNTY, now_ms + 1200 * BRANCH_PACE_MS));
}

static void a_restart_is_no_fresh_bucket(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool first = false;
  const int64_t wall_ms = 1764000000000, now_ms = 1000000, again_ms = 5000; /* another boot's clock */
  assert_true(take(COUNTY, FULL_KIB, now_ms, &first));
  assert_true(branch_pace_keep(hub.pace, &hub.app, wall_ms, now_ms, &err));
  branch_pace_close(hub.pace);
  assert_true(branch_pace_open(&hub.pace, conf, &err));
  int64_t off_ms = 100 * BRANCH_PACE_MS;
  assert_true(branch_pace_recall(hub.pace, &hub.app, wall_ms + off_ms, again_ms, &err));
  assert_false(take(COUNTY, 101, again_ms, &first));
  assert_true(take(COUNTY, 100, again_ms, &first)); /* what filled while it was off */
  assert_true(take(OTHER_COUNTY, FULL_KIB, again_ms, &first));
  /* A clock that went back makes nobody wait for longer than a whole bucket. */
  branch_pace_close(hub.pace);
  assert_true(branch_pace_open(&hub.pace, conf, &err));
  assert_true(branch_pace_recall(hub.pace, &hub.app, wall_ms - 1000 * off_ms, again_ms, &err));
  assert_true(take(COUNTY, FULL_KIB, again_ms + FULL_KIB * BRANCH_PACE_MS, &first));
  /* Who owes nothing any more is not written down for ever. */
  int64_t later_ms = again_ms + 3 * FULL_KIB * BRANCH_PACE_MS;
  assert_true(branch_pace_keep(hub.pace, &hub.app, wall_ms, later_ms, &err));
  assert_int_equal(
      rig_count(&hub.app, "SELECT count(*) FROM setting WHERE key = 'branch_pace' AND value <> ''"), 0);
}

static void that_a_branch_goes_past_its_pace_is_told_once_in_an_hour(void **state)
{
  (void)state;
  bool first = false;
  const int64_t hour_ms = 3600 * 1000;
  int64_t now_ms = 1000000;
  assert_true(take(COUNTY, FULL_KIB, now_ms, &first));
  assert_false(take(COUNTY, 1, now_ms, &first));
  assert_true(first);
  now_ms += hour_ms;
  assert_true(take(COUNTY, FULL_KIB, now_ms, &first));
  assert_false(take(COUNTY, 1, now_ms, &first));
  assert_false(first);
  now_ms += hour_ms + 1;
  assert_true(take(COUNTY, FULL_KIB, now_ms, &first));
  assert_false(take(COUNTY, 1, now_ms, &first));
  assert_true(first);
}

static void no_batch_is_too_large_for_ever(void **state)
{
  (void)state;
  bool first = false;
  const int64_t now_ms = 1000000;
  assert_true(take(COUNTY, 10 * FULL_KIB, now_ms, &first));
  assert_false(take(COUNTY, 1, now_ms, &first));
  assert_true(take(COUNTY, 10 * FULL_KIB, now_ms + (int64_t)FULL_KIB * BRANCH_PACE_MS, &first));
}

static bool enrolled(struct tx *tx, void *ctx, struct err *err)
{
  const struct branch_fact *fact = ctx;
  return branch_contact_enrolled(tx, fact->branch, 1, err) && branch_contact_heard(tx, fact, err);
}

static void the_board_says_who_sends_too_much(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct rig rig;
  bool first = false;
  struct branch_fact fact = {.branch = COUNTY, .epoch = 1, .version = "1.0.0", .schema = 3, .reason = "busy"};
  rig_seed(&hub.app);
  assert_true(store_local(hub.app.store, clock_wall_ms(), enrolled, &fact, &err));
  rig_open(&rig, &hub.app, hub_routes, hub_route_count);
  rig_account(&hub.app, "auditor1", "auditor", "a quite long password 1");
  struct visitor auditor = rig_login(&rig, "auditor1", "a quite long password 1");
  assert_true(take(COUNTY, FULL_KIB, clock_boot_ms(), &first));
  assert_false(take(COUNTY, FULL_KIB, clock_boot_ms(), &first));
  struct reply r = rig_get(&rig, &auditor, "/api/v1/board");
  assert_int_equal(at_int(&r, "branches.0.code"), COUNTY);
  assert_string_equal(at_text(&r, "branches.0.state"), "attention");
  assert_string_equal(at_text(&r, "branches.0.reason"), "branch_pace");
  reply_wipe(&r);
  rig_close(&rig);
}

/* A hundred and one, each of which owes: none gives its place to another. */
static void every_branch_of_a_province_has_its_place(void **state)
{
  (void)state;
  enum { BRANCHES = 101 };
  bool first = false;
  const int64_t now_ms = 1000000;
  for (uint32_t i = 0; i < BRANCHES; i++) {
    assert_true(take(330100 + i, FULL_KIB, now_ms + i, &first));
    assert_false(take(330100 + i, 1, now_ms + i, &first));
    assert_true(first);
  }
  for (uint32_t i = 0; i < BRANCHES; i++) {
    assert_true(branch_pace_late(hub.pace, 330100 + i, now_ms + BRANCHES));
    assert_false(take(330100 + i, 1, now_ms + BRANCHES, &first));
    assert_false(first);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_restart_is_no_fresh_bucket, open_pace, close_pace),
      cmocka_unit_test_setup_teardown(what_a_branch_owes_is_taken_and_what_goes_past_it_later, open_pace,
                                      close_pace),
      cmocka_unit_test_setup_teardown(that_a_branch_goes_past_its_pace_is_told_once_in_an_hour, open_pace,
                                      close_pace),
      cmocka_unit_test_setup_teardown(every_branch_of_a_province_has_its_place, open_pace, close_pace),
      cmocka_unit_test_setup_teardown(no_batch_is_too_large_for_ever, open_pace, close_pace),
      cmocka_unit_test_setup_teardown(the_board_says_who_sends_too_much, open_pace, close_pace),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
