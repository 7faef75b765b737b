/* An auditor with openssl and a shell: the bundle's own README, its commands extracted and run as they stand.
 *
 * Forged here by a province that keeps the log's key, so that only the authors' signatures stand in its way.
 * Every forgery must stop the lines of the README, and be refused by evidence_verify as well. */
#include "core/base/tar.h"
#include "fixture.h"
#include "sync/evidence.h"
#include "sync/proof.h"
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

enum { FILES = 40, ENTRY = 2 };
struct file {
  char name[TAR_NAME_MAX + 1];
  struct buf bytes;
};
static struct file files[FILES];
static size_t file_count;

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

/* ---- the bundle as files that can be changed ---- */

static struct buf *file(const char *name)
{
  for (size_t i = 0; i < file_count; i++)
    if (strcmp(files[i].name, name) == 0) return &files[i].bytes;
  assert_true(file_count < FILES);
  snprintf(files[file_count].name, sizeof files[file_count].name, "%s", name);
  return &files[file_count++].bytes;
}

static struct buf *of_entry(int64_t pos, const char *name)
{
  char path[TAR_NAME_MAX + 1];
  snprintf(path, sizeof path, "entries/%lld/%s", (long long)pos, name);
  return file(path);
}

static void set(struct buf *out, const void *p, size_t size)
{
  struct buf copy = BUF_INIT;
  put_bytes(&copy, p, size);
  buf_wipe(out);
  *out = copy;
}

static void wipe(void)
{
  for (size_t i = 0; i < file_count; i++)
    buf_wipe(&files[i].bytes);
  memset(files, 0, sizeof files);
  file_count = 0;
}

static void take(int64_t pos)
{
  struct evidence_config config = {
      .folder = "bundle", .report = "prices\n", .log = &log_key, .now_ms = FIXTURE_NOW_MS};
  struct evidence_entry entry = {pos, "a price\n"};
  struct buf bundle = BUF_INIT;
  struct tar_member members[FILES];
  struct err err = ERR_INIT;
  size_t count = 0;
  wipe();
  if (!evidence_build(hub.reader, &config, &entry, 1, &bundle, &err)) fail_msg("%s", err.text);
  assert_true(tar_read(bundle.data, bundle.size, members, FILES, &count, NULL));
  for (size_t i = 0; i + 1 < count; i++)
    set(file(members[i].name + sizeof "bundle"), members[i].bytes, members[i].size);
  buf_wipe(&bundle);
}

/* The files with sums that are right for them. */
static struct buf pack(void)
{
  struct buf out = BUF_INIT, sums = BUF_INIT;
  for (size_t i = 0; i < file_count; i++) {
    uint8_t hash[HASH_SIZE];
    char hex[2 * HASH_SIZE + 1];
    if (files[i].bytes.bad) continue; /* taken out */
    sha256(hash, files[i].bytes.data, files[i].bytes.size);
    hex_encode(hex, hash, HASH_SIZE);
    tar_add(&out, files[i].name, files[i].bytes.data, files[i].bytes.size, 0);
    put_text(&sums, hex);
    put_text(&sums, "  ");
    put_text(&sums, files[i].name);
    put_text(&sums, "\n");
  }
  tar_add(&out, "SHA256SUMS", sums.data, sums.size, 0);
  tar_end(&out);
  buf_wipe(&sums);
  assert_false(out.bad);
  return out;
}

/* Unpacks it and runs, in the entry's folder, the command that the README itself gives. */
static bool holds_by_hand(int64_t pos)
{
  struct buf bundle = pack();
  char command[900];
  snprintf(command, sizeof command,
           "rm -rf %s/b && mkdir %s/b && cd %s/b && tar -xmf - 2>/dev/null &&"
           " sed -n \"s|^    cd entries/N|cd entries/%lld|p\" README.txt > by-hand &&"
           " grep -q . by-hand && bash by-hand > said 2>&1 && tail -n 1 said | grep -q 'all of it holds'",
           fixture_folder(), fixture_folder(), fixture_folder(), (long long)pos);
  FILE *shell = popen(command, "w");
  assert_non_null(shell);
  assert_int_equal(fwrite(bundle.data, 1, bundle.size, shell), bundle.size);
  int status = pclose(shell);
  buf_wipe(&bundle);
  return status == 0;
}

static bool holds_by_program(void)
{
  struct buf bundle = pack();
  struct evidence_result *result = calloc(1, sizeof *result);
  bool ok = evidence_verify(bundle.data, bundle.size, &log_key, result, NULL);
  free(result);
  buf_wipe(&bundle);
  return ok;
}

/* ---- what a dishonest province can make ---- */

