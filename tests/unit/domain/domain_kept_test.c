/* What is kept of people, branches and lines, value by value: each is told from its neighbours. */
#include "fixture.h"

#include "core/domain/account.h"
#include "core/domain/contact.h"
#include "core/domain/division.h"
#include "core/domain/enrolment.h"
#include "core/domain/login.h"
#include "core/domain/price.h"
#include "core/domain/price_stat.h"
#include "core/domain/proposal.h"
#include "core/domain/proposal_talk.h"
#include "core/domain/review.h"
#include "core/domain/security_event.h"

static struct fixture f;
static int64_t fish, start_ms;
static char text[3000];

static int setup(void **state)
{
  (void)state;
  fixture_open(&f);
  load_seed(&f);
  fish = product_named(&f, "舟山带鱼");
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
  return ms ? (long long)((ms - start_ms) / 1000) : -1;
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
  va_list args;
  size_t n = strlen(text);
  va_start(args, format);
  vsnprintf(text + n, sizeof text - n, format, args);
  va_end(args);
}

static void see_account(void *ctx, const struct account *row)
{
  (void)ctx;
  say("%s %s must change %d disabled %d made +%lld password +%lld login +%lld sessions %d locked %d\n",
      row->name, row->role, row->must_change, row->disabled, second(row->made_ms), second(row->password_ms),
      second(row->login_ms), row->sessions, row->locked_until_ms > 0);
}

static void see_session(void *ctx, const struct session_row *row)
{
  (void)ctx;
  say("%s '%s' made +%lld seen +%lld until +%lld own %d\n", row->peer, row->agent, second(row->made_ms),
      second(row->seen_ms), second(row->expires_ms), row->own);
}

static void accounts_and_their_sessions(void **state)
{
  struct err err = ERR_INIT;
  struct one_time first;
  struct login login;
  struct login_tokens tokens;
  struct session session;
  (void)state;
  assert_ok(one_time_make(&first, &err), &err);
  struct tx tx = begin_as(&f, CHUNAN, "system");
  assert_ok(account_add(&tx, SITE_NODE, "clerk", "staff", first.hash, &err), &err);
  commit(&f);
  tx = begin_as(&f, CHUNAN, "system");
  assert_ok(account_add(&tx, SITE_NODE, "other", "officer", first.hash, &err), &err);
  commit(&f);
  tx = begin_as(&f, CHUNAN, "clerk");
  assert_ok(account_set_password(&tx, "clerk", first.hash, false, NULL, &err), &err);
  commit(&f);
  assert_ok(
      login_begin(&login, f.db, "clerk", &(struct login_from){"10.0.0.7", "", "a phone"}, f.now_ms, &err),
      &err);
  login_verify(&login, first.password);
  tx = begin_as(&f, CHUNAN, "clerk");
  assert_ok(login_finish(&tx, &login, &tokens, &err), &err);
  commit(&f);
  f.now_ms += 120000;
  tx = begin_as(&f, CHUNAN, "clerk");
  assert_ok(session_touch(&tx, tokens.session, &err), &err);
  commit(&f);
  assert_ok(account_list(f.db, f.now_ms, see_account, NULL, &err), &err);
  assert_ok(session_list(f.db, "clerk", tokens.session, f.now_ms, see_session, NULL, &err), &err);
  assert_ok(session_list(f.db, "clerk", "", f.now_ms, see_session, NULL, &err), &err);
  assert_ok(session_list(f.db, "other", tokens.session, f.now_ms, see_session, NULL, &err), &err);
  assert_ok(session_get(&session, f.db, tokens.session, f.now_ms, &err), &err);
  say("%s %s %d +%lld +%lld touch %d\n", session.account, session.role, session.must_change,
      second(session.made_ms), second(session.seen_ms), session.touch);
  assert_string_equal(
      text, "clerk staff must change 0 disabled 0 made +1 password +3 login +4 sessions 1 locked 0\n"
            "other officer must change 1 disabled 0 made +2 password +2 login +-1 sessions 0 locked 0\n"
            "10.0.0.7 'a phone' made +4 seen +125 until +604804 own 1\n"
            "10.0.0.7 'a phone' made +4 seen +125 until +604804 own 0\n"
            "clerk staff 0 +4 +125 touch 0\n");
}

