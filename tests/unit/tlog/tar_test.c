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

static void refused(struct buf *out, const char *why)
{
  struct tar_member members[4];
  struct err err = ERR_INIT;
  size_t count = 0;
  tar_end(out);
  if (tar_read(out->data, out->size, members, 4, &count, &err)) fail_msg("read, and should say: %s", why);
  assert_string_equal(err.rule, "tar");
  if (!strstr(err.text, why)) fail_msg("it says %s, not %s", err.text, why);
  buf_wipe(out);
}

static void names_that_lead_outside_are_refused(void **state)
{
  (void)state;
  static const char *const names[] = {"../x", "/x", "a b", "a\\b", "a/../b"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct buf out = BUF_INIT;
    tar_add(&out, names[i], "x", 1, 0);
    refused(&out, "not safe");
  }
}

/* Unpacked, the second would lie where the first one was read. */
static void a_place_that_two_names_lead_to_is_refused(void **state)
{
  (void)state;
  static const char *const names[][2] = {{"x", "x"},       {"a/b", "a//b"},   {"a/b", "./a/b"},
                                         {"a/b", "a/./b"}, {".//a/b", "a/b"}, {"a/b", "A/B"},
                                         {"a", "a/b"},     {"a/b", "a"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct buf out = BUF_INIT;
    tar_add(&out, names[i][0], "x", 1, 0);
    tar_add(&out, names[i][1], "y", 1, 0);
    refused(&out, "a name stands twice");
  }
}

static void a_member_is_found_where_its_name_leads(void **state)
{
  (void)state;
  struct tar_member members[4];
  size_t count = 0;
  struct buf out = BUF_INIT;
  tar_add(&out, "./a//./b", "x", 1, 0);
  tar_add(&out, "a/bc", "y", 1, 0);
  tar_end(&out);
  assert_true(tar_read(out.data, out.size, members, 4, &count, NULL));
  assert_int_equal(count, 2);
  assert_memory_equal(tar_find(members, count, "a/b")->bytes, "x", 1);
  buf_wipe(&out);
}

/* The header of the newest member says something else, and its checksum is right again. */
static void change(struct buf *out, size_t at, const char *bytes)
{
  uint8_t *header = out->data + out->size - 1024;
  unsigned sum = 0;
  memcpy(header + at, bytes, strlen(bytes));
  memset(header + 148, ' ', 8);
  for (size_t i = 0; i < 512; i++)
    sum += header[i];
  char text[8];
  snprintf(text, sizeof text, "%06o", sum & 0777777);
  memcpy(header + 148, text, 7);
}

/* A file behind an extended header of this type that says this. */
static struct buf extended(const char *type, const char *says)
{
  struct buf out = BUF_INIT;
  tar_add(&out, "extended", says, strlen(says), 0);
  change(&out, 156, type);
  tar_add(&out, "file", "x", 1, 0);
  return out;
}

static void what_an_extended_header_moves_or_changes_is_refused(void **state)
{
  (void)state;
  static const char *const says[] = {"22 path=README.txt   \n",
                                     "12 path=abc\n",
                                     "16 linkpath=abc\n",
                                     "10 size=7\n",
                                     "21 GNU.sparse.name=a\n",
                                     "23 SCHILY.realsize=100\n",
                                     "21 SCHILY.filetype=1\n",
                                     "21 hdrcharset=BINARY\n",
                                     "11 mtime=1\n12 path=abc\n",
                                     "11 mtime=1\n12 path=abc", /* and what is no line of it */
                                     "011 mtime=1\n",
                                     "99 mtime=1\n",
                                     "mtime=1\n",
                                     "2 \n",
                                     "9 mtime1\n"};
  for (size_t i = 0; i < sizeof says / sizeof *says; i++) {
    struct buf of_one = extended("x", says[i]), of_all = extended("g", says[i]);
    refused(&of_one, "an extended header says more");
    refused(&of_all, "an extended header says more");
  }
}

static void times_owners_and_notes_are_passed_over(void **state)
{
  (void)state;
  static const char says[] = "19 mtime=1780000.5\n19 ctime=1780000.5\n11 uname=w\n28 "
                             "SCHILY.xattr.user.a=b\nc=\n35 LIBARCHIVE.creationtime=1780000\n";
  const char *const types[] = {"x", "g"};
  for (int i = 0; i < 2; i++) {
    struct buf out = extended(types[i], says);
    struct tar_member members[4];
    struct err err = ERR_INIT;
    size_t count = 0;
    tar_end(&out);
    if (!tar_read(out.data, out.size, members, 4, &count, &err)) fail_msg("%s", err.text);
    assert_int_equal(count, 1);
    assert_string_equal(members[0].name, "file");
    buf_wipe(&out);
  }
}

/* Headers that tar(1) understands otherwise than a regular file of this name and size. */
static void what_tar_would_put_elsewhere_or_read_longer_is_refused(void **state)
{
  (void)state;
  static const struct {
    size_t at;
    const char *bytes, *why;
  } changes[] = {{156, "L", "a name is too long"},           {156, "K", "a name is too long"},
                 {156, "1", "not a regular file"},           {156, "2", "not a regular file"},
                 {156, "S", "not a regular file"},           {156, "5", "a folder has content"},
                 {345, "a", "a name goes on in a prefix"},   {135, "0", "a size is not octal"},
                 {4, "/", "a file has the name of a folder"}};
  for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
    struct buf out = BUF_INIT;
    tar_add(&out, "file", "x", 1, 0);
    change(&out, changes[i].at, changes[i].bytes);
    refused(&out, changes[i].why);
  }
}

static void a_folder_in_the_place_of_a_file_is_refused(void **state)
{
  (void)state;
  struct buf out = BUF_INIT;
  tar_add(&out, "file", "x", 1, 0);
  tar_add(&out, "file/", "x", 1, 0);
  change(&out, 156, "5");
  change(&out, 134, "0");
  out.size -= 512;
  refused(&out, "a name stands twice");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(members_are_read_back),
      cmocka_unit_test(tar_itself_reads_it),
      cmocka_unit_test(a_changed_header_or_padding_or_length_is_refused),
      cmocka_unit_test(what_tar_packs_again_is_read),
      cmocka_unit_test(names_that_lead_outside_are_refused),
      cmocka_unit_test(a_place_that_two_names_lead_to_is_refused),
      cmocka_unit_test(a_member_is_found_where_its_name_leads),
      cmocka_unit_test(what_an_extended_header_moves_or_changes_is_refused),
      cmocka_unit_test(times_owners_and_notes_are_passed_over),
      cmocka_unit_test(what_tar_would_put_elsewhere_or_read_longer_is_refused),
      cmocka_unit_test(a_folder_in_the_place_of_a_file_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
