/* A branch's record is withheld by law over both real webs: two persons, both sides, and what people then
 * see. */
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/evaluate.h"
#include "hub/evidence.h"
#include "hub/hub.h"
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/base/xlsx_read.h"
#include "core/domain/security_event.h"
#include "sync/evidence.h"
#include "sync/verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct rig province, county;
static struct hub hub;
static struct node node;
static struct visitor curator, second, auditor, admin, officer;
static int64_t fish;

#define PERSON "联系张三 13800138000"

static void carry(void)
{
  struct err err = ERR_INIT;
  struct db *db;
  bool more = true;
  rig_carry(&hub.app, &node.app);
  assert_true(readers_take(hub.app.readers, &db, &err));
  while (more)
    assert_true(audit_index_follow(&hub.app, db, 1000, &more, &err));
  readers_give(hub.app.readers, db);
}

static int open_rig(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub.app);
  carry();
  rig_account(&hub.app, "curator", "curator", "curator-password");
  rig_account(&hub.app, "second", "curator", "second-password");
  rig_account(&hub.app, "auditor", "auditor", "auditor-password");
  rig_account(&hub.app, "admin", "admin", "admin-password");
  rig_account(&node.app, "officer", "officer", "officer-password");
  assert_true(audit_reads_open(&hub.reads, &err));
  rig_open(&province, &hub.app, hub_routes, hub_route_count);
  rig_open(&county, &node.app, node_routes, node_route_count);
  curator = rig_login(&province, "curator", "curator-password");
  second = rig_login(&province, "second", "second-password");
  auditor = rig_login(&province, "auditor", "auditor-password");
  admin = rig_login(&province, "admin", "admin-password");
  officer = rig_login(&county, "officer", "officer-password");
  fish = rig_product(&node.app, "舟山三疣梭子蟹");
  return 0;
}

static int close_rig(void **state)
{
  (void)state;
  rig_close(&county);
  rig_close(&province);
  audit_reads_close(hub.reads);
  rig_site_close(&hub.app);
  rig_site_close(&node.app);
  return 0;
}

static int64_t record_price_of(int64_t product, int64_t fen, const char *note, int64_t replaces)
{
  char today[11], body[400], tail[60] = "";
  date_format(today, date_of_ms(clock_wall_ms()));
  if (replaces) snprintf(tail, sizeof tail, ",\"replaces\":%lld", (long long)replaces);
  snprintf(body, sizeof body,
           "{\"product\":%lld,\"price_fen\":%lld,\"source\":\"settled\",\"date\":\"%s\",\"note\":\"%s\"%s}",
           (long long)product, (long long)fen, today, note, tail);
  struct reply r = rig_post(&county, &officer, "/api/v1/prices", body);
  assert_int_equal(r.status, 201);
  int64_t id = at_int(&r, "id");
  reply_wipe(&r);
  return id;
}

static int64_t record_price(int64_t fen, const char *note, int64_t replaces)
{
  return record_price_of(fish, fen, note, replaces);
}

/* Where the province has the branch's newest entry. */
static int64_t newest_pos(void)
{
  carry();
  return rig_count(&hub.app, "SELECT max(pos) FROM audit WHERE author = 330127");
}

static struct reply standing(int64_t pos, const struct visitor *who)
{
  char path[100];
  snprintf(path, sizeof path, "/api/v1/audit/%lld/withholding", (long long)pos);
  struct reply r = rig_get(&province, who, path);
  assert_int_equal(r.status, 200);
  return r;
}

static struct reply post(int64_t pos, const char *tail, const struct visitor *who, const char *body)
{
  char path[120];
  snprintf(path, sizeof path, "/api/v1/audit/%lld/withholding%s", (long long)pos, tail);
  return rig_post(&province, who, path, body);
}

