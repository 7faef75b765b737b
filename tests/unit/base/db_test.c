#include "core/base/db.h"
#include "core/base/migrate.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[64];
static char path[100];
static struct db *db;

static int begin(void **state)
{
  (void)state;
  strcpy(folder, "/tmp/sunlit-db-XXXXXX");
  assert_non_null(mkdtemp(folder));
  snprintf(path, sizeof path, "%s/a.db", folder);
  assert_true(db_open(&db, path, DB_CREATE, NULL));
  assert_true(
      db_exec(db, "CREATE TABLE t(id INTEGER PRIMARY KEY, v TEXT CHECK(v <> 'bad'), b BLOB) STRICT", NULL));
  return 0;
}

static int end(void **state)
{
  (void)state;
  char command[100];
  db_close(db);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  assert_int_equal(system(command), 0);
  return 0;
}

static bool insert(int64_t id, const char *v, struct err *err)
{
  struct query q = query_open(db, "INSERT INTO t(id, v, b) VALUES(?1, ?2, ?3)", err);
  query_int(&q, 1, id);
  query_text(&q, 2, v);
  query_blob(&q, 3, "\0\1", 2);
  return query_run(&q);
}

static void a_query_reads_what_was_written(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  size_t n = 0;
  assert_true(insert(1, "茶", &err) && insert(2, NULL, &err));
  struct query q = query_open(db, "SELECT id, v, b FROM t ORDER BY id", &err);
  assert_true(query_row(&q));
  assert_string_equal(column_text(&q, 1), "茶");
  assert_memory_equal(column_blob(&q, 2, &n), "\0\1", 2);
  assert_int_equal(n, 2);
  assert_true(query_row(&q));
  assert_true(column_null(&q, 1));
  assert_string_equal(column_text(&q, 1), "");
  assert_false(query_row(&q));
  assert_true(query_close(&q));
}

static void faults_are_sticky_and_have_their_kind(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_true(insert(1, "a", &err));
  assert_false(insert(1, "a", &err));
  assert_int_equal(err.kind, ERR_INPUT);
  err_clear(&err);
  assert_false(insert(2, "bad", &err));
  assert_int_equal(err.kind, ERR_INPUT);
  err_clear(&err);
  struct query q = query_open(db, "SELECT nonsense FROM nowhere", &err);
  query_int(&q, 1, 5);
  assert_false(query_row(&q));
  assert_false(query_close(&q));
  assert_non_null(strstr(err.text, "nowhere"));
}

static void one_statement_can_be_open_twice(void **state)
{
  (void)state;
  static const char sql[] = "SELECT id FROM t ORDER BY id";
  assert_true(insert(1, "a", NULL) && insert(2, "b", NULL));
  struct query outer = query_open(db, sql, NULL);
  int seen = 0;
  while (query_row(&outer)) {
    struct query inner = query_open(db, sql, NULL);
    assert_true(query_row(&inner));
    assert_int_equal(column_int(&inner, 0), 1);
    assert_true(query_close(&inner));
    seen++;
  }
  assert_true(query_close(&outer));
  assert_int_equal(seen, 2);
}

static void a_reader_cannot_write(void **state)
{
  (void)state;
  struct db *reader = NULL;
  assert_true(db_open(&reader, path, DB_READ, NULL));
  struct err err = ERR_INIT;
  assert_false(db_exec(reader, "INSERT INTO t(id) VALUES(9)", &err));
  assert_string_equal(err.rule, "io"); /* the folder of the test is no read-only disk */
  assert_non_null(strstr(err.text, path));
  db_close(reader);
}

static void a_missing_file_is_made_only_when_asked(void **state)
{
  (void)state;
  struct db *other = NULL;
  struct err err = ERR_INIT;
  char missing[120];
  snprintf(missing, sizeof missing, "%s/missing.db", folder);
  assert_false(db_open(&other, missing, DB_WRITE, &err));
  assert_non_null(strstr(err.text, missing));
  assert_int_not_equal(access(missing, F_OK), 0);
}

