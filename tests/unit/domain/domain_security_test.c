/* What is kept of refusals, of commands and of answered requests, whoever sends them. */
#include "fixture.h"

#include "core/domain/idempotency.h"
#include "core/domain/login.h"
#include "core/domain/security_event.h"

static struct fixture f;
static const int64_t years_ms = INT64_C(10) * 365 * 24 * 3600 * 1000;

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static int64_t events(void)
{
  return number_of(&f, "SELECT count(*) FROM security_event /* scan: meant */");
}

static void a_flood_of_refusals_becomes_a_few_rows_and_a_count(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool due;
  struct tx tx = begin_as(&f, CHUNAN, "system");
  for (int i = 0; i < 1000; i++)
    assert_ok(security_event_add(&tx, "role", "staff", "GET /api/v1/board", "10.0.0.1", &err), &err);
  commit(&f);
  assert_int_equal(events(), SECURITY_ROWS_PEER);
  assert_ok(security_event_due(f.db, f.now_ms, &due, &err), &err);
  assert_false(due);
  f.now_ms += SECURITY_WINDOW_MS;
  assert_ok(security_event_due(f.db, f.now_ms, &due, &err), &err);
  assert_true(due);
  tx = begin_as(&f, CHUNAN, "system");
  assert_ok(security_event_flush(&tx, &err), &err);
  assert_ok(security_event_flush(&tx, &err), &err);
  commit(&f);
  assert_int_equal(events(), SECURITY_ROWS_PEER + 1);
  assert_int_equal(number_of(&f, "SELECT sum(count) FROM security_event /* scan: meant */"), 1000);
  assert_ok(security_event_due(f.db, f.now_ms, &due, &err), &err);
  assert_false(due);
}

static void what_a_command_did_is_told_by_the_program_that_runs(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool due = false;
  struct tx tx = begin_as(&f, CHUNAN, "command line");
  assert_ok(security_event_leave(&tx, "account_reset", "clerk", &err), &err);
  commit(&f);
  assert_int_equal(events(), 0);
  assert_ok(security_event_due(f.db, f.now_ms, &due, &err), &err);
  assert_true(due);
  tx = begin_as(&f, CHUNAN, "system");
  assert_ok(security_event_flush(&tx, &err), &err);
  assert_ok(security_event_flush(&tx, &err), &err);
  commit(&f);
  assert_int_equal(number_of(&f,
                             "SELECT count(*) FROM security_event WHERE kind = 'account_reset' AND actor ="
                             " 'command line' AND detail = 'clerk' /* scan: meant */"),
                   1);
}

static void a_window_that_begins_in_the_future_is_over(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool due = false;
  f.now_ms += years_ms;
  struct tx tx = begin_as(&f, CHUNAN, "system");
  for (int i = 0; i < 10; i++)
    assert_ok(security_event_add(&tx, "role", "staff", "GET /", "10.0.0.1", &err), &err);
  commit(&f);
  f.now_ms -= years_ms;
  assert_ok(security_event_due(f.db, f.now_ms, &due, &err), &err);
  assert_true(due);
  tx = begin_as(&f, CHUNAN, "system");
  assert_ok(security_event_flush(&tx, &err), &err);
  commit(&f);
  assert_int_equal(number_of(&f, "SELECT sum(count) FROM security_event /* scan: meant */"), 10);
}

static void see_event(void *ctx, const struct security_event *row)
{
  snprintf(ctx, 300, "%s|%s|%s|%s", row->kind, row->actor, row->detail, row->peer);
}

static void what_must_be_told_one_by_one_is_not_counted_away(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char seen[300];
  int64_t total;
  struct tx tx = begin_as(&f, CHUNAN, "system");
  for (int i = 0; i < 20; i++)
    assert_ok(security_event_record(&tx, i % 2 ? "export" : "read", "auditor", "d", "10.0.0.1", 1, &err),
              &err);
  commit(&f);
  assert_int_equal(events(), 20);
  const struct security_filter exports = {.kinds = ",export,password,", .page = {.limit = 3}};
  assert_ok(security_event_list(f.db, &exports, see_event, seen, &total, &err), &err);
  assert_int_equal(total, 10);
  assert_memory_equal(seen, "export|", 7);
}

