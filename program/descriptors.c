#include "program/descriptors.h"

#include <sys/resource.h>

enum { ENOUGH = 65536 };

void descriptors_raise(void)
{
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  rlim_t want = limit.rlim_max < ENOUGH ? limit.rlim_max : ENOUGH;
  if (limit.rlim_cur >= want) return;
  limit.rlim_cur = want;
  setrlimit(RLIMIT_NOFILE, &limit); /* refused: the lines beyond it will be, one by one */
}
