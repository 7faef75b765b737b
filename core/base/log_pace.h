/* log_pace.h - how many lines of the log somebody outside may cause.
 *
 * A disk must not fill up because a peer says the same thing all night.  Of each kind of line LOG_PACE_EACH
 * about one peer are written in LOG_PACE_MS, and LOG_PACE_ALL about all of them; the rest is counted, and the
 * count is told with the next one of the kind that is written.  A kind is a text by its address: the format
 * of a line.  In memory, bounded; time is monotonic and comes in.  Not locked. */
#ifndef SUNLIT_BASE_LOG_PACE_H
#define SUNLIT_BASE_LOG_PACE_H

#include <stdbool.h>
#include <stdint.h>

enum { LOG_PACE_MS = 10 * 60 * 1000, LOG_PACE_EACH = 5, LOG_PACE_ALL = 100, LOG_PACE_KINDS = 32 };

struct log_pace {
  struct log_pace_kind {
    const char *kind; /* NULL: free */
    int64_t start_ms; /* of its window */
    int written;
    int64_t held;                 /* back, in this window */
    uint64_t peers[LOG_PACE_ALL]; /* hashes: about whom each line written was */
  } kinds[LOG_PACE_KINDS];        /* the last one also stands for whatever finds no place */
};

/* May a line of that kind about `who` be written?  *held: how many were not in the window before, told once.
 */
bool log_pace_take(struct log_pace *pace, const char *kind, const char *who, int64_t now_ms, int64_t *held);

#endif
