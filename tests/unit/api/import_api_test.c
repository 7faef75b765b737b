/* The curator's sheet of products over the real web and the real store: its template, how names are read, and
 * what no name may hold. */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/hub.h"
#include "rig.h"
#include "site/site.h"

#include "core/base/clock.h"
#include "core/base/xlsx_read.h"
#include "core/base/xlsx_write.h"
#include "core/domain/catalogue_import.h"
#include "core/domain/describe.h"

#include <stdio.h>
#include <string.h>

static struct rig rig;
static struct hub hub;
static struct visitor curator;

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_seed(&hub.app);
  rig_account(&hub.app, "curator", "curator", "curator-password");
  struct err err = ERR_INIT;
  assert_true(audit_reads_open(&hub.reads, &err));
  rig_open(&rig, &hub.app, hub_routes, hub_route_count);
  curator = rig_login(&rig, "curator", "curator-password");
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  audit_reads_close(hub.reads);
  rig_site_close(&hub.app);
  return 0;
}

static void a_name_holds_nothing_unseen_and_nothing_that_turns_it(void **state)
{
  (void)state;
  static const struct {
    const char *name, *rule;
  } cases[] = {{"测试\\u202e青菜", "direction_character"},
               {"测试\\u200b青菜", "invisible_character"},
               {"测试\\u00a0青菜", "invisible_character"},
               {"测试青菜\\ufeff", "invisible_character"},
               {"\\u3000", "required"},
               {"测试青菜\\u3000", "edge_space"},
               {" 测试青菜", "edge_space"},
               {"测试\\uffff", "control_character"},
               {"测试\\u0085", "control_character"},
               {"两\\n行", "control_character"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char body[400];
    snprintf(body, sizeof body,
             "{\"name_zh\":\"%s\",\"group\":\"produce\",\"origin_code\":330127,\"unit\":\"kg\",\"storage\":"
             "\"dry\","
             "\"seasons\":[{\"kind\":\"open\",\"start_md\":101,\"end_md\":1231}]}",
             cases[i].name);
    struct reply r = rig_post(&rig, &curator, "/api/v1/products", body);
    if (r.status != 400 || !strstr((char *)r.body, cases[i].rule))
      fail_msg("%s: %d %s", cases[i].name, r.status, (char *)r.body);
    reply_wipe(&r);
  }
}

static bool is_the_list(const struct grid *head)
{
  return strcmp(grid_cell(head, 0, 0), "品名") == 0;
}

static void a_workbook_tells_the_days_of_a_season(void **state)
{
  (void)state;
  static const struct {
    int start, end;
    const char *text;
  } cases[] = {{510, 815, "5月10日—8月15日"}, {501, 815, "5月1日—8月15日"},
               {910, 920, "9月10日—9月20日"}, {1101, 1130, "11月"},
               {801, 131, "8月—次年1月"},     {101, 1231, "全年"},
               {1101, 228, "11月—次年2月"},   {1110, 331, "11月10日—次年3月31日"}};
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char body[400];
    snprintf(
        body, sizeof body,
        "{\"name_zh\":\"十日谈%zu\",\"group\":\"produce\",\"origin_code\":330127,\"unit\":\"kg\",\"storage\":"
        "\"dry\",\"seasons\":[{\"kind\":\"open\",\"start_md\":%d,\"end_md\":%d}]}",
        i, cases[i].start, cases[i].end);
    answered(rig_post(&rig, &curator, "/api/v1/products", body), 201);
  }
  struct reply r = rig_get(&rig, &curator, "/api/v1/catalogue.xlsx?q=%E5%8D%81%E6%97%A5%E8%B0%88&season=all");
  assert_int_equal(r.status, 200);
  if (!xlsx_read(&grid, r.body, r.size, is_the_list, &err)) fail_msg("%s", err.text);
  size_t column = 0;
  while (strcmp(grid_cell(&grid, 0, column), "上市") != 0)
    column++;
  assert_int_equal(grid.rows, sizeof cases / sizeof *cases + 1);
  for (size_t row = 1; row < grid.rows; row++) {
    const char *name = grid_cell(&grid, row, 0);
    assert_string_equal(grid_cell(&grid, row, column), cases[name[strlen(name) - 1] - '0'].text);
  }
  grid_wipe(&grid);
  reply_wipe(&r);
}

