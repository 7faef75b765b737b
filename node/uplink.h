/* uplink.h - the one thread that speaks with the province: dials, keeps the line, dials again.
 *
 * The line stays open; new work leaves at once, and what the province has for us comes at once.  When it
 * breaks, the next try is after 1 s, doubling to 60 s with jitter, and at once when there is new work or
 * somebody presses the button.  Nothing here has to survive: what was sent, received and acknowledged is in
 * the store, so a cut line, a crash and a first start are one case.
 * THREADS: its own; uplink_wake from any thread. */
#ifndef SUNLIT_NODE_UPLINK_H
#define SUNLIT_NODE_UPLINK_H

#include "node/node.h"

struct uplink_config {
  const char *hub; /* host:port */
  int64_t hello_every_ms;
};

bool uplink_open(struct uplink **out, struct node *node, const struct uplink_config *config, struct err *err);
void uplink_close(struct uplink *uplink); /* NULL is fine */
void uplink_wake(struct uplink *uplink);  /* there is new work */
void uplink_retry(struct uplink *uplink); /* somebody wants a try, or an answer, now */

#endif
