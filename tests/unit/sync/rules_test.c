/* Each kind of column rule at its bounds: the last value that is taken and the first that is not. */
#include "fixture.h"

#include "sync/tables.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */
#include <stdio.h>
#include <string.h>

enum { EPOCH = 2, SEQ = 10, LEVEL = 5 };

static const char thing_sql[] =
    "CREATE TABLE thing(id INTEGER PRIMARY KEY) STRICT;"
    "INSERT INTO thing VALUES(7);"
    "CREATE TABLE t(branch INTEGER NOT NULL, id INTEGER NOT NULL, number INTEGER NOT NULL, maybe INTEGER,"
    " time INTEGER NOT NULL, date INTEGER NOT NULL, date0 INTEGER NOT NULL, name TEXT NOT NULL,"
    " remark TEXT NOT NULL, code TEXT NOT NULL, word TEXT NOT NULL, object TEXT NOT NULL, row INTEGER NOT "
    "NULL,"
    " row0 INTEGER NOT NULL, kind TEXT NOT NULL, target INTEGER NOT NULL, target0 INTEGER NOT NULL,"
    " earlier INTEGER NOT NULL, earlier0 INTEGER NOT NULL, bytes BLOB NOT NULL, province INTEGER NOT NULL,"
    " as_is REAL NOT NULL, newer INTEGER NOT NULL, PRIMARY KEY(branch, id)) STRICT, WITHOUT ROWID;"
    "INSERT INTO table_scope(name, scope, append_only) VALUES('thing', 'shared', 0), ('t', 'branch', 0);"
    "INSERT INTO column_rule(table_name, column_name, kind, low, high, refers, since) VALUES"
    " ('t', 'id', 'id', 0, 0, '', 1), ('t', 'number', 'number', 1, 100, '', 1),"
    " ('t', 'maybe', 'number', 1, 100, '', 1), ('t', 'time', 'time', 0, 0, '', 1),"
    " ('t', 'date', 'date', 20200101, 0, '', 1), ('t', 'date0', 'date', 0, 0, '', 1),"
    " ('t', 'name', 'name', 1, 3, '', 1), ('t', 'remark', 'remark', 0, 3, '', 1),"
    " ('t', 'code', 'code', 2, 4, '', 1), ('t', 'word', 'word', 0, 0, 'red,blue', 1),"
    " ('t', 'object', 'object', 0, 2, '', 1), ('t', 'row', 'row', 1, 0, 'thing', 1),"
    " ('t', 'row0', 'row', 0, 0, 'thing', 1), ('t', 'target', 'target', 1, 0, 'kind', 1),"
    " ('t', 'target0', 'target', 0, 0, 'kind', 1), ('t', 'earlier', 'earlier', 1, 0, '', 1),"
    " ('t', 'earlier0', 'earlier', 0, 0, '', 1), ('t', 'bytes', 'bytes', 2, 3, '', 1),"
    " ('t', 'province', 'province', 0, 0, '', 1), ('t', 'as_is', 'as_is', 0, 0, '', 1),"
    " ('t', 'newer', 'number', 1, 100, '', 6);";

static struct db *db;
static struct tables tables;
static struct table *t;

static int begin(void **state)
{
  char path[200];
  struct err err = ERR_INIT;
  (void)state;
  fixture_begin();
  snprintf(path, sizeof path, "%s/rules.db", fixture_folder());
  site_migrate(path);
  assert_true(db_open(&db, path, DB_WRITE, &err));
  assert_true(db_exec(db, thing_sql, &err));
  assert_true(tables_load(&tables, db, &err));
  t = tables_find(&tables, "t");
  assert_non_null(t);
  return 0;
}

static int end(void **state)
{
  (void)state;
  db_close(db);
  tables_close(&tables);
  fixture_end();
  return 0;
}

static int column_of(const char *name)
{
  for (int i = 0; i < t->columns; i++)
    if (strcmp(t->names[i], name) == 0) return i;
  fail_msg("no column %s", name);
  return -1;
}

