#include "core/base/bytes.h"

#include <stdlib.h>
#include <string.h>

void buf_wipe(struct buf *buf)
{
  free(buf->data);
  memset(buf, 0, sizeof *buf);
}

void buf_clear(struct buf *buf)
{
  buf->size = 0;
  buf->bad = false;
}

uint8_t *buf_reserve(struct buf *buf, size_t n)
{
  if (buf->bad) return NULL;
  if (n > SIZE_MAX / 4 - buf->size || (buf->max && buf->size + n > buf->max)) {
    buf->bad = true;
    return NULL;
  }
  if (!buf->data || buf->size + n > buf->room) {
    size_t room = buf->room ? buf->room * 2 : 256;
    while (room < buf->size + n)
      room *= 2;
    uint8_t *data = realloc(buf->data, room);
    if (!data) {
      buf->bad = true;
      return NULL;
    }
    buf->data = data;
    buf->room = room;
  }
  uint8_t *at = buf->data + buf->size;
  buf->size += n;
  return at;
}

void buf_drop(struct buf *buf, size_t n)
{
  if (n >= buf->size) {
    buf->size = 0;
    return;
  }
  memmove(buf->data, buf->data + n, buf->size - n);
  buf->size -= n;
}

static void put_be(struct buf *buf, uint64_t v, size_t n)
{
  uint8_t *at = buf_reserve(buf, n);
  if (!at) return;
  for (size_t i = 0; i < n; i++)
    at[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
}

void put_u8(struct buf *buf, uint8_t v)
{
  put_be(buf, v, 1);
}
void put_u16(struct buf *buf, uint16_t v)
{
  put_be(buf, v, 2);
}
void put_u32(struct buf *buf, uint32_t v)
{
  put_be(buf, v, 4);
}
void put_u64(struct buf *buf, uint64_t v)
{
  put_be(buf, v, 8);
}

void put_varint(struct buf *buf, uint64_t v)
{
  while (v >= 0x80) {
    put_u8(buf, (uint8_t)(v | 0x80));
    v >>= 7;
  }
  put_u8(buf, (uint8_t)v);
}

void put_bytes(struct buf *buf, const void *p, size_t n)
{
  uint8_t *at = buf_reserve(buf, n);
  if (at && n) memcpy(at, p, n);
}

void put_vec8(struct buf *buf, const void *p, size_t n)
{
  if (n > UINT8_MAX) buf->bad = true;
  put_u8(buf, (uint8_t)n);
  put_bytes(buf, p, n);
}

void put_vec16(struct buf *buf, const void *p, size_t n)
{
  if (n > UINT16_MAX) buf->bad = true;
  put_u16(buf, (uint16_t)n);
  put_bytes(buf, p, n);
}

void put_text(struct buf *buf, const char *s)
{
  put_bytes(buf, s, strlen(s));
}

struct reader reader_of(const void *p, size_t n)
{
  static const uint8_t nothing;
  const uint8_t *at = p ? p : &nothing;
  return (struct reader){.p = at, .end = at + (p ? n : 0)};
}

const uint8_t *get_bytes(struct reader *r, size_t n)
{
  if (r->bad || n > (size_t)(r->end - r->p)) {
    r->bad = true;
    return NULL;
  }
  const uint8_t *at = r->p;
  r->p += n;
  return at;
}

static uint64_t get_be(struct reader *r, size_t n)
{
  const uint8_t *at = get_bytes(r, n);
  uint64_t v = 0;
  for (size_t i = 0; at && i < n; i++)
    v = v << 8 | at[i];
  return v;
}

uint8_t get_u8(struct reader *r)
{
  return (uint8_t)get_be(r, 1);
}
uint16_t get_u16(struct reader *r)
{
  return (uint16_t)get_be(r, 2);
}
uint32_t get_u32(struct reader *r)
{
  return (uint32_t)get_be(r, 4);
}
uint64_t get_u64(struct reader *r)
{
  return get_be(r, 8);
}

uint64_t get_varint(struct reader *r)
{
  uint64_t v = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    uint8_t byte = get_u8(r);
    if (r->bad) return 0;
    if (shift == 63 && byte > 1) break;
    v |= (uint64_t)(byte & 0x7f) << shift;
    if (byte & 0x80) continue;
    if (byte == 0 && shift > 0) break;
    return v;
  }
  r->bad = true;
  return 0;
}

const uint8_t *get_vec8(struct reader *r, size_t *n)
{
  *n = get_u8(r);
  return get_bytes(r, *n);
}

const uint8_t *get_vec16(struct reader *r, size_t *n)
{
  *n = get_u16(r);
  return get_bytes(r, *n);
}

size_t reader_left(const struct reader *r)
{
  return r->bad ? 0 : (size_t)(r->end - r->p);
}

bool reader_done(const struct reader *r)
{
  return !r->bad && r->p == r->end;
}

void hex_encode(char *out, const void *p, size_t n)
{
  static const char digits[] = "0123456789abcdef";
  const uint8_t *bytes = p;
  for (size_t i = 0; i < n; i++) {
    out[2 * i] = digits[bytes[i] >> 4];
    out[2 * i + 1] = digits[bytes[i] & 15];
  }
  out[2 * n] = 0;
}

static int digit_of(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

bool hex_decode(void *out, size_t n, const char *text)
{
  if (strlen(text) != 2 * n) return false;
  uint8_t *bytes = out;
  for (size_t i = 0; i < n; i++) {
    int high = digit_of(text[2 * i]);
    int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return false;
    bytes[i] = (uint8_t)(high << 4 | low);
  }
  return true;
}

bool utf8_valid(const void *text, size_t n)
{
  const uint8_t *p = text;
  for (size_t i = 0; i < n;) {
    uint8_t c = p[i];
    if (c == 0) return false;
    if (c < 0x80) {
      i++;
      continue;
    }
    size_t more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1;
    if (c < 0xc2 || c > 0xf4 || more >= n - i) return false;
    uint8_t low = c == 0xe0 ? 0xa0 : c == 0xf0 ? 0x90 : 0x80;
    uint8_t high = c == 0xed ? 0x9f : c == 0xf4 ? 0x8f : 0xbf;
    if (p[i + 1] < low || p[i + 1] > high) return false;
    for (size_t k = 2; k <= more; k++)
      if ((p[i + k] & 0xc0) != 0x80) return false;
    i += more + 1;
  }
  return true;
}
