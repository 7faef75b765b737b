/* data_dir.h - the one directory that holds everything a program keeps: D/store.db, D/keys and D/sunlit.conf.
 *
 * A program that writes holds an exclusive lock on D/lock as long as it lives, so two programs never run on
 * one directory; the kernel lets go of it when the program dies, however it dies.  Short commands that only
 * use the database beside a running program open the directory without it: those that read (status, verify)
 * freely, those that write (invite, revoke, account) with a share of D/beside.lock, by which a rebuilding
 * keeps them out while it makes the database that takes this one's place.
 *
 * D/keys is who the program is.  It is built as D/keys.new and put in place as the last step of setting up: a
 * directory with keys is complete, one without was never finished and may be set up again.  Each name has one
 * meaning, so a crash at any moment leaves a state that can be told:
 *   keys.new    being made; the other side may know these keys already, so the next try goes on with them
 *   keys.next   complete and decided: they are the keys, whatever stands in D/keys
 *   keys.old    what was replaced
 * Placing is three renames: keys.new -> keys.next, keys -> keys.old, keys.next -> keys.  Whoever opens the
 * directory next finishes what a crash left between them, for which it takes the lock: nobody reads keys that
 * are not its own any more, or misses some that are there.
 *
 * Files are replaced whole: written beside, flushed, renamed, and the folder flushed; a crash leaves the old
 * file or the new one.  Everything is made for its owner alone (0700, 0600). */
#ifndef SUNLIT_BASE_DATA_DIR_H
#define SUNLIT_BASE_DATA_DIR_H

#include "core/base/bytes.h"
#include "core/base/err.h"

enum data_dir_mode {
  DATA_DIR_SHARED, /* must be set up (ERR_MISSING rule "no_data_dir", "keys_missing" beside a database); no
                      lock.  Rule "keys_unplaced" when keys are decided and cannot be put in place */
  DATA_DIR_BESIDE, /* the same, to write beside a program that may run: ERR_BUSY while data_dir_bar holds */
  DATA_DIR_LOCKED, /* the same, locked: ERR_BUSY with the holder's process number when somebody has it */
  DATA_DIR_CREATE  /* made when absent, set up or not; locked */
};

struct data_dir {
  char path[400];
  int lock; /* the descriptor that holds the lock, or the share; -1 without */
};

bool data_dir_open(struct data_dir *dir, const char *path, enum data_dir_mode mode, struct err *err);
void data_dir_close(struct data_dir *dir);
/* Keeps out whoever would write beside, until the descriptor is closed; -1 with err: somebody is at it. */
int data_dir_bar(const struct data_dir *dir, struct err *err);
/* What only one command may be at, D/name, until the descriptor is closed; -1 with err, ERR_BUSY with `busy`.
 */
int data_dir_only(const struct data_dir *dir, const char *name, const char *busy, struct err *err);

enum { DATA_PATH_MAX = 512 };
/* "D/name"; name is a literal such as "keys/author.key". */
const char *data_dir_path(const struct data_dir *dir, const char *name, char out[DATA_PATH_MAX]);
bool data_dir_has(const struct data_dir *dir, const char *name);
/* The whole file appended to out; refuses one longer than max. ERR_MISSING when it is not there. */
bool data_dir_read(const struct data_dir *dir, const char *name, size_t max, struct buf *out,
                   struct err *err);
bool data_dir_write(const struct data_dir *dir, const char *name, const void *p, size_t n, struct err *err);

/* D/keys.new, with what an earlier try that came to no end has left in it: the other side may know its keys.
 */
bool data_dir_keys_begin(const struct data_dir *dir, struct err *err);
/* Removes D/keys.new, whose keys are of no use any more. */
void data_dir_keys_forget(const struct data_dir *dir);
/* D/keys.new becomes D/keys; what was there becomes D/keys.old. */
bool data_dir_keys_place(const struct data_dir *dir, struct err *err);

/* Does somebody hold the lock?  It is taken for a moment to know that, so nobody asks often. */
bool data_dir_held(const struct data_dir *dir);
/* The holder of the lock says that it rebuilds; and is that what the one who holds it does? */
void data_dir_say_rebuild(const struct data_dir *dir);
bool data_dir_rebuilds(const struct data_dir *dir);

#endif
