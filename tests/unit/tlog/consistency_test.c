/* The file in which two checkpoints and the proof between them travel, over the worked example's five leaves.
 */
#include "sync/consistency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static uint8_t secret[SECRET_SIZE];
static struct note_key log_key;
static const char *const leaves[] = {"alpha", "beta", "gamma", "delta", "epsilon"};

static bool subtree(void *ctx, unsigned level, uint64_t n, struct merkle_hash *out, struct err *err)
{
  struct merkle_hash left, right;
  (void)ctx;
  if (level == 0) {
    merkle_leaf(out, leaves[n], strlen(leaves[n]));
    return true;
  }
  if (!subtree(ctx, level - 1, 2 * n, &left, err) || !subtree(ctx, level - 1, 2 * n + 1, &right, err))
    return false;
  merkle_node(out, &left, &right);
  return true;
}

static const struct merkle_source source = {.hash = subtree};

static int make_key(void **state)
{
  uint8_t seed[SEED_SIZE], public_key[PUBLIC_SIZE];
  (void)state;
  for (int i = 0; i < SEED_SIZE; i++)
    seed[i] = (uint8_t)i;
  sign_pair_of_seed(public_key, secret, seed);
  return note_key_init(&log_key, "hub.example/audit", NOTE_KEY_ED25519, public_key, NULL) ? 0 : -1;
}

static void put_note(struct buf *out, uint64_t size, const struct merkle_hash *root)
{
  struct checkpoint checkpoint = {.origin = "hub.example/audit", .size = size, .root = *root};
  struct buf text = BUF_INIT;
  checkpoint_encode(&text, &checkpoint);
  put_bytes(out, text.data, text.size);
  put_text(out, "\n");
  note_sign(out, (const char *)text.data, text.size, &log_key, secret);
  buf_wipe(&text);
}

/* The file for the first `old` leaves against all five; lie: another root for the older one. */
static void make_file(struct buf *out, uint64_t old, bool lie)
{
  struct consistency both = {0};
  struct merkle_hash older, newer;
  struct buf first = BUF_INIT, second = BUF_INIT;
  assert_true(merkle_root(&source, old, &older, NULL) && merkle_root(&source, 5, &newer, NULL));
  assert_true(merkle_prove_consistency(&source, old, 5, &both.proof, NULL));
  if (lie) older.bytes[0] ^= 1;
  put_note(&first, old, &older);
  put_note(&second, 5, &newer);
  both.older = (const char *)first.data;
  both.older_size = first.size;
  both.newer = (const char *)second.data;
  both.newer_size = second.size;
  consistency_encode(out, &both);
  assert_false(out->bad);
  buf_wipe(&first);
  buf_wipe(&second);
}

static bool good(const void *bytes, size_t size, struct err *err)
{
  struct consistency both;
  struct checkpoint older, newer;
  return consistency_decode(&both, bytes, size, err) &&
         consistency_verify(&both, &log_key, &older, &newer, err);
}

static void every_beginning_of_the_worked_example_is_proved(void **state)
{
  (void)state;
  for (uint64_t old = 1; old <= 5; old++) {
    struct buf file = BUF_INIT;
    struct err err = ERR_INIT;
    make_file(&file, old, false);
    if (!good(file.data, file.size, &err)) fail_msg("%d: %s", (int)old, err.text);
    buf_wipe(&file);
  }
}

static void two_signed_pasts_are_evidence(void **state)
{
  (void)state;
  for (uint64_t old = 1; old <= 5; old++) {
    struct buf file = BUF_INIT;
    struct err err = ERR_INIT;
    make_file(&file, old, true);
    assert_false(good(file.data, file.size, &err));
    assert_string_equal(err.rule, "log_rewritten");
    buf_wipe(&file);
  }
}

static void any_bit_that_is_flipped_and_any_cut_is_found(void **state)
{
  (void)state;
  struct buf file = BUF_INIT;
  struct err err = ERR_INIT;
  make_file(&file, 3, false);
  for (size_t i = 0; i < 8 * file.size; i++) {
    file.data[i / 8] ^= (uint8_t)(1 << i % 8);
    if (good(file.data, file.size, &err)) fail_msg("bit %zu may be flipped", i);
    file.data[i / 8] ^= (uint8_t)(1 << i % 8);
  }
  for (size_t n = 0; n < file.size; n++)
    assert_false(good(file.data, n, &err));
  put_text(&file, "\n");
  assert_false(good(file.data, file.size, &err));
  buf_wipe(&file);
}

static void counts_are_canonical_and_bounded(void **state)
{
  (void)state;
  static const char *const files[] = {"sunlit.consistency.v1\nolder 01\nx",
                                      "sunlit.consistency.v1\nolder 99999999\n",
                                      "sunlit.consistency.v1\nolder 1\nxnewer 1\nxproof 64\n",
                                      "sunlit.consistency.v1\nolder -1\n",
                                      "sunlit.consistency.v2\n",
                                      ""};
  for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
    struct err err = ERR_INIT;
    struct consistency both;
    assert_false(consistency_decode(&both, files[i], strlen(files[i]), &err));
    assert_string_equal(err.rule, "consistency");
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_beginning_of_the_worked_example_is_proved),
      cmocka_unit_test(two_signed_pasts_are_evidence),
      cmocka_unit_test(any_bit_that_is_flipped_and_any_cut_is_found),
      cmocka_unit_test(counts_are_canonical_and_bounded),
  };
  return cmocka_run_group_tests(tests, make_key, NULL);
}
