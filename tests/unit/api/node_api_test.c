/* The branch's HTTP interface over the real web and the real store: who may, what is refused and how, that a
 * resend never writes twice, and that every answer has the shape docs/openapi.yaml promises. */
#include "agree.h"
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/base/xlsx_read.h"
#include "sync/lost_leaf.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

static struct rig rig;
static struct node node;
static struct app hub; /* the other end of the line */
static struct visitor staff, officer, admin, nobody;
static char today[11];
static int64_t fish;

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
  date_format(today, date_of_ms(clock_wall_ms()));
  fish = rig_product(&node.app, "舟山三疣梭子蟹");
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

static void routes_and_description_agree(void **state)
{
  (void)state;
  const struct served served = {node_routes, node_route_count, "node", ROLE_NODE};
  routes_are_described(&served);
  descriptions_are_served(&served);
}

/* -- who may -- */

static void a_page_of_another_site_can_change_nothing(void **state)
{
  (void)state;
  const char *json = "X-Sunlit: 1\r\nContent-Type: application/json\r\nIdempotency-Key: 0123456789\r\n";
  char headers[300];
  refused_as(rig_send(&rig, &officer, "POST", "/api/v1/sync/retry", "", "", 0), 403, "csrf");
  refused_as(rig_send(&rig, &officer, "POST", "/api/v1/sync/retry", "X-Sunlit: 0\r\n", "", 0), 403, "csrf");
  snprintf(headers, sizeof headers, "%sOrigin: https://elsewhere.example\r\n", json);
  refused_as(rig_send(&rig, &officer, "POST", "/api/v1/sync/retry", headers, "", 0), 403, "origin");
  refused_as(rig_send(&rig, &nobody, "POST", "/api/v1/login", "", "{}", 2), 403, "csrf");
  answered(rig_post(&rig, &officer, "/api/v1/sync/retry", ""), 200);
}

static void a_wrong_role_is_refused_and_recorded(void **state)
{
  (void)state;
  int64_t before = rig_count(&node.app, "SELECT count(*) FROM security_event WHERE kind = 'role'");
  refused_as(rig_post(&rig, &staff, "/api/v1/prices", "{}"), 403, "role");
  refused_as(rig_get(&rig, &staff, "/api/v1/prices/template.xlsx"), 403, "role");
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM security_event WHERE kind = 'role'"),
                   before + 2);
  refused_as(rig_get(&rig, &nobody, "/api/v1/sync"), 401, "login_required");
  answered(rig_get(&rig, &nobody, "/api/v1/status"), 200);
}

/* -- reading -- */

static void the_catalogue_is_searched_and_counted(void **state)
{
  (void)state;
  struct reply r = rig_get(&rig, &staff, "/api/v1/catalogue?q=zssysz&limit=5");
  assert_int_equal(r.status, 200);
  assert_true(at_int(&r, "total") >= 1);
  assert_string_equal(at_text(&r, "items.0.name_zh"), "舟山三疣梭子蟹");
  reply_wipe(&r);
  r = rig_get(
      &rig, &staff,
      "/api/v1/catalogue?group=aquatic,produce&storage=live&origin=county&season=month:11&sort=season");
  assert_int_equal(r.status, 200);
  assert_true(at_int(&r, "facets.group.aquatic") >= 0);
  reply_wipe(&r);
  r = rig_get(&rig, &staff, "/api/v1/catalogue?limit=1000");
  assert_int_equal(at_int(&r, "total"), 542);
  assert_int_equal(json_array_size(at(&r, "items")), 542);
  reply_wipe(&r);
}

