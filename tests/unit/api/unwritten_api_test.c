/* Logging in and looking never depend on being able to write: over the real web and the real store. */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"
#include "site/site.h"

#include "core/base/clock.h"
#include "core/base/sqlite.h"
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

static int64_t password_since(void)
{
  return rig_count(&node.app, "SELECT password_ms FROM account WHERE name = 'staff'");
}

/* A session that could not be stored ends like every other: when its account's do, and it comes from no
 * later than now. */
static void who_is_logged_out_everywhere_is_logged_out_here_too(void **state)
{
  (void)state;
  static const struct {
    const char *method, *path, *body;
  } ends[] = {{"POST", "/api/v1/accounts/staff/logout", ""},
              {"PATCH", "/api/v1/accounts/staff",
               "{\"disabled\":true,\"seen\":{\"role\":\"staff\",\"disabled\":false}}"}};
  struct visitor root = rig_login(&rig, "root", "root-password");
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    disk(true);
    struct reply in =
        rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"staff\",\"password\":\"staff-password\"}");
    disk(false);
    struct visitor who = let_in_by(&in);
    answered(in, 200);
    answered(rig_get(&rig, &who, "/api/v1/catalogue?limit=3"), 200);
    app_wrote(&node.app);
    answered(rig_change(&rig, &root, ends[i].method, ends[i].path, NULL, ends[i].body), 200);
    if (i == 1)
      answered(rig_change(&rig, &root, "PATCH", ends[i].path, NULL,
                          rig_account_change(&node.app, "staff", "\"disabled\":false")),
               200);
    refused_as(rig_get(&rig, &who, "/api/v1/catalogue?limit=3"), 401, "login_required");
  }
  char token[SESSION_TOKEN_SIZE];
  struct session session;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t now_ms = clock_wall_ms(), ahead_ms = now_ms + (int64_t)400 * 24 * 3600 * 1000;
  unwritten_let_in(site_unwritten(&node.app), "staff", password_since(), "10.0.0.1", "", ahead_ms, token);
  assert_true(readers_take(node.app.readers, &db, &err));
  assert_true(unwritten_session(site_unwritten(&node.app), db, token, ahead_ms, &session, &err));
  assert_false(unwritten_session(site_unwritten(&node.app), db, token, now_ms, &session, &err));
  readers_give(node.app.readers, db);
}

static bool in_trouble(void)
{
  struct trouble trouble;
  app_trouble(&node.app, &trouble);
  return trouble.rule[0];
}

/* A moment at which nobody tries whether the disk takes writes again. */
static int64_t between_tries(void)
{
  struct trouble trouble;
  app_trouble(&node.app, &trouble);
  return trouble.since_ms + 1500;
}

/* A logout of a session that was never stored has nothing to write, and proves nothing. */
static void only_what_is_written_ends_the_trouble(void **state)
{
  (void)state;
  disk(true);
  struct reply in =
      rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"staff\",\"password\":\"staff-password\"}");
  struct visitor who = let_in_by(&in);
  answered(in, 200);
  bool first = in_trouble();
  answered(rig_post(&rig, &who, "/api/v1/logout", ""), 200);
  bool out = in_trouble();
  app_beat(&node.app, clock_wall_ms());
  bool tried = in_trouble();
  disk(false);
  assert_true(first && out && tried);
  app_beat(&node.app, between_tries());
  assert_true(in_trouble());
  app_note(&node.app, true, NULL); /* something went well: it is tried at once */
  app_beat(&node.app, between_tries());
  assert_false(in_trouble());
}

