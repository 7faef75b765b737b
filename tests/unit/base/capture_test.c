/* The capture against SQLite's own session: the same random transactions in two databases, one watched by
 * each, must give the same set of changes. */
#include "core/base/capture.h"
#include "core/base/changes.h"
#include "core/base/sqlite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char schema[] =
    "CREATE TABLE plain(id INTEGER PRIMARY KEY, a TEXT, b REAL, c BLOB) STRICT;"
    "CREATE UNIQUE INDEX plain_a ON plain(a);"
    "CREATE TABLE pair(branch INTEGER NOT NULL, id INTEGER NOT NULL, x TEXT CHECK(x <> 'bad'), y INTEGER,"
    " PRIMARY KEY(branch, id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE word(name TEXT PRIMARY KEY NOT NULL, n ANY, m INTEGER) STRICT;"
    "CREATE TABLE late(z INTEGER, k2 INTEGER NOT NULL, k1 TEXT NOT NULL, PRIMARY KEY(k1, k2)) STRICT, "
    "WITHOUT ROWID;"
    "CREATE TABLE unseen(id INTEGER PRIMARY KEY, v TEXT) STRICT;";
static const char *const tables[] = {"plain", "pair", "word", "late"};
enum { TABLES = 4, TRANSACTIONS = 1500, CHANGES_MAX = 4096 };

struct side {
  struct db *db;
  struct buf changeset;
};

static uint64_t seed = 7;
static unsigned below(unsigned n)
{
  seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
  return (unsigned)(seed >> 33) % n;
}

static void random_statement(char *out, size_t size)
{
  static const char *const texts[] = {
      "NULL", "''", "'a'", "'茶'",
      ("'a longer text that takes two bytes of length: "
       "0123456789012345678901234567890123456789012345678901234567890123456789012345678901'")};
  static const char *const reals[] = {"NULL", "1.0", "0.5", "-3", "1e300"};
  static const char *const blobs[] = {"NULL", "x''", "x'00ff'", "zeroblob(300)", "x'54'"};
  unsigned k = below(8), l = below(3);
  switch (below(15)) {
  case 0:
    snprintf(out, size, "INSERT INTO plain VALUES(%u, %s || %u, %s, %s)", k, texts[below(5)], below(6),
             reals[below(5)], blobs[below(5)]);
    break;
  case 1:
    snprintf(out, size, "INSERT OR REPLACE INTO plain VALUES(%u, %s || %u, %s, %s)", k, texts[below(5)],
             below(6), reals[below(5)], blobs[below(5)]);
    break;
  case 2:
    snprintf(out, size, "UPDATE plain SET b = %s, c = %s WHERE id = %u", reals[below(5)], blobs[below(5)], k);
    break;
  case 3: snprintf(out, size, "UPDATE plain SET id = %u WHERE id = %u", below(8), k); break;
  case 4: snprintf(out, size, "DELETE FROM plain WHERE id >= %u", k + 2); break;
  case 5:
    snprintf(out, size, "INSERT INTO pair VALUES(%u, %u, %s, %u)", l, k, texts[below(5)], below(3));
    break;
  case 6:
    snprintf(out, size,
             "UPDATE pair SET y = y + 1, x = CASE y WHEN 2 THEN 'bad' ELSE x END WHERE branch = %u", l);
    break;
  case 7: snprintf(out, size, "UPDATE pair SET branch = %u, y = 5 WHERE id = %u", l, k); break;
  case 8: snprintf(out, size, "DELETE FROM pair WHERE id = %u", k); break;
  case 9:
    snprintf(out, size, "INSERT OR REPLACE INTO word VALUES('w%u', %s, %u)", k,
             below(2) ? reals[below(5)] : texts[below(5)], l);
    break;
  case 10: snprintf(out, size, "DELETE FROM word WHERE m = %u", l); break;
  case 11:
    snprintf(out, size, "INSERT INTO late VALUES(%u, %u, 'k%u') ON CONFLICT DO UPDATE SET z = z + 1", l, k,
             l);
    break;
  case 12: snprintf(out, size, "DELETE FROM late"); break;
  case 13: snprintf(out, size, "UPDATE word SET name = 'w' || m, n = NULL WHERE name = 'w%u'", k); break;
  default: snprintf(out, size, "INSERT OR REPLACE INTO unseen VALUES(%u, 'x')", k);
  }
}

/* Statements that fail are part of it; both sides must agree on which. */
static void both(struct side *ours, struct side *theirs, const char *sql)
{
  bool a = db_exec(ours->db, sql, NULL), b = db_exec(theirs->db, sql, NULL);
  assert_int_equal(a, b);
}

