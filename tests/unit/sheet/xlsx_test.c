#include "parts.h"

#include "core/base/clock.h"
#include "core/base/xlsx_write.h"

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
  assert_true(xlsx_read(&grid, bytes.data, bytes.size, NULL, &err));
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
  assert_string_equal(grid_cell(&grid, 2, 4), "0.1day"); /* as it is shown */
  assert_true(grid_row_empty(&grid, 0));
  grid_wipe(&grid);
}

#define TEXT(at, text) "<c r='" at "' t='inlineStr'><is><t>" text "</t></is></c>"
#define MERGED(refs)                                                                                         \
  "<worksheet><sheetData><row r='1'>" TEXT("A1", "题") "</row><row r='2'>" TEXT("A2", "鱼")                  \
      TEXT("B2", "日") "</row><row r='3'>" TEXT("A3", "虾")                                                  \
          TEXT("B3", "藏") "</row></sheetData><mergeCells>" refs "</mergeCells></worksheet>"

static void a_merged_cell_is_empty_and_says_what_is_shown_in_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  const char *sheet =
      MERGED("<mergeCell ref='A1:XFD1'/><mergeCell ref='B2:B1048576'/><mergeCell ref='D1:D3'/>"
             "<mergeCell ref='A3'/>");
  assert_true(read_sheet(&grid, sheet, NULL, NULL, &err));
  grid_tidy(&grid);
  assert_string_equal(grid_cell(&grid, 1, 1), "日");
  assert_null(grid_covering(&grid, 1, 1));
  assert_string_equal(grid_cell(&grid, 2, 1), ""); /* what was there before it was merged is not shown */
  assert_string_equal(grid_covering(&grid, 2, 1), "日");
  assert_string_equal(grid_covering(&grid, 0, 1), "题");
  assert_string_equal(grid_cell(&grid, 2, 0), "虾");
  assert_null(grid_covering(&grid, 2, 3)); /* nothing is shown there */
  assert_null(grid_covering(&grid, 3, 1)); /* no row */
  assert_int_equal(grid.rows, 3);
  grid_wipe(&grid);
}

static void a_formula_that_nobody_computed_is_no_empty_cell(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  const char *sheet =
      "<worksheet><sheetData><row r='1'><c r='A1'><f>D2*2</f></c><c r='B1'><f>A1</f><v></v></c>"
      "<c r='C1'><f t='shared' si='0'/></c><c r='D1' t='str'><f>IF(A1,1,\"\")</f><v></v></c>"
      "<c r='E1'><f>1+1</f><v>2</v></c><c r='F1'/><c r='G1' t='str'><f>A9</f></c>"
      "<c r='H1' t='inlineStr'><is><t>=D2*2</t></is></c></row></sheetData></worksheet>";
  static const char *const shown[] = {"=D2*2", "=A1", "=", "", "2", "", "=A9", "=D2*2"};
  static const bool formula[] = {true, true, true, false, false, false, true, false};
  assert_true(read_sheet(&grid, sheet, NULL, NULL, &err));
  grid_tidy(&grid);
  for (size_t i = 0; i < 8; i++) {
    assert_string_equal(grid_cell(&grid, 0, i), shown[i]);
    assert_int_equal(grid_formula(&grid, 0, i) != NULL, formula[i]);
  }
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
      {"<worksheet><row r='1'><c r='A1'><v>nan</v></c></row></worksheet>", "xlsx"},
      {"<worksheet><row r='1'><c r='A1'><v>-infinity</v></c></row></worksheet>", "xlsx"},
      {"<worksheet><row r='1'><c r='A1'><v>0x1f</v></c></row></worksheet>", "xlsx"},
      {"<worksheet><row r='1'><c r='A1'><v>1e999</v></c></row></worksheet>", "xlsx"},
      {MERGED("<mergeCell ref='A2:B3'/><mergeCell ref='A1:A3'/>"), "xlsx"}, /* twice */
      {MERGED("<mergeCell ref='A2:3'/>"), "xlsx"},
      {MERGED("<mergeCell ref=':B2'/>"), "xlsx"},
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
  assert_false(xlsx_read(&grid, zip.data, zip.size, NULL, &err));
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
  assert_false(xlsx_read(&grid, zip.data, zip.size, NULL, &err));
  assert_string_equal(err.rule, "xlsx");
  err_clear(&err);
  assert_false(xlsx_read(&grid, "PK", 2, NULL, &err));
  assert_string_equal(err.rule, "xlsx");
  err_clear(&err);
  assert_false(xlsx_read(&grid, "", 0, NULL, &err));
  /* Every truncation is refused and none is read past its end. */
  for (size_t n = 0; n < zip.size; n++) {
    err_clear(&err);
    assert_false(xlsx_read(&grid, zip.data, n, NULL, &err));
  }
  buf_wipe(&zip);
}

