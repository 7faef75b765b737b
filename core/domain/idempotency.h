/* idempotency.h - the answer a request got, so that a browser may send it again.
 *
 * The answer is written in the transaction of the change itself and kept as long as what it made: nothing
 * removes it.  A phone that was put away with a record whose answer was lost may come back after any time,
 * and finds its record instead of making a second one. */
#ifndef SUNLIT_DOMAIN_IDEMPOTENCY_H
#define SUNLIT_DOMAIN_IDEMPOTENCY_H

#include "core/base/crypto.h"
#include "core/base/tx.h"

/* found: the earlier status and answer (appended to out). The same key with another request is ERR_CONFLICT
 * "key_reused". */
bool idempotency_get(struct db *db, const char *account, const char *key, const uint8_t request[HASH_SIZE],
                     bool *found, int *status, struct buf *out, struct err *err);
bool idempotency_add(struct tx *tx, const char *account, const char *key, const uint8_t request[HASH_SIZE],
                     int status, const void *answer, size_t n, struct err *err);

#endif
