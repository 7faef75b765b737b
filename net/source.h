/* source.h - who is behind each loopback source address: 127.x.y.z for one connection at a time.
 *
 * A connection takes an address before it dials CivetWeb and gives it back after it has closed.  An address
 * is not used again before some millions of others were: what CivetWeb still has of a connection that is gone
 * finds nobody, and never somebody else.  THREADS: any. */
#ifndef SUNLIT_NET_SOURCE_H
#define SUNLIT_NET_SOURCE_H

#include "net/link.h"

struct sources;

struct sources *sources_open(int connections_max); /* NULL: no memory */
void sources_close(struct sources *sources);
/* The address in host order, e.g. 0x7f010000 = 127.1.0.0; 0 when all are taken. */
uint32_t sources_take(struct sources *sources, const char *peer, bool secure);
void sources_give(struct sources *sources, uint32_t address);
bool sources_find(struct sources *sources, uint32_t address, char peer[LINK_PEER_SIZE], bool *secure);

#endif
