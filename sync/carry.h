/* carry.h - the exchange by hand: what would cross the line, in a file on a stick.
 *
 *   "sunlit.carry.v1\n" | u8 kind | u32 province | u32 branch | u64 acked_seq | u64 held_size | u64
 * shared_seq | u64 directed_seq | u32 count | count x ( u32 length | u8 type | body ) A branch writes its
 * entries: where it stands, WITNESSED (the checkpoint it holds, with its cosignature), STANDING (its newest
 * entry) and BATCH frames of its stream behind acked_seq.  The province takes them with
 * the same checks as from a line and writes a receipt: STANDING (its own newest of that stream) and BATCH
 * frames of what the branch lacks of it or has others of, CHECKPOINT from held_size on, LEAVES for all it has
 * behind acked_seq, and BATCH frames of its own streams behind shared_seq and directed_seq. The branch takes
 * that with the same checks as from a line; what it has in the place of what it is given is put aside and
 * journaled again behind it (aside.h).  Everything proves itself, so the file may be carried by anybody,
 * late, twice, or lost.  docs/PROTOCOL.md has a section on it. OWNERSHIP: readers borrow the file's bytes. */
#ifndef SUNLIT_SYNC_CARRY_H
#define SUNLIT_SYNC_CARRY_H

#include "sync/frame.h"
#include "sync/store.h"

enum carry_kind { CARRY_NONE, CARRY_ENTRIES = 1, CARRY_RECEIPT = 2, CARRY_HISTORY = 3 /* carry_history.h */ };
enum { CARRY_SIZE_MAX = 64 * 1024 * 1024, CARRY_ITEMS_MAX = 65536 };

struct carry_head {
  enum carry_kind kind;
  uint32_t province;
  uint32_t branch;
  uint64_t acked_seq;  /* the branch has proofs through here */
  uint64_t held_size;  /* of the checkpoint it holds */
  uint64_t shared_seq; /* what it has of the province's streams */
  uint64_t directed_seq;
  uint32_t count;
};

/* Does the file begin like one of these? */
bool carry_is(const void *p, size_t n);

struct carry_reader {
  struct carry_head head;
  struct reader items;
  uint32_t left;
};
/* Checks the whole container: bounds, types, nothing missing, nothing behind.  ERR_INPUT rule "carry"; of
 * bytes that begin with something else "not_carried". */
bool carry_open(struct carry_reader *out, const void *p, size_t n, struct err *err);
/* Whose file it must be and which: one that is something else is refused by what it is (ERR_INPUT):
 * "carry_other_province", "carry_other_branch", "carry_entries", "carry_receipt", "carry_history". */
struct carry_door {
  enum carry_kind kind;
  uint32_t province; /* 0: any */
  uint32_t branch;   /* 0: any */
};
bool carry_fits(const struct carry_head *head, const struct carry_door *door, struct err *err);
/* The same of bytes that may be anything, at a door that looks no further than their head: false when they
 * begin like one of these files and are of another kind than the door's (CARRY_NONE: of any). */
bool carry_may_be(const void *p, size_t n, enum carry_kind door, struct err *err);
enum { CARRY_HEAD_SIZE = 61 };
/* False when there is no further item. */
bool carry_next(struct carry_reader *reader, struct frame *item);

/* Writing: the count is filled in by carry_end. */
void carry_begin(struct buf *out, const struct carry_head *head);
bool carry_end(struct buf *out, uint32_t count, struct err *err);

/* Node: everything that is signed and not proved to be received, as far as it fits; with `all` everything
 * from the first entry on, for a province that denies what it once proved.  `unsigned_tail` (may be NULL):
 * entries that only a running or starting node can sign. */
struct carry_wanted {
  uint32_t province;
  uint32_t branch;
  bool all;
  const uint8_t *secret; /* of the branch, to cosign the checkpoint it holds; NULL: without */
  int64_t now_ms;
};
bool carry_export(struct db *db, const struct carry_wanted *what, struct buf *out, struct head *through,
                  uint64_t *unsigned_tail, struct err *err);

struct carry_facts {
  uint32_t branch;
  uint64_t batches;
  uint64_t entries;     /* new ones */
  uint64_t quarantined; /* of these */
  uint64_t through;     /* of the branch's stream: taken, or at the branch proved to be received */
  uint64_t log_size;
  uint64_t
      cosigned; /* hub: the branch has cosigned our log up to here; 0: the file brought none that counts */
  bool waits;   /* node: a restored copy that still waits for what the province has */
  uint64_t late_from,
      late_to;         /* hub: entries that are not taken, for the branch has written others since: late.h */
  uint64_t given_from; /* hub: the receipt brings the branch's own entries from here on; 0: none */
  uint64_t returned;   /* node: entries of its own that were missing here and are back */
  uint64_t again;      /* node: of a receipt: records of its own that are journaled again behind those */
  uint64_t kept;       /* node: that stay aside and are not journaled again as it stands: aside.h */
};
/* Hub: takes a file of entries, signs the log, and appends the receipt.  `db` is a read connection.  False: a
 * batch was not taken, err says why; those before it are, and the file may come again. */
bool carry_take(struct store *store, struct db *db, const void *p, size_t n, int64_t now_ms,
                struct buf *receipt, struct carry_facts *facts, struct err *err);
/* Node: takes a receipt, or an export of its own, of a disk that it has gone back from (late.h).  An export
 * from which nothing comes back is the file that goes out, not the receipt: ERR_INPUT "carry_entries". */
bool carry_receive(struct store *store, struct db *db, const void *p, size_t n, int64_t now_ms,
                   struct carry_facts *facts, struct err *err);

#endif
