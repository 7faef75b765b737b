#include "sync/merkle.h"

#include <string.h>

void merkle_leaf(struct merkle_hash *out, const void *entry, size_t size)
{
  static const uint8_t prefix = 0;
  sha256_two(out->bytes, &prefix, 1, entry, size);
}

void merkle_node(struct merkle_hash *out, const struct merkle_hash *left, const struct merkle_hash *right)
{
  uint8_t both[1 + 2 * HASH_SIZE] = {1};
  memcpy(both + 1, left->bytes, HASH_SIZE);
  memcpy(both + 1 + HASH_SIZE, right->bytes, HASH_SIZE);
  sha256(out->bytes, both, sizeof both);
}

void merkle_empty(struct merkle_hash *out)
{
  sha256(out->bytes, "", 0);
}

static bool equal(const struct merkle_hash *a, const struct merkle_hash *b)
{
  return memcmp(a->bytes, b->bytes, HASH_SIZE) == 0;
}

static bool is_power_of_two(uint64_t n)
{
  return n != 0 && (n & (n - 1)) == 0;
}

static unsigned log2_of(uint64_t n)
{
  return 63U - (unsigned)__builtin_clzll(n);
}

/* The largest power of two smaller than n; n > 1. */
static uint64_t split_of(uint64_t n)
{
  return (uint64_t)1 << log2_of(n - 1);
}

/* MTH of the size leaves from start on; start is a multiple of the power of two above or at size, as every
 * subtree that the splits of RFC 6962 produce. */
static bool subtree(const struct merkle_source *source, uint64_t start, uint64_t size,
                    struct merkle_hash *out, struct err *err)
{
  if (is_power_of_two(size)) {
    unsigned level = log2_of(size);
    return source->hash(source->ctx, level, start >> level, out, err);
  }
  uint64_t k = split_of(size);
  struct merkle_hash left;
  struct merkle_hash right;
  if (!subtree(source, start, k, &left, err)) return false;
  if (!subtree(source, start + k, size - k, &right, err)) return false;
  merkle_node(out, &left, &right);
  return true;
}

static bool append(const struct merkle_source *source, uint64_t start, uint64_t size,
                   struct merkle_proof *out, struct err *err)
{
  return subtree(source, start, size, &out->hashes[out->count++], err);
}

bool merkle_root(const struct merkle_source *source, uint64_t size, struct merkle_hash *out, struct err *err)
{
  if (size > 0) return subtree(source, 0, size, out, err);
  merkle_empty(out);
  return true;
}

bool merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                            struct merkle_proof *out, struct err *err)
{
  if (index >= size)
    return err_rule(err, ERR_INPUT, "index", "range", "leaf %llu is not in a tree of %llu",
                    (unsigned long long)index, (unsigned long long)size);
  /* The walk goes root to leaf; the proof reads leaf to root. */
  struct merkle_proof down = {0};
  uint64_t start = 0;
  while (size > 1) {
    uint64_t k = split_of(size);
    bool right = index - start >= k;
    if (!append(source, right ? start : start + k, right ? k : size - k, &down, err)) return false;
    start += right ? k : 0;
    size = right ? size - k : k;
  }
  out->count = down.count;
  for (size_t i = 0; i < down.count; i++)
    out->hashes[i] = down.hashes[down.count - 1 - i];
  return true;
}

/* SUBPROOF(m, D[n], b) of RFC 6962 2.1.2. */
static bool subproof(const struct merkle_source *source, uint64_t old, uint64_t start, uint64_t size,
                     bool known, struct merkle_proof *out, struct err *err)
{
  if (old == size) return known || append(source, start, size, out, err);
  uint64_t k = split_of(size);
  if (old <= k)
    return subproof(source, old, start, k, known, out, err) && append(source, start + k, size - k, out, err);
  return subproof(source, old - k, start + k, size - k, false, out, err) &&
         append(source, start, k, out, err);
}

bool merkle_prove_consistency(const struct merkle_source *source, uint64_t old, uint64_t size,
                              struct merkle_proof *out, struct err *err)
{
  if (old > size)
    return err_rule(err, ERR_INPUT, "old", "range", "size %llu is larger than the tree of %llu",
                    (unsigned long long)old, (unsigned long long)size);
  out->count = 0;
  if (old == 0 || old == size) return true;
  return subproof(source, old, 0, size, true, out, err);
}

static bool range_walk(const struct merkle_source *source, uint64_t first, uint64_t end, uint64_t start,
                       uint64_t size, struct merkle_proof *out, struct err *err)
{
  if (start + size <= first || start >= end) return append(source, start, size, out, err);
  if (start >= first && start + size <= end) return true;
  uint64_t k = split_of(size);
  return range_walk(source, first, end, start, k, out, err) &&
         range_walk(source, first, end, start + k, size - k, out, err);
}

