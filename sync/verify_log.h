/* verify_log.h - the part of verify.h that is about the transparency log.
 *
 * On the hub: every leaf is hashed again from its entry, every tile compared with what these hashes make, the
 * tree's root with the last, and the root at each size that was ever signed with the checkpoint of that size;
 * the newest checkpoint must bear the log's signature.  On a node: each stored proof leads from its own
 * entries to the root of the checkpoint it names, and that one, and the newest it holds, bear the log's
 * signature. Faults go into the report; false only when it could not look. */
#ifndef SUNLIT_SYNC_VERIFY_LOG_H
#define SUNLIT_SYNC_VERIFY_LOG_H

#include "core/base/db.h"
#include "sync/verify.h"

bool verify_log(struct db *db, uint32_t author, uint32_t province, struct verify_report *report,
                struct err *err);

#endif
