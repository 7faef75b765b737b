/* Accounts, their sessions, cookies and passwords over the real web and the real store. */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"
#include "site/site.h"

#include "core/base/clock.h"

#include <stdio.h>
#include <string.h>

static struct rig rig;
static struct node node;
static struct visitor staff, admin;

static int open_rig(void **state)
{
  (void)state;
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_account(&node.app, "staff", "staff", "staff-password");
  rig_account(&node.app, "cook", "staff", "cook-password");
  rig_account(&node.app, "waiter", "staff", "plates of salt 71");
  rig_account(&node.app, "admin", "admin", "admin-password");
  rig_open(&rig, &node.app, node_routes, node_route_count);
  staff = rig_login(&rig, "staff", "staff-password");
  admin = rig_login(&rig, "admin", "admin-password");
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  rig_site_close(&node.app);
  return 0;
}

/* Names from before the rule of today: what is sent is what is acted on, however alike. */
static bool add_old_names(struct tx *tx, void *ctx, struct err *err)
{
  static const char *const names[] = {"cook.", "....."};
  (void)ctx;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct query q =
        query_open(tx->db,
                   "INSERT INTO account(name, role, password_hash, must_change, disabled, made_ms,"
                   " password_ms, login_ms) VALUES(?1, 'staff', '-', 0, 0, 1, 1, 0)",
                   err);
    query_text(&q, 1, names[i]);
    if (!query_run(&q)) return false;
  }
  return true;
}

/* A reset is told to the session it ends, and the password of before is not taken back. */
static void a_reset_password_is_told_and_is_not_the_old_one_again(void **state)
{
  (void)state;
  struct visitor waiter = rig_login(&rig, "waiter", "plates of salt 71");
  answered(rig_get(&rig, &waiter, "/api/v1/catalogue"), 200);
  struct reply r =
      rig_post(&rig, &admin, "/api/v1/accounts/waiter/reset", rig_account_reset(&node.app, "waiter"));
  assert_int_equal(r.status, 201);
  refused_as(rig_get(&rig, &waiter, "/api/v1/catalogue"), 401, "password_reset");
  struct reply said = rig_get(&rig, &waiter, "/api/v1/session");
  assert_true(json_is_null(at(&said, "account")));
  assert_string_equal(at_text(&said, "ended"), "password_reset");
  reply_wipe(&said);
  struct visitor back = rig_login(&rig, "waiter", at_text(&r, "password"));
  char body[200];
  snprintf(body, sizeof body, "{\"old\":\"%s\",\"new\":\"plates of salt 71\"}", at_text(&r, "password"));
  refused_as(rig_post(&rig, &back, "/api/v1/password", body), 400, "same_password");
  snprintf(body, sizeof body, "{\"old\":\" %s \",\"new\":\"%s\"}", at_text(&r, "password"),
           at_text(&r, "password"));
  refused_as(rig_post(&rig, &back, "/api/v1/password", body), 400, "same_password");
  snprintf(body, sizeof body, "{\"old\":\"%s\",\"new\":\"lanterns by night 4\"}", at_text(&r, "password"));
  answered(rig_post(&rig, &back, "/api/v1/password", body), 200);
  answered(rig_get(&rig, &back, "/api/v1/catalogue"), 200);
  reply_wipe(&r);
}

