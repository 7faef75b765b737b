/* A wrong clock is named where people look, and forgotten when it is right. */
#include "node/api.h"
#include "node/contacts.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/contact.h"
#include "core/domain/security_event.h"
#include "program/bell.h"
#include "program/clock_watch.h"
#include "program/sweep.h"

#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { HOUR_MS = 3600000 };

static struct rig rig;
static struct node node;

static int open_rig(void **state)
{
  (void)state;
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_account(&node.app, "staff", "staff", "staff-password");
  rig_open(&rig, &node.app, node_routes, node_route_count);
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&rig);
  rig_site_close(&node.app);
  return 0;
}

static void a_clock_that_differs_from_the_provinces_is_named_with_its_difference(void **state)
{
  (void)state;
  struct reply r = rig_get(&rig, NULL, "/api/v1/status");
  assert_true(json_is_null(at(&r, "trouble")));
  reply_wipe(&r);
  clock_heard(&node.app, clock_wall_ms() + 2 * HOUR_MS);
  r = rig_get(&rig, NULL, "/api/v1/status");
  assert_string_equal(at_text(&r, "trouble.rule"), "clock_differs"); /* either may be wrong */
  assert_string_equal(at_text(&r, "state"), "attention");
  assert_in_range(-at_int(&r, "trouble.off_ms"), 2 * HOUR_MS - 60000, 2 * HOUR_MS + 60000);
  reply_wipe(&r);
  struct visitor staff = rig_login(&rig, "staff", "staff-password"); /* and stops nobody */
  answered(rig_get(&rig, &staff, "/api/v1/catalogue"), 200);
  clock_heard(&node.app, clock_wall_ms());
  r = rig_get(&rig, NULL, "/api/v1/status");
  assert_true(json_is_null(at(&r, "trouble")));
  reply_wipe(&r);
}

static void without_a_line_a_clock_is_known_to_be_behind(void **state)
{
  (void)state;
  struct trouble trouble;
  refused_as(rig_post(&rig, NULL, "/api/v1/login", "{\"name\":\"x1\",\"password\":\"wrong\"}"), 401,
             "wrong_login"); /* an entry of its own */
  struct visitor staff = rig_login(&rig, "staff", "staff-password");
  struct reply r = rig_get(&rig, &staff, "/api/v1/sync"); /* the first of a log waits like any other */
  assert_true(at_int(&r, "pending.count") > 0);
  assert_int_equal(json_array_size(at(&r, "pending.items")), at_int(&r, "pending.count"));
  reply_wipe(&r);
  int64_t newest_ms = store_newest_ms(node.app.store);
  node.app.heard_wall_ms = 0;
  assert_int_equal(clock_off_ms(&node.app, clock_wall_ms()), 0);
  assert_int_equal(clock_off_ms(&node.app, clock_wall_ms() + INT64_C(9000) * HOUR_MS), 0); /* who knows */
  assert_true(clock_off_ms(&node.app, 0) < -INT64_C(50) * 365 * 24 * HOUR_MS);
  assert_true(clock_trouble(&node.app, 0, &trouble));
  assert_non_null(strstr(trouble.text, "1970-01-01"));
  assert_int_equal(clock_off_ms(&node.app, newest_ms - CLOCK_OFF_MS), 0);
  assert_int_equal(clock_off_ms(&node.app, newest_ms - CLOCK_OFF_MS - 1), -CLOCK_OFF_MS - 1);
}

static bool end_sessions(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  struct query q = query_open(tx->db, "UPDATE session SET expires_ms = 1", err);
  return query_run(&q);
}

static void nobody_is_swept_away_by_a_clock_that_is_years_ahead(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  const char *sql = "SELECT count(*) FROM session";
  int64_t before = rig_count(&node.app, sql);
  assert_true(before > 0);
  assert_true(readers_take(node.app.readers, &db, &err));
  assert_true(app_local(&node.app, end_sessions, NULL, &err)); /* as they look from 2036 */
  clock_heard(&node.app, clock_wall_ms() - INT64_C(3650) * 24 * HOUR_MS);
  assert_true(clock_doubtful(&node.app, clock_wall_ms()));
  assert_true(sweep(&node.app, db, &err));
  assert_int_equal(rig_count(&node.app, sql), before);
  clock_heard(&node.app, clock_wall_ms());
  assert_false(clock_doubtful(&node.app, clock_wall_ms()));
  assert_true(sweep(&node.app, db, &err));
  assert_int_equal(rig_count(&node.app, sql), 0);
  readers_give(node.app.readers, db);
}

static int price_of_day(const struct visitor *who, int days_ahead)
{
  char body[160], day[11];
  date_format(day, date_of_ms(clock_wall_ms() + (int64_t)days_ahead * 24 * HOUR_MS));
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":%d,\"source\":\"market\",\"date\":\"%s\"}",
           (long long)rig_product(&node.app, "舟山三疣梭子蟹"), 9000 + days_ahead, day);
  struct reply r = rig_post(&rig, who, "/api/v1/prices", body);
  int status = r.status;
  if (status != 201) assert_string_equal(at_text(&r, "error.rule"), "future");
  reply_wipe(&r);
  return status;
}