static void the_template_of_the_catalogue_filled_in_is_taken(void **state)
{
  (void)state;
  struct reply r = rig_get(&rig, &curator, "/api/v1/catalogue/template.xlsx");
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  assert_true(xlsx_read(&grid, r.body, r.size, NULL, &err));
  assert_string_equal(grid.sheet, "目录");
  assert_int_equal(grid.rows, 1);
  struct xlsx_column columns[CATALOGUE_COLUMNS];
  for (size_t c = 0; c < CATALOGUE_COLUMNS; c++)
    columns[c] = (struct xlsx_column){grid_cell(&grid, 0, c), 0};
  struct xlsx_writer *book = xlsx_writer_open(&err);
  xlsx_writer_sheet(book, "目录", columns, CATALOGUE_COLUMNS);
  static const char *const cells[CATALOGUE_COLUMNS] = {"安吉雷笋", "",  "",    "蔬菜瓜果", "笋", "",    "",
                                                       "安吉县",   "3", "5月", "冷藏",     "",   "公斤"};
  for (size_t c = 0; c < CATALOGUE_COLUMNS; c++)
    xlsx_writer_text(book, cells[c]);
  xlsx_writer_row(book);
  xlsx_writer_sheet(book, "还有一张", columns, CATALOGUE_COLUMNS);
  struct buf file = BUF_INIT;
  assert_true(xlsx_writer_close(book, &file, &err));
  grid_wipe(&grid);
  reply_wipe(&r);
  r = rig_upload(&rig, &curator, "/api/v1/catalogue/import",
                 "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file.data, file.size);
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  assert_int_equal(at_int(&r, "added"), 1);
  assert_string_equal(at_text(&r, "sheets_not_read"), "还有一张");
  reply_wipe(&r);
  buf_wipe(&file);
  assert_int_equal(
      rig_count(&hub.app,
                "SELECT count(*) FROM product WHERE name_pinyin = 'an ji lei sun' AND origin_code = 330523"),
      1);
}

static void the_workbook_of_the_province_has_no_price_of_a_branch_of_its_own(void **state)
{
  (void)state;
  struct reply r = rig_get(&rig, &curator, "/api/v1/catalogue.xlsx?group=aquatic&season=all");
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  assert_int_equal(r.status, 200);
  assert_true(xlsx_read(&grid, r.body, r.size, NULL, &err));
  assert_true(grid_column(&grid, 0, "全省中位价（元）") > 0);
  assert_int_equal(grid_column(&grid, 0, "本行最近价（元）"), -1);
  assert_int_equal(grid_column(&grid, 0, "采价日期"), -1);
  assert_true(grid_column(&grid, 0, "版本") > grid_column(&grid, 0, "已核实"));
  grid_wipe(&grid);
  reply_wipe(&r);
}

static void a_name_is_read_as_the_names_that_are_here(void **state)
{
  (void)state;
  struct reply r = rig_get(&rig, &curator,
                           "/api/v1/catalogue/pinyin?name=%E9%95%BF%E5%85%B4%E5%B8%A6%E9%B1%BCA1%E9%BE%98");
  assert_string_equal(at_text(&r, "pinyin"), "chang xing dai yu a1");
  assert_string_equal(at_text(&r, "unknown"), "龘");
  reply_wipe(&r);
  refused_as(rig_get(&rig, &curator, "/api/v1/catalogue/pinyin"), 400, "required");
}

#define CELL(at, text) "<c r='" at "' t='inlineStr'><is><t>" text "</t></is></c>"

static void a_merged_cell_and_a_word_that_is_no_choice_are_named(void **state)
{
  (void)state;
  static const char sheet[] = "<worksheet><sheetData><row r='1'>" CELL("A1", "品名") CELL("B1", "品类")
      CELL("C1", "产地") CELL("D1", "上市起月") CELL("E1", "上市止月") CELL("F1", "储存方式")
          CELL("G1", "单位") CELL("H1", "地理标志") "</row><row r='2'>" CELL("A2", "安吉早笋")
              CELL("B2", "蔬菜瓜果") CELL("C2", "安吉县") CELL("D2", "3") CELL("E2", "5") CELL("F2", "冷水")
                  CELL("G2", "公斤") CELL("H2", "大概") "</row><row r='3'>" CELL(
                      "A3", "安吉晚笋") "<c r='D3'><f>3</f></c></row></sheetData>"
                                        "<mergeCells><mergeCell ref='C2:C3'/></mergeCells></worksheet>";
  struct buf file = BUF_INIT;
  rig_workbook(&file, sheet);
  struct reply r =
      rig_upload(&rig, &curator, "/api/v1/catalogue/import",
                 "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file.data, file.size);
  const json_t *errors = at(&r, "errors");
  bool merged = false, formula = false, storage = false, yes = false;
  for (size_t i = 0; i < json_array_size(errors); i++) {
    const json_t *e = json_array_get(errors, i);
    const char *field = json_string_value(json_object_get(e, "field"));
    const char *rule = json_string_value(json_object_get(e, "rule"));
    const char *choices = json_string_value(json_object_get(e, "choices"));
    const char *choices_en = json_string_value(json_object_get(e, "choices_en"));
    merged = merged || (strcmp(field, "origin_county") == 0 && strcmp(rule, "merged") == 0 &&
                        json_integer_value(json_object_get(e, "row")) == 3 &&
                        strcmp(json_string_value(json_object_get(e, "value")), "安吉县") == 0);
    formula = formula || strcmp(rule, "formula") == 0;
    storage = storage || (strcmp(field, "storage") == 0 && choices && strstr(choices, "冷藏、") &&
                          strstr(choices_en, "chilled, "));
    yes = yes || (strcmp(field, "geo_indication") == 0 && choices && strcmp(choices, "是、否") == 0);
  }
  if (r.status != 422 || !merged || !formula || !storage || !yes) fail_msg("%d %s", r.status, (char *)r.body);
  reply_wipe(&r);
  buf_wipe(&file);
}

static void a_row_with_a_line_through_a_cell_is_named(void **state)
{
  (void)state;
  static const char sheet[] = "<worksheet><sheetData><row r='1'>" CELL("A1", "品名") CELL("B1", "品类") CELL(
      "C1", "产地") CELL("D1", "上市起月") CELL("E1", "上市止月") CELL("F1", "储存方式")
      CELL("G1", "单位") "</row><row r='2'>" CELL("A2", "安吉早笋") CELL("B2", "蔬菜瓜果") CELL(
          "C2",
          "安吉县") "<c r='D2' t='inlineStr'><is><r><rPr><strike/></rPr><t>3</t></r></is></c>" CELL("E2", "5")
          CELL("F2", "冷藏") CELL("G2", "公斤") "</row></sheetData></worksheet>";
  struct buf file = BUF_INIT;
  rig_workbook(&file, sheet);
  struct reply r =
      rig_upload(&rig, &curator, "/api/v1/catalogue/import",
                 "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file.data, file.size);
  const json_t *first = json_array_get(at(&r, "errors"), 0);
  if (r.status != 422 || json_array_size(at(&r, "errors")) != 1) fail_msg("%d %s", r.status, (char *)r.body);
  assert_string_equal(json_string_value(json_object_get(first, "rule")), "struck");
  assert_string_equal(json_string_value(json_object_get(first, "column")), "上市起月");
  assert_int_equal(json_integer_value(json_object_get(first, "row")), 2);
  reply_wipe(&r);
  buf_wipe(&file);
}

static void a_hidden_column_is_named(void **state)
{
  (void)state;
  static const char sheet[] =
      "<worksheet><cols><col min='2' max='2' hidden='1'/></cols><sheetData><row r='1'>" CELL("A1", "品名")
          CELL("B1", "品类") CELL("C1", "产地") CELL("D1", "上市起月") CELL("E1", "上市止月")
              CELL("F1", "储存方式") CELL("G1", "单位") "</row><row r='2'>" CELL("A2", "安吉早笋")
                  CELL("B2", "蔬菜瓜果") CELL("C2", "安吉县") CELL("D2", "3") CELL("E2", "5")
                      CELL("F2", "冷藏") CELL("G2", "公斤") "</row></sheetData></worksheet>";
  struct buf file = BUF_INIT;
  rig_workbook(&file, sheet);
  struct reply r =
      rig_upload(&rig, &curator, "/api/v1/catalogue/import",
                 "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file.data, file.size);
  assert_int_equal(r.status, 422);
  assert_int_equal(json_array_size(at(&r, "errors")), 1);
  assert_string_equal(at_text(&r, "errors.0.rule"), "hidden_column");
  assert_string_equal(at_text(&r, "errors.0.column"), "品类");
  reply_wipe(&r);
  buf_wipe(&file);
}

enum { LONG_ROWS = 2000 };
#define SHEET "品名,品类,产地代码,上市起月,上市止月,储存方式,单位,别名,储存说明,英文名,版本\r\n"

static struct reply import_text(const char *query, const char *text)
{
  char path[200];
  snprintf(path, sizeof path, "/api/v1/catalogue/import%s", query);
  return rig_upload(&rig, &curator, path, "text/csv", text, strlen(text));
}

static void meant_as_asked(const struct reply *asked, char query[100])
{
  snprintf(query, 100, "?meant=%s", at_text(asked, "error.params.seen"));
}

static void is_stored(const char *column, const char *value)
{
  char sql[200];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM product WHERE name_zh = '导入果' AND %s = '%s'", column,
           value);
  if (rig_count(&hub.app, sql) != 1) fail_msg("%s is not %s", column, value);
}

static int64_t product_of_sheet(void)
{
  return rig_count(&hub.app, "SELECT id FROM product WHERE name_zh = '导入果'");
}

static void correct(const char *body)
{
  char path[80];
  snprintf(path, sizeof path, "/api/v1/products/%lld", (long long)product_of_sheet());
  answered(rig_change(&rig, &curator, "PATCH", path, NULL, body), 200);
}

/* Nobody can say whether it is a title or a product that somebody moved up. */
static void what_stands_above_the_heading_is_told_row_by_row(void **state)
{
  (void)state;
  struct reply r = import_text("", "淳安 产品表,2026\r\n,\r\n表头上果,蔬菜瓜果,330127\r\n" SHEET
                                   "表头下果,蔬菜瓜果,330127,1,12,冷藏,公斤,,,,\r\n");
  if (r.status != 201) fail_msg("%d %s", r.status, (char *)r.body);
  assert_int_equal(at_int(&r, "added"), 1);
  assert_int_equal(json_array_size(at(&r, "above_heading")), 2);
  assert_int_equal(at_int(&r, "above_heading.0.row"), 1);
  assert_string_equal(at_text(&r, "above_heading.0.value"), "淳安 产品表 2026");
  assert_int_equal(at_int(&r, "above_heading.1.row"), 3);
  assert_string_equal(at_text(&r, "above_heading.1.value"), "表头上果 蔬菜瓜果 330127");
  reply_wipe(&r);
}

static void a_sheet_takes_back_no_correction_unasked(void **state)
{
  (void)state;
  static const char sheet[] = SHEET "导入果,蔬菜瓜果,330127,1,12,冷藏,公斤,老别名,,Fruit,\r\n";
  char query[100];
  answered(import_text("", sheet), 201);
  answered(import_text("", sheet), 201); /* nothing would change: nothing to ask */
  correct("{\"rev\":1,\"aliases\":\"新别名\",\"storage\":\"dry\",\"storage_note_zh\":\"更正\"}");
  struct reply r = import_text("", sheet);
  if (r.status != 409) fail_msg("%d %s", r.status, (char *)r.body);
  assert_string_equal(at_text(&r, "error.rule"), "changes");
  assert_int_equal(at_int(&r, "error.params.changed"), 1);
  assert_int_equal(at_int(&r, "error.params.rows.0.row"), 2);
  assert_int_equal(at_int(&r, "error.params.rows.0.rev"), 2);
  assert_string_equal(at_text(&r, "error.params.rows.0.name_zh"), "导入果");
  assert_string_equal(at_text(&r, "error.params.rows.0.changed_by"), "curator");
  const json_t *fields = at(&r, "error.params.rows.0.fields");
  assert_int_equal(json_array_size(fields), 2); /* its empty note changes nothing */
  for (size_t i = 0; i < 2; i++) {
    const json_t *field = json_array_get(fields, i);
    bool aliases = strcmp(json_string_value(json_object_get(field, "field")), "aliases") == 0;
    assert_string_equal(json_string_value(json_object_get(field, "now")), aliases ? "新别名" : "dry");
    assert_string_equal(json_string_value(json_object_get(field, "sheet")), aliases ? "老别名" : "chilled");
  }
  is_stored("aliases", "新别名");
  meant_as_asked(&r, query);
  reply_wipe(&r);
  correct("{\"rev\":2,\"aliases\":\"更新的别名\"}");
  refused_as(import_text(query, sheet), 409, "changes"); /* it is no longer what was seen */
  r = import_text("", sheet);
  meant_as_asked(&r, query);
  reply_wipe(&r);
  r = import_text(query, sheet);
  if (r.status != 201) fail_msg("%d %s", r.status, (char *)r.body);
  assert_int_equal(at_int(&r, "changed"), 1);
  reply_wipe(&r);
  is_stored("aliases", "老别名");
  is_stored("storage_note_zh", "更正");
}

/* What a revision says is in the words of the field, as what it changed is. */
static void the_trail_tells_a_change_in_words(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(readers_take(hub.app.readers, &db, &err));
  for (bool more = true; more;)
    assert_true(audit_index_follow(&hub.app, db, 1000, &more, &err));
  readers_give(hub.app.readers, db);
  struct reply r = rig_get(&rig, &curator, "/api/v1/audit?action=product.change&limit=1");
  char path[80];
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)at_int(&r, "items.0.pos"));
  reply_wipe(&r);
  r = rig_get(&rig, &curator, path);
  if (!strstr((const char *)r.body, "\"title\":\"项目\",\"before\":null,\"after\":\"英文名\""))
    fail_msg("%s", (char *)r.body);
  reply_wipe(&r);
}

static void a_cell_is_emptied_by_a_word_and_by_nothing_else(void **state)
{
  (void)state;
  char query[100];
  static const char sheet[] = SHEET "导入果,蔬菜瓜果,330127,1,12,冷藏,公斤,清空,,,\r\n";
  struct reply r = import_text("", sheet);
  assert_int_equal(json_array_size(at(&r, "error.params.rows.0.fields")), 1);
  meant_as_asked(&r, query);
  reply_wipe(&r);
  answered(import_text(query, sheet), 201);
  is_stored("aliases", "");
  is_stored("storage_note_zh", "更正");
  is_stored("name_en", "Fruit");
}

/* 542 were agreed to of which 442 could be seen nowhere. */
static void all_that_would_change_can_be_seen(void **state)
{
  (void)state;
  enum { MANY = 130 };
  struct buf new = BUF_INIT, changed = BUF_INIT;
  char row[200], seen[100], query[130];
  put_text(&new, SHEET);
  put_text(&changed, SHEET);
  for (int i = 0; i < MANY; i++) {
    snprintf(row, sizeof row, "看得见的果%d,蔬菜瓜果,330127,1,12,冷藏,公斤,,,,\r\n", i);
    put_text(&new, row);
    snprintf(row, sizeof row, "看得见的果%d,蔬菜瓜果,330127,1,12,冷藏,公斤,别名%d,,,\r\n", i, i);
    put_text(&changed, row);
  }
  put_u8(&new, 0);
  put_u8(&changed, 0);
  const char *sheet = (const char *)changed.data;
  answered(import_text("", (const char *)new.data), 201);
  struct reply r = import_text("", sheet);
  assert_int_equal(json_array_size(at(&r, "error.params.rows")), 100);
  snprintf(seen, sizeof seen, "%s", at_text(&r, "error.params.seen"));
  reply_wipe(&r);
  snprintf(query, sizeof query, "?from=100&meant=%s", seen); /* whoever asks for more has not agreed */
  r = import_text(query, sheet);
  assert_int_equal(r.status, 409);
  assert_int_equal(json_array_size(at(&r, "error.params.rows")), 30);
  assert_int_equal(at_int(&r, "error.params.rows.0.row"), 102);
  assert_int_equal(at_int(&r, "error.params.rows.29.row"), 131);
  assert_int_equal(at_int(&r, "error.params.changed"), MANY);
  assert_string_equal(at_text(&r, "error.params.seen"), seen);
  reply_wipe(&r);
  buf_wipe(&new);
  buf_wipe(&changed);
}

static void what_was_changed_since_the_sheet_was_made_is_named_by_its_row(void **state)
{
  (void)state;
  struct reply r = rig_get(&rig, &curator, "/api/v1/catalogue?q=%E5%AF%BC%E5%85%A5%E6%9E%9C");
  long long rev = at_int(&r, "items.0.rev");
  char sheet[400], fresh[400], body[100];
  reply_wipe(&r);
  snprintf(sheet, sizeof sheet, SHEET "导入果,蔬菜瓜果,330127,1,12,冷藏,公斤,又一个,,,%lld\r\n", rev);
  snprintf(fresh, sizeof fresh, SHEET "导入果,蔬菜瓜果,330127,1,12,冷藏,公斤,又一个,,,%lld\r\n", rev + 1);
  snprintf(body, sizeof body, "{\"rev\":%lld,\"name_en\":\"Corrected\"}", rev);
  correct(body);
  r = import_text("", sheet);
  if (r.status != 422) fail_msg("%d %s", r.status, (char *)r.body);
  assert_int_equal(at_int(&r, "errors.0.row"), 2);
  assert_string_equal(at_text(&r, "errors.0.rule"), "stale");
  assert_string_equal(at_text(&r, "errors.0.column"), "版本");
  reply_wipe(&r);
  refused_as(import_text("", fresh), 409, "changes"); /* made from what stands: only asked about */
  r = import_text("", SHEET "改了名的果,蔬菜瓜果,330127,1,12,冷藏,公斤,,,,3\r\n");
  assert_int_equal(r.status, 422);
  assert_string_equal(at_text(&r, "errors.0.rule"), "unknown_product");
  reply_wipe(&r);
  is_stored("name_en", "Corrected");
}

/* More than one entry holds. */
static void put_long_sheet(struct buf *out, const char *note)
{
  char row[400];
  put_text(out, SHEET);
  for (int i = 0; i < LONG_ROWS; i++) {
    snprintf(row, sizeof row, "长表%d号果,蔬菜瓜果,330127,1,12,冷藏,公斤,,%s,,\r\n", i, note);
    put_text(out, row);
  }
  put_u8(out, 0);
}

static bool write_import(struct tx *tx, void *ctx, struct err *err)
{
  return catalogue_import_write(tx, ctx, err);
}

static const char noted[] = "SELECT count(*) FROM product WHERE storage_note_zh = '先冷后藏'";
static const char entries[] = "SELECT count(*) FROM sync_entry";

static void a_long_sheet_is_taken_whole_or_not_at_all(void **state)
{
  (void)state;
  struct buf text = BUF_INIT;
  struct err err = ERR_INIT;
  struct db *db;
  struct catalogue_import *import;
  char query[100], path[80];
  struct act act = {
      .actor = "curator", .role = "curator", .action = ACTION_CATALOGUE_IMPORT, .now_ms = clock_wall_ms()};
  put_long_sheet(&text, "先冷后藏");
  answered(import_text("", SHEET "长表1999号果,蔬菜瓜果,330127,1,12,冷藏,公斤,,,,\r\n"), 201);
  snprintf(path, sizeof path, "/api/v1/products/%lld", (long long)rig_product(&hub.app, "长表1999号果"));
  assert_true(readers_take(hub.app.readers, &db, &err));
  assert_true(catalogue_import_open(&import, db, text.data, text.size - 1, NULL, &err));
  readers_give(hub.app.readers, db);
  answered(rig_change(&rig, &curator, "PATCH", path, NULL, "{\"rev\":1,\"name_en\":\"Just now\"}"), 200);
  int64_t before = rig_count(&hub.app, entries);
  assert_false(app_commit(&hub.app, &act, write_import, import, NULL, &err));
  assert_string_equal(err.rule, "stale");
  catalogue_import_close(import);
  assert_int_equal(rig_count(&hub.app, noted), 0);
  assert_int_equal(rig_count(&hub.app, entries), before);
  struct reply r = import_text("", (const char *)text.data);
  meant_as_asked(&r, query);
  reply_wipe(&r);
  r = import_text(query, (const char *)text.data);
  if (r.status != 201) fail_msg("%d %s", r.status, (char *)r.body);
  assert_int_equal(at_int(&r, "products"), LONG_ROWS);
  assert_int_equal(at_int(&r, "added"), LONG_ROWS - 1);
  assert_int_equal(at_int(&r, "changed"), 1);
  reply_wipe(&r);
  assert_int_equal(rig_count(&hub.app, noted), LONG_ROWS);
  assert_true(rig_count(&hub.app, entries) > before + 1);
  buf_wipe(&text);
}

enum { PRICED = 500 };

/* A year of half-months of every fifth of them. */
static bool publish_work(struct tx *tx, void *ctx, struct err *err)
{
  struct query q = query_open(
      tx->db,
      "WITH RECURSIVE month(m) AS (SELECT 1 UNION ALL SELECT m + 1 FROM month WHERE m < 12)"
      " INSERT INTO price_stat(product, period, median_fen, p25_fen, p75_fen, branches, count)"
      " SELECT id, 20260000 + 100 * m + d.column1, 1250, 1200, 1300, 30, 90 FROM product, month,"
      " (VALUES(1), (16)) d WHERE name_zh LIKE '有价果%' AND CAST(substr(name_zh, 4) AS INTEGER) % 5 = ?1",
      err);
  query_int(&q, 1, *(const int *)ctx);
  return query_run(&q);
}

/* The figures of a year are emptied with the unit they are in (0212): as many entries as that takes. */
static void a_new_unit_of_many_products_that_have_published_prices_is_taken(void **state)
{
  (void)state;
  struct buf by_kg = BUF_INIT, by_box = BUF_INIT;
  struct err err = ERR_INIT;
  struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SCORE_PUBLISH, .now_ms = clock_wall_ms()};
  char row[200], query[100];
  put_text(&by_kg, SHEET);
  put_text(&by_box, SHEET);
  for (int i = 0; i < PRICED; i++) {
    snprintf(row, sizeof row, "有价果%d,蔬菜瓜果,330127,1,12,冷藏,公斤,,,,\r\n", i);
    put_text(&by_kg, row);
    snprintf(row, sizeof row, "有价果%d,蔬菜瓜果,330127,1,12,冷藏,盒,,,,\r\n", i);
    put_text(&by_box, row);
  }
  put_u8(&by_kg, 0);
  put_u8(&by_box, 0);
  answered(import_text("", (const char *)by_kg.data), 201);
  for (int k = 0; k < 5; k++)
    if (!app_commit(&hub.app, &act, publish_work, &k, NULL, &err)) fail_msg("%s", err.text);
  struct reply r = import_text("", (const char *)by_box.data);
  meant_as_asked(&r, query);
  reply_wipe(&r);
  r = import_text(query, (const char *)by_box.data);
  if (r.status != 201) fail_msg("%d %s", r.status, (char *)r.body);
  assert_int_equal(at_int(&r, "changed"), PRICED);
  reply_wipe(&r);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM price_stat"), 0);
  buf_wipe(&by_kg);
  buf_wipe(&by_box);
}

