/* An explained price waits for a person of the province, and counts nowhere before that. */
#include "fixture.h"
#include "market.h"

#include "core/domain/price_basis.h"
#include "core/domain/price_doubt.h"
#include "core/domain/refusal.h"

struct refused {
  int count, settled;
  char last[200];
};

static void see(void *ctx, const struct refusal *row)
{
  struct refused *refused = ctx;
  refused->count++;
  refused->settled += row->settled;
  snprintf(refused->last, sizeof refused->last, "%s %s %s %s", row->rule, row->no, row->title, row->detail);
}

static void see_doubt(void *ctx, const struct price_doubt *row)
{
  snprintf(ctx, 200, "%s %s %s %s %s %lld %lld %lld %d %s %lld %s", row->no, row->branch_name,
           row->product_name, row->product_name_en, row->unit, (long long)row->price_fen,
           (long long)row->median_fen, (long long)row->branches, row->observed_date, row->source,
           (long long)row->qty_milli, row->note);
}

/* A price that six counties make an outlier, recorded when the province's median was known already. */
static struct written explained_outlier(void)
{
  struct err err = ERR_INIT;
  int refused = 0;
  for (int i = 1; i < 7; i++)
    observe(counties[i], fish, 10000, 20261101 + i, 0);
  publish(20261123);
  struct written row = observe(CHUNAN, fish, 118000, 20261120, 0);
  assert_int_equal(number_of(&f, "SELECT outlier FROM price WHERE price_fen = 118000 /* scan: meant */"), 1);
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(rule_acts(&tx, CHUNAN, 20261124, PRICE_RULE_REFUSE, &refused, &err), &err);
  assert_int_equal(refused, 0); /* a doubt is no refusal, and no entry says it is */
  assert_ok(rule_acts(&tx, CHUNAN, 20261124, PRICE_RULE_DOUBT, &refused, &err), &err);
  assert_int_equal(refused, 1);
  assert_ok(rule_acts(&tx, CHUNAN, 20261124, PRICE_RULE_DOUBT, &refused, &err), &err);
  commit(&f);
  return row;
}

static bool judge(int64_t price, bool accepted, const char *reason, struct err *err)
{
  struct tx tx = begin_as(&f, HUB, "curator");
  bool ok = price_doubt_answer(&tx, CHUNAN, price, accepted, reason, err);
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

static void an_explained_outlier_waits_for_a_person_and_counts_when_it_is_taken(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char line[200] = "";
  int64_t total = 0, open = 0;
  uint32_t branch = 0;
  int found = 0;
  struct written row = explained_outlier();
  assert_ok(refusal_count(f.db, CHUNAN, &open, &err), &err);
  assert_int_equal(open, 0); /* nobody refused it unread */
  assert_ok(price_doubt_list(f.db, see_doubt, line, &total, &err), &err);
  assert_int_equal(total, 1);
  assert_string_equal(
      line, "JG330127-202611-0001 淳安县 舟山带鱼 Zhoushan hairtail kg 118000 10000 6 20261120 settled 0 n");
  publish(20261124);
  assert_int_equal(score_of(fish).branches, 6); /* and it does not count meanwhile */
  assert_refused(judge(row.id + 4096, true, "", &err), &err, "unknown_price");
  assert_ok(judge(row.id, true, "", &err), &err);
  assert_refused(judge(row.id, true, "", &err), &err, "decided");
  found = rule_finds(20261124, &branch);
  assert_int_equal(found, 0); /* what a person took is not judged again */
  publish(20261124);
  assert_int_equal(score_of(fish).branches, 7);
}

static void see_basis(void *ctx, const struct price_row *row)
{
  int *count = ctx;
  assert_true(row->branch != CHUNAN);
  assert_int_equal(row->product, fish);
  ++*count;
}

/* Who judges sees the very prices that the median is made of, and when they are others by now. */
static void the_prices_behind_a_median_are_those_the_rule_used(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct price_basis basis;
  int count = 0;
  struct written row = explained_outlier();
  observe(counties[2], fish, 10000, 20260901, 0); /* too long before */
  observe(counties[2], fish, 9800, 20261110, 0);  /* nearer in time than what this county had */
  assert_ok(price_basis(f.db, CHUNAN, row.id, see_basis, &count, &basis, &err), &err);
  assert_int_equal(count, 6);
  assert_int_equal(basis.price_fen, 118000);
  assert_int_equal(basis.median_fen, 10000);
  assert_int_equal(basis.branches, 6);
  assert_int_equal(basis.now_fen, 10000);
  for (int i = 3; i < 7; i++)
    observe(counties[i], fish, 10400, 20261119, 0);
  assert_ok(price_basis(f.db, CHUNAN, row.id, see_basis, &count, &basis, &err), &err);
  assert_int_equal(basis.median_fen, 10000);
  assert_int_equal(basis.now_fen, 10400);
  assert_refused(price_basis(f.db, CHUNAN, row.id + 1, see_basis, &count, &basis, &err), &err,
                 "unknown_price");
}

/* Nobody enters such a day: what a branch has signed all the same is read by a person, without figures. */
static void an_explained_price_of_years_ago_is_read_with_nobodys_beside_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct price_basis basis;
  int count = 0;
  int64_t total = 0;
  char line[200] = "";
  for (int i = 1; i < 7; i++)
    observe(counties[i], fish, 10000, 20261101 + i, 0);
  publish(20261123);
  struct written row = observe(CHUNAN, fish, 118000, 20261120, 0);
  assert_ok(db_exec(f.db, "UPDATE price SET observed_date = observed_date - 20000 /* scan: meant */", &err),
            &err);
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(rule_acts(&tx, CHUNAN, 20261124, PRICE_RULE_DOUBT, &count, &err), &err);
  commit(&f);
  assert_int_equal(count, 1);
  assert_ok(price_doubt_list(f.db, see_doubt, line, &total, &err), &err);
  assert_string_equal(
      line, "JG330127-202611-0001 淳安县 舟山带鱼 Zhoushan hairtail kg 118000 0 0 20241120 settled 0 n");
  count = 0;
  assert_ok(price_basis(f.db, CHUNAN, row.id, see_basis, &count, &basis, &err), &err);
  assert_int_equal(count, 0);
}

