/* xlsx_read.h - the first visible sheet of a workbook that anybody may have sent, as a grid.
 *
 * An XLSX file (ECMA-376) is a zip of XML parts.  Read are the workbook, its relations, styles and shared
 * texts and that one sheet.  Numbers come as the shortest decimal, cells formatted as dates as "2026-11-24",
 * formulas as the value stored with them.  Everything is bounded before it is believed: the file, its parts,
 * all inflated bytes together (zip bombs), depth of the XML, rows, columns, text; a document type is refused,
 * so no entity is ever expanded. The only place that includes minizip and expat. */
#ifndef SUNLIT_BASE_XLSX_READ_H
#define SUNLIT_BASE_XLSX_READ_H

#include "core/base/grid.h"

/* Refuses with rule "xlsx" what is no workbook and with "file_size", "row_count", "column_count" what is too
 * large.  On refusal the grid is empty. */
bool xlsx_read(struct grid *out, const void *bytes, size_t size, struct err *err)
    __attribute__((warn_unused_result));

#endif
