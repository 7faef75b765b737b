/* Prices by the sheet over the real web and the real store: encodings, faults beside the rows, all or
 * nothing; and what is recorded twice, by a sheet or by the form. */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/base/xlsx_read.h"
#include "core/base/xlsx_write.h"
#include "core/domain/describe.h"
#include "core/domain/item.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig rig;
static struct node node;
static struct app hub; /* where the catalogue comes from */
static struct visitor officer, admin;
static char today[11];

#define GONE "沈家门辣螺"

static bool delist(struct tx *tx, void *ctx, struct err *err)
{
  int64_t *id = ctx, rev;
  struct query q = query_open(tx->db, "SELECT id, rev FROM product WHERE name_zh = '" GONE "'", err);
  bool found = query_row(&q);
  *id = found ? column_int(&q, 0) : 0;
  rev = found ? column_int(&q, 1) : 0;
  if (!query_close(&q)) return false;
  json_t *fields = json_pack("{ss, ss}", "status", "delisted", "status_reason", "停产");
  bool ok = item_change(tx, ITEM_PRODUCT, *id, rev, fields, &rev, NULL, err);
  json_decref(fields);
  return ok;
}

static int64_t gone; /* a product that the province has taken off its list */

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub);
  const struct act act = {
      .actor = "curator", .role = "curator", .action = ACTION_PRODUCT_CHANGE, .now_ms = clock_wall_ms()};
  struct err err = ERR_INIT;
  if (!store_commit(hub.store, &act, delist, &gone, NULL, &err)) fail_msg("%s", err.text);
  rig_carry(&hub, &node.app);
  rig_account(&node.app, "officer", "officer", "officer-password");
  rig_account(&node.app, "admin", "admin", "admin-password");
  rig_open(&rig, &node.app, node_routes, node_route_count);
  officer = rig_login(&rig, "officer", "officer-password");
  admin = rig_login(&rig, "admin", "admin-password");
  date_format(today, date_of_ms(clock_wall_ms()));
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  rig_site_close(&node.app);
  rig_site_close(&hub);
  return 0;
}

static const char *day_ago(int days)
{
  static char texts[4][11];
  static int turn;
  char *text = texts[turn++ % 4];
  date_format(text, date_add_days(date_of_ms(clock_wall_ms()), -days));
  return text;
}

static const char xlsx[] = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

static struct reply send_csv(const char *text, const char *encoding)
{
  char out[8192], *to = out, *from = strdup(text), *at = from;
  size_t left = sizeof out, size = strlen(text);
  iconv_t cd = iconv_open(encoding, "UTF-8");
  assert_true(iconv(cd, &at, &size, &to, &left) == 0);
  iconv_close(cd);
  free(from);
  return rig_upload(&rig, &officer, "/api/v1/prices/import", "text/csv; charset=gb18030", out,
                    sizeof out - left);
}

static void a_sheet_in_utf8_or_gb18030_is_saved_whole(void **state)
{
  (void)state;
  char text[2000];
  static const char *const heads[] = {"", "\xEF\xBB\xBF", ""};
  static const char *const encodings[] = {"UTF-8", "UTF-8", "GB18030"};
  for (int i = 0; i < 3; i++) {
    int64_t before = rig_count(&node.app, "SELECT count(*) FROM price");
    snprintf(text, sizeof text,
             "%s品名,单价（元）,来源,采价日期,数量,说明\r\n舟山三疣梭子蟹,118.50,到货结算,%s,24,\"个体匀,"
             "活力好\"\r\n"
             "淳安无核柿,9.6,市场看价,%s,,\r\n",
             heads[i], day_ago(i), day_ago(i));
    struct reply r = send_csv(text, encodings[i]);
    if (r.status != 201) fail_msg("%s: %s", encodings[i], (char *)r.body);
    assert_int_equal(at_int(&r, "accepted"), 2);
    reply_wipe(&r);
    assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before + 2);
  }
  assert_int_equal(
      rig_count(&node.app, "SELECT count(*) FROM price WHERE note = '个体匀,活力好' AND price_fen = 11850"),
      3);
}

