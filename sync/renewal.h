/* renewal.h - the bodies of RENEW and RENEWED: a node asks for new certificates over its own line.
 *
 * The line is the proof of who asks, so nothing is signed; the key is the one the node has, and both
 * certificates are for it.  OWNERSHIP: what was decoded is borrowed from its bytes. */
#ifndef SUNLIT_SYNC_RENEWAL_H
#define SUNLIT_SYNC_RENEWAL_H

#include "sync/message.h"

struct renew {
  struct span tls_key; /* SubjectPublicKeyInfo, DER */
};

struct renewed {
  struct span certificate; /* DER, for the line */
  struct span people;      /* DER, for the node's own pages */
};

void renew_encode(struct buf *out, const struct renew *m);
void renewed_encode(struct buf *out, const struct renewed *m);
bool renew_decode(struct renew *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
bool renewed_decode(struct renewed *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));

#endif
