#include "core/base/sealed.h"

#include "core/base/bytes.h"
#include "core/base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE_SIZE = 64 * 1024, SEALED_PIECE_SIZE = PIECE_SIZE + SEAL_EXTRA_SIZE };

static const char magic[] = "sunlit.sealed.v1\n";

/* ---- writing ---- */

struct writer {
  FILE *file;
  const char *path;
  struct seal seal;
  size_t used;
  uint8_t plain[PIECE_SIZE];
  uint8_t sealed[SEALED_PIECE_SIZE];
};

static bool flush_piece(struct writer *w, bool last, struct err *err)
{
  seal_piece(&w->seal, w->sealed, w->plain, w->used, last);
  size_t size = w->used + SEAL_EXTRA_SIZE;
  uint8_t head[4] = {(uint8_t)(size >> 24), (uint8_t)(size >> 16), (uint8_t)(size >> 8), (uint8_t)size};
  w->used = 0;
  if (fwrite(head, 1, 4, w->file) == 4 && fwrite(w->sealed, 1, size, w->file) == size) return true;
  return err_disk(err, "write", w->path);
}

static bool write_bytes(struct writer *w, const void *p, size_t n, struct err *err)
{
  const uint8_t *bytes = p;
  while (n > 0) {
    if (w->used == PIECE_SIZE && !flush_piece(w, false, err)) return false;
    size_t step = n < PIECE_SIZE - w->used ? n : PIECE_SIZE - w->used;
    memcpy(w->plain + w->used, bytes, step);
    w->used += step;
    bytes += step;
    n -= step;
  }
  return true;
}

static bool write_member(struct writer *w, const struct sealed_member *member, struct err *err)
{
  FILE *from = fopen(member->path, "rb");
  struct stat st;
  if (!from || fstat(fileno(from), &st) != 0) {
    err_disk(err, "read", member->path);
    if (from) fclose(from);
    return false;
  }
  setvbuf(from, NULL, _IONBF, 0); /* no copy of a key stays in a buffer that nobody wipes */
  struct buf head = BUF_INIT;
  put_vec16(&head, member->name, strlen(member->name));
  put_u64(&head, (uint64_t)st.st_size);
  bool ok = !head.bad && write_bytes(w, head.data, head.size, err);
  buf_wipe(&head);
  int64_t left = st.st_size;
  uint8_t bytes[4096];
  while (ok && left > 0) {
    size_t want = left < (int64_t)sizeof bytes ? (size_t)left : sizeof bytes;
    size_t n = fread(bytes, 1, want, from);
    if (n == 0) ok = err_set(err, ERR_IO, "%s became shorter while it was read", member->path);
    ok = ok && write_bytes(w, bytes, n, err);
    left -= (int64_t)n;
  }
  crypto_wipe(bytes, sizeof bytes);
  fclose(from);
  return ok;
}

static bool write_all(struct writer *w, const char *passphrase, const struct sealed_member *members,
                      size_t count, struct err *err)
{
  uint8_t salt[SEAL_SALT_SIZE];
  uint8_t header[SEAL_HEADER_SIZE];
  if (!seal_start(&w->seal, passphrase, salt, header, err)) return false;
  size_t lead = sizeof magic - 1;
  if (fwrite(magic, 1, lead, w->file) != lead || fwrite(salt, 1, sizeof salt, w->file) != sizeof salt ||
      fwrite(header, 1, sizeof header, w->file) != sizeof header)
    return err_disk(err, "write", w->path);
  for (size_t i = 0; i < count; i++)
    if (!write_member(w, &members[i], err)) return false;
  if (!flush_piece(w, true, err)) return false;
  if (fflush(w->file) != 0 || fsync(fileno(w->file)) != 0) return err_disk(err, "write", w->path);
  return true;
}

/* Makes the rename itself durable.  When it cannot, what was renamed is there all the same, and whole. */
static bool sync_folder(const char *path, struct err *err)
{
  char folder[PATH_MAX];
  snprintf(folder, sizeof folder, "%s", path);
  char *slash = strrchr(folder, '/');
  if (slash) slash[slash == folder] = 0;
  int fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = fd >= 0 && fsync(fd) == 0;
  struct err why = ERR_INIT;
  if (!ok) err_disk(&why, "sync", "its folder");
  if (!ok)
    err_rule(
        err, ERR_IO, "", why.rule[0] ? why.rule : "io",
        "%s is written, whole and in its place; only that it is so was not flushed (%.150s): it need not "
        "be made again unless it is gone when the disk is mended",
        path, why.text);
  if (fd >= 0) close(fd);
  return ok;
}

