/* lose.h - a log as a rebuilding leaves it when nobody has some of its entries any more (sync/lost_leaf.h).
 */
#ifndef SUNLIT_TESTS_SYNC_LOSE_H
#define SUNLIT_TESTS_SYNC_LOSE_H

#include "sync/lost_leaf.h"

/* In the closed database at path these entries become lost leaves; positions, spans and tree stay. */
void lose(const char *path, struct stream stream, uint64_t first_seq, uint64_t count);
/* All of the log at `from`, written on in the empty database at `to` as a rebuilding writes it: entry by
 * entry, lost leaf by lost leaf. */
void write_again(uint32_t province, const char *from, const char *to);

#endif
