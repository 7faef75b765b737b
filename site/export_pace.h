/* export_pace.h - how often one account may take data out, and what it has just taken.
 *
 * Every export is a signed entry for good, so an account may make EXPORTS_AT_A_TIME of them, and then one in
 * EXPORT_EVERY_MS.  The same list asked for again within a minute is the same act: it is made as of the same
 * moment, and when it comes out byte for byte the same, the entry that is there says it all.  Time is
 * monotonic; all of it is in memory, bounded, and gone after a restart.
 * THREADS: any. */
#ifndef SUNLIT_SITE_EXPORT_PACE_H
#define SUNLIT_SITE_EXPORT_PACE_H

#include "core/base/crypto.h"
#include "core/base/err.h"
#include "site/pace.h"

enum { EXPORTS_AT_A_TIME = 40, EXPORT_EVERY_MS = 15 * 1000, EXPORT_AGAIN_MS = 60 * 1000, EXPORTS_KEPT = 64 };

/* One that was handed out. */
struct export_done {
  char account[33];
  uint8_t address[HASH_SIZE]; /* hash of path and query */
  uint8_t file[HASH_SIZE];
  int64_t at_ms;   /* wall: as of when it was made */
  int64_t mono_ms; /* when it was handed out; 0: free */
};

struct export_pace {
  struct pace pace;
  int64_t rows_max; /* of one workbook: EXPORT_ROWS_MAX */
  pthread_mutex_t lock;
  struct export_done done[EXPORTS_KEPT];
};

void export_pace_init(struct export_pace *pace);
void export_pace_wipe(struct export_pace *pace);
/* ERR_LIMIT "rate" when the account has made too many. */
bool export_pace_take(struct export_pace *pace, const char *account, int64_t mono_ms, struct err *err);
/* The export of that address by that account within the last minute; false: none. */
bool export_pace_again(struct export_pace *pace, const char *account, const uint8_t address[HASH_SIZE],
                       int64_t mono_ms, struct export_done *out);
void export_pace_done(struct export_pace *pace, const struct export_done *done);

#endif
