/* xlsx_write.h - a workbook written row by row: a heading that stays, a filter, and cells that keep their
 * type.
 *
 * Text is always written as text, so a code of 18 digits stays a code and a name that begins with "=" is no
 * formula.  Money is given in fen and shown in yuan, a date as yyyymmdd, a time in ms UTC and shown in local
 * time.
 *
 *   struct xlsx_writer *book = xlsx_writer_open(err);
 *   xlsx_writer_sheet(book, "价格", columns, count);
 *   xlsx_writer_text(book, no); xlsx_writer_fen(book, price_fen); xlsx_writer_row(book);
 *   if (!xlsx_writer_close(book, &bytes, err)) return false;
 *
 * Errors are sticky and reported by close.  The only place that includes xlsxwriter.h.
 * THREADS: a writer belongs to one thread. */
#ifndef SUNLIT_BASE_XLSX_WRITE_H
#define SUNLIT_BASE_XLSX_WRITE_H

#include "core/base/bytes.h"
#include "core/base/err.h"

struct xlsx_writer;

struct xlsx_column {
  const char *title;
  int width; /* in characters; 0: by the title */
};

struct xlsx_writer *xlsx_writer_open(struct err *err); /* NULL: no memory, no room for its file */
/* When it says it was made: the same rows as of the same moment are the same bytes. */
void xlsx_writer_made(struct xlsx_writer *book, int64_t ms);
/* The following cells go into this sheet, below its heading.  The name has at most 31 characters. */
void xlsx_writer_sheet(struct xlsx_writer *book, const char *name, const struct xlsx_column *columns,
                       size_t count);

/* One cell each, left to right; xlsx_writer_row ends the row. */
void xlsx_writer_text(struct xlsx_writer *book, const char *text); /* NULL or "": an empty cell */
void xlsx_writer_int(struct xlsx_writer *book, int64_t value);
void xlsx_writer_fen(struct xlsx_writer *book, int64_t fen);
void xlsx_writer_real(struct xlsx_writer *book, double value); /* up to three decimals */
void xlsx_writer_date(struct xlsx_writer *book, int date);     /* yyyymmdd; 0: an empty cell */
void xlsx_writer_time(struct xlsx_writer *book, int64_t ms);   /* 0: an empty cell */
void xlsx_writer_fault(struct xlsx_writer *book,
                       const char *text); /* text on a ground that calls for a look */
void xlsx_writer_row(struct xlsx_writer *book);

/* Cells of a column, from row first to row last (the heading is row 0), may only hold a value of the range
 * in another sheet, e.g. "=品名!$A$2:$A$200". */
void xlsx_writer_choice(struct xlsx_writer *book, int column, int first, int last, const char *range);
/* The same with a short list of words, ended by NULL. */
void xlsx_writer_choice_words(struct xlsx_writer *book, int column, int first, int last,
                              const char *const *words);
/* Shows a column's cells as plain text, whatever is typed into them. */
void xlsx_writer_as_text(struct xlsx_writer *book, int column, int width);

/* Frees the writer in any case; the bytes are appended to out. */
bool xlsx_writer_close(struct xlsx_writer *book, struct buf *out, struct err *err);

#endif
