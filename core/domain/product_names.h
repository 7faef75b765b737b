/* product_names.h - the names that products of each origin go by, folded as they are compared: what only a
 * keyboard makes different (width, case, spaces) is the same name.
 *
 * Asking the database reads every name of the origin; whoever has many products to ask about opens the set of
 * all names once. */
#ifndef SUNLIT_DOMAIN_PRODUCT_NAMES_H
#define SUNLIT_DOMAIN_PRODUCT_NAMES_H

#include "core/base/db.h"

/* Is there another product than `self` (0: none) of that name and origin? */
bool product_name_taken(struct db *db, int64_t self, const char *name, int64_t origin, bool *taken,
                        struct err *err);

struct product_names;
/* As they are in the database now. */
bool product_names_open(struct product_names **out, struct db *db, struct err *err);
void product_names_close(struct product_names *names); /* NULL is fine */
bool product_names_has(const struct product_names *names, const char *name, int64_t origin);
bool product_names_add(struct product_names *names, const char *name, int64_t origin, struct err *err);

#endif
