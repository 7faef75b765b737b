#include "core/base/capture.h"
#include "core/base/changes.h"
#include "core/base/sqlite.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* A changeset with every operation and type. */
static void make(struct buf *out)
{
  struct db *db = NULL;
  struct capture *capture = NULL;
  const char *const tables[] = {"t"};
  assert_true(db_open(&db, ":memory:", DB_CREATE, NULL));
  assert_true(db_exec(db,
                      "CREATE TABLE t(a INTEGER, b TEXT NOT NULL, c BLOB, d REAL, PRIMARY KEY(a, b)) STRICT;"
                      "INSERT INTO t VALUES(1, 'x', x'00', 1.5), (2, 'y', NULL, NULL)",
                      NULL));
  assert_true(capture_open(&capture, db, tables, 1, NULL));
  capture_begin(capture);
  assert_true(db_exec(db,
                      "INSERT INTO t VALUES(3, '茶', x'ff00', -2.25); UPDATE t SET d = 9, c = NULL WHERE a = "
                      "1; DELETE FROM t WHERE a = 2",
                      NULL));
  assert_true(capture_end(capture, out, NULL));
  capture_close(capture);
  db_close(db);
}

static bool walks(const void *p, size_t n, struct err *err)
{
  struct changes walk = changes_of(p, n);
  struct change change;
  while (changes_next(&walk, &change, err)) {
    assert_true(change.start >= (const uint8_t *)p && change.size <= n);
  }
  return changes_done(&walk);
}

static void it_gives_operation_key_and_values(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT;
  make(&bytes);
  struct changes walk = changes_of(bytes.data, bytes.size);
  struct change c;
  assert_true(changes_next(&walk, &c, NULL));
  assert_int_equal(c.op, CHANGE_INSERT);
  assert_string_equal(c.table, "t");
  assert_int_equal(c.columns, 4);
  assert_int_equal(c.key[0], 1);
  assert_int_equal(c.key[1], 2);
  assert_int_equal(c.key[2], 0);
  assert_int_equal(value_int(&c.after[0]), 3);
  assert_int_equal(c.after[1].size, 3);
  assert_true(value_real(&c.after[3]) == -2.25);
  assert_true(changes_next(&walk, &c, NULL));
  assert_int_equal(c.op, CHANGE_UPDATE);
  assert_int_equal(c.before[2].kind, VALUE_BLOB);
  assert_int_equal(c.after[2].kind, VALUE_NULL);
  assert_int_equal(c.after[0].kind, VALUE_ABSENT);
  assert_true(changes_next(&walk, &c, NULL));
  assert_int_equal(c.op, CHANGE_DELETE);
  assert_null(c.after);
  assert_false(changes_next(&walk, &c, NULL));
  assert_true(changes_done(&walk));
  buf_wipe(&bytes);
}

static void every_cut_is_refused_but_those_between_rows(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT;
  make(&bytes);
  int whole = 0;
  for (size_t n = 1; n < bytes.size; n++) {
    /* a copy of its own, so that a sanitizer sees a read past the end */
    uint8_t *copy = malloc(n);
    assert_non_null(copy);
    memcpy(copy, bytes.data, n);
    struct err err = ERR_INIT;
    bool ok = walks(copy, n, &err);
    whole += ok;
    if (!ok) assert_string_equal(err.rule, "changeset");
    free(copy);
  }
  assert_int_equal(whole, 2);
  put_u8(&bytes, 0);
  assert_false(walks(bytes.data, bytes.size, NULL));
  buf_wipe(&bytes);
}

static void random_damage_never_reads_outside(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT;
  uint64_t seed = 3;
  make(&bytes);
  uint8_t *copy = malloc(bytes.size);
  assert_non_null(copy);
  for (int round = 0; round < 20000; round++) {
    memcpy(copy, bytes.data, bytes.size);
    for (int k = 0; k < 3; k++) {
      seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
      copy[(seed >> 33) % bytes.size] = (uint8_t)(seed >> 56);
    }
    walks(copy, bytes.size, NULL);
  }
  free(copy);
  buf_wipe(&bytes);
}

struct lie {
  const char *hex;
  const char *says;
};

