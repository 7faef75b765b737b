/* What a recorded price keeps when the catalogue changes around it: its unit, and whom the branch paid. */
#include "fixture.h"

#include "core/domain/item.h"
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

static void set_unit(const char *unit)
{
  struct err err = ERR_INIT;
  int64_t rev = 0;
  json_t *fields = json_pack("{s:s}", "unit", unit);
  struct tx tx = begin_as(&f, 330000, "curator");
  rev = number_of(&f, "SELECT rev FROM product WHERE name_zh = '舟山带鱼' /* scan: meant */");
  assert_ok(item_change(&tx, ITEM_PRODUCT, fish, rev, fields, &rev, NULL, &err), &err);
  commit(&f);
  json_decref(fields);
}

/* By the kilogram it cost 118 yuan, by the box it costs 12: neither says anything of the other. */
static void a_price_stays_in_the_unit_it_was_recorded_in(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written by_kg, by_box;
  struct price_new in = a_price(11800);
  int64_t fen = 0;
  int date = 0;
  assert_ok(add(&in, &by_kg, NULL, &err), &err);
  set_median(11800);
  assert_ok(db_exec(f.db, "INSERT INTO price_stat VALUES(1, 20261101, 1, 1, 1, 1, 1)", &err), &err);
  set_unit("box");
  assert_int_equal(number_of(&f, "SELECT count(*) FROM product_score WHERE median_fen > 0 /* scan: meant */"),
                   0);
  assert_ok(price_latest(f.db, CHUNAN, fish, 20261124, &fen, &date, &err), &err);
  assert_int_equal(fen, 0);
  in.price_fen = 1200;
  assert_ok(add(&in, &by_box, NULL, &err), &err); /* no question by either figure of the kilogram */
  in.price_fen = 5000;
  assert_refused(add(&in, &by_box, NULL, &err), &err, "outlier"); /* and one by the box's */
  in.price_fen = 11900;
  in.replaces = by_kg.id;
  assert_ok(add(&in, &by_kg, NULL, &err), &err); /* a correction of the old one keeps its unit */
  assert_ok(price_latest(f.db, CHUNAN, fish, 20261124, &fen, &date, &err), &err);
  assert_int_equal(fen, 1200);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM price WHERE unit = 'kg' /* scan: meant */"), 2);
}

/* A receipt is mended; nothing is ordered by it. */
static void a_correction_keeps_the_supplier_that_stands(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written first, second;
  struct price_new in = a_price(2000);
  for (int id = 7; id <= 8; id++) {
    char sql[200];
    snprintf(
        sql, sizeof sql,
        "INSERT INTO supplier VALUES(%d, '91330127MA2800000%d', 'S%d', 330127, '', '', '', 0, 'active', '',"
        " 1, 'c', 0)",
        id, id, id);
    assert_ok(db_exec(f.db, sql, &err), &err);
  }
  in.supplier = 7;
  assert_ok(add(&in, &first, NULL, &err), &err);
  assert_ok(db_exec(f.db, "UPDATE supplier SET status = 'suspended', status_reason = 'x'", &err), &err);
  assert_refused(add(&in, &second, NULL, &err), &err, "supplier_inactive");
  in.replaces = first.id;
  in.price_fen = 2100;
  assert_ok(add(&in, &second, NULL, &err), &err);
  in.replaces = second.id;
  in.supplier = 8;
  assert_refused(add(&in, &second, NULL, &err), &err, "supplier_inactive"); /* another one is an order */
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_price_stays_in_the_unit_it_was_recorded_in),
      TEST(a_correction_keeps_the_supplier_that_stands),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
