/* What a sheet of prices says outside of its rows: in a hidden column, in the units of its headings, above
 * and below the table; and by a line through its cells. */
#include "node/api.h"
#include "node/node.h"
#include "node/price_heading.h"
#include "rig.h"

#include "core/base/sheet_read.h"

#include <stdio.h>
#include <string.h>

#define CELL(at, text) "<c r='" at "' t='inlineStr'><is><t>" text "</t></is></c>"
#define HIDDEN "<worksheet><cols><col min='5' max='6' hidden='1'/></cols><sheetData><row r='1'>"
#define HEADS CELL("A1", "品名") CELL("B1", "单价") CELL("C1", "来源") CELL("D1", "日期")
#define ROW CELL("A2", "淳安无核柿") CELL("B2", "7.1") CELL("C2", "市场看价") CELL("D2", "2026-11-24")

static struct rig rig;
static struct node node;
static struct app hub;
static struct visitor officer;

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub);
  rig_carry(&hub, &node.app);
  rig_account(&node.app, "officer", "officer", "officer-password");
  rig_open(&rig, &node.app, node_routes, node_route_count);
  officer = rig_login(&rig, "officer", "officer-password");
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

static struct reply send(const char *sheet)
{
  struct buf file = BUF_INIT;
  rig_workbook(&file, sheet);
  struct reply r =
      rig_upload(&rig, &officer, "/api/v1/prices/import",
                 "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file.data, file.size);
  buf_wipe(&file);
  return r;
}

static void a_hidden_column_with_something_in_it_is_refused_by_its_name(void **state)
{
  (void)state;
  struct reply r = send(HIDDEN HEADS CELL("E1", "数量") "</row><row r='2'>" ROW CELL(
      "E2", "24") "</row></sheetData></worksheet>");
  assert_string_equal(at_text(&r, "error.field"), "数量");
  refused_as(r, 400, "hidden_column");
  /* what is not read, or has nothing in it, may be hidden */
  answered(send(HIDDEN HEADS CELL("E1", "数量") CELL("F1", "毛利") "</row><row r='2'>" ROW CELL(
               "F2", "3") "</row></sheetData></worksheet>"),
           201);
}

static struct reply send_csv(const char *text)
{
  return rig_upload(&rig, &officer, "/api/v1/prices/import", "text/csv", text, strlen(text));
}

/* By the rule of the sheet, or of its one row. */
static void refused_by(const char *text, const char *rule)
{
  struct reply r = send_csv(text);
  const json_t *row = r.status == 422 ? json_array_get(at(&r, "errors"), 0) : NULL;
  const char *said = row ? json_string_value(json_object_get(row, "rule")) : at_text(&r, "error.rule");
  if (r.status < 400 || strcmp(said, rule) != 0) fail_msg("%s: %d %s", text, r.status, (char *)r.body);
  reply_wipe(&r);
}

/* The product is sold by the kilogram: a sheet whose amounts are in anything else is refused, wherever it
 * says so. */
static void a_unit_beside_the_name_of_a_column_is_read(void **state)
{
  (void)state;
  static const struct {
    const char *price, *qty, *rule;
  } heads[] = {{"单价（元）/斤", "数量", "unit"},         {"单价（元）（每斤）", "数量", "unit"},
               {"单价（元）每500克", "数量", "not_yuan"}, {"单价(元/斤", "数量", "unit"},
               {"单价（元/公斤）", "数量()斤", "unit"},   {"单价（元/公斤）", "数量（市）斤", "unit"},
               {"单价[元/斤]", "数量", "unit"},           {"单价 元/斤", "数量", "unit"},
               {"单价：元/斤", "数量", "unit"},           {"单价", "单位（斤）,数量", "unit"},
               {"price_fen", "数量", "missing_column"},   {"单价（分）", "数量", "not_yuan"}};
  char text[300];
  for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
    snprintf(text, sizeof text, "品名,%s,%s,来源,日期\n淳安无核柿,7.2,3,市场看价,2026-11-23\n",
             heads[i].price, heads[i].qty);
    refused_by(text, heads[i].rule);
  }
  answered(
      send_csv(
          "品名,单价（元）/公斤 *,数量（公斤）,来源,日期（年月日）\n淳安无核柿,7.2,3,市场看价,2026-11-23\n"),
      201);
}