/* -- what other programs make -- */

static void parts_are_found_by_their_relations(void **state)
{
  (void)state;
  static const struct {
    const char *root, *book, *target, *sheet;
  } cases[] = {
      {"xl/workbook.xml", "xl/workbook.xml", "worksheets/a.xml", "xl/worksheets/a.xml"},
      {"/xl/workbook2.xml", "xl/workbook2.xml", "worksheets/a.xml", "xl/worksheets/a.xml"},
      {"xl/workbook.xml", "xl/workbook.xml", "/xl/worksheets/a.xml", "xl/worksheets/a.xml"},
      {"xl/workbook.xml", "xl/workbook.xml", "../xl/worksheets/a.xml", "xl/worksheets/a.xml"},
      {"xl/workbook.xml", "xl/workbook.xml", "./worksheets/./a.xml", "xl/worksheets/a.xml"},
      {"xl/workbook.xml", "xl/workbook.xml", "../../../a.xml", "a.xml"},
      {"./book.xml", "book.xml", "a.xml", "a.xml"},
      {"deep/er/book.xml", "deep/er/book.xml", "../a.xml", "deep/a.xml"},
      {"xl/workbook.xml", "xl/Workbook.xml", "worksheets/A.xml", "xl/worksheets/a.xml"}, /* OPC: no case */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char root[600], rels[400], rels_path[100];
    snprintf(root, sizeof root,
             "<Relationships><Relationship Id='r1' " TYPE(
                 "officeDocument") "Target='%s'/>"
                                   "<Relationship Id='r2' " TYPE(
                                       "extended-properties") "Target='docProps/app.xml'/></Relationships>",
             cases[i].root);
    snprintf(rels, sizeof rels,
             "<Relationships><Relationship Id='y' " TYPE("worksheet") "Target='%s'/></Relationships>",
             cases[i].target);
    const char *slash = strrchr(cases[i].book, '/');
    int folder = slash ? (int)(slash + 1 - cases[i].book) : 0;
    snprintf(rels_path, sizeof rels_path, "%.*s_rels/%s.rels", folder, cases[i].book, cases[i].book + folder);
    const struct file files[] = {
        {"_rels/.rels", root, 0},
        {cases[i].book, "<workbook xmlns:r='r'><sheet name='价' r:id='y'/></workbook>", 0},
        {rels_path, rels, 0},
        {cases[i].sheet, CELL("在这里"), 0}};
    struct grid grid = GRID_INIT;
    struct err err = ERR_INIT;
    if (!read_files(&grid, files, 4, NULL, &err))
      fail_msg("%s %s: %s", cases[i].root, cases[i].target, err.text);
    assert_string_equal(grid_cell(&grid, 0, 0), "在这里");
    assert_string_equal(grid.sheet, "价");
    grid_wipe(&grid);
  }
}

static void a_truth_value_is_a_word_and_no_number(void **state)
{
  (void)state;
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  const char *sheet =
      "<worksheet><row><c t='b'><v>1</v></c><c t='b'><v>0</v></c><c t='b'><v>true</v></c><c><v>1</v></c>"
      "</row></worksheet>";
  assert_true(read_sheet(&grid, sheet, NULL, NULL, &err));
  static const char *const shown[] = {"TRUE", "FALSE", "TRUE", "1"};
  for (size_t i = 0; i < 4; i++)
    assert_string_equal(grid_cell(&grid, 0, i), shown[i]);
  grid_wipe(&grid);
  assert_false(
      read_sheet(&grid, "<worksheet><row><c t='b'><v>2</v></c></row></worksheet>", NULL, NULL, &err));
  assert_string_equal(err.rule, "xlsx");
}