static void what_one_row_says_of_another_is_a_fault_of_its_row(void **state)
{
  (void)state;
  static const char *const ends[] = {",,", ",是,礼盒装"};
  for (int sure = 0; sure < 2; sure++) {
    char text[600];
    snprintf(text, sizeof text,
             "品名,单价（元）,来源,采价日期,异常价已核对,说明\r\n"
             "安吉白茶,10,市场看价,%s,,\r\n安吉白茶,35,供应商报价,%s%s\r\n",
             today, today, ends[sure]);
    struct reply r = send_csv(text, "UTF-8");
    if (r.status != (sure ? 201 : 422)) fail_msg("%d %s", r.status, (char *)r.body);
    assert_int_equal(json_array_size(at(&r, "errors")), !sure);
    if (!sure) {
      assert_int_equal(at_int(&r, "errors.0.row"), 3);
      assert_string_equal(at_text(&r, "errors.0.rule"), "outlier_own");
      assert_true(*at_text(&r, "file") != '\0');
    }
    reply_wipe(&r);
  }
}

static void a_sheet_with_faults_saves_nothing_and_comes_back(void **state)
{
  (void)state;
  char text[3000], path[120];
  int64_t before = rig_count(&node.app, "SELECT count(*) FROM price");
  snprintf(text, sizeof text,
           "编号,品名,单价（元）,来源,采价日期,供应商\r\n"
           ",舟山三疣梭子蟹,-118,到货结算,%s,\r\n"
           ",没有这个东西,1,到货结算,%s,\r\n"
           "99,,1,到货结算,%s,\r\n"
           ",淳安无核柿,9.6,听说,%s,\r\n"
           ",淳安无核柿,9.6,市场看价,2199-01-01,\r\n"
           ",淳安无核柿,9.601,市场看价,%s,\r\n"
           ",淳安无核柿,9.6,市场看价,%s,不知道的公司\r\n"
           ",淳安无核柿,9.6,市场看价,%s,\r\n"
           ",淳安无核柿,9.7,市场看价,%s,\r\n"
           ",淳安无核柿,\"12,50\",市场看价,%s,\r\n"
           ",淳安无核柿,\"1,1800\",市场看价,%s,\r\n"
           ",淳安无核柿,\"1,180.50\",到货结算,%s,\r\n",
           today, today, today, today, today, today, today, today, today, today, today);
  struct reply r = send_csv(text, "GB18030");
  assert_int_equal(r.status, 422);
  assert_string_equal(at_text(&r, "error.rule"), "sheet");
  static const char *const
      rules[] = {"negative",  "unknown_product", "unknown_product",  "one_of",
                 "future",    "places",          "unknown_supplier", "twice",
                 "thousands", "thousands",       "outlier_own"}; /* the last against its own of before */
  static const int rows[] = {2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13};
  assert_int_equal(json_array_size(at(&r, "errors")), 11);
  for (size_t i = 0; i < 11; i++) {
    const json_t *e = json_array_get(at(&r, "errors"), i);
    assert_int_equal(json_integer_value(json_object_get(e, "row")), rows[i]);
    assert_string_equal(json_string_value(json_object_get(e, "rule")), rules[i]);
  }
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before);
  snprintf(path, sizeof path, "/api/v1/prices/import/%s", at_text(&r, "file"));
  reply_wipe(&r);
  refused_as(rig_get(&rig, &admin, path), 404, "not_found"); /* somebody else's */
  r = rig_get(&rig, &officer, path);
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  assert_true(xlsx_read(&grid, r.body, r.size, NULL, &err));
  assert_string_equal(grid_cell(&grid, 0, 6), "错处");
  assert_string_equal(grid_cell(&grid, 1, 2), "-118");
  assert_string_equal(grid_cell(&grid, 1, 6), "单价（元）：“-118”不能是负数");
  assert_string_equal(grid_cell(&grid, 8, 6), ""); /* this row was fine */
  grid_wipe(&grid);
  reply_wipe(&r);
}

