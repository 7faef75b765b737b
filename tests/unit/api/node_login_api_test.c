/* Logins at a branch: what opens a session, what ends it, who is locked out, and who may make accounts. */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include <stdio.h>
#include <string.h>

static struct rig rig;
static struct node node;
static struct app hub; /* its branches have names from there */
static struct visitor staff, officer, admin;

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

static void a_login_opens_a_session_and_logout_ends_it(void **state)
{
  (void)state;
  struct reply r =
      rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"staff\",\"password\":\"staff-password\"}");
  assert_int_equal(r.status, 200);
  assert_non_null(strstr(r.head, "HttpOnly"));
  assert_non_null(strstr(r.head, "SameSite=Strict"));
  assert_non_null(strstr(r.head, "Cache-Control: no-store"));
  assert_string_equal(at_text(&r, "account.role"), "staff");
  reply_wipe(&r);
  struct visitor who = rig_login(&rig, "staff", "staff-password");
  r = rig_get(&rig, &who, "/api/v1/session");
  assert_string_equal(at_text(&r, "account.name"), "staff");
  assert_string_equal(at_text(&r, "site.name_zh"), "淳安县");
  reply_wipe(&r);
  answered(rig_post(&rig, &who, "/api/v1/logout", ""), 200);
  r = rig_get(&rig, &who, "/api/v1/session");
  assert_true(json_is_null(at(&r, "account")));
  reply_wipe(&r);
  refused_as(rig_get(&rig, &who, "/api/v1/catalogue"), 401, "login_required");
}

static void one_sees_where_one_is_logged_in_and_ends_one_of_them(void **state)
{
  (void)state;
  char path[96];
  struct visitor here = rig_login(&rig, "officer", "officer-password");
  struct visitor there = rig_login(&rig, "officer", "officer-password");
  struct visitor other = rig_login(&rig, "staff", "staff-password");
  struct reply r = rig_get(&rig, &here, "/api/v1/sessions");
  size_t before = json_array_size(at(&r, "items"));
  assert_true(before >= 2);
  int64_t mine = 0, theirs = 0;
  size_t i;
  json_t *row;
  json_array_foreach(at(&r, "items"), i, row)
  {
    if (json_is_true(json_object_get(row, "own"))) mine = json_integer_value(json_object_get(row, "id"));
  }
  assert_true(mine > 0);
  reply_wipe(&r);
  r = rig_get(&rig, &there, "/api/v1/sessions");
  json_array_foreach(at(&r, "items"), i, row)
  {
    if (json_is_true(json_object_get(row, "own"))) theirs = json_integer_value(json_object_get(row, "id"));
  }
  assert_true(theirs > 0 && theirs != mine);
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/sessions/%lld/logout", (long long)theirs);
  refused_as(rig_post(&rig, &other, path, ""), 404, "unknown_session"); /* another account's */
  r = rig_post(&rig, &here, path, "");
  assert_int_equal(r.status, 200);
  assert_int_equal(json_array_size(at(&r, "items")), before - 1);
  reply_wipe(&r);
  refused_as(rig_get(&rig, &there, "/api/v1/catalogue"), 401, "login_required");
  answered(rig_get(&rig, &here, "/api/v1/catalogue"), 200);
  refused_as(rig_post(&rig, &here, path, ""), 404, "unknown_session");
}

static void a_wrong_password_and_an_unknown_name_look_the_same(void **state)
{
  (void)state;
  refused_as(rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"staff\",\"password\":\"wrong\"}"), 401,
             "wrong_login");
  refused_as(rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"nobody\",\"password\":\"wrong\"}"), 401,
             "wrong_login");
  assert_true(rig_count(&node.app, "SELECT count(*) FROM security_event") >= 2);
}

static void too_many_failures_lock_a_name_out_and_say_for_how_long(void **state)
{
  (void)state;
  struct reply r = {.status = 0};
  for (int i = 0; i < 8 && r.status != 429; i++) {
    reply_wipe(&r);
    r = rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"guesser\",\"password\":\"wrong\"}");
  }
  assert_int_equal(r.status, 429);
  assert_string_equal(at_text(&r, "error.rule"), "locked_out");
  assert_true(at_int(&r, "error.params.retry_ms") > 0);
  reply_wipe(&r);
}

