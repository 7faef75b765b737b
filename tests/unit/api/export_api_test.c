/* Taking data out of a site: every file is in the trail once, and nothing else is. */
#include "node/api.h"
#include "node/node.h"
#include "program/clock_watch.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/base/sheet_read.h"
#include "core/domain/describe.h"
#include "core/domain/price.h"
#include "core/domain/refusal.h"
#include "site/site.h"

#include <stdio.h>
#include <string.h>

static struct rig rig;
static struct node node;
static struct app hub; /* the other end of the line */
static struct visitor officer, staff, admin;

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub);
  rig_carry(&hub, &node.app);
  rig_account(&node.app, "staff", "staff", "staff-password");
  rig_account(&node.app, "officer", "officer", "officer-password");
  rig_account(&node.app, "admin", "admin", "admin-password");
  rig_open(&rig, &node.app, node_routes, node_route_count);
  staff = rig_login(&rig, "staff", "staff-password");
  officer = rig_login(&rig, "officer", "officer-password");
  admin = rig_login(&rig, "admin", "admin-password");
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

static int64_t exports(void)
{
  return rig_count(&node.app, "SELECT count(*) FROM security_event WHERE kind = 'export'");
}

static void the_head_of_a_file_writes_nothing(void **state)
{
  (void)state;
  int64_t before = exports();
  struct reply r = rig_send(&rig, &staff, "HEAD", "/api/v1/suppliers.xlsx", "", NULL, 0);
  assert_int_equal(r.status, 200);
  assert_int_equal(r.size, 0);
  assert_null(strstr(r.head, "Content-Length"));
  reply_wipe(&r);
  assert_int_equal(exports(), before);
}

static void the_same_file_again_within_a_minute_is_one_export(void **state)
{
  (void)state;
  int64_t before = exports();
  struct reply one = rig_get(&rig, &officer, "/api/v1/catalogue.xlsx");
  struct reply two = rig_get(&rig, &officer, "/api/v1/catalogue.xlsx");
  assert_int_equal(one.status, 200);
  assert_int_equal(one.size, two.size);
  assert_memory_equal(one.body, two.body, one.size); /* so the entry's hash is that of both */
  assert_int_equal(exports(), before + 1);
  reply_wipe(&one);
  reply_wipe(&two);
  answered(rig_get(&rig, &officer, "/api/v1/catalogue.xlsx?q=%E8%8C%B6"), 200); /* another list */
  answered(rig_get(&rig, &admin, "/api/v1/catalogue.xlsx"), 200);               /* another person */
  assert_int_equal(exports(), before + 3);
  answered(rig_post(&rig, &officer, "/api/v1/evaluations",
                    "{\"product\":1,\"quality\":0,\"price\":1,\"delivery\":1}"),
           400);
  answered(rig_get(&rig, &officer, "/api/v1/evaluations.xlsx"), 200);
  char body[200];
  snprintf(body, sizeof body, "{\"product\":%lld,\"quality\":4,\"price\":4,\"delivery\":4}",
           (long long)rig_product(&node.app, "舟山三疣梭子蟹"));
  answered(rig_post(&rig, &officer, "/api/v1/evaluations", body), 201);
  answered(rig_get(&rig, &officer, "/api/v1/evaluations.xlsx"), 200); /* other rows */
  assert_int_equal(exports(), before + 5);
}

/* Else a search would be read as another filter, or as what it found. */
static void what_was_searched_for_is_written_as_one_value(void **state)
{
  (void)state;
  static const char question[] =
      "/api/v1/suppliers.xlsx?q=%26division%3D330182%20last%20x+rows%3D7%E2%80%AE%25";
  answered(rig_get(&rig, &admin, question), 200);
  assert_int_equal(rig_count(&node.app,
                             "SELECT count(*) FROM security_event WHERE kind = 'export' AND detail GLOB"
                             " '/suppliers.xlsx?q=%26division%3D330182%20last%20x%20rows%3D7%E2%80%AE%25"
                             " rows=0 *'"),
                   1);
}