/* A log of its own, of one entry or two, that has these bytes as the leaf at pos 0; moves the entry there. */
static void log_leaf(const void *leaf, size_t size, bool two)
{
  struct checkpoint checkpoint = {.size = two ? 2 : 1};
  struct merkle_hash one, other;
  struct merkle_proof path = {.count = 0};
  snprintf(checkpoint.origin, sizeof checkpoint.origin, "%s", log_name);
  merkle_leaf(&one, leaf, size);
  merkle_leaf(&other, "other", 5);
  checkpoint.root = one;
  if (two) merkle_node(&checkpoint.root, &one, &other);
  if (two) path.hashes[path.count++] = other;
  struct buf text = BUF_INIT, note = BUF_INIT, proof = BUF_INIT;
  checkpoint_encode(&text, &checkpoint);
  put_bytes(&note, text.data, text.size);
  put_text(&note, "\n");
  note_sign(&note, (const char *)text.data, text.size, &log_key, hub.config.secret);
  proof_encode(&proof, 0, &path, (const char *)note.data, note.size);
  set(file("checkpoint.txt"), note.data, note.size);
  set(of_entry(ENTRY, "leaf.bin"), leaf, size);
  set(of_entry(ENTRY, "proof.txt"), proof.data, proof.size);
  buf_wipe(&text);
  buf_wipe(&note);
  buf_wipe(&proof);
  for (size_t i = 0; i < file_count; i++)
    if (strncmp(files[i].name, "entries/2/", 10) == 0) memcpy(files[i].name, "entries/0/", 10);
}

/* The entry says something else: another payload, and the record to it. */
static void rewrite(struct buf *leaf)
{
  struct buf *payload = of_entry(ENTRY, "payload.bin"), *record = of_entry(ENTRY, "record.bin");
  payload->data[payload->size - 1] ^= 1;
  sha256(record->data + record->size - HASH_SIZE, payload->data, payload->size);
  leaf_encode(leaf, record->data, record->size, FIXTURE_NOW_MS, NULL, 0);
}

static void head_of(const struct buf *record, struct buf *message)
{
  uint8_t hash[HASH_SIZE];
  record_hash(hash, record->data, record->size);
  buf_clear(message);
  put_text(message, "sunlit.head.v1\n");
  put_bytes(message, hash, HASH_SIZE);
}

static void both_refuse(const char *what, int64_t pos)
{
  if (holds_by_program()) fail_msg("the program takes %s", what);
  if (holds_by_hand(pos)) fail_msg("by hand %s passes", what);
}

/* ---- claims ---- */

static void the_readmes_lines_prove_a_genuine_bundle(void **state)
{
  (void)state;
  for (int64_t pos = 0; pos < 6;
       pos += pos == 2 ? 2 : 1) { /* 0..2 have a chain, 4 and 5 are signed themselves */
    take(pos);
    assert_true(holds_by_program());
    if (!holds_by_hand(pos)) fail_msg("entry %lld", (long long)pos);
  }
}

static void a_changed_price_under_a_genuine_signature_stops(void **state)
{
  (void)state;
  struct buf leaf = BUF_INIT;
  take(ENTRY);
  assert_true(of_entry(ENTRY, "chain.bin")->size > 0);
  rewrite(&leaf);
  log_leaf(leaf.data, leaf.size, false);
  both_refuse("a changed price before a genuine chain", 0);
  buf_wipe(&leaf);
}

static void a_chain_that_is_cut_or_goes_on_stops(void **state)
{
  (void)state;
  take(ENTRY);
  of_entry(ENTRY, "chain.bin")->size--;
  both_refuse("a chain that is cut", ENTRY);
  take(ENTRY);
  put_bytes(of_entry(ENTRY, "chain.bin"), "\0\0", 2);
  both_refuse("an empty record behind a chain", ENTRY);
  take(ENTRY);
  of_entry(ENTRY, "chain.bin")->size = 0;
  both_refuse("no chain where there is one", ENTRY);
}