static void wrong_filters_are_named(void **state)
{
  (void)state;
  static const struct {
    const char *path, *rule, *field;
  } cases[] = {
      {"/api/v1/catalogue?group=fish", "one_of", "group"},
      {"/api/v1/catalogue?season=month:13", "one_of", "season"},
      {"/api/v1/catalogue?season=winter", "one_of", "season"},
      {"/api/v1/catalogue?sort=colour", "one_of", "sort"},
      {"/api/v1/catalogue?limit=0", "range", "limit"},
      {"/api/v1/catalogue?after=50", "bookmark", "after"},
      {"/api/v1/prices?state=lost", "one_of", "state"},
      {"/api/v1/prices?sort=colour", "one_of", "sort"},
      {"/api/v1/proposals?kind=none", "one_of", "kind"},
      {"/api/v1/catalogue?limit=x", "type", "limit"},
      {"/api/v1/prices?from=2026-13-01", "date", "from"},
      {"/api/v1/prices?source=guessed", "one_of", "source"},
      {"/api/v1/suppliers?status=gone", "one_of", "status"},
      {"/api/v1/products/x", "type", "id"},
      {"/api/v1/proposals?state=lost", "one_of", "state"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct reply r = rig_get(&rig, &officer, cases[i].path);
    if (r.status != 400) fail_msg("%s: %d %s", cases[i].path, r.status, (char *)r.body);
    if (strcmp(at_text(&r, "error.rule"), cases[i].rule) != 0 && strcmp(cases[i].rule, "type") != 0)
      fail_msg("%s: %s", cases[i].path, (char *)r.body);
    assert_string_equal(at_text(&r, "error.field"), cases[i].field);
    reply_wipe(&r);
  }
  refused_as(rig_get(&rig, &officer, "/api/v1/products/9"), 404, "unknown_product");
  refused_as(rig_get(&rig, &officer, "/api/v1/suppliers/9"), 404, "unknown_supplier");
  answered(rig_get(&rig, &officer, "/api/v1/nothing"), 404);
}

static void every_page_has_its_answer(void **state)
{
  (void)state;
  char path[100];
  static const char *const lists[] = {"/api/v1/status",    "/api/v1/sync",        "/api/v1/divisions",
                                      "/api/v1/suppliers", "/api/v1/prices",      "/api/v1/evaluations",
                                      "/api/v1/proposals", "/api/v1/sync?lang=en"};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
    answered(rig_get(&rig, &staff, lists[i]), 200);
  snprintf(path, sizeof path, "/api/v1/products/%lld", (long long)fish);
  struct reply r = rig_get(&rig, &staff, path);
  assert_string_equal(at_text(&r, "name_zh"), "舟山三疣梭子蟹");
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/products/%lld/prices?months=12", (long long)fish);
  r = rig_get(&rig, &staff, path);
  assert_int_equal(json_array_size(at(&r, "periods")), 24);
  reply_wipe(&r);
}

static void every_list_is_a_workbook_too(void **state)
{
  (void)state;
  static const char *const lists[] = {"/api/v1/catalogue.xlsx?group=aquatic", "/api/v1/suppliers.xlsx",
                                      "/api/v1/prices.xlsx", "/api/v1/evaluations.xlsx",
                                      "/api/v1/proposals.xlsx"};
  for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
    struct grid grid = GRID_INIT;
    struct err err = ERR_INIT;
    struct reply r = rig_get(&rig, &staff, lists[i]);
    assert_int_equal(r.status, 200);
    assert_non_null(strstr(r.head, "attachment"));
    if (!xlsx_read(&grid, r.body, r.size, NULL, &err)) fail_msg("%s: %s", lists[i], err.text);
    assert_true(grid.columns >= 10);
    if (i == 0) assert_true(grid.rows > 50);
    grid_wipe(&grid);
    reply_wipe(&r);
  }
}

/* -- writing -- */

static const char *price_body(char out[300], int64_t fen, const char *more)
{
  snprintf(out, 300, "{\"product\":%lld,\"price_fen\":%lld,\"source\":\"settled\",\"date\":\"%s\"%s}",
           (long long)fish, (long long)fen, today, more);
  return out;
}