static void a_product_that_is_off_the_list_is_named(void **state)
{
  (void)state;
  static const char sheet[] = SHEET "导入果,蔬菜瓜果,330127,1,12,冷藏,公斤,,,,\r\n";
  char query[100], body[120];
  snprintf(body, sizeof body, "{\"rev\":%lld,\"status\":\"delisted\",\"status_reason\":\"停产\"}",
           (long long)rig_count(&hub.app, "SELECT rev FROM product WHERE name_zh = '导入果'"));
  correct(body);
  struct reply r = import_text("", sheet);
  if (r.status != 409) fail_msg("%d %s", r.status, (char *)r.body);
  assert_int_equal(at_int(&r, "error.params.delisted"), 1);
  assert_true(json_is_true(at(&r, "error.params.rows.0.delisted")));
  meant_as_asked(&r, query);
  reply_wipe(&r);
  answered(import_text(query, sheet), 201);
}

static bool delist_many(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  struct query q = query_open(
      tx->db,
      "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 1003)"
      " INSERT INTO product(id, name_zh, name_pinyin, name_en, aliases, group_code, subgroup, origin_code,"
      " unit, storage, storage_note_zh, geo_indication, geo_basis, status, status_reason, confirmed,"
      " confirmed_by, rev, changed_by, changed_ms) SELECT ?1 + n, '停产的' || n, '', '', '', 'produce', '',"
      " 330127, 'kg', 'dry', '', 0, '', 'delisted', '停产', 0, 0, 1, 'curator', ?2 FROM k",
      err);
  query_int(&q, 1, tx->ids[SCOPE_SHARED].base);
  query_int(&q, 2, tx->now_ms);
  return query_run(&q);
}

