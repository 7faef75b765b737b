/* How many lines of the log somebody outside may cause. */
#include "core/base/log.h"
#include "core/base/log_pace.h"

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

static const char REFUSED[] = "%s refused";
static const char CLAIMED[] = "%s claims";
static const int64_t START_MS = 77;

static struct log_pace pace;
static int64_t held;

static int begin(void **state)
{
  (void)state;
  memset(&pace, 0, sizeof pace);
  held = 0;
  return 0;
}

static int written(const char *kind, const char *who, int times, int64_t now_ms)
{
  int n = 0;
  for (int i = 0; i < times; i++)
    n += log_pace_take(&pace, kind, who, now_ms, &held);
  return n;
}

static void one_peer_gets_few_lines_of_each_kind(void **state)
{
  (void)state;
  assert_int_equal(written(REFUSED, "10.0.0.1", 1000, START_MS), LOG_PACE_EACH);
  assert_int_equal(written(CLAIMED, "10.0.0.1", 1000, START_MS), LOG_PACE_EACH);
  assert_int_equal(written(REFUSED, "10.0.0.2", 1, START_MS), 1);
}

static void all_peers_together_get_a_hundred(void **state)
{
  (void)state;
  char who[16];
  int n = 0;
  for (int i = 0; i < 3 * LOG_PACE_ALL; i++) {
    (void)snprintf(who, sizeof who, "10.0.0.%d", i);
    n += written(REFUSED, who, 1, START_MS);
  }
  assert_int_equal(n, LOG_PACE_ALL);
}

static void what_was_left_out_is_told_once_when_the_window_is_over(void **state)
{
  (void)state;
  written(REFUSED, "10.0.0.1", LOG_PACE_EACH + 7, START_MS);
  assert_int_equal(written(REFUSED, "10.0.0.1", 1, LOG_PACE_MS - 1), 0);
  assert_int_equal(held, 0);
  assert_int_equal(written(REFUSED, "10.0.0.1", 1, LOG_PACE_MS), 1);
  assert_int_equal(held, 8);
  assert_int_equal(written(REFUSED, "10.0.0.1", 1, LOG_PACE_MS), 1);
  assert_int_equal(held, 0);
}

static void kinds_that_find_no_place_share_the_last(void **state)
{
  (void)state;
  static char kinds[2 * LOG_PACE_KINDS];
  int n = 0;
  for (int i = 0; i < 2 * LOG_PACE_KINDS; i++)
    n += written(&kinds[i], "10.0.0.1", 1, START_MS);
  assert_int_equal(n, LOG_PACE_KINDS - 1 + LOG_PACE_EACH);
}

static void the_log_keeps_to_it(void **state)
{
  (void)state;
  char text[8192];
  FILE *heard = tmpfile();
  assert_non_null(heard);
  int saved = dup(STDERR_FILENO), lines = 0;
  assert_true(dup2(fileno(heard), STDERR_FILENO) >= 0);
  for (int i = 0; i < 1000; i++)
    log_warning_of("330127", "branch %d says it again", 330127);
  for (int i = 0; i < 1000; i++)
    log_error_of("330127", "branch %d says worse", 330127);
  for (int i = 0; i < 1000; i++)
    log_info_of("330127", "branch %d is up", 330127);
  assert_true(dup2(saved, STDERR_FILENO) >= 0);
  close(saved);
  rewind(heard);
  while (fgets(text, sizeof text, heard))
    lines++;
  (void)fclose(heard);
  assert_int_equal(lines, 3 * LOG_PACE_EACH);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(one_peer_gets_few_lines_of_each_kind, begin),
      cmocka_unit_test_setup(all_peers_together_get_a_hundred, begin),
      cmocka_unit_test_setup(what_was_left_out_is_told_once_when_the_window_is_over, begin),
      cmocka_unit_test_setup(kinds_that_find_no_place_share_the_last, begin),
      cmocka_unit_test_setup(the_log_keeps_to_it, begin),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
