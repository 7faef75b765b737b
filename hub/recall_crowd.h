/* recall_crowd.h - how many lines one branch may have at once while its province is being rebuilt.
 *
 * A node has one; a line that was cut without notice is beside it for a while, and so is another certificate
 * or machine of the branch.  Beyond LINES_A_BRANCH the oldest gives way: else one branch could hold every
 * line that there is, each for as long as a byte comes now and then, and nobody else would be asked. THREADS:
 * none; the caller's lock.  OWNERSHIP: entries are the caller's, from enter to leave. */
#ifndef SUNLIT_HUB_RECALL_CROWD_H
#define SUNLIT_HUB_RECALL_CROWD_H

#include <stdbool.h>
#include <stdint.h>

enum { LINES_A_BRANCH = 4 };

struct crowd_line {
  uint32_t branch;
  void *link;
  bool cut;                /* it was told to end, and is no longer counted */
  struct crowd_line *next; /* the one that came before it */
};

struct crowd {
  struct crowd_line *newest;
};

/* The line that is to be cut for it, marked as that; NULL: there is room. */
struct crowd_line *crowd_enter(struct crowd *crowd, struct crowd_line *line);
void crowd_leave(struct crowd *crowd, const struct crowd_line *line);

#endif
