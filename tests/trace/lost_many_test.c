/* More runs of a branch's entries are lost than one WELCOME names (TAIL_LOST_MAX): all that the branch has
 * turn up, those that it lacks keep none of the others away, the head that is lost is known as what it is,
 * and nobody is accused. */
#include "sync/lost_message.h"
#include "sync/store_log.h"
#include "tests/sim/lost.h"
#include "tests/unit/sync/lose.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { RUNS = TAIL_LOST_MAX + 6, HOURS = 40 };

static const int64_t START_MS = 1795316000000;
static struct province p;

static struct member *branch(void)
{
  return &p.members[0];
}

static struct stream own(void)
{
  return (struct stream){branch()->site.code, 0};
}

static void meet(void)
{
  struct err err = ERR_INIT;
  p.mono_ms += TAIL_LOST_TURN_MS;
  province_connect(&p, branch());
  province_settle(&p);
  for (int i = 0; i < 3 && branch()->node; i++) { /* as long as it stays on the line */
    p.mono_ms += 120000;
    exchange_node_hello(branch()->node, province_now(&p, branch()));
    province_settle(&p);
  }
  must(store_sign_log(p.hub.store, START_MS + p.mono_ms, &err), &err, "store_sign_log");
  if (branch()->node) province_hang_up(&p, branch());
}

/* Every other entry of the branch, the last among them, is lost to the province; the first `lacks` of them to
 * the branch as well. */
static void begin(uint64_t lacks)
{
  province_open(&p, 1, START_MS);
  site_prices(&branch()->site, 2 * RUNS, START_MS + p.mono_ms);
  meet();
  for (uint64_t run = 1; run <= RUNS; run++)
    lose(p.hub.path, own(), 2 * run, 1);
  for (uint64_t run = 1; run <= lacks; run++)
    lose(branch()->site.path, own(), 2 * run, 1);
  lost_folded(&p);
}

static int64_t lost(void)
{
  return site_count(&p.hub, "SELECT count(*) FROM sync_lost_leaf WHERE found_ms = 0");
}

static void nobody_is_accused(void)
{
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM sync_evidence"), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_stream WHERE frozen_ms <> 0"), 0);
}

static void what_is_left(uint64_t lacks)
{
  begin(lacks);
  assert_int_equal(lost(), RUNS);
  for (int hour = 0; hour < HOURS && lost() > (int64_t)lacks; hour++)
    meet();
  assert_int_equal(lost(), lacks);
  nobody_is_accused();
  province_close(&p);
}

static void all_that_the_branch_has_turn_up(void **state)
{
  (void)state;
  what_is_left(0);
}

static void those_that_it_lacks_keep_none_of_the_others_away(void **state)
{
  (void)state;
  what_is_left(TAIL_LOST_MAX);
}

/* The head is known by the last of them, so each greeting names that. */
static void each_greeting_names_the_last_and_all_have_their_turn(void **state)
{
  struct err err = ERR_INIT;
  bool named[RUNS + 1] = {false};
  (void)state;
  begin(0);
  for (int hour = 0; hour < HOURS; hour++) {
    struct buf tail = BUF_INIT;
    uint64_t first = 0, count = 0, runs = 0;
    must(lost_tail_put(&tail, p.hub.db, own(), START_MS + (int64_t)hour * TAIL_LOST_TURN_MS, &err), &err,
         "lost_tail_put");
    struct span rest = {tail.data, tail.size};
    for (; lost_tail_next(&rest, &first, &count); runs++)
      named[first / 2] = true;
    assert_true(runs <= TAIL_LOST_MAX);
    assert_int_equal(first, 2 * RUNS);
    buf_wipe(&tail);
  }
  for (size_t run = 1; run <= RUNS; run++)
    assert_true(named[run]);
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_greeting_names_the_last_and_all_have_their_turn),
      cmocka_unit_test(all_that_the_branch_has_turn_up),
      cmocka_unit_test(those_that_it_lacks_keep_none_of_the_others_away),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
