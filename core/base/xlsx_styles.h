/* xlsx_styles.h - what the cell styles of a workbook (ECMA-376 18.8) say of a cell: its number format, and
 * whether a line goes through it.  They are told one after another as their part goes by; what is asked of a
 * style that is not there, or whose font or format is not, is that of a plain one.  OWNERSHIP: owns them. */
#ifndef SUNLIT_BASE_XLSX_STYLES_H
#define SUNLIT_BASE_XLSX_STYLES_H

#include "core/base/bytes.h"
#include "core/base/xlsx_format.h"

struct xlsx_styles {
  struct buf formats;      /* struct xlsx_format, by id once they are sorted */
  struct buf fonts;        /* u8, whether it draws a line through what it writes */
  struct buf style_format; /* u32 a cell style, its number format */
  struct buf style_font;   /* u32 a cell style */
};

void xlsx_styles_init(struct xlsx_styles *styles);
void xlsx_styles_add_format(struct xlsx_styles *styles, uint32_t id, const char *code);
void xlsx_styles_add_font(struct xlsx_styles *styles);
void xlsx_styles_strike_font(struct xlsx_styles *styles); /* the last one */
void xlsx_styles_add(struct xlsx_styles *styles, uint32_t format, uint32_t font);
bool xlsx_styles_too_many(const struct xlsx_styles *styles);
/* Once, when all are told: however often the part says that its list ends. */
void xlsx_styles_sort(struct xlsx_styles *styles);
/* NULL: one that shows the number as it is. */
const struct xlsx_format *xlsx_styles_format(const struct xlsx_styles *styles, uint32_t style);
bool xlsx_styles_struck(const struct xlsx_styles *styles, uint32_t style);
void xlsx_styles_wipe(struct xlsx_styles *styles);

#endif
