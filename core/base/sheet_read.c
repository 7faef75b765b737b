#include "core/base/sheet_read.h"

#include "core/base/csv_read.h"
#include "core/base/xlsx_read.h"

#include <string.h>

static const struct {
  const char *head, *rule, *is;
} kinds[] = {
    {"\xd0\xcf\x11\xe0", "xls", "an old .xls or a locked workbook"},
    {"\x09\x08", "xls", "a very old .xls"},
    {"<", "xls", "a web page or XML"}, /* what web systems hand out as .xls */
    {"%PDF", "no_sheet", "a PDF"},
    {"\x89PNG", "no_sheet", "a picture"},
    {"\xff\xd8\xff", "no_sheet", "a picture"},
    {"GIF8", "no_sheet", "a picture"},
    {"Rar!", "no_sheet", "an archive"},
    {"7z\xbc\xaf", "no_sheet", "an archive"},
    {"\x1f\x8b", "no_sheet", "an archive"},
    {"{\\rtf", "no_sheet", "a letter"},
};

static bool begins(const char *p, size_t size, const char *head)
{
  size_t n = strlen(head);
  return size >= n && memcmp(p, head, n) == 0;
}

bool sheet_read(struct grid *out, const void *bytes, size_t size, grid_fits *fits, struct err *err)
{
  const char *p = bytes;
  if (begins(p, size, "PK\x03\x04")) {
    if (!xlsx_read(out, bytes, size, fits, err)) return false;
    grid_tidy(out);
    return true;
  }
  size_t from = begins(p, size, "\xef\xbb\xbf") ? 3 : 0;
  while (from < size && strchr(" \t\r\n", p[from]) && p[from])
    from++;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
    if (begins(p, size, kinds[i].head) || (from < size && begins(p + from, size - from, kinds[i].head)))
      return err_rule(err, ERR_INPUT, "", kinds[i].rule, "the file is %s; a sheet is an .xlsx or a .csv",
                      kinds[i].is);
  if (!csv_read(out, bytes, size, err)) return false;
  grid_tidy(out);
  return true;
}
