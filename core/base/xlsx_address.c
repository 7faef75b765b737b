#include "core/base/xlsx_address.h"

#include <stdio.h>
#include <string.h>

bool xlsx_resolve(char out[XLSX_PATH_SIZE], const char *part, const char *target)
{
  char path[2 * XLSX_PATH_SIZE];
  size_t used = 0;
  const char *slash = strrchr(part, '/');
  int n = snprintf(path, sizeof path, "%.*s%s", *target == '/' || !slash ? 0 : (int)(slash + 1 - part), part,
                   target + (*target == '/'));
  if (n < 0 || (size_t)n >= sizeof path) return false;
  for (char *step = path, *end; *step; step = end) {
    end = step + strcspn(step, "/");
    size_t size = (size_t)(end - step);
    end += *end == '/';
    if (size == 0 || (size == 1 && *step == '.')) continue;
    if (size == 2 && memcmp(step, "..", 2) == 0) {
      while (used && out[used - 1] != '/')
        used--;
      used -= used > 0;
      continue;
    }
    if (used + size + 2 > XLSX_PATH_SIZE) return false;
    if (used) out[used++] = '/';
    memcpy(out + used, step, size);
    used += size;
  }
  out[used] = '\0';
  return used > 0;
}

bool xlsx_cell_address(const char *text, size_t *row, size_t *column)
{
  size_t c = 0, r = 0;
  while (*text >= 'A' && *text <= 'Z' && c < 20000)
    c = c * 26 + (size_t)(*text++ - 'A' + 1);
  while (*text >= '0' && *text <= '9' && r < 20000000)
    r = r * 10 + (size_t)(*text++ - '0');
  if (*text || !c || !r) return false;
  *row = r - 1;
  *column = c - 1;
  return true;
}
