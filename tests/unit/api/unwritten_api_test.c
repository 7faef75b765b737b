/* Logging in and looking never depend on being able to write: over the real web and the real store. */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"
#include "site/site.h"

#include "core/base/clock.h"
#include "core/domain/account.h"
#include "core/domain/lockout.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

static struct rig rig;
static struct node node;
static struct app hub;
static struct visitor nobody;

static int open_rig(void **state)
{
  (void)state;
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub);
  rig_carry(&hub, &node.app);
  rig_account(&node.app, "staff", "staff", "staff-password");
  rig_account(&node.app, "officer", "officer", "officer-password");
  rig_account(&node.app, "root", "admin", "root-password");
  rig_open(&rig, &node.app, node_routes, node_route_count);
  answered(rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"nobody\",\"password\":\"wrong\"}"), 401);
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

static void disk(bool full)
{
  static struct rlimit old;
  if (full) {
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
  }
  const struct rlimit none = {.rlim_cur = 4096, .rlim_max = old.rlim_max};
  assert_int_equal(setrlimit(RLIMIT_FSIZE, full ? &none : &old), 0);
}

static struct visitor let_in_by(const struct reply *in)
{
  struct visitor who = {""};
  const char *cookie = strstr(in->head, "sunlit-330127=");
  if (cookie) snprintf(who.cookie, sizeof who.cookie, "%.*s", (int)strcspn(cookie, ";\r\n"), cookie);
  return who;
}

/* A session that could not be stored ends like every other: when its account's do, and it comes from no
 * later than now. */
static void who_is_logged_out_everywhere_is_logged_out_here_too(void **state)
{
  (void)state;
  static const struct {
    const char *method, *path, *body;
  } ends[] = {{"POST", "/api/v1/accounts/staff/logout", ""},
              {"PATCH", "/api/v1/accounts/staff", "{\"disabled\":true}"}};
  struct visitor root = rig_login(&rig, "root", "root-password");
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    disk(true);
    struct reply in =
        rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"staff\",\"password\":\"staff-password\"}");
    disk(false);
    struct visitor who = let_in_by(&in);
    answered(in, 200);
    answered(rig_get(&rig, &who, "/api/v1/catalogue?limit=3"), 200);
    app_note(&node.app, true, NULL);
    answered(rig_change(&rig, &root, ends[i].method, ends[i].path, NULL, ends[i].body), 200);
    if (i == 1) answered(rig_change(&rig, &root, "PATCH", ends[i].path, NULL, "{\"disabled\":false}"), 200);
    refused_as(rig_get(&rig, &who, "/api/v1/catalogue?limit=3"), 401, "login_required");
  }
  char token[SESSION_TOKEN_SIZE];
  struct session session;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t now_ms = clock_wall_ms(), ahead_ms = now_ms + (int64_t)400 * 24 * 3600 * 1000;
  unwritten_let_in(site_unwritten(&node.app), "staff", ahead_ms, token);
  assert_true(readers_take(node.app.readers, &db, &err));
  assert_true(unwritten_session(site_unwritten(&node.app), db, token, ahead_ms, &session, &err));
  assert_false(unwritten_session(site_unwritten(&node.app), db, token, now_ms, &session, &err));
  readers_give(node.app.readers, db);
}

static void one_logs_in_and_looks_while_the_disk_is_full(void **state)
{
  (void)state;
  int64_t events =
      rig_count(&node.app, "SELECT coalesce(sum(count), 0) FROM security_event WHERE kind = 'login'");
  disk(true);
  struct reply in =
      rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"staff\",\"password\":\"staff-password\"}");
  struct visitor who = let_in_by(&in);
  struct reply look = rig_get(&rig, &who, "/api/v1/catalogue?limit=3");
  struct reply wrong = rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"full\",\"password\":\"wrong\"}");
  for (int i = 1; i < lockout_account.free; i++)
    reply_wipe((struct reply[]){
        rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"full\",\"password\":\"wrong\"}")});
  struct reply locked = rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"full\",\"password\":\"wrong\"}");
  disk(false);
  assert_int_equal(in.status, 200);
  reply_wipe(&in);
  answered(look, 200);
  refused_as(wrong, 401, "wrong_login");
  refused_as(locked, 429, "locked_out");
  answered(rig_get(&rig, &who, "/api/v1/catalogue?limit=3"), 200);
  app_note(&node.app, true, NULL); /* as the program finds out within seconds */
  site_beat(&node.app);
  assert_int_equal(
      rig_count(&node.app, "SELECT coalesce(sum(count), 0) FROM security_event WHERE kind = 'login'"),
      events + lockout_account.free);
  answered(rig_post(&rig, &who, "/api/v1/logout", ""), 200);
  refused_as(rig_get(&rig, &who, "/api/v1/catalogue"), 401, "login_required");
}

