#include "core/base/say.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

static int saved;
static FILE *heard;

static void listen_to(FILE *stream)
{
  heard = tmpfile();
  assert_non_null(heard);
  fflush(stream);
  saved = dup(fileno(stream));
  assert_true(dup2(fileno(heard), fileno(stream)) >= 0);
}

/* What was said since, until the next call. */
static const char *said(FILE *stream)
{
  static char text[1024];
  fflush(stream);
  assert_true(dup2(saved, fileno(stream)) >= 0);
  close(saved);
  rewind(heard);
  size_t n = fread(text, 1, sizeof text - 1, heard);
  text[n] = '\0';
  fclose(heard);
  return text;
}

/* An escape sequence, a carriage return and a line break in the value would overwrite or forge lines, and the
 * marks turn or hide what stands beside them. */
static void a_value_cannot_act_on_the_terminal(void **state)
{
  (void)state;
  listen_to(stdout);
  say("%s is enabled\n", "\033[2Jx\r\nroot is disabled\u202e\u200b\xff青菜");
  assert_string_equal(said(stdout), "?[2Jx??root is disabled???青菜 is enabled\n");
  listen_to(stderr);
  say_wrong("%.*s|%-4s|%4s|\n", 5, "\u2066ab\u2069", "\x07", "菜");
  assert_string_equal(said(stderr), "?ab|?   | 菜|\n");
}

static void lines_that_were_put_together_keep_their_lines(void **state)
{
  (void)state;
  static const char text[] = "one\n\ttwo \x1b[31m\u202ethree\n";
  listen_to(stdout);
  say_lines(text, sizeof text - 1);
  assert_string_equal(said(stdout), "one\n\ttwo ?[31m?three\n");
  listen_to(stderr);
  say_wrong_lines(text, 4);
  assert_string_equal(said(stderr), "one\n");
}

/* The rest of what formats the programs use is printf's. */
static void numbers_are_written_as_printf_writes_them(void **state)
{
  (void)state;
  char same[400];
  listen_to(stdout);
#define SAME                                                                                                 \
  "%d|%5d|%-5d|%05d|%u|%6u|%08x|%x|%ld|%lld|%llu|%zu|%c|%%|%*d|%" PRIu64 "|%" PRId64 "|%s|%10s|%-10s|%.2s\n"
#define VALUES                                                                                               \
  -7, 42, 42, 42, 7u, 7u, 0xbeefu, 255u, -1L, INT64_MIN + 0LL, 18446744073709551615ull, sizeof same, 'c', 6, \
      9, UINT64_MAX, INT64_MIN, "text", "right", "left", "cut"
  say(SAME, VALUES);
  snprintf(same, sizeof same, SAME, VALUES);
  assert_string_equal(said(stdout), same);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_value_cannot_act_on_the_terminal),
      cmocka_unit_test(lines_that_were_put_together_keep_their_lines),
      cmocka_unit_test(numbers_are_written_as_printf_writes_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
