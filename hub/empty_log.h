/* empty_log.h - keys of a province beside a database that has no entry: a rebuilding that has not come to its
 * end.
 *
 * A new province has entries before its keys are in place (init.h), so a log without any is what `rebuild
 * --from-branches` began with where there was no database.  Run as it is, it would be another province under
 * the same key: without divisions nobody can be invited, and what it signs contradicts what its branches
 * hold. */
#ifndef SUNLIT_HUB_EMPTY_LOG_H
#define SUNLIT_HUB_EMPTY_LOG_H

#include "core/base/data_dir.h"
#include "core/base/db.h"

/* False, ERR_MISSING rule "empty_log": it is that; err says how it goes on. */
bool empty_log_none(struct db *db, const struct data_dir *dir, struct err *err);

#endif
