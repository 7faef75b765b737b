/* A province that has started signs no size of its log before its branches have called: one that holds more
 * of it would prove that the disk went back, and then nothing was contradicted. */
#include "hub/hearing.h"
#include "sync/log_message.h"
#include "tests/unit/sync/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum { FIRST = 330101, FIVE = 5 };

static struct site province;
static struct hub hub;
static int64_t now_ms;

static int64_t mono(void)
{
  return now_ms;
}

static void execute(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(db_open(&db, province.path, DB_WRITE, &err));
  if (!db_exec(db, sql, &err)) fail_msg("%s", err.text);
  db_close(db);
}

static void write_entry(int n)
{
  struct err err = ERR_INIT;
  struct done done;
  char sql[100];
  (void)snprintf(sql, sizeof sql, "INSERT INTO product VALUES(%d, 'tea %d', 'kg', NULL, 1.0)", n, n);
  if (!site_commit(&province, 0, sql, &done, &err)) fail_msg("%s", err.text);
}

/* The log's newest signed size, when it has been asked to sign what there is. */
static int64_t signed_size(void)
{
  struct err err = ERR_INIT;
  assert_true(store_sign_log(province.store, FIXTURE_NOW_MS, &err));
  return site_int(&province, "SELECT coalesce(max(size), 0) FROM sync_checkpoint");
}

/* One entry is signed, another is not yet, five branches may call. */
static int begin_with(const char *certificates)
{
  struct err err = ERR_INIT;
  fixture_begin();
  site_open(&province, "hub", PROVINCE, 1);
  execute("CREATE TABLE certificate(branch INTEGER NOT NULL, revoked_ms INTEGER NOT NULL) STRICT");
  execute(certificates);
  write_entry(1);
  assert_int_equal(signed_size(), 1);
  write_entry(2);
  now_ms = 1000000;
  memset(&hub, 0, sizeof hub);
  hub.app.store = province.store;
  bell_init(&hub.news);
  assert_true(conf_open(&hub.app.conf, "/no/sunlit.conf", &err));
  assert_true(readers_open(&hub.app.readers, province.path, 1, &err));
  assert_true(hearing_open(&hub.hearing, &hub, mono, &err));
  return 0;
}

static int begin(void **state)
{
  (void)state;
  return begin_with("INSERT INTO certificate VALUES(330101, 0), (330102, 0), (330103, 0), (330104, 0),"
                    " (330105, 0), (330105, 0), (330106, 7)");
}

/* The only one it knew is revoked: as good as none. */
static int begin_with_none(void **state)
{
  (void)state;
  return begin_with("INSERT INTO certificate VALUES(330106, 7)");
}

static int end(void **state)
{
  (void)state;
  hearing_close(hub.hearing);
  readers_close(hub.app.readers);
  conf_close(hub.app.conf);
  bell_wipe(&hub.news);
  site_close(&province);
  fixture_end();
  return 0;
}

static void call(uint32_t branch, uint64_t held)
{
  struct err err = ERR_INIT;
  struct buf tail = BUF_INIT;
  tail_put_u64(&tail, TAIL_LOG_SIZE, held);
  const struct hello hello = {.branch = branch, .tail = {tail.data, tail.size}};
  const struct hearing_line line = {.opened_ms = now_ms};
  assert_true(hearing_greeted(hub.hearing, &hello, &line, &err));
  buf_wipe(&tail);
}

static void listens_after(int64_t ms)
{
  now_ms += ms;
  hearing_turn(hub.hearing);
  assert_true(hearing_listens(hub.hearing));
  assert_int_equal(signed_size(), 1);
}

static void signs_after(int64_t ms)
{
  now_ms += ms;
  hearing_turn(hub.hearing);
  assert_false(hearing_listens(hub.hearing));
  assert_true(bell_wait(&hub.news, 0));
  assert_int_equal(signed_size(), 2);
}

static void all_have_called(void **state)
{
  (void)state;
  for (uint32_t i = 0; i < FIVE; i++) {
    listens_after(0);
    call(FIRST + i, 1);
    call(FIRST, 1); /* who calls again is one */
  }
  signs_after(0);
}

/* It holds nothing that we have not: those that were known are waited for. */
static void a_branch_that_is_enrolled_since_is_not_one_of_them(void **state)
{
  (void)state;
  for (uint32_t i = 0; i < FIVE - 1; i++)
    call(FIRST + i, 1);
  call(FIRST + 50, 1);
  call(FIRST + 51, 1);
  listens_after(0);
  struct hearing_state look;
  hearing_look(hub.hearing, &look);
  assert_int_equal(look.heard_count, FIVE - 1);
  call(FIRST + FIVE - 1, 1);
  signs_after(0);
}

