/* evidence.h - everything that proves a few entries, in one plain file that needs no network and no program
 * of ours.
 *
 * A tar archive (core/base/tar.h) of one folder, so that unpacking it scatters nothing; in it
 *   README.txt               what this is, what it proves and does not, the openssl commands
 *   report.txt               the caller's words: what the entries say
 *   checkpoint.txt           the log's signed note with cosignatures
 *   keys.txt                 "log VKEY" and "author CODE epoch N since MS revoked MS HEX" lines
 *   entries/POS/record.bin   canonical record        entries/POS/payload.bin  the changeset, if it is there
 *   entries/POS/leaf.bin     the leaf that is hashed  entries/POS/proof.txt    tlog-proof@v1
 *   entries/POS/chain.bin    vec16 records that follow in its stream, up to the signed one; may be empty
 *   entries/POS/head.msg     "sunlit.head.v1\n" ‖ hash of the last of them    entries/POS/head.sig  the
 * signature entries/POS/author.pem   the key that made it    entries/POS/words.txt    the entry in words
 *   SHA256SUMS               of all members before it, for sha256sum -c
 * evidence_verify reads nothing but these bytes, also those of bundles of before, which had no folder.
 * docs/PROTOCOL.md has a section on it. */
#ifndef SUNLIT_SYNC_EVIDENCE_H
#define SUNLIT_SYNC_EVIDENCE_H

#include "core/base/db.h"
#include "core/base/tar.h"
#include "sync/evidence_act.h"
#include "sync/note.h"

/* So many are asked for at once, and each may bring the act that withheld it. */
enum { EVIDENCE_ASKED_MAX = 256, EVIDENCE_ENTRIES_MAX = 2 * EVIDENCE_ASKED_MAX };
enum { EVIDENCE_FOLDER_MAX = 50, EVIDENCE_SIZE_MAX = 64 * 1024 * 1024 };

struct evidence_entry {
  int64_t pos;
  const char *words; /* what it says, for people */
};

struct evidence_config {
  const char *folder; /* its name: of letters, digits and '-', at most EVIDENCE_FOLDER_MAX */
  const char *report; /* text of report.txt */
  const struct note_key *log;
  int64_t now_ms;
};

/* Builds the bundle from a read connection.  ERR_CONFLICT rule "not_yet_signed" when the log's newest signed
 * checkpoint does not reach an entry yet, or its author's signature has not come. */
bool evidence_build(struct db *db, const struct evidence_config *config, const struct evidence_entry *entries,
                    size_t count, struct buf *out, struct err *err);

/* Reads one line of SHA256SUMS, as sha256sum(1) writes it, and moves behind it; false when it is not one. */
#define EVIDENCE_SUMS "SHA256SUMS"
bool evidence_sums_line(const char **at, const char *end, const char **hex, char name[TAR_NAME_MAX + 1]);

/* What one entry of a bundle was found to be. */
struct evidence_fact {
  int64_t pos;
  uint32_t author;
  uint32_t lane;
  uint32_t epoch;
  uint64_t seq;
  int64_t claimed_ms;
  int64_t received_ms;
  bool absent; /* the payload is not here; its hash is proved */
  /* It was withheld, where the bundle has the act's entry too; pos -1 where it has not: anybody may take a
   * payload out of a bundle. */
  struct evidence_act act;
  uint8_t record_hash[HASH_SIZE];
  int64_t revoked_ms; /* of the key, as keys.txt says; 0: it is in force */
  uint8_t key[PUBLIC_SIZE];
};

struct evidence_result {
  struct checkpoint checkpoint;
  bool log_pinned; /* the log's key was given by the caller, not taken from the bundle */
  struct note_key log;
  const uint8_t *note; /* the signed note, borrowed from the bundle */
  size_t note_size;
  size_t strangers;    /* files beside those that SHA256SUMS names: no part of the bundle */
  size_t cosignatures; /* lines besides the log's; not judged here (policy.h) */
  size_t absent;       /* entries without their payload, withheld or not */
  size_t count;
  struct evidence_fact facts[EVIDENCE_ENTRIES_MAX];
};

/* ERR_INPUT or ERR_REFUTED names the member and the step.  log may be NULL: then the bundle's own key is
 * used. */
bool evidence_verify(const void *p, size_t size, const struct note_key *log, struct evidence_result *result,
                     struct err *err);

#endif
