/* What of a workbook is shown to who sends it: the sheet that is read, its rows and columns, and what is
 * hidden.
 */
#include "parts.h"

static bool fits_price(const struct grid *head)
{
  return grid_column(head, 0, "价") == 0;
}

#define SHEET(n) "<Relationship Id='r" n "' " TYPE("worksheet") "Target='s" n ".xml'/>"

static void the_sheet_whose_heading_fits_is_read_and_the_others_are_named(void **state)
{
  (void)state;
  /* a chart, instructions, a hidden sheet that would fit, two that do */
  static const char rels[] =
      "<Relationships><Relationship Id='r1' " TYPE("chartsheet") "Target='c.xml'/>" SHEET("2") SHEET("3")
          SHEET("4") SHEET("5") "</Relationships>";
  static const struct {
    int active;
    grid_fits *fits;
    const char *sheet, *unread;
  } cases[] = {{0, fits_price, "四", "藏、五"}, {1, fits_price, "四", "藏、五"},
               {3, fits_price, "四", "藏、五"}, {4, fits_price, "五", "藏、四"},
               {2, fits_price, "四", "藏、五"}, {1, NULL, "说明", ""},
               {0, NULL, "说明", ""},           {9, NULL, "说明", ""}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char book[600];
    snprintf(book, sizeof book,
             "<workbook xmlns:r='r'><bookViews><workbookView activeTab='%d'/></bookViews><sheets>"
             "<sheet name='图' r:id='r1'/><sheet name='说明' r:id='r2'/><sheet name='藏' state='hidden' "
             "r:id='r3'/>"
             "<sheet name='四' r:id='r4'/><sheet name='五' r:id='r5'/></sheets></workbook>",
             cases[i].active);
    const struct file files[] = {{"xl/workbook.xml", book, 0},     {"xl/_rels/workbook.xml.rels", rels, 0},
                                 {"xl/c.xml", "<chartsheet/>", 0}, {"xl/s2.xml", CELL("怎么填"), 0},
                                 {"xl/s3.xml", CELL("价"), 0},     {"xl/s4.xml", CELL("价"), 0},
                                 {"xl/s5.xml", CELL("价"), 0}};
    struct grid grid = GRID_INIT;
    struct err err = ERR_INIT;
    if (!read_files(&grid, files, 7, cases[i].fits, &err)) fail_msg("%zu: %s", i, err.text);
    assert_string_equal(grid.sheet, cases[i].sheet);
    assert_string_equal(grid.unread, cases[i].unread);
    grid_wipe(&grid);
  }
}

static void a_sheet_with_something_in_it_that_is_no_table_is_named(void **state)
{
  (void)state;
  static const char book[] =
      "<workbook xmlns:r='r'><sheets><sheet name='月上' r:id='r1'/><sheet name='月下' r:id='r2'/>"
      "<sheet name='空' r:id='r3'/><sheet name='说明' r:id='r4'/></sheets></workbook>";
  static const char rels[] = "<Relationships>" SHEET("1") SHEET("2") SHEET("3") SHEET("4") "</Relationships>";
  const struct file files[] = {{"xl/workbook.xml", book, 0}, {"xl/_rels/workbook.xml.rels", rels, 0},
                               {"xl/s1.xml", CELL("价"), 0}, {"xl/s2.xml", CELL("接上"), 0},
                               {"xl/s3.xml", CELL(""), 0},   {"xl/s4.xml", CELL("怎么填"), 0}};
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  if (!read_files(&grid, files, 6, fits_price, &err)) fail_msg("%s", err.text);
  assert_string_equal(grid.sheet, "月上");
  assert_string_equal(grid.unread, "月下");
  grid_wipe(&grid);
}

/* The table is there, and whoever sent it hears where: with instructions before it, and alone. */
static void a_table_on_a_hidden_sheet_is_refused_by_its_name(void **state)
{
  (void)state;
  static const char *const states[] = {"visible", "hidden"};
  static const char *const second[] = {CELL("价"), CELL("别的")};
  for (int i = 0; i < 4; i++) {
    char book[400];
    snprintf(book, sizeof book,
             "<workbook xmlns:r='r'><sheets><sheet name='说明' state='%s' r:id='x'/><sheet name='藏'"
             " state='veryHidden' r:id='y'/></sheets></workbook>",
             states[i % 2]);
    const struct file files[] = {{"xl/workbook.xml", book, 0},
                                 {"xl/_rels/workbook.xml.rels", RELATIONS, 0},
                                 {"xl/worksheets/sheet1.xml", CELL("怎么填"), 0},
                                 {"xl/worksheets/sheet2.xml", second[i / 2], 0}};
    struct grid grid = GRID_INIT;
    struct err err = ERR_INIT;
    bool ok = read_files(&grid, files, 4, fits_price, &err);
    assert_int_equal(ok,
                     i == 2); /* no table anywhere: what is shown is read, and refused for what it lacks */
    assert_string_equal(err.rule, ok ? "" : "hidden_sheet");
    assert_string_equal(err.field, ok ? "" : i == 3 ? "说明" : "藏");
    grid_wipe(&grid);
  }
}