static void ten_thousand_peers_stay_within_the_bound_of_all(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct tx tx = begin_as(&f, CHUNAN, "system");
  for (int i = 0; i < 10000; i++) {
    char peer[32];
    snprintf(peer, sizeof peer, "10.%d.%d.1", i / 256, i % 256);
    assert_ok(security_event_add(&tx, "login", "x", "d", peer, &err), &err);
  }
  commit(&f);
  assert_int_equal(events(), SECURITY_ROWS_ALL);
  assert_true(number_of(&f, "SELECT count(*) FROM security_gate /* scan: meant */") <= SECURITY_ROWS_ALL + 2);
  f.now_ms += SECURITY_WINDOW_MS;
  tx = begin_as(&f, CHUNAN, "system");
  assert_ok(security_event_add(&tx, "login", "x", "d", "10.9.9.9", &err), &err);
  assert_ok(security_event_flush(&tx, &err), &err);
  commit(&f);
  assert_int_equal(number_of(&f, "SELECT sum(count) FROM security_event /* scan: meant */"), 10001);
}

static void whatever_a_stranger_sends_is_stored_as_text(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char seen[300], detail[500];
  int64_t total;
  memset(detail, 'x', sizeof detail);
  memcpy(detail + 198, "\xe9\xb1\xbc", 3); /* the bound is of characters */
  detail[499] = '\0';
  struct tx tx = begin_as(&f, CHUNAN, "system");
  assert_ok(security_event_add(&tx, "", "a\nb\xff", detail, "p", &err), &err);
  commit(&f);
  assert_ok(security_event_list(f.db, &(struct security_filter){.branch = CHUNAN, .page = {.limit = 1}},
                                see_event, seen, &total, &err),
            &err);
  assert_int_equal(total, 1);
  assert_memory_equal(seen, "other|a?b?|xx", 13);
  assert_int_equal(strlen(seen), 11 + 198 + 3 + 1 + 2);
}

static void the_same_request_gets_the_same_answer_and_another_one_none(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf out = BUF_INIT;
  uint8_t one[HASH_SIZE] = {1}, two[HASH_SIZE] = {2};
  bool found = true;
  int status = 0;
  assert_ok(idempotency_get(f.db, "officer", "0123-4567", one, &found, &status, &out, &err), &err);
  assert_false(found);
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(idempotency_add(&tx, "officer", "0123-4567", one, 201, "{}", 2, &err), &err);
  commit(&f);
  assert_ok(idempotency_get(f.db, "officer", "0123-4567", one, &found, &status, &out, &err), &err);
  assert_true(found);
  assert_int_equal(status, 201);
  assert_memory_equal(out.data, "{}", 2);
  assert_refused(idempotency_get(f.db, "officer", "0123-4567", two, &found, &status, &out, &err), &err,
                 "key_reused");
  assert_ok(idempotency_get(f.db, "staff", "0123-4567", two, &found, &status, &out, &err), &err);
  assert_false(found);
  assert_refused(idempotency_get(f.db, "staff", "0123-45", two, &found, &status, &out, &err), &err, "length");
  f.now_ms += INT64_C(3) * 365 * 24 * 3600 * 1000; /* a phone that lay in a drawer for three years */
  tx = begin_as(&f, CHUNAN, "system");
  assert_ok(login_sweep(&tx, &err), &err);
  commit(&f);
  assert_ok(idempotency_get(f.db, "officer", "0123-4567", one, &found, &status, &out, &err), &err);
  assert_true(found);
  buf_wipe(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_flood_of_refusals_becomes_a_few_rows_and_a_count),
      TEST(what_a_command_did_is_told_by_the_program_that_runs),
      TEST(a_window_that_begins_in_the_future_is_over),
      TEST(what_must_be_told_one_by_one_is_not_counted_away),
      TEST(ten_thousand_peers_stay_within_the_bound_of_all),
      TEST(whatever_a_stranger_sends_is_stored_as_text),
      TEST(the_same_request_gets_the_same_answer_and_another_one_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
