/* Asking, answering, and what must go along: nothing that was settled stands again, no number comes twice. */
#include "fixture.h"

#include "core/domain/describe.h"
#include "core/domain/evaluation.h"
#include "core/domain/number.h"
#include "core/domain/price.h"
#include "core/domain/refusal.h"
#include "core/domain/security_event.h"
#include "core/domain/withhold.h"

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

static const struct withhold_request wish = {.author = CHUNAN,
                                             .lane = 0,
                                             .seq = 7,
                                             .rule = "pipl_47",
                                             .reason = "the grower asked for it",
                                             .actor = ""};

static bool ask(const struct withhold_request *in, const char *who, int64_t *id, struct err *err)
{
  struct tx tx = begin_as(&f, HUB, who);
  bool ok = withhold_ask(&tx, in, id, err);
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

static bool reply(int64_t id, const char *verdict, const char *reason, const char *who, struct err *err)
{
  struct tx tx = begin_as(&f, HUB, who);
  bool ok = withhold_reply(&tx, id, verdict, reason, err);
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

static void two_people_and_each_request_once(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id = 0, again = 0;
  assert_ok(ask(&wish, "curator", &id, &err), &err);
  assert_false(ask(&wish, "other", &again, &err));
  assert_string_equal(err.rule, "asked");
  err_clear(&err);
  assert_false(reply(id, "withheld", "", "curator", &err));
  assert_string_equal(err.rule, "two_persons");
  err_clear(&err);
  assert_false(reply(id, "declined", "", "chief", &err)); /* to say no, one says why */
  assert_string_equal(err.field, "reason");
  err_clear(&err);
  assert_ok(reply(id, "withheld", "", "chief", &err), &err);
  assert_false(reply(id, "declined", "too late", "chief", &err));
  assert_string_equal(err.rule, "answered");
  err_clear(&err);
  assert_false(reply(12345, "declined", "no such", "chief", &err));
  assert_string_equal(err.rule, "unknown_request");
}

static void account_event(const char *kind, const char *by, const char *detail)
{
  struct err err = ERR_INIT;
  struct tx tx = begin_as(&f, HUB, by);
  assert_ok(security_event_record(&tx, kind, by, detail, "10.0.0.1", 1, &err), &err);
  commit(&f);
}

static void one_person_with_two_accounts_is_one_person(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id = 0;
  account_event("account_add", "root", "chief admin");
  account_event("account_add", "first", "puppet admin");
  account_event("account_add", "root", "sleeper admin");
  assert_ok(ask(&wish, "first", &id, &err), &err);
  account_event("account_add", "root", "late admin");
  account_event("account_reset", "root", "sleeper");
  account_event("account_add", "first", "chief-2 admin"); /* another name */
  account_event("account_disable", "first", "chief");
  static const char *const none[] = {"puppet", "late", "sleeper"};
  for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
    assert_false(reply(id, "withheld", "", none[i], &err));
    assert_string_equal(err.rule, "two_persons");
    err_clear(&err);
  }
  assert_ok(reply(id, "withheld", "", "chief", &err), &err);
}

static void a_day_later(void)
{
  f.now_ms += 24 * 3600 * 1000;
}

struct asking {
  struct tx tx;
  bool may;
};

static void ask_who(void *ctx, const struct withhold_request *row)
{
  struct asking *asking = ctx;
  struct err err = ERR_INIT;
  if (!*row->verdict) assert_ok(withhold_second(&asking->tx, row, &asking->may, &err), &err);
}

/* And it is told before as it is decided then. */
static bool decided(const char *asker, const char *decider)
{
  struct err err = ERR_INIT;
  int64_t id = 0;
  assert_ok(ask(&wish, asker, &id, &err), &err);
  struct asking asking = {.tx = begin_as(&f, HUB, decider)};
  assert_ok(withhold_list(asking.tx.db, CHUNAN, 0, 7, false, ask_who, &asking, &err), &err);
  back(&f);
  bool ok = reply(id, "withheld", "", decider, &err);
  assert_int_equal(asking.may, ok);
  if (ok) return true;
  assert_string_equal(err.rule, "two_persons");
  err_clear(&err);
  assert_ok(reply(id, "declined", "once more", decider, &err), &err);
  return false;
}

static void whoever_made_the_asker_is_a_second_person_a_day_after_it_took_its_own_password(void **state)
{
  (void)state;
  account_event("account_add", "chief", "clerk curator");
  assert_false(decided("clerk", "chief"));
  account_event("password_change", "clerk", "");
  assert_false(decided("clerk", "chief"));
  a_day_later();
  account_event("account_reset", "chief", "clerk");
  account_event("password_change", "clerk", "");
  assert_false(decided("clerk", "chief")); /* the day is counted from the password it has now */
  a_day_later();
  assert_true(decided("clerk", "chief"));
}

static void an_account_made_by_an_account_that_one_made_is_no_second_person(void **state)
{
  (void)state;
  account_event("account_add", "chief", "straw admin");
  account_event("password_change", "straw", "");
  account_event("account_add", "straw", "clerk curator");
  account_event("account_add", "straw", "deputy admin");
  assert_false(decided("clerk", "chief"));
  assert_false(decided("chief", "deputy"));
  a_day_later();
  assert_false(decided("clerk", "chief")); /* straw was in the hand of chief when it made clerk */
  account_event("account_role", "root", "deputy admin");
  assert_false(decided("chief", "deputy")); /* whoever gave it its role last set no password */
  account_event("account_reset", "root", "clerk");
  account_event("account_reset", "root", "deputy");
  assert_true(decided("clerk", "chief"));
}

static enum withhold_base base_of(const char *table, uint32_t branch, int64_t id)
{
  struct err err = ERR_INIT;
  struct row_name row = {.branch = branch, .id = id};
  enum withhold_base base;
  snprintf(row.table, sizeof row.table, "%s", table);
  assert_ok(withhold_built_on(f.db, &row, &base, &err), &err);
  return base;
}

static void what_something_is_decided_by_is_known(void **state)
{
  (void)state;
  static const struct {
    const char *kind;
    enum withhold_base base;
  } kinds[] = {{"account_add", WITHHOLD_BASE_PERSONS},     {"account_reset", WITHHOLD_BASE_PERSONS},
               {"account_role", WITHHOLD_BASE_PERSONS},    {"account_enable", WITHHOLD_BASE_PERSONS},
               {"password_change", WITHHOLD_BASE_PERSONS}, {"account_disable", WITHHOLD_BASE_NONE},
               {"account_logout", WITHHOLD_BASE_NONE},     {"login", WITHHOLD_BASE_NONE},
               {"enrol", WITHHOLD_BASE_REBUILDING},        {"revoke", WITHHOLD_BASE_REBUILDING},
               {"let_go", WITHHOLD_BASE_REBUILDING},       {"entry_lost", WITHHOLD_BASE_REBUILDING},
               {"entry_found", WITHHOLD_BASE_REBUILDING}};
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    account_event(kinds[i].kind, "chief", "clerk");
    int64_t id = number_of(&f, "SELECT max(id) FROM security_event /* scan: meant */");
    assert_int_equal(base_of("security_event", HUB, id), kinds[i].base);
    assert_int_equal(base_of("price", HUB, id), WITHHOLD_BASE_NONE);
  }
  struct err err = ERR_INIT;
  struct tx tx = begin_as(&f, CHUNAN, "officer"); /* of a branch's accounts nothing is decided here */
  assert_ok(security_event_record(&tx, "account_reset", "officer", "clerk", "", 1, &err), &err);
  commit(&f);
  int64_t of_branch =
      number_of(&f, "SELECT id FROM security_event WHERE actor = 'officer' /* scan: meant */");
  assert_int_equal(base_of("security_event", CHUNAN, of_branch), WITHHOLD_BASE_NONE);
}

