#include "core/base/clock.h"
#include "core/base/xlsx_read.h"
#include "core/base/xlsx_write.h"

#include <fcntl.h>
#include <minizip/zip.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

/* -- A workbook of given parts, as anybody could send it. -- */

struct file {
  const char *name;
  const char *text;
  size_t repeat; /* text that many times; 0: once */
};

static void make_zip(struct buf *out, const struct file *files, size_t count)
{
  char path[] = "/tmp/sunlit-xlsx-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  zipFile zip = zipOpen(path, APPEND_STATUS_CREATE);
  assert_non_null(zip);
  for (size_t i = 0; i < count; i++) {
    assert_int_equal(zipOpenNewFileInZip(zip, files[i].name, NULL, NULL, 0, NULL, 0, NULL, Z_DEFLATED, 1),
                     ZIP_OK);
    for (size_t n = 0; n < (files[i].repeat ? files[i].repeat : 1); n++)
      assert_int_equal(zipWriteInFileInZip(zip, files[i].text, (unsigned)strlen(files[i].text)), ZIP_OK);
    assert_int_equal(zipCloseFileInZip(zip), ZIP_OK);
  }
  assert_int_equal(zipClose(zip, NULL), ZIP_OK);
  char block[4096];
  for (ssize_t n; (n = read(fd, block, sizeof block)) > 0;)
    put_bytes(out, block, (size_t)n);
  close(fd);
  unlink(path);
}

#define WORKBOOK                                                                                             \
  "<workbook xmlns:r='r'><sheets><sheet name='a' sheetId='1' state='hidden' r:id='x'/><sheet name='b' "      \
  "sheetId='2' r:id='y'/></sheets></workbook>"
#define RELATIONS                                                                                            \
  "<Relationships><Relationship Id='x' Target='worksheets/sheet1.xml'/><Relationship Id='y' "                \
  "Target='/xl/worksheets/sheet2.xml'/></Relationships>"

static bool read_sheet(struct grid *grid, const char *sheet, const char *texts, const char *styles,
                       struct err *err)
{
  struct file files[] = {{"xl/workbook.xml", WORKBOOK, 0},
                         {"xl/_rels/workbook.xml.rels", RELATIONS, 0},
                         {"xl/sharedStrings.xml", texts ? texts : "<sst/>", 0},
                         {"xl/styles.xml", styles ? styles : "<styleSheet/>", 0},
                         {"xl/worksheets/sheet1.xml", "<worksheet/>", 0},
                         {"xl/worksheets/sheet2.xml", sheet, 0}};
  struct buf zip = BUF_INIT;
  make_zip(&zip, files, sizeof files / sizeof *files);
  bool ok = xlsx_read(grid, zip.data, zip.size, err);
  buf_wipe(&zip);
  return ok;
}

static void what_is_written_is_read_back(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct xlsx_writer *book = xlsx_writer_open(&err);
  assert_non_null(book);
  static const struct xlsx_column columns[] = {
      {"统一社会信用代码", 0}, {"单价（元）", 0}, {"日期", 12}, {"时间", 20}, {"数量", 0}};
  xlsx_writer_sheet(book, "价格", columns, 5);
  xlsx_writer_text(book, "913301000000000012");
  xlsx_writer_fen(book, 11800);
  xlsx_writer_date(book, 20261124);
  xlsx_writer_time(book, date_start_ms(20261124) + 3600000);
  xlsx_writer_int(book, 24);
  xlsx_writer_row(book);
  xlsx_writer_text(book, "=1+1");
  xlsx_writer_text(book, NULL);
  xlsx_writer_date(book, 0);
  xlsx_writer_time(book, 0);
  xlsx_writer_fault(book, "看这里");
  xlsx_writer_row(book);
  static const char *const words[] = {"甲", "乙", NULL};
  xlsx_writer_choice_words(book, 4, 1, 100, words);
  xlsx_writer_sheet(book, "品名", columns, 1);
  struct buf bytes = BUF_INIT;
  assert_true(xlsx_writer_close(book, &bytes, &err));
  struct grid grid = GRID_INIT;
  assert_true(xlsx_read(&grid, bytes.data, bytes.size, &err));
  assert_int_equal(grid.rows, 3);
  assert_string_equal(grid_cell(&grid, 0, 0), "统一社会信用代码");
  assert_string_equal(grid_cell(&grid, 1, 0), "913301000000000012");
  assert_string_equal(grid_cell(&grid, 1, 1), "118");
  assert_string_equal(grid_cell(&grid, 1, 2), "2026-11-24");
  assert_string_equal(grid_cell(&grid, 1, 3), "2026-11-24");
  assert_string_equal(grid_cell(&grid, 1, 4), "24");
  assert_string_equal(grid_cell(&grid, 2, 0), "=1+1");
  assert_string_equal(grid_cell(&grid, 2, 1), "");
  assert_string_equal(grid_cell(&grid, 2, 4), "看这里");
  assert_string_equal(grid_cell(&grid, 99, 99), "");
  assert_false(grid_row_empty(&grid, 2));
  grid_wipe(&grid);
  buf_wipe(&bytes);
}

