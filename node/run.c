#include "node/run.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "node/api.h"
#include "node/carry.h"
#include "node/contacts.h"
#include "node/now.h"
#include "node/pending.h"
#include "node/uplink.h"
#include "node/witness.h"
#include "program/carried.h"
#include "program/descriptors.h"
#include "program/measure.h"
#include "program/people.h"
#include "program/stop.h"
#include "program/sweep.h"
#include "site/site.h"
#include "sync/streams.h"

#include <stdlib.h>

enum { BEAT_MS = 1000, SWEEP_BEATS = 60, GREETING_MS = 2000 /* as often as the province takes one */ };

struct options {
  const char *listen, *hub;
  int64_t loopback_http, hello_s;
};

/* The command line before the file before what is usual. */
static bool read_options(const struct cli_args *args, const struct app *app, struct options *out,
                         struct err *err)
{
  struct cli_address address;
  const char *port = cli_value(args, "loopback-http");
  long given = -1;
  out->listen = cli_value(args, "listen");
  if (!out->listen) out->listen = conf_text(app->conf, "people.listen", "0.0.0.0:8443");
  out->hub = cli_value(args, "hub");
  if (!out->hub) out->hub = conf_text(app->conf, "node.hub", app->identity.hub);
  if (!conf_int(app->conf, "people.loopback_http", 0, 65535, -1, &out->loopback_http, err) ||
      !conf_int(app->conf, "node.hello_s", 1, 240, 30, &out->hello_s, err))
    return false;
  if (port && !cli_int("loopback-http", port, 0, 65535, &given, err)) return false;
  if (port) out->loopback_http = given;
  return cli_address("listen", out->listen, &address, err) && cli_address("hub", out->hub, &address, err);
}

static void wake(struct app *app)
{
  struct node *node = node_of(app);
  if (node->uplink) uplink_wake(node->uplink);
}

void node_retry(struct node *node)
{
  if (node->uplink) uplink_retry(node->uplink);
}

void node_link_get(struct node *node, struct node_link *out)
{
  pthread_mutex_lock(&node->app.lock);
  *out = node->link;
  pthread_mutex_unlock(&node->app.lock);
}

static void measure(struct app *app, struct buf *out)
{
  struct node_link link;
  struct backlog backlog = {0};
  struct db *db = NULL;
  uint64_t acked = 0, after;
  int64_t received_ms = 0;
  node_link_get(node_of(app), &link);
  if (readers_take(app->readers, &db, NULL) &&
      stream_acked(db, (struct stream){app->code, 0}, &acked, &received_ms, NULL))
    (void)pending_look(db, &app->identity, acked, &after, &backlog, NULL);
  readers_give(app->readers, db);
  measure_put(out, "line_up", "gauge", "1 while the line to the province is up", link.state == LINK_UP);
  measure_put(out, "last_contact_seconds", "gauge", "When the province last answered",
              (double)link.last_contact_ms / 1000);
  measure_put(out, "pending_entries", "gauge", "Entries the province has not received",
              (double)backlog.count);
  measure_put(out, "pending_bytes", "gauge", "Their payload", (double)backlog.bytes);
}

/* When the province last answered is known from before the restart; whether it answers now is not. */
static bool recall(struct node *node, struct err *err)
{
  struct db *db = NULL;
  node->link.since_ms = node->app.started_ms;
  bool ok =
      readers_take(node->app.readers, &db, err) && contacts_recall(db, &node->link.last_contact_ms, err);
  readers_give(node->app.readers, db);
  return ok;
}

static void beat(struct node *node, struct people *people, unsigned beats)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  app_beat(&node->app, clock_wall_ms());
  site_beat(&node->app);
  carried_beat(&node->app, accept_carried);
  if (atomic_exchange(&node->certificates_moved, false) && !people_renew(people, &err)) {
    log_warning("the new certificate of the people's port: %s", err.text);
    err_clear(&err);
  }
  if (beats % SWEEP_BEATS) return;
  if (!readers_take(node->app.readers, &db, &err) || !sweep(&node->app, db, &err))
    log_warning("sweeping: %s", err.text);
  readers_give(node->app.readers, db);
}

static bool serve(struct node *node, const struct options *options, struct err *err)
{
  struct people *people = NULL;
  const struct uplink_config line = {
      .hub = options->hub,
      .hello_every_ms = options->hello_s * 1000 > GREETING_MS ? options->hello_s * 1000 : GREETING_MS};
  struct people_config pages = {.listen = options->listen,
                                .loopback_http_port = (int)options->loopback_http,
                                .before = site_before,
                                .still = site_still};
  struct web_route *routes = site_table(node_routes, node_route_count, &pages.route_count, err);
  pages.routes = routes;
  bool ok = routes && recall(node, err) && witness_open(node, err) &&
            uplink_open(&node->uplink, node, &line, err) && site_open(&node->app, err) &&
            people_open(&people, &pages, &node->app, err);
  if (ok)
    log_info("node %u ready in %lld ms: https %u, http %u, province %s", node->app.code,
             (long long)(clock_wall_ms() - node->app.started_ms), people_port(people),
             people_loopback_port(people), options->hub);
  int now = ok ? now_open(&node->app.dir) : -1;
  now_write(now, node);
  for (unsigned beats = 1; ok && !stop_wait(BEAT_MS); beats++) {
    beat(node, people, beats);
    now_write(now, node);
  }
  now_close(now);
  if (ok) log_info("node %u ends", node->app.code);
  people_close(people);
  site_close(&node->app);
  uplink_close(node->uplink);
  node->uplink = NULL; /* what is committed from here on wakes nobody */
  witness_close(node);
  free(routes);
  return ok;
}

bool run_command(const struct cli_args *args, struct err *err)
{
  struct node node = {0};
  struct options options;
  stop_start();
  descriptors_raise();
  if (!crypto_start(err) || !tls_start(err)) return false;
  if (!app_open(&node.app, APP_NODE, cli_value(args, "dir"), NULL, err)) return false;
  node.app.wake = wake;
  node.app.measure = measure;
  bool ok = identity_files(&node.app.dir, &node.app.identity, err) &&
            read_options(args, &node.app, &options, err) && serve(&node, &options, err);
  app_close(&node.app);
  return ok;
}
