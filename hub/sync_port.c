#include "hub/sync_port.h"

enum {
  STACK_SIZE = 256 * 1024, /* SQLite, zstd and the verifier */
  CONNECTIONS_MAX = 2048,  /* a province has 90; a whole country's counties would still fit */
  /* Many nodes behind one address translation come back at once after an outage. */
  PER_PEER_MAX = 1024,
  BURST_PER_PEER = 1024
};

bool sync_port_open(struct sync_port *out, const struct data_dir *dir, const char *listen,
                    void (*serve)(struct link *link, void *ctx), void *ctx, struct err *err)
{
  char certificate[DATA_PATH_MAX], key[DATA_PATH_MAX], authority[DATA_PATH_MAX];
  const struct tls_config tls = {.use = TLS_SYNC_SERVER,
                                 .certificate_path = data_dir_path(dir, "keys/tls.crt", certificate),
                                 .key_path = data_dir_path(dir, "keys/tls.key", key),
                                 .authority_path = data_dir_path(dir, "keys/ca.crt", authority)};
  *out = (struct sync_port){0};
  if (!tls_open(&out->tls, &tls, err)) return false;
  const struct listener_config config = {.listen = listen,
                                         .tls = out->tls,
                                         .serve = serve,
                                         .ctx = ctx,
                                         .connections_max = CONNECTIONS_MAX,
                                         .connections_per_peer_max = PER_PEER_MAX,
                                         .waiting_max = CONNECTIONS_MAX,
                                         .burst_per_peer = BURST_PER_PEER,
                                         .stack_size = STACK_SIZE};
  if (listener_open(&out->listener, &config, err)) return true;
  sync_port_close(out);
  return false;
}

void sync_port_close(struct sync_port *port)
{
  if (port->listener) {
    listener_drain(port->listener, SYNC_GOODBYE_MS);
    listener_close(port->listener);
  }
  if (port->tls) tls_close(port->tls);
  *port = (struct sync_port){0};
}
