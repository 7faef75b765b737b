/* carried.h - `accept FILE`: a carried file goes into the data directory, whether its program runs or not.
 *
 * When nobody runs a branch, the command opens the directory itself; a province must run, because it signs
 * nothing before it has heard its branches (rule "not_running").  When the program runs, only it may write:
 * the command puts the file into D/carry, where the program looks every second, and waits for what it
 * answers. D/carry/N.in   the file, renamed into place when it is whole D/carry/N.out  u8 accepted | vec16
 * rule | vec16 text | answer bytes; the command takes it away THREADS: carried_beat belongs to the thread
 * that beats. */
#ifndef SUNLIT_PROGRAM_CARRIED_H
#define SUNLIT_PROGRAM_CARRIED_H

#include "core/base/cli.h"
#include "program/app.h"

/* Takes the file; what it answers goes into `answer` (the hub's receipt), words for a person into `words`. */
typedef bool (*carried_take)(struct app *app, const struct buf *file, struct buf *answer, struct buf *words,
                             struct err *err);

/* Once a second, in the running program. */
void carried_beat(struct app *app, carried_take take);
/* The command: prints the words, gives back the answer. */
bool carried_accept(const char *dir, const char *file, enum app_kind kind, carried_take take,
                    struct buf *answer, struct err *err);

/* A new file, durable before it has its name; never over another.  ERR_CONFLICT rule "exists". */
bool carried_write(const char *path, const struct buf *bytes, struct err *err);
bool carried_read(const char *path, struct buf *out, struct err *err);

#endif