static void see_event(void *ctx, const struct security_event *row)
{
  (void)ctx;
  say("%u %s %s '%s' %s x%lld +%lld\n", row->branch, row->kind, row->actor, row->detail, row->peer,
      (long long)row->count, second(row->at_ms));
}

static void see_contact(void *ctx, const struct contact *row)
{
  (void)ctx;
  say("%s +%lld %lld %lld %lld %lld '%s'\n", row->kind, second(row->at_ms), (long long)row->took_ms,
      (long long)row->sent, (long long)row->got, (long long)row->refused, row->detail);
}

static void events_and_contacts(void **state)
{
  struct err err = ERR_INIT;
  int64_t total = 0;
  (void)state;
  struct tx tx = begin_as(&f, CHUNAN, "auditor");
  assert_ok(security_event_record(&tx, "export", "auditor", "audit.xlsx rows=3", "10.0.0.8", 4, &err), &err);
  const struct contact one = {.kind = "sync",
                              .at_ms = tx.now_ms + 5000,
                              .took_ms = 61,
                              .sent = 62,
                              .got = 63,
                              .refused = 64,
                              .detail = "d"};
  assert_ok(contact_add(&tx, &one, &err), &err);
  commit(&f);
  assert_ok(
      security_event_list(f.db, &(struct security_filter){.branch = CHUNAN}, see_event, NULL, &total, &err),
      &err);
  assert_ok(
      security_event_list(f.db, &(struct security_filter){.now_ms = f.now_ms}, see_event, NULL, NULL, &err),
      &err);
  assert_int_equal(total, 1);
  assert_ok(contact_list(f.db, 5, see_contact, NULL, &err), &err);
  assert_string_equal(text, "330127 export auditor 'audit.xlsx rows=3' 10.0.0.8 x4 +1\n"
                            "330127 export auditor 'audit.xlsx rows=3' 10.0.0.8 x4 +1\n"
                            "sync +6 61 62 63 64 'd'\n");
}

static void see_branch(void *ctx, const struct branch_state *row)
{
  (void)ctx;
  if (row->code != CHUNAN && row->code != 330122) return;
  say("%u %s/%s %u enrolled %d revoked %d invited %d connected %d; +%lld +%lld +%lld invite +%lld until "
      "+%lld;"
      " %lld +%lld %lld %lld %lld epoch %u schema %d '%s' '%s'\n",
      row->code, row->name_zh, row->name_en, row->prefecture_code, row->enrolled, row->revoked, row->invited,
      row->connected, second(row->enrolled_ms), second(row->since_ms), second(row->last_contact_ms),
      second(row->invite_expires_ms), second(row->certificate_until_ms), (long long)row->pending,
      second(row->oldest_pending_ms), (long long)row->refused, (long long)row->skew_ms, (long long)row->seq,
      row->epoch, row->schema, row->version, row->reason);
}

static void see_division(void *ctx, const struct division *row)
{
  (void)ctx;
  say("%u %s %s %s %u %d\n", row->code, row->name_zh, row->pinyin, row->name_en, row->prefecture_code,
      row->county);
}

static void branches_and_divisions(void **state)
{
  static const uint8_t token[INVITE_TOKEN_SIZE] = {7};
  struct err err = ERR_INIT;
  int64_t expires_ms = 0;
  (void)state;
  struct tx tx = begin_as(&f, HUB, "system");
  assert_ok(invite_add(&tx, 330122, token, &expires_ms, &err), &err);
  commit(&f);
  tx = begin_as(&f, HUB, "system");
  assert_ok(certificate_add(&tx, "5e", CHUNAN, 2, start_ms + 900000, &err), &err);
  assert_ok(branch_contact_enrolled(&tx, CHUNAN, 2, &err), &err);
  commit(&f);
  tx = begin_as(&f, HUB, "system");
  const struct branch_fact fact = {.branch = CHUNAN,
                                   .epoch = 2,
                                   .pending = 71,
                                   .oldest_pending_ms = start_ms + 72000,
                                   .refused = 73,
                                   .skew_ms = 74,
                                   .seq = 75,
                                   .schema = 6,
                                   .version = "1.0.0",
                                   .reason = "disk_full"};
  assert_ok(branch_contact_heard(&tx, &fact, &err), &err);
  commit(&f);
  assert_ok(branch_list(f.db, f.now_ms, see_branch, NULL, &err), &err);
  assert_ok(division_get(f.db, CHUNAN, see_division, NULL, &err), &err);
  assert_ok(division_get(f.db, 330100, see_division, NULL, &err), &err);
  assert_string_equal(text,
                      "330122 桐庐县/Tonglu County 330100 enrolled 0 revoked 0 invited 1 connected 0; +-1 "
                      "+-1 +-1 invite +259201 until +-1; 0 +-1 0 0 0 epoch 0 schema 0 '' ''\n"
                      "330127 淳安县/Chun'an County 330100 enrolled 1 revoked 0 invited 0 connected 1; +2 +3 "
                      "+3 invite +-1 until +900; 71 +72 73 74 75 epoch 2 schema 6 '1.0.0' 'disk_full'\n"
                      "330127 淳安县 chun an xian Chun'an County 330100 1\n"
                      "330100 杭州市 hang zhou shi Hangzhou City (prefecture-level) 330100 0\n");
  assert_int_equal(second(expires_ms), (expires_ms - start_ms) / 1000);
}

