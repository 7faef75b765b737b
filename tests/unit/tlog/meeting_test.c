/* Cosignatures meet: every branch is led through one checkpoint before it is told a newer, and the newest
 * that has its quorum is kept. */
#include "fixture.h"

#include "sync/meeting.h"
#include "sync/prover.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

static struct site hub, node;
static const struct stream own = {CHUNAN, 0};
static const struct moment now = {.mono_ms = 1000, .wall_ms = FIXTURE_NOW_MS};

static uint64_t grow(void)
{
  struct tlog_state state;
  struct buf note = BUF_INIT;
  static int n;
  site_record_price(&node, n++);
  site_pull(&hub, &node, own);
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, NULL));
  assert_true(tlog_checkpoint(hub.reader, &note, &state, NULL));
  buf_wipe(&note);
  return state.size;
}

static struct meeting meet(int64_t now_ms)
{
  struct meeting meeting;
  assert_true(store_meeting(hub.store, now_ms, NULL));
  assert_true(meeting_get(hub.reader, &meeting, NULL));
  return meeting;
}

static uint64_t told(struct prover *p)
{
  struct wire wire;
  struct err err = ERR_INIT;
  wire_init(&wire, 0);
  if (!prover_tell(p, hub.reader, &wire, now, &err)) fail_msg("%s", err.text);
  wire_wipe(&wire);
  return p->told_size;
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

static void the_newest_when_it_is_written_becomes_the_meeting(void **state)
{
  (void)state;
  struct meeting meeting = meet(1);
  assert_int_equal(meeting.size, 0); /* nothing was signed yet */
  grow();
  uint64_t newest = grow();
  meeting = meet(2);
  assert_int_equal(meeting.size, newest);
  assert_int_equal(meeting.since_ms, 2);
  meeting = meet(3); /* nothing newer: it has been the meeting since then */
  assert_int_equal(meeting.size, newest);
  assert_int_equal(meeting.since_ms, 2);
}

static void every_branch_is_led_through_it(void **state)
{
  (void)state;
  grow();
  uint64_t met = meet(1).size;
  grow();
  uint64_t newest = grow();
  struct prover behind = {.stream = own}, with = {.stream = own, .told_size = met},
                beyond = {.stream = own, .told_size = met + 1};
  assert_int_equal(told(&behind), met);
  assert_int_equal(told(&behind), newest);
  assert_int_equal(told(&with), newest);
  assert_int_equal(told(&beyond), newest);
  struct wire wire;
  wire_init(&wire, 0);
  struct prover fills = {.stream = own};
  prover_aim(&fills, 0, 0, 3); /* the proofs of its entries lead beyond the meeting, in one go */
  assert_true(prover_fill(&fills, hub.reader, &wire, now, NULL));
  assert_int_equal(fills.told_size, newest);
  assert_true(fills.next_seq > 3);
  wire_wipe(&wire);
}

static void keep(uint64_t size, size_t lines, const char *text)
{
  struct buf note = BUF_INIT;
  put_text(&note, text);
  assert_true(store_quorum(hub.store, size, &note, lines, 1, NULL));
  buf_wipe(&note);
}

static void assert_kept(uint64_t size, size_t lines, const char *text)
{
  struct tlog_state state;
  struct buf note = BUF_INIT;
  uint64_t have = 0;
  size_t count = 0;
  assert_true(quorum_size(hub.reader, &have, &count, NULL));
  assert_int_equal(have, size);
  assert_int_equal(count, lines);
  assert_true(quorum_note(hub.reader, &note, &state, NULL));
  assert_int_equal(state.size, size);
  assert_int_equal(note.size, strlen(text));
  assert_memory_equal(note.data, text, strlen(text));
  buf_wipe(&note);
}

static void the_newest_with_its_quorum_is_kept_with_most_lines(void **state)
{
  (void)state;
  uint64_t first = grow(), second = grow();
  keep(first, 2, "first");
  assert_kept(first, 2, "first");
  keep(first, 2, "as many");
  assert_kept(first, 2, "first");
  keep(first, 3, "more");
  assert_kept(first, 3, "more");
  keep(second, 2, "second");
  assert_kept(second, 2, "second");
  keep(first, 9, "older");
  assert_kept(second, 2, "second");
}

/* What witnesses said of one size, behind what was signed; those outside are the first to find room. */
static void a_note_stands_with_the_lines_of_its_witnesses(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct buf note = BUF_INIT, signed_note = BUF_INIT;
  struct tlog_state newest;
  size_t lines = 9;
  uint64_t size = grow();
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db,
                      "INSERT INTO sync_cosignature(size, name, line, time_s, outside) VALUES"
                      " (1, 'a', 'line of a', 1, 0), (1, 'b', 'line of b', 1, 1), (2, 'c', 'other', 1, 1)",
                      &err));
  db_close(db);
  assert_int_equal(size, 1);
  assert_true(tlog_checkpoint(hub.reader, &signed_note, &newest, &err));
  put_text(&signed_note, "line of bline of a");
  assert_true(meeting_note(hub.reader, size, &note, &lines, &err));
  assert_int_equal(lines, 2);
  assert_int_equal(note.size, signed_note.size);
  assert_memory_equal(note.data, signed_note.data, note.size);
  assert_false(meeting_note(hub.reader, size + 1, &note, &lines, &err));
  assert_string_equal(err.rule, "not_signed");
  buf_wipe(&note);
  buf_wipe(&signed_note);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(the_newest_when_it_is_written_becomes_the_meeting, begin, end),
      cmocka_unit_test_setup_teardown(every_branch_is_led_through_it, begin, end),
      cmocka_unit_test_setup_teardown(the_newest_with_its_quorum_is_kept_with_most_lines, begin, end),
      cmocka_unit_test_setup_teardown(a_note_stands_with_the_lines_of_its_witnesses, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
