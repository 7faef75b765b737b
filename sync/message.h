/* message.h - the bodies of all frames but BATCH: one struct, one encoder and one strict decoder each.
 *
 * An encoder puts one field a line in the order of docs/PROTOCOL.md section 7.  A decoder refuses trailing
 * bytes, unknown versions, text that is not printable UTF-8, and words that are not [a-z0-9_]; what it gives
 * out is complete or nothing.  HELLO, WELCOME and ENROLLED end in a tail of items `u8 kind | vec16 body`,
 * which a reader skips when it does not know their kind: later protocol parts (checkpoints, cosignatures,
 * consistency proofs) live there and old programs live on. OWNERSHIP: texts are copied; tails, keys and
 * certificates are borrowed from the bytes that were decoded. */
#ifndef SUNLIT_SYNC_MESSAGE_H
#define SUNLIT_SYNC_MESSAGE_H

#include "core/base/bytes.h"
#include "core/base/crypto.h"
#include "core/base/err.h"
#include "core/base/limits.h"

/* Times are non-negative and end before the year 10,000, so that arithmetic on them never overflows. */
#define TIME_MS_MAX UINT64_C(253402300799999)

struct span { /* borrowed bytes */
  const uint8_t *p;
  size_t size;
};

struct hello {
  uint32_t branch;
  uint32_t epoch; /* of the key it signs with now */
  uint32_t schema;
  uint8_t schema_hash[8];
  char program[VERSION_TEXT_MAX + 1];
  int64_t wall_ms;     /* the node's clock, for the board: never used to decide */
  uint32_t head_epoch; /* newest entry of its own stream; seq 0 when it has none */
  uint64_t head_seq;
  uint8_t head_hash[HASH_SIZE];
  uint64_t acked_seq;    /* it holds receipts through here; head_seq - acked_seq are pending */
  uint64_t shared_seq;   /* it has applied the hub's lane 0 through here */
  uint64_t directed_seq; /* and the hub's lane of this branch */
  int64_t oldest_ms;     /* when the oldest pending entry was made; 0 when nothing is pending */
  uint32_t refused;      /* records the province did not accept and nobody has dealt with yet */
  char trouble[48];      /* what keeps it from going on: "diverged", "disk_full" ...; "" when nothing does */
  struct span tail;
};

enum stream_standing {
  STREAM_FINE = 0,
  STREAM_FROZEN,   /* two records claim one place in it: nothing more is taken until a person acts */
  STREAM_DIVERGED, /* the hub has another record at the node's head: the node must be enrolled again */
  STREAM_STATE_END
};

struct welcome {
  uint32_t schema;
  uint8_t schema_hash[8];
  char program[VERSION_TEXT_MAX + 1];
  int64_t wall_ms;
  uint32_t head_epoch; /* what the hub has of the node's stream */
  uint64_t head_seq;
  uint8_t head_hash[HASH_SIZE];
  uint64_t shared_seq; /* newest of lane 0 and of the branch's lane: what is still to come */
  uint64_t directed_seq;
  enum stream_standing state; /* of the node's own stream */
  struct span tail;
};

/* What became of a batch: on the wire, so the numbers are fixed.  The first six are the outcomes of apply.h;
 * entries of a batch that is TAKEN may each be quarantined (logged, not applied: it breaks a rule) or parked
 * (logged, applied after an upgrade), which stops nothing. */
enum answer {
  ANSWER_TAKEN = 0, /* in the log through `through` */
  ANSWER_REPLAY,    /* was there already: as good as taken */
  ANSWER_GAP,       /* not taken, entries before it are missing: go on behind `through` */
  ANSWER_FORK,      /* kept as evidence: another record has this place; the stream is frozen */
  ANSWER_FROZEN,    /* not taken: frozen before */
  ANSWER_REFUSED,   /* not taken: malformed, wrong signature, key or epoch */
  ANSWER_FAILED,    /* not taken: the receiver's store could not (disk full); try later */
  ANSWER_END
};
const char *answer_name(enum answer answer);

struct receipt {
  uint64_t first_seq; /* the batch this answers, in the order they were sent; 0 when it could not be read */
  uint64_t last_seq;
  uint64_t through; /* the hub has the stream through here, on disk */
  int64_t received_ms;
  enum answer answer;
  uint32_t quarantined;
  uint32_t parked;
  char rule[48]; /* of the first entry that was quarantined or parked, or of the refusal; "" when all is well
                  */
  char text[RULE_TEXT_MAX + 1];
};

struct cursor {
  uint32_t author;
  uint32_t lane;
  uint64_t through; /* the node has the stream through here, on disk */
  enum answer answer;
  uint32_t quarantined;
  uint32_t parked;
  char rule[48];
  char text[RULE_TEXT_MAX + 1];
};

struct refuse {
  char rule[48];
  char text[RULE_TEXT_MAX + 1];
};

struct enrol {
  char token[TOKEN_SIZE_MAX + 1];
  uint32_t branch;
  uint8_t public_key[PUBLIC_SIZE]; /* Ed25519, what the node will sign entries with */
  struct span tls_key;             /* SubjectPublicKeyInfo, DER */
  char program[VERSION_TEXT_MAX + 1];
  uint32_t had; /* the newest epoch that the branch has been in; 0: none, or its program is older */
};

struct known_key {
  uint32_t author;
  uint32_t epoch;
  int64_t since_ms;
  int64_t revoked_ms; /* 0: still good */
  uint8_t public_key[PUBLIC_SIZE];
};

struct enrolled {
  uint32_t branch;
  uint32_t epoch;
  uint64_t head_seq; /* what the hub has of this author; 0 and zeros for a new branch */
  uint8_t head_hash[HASH_SIZE];
  uint32_t province;
  int64_t wall_ms;
  char site_name[SITE_NAME_MAX + 1]; /* of the branch, UTF-8 */
  struct span certificate;           /* DER */
  struct span ca;                    /* DER */
  size_t keys_count;                 /* every key of the province and of this branch, old epochs too */
  struct known_key keys[ENROL_KEYS_MAX];
  struct span tail;
};

void hello_encode(struct buf *out, const struct hello *m);
void welcome_encode(struct buf *out, const struct welcome *m);
void receipt_encode(struct buf *out, const struct receipt *m);
void cursor_encode(struct buf *out, const struct cursor *m);
void refuse_encode(struct buf *out, const char *rule, const char *text);
void enrolled_encode(struct buf *out, const struct enrolled *m);
/* Signs with the secret key that belongs to m->public_key: the proof that the asker holds it. */
void enrol_encode(struct buf *out, const struct enrol *m, const uint8_t secret[SECRET_SIZE]);

bool hello_decode(struct hello *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
bool welcome_decode(struct welcome *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
bool receipt_decode(struct receipt *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
bool cursor_decode(struct cursor *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
bool refuse_decode(struct refuse *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
bool enrolled_decode(struct enrolled *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));
/* Also verifies the signature over all fields before it. */
bool enrol_decode(struct enrol *m, const void *p, size_t n, struct err *err)
    __attribute__((warn_unused_result));

/* One item of a tail.  tail_get gives the first of that kind, false when there is none. */
void tail_put(struct buf *out, uint8_t kind, const void *body, size_t size);
bool tail_get(struct span tail, uint8_t kind, struct span *body);
/* The next of that kind, moving the tail behind it. */
bool tail_next(struct span *tail, uint8_t kind, struct span *body);

#endif
