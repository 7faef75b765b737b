/* What may stand in each field of the catalogue, to its bounds, and which of them are the province's alone.
 */
#include "fixture.h"

#include "core/domain/faults.h"
#include "core/domain/field.h"

static struct fixture f;
static int64_t fish, supplier;

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  load_seed(&f);
  fish = product_named(&f, "舟山带鱼");
  supplier = add_supplier(&f, "91330100716105852F", "供应商甲");
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

/* "field rule;" for every fault, in their order. */
static const char *answer_of(enum item_kind kind, enum item_use use, json_t *patch)
{
  static char text[1000];
  struct faults faults = {0};
  struct err err = ERR_INIT;
  *text = '\0';
  bool ok = item_check(f.db, kind, use, patch, &faults, &err);
  for (size_t i = 0; i < faults.count; i++)
    snprintf(text + strlen(text), sizeof text - strlen(text), "%s %s;", faults.list[i].err.field,
             faults.list[i].err.rule);
  assert_int_equal(ok, faults.count == 0);
  faults_wipe(&faults);
  json_decref(patch);
  return text;
}

static const char *answer(enum item_kind kind, enum item_use use, const char *patch)
{
  struct err err = ERR_INIT;
  json_t *value = json_parse(patch, strlen(patch), &err);
  assert_non_null(value);
  return answer_of(kind, use, value);
}