static bool new_password(struct tx *tx, void *ctx, struct err *err)
{
  return account_set_password(tx, "staff", ctx, false, NULL, err);
}

/* Let in while nothing could be written, as the browser shows it. */
static struct visitor let_in(int64_t at_ms)
{
  char token[SESSION_TOKEN_SIZE];
  struct visitor who = {""};
  unwritten_let_in(site_unwritten(&node.app), "staff", at_ms, token);
  snprintf(who.cookie, sizeof who.cookie, "sunlit-330127=%s", token);
  return who;
}

static void what_ends_a_session_ends_one_in_memory(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char hash[PASSWORD_HASH_SIZE];
  struct visitor who = let_in(clock_wall_ms()); /* hashing the new password takes longer than a tick */
  answered(rig_get(&rig, &who, "/api/v1/catalogue?limit=3"), 200);
  assert_true(password_hash(hash, "staff-password", &err));
  assert_true(app_local(&node.app, new_password, hash, &err));
  refused_as(rig_get(&rig, &who, "/api/v1/catalogue"), 401, "login_required");
  rig_account(&node.app, "admin", "admin", "admin-password");
  struct visitor admin = rig_login(&rig, "admin", "admin-password"),
                 twice[] = {let_in(clock_wall_ms()), let_in(clock_wall_ms())};
  answered(rig_post(&rig, &admin, "/api/v1/accounts/staff/logout", ""), 200);
  for (int i = 0; i < 2; i++)
    refused_as(rig_get(&rig, &twice[i], "/api/v1/catalogue"), 401, "login_required");
}

static void one_logs_in_and_looks_while_the_journal_is_frozen(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX];
  assert_true(db_open(&db, data_dir_path(&node.app.dir, "store.db", path), DB_WRITE, &err));
  assert_true(db_exec(db, "UPDATE sync_stream SET frozen_ms = 1 WHERE lane = 0", &err));
  store_close(node.app.store); /* it is read at opening */
  assert_true(app_store_open(&node.app.store, &node.app.dir, &node.app.identity, &err));
  struct visitor who = rig_login(&rig, "officer", "officer-password");
  answered(rig_get(&rig, &who, "/api/v1/catalogue?limit=3"), 200);
  struct reply r = rig_get(&rig, &nobody, "/api/v1/status");
  assert_string_equal(at_text(&r, "trouble.rule"), "frozen");
  reply_wipe(&r);
  char body[200], today[11];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":118,\"source\":\"market\",\"date\":\"%s\"}",
           (long long)rig_product(&node.app, "舟山三疣梭子蟹"), today);
  refused_as(rig_post(&rig, &who, "/api/v1/prices", body), 409, "frozen");
  refused_as(rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"officer\",\"password\":\"wrong\"}"), 401,
             "wrong_login");
  assert_true(db_exec(db, "UPDATE sync_stream SET frozen_ms = 0", &err));
  store_close(node.app.store);
  assert_true(app_store_open(&node.app.store, &node.app.dir, &node.app.identity, &err));
  site_beat(&node.app);
  db_close(db);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_logs_in_and_looks_while_the_disk_is_full),
      cmocka_unit_test(who_is_logged_out_everywhere_is_logged_out_here_too),
      cmocka_unit_test(one_logs_in_and_looks_while_the_journal_is_frozen),
      cmocka_unit_test(what_ends_a_session_ends_one_in_memory),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
