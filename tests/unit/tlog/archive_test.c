/* A day's cosignatures end as notes that any verifier of signed notes reads, each witness once, none lost,
 * and the table they came into is empty again. */
#include "fixture.h"

#include "core/base/clock.h"
#include "sync/archive.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#define DAY_MS (24LL * 3600 * 1000)

static struct site hub;
static struct site node;

/* A witness outside, made from its number. */
static void witness_of(int n, struct note_key *key, uint8_t secret[SECRET_SIZE])
{
  char name[40];
  uint8_t public_key[PUBLIC_SIZE];
  site_key((uint32_t)(500000 + n), 1, public_key, secret);
  snprintf(name, sizeof name, "w%04d.example", n);
  assert_true(note_key_init(key, name, NOTE_KEY_COSIGNATURE, public_key, NULL));
}

static uint64_t grow(void)
{
  struct tlog_state state;
  struct buf note = BUF_INIT;
  static int n;
  site_record_price(&node, n++);
  site_pull(&hub, &node, (struct stream){CHUNAN, 0});
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, NULL));
  assert_true(tlog_checkpoint(hub.reader, &note, &state, NULL));
  buf_wipe(&note);
  return state.size;
}

static void checkpoint_text(uint64_t size, struct buf *out)
{
  struct note note;
  struct query q = query_open(hub.reader, "SELECT note FROM sync_checkpoint WHERE size = ?1", NULL);
  query_int(&q, 1, (int64_t)size);
  assert_true(query_row(&q));
  assert_true(note_open(&note, column_text(&q, 0), strlen(column_text(&q, 0)), NULL));
  put_bytes(out, note.text, note.text_size);
  assert_true(query_close(&q));
}

static void cosign(int witness, uint64_t size, int64_t at_ms)
{
  struct note_key key;
  struct err err = ERR_INIT;
  uint8_t secret[SECRET_SIZE];
  struct buf text = BUF_INIT, line = BUF_INIT;
  witness_of(witness, &key, secret);
  checkpoint_text(size, &text);
  note_cosign(&line, (const char *)text.data, text.size, &key, secret, (uint64_t)(at_ms / 1000));
  struct cosignature came = {
      .size = size, .line = line.data, .line_size = line.size, .heard_ms = at_ms, .outside = true};
  if (!store_cosignature_outside(hub.store, &key, &came, &err)) fail_msg("%s", err.text);
  buf_wipe(&line);
  buf_wipe(&text);
}

static int archive(int64_t now_ms)
{
  int days = -1;
  struct err err = ERR_INIT;
  if (!store_archive(hub.store, now_ms, &days, &err)) fail_msg("%s", err.text);
  return days;
}

/* How many of the witnesses from..to the note holds good lines of. */
static int good_lines(int day, int n, int from, int to)
{
  struct buf bytes = BUF_INIT;
  struct note note;
  struct note_key log;
  int count = 0;
  if (!archive_note(hub.reader, day, n, &bytes, NULL)) return -1;
  assert_true(note_open(&note, (const char *)bytes.data, bytes.size, NULL));
  assert_true(log_key(hub.reader, PROVINCE, &log, NULL));
  assert_true(note_verify(&note, &log, NULL, NULL));
  assert_true(note.line_count <= 99);
  for (int i = from; i <= to; i++) {
    struct note_key key;
    uint8_t secret[SECRET_SIZE];
    witness_of(i, &key, secret);
    count += note_verify(&note, &key, NULL, NULL);
  }
  assert_int_equal(count + 1, note.line_count);
  buf_wipe(&bytes);
  return count;
}

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

