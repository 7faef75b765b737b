#include "tests/sim/dice.h"

#include <stdio.h>
#include <stdlib.h>

static uint64_t state;
static uint64_t seed_now;

void dice_seed(uint64_t seed)
{
  seed_now = seed;
  state = seed * 0x9e3779b97f4a7c15ULL + 1;
}

uint64_t dice_seed_now(void)
{
  return seed_now;
}

uint64_t dice(uint64_t sides)
{
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return (state * 0x2545f4914f6cdd1dULL >> 16) % sides;
}

bool chance(uint64_t per_mille)
{
  return dice(1000) < per_mille;
}

void demand(bool holds, const char *invariant, uint32_t code)
{
  if (holds) return;
  (void)fprintf(stderr, "seed %llu: %s does not hold at %u\n", (unsigned long long)seed_now, invariant, code);
  abort();
}
