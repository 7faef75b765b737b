#include "core/base/bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

static void what_is_put_is_got(void **state)
{
  (void)state;
  struct buf b = BUF_INIT;
  size_t n = 0;
  put_u8(&b, 0x12);
  put_u16(&b, 0x3456);
  put_u32(&b, 0x789abcde);
  put_u64(&b, UINT64_C(0xf00dfeed12345678));
  put_vec8(&b, "abc", 3);
  put_vec16(&b, "de", 2);
  put_text(&b, "!");
  assert_memory_equal(b.data,
                      "\x12\x34\x56\x78\x9a\xbc\xde\xf0\x0d\xfe\xed\x12\x34\x56\x78\x03"
                      "abc\x00\x02"
                      "de!",
                      b.size);
  struct reader r = reader_of(b.data, b.size);
  assert_int_equal(get_u8(&r), 0x12);
  assert_int_equal(get_u16(&r), 0x3456);
  assert_int_equal(get_u32(&r), 0x789abcde);
  assert_true(get_u64(&r) == UINT64_C(0xf00dfeed12345678));
  assert_memory_equal(get_vec8(&r, &n), "abc", 3);
  assert_int_equal(n, 3);
  assert_memory_equal(get_vec16(&r, &n), "de", 2);
  assert_int_equal(reader_left(&r), 1);
  assert_false(reader_done(&r));
  assert_int_equal(get_u8(&r), '!');
  assert_true(reader_done(&r));
  buf_wipe(&b);
}

static void varints_have_one_form(void **state)
{
  (void)state;
  static const uint64_t values[] = {0, 1, 127, 128, 16383, 16384, UINT32_MAX, INT64_MAX, UINT64_MAX};
  for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
    struct buf b = BUF_INIT;
    put_varint(&b, values[i]);
    struct reader r = reader_of(b.data, b.size);
    assert_true(get_varint(&r) == values[i]);
    assert_true(reader_done(&r));
    r = reader_of(b.data, b.size - 1);
    get_varint(&r);
    assert_true(r.bad);
    b.data[b.size - 1] |= 0x80; /* the same number, a byte longer */
    put_u8(&b, 0);
    r = reader_of(b.data, b.size);
    get_varint(&r);
    assert_true(r.bad);
    buf_wipe(&b);
  }
  struct reader r = reader_of("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10); /* 65 bits */
  get_varint(&r);
  assert_true(r.bad);
}

static void a_short_read_is_sticky(void **state)
{
  (void)state;
  struct reader r = reader_of("\x01\x02\x03", 3);
  assert_int_equal(get_u32(&r), 0);
  assert_true(r.bad);
  assert_int_equal(get_u8(&r), 0);
  assert_int_equal(reader_left(&r), 0);
  assert_false(reader_done(&r));
  r = reader_of("\x05"
                "abc",
                4);
  size_t n;
  assert_null(get_vec8(&r, &n));
  r = reader_of(NULL, 7);
  assert_true(reader_done(&r));
}

static void a_buffer_past_its_bound_is_bad_and_stays_bad(void **state)
{
  (void)state;
  struct buf b = {.max = 4};
  put_u32(&b, 1);
  assert_false(b.bad);
  put_u8(&b, 1);
  assert_true(b.bad);
  assert_int_equal(b.size, 4);
  buf_clear(&b);
  put_u8(&b, 9);
  assert_false(b.bad);
  put_vec8(&b, "", 256);
  assert_true(b.bad);
  buf_wipe(&b);
}

static void dropping_takes_from_the_front(void **state)
{
  (void)state;
  struct buf b = BUF_INIT;
  put_text(&b, "abcdef");
  buf_drop(&b, 2);
  assert_int_equal(b.size, 4);
  assert_memory_equal(b.data, "cdef", 4);
  buf_drop(&b, 9);
  assert_int_equal(b.size, 0);
  buf_wipe(&b);
}

static void hex_is_exact(void **state)
{
  (void)state;
  char text[7];
  uint8_t back[3];
  hex_encode(text, "\x00\x9f\xff", 3);
  assert_string_equal(text, "009fff");
  assert_true(hex_decode(back, 3, text));
  assert_memory_equal(back, "\x00\x9f\xff", 3);
  assert_false(hex_decode(back, 3, "009FFF"));
  assert_false(hex_decode(back, 3, "009ff"));
  assert_false(hex_decode(back, 3, "009fff0"));
  assert_false(hex_decode(back, 3, "009ffg"));
}

static void only_well_formed_utf8_passes(void **state)
{
  (void)state;
  static const char *const good[] = {
      "", "a", "淳安县", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"};
  static const char *const bad[] = {
      "\x80",         "\xc0\x80",         "\xc1\xbf",         "\xe0\x9f\xbf",
      "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
      "\xe6\xb7",     "a\xe6\xb7",        "\xe6\x61\xb3",     "\xff"};
  for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
    assert_true(utf8_valid(good[i], strlen(good[i])));
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    assert_false(utf8_valid(bad[i], strlen(bad[i])));
  assert_false(utf8_valid("a\0b", 3));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_put_is_got),
      cmocka_unit_test(varints_have_one_form),
      cmocka_unit_test(a_short_read_is_sticky),
      cmocka_unit_test(a_buffer_past_its_bound_is_bad_and_stays_bad),
      cmocka_unit_test(dropping_takes_from_the_front),
      cmocka_unit_test(hex_is_exact),
      cmocka_unit_test(only_well_formed_utf8_passes),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