static void a_price_is_saved_and_its_place_follows_the_line(void **state)
{
  (void)state;
  char body[300], path[80];
  struct reply r = rig_post(&rig, &officer, "/api/v1/prices",
                            price_body(body, 11800, ",\"qty\":24.5,\"note\":\"个体匀\""));
  assert_int_equal(r.status, 201);
  assert_string_equal(at_text(&r, "place.at"), "branch");
  assert_true(strncmp(at_text(&r, "no"), "JG330127-", 9) == 0);
  snprintf(path, sizeof path, "/api/v1/prices/%lld", (long long)at_int(&r, "id"));
  reply_wipe(&r);
  r = rig_get(&rig, &staff, path);
  assert_string_equal(at_text(&r, "place.at"), "branch");
  assert_true(at_int(&r, "entry.ahead") >= 0);
  assert_int_equal(strlen(at_text(&r, "entry.hash")), 64);
  assert_true(json_real_value(at(&r, "qty")) == 24.5);
  reply_wipe(&r);
  r = rig_get(&rig, &staff, "/api/v1/sync");
  const int64_t waits = at_int(&r, "pending.count");
  assert_true(waits > 0);
  reply_wipe(&r);
  node.app.identity.base_seq =
      (uint64_t)waits - 1; /* what the province had before this epoch is not on its way */
  r = rig_get(&rig, &staff, "/api/v1/sync");
  assert_int_equal(at_int(&r, "pending.count"), 1);
  assert_int_equal(json_array_size(at(&r, "pending.items")), 1);
  node.app.identity.base_seq = 0;
  size_t last = json_array_size(at(&r, "pending.items")) - 1;
  const char *title =
      json_string_value(json_object_get(json_array_get(at(&r, "pending.items"), last), "title"));
  assert_non_null(strstr(title, "舟山三疣梭子蟹"));
  assert_non_null(strstr(title, "118.00"));
  reply_wipe(&r);
  rig_carry(&hub, &node.app);
  r = rig_get(&rig, &staff, path);
  assert_string_equal(at_text(&r, "place.at"), "province");
  assert_true(json_is_null(at(&r, "entry.ahead")));
  reply_wipe(&r);
  r = rig_get(&rig, &staff, "/api/v1/status");
  assert_int_equal(at_int(&r, "pending"), 0);
  reply_wipe(&r);
}

static void a_resend_gets_the_first_answer_and_writes_nothing(void **state)
{
  (void)state;
  char body[300], other[300];
  const char *key = "9d3c-resend";
  int64_t before = rig_count(&node.app, "SELECT count(*) FROM price");
  price_body(body, 11500, "");
  struct reply first = rig_change(&rig, &officer, "POST", "/api/v1/prices", key, body);
  struct reply again = rig_change(&rig, &officer, "POST", "/api/v1/prices", key, body);
  assert_int_equal(first.status, 201);
  assert_int_equal(again.status, 201);
  assert_string_equal((char *)first.body, (char *)again.body);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before + 1);
  refused_as(rig_change(&rig, &officer, "POST", "/api/v1/prices", key, price_body(other, 11600, "")), 409,
             "key_reused");
  /* Also what this program would not take: it may have been taken by the one before. */
  refused_as(rig_change(&rig, &officer, "POST", "/api/v1/prices", key, "{\"colour\":1}"), 409, "key_reused");
  const char *keyless = "X-Sunlit: 1\r\nContent-Type: application/json\r\n";
  refused_as(rig_send(&rig, &officer, "POST", "/api/v1/prices", keyless, body, strlen(body)), 400,
             "no_idempotency_key");
  refused_as(rig_change(&rig, &officer, "POST", "/api/v1/prices", "bad key!", body), 400,
             "no_idempotency_key");
  /* A refusal is not an answer to keep: put right, the same key goes through. */
  refused_as(rig_change(&rig, &officer, "POST", "/api/v1/prices", "9d3c-second", "{\"product\":1}"), 400,
             "required");
  answered(rig_change(&rig, &officer, "POST", "/api/v1/prices", "9d3c-second", other), 201);
  reply_wipe(&first);
  reply_wipe(&again);
}

/* Kept on a phone while the branch did not answer, with whose clock nobody compared it. */
static void a_price_of_a_day_to_come_is_asked_about_and_names_the_day_here(void **state)
{
  (void)state;
  char body[300], tomorrow[11];
  const char *key = "9d3c-tomorrow";
  date_format(tomorrow, date_of_ms(clock_wall_ms() + 86400000));
  for (int sure = 0; sure < 2; sure++) {
    snprintf(
        body, sizeof body,
        "{\"product\":%lld,\"price_fen\":11800,\"source\":\"market\",\"date\":\"%s\",\"confirm_date\":%s}",
        (long long)fish, tomorrow, sure ? "true" : "false");
    struct reply r = rig_change(&rig, &officer, "POST", "/api/v1/prices", key, body);
    assert_int_equal(r.status, sure ? 201 : 400);
    if (!sure) assert_string_equal(at_text(&r, "error.rule"), "future");
    if (!sure) assert_string_equal(at_text(&r, "error.params.today"), today);
    reply_wipe(&r);
  }
}

