/* json_out.h - JSON written straight into a buffer, member by member, commas and escapes taken care of.
 *
 *   struct json_out out = JSON_OUT_INIT;
 *   out_object(&out, NULL);
 *   out_array(&out, "items");
 *   ... out_object(&out, NULL); out_int(&out, "id", id); out_end(&out);
 *   out_end(&out);
 *   out_int(&out, "total", total);
 *   out_end(&out);
 *
 * key is NULL inside an array and for the outermost value.  Text that is not UTF-8 loses its bad bytes to
 * U+FFFD, so that one damaged row cannot spoil an answer.  Memory faults are sticky in bytes.bad.
 * OWNERSHIP: bytes are the caller's to wipe. */
#ifndef SUNLIT_BASE_JSON_OUT_H
#define SUNLIT_BASE_JSON_OUT_H

#include "core/base/bytes.h"

enum { JSON_OUT_DEPTH_MAX = 16 };

struct json_out {
  struct buf bytes;
  int depth;
  char close[JSON_OUT_DEPTH_MAX]; /* what ends each open level */
  bool more[JSON_OUT_DEPTH_MAX];  /* the level has a member already */
};

#define JSON_OUT_INIT                                                                                        \
  {                                                                                                          \
    .depth = 0                                                                                               \
  }

void out_object(struct json_out *out, const char *key);
void out_array(struct json_out *out, const char *key);
void out_end(struct json_out *out); /* of the innermost object or array */

void out_text(struct json_out *out, const char *key, const char *text);
void out_textn(struct json_out *out, const char *key, const void *text, size_t size);
void out_text_or_null(struct json_out *out, const char *key, const char *text); /* null for NULL and "" */
void out_int(struct json_out *out, const char *key, int64_t value);
void out_int_or_null(struct json_out *out, const char *key, int64_t value); /* null for 0 */
void out_bool(struct json_out *out, const char *key, bool value);
void out_null(struct json_out *out, const char *key);
void out_date(struct json_out *out, const char *key, int date);       /* "2026-11-24"; null for 0 */
void out_centi(struct json_out *out, const char *key, int centi);     /* 437 -> 4.37; null for 0 */
void out_milli(struct json_out *out, const char *key, int64_t milli); /* 2500 -> 2.5; null for 0 */
void out_hex(struct json_out *out, const char *key, const void *bytes, size_t size);
void out_raw(struct json_out *out, const char *key, const char *json); /* a whole value, believed */
/* What somebody else wrote: the JSON object that stands in the text, {} when none does. */
void out_stored_object(struct json_out *out, const char *key, const char *text);

#endif
