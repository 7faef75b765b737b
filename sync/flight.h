/* flight.h - the batches of one stream that were sent and are not answered yet, oldest first.
 *
 * Answers come in the order of the batches.  When one is refused, those behind it fall too (each answers with
 * a gap); so going back is decided once, and done when the last of them is answered.  A plain struct. */
#ifndef SUNLIT_SYNC_FLIGHT_H
#define SUNLIT_SYNC_FLIGHT_H

#include "core/base/limits.h"
#include "sync/exchange.h"

#include <stddef.h>

struct flight_batch {
  uint64_t first_seq;
  uint64_t last_seq;
  size_t size; /* on the wire */
};

struct flight {
  struct flight_batch batches[BATCHES_IN_FLIGHT];
  unsigned oldest;
  unsigned count;
  size_t bytes;
  int64_t moved_ms; /* when something was last sent or answered */
};

static inline bool flight_full(const struct flight *f)
{
  return f->count == BATCHES_IN_FLIGHT;
}
void flight_push(struct flight *f, const struct flight_batch *batch, struct moment now); /* not when full */
struct flight_batch flight_pop(struct flight *f, struct moment now);                     /* not when empty */
/* By when the oldest must be answered; INT64_MAX when there is none. */
int64_t flight_deadline(const struct flight *f, int64_t wait_ms);

#endif