/* The earlier one was overwritten, and a sheet of two rows was taken as one. */
static void a_row_or_a_cell_that_is_there_twice_is_refused(void **state)
{
  (void)state;
  static const char *const sheets[] = {
      "<worksheet><row r='1'><c r='A1'><v>1</v></c></row><row r='1'><c r='A1'><v>2</v></c></row></worksheet>",
      "<worksheet><row r='1'><c r='A1'><v>1</v></c></row><row r='1'><c r='B1'><v>2</v></c></row></worksheet>",
      "<worksheet><row r='1'><c r='A1'><v>1</v></c><c r='A1'><v>2</v></c></row></worksheet>",
      "<worksheet><row r='1'><c r='A1'><v>1</v></c></row><row r='2'><c "
      "r='A1'><v>2</v></c></row></worksheet>"};
  for (size_t i = 0; i < sizeof sheets / sizeof *sheets; i++) {
    struct grid grid = GRID_INIT;
    struct err err = ERR_INIT;
    if (read_sheet(&grid, sheets[i], NULL, NULL, &err)) fail_msg("%s", sheets[i]);
    assert_string_equal(err.rule, "xlsx");
    assert_non_null(strstr(err.text, "there twice"));
    grid_wipe(&grid);
  }
}

/* 120,000 shown as 120.00 was taken as 120,000.00 yuan. */
static void a_number_that_is_shown_in_thousands_says_so(void **state)
{
  (void)state;
  static const struct {
    const char *format, *cell;
  } cases[] = {{"0.00,", "120×1000"},
               {"#,##0,", "120×1000"},
               {"0,.00", "120×1000"},
               {"0.00,,", "0.12×1000000"},
               {"[&lt;1000]0.00;0.00,", "120×1000"},
               {"0.0,&quot;千元&quot;", "120×1000千元"},
               {"#,##0.00", "120000"},
               {"#,##0.00_);[Red](#,##0.00)", "120000"},
               {"0.00&quot;0,&quot;", "120000 [0.00\"0,\"]"},
               {"0.00\\,", "120000 [0.00\\,]"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct grid grid = GRID_INIT;
    struct err err = ERR_INIT;
    char styles[400];
    snprintf(styles, sizeof styles,
             "<styleSheet><numFmts><numFmt numFmtId='170' formatCode='%s'/></numFmts><cellXfs><xf "
             "numFmtId='170'/></cellXfs></styleSheet>",
             cases[i].format);
    assert_true(read_sheet(&grid, "<worksheet><row><c s='0'><v>120000</v></c></row></worksheet>", NULL,
                           styles, &err));
    assert_string_equal(grid_number(&grid, 0, 0), cases[i].cell);
    grid_wipe(&grid);
  }
}

static void escapes_of_the_format_are_characters(void **state)
{
  (void)state;
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  const char *sheet =
      "<worksheet><row><c t='s'><v>0</v></c><c t='inlineStr'><is><t>_x005F_x000D_</t></is></c>"
      "<c t='str'><v>_xD83D__xDC1F_</v></c><c t='str'><v>_xD83D_x_x00_ _xZZZZ_</v></c>"
      "<c t='str'><v>a_x0000_b</v></c><c t='str'><v>_x4e2d_</v></c></row></worksheet>";
  assert_true(read_sheet(&grid, sheet, "<sst><si><t>第一行_x000D_\n第二行</t></si></sst>", NULL, &err));
  assert_string_equal(grid_cell(&grid, 0, 0), "第一行\r\n第二行");
  assert_string_equal(grid_cell(&grid, 0, 1), "_x000D_");
  assert_string_equal(grid_cell(&grid, 0, 2), "🐟");
  assert_string_equal(grid_cell(&grid, 0, 3), "\uFFFDx_x00_ _xZZZZ_");
  assert_string_equal(grid_cell(&grid, 0, 4), "a\uFFFDb");
  assert_string_equal(grid_cell(&grid, 0, 5), "中");
  grid_tidy(&grid);
  assert_string_equal(grid_cell(&grid, 0, 0), "第一行\n第二行");
  grid_wipe(&grid);
}

static void whatever_is_stored_makes_a_workbook_that_is_read_back(void **state)
{
  (void)state;
  static const char *const cases[][2] = {{"a\uFFFEb\uFFFF", "a\uFFFDb\uFFFD"},
                                         {"\x01\x1b[2J", "\uFFFD\uFFFD[2J"},
                                         {"_x000D_", "_x000D_"},
                                         {"_x005F_", "_x005F_"},
                                         {"两\n行\t", "两\n行\t"},
                                         {"\xff\xe9", "\uFFFD\uFFFD"},
                                         {"<&>\"'", "<&>\"'"},
                                         {"=1+1", "=1+1"},
                                         {"\u202e", "\uFFFD"},
                                         {"👨\u200d👩", "👨\u200d👩"},
                                         {"\xc2\x85", "\uFFFD"}};
  struct err err = ERR_INIT;
  struct xlsx_writer *book = xlsx_writer_open(&err);
  static const struct xlsx_column columns[] = {{"列\uFFFF", 0}};
  xlsx_writer_sheet(book, "价格", columns, 1);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    xlsx_writer_text(book, cases[i][0]);
    xlsx_writer_row(book);
  }
  struct buf bytes = BUF_INIT;
  assert_true(xlsx_writer_close(book, &bytes, &err));
  struct grid grid = GRID_INIT;
  if (!xlsx_read(&grid, bytes.data, bytes.size, NULL, &err)) fail_msg("%s", err.text);
  assert_string_equal(grid_cell(&grid, 0, 0), "列\uFFFD");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    assert_string_equal(grid_cell(&grid, i + 1, 0), cases[i][1]);
  grid_wipe(&grid);
  buf_wipe(&bytes);
}

