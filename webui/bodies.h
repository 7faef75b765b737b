/* bodies.h - the memory that bodies of requests take while they arrive.
 *
 * What has arrived counts, not what was announced.  Files take at most three quarters, so that what people
 * type is never behind them, and the requests of one address at most a quarter of each kind: an office behind
 * one address still has room for two of the largest files at once.
 *
 * THREADS: any; a share belongs to its request's. */
#ifndef SUNLIT_WEBUI_BODIES_H
#define SUNLIT_WEBUI_BODIES_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct body_share {
  const char *peer; /* borrowed while it stands in the list */
  bool file;
  size_t bytes;
  struct body_share *next;
};

struct bodies {
  pthread_mutex_t lock;
  size_t max; /* before the first request */
  struct body_share *first;
};

void bodies_init(struct bodies *bodies, size_t max);
void bodies_wipe(struct bodies *bodies);
/* So many bytes more for this request, whose share holds peer and file.  False: there is no room now. */
bool bodies_take(struct bodies *bodies, struct body_share *share, size_t more);
/* Everything of it; also of a share that took nothing. */
void bodies_give(struct bodies *bodies, struct body_share *share);

#endif
