#include "fixture.h"

#include "core/domain/catalogue.h"
#include "core/domain/division.h"
#include "core/domain/product.h"
#include "core/domain/supplier.h"

static struct fixture f;

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  load_seed(&f);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static json_t *object(const char *text)
{
  struct err err = ERR_INIT;
  json_t *value = json_parse(text, strlen(text), &err);
  if (!value) print_error("%s\n", err.text);
  assert_non_null(value);
  return value;
}

static bool change(enum item_kind kind, int64_t id, int64_t rev, const char *text, int64_t *new_rev,
                   struct faults *faults, struct err *err)
{
  struct tx tx = begin_as(&f, HUB, "curator");
  json_t *fields = object(text);
  bool ok = item_change(&tx, kind, id, rev, fields, new_rev, faults, err);
  json_decref(fields);
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

struct seen {
  char text[600];
};

static void see(void *ctx, const struct revision *row)
{
  struct seen *seen = ctx;
  size_t n = strlen(seen->text);
  snprintf(seen->text + n, sizeof seen->text - n, "%lld %s %s>%s;", (long long)row->rev, row->field,
           row->before, row->after);
}

static void a_change_raises_the_revision_and_leaves_before_and_after(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct seen seen = {""};
  int64_t id = product_named(&f, "舟山带鱼"), rev = 0, at = 0, catalogue = 0, later = 0, n;
  assert_ok(catalogue_state(f.db, &catalogue, &at, &n, &err), &err);
  assert_ok(change(ITEM_PRODUCT, id, 1,
                   "{\"storage\":\"chilled\",\"unit\":\"kg\",\"seasons\":["
                   "{\"kind\":\"closed\",\"start_md\":501,\"end_md\":915},{\"kind\":\"open\",\"start_md\":"
                   "916,\"end_md\":131}]}",
                   &rev, NULL, &err),
            &err);
  assert_int_equal(rev, 2);
  assert_ok(item_history(f.db, ITEM_PRODUCT, id, 1, see, &seen, &err), &err);
  assert_non_null(strstr(seen.text, "2 storage frozen>chilled;"));
  assert_non_null(strstr(seen.text, "\"start_md\":901"));
  assert_null(strstr(seen.text, "unit"));
  assert_ok(catalogue_state(f.db, &later, &at, &n, &err), &err);
  assert_int_equal(later, catalogue + 1);
  assert_int_equal(n, 542);
}

static void a_change_to_the_same_values_writes_nothing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id = product_named(&f, "舟山带鱼"), rev = 0;
  assert_ok(
      change(ITEM_PRODUCT, id, 1,
             "{\"storage\":\"frozen\",\"seasons\":[{\"kind\":\"closed\",\"start_md\":501,\"end_md\":915},"
             "{\"kind\":\"open\",\"start_md\":901,\"end_md\":131}]}",
             &rev, NULL, &err),
      &err);
  assert_int_equal(rev, 1);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM revision /* scan: meant */"), 0);
}

static void a_change_against_an_old_revision_is_refused_as_stale(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id = product_named(&f, "舟山带鱼"), rev;
  assert_ok(change(ITEM_PRODUCT, id, 1, "{\"storage\":\"chilled\"}", &rev, NULL, &err), &err);
  assert_refused(change(ITEM_PRODUCT, id, 1, "{\"storage\":\"live\"}", &rev, NULL, &err), &err, "stale");
  assert_refused(change(ITEM_PRODUCT, 5, 1, "{\"storage\":\"live\"}", &rev, NULL, &err), &err,
                 "unknown_product");
}