static void random_transaction(struct side *ours, struct side *theirs)
{
  char sql[400];
  for (unsigned n = 1 + below(12); n > 0; n--) {
    unsigned dice = below(10);
    if (dice == 0) both(ours, theirs, "SAVEPOINT s");
    random_statement(sql, sizeof sql);
    both(ours, theirs, sql);
    if (dice == 0) {
      random_statement(sql, sizeof sql);
      both(ours, theirs, sql);
      if (below(2)) both(ours, theirs, "ROLLBACK TO s");
      both(ours, theirs, "RELEASE s");
    }
  }
}

/* Every row as table header and bytes, sorted: the order is the one thing that may differ. */
struct line {
  const char *table;
  const uint8_t *p;
  size_t size;
};

static int by_bytes(const void *a, const void *b)
{
  const struct line *x = a, *y = b;
  int c = strcmp(x->table, y->table);
  if (c) return c;
  size_t n = x->size < y->size ? x->size : y->size;
  c = memcmp(x->p, y->p, n);
  return c ? c : (x->size > y->size) - (x->size < y->size);
}

static size_t lines_of(const struct buf *changeset, struct line *out)
{
  struct err err = ERR_INIT;
  struct changes walk = changes_of(changeset->data, changeset->size);
  struct change change;
  size_t n = 0;
  while (changes_next(&walk, &change, &err)) {
    assert_true(n < CHANGES_MAX);
    out[n++] = (struct line){.table = change.table, .p = change.start, .size = change.size};
  }
  if (!changes_done(&walk)) print_message("%s\n", err.text);
  assert_true(changes_done(&walk));
  qsort(out, n, sizeof *out, by_bytes);
  return n;
}

static void assert_same_changes(const struct buf *ours, const struct buf *theirs)
{
  static struct line a[CHANGES_MAX], b[CHANGES_MAX];
  size_t n = lines_of(ours, a);
  assert_int_equal(n, lines_of(theirs, b));
  for (size_t i = 0; i < n; i++) {
    assert_string_equal(a[i].table, b[i].table);
    assert_int_equal(a[i].size, b[i].size);
    assert_memory_equal(a[i].p, b[i].p, a[i].size);
  }
}

static void it_agrees_with_the_session_on_random_transactions(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct side ours = {0}, theirs = {0};
  struct capture *capture = NULL;
  uint64_t changes = 0;
  assert_true(db_open(&ours.db, ":memory:", DB_CREATE, &err) &&
              db_open(&theirs.db, ":memory:", DB_CREATE, &err));
  both(&ours, &theirs, schema);
  assert_true(capture_open(&capture, ours.db, tables, TABLES, &err));
  for (int t = 0; t < TRANSACTIONS; t++) {
    sqlite3_session *session = NULL;
    void *bytes = NULL;
    int size = 0;
    assert_int_equal(sqlite3session_create(db_handle(theirs.db), "main", &session), SQLITE_OK);
    for (int i = 0; i < TABLES; i++)
      assert_int_equal(sqlite3session_attach(session, tables[i]), SQLITE_OK);
    both(&ours, &theirs, "BEGIN");
    capture_begin(capture);
    random_transaction(&ours, &theirs);
    buf_clear(&ours.changeset);
    buf_clear(&theirs.changeset);
    assert_true(capture_end(capture, &ours.changeset, &err));
    assert_int_equal(sqlite3session_changeset(session, &size, &bytes), SQLITE_OK);
    put_bytes(&theirs.changeset, bytes, (size_t)size);
    sqlite3_free(bytes);
    sqlite3session_delete(session);
    assert_same_changes(&ours.changeset, &theirs.changeset);
    changes += ours.changeset.size;
    both(&ours, &theirs, below(8) ? "COMMIT" : "ROLLBACK");
  }
  assert_true(changes > 100000);
  buf_wipe(&ours.changeset);
  buf_wipe(&theirs.changeset);
  capture_close(capture);
  db_close(ours.db);
  db_close(theirs.db);
}

static struct db *db;
static struct capture *capture;
static struct buf out;

static int begin(void **state)
{
  (void)state;
  assert_true(db_open(&db, ":memory:", DB_CREATE, NULL) && db_exec(db, schema, NULL));
  assert_true(capture_open(&capture, db, tables, TABLES, NULL));
  return 0;
}

static int end(void **state)
{
  (void)state;
  capture_close(capture);
  db_close(db);
  buf_wipe(&out);
  return 0;
}

static void what_came_and_went_leaves_nothing(void **state)
{
  (void)state;
  capture_begin(capture);
  assert_true(db_exec(
      db, "INSERT INTO word VALUES('a', 1, 1); DELETE FROM word; INSERT INTO unseen VALUES(1, 'x')", NULL));
  assert_true(capture_end(capture, &out, NULL));
  assert_int_equal(out.size, 0);
}

