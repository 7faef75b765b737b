/* renewal.h - new certificates for a node that asks over its own line, and the end of its old ones.
 *
 * The new one is in the database before the node hears of it; the old one ends when the node comes with the
 * new one, so a crash or a cut line at any moment leaves the node one that is good. THREADS: a line's. */
#ifndef SUNLIT_HUB_RENEWAL_H
#define SUNLIT_HUB_RENEWAL_H

#include "hub/hub.h"
#include "sync/exchange_hub.h"

/* Who is at the other end of a line, by the certificate it shows. */
struct renewal_peer {
  uint32_t branch;
  const char *serial;
  const char *address;
};
/* Answers, or records why not: the node goes on with what it has, and asks again another day. */
void renewal_grant(struct hub *hub, struct exchange_hub *x, const struct renewal_peer *peer,
                   struct span tls_key, struct moment now);
/* A node has come with this certificate: older ones of its branch end. */
void renewal_used(struct hub *hub, struct db *db, const char *serial);

#endif
