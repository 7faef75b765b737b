/* Prices by the sheet over the real web and the real store: encodings, faults beside the rows, all or
 * nothing. */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/base/xlsx_read.h"
#include "core/base/xlsx_write.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libxlsxwriter 1.1.4 loses the formula of a list to choose from, 20 bytes a template. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
  return "leak:lxw_strdup\n";
}

static struct rig rig;
static struct node node;
static struct app hub; /* where the catalogue comes from */
static struct visitor officer, admin;
static char today[11];

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub);
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
             heads[i], today, today);
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
  static const char *const rules[] = {
      "range", "unknown_product",  "unknown_product", "one_of",    "future",
      "type",  "unknown_supplier", "twice",           "thousands", "thousands"};
  static const int rows[] = {2, 3, 4, 5, 6, 7, 8, 10, 11, 12};
  assert_int_equal(json_array_size(at(&r, "errors")), 10);
  for (size_t i = 0; i < 10; i++) {
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
  assert_true(xlsx_read(&grid, r.body, r.size, &err));
  assert_string_equal(grid_cell(&grid, 0, 6), "错处");
  assert_string_equal(grid_cell(&grid, 1, 2), "-118");
  assert_non_null(strstr(grid_cell(&grid, 1, 6), "单价（元）"));
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
  assert_true(xlsx_read(&grid, r.body, r.size, &err));
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
  xlsx_writer_date(book, date_of_ms(clock_wall_ms()));
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

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sheet_in_utf8_or_gb18030_is_saved_whole),
      cmocka_unit_test(a_sheet_with_faults_saves_nothing_and_comes_back),
      cmocka_unit_test(the_template_filled_in_is_a_sheet),
      cmocka_unit_test(what_is_no_sheet_is_refused),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
