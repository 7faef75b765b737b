#include "hub/run.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/contact.h"
#include "core/domain/enrolment.h"
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/audit_reads.h"
#include "hub/board.h"
#include "hub/branch_pace.h"
#include "hub/certificates.h"
#include "hub/chores.h"
#include "hub/empty_log.h"
#include "hub/hearing.h"
#include "hub/ingest.h"
#include "hub/lines.h"
#include "hub/outside.h"
#include "hub/steward.h"
#include "program/clock_watch.h"
#include "program/descriptors.h"
#include "program/measure.h"
#include "program/people.h"
#include "program/stop.h"
#include "site/site.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options {
  const char *listen, *sync;
  int64_t loopback_http, evaluate_s;
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
  out->sync = cli_value(args, "sync");
  if (!out->sync) out->sync = conf_text(app->conf, "sync.listen", "0.0.0.0:7443");
  if (!conf_int(app->conf, "people.loopback_http", 0, 65535, -1, &out->loopback_http, err) ||
      !conf_int(app->conf, "hub.evaluate_s", 1, 86400, 180, &out->evaluate_s, err))
    return false;
  if (port && !cli_int("loopback-http", port, 0, 65535, &given, err)) return false;
  if (port) out->loopback_http = given;
  return cli_address("listen", out->listen, &address, err) && cli_address("sync", out->sync, &address, err);
}

static void wake(struct app *app)
{
  bell_ring(&hub_of(app)->news);
}

bool hub_connected(struct hub *hub, uint32_t branch)
{
  return lines_connected(hub->lines, branch);
}

static void measure_lines(struct hub *hub, struct buf *out)
{
  struct lines_counts c = {0};
  lines_count(hub->lines, &c);
  measure_put(out, "lines", "gauge", "Nodes connected now", (double)c.live);
  measure_put(out, "lines_refused_total", "counter", "Certificates refused on the sync port",
              (double)c.refused);
  measure_put(out, "sync_bytes_in_total", "counter", "From nodes, of lines that ended", (double)c.bytes_in);
  measure_put(out, "sync_bytes_out_total", "counter", "To nodes, of lines that ended", (double)c.bytes_out);
  measure_put(out, "sync_handshake_failed_total", "counter", "TLS handshakes that failed",
              (double)c.listener.handshake_failed);
  measure_put(out, "sync_waiting", "gauge", "Sockets that have not spoken yet", (double)c.listener.waiting);
  measure_put(out, "sync_turned_away_total", "counter", "Connections refused by rate, peer or place",
              (double)(c.listener.refused_rate + c.listener.refused_peer + c.listener.refused_full));
}

static void measure_log(struct hub *hub, struct buf *out)
{
  struct quorum_state log = {0};
  struct outside_counts outside = {0};
  struct db *db = NULL;
  int64_t now_ms = clock_wall_ms();
  if (readers_take(hub->app.readers, &db, NULL)) (void)quorum_read(hub, db, now_ms, &log, NULL);
  readers_give(hub->app.readers, db);
  outside_count(hub->outside, &outside);
  int64_t waits_ms = log.waits_since_ms ? now_ms - log.waits_since_ms : 0;
  measure_put(out, "log_entries", "gauge", "Size of the newest signed checkpoint", (double)log.size);
  measure_put(out, "log_witnessed_entries", "gauge", "Of them, how many the quorum has witnessed",
              (double)log.witnessed);
  measure_put(out, "log_unwitnessed_seconds", "gauge", "Age of the oldest checkpoint that is not witnessed",
              (double)waits_ms / 1000);
  measure_put(out, "log_unwitnessed_late", "gauge", "1 when that is more than hub.unwitnessed_hours",
              log.late);
  measure_put(out, "outside_witnesses", "gauge", "Witnesses outside that are asked",
              (double)outside.witnesses);
  measure_put(out, "outside_failing", "gauge", "Of them, those that did not cosign when last asked",
              (double)outside.failing);
  measure_put(out, "outside_asked_total", "counter", "Times a witness outside was asked",
              (double)outside.asked);
  measure_put(out, "outside_failed_total", "counter", "Times that came to nothing", (double)outside.failed);
}

