/* What several branches record in the same moment, page by page: each row once, in the order of the whole
 * list.  The order of one moment is that of the branches, and within one the newest first. */
#include "fixture.h"

#include "core/domain/evaluation.h"
#include "core/domain/price.h"

enum { EACH = 3, ROWS = 3 * EACH };
static const uint32_t branches[] = {330127, 330122, 330903};

static struct fixture f;
static int64_t fish, later_ms;

static int setup(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fixture_open(&f);
  load_seed(&f);
  fish = product_named(&f, "舟山带鱼");
  f.now_ms += 3600 * 1000;
  const int64_t now_ms = f.now_ms;
  later_ms = now_ms + 1000;
  for (int i = 0; i < EACH; i++)
    for (size_t b = 0; b < sizeof branches / sizeof *branches; b++) {
      struct written out;
      struct price_new price = {
          .product = fish, .price_fen = 900, .source = "settled", .observed_date = 20261124};
      struct evaluation_new rating = {.product = fish, .quality = 5, .price = 4, .delivery = 3};
      struct tx tx = begin_as(&f, branches[b], "officer");
      tx.now_ms = now_ms;
      assert_ok(price_add(&tx, &price, &out, NULL, &err), &err);
      assert_ok(evaluation_add(&tx, &rating, &out, NULL, &err), &err);
      commit(&f);
    }
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

struct rows {
  int count;
  uint32_t branch[2 * ROWS];
  int64_t id[2 * ROWS];
};

static void keep(struct rows *rows, uint32_t branch, int64_t id)
{
  assert_true(rows->count < ROWS);
  rows->branch[rows->count] = branch;
  rows->id[rows->count++] = id;
}

static void keep_rating(void *ctx, const struct evaluation_row *row)
{
  keep(ctx, row->branch, row->id);
}

static void keep_price(void *ctx, const struct price_row *row)
{
  keep(ctx, row->branch, row->id);
}

static void is_same(const struct rows *a, const struct rows *b)
{
  assert_int_equal(a->count, b->count);
  for (int i = 0; i < a->count; i++)
    if (a->branch[i] != b->branch[i] || a->id[i] != b->id[i]) fail_msg("row %d is another", i);
}

static void in_one_moment_branches_stand_in_order(const struct rows *rows)
{
  for (int i = 1; i < rows->count; i++)
    assert_true(rows->branch[i - 1] < rows->branch[i] ||
                (rows->branch[i - 1] == rows->branch[i] && rows->id[i - 1] > rows->id[i]));
}

static void ratings_of_one_moment_are_shown_once_each(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  for (int way = 0; way < 4 * 4; way++) {
    struct evaluation_filter filter = {.branch = way & 1 ? CHUNAN : 0,
                                       .product = way & 2 ? fish : 0,
                                       .order = (enum evaluation_order)(way / 4),
                                       .now_ms = later_ms};
    struct rows all = {0};
    int64_t total = 0;
    assert_ok(evaluation_list(f.db, &filter, keep_rating, &all, &total, &err), &err);
    assert_int_equal(all.count, way & 1 ? EACH : ROWS);
    assert_int_equal(total, all.count);
    in_one_moment_branches_stand_in_order(&all);
    for (int limit = 1; limit <= 4; limit++) {
      struct rows paged = {0};
      struct bookmark next = {.set = false};
      do {
        filter.page = (struct page){.limit = limit, .after = next, .next = &next};
        assert_ok(evaluation_list(f.db, &filter, keep_rating, &paged, NULL, &err), &err);
      } while (next.set);
      is_same(&paged, &all);
    }
  }
}

static void prices_of_one_day_are_shown_once_each(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  for (int way = 0; way < 4 * 5; way++) {
    struct price_filter filter = {.branch = way & 1 ? CHUNAN : 0,
                                  .product = way & 2 ? fish : 0,
                                  .order = (enum price_order)(way / 4),
                                  .today = 20261124};
    struct rows all = {0};
    int64_t total = 0;
    assert_ok(price_list(f.db, &filter, keep_price, &all, &total, &err), &err);
    assert_int_equal(all.count, way & 1 ? EACH : ROWS);
    assert_int_equal(total, all.count);
    for (int limit = 1; limit <= 4; limit++) {
      struct rows paged = {0};
      struct bookmark next = {.set = false};
      do {
        filter.page = (struct page){.limit = limit, .after = next, .next = &next};
        assert_ok(price_list(f.db, &filter, keep_price, &paged, NULL, &err), &err);
      } while (next.set);
      is_same(&paged, &all);
    }
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(ratings_of_one_moment_are_shown_once_each),
      cmocka_unit_test(prices_of_one_day_are_shown_once_each),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