static struct reply by_a_link(const struct visitor *who, const char *as)
{
  char path[160];
  snprintf(path, sizeof path, "/api/v1/suppliers.xlsx?as=%s&q=by-a-link", as);
  return rig_get(&rig, who, path);
}

/* A link can send no header, and the browser's session may be somebody else's by now. */
static void a_link_of_one_accounts_page_takes_nothing_out_under_another(void **state)
{
  (void)state;
  char page[80];
  int64_t before = exports();
  snprintf(page, sizeof page, "officer%%40%s", node.app.site_id);
  struct reply r = by_a_link(&admin, page);
  assert_int_equal(r.status, 409);
  assert_string_equal(at_text(&r, "error.rule"), "other_account");
  assert_string_equal(at_text(&r, "error.params.named"), "officer");
  assert_string_equal(at_text(&r, "error.params.session"), "admin");
  reply_wipe(&r);
  refused_as(by_a_link(&admin, ""), 409, "other_account");
  refused_as(by_a_link(&officer, "officer%40330902-00c0ffee"), 409, "another_site");
  refused_as(rig_get(&rig, &admin, "/api/v1/sync/carry?as=officer"), 409, "other_account");
  assert_int_equal(exports(), before);

  answered(by_a_link(&officer, page), 200);
  answered(rig_get(&rig, &officer, "/api/v1/suppliers.xlsx?q=by-a-link"), 200); /* the same file again */
  assert_int_equal(exports(), before + 1);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM security_event WHERE kind = 'export' AND"
                                        " detail GLOB '/suppliers.xlsx?q=by-a-link rows=*'"),
                   1);
}

static void a_flood_of_exports_is_slowed_for_its_account_alone(void **state)
{
  (void)state;
  int64_t before = exports();
  int status = 200;
  char path[80];
  for (int i = 0; i <= EXPORTS_AT_A_TIME && status == 200; i++) {
    snprintf(path, sizeof path, "/api/v1/suppliers.xlsx?q=%d", i);
    struct reply r = rig_get(&rig, &staff, path);
    status = r.status;
    if (status != 200) assert_string_equal(at_text(&r, "error.rule"), "rate");
    reply_wipe(&r);
  }
  assert_int_equal(status, 429);
  assert_int_equal(exports(), before + EXPORTS_AT_A_TIME);
  answered(rig_get(&rig, &admin, "/api/v1/suppliers.xlsx"), 200);
}

/* Without a turn each of many at once would have its 20 MiB. */
static void a_workbook_is_made_in_its_turn(void **state)
{
  (void)state;
  struct gate *gate = site_sheets(&node.app);
  struct gate_place place;
  struct err err = ERR_INIT;
  int64_t before = exports(), wait_ms = gate->wait_ms;
  gate->wait_ms = 0;
  assert_true(gate_enter(gate, &place, "somebody", "192.0.2.7", &err));
  struct reply r = rig_get(&rig, &officer, "/api/v1/suppliers.xlsx?q=turn");
  assert_int_equal(r.status, 503);
  assert_string_equal(at_text(&r, "error.rule"), "busy");
  assert_non_null(strstr(r.head, "Retry-After"));
  reply_wipe(&r);
  assert_int_equal(exports(), before);
  refused_as(rig_get(&rig, &officer, "/api/v1/prices/template.xlsx"), 503, "busy");
  gate_leave(gate, &place);
  answered(rig_get(&rig, &officer, "/api/v1/suppliers.xlsx?q=turn"), 200);
  answered(rig_get(&rig, &officer, "/api/v1/prices/template.xlsx"), 200);
  gate->wait_ms = wait_ms;
}

static bool is_the_list(const struct grid *head)
{
  return strcmp(grid_cell(head, 0, 0), "品名") == 0;
}

static bool tells_about_itself(const struct grid *head)
{
  return strcmp(grid_cell(head, 0, 0), "项目") == 0;
}

