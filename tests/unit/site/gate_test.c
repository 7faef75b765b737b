/* Who gets one of few places, and how often data is taken out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "site/export_pace.h"
#include "site/gate.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PLENTY_MS = 60000, QUEUE_MAX = 8 };

static struct gate gate;
static pthread_mutex_t order_lock = PTHREAD_MUTEX_INITIALIZER;
static char order[QUEUE_MAX + 1];

struct one {
  pthread_t thread;
  char name[2];
  const char *peer;
};

static void *pass(void *ctx)
{
  struct one *one = ctx;
  struct gate_place place;
  struct err err = ERR_INIT;
  if (!gate_enter(&gate, &place, one->name, one->peer, &err)) return NULL;
  pthread_mutex_lock(&order_lock);
  strncat(order, one->name, sizeof order - strlen(order) - 1);
  pthread_mutex_unlock(&order_lock);
  gate_leave(&gate, &place);
  return NULL;
}

static size_t waiting(void)
{
  size_t n = 0;
  pthread_mutex_lock(&gate.lock);
  for (const struct gate_place *p = gate.all; p; p = p->next)
    n++;
  pthread_mutex_unlock(&gate.lock);
  return n;
}

static void wait_for(size_t n)
{
  const struct timespec pause = {.tv_nsec = 1000000};
  while (waiting() < n)
    nanosleep(&pause, NULL);
}

static void a_free_place_goes_to_who_asks_for_the_least(void **state)
{
  (void)state;
  struct one ones[] = {{.name = "a", .peer = "greedy"},
                       {.name = "b", .peer = "greedy"},
                       {.name = "c", .peer = "greedy"},
                       {.name = "d", .peer = "modest"},
                       {.name = "e", .peer = "greedy"}};
  const size_t count = sizeof ones / sizeof *ones;
  struct gate_place held;
  struct err err = ERR_INIT;
  order[0] = '\0';
  gate_init(&gate, 1, 4, 8, PLENTY_MS, "full");
  assert_true(gate_enter(&gate, &held, "holder", "elsewhere", &err));
  for (size_t i = 0; i < count; i++) { /* one after the other, so that their age is known */
    assert_int_equal(pthread_create(&ones[i].thread, NULL, pass, &ones[i]), 0);
    wait_for(i + 2);
  }
  gate_leave(&gate, &held);
  for (size_t i = 0; i < count; i++)
    pthread_join(ones[i].thread, NULL);
  assert_string_equal(order, "dabce");
  gate_wipe(&gate);
}

static void one_who_may_hold_no_more_is_refused_at_once(void **state)
{
  (void)state;
  struct gate_place first, second, third, other;
  struct err err = ERR_INIT;
  gate_init(&gate, 3, 2, 8, PLENTY_MS, "full");
  assert_true(gate_enter(&gate, &first, "clerk", "10.0.0.1", &err));
  assert_true(gate_enter(&gate, &second, "clerk", "10.0.0.1", &err));
  assert_false(gate_enter(&gate, &third, "clerk", "10.0.0.1", &err));
  assert_int_equal(err.kind, ERR_BUSY);
  assert_string_equal(err.text, "full");
  assert_true(gate_enter(&gate, &other, "clerk", "10.0.0.2", &err)); /* elsewhere it is somebody else */
  gate_leave(&gate, &first);
  gate_leave(&gate, &second);
  gate_leave(&gate, &other);
  gate_wipe(&gate);
}

struct release {
  pthread_t thread;
  struct gate_place *held;
  size_t waiting;
  atomic_bool over;
};

/* So that one that should have been refused gets in soon, and is seen. */
static void *release_when_it_waits(void *ctx)
{
  struct release *r = ctx;
  const struct timespec pause = {.tv_nsec = 1000000};
  while (!atomic_load(&r->over) && waiting() < r->waiting)
    nanosleep(&pause, NULL);
  if (!atomic_load(&r->over)) gate_leave(&gate, r->held);
  return NULL;
}

/* Else the logins of one office would take the connections that its others look at pages with. */
static void an_address_may_not_fill_the_queue_with_ever_new_names(void **state)
{
  (void)state;
  struct one ones[] = {{.name = "a", .peer = "office"}, {.name = "b", .peer = "office"}};
  struct gate_place held, late;
  struct err err = ERR_INIT;
  order[0] = '\0';
  gate_init(&gate, 1, 2, 3, PLENTY_MS, "full");
  assert_true(gate_enter(&gate, &held, "holder", "office", &err));
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(pthread_create(&ones[i].thread, NULL, pass, &ones[i]), 0);
    wait_for(i + 2);
  }
  struct release release = {.held = &held, .waiting = 4};
  assert_int_equal(pthread_create(&release.thread, NULL, release_when_it_waits, &release), 0);
  assert_false(gate_enter(&gate, &late, "c", "office", &err)); /* at once: who is refused holds nothing */
  assert_int_equal(err.kind, ERR_BUSY);
  atomic_store(&release.over, true);
  pthread_join(release.thread, NULL);
  gate_leave(&gate, &held);
  for (size_t i = 0; i < 2; i++)
    pthread_join(ones[i].thread, NULL);
  assert_string_equal(order, "ab");
  gate_wipe(&gate);
}