/* What an administrator has before the eyes now, as the body that decides upon it; one for each hand. */
static const char *seen(int64_t pos)
{
  static char body[2][600];
  static int turn;
  char *out = body[turn ^= 1];
  struct reply r = standing(pos, &admin);
  const json_t *with = at(&r, "with");
  json_t *open = NULL, *row;
  size_t i;
  json_array_foreach(at(&r, "requests"), i, row)
  {
    if (json_is_null(json_object_get(row, "verdict"))) open = json_object_get(row, "id");
  }
  size_t n = (size_t)snprintf(out, sizeof body[0], "{\"request\":%lld,\"with\":[",
                              open ? (long long)json_integer_value(open) : 1LL);
  json_array_foreach(with, i, row)
  {
    n += (size_t)snprintf(out + n, sizeof body[0] - n, "%s%lld", i ? "," : "",
                          (long long)json_integer_value(json_object_get(row, "pos")));
  }
  snprintf(out + n, sizeof body[0] - n, "]}");
  reply_wipe(&r);
  return out;
}

static struct reply carry_out(int64_t pos, const struct visitor *who)
{
  return post(pos, "/carry-out", who, seen(pos));
}

static struct reply decline(int64_t pos, const struct visitor *who, const char *reason)
{
  char body[300];
  const char *now = seen(pos);
  snprintf(body, sizeof body, "%.*s,\"reason\":\"%s\"}", (int)strcspn(now, ","), now, reason);
  return post(pos, "/decline", who, body);
}

#define ASK "{\"rule\":\"pipl_47\",\"reason\":\"本人要求删除\"}"

static void withhold(int64_t pos)
{
  struct reply r = post(pos, "", &curator, ASK);
  assert_int_equal(r.status, 201);
  reply_wipe(&r);
  r = carry_out(pos, &admin);
  if (r.status != 201) print_message("%.*s\n", (int)r.size, (const char *)r.body);
  assert_int_equal(r.status, 201);
  assert_string_equal(at_text(&r, "state"), "withheld");
  reply_wipe(&r);
  carry();
}

static void verifies(struct app *app)
{
  struct verify_report report = {0};
  struct err err = ERR_INIT;
  char path[DATA_PATH_MAX];
  assert_true(store_verify(data_dir_path(&app->dir, "store.db", path), &report, &err));
  if (report.faults) print_message("%.*s", (int)report.text.size, (const char *)report.text.data);
  assert_int_equal(report.faults, 0);
  buf_wipe(&report.text);
}

static void two_persons_withhold_and_both_sides_say_so(void **state)
{
  (void)state;
  char path[100];
  int64_t id = record_price(11800, PERSON, 0);
  int64_t pos = newest_pos();
  struct reply r = standing(pos, &curator);
  assert_string_equal(at_text(&r, "state"), "open");
  assert_true(json_is_true(at(&r, "may_ask")));
  assert_int_equal(at_int(&r, "rows"), 1);
  reply_wipe(&r);
  r = post(pos, "", &curator, ASK);
  assert_int_equal(r.status, 201);
  assert_string_equal(at_text(&r, "state"), "asked");
  reply_wipe(&r);
  refused_as(post(pos, "", &second, ASK), 409, "asked");
  r = standing(pos, &admin);
  assert_true(json_is_true(at(&r, "requests.0.may_carry_out")));
  assert_string_equal(at_text(&r, "requests.0.asked_by"), "curator");
  reply_wipe(&r);
  r = rig_get(&province, &auditor, "/api/v1/withhold-requests");
  assert_int_equal(at_int(&r, "total"), 1);
  assert_int_equal(at_int(&r, "items.0.pos"), pos);
  reply_wipe(&r);
  answered(carry_out(pos, &curator), 403);
  r = carry_out(pos, &admin);
  assert_int_equal(r.status, 201);
  assert_string_equal(at_text(&r, "act.decided_by"), "admin");
  reply_wipe(&r);
  carry();
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM price"), 0);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), 0);
  r = standing(pos, &auditor);
  assert_string_equal(at_text(&r, "act.rule"), "pipl_47");
  assert_string_equal(at_text(&r, "act.rule_title"), "《个人信息保护法》第四十七条");
  assert_string_equal(at_text(&r, "act.asked_by"), "curator");
  assert_int_equal(at_int(&r, "act.pos"), pos);
  assert_true(at_int(&r, "act.act_pos") > pos);
  reply_wipe(&r);
  r = rig_get(&county, &officer, "/api/v1/withheld");
  assert_int_equal(at_int(&r, "total"), 1);
  assert_string_equal(at_text(&r, "items.0.reason"), "本人要求删除");
  assert_string_equal(at_text(&r, "items.0.recorded_by"), "officer");
  assert_string_equal(at_text(&r, "items.0.action"), "price.add");
  reply_wipe(&r);
  snprintf(path, sizeof path, "/api/v1/prices/%lld", (long long)id);
  refused_as(rig_get(&county, &officer, path), 404, "withheld");
  verifies(&hub.app);
  verifies(&node.app);
}

