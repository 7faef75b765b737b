/* With fewer than three branches in the median, the own last price of the last 90 days stands for it. */
#include "fixture.h"

#include "core/domain/price.h"

static struct fixture f;
static int64_t fish;

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  load_seed(&f);
  fish = product_named(&f, "舟山带鱼");
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static struct price_new a_price(int64_t fen)
{
  return (struct price_new){
      .product = fish, .price_fen = fen, .source = "settled", .observed_date = 20261124};
}

static bool add(const struct price_new *in, struct written *out, struct faults *faults, struct err *err)
{
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  bool ok = price_add(&tx, in, out, faults, err);
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

static void set_median(int64_t fen)
{
  struct err err = ERR_INIT;
  char sql[300];
  snprintf(sql, sizeof sql,
           "INSERT OR REPLACE INTO product_score(product, count, branches, prefectures, median_fen, at_ms)"
           " VALUES(%lld, 0, 9, 3, %lld, 0)",
           (long long)fish, (long long)fen);
  assert_ok(db_exec(f.db, sql, &err), &err);
}

static void a_price_far_from_the_own_last_one_is_asked_about_where_no_median_is(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written first, out;
  struct price_new in = a_price(10000);
  assert_ok(add(&in, &first, NULL, &err), &err);
  in.price_fen = 30000; /* exactly three times */
  struct price_new far = in;
  far.price_fen = 30001;
  assert_false(add(&far, &out, NULL, &err));
  assert_non_null(strstr(err.text, "300.01 yuan against this branch's own price of 2026-11-24, of 100.00"));
  err_clear(&err);
  far.price_fen = 3333;
  assert_refused(add(&far, &out, NULL, &err), &err, "outlier");
  far.replaces = first.id; /* a slip is corrected without being held against itself */
  assert_ok(add(&far, &first, NULL, &err), &err);
  far = a_price(10000);
  assert_refused(add(&far, &out, NULL, &err), &err, "outlier");
  far.observed_date = 20260820; /* nothing of its own within 90 days */
  assert_ok(add(&far, &out, NULL, &err), &err);
  far = a_price(11000);
  far.confirm_outlier = true;
  assert_refused(add(&far, &out, NULL, &err), &err, "required");
  far.note = "换季";
  assert_ok(add(&far, &out, NULL, &err), &err);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM price WHERE outlier /* scan: meant */"), 1);
  set_median(11200); /* of three branches: the own is asked no more */
  far = a_price(11300);
  assert_ok(add(&far, &out, NULL, &err), &err);
}

/* Two colleagues with one receipt, of a price that is far from the median. */
static void a_price_that_waits_for_the_province_is_not_recorded_twice_unasked(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out, again;
  set_median(11200);
  struct price_new in = a_price(900);
  in.confirm_outlier = in.ask_repeat = true;
  in.note = "换季";
  assert_ok(add(&in, &out, NULL, &err), &err);
  assert_false(add(&in, &again, NULL, &err));
  assert_string_equal(err.rule, "repeated");
  assert_non_null(strstr(err.text, out.no));
}

/* It was recorded under a clock that was ahead, and is the latest nowhere. */
static void no_price_is_held_against_one_that_claims_a_day_to_come(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  char sql[400];
  struct price_new in = a_price(10000);
  snprintf(sql, sizeof sql,
           "INSERT INTO price(branch, id, no, product, price_fen, unit, source, observed_date, note, void,"
           " outlier, actor, at_ms)"
           " VALUES(%d, 4097, 'JG1', %lld, 100, 'kg', 'market', 20261125, '', 0, 0, 'officer', 1)",
           CHUNAN, (long long)fish);
  assert_ok(db_exec(f.db, sql, &err), &err);
  assert_ok(add(&in, &out, NULL, &err), &err);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM price WHERE outlier /* scan: meant */"), 0);
}

static void a_correction_leaves_the_supplier_that_was_paid(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written first, out;
  struct price_new in = a_price(10000);
  in.supplier = add_supplier(&f, "91330100716105852F", "供应商甲");
  assert_ok(add(&in, &first, NULL, &err), &err);
  assert_ok(
      db_exec(f.db, "UPDATE supplier SET status = 'suspended', status_reason = 'x' /* scan: meant */", &err),
      &err);
  in.price_fen = 11000;
  assert_refused(add(&in, &out, NULL, &err), &err, "supplier_inactive");
  in.replaces = first.id;
  assert_ok(add(&in, &out, NULL, &err), &err);
}

/* The clock of this machine may be the one that is wrong. */
static void a_day_that_has_not_come_here_is_taken_once_it_is_confirmed(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct price_new in = a_price(10000);
  in.observed_date = 20261125;
  assert_refused(add(&in, &out, NULL, &err), &err, "future");
  in.confirm_date = true;
  assert_ok(add(&in, &out, NULL, &err), &err);
  in.observed_date = 20271229; /* 400 days */
  assert_ok(add(&in, &out, NULL, &err), &err);
  in.observed_date = 20271230;
  assert_refused(add(&in, &out, NULL, &err), &err, "future");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_price_far_from_the_own_last_one_is_asked_about_where_no_median_is,
                                      setup, teardown),
      cmocka_unit_test_setup_teardown(a_price_that_waits_for_the_province_is_not_recorded_twice_unasked,
                                      setup, teardown),
      cmocka_unit_test_setup_teardown(a_day_that_has_not_come_here_is_taken_once_it_is_confirmed, setup,
                                      teardown),
      cmocka_unit_test_setup_teardown(a_correction_leaves_the_supplier_that_was_paid, setup, teardown),
      cmocka_unit_test_setup_teardown(no_price_is_held_against_one_that_claims_a_day_to_come, setup,
                                      teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
