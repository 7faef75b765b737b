#include "core/base/text.h"

#include <string.h>

size_t text_next(const char *text, size_t left, uint32_t *code)
{
  static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* anything less is an overlong form */
  const unsigned char *p = (const unsigned char *)text;
  if (!left) return 0;
  size_t size = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;
  if (!size || size > left) return 0;
  uint32_t c = size == 1 ? *p : *p & (0x7fu >> size);
  for (size_t i = 1; i < size; i++) {
    if ((p[i] & 0xc0) != 0x80) return 0;
    c = c << 6 | (p[i] & 0x3f);
  }
  if (c < least[size] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return 0;
  *code = c;
  return size;
}

struct range {
  uint32_t first, last;
};

static bool within(const struct range *list, size_t count, uint32_t code)
{
  for (size_t i = 0; i < count; i++)
    if (code >= list[i].first && code <= list[i].last) return true;
  return false;
}
#define WITHIN(list, code) within(list, sizeof(list) / sizeof *(list), code)

/* Controls, separators of lines, and the noncharacters of Unicode 23.7. */
static bool is_control(uint32_t code)
{
  return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x2028 || code == 0x2029 ||
         (code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) == 0xfffe;
}

/* Bidi_Control (PropList.txt): marks, embeddings, overrides, isolates. */
bool text_turns(uint32_t code)
{
  static const struct range list[] = {{0x061c, 0x061c}, {0x200e, 0x200f}, {0x202a, 0x202e}, {0x2066, 0x2069}};
  return code >= 0x061c && WITHIN(list, code);
}

/* Default_Ignorable_Code_Point (DerivedCoreProperties.txt), the annotation characters and the object sign. */
bool text_is_unseen(uint32_t code)
{
  static const struct range list[] = {
      {0x00ad, 0x00ad},   {0x034f, 0x034f},  {0x061c, 0x061c}, {0x115f, 0x1160}, {0x17b4, 0x17b5},
      {0x180b, 0x180f},   {0x200b, 0x200f},  {0x202a, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
      {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},  {0xffa0, 0xffa0}, {0xfff0, 0xfffc}, {0x1bca0, 0x1bca3},
      {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff}};
  return code >= 0xad && WITHIN(list, code);
}

bool text_is_space(uint32_t code)
{
  static const struct range list[] = {{0x09, 0x0d},     {0x20, 0x20},     {0x85, 0x85},     {0xa0, 0xa0},
                                      {0x1680, 0x1680}, {0x2000, 0x200a}, {0x2028, 0x2029}, {0x202f, 0x202f},
                                      {0x205f, 0x205f}, {0x2800, 0x2800}, {0x3000, 0x3000}};
  return WITHIN(list, code);
}

/* The rule a character breaks; NULL: none. */
static const char *broken(enum text_kind kind, uint32_t code)
{
  if (code >= 0x20 && code < 0x7f) return NULL;
  if (is_control(code))
    return kind == TEXT_REMARK && (code == '\n' || code == '\t') ? NULL : "control_character";
  if (text_turns(code)) return "direction_character";
  if (kind == TEXT_NAME)
    return text_is_unseen(code) || (text_is_space(code) && code != 0x3000) ? "invisible_character" : NULL;
  /* Emoji are joined by U+200D and coloured by U+FE0F; scripts of the south want U+200C. */
  bool joins = code == 0x200c || code == 0x200d || (code >= 0xfe00 && code <= 0xfe0f);
  return text_is_unseen(code) && !joins ? "invisible_character" : NULL;
}

bool text_allows(enum text_kind kind, uint32_t code)
{
  return !broken(kind, code);
}

/* Of old Chinese encodings, for rare characters: shown by whoever has the font, and alone by nobody else. */
static bool is_private(uint32_t code)
{
  return (code >= 0xe000 && code <= 0xf8ff) || code >= 0xf0000;
}

size_t text_said(const char *text, size_t size)
{
  size_t characters = 0, said = 0, left = size;
  bool plain = false; /* something that everybody can see */
  uint32_t code = 0;
  while (left) {
    size_t n = text_next(text, left, &code);
    bool seen = !n || !(text_is_space(code) || text_is_unseen(code) || is_control(code));
    if (seen || characters) characters++;
    if (seen) said = characters;
    plain = plain || (seen && !is_private(code));
    text += n ? n : 1;
    left -= n ? n : 1;
  }
  return plain ? said : 0;
}

bool text_check(enum text_kind kind, const char *field, const char *text, size_t size, struct err *err)
{
  uint32_t code = 0;
  for (size_t i = 0, n; i < size; i += n) {
    n = text_next(text + i, size - i, &code);
    if (!n)
      return err_rule(err, ERR_INPUT, field, "encoding", "%s is not UTF-8: byte %zu makes no sense", field,
                      i + 1);
    const char *rule = broken(kind, code);
    if (!rule) continue;
    return err_rule(err, ERR_INPUT, field, rule, "%s holds the character U+%04X, which %s", field,
                    (unsigned)code,
                    *rule == 'd'   ? "turns the direction of its text"
                    : *rule == 'i' ? "nobody can see"
                                   : "is no text");
  }
  return true;
}

void text_clean(enum text_kind kind, char *out, size_t size, const char *text)
{
  size_t used = 0, left = strlen(text);
  uint32_t code = 0;
  while (left && used + 1 < size) {
    size_t n = text_next(text, left, &code);
    bool good = n && text_allows(kind, code);
    size_t room = good ? n : 1;
    if (used + room >= size) break;
    if (good)
      memmove(out + used, text, n);
    else
      out[used] = '?';
    used += room;
    text += n ? n : 1;
    left -= n ? n : 1;
  }
  out[used] = '\0';
}