/* One branch's wrong price is not what everybody else is held to. */
static void a_median_of_two_branches_judges_nobody(void **state)
{
  (void)state;
  for (int i = 1; i < PRICE_MEDIAN_BRANCHES; i++)
    observe(counties[i], fish, 118000, 20261120, 0);
  publish(20261124);
  observe(counties[3], fish, 10000, 20261120, 0);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM price WHERE outlier /* scan: meant */"), 0);
  publish(20261124);
  assert_int_equal(score_of(fish).branches, PRICE_MEDIAN_BRANCHES);
  observe(counties[4], fish, 10000, 20261120, 0);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM price WHERE outlier /* scan: meant */"), 1);
}

/* The others' prices grow old; what is left is one that nobody has read. */
static void a_lone_explained_price_is_nobodys_median_until_it_is_read(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char line[200] = "";
  int64_t total = 0;
  int put = 0;
  bool due = true;
  for (int i = 1; i < 4; i++)
    observe(counties[i], fish, 10000, 20261015 + i, 0);
  publish(20261023);
  assert_int_equal(score_of(fish).branches, 3);
  struct written row = observe(CHUNAN, fish, 118000, 20261120, 0);
  publish(20261124);
  assert_int_equal(score_of(fish).branches, 0);
  assert_int_equal(score_of(fish).median_fen, 0);
  assert_int_equal(
      number_of(&f, "SELECT count(*) FROM price_stat WHERE median_fen = 118000 /* scan: meant */"), 0);
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(rule_acts(&tx, CHUNAN, 20261124, PRICE_RULE_DOUBT, &put, &err), &err);
  commit(&f);
  assert_int_equal(put, 1); /* though only three others have a price */
  assert_ok(price_doubt_list(f.db, see_doubt, line, &total, &err), &err);
  assert_string_equal(
      line, "JG330127-202611-0001 淳安县 舟山带鱼 Zhoushan hairtail kg 118000 10000 3 20261120 settled 0 n");
  publish(20261124);
  assert_ok(score_due(f.db, 20261124, &due, &err), &err);
  assert_false(due);
  assert_ok(judge(row.id, true, "", &err), &err);
  assert_ok(score_due(f.db, 20261124, &due, &err), &err);
  assert_true(due);
  publish(20261124);
  assert_int_equal(score_of(fish).median_fen, 118000);
  observe(counties[1], fish, 10000, 20261121, 0); /* and it judges nobody alone */
  assert_int_equal(number_of(&f, "SELECT count(*) FROM price WHERE outlier = 1 /* scan: meant */"), 1);
}

