/* retry.h - when to dial again: doubling waits with jitter, at once when there is new work.
 *
 * Ninety nodes lose the hub in the same second; the jitter keeps them from coming back in the same second.
 * There is no last try: a branch may come back after any time.  A plain struct, driven by the given time. */
#ifndef SUNLIT_SYNC_RETRY_H
#define SUNLIT_SYNC_RETRY_H

#include <stdbool.h>
#include <stdint.h>

enum { RETRY_FIRST_MS = 1000, RETRY_MOST_MS = 60 * 1000, RETRY_WORK_MS = 1000 };

struct retry {
  uint64_t random; /* any seed but a constant: two nodes must differ */
  unsigned failures;
  int64_t tried_ms; /* monotonic, like all of them */
  int64_t next_ms;
};

void retry_init(struct retry *r, uint64_t seed, int64_t mono_ms);
void retry_tried(struct retry *r,
                 int64_t mono_ms); /* a dial begins: the wait until the next one is set now */
void retry_worked(struct retry *r, int64_t mono_ms); /* the hub welcomed us: waits begin small again */
/* Turned away for a reason that a quick dial does not mend: the next wait is a long one. */
void retry_rest(struct retry *r, int64_t mono_ms);
/* New work, or a person pressed the button: at once, but never twice within RETRY_WORK_MS. */
void retry_work(struct retry *r, int64_t mono_ms);
bool retry_due(const struct retry *r, int64_t mono_ms);

#endif
