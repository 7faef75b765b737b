#include "core/base/xlsx_styles.h"

#include "core/base/limits.h"

#include <stdlib.h>

void xlsx_styles_init(struct xlsx_styles *styles)
{
  *styles = (struct xlsx_styles){.formats = {.max = XLSX_FORMATS_MAX * sizeof(struct xlsx_format)},
                                 .fonts = {.max = XLSX_STYLES_MAX},
                                 .style_format = {.max = XLSX_STYLES_MAX * 4},
                                 .style_font = {.max = XLSX_STYLES_MAX * 4}};
}

void xlsx_styles_add_format(struct xlsx_styles *styles, uint32_t id, const char *code)
{
  struct xlsx_format format;
  xlsx_format_read(&format, code);
  format.id = id;
  put_bytes(&styles->formats, &format, sizeof format);
}

void xlsx_styles_add_font(struct xlsx_styles *styles)
{
  put_u8(&styles->fonts, 0);
}

void xlsx_styles_strike_font(struct xlsx_styles *styles)
{
  if (styles->fonts.size) styles->fonts.data[styles->fonts.size - 1] = 1;
}

void xlsx_styles_add(struct xlsx_styles *styles, uint32_t format, uint32_t font)
{
  put_u32(&styles->style_format, format);
  put_u32(&styles->style_font, font);
}

bool xlsx_styles_too_many(const struct xlsx_styles *styles)
{
  return styles->formats.bad || styles->fonts.bad || styles->style_format.bad || styles->style_font.bad;
}

static int compare_formats(const void *a, const void *b)
{
  uint32_t x = ((const struct xlsx_format *)a)->id, y = ((const struct xlsx_format *)b)->id;
  return (x > y) - (x < y);
}

void xlsx_styles_sort(struct xlsx_styles *styles)
{
  if (styles->formats.size)
    qsort(styles->formats.data, styles->formats.size / sizeof(struct xlsx_format), sizeof(struct xlsx_format),
          compare_formats);
}

static bool number_of(const struct buf *numbers, uint32_t style, uint32_t *number)
{
  if (style >= numbers->size / 4) return false;
  struct reader r = reader_of(numbers->data + (size_t)style * 4, 4);
  *number = get_u32(&r);
  return true;
}

const struct xlsx_format *xlsx_styles_format(const struct xlsx_styles *styles, uint32_t style)
{
  struct xlsx_format wanted = {.id = 0};
  if (!number_of(&styles->style_format, style, &wanted.id)) return NULL;
  const struct xlsx_format *own =
      styles->formats.size ? bsearch(&wanted, styles->formats.data, styles->formats.size / sizeof wanted,
                                     sizeof wanted, compare_formats)
                           : NULL;
  return own ? own : xlsx_format_builtin(wanted.id);
}

bool xlsx_styles_struck(const struct xlsx_styles *styles, uint32_t style)
{
  uint32_t font;
  return number_of(&styles->style_font, style, &font) && font < styles->fonts.size &&
         styles->fonts.data[font] != 0;
}

void xlsx_styles_wipe(struct xlsx_styles *styles)
{
  buf_wipe(&styles->formats);
  buf_wipe(&styles->fonts);
  buf_wipe(&styles->style_format);
  buf_wipe(&styles->style_font);
}
