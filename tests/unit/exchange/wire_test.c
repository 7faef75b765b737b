/* How long a line may take over what was begun, and how many bytes it still owes. */
#include "sync/wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 5000;
static struct wire wire;

static struct moment at(int64_t mono_ms)
{
  return (struct moment){.mono_ms = mono_ms};
}

static int begin(void **state)
{
  (void)state;
  wire_init(&wire, FRAME_BIT(FRAME_WITNESSED));
  return 0;
}

static int end(void **state)
{
  (void)state;
  wire_wipe(&wire);
  return 0;
}

static void say(size_t size)
{
  size_t mark = frame_begin(&wire.out, FRAME_WITNESSED);
  for (size_t i = 0; i < size; i++)
    put_u8(&wire.out, 7);
  frame_end(&wire.out, mark);
}

static void ends_at(int64_t mono_ms, const char *rule)
{
  assert_int_equal(wire_deadline(&wire), mono_ms);
  wire_tick(&wire, at(mono_ms - 1));
  assert_int_equal(wire.end, 0);
  wire_tick(&wire, at(mono_ms));
  assert_int_equal(wire.end, END_TIMEOUT);
  assert_string_equal(wire.why.rule, rule);
  assert_int_equal(wire_deadline(&wire), INT64_MAX);
}

static void who_takes_nothing_for_so_long_is_given_up(void **state)
{
  (void)state;
  assert_int_equal(wire_deadline(&wire), INT64_MAX);
  wire_queued(&wire, at(START_MS));
  assert_int_equal(wire_deadline(&wire), INT64_MAX); /* nothing waits */
  say(10);
  wire_queued(&wire, at(START_MS));
  say(10);
  wire_queued(&wire, at(START_MS + 700)); /* more of it gives no more time */
  ends_at(START_MS + FRAME_WAIT_MS, "send_timeout");
}

static void who_takes_some_of_it_has_time_for_the_rest(void **state)
{
  (void)state;
  say(10);
  wire_queued(&wire, at(START_MS));
  const size_t all = wire_output(&wire).size;
  wire_sent(&wire, 4, at(START_MS + 100));
  assert_int_equal(wire_output(&wire).size, all - 4);
  assert_true(wire_deadline(&wire) > START_MS + FRAME_WAIT_MS);
  wire_sent(&wire, all - 4, at(START_MS + 200));
  assert_int_equal(wire_output(&wire).size, 0);
  assert_null(wire_output(&wire).p);
  assert_int_equal(wire_deadline(&wire), INT64_MAX);
  assert_int_equal(wire.bytes_out, all);
}

static void a_frame_that_was_begun_must_come_to_its_end(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT;
  struct frame frame;
  size_t mark = frame_begin(&bytes, FRAME_WITNESSED);
  put_text(&bytes, "a note");
  frame_end(&bytes, mark);
  wire_feed(&wire, bytes.data, bytes.size, at(START_MS));
  assert_true(wire_next(&wire, &frame, at(START_MS)));
  assert_int_equal(frame.size, 6);
  assert_false(wire_next(&wire, &frame, at(START_MS)));
  assert_int_equal(wire_deadline(&wire), INT64_MAX);
  wire_feed(&wire, bytes.data, 3, at(START_MS));
  assert_false(wire_next(&wire, &frame, at(START_MS)));
  ends_at(START_MS + wire_wait_ms(FRAME_WAIT_MS, FRAME_HEAD_SIZE - 3), "frame_timeout");
  wire_feed(&wire, bytes.data + 3, bytes.size - 3, at(START_MS));
  assert_false(wire_next(&wire, &frame, at(START_MS))); /* after the end nothing is taken */
  assert_int_equal(wire.bytes_in, bytes.size + 3);
  buf_wipe(&bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(who_takes_nothing_for_so_long_is_given_up, begin, end),
      cmocka_unit_test_setup_teardown(who_takes_some_of_it_has_time_for_the_rest, begin, end),
      cmocka_unit_test_setup_teardown(a_frame_that_was_begun_must_come_to_its_end, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
