/* The cutting of a byte stream into frames: every split, every bound, every wrong head. */
#include "core/base/limits.h"
#include "sync/frame.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static const uint32_t ALL = 0xffffffff;

static void feed(struct frame_input *in, const void *p, size_t n)
{
  struct err err = ERR_INIT;
  assert_true(frame_input_feed(in, p, n, &err));
}

static void a_stream_cut_at_any_byte_gives_the_same_frames(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT;
  frame_put(&bytes, FRAME_HELLO, "hello", 5);
  frame_put(&bytes, FRAME_BATCH, "", 0);
  frame_put(&bytes, FRAME_CURSOR, "cursor", 6);
  for (size_t cut = 0; cut <= bytes.size; cut++) {
    struct frame_input in = {.allowed = ALL};
    struct frame frame;
    struct err err = ERR_INIT;
    char seen[64] = "";
    size_t from = 0;
    for (size_t to = cut; from < bytes.size; from = to, to = bytes.size) {
      feed(&in, bytes.data + from, to - from);
      while (frame_input_next(&in, &frame, &err) == 1) {
        strcat(seen, frame_name(frame.type));
        strncat(seen, (const char *)frame.body, frame.size);
      }
    }
    assert_string_equal(seen, "HELLOhelloBATCHCURSORcursor");
    assert_int_equal(frame_input_lacking(&in), 0);
    frame_input_wipe(&in);
  }
  buf_wipe(&bytes);
}

static void lacking_counts_down_to_the_end_of_the_frame(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT;
  frame_put(&bytes, FRAME_HELLO, "abc", 3);
  struct frame_input in = {.allowed = ALL};
  size_t expected[] = {4, 3, 2, 1, 3, 2, 1, 0};
  for (size_t i = 0; i < bytes.size; i++) {
    feed(&in, bytes.data + i, 1);
    assert_int_equal(frame_input_lacking(&in), expected[i]);
  }
  frame_input_wipe(&in);
  buf_wipe(&bytes);
}

static void each_type_is_taken_at_its_bound_and_refused_one_above(void **state)
{
  (void)state;
  for (int type = 1; type < FRAME_TYPE_END; type++) {
    size_t max = frame_size_max((enum frame_type)type);
    if (max == 0) continue; /* a number that is not used */
    for (size_t size = max; size <= max + 1; size++) {
      struct buf head = BUF_INIT;
      struct frame_input in = {.allowed = ALL};
      struct frame frame;
      struct err err = ERR_INIT;
      put_u32(&head, (uint32_t)size);
      put_u8(&head, (uint8_t)type);
      feed(&in, head.data, head.size); /* the head alone is enough to refuse */
      assert_int_equal(frame_input_next(&in, &frame, &err), size > max ? -1 : 0);
      if (size > max) assert_string_equal(err.rule, "frame_oversized");
      frame_input_wipe(&in);
      buf_wipe(&head);
    }
  }
}

static void a_type_that_may_not_come_now_is_refused_by_its_head(void **state)
{
  (void)state;
  const uint8_t types[] = {FRAME_BATCH, 0, FRAME_RENEW - 1, FRAME_TYPE_END, 31, 32, 255};
  for (size_t i = 0; i < sizeof types; i++) {
    struct frame_input in = {.allowed = types[i] == FRAME_BATCH ? FRAME_BIT(FRAME_HELLO) : ALL};
    const uint8_t head[FRAME_HEAD_SIZE] = {0, 0, 0, 1, types[i]};
    struct frame frame;
    struct err err = ERR_INIT;
    feed(&in, head, sizeof head);
    assert_int_equal(frame_input_next(&in, &frame, &err), -1);
    assert_string_equal(err.rule, "frame_unexpected");
    err_clear(&err);
    feed(&in, "x", 1);
    assert_int_equal(frame_input_next(&in, &frame, &err), -1); /* and it stays refused */
    frame_input_wipe(&in);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_stream_cut_at_any_byte_gives_the_same_frames),
      cmocka_unit_test(lacking_counts_down_to_the_end_of_the_frame),
      cmocka_unit_test(each_type_is_taken_at_its_bound_and_refused_one_above),
      cmocka_unit_test(a_type_that_may_not_come_now_is_refused_by_its_head),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
