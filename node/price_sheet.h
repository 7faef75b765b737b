/* price_sheet.h - a sheet of prices as branches fill it in: its columns, and how its cells become prices.
 *
 * The heading is looked for in the first rows; columns are found by what people call them, in any order.
 * Reading goes over every row and gathers every fault; nothing is written here.  Whatever stands in the sheet
 * is read, refused with its row, column and value, or told as not read: columns nobody knows, a row of sums,
 * a row without a price in which something else is filled in.  What a row says twice must agree: number and
 * name, the unit (a column, or within a price, a quantity, a heading) and the product's own, the place of
 * origin, the branch.
 *
 * A product is named by its number or, where that cell is empty, by its name or another name it has, if only
 * one product (of that origin, if it is given) has it.  OWNERSHIP: rows borrow their notes from the grid. */
#ifndef SUNLIT_NODE_PRICE_SHEET_H
#define SUNLIT_NODE_PRICE_SHEET_H

#include "core/base/grid.h"
#include "core/base/readers.h"
#include "core/domain/catalogue.h"
#include "core/domain/price.h"
#include "node/price_heading.h"

enum { PRICE_SHEET_ROWS_MAX = 1500 }; /* what surely fits one entry, so that a sheet is all or nothing */

struct price_sheet {
  struct price_new *rows;
  int64_t *lines; /* of each row, as the spreadsheet counts */
  size_t count;
  struct price_heading heading;
  struct faults skipped; /* rows left out, by rule "above", "sum_row" and "no_price" */
};

struct price_sheet_against {
  struct readers *readers; /* of which none is held while names are compared; their patience bounds it all */
  const struct catalogue *catalogue;
  uint32_t branch;
  const char *branch_name;
  int today, today_least; /* as in price_new */
  bool leave_recorded;    /* what is recorded already will not be written: no other row is held against it */
};
/* False with err: the sheet is none of ours, or empty, or too long, or took too long.  True with faults, in
 * the order of rows: some are not as they should be, and count is of the good ones. */
bool price_sheet_read(struct price_sheet *sheet, const struct grid *grid,
                      const struct price_sheet_against *with, struct faults *faults, struct err *err);
void price_sheet_wipe(struct price_sheet *sheet);

#endif
