#include "program/bell.h"

#include <time.h>

void bell_init(struct bell *bell)
{
  pthread_condattr_t monotonic;
  pthread_mutex_init(&bell->lock, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&bell->rings, &monotonic);
  pthread_condattr_destroy(&monotonic);
  bell->rung = false;
}

void bell_wipe(struct bell *bell)
{
  pthread_cond_destroy(&bell->rings);
  pthread_mutex_destroy(&bell->lock);
}

void bell_ring(struct bell *bell)
{
  pthread_mutex_lock(&bell->lock);
  bell->rung = true;
  pthread_cond_signal(&bell->rings);
  pthread_mutex_unlock(&bell->lock);
}

bool bell_wait(struct bell *bell, int64_t ms)
{
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += ms / 1000;
  until.tv_nsec += ms % 1000 * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000;
  }
  pthread_mutex_lock(&bell->lock);
  while (!bell->rung)
    if (pthread_cond_timedwait(&bell->rings, &bell->lock, &until) != 0) break;
  bool rung = bell->rung;
  bell->rung = false;
  pthread_mutex_unlock(&bell->lock);
  return rung;
}