bool sealed_write(const char *path, const char *passphrase, const struct sealed_member *members, size_t count,
                  struct err *err)
{
  if (strlen(passphrase) < SEALED_PASSPHRASE_MIN)
    return err_rule(err, ERR_INPUT, "passphrase", "length", "the passphrase is shorter than %d characters",
                    SEALED_PASSPHRASE_MIN);
  if (access(path, F_OK) == 0)
    return err_rule(err, ERR_CONFLICT, "path", "exists", "%s exists already", path);
  char beside[PATH_MAX];
  if (snprintf(beside, sizeof beside, "%s.part", path) >= (int)sizeof beside)
    return err_rule(err, ERR_INPUT, "path", "length", "the path %.60s... is too long", path);
  struct writer *w = calloc(1, sizeof *w);
  int fd = w ? open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600) : -1;
  if (fd >= 0) w->file = fdopen(fd, "wb");
  bool ok = w && w->file;
  if (!ok) err_disk(err, "create", beside);
  if (ok) w->path = beside;
  ok = ok && write_all(w, passphrase, members, count, err);
  if (w && w->file) fclose(w->file);
  if (w) crypto_wipe(w, sizeof *w);
  free(w);
  ok = ok && sealed_verify(beside, passphrase, err);
  if (ok && rename(beside, path) != 0) ok = err_disk(err, "rename", beside);
  ok = ok && sync_folder(path, err);
  if (!ok) unlink(beside);
  return ok;
}

/* ---- reading ---- */

struct sealed_reader {
  FILE *file;
  const char *path;
  struct seal start; /* before the first piece: deriving it from the passphrase is the slow part */
  long start_at;
  struct seal seal;
  size_t used;
  size_t size;
  bool last;
  uint8_t plain[PIECE_SIZE];
  uint8_t sealed[SEALED_PIECE_SIZE];
};

static bool damaged(const struct sealed_reader *r, const char *what, struct err *err)
{
  return err_rule(err, ERR_REFUTED, "", "damaged", "%s is damaged: %s; nothing was restored", r->path, what);
}

static bool read_piece(struct sealed_reader *r, bool first, struct err *err)
{
  uint8_t head[4];
  if (fread(head, 1, 4, r->file) != 4) return damaged(r, "it ends before its last piece", err);
  size_t size = (size_t)head[0] << 24 | (size_t)head[1] << 16 | (size_t)head[2] << 8 | head[3];
  if (size < SEAL_EXTRA_SIZE || size > SEALED_PIECE_SIZE)
    return damaged(r, "a piece has an impossible size", err);
  if (fread(r->sealed, 1, size, r->file) != size) return damaged(r, "it ends inside a piece", err);
  if (!unseal_piece(&r->seal, r->plain, r->sealed, size, &r->last)) {
    if (!first) return damaged(r, "a piece was changed", err);
    return err_rule(err, ERR_DENIED, "passphrase", "passphrase",
                    "the passphrase does not open %s, or its first piece is damaged; nothing was restored",
                    r->path);
  }
  r->used = 0;
  r->size = size - SEAL_EXTRA_SIZE;
  return true;
}

static bool reader_open(struct sealed_reader *r, const char *path, const char *passphrase, struct err *err)
{
  r->path = path;
  r->file = fopen(path, "rbe");
  if (!r->file) return err_disk(err, "read", path);
  char lead[sizeof magic] = "";
  uint8_t salt[SEAL_SALT_SIZE];
  uint8_t header[SEAL_HEADER_SIZE];
  if (fread(lead, 1, sizeof magic - 1, r->file) != sizeof magic - 1 || strcmp(lead, magic) != 0)
    return err_rule(err, ERR_INPUT, "path", "not_sealed", "%s is not a backup of this program", path);
  if (fread(salt, 1, sizeof salt, r->file) != sizeof salt ||
      fread(header, 1, sizeof header, r->file) != sizeof header)
    return damaged(r, "it ends inside its head", err);
  r->start_at = ftell(r->file);
  return unseal_start(&r->start, passphrase, salt, header, err);
}

static void reader_close(struct sealed_reader *r)
{
  if (r->file) fclose(r->file);
  crypto_wipe(r, sizeof *r);
  free(r);
}

static bool read_bytes(struct sealed_reader *r, void *out, size_t n, struct err *err)
{
  uint8_t *to = out;
  while (n > 0) {
    if (r->used == r->size) {
      if (r->last) return damaged(r, "it ends inside a member", err);
      if (!read_piece(r, false, err)) return false;
      continue;
    }
    size_t step = n < r->size - r->used ? n : r->size - r->used;
    memcpy(to, r->plain + r->used, step);
    r->used += step;
    to += step;
    n -= step;
  }
  return true;
}

static bool at_end(struct sealed_reader *r, bool *end, struct err *err)
{
  while (r->used == r->size && !r->last)
    if (!read_piece(r, false, err)) return false;
  *end = r->used == r->size;
  if (*end && fgetc(r->file) != EOF) return damaged(r, "there are bytes after its last piece", err);
  return true;
}

static bool name_safe(const char *name)
{
  return name[0] && name[0] != '/' && !strstr(name, "..") && !strchr(name, '\\');
}

