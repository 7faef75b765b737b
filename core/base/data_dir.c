#include "core/base/data_dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const char *data_dir_path(const struct data_dir *dir, const char *name, char out[DATA_PATH_MAX])
{
  snprintf(out, DATA_PATH_MAX, "%s/%s", dir->path, name);
  return out;
}

static bool make(const char *path, struct err *err)
{
  if (mkdir(path, 0700) == 0 || errno == EEXIST) return true;
  return err_disk(err, "make", path);
}

enum { LOOKS_MAX = 4 };

static const char REBUILDS[] = "rebuilds\n";

/* Behind the holder's number; who takes the lock empties the file. */
static bool says_rebuild(int lock)
{
  char text[48] = "";
  const ssize_t n = pread(lock, text, sizeof text - 1, 0);
  const char *line = n > 0 ? strchr(text, '\n') : NULL;
  return line && strcmp(line + 1, REBUILDS) == 0;
}

/* The lock file names its holder, so that the refusal of the second can. */
static bool take_lock(struct data_dir *dir, struct err *err)
{
  char path[DATA_PATH_MAX];
  data_dir_path(dir, "lock", path);
  dir->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (dir->lock < 0) return err_disk(err, "open", path);
  char holder[24] = "";
  bool got = flock(dir->lock, LOCK_EX | LOCK_NB) == 0;
  for (int i = 0; i < LOOKS_MAX && !got; i++) { /* somebody may just be looking: data_dir_held */
    const struct timespec pause = {.tv_nsec = 5 * 1000 * 1000};
    nanosleep(&pause, NULL);
    got = flock(dir->lock, LOCK_EX | LOCK_NB) == 0;
  }
  if (got) {
    int n = snprintf(holder, sizeof holder, "%ld\n", (long)getpid());
    /* A full disk leaves it empty: the lock holds all the same, only its holder has no name. */
    if (ftruncate(dir->lock, 0) == 0 && pwrite(dir->lock, holder, (size_t)n, 0) != n) errno = 0;
    return true;
  }
  ssize_t n = pread(dir->lock, holder, sizeof holder - 1, 0);
  holder[n > 0 ? strcspn(holder, "\n") : 0] = 0;
  const bool rebuilds = says_rebuild(dir->lock);
  close(dir->lock);
  dir->lock = -1;
  return err_rule(err, ERR_BUSY, "dir", "dir_in_use", "%s is in use by process %s%s", dir->path, holder,
                  rebuilds ? ", which rebuilds it" : "");
}

enum { BESIDE_WAIT_MS = 10000, BESIDE_LOOK_MS = 20 };

/* D/name, locked; -1 with err.  `busy`: what somebody who has it is at. */
static int take_file(const struct data_dir *dir, const char *name, int how, int wait_ms, const char *busy,
                     struct err *err)
{
  const struct timespec pause = {.tv_nsec = BESIDE_LOOK_MS * 1000000L};
  char path[DATA_PATH_MAX];
  int file = open(data_dir_path(dir, name, path), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) {
    err_disk(err, "open", path);
    return -1;
  }
  bool got = flock(file, how | LOCK_NB) == 0;
  for (int waited = 0; !got && waited < wait_ms; waited += BESIDE_LOOK_MS) {
    nanosleep(&pause, NULL);
    got = flock(file, how | LOCK_NB) == 0;
  }
  if (got) return file;
  close(file);
  err_rule(err, ERR_BUSY, "dir", "dir_in_use", "%s: %s; nothing was changed", dir->path, busy);
  return -1;
}

static int share_beside(const struct data_dir *dir, struct err *err)
{
  return take_file(dir, "beside.lock", LOCK_SH, 0,
                   "its database is being rebuilt, and what is written now would not be in the new one: once "
                   "the rebuilding has ended, give the command again",
                   err);
}

int data_dir_bar(const struct data_dir *dir, struct err *err)
{
  return take_file(dir, "beside.lock", LOCK_EX, BESIDE_WAIT_MS, "a command is writing into its database",
                   err);
}

int data_dir_only(const struct data_dir *dir, const char *name, const char *busy, struct err *err)
{
  return take_file(dir, name, LOCK_EX, 0, busy, err);
}

static bool flush_folder(const char *path);
static bool finish_placing(const struct data_dir *dir, struct err *err);

