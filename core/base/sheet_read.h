/* sheet_read.h - a sheet somebody sends, by what it is and not by what it is called: a workbook or a table as
 * text, as a tidy grid.  What only looks like a sheet (an old .xls, a locked workbook, a web page or an
 * OpenDocument sheet by that name, a picture) is refused with the way out. */
#ifndef SUNLIT_BASE_SHEET_READ_H
#define SUNLIT_BASE_SHEET_READ_H

#include "core/base/grid.h"

/* Refuses with what xlsx_read and csv_read refuse, with "xls" what has to be saved as .xlsx first, and with
 * "no_sheet" what is something else.  fits: as xlsx_read has it. */
bool sheet_read(struct grid *out, const void *bytes, size_t size, grid_fits *fits, struct err *err)
    __attribute__((warn_unused_result));

#endif
