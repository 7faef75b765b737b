#include "core/base/csv_read.h"

#include <errno.h>
#include <iconv.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { GUESS_LINES = 10 }; /* that say what parts the cells */

/* -- from the file's encoding to UTF-8 -- */

static bool convert(struct buf *out, const char *from, const char *bytes, size_t n, struct err *err)
{
  iconv_t conversion = iconv_open("UTF-8", from);
  if (conversion == (iconv_t)-1)
    return err_rule(err, ERR_IO, "", "encoding", "this machine cannot convert %s", from);
  char *in = (char *)(uintptr_t)bytes;
  size_t left = n, bad_at = 0;
  while (left && !bad_at) {
    char block[4096], *to = block;
    size_t room = sizeof block;
    bool stopped = iconv(conversion, &in, &left, &to, &room) == (size_t)-1 && errno != E2BIG;
    put_bytes(out, block, (size_t)(to - block));
    if (!stopped) continue;
    if (*from == 'G' && (unsigned char)*in == 0x80) { /* cp936's own */
      put_text(out, "€");
      in++, left--;
    } else {
      bad_at = n - left + 1;
    }
  }
  iconv_close(conversion);
  if (bad_at)
    return err_rule(err, ERR_INPUT, "", "encoding",
                    "the file is neither UTF-8 nor UTF-16 with its mark nor GB18030: byte %zu makes no sense",
                    bad_at);
  return true;
}

static bool decode(struct buf *out, const char *p, size_t n, struct err *err)
{
  bool ok = true;
  if (n >= 2 && memcmp(p, "\xff\xfe", 2) == 0)
    ok = convert(out, "UTF-16LE", p + 2, n - 2, err);
  else if (n >= 2 && memcmp(p, "\xfe\xff", 2) == 0)
    ok = convert(out, "UTF-16BE", p + 2, n - 2, err);
  else if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
    put_bytes(out, p + 3, n - 3);
  else if (utf8_valid(p, n) || memchr(p, 0, n))
    put_bytes(out, p, n);
  else
    ok = convert(out, "GB18030", p, n, err);
  if (!ok) return false;
  if (out->bad) return err_set(err, ERR_IO, "out of memory reading a table");
  if (out->size && memchr(out->data, 0, out->size))
    return err_rule(err, ERR_INPUT, "", "encoding", "the file is not text: it holds a zero byte");
  if (!utf8_valid(out->data, out->size))
    return err_rule(err, ERR_INPUT, "", "encoding", "the file begins as UTF-8 but is not UTF-8 throughout");
  return true;
}

/* -- what parts the cells -- */

static const char *const delimiters[] = {",", "\t", ";", "，"}; /* the first wins where two are as many */
enum { DELIMITERS = sizeof delimiters / sizeof *delimiters };

static bool at_text(const char *p, const char *end, const char *text)
{
  size_t n = strlen(text);
  return (size_t)(end - p) >= n && memcmp(p, text, n) == 0;
}

static const char *guess(const char *p, const char *end)
{
  size_t count[DELIMITERS] = {0};
  int lines = 0, best = 0;
  for (bool quoted = false; p < end && lines < GUESS_LINES; p++) {
    if (*p == '"') quoted = !quoted;
    if (quoted) continue;
    lines += *p == '\n' || *p == '\r';
    for (int d = 0; d < DELIMITERS; d++)
      count[d] += at_text(p, end, delimiters[d]);
  }
  for (int d = 1; d < DELIMITERS; d++)
    if (count[d] > count[best]) best = d;
  return delimiters[best];
}

/* "sep=;" as Excel writes and reads it: *p is put behind it. */
static const char *said(const char **p, const char *end)
{
  const char *line = *p;
  if (end - line < 5 || strncasecmp(line, "sep=", 4) != 0) return NULL;
  for (int d = 0; d < DELIMITERS; d++) {
    if (!at_text(line + 4, end, delimiters[d])) continue;
    const char *after = line + 4 + strlen(delimiters[d]);
    if (after < end && *after != '\r' && *after != '\n') return NULL;
    after += after < end && *after == '\r';
    after += after < end && *after == '\n';
    *p = after;
    return delimiters[d];
  }
  return NULL;
}

