/* proposal_talk.h - what is said about a proposal before it is decided: the province asks, the branch answers
 * or withdraws.
 *
 * A proposal with a question that has no answer waits for its branch and stands in no queue; the answer
 * brings it back.  A withdrawal ends it; a decision that was made before the withdrawal came stands, and both
 * are seen. */
#ifndef SUNLIT_DOMAIN_PROPOSAL_TALK_H
#define SUNLIT_DOMAIN_PROPOSAL_TALK_H

#include "core/base/tx.h"

/* The state of the proposal p as a word. */
#define PROPOSAL_STATE                                                                                       \
  "CASE WHEN EXISTS(SELECT 1 FROM decision x WHERE x.branch = p.branch AND x.proposal = p.id) THEN"          \
  " 'decided' WHEN EXISTS(SELECT 1 FROM proposal_answer x WHERE x.branch = p.branch AND x.proposal = p.id"   \
  " AND x.kind = 'withdrawal') THEN 'withdrawn' WHEN (SELECT count(*) FROM proposal_question x WHERE"        \
  " x.branch = p.branch AND x.proposal = p.id) > (SELECT count(*) FROM proposal_answer x WHERE"              \
  " x.branch = p.branch AND x.proposal = p.id) THEN 'asked' ELSE 'open' END"

struct proposal_said {
  bool by_province;
  const char *kind; /* question answer withdrawal */
  const char *text, *actor;
  int64_t at_ms;
};

/* In the order in which it was said. */
bool proposal_talk(struct db *db, uint32_t branch, int64_t proposal,
                   void (*each)(void *ctx, const struct proposal_said *said), void *ctx, struct err *err);
/* Hub: a question.  ERR_CONFLICT "decided", "withdrawn" or, while another waits, "asked_already".  tx must be
 * for that branch's lane. */
bool proposal_ask(struct tx *tx, uint32_t branch, int64_t proposal, const char *text, struct err *err);
/* Branch: the answer to a question ("nothing_asked" when none waits), or the end of the proposal, by whoever
 * made it, an officer or an administrator (ERR_DENIED "not_yours"). */
bool proposal_answer(struct tx *tx, int64_t proposal, const char *text, struct err *err);
bool proposal_withdraw(struct tx *tx, int64_t proposal, const char *reason, struct err *err);

/* A value that the reviewer mended. */
struct proposal_mend {
  const char *field, *before, *after; /* JSON */
};
bool proposal_mends(struct db *db, uint32_t branch, int64_t proposal,
                    void (*each)(void *ctx, const struct proposal_mend *mend), void *ctx, struct err *err);

#endif