static void all_kinds_of_cells_are_understood(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  const char *sheet =
      "<x:worksheet xmlns:x='n'><x:sheetData>"
      "<x:row r='2'><x:c r='B2' t='s'><x:v>1</x:v></x:c><x:c r='D2' s='1'><x:v>46350.5</x:v></x:c></x:row>"
      "<x:row><x:c t='inlineStr'><x:is><x:r><x:t>千岛</x:t></x:r><x:r><x:t>湖</x:t></x:r></x:is></x:c>"
      "<x:c><x:f>A1*2</x:f><x:v>1.2E2</x:v></x:c><x:c t='str'><x:v>公式</x:v></x:c><x:c "
      "t='b'><x:v>1</x:v></x:c>"
      "<x:c s='2'><x:v>0.1</x:v></x:c></x:row>"
      "</x:sheetData></x:worksheet>";
  const char *texts =
      "<sst><si><t>零</t></si><si><r><t>建</t></r><r><t>德</t></r><rPh><t>jiande</t></rPh></si></sst>";
  const char *styles =
      "<styleSheet><numFmts><numFmt numFmtId='170' formatCode='[$-804]yyyy&quot;年&quot;m'/><numFmt "
      "numFmtId='171' formatCode='0&quot;day&quot;'/></numFmts>"
      "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs>"
      "<cellXfs><xf numFmtId='0'/><xf numFmtId='170'/><xf numFmtId='171'/></cellXfs></styleSheet>";
  assert_true(read_sheet(&grid, sheet, texts, styles, &err));
  assert_string_equal(grid_cell(&grid, 1, 1), "建德");
  assert_string_equal(grid_cell(&grid, 1, 3), "2026-11-24");
  assert_string_equal(grid_cell(&grid, 2, 0), "千岛湖");
  assert_string_equal(grid_cell(&grid, 2, 1), "120");
  assert_string_equal(grid_cell(&grid, 2, 2), "公式");
  assert_string_equal(grid_cell(&grid, 2, 4), "0.1");
  assert_true(grid_row_empty(&grid, 0));
  grid_wipe(&grid);
}

static void every_damaged_sheet_is_refused_by_its_rule(void **state)
{
  (void)state;
  static const struct {
    const char *sheet, *rule;
  } cases[] = {
      {"<worksheet><sheetData>", "xlsx"},
      {"<!DOCTYPE a [<!ENTITY b 'c'>]><worksheet>&b;</worksheet>", "xlsx"},
      {"<worksheet><row r='1'><c r='A1' t='s'><v>7</v></c></row></worksheet>", "xlsx"},
      {"<worksheet><row r='1'><c r='A1' t='s'><v>-1</v></c></row></worksheet>", "xlsx"},
      {"<worksheet><row r='1'><c r='1A'><v>7</v></c></row></worksheet>", "xlsx"},
      {"<worksheet><row r='1'><c r='A1'><v>7x</v></c></row></worksheet>", "xlsx"},
      {"<worksheet><row r='10002'><c r='A10002'><v>7</v></c></row></worksheet>", "row_count"},
      {"<worksheet><row r='0'><c><v>7</v></c></row></worksheet>", "row_count"},
      {"<worksheet><row r='1'><c r='AW1'><v>7</v></c></row></worksheet>", "column_count"},
      {"<a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a><a>",
       "xlsx"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct err err = ERR_INIT;
    struct grid grid = GRID_INIT;
    assert_false(read_sheet(&grid, cases[i].sheet, NULL, NULL, &err));
    assert_string_equal(err.rule, cases[i].rule);
    assert_null(grid.cells);
  }
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  assert_true(read_sheet(&grid, "<worksheet><row r='10001'><c r='AV10001'><v>7</v></c></row></worksheet>",
                         NULL, NULL, &err));
  assert_string_equal(grid_cell(&grid, 10000, 47), "7");
  grid_wipe(&grid);
}

static void a_zip_bomb_stops_at_its_bound(void **state)
{
  (void)state;
  char *spaces = malloc(1024 * 1024 + 1);
  assert_non_null(spaces);
  memset(spaces, ' ', 1024 * 1024);
  spaces[1024 * 1024] = 0;
  struct file files[] = {{"xl/workbook.xml", WORKBOOK, 0},
                         {"xl/_rels/workbook.xml.rels", RELATIONS, 0},
                         {"xl/worksheets/sheet2.xml", spaces, 80}};
  struct buf zip = BUF_INIT;
  make_zip(&zip, files, 3);
  assert_true(zip.size < 1024 * 1024);
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  assert_false(xlsx_read(&grid, zip.data, zip.size, &err));
  assert_string_equal(err.rule, "file_size");
  buf_wipe(&zip);
  free(spaces);
}

static void what_is_no_workbook_is_refused(void **state)
{
  (void)state;
  struct file files[] = {{"readme.txt", "hello", 0}};
  struct buf zip = BUF_INIT;
  make_zip(&zip, files, 1);
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  assert_false(xlsx_read(&grid, zip.data, zip.size, &err));
  assert_string_equal(err.rule, "xlsx");
  err_clear(&err);
  assert_false(xlsx_read(&grid, "PK", 2, &err));
  assert_string_equal(err.rule, "xlsx");
  err_clear(&err);
  assert_false(xlsx_read(&grid, "", 0, &err));
  /* Every truncation is refused and none is read past its end. */
  for (size_t n = 0; n < zip.size; n++) {
    err_clear(&err);
    assert_false(xlsx_read(&grid, zip.data, n, &err));
  }
  buf_wipe(&zip);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written_is_read_back),
      cmocka_unit_test(all_kinds_of_cells_are_understood),
      cmocka_unit_test(every_damaged_sheet_is_refused_by_its_rule),
      cmocka_unit_test(a_zip_bomb_stops_at_its_bound),
      cmocka_unit_test(what_is_no_workbook_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
