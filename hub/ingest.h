/* ingest.h - the one thread that writes what branches send: whole verified batches, all that wait in one
 * transaction.
 *
 * While a transaction is being flushed to disk the next batches gather, so the busier the hub, the more of
 * them share one flush.  A batch is answered only after the commit that holds it (I2).  When a commit of many
 * fails, they are tried one by one: a fault that one batch brings is that batch's alone (I7).
 *
 * The queue is bounded by bytes.  A connection that finds it full waits, stops reading its socket, and so its
 * node stops sending: that is all the flow control there is.
 * THREADS: put from any connection's; answers come from ingest's. */
#ifndef SUNLIT_HUB_INGEST_H
#define SUNLIT_HUB_INGEST_H

#include "hub/hub.h"
#include "sync/apply.h"

enum { INGEST_BYTES_MAX = 64 * 1024 * 1024, INGEST_TOGETHER_MAX = 64 };

/* result NULL: nothing of it is stored, `why` says what the store said. */
typedef void (*ingest_answer)(void *line, uint64_t ticket, const struct apply_result *result,
                              int64_t received_ms, const struct err *why);

struct ingest_job {
  struct batch *batch; /* taken */
  void *line;          /* for the answer, which comes exactly once a job */
  uint64_t ticket;
};

bool ingest_open(struct ingest **out, struct app *app, ingest_answer answer, struct err *err);
/* Answers what was put, then ends.  No put may be under way or come. */
void ingest_close(struct ingest *ingest);
void ingest_put(struct ingest *ingest, const struct ingest_job *job);
/* Is there a batch of that branch that is not stored yet? */
bool ingest_waits(struct ingest *ingest, uint32_t branch);
/* How long it has had nothing to do, in milliseconds; 0 while it has. */
int64_t ingest_idle_ms(struct ingest *ingest);

struct ingest_counts {
  uint64_t batches, entries, commits, quarantined, refused, failed, waiting, waiting_bytes;
};
void ingest_count(struct ingest *ingest, struct ingest_counts *out);

#endif
