/* kept_file.h - a few files made for one account, to be fetched within the hour: refused sheets with their
 * faults.
 *
 * They live in memory, the oldest goes when there are more than KEPT_FILES_MAX; a restart forgets them, and
 * the same sheet sent again makes the same file.  THREADS: any. */
#ifndef SUNLIT_SITE_KEPT_FILE_H
#define SUNLIT_SITE_KEPT_FILE_H

#include "core/base/bytes.h"

#include <pthread.h>
#include <stdint.h>

enum { KEPT_FILES_MAX = 8, KEPT_NAME_SIZE = 40, KEPT_FOR_MS = 3600 * 1000 };

struct kept_file {
  char name[KEPT_NAME_SIZE]; /* a random token and its ending; "" when free */
  char account[33];
  int64_t at_ms;
  struct buf bytes;
};

struct kept_files {
  pthread_mutex_t lock;
  struct kept_file list[KEPT_FILES_MAX];
};

void kept_files_init(struct kept_files *files);
void kept_files_wipe(struct kept_files *files);
/* Takes the bytes; name is what kept_files_get wants. */
void kept_files_add(struct kept_files *files, const char *account, struct buf *bytes, int64_t now_ms,
                    char name[KEPT_NAME_SIZE]);
/* Appends a copy; false when there is none of that name for that account. */
bool kept_files_get(struct kept_files *files, const char *account, const char *name, int64_t now_ms,
                    struct buf *out);

#endif
