/* A branch that has not heard the province yet knows nothing of what is not here: it says so, and what names
 * it is not refused as a fault but taken later. */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/heard.h"

#include <stdio.h>

static struct rig rig;
static struct node node;
static struct app hub;
static struct visitor officer;
static int64_t fish; /* as the province will number it */

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub);
  fish = rig_product(&hub, "舟山三疣梭子蟹");
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

static void says_unheard(const char *word)
{
  struct reply r = rig_get(&rig, NULL, "/api/v1/status");
  assert_int_equal(r.status, 200);
  if (word)
    assert_string_equal(at_text(&r, "unheard"), word);
  else
    assert_true(json_is_null(at(&r, "unheard")));
  reply_wipe(&r);
}

static const char *price_of(int64_t product)
{
  static char body[200];
  char today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"price_fen\":100,\"unit\":\"kg\",\"source\":\"market\",\"date\":\"%s\"}",
           (long long)product, today);
  return body;
}

static struct reply send_sheet(void)
{
  static const char sheet[] = "品名,单价\n草莓,12.00\n";
  return rig_upload(&rig, &officer, "/api/v1/prices/import", "text/csv", sheet, sizeof sheet - 1);
}

static void nothing_has_come(void)
{
  static const char key[] = "a0000000-0000-4000-8000-000000000001";
  static const struct {
    const char *path, *body;
  } acts[] = {
      {"/api/v1/evaluations", "{\"product\":1,\"quality\":5,\"price\":5,\"delivery\":5}"},
      {"/api/v1/evaluations/99/void", "{\"reason\":\"a slip\"}"},
      {"/api/v1/prices/99/void", "{\"reason\":\"a slip\"}"},
      {"/api/v1/confirmations", "{\"product\":1,\"rev\":1}"},
      {"/api/v1/proposals",
       "{\"kind\":\"delisting\",\"target\":1,\"base_rev\":1,\"reason\":\"none is grown\"}"},
      {"/api/v1/proposals/99/withdrawal", "{\"text\":\"a slip\"}"},
  };
  static const char *const reads[] = {"/api/v1/products/1",          "/api/v1/products/1/prices",
                                      "/api/v1/prices/99",           "/api/v1/evaluations/99",
                                      "/api/v1/proposals/99",        "/api/v1/suppliers/1",
                                      "/api/v1/prices/template.xlsx"};
  says_unheard("catalogue");
  refused_as(rig_change(&rig, &officer, "POST", "/api/v1/prices", key, price_of(fish)), 503, "unheard");
  for (size_t i = 0; i < sizeof acts / sizeof *acts; i++)
    refused_as(rig_post(&rig, &officer, acts[i].path, acts[i].body), 503, "unheard");
  for (size_t i = 0; i < sizeof reads / sizeof *reads; i++)
    refused_as(rig_get(&rig, &officer, reads[i]), 503, "unheard");
  refused_as(send_sheet(), 503, "unheard");
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), 0);
  /* what is wrong by itself is wrong now */
  refused_as(rig_post(&rig, &officer, "/api/v1/prices", "{\"product\":1}"), 400, "required");
}

static void what_names_what_has_not_come_is_taken_later(void **state)
{
  (void)state;
  static const char key[] = "a0000000-0000-4000-8000-000000000001";
  nothing_has_come();
  rig_carry(&hub, &node.app);
  says_unheard(NULL);
  answered(rig_change(&rig, &officer, "POST", "/api/v1/prices", key, price_of(fish)), 201);
  refused_as(rig_post(&rig, &officer, "/api/v1/prices", price_of(987654)), 400, "unknown_product");
  refused_as(rig_get(&rig, &officer, "/api/v1/products/987654"), 404, "unknown_product");
}

static bool write_coming(struct tx *tx, void *ctx, struct err *err)
{
  return heard_history(tx, *(bool *)ctx, err);
}

static void own_records_that_are_coming_back_are_not_missing(void **state)
{
  (void)state;
  bool coming = true;
  assert_true(app_local(&node.app, write_coming, &coming, NULL));
  says_unheard("history");
  refused_as(rig_get(&rig, &officer, "/api/v1/prices/99"), 503, "unheard");
  refused_as(rig_post(&rig, &officer, "/api/v1/prices/99/void", "{\"reason\":\"a slip\"}"), 503, "unheard");
  refused_as(rig_post(&rig, &officer, "/api/v1/prices", price_of(987654)), 400, "unknown_product");
  coming = false;
  assert_true(app_local(&node.app, write_coming, &coming, NULL));
  says_unheard(NULL);
  refused_as(rig_get(&rig, &officer, "/api/v1/prices/99"), 404, "unknown_price");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_names_what_has_not_come_is_taken_later),
      cmocka_unit_test(own_records_that_are_coming_back_are_not_missing),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
