/* What a person is told of an entry that the tables do not take: which table, and which columns. */
#include "fixture.h"

#include "core/base/capture.h"
#include "sync/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <string.h>

/* dish.word stands before the key; two of the names of wide fill what a sentence has for columns. */
#define LONG_A "a_name_of_fifty_eight_characters_so_that_two_fill_the_sent"
#define LONG_B "b_name_of_fifty_eight_characters_so_that_two_fill_the_sent"
#define LONG_C "c_name_of_fifty_eight_characters_so_that_two_fill_the_sent"
static const char dish_sql[] =
    "CREATE TABLE dish(word TEXT NOT NULL, id INTEGER PRIMARY KEY, name TEXT NOT NULL, name_zh TEXT NOT NULL,"
    " unit TEXT NOT NULL, price INTEGER NOT NULL CHECK(price > 0)) STRICT;"
    "CREATE UNIQUE INDEX dish_zh ON dish(name_zh); CREATE UNIQUE INDEX dish_both ON dish(name, unit);"
    "CREATE TABLE wide(id INTEGER PRIMARY KEY, " LONG_A " TEXT, " LONG_B " TEXT, " LONG_C " TEXT) STRICT;"
    "CREATE UNIQUE INDEX wide_all ON wide(" LONG_A ", " LONG_B ", " LONG_C ");"
    "CREATE TABLE grown(id INTEGER PRIMARY KEY, v TEXT) STRICT;"
    "INSERT INTO table_scope(name, scope, append_only) VALUES('dish', 'shared', 0), ('wide', 'shared', 0),"
    " ('grown', 'shared', 0);";
/* Of the database where the changes are made: it lacks what is asked here. */
static const char lax_sql[] =
    "CREATE TABLE dish(word TEXT, id INTEGER PRIMARY KEY, name TEXT, name_zh TEXT, unit TEXT, price INTEGER);"
    "CREATE TABLE wide(id INTEGER PRIMARY KEY, " LONG_A " TEXT, " LONG_B " TEXT, " LONG_C " TEXT);"
    "CREATE TABLE grown(id INTEGER PRIMARY KEY, v TEXT, later TEXT);"
    "CREATE TABLE gone(id INTEGER PRIMARY KEY, v TEXT);";
static const char rows_sql[] = "INSERT INTO dish VALUES('a', 1, 'tea', '茶', 'kg', 5);"
                               "INSERT INTO wide VALUES(1, 'a', 'b', 'c');";

static struct db *here, *there;
static struct tables tables;
static struct capture *capture;

static struct db *open_with(const char *name, const char *sql)
{
  char path[200];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  snprintf(path, sizeof path, "%s/%s.db", fixture_folder(), name);
  site_migrate(path);
  assert_true(db_open(&db, path, DB_WRITE, &err));
  assert_true(db_exec(db, sql, &err));
  assert_true(db_exec(db, rows_sql, &err));
  return db;
}

static int begin(void **state)
{
  static const char *const names[] = {"dish", "wide", "grown", "gone"};
  (void)state;
  fixture_begin();
  here = open_with("here", dish_sql);
  there = open_with("there", lax_sql);
  assert_true(tables_load(&tables, here, NULL));
  assert_true(capture_open(&capture, there, names, 4, NULL));
  return 0;
}

static int end(void **state)
{
  (void)state;
  capture_close(capture);
  db_close(here);
  db_close(there);
  tables_close(&tables);
  fixture_end();
  return 0;
}

/* What the SQL does to the other database, which is as it was afterwards. */
static void payload_of(struct buf *out, const char *sql)
{
  struct err err = ERR_INIT;
  assert_true(db_begin(there, &err));
  capture_begin(capture);
  if (!db_exec(there, sql, &err)) fail_msg("%s: %s", sql, err.text);
  assert_true(capture_end(capture, out, &err));
  db_rollback(there);
}

/* "" when it is written. */
static const char *told(const char *sql)
{
  static struct refusal why;
  static const struct origin origin = {.stream = {PROVINCE, 0}, .province = PROVINCE, .epoch = 1, .seq = 1};
  struct buf payload = BUF_INIT;
  struct err err = ERR_INIT;
  payload_of(&payload, sql);
  assert_true(db_begin(here, &err));
  enum rows_outcome outcome = rows_write(here, &tables, &origin, payload.data, payload.size, &why, &err);
  db_rollback(here);
  assert_int_equal(err.kind, ERR_NONE);
  assert_int_equal(outcome, why.reason[0] ? ROWS_REFUSED : ROWS_WRITTEN);
  buf_wipe(&payload);
  return why.detail;
}

