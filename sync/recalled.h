/* recalled.h - the branch's answer to a province that lost its disk: it brings back what the log is made of.
 *
 * Its own entries with their signatures, the province's that were for it, and its mirror of the log.  Nothing
 * is confirmed: when the line breaks, the province asks again for what is still missing.  No entry goes the
 * usual way until the province is whole. THREADS: the connection's.  A plain struct. */
#ifndef SUNLIT_SYNC_RECALLED_H
#define SUNLIT_SYNC_RECALLED_H

#include "core/base/db.h"
#include "sync/recall_message.h"
#include "sync/wire.h"

struct recall_answer {
  bool asked, ended;
  uint32_t province, branch;
  uint64_t signatures;       /* sent through here */
  struct recall_marks sent;  /* through here */
  struct recall_marks marks; /* what there is */
};

/* Takes RECALL and puts RECALLED into the output.  The own stream must be signed to its end. */
bool recalled_begin(struct recall_answer *a, struct db *db, const struct recall_marks *have,
                    struct wire *wire, struct moment now, struct err *err);
/* Sends on as far as the output allows.  False: the log cannot be read. */
bool recalled_fill(struct recall_answer *a, struct db *db, struct wire *wire, struct moment now,
                   struct err *err);

#endif
