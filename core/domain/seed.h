/* seed.h - what a new province starts from: the divisions and 542 products of Zhejiang, embedded. */
#ifndef SUNLIT_DOMAIN_SEED_H
#define SUNLIT_DOMAIN_SEED_H

#include "core/base/tx.h"
#include "core/domain/catalogue_import.h"

/* First transaction: the divisions and the catalogue row. */
bool seed_divisions(struct tx *tx, struct err *err);
/* Then: the products, to be written with catalogue_import_write. */
bool seed_open(struct catalogue_import **out, struct db *db, struct err *err);

#endif
