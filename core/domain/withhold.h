/* withhold.h - who asked that a record be withheld by law, under which rule, and what was answered.
 *
 * Two people: one asks, another answers.  Both are rows of the province's own, in the log like everything.
 * What the answer then does to the record is not the domain's business (sync/withholding.h); what else must
 * go with a row is: a price that was replaced, a proposal that was decided or withdrawn or a record that was
 * refused would stand again as if nothing had happened when the row that did so went alone. */
#ifndef SUNLIT_DOMAIN_WITHHOLD_H
#define SUNLIT_DOMAIN_WITHHOLD_H

#include "core/base/tx.h"

/* The laws one may name, ended by NULL; describe_rule has their titles. */
extern const char *const withhold_rules[];

struct withhold_request {
  int64_t id;
  uint32_t author, lane;
  uint64_t seq;
  const char *rule, *reason, *actor;
  int64_t at_ms;
  const char *verdict; /* "" while it is open, "withheld", "declined" */
  const char *answer_reason, *answer_actor;
  int64_t answer_ms;
};

/* From `in` come author, lane, seq, rule and reason.  ERR_CONFLICT rule "asked" while one is open. */
bool withhold_ask(struct tx *tx, const struct withhold_request *in, int64_t *id, struct err *err);
/* verdict "withheld" or "declined", the latter with a reason.  ERR_CONFLICT rule "answered", ERR_DENIED rule
 * "two_persons" when the one who asked would withhold, or when one of the two accounts is in the hand of the
 * other (docs/decisions/0254); to decline is to withdraw it, which they may. */
bool withhold_reply(struct tx *tx, int64_t request, const char *verdict, const char *reason, struct err *err);
/* Whether who->actor would be taken as the second person for this request, now; nothing is written. */
bool withhold_second(struct tx *who, const struct withhold_request *row, bool *is, struct err *err);

typedef void withhold_each(void *ctx, const struct withhold_request *row);
/* ERR_MISSING rule "unknown_request". */
bool withhold_get(struct db *db, int64_t request, withhold_each *each, void *ctx, struct err *err);
/* Newest first: those about one entry; seq 0: all, the open ones alone when open_only. */
bool withhold_list(struct db *db, uint32_t author, uint32_t lane, uint64_t seq, bool open_only,
                   withhold_each *each, void *ctx, struct err *err);

/* The row that would stand again if this one went; *found false: none. */
struct row_name {
  char table[65];
  uint32_t branch;
  int64_t id;
};
bool withhold_with(struct db *db, const struct row_name *row, struct row_name *out, bool *found,
                   struct err *err);
/* What is decided by it, if it is one of the province's rows that something is decided by: who is one person
 * and who two, or what a province that lost its disk takes for right.  Those stay (docs/decisions/0293). */
enum withhold_base { WITHHOLD_BASE_NONE, WITHHOLD_BASE_PERSONS, WITHHOLD_BASE_REBUILDING };
bool withhold_built_on(struct db *db, const struct row_name *row, enum withhold_base *base, struct err *err);
/* The number people know a row by; "" without one. */
bool withhold_number(struct db *db, const struct row_name *row, char *no, size_t size, struct err *err);

#endif
