/* checkpoint_compare.h - a checkpoint somebody kept against the newest one this hub signed.
 *
 * What comes in is anybody's text.  It is only compared when it is a checkpoint of this log that carries this
 * log's signature; the proof is then made from the tiles and verified here as the auditor will verify it. A
 * signed checkpoint that is no beginning of our log is evidence against this hub, and the file says so.
 * THREADS: the connection's. */
#ifndef SUNLIT_HUB_CHECKPOINT_COMPARE_H
#define SUNLIT_HUB_CHECKPOINT_COMPARE_H

#include "sync/consistency.h"
#include "sync/tlog.h"

enum compared {
  COMPARED_SAME,      /* the same size and root */
  COMPARED_CONTINUES, /* older, and proved to be the beginning of today's */
  COMPARED_LARGER,    /* signed by us, and longer than our log: entries are gone, or this is an old copy */
  COMPARED_FORKED,    /* signed by us, and not the beginning of our log: history was rewritten */
  COMPARED_FOREIGN,   /* of another log */
  COMPARED_UNSIGNED,  /* names this log, and has no signature of its key */
  COMPARED_FORGED,    /* has one that does not fit the text */
  COMPARED_DAMAGED    /* no checkpoint at all: cut, changed, another text */
};

extern const char *const compared_words[]; /* same continues larger ... */

struct comparison {
  enum compared verdict;
  bool readable;           /* saved says what the text names */
  struct checkpoint saved; /* not to be believed unless its signature is (up to COMPARED_FORKED) */
  struct tlog_state today;
  struct err fault; /* from COMPARED_FOREIGN on: what is wrong with it */
};

/* file (may be empty afterwards): the file of sync/consistency.h, whenever both are signed by us.
 * ERR_CONFLICT "not_yet_signed" while this hub has signed nothing. */
bool checkpoint_compare(struct db *db, uint32_t province, const char *note, size_t size,
                        struct comparison *out, struct buf *file, struct err *err);

#endif