/* Whoever saw it, also one who only reads; no try to write makes it whole. */
static void a_database_that_contradicted_itself_is_trouble_until_the_next_start(void **state)
{
  (void)state;
  struct app app;
  struct trouble trouble;
  struct err err = ERR_INIT, why = {.kind = ERR_CORRUPT, .text = "database disk image is malformed"};
  rig_site(&app, APP_NODE, COUNTY, NULL);
  app_note(&app, false, &why);
  app_trouble(&app, &trouble);
  assert_string_equal(trouble.rule, "store_damaged");
  assert_non_null(strstr(trouble.text, "malformed"));
  assert_false(store_writable(app.store, &err));
  assert_string_equal(err.rule, "store_damaged");
  app_note(&app, true, NULL);
  app_beat(&app, trouble.since_ms);
  app_trouble(&app, &trouble);
  assert_string_equal(trouble.rule, "store_damaged");
  rig_site_close(&app);
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
  app_wrote(&node.app); /* as the program finds out within seconds */
  site_beat(&node.app);
  assert_int_equal(
      rig_count(&node.app, "SELECT coalesce(sum(count), 0) FROM security_event WHERE kind = 'login'"),
      events + lockout_account.free);
  answered(rig_post(&rig, &who, "/api/v1/logout", ""), 200);
  refused_as(rig_get(&rig, &who, "/api/v1/catalogue"), 401, "login_required");
}

static bool set_under_another_clock(struct tx *tx, void *ctx, struct err *err)
{
  const int64_t *by_ms = ctx;
  struct query q =
      query_open(tx->db, "UPDATE account SET password_ms = password_ms + ?1 WHERE name = 'staff'", err);
  query_int(&q, 1, *by_ms);
  return query_run(&q);
}

/* Whose password was set while the clock was days ahead is let in by it after the clock is right. */
static void a_password_of_a_clock_that_was_ahead_is_right_all_the_same(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_true(app_local(&node.app, set_under_another_clock, &(int64_t){400000000}, &err));
  disk(true);
  struct reply in =
      rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"staff\",\"password\":\"staff-password\"}");
  struct visitor who = let_in_by(&in);
  disk(false);
  answered(in, 200);
  answered(rig_get(&rig, &who, "/api/v1/catalogue?limit=3"), 200);
  assert_true(app_local(&node.app, set_under_another_clock, &(int64_t){-400000000}, &err));
  refused_as(rig_get(&rig, &who, "/api/v1/catalogue"), 401, "login_required");
  app_wrote(&node.app);
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
  unwritten_let_in(site_unwritten(&node.app), "staff", password_since(), "10.0.0.7",
                   "Mozilla/5.0 (X11; Linux)", at_ms, token);
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

/* As of those in the table: the one at which the new password is set goes on, the others end. */
static void ones_own_new_password_ends_the_others_in_memory(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char hash[PASSWORD_HASH_SIZE];
  struct visitor own = let_in(clock_wall_ms()), other = let_in(clock_wall_ms());
  answered(rig_get(&rig, &other, "/api/v1/catalogue?limit=3"), 200);
  answered(
      rig_post(&rig, &own, "/api/v1/password", "{\"old\":\"staff-password\",\"new\":\"another-password-7\"}"),
      200);
  answered(rig_get(&rig, &own, "/api/v1/catalogue?limit=3"), 200);
  refused_as(rig_get(&rig, &other, "/api/v1/catalogue"), 401, "login_required");
  assert_true(password_hash(hash, "staff-password", &err));
  assert_true(app_local(&node.app, new_password, hash, &err)); /* an administrator's ends it all the same */
  refused_as(rig_get(&rig, &own, "/api/v1/catalogue"), 401, "login_required");
}

static void failures_in_memory_fade_and_are_forgiven(void **state)
{
  (void)state;
  struct unwritten *u = site_unwritten(&node.app);
  int64_t now_ms = 1000;
  for (int i = 0; i < 3 * lockout_account.free; i++, now_ms += lockout_account.fades_ms)
    assert_int_equal(unwritten_strike(u, "slow", "10.9.0.1", now_ms), 0); /* one in so long never adds up */
  for (int i = 1; i < lockout_account.free; i++)
    assert_int_equal(unwritten_strike(u, "quick", "10.9.0.2", now_ms), 0);
  unwritten_forgive(u, "quick", "10.9.0.2", now_ms);
  assert_int_equal(unwritten_strike(u, "quick", "10.9.0.2", now_ms), 0);
  for (int i = 0; i < 1000; i++)
    (void)unwritten_strike(u, "quick", "10.9.0.2", now_ms);
  now_ms += (LOCKOUT_BEYOND_MAX + 2) * lockout_account.fades_ms; /* whatever was tried */
  assert_int_equal(unwritten_strike(u, "quick", "10.9.0.2", now_ms), 0);
}

