/* clock_watch.h - is this machine's clock right?  Nobody here can know, but much gives it away.
 *
 * In this order: the other side of the line said what time it is (a node's province; a province's branches,
 * when most of them agree); a release is never run before it was made; and time does not pass backwards over
 * the newest entry that this program signed itself, less what the clock was ahead then as far as others know:
 * a node's receipts, what a province's branches said when they last called.  What is said is told to people
 * and decides nothing: a wrong clock must not stop anybody's work (PROTOCOL 3.2), and whatever depends on it
 * heals when it is right. THREADS: any; the fields are under app.lock. */
#ifndef SUNLIT_PROGRAM_CLOCK_WATCH_H
#define SUNLIT_PROGRAM_CLOCK_WATCH_H

#include "program/app.h"

enum { CLOCK_OFF_MS = 5 * 60 * 1000 }; /* more than this is worth a person's while */

/* What the other side said its clock shows, just now. */
void clock_heard(struct app *app, int64_t peer_wall_ms);
/* At the start, of a program whom nobody sends receipts: what others' clocks had shown when they last said.
 */
void clock_recalled(struct app *app, int64_t peers_wall_ms);
/* How far this clock is ahead (negative: behind), at least; 0: nothing speaks against it. */
int64_t clock_off_ms(struct app *app, int64_t now_ms);
/* The same by the other side's word alone; 0 too when it has said nothing. */
int64_t clock_heard_off_ms(struct app *app, int64_t now_ms);
/* The day it is at the province as far as is known here: this clock's, less what it is off.  What claims a
 * later day is the latest nowhere. */
int clock_province_day(struct app *app, int64_t now_ms);
/* The latest and the earliest day it may be, by this clock and by the province's as far as it is known:
 * either may be wrong, so what a person says is refused when it is so by both. */
void clock_days(struct app *app, int64_t now_ms, int *latest, int *earliest);
/* The latest day it may have been so long ago. */
int clock_latest_day(struct app *app, int64_t now_ms, int64_t age_ms);
/* Nothing may be thrown away for its age: the clock is off by more than a day, or leaps further ahead of all
 * this program knows than its entries would follow (PROTOCOL 1.2). */
bool clock_doubtful(struct app *app, int64_t now_ms);
/* The trouble a person is told of when nothing worse is, with off_ms: rule "clock_wrong", and "clock_differs"
 * where it is one clock's word against another's. */
bool clock_trouble(struct app *app, int64_t now_ms, struct trouble *out);

#endif