static void a_broken_constraint_names_its_columns_and_no_others(void **state)
{
  (void)state;
  assert_string_equal(told("INSERT INTO dish VALUES('b', 2, 'rice', '米', 'kg', 5)"), "");
  /* name_zh begins as name does */
  assert_string_equal(told("INSERT INTO dish VALUES('b', 2, 'rice', '茶', 'kg', 5)"),
                      "dish: another row has the same name_zh");
  assert_string_equal(told("INSERT INTO dish VALUES('b', 2, 'tea', '米', 'kg', 5)"),
                      "dish: another row has the same name, unit");
  assert_string_equal(told("INSERT INTO dish VALUES('b', 2, NULL, '米', 'kg', 5)"),
                      "dish: a value is missing: name");
  assert_string_equal(told("INSERT INTO dish VALUES('b', 2, 'rice', '米', 'kg', 0)"),
                      "dish: a value is not one that the table allows");
}

/* The sentence ends where its room does. */
static void names_that_are_too_many_for_a_sentence_are_cut(void **state)
{
  static const char all[] = " " LONG_A ", " LONG_B ", " LONG_C;
  char expected[200];
  (void)state;
  snprintf(expected, sizeof expected, "wide: another row has the same%.119s", all);
  assert_string_equal(told("INSERT INTO wide VALUES(2, 'a', 'b', 'c')"), expected);
}

static void a_row_that_differs_names_the_first_column_that_does(void **state)
{
  (void)state;
  assert_string_equal(told("UPDATE dish SET price = 6"), "");
  assert_true(db_exec(there, "UPDATE dish SET word = 'b'", NULL));
  assert_string_equal(told("UPDATE dish SET word = 'c', price = 6"),
                      "dish: word is not what the author changed");
  assert_true(db_exec(there, "UPDATE dish SET word = 'a', name = 'coffee', unit = 'g'", NULL));
  assert_string_equal(told("UPDATE dish SET name = 'milk', unit = 'l'"),
                      "dish: name is not what the author changed");
  assert_string_equal(told("DELETE FROM dish"), "dish: name is not what the author changed");
  assert_true(db_exec(there, "INSERT INTO dish VALUES('b', 2, 'rice', '米', 'kg', 5)", NULL));
  assert_string_equal(told("DELETE FROM dish WHERE id = 2"), "dish: the row to change is not here");
  assert_string_equal(
      told("INSERT INTO dish VALUES('b', 3, 'oil', '油', 'l', 5); DELETE FROM dish WHERE id = 2"),
      "dish: the row to change is not here");
}

static void a_key_that_is_taken_is_told_before_any_other_constraint(void **state)
{
  (void)state;
  assert_true(db_exec(there, "DELETE FROM dish", NULL));
  assert_string_equal(told("INSERT INTO dish VALUES('b', 1, 'tea', '茶', 'kg', 0)"),
                      "dish: a row of that key is here already");
}

/* Of a table that is not here, or not as wide, nothing was ever written. */
static void what_cannot_have_been_written_is_not_taken_back(void **state)
{
  static const char *const sql[] = {"INSERT INTO gone VALUES(1, 'x')",
                                    "INSERT INTO grown VALUES(1, 'x', 'y')"};
  (void)state;
  for (size_t i = 0; i < sizeof sql / sizeof *sql; i++) {
    struct buf payload = BUF_INIT;
    struct err err = ERR_INIT;
    payload_of(&payload, sql[i]);
    assert_false(rows_undo(here, &tables, payload.data, payload.size, &err));
    assert_int_equal(err.kind, ERR_CORRUPT);
    buf_wipe(&payload);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_broken_constraint_names_its_columns_and_no_others, begin, end),
      cmocka_unit_test_setup_teardown(names_that_are_too_many_for_a_sentence_are_cut, begin, end),
      cmocka_unit_test_setup_teardown(a_row_that_differs_names_the_first_column_that_does, begin, end),
      cmocka_unit_test_setup_teardown(what_cannot_have_been_written_is_not_taken_back, begin, end),
      cmocka_unit_test_setup_teardown(a_key_that_is_taken_is_told_before_any_other_constraint, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
