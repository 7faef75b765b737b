/* A bundle as tar(1) leaves it in a folder is what the bundle was: by the parts, and by sunlit-verify.
 * usage: unpacked_test */
#include "core/base/tar.h"
#include "fixture.h"
#include "sync/evidence.h"
#include "verify/unpacked.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct site hub;
static struct site node;
static struct note_key log_key;
static struct buf vkey, bundle;
static char folder[200];

/* In the folder the fixture gave; $V is sunlit-verify with the log's key. */
__attribute__((format(printf, 1, 2))) static int shell(const char *format, ...)
{
  char command[2000];
  va_list args;
  va_start(args, format);
  int n = snprintf(command, sizeof command, "cd %s && V='%s --log %.*s' && ", fixture_folder(), VERIFY,
                   (int)vkey.size, (const char *)vkey.data);
  vsnprintf(command + n, sizeof command - (size_t)n, format, args);
  va_end(args);
  int status = system(command);
  return status < 0 ? status : status >> 8;
}

static int setup(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  fixture_pair(&hub, &node);
  for (int i = 0; i < 3; i++)
    site_record_price(&node, i);
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, NULL));
  site_pull(&hub, &node, (struct stream){CHUNAN, 0});
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, NULL));
  assert_true(note_key_init(&log_key, "330000.sunlit/log", NOTE_KEY_ED25519, hub.public_key, &err));
  note_key_encode(&vkey, &log_key);
  const struct evidence_config config = {
      .folder = "unpacked", .report = "two prices\n", .log = &log_key, .now_ms = FIXTURE_NOW_MS};
  const struct evidence_entry entries[] = {{0, "a price\n"}, {1, "another\n"}};
  if (!evidence_build(hub.reader, &config, entries, 2, &bundle, &err)) fail_msg("%s", err.text);
  snprintf(folder, sizeof folder, "%s/unpacked", fixture_folder());
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  buf_wipe(&bundle);
  buf_wipe(&vkey);
  fixture_pair_end(&hub, &node);
  return 0;
}

/* The bundle afresh in ./unpacked. */
static void unpack(void)
{
  char path[300];
  snprintf(path, sizeof path, "%s/bundle.tar", fixture_folder());
  FILE *out = fopen(path, "wb");
  assert_non_null(out);
  assert_int_equal(fwrite(bundle.data, 1, bundle.size, out), bundle.size);
  assert_int_equal(fclose(out), 0);
  assert_int_equal(shell("rm -rf unpacked && tar -xmf bundle.tar"), 0);
}

static void refused(const char *why)
{
  struct buf packed = BUF_INIT;
  struct err err = ERR_INIT;
  if (unpacked_pack(folder, &packed, &err)) fail_msg("packed, and should say: %s", why);
  if (!strstr(err.text, why)) fail_msg("it says %s, not %s", err.text, why);
  buf_wipe(&packed);
  assert_int_equal(shell("$V unpacked > said 2>&1"), 1);
}

static void a_folder_is_the_bundle_it_was_unpacked_from(void **state)
{
  (void)state;
  struct buf packed = BUF_INIT;
  struct err err = ERR_INIT;
  struct evidence_result *result = calloc(1, sizeof *result);
  assert_non_null(result);
  unpack();
  assert_true(unpacked_is(folder));
  if (!unpacked_pack(folder, &packed, &err)) fail_msg("%s", err.text);
  if (!evidence_verify(packed.data, packed.size, &log_key, result, &err)) fail_msg("%s", err.text);
  assert_int_equal(result->count, 2);
  assert_int_equal(result->facts[1].author, CHUNAN);
  assert_int_equal(result->strangers, 0);
  free(result);
  buf_wipe(&packed);
  assert_int_equal(shell("$V unpacked > said 2>&1 && grep -q 'each entry in this bundle, 2 in all' said"), 0);
  assert_int_equal(shell("grep -q 'not proved: what report.txt and words.txt say' said"), 0);
}

static void what_an_auditor_puts_beside_it_is_no_part_of_it(void **state)
{
  (void)state;
  unpack();
  assert_int_equal(shell("echo mine > unpacked/notes.txt && mkdir unpacked/entries/9 && $V unpacked"), 0);
}

/* Those that an auditor keeps decide, and not those that lie in the bundle. */
static void the_keys_that_were_given_decide(void **state)
{
  (void)state;
  unpack();
  assert_int_equal(shell("$V unpacked > said && grep -q 'not proved: that keys.txt names' said"), 0);
  assert_int_equal(
      shell("$V --keys unpacked/keys.txt bundle.tar > said && grep -q 'the keys are among those' said"), 0);
  assert_int_equal(
      shell("sed 's/^\\(author.* \\)....\\([0-9a-f]*\\)$/\\1abab\\2/' unpacked/keys.txt > other.txt && ! "
            "cmp -s other.txt unpacked/keys.txt"),
      0);
  assert_int_equal(shell("$V --keys other.txt bundle.tar > said 2>&1"), 1);
  assert_int_equal(shell("grep -q 'another key of author 330127, epoch 1' said"), 0);
}

/* By the time that stands in it, a thief may have written it. */
static void what_came_after_its_key_had_been_revoked_is_said_to_have(void **state)
{
  (void)state;
  unpack();
  assert_int_equal(shell("cd unpacked && sed -i 's/ revoked 0 / revoked 1 /' keys.txt && sha256sum $(cut "
                         "-c67- SHA256SUMS) > "
                         "sums && mv sums SHA256SUMS && cd .. && $V unpacked > said"),
                   0);
  assert_int_equal(
      shell("grep -q 'AFTER its key had been revoked' said && grep -q 'not proved: that author 330127' said"),
      0);
}

