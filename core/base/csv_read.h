/* csv_read.h - a table as text, the way spreadsheet programs and people write it, as a grid.
 *
 * Encoding: UTF-16 with its mark (Excel's "Unicode text"), UTF-8 with or without, else GB18030, with the
 * single byte 0x80 of cp936 as the euro.  Cells are parted by what the beginning of the file parts them by:
 * comma, tab, semicolon or the full-width comma; a first line "sep=;" says it and is no row.  Lines end in
 * LF, CRLF or CR.  A cell that begins with a quote ends with one, and quotes inside are doubled (RFC 4180); a
 * quote within another cell is itself; ="00012" and '00012, with which people keep a program from reading a
 * number, are 00012.  A row may end early.  Rows are counted as the spreadsheet program shows them: a cell
 * with a line break does not make two. */
#ifndef SUNLIT_BASE_CSV_READ_H
#define SUNLIT_BASE_CSV_READ_H

#include "core/base/grid.h"

/* Refuses with rule "empty", "encoding", "quote", "length", and what grid_put refuses, naming the row; of its
 * own the row is the field of the error.  On refusal the grid is empty. */
bool csv_read(struct grid *out, const void *bytes, size_t size, struct err *err)
    __attribute__((warn_unused_result));

#endif
