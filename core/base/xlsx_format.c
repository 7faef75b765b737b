#include "core/base/xlsx_format.h"

#include "core/base/text.h"

#include <string.h>

/* The numbers are ECMA-376 18.8.30's, with the East Asian ones. */
static bool builtin_date(uint32_t id)
{
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

/* A letter, or any character that is not ASCII: a word.  What else a format shows says nothing. */
static void put_literal(char *to, const char *text, size_t size)
{
  size_t used = strlen(to);
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)text[i];
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80 || c == '/' || c == '%';
    if (letter && used + 1 < XLSX_LITERAL_SIZE) to[used++] = text[i];
  }
  to[used] = '\0';
}

static void read_section(struct xlsx_format *format, const char *code)
{
  char *to = format->before;
  for (; *code && *code != ';'; code++) {
    unsigned char c = (unsigned char)*code;
    if (c == '"') {
      const char *end = strchr(code + 1, '"');
      if (!end) return;
      put_literal(to, code + 1, (size_t)(end - code - 1));
      code = end;
    } else if (c == '[') {
      const char *end = strchr(code + 1, ']');
      if (!end) return;
      if (code[1] == '$') put_literal(to, code + 2, strcspn(code + 2, "-]"));
      code = end;
    } else if (c == '_' || c == '*') {
      if (code[1]) code++;
    } else if (c == '\\' || c == '!') {
      if (code[1]) put_literal(to, ++code, 1);
    } else if (strchr("yYdD", c)) {
      format->date = true;
      return;
    } else if (strchr("0#?", c)) {
      to = format->after;
    } else if (c == '%' || c >= 0x80) {
      if (c == '%') format->scale = 100;
      put_literal(to, code, 1);
    }
  }
}

void xlsx_format_read(struct xlsx_format *format, const char *code)
{
  memset(format, 0, sizeof *format);
  read_section(format, code);
  if (format->date) *format = (struct xlsx_format){.date = true}; /* a date comes in the one form */
  text_clean(TEXT_NAME, format->before, sizeof format->before, format->before); /* cut inside a character */
  text_clean(TEXT_NAME, format->after, sizeof format->after, format->after);
}

const struct xlsx_format *xlsx_format_builtin(uint32_t id)
{
  static const struct xlsx_format date = {.date = true}, percent = {.scale = 100, .after = "%"};
  return builtin_date(id) ? &date : id == 9 || id == 10 ? &percent : NULL;
}
