#include "core/base/csv_read.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

#define TEXT(text) text, sizeof(text) - 1
#define assert_cells(text, first, second) check_cells(TEXT(text), first, second)

static void read(struct grid *grid, const void *text, size_t n)
{
  struct err err = ERR_INIT;
  if (!csv_read(grid, text, n, &err)) fail_msg("%s: %s", (const char *)text, err.text);
}

static void check_cells(const void *text, size_t n, const char *first, const char *second)
{
  struct grid grid = GRID_INIT;
  read(&grid, text, n);
  assert_string_equal(grid_cell(&grid, 0, 0), "a");
  assert_string_equal(grid_cell(&grid, 0, 1), "b");
  assert_string_equal(grid_cell(&grid, 1, 0), first);
  assert_string_equal(grid_cell(&grid, 1, 1), second);
  grid_wipe(&grid);
}

static void quotes_and_line_ends_are_read_as_the_rfc_says(void **state)
{
  (void)state;
  assert_cells("a,b\n1,2\n", "1", "2");
  assert_cells("a,b\r\n1,2", "1", "2");
  assert_cells("a,b\r1,2\r", "1", "2"); /* an old Macintosh, or WPS asked to */
  assert_cells("a,b\r\n\"1\",\"2\"\r\n\r\n", "1", "2");
  assert_cells("a,b\n\"1,\"\"x\"\"\ny\",\n", "1,\"x\"\ny", "");
  assert_cells("\"a\",\"b\"\n,\"\"", "", "");
  assert_cells("a,b\n", "", "");
}

static void what_people_and_programs_write_besides_is_read(void **state)
{
  (void)state;
  assert_cells("a\tb\n1\t2,5\n", "1", "2,5");
  assert_cells("a;b\n1;2,5\n", "1", "2,5");
  assert_cells("a，b\n1，2\n", "1", "2");
  assert_cells("sep=;\r\na;b\r\n1;2,5\r\n", "1", "2,5");
  assert_cells("sep=,\na,b\n1;3,2\n", "1;3", "2");
  assert_cells("a,b\n=\"00012\",'00012\n", "00012", "00012");
  assert_cells("a,b\n\"=\"\"2026-09-11\"\"\",'-5\n", "2026-09-11", "-5");
  assert_cells("a,b\n'quoted',=\n", "'quoted'", "=");
  assert_cells("a,b\n网箱12\"一段,x\n", "网箱12\"一段", "x"); /* a quote within a cell is itself */
  assert_cells("a,b\n1\n", "1", "");                          /* as Excel ends its rows */
  assert_cells("a,b\n1,2,,,\n", "1", "2");
}

static void every_encoding_gives_the_same(void **state)
{
  (void)state;
  assert_cells("a,b\n\xe9\xb1\xbc,\xe2\x82\xac", "鱼", "€");
  assert_cells("\xef\xbb\xbf"
               "a,b\n\xe9\xb1\xbc,2",
               "鱼", "2");
  assert_cells("a,b\n\xd3\xe3,\x95\x32\x82\x36", "鱼", "𠀀"); /* four bytes: outside the basic plane */
  assert_cells("a,b\n\xd3\xe3,\x80"
               "5\n",
               "鱼", "€5"); /* cp936 has its own euro */
  assert_cells("\xff\xfe"
               "a\0\t\0b\0\r\0\n\0\x7c\x9c\t\0"
               "2\0",
               "鱼", "2");
  assert_cells("\xfe\xff"
               "\0a\0\t\0b\0\n\x9c\x7c\0\t\0"
               "2",
               "鱼", "2");
}

static void rows_are_counted_as_a_spreadsheet_shows_them(void **state)
{
  (void)state;
  struct grid grid = GRID_INIT;
  read(&grid, TEXT("标题\n\na,b\n1,\"x\ny\"\n3,4\n"));
  assert_int_equal(grid.rows, 5);
  assert_string_equal(grid_cell(&grid, 3, 1), "x\ny");
  assert_string_equal(grid_cell(&grid, 4, 0), "3");
  assert_int_equal(grid_column(&grid, 2, "b"), 1);
  assert_int_equal(grid_column(&grid, 2, "c"), -1);
  grid_wipe(&grid);
}

