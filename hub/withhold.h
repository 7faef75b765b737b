/* withhold.h - which entries go together when one is withheld, and withholding them.
 *
 * Here the two halves meet: the domain knows which rows would stand again (core/domain/withhold.h), sync
 * which entries can go and how (sync/withholding.h).  Two people decide: whoever asked never carries it out.
 */
#ifndef SUNLIT_HUB_WITHHOLD_H
#define SUNLIT_HUB_WITHHOLD_H

#include "core/base/tx.h"

enum { WITHHOLD_TOGETHER_MAX = 64 };

struct withhold_set {
  struct {
    int64_t pos;
    char no[41]; /* the highest number of its rows; "" without one */
  } entries[WITHHOLD_TOGETHER_MAX];
  size_t count;
  size_t rows; /* of all of them */
};

/* The entry at pos first, then what would stand again without it.  Refuses as withholding_allowed does when
 * one of them cannot go, and with ERR_LIMIT rule "withhold_together" when they are more. */
bool withhold_collect(struct db *db, int64_t pos, struct withhold_set *out, struct err *err);

/* What a person had before the eyes who answers: which request, and the entries that go along, in order. */
struct withhold_seen {
  int64_t request;
  int64_t with[WITHHOLD_TOGETHER_MAX];
  size_t count;
};

/* The request that was seen is the open one about the entry at pos.  ERR_CONFLICT "not_asked", or
 * "other_request" when it was answered and asked for anew. */
bool withhold_same_request(struct db *db, int64_t pos, int64_t seen, struct err *err);
/* Answers that request with yes and withholds the entry and what goes with it; "other_with" when that is not
 * what was seen. */
bool withhold_carry_out(struct tx *tx, int64_t pos, const struct withhold_seen *seen, struct err *err);

/* What the entries of an act say they are about: the record's number, or its place. */
bool withhold_subject(struct tx *tx, const struct withhold_set *set, struct err *err);

#endif
