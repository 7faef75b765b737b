#include "fixture.h"

#include "core/domain/similar.h"

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

struct seen {
  int count;
  char first[200]; /* name why */
  char all[2000];
};

static void see(void *ctx, const struct similar *row)
{
  struct seen *seen = ctx;
  char line[200];
  snprintf(line, sizeof line, "%s %s", row->name, similar_why_name(row->why));
  if (!seen->count++) snprintf(seen->first, sizeof seen->first, "%s", line);
  size_t used = strlen(seen->all);
  snprintf(seen->all + used, sizeof seen->all - used, "%s\n", line);
}

static struct seen like(enum item_kind kind, const char *fields)
{
  struct err err = ERR_INIT;
  struct seen seen = {0};
  json_t *patch = json_parse(fields, strlen(fields), NULL);
  assert_non_null(patch);
  assert_ok(similar_list(f.db, kind, patch, see, &seen, &err), &err);
  json_decref(patch);
  return seen;
}

static int64_t add(enum item_kind kind, const char *fields)
{
  struct err err = ERR_INIT;
  int64_t id = 0;
  json_t *item = json_parse(fields, strlen(fields), NULL);
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(item_add(&tx, kind, item, &id, NULL, &err), &err);
  commit(&f);
  json_decref(item);
  return id;
}

#define PRODUCT(name, more)                                                                                  \
  "{\"name_zh\":\"" name "\",\"group\":\"processed\",\"origin_code\":330127,\"unit\":\"kg\",\"storage\":"    \
  "\"ambient\",\"seasons\":[{\"kind\":\"open\",\"start_md\":101,\"end_md\":1231}]" more "}"

static void something_new_is_shown_what_is_called_like_it(void **state)
{
  (void)state;
  add(ITEM_PRODUCT, PRODUCT("威坪辣椒酱", ",\"name_pinyin\":\"wei ping la jiao jiang\",\"name_en\":\"Weiping "
                                          "chilli sauce\",\"aliases\":\"威坪辣酱、红油酱\""));
  static const struct {
    const char *fields, *first;
  } cases[] = {
      {"{\"name_zh\":\"威坪辣椒酱\",\"origin_code\":330102}", "威坪辣椒酱 name"}, /* of another origin */
      {"{\"name_zh\":\" 威坪 辣椒酱\"}", "威坪辣椒酱 name"},
      {"{\"name_zh\":\"威坪辣酱\"}", "威坪辣椒酱 alias"},                            /* its alias */
      {"{\"name_zh\":\"某某酱料\",\"aliases\":\"威坪辣椒酱\"}", "威坪辣椒酱 alias"}, /* the other way round */
      {"{\"name_zh\":\"某某酱料\",\"aliases\":\"豆酱、红油酱\"}", "威坪辣椒酱 alias"},
      {"{\"name_zh\":\"某某酱料\",\"name_pinyin\":\"Wèi píng làjiāo jiàng\"}", "威坪辣椒酱 pinyin"},
      {"{\"name_zh\":\"某某酱料\",\"name_en\":\"WEIPING Chilli Sauce\"}", "威坪辣椒酱 english"},
      {"{\"name_zh\":\"威坪辣叔酱\"}", "威坪辣椒酱 close"},
      {"{\"name_zh\":\"淳安威坪辣椒酱\"}", "威坪辣椒酱 part"},
      {"{\"name_zh\":\"辣椒酱\"}", "威坪辣椒酱 part"},
      {"{\"name_zh\":\"威坪辣椒醬\"}", "威坪辣椒酱 name"}, /* in traditional characters */
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct seen seen = like(ITEM_PRODUCT, cases[i].fields);
    if (strcmp(seen.first, cases[i].first) != 0)
      fail_msg("%s: %s, not %s", cases[i].fields, seen.all, cases[i].first);
  }
}

static void a_name_without_its_pinyin_is_read_as_others_are(void **state)
{
  (void)state;
  add(ITEM_PRODUCT, PRODUCT("衢州干货", ",\"name_pinyin\":\"qu zhou gan huo\""));
  struct seen seen = like(ITEM_PRODUCT, "{\"name_zh\":\"衢州干龘货\"}");
  assert_string_equal(seen.first, "衢州干货 close"); /* half a reading says nothing */
  seen = like(ITEM_PRODUCT, "{\"name_zh\":\"衢舟干货\"}");
  assert_string_equal(seen.first, "衢州干货 pinyin");
}

static void what_is_not_alike_is_not_shown(void **state)
{
  (void)state;
  static const char *const fields[] = {"{\"name_zh\":\"某某酱料\"}", "{\"name_zh\":\"鱼\"}", "{}",
                                       "{\"name_zh\":7,\"aliases\":[1]}", "{\"name_zh\":\"、、\"}"};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    assert_int_equal(like(ITEM_PRODUCT, fields[i]).count, 0);
}

static void the_most_alike_come_first_and_at_most_eight(void **state)
{
  (void)state;
  struct seen seen = like(ITEM_PRODUCT, "{\"name_zh\":\"杨梅\",\"origin_code\":331024}");
  assert_int_equal(seen.count, SIMILAR_MAX);
  assert_string_equal(seen.first, "仙居杨梅 part"); /* of the proposed place */
}

static void delisted_ones_are_shown_too(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id = product_named(&f, "淳安无核柿"), rev = 0;
  json_t *fields = json_pack("{ss, ss}", "status", "delisted", "status_reason", "没有人种了");
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(item_change(&tx, ITEM_PRODUCT, id, 1, fields, &rev, NULL, &err), &err);
  commit(&f);
  json_decref(fields);
  assert_string_equal(like(ITEM_PRODUCT, "{\"name_zh\":\"淳安无核柿\"}").first, "淳安无核柿 name");
}

static void suppliers_are_held_against_suppliers(void **state)
{
  (void)state;
  add(ITEM_SUPPLIER,
      "{\"uscc\":\"91330100716105852F\",\"name\":\"杭州千岛湖鱼行有限公司\",\"division\":330127}");
  assert_string_equal(like(ITEM_SUPPLIER, "{\"name\":\"杭州千岛湖鱼行有限公司\"}").first,
                      "杭州千岛湖鱼行有限公司 name");
  assert_string_equal(like(ITEM_SUPPLIER, "{\"name\":\"千岛湖鱼行\"}").first, "杭州千岛湖鱼行有限公司 part");
  assert_int_equal(like(ITEM_SUPPLIER, "{\"name\":\"淳安无核柿\"}").count, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(something_new_is_shown_what_is_called_like_it, setup, teardown),
      cmocka_unit_test_setup_teardown(a_name_without_its_pinyin_is_read_as_others_are, setup, teardown),
      cmocka_unit_test_setup_teardown(what_is_not_alike_is_not_shown, setup, teardown),
      cmocka_unit_test_setup_teardown(the_most_alike_come_first_and_at_most_eight, setup, teardown),
      cmocka_unit_test_setup_teardown(delisted_ones_are_shown_too, setup, teardown),
      cmocka_unit_test_setup_teardown(suppliers_are_held_against_suppliers, setup, teardown),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
