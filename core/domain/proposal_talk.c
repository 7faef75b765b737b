#include "core/domain/proposal_talk.h"

#include "core/domain/form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool proposal_talk(struct db *db, uint32_t branch, int64_t proposal,
                   void (*each)(void *ctx, const struct proposal_said *said), void *ctx, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT 1, 'question', text, actor, at_ms AS at FROM proposal_question WHERE branch = ?1 AND proposal "
      "= ?2"
      " UNION ALL SELECT 0, kind, text, actor, at_ms FROM proposal_answer WHERE branch = ?1 AND proposal = ?2"
      " ORDER BY at",
      err);
  query_int(&q, 1, branch);
  query_int(&q, 2, proposal);
  while (query_row(&q)) {
    struct proposal_said said = {.by_province = column_int(&q, 0) != 0,
                                 .kind = column_text(&q, 1),
                                 .text = column_text(&q, 2),
                                 .actor = column_text(&q, 3),
                                 .at_ms = column_int(&q, 4)};
    each(ctx, &said);
  }
  return query_close(&q);
}

static bool read_state(struct tx *tx, uint32_t branch, int64_t proposal, char state[16], struct err *err)
{
  struct query q = query_open(
      tx->db, "SELECT p.no, " PROPOSAL_STATE " FROM proposal p WHERE p.branch = ?1 AND p.id = ?2", err);
  query_int(&q, 1, branch);
  query_int(&q, 2, proposal);
  bool found = query_row(&q);
  if (found) {
    form_subject(tx, column_text(&q, 0));
    snprintf(state, 16, "%s", column_text(&q, 1));
  }
  if (!query_close(&q)) return false;
  return found || err_rule(err, ERR_MISSING, "id", "unknown_proposal",
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
  char state[16];
  int64_t id;
  form_text(&check, "text", text, 2, 400);
  if (check.bad || !read_state(tx, branch, proposal, state, err) || !still_open(state, err)) return false;
  if (strcmp(state, "asked") == 0)
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

static bool say(struct tx *tx, int64_t proposal, const char *kind, const char *text, struct err *err)
{
  int64_t id;
  if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
  struct query q = query_open(tx->db,
                              "INSERT INTO proposal_answer(branch, id, proposal, kind, text, actor, at_ms)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                              err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  query_int(&q, 3, proposal);
  query_text(&q, 4, kind);
  query_text(&q, 5, text);
  query_text(&q, 6, tx->actor);
  query_int(&q, 7, tx->now_ms);
  return query_run(&q);
}

bool proposal_answer(struct tx *tx, int64_t proposal, const char *text, struct err *err)
{
  struct check check = {.err = err};
  char state[16];
  form_text(&check, "text", text, 2, 400);
  if (check.bad || !read_state(tx, tx->author, proposal, state, err) || !still_open(state, err)) return false;
  if (strcmp(state, "asked") != 0)
    return err_rule(err, ERR_CONFLICT, "id", "nothing_asked", "no question about the proposal waits");
  return say(tx, proposal, "answer", text, err);
}

bool proposal_withdraw(struct tx *tx, int64_t proposal, const char *reason, struct err *err)
{
  struct check check = {.err = err};
  char state[16];
  form_text(&check, "text", reason, 2, 400);
  if (check.bad || !read_state(tx, tx->author, proposal, state, err) || !still_open(state, err) ||
      !check_owner(tx, proposal, err))
    return false;
  return say(tx, proposal, "withdrawal", reason, err);
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
