#include "core/base/json.h"

#include "core/base/limits.h"
#include "core/base/text.h"

#include <string.h>

/* Jansson recurses without a bound of its own short of 2048; this scan is cheap and names the limit. */
static bool shallow(const char *text, size_t n)
{
  int depth = 0;
  bool quoted = false;
  for (size_t i = 0; i < n; i++) {
    char c = text[i];
    if (quoted) {
      if (c == '\\')
        i++;
      else if (c == '"')
        quoted = false;
    } else if (c == '"')
      quoted = true;
    else if (c == '{' || c == '[') {
      if (++depth > JSON_DEPTH_MAX) return false;
    } else if (c == '}' || c == ']')
      depth--;
  }
  return true;
}

json_t *json_parse(const char *text, size_t n, struct err *err)
{
  if (!shallow(text, n)) {
    err_rule(err, ERR_INPUT, "", "json_depth", "the JSON is nested deeper than %d levels", JSON_DEPTH_MAX);
    return NULL;
  }
  json_error_t fault;
  json_t *value = json_loadb(text, n, JSON_REJECT_DUPLICATES, &fault);
  if (!value)
    err_rule(err, ERR_INPUT, "", "json", "not JSON: %s at line %d, column %d", fault.text, fault.line,
             fault.column);
  return value;
}

static int append(const char *p, size_t n, void *out)
{
  put_bytes(out, p, n);
  return ((struct buf *)out)->bad ? -1 : 0;
}

bool json_write(struct buf *out, const json_t *value)
{
  return json_dump_callback(value, append, out, JSON_COMPACT | JSON_ENCODE_ANY) == 0;
}

bool json_get_int_or(const json_t *object, const char *key, int64_t min, int64_t max, int64_t fallback,
                     int64_t *out, struct err *err)
{
  const json_t *v = json_object_get(object, key);
  if (!v || json_is_null(v)) {
    *out = fallback;
    return true;
  }
  if (!json_is_integer(v)) return err_rule(err, ERR_INPUT, key, "type", "%s is not a whole number", key);
  int64_t n = json_integer_value(v);
  if (n < min || n > max)
    return err_rule(err, ERR_INPUT, key, "range", "%s %lld is not between %lld and %lld", key, (long long)n,
                    (long long)min, (long long)max);
  *out = n;
  return true;
}

static bool required(const json_t *object, const char *key, struct err *err)
{
  const json_t *v = json_object_get(object, key);
  if (v && !json_is_null(v)) return true;
  return err_rule(err, ERR_INPUT, key, "required", "%s is missing", key);
}

bool json_get_int(const json_t *object, const char *key, int64_t min, int64_t max, int64_t *out,
                  struct err *err)
{
  return required(object, key, err) && json_get_int_or(object, key, min, max, 0, out, err);
}

static bool check_text(const char *key, const char *s, size_t n, size_t min, size_t max, struct err *err)
{
  size_t characters = 0;
  if (!text_check(TEXT_REMARK, key, s, n, err)) return false;
  for (size_t i = 0; i < n; i++)
    characters += ((unsigned char)s[i] & 0xc0) != 0x80;
  /* Something is said where it must be: blanks around it do not count, and blanks alone are nothing. */
  size_t said = text_said(s, n);
  if (said >= min && characters <= max) return true;
  if (said == 0) return err_rule(err, ERR_INPUT, key, "required", "%s is empty", key);
  return err_rule(err, ERR_INPUT, key, "length", "%s has %zu characters, not %zu to %zu", key,
                  characters > max ? characters : said, min, max);
}

bool json_get_text(const json_t *object, const char *key, size_t min, size_t max, const char **out,
                   struct err *err)
{
  if (!required(object, key, err)) return false;
  const json_t *v = json_object_get(object, key);
  if (!json_is_string(v)) return err_rule(err, ERR_INPUT, key, "type", "%s is not text", key);
  const char *s = json_string_value(v);
  if (!check_text(key, s, json_string_length(v), min, max, err)) return false;
  *out = s;
  return true;
}

bool json_get_typed(const json_t *object, const char *key, size_t max, const char **out, struct err *err)
{
  if (!required(object, key, err)) return false;
  const json_t *v = json_object_get(object, key);
  if (!json_is_string(v)) return err_rule(err, ERR_INPUT, key, "type", "%s is not text", key);
  size_t n = json_string_length(v);
  if (n == 0) return err_rule(err, ERR_INPUT, key, "required", "%s is empty", key);
  if (n > max) return err_rule(err, ERR_INPUT, key, "length", "%s has more than %zu bytes", key, max);
  *out = json_string_value(v);
  return true;
}

bool json_get_text_or(const json_t *object, const char *key, size_t max, const char *fallback,
                      const char **out, struct err *err)
{
  const json_t *v = json_object_get(object, key);
  if (!v || json_is_null(v)) {
    *out = fallback;
    return true;
  }
  return json_get_text(object, key, 0, max, out, err);
}

bool json_get_bool_or(const json_t *object, const char *key, bool fallback, bool *out, struct err *err)
{
  const json_t *v = json_object_get(object, key);
  if (!v || json_is_null(v)) {
    *out = fallback;
    return true;
  }
  if (!json_is_boolean(v)) return err_rule(err, ERR_INPUT, key, "type", "%s is neither true nor false", key);
  *out = json_is_true(v);
  return true;
}

bool json_only(const json_t *object, const char *const *keys, struct err *err)
{
  if (!json_is_object(object)) return err_rule(err, ERR_INPUT, "", "type", "the body is not a JSON object");
  const char *key;
  json_t *v;
  json_object_foreach((json_t *)(uintptr_t)object, key, v)
  {
    bool known = false;
    for (size_t i = 0; keys[i] && !known; i++)
      known = strcmp(keys[i], key) == 0;
    if (!known) return err_rule(err, ERR_INPUT, key, "unknown_field", "there is no field %s", key);
  }
  return true;
}
