/* again_same.h - whether an entry that says which record it is (again.h) is that record.
 *
 * What is journaled again has the same actor, action and rows (docs/PROTOCOL.md 2.4).  Others are: the ids of
 * its own rows and of what they name, for they follow their entry's place, with the row's number in that
 * entry as it was; numbers that people see (RULE_CODE), and the record's subject where it is one of them;
 * columns that came later. A branch can name any record of its own, also one that the province has
 * acknowledged.  If that were enough, it could put another content in its place without a correction.
 * THREADS: the connection's. */
#ifndef SUNLIT_SYNC_AGAIN_SAME_H
#define SUNLIT_SYNC_AGAIN_SAME_H

#include "sync/streams.h"
#include "sync/tables.h"

/* True too where that cannot be told: the content of one is withheld, or the later is in another stream, in
 * which the province notes what it journaled again in its lanes. */
bool again_is_same(struct tables *tables, const struct logged *first, const struct logged *later);

#endif
