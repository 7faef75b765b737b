#include "fixture.h"

#include "core/domain/enrolment.h"

static struct fixture f;
static const uint8_t token_a[INVITE_TOKEN_SIZE] = {1}, token_b[INVITE_TOKEN_SIZE] = {2};
static const uint8_t key_a[PUBLIC_SIZE] = {1}, key_b[PUBLIC_SIZE] = {2};

static int setup(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fixture_open(&f);
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(seed_divisions(&tx, &err), &err);
  commit(&f);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static void an_invite_opens_once_and_only_while_it_is_the_newest(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct invite invite = {0};
  int64_t expires_ms;
  struct tx tx = begin_as(&f, HUB, "admin");
  assert_refused(invite_add(&tx, 330100, token_a, &expires_ms, &err), &err, "not_a_county");
  assert_refused(invite_add(&tx, 110108, token_a, &expires_ms, &err), &err, "unknown_division");
  assert_ok(invite_add(&tx, CHUNAN, token_a, &expires_ms, &err), &err);
  assert_int_equal(expires_ms, tx.now_ms + INVITE_LIFE_MS);
  assert_ok(invite_add(&tx, CHUNAN, token_b, &expires_ms, &err), &err);
  assert_refused(invite_use(&tx, token_a, key_a, &invite, &err), &err, "withdrawn_invite");
  assert_ok(invite_use(&tx, token_b, key_a, &invite, &err), &err);
  assert_int_equal(invite.branch, CHUNAN);
  assert_refused(invite_use(&tx, token_b, key_b, &invite, &err), &err, "used_invite");
  assert_refused(invite_use(&tx, (const uint8_t[INVITE_TOKEN_SIZE]){3}, key_a, &invite, &err), &err,
                 "unknown_invite");
  commit(&f);
}

static void a_used_invite_answers_the_same_key_again_while_it_is_valid(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct invite invite = {0};
  int64_t expires_ms;
  struct tx tx = begin_as(&f, HUB, "admin");
  assert_ok(invite_add(&tx, CHUNAN, token_a, &expires_ms, &err), &err);
  assert_ok(invite_use(&tx, token_a, key_a, &invite, &err), &err);
  assert_int_equal(invite.answers, 0);
  const int64_t used_ms = tx.now_ms;
  tx.now_ms += 1000;
  assert_ok(invite_use(&tx, token_a, key_a, &invite, &err), &err);
  assert_int_equal(invite.branch, CHUNAN);
  assert_int_equal(invite.answers, 1);
  assert_int_equal(number_of(&f, "SELECT used_ms FROM invite /* scan: meant */"), used_ms); /* the first */
  tx.now_ms = expires_ms;
  assert_refused(invite_use(&tx, token_a, key_a, &invite, &err), &err, "expired_invite");
  commit(&f);
}

static void a_used_invite_answers_so_often_and_no_more(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct invite invite = {0};
  int64_t expires_ms;
  struct tx tx = begin_as(&f, HUB, "admin");
  assert_ok(invite_add(&tx, CHUNAN, token_a, &expires_ms, &err), &err);
  for (int i = 0; i < INVITE_ANSWERS_MAX; i++) {
    assert_ok(invite_look(f.db, tx.now_ms, token_a, key_a, &invite, &err), &err);
    assert_ok(invite_use(&tx, token_a, key_a, &invite, &err), &err);
    assert_int_equal(invite.answers, i);
    tx.now_ms += 1000;
  }
  assert_refused(invite_look(f.db, tx.now_ms, token_a, key_a, &invite, &err), &err, "enrol_too_often");
  assert_refused(invite_use(&tx, token_a, key_a, &invite, &err), &err, "enrol_too_often");
  assert_refused(invite_use(&tx, token_a, key_b, &invite, &err), &err, "used_invite");
  assert_ok(invite_add(&tx, CHUNAN, token_b, &expires_ms, &err), &err);
  assert_ok(invite_use(&tx, token_b, key_a, &invite, &err), &err); /* a new one is a new one */
  commit(&f);
}

static void a_withdrawn_invite_is_refused_by_name_and_only_an_open_one_is_withdrawn(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct invite invite = {0};
  int64_t expires_ms;
  struct tx tx = begin_as(&f, HUB, "admin");
  assert_refused(invite_withdraw(&tx, CHUNAN, &err), &err, "no_invite");
  assert_refused(invite_withdraw(&tx, 330100, &err), &err, "not_a_county");
  assert_ok(invite_add(&tx, CHUNAN, token_a, &expires_ms, &err), &err);
  assert_ok(invite_withdraw(&tx, CHUNAN, &err), &err);
  assert_refused(invite_withdraw(&tx, CHUNAN, &err), &err, "no_invite");
  assert_refused(invite_use(&tx, token_a, key_a, &invite, &err), &err, "withdrawn_invite");
  tx.now_ms = expires_ms;
  assert_refused(invite_use(&tx, token_a, key_a, &invite, &err), &err, "withdrawn_invite");
  assert_ok(invite_add(&tx, CHUNAN, token_b, &expires_ms, &err), &err);
  assert_ok(invite_use(&tx, token_b, key_a, &invite, &err), &err);
  assert_refused(invite_withdraw(&tx, CHUNAN, &err), &err, "no_invite"); /* it was used */
  assert_ok(invite_use(&tx, token_b, key_a, &invite, &err), &err);
  commit(&f);
}

static void an_invite_expires_at_its_hour(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct invite invite;
  int64_t expires_ms;
  struct tx tx = begin_as(&f, HUB, "admin");
  assert_ok(invite_add(&tx, CHUNAN, token_a, &expires_ms, &err), &err);
  const int64_t made_ms = tx.now_ms;
  tx.now_ms = expires_ms;
  assert_refused(invite_use(&tx, token_a, key_a, &invite, &err), &err, "expired_invite");
  tx.now_ms = made_ms - 24 * 3600 * 1000; /* made while the clock was ahead */
  assert_refused(invite_use(&tx, token_a, key_a, &invite, &err), &err, "expired_invite");
  tx.now_ms = expires_ms - 1;
  assert_ok(invite_use(&tx, token_a, key_a, &invite, &err), &err);
  commit(&f);
}

static void a_revoked_certificate_opens_nothing_and_takes_the_invite_with_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  uint32_t branch = 0, epoch = 0;
  int64_t expires_ms;
  int revoked = 0;
  struct tx tx = begin_as(&f, HUB, "admin");
  struct invite invite;
  assert_ok(certificate_add(&tx, "0a", CHUNAN, 1, tx.now_ms + 1000, &err), &err);
  assert_ok(certificate_check(f.db, "0a", tx.now_ms, &branch, &epoch, &err), &err);
  assert_int_equal(branch, CHUNAN);
  assert_int_equal(epoch, 1);
  assert_refused(certificate_check(f.db, "0a", tx.now_ms + 1001, &branch, &epoch, &err), &err, "expired");
  assert_refused(certificate_check(f.db, "0b", tx.now_ms, &branch, &epoch, &err), &err,
                 "unknown_certificate");
  assert_ok(invite_add(&tx, CHUNAN, token_a, &expires_ms, &err), &err);
  assert_ok(certificate_revoke(&tx, CHUNAN, "lost", &revoked, &err), &err);
  assert_int_equal(revoked, 1);
  assert_refused(certificate_check(f.db, "0a", tx.now_ms, &branch, &epoch, &err), &err, "revoked");
  assert_refused(invite_use(&tx, token_a, key_a, &invite, &err), &err, "withdrawn_invite");
  assert_ok(certificate_revoke(&tx, CHUNAN, "lost", &revoked, &err), &err);
  assert_int_equal(revoked, 0);
  commit(&f);
}