static void what_stands_above_the_table_is_read_or_told(void **state)
{
  (void)state;
  static const struct {
    const char *above, *rule;
  } tables[] = {{"淳安县采价表,,,,单位：元/斤", "unit"},
                {"淳安县采价表（单位：斤）,,,,", "unit"},
                {",,,单位,元/斤", "unit"},
                {"淳安县采价表,,,,单位：万元", "not_yuan"}};
  char text[300];
  for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
    snprintf(text, sizeof text, "%s\n品名,单价,数量,来源,日期\n淳安无核柿,7.3,3,市场看价,2026-11-22\n",
             tables[i].above);
    refused_by(text, tables[i].rule);
  }
  struct reply r =
      send_csv("采价表（填报单位：千岛湖支行）,,,,单位：元/公斤\n品名,单价,数量,来源,日期\n"
               "淳安无核柿,7.3,3,市场看价,2026-11-22\n汇总（元）,7.3,,,\n注：以上为到岸价,,,,\n");
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  const char *const left[][2] = {{"above", "采价表（填报单位：千岛湖支行） 单位：元/公斤"},
                                 {"sum_row", "汇总（元）"},
                                 {"no_price", "注：以上为到岸价"}};
  for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
    const json_t *row = json_array_get(at(&r, "read.rows_left_out"), i);
    assert_string_equal(json_string_value(json_object_get(row, "rule")), left[i][0]);
    assert_string_equal(json_string_value(json_object_get(row, "value")), left[i][1]);
  }
  reply_wipe(&r);
}

static void columns_may_be_called_as_the_fields_are(void **state)
{
  (void)state;
  char text[300];
  snprintf(text, sizeof text, "product_name,price,source,date,%0100d\n淳安无核柿,7.4,市场看价,2026-11-19,1\n",
           0);
  answered(send_csv(text), 201);
}

static bool is_found(const char *csv)
{
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  if (!sheet_read(&grid, csv, strlen(csv), price_heading_fits, &err)) fail_msg("%s", err.text);
  bool fits = price_heading_fits(&grid);
  grid_wipe(&grid);
  return fits;
}

/* Of a workbook the sheet that has them is read: then it is said which column it lacks. */
static void three_columns_with_a_price_are_a_table_of_prices(void **state)
{
  (void)state;
  assert_true(is_found("编号,单价,日期\n1,7.3,2026-11-23\n"));
  assert_true(is_found("采价\n品名,单价,日期\n柿,7.3,2026-11-23\n"));
  assert_false(is_found("品名,单价\n柿,7.3\n"));
  assert_false(is_found("品名,单位,日期\n柿,公斤,2026-11-23\n"));
}

#define STRUCK(at, text, then)                                                                               \
  "<c r='" at "' t='inlineStr'><is><r><rPr><strike/></rPr><t>" text "</t></r><r><t>" then "</t></r></is></"  \
  "c>"

/* A row taken back was recorded, and a price written behind a struck one was both in one. */
static void what_a_line_goes_through_is_refused_where_it_stands(void **state)
{
  (void)state;
  static const char sheet[] = "<worksheet><sheetData><row r='1'>" CELL("A1", "品名") CELL("B1", "单价")
      CELL("C1", "来源") CELL("D1", "日期")
          CELL("E1", "没人认识的列") "</row><row r='2'>" CELL("A2", "淳安无核柿") STRUCK("B2", "38", "40")
              CELL("C2", "市场看价") CELL("D2", "2026-11-24") "</row><row r='3'>" STRUCK("A3", "舟山带鱼", "")
                  STRUCK("B3", "38.5", "") STRUCK("C3", "市场看价", "")
                      STRUCK("D3", "2026-11-24", "") "</row><row r='4'>" CELL("A4", "淳安无核柿")
                          CELL("B4", "9.6") CELL("C4", "供应商报价") CELL("D4", "2026-11-24")
                              STRUCK("E4", "算了", "") "</row></sheetData></worksheet>";
  static const struct {
    int row;
    const char *column, *value;
  } wanted[] = {{2, "单价", "3840"}, {3, "品名", "舟山带鱼"}};
  struct buf file = BUF_INIT;
  rig_workbook(&file, sheet);
  struct reply r =
      rig_upload(&rig, &officer, "/api/v1/prices/import",
                 "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", file.data, file.size);
  assert_int_equal(r.status, 422);
  if (json_array_size(at(&r, "errors")) != 2) fail_msg("%s", (char *)r.body);
  for (size_t i = 0; i < 2; i++) {
    const json_t *e = json_array_get(at(&r, "errors"), i);
    assert_int_equal(json_integer_value(json_object_get(e, "row")), wanted[i].row);
    assert_string_equal(json_string_value(json_object_get(e, "rule")), "struck");
    assert_string_equal(json_string_value(json_object_get(e, "column")), wanted[i].column);
    assert_string_equal(json_string_value(json_object_get(e, "value")), wanted[i].value);
  }
  reply_wipe(&r);
  buf_wipe(&file);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_a_line_goes_through_is_refused_where_it_stands),
      cmocka_unit_test(a_hidden_column_with_something_in_it_is_refused_by_its_name),
      cmocka_unit_test(a_unit_beside_the_name_of_a_column_is_read),
      cmocka_unit_test(what_stands_above_the_table_is_read_or_told),
      cmocka_unit_test(columns_may_be_called_as_the_fields_are),
      cmocka_unit_test(three_columns_with_a_price_are_a_table_of_prices),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
