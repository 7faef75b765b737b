/* merkle.h - tree hashes and proofs of RFC 6962, and a proof for a whole run of leaves.
 *
 * Pure arithmetic over hashes.  A tree of any size is made of complete subtrees: (level, n) names the one
 * over the 2^level leaves that start at leaf n * 2^level.  A source hands out their hashes; the log's tiles
 * are one. Sizes and indices are counts of leaves.  All hashes are SHA-256, 32 bytes. SOURCE: RFC 6962
 * section 2.1; the verifying walks follow RFC 9162 sections 2.1.3.2 and 2.1.4.2.             */
#ifndef SUNLIT_SYNC_MERKLE_H
#define SUNLIT_SYNC_MERKLE_H

#include "core/base/crypto.h"

enum { MERKLE_PROOF_MAX = 63, MERKLE_RANGE_PROOF_MAX = 126 };

struct merkle_hash {
  uint8_t bytes[HASH_SIZE];
};

struct merkle_source {
  bool (*hash)(void *ctx, unsigned level, uint64_t n, struct merkle_hash *out, struct err *err);
  void *ctx;
};

/* A proof as a list of hashes; RFC 6962 proofs need at most 63, a range proof at most 126. */
struct merkle_proof {
  size_t count;
  struct merkle_hash hashes[MERKLE_RANGE_PROOF_MAX];
};

void merkle_leaf(struct merkle_hash *out, const void *entry, size_t size);
void merkle_node(struct merkle_hash *out, const struct merkle_hash *left, const struct merkle_hash *right);
/* The root of the tree without leaves: SHA-256 of nothing. */
void merkle_empty(struct merkle_hash *out);

bool merkle_root(const struct merkle_source *source, uint64_t size, struct merkle_hash *out, struct err *err);
/* PATH(index, D[size]): leaf to root.  index < size, else ERR_INPUT. */
bool merkle_prove_inclusion(const struct merkle_source *source, uint64_t index, uint64_t size,
                            struct merkle_proof *out, struct err *err);
/* PROOF(old, D[size]).  old <= size, else ERR_INPUT; empty when old is 0 or equals size. */
bool merkle_prove_consistency(const struct merkle_source *source, uint64_t old, uint64_t size,
                              struct merkle_proof *out, struct err *err);
/* The subtrees left and right of leaves [first, first + count), in order from left to right.  Together with
 * the leaves themselves they give the root, so one proof covers every entry of a batch. */
bool merkle_prove_range(const struct merkle_source *source, uint64_t first, uint64_t count, uint64_t size,
                        struct merkle_proof *out, struct err *err);

/* PATH of one leaf of a proved range, from the range's leaves and its proof, without the log. */
bool merkle_path_of_range(const struct merkle_hash *leaves, uint64_t first, uint64_t count, uint64_t size,
                          const struct merkle_proof *proof, uint64_t index, struct merkle_proof *out,
                          struct err *err);

bool merkle_verify_inclusion(const struct merkle_hash *leaf, uint64_t index, uint64_t size,
                             const struct merkle_proof *proof, const struct merkle_hash *root);
bool merkle_verify_consistency(uint64_t old, const struct merkle_hash *old_root, uint64_t size,
                               const struct merkle_hash *root, const struct merkle_proof *proof);
bool merkle_verify_range(const struct merkle_hash *leaves, uint64_t first, uint64_t count, uint64_t size,
                         const struct merkle_proof *proof, const struct merkle_hash *root);

#endif
