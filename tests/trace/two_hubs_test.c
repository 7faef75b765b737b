/* A province's machine was copied, keys and all, and both run: a branch that meets them in turn tells them
 * apart, stays with the log that continues its own, and says so to both; neither can stop the other by what
 * it gave a branch. */
#include "sync/store_log.h"
#include "sync/streams.h"
#include "tests/sim/province.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { ORIGINAL, COPY, HUBS };

static const int64_t START_MS = 1795316000000;

static struct province p;
static char disks[HUBS][200];
static int running;
static struct exchange_node_facts facts; /* of the newest line */
static char trouble[48];                 /* and what it told the hub */

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static struct member *member(int i)
{
  return &p.members[i];
}

/* The one goes on running, unseen; the other is who answers now. */
static void answers(int which)
{
  if (which == running) return;
  site_backup(&p.hub, disks[running]);
  site_restore(&p.hub, disks[which], wall());
  running = which;
  p.run = 100 + (uint64_t)which;
}

static void saw_action(void *ctx, struct member *m, const struct exchange_hub_action *action)
{
  (void)ctx;
  (void)m;
  if (action->kind == HUB_HELLO) snprintf(trouble, sizeof trouble, "%s", action->hello->trouble);
}

static void saw_end(void *ctx, struct member *m)
{
  (void)ctx;
  if (m->node) facts = *exchange_node_facts(m->node);
}

static void meet(struct member *m)
{
  p.mono_ms += 60000;
  province_connect(&p, m);
  province_settle(&p);
  for (int i = 0; i < 2 && m->node; i++) {
    p.mono_ms += 31000;
    province_tick(&p);
    province_settle(&p);
  }
  if (!m->node) return;
  facts = *exchange_node_facts(m->node);
  province_hang_up(&p, m);
}

static void the_hub_writes(int64_t id, const char *name)
{
  site_product(&p.hub, id, name, wall());
  must(store_sign_head(p.hub.store, wall(), NULL), NULL, "store_sign_head");
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
}

static int64_t received(struct member *m)
{
  return site_count(&m->site, "SELECT coalesce(max(seq), 0) FROM sync_receipt WHERE lane = 0");
}

static int begin(void **state)
{
  (void)state;
  province_open(&p, 2, START_MS);
  p.saw_action = saw_action;
  p.saw_end = saw_end;
  p.run = 100 + ORIGINAL;
  running = ORIGINAL;
  the_hub_writes(1, "radish");
  site_prices(&member(0)->site, 2, wall());
  meet(member(0));
  meet(member(1));
  for (int i = 0; i < HUBS; i++) {
    snprintf(disks[i], sizeof disks[i], "%s/hub.%d", p.folder, i);
    site_backup(&p.hub, disks[i]);
  }
  return 0;
}

static int end(void **state)
{
  (void)state;
  province_close(&p);
  return 0;
}

/* It meets the copy once, whose log is another by then, and then the province again. */
static void a_branch_goes_on_with_the_log_that_continues_its_own(void **state)
{
  (void)state;
  the_hub_writes(2, "bamboo");
  meet(member(0));
  assert_false(facts.two_hubs);
  answers(COPY);
  the_hub_writes(2, "something else");
  the_hub_writes(3, "and more");
  site_prices(&member(0)->site, 1, wall());
  meet(member(0));
  answers(ORIGINAL);
  the_hub_writes(4, "tea");
  meet(member(0));
  assert_true(facts.two_hubs);
  assert_true(p.other_hub);
  assert_true(store_writable(p.hub.store, NULL));
  assert_int_equal(received(member(0)), 3);
  assert_string_equal(trouble, "two_hubs");
  assert_int_equal(site_count(&member(0)->site, "SELECT count(*) FROM product"), 3);
  assert_int_equal(site_count(&member(0)->site, "SELECT count(*) FROM sync_witness WHERE distrust <> ''"), 0);
  int64_t evidence = site_count(&member(0)->site, "SELECT count(*) FROM sync_evidence");
  assert_true(evidence > 0);
  /* From now on it is deaf to the copy: nothing is sent there, and nothing more is evidence of it. */
  answers(COPY);
  the_hub_writes(5, "a lie");
  site_prices(&member(0)->site, 1, wall());
  meet(member(0));
  assert_string_equal(facts.up.rule, "two_hubs");
  assert_true(site_head(&p.hub, member(0)->site.code, 0).seq < 4);
  answers(ORIGINAL);
  meet(member(0));
  assert_int_equal(received(member(0)), 4);
  assert_int_equal(site_count(&member(0)->site, "SELECT count(*) FROM sync_evidence"), evidence);
  meet(member(1));
  assert_true(site_verifies(&p.hub));
}

/* What the copy gave a branch proves nothing against the one that has run all the while. */
static void what_a_copy_gave_a_branch_does_not_stop_the_province(void **state)
{
  (void)state;
  answers(COPY);
  the_hub_writes(2, "of the copy");
  the_hub_writes(3, "of the copy");
  meet(member(0));
  answers(ORIGINAL);
  p.other_hub = false;
  meet(member(0));
  assert_true(p.other_hub);
  assert_true(store_writable(p.hub.store, NULL));
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_evidence"), 0);
  /* And who has met one only, loses nothing. */
  the_hub_writes(2, "bamboo");
  site_prices(&member(1)->site, 1, wall());
  meet(member(1));
  assert_int_equal(received(member(1)), 1);
}

/* A hub that is started again is another run, and no other hub; nor is one that does not say. */
static void a_hub_that_starts_again_is_one_hub(void **state)
{
  (void)state;
  for (uint64_t run = 200; run < 210; run++) {
    p.run = run % 3 ? run : 0;
    the_hub_writes((int64_t)run, "again");
    meet(member(0));
    assert_false(facts.two_hubs);
  }
  assert_false(p.other_hub);
  assert_string_equal(trouble, "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_branch_goes_on_with_the_log_that_continues_its_own, begin, end),
      cmocka_unit_test_setup_teardown(what_a_copy_gave_a_branch_does_not_stop_the_province, begin, end),
      cmocka_unit_test_setup_teardown(a_hub_that_starts_again_is_one_hub, begin, end),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
