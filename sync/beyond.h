/* beyond.h - checkpoints with the province's signature that a branch has shown and that its log does not
 * have.
 *
 * A branch that holds more of the log than there is, or another root at a size that there is, proves that the
 * disk went back.  What it shows is kept, the furthest of each branch, and as long as the log does not
 * continue it nothing is added (store_log.h): `rebuild --from-branches` brings it back.  Not when branches
 * have witnessed our own log as far: then that is the log, and whoever was shown another stands alone.  When
 * the branch that showed it has gone for good and nobody else has it, no rebuilding can: then people *let it
 * go*, by its branch, size and root, and it stops nothing any more, whoever shows it.
 * THREADS: the connection's; what writes runs inside the caller's transaction. */
#ifndef SUNLIT_SYNC_BEYOND_H
#define SUNLIT_SYNC_BEYOND_H

#include "core/base/db.h"
#include "sync/note.h"

struct beyond {
  uint32_t branch; /* that has shown it */
  uint64_t size;
  struct merkle_hash root;
  int64_t at_ms; /* when */
};

/* Is that what we signed, and not what our log is, and not let go? */
bool beyond_is(struct db *db, uint64_t size, const struct merkle_hash *root, bool *beyond, struct err *err);
/* Was that let go, whoever had shown it?  Who holds it stands alone, and what it has of its own is taken all
 * the same. */
bool beyond_is_let_go(struct db *db, uint64_t size, const struct merkle_hash *root, bool *yes,
                      struct err *err);
/* Keeps a well-signed checkpoint that is, with its note, and no smaller one of that branch; what is kept of
 * all is the least that is ever signed again (tlog_sign).  The first of a branch is evidence. */
bool beyond_keep(struct db *db, uint32_t branch, const struct checkpoint *shown, const char *note,
                 size_t note_size, int64_t now_ms, struct err *err);
/* Those that still are. */
bool beyond_list(struct db *db, void (*each)(void *ctx, const struct beyond *row), void *ctx,
                 struct err *err);
bool beyond_any(struct db *db, bool *any, struct err *err);
/* Of all that have shown that size and root: a healthy province's branches all hold the same one. */
bool beyond_let_go(struct db *db, uint32_t province, const struct beyond *row, struct err *err);

#endif
