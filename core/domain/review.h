/* review.h - the province works through one proposal: base, today and proposed side by side, then a decision.
 *
 * The decision row goes down to the branch that asked; what was accepted becomes a change of the shared item
 * in the same transaction, so nobody ever sees one without the other.  A proposal is decided once.
 *
 * The proposal is what a branch signed.  One that cannot be read (no JSON, unknown fields, about something
 * that is not here) has no fields to decide about and can be turned down as a whole. */
#ifndef SUNLIT_DOMAIN_REVIEW_H
#define SUNLIT_DOMAIN_REVIEW_H

#include "core/base/json.h"
#include "core/base/tx.h"
#include "core/domain/faults.h"

struct review_field {
  const char *field;
  const json_t *base; /* NULL for something new */
  const json_t *now;  /* NULL for something new */
  const json_t *proposed;
  bool stale;             /* now is neither base nor proposed: somebody changed it since */
  bool same;              /* now already is what was proposed */
  const char *changed_by; /* who changed it last since base_rev; "" */
  int64_t changed_rev, changed_ms;
};
struct review {
  int64_t now_rev;
  bool stale;        /* any field is */
  const json_t *now; /* the whole item today; NULL for something new */
  bool decided;
  bool readable; /* false: its fields are none that can be taken, or what it is about is not here */
};

/* Calls head once, then each for every field of the patch. */
bool review_get(struct db *db, uint32_t branch, int64_t id,
                void (*head)(void *ctx, const struct review *review),
                void (*each)(void *ctx, const struct review_field *field), void *ctx, struct err *err);

struct verdict {
  uint32_t branch;
  int64_t proposal;
  const json_t *fields; /* {field: "accepted" | "rejected"}: every field of the patch, no other; {} when it
                           cannot be read */
  const json_t
      *mends;         /* {field: value} taken instead of what was proposed, of accepted fields; may be NULL */
  int64_t rev;        /* the item's revision the reviewer looked at; 0 for something new */
  int64_t talk;       /* how many questions and answers the reviewer has read (proposal_talk.h) */
  const char *reason; /* required when anything is rejected */
};

/* ERR_CONFLICT "stale" when the item moved on or something more was said (field "talk"), "decided" when
 * somebody was faster, "withdrawn" when the branch was, ERR_INPUT when an accepted field no longer passes
 * item_check.  tx must be for the lane of that branch. */
bool review_decide(struct tx *tx, const struct verdict *in, int64_t *decision_id, struct faults *faults,
                   struct err *err);

#endif
