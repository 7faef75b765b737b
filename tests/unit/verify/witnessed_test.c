/* A log that is written to faster than it is cosigned: judged by the checkpoint that has its quorum, which is
 * served beside the newest.  And cosignatures that are not what they say.  usage: witnessed_test */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[100];

__attribute__((format(printf, 1, 2))) static int shell(const char *format, ...)
{
  char command[2000];
  va_list args;
  va_start(args, format);
  int n = snprintf(command, sizeof command, "cd %s && ", folder);
  vsnprintf(command + n, sizeof command - (size_t)n, format, args);
  va_end(args);
  int status = system(command);
  return status < 0 ? status : status >> 8;
}

/* A log of `entries`, the first two thirds with three cosignatures, and a policy that wants `quorum` of the
 * three. */
static void make(int entries, int quorum)
{
  assert_int_equal(shell("rm -rf log && %s log %d 3", MAKE_LOG, entries), 0);
  assert_int_equal(
      shell("{ echo log $(cat log/log.vkey); awk '{print \"witness w\" NR, $1}' log/witnesses.txt;"
            " echo group all %d w1 w2 w3; echo quorum all; } > policy",
            quorum),
      0);
}

static int verify(const char *where)
{
  return shell("%s --policy policy --keys log/keys.txt %s > said 2>&1", VERIFY, where);
}

static int setup(void **state)
{
  (void)state;
  snprintf(folder, sizeof folder, "/tmp/sunlit-witnessed-XXXXXX");
  return mkdtemp(folder) ? 0 : 1;
}

static int teardown(void **state)
{
  (void)state;
  char command[150];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command);
}

static void a_log_whose_newest_checkpoint_is_not_cosigned_yet_is_judged_by_its_beginning(void **state)
{
  (void)state;
  static const int sizes[] = {4,   255, 384,
                              390, 768, 1000}; /* the beginning ends inside, at and behind a tile */
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    make(sizes[i], 2);
    if (verify("log") != 0) fail_msg("a log of %d", sizes[i]);
    assert_int_equal(shell("grep -q 'has witnessed the first %d entries' said", sizes[i] * 2 / 3), 0);
  }
}

static void without_it_the_newest_must_have_its_quorum(void **state)
{
  (void)state;
  make(300, 2);
  assert_int_equal(shell("rm log/checkpoint.witnessed"), 0);
  assert_int_equal(verify("log"), 1);
  assert_int_equal(shell("grep -q 'have not all cosigned' said"), 0);
}

static void too_few_cosignatures_are_no_quorum(void **state)
{
  (void)state;
  make(300, 3);
  assert_int_equal(shell("sed -i '$d' log/checkpoint.witnessed"), 0);
  assert_int_equal(verify("log"), 1);
  assert_int_equal(shell("grep -q 'have not all cosigned' said"), 0);
  assert_int_equal(shell("grep -q ' of 200 entries: 2 of the 3 that the policy names; missing: w3$' said"),
                   0);
  /* and notes that are given by themselves */
  assert_int_equal(verify("log/checkpoint.witnessed"), 1);
  assert_int_equal(shell("grep -q 'have not all cosigned; missing: w3$' said"), 0);
}

static void a_bad_cosignature_of_a_known_witness_is_told(void **state)
{
  (void)state;
  static const char *const notes[] = {"log/checkpoint.witnessed", "log/witnessed/0"};
  make(300, 1);
  assert_int_equal(verify("log"), 0);
  for (size_t i = 0; i < 2; i++) {
    const char *where = i == 0 ? "log" : notes[1];
    /* One letter inside the last line's signature: the quorum of one would still be there. */
    assert_int_equal(
        shell("cp %s kept && awk 'NR > 1 { print last } { last = $0 } END { n = length(last) - 30;"
              " print substr(last, 1, n - 1) (substr(last, n, 1) == \"A\" ? \"B\" : \"A\")"
              " substr(last, n + 1) }' kept > %s",
              notes[i], notes[i]),
        0);
    assert_int_equal(verify(where), 1);
    assert_int_equal(shell("grep -q 'signature of county0002.example/w does not verify' said"), 0);
    assert_int_equal(shell("cp kept %s", notes[i]), 0);
    assert_int_equal(verify(where), 0);
  }
}

/* As of an entry in a bundle, and as little a fault: it proves itself, and says nothing of who wrote it.  Of
 * two authors' keys one was revoked before anything came, and one before its last entry did. */
static void what_came_after_its_key_had_been_revoked_is_said_to_have(void **state)
{
  (void)state;
  make(200, 2);
  assert_int_equal(verify("log"), 0);
  assert_int_equal(shell("! grep revoked said"), 0);
  assert_int_equal(shell("awk 'NR == 1 {$8 = 1} NR == 2 {$8 = \"1780000000699\"} 1' log/keys.txt > keys"), 0);
  assert_int_equal(shell("%s --policy policy --keys keys log > said 2>&1", VERIFY), 0);
  assert_int_equal(
      shell("grep -q 'not proved: that author 330102 wrote 100 entries, the first 0, the last 99: by "
            "the province.s clock they came after their key had been revoked' said"),
      0);
  assert_int_equal(
      shell("grep -q 'not proved: that author 330103 wrote entry 199: by the province.s clock it came "
            "after its key had been revoked' said"),
      0);
  assert_int_equal(shell("test $(grep -c revoked said) = 2"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_log_whose_newest_checkpoint_is_not_cosigned_yet_is_judged_by_its_beginning),
      cmocka_unit_test(without_it_the_newest_must_have_its_quorum),
      cmocka_unit_test(too_few_cosignatures_are_no_quorum),
      cmocka_unit_test(a_bad_cosignature_of_a_known_witness_is_told),
      cmocka_unit_test(what_came_after_its_key_had_been_revoked_is_said_to_have),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
