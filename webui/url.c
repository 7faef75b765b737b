#include "webui/url.h"

#include "core/base/bytes.h"
#include "core/base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool url_text_valid(const char *text)
{
  size_t n = strlen(text);
  for (size_t i = 0; i < n; i++)
    if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) return false;
  return utf8_valid(text, n);
}

/* -- Paths. -- */

/* One segment of the pattern against one of the path: prefix{name}suffix. */
static bool match_segment(const char *pattern, size_t pattern_size, const char *path, size_t path_size,
                          struct url_params *out)
{
  const char *open = memchr(pattern, '{', pattern_size);
  if (!open) return pattern_size == path_size && memcmp(pattern, path, path_size) == 0;
  const char *shut = memchr(open, '}', pattern_size - (size_t)(open - pattern));
  if (!shut || out->count == URL_PARAMS_MAX) return false;
  size_t before = (size_t)(open - pattern), after = pattern_size - (size_t)(shut - pattern) - 1;
  if (path_size <= before + after) return false; /* the name stands for at least one character */
  size_t n = path_size - before - after;
  if (memcmp(pattern, path, before) != 0 || memcmp(shut + 1, path + path_size - after, after) != 0)
    return false;
  struct url_param *param = &out->at[out->count];
  if (n >= sizeof param->value) return false;
  snprintf(param->name, sizeof param->name, "%.*s", (int)(shut - open - 1), open + 1);
  memcpy(param->value, path + before, n);
  param->value[n] = 0;
  out->count++;
  return true;
}

bool url_match(const char *pattern, const char *path, struct url_params *out)
{
  out->count = 0;
  for (;;) {
    size_t pattern_size = strcspn(pattern, "/"), path_size = strcspn(path, "/");
    if (!match_segment(pattern, pattern_size, path, path_size, out)) return false;
    pattern += pattern_size;
    path += path_size;
    if (!*pattern || !*path) return !*pattern && !*path;
    pattern++;
    path++;
  }
}

/* -- Queries. -- */

static int hex_digit(char c)
{
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* A segment that is empty, though more follows, or steps through folders. */
static bool untidy(const char *path)
{
  for (const char *at = path + 1;; at++) {
    size_t n = strcspn(at, "/");
    if ((n == 0 && at[n]) || (n == 1 && at[0] == '.') || (n == 2 && at[0] == '.' && at[1] == '.'))
      return true;
    at += n;
    if (!*at) return false;
  }
}

bool url_path(char out[URL_PATH_SIZE_MAX], const char *sent)
{
  char *to = out;
  if (*sent != '/' || strlen(sent) >= URL_PATH_SIZE_MAX) return false;
  for (const char *from = sent; *from; from++) {
    if (*from != '%') {
      if (*from == '\\') return false;
      *to++ = *from;
      continue;
    }
    int high = hex_digit(from[1]);
    int low = high < 0 ? -1 : hex_digit(from[2]);
    if (low < 0) return false;
    int c = high << 4 | low;
    if (c == 0 || c == '/' || c == '\\') return false;
    *to++ = (char)c;
    from += 2;
  }
  *to = 0;
  return url_text_valid(out) && !untidy(out);
}

/* In place; decoded text is never longer.  False at a % without two digits, or what they hide. */
static bool decode(char *text)
{
  char *to = text;
  for (const char *from = text; *from; from++) {
    if (*from != '%') {
      *to++ = *from == '+' ? ' ' : *from;
      continue;
    }
    int high = hex_digit(from[1]);
    int low = high < 0 ? -1 : hex_digit(from[2]);
    if (low < 0 || high + low == 0) return false; /* %00 would end the text early */
    *to++ = (char)(high << 4 | low);
    from += 2;
  }
  *to = 0;
  return url_text_valid(text);
}

static bool add_pair(struct url_query *out, char *pair)
{
  char *equals = strchr(pair, '=');
  if (equals) *equals = 0;
  char *value = equals ? equals + 1 : pair + strlen(pair); /* "all" is "all=" */
  if (!decode(pair) || !decode(value) || url_query_get(out, pair) || out->count == URL_QUERY_MAX)
    return false;
  out->names[out->count] = pair;
  out->values[out->count++] = value;
  return true;
}

bool url_query_parse(struct url_query *out, const char *text)
{
  out->count = 0;
  size_t n = text ? strlen(text) : 0;
  if (n >= sizeof out->text) return false;
  memcpy(out->text, text ? text : "", n);
  out->text[n] = 0;
  char *rest = out->text, *pair;
  while ((pair = strsep(&rest, "&")))
    if (*pair && !add_pair(out, pair)) return false;
  return true;
}

const char *url_query_get(const struct url_query *query, const char *name)
{
  for (int i = 0; i < query->count; i++)
    if (strcmp(query->names[i], name) == 0) return query->values[i];
  return NULL;
}

void url_put_escaped(struct buf *out, const char *text)
{
  size_t left = strlen(text), n;
  for (uint32_t code = 0; left; text += n, left -= n) {
    n = text_next(text, left, &code);
    bool plain = n && text_allows(TEXT_NAME, code) && (code > 0x7f || !strchr(" %&=?#+", (int)code));
    if (!n) n = 1;
    if (plain) put_bytes(out, text, n);
    for (size_t i = 0; !plain && i < n; i++) {
      char digits[4];
      snprintf(digits, sizeof digits, "%%%02X", (unsigned)(unsigned char)text[i]);
      put_text(out, digits);
    }
  }
}

/* -- Headers. -- */

bool url_cookie(const char *header, const char *name, char *out, size_t room)
{
  size_t size = strlen(name);
  for (const char *at = header; at && *at;) {
    at += strspn(at, "; \t");
    size_t n = strcspn(at, ";");
    if (n > size && at[size] == '=' && memcmp(at, name, size) == 0) {
      size_t value = n - size - 1;
      if (value >= room) return false;
      memcpy(out, at + size + 1, value);
      out[value] = 0;
      return true;
    }
    at += n;
  }
  return false;
}

bool url_cookie_single(const char *header, const char *name)
{
  size_t size = strlen(name), first_size = 0;
  const char *first = NULL;
  for (const char *at = header; at && *at;) {
    at += strspn(at, "; \t");
    size_t n = strcspn(at, ";");
    if (n > size && at[size] == '=' && memcmp(at, name, size) == 0) {
      if (first && (n != first_size || memcmp(at, first, n) != 0)) return false;
      first = at;
      first_size = n;
    }
    at += n;
  }
  return true;
}

bool url_list_has(const char *header, const char *token)
{
  size_t size = strlen(token);
  for (const char *at = header; at && *at;) {
    at += strspn(at, ", \t");
    size_t n = strcspn(at, ","), word = strcspn(at, ",; \t");
    if (word == size && strncasecmp(at, token, size) == 0) {
      char rest[16];
      snprintf(rest, sizeof rest, "%.*s", (int)(n - word), at + word);
      const char *q = strstr(rest, "q=");
      return !q || strspn(q + 2, "0.") != strcspn(q + 2, " \t");
    }
    at += n;
  }
  return false;
}
