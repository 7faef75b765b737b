#include "webui/web.h"

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "core/base/log.h"
#include "webui/bodies.h"
#include "webui/exchange.h"

#include <civetweb.h>

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
  READ_SIZE = 4096,       /* CivetWeb waits until a read is full, so its pace is looked at this often */
  UNREAD_MAX = 64 * 1024, /* a body nobody wanted is read and dropped up to here, else the line is closed */
  REQUEST_TIMEOUT_MS = 30000, /* of one read or write on loopback; the front has stricter ones */
  HEAD_SIZE_MAX = 20 * 1024,  /* the front lets 16 KiB pass */
  DEFAULT_THREADS = 256,
  DEFAULT_KEEP_ALIVE_MS = 15000,
  DEFAULT_BODY_MS = 15000,
  DEFAULT_BODY_RATE = 1024
};
static const size_t default_bodies_max = (size_t)64 * 1024 * 1024;

struct web {
  struct web_config config;
  struct mg_context *civet;
  uint16_t port;
  struct bodies bodies;
  atomic_uint_fast64_t requests, active, answered[6], body_bytes, busy_us;
};

/* -- The connection. -- */

void exchange_send(struct web_exchange *x, const void *p, size_t n)
{
  if (mg_write(x->conn, p, n) != (int)n) x->close = true;
}

static bool client_keeps(const struct web_exchange *x)
{
  const char *connection = mg_get_header(x->conn, "Connection");
  const char *version = mg_get_request_info(x->conn)->http_version;
  if (connection) return url_list_has(connection, "keep-alive");
  return version && strcmp(version, "1.1") == 0; /* CivetWeb's own rule, so that we say what it does */
}

/* A body still in the line would be taken for the next request's head.  CivetWeb reads and drops a short one.
 */
static bool body_is_in_the_way(const struct web_exchange *x)
{
  const struct mg_request_info *info = mg_get_request_info(x->conn);
  if (x->body_read) return false;
  return mg_get_header(x->conn, "Transfer-Encoding") || info->content_length > UNREAD_MAX;
}

bool exchange_keeps(struct web_exchange *x)
{
  if (!client_keeps(x) || body_is_in_the_way(x)) x->close = true;
  if (x->close) mg_disable_connection_keep_alive(x->conn);
  return !x->close;
}

/* -- The body. -- */

static bool refuse_body(struct web_request *r, int status, const char *rule, const char *text)
{
  struct err err = ERR_INIT;
  enum err_kind kind = status == 413 ? ERR_LIMIT : status == 503 ? ERR_BUSY : ERR_INPUT;
  err_rule(&err, kind, "body", rule, "%s", text);
  r->x->close = true;
  web_reply_err_status(r, status, &err);
  return false;
}

/* What strangers send is short: no pace lets it go on. */
static bool in_pace(const struct web_request *r, size_t got, int64_t since_ms)
{
  const struct web_config *c = &r->x->web->config;
  int64_t spent_ms = clock_mono_ms() - since_ms;
  if (spent_ms < c->body_ms) return true;
  return !(r->route->flags & WEB_STRANGER) && (int64_t)got * 1000 / spent_ms >= c->body_rate_min;
}

/* What is read has no body: most of it is open to strangers, and who asks in earnest sends none. */
static size_t body_max(const struct web_route *route)
{
  if (strcmp(route->method, "GET") == 0) return 0;
  if (route->flags & WEB_UPLOAD) return HTTP_UPLOAD_MAX;
  return route->flags & WEB_STRANGER ? HTTP_STRANGER_MAX : HTTP_BODY_MAX;
}

static bool refuse_busy(struct web_request *r)
{
  web_set_header(r, "Retry-After", "5");
  return refuse_body(r, 503, "busy", "too many bodies are being received");
}

