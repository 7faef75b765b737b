/* kept_on_phone.h - when a record was kept on the phone that brought it, while the branch did not answer.
 *
 * The phone's clock is a claim: it is asked how long the record waited, which a clock that is wrong by the
 * same all the while says rightly, and what comes out is never later than the arrival.  Local: the branch's
 * own page shows it; what is signed says when the record arrived. */
#ifndef SUNLIT_DOMAIN_KEPT_ON_PHONE_H
#define SUNLIT_DOMAIN_KEPT_ON_PHONE_H

#include "core/base/tx.h"

enum { KEPT_DAYS_MAX = 400 }; /* nobody waits longer; a clock that says so is wrong */

/* age_ms: how long the record of that id waited, by the phone; of no use when it is not from 1 to so many
 * days, and nothing is written. */
bool kept_on_phone_add(struct tx *tx, int64_t id, int64_t age_ms, struct err *err);
/* *kept_ms 0: it was never kept on a phone. */
bool kept_on_phone_get(struct db *db, int64_t id, int64_t *kept_ms, struct err *err);

#endif
