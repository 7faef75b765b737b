/* sheet_names.h - what the products and suppliers of a branch are called, folded once for a sheet of prices.
 *
 * A sheet asks for up to PRICE_SHEET_ROWS_MAX names, and a catalogue of 20,000 products has more than
 * 150,000: they are folded once and sorted, so that a row costs a search and not all of them.  However many
 * products share a name, a row looks at their origins by number only.
 *
 * The names of suppliers and of products off the list come over a read connection, which is given back before
 * anything is folded of the catalogue's.  OWNERSHIP: the catalogue is borrowed until closed; all texts asked
 * for are folded (typed_fold).  THREADS: the caller's. */
#ifndef SUNLIT_NODE_SHEET_NAMES_H
#define SUNLIT_NODE_SHEET_NAMES_H

#include "core/base/readers.h"
#include "core/domain/catalogue.h"

enum { SHEET_NAME_SIZE = 160 }; /* of a folded name; what is longer is compared as far as that */

struct sheet_names;
bool sheet_names_open(struct sheet_names **out, struct readers *readers, const struct catalogue *catalogue,
                      struct err *err);
void sheet_names_close(struct sheet_names *names); /* NULL is fine */

/* How many products have that name or, when none has, that other name, and come from there ("": anywhere); 2
 * stands for more.  *item is the one. */
int sheet_names_product(struct sheet_names *names, const char *name, const char *origin,
                        const struct catalogue_item **item);
/* Is it the product's name, or another that it has? */
bool sheet_names_fits(const struct sheet_names *names, const struct catalogue_item *item, const char *name);
/* Is a product of that number, or of that name when it is 0, off the list? */
bool sheet_names_gone(const struct sheet_names *names, int64_t number, const char *name);
/* How many suppliers have that name or code; 2 stands for more.  *id is the one. */
int sheet_names_supplier(const struct sheet_names *names, const char *name, int64_t *id);

/* "淳安" is 淳安县, and 淳安县支行 too; place is as the divisions are called. */
bool sheet_same_place(const char *typed, const char *place);

#endif
