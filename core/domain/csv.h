/* csv.h - a table read from RFC 4180 text, in UTF-8 with or without BOM, or in GB18030.
 *
 * The whole file is decoded and split at once; cells are zero-terminated UTF-8 owned by the table.  Lines end
 * in LF or CRLF; quotes double inside quotes; empty lines are skipped; line numbers are the file's own. */
#ifndef SUNLIT_DOMAIN_CSV_H
#define SUNLIT_DOMAIN_CSV_H

#include "core/base/bytes.h"
#include "core/base/err.h"
#include "core/base/limits.h"

struct csv {
  char *text;         /* the decoded file, cut into cells */
  const char **cells; /* rows * columns, row by row, header excluded */
  int64_t *lines;     /* the line each row begins on */
  size_t columns;
  size_t rows;
  const char *header[CSV_COLUMNS_MAX];
};

/* Refuses: empty, not text, a NUL, a lone quote, more than rows_max rows, rows of another width (all named by
 * line); ERR_INPUT with rule "encoding", "quote", "columns", "rows", "empty". */
bool csv_open(struct csv *csv, const void *bytes, size_t n, size_t rows_max, struct err *err);
void csv_close(struct csv *csv);
int csv_column(const struct csv *csv, const char *name); /* -1: none */
static inline const char *csv_cell(const struct csv *csv, size_t row, int column)
{
  return csv->cells[row * csv->columns + (size_t)column];
}

#endif
