/* What the province has taken off its list gets nothing new from a branch, by whatever door. */
#include "fixture.h"

#include "core/domain/confirmation.h"
#include "core/domain/evaluation.h"

static struct fixture f;
static int64_t fish;
static struct written price, rating;

static const struct evaluation_new marks = {.quality = 5, .price = 4, .delivery = 4};

static void delist(void)
{
  struct err err = ERR_INIT;
  char sql[100];
  snprintf(sql, sizeof sql, "UPDATE product SET status = 'delisted' WHERE id = %lld", (long long)fish);
  assert_ok(db_exec(f.db, sql, &err), &err);
}

static struct price_new a_price(void)
{
  return (struct price_new){
      .product = fish, .price_fen = 11800, .source = "settled", .observed_date = 20261124};
}

static int setup(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fixture_open(&f);
  load_seed(&f);
  fish = product_named(&f, "舟山带鱼");
  struct price_new in = a_price();
  struct evaluation_new given = marks;
  given.product = fish;
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(price_add(&tx, &in, &price, NULL, &err), &err);
  assert_ok(evaluation_add(&tx, &given, &rating, NULL, &err), &err);
  commit(&f);
  delist();
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static void a_delisted_product_gets_no_price_no_rating_and_no_confirmation(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  int64_t id;
  struct price_new in = a_price();
  struct evaluation_new given = marks;
  given.product = fish;
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_false(price_add(&tx, &in, &out, NULL, &err));
  assert_string_equal(err.field, "product");
  assert_non_null(strstr(err.text, "舟山带鱼"));
  assert_refused(price_add(&tx, &in, &out, NULL, &err), &err, "delisted");
  assert_refused(evaluation_add(&tx, &given, &out, NULL, &err), &err, "delisted");
  assert_refused(confirmation_add(&tx, fish, 2, "", &id, &err), &err, "delisted");
  back(&f);
}

static void what_was_recorded_before_can_still_be_put_right(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  struct evaluation_new given = marks;
  given.product = fish;
  given.replaces = rating.id;
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(evaluation_add(&tx, &given, &out, NULL, &err), &err);
  assert_ok(price_void(&tx, price.id, "记错了", &out, &err), &err);
  commit(&f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_delisted_product_gets_no_price_no_rating_and_no_confirmation),
      TEST(what_was_recorded_before_can_still_be_put_right),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
