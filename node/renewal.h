/* renewal.h - the node's two certificates: until when they are good, and putting new ones in their place.
 *
 * From the last third of their life on, and when this machine has another address than the pages' one names,
 * the node asks the province for new ones, for the key it has.  The province names the address it sees the
 * node at, so behind an address translator the new one may not name ours either: an address is asked for once
 * (D/keys/people.address).  Each
 * file is good by itself, and each is replaced by one rename: a crash at any moment leaves a pair that works.
 * THREADS: the uplink's. */
#ifndef SUNLIT_NODE_RENEWAL_H
#define SUNLIT_NODE_RENEWAL_H

#include "core/base/data_dir.h"
#include "sync/exchange.h"
#include "sync/renewal.h"

struct renewal {
  const struct data_dir *dir; /* borrowed */
  uint32_t branch;
  struct buf public_key; /* of keys/tls.key, as the province wants it */
  int64_t from_ms;       /* when the later of the two begins: to come, when a clock was ahead */
  int64_t until_ms;      /* when the sooner of the two ends */
  int64_t due_ms;        /* when to begin asking */
  int64_t asked_ms;      /* monotonic; 0: not yet */
  char address[46];      /* of this machine, on its line; "": not known yet */
  bool moved;            /* and the pages' certificate was not made for it */
};

bool renewal_open(struct renewal *renewal, const struct data_dir *dir, uint32_t branch, struct err *err);
void renewal_wipe(struct renewal *renewal);
/* The line is up from this address of ours. */
bool renewal_at(struct renewal *renewal, const char *address, struct err *err);
/* Is it time to ask (again)? */
bool renewal_due(const struct renewal *renewal, struct moment now);
/* Checks what the province gave, and puts it in place.  On failure the old ones stay. */
bool renewal_place(struct renewal *renewal, const struct renewed *answer, struct err *err);

#endif
