#include "fault_vfs.h"

#include "core/base/sqlite.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *const fault_names[FAULT_KINDS] = {"undone", "done but reported failed", "disk full", "power cut"};

struct file {
  sqlite3_file base;
  sqlite3_file *real; /* in the memory behind this struct */
  char path[200];
};

static struct {
  bool armed, hit, dark; /* dark: the power is gone */
  enum fault_kind kind;
  int step, count;
} fault;

static sqlite3_vfs *real_vfs;

static sqlite3_file *real_of(sqlite3_file *file)
{
  return ((struct file *)file)->real;
}

enum verdict { GO, FAIL, DO_AND_FAIL, NO_ROOM };

static enum verdict next_step(bool is_write)
{
  if (fault.dark) return FAIL;
  if (!fault.armed || ++fault.count != fault.step) return GO;
  fault.hit = true;
  switch (fault.kind) {
  case FAULT_UNDONE: return FAIL;
  case FAULT_DONE: return DO_AND_FAIL;
  case FAULT_FULL: return is_write ? NO_ROOM : FAIL;
  default: fault.dark = true; return FAIL;
  }
}

/* ---- what was synced, beside the file as ".synced" ---- */

static void copy_file(const char *from, const char *to)
{
  char bytes[1 << 14];
  FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
  size_t n;
  while (in && out && (n = fread(bytes, 1, sizeof bytes, in)) > 0)
    if (fwrite(bytes, 1, n, out) != n) abort();
  if (!in || !out) abort();
  fclose(in);
  fclose(out);
}

static void remember(const struct file *file)
{
  char path[220];
  if (!fault.armed || file->path[0] == 0) return;
  snprintf(path, sizeof path, "%s.synced", file->path);
  copy_file(file->path, path);
}

/* What a file held when it was first written to since the fault was armed counts as synced. */
static void keep_before(const struct file *file)
{
  char path[220];
  snprintf(path, sizeof path, "%s.synced", file->path);
  if (access(path, F_OK) != 0) remember(file);
}

void fault_lose_unsynced(const char *folder)
{
  DIR *dir = opendir(folder);
  struct dirent *entry;
  if (!dir) abort();
  while ((entry = readdir(dir))) {
    char path[512], synced[540];
    size_t n = strlen(entry->d_name);
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    snprintf(synced, sizeof synced, "%s.synced", path);
    if (n > 4 && strcmp(entry->d_name + n - 4, "-shm") == 0) unlink(path);
    if (n > 4 && strcmp(entry->d_name + n - 4, "-wal") == 0 && access(synced, F_OK) != 0) unlink(path);
    if (access(synced, F_OK) == 0 && rename(synced, path) != 0) abort();
  }
  closedir(dir);
}

/* ---- the file methods ---- */

static int on_close(sqlite3_file *file)
{
  return real_of(file)->pMethods->xClose(real_of(file));
}

static int on_read(sqlite3_file *file, void *p, int n, sqlite3_int64 at)
{
  return real_of(file)->pMethods->xRead(real_of(file), p, n, at);
}

static int on_write(sqlite3_file *file, const void *p, int n, sqlite3_int64 at)
{
  enum verdict verdict = next_step(true);
  if (verdict == NO_ROOM) return SQLITE_FULL;
  if (verdict == FAIL) return SQLITE_IOERR_WRITE;
  keep_before((struct file *)file);
  int code = real_of(file)->pMethods->xWrite(real_of(file), p, n, at);
  return verdict == DO_AND_FAIL ? SQLITE_IOERR_WRITE : code;
}

static int on_truncate(sqlite3_file *file, sqlite3_int64 size)
{
  enum verdict verdict = next_step(false);
  if (verdict == FAIL) return SQLITE_IOERR_TRUNCATE;
  keep_before((struct file *)file);
  int code = real_of(file)->pMethods->xTruncate(real_of(file), size);
  return verdict == DO_AND_FAIL ? SQLITE_IOERR_TRUNCATE : code;
}

