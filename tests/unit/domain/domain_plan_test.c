/* What is asked of a long history asks the index that was made for it: without figures of what stands behind
 * a key SQLite walks all rows of a branch instead, and one sheet, or one filter of a page, holds up
 * everybody. */
#include "fixture.h"

#include "core/domain/evaluation.h"
#include "core/domain/price.h"
#include "core/domain/refusal.h"

static struct fixture f;

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

struct wanted {
  const char *text, *plan; /* of a statement, and what its plan must hold */
  int seen, bad;
};

static void look_for(void *ctx, const char *sql)
{
  struct wanted *w = ctx;
  struct err err = ERR_INIT;
  struct buf plan = BUF_INIT;
  if (!strstr(sql, w->text)) return;
  assert_ok(db_plan(f.db, sql, &plan, &err), &err);
  put_u8(&plan, 0);
  bool found = strstr((const char *)plan.data, w->plan);
  buf_wipe(&plan);
  w->seen++;
  w->bad += !found;
}

static void expect_plan(const char *text, const char *plan)
{
  struct wanted w = {.text = text, .plan = plan};
  db_each_statement(f.db, look_for, &w);
  if (w.bad) print_error("not by %s: %s\n", plan, text);
  assert_true(w.seen > 0 && w.bad == 0);
}

static void a_price_that_may_be_there_already_is_looked_for_by_its_product_and_day(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool found = true;
  struct price_same same;
  const struct price_new in = {.product = 1, .observed_date = 20261124, .source = "market", .price_fen = 100};
  assert_ok(price_find_same(f.db, CHUNAN, &in, &found, &same, &err), &err);
  assert_false(found);
  expect_plan("FROM standing_price WHERE product = ?1",
              "USING INDEX price_product (product=? AND branch=? AND observed_date=?)");
}

static void ignore_price(void *ctx, const struct price_row *row)
{
  (void)ctx;
  (void)row;
}

static void what_was_corrected_or_taken_back_is_found_by_what_it_replaced(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  static const enum record_state states[] = {RECORD_VOID, RECORD_REPLACED};
  for (int i = 0; i < 2; i++) {
    struct price_filter filter = {.branch = CHUNAN, .find = {.state = states[i]}, .page = {.limit = 50}};
    int64_t total = 0;
    assert_ok(price_list(f.db, &filter, ignore_price, NULL, &total, &err), &err);
  }
  expect_plan("r.replaces = p.id AND r.void = 1",
              "SEARCH r USING INDEX price_replaces (branch=? AND replaces=?)");
}

static void ignore_evaluation(void *ctx, const struct evaluation_row *row)
{
  (void)ctx;
  (void)row;
}

/* As text it was looked through for each record: 5000 products and 100,000 prices were 40 seconds. */
static void the_products_a_word_names_are_made_a_set_once(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  const struct record_find find = {.text = "鱼", .products = "[7,12]"};
  struct price_filter prices = {.branch = CHUNAN, .find = find, .page = {.limit = 50}};
  struct evaluation_filter evaluations = {.branch = CHUNAN, .find = find, .page = {.limit = 50}};
  int64_t total = 0;
  assert_ok(price_list(f.db, &prices, ignore_price, NULL, &total, &err), &err);
  assert_ok(evaluation_list(f.db, &evaluations, ignore_evaluation, NULL, &total, &err), &err);
  static const char *const asked[] = {"p.product IN (SELECT value", "e.product IN (SELECT value"};
  for (int i = 0; i < 2; i++) {
    expect_plan(asked[i], "\nLIST SUBQUERY"); /* and not CORRELATED */
    expect_plan(asked[i], "SCAN json_each VIRTUAL TABLE INDEX 1:");
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

static void whether_a_row_was_refused_is_asked_by_its_branch_and_id(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct refusal_word word;
  bool refused = true;
  assert_ok(refusal_of(f.db, CHUNAN, "price", id_of(1, 7, 0), &refused, &word, &err), &err);
  assert_false(refused);
  expect_plan("SELECT rule, at_ms FROM refusal",
              "USING INDEX refusal_subject (branch=? AND subject_table=? AND subject_id=?)");
  expect_plan("SELECT rule, at_ms, subject_id,",
              "USING INDEX refusal_subject (branch=? AND subject_table=? AND subject_id>? AND subject_id<?)");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_price_that_may_be_there_already_is_looked_for_by_its_product_and_day),
      TEST(what_was_corrected_or_taken_back_is_found_by_what_it_replaced),
      TEST(the_products_a_word_names_are_made_a_set_once),
      TEST(whether_a_row_was_refused_is_asked_by_its_branch_and_id),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
