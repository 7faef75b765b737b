#include "fixture.h"

#include "core/domain/catalogue.h"
#include "core/domain/confirmation.h"
#include "core/domain/product.h"

static struct fixture shared;
static struct catalogue *seeded; /* as Chun'an sees it */

static int open_seed(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fixture_open(&shared);
  load_seed(&shared);
  int64_t start = clock_mono_ms();
  assert_ok(catalogue_open(&seeded, shared.db, CHUNAN, 20261124, &err), &err);
  print_message("snapshot of %d products: %lld ms\n", catalogue_count(seeded),
                (long long)(clock_mono_ms() - start));
  return 0;
}

static int close_seed(void **state)
{
  (void)state;
  catalogue_close(seeded);
  fixture_close(&shared);
  return 0;
}

static struct catalogue_page find(struct catalogue_filter filter)
{
  struct catalogue_page page;
  struct err err = ERR_INIT;
  if (!filter.today) filter.today = 20261124;
  assert_ok(catalogue_find(seeded, &filter, &page, &err), &err);
  return page;
}

/* The figures are those of the seed, counted by hand for the design's pictures. */
static void november_in_chunan_has_206_in_season_beside_159_all_year(void **state)
{
  (void)state;
  struct catalogue_page page = find((struct catalogue_filter){.season = SEASON_NOW});
  const struct catalogue_facets *facets = &page.facets;
  assert_int_equal(page.total, 206);
  assert_int_equal(facets->season_now, 206);
  assert_int_equal(facets->season_next, 181);
  assert_int_equal(facets->season_all_year, 159);
  static const int group[] = {61, 10, 66, 69}, storage[] = {39, 61, 17, 40, 49}, origin[] = {4, 13, 189};
  assert_memory_equal(facets->group, group, sizeof group);
  assert_memory_equal(facets->storage, storage, sizeof storage);
  assert_memory_equal(facets->origin, origin, sizeof origin);
  catalogue_page_wipe(&page);
}

static void each_facet_counts_what_its_own_choice_would_give(void **state)
{
  (void)state;
  struct catalogue_filter filter = {.season = SEASON_NOW, .groups = 1, .storages = 1};
  struct catalogue_page page = find(filter);
  for (unsigned i = 0; i < GROUP_COUNT; i++) {
    struct catalogue_filter other = filter;
    other.groups = 1U << i;
    struct catalogue_page there = find(other);
    assert_int_equal(there.total, page.facets.group[i]);
    catalogue_page_wipe(&there);
  }
  filter.season = SEASON_ALL_YEAR;
  struct catalogue_page all_year = find(filter);
  assert_int_equal(all_year.total, page.facets.season_all_year);
  catalogue_page_wipe(&all_year);
  catalogue_page_wipe(&page);
}

static void what_grows_here_comes_first_then_the_prefecture_then_by_distance(void **state)
{
  (void)state;
  struct catalogue_page page = find((struct catalogue_filter){.season = SEASON_NOW});
  for (int i = 0; i < page.count; i++) {
    uint32_t code = page.items[i]->origin_code;
    if (i < 4)
      assert_int_equal(code, CHUNAN);
    else if (i < 17)
      assert_int_equal(code / 100, 3301);
    if (i) assert_true(page.items[i - 1]->distance_km <= page.items[i]->distance_km);
  }
  catalogue_page_wipe(&page);
}

static void pages_do_not_overlap_and_end(void **state)
{
  (void)state;
  int seen = 0;
  int64_t last = 0;
  struct bookmark after = {.set = false}, next;
  for (bool end = false; !end; after = next) {
    struct catalogue_page page = find(
        (struct catalogue_filter){.sort = SORT_NAME, .page = {.limit = 100, .after = after, .next = &next}});
    assert_int_equal(page.total, 542);
    if (page.count) assert_int_not_equal(page.items[0]->id, last);
    if (page.count) last = page.items[page.count - 1]->id;
    seen += page.count;
    end = !next.set;
    assert_int_equal(page.count, end ? 42 : 100);
    catalogue_page_wipe(&page);
  }
  assert_int_equal(seen, 542);
}

