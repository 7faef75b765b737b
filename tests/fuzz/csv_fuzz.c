/* A table that is taken has as many cells as it says, each a text that ends. */
#include "core/domain/csv.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct err err = ERR_INIT;
  struct csv csv;
  if (!csv_open(&csv, data, size, 1000, &err)) {
    CLAIM(err.text[0]);
    return 0;
  }
  CLAIM(csv.rows <= 1000 && csv.columns >= 1 && csv.columns <= CSV_COLUMNS_MAX);
  int64_t line = 0;
  for (size_t row = 0; row < csv.rows; row++) {
    CLAIM(csv.lines[row] > line);
    line = csv.lines[row];
    for (size_t column = 0; column < csv.columns; column++)
      CLAIM(strlen(csv_cell(&csv, row, (int)column)) <= CSV_CELL_SIZE_MAX);
  }
  (void)csv_column(&csv, "name_zh");
  csv_close(&csv);
  return 0;
}
