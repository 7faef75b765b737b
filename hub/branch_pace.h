/* branch_pace.h - how much one branch may add to the province's log.
 *
 * Entries can never be removed, and eighty kilobytes of line unpack into six hundred megabytes of them: so
 * each branch has a bucket, of its entries and of their bytes unpacked, which is what they cost here.  Full
 * it bears what a branch honestly owes after months without a line (hub.branch_mib, BRANCH_MIB), and fills
 * again at 2 KiB, or two entries, a second.  What goes past it is answered `failed`, so that an honest branch
 * keeps it and goes on later; the board says so, and the trail once.
 * What a branch has used outlives the program: it is written down each minute and when the program ends, so
 * that a restart is no fresh bucket. THREADS: any; it has its own lock. */
#ifndef SUNLIT_HUB_BRANCH_PACE_H
#define SUNLIT_HUB_BRANCH_PACE_H

#include "program/app.h"

enum { BRANCH_MIB = 512, BRANCH_PACE_MS = 500 }; /* for each KiB */

struct branch_pace;

bool branch_pace_open(struct branch_pace **out, const struct conf *conf, struct err *err);
/* What was written down, less what has filled since by the wall clock; once, before the first line. */
bool branch_pace_recall(struct branch_pace *pace, struct app *app, int64_t wall_ms, int64_t boot_ms,
                        struct err *err);
/* NULL is fine. */
bool branch_pace_keep(struct branch_pace *pace, struct app *app, int64_t wall_ms, int64_t boot_ms,
                      struct err *err);
void branch_pace_close(struct branch_pace *pace); /* NULL is fine */

/* False: too much (ERR_LIMIT rule "branch_pace"); *first when it had not been so for an hour.  What is taken
 * and came to nothing is given back.  boot_ms: clock_boot_ms. */
bool branch_pace_take(struct branch_pace *pace, uint32_t branch, int64_t cost, int64_t boot_ms, bool *first,
                      struct err *err) __attribute__((warn_unused_result));
void branch_pace_give(struct branch_pace *pace, uint32_t branch, int64_t cost);
/* Of a batch. */
int64_t branch_pace_cost(uint32_t entries, size_t bytes);
/* Has it been refused something in the last minutes?  Its node tries again each half minute. */
bool branch_pace_late(struct branch_pace *pace, uint32_t branch, int64_t boot_ms);

#endif