static void a_key_that_is_not_the_authors_stops(void **state)
{
  (void)state;
  struct buf leaf = BUF_INIT;
  uint8_t public_key[PUBLIC_SIZE], secret[SECRET_SIZE], signature[SIGNATURE_SIZE];
  take(ENTRY);
  rewrite(&leaf);
  site_key(TONGLU, 1, public_key, secret);
  of_entry(ENTRY, "chain.bin")->size = 0;
  struct buf *message = of_entry(ENTRY, "head.msg");
  head_of(of_entry(ENTRY, "record.bin"), message);
  sign_make(signature, message->data, message->size, secret);
  set(of_entry(ENTRY, "head.sig"), signature, sizeof signature);
  struct buf der = BUF_INIT, *pem = of_entry(ENTRY, "author.pem");
  put_bytes(&der, "\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);
  put_bytes(&der, public_key, PUBLIC_SIZE);
  buf_clear(pem);
  put_text(pem, "-----BEGIN PUBLIC KEY-----\n");
  base64_encode(pem, der.data, der.size);
  put_text(pem, "\n-----END PUBLIC KEY-----\n");
  log_leaf(leaf.data, leaf.size, false);
  both_refuse("a stranger's key", 0);
  buf_wipe(&der);
  buf_wipe(&leaf);
}

static void a_place_in_the_log_that_is_not_proved_stops(void **state)
{
  (void)state;
  take(ENTRY);
  struct buf *proof = of_entry(ENTRY, "proof.txt");
  char *end = memmem(proof->data, proof->size, "\n\n", 2);
  char *line = memrchr(proof->data, '\n', (size_t)(end - (char *)proof->data));
  memmove(line, end, proof->size - (size_t)(end - (char *)proof->data));
  proof->size -= (size_t)(end - line);
  both_refuse("a proof without its last hash", ENTRY);

  take(ENTRY);
  for (size_t i = 0; i < file_count; i++)
    if (strncmp(files[i].name, "entries/2/", 10) == 0) files[i].name[8] = '3';
  both_refuse("a proof of another place", 3);

  take(ENTRY);
  struct buf *record = of_entry(ENTRY, "record.bin"), leaf = BUF_INIT, longer = BUF_INIT;
  put_bytes(&longer, record->data, record->size);
  put_u8(&longer, 0);
  leaf_encode(&leaf, longer.data, longer.size, FIXTURE_NOW_MS, NULL, 0);
  log_leaf(leaf.data, leaf.size, false);
  both_refuse("a leaf with more than the record", 0);
  buf_wipe(&leaf);
  buf_wipe(&longer);
}

static void any_file_that_changed_stops(void **state)
{
  (void)state;
  static const char *const names[] = {"record.bin", "payload.bin", "chain.bin", "head.msg",
                                      "head.sig",   "leaf.bin",    "author.pem"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    take(ENTRY);
    struct buf *bytes = of_entry(ENTRY, names[i]);
    bytes->data[bytes->size / 2] ^= 1;
    if (holds_by_hand(ENTRY)) fail_msg("%s may change", names[i]);
  }
}

static void an_honest_log_of_one_entry_passes(void **state)
{
  (void)state;
  take(ENTRY);
  struct buf leaf = BUF_INIT, *old = of_entry(ENTRY, "leaf.bin");
  put_bytes(&leaf, old->data, old->size);
  log_leaf(leaf.data, leaf.size, false);
  assert_true(holds_by_program());
  assert_true(holds_by_hand(0));
  take(ENTRY);
  log_leaf(leaf.data, leaf.size, true);
  assert_true(holds_by_program());
  assert_true(holds_by_hand(0));
  buf_wipe(&leaf);
}

static void revoke_at(int64_t ms)
{
  struct buf *keys = file("keys.txt"), now = BUF_INIT;
  char word[40];
  snprintf(word, sizeof word, " revoked %lld ", (long long)ms);
  put_u8(keys, 0);
  const char *at = (const char *)keys->data;
  for (const char *next; (next = strstr(at, " revoked 0 ")); at = next + strlen(" revoked 0 ")) {
    put_bytes(&now, at, (size_t)(next - at));
    put_text(&now, word);
  }
  put_text(&now, at);
  buf_wipe(keys);
  *keys = now;
}

static bool says(const char *words)
{
  char command[300];
  snprintf(command, sizeof command, "grep -q '%s' %s/b/said", words, fixture_folder());
  return system(command) == 0;
}

/* A fact, and no fault: by hand as by the program. */
static void what_came_after_its_key_had_been_revoked_is_said_to_have(void **state)
{
  (void)state;
  const int64_t ms[] = {0, INT64_C(9007199254740991), 1};
  for (int i = 0; i < 3; i++) {
    take(ENTRY);
    revoke_at(ms[i]);
    assert_true(holds_by_program());
    assert_true(holds_by_hand(ENTRY));
    assert_int_equal(says("not proved: who wrote it: it came after its key had been revoked"), i == 2);
  }
}

/* Anybody may take it out of a bundle: no fault, and not proved. */
static void a_content_that_is_not_there_is_not_said_to_hold(void **state)
{
  (void)state;
  take(ENTRY);
  of_entry(ENTRY, "payload.bin")->bad = true;
  assert_true(holds_by_program());
  assert_false(holds_by_hand(ENTRY));
  assert_true(says("not proved: what it says: the bundle does not have its payload"));
  assert_true(says("entry 2: .* all but its payload holds"));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_readmes_lines_prove_a_genuine_bundle),
      cmocka_unit_test(a_changed_price_under_a_genuine_signature_stops),
      cmocka_unit_test(a_chain_that_is_cut_or_goes_on_stops),
      cmocka_unit_test(a_key_that_is_not_the_authors_stops),
      cmocka_unit_test(a_place_in_the_log_that_is_not_proved_stops),
      cmocka_unit_test(any_file_that_changed_stops),
      cmocka_unit_test(an_honest_log_of_one_entry_passes),
      cmocka_unit_test(a_content_that_is_not_there_is_not_said_to_hold),
      cmocka_unit_test(what_came_after_its_key_had_been_revoked_is_said_to_have),
  };
  int failed = cmocka_run_group_tests(tests, setup, teardown);
  wipe();
  return failed;
}
