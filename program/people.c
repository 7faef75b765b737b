#include "program/people.h"

#include "core/base/limits.h"
#include "net/cert.h"
#include "program/measure.h"
#include "webui/pages.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct people {
  struct front *front;
  struct web *web;
  struct tls *tls;
  struct app *app;
  bool (*before)(struct web_request *request, void *app);
  bool (*still)(struct web_request *request, void *app);
  struct web_route routes[];
};

/* CivetWeb's `void *app` is the program's, so that handlers need not know of people. */
static void healthz(struct web_request *request, void *ctx)
{
  struct trouble trouble;
  app_trouble(ctx, &trouble);
  bool ok = !trouble.rule[0];
  struct buf text = BUF_INIT;
  put_text(&text, ok ? "ok" : trouble.rule);
  put_text(&text, "\n");
  web_set_header(request, "Cache-Control", "no-store");
  web_reply(request, ok ? 200 : 503, "text/plain; charset=utf-8", text.data, text.size);
  buf_wipe(&text);
}

static void metrics(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  struct buf text = BUF_INIT;
  measure_app(app, &text);
  if (app->measure) app->measure(app, &text);
  web_set_header(request, "Cache-Control", "no-store");
  web_reply(request, text.bad ? 500 : 200, "text/plain; version=0.0.4; charset=utf-8", text.data, text.size);
  buf_wipe(&text);
}

/* The province's authority as a phone installs it; public by nature. */
static void authority(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  char path[DATA_PATH_MAX];
  struct buf der = BUF_INIT;
  struct err err = ERR_INIT;
  if (cert_load(&der, data_dir_path(&app->dir, "keys/ca.crt", path), &err))
    web_reply_file(request, "application/x-x509-ca-cert", "sunlit-ca.crt", der.data, der.size);
  else
    web_reply_err(request, &err);
  buf_wipe(&der);
}

/* Who still waits for a list when the program ends. */
enum { HURRY_MS = 1000 };

const struct web_route people_routes[PEOPLE_ROUTES] = {
    {.method = "GET", .pattern = "/healthz", .handle = healthz, .flags = PEOPLE_OPEN},
    {.method = "GET", .pattern = "/metrics", .handle = metrics, .flags = PEOPLE_OPEN},
    {.method = "GET", .pattern = "/ca.crt", .handle = authority, .flags = PEOPLE_OPEN},
};

static bool open_tls(struct tls **out, const struct app *app, struct err *err)
{
  char certificate[DATA_PATH_MAX], key[DATA_PATH_MAX], authority[DATA_PATH_MAX];
  const struct tls_config tls = {.use = TLS_PEOPLE_SERVER,
                                 .certificate_path = data_dir_path(&app->dir, "keys/people.crt", certificate),
                                 .key_path = data_dir_path(&app->dir, "keys/people.key", key),
                                 .authority_path = data_dir_path(&app->dir, "keys/ca.crt", authority)};
  return tls_open(out, &tls, err);
}

static bool open_front(struct people *people, const struct people_config *config, struct err *err)
{
  if (config->listen && !open_tls(&people->tls, people->app, err)) return false;
  const struct front_config front = {.listen = config->listen,
                                     .tls = people->tls,
                                     .loopback_http_port = config->loopback_http_port,
                                     .connections_per_peer_max = ADDRESS_CONNECTIONS_MAX,
                                     .queue_per_peer_max = ADDRESS_QUEUE_MAX,
                                     .burst_per_peer = ADDRESS_BURST,
                                     .rate_per_peer = ADDRESS_PER_MINUTE};
  return front_open(&people->front, &front, err);
}

static bool peer_of(void *ctx, const char *source, char peer[WEB_PEER_SIZE], bool *secure)
{
  struct app *app = ctx;
  return front_peer(app->people->front, source, peer, secure);
}

/* Our own three need no session, so the program's gate is not asked for them. */
static bool before(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  if (request->route->flags & PEOPLE_OPEN) return true;
  return !app->people->before || app->people->before(request, app);
}

static bool open_web(struct people *people, size_t route_count, struct err *err)
{
  const struct web_config web = {.routes = people->routes,
                                 .route_count = route_count,
                                 .assets = pages_assets,
                                 .asset_count = pages_asset_count,
                                 .peer = peer_of,
                                 .before = before,
                                 .still = people->still,
                                 .app = people->app};
  return web_open(&people->web, &web, err);
}

bool people_open(struct people **out, const struct people_config *config, struct app *app, struct err *err)
{
  static_assert((int)WEB_PEER_SIZE == (int)LINK_PEER_SIZE, "one text for a peer's address");
  size_t count = PEOPLE_ROUTES + config->route_count;
  struct people *people = calloc(1, sizeof *people + count * sizeof people->routes[0]);
  if (!people) return err_set(err, ERR_IO, "out of memory for %zu routes", count);
  people->app = app;
  people->before = config->before;
  people->still = config->still;
  memcpy(people->routes, people_routes, sizeof people_routes);
  if (config->route_count)
    memcpy(people->routes + PEOPLE_ROUTES, config->routes, config->route_count * sizeof people->routes[0]);
  app->people = people; /* before the first request */
  if (!open_front(people, config, err) || !open_web(people, count, err)) {
    people_close(people);
    return false;
  }
  front_backend(people->front, web_port(people->web));
  *out = people;
  return true;
}

bool people_renew(struct people *people, struct err *err)
{
  struct tls *fresh = NULL;
  if (!people->tls) return true;
  if (!open_tls(&fresh, people->app, err)) return false;
  front_renew(people->front, fresh);
  tls_close(people->tls);
  people->tls = fresh;
  return true;
}

void people_close(struct people *people)
{
  if (!people) return;
  /* First no new request comes, then the last has ended, then goes what they ask: who is behind a connection
   * the web server may ask until its last thread has ended. */
  if (people->front) front_stop(people->front);
  if (people->web) {
    readers_hurry(people->app->readers, HURRY_MS);
    web_close(people->web);
  }
  front_close(people->front);
  if (people->tls) tls_close(people->tls);
  people->app->people = NULL;
  free(people);
}

uint16_t people_port(const struct people *people)
{
  return front_port(people->front);
}

uint16_t people_loopback_port(const struct people *people)
{
  return front_loopback_port(people->front);
}

void people_count(const struct people *people, struct web_counts *web, struct listener_counts *front)
{
  web_count(people->web, web);
  front_count(people->front, front);
}
