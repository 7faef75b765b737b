/* audit_search.h - what is typed into the trail's search that names entries by itself: the number of a
 * record, or the beginning of a record's hash.
 *
 * THREADS: the connection's. */
#ifndef SUNLIT_HUB_AUDIT_SEARCH_H
#define SUNLIT_HUB_AUDIT_SEARCH_H

#include "core/base/db.h"

enum {
  AUDIT_FOUND_MAX = 50,
  AUDIT_HASH_DIGITS_MIN = 8 /* fewer are as likely a word or a number; eight find 1 in 4 thousand million */
};

struct audit_found {
  int64_t pos[AUDIT_FOUND_MAX];
  int count; /* 0: the text names nothing by itself, it is to be looked for in the fields */
};

/* text may be NULL.  Spaces between digits are fine: pages show a hash in fours. */
bool audit_search(struct db *db, const char *text, struct audit_found *found, struct err *err);

#endif
