#include "fixture.h"

#include "core/domain/describe.h"
#include "core/domain/field.h"

static const char *number(const char *table, const char *column, int64_t v, enum language language)
{
  static char text[200];
  struct buf out = BUF_INIT;
  describe_int(&out, table, column, v, language);
  snprintf(text, sizeof text, "%.*s", (int)out.size, out.size ? (const char *)out.data : "");
  buf_wipe(&out);
  return text;
}

static const char *words(const char *table, const char *column, const char *v, enum language language)
{
  static char text[400];
  struct buf out = BUF_INIT;
  describe_text(&out, table, column, v, strlen(v), language);
  snprintf(text, sizeof text, "%.*s", (int)out.size, out.size ? (const char *)out.data : "");
  buf_wipe(&out);
  return text;
}

static void every_column_of_every_table_that_travels_has_a_title_in_both_languages(void **state)
{
  (void)state;
  struct fixture f;
  struct err err = ERR_INIT;
  fixture_open(&f);
  struct query q = query_open(f.db,
                              "SELECT s.name, c.name FROM table_scope s, pragma_table_info(s.name) c"
                              " /* scan: meant */",
                              &err);
  int count = 0;
  for (; query_row(&q); count++) {
    char table[40], column[40];
    snprintf(table, sizeof table, "%s", column_text(&q, 0));
    snprintf(column, sizeof column, "%s", column_text(&q, 1));
    if ((unsigned char)describe_table(table, LANGUAGE_ZH)[0] < 0x80) fail_msg("%s", table);
    if ((unsigned char)describe_column(table, column, LANGUAGE_ZH)[0] < 0x80)
      fail_msg("%s.%s", table, column);
    assert_true((unsigned char)describe_column(table, column, LANGUAGE_EN)[0] < 0x80);
  }
  assert_ok(query_close(&q), &err);
  assert_true(count > 150);
  fixture_close(&f);
}

static void every_word_a_field_may_hold_has_its_translation(void **state)
{
  (void)state;
  for (int kind = 0; kind < ITEM_KINDS; kind++) {
    size_t count;
    const struct field *fields = field_list((enum item_kind)kind, &count);
    for (size_t i = 0; i < count; i++)
      for (size_t k = 0; fields[i].words && fields[i].words[k]; k++)
        if ((unsigned char)describe_word(fields[i].key, fields[i].words[k], LANGUAGE_ZH)[0] < 0x80)
          fail_msg("%s %s", fields[i].key, fields[i].words[k]);
  }
}

static void every_kind_of_product_in_the_seed_has_a_chinese_word(void **state)
{
  (void)state;
  struct fixture f;
  struct err err = ERR_INIT;
  fixture_open(&f);
  load_seed(&f);
  struct query q = query_open(f.db, "SELECT DISTINCT subgroup FROM product /* scan: meant */", &err);
  while (query_row(&q))
    if ((unsigned char)describe_word("subgroup", column_text(&q, 0), LANGUAGE_ZH)[0] < 0x80)
      fail_msg("%s", column_text(&q, 0));
  assert_ok(query_close(&q), &err);
  fixture_close(&f);
}

static void values_read_as_a_person_writes_them(void **state)
{
  (void)state;
  assert_string_equal(number("price", "price_fen", 11800, LANGUAGE_ZH), "118.00 元");
  assert_string_equal(number("price", "price_fen", -5, LANGUAGE_EN), "-0.05 yuan");
  assert_string_equal(number("price", "price_fen", 0, LANGUAGE_ZH), "0.00 元");
  assert_string_equal(number("price", "qty_milli", 12500, LANGUAGE_ZH), "12.500");
  assert_string_equal(number("price", "observed_date", 20261124, LANGUAGE_ZH), "2026-11-24");
  assert_string_equal(number("price", "observed_date", 20261399, LANGUAGE_ZH), "");
  assert_string_equal(number("price", "void", 1, LANGUAGE_ZH), "是");
  assert_string_equal(number("price", "at_ms", date_start_ms(20261124) + 38525000, LANGUAGE_ZH),
                      "2026-11-24 10:42:05");
  assert_string_equal(number("season", "start_md", 501, LANGUAGE_ZH), "5月1日");
  assert_string_equal(number("price_stat", "period", 20261116, LANGUAGE_ZH), "2026年11月下");
  assert_string_equal(number("product_score", "overall_centi", 433, LANGUAGE_EN), "4.33");
  assert_string_equal(number("evaluation", "price", 4, LANGUAGE_ZH), "4");
  assert_string_equal(number("price", "price_fen", INT64_MIN, LANGUAGE_EN), "-92233720368547758.08 yuan");
  assert_string_equal(words("product", "storage", "live", LANGUAGE_ZH), "活鲜");
  assert_string_equal(words("price", "source", "market", LANGUAGE_ZH), "市场看价");
  assert_string_equal(words("channel", "way", "market", LANGUAGE_ZH), "农贸市场");
  assert_string_equal(words("product", "name_zh", "live", LANGUAGE_ZH), "live");
  assert_string_equal(describe_action(ACTION_PRICE_ADD, LANGUAGE_ZH), "记价格");
}

