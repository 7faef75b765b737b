#include "core/domain/csv.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

/* Well-formed UTF-8 by RFC 3629: no overlong forms, no surrogates, nothing past U+10FFFF. */
static bool utf8(const unsigned char *p, size_t n)
{
  for (size_t i = 0; i < n;) {
    unsigned char c = p[i];
    size_t size = c < 0x80                ? 1
                  : c >= 0xc2 && c < 0xe0 ? 2
                  : c >= 0xe0 && c < 0xf0 ? 3
                  : c >= 0xf0 && c < 0xf5 ? 4
                                          : 0;
    if (size == 0 || i + size > n) return false;
    for (size_t k = 1; k < size; k++)
      if ((p[i + k] & 0xc0) != 0x80) return false;
    if ((c == 0xe0 && p[i + 1] < 0xa0) || (c == 0xed && p[i + 1] > 0x9f) || (c == 0xf0 && p[i + 1] < 0x90) ||
        (c == 0xf4 && p[i + 1] > 0x8f))
      return false;
    i += size;
  }
  return true;
}

static bool from_gb18030(struct csv *csv, const char *bytes, size_t n, size_t *size, struct err *err)
{
  iconv_t conversion = iconv_open("UTF-8", "GB18030");
  if (conversion == (iconv_t)-1)
    return err_rule(err, ERR_IO, "", "encoding", "this machine cannot convert GB18030");
  size_t room = n * 2 + 4; /* one byte stays one, two become three, four become four */
  csv->text = malloc(room + 1);
  char *in = (char *)(uintptr_t)bytes, *out = csv->text;
  size_t in_left = n, out_left = room;
  bool ok = csv->text && iconv(conversion, &in, &in_left, &out, &out_left) != (size_t)-1 && in_left == 0;
  iconv_close(conversion);
  if (!csv->text) return err_set(err, ERR_IO, "out of memory reading a table");
  if (!ok)
    return err_rule(err, ERR_INPUT, "", "encoding",
                    "the file is neither UTF-8 nor GB18030: byte %zu makes no sense", n - in_left + 1);
  *size = (size_t)(out - csv->text);
  return true;
}

static bool decode(struct csv *csv, const void *bytes, size_t n, size_t *size, struct err *err)
{
  const char *p = bytes;
  if (memchr(p, 0, n))
    return err_rule(err, ERR_INPUT, "", "encoding", "the file is not text: it holds a zero byte");
  if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
    p += 3;
    n -= 3;
    if (!utf8((const unsigned char *)p, n))
      return err_rule(err, ERR_INPUT, "", "encoding", "the file begins as UTF-8 but is not UTF-8 throughout");
  } else if (!utf8((const unsigned char *)p, n))
    return from_gb18030(csv, p, n, size, err);
  csv->text = malloc(n + 1);
  if (!csv->text) return err_set(err, ERR_IO, "out of memory reading a table");
  memcpy(csv->text, p, n);
  *size = n;
  return true;
}

/* Cuts the text into cells in place: a cell's closing quote or delimiter becomes its zero. */
struct cutter {
  char *p, *end;
  int64_t line;
  struct err *err;
};

static bool quoted_cell(struct cutter *c, const char **cell)
{
  int64_t first_line = c->line;
  char *out = ++c->p;
  *cell = out;
  for (;; c->p++) {
    if (c->p == c->end)
      return err_rule(c->err, ERR_INPUT, "", "quote", "line %lld: a quote is opened and never closed",
                      (long long)first_line);
    if (*c->p == '\n') c->line++;
    if (*c->p == '"') {
      if (c->p + 1 == c->end || c->p[1] != '"') break;
      c->p++;
    }
    *out++ = *c->p;
  }
  c->p++;
  char *after = c->p;
  bool line_ends =
      after == c->end || *after == '\n' || (*after == '\r' && (after + 1 == c->end || after[1] == '\n'));
  if (!line_ends && *after != ',')
    return err_rule(c->err, ERR_INPUT, "", "quote", "line %lld: text follows a closing quote",
                    (long long)c->line);
  *out = '\0';
  return true;
}

