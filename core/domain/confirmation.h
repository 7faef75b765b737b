/* confirmation.h - a county's word that a product's seasons and storage are as the catalogue says.
 * Until one exists, or a curator confirms, pages mark the product as to be confirmed. */
#ifndef SUNLIT_DOMAIN_CONFIRMATION_H
#define SUNLIT_DOMAIN_CONFIRMATION_H

#include "core/base/tx.h"

/* ERR_CONFLICT "already_confirmed" when this branch has confirmed it before. */
bool confirmation_add(struct tx *tx, int64_t product, const char *note, int64_t *id, struct err *err);

/* Hub: marks up to max products as confirmed for everybody because a county confirmed them. */
bool confirmation_publish(struct tx *tx, int max, int *published, struct err *err);

#endif