static void a_workbook_that_leaves_rows_out_says_so(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  char said[120] = "";
  site_exports(&node.app)->rows_max = 3;
  struct reply list = rig_get(&rig, &admin, "/api/v1/catalogue?limit=1");
  struct reply r = rig_get(&rig, &admin, "/api/v1/catalogue.xlsx?q=");
  site_exports(&node.app)->rows_max = EXPORT_ROWS_MAX;
  assert_int_equal(r.status, 200);
  if (!sheet_read(&grid, r.body, r.size, tells_about_itself, &err)) fail_msg("%s", err.text);
  for (size_t row = 0; row < grid.rows; row++) {
    if (strcmp(grid_cell(&grid, row, 0), "行数") == 0) assert_string_equal(grid_cell(&grid, row, 1), "3");
    if (strcmp(grid_cell(&grid, row, 0), "符合筛选的总数") == 0)
      snprintf(said, sizeof said, "%s", grid_cell(&grid, row, 1));
  }
  char expected[120];
  snprintf(expected, sizeof expected, "%lld，本表只有前 3 行", (long long)at_int(&list, "total"));
  assert_string_equal(said, expected);
  grid_wipe(&grid);
  if (!sheet_read(&grid, r.body, r.size, is_the_list, &err)) fail_msg("%s", err.text);
  snprintf(expected, sizeof expected, "没有完：本表只有前 3 行，符合筛选的共 %lld 行。请用筛选分几次导出。",
           (long long)at_int(&list, "total"));
  assert_int_equal(grid.rows, 5);
  assert_string_equal(grid_cell(&grid, 4, 0), expected);
  assert_int_equal(at_int(&list, "export_most"), EXPORT_ROWS_MAX);
  grid_wipe(&grid);
  reply_wipe(&r);
  reply_wipe(&list);
}

/* Words as on the page, in a file that goes to people who know no keys. */
static void a_workbook_is_in_words(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  const char *filter = "";
  struct reply r = rig_get(&rig, &admin, "/api/v1/catalogue.xlsx?group=aquatic&season=all&sort=name");
  assert_int_equal(r.status, 200);
  if (!sheet_read(&grid, r.body, r.size, tells_about_itself, &err)) fail_msg("%s", err.text);
  for (size_t row = 0; row < grid.rows; row++)
    if (strcmp(grid_cell(&grid, row, 0), "筛选") == 0) filter = grid_cell(&grid, row, 1);
  assert_string_equal(filter, "目录，类别：海鲜水产，上市：不限，排序：名称");
  grid_wipe(&grid);
  if (!sheet_read(&grid, r.body, r.size, is_the_list, &err)) fail_msg("%s", err.text);
  assert_string_equal(grid_cell(&grid, 0, 2), "小类");
  for (size_t row = 1; row < grid.rows; row++) {
    const char *said = grid_cell(&grid, row, 2);
    if (*said) assert_true((unsigned char)*said >= 0x80);
  }
  assert_true(grid.rows > 3);
  grid_wipe(&grid);
  reply_wipe(&r);
}

/* Each change is an entry for good: what a person does in a day passes, a loop does not. */
static void who_writes_without_end_is_slowed_and_others_are_not(void **state)
{
  (void)state;
  static const char events[] = "SELECT count(*) FROM security_event WHERE kind = 'rate' AND actor = 'officer'"
                               " AND detail = 'POST /api/v1/evaluations'";
  struct pace *pace = site_writes(&node.app);
  char body[200];
  pace_wipe(pace);
  pace_init(pace, 1, 3600 * 1000);
  snprintf(body, sizeof body, "{\"product\":%lld,\"quality\":4,\"price\":4,\"delivery\":5}",
           (long long)rig_product(&node.app, "舟山三疣梭子蟹"));
  refused_as(rig_post(&rig, &officer, "/api/v1/evaluations",
                      "{\"product\":1,\"quality\":9,\"price\":1,\"delivery\":1}"),
             400, "range"); /* wrote nothing and counts for nothing */
  answered(rig_change(&rig, &officer, "POST", "/api/v1/evaluations", "rate-test-1", body), 201);
  answered(rig_change(&rig, &officer, "POST", "/api/v1/evaluations", "rate-test-1", body),
           201); /* a resend */
  int64_t written = rig_count(&node.app, "SELECT count(*) FROM evaluation");
  struct reply r = rig_change(&rig, &officer, "POST", "/api/v1/evaluations", "rate-test-2", body);
  assert_int_equal(r.status, 429);
  assert_string_equal(at_text(&r, "error.rule"), "rate");
  assert_non_null(strstr(r.head, "Retry-After: 15"));
  reply_wipe(&r);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM evaluation"), written);
  assert_int_equal(rig_count(&node.app, events), 1);
  answered(rig_change(&rig, &staff, "POST", "/api/v1/evaluations", "rate-test-3", body), 201);
  pace_wipe(pace);
  pace_init(pace, WRITES_AT_A_TIME, WRITE_EVERY_MS);
  answered(rig_change(&rig, &officer, "POST", "/api/v1/evaluations", "rate-test-2", body),
           201); /* the same key */
}

