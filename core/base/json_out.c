#include "core/base/json_out.h"

#include "core/base/clock.h"
#include "core/base/json.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* How many bytes of valid UTF-8 begin at p: 0 for a byte that begins nothing. */
static size_t character_size(const uint8_t *p, size_t left)
{
  size_t n = *p < 0x80                 ? 1
             : *p >= 0xC2 && *p < 0xE0 ? 2
             : *p >= 0xE0 && *p < 0xF0 ? 3
             : *p >= 0xF0 && *p < 0xF5 ? 4
                                       : 0;
  if (!n || n > left) return 0;
  for (size_t i = 1; i < n; i++)
    if ((p[i] & 0xC0) != 0x80) return 0;
  if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] >= 0xA0) || (p[0] == 0xF0 && p[1] < 0x90) ||
      (p[0] == 0xF4 && p[1] >= 0x90))
    return 0; /* overlong, a surrogate, or beyond Unicode */
  return n;
}

static void put_escaped(struct buf *to, uint8_t c)
{
  char text[8];
  const char *short_form = c == '"'    ? "\\\""
                           : c == '\\' ? "\\\\"
                           : c == '\n' ? "\\n"
                           : c == '\t' ? "\\t"
                                       : NULL;
  if (!short_form) {
    snprintf(text, sizeof text, "\\u%04x", c);
    short_form = text;
  }
  put_text(to, short_form);
}

static void put_string(struct buf *to, const uint8_t *p, size_t n)
{
  put_u8(to, '"');
  size_t from = 0, i = 0;
  while (i < n) {
    size_t size = character_size(p + i, n - i);
    if (size && p[i] >= 0x20 && p[i] != '"' && p[i] != '\\' && p[i] != 0x7F) {
      i += size;
      continue;
    }
    put_bytes(to, p + from, i - from);
    if (size)
      put_escaped(to, p[i]);
    else
      put_text(to, "\xEF\xBF\xBD");
    from = ++i;
  }
  put_bytes(to, p + from, n - from);
  put_u8(to, '"');
}

/* The comma before a member, and its name. */
static void begin(struct json_out *out, const char *key)
{
  if (out->depth) {
    if (out->more[out->depth - 1]) put_u8(&out->bytes, ',');
    out->more[out->depth - 1] = true;
  }
  if (!key) return;
  put_string(&out->bytes, (const uint8_t *)key, strlen(key));
  put_u8(&out->bytes, ':');
}

static void open_level(struct json_out *out, const char *key, char opens, char closes)
{
  assert(out->depth < JSON_OUT_DEPTH_MAX);
  begin(out, key);
  put_u8(&out->bytes, (uint8_t)opens);
  out->more[out->depth] = false;
  out->close[out->depth++] = closes;
}

void out_object(struct json_out *out, const char *key)
{
  open_level(out, key, '{', '}');
}

void out_array(struct json_out *out, const char *key)
{
  open_level(out, key, '[', ']');
}

void out_end(struct json_out *out)
{
  assert(out->depth > 0);
  put_u8(&out->bytes, (uint8_t)out->close[--out->depth]);
}

void out_textn(struct json_out *out, const char *key, const void *text, size_t size)
{
  begin(out, key);
  put_string(&out->bytes, text, size);
}

void out_text(struct json_out *out, const char *key, const char *text)
{
  out_textn(out, key, text ? text : "", text ? strlen(text) : 0);
}

void out_text_or_null(struct json_out *out, const char *key, const char *text)
{
  if (text && *text)
    out_text(out, key, text);
  else
    out_null(out, key);
}

void out_raw(struct json_out *out, const char *key, const char *json)
{
  begin(out, key);
  put_text(&out->bytes, json);
}

void out_int(struct json_out *out, const char *key, int64_t value)
{
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)value);
  out_raw(out, key, text);
}

void out_int_or_null(struct json_out *out, const char *key, int64_t value)
{
  if (value)
    out_int(out, key, value);
  else
    out_null(out, key);
}

void out_bool(struct json_out *out, const char *key, bool value)
{
  out_raw(out, key, value ? "true" : "false");
}

void out_null(struct json_out *out, const char *key)
{
  out_raw(out, key, "null");
}

void out_date(struct json_out *out, const char *key, int date)
{
  char text[11];
  if (!date) {
    out_null(out, key);
    return;
  }
  date_format(text, date);
  out_text(out, key, text);
}

void out_centi(struct json_out *out, const char *key, int centi)
{
  char text[24];
  if (!centi) {
    out_null(out, key);
    return;
  }
  snprintf(text, sizeof text, "%d.%02d", centi / 100, centi % 100);
  out_raw(out, key, text);
}

void out_milli(struct json_out *out, const char *key, int64_t milli)
{
  char text[32];
  if (!milli) {
    out_null(out, key);
    return;
  }
  int size = snprintf(text, sizeof text, "%lld.%03lld", (long long)(milli / 1000), (long long)(milli % 1000));
  while (text[size - 1] == '0')
    text[--size] = 0;
  if (text[size - 1] == '.') text[--size] = 0;
  out_raw(out, key, text);
}

void out_hex(struct json_out *out, const char *key, const void *bytes, size_t size)
{
  begin(out, key);
  put_u8(&out->bytes, '"');
  uint8_t *to = buf_reserve(&out->bytes, size * 2 + 1); /* and the zero hex_encode ends with */
  if (to) {
    hex_encode((char *)to, bytes, size);
    out->bytes.size--;
  }
  put_u8(&out->bytes, '"');
}

void out_stored_object(struct json_out *out, const char *key, const char *text)
{
  json_t *object = *text ? json_parse(text, strlen(text), NULL) : NULL;
  struct buf canonical = BUF_INIT;
  bool is_object = json_is_object(object) && json_write(&canonical, object);
  put_u8(&canonical, 0);
  out_raw(out, key, is_object && !canonical.bad ? (const char *)canonical.data : "{}");
  buf_wipe(&canonical);
  json_decref(object);
}
