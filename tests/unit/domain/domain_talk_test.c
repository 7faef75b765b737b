/* What is said about a proposal: an answer is to the question that was read, and what is withheld by law
 * keeps its place. */
#include "fixture.h"

#include "core/base/sqlite.h"
#include "core/domain/proposal.h"
#include "core/domain/review.h"
#include "core/domain/withhold.h"

#include <stdlib.h>

static struct fixture f;
static struct written made;

static int setup(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fixture_open(&f);
  load_seed(&f);
  json_t *patch = json_pack("{ss}", "storage", "live");
  const struct proposal_new in = {.kind = "correction",
                                  .target = product_named(&f, "舟山带鱼"),
                                  .base_rev = 1,
                                  .patch = patch,
                                  .reason = "三批"};
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(proposal_add(&tx, &in, &made, NULL, &err), &err);
  commit(&f);
  json_decref(patch);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_close(&f);
  return 0;
}

static bool done(bool ok)
{
  if (ok)
    commit(&f);
  else
    back(&f);
  return ok;
}

static int64_t ask(const char *text)
{
  struct err err = ERR_INIT;
  struct tx tx = begin_as(&f, HUB, "curator");
  assert_ok(done(proposal_ask(&tx, CHUNAN, made.id, text, &err)), &err);
  return question_of(&f, made.id);
}

static bool answer(int64_t question, const char *text, struct err *err)
{
  struct tx tx = begin_as(&f, CHUNAN, "clerk");
  return done(proposal_answer(&tx, made.id, question, text, err));
}

/* As a program wrote it that named no question. */
static void answer_of_before(const char *text)
{
  struct err err = ERR_INIT;
  struct tx tx = begin_as(&f, CHUNAN, "clerk");
  int64_t id;
  assert_ok(tx_id(&tx, SCOPE_BRANCH, &id, &err), &err);
  struct query q = query_open(f.db,
                              "INSERT INTO proposal_answer(branch, id, proposal, kind, text, actor, at_ms)"
                              " VALUES(?1, ?2, ?3, 'answer', ?4, 'clerk', ?5)",
                              &err);
  query_int(&q, 1, CHUNAN);
  query_int(&q, 2, id);
  query_int(&q, 3, made.id);
  query_text(&q, 4, text);
  query_int(&q, 5, f.now_ms);
  assert_ok(query_run(&q), &err);
  commit(&f);
}

/* What is left of a row when its entry was withheld: the act. */
static void withhold(const char *table, uint32_t author, uint32_t lane, const char *text)
{
  struct err err = ERR_INIT;
  char sql[300];
  snprintf(sql, sizeof sql, "SELECT id FROM %s WHERE text = '%s' /* scan: meant */", table, text);
  const uint64_t seq = id_seq(number_of(&f, sql));
  assert_true(seq > 0);
  for (int i = 0; i < 2; i++) { /* the record it was first, and its own */
    snprintf(sql, sizeof sql,
             "INSERT INTO withholding(author, lane, seq, no, subject) VALUES(%u, %u, %llu, '', '%s')", author,
             lane, (unsigned long long)seq, made.no);
    assert_ok(db_exec(f.db, sql, &err), &err);
  }
  snprintf(sql, sizeof sql, "DELETE FROM %s WHERE text = '%s'", table, text);
  assert_ok(db_exec(f.db, sql, &err), &err);
}

static void question_gone(const char *text)
{
  withhold("proposal_question", HUB, CHUNAN, text);
}

static void answer_gone(const char *text)
{
  withhold("proposal_answer", CHUNAN, 0, text);
}

static void hear(void *ctx, const struct proposal_said *said)
{
  char *line = ctx;
  size_t n = strlen(line);
  snprintf(line + n, 300 - n, "%c:%s;", *said->kind, said->at_ms ? said->text : "-");
}

static void expect_talk(const char *want)
{
  struct err err = ERR_INIT;
  char line[300] = "";
  assert_ok(proposal_talk(f.db, CHUNAN, made.id, hear, line, &err), &err);
  assert_string_equal(line, want);
}

static void see(void *ctx, const struct proposal_row *row)
{
  snprintf(ctx, 16, "%s", row->state);
}

