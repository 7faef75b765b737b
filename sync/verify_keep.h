/* verify_keep.h - what a branch keeps of the province's log, proved from its own database (keep.h).
 *
 * Tiles without a gap, leaves that make the hashes of their tiles, its own entries where their proofs have
 * them, sealed entries where the leaves say the province's are; and when it reaches as far as the checkpoint
 * that is held, its root.  THREADS: the connection's. */
#ifndef SUNLIT_SYNC_VERIFY_KEEP_H
#define SUNLIT_SYNC_VERIFY_KEEP_H

#include "sync/verify.h"
#include "sync/witness.h"

/* What is wrong is named in the report; false: the database cannot be read. */
bool verify_keep(struct db *db, uint32_t author, uint32_t province, const struct witness_held *held,
                 struct verify_report *report, struct err *err);

#endif