static void as_many_are_off_the_list_as_there_are_though_the_newest_alone_are_shown(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  const struct act act = {
      .actor = "curator", .role = "curator", .action = ACTION_PRODUCT_CHANGE, .now_ms = clock_wall_ms()};
  int64_t before = rig_count(&hub.app, "SELECT count(*) FROM product WHERE status = 'delisted'");
  if (!app_commit(&hub.app, &act, delist_many, NULL, NULL, &err)) fail_msg("%s", err.text);
  struct reply r = rig_get(&rig, &curator, "/api/v1/delisted");
  assert_int_equal(json_array_size(at(&r, "items")), 1000);
  assert_int_equal(at_int(&r, "total"), before + 1003);
  reply_wipe(&r);
}

static void the_template_is_made_in_its_turn(void **state)
{
  (void)state;
  struct gate *gate = site_sheets(&hub.app);
  struct gate_place place;
  struct err err = ERR_INIT;
  int64_t wait_ms = gate->wait_ms;
  gate->wait_ms = 0;
  assert_true(gate_enter(gate, &place, "somebody", "192.0.2.7", &err));
  refused_as(rig_get(&rig, &curator, "/api/v1/catalogue/template.xlsx"), 503, "busy");
  gate_leave(gate, &place);
  gate->wait_ms = wait_ms;
  answered(rig_get(&rig, &curator, "/api/v1/catalogue/template.xlsx"), 200);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_name_holds_nothing_unseen_and_nothing_that_turns_it),
      cmocka_unit_test(a_workbook_tells_the_days_of_a_season),
      cmocka_unit_test(the_template_of_the_catalogue_filled_in_is_taken),
      cmocka_unit_test(a_merged_cell_and_a_word_that_is_no_choice_are_named),
      cmocka_unit_test(a_row_with_a_line_through_a_cell_is_named),
      cmocka_unit_test(a_hidden_column_is_named),
      cmocka_unit_test(what_stands_above_the_heading_is_told_row_by_row),
      cmocka_unit_test(a_sheet_takes_back_no_correction_unasked),
      cmocka_unit_test(a_long_sheet_is_taken_whole_or_not_at_all),
      cmocka_unit_test(the_trail_tells_a_change_in_words),
      cmocka_unit_test(a_cell_is_emptied_by_a_word_and_by_nothing_else),
      cmocka_unit_test(what_was_changed_since_the_sheet_was_made_is_named_by_its_row),
      cmocka_unit_test(all_that_would_change_can_be_seen),
      cmocka_unit_test(a_new_unit_of_many_products_that_have_published_prices_is_taken),
      cmocka_unit_test(a_product_that_is_off_the_list_is_named),
      cmocka_unit_test(a_name_is_read_as_the_names_that_are_here),
      cmocka_unit_test(the_workbook_of_the_province_has_no_price_of_a_branch_of_its_own),
      cmocka_unit_test(the_template_is_made_in_its_turn),
      cmocka_unit_test(as_many_are_off_the_list_as_there_are_though_the_newest_alone_are_shown),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