static void its_number_and_the_trail_lead_to_it_all_the_same(void **state)
{
  (void)state;
  char path[120];
  struct reply r = rig_get(&county, &officer, "/api/v1/withheld");
  snprintf(path, sizeof path, "/api/v1/audit?q=%s", at_text(&r, "items.0.no"));
  reply_wipe(&r);
  r = rig_get(&province, &auditor, path);
  assert_int_equal(at_int(&r, "total"), 1);
  assert_string_equal(at_text(&r, "items.0.title"), "已依法隐去：《个人信息保护法》第四十七条");
  assert_string_equal(at_text(&r, "items.0.state"), "verified");
  snprintf(path, sizeof path, "/api/v1/audit/%lld", (long long)at_int(&r, "items.0.pos"));
  reply_wipe(&r);
  r = rig_get(&province, &auditor, path);
  assert_true(json_is_true(at(&r, "withheld")));
  assert_int_equal(at_int(&r, "change_count"), 0);
  reply_wipe(&r);
}

/* In the list, which comes out of memory. */
static bool own_price_shown(void)
{
  struct reply r = rig_get(&county, &officer, "/api/v1/catalogue?limit=1000");
  bool shown = false;
  size_t i;
  json_t *item;
  json_array_foreach(json_object_get(r.json, "items"), i, item)
  {
    if (json_integer_value(json_object_get(item, "id")) == fish)
      shown = json_is_object(json_object_get(item, "own_price"));
  }
  reply_wipe(&r);
  return shown;
}

static void no_page_goes_on_showing_it(void **state)
{
  (void)state;
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price"), 0);
  record_price(11850, PERSON, 0);
  int64_t pos = newest_pos();
  record_price_of(rig_product(&node.app, "淳安无核柿"), 800, "", 0); /* what is newest stays what it was */
  assert_true(own_price_shown());                                    /* and kept in memory from here on */
  withhold(pos);
  assert_false(own_price_shown());
}

static bool set_right(struct tx *tx, void *ctx, struct err *err)
{
  return security_event_record(tx, "account_reset", ctx, "admin", "", 1, err);
}

static bool is_offered_to(int64_t pos, const struct visitor *who)
{
  struct reply r = standing(pos, who);
  bool offered = json_is_true(at(&r, "requests.0.may_carry_out"));
  reply_wipe(&r);
  return offered;
}

static void nothing_is_offered_that_would_be_refused(void **state)
{
  static char root[] = "root", curator_name[] = "curator";
  struct err err = ERR_INIT;
  const struct act act = {
      .actor = "system", .role = "system", .action = "security", .now_ms = clock_wall_ms()};
  (void)state;
  record_price(15150, "", 0);
  int64_t pos = newest_pos();
  assert_true(app_commit(&hub.app, &act, set_right, curator_name, NULL, &err));
  answered(post(pos, "", &curator, ASK), 201);
  assert_false(is_offered_to(pos, &admin)); /* whose password the asker has set */
  answered(decline(pos, &admin, "找错了记录"), 201);
  assert_true(app_commit(&hub.app, &act, set_right, root, NULL, &err));
  answered(post(pos, "", &curator, ASK), 201);
  assert_true(is_offered_to(pos, &admin));
  assert_false(is_offered_to(pos, &curator));
  answered(decline(pos, &admin, "找错了记录"), 201);
}

