/* proposal_talk.h - what is said about a proposal before it is decided: the province asks, the branch answers
 * or withdraws.
 *
 * A proposal with a question that has no answer waits for its branch and stands in no queue; the answer
 * brings it back.  A withdrawal ends it; a decision that was made before the withdrawal came stands, and both
 * are seen.
 *
 * A question is known by its place in what the province wrote for the branch (id_seq of its row), and an
 * answer names it.  An answer of a program of before names none: it answers the first question that nobody
 * named.  What was withheld by law keeps its place: its row is gone, the act (sync/withholding.h) has stream
 * and place, and as its subject the proposal's number, which the record of each question and answer bears.
 *
 * A branch may sign as many answers as it likes: of one proposal the first ANSWERS_COUNTED are looked at, in
 * the order they were signed in, and what is behind them neither shows nor changes anything. */
#ifndef SUNLIT_DOMAIN_PROPOSAL_TALK_H
#define SUNLIT_DOMAIN_PROPOSAL_TALK_H

#include "core/base/tx.h"

/* The place of the entry that a row came with. */
#define PLACE_OF(id) "((" id " >> 12) & 268435455)"
/* Is the act w over a question about the proposal p, over an answer to one? */
#define QUESTION_GONE "w.author = p.branch / 10000 * 10000 AND w.lane = p.branch AND w.subject = p.no"
#define ANSWER_GONE "w.author = p.branch AND w.lane = 0 AND w.subject = p.no"

#define ANSWERS_COUNTED "50"
/* Is the answer x one to the proposal p that is looked at? */
#define ANSWER_COUNTS                                                                                        \
  "x.branch = p.branch AND x.id IN (SELECT id FROM proposal_answer WHERE branch = p.branch AND"              \
  " proposal = p.id ORDER BY id LIMIT " ANSWERS_COUNTED ")"

/* The state of the proposal p as a word. */
#define PROPOSAL_STATE                                                                                       \
  "CASE WHEN EXISTS(SELECT 1 FROM decision x WHERE x.branch = p.branch AND x.proposal = p.id) THEN"          \
  " 'decided' ELSE (SELECT CASE WHEN max(x.kind = 'withdrawal') THEN 'withdrawn' WHEN (SELECT count(*)"      \
  " FROM proposal_question x WHERE x.branch = p.branch AND x.proposal = p.id) + (SELECT count(DISTINCT"      \
  " w.seq) FROM withholding w WHERE " QUESTION_GONE ") > count(DISTINCT coalesce(x.question, -x.id)) +"      \
  " (SELECT count(DISTINCT w.seq) FROM withholding w WHERE " ANSWER_GONE ") THEN 'asked' ELSE 'open' END"    \
  " FROM proposal_answer x WHERE " ANSWER_COUNTS ") END"

struct proposal_said {
  bool by_province;
  const char *kind; /* question answer withdrawal */
  const char *text, *actor;
  int64_t at_ms;    /* 0: withheld by law, and so are text and actor */
  int64_t question; /* its place, or that of the one it answers; 0: none */
};

/* Each question, and behind it what answers it. */
bool proposal_talk(struct db *db, uint32_t branch, int64_t proposal,
                   void (*each)(void *ctx, const struct proposal_said *said), void *ctx, struct err *err);
/* How many of them: who decides has read so many. */
bool proposal_said_count(struct db *db, uint32_t branch, int64_t proposal, int64_t *count, struct err *err);
/* The question that waits for the branch; 0: none does. */
bool proposal_waiting(struct db *db, uint32_t branch, int64_t proposal, int64_t *question, struct err *err);
/* Hub: a question.  ERR_CONFLICT "decided", "withdrawn" or, while another waits, "asked_already".  tx must be
 * for that branch's lane. */
bool proposal_ask(struct tx *tx, uint32_t branch, int64_t proposal, const char *text, struct err *err);
/* Branch: the answer to a question ("nothing_asked" when none waits, "other_question" when that is another
 * one), or the end of the proposal, by whoever made it, an officer or an administrator (ERR_DENIED
 * "not_yours"). */
bool proposal_answer(struct tx *tx, int64_t proposal, int64_t question, const char *text, struct err *err);
bool proposal_withdraw(struct tx *tx, int64_t proposal, const char *reason, struct err *err);

/* A value that the reviewer mended. */
struct proposal_mend {
  const char *field, *before, *after; /* JSON */
};
bool proposal_mends(struct db *db, uint32_t branch, int64_t proposal,
                    void (*each)(void *ctx, const struct proposal_mend *mend), void *ctx, struct err *err);

#endif
