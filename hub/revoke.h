/* revoke.h - a branch's certificates and keys cease to count, and its line is cut.
 *
 * Revoking marks the certificates (a local row, which any process may write beside the running hub). Carrying
 * out is the running hub's: a branch left without any good certificate loses its keys, and the steward cuts
 * its line within a second.  One epoch that ends is one event, of whoever ended it. */
#ifndef SUNLIT_HUB_REVOKE_H
#define SUNLIT_HUB_REVOKE_H

#include "hub/hub.h"

/* Why, when the command marked them: while the log was whole, and while it was still to come back
 * (commands.c).  Then the mark counts for all that a rebuilding brings of the branch (enrolled.h). */
#define REVOKED_BY_COMMAND "by the command line"
#define REVOKED_MEANWHILE "by the command line, before the log was back"

/* In a transaction: the mark and its event of the trail; *epoch is the one that ends.  ERR_CONFLICT
 * "not_enrolled". */
bool revoke_record(struct tx *tx, uint32_t branch, const char *reason, uint32_t *epoch, struct err *err);
/* After it: the line is cut and the keys up to that epoch cease to count, as the steward would do within a
 * second.  Who has been enrolled again since keeps the new one. */
bool revoke_finish(struct hub *hub, uint32_t branch, uint32_t epoch, struct err *err);
bool revoke_carry_out(struct hub *hub, struct db *db, struct err *err);

#endif