static void each_witness_stands_once_a_day_in_notes_of_99_lines(void **state)
{
  (void)state;
  int64_t today_ms = FIXTURE_NOW_MS;
  int day = date_of_ms(today_ms);
  uint64_t early = grow(), late = grow();
  for (int i = 0; i < 130; i++) {
    cosign(i, early, today_ms);
    if (i >= 20) cosign(i, late, today_ms + 1000);
  }
  assert_int_equal(archive(today_ms), 0); /* the day is not over */
  uint64_t next = grow();
  cosign(0, next, today_ms + DAY_MS);
  assert_int_equal(archive(today_ms + DAY_MS), 1);
  assert_int_equal(good_lines(day, 0, 0, 19), 20); /* those who cosigned nothing newer that day */
  assert_int_equal(good_lines(day, 1, 20, 129), 98);
  assert_int_equal(good_lines(day, 2, 20, 129), 12);
  assert_int_equal(good_lines(day, 3, 0, 0), -1);
  struct buf list = BUF_INIT;
  char expected[80];
  snprintf(expected, sizeof expected, "%d 3 130 %llu\n", day, (unsigned long long)late);
  assert_true(archive_list(hub.reader, &list, NULL));
  put_u8(&list, 0);
  assert_string_equal((const char *)list.data, expected);
  buf_wipe(&list);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_cosignature"), 1); /* what is served now */
}

static void days_without_the_hub_are_archived_when_it_is_back(void **state)
{
  (void)state;
  int64_t first_ms = FIXTURE_NOW_MS;
  uint64_t size = grow();
  cosign(1, size, first_ms);
  size = grow();
  cosign(1, size, first_ms + 3 * DAY_MS);
  size = grow();
  assert_int_equal(archive(first_ms + 40 * DAY_MS), 2);
  assert_int_equal(good_lines(date_of_ms(first_ms), 0, 1, 1), 1);
  assert_int_equal(good_lines(date_of_ms(first_ms + 3 * DAY_MS), 0, 1, 1), 1);
  assert_int_equal(archive(first_ms + 40 * DAY_MS), 0);
  /* A clock that went back does not lose a line: that day has one note more. */
  cosign(2, size, first_ms);
  assert_int_equal(archive(first_ms + 40 * DAY_MS), 1);
  assert_int_equal(good_lines(date_of_ms(first_ms), 0, 1, 1), 1);
  assert_int_equal(good_lines(date_of_ms(first_ms), 1, 2, 2), 1);
  assert_int_equal(archive(first_ms + 40 * DAY_MS), 0);
}

static void days_are_archived_some_at_a_time(void **state)
{
  (void)state;
  for (int i = 0; i <= ARCHIVE_DAYS_MAX; i++)
    cosign(1, grow(), FIXTURE_NOW_MS + i * DAY_MS);
  (void)grow();
  const int64_t then_ms = FIXTURE_NOW_MS + 40 * DAY_MS;
  assert_int_equal(archive(then_ms), ARCHIVE_DAYS_MAX);
  assert_int_equal(good_lines(date_of_ms(FIXTURE_NOW_MS), 0, 1, 1), 1);
  assert_int_equal(good_lines(date_of_ms(FIXTURE_NOW_MS + ARCHIVE_DAYS_MAX * DAY_MS), 0, 1, 1), -1);
  assert_int_equal(archive(then_ms), 1);
  assert_int_equal(archive(then_ms), 0);
}

static void a_clock_that_was_ahead_over_a_midnight_holds_up_no_day(void **state)
{
  (void)state;
  const int64_t today_ms = FIXTURE_NOW_MS, wrong_ms = today_ms + 370 * DAY_MS;
  const int day = date_of_ms(today_ms), wrong = date_of_ms(wrong_ms);
  cosign(1, grow(), wrong_ms);
  assert_int_equal(archive(wrong_ms + DAY_MS), 1);
  /* The clock is mended. */
  cosign(2, grow(), today_ms);
  cosign(2, grow(), today_ms + DAY_MS);
  assert_int_equal(archive(today_ms + DAY_MS), 1);
  assert_int_equal(archive(today_ms + 2 * DAY_MS), 1);
  assert_int_equal(good_lines(day, 0, 2, 2), 1);
  assert_int_equal(good_lines(date_add_days(day, 1), 0, 2, 2), 1);
  assert_int_equal(archive(today_ms + 2 * DAY_MS), 0);
  /* And when that day comes, it has its own notes behind the early one. */
  cosign(3, grow(), wrong_ms + 1000);
  assert_int_equal(archive(wrong_ms + DAY_MS), 1);
  assert_int_equal(good_lines(wrong, 0, 1, 1), 1);
  assert_int_equal(good_lines(wrong, 1, 3, 3), 1);
  assert_int_equal(archive(wrong_ms + DAY_MS), 0);
}

