/* ask.h - what the databases of a rig say, and what a test makes of it: one line and the end when it is not
 * so. */
#ifndef SUNLIT_TEST_ASK_H
#define SUNLIT_TEST_ASK_H

#include "tests/process/rig.h"

/* One integer out of FOLDER/NAME/store.db. */
int64_t ask_number(const struct rig *rig, const char *name, const char *sql);
void ask_expect(int64_t have, int64_t want, const char *what);
/* Until it is that, for half a minute. */
void ask_wait(const struct rig *rig, const char *name, const char *sql, int64_t want);
/* A path in the rig's folder, good for the next few calls. */
const char *ask_path(const struct rig *rig, const char *name);
/* Runs a command of the hub or the node, with up to seven words behind it, the last of them NULL; prints what
 * it said and gives its exit status. */
int ask_run(bool of_hub, const char *command, ...) __attribute__((sentinel));

#endif