static struct reply brought(const char *key, const char *waited_ms, const char *confirm)
{
  char body[300], headers[300];
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"price_fen\":11700,\"source\":\"market\",\"date\":\"%s\"%s}", (long long)fish,
           today, confirm);
  snprintf(headers, sizeof headers,
           "X-Sunlit: 1\r\nContent-Type: application/json\r\nIdempotency-Key: %s\r\nX-Sunlit-Waited: %s\r\n",
           key, waited_ms);
  return rig_send(&rig, &officer, "POST", "/api/v1/prices", headers, body, strlen(body));
}

/* The day had not come when the phone kept it, as far as anybody knows. */
static void a_kept_price_is_held_against_the_day_on_which_it_was_kept(void **state)
{
  (void)state;
  char then[11];
  int64_t before = rig_count(&node.app, "SELECT count(*) FROM price");
  date_format(then, date_of_ms(clock_wall_ms() - 2 * INT64_C(86400000)));
  struct reply r = brought("kept-for-two-days", "172800000", "");
  assert_int_equal(r.status, 400);
  assert_string_equal(at_text(&r, "error.rule"), "future");
  assert_string_equal(at_text(&r, "error.params.today"), then);
  reply_wipe(&r);
  answered(brought("kept-for-two-days", "172800000", ",\"confirm_date\":true,\"confirm_repeat\":true"), 201);
  /* What is here already is known before anything is asked: the answer to its first press was lost. */
  answered(brought("its-answer-was-lost", "0", ",\"confirm_repeat\":true"), 201);
  answered(brought("its-answer-was-lost", "172800000", ",\"confirm_repeat\":true"), 201);
  /* A length that no record waits says nothing. */
  answered(brought("waited-for-ever", "99999999999999", ",\"confirm_repeat\":true"), 201);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before + 3);
}

/* A tab of the officer's, whose browser has got the session of somebody else meanwhile. */
static void a_page_of_one_account_neither_writes_nor_reads_as_another(void **state)
{
  (void)state;
  char body[300], headers[400];
  const char *form = "X-Sunlit: 1\r\nContent-Type: application/json\r\nIdempotency-Key: whose-page-is-it\r\n";
  int64_t before = rig_count(&node.app, "SELECT count(*) FROM price");
  price_body(body, 11900, "");
  snprintf(headers, sizeof headers, "%sX-Sunlit-Account: officer\r\n", form);
  struct reply r = rig_send(&rig, &admin, "POST", "/api/v1/prices", headers, body, strlen(body));
  assert_int_equal(r.status, 409);
  assert_string_equal(at_text(&r, "error.rule"), "other_account");
  assert_string_equal(at_text(&r, "error.params.named"), "officer");
  assert_string_equal(at_text(&r, "error.params.session"), "admin");
  reply_wipe(&r);
  const char *named = "X-Sunlit-Account: officer\r\n";
  refused_as(rig_send(&rig, &admin, "GET", "/api/v1/sessions", named, NULL, 0), 409, "other_account");
  refused_as(rig_send(&rig, &admin, "GET", "/api/v1/status", named, NULL, 0), 409, "other_account");
  refused_as(rig_send(&rig, &admin, "POST", "/api/v1/logout", headers, "", 0), 409, "other_account");
  answered(rig_send(&rig, &nobody, "GET", "/api/v1/status", named, NULL, 0), 200);
  char elsewhere[400];
  snprintf(elsewhere, sizeof elsewhere, "%sX-Sunlit-Account: admin@330902-00c0ffee\r\n", form);
  refused_as(rig_send(&rig, &admin, "POST", "/api/v1/prices", elsewhere, body, strlen(body)), 409,
             "another_site");
  refused_as(rig_send(&rig, &nobody, "GET", "/api/v1/status", elsewhere, NULL, 0), 409, "another_site");
  snprintf(elsewhere, sizeof elsewhere, "%sX-Sunlit-Account: officer@%s\r\n", form, node.app.site_id);
  refused_as(rig_send(&rig, &admin, "POST", "/api/v1/prices", elsewhere, body, strlen(body)), 409,
             "other_account");
  refused_as(rig_send(&rig, &nobody, "GET", "/api/v1/sessions", named, NULL, 0), 401, "login_required");
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before);
  answered(rig_send(&rig, &officer, "POST", "/api/v1/prices", elsewhere, body, strlen(body)), 201);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), before + 1);
}

