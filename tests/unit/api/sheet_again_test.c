/* A sheet of prices that comes again: what of it is recorded is asked about, and what is left out counts no
 * more.
 */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>

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

static const char *day_ago(int days)
{
  static char texts[4][11];
  static int turn;
  char *text = texts[turn++ % 4];
  date_format(text, date_add_days(date_of_ms(clock_wall_ms()), -days));
  return text;
}

static struct reply send(const char *query, const char *text)
{
  char path[140];
  snprintf(path, sizeof path, "/api/v1/prices/import%s", query);
  return rig_upload(&rig, &officer, path, "text/csv", text, strlen(text));
}

static const char *seen_of(const char *text)
{
  static char seen[65];
  struct reply r = send("", text);
  if (r.status != 409) fail_msg("%d %s", r.status, (char *)r.body);
  snprintf(seen, sizeof seen, "%s", at_text(&r, "error.params.seen"));
  reply_wipe(&r);
  return seen;
}

/* The answer to what is asked about it. */
static struct reply again(const char *which, const char *text)
{
  char query[100];
  snprintf(query, sizeof query, "?again=%s&meant=%s", which, seen_of(text));
  return send(query, text);
}

/* Where a sheet is, is asked of the record by its id: a number may stand in any remark. */
static void named_by(const struct reply *sheet, const char *end)
{
  char path[80], member[20];
  snprintf(member, sizeof member, "%s_id", end);
  snprintf(path, sizeof path, "/api/v1/prices/%lld", (long long)at_int(sheet, member));
  snprintf(member, sizeof member, "%s_no", end);
  struct reply r = rig_get(&rig, &officer, path);
  assert_string_equal(at_text(&r, "no"), at_text(sheet, member));
  reply_wipe(&r);
}

static void a_sheet_that_comes_again_is_asked_about(void **state)
{
  (void)state;
  char text[600], more[800];
  snprintf(text, sizeof text, "品名,单价,来源,日期\n淳安无核柿,7.10,市场看价,%s\n舟山带鱼,38.5,市场看价,%s\n",
           day_ago(50), day_ago(50));
  struct reply r = send("", text);
  assert_int_equal(r.status, 201);
  char first[40];
  snprintf(first, sizeof first, "%s", at_text(&r, "first_no"));
  named_by(&r, "first");
  named_by(&r, "last");
  reply_wipe(&r);
  int64_t before = rig_count(&node.app, "SELECT count(*) FROM price");
  /* the very file: its answer was lost */
  r = send("", text);
  assert_int_equal(r.status, 409);
  assert_string_equal(at_text(&r, "error.rule"), "repeated");
  assert_int_equal(at_int(&r, "error.params.repeated"), 2);
  assert_int_equal(at_int(&r, "error.params.fresh"), 0);
  assert_string_equal(at_text(&r, "error.params.sheet.first_no"), first);
  assert_string_equal(at_text(&r, "error.params.sheet.account"), "officer");
  const json_t *row = json_array_get(at(&r, "error.params.rows"), 0);
  assert_int_equal(json_integer_value(json_object_get(row, "row")), 2);
  assert_string_equal(json_string_value(json_object_get(row, "no")), first);
  assert_true(json_is_true(json_object_get(row, "same_price")));
  reply_wipe(&r);
  refused_as(again("new", text), 409, "repeated");
  /* mended and with one more row: another file, the rows are known all the same */
  snprintf(more, sizeof more,
           "品名,单价,来源,日期\n淳安无核柿,7.20,市场看价,%s\n舟山带鱼,38.5,市场看价,%s\n舟山小黄鱼,20,"
           "市场看价,%s\n",
           day_ago(50), day_ago(50), day_ago(50));
  r = send("", more);
  assert_int_equal(r.status, 409);
  assert_int_equal(at_int(&r, "error.params.repeated"), 2);
  assert_int_equal(at_int(&r, "error.params.fresh"), 1);
  assert_true(json_is_null(at(&r, "error.params.sheet")));
  assert_true(json_is_false(json_object_get(json_array_get(at(&r, "error.params.rows"), 0), "same_price")));
  reply_wipe(&r);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before);
  r = again("new", more);
  assert_int_equal(r.status, 201);
  assert_int_equal(at_int(&r, "accepted"), 1);
  assert_int_equal(at_int(&r, "left_out"), 2);
  reply_wipe(&r);
  r = again("all", text); /* yes, once more */
  assert_int_equal(r.status, 201);
  assert_int_equal(at_int(&r, "accepted"), 2);
  reply_wipe(&r);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before + 3);
}

