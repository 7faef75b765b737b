/* contacts.h - what the line did, as rows of the contact list: up, down, and what each exchange moved.
 *
 * A burst of entries becomes one row when it is over, not one a batch.  A row that cannot be written (the
 * disk is full) is lost; the entries it speaks of are not.  THREADS: the uplink's. */
#ifndef SUNLIT_NODE_CONTACTS_H
#define SUNLIT_NODE_CONTACTS_H

#include "program/app.h"
#include "sync/exchange_node.h"

struct contacts {
  bool up;
  int64_t begun_ms; /* wall time of the first move of the burst under way; 0: none */
  int64_t last_ms;  /* and of the last */
  int64_t due_ms;   /* monotonic: when the burst is over unless something moves; 0: none under way */
  uint64_t sent, got, refused;                /* of this connection, already told in rows */
  uint64_t seen_sent, seen_got, seen_refused; /* and seen by the last call */
};

/* After each step of a connection that was welcomed. */
void contacts_progress(struct contacts *contacts, struct app *app, const struct exchange_node_facts *facts);
/* The connection is over; `why` is one sentence. */
void contacts_end(struct contacts *contacts, struct app *app, const char *why);

#endif
