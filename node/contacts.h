/* contacts.h - what the line did, as rows of the contact list: up, down, and what each exchange moved.
 *
 * A burst of entries becomes one row when it is over, not one a batch.  A row that cannot be written (the
 * disk is full) is lost; the entries it speaks of are not.  THREADS: the uplink's. */
#ifndef SUNLIT_NODE_CONTACTS_H
#define SUNLIT_NODE_CONTACTS_H

#include "node/node.h"
#include "sync/exchange_node.h"

struct contacts {
  bool up;
  int64_t begun_ms; /* wall time of the first move of the burst under way; 0: none */
  int64_t last_ms;  /* and of the last */
  int64_t due_ms;   /* monotonic: when the burst is over unless something moves; 0: none under way */
  int64_t heard_ms; /* monotonic: when the newest answer came */
  uint64_t sent, got, refused;                /* of this connection, already told in rows */
  uint64_t seen_sent, seen_got, seen_refused; /* and seen by the last call */
};

/* After each step of a connection that was welcomed. */
void contacts_progress(struct contacts *contacts, struct app *app, const struct exchange_node_facts *facts);
/* What the newest answer says of the line: when it came, whether it goes on, what the province's clock says.
 * The newest, not the latest time: a clock that was wrong for a day is forgotten with the next answer. */
void contacts_answered(struct contacts *contacts, struct node *node, const struct exchange_node_facts *facts);
/* When the province last answered before this start, of the rows; 0: never. */
bool contacts_recall(struct db *db, int64_t *last_ms, struct err *err);
/* The connection is over; `why` is one sentence. */
void contacts_end(struct contacts *contacts, struct app *app, const char *why);

#endif
