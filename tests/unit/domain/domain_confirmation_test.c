/* A county's word for a product's seasons and storage: it counts for what was looked at, and no longer. */
#include "fixture.h"

#include "core/domain/catalogue.h"
#include "core/domain/confirmation.h"
#include "core/domain/item.h"
#include "core/domain/product.h"

enum { TONGLU = 330122 };

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

static int64_t of_fish(const char *column)
{
  char sql[200];
  snprintf(sql, sizeof sql, "SELECT %s FROM product WHERE id = %lld", column, (long long)fish);
  return number_of(&f, sql);
}

static void change(const char *text)
{
  struct err err = ERR_INIT;
  int64_t rev = 0;
  json_t *fields = json_parse(text, strlen(text), &err);
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(item_change(&tx, ITEM_PRODUCT, fish, of_fish("rev"), fields, &rev, NULL, &err), &err);
  commit(&f);
  json_decref(fields);
}

static bool confirm(uint32_t branch, int64_t rev, struct err *err)
{
  int64_t id;
  struct tx tx = begin_as(&f, branch, "officer");
  bool ok = confirmation_add(&tx, fish, rev, "看过", &id, err);
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

static int publish(void)
{
  struct err err = ERR_INIT;
  int published = 0;
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(confirmation_publish(&tx, 100, &published, &err), &err);
  commit(&f);
  return published;
}

static void see_product(void *ctx, const struct product *row)
{
  *(bool *)ctx = row->confirmed;
}

/* What the product's page says. */
static bool shown(void)
{
  struct err err = ERR_INIT;
  bool confirmed = false;
  assert_ok(product_get(f.db, fish, see_product, &confirmed, &err), &err);
  return confirmed;
}

/* What the catalogue says. */
static bool listed(void)
{
  struct err err = ERR_INIT;
  struct catalogue *now;
  struct catalogue_page yes;
  bool there = false;
  assert_ok(catalogue_open(&now, f.db, CHUNAN, 20261124, &err), &err);
  assert_ok(catalogue_find(now, &(struct catalogue_filter){.confirmed = 1}, &yes, &err), &err);
  for (int i = 0; i < yes.count; i++)
    there = there || yes.items[i]->id == fish;
  catalogue_page_wipe(&yes);
  catalogue_close(now);
  return there;
}

struct seen {
  char text[600];
};

static void see_confirmation(void *ctx, const struct confirmation *row)
{
  struct seen *seen = ctx;
  size_t n = strlen(seen->text);
  snprintf(seen->text + n, sizeof seen->text - n, "%s %s %s of %d%s;", row->branch_name, row->note,
           row->actor, (int)row->rev, row->counts ? "" : ", no longer");
}

static void a_county_confirms_once_and_the_province_tells_everybody(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id;
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(confirmation_add(&tx, fish, 1, "看过", &id, &err), &err);
  assert_string_equal(tx.subject, "舟山带鱼");
  commit(&f);
  tx = begin_as(&f, CHUNAN, "officer");
  assert_refused(confirmation_add(&tx, fish, 1, NULL, &id, &err), &err, "already_confirmed");
  assert_refused(confirmation_add(&tx, 7, 1, NULL, &id, &err), &err, "unknown_product");
  assert_refused(confirmation_add(&tx, fish, 1, "\xff", &id, &err), &err, "encoding");
  back(&f);
  struct seen seen = {""};
  assert_ok(confirmation_list(f.db, fish, see_confirmation, &seen, &err), &err);
  assert_string_equal(seen.text, "淳安县 看过 officer of 1;");
  /* Branches take the catalogue anew, and no score moved. */
  const char *const revs = "SELECT rev * 1000 + score_rev FROM catalogue WHERE id = 1";
  int64_t before = number_of(&f, revs);
  assert_int_equal(publish(), 1);
  assert_int_equal(number_of(&f, revs), before + 1000);
  assert_int_equal(publish(), 0);
  assert_int_equal(of_fish("confirmed"), 1);
  assert_int_equal(of_fish("confirmed_by"), CHUNAN);
  assert_int_equal(of_fish("rev"), 2);
}

static void what_was_looked_at_is_confirmed_and_nothing_else(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_refused(confirm(CHUNAN, 2, &err), &err, "stale"); /* of a revision that is not here */
  change("{\"name_en\":\"Hairtail\"}");
  assert_true(confirm(CHUNAN, 1, &err)); /* the spelling is none of it */
  const char *const changes[] = {"{\"storage\":\"chilled\"}", "{\"storage_note_zh\":\"冰鲜\"}",
                                 "{\"seasons\":[{\"kind\":\"open\",\"start_md\":101,\"end_md\":228}]}"};
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    int64_t seen = of_fish("rev");
    change(changes[i]);
    assert_refused(confirm(TONGLU, seen, &err), &err, "stale");
    assert_ok(confirm(TONGLU, seen + 1, &err), &err);
    assert_refused(confirm(TONGLU, seen, &err), &err, "stale"); /* it is not what was confirmed since */
    assert_refused(confirm(TONGLU, seen + 1, &err), &err, "already_confirmed");
  }
}

