/* A branch's rows of an entry that the province refused whole: they are here, they never were in the
 * province's tables, and nothing counts them on either side. */
#include "fixture.h"

#include "core/domain/catalogue.h"
#include "core/domain/confirmation.h"
#include "core/domain/evaluation.h"
#include "core/domain/price.h"
#include "core/domain/price_stat.h"
#include "core/domain/refusal.h"

enum { TODAY = 20261124 };

static struct fixture f;
static int64_t fish;

static void we_are(uint32_t author)
{
  struct err err = ERR_INIT;
  char sql[120];
  snprintf(sql, sizeof sql, "INSERT OR REPLACE INTO sync_self VALUES('author', %u)", author);
  assert_ok(db_exec(f.db, sql, &err), &err);
}

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  load_seed(&f);
  fish = product_named(&f, "舟山带鱼");
  we_are(CHUNAN);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static struct written add_price(int64_t fen, int64_t replaces)
{
  struct err err = ERR_INIT;
  struct written out;
  const struct price_new in = {.product = fish,
                               .price_fen = fen,
                               .source = "settled",
                               .observed_date = TODAY,
                               .replaces = replaces,
                               .note = "a large fish",
                               .confirm_outlier = true};
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(price_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
  return out;
}

static struct written add_evaluation(void)
{
  struct err err = ERR_INIT;
  struct written out;
  const struct evaluation_new in = {.product = fish, .quality = 4, .price = 4, .delivery = 4};
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(evaluation_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
  return out;
}

static bool confirm(int64_t *id, struct err *err)
{
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  bool ok = confirmation_add(&tx, fish, 9, "", id, err);
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

/* As the province tells it (hub/told.h): the first by its id, each of them by its number. */
static void refuse_entries(int64_t first, const char *entries)
{
  struct err err = ERR_INIT;
  char detail[200];
  snprintf(detail, sizeof detail, "{\"text\":\"no such product\",\"entries\":\"%s\",\"count\":3}", entries);
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(refusal_add(&tx, CHUNAN, "entry", first, "row_missing", detail, &err), &err);
  commit(&f);
}

static void refuse_entry(int64_t row)
{
  char entries[24];
  snprintf(entries, sizeof entries, "%llu", (unsigned long long)id_seq(row));
  refuse_entries(row >> 12 << 12, entries);
}

static int64_t latest(void)
{
  struct err err = ERR_INIT;
  int64_t fen = -1;
  int date;
  assert_ok(price_latest(f.db, CHUNAN, fish, TODAY, &fen, &date, &err), &err);
  return fen;
}

static void own_of_period(void *ctx, const struct price_period *row)
{
  *(int64_t *)ctx = row->own_fen;
}

static int64_t charted(void)
{
  struct err err = ERR_INIT;
  int64_t fen = -1;
  assert_ok(price_periods(f.db, CHUNAN, fish, TODAY, TODAY, own_of_period, &fen, &err), &err);
  return fen;
}

static struct catalogue_item in_the_list(void)
{
  struct err err = ERR_INIT;
  struct catalogue *catalogue = NULL;
  assert_ok(catalogue_open(&catalogue, f.db, CHUNAN, TODAY, &err), &err);
  struct catalogue_item item = *catalogue_get(catalogue, fish);
  catalogue_close(catalogue);
  return item;
}

static void ignore_price(void *ctx, const struct price_row *row)
{
  (void)ctx;
  (void)row;
}

static int64_t listed(struct price_filter filter)
{
  struct err err = ERR_INIT;
  int64_t total = -1;
  filter.branch = CHUNAN;
  filter.product = fish;
  assert_ok(price_list(f.db, &filter, ignore_price, NULL, &total, &err), &err);
  return total;
}

static void a_price_of_a_refused_entry_counts_nowhere(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct price_against against;
  struct price_same same;
  bool found = true;
  const struct price_new again = {
      .product = fish, .price_fen = 11800, .source = "settled", .observed_date = TODAY};
  const struct written bad = add_price(11800, 0);
  assert_int_equal(latest(), 11800);
  refuse_entry(bad.id);
  assert_int_equal(latest(), 0);
  assert_int_equal(charted(), 0);
  assert_int_equal(in_the_list().own_price_fen, 0);
  assert_int_equal(listed((struct price_filter){.counted_only = true}), 0);
  assert_int_equal(listed((struct price_filter){.compared_only = true}), 0);
  assert_int_equal(listed((struct price_filter){.find = {.state = RECORD_REFUSED}}), 1);
  assert_int_equal(listed((struct price_filter){.find = {.state = RECORD_RECEIVED, .acked = 9999}}), 0);
  assert_ok(price_held_against(f.db, CHUNAN, TODAY, &again, &against, &err), &err);
  assert_int_equal(against.fen, 0);
  /* What is recorded anew in its place is no repetition. */
  assert_ok(price_find_same(f.db, CHUNAN, &again, &found, &same, &err), &err);
  assert_false(found);
}

/* The province never had the correction: there, what it was to replace counts on. */
static void what_a_refused_entry_was_to_replace_counts_as_it_does_in_the_province(void **state)
{
  (void)state;
  const struct written good = add_price(11800, 0);
  const struct written bad = add_price(12000, good.id);
  assert_int_equal(latest(), 12000);
  refuse_entry(bad.id);
  assert_int_equal(latest(), 11800);
  assert_int_equal(charted(), 11800);
}

static void every_entry_that_a_refusal_names_is_meant_and_no_other(void **state)
{
  (void)state;
  struct written price[6];
  char entries[60];
  for (int i = 0; i < 6; i++)
    price[i] = add_price(10000 + i, 0);
  const unsigned long long first = id_seq(price[0].id);
  snprintf(entries, sizeof entries, "%llu-%llu, %llu", first, first + 2, first + 4);
  refuse_entries(price[0].id, entries);
  assert_int_equal(listed((struct price_filter){.counted_only = true}), 2);
  assert_int_equal(latest(), 10005);
  /* Another run of the same numbers under another key is not meant; nor is anything by words nobody can read.
   */
  refuse_entries(id_of(2, id_seq(price[5].id), 0), "1-9999");
  refuse_entries(id_of(1, id_seq(price[5].id), 7), "5 or so");
  assert_int_equal(latest(), 10005);
  assert_int_equal(number_of(&f, "SELECT max(entry) = (SELECT max(id) FROM price) >> 12 FROM refused_entry"
                                 " WHERE entry >> 28 = 1 /* scan: meant, a test */"),
                   0);
}

static void an_explained_price_of_a_refused_entry_waits_for_nobody(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  const struct written bad = add_price(11800, 0);
  assert_ok(db_exec(f.db, "UPDATE price SET outlier = 1", &err), &err);
  assert_int_equal(listed((struct price_filter){.standing_only = true}), 1);
  refuse_entry(bad.id);
  assert_int_equal(listed((struct price_filter){.standing_only = true}), 0);
}

static void ignore_evaluation(void *ctx, const struct evaluation_row *row)
{
  (void)ctx;
  (void)row;
}

static int64_t ratings_that_count(void)
{
  struct err err = ERR_INIT;
  int64_t total = -1;
  const struct evaluation_filter filter = {.branch = CHUNAN, .counted_only = true};
  assert_ok(evaluation_list(f.db, &filter, ignore_evaluation, NULL, &total, &err), &err);
  return total;
}

static void a_rating_of_a_refused_entry_does_not_count(void **state)
{
  (void)state;
  const struct written bad = add_evaluation();
  assert_true(in_the_list().own_rated);
  assert_int_equal(ratings_that_count(), 1);
  refuse_entry(bad.id);
  assert_false(in_the_list().own_rated);
  assert_int_equal(ratings_that_count(), 0);
}

static void a_confirmation_of_a_refused_entry_is_made_anew(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id = 0;
  assert_ok(db_exec(f.db, "UPDATE product SET confirmed = 0, rev = 9", &err), &err);
  assert_ok(confirm(&id, &err), &err);
  assert_true(in_the_list().confirmed);
  assert_refused(confirm(&id, &err), &err, "already_confirmed");
  refuse_entry(id);
  assert_false(in_the_list().confirmed || in_the_list().confirmed_before);
  assert_ok(confirm(&id, &err), &err);
  assert_true(in_the_list().confirmed);
}

/* What is in the province's tables it has taken: an entry that was refused there has no rows there, and one
 * that stands in a log that was made anew is no longer refused. */
static void in_the_province_what_it_has_counts(void **state)
{
  (void)state;
  const struct written price = add_price(11800, 0);
  refuse_entry(price.id);
  we_are(HUB);
  assert_int_equal(listed((struct price_filter){.counted_only = true}), 1);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
  const struct CMUnitTest tests[] = {
      T(a_price_of_a_refused_entry_counts_nowhere),
      T(what_a_refused_entry_was_to_replace_counts_as_it_does_in_the_province),
      T(every_entry_that_a_refusal_names_is_meant_and_no_other),
      T(an_explained_price_of_a_refused_entry_waits_for_nobody),
      T(a_rating_of_a_refused_entry_does_not_count),
      T(a_confirmation_of_a_refused_entry_is_made_anew),
      T(in_the_province_what_it_has_counts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
