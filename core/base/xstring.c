#include "core/base/xstring.h"

#include "core/base/text.h"

#include <string.h>

/* The four hex digits of "_x000D_"; false: text is no such escape. */
static bool escaped(const char *text, const char *end, uint32_t *unit)
{
  if (end - text < 7 || text[0] != '_' || text[1] != 'x' || text[6] != '_') return false;
  *unit = 0;
  for (int i = 2; i < 6; i++) {
    const char *digits = "0123456789abcdef", *at = strchr(digits, text[i] | (text[i] >= 'A' ? 0x20 : 0));
    if (!text[i] || !at) return false;
    *unit = *unit << 4 | (uint32_t)(at - digits);
  }
  return true;
}

static char *put_character(char *to, uint32_t c)
{
  if (c < 0x80) {
    *to++ = (char)c;
    return to;
  }
  int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  static const unsigned char heads[] = {0, 0xc0, 0xe0, 0xf0};
  *to++ = (char)(heads[more] | c >> (6 * more));
  while (more--)
    *to++ = (char)(0x80 | (c >> (6 * more) & 0x3f));
  return to;
}

void xstring_decode(struct buf *text)
{
  if (text->bad || !text->size || !memchr(text->data, '_', text->size)) return;
  const char *from = (const char *)text->data, *end = from + text->size;
  char *to = (char *)text->data;
  while (from < end) {
    uint32_t unit, low;
    if (!escaped(from, end, &unit)) {
      *to++ = *from++;
      continue;
    }
    from += 7;
    if (unit >= 0xd800 && unit < 0xdc00 && escaped(from, end, &low) && low >= 0xdc00 && low < 0xe000) {
      unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
      from += 7;
    }
    if (!unit || (unit >= 0xd800 && unit < 0xe000)) unit = 0xfffd; /* half a character is none */
    to = put_character(to, unit);
  }
  text->size = (size_t)(to - (char *)text->data);
}

void xstring_encode(struct buf *out, const char *text, size_t size)
{
  static const char none[] = "\xEF\xBF\xBD";
  size_t left = strlen(text);
  uint32_t code = 0, unit;
  for (size_t n; left; text += n, left -= n) {
    n = text_next(text, left, &code);
    bool escape = escaped(text, text + left, &unit);
    bool good = n && (text_allows(TEXT_REMARK, code) || (text_is_unseen(code) && !text_turns(code)));
    if (!n) n = 1;
    if (out->size + (escape ? 7 : 0) + (good ? n : 3) > size) break;
    if (escape) put_text(out, "_x005F");
    put_bytes(out, good ? text : none, good ? n : 3);
  }
  put_u8(out, 0);
}
