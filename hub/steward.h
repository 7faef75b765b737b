/* steward.h - the hub's housekeeping, one thread: what is signed, told, evaluated, refused and thrown away.
 *
 * At once when something new was committed (hub->news rings): its head is signed and every line is woken.
 * Each second: what branches said goes to the board; revocations are carried out, also those that another
 * process wrote; quarantined entries are told to their branch.
 * When ingest rests: the audit index catches up.  Every few minutes: prices that cannot be are refused,
 * scores and medians are published.  Every minute: what has expired is swept. A step that fails is logged and
 * tried again in its next turn; none stops another. */
#ifndef SUNLIT_HUB_STEWARD_H
#define SUNLIT_HUB_STEWARD_H

#include "hub/hub.h"

bool steward_open(struct steward **out, struct hub *hub, int64_t evaluate_ms, struct err *err);
void steward_close(struct steward *steward);

#endif
