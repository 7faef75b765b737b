#include "core/domain/proposal_talk.h"

#include "core/domain/form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* q: the questions; a: the answers, one row each (one entry may hold several); a withheld one has no id of
 * its own. */
#define TALK                                                                                                 \
  "WITH q(seq, text, actor, at_ms) AS (SELECT " PLACE_OF(                                                    \
      "id") ", text, actor, at_ms FROM proposal_question"                                                    \
            " WHERE branch = ?1 AND proposal = ?2"                                                           \
            " UNION ALL SELECT DISTINCT w.seq, '', '', 0 FROM proposal p JOIN withholding w "                \
            "ON " QUESTION_GONE " WHERE p.branch = ?1 AND p.id = ?2),"                                       \
            " a(seq, id, kind, text, actor, at_ms, question) AS (SELECT " PLACE_OF(                          \
                "x.id") ", x.id, x.kind, x.text,"                                                            \
                        " x.actor, x.at_ms, x.question FROM proposal p JOIN proposal_answer x "              \
                        "ON " ANSWER_COUNTS " WHERE p.branch = ?1 AND p.id = ?2"                             \
                        " UNION ALL SELECT DISTINCT w.seq, -w.seq, 'answer', '', '', 0, NULL FROM proposal " \
                        "p JOIN withholding w"                                                               \
                        " ON " ANSWER_GONE " WHERE p.branch = ?1 AND p.id = ?2"                              \
                        " ORDER BY 1, 2 LIMIT " ANSWERS_COUNTED ")"

/* The answers that name no question, in order, go to the questions that nobody names, in order.  What is left
 * over, and a withdrawal, stands last. */
static const char talk_sql[] =
    TALK ", free(seq, n) AS (SELECT seq, row_number() OVER (ORDER BY seq) FROM q WHERE seq NOT IN"
         " (SELECT question FROM a WHERE question IS NOT NULL)),"
         " fill(id, n) AS (SELECT id, row_number() OVER (ORDER BY seq, id) FROM a WHERE question IS NULL"
         " AND kind = 'answer')"
         " SELECT 1, 'question', text, actor, at_ms, seq AS of, 0 AS part, seq AS place, 0 AS row FROM q"
         " UNION ALL SELECT 0, a.kind, a.text, a.actor, a.at_ms, coalesce(a.question, free.seq), 1, a.seq,"
         " a.id FROM a LEFT JOIN fill ON fill.id = a.id LEFT JOIN free ON free.n = fill.n"
         " ORDER BY of NULLS LAST, part, place, row /* scan: meant, what is said about one proposal */";

bool proposal_talk(struct db *db, uint32_t branch, int64_t proposal,
                   void (*each)(void *ctx, const struct proposal_said *said), void *ctx, struct err *err)
{
  struct query q = query_open(db, talk_sql, err);
  query_int(&q, 1, branch);
  query_int(&q, 2, proposal);
  while (query_row(&q)) {
    struct proposal_said said = {.by_province = column_int(&q, 0) != 0,
                                 .kind = column_text(&q, 1),
                                 .text = column_text(&q, 2),
                                 .actor = column_text(&q, 3),
                                 .at_ms = column_int(&q, 4),
                                 .question = column_int(&q, 5)};
    each(ctx, &said);
  }
  return query_close(&q);
}