static void a_browser_says_whose_page_it_is(void **state)
{
  (void)state;
  const char *json = "X-Sunlit: 1\r\nContent-Type: application/json\r\n";
  const char *login = "{\"name\":\"officer\",\"password\":\"wrong and wrong\"}";
  char headers[400], origin[80];
  snprintf(origin, sizeof origin, "Origin: http://127.0.0.1:%u\r\n", web_port(rig.web));
  const char *const marks[] = {origin, "Sec-Fetch-Site: same-origin\r\n"};
  for (int i = 0; i < 2; i++) {
    int n = snprintf(headers, sizeof headers, "%s%s", json, marks[i]);
    refused_as(rig_send(&rig, &officer, "POST", "/api/v1/sync/retry", headers, "", 0), 403, "csrf");
    /* Who logs in is nobody yet, whatever cookie is left of another. */
    refused_as(rig_send(&rig, &staff, "POST", "/api/v1/login", headers, login, strlen(login)), 401,
               "wrong_login");
    snprintf(headers + n, sizeof headers - (size_t)n, "X-Sunlit-Account: officer\r\n");
    answered(rig_send(&rig, &officer, "POST", "/api/v1/sync/retry", headers, "", 0), 200);
  }
}

struct crowd {
  pthread_t thread;
  const char *body;
  int sent, read;
};

static void *one_of_many(void *ctx)
{
  struct crowd *one = ctx;
  struct reply r = rig_change(&rig, &officer, "POST", "/api/v1/prices", "all-at-once", one->body);
  one->sent = r.status;
  reply_wipe(&r);
  r = rig_get(&rig, &staff, "/api/v1/catalogue?limit=20&sort=price");
  one->read = r.status;
  reply_wipe(&r);
  return NULL;
}

static void the_same_request_from_many_at_once_writes_once(void **state)
{
  (void)state;
  struct crowd crowd[12];
  char body[300];
  price_body(body, 11700, ",\"note\":\"同时\"");
  for (size_t i = 0; i < 12; i++) {
    crowd[i] = (struct crowd){.body = body};
    assert_int_equal(pthread_create(&crowd[i].thread, NULL, one_of_many, &crowd[i]), 0);
  }
  for (size_t i = 0; i < 12; i++) {
    pthread_join(crowd[i].thread, NULL);
    assert_int_equal(crowd[i].sent, 201);
    assert_int_equal(crowd[i].read, 200);
  }
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price WHERE note = '同时'"), 1);
}

static void a_price_is_corrected_once_and_taken_back_once(void **state)
{
  (void)state;
  char body[300], more[60], path[80];
  struct reply r = rig_post(&rig, &officer, "/api/v1/prices", price_body(body, 11000, ""));
  long long id = at_int(&r, "id");
  reply_wipe(&r);
  snprintf(more, sizeof more, ",\"replaces\":%lld", id);
  r = rig_post(&rig, &officer, "/api/v1/prices", price_body(body, 11100, more));
  assert_int_equal(r.status, 201);
  long long corrected = at_int(&r, "id");
  reply_wipe(&r);
  refused_as(rig_post(&rig, &officer, "/api/v1/prices", price_body(body, 11200, more)), 409, "replaced");
  snprintf(path, sizeof path, "/api/v1/prices/%lld/void", corrected);
  refused_as(rig_post(&rig, &officer, path, "{\"reason\":\"\"}"), 400, "required");
  answered(rig_post(&rig, &officer, path, "{\"reason\":\"记错了品名\"}"), 201);
  snprintf(path, sizeof path, "/api/v1/prices/%lld", corrected);
  r = rig_get(&rig, &officer, path);
  assert_string_equal(at_text(&r, "void.reason"), "记错了品名");
  reply_wipe(&r);
  refused_as(rig_post(&rig, &officer, "/api/v1/prices/77/void", "{\"reason\":\"没有\"}"), 404,
             "unknown_price");
}

