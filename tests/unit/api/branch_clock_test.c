/* What the branches say decides what time it is, and a clock of ours that leaps takes nobody with it. */
#include "hub/audit_index.h"
#include "hub/branch_clock.h"
#include "hub/hub.h"
#include "rig.h"

#include "core/base/clock.h"

enum { MINUTE_MS = 60000 };
#define YEAR_MS (INT64_C(365) * 24 * 60 * MINUTE_MS)

static struct hub hub;
static struct branch_clock heard;
static int64_t wall_ms, mono_ms;

static bool greet(struct tx *tx, void *ctx, struct err *err)
{
  struct query q = query_open(
      tx->db,
      "INSERT OR REPLACE INTO branch_contact(branch, enrolled_ms, epoch, connected, since_ms, "
      "last_contact_ms,"
      " pending, oldest_pending_ms, refused, skew_ms, version, schema, seq, reason)"
      " SELECT 330100 + value, 1, 1, 1, 1, 1, 0, 0, 0, ?1, '', 1, 1, '' FROM json_each('[1, 2, 3]')",
      err);
  query_int(&q, 1, *(const int64_t *)ctx);
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

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(what_was_said_before_the_clock_was_set_says_nothing)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
