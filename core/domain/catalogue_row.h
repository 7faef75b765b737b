/* catalogue_row.h - one row of a sheet of products beside the product that it names (catalogue_import.h). */
#ifndef SUNLIT_DOMAIN_CATALOGUE_ROW_H
#define SUNLIT_DOMAIN_CATALOGUE_ROW_H

#include "core/domain/catalogue_import.h"

struct catalogue_row {
  int64_t line;
  const char *name; /* of fields, for sorting */
  int64_t code;
  json_t *fields; /* without seasons */
  json_t *open;   /* the window of the file */
  json_t *closed; /* windows added by catalogue_import_closed, else NULL */
  int64_t made;   /* the revision the sheet was made from; 0: it does not say */
  struct catalogue_change there;
};

/* As seasons have it. */
json_t *catalogue_row_window(const char *kind, int64_t start_md, int64_t end_md);
/* The file's window and the closed ones: those given, else those the product has.  A new reference. */
json_t *catalogue_row_seasons(const struct catalogue_row *row, const json_t *before);
/* The product of the row's name and origin as it stands; id 0: none. */
bool catalogue_row_find(struct db *db, const struct catalogue_row *row, struct catalogue_change *there,
                        struct err *err);
/* Fills row->there.  A row that says which revision it was made from changes no other: a fault "stale". */
bool catalogue_row_compare(struct db *db, struct catalogue_row *row, struct check *check, struct err *err);
/* Adds what a new unit empties (item.c), for it stands in the entry too: a row of each half-month, of the
 * product's score what was and what is, and each supplier's minimum order. */
bool catalogue_row_emptied(struct db *db, int64_t product, const json_t *before, const json_t *fields,
                           size_t *bytes, struct err *err);

#endif
