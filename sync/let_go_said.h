/* let_go_said.h - what the province's log says of checkpoints that people have let go (beyond.h).
 *
 * A security event of the province, kind "let_go", detail "330127 checkpoint:1204911:5a1fc2d0...": the branch
 * that had shown it, its size and root.  For whoever has entries and not the tables they make, or tables
 * without what was shown.  Events that let go of something else are none of these.  THREADS: pure functions.
 */
#ifndef SUNLIT_SYNC_LET_GO_SAID_H
#define SUNLIT_SYNC_LET_GO_SAID_H

#include "sync/beyond.h"

enum { LET_GO_TEXT_SIZE = 144 };

/* The detail, and what is behind the branch in it.  at_ms is no part of it. */
void let_go_text(char out[LET_GO_TEXT_SIZE], const struct beyond *row);
bool let_go_text_read(struct beyond *out, const char *text);
/* Of those that an entry of the province's inserts; each() returns false to stop, and then this does. */
bool let_go_said(const void *payload, size_t size, bool (*each)(void *ctx, const struct beyond *row),
                 void *ctx);

#endif
