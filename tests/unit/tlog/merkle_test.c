/* Trees and proofs against the vectors of RFC 6962's reference, and against a plain recursion over random
 * sizes. */
#include "sync/merkle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* All leaves of a test tree; a subtree's hash is computed afresh from its leaves. */
struct leaves {
  size_t count;
  struct merkle_hash *hashes;
};

static struct merkle_hash plain_root(const struct merkle_hash *hashes, size_t count)
{
  struct merkle_hash out;
  if (count == 0) merkle_empty(&out);
  if (count == 1) out = hashes[0];
  if (count < 2) return out;
  size_t k = 1;
  while (k * 2 < count)
    k *= 2;
  struct merkle_hash left = plain_root(hashes, k);
  struct merkle_hash right = plain_root(hashes + k, count - k);
  merkle_node(&out, &left, &right);
  return out;
}

static bool give(void *ctx, unsigned level, uint64_t n, struct merkle_hash *out, struct err *err)
{
  struct leaves *leaves = ctx;
  size_t size = (size_t)1 << level;
  if ((n + 1) * size > leaves->count)
    return err_set(err, ERR_MISSING, "subtree %u/%llu", level, (unsigned long long)n);
  *out = plain_root(leaves->hashes + n * size, size);
  return true;
}

static struct leaves leaves_make(size_t count)
{
  struct leaves leaves = {.count = count, .hashes = calloc(count + 1, sizeof *leaves.hashes)};
  for (size_t i = 0; i < count; i++)
    merkle_leaf(&leaves.hashes[i], &i, sizeof i);
  return leaves;
}

static void expect_hex(const struct merkle_hash *hash, const char *hex)
{
  char text[2 * HASH_SIZE + 1];
  hex_encode(text, hash->bytes, HASH_SIZE);
  assert_string_equal(text, hex);
}

