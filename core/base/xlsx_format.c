#include "core/base/xlsx_format.h"

#include "core/base/clock.h"
#include "core/base/text.h"

#include <stdio.h>
#include <string.h>

/* The numbers are ECMA-376 18.8.30's, with the East Asian ones. */
static bool builtin_date(uint32_t id)
{
  return (id >= 14 && id <= 22) || (id >= 27 && id <= 36) || (id >= 45 && id <= 47) || (id >= 50 && id <= 58);
}

/* Figures, a minus and what stands between figures, of either width. */
static bool has_figures(const char *text, size_t size)
{
  static const char *const wide[] = {"．", "。", "，", "、", "－"};
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)text[i];
    if ((c >= '0' && c <= '9') || c == '.' || c == ',' || c == '-') return true;
    if (i + 2 < size && c == 0xef && (unsigned char)text[i + 1] == 0xbc &&
        (unsigned char)text[i + 2] >= 0x90 && (unsigned char)text[i + 2] <= 0x99)
      return true; /* ０ to ９ */
    for (size_t w = 0; w < sizeof wide / sizeof *wide; w++)
      if (size - i >= 3 && memcmp(text + i, wide[w], 3) == 0) return true;
  }
  return false;
}

/* A letter, or any character that is not ASCII: a word.  A figure, a point, a comma or a minus makes another
 * number of what is shown.  What else a format shows says nothing. */
static void put_literal(struct xlsx_format *format, char *to, const char *text, size_t size)
{
  size_t used = strlen(to);
  if (has_figures(text, size)) format->other_figures = true;
  for (size_t i = 0; i < size; i++) {
    unsigned char c = (unsigned char)text[i];
    bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c >= 0x80 || c == '/' || c == '%';
    if (letter && used + 1 < XLSX_LITERAL_SIZE) to[used++] = text[i];
  }
  to[used] = '\0';
}

/* "General", which Chinese programs also write as G/通用格式: the length of the word, 0 where it does not
 * stand. */
static size_t general(const char *code)
{
  static const char *const words[] = {"General", "GENERAL", "general", "G/通用格式"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strncmp(code, words[i], strlen(words[i])) == 0) return strlen(words[i]);
  return 0;
}

static void read_section(struct xlsx_format *format, const char *code)
{
  char *to = format->before;
  for (; *code && *code != ';'; code++) {
    unsigned char c = (unsigned char)*code;
    size_t word = general(code);
    if (word) {
      to = format->after;
      code += word - 1;
    } else if (c == '"') {
      const char *end = strchr(code + 1, '"');
      if (!end) return;
      put_literal(format, to, code + 1, (size_t)(end - code - 1));
      code = end;
    } else if (c == '[') {
      const char *end = strchr(code + 1, ']');
      if (!end) return;
      const bool before = format->other_figures;
      if (code[1] == '$') put_literal(format, to, code + 2, strcspn(code + 2, "-]"));
      format->other_figures = before; /* "Rs." is a currency */
      code = end;
    } else if (c == '_' || c == '*') {
      if (code[1]) code++;
    } else if (c == '\\' || c == '!') {
      if (code[1]) put_literal(format, to, ++code, 1);
    } else if (strchr("yYdD", c)) {
      format->date = true;
      return;
    } else if (strchr("0#?", c)) {
      to = format->after;
    } else if (c == '%' || c == '-' || c >= 0x80) {
      if (c == '%') format->scale = 100;
      put_literal(format, to, code, 1);
    }
  }
}

/* Behind what stands for itself at code: quoted, in brackets, escaped, a space or a filling. */
static const char *behind_literal(const char *code)
{
  const char *end = *code == '"' ? strchr(code + 1, '"') : *code == '[' ? strchr(code + 1, ']') : NULL;
  if (end) return end + 1;
  return code + 1 + (strchr("\\!_*", *code) && code[1]);
}

/* Which section shows a number is a matter of the number where they have conditions: whether another one says
 * something else than the first. */
static bool others_differ(const struct xlsx_format *first, const char *code)
{
  if (!strstr(code, "[<") && !strstr(code, "[>") && !strstr(code, "[=")) return false;
  while (*code) {
    bool begins = *code == ';';
    code = behind_literal(code);
    if (!begins) continue;
    struct xlsx_format other = {0};
    read_section(&other, code);
    if (other.other_figures || other.date != first->date || strcmp(other.before, first->before) != 0 ||
        strcmp(other.after, first->after) != 0)
      return true;
  }
  return false;
}

/* "#,##0" parts thousands, "0.00," and "0,.00" leave them out.  A section is chosen by the number, so every
 * one is looked at. */
static uint8_t thousands(const char *code)
{
  size_t most = 0;
  while (*code) {
    if (!strchr("0#?", *code)) {
      code = behind_literal(code);
      continue;
    }
    size_t commas = strspn(++code, ",");
    code += commas;
    if (commas > most && (!*code || !strchr("0#?", *code))) most = commas;
  }
  return (uint8_t)(most < XLSX_THOUSANDS_MAX ? most : XLSX_THOUSANDS_MAX);
}

void xlsx_format_read(struct xlsx_format *format, const char *code)
{
  memset(format, 0, sizeof *format);
  read_section(format, code);
  format->thousands = thousands(code);
  if (others_differ(format, code)) format->other_figures = true;
  if (format->other_figures) snprintf(format->code, sizeof format->code, "%s", code);
  if (format->date) *format = (struct xlsx_format){.date = true}; /* a date comes in the one form */
  text_clean(TEXT_NAME, format->before, sizeof format->before, format->before); /* cut inside a character */
  text_clean(TEXT_NAME, format->after, sizeof format->after, format->after);
  text_clean(TEXT_NAME, format->code, sizeof format->code, format->code);
}

const struct xlsx_format *xlsx_format_builtin(uint32_t id)
{
  static const struct xlsx_format date = {.date = true}, percent = {.scale = 100, .after = "%"};
  return builtin_date(id) ? &date : id == 9 || id == 10 ? &percent : NULL;
}

/* Days since 1899-12-30 (the format believes 1900 was a leap year; what lies before March is not a date here)
 * or since 1904-01-01. */
static bool date_text(double serial, bool date1904, char out[11])
{
  if (date1904) serial += 1462;
  if (serial < 61 || serial > 400000) return false;
  date_format(out, date_add_days(19000301, (int)serial - 61));
  return true;
}

bool xlsx_format_misleads(const struct xlsx_format *format)
{
  return format && format->other_figures;
}

size_t xlsx_format_show(const struct xlsx_format *format, double value, bool date1904,
                        char out[XLSX_SHOWN_SIZE])
{
  static const struct xlsx_format plain = {.id = 0};
  static const char *const times[] = {"", "×1000", "×1000000", "×1000000000", "×1000000000000"};
  char shown[32];
  const struct xlsx_format *f = format ? format : &plain;
  for (int i = 0; i < f->thousands && !f->other_figures; i++)
    value /= 1000;
  if (!f->date || !date_text(value, date1904, shown))
    snprintf(shown, sizeof shown, "%.15g", f->scale ? value * f->scale : value);
  if (f->other_figures)
    return (size_t)snprintf(out, XLSX_SHOWN_SIZE, "%s%c%s [%s]", shown, 0, shown, f->code);
  return (size_t)snprintf(out, XLSX_SHOWN_SIZE, "%s%s%s%s", f->before, shown, times[f->thousands], f->after);
}