/* Reads until the declared length, or a chunked body's end. */
static bool receive_body(struct web_request *r, struct body_share *share, bool chunked, size_t declared)
{
  struct web_exchange *x = r->x;
  const int64_t since_ms = clock_mono_ms();
  const size_t max = body_max(r->route);
  x->body.max = max + 2; /* one byte more shows that it is too long; one for the zero */
  while (chunked || x->body.size < declared) {
    size_t want = chunked || declared - x->body.size > READ_SIZE ? READ_SIZE : declared - x->body.size;
    if (x->body.size + want > max + 1) want = max + 1 - x->body.size;
    if (x->body.size + want > share->bytes &&
        !bodies_take(&x->web->bodies, share, x->body.size + want - share->bytes))
      return refuse_busy(r);
    uint8_t *at = buf_reserve(&x->body, want);
    if (!at) return refuse_body(r, 503, "memory", "no memory for the body");
    int n = mg_read(x->conn, at, want);
    x->body.size -= n > 0 ? want - (size_t)n : want;
    if (x->body.size > max)
      return refuse_body(r, 413, "body_size", "the body is longer than this path takes");
    if (n < 0 || (n == 0 && !chunked))
      return refuse_body(r, 400, "body_end", "the body ends before its length");
    if (n == 0) return true;
    if (!in_pace(r, x->body.size, since_ms))
      return refuse_body(r, 408, "body_rate", "the body comes too slowly");
  }
  return true;
}

/* Bodies of all requests together are bounded (bodies.h): 256 uploads of 8 MiB would be 2 GiB. */
static bool read_body(struct web_request *r, struct body_share *share)
{
  struct web_exchange *x = r->x;
  const struct mg_request_info *info = mg_get_request_info(x->conn);
  bool chunked = mg_get_header(x->conn, "Transfer-Encoding") != NULL;
  size_t declared = info->content_length > 0 ? (size_t)info->content_length : 0;
  if (!chunked && declared == 0) return true;
  if (declared > body_max(r->route) || body_max(r->route) == 0)
    return refuse_body(r, 413, "body_size", "the body is longer than this path takes");
  if (!receive_body(r, share, chunked, declared)) return false;
  x->body_read = true;
  put_u8(&x->body, 0);
  if (x->body.bad) return refuse_body(r, 503, "memory", "no memory for the body");
  x->body.size--;
  r->body = x->body.data;
  r->body_size = x->body.size;
  atomic_fetch_add(&x->web->body_bytes, x->body.size);
  return true;
}

/* -- The way of one request. -- */

static bool method_fits(const struct web_route *route, const char *method)
{
  return strcmp(route->method, method) == 0 ||
         (strcmp(method, "HEAD") == 0 && strcmp(route->method, "GET") == 0);
}

/* The route, or NULL with the methods the path does know. */
static const struct web_route *find_route(const struct web_config *c, struct web_request *r, char *allow,
                                          size_t room)
{
  size_t n = 0;
  allow[0] = 0;
  for (size_t i = 0; i < c->route_count; i++) {
    if (!url_match(c->routes[i].pattern, r->path, &r->x->params)) continue;
    if (method_fits(&c->routes[i], r->method)) return &c->routes[i];
    int more = snprintf(allow + n, room - n, "%s%s", n ? ", " : "", c->routes[i].method);
    if (more > 0 && n + (size_t)more < room) n += (size_t)more;
  }
  return NULL;
}

static const struct web_asset *find_asset(const struct web_config *c, const char *path)
{
  for (size_t i = 0; i < c->asset_count; i++)
    if (strcmp(c->assets[i].path, path) == 0) return &c->assets[i];
  return NULL;
}

static void reply_rule(struct web_request *r, int status, enum err_kind kind, const char *rule)
{
  struct err err = ERR_INIT;
  err_rule(&err, kind, "", rule, "%s %.200s", r->method, r->path);
  web_reply_err_status(r, status, &err);
}

static void serve_page(struct web_request *r)
{
  const struct web_config *c = &r->x->web->config;
  if (strcmp(r->method, "GET") != 0 && strcmp(r->method, "HEAD") != 0) {
    web_set_header(r, "Allow", "GET, HEAD");
    reply_rule(r, 405, ERR_INPUT, "method");
    return;
  }
  const struct web_asset *asset = find_asset(c, r->path);
  /* What has no dot is a page that the browser's own router knows. */
  if (!asset && !strchr(strrchr(r->path, '/'), '.')) asset = find_asset(c, "/index.html");
  if (asset)
    reply_asset(r, asset);
  else
    reply_rule(r, 404, ERR_MISSING, "path");
}

