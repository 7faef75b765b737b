/* A clock that was wrong for a moment does not decide what later entries claim. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "fixture.h"

#include "core/base/clock.h"
#include "core/base/limits.h"

#include <string.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0};
static const int64_t day_ms = 86400000;

static int begin(void **state)
{
  (void)state;
  fixture_pair(&hub, &node);
  return 0;
}

static int end(void **state)
{
  (void)state;
  fixture_pair_end(&hub, &node);
  return 0;
}

static bool work(struct tx *tx, void *ctx, struct err *err)
{
  return price_insert(tx, *(int *)ctx, err);
}

/* What an entry claims that is made while the clock shows so many days behind the fixture's now. */
static uint64_t claim_at(int64_t days)
{
  static int n;
  struct err err = ERR_INIT;
  struct head head;
  const struct act act = {
      .actor = "a", .role = "staff", .action = "price.add", .now_ms = FIXTURE_NOW_MS + days * day_ms};
  n++;
  assert_true(store_commit(node.store, &act, work, &n, NULL, &err));
  assert_true(stream_head(node.reader, own, &head, &err));
  return head.hlc;
}

static void a_clock_that_leaps_years_is_not_followed(void **state)
{
  (void)state;
  uint64_t before = claim_at(0);
  uint64_t during = claim_at(3650);
  assert_true(during > before);
  assert_int_equal(hlc_ms(during), FIXTURE_NOW_MS);
  assert_true(claim_at(3650) > during); /* nor by and by */
  assert_int_equal(hlc_ms(claim_at(1)), FIXTURE_NOW_MS + day_ms);
  assert_true(site_verifies(&node));
}

static void a_machine_that_was_off_for_weeks_is_believed(void **state)
{
  (void)state;
  claim_at(0);
  assert_int_equal(hlc_ms(claim_at(CLOCK_LEAP_DAYS)), FIXTURE_NOW_MS + CLOCK_LEAP_DAYS * day_ms);
  uint64_t far = claim_at(2 * CLOCK_LEAP_DAYS + 1);
  assert_int_equal(hlc_ms(far), FIXTURE_NOW_MS + CLOCK_LEAP_DAYS * day_ms);
}

static void after_years_the_other_side_confirms_the_clock(void **state)
{
  (void)state;
  claim_at(0);
  store_clock_heard(node.store, FIXTURE_NOW_MS + 3650 * day_ms);
  assert_int_equal(hlc_ms(claim_at(3650)), FIXTURE_NOW_MS + 3650 * day_ms);
}

/* A branch whose entries claim a far year from before gets back by enrolling again. */
static void a_new_epoch_begins_at_its_own_clock(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct head head;
  store_clock_heard(node.store, FIXTURE_NOW_MS + 3650 * day_ms);
  claim_at(3650);
  site_pull(&hub, &node, own);
  assert_true(stream_head(node.reader, own, &head, &err));
  site_close(&node);
  node.epoch = node.config.epoch = 2;
  site_key(CHUNAN, 2, node.public_key, node.config.secret);
  node.config.base_seq = head.seq;
  memcpy(node.config.base_hash, head.hash, HASH_SIZE);
  site_reopen(&node);
  assert_int_equal(hlc_ms(claim_at(0)), FIXTURE_NOW_MS);
}

/* The clock may be wrong already when the first entry is made: a wrong password before WELCOME is enough. */
static void the_first_entry_of_an_epoch_follows_no_leap(void **state)
{
  (void)state;
  node.config.enrolled_ms = FIXTURE_NOW_MS;
  site_reopen(&node);
  uint64_t first = claim_at(3650);
  assert_int_equal(hlc_ms(first), FIXTURE_NOW_MS);
  assert_true(claim_at(3650) > first);
  assert_int_equal(hlc_ms(claim_at(1)), FIXTURE_NOW_MS + day_ms);
}

static bool product_work(struct tx *tx, void *ctx, struct err *err)
{
  int64_t id = 0;
  if (!tx_id(tx, SCOPE_SHARED, &id, err)) return false;
  struct query q = query_open(
      tx->db, "INSERT INTO product(id, name, unit, note, rank) VALUES(?1, '鱼' || ?1, 'kg', NULL, ?2)", err);
  query_int(&q, 1, id);
  query_int(&q, 2, *(int64_t *)ctx);
  return query_run(&q);
}

static void publish(int64_t days)
{
  struct err err = ERR_INIT;
  const struct act act = {
      .actor = "a", .role = "curator", .action = "seed", .now_ms = FIXTURE_NOW_MS + days * day_ms};
  assert_true(store_commit(hub.store, &act, product_work, &days, NULL, &err));
}

/* What the province wrote last is known over a restart, and without a line when a stick brings it. */
static void an_entry_of_the_province_says_what_time_it_was(void **state)
{
  (void)state;
  const struct stream catalogue = {PROVINCE, 0};
  publish(0);
  site_pull(&node, &hub, catalogue);
  site_reopen(&node);
  assert_int_equal(hlc_ms(claim_at(3650)), FIXTURE_NOW_MS);
  for (int64_t days = 30; days <= 90; days += 30)
    publish(days);
  site_pull(&node, &hub, catalogue);
  site_reopen(&node);
  assert_int_equal(hlc_ms(claim_at(101)), FIXTURE_NOW_MS + 101 * day_ms);
}

/* One branch with a wrong clock does not take the province along. */
static void what_a_branch_claims_is_no_time_for_the_province(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct head head;
  publish(0);
  store_clock_heard(node.store, FIXTURE_NOW_MS + 3650 * day_ms);
  claim_at(3650);
  site_pull(&hub, &node, own);
  publish(3650);
  assert_true(stream_head(hub.reader, (struct stream){PROVINCE, 0}, &head, &err));
  assert_int_equal(hlc_ms(head.hlc), FIXTURE_NOW_MS);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {
      T(a_clock_that_leaps_years_is_not_followed),
      T(a_machine_that_was_off_for_weeks_is_believed),
      T(after_years_the_other_side_confirms_the_clock),
      T(the_first_entry_of_an_epoch_follows_no_leap),
      T(an_entry_of_the_province_says_what_time_it_was),
      T(what_a_branch_claims_is_no_time_for_the_province),
      T(a_new_epoch_begins_at_its_own_clock),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
