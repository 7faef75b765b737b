/* stranger.h - a branch whose certificate the province gave, and its database does not know.
 *
 * Every certificate is stored before it is sent, and no row of them is ever deleted: so one of our own
 * authority that is unknown here shows that this database went back to before it was given, also when it went
 * back behind every enrolment and nobody is left who could show a longer log.  It proves no right to write,
 * and gets none. What is kept makes the store add nothing to its log, until a rebuilding from the branches
 * (recall.h) or people's word *settles* it.  That is said of this one certificate: nothing in a certificate
 * tells when it was given, so any other of the same branch may be newer than the settling and stops the store
 * anew.  THREADS: any, as store.h; what takes a db, its owner's. */
#ifndef SUNLIT_SYNC_STRANGER_H
#define SUNLIT_SYNC_STRANGER_H

#include "sync/store.h"

/* Hub: such a certificate was shown.  *first: it was not kept before. */
bool store_stranger(struct store *store, uint32_t branch, const char *serial, int64_t now_ms, bool *first,
                    struct err *err);
/* Those that are not settled; and is there one? */
bool stranger_list(struct db *db, void (*each)(void *ctx, uint32_t branch, const char *serial, int64_t at_ms),
                   void *ctx, struct err *err);
bool stranger_any(struct db *db, bool *any, struct err *err);
bool stranger_is_settled(struct db *db, uint32_t branch, const char *serial, bool *settled, struct err *err);
/* Inside a transaction: one, whether it was shown or not, and all that were kept. */
bool stranger_settle(struct db *db, uint32_t branch, const char *serial, int64_t now_ms, struct err *err);
bool stranger_settle_all(struct db *db, struct err *err);

#endif
