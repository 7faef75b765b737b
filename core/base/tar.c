#include "core/base/tar.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { BLOCK = 512 };

/* Offsets of the ustar header. */
enum {
  AT_MODE = 100,
  AT_UID = 108,
  AT_GID = 116,
  AT_SIZE = 124,
  AT_MTIME = 136,
  AT_CHECKSUM = 148,
  AT_TYPE = 156,
  AT_MAGIC = 257,
  AT_PREFIX = 345
};

static unsigned checksum(const uint8_t *header)
{
  unsigned sum = 0;
  for (size_t i = 0; i < BLOCK; i++)
    sum += i >= AT_CHECKSUM && i < AT_CHECKSUM + 8 ? ' ' : header[i];
  return sum;
}

static void octal(uint8_t *at, size_t digits, uint64_t v)
{
  for (size_t i = digits; i > 0; i--, v >>= 3)
    at[i - 1] = (uint8_t)('0' + (v & 7));
}

void tar_add(struct buf *out, const char *name, const void *p, size_t size, int64_t time_ms)
{
  size_t name_size = strlen(name);
  if (name_size == 0 || name_size > TAR_NAME_MAX || size > 1U << 31) out->bad = true;
  uint8_t *header = buf_reserve(out, BLOCK);
  if (!header) return;
  memset(header, 0, BLOCK);
  memcpy(header, name, name_size);
  octal(header + AT_MODE, 7, 0644);
  octal(header + AT_UID, 7, 0);
  octal(header + AT_GID, 7, 0);
  octal(header + AT_SIZE, 11, size);
  octal(header + AT_MTIME, 11, (uint64_t)(time_ms / 1000));
  header[AT_TYPE] = '0';
  memcpy(header + AT_MAGIC,
         "ustar\0"
         "00",
         8);
  octal(header + AT_CHECKSUM, 6, checksum(header));
  header[AT_CHECKSUM + 7] = ' ';
  put_bytes(out, p, size);
  size_t rest = (BLOCK - size % BLOCK) % BLOCK;
  uint8_t *padding = buf_reserve(out, rest);
  if (padding) memset(padding, 0, rest);
}

void tar_end(struct buf *out)
{
  uint8_t *blocks = buf_reserve(out, (size_t)2 * BLOCK);
  if (blocks) memset(blocks, 0, (size_t)2 * BLOCK);
}

static bool zeros(const uint8_t *p, size_t n)
{
  for (size_t i = 0; i < n; i++)
    if (p[i]) return false;
  return true;
}

static bool octal_of(const uint8_t *at, size_t digits, uint64_t *v)
{
  *v = 0;
  for (size_t i = 0; i < digits; i++) {
    if (at[i] < '0' || at[i] > '7') return false;
    *v = *v << 3 | (uint64_t)(at[i] - '0');
  }
  return true;
}

bool tar_name_safe(const char *name)
{
  if (name[0] == 0 || name[0] == '/' || strstr(name, "..")) return false;
  for (const char *c = name; *c; c++)
    if ((unsigned char)*c < 0x21 || (unsigned char)*c > 0x7e || *c == '\\') return false;
  return true;
}

/* The place that a name leads to: its parts without those that lead nowhere, empty ones and ".". */
static void resolve(char out[TAR_NAME_MAX + 1], const char *name)
{
  char *to = out;
  for (size_t n; *name; name += n + (name[n] == '/')) {
    n = strcspn(name, "/");
    if (n == 0 || (n == 1 && *name == '.')) continue;
    if (to > out) *to++ = '/';
    memcpy(to, name, n);
    to += n;
  }
  *to = 0;
}

static bool is_at_or_below(const char *name, const char *other)
{
  size_t n = strlen(other);
  return strncasecmp(name, other, n) == 0 && (name[n] == 0 || name[n] == '/');
}

/* Unpacked, one would take the other's place; where letters' case is one, also names that differ in it. */
static bool place_taken(const struct tar_member *members, size_t count, const char *name, bool folder)
{
  for (size_t i = 0; i < count; i++)
    if (is_at_or_below(name, members[i].name) || (!folder && is_at_or_below(members[i].name, name)))
      return true;
  return false;
}

/* Times, owners and notes.  Any other key may say another name, size, kind or content than the header does.
 */
static bool key_harmless(const char *key, size_t size)
{
  static const char *const keys[] = {"mtime",
                                     "atime",
                                     "ctime",
                                     "uid",
                                     "gid",
                                     "uname",
                                     "gname",
                                     "comment",
                                     "LIBARCHIVE.creationtime",
                                     "LIBARCHIVE.xattr.",
                                     "RHT.security.selinux",
                                     "SCHILY.acl.",
                                     "SCHILY.dev",
                                     "SCHILY.fflags",
                                     "SCHILY.ino",
                                     "SCHILY.nlink",
                                     "SCHILY.xattr."};
  for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
    size_t n = strlen(keys[i]);
    bool whole = keys[i][n - 1] != '.';
    if (size >= n && memcmp(key, keys[i], n) == 0 && (!whole || size == n)) return !memchr(key, 0, size);
  }
  return false;
}

