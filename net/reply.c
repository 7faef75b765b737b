#include "net/reply.h"

#include <string.h>
#include <strings.h>

struct framing {
  bool sized, chunked;
  uint64_t size;
};

static enum reply_verdict bad(struct reply *out, const char *why)
{
  out->why = why;
  return REPLY_BAD;
}

static bool is(const char *name, size_t n, const char *wanted)
{
  return n == strlen(wanted) && strncasecmp(name, wanted, n) == 0;
}

static bool decimal(const char *p, size_t n, uint64_t *out)
{
  uint64_t v = 0;
  if (n == 0 || n > 9) return false;
  for (size_t i = 0; i < n; i++) {
    if (p[i] < '0' || p[i] > '9') return false;
    v = v * 10 + (uint64_t)(p[i] - '0');
  }
  *out = v;
  return true;
}

/* "HTTP/1.1 200 OK" */
static bool take_status(struct reply *out, const char *line, size_t n)
{
  uint64_t status = 0;
  bool ok = n >= 12 && memcmp(line, "HTTP/1.", 7) == 0 && (line[7] == '0' || line[7] == '1') &&
            line[8] == ' ' && decimal(line + 9, 3, &status) && (n == 12 || line[12] == ' ') && status >= 100;
  out->status = (int)status;
  return ok;
}

static void take_type(struct reply *out, const char *value, size_t n)
{
  size_t i = 0;
  for (; i < n && i + 1 < sizeof out->type && value[i] != ';' && value[i] != ' '; i++)
    out->type[i] = value[i] >= 'A' && value[i] <= 'Z' ? (char)(value[i] + 32) : value[i];
  out->type[i] = 0;
}

static const char *take_field(struct reply *out, struct framing *framing, const char *line, size_t n)
{
  const char *colon = memchr(line, ':', n);
  size_t name = colon ? (size_t)(colon - line) : 0;
  if (name == 0 || line[0] == ' ' || line[0] == '\t' || line[name - 1] == ' ') return "a header is malformed";
  const char *value = colon + 1, *end = line + n;
  while (value < end && (*value == ' ' || *value == '\t'))
    value++;
  while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
    end--;
  size_t size = (size_t)(end - value);
  if (is(line, name, "Content-Type")) take_type(out, value, size);
  if (is(line, name, "Content-Length")) {
    if (framing->sized || !decimal(value, size, &framing->size))
      return "Content-Length is malformed or twice";
    framing->sized = true;
  }
  if (is(line, name, "Transfer-Encoding")) {
    if (framing->chunked || !is(value, size, "chunked")) return "the transfer encoding is not known here";
    framing->chunked = true;
  }
  return NULL;
}

/* The head's lines; *body: where it ends. */
static enum reply_verdict take_head(struct reply *out, struct framing *framing, const char *p, size_t n,
                                    size_t *body)
{
  const char *end = memmem(p, n < REPLY_HEAD_MAX ? n : REPLY_HEAD_MAX, "\r\n\r\n", 4);
  if (!end) return n >= REPLY_HEAD_MAX ? bad(out, "the head is too long") : REPLY_MORE;
  const char *at = p, *why = NULL;
  *body = (size_t)(end - p) + 4;
  for (bool first = true; at < end + 2; first = false) {
    const char *stop = memmem(at, (size_t)(end + 2 - at), "\r\n", 2);
    size_t size = (size_t)(stop - at);
    if (memchr(at, '\n', size) || memchr(at, '\r', size) || memchr(at, 0, size))
      return bad(out, "a line of the head holds a control byte");
    if (first && !take_status(out, at, size)) return bad(out, "this is no answer of HTTP/1");
    if (!first && (why = take_field(out, framing, at, size))) return bad(out, why);
    at = stop + 2;
  }
  if (framing->sized && framing->chunked) return bad(out, "a length and chunks");
  if (framing->size > REPLY_BODY_MAX) return bad(out, "the body is too long");
  return REPLY_WHOLE;
}

static enum reply_verdict take_chunks(struct reply *out, const char *p, size_t n)
{
  const char *end = p + n;
  for (;;) {
    const char *stop = memmem(p, (size_t)(end - p), "\r\n", 2);
    uint64_t size = 0;
    if (!stop) return end - p > 16 ? bad(out, "a chunk's size is malformed") : REPLY_MORE;
    if (stop == p || stop - p > 5) return bad(out, "a chunk's size is malformed");
    for (; p < stop; p++) {
      const char *digits = "0123456789abcdef";
      const char *digit = strchr(digits, *p >= 'A' && *p <= 'F' ? *p + 32 : *p);
      if (!digit || !*digit) return bad(out, "a chunk's size is malformed");
      size = size * 16 + (uint64_t)(digit - digits);
    }
    p = stop + 2;
    if (out->body.size + size > REPLY_BODY_MAX) return bad(out, "the body is too long");
    if ((uint64_t)(end - p) < size + 2) return REPLY_MORE;
    if (memcmp(p + size, "\r\n", 2) != 0) return bad(out, size ? "a chunk has no end" : "there are trailers");
    put_bytes(&out->body, p, size);
    p += size + 2;
    if (size == 0) return REPLY_WHOLE;
  }
}

static enum reply_verdict take_body(struct reply *out, const struct framing *framing, const char *p, size_t n,
                                    bool ended)
{
  if (framing->chunked) return take_chunks(out, p, n);
  if (framing->sized ? n < framing->size : !ended)
    return n > REPLY_BODY_MAX ? bad(out, "the body is too long") : REPLY_MORE;
  size_t size = framing->sized ? framing->size : n;
  if (size > REPLY_BODY_MAX) return bad(out, "the body is too long");
  put_bytes(&out->body, p, size);
  return REPLY_WHOLE;
}

enum reply_verdict reply_parse(struct reply *out, const uint8_t *p, size_t n, bool ended)
{
  const char *at = (const char *)p;
  size_t left = n;
  struct reply a;
  enum reply_verdict verdict;
  do { /* 1xx are said before the answer */
    struct framing framing = {.sized = false};
    size_t body = 0;
    memset(&a, 0, sizeof a);
    verdict = take_head(&a, &framing, at, left, &body);
    if (verdict == REPLY_WHOLE && a.status / 100 != 1) {
      bool bare = a.status == 204 || a.status == 304;
      verdict = bare ? REPLY_WHOLE : take_body(&a, &framing, at + body, left - body, ended);
      break;
    }
    at += body;
    left -= body;
  } while (verdict == REPLY_WHOLE);
  if (verdict == REPLY_MORE && ended) verdict = bad(&a, "the answer was cut off");
  if (a.body.bad) verdict = bad(&a, "no memory for the answer");
  if (verdict != REPLY_WHOLE) buf_wipe(&a.body);
  *out = a;
  return verdict;
}
