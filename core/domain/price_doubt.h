/* price_doubt.h - explained prices: far from the province's median, confirmed by a person of the branch who
 * says why.  Nobody refuses them unread, and none counts unread.
 *
 * Such a price waits from its save on.  The price rule (refusal.h) writes the doubt, which puts it before a
 * person.  A person of the province takes it, and it counts from then on, or turns it down with a reason, and
 * it is a refusal like others.  A branch that corrects or takes the price back ends the doubt itself. */
#ifndef SUNLIT_DOMAIN_PRICE_DOUBT_H
#define SUNLIT_DOMAIN_PRICE_DOUBT_H

#include "core/base/tx.h"

/* Does the price p stand? */
#define PRICE_STANDS "EXISTS(SELECT 1 FROM standing_price z WHERE z.branch = p.branch AND z.id = p.id)"
/* The condition under which it waits; counted_price says the same (schema/08_refused.sql). */
#define PRICE_WAITS                                                                                          \
  "p.outlier = 1 AND p.note <> ''"                                                                           \
  " AND NOT EXISTS(SELECT 1 FROM price_accepted a WHERE a.branch = p.branch AND a.price = p.id)"             \
  " AND " PRICE_STANDS

struct price_doubt {
  uint32_t branch;
  const char *branch_name, *branch_name_en;
  int64_t id; /* of the price */
  const char *no;
  int64_t product;
  const char *product_name, *product_name_en, *unit;
  int64_t price_fen, median_fen, branches; /* median 0: nobody else had a price near that day */
  int observed_date;
  const char *source;
  int64_t qty_milli; /* 0: not said */
  const char *note, *actor;
  int64_t at_ms;
};

/* Hub: one doubt; twice for the same price writes once. */
bool price_doubt_add(struct tx *tx, uint32_t branch, int64_t price, int64_t median_fen, int64_t branches,
                     struct err *err);
/* Those that wait, oldest first, at most 200 of them; *total: all. */
bool price_doubt_list(struct db *db, void (*each)(void *ctx, const struct price_doubt *row), void *ctx,
                      int64_t *total, struct err *err);
/* Hub: a person's answer; a refusal needs the reason, which goes to the branch as it is.  ERR_MISSING
 * "unknown_price", ERR_CONFLICT "decided" when it does not wait.  tx must be for that branch's lane. */
bool price_doubt_answer(struct tx *tx, uint32_t branch, int64_t price, bool accepted, const char *reason,
                        struct err *err);

#endif