static void the_template_filled_in_is_a_sheet(void **state)
{
  (void)state;
  struct reply r = rig_get(&rig, &officer, "/api/v1/prices/template.xlsx");
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  assert_true(xlsx_read(&grid, r.body, r.size, NULL, &err));
  assert_string_equal(grid_cell(&grid, 0, 0), "编号");
  assert_true(grid.rows > 1); /* the county's own products */
  struct xlsx_writer *book = xlsx_writer_open(&err);
  struct xlsx_column columns[10];
  for (size_t c = 0; c < 10; c++)
    columns[c] = (struct xlsx_column){grid_cell(&grid, 0, c), 0};
  xlsx_writer_sheet(book, "价格", columns, 10);
  xlsx_writer_text(book, grid_cell(&grid, 1, 0));
  xlsx_writer_text(book, grid_cell(&grid, 1, 1));
  xlsx_writer_text(book, "");
  xlsx_writer_fen(book, 960);
  xlsx_writer_text(book, "");
  xlsx_writer_text(book, "供应商报价");
  xlsx_writer_date(book, date_add_days(date_of_ms(clock_wall_ms()), -1)); /* nothing is recorded of it */
  xlsx_writer_row(book);
  struct buf file = BUF_INIT;
  assert_true(xlsx_writer_close(book, &file, &err));
  reply_wipe(&r);
  r = rig_upload(&rig, &officer, "/api/v1/prices/import", xlsx, file.data, file.size);
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  assert_int_equal(at_int(&r, "accepted"), 1);
  reply_wipe(&r);
  grid_wipe(&grid);
  buf_wipe(&file);
}

/* -- a sheet as people type it: each row is read, and as the one fact it is -- */

static struct reply send(const char *query, const char *text)
{
  char path[80];
  snprintf(path, sizeof path, "/api/v1/prices/import%s", query);
  return rig_upload(&rig, &officer, path, "text/csv", text, strlen(text));
}

static void what_people_type_is_read(void **state)
{
  (void)state;
  static const char *const prices[] = {"１８．５０",  "¥18.50", "18.5元",    "　18.50 ",
                                       "18.5元/公斤", "18。5",  "18.5 元/KG"};
  for (int i = 0; i < 7; i++) {
    char text[1000];
    int date = date_add_days(date_of_ms(clock_wall_ms()), -20 - i);
    snprintf(text, sizeof text,
             "采价表（十一月）,,,,,\n"
             " 品名 ,单 位,单价(元/公斤)*,数量,来源：,日期,异常价已核对,本行\n"
             "　淳安无核柿 ,千克,%s,２４公斤, 市场看价,%d年%d月%d日,否,淳安\n"
             "合 计,,18.50,24,,,,\n",
             prices[i], date / 10000, date / 100 % 100, date % 100);
    struct reply r = send("", text);
    if (r.status != 201) fail_msg("%s: %s", prices[i], (char *)r.body);
    assert_int_equal(at_int(&r, "accepted"), 1);
    assert_int_equal(at_int(&r, "read.heading_row"), 2);
    const json_t *left = json_array_get(at(&r, "read.rows_left_out"), 1); /* behind the title */
    assert_string_equal(json_string_value(json_object_get(left, "rule")), "sum_row");
    assert_int_equal(json_integer_value(json_object_get(left, "row")), 4);
    reply_wipe(&r);
  }
  assert_int_equal(
      rig_count(&node.app, "SELECT count(*) FROM price WHERE price_fen = 1850 AND qty_milli = 24000"), 7);
}