/* A page that shows the basis says that the product is protected. */
static void the_basis_of_an_indication_goes_with_it_and_comes_with_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct seen seen = {""};
  int64_t id = product_named(&f, "瓯柑"), rev;
  assert_ok(change(ITEM_PRODUCT, id, 1, "{\"geo_indication\":false}", &rev, NULL, &err), &err);
  assert_ok(item_history(f.db, ITEM_PRODUCT, id, 1, see, &seen, &err), &err);
  assert_non_null(strstr(seen.text, "2 geo_indication true>false;"));
  assert_non_null(strstr(seen.text, "2 geo_basis http"));
  assert_refused(change(ITEM_PRODUCT, id, 2, "{\"geo_basis\":\"http://x\"}", &rev, NULL, &err), &err,
                 "required");
  assert_ok(
      change(ITEM_PRODUCT, id, 2, "{\"geo_basis\":\"http://x\",\"geo_indication\":true}", &rev, NULL, &err),
      &err);
  json_t *item = NULL;
  assert_ok(item_values(f.db, ITEM_PRODUCT, id, &item, NULL, &err), &err);
  assert_string_equal(json_string_value(json_object_get(item, "geo_basis")), "http://x");
  json_object_set_new(item, "name_zh", json_string("瓯柑二号"));
  json_object_set_new(item, "geo_indication", json_false());
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_refused(item_add(&tx, ITEM_PRODUCT, item, &id, NULL, &err), &err, "required");
  back(&f);
  json_decref(item);
}

static void every_fault_of_a_form_is_told_at_once(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct faults faults = {0};
  int64_t rev;
  assert_false(
      change(ITEM_PRODUCT, product_named(&f, "舟山带鱼"), 1,
             "{\"name_zh\":\"\",\"group\":\"mineral\",\"origin_code\":110108,\"unit\":3,\"geo_indication\":1,"
             "\"colour\":\"red\",\"storage_note_zh\":\" edge\",\"seasons\":[],\"status\":\"delisted\"}",
             &rev, &faults, &err));
  static const struct {
    const char *field, *rule;
  } expected[] = {{"name_zh", "required"},
                  {"group", "one_of"},
                  {"origin_code", "unknown_division"},
                  {"unit", "type"},
                  {"geo_indication", "type"},
                  {"colour", "unknown_field"},
                  {"storage_note_zh", "edge_space"},
                  {"seasons", "required"}};
  assert_int_equal(faults.count, sizeof expected / sizeof *expected);
  for (size_t i = 0; i < faults.count; i++) {
    assert_string_equal(faults.list[i].err.field, expected[i].field);
    assert_string_equal(faults.list[i].err.rule, expected[i].rule);
  }
  assert_string_equal(err.field, "name_zh");
  faults_wipe(&faults);
}

static void delisting_and_suspending_need_a_reason(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id = product_named(&f, "舟山带鱼"), rev;
  assert_refused(change(ITEM_PRODUCT, id, 1, "{\"status\":\"delisted\"}", &rev, NULL, &err), &err,
                 "required");
  assert_ok(
      change(ITEM_PRODUCT, id, 1, "{\"status\":\"delisted\",\"status_reason\":\"停产\"}", &rev, NULL, &err),
      &err);
  int64_t s = add_supplier(&f, "91330100716105852F", "供应商甲");
  assert_refused(change(ITEM_SUPPLIER, s, 1, "{\"status\":\"blacklisted\"}", &rev, NULL, &err), &err,
                 "required");
  assert_ok(change(ITEM_SUPPLIER, s, 1, "{\"status\":\"suspended\",\"status_reason\":\"许可证到期\"}", &rev,
                   NULL, &err),
            &err);
}