static void that_another_hub_runs_is_told_once_an_hour_and_said_as_long(void **state)
{
  (void)state;
  assert_false(hearing_two_hubs(hub.hearing, 330101));
  assert_true(hearing_two_hubs_now(hub.hearing, 330101));
  assert_false(hearing_two_hubs_now(hub.hearing, 330101));
  assert_true(hearing_two_hubs_now(hub.hearing, 330102));
  now_ms += TWO_HUBS_TOLD_MS - 1;
  assert_true(hearing_two_hubs(hub.hearing, 330101));
  now_ms += 1;
  assert_false(hearing_two_hubs(hub.hearing, 330101));
  assert_true(hearing_two_hubs_now(hub.hearing, 330101));
}

static void more_than_half_have_called_and_others_had_their_time(void **state)
{
  (void)state;
  listens_after(30000);
  call(FIRST, 1);
  listens_after(HEARING_MORE_MS + 1);
  call(FIRST + 1, 0);
  listens_after(1); /* two of five */
  call(FIRST + 2, 1);
  signs_after(1); /* the time is counted from the first call */
}

static void others_get_their_time_after_the_first_call(void **state)
{
  (void)state;
  for (uint32_t i = 0; i < 3; i++)
    call(FIRST + i, 1);
  listens_after(HEARING_MORE_MS - 1);
  signs_after(1);
}

static void nobody_is_waited_for_longer_than_two_minutes(void **state)
{
  (void)state;
  call(FIRST, 1);
  listens_after(HEARING_MS - 1);
  signs_after(1);
}

/* By a clock that is wrong their certificates have not begun: they call, and cannot be heard. */
static void who_is_kept_out_by_our_clock_is_waited_for(void **state)
{
  (void)state;
  listens_after(HEARING_MS - 1);
  hearing_kept_out(hub.hearing);
  listens_after(HEARING_MS - 1);
  hearing_kept_out(hub.hearing);
  listens_after(HEARING_MS - 1);
  signs_after(1);
  hearing_kept_out(hub.hearing); /* it signs already */
  assert_false(hearing_listens(hub.hearing));
}

/* It is about to prove that the disk went back; what it says next must find nothing newly signed. */
static void who_holds_more_than_was_signed_does_not_count_as_heard(void **state)
{
  (void)state;
  for (uint32_t i = 0; i < FIVE; i++)
    call(FIRST + i, i == 0 ? 2 : 1);
  listens_after(HEARING_MORE_MS - 1);
  call(FIRST, 1);
  signs_after(0);
}

/* Its disk may have gone back to before the first of them, and then their certificates show it. */
static void a_database_that_knows_no_branch_listens_as_long(void **state)
{
  (void)state;
  listens_after(0);
  listens_after(HEARING_MORE_MS + 1);
  listens_after(HEARING_MS - HEARING_MORE_MS - 2);
  signs_after(1);
}

static void who_was_let_in_since_ends_it_and_who_holds_more_does_not(void **state)
{
  (void)state;
  listens_after(0);
  call(FIRST, 2);
  listens_after(0);
  call(FIRST + 1, 0);
  signs_after(0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(all_have_called, begin, end),
      cmocka_unit_test_setup_teardown(a_branch_that_is_enrolled_since_is_not_one_of_them, begin, end),
      cmocka_unit_test_setup_teardown(more_than_half_have_called_and_others_had_their_time, begin, end),
      cmocka_unit_test_setup_teardown(others_get_their_time_after_the_first_call, begin, end),
      cmocka_unit_test_setup_teardown(who_is_kept_out_by_our_clock_is_waited_for, begin, end),
      cmocka_unit_test_setup_teardown(nobody_is_waited_for_longer_than_two_minutes, begin, end),
      cmocka_unit_test_setup_teardown(that_another_hub_runs_is_told_once_an_hour_and_said_as_long, begin,
                                      end),
      cmocka_unit_test_setup_teardown(who_holds_more_than_was_signed_does_not_count_as_heard, begin, end),
      cmocka_unit_test_setup_teardown(a_database_that_knows_no_branch_listens_as_long, begin_with_none, end),
      cmocka_unit_test_setup_teardown(who_was_let_in_since_ends_it_and_who_holds_more_does_not,
                                      begin_with_none, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
