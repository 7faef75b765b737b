#include "program/stop.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

static sigset_t ends;
static bool stopping; /* the main thread's */

void stop_start(void)
{
  signal(SIGPIPE, SIG_IGN); /* a peer that went away is an error of its write, not our end */
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, NULL);
}

bool stop_wait(int ms)
{
  struct timespec left = {.tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000L};
  if (!stopping && sigtimedwait(&ends, NULL, &left) > 0) stopping = true;
  return stopping;
}
