/* Backups open with their passphrase, whole or not at all. */
#include "core/base/crypto.h"
#include "core/base/sealed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static char dir[64];
static const char passphrase[] = "correct horse battery";

static const char *in_dir(const char *name)
{
  static char paths[8][128];
  static int next;
  char *path = paths[next++ % 8];
  snprintf(path, 128, "%s/%s", dir, name);
  return path;
}

static void write_file(const char *path, const void *p, size_t n)
{
  FILE *file = fopen(path, "wb");
  assert_non_null(file);
  assert_int_equal(fwrite(p, 1, n, file), n);
  fclose(file);
}

static struct buf read_file(const char *path)
{
  FILE *file = fopen(path, "rb");
  assert_non_null(file);
  struct buf all = BUF_INIT;
  uint8_t part[4096];
  for (size_t n; (n = fread(part, 1, sizeof part, file)) > 0;)
    put_bytes(&all, part, n);
  fclose(file);
  return all;
}

static int setup(void **state)
{
  (void)state;
  snprintf(dir, sizeof dir, "/tmp/sealed_test.XXXXXX");
  assert_non_null(mkdtemp(dir));
  uint8_t big[200000];
  for (size_t i = 0; i < sizeof big; i++)
    big[i] = (uint8_t)(i * 7);
  write_file(in_dir("big"), big, sizeof big);
  write_file(in_dir("empty"), "", 0);
  write_file(in_dir("key"), "secret", 6);
  struct sealed_member members[] = {
      {"store.db", in_dir("big")}, {"keys/author.key", in_dir("key")}, {"empty", in_dir("empty")}};
  struct err err = ERR_INIT;
  if (!sealed_write(in_dir("backup"), passphrase, members, 3, &err)) fail_msg("%s", err.text);
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  char command[160];
  snprintf(command, sizeof command, "rm -rf %s", dir);
  return system(command);
}

static void all_members_come_back_as_they_were(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  if (!sealed_extract(in_dir("backup"), passphrase, in_dir("out"), &err)) fail_msg("%s", err.text);
  struct buf before = read_file(in_dir("big"));
  struct buf after = read_file(in_dir("out/store.db"));
  assert_int_equal(before.size, after.size);
  assert_memory_equal(before.data, after.data, after.size);
  struct buf key = read_file(in_dir("out/keys/author.key"));
  assert_int_equal(key.size, 6);
  struct stat st;
  assert_int_equal(stat(in_dir("out/keys/author.key"), &st), 0);
  assert_int_equal(st.st_mode & 0777, 0600);
  assert_int_equal(stat(in_dir("out/empty"), &st), 0);
  assert_int_equal(st.st_size, 0);
  buf_wipe(&key);
  buf_wipe(&before);
  buf_wipe(&after);
}

static void a_wrong_passphrase_touches_nothing(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  assert_false(sealed_extract(in_dir("backup"), "correct horse batterz", in_dir("none"), &err));
  assert_string_equal(err.rule, "passphrase");
  assert_int_equal(access(in_dir("none"), F_OK), -1);
}

static void damage_anywhere_is_found_before_anything_is_restored(void **state)
{
  (void)state;
  struct buf good = read_file(in_dir("backup"));
  size_t places[] = {0, 40, 70, good.size - 1};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    good.data[places[i]] ^= 1;
    write_file(in_dir("flipped"), good.data, good.size);
    good.data[places[i]] ^= 1;
    assert_false(sealed_extract(in_dir("flipped"), passphrase, in_dir("none"), NULL));
    assert_int_equal(access(in_dir("none"), F_OK), -1);
  }
  write_file(in_dir("cut"), good.data, good.size - 200);
  assert_false(sealed_verify(in_dir("cut"), passphrase, NULL));
  put_u8(&good, 0);
  write_file(in_dir("longer"), good.data, good.size);
  assert_false(sealed_verify(in_dir("longer"), passphrase, NULL));
  buf_wipe(&good);
}

static void nothing_that_exists_is_replaced(void **state)
{
  (void)state;
  struct sealed_member member = {"key", in_dir("key")};
  struct err err = ERR_INIT;
  assert_false(sealed_write(in_dir("backup"), passphrase, &member, 1, &err));
  assert_string_equal(err.rule, "exists");
  err_clear(&err);
  assert_false(sealed_extract(in_dir("backup"), passphrase, dir, &err));
  assert_string_equal(err.rule, "exists");
}

static void a_short_passphrase_or_a_name_that_leads_outside_is_refused(void **state)
{
  (void)state;
  struct sealed_member member = {"key", in_dir("key")};
  assert_false(sealed_write(in_dir("b2"), "short", &member, 1, NULL));
  struct sealed_member outside = {"../key", in_dir("key")};
  assert_false(sealed_write(in_dir("b2"), passphrase, &outside, 1, NULL));
  assert_int_equal(access(in_dir("b2"), F_OK), -1);
  assert_int_equal(access(in_dir("b2.part"), F_OK), -1);
}

int main(void)
{
  if (!crypto_start(NULL)) return 1;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(all_members_come_back_as_they_were),
      cmocka_unit_test(a_wrong_passphrase_touches_nothing),
      cmocka_unit_test(damage_anywhere_is_found_before_anything_is_restored),
      cmocka_unit_test(nothing_that_exists_is_replaced),
      cmocka_unit_test(a_short_passphrase_or_a_name_that_leads_outside_is_refused),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