static bool plain_cell(struct cutter *c, const char **cell)
{
  *cell = c->p;
  while (c->p < c->end && *c->p != ',' && *c->p != '\n') {
    if (*c->p == '"')
      return err_rule(c->err, ERR_INPUT, "", "quote", "line %lld: a quote inside a cell that is not quoted",
                      (long long)c->line);
    c->p++;
  }
  return true;
}

/* One line's cells; *more is false at the end of the file. */
static bool cut_line(struct cutter *c, const char **cells, size_t room, size_t *count, struct err *err)
{
  *count = 0;
  for (bool again = true; again;) {
    if (*count == room)
      return err_rule(err, ERR_INPUT, "", "columns", "line %lld has more than %zu cells", (long long)c->line,
                      room);
    const char **cell = &cells[(*count)++];
    bool quoted = c->p < c->end && *c->p == '"';
    if (!(quoted ? quoted_cell(c, cell) : plain_cell(c, cell))) return false;
    char *stop = c->p;
    if (stop < c->end && *stop == '\r' && stop + 1 < c->end && stop[1] == '\n')
      c->p++; /* after a quoted cell */
    again = c->p < c->end && *c->p == ',';
    if (c->p < c->end && *c->p == '\n') c->line++;
    if (!quoted) {
      if (!again && stop > *cell && stop[-1] == '\r') stop--;
      *stop = '\0';
    }
    if (c->p < c->end) c->p++;
  }
  for (size_t i = 0; i < *count; i++)
    if (strlen(cells[i]) >= CSV_CELL_SIZE_MAX)
      return err_rule(err, ERR_INPUT, "", "length", "line %lld, cell %zu is longer than %d bytes",
                      (long long)c->line, i + 1, CSV_CELL_SIZE_MAX);
  return true;
}

static bool add_row(struct csv *csv, const char *const *cells, int64_t line, size_t *room, struct err *err)
{
  if (csv->rows == *room) {
    *room = *room ? *room * 2 : 256;
    const char **all = realloc(csv->cells, *room * csv->columns * sizeof *all);
    if (all) csv->cells = all;
    int64_t *lines = realloc(csv->lines, *room * sizeof *lines);
    if (lines) csv->lines = lines;
    if (!all || !lines) return err_set(err, ERR_IO, "out of memory reading a table");
  }
  memcpy(csv->cells + csv->rows * csv->columns, cells, csv->columns * sizeof *cells);
  csv->lines[csv->rows++] = line;
  return true;
}

static bool cut(struct csv *csv, size_t size, size_t rows_max, struct err *err)
{
  struct cutter c = {.p = csv->text, .end = csv->text + size, .line = 1, .err = err};
  *c.end = '\0';
  if (!cut_line(&c, csv->header, CSV_COLUMNS_MAX, &csv->columns, err)) return false;
  for (size_t room = 0; c.p < c.end;) {
    const char *cells[CSV_COLUMNS_MAX];
    int64_t line = c.line;
    size_t count;
    if (!cut_line(&c, cells, CSV_COLUMNS_MAX, &count, err)) return false;
    if (count == 1 && !*cells[0]) continue;
    if (count != csv->columns)
      return err_rule(err, ERR_INPUT, "", "columns", "line %lld has %zu cells, the header has %zu",
                      (long long)line, count, csv->columns);
    if (csv->rows == rows_max)
      return err_rule(err, ERR_INPUT, "", "rows", "the file has more than %zu rows", rows_max);
    if (!add_row(csv, cells, line, &room, err)) return false;
  }
  return true;
}

bool csv_open(struct csv *csv, const void *bytes, size_t n, size_t rows_max, struct err *err)
{
  *csv = (struct csv){0};
  if (n == 0) return err_rule(err, ERR_INPUT, "", "empty", "the file is empty");
  size_t size = 0;
  bool ok = decode(csv, bytes, n, &size, err) && cut(csv, size, rows_max, err);
  if (!ok) csv_close(csv);
  return ok;
}

void csv_close(struct csv *csv)
{
  free(csv->text);
  free(csv->cells);
  free(csv->lines);
  *csv = (struct csv){0};
}

int csv_column(const struct csv *csv, const char *name)
{
  for (size_t i = 0; i < csv->columns; i++)
    if (strcmp(csv->header[i], name) == 0) return (int)i;
  return -1;
}