static void the_same_product_or_code_twice_is_a_conflict(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id = product_named(&f, "舟山小黄鱼"), rev;
  assert_refused(change(ITEM_PRODUCT, id, 1, "{\"name_zh\":\"舟山带鱼\"}", &rev, NULL, &err), &err, "exists");
  /* Nor is it another one for a space, or for a letter of another width or case. */
  assert_refused(change(ITEM_PRODUCT, id, 1, "{\"name_zh\":\"舟山 带鱼\"}", &rev, NULL, &err), &err,
                 "exists");
  assert_ok(change(ITEM_PRODUCT, id, 1, "{\"name_zh\":\"舟山AB鱼\"}", &rev, NULL, &err), &err);
  int64_t other = product_named(&f, "舟山带鱼");
  assert_refused(change(ITEM_PRODUCT, other, 1, "{\"name_zh\":\"舟山ａＢ鱼\"}", &rev, NULL, &err), &err,
                 "exists");
  add_supplier(&f, "91330100716105852F", "供应商甲");
  struct tx tx = begin_as(&f, HUB, "curator");
  json_t *fields = object("{\"uscc\":\"91330100716105852F\",\"name\":\"供应商乙\",\"division\":330102}");
  int64_t s;
  assert_refused(item_add(&tx, ITEM_SUPPLIER, fields, &s, NULL, &err), &err, "exists");
  json_decref(fields);
  fields = object("{\"uscc\":\"91330100716105852G\",\"division\":330102,\"licence_until\":\"2027-02-30\"}");
  struct faults faults = {0};
  assert_false(item_add(&tx, ITEM_SUPPLIER, fields, &s, &faults, &err));
  assert_int_equal(faults.count, 3);
  assert_string_equal(faults.list[0].err.rule, "check_digit");
  assert_string_equal(faults.list[1].err.rule, "date");
  assert_string_equal(faults.list[2].err.rule, "required");
  faults_wipe(&faults);
  json_decref(fields);
  back(&f);
}

static void see_channel(void *ctx, const struct channel *row)
{
  struct seen *seen = ctx;
  snprintf(seen->text, sizeof seen->text, "%s %s %s %lld %s %d", row->product_name, row->supplier.name,
           row->way, (long long)row->min_order_qty, row->supplier.division_name,
           row->supplier.licence_until_date);
}

static void see_supplier(void *ctx, const struct supplier *row)
{
  struct seen *seen = ctx;
  snprintf(seen->text, sizeof seen->text, "%s %d %lld", row->name, row->channels,
           (long long)row->score_count);
}

static void the_same_way_of_the_same_supplier_is_made_once(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t product = product_named(&f, "舟山带鱼"),
          supplier = add_supplier(&f, "91330100716105852F", "供应商甲"), id, other, rev;
  json_t *fields = json_pack("{sI sI ss}", "product", (json_int_t)product, "supplier", (json_int_t)supplier,
                             "way", "direct");
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(item_add(&tx, ITEM_CHANNEL, fields, &id, NULL, &err), &err);
  assert_refused(item_add(&tx, ITEM_CHANNEL, fields, &other, NULL, &err), &err, "exists");
  json_object_set_new(fields, "way", json_string("market"));
  assert_ok(item_add(&tx, ITEM_CHANNEL, fields, &other, NULL, &err), &err);
  json_decref(fields);
  commit(&f);
  assert_refused(change(ITEM_CHANNEL, other, 1, "{\"way\":\"direct\"}", &rev, NULL, &err), &err, "exists");
  assert_ok(change(ITEM_CHANNEL, other, 1, "{\"way\":\"market\",\"note\":\"周一\"}", &rev, NULL, &err), &err);
}

static void a_channel_joins_product_and_supplier_until_it_is_removed(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct seen seen = {""};
  int64_t product = product_named(&f, "舟山带鱼"),
          supplier = add_supplier(&f, "91330100716105852F", "供应商甲"), id;
  struct tx tx = begin_as(&f, HUB, "curator");
  json_t *fields = json_pack("{sI sI ss si}", "product", (json_int_t)product, "supplier",
                             (json_int_t)supplier, "way", "direct", "min_order_qty", 20);
  assert_ok(item_add(&tx, ITEM_CHANNEL, fields, &id, NULL, &err), &err);
  commit(&f);
  assert_ok(channel_list(f.db, product, 0, see_channel, &seen, &err), &err);
  assert_string_equal(seen.text, "舟山带鱼 供应商甲 direct 20 普陀区 20280314");
  int64_t total = 0;
  assert_ok(supplier_list(f.db, &(struct supplier_filter){.text = "9133010071", .division = 330900},
                          see_supplier, &seen, &total, &err),
            &err);
  assert_int_equal(total, 1);
  assert_string_equal(seen.text, "供应商甲 1 0");
  seen.text[0] = '\0';
  assert_ok(supplier_get(f.db, supplier, see_supplier, &seen, &err), &err);
  assert_string_equal(seen.text, "供应商甲 1 0");
  assert_refused(supplier_get(f.db, 1, see_supplier, &seen, &err), &err, "unknown_supplier");
  tx = begin_as(&f, HUB, "curator");
  assert_refused(channel_remove(&tx, id, 2, &err), &err, "stale");
  assert_ok(channel_remove(&tx, id, 1, &err), &err);
  commit(&f);
  seen.text[0] = '\0';
  assert_ok(channel_list(f.db, 0, supplier, see_channel, &seen, &err), &err);
  assert_string_equal(seen.text, "");
  json_object_set_new(fields, "product", json_integer(1));
  json_object_set_new(fields, "supplier", json_integer(1));
  tx = begin_as(&f, HUB, "curator");
  assert_refused(item_add(&tx, ITEM_CHANNEL, fields, &id, NULL, &err), &err, "unknown_product");
  back(&f);
  json_decref(fields);
}

