/* price_rule.h - the province's rule of prices: what is far from all others' is refused, or, when its branch
 * explained it, put before a person (price_doubt.h).
 *
 * Found on a reading connection, once an evaluation, and acted on in pieces: each price is looked at again
 * where it is written, for its branch may have corrected it meanwhile.  What one branch sends costs in
 * proportion (report/price_rule.sql, price_explained.sql). */
#ifndef SUNLIT_DOMAIN_PRICE_RULE_H
#define SUNLIT_DOMAIN_PRICE_RULE_H

#include "core/domain/price.h"

enum {
  PRICE_RULE_DAYS = 90,    /* it looks at the prices of so many days */
  PRICE_RULE_CHUNK = 2000, /* one transaction has so many ids, and one entry speaks of them */
  PRICE_RULE_BRANCH = 16 * PRICE_RULE_CHUNK, /* of one branch at once; the next evaluation goes on */
  /* So many explained ones, each of a day of its own perhaps: a median each. */
  PRICE_RULE_DOUBTS = PRICE_RULE_CHUNK,
  /* Others' prices of so many days before and after today are beside an explained one: all that a person may
   * enter today, and what is near to those. */
  PRICE_DOUBT_DAYS = PRICE_AGE_DAYS_MAX + PRICE_OUTLIER_DAYS
};
/* What becomes of a price that the rule finds: two acts, so two entries of the log. */
enum price_rule_act { PRICE_RULE_REFUSE, PRICE_RULE_DOUBT, PRICE_RULE_ACTS };

struct price_rule_row {
  uint32_t branch;
  enum price_rule_act act;
  int64_t id, price_fen;        /* 0: explained, and not asked */
  int64_t median_fen, branches; /* of the other branches around that day; 0: there are none */
};
/* By act and branch. */
struct price_rule_rows {
  struct price_rule_row *list;
  size_t count, room;
  bool more; /* some branch has more than is found at once */
};

/* Hub: all that the rule finds today.  Free it, however it ends. */
bool price_rule_find(struct db *db, int today, struct price_rule_rows *out, struct err *err)
    __attribute__((warn_unused_result));
void price_rule_free(struct price_rule_rows *rows);
/* Hub: acts on one branch's, all by the same act, PRICE_RULE_CHUNK at most; tx must be for that branch's
 * lane.  *written: how many it still was to be done of. */
bool price_rule_apply(struct tx *tx, const struct price_rule_row *rows, size_t count, int *written,
                      struct err *err) __attribute__((warn_unused_result));

#endif