static void whoever_asked_may_take_it_back_and_ask_again(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id = 0;
  assert_ok(ask(&wish, "curator", &id, &err), &err);
  assert_ok(reply(id, "declined", "wrong record", "curator", &err), &err);
  assert_ok(ask(&wish, "curator", &id, &err), &err);
}

static void a_request_names_a_law_and_a_reason(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id = 0;
  struct withhold_request bad = wish;
  bad.rule = "because";
  assert_false(ask(&bad, "curator", &id, &err));
  assert_string_equal(err.field, "rule");
  err_clear(&err);
  bad = wish;
  bad.reason = "";
  assert_false(ask(&bad, "curator", &id, &err));
  assert_string_equal(err.field, "reason");
  for (int i = 0; withhold_rules[i]; i++)
    assert_string_not_equal(describe_rule(withhold_rules[i], LANGUAGE_ZH), withhold_rules[i]);
}

struct seen {
  int count;
  char verdict[20], by[20];
};
static void look(void *ctx, const struct withhold_request *row)
{
  struct seen *seen = ctx;
  seen->count++;
  snprintf(seen->verdict, sizeof seen->verdict, "%s", row->verdict);
  snprintf(seen->by, sizeof seen->by, "%s", row->answer_actor);
}

static void requests_are_listed_open_or_by_entry(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct withhold_request other = wish;
  struct seen open = {0}, of_entry = {0};
  int64_t id = 0, second = 0;
  other.seq = 8;
  assert_ok(ask(&wish, "curator", &id, &err), &err);
  assert_ok(ask(&other, "curator", &second, &err), &err);
  assert_ok(reply(id, "withheld", "", "chief", &err), &err);
  assert_ok(withhold_list(f.db, 0, 0, 0, true, look, &open, &err), &err);
  assert_int_equal(open.count, 1);
  assert_ok(withhold_list(f.db, CHUNAN, 0, 7, false, look, &of_entry, &err), &err);
  assert_int_equal(of_entry.count, 1);
  assert_string_equal(of_entry.verdict, "withheld");
  assert_string_equal(of_entry.by, "chief");
}

