/* left_out.h - entries that are in no table, named for a command: those that wait for a newer program or were
 * refused, those that were put aside when a disk had gone back (sync/aside.h), and those that nobody has any
 * more (sync/lost_leaf.h): as many as verify counts.
 *
 * At most LEFT_OUT_SHOWN of each, the rest counted.  Actions are as the records have them; nothing of a
 * payload is shown.  Reads only. */
#ifndef SUNLIT_PROGRAM_LEFT_OUT_H
#define SUNLIT_PROGRAM_LEFT_OUT_H

#include "core/base/db.h"
#include "core/base/json.h"

enum { LEFT_OUT_SHOWN = 20 };

/* One line each at the terminal; nothing when there is none. */
bool left_out_tell(struct db *db, struct err *err);
/* The same as members of an object: "not_entered", "put_aside" and "lost", arrays, and "not_entered_total",
 * "put_aside_total" and "lost_total", entries each.  Of those put aside none that were journaled again. */
bool left_out_json(struct db *db, json_t *object, struct err *err);

#endif
