/* From a county's commit to a bundle an auditor checks alone: the log follows every commit and intake, and
 * the bundle falls with any byte of it. */
#include "fixture.h"
#include "sync/evidence.h"
#include "sync/tlog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct site hub;
static struct site node;
static struct note_key log_key;
static const char log_name[] = "330000.sunlit/log";

static int setup(void **state)
{
  (void)state;
  fixture_pair(&hub, &node);
  assert_true(note_key_init(&log_key, log_name, NOTE_KEY_ED25519, hub.public_key, NULL));
  for (int i = 0; i < 5; i++)
    site_record_price(&node, i);
  assert_true(store_sign_head(node.store, FIXTURE_NOW_MS, NULL));
  site_pull(&hub, &node, (struct stream){CHUNAN, 0});
  assert_true(site_commit(
      &hub, 0, "INSERT INTO product(id, name, unit) VALUES(1 << 40 | 1 << 12, '梭子蟹', 'kg')", NULL, NULL));
  assert_true(store_sign_log(hub.store, FIXTURE_NOW_MS, NULL));
  return 0;
}

static int teardown(void **state)
{
  (void)state;
  fixture_pair_end(&hub, &node);
  return 0;
}

static struct buf build(void)
{
  struct evidence_config config = {
      .folder = "bundle", .report = "five prices\n", .log = &log_key, .now_ms = FIXTURE_NOW_MS};
  struct evidence_entry entries[] = {{2, "a price\n"}, {5, "a product\n"}};
  struct buf bundle = BUF_INIT;
  struct err err = ERR_INIT;
  if (!evidence_build(hub.reader, &config, entries, 2, &bundle, &err)) fail_msg("%s", err.text);
  return bundle;
}

static void every_entry_is_a_leaf_as_soon_as_it_is_committed(void **state)
{
  (void)state;
  struct tlog_state tree;
  assert_true(tlog_state(hub.reader, &tree, NULL));
  assert_int_equal((int64_t)tree.size, site_int(&hub, "SELECT count(*) FROM sync_entry"));
  assert_int_equal(tree.size, 6);
}

static void the_keeper_of_the_log_signs_its_own_entries_at_once(void **state)
{
  (void)state;
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM sync_entry WHERE pos = 5 AND signature IS NOT NULL"),
                   1);
}

static void a_bundle_proves_its_entries_from_its_bytes_alone(void **state)
{
  (void)state;
  struct buf bundle = build();
  struct evidence_result *result = calloc(1, sizeof *result);
  struct err err = ERR_INIT;
  if (!evidence_verify(bundle.data, bundle.size, &log_key, result, &err)) fail_msg("%s", err.text);
  assert_int_equal(result->count, 2);
  assert_int_equal(result->facts[0].author, CHUNAN);
  assert_int_equal(result->facts[0].seq, 3);
  assert_int_equal(result->facts[1].author, PROVINCE);
  assert_true(result->log_pinned);
  assert_true(evidence_verify(bundle.data, bundle.size, NULL, result, NULL));
  assert_false(result->log_pinned);

  struct note_key stranger;
  assert_true(note_key_init(&stranger, log_name, NOTE_KEY_ED25519, node.public_key, NULL));
  assert_false(evidence_verify(bundle.data, bundle.size, &stranger, result, NULL));
  free(result);
  buf_wipe(&bundle);
}

static void a_bundle_falls_with_any_byte_of_it(void **state)
{
  (void)state;
  struct buf bundle = build();
  struct evidence_result *result = calloc(1, sizeof *result);
  for (size_t at = 0; at < bundle.size; at += 3) {
    uint8_t bit = (uint8_t)(1 << at % 8);
    bundle.data[at] ^= bit;
    if (evidence_verify(bundle.data, bundle.size, &log_key, result, NULL))
      fail_msg("byte %zu may change", at);
    bundle.data[at] ^= bit;
  }
  for (size_t size = 0; size < bundle.size; size += 512)
    assert_false(evidence_verify(bundle.data, size, &log_key, result, NULL));
  free(result);
  buf_wipe(&bundle);
}

/* The members again, each under another name. */
static struct buf moved(const struct buf *bundle, const char *before, size_t cut)
{
  struct tar_member members[64];
  size_t count = 0;
  struct buf out = BUF_INIT;
  assert_true(tar_read(bundle->data, bundle->size, members, 64, &count, NULL));
  for (size_t i = 0; i < count; i++) {
    char name[2 * TAR_NAME_MAX];
    assert_int_equal(strncmp(members[i].name, "bundle/", 7), 0); /* unpacking it scatters nothing */
    snprintf(name, sizeof name, "%s%s", before, members[i].name + cut);
    tar_add(&out, name, members[i].bytes, members[i].size, 0);
  }
  return out;
}

