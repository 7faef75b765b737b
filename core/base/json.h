/* json.h - JSON by Jansson, with strict parsing and field readers that name what is wrong.
 *
 * The only place that includes jansson.h; json_t and its functions are used directly through here.  A reader
 * refuses a missing or mistyped field with the field's name and the rule ("required", "type", "range",
 * "length", "one_of"). */
#ifndef SUNLIT_BASE_JSON_H
#define SUNLIT_BASE_JSON_H

#include "core/base/bytes.h"
#include "core/base/err.h"

#include <jansson.h>

/* One value, nothing after it, no duplicate keys, depth <= JSON_DEPTH_MAX, valid UTF-8.  NULL on refusal. */
json_t *json_parse(const char *text, size_t n, struct err *err);
/* Compact text appended to out. */
bool json_write(struct buf *out, const json_t *value);

/* Readers of one member.  The plain form requires it; *_or gives the fallback when it is absent or null. */
bool json_get_int(const json_t *object, const char *key, int64_t min, int64_t max, int64_t *out,
                  struct err *err);
bool json_get_int_or(const json_t *object, const char *key, int64_t min, int64_t max, int64_t fallback,
                     int64_t *out, struct err *err);
/* The text is borrowed from the object.  Lengths count characters, not bytes; text is trimmed of nothing,
 * but the least is of what stands between blanks (text_said); it is a remark by text.h; whoever wants one
 * line asks text_check for a name. */
bool json_get_text(const json_t *object, const char *key, size_t min, size_t max, const char **out,
                   struct err *err);
/* What somebody typed or pasted, whatever characters, 1 to max bytes: of a name or a secret that is compared
 * and not kept. */
bool json_get_typed(const json_t *object, const char *key, size_t max, const char **out, struct err *err);
bool json_get_text_or(const json_t *object, const char *key, size_t max, const char *fallback,
                      const char **out, struct err *err);
bool json_get_bool_or(const json_t *object, const char *key, bool fallback, bool *out, struct err *err);
/* Refuses members not in the NULL-terminated list, naming the first. */
bool json_only(const json_t *object, const char *const *keys, struct err *err);

#endif
