/* enrolled.h - whose certificates and keys count, as the province's own log says.
 *
 * Certificates and invitations are local rows, and a key is one too: a hub whose disk is gone has them from
 * its backup, however old.  So each certificate that is given leaves an event in the log, which names the
 * branch, the epoch, the key of that epoch and the certificate; a revocation names the epoch it ends.  After
 * a rebuilding, what is in force follows from these and from the keys that the log's signatures proved
 * (sync/recall_state.h), never from what somebody says who has dialled in. */
#ifndef SUNLIT_HUB_ENROLLED_H
#define SUNLIT_HUB_ENROLLED_H

#include "hub/hub.h"
#include "sync/recall.h"

struct enrolled_certificate {
  uint32_t branch, epoch;
  const char *serial;
  int64_t until_ms;
  bool renewed; /* by one of the same epoch, which stays good until this one is used */
};

/* In a transaction that writes an entry, as all that follows here when it takes a tx. */
bool enrolled_record(struct tx *tx, const struct enrolled_certificate *given, struct err *err);
/* Certificates in force that the log does not name, since an earlier program gave them, or this one ended
 * before it said so: named now.  Nothing is written when there are none. */
bool enrolled_catch_up(struct hub *hub, struct db *db, struct err *err);

/* The newest epoch of the branch that the log names: the next enrolment is behind it, though its key may be
 * gone. */
bool enrolled_newest(struct db *db, uint32_t province, uint32_t branch, uint32_t *epoch, struct err *err);

/* After a rebuilding: keys, certificates and invitations become what the log says.  `guests` came over a
 * line; who of them shows a certificate that the log does not name is not let in.  Who was revoked in
 * `before`, and that log does not say so, is revoked with all that the rebuilding brought of it, and the
 * event is left to be signed: it was brought of before the disk was lost, and people revoked since.  What was
 * done, and who must be invited again, is said in `out`. */
struct enrolled_settling {
  uint32_t province;
  int64_t now_ms;
  struct db *before; /* the database that it began with, for reading; NULL: none */
  const struct recall_guest *guests;
  size_t guest_count;
  struct buf *out;
};
bool enrolled_settle(struct db *db, const struct enrolled_settling *s, struct err *err);

#endif
