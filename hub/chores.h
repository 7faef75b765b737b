/* chores.h - the hub's work that may take long, in a thread of its own: nobody who waits for the steward's
 * beat (a revocation, a greeting, a signature) waits for it.
 *
 * Each second: carried files are taken, quarantined entries are told to their branch, days that are over are
 * archived.  When ingest rests: the audit index catches up.  Every few minutes: prices that cannot be are
 * refused, scores and medians are published.  Every minute: what has expired is swept, and what branches have
 * used of their pace is written down.  Each has a bound a turn, except for an evaluation and a carried file;
 * what is left goes on in the next.  A step that fails is logged and tried again in its next turn; none stops
 * another. */
#ifndef SUNLIT_HUB_CHORES_H
#define SUNLIT_HUB_CHORES_H

#include "hub/hub.h"

struct chores;

bool chores_open(struct chores **out, struct hub *hub, int64_t evaluate_ms, struct err *err);
void chores_close(struct chores *chores); /* NULL is fine; breaks off what only reads */

#endif