static void measure(struct app *app, struct buf *out)
{
  struct hub *hub = hub_of(app);
  struct ingest_counts c = {0};
  ingest_count(hub->ingest, &c);
  measure_lines(hub, out);
  measure_log(hub, out);
  measure_put(out, "ingest_batches_total", "counter", "Batches answered", (double)c.batches);
  measure_put(out, "ingest_entries_total", "counter", "Entries taken", (double)c.entries);
  measure_put(out, "ingest_commits_total", "counter", "Transactions they shared", (double)c.commits);
  measure_put(out, "ingest_quarantined_total", "counter", "Entries quarantined", (double)c.quarantined);
  measure_put(out, "ingest_refused_total", "counter", "Batches not taken", (double)c.refused);
  measure_put(out, "ingest_failed_total", "counter", "Batches the store could not take", (double)c.failed);
  measure_put(out, "ingest_waiting", "gauge", "Batches in the queue", (double)c.waiting);
  measure_put(out, "ingest_waiting_bytes", "gauge", "Their memory", (double)c.waiting_bytes);
}

struct start {
  const char *address;
  int64_t branches_ms;
};

static bool start(struct tx *tx, void *ctx, struct err *err)
{
  struct start *at = ctx;
  return branch_clocks_before(tx->db, &at->branches_ms, err) && branch_contact_reset(tx, err) &&
         setting_set(tx, "sync_address", at->address, err);
}

/* What invitations say: the configuration's word, or the address we listen on, or this host's name. */
static void choose_address(struct hub *hub, const struct options *options)
{
  struct cli_address sync;
  char host[64] = "localhost";
  const char *told = conf_text(hub->app.conf, "sync.address", NULL);
  if (told) {
    snprintf(hub->address, sizeof hub->address, "%s", told);
    return;
  }
  if (!cli_address("sync", options->sync, &sync, NULL)) return;
  bool any = !sync.host[0] || strcmp(sync.host, "0.0.0.0") == 0 || strcmp(sync.host, "::") == 0;
  if (any && gethostname(host, sizeof host - 1) != 0) snprintf(host, sizeof host, "localhost");
  bool v6 = strchr(sync.host, ':') && !any;
  snprintf(hub->address, sizeof hub->address, v6 ? "[%.*s]:%u" : "%.*s:%u", 120, any ? host : sync.host,
           lines_port(hub->lines));
}

/* On a full disk it serves all the same, for reading: somebody must be able to look. */
static bool note_start(struct hub *hub, struct err *err)
{
  struct err why = ERR_INIT;
  struct start at = {.address = hub->address};
  bool noted = app_local(&hub->app, start, &at, &why);
  clock_recalled(&hub->app, at.branches_ms);
  if (noted) return true;
  if (why.kind == ERR_IO) return true; /* app_note has told it */
  *err = why;
  return false;
}

static bool open_parts(struct hub *hub, const struct options *options, struct err *err)
{
  crypto_random(&hub->run, sizeof hub->run);
  hub->run |= 1;
  return quorum_open(&hub->quorum, &hub->app, err) &&
         certificates_open(hub, conf_text(hub->app.conf, "people.addresses", NULL), err) &&
         board_open(&hub->board, err) && hearing_open(&hub->hearing, hub, clock_mono_ms, err) &&
         audit_reads_open(&hub->reads, err) && branch_pace_open(&hub->pace, hub->app.conf, err) &&
         branch_pace_recall(hub->pace, &hub->app, clock_wall_ms(), clock_boot_ms(), err) &&
         ingest_open(&hub->ingest, &hub->app, lines_answer, err) &&
         lines_open(&hub->lines, hub, options->sync, err) &&
         (choose_address(hub, options), note_start(hub, err)) && outside_open(&hub->outside, hub, err) &&
         steward_open(&hub->steward, hub, err) &&
         chores_open(&hub->chores, hub, options->evaluate_s * 1000, err);
}

