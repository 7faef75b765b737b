#include "vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

void vector_get(const char *file, const char *name, struct buf *out)
{
  static char line[1 << 16];
  char path[512];
  snprintf(path, sizeof path, SOURCE_DIR "/tests/vectors/%s", file);
  FILE *in = fopen(path, "r");
  assert_non_null(in);
  size_t n = strlen(name);
  buf_clear(out);
  bool found = false;
  while (!found && fgets(line, sizeof line, in)) {
    found = strncmp(line, name, n) == 0 && strncmp(line + n, " = ", 3) == 0;
    if (!found) continue;
    char *hex = line + n + 3;
    hex[strcspn(hex, "\n")] = 0;
    size_t size = strlen(hex) / 2;
    assert_true(hex_decode(buf_reserve(out, size), size, hex));
  }
  fclose(in);
  if (!found) print_message("%s has no line %s\n", path, name);
  assert_true(found);
}
