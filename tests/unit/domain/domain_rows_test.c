/* Whoever reads a row is given each of its values, and no other's: every value here is told from its
 * neighbours. */
#include "fixture.h"

#include "core/domain/confirmation.h"
#include "core/domain/evaluation.h"
#include "core/domain/price.h"
#include "core/domain/price_stat.h"
#include "core/domain/product.h"
#include "core/domain/proposal.h"
#include "core/domain/refusal.h"
#include "core/domain/score.h"
#include "core/domain/supplier.h"
#include "core/domain/withhold.h"

static struct fixture f;
static int64_t fish, supplier, start_ms;
static char text[2000];

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  load_seed(&f);
  fish = product_named(&f, "舟山带鱼");
  supplier = add_supplier(&f, "91330100716105852F", "供应商甲");
  start_ms = f.now_ms; /* each transaction is a second later */
  *text = '\0';
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static void run(const char *sql)
{
  struct err err = ERR_INIT;
  assert_ok(db_exec(f.db, sql, &err), &err);
}

static long long second(int64_t ms)
{
  return (long long)((ms - start_ms) / 1000);
}

/* Which of these an id is. */
static const char *named(int64_t id, int64_t a, int64_t b)
{
  return id == 0 ? "none" : id == a ? "a" : id == b ? "b" : "other";
}

static int64_t ids[2];

static void see_price(void *ctx, const struct price_row *row)
{
  (void)ctx;
  size_t n = strlen(text);
  snprintf(
      text + n, sizeof text - n,
      "%u %s %s %s/%s %s/%s %s %lld x%lld %s/%s %s %d '%s' replaces %s, by %s; void %d outlier %d %s +%lld"
      " '%s' waits %d\n",
      row->branch, named(row->id, ids[0], ids[1]), row->no, row->product_name, row->product_name_en,
      row->branch_name, row->branch_name_en, row->unit, (long long)row->price_fen, (long long)row->qty_milli,
      row->supplier == supplier ? "it" : "none", row->supplier_name, row->source, row->observed_date,
      row->note, named(row->replaces, ids[0], ids[1]), named(row->replaced_by, ids[0], ids[1]), row->is_void,
      row->outlier, row->actor, second(row->at_ms), row->refused, row->waits);
  assert_int_equal(row->product, fish);
}

static void a_price(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  for (int i = 0; i < 2; i++) {
    struct written out;
    const struct price_new in = {.product = fish,
                                 .supplier = i ? 0 : supplier,
                                 .price_fen = 900 + i,
                                 .qty_milli = 2500 + i,
                                 .source = i ? "quoted" : "settled",
                                 .observed_date = 20261123 + i,
                                 .note = i ? "corrected" : "first",
                                 .replaces = i ? ids[0] : 0};
    struct tx tx = begin_as(&f, CHUNAN, i ? "officer" : "clerk");
    assert_ok(price_add(&tx, &in, &out, NULL, &err), &err);
    commit(&f);
    ids[i] = out.id;
  }
  char sql[200];
  snprintf(sql, sizeof sql, "UPDATE price SET outlier = 1 WHERE id = %lld", (long long)ids[1]);
  run(sql);
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(refusal_add(&tx, CHUNAN, "price", ids[0], "price_outlier", "{}", &err), &err);
  commit(&f);
  for (int i = 0; i < 2; i++)
    assert_ok(price_get(f.db, CHUNAN, ids[i], see_price, NULL, &err), &err);
  assert_string_equal(
      text,
      "330127 a JG330127-202611-0001 舟山带鱼/Zhoushan hairtail 淳安县/Chun'an County kg 900 x2500 "
      "it/供应商甲 settled 20261123 'first' replaces none, by b; void 0 outlier 0 clerk +1 'price_outlier' "
      "waits 0\n"
      "330127 b JG330127-202611-0002 舟山带鱼/Zhoushan hairtail 淳安县/Chun'an County kg 901 x2501 none/ "
      "quoted 20261124 'corrected' replaces a, by none; void 0 outlier 1 officer +2 '' waits 1\n");
}

