/* bell.h - news for one thread: rung by anybody, heard once.
 *
 * A bell belongs to the program, not to the thread that listens: it is there before the first thread that may
 * ring it and until after the last, so in whatever order parts open and close, nobody rings what is gone and
 * what was rung before anybody listened is heard.
 * THREADS: any may ring; one listens. */
#ifndef SUNLIT_PROGRAM_BELL_H
#define SUNLIT_PROGRAM_BELL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

struct bell {
  pthread_mutex_t lock;
  pthread_cond_t rings;
  bool rung; /* under lock */
};

void bell_init(struct bell *bell);
void bell_wipe(struct bell *bell); /* when no thread is left that rings or listens */
void bell_ring(struct bell *bell);
/* True when it was rung since the last time, false when ms have passed (0: only looks). */
bool bell_wait(struct bell *bell, int64_t ms);

#endif