/* SOURCE: certificate-transparency's merkle_tree_test, the eight inputs and roots quoted in many logs. */
static void reference_roots_are_met(void **state)
{
  (void)state;
  static const struct {
    const char *bytes;
    size_t size;
    const char *root;
  } steps[] = {
      {"", 0, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
      {"\x00", 1, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {"\x10", 1, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
      {"\x20\x21", 2, "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
      {"\x30\x31", 2, "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
      {"\x40\x41\x42\x43", 4, "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
      {"\x50\x51\x52\x53\x54\x55\x56\x57", 8,
       "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
      {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f", 16,
       "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
  };
  struct leaves leaves = leaves_make(8);
  struct merkle_source source = {.hash = give, .ctx = &leaves};
  for (size_t i = 0; i < 8; i++) {
    merkle_leaf(&leaves.hashes[i], steps[i].bytes, steps[i].size);
    struct merkle_hash root;
    assert_true(merkle_root(&source, i + 1, &root, NULL));
    expect_hex(&root, steps[i].root);
  }
  struct merkle_hash empty;
  assert_true(merkle_root(&source, 0, &empty, NULL));
  expect_hex(&empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  free(leaves.hashes);
}

/* The five entries of the example in note_test.c. */
static void the_worked_example_has_its_roots_and_its_consistency_proof(void **state)
{
  (void)state;
  static const char *const words[] = {"alpha", "beta", "gamma", "delta", "epsilon"};
  struct leaves leaves = leaves_make(5);
  struct merkle_source source = {.hash = give, .ctx = &leaves};
  for (size_t i = 0; i < 5; i++)
    merkle_leaf(&leaves.hashes[i], words[i], strlen(words[i]));
  struct merkle_hash root;
  expect_hex(&leaves.hashes[0], "2a158d8afd48e3f88cb4195dfdb2a9e4817d95fa57fd34440d93f9aae5c4f82b");
  assert_true(merkle_root(&source, 3, &root, NULL));
  expect_hex(&root, "385da30f3917282c8939dff851957e519ab1846b1351a14c0adb3b11632742aa");
  assert_true(merkle_root(&source, 5, &root, NULL));
  expect_hex(&root, "4fadaf65230be6227c00da655ea088f1038a3b3443350b3e6cf7062f2e03963a");
  struct merkle_proof proof;
  assert_true(merkle_prove_consistency(&source, 3, 5, &proof, NULL));
  assert_int_equal(proof.count, 4);
  static const char *const starts[] = {"THnQ1i98", "XHEX+57b", "mDy1fATN", "vzbln4jQ"};
  for (size_t i = 0; i < 4; i++) {
    struct buf text = BUF_INIT;
    base64_encode(&text, proof.hashes[i].bytes, HASH_SIZE);
    assert_memory_equal(text.data, starts[i], 8);
    buf_wipe(&text);
  }
  free(leaves.hashes);
}

static void every_leaf_of_every_small_tree_is_proved_and_no_other(void **state)
{
  (void)state;
  struct leaves leaves = leaves_make(40);
  struct merkle_source source = {.hash = give, .ctx = &leaves};
  for (uint64_t size = 1; size <= 40; size++) {
    struct merkle_hash root = plain_root(leaves.hashes, size);
    for (uint64_t i = 0; i < size; i++) {
      struct merkle_proof proof;
      assert_true(merkle_prove_inclusion(&source, i, size, &proof, NULL));
      assert_true(merkle_verify_inclusion(&leaves.hashes[i], i, size, &proof, &root));
      assert_false(merkle_verify_inclusion(&leaves.hashes[(i + 1) % 40], i, size, &proof, &root));
      if (size > 1)
        assert_false(merkle_verify_inclusion(&leaves.hashes[i], (i + 1) % size, size, &proof, &root));
      if (proof.count == 0) continue;
      proof.hashes[proof.count - 1].bytes[3] ^= 1;
      assert_false(merkle_verify_inclusion(&leaves.hashes[i], i, size, &proof, &root));
      proof.hashes[proof.count - 1].bytes[3] ^= 1;
      proof.count--;
      assert_false(merkle_verify_inclusion(&leaves.hashes[i], i, size, &proof, &root));
    }
    struct merkle_proof none;
    assert_false(merkle_prove_inclusion(&source, size, size, &none, NULL));
  }
  free(leaves.hashes);
}

static void growth_is_proved_and_a_rewritten_leaf_is_not(void **state)
{
  (void)state;
  struct leaves leaves = leaves_make(40);
  struct merkle_source source = {.hash = give, .ctx = &leaves};
  for (uint64_t size = 0; size <= 40; size++) {
    struct merkle_hash root = plain_root(leaves.hashes, size);
    for (uint64_t old = 0; old <= size; old++) {
      struct merkle_hash old_root = plain_root(leaves.hashes, old);
      struct merkle_proof proof;
      assert_true(merkle_prove_consistency(&source, old, size, &proof, NULL));
      assert_true(merkle_verify_consistency(old, &old_root, size, &root, &proof));
      if (old == 0) continue;
      struct merkle_hash other = old_root;
      other.bytes[0] ^= 1;
      assert_false(merkle_verify_consistency(old, &other, size, &root, &proof));
      other = root;
      other.bytes[31] ^= 1;
      assert_false(merkle_verify_consistency(old, &old_root, size, &other, &proof));
      proof.count++;
      assert_false(merkle_verify_consistency(old, &old_root, size, &root, &proof));
    }
  }
  free(leaves.hashes);
}

static void one_range_proof_covers_every_leaf_of_a_batch(void **state)
{
  (void)state;
  struct leaves leaves = leaves_make(24);
  struct merkle_source source = {.hash = give, .ctx = &leaves};
  for (uint64_t size = 1; size <= 24; size++) {
    struct merkle_hash root = plain_root(leaves.hashes, size);
    for (uint64_t first = 0; first < size; first++) {
      for (uint64_t count = 1; first + count <= size; count++) {
        struct merkle_proof proof;
        assert_true(merkle_prove_range(&source, first, count, size, &proof, NULL));
        assert_true(merkle_verify_range(leaves.hashes + first, first, count, size, &proof, &root));
        struct merkle_proof path;
        uint64_t index = first + count / 2;
        assert_true(
            merkle_path_of_range(leaves.hashes + first, first, count, size, &proof, index, &path, NULL));
        assert_true(merkle_verify_inclusion(&leaves.hashes[index], index, size, &path, &root));
        leaves.hashes[first + count - 1].bytes[7] ^= 4;
        assert_false(merkle_verify_range(leaves.hashes + first, first, count, size, &proof, &root));
        leaves.hashes[first + count - 1].bytes[7] ^= 4;
        proof.count++;
        assert_false(merkle_verify_range(leaves.hashes + first, first, count, size, &proof, &root));
      }
    }
  }
  struct merkle_proof proof;
  assert_false(merkle_prove_range(&source, 20, 5, 24, &proof, NULL));
  assert_false(merkle_prove_range(&source, 3, 0, 24, &proof, NULL));
  free(leaves.hashes);
}

static void random_trees_up_to_70000_leaves_prove_themselves(void **state)
{
  (void)state;
  struct leaves leaves = leaves_make(70000);
  struct merkle_source source = {.hash = give, .ctx = &leaves};
  srandom(20261122);
  for (int round = 0; round < 12; round++) {
    uint64_t size = 1 + (uint64_t)random() % 70000;
    uint64_t old = (uint64_t)random() % (size + 1);
    uint64_t index = (uint64_t)random() % size;
    struct merkle_hash root = plain_root(leaves.hashes, size);
    struct merkle_hash old_root = plain_root(leaves.hashes, old);
    struct merkle_proof proof;
    assert_true(merkle_prove_inclusion(&source, index, size, &proof, NULL));
    assert_true(merkle_verify_inclusion(&leaves.hashes[index], index, size, &proof, &root));
    assert_true(merkle_prove_consistency(&source, old, size, &proof, NULL));
    assert_true(merkle_verify_consistency(old, &old_root, size, &root, &proof));
    uint64_t count = 1 + (uint64_t)random() % (size - index);
    assert_true(merkle_prove_range(&source, index, count, size, &proof, NULL));
    assert_true(merkle_verify_range(leaves.hashes + index, index, count, size, &proof, &root));
  }
  free(leaves.hashes);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(reference_roots_are_met),
      cmocka_unit_test(the_worked_example_has_its_roots_and_its_consistency_proof),
      cmocka_unit_test(every_leaf_of_every_small_tree_is_proved_and_no_other),
      cmocka_unit_test(growth_is_proved_and_a_rewritten_leaf_is_not),
      cmocka_unit_test(one_range_proof_covers_every_leaf_of_a_batch),
      cmocka_unit_test(random_trees_up_to_70000_leaves_prove_themselves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
