/* web.h - requests by one table of routes, over CivetWeb on 127.0.0.1; and the pages' files.
 *
 * CivetWeb is reached only through net/front: every connection comes from a 127.x.y.z of its own, and
 * web_config.peer says who that is; an unknown source is answered 403 and nothing else.  There is no
 * document root, no form parser, no CGI.  A request goes this way:
 *
 *   source known? -> route by method and pattern (405 with Allow, 404) -> config.before (session, role, CSRF)
 *   -> body, bounded in size and in time -> config.still -> handler -> one reply.
 *
 * What no route matches and does not begin with /api/ is looked up among the assets; an unknown path without
 * a dot is index.html, which routes in the browser.  Every answer, CivetWeb's own errors too, carries the
 * security headers.  A handler that returns without a reply is a programmer error: it answers 500 and logs.
 *
 * A route's pattern is a path whose segments may hold one {name}: "/api/v1/prices/import/{token}.xlsx".  The
 * first match in the table wins, so literal paths come before patterns.
 *
 * OWNERSHIP: everything a request lends is valid until its handler returns.
 * THREADS: handlers run in CivetWeb's threads, one request each.                                          */
#ifndef SUNLIT_WEBUI_WEB_H
#define SUNLIT_WEBUI_WEB_H

#include "core/base/bytes.h"
#include "core/base/err.h"
#include "core/base/json.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { WEB_PEER_SIZE = 46, WEB_PARAMS_MAX = 4, WEB_HEADERS_MAX = 12 };

struct web;
struct web_request;
typedef void web_handler(struct web_request *request, void *app);

enum web_flag {
  WEB_UPLOAD = 1u << 0,   /* a file: up to HTTP_UPLOAD_MAX instead of HTTP_BODY_MAX */
  WEB_STRANGER = 1u << 1, /* from who is not logged in: up to HTTP_STRANGER_MAX, and whole within body_ms */
  WEB_FLAG_APP = 1u << 8  /* from here on the flags are the program's own, e.g. "no login" */
};

struct web_route {
  const char *method; /* "GET" also answers HEAD */
  const char *pattern;
  web_handler *handle;
  unsigned flags;
  unsigned need;     /* the program's own, e.g. a set of roles */
  const char *query; /* the names of the parameters it reads, parted by spaces; NULL: none */
};

/* One file of the pages.  gzip and br may be NULL. */
struct web_asset {
  const char *path; /* "/index.html", "/assets/main-3f2a.js" */
  const char *type;
  const char *tag; /* hex digest of the content, without quotes */
  bool immutable;  /* the name holds the digest: may be kept for ever */
  const uint8_t *raw, *gzip, *br;
  size_t raw_size, gzip_size, br_size;
};

struct web_config {
  const struct web_route *routes; /* borrowed for the life of the web, like all here */
  size_t route_count;
  const struct web_asset *assets;
  size_t asset_count;
  /* Who is behind a loopback source; front_peer in the programs. */
  bool (*peer)(void *app, const char *source, char peer[WEB_PEER_SIZE], bool *secure);
  /* Between route and body; false: it has replied.  May be NULL. */
  bool (*before)(struct web_request *request, void *app);
  /* The same when a body has come, which may have taken hours.  May be NULL. */
  bool (*still)(struct web_request *request, void *app);
  void *app;
  int threads;       /* 0: 256 */
  int keep_alive_ms; /* 0: 15000 */
  int body_ms;       /* 0: 15000 before the minimum rate counts */
  int body_rate_min; /* 0: 1024 bytes a second */
  size_t bodies_max; /* 0: 64 MiB of bodies in memory at once (bodies.h); more is answered 503 */
};

/* Listens on 127.0.0.1, on a port the kernel chooses. */
bool web_open(struct web **out, const struct web_config *config, struct err *err)
    __attribute__((warn_unused_result));
void web_close(struct web *web); /* waits for running handlers */
uint16_t web_port(const struct web *web);

