/* market.h - what several counties pay for one fish, and its publication.  Include it once in each test
 * program, after fixture.h. */
#ifndef SUNLIT_TESTS_DOMAIN_MARKET_H
#define SUNLIT_TESTS_DOMAIN_MARKET_H

#include "core/domain/price.h"
#include "core/domain/score.h"
#include "ruled.h"

static struct fixture f;
static int64_t fish;

__attribute__((unused)) static const uint32_t counties[] = {330127, 330102, 330203, 330302, 330402,
                                                            330502, 330602, 330702, 330802, 330902};

__attribute__((unused)) static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  load_seed(&f);
  fish = product_named(&f, "舟山带鱼");
  return 0;
}

__attribute__((unused)) static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

__attribute__((unused)) static struct written observe(uint32_t branch, int64_t product, int64_t fen, int date,
                                                      int64_t replaces)
{
  struct err err = ERR_INIT;
  struct written out;
  struct price_new in = {.product = product,
                         .price_fen = fen,
                         .source = "settled",
                         .observed_date = date,
                         .replaces = replaces,
                         .confirm_outlier = true,
                         .note = "n"};
  struct tx tx = begin_as(&f, branch, "officer");
  assert_ok(price_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
  return out;
}

/* What the rule finds today: *branch, when there is something, whose the first is. */
__attribute__((unused)) static int rule_finds(int today, uint32_t *branch)
{
  struct err err = ERR_INIT;
  struct price_rule_rows rows;
  assert_ok(price_rule_find(f.db, today, &rows, &err), &err);
  int count = (int)rows.count;
  if (count && branch) *branch = rows.list[0].branch;
  price_rule_free(&rows);
  return count;
}

/* As the hub's steward does it; how many rows were written. */
__attribute__((unused)) static size_t publish(int today)
{
  struct err err = ERR_INIT;
  struct score_work *work = NULL;
  assert_ok(score_open(&work, f.db, today, &err), &err);
  size_t rows = score_left(work);
  do {
    struct tx tx = begin_as(&f, HUB, "system");
    assert_ok(score_write(&tx, work, &err), &err);
    if (score_left(work) == 0) assert_ok(score_published(&tx, work, &err), &err);
    commit(&f);
  } while (score_left(work));
  score_close(work);
  return rows;
}

__attribute__((unused)) static struct product_score score_of(int64_t product)
{
  struct product_score score;
  struct err err = ERR_INIT;
  bool found;
  assert_ok(score_product(f.db, product, &score, &found, &err), &err);
  return score;
}

#endif
