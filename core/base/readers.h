/* readers.h - the read connections of one database, lent to a thread for as long as it needs one.
 *
 * A page with 50 people looking at it has up to 256 HTTP threads; a connection with its cache for each would
 * be most of the program's memory, so a handful are shared.  Who takes one gives it back before it takes
 * another, else two such threads wait for each other for ever.
 * THREADS: any.  OWNERSHIP: readers own every connection; a taken one is the taker's alone until given back.
 */
#ifndef SUNLIT_BASE_READERS_H
#define SUNLIT_BASE_READERS_H

#include "core/base/db.h"

struct readers;

/* Opens nothing yet; at most `max` connections ever exist at once. */
bool readers_open(struct readers **out, const char *path, int max, struct err *err);
/* Before the first is taken: each connection that is opened is handed to `define` first (db_define_number).
 */
void readers_define(struct readers *readers, bool (*define)(struct db *db, struct err *err));
/* Every connection must have been given back. */
void readers_close(struct readers *readers);

/* Waits while all are lent, at most five seconds (ERR_BUSY). */
bool readers_take(struct readers *readers, struct db **out, struct err *err);
/* How long the calling thread may keep asking on each connection it takes from now on: what takes longer is
 * stopped (ERR_BUSY rule "busy").  For threads that answer a person, whose patience ends; 0, as every thread
 * begins: no bound. */
void readers_patience(int64_t ms);
/* Work between two loans is held to the same bound: false once the calling thread's patience since begun_ms
 * (of clock_mono_ms) or the program has ended. */
bool readers_in_time(const struct readers *readers, int64_t begun_ms, struct err *err);
/* The program ends: whoever has a bound is stopped within that time. */
void readers_hurry(struct readers *readers, int64_t ms);
void readers_give(struct readers *readers, struct db *db); /* NULL is fine */

#endif
