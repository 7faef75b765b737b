/* confirmation.h - a county's word that a product's seasons and storage are as the catalogue says.
 * Until one counts, or a curator confirms, pages mark the product as to be confirmed.  It counts for the
 * revision that was looked at, until the province changes seasons or storage or takes the confirmation back;
 * then the county may look and confirm again. */
#ifndef SUNLIT_DOMAIN_CONFIRMATION_H
#define SUNLIT_DOMAIN_CONFIRMATION_H

#include "core/base/tx.h"

/* rev: of the product, as it was looked at.  ERR_CONFLICT "stale" when that is not what it says now;
 * "already_confirmed" while a confirmation of this branch counts. */
bool confirmation_add(struct tx *tx, int64_t product, int64_t rev, const char *note, int64_t *id,
                      struct err *err);

/* Who stands for the product: the province, the first county whose confirmation counts, or 0. */
bool confirmation_by(struct db *db, int64_t product, uint32_t *by, struct err *err);

/* Hub: marks up to max products as confirmed for everybody because a county confirmed them. */
bool confirmation_publish(struct tx *tx, int max, int *published, struct err *err);

#endif
