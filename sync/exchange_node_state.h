/* exchange_node_state.h - what exchange_node.c, the conversation, and exchange_node_log.c, the witness's part
 * of it, share: the inside of the node's end of a connection. */
#ifndef SUNLIT_SYNC_EXCHANGE_NODE_STATE_H
#define SUNLIT_SYNC_EXCHANGE_NODE_STATE_H

#include "sync/exchange_node.h"
#include "sync/log_message.h"
#include "sync/recalled.h"
#include "sync/sender.h"
#include "sync/wire.h"

static const int64_t NEVER = INT64_MAX;

struct exchange_node {
  struct exchange_node_config config;
  struct stream shared;
  struct stream directed;
  struct wire wire;
  struct sender up;
  bool hello_open; /* not answered yet */
  int64_t hello_ms;
  struct lane_mark hello_lanes[LANES]; /* what the newest HELLO said we have of the province's streams */
  int64_t next_hello_ms;
  int64_t heard_ms;      /* when bytes last came */
  uint64_t hub_head_seq; /* of our own stream, in the newest WELCOME */
  struct buf
      cosigned[COSIGNED_MAX];  /* u64 size, line: of each checkpoint taken since the last HELLO, a ring */
  unsigned cosigned_count;     /* how many were taken; the newest is at (count - 1) % COSIGNED_MAX */
  bool parted;                 /* our tail is not the province's: HELLO names what is proved of it instead */
  struct recall_answer recall; /* the province lost its disk and asks for what we have */
  uint64_t hub_run;            /* who welcomed us; 0: it does not say */
  bool other_hub;              /* it is the one whose log contradicts ours: it is listened to in nothing */
  struct err distrust;         /* the province's log contradicted itself: nothing of it is believed */
  bool keeps;                  /* the hub gives the log to keep in tiles */
  bool keeping_told;           /* how far the log is kept, and every piece since was */
  bool wanting;                /* it was asked for this one */
  uint64_t wanted;
  bool mirror_settled; /* what is kept of the mirror is of the log whose checkpoint is held */
  struct buf came;     /* items for HELLO's tail: when what it says it lost came there, by our proofs */
  bool brought;        /* what the province says it lost and we have is on its way, or was */
  struct {
    uint64_t first, last;
  } brought_of;                                              /* ... from here through there */
  enum { COMPARE_NOT, COMPARE_NOW, COMPARE_DONE } comparing; /* with the holes of our stream, once a line */
  bool asked_renewal, got_renewal;
  struct buf renewed; /* the body of RENEWED, once it came */
  struct exchange_node_facts facts;
};

static inline void end_store(struct exchange_node *x, const struct err *why, struct moment now)
{
  wire_end(&x->wire, END_STORE, why, now);
}

/* What the log's keeper wants of a witness in HELLO: the size we hold and, once, our cosignature over it. */
bool node_log_tail(struct exchange_node *x, struct buf *tail, struct moment now, struct err *err);
/* Before each greeting: does this branch still distrust the log? */
bool node_log_distrust(struct exchange_node *x, struct err *err);
/* At the first WELCOME: which hub this is. */
bool node_log_meet(struct exchange_node *x, const struct welcome *m, struct moment now, struct err *err);
/* At each WELCOME: does the hub show less than we hold? */
bool node_log_compare(struct exchange_node *x, const struct welcome *m, struct moment now, struct err *err);

void node_log_checkpoint(struct exchange_node *x, const struct frame *frame, struct moment now);
void node_log_leaves(struct exchange_node *x, const struct frame *frame, struct moment now);
/* exchange_node_lost.c: holes of a stream come down, in their place; */
void node_lost_take(struct exchange_node *x, const struct frame *frame, struct moment now);
/* and what the province says it has lost of ours goes up again, from behind *from on, when it is here. */
bool node_lost_bring(struct exchange_node *x, struct span tail, uint64_t *from, struct moment now,
                     struct err *err);
/* Once a line, before that: the time is part of a leaf, and what the province has of a lost one may be false;
 * *said: we have proof of it, and say so in a greeting. */
bool node_lost_came(struct exchange_node *x, struct span tail, bool *said, struct err *err);
/* Does it call lost what we have no receipt for?  Then it is compared with the leaf before anything goes up:
 * the hole may be another's, by the word of a keeper, and stands where our entry would. */
bool node_lost_compare(struct exchange_node *x, struct span tail, struct err *err);
/* Does WELCOME say that it has lost that entry of ours?  Then its hash there is the leaf's. */
bool node_lost_is_told(struct span tail, uint64_t seq);
/* Do we have a hole at the head that WELCOME names, and the province has not got that hole? */
bool node_lost_differs(struct exchange_node *x, const struct welcome *m, bool *yes, struct err *err);
/* A stream that ends before a hole of ours: nothing could go up behind it.  When all else in WELCOME is in
 * order the hole goes aside (hole_aside.h), and what was written behind it goes up in its place. */
bool node_lost_deny(struct exchange_node *x, const struct welcome *m, struct moment now, struct err *err);
/* A batch or holes of our own history came, through there. */
void node_history_grew(struct exchange_node *x, uint64_t through, struct moment now);

void node_log_mirror(struct exchange_node *x, const struct frame *frame, struct moment now);
/* At each WELCOME: asks for a tile that is this branch's own; and what comes of the log to keep. */
void node_keep_welcome(struct exchange_node *x, const struct welcome *m, struct moment now);
/* At a line's first WELCOME and at each checkpoint: does what is kept of the log lead there?  A province that
 * is being rebuilt does not say WELCOME: what it is brought may be all that there is, and is judged there. */
void node_keep_judge(struct exchange_node *x, struct moment now);
void node_keep_tiles(struct exchange_node *x, const struct frame *frame, struct moment now);
void node_keep_keepers(struct exchange_node *x, const struct frame *frame, struct moment now);

#endif
