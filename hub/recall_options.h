/* recall_options.h - who is waited for and who is left out when a province is rebuilt from its branches, as
 * typed: lists with commas.  A branch is its code; one of several that come for a branch is the serial of its
 * certificate, or "file-HEX" for a file that was carried, as the log names them.  What is left out
 * may also be a checkpoint.
 *
 * ERR_INPUT names what is no such thing. */
#ifndef SUNLIT_HUB_RECALL_OPTIONS_H
#define SUNLIT_HUB_RECALL_OPTIONS_H

#include "core/base/cli.h"
#include "sync/beyond.h"
#include "sync/recall.h"

enum { CODES_MAX = 512 };

struct codes {
  uint32_t branch[CODES_MAX];
  size_t count;
};

/* A certificate, or a file, of those that came for a branch. */
struct names {
  char of[CODES_MAX][CAME_WITH_SIZE];
  size_t count;
};

/* Where the log does not go: "checkpoint:SIZE:ROOT", as the log names it. */
enum { CHECKPOINTS_MAX = 16 };
struct checkpoints {
  struct beyond of[CHECKPOINTS_MAX];
  size_t count;
};

bool recall_read_codes(const struct cli_args *args, const char *option, struct codes *out, struct err *err);
bool recall_read_without(const struct cli_args *args, struct codes *codes, struct names *names,
                         struct checkpoints *checkpoints, struct err *err);
/* --most-gib */
bool recall_read_bound(const struct cli_args *args, struct recall *recall, struct err *err);

#endif