/* The list is walked as text, so what a person wrote must not end its row. */
static void quotes_and_brackets_in_a_remark_end_no_row(void **state)
{
  (void)state;
  static const char remark[] = "\"],}\\ and \\\", [{ in one";
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  char body[300];
  int found = 0, behind = 0;
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"quality\":3,\"price\":3,\"delivery\":3,"
           "\"remark\":\"\\\"],}\\\\ and \\\\\\\", [{ in one\"}",
           (long long)rig_product(&node.app, "舟山三疣梭子蟹"));
  int64_t before = rig_count(&node.app, "SELECT count(*) FROM evaluation");
  answered(rig_post(&rig, &staff, "/api/v1/evaluations", body), 201);
  answered(rig_post(&rig, &staff, "/api/v1/evaluations", strstr(body, "{")), 201);
  struct reply r = rig_get(&rig, &admin, "/api/v1/evaluations.xlsx");
  assert_int_equal(r.status, 200);
  if (!sheet_read(&grid, r.body, r.size, NULL, &err)) fail_msg("%s", err.text);
  for (size_t row = 0; row < grid.rows; row++)
    for (size_t column = 0; column < grid.columns; column++) {
      found += strcmp(grid_cell(&grid, row, column), remark) == 0;
      behind += strncmp(grid_cell(&grid, row, column), "PJ", 2) == 0;
    }
  assert_int_equal(found, 2);
  assert_int_equal(behind, before + 2);
  grid_wipe(&grid);
  reply_wipe(&r);
}

static int64_t fish;

/* As a branch whose clock leads by three days records it. */
static bool record_ahead(struct tx *tx, void *ctx, struct err *err)
{
  struct written out;
  tx->now_ms += INT64_C(3) * 86400000;
  const struct price_new in = {
      .product = fish, .price_fen = 11900, .source = "settled", .observed_date = date_of_ms(tx->now_ms)};
  *(int *)ctx = in.observed_date;
  return price_add(tx, &in, &out, NULL, err);
}