static void each_text_is_as_long_as_its_column_and_no_longer(void **state)
{
  static const struct {
    enum item_kind kind;
    const char *key;
    int max;
  } cases[] = {
      {ITEM_PRODUCT, "name_zh", 40},         {ITEM_PRODUCT, "name_pinyin", 200},
      {ITEM_PRODUCT, "name_en", 120},        {ITEM_PRODUCT, "aliases", 200},
      {ITEM_PRODUCT, "subgroup", 40},        {ITEM_PRODUCT, "storage_note_zh", 200},
      {ITEM_PRODUCT, "geo_basis", 400},      {ITEM_PRODUCT, "status_reason", 400},
      {ITEM_SUPPLIER, "name", 80},           {ITEM_SUPPLIER, "contact_name", 40},
      {ITEM_SUPPLIER, "contact_phone", 40},  {ITEM_SUPPLIER, "licence_no", 60},
      {ITEM_SUPPLIER, "status_reason", 400}, {ITEM_CHANNEL, "delivery_area", 120},
      {ITEM_CHANNEL, "note", 200},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (int n = 0; n <= cases[i].max + 1; n += n ? 1 : cases[i].max) {
      char text[1300] = "", expected[60] = "";
      bool named = strcmp(cases[i].key, "name") == 0 || strcmp(cases[i].key, "name_zh") == 0;
      for (int k = 0; k < n; k++)
        memcpy(text + (size_t)3 * (size_t)k, "鱼", 4);
      if (n > cases[i].max) snprintf(expected, sizeof expected, "%s length;", cases[i].key);
      if (n == 0 && named) snprintf(expected, sizeof expected, "%s required;", cases[i].key);
      assert_string_equal(answer_of(cases[i].kind, ITEM_CHANGE, json_pack("{ss}", cases[i].key, text)),
                          expected);
    }
}

static void a_text_neither_begins_nor_ends_with_a_space(void **state)
{
  static const char *const wrong[] = {" x", "x ", "\u3000x", "x\u3000", " ", "\u3000"};
  static const char *const right[] = {"x", "x y", "x\u3000y", "鱼", ""};
  (void)state;
  for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
    assert_string_equal(answer_of(ITEM_PRODUCT, ITEM_CHANGE, json_pack("{ss}", "aliases", wrong[i])),
                        "aliases edge_space;");
  for (size_t i = 0; i < sizeof right / sizeof *right; i++)
    assert_string_equal(answer_of(ITEM_PRODUCT, ITEM_CHANGE, json_pack("{ss}", "aliases", right[i])), "");
}

static void what_is_missing_is_named(void **state)
{
  (void)state;
  assert_string_equal(answer(ITEM_PRODUCT, ITEM_ADD, "{}"),
                      "name_zh required;group required;origin_code required;unit required;storage required;"
                      "seasons required;");
  assert_string_equal(answer(ITEM_SUPPLIER, ITEM_ADD, "{}"),
                      "uscc required;name required;division required;");
  assert_string_equal(answer(ITEM_CHANNEL, ITEM_ADD, "{}"),
                      "product required;supplier required;way required;");
  assert_string_equal(answer(ITEM_SUPPLIER, ITEM_PROPOSE_ADD, "{}"),
                      "uscc required;name required;division required;");
  for (enum item_use use = ITEM_ADD; use <= ITEM_PROPOSE_CHANGE; use++)
    if (use == ITEM_CHANGE || use == ITEM_PROPOSE_CHANGE)
      assert_string_equal(answer(ITEM_PRODUCT, use, "{}"), "patch required;");
}

/* Everything else of a product or a supplier a branch may propose; a channel is the province's. */
static void some_fields_are_the_provinces_alone(void **state)
{
  static const char *const theirs[ITEM_KINDS] = {
      [ITEM_PRODUCT] = ",status,status_reason,confirmed,",
      [ITEM_SUPPLIER] = ",status,status_reason,",
      [ITEM_CHANNEL] = ",product,supplier,way,min_order_qty,delivery_area,note,"};
  static const char *const all[ITEM_KINDS] = {
      [ITEM_PRODUCT] = "name_zh,name_pinyin,name_en,aliases,group,subgroup,origin_code,unit,storage,"
                       "storage_note_zh,geo_indication,geo_basis,status,status_reason,confirmed,seasons",
      [ITEM_SUPPLIER] = "uscc,name,division,contact_name,contact_phone,licence_no,licence_until,status,"
                        "status_reason",
      [ITEM_CHANNEL] = "product,supplier,way,min_order_qty,delivery_area,note"};
  (void)state;
  for (enum item_kind kind = 0; kind < ITEM_KINDS; kind++) {
    char list[300];
    snprintf(list, sizeof list, "%s", all[kind]);
    for (char *rest = list, *key; (key = strtok_r(rest, ",", &rest));) {
      char quoted[40], expected[80];
      snprintf(quoted, sizeof quoted, ",%s,", key);
      snprintf(expected, sizeof expected, "%s province_only;", key);
      bool alone = strstr(theirs[kind], quoted) != NULL;
      for (int change = 0; change < 2; change++) {
        const char *got = answer_of(kind, change ? ITEM_PROPOSE_CHANGE : ITEM_PROPOSE_ADD,
                                    json_pack("{sn}", key)); /* whatever its value */
        assert_int_equal(strstr(got, expected) != NULL, alone);
      }
      assert_null(strstr(answer_of(kind, ITEM_CHANGE, json_pack("{sn}", key)), "province_only"));
    }
  }
  assert_string_equal(answer(ITEM_PRODUCT, ITEM_CHANGE, "{\"colour\":1}"), "colour unknown_field;");
}

static void a_value_is_of_its_kind_and_in_its_bounds(void **state)
{
  char known[80];
  static const struct {
    enum item_kind kind;
    const char *patch, *answer;
  } cases[] = {
      {ITEM_CHANNEL, "{\"min_order_qty\":0}", ""},
      {ITEM_CHANNEL, "{\"min_order_qty\":1000000}", ""},
      {ITEM_CHANNEL, "{\"min_order_qty\":-1}", "min_order_qty range;"},
      {ITEM_CHANNEL, "{\"min_order_qty\":1000001}", "min_order_qty range;"},
      {ITEM_CHANNEL, "{\"min_order_qty\":1.5}", "min_order_qty type;"},
      {ITEM_CHANNEL, "{\"way\":\"market\"}", ""},
      {ITEM_CHANNEL, "{\"way\":\"online\"}", ""},
      {ITEM_CHANNEL, "{\"way\":\"mail\"}", "way one_of;"},
      {ITEM_CHANNEL, "{\"way\":1}", "way type;"},
      {ITEM_CHANNEL, "{\"product\":4}", "product unknown_product;"},
      {ITEM_CHANNEL, "{\"product\":0}", "product range;"},
      {ITEM_CHANNEL, "{\"supplier\":4}", "supplier unknown_supplier;"},
      {ITEM_CHANNEL, "{\"supplier\":\"4\"}", "supplier type;"},
      {ITEM_SUPPLIER, "{\"division\":330903}", ""},
      {ITEM_SUPPLIER, "{\"division\":110108}", "division unknown_division;"},
      {ITEM_SUPPLIER, "{\"division\":1}", "division unknown_division;"},
      {ITEM_SUPPLIER, "{\"division\":0}", "division range;"},
      {ITEM_SUPPLIER, "{\"licence_until\":\"\"}", ""},
      {ITEM_SUPPLIER, "{\"licence_until\":\"1990-01-01\"}", ""},
      {ITEM_SUPPLIER, "{\"licence_until\":\"2999-12-31\"}", ""},
      {ITEM_SUPPLIER, "{\"licence_until\":\"1989-12-31\"}", "licence_until date;"},
      {ITEM_SUPPLIER, "{\"licence_until\":\"3000-01-01\"}", "licence_until date;"},
      {ITEM_SUPPLIER, "{\"licence_until\":\"2027-02-29\"}", "licence_until date;"},
      {ITEM_SUPPLIER, "{\"licence_until\":20270301}", "licence_until type;"},
      {ITEM_SUPPLIER, "{\"uscc\":1}", "uscc type;"},
      {ITEM_SUPPLIER, "{\"status\":\"blacklisted\"}", ""},
      {ITEM_SUPPLIER, "{\"status\":\"delisted\"}", "status one_of;"},
      {ITEM_PRODUCT, "{\"confirmed\":true,\"geo_indication\":false}", ""},
      {ITEM_PRODUCT, "{\"geo_indication\":1}", "geo_indication type;"},
      {ITEM_PRODUCT, "{\"seasons\":[{\"kind\":\"open\",\"start_md\":101,\"end_md\":1231}]}", ""},
      {ITEM_PRODUCT, "{\"seasons\":[{\"kind\":\"closed\",\"start_md\":501,\"end_md\":731}]}",
       "seasons required;"},
      {ITEM_PRODUCT, "{\"seasons\":[]}", "seasons required;"},
      {ITEM_PRODUCT, "{\"name_en\":\"a\\nb\"}", "name_en control_character;"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    print_message("%s\n", cases[i].patch);
    assert_string_equal(answer(cases[i].kind, ITEM_CHANGE, cases[i].patch), cases[i].answer);
  }
  snprintf(known, sizeof known, "{\"product\":%lld,\"supplier\":%lld}", (long long)fish, (long long)supplier);
  assert_string_equal(answer(ITEM_CHANNEL, ITEM_CHANGE, known), "");
}

/* Of a new one too: whoever reads the list must see why it is not to be had. */
static void what_is_not_active_has_a_reason(void **state)
{
  static const char start[] = "{\"uscc\":\"91110000802100433B\",\"name\":\"x\",\"division\":330903";
  static const char *const ends[][2] = {
      {"}", ""},
      {",\"status\":\"active\"}", ""},
      {",\"status\":\"suspended\"}", "status_reason required;"},
      {",\"status\":\"suspended\",\"status_reason\":\"\"}", "status_reason required;"},
      {",\"status\":\"suspended\",\"status_reason\":\"证照过期\"}", ""}};
  (void)state;
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
    char patch[300];
    snprintf(patch, sizeof patch, "%s%s", start, ends[i][0]);
    assert_string_equal(answer(ITEM_SUPPLIER, ITEM_ADD, patch), ends[i][1]);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_text_is_as_long_as_its_column_and_no_longer),
      cmocka_unit_test(a_text_neither_begins_nor_ends_with_a_space),
      cmocka_unit_test(what_is_missing_is_named),
      cmocka_unit_test(some_fields_are_the_provinces_alone),
      cmocka_unit_test(a_value_is_of_its_kind_and_in_its_bounds),
      cmocka_unit_test(what_is_not_active_has_a_reason),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