static void a_file_that_is_no_database_is_corrupt(void **state)
{
  (void)state;
  struct db *other = NULL;
  struct err err = ERR_INIT;
  char bad[120];
  snprintf(bad, sizeof bad, "%s/bad.db", folder);
  FILE *f = fopen(bad, "w");
  assert_non_null(f);
  for (int i = 0; i < 500; i++)
    fputs("this is not a database ", f);
  fclose(f);
  assert_false(db_open(&other, bad, DB_WRITE, &err));
  assert_int_equal(err.kind, ERR_CORRUPT);
}

static void a_copy_is_whole_and_checked(void **state)
{
  (void)state;
  struct db *copy = NULL;
  int64_t n = 0;
  char to[120];
  snprintf(to, sizeof to, "%s/copy.db", folder);
  for (int i = 0; i < 300; i++)
    assert_true(insert(i, "row", NULL));
  assert_true(db_copy(db, to, NULL) && db_check(db, NULL));
  assert_true(db_open(&copy, to, DB_READ, NULL));
  assert_true(db_int(copy, "SELECT count(*) FROM t", 0, &n, NULL));
  assert_int_equal(n, 300);
  db_close(copy);
}

static void the_guard_is_open_or_shut(void **state)
{
  (void)state;
  bool open = true;
  struct err err = ERR_INIT;
  assert_true(db_define_guard(db, "may_write", &open, NULL));
  assert_true(db_exec(db, "CREATE TRIGGER g BEFORE INSERT ON t BEGIN SELECT may_write(); END", NULL));
  assert_true(insert(1, "a", NULL));
  open = false;
  assert_false(insert(2, "a", &err));
  assert_non_null(strstr(err.text, "only through the store"));
}

static bool one_more(struct db *on, int64_t a, int64_t b, int64_t *out, struct err *err)
{
  struct query q = query_open(on, b ? "SELECT ?1 + 1" : "SELECT a FROM missing WHERE a = ?1", err);
  query_int(&q, 1, a);
  if (query_row(&q)) *out = column_int(&q, 0);
  return query_close(&q);
}

static void a_function_asks_its_own_connection_and_what_fails_there_fails_the_question(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t n = 0;
  assert_true(db_define_number(db, "one_more", one_more, NULL));
  assert_true(db_int(db, "SELECT one_more(41, 1)", 0, &n, NULL));
  assert_int_equal(n, 42);
  assert_false(db_int(db, "SELECT one_more(41, 0)", 0, &n, &err));
  assert_int_equal(err.kind, ERR_IO);
}

static void steps_run_once_in_order_and_a_newer_schema_is_refused(void **state)
{
  (void)state;
  static const struct migration steps[] = {
      {1, "CREATE TABLE m(a INTEGER) STRICT"},
      {2, "ALTER TABLE m ADD COLUMN b INTEGER; INSERT INTO m VALUES(1, 2)"}};
  struct err err = ERR_INIT;
  int64_t n = 0;
  assert_true(migrate(db, "part", steps, 1, NULL));
  assert_true(migrate(db, "part", steps, 2, NULL) && migrate(db, "part", steps, 2, NULL));
  assert_true(db_int(db, "SELECT count(*) FROM m", 0, &n, NULL));
  assert_int_equal(n, 1);
  assert_false(migrate(db, "part", steps, 1, &err));
  assert_string_equal(err.rule, "newer_schema");
}

