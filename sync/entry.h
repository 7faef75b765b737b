/* entry.h - one committed transaction as a record, the fact that is hashed, chained and signed.
 *
 * A record says who did what when in which stream, and names its payload (a changeset) by size and SHA-256;
 * the payload lies beside it and can be withheld or erased while record, chain and log still verify.  The
 * bytes of a record are canonical: record_encode has one output, record_decode accepts nothing else.
 * `prev` is the record hash of seq - 1, zeros before the first.  docs/PROTOCOL.md sections 1 and 2.
 * OWNERSHIP: a decoded record borrows its names from the bytes it came from.  THREADS: pure functions. */
#ifndef SUNLIT_SYNC_ENTRY_H
#define SUNLIT_SYNC_ENTRY_H

#include "core/base/bytes.h"
#include "core/base/crypto.h"
#include "core/base/err.h"
#include "core/base/limits.h"

enum {
  RECORD_VERSION = 1,
  SUITE_ED25519_SHA256 = 1, /* 2 is kept for SM2/SM3 */
  RECORD_SIZE_MIN = 113     /* all three names empty */
};

/* One hash-chained sequence: a branch writes (branch, 0); the hub writes (province, 0) for everybody,
 * (province, branch) for one branch and (province, province) for itself. */
struct stream {
  uint32_t author;
  uint32_t lane;
};

/* A name inside a record: at most NAME_SIZE_MAX bytes of UTF-8 without control characters; not
 * zero-terminated. */
struct name {
  const char *text;
  size_t size;
};

struct record {
  struct stream stream;
  uint32_t epoch;
  uint64_t seq; /* from 1, without gaps, across epochs */
  uint8_t prev[HASH_SIZE];
  uint64_t hlc;
  uint32_t schema;
  uint8_t schema_hash[SCHEMA_HASH_SIZE];
  struct name actor, action, subject;
  uint32_t payload_size;
  uint8_t payload_sha256[HASH_SIZE];
};

/* The newest entry of a stream; all zeros when it has none.  lost: nobody has it any more, hash is its leaf's
 * in the log, and hlc and schema are not known (lost_leaf.h). */
struct head {
  bool lost;
  uint32_t epoch;
  uint64_t seq;
  uint64_t hlc;
  uint32_t schema;
  uint8_t hash[HASH_SIZE];
};

struct name name_of(const char *text);

/* Appends the canonical bytes.  False when a name or number is out of its bounds (ERR_INPUT or ERR_LIMIT with
 * the field). */
bool record_encode(struct buf *out, const struct record *record, struct err *err);
/* Exactly n bytes; ERR_INPUT, rule "record", field = the part that is wrong. */
bool record_decode(struct record *out, const void *p, size_t n, struct err *err);
/* Is that, of payload_size bytes, the payload that was signed with it? */
bool record_names(const struct record *record, const void *payload);
/* SHA-256("sunlit.record.v1\n" || record). */
void record_hash(uint8_t out[HASH_SIZE], const void *p, size_t n);

/* The signature over "sunlit.head.v1\n" || record hash vouches for that record and the whole chain behind it.
 */
void head_sign(uint8_t out[SIGNATURE_SIZE], const uint8_t hash[HASH_SIZE], const uint8_t secret[SECRET_SIZE]);
bool head_verify(const uint8_t signature[SIGNATURE_SIZE], const uint8_t hash[HASH_SIZE],
                 const uint8_t public_key[PUBLIC_SIZE]);

#endif
