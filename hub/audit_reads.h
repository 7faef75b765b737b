/* audit_reads.h - who reads the trail: the first look of an account is an entry at once, what follows within
 * ten minutes is counted and becomes one entry.
 *
 * Reading must not flood the log, and must not stop when the disk is full.  So a look is never refused for
 * want of its record; it is tried again with the next one.  A crash loses the count of one window, never the
 * fact that it began.  Exports, evidence and bytes are not counted here: site/access_record.h writes each.
 * THREADS: any may note; audit_reads_flush from the steward's. */
#ifndef SUNLIT_HUB_AUDIT_READS_H
#define SUNLIT_HUB_AUDIT_READS_H

#include "site/answer.h"

enum { AUDIT_READS_WINDOW_MS = 10 * 60 * 1000 };

struct audit_reads;

bool audit_reads_open(struct audit_reads **out, struct err *err);
void audit_reads_close(struct audit_reads *reads); /* NULL is fine; flush first */

/* One look at the trail that succeeded: a list with so many rows, or one entry (pos >= 0). */
void audit_reads_note(struct audit_reads *reads, struct app *app, const struct web_request *request,
                      int64_t rows, int64_t pos);
/* Writes what windows that are over (all: every one) have counted.  A fault keeps them for the next time. */
bool audit_reads_flush(struct audit_reads *reads, struct app *app, int64_t now_ms, bool all, struct err *err);

/* answer_reading for a route of the trail: answers, and notes that it was read.  The reading may set rows and
 * pos of its caller (site_caller). */
void answer_trail(struct web_request *request, struct app *app, answer_read *read);

#endif
