#include "sync/flight.h"

#include "sync/wire.h"

#include <assert.h>

void flight_push(struct flight *f, const struct flight_batch *batch, struct moment now)
{
  assert(!flight_full(f));
  f->batches[(f->oldest + f->count) % BATCHES_IN_FLIGHT] = *batch;
  f->count++;
  f->bytes += batch->size;
  f->moved_ms = now.mono_ms;
}

struct flight_batch flight_pop(struct flight *f, struct moment now)
{
  assert(f->count > 0);
  struct flight_batch batch = f->batches[f->oldest];
  f->oldest = (f->oldest + 1) % BATCHES_IN_FLIGHT;
  f->count--;
  f->bytes -= batch.size;
  f->moved_ms = now.mono_ms;
  return batch;
}

int64_t flight_deadline(const struct flight *f, int64_t wait_ms)
{
  return f->count == 0 ? INT64_MAX : f->moved_ms + wire_wait_ms(wait_ms, f->bytes);
}
