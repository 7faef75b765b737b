/* exchange_node.h - the node's end of one connection to the hub.
 *
 * Made when the link is up, closed when it is gone; the next connection is a new one.  The uplink thread
 * does:
 *
 *   open(&x, &config, now)                    the first HELLO is in the output already
 *   loop: send what is in exchange_node_output, then exchange_node_sent(x, n, now)
 *         wait for bytes, for a wake-up, or until exchange_node_deadline(x)
 *         exchange_node_input(x, bytes, n, now) | exchange_node_wake(x, now) | exchange_node_tick(x, now)
 *         until exchange_node_ended(x): flush the output for a moment, hang up
 *   close(x)
 *
 * Receipts are stored, and the hub's entries applied, inside exchange_node_input, through the store.
 * THREADS: the uplink's; the store it writes through has its own lock.
 * OWNERSHIP: the store and the read connection are borrowed until close. */
#ifndef SUNLIT_SYNC_EXCHANGE_NODE_H
#define SUNLIT_SYNC_EXCHANGE_NODE_H

#include "core/base/bytes.h"
#include "core/base/db.h"
#include "core/base/err.h"
#include "sync/exchange.h"
#include "sync/hub_runs.h"
#include "sync/renewal.h"

struct store;
struct exchange_node;

struct exchange_node_config {
  struct store *store;
  struct db *db;          /* a read connection of the uplink thread's own */
  const char *program;    /* version of this program, e.g. "1.0.0" */
  uint32_t refused;       /* records the province did not accept and nobody has dealt with yet */
  int64_t hello_every_ms; /* 0: HELLO_EVERY_MS */
  uint64_t run;           /* names this run of the program; 0: not told */
  struct hub_runs *hubs;  /* which hubs this run has met, from line to line; borrowed; NULL: not kept */
};

/* What this connection has done so far, for the sync page and the contact list. */
struct exchange_node_facts {
  bool welcome;       /* the hub has answered: the line is up */
  int64_t welcome_ms; /* wall time of the newest answer */
  int64_t welcome_mono_ms;
  int64_t hub_wall_ms; /* the hub's clock in it, or what the hub takes for the time instead */
  uint32_t hub_schema;
  char hub_program[32];
  bool two_hubs;            /* two programs have the province's keys: hub_runs.h */
  int64_t twin_ms;          /* another machine with our keys was turned away then; 0: none of late */
  unsigned kept_strayed;    /* how often what came of the log to keep led elsewhere and was let go */
  bool restoring;           /* our own stream is longer at the hub: taking it back first */
  uint64_t entries_sent;    /* entries acknowledged by the hub over this connection */
  uint64_t entries_got;     /* entries of the hub now on our disk */
  uint64_t entries_refused; /* quarantined or refused by the hub */
  uint64_t bytes_out;
  uint64_t bytes_in;
  struct err up; /* why the upload stands still: rule "frozen", "diverged", "disk_full" ...; else ERR_NONE */
  struct err down; /* the same for the download */
  enum exchange_end end;
  struct err why; /* of the end */
};

bool exchange_node_open(struct exchange_node **out, const struct exchange_node_config *config,
                        struct moment now, struct err *err) __attribute__((warn_unused_result));
void exchange_node_close(struct exchange_node *x);

void exchange_node_input(struct exchange_node *x, const void *p, size_t n, struct moment now);
/* New entries were committed. */
void exchange_node_wake(struct exchange_node *x, struct moment now);
/* A person asked to sync now: HELLO goes out, unless one is unanswered or went out within HELLO_LEAST_MS. */
void exchange_node_hello(struct exchange_node *x, struct moment now);
/* Asks for new certificates for the node's TLS key, once a connection and not before the first WELCOME; false
 * when it did not ask. */
bool exchange_node_renew(struct exchange_node *x, struct span tls_key, struct moment now);
/* True once, when they have come; borrowed until close. */
bool exchange_node_renewed(struct exchange_node *x, struct renewed *out);
/* For the next HELLO. */
void exchange_node_refused(struct exchange_node *x, uint32_t refused);
void exchange_node_tick(struct exchange_node *x, struct moment now);

/* Bytes to send, borrowed until the next call; `sent` takes n of them off the front. */
struct span exchange_node_output(const struct exchange_node *x);
void exchange_node_sent(struct exchange_node *x, size_t n, struct moment now);
/* The moment on the monotonic clock at which tick must be called. */
int64_t exchange_node_deadline(const struct exchange_node *x);
/* True once nothing more will come of this connection: flush the output, hang up. */
bool exchange_node_ended(const struct exchange_node *x);
const struct exchange_node_facts *exchange_node_facts(struct exchange_node *x);

#endif
