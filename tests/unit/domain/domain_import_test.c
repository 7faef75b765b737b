#include "fixture.h"

#include "core/base/limits.h"
#include "core/base/sqlite.h"
#include "core/domain/catalogue.h"

#include <iconv.h>

#define HEADER                                                                                               \
  "name_zh,name_pinyin,name_en,group,subgroup,gb2260,season_start_month,season_end_month,storage,storage_"   \
  "note_zh,unit,"                                                                                            \
  "geo_indication\n"
#define GOOD "淳安无核柿,chun an wu he shi,Chun'an persimmon,produce,fruit,330127,10,11,ambient,常温,kg,0\n"

static struct fixture f;

static int setup(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fixture_open(&f);
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(seed_divisions(&tx, &err), &err);
  commit(&f);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

struct counts {
  size_t added, changed, same;
  int transactions;
};

static struct counts import_bytes(const void *bytes, size_t n)
{
  struct catalogue_import *import = NULL;
  struct err err = ERR_INIT;
  struct counts counts = {0};
  assert_ok(catalogue_import_open(&import, f.db, bytes, n, NULL, &err), &err);
  for (bool more = true; more; counts.transactions++) {
    struct tx tx = begin_as(&f, HUB, "curator");
    assert_ok(catalogue_import_write(&tx, import, &err), &err);
    more = tx.more;
    assert_true(tx.ids[SCOPE_SHARED].next <= ENTRY_ROWS_MAX);
    commit(&f);
  }
  catalogue_import_counts(import, &counts.added, &counts.changed, &counts.same);
  catalogue_import_close(import);
  return counts;
}

static struct counts import_text(const char *text)
{
  return import_bytes(text, strlen(text));
}

static int64_t products(void)
{
  return number_of(&f, "SELECT count(*) FROM product /* scan: meant */");
}

static void the_same_file_again_writes_nothing(void **state)
{
  (void)state;
  struct counts first = import_text(HEADER GOOD), again = import_text(HEADER GOOD);
  assert_int_equal(first.added, 1);
  assert_int_equal(again.same, 1);
  assert_int_equal(again.added + again.changed, 0);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM revision /* scan: meant */"), 0);
}

static void a_changed_row_raises_its_revision_alone(void **state)
{
  (void)state;
  import_text(HEADER GOOD);
  struct counts counts = import_text(
      HEADER "淳安无核柿,chun an wu he shi,Chun'an persimmon,produce,fruit,330127,10,12,chilled,常温,kg,0\n"
             "安吉冬笋,an ji dong sun,Anji winter bamboo shoot,produce,bamboo "
             "shoot,330523,11,2,chilled,冷藏,kg,1\n");
  assert_int_equal(counts.changed, 1);
  assert_int_equal(counts.added, 1);
  assert_int_equal(number_of(&f, "SELECT sum(rev) FROM product /* scan: meant */"), 3);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM revision /* scan: meant */"), 2);
  assert_int_equal(number_of(&f, "SELECT end_md FROM season WHERE start_md = 1101 /* scan: meant */"), 229);
}

static void the_file_may_come_from_an_old_spreadsheet(void **state)
{
  (void)state;
  const char *text = HEADER GOOD;
  char gb[2048], *in = (char *)(uintptr_t)text, *out = gb;
  size_t in_left = strlen(text), out_left = sizeof gb;
  iconv_t conversion = iconv_open("GB18030", "UTF-8");
  assert_true(iconv(conversion, &in, &in_left, &out, &out_left) == 0);
  iconv_close(conversion);
  assert_int_equal(import_bytes(gb, sizeof gb - out_left).added, 1);
  assert_true(product_named(&f, "淳安无核柿") != 0);
  struct buf bom = BUF_INIT;
  put_text(&bom, "\xef\xbb\xbf" HEADER);
  put_text(&bom, GOOD);
  assert_int_equal(import_bytes(bom.data, bom.size).same, 1);
  buf_wipe(&bom);
}

static void every_fault_is_named_by_row_and_column_and_nothing_is_written(void **state)
{
  (void)state;
  const char *text = HEADER GOOD "淳安无核柿,x,y,produce,fruit,330127,10,11,ambient,n,kg,0\n"
                                 ",x,y,mineral,fruit,110108,0,13,wet,n,barrel,2\n"
                                 "甲,x,y,produce,fruit,here,1,12,dry,n,kg,0\n";
  static const struct {
    int64_t row;
    const char *column, *rule;
  } expected[] = {
      {4, "season_start_month", "range"},
      {4, "season_end_month", "range"},
      {4, "geo_indication", "one_of"},
      {4, "name_zh", "required"},
      {4, "group", "one_of"},
      {4, "gb2260", "unknown_division"},
      {4, "storage", "one_of"},
      {4, "unit", "one_of"},
      {5, "gb2260", "type"},
      {3, "name_zh", "duplicate"},
  };
  struct catalogue_import *import = NULL;
  struct faults faults = {0};
  struct err err = ERR_INIT;
  assert_refused(catalogue_import_open(&import, f.db, text, strlen(text), &faults, &err), &err, "faults");
  assert_null(import);
  assert_int_equal(products(), 0);
  assert_int_equal(faults.count, sizeof expected / sizeof *expected);
  for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
    bool found = false;
    for (size_t k = 0; k < faults.count; k++)
      found = found || (faults.list[k].row == expected[i].row &&
                        strcmp(faults.list[k].err.field, expected[i].column) == 0 &&
                        strcmp(faults.list[k].err.rule, expected[i].rule) == 0);
    if (!found) print_error("%lld %s %s\n", (long long)expected[i].row, expected[i].column, expected[i].rule);
    assert_true(found);
  }
  faults_wipe(&faults);
}

