/* min_order.h - how much of a product a supplier sells at least, in the unit that the product has.
 *
 * A channel keeps the figure without a unit of its own: under another unit of its product it would be another
 * amount that nobody said.  So a new unit empties it, and whoever decides the unit is told of how many
 * (docs/decisions/0253). */
#ifndef SUNLIT_DOMAIN_MIN_ORDER_H
#define SUNLIT_DOMAIN_MIN_ORDER_H

#include "core/base/tx.h"

/* How many channels of the product name a minimum. */
bool min_order_count(struct db *db, int64_t product, int64_t *count, struct err *err);
/* Empties them, each by a revision of its channel: two rows of the transaction. */
bool min_order_empty(struct tx *tx, int64_t product, struct err *err);

#endif