static void a_price_whose_day_has_not_come_is_marked_and_is_the_latest_nowhere(void **state)
{
  (void)state;
  char body[300], path[80], ahead[11], today[11];
  struct err err = ERR_INIT;
  int date = 0, marked = 0;
  const struct act act = {
      .actor = "officer", .role = "officer", .action = ACTION_PRICE_ADD, .now_ms = clock_wall_ms()};
  date_format(today, date_of_ms(clock_wall_ms()));
  fish = rig_product(&node.app, "舟山三疣梭子蟹");
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":11800,\"source\":\"settled\",\"date\":\"%s\"}",
           (long long)fish, today);
  answered(rig_post(&rig, &officer, "/api/v1/prices", body), 201);
  assert_true(app_commit(&node.app, &act, record_ahead, &date, NULL, &err));
  date_format(ahead, date);
  snprintf(path, sizeof path, "/api/v1/prices?product=%lld&limit=200", (long long)fish);
  struct reply r = rig_get(&rig, &staff, path);
  const json_t *items = at(&r, "items");
  for (size_t i = 0; i < json_array_size(items); i++) {
    const json_t *row = json_array_get(items, i);
    bool is_ahead = strcmp(json_string_value(json_object_get(row, "date")), ahead) == 0;
    assert_int_equal(json_is_true(json_object_get(row, "future")), is_ahead);
    marked += is_ahead;
  }
  assert_int_equal(marked, 1);
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/products/%lld", (long long)fish);
  r = rig_get(&rig, &staff, path);
  assert_string_equal(at_text(&r, "own_price.date"), today);
  reply_wipe(&r);
  r = rig_get(&rig, &officer, "/api/v1/prices.xlsx");
  struct grid grid = GRID_INIT;
  assert_true(sheet_read(&grid, r.body, r.size, NULL, &err));
  int column = grid_column(&grid, 0, "日期还没到"), day = grid_column(&grid, 0, "采价日期");
  int unit = grid_column(&grid, 0, "单位");
  assert_true(column >= 0 && day >= 0 && unit >= 0);
  assert_string_equal(grid_cell(&grid, 1, (size_t)unit), "公斤"); /* as the pages say it */
  for (size_t row = 1; row < grid.rows; row++)
    assert_string_equal(grid_cell(&grid, row, (size_t)column),
                        strcmp(grid_cell(&grid, row, (size_t)day), ahead) == 0 ? "是" : "");
  grid_wipe(&grid);
  reply_wipe(&r);
}

static int64_t told_later(void)
{
  struct reply r = rig_get(&rig, NULL, "/api/v1/status");
  int64_t later = at_int(&r, "later");
  reply_wipe(&r);
  return later;
}

static void the_branch_is_told_of_its_prices_whose_day_has_not_come(void **state)
{
  (void)state;
  char body[300], today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  assert_int_equal(told_later(), 1);
  struct reply r = rig_get(&rig, &staff, "/api/v1/prices?state=later");
  assert_int_equal(at_int(&r, "total"), 1);
  assert_true(json_is_true(at(&r, "items.0.future")));
  int64_t id = at_int(&r, "items.0.id");
  reply_wipe(&r);
  clock_heard(&node.app, clock_wall_ms() + INT64_C(4) * 86400000); /* it is this clock that is late */
  assert_int_equal(told_later(), 0);
  clock_heard(&node.app, clock_wall_ms());
  assert_int_equal(told_later(), 1);
  refused_as(rig_get(&rig, &staff, "/api/v1/evaluations?state=later"), 400, "one_of");
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"price_fen\":11900,\"source\":\"settled\",\"date\":\"%s\",\"replaces\":%lld}",
           (long long)fish, today, (long long)id);
  answered(rig_post(&rig, &officer, "/api/v1/prices", body), 201);
  assert_int_equal(told_later(), 0);
  r = rig_get(&rig, &staff, "/api/v1/prices?state=later");
  assert_int_equal(at_int(&r, "total"), 0);
  reply_wipe(&r);
  snprintf(body, sizeof body, "/api/v1/prices?state=later&from=%s", today); /* today has come */
  r = rig_get(&rig, &staff, body);
  assert_int_equal(at_int(&r, "total"), 0);
  reply_wipe(&r);
}

static const char *cell_of(const struct grid *grid, const char *no, const char *title)
{
  int column = grid_column(grid, 0, title), number = grid_column(grid, 0, "编号");
  if (column < 0 || number < 0) fail_msg("the sheet has no column %s", title);
  for (size_t row = 1; row < grid->rows; row++)
    if (strcmp(grid_cell(grid, row, (size_t)number), no) == 0) return grid_cell(grid, row, (size_t)column);
  fail_msg("%s is not in the sheet", no);
  return NULL;
}

static bool refuse(struct tx *tx, void *ctx, struct err *err)
{
  return refusal_add(tx, COUNTY, "price", *(const int64_t *)ctx, "price_outlier", "{}", err);
}