static bool verifies(struct buf *archive, struct err *err)
{
  struct evidence_result *result = calloc(1, sizeof *result);
  tar_end(archive);
  bool ok = evidence_verify(archive->data, archive->size, &log_key, result, err) && result->count == 2;
  free(result);
  buf_wipe(archive);
  return ok;
}

static void a_bundle_has_a_folder_of_its_own_and_those_of_before_had_none(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct buf bundle = build();
  struct buf loose = moved(&bundle, "", 7), deeper = moved(&bundle, "taken/2026/", 0),
             beside = moved(&bundle, "", 0), two = moved(&bundle, "", 0), other = moved(&bundle, "other/", 7);
  if (!verifies(&loose, &err) || !verifies(&deeper, &err)) fail_msg("%s", err.text);
  tar_add(&beside, "notes.txt", "mine", 4, 0); /* no part of it */
  if (!verifies(&beside, &err)) fail_msg("%s", err.text);
  put_bytes(&two, other.data, other.size);
  assert_false(verifies(&two, &err)); /* which of them is meant? */
  assert_non_null(strstr(err.text, "several bundles"));
  buf_wipe(&other);
  buf_wipe(&bundle);
}

static void what_the_log_has_not_signed_yet_is_no_evidence(void **state)
{
  (void)state;
  struct evidence_config config = {
      .folder = "bundle", .report = "", .log = &log_key, .now_ms = FIXTURE_NOW_MS};
  struct evidence_entry beyond = {6, ""};
  struct buf bundle = BUF_INIT;
  struct err err = ERR_INIT;
  assert_false(evidence_build(hub.reader, &config, &beyond, 1, &bundle, &err));
  assert_string_equal(err.rule, "not_yet_signed");
  buf_wipe(&bundle);
}

static void what_its_author_has_not_signed_is_no_evidence(void **state)
{
  (void)state;
  struct evidence_config config = {
      .folder = "bundle", .report = "", .log = &log_key, .now_ms = FIXTURE_NOW_MS};
  struct evidence_entry entry = {2, ""};
  struct buf bundle = BUF_INIT;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  assert_true(db_open(&db, hub.path, DB_WRITE, &err));
  assert_true(db_exec(db, "UPDATE sync_entry SET signature = NULL WHERE pos < 5", &err));
  db_close(db);
  assert_false(evidence_build(hub.reader, &config, &entry, 1, &bundle, &err));
  assert_string_equal(err.rule, "not_yet_signed");
  buf_wipe(&bundle);
}

/* What the README tells people to type, typed. */
static void openssl_alone_checks_the_authors_signature(void **state)
{
  (void)state;
  struct buf bundle = build();
  char command[600];
  snprintf(
      command, sizeof command,
      "cd %s && tar -xmf - && cd bundle && sha256sum --quiet -c SHA256SUMS && cd entries/2 &&"
      " openssl pkeyutl -verify -pubin -inkey author.pem -rawin -in head.msg -sigfile head.sig >/dev/null &&"
      " openssl dgst -sha256 -binary payload.bin > p && tail -c 32 record.bin | cmp - p",
      fixture_folder());
  FILE *shell = popen(command, "w");
  assert_non_null(shell);
  assert_int_equal(fwrite(bundle.data, 1, bundle.size, shell), bundle.size);
  assert_int_equal(pclose(shell), 0);
  buf_wipe(&bundle);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_entry_is_a_leaf_as_soon_as_it_is_committed),
      cmocka_unit_test(the_keeper_of_the_log_signs_its_own_entries_at_once),
      cmocka_unit_test(a_bundle_proves_its_entries_from_its_bytes_alone),
      cmocka_unit_test(a_bundle_falls_with_any_byte_of_it),
      cmocka_unit_test(a_bundle_has_a_folder_of_its_own_and_those_of_before_had_none),
      cmocka_unit_test(what_the_log_has_not_signed_yet_is_no_evidence),
      cmocka_unit_test(openssl_alone_checks_the_authors_signature),
      cmocka_unit_test(
          what_its_author_has_not_signed_is_no_evidence), /* last: it takes the signatures away */
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