static void whoever_gets_another_role_is_told_why_the_login_ended_and_nobody_else(void **state)
{
  (void)state;
  struct visitor cook = rig_login(&rig, "cook", "cook-password");
  answered(rig_get(&rig, &cook, "/api/v1/catalogue"), 200);
  answered(rig_change(&rig, &admin, "PATCH", "/api/v1/accounts/cook", NULL,
                      rig_account_change(&node.app, "cook", "\"role\":\"officer\"")),
           200);
  refused_as(rig_get(&rig, &cook, "/api/v1/catalogue"), 401, "role_changed");
  struct reply r = rig_get(&rig, &cook, "/api/v1/session");
  assert_true(json_is_null(at(&r, "account")));
  assert_string_equal(at_text(&r, "ended"), "role_changed");
  reply_wipe(&r);
  const struct visitor guess = {"sunlit=0000000000000000000000000000000000000000000000000000000000000000"};
  refused_as(rig_get(&rig, &guess, "/api/v1/catalogue"), 401, "login_required");
  refused_as(rig_get(&rig, NULL, "/api/v1/catalogue"), 401, "login_required");
  r = rig_get(&rig, &guess, "/api/v1/session");
  assert_true(json_is_null(at(&r, "ended")));
  reply_wipe(&r);
  r = rig_get(&rig, &admin, "/api/v1/accounts"); /* and it is no session any more */
  const json_t *items = at(&r, "items");
  for (size_t i = 0; i < json_array_size(items); i++) {
    const json_t *row = json_array_get(items, i);
    if (strcmp(json_string_value(json_object_get(row, "name")), "cook") == 0)
      assert_int_equal(json_integer_value(json_object_get(row, "sessions")), 0);
  }
  reply_wipe(&r);
  struct visitor again = rig_login(&rig, "cook", "cook-password");
  answered(rig_get(&rig, &again, "/api/v1/catalogue"), 200);
  answered(rig_change(&rig, &admin, "PATCH", "/api/v1/accounts/cook", NULL,
                      rig_account_change(&node.app, "cook", "\"disabled\":true")),
           200);
  refused_as(rig_get(&rig, &cook, "/api/v1/catalogue"), 401, "login_required");
  refused_as(rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"cook\",\"password\":\"cook-password\"}"), 401,
             "account_disabled");
  refused_as(rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"cook\",\"password\":\"a guess\"}"), 401,
             "wrong_login");
  refused_as(rig_post(&rig, &admin, "/api/v1/accounts/cook/reset", rig_account_reset(&node.app, "cook")), 409,
             "disabled");
  answered(rig_change(&rig, &admin, "PATCH", "/api/v1/accounts/cook", NULL,
                      rig_account_change(&node.app, "cook", "\"disabled\":false,\"role\":\"staff\"")),
           200);
}

/* Another program at this address can set a cookie of our name for one path: whose session it is, is not
 * guessed. */
static void two_sessions_in_one_request_are_nobodys(void **state)
{
  (void)state;
  char both[400], same[400];
  snprintf(both, sizeof both, "Cookie: %s; %s\r\n", admin.cookie, staff.cookie);
  snprintf(same, sizeof same, "Cookie: %s; %s\r\n", staff.cookie, staff.cookie);
  struct reply r = rig_send(&rig, NULL, "GET", "/api/v1/accounts", both, NULL, 0);
  assert_string_equal(at_text(&r, "error.field"), "Cookie");
  refused_as(r, 400, "header_twice");
  answered(rig_send(&rig, NULL, "GET", "/api/v1/catalogue", same, NULL, 0), 200);
  refused_as(rig_send(&rig, &staff, "GET", "/api/v1/catalogue",
                      "X-Sunlit-Account: staff\r\nX-Sunlit-Account: admin\r\n", NULL, 0),
             400, "header_twice");
}

