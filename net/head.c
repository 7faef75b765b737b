#include "net/head.h"

#include "core/base/limits.h"

#include <string.h>
#include <strings.h>

struct span {
  const uint8_t *p;
  size_t n;
};

/* What is gathered line by line. */
struct lines {
  struct head *head;
  int count, hosts, lengths, codings;
  bool old; /* HTTP/1.0 */
  bool upgrade_named, upgrade_wanted;
};

static bool refuse(struct head *out, int status, const char *why)
{
  out->status = status;
  out->why = why;
  return false;
}

/* RFC 9110 5.6.2 */
static bool is_token(struct span s)
{
  static const char others[] = "!#$%&'*+-.^_`|~";
  for (size_t i = 0; i < s.n; i++) {
    uint8_t c = s.p[i];
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (!plain && !(c && strchr(others, c))) return false;
  }
  return s.n > 0;
}

static bool is(struct span s, const char *text)
{
  return s.n == strlen(text) && strncasecmp((const char *)s.p, text, s.n) == 0;
}

/* The value is a comma list that names the word. */
static bool lists(struct span s, const char *word)
{
  size_t size = strlen(word);
  for (size_t i = 0; i < s.n;) {
    while (i < s.n && strchr(", \t", s.p[i]))
      i++;
    size_t n = 0;
    while (i + n < s.n && !strchr(", \t", s.p[i + n]))
      n++;
    if (n == size && strncasecmp((const char *)s.p + i, word, n) == 0) return true;
    i += n;
  }
  return false;
}

static bool has_zero_escape(struct span s)
{
  for (size_t i = 0; i + 2 < s.n; i++)
    if (s.p[i] == '%' && s.p[i + 1] == '0' && s.p[i + 2] == '0') return true;
  return false;
}

/* METHOD SP /target SP HTTP/1.x */
static bool take_request_line(struct lines *l, struct span line)
{
  const uint8_t *end = line.p + line.n;
  const uint8_t *first = memchr(line.p, ' ', line.n);
  const uint8_t *second = first ? memchr(first + 1, ' ', (size_t)(end - first - 1)) : NULL;
  if (!second) return refuse(l->head, 400, "the request line has not three words");
  struct span method = {line.p, (size_t)(first - line.p)};
  struct span target = {first + 1, (size_t)(second - first - 1)};
  struct span version = {second + 1, (size_t)(end - second - 1)};
  if (!is_token(method) || method.n > 16) return refuse(l->head, 400, "this is no method");
  if (target.n == 0 || target.p[0] != '/') return refuse(l->head, 400, "the target is not a path");
  if (version.n != 8 || memcmp(version.p, "HTTP/1.", 7) != 0 || (version.p[7] != '0' && version.p[7] != '1'))
    return refuse(l->head, 505, "HTTP/1.1 is spoken here");
  l->old = version.p[7] == '0';
  for (size_t i = 0; i < target.n; i++)
    if (target.p[i] <= 0x20 || target.p[i] >= 0x7f)
      return refuse(l->head, 400, "the target has bytes that must be escaped");
  return !has_zero_escape(target) || refuse(l->head, 400, "the target has a zero in it");
}

static bool take_length(struct lines *l, struct span value)
{
  uint64_t size = 0;
  if (l->lengths++ > 0) return refuse(l->head, 400, "two lengths");
  if (value.n == 0 || value.n > 15) return refuse(l->head, 400, "this is no length");
  for (size_t i = 0; i < value.n; i++) {
    if (value.p[i] < '0' || value.p[i] > '9') return refuse(l->head, 400, "this is no length");
    size = size * 10 + (uint64_t)(value.p[i] - '0');
  }
  l->head->body_size = size;
  return size <= HTTP_UPLOAD_MAX || refuse(l->head, 413, "the body is longer than any path takes");
}

static bool take_coding(struct lines *l, struct span value)
{
  if (l->codings++ > 0) return refuse(l->head, 400, "two transfer codings");
  l->head->chunked = is(value, "chunked");
  return l->head->chunked || refuse(l->head, 501, "only chunks are understood");
}

static bool take_expect(struct lines *l, struct span value, size_t at, size_t size)
{
  if (!is(value, "100-continue")) return refuse(l->head, 417, "only 100-continue can be expected");
  if (l->head->expects) return refuse(l->head, 400, "two expectations");
  l->head->expects = true;
  l->head->expect_at = at;
  l->head->expect_size = size;
  return true;
}