/* For one that takes no lock.  Who holds it may be placing them at this moment. */
static bool finish_for_reading(struct data_dir *dir, struct err *err)
{
  enum { TRIES = 200, TRY_MS = 10 };
  const struct timespec pause = {.tv_nsec = TRY_MS * 1000000L};
  struct err why = ERR_INIT;
  bool done = false;
  for (int i = 0; i < TRIES && !done; i++) {
    err_clear(&why);
    bool locked = take_lock(dir, &why);
    done = locked && finish_placing(dir, &why);
    if (locked) close(dir->lock);
    dir->lock = -1;
    done = done || !data_dir_has(dir, "keys.next");
    if (!done && why.kind != ERR_BUSY) break;
    if (!done) nanosleep(&pause, NULL);
  }
  return done ||
         err_rule(err, why.kind, "dir", "keys_unplaced",
                  "the keys of %s are decided and not in place: a crash came between, and they are in "
                  "%s/keys.next (%s). Nothing is lost: the next command that can write there puts them in "
                  "place, and before that nothing here is read with older ones",
                  dir->path, dir->path, why.text);
}

bool data_dir_open(struct data_dir *dir, const char *path, enum data_dir_mode mode, struct err *err)
{
  *dir = (struct data_dir){.lock = -1};
  umask(0077); /* SQLite makes its files by it */
  size_t n = strlen(path);
  while (n > 1 && path[n - 1] == '/')
    n--;
  if (n == 0 || n >= sizeof dir->path)
    return err_rule(err, ERR_INPUT, "dir", "length", "a directory name of %zu characters", n);
  memcpy(dir->path, path, n);
  if (mode == DATA_DIR_CREATE && !make(dir->path, err)) return false;
  bool decided = data_dir_has(dir, "keys.next");
  bool none = mode != DATA_DIR_CREATE && !decided && !data_dir_has(dir, "keys");
  if (none && data_dir_has(dir, "store.db") && data_dir_has(dir, "keys.new"))
    return err_rule(
        err, ERR_MISSING, "dir", "keys_missing",
        "%s has a database and no keys/: a first enroll, or an init, was broken off before its last "
        "step. Give the same command again, with the same line; it ends what was begun. Only when "
        "keys/ was here before, put it back as it was",
        dir->path);
  if (none && data_dir_has(dir, "store.db"))
    return err_rule(
        err, ERR_MISSING, "dir", "keys_missing",
        "%s has a database and no keys/: put keys/ back as it was, or restore a backup into another "
        "directory",
        dir->path);
  if (none)
    return err_rule(err, ERR_MISSING, "dir", "no_data_dir",
                    "%s is not set up: it has no keys/; init or enroll makes it", dir->path);
  if (mode == DATA_DIR_SHARED || mode == DATA_DIR_BESIDE) {
    if (decided && !finish_for_reading(dir, err)) return false;
    if (mode == DATA_DIR_BESIDE) dir->lock = share_beside(dir, err);
    return mode == DATA_DIR_SHARED || dir->lock >= 0;
  }
  return take_lock(dir, err) && finish_placing(dir, err);
}

void data_dir_close(struct data_dir *dir)
{
  if (dir->lock >= 0) close(dir->lock);
  dir->lock = -1;
}

bool data_dir_has(const struct data_dir *dir, const char *name)
{
  char path[DATA_PATH_MAX];
  return access(data_dir_path(dir, name, path), F_OK) == 0;
}

static bool read_all(int file, const char *path, size_t max, struct buf *out, struct err *err)
{
  struct stat st;
  if (fstat(file, &st) != 0) return err_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
  if (!S_ISREG(st.st_mode) || st.st_size < 0 || (size_t)st.st_size > max)
    return err_rule(err, ERR_LIMIT, "", "file_size", "%s has %lld bytes, at most %zu are read", path,
                    (long long)st.st_size, max);
  size_t left = (size_t)st.st_size;
  uint8_t *at = buf_reserve(out, left);
  if (!at) return err_set(err, ERR_IO, "out of memory reading %s", path);
  while (left > 0) {
    ssize_t n = read(file, at, left);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return err_set(err, ERR_IO, "cannot read %s: %s", path, n ? strerror(errno) : "it shrank");
    at += n;
    left -= (size_t)n;
  }
  return true;
}