/* Whose clock is two days late may record the day it is; the days before it are known too. */
static void a_price_is_of_the_provinces_day_as_far_as_it_is_known(void **state)
{
  (void)state;
  static struct app hub;
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_seed(&hub);
  rig_carry(&hub, &node.app);
  rig_site_close(&hub);
  rig_account(&node.app, "officer", "officer", "officer-password");
  struct visitor officer = rig_login(&rig, "officer", "officer-password");
  clock_heard(&node.app, clock_wall_ms() + INT64_C(48) * HOUR_MS);
  assert_int_equal(price_of_day(&officer, 2), 201);
  assert_int_equal(price_of_day(&officer, 3), 400);
  clock_heard(&node.app, clock_wall_ms() - INT64_C(48) * HOUR_MS);
  assert_int_equal(price_of_day(&officer, -2), 201);
  /* Nor does a province whose clock is years off stop its branches. */
  clock_heard(&node.app, clock_wall_ms() - INT64_C(3650) * 24 * HOUR_MS);
  assert_int_equal(price_of_day(&officer, -1), 201);
  clock_heard(&node.app, clock_wall_ms() + INT64_C(3650) * 24 * HOUR_MS);
  assert_int_equal(price_of_day(&officer, -3), 201);
  clock_heard(&node.app, clock_wall_ms());
  assert_int_equal(price_of_day(&officer, 0), 201);
}

static int64_t last_contact_ms(void)
{
  struct node_link link;
  node_link_get(&node, &link);
  return link.last_contact_ms;
}

/* The clock is put right while the line is up: the next answer is the newest, though its time is earlier. */
static void the_last_contact_heals_with_the_clock(void **state)
{
  (void)state;
  const int64_t right_ms = clock_wall_ms(), wrong_ms = right_ms + INT64_C(3650) * 24 * HOUR_MS;
  struct contacts contacts = {0};
  struct exchange_node_facts facts = {.welcome = true, .hub_wall_ms = right_ms};
  facts.welcome_ms = wrong_ms;
  facts.welcome_mono_ms = 1000;
  contacts_answered(&contacts, &node, &facts);
  assert_int_equal(last_contact_ms(), wrong_ms);
  facts.welcome_ms = right_ms;
  facts.welcome_mono_ms = 2000;
  contacts_answered(&contacts, &node, &facts);
  assert_int_equal(last_contact_ms(), right_ms);
  node.app.heard_wall_ms = 0;
  contacts_answered(&contacts, &node, &facts); /* the same answer says nothing new */
  assert_int_equal(node.app.heard_wall_ms, 0);
}

static bool add_contact(struct tx *tx, void *ctx, struct err *err)
{
  return contact_add(tx, &(struct contact){.kind = "sync", .at_ms = *(int64_t *)ctx, .took_ms = 5}, err);
}

/* And over a restart: a row from under the wrong clock is nobody's last contact. */
static void a_contact_from_the_future_is_not_recalled(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t right_ms = clock_wall_ms() - HOUR_MS, wrong_ms = right_ms + INT64_C(3650) * 24 * HOUR_MS, last_ms;
  assert_true(app_local(&node.app, add_contact, &wrong_ms, &err));
  assert_true(app_local(&node.app, add_contact, &right_ms, &err));
  assert_true(readers_take(node.app.readers, &db, &err));
  assert_true(contacts_recall(db, &last_ms, &err));
  readers_give(node.app.readers, db);
  assert_int_equal(last_ms, right_ms + 5);
}

static bool refuse_login(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return security_event_record(tx, "login", "x1", "", "192.0.2.7", 1, err);
}

/* Set right and started again while the line is cut: its entries are of days to come, and the province has
 * said when it got them. */
static void a_fast_clock_that_was_mended_is_not_called_slow_without_a_line(void **state)
{
  (void)state;
  static struct app hub, here;
  struct err err = ERR_INIT;
  const int64_t right_ms = clock_wall_ms(), day_ms = INT64_C(24) * HOUR_MS, fast_ms = right_ms + 3 * day_ms;
  struct act act = {.actor = "system", .role = "system", .action = "security", .now_ms = fast_ms};
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_site(&here, APP_NODE, COUNTY, NULL);
  assert_true(app_commit(&here, &act, refuse_login, NULL, NULL, &err));
  assert_int_equal(clock_off_ms(&here, right_ms), -3 * day_ms); /* nobody else has a word of it */
  rig_carry(&hub, &here);
  assert_int_equal(clock_off_ms(&here, right_ms), 0);
  assert_int_equal(clock_off_ms(&here, right_ms - 2 * day_ms) / HOUR_MS, -48); /* what is slow is called so */
  act.now_ms = right_ms + HOUR_MS; /* by the right clock, and the claim cannot go back */
  assert_true(app_commit(&here, &act, refuse_login, NULL, NULL, &err));
  assert_int_equal(clock_off_ms(&here, right_ms + HOUR_MS), 0);
  act.now_ms = fast_ms + HOUR_MS; /* or by the fast one still, while the line was cut */
  assert_true(app_commit(&here, &act, refuse_login, NULL, NULL, &err));
  assert_int_equal(clock_off_ms(&here, right_ms + HOUR_MS), 0);
  rig_site_close(&here);
  rig_site_close(&hub);
}

