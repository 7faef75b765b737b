/* A witness believes what continues what it holds, keeps both sides of what does not, and then believes
 * nothing. */
#include "fake_log.h"

#include "sync/proof.h"
#include "sync/witness.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct db *open_memory(void)
{
  struct db *db = NULL;
  assert_true(db_open(&db, ":memory:", DB_CREATE, NULL));
  char sql[8192] = "";
  FILE *file = fopen(SOURCE_DIR "/sync/schema/02_tlog.sql", "r");
  assert_non_null(file);
  size_t n = fread(sql, 1, sizeof sql - 1, file);
  sql[n] = 0;
  fclose(file);
  assert_true(db_exec(db, sql, NULL));
  return db;
}

static enum witness_verdict offer(struct db *db, struct fake_log *log, uint64_t old, uint64_t size)
{
  struct buf note = fake_log_note(log, size);
  struct merkle_proof proof = {0};
  struct merkle_source source = fake_log_source(log);
  if (old <= size) assert_true(merkle_prove_consistency(&source, old, size, &proof, NULL));
  enum witness_verdict verdict = WITNESS_UNSIGNED;
  struct err why = ERR_INIT;
  const struct witness_claim claim = {(const char *)note.data, note.size, &proof};
  assert_true(witness_offer(db, &log->key, &claim, old, 1000, &verdict, &why, NULL));
  assert_int_equal(why.kind == ERR_NONE, verdict == WITNESS_TAKEN || verdict == WITNESS_HELD);
  buf_wipe(&note);
  return verdict;
}

static int64_t evidence_count(struct db *db)
{
  int64_t n = -1;
  assert_true(db_int(db, "SELECT count(*) FROM sync_evidence", 0, &n, NULL));
  return n;
}

static void growth_is_taken_and_repetition_is_harmless(void **state)
{
  (void)state;
  struct db *db = open_memory();
  struct fake_log log = fake_log_make("hub.example/log");
  assert_int_equal(offer(db, &log, 0, 5), WITNESS_TAKEN);
  assert_int_equal(offer(db, &log, 5, 5), WITNESS_HELD);
  assert_int_equal(offer(db, &log, 5, 17), WITNESS_TAKEN);
  assert_int_equal(offer(db, &log, 5, 20), WITNESS_STALE);
  struct witness_held held;
  assert_true(witness_held(db, "hub.example/log", &held, NULL));
  assert_int_equal(held.size, 17);
  assert_int_equal(evidence_count(db), 0);
  db_close(db);
}

static void expect_lie(uint64_t old, uint64_t size, size_t changed, const char *rule)
{
  struct db *db = open_memory();
  struct fake_log log = fake_log_make("hub.example/log");
  assert_int_equal(offer(db, &log, 0, 20), WITNESS_TAKEN);
  struct fake_log honest = log;
  if (changed < FAKE_LEAVES) log.leaves[changed].bytes[0] ^= 1;
  assert_int_equal(offer(db, &log, old, size), WITNESS_CONTRADICTS);
  struct witness_held held;
  assert_true(witness_held(db, "hub.example/log", &held, NULL));
  assert_string_equal(held.distrust, rule);
  assert_int_equal(held.size, 20);
  assert_int_equal(evidence_count(db), 1);
  /* From now on even the truth is not believed, and nothing is cosigned. */
  assert_int_equal(offer(db, &honest, 20, 30), WITNESS_DISTRUSTED);
  struct buf line = BUF_INIT;
  assert_false(witness_cosign(db, "hub.example/log", &log.key, log.secret, 1, &line, NULL));
  buf_wipe(&line);
  db_close(db);
}

static void a_rewritten_leaf_is_caught(void **state)
{
  (void)state;
  expect_lie(20, 30, 3, "log_rewritten");
}

static void a_rollback_is_caught(void **state)
{
  (void)state;
  expect_lie(20, 12, FAKE_LEAVES, "log_rolled_back");
}

static void a_fork_of_the_same_size_is_caught(void **state)
{
  (void)state;
  expect_lie(20, 20, 19, "log_forked");
}

