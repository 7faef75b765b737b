/* exchange_hub_state.h - what exchange_hub.c, the conversation, and exchange_hub_hello.c, its greeting,
 * share: the inside of the hub's end of a connection. */
#ifndef SUNLIT_SYNC_EXCHANGE_HUB_STATE_H
#define SUNLIT_SYNC_EXCHANGE_HUB_STATE_H

#include "sync/exchange_hub.h"
#include "sync/log_message.h"
#include "sync/peer_pace.h"
#include "sync/prover.h"
#include "sync/sender.h"
#include "sync/wire.h"

static const int64_t NEVER = INT64_MAX;

/* What goes down, in the order it is filled: a rebuilt node's own history before all else. */
enum { DOWN_HISTORY, DOWN_SHARED, DOWN_DIRECTED, DOWN_COUNT };

/* A batch that came and is not answered yet.  Receipts leave oldest first. */
struct slot {
  uint64_t ticket;
  bool done;
  struct receipt receipt;
};

struct exchange_hub {
  struct exchange_hub_config config;
  struct stream own; /* the node's */
  struct wire wire;
  struct sender down[DOWN_COUNT];
  struct prover prover;
  uint64_t log_size; /* of our newest checkpoint, at the newest HELLO */
  bool behind;       /* the node says it holds a larger one, which WITNESSED will prove, or */
  bool lanes_behind; /* has our own streams otherwise than we do, which HELD will prove */
  bool quiet;        /* nothing of ours goes down: exchange_hub_hold */
  bool other_hub;    /* what it shows is of a hub that runs beside this one: hub_runs.h */
  int64_t twin_ms;
  int64_t off_ms;                       /* exchange_hub_clock */
  uint64_t history_to;                  /* the node gets its own stream back through here; 0: it has it */
  struct slot slots[BATCHES_IN_FLIGHT]; /* a ring */
  unsigned oldest;
  unsigned count;
  uint64_t tickets;
  int64_t opened_ms;
  int64_t heard_ms;
  struct peer_pace pace;
  struct moment now;  /* of the newest call */
  bool renewal_asked; /* once a connection */
  bool told;          /* the violation that ended it was given out as an action */
  bool greeting;      /* a HELLO waits for exchange_hub_welcome, and what came behind it too */
  int64_t greeted_ms; /* since then */
  struct buf tail;    /* of the HELLO */
  struct hello hello; /* what actions borrow */
  struct enrol enrol;
  struct cursor cursor;
  struct exchange_hub_facts facts;
};

static inline void end_store(struct exchange_hub *x, const struct err *why)
{
  wire_end(&x->wire, END_STORE, why, x->now);
}

static inline void violation(struct exchange_hub *x, const struct err *why)
{
  wire_end(&x->wire, END_PROTOCOL, why, x->now);
}

/* Sends whatever is due. */
void hub_pump(struct exchange_hub *x);
/* In case a wake-up was lost. */
void hub_look_again(struct exchange_hub *x);
/* True: action says what came. */
bool hub_take_hello(struct exchange_hub *x, const struct frame *frame, struct exchange_hub_action *action);

#endif
