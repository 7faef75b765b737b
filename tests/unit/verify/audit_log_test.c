/* A log on disk that was cut, put together wrongly, or belongs to somebody else: refused, and the refusal
 * says where.  Flipped bits are flip_test.c's. usage: audit_log_test */
#include "verify/audit_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[200];
static struct note_key log_key;
static struct author_key keys[16];
static size_t key_count;

static void path_of(const char *name, char out[400])
{
  snprintf(out, 400, "%s/%s", folder, name);
}

static size_t load(const char *name, uint8_t *out, size_t room)
{
  char path[400];
  path_of(name, path);
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  size_t n = fread(out, 1, room, file);
  assert_true(n < room);
  fclose(file);
  return n;
}

static void save(const char *name, const void *p, size_t n)
{
  char path[400];
  path_of(name, path);
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(p, 1, n, file), n);
  fclose(file);
}

static bool audit_as(const struct note_key *log, struct err *err)
{
  struct audit_result result;
  const struct audit_config config = {.where = folder, .log = log, .keys = keys, .key_count = key_count};
  return audit_log(&config, &result, err);
}

static bool audit(struct err *err)
{
  return audit_as(&log_key, err);
}

static void read_keys(void)
{
  char path[400], line[300], hex[80];
  path_of("keys.txt", path);
  FILE *file = fopen(path, "r");
  assert_non_null(file);
  key_count = 0;
  while (fgets(line, sizeof line, file)) {
    struct author_key *k = &keys[key_count];
    if (sscanf(line, "author %u epoch %u since %*d revoked %*d %64s", &k->author, &k->epoch, hex) == 3 &&
        hex_decode(k->public_key, PUBLIC_SIZE, hex))
      key_count++;
  }
  fclose(file);
  assert_true(key_count > 0);
}

static void make_log(int entries)
{
  char command[600], vkey[300] = "";
  snprintf(folder, sizeof folder, "%s/sunlit-audit-XXXXXX",
           access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
  assert_non_null(mkdtemp(folder));
  snprintf(command, sizeof command, "%s %s %d >/dev/null", MAKE_LOG, folder, entries);
  assert_int_equal(system(command), 0);
  size_t n = load("log.vkey", (uint8_t *)vkey, sizeof vkey);
  vkey[n] = 0;
  vkey[strcspn(vkey, "\n")] = 0;
  assert_true(note_key_decode(&log_key, vkey, NULL));
  read_keys();
  struct err err = ERR_INIT;
  if (!audit(&err)) fail_msg("%s", err.text);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
  (void)st;
  (void)type;
  (void)at;
  return remove(path);
}

static void drop_log(void)
{
  nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Refused, with words that name the place. */
static void refused(const char *how, const char *file, size_t at, const char *where)
{
  struct err err = ERR_INIT;
  if (audit(&err)) fail_msg("%s %s at %zu went unnoticed", how, file, at);
  if (!strstr(err.text, where)) fail_msg("%s %s at %zu: %s", how, file, at, err.text);
}

static void cut_all(const char *file, size_t stride)
{
  static uint8_t bytes[256 * 1024];
  size_t n = load(file, bytes, sizeof bytes);
  for (size_t size = 0; size < n; size += stride) {
    save(file, bytes, size);
    refused("the end cut off", file, size, "");
  }
  bytes[n] = 0;
  save(file, bytes, n + 1);
  refused("a byte too many in", file, n, "");
  save(file, bytes, n);
}

static void what_is_cut_or_has_a_tail_is_refused(void **state)
{
  (void)state;
  make_log(20);
  cut_all("checkpoint", 1);
  cut_all("tile/0/000.p/20", 7);
  cut_all("tile/entries/000.p/20", 13);
  drop_log();
}

static bool audit_from(const struct audit_beginning *beginning, struct err *err)
{
  struct audit_result result;
  const struct audit_config config = {
      .where = folder, .log = &log_key, .keys = keys, .key_count = key_count, .beginning = beginning};
  return audit_log(&config, &result, err);
}

static void a_beginning_that_is_not_this_logs_is_refused(void **state)
{
  (void)state;
  static const int sizes[] = {20, 256, 300};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    struct err err = ERR_INIT;
    struct audit_result result;
    make_log(sizes[i]);
    const struct audit_config config = {.where = folder, .log = &log_key};
    assert_true(audit_log(&config, &result, NULL));
    struct audit_beginning all = {.size = result.checkpoint.size, .root = result.checkpoint.root};
    assert_true(audit_from(&all, NULL));
    all.root.bytes[7] ^= 1;
    assert_false(audit_from(&all, &err));
    assert_string_equal(err.rule, "root");
    all.size = 7;
    assert_false(audit_from(&all, NULL));
    all.size = result.checkpoint.size + 1;
    assert_false(audit_from(&all, &err));
    drop_log();
  }
}

static void swap(const char *a, const char *b)
{
  static uint8_t one[256 * 1024], other[256 * 1024];
  size_t n = load(a, one, sizeof one), m = load(b, other, sizeof other);
  save(a, other, m);
  save(b, one, n);
}

static void what_stands_in_the_wrong_place_is_refused(void **state)
{
  (void)state;
  static const char *const pairs[][2] = {{"tile/0/000", "tile/0/001"},
                                         {"tile/entries/000", "tile/entries/001"},
                                         {"tile/0/000", "tile/entries/000"}};
  char path[400], kept[420];
  make_log(600);
  for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
    swap(pairs[i][0], pairs[i][1]);
    refused("swapped with another", pairs[i][0], 0, "");
    swap(pairs[i][0], pairs[i][1]);
  }
  static const char *const needed[] = {"checkpoint", "tile/0/000", "tile/1/000.p/2", "tile/entries/001"};
  for (size_t i = 0; i < sizeof needed / sizeof *needed; i++) {
    path_of(needed[i], path);
    snprintf(kept, sizeof kept, "%s.kept", path);
    assert_int_equal(rename(path, kept), 0);
    refused("taken away", needed[i], 0, needed[i]);
    assert_int_equal(rename(kept, path), 0);
  }
  drop_log();
}

