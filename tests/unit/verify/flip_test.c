/* flip_test.c - no bit of a served log may change: each file of a log folder (checkpoint, tiles, bundles,
 * partial ones too) with one bit flipped or its end cut off is refused, and the refusal says where. usage:
 * flip_test MAKE_LOG [STEP]   MAKE_LOG makes the log; each STEPth byte (61) gets its turn; 1: every byte */
#include "verify/audit_log.h"
#include "verify/source.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ENTRIES = 300, KEYS_MAX = 64, FILE_MAX = 1024 * 1024 };

static char folder[200];
static struct note_key log_key;
static struct author_key keys[KEYS_MAX];
static size_t key_count, tried, files;
static size_t step = 61;

__attribute__((noreturn, format(printf, 1, 2))) static void fail(const char *format, ...)
{
  va_list args;
  va_start(args, format);
  vfprintf(stderr, format, args);
  va_end(args);
  fputc('\n', stderr);
  exit(1);
}

static bool is_good(struct err *err)
{
  struct audit_result result;
  const struct audit_config config = {.where = folder, .log = &log_key, .keys = keys, .key_count = key_count};
  return audit_log(&config, &result, err);
}

static void write_file(const char *path, const uint8_t *p, size_t n)
{
  FILE *file = fopen(path, "wb");
  if (!file || fwrite(p, 1, n, file) != n || fclose(file) != 0) fail("cannot write %s", path);
}

static void must_fall(const char *path, size_t at, const char *how)
{
  struct err err = ERR_INIT;
  if (is_good(&err)) fail("%s: byte %zu may be %s", path, at, how);
  if (!err.text[0] || !err.rule[0]) fail("%s: byte %zu %s is refused without a word", path, at, how);
  tried++;
}

static void flip_file(const char *path)
{
  struct buf bytes = BUF_INIT;
  struct err err = ERR_INIT;
  if (!source_read(path, NULL, FILE_MAX, &bytes, &err)) fail("%s", err.text);
  for (size_t at = files % step; at < bytes.size; at += step) {
    uint8_t bit = (uint8_t)(1 << (at / step) % 8);
    bytes.data[at] ^= bit;
    write_file(path, bytes.data, bytes.size);
    must_fall(path, at, "flipped");
    bytes.data[at] ^= bit;
  }
  write_file(path, bytes.data, bytes.size - 1);
  must_fall(path, bytes.size - 1, "cut off");
  write_file(path, bytes.data, bytes.size);
  buf_wipe(&bytes);
  files++;
}

static void flip_folder(const char *path)
{
  char inner[400];
  struct stat st;
  struct dirent *entry;
  DIR *dir = opendir(path);
  if (!dir) fail("cannot open %s", path);
  while ((entry = readdir(dir))) {
    if (entry->d_name[0] == '.') continue;
    snprintf(inner, sizeof inner, "%s/%s", path, entry->d_name);
    if (stat(inner, &st) != 0) fail("cannot look at %s", inner);
    if (S_ISDIR(st.st_mode))
      flip_folder(inner);
    else
      flip_file(inner);
  }
  closedir(dir);
}

static void read_keys(void)
{
  struct buf text = BUF_INIT;
  struct err err = ERR_INIT;
  if (!source_read(folder, "log.vkey", FILE_MAX, &text, &err)) fail("%s", err.text);
  put_u8(&text, 0);
  text.data[strcspn((char *)text.data, "\n")] = 0;
  if (!note_key_decode(&log_key, (const char *)text.data, &err)) fail("log.vkey: %s", err.text);
  if (!source_read(folder, "keys.txt", FILE_MAX, &text, &err)) fail("%s", err.text);
  put_u8(&text, 0);
  for (char *line = strtok((char *)text.data, "\n"); line && key_count < KEYS_MAX;
       line = strtok(NULL, "\n")) {
    char hex[2 * PUBLIC_SIZE + 1];
    struct author_key *key = &keys[key_count++];
    if (sscanf(line, "author %u epoch %u since %*s revoked %*s %64s", &key->author, &key->epoch, hex) != 3 ||
        !hex_decode(key->public_key, PUBLIC_SIZE, hex))
      fail("keys.txt: %s", line);
  }
  buf_wipe(&text);
}

int main(int argc, char **argv)
{
  char command[800], path[400];
  struct err err = ERR_INIT;
  if (argc < 2 || !crypto_start(&err)) fail("usage: flip_test MAKE_LOG [STEP]");
  if (argc > 2) step = strtoul(argv[2], NULL, 10);
  snprintf(folder, sizeof folder, "%s/sunlit-flip-XXXXXX",
           access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  if (!mkdtemp(folder)) fail("no folder for the log");
  snprintf(command, sizeof command, "'%s' %s %d", argv[1], folder, ENTRIES);
  if (system(command) != 0) fail("%s", command);
  read_keys();
  if (!is_good(&err)) fail("as it was made: %s", err.text);
  snprintf(path, sizeof path, "%s/checkpoint", folder);
  flip_file(path);
  snprintf(path, sizeof path, "%s/tile", folder);
  flip_folder(path);
  if (!is_good(&err)) fail("put back as it was: %s", err.text);
  printf("%zu changes in %zu files, none of them passed\n", tried, files);
  snprintf(command, sizeof command, "rm -r '%s'", folder);
  return system(command) == 0 ? 0 : 1;
}