/* Creates the folders of dir/name and opens the file; NULL with err set. */
static FILE *create_member(const char *dir, const char *name, struct err *err)
{
  char path[PATH_MAX];
  if (snprintf(path, sizeof path, "%s/%s", dir, name) >= (int)sizeof path) {
    err_rule(err, ERR_INPUT, "path", "length", "the path %.60s... is too long", dir);
    return NULL;
  }
  for (char *slash = path + strlen(dir) + 1; (slash = strchr(slash, '/')); slash++) {
    *slash = 0;
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
      err_disk(err, "create", path);
      return NULL;
    }
    *slash = '/';
  }
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  FILE *file = fd >= 0 ? fdopen(fd, "wb") : NULL;
  if (!file) err_disk(err, "create", path);
  return file;
}

static bool copy_out(struct sealed_reader *r, FILE *to, uint64_t size, struct err *err)
{
  uint8_t bytes[4096];
  while (size > 0) {
    size_t step = size < sizeof bytes ? (size_t)size : sizeof bytes;
    if (!read_bytes(r, bytes, step, err)) return false;
    if (to && fwrite(bytes, 1, step, to) != step) return err_disk(err, "write", "a restored file");
    size -= step;
  }
  if (to && (fflush(to) != 0 || fsync(fileno(to)) != 0)) return err_disk(err, "write", "a restored file");
  return true;
}

/* One walk over all members from the start; dir NULL only checks. */
static bool walk(struct sealed_reader *r, const char *dir, struct err *err)
{
  bool end = false;
  r->seal = r->start;
  r->last = false;
  bool ok = fseek(r->file, r->start_at, SEEK_SET) == 0 && read_piece(r, true, err) && at_end(r, &end, err);
  for (int count = 0; ok && !end; count++) {
    uint8_t head[2] = {0};
    char name[256] = "";
    uint8_t size[8] = {0};
    ok = read_bytes(r, head, 2, err);
    size_t name_size = (size_t)head[0] << 8 | head[1];
    if (ok && (name_size >= sizeof name || count == SEALED_MEMBERS_MAX))
      ok = damaged(r, "a member is out of bounds", err);
    ok = ok && read_bytes(r, name, name_size, err) && read_bytes(r, size, 8, err);
    if (ok && !name_safe(name)) ok = damaged(r, "a member's name leads outside", err);
    FILE *to = ok && dir ? create_member(dir, name, err) : NULL;
    if (dir && !to) ok = false;
    struct reader number = reader_of(size, 8);
    ok = ok && copy_out(r, to, get_u64(&number), err);
    if (to && fclose(to) != 0) ok = false;
    ok = ok && at_end(r, &end, err);
  }
  return ok;
}

bool sealed_verify(const char *path, const char *passphrase, struct err *err)
{
  struct sealed_reader *r = calloc(1, sizeof *r);
  if (!r) return err_set(err, ERR_IO, "out of memory");
  bool ok = reader_open(r, path, passphrase, err) && walk(r, NULL, err);
  reader_close(r);
  return ok;
}

/* ---- a folder that is whole or not there ---- */

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
  (void)st;
  (void)kind;
  (void)at;
  return remove(path);
}

static int sync_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
  (void)st;
  (void)at;
  if (kind != FTW_DP) return 0;
  int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  bool ok = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) close(fd);
  return ok ? 0 : -1;
}

static bool walk_tree(const char *path, int (*each)(const char *, const struct stat *, int, struct FTW *))
{
  return nftw(path, each, 16, FTW_DEPTH | FTW_PHYS) == 0;
}

/* What a restore that was killed has left beside is not looked at: it goes. */
static bool make_beside(const char *beside, struct err *err)
{
  struct stat st;
  if (lstat(beside, &st) == 0 && !walk_tree(beside, remove_one)) return err_disk(err, "remove", beside);
  return mkdir(beside, 0700) == 0 || err_disk(err, "create", beside);
}

bool sealed_extract(const char *path, const char *passphrase, const char *dir, struct err *err)
{
  char place[PATH_MAX], beside[PATH_MAX];
  struct stat st;
  size_t size = strlen(dir);
  while (size > 1 && dir[size - 1] == '/')
    size--;
  if (snprintf(place, sizeof place, "%.*s", (int)size, dir) >= (int)sizeof place ||
      snprintf(beside, sizeof beside, "%s.part", place) >= (int)sizeof beside)
    return err_rule(err, ERR_INPUT, "path", "length", "the path %.60s... is too long", dir);
  if (lstat(place, &st) == 0)
    return err_rule(err, ERR_CONFLICT, "dir", "exists",
                    "%s exists already: restore into a folder that does not", place);
  struct sealed_reader *r = calloc(1, sizeof *r);
  if (!r) return err_set(err, ERR_IO, "out of memory");
  bool checked = reader_open(r, path, passphrase, err) && walk(r, NULL, err);
  bool ok = checked && make_beside(beside, err) && walk(r, beside, err) &&
            (walk_tree(beside, sync_one) || err_disk(err, "sync", beside)) &&
            (rename(beside, place) == 0 || err_disk(err, "rename", beside)) && sync_folder(place, err);
  if (checked && !ok) (void)walk_tree(beside, remove_one);
  reader_close(r);
  return ok;
}
