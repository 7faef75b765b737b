/* proposal.h - what a branch wishes changed in the shared catalogue, and the province's decision on it.
 *
 * kind new_product, new_supplier: patch is the whole item.  correction: patch holds the fields that should
 * change, base what the branch saw of them at base_rev.  delisting: patch is {"status": "delisted"} and the
 * reason says why.  Fields are those of item.h; a field that equals today's value is refused ("unchanged").
 */
#ifndef SUNLIT_DOMAIN_PROPOSAL_H
#define SUNLIT_DOMAIN_PROPOSAL_H

#include "core/base/json.h"
#include "core/domain/price.h"

struct proposal_new {
  const char *kind;
  const char *target_kind; /* "product" (also when NULL) or "supplier" */
  int64_t target;          /* 0 for something new */
  int64_t base_rev;        /* the revision the proposer looked at; stale is ERR_CONFLICT "stale" */
  const json_t *patch;     /* may be NULL for a delisting */
  const char *reason;
};

bool proposal_add(struct tx *tx, const struct proposal_new *in, struct written *out, struct faults *faults,
                  struct err *err);

struct proposal_row {
  uint32_t branch;
  const char *branch_name, *branch_name_en;
  int64_t id;
  const char *no, *kind, *target_kind;
  int64_t target;
  const char *target_name; /* today's name, or the proposed one of something new */
  const char *target_name_en;
  int64_t base_rev, now_rev;
  const char *base, *patch; /* JSON objects */
  const char *reason, *actor;
  int64_t at_ms;
  /* The decision; verdict "" while it is open. */
  const char *verdict, *fields, *decision_reason, *decided_by;
  int64_t decision_id, decided_ms, created;
  const char *state; /* open asked withdrawn decided (proposal_talk.h) */
};

enum proposal_state {
  PROPOSAL_ANY,
  PROPOSAL_OPEN,
  PROPOSAL_DECIDED, /* all that are not open */
  PROPOSAL_ASKED,   /* a question waits for the branch */
  PROPOSAL_REPLIED  /* of one branch: the province decided, its newest decision first */
};

enum proposal_order { PROPOSALS_USUAL, PROPOSALS_NEWEST, PROPOSALS_OLDEST };

struct proposal_filter {
  uint32_t branch; /* 0: all */
  enum proposal_order order;
  int64_t from_ms, to_ms; /* 0: open; to_ms not included */
  enum proposal_state state;
  const char *text;  /* NULL: all; part of a name, a number or a reason, or an account */
  const char *kind;  /* NULL: all */
  const char *actor; /* NULL: all; whoever made it */
  struct page page;
};
enum {
  PROPOSALS_COUNTED = 1000,    /* a figure of what waits goes no further */
  PROPOSALS_COUNTED_IN = 10000 /* and looks at so many of a branch, the newest */
};
/* As usual: newest first, except PROPOSAL_OPEN of all branches: oldest first, as a queue is worked off.  Of
 * all branches what came first is the oldest: at_ms is what the clock of a branch said, and no branch stands
 * before the others by its clock.  The connection says what came first: it knows the SQL function
 * came(branch, id), of one branch rising with its rows.  *total: of all branches no more than
 * PROPOSALS_COUNTED. */
bool proposal_list(struct db *db, const struct proposal_filter *filter,
                   void (*each)(void *ctx, const struct proposal_row *row), void *ctx, int64_t *total,
                   struct err *err);
/* How many are open in all, PROPOSALS_COUNTED at most: everybody's page asks for it, so one branch that made
 * a million is looked at no longer than another. */
bool proposal_count_open(struct db *db, int64_t *count, struct err *err);
bool proposal_get(struct db *db, uint32_t branch, int64_t id,
                  void (*each)(void *ctx, const struct proposal_row *row), void *ctx, struct err *err);

#endif