static void what_is_no_table_is_refused_with_its_row(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    size_t n;
    const char *rule;
  } cases[] = {
      {TEXT(""), "empty"},
      {TEXT("\r\n\r\n"), "empty"},
      {TEXT("\xff\xfe"), "empty"},
      {TEXT("\xef\xbb\xbf"), "empty"},
      {TEXT("a,b\n\"1,2\n"), "quote"},
      {TEXT("a,b\n\"1\"x,2\n"), "quote"},
      {TEXT("a,b\n1\0,2\n"), "encoding"},
      {TEXT("a,b\n\xff\xff,2\n"), "encoding"},
      {TEXT("a\0,\0b\0\n\0"), "encoding"}, /* UTF-16 without its mark */
      {"\xef\xbb\xbf"
       "a,b\n\xd3\xe3,2\n",
       12, "encoding"},
      {TEXT("\xff\xfe\x00\xd8"), "encoding"}, /* half a character */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct grid grid = GRID_INIT;
    struct err err = ERR_INIT;
    if (csv_read(&grid, cases[i].text, cases[i].n, &err)) fail_msg("case %zu is read", i);
    assert_string_equal(err.rule, cases[i].rule);
    if (strcmp(err.rule, "quote") == 0) assert_string_equal(err.field, "2");
    assert_null(grid.cells);
  }
}

static void cells_rows_and_columns_stop_at_their_bounds(void **state)
{
  (void)state;
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  struct buf text = BUF_INIT;
  put_text(&text, "a\n");
  for (int i = 0; i < CSV_CELL_SIZE_MAX - 1; i++)
    put_u8(&text, 'x');
  assert_true(csv_read(&grid, text.data, text.size, &err));
  grid_wipe(&grid);
  put_u8(&text, 'x');
  assert_false(csv_read(&grid, text.data, text.size, &err));
  assert_string_equal(err.rule, "length");
  buf_clear(&text);
  for (int i = 1; i < GRID_COLUMNS_MAX; i++)
    put_text(&text, ",");
  put_text(&text, "x,,,,,,,,,,,");
  assert_true(csv_read(&grid, text.data, text.size, &err));
  assert_int_equal(grid.columns, GRID_COLUMNS_MAX);
  grid_wipe(&grid);
  put_text(&text, "y");
  err_clear(&err);
  assert_false(csv_read(&grid, text.data, text.size, &err));
  assert_string_equal(err.rule, "column_count");
  buf_clear(&text);
  for (int i = 0; i <= IMPORT_ROWS_MAX; i++)
    put_text(&text, "x\n");
  assert_true(csv_read(&grid, text.data, text.size, &err));
  grid_wipe(&grid);
  put_text(&text, "x");
  err_clear(&err);
  assert_false(csv_read(&grid, text.data, text.size, &err));
  assert_string_equal(err.rule, "row_count");
  buf_wipe(&text);
}

static void a_tidy_cell_is_what_a_reader_sees(void **state)
{
  (void)state;
  static const char *const cases[][2] = {
      {"  鱼\u3000", "鱼"},
      {"\u00a0\u200b鱼\ufeff ", "鱼"},
      {"两\r\n行", "两\n行"},
      {"两\v行\u2028三", "两\n行\n三"},
      {"一 二", "一 二"},
      {" \u3000 ", ""},
      {"\u202e鱼", "\u202e鱼"},
      {"👨\u200d👩", "👨\u200d👩"},
      {"a\r", "a"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct grid grid = GRID_INIT;
    assert_true(grid_put(&grid, 0, 0, cases[i][0], strlen(cases[i][0]), NULL));
    grid_tidy(&grid);
    assert_string_equal(grid_cell(&grid, 0, 0), cases[i][1]);
    grid_wipe(&grid);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quotes_and_line_ends_are_read_as_the_rfc_says),
      cmocka_unit_test(what_people_and_programs_write_besides_is_read),
      cmocka_unit_test(every_encoding_gives_the_same),
      cmocka_unit_test(rows_are_counted_as_a_spreadsheet_shows_them),
      cmocka_unit_test(what_is_no_table_is_refused_with_its_row),
      cmocka_unit_test(cells_rows_and_columns_stop_at_their_bounds),
      cmocka_unit_test(a_tidy_cell_is_what_a_reader_sees),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