static void what_waits_to_be_confirmed_is_a_choice_of_its_own(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct catalogue *now;
  struct catalogue_page yes, no;
  int64_t id, one = product_named(&shared, "舟山带鱼");
  struct tx tx = begin_as(&shared, CHUNAN, "officer");
  assert_ok(confirmation_add(&tx, one, 1, NULL, &id, &err), &err);
  commit(&shared);
  assert_ok(catalogue_open(&now, shared.db, CHUNAN, 20261124, &err), &err);
  assert_ok(catalogue_find(now, &(struct catalogue_filter){.confirmed = 1}, &yes, &err), &err);
  assert_ok(catalogue_find(now, &(struct catalogue_filter){.confirmed = -1}, &no, &err), &err);
  assert_int_equal(yes.total + no.total, 542);
  bool there = false;
  for (int i = 0; i < yes.count; i++)
    there = there || yes.items[i]->id == one;
  assert_true(there);
  for (int i = 0; i < no.count; i++)
    assert_false(no.items[i]->confirmed);
  catalogue_page_wipe(&yes);
  catalogue_page_wipe(&no);
  catalogue_close(now);
}

static void a_slip_of_one_character_finds_what_was_meant_and_says_so(void **state)
{
  (void)state;
  static const struct {
    const char *text, *first;
    bool close;
  } cases[] = {{"千岛湖鳙魚", "千岛湖鳙鱼", false},
               {"千島湖鱅魚", "千岛湖鳙鱼", false},
               {"千岛湖蓉鱼", "千岛湖鳙鱼", true},
               {"舟山三疣梭子虾", "舟山三疣梭子蟹", true},
               {"zhoushansanyousuozixei", "舟山三疣梭子蟹", true}};
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    struct catalogue_page page = find((struct catalogue_filter){.text = cases[i].text});
    if (!page.count) fail_msg("%s: nothing", cases[i].text);
    assert_int_equal(page.close, cases[i].close);
    bool found = false;
    for (int k = 0; k < page.count; k++)
      found = found || strcmp(page.items[k]->name_zh, cases[i].first) == 0;
    if (!found) fail_msg("%s: %s", cases[i].text, page.items[0]->name_zh);
    catalogue_page_wipe(&page);
  }
}