static void it_sees_nothing_outside_begin_and_end(void **state)
{
  (void)state;
  assert_true(db_exec(db, "INSERT INTO word VALUES('a', 1, 1)", NULL));
  capture_begin(capture);
  assert_true(db_exec(db, "INSERT INTO word VALUES('b', 1, 1)", NULL));
  capture_drop(capture);
  assert_true(db_exec(db, "INSERT INTO word VALUES('c', 1, 1)", NULL));
  capture_begin(capture);
  assert_true(capture_end(capture, &out, NULL));
  assert_int_equal(out.size, 0);
}

static void rows_stand_in_the_order_of_their_first_change(void **state)
{
  (void)state;
  struct changes walk;
  struct change change;
  capture_begin(capture);
  for (int i = 0; i < 300; i++) {
    struct query q = query_open(db, "INSERT INTO plain(id) VALUES(?1)", NULL);
    query_int(&q, 1, (i * 7919) % 300);
    assert_true(query_run(&q));
  }
  assert_true(capture_end(capture, &out, NULL));
  walk = changes_of(out.data, out.size);
  for (int i = 0; i < 300; i++) {
    assert_true(changes_next(&walk, &change, NULL));
    assert_int_equal(value_int(&change.after[0]), (i * 7919) % 300);
  }
  assert_true(changes_done(&walk));
}

static void a_trigger_that_changes_a_watched_table_is_refused(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_true(db_exec(
      db, "CREATE TRIGGER t AFTER INSERT ON plain BEGIN INSERT INTO word VALUES(new.id, 1, 1); END", NULL));
  capture_begin(capture);
  assert_true(db_exec(db, "INSERT INTO plain(id) VALUES(1)", NULL));
  assert_false(capture_end(capture, &out, &err));
  assert_string_equal(err.rule, "trigger_effect");
}

static void more_than_the_bound_is_a_limit(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  out.max = 1000;
  capture_begin(capture);
  assert_true(db_exec(db, "INSERT INTO plain(id, c) VALUES(1, zeroblob(2000))", NULL));
  assert_false(capture_end(capture, &out, &err));
  assert_string_equal(err.rule, "payload_size");
}

static void a_table_without_a_key_is_not_watched(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct capture *none = NULL;
  const char *const bad[] = {"keyless"};
  assert_true(db_exec(db, "CREATE TABLE keyless(a INTEGER) STRICT", NULL));
  assert_false(capture_open(&none, db, bad, 1, &err));
  assert_non_null(strstr(err.text, "keyless"));
}

static void the_fence_lets_rows_through_and_nothing_else(void **state)
{
  (void)state;
  struct fence fence = {.prefix = "un", .closed = false};
  assert_true(db_fence(db, &fence, NULL));
  assert_true(db_exec(db, "INSERT INTO unseen VALUES(1, 'x')", NULL));
  fence.closed = true;
  static const char *const refused[] = {"INSERT INTO unseen VALUES(2, 'x')",
                                        "UPDATE unseen SET v = 'y'",
                                        "DELETE FROM unseen",
                                        "CREATE TABLE t(a)",
                                        "DROP TABLE word",
                                        "ALTER TABLE word ADD COLUMN q INTEGER",
                                        "BEGIN",
                                        "COMMIT",
                                        "SAVEPOINT x",
                                        "ATTACH ':memory:' AS other",
                                        "PRAGMA foreign_keys=0",
                                        "CREATE TEMP TABLE t(a)"};
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    struct err err = ERR_INIT;
    assert_false(db_exec(db, refused[i], &err));
    assert_int_equal(err.kind, ERR_DENIED);
  }
  assert_true(
      db_exec(db, "INSERT INTO word VALUES('a', 1, 1); UPDATE word SET m = 2; SELECT * FROM unseen", NULL));
  fence.closed = false;
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_agrees_with_the_session_on_random_transactions),
      cmocka_unit_test_setup_teardown(what_came_and_went_leaves_nothing, begin, end),
      cmocka_unit_test_setup_teardown(it_sees_nothing_outside_begin_and_end, begin, end),
      cmocka_unit_test_setup_teardown(rows_stand_in_the_order_of_their_first_change, begin, end),
      cmocka_unit_test_setup_teardown(a_trigger_that_changes_a_watched_table_is_refused, begin, end),
      cmocka_unit_test_setup_teardown(more_than_the_bound_is_a_limit, begin, end),
      cmocka_unit_test_setup_teardown(a_table_without_a_key_is_not_watched, begin, end),
      cmocka_unit_test_setup_teardown(the_fence_lets_rows_through_and_nothing_else, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