struct board {
  int count;
  struct branch_state chunan;
  char version[20];
};

static void see(void *ctx, const struct branch_state *row)
{
  struct board *board = ctx;
  board->count++;
  if (row->code != CHUNAN) {
    assert_false(row->enrolled || row->connected || row->revoked);
    return;
  }
  board->chunan = *row;
  snprintf(board->version, sizeof board->version, "%s", row->version);
}

static struct board look(void)
{
  struct board board = {0};
  struct err err = ERR_INIT;
  assert_ok(branch_list(f.db, f.now_ms, see, &board, &err), &err);
  assert_int_equal(board.count, 90);
  return board;
}

static void the_board_shows_every_county_and_since_when(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct branch_fact fact = {.branch = CHUNAN,
                             .epoch = 1,
                             .pending = 3,
                             .oldest_pending_ms = 77,
                             .skew_ms = -400,
                             .seq = 31,
                             .schema = 3,
                             .version = "1.0.0"};
  int64_t expires_ms;
  int revoked;
  struct tx tx = begin_as(&f, HUB, "admin");
  assert_ok(invite_add(&tx, CHUNAN, token_a, &expires_ms, &err), &err);
  commit(&f);
  assert_true(look().chunan.invited);
  tx = begin_as(&f, HUB, "system");
  assert_ok(certificate_add(&tx, "0a", CHUNAN, 1, 9000, &err), &err);
  assert_ok(branch_contact_enrolled(&tx, CHUNAN, 1, &err), &err);
  commit(&f);
  assert_true(look().chunan.enrolled && !look().chunan.connected);
  tx = begin_as(&f, HUB, "system");
  assert_ok(branch_contact_heard(&tx, &fact, &err), &err);
  int64_t since = tx.now_ms;
  commit(&f);
  tx = begin_as(&f, HUB, "system");
  fact.pending = 0;
  assert_ok(branch_contact_heard(&tx, &fact, &err), &err);
  commit(&f);
  struct board board = look();
  assert_true(board.chunan.connected);
  assert_int_equal(board.chunan.since_ms, since);
  assert_int_equal(board.chunan.last_contact_ms, f.now_ms);
  assert_int_equal(board.chunan.pending, 0);
  assert_int_equal(board.chunan.skew_ms, -400);
  assert_int_equal(board.chunan.certificate_until_ms, 9000);
  assert_string_equal(board.version, "1.0.0");
  tx = begin_as(&f, HUB, "system");
  assert_ok(branch_contact_lost(&tx, CHUNAN, &err), &err);
  assert_ok(branch_contact_reason(&tx, CHUNAN, "fork", &err), &err);
  assert_ok(branch_contact_reset(&tx, &err), &err);
  assert_ok(certificate_revoke(&tx, CHUNAN, "lost", &revoked, &err), &err);
  since = tx.now_ms;
  commit(&f);
  board = look();
  assert_false(board.chunan.connected);
  assert_true(board.chunan.revoked);
  assert_int_equal(board.chunan.since_ms, since);
  assert_int_equal(board.chunan.certificate_until_ms, 0);
}

