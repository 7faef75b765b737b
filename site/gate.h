/* gate.h - few places for work that is costly in memory, given out fairly.
 *
 * A free place goes to the one who waits from the address that asks for the least, the oldest among equals:
 * somebody who asks for fifty gets one in turn with everybody else.  `who` may hold and wait for so many at
 * once and no more; so may all of one address together, because who waits holds one of the connections that
 * the others of an office need for their pages; and nobody waits longer than wait_ms.  Past each: ERR_BUSY,
 * rule "busy", and the caller may come again.  Time is monotonic: a clock that is set lengthens no wait.
 * THREADS: any; a place is its thread's, on its stack, from gate_enter to gate_leave. */
#ifndef SUNLIT_SITE_GATE_H
#define SUNLIT_SITE_GATE_H

#include "core/base/err.h"

#include <pthread.h>
#include <stdint.h>

struct gate_place {
  const char *who, *peer; /* borrowed */
  bool in;
  struct gate_place *next;
};

struct gate {
  pthread_mutex_t lock;
  pthread_cond_t changed;
  struct gate_place *all; /* those in and those who wait, the oldest first */
  int places, each, address;
  int64_t wait_ms;
  const char *busy; /* what an ERR_BUSY says */
};

/* each: of one `who` at an address; address: of all at an address; both hold and wait. */
void gate_init(struct gate *gate, int places, int each, int address, int64_t wait_ms, const char *busy);
void gate_wipe(struct gate *gate);
bool gate_enter(struct gate *gate, struct gate_place *place, const char *who, const char *peer,
                struct err *err) __attribute__((warn_unused_result));
void gate_leave(struct gate *gate, struct gate_place *place);

#endif
