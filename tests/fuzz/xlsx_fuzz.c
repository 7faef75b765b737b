/* Anything that is called a workbook is refused with a rule, or is a grid within its bounds. */
#include "core/base/xlsx_read.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

static bool fits(const struct grid *head)
{
  return head->rows % 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  if (!xlsx_read(&grid, data, size, size % 2 ? fits : NULL, &err)) {
    CLAIM(err.rule[0] && grid.rows == 0);
  } else {
    CLAIM(grid.rows <= IMPORT_ROWS_MAX + 1);
    for (size_t row = 0; row < grid.rows; row++)
      for (size_t column = 0; column < grid.columns; column++)
        CLAIM(utf8_valid(grid_cell(&grid, row, column), strlen(grid_cell(&grid, row, column))));
    grid_tidy(&grid);
  }
  grid_wipe(&grid);
  return 0;
}
