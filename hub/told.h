/* told.h - a quarantined entry is told to the branch that sent it, as a refusal row in its own lane.
 * A crash between the row and the cursor tells it once more, which refusal_add takes for the same. */
#ifndef SUNLIT_HUB_TOLD_H
#define SUNLIT_HUB_TOLD_H

#include "hub/hub.h"

bool told_catch_up(struct hub *hub, struct db *db, struct err *err);
/* In a copy whose log was cut, and before it is written on: what is refused from here on is told. */
bool told_cut(struct db *copy, struct err *err);

#endif