static void what_contradicts_itself_is_refused_with_its_cell(void **state)
{
  (void)state;
  static const struct {
    const char *heads, *cells, *column, *rule, *value;
  } cases[] = {
      {"品名,单位,单价（元）", "淳安无核柿,斤,9.6", "单位", "unit", "斤"},
      {"品名,单位,单价（元）", "淳安无核柿,盒,9.6", "单位", "unit", "盒"},
      {"品名,单价（元）", "淳安无核柿,9.6元/斤", "单价（元）", "unit", "9.6元/斤"},
      {"品名,单价（元/斤）", "淳安无核柿,9.6", "单价（元/斤）", "unit", "9.6"},
      {"品名,数量,单价", "淳安无核柿,24斤,9.6", "数量", "unit", "24斤"},
      {"品名,数量(斤),单价", "淳安无核柿,24,9.6", "数量(斤)", "unit", "24"},
      {"品名,产地,单价", "淳安无核柿,安吉县,9.6", "品名", "unknown_product", "淳安无核柿"},
      {"品名,支行,单价", "淳安无核柿,安吉县支行,9.6", "支行", "other_branch", "安吉县支行"},
      {"编号,品名,单价", "1.09951E+12,淳安无核柿,9.6", "编号", "scientific", "1.09951E+12"},
      {"品名,单价", "淳安无核柿,0", "单价", "positive", "0"},
      {"品名,单价,异常价已核对", "淳安无核柿,9.6,也许", "异常价已核对", "one_of", "也许"},
      {"品名,单价,说明", "淳安无核柿,9.6,\u202e反过来", "说明", "direction_character", "?反过来"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    char text[1000];
    snprintf(text, sizeof text, "%s,来源,日期\n%s,市场看价,%s\n", cases[i].heads, cases[i].cells, today);
    struct reply r = send("", text);
    const json_t *e = json_array_get(at(&r, "errors"), 0);
    const char *rule = json_string_value(json_object_get(e, "rule"));
    if (r.status != 422 || !rule || strcmp(rule, cases[i].rule) != 0)
      fail_msg("%s: %s", cases[i].cells, (char *)r.body);
    assert_string_equal(json_string_value(json_object_get(e, "column")), cases[i].column);
    assert_string_equal(json_string_value(json_object_get(e, "value")), cases[i].value);
    reply_wipe(&r);
  }
}

static void a_number_and_a_name_must_agree(void **state)
{
  (void)state;
  char text[600];
  long long id = (long long)rig_count(&node.app, "SELECT id FROM product WHERE name_zh = '淳安无核柿'");
  snprintf(text, sizeof text,
           "编号,品名,产地,单价,来源,日期\n%lld,舟山带鱼,,9.6,市场看价,%s\n%lld,,普陀区,9.6,市场看价,%s\n",
           id, today, id, today);
  struct reply r = send("", text);
  assert_int_equal(r.status, 422);
  for (size_t i = 0; i < 2; i++)
    assert_string_equal(json_string_value(json_object_get(json_array_get(at(&r, "errors"), i), "rule")),
                        "contradiction");
  reply_wipe(&r);
}

static void a_day_without_its_year_is_asked_for_it(void **state)
{
  (void)state;
  struct reply r = send("", "品名,单价,来源,日期\n淳安无核柿,9.6,市场看价,9月17日\n");
  assert_int_equal(r.status, 422);
  assert_string_equal(json_string_value(json_object_get(json_array_get(at(&r, "errors"), 0), "rule")),
                      "year_missing");
  reply_wipe(&r);
}

static void a_day_that_does_not_exist_is_named_with_its_cell(void **state)
{
  (void)state;
  static const char *const days[][2] = {
      {"2026-02-30", "no_day"}, {"2026年4月31日", "no_day"}, {"22d", "date"}};
  for (size_t i = 0; i < 3; i++) {
    char text[300];
    snprintf(text, sizeof text,
             "品名,单价,来源,日期\n淳安无核柿,9.6,市场看价,%s\n淳安无核柿,9.6,市场看价,%s\n", today,
             days[i][0]);
    struct reply r = send("", text);
    assert_int_equal(r.status, 422);
    const json_t *e = json_array_get(at(&r, "errors"), 0);
    assert_int_equal(json_integer_value(json_object_get(e, "row")), 3);
    assert_string_equal(json_string_value(json_object_get(e, "column")), "日期");
    assert_string_equal(json_string_value(json_object_get(e, "rule")), days[i][1]);
    assert_string_equal(json_string_value(json_object_get(e, "value")), days[i][0]);
    reply_wipe(&r);
  }
}

#define CELL(at, text) "<c r='" at "' t='inlineStr'><is><t>" text "</t></is></c>"

/* Other programs write formulas without their values; a spreadsheet shows them. */
static void a_formula_without_its_value_is_refused_at_its_cell(void **state)
{
  (void)state;
  static const char sheet[] = "<worksheet><sheetData><row r='1'>" CELL("A1", "品名") CELL("B1", "单价")
      CELL("C1", "来源") CELL("D1", "日期") CELL("E1", "数量")
          CELL("F1", "说明") "</row><row r='2'>" CELL("A2", "淳安无核柿") CELL("B2", "9.6")
              CELL("C2", "市场看价")
                  CELL("D2", "2026-11-24") "<c r='E2'><f>B2*2</f></c><c r='F2'><f>A1</f></c></row>"
                                           "</sheetData></worksheet>";
  struct buf file = BUF_INIT;
  rig_workbook(&file, sheet);
  struct reply r = rig_upload(&rig, &officer, "/api/v1/prices/import", xlsx, file.data, file.size);
  assert_int_equal(r.status, 422);
  if (json_array_size(at(&r, "errors")) != 2) fail_msg("%s", (char *)r.body);
  for (size_t i = 0; i < 2; i++) {
    const json_t *e = json_array_get(at(&r, "errors"), i);
    assert_string_equal(json_string_value(json_object_get(e, "column")), i ? "说明" : "数量");
    assert_string_equal(json_string_value(json_object_get(e, "rule")), "formula");
    assert_string_equal(json_string_value(json_object_get(e, "value")), i ? "=A1" : "=B2*2");
  }
  reply_wipe(&r);
  buf_wipe(&file);
}

/* The day is shown beside both rows, and stands in one of them. */
static void a_merged_cell_is_refused_in_each_row_it_covers(void **state)
{
  (void)state;
  static const char sheet[] = "<worksheet><sheetData><row r='1'>" CELL("A1", "品名") CELL("B1", "单价")
      CELL("C1", "来源") CELL("D1", "日期") "</row><row r='2'>" CELL("A2", "淳安无核柿") CELL("B2", "9.6")
          CELL("C2", "市场看价") CELL("D2", "2026-11-24") "</row><row r='3'>" CELL("A3", "舟山带鱼")
              CELL("B3", "38.5") CELL("C3", "市场看价") "</row><row r='4'>" CELL(
                  "A4", "舟山小黄鱼") "</row></sheetData><mergeCells><mergeCell ref='B3:B4'/><mergeCell "
                                      "ref='D2:D4'/></mergeCells></worksheet>";
  static const struct {
    int row;
    const char *column, *rule, *value;
  } wanted[] = {{3, "日期", "merged", "2026-11-24"},
                {4, "单价", "merged", "38.5"},
                {4, "日期", "merged", "2026-11-24"},
                {4, "来源", "required", ""}};
  struct buf file = BUF_INIT;
  rig_workbook(&file, sheet);
  struct reply r = rig_upload(&rig, &officer, "/api/v1/prices/import", xlsx, file.data, file.size);
  assert_int_equal(r.status, 422);
  if (json_array_size(at(&r, "errors")) != 4) fail_msg("%s", (char *)r.body);
  for (size_t i = 0; i < 4; i++) {
    const json_t *e = json_array_get(at(&r, "errors"), i);
    assert_int_equal(json_integer_value(json_object_get(e, "row")), wanted[i].row);
    assert_string_equal(json_string_value(json_object_get(e, "column")), wanted[i].column);
    assert_string_equal(json_string_value(json_object_get(e, "rule")), wanted[i].rule);
    assert_string_equal(json_string_value(json_object_get(e, "value")), wanted[i].value);
  }
  reply_wipe(&r);
  buf_wipe(&file);
}

#define TRUTH(at, value) "<c r='" at "' t='b'><v>" value "</v></c>"

/* TRUE was a price of one yuan; a row that a filter hides was recorded unseen. */
static void a_truth_value_and_a_hidden_row_are_refused_where_they_stand(void **state)
{
  (void)state;
  static const char sheet[] = "<worksheet><sheetData><row r='1'>" CELL("A1", "品名") CELL("B1", "单价")
      CELL("C1", "来源") CELL("D1", "日期") CELL("E1", "数量") "</row><row r='2'>" CELL("A2", "淳安无核柿")
          TRUTH("B2", "1") CELL("C2", "市场看价") CELL("D2", "2026-11-24")
              TRUTH("E2", "0") "</row><row r='3' hidden='1'>" CELL("A3", "舟山带鱼") CELL("B3", "38.5")
                  CELL("C3", "市场看价") CELL("D3", "2026-11-24") "</row><row r='4' hidden='1'>" CELL(
                      "A4", "舟山小黄鱼") "</row></sheetData></worksheet>";
  static const struct {
    int row;
    const char *column, *rule, *value;
  } wanted[] = {
      {2, "单价", "number", "TRUE"}, {2, "数量", "number", "FALSE"}, {3, "品名", "hidden_row", "舟山带鱼"}};
  struct buf file = BUF_INIT;
  rig_workbook(&file, sheet);
  struct reply r = rig_upload(&rig, &officer, "/api/v1/prices/import", xlsx, file.data, file.size);
  assert_int_equal(r.status, 422);
  if (json_array_size(at(&r, "errors")) != 3) fail_msg("%s", (char *)r.body);
  for (size_t i = 0; i < 3; i++) {
    const json_t *e = json_array_get(at(&r, "errors"), i);
    assert_int_equal(json_integer_value(json_object_get(e, "row")), wanted[i].row);
    assert_string_equal(json_string_value(json_object_get(e, "column")), wanted[i].column);
    assert_string_equal(json_string_value(json_object_get(e, "rule")), wanted[i].rule);
    assert_string_equal(json_string_value(json_object_get(e, "value")), wanted[i].value);
  }
  reply_wipe(&r);
  buf_wipe(&file);
}

static void a_product_that_was_taken_off_the_list_is_named_as_such(void **state)
{
  (void)state;
  char text[600];
  snprintf(
      text, sizeof text,
      "编号,品名,单价,来源,日期\n,%s,9.6,市场看价,%s\n%lld,,9.6,市场看价,%s\n,没有这个,9.6,市场看价,%s\n",
      GONE, today, (long long)gone, today, today);
  static const char *const rules[] = {"delisted", "delisted", "unknown_product"};
  struct reply r = send("", text);
  if (json_array_size(at(&r, "errors")) != 3) fail_msg("%s", (char *)r.body);
  for (size_t i = 0; i < 3; i++)
    assert_string_equal(json_string_value(json_object_get(json_array_get(at(&r, "errors"), i), "rule")),
                        rules[i]);
  reply_wipe(&r);
  snprintf(text, sizeof text, "{\"product\":%lld,\"price_fen\":960,\"source\":\"market\",\"date\":\"%s\"}",
           (long long)gone, today);
  refused_as(rig_post(&rig, &officer, "/api/v1/prices", text), 400, "delisted");
  snprintf(text, sizeof text, "{\"product\":%lld,\"quality\":5,\"price\":5,\"delivery\":5}", (long long)gone);
  refused_as(rig_post(&rig, &officer, "/api/v1/evaluations", text), 400, "delisted");
  snprintf(text, sizeof text, "{\"product\":%lld,\"rev\":2}", (long long)gone);
  refused_as(rig_post(&rig, &officer, "/api/v1/confirmations", text), 400, "delisted");
}

static void what_is_no_choice_comes_back_with_the_choices(void **state)
{
  (void)state;
  char text[600], path[120];
  snprintf(text, sizeof text,
           "品名,单价,来源,日期,异常价已核对\n淳安无核柿,9.6,听说,%s,\n舟山带鱼,9.6,市场看价,%s,也许\n",
           today, today);
  struct reply r = send("", text);
  const json_t *e = json_array_get(at(&r, "errors"), 0);
  assert_string_equal(json_string_value(json_object_get(e, "choices")), "到货结算、供应商报价、市场看价");
  assert_string_equal(json_string_value(json_object_get(e, "choices_en")), "settled, quoted, market");
  e = json_array_get(at(&r, "errors"), 1);
  assert_string_equal(json_string_value(json_object_get(e, "choices")), "是、否");
  assert_string_equal(json_string_value(json_object_get(e, "choices_en")), "yes, no");
  snprintf(path, sizeof path, "/api/v1/prices/import/%s", at_text(&r, "file"));
  reply_wipe(&r);
  r = rig_get(&rig, &officer, path);
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  assert_true(xlsx_read(&grid, r.body, r.size, NULL, &err));
  assert_string_equal(grid_cell(&grid, 1, 5),
                      "来源：“听说”不在可选之内，可填：到货结算、供应商报价、市场看价");
  grid_wipe(&grid);
  reply_wipe(&r);
}

static void what_is_not_read_is_told(void **state)
{
  (void)state;
  char text[600];
  snprintf(text, sizeof text,
           "品名,单价,来源,日期,采价人,空列,说明,\n淳安无核柿,9.61,市场看价,%s,老王,,,多出来\n千岛湖白条鱼,,,"
           ",,,本周无货,\n",
           day_ago(40));
  struct reply r = send("", text);
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  assert_string_equal(at_text(&r, "read.columns_not_read"), "采价人、#8");
  const json_t *left = json_array_get(at(&r, "read.rows_left_out"), 0);
  assert_string_equal(json_string_value(json_object_get(left, "rule")), "no_price");
  assert_string_equal(json_string_value(json_object_get(left, "value")), "本周无货");
  reply_wipe(&r);
}

static void a_column_that_is_there_twice_is_refused(void **state)
{
  (void)state;
  refused_as(send("", "品名,单价,价格,来源,日期\n淳安无核柿,1,2,市场看价,2026-11-01\n"), 400, "duplicate");
  refused_as(send("", "品名,单价（万元）,来源,日期\n淳安无核柿,1,市场看价,2026-11-01\n"), 400, "not_yuan");
}

/* -- the same facts twice -- */

static void a_sheet_is_known_by_what_it_is(void **state)
{
  (void)state;
  char text[300];
  snprintf(text, sizeof text, "品名,单价,来源,日期\n淳安无核柿,7.30,市场看价,%s\n", day_ago(60));
  struct reply r =
      rig_upload(&rig, &officer, "/api/v1/prices/import", xlsx, text, strlen(text)); /* a CSV named .xlsx */
  assert_int_equal(r.status, 201);
  reply_wipe(&r);
  static const struct {
    const char *body;
    size_t n;
    const char *rule;
  } cases[] = {{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 8, "xls"},
               {"<html><table><tr><td>品名</td></tr></table></html>", 50, "xls"},
               {"\xef\xbb\xbf\r\n<?xml version='1.0'?>", 26, "xls"},
               {"%PDF-1.7", 8, "no_sheet"},
               {"\x89PNG\r\n\x1a\n", 8, "no_sheet"}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    refused_as(rig_upload(&rig, &officer, "/api/v1/prices/import", i % 2 ? xlsx : "text/csv", cases[i].body,
                          cases[i].n),
               400, cases[i].rule);
}

/* All or nothing, and one entry holds half a MiB. */
static void a_sheet_of_more_than_an_entry_holds_is_refused_by_name(void **state)
{
  (void)state;
  struct buf text = BUF_INIT;
  char row[80];
  int64_t before = rig_count(&node.app, "SELECT count(*) FROM price");
  put_text(&text, "品名,单价,来源,日期,说明\n");
  for (int i = 0; i < 1200; i++) {
    snprintf(row, sizeof row, "%s.%02d,%s,%s,", i % 2 ? "淳安无核柿,7" : "舟山带鱼,38", i % 100,
             i < 600 ? "市场看价" : "供应商报价", day_ago(61 + i % 600 / 2));
    put_text(&text, row);
    for (int c = 0; c < 195; c++)
      put_text(&text, "柿");
    put_text(&text, "\n");
  }
  refused_as(rig_upload(&rig, &officer, "/api/v1/prices/import", "text/csv", text.data, text.size), 413,
             "payload_size");
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before);
  buf_wipe(&text);
}

static void what_is_no_sheet_is_refused(void **state)
{
  (void)state;
  static const struct {
    const char *type, *body;
    int status;
    const char *rule;
  } cases[] = {
      {"text/csv", "品名,价\r\n舟山带鱼,1\r\n", 400, "missing_column"},
      {"text/csv", "单价（元）,来源,采价日期\r\n1,到货结算,2026-11-24\r\n", 400, "missing_column"},
      {"text/csv", "品名,单价（元）,来源,采价日期\r\n", 400, "no_prices"},
      {"text/csv", "", 400, "empty"},
      {"text/csv", "品名,单价（元）\r\n\"舟山带鱼,1\r\n", 400, "quote"},
      {xlsx, "PK\003\004 not a workbook", 400, "xlsx"},
      {xlsx, "not a workbook", 400, "missing_column"},
      {"application/json", "{}", 415, "content_type"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct reply r = rig_upload(&rig, &officer, "/api/v1/prices/import", cases[i].type, cases[i].body,
                                strlen(cases[i].body));
    if (r.status != cases[i].status || strcmp(at_text(&r, "error.rule"), cases[i].rule) != 0)
      fail_msg("%s: %d %s", cases[i].body, r.status, (char *)r.body);
    reply_wipe(&r);
  }
}

static void a_list_is_packed_for_who_takes_it_and_a_secret_is_not(void **state)
{
  (void)state;
  static const char takes[] =
      "Accept-Encoding: gzip, deflate\r\nX-Sunlit: 1\r\nContent-Type: application/json\r\n";
  struct reply plain = rig_get(&rig, &officer, "/api/v1/catalogue?season=all");
  struct reply packed = rig_send(&rig, &officer, "GET", "/api/v1/catalogue?season=all", takes, NULL, 0);
  assert_null(strstr(plain.head, "Content-Encoding"));
  assert_non_null(strstr(packed.head, "Content-Encoding: gzip"));
  assert_non_null(strstr(packed.head, "Vary: Accept-Encoding"));
  assert_memory_equal(packed.body, "\x1f\x8b", 2);
  const uint8_t *end = packed.body + packed.size - 4; /* how long it was before, RFC 1952 2.3.1 */
  assert_int_equal((size_t)end[0] | (size_t)end[1] << 8 | (size_t)end[2] << 16, plain.size);
  assert_true(packed.size * 4 < plain.size);
  reply_wipe(&plain);
  reply_wipe(&packed);
  char headers[240];
  snprintf(headers, sizeof headers, "%sIdempotency-Key: 8b9e1a6e-6f0e-4c3a-9c57-0123456789ab\r\n", takes);
  const char *seen = rig_account_reset(&node.app, "officer");
  packed = rig_send(&rig, &admin, "POST", "/api/v1/accounts/officer/reset", headers, seen, strlen(seen));
  assert_null(strstr(packed.head, "Content-Encoding"));
  reply_wipe(&packed);
}

static const char *price(char out[300], const char *source, const char *date, const char *more)
{
  int64_t product = rig_count(&node.app, "SELECT id FROM product WHERE name_zh = '舟山带鱼'");
  snprintf(out, 300, "{\"product\":%lld,\"price_fen\":3333,\"source\":\"%s\",\"date\":\"%s\"%s}",
           (long long)product, source, date, more);
  return out;
}

/* The receipt was recorded by a colleague: who comes second is told which record it is, and may mean it. */
static void a_price_that_is_recorded_already_is_asked_about(void **state)
{
  (void)state;
  static const char path[] = "/api/v1/prices";
  char body[300], more[60];
  const char *day = day_ago(41);
  int64_t before = rig_count(&node.app, "SELECT count(*) FROM price");
  struct reply first = rig_post(&rig, &officer, path, price(body, "settled", day, ""));
  assert_int_equal(first.status, 201);
  struct reply r = rig_post(&rig, &admin, path, body);
  assert_int_equal(r.status, 409);
  assert_string_equal(at_text(&r, "error.rule"), "repeated");
  assert_string_equal(at_text(&r, "error.params.no"), at_text(&first, "no"));
  assert_int_equal(at_int(&r, "error.params.id"), at_int(&first, "id"));
  assert_string_equal(at_text(&r, "error.params.actor"), "officer");
  assert_true(at_int(&r, "error.params.at_ms") > 0);
  reply_wipe(&r);
  answered(rig_post(&rig, &admin, path, price(body, "market", day, "")), 201);
  answered(rig_post(&rig, &admin, path, price(body, "settled", day_ago(42), "")), 201);
  snprintf(more, sizeof more, ",\"note\":\"更正\",\"replaces\":%lld", (long long)at_int(&first, "id"));
  answered(rig_post(&rig, &admin, path, price(body, "settled", day, more)), 201);
  refused_as(rig_post(&rig, &admin, path, price(body, "settled", day, "")), 409, "repeated");
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before + 4);
  answered(rig_post(&rig, &admin, path, price(body, "settled", day, ",\"confirm_repeat\":true")), 201);
  refused_as(rig_post(&rig, &admin, path, price(body, "settled", day, ",\"confirm_repeat\":1")), 400, "type");
  reply_wipe(&first);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sheet_in_utf8_or_gb18030_is_saved_whole),
      cmocka_unit_test(what_one_row_says_of_another_is_a_fault_of_its_row),
      cmocka_unit_test(a_sheet_with_faults_saves_nothing_and_comes_back),
      cmocka_unit_test(the_template_filled_in_is_a_sheet),
      cmocka_unit_test(what_people_type_is_read),
      cmocka_unit_test(what_contradicts_itself_is_refused_with_its_cell),
      cmocka_unit_test(a_number_and_a_name_must_agree),
      cmocka_unit_test(a_day_without_its_year_is_asked_for_it),
      cmocka_unit_test(a_day_that_does_not_exist_is_named_with_its_cell),
      cmocka_unit_test(a_truth_value_and_a_hidden_row_are_refused_where_they_stand),
      cmocka_unit_test(a_product_that_was_taken_off_the_list_is_named_as_such),
      cmocka_unit_test(a_merged_cell_is_refused_in_each_row_it_covers),
      cmocka_unit_test(a_formula_without_its_value_is_refused_at_its_cell),
      cmocka_unit_test(what_is_no_choice_comes_back_with_the_choices),
      cmocka_unit_test(what_is_not_read_is_told),
      cmocka_unit_test(a_column_that_is_there_twice_is_refused),
      cmocka_unit_test(a_price_that_is_recorded_already_is_asked_about),
      cmocka_unit_test(a_sheet_is_known_by_what_it_is),
      cmocka_unit_test(a_sheet_of_more_than_an_entry_holds_is_refused_by_name),
      cmocka_unit_test(what_is_no_sheet_is_refused),
      cmocka_unit_test(a_list_is_packed_for_who_takes_it_and_a_secret_is_not),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
