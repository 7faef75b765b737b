/* Archives that tar(1) reads, and of which no changed byte goes unnoticed by the strict reader. */
#include "core/base/tar.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct buf archive(void)
{
  struct buf out = BUF_INIT;
  char big[1500];
  memset(big, 'x', sizeof big);
  tar_add(&out, "README.txt", "read me", 7, 1780000000000);
  tar_add(&out, "entries/1.record", big, sizeof big, 1780000000000);
  tar_add(&out, "empty", "", 0, 1780000000000);
  tar_end(&out);
  assert_false(out.bad);
  return out;
}

static void members_are_read_back(void **state)
{
  (void)state;
  struct buf out = archive();
  struct tar_member members[4];
  size_t count = 0;
  assert_true(tar_read(out.data, out.size, members, 4, &count, NULL));
  assert_int_equal(count, 3);
  assert_int_equal(tar_find(members, count, "entries/1.record")->size, 1500);
  assert_memory_equal(tar_find(members, count, "README.txt")->bytes, "read me", 7);
  assert_null(tar_find(members, count, "none"));
  assert_false(tar_read(out.data, out.size, members, 2, &count, NULL));
  buf_wipe(&out);
}

static void tar_itself_reads_it(void **state)
{
  (void)state;
  struct buf out = archive();
  FILE *tar = popen("tar -tf - | tr '\\n' ' ' > /tmp/tar_test.list", "w");
  assert_non_null(tar);
  assert_int_equal(fwrite(out.data, 1, out.size, tar), out.size);
  assert_int_equal(pclose(tar), 0);
  char list[100] = "";
  FILE *file = fopen("/tmp/tar_test.list", "r");
  assert_non_null(file);
  assert_non_null(fgets(list, sizeof list, file));
  fclose(file);
  remove("/tmp/tar_test.list");
  assert_string_equal(list, "README.txt entries/1.record empty ");
  buf_wipe(&out);
}

static void a_changed_header_or_padding_or_length_is_refused(void **state)
{
  (void)state;
  struct buf out = archive();
  struct tar_member members[4];
  size_t count = 0;
  for (size_t at = 0; at < out.size; at++) {
    bool content = (at >= 512 && at < 519) || (at >= 1536 && at < 3036);
    if (content) continue;
    out.data[at] ^= 1;
    if (tar_read(out.data, out.size, members, 4, &count, NULL)) fail_msg("byte %zu may change", at);
    out.data[at] ^= 1;
  }
  for (size_t size = 0; size < out.size; size += 100)
    assert_false(tar_read(out.data, size, members, 4, &count, NULL));
  put_u8(&out, 0); /* more zeros are what tar(1) pads with; anything else is not */
  assert_true(tar_read(out.data, out.size, members, 4, &count, NULL));
  out.data[out.size - 1] = 1;
  assert_false(tar_read(out.data, out.size, members, 4, &count, NULL));
  buf_wipe(&out);
}

/* Unpacked and packed again, in each format that GNU tar writes for such files. */
static void what_tar_packs_again_is_read(void **state)
{
  (void)state;
  static const char *const formats[] = {"gnu", "posix", "ustar", "v7"};
  for (size_t i = 0; i < 4; i++) {
    struct buf out = archive(), again = BUF_INIT;
    char command[300];
    char folder[] = "/tmp/tar_test.XXXXXX";
    assert_non_null(mkdtemp(folder));
    snprintf(command, sizeof command, "tar -xf - -C %s && tar --format=%s -cf %s.tar -C %s .", folder,
             formats[i], folder, folder);
    FILE *tar = popen(command, "w");
    assert_non_null(tar);
    assert_int_equal(fwrite(out.data, 1, out.size, tar), out.size);
    assert_int_equal(pclose(tar), 0);
    snprintf(command, sizeof command, "%s.tar", folder);
    FILE *file = fopen(command, "r");
    assert_non_null(file);
    again.size = fread(buf_reserve(&again, 100000), 1, 100000, file);
    fclose(file);
    struct tar_member members[4];
    size_t count = 0;
    bool read = tar_read(again.data, again.size, members, 4, &count, NULL);
    assert_int_equal(read, i < 3); /* v7 has no magic: what it is cannot be told from what is in it */
    if (read) assert_int_equal(tar_find(members, count, "entries/1.record")->size, 1500);
    if (read) assert_int_equal(count, 3);
    snprintf(command, sizeof command, "rm -rf %s %s.tar", folder, folder);
    assert_int_equal(system(command), 0);
    buf_wipe(&out);
    buf_wipe(&again);
  }
}

static void names_that_lead_outside_or_stand_twice_are_refused(void **state)
{
  (void)state;
  static const char *const names[] = {"../x", "/x", "a b", "a\\b"};
  struct tar_member members[4];
  size_t count = 0;
  for (size_t i = 0; i < 4; i++) {
    struct buf out = BUF_INIT;
    tar_add(&out, names[i], "x", 1, 0);
    tar_end(&out);
    assert_false(tar_read(out.data, out.size, members, 4, &count, NULL));
    buf_wipe(&out);
  }
  struct buf out = BUF_INIT;
  tar_add(&out, "x", "x", 1, 0);
  tar_add(&out, "x", "y", 1, 0);
  tar_end(&out);
  assert_false(tar_read(out.data, out.size, members, 4, &count, NULL));
  buf_wipe(&out);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(members_are_read_back),
      cmocka_unit_test(tar_itself_reads_it),
      cmocka_unit_test(a_changed_header_or_padding_or_length_is_refused),
      cmocka_unit_test(what_tar_packs_again_is_read),
      cmocka_unit_test(names_that_lead_outside_or_stand_twice_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