static int64_t sessions_seen_by(const struct visitor *who)
{
  struct reply r = rig_get(&rig, who, "/api/v1/sessions");
  int64_t n = (int64_t)json_array_size(at(&r, "items"));
  reply_wipe(&r);
  return n;
}

static void one_in_memory_is_listed_and_ended_like_the_others(void **state)
{
  (void)state;
  char path[80];
  struct visitor stored = rig_login(&rig, "staff", "staff-password"), who = let_in(clock_wall_ms());
  int64_t before = sessions_seen_by(&stored);
  struct reply r = rig_get(&rig, &who, "/api/v1/sessions");
  assert_string_equal(at_text(&r, "items.0.peer"), "10.0.0.7");
  assert_string_equal(at_text(&r, "items.0.agent"), "Mozilla/5.0 (X11; Linux)");
  assert_true(json_is_true(at(&r, "items.0.own")));
  snprintf(path, sizeof path, "/api/v1/sessions/%lld/logout", (long long)at_int(&r, "items.0.id"));
  reply_wipe(&r);
  struct visitor admin = rig_login(&rig, "admin", "admin-password");
  r = rig_get(&rig, &admin, "/api/v1/accounts");
  for (size_t i = 0; i < json_array_size(at(&r, "items")); i++) {
    const json_t *row = json_array_get(at(&r, "items"), i);
    if (strcmp(json_string_value(json_object_get(row, "name")), "staff") == 0)
      assert_int_equal(json_integer_value(json_object_get(row, "sessions")), before);
  }
  reply_wipe(&r);
  answered(rig_post(&rig, &stored, path, ""), 200);
  refused_as(rig_get(&rig, &who, "/api/v1/catalogue"), 401, "login_required");
  assert_int_equal(sessions_seen_by(&stored), before - 1);
}

struct switching {
  bool disabled;
};

static bool switch_account(struct tx *tx, void *ctx, struct err *err)
{
  const struct switching *to = ctx;
  return account_change(tx, SITE_NODE, "staff", NULL, &to->disabled, err);
}

/* As `sunlit-node account --disable` and `--enable` write it beside the program, which hears of neither. */
static void one_in_memory_ends_when_a_command_disables_its_account(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct visitor who = let_in(clock_wall_ms());
  answered(rig_get(&rig, &who, "/api/v1/catalogue?limit=3"), 200);
  assert_true(app_local(&node.app, switch_account, &(struct switching){true}, &err));
  assert_true(app_local(&node.app, switch_account, &(struct switching){false}, &err));
  refused_as(rig_get(&rig, &who, "/api/v1/catalogue"), 401, "login_required");
}

/* -- what an auditor must be told -- */

static int meanwhile(void *ctx)
{
  unwritten_event(ctx, "role", "meanwhile", "GET /api/v1/accounts", "10.0.0.9");
  return 1; /* and the commit fails */
}

static bool fail_commits(struct tx *tx, void *ctx, struct err *err)
{
  (void)err;
  sqlite3_commit_hook(db_handle(tx->db), ctx ? meanwhile : NULL, ctx);
  return true;
}

static int64_t told(const char *actor)
{
  char sql[160];
  snprintf(sql, sizeof sql, "SELECT coalesce(sum(count), 0) FROM security_event WHERE actor = '%s'", actor);
  return rig_count(&node.app, sql);
}

