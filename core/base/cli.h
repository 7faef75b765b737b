/* cli.h - a program's command line as one table: `program command --option value ... [FILE]`.
 *
 * Exit codes are the house's: 0 done, 1 refused (one line on stderr says what, which and why), 2 usage.
 * --help and --version work on the program, --help on each command too. */
#ifndef SUNLIT_BASE_CLI_H
#define SUNLIT_BASE_CLI_H

#include "core/base/err.h"

#include <stddef.h>

enum { CLI_OPTIONS_MAX = 10 }; /* the last one empty */

struct cli_option {
  const char *name;  /* without the dashes */
  const char *value; /* what stands for its value in the help, e.g. "ADDR:PORT"; NULL: a switch */
  bool required;
  const char *help;
};

struct cli_args {
  const char *program; /* NULL where a test calls a command itself */
  const struct cli_command *command;
  const char *values[CLI_OPTIONS_MAX]; /* by place in the command's options; "" for a switch that is set */
  const char *operand;
};

struct cli_command {
  const char *name;
  const char *help;
  const char *operand; /* "FILE.csv", required when named */
  struct cli_option options[CLI_OPTIONS_MAX];
  bool (*run)(const struct cli_args *args, struct err *err);
};

struct cli {
  const char *program;
  const char *about; /* one sentence */
  const struct cli_command *commands;
  size_t count;
  bool (*before)(const struct cli_args *args, struct err *err); /* asked before any command; may be NULL */
};

/* Finds the command, reads its options, runs it and gives the exit code. */
int cli_main(const struct cli *cli, int argc, char **argv);
/* The value given for an option of this command; NULL when it was not given. */
const char *cli_value(const struct cli_args *args, const char *name);

/* "ADDR:PORT", "[V6]:PORT" or ":PORT" (all addresses). */
struct cli_address {
  char host[128]; /* "" for all */
  char port[6];
};
bool cli_address(const char *field, const char *text, struct cli_address *out, struct err *err);
bool cli_int(const char *field, const char *text, long min, long max, long *out, struct err *err);

#endif
