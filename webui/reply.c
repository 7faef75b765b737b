#include "core/base/gzip.h"
#include "core/base/json_out.h"
#include "webui/exchange.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { HEAD_ROOM = 2048, TOGETHER_MAX = 64 * 1024 };

/* Pages load what this program serves and nothing else; nobody frames them. */
static const char security_headers[] =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Referrer-Policy: same-origin\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";
static const char transport_header[] = "Strict-Transport-Security: max-age=31536000\r\n";

static const char *reason_of(int status)
{
  static const struct {
    int status;
    const char *text;
  } reasons[] = {
      {200, "OK"},
      {201, "Created"},
      {204, "No Content"},
      {304, "Not Modified"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {411, "Length Required"},
      {413, "Too Large"},
      {415, "Unsupported Media Type"},
      {422, "Unprocessable"},
      {429, "Too Many Requests"},
      {500, "Failed"},
      {503, "Unavailable"},
  };
  for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
    if (reasons[i].status == status) return reasons[i].text;
  return "Status";
}

static void put_line(struct buf *out, const char *name, const char *value)
{
  put_text(out, name);
  put_text(out, ": ");
  put_text(out, value);
  put_text(out, "\r\n");
}

void web_set_header(struct web_request *r, const char *name, const char *value)
{
  if (strpbrk(name, "\r\n: ") || strpbrk(value, "\r\n")) return;
  if (strcmp(name, "Cache-Control") == 0) r->x->cached = true;
  put_line(&r->x->headers, name, value);
}

void web_set_cookie(struct web_request *r, const char *name, const char *value, int64_t max_age_s)
{
  char line[512], age[40] = "";
  if (max_age_s >= 0) snprintf(age, sizeof age, "; Max-Age=%lld", (long long)max_age_s);
  int n = snprintf(line, sizeof line, "%s=%s; Path=/; HttpOnly; SameSite=Strict%s%s", name, value,
                   r->secure ? "; Secure" : "", age);
  if (n > 0 && (size_t)n < sizeof line) web_set_header(r, "Set-Cookie", line);
}

static void put_head(struct buf *out, struct web_request *r, int status, const char *type, size_t size)
{
  char line[64];
  snprintf(line, sizeof line, "HTTP/1.1 %d %s\r\n", status, reason_of(status));
  put_text(out, line);
  if (type) put_line(out, "Content-Type", type);
  if (status != 204 && status != 304 && size != SIZE_MAX) {
    snprintf(line, sizeof line, "%zu", size);
    put_line(out, "Content-Length", line);
  }
  if (!r->x->cached) put_line(out, "Cache-Control", "no-store");
  put_line(out, "Connection", exchange_keeps(r->x) ? "keep-alive" : "close");
  put_text(out, security_headers);
  if (r->secure) put_text(out, transport_header);
  put_bytes(out, r->x->headers.data, r->x->headers.size);
  put_text(out, "\r\n");
}

void web_reply(struct web_request *r, int status, const char *type, const void *bytes, size_t size)
{
  struct web_exchange *x = r->x;
  if (x->status) return; /* the first reply stands */
  x->status = status;
  struct buf out = BUF_INIT;
  bool body = size > 0 && size != SIZE_MAX && !x->head_only && status != 204 && status != 304;
  bool together = body && size <= TOGETHER_MAX; /* one write, one packet where it fits */
  put_head(&out, r, status, type, size);
  if (together) put_bytes(&out, bytes, size);
  if (out.bad) {
    static const char failed[] = "HTTP/1.1 500 Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    x->close = true;
    (void)exchange_keeps(x);
    exchange_send(x, failed, sizeof failed - 1);
  } else {
    exchange_send(x, out.data, out.size);
    if (body && !together) exchange_send(x, bytes, size);
  }
  buf_wipe(&out);
}

enum { PACK_SIZE_MIN = 1024 }; /* below it, one packet holds it anyhow */

void web_reply_packed(struct web_request *r, int status, const char *type, const void *bytes, size_t size)
{
  struct buf packed = BUF_INIT;
  web_set_header(r, "Vary", "Accept-Encoding");
  bool worth = size >= PACK_SIZE_MIN && !r->x->head_only &&
               url_list_has(web_header(r, "Accept-Encoding"), "gzip") && gzip_write(&packed, bytes, size);
  if (worth) {
    web_set_header(r, "Content-Encoding", "gzip");
    web_reply(r, status, type, packed.data, packed.size);
  } else {
    web_reply(r, status, type, bytes, size);
  }
  buf_wipe(&packed);
}

bool web_replied(const struct web_request *r)
{
  return r->x->status != 0;
}

void web_reply_empty(struct web_request *r, int status)
{
  web_reply(r, status, NULL, NULL, 0);
}

void web_reply_unsized(struct web_request *r, const char *type)
{
  assert(r->x->head_only);
  web_reply(r, 200, type, NULL, SIZE_MAX);
}

void web_reply_json(struct web_request *r, int status, const json_t *value)
{
  struct buf out = BUF_INIT;
  if (json_write(&out, value))
    web_reply(r, status, "application/json", out.data, out.size);
  else
    web_reply_empty(r, 500);
  buf_wipe(&out);
}

int web_status_of(const struct err *err)
{
  switch (err->kind) {
  case ERR_REFUTED:
  case ERR_INPUT: return 400;
  case ERR_DENIED: return 403;
  case ERR_LIMIT: return 429;
  case ERR_MISSING: return 404;
  case ERR_CONFLICT: return 409;
  case ERR_BUSY:
  case ERR_IO: return 503;
  case ERR_NONE:
  case ERR_CORRUPT: break;
  }
  return 500;
}

void web_reply_err_status(struct web_request *r, int status, const struct err *err)
{
  struct json_out out = JSON_OUT_INIT; /* mends text that quotes bytes which are no UTF-8 */
  struct err said = *err;
  if (err_is_fault(err)) err_drop_folders(said.text);
  out_object(&out, NULL);
  out_object(&out, "error");
  out_text(&out, "kind", err_kind_name(err->kind));
  out_text(&out, "rule", err->rule);
  out_text(&out, "field", err->field);
  out_text(&out, "text", said.text);
  out_end(&out);
  out_end(&out);
  if (out.bytes.bad)
    web_reply_empty(r, status);
  else
    web_reply(r, status, "application/json", out.bytes.data, out.bytes.size);
  buf_wipe(&out.bytes);
}

void web_reply_err(struct web_request *r, const struct err *err)
{
  web_reply_err_status(r, web_status_of(err), err);
}

void web_reply_file(struct web_request *r, const char *type, const char *name, const void *bytes, size_t size)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
  struct buf value = BUF_INIT;
  put_text(&value, "attachment; filename*=UTF-8''"); /* RFC 6266 4.3 */
  for (const char *c = name; *c; c++) {
    char hex[4];
    snprintf(hex, sizeof hex, "%%%02X", (unsigned)(unsigned char)*c);
    if (strchr(plain, *c))
      put_u8(&value, (uint8_t)*c);
    else
      put_text(&value, hex);
  }
  put_u8(&value, 0);
  if (!value.bad) web_set_header(r, "Content-Disposition", (const char *)value.data);
  buf_wipe(&value);
  web_reply(r, 200, type, bytes, size);
}

