/* verify.h - proves a database: every chain, signature and payload hash, the spans without gaps, and that the
 * tables are the fold of the log (I3), and the tree and proofs of the transparency log.
 *
 * The fold is made in a scratch database with the same schema and the same apply code, and compared row by
 * row with the live tables, as is the set of quarantined entries.  The transparency log is verify_log.h.
 * Reads only; the store may be in use. */
#ifndef SUNLIT_SYNC_VERIFY_H
#define SUNLIT_SYNC_VERIFY_H

#include "core/base/bytes.h"
#include "core/base/err.h"

#include <stdint.h>

struct verify_report {
  uint64_t streams, entries, signatures, withheld, superseded, quarantined, parked, unsigned_tail;
  uint64_t tables, rows;        /* compared */
  uint64_t leaves, checkpoints; /* hub: hashed again; signed sizes whose roots were compared */
  uint64_t proofs; /* node: runs of its entries whose place in the province's log was proved again */
  /* What is lost (lost_leaf.h) is no fault, and is said: entries without anything but their hash; of them, at
   * the province, those that no entry of its speaks of (a branch does not get these: 0); entries before them
   * whose signature went with them, which the log alone holds; and entries behind them, whose link to the one
   * before cannot be checked. */
  uint64_t lost, lost_unsaid, by_log_alone, lost_links;
  uint64_t faults;
  uint64_t
      kept_faults; /* node: of these, those in what it keeps of the log for the province (verify_keep.h) */
  struct buf text; /* one line a fault, the first 100; the caller wipes it */
  struct buf lost_text; /* one line a run that is lost; the caller wipes it */
};

/* Notes a fault. */
void verify_fault(struct verify_report *report, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* True when it could look at everything; then faults says whether all is well. */
bool store_verify(const char *path, struct verify_report *out, struct err *err);

#endif
