#include "program/invitation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

static const char line[] =
    "sunlit1/330127/10.33.0.2:7443/00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff/"
    "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100/1795641255";

static void a_line_reads_back_as_it_was_written(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct invitation got;
  char again[INVITATION_LINE_MAX], padded[INVITATION_LINE_MAX + 8];
  snprintf(padded, sizeof padded, "  %s\r\n", line);
  assert_true(invitation_read(padded, &got, &err));
  assert_int_equal(got.branch, 330127);
  assert_string_equal(got.address, "10.33.0.2:7443");
  assert_int_equal(got.fingerprint[1], 0x11);
  assert_int_equal(got.token[0], 0xff);
  assert_true(got.expires_ms == 1795641255000);
  invitation_write(&got, again);
  assert_string_equal(again, line);
}

static void refused(const char *text, const char *part)
{
  struct err err = ERR_INIT;
  struct invitation got;
  assert_false(invitation_read(text, &got, &err));
  assert_string_equal(err.rule, "invite_form");
  assert_non_null(strstr(err.text, part));
}

static void another_form_is_refused_and_its_part_named(void **state)
{
  (void)state;
  char text[INVITATION_LINE_MAX + 64];
  refused("sunlit1/330127", "fewer");
  snprintf(text, sizeof text, "%s/more", line);
  refused(text, "more");
  snprintf(text, sizeof text, "%s two words", line);
  refused(text, "one line");
  snprintf(text, sizeof text, "%s", line);
  text[6] = '2';
  refused(text, "form");
  snprintf(text, sizeof text, "%s", line);
  text[8] = 'x';
  refused(text, "branch code");
  snprintf(text, sizeof text, "%s", line);
  memcpy(text + 15, "10.33.0.2?", 10);
  refused(text, "address");
  snprintf(text, sizeof text, "%s", line);
  text[40] = 'G';
  refused(text, "fingerprint");
  snprintf(text, sizeof text, "%s", line);
  text[120] = 'G';
  refused(text, "token");
  snprintf(text, sizeof text, "%sx", line);
  refused(text, "expiry");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_line_reads_back_as_it_was_written),
      cmocka_unit_test(another_form_is_refused_and_its_part_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
