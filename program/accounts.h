/* accounts.h - the accounts by command, beside a running program: for the day nobody can log in.
 *
 * Whoever may run it may read the data directory anyway.  What it changed is told by the running program, as
 * an event of the trail, within a minute; or by the next one that runs. */
#ifndef SUNLIT_PROGRAM_ACCOUNTS_H
#define SUNLIT_PROGRAM_ACCOUNTS_H

#include "core/base/cli.h"

/* For a program's table of commands. */
#define ACCOUNTS_COMMAND                                                                                     \
  {                                                                                                          \
    "account", "lists the accounts; or resets, unlocks, disables or enables the one named", NULL,            \
        {{"dir", "D", true, "the data directory"},                                                           \
         {"name", "NAME", false, "which one; with --unlock none: every lock"},                               \
         {"reset", NULL, false, "prints a new one-time password"},                                           \
         {"unlock", NULL, false, "lifts the locks that failed logins left"},                                 \
         {"disable", NULL, false, "nobody logs in as it any more"},                                          \
         {"enable", NULL, false, "it may be used again"}},                                                   \
        accounts_command                                                                                     \
  }

bool accounts_command(const struct cli_args *args, struct err *err);

#endif
