/* rebuild.h - the tables of a copy of a database, made anew from its log.
 *
 * The log is the truth and the tables a fold of it (I3), so whatever happened to the tables can be undone as
 * long as the log is whole.  Works on a copy that nobody uses: empties every replicated table, folds the log
 * into them with the code that applied it, keeping what was decided about each entry (refused, waiting,
 * withheld); about entries that `was` does not have it decides as when they came.  On the hub it builds the
 * tiles anew and compares the root with the newest signed checkpoint. Local tables stay as they are.  The
 * guard triggers are gone afterwards; opening the store makes them. */
#ifndef SUNLIT_SYNC_REBUILD_H
#define SUNLIT_SYNC_REBUILD_H

#include "core/base/err.h"

#include <stdint.h>

struct rebuild_report {
  uint64_t entries; /* in the log */
  uint64_t lost;    /* leaves whose entry nobody has (lost_leaf.h): nothing comes of them */
  uint64_t folded;  /* applied; the others are refused, waiting, withheld or superseded */
  uint64_t refused; /* of those that are new: they break a rule, or wait for a newer program */
  uint64_t tables;
  uint64_t missing, extra; /* rows the tables lacked, and rows they should not have had, before */
  uint64_t log_size;       /* of the checkpoint whose root was compared; 0: none */
};

/* `was`: the database the copy is of, for counting the difference.
 * ERR_CORRUPT when the log is not whole or is not the one that was signed: then only a backup helps, and the
 * copy is to be thrown away. */
bool rebuild_tables(const char *copy, const char *was, struct rebuild_report *report, struct err *err);
/* The same of a log that was cut back and written on: entries from that leaf on are new to it, whatever `was`
 * has in their places. */
bool rebuild_tables_from(const char *copy, const char *was, int64_t fresh_from, struct rebuild_report *report,
                         struct err *err);

#endif