/* name ":" optional space, value, optional space; `at` and `size` are the whole line's. */
static bool take_header(struct lines *l, struct span line, size_t at)
{
  const uint8_t *colon = memchr(line.p, ':', line.n);
  struct span name = {line.p, colon ? (size_t)(colon - line.p) : 0};
  if (!is_token(name)) return refuse(l->head, 400, "a header has no name");
  if (++l->count > HEAD_LINES_MAX) return refuse(l->head, 431, "too many headers");
  struct span value = {colon + 1, line.n - name.n - 1};
  for (size_t i = 0; i < value.n; i++)
    if ((value.p[i] < 0x20 && value.p[i] != '\t') || value.p[i] == 0x7f)
      return refuse(l->head, 400, "a header has a control character");
  while (value.n > 0 && (value.p[0] == ' ' || value.p[0] == '\t'))
    value = (struct span){value.p + 1, value.n - 1};
  while (value.n > 0 && (value.p[value.n - 1] == ' ' || value.p[value.n - 1] == '\t'))
    value.n--;
  if (is(name, "Content-Length")) return take_length(l, value);
  if (is(name, "Transfer-Encoding")) return take_coding(l, value);
  if (is(name, "Expect")) return take_expect(l, value, at, line.n + 2);
  if (is(name, "Host")) l->hosts++;
  if (is(name, "Upgrade")) l->upgrade_named = is(value, "websocket");
  if (is(name, "Connection")) l->upgrade_wanted = l->upgrade_wanted || lists(value, "upgrade");
  return true;
}

static bool take_end(struct lines *l)
{
  struct head *h = l->head;
  if (h->chunked && l->lengths > 0) return refuse(h, 400, "a length and chunks");
  if (h->chunked && l->old) return refuse(h, 400, "HTTP/1.0 has no chunks");
  if (l->hosts > 1 || (l->hosts == 0 && !l->old)) return refuse(h, 400, "one Host is needed");
  if (h->expects && (l->old || (h->body_size == 0 && !h->chunked)))
    h->expects = false; /* nothing to wait for */
  h->upgrades = l->upgrade_named && l->upgrade_wanted;
  if (h->upgrades && (h->chunked || h->body_size > 0)) return refuse(h, 400, "an upgrade has no body");
  return true;
}

enum head_verdict head_parse(struct head *out, const uint8_t *p, size_t n)
{
  struct lines l = {.head = out};
  memset(out, 0, sizeof *out);
  for (size_t at = 0, line = 0;; line++) {
    const uint8_t *end = memmem(p + at, n - at, "\r\n", 2);
    const uint8_t *bare = memchr(p + at, '\n', n - at);
    bool ok = !bare || (end && bare > end) || refuse(out, 400, "a line ends without carriage return");
    if (ok && !end) {
      if (n >= HEAD_SIZE_MAX) ok = refuse(out, 431, "the head is too long");
      return ok ? HEAD_MORE : HEAD_BAD;
    }
    struct span text = {p + at, ok ? (size_t)(end - p) - at : 0};
    if (ok && line > 0 && text.n == 0) {
      out->size = at + 2;
      return take_end(&l) ? HEAD_WHOLE : HEAD_BAD;
    }
    ok = ok && (line == 0 ? take_request_line(&l, text) : take_header(&l, text, at));
    if (!ok) return HEAD_BAD;
    at += text.n + 2;
  }
}

/* -- Chunks: 1*HEXDIG CRLF data CRLF ... 0 CRLF CRLF -- */

enum { CHUNK_SIZE, CHUNK_SIZE_LF, CHUNK_DATA, CHUNK_DATA_CR, CHUNK_DATA_LF, CHUNK_END_CR, CHUNK_END_LF };
enum { CHUNK_DIGITS_MAX = 7 };

static int digit_of(uint8_t c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

static void take_size_byte(struct chunks *c, uint8_t byte)
{
  int digit = digit_of(byte);
  if (digit >= 0 && c->digits < CHUNK_DIGITS_MAX) {
    c->left = c->left << 4 | (uint64_t)digit;
    c->digits++;
  } else if (byte == '\r' && c->digits > 0) {
    c->state = CHUNK_SIZE_LF;
  } else {
    c->bad = true;
  }
}

static void take_byte(struct chunks *c, uint8_t byte)
{
  static const struct {
    uint8_t byte;
    int next;
  } fixed[] = {
      [CHUNK_DATA_CR] = {'\r', CHUNK_DATA_LF},
      [CHUNK_DATA_LF] = {'\n', CHUNK_SIZE},
      [CHUNK_END_CR] = {'\r', CHUNK_END_LF},
      [CHUNK_END_LF] = {'\n', CHUNK_SIZE},
  };
  if (c->state == CHUNK_SIZE) {
    take_size_byte(c, byte);
  } else if (c->state == CHUNK_SIZE_LF) {
    c->bad = byte != '\n';
    c->total += c->left;
    if (c->total > HTTP_UPLOAD_MAX + (uint64_t)FRAME_SIZE_MAX)
      c->bad = true; /* the path's own bound came first */
    c->state = c->left > 0 ? CHUNK_DATA : CHUNK_END_CR;
    c->digits = 0;
  } else {
    c->bad = byte != fixed[c->state].byte;
    c->done = !c->bad && c->state == CHUNK_END_LF;
    c->state = fixed[c->state].next;
  }
}

size_t chunks_follow(struct chunks *chunks, const uint8_t *p, size_t n)
{
  size_t i = 0;
  while (i < n && !chunks->done && !chunks->bad) {
    if (chunks->state == CHUNK_DATA) {
      size_t k = chunks->left < n - i ? (size_t)chunks->left : n - i;
      chunks->left -= k;
      i += k;
      if (chunks->left == 0) chunks->state = CHUNK_DATA_CR;
    } else {
      take_byte(chunks, p[i++]);
    }
  }
  return i;
}
