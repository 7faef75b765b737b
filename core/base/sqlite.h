/* sqlite.h - the one place that includes SQLite, with the features its header must show.
 * Only db.c, capture.c and changes.c include this file; everybody else speaks through their headers. */
#ifndef SUNLIT_BASE_SQLITE_H
#define SUNLIT_BASE_SQLITE_H

#ifndef SQLITE_ENABLE_SESSION
#define SQLITE_ENABLE_SESSION 1
#endif
#ifndef SQLITE_ENABLE_PREUPDATE_HOOK
#define SQLITE_ENABLE_PREUPDATE_HOOK 1
#endif
#include <sqlite3.h>

struct db;
sqlite3 *db_handle(struct db *db); /* for capture.c and changes.c */

#endif