struct web_counts {
  uint64_t requests, active;
  uint64_t answered[6]; /* by status / 100 */
  uint64_t body_bytes, busy_us;
};
void web_count(const struct web *web, struct web_counts *out);

/* -- The request. -- */

struct web_request {
  const char *method; /* of the request: "HEAD" stays "HEAD" */
  const char *path;   /* decoded, without dot segments */
  const struct web_route *route;
  char peer[WEB_PEER_SIZE]; /* the real one */
  bool secure;              /* came over TLS */
  const uint8_t *body;      /* zero-terminated beyond its size; "" when there is none */
  size_t body_size;
  void *state;            /* the program's own, from before to handler */
  struct web_exchange *x; /* web.c's own */
};

const char *web_param(const struct web_request *r, const char *name); /* of the pattern; never NULL */
bool web_param_int(const struct web_request *r, const char *name, int64_t min, int64_t max, int64_t *out,
                   struct err *err) __attribute__((warn_unused_result));
const char *web_query(struct web_request *r, const char *name); /* decoded; NULL when absent */
bool web_query_int_or(struct web_request *r, const char *name, int64_t min, int64_t max, int64_t fallback,
                      int64_t *out, struct err *err) __attribute__((warn_unused_result));
/* The first parameter that the route does not read, nor every route does (`everywhere`, parted by spaces);
 * NULL: there is none.  The program's own to refuse. */
const char *web_query_stray(const struct web_request *r, const char *everywhere);
/* Its value, as web_query gives it, and from here on it is not among the parameters. */
const char *web_query_take(struct web_request *r, const char *name);
/* The whole query as "name=value&name=value", decoded, in the order it came. */
void web_query_all(const struct web_request *r, struct buf *out);
const char *web_header(const struct web_request *r, const char *name); /* NULL when absent */
bool web_cookie_single(const struct web_request *r, const char *name); /* not twice with different values */
bool web_cookie(const struct web_request *r, const char *name, char *out,
                size_t room); /* false: absent or longer */
/* The body as JSON; refuses another Content-Type than application/json (rule "content_type").  The caller's
 * reference. */
json_t *web_body_json(const struct web_request *r, struct err *err) __attribute__((warn_unused_result));
/* The Origin header is absent or names the same host as Host. */
bool web_same_origin(const struct web_request *r);

/* -- The reply: headers first, then exactly one web_reply_*. -- */

void web_set_header(struct web_request *r, const char *name,
                    const char *value); /* copied; CR and LF are refused */
/* HttpOnly, SameSite=Strict, Path=/, and Secure over TLS.  max_age_s 0 deletes, -1: until the browser ends.
 */
void web_set_cookie(struct web_request *r, const char *name, const char *value, int64_t max_age_s);
void web_reply(struct web_request *r, int status, const char *type, const void *bytes, size_t size);
/* The same, gzipped when the client takes it and it is worth it.  For lists that are read only: an answer
 * that holds a secret (a one-time password, an invitation) is sent by web_reply, so that its length tells
 * nothing. */
void web_reply_packed(struct web_request *r, int status, const char *type, const void *bytes, size_t size);
void web_reply_empty(struct web_request *r, int status);
void web_reply_json(struct web_request *r, int status, const json_t *value); /* borrowed */
/* Of a HEAD whose body would have to be made to know its length: 200 without one. */
void web_reply_unsized(struct web_request *r, const char *type);
/* {"error":{"kind","rule","field","text"}} with the status of the kind, or with one's own. */
void web_reply_err(struct web_request *r, const struct err *err);
void web_reply_err_status(struct web_request *r, int status, const struct err *err);
/* INPUT 400, DENIED 403, LIMIT 429, MISSING 404, CONFLICT 409, BUSY and IO 503, CORRUPT 500. */
int web_status_of(const struct err *err);
/* An attachment; the name may be Chinese (RFC 6266 filename*). */
void web_reply_file(struct web_request *r, const char *type, const char *name, const void *bytes,
                    size_t size);
bool web_replied(const struct web_request *r);

#endif
