/* told.h - quarantined entries are told to the branch that sent them, as refusal rows in its own lane.
 *
 * One row for all of one branch that are refused for one reason and stand near each other; it names them by
 * their numbers in the branch's stream ("5-9, 12").  What a branch sends in a second may be ten thousand
 * entries that are all refused, and a row for each would cost a signature and double the log. */
#ifndef SUNLIT_HUB_TOLD_H
#define SUNLIT_HUB_TOLD_H

#include "hub/hub.h"

/* Some of what waits, a tenth of a second at most; *more: there is still some. */
bool told_catch_up(struct hub *hub, struct db *db, bool *more, struct err *err);
/* In a copy whose log was cut, and before it is written on: what is refused from here on is told. */
bool told_cut(struct db *copy, struct err *err);

#endif
