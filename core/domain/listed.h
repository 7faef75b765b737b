/* listed.h - may a branch say something new about this product?
 *
 * One rule at every door, whoever asks: what the province has taken off its list gets no new price, rating or
 * confirmation, and is refused as "delisted" with its name.  A rating that stands can still be corrected,
 * since a delivery does not become untrue; a wrong price is taken back.  It is the branch's own rule, held
 * against the catalogue it has: what it recorded before it heard of the delisting stays, and the province
 * takes it. */
#ifndef SUNLIT_DOMAIN_LISTED_H
#define SUNLIT_DOMAIN_LISTED_H

#include "core/base/db.h"
#include "core/domain/faults.h"

struct listed {
  bool found, active;
  char name[200], unit[40];
};

bool listed_look(struct db *db, int64_t product, struct listed *out, struct err *err);
/* "unknown_product" or "delisted" of the field product; corrects: a record that stands, which may. */
void listed_check(struct check *check, int64_t product, const struct listed *listed, bool corrects);

#endif