/* -- cells -- */

struct cutter {
  const char *p, *end;
  const char *delimiter;
  size_t row; /* from 0 */
  struct buf cell;
  struct grid *grid;
  struct err *err;
};

static bool line_ends(const struct cutter *c)
{
  return c->p == c->end || *c->p == '\n' || *c->p == '\r';
}

/* Which row it is, as the field of the error: a page says it in its own words. */
static bool refuse(struct cutter *c, const char *rule, const char *what)
{
  char row[24];
  snprintf(row, sizeof row, "%zu", c->row + 1);
  return err_rule(c->err, ERR_INPUT, row, rule, "row %s: %s", row, what);
}

static bool quoted_cell(struct cutter *c)
{
  for (c->p++;; c->p++) {
    if (c->p == c->end) return refuse(c, "quote", "a quote is opened and never closed");
    if (*c->p == '"' && (++c->p == c->end || *c->p != '"')) break;
    put_u8(&c->cell, (uint8_t)*c->p);
  }
  if (line_ends(c) || at_text(c->p, c->end, c->delimiter)) return true;
  return refuse(c, "quote", "text follows a closing quote");
}

static void plain_cell(struct cutter *c)
{
  while (!line_ends(c) && !at_text(c->p, c->end, c->delimiter))
    put_u8(&c->cell, (uint8_t)*c->p++);
}

/* ="00012" and '00012 without their guard. */
static void unguard(struct buf *cell)
{
  const char *text = (const char *)cell->data;
  if (cell->size >= 3 && text[0] == '=' && text[1] == '"' && text[cell->size - 1] == '"') {
    cell->size--;
    buf_drop(cell, 2);
    size_t to = 0;
    for (size_t i = 0; i < cell->size; i++) {
      cell->data[to++] = cell->data[i];
      if (cell->data[i] == '"' && i + 1 < cell->size && cell->data[i + 1] == '"') i++;
    }
    cell->size = to;
  } else if (cell->size >= 2 && text[0] == '\'' && strchr("=+-@0123456789", text[1])) {
    buf_drop(cell, 1);
  }
}

static bool cut_row(struct cutter *c)
{
  for (size_t column = 0;; column++) {
    buf_clear(&c->cell);
    if (c->p < c->end && *c->p == '"') {
      if (!quoted_cell(c)) return false;
    } else {
      plain_cell(c);
    }
    if (c->cell.bad) return refuse(c, "length", "a cell is longer than any text may be");
    unguard(&c->cell);
    if (!grid_put(c->grid, c->row, column, (const char *)c->cell.data, c->cell.size, c->err)) return false;
    if (line_ends(c)) break;
    c->p += strlen(c->delimiter);
  }
  c->p += c->p < c->end && *c->p == '\r'; /* alone, or of CRLF */
  c->p += c->p < c->end && *c->p == '\n';
  return true;
}

bool csv_read(struct grid *out, const void *bytes, size_t size, struct err *err)
{
  struct buf text = BUF_INIT;
  struct cutter c = {.grid = out, .err = err, .cell = {.max = CSV_CELL_SIZE_MAX - 1}};
  bool ok = size > 0 && decode(&text, bytes, size, err);
  if (ok) {
    c.p = text.size ? (const char *)text.data : "";
    c.end = c.p + text.size;
    c.delimiter = said(&c.p, c.end);
    if (!c.delimiter) c.delimiter = guess(c.p, c.end);
    for (; ok && c.p < c.end; c.row++)
      ok = cut_row(&c);
  }
  if (!size || (ok && !out->rows)) ok = err_rule(err, ERR_INPUT, "", "empty", "the file is empty");
  buf_wipe(&text);
  buf_wipe(&c.cell);
  if (!ok) grid_wipe(out);
  return ok;
}
