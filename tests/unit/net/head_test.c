/* The head of a request, read more strictly than the standard: a table of heads and what becomes of them. */
#include "province.h"

#include "core/base/limits.h"
#include "net/head.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void sound_heads_are_taken_whole(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    uint64_t body;
    bool chunked, expects, upgrades;
  } rows[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\n\r\n", 0, false, false, false},
      {"GET /a?b=%E8 HTTP/1.0\r\n\r\n", 0, false, false, false},
      {"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 12\r\n\r\n", 12, false, false, false},
      {"POST /x HTTP/1.1\r\nhost:h\r\ncontent-length:\t12 \r\n\r\n", 12, false, false, false},
      {"POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n", 0, true, false, false},
      {"POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n", 1, false, true,
       false},
      {"GET /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n", 0, false, false, false},
      {"GET /w HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\r\n", 0,
       false, false, true},
      {"GET /w HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", 0, false, false, false},
      {"GET /w HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\n", 0, false, false, false},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct head h;
    size_t n = strlen(rows[i].text);
    char text[512];
    snprintf(text, sizeof text, "%sTHE BODY", rows[i].text);
    if (head_parse(&h, (const uint8_t *)text, strlen(text)) != HEAD_WHOLE)
      fail_msg("%s: %s", rows[i].text, h.why);
    assert_int_equal(h.size, n);
    assert_int_equal(h.body_size, rows[i].body);
    assert_int_equal(h.chunked, rows[i].chunked);
    assert_int_equal(h.expects, rows[i].expects);
    assert_int_equal(h.upgrades, rows[i].upgrades);
    /* Cut anywhere before its end it is incomplete, never something else. */
    for (size_t k = 0; k < n; k++)
      assert_int_equal(head_parse(&h, (const uint8_t *)text, k), HEAD_MORE);
  }
}