static void serve_route(struct web_request *r)
{
  const struct web_config *c = &r->x->web->config;
  struct body_share share = {.peer = r->peer, .file = (r->route->flags & WEB_UPLOAD) != 0};
  if ((!c->before || c->before(r, c->app)) && read_body(r, &share) &&
      (r->body_size == 0 || !c->still || c->still(r, c->app))) {
    r->route->handle(r, c->app);
    if (!web_replied(r)) log_error("%s %s: the handler gave no answer", r->method, r->route->pattern);
  }
  if (!web_replied(r)) web_reply_empty(r, 500);
  bodies_give(&r->x->web->bodies, &share);
}

/* By these it is decided who asks, for what, and whether it is the same again.  Of two that differ one part
 * of the program, or a proxy before it, would believe the one and another the other. */
static bool headers_agree(const struct mg_request_info *info, struct err *err)
{
  static const char *const single[] = {"Authorization",  "Content-Type",     "Cookie",        "Host",
                                       "Origin",         "Idempotency-Key",  "If-None-Match", "X-Sunlit",
                                       "Sec-Fetch-Site", "X-Sunlit-Account", "User-Agent"};
  for (size_t k = 0; k < sizeof single / sizeof *single; k++) {
    const char *first = NULL;
    for (int i = 0; i < info->num_headers; i++) {
      const struct mg_header *h = &info->http_headers[i];
      if (strcasecmp(h->name, single[k]) != 0) continue;
      if (first && strcmp(first, h->value) != 0)
        return err_rule(err, ERR_INPUT, single[k], "header_twice",
                        "the header %s comes twice, with different values", single[k]);
      first = h->value;
    }
  }
  return true;
}

static void serve(struct web_request *r)
{
  const struct mg_request_info *info = mg_get_request_info(r->x->conn);
  const struct web_config *c = &r->x->web->config;
  char allow[64];
  if (!c->peer(c->app, info->remote_addr, r->peer, &r->secure)) {
    r->x->close = true;
    snprintf(r->peer, sizeof r->peer, "unknown");
    reply_rule(r, 403, ERR_DENIED, "source");
    return;
  }
  if (!url_path(r->x->path, info->local_uri_raw ? info->local_uri_raw : "") ||
      !url_query_parse(&r->x->query, info->query_string)) {
    struct err err = ERR_INIT;
    r->x->path[0] = 0; /* nothing after this looks at it */
    err_rule(&err, ERR_INPUT, "query", "encoding", "the path or the query is malformed");
    web_reply_err(r, &err);
    return;
  }
  struct err twice = ERR_INIT;
  if (!headers_agree(info, &twice)) {
    web_reply_err(r, &twice);
    return;
  }
  r->route = find_route(c, r, allow, sizeof allow);
  if (r->route) {
    serve_route(r);
  } else if (allow[0]) {
    web_set_header(r, "Allow", allow);
    reply_rule(r, 405, ERR_INPUT, "method");
  } else if (strncmp(r->path, "/api/", 5) == 0) {
    reply_rule(r, 404, ERR_MISSING, "path");
  } else {
    serve_page(r);
  }
}

static int64_t now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int begin_request(struct mg_connection *conn)
{
  const struct mg_request_info *info = mg_get_request_info(conn);
  struct web *web = info->user_data;
  int64_t since_us = now_us();
  struct web_exchange x = {.web = web, .conn = conn};
  struct web_request r = {
      .method = info->request_method, .path = x.path, .body = (const uint8_t *)"", .x = &x};
  x.head_only = strcmp(r.method, "HEAD") == 0;
  atomic_fetch_add(&web->requests, 1);
  atomic_fetch_add(&web->active, 1);
  serve(&r);
  atomic_fetch_add(&web->answered[x.status / 100 < 6 ? x.status / 100 : 0], 1);
  atomic_fetch_add(&web->busy_us, (uint64_t)(now_us() - since_us));
  atomic_fetch_sub(&web->active, 1); /* last: who sees none active sees everything counted */
  buf_wipe(&x.body);
  buf_wipe(&x.headers);
  return x.status;
}

/* -- CivetWeb's own words. -- */

/* Requests it cannot read are answered in our form, with our headers. */
static int http_error(struct mg_connection *conn, int status, const char *text)
{
  struct web *web = mg_get_request_info(conn)->user_data;
  struct web_exchange x = {.web = web, .conn = conn, .close = true};
  struct web_request r = {.method = "", .path = "", .body = (const uint8_t *)"", .x = &x};
  struct err err = ERR_INIT;
  err_rule(&err, status >= 500 ? ERR_IO : ERR_INPUT, "", "request", "%s", text);
  web_reply_err_status(&r, status, &err);
  atomic_fetch_add(&web->answered[status / 100 < 6 ? status / 100 : 0], 1);
  buf_wipe(&x.headers);
  return 0;
}