static struct written add_price(int64_t replaces)
{
  struct err err = ERR_INIT;
  struct written out;
  const struct price_new in = {.product = fish,
                               .price_fen = 11800,
                               .source = "settled",
                               .observed_date = 20261124,
                               .replaces = replaces};
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(price_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
  return out;
}

static struct row_name named(const char *table, int64_t id)
{
  struct row_name row = {.branch = CHUNAN, .id = id};
  snprintf(row.table, sizeof row.table, "%s", table);
  return row;
}

static void what_a_row_settled_goes_with_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  bool found = true;
  struct row_name with, row;
  char no[40];
  struct written first = add_price(0), second = add_price(first.id);
  row = named("price", second.id);
  assert_ok(withhold_with(f.db, &row, &with, &found, &err), &err);
  assert_true(found);
  assert_string_equal(with.table, "price");
  assert_int_equal(with.id, first.id);
  assert_ok(withhold_number(f.db, &with, no, sizeof no, &err), &err);
  assert_string_equal(no, first.no);
  assert_ok(withhold_with(f.db, &with, &row, &found, &err), &err);
  assert_false(found); /* the first stands alone: its successor stays what counts */
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(refusal_add(&tx, CHUNAN, "price", second.id, "price_outlier", "{}", &err), &err);
  commit(&f);
  row = named("refusal", number_of(&f, "SELECT id FROM refusal /* scan: meant */"));
  assert_ok(withhold_with(f.db, &row, &with, &found, &err), &err);
  assert_true(found);
  assert_int_equal(with.id, second.id);
}

static void a_withheld_number_is_not_given_again(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char sql[200];
  add_price(0);
  struct written last = add_price(0);
  snprintf(sql, sizeof sql,
           "DELETE FROM price WHERE id = %lld; INSERT INTO withholding(id, author, lane, seq, no) VALUES(1, "
           "%d, 0, 1, '%s')",
           (long long)last.id, CHUNAN, last.no);
  assert_ok(db_exec(f.db, sql, &err), &err);
  assert_string_equal(add_price(0).no, "JG330127-202611-0003");
}

static void a_refusal_of_what_is_withheld_needs_nobody(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t open = 0;
  struct written price = add_price(0);
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(refusal_add(&tx, CHUNAN, "price", price.id, "price_outlier", "{}", &err), &err);
  commit(&f);
  assert_ok(refusal_count(f.db, CHUNAN, &open, &err), &err);
  assert_int_equal(open, 1);
  assert_ok(db_exec(f.db, "DELETE FROM price", &err), &err);
  assert_ok(refusal_count(f.db, CHUNAN, &open, &err), &err);
  assert_int_equal(open, 0);
}

int main(void)
{
#define T(t) cmocka_unit_test_setup_teardown(t, setup, teardown)
  const struct CMUnitTest tests[] = {
      T(two_people_and_each_request_once),
      T(whoever_made_the_asker_is_a_second_person_a_day_after_it_took_its_own_password),
      T(an_account_made_by_an_account_that_one_made_is_no_second_person),
      T(one_person_with_two_accounts_is_one_person),
      T(what_something_is_decided_by_is_known),
      T(whoever_asked_may_take_it_back_and_ask_again),
      T(a_request_names_a_law_and_a_reason),
      T(requests_are_listed_open_or_by_entry),
      T(what_a_row_settled_goes_with_it),
      T(a_withheld_number_is_not_given_again),
      T(a_refusal_of_what_is_withheld_needs_nobody),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
