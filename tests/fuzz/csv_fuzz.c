/* Anything that is called a table is refused with a rule, or is a grid of texts that end, tidy or not. */
#include "core/base/csv_read.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct err err = ERR_INIT;
  struct grid grid = GRID_INIT;
  if (!csv_read(&grid, data, size, &err)) {
    CLAIM(err.rule[0] && err.text[0] && grid.rows == 0);
    return 0;
  }
  CLAIM(grid.rows >= 1 && grid.rows <= IMPORT_ROWS_MAX + 1 && grid.columns <= GRID_COLUMNS_MAX);
  for (int tidy = 0; tidy <= 1; tidy++) {
    for (size_t row = 0; row < grid.rows; row++)
      for (size_t column = 0; column < grid.columns; column++) {
        const char *text = grid_cell(&grid, row, column);
        CLAIM(strlen(text) < CSV_CELL_SIZE_MAX && utf8_valid(text, strlen(text)));
      }
    grid_tidy(&grid);
  }
  (void)grid_column(&grid, 0, "name_zh");
  grid_wipe(&grid);
  return 0;
}
