/* A small catalogue whose every choice, order and page can be counted by hand. */
#include "fixture.h"

#include "core/domain/catalogue.h"
#include "core/domain/catalogue_import.h"

enum { TODAY = 20261124, PRODUCTS = 6 };

/* As Chun'an sees them: two grow here, one in the prefecture, three elsewhere; one is sold all year. */
static const char products[] =
    "name_zh,name_pinyin,name_en,group,subgroup,gb2260,season_start_month,season_end_month,storage,storage_"
    "note_zh,unit,geo_indication\n"
    "甲瓜,jia gua,melon,produce,fruit,330127,10,11,ambient,常温,kg,0\n"
    "乙鱼,yi yu,fish,aquatic,fish,330122,9,1,live,活水,kg,0\n"
    "丙肉,bing rou,pork,livestock,pork,330523,1,12,frozen,冷冻,kg,0\n"
    "丁茶,ding cha,tea,processed,tea,330903,5,6,dry,干燥,kg,0\n"
    "戊笋,wu sun,shoot,produce,vegetable,330127,11,12,chilled,冷藏,kg,0\n"
    "庚枣,geng zao,date,produce,fruit,330302,11,2,ambient,常温,kg,0\n";

static struct fixture f;
static struct catalogue *catalogue;

static void run(const char *sql)
{
  struct err err = ERR_INIT;
  assert_ok(db_exec(f.db, sql, &err), &err);
}

static void score(const char *name, int centi)
{
  char sql[300];
  snprintf(sql, sizeof sql,
           "INSERT INTO product_score(product, count, overall_centi, branches, prefectures, at_ms)"
           " SELECT id, 6, %d, 3, 2, 1 FROM"
           " product WHERE name_zh = '%s' /* scan: meant */",
           centi, name);
  run(sql);
}

static void price(int branch, int id, const char *name, int fen, int date)
{
  char sql[400];
  snprintf(sql, sizeof sql,
           "INSERT INTO price SELECT %d, %d, 'JG%d', id, %d, 'kg', NULL, NULL, 'market', %d, '', NULL, 0, 0,"
           " 'a', 1 FROM product WHERE name_zh = '%s' /* scan: meant */",
           branch, id, id, fen, date, name);
  run(sql);
}

static void evaluate(int branch, int id, const char *name)
{
  char sql[400];
  snprintf(sql, sizeof sql,
           "INSERT INTO evaluation SELECT %d, %d, 'PJ%d', id, NULL, 4, 4, 4, '', NULL, 0, 'a', 1 FROM"
           " product WHERE name_zh = '%s' /* scan: meant */",
           branch, id, id, name);
  run(sql);
}

static int open_catalogue(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct catalogue_import *import = NULL;
  fixture_open(&f);
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(seed_divisions(&tx, &err), &err);
  commit(&f);
  assert_ok(catalogue_import_open(&import, f.db, products, sizeof products - 1, NULL, &err), &err);
  tx = begin_as(&f, HUB, "curator");
  assert_ok(catalogue_import_write(&tx, import, &err), &err);
  commit(&f);
  catalogue_import_close(import);
  score("甲瓜", 433);
  score("乙鱼", 400);
  score("丙肉", 399);
  run("UPDATE product_score SET median_fen = 300 WHERE overall_centi = 400 /* scan: meant */");
  price(CHUNAN, 1, "甲瓜", 500, TODAY);
  price(CHUNAN, 2, "甲瓜", 100, TODAY + 1); /* its day has not come */
  price(CHUNAN, 3, "乙鱼", 900, TODAY);     /* the province's median goes first */
  price(330122, 4, "庚枣", 1, TODAY);       /* what another branch paid is not shown */
  evaluate(CHUNAN, 1, "甲瓜");
  evaluate(CHUNAN, 2, "丙肉");
  evaluate(330122, 3, "乙鱼");
  assert_ok(catalogue_open(&catalogue, f.db, CHUNAN, TODAY, &err), &err);
  assert_int_equal(catalogue_count(catalogue), PRODUCTS);
  return 0;
}