/* As a form asks: the clock here may be the wrong one, and a year is mistyped easily. */
static void a_later_day_is_asked_about_and_who_says_that_it_is_right_is_believed(void **state)
{
  (void)state;
  static const char *const said[] = {"", "否", "是"};
  char text[300];
  for (int i = 0; i < 3; i++) {
    snprintf(text, sizeof text, "品名,单价,来源,日期,日期已核对\n西店牡蛎,28,市场看价,%s,%s\n", day_ago(-2),
             said[i]);
    struct reply r = send("", text);
    if (r.status != (i == 2 ? 201 : 422)) fail_msg("%d %s", r.status, (char *)r.body);
    if (i < 2) assert_string_equal(at_text(&r, "errors.0.rule"), "future_asked");
    if (i < 2) assert_string_equal(at_text(&r, "errors.0.column"), "日期");
    reply_wipe(&r);
  }
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price WHERE price_fen = 2800"), 1);
  snprintf(text, sizeof text, "品名,单价,来源,日期,日期已核对\n西店牡蛎,28,市场看价,%s,是\n", day_ago(-401));
  struct reply r = send("", text);
  assert_string_equal(at_text(&r, "errors.0.rule"), "future"); /* so far off, nobody is */
  reply_wipe(&r);
}

/* Not the row that is left out is the own last price, but the one recorded in its place. */
static void what_is_left_out_is_held_against_nothing(void **state)
{
  (void)state;
  static const char *const ends[] = {",,", ",是,新上市"};
  char text[600];
  snprintf(text, sizeof text, "品名,单价,来源,日期\n西店牡蛎,10,市场看价,%s\n", day_ago(3));
  struct reply r = send("", text);
  if (r.status != 201) fail_msg("%s", (char *)r.body);
  reply_wipe(&r);
  for (int sure = 0; sure < 2; sure++) {
    snprintf(text, sizeof text,
             "品名,单价,来源,日期,异常价已核对,说明\n西店牡蛎,29,市场看价,%s,,\n西店牡蛎,35,市场看价,%s%s\n",
             day_ago(3), day_ago(2), ends[sure]);
    refused_as(send("", text), 409, "repeated");
    r = again("new", text);
    if (r.status != (sure ? 201 : 422)) fail_msg("%d %s", r.status, (char *)r.body);
    if (sure) assert_int_equal(at_int(&r, "left_out"), 1);
    assert_int_equal(json_array_size(at(&r, "errors")), !sure);
    if (!sure) {
      assert_int_equal(at_int(&r, "errors.0.row"), 3);
      assert_true(*at_text(&r, "file") != '\0');
    }
    reply_wipe(&r);
  }
}

/* As a form holds it: what waits for a person of the province, or has a day that has not come, is no last
 * price yet. */
static void a_row_is_held_against_no_row_that_does_not_count(void **state)
{
  (void)state;
  static const struct {
    int own, first_day, then_day;
    const char *first, *then;
    int status;
  } cases[] = {{300, 299, 298, "200,是,进口,", "210", 422},
               {200, 199, 198, "200,是,进口,", "11", 201},
               {0, -2, 0, "25,,,是", "6", 201}};
  char text[600];
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    snprintf(text, sizeof text, "品名,单价,来源,日期\n舟山银鲳,10,市场看价,%s\n", day_ago(cases[i].own));
    answered(send("", text), 201);
    snprintf(text, sizeof text,
             "品名,日期,来源,单价,异常价已核对,说明,日期已核对\n"
             "舟山银鲳,%s,到货结算,%s\n舟山银鲳,%s,到货结算,%s,,,\n",
             day_ago(cases[i].first_day), cases[i].first, day_ago(cases[i].then_day), cases[i].then);
    struct reply r = send("", text);
    if (r.status != cases[i].status) fail_msg("%zu: %d %s", i, r.status, (char *)r.body);
    if (r.status == 422) {
      assert_int_equal(json_array_size(at(&r, "errors")), 1);
      assert_int_equal(at_int(&r, "errors.0.row"), 3);
      assert_string_equal(at_text(&r, "errors.0.rule"), "outlier_own");
    }
    reply_wipe(&r);
  }
}

