/* heard.h - node: has the province been heard, so that what is not here is not there either?
 *
 * A branch begins with nothing: no catalogue before the province has been heard, and after an enrolment into
 * an empty directory none of what the branch had recorded.  Until both have come nobody knows, and a page or
 * an answer that says "none" says what is not known.  THREADS: the connection's. */
#ifndef SUNLIT_DOMAIN_HEARD_H
#define SUNLIT_DOMAIN_HEARD_H

#include "core/base/tx.h"
#include "core/domain/faults.h"

enum unheard {
  HEARD,
  UNHEARD_CATALOGUE, /* nothing has come: revision 0 */
  UNHEARD_HISTORY    /* what the branch had recorded is coming back and is not all here */
};

bool heard_look(struct db *db, enum unheard *out, struct err *err);
/* NULL when it has been heard. */
const char *heard_word(enum unheard unheard);
/* As heard_history wrote it. */
bool heard_coming(struct db *db, bool *out, struct err *err);
/* The province has more of the branch's own records than this disk, or no longer. */
bool heard_history(struct tx *tx, bool coming, struct err *err);
/* What is refused because it names what is not here is no fault while that has not come: then `why`, the
 * first of `faults` (NULL: the only one), becomes ERR_BUSY "unheard". */
void heard_excuse(struct db *db, const struct faults *faults, struct err *why);

#endif