static void expect_state(const char *want)
{
  struct err err = ERR_INIT;
  char state[16] = "";
  assert_ok(proposal_get(f.db, CHUNAN, made.id, see, state, &err), &err);
  assert_string_equal(state, want);
}

static void an_answer_is_to_the_question_that_was_read(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t first = ask("q1");
  assert_refused(answer(first + 1, "a1", &err), &err, "other_question");
  assert_ok(answer(first, "a1", &err), &err);
  assert_refused(answer(first, "again", &err), &err, "nothing_asked");
  int64_t second = ask("q2");
  assert_refused(answer(first, "late", &err), &err, "other_question");
  expect_state("asked");
  assert_ok(answer(second, "a2", &err), &err);
  expect_state("open");
  expect_talk("q:q1;a:a1;q:q2;a:a2;");
}

/* A disk went back, the question was answered once more, and both answers stand. */
static void two_answers_to_one_question_answer_no_other(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t first = ask("q1");
  assert_ok(answer(first, "a1", &err), &err);
  assert_ok(db_exec(f.db,
                    "INSERT INTO proposal_answer SELECT branch, id + 1, proposal, kind, 'a1 again', actor,"
                    " at_ms, question FROM proposal_answer",
                    &err),
            &err);
  expect_state("open");
  ask("q2");
  expect_state("asked");
  expect_talk("q:q1;a:a1;a:a1 again;q:q2;");
}

static void a_question_that_is_withheld_keeps_its_place(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_ok(answer(ask("q1"), "a1", &err), &err);
  question_gone("q1");
  expect_state("open");
  expect_talk("q:-;a:a1;");
  int64_t second = ask("q2"); /* and it reaches the branch */
  expect_state("asked");
  question_gone("q2");
  expect_state("asked");
  assert_int_equal(question_of(&f, made.id), second);
  assert_ok(answer(second, "what was it?", &err), &err);
  expect_state("open");
  expect_talk("q:-;a:a1;q:-;a:what was it?;");
}

static void an_answer_that_is_withheld_keeps_its_place(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_ok(answer(ask("q1"), "a1", &err), &err);
  answer_gone("a1");
  expect_state("open");
  expect_talk("q:q1;a:-;");
  int64_t second = ask("q2");
  expect_state("asked");
  assert_ok(answer(second, "a2", &err), &err);
  question_gone("q1");
  expect_state("open");
  expect_talk("q:-;a:-;q:q2;a:a2;");
}

static void answers_of_before_go_by_their_order(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  ask("q1");
  answer_of_before("a1");
  expect_state("open");
  ask("q2");
  answer_of_before("a2");
  question_gone("q1");
  answer_gone("a2");
  expect_state("open");
  assert_ok(answer(ask("q3"), "a3", &err), &err);
  expect_talk("q:-;a:a1;q:q2;a:-;q:q3;a:a3;");
}

/* It would stand in the queue again. */
static void a_withdrawal_takes_its_proposal_along(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct row_name row = {"proposal_answer", CHUNAN, 0}, with;
  bool found = true;
  assert_ok(answer(ask("q1"), "a1", &err), &err);
  row.id = number_of(&f, "SELECT max(id) FROM proposal_answer /* scan: meant */");
  assert_ok(withhold_with(f.db, &row, &with, &found, &err), &err);
  assert_false(found);
  struct tx tx = begin_as(&f, CHUNAN, "officer");
  assert_ok(done(proposal_withdraw(&tx, made.id, "写错了", &err)), &err);
  row.id = number_of(&f, "SELECT max(id) FROM proposal_answer /* scan: meant */");
  assert_ok(withhold_with(f.db, &row, &with, &found, &err), &err);
  assert_true(found && with.id == made.id);
  assert_string_equal(with.table, "proposal");
}

static bool turn_down(int64_t read, struct err *err)
{
  json_t *fields = json_pack("{ss}", "storage", "rejected");
  const struct verdict in = {
      .branch = CHUNAN, .proposal = made.id, .fields = fields, .rev = 1, .talk = read, .reason = "没有依据"};
  struct tx tx = begin_as(&f, HUB, "curator");
  bool ok = done(review_decide(&tx, &in, NULL, NULL, err));
  json_decref(fields);
  return ok;
}