#define BASIS                                                                                                \
  "name_zh,group,gb2260,season_start_month,season_end_month,storage,unit,geo_indication,geo_basis\n"

static void a_basis_without_its_indication_is_named_in_its_row_and_goes_with_it(void **state)
{
  (void)state;
  const char *text =
      BASIS "甲,produce,330127,10,11,ambient,kg,1,http://x\n乙,produce,330127,10,11,ambient,kg,0,http://x\n";
  struct catalogue_import *import = NULL;
  struct faults faults = {0};
  struct err err = ERR_INIT;
  assert_refused(catalogue_import_open(&import, f.db, text, strlen(text), &faults, &err), &err, "faults");
  assert_int_equal(faults.count, 1);
  assert_int_equal(faults.list[0].row, 3);
  assert_string_equal(faults.list[0].err.field, "geo_indication");
  assert_string_equal(faults.list[0].err.rule, "required");
  faults_wipe(&faults);
  assert_int_equal(import_text(BASIS "甲,produce,330127,10,11,ambient,kg,1,http://x\n").added, 1);
  assert_int_equal(import_text(BASIS "甲,produce,330127,10,11,ambient,kg,0,http://x\n").changed, 1);
  assert_int_equal(number_of(&f, "SELECT count(*) FROM product WHERE geo_basis <> '' /* scan: meant */"), 0);
  assert_int_equal(import_text(BASIS "甲,produce,330127,10,11,ambient,kg,0,\n").same, 1);
}

static void wrong_columns_are_all_named(void **state)
{
  (void)state;
  struct catalogue_import *import = NULL;
  struct faults faults = {0};
  struct err err = ERR_INIT;
  const char *text = "name_zh,price,gb2260,gb2260\n甲,1,330127,330127\n";
  assert_refused(catalogue_import_open(&import, f.db, text, strlen(text), &faults, &err), &err, "faults");
  int missing = 0, unknown = 0, twice = 0;
  for (size_t i = 0; i < faults.count; i++) {
    assert_int_equal(faults.list[i].row, 1);
    /* A column that is not there is called as the template calls it, in the sentence too. */
    if (strcmp(faults.list[i].err.field, "season_start_month") == 0) {
      assert_string_equal(faults.list[i].column, "上市起月");
      assert_string_equal(faults.list[i].err.text, "the column 上市起月 is missing");
    }
    missing += strcmp(faults.list[i].err.rule, "missing_column") == 0;
    unknown += strcmp(faults.list[i].err.rule, "unknown_column") == 0;
    twice += strcmp(faults.list[i].err.rule, "duplicate") == 0;
    /* Counted from 1, as a person counts. */
    if (strcmp(faults.list[i].err.rule, "unknown_column") == 0)
      assert_string_equal(faults.list[i].err.text, "the column 2 \"price\" is not known");
    if (strcmp(faults.list[i].err.rule, "duplicate") == 0)
      assert_string_equal(faults.list[i].err.text, "the column 4 \"gb2260\" is there twice");
  }
  assert_int_equal(missing, 5);
  assert_int_equal(unknown, 1);
  assert_int_equal(twice, 1);
  faults_wipe(&faults);
  assert_refused(catalogue_import_open(&import, f.db, HEADER, strlen(HEADER), NULL, &err), &err, "faults");
  assert_refused(catalogue_import_open(&import, f.db, "", 0, NULL, &err), &err, "empty");
}

