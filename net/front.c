#include "net/front.h"

#include "net/talk.h"

#include <arpa/inet.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEAD_MS = 10000, IDLE_MS = 15000, STALL_MS = 30000, CONNECTIONS = 240, UNLIMITED = 1000000 };

#define BUSY_BODY                                                                                            \
  "{\"error\":{\"kind\":\"busy\",\"rule\":\"busy\",\"field\":\"\",\"text\":"                                 \
  "\"too many connections at this moment: try again in a few seconds\"}}"
static const char busy[] = "HTTP/1.1 503 Unavailable\r\nContent-Type: application/json\r\nRetry-After: 5\r\n"
                           "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
                           "Connection: close\r\n\r\n" BUSY_BODY;

struct front {
  struct talk_config talk;
  struct listener *secure, *plain; /* either may be NULL */
  atomic_uint backend;             /* CivetWeb's port */
  atomic_bool stopping, secure_crowded, plain_crowded;
};

static uint16_t backend_of(void *ctx)
{
  struct front *front = ctx;
  return (uint16_t)atomic_load(&front->backend);
}

static bool is_stopping(void *ctx)
{
  struct front *front = ctx;
  return atomic_load(&front->stopping);
}

static bool is_crowded(void *ctx)
{
  struct front *front = ctx;
  return atomic_load(&front->secure_crowded) || atomic_load(&front->plain_crowded);
}

static void serve(struct link *link, void *ctx)
{
  const struct front *front = ctx;
  talk_run(link, &front->talk);
}

static int or_default(int value, int fallback)
{
  return value ? value : fallback;
}

static bool open_ports(struct front *front, const struct front_config *config, struct err *err)
{
  struct listener_config c = {.serve = serve,
                              .ctx = front,
                              .connections_max = or_default(config->connections_max, CONNECTIONS),
                              .connections_per_peer_max = config->connections_per_peer_max,
                              .queue_per_peer_max = config->queue_per_peer_max,
                              .burst_per_peer = config->burst_per_peer,
                              .rate_per_peer = config->rate_per_peer};
  if (config->listen) {
    c.listen = config->listen;
    c.tls = config->tls;
    c.crowded = &front->secure_crowded;
    if (!c.tls) return err_set(err, ERR_INPUT, "HTTPS needs a certificate");
    if (!listener_open(&front->secure, &c, err)) return false;
  }
  if (config->loopback_http_port < 0) return true;
  char address[32];
  snprintf(address, sizeof address, "127.0.0.1:%d", config->loopback_http_port);
  c.listen = address;
  c.tls = NULL;
  /* Whoever is behind it, a proxy or a test, has one address: what is parted by address elsewhere is not
   * here. */
  c.connections_per_peer_max = c.queue_per_peer_max = c.connections_max;
  c.burst_per_peer = c.rate_per_peer = UNLIMITED;
  c.refusal = busy;
  c.crowded = &front->plain_crowded;
  return listener_open(&front->plain, &c, err);
}

bool front_open(struct front **out, const struct front_config *config, struct err *err)
{
  struct front *front = calloc(1, sizeof *front);
  if (!front) return err_set(err, ERR_IO, "no memory for the people's port");
  atomic_init(&front->backend, 0);
  atomic_init(&front->stopping, false);
  atomic_init(&front->secure_crowded, false);
  atomic_init(&front->plain_crowded, false);
  front->talk =
      (struct talk_config){/* Both ports may be full at once. */
                           .sources = sources_open(2 * or_default(config->connections_max, CONNECTIONS)),
                           .backend = backend_of,
                           .stopping = is_stopping,
                           .crowded = is_crowded,
                           .ctx = front,
                           .head_ms = or_default(config->head_ms, HEAD_MS),
                           .idle_ms = or_default(config->idle_ms, IDLE_MS),
                           .stall_ms = or_default(config->stall_ms, STALL_MS)};
  bool ok = front->talk.sources || err_set(err, ERR_IO, "no memory for the people's port");
  ok = ok && open_ports(front, config, err);
  if (ok)
    *out = front;
  else
    front_close(front);
  return ok;
}

void front_backend(struct front *front, uint16_t port)
{
  atomic_store(&front->backend, port);
}

void front_drain(struct front *front, int64_t grace_ms)
{
  atomic_store(&front->stopping, true);
  if (front->secure) listener_drain(front->secure, grace_ms);
  if (front->plain) listener_drain(front->plain, grace_ms);
}

void front_stop(struct front *front)
{
  atomic_store(&front->stopping, true);
  if (front->secure) listener_stop(front->secure);
  if (front->plain) listener_stop(front->plain);
}

void front_close(struct front *front)
{
  if (!front) return;
  listener_close(front->secure);
  listener_close(front->plain);
  sources_close(front->talk.sources);
  free(front);
}

uint16_t front_port(const struct front *front)
{
  return front->secure ? listener_port(front->secure) : 0;
}

uint16_t front_loopback_port(const struct front *front)
{
  return front->plain ? listener_port(front->plain) : 0;
}

void front_renew(struct front *front, struct tls *tls)
{
  if (front->secure) listener_renew(front->secure, tls);
}

bool front_peer(const struct front *front, const char *source, char peer[LINK_PEER_SIZE], bool *secure)
{
  struct in_addr address;
  return inet_pton(AF_INET, source, &address) == 1 &&
         sources_find(front->talk.sources, ntohl(address.s_addr), peer, secure);
}

void front_count(struct front *front, struct listener_counts *out)
{
  struct listener_counts one[2] = {0};
  if (front->secure) listener_count(front->secure, &one[0]);
  if (front->plain) listener_count(front->plain, &one[1]);
  *out = (struct listener_counts){.live = one[0].live + one[1].live,
                                  .waiting = one[0].waiting + one[1].waiting,
                                  .accepted = one[0].accepted + one[1].accepted,
                                  .refused_rate = one[0].refused_rate + one[1].refused_rate,
                                  .refused_peer = one[0].refused_peer + one[1].refused_peer,
                                  .refused_full = one[0].refused_full + one[1].refused_full,
                                  .silent = one[0].silent + one[1].silent,
                                  .garbage = one[0].garbage + one[1].garbage,
                                  .handshake_failed = one[0].handshake_failed + one[1].handshake_failed};
}