/* Two administrators have the same list before them. */
static void an_account_that_another_changed_meanwhile_is_not_changed_back(void **state)
{
  (void)state;
  static const char path[] = "/api/v1/accounts/gardener", both[] = "\"role\":\"officer\"";
  static const char undo[] =
      "{\"role\":\"staff\",\"disabled\":false,\"seen\":{\"role\":\"admin\",\"disabled\":false}}";
  char first[300];
  rig_account(&node.app, "gardener", "admin", "gardener-password");
  snprintf(first, sizeof first, "%s", rig_account_change(&node.app, "gardener", both));
  answered(rig_change(&rig, &admin, "PATCH", path, NULL, first), 200);
  struct reply r = rig_change(&rig, &admin, "PATCH", path, NULL, undo);
  assert_string_equal(at_text(&r, "error.field"), "seen");
  refused_as(r, 409, "stale");
  static const char disable[] = "{\"disabled\":true,\"seen\":{\"role\":\"admin\",\"disabled\":false}}";
  refused_as(rig_change(&rig, &admin, "PATCH", path, NULL, disable), 409, "stale");
  assert_int_equal(rig_count(&node.app,
                             "SELECT count(*) FROM account WHERE name = 'gardener' AND role = 'officer'"
                             " AND disabled = 0"),
                   1);
  int64_t told = rig_count(&node.app, "SELECT count(*) FROM security_event");
  r = rig_change(&rig, &admin, "PATCH", path, NULL, first); /* its answer was lost: it is so already */
  assert_int_equal(r.status, 200);
  assert_string_equal(at_text(&r, "role"), "officer");
  reply_wipe(&r);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM security_event"), told);
  static const char *const unseen[] = {
      "{\"role\":\"staff\"}", "{\"role\":\"staff\",\"seen\":{\"role\":\"officer\"}}",
      "{\"role\":\"staff\",\"seen\":{\"disabled\":false}}", "{\"role\":\"staff\",\"seen\":\"officer\"}"};
  for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
    refused_as(rig_change(&rig, &admin, "PATCH", path, NULL, unseen[i]), 400, "required");
}

/* The first one has told its person the password: a second reset would take that one's place unseen. */
static void a_password_that_another_reset_meanwhile_is_not_reset_again(void **state)
{
  (void)state;
  static const char path[] = "/api/v1/accounts/stoker/reset";
  char seen[300];
  rig_account(&node.app, "stoker", "staff", "stoker-password");
  snprintf(seen, sizeof seen, "%s", rig_account_reset(&node.app, "stoker"));
  struct reply r = rig_post(&rig, &admin, path, seen);
  assert_int_equal(r.status, 201);
  refused_as(rig_post(&rig, &admin, path, seen), 409, "stale");
  (void)rig_login(&rig, "stoker", at_text(&r, "password"));
  reply_wipe(&r);
  refused_as(rig_post(&rig, &admin, path, "{}"), 400, "required");
  answered(rig_post(&rig, &admin, path, rig_account_reset(&node.app, "stoker")), 201);
}

/* It would end the one session that could read the new password. */
static void nobody_resets_the_password_they_are_logged_in_with(void **state)
{
  (void)state;
  refused_as(rig_post(&rig, &admin, "/api/v1/accounts/admin/reset", rig_account_reset(&node.app, "admin")),
             403, "own_password");
  answered(rig_get(&rig, &admin, "/api/v1/accounts"), 200);
}

static void an_account_is_reached_by_exactly_its_name(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_true(app_local(&node.app, add_old_names, NULL, &err));
  struct reply r = rig_change(&rig, &admin, "PATCH", "/api/v1/accounts/cook.", NULL,
                              rig_account_change(&node.app, "cook.", "\"role\":\"officer\""));
  assert_string_equal(at_text(&r, "name"), "cook.");
  reply_wipe(&r);
  r = rig_post(&rig, &admin, "/api/v1/accounts/cook%2e/reset", rig_account_reset(&node.app, "cook."));
  assert_string_equal(at_text(&r, "name"), "cook.");
  reply_wipe(&r);
  r = rig_change(&rig, &admin, "PATCH", "/api/v1/accounts/.....", NULL,
                 rig_account_change(&node.app, ".....", "\"disabled\":true"));
  assert_string_equal(at_text(&r, "name"), ".....");
  reply_wipe(&r);
  assert_int_equal(
      rig_count(&node.app, "SELECT count(*) FROM account WHERE name = 'cook' AND must_change = 0"), 1);
  refused_as(rig_post(&rig, &admin, "/api/v1/accounts", "{\"name\":\"cook.\",\"role\":\"staff\"}"), 400,
             "account_name");
  refused_as(rig_post(&rig, &admin, "/api/v1/accounts/cook//reset", ""), 400, "encoding");
  refused_as(rig_post(&rig, &admin, "/api/v1/accounts/x/../cook/reset", ""), 400, "encoding");
  refused_as(rig_post(&rig, &admin, "/api/v1/accounts/%2e%2e/reset", ""), 400, "encoding");
}

