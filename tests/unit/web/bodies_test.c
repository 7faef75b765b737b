/* The memory of bodies: who gets how much of it. */
#include "webui/bodies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { ALL = 64 };

static struct bodies bodies;

static int begin(void **state)
{
  (void)state;
  bodies_init(&bodies, ALL);
  return 0;
}

static int end(void **state)
{
  (void)state;
  assert_null(bodies.first);
  bodies_wipe(&bodies);
  return 0;
}

static void one_address_gets_a_quarter_of_each_kind(void **state)
{
  (void)state;
  struct body_share a = {.peer = "10.0.0.1"}, b = {.peer = "10.0.0.1"},
                    file = {.peer = "10.0.0.1", .file = true}, other = {.peer = "10.0.0.2"};
  assert_true(bodies_take(&bodies, &a, 10));
  assert_false(bodies_take(&bodies, &b, 7));
  assert_true(bodies_take(&bodies, &b, 6));
  assert_false(bodies_take(&bodies, &a, 1));
  assert_true(bodies_take(&bodies, &file, ALL / 4)); /* its files are not behind what it types */
  assert_true(bodies_take(&bodies, &other, ALL / 4));
  bodies_give(&bodies, &a);
  assert_true(bodies_take(&bodies, &b, 10));
  bodies_give(&bodies, &b);
  bodies_give(&bodies, &file);
  bodies_give(&bodies, &other);
  bodies_give(&bodies, &other); /* nothing is left of it */
}

static void files_leave_room_for_what_people_type(void **state)
{
  (void)state;
  static const char *const peers[] = {"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"};
  struct body_share files[4], typed = {.peer = peers[0]}, more = {.peer = peers[1]};
  for (int i = 0; i < 4; i++) {
    files[i] = (struct body_share){.peer = peers[i], .file = true};
    assert_int_equal(bodies_take(&bodies, &files[i], ALL / 4), i < 3);
  }
  assert_true(bodies_take(&bodies, &typed, ALL / 4));
  assert_false(bodies_take(&bodies, &more, 1)); /* and that is all there is */
  for (int i = 0; i < 4; i++)
    bodies_give(&bodies, &files[i]);
  bodies_give(&bodies, &typed);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(one_address_gets_a_quarter_of_each_kind, begin, end),
      cmocka_unit_test_setup_teardown(files_leave_room_for_what_people_type, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