bool merkle_prove_range(const struct merkle_source *source, uint64_t first, uint64_t count, uint64_t size,
                        struct merkle_proof *out, struct err *err)
{
  if (count == 0 || count > size || first > size - count)
    return err_rule(err, ERR_INPUT, "range", "range", "leaves %llu+%llu are not in a tree of %llu",
                    (unsigned long long)first, (unsigned long long)count, (unsigned long long)size);
  out->count = 0;
  return range_walk(source, first, first + count, 0, size, out, err);
}

bool merkle_verify_inclusion(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                             const struct merkle_proof *proof, const struct merkle_hash *root)
{
  if (index >= size) return false;
  uint64_t at = index;
  uint64_t last = size - 1;
  struct merkle_hash r = *leaf;
  for (size_t i = 0; i < proof->count; i++) {
    if (last == 0) return false;
    if ((at & 1) || at == last) {
      merkle_node(&r, &proof->hashes[i], &r);
      while (!(at & 1) && at != 0) {
        at >>= 1;
        last >>= 1;
      }
    } else {
      merkle_node(&r, &r, &proof->hashes[i]);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && equal(&r, root);
}

bool merkle_verify_consistency(uint64_t old, const struct merkle_hash *old_root, uint64_t size,
                               const struct merkle_hash *root, const struct merkle_proof *proof)
{
  if (old > size) return false;
  if (old == 0) {
    struct merkle_hash empty;
    merkle_empty(&empty);
    return proof->count == 0 && equal(old_root, &empty);
  }
  if (old == size) return proof->count == 0 && equal(old_root, root);

  uint64_t at = old - 1;
  uint64_t last = size - 1;
  while (at & 1) {
    at >>= 1;
    last >>= 1;
  }
  size_t i = 0;
  struct merkle_hash from = *old_root;
  if (!is_power_of_two(old)) {
    if (proof->count == 0) return false;
    from = proof->hashes[i++];
  }
  struct merkle_hash to = from;
  for (; i < proof->count; i++) {
    const struct merkle_hash *c = &proof->hashes[i];
    if (last == 0) return false;
    if ((at & 1) || at == last) {
      merkle_node(&from, c, &from);
      merkle_node(&to, c, &to);
      while (!(at & 1) && at != 0) {
        at >>= 1;
        last >>= 1;
      }
    } else {
      merkle_node(&to, &to, c);
    }
    at >>= 1;
    last >>= 1;
  }
  return last == 0 && equal(&from, old_root) && equal(&to, root);
}

/* What a range proof is checked with: the leaves from `first` on, and the proof read from left to right. */
struct range_check {
  const struct merkle_hash *leaves;
  uint64_t first;
  uint64_t end;
  const struct merkle_proof *proof;
  size_t used;
};

static bool range_root(struct range_check *check, uint64_t start, uint64_t size, struct merkle_hash *out)
{
  if (start + size <= check->first || start >= check->end) {
    if (check->used == check->proof->count) return false;
    *out = check->proof->hashes[check->used++];
    return true;
  }
  if (size == 1) {
    *out = check->leaves[start - check->first];
    return true;
  }
  uint64_t k = split_of(size);
  struct merkle_hash left;
  struct merkle_hash right;
  if (!range_root(check, start, k, &left) || !range_root(check, start + k, size - k, &right)) return false;
  merkle_node(out, &left, &right);
  return true;
}

bool merkle_verify_range(const struct merkle_hash *leaves, uint64_t first, uint64_t count, uint64_t size,
                         const struct merkle_proof *proof, const struct merkle_hash *root)
{
  if (count == 0 || count > size || first > size - count) return false;
  struct range_check check = {.leaves = leaves, .first = first, .end = first + count, .proof = proof};
  struct merkle_hash r;
  return range_root(&check, 0, size, &r) && check.used == proof->count && equal(&r, root);
}

/* range_root, noting on the way up the siblings of the path to `index`. */
static bool range_path(struct range_check *check, uint64_t start, uint64_t size, uint64_t index,
                       struct merkle_hash *out, struct merkle_proof *path)
{
  bool on_path = index >= start && index < start + size;
  if (!on_path || size == 1) return range_root(check, start, size, out);
  uint64_t k = split_of(size);
  struct merkle_hash left;
  struct merkle_hash right;
  if (!range_path(check, start, k, index, &left, path) ||
      !range_path(check, start + k, size - k, index, &right, path))
    return false;
  path->hashes[path->count++] = index < start + k ? right : left;
  merkle_node(out, &left, &right);
  return true;
}

bool merkle_path_of_range(const struct merkle_hash *leaves, uint64_t first, uint64_t count, uint64_t size,
                          const struct merkle_proof *proof, uint64_t index, struct merkle_proof *out,
                          struct err *err)
{
  struct range_check check = {.leaves = leaves, .first = first, .end = first + count, .proof = proof};
  struct merkle_hash root;
  out->count = 0;
  if (index >= first && index - first < count && count <= size && first <= size - count &&
      range_path(&check, 0, size, index, &root, out) && check.used == proof->count)
    return true;
  return err_rule(err, ERR_INPUT, "range", "range", "leaf %llu is not in the proved range",
                  (unsigned long long)index);
}