static void a_patch_reads_as_fields_and_values(void **state)
{
  (void)state;
  assert_string_equal(
      words("proposal", "patch",
            "{\"storage\":\"chilled\",\"geo_indication\":true,\"seasons\":[{\"kind\":\"open\","
            "\"start_md\":1001,\"end_md\":1130},{\"kind\":\"closed\",\"start_md\":501,\"end_md\":915}]}",
            LANGUAGE_ZH),
      "储存方式 冷藏；地理标志 是；上市时段 10月1日—11月30日，停售 5月1日—9月15日");
  assert_string_equal(
      words("refusal", "detail", "{\"price_fen\":118000,\"median_fen\":10000,\"branches\":5}", LANGUAGE_ZH),
      "单价 1180.00 元；全省中位价 100.00 元；支行数 5");
  assert_string_equal(words("decision", "fields", "{\"storage\":\"rejected\"}", LANGUAGE_EN),
                      "storage rejected");
}

static const char *field(const char *kind, const char *name, const char *v, enum language language)
{
  static struct buf out = BUF_INIT;
  buf_clear(&out);
  describe_field(&out, kind, name, v, strlen(v), language);
  put_u8(&out, 0);
  return (const char *)out.data;
}

static void a_revised_field_reads_in_its_own_words(void **state)
{
  (void)state;
  assert_string_equal(field("supplier", "status", "suspended", LANGUAGE_ZH), "暂停");
  assert_string_equal(field("product", "geo_indication", "true", LANGUAGE_ZH), "是");
  assert_string_equal(field("product", "unit", "kg", LANGUAGE_ZH), "公斤");
  assert_string_equal(field("product", "name_zh", "live", LANGUAGE_ZH), "live");
  assert_string_equal(field("product", "storage_note_zh", "", LANGUAGE_EN), "");
  assert_string_equal(
      field("product", "seasons", "[{\"kind\":\"open\",\"start_md\":1001,\"end_md\":1130}]", LANGUAGE_ZH),
      "10月1日—11月30日");
}

static void what_is_unknown_is_shown_as_it_is(void **state)
{
  (void)state;
  assert_string_equal(describe_table("flow", LANGUAGE_ZH), "flow");
  assert_string_equal(describe_column("flow", "step", LANGUAGE_ZH), "step");
  assert_string_equal(describe_action("flow.start", LANGUAGE_EN), "flow.start");
  assert_string_equal(describe_rule("odd", LANGUAGE_EN), "odd");
  assert_string_equal(number("flow", "step", 3, LANGUAGE_ZH), "3");
  assert_string_equal(words("proposal", "patch", "{broken", LANGUAGE_ZH), "{broken");
}

static void name_place(void *ctx, uint32_t code, struct buf *out)
{
  (void)ctx;
  if (code == 330127) put_text(out, "淳安县");
}

static const char *event(const char *kind, const char *detail, enum language language)
{
  static char text[600];
  const struct event_reader reader = {.language = language, .place = name_place};
  struct buf out = BUF_INIT;
  describe_event(&out, &reader, kind, detail);
  snprintf(text, sizeof text, "%.*s", (int)out.size, out.size ? (const char *)out.data : "");
  buf_wipe(&out);
  return text;
}