bool proposal_said_count(struct db *db, uint32_t branch, int64_t proposal, int64_t *count, struct err *err)
{
  struct query q = query_open(db,
                              TALK " SELECT (SELECT count(*) FROM q) + (SELECT count(*) FROM a)"
                                   " /* scan: meant, what is said about one proposal */",
                              err);
  query_int(&q, 1, branch);
  query_int(&q, 2, proposal);
  *count = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

struct stands {
  char no[41], state[16];
  int64_t question; /* the newest; 0: none */
  bool found;
};

static bool look(struct db *db, uint32_t branch, int64_t proposal, struct stands *out, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT p.no, " PROPOSAL_STATE ", max(coalesce((SELECT max(" PLACE_OF(
                     "x.id") ")"
                             " FROM proposal_question x WHERE x.branch = p.branch AND x.proposal = p.id), 0),"
                             " coalesce((SELECT max(w.seq) FROM withholding w WHERE " QUESTION_GONE "), 0))"
                             " FROM proposal p WHERE p.branch = ?1 AND p.id = ?2",
                 err);
  query_int(&q, 1, branch);
  query_int(&q, 2, proposal);
  *out = (struct stands){.found = query_row(&q)};
  if (out->found) {
    snprintf(out->no, sizeof out->no, "%.40s", column_text(&q, 0));
    snprintf(out->state, sizeof out->state, "%.15s", column_text(&q, 1));
    out->question = column_int(&q, 2);
  }
  return query_close(&q);
}

bool proposal_waiting(struct db *db, uint32_t branch, int64_t proposal, int64_t *question, struct err *err)
{
  struct stands now;
  if (!look(db, branch, proposal, &now, err)) return false;
  *question = strcmp(now.state, "asked") == 0 ? now.question : 0;
  return true;
}

static bool read_state(struct tx *tx, uint32_t branch, int64_t proposal, struct stands *out, struct err *err)
{
  if (!look(tx->db, branch, proposal, out, err)) return false;
  if (out->found) form_subject(tx, out->no);
  return out->found || err_rule(err, ERR_MISSING, "id", "unknown_proposal",
                                "there is no proposal %" PRId64 " of %u", proposal, branch);
}

static bool check_owner(struct tx *tx, int64_t proposal, struct err *err)
{
  char made_by[65] = "";
  struct query q = query_open(tx->db, "SELECT actor FROM proposal WHERE branch = ?1 AND id = ?2", err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, proposal);
  if (query_row(&q)) snprintf(made_by, sizeof made_by, "%.64s", column_text(&q, 0));
  if (!query_close(&q)) return false;
  return form_may_change(tx, made_by) ||
         err_rule(err, ERR_DENIED, "id", "not_yours",
                  "the proposal was made by %s: they, an officer or an administrator can withdraw it",
                  made_by);
}

/* Nothing is said about what is over. */
static bool still_open(const char *state, struct err *err)
{
  if (strcmp(state, "decided") == 0)
    return err_rule(err, ERR_CONFLICT, "id", "decided", "the proposal has been decided");
  if (strcmp(state, "withdrawn") == 0)
    return err_rule(err, ERR_CONFLICT, "id", "withdrawn", "the branch has withdrawn the proposal");
  return true;
}

bool proposal_ask(struct tx *tx, uint32_t branch, int64_t proposal, const char *text, struct err *err)
{
  struct check check = {.err = err};
  struct stands now;
  int64_t id;
  form_text(&check, "text", text, 2, 400);
  if (check.bad || !read_state(tx, branch, proposal, &now, err) || !still_open(now.state, err)) return false;
  if (strcmp(now.state, "asked") == 0)
    return err_rule(err, ERR_CONFLICT, "id", "asked_already", "a question waits for the branch already");
  if (!tx_id(tx, SCOPE_DIRECTED, &id, err)) return false;
  struct query q = query_open(tx->db,
                              "INSERT INTO proposal_question(branch, id, proposal, text, actor, at_ms)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                              err);
  query_int(&q, 1, branch);
  query_int(&q, 2, id);
  query_int(&q, 3, proposal);
  query_text(&q, 4, text);
  query_text(&q, 5, tx->actor);
  query_int(&q, 6, tx->now_ms);
  return query_run(&q);
}

/* question: the one that is answered; 0: none. */
static bool say(struct tx *tx, int64_t proposal, const char *kind, const char *text, int64_t question,
                struct err *err)
{
  int64_t id;
  if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
  struct query q = query_open(tx->db,
                              "INSERT INTO proposal_answer(branch, id, proposal, kind, text, actor, at_ms,"
                              " question) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, 0))",
                              err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  query_int(&q, 3, proposal);
  query_text(&q, 4, kind);
  query_text(&q, 5, text);
  query_text(&q, 6, tx->actor);
  query_int(&q, 7, tx->now_ms);
  query_int(&q, 8, question);
  return query_run(&q);
}

bool proposal_answer(struct tx *tx, int64_t proposal, int64_t question, const char *text, struct err *err)
{
  struct check check = {.err = err};
  struct stands now;
  form_text(&check, "text", text, 2, 400);
  if (check.bad || !read_state(tx, tx->author, proposal, &now, err) || !still_open(now.state, err))
    return false;
  if (strcmp(now.state, "asked") != 0)
    return err_rule(err, ERR_CONFLICT, "id", "nothing_asked", "no question about the proposal waits");
  if (now.question != question)
    return err_rule(err, ERR_CONFLICT, "question", "other_question",
                    "question %" PRId64 " waits for the branch, not %" PRId64, now.question, question);
  return say(tx, proposal, "answer", text, question, err);
}

bool proposal_withdraw(struct tx *tx, int64_t proposal, const char *reason, struct err *err)
{
  struct check check = {.err = err};
  struct stands now;
  form_text(&check, "text", reason, 2, 400);
  if (check.bad || !read_state(tx, tx->author, proposal, &now, err) || !still_open(now.state, err) ||
      !check_owner(tx, proposal, err))
    return false;
  return say(tx, proposal, "withdrawal", reason, 0, err);
}

bool proposal_mends(struct db *db, uint32_t branch, int64_t proposal,
                    void (*each)(void *ctx, const struct proposal_mend *mend), void *ctx, struct err *err)
{
  struct query q = query_open(
      db, "SELECT field, before, after FROM decision_mend WHERE branch = ?1 AND proposal = ?2 ORDER BY id",
      err);
  query_int(&q, 1, branch);
  query_int(&q, 2, proposal);
  while (query_row(&q)) {
    struct proposal_mend mend = {
        .field = column_text(&q, 0), .before = column_text(&q, 1), .after = column_text(&q, 2)};
    each(ctx, &mend);
  }
  return query_close(&q);
}