static void the_midnight_is_that_of_the_place(void **state)
{
  (void)state;
  int64_t midnight_ms = date_start_ms(date_add_days(date_of_ms(FIXTURE_NOW_MS), 1));
  uint64_t size = grow();
  cosign(1, size, midnight_ms - 1);
  assert_int_equal(archive(midnight_ms - 1), 0);
  assert_int_equal(archive(midnight_ms), 1);
}

static void outside_witnesses_are_served_before_branches(void **state)
{
  (void)state;
  struct buf served = BUF_INIT;
  struct tlog_state now;
  struct note note;
  uint64_t size = grow();
  for (int i = 0; i < 20; i++) {
    char sql[200];
    snprintf(sql, sizeof sql,
             "INSERT INTO sync_cosignature(size, name, line, time_s) VALUES(%llu, '3301%02d.sunlit/witness', "
             "'\xe2\x80\x94 x AAAA\n', 1)",
             (unsigned long long)size, i);
    struct db *db = NULL;
    assert_true(db_open(&db, hub.path, DB_WRITE, NULL) && db_exec(db, sql, NULL));
    db_close(db);
  }
  cosign(7, size, FIXTURE_NOW_MS);
  assert_true(tlog_published(hub.reader, &served, &now, NULL));
  assert_true(note_open(&note, (const char *)served.data, served.size, NULL));
  assert_int_equal(note.line_count, 1 + PUBLISHED_COSIGNATURES_MAX);
  put_u8(&served, 0);
  assert_non_null(strstr((const char *)served.data, "w0007.example"));
  buf_wipe(&served);
}

static void the_mark_of_what_is_witnessed_only_rises_under_one_rule(void **state)
{
  (void)state;
  struct witnessed mark = {.rule = "branches", .size = 7, .at_ms = 1};
  int64_t since_ms = -1;
  grow();
  uint64_t size = grow();
  assert_true(store_witnessed_mark(hub.store, &mark, NULL));
  mark.size = 5;
  assert_true(store_witnessed_mark(hub.store, &mark, NULL));
  assert_true(witnessed_get(hub.reader, &mark, NULL));
  assert_int_equal(mark.size, 7);
  snprintf(mark.rule, sizeof mark.rule, "another");
  mark.size = 3;
  assert_true(store_witnessed_mark(hub.store, &mark, NULL));
  assert_true(witnessed_get(hub.reader, &mark, NULL));
  assert_int_equal(mark.size, 3);
  assert_true(witnessed_waits(hub.reader, size, &since_ms, NULL));
  assert_int_equal(since_ms, 0);
  assert_true(witnessed_waits(hub.reader, size - 1, &since_ms, NULL));
  assert_true(since_ms == FIXTURE_NOW_MS);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(each_witness_stands_once_a_day_in_notes_of_99_lines, begin, end),
      cmocka_unit_test_setup_teardown(days_without_the_hub_are_archived_when_it_is_back, begin, end),
      cmocka_unit_test_setup_teardown(days_are_archived_some_at_a_time, begin, end),
      cmocka_unit_test_setup_teardown(a_clock_that_was_ahead_over_a_midnight_holds_up_no_day, begin, end),
      cmocka_unit_test_setup_teardown(the_midnight_is_that_of_the_place, begin, end),
      cmocka_unit_test_setup_teardown(outside_witnesses_are_served_before_branches, begin, end),
      cmocka_unit_test_setup_teardown(the_mark_of_what_is_witnessed_only_rises_under_one_rule, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