static struct value number(int64_t n, uint8_t room[8])
{
  for (int i = 0; i < 8; i++)
    room[i] = (uint8_t)((uint64_t)n >> (56 - 8 * i));
  return (struct value){.kind = VALUE_INT, .p = room};
}

static struct value text(enum value_kind kind, const char *s)
{
  return (struct value){.kind = kind, .size = (uint32_t)strlen(s), .p = (const uint8_t *)s};
}

/* "": it is taken. */
static const char *answer(const char *column, struct value value, const struct origin *origin)
{
  static struct refusal why;
  struct err err = ERR_INIT;
  struct value after[CHANGE_COLUMNS_MAX] = {0};
  const struct change change = {.op = CHANGE_INSERT, .table = "t", .columns = t->columns, .after = after};
  memset(&why, 0, sizeof why);
  after[column_of("kind")] = text(VALUE_TEXT, "thing");
  after[column_of(column)] = value;
  bool ok = rules_check(t, db, origin, &change, &why, &err);
  assert_int_equal(err.kind, ERR_NONE);
  assert_int_equal(ok, why.reason[0] == '\0');
  if (!ok) assert_string_equal(why.column, column);
  return why.reason;
}

static const struct origin usual = {
    .stream = {CHUNAN, 0}, .province = PROVINCE, .epoch = EPOCH, .seq = SEQ, .level = LEVEL};

static void whole_numbers_end_where_their_rule_says(void **state)
{
  const int64_t last_ms = INT64_C(253402300799999); /* of the year 9999 */
  const struct {
    const char *column;
    int64_t n;
    const char *reason;
  } cases[] = {
      {"id", 0, ""},
      {"id", INT64_MAX, ""},
      {"id", -1, "range"},
      {"number", 1, ""},
      {"number", 100, ""},
      {"number", 0, "range"},
      {"number", 101, "range"},
      {"time", 0, ""},
      {"time", last_ms, ""},
      {"time", -1, "range"},
      {"time", last_ms + 1, "range"},
      {"date", 20200101, ""},
      {"date", 20191231, "date"},
      {"date", 20240229, ""},
      {"date", 20260229, "date"},
      {"date", 29991231, ""},
      {"date", 30000101, "date"},
      {"date", 0, "date"},
      {"date", (INT64_C(1) << 32) + 20260101, "date"},
      {"date0", 0, ""},
      {"date0", 1, "date"},
      {"row", 7, ""},
      {"row", 8, "unknown_row"},
      {"row", 0, "unknown_row"},
      {"row0", 0, ""},
      {"row0", 8, "unknown_row"},
      {"target", 7, ""},
      {"target", 8, "unknown_row"},
      {"target", 0, "unknown_row"},
      {"target0", 0, ""},
      {"target0", 8, "unknown_row"},
      {"province", PROVINCE, ""},
      {"province", CHUNAN, "scope"},
      {"newer", 101, ""},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    uint8_t room[8];
    print_message("%s = %lld\n", cases[i].column, (long long)cases[i].n);
    assert_string_equal(answer(cases[i].column, number(cases[i].n, room), &usual), cases[i].reason);
  }
}

/* A record names only what its author had made by then: itself at most, and nothing of a later life. */
static void earlier_is_up_to_this_entry_and_this_epoch(void **state)
{
  const struct {
    uint32_t epoch;
    uint64_t seq;
    const char *reason;
  } cases[] = {{1, 1, ""},
               {EPOCH, SEQ, ""},
               {EPOCH, SEQ + 1, "unknown_row"},
               {EPOCH + 1, 1, "unknown_row"},
               {1, 0, "unknown_row"},
               {0, 1, "unknown_row"}};
  uint8_t room[8];
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    int64_t id = id_of(cases[i].epoch, cases[i].seq, 3);
    assert_string_equal(answer("earlier", number(id, room), &usual), cases[i].reason);
    assert_string_equal(answer("earlier0", number(id, room), &usual), cases[i].reason);
  }
  assert_string_equal(answer("earlier", number(0, room), &usual), "unknown_row");
  assert_string_equal(answer("earlier0", number(0, room), &usual), "");
  assert_string_equal(answer("earlier", number(INT64_MIN, room), &usual), "unknown_row");
}