static void whoever_asks_never_carries_it_out(void **state)
{
  (void)state;
  record_price(11900, PERSON, 0);
  int64_t pos = newest_pos();
  answered(post(pos, "", &auditor, ASK), 403); /* who reads everything changes nothing */
  answered(post(pos, "", &admin, ASK), 201);
  refused_as(carry_out(pos, &admin), 403, "two_persons");
  refused_as(decline(pos, &curator, "不同意"), 403, "role");
  answered(decline(pos, &admin, "找错了记录"), 201);
  refused_as(carry_out(pos, &admin), 409, "not_asked");
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM price WHERE note <> ''"), 1);
  struct reply r = standing(pos, &curator);
  assert_string_equal(at_text(&r, "requests.0.verdict"), "declined");
  assert_string_equal(at_text(&r, "requests.0.answer_reason"), "找错了记录");
  reply_wipe(&r);
}

/* The law and the reason that the signed act names are those that the one who decides has read. */
static void what_is_decided_is_the_request_that_was_read(void **state)
{
  (void)state;
  char read[600];
  record_price(11950, PERSON, 0);
  int64_t pos = newest_pos();
  answered(post(pos, "", &curator, ASK), 201);
  snprintf(read, sizeof read, "%s", seen(pos));
  answered(decline(pos, &curator, "写错了依据"), 201);
  refused_as(post(pos, "/carry-out", &admin, read), 409, "not_asked");
  answered(post(pos, "", &curator, "{\"rule\":\"other_law\",\"reason\":\"供应商不愿意公开差评\"}"), 201);
  refused_as(post(pos, "/carry-out", &admin, read), 409, "other_request");
  snprintf(read + strcspn(read, ","), 60, ",\"reason\":\"不同意\"}");
  refused_as(post(pos, "/decline", &admin, read), 409, "other_request");
  refused_as(post(pos, "/decline", &admin, "{\"reason\":\"不同意\"}"), 400, "required");
  refused_as(post(pos, "/carry-out", &admin, "{\"with\":[]}"), 400, "required");
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM price WHERE price_fen = 11950"), 1);
  answered(carry_out(pos, &admin), 201);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM withholding WHERE rule = 'other_law'"), 1);
}

static void nothing_goes_along_that_was_not_shown(void **state)
{
  (void)state;
  char body[600];
  int64_t first = record_price(11960, PERSON, 0);
  int64_t pos = newest_pos();
  record_price(11970, "", first);
  int64_t correction = newest_pos();
  answered(post(correction, "", &curator, ASK), 201);
  const char *shown = seen(correction);
  snprintf(body, sizeof body, "%.*s,\"with\":[]}", (int)strcspn(shown, ","), shown);
  refused_as(post(correction, "/carry-out", &admin, body), 409, "other_with");
  snprintf(body, sizeof body, "%.*s,\"with\":\"all\"}", (int)strcspn(shown, ","), shown);
  refused_as(post(correction, "/carry-out", &admin, body), 400, "type");
  snprintf(body, sizeof body, "%.*s}", (int)strcspn(shown, ","), shown);
  refused_as(post(correction, "/carry-out", &admin, body), 400, "required");
  snprintf(body, sizeof body, "%s", seen(correction));
  withhold(pos); /* meanwhile, on its own */
  refused_as(post(correction, "/carry-out", &admin, body), 409, "other_with");
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM price WHERE price_fen = 11970"), 1);
  answered(carry_out(correction, &admin), 201);
}

