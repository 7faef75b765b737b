/* recall_tell.h - what a rebuilding finds wrong with what branches bring, said once: what one brought that is
 * not so, that several came for one branch, and that two checkpoints of one size are held.
 *
 * THREADS: the command's. */
#ifndef SUNLIT_HUB_RECALL_TELL_H
#define SUNLIT_HUB_RECALL_TELL_H

#include "hub/recall_options.h"
#include "site/division_names.h"

struct recall_telling {
  struct division_names *names; /* borrowed */
  struct names told;            /* what was wrong with the mirrors of these has been said */
  struct codes rivals;          /* and that several came for these branches */
  uint64_t forked;              /* and that two checkpoints of that size are held, */
  size_t holders;               /* by so many */
};

void recall_tell_found(struct recall_telling *telling, const struct recall_state *state);

#endif
