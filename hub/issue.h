/* issue.h - the two certificates of a node, for one key of its: for the line, and for its own pages.
 * The second names the address the node is seen at. */
#ifndef SUNLIT_HUB_ISSUE_H
#define SUNLIT_HUB_ISSUE_H

#include "hub/hub.h"
#include "sync/message.h"

struct issued {
  struct buf certificate, people; /* DER */
  char serial[2 * CERT_SERIAL_SIZE + 1];
  int64_t until_ms; /* both of the certificate for the line */
};

bool issue_certificates(struct hub *hub, uint32_t branch, struct span tls_key, const char *peer,
                        struct issued *out, struct err *err);
void issued_wipe(struct issued *issued);

#endif
