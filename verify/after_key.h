/* after_key.h - entries that came when their author's key had been revoked already, by the province's clock:
 * whoever holds a key that was taken away can sign with it, so nobody knows who wrote them.  That is told and
 * is no fault of what proves them: a key is revoked for what it signs from then on. */
#ifndef SUNLIT_VERIFY_AFTER_KEY_H
#define SUNLIT_VERIFY_AFTER_KEY_H

#include "core/base/bytes.h"

/* revoked_ms 0: the key is in force. */
bool after_key(int64_t revoked_ms, int64_t received_ms);
/* Appends a line about one author's entries of that kind, for people; from first to last there may be others
 * between. */
void after_key_line(struct buf *out, uint32_t author, uint64_t count, uint64_t first, uint64_t last);

#endif
