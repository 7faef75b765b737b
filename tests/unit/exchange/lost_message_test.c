/* The bytes of what is lost: the note in an entry bundle, LOST, and what WELCOME says of it.  Frozen: they
 * are on other machines. */
#include "sync/lost_message.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static struct lost_leaf sample(void)
{
  struct lost_leaf leaf = {.stream = {330127, 0}, .seq = 100, .epoch = 2, .received_ms = 1795316000000};
  memset(leaf.leaf.bytes, 0xab, HASH_SIZE);
  return leaf;
}

#define HASH_HEX "abababababababababababababababababababababababababababababababab"
static const char note_hex[] = "00"
                               "0005098f"
                               "00000000"
                               "00000002"
                               "0000000000000064"
                               "000001a2012c2500" HASH_HEX;
static const char lost_hex[] = "0005098f"
                               "00000000"
                               "0000000000000064"
                               "0001"
                               "00000002"
                               "000001a2012c2500" HASH_HEX;

static void is_hex(const struct buf *bytes, const char *want)
{
  char hex[400];
  assert_true(bytes->size * 2 < sizeof hex);
  hex_encode(hex, bytes->data, bytes->size);
  assert_string_equal(hex, want);
}

static void the_note_has_these_bytes(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct lost_leaf leaf = sample(), back;
  bool is = false;
  lost_leaf_encode(&bytes, &leaf);
  is_hex(&bytes, note_hex);
  assert_int_equal(bytes.size, LOST_LEAF_SIZE);
  assert_true(lost_leaf_decode(&back, bytes.data, bytes.size, &is, &err));
  assert_true(is);
  assert_memory_equal(&back, &leaf, sizeof leaf);
  for (size_t n = 1; n < bytes.size; n++)
    assert_false(lost_leaf_decode(&back, bytes.data, n, &is, &err));
  bytes.data[0] = 1; /* a leaf: none of ours */
  assert_true(lost_leaf_decode(&back, bytes.data, bytes.size, &is, &err));
  assert_false(is);
  buf_wipe(&bytes);
}

static void lost_has_these_bytes_and_no_others_are_taken(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  static struct lost_message m, back;
  m = (struct lost_message){.stream = {330127, 0}, .first_seq = 100, .count = 1};
  m.leaves[0] = sample();
  lost_message_encode(&bytes, &m);
  is_hex(&bytes, lost_hex);
  assert_true(lost_message_decode(&back, bytes.data, bytes.size, &err));
  assert_memory_equal(&back.leaves[0], &m.leaves[0], sizeof m.leaves[0]);
  for (size_t n = 0; n < bytes.size; n++)
    assert_false(lost_message_decode(&back, bytes.data, n, &err));
  put_u8(&bytes, 0);
  assert_false(lost_message_decode(&back, bytes.data, bytes.size, &err));
  bytes.size--;
  bytes.data[17] = 0; /* none */
  assert_false(lost_message_decode(&back, bytes.data, bytes.size, &err));
  assert_string_equal(err.rule, "message");
  buf_wipe(&bytes);
}

static void as_many_as_fit_are_taken_and_one_more_is_not(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  static struct lost_message m, back;
  m = (struct lost_message){.stream = {330127, 0}, .first_seq = 100, .count = LOST_LEAVES_MAX};
  for (unsigned i = 0; i < LOST_LEAVES_MAX; i++)
    m.leaves[i] = sample();
  lost_message_encode(&bytes, &m);
  assert_int_equal(bytes.size, LOST_SIZE_MAX);
  assert_true(lost_message_decode(&back, bytes.data, bytes.size, &err));
  assert_int_equal(back.leaves[LOST_LEAVES_MAX - 1].seq, 100 + LOST_LEAVES_MAX - 1);
  bytes.data[16] = (LOST_LEAVES_MAX + 1) >> 8;
  bytes.data[17] = (LOST_LEAVES_MAX + 1) & 0xff;
  for (int i = 0; i < 44; i++)
    put_u8(&bytes, 1);
  assert_false(lost_message_decode(&back, bytes.data, bytes.size, &err));
  buf_wipe(&bytes);
}

static void a_run_that_says_nothing_counts_for_nothing(void **state)
{
  (void)state;
  static const uint64_t cases[][3] = {{5, 3, 3}, {0, 3, 0}, {UINT64_MAX, 1, 0}, {5, UINT64_MAX, 0}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct buf body = BUF_INIT, tail = BUF_INIT;
    uint64_t first = 0, count = 9;
    put_u64(&body, cases[i][0]);
    put_u64(&body, cases[i][1]);
    tail_put(&tail, TAIL_LOST, body.data, body.size);
    struct span rest = {tail.data, tail.size};
    assert_true(lost_tail_next(&rest, &first, &count));
    assert_int_equal(count, cases[i][2]);
    assert_false(lost_tail_next(&rest, &first, &count));
    buf_wipe(&body);
    buf_wipe(&tail);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_note_has_these_bytes),
      cmocka_unit_test(lost_has_these_bytes_and_no_others_are_taken),
      cmocka_unit_test(as_many_as_fit_are_taken_and_one_more_is_not),
      cmocka_unit_test(a_run_that_says_nothing_counts_for_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