static void a_row_that_is_not_shown_is_there_and_marked(void **state)
{
  (void)state;
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  const char *sheet = "<worksheet><row r='1'><c><v>1</v></c></row><row r='2' hidden='1'><c><v>2</v></c></row>"
                      "<row r='3' hidden='true'/><row r='4' hidden='0'><c><v>4</v></c></row></worksheet>";
  assert_true(read_sheet(&grid, sheet, NULL, NULL, &err));
  static const bool hidden[] = {false, true, true, false, false};
  for (size_t i = 0; i < 5; i++)
    assert_int_equal(grid_row_hidden(&grid, i), hidden[i]);
  assert_string_equal(grid_cell(&grid, 1, 0), "2");
  grid_wipe(&grid);
}

/* By the style of the cell, in its own text and in a shared one, also where a part of it is struck: "38" and
 * 40 are no 3840. */
static void what_a_line_goes_through_is_there_and_marked(void **state)
{
  (void)state;
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  const char *styles =
      "<styleSheet><dxfs><dxf><font><strike/></font></dxf></dxfs><fonts><font><sz val='11'/></font>"
      "<font><strike/></font><font><strike val='0'/></font><font><strike val='1'/></font></fonts><cellXfs>"
      "<xf fontId='0'/><xf fontId='1'/><xf fontId='2'/><xf fontId='3'/><xf "
      "fontId='9'/></cellXfs></styleSheet>";
  const char *texts = "<sst><si><r><rPr><strike/></rPr><t>38</t></r><r><t>40</t></r></si><si><t>40</t></si>"
                      "<si><r><rPr><strike val='false'/></rPr><t>40</t></r></si></sst>";
  const char *sheet =
      "<worksheet><row><c><v>1</v></c><c s='1'><v>1</v></c><c s='2'><v>1</v></c><c s='3'><v>1</v></c>"
      "<c s='4'><v>1</v></c><c s='77'><v>1</v></c></row><row><c t='s'><v>0</v></c><c t='s'><v>1</v></c>"
      "<c t='s'><v>2</v></c><c t='inlineStr'><is><r><t>4</t></r><r><rPr><strike/></rPr><t>0</t></r></is></c>"
      "<c t='inlineStr'><is><t>40</t></is></c><c s='1'><f>A1</f></c></row></worksheet>";
  static const bool struck[2][6] = {{false, true, false, true, false, false},
                                    {true, false, false, true, false, true}};
  if (!read_sheet(&grid, sheet, texts, styles, &err)) fail_msg("%s", err.text);
  for (size_t i = 0; i < 12; i++)
    if (grid_struck(&grid, i / 6, i % 6) != struck[i / 6][i % 6]) fail_msg("row %zu, %zu", i / 6, i % 6);
  assert_string_equal(grid_cell(&grid, 1, 0), "3840");
  assert_non_null(grid_formula(&grid, 1, 5));
  grid_wipe(&grid);
}

static void a_column_that_is_not_shown_is_there_and_marked(void **state)
{
  (void)state;
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  const char *sheet = "<worksheet><cols><col min='2' max='3' hidden='1'/><col min='4' max='4' hidden='0'/>"
                      "<col min='6' max='16384' hidden='true'/></cols><row r='1'><c r='B1'><v>2</v></c></row>"
                      "</worksheet>";
  assert_true(read_sheet(&grid, sheet, NULL, NULL, &err));
  static const bool hidden[] = {false, true, true, false, false, true, true};
  for (size_t i = 0; i < 7; i++)
    assert_int_equal(grid_column_hidden(&grid, i), hidden[i]);
  assert_string_equal(grid_cell(&grid, 0, 1), "2");
  grid_wipe(&grid);
}

/* What a hand has dragged shut is as hidden as what it hid; a sheet that hides the rows it does not write
 * shows those it does. */
static void what_has_no_room_for_a_character_is_not_shown(void **state)
{
  (void)state;
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  assert_true(read_sheet(
      &grid,
      "<worksheet><sheetFormatPr zeroHeight='1'/><cols><col min='1' max='1' width='0' customWidth='1'/>"
      "<col min='2' max='2' width='9.1'/></cols><row r='1' ht='0' customHeight='1'><c><v>1</v></c></row>"
      "<row r='2' ht='0.75'><c><v>2</v></c></row><row r='3' ht='15'><c><v>3</v></c></row>"
      "<row r='4'><c><v>4</v></c></row></worksheet>",
      NULL, NULL, &err));
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(grid_row_hidden(&grid, i), i < 2);
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(grid_column_hidden(&grid, i), i == 0);
  grid_wipe(&grid);
  assert_true(
      read_sheet(&grid,
                 "<worksheet><sheetFormatPr defaultColWidth='0'/><cols><col min='2' max='2' width='9'/>"
                 "<col min='3' max='3' style='1'/></cols><row r='1'><c><v>1</v></c></row></worksheet>",
                 NULL, NULL, &err));
  for (size_t i = 0; i < 4; i++)
    assert_int_equal(grid_column_hidden(&grid, i), i != 1);
  grid_wipe(&grid);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sheet_with_something_in_it_that_is_no_table_is_named),
      cmocka_unit_test(the_sheet_whose_heading_fits_is_read_and_the_others_are_named),
      cmocka_unit_test(a_row_that_is_not_shown_is_there_and_marked),
      cmocka_unit_test(what_a_line_goes_through_is_there_and_marked),
      cmocka_unit_test(a_column_that_is_not_shown_is_there_and_marked),
      cmocka_unit_test(what_has_no_room_for_a_character_is_not_shown),
      cmocka_unit_test(a_table_on_a_hidden_sheet_is_refused_by_its_name),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
