/* liar.h - what a province does to its log that has root on its machine, and every key of its own.
 *
 * Its program is stopped, its database is changed by hand, the index of runs is made to fit, and the tree and
 * all checkpoints are forgotten; then the program starts again, grows the tree over what it finds and signs
 * it with the true key.  A copy of the database as it was is taken before and put back after, for the honest
 * province.  What is said over a line is forged in the bytes on their way down. */
#ifndef SUNLIT_TESTS_LIAR_H
#define SUNLIT_TESTS_LIAR_H

#include "tests/sim/province.h"

/* The honest database, and going back to it. */
void liar_remember(struct province *p);
void liar_repent(struct province *p);

/* The entry at pos says something else: its payload, and the hash of it in its record. */
void liar_rewrite(struct province *p, int64_t pos);
/* `count` entries from pos on never came. */
void liar_drop(struct province *p, int64_t pos, int64_t count);
/* The entries at pos and pos + 1 came the other way round. */
void liar_swap(struct province *p, int64_t pos);

enum forgery {
  FORGE_PLACE,  /* the branch's entries stand where others do, with the proof of those */
  FORGE_TIME,   /* they came at another time */
  FORGE_SILENCE /* they are never proved */
};
/* Changes every proof that is on its way down to the branch (hold the line before); how many there were. */
unsigned liar_forge(struct province *p, struct member *m, enum forgery how, uint64_t size);

#endif