static void nobody_waits_for_ever(void **state)
{
  (void)state;
  struct gate_place held, late;
  struct err err = ERR_INIT;
  gate_init(&gate, 1, 2, 8, 20, "full");
  assert_true(gate_enter(&gate, &held, "one", "10.0.0.1", &err));
  assert_false(gate_enter(&gate, &late, "two", "10.0.0.2", &err));
  assert_string_equal(err.rule, "busy");
  gate_leave(&gate, &held);
  assert_true(gate_enter(&gate, &late, "two", "10.0.0.2", &err));
  gate_leave(&gate, &late);
  assert_null(gate.all);
  gate_wipe(&gate);
}

/* -- exports -- */

static void an_account_takes_out_so_many_and_then_slowly(void **state)
{
  (void)state;
  struct export_pace pace;
  struct err err = ERR_INIT;
  const int64_t now = 1000000;
  export_pace_init(&pace);
  for (int i = 0; i < EXPORTS_AT_A_TIME; i++)
    assert_true(export_pace_take(&pace, "auditor", now, &err));
  assert_false(export_pace_take(&pace, "auditor", now + EXPORT_EVERY_MS - 1, &err));
  assert_string_equal(err.rule, "rate");
  assert_true(export_pace_take(&pace, "clerk", now, &err));
  assert_true(export_pace_take(&pace, "auditor", now + EXPORT_EVERY_MS, &err));
  assert_false(export_pace_take(&pace, "auditor", now + EXPORT_EVERY_MS, &err));
  char name[16];
  for (int i = 0; i < PACE_ACCOUNTS_MAX; i++) { /* names do not wash the count away */
    snprintf(name, sizeof name, "other%d", i);
    assert_true(export_pace_take(&pace, name, now + EXPORT_EVERY_MS, &err));
  }
  assert_false(export_pace_take(&pace, "auditor", now + EXPORT_EVERY_MS, &err));
  export_pace_wipe(&pace);
}

/* -- what is written -- */

static void what_came_to_nothing_is_given_back(void **state)
{
  (void)state;
  struct pace pace;
  pace_init(&pace, 2, 1000);
  assert_true(pace_take(&pace, "clerk", 5000));
  assert_true(pace_take(&pace, "clerk", 5000));
  assert_false(pace_take(&pace, "clerk", 5999));
  pace_give(&pace, "clerk");
  pace_give(&pace, "nobody");
  assert_true(pace_take(&pace, "clerk", 5000));
  assert_false(pace_take(&pace, "clerk", 5000));
  pace_wipe(&pace);
}

static void the_same_export_is_known_for_a_minute_to_its_account(void **state)
{
  (void)state;
  struct export_pace pace;
  struct export_done found,
      done = {.account = "clerk", .address = {7}, .file = {9}, .at_ms = 5, .mono_ms = 1000};
  const uint8_t other[HASH_SIZE] = {8};
  export_pace_init(&pace);
  assert_false(export_pace_again(&pace, "clerk", done.address, 1000, &found));
  export_pace_done(&pace, &done);
  assert_true(export_pace_again(&pace, "clerk", done.address, 1000 + EXPORT_AGAIN_MS, &found));
  assert_int_equal(found.at_ms, 5);
  assert_false(export_pace_again(&pace, "clerk", done.address, 1001 + EXPORT_AGAIN_MS, &found));
  assert_false(export_pace_again(&pace, "other", done.address, 1000, &found));
  assert_false(export_pace_again(&pace, "clerk", other, 1000, &found));
  export_pace_wipe(&pace);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_free_place_goes_to_who_asks_for_the_least),
      cmocka_unit_test(one_who_may_hold_no_more_is_refused_at_once),
      cmocka_unit_test(an_address_may_not_fill_the_queue_with_ever_new_names),
      cmocka_unit_test(nobody_waits_for_ever),
      cmocka_unit_test(an_account_takes_out_so_many_and_then_slowly),
      cmocka_unit_test(what_came_to_nothing_is_given_back),
      cmocka_unit_test(the_same_export_is_known_for_a_minute_to_its_account),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