static void words_of_a_number_format_are_a_part_of_the_cell(void **state)
{
  (void)state;
  static const struct {
    const char *code, *shown;
  } cases[] = {{"General", "38.5"},
               {"General&quot;元&quot;", "38.5元"},
               {"&quot;¥&quot;G/通用格式&quot;元/斤&quot;", "¥38.5元/斤"},
               {"[&lt;10]0.0&quot;/kg&quot;;0.0&quot;/斤&quot;", "38.5 [[<10]0.0\"/kg\";0.0\"/斤\"]"},
               {"[&gt;=10000]0.0,&quot;万&quot;;0.0", "38.5 [[>=10000]0.0,\"万\";0.0]"},
               {"[&lt;10]0.00&quot;元&quot;;0.0&quot;元&quot;", "38.5元"},
               {"0.00&quot;元/斤&quot;", "38.5元/斤"},
               {"0\\.0", "38.5 [0\\.0]"}, /* shows 3.9 */
               {"0&quot;.&quot;00", "38.5 [0\".\"00]"},
               {"&quot;1&quot;0.0", "38.5 [\"1\"0.0]"},
               {"-0.0", "38.5 [-0.0]"},
               {"[&lt;1000]0;0\\.00", "38.5 [[<1000]0;0\\.00]"},
               {"0&quot;．&quot;00", "38.5 [0\"．\"00]"},
               {"0.00;\\-0.00", "38.5"},
               {"#,##0.00;[Red]-#,##0.00;&quot;0&quot;;@", "38.5"},
               {"0.00;;;&quot;见第1页&quot;@", "38.5"},
               {"0_ ;[Red]\\-0\\ ", "38.5"},
               {"0000\\-00\\-00", "38.5 [0000\\-00\\-00]"},
               {"0&quot;元/2斤&quot;", "38.5 [0\"元/2斤\"]"},
               {"[$Rs.-4009]0", "Rs38.5"},
               {"&quot;¥&quot;#,##0.00", "¥38.5"},
               {"_ [$¥-804]* #,##0.00_ ;-0", "¥38.5"},
               {"[$￥-411]#,##0.00;[Red](0)", "￥38.5"},
               {"0.0%", "3850%"},
               {"0!.0,&quot;万&quot;", "38.5 [0!.0,\"万\"]"},
               {"0.00\\元", "38.5元"},
               {"0.00_);(0.00)", "38.5"},
               {"#,##0.00 k\\g", "38.5g"},
               {"@", "38.5"},
               {"[h]:mm", "38.5"},
               {"m&quot;月&quot;d&quot;日&quot;", "38.5"}};
  char styles[600];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct grid grid = GRID_INIT;
    struct err err = ERR_INIT;
    snprintf(styles, sizeof styles,
             "<styleSheet><numFmts><numFmt numFmtId='200' formatCode='yyyy'/><numFmt numFmtId='170' "
             "formatCode='%s'/><numFmt numFmtId='171' "
             "formatCode='m&quot;月&quot;d&quot;日&quot;'/></numFmts><cellXfs>"
             "<xf numFmtId='0'/><xf numFmtId='170'/><xf numFmtId='171'/></cellXfs></styleSheet>",
             cases[i].code);
    const char *sheet = "<worksheet><row><c s='1'><v>38.5</v></c><c s='7'><v>1</v></c><c "
                        "s='2'><v>46350</v></c></row></worksheet>";
    if (!read_sheet(&grid, sheet, NULL, styles, &err)) fail_msg("%s: %s", cases[i].code, err.text);
    grid_tidy(&grid);
    if (strcmp(grid_number(&grid, 0, 0), cases[i].shown) != 0)
      fail_msg("%s: %s", cases[i].code, grid_number(&grid, 0, 0));
    if (strchr(cases[i].shown, '[')) assert_string_equal(grid_cell(&grid, 0, 0), "38.5"); /* as a text */
    assert_string_equal(grid_cell(&grid, 0, 1), "1");
    assert_string_equal(grid_cell(&grid, 0, 2), "2026-11-24");
    grid_wipe(&grid);
  }
}