static void a_heading_and_words_may_be_chinese(void **state)
{
  (void)state;
  import_text(
      HEADER GOOD
      "安吉冬笋,an ji dong sun,Anji winter bamboo shoot,produce,bamboo shoot,330523,11,2,chilled,冷藏,kg,1\n"
      "千岛湖鲢鱼,qian dao hu lian yu,silver carp,aquatic,freshwater fish,330127,1,12,live,,kg,0\n");
  struct counts counts = import_text("2026年新增产品,,,,,,,,,\n"
                                     "品名*,品类,小类,地市,产地,上市起月,上市止月,储存方式,单位,地理标志\n"
                                     "千岛湖冬笋,蔬菜瓜果,笋,杭州市,淳安县,11月,2,冷藏,千克,√\n"
                                     "安吉鲢鱼,海鲜水产,淡水鱼,,安吉,1,12,活鲜,公斤,\n"
                                     "淳安无核柿,蔬菜瓜果,,,淳安县,10,11,常温,公斤,否\n");
  assert_int_equal(counts.added, 2);
  assert_int_equal(number_of(&f,
                             "SELECT count(*) FROM product WHERE name_pinyin = 'qian dao hu dong sun' AND"
                             " group_code = 'produce' AND origin_code = 330127 AND storage = 'chilled' AND"
                             " geo_indication = 1 AND unit = 'kg' /* scan: meant */"),
                   1);
  assert_int_equal(number_of(&f,
                             "SELECT count(*) FROM product WHERE name_pinyin = 'an ji lian yu' AND subgroup"
                             " = 'freshwater fish' AND origin_code = 330523 /* scan: meant */"),
                   1);
  /* What the file does not say stays. */
  assert_int_equal(number_of(&f, "SELECT count(*) FROM product WHERE name_pinyin = 'chun an wu he shi' AND"
                                 " storage_note_zh = '常温' /* scan: meant */"),
                   1);
}

static void a_place_that_contradicts_its_code_is_refused(void **state)
{
  (void)state;
  const char *text = "name_zh,group,gb2260,origin_county,season_start_month,season_end_month,storage,unit\n"
                     "甲,produce,330127,淳安县,1,2,dry,kg\n"
                     "乙,produce,330127,安吉县,1,2,dry,kg\n"
                     "丙,produce,,没有这个县,1,2,dry,kg\n"
                     "丁,produce,,,1,2,dry,kg\n"
                     "戊,produce,330127,淳安县,1,2,dry,斤\n";
  static const char *const rules[] = {"contradiction", "unknown_division", "required", "one_of"};
  static const char *const values[] = {"安吉县", "没有这个县", "", "斤"};
  struct catalogue_import *import = NULL;
  struct faults faults = {0};
  struct err err = ERR_INIT;
  assert_refused(catalogue_import_open(&import, f.db, text, strlen(text), &faults, &err), &err, "faults");
  assert_int_equal(faults.count, 4);
  for (size_t i = 0; i < 4; i++) {
    assert_int_equal(faults.list[i].row, i + 3);
    assert_string_equal(faults.list[i].err.rule, rules[i]);
    assert_string_equal(faults.list[i].value, values[i]);
  }
  faults_wipe(&faults);
}

static struct buf many_rows(int count)
{
  struct buf text = BUF_INIT;
  put_text(&text, HEADER);
  for (int i = 0; i < count; i++) {
    char row[200];
    snprintf(row, sizeof row,
             "产品%d,chan pin,product %d,produce,fruit,330127,%d,%d,chilled,预冷后冷藏,kg,0\n", i, i,
             i % 12 + 1, (i + 3) % 12 + 1);
    put_text(&text, row);
  }
  return text;
}

static void a_long_file_is_cut_into_transactions_that_fit_an_entry(void **state)
{
  (void)state;
  struct buf text = many_rows(3000);
  struct counts counts = import_bytes(text.data, text.size);
  assert_int_equal(counts.added, 3000);
  assert_true(counts.transactions > 1 && counts.transactions < 12);
  assert_int_equal(import_bytes(text.data, text.size).same, 3000);
  buf_wipe(&text);
}

