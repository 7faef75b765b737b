/* A request head is whole at one place only, whatever comes behind it and in whatever pieces it comes; a
 * chunked body ends at the same byte however it is cut. */
#include "net/head.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static void check_head(const uint8_t *p, size_t n)
{
  struct head whole, part;
  if (head_parse(&whole, p, n) != HEAD_WHOLE) return;
  CLAIM(whole.size >= 4 && whole.size <= n && memcmp(p + whole.size - 4, "\r\n\r\n", 4) == 0);
  CLAIM(whole.expect_at + whole.expect_size <= whole.size - 2);
  CLAIM(!(whole.chunked && whole.body_size));
  CLAIM(memchr(p, 0, whole.size) == NULL);
  CLAIM(head_parse(&part, p, whole.size) == HEAD_WHOLE && part.size == whole.size);
  CLAIM(head_parse(&part, p, whole.size - 1) == HEAD_MORE);
  CLAIM(head_parse(&part, p, whole.size / 2) == HEAD_MORE);
}

static void check_chunks(const uint8_t *p, size_t n)
{
  struct chunks once = {0}, cut = {0};
  size_t end = chunks_follow(&once, p, n), at = 0;
  CLAIM(end <= n && (end == n || once.done || once.bad) && !(once.done && once.bad));
  for (size_t piece = 1; at < n && !cut.done && !cut.bad; piece = piece % 7 + 1)
    at += chunks_follow(&cut, p + at, n - at < piece ? n - at : piece);
  CLAIM(at == end && cut.done == once.done && cut.bad == once.bad && cut.total == once.total);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  check_head(data, size);
  check_chunks(data, size);
  return 0;
}