static void who_guesses_the_old_password_waits(void **state)
{
  (void)state;
  rig_account(&node.app, "desk", "staff", "the open desk's");
  struct visitor desk = rig_login(&rig, "desk", "the open desk's");
  const char *guess = "{\"old\":\"no\",\"new\":\"plain water keeps\"}";
  for (int i = 0; i < 5; i++)
    refused_as(rig_post(&rig, &desk, "/api/v1/password", guess), 400, "wrong_password");
  struct reply r = rig_post(&rig, &desk, "/api/v1/password",
                            "{\"old\":\"the open desk's\",\"new\":\"plain water keeps\"}");
  assert_int_equal(r.status, 429);
  assert_true(at_int(&r, "error.params.retry_ms") > 0);
  reply_wipe(&r);
  refused_as(rig_post(&rig, &desk, "/api/v1/password", guess), 429, "locked_out"); /* nor is it said */
  r = rig_post(&rig, &admin, "/api/v1/accounts/desk/unlock", "");
  assert_int_equal(r.status, 200);
  reply_wipe(&r);
  answered(rig_post(&rig, &desk, "/api/v1/password",
                    "{\"old\":\"the open desk's\",\"new\":\"plain water keeps\"}"),
           200);
}

/* The answer was lost, and the form is sent again as it stands. */
static void a_password_that_was_changed_is_changed_when_it_is_asked_for_again(void **state)
{
  (void)state;
  static const char change[] = "{\"old\":\"before the storm 5\",\"new\":\"after the storm 6\"}";
  rig_account(&node.app, "porter", "staff", "before the storm 5");
  struct visitor porter = rig_login(&rig, "porter", "before the storm 5");
  int64_t guesses = rig_count(&node.app, "SELECT count(*) FROM security_event WHERE kind = 'password'");
  for (int i = 0; i < 7; i++) { /* more than may be guessed */
    struct reply r = rig_post(&rig, &porter, "/api/v1/password", change);
    if (r.status != 200) fail_msg("%d %s", r.status, (char *)r.body);
    assert_string_equal(at_text(&r, "account.name"), "porter");
    reply_wipe(&r);
  }
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM security_event WHERE kind = 'password'"),
                   guesses);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM security_event WHERE kind = 'password_change'"
                                        " AND actor = 'porter'"),
                   1);
}

static struct visitor apprentice;
static const char first_password[] = "{\"old\":\"one-time-password\",\"new\":\"a lamp in the fog\"}";

static void the_same_comes_first(void)
{
  answered(rig_post(&rig, &apprentice, "/api/v1/password", first_password), 200);
}

/* Both were let in while the one-time password had to be changed, and it is asked for no more. */
static void who_sends_the_first_password_twice_at_once_is_asked_for_no_other(void **state)
{
  (void)state;
  rig_account(&node.app, "apprentice", "staff", "");
  apprentice = rig_login(&rig, "apprentice", "one-time-password");
  struct reply r =
      rig_change_slowly(&rig, &apprentice, "POST", "/api/v1/password", first_password, the_same_comes_first);
  assert_int_equal(r.status, 200);
  assert_string_equal(at_text(&r, "account.name"), "apprentice");
  assert_true(json_is_false(at(&r, "account.must_change")));
  reply_wipe(&r);
}

static void a_one_time_password_is_never_called_changed(void **state)
{
  (void)state;
  rig_account(&node.app, "novice", "staff", "");
  struct visitor novice = rig_login(&rig, "novice", "one-time-password");
  refused_as(rig_post(&rig, &novice, "/api/v1/password",
                      "{\"old\":\"another-password\",\"new\":\"one-time-password\"}"),
             400, "wrong_password");
  struct reply r = rig_get(&rig, &novice, "/api/v1/session");
  assert_true(json_is_true(at(&r, "account.must_change")));
  reply_wipe(&r);
}