/* The hook of the transaction that sets it is asked too. */
static void nothing_is_lost_when_a_commit_fails_and_more_comes_meanwhile(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct unwritten *u = site_unwritten(&node.app);
  for (int i = 0; i < 3; i++)
    unwritten_event(u, "role", "before", "GET /api/v1/accounts", "10.0.0.9");
  (void)app_local(&node.app, fail_commits, u, NULL);
  assert_false(unwritten_flush(u, &node.app, &err));
  assert_int_equal(told("before"), 0);
  (void)app_local(&node.app, fail_commits, NULL, NULL);
  app_wrote(&node.app);
  err_clear(&err);
  assert_true(unwritten_flush(u, &node.app, &err));
  assert_int_equal(told("before"), 3);
  assert_int_equal(told("meanwhile"), 2);
  assert_true(unwritten_flush(u, &node.app, &err));
  assert_int_equal(told("before"), 3);
}

static void what_finds_no_room_is_counted_as_what_it_is(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct unwritten *u = site_unwritten(&node.app);
  char actor[24];
  for (int i = 0; i < UNWRITTEN_EVENTS_MAX + 5; i++) {
    snprintf(actor, sizeof actor, "crowd%d", i);
    unwritten_event(u, "role", actor, "GET /api/v1/accounts", "10.0.0.9");
  }
  assert_true(unwritten_flush(u, &node.app, &err));
  snprintf(actor, sizeof actor, "crowd%d", UNWRITTEN_EVENTS_MAX - 1);
  assert_int_equal(told(actor), 1);
  assert_int_equal(rig_count(&node.app, "SELECT count FROM security_event WHERE kind = 'many'"), 5);
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

static void reopened_with(const char *sql)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[DATA_PATH_MAX];
  assert_true(db_open(&db, data_dir_path(&node.app.dir, "store.db", path), DB_WRITE, &err));
  assert_true(db_exec(db, sql, &err));
  store_close(node.app.store); /* it is read at opening */
  assert_true(app_store_open(&node.app.store, &node.app.dir, &node.app.identity, &err));
  db_close(db);
}

/* It waits for its province, which could give it nothing. */
static void a_restored_one_on_a_full_disk_speaks_of_the_disk(void **state)
{
  (void)state;
  char body[200], today[11];
  reopened_with("INSERT INTO sync_restored(id, copied_ms) VALUES(1, 1)");
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":118,\"source\":\"market\",\"date\":\"%s\"}",
           (long long)rig_product(&node.app, "舟山三疣梭子蟹"), today);
  disk(true);
  struct reply in =
      rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"officer\",\"password\":\"officer-password\"}");
  struct visitor who = let_in_by(&in);
  struct reply save = rig_post(&rig, &who, "/api/v1/prices", body);
  struct reply look = rig_get(&rig, &nobody, "/api/v1/status");
  disk(false);
  answered(in, 200);
  refused_as(save, 503, "io"); /* the word of a limit; of a disk it is disk_full */
  assert_string_equal(at_text(&look, "trouble.rule"), "io");
  reply_wipe(&look);
  app_wrote(&node.app);
  refused_as(rig_post(&rig, &who, "/api/v1/prices", body), 503, "restoring");
  reopened_with("DELETE FROM sync_restored");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(only_what_is_written_ends_the_trouble),
      cmocka_unit_test(a_database_that_contradicted_itself_is_trouble_until_the_next_start),
      cmocka_unit_test(one_logs_in_and_looks_while_the_disk_is_full),
      cmocka_unit_test(a_password_of_a_clock_that_was_ahead_is_right_all_the_same),
      cmocka_unit_test(who_is_logged_out_everywhere_is_logged_out_here_too),
      cmocka_unit_test(one_logs_in_and_looks_while_the_journal_is_frozen),
      cmocka_unit_test(a_restored_one_on_a_full_disk_speaks_of_the_disk),
      cmocka_unit_test(what_ends_a_session_ends_one_in_memory),
      cmocka_unit_test(ones_own_new_password_ends_the_others_in_memory),
      cmocka_unit_test(failures_in_memory_fade_and_are_forgiven),
      cmocka_unit_test(one_in_memory_is_listed_and_ended_like_the_others),
      cmocka_unit_test(one_in_memory_ends_when_a_command_disables_its_account),
      cmocka_unit_test(nothing_is_lost_when_a_commit_fails_and_more_comes_meanwhile),
      cmocka_unit_test(what_finds_no_room_is_counted_as_what_it_is),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
