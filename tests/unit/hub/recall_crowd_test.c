/* While a province is rebuilt, no branch holds more than a few lines, whoever else waits. */
#include "hub/recall_crowd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

enum { A = 330127, B = 330902, MANY = 2048 };

static struct crowd_line lines[MANY];

static void a_branch_that_opens_many_holds_a_few_and_the_newest(void **state)
{
  (void)state;
  struct crowd crowd = {0};
  struct crowd_line other = {.branch = B};
  assert_null(crowd_enter(&crowd, &other));
  for (int i = 0; i < MANY; i++) {
    lines[i] = (struct crowd_line){.branch = A};
    struct crowd_line *cut = crowd_enter(&crowd, &lines[i]);
    if (i < LINES_A_BRANCH)
      assert_null(cut);
    else
      assert_ptr_equal(cut, &lines[i - LINES_A_BRANCH]);
  }
  assert_false(other.cut);
  int live = 0;
  for (int i = 0; i < MANY; i++)
    live += !lines[i].cut;
  assert_int_equal(live, LINES_A_BRANCH);
}

static void a_line_that_has_ended_leaves_its_place(void **state)
{
  (void)state;
  struct crowd crowd = {0};
  for (int i = 0; i < LINES_A_BRANCH; i++) {
    lines[i] = (struct crowd_line){.branch = A};
    assert_null(crowd_enter(&crowd, &lines[i]));
  }
  crowd_leave(&crowd, &lines[1]);
  struct crowd_line fresh = {.branch = A}, more = {.branch = A};
  assert_null(crowd_enter(&crowd, &fresh));
  assert_ptr_equal(crowd_enter(&crowd, &more), &lines[0]);
  crowd_leave(&crowd, &lines[0]); /* the one that was cut goes, and frees no second place */
  struct crowd_line last = {.branch = A};
  assert_ptr_equal(crowd_enter(&crowd, &last), &lines[2]);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_branch_that_opens_many_holds_a_few_and_the_newest),
      cmocka_unit_test(a_line_that_has_ended_leaves_its_place),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