static void every_bad_price_is_refused_by_field_and_rule(void **state)
{
  (void)state;
  static const struct {
    const char *body;
    int status;
    const char *rule, *field;
  } cases[] = {
      {"", 400, "json", ""},
      {"[]", 400, "type", ""},
      {"{\"product\":1", 400, "json", ""},
      {"{\"product\":1,\"product\":2}", 400, "json", ""},
      {"{\"colour\":\"red\"}", 400, "unknown_field", "colour"},
      {"{\"product\":\"crab\"}", 400, "type", "product"},
      {"{\"product\":7,\"price_fen\":-5}", 400, "range", "price_fen"},
      {"{\"product\":7,\"price_fen\":0}", 400, "range", "price_fen"},
      {"{\"product\":7,\"price_fen\":1.5}", 400, "type", "price_fen"},
      {"{\"product\":7,\"price_fen\":100000001}", 400, "range", "price_fen"},
      {"{\"product\":7,\"price_fen\":100}", 400, "required", "source"},
      {"{\"product\":7,\"price_fen\":100,\"source\":\"settled\",\"date\":\"yesterday\"}", 400, "date",
       "date"},
      {"{\"product\":7,\"price_fen\":100,\"qty\":-1,\"source\":\"settled\",\"date\":\"2026-11-01\"}", 400,
       "range", "qty"},
      {"{\"product\":7,\"price_fen\":100,\"qty\":1.0005,\"source\":\"settled\",\"date\":\"2026-11-01\"}", 400,
       "places", "qty"},
      {"{\"product\":7,\"price_fen\":100,\"qty\":\"2\",\"source\":\"settled\",\"date\":\"2026-11-01\"}", 400,
       "type", "qty"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct reply r = rig_post(&rig, &officer, "/api/v1/prices", cases[i].body);
    if (r.status != cases[i].status || strcmp(at_text(&r, "error.rule"), cases[i].rule) != 0 ||
        strcmp(at_text(&r, "error.field"), cases[i].field) != 0)
      fail_msg("%s: %d %s", cases[i].body, r.status, (char *)r.body);
    reply_wipe(&r);
  }
  char body[300];
  refused_as(rig_post(&rig, &officer, "/api/v1/prices",
                      "{\"product\":7,\"price_fen\":100,\"source\":\"settled\",\"date\":\"2026-11-01\"}"),
             400, "unknown_product");
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"price_fen\":100,\"source\":\"guess\",\"date\":\"2199-01-01\"}",
           (long long)fish);
  struct reply r = rig_post(&rig, &officer, "/api/v1/prices", body);
  assert_int_equal(r.status, 400);
  assert_true(json_array_size(at(&r, "errors")) >= 2); /* all that is wrong, not the first */
  reply_wipe(&r);
}

static void bodies_have_bounds(void **state)
{
  (void)state;
  struct buf deep = BUF_INIT;
  for (int i = 0; i < 40; i++)
    put_text(&deep, "[");
  put_u8(&deep, 0);
  refused_as(rig_post(&rig, &officer, "/api/v1/prices", (char *)deep.data), 400, "json_depth");
  buf_wipe(&deep);
  size_t size = HTTP_BODY_MAX + 1;
  char *large = malloc(size);
  assert_non_null(large);
  memset(large, ' ', size);
  struct reply r = rig_upload(&rig, &officer, "/api/v1/prices", "application/json", large, size);
  assert_int_equal(r.status, 413);
  reply_wipe(&r);
  free(large);
  refused_as(rig_upload(&rig, &officer, "/api/v1/prices", "text/plain", "{}", 2), 415, "content_type");
  char note[1200] = "{\"note\":\"";
  memset(note + strlen(note), 'x', 1000);
  strcat(note, "\"}");
  refused_as(rig_post(&rig, &officer, "/api/v1/prices", note), 400, "required");
}