static void what_no_session_writes_is_refused(void **state)
{
  (void)state;
  /* T, 2 columns, key (1, 0), "t" */
  static const struct lie lies[] = {
      {"12000100000000000000010500", "no table header"},
      {"5402010074001200010000000000000001", "bad value"},
      {"540201007400120101000000000000000105", "indirect"},
      {"540201007400130001000000000000000105", "unknown operation"},
      {"540201007400120001000000000000000106", "bad value"},
      {"540201007400120001000000000000000100", "no session writes"},
      {"5402010074001200050105", "bad value"},
      {"54020100740012000505", "no session writes"},
      {"540200007400120001000000000000000105", "without a key"},
      {"540203007400120001000000000000000105", "bad key flag"},
      {"5400740012", "column count"},
      {"54417400", "column count"},
      {"540201007400", "without a row"},
      {"54020100001200010000000000000001", "table name"},
      {"5402010074001200010000000000000001038001"
       "61",
       "bad value"},
      {"54020100740012000100000000000000010301ff", "bad value"},
      {"540201007400120001000000000000000103028000", "bad value"},
      {"54020100740012000100000000000000010303eda080", "bad value"},
      {"54020100740017000100000000000000010000"
       "00",
       "no session writes"},
  };
  for (size_t i = 0; i < sizeof lies / sizeof lies[0]; i++) {
    uint8_t bytes[200];
    size_t n = strlen(lies[i].hex) / 2;
    struct err err = ERR_INIT;
    assert_true(hex_decode(bytes, n, lies[i].hex));
    assert_false(walks(bytes, n, &err));
    if (!strstr(err.text, lies[i].says)) print_message("%s: %s\n", lies[i].hex, err.text);
    assert_non_null(strstr(err.text, lies[i].says));
  }
}

/* Whatever our walker accepts, SQLite's iterator reads the same way. */
static void it_agrees_with_sqlites_iterator(void **state)
{
  (void)state;
  struct buf bytes = BUF_INIT;
  sqlite3_changeset_iter *iter = NULL;
  struct change c;
  make(&bytes);
  struct changes walk = changes_of(bytes.data, bytes.size);
  assert_int_equal(sqlite3changeset_start(&iter, (int)bytes.size, bytes.data), SQLITE_OK);
  while (sqlite3changeset_next(iter) == SQLITE_ROW) {
    const char *table = NULL;
    int columns = 0, op = 0, indirect = 0;
    assert_true(changes_next(&walk, &c, NULL));
    assert_int_equal(sqlite3changeset_op(iter, &table, &columns, &op, &indirect), SQLITE_OK);
    assert_string_equal(table, c.table);
    assert_int_equal(columns, c.columns);
    assert_int_equal(op, c.op);
    for (int i = 0; i < columns; i++) {
      sqlite3_value *v = NULL;
      if (c.before) {
        assert_int_equal(sqlite3changeset_old(iter, i, &v), SQLITE_OK);
        assert_int_equal(v == NULL, c.before[i].kind == VALUE_ABSENT);
        if (v) assert_int_equal(sqlite3_value_type(v), c.before[i].kind);
      }
      if (c.after) {
        assert_int_equal(sqlite3changeset_new(iter, i, &v), SQLITE_OK);
        assert_int_equal(v == NULL, c.after[i].kind == VALUE_ABSENT);
        if (v)
          assert_int_equal(sqlite3_value_int64(v), sqlite3_value_type(v) == SQLITE_INTEGER
                                                       ? value_int(&c.after[i])
                                                       : sqlite3_value_int64(v));
      }
    }
  }
  assert_int_equal(sqlite3changeset_finalize(iter), SQLITE_OK);
  assert_false(changes_next(&walk, &c, NULL));
  assert_true(changes_done(&walk));
  buf_wipe(&bytes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(it_gives_operation_key_and_values),
      cmocka_unit_test(every_cut_is_refused_but_those_between_rows),
      cmocka_unit_test(random_damage_never_reads_outside),
      cmocka_unit_test(what_no_session_writes_is_refused),
      cmocka_unit_test(it_agrees_with_sqlites_iterator),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
