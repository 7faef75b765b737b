/* What the branches say decides what time it is, and a clock of ours that leaps takes nobody with it. */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/branch_clock.h"
#include "hub/hub.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/enrolment.h"
#include "core/domain/security_event.h"
#include "program/clock_watch.h"

enum { MINUTE_MS = 60000 };
#define DAY_MS (INT64_C(24) * 60 * MINUTE_MS)
#define YEAR_MS (365 * DAY_MS)

static struct hub hub;
static struct branch_clock heard;
static int64_t wall_ms, mono_ms, called_at_ms = 1;

static bool greet(struct tx *tx, void *ctx, struct err *err)
{
  struct query q = query_open(
      tx->db,
      "INSERT OR REPLACE INTO branch_contact(branch, enrolled_ms, epoch, connected, since_ms, "
      "last_contact_ms,"
      " pending, oldest_pending_ms, refused, skew_ms, version, schema, seq, reason)"
      " SELECT 330126 + value, 1, 1, 1, 1, ?2, 0, 0, 0, ?1, '', 1, 1, '' FROM json_each('[1, 56, 99]')",
      err);
  query_int(&q, 1, *(const int64_t *)ctx);
  query_int(&q, 2, called_at_ms);
  return query_run(&q);
}

static void greeted(int64_t skew_ms)
{
  struct err err = ERR_INIT;
  if (!app_local(&hub.app, greet, &skew_ms, &err)) fail_msg("%s", err.text);
}

/* A minute later by every clock, and so much further by ours. */
static int64_t a_minute_later(int64_t leap_ms)
{
  struct db *db = NULL;
  struct err err = ERR_INIT;
  wall_ms += MINUTE_MS + leap_ms;
  mono_ms += MINUTE_MS;
  assert_true(readers_take(hub.app.readers, &db, &err));
  assert_true(branch_clock_hear(&heard, &hub.app, db, wall_ms, mono_ms, &err));
  readers_give(hub.app.readers, db);
  return hub.app.heard_wall_ms;
}

static void what_was_said_before_the_clock_was_set_says_nothing(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  wall_ms = clock_wall_ms();
  mono_ms = 5000;
  assert_int_equal(a_minute_later(0), 0); /* nobody is there to ask */
  greeted(2000);
  int64_t right_ms = wall_ms + MINUTE_MS + 2000;
  assert_int_equal(a_minute_later(0), right_ms);
  assert_int_equal(a_minute_later(YEAR_MS), right_ms); /* they greeted before it leapt */
  greeted(2000 - YEAR_MS);
  assert_int_equal(a_minute_later(0), right_ms + 2 * MINUTE_MS);
  assert_int_equal(a_minute_later(-YEAR_MS), right_ms + 2 * MINUTE_MS); /* and when somebody sets it right */
  greeted(2000);
  assert_int_equal(a_minute_later(0), right_ms + 4 * MINUTE_MS);
  rig_site_close(&hub.app);
}

static bool refuse_login(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return security_event_record(tx, "login", "x1", "", "192.0.2.7", 1, err);
}

static int64_t clocks_before(void)
{
  struct db *db = NULL;
  struct err err = ERR_INIT;
  int64_t shown_ms = 0;
  assert_true(readers_take(hub.app.readers, &db, &err));
  assert_true(branch_clocks_before(db, &shown_ms, &err));
  readers_give(hub.app.readers, db);
  return shown_ms;
}

/* The newest entry is of a day when the clock was fast; what the branches' clocks showed is known from then.
 */
static void a_fast_clock_that_was_mended_is_not_called_slow_after_a_restart(void **state)
{
  struct err err = ERR_INIT;
  const int64_t right_ms = clock_wall_ms(), fast_ms = right_ms + 3 * DAY_MS;
  const struct act act = {.actor = "system", .role = "system", .action = "security", .now_ms = fast_ms};
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  assert_true(app_commit(&hub.app, &act, refuse_login, NULL, NULL, &err));
  clock_recalled(&hub.app, clocks_before()); /* nobody has ever called */
  assert_int_equal(clock_off_ms(&hub.app, right_ms), -3 * DAY_MS);
  called_at_ms = fast_ms;
  greeted(-3 * DAY_MS);
  clock_recalled(&hub.app, clocks_before());
  assert_int_equal(clock_off_ms(&hub.app, right_ms), 0);
  assert_int_equal(clock_off_ms(&hub.app, right_ms - DAY_MS), -DAY_MS); /* what is slow is called so */
  rig_site_close(&hub.app);
}

/* It is the province's that is three days ahead: who agrees with the others is in order, not who agrees with
 * it. */
static void no_branch_is_measured_by_a_clock_that_is_known_to_be_wrong(void **state)
{
  static struct rig rig;
  int seen = 0;
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_seed(&hub.app);
  rig_account(&hub.app, "auditor", "auditor", "auditor-password");
  rig_open(&rig, &hub.app, hub_routes, hub_route_count);
  struct visitor auditor = rig_login(&rig, "auditor", "auditor-password");
  called_at_ms = clock_wall_ms();
  greeted(-3 * DAY_MS);
  clock_heard(&hub.app, clock_wall_ms() - 3 * DAY_MS);
  struct reply r = rig_get(&rig, &auditor, "/api/v1/board");
  for (size_t i = 0; i < json_array_size(at(&r, "branches")); i++) {
    const json_t *one = json_array_get(at(&r, "branches"), i);
    if (!json_integer_value(json_object_get(one, "last_contact_ms"))) continue;
    assert_string_not_equal(json_string_value(json_object_get(one, "reason")), "skew");
    assert_in_range(json_integer_value(json_object_get(one, "skew_ms")) + MINUTE_MS, 0, 2 * MINUTE_MS);
    seen++;
  }
  assert_true(seen > 0);
  reply_wipe(&r);
  rig_close(&rig);
  rig_site_close(&hub.app);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_was_said_before_the_clock_was_set_says_nothing),
      cmocka_unit_test(a_fast_clock_that_was_mended_is_not_called_slow_after_a_restart),
      cmocka_unit_test(no_branch_is_measured_by_a_clock_that_is_known_to_be_wrong),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