/* First every thread ends that may still commit, then what is left to write is written, then what they used
 * goes. */
static void close_parts(struct hub *hub)
{
  struct err err = ERR_INIT;
  chores_close(hub->chores);
  steward_close(hub->steward);
  outside_close(hub->outside);
  lines_close(hub->lines);
  ingest_close(hub->ingest);
  if (hub->reads && !audit_reads_flush(hub->reads, &hub->app, clock_wall_ms(), true, &err))
    log_warning("what was read of the audit trail could not be recorded: %s", err.text);
  err_clear(&err);
  if (!branch_pace_keep(hub->pace, &hub->app, clock_wall_ms(), clock_boot_ms(), &err))
    log_warning("what branches have used of their pace could not be written down: %s", err.text);
  audit_reads_close(hub->reads);
  board_close(hub->board);
  hearing_close(hub->hearing);
  branch_pace_close(hub->pace);
  if (hub->authority) cert_authority_close(hub->authority);
  buf_wipe(&hub->authority_der);
  quorum_close(&hub->quorum);
}

/* The people's port outlives its certificate, and the machine gets other addresses. */
static void keep_certificate(struct hub *hub, struct people *people)
{
  struct err err = ERR_INIT;
  bool moved = false;
  bool ok = certificates_keep(hub, conf_text(hub->app.conf, "people.addresses", NULL), &moved, &err) &&
            (!moved || people_renew(people, &err));
  if (!ok) log_warning("the certificate of the people's port: %s", err.text);
}

static bool serve(struct hub *hub, const struct options *options, struct err *err)
{
  struct people *people = NULL;
  struct people_config pages = {.listen = options->listen,
                                .loopback_http_port = (int)options->loopback_http,
                                .before = site_before,
                                .still = site_still};
  struct web_route *routes = site_table(hub_routes, hub_route_count, &pages.route_count, err);
  pages.routes = routes;
  bool ok = routes && site_open(&hub->app, err) && open_parts(hub, options, err) &&
            people_open(&people, &pages, &hub->app, err);
  if (ok)
    log_info("hub %u ready in %lld ms: sync %u, https %u, http %u, nodes dial %s", hub->app.code,
             (long long)(clock_wall_ms() - hub->app.started_ms), lines_port(hub->lines), people_port(people),
             people_loopback_port(people), hub->address);
  while (ok && !stop_wait(60 * 1000))
    keep_certificate(hub, people);
  if (ok) log_info("hub %u ends", hub->app.code);
  people_close(people);
  close_parts(hub);
  site_close(&hub->app); /* the steward writes down what waited there */
  free(routes);
  return ok;
}

static bool has_log(const struct app *app, struct err *err)
{
  struct db *db = NULL;
  bool ok = readers_take(app->readers, &db, err) && empty_log_none(db, &app->dir, err);
  readers_give(app->readers, db);
  return ok;
}

bool run_command(const struct cli_args *args, struct err *err)
{
  static struct hub hub;
  struct options options;
  stop_start();
  descriptors_raise();
  if (!crypto_start(err) || !tls_start(err)) return false;
  if (!app_open(&hub.app, APP_HUB, cli_value(args, "dir"), audit_index_migrate, err)) return false;
  bell_init(&hub.news);
  hub.app.wake = wake;
  hub.app.measure = measure;
  bool ok = identity_files(&hub.app.dir, &hub.app.identity, err) && has_log(&hub.app, err) &&
            read_options(args, &hub.app, &options, err) && serve(&hub, &options, err);
  app_close(&hub.app);
  bell_wipe(&hub.news);
  return ok;
}
