#include "core/base/grid.h"

#include "core/base/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool make_rows(struct grid *grid, size_t rows, struct err *err)
{
  if (rows > grid->rows_room) {
    size_t room = grid->rows_room ? grid->rows_room * 2 : 64;
    while (room < rows)
      room *= 2;
    uint32_t *cells = realloc(grid->cells, room * GRID_COLUMNS_MAX * sizeof *cells);
    if (!cells) return err_set(err, ERR_IO, "no memory for a sheet of %zu rows", rows);
    grid->cells = cells;
    grid->rows_room = room;
  }
  size_t more = rows - grid->rows;
  memset(grid->cells + grid->rows * GRID_COLUMNS_MAX, 0, more * GRID_COLUMNS_MAX * sizeof *grid->cells);
  grid->rows = rows;
  return true;
}

bool grid_put(struct grid *grid, size_t row, size_t column, const char *text, size_t size, struct err *err)
{
  if (!size) return true;
  if (row > IMPORT_ROWS_MAX)
    return err_rule(err, ERR_LIMIT, "", "row_count", "row %zu: a sheet has at most %d rows below its heading",
                    row + 1, IMPORT_ROWS_MAX);
  if (column >= GRID_COLUMNS_MAX)
    return err_rule(err, ERR_LIMIT, "", "column_count", "row %zu: a sheet has at most %d columns", row + 1,
                    GRID_COLUMNS_MAX);
  if (size > GRID_TEXT_MAX || grid->text.size + size > GRID_TEXT_MAX)
    return err_rule(err, ERR_LIMIT, "", "file_size", "the sheet's text is over %d bytes", GRID_TEXT_MAX);
  if (row >= grid->rows && !make_rows(grid, row + 1, err)) return false;
  if (!grid->text.size) put_u8(&grid->text, 0); /* offset 0 is the empty cell */
  uint32_t at = (uint32_t)grid->text.size;
  put_bytes(&grid->text, text, size);
  put_u8(&grid->text, 0);
  if (grid->text.bad) return err_set(err, ERR_IO, "no memory for a sheet's text");
  grid->cells[row * GRID_COLUMNS_MAX + column] = at;
  if (column >= grid->columns) grid->columns = column + 1;
  return true;
}

static uint32_t word_of(const struct grid *grid, size_t row, size_t column)
{
  return row < grid->rows && column < GRID_COLUMNS_MAX ? grid->cells[row * GRID_COLUMNS_MAX + column] : 0;
}

const char *grid_formula(const struct grid *grid, size_t row, size_t column)
{
  uint32_t at = word_of(grid, row, column);
  bool own = at & GRID_FORMULA && !(at & GRID_COVERED);
  return own ? (const char *)grid->text.data + (at & GRID_OFFSET) : NULL;
}

const char *grid_cell(const struct grid *grid, size_t row, size_t column)
{
  uint32_t at = word_of(grid, row, column);
  return at && !(at & GRID_COVERED) ? (const char *)grid->text.data + (at & GRID_OFFSET) : "";
}

bool grid_struck(const struct grid *grid, size_t row, size_t column)
{
  return word_of(grid, row, column) & GRID_STRUCK;
}

const char *grid_number(const struct grid *grid, size_t row, size_t column)
{
  const char *text = grid_cell(grid, row, column);
  return *text && word_of(grid, row, column) & GRID_FIGURES ? text + strlen(text) + 1 : text;
}

void grid_mark(struct grid *grid, size_t row, size_t column, uint32_t mark)
{
  if (word_of(grid, row, column)) grid->cells[row * GRID_COLUMNS_MAX + column] |= mark;
}

/* Each cell is covered once, so a sheet of merges costs no more than its cells. */
bool grid_merge(struct grid *grid, size_t row, size_t column, size_t row_end, size_t column_end)
{
  if (!*grid_cell(grid, row, column)) return true;
  uint32_t at = grid->cells[row * GRID_COLUMNS_MAX + column];
  if (column_end >= GRID_COLUMNS_MAX) column_end = GRID_COLUMNS_MAX - 1;
  for (size_t r = row; r < grid->rows && r <= row_end; r++)
    for (size_t c = column; c <= column_end; c++) {
      uint32_t *cell = &grid->cells[r * GRID_COLUMNS_MAX + c];
      if (*cell & GRID_COVERED) return false;
      if (r != row || c != column) *cell = at | GRID_COVERED;
    }
  return true;
}