static void what_stands_beside_a_security_event_reads_as_words(void **state)
{
  (void)state;
  assert_string_equal(event("read", "audit?limit=50 rows=50 log=143:e220a27e", LANGUAGE_ZH),
                      "审计记录，50 行，当时总账 143 条、根 e220a27e");
  assert_string_equal(
      event("export", "audit.xlsx?author=330127&state=parked&action=price.add rows=2 sha256=ab", LANGUAGE_ZH),
      "审计记录，作者：淳安县，状态：先存着，动作：记价格，2 行，文件指纹 ab");
  assert_string_equal(
      event("read", "lists=4 rows=163 entries=31 pos=5..9 log=9:ab last audit/events?group=access",
            LANGUAGE_EN),
      "4 lists read, 163 rows, 31 entries read, positions 5..9, the log then: 9 entries, root ab"
      ", the last: security events, group: read and exported");
  assert_string_equal(event("evidence", "audit/17/evidence rows=1", LANGUAGE_ZH),
                      "一条记录的证据包 17，1 行");
  assert_string_equal(
      event("export", "/catalogue.xlsx?season=now&group=aquatic%2Cproduce&sort=name&origin=county,other",
            LANGUAGE_ZH),
      "目录，上市：当季，类别：海鲜水产、蔬菜瓜果，排序：名称，产地：本县、全省其他");
  assert_string_equal(event("export", "/catalogue.xlsx?season=month%3A11&storage=live", LANGUAGE_EN),
                      "the catalogue, season: month 11, storage: live");
  assert_string_equal(
      event("export", "/prices.xlsx?state=received&sort=dearest&source=market&foo=bar", LANGUAGE_ZH),
      "采价，状态：省中心已收，排序：价高在前，来源：市场看价，foo：bar（没有这一项筛选）");
  assert_string_equal(event("export", "/prices.xlsx?state=later&stat=refused", LANGUAGE_EN),
                      "prices, state: the day has not come yet, stat: refused (no filter of this list)");
  assert_string_equal(event("export", "/suppliers.xlsx?status=suspended&sort=licence", LANGUAGE_ZH),
                      "供应商，状态：暂停，排序：许可证到期");
  assert_string_equal(event("compare", "audit/checkpoint saved=12 verdict=same", LANGUAGE_ZH),
                      "检查点，存过的 12 条，结论：就是现在的检查点");
  assert_string_equal(event("account_role", "clerk officer", LANGUAGE_ZH), "clerk，后勤专员");
  assert_string_equal(event("invite", "330127", LANGUAGE_ZH), "淳安县");
  assert_string_equal(event("revoke", "330127 epoch 2 电脑丢了", LANGUAGE_ZH),
                      "淳安县，第 2 把密钥，电脑丢了");
  assert_string_equal(event("revoke", "330127 epoch 12 stolen", LANGUAGE_EN), "淳安县, key 12, stolen");
  assert_string_equal(event("enrol", "330127 epoch 2 renewed 7d7c until 1795316000000 key 5a1f", LANGUAGE_ZH),
                      "淳安县，第 2 把密钥，证书 7d7c");
  assert_string_equal(event("enrol", "330127 epoch 12 enrolled 7d7c until 1 key 5a", LANGUAGE_EN),
                      "淳安县, key 12, certificate 7d7c");
  assert_string_equal(event("enrol", "otherwise", LANGUAGE_ZH), "otherwise");
  assert_string_equal(event("login", "wrong name or password", LANGUAGE_ZH), "账号或密码不对");
  assert_string_equal(event("role", "POST /api/v1/accounts", LANGUAGE_ZH), "想改：账号");
  assert_string_equal(event("link", "unknown_invite", LANGUAGE_ZH), "邀请不认识");
  assert_string_equal(event("handled", "refusal 42 已电话核实", LANGUAGE_ZH),
                      "未接受的那一条（编号 42）：已电话核实");
  assert_string_equal(event("handled", "entry 120 已电话核实", LANGUAGE_ZH),
                      "未接受的那一条（总账位置 120）：已电话核实");
  assert_string_equal(event("log_token", "audit until office until 2027-11-29", LANGUAGE_ZH),
                      "audit until office，到 2027-11-29");
  assert_string_equal(event("log_token", "auditor until 2027-11-29", LANGUAGE_EN),
                      "auditor, until 2027-11-29");
  assert_string_equal(event("log_token_ended", "auditor", LANGUAGE_ZH), "auditor");
  assert_string_equal(event("trust", "log_rewritten", LANGUAGE_ZH),
                      describe_rule("log_rewritten", LANGUAGE_ZH));
  assert_string_not_equal(event("trust", "log_rewritten", LANGUAGE_ZH), "log_rewritten");
  assert_string_equal(event("let_go", "330127 checkpoint:120:5a1f", LANGUAGE_ZH), "淳安县，检查点 120:5a1f");
  assert_string_equal(event("let_go", "330127 entry:0:7:5a1f", LANGUAGE_EN), "淳安县, entry 0:7:5a1f");
  assert_string_equal(event("hole_denied", "330127/0/6+2", LANGUAGE_ZH),
                      "淳安县：第 6 到 7 条，有人用省中心的密钥说无处可寻，总账里却没有这个空位");
  assert_string_equal(
      event("hole_denied", "330127/0/6+2", LANGUAGE_EN),
      "淳安县: entries 6 to 7, called lost with the province's key; the log has no such hole");
  assert_string_equal(event("upgrade", "schema 5", LANGUAGE_ZH), "表结构第 5 版");
}

