/* price_heading.h - the heading of a sheet of prices: which column is which, and the units it names.
 *
 * It is the first row, of the first twenty, with the most columns that are known, by what people call them
 * and in any order.  What else stands in the heading of an amount is its unit, in brackets, behind them or
 * in several: 单价（元/公斤）, 单价（元）/公斤; it is read whole or the sheet is refused.  So is what a cell
 * above the heading says behind 单位：, as printed tables do. */
#ifndef SUNLIT_NODE_PRICE_HEADING_H
#define SUNLIT_NODE_PRICE_HEADING_H

#include "core/base/err.h"
#include "core/base/grid.h"
#include "core/base/typed.h"

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
  PRICE_COLUMN_CONFIRM_DATE,
  PRICE_TEMPLATE_COLUMNS, /* what the template has; read as well are */
  PRICE_COLUMN_ORIGIN = PRICE_TEMPLATE_COLUMNS,
  PRICE_COLUMN_BRANCH,
  PRICE_COLUMNS
};
extern const char *const price_column_titles[PRICE_COLUMNS];
/* In the order settled, quoted, market; ended by NULL. */
extern const char *const price_source_titles[4];

struct price_heading {
  size_t row;                       /* of the grid */
  int at[PRICE_COLUMNS];            /* column of the grid, -1 where it is missing */
  char price_unit[TYPED_UNIT_SIZE]; /* in the heading: 单价（元/公斤）; "" */
  char qty_unit[TYPED_UNIT_SIZE];
  char table_unit[TYPED_UNIT_SIZE]; /* above it: 单位：元/公斤 */
  char unread[400]; /* titles of columns with something in them that nobody reads, parted by 、 */
};

/* Whether a sheet's first rows hold such a heading, for sheet_read. */
bool price_heading_fits(const struct grid *head);
/* False with err: a column is missing, there twice, hidden, or its amounts are in no unit that is read. */
bool price_heading_read(struct price_heading *heading, const struct grid *grid, struct err *err);

#endif
