/* What a branch is shown of its proposals: what waits for it, and what came back. */
#include "fixture.h"

#include "core/base/sqlite.h"
#include "core/domain/proposal.h"
#include "core/domain/proposal_talk.h"
#include "core/domain/review.h"

static struct fixture f;
static int64_t persimmon;

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  load_seed(&f);
  persimmon = product_named(&f, "淳安无核柿");
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static struct written propose(const char *actor, const char *unit)
{
  struct err err = ERR_INIT;
  struct written out;
  json_t *patch = json_pack("{s:s}", "unit", unit);
  struct proposal_new in = {.kind = "correction",
                            .target = persimmon,
                            .base_rev = 1,
                            .patch = patch,
                            .reason = "三批到货都带预冷单"};
  struct tx tx = begin_as(&f, CHUNAN, actor);
  assert_ok(proposal_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
  json_decref(patch);
  return out;
}

static void ask(int64_t proposal)
{
  struct err err = ERR_INIT;
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(proposal_ask(&tx, CHUNAN, proposal, "几月的批次？", &err), &err);
  commit(&f);
}

static void turn_down(int64_t proposal)
{
  struct err err = ERR_INIT;
  json_t *words = json_pack("{s:s}", "unit", "rejected");
  struct verdict no = {.branch = CHUNAN, .proposal = proposal, .fields = words, .rev = 1, .reason = "不改"};
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(review_decide(&tx, &no, NULL, NULL, &err), &err);
  commit(&f);
  json_decref(words);
}

static void see(void *ctx, const struct proposal_row *row)
{
  snprintf(ctx, NUMBER_SIZE, "%s", row->no);
}

/* The total; the last row shown in no. */
static int64_t list(const struct proposal_filter *filter, char no[NUMBER_SIZE])
{
  struct err err = ERR_INIT;
  int64_t total = -1;
  no[0] = '\0';
  assert_ok(proposal_list(f.db, filter, see, no, &total, &err), &err);
  return total;
}

/* More than a page of newer ones hides none of them. */
static void what_the_province_asks_is_counted_among_all(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char no[NUMBER_SIZE];
  struct written early = propose("officer", "box");
  for (int i = 0; i < 3; i++)
    propose("staff", "bag");
  ask(early.id);
  struct proposal_filter asked = {.branch = CHUNAN, .state = PROPOSAL_ASKED, .page = {.limit = 1}};
  assert_int_equal(list(&asked, no), 1);
  assert_string_equal(no, early.no);
  asked.actor = "staff";
  assert_int_equal(list(&asked, no), 0);
  asked.actor = "officer";
  assert_int_equal(list(&asked, no), 1);
  int64_t question = question_of(&f, early.id);
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(proposal_answer(&tx, early.id, question, "十月", &err), &err);
  commit(&f);
  assert_int_equal(list(&asked, no), 0);
}

static void what_came_back_is_shown_by_its_decision(void **state)
{
  (void)state;
  char no[NUMBER_SIZE];
  struct bookmark next;
  struct written early = propose("officer", "box"), late = propose("officer", "bag");
  propose("officer", "jar");
  turn_down(late.id);
  f.now_ms += 1000;
  turn_down(early.id);
  struct proposal_filter replied = {
      .branch = CHUNAN, .state = PROPOSAL_REPLIED, .page = {.limit = 1, .next = &next}};
  assert_int_equal(list(&replied, no), 2);
  assert_string_equal(no, early.no);
  replied.page.after = next;
  list(&replied, no);
  assert_string_equal(no, late.no);
  assert_false(next.set);
}

static int count_steps(void *ctx)
{
  ++*(int64_t *)ctx;
  return 0;
}

/* *steps: in hundreds. */
static int64_t count_open(int64_t *steps)
{
  struct err err = ERR_INIT;
  int64_t count = -1;
  *steps = 0;
  sqlite3_progress_handler(db_handle(f.db), 100, count_steps, steps);
  assert_ok(proposal_count_open(f.db, &count, &err), &err);
  sqlite3_progress_handler(db_handle(f.db), 0, NULL, NULL);
  return count;
}

/* Of a branch that nothing holds back, from, from + 1 ... */
static void send_many(int64_t from, int count)
{
  struct err err = ERR_INIT;
  char sql[400];
  snprintf(
      sql, sizeof sql,
      "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d) INSERT INTO proposal"
      " SELECT 330102, %lld + i, 'N' || (%lld + i), 'delisting', 'product', 1, 1, '{}', '{}', 'why', 'x',"
      " 1 FROM n",
      count - 1, (long long)from, (long long)from);
  assert_ok(db_exec(f.db, sql, &err), &err);
}

static void what_waits_is_counted_no_further_than_a_bound(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t few, many, more;
  struct written out = propose("officer", "box"), asked = propose("officer", "bag");
  propose("officer", "jar");
  assert_int_equal(count_open(&few), 3);
  turn_down(out.id);
  ask(asked.id);
  assert_int_equal(count_open(&few), 1);
  send_many(1, PROPOSALS_COUNTED - 2);
  assert_int_equal(count_open(&many), PROPOSALS_COUNTED - 1);
  send_many(PROPOSALS_COUNTED, 1);
  assert_int_equal(count_open(&many), PROPOSALS_COUNTED);
  send_many(2 * PROPOSALS_COUNTED, 3 * PROPOSALS_COUNTED_IN);
  assert_int_equal(count_open(&more), PROPOSALS_COUNTED);
  assert_true(more < many + many / 4);
  /* Nor when it takes them all back. */
  assert_ok(
      db_exec(f.db,
              "INSERT INTO proposal_answer(branch, id, proposal, kind, text, actor, at_ms) SELECT branch,"
              " id, id, 'withdrawal', 'x', 'x', 1 FROM proposal WHERE branch = 330102 AND id >= 2000",
              &err),
      &err);
  assert_int_equal(count_open(&many), 1);
  send_many(4 * PROPOSALS_COUNTED_IN, PROPOSALS_COUNTED_IN);
  assert_ok(
      db_exec(f.db,
              "INSERT INTO proposal_answer(branch, id, proposal, kind, text, actor, at_ms) SELECT branch,"
              " id, id, 'withdrawal', 'x', 'x', 1 FROM proposal WHERE branch = 330102 AND id >= 40000",
              &err),
      &err);
  assert_int_equal(count_open(&more), 1);
  assert_true(more < many + many / 4);
}

static int64_t steps_of_page(enum proposal_order order, int64_t expected)
{
  char no[NUMBER_SIZE];
  int64_t steps = 0;
  struct bookmark next;
  struct proposal_filter open = {
      .state = PROPOSAL_OPEN, .order = order, .page = {.limit = 50, .next = &next}};
  sqlite3_progress_handler(db_handle(f.db), 100, count_steps, &steps);
  assert_int_equal(list(&open, no), expected);
  sqlite3_progress_handler(db_handle(f.db), 0, NULL, NULL);
  assert_true(next.set);
  return steps;
}

static void a_page_of_all_branches_looks_at_no_more_of_one_than_fills_it(void **state)
{
  (void)state;
  propose("officer", "box");
  send_many(1, 2 * PROPOSALS_COUNTED);
  for (int order = PROPOSALS_USUAL; order <= PROPOSALS_NEWEST; order++) {
    int64_t few = steps_of_page((enum proposal_order)order, PROPOSALS_COUNTED), many;
    send_many(1000000 * (order + 1), 2 * PROPOSALS_COUNTED_IN);
    many = steps_of_page((enum proposal_order)order, PROPOSALS_COUNTED);
    assert_true(many < few + few / 4);
  }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(what_the_province_asks_is_counted_among_all),
      TEST(what_came_back_is_shown_by_its_decision),
      TEST(what_waits_is_counted_no_further_than_a_bound),
      TEST(a_page_of_all_branches_looks_at_no_more_of_one_than_fills_it),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