/* Whoever searches for " rows=9" does not make the trail tell another number of rows. */
static void a_search_that_looks_like_a_fact_is_no_fact(void **state)
{
  (void)state;
  assert_string_equal(
      event("read", "/audit?q=x%20rows=9%26state%3Dparked&author=330127 rows=50", LANGUAGE_ZH),
      "审计记录，搜索：x rows=9&state=parked，作者：淳安县，50 行");
  assert_string_equal(
      event("read", "lists=4 rows=163 entries=31 last /audit?q=a%20last%20b%26author%3D330127", LANGUAGE_ZH),
      "看列表 4 次，163 行，看记录 31 条，最后看的：审计记录，搜索：a last b&author=330127");
  assert_string_equal(event("read", "/audit?q=青菜，支行：淳安县%E2%80%9C&pos=0,1 rows=1", LANGUAGE_ZH),
                      "审计记录，搜索：“青菜，支行：淳安县‘”，总账位置：0,1，1 行");
  assert_string_equal(event("read", "/audit?q=x,%209%20rows rows=1", LANGUAGE_EN),
                      "the audit's entries, search: “x, 9 rows”, 1 rows");
  assert_string_equal(event("read", "/audit?q=100%25...#0a1b2c3d rows=2", LANGUAGE_ZH),
                      "审计记录，搜索：100%...#0a1b2c3d，2 行");
  assert_string_equal(event("read", "/log/tile/entries/000 rows=256", LANGUAGE_ZH),
                      "/log/tile/entries/000，256 行");
  assert_string_equal(event("read", "audit?q=x rows=9 rows=50 log=143:e2", LANGUAGE_ZH),
                      "审计记录，搜索：x rows=9，50 行，当时总账 143 条、根 e2");
  assert_string_equal(event("read", "", LANGUAGE_ZH), "");
  assert_string_equal(event("read", "rows=1", LANGUAGE_ZH), "rows=1");
  assert_string_equal(event("export", "audit.xlsx?q=50%25&branch=330127 rows=2", LANGUAGE_ZH),
                      "审计记录，搜索：50%25，支行：淳安县，2 行"); /* of before: as it was written */
  assert_string_equal(event("role", "POST", LANGUAGE_ZH), "POST");
  assert_string_equal(event("novel", "anything at all", LANGUAGE_EN), "anything at all");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_column_of_every_table_that_travels_has_a_title_in_both_languages),
      cmocka_unit_test(every_word_a_field_may_hold_has_its_translation),
      cmocka_unit_test(every_kind_of_product_in_the_seed_has_a_chinese_word),
      cmocka_unit_test(values_read_as_a_person_writes_them),
      cmocka_unit_test(a_patch_reads_as_fields_and_values),
      cmocka_unit_test(a_revised_field_reads_in_its_own_words),
      cmocka_unit_test(what_is_unknown_is_shown_as_it_is),
      cmocka_unit_test(what_stands_beside_a_security_event_reads_as_words),
      cmocka_unit_test(a_search_that_looks_like_a_fact_is_no_fact),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