static void what_was_corrected_does_not_stand_again(void **state)
{
  (void)state;
  int64_t first = record_price(12000, "", 0);
  int64_t pos = newest_pos();
  record_price(12100, PERSON, first);
  int64_t correction = newest_pos();
  struct reply r = standing(correction, &curator);
  assert_int_equal(at_int(&r, "rows"), 2);
  assert_int_equal(at_int(&r, "with.0.pos"), pos);
  reply_wipe(&r);
  withhold(correction);
  assert_int_equal(rig_count(&node.app, "SELECT count(*) FROM price WHERE price_fen IN (12000, 12100)"), 0);
  r = standing(pos, &curator);
  assert_string_equal(at_text(&r, "state"), "withheld");
  reply_wipe(&r);
  refused_as(post(pos, "", &curator, ASK), 409, "withheld");
  verifies(&hub.app);
  verifies(&node.app);
}

/* -- a talk -- */

static int64_t propose(void)
{
  char body[300];
  snprintf(body, sizeof body,
           "{\"kind\":\"correction\",\"target\":%lld,\"base_rev\":1,\"patch\":{\"storage\":\"frozen\"},"
           "\"reason\":\"应冷冻保存\"}",
           (long long)fish);
  struct reply r = rig_post(&county, &officer, "/api/v1/proposals", body);
  assert_int_equal(r.status, 201);
  int64_t id = at_int(&r, "id");
  reply_wipe(&r);
  carry();
  return id;
}

static void ask_branch(int64_t proposal, const char *text)
{
  char path[100], body[200];
  snprintf(path, sizeof path, "/api/v1/reviews/330127/%lld/question", (long long)proposal);
  snprintf(body, sizeof body, "{\"text\":\"%s\"}", text);
  answered(rig_post(&province, &curator, path, body), 201);
  carry();
}

/* At both ends: its state, how many things were said, and which question waits (0: none). */
static int64_t talk_is(int64_t proposal, const char *state, size_t said)
{
  char path[100];
  int64_t question = 0;
  for (int end = 0; end < 2; end++) {
    snprintf(path, sizeof path, "/api/v1/%s%lld", end ? "reviews/330127/" : "proposals/",
             (long long)proposal);
    struct reply r = rig_get(end ? &province : &county, end ? &curator : &officer, path);
    assert_string_equal(at_text(&r, "state"), state);
    assert_int_equal(json_array_size(at(&r, "talk")), said);
    int64_t here = json_is_null(at(&r, "question")) ? 0 : at_int(&r, "question");
    if (end) assert_int_equal(here, question);
    question = here;
    reply_wipe(&r);
  }
  return question;
}

static struct reply answer_to(int64_t proposal, int64_t question, const char *text)
{
  char path[100], body[200];
  snprintf(path, sizeof path, "/api/v1/proposals/%lld/answer", (long long)proposal);
  snprintf(body, sizeof body, "{\"question\":%lld,\"text\":\"%s\"}", (long long)question, text);
  struct reply r = rig_post(&county, &officer, path, body);
  carry();
  return r;
}

static void a_talk_stands_where_it_stood_when_a_part_is_withheld(void **state)
{
  (void)state;
  int64_t id = propose();
  ask_branch(id, "张三 13800000000 说的吗？");
  int64_t asked_at = rig_count(&hub.app, "SELECT max(pos) FROM audit WHERE action = 'proposal.ask'");
  int64_t first = talk_is(id, "asked", 1);
  answered(answer_to(id, first, "不是，是李四"), 201);
  int64_t answered_at = rig_count(&hub.app, "SELECT max(pos) FROM audit WHERE action = 'proposal.answer'");
  assert_int_equal(talk_is(id, "open", 2), 0);
  withhold(asked_at);
  assert_int_equal(talk_is(id, "open", 2), 0);
  withhold(answered_at);
  assert_int_equal(talk_is(id, "open", 2), 0);
  ask_branch(id, "那是谁说的？");
  int64_t next = talk_is(id, "asked", 3);
  refused_as(answer_to(id, first, "晚到的回答"), 409, "other_question");
  answered(answer_to(id, next, "收购的人"), 201);
  assert_int_equal(talk_is(id, "open", 4), 0);
  refused_as(answer_to(id, next, "再答一次"), 409, "nothing_asked");
  verifies(&hub.app);
  verifies(&node.app);
}