static void see_rating(void *ctx, const struct evaluation_row *row)
{
  (void)ctx;
  size_t n = strlen(text);
  snprintf(text + n, sizeof text - n,
           "%u %s %s %s/%s %s %s/%s %d%d%d '%s' replaces %s, by %s; void %d %s +%lld\n", row->branch,
           named(row->id, ids[0], ids[1]), row->no, row->product_name, row->product_name_en,
           row->supplier_name, row->branch_name, row->branch_name_en, row->quality, row->price, row->delivery,
           row->remark, named(row->replaces, ids[0], ids[1]), named(row->replaced_by, ids[0], ids[1]),
           row->is_void, row->actor, second(row->at_ms));
  assert_int_equal(row->product, fish);
  assert_int_equal(row->supplier, supplier);
}

static void a_rating(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  const struct evaluation_new in = {
      .product = fish, .supplier = supplier, .quality = 5, .price = 4, .delivery = 3, .remark = "fresh"};
  struct tx tx = begin_as(&f, CHUNAN, "clerk");
  assert_ok(evaluation_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
  ids[0] = out.id;
  tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(evaluation_void(&tx, ids[0], "twice", &out, &err), &err);
  commit(&f);
  ids[1] = out.id;
  for (int i = 0; i < 2; i++)
    assert_ok(evaluation_get(f.db, CHUNAN, ids[i], see_rating, NULL, &err), &err);
  assert_string_equal(text, "330127 a PJ330127-202611-0001 舟山带鱼/Zhoushan hairtail 供应商甲 "
                            "淳安县/Chun'an County 543 'fresh' replaces none, by b; void 0 clerk +1\n"
                            "330127 b PJ330127-202611-0002 舟山带鱼/Zhoushan hairtail 供应商甲 "
                            "淳安县/Chun'an County 543 'twice' replaces a, by none; void 1 officer +2\n");
}

static void put_supplier(const struct supplier *row)
{
  size_t n = strlen(text);
  snprintf(text + n, sizeof text - n,
           "%s %s %u %s/%s %s %s %s %d %s '%s' rev %lld %s +%lld; %d channels, %lld: %d %d %d %d '%s'\n",
           row->uscc, row->name, row->division, row->division_name, row->division_name_en, row->contact_name,
           row->contact_phone, row->licence_no, row->licence_until_date, row->status, row->status_reason,
           (long long)row->rev, row->changed_by, second(row->changed_ms), row->channels,
           (long long)row->score_count, row->overall_centi, row->quality_centi, row->price_centi,
           row->delivery_centi, row->trend);
  assert_int_equal(row->id, supplier);
}

static void see_supplier(void *ctx, const struct supplier *row)
{
  (void)ctx;
  put_supplier(row);
}

static void see_channel(void *ctx, const struct channel *row)
{
  (void)ctx;
  size_t n = strlen(text);
  snprintf(text + n, sizeof text - n, "%s/%s %s %s %lld '%s' '%s' rev %lld: ", row->product_name,
           row->product_name_en, row->unit, row->way, (long long)row->min_order_qty, row->delivery_area,
           row->note, (long long)row->rev);
  assert_int_equal(row->product, fish);
  assert_int_equal(row->id, ids[0]);
  put_supplier(&row->supplier);
}

static void a_supplier_and_its_channel(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t rev = 0;
  json_t *fields = json_pack("{ss ss ss ss ss}", "contact_name", "联系人", "contact_phone", "0571-1",
                             "licence_no", "X7", "status", "suspended", "status_reason", "证照");
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(item_change(&tx, ITEM_SUPPLIER, supplier, 1, fields, &rev, NULL, &err), &err);
  commit(&f);
  json_decref(fields);
  fields = json_pack("{sI sI ss si ss ss}", "product", (json_int_t)fish, "supplier", (json_int_t)supplier,
                     "way", "market", "min_order_qty", 20, "delivery_area", "千岛湖镇", "note", "晨送");
  tx = begin_as(&f, HUB, "curator");
  assert_ok(item_add(&tx, ITEM_CHANNEL, fields, &ids[0], NULL, &err), &err);
  commit(&f);
  json_decref(fields);
  run("INSERT INTO supplier_score SELECT id, 7, 411, 412, 413, 414, 'up', 1 FROM supplier"
      " /* scan: meant */");
  assert_ok(supplier_get(f.db, supplier, see_supplier, NULL, &err), &err);
  assert_ok(supplier_list(f.db, &(struct supplier_filter){.text = ""}, see_supplier, NULL, NULL, &err), &err);
  assert_ok(channel_list(f.db, fish, 0, see_channel, NULL, &err), &err);
  assert_ok(channel_list(f.db, 0, supplier, see_channel, NULL, &err), &err);
  assert_string_equal(text,
                      "91330100716105852F 供应商甲 330903 普陀区/Putuo District 联系人 0571-1 X7 20280314 "
                      "suspended '证照' rev 2 curator +1; 1 channels, 7: 411 412 413 414 'up'\n"
                      "91330100716105852F 供应商甲 330903 普陀区/Putuo District 联系人 0571-1 X7 20280314 "
                      "suspended '证照' rev 2 curator +1; 1 channels, 7: 411 412 413 414 'up'\n"
                      "舟山带鱼/Zhoushan hairtail kg market 20 '千岛湖镇' '晨送' rev 1: 91330100716105852F "
                      "供应商甲 330903 普陀区/Putuo District 联系人 0571-1 X7 20280314 suspended '证照' rev "
                      "2 curator +1; 0 channels, 0: 0 0 0 0 ''\n"
                      "舟山带鱼/Zhoushan hairtail kg market 20 '千岛湖镇' '晨送' rev 1: 91330100716105852F "
                      "供应商甲 330903 普陀区/Putuo District 联系人 0571-1 X7 20280314 suspended '证照' rev "
                      "2 curator +1; 0 channels, 0: 0 0 0 0 ''\n");
}

static void see_product(void *ctx, const struct product *row)
{
  (void)ctx;
  size_t n = strlen(text);
  snprintf(text + n, sizeof text - n,
           "%s '%s' '%s' '%s' %s %s %u %s/%s %s %s %s '%s' %d '%s' %s '%s' %d by %u rev %lld %s +%lld %zu\n",
           row->name_zh, row->name_pinyin, row->name_en, row->aliases, row->group, row->subgroup,
           row->origin_code, row->origin_name, row->origin_name_en, row->prefecture_name, row->unit,
           row->storage, row->storage_note_zh, row->geo_indication, row->geo_basis, row->status,
           row->status_reason, row->confirmed, row->confirmed_by, (long long)row->rev, row->changed_by,
           second(row->changed_ms), row->season_count);
}

static void see_confirmation(void *ctx, const struct confirmation *row)
{
  (void)ctx;
  size_t n = strlen(text);
  snprintf(text + n, sizeof text - n, "%u %s/%s '%s' %s +%lld\n", row->branch, row->branch_name,
           row->branch_name_en, row->note, row->actor, second(row->at_ms));
}

static void see_revision(void *ctx, const struct revision *row)
{
  (void)ctx;
  size_t n = strlen(text);
  snprintf(text + n, sizeof text - n, "%lld %s '%s'>'%s' %s +%lld\n", (long long)row->rev, row->field,
           row->before, row->after, row->actor, second(row->at_ms));
}

static void a_product_and_who_confirmed_it(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t id = 0, rev = 0;
  int published = 0;
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(confirmation_add(&tx, fish, 1, "看过", &id, &err), &err);
  commit(&f);
  tx = begin_as(&f, HUB, "steward");
  assert_ok(confirmation_publish(&tx, 10, &published, &err), &err);
  commit(&f);
  json_t *fields = json_pack("{ss ss ss ss}", "aliases", "刀鱼", "geo_basis", "http://x", "status",
                             "delisted", "status_reason", "停产");
  tx = begin_as(&f, HUB, "curator");
  assert_ok(item_change(&tx, ITEM_PRODUCT, fish, 2, fields, &rev, NULL, &err), &err);
  commit(&f);
  json_decref(fields);
  assert_ok(product_get(f.db, fish, see_product, NULL, &err), &err);
  assert_ok(confirmation_list(f.db, fish, see_confirmation, NULL, &err), &err);
  assert_ok(item_history(f.db, ITEM_PRODUCT, fish, 0, see_revision, NULL, &err), &err);
  assert_string_equal(text, "舟山带鱼 'zhou shan dai yu' 'Zhoushan hairtail' '刀鱼' aquatic sea fish 330903 "
                            "普陀区/Putuo District 舟山市 kg frozen '-18℃ 以下冷冻贮存，冷链运输' 1 "
                            "'http://x' delisted '停产' 1 by 330127 rev 3 curator +3 2\n"
                            "330127 淳安县/Chun'an County '看过' officer +1\n"
                            "3 status_reason ''>'停产' curator +3\n"
                            "3 status 'active'>'delisted' curator +3\n"
                            "3 geo_basis ''>'http://x' curator +3\n"
                            "3 aliases ''>'刀鱼' curator +3\n");
}

static void see_proposal(void *ctx, const struct proposal_row *row)
{
  (void)ctx;
  size_t n = strlen(text);
  snprintf(text + n, sizeof text - n,
           "%u %s/%s %s %s %s %s/%s rev %lld now %lld %s > %s '%s' %s +%lld; '%s' %s '%s' %s +%lld %lld %s\n",
           row->branch, row->branch_name, row->branch_name_en, row->no, row->kind, row->target_kind,
           row->target_name, row->target_name_en, (long long)row->base_rev, (long long)row->now_rev,
           row->base, row->patch, row->reason, row->actor, second(row->at_ms), row->verdict, row->fields,
           row->decision_reason, row->decided_by, row->decided_ms ? second(row->decided_ms) : 0,
           (long long)row->created, row->state);
  assert_int_equal(row->id, ids[0]);
  assert_int_equal(row->target, fish);
  assert_int_equal(row->decision_id, ids[1]);
}

static void a_proposal(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct written out;
  json_t *patch = json_pack("{ss}", "storage", "chilled");
  const struct proposal_new in = {
      .kind = "correction", .target = fish, .base_rev = 1, .patch = patch, .reason = "三批"};
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(proposal_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
  json_decref(patch);
  ids[0] = out.id;
  ids[1] = id_of(1, f.seq + 1, 0);
  char sql[300];
  snprintf(
      sql, sizeof sql,
      "INSERT INTO decision(branch, id, proposal, verdict, fields, reason, created, actor, at_ms)"
      " VALUES(330127, %lld, %lld, 'rejected', '{\"storage\":\"rejected\"}', '不对', 77, 'curator', %lld)",
      (long long)ids[1], (long long)ids[0], (long long)f.now_ms + 5000);
  run(sql);
  assert_ok(proposal_get(f.db, CHUNAN, ids[0], see_proposal, NULL, &err), &err);
  assert_ok(proposal_list(f.db, &(struct proposal_filter){.branch = CHUNAN}, see_proposal, NULL, NULL, &err),
            &err);
  assert_string_equal(
      text, "330127 淳安县/Chun'an County TY330127-202611-0001 correction product 舟山带鱼/Zhoushan hairtail "
            "rev 1 now 1 {\"storage\":\"frozen\"} > {\"storage\":\"chilled\"} '三批' officer +1; 'rejected' "
            "{\"storage\":\"rejected\"} '不对' curator +6 77 decided\n"
            "330127 淳安县/Chun'an County TY330127-202611-0001 correction product 舟山带鱼/Zhoushan hairtail "
            "rev 1 now 1 {\"storage\":\"frozen\"} > {\"storage\":\"chilled\"} '三批' officer +1; 'rejected' "
            "{\"storage\":\"rejected\"} '不对' curator +6 77 decided\n");
}

static void see_refusal(void *ctx, const struct refusal *row)
{
  (void)ctx;
  size_t n = strlen(text);
  snprintf(text + n, sizeof text - n, "%u %s %lld %s %s +%lld %d '%s' '%s'\n", row->branch,
           row->subject_table, (long long)row->subject_id, row->rule, row->detail, second(row->at_ms),
           row->settled, row->no, row->title);
}

static void see_request(void *ctx, const struct withhold_request *row)
{
  (void)ctx;
  size_t n = strlen(text);
  snprintf(text + n, sizeof text - n, "%u/%u %llu %s '%s' %s +%lld; '%s' '%s' %s +%lld\n", row->author,
           row->lane, (unsigned long long)row->seq, row->rule, row->reason, row->actor, second(row->at_ms),
           row->verdict, row->answer_reason, row->answer_actor, row->answer_ms ? second(row->answer_ms) : 0);
  assert_int_equal(row->id, ids[0]);
}

static void a_refusal_and_a_request_to_withhold(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(refusal_add(&tx, CHUNAN, "entry", 42, "row_differs", "{\"a\":1}", &err), &err);
  commit(&f);
  const struct withhold_request wish = {
      .author = CHUNAN, .lane = 5, .seq = 7, .rule = "pipl_47", .reason = "the grower asked", .actor = ""};
  tx = begin_as(&f, HUB, "keeper");
  assert_ok(withhold_ask(&tx, &wish, &ids[0], &err), &err);
  commit(&f);
  tx = begin_as(&f, HUB, "chief");
  assert_ok(withhold_reply(&tx, ids[0], "declined", "no ground", &err), &err);
  commit(&f);
  assert_ok(refusal_list(f.db, CHUNAN, REFUSAL_OPEN, REFUSALS_ALL, see_refusal, NULL, &err), &err);
  assert_ok(withhold_get(f.db, ids[0], see_request, NULL, &err), &err);
  assert_ok(withhold_list(f.db, CHUNAN, 5, 7, false, see_request, NULL, &err), &err);
  assert_string_equal(text,
                      "330127 entry 42 row_differs {\"a\":1} +1 0 '' ''\n"
                      "330127/5 7 pipl_47 'the grower asked' keeper +2; 'declined' 'no ground' chief +3\n"
                      "330127/5 7 pipl_47 'the grower asked' keeper +2; 'declined' 'no ground' chief +3\n");
}

static void a_score(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct product_score row;
  bool found = false;
  run("INSERT INTO product_score SELECT id, 11, 401, 402, 403, 404, 'down', 501, 502, 503, 12, 504, 20261120,"
      " 13, 505, 330100, 506, 330200, 999 FROM product WHERE name_zh = '舟山带鱼' /* scan: meant */");
  assert_ok(score_product(f.db, fish, &row, &found, &err), &err);
  assert_true(found);
  snprintf(text, sizeof text,
           "%lld: %d %d %d %d %s; %lld %lld %lld of %d; %lld %d; %d: %lld %u %lld %u; %lld",
           (long long)row.count, row.overall_centi, row.quality_centi, row.price_centi, row.delivery_centi,
           row.trend, (long long)row.median_fen, (long long)row.p25_fen, (long long)row.p75_fen, row.branches,
           (long long)row.last_fen, row.last_date, row.prefectures, (long long)row.low_fen,
           row.low_prefecture, (long long)row.high_fen, row.high_prefecture, (long long)row.at_ms);
  assert_string_equal(text, "11: 401 402 403 404 down; 501 502 503 of 12; 504 20261120; 13: 505 330100 506"
                            " 330200; 999");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(a_price),
      TEST(a_rating),
      TEST(a_supplier_and_its_channel),
      TEST(a_product_and_who_confirmed_it),
      TEST(a_proposal),
      TEST(a_refusal_and_a_request_to_withhold),
      TEST(a_score),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