/* An entry that says it is longer than its bundle, and one of 65,535 bytes that is no leaf. */
static void entries_of_a_false_length_are_refused(void **state)
{
  (void)state;
  static uint8_t bytes[256 * 1024], large[2 + 65535];
  make_log(20);
  size_t n = load("tile/entries/000.p/20", bytes, sizeof bytes);
  uint8_t first[2] = {bytes[0], bytes[1]};
  bytes[0] = bytes[1] = 0xff;
  save("tile/entries/000.p/20", bytes, n);
  refused("an entry longer than", "tile/entries/000.p/20", 0, "entry 0");
  bytes[0] = bytes[1] = 0;
  save("tile/entries/000.p/20", bytes, n);
  refused("an empty entry in", "tile/entries/000.p/20", 0, "entry 0");
  memset(large, 1, sizeof large);
  large[0] = large[1] = 0xff;
  save("tile/entries/000.p/20", large, sizeof large);
  refused("an oversized entry in", "tile/entries/000.p/20", 0, "entry 0");
  bytes[0] = first[0];
  bytes[1] = first[1];
  save("tile/entries/000.p/20", bytes, n);
  drop_log();
}

static void another_key_or_name_is_not_this_log(void **state)
{
  (void)state;
  struct note_key other = log_key;
  struct err err = ERR_INIT;
  uint8_t secret[SECRET_SIZE], public_key[PUBLIC_SIZE];
  make_log(20);
  sign_pair(public_key, secret);
  assert_true(note_key_init(&other, log_key.name, NOTE_KEY_ED25519, public_key, NULL));
  assert_false(audit_as(&other, &err));
  err_clear(&err);
  assert_true(note_key_init(&other, "330001.sunlit/log", NOTE_KEY_ED25519, log_key.public_key, NULL));
  assert_false(audit_as(&other, &err));
  err_clear(&err);
  assert_true(note_key_init(&other, log_key.name, NOTE_KEY_COSIGNATURE, log_key.public_key, NULL));
  assert_false(audit_as(&other, &err));
  /* Two authors' keys swapped. */
  struct author_key kept = keys[0];
  err_clear(&err);
  memcpy(keys[0].public_key, keys[1].public_key, PUBLIC_SIZE);
  assert_false(audit(&err));
  keys[0] = kept;
  drop_log();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_beginning_that_is_not_this_logs_is_refused),
      cmocka_unit_test(what_is_cut_or_has_a_tail_is_refused),
      cmocka_unit_test(what_stands_in_the_wrong_place_is_refused),
      cmocka_unit_test(entries_of_a_false_length_are_refused),
      cmocka_unit_test(another_key_or_name_is_not_this_log),
  };
  if (!crypto_start(NULL)) return 1;
  return cmocka_run_group_tests(tests, NULL, NULL);
}