static void cookies_of_sites_on_one_host_do_not_meet(void **state)
{
  (void)state;
  struct reply r =
      rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"staff\",\"password\":\"staff-password\"}");
  assert_non_null(strstr(r.head, "Set-Cookie: sunlit-330127="));
  assert_non_null(strstr(r.head, "Set-Cookie: sunlit-330127-device="));
  reply_wipe(&r);
  struct visitor old = {""};
  const char *token = strchr(staff.cookie, '=') + 1;
  snprintf(old.cookie, sizeof old.cookie, "sunlit=%.100s", token); /* as it was named before */
  answered(rig_get(&rig, &old, "/api/v1/catalogue"), 200);
  snprintf(old.cookie, sizeof old.cookie, "sunlit-330000=%.100s", token);
  refused_as(rig_get(&rig, &old, "/api/v1/catalogue"), 401, "login_required");
}

static void a_one_time_password_works_as_it_is_pasted(void **state)
{
  (void)state;
  char body[300];
  struct reply r = rig_post(&rig, &admin, "/api/v1/accounts", "{\"name\":\"newcomer\",\"role\":\"staff\"}");
  const char *once = at_text(&r, "password");
  snprintf(body, sizeof body, "{\"name\":\" Newcomer\\u3000\",\"password\":\"\\u200b%s \\n\"}", once);
  struct reply in = rig_post(&rig, NULL, "/api/v1/login", body);
  assert_int_equal(in.status, 200);
  assert_string_equal(at_text(&in, "account.name"), "newcomer");
  struct visitor who = {""};
  const char *set = strstr(in.head, "Set-Cookie: ");
  snprintf(who.cookie, sizeof who.cookie, "%.*s", (int)strcspn(set + 12, ";\r"), set + 12);
  reply_wipe(&in);
  snprintf(body, sizeof body, "{\"old\":\"%s\\ufeff\",\"new\":\"plain water keeps\"}", once);
  answered(rig_post(&rig, &who, "/api/v1/password", body), 200);
  reply_wipe(&r);
}

static void a_json_body_is_utf8(void **state)
{
  (void)state;
  static const struct {
    const char *type;
    int status;
  } rows[] = {{"application/json", 400},
              {"application/json; charset=utf-8", 400},
              {"application/json;charset=\"UTF-8\"", 400},
              {"application/json; charset=utf-16", 415},
              {"application/json; charset=utf-8x", 415},
              {"application/json; charset=", 415}};
  for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
    char headers[200];
    snprintf(headers, sizeof headers, "X-Sunlit: 1\r\nContent-Type: %s\r\n", rows[i].type);
    answered(rig_send(&rig, NULL, "POST", "/api/v1/login", headers, "{}", 2), rows[i].status);
  }
}

/* 64 MiB each: what docs/OPERATIONS.md tells to give a branch's machine. */
static void a_branch_looks_at_one_password_at_a_time(void **state)
{
  (void)state;
  assert_int_equal(site_hashing(&node.app)->places, 1);
}

static struct visitor from_browser(const char *agent)
{
  static const char body[] = "{\"name\":\"admin\",\"password\":\"admin-password\"}";
  char headers[800];
  struct visitor who = {""};
  snprintf(headers, sizeof headers, "X-Sunlit: 1\r\nContent-Type: application/json\r\nUser-Agent: %s\r\n",
           agent);
  struct reply r = rig_send(&rig, NULL, "POST", "/api/v1/login", headers, body, sizeof body - 1);
  assert_int_equal(r.status, 200);
  const char *set = strstr(r.head, "Set-Cookie: ");
  assert_non_null(set);
  snprintf(who.cookie, sizeof who.cookie, "%.*s", (int)strcspn(set + 12, ";\r"), set + 12);
  reply_wipe(&r);
  return who;
}