static void see_said(void *ctx, const struct proposal_said *said)
{
  (void)ctx;
  say("%d %s '%s' %s +%lld\n", said->by_province, said->kind, said->text, said->actor, second(said->at_ms));
}

static void see_mend(void *ctx, const struct proposal_mend *mend)
{
  (void)ctx;
  say("%s %s > %s\n", mend->field, mend->before, mend->after);
}

static void see_review(void *ctx, const struct review *review)
{
  (void)ctx;
  say("rev %lld stale %d decided %d readable %d %s\n", (long long)review->now_rev, review->stale,
      review->decided, review->readable, json_string_value(json_object_get(review->now, "name_zh")));
}

static void put_value(const json_t *value)
{
  struct buf out = BUF_INIT;
  if (value) json_write(&out, value);
  say("%.*s ", value ? (int)out.size : 1, value ? (const char *)out.data : "-");
  buf_wipe(&out);
}

static void see_field(void *ctx, const struct review_field *field)
{
  (void)ctx;
  say("%s ", field->field);
  put_value(field->base);
  put_value(field->now);
  put_value(field->proposed);
  say("stale %d same %d '%s' %lld +%lld\n", field->stale, field->same, field->changed_by,
      (long long)field->changed_rev, second(field->changed_ms));
}

static void what_is_said_about_a_proposal(void **state)
{
  struct err err = ERR_INIT;
  struct written out;
  int64_t rev = 0, id = 0;
  (void)state;
  json_t *patch = json_pack("{ss ss}", "storage", "chilled", "aliases", "刀鱼");
  const struct proposal_new in = {
      .kind = "correction", .target = fish, .base_rev = 1, .patch = patch, .reason = "三批"};
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(proposal_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
  json_decref(patch);
  tx = begin_as(&f, HUB, "curator");
  assert_ok(proposal_ask(&tx, CHUNAN, out.id, "which batch?", &err), &err);
  commit(&f);
  tx = begin_as(&f, CHUNAN, "clerk");
  assert_ok(proposal_answer(&tx, out.id, question_of(&f, out.id), "the third", &err), &err);
  commit(&f);
  json_t *fields = json_pack("{ss}", "storage", "live");
  tx = begin_as(&f, HUB, "keeper");
  assert_ok(item_change(&tx, ITEM_PRODUCT, fish, 1, fields, &rev, NULL, &err), &err);
  commit(&f);
  json_decref(fields);
  assert_ok(proposal_talk(f.db, CHUNAN, out.id, see_said, NULL, &err), &err);
  assert_ok(review_get(f.db, CHUNAN, out.id, see_review, see_field, NULL, &err), &err);
  json_t *words = json_pack("{ss ss}", "storage", "accepted", "aliases", "rejected"),
         *mends = json_pack("{ss}", "storage", "frozen");
  const struct verdict verdict = {.branch = CHUNAN,
                                  .proposal = out.id,
                                  .fields = words,
                                  .mends = mends,
                                  .rev = 2,
                                  .talk = said_of(&f, out.id),
                                  .reason = "as it comes"};
  tx = begin_as(&f, HUB, "curator");
  assert_ok(review_decide(&tx, &verdict, &id, NULL, &err), &err);
  commit(&f);
  json_decref(words);
  json_decref(mends);
  assert_ok(proposal_mends(f.db, CHUNAN, out.id, see_mend, NULL, &err), &err);
  assert_ok(review_get(f.db, CHUNAN, out.id, see_review, see_field, NULL, &err), &err);
  assert_string_equal(text, "1 question 'which batch?' curator +2\n"
                            "0 answer 'the third' clerk +3\n"
                            "rev 2 stale 1 decided 0 readable 1 舟山带鱼\n"
                            "storage \"frozen\" \"live\" \"chilled\" stale 1 same 0 'keeper' 2 +4\n"
                            "aliases \"\" \"\" \"刀鱼\" stale 0 same 0 '' 0 +-1\n"
                            "storage \"chilled\" > \"frozen\"\n"
                            "rev 3 stale 0 decided 1 readable 1 舟山带鱼\n"
                            "storage \"frozen\" \"frozen\" \"chilled\" stale 0 same 0 'curator' 3 +5\n"
                            "aliases \"\" \"\" \"刀鱼\" stale 0 same 0 '' 0 +-1\n");
}

static void see_period(void *ctx, const struct price_period *row)
{
  (void)ctx;
  say("%d own %lld, %lld %lld %lld of %d\n", row->period, (long long)row->own_fen, (long long)row->median_fen,
      (long long)row->p25_fen, (long long)row->p75_fen, row->branches);
}

static void see_county(void *ctx, const struct price_county *row)
{
  (void)ctx;
  say("%u %s/%s %u %s %lld %d %s x%lld %lld %d%%\n", row->branch, row->branch_name, row->branch_name_en,
      row->prefecture_code, row->prefecture_name, (long long)row->last_fen, row->last_date, row->source,
      (long long)row->count, (long long)row->median_fen, row->vs_median_pct);
}

static void observe(uint32_t branch, int64_t fen, int date, const char *source)
{
  struct err err = ERR_INIT;
  struct written out;
  const struct price_new in = {.product = fish, .price_fen = fen, .source = source, .observed_date = date};
  struct tx tx = begin_as(&f, branch, "officer");
  assert_ok(price_add(&tx, &in, &out, NULL, &err), &err);
  commit(&f);
}

static void prices_over_time_and_counties(void **state)
{
  struct err err = ERR_INIT;
  struct price_province province;
  int64_t fen = 1;
  int date = 1;
  (void)state;
  assert_ok(price_latest(f.db, CHUNAN, fish, 20261124, &fen, &date, &err), &err);
  assert_true(fen == 0 && date == 0);
  observe(CHUNAN, 900, 20261101, "settled");
  observe(CHUNAN, 960, 20261118, "quoted");
  observe(CHUNAN, 980, 20261123, "market");
  observe(330122, 1000, 20261120, "settled");
  observe(330903, 1200, 20261121, "quoted");
  run("INSERT INTO price_stat(product, period, branches, median_fen, p25_fen, p75_fen, count) SELECT id, "
      "20261101,"
      " 3, 511, 512, 513, 9 FROM product WHERE name_zh = '舟山带鱼' /* scan: meant */");
  assert_ok(price_periods(f.db, CHUNAN, fish, 20261016, 20261124, see_period, NULL, &err), &err);
  assert_ok(price_compare(f.db, fish, 20261101, 20261124, &province, see_county, NULL, &err), &err);
  say("%lld %lld %lld %lld %lld of %d\n", (long long)province.median_fen, (long long)province.p25_fen,
      (long long)province.p75_fen, (long long)province.low_fen, (long long)province.high_fen,
      province.branches);
  assert_string_equal(text, "20261016 own 0, 0 0 0 of 0\n"
                            "20261101 own 900, 511 512 513 of 3\n"
                            "20261116 own 980, 0 0 0 of 0\n"
                            "330122 桐庐县/Tonglu County 330100 杭州市 1000 20261120 settled x1 1000 0%\n"
                            "330127 淳安县/Chun'an County 330100 杭州市 980 20261123 market x3 960 -2%\n"
                            "330903 普陀区/Putuo District 330900 舟山市 1200 20261121 quoted x1 1200 20%\n"
                            "1000 990 1100 980 1200 of 3\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
  const struct CMUnitTest tests[] = {
      TEST(accounts_and_their_sessions),   TEST(events_and_contacts),           TEST(branches_and_divisions),
      TEST(what_is_said_about_a_proposal), TEST(prices_over_time_and_counties),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