static void staff_rate_confirmations_are_given_once(void **state)
{
  (void)state;
  char body[300];
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"quality\":5,\"price\":4,\"delivery\":5,\"remark\":\"活力好\"}",
           (long long)fish);
  struct reply r = rig_post(&rig, &staff, "/api/v1/evaluations", body);
  assert_int_equal(r.status, 201);
  assert_true(strncmp(at_text(&r, "no"), "PJ330127-", 9) == 0);
  long long id = at_int(&r, "id");
  reply_wipe(&r);
  snprintf(body, sizeof body, "/api/v1/evaluations/%lld/void", id);
  answered(rig_post(&rig, &officer, body, "{\"reason\":\"不是这一批\"}"), 201);
  r = rig_get(&rig, &staff, "/api/v1/evaluations");
  assert_string_equal(at_text(&r, "items.0.void.reason"), "不是这一批");
  reply_wipe(&r);
  snprintf(body, sizeof body, "/api/v1/evaluations/%lld", id); /* also when it was taken back */
  r = rig_get(&rig, &staff, body);
  assert_int_equal(r.status, 200);
  assert_int_equal(at_int(&r, "id"), id);
  assert_int_equal(at_int(&r, "quality"), 5);
  assert_string_equal(at_text(&r, "remark"), "活力好");
  assert_string_equal(at_text(&r, "void.reason"), "不是这一批");
  reply_wipe(&r);
  refused_as(rig_get(&rig, &staff, "/api/v1/evaluations/4242"), 404, "unknown_evaluation");
  snprintf(body, sizeof body, "{\"product\":%lld,\"quality\":6,\"price\":4,\"delivery\":5}", (long long)fish);
  refused_as(rig_post(&rig, &staff, "/api/v1/evaluations", body), 400, "range");
  snprintf(body, sizeof body, "{\"product\":%lld}", (long long)fish);
  refused_as(rig_post(&rig, &officer, "/api/v1/confirmations", body), 400, "required");
  snprintf(body, sizeof body, "{\"product\":%lld,\"rev\":2}", (long long)fish); /* a page from elsewhere */
  refused_as(rig_post(&rig, &officer, "/api/v1/confirmations", body), 409, "stale");
  snprintf(body, sizeof body, "{\"product\":%lld,\"rev\":1,\"note\":\"上市月份属实\"}", (long long)fish);
  answered(rig_post(&rig, &officer, "/api/v1/confirmations", body), 201);
  refused_as(rig_post(&rig, &officer, "/api/v1/confirmations", body), 409, "already_confirmed");
}

static void a_proposal_is_listed_with_what_it_would_change(void **state)
{
  (void)state;
  char body[400];
  snprintf(body, sizeof body,
           "{\"kind\":\"correction\",\"target\":%lld,\"base_rev\":1,\"patch\":{\"storage\":\"dry\"},"
           "\"reason\":\"常温会坏\"}",
           (long long)fish);
  struct reply r = rig_post(&rig, &staff, "/api/v1/proposals", body);
  assert_int_equal(r.status, 201);
  snprintf(body, sizeof body, "/api/v1/proposals/%lld", (long long)at_int(&r, "id"));
  reply_wipe(&r);
  r = rig_get(&rig, &staff, body);
  assert_string_equal(at_text(&r, "patch.storage"), "dry");
  assert_string_equal(at_text(&r, "target_name"), "舟山三疣梭子蟹");
  assert_true(json_is_null(at(&r, "decision")));
  reply_wipe(&r);
  refused_as(
      rig_post(&rig, &staff, "/api/v1/proposals", "{\"kind\":\"wish\",\"patch\":{},\"reason\":\"没有\"}"),
      400, "one_of");
  refused_as(rig_post(&rig, &staff, "/api/v1/proposals",
                      "{\"kind\":\"new_product\",\"patch\":[],\"reason\":\"没有\"}"),
             400, "type");
  snprintf(body, sizeof body,
           "{\"kind\":\"correction\",\"target\":%lld,\"base_rev\":1,\"patch\":{\"colour\":\"red\"},"
           "\"reason\":\"没有\"}",
           (long long)fish);
  refused_as(rig_post(&rig, &staff, "/api/v1/proposals", body), 400, "unknown_field");
}

/* -- when the disk is full -- */

