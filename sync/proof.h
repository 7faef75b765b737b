/* proof.h - a c2sp.org/tlog-proof@v1 file: one entry, its place in the log, and the signed checkpoint.
 *
 *   c2sp.org/tlog-proof@v1
 *   extra <base64; here the leaf itself, so that the file needs no other>        (may be absent)
 *   index 1204880
 *   <hashes from leaf to root, one base64 line each>
 *   <empty line>
 *   <checkpoint note>
 * SOURCE: c2sp.org/tlog-proof. */
#ifndef SUNLIT_SYNC_PROOF_H
#define SUNLIT_SYNC_PROOF_H

#include "sync/note.h"

enum { PROOF_FILE_MAX = NOTE_SIZE_MAX + 64 * 64 };

struct proof_file {
  uint64_t index;
  struct merkle_proof path;
  const char *note; /* borrowed from the parsed bytes */
  size_t note_size;
  const char *extra; /* borrowed; base64 as it stands there; NULL: none */
  size_t extra_size;
};

void proof_encode(struct buf *out, uint64_t index, const struct merkle_proof *path, const char *note,
                  size_t note_size);
/* Puts the leaf into a file that proof_encode made. */
void proof_add_leaf(struct buf *file, const void *leaf, size_t leaf_size);
/* The leaf a file brings along; ERR_MISSING when it has none, ERR_INPUT when it is no base64. */
bool proof_leaf(const struct proof_file *proof, struct buf *leaf, struct err *err);
bool proof_decode(struct proof_file *out, const char *bytes, size_t size, struct err *err);
/* The leaf (its bytes as in tlog.h) is in the log that `log` signed, at that index; says which step fails. */
bool proof_verify(const struct proof_file *proof, const void *leaf, size_t leaf_size,
                  const struct note_key *log, struct checkpoint *checkpoint, struct err *err);

#endif