static _Thread_local char start_failure[160]; /* what it says while it starts, in the thread that starts it */

static int log_message(const struct mg_connection *conn, const char *message)
{
  if (!conn) snprintf(start_failure, sizeof start_failure, "%s", message);
  return 1; /* the rest is about connections, and may quote what they sent */
}

/* -- Opening and closing. -- */

static void fill_defaults(struct web_config *c)
{
  if (c->threads == 0) c->threads = DEFAULT_THREADS;
  if (c->keep_alive_ms == 0) c->keep_alive_ms = DEFAULT_KEEP_ALIVE_MS;
  if (c->body_ms == 0) c->body_ms = DEFAULT_BODY_MS;
  if (c->body_rate_min == 0) c->body_rate_min = DEFAULT_BODY_RATE;
  if (c->bodies_max == 0) c->bodies_max = default_bodies_max;
}

/* Its threads block all signals, which are the main thread's; and it must not change what SIGCHLD does. */
static struct mg_context *start_civet(struct web *web, const char **options)
{
  const struct mg_callbacks callbacks = {
      .begin_request = begin_request, .http_error = http_error, .log_message = log_message};
  struct sigaction child;
  sigset_t all, before;
  sigaction(SIGCHLD, NULL, &child);
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  struct mg_context *civet = mg_start(&callbacks, web, options);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  sigaction(SIGCHLD, &child, NULL);
  return civet;
}

bool web_open(struct web **out, const struct web_config *config, struct err *err)
{
  struct web *web = calloc(1, sizeof *web);
  if (!web) return err_set(err, ERR_IO, "no memory for the web server");
  web->config = *config;
  fill_defaults(&web->config);
  bodies_init(&web->bodies, web->config.bodies_max);
  char threads[16], keep_alive[16], timeout[16], head[16];
  snprintf(threads, sizeof threads, "%d", web->config.threads);
  snprintf(keep_alive, sizeof keep_alive, "%d", web->config.keep_alive_ms);
  snprintf(timeout, sizeof timeout, "%d", REQUEST_TIMEOUT_MS);
  snprintf(head, sizeof head, "%d", HEAD_SIZE_MAX);
  /* No document_root: there are no files to reach.  tcp_nodelay: without it a kept connection's answers wait
   * 40 ms. */
  const char *options[] = {"listening_ports",
                           "127.0.0.1:0",
                           "num_threads",
                           threads,
                           "enable_keep_alive",
                           "yes",
                           "keep_alive_timeout_ms",
                           keep_alive,
                           "request_timeout_ms",
                           timeout,
                           "max_request_size",
                           head,
                           "tcp_nodelay",
                           "1",
                           "decode_url", /* it would also tidy: url_path says why not */
                           "no",
                           "enable_directory_listing",
                           "no",
                           "enable_auth_domain_check",
                           "no",
                           NULL};
  start_failure[0] = 0;
  mg_init_library(0);
  web->civet = start_civet(web, options);
  struct mg_server_port port;
  if (!web->civet || mg_get_server_ports(web->civet, 1, &port) != 1) {
    if (web->civet) mg_stop(web->civet);
    bodies_wipe(&web->bodies);
    free(web);
    return err_set(err, ERR_IO, "CivetWeb does not start: %s", start_failure);
  }
  web->port = (uint16_t)port.port;
  *out = web;
  return true;
}

void web_close(struct web *web)
{
  if (!web) return;
  mg_stop(web->civet);
  bodies_wipe(&web->bodies);
  free(web);
}

uint16_t web_port(const struct web *web)
{
  return web->port;
}

void web_count(const struct web *web, struct web_counts *out)
{
  out->requests = atomic_load(&web->requests);
  out->active = atomic_load(&web->active);
  for (size_t i = 0; i < sizeof out->answered / sizeof *out->answered; i++)
    out->answered[i] = atomic_load(&web->answered[i]);
  out->body_bytes = atomic_load(&web->body_bytes);
  out->busy_us = atomic_load(&web->busy_us);
}

/* -- What a handler asks. -- */

const char *web_header(const struct web_request *r, const char *name)
{
  return mg_get_header(r->x->conn, name);
}
