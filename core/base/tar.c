#include "core/base/tar.h"

#include <stdio.h>
#include <string.h>

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
  AT_MAGIC = 257
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

static bool magic_known(const uint8_t *header)
{
  static const char posix[8] = {'u', 's', 't', 'a', 'r', 0, '0', '0'}, gnu[8] = "ustar  ";
  return memcmp(header + AT_MAGIC, posix, 8) == 0 || memcmp(header + AT_MAGIC, gnu, 8) == 0;
}

/* A folder, or what other programs keep beside a file: times and owners that prove nothing here. */
static bool passed_over(const uint8_t *header)
{
  return header[AT_TYPE] == '5' || header[AT_TYPE] == 'x' || header[AT_TYPE] == 'g';
}

/* NULL, or what is wrong with the header. */
static const char *header_read(const uint8_t *header, struct tar_member *member)
{
  uint64_t size = 0;
  uint64_t sum = 0;
  if (!magic_known(header)) return "it is not ustar";
  if (!octal_of(header + AT_CHECKSUM, 6, &sum) || sum != checksum(header) || header[AT_CHECKSUM + 6] != 0 ||
      header[AT_CHECKSUM + 7] != ' ')
    return "the checksum of a header is wrong";
  if (header[AT_TYPE] != '0' && !passed_over(header)) return "a member is not a regular file";
  if (!memchr(header, 0, TAR_NAME_MAX + 1)) return "a name is too long";
  if (!octal_of(header + AT_SIZE, 11, &size)) return "a size is not octal";
  const char *name = (const char *)header;
  if (strncmp(name, "./", 2) == 0) name += 2;
  memset(member, 0, sizeof *member);
  memcpy(member->name, name, strlen(name));
  member->size = (size_t)size;
  return passed_over(header) || tar_name_safe(member->name) ? NULL : "a name is not safe";
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
    struct tar_member member;
    wrong = *count == room ? "it has too many members" : header_read(bytes + at, &member);
    if (wrong) break;
    bool kept = !passed_over(bytes + at);
    at += BLOCK;
    if (member.size > size - at || (BLOCK - member.size % BLOCK) % BLOCK > size - at - member.size)
      wrong = "a member is cut";
    else if (kept && tar_find(members, *count, member.name))
      wrong = "a name stands twice";
    else if (!zeros(bytes + at + member.size, (BLOCK - member.size % BLOCK) % BLOCK))
      wrong = "the padding is not zero";
    if (wrong) break;
    member.bytes = bytes + at;
    at += (member.size + BLOCK - 1) / BLOCK * BLOCK;
    if (kept) members[(*count)++] = member;
  }
  return err_rule(err, ERR_INPUT, "", "tar", "the archive is wrong at byte %zu: %s", at, wrong);
}

const struct tar_member *tar_find(const struct tar_member *members, size_t count, const char *name)
{
  for (size_t i = 0; i < count; i++)
    if (strcmp(members[i].name, name) == 0) return &members[i];
  return NULL;
}
