/* audit_log.h - a whole log, read once from its first entry to its checkpoint.
 *
 * Each entry is hashed and taken into a tree of our own; every tile that is served must hold the same hashes,
 * and the root of all must be the one in the signed checkpoint.  Beside that every record is followed in its
 * stream: each seq once, none missing, each naming the one before it, and the authors' signatures where their
 * keys are known.  Where an entry is lost the hash in its note stands for it; that it is lost must be said by
 * an entry of the province in this log, else the audit fails (ERR_REFUTED rule "lost_unsaid").  Reading and
 * hashing use all processors; memory is a few bundles and one tile a level, whatever the size of the log. */
#ifndef SUNLIT_VERIFY_AUDIT_LOG_H
#define SUNLIT_VERIFY_AUDIT_LOG_H

#include "sync/note.h"

#include <stddef.h>

/* An author's key as keys.txt has it: "author CODE epoch N since MS revoked MS HEX". */
struct author_key {
  uint32_t author;
  uint32_t epoch;
  int64_t revoked_ms; /* 0: it is in force */
  uint8_t public_key[PUBLIC_SIZE];
};

/* A smaller checkpoint, signed and cosigned as the caller has seen: the audit proves on its way that the log
 * begins with it. */
struct audit_beginning {
  uint64_t size;
  struct merkle_hash root;
};

struct audit_config {
  const char *where;
  const struct note_key *log; /* NULL: the checkpoint's signature is not checked, and the result says so */
  const struct author_key *keys;
  size_t key_count;
  const struct audit_beginning *beginning; /* NULL: none */
  struct buf *note; /* gets the checkpoint's note that was audited; NULL: nobody asks */
};

struct audit_result {
  struct checkpoint checkpoint;
  bool checkpoint_signed;
  size_t cosignatures;
  uint64_t streams;
  uint64_t signatures;    /* of authors, verified */
  uint64_t unknown_keys;  /* signatures that no key was given for */
  uint64_t unsigned_tail; /* entries at the end of streams that no signature covers yet */
  int64_t last_received_ms;
  /* Lost leaves (sync/lost_leaf.h), each of which an entry of the province names: how many, whose, a line a
   * run (the caller wipes it); the entries before them whose signature went with them, which the log alone
   * holds; and those behind them that name a record nobody can compare. */
  uint64_t lost, by_log_alone, lost_links;
  struct buf lost_text;
  struct buf after_text; /* a line a stream of entries that came after their key (after_key.h); the caller
                            wipes it */
};

bool audit_log(const struct audit_config *config, struct audit_result *result, struct err *err);

#endif