/* -- time -- */

static void repeat(struct buf *to, const char *text, size_t count)
{
  for (size_t i = 0; i < count; i++)
    put_text(to, text);
}

static void put_styles(struct buf *out, size_t formats, size_t styles)
{
  char text[80];
  put_text(out, "<styleSheet><numFmts>");
  for (size_t i = 0; i < formats; i++) {
    snprintf(text, sizeof text, "<numFmt numFmtId='%zu' formatCode='yyyy'/>", 170 + i);
    put_text(out, text);
  }
  put_text(out, "</numFmts><cellXfs>");
  repeat(out, "<xf numFmtId='169'/>", styles);
  put_text(out, "</cellXfs></styleSheet>");
  put_u8(out, 0);
}

static void styles_and_texts_stop_at_their_bounds(void **state)
{
  (void)state;
  static const struct {
    size_t formats, styles, texts;
    bool read;
  } cases[] = {{XLSX_FORMATS_MAX, XLSX_STYLES_MAX, XLSX_TEXTS_MAX, true},
               {XLSX_FORMATS_MAX + 1, 1, 1, false},
               {1, XLSX_STYLES_MAX + 1, 1, false},
               {1, 1, XLSX_TEXTS_MAX + 1, false}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct buf styles = BUF_INIT, texts = BUF_INIT;
    struct grid grid = GRID_INIT;
    struct err err = ERR_INIT;
    put_styles(&styles, cases[i].formats, cases[i].styles);
    put_text(&texts, "<sst>");
    repeat(&texts, "<si/>", cases[i].texts);
    put_text(&texts, "</sst>");
    put_u8(&texts, 0);
    bool ok = read_sheet(&grid, "<worksheet><row><c s='0'><v>46350</v></c></row></worksheet>",
                         (const char *)texts.data, (const char *)styles.data, &err);
    assert_int_equal(ok, cases[i].read);
    if (!ok) assert_string_equal(err.rule, "xlsx");
    grid_wipe(&grid);
    buf_wipe(&styles);
    buf_wipe(&texts);
  }
}

static void a_tag_without_end_stops_at_its_bound(void **state)
{
  (void)state;
  static const struct {
    const char *head, *tail;
  } cases[] = {{"<worksheet a='", "'/>"},
               {"<worksheet><!--", "--></worksheet>"},
               {"<worksheet><?pi ", "?></worksheet>"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int over = 0; over <= 1; over++) {
      struct buf sheet = BUF_INIT;
      struct grid grid = GRID_INIT;
      struct err err = ERR_INIT;
      put_text(&sheet, cases[i].head);
      repeat(&sheet, "x", over ? XLSX_TOKEN_MAX * 4 : XLSX_TOKEN_MAX - 200);
      put_text(&sheet, cases[i].tail);
      put_u8(&sheet, 0);
      bool ok = read_sheet(&grid, (const char *)sheet.data, NULL, NULL, &err);
      assert_int_equal(ok, !over);
      if (!ok) assert_string_equal(err.rule, "file_size");
      grid_wipe(&grid);
      buf_wipe(&sheet);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_written_is_read_back),
      cmocka_unit_test(all_kinds_of_cells_are_understood),
      cmocka_unit_test(a_merged_cell_is_empty_and_says_what_is_shown_in_it),
      cmocka_unit_test(a_formula_that_nobody_computed_is_no_empty_cell),
      cmocka_unit_test(every_damaged_sheet_is_refused_by_its_rule),
      cmocka_unit_test(a_zip_bomb_stops_at_its_bound),
      cmocka_unit_test(what_is_no_workbook_is_refused),
      cmocka_unit_test(parts_are_found_by_their_relations),
      cmocka_unit_test(escapes_of_the_format_are_characters),
      cmocka_unit_test(a_truth_value_is_a_word_and_no_number),
      cmocka_unit_test(a_row_or_a_cell_that_is_there_twice_is_refused),
      cmocka_unit_test(a_number_that_is_shown_in_thousands_says_so),
      cmocka_unit_test(whatever_is_stored_makes_a_workbook_that_is_read_back),
      cmocka_unit_test(words_of_a_number_format_are_a_part_of_the_cell),
      cmocka_unit_test(styles_and_texts_stop_at_their_bounds),
      cmocka_unit_test(a_tag_without_end_stops_at_its_bound),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