/* Enrolling kept what time it was at the province. */
static void the_first_entry_is_held_against_the_time_of_the_enrolment(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct app app;
  char path[sizeof app.dir.path];
  const int64_t enrolled_ms = clock_wall_ms() - INT64_C(3650) * 24 * HOUR_MS;
  const struct act act = {
      .actor = "system", .role = "system", .action = "security", .now_ms = clock_wall_ms()};
  rig_site(&app, APP_NODE, COUNTY, NULL);
  snprintf(path, sizeof path, "%s", app.dir.path);
  app.identity.enrolled_ms = enrolled_ms;
  assert_true(identity_write(&app.dir, "keys", &app.identity, &err));
  app_close(&app);
  assert_true(app_open(&app, APP_NODE, path, NULL, &err));
  assert_true(app_commit(&app, &act, refuse_login, NULL, NULL, &err));
  assert_int_equal(store_newest_ms(app.store), enrolled_ms);
  rig_site_close(&app);
}

/* The store is busy with a long transaction for as long as nobody rings, but not for ever. */
struct writer {
  struct bell begun, stop;
  bool rung;
};

static bool write_long(struct tx *tx, void *ctx, struct err *err)
{
  enum { LONG_MS = 20000 };
  struct writer *writer = ctx;
  (void)tx;
  (void)err;
  bell_ring(&writer->begun);
  writer->rung = bell_wait(&writer->stop, LONG_MS);
  return true;
}

static void *hold_the_store(void *writer)
{
  assert_true(app_local(&node.app, write_long, writer, NULL));
  return NULL;
}

static void a_list_waits_for_nobody_who_writes(void **state)
{
  (void)state;
  struct writer writer = {.rung = false};
  pthread_t thread;
  struct visitor staff = rig_login(&rig, "staff", "staff-password");
  bell_init(&writer.begun);
  bell_init(&writer.stop);
  assert_int_equal(pthread_create(&thread, NULL, hold_the_store, &writer), 0);
  assert_true(bell_wait(&writer.begun, INT64_C(60000)));
  answered(rig_get(&rig, &staff, "/api/v1/prices"), 200);
  bell_ring(&writer.stop);
  pthread_join(thread, NULL);
  assert_true(writer.rung);
  bell_wipe(&writer.begun);
  bell_wipe(&writer.stop);
}

static _Atomic int64_t slept_s;

/* In place of libc's: as Linux counts while it sleeps. */
int clock_gettime(clockid_t id, struct timespec *t)
{
  long failed = syscall(SYS_clock_gettime, id, t);
  if (id == CLOCK_REALTIME || id == CLOCK_BOOTTIME) t->tv_sec += slept_s;
  return (int)failed;
}

/* A machine that is closed in the evening and opened in the morning, before its line is back. */
static void a_machine_that_slept_knows_the_time(void **state)
{
  static const char exports[] = "SELECT count(*) FROM security_event WHERE kind = 'export'";
  struct trouble trouble;
  (void)state;
  struct visitor officer = rig_login(&rig, "officer", "officer-password");
  clock_heard(&node.app, clock_wall_ms());
  answered(rig_get(&rig, &officer, "/api/v1/catalogue.xlsx"), 200);
  int64_t before = rig_count(&node.app, exports);
  slept_s = 30 * 3600;
  assert_false(clock_trouble(&node.app, clock_wall_ms(), &trouble));
  assert_int_equal(clock_province_day(&node.app, clock_wall_ms()), date_of_ms(clock_wall_ms()));
  officer = rig_login(&rig, "officer", "officer-password");
  answered(rig_get(&rig, &officer, "/api/v1/catalogue.xlsx"), 200); /* not yesterday's */
  assert_int_equal(rig_count(&node.app, exports), before + 1);
  assert_int_equal(price_of_day(&officer, 0), 201);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_clock_that_differs_from_the_provinces_is_named_with_its_difference),
      cmocka_unit_test(without_a_line_a_clock_is_known_to_be_behind),
      cmocka_unit_test(a_fast_clock_that_was_mended_is_not_called_slow_without_a_line),
      cmocka_unit_test(the_first_entry_is_held_against_the_time_of_the_enrolment),
      cmocka_unit_test(a_price_is_of_the_provinces_day_as_far_as_it_is_known),
      cmocka_unit_test(the_last_contact_heals_with_the_clock),
      cmocka_unit_test(a_contact_from_the_future_is_not_recalled),
      cmocka_unit_test(a_list_waits_for_nobody_who_writes),
      cmocka_unit_test(nobody_is_swept_away_by_a_clock_that_is_years_ahead),
      cmocka_unit_test(a_machine_that_slept_knows_the_time),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