static bool is_good(const char *serial)
{
  uint32_t branch = 0, epoch = 0;
  return certificate_check(f.db, serial, f.now_ms, &branch, &epoch, NULL) && branch == CHUNAN && epoch == 3;
}

static void a_certificate_ends_when_the_one_after_it_is_used(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  const int64_t far_ms = f.now_ms + 1000000;
  bool older = true;
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(certificate_add(&tx, "01", CHUNAN, 3, far_ms, &err), &err);
  assert_ok(certificate_has_older(f.db, "01", &older, &err), &err);
  assert_false(older);
  f.now_ms = tx.now_ms += 1000;
  assert_ok(certificate_renew(&tx, "01", "02", far_ms, &err), &err);
  assert_true(is_good("01") && is_good("02"));
  /* It never heard of 02 and asks again. */
  f.now_ms = tx.now_ms += 1000;
  assert_ok(certificate_renew(&tx, "01", "03", far_ms, &err), &err);
  assert_true(is_good("01") && !is_good("02") && is_good("03"));
  /* Coming with the old one ends nothing, coming with the new one ends it. */
  assert_ok(certificate_used(&tx, "01", &err), &err);
  assert_true(is_good("01") && is_good("03"));
  assert_ok(certificate_has_older(f.db, "03", &older, &err), &err);
  assert_true(older);
  assert_ok(certificate_used(&tx, "03", &err), &err);
  assert_true(!is_good("01") && is_good("03"));
  assert_false(certificate_renew(&tx, "01", "04", far_ms, &err));
  assert_string_equal(err.rule, "revoked");
  commit(&f);
  assert_true(look().chunan.certificate_until_ms == far_ms && !look().chunan.revoked);
}