static int close_catalogue(void **state)
{
  (void)state;
  catalogue_close(catalogue);
  fixture_close(&f);
  return 0;
}

static struct catalogue_page find(struct catalogue_filter filter)
{
  struct catalogue_page page;
  struct err err = ERR_INIT;
  filter.today = TODAY;
  assert_ok(catalogue_find(catalogue, &filter, &page, &err), &err);
  return page;
}

static int total(struct catalogue_filter filter)
{
  struct catalogue_page page = find(filter);
  int n = page.total;
  catalogue_page_wipe(&page);
  return n;
}

static void expect(struct catalogue_filter filter, const char *names)
{
  struct catalogue_page page = find(filter);
  char got[200] = "";
  for (int i = 0; i < page.count; i++)
    snprintf(got + strlen(got), sizeof got - strlen(got), "%s ", page.items[i]->name_zh);
  assert_string_equal(got, names);
  catalogue_page_wipe(&page);
}

static void each_choice_finds_what_it_says(void **state)
{
  (void)state;
  expect((struct catalogue_filter){.sort = SORT_NAME}, "丙肉 丁茶 庚枣 甲瓜 戊笋 乙鱼 ");
  expect((struct catalogue_filter){.season = SEASON_NOW, .sort = SORT_NAME}, "庚枣 甲瓜 戊笋 乙鱼 ");
  expect((struct catalogue_filter){.season = SEASON_ALL_YEAR}, "丙肉 ");
  expect((struct catalogue_filter){.season = SEASON_MONTH, .month = 5}, "丁茶 ");
  expect((struct catalogue_filter){.season = SEASON_MONTH, .month = 1, .sort = SORT_NAME}, "庚枣 乙鱼 ");
  expect((struct catalogue_filter){.season = SEASON_MONTH, .month = 12, .sort = SORT_NAME},
         "庚枣 戊笋 乙鱼 ");
  expect((struct catalogue_filter){.groups = 1 << 2 | 1, .sort = SORT_NAME}, "庚枣 甲瓜 戊笋 乙鱼 ");
  expect((struct catalogue_filter){.storages = 1 << 3, .sort = SORT_NAME}, "庚枣 甲瓜 ");
  expect((struct catalogue_filter){.origins = 1 << ORIGIN_PREFECTURE}, "乙鱼 ");
  expect((struct catalogue_filter){.rated_4 = true, .sort = SORT_NAME}, "甲瓜 乙鱼 ");
  expect((struct catalogue_filter){.own_rated = true, .sort = SORT_NAME}, "丙肉 甲瓜 ");
  expect((struct catalogue_filter){.rated_4 = true, .own_rated = true}, "甲瓜 ");
  struct catalogue_page page;
  struct err err = ERR_INIT;
  for (int month = 0; month <= 13; month += 13)
    assert_refused(catalogue_find(catalogue,
                                  &(struct catalogue_filter){.season = SEASON_MONTH, .month = month}, &page,
                                  &err),
                   &err, "range");
}

static void each_order_is_the_one_it_is_called_by(void **state)
{
  (void)state;
  expect((struct catalogue_filter){.sort = SORT_NEAR}, "甲瓜 戊笋 乙鱼 丙肉 丁茶 庚枣 ");
  expect((struct catalogue_filter){.sort = SORT_PRICE}, "乙鱼 甲瓜 丙肉 丁茶 庚枣 戊笋 ");
  expect((struct catalogue_filter){.sort = SORT_ENDING}, "甲瓜 戊笋 乙鱼 庚枣 丙肉 丁茶 ");
  expect((struct catalogue_filter){.sort = SORT_SCORE}, "甲瓜 乙鱼 丙肉 丁茶 庚枣 戊笋 ");
}