/* The reviewer had the page open when the branch's answer came, or a colleague's question. */
static void a_decision_is_made_looking_at_all_that_was_said(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  int64_t question = ask("几月的批次？");
  assert_false(turn_down(0, &err));
  assert_string_equal(err.rule, "stale");
  assert_string_equal(err.field, "talk");
  err_clear(&err);
  assert_ok(answer(question, "十月，附预冷单", &err), &err);
  assert_refused(turn_down(1, &err), &err, "stale");
  answer_gone("十月，附预冷单"); /* it keeps its place: who read it has read it */
  question_gone("几月的批次？");
  assert_refused(turn_down(3, &err), &err, "stale");
  assert_ok(turn_down(2, &err), &err);
  assert_refused(turn_down(0, &err), &err, "decided");
}

/* count answers of before that say w1, w2 ..., as a branch that nothing holds back signs them: 1,000 in an
 * entry. */
static void send_answers(int from, int count, const char *kind)
{
  struct err err = ERR_INIT;
  char sql[500];
  snprintf(sql, sizeof sql,
           "WITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
           " INSERT INTO proposal_answer(branch, id, proposal, kind, text, actor, at_ms)"
           " SELECT 330127, (200000 + i / 1000 << 12) + i %% 1000, %lld, '%s', 'w' || i, 'clerk', 1 FROM n",
           from, from + count - 1, (long long)made.id, kind);
  assert_ok(db_exec(f.db, sql, &err), &err);
}

static void each_answer_of_an_entry_is_one(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  ask("q1");
  send_answers(1, 3, "answer");
  int64_t said = said_of(&f, made.id);
  assert_int_equal(said, 4);
  expect_talk("q:q1;a:w1;a:w2;a:w3;");
  assert_refused(turn_down(3, &err), &err, "stale");
  assert_ok(turn_down(4, &err), &err);
}

struct heard {
  int64_t count;
  char last[16];
};

static void hear_many(void *ctx, const struct proposal_said *said)
{
  struct heard *heard = ctx;
  heard->count++;
  snprintf(heard->last, sizeof heard->last, "%s", said->text);
}

static int count_steps(void *ctx)
{
  ++*(int64_t *)ctx;
  return 0;
}

/* What is shown of it, what state it is in, and the press of somebody who had its page open before. */
static int64_t steps_of_answers(void)
{
  struct err err = ERR_INIT;
  struct heard heard = {0};
  int64_t steps = 0;
  sqlite3_progress_handler(db_handle(f.db), 100, count_steps, &steps);
  assert_ok(proposal_talk(f.db, CHUNAN, made.id, hear_many, &heard, &err), &err);
  expect_state("open");
  assert_false(turn_down(0, &err));
  sqlite3_progress_handler(db_handle(f.db), 0, NULL, NULL);
  assert_int_equal(heard.count, 51);
  assert_string_equal(heard.last, "w50");
  assert_string_equal(err.rule, "stale");
  assert_non_null(strstr(err.text, "51 questions and answers stand here"));
  err_clear(&err);
  return steps;
}

static void however_much_is_answered_one_proposal_costs_the_same(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  ask("q1");
  send_answers(1, 100, "answer");
  int64_t few = steps_of_answers();
  send_answers(101, 5000, "answer");
  send_answers(5101, 5000, "withdrawal"); /* behind what is looked at */
  int64_t many = steps_of_answers();
  assert_true(many < few + few / 4);
  assert_ok(turn_down(51, &err), &err);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
  const struct CMUnitTest tests[] = {
      TEST(an_answer_is_to_the_question_that_was_read),
      TEST(two_answers_to_one_question_answer_no_other),
      TEST(a_question_that_is_withheld_keeps_its_place),
      TEST(an_answer_that_is_withheld_keeps_its_place),
      TEST(answers_of_before_go_by_their_order),
      TEST(a_withdrawal_takes_its_proposal_along),
      TEST(a_decision_is_made_looking_at_all_that_was_said),
      TEST(each_answer_of_an_entry_is_one),
      TEST(however_much_is_answered_one_proposal_costs_the_same),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
