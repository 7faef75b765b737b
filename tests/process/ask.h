/* ask.h - what the databases of a rig say, and what a test makes of it: one line and the end when it is not
 * so. */
#ifndef SUNLIT_TEST_ASK_H
#define SUNLIT_TEST_ASK_H

#include "tests/process/rig.h"

/* One integer out of FOLDER/NAME/store.db. */
int64_t ask_number(const struct rig *rig, const char *name, const char *sql);
void ask_expect(int64_t have, int64_t want, const char *what);
/* Until it is that, for two minutes. */
void ask_wait(const struct rig *rig, const char *name, const char *sql, int64_t want);
/* Until the branch in FOLDER/NAME has at least so many entries and a proof of the province's for each, as
 * long. */
void ask_wait_received(const struct rig *rig, const char *name, int64_t at_least);
/* How many entries FOLDER/NAME has of that author's own stream. */
int64_t ask_entries(const struct rig *rig, const char *name, unsigned author);
/* A path in the rig's folder, good for the next few calls. */
const char *ask_path(const struct rig *rig, const char *name);
/* Runs a command of the hub or the node, with up to seven words behind it, the last of them NULL; prints what
 * it said and gives its exit status. */
int ask_run(bool of_hub, const char *command, ...) __attribute__((sentinel));

#endif
