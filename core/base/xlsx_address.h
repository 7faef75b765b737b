/* xlsx_address.h - how a workbook says where: its parts name each other by paths, its cells by letters and
 * digits.  Pure functions; THREADS: any. */
#ifndef SUNLIT_BASE_XLSX_ADDRESS_H
#define SUNLIT_BASE_XLSX_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

enum { XLSX_PATH_SIZE = 160 }; /* of a part in the zip */

/* A target as a path in the zip: absolute, or beginning at the folder of the part that names it.  False: it
 * is too long, or names nothing. */
bool xlsx_resolve(char out[XLSX_PATH_SIZE], const char *part, const char *target);
/* "BC12" -> row 11, column 54; false for another form. */
bool xlsx_cell_address(const char *text, size_t *row, size_t *column);

#endif
