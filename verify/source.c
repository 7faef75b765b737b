#include "verify/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_url(const char *where)
{
  return strncmp(where, "https://", 8) == 0 || strncmp(where, "http://", 7) == 0;
}

bool source_kind(const char *where, enum source_kind *kind, struct err *err)
{
  struct stat st;
  *kind = SOURCE_URL;
  if (is_url(where)) return true;
  if (stat(where, &st) != 0) return err_set(err, ERR_MISSING, "cannot read %s: %s", where, strerror(errno));
  *kind = S_ISDIR(st.st_mode) ? SOURCE_FOLDER : SOURCE_FILE;
  return true;
}

static bool drain(FILE *file, const char *path, size_t max, struct buf *out, struct err *err)
{
  buf_clear(out);
  for (;;) {
    uint8_t *at = buf_reserve(out, 64 * 1024);
    if (!at) return err_set(err, ERR_IO, "out of memory reading %s", path);
    size_t n = fread(at, 1, 64 * 1024, file);
    out->size -= 64 * 1024 - n;
    if (out->size > max) return err_set(err, ERR_LIMIT, "%s is longer than %zu bytes", path, max);
    if (n == 0) return !ferror(file) || err_set(err, ERR_IO, "cannot read %s: %s", path, strerror(errno));
  }
}

/* curl as a child with its answer on a pipe: no shell sees the address. */
static bool fetch(const char *url, size_t max, struct buf *out, struct err *err)
{
  int ends[2];
  if (pipe(ends) != 0) return err_set(err, ERR_IO, "no pipe: %s", strerror(errno));
  pid_t child = fork();
  if (child == 0) {
    dup2(ends[1], STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    execlp("curl", "curl", "-fsS", "--max-time", "60", "--proto", "=http,https", "--", url, (char *)NULL);
    _exit(127);
  }
  close(ends[1]);
  FILE *answer = child > 0 ? fdopen(ends[0], "rb") : NULL;
  if (!answer) {
    close(ends[0]);
    return err_set(err, ERR_IO, "cannot start curl: %s", strerror(errno));
  }
  bool ok = drain(answer, url, max, out, err);
  fclose(answer);
  int status = 0;
  waitpid(child, &status, 0);
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  if (ok && code == 127)
    return err_set(err, ERR_IO, "curl is not installed: fetch the log's folder and give its path");
  return ok && (code == 0 || err_set(err, ERR_IO, "cannot fetch %s (curl %d)", url, code));
}

bool source_read(const char *where, const char *name, size_t max, struct buf *out, struct err *err)
{
  char path[4096];
  int n = name ? snprintf(path, sizeof path, "%s/%s", where, name) : snprintf(path, sizeof path, "%s", where);
  if (n < 0 || (size_t)n >= sizeof path)
    return err_set(err, ERR_INPUT, "the path %.60s... is too long", where);
  if (is_url(where)) return fetch(path, max, out, err);
  FILE *file = fopen(path, "rbe");
  if (!file) return err_set(err, ERR_MISSING, "cannot read %s: %s", path, strerror(errno));
  bool ok = drain(file, path, max, out, err);
  fclose(file);
  return ok;
}
