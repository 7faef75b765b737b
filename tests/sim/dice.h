/* dice.h - the chance of a simulation: all of it comes out of one seed, so that a seed that fails fails
 * again. */
#ifndef SUNLIT_TESTS_DICE_H
#define SUNLIT_TESTS_DICE_H

#include <stdbool.h>
#include <stdint.h>

void dice_seed(uint64_t seed);
uint64_t dice_seed_now(void);
uint64_t dice(uint64_t sides); /* 0 to sides - 1 */
bool chance(uint64_t per_mille);
/* What must hold, whose it is, and which seed to play again when it does not. */
void demand(bool holds, const char *invariant, uint32_t code);

#endif