static void texts_have_the_length_and_the_characters_their_rule_says(void **state)
{
  static const struct {
    const char *column, *text, *reason;
  } cases[] = {
      {"name", "鱼", ""},
      {"name", "鱼头汤", ""},
      {"name", "鱼头汤面", "length"},
      {"name", "", "required"},
      {"name", "a\nb", "control_character"},
      {"remark", "", ""},
      {"remark", "a\nb", ""},
      {"remark", "abcd", "length"},
      {"code", "a-", ""},
      {"code", "09AZ", ""},
      {"code", "az", ""},
      {"code", "a", "length"},
      {"code", "abcde", "length"},
      {"code", "", "required"},
      {"code", "a/", "character"},
      {"code", "a:", "character"},
      {"code", "a@", "character"},
      {"code", "a[", "character"},
      {"code", "a`", "character"},
      {"code", "a{", "character"},
      {"word", "red", ""},
      {"word", "blue", ""},
      {"word", "re", "one_of"},
      {"word", "lue", "one_of"},
      {"word", "red,blue", "one_of"},
      {"word", "", "one_of"},
      {"object", "{}", ""},
      {"object", "{\"a\":1,\"b\":[\"x\\ny\"]}", ""},
      {"object", "{\"a\":1,\"b\":2,\"c\":3}", "count"},
      {"object", "[]", "json"},
      {"object", "{\"a\":[{\"b\":\"\u202e\"}]}", "direction_character"},
      {"object", "{\"\u202e\":1}", "direction_character"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    print_message("%s = %s\n", cases[i].column, cases[i].text);
    assert_string_equal(answer(cases[i].column, text(VALUE_TEXT, cases[i].text), &usual), cases[i].reason);
  }
  assert_string_equal(answer("bytes", text(VALUE_BLOB, "1"), &usual), "length");
  assert_string_equal(answer("bytes", text(VALUE_BLOB, "12"), &usual), "");
  assert_string_equal(answer("bytes", text(VALUE_BLOB, "123"), &usual), "");
  assert_string_equal(answer("bytes", text(VALUE_BLOB, "1234"), &usual), "length");
}

static void a_value_is_of_the_declared_type_or_null_where_it_may_be(void **state)
{
  const struct value nothing = {.kind = VALUE_NULL};
  uint8_t room[8];
  (void)state;
  assert_string_equal(answer("number", text(VALUE_TEXT, "7"), &usual), "type");
  assert_string_equal(answer("name", text(VALUE_BLOB, "x"), &usual), "type");
  assert_string_equal(answer("as_is", number(1, room), &usual), "type");
  assert_string_equal(answer("number", nothing, &usual), "required");
  assert_string_equal(answer("maybe", nothing, &usual), "");
}

/* The level is that of the province when the entry came; what waited is not asked for rows of others. */
static void a_rule_holds_from_its_level_on(void **state)
{
  uint8_t room[8];
  struct origin later = usual, waited = usual;
  (void)state;
  later.level = 6;
  assert_string_equal(answer("newer", number(101, room), &later), "range");
  waited.waited = true;
  assert_string_equal(answer("row", number(8, room), &waited), "");
  assert_string_equal(answer("target", number(8, room), &waited), "");
  assert_string_equal(answer("number", number(101, room), &waited), "range");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(whole_numbers_end_where_their_rule_says, begin, end),
      cmocka_unit_test_setup_teardown(earlier_is_up_to_this_entry_and_this_epoch, begin, end),
      cmocka_unit_test_setup_teardown(texts_have_the_length_and_the_characters_their_rule_says, begin, end),
      cmocka_unit_test_setup_teardown(a_value_is_of_the_declared_type_or_null_where_it_may_be, begin, end),
      cmocka_unit_test_setup_teardown(a_rule_holds_from_its_level_on, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