static void what_two_parsers_could_read_differently_is_refused(void **state)
{
  (void)state;
  static const struct {
    int status;
    const char *text;
  } rows[] = {
      {400, "GET / HTTP/1.1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {501, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"},
      {501, "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: identity\r\n\r\n"},
      {400, "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0x1\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length:\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999999999999\r\n\r\n"},
      {413, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 999999999999\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length : 1\r\n\r\n"},
      {400, "POST / HTTP/1.1\r\nHost: h\r\n Content-Length: 1\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\nno colon\r\n\r\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\r\nA: b\rc\r\n\r\n"},
      {400, "GET / HTTP/1.1\nHost: h\n\n"},
      {400, "GET / HTTP/1.1\r\nHost: h\nA: b\r\n\r\n"},
      {400, "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET  / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET http://h/ HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /a%00b HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "GET /\xe8\x8c\xb6 HTTP/1.1\r\nHost: h\r\n\r\n"},
      {400, "G{T / HTTP/1.1\r\nHost: h\r\n\r\n"},
      {505, "GET / HTTP/2.0\r\nHost: h\r\n\r\n"},
      {505, "GET / HTTP/1.1x\r\nHost: h\r\n\r\n"},
      {505, "PRI / HTTP/1.2\r\n\r\n"},
      {417, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nExpect: tea\r\n\r\n"},
      {400,
       "GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 1\r\n\r\n"},
  };
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    struct head h;
    if (head_parse(&h, (const uint8_t *)rows[i].text, strlen(rows[i].text)) != HEAD_BAD ||
        h.status != rows[i].status)
      fail_msg("%s: %d %s", rows[i].text, h.status, h.why ? h.why : "");
  }
}

static void a_zero_byte_is_refused(void **state)
{
  (void)state;
  static const char text[] = "GET / HTTP/1.1\r\nHost: h\r\nA: b\0c\r\n\r\n";
  struct head h;
  assert_int_equal(head_parse(&h, (const uint8_t *)text, sizeof text - 1), HEAD_BAD);
}

static void the_expect_line_can_be_cut_out(void **state)
{
  (void)state;
  static const char text[] =
      "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n";
  struct head h;
  assert_int_equal(head_parse(&h, (const uint8_t *)text, sizeof text - 1), HEAD_WHOLE);
  assert_int_equal(h.expect_size, 22);
  assert_memory_equal(text + h.expect_at, "Expect: 100-continue\r\n", 22);
}

static void heads_have_their_bounds(void **state)
{
  (void)state;
  static char text[HEAD_SIZE_MAX + 64];
  struct head h;
  int n = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: h\r\nA: ");
  memset(text + n, 'x', sizeof text - (size_t)n);
  assert_int_equal(head_parse(&h, (const uint8_t *)text, HEAD_SIZE_MAX - 1), HEAD_MORE);
  assert_int_equal(head_parse(&h, (const uint8_t *)text, HEAD_SIZE_MAX), HEAD_BAD);
  assert_int_equal(h.status, 431);
  memcpy(text + HEAD_SIZE_MAX - 4, "\r\n\r\n", 4);
  assert_int_equal(head_parse(&h, (const uint8_t *)text, HEAD_SIZE_MAX), HEAD_WHOLE);
  for (int lines = HEAD_LINES_MAX; lines <= HEAD_LINES_MAX + 1; lines++) {
    n = snprintf(text, sizeof text, "GET / HTTP/1.1\r\nHost: h\r\n");
    for (int i = 1; i < lines; i++)
      n += snprintf(text + n, sizeof text - (size_t)n, "A: b\r\n");
    n += snprintf(text + n, sizeof text - (size_t)n, "\r\n");
    assert_int_equal(head_parse(&h, (const uint8_t *)text, (size_t)n),
                     lines == HEAD_LINES_MAX ? HEAD_WHOLE : HEAD_BAD);
  }
  n = snprintf(text, sizeof text, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n",
               HTTP_UPLOAD_MAX);
  assert_int_equal(head_parse(&h, (const uint8_t *)text, (size_t)n), HEAD_WHOLE);
  n = snprintf(text, sizeof text, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: %d\r\n\r\n",
               HTTP_UPLOAD_MAX + 1);
  assert_int_equal(head_parse(&h, (const uint8_t *)text, (size_t)n), HEAD_BAD);
}

static void chunks_are_followed_to_their_end_in_any_pieces(void **state)
{
  (void)state;
  static const char body[] = "3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\nGET / HTTP/1.1\r\n";
  const size_t whole = strlen(body) - strlen("GET / HTTP/1.1\r\n");
  for (size_t piece = 1; piece <= strlen(body); piece++) {
    struct chunks c = {0};
    size_t at = 0;
    while (!c.done && !c.bad && at < strlen(body)) {
      size_t n = strlen(body) - at < piece ? strlen(body) - at : piece;
      at += chunks_follow(&c, (const uint8_t *)body + at, n);
    }
    assert_true(c.done && !c.bad);
    assert_int_equal(at, whole);
    assert_int_equal(c.total, 13);
  }
}

static void malformed_chunks_are_bad(void **state)
{
  (void)state;
  static const char *const bad[] = {
      "\r\n",         "x\r\n",         "3;a=b\r\nabc\r\n",        "3\nabc\r\n",    "3\r\nabcd\r\n",
      "12345678\r\n", "-1\r\nabc\r\n", "0\r\nTrailer: x\r\n\r\n", " 3\r\nabc\r\n", "3\r\nabc\n0\r\n\r\n"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    struct chunks c = {0};
    (void)chunks_follow(&c, (const uint8_t *)bad[i], strlen(bad[i]));
    if (!c.bad) fail_msg("%s", bad[i]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sound_heads_are_taken_whole),
      cmocka_unit_test(what_two_parsers_could_read_differently_is_refused),
      cmocka_unit_test(a_zero_byte_is_refused),
      cmocka_unit_test(the_expect_line_can_be_cut_out),
      cmocka_unit_test(heads_have_their_bounds),
      cmocka_unit_test(chunks_are_followed_to_their_end_in_any_pieces),
      cmocka_unit_test(malformed_chunks_are_bad),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