/* A branch that was cut off confirmed what the province had changed by then. */
static void what_came_late_publishes_nothing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_ok(confirm(CHUNAN, 1, &err), &err);
  assert_true(shown());
  change("{\"storage\":\"chilled\"}");
  assert_int_equal(publish(), 0);
  assert_false(shown());
  assert_false(listed());
  struct seen seen = {""};
  assert_ok(confirmation_list(f.db, fish, see_confirmation, &seen, &err), &err);
  assert_string_equal(seen.text, "淳安县 看过 officer of 1, no longer;");
  assert_ok(confirm(CHUNAN, 2, &err), &err); /* having looked again */
  assert_true(listed());
  assert_int_equal(publish(), 1);
  assert_int_equal(of_fish("confirmed_by"), CHUNAN);
  assert_int_equal(of_fish("rev"), 3);
}

static void the_province_changes_what_was_confirmed(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_ok(confirm(CHUNAN, 1, &err), &err);
  assert_int_equal(publish(), 1);
  change("{\"name_en\":\"Hairtail\"}");
  assert_int_equal(of_fish("confirmed_by"), CHUNAN);
  change("{\"storage\":\"chilled\"}");
  assert_int_equal(of_fish("confirmed + confirmed_by"), 0);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM revision WHERE field = 'confirmed' AND after = 'false'"
                                 " /* scan: meant */"),
                   1);
  assert_int_equal(publish(), 0);
  assert_false(shown());
  assert_refused(confirm(CHUNAN, 3, &err), &err, "stale");
  assert_ok(confirm(TONGLU, 4, &err), &err);
  assert_int_equal(publish(), 1);
  assert_int_equal(of_fish("confirmed_by"), TONGLU); /* the one who looked, not the one who came first */
  /* What the province says it stands for is its own word, and stays its own through its changes. */
  change("{\"storage\":\"frozen\",\"confirmed\":true}");
  assert_int_equal(of_fish("confirmed_by"), HUB);
  change("{\"storage\":\"chilled\"}");
  assert_int_equal(of_fish("confirmed_by"), HUB);
}

static void the_province_takes_a_confirmation_back(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_ok(confirm(CHUNAN, 1, &err), &err);
  assert_int_equal(publish(), 1);
  change("{\"confirmed\":false}");
  assert_int_equal(publish(), 0);
  assert_int_equal(of_fish("confirmed + confirmed_by"), 0);
  assert_false(shown());
  assert_refused(confirm(CHUNAN, 2, &err), &err, "stale"); /* the page of before it was taken back */
  assert_ok(confirm(CHUNAN, 3, &err), &err);
  assert_true(shown());
  change("{\"confirmed\":false}"); /* before it was published */
  assert_false(shown());
  assert_int_equal(publish(), 0);
  assert_ok(confirm(CHUNAN, 4, &err), &err);
  change("{\"name_en\":\"Hairtail\"}"); /* what counts is not lost by a change of something else */
  assert_int_equal(of_fish("confirmed_by"), CHUNAN);
}

static void of_before(uint32_t branch, const char *rev)
{
  struct err err = ERR_INIT;
  char sql[300];
  snprintf(sql, sizeof sql,
           "INSERT INTO confirmation(branch, id, product, note, actor, at_ms, rev)"
           " VALUES(%u, 99, %lld, '', 'officer', 1, %s)",
           branch, (long long)fish, rev);
  assert_ok(db_exec(f.db, sql, &err), &err);
}

/* A row of a program that did not say what was looked at: it can only have been what has always been there.
 */
static void a_confirmation_of_before_counts_until_the_first_change(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  of_before(CHUNAN, "NULL");
  assert_true(shown());
  assert_int_equal(publish(), 1);
  change("{\"name_en\":\"Hairtail\"}");
  assert_refused(confirm(CHUNAN, 3, &err), &err, "already_confirmed");
  change("{\"storage\":\"chilled\"}");
  assert_false(shown());
  of_before(TONGLU, "NULL"); /* another, after it */
  assert_int_equal(publish(), 0);
  assert_false(shown());
  assert_ok(confirm(CHUNAN, 4, &err), &err);
  assert_int_equal(publish(), 1);
}

static void a_revision_that_nobody_can_have_seen_counts_for_nothing(void **state)
{
  (void)state;
  of_before(CHUNAN, "9007199254740991");
  assert_false(shown());
  assert_int_equal(publish(), 0);
  change("{\"storage\":\"chilled\"}");
  assert_int_equal(publish(), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_county_confirms_once_and_the_province_tells_everybody),
      TEST(what_was_looked_at_is_confirmed_and_nothing_else),
      TEST(what_came_late_publishes_nothing),
      TEST(the_province_changes_what_was_confirmed),
      TEST(the_province_takes_a_confirmation_back),
      TEST(a_confirmation_of_before_counts_until_the_first_change),
      TEST(a_revision_that_nobody_can_have_seen_counts_for_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