static void initials_find_the_crab_first(void **state)
{
  (void)state;
  static const struct {
    const char *text, *first;
  } cases[] = {
      {"zssyszx", "舟山三疣梭子蟹"}, {"zhoushansanyou", "舟山三疣梭子蟹"}, {"qiandaohuyongyu", "千岛湖鳙鱼"},
      {"舟山带鱼", "舟山带鱼"},      {"zhoushan hairtail", "舟山带鱼"},    {"lin'an hickory", "临安山核桃"},
      {"衢州椪柑", "衢州椪柑"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (!product_named(&shared, cases[i].first)) continue;
    struct catalogue_page page = find((struct catalogue_filter){.text = cases[i].text, .page = {.limit = 1}});
    assert_true(page.count > 0);
    assert_string_equal(page.items[0]->name_zh, cases[i].first);
    catalogue_page_wipe(&page);
  }
  struct catalogue_page none = find((struct catalogue_filter){.text = "海南椰子糖"});
  assert_int_equal(none.total, 0);
  assert_false(none.close);
  struct catalogue_page dots = find((struct catalogue_filter){.text = " ...,"});
  assert_int_equal(dots.total, 0);
  struct catalogue_page blank = find((struct catalogue_filter){.text = "  "});
  assert_int_equal(blank.total, 542);
  catalogue_page_wipe(&none);
  catalogue_page_wipe(&dots);
  catalogue_page_wipe(&blank);
}

static void a_search_is_fast_enough_to_type_in(void **state)
{
  (void)state;
  int64_t start = clock_mono_ms();
  for (int i = 0; i < 100; i++) {
    struct catalogue_page page = find((struct catalogue_filter){.text = "zhou", .season = SEASON_NOW});
    catalogue_page_wipe(&page);
  }
  print_message("100 searches: %lld ms\n", (long long)(clock_mono_ms() - start));
}

static void the_fishing_ban_is_a_closed_window_of_the_wild_catch(void **state)
{
  (void)state;
  const struct catalogue_item *item = catalogue_get(seeded, product_named(&shared, "舟山带鱼"));
  assert_non_null(item);
  assert_true(season_state_of(item->seasons, item->season_count, 20260701).closed);
  assert_int_equal(number_of(&shared, "SELECT count(*) FROM season WHERE kind = 'closed' /* scan: meant */"),
                   8);
  assert_null(catalogue_get(seeded, 42));
}

static void nothing_in_the_seed_is_confirmed_and_57_indications_name_a_place_to_look(void **state)
{
  (void)state;
  assert_int_equal(number_of(&shared, "SELECT count(*) FROM product WHERE confirmed /* scan: meant */"), 0);
  assert_int_equal(
      number_of(&shared,
                "SELECT count(*) FROM product WHERE geo_indication AND geo_basis <> '' /* scan: meant */"),
      57);
  assert_int_equal(number_of(&shared, "SELECT count(*) FROM product WHERE geo_basis <> ''"
                                      " AND geo_basis NOT GLOB 'http*' /* scan: meant */"),
                   0);
  assert_int_equal(number_of(&shared, "SELECT count(*) FROM product WHERE storage_note_zh GLOB '*[,;!?]*'"
                                      " /* scan: meant: Chinese has stops of its own */"),
                   0);
  assert_int_equal(
      number_of(&shared, "SELECT count(*) FROM division WHERE level = 'county' /* scan: meant */"), 90);
}

static void keep_product(void *ctx, const struct product *row)
{
  assert_string_equal(row->name_zh, "舟山带鱼");
  assert_string_equal(row->origin_name, "普陀区");
  assert_string_equal(row->prefecture_name, "舟山市");
  assert_string_equal(row->storage, "frozen");
  assert_true(row->geo_indication && !row->geo_basis[0]);
  assert_int_equal(row->season_count, 2);
  assert_int_equal(row->seasons[0].start_md, 901);
  assert_int_equal(row->seasons[0].end_md, 131);
  *(bool *)ctx = true;
}

static void a_product_is_read_with_origin_and_windows(void **state)
{
  (void)state;
  bool called = false;
  struct err err = ERR_INIT;
  assert_ok(product_get(shared.db, product_named(&shared, "舟山带鱼"), keep_product, &called, &err), &err);
  assert_true(called);
  assert_refused(product_get(shared.db, 99, keep_product, &called, &err), &err, "unknown_product");
}

static void the_stamp_moves_with_the_catalogue_and_only_then(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  uint64_t stamp = 0;
  assert_ok(catalogue_stamp(shared.db, CHUNAN, 20261124, &stamp, &err), &err);
  assert_true(stamp == catalogue_stamp_of(seeded));
  assert_ok(catalogue_stamp(shared.db, CHUNAN, 20261125, &stamp, &err), &err); /* what was of a day to come */
  assert_false(stamp == catalogue_stamp_of(seeded));
  struct tx tx = begin_as(&shared, HUB, "curator");
  assert_ok(db_exec(tx.db, "INSERT INTO price_accepted VALUES(330127, 9, 8, 'curator', 1)", &err), &err);
  assert_ok(catalogue_stamp(shared.db, CHUNAN, 20261124, &stamp, &err), &err);
  assert_false(stamp == catalogue_stamp_of(seeded));
  back(&shared);
  int64_t id = product_named(&shared, "舟山带鱼"), rev = 0;
  tx = begin_as(&shared, HUB, "curator");
  json_t *fields = json_pack("{ss}", "storage", "chilled");
  assert_ok(item_change(&tx, ITEM_PRODUCT, id, 1, fields, &rev, NULL, &err), &err);
  assert_ok(catalogue_stamp(shared.db, CHUNAN, 20261124, &stamp, &err), &err);
  assert_false(stamp == catalogue_stamp_of(seeded));
  json_decref(fields);
  back(&shared);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(november_in_chunan_has_206_in_season_beside_159_all_year),
      cmocka_unit_test(each_facet_counts_what_its_own_choice_would_give),
      cmocka_unit_test(what_grows_here_comes_first_then_the_prefecture_then_by_distance),
      cmocka_unit_test(pages_do_not_overlap_and_end),
      cmocka_unit_test(a_slip_of_one_character_finds_what_was_meant_and_says_so),
      cmocka_unit_test(initials_find_the_crab_first),
      cmocka_unit_test(a_search_is_fast_enough_to_type_in),
      cmocka_unit_test(the_fishing_ban_is_a_closed_window_of_the_wild_catch),
      cmocka_unit_test(nothing_in_the_seed_is_confirmed_and_57_indications_name_a_place_to_look),
      cmocka_unit_test(a_product_is_read_with_origin_and_windows),
      cmocka_unit_test(the_stamp_moves_with_the_catalogue_and_only_then),
      cmocka_unit_test(what_waits_to_be_confirmed_is_a_choice_of_its_own),
  };
  return cmocka_run_group_tests(tests, open_seed, close_seed);
}
