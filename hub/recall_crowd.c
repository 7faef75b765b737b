#include "hub/recall_crowd.h"

#include <stddef.h>

struct crowd_line *crowd_enter(struct crowd *crowd, struct crowd_line *line)
{
  struct crowd_line *oldest = NULL;
  int count = 0;
  line->cut = false;
  line->next = crowd->newest;
  crowd->newest = line;
  for (struct crowd_line *at = crowd->newest; at; at = at->next) {
    if (at->branch != line->branch || at->cut) continue;
    oldest = at;
    count++;
  }
  if (count <= LINES_A_BRANCH) return NULL;
  oldest->cut = true;
  return oldest;
}

void crowd_leave(struct crowd *crowd, const struct crowd_line *line)
{
  for (struct crowd_line **at = &crowd->newest; *at; at = &(*at)->next) {
    if (*at != line) continue;
    *at = line->next;
    return;
  }
}
