/* grid.h - the cells of one sheet as text: what a spreadsheet or a CSV file says, before anybody believes it.
 *
 * Rows and columns count from 0; a cell never written is "", and so is one that is merged into another: what
 * is shown there stands in one cell only.  Bounds: GRID_COLUMNS_MAX columns and one heading above
 * IMPORT_ROWS_MAX rows; GRID_TEXT_MAX bytes in all.  OWNERSHIP: the grid owns the texts. */
#ifndef SUNLIT_BASE_GRID_H
#define SUNLIT_BASE_GRID_H

#include "core/base/bytes.h"
#include "core/base/err.h"
#include "core/base/limits.h"

struct grid {
  struct buf text;
  uint32_t *cells; /* offsets into text, GRID_COLUMNS_MAX a row; 0: empty; GRID_COVERED and the offset of
                      another: merged into that one; GRID_FIGURES: behind the text stands what a
                      number is read from; GRID_FORMULA and that of a formula: never computed;
                      GRID_STRUCK: shown with a line through it */
  size_t rows;
  size_t rows_room;
  size_t columns;                          /* the widest row */
  char sheet[128];                         /* of a workbook: the sheet that was read */
  char unread[400];                        /* ... and others with something in them, parted by 、 */
  uint8_t hidden[IMPORT_ROWS_MAX / 8 + 1]; /* a bit a row that is not shown */
  uint8_t begun[IMPORT_ROWS_MAX / 8 + 1];  /* a bit a row of a workbook that was there */
  bool column_hidden[GRID_COLUMNS_MAX];
};

#define GRID_INIT                                                                                            \
  {                                                                                                          \
    .rows = 0                                                                                                \
  }

#define GRID_COVERED UINT32_C(0x80000000)
#define GRID_FORMULA UINT32_C(0x40000000)
#define GRID_FIGURES UINT32_C(0x20000000)
#define GRID_STRUCK UINT32_C(0x10000000)
#define GRID_OFFSET UINT32_C(0x0fffffff) /* the rest; GRID_TEXT_MAX is below it */

enum { GRID_HEADING_ROWS = 20 }; /* a heading is looked for in so many first rows */
typedef bool grid_fits(const struct grid *head);

/* Refuses with "row_count", "column_count" or "file_size", naming the bound. */
bool grid_put(struct grid *grid, size_t row, size_t column, const char *text, size_t size, struct err *err);
/* A cell that was put is marked with GRID_FORMULA, GRID_FIGURES or GRID_STRUCK. */
void grid_mark(struct grid *grid, size_t row, size_t column, uint32_t mark);
/* A formula whose value nobody stored: the program that made the file did not compute it.  Its text is the
 * cell's, "=" before it. */
const char *grid_formula(const struct grid *grid, size_t row, size_t column); /* NULL: it is none */
const char *grid_cell(const struct grid *grid, size_t row, size_t column);    /* "" outside */
/* A line goes through it, or through a part of it: whoever drew it took it back, and left it to be seen. */
bool grid_struck(const struct grid *grid, size_t row, size_t column);
/* The cell where a number is asked for: of one that is shown with other figures than it has, both, which is
 * no number.  It was put as two texts, with a zero between. */
const char *grid_number(const struct grid *grid, size_t row, size_t column);
/* The cells from (row, column) to (row_end, column_end), both included, are one: the first.  Nothing when
 * that is empty; false when one of them is merged already. */
bool grid_merge(struct grid *grid, size_t row, size_t column, size_t row_end, size_t column_end);
/* What is shown in a cell that is merged into another; NULL: it stands alone. */
const char *grid_covering(const struct grid *grid, size_t row, size_t column);
int grid_column(const struct grid *grid, size_t row, const char *title); /* where it stands; -1: nowhere */
/* A row that is not shown, by a filter or by hand: who sends the sheet may not know what is in it. */
void grid_hide_row(struct grid *grid, size_t row);
bool grid_row_hidden(const struct grid *grid, size_t row);
void grid_show_columns(struct grid *grid, size_t first, size_t last, bool shown);
bool grid_column_hidden(const struct grid *grid, size_t column);
bool grid_begin_row(struct grid *grid, size_t row); /* false: it was there already */
bool grid_row_empty(const struct grid *grid, size_t row);
/* The cells of a row as one line, a space between two; one that does not fit is left out. */
void grid_row_text(const struct grid *grid, size_t row, char *text, size_t size);
/* Every cell as a reader sees it: no space of any script at its edges, nothing unseen but what joins, line
 * breaks of all kinds as "\n". */
void grid_tidy(struct grid *grid);
void grid_wipe(struct grid *grid);

#endif
