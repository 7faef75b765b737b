/* price_sheet.h - a sheet of prices as branches fill it in: its columns, and how its cells become prices.
 *
 * Columns are found by their heading (Chinese, or the field's name) in any order.  Reading goes over every
 * row and gathers every fault; nothing is written here.  A product is named by its number or, where that cell
 * is empty, by its name if only one product has it.
 * OWNERSHIP: rows borrow their notes from the grid. */
#ifndef SUNLIT_NODE_PRICE_SHEET_H
#define SUNLIT_NODE_PRICE_SHEET_H

#include "core/base/grid.h"
#include "core/domain/catalogue.h"
#include "core/domain/price.h"

enum { PRICE_SHEET_ROWS_MAX = 1500 }; /* what surely fits one entry, so that a sheet is all or nothing */

enum price_column {
  PRICE_COLUMN_ID,
  PRICE_COLUMN_NAME,
  PRICE_COLUMN_UNIT,
  PRICE_COLUMN_PRICE,
  PRICE_COLUMN_QTY,
  PRICE_COLUMN_SOURCE,
  PRICE_COLUMN_DATE,
  PRICE_COLUMN_SUPPLIER,
  PRICE_COLUMN_NOTE,
  PRICE_COLUMN_CONFIRM,
  PRICE_COLUMNS
};
extern const char *const price_column_titles[PRICE_COLUMNS];
/* In the order settled, quoted, market; ended by NULL. */
extern const char *const price_source_titles[4];

struct price_sheet {
  struct price_new *rows;
  int64_t *lines; /* of each row, as the spreadsheet counts */
  size_t count;
  int at[PRICE_COLUMNS]; /* column of the grid, -1 where it is missing */
};

/* False with err: the sheet is none of ours,
 * or empty, or too long.  True with faults: rows are not as they should be, and count is of the good ones. */
bool price_sheet_read(struct price_sheet *sheet, const struct grid *grid, struct db *db, uint32_t branch,
                      const struct catalogue *catalogue, int today, struct faults *faults, struct err *err);
void price_sheet_wipe(struct price_sheet *sheet);

#endif