/* Whoever hands it over may leave out what the auditor knows. */
static void a_key_that_the_auditor_knows_as_revoked_is(void **state)
{
  (void)state;
  unpack();
  assert_int_equal(shell("sed 's/ revoked 0 / revoked 1 /' unpacked/keys.txt > revoked.txt && $V --keys "
                         "revoked.txt bundle.tar > said && grep -q 'AFTER its key had been revoked' said"),
                   0);
}

static void a_folder_without_sums_is_no_bundle(void **state)
{
  (void)state;
  unpack();
  assert_int_equal(shell("rm unpacked/SHA256SUMS"), 0);
  assert_false(unpacked_is(folder));
  refused("cannot read");
}

static void a_file_that_is_gone_is_named(void **state)
{
  (void)state;
  unpack();
  assert_int_equal(shell("rm unpacked/entries/1/leaf.bin"), 0);
  refused("entries/1/leaf.bin");
}

static void a_changed_file_is_named(void **state)
{
  (void)state;
  unpack();
  assert_int_equal(shell("echo >> unpacked/entries/1/words.txt && ! $V unpacked > said 2>&1"), 0);
  assert_int_equal(shell("grep -q 'entries/1/words.txt.*SHA256SUMS' said"), 0);
}

static void a_name_that_leads_out_is_not_read(void **state)
{
  (void)state;
  static const char *const names[] = {"../bundle.tar", "/etc/hostname", "entries/../../bundle.tar"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    unpack();
    assert_int_equal(shell("printf '%%064d  %s\\n' 0 >> unpacked/SHA256SUMS", names[i]), 0);
    refused("leads out of the folder");
  }
}

static void a_line_that_is_no_sum_is_refused(void **state)
{
  (void)state;
  unpack();
  assert_int_equal(shell("echo 'words and nothing else' >> unpacked/SHA256SUMS"), 0);
  refused("not a hash and a name");
}

/* The folder with sums that are right for what is in it: nobody signs them. */
static void sum_anew(void)
{
  assert_int_equal(
      shell("cd unpacked && find -type f ! -name SHA256SUMS -printf '%%P\\n' | xargs sha256sum > "
            "../sums && mv ../sums SHA256SUMS"),
      0);
}

static void a_payload_that_was_taken_out_is_not_proved(void **state)
{
  (void)state;
  unpack();
  assert_int_equal(shell("rm unpacked/entries/1/payload.bin"), 0);
  sum_anew();
  assert_int_equal(shell("$V unpacked > said && tar -cf again.tar unpacked && $V again.tar > again"), 0);
  const char *const files[] = {"said", "again"};
  for (int i = 0; i < 2; i++) {
    assert_int_equal(
        shell("grep -q '^  not proved: what entry 1 says: the bundle does not have its payload' %s",
              files[i]),
        0);
    assert_int_equal(shell("grep -q '^  proved: record, chain, .* 2 in all' %s", files[i]), 0);
    assert_int_equal(shell("grep -q '^  proved: payload of 1 of them' %s", files[i]), 0);
    assert_int_equal(shell("! grep -q withheld %s", files[i]), 0);
  }
}

static void what_is_of_no_entry_that_is_proved_is_refused(void **state)
{
  (void)state;
  static const char *const folders[] = {"01", "7", "x", "+1"};
  for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
    unpack();
    assert_int_equal(shell("mkdir unpacked/entries/%s && echo forged > unpacked/entries/%s/payload.bin",
                           folders[i], folders[i]),
                     0);
    sum_anew();
    assert_int_equal(shell("$V unpacked > said 2>&1"), 1);
  }
}

/* tar(1) would leave the second of them in the place of what was verified. */
static void an_archive_that_unpacks_to_a_forged_payload_is_refused(void **state)
{
  (void)state;
  static const char *const ways[] = {
      "unpacked/entries//0/payload.bin", "./unpacked/entries/0/payload.bin",
      "--format=posix --pax-option=path:=unpacked/entries/0/payload.bin unpacked/entries/0/payload.bin"};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    unpack();
    assert_int_equal(shell("echo forged > unpacked/entries/0/payload.bin && cp bundle.tar forged.tar && tar "
                           "-rf forged.tar %s",
                           ways[i]),
                     0);
    assert_int_equal(shell("tar -xmf forged.tar && grep -q forged unpacked/entries/0/payload.bin"), 0);
    assert_int_equal(shell("$V forged.tar > said 2>&1"), 1);
    assert_int_equal(shell("grep -q 'the archive is wrong' said"), 0);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_keys_that_were_given_decide),
      cmocka_unit_test(what_came_after_its_key_had_been_revoked_is_said_to_have),
      cmocka_unit_test(a_key_that_the_auditor_knows_as_revoked_is),
      cmocka_unit_test(a_folder_is_the_bundle_it_was_unpacked_from),
      cmocka_unit_test(what_an_auditor_puts_beside_it_is_no_part_of_it),
      cmocka_unit_test(a_payload_that_was_taken_out_is_not_proved),
      cmocka_unit_test(what_is_of_no_entry_that_is_proved_is_refused),
      cmocka_unit_test(an_archive_that_unpacks_to_a_forged_payload_is_refused),
      cmocka_unit_test(a_folder_without_sums_is_no_bundle),
      cmocka_unit_test(a_file_that_is_gone_is_named),
      cmocka_unit_test(a_changed_file_is_named),
      cmocka_unit_test(a_name_that_leads_out_is_not_read),
      cmocka_unit_test(a_line_that_is_no_sum_is_refused),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