bool data_dir_read(const struct data_dir *dir, const char *name, size_t max, struct buf *out, struct err *err)
{
  char path[DATA_PATH_MAX];
  int file = open(data_dir_path(dir, name, path), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return err_set(err, errno == ENOENT ? ERR_MISSING : ERR_IO, "cannot open %s: %s", path, strerror(errno));
  bool ok = read_all(file, path, max, out, err);
  close(file);
  return ok;
}

static bool write_all(int file, const uint8_t *p, size_t left)
{
  while (left > 0) {
    ssize_t n = write(file, p, left);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    p += n;
    left -= (size_t)n;
  }
  return fsync(file) == 0;
}

static bool flush_folder(const char *path)
{
  char folder[DATA_PATH_MAX];
  snprintf(folder, sizeof folder, "%s", path);
  char *slash = strrchr(folder, '/');
  if (slash) *slash = 0;
  int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = file >= 0 && fsync(file) == 0;
  if (file >= 0) close(file);
  return ok;
}

bool data_dir_write(const struct data_dir *dir, const char *name, const void *p, size_t n, struct err *err)
{
  char path[DATA_PATH_MAX], beside[DATA_PATH_MAX + 8];
  data_dir_path(dir, name, path);
  snprintf(beside, sizeof beside, "%s.new", path);
  int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  bool ok = file >= 0 && write_all(file, p, n) && rename(beside, path) == 0 && flush_folder(path);
  if (!ok) err_disk(err, "write", path);
  if (file >= 0) close(file);
  if (ok) return true;
  unlink(beside);
  return false;
}

bool data_dir_keys_begin(const struct data_dir *dir, struct err *err)
{
  char path[DATA_PATH_MAX];
  return make(data_dir_path(dir, "keys.new", path), err);
}

/* The old folder is away before its name is taken again: rename refuses a folder that is not empty. */
static void remove_old(const char *path)
{
  DIR *folder = opendir(path);
  for (struct dirent *d = folder ? readdir(folder) : NULL; d; d = readdir(folder))
    unlinkat(dirfd(folder), d->d_name, 0);
  if (folder) closedir(folder);
  rmdir(path);
}

void data_dir_keys_forget(const struct data_dir *dir)
{
  char path[DATA_PATH_MAX];
  remove_old(data_dir_path(dir, "keys.new", path));
}

static bool move(const struct data_dir *dir, const char *from, const char *to, struct err *err)
{
  char source[DATA_PATH_MAX], target[DATA_PATH_MAX];
  data_dir_path(dir, from, source);
  data_dir_path(dir, to, target);
  if (rename(source, target) == 0 && flush_folder(target)) return true;
  return err_disk(err, "put keys in place as", target);
}

static bool finish_placing(const struct data_dir *dir, struct err *err)
{
  char old[DATA_PATH_MAX];
  if (!data_dir_has(dir, "keys.next")) return true;
  if (data_dir_has(dir, "keys")) {
    remove_old(data_dir_path(dir, "keys.old", old));
    if (!move(dir, "keys", "keys.old", err)) return false;
  }
  return move(dir, "keys.next", "keys", err);
}

bool data_dir_keys_place(const struct data_dir *dir, struct err *err)
{
  return move(dir, "keys.new", "keys.next", err) && finish_placing(dir, err);
}

void data_dir_say_rebuild(const struct data_dir *dir)
{
  struct stat st;
  if (fstat(dir->lock, &st) != 0) return;
  if (pwrite(dir->lock, REBUILDS, sizeof REBUILDS - 1, st.st_size) < 0) errno = 0; /* a full disk: as above */
}

/* held and, when it is asked for, what for. */
static bool look_at_lock(const struct data_dir *dir, bool *rebuilds)
{
  char path[DATA_PATH_MAX];
  *rebuilds = false;
  int lock = open(data_dir_path(dir, "lock", path), O_RDONLY | O_CLOEXEC);
  if (lock < 0) return errno != ENOENT;
  bool held = flock(lock, LOCK_SH | LOCK_NB) != 0;
  *rebuilds = held && says_rebuild(lock);
  close(lock);
  return held;
}

bool data_dir_held(const struct data_dir *dir)
{
  bool rebuilds;
  return look_at_lock(dir, &rebuilds);
}

bool data_dir_rebuilds(const struct data_dir *dir)
{
  bool rebuilds;
  (void)look_at_lock(dir, &rebuilds);
  return rebuilds;
}