static void see_division(void *ctx, const struct division *row)
{
  struct seen *seen = ctx;
  snprintf(seen->text, sizeof seen->text, "%u %s %s %u %d", row->code, row->name_zh, row->name_en,
           row->prefecture_code, row->county);
}

static void count_division(void *ctx, const struct division *row)
{
  assert_int_equal(row->county, row->code % 100 != 0);
  assert_int_equal(row->prefecture_code, division_prefecture(row->code));
  ++*(int *)ctx;
}

static void append_name(void *ctx, const struct supplier *row)
{
  size_t used = strlen(ctx);
  snprintf((char *)ctx + used, 200 - used, "%s ", row->name);
}

static void suppliers_are_sorted_by_any_head_and_paged_in_that_order(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  static const char *const rows[] = {
      "{\"uscc\":\"91330100716105852F\",\"name\":\"A\",\"division\":330903,\"licence_until\":\"2028-03-14\"}",
      "{\"uscc\":\"91350100M000100Y43\",\"name\":\"B\",\"division\":330127}",
      "{\"uscc\":\"914403001922038216\",\"name\":\"C\",\"division\":330127,\"licence_until\":\"2027-01-31\"}",
      "{\"uscc\":\"9144030071526726XG\",\"name\":\"D\",\"division\":330182,\"licence_until\":\"2029-01-"
      "31\"}"};
  static const struct {
    enum supplier_order order;
    const char *up, *down;
  } cases[] = {{SUPPLIERS_USUAL, "A C D B ", NULL},
               {SUPPLIERS_BY_NAME, "A B C D ", "D C B A "},
               {SUPPLIERS_BY_PLACE, "B C D A ", "A D B C "},
               {SUPPLIERS_BY_LICENCE, "C A D B ", "D A C B "}, /* B has none */
               {SUPPLIERS_BY_CHANNELS, "A B D C ", "C A B D "},
               {SUPPLIERS_BY_SCORE, "D A B C ", "A D B C "}, /* B and C have too few */
               {SUPPLIERS_BY_STATUS, "A C D B ", "B A C D "}};
  int64_t ids[4];
  for (int i = 0; i < 4; i++) {
    struct tx tx = begin_as(&f, HUB, "curator");
    json_t *fields = object(rows[i]);
    assert_ok(item_add(&tx, ITEM_SUPPLIER, fields, &ids[i], NULL, &err), &err);
    commit(&f);
    json_decref(fields);
  }
  assert_ok(change(ITEM_SUPPLIER, ids[1], 1, "{\"status\":\"suspended\",\"status_reason\":\"x\"}", NULL, NULL,
                   &err),
            &err);
  struct tx tx = begin_as(&f, HUB, "curator");
  json_t *channel = json_pack("{sI sI ss}", "product", (json_int_t)product_named(&f, "舟山带鱼"), "supplier",
                              (json_int_t)ids[2], "way", "direct");
  assert_ok(item_add(&tx, ITEM_CHANNEL, channel, &ids[1], NULL, &err), &err);
  commit(&f);
  json_decref(channel);
  char sql[400];
  snprintf(
      sql, sizeof sql,
      "INSERT INTO supplier_score(supplier, count, overall_centi, quality_centi, price_centi, delivery_centi,"
      " trend, at_ms) VALUES(%lld, 9, 480, 100, 100, 100, 'flat', 0), (%lld, 9, 310, 100, 100, 100, 'flat', "
      "0)",
      (long long)ids[0], (long long)ids[3]);
  assert_ok(db_exec(f.db, sql, &err), &err);
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int down = 0; down < (cases[i].down ? 2 : 1); down++) {
      char paged[200] = "";
      struct bookmark next = {.set = false};
      struct supplier_filter filter = {.order = cases[i].order, .descending = down};
      do {
        filter.page = (struct page){.limit = 1, .after = next, .next = &next};
        assert_ok(supplier_list(f.db, &filter, append_name, paged, NULL, &err), &err);
      } while (next.set && strlen(paged) < 20);
      assert_string_equal(paged, down ? cases[i].down : cases[i].up);
    }
}