static void a_name_that_only_a_keyboard_makes_different_is_told_with_its_row(void **state)
{
  (void)state;
  import_text(HEADER GOOD);
  const char *text = HEADER "淳安 无核柿,a,y,produce,fruit,330127,10,11,chilled,n,kg,0\n"
                            "甲果,a,y,produce,fruit,330127,10,11,chilled,n,kg,0\n"
                            "乙果A,a,y,produce,fruit,330127,10,11,chilled,n,kg,0\n"
                            "乙果ａ,a,y,produce,fruit,330127,10,11,chilled,n,kg,0\n"
                            "乙果ａ,a,y,produce,fruit,330122,10,11,chilled,n,kg,0\n";
  struct catalogue_import *import = NULL;
  struct faults faults = {0};
  struct err err = ERR_INIT;
  assert_refused(catalogue_import_open(&import, f.db, text, strlen(text), &faults, &err), &err, "faults");
  assert_int_equal(faults.count, 2);
  for (size_t i = 0; i < faults.count; i++) {
    assert_true(faults.list[i].row == 2 || faults.list[i].row == 5);
    assert_string_equal(faults.list[i].err.rule, "exists");
    assert_string_equal(faults.list[i].err.field, "name_zh");
  }
  faults_wipe(&faults);
}

static void a_product_that_is_there_may_be_named_in_a_row_with_another_fault(void **state)
{
  (void)state;
  import_text(HEADER GOOD);
  const char *text = HEADER "淳安无核柿,a,y,produce,fruit,330127,10,11,ambient,常温,斤,0\n"
                            "淳安 无核柿,a,y,produce,fruit,330127,10,11,ambient,常温,斤,0\n";
  static const struct {
    int64_t row;
    const char *rule;
  } expected[] = {
      {2, "one_of"}, {3, "one_of"}, {3, "exists"}}; /* a name that is new is told of all the same */
  struct catalogue_import *import = NULL;
  struct faults faults = {0};
  struct err err = ERR_INIT;
  assert_refused(catalogue_import_open(&import, f.db, text, strlen(text), &faults, &err), &err, "faults");
  assert_int_equal(faults.count, sizeof expected / sizeof *expected);
  for (size_t i = 0; i < faults.count; i++) {
    assert_int_equal(faults.list[i].row, expected[i].row);
    assert_string_equal(faults.list[i].err.rule, expected[i].rule);
  }
  faults_wipe(&faults);
}

static int count_steps(void *ctx)
{
  ++*(int64_t *)ctx;
  return 0;
}

/* What the database does for a file of so many new products of one origin, read and written. */
static int64_t steps_for(int products)
{
  int64_t steps = 0;
  struct buf text = many_rows(products);
  assert_int_equal(teardown(NULL) + setup(NULL), 0);
  sqlite3_progress_handler(db_handle(f.db), 100, count_steps, &steps);
  assert_int_equal(import_bytes(text.data, text.size).added, products);
  sqlite3_progress_handler(db_handle(f.db), 0, NULL, NULL);
  buf_wipe(&text);
  return steps;
}

static void twice_as_many_products_of_one_origin_are_twice_the_work(void **state)
{
  (void)state;
  int64_t few = steps_for(1000), many = steps_for(2000);
  if (many > few * 5 / 2) fail_msg("%lld steps, then %lld", (long long)few, (long long)many);
}

static void a_file_past_the_bound_is_refused_whole(void **state)
{
  (void)state;
  struct buf text = many_rows(IMPORT_ROWS_MAX + 1);
  struct catalogue_import *import = NULL;
  struct err err = ERR_INIT;
  assert_refused(catalogue_import_open(&import, f.db, text.data, text.size, NULL, &err), &err, "row_count");
  buf_wipe(&text);
}

static void the_closed_windows_and_the_basis_of_a_product_survive_an_import_without_them(void **state)
{
  (void)state;
  load_seed(&f);
  struct counts counts = import_text(
      HEADER "舟山带鱼,zhou shan dai yu,Zhoushan hairtail,aquatic,sea fish,330903,10,1,frozen,n,kg,1\n");
  assert_int_equal(counts.changed, 1);
  int64_t id = product_named(&f, "舟山带鱼");
  json_t *item = NULL;
  struct err err = ERR_INIT;
  assert_ok(item_values(f.db, ITEM_PRODUCT, id, &item, NULL, &err), &err);
  assert_int_equal(json_array_size(json_object_get(item, "seasons")), 2);
  json_decref(item);
  counts = import_text(HEADER "瓯柑,ou gan,Ou mandarin,produce,fruit,330304,11,4,ambient,n,kg,1\n");
  assert_int_equal(counts.changed, 1);
  assert_ok(item_values(f.db, ITEM_PRODUCT, product_named(&f, "瓯柑"), &item, NULL, &err), &err);
  assert_true(json_string_length(json_object_get(item, "geo_basis")) > 0);
  json_decref(item);
}

