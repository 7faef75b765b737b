/* read_only_disk.c - a disk that becomes read-only under a running program, as a file system does when its
 * disk fails, and can be written again later.
 *
 * Preloaded (LD_PRELOAD) into a real program: while the file named by SUNLIT_READ_ONLY_WHILE exists, what
 * SQLite writes with is refused with EROFS, and the file system says what it is.  Standard output and error
 * are not the disk. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at);
ssize_t write(int fd, const void *bytes, size_t size);
int ftruncate64(int fd, off64_t size);
int statvfs(const char *path, struct statvfs *disk);

static bool turned(void)
{
  const char *while_there = getenv("SUNLIT_READ_ONLY_WHILE");
  return while_there && access(while_there, F_OK) == 0;
}

static bool read_only(int fd)
{
  struct stat st;
  if (fd <= STDERR_FILENO || !turned()) return false;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) return false;
  errno = EROFS;
  return true;
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
  ssize_t (*next)(int, const void *, size_t, off64_t) = NULL;
  *(void **)&next = dlsym(RTLD_NEXT, "pwrite64");
  return read_only(fd) ? -1 : next(fd, bytes, size, at);
}

ssize_t write(int fd, const void *bytes, size_t size)
{
  ssize_t (*next)(int, const void *, size_t) = NULL;
  *(void **)&next = dlsym(RTLD_NEXT, "write");
  return read_only(fd) ? -1 : next(fd, bytes, size);
}

int ftruncate64(int fd, off64_t size)
{
  int (*next)(int, off64_t) = NULL;
  *(void **)&next = dlsym(RTLD_NEXT, "ftruncate64");
  return read_only(fd) ? -1 : next(fd, size);
}

int statvfs(const char *path, struct statvfs *disk)
{
  int (*next)(const char *, struct statvfs *) = NULL;
  *(void **)&next = dlsym(RTLD_NEXT, "statvfs");
  int code = next(path, disk);
  if (code == 0 && turned()) disk->f_flag |= ST_RDONLY;
  return code;
}