static void keep_price(char no[40], int64_t *id, int fen, int64_t replaces)
{
  char body[300], today[11], more[40] = "";
  date_format(today, date_of_ms(clock_wall_ms()));
  if (replaces) snprintf(more, sizeof more, ",\"replaces\":%lld", (long long)replaces);
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":%d,\"source\":\"settled\",\"date\":\"%s\"%s}",
           (long long)rig_product(&node.app, "舟山三疣梭子蟹"), fen, today, more);
  struct reply r = rig_post(&rig, &officer, "/api/v1/prices", body);
  assert_int_equal(r.status, 201);
  snprintf(no, 40, "%s", at_text(&r, "no"));
  *id = at_int(&r, "id");
  reply_wipe(&r);
}

/* Whoever averages the sheet filters one column; the others say why a row is out, and what stands for it. */
static void a_sheet_says_of_each_price_whether_it_counts_and_why_not(void **state)
{
  (void)state;
  char wrong[40], right[40], taken_back[40], refused[40], path[80];
  int64_t id, other;
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  const struct act act = {.actor = "system",
                          .role = "system",
                          .action = ACTION_PRICE_REFUSE,
                          .lane = COUNTY,
                          .now_ms = clock_wall_ms()};
  keep_price(wrong, &id, 13100, 0);
  keep_price(right, &other, 13150, id);
  keep_price(taken_back, &id, 13200, 0);
  snprintf(path, sizeof path, "/api/v1/prices/%lld/void", (long long)id);
  answered(rig_post(&rig, &officer, path, "{\"reason\":\"看错了单子\"}"), 201);
  keep_price(refused, &id, 13300, 0);
  rig_carry(&hub, &node.app);
  if (!app_commit(&hub, &act, refuse, &id, NULL, &err)) fail_msg("%s", err.text);
  rig_carry(&hub, &node.app);
  struct reply r = rig_get(&rig, &officer, "/api/v1/prices.xlsx");
  assert_int_equal(r.status, 200);
  if (!sheet_read(&grid, r.body, r.size, NULL, &err)) fail_msg("%s", err.text);
  assert_string_equal(cell_of(&grid, wrong, "计入统计"), "否");
  assert_string_equal(cell_of(&grid, wrong, "已由这条替代"), right);
  assert_string_equal(cell_of(&grid, right, "计入统计"), "是");
  assert_string_equal(cell_of(&grid, right, "已由这条替代"), "");
  assert_string_equal(cell_of(&grid, taken_back, "计入统计"), "否");
  assert_string_equal(cell_of(&grid, taken_back, "已由这条替代"), "");
  assert_string_equal(cell_of(&grid, taken_back, "作废原因"), "看错了单子");
  assert_string_equal(cell_of(&grid, refused, "计入统计"), "否");
  assert_string_equal(cell_of(&grid, refused, "省中心未接受的原因"),
                      describe_rule("price_outlier", LANGUAGE_ZH));
  grid_wipe(&grid);
  reply_wipe(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sheet_says_of_each_price_whether_it_counts_and_why_not),
      cmocka_unit_test(a_price_whose_day_has_not_come_is_marked_and_is_the_latest_nowhere),
      cmocka_unit_test(the_branch_is_told_of_its_prices_whose_day_has_not_come),
      cmocka_unit_test(the_head_of_a_file_writes_nothing),
      cmocka_unit_test(the_same_file_again_within_a_minute_is_one_export),
      cmocka_unit_test(what_was_searched_for_is_written_as_one_value),
      cmocka_unit_test(a_link_of_one_accounts_page_takes_nothing_out_under_another),
      cmocka_unit_test(a_flood_of_exports_is_slowed_for_its_account_alone),
      cmocka_unit_test(a_workbook_is_made_in_its_turn),
      cmocka_unit_test(a_workbook_that_leaves_rows_out_says_so),
      cmocka_unit_test(a_workbook_is_in_words),
      cmocka_unit_test(who_writes_without_end_is_slowed_and_others_are_not),
      cmocka_unit_test(quotes_and_brackets_in_a_remark_end_no_row),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