/* It counts for nobody before a person of the province took it, and stands all the same. */
static void a_row_that_waits_for_the_province_is_asked_about_too(void **state)
{
  (void)state;
  char text[600], more[640];
  const char *day = day_ago(3);
  snprintf(text, sizeof text, "品名,单价,来源,日期\n舟山带鱼,30,市场看价,%s\n", day_ago(4));
  answered(send("", text), 201);
  snprintf(text, sizeof text,
           "品名,单价,来源,日期,异常价已核对,说明\n舟山带鱼,300,到货结算,%s,是,发票 0471 号\n", day);
  answered(send("", text), 201);
  assert_int_equal(rig_count(&node.app, "SELECT outlier FROM price WHERE price_fen = 30000"), 1);
  struct reply r = send("", text);
  assert_int_equal(r.status, 409);
  assert_int_equal(at_int(&r, "error.params.repeated"), 1);
  assert_int_equal(at_int(&r, "error.params.fresh"), 0);
  reply_wipe(&r);
  refused_as(again("new", text), 409, "repeated");
  snprintf(more, sizeof more, "%s,,,,,\n", text); /* another file by one empty line */
  refused_as(send("", more), 409, "repeated");
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price WHERE price_fen = 30000"), 1);
}

/* A file that was chosen while another was on its way, and a record that somebody made since. */
static void what_was_answered_about_one_sheet_is_not_taken_for_another(void **state)
{
  (void)state;
  static const char *const which[] = {"new", "all"};
  char one[300], other[300], third[300], query[100];
  const char *day = day_ago(20);
  snprintf(one, sizeof one, "品名,单价,来源,日期\n淳安无核柿,7.10,供应商报价,%s\n", day);
  snprintf(other, sizeof other,
           "品名,单价,来源,日期\n舟山带鱼,38.5,供应商报价,%s\n舟山小黄鱼,20,供应商报价,%s\n", day, day);
  snprintf(third, sizeof third, "品名,单价,来源,日期\n舟山小黄鱼,20,供应商报价,%s\n", day_ago(21));
  answered(send("", one), 201);
  answered(send("", other), 201);
  int64_t before = rig_count(&node.app, "SELECT count(*) FROM price");
  for (int i = 0; i < 2; i++) {
    snprintf(query, sizeof query, "?again=%s&meant=%s", which[i], seen_of(one));
    struct reply r = send(query, other);
    assert_int_equal(r.status, 409);
    assert_string_equal(at_text(&r, "error.rule"), "repeated");
    assert_int_equal(at_int(&r, "error.params.repeated"), 2);
    reply_wipe(&r);
    *strchr(query, '&') = '\0'; /* about what, it does not say */
    refused_as(send(query, one), 409, "repeated");
  }
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before);
  snprintf(query, sizeof query, "?again=all&meant=%s", seen_of(one));
  answered(again("all", one), 201); /* by a colleague, meanwhile */
  refused_as(send(query, one), 409, "repeated");
  answered(send("?again=all&meant=0", third), 201); /* nothing of it is there: there is nothing to ask */
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sheet_that_comes_again_is_asked_about),
      cmocka_unit_test(a_later_day_is_asked_about_and_who_says_that_it_is_right_is_believed),
      cmocka_unit_test(what_is_left_out_is_held_against_nothing),
      cmocka_unit_test(a_row_is_held_against_no_row_that_does_not_count),
      cmocka_unit_test(a_row_that_waits_for_the_province_is_asked_about_too),
      cmocka_unit_test(what_was_answered_about_one_sheet_is_not_taken_for_another),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