const char *grid_covering(const struct grid *grid, size_t row, size_t column)
{
  uint32_t at = word_of(grid, row, column);
  return at & GRID_COVERED ? (const char *)grid->text.data + (at & GRID_OFFSET) : NULL;
}

int grid_column(const struct grid *grid, size_t row, const char *title)
{
  for (size_t i = 0; i < grid->columns; i++)
    if (strcmp(grid_cell(grid, row, i), title) == 0) return (int)i;
  return -1;
}

void grid_hide_row(struct grid *grid, size_t row)
{
  if (row <= IMPORT_ROWS_MAX) grid->hidden[row / 8] |= (uint8_t)(1u << row % 8);
}

bool grid_row_hidden(const struct grid *grid, size_t row)
{
  return row <= IMPORT_ROWS_MAX && grid->hidden[row / 8] >> row % 8 & 1;
}

void grid_show_columns(struct grid *grid, size_t first, size_t last, bool shown)
{
  for (size_t i = first; i <= last && i < GRID_COLUMNS_MAX; i++)
    grid->column_hidden[i] = !shown;
}

bool grid_column_hidden(const struct grid *grid, size_t column)
{
  return column < GRID_COLUMNS_MAX && grid->column_hidden[column];
}

bool grid_begin_row(struct grid *grid, size_t row)
{
  if (row > IMPORT_ROWS_MAX) return true;
  uint8_t *byte = &grid->begun[row / 8], bit = (uint8_t)(1u << row % 8);
  bool first = !(*byte & bit);
  *byte |= bit;
  return first;
}

bool grid_row_empty(const struct grid *grid, size_t row)
{
  for (size_t i = 0; i < grid->columns; i++)
    if (*grid_cell(grid, row, i)) return false;
  return true;
}

void grid_row_text(const struct grid *grid, size_t row, char *text, size_t size)
{
  size_t used = 0;
  text[0] = '\0';
  for (size_t i = 0; i < grid->columns; i++) {
    const char *one = grid_cell(grid, row, i);
    if (!*one || strlen(one) + 2 > size - used) continue;
    used += (size_t)snprintf(text + used, size - used, "%s%s", used ? " " : "", one);
  }
}

/* Only ever shorter, so it is done in place. */
static void tidy(char *text)
{
  const char *from = text;
  char *to = text, *end = text; /* end: behind the last character that is no space */
  size_t left = strlen(text);
  uint32_t code = 0;
  for (size_t n; left; from += n, left -= n) {
    n = text_next(from, left, &code);
    if (!n) n = 1, code = '?'; /* no writer of a grid lets it in */
    bool space = text_is_space(code);
    bool breaks = (code >= 0x0a && code <= 0x0d) || code == 0x85 || code == 0x2028 || code == 0x2029;
    if ((space && to == text) || (code == '\r' && left > 1 && from[1] == '\n')) continue;
    if (text_is_unseen(code) && !text_turns(code) && !text_allows(TEXT_REMARK, code)) continue;
    if (breaks)
      *to = '\n';
    else
      memmove(to, from, n);
    to += breaks ? 1 : n;
    if (!space) end = to;
  }
  *end = '\0';
}

void grid_tidy(struct grid *grid)
{
  for (size_t i = 0; i < grid->rows * GRID_COLUMNS_MAX; i++)
    if (grid->cells[i] && !(grid->cells[i] & GRID_COVERED))
      tidy((char *)grid->text.data + (grid->cells[i] & GRID_OFFSET));
}

void grid_wipe(struct grid *grid)
{
  buf_wipe(&grid->text);
  free(grid->cells);
  memset(grid, 0, sizeof *grid);
}
