/* steward.h - the hub's beat, one thread: what people depend on within a second.
 *
 * At once when something new was committed (hub->news rings): its head is signed and every line is woken.
 * Each second: what branches said goes to the board; revocations are carried out, also those that another
 * process wrote; the quorum is counted; branches that greeted end the listening.
 * Nothing here grows with what a branch sent: what does is one of the chores (chores.h). A step that fails is
 * logged and tried again in its next turn; none stops another. */
#ifndef SUNLIT_HUB_STEWARD_H
#define SUNLIT_HUB_STEWARD_H

#include "hub/hub.h"

bool steward_open(struct steward **out, struct hub *hub, struct err *err);
void steward_close(struct steward *steward);

#endif