static void a_full_disk_refuses_writes_and_serves_reads(void **state)
{
  (void)state;
  struct rlimit old, none;
  char body[300];
  signal(SIGXFSZ, SIG_IGN);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  none = old;
  none.rlim_cur = 4096;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
  struct reply r = rig_post(&rig, &officer, "/api/v1/prices", price_body(body, 11850, ""));
  int status = r.status;
  reply_wipe(&r);
  struct reply read = rig_get(&rig, &officer, "/api/v1/catalogue?limit=3");
  struct reply state_now = rig_get(&rig, &nobody, "/api/v1/status");
  setrlimit(RLIMIT_FSIZE, &old);
  assert_int_equal(status, 503);
  assert_int_equal(read.status, 200);
  assert_string_equal(at_text(&state_now, "state"), "attention");
  reply_wipe(&read);
  reply_wipe(&state_now);
  answered(rig_post(&rig, &officer, "/api/v1/prices", price_body(body, 11850, "")), 201);
  r = rig_get(&rig, &nobody, "/api/v1/status");
  assert_true(json_is_null(at(&r, "trouble")));
  reply_wipe(&r);
}

/* With 1001 the first three are one run, and each other is one alone. */
static void lose(void)
{
  char path[DATA_PATH_MAX];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct lost_leaf leaf = {.stream = {330127, 0}, .epoch = 1, .received_ms = 1};
  bool ok = db_open(&db, data_dir_path(&node.app.dir, "store.db", path), DB_WRITE, &err) &&
            log_end(db, &leaf.pos, &err);
  for (leaf.seq = 1000; ok && leaf.seq < 1050; leaf.seq += leaf.seq == 1000 || leaf.seq == 1001 ? 1 : 2) {
    ok = lost_leaf_put(db, &leaf, &err);
    leaf.pos++;
  }
  db_close(db);
  if (!ok) fail_msg("%s", err.text);
}

/* The same number as status, verify and the province's page (docs/decisions/0220). */
static void a_branch_shows_the_holes_of_its_own_record(void **state)
{
  (void)state;
  struct reply r = rig_get(&rig, &staff, "/api/v1/sync");
  assert_int_equal(at_int(&r, "lost.total"), 0);
  assert_int_equal(json_array_size(at(&r, "lost.runs")), 0);
  reply_wipe(&r);
  lose();
  r = rig_get(&rig, &staff, "/api/v1/sync");
  assert_int_equal(at_int(&r, "lost.total"), 26);
  assert_int_equal(at_int(&r, "lost.runs_total"), 24);
  assert_int_equal(json_array_size(at(&r, "lost.runs")), 20);
  assert_int_equal(at_int(&r, "lost.runs.0.author"), 330127);
  assert_int_equal(at_int(&r, "lost.runs.0.first_seq"), 1000);
  assert_int_equal(at_int(&r, "lost.runs.0.count"), 3);
  assert_int_equal(at_int(&r, "lost.runs.1.count"), 1);
  reply_wipe(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(routes_and_description_agree),
      cmocka_unit_test(a_page_of_another_site_can_change_nothing),
      cmocka_unit_test(a_page_of_one_account_neither_writes_nor_reads_as_another),
      cmocka_unit_test(a_browser_says_whose_page_it_is),
      cmocka_unit_test(a_wrong_role_is_refused_and_recorded),
      cmocka_unit_test(the_catalogue_is_searched_and_counted),
      cmocka_unit_test(wrong_filters_are_named),
      cmocka_unit_test(every_page_has_its_answer),
      cmocka_unit_test(every_list_is_a_workbook_too),
      cmocka_unit_test(a_price_is_saved_and_its_place_follows_the_line),
      cmocka_unit_test(a_resend_gets_the_first_answer_and_writes_nothing),
      cmocka_unit_test(a_price_of_a_day_to_come_is_asked_about_and_names_the_day_here),
      cmocka_unit_test(a_kept_price_is_held_against_the_day_on_which_it_was_kept),
      cmocka_unit_test(the_same_request_from_many_at_once_writes_once),
      cmocka_unit_test(a_price_is_corrected_once_and_taken_back_once),
      cmocka_unit_test(every_bad_price_is_refused_by_field_and_rule),
      cmocka_unit_test(bodies_have_bounds),
      cmocka_unit_test(staff_rate_confirmations_are_given_once),
      cmocka_unit_test(a_proposal_is_listed_with_what_it_would_change),
      cmocka_unit_test(a_full_disk_refuses_writes_and_serves_reads),
      cmocka_unit_test(a_branch_shows_the_holes_of_its_own_record),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
