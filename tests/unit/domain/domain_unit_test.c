/* One list of units: what a form offers, a sheet takes, a workbook shows and the trail says. */
#include "fixture.h"

#include "core/domain/catalogue_import.h"
#include "core/domain/describe.h"
#include "core/domain/field.h"
#include "core/domain/unit.h"

static json_t *list_of(const char *name, json_t **whole)
{
  json_error_t fault;
  *whole = json_load_file(SOURCE_DIR "/core/domain/units.json", JSON_REJECT_DUPLICATES, &fault);
  assert_non_null(*whole);
  return json_object_get(*whole, name);
}

static void every_word_of_the_list_is_read_as_its_unit(void **state)
{
  (void)state;
  json_t *whole, *codes = list_of("codes", &whole), *value;
  const char *word;
  size_t i;
  json_array_foreach(codes, i, value)
  {
    const char *code = json_string_value(value);
    const char *zh = json_string_value(json_object_get(json_object_get(whole, "zh"), code));
    const char *en = json_string_value(json_object_get(json_object_get(whole, "en"), code));
    assert_string_equal(unit_codes[i], code);
    assert_string_equal(field_find(ITEM_PRODUCT, "unit")->words[i], code);
    assert_string_equal(unit_of(code), code);
    assert_string_equal(unit_of(zh), code);
    assert_string_equal(unit_of(en), code);
    assert_string_equal(describe_word("unit", code, LANGUAGE_ZH), zh);
    assert_string_equal(describe_word("unit", code, LANGUAGE_EN), en);
  }
  assert_null(unit_codes[i]);
  json_object_foreach(json_object_get(whole, "also"), word, value)
      assert_string_equal(unit_of(word), json_string_value(value));
  json_decref(whole);
}

static void what_is_another_quantity_is_no_unit(void **state)
{
  (void)state;
  static const char *const typed[] = {"斤", "两", "箱", "", "constructor"};
  for (size_t i = 0; i < sizeof typed / sizeof *typed; i++)
    assert_null(unit_of(typed[i]));
}

/* 件 and 只 are one; what is sold by the gram has its unit in the sheet too. */
static void a_sheet_takes_each_unit_by_its_word(void **state)
{
  (void)state;
  struct fixture f;
  fixture_open(&f);
  struct err err = ERR_INIT;
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(seed_divisions(&tx, &err), &err);
  commit(&f);
  static const char sheet[] = "品名,品类,产地,上市起月,上市止月,储存方式,单位\n"
                              "淳安酱鸭,副食制成品,淳安县,1,12,常温,件\n"
                              "淳安板鸭,副食制成品,淳安县,1,12,常温,只\n"
                              "淳安藏红花,副食制成品,淳安县,1,12,干燥,克\n";
  struct catalogue_import *import = NULL;
  assert_ok(catalogue_import_open(&import, f.db, sheet, strlen(sheet), NULL, &err), &err);
  tx = begin_as(&f, HUB, "curator");
  assert_ok(catalogue_import_write(&tx, import, &err), &err);
  commit(&f);
  catalogue_import_close(import);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM product WHERE unit = 'piece' /* scan: meant */"), 2);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM product WHERE unit = 'g' /* scan: meant */"), 1);
  fixture_close(&f);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_word_of_the_list_is_read_as_its_unit),
                                     cmocka_unit_test(what_is_another_quantity_is_no_unit),
                                     cmocka_unit_test(a_sheet_takes_each_unit_by_its_word)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
