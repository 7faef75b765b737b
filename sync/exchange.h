/* exchange.h - what both ends of an exchange share: time, deadlines, outcomes.
 *
 * A node dials the hub and the two speak frames (frame.h) that carry messages (message.h).  In steady state
 * one round trip moves everything:
 *
 *   node                                   hub
 *   HELLO                       ------>
 *                               <------    WELCOME, BATCH (shared), BATCH (directed) ...
 *   BATCH, BATCH ...            ------>    verifies, hands each batch to ingest, commits
 *                               <------    RECEIPT, RECEIPT
 * ... CURSOR (applied), ...       ------>    sends on, keeping at most BATCHES_IN_FLIGHT unconfirmed a stream
 *
 * The connection stays open: either side sends as soon as it has something, and the node says HELLO again
 * when it was silent for a while.  The two directions know nothing of each other: a stuck upload never stops
 * the download, a stream that cannot go on never stops another (I7).
 *
 * exchange_node and exchange_hub are state machines without sockets, threads or clocks: bytes and a moment
 * in; bytes, actions and the next deadline out.  Each object is one connection.  What must survive a
 * connection is in the store, so a crash and a cut line are the same thing: the next connection reads the
 * store again. */
#ifndef SUNLIT_SYNC_EXCHANGE_H
#define SUNLIT_SYNC_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

/* When it is: mono_ms drives every deadline, wall_ms is only ever told to people and peers. */
struct moment {
  int64_t mono_ms;
  int64_t wall_ms;
};

enum { PROTOCOL_VERSION = 1 };

/* Deadlines.  Waiting for an answer begins anew with every byte that moves: a peer that is busy sending us
 * something else is not dead.  Those that wait for many bytes allow LINK_BYTES_PER_S on top, so that the
 * slowest line we serve (a 16 kbit/s satellite or GPRS link) makes progress instead of dying again and again
 * in the same batch. */
enum {
  HELLO_EVERY_MS = 30 * 1000, /* a node without work says so this often */
  HELLO_LEAST_MS =
      2 * 1000, /* between two of them; the hub allows HELLO_BURST at once for a line that bunches */
  HELLO_BURST = 8,
  CLAIMS_MAX = 16,             /* hub: until the next HELLO; a node that cannot go on makes a few of each */
  HELLO_WAIT_MS = 10 * 1000,   /* hub: a peer with a certificate that says nothing is dropped */
  WELCOME_WAIT_MS = 20 * 1000, /* node: a hub that does not answer HELLO */
  SETTLE_WAIT_MS = 15 * 1000,  /* hub: what came over an earlier line and is not stored yet; less than that */
  RECEIPT_WAIT_MS = 60 * 1000, /* node: a hub that does not answer a batch */
  CURSOR_WAIT_MS = 60 * 1000,  /* hub: a node that does not confirm a batch */
  FRAME_WAIT_MS = 20 * 1000,   /* both: a frame that was begun and does not come to its end */
  SILENCE_WAIT_MS = 5 * 60 * 1000, /* hub: a node that stopped saying HELLO */
  STALL_RETRY_MS = 10 * 60 * 1000, /* both: a stream that could not go on is tried again after this */
  ENROL_WAIT_MS = 30 * 1000,       /* node: the answer to ENROL */
  LINK_BYTES_PER_S = 2000
};

/* Why a connection ended, for logs and the contact list. */
enum exchange_end {
  END_NOT = 0,
  END_TIMEOUT,   /* a deadline above passed */
  END_PROTOCOL,  /* the peer broke a rule; it was told which in a REFUSE frame */
  END_DISMISSED, /* we told the peer to go in a REFUSE frame: revoked, invite expired, shutting down */
  END_DONE,      /* what it was for is done: enrolment */
  END_REFUSED,   /* the peer refused us; the rule says why */
  END_STORE      /* our own store failed (disk full, damaged): the connection is given up, the store is not */
};

#endif