static void the_seed_is_one_transaction_and_one_revision_of_the_catalogue(void **state)
{
  (void)state;
  int64_t rev, at_ms, count;
  struct err err = ERR_INIT;
  uint64_t before = f.seq;
  load_seed(&f);
  assert_int_equal(f.seq - before, 2);
  assert_ok(catalogue_state(f.db, &rev, &at_ms, &count, &err), &err);
  assert_int_equal(rev, 3); /* the divisions of the fixture, again, and the products */
  assert_int_equal(count, 542);
}

/* "Lüshan", "Chun'an" and "Ding'ao" as syllables have them. */
static void first_word(char out[60], const char *name_en)
{
  size_t used = 0;
  for (const char *p = name_en; *p && *p != ' ' && used < 58; p++) {
    if (strncmp(p, "ü", 2) == 0)
      out[used++] = 'v', p++;
    else if (*p != '\'')
      out[used++] = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
  }
  out[used] = '\0';
}

/* The place that begins a name is spelt in English too, and some characters are read in a way of their own.
 */
static void the_names_of_the_seed_are_read_as_they_are_said(void **state)
{
  (void)state;
  static const char translated[] = "奉蚶 西湖莼菜 西湖龙井 西湖藕粉 粢毛肉圆 红膏炝蟹 杭白菊 螟蜅鲞 蛋清羊尾";
  static const char *const readings[][2] = {{"鳜", "gui"}, {"厦", "xia"}, {"剥", "bao"},  {"乐", "yue"},
                                            {"荸", "bi"},  {"荠", "qi"},  {"莼", "chun"}, {"台", "tai"},
                                            {"槜", "zui"}, {"薄", "bao"}, {"处", "chu"},  {"佛", "fo"}};
  struct err err = ERR_INIT;
  load_seed(&f);
  struct query q =
      query_open(f.db,
                 "SELECT name_zh, replace(name_pinyin, ' ', ''), name_en, name_pinyin FROM product"
                 " /* scan: meant */",
                 &err);
  while (query_row(&q)) {
    char word[60];
    const char *name = column_text(&q, 0);
    first_word(word, column_text(&q, 2));
    if (!strstr(translated, name) && strncmp(column_text(&q, 1), word, strlen(word)) != 0)
      fail_msg("%s: %s, %s", name, column_text(&q, 3), column_text(&q, 2));
    for (size_t i = 0; i < sizeof readings / sizeof *readings; i++)
      if (strstr(name, readings[i][0]) && !strstr(column_text(&q, 3), readings[i][1]))
        fail_msg("%s: %s", name, column_text(&q, 3));
  }
  assert_ok(query_close(&q), &err);
}

static void faults_are_kept_up_to_their_bound_and_counted_beyond(void **state)
{
  (void)state;
  struct faults faults = {0};
  struct err err = ERR_INIT;
  for (int i = 0; i <= FAULTS_MAX; i++)
    faults_add(&faults, i, &err);
  assert_int_equal(faults.count, FAULTS_MAX);
  assert_int_equal(faults.total, FAULTS_MAX + 1);
  faults_wipe(&faults);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(the_same_file_again_writes_nothing),
      TEST(a_changed_row_raises_its_revision_alone),
      TEST(the_file_may_come_from_an_old_spreadsheet),
      TEST(every_fault_is_named_by_row_and_column_and_nothing_is_written),
      TEST(a_basis_without_its_indication_is_named_in_its_row_and_goes_with_it),
      TEST(wrong_columns_are_all_named),
      TEST(a_heading_and_words_may_be_chinese),
      TEST(a_place_that_contradicts_its_code_is_refused),
      TEST(a_name_that_only_a_keyboard_makes_different_is_told_with_its_row),
      TEST(a_product_that_is_there_may_be_named_in_a_row_with_another_fault),
      TEST(twice_as_many_products_of_one_origin_are_twice_the_work),
      TEST(a_long_file_is_cut_into_transactions_that_fit_an_entry),
      TEST(a_file_past_the_bound_is_refused_whole),
      TEST(the_closed_windows_and_the_basis_of_a_product_survive_an_import_without_them),
      TEST(the_seed_is_one_transaction_and_one_revision_of_the_catalogue),
      TEST(the_names_of_the_seed_are_read_as_they_are_said),
      TEST(faults_are_kept_up_to_their_bound_and_counted_beyond),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