static void a_branch_gets_so_many_certificates_a_day_and_no_more(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char serial[8] = "s0", fresh[8];
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(certificate_add(&tx, serial, CHUNAN, 3, f.now_ms * 2, &err), &err);
  for (int i = 1; i < CERTIFICATES_A_DAY; i++) {
    snprintf(fresh, sizeof fresh, "s%d", i);
    assert_ok(certificate_renew(&tx, serial, fresh, f.now_ms * 2, &err), &err);
    tx.now_ms++;
  }
  assert_false(certificate_renew(&tx, serial, "more", f.now_ms * 2, &err));
  assert_string_equal(err.rule, "renew_too_often");
  err_clear(&err);
  tx.now_ms += INT64_C(24) * 3600 * 1000;
  assert_ok(certificate_renew(&tx, serial, "more", f.now_ms * 2, &err), &err);
  commit(&f);
}

struct plan_look {
  int seen, bad;
};

/* Statements that ask which certificates are good, and how they go about it. */
static void look_at_good(void *ctx, const char *sql)
{
  struct plan_look *look = ctx;
  struct err err = ERR_INIT;
  struct buf plan = BUF_INIT;
  if (!strstr(sql, "certificate") || !strstr(sql, "revoked_ms = 0")) return;
  assert_ok(db_plan(f.db, sql, &plan, &err), &err);
  put_u8(&plan, 0);
  bool walks = !strstr((const char *)plan.data, "certificate_good");
  buf_wipe(&plan);
  if (walks) print_error("walks what has ended: %s\n", sql);
  look->seen++;
  look->bad += walks;
}

static void certificates_that_have_ended_are_walked_by_nobody(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool older = false;
  int revoked;
  struct plan_look plans = {0};
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(certificate_add(&tx, "01", CHUNAN, 3, f.now_ms * 2, &err), &err);
  assert_ok(certificate_renew(&tx, "01", "02", f.now_ms * 2, &err), &err);
  assert_ok(certificate_has_older(f.db, "02", &older, &err), &err);
  assert_ok(certificate_used(&tx, "02", &err), &err);
  assert_ok(certificate_revoke(&tx, CHUNAN, "lost", &revoked, &err), &err);
  commit(&f);
  look();
  db_each_statement(f.db, look_at_good, &plans);
  assert_int_equal(plans.seen, 5);
  assert_int_equal(plans.bad, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(an_invite_opens_once_and_only_while_it_is_the_newest),
      TEST(an_invite_expires_at_its_hour),
      TEST(a_used_invite_answers_the_same_key_again_while_it_is_valid),
      TEST(a_used_invite_answers_so_often_and_no_more),
      TEST(certificates_that_have_ended_are_walked_by_nobody),
      TEST(a_withdrawn_invite_is_refused_by_name_and_only_an_open_one_is_withdrawn),
      TEST(a_revoked_certificate_opens_nothing_and_takes_the_invite_with_it),
      TEST(a_certificate_ends_when_the_one_after_it_is_used),
      TEST(a_branch_gets_so_many_certificates_a_day_and_no_more),
      TEST(the_board_shows_every_county_and_since_when),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