static void a_failed_step_leaves_nothing(void **state)
{
  (void)state;
  static const struct migration steps[] = {
      {1, "CREATE TABLE m(a INTEGER) STRICT; CREATE TABLE m(b INTEGER)"}};
  struct err err = ERR_INIT;
  int64_t n = 0;
  assert_false(migrate(db, "part", steps, 1, &err));
  assert_non_null(strstr(err.text, "schema step part 1"));
  assert_true(db_int(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'm'", 0, &n, NULL));
  assert_int_equal(n, 0);
}

/* Not of the disk, for which somebody would look in vain; and a fault of a sum says nothing about the tables.
 */
static void a_table_that_is_not_there_is_damage_and_named(void **state)
{
  (void)state;
  static const char *const lost[] = {"SELECT * FROM nowhere", "SELECT weight FROM t",
                                     "INSERT INTO t(weight) VALUES(1)"};
  for (size_t i = 0; i < sizeof lost / sizeof *lost; i++) {
    struct err err = ERR_INIT;
    struct query q = query_open(db, lost[i], &err);
    assert_false(query_run(&q));
    assert_int_equal(err.kind, ERR_CORRUPT);
    assert_string_equal(err.rule, "store_damaged");
    assert_non_null(strstr(err.text, i ? "weight" : "nowhere"));
  }
  struct err err = ERR_INIT;
  struct query q =
      query_open(db, "SELECT sum(x) FROM (SELECT 9223372036854775807 AS x UNION ALL SELECT 1)", &err);
  assert_false(query_run(&q));
  assert_int_equal(err.kind, ERR_IO);
  assert_string_equal(err.rule, "database");
}

static void scans_are_seen(void **state)
{
  (void)state;
  struct buf out = BUF_INIT;
  assert_true(db_scans(db, "SELECT * FROM t WHERE id = 1", &out, NULL));
  assert_int_equal(out.size, 0);
  assert_true(db_scans(db, "SELECT * FROM t WHERE v = 'x'", &out, NULL));
  assert_true(out.size > 0);
  buf_wipe(&out);
}

static void what_a_function_makes_of_its_argument_is_no_scan_unless_it_is_read_for_each_row(void **state)
{
  (void)state;
  static const struct {
    const char *sql;
    bool seen;
  } list[] = {
      {"SELECT * FROM t WHERE id IN (SELECT value FROM json_each(?1))", false},
      {"SELECT t.v FROM json_each(?1) j JOIN t ON t.id = j.value", false},
      {"SELECT 1 FROM t JOIN json_each(t.v) j WHERE t.id = 1", true},
      {"SELECT EXISTS(SELECT 1 FROM json_each(t.v) WHERE value = 2) FROM t WHERE t.id BETWEEN 1 AND 9", true},
      {"WITH RECURSIVE r(n) AS (SELECT value FROM json_each(?1) UNION SELECT n + 1 FROM r WHERE n < 9)"
       " SELECT v FROM t WHERE id IN (SELECT n FROM r)",
       false},
      {"WITH RECURSIVE r(n) AS (SELECT id FROM t UNION SELECT n + 1 FROM r WHERE n < 9) SELECT n FROM r",
       true},
      {"WITH RECURSIVE r(n) AS (SELECT 1 UNION SELECT t.id FROM r JOIN t ON t.v > r.n) SELECT n FROM r",
       true},
  };
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    struct buf out = BUF_INIT;
    assert_true(db_scans(db, list[i].sql, &out, NULL));
    if ((out.size > 0) != list[i].seen) fail_msg("%s: %.*s", list[i].sql, (int)out.size, (char *)out.data);
    buf_wipe(&out);
  }
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, begin, end)
  const struct CMUnitTest tests[] = {
      T(a_query_reads_what_was_written),
      T(faults_are_sticky_and_have_their_kind),
      T(one_statement_can_be_open_twice),
      T(a_reader_cannot_write),
      T(a_missing_file_is_made_only_when_asked),
      T(a_file_that_is_no_database_is_corrupt),
      T(a_copy_is_whole_and_checked),
      T(the_guard_is_open_or_shut),
      T(a_function_asks_its_own_connection_and_what_fails_there_fails_the_question),
      T(steps_run_once_in_order_and_a_newer_schema_is_refused),
      T(a_failed_step_leaves_nothing),
      T(a_table_that_is_not_there_is_damage_and_named),
      T(scans_are_seen),
      T(what_a_function_makes_of_its_argument_is_no_scan_unless_it_is_read_for_each_row),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
