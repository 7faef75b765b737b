/* What a sheet of prices keeps from the eyes of who sends it: a column that is hidden. */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_hidden_column_with_something_in_it_is_refused_by_its_name),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
