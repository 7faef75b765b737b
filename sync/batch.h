/* batch.h - consecutive entries of one stream as they travel, with one signature over the last.
 *
 * The same bytes serve the wire, a USB stick and a backup.  What the receiver can derive is not sent: the
 * stream, epoch, schema, first seq and prev stand once in the head, the rest in columns, then the payloads,
 * all under zstd.  batch_open rebuilds every canonical record and hashes it; one signature over the last
 * hash then proves all.  Every bound is checked before memory is taken.  docs/PROTOCOL.md section 3.
 *
 * ORDER OF TRUST: batch_peek reads the head alone (which stream, how many) without unpacking; batch_open
 * unpacks and hashes, trusting nothing; batch_verify checks the signature; only then may a payload be parsed
 * (store_apply insists).  OWNERSHIP: a batch owns its bytes; entries borrow from it.  THREADS: pure; one
 * batch belongs to one thread at a time. */
#ifndef SUNLIT_SYNC_BATCH_H
#define SUNLIT_SYNC_BATCH_H

#include "sync/entry.h"
#include "sync/keys.h"

struct batch_head {
  struct stream stream;
  uint32_t epoch;
  uint32_t schema;
  uint8_t schema_hash[SCHEMA_HASH_SIZE];
  uint64_t first_seq;
  uint32_t count;
  uint8_t prev[HASH_SIZE]; /* record hash of first_seq - 1 */
};

static inline uint64_t batch_last_seq(const struct batch_head *head)
{
  return head->first_seq + head->count - 1;
}

struct batch_entry {
  const uint8_t *record; /* canonical bytes */
  uint32_t record_size;
  uint32_t payload_size;
  const uint8_t *payload; /* NULL when withheld */
  uint64_t hlc;
  int64_t came_ms;         /* its branch says that the province received it then (TAIL_CAME); 0: nothing */
  uint8_t hash[HASH_SIZE]; /* of the record */
};

struct batch {
  struct batch_head head;
  struct batch_entry *entries; /* head.count of them */
  uint8_t signature[SIGNATURE_SIZE];
  bool verified; /* set by batch_verify */
  bool vouched;  /* by the province, in its author's place: PROTOCOL 7.18 */
  bool ended;    /* its key is in force no more: it fills holes (found.h), and adds nothing */
  bool carried;  /* set by who takes a file, which may be of an older disk: late.h */
  uint8_t public_key[PUBLIC_SIZE]; /* the key that verified it */
  struct buf plain;                /* what was under zstd: payloads point into it */
  struct buf records;
};

/* The head alone, for deciding whether to go on.  ERR_INPUT rule "batch", field = the part. */
bool batch_peek(struct batch_head *out, const void *p, size_t n, struct err *err);
/* Exactly one batch and nothing after it.  ERR_INPUT rule "batch" or ERR_LIMIT rule "batch_size". */
bool batch_open(struct batch **out, const void *p, size_t n, struct err *err);
void batch_close(struct batch *batch); /* NULL is fine */
/* The signature over the last record.  ERR_DENIED rule "signature". */
bool batch_verify(struct batch *batch, const uint8_t public_key[PUBLIC_SIZE], struct err *err);
/* batch_open, key_in_force and batch_verify in one step, for connection threads.  A branch takes its own
 * history from the province's signature too. */
bool batch_accept(struct batch **out, struct db *db, const void *p, size_t n, struct err *err);

/* Building one: init with the head (count is filled in), add entries in order, finish with the signature of
 * the last.  batch_add returns false without an error set when the next entry would pass a bound: finish
 * first. Errors are sticky until batch_finish.  Payload NULL with a size > 0 means withheld. */
struct batch_writer;
bool batch_writer_open(struct batch_writer **out, const struct batch_head *head, struct err *err);
void batch_writer_close(struct batch_writer *writer);
bool batch_add(struct batch_writer *writer, const struct record *record, const void *payload);
bool batch_finish(struct batch_writer *writer, const uint8_t signature[SIGNATURE_SIZE], struct buf *out,
                  struct err *err);
/* What one entry adds to a batch at most: the author signs at least every BATCH_SIZE_MAX of these. */
size_t batch_cost(const struct record *record);

#endif
