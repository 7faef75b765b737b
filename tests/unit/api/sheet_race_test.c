/* A sheet is read, and somebody else writes before it is written: it is refused, or asked about, as if that
 * had stood there when it was read. */
#include "hub/api.h"
#include "hub/hub.h"
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/item.h"
#include "core/domain/price.h"
#include "program/bell.h"
#include "site/site.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct rig branch, province;
static struct node node;
static struct hub hub;
static struct visitor officer, curator;

static int open_rigs(void **state)
{
  (void)state;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, NULL);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub.app);
  rig_carry(&hub.app, &node.app);
  rig_account(&node.app, "officer", "officer", "officer-password");
  rig_account(&hub.app, "curator", "curator", "curator-password");
  rig_open(&branch, &node.app, node_routes, node_route_count);
  rig_open(&province, &hub.app, hub_routes, hub_route_count);
  officer = rig_login(&branch, "officer", "officer-password");
  curator = rig_login(&province, "curator", "curator-password");
  return 0;
}

static int close_rigs(void **state)
{
  (void)state;
  rig_close(&branch);
  rig_close(&province);
  rig_site_close(&node.app);
  rig_site_close(&hub.app);
  return 0;
}

/* Somebody who has the store when a sheet is read, and writes when it is to be written. */
struct other {
  struct app *app;
  const char *account; /* whose sheet it is */
  bool (*write)(struct tx *tx, int64_t product, struct err *err);
  int64_t product, owed_ms;
  struct bell begun;
  pthread_t thread;
  bool overtook;
};

static void each_owes(void *ctx, const char *account, int64_t left_ms)
{
  struct other *other = ctx;
  if (strcmp(account, other->account) == 0) other->owed_ms = left_ms;
}

static int64_t owed_ms(struct other *other)
{
  other->owed_ms = 0;
  pace_each(site_writes(other->app), clock_mono_ms(), each_owes, other);
  return other->owed_ms;
}

/* An account's pace is counted between the reading and the turn to write. */
static bool write_first(struct tx *tx, void *ctx, struct err *err)
{
  enum { LONG_MS = 60000 };
  struct other *other = ctx;
  int64_t before = owed_ms(other), since = clock_mono_ms();
  bell_ring(&other->begun);
  while (!other->overtook && clock_mono_ms() - since < LONG_MS) {
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    other->overtook = owed_ms(other) > before;
  }
  return other->write(tx, other->product, err);
}

static void *hold_the_store(void *ctx)
{
  struct other *other = ctx;
  const struct act act = {.actor = "else", .role = "admin", .action = "test", .now_ms = clock_wall_ms()};
  struct err err = ERR_INIT;
  if (!app_commit(other->app, &act, write_first, other, NULL, &err)) fail_msg("%s", err.text);
  return NULL;
}

static void begin(struct other *other)
{
  bell_init(&other->begun);
  assert_int_equal(pthread_create(&other->thread, NULL, hold_the_store, other), 0);
  assert_true(bell_wait(&other->begun, INT64_C(60000)));
}

static void end(struct other *other)
{
  pthread_join(other->thread, NULL);
  bell_wipe(&other->begun);
  assert_true(other->overtook);
}

static const char *day_ago(int days)
{
  static char texts[4][11];
  static int turn;
  char *text = texts[turn++ % 4];
  date_format(text, date_add_days(date_of_ms(clock_wall_ms()), -days));
  return text;
}

static struct reply send(const char *text)
{
  return rig_upload(&branch, &officer, "/api/v1/prices/import", "text/csv", text, strlen(text));
}

static bool write_low_price(struct tx *tx, int64_t product, struct err *err)
{
  const struct price_new price = {.product = product,
                                  .price_fen = 1000,
                                  .source = "market",
                                  .observed_date = date_add_days(date_of_ms(tx->now_ms), -2)};
  struct written written;
  return price_add(tx, &price, &written, NULL, err);
}

static void a_row_that_a_price_of_somebody_else_makes_doubtful_is_refused_with_its_cell(void **state)
{
  (void)state;
  char text[400];
  struct other other = {.app = &node.app,
                        .account = "officer",
                        .write = write_low_price,
                        .product = rig_product(&node.app, "西店牡蛎")};
  int64_t before = rig_count(&node.app, "SELECT count(*) FROM price");
  snprintf(text, sizeof text, "品名,单价,来源,日期\n舟山带鱼,38.5,市场看价,%s\n西店牡蛎,31,市场看价,%s\n",
           day_ago(1), day_ago(1));
  begin(&other);
  struct reply r = send(text);
  end(&other);
  if (r.status != 422) fail_msg("%d %s", r.status, (char *)r.body);
  assert_string_equal(at_text(&r, "error.rule"), "sheet");
  assert_int_equal(json_array_size(at(&r, "errors")), 1);
  assert_int_equal(at_int(&r, "errors.0.row"), 3);
  assert_string_equal(at_text(&r, "errors.0.column"), "单价");
  assert_string_equal(at_text(&r, "errors.0.value"), "31");
  assert_string_equal(at_text(&r, "errors.0.rule"), "outlier_own");
  assert_true(*at_text(&r, "file") != '\0');
  reply_wipe(&r);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before + 1);
}

static bool write_name(struct tx *tx, int64_t product, struct err *err)
{
  json_t *fields = json_pack("{s:s}", "name_en", "Overtaken");
  int64_t rev = 0, new_rev;
  struct query q = query_open(tx->db, "SELECT rev FROM product WHERE id = ?1", err);
  query_int(&q, 1, product);
  if (query_row(&q)) rev = column_int(&q, 0);
  bool ok = query_close(&q) && item_change(tx, ITEM_PRODUCT, product, rev, fields, &new_rev, NULL, err);
  json_decref(fields);
  return ok;
}

static void a_product_that_somebody_else_changes_is_asked_about_as_it_is_then(void **state)
{
  (void)state;
  char text[400], path[160];
  struct other other = {.app = &hub.app,
                        .account = "curator",
                        .write = write_name,
                        .product = rig_product(&hub.app, "安吉冬笋")};
  snprintf(text, sizeof text,
           "name_zh,group,season_start_month,season_end_month,storage,unit,gb2260,name_en\n"
           "安吉冬笋,produce,11,2,chilled,kg,330523,From a sheet\n");
  struct reply r =
      rig_upload(&province, &curator, "/api/v1/catalogue/import", "text/csv", text, strlen(text));
  if (r.status != 409) fail_msg("%d %s", r.status, (char *)r.body);
  int64_t rev = at_int(&r, "error.params.rows.0.rev");
  snprintf(path, sizeof path, "/api/v1/catalogue/import?meant=%s", at_text(&r, "error.params.seen"));
  reply_wipe(&r);
  begin(&other);
  r = rig_upload(&province, &curator, path, "text/csv", text, strlen(text));
  end(&other);
  if (r.status != 409) fail_msg("%d %s", r.status, (char *)r.body);
  assert_string_equal(at_text(&r, "error.rule"), "changes");
  assert_true(at_int(&r, "error.params.rows.0.rev") > rev);
  reply_wipe(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_row_that_a_price_of_somebody_else_makes_doubtful_is_refused_with_its_cell),
      cmocka_unit_test(a_product_that_somebody_else_changes_is_asked_about_as_it_is_then),
  };
  return cmocka_run_group_tests(tests, open_rigs, close_rigs);
}