/* An extended header is lines "LENGTH KEY=VALUE\n", the length in decimal and of the whole line. */
static bool extended_harmless(const uint8_t *p, size_t size)
{
  while (size) {
    size_t length = 0, at = 0;
    while (at < size && at < 9 && p[at] >= '0' && p[at] <= '9')
      length = length * 10 + (size_t)(p[at++] - '0');
    if (at == 0 || p[0] == '0' || length > size || length < at + 3 || p[at] != ' ' || p[length - 1] != '\n')
      return false;
    const uint8_t *key = p + at + 1, *end = memchr(key, '=', length - at - 2);
    if (!end || !key_harmless((const char *)key, (size_t)(end - key))) return false;
    p += length;
    size -= length;
  }
  return true;
}

static bool magic_known(const uint8_t *header)
{
  static const char posix[8] = {'u', 's', 't', 'a', 'r', 0, '0', '0'}, gnu[8] = "ustar  ";
  return memcmp(header + AT_MAGIC, posix, 8) == 0 || memcmp(header + AT_MAGIC, gnu, 8) == 0;
}

static bool is_folder(const uint8_t *header)
{
  return header[AT_TYPE] == '5';
}

static bool is_extended(const uint8_t *header)
{
  return header[AT_TYPE] == 'x' || header[AT_TYPE] == 'g';
}

/* NULL, or what is wrong with the name of a file or folder. */
static const char *name_read(const uint8_t *header, struct tar_member *member)
{
  const char *name = (const char *)header;
  size_t size = strlen(name);
  if (!zeros(header + AT_PREFIX, BLOCK - AT_PREFIX)) return "a name goes on in a prefix";
  resolve(member->name, name);
  if (is_folder(header) && member->name[0] == 0 && name[0] == '.') return NULL;
  if (!tar_name_safe(name) || member->name[0] == 0) return "a name is not safe";
  if (!is_folder(header) && name[size - 1] == '/') return "a file has the name of a folder";
  return NULL;
}

/* NULL, or what is wrong with the header. */
static const char *header_read(const uint8_t *header, struct tar_member *member)
{
  uint64_t size = 0;
  uint64_t sum = 0;
  char type = (char)header[AT_TYPE];
  if (!magic_known(header)) return "it is not ustar";
  if (!octal_of(header + AT_CHECKSUM, 6, &sum) || sum != checksum(header) || header[AT_CHECKSUM + 6] != 0 ||
      header[AT_CHECKSUM + 7] != ' ')
    return "the checksum of a header is wrong";
  if (type == 'L' || type == 'K' || !memchr(header, 0, TAR_NAME_MAX + 1)) return "a name is too long";
  if (type != '0' && !is_folder(header) && !is_extended(header)) return "a member is not a regular file";
  if (!octal_of(header + AT_SIZE, 11, &size) || (header[AT_SIZE + 11] != 0 && header[AT_SIZE + 11] != ' '))
    return "a size is not octal";
  if (is_folder(header) && size) return "a folder has content";
  memset(member, 0, sizeof *member);
  member->size = (size_t)size;
  return is_extended(header) ? NULL : name_read(header, member);
}

/* NULL, or why what a right header announces is not to be had; its content is at member->bytes. */
static const char *content_read(const uint8_t *header, const struct tar_member *member, size_t left,
                                const struct tar_member *members, size_t count)
{
  size_t padding = (BLOCK - member->size % BLOCK) % BLOCK;
  if (member->size > left || padding > left - member->size) return "a member is cut";
  if (!zeros(member->bytes + member->size, padding)) return "the padding is not zero";
  if (is_extended(header))
    return extended_harmless(member->bytes, member->size)
               ? NULL
               : "an extended header says more than times, owners and notes";
  return place_taken(members, count, member->name, is_folder(header))
             ? "a name stands twice, or below one that is a file"
             : NULL;
}

bool tar_read(const void *p, size_t size, struct tar_member *members, size_t room, size_t *count,
              struct err *err)
{
  const uint8_t *bytes = p;
  size_t at = 0;
  *count = 0;
  const char *wrong = NULL;
  while (!wrong) {
    if (size - at < BLOCK) {
      wrong = "it ends without its last two blocks";
      break;
    }
    if (zeros(bytes + at, BLOCK)) {
      if (size - at >= (size_t)2 * BLOCK && zeros(bytes + at, size - at)) return true;
      wrong = "its end is not two empty blocks or more";
      break;
    }
    const uint8_t *header = bytes + at;
    struct tar_member member;
    wrong = *count == room ? "it has too many members" : header_read(header, &member);
    if (wrong) break;
    at += BLOCK;
    member.bytes = bytes + at;
    wrong = content_read(header, &member, size - at, members, *count);
    if (wrong) break;
    at += (member.size + BLOCK - 1) / BLOCK * BLOCK;
    if (header[AT_TYPE] == '0') members[(*count)++] = member;
  }
  return err_rule(err, ERR_INPUT, "", "tar", "the archive is wrong at byte %zu: %s", at, wrong);
}

const struct tar_member *tar_find(const struct tar_member *members, size_t count, const char *name)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp(members[i].name, name) == 0) return &members[i];
  return NULL;
}