static void a_login_says_which_browser_it_is_of(void **state)
{
  (void)state;
  char endless[600], seen[600];
  memset(endless, 'x', sizeof endless - 1);
  endless[sizeof endless - 1] = 0;
  const char *const sent[] = {"Mozilla/5.0 (Linux; Android 14) Chrome/126.0 Mobile Safari/537.36",
                              "a\xe2\x80\xaeg\xff", endless};
  const char *const kept[] = {sent[0], "a?g?", NULL};
  for (int i = 0; i < 3; i++) {
    struct visitor who = from_browser(sent[i]);
    struct reply r = rig_get(&rig, &who, "/api/v1/sessions");
    size_t at_row;
    json_t *row;
    *seen = 0;
    json_array_foreach(at(&r, "items"), at_row, row)
    {
      if (json_is_true(json_object_get(row, "own")))
        snprintf(seen, sizeof seen, "%s", json_string_value(json_object_get(row, "agent")));
    }
    if (kept[i])
      assert_string_equal(seen, kept[i]);
    else
      assert_int_equal(strlen(seen), 256);
    reply_wipe(&r);
    answered(rig_post(&rig, &who, "/api/v1/logout", ""), 200);
  }
}

static struct visitor helper;

static void change_helper(const char *more)
{
  answered(rig_change(&rig, &admin, "PATCH", "/api/v1/accounts/helper", NULL,
                      rig_account_change(&node.app, "helper", more)),
           200);
}

static void disable_helper(void)
{
  change_helper("\"disabled\":true");
}

static void make_helper_an_officer(void)
{
  change_helper("\"role\":\"officer\"");
}

static void log_helper_out(void)
{
  answered(rig_post(&rig, &helper, "/api/v1/logout", "{}"), 200);
}

static void nothing(void) {}

/* A body may take hours: what writes asks again who sends it. */
static void whose_rights_end_while_the_body_comes_writes_nothing(void **state)
{
  (void)state;
  const struct {
    void (*meanwhile)(void);
    const char *rule;
  } ends[] = {{disable_helper, "login_required"},
              {make_helper_an_officer, "role_changed"},
              {log_helper_out, "login_required"}};
  const char *body = "{\"name\":\"of-helper\",\"role\":\"staff\"}";
  rig_account(&node.app, "helper", "admin", "helper-password");
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    helper = rig_login(&rig, "helper", "helper-password");
    refused_as(rig_change_slowly(&rig, &helper, "POST", "/api/v1/accounts", body, ends[i].meanwhile), 401,
               ends[i].rule);
    change_helper("\"role\":\"admin\",\"disabled\":false");
    helper = rig_login(&rig, "helper", "helper-password"); /* and what writes in another way, or asks */
    refused_as(rig_change_slowly(&rig, &helper, "POST", "/api/v1/sync/carry", "no file", ends[i].meanwhile),
               401, ends[i].rule);
    change_helper("\"role\":\"admin\",\"disabled\":false");
  }
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM account WHERE name = 'of-helper'"), 0);
  helper = rig_login(&rig, "helper", "helper-password");
  answered(rig_change_slowly(&rig, &helper, "POST", "/api/v1/accounts", body, nothing), 201);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_sessions_in_one_request_are_nobodys),
      cmocka_unit_test(an_account_that_another_changed_meanwhile_is_not_changed_back),
      cmocka_unit_test(a_password_that_another_reset_meanwhile_is_not_reset_again),
      cmocka_unit_test(nobody_resets_the_password_they_are_logged_in_with),
      cmocka_unit_test(an_account_is_reached_by_exactly_its_name),
      cmocka_unit_test(a_login_says_which_browser_it_is_of),
      cmocka_unit_test(who_guesses_the_old_password_waits),
      cmocka_unit_test(a_password_that_was_changed_is_changed_when_it_is_asked_for_again),
      cmocka_unit_test(cookies_of_sites_on_one_host_do_not_meet),
      cmocka_unit_test(who_sends_the_first_password_twice_at_once_is_asked_for_no_other),
      cmocka_unit_test(a_one_time_password_is_never_called_changed),
      cmocka_unit_test(a_one_time_password_works_as_it_is_pasted),
      cmocka_unit_test(a_reset_password_is_told_and_is_not_the_old_one_again),
      cmocka_unit_test(whoever_gets_another_role_is_told_why_the_login_ended_and_nobody_else),
      cmocka_unit_test(whose_rights_end_while_the_body_comes_writes_nothing),
      cmocka_unit_test(a_json_body_is_utf8),
      cmocka_unit_test(a_branch_looks_at_one_password_at_a_time),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
