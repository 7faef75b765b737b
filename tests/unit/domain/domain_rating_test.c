#include "fixture.h"

#include "core/domain/evaluation.h"

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

static void append_marks(void *ctx, const struct evaluation_row *row)
{
  size_t used = strlen(ctx);
  snprintf((char *)ctx + used, 200 - used, "%d%d%d ", row->quality, row->price, row->delivery);
}

static void ratings_are_sorted_by_time_or_by_marks_and_bounded_by_days(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  static const int marks[5][3] = {{5, 4, 3}, {1, 1, 1}, {5, 5, 5}, {3, 4, 5}, {2, 2, 2}};
  static const char *const expected[] = {"222 345 555 111 543 ", "543 111 555 345 222 ",
                                         "555 345 543 222 111 ", "111 222 345 543 555 "};
  int64_t middle = 0;
  for (int i = 0; i < 5; i++) {
    struct written out;
    struct evaluation_new in = {
        .product = fish, .quality = marks[i][0], .price = marks[i][1], .delivery = marks[i][2]};
    struct tx tx = begin_as(&f, CHUNAN, "canteen");
    if (i == 2) middle = tx.now_ms;
    assert_ok(evaluation_add(&tx, &in, &out, NULL, &err), &err);
    commit(&f);
  }
  for (int way = 0; way < 12; way++) {
    char all[200] = "", paged[200] = "";
    struct bookmark next = {.set = false};
    struct evaluation_filter filter = {.branch = way % 3 == 1 ? CHUNAN : 0,
                                       .product = way % 3 == 2 ? fish : 0,
                                       .order = (enum evaluation_order)(way / 3)};
    assert_ok(evaluation_list(f.db, &filter, append_marks, all, NULL, &err), &err);
    assert_string_equal(all, expected[way / 3]);
    do {
      filter.page = (struct page){.limit = 2, .after = next, .next = &next};
      assert_ok(evaluation_list(f.db, &filter, append_marks, paged, NULL, &err), &err);
    } while (next.set);
    assert_string_equal(paged, expected[way / 3]);
  }
  char since[200] = "";
  struct evaluation_filter filter = {.from_ms = middle, .order = EVALUATIONS_WORST};
  assert_ok(evaluation_list(f.db, &filter, append_marks, since, NULL, &err), &err);
  assert_string_equal(since, "222 345 555 ");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(ratings_are_sorted_by_time_or_by_marks_and_bounded_by_days, setup,
                                      teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
