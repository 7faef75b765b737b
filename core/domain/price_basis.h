/* price_basis.h - the prices behind a median: those that a price was judged by, whether the rule refused it
 * or a person of the province reads or has read it (refusal.h, price_doubt.h).
 *
 * The same choice as the rule's, made again: of each other branch the counted price nearest in time.  What
 * has been corrected, taken back or entered since makes a difference, so the median as it was told stands
 * beside the one of now. */
#ifndef SUNLIT_DOMAIN_PRICE_BASIS_H
#define SUNLIT_DOMAIN_PRICE_BASIS_H

#include "core/domain/price.h"

struct price_basis {
  int64_t price_fen;
  int64_t median_fen; /* as it was told; 0: nobody else had a price */
  int64_t branches;
  int64_t at_ms;   /* when it was judged */
  int64_t now_fen; /* the median of the prices that are given; 0: none */
  int64_t now_branches;
};

/* Cheapest first.  ERR_MISSING "unknown_price" for one that nobody judged. */
bool price_basis(struct db *db, uint32_t branch, int64_t id,
                 void (*each)(void *ctx, const struct price_row *row), void *ctx, struct price_basis *out,
                 struct err *err);

#endif
