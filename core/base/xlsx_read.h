/* xlsx_read.h - one sheet of a workbook that anybody may have sent, as a grid.
 *
 * An XLSX file (ECMA-376) is a zip of XML parts that name each other by relations.  Read are the workbook,
 * its relations, styles and shared texts, the beginning of each sheet, and a visible one whole: the one
 * that was open when it was saved if its heading fits, else the first whose heading does, else the open one.
 * Where the only one that fits is hidden, that is refused by its name.  grid.sheet says which, grid.unread
 * names others that have something in them, and hidden ones that would have fitted; a row or column that is
 * not shown, or has no room for a character, is there and marked (grid_row_hidden, grid_column_hidden), and
 * so is a cell with a line through it or a part of it (grid_struck).  A row or a cell that is there twice is
 * a damaged file.
 *
 * Numbers come as the shortest decimal with the words their format shows around them ("38.5元/斤"), one shown
 * in thousandths as "0.12×1000" and one whose format shows other figures
 * than it has as "12500 [0\.00]" where a number is asked for (grid_number): these are no amounts, cells
 * formatted as dates as "2026-11-24", truth values as TRUE and FALSE, formulas as the value stored with them
 * (one that has none is marked: grid_formula), _x000D_ as the character it stands for.  Everything is bounded
 * before it is believed: the file, its parts, all inflated bytes together (zip bombs), the length of a tag,
 * depth of the XML, sheets, rows, columns, texts, styles; the time is linear in the inflated bytes.  A
 * document type is refused, so no entity is ever expanded.  The only place that includes expat; minizip is
 * behind zip_memory.h. */
#ifndef SUNLIT_BASE_XLSX_READ_H
#define SUNLIT_BASE_XLSX_READ_H

#include "core/base/grid.h"

/* Refuses with rule "xlsx" what is no workbook, with "hidden_sheet" (the field is its name) one whose table
 * is not shown, and with "file_size", "row_count", "column_count" what is too large.  On refusal the grid is
 * empty.  fits looks at a sheet's first rows; NULL: the open one is read. */
bool xlsx_read(struct grid *out, const void *bytes, size_t size, grid_fits *fits, struct err *err)
    __attribute__((warn_unused_result));

#endif
