/* log_once.h - what stays as it is, is said once and not each time that somebody looks.
 *
 * The texts said are remembered by their hashes, the last LOG_ONCE_MAX of them: one that comes again after so
 * many others is said again.  In memory, bounded; zeros: nothing was said.  Not locked. */
#ifndef SUNLIT_BASE_LOG_ONCE_H
#define SUNLIT_BASE_LOG_ONCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOG_ONCE_MAX = 512 };

struct log_once {
  uint64_t said[LOG_ONCE_MAX];
  size_t count, next;
};

/* Is that to be said?  From then on it is not. */
bool log_once_take(struct log_once *once, const char *text);

#endif