static void a_one_time_password_opens_nothing_until_it_is_changed(void **state)
{
  (void)state;
  struct reply r = rig_post(&rig, &admin, "/api/v1/accounts", "{\"name\":\"newcomer\",\"role\":\"staff\"}");
  assert_int_equal(r.status, 201);
  struct visitor who = rig_login(&rig, "newcomer", at_text(&r, "password"));
  char body[200];
  refused_as(rig_get(&rig, &who, "/api/v1/catalogue"), 403, "must_change_password");
  snprintf(body, sizeof body, "{\"old\":\"%s\",\"new\":\"short\"}", at_text(&r, "password"));
  refused_as(rig_post(&rig, &who, "/api/v1/password", body), 400, "length");
  refused_as(rig_post(&rig, &who, "/api/v1/password", "{\"old\":\"no\",\"new\":\"a longer one\"}"), 400,
             "wrong_password");
  snprintf(body, sizeof body, "{\"old\":\"%s\",\"new\":\"a longer one\"}", at_text(&r, "password"));
  answered(rig_post(&rig, &who, "/api/v1/password", body), 200);
  answered(rig_get(&rig, &who, "/api/v1/catalogue"), 200);
  reply_wipe(&r);
}

static void accounts_are_for_the_administrator(void **state)
{
  (void)state;
  refused_as(rig_get(&rig, &officer, "/api/v1/accounts"), 403, "role");
  refused_as(rig_post(&rig, &admin, "/api/v1/accounts", "{\"name\":\"x\",\"role\":\"curator\"}"), 400,
             "account_name");
  refused_as(rig_post(&rig, &admin, "/api/v1/accounts", "{\"name\":\"xx\",\"role\":\"curator\"}"), 400,
             "one_of");
  refused_as(rig_post(&rig, &admin, "/api/v1/accounts", "{\"name\":\"staff\",\"role\":\"staff\"}"), 409,
             "exists");
  refused_as(rig_change(&rig, &admin, "PATCH", "/api/v1/accounts/admin", NULL,
                        rig_account_change(&node.app, "admin", "\"disabled\":true")),
             409, "last_admin");
  const char *key = "made-once-and-shown-once";
  struct reply first =
      rig_change(&rig, &admin, "POST", "/api/v1/accounts", key, "{\"name\":\"cook\",\"role\":\"staff\"}");
  struct reply again =
      rig_change(&rig, &admin, "POST", "/api/v1/accounts", key, "{\"name\":\"cook\",\"role\":\"staff\"}");
  assert_int_equal(again.status, 201);
  assert_true(json_is_string(at(&first, "password")));
  assert_true(json_is_null(at(&again, "password")));
  reply_wipe(&again);
  struct visitor cook = rig_login(&rig, "cook", at_text(&first, "password"));
  reply_wipe(&first);
  struct reply r = rig_post(&rig, &admin, "/api/v1/accounts/cook/logout", "");
  assert_int_equal(at_int(&r, "sessions"), 0);
  reply_wipe(&r);
  refused_as(rig_post(&rig, &cook, "/api/v1/logout", ""), 401, "login_required");
  answered(rig_post(&rig, &admin, "/api/v1/accounts/cook/reset", rig_account_reset(&node.app, "cook")), 201);
  r = rig_change(&rig, &admin, "PATCH", "/api/v1/accounts/cook", NULL,
                 rig_account_change(&node.app, "cook", "\"role\":\"officer\",\"disabled\":true"));
  assert_string_equal(at_text(&r, "role"), "officer");
  assert_true(json_is_true(at(&r, "disabled")));
  reply_wipe(&r);
  r = rig_get(&rig, &admin, "/api/v1/accounts");
  assert_true(at_int(&r, "total") >= 5);
  reply_wipe(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_login_opens_a_session_and_logout_ends_it),
      cmocka_unit_test(one_sees_where_one_is_logged_in_and_ends_one_of_them),
      cmocka_unit_test(a_wrong_password_and_an_unknown_name_look_the_same),
      cmocka_unit_test(too_many_failures_lock_a_name_out_and_say_for_how_long),
      cmocka_unit_test(a_one_time_password_opens_nothing_until_it_is_changed),
      cmocka_unit_test(accounts_are_for_the_administrator),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