static void an_explained_price_with_no_other_beside_it_is_read_too(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char line[200] = "";
  int64_t total = 0;
  int put = 0, found = 0;
  uint32_t branch = 0;
  for (int i = 1; i < 4; i++)
    observe(counties[i], fish, 10000, 20260901 + i, 0);
  publish(20260910);
  observe(CHUNAN, fish, 118000, 20261120, 0);
  found = rule_finds(20261124, &branch);
  assert_int_equal(found, 1);
  assert_int_equal(branch, CHUNAN);
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(rule_acts(&tx, CHUNAN, 20261124, PRICE_RULE_DOUBT, &put, &err), &err);
  commit(&f);
  assert_ok(price_doubt_list(f.db, see_doubt, line, &total, &err), &err);
  assert_string_equal(
      line, "JG330127-202611-0001 淳安县 舟山带鱼 Zhoushan hairtail kg 118000 0 0 20261120 settled 0 n");
}

/* Its branch would be refused by numbers; what is still unread is not held against anybody meanwhile. */
static void an_unread_price_is_not_among_the_others_of_a_judgement(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  uint32_t branch = 0;
  int found = 0;
  for (int i = 1; i < 5; i++)
    observe(counties[i], fish, 10000, 20261110 + i, 0);
  publish(20261124);
  observe(counties[5], fish, 118000, 20261120, 0); /* explained */
  assert_int_equal(number_of(&f, "SELECT count(*) FROM price WHERE outlier = 1 /* scan: meant */"), 1);
  struct db *db = f.db;
  assert_ok(db_exec(db, "UPDATE product_score SET branches = 0", &err), &err);
  observe(CHUNAN, fish, 118000, 20261120, 0); /* not explained: nobody asked */
  found = rule_finds(20261124, &branch);
  assert_int_equal(found, 1); /* the explained one; for the other there are four others */
  assert_int_equal(branch, counties[5]);
}

static void an_explained_outlier_is_turned_down_with_a_reason_only(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct refused seen = {0};
  int64_t total = 0, open = 0;
  char line[200];
  struct written row = explained_outlier();
  assert_refused(judge(row.id, false, "", &err), &err, "required");
  assert_ok(judge(row.id, false, "单位写成了整箱", &err), &err);
  assert_ok(refusal_list(f.db, CHUNAN, REFUSAL_OPEN, REFUSALS_ALL, see, &seen, &err), &err);
  assert_int_equal(seen.count, 1);
  assert_non_null(strstr(seen.last, "price_judged JG330127-202611-0001"));
  assert_non_null(strstr(seen.last, "单位写成了整箱"));
  assert_ok(price_doubt_list(f.db, see_doubt, line, &total, &err), &err);
  assert_int_equal(total, 0);
  observe(CHUNAN, fish, 11800, 20261120, row.id);
  assert_ok(refusal_count(f.db, CHUNAN, &open, &err), &err);
  assert_int_equal(open, 0);
}

static void see_waiting(void *ctx, const struct price_row *row)
{
  *(bool *)ctx = row->waits;
}

static void a_branch_that_corrects_its_price_ends_the_doubt(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t total = 9;
  char line[200];
  bool waits = false;
  struct written row = explained_outlier();
  assert_ok(price_get(f.db, CHUNAN, row.id, see_waiting, &waits, &err), &err);
  assert_true(waits);
  observe(CHUNAN, fish, 11800, 20261120, row.id);
  assert_ok(price_get(f.db, CHUNAN, row.id, see_waiting, &waits, &err), &err);
  assert_false(waits); /* its page says so too */
  assert_ok(price_doubt_list(f.db, see_doubt, line, &total, &err), &err);
  assert_int_equal(total, 0);
  assert_refused(judge(row.id, true, "", &err), &err, "decided");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(an_explained_outlier_waits_for_a_person_and_counts_when_it_is_taken),
      TEST(the_prices_behind_a_median_are_those_the_rule_used),
      TEST(an_explained_price_of_years_ago_is_read_with_nobodys_beside_it),
      TEST(a_median_of_two_branches_judges_nobody),
      TEST(a_lone_explained_price_is_nobodys_median_until_it_is_read),
      TEST(an_explained_price_with_no_other_beside_it_is_read_too),
      TEST(an_unread_price_is_not_among_the_others_of_a_judgement),
      TEST(an_explained_outlier_is_turned_down_with_a_reason_only),
      TEST(a_branch_that_corrects_its_price_ends_the_doubt),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