static void divisions_are_known_by_code_and_near_by_their_prefectures(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct seen seen = {""};
  int count = 0;
  assert_ok(division_get(f.db, CHUNAN, see_division, &seen, &err), &err);
  assert_string_equal(seen.text, "330127 淳安县 Chun'an County 330100 1");
  assert_refused(division_get(f.db, 110108, see_division, &seen, &err), &err, "unknown_division");
  assert_ok(division_list(f.db, count_division, &count, &err), &err);
  assert_int_equal(count, 101);
  assert_int_equal(division_distance_km(330127, 330102), 0);
  assert_in_range(division_distance_km(330127, 330902), 195, 205); /* Hangzhou to Zhoushan */
  assert_int_equal(division_distance_km(330127, 330902), division_distance_km(330902, 330127));
  assert_int_equal(division_distance_km(330127, HUB), 1000);
}

static void a_licence_is_ok_soon_or_over_by_the_day(void **state)
{
  (void)state;
  int left;
  assert_int_equal(licence_state_of(0, 20261124, &left), LICENCE_NONE);
  assert_int_equal(licence_state_of(20270124, 20261124, &left), LICENCE_OK);
  assert_int_equal(left, 61);
  assert_int_equal(licence_state_of(20270123, 20261124, &left), LICENCE_SOON);
  assert_int_equal(licence_state_of(20261124, 20261124, &left), LICENCE_SOON);
  assert_int_equal(left, 0);
  assert_int_equal(licence_state_of(20261123, 20261124, &left), LICENCE_OVER);
  assert_string_equal(licence_state_name(LICENCE_SOON), "soon");
}

static void the_schema_hash_is_the_same_everywhere_and_tells_columns_apart(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  uint8_t a[SCHEMA_HASH_SIZE], b[SCHEMA_HASH_SIZE];
  assert_ok(domain_schema_hash(f.db, a, &err), &err);
  assert_ok(db_exec(f.db, "CREATE TABLE elsewhere(x INTEGER)", &err), &err);
  assert_ok(domain_schema_hash(f.db, b, &err), &err);
  assert_memory_equal(a, b, sizeof a);
  assert_ok(db_exec(f.db, "ALTER TABLE supplier_score ADD COLUMN more INTEGER", &err), &err);
  assert_ok(domain_schema_hash(f.db, b, &err), &err);
  assert_memory_not_equal(a, b, sizeof a);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(a_change_raises_the_revision_and_leaves_before_and_after),
      TEST(a_change_to_the_same_values_writes_nothing),
      TEST(a_change_against_an_old_revision_is_refused_as_stale),
      TEST(the_basis_of_an_indication_goes_with_it_and_comes_with_it),
      TEST(every_fault_of_a_form_is_told_at_once),
      TEST(delisting_and_suspending_need_a_reason),
      TEST(the_same_product_or_code_twice_is_a_conflict),
      TEST(the_same_way_of_the_same_supplier_is_made_once),
      TEST(a_channel_joins_product_and_supplier_until_it_is_removed),
      TEST(suppliers_are_sorted_by_any_head_and_paged_in_that_order),
      TEST(divisions_are_known_by_code_and_near_by_their_prefectures),
      TEST(a_licence_is_ok_soon_or_over_by_the_day),
      TEST(the_schema_hash_is_the_same_everywhere_and_tells_columns_apart),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
