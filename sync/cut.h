/* cut.h - a province's log, cut back to a size that nobody doubts, in a copy of its database.
 *
 * A province whose disk went back and that wrote before a branch called has leaves that are not those which
 * its branches have witnessed.  Before it is put together again (recall.h) its tail goes, back to the largest
 * checkpoint that any branch has cosigned: that one the branches' log continues.  What goes is kept whole in
 * sync_aside: its own entries are journaled again when the province starts (aside.h), those of branches come
 * from them once more.  Tables, tiles and the audit index are made anew by whoever rebuilds.
 * THREADS: none of its own; the copy is nobody else's. */
#ifndef SUNLIT_SYNC_CUT_H
#define SUNLIT_SYNC_CUT_H

#include "core/base/db.h"

/* Where to cut: the largest size cosigned by a branch and below `below`; 0 when there is none. */
bool cut_place(struct db *log, uint64_t below, uint64_t *size, struct err *err);
/* Everything from leaf `size` on leaves the log. */
bool cut_log(const char *copy, uint64_t size, int64_t now_ms, struct err *err);
/* After the log was written on: what was put aside and stands in it again is forgotten. */
bool cut_settle(const char *copy, struct err *err);

#endif