static bool peer_has(struct web_request *r, const struct web_asset *asset)
{
  char tag[80];
  const char *have = web_header(r, "If-None-Match");
  snprintf(tag, sizeof tag, "\"%s\"", asset->tag);
  return have && strstr(have, tag);
}

void reply_asset(struct web_request *r, const struct web_asset *asset)
{
  const char *accepts = web_header(r, "Accept-Encoding");
  char tag[80];
  snprintf(tag, sizeof tag, "W/\"%s\"", asset->tag); /* weak: one tag for all encodings */
  web_set_header(r, "ETag", tag);
  web_set_header(r, "Vary", "Accept-Encoding");
  web_set_header(r, "Cache-Control", asset->immutable ? "public, max-age=31536000, immutable" : "no-cache");
  if (peer_has(r, asset)) {
    web_reply_empty(r, 304);
  } else if (asset->br && url_list_has(accepts, "br")) {
    web_set_header(r, "Content-Encoding", "br");
    web_reply(r, 200, asset->type, asset->br, asset->br_size);
  } else if (asset->gzip && url_list_has(accepts, "gzip")) {
    web_set_header(r, "Content-Encoding", "gzip");
    web_reply(r, 200, asset->type, asset->gzip, asset->gzip_size);
  } else {
    web_reply(r, 200, asset->type, asset->raw, asset->raw_size);
  }
}