static int on_sync(sqlite3_file *file, int flags)
{
  enum verdict verdict = next_step(false);
  if (verdict == FAIL) return SQLITE_IOERR_FSYNC;
  int code = real_of(file)->pMethods->xSync(real_of(file), flags);
  if (code == SQLITE_OK) remember((struct file *)file);
  return verdict == DO_AND_FAIL ? SQLITE_IOERR_FSYNC : code;
}

static int on_size(sqlite3_file *file, sqlite3_int64 *size)
{
  return real_of(file)->pMethods->xFileSize(real_of(file), size);
}

static int on_lock(sqlite3_file *file, int level)
{
  return real_of(file)->pMethods->xLock(real_of(file), level);
}

static int on_unlock(sqlite3_file *file, int level)
{
  return real_of(file)->pMethods->xUnlock(real_of(file), level);
}

static int on_check_lock(sqlite3_file *file, int *out)
{
  return real_of(file)->pMethods->xCheckReservedLock(real_of(file), out);
}

static int on_control(sqlite3_file *file, int op, void *arg)
{
  return real_of(file)->pMethods->xFileControl(real_of(file), op, arg);
}

static int on_sector(sqlite3_file *file)
{
  return real_of(file)->pMethods->xSectorSize(real_of(file));
}

static int on_device(sqlite3_file *file)
{
  return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file));
}

static int on_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
  return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, out);
}

static int on_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
  return real_of(file)->pMethods->xShmLock(real_of(file), offset, n, flags);
}

static void on_shm_barrier(sqlite3_file *file)
{
  real_of(file)->pMethods->xShmBarrier(real_of(file));
}

static int on_shm_unmap(sqlite3_file *file, int remove)
{
  return real_of(file)->pMethods->xShmUnmap(real_of(file), remove);
}

static const sqlite3_io_methods methods = {
    2,           on_close,       on_read,       on_write,   on_truncate, on_sync,   on_size,
    on_lock,     on_unlock,      on_check_lock, on_control, on_sector,   on_device, on_shm_map,
    on_shm_lock, on_shm_barrier, on_shm_unmap,  NULL,       NULL};

/* ---- the file system ---- */

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
  (void)vfs;
  struct file *f = (struct file *)file;
  f->real = (sqlite3_file *)(f + 1);
  f->base.pMethods = NULL;
  snprintf(f->path, sizeof f->path, "%s", name ? name : "");
  int code = real_vfs->xOpen(real_vfs, name, f->real, flags, out_flags);
  if (f->real->pMethods) f->base.pMethods = &methods;
  return code;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
  (void)vfs;
  enum verdict verdict = next_step(false);
  if (verdict == FAIL) return SQLITE_IOERR_DELETE;
  int code = real_vfs->xDelete(real_vfs, name, sync);
  char synced[220];
  snprintf(synced, sizeof synced, "%s.synced", name);
  if (code == SQLITE_OK) unlink(synced);
  return verdict == DO_AND_FAIL ? SQLITE_IOERR_DELETE : code;
}

void fault_vfs_install(void)
{
  static sqlite3_vfs shim;
  if (real_vfs) return;
  real_vfs = sqlite3_vfs_find(NULL);
  shim = *real_vfs;
  shim.zName = "fault";
  shim.szOsFile = (int)sizeof(struct file) + real_vfs->szOsFile;
  shim.pNext = NULL;
  shim.xOpen = on_open;
  shim.xDelete = on_delete;
  if (sqlite3_vfs_register(&shim, 1) != SQLITE_OK) abort();
}

void fault_arm(enum fault_kind kind, int step)
{
  fault.armed = true;
  fault.hit = fault.dark = false;
  fault.kind = kind;
  fault.step = step;
  fault.count = 0;
}

int fault_disarm(bool *hit)
{
  *hit = fault.hit;
  fault.armed = fault.dark = false;
  return fault.count;
}