static void what_all_build_on_is_kept_and_says_why(void **state)
{
  (void)state;
  int64_t seed = rig_count(&hub.app, "SELECT min(pos) FROM audit WHERE author = 330000 AND lane = 0");
  struct reply r = standing(seed, &admin);
  assert_string_equal(at_text(&r, "state"), "kept");
  assert_string_equal(at_text(&r, "why.rule"), "withhold_shared");
  assert_true(json_is_false(at(&r, "may_ask")));
  reply_wipe(&r);
  refused_as(post(seed, "", &curator, ASK), 409, "withhold_shared");
  refused_as(post(999999, "", &curator, ASK), 404, "entry");
  int64_t act = rig_count(&hub.app, "SELECT max(pos) FROM audit WHERE action = 'withhold' AND lane = 0");
  refused_as(post(act, "", &curator, ASK), 409, "withhold_act");
  int64_t request = rig_count(&hub.app, "SELECT max(pos) FROM audit WHERE action = 'withhold.ask'");
  refused_as(post(request, "", &curator, ASK), 409, "withhold_act");
}

static void a_wrong_rule_or_no_reason_is_named(void **state)
{
  (void)state;
  record_price(12200, PERSON, 0);
  int64_t pos = newest_pos();
  refused_as(post(pos, "", &curator, "{\"rule\":\"mood\",\"reason\":\"想删\"}"), 400, "one_of");
  refused_as(post(pos, "", &curator, "{\"rule\":\"pipl_47\"}"), 400, "required");
  refused_as(post(pos, "", &curator, "{\"rule\":\"pipl_47\",\"reason\":\"好\"}"), 400, "length");
  refused_as(carry_out(pos, &admin), 409, "not_asked");
}

static void a_resend_withholds_once(void **state)
{
  (void)state;
  char path[100];
  record_price(12300, PERSON, 0);
  int64_t pos = newest_pos();
  answered(post(pos, "", &curator, ASK), 201);
  snprintf(path, sizeof path, "/api/v1/audit/%lld/withholding/carry-out", (long long)pos);
  int64_t before = rig_count(&hub.app, "SELECT count(*) FROM withholding");
  const char *body = seen(pos);
  answered(rig_change(&province, &admin, "POST", path, "the-same-key-0001", body), 201);
  answered(rig_change(&province, &admin, "POST", path, "the-same-key-0001", body), 201);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM withholding"), before + 1);
}

/* What the province computed of it is computed again, and its number is not given to another record. */
static void medians_forget_it_and_its_number_stays_its_own(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct db *db;
  struct log_once once = {.count = 0};
  char sql[200];
  record_price(12400, PERSON, 0);
  int64_t pos = newest_pos();
  int64_t before = rig_count(&node.app, "SELECT max(CAST(substr(no, 17) AS INTEGER)) FROM price");
  assert_true(readers_take(hub.app.readers, &db, &err));
  assert_true(evaluate(&hub.app, db, &once, &err));
  snprintf(sql, sizeof sql, "SELECT last_fen FROM product_score WHERE product = %lld", (long long)fish);
  assert_int_equal(rig_count(&hub.app, sql), 12400);
  withhold(pos);
  assert_true(evaluate(&hub.app, db, &once, &err));
  readers_give(hub.app.readers, db);
  assert_int_not_equal(rig_count(&hub.app, sql), 12400);
  record_price(12500, "", 0);
  assert_int_equal(rig_count(&node.app, "SELECT max(CAST(substr(no, 17) AS INTEGER)) FROM price"),
                   before + 1);
  carry();
  verifies(&hub.app);
  verifies(&node.app);
}

