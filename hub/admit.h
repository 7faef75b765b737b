/* admit.h - who may speak on the sync port, and how a stranger becomes a branch.
 *
 * Identity is a certificate that verified in this handshake and that our database knows, not revoked, for
 * the branch it names.  Without one only ENROL is answered: the invitation is used up, the branch gets its
 * next epoch, a certificate for the line and one for its people's port.  The same invitation with the same
 * key again gets the same epoch again, because the answer may have been lost on the line. */
#ifndef SUNLIT_HUB_ADMIT_H
#define SUNLIT_HUB_ADMIT_H

#include "hub/hub.h"
#include "net/link.h"
#include "sync/exchange_hub.h"

/* *branch 0 and true: a stranger without a certificate.  False (ERR_DENIED): a certificate that is not good;
 * *branch is 0 then too.  Rule "log_rolled_back": it is one of ours, and shows that our database went back.
 */
bool admit_identify(struct link *link, struct db *db, uint32_t *branch, char serial[2 * CERT_SERIAL_SIZE + 1],
                    struct err *err);
/* Refused for its dates alone: it is of our authority, and our clock may be the one that is wrong. */
bool admit_is_of_dates(const struct err *why);
void admit_enrol(struct hub *hub, struct exchange_hub *x, const struct enrol *ask, const char *peer,
                 struct moment now);
/* Logs what was refused on the sync port and records it for the auditors, within bounds. */
void admit_event(struct hub *hub, uint32_t branch, const char *peer, const struct err *why);

#endif
