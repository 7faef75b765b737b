/* A question of a person that takes too long is stopped, and so is one that still runs when the program ends:
 * one list must not hold a connection that everybody needs, nor keep a program from its end. */
#include "core/base/readers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char without_end[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
static const char long_one[] =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 300000) SELECT count(*) FROM n";

static char path[64];
static struct readers *readers;

static int begin(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  snprintf(path, sizeof path, "/tmp/sunlit-readers-XXXXXX");
  int file = mkstemp(path);
  assert_true(file >= 0);
  close(file);
  assert_true(db_open(&db, path, DB_WRITE, &err));
  db_close(db);
  assert_true(readers_open(&readers, path, 1, &err));
  return 0;
}

static int end(void **state)
{
  (void)state;
  char side[80];
  readers_patience(0);
  readers_close(readers);
  unlink(path);
  snprintf(side, sizeof side, "%s-wal", path);
  unlink(side);
  snprintf(side, sizeof side, "%s-shm", path);
  unlink(side);
  return 0;
}

static bool asked(const char *sql, struct err *err)
{
  struct db *db = NULL;
  int64_t n = 0;
  *err = (struct err)ERR_INIT;
  assert_true(readers_take(readers, &db, err));
  bool ok = db_int(db, sql, 0, &n, err);
  readers_give(readers, db);
  return ok;
}

static void what_takes_too_long_is_stopped_and_the_connection_is_good_again(void **state)
{
  (void)state;
  struct err err;
  readers_patience(1);
  assert_false(asked(without_end, &err));
  assert_int_equal(err.kind, ERR_BUSY);
  assert_string_equal(err.rule, "busy");
  assert_true(asked("SELECT 1", &err));
  readers_patience(0); /* who has no bound is not stopped by the one that a loan before it had */
  assert_true(asked(long_one, &err));
}

static void at_the_end_of_the_program_nobody_is_waited_for(void **state)
{
  (void)state;
  struct err err;
  readers_patience(INT64_C(1) << 40);
  assert_true(asked(long_one, &err));
  readers_hurry(readers, 1);
  assert_false(asked(without_end, &err));
  assert_int_equal(err.kind, ERR_BUSY);
  readers_patience(0); /* chores that end the program in order have no bound */
  assert_true(asked(long_one, &err));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_takes_too_long_is_stopped_and_the_connection_is_good_again, begin,
                                      end),
      cmocka_unit_test_setup_teardown(at_the_end_of_the_program_nobody_is_waited_for, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
