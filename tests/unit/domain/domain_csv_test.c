#include "fixture.h"

#include "core/domain/csv.h"

#define assert_cells(text, first, second) check_cells(text, sizeof(text) - 1, first, second)

static void check_cells(const char *text, size_t n, const char *first, const char *second)
{
  struct csv csv;
  struct err err = ERR_INIT;
  assert_ok(csv_open(&csv, text, n, 10, &err), &err);
  assert_int_equal(csv.columns, 2);
  assert_int_equal(csv.rows, 1);
  assert_string_equal(csv_cell(&csv, 0, 0), first);
  assert_string_equal(csv_cell(&csv, 0, 1), second);
  csv_close(&csv);
}

static void quotes_line_ends_and_the_last_line_are_read_as_the_rfc_says(void **state)
{
  (void)state;
  assert_cells("a,b\n1,2\n", "1", "2");
  assert_cells("a,b\r\n1,2", "1", "2");
  assert_cells("a,b\r\n\r\n\"1\",\"2\"\r\n\r\n", "1", "2");
  assert_cells("a,b\n\"1,\"\"x\"\"\ny\",\n", "1,\"x\"\ny", "");
  assert_cells("\"a\",\"b\"\n,\"\"", "", "");
}

static void utf8_with_and_without_bom_and_gb18030_give_the_same(void **state)
{
  (void)state;
  assert_cells("a,b\n\xe9\xb1\xbc,\xe2\x82\xac", "鱼", "€");
  assert_cells("\xef\xbb\xbf"
               "a,b\n\xe9\xb1\xbc,2",
               "鱼", "2");
  assert_cells("a,b\n\xd3\xe3,\x95\x32\x82\x36", "鱼", "𠀀"); /* four bytes: outside the basic plane */
}

static void lines_are_counted_as_the_file_has_them(void **state)
{
  (void)state;
  struct csv csv;
  struct err err = ERR_INIT;
  const char *text = "a,b\n\n1,\"x\ny\"\n3,4\n";
  assert_ok(csv_open(&csv, text, strlen(text), 10, &err), &err);
  assert_int_equal(csv.rows, 2);
  assert_int_equal(csv.lines[0], 3);
  assert_int_equal(csv.lines[1], 5);
  assert_int_equal(csv_column(&csv, "b"), 1);
  assert_int_equal(csv_column(&csv, "c"), -1);
  csv_close(&csv);
}

#define TEXT(text) text, sizeof(text) - 1

static void what_is_no_table_is_refused_with_its_line(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    size_t n;
    const char *rule;
  } cases[] = {
      {TEXT(""), "empty"},
      {TEXT("a,b\n1\n"), "columns"},
      {TEXT("a,b\n1,2,3\n"), "columns"},
      {TEXT("a,b\n\"1,2\n"), "quote"},
      {TEXT("a,b\n1,2\"\n"), "quote"},
      {TEXT("a,b\n\"1\"x,2\n"), "quote"},
      {TEXT("a,b\n1\0,2\n"), "encoding"},
      {TEXT("a,b\n\xff\xff,2\n"), "encoding"},
      {"\xef\xbb\xbf"
       "a,b\n\xd3\xe3,2\n",
       12, "encoding"},
      {TEXT("a\n1\n2\n3\n4\n"), "rows"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct csv csv;
    struct err err = ERR_INIT;
    assert_refused(csv_open(&csv, cases[i].text, cases[i].n, 3, &err), &err, cases[i].rule);
  }
}

static void cells_and_columns_stop_at_their_bounds(void **state)
{
  (void)state;
  struct csv csv;
  struct err err = ERR_INIT;
  struct buf text = BUF_INIT;
  put_text(&text, "a\n");
  for (int i = 0; i < CSV_CELL_SIZE_MAX - 1; i++)
    put_u8(&text, 'x');
  assert_ok(csv_open(&csv, text.data, text.size, 10, &err), &err);
  csv_close(&csv);
  put_u8(&text, 'x');
  assert_refused(csv_open(&csv, text.data, text.size, 10, &err), &err, "length");
  buf_clear(&text);
  for (int i = 1; i < CSV_COLUMNS_MAX; i++)
    put_text(&text, ",");
  assert_ok(csv_open(&csv, text.data, text.size, 10, &err), &err);
  assert_int_equal(csv.columns, CSV_COLUMNS_MAX);
  csv_close(&csv);
  put_text(&text, ",");
  assert_refused(csv_open(&csv, text.data, text.size, 10, &err), &err, "columns");
  buf_wipe(&text);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(quotes_line_ends_and_the_last_line_are_read_as_the_rfc_says),
      cmocka_unit_test(utf8_with_and_without_bom_and_gb18030_give_the_same),
      cmocka_unit_test(lines_are_counted_as_the_file_has_them),
      cmocka_unit_test(what_is_no_table_is_refused_with_its_line),
      cmocka_unit_test(cells_and_columns_stop_at_their_bounds),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
