/* witness.h - what branches say about our log: cosignatures that make it trustworthy, and proof when it went
 * back. THREADS: a connection's. */
#ifndef SUNLIT_HUB_WITNESS_H
#define SUNLIT_HUB_WITNESS_H

#include "hub/hub.h"
#include "net/link.h"
#include "sync/exchange_hub.h"

/* HUB_HELLO: stores the cosignature that came with it, if one did. */
void witness_cosigned(struct hub *hub, uint32_t branch, const struct exchange_hub_action *action);
/* HUB_WITNESSED: a checkpoint of ours that is larger than our log stops everything that would add to it. */
void witness_shown(struct hub *hub, uint32_t branch, struct span note);
/* Over this line came a certificate of ours that our database does not know: the same (sync/stranger.h). */
void witness_stranger(struct hub *hub, const struct link *link);
/* HUB_HELD: so does an entry of ours that our log has otherwise, or not at all. */
void witness_lost(struct hub *hub, uint32_t branch, const struct held_message *held);

#endif