static void another_key_or_origin_is_not_even_evidence(void **state)
{
  (void)state;
  struct db *db = open_memory();
  struct fake_log log = fake_log_make("hub.example/log");
  struct fake_log stranger = fake_log_make("hub.example/log");
  stranger.key = log.key; /* the right name, the wrong secret */
  assert_int_equal(offer(db, &stranger, 0, 5), WITNESS_UNSIGNED);
  assert_int_equal(evidence_count(db), 0);
  db_close(db);
}

static void a_cosignature_covers_the_checkpoint_that_is_held(void **state)
{
  (void)state;
  struct db *db = open_memory();
  struct fake_log log = fake_log_make("hub.example/log");
  uint8_t public_key[PUBLIC_SIZE];
  uint8_t secret[SECRET_SIZE];
  struct note_key witness;
  sign_pair(public_key, secret);
  assert_true(note_key_init(&witness, "330127.node", NOTE_KEY_COSIGNATURE, public_key, NULL));
  struct buf note = fake_log_note(&log, 9);
  assert_int_equal(offer(db, &log, 0, 9), WITNESS_TAKEN);
  struct buf line = BUF_INIT;
  assert_true(witness_cosign(db, "hub.example/log", &witness, secret, 1780000005999, &line, NULL));
  put_bytes(&note, line.data, line.size);
  struct note opened;
  uint64_t time_s = 0;
  assert_true(note_open(&opened, (const char *)note.data, note.size, NULL));
  assert_true(note_verify(&opened, &log.key, NULL, NULL));
  assert_true(note_verify(&opened, &witness, &time_s, NULL));
  assert_int_equal(time_s, 1780000005);
  buf_wipe(&line);
  buf_wipe(&note);
  db_close(db);
}

static void a_proof_file_leads_from_the_entry_to_the_signature(void **state)
{
  (void)state;
  struct fake_log log = fake_log_make("hub.example/log");
  struct merkle_source source = fake_log_source(&log);
  struct buf note = fake_log_note(&log, 37);
  struct merkle_proof path;
  size_t entry = 21;
  assert_true(merkle_prove_inclusion(&source, entry, 37, &path, NULL));
  struct buf file = BUF_INIT;
  proof_encode(&file, entry, &path, (const char *)note.data, note.size);

  struct proof_file parsed;
  struct checkpoint checkpoint;
  assert_true(proof_decode(&parsed, (const char *)file.data, file.size, NULL));
  assert_true(proof_verify(&parsed, &entry, sizeof entry, &log.key, &checkpoint, NULL));
  assert_int_equal(checkpoint.size, 37);
  size_t other = 22;
  struct err err = ERR_INIT;
  assert_false(proof_verify(&parsed, &other, sizeof other, &log.key, &checkpoint, &err));
  assert_string_equal(err.rule, "not_included");

  for (size_t bit = 0; bit < file.size * 8; bit++) {
    file.data[bit / 8] = (uint8_t)(file.data[bit / 8] ^ (1 << bit % 8));
    bool good = proof_decode(&parsed, (const char *)file.data, file.size, NULL) &&
                proof_verify(&parsed, &entry, sizeof entry, &log.key, &checkpoint, NULL);
    if (good) fail_msg("bit %zu of byte %zu may be flipped", bit % 8, bit / 8);
    file.data[bit / 8] = (uint8_t)(file.data[bit / 8] ^ (1 << bit % 8));
  }
  for (size_t size = 0; size < file.size; size++) {
    bool good = proof_decode(&parsed, (const char *)file.data, size, NULL) &&
                proof_verify(&parsed, &entry, sizeof entry, &log.key, &checkpoint, NULL);
    assert_false(good);
  }
  buf_wipe(&file);
  buf_wipe(&note);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(growth_is_taken_and_repetition_is_harmless),
      cmocka_unit_test(a_rewritten_leaf_is_caught),
      cmocka_unit_test(a_rollback_is_caught),
      cmocka_unit_test(a_fork_of_the_same_size_is_caught),
      cmocka_unit_test(another_key_or_origin_is_not_even_evidence),
      cmocka_unit_test(a_cosignature_covers_the_checkpoint_that_is_held),
      cmocka_unit_test(a_proof_file_leads_from_the_entry_to_the_signature),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
