/* exchange_hub.h - the hub's end of one connection from a node.
 *
 * Made when the link is up, with the branch its certificate names (0: no certificate, nothing but ENROL is
 * answered).  The connection's thread does:
 *
 *   open(&x, &config, now)
 *   loop: send what is in exchange_hub_output, then exchange_hub_sent(x, n, now)
 *         wait for bytes, for a wake-up (new entries, a completed ticket), or until exchange_hub_deadline(x)
 *         exchange_hub_input | exchange_hub_wake | exchange_hub_ingested | exchange_hub_tick
 *         while (exchange_hub_action(x, &action)) act on it
 *         until exchange_hub_ended(x): flush the output for a moment, hang up
 *   close(x)
 *
 * Batches are decoded and verified here, in the connection's thread; a verified one comes out as an INGEST
 * action with a ticket.  The program gives the batch to its ingest thread, and when that has committed, calls
 * exchange_hub_ingested from this thread: only then does the RECEIPT go out (I2).  At most BATCHES_IN_FLIGHT
 * tickets are open on a connection.  Tickets still open at close are the program's: their batches may be
 * committed all the same, and the node learns it from the next WELCOME.
 * THREADS: the connection's.  OWNERSHIP: the read connection is borrowed until close. */
#ifndef SUNLIT_SYNC_EXCHANGE_HUB_H
#define SUNLIT_SYNC_EXCHANGE_HUB_H

#include "core/base/bytes.h"
#include "core/base/db.h"
#include "core/base/err.h"
#include "sync/exchange.h"
#include "sync/log_message.h"
#include "sync/renewal.h"

struct apply_result;
struct batch;
struct exchange_hub;

struct exchange_hub_config {
  struct db *db;     /* a read connection; may be NULL until the first exchange_hub_lend */
  uint32_t province; /* the hub's author code */
  uint32_t branch;   /* from the verified certificate; 0 when there is none */
  uint32_t schema;
  uint8_t schema_hash[8];
  const char *program;              /* version of this program */
  uint64_t run;                     /* names this run of it; 0: not told */
  uint8_t mirror_key[BOX_KEY_SIZE]; /* store_mirror_key */
};

enum exchange_hub_action_kind {
  /* `hello`: a node's facts, for the board; `cosigned`: store_cosignature.  Answer with exchange_hub_welcome,
   * the first of a connection not before everything that came from this branch over earlier ones is stored:
   * the node goes on behind what WELCOME says, and what an older disk of it had sent would contradict that.
   */
  HUB_HELLO = 1,
  HUB_WITNESSED, /* `note`: the node holds a larger checkpoint than we have leaves: store_witnessed */
  HUB_HELD,      /* `held`: the node holds an entry of our own that we have not: store_lost */
  HUB_INGEST,    /* `batch` is taken by the program; answer with exchange_hub_ingested */
  HUB_ENROL,     /* `enrol`: answer with exchange_hub_enrolled or exchange_hub_refuse */
  /* `cursor`: TAKEN or REPLAY: the node has that stream through there; store_cursor, as seldom as the program
   * likes.  Else the node could not take it, and it says why. */
  HUB_CURSOR,
  HUB_RENEW,    /* `tls_key`: the node wants new certificates for it; exchange_hub_renewed, or nothing */
  HUB_VIOLATION /* `why`: the peer broke the protocol or sent a batch that does not verify; an auditor's event
                 */
};

struct exchange_hub_action {
  enum exchange_hub_action_kind kind;
  const struct hello *hello;              /* borrowed until the next call */
  const struct enrol *enrol;              /* borrowed until the next call */
  const struct cursor *cursor;            /* borrowed until the next call */
  struct cosigned cosigned[COSIGNED_MAX]; /* HELLO's: of checkpoints, the newest first; borrowed as above */
  unsigned cosigned_count;
  /* HELLO: this run has welcomed the node before, and since then another has: two programs run with our keys.
   * What the node shows of our log on this connection is the other's, proves nothing and is not given out. */
  bool other_hub;
  bool shows_more;          /* HELLO: the node holds more of our log or of our own streams than we do */
  struct span note;         /* borrowed until the next call */
  struct held_message held; /* the record is borrowed until the next call */
  struct span tls_key;      /* borrowed until the next call */
  uint64_t ticket;
  struct batch *batch;
  struct err why;
};

struct exchange_hub_facts {
  bool welcomed;
  uint32_t branch;
  uint64_t head_seq;         /* the node's newest entry, as it said */
  uint64_t received_seq;     /* of those, on our disk; the difference is pending at the node */
  uint64_t entries_received; /* over this connection */
  uint64_t entries_sent;     /* and confirmed by CURSOR */
  struct err down;           /* why a stream to the node stands still; ERR_NONE when none does */
  uint64_t bytes_out;
  uint64_t bytes_in;
  enum exchange_end end;
  struct err why; /* of the end */
};

bool exchange_hub_open(struct exchange_hub **out, const struct exchange_hub_config *config, struct moment now,
                       struct err *err) __attribute__((warn_unused_result));
void exchange_hub_close(struct exchange_hub *x);
/* The read connection for the calls until the next lend: a thousand connections share a few. */
void exchange_hub_lend(struct exchange_hub *x, struct db *db);

/* quiet: nothing of ours goes down for now, but a node's own history.  twin_ms: TAIL_TWIN of the next
 * WELCOME; 0: none. */
void exchange_hub_hold(struct exchange_hub *x, bool quiet, int64_t twin_ms);
/* How far our own clock is ahead of what others take the time for (negative: behind), told with it in each
 * WELCOME: a branch whose clock is right is not to be set by ours.  0: nothing is known against it. */
void exchange_hub_clock(struct exchange_hub *x, int64_t off_ms);

void exchange_hub_input(struct exchange_hub *x, const void *p, size_t n, struct moment now);
/* New entries may exist for this node. */
void exchange_hub_wake(struct exchange_hub *x, struct moment now);
void exchange_hub_tick(struct exchange_hub *x, struct moment now);

/* Takes the next frame that needs the program, handling those that do not; false when there is none left.
 * Frames are looked at nowhere else, so call it until it is false before waiting or sending. */
bool exchange_hub_action(struct exchange_hub *x, struct exchange_hub_action *action);
/* Answers the HELLO that was given out; until then no further frame is looked at.  Not answered within
 * SETTLE_WAIT_MS the connection ends, and the node dials again. */
void exchange_hub_welcome(struct exchange_hub *x, struct moment now);
/* The batch of that ticket was handed to store_apply at received_ms.  result NULL: nothing of it is stored,
 * and `why` (may be NULL) says what the store said.  Receipts leave in the order the batches came. */
void exchange_hub_ingested(struct exchange_hub *x, uint64_t ticket, const struct apply_result *result,
                           int64_t received_ms, const struct err *why, struct moment now);
void exchange_hub_enrolled(struct exchange_hub *x, const struct enrolled *answer, struct moment now);
void exchange_hub_renewed(struct exchange_hub *x, const struct renewed *answer, struct moment now);
/* Tells the peer why (a stable word and a sentence) and ends: revoked, invite expired, shutting down. */
void exchange_hub_refuse(struct exchange_hub *x, const char *rule, const char *text, struct moment now);

struct span exchange_hub_output(const struct exchange_hub *x);
void exchange_hub_sent(struct exchange_hub *x, size_t n, struct moment now);
int64_t exchange_hub_deadline(const struct exchange_hub *x);
bool exchange_hub_ended(const struct exchange_hub *x);
const struct exchange_hub_facts *exchange_hub_facts(struct exchange_hub *x);

#endif
