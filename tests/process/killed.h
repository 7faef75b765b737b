/* killed.h - runs a command and kills it just before one of the changes it makes on the disk.
 *
 * The command and all its threads run under ptrace; what may change a file is counted as it is about to
 * happen (creating, writing, flushing, renaming, linking, removing).  SIGKILL at the k-th, in place of it, is
 * a power cut between two durable steps, and every step can be picked. */
#ifndef SUNLIT_TEST_KILLED_H
#define SUNLIT_TEST_KILLED_H

#include <stdbool.h>

enum { KILLED = -1 };

/* Kills before change number `before` (from 1); lets it end when there are fewer.  Returns its exit status,
 * or KILLED; *changes is how many there were.  What it says goes to the file `said`. */
int killed_run(const char *const *argv, unsigned before, unsigned *changes, const char *said);

/* The same changes on a disk that is full (error ENOSPC) or has become read-only (EROFS): from change number
 * `before` on, those to files under the folder fail, as on such a disk; what frees room goes on when it is
 * full. Returns the command's exit status.  *changes is how many there were, those that were refused too. */
struct bad_disk {
  const char *folder;
  int error;
  unsigned before;
};
int bad_disk_run(const char *const *argv, const struct bad_disk *disk, unsigned *changes, const char *said);

#endif
