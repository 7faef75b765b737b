/* sync_port.h - the port nodes dial: the hub's certificate, the authority that theirs must come from, and how
 * many may come at once.  Used by the running hub (lines.h) and by one that is being rebuilt
 * (recall_lines.h). */
#ifndef SUNLIT_HUB_SYNC_PORT_H
#define SUNLIT_HUB_SYNC_PORT_H

#include "core/base/data_dir.h"
#include "net/listener.h"

enum { SYNC_GOODBYE_MS = 2000 }; /* for what is still to be said when the port closes */

struct sync_port {
  struct tls *tls;
  struct listener *listener;
};

/* Opens both, or neither; serve is called in a thread of its own for each connection. */
bool sync_port_open(struct sync_port *out, const struct data_dir *dir, const char *listen,
                    void (*serve)(struct link *link, void *ctx), void *ctx, struct err *err);
void sync_port_close(struct sync_port *port); /* says goodbye; a port that was not opened is fine */

#endif
