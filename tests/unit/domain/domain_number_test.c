/* The numbers that people quote: of one branch and month, each given once. */
#include "fixture.h"

#include "core/domain/number.h"

static struct fixture f;

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static void run(const char *sql)
{
  struct err err = ERR_INIT;
  assert_ok(db_exec(f.db, sql, &err), &err);
}

static void price(uint32_t branch, int id, const char *no)
{
  char sql[300];
  snprintf(sql, sizeof sql,
           "INSERT INTO price VALUES(%u, %d, '%s', 1, 100, 'kg', NULL, NULL, 'market', 20261124, '', NULL, 0,"
           " 0, 'a', 1)",
           branch, id, no);
  run(sql);
}

static void withhold(int id, uint32_t author, uint32_t lane, const char *no)
{
  char sql[200];
  snprintf(sql, sizeof sql, "INSERT INTO withholding(id, author, lane, seq, no) VALUES(%d, %u, %u, %d, '%s')",
           id, author, lane, id, no);
  run(sql);
}

static const char *next(enum number_kind kind)
{
  static char no[NUMBER_SIZE];
  struct err err = ERR_INIT;
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(number_next(&tx, kind, no, &err), &err);
  back(&f);
  return no;
}

static void it_goes_on_from_the_newest_of_the_branch_and_month(void **state)
{
  (void)state;
  assert_string_equal(next(NUMBER_PRICE), "JG330127-202611-0001");
  assert_string_equal(next(NUMBER_EVALUATION), "PJ330127-202611-0001");
  assert_string_equal(next(NUMBER_PROPOSAL), "TY330127-202611-0001");
  price(330122, 90, "JG330122-202611-0030");
  assert_string_equal(next(NUMBER_PRICE), "JG330127-202611-0001");
  price(CHUNAN, 1, "JG330127-202611-0007");
  assert_string_equal(next(NUMBER_PRICE), "JG330127-202611-0008");
  assert_string_equal(next(NUMBER_EVALUATION), "PJ330127-202611-0001");
}

/* The clock was wrong for a while: the newest row has a number of another month. */
static void rows_of_another_month_between_do_not_begin_it_anew(void **state)
{
  (void)state;
  price(CHUNAN, 1, "JG330127-202611-9998");
  price(CHUNAN, 2, "JG330127-202611-9999");
  price(CHUNAN, 3, "JG330127-202611-10000");
  price(CHUNAN, 4, "JG330127-202612-0005");
  assert_string_equal(next(NUMBER_PRICE), "JG330127-202611-10001");
}

static void what_is_taken_is_passed_over(void **state)
{
  (void)state;
  price(CHUNAN, 1, "JG330127-202611-0004");
  price(CHUNAN, 2, "JG330127-202611-0005");
  price(CHUNAN, 3, "JG330127-202611-0003");
  assert_string_equal(next(NUMBER_PRICE), "JG330127-202611-0006");
}

static void what_was_withheld_with_its_row_is_not_given_again(void **state)
{
  (void)state;
  withhold(1, 330122, 0, "JG330127-202611-0090");
  withhold(2, CHUNAN, 7, "JG330127-202611-0080");
  withhold(3, CHUNAN, 0, "JG330127-202610-0070");
  withhold(4, CHUNAN, 0, "PJ330127-202611-0060");
  assert_string_equal(next(NUMBER_PRICE), "JG330127-202611-0001");
  withhold(5, CHUNAN, 0, "JG330127-202611-0002");
  withhold(6, CHUNAN, 0, "JG330127-202611-0012");
  assert_string_equal(next(NUMBER_PRICE), "JG330127-202611-0013");
  price(CHUNAN, 1, "JG330127-202611-0020");
  assert_string_equal(next(NUMBER_PRICE), "JG330127-202611-0021");
  assert_string_equal(next(NUMBER_EVALUATION), "PJ330127-202611-0061");
}

static const char *again(const char *table, const char *column, const char *was)
{
  static char no[NUMBER_SIZE];
  struct err err = ERR_INIT;
  snprintf(no, sizeof no, "%s", was);
  struct tx tx = begin_as(&f, CHUNAN, "system");
  assert_ok(number_again(&tx, table, column, no, &err), &err);
  back(&f);
  return no;
}

/* A disk that went back: what it wrote comes behind what the province has, which may have its numbers. */
static void who_comes_again_keeps_its_number_unless_it_was_given_meanwhile(void **state)
{
  (void)state;
  price(CHUNAN, 1, "JG330127-202611-0004");
  assert_string_equal(again("price", "no", "JG330127-202611-0003"), "JG330127-202611-0003");
  assert_string_equal(again("price", "no", "JG330127-202611-0004"), "JG330127-202611-0005");
  assert_string_equal(again("price", "note", "JG330127-202611-0004"), "JG330127-202611-0004");
  assert_string_equal(again("evaluation", "no", "JG330127-202611-0004"), "JG330127-202611-0004");
  assert_string_equal(again("channel", "no", "JG330127-202611-0004"), "JG330127-202611-0004");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(it_goes_on_from_the_newest_of_the_branch_and_month),
      TEST(rows_of_another_month_between_do_not_begin_it_anew),
      TEST(what_is_taken_is_passed_over),
      TEST(what_was_withheld_with_its_row_is_not_given_again),
      TEST(who_comes_again_keeps_its_number_unless_it_was_given_meanwhile),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
