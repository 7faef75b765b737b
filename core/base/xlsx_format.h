/* xlsx_format.h - what a number format of a workbook (ECMA-376 18.8.30, 18.8.31) makes of a number.
 *
 * Looked at is the first section, for numbers above zero: whether it shows a date (a day, month or year
 * outside quotes, brackets and escapes; h and s alone are durations), whether it shows per cent, how many
 * thousandths it shows in place of the number (a comma behind its last digit, in any section), whether it
 * puts figures, points or a minus of its own among the digits, and the words it puts around them, which a
 * reader takes for a part of the cell: 0.00"元/斤". */
#ifndef SUNLIT_BASE_XLSX_FORMAT_H
#define SUNLIT_BASE_XLSX_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { XLSX_LITERAL_SIZE = 32, XLSX_THOUSANDS_MAX = 4, XLSX_SHOWN_SIZE = 160 };

struct xlsx_format {
  uint32_t id;
  bool date;
  uint8_t scale;                                            /* 100 where it shows per cent */
  uint8_t thousands;                                        /* 2: 0.00,, shows millionths */
  char before[XLSX_LITERAL_SIZE], after[XLSX_LITERAL_SIZE]; /* words it shows around the digits */
  bool other_figures;                                       /* 0\.00: what is shown is another number */
  char code[XLSX_LITERAL_SIZE];                             /* then: how it begins */
};

void xlsx_format_read(struct xlsx_format *format, const char *code); /* id stays 0 */
const struct xlsx_format *xlsx_format_builtin(uint32_t id);          /* NULL: shows the number as it is */
/* What it shows is another number than the cell has.  Then xlsx_format_show gives two texts, each with its
 * end: the number, which may be all that a text column needs, and the number with the format, which is none.
 */
bool xlsx_format_misleads(const struct xlsx_format *format);
/* What stands in the cell, and its length; format may be NULL. */
size_t xlsx_format_show(const struct xlsx_format *format, double value, bool date1904,
                        char out[XLSX_SHOWN_SIZE]);

#endif
