/* xlsx_format.h - what a number format of a workbook (ECMA-376 18.8.30, 18.8.31) makes of a number.
 *
 * Looked at is the first section, for numbers above zero: whether it shows a date (a day, month or year
 * outside quotes, brackets and escapes; h and s alone are durations), whether it shows per cent, and the
 * words it puts around the digits, which a reader takes for a part of the cell: 0.00"元/斤". */
#ifndef SUNLIT_BASE_XLSX_FORMAT_H
#define SUNLIT_BASE_XLSX_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

enum { XLSX_LITERAL_SIZE = 32 };

struct xlsx_format {
  uint32_t id;
  bool date;
  uint8_t scale;                                            /* 100 where it shows per cent */
  char before[XLSX_LITERAL_SIZE], after[XLSX_LITERAL_SIZE]; /* words it shows around the digits */
};

void xlsx_format_read(struct xlsx_format *format, const char *code); /* id stays 0 */
const struct xlsx_format *xlsx_format_builtin(uint32_t id);          /* NULL: shows the number as it is */

#endif