/* An auditor who has the bundle alone reads in it who withheld the payload, and that it was signed. */
static void the_words_in_evidence_are_words(void **state)
{
  (void)state;
  static const char *const said[] = {"事项：记价格\n",         "编号：JG330127-", "  采价，新增\n",
                                     "产品：舟山三疣梭子蟹（", "单价：118.00",    "what: price recorded\n",
                                     "  price, added\n"};
  char path[80];
  record_price(11800, "", 0);
  snprintf(path, sizeof path, "/api/v1/audit/%lld/evidence", (long long)newest_pos());
  assert_true(store_sign_log(hub.app.store, clock_wall_ms(), NULL));
  struct reply r = rig_get(&province, &auditor, path);
  assert_int_equal(r.status, 200);
  for (size_t i = 0; i < sizeof said / sizeof *said; i++)
    if (!memmem(r.body, r.size, said[i], strlen(said[i]))) fail_msg("no %s", said[i]);
  assert_null(memmem(r.body, r.size, "{\"", 2)); /* no JSON */
  reply_wipe(&r);
}

static void the_evidence_of_it_says_why_it_is_missing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char path[100];
  int64_t pos = rig_count(&hub.app, "SELECT min(pos) FROM sync_entry WHERE payload IS NULL");
  assert_true(store_sign_log(hub.app.store, clock_wall_ms(), &err));
  snprintf(path, sizeof path, "/api/v1/audit/%lld/evidence", (long long)pos);
  struct reply r = rig_get(&province, &auditor, path);
  assert_int_equal(r.status, 200);
  struct evidence_result *result = calloc(1, sizeof *result);
  if (!evidence_verify(r.body, r.size, NULL, result, &err)) fail_msg("%s", err.text);
  assert_int_equal(result->count, 2);
  assert_true(result->facts[0].absent);
  assert_string_equal(result->facts[0].act.rule, "pipl_47");
  assert_string_equal(result->facts[0].act.actor, "admin");
  assert_string_equal(result->facts[0].act.asked_by, "curator");
  assert_int_equal(result->facts[0].act.pos, result->facts[1].pos);
  assert_null(memmem(r.body, r.size, PERSON, strlen(PERSON)));
  assert_non_null(memmem(r.body, r.size, "本人要求删除", strlen("本人要求删除")));
  free(result);
  reply_wipe(&r);
}

static void as_many_as_may_be_asked_for_bring_their_acts(void **state)
{
  struct db *db = *state = NULL;
  struct buf bundle = BUF_INIT;
  int64_t pos[EVIDENCE_ASKED_MAX] = {
      rig_count(&hub.app, "SELECT min(pos) FROM sync_entry WHERE payload IS NULL")};
  const struct act act = {.actor = "system", .role = "system", .action = "test", .now_ms = clock_wall_ms()};
  for (int i = 1; i < EVIDENCE_ASKED_MAX; i++) {
    assert_true(store_commit(hub.app.store, &act, set_right, (char[]){"admin"}, NULL, NULL));
    pos[i] = rig_count(&hub.app, "SELECT max(pos) FROM sync_entry");
  }
  assert_true(store_sign_log(hub.app.store, clock_wall_ms(), NULL) &&
              readers_take(hub.app.readers, &db, NULL));
  assert_true(evidence_of(db, PROVINCE_CODE, pos, EVIDENCE_ASKED_MAX, clock_wall_ms(), &bundle, NULL));
  readers_give(hub.app.readers, db);
  struct evidence_result *result = calloc(1, sizeof *result);
  assert_true(evidence_verify(bundle.data, bundle.size, NULL, result, NULL));
  assert_int_equal(result->facts[0].act.pos, result->facts[EVIDENCE_ASKED_MAX].pos);
  free(result), buf_wipe(&bundle);
}

