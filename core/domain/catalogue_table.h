/* catalogue_table.h - a sheet of products as people fill it in: its columns, and what a row of its cells
 * says.
 *
 * Columns are found by what people call them, in any order, below a heading among the first rows
 * (catalogue_import.h has them).  A fault names the row, the column as the file calls it, and what stands in
 * the cell.  Nothing here knows the other rows or what is written. */
#ifndef SUNLIT_DOMAIN_CATALOGUE_TABLE_H
#define SUNLIT_DOMAIN_CATALOGUE_TABLE_H

#include "core/base/grid.h"
#include "core/domain/catalogue_row.h"
#include "core/domain/form.h"

struct catalogue_table {
  struct grid grid;
  size_t heading;            /* its row */
  int at[CATALOGUE_COLUMNS]; /* column of the grid, -1 where it is missing */
};

/* Wipe it after a success. */
bool catalogue_table_open(struct catalogue_table *table, const void *bytes, size_t n, struct err *err);
void catalogue_table_wipe(struct catalogue_table *table);
/* Where each known column stands; what is missing, unknown or there twice is a fault of the heading. */
void catalogue_table_columns(struct catalogue_table *table, struct check *check);
/* Every cell of the row can be read and be seen by whoever sends it; else its faults. */
bool catalogue_table_readable(const struct catalogue_table *table, size_t row, struct check *check);
/* The row as fields that keep the rules of items; what does not is a fault.  False with err: the database. */
bool catalogue_table_row(struct db *db, const struct catalogue_table *table, size_t i,
                         struct catalogue_row *row, struct check *check, struct err *err);
/* What stands in the cell of each fault from `from` on, and its column as the file calls it; one that the
 * file has not, as the template does. */
void catalogue_table_show(const struct catalogue_table *table, struct faults *faults, size_t from);
/* Digits and nothing else, 15 at most. */
bool catalogue_table_number(const char *text, int64_t *out);

#endif
