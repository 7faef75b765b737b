/* province.h - the hub, its nodes and the lines between them, in one process under a virtual clock.
 *
 * Each member holds the two machines of its connection and the bytes on the way.  Nothing moves by itself:
 * province_turn moves one member's bytes, province_ingest commits what the hub was handed.  A cut can fall at
 * any byte.  A hub does not notice a cut at once: the hub's end of a dead connection, with the bytes that
 * were on the way, may live on as a ghost while the node is back on a new line. */
#ifndef SUNLIT_TESTS_PROVINCE_H
#define SUNLIT_TESTS_PROVINCE_H

#include "sync/batch.h"
#include "sync/exchange_hub.h"
#include "sync/exchange_node.h"
#include "sync/retry.h"
#include "tests/sim/site.h"

enum { MEMBERS_MAX = 24, INGEST_MAX = 256 };

struct member {
  struct site site;
  struct exchange_node *node; /* NULL: no line */
  struct exchange_hub *hub;
  struct exchange_hub *ghost;
  struct buf up;   /* on the way to the hub */
  struct buf down; /* on the way to the node */
  struct buf ghost_up;
  struct retry retry;
  bool settled;    /* its line was welcomed, or */
  bool greeting;   /* said HELLO and waits for what came over an earlier one */
  int64_t skew_ms; /* of the node's wall clock */
  struct hub_runs hubs;
  bool up_held; /* the line takes bytes and delivers none */
  bool down_held;
};

struct waiting_batch {
  struct exchange_hub *hub; /* NULL: that connection is gone, the batch is committed all the same */
  uint64_t ticket;
  struct batch *batch;
};

struct province {
  char folder[128];
  struct site hub;
  size_t count;
  struct member members[MEMBERS_MAX];
  int64_t mono_ms;
  int64_t wall_ms; /* at mono_ms 0 */
  struct waiting_batch ingest[INGEST_MAX];
  size_t ingest_count;
  int64_t hub_off_ms;  /* what the hub knows of its own clock */
  uint64_t run;        /* of the hub's program; 0: not told */
  bool other_hub;      /* a branch has told that another one runs beside it */
  uint64_t violations; /* protocol violations the hub saw */
  /* Told of each action, and of bytes just before they arrive, which may be changed; may be NULL. */
  void (*saw_action)(void *ctx, struct member *member, const struct exchange_hub_action *action);
  void (*saw_bytes)(void *ctx, struct member *member, bool up, uint8_t *p, size_t n);
  void (*saw_end)(void *ctx, struct member *member); /* just before both ends are closed */
  void *ctx;
};

void province_open(struct province *p, size_t members, int64_t wall_ms);
void province_close(struct province *p);
struct moment province_now(const struct province *p, const struct member *member); /* NULL: the hub's */

void province_connect(struct province *p, struct member *m);
/* Both ends notice. */
void province_hang_up(struct province *p, struct member *m);
/* A minute on: it dials, all that is to be said is said, and it hangs up. */
void province_meet(struct province *p, struct member *m);
/* The node notices; the hub's end lives on as a ghost and gets the first `keep` bytes that were on the way.
 */
void province_cut(struct province *p, struct member *m, size_t keep);
void province_ghost_end(struct province *p, struct member *m);

/* Moves at most n bytes each way onto the line, and as many off it.  True when anything moved. */
bool province_turn(struct province *p, struct member *m, size_t n);
/* Commits up to n waiting batches in one transaction and completes their tickets.  crash: the hub dies
 * between the two, and every line with it. */
void province_ingest(struct province *p, size_t n, bool crash);
/* New entries at the hub: every connection looks. */
void province_wake(struct province *p);
/* Deadlines of all machines at this moment. */
void province_tick(struct province *p);
/* Turns and ingests until nothing moves any more. */
void province_settle(struct province *p);

#endif