static bool security_work(struct tx *tx, void *ctx, struct err *err)
{
  int64_t id;
  (void)ctx;
  if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
  struct query q =
      query_open(tx->db,
                 "INSERT INTO security_event(branch, id, kind, actor, detail, peer, count, at_ms)"
                 " VALUES(?1, ?2, 'login', '张三', 'wrong', '10.0.0.9', 1, 1)",
                 err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  return query_run(&q);
}

static void the_provinces_own_events_can_go_too(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct done done;
  const struct act act = {
      .actor = "system", .role = "system", .action = "security.event", .now_ms = clock_wall_ms()};
  assert_true(store_commit(hub.app.store, &act, security_work, NULL, &done, &err));
  carry();
  withhold(done.branch.pos);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM security_event WHERE actor = '张三'"), 0);
  verifies(&hub.app);
}

static size_t rows_of(struct rig *rig, const struct visitor *who, const char *path, bool places)
{
  struct grid grid = GRID_INIT;
  struct err err = ERR_INIT;
  struct reply r = rig_get(rig, who, path);
  if (!xlsx_read(&grid, r.body, r.size, NULL, &err)) fail_msg("%s: %s", path, err.text);
  size_t rows = grid.rows;
  bool has = grid_column(&grid, 0, "总账位置") >= 0 || grid_column(&grid, 0, "隐去所在位置") >= 0;
  assert_int_equal(has, places);
  grid_wipe(&grid);
  reply_wipe(&r);
  return rows;
}

/* A place in a branch's own store is none in the province's log. */
static void the_list_is_a_workbook_and_the_trail_has_it_all(void **state)
{
  (void)state;
  size_t acts = (size_t)rig_count(&hub.app, "SELECT count(*) FROM withholding");
  size_t here =
      (size_t)rig_count(&hub.app, "SELECT count(*) FROM withholding WHERE 330127 IN (author, lane)");
  assert_int_equal(rows_of(&province, &auditor, "/api/v1/withheld.xlsx", true), acts + 1);
  assert_int_equal(rows_of(&province, &auditor, "/api/v1/withheld.xlsx?branch=330127", true), here + 1);
  assert_int_equal(rows_of(&county, &officer, "/api/v1/withheld.xlsx", false), here + 1);
  struct reply r = rig_get(&province, &auditor, "/api/v1/audit?action=withhold");
  assert_true(at_int(&r, "total") > 0);
  assert_string_equal(at_text(&r, "items.0.action_title"), "依法隐去");
  reply_wipe(&r);
  r = rig_get(&province, &auditor, "/api/v1/audit?action=withhold.ask");
  assert_true(at_int(&r, "total") > 0);
  reply_wipe(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_persons_withhold_and_both_sides_say_so),
      cmocka_unit_test(its_number_and_the_trail_lead_to_it_all_the_same),
      cmocka_unit_test(no_page_goes_on_showing_it),
      cmocka_unit_test(nothing_is_offered_that_would_be_refused),
      cmocka_unit_test(whoever_asks_never_carries_it_out),
      cmocka_unit_test(what_is_decided_is_the_request_that_was_read),
      cmocka_unit_test(nothing_goes_along_that_was_not_shown),
      cmocka_unit_test(what_was_corrected_does_not_stand_again),
      cmocka_unit_test(a_talk_stands_where_it_stood_when_a_part_is_withheld),
      cmocka_unit_test(what_all_build_on_is_kept_and_says_why),
      cmocka_unit_test(a_wrong_rule_or_no_reason_is_named),
      cmocka_unit_test(a_resend_withholds_once),
      cmocka_unit_test(medians_forget_it_and_its_number_stays_its_own),
      cmocka_unit_test(the_evidence_of_it_says_why_it_is_missing),
      cmocka_unit_test(as_many_as_may_be_asked_for_bring_their_acts),
      cmocka_unit_test(the_provinces_own_events_can_go_too),
      cmocka_unit_test(the_list_is_a_workbook_and_the_trail_has_it_all),
      cmocka_unit_test(the_words_in_evidence_are_words),
  };
  return cmocka_run_group_tests(tests, open_rig, close_rig);
}
