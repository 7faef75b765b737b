/* mirror.h - what branches keep of the province's log, so that a province without its disk can be rebuilt.
 *
 * A branch holds its own entries and those of the province that are for it, but not where they stand in the
 * log, nor the entries that are for others.  So the hub tells every branch, up to each checkpoint it shows:
 *
 *   runs     whose entries stand where, and when they came: a few bytes a batch, of every stream
 *   entries  of the province that this branch is not sent: the record as it is in the log, and the payload
 *            sealed under a key that only the province has; a branch can read none of it
 *
 * MIRROR, the same both ways:
 *   u64 from | u64 to | varint n | n x run | varint m | m x entry
 *   run    u32 author | u32 lane | varint first_seq | varint count | varint received_ms
 *   entry  varint pos - from | vec16 record | u8 has | varint size | size bytes
 * The runs cover from..to without a gap.  The last leaf of a run has its author's signature in it, the others
 * have none.  Nothing here is believed: the rebuilt root proves it (recall.h).
 * OWNERSHIP: readers borrow the body's bytes.  THREADS: the connection's. */
#ifndef SUNLIT_SYNC_MIRROR_H
#define SUNLIT_SYNC_MIRROR_H

#include "core/base/db.h"
#include "sync/entry.h"

struct mirror_run {
  struct stream stream;
  uint64_t first_pos;
  uint64_t first_seq;
  uint64_t count;
  int64_t received_ms;
};

struct mirror_entry {
  uint64_t pos;
  const uint8_t *record;
  size_t record_size;
  const uint8_t *sealed; /* NULL: withheld */
  size_t sealed_size;
};

/* A list of them, each behind the one before, from `from` on. */
struct mirror_entries {
  uint64_t from, left;
  struct reader r;
};
bool mirror_entries_next(struct mirror_entries *entries, struct mirror_entry *out); /* false at the end */
/* Takes the list off the reader, which is bad when an entry is malformed or not before `to`. */
void mirror_entries_get(struct reader *r, uint64_t from, uint64_t to, struct mirror_entries *out);

struct mirror_reader {
  uint64_t from, to;
  uint64_t pos; /* of the next run */
  struct reader runs;
  uint64_t runs_left;
  struct mirror_entries entries;
};

/* Checks the whole body: bounds, no gap, records that decode, entries of the runs they lie in.  ERR_INPUT
 * rule "message". */
bool mirror_open(struct mirror_reader *out, const void *p, size_t n, struct err *err);
bool mirror_next_run(struct mirror_reader *reader, struct mirror_run *out); /* false at the end */
bool mirror_next_entry(struct mirror_reader *reader, struct mirror_entry *out);

/* The key under which the province seals what it gives to branches to keep. */
void mirror_key(uint8_t out[BOX_KEY_SIZE], const uint8_t secret[SECRET_SIZE]);
/* Appends one to a list; `at` is its place behind where the list begins.  sealed NULL: it was withheld. */
void mirror_entry_put(struct buf *out, uint64_t at, const struct mirror_entry *entry);
/* What the branch is not sent as an entry of its own or of everybody. */
bool mirror_is_for_others(const struct record *record, uint32_t province, uint32_t branch);
/* The payload in a row, NULL when it was withheld: an empty one is there. */
const void *mirror_payload(const struct query *q, int index, size_t *size);
/* Appends that entry, its payload sealed; payload NULL: it was withheld. */
bool mirror_seal(struct buf *out, uint64_t at, const struct mirror_entry *entry, const void *payload,
                 size_t size, const uint8_t key[BOX_KEY_SIZE], struct err *err);
/* The payload of an entry back from its sealed form.  False: sealed by somebody else, or damaged. */
bool mirror_unseal(struct buf *out, const struct mirror_entry *entry, const uint8_t key[BOX_KEY_SIZE]);

/* Hub: appends the body for `branch` from `from` on, at most to `to`, ending where a run ends; *to becomes
 * where it ended, `from` when there is nothing. */
bool mirror_of_log(struct db *db, uint32_t branch, const uint8_t key[BOX_KEY_SIZE], uint64_t from,
                   uint64_t *to, struct buf *out, struct err *err);
/* Node: the same from what it keeps; ends where that ends. */
bool mirror_of_kept(struct db *db, uint64_t from, uint64_t *to, struct buf *out, struct err *err);

/* Node: how far it keeps the log. */
bool mirror_through(struct db *db, uint64_t *pos, struct err *err);
/* Node: keeps what follows on what it has, inside the caller's transaction; nothing when it does not follow.
 */
bool mirror_keep(struct db *db, struct mirror_reader *reader, struct err *err);
/* Node: what it keeps behind `size` came before a checkpoint that turned out to be a lie, or that never came:
 * it goes, with the run in which that size lies, inside the caller's transaction. */
bool mirror_forget(struct db *db, uint64_t size, struct err *err);

#endif