/* What a facet says is what choosing it gives, whatever else is chosen. */
static void count_by_choosing(struct catalogue_filter filter)
{
  struct catalogue_page page = find(filter);
  struct catalogue_filter one = filter;
  one.season = SEASON_NOW;
  assert_int_equal(page.facets.season_now, total(one));
  one.season = SEASON_MONTH;
  one.month = TODAY / 100 % 100 + 1;
  assert_int_equal(page.facets.season_next, total(one));
  one.season = SEASON_ALL_YEAR;
  assert_int_equal(page.facets.season_all_year, total(one));
  one = filter;
  for (unsigned i = 0; i < GROUP_COUNT; i++) {
    one.groups = 1U << i;
    assert_int_equal(page.facets.group[i], total(one));
  }
  one = filter;
  for (unsigned i = 0; i < STORAGE_COUNT; i++) {
    one.storages = 1U << i;
    assert_int_equal(page.facets.storage[i], total(one));
  }
  one = filter;
  for (unsigned i = 0; i < ORIGIN_COUNT; i++) {
    one.origins = 1U << i;
    assert_int_equal(page.facets.origin[i], total(one));
  }
  one = filter;
  one.rated_4 = true;
  one.own_rated = false;
  assert_int_equal(page.facets.rated_4, total(one));
  one.rated_4 = false;
  one.own_rated = true;
  assert_int_equal(page.facets.own_rated, total(one));
  catalogue_page_wipe(&page);
}

static void a_facet_counts_what_choosing_it_gives(void **state)
{
  static const unsigned groups[] = {0, 4, 1}, storages[] = {0, 8}, origins[] = {0, 1, 6};
  (void)state;
  struct catalogue_page all = find((struct catalogue_filter){.sort = SORT_NAME});
  assert_int_equal(all.facets.season_now, 4);
  assert_int_equal(all.facets.season_next, 3);
  assert_int_equal(all.facets.season_all_year, 1);
  assert_int_equal(all.facets.group[2], 3);
  assert_int_equal(all.facets.rated_4, 2);
  assert_int_equal(all.facets.own_rated, 2);
  catalogue_page_wipe(&all);
  for (unsigned season = SEASON_ANY; season <= SEASON_ALL_YEAR; season++)
    for (unsigned i = 0; i < 3 * 2 * 3 * 4; i++)
      count_by_choosing((struct catalogue_filter){.season = season,
                                                  .month = 11,
                                                  .groups = groups[i % 3],
                                                  .storages = storages[i / 3 % 2],
                                                  .origins = origins[i / 6 % 3],
                                                  .rated_4 = i / 18 % 2,
                                                  .own_rated = i / 36 % 2});
}

/* A page that holds the last of them is the last one, also when it is full. */
static void pages_go_on_where_the_last_ended_and_end_with_the_last(void **state)
{
  (void)state;
  for (int limit = 1; limit <= PRODUCTS + 1; limit++)
    for (enum catalogue_sort sort = SORT_NEAR; sort <= SORT_SCORE; sort++) {
      struct bookmark after = {.set = false}, next;
      struct catalogue_page whole = find((struct catalogue_filter){.sort = sort});
      int seen = 0, pages = 0;
      do {
        struct catalogue_page page = find(
            (struct catalogue_filter){.sort = sort, .page = {.limit = limit, .after = after, .next = &next}});
        assert_int_equal(page.total, PRODUCTS);
        for (int i = 0; i < page.count; i++)
          assert_string_equal(page.items[i]->name_zh, whole.items[seen + i]->name_zh);
        seen += page.count;
        after = next;
        catalogue_page_wipe(&page);
        pages++;
      } while (next.set);
      assert_int_equal(seen, PRODUCTS);
      assert_int_equal(pages, (PRODUCTS + limit - 1) / limit);
      catalogue_page_wipe(&whole);
    }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_choice_finds_what_it_says),
      cmocka_unit_test(each_order_is_the_one_it_is_called_by),
      cmocka_unit_test(a_facet_counts_what_choosing_it_gives),
      cmocka_unit_test(pages_go_on_where_the_last_ended_and_end_with_the_last),
  };
  return cmocka_run_group_tests(tests, open_catalogue, close_catalogue);
}
