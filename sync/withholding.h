/* withholding.h - acts that withhold the payload of an entry by law, and carrying them out.
 *
 * An act is a row of the replicated table `withholding`, which only the province writes, through the one
 * door: so it is signed, logged and known to every branch.  Where the row is written its entry loses its
 * payload, every copy of it, and the tables lose the rows it made, in the same transaction; the record, the
 * chain, the log and its proofs stay as they are.  So the tables remain the fold of the log (I3), of which an
 * entry without a payload is no part.
 *
 * What lies aside (aside.h) goes too, and does not come back: an entry that was journaled again says of which
 * record, and the act over it names that record in a row of its own.  So a disk that goes back to before all
 * that, and holds the content once more, learns from the act alone that it is withheld.
 *
 * What may go: an entry that only adds rows to append-only tables of a branch (its own facts, the province's
 * answers to it, the province's own events), because no later entry is built on the bytes of such a row.
 * What is shared is built upon by everybody and stays (PROTOCOL 4.5), and so do the acts themselves.
 *
 * THREADS: the connection's.  Nothing here begins or ends a transaction. */
#ifndef SUNLIT_SYNC_WITHHOLDING_H
#define SUNLIT_SYNC_WITHHOLDING_H

#include "core/base/tx.h"
#include "sync/entry.h"

struct logged; /* streams.h */
struct tables; /* tables.h */

struct withholding {
  int64_t id; /* of the act's row; id_seq(id) is the act's own place in (province, 0) */
  struct stream stream;
  uint64_t seq;
  uint8_t record_hash[HASH_SIZE];
  const char *subject;
  const char *no;
  const char *rule, *reason;
  int64_t request;
  const char *asked_by;
  int64_t asked_ms;
  const char *actor; /* who decided */
  int64_t at_ms;
};

/* Is the entry at pos one that may be withheld?  ERR_CONFLICT rule "withheld" (it is already),
 * "withhold_shared", "withhold_changeable", "withhold_act", "waits" (for a newer program); ERR_MISSING. */
bool withholding_allowed(struct db *db, int64_t pos, struct err *err);

/* The province: one act over the entry at pos, after withholding_allowed.  From `act` come no, rule,
 * reason, request, asked_by and asked_ms; actor and time are the transaction's.  ERR_DENIED rule
 * "two_persons" when the one who asked is the one who acts. */
bool withholding_add(struct tx *tx, int64_t pos, const struct withholding *act, struct err *err);

/* Acts that name their entry's own record come after those, of the same moment, that name the record it was
 * first: withholding_get gives the former, and so do lists. */

/* Carries out the acts whose id is at least from_id (0: all): every copy of their payloads here becomes NULL
 * and the rows they made leave the tables.  For acts that were carried out it does nothing, so it may be
 * called again; for entries that are not here too.  The guard must be open or absent. */
bool withholding_enforce(struct db *db, struct tables *tables, int64_t from_id, struct err *err);

/* The newest act over one entry; texts are borrowed from keep.  *found false: none. */
bool withholding_get(struct db *db, struct stream stream, uint64_t seq, struct withholding *out, bool *found,
                     struct buf *keep, struct err *err);
/* Is an entry of the stream with first <= seq <= last withheld by an act? */
bool withholding_any(struct db *db, struct stream stream, uint64_t first, uint64_t last, bool *any,
                     struct err *err);
/* Acts over the entries an author wrote and over those in its lane, newest first; author 0: all. */
bool withholding_list(struct db *db, uint32_t author, void (*each)(void *ctx, const struct withholding *act),
                      void *ctx, struct err *err);

/* Every entry put aside here that an act is about: its very record, or the same payload.  pos -1: it lies in
 * sync_aside alone.  content: its payload is still here. */
struct aside_copy {
  int64_t id, pos;
  bool content;
};
typedef bool withholding_aside(void *ctx, const struct aside_copy *copy, struct err *err);
bool withholding_asides(struct db *db, const struct withholding *act, withholding_aside *each, void *ctx,
                        struct err *err);
/* All acts, those that name an earlier record too, oldest first; texts are borrowed for the call. */
bool withholding_each(struct db *db, bool (*each)(void *ctx, const struct withholding *act, struct err *err),
                      void *ctx, struct err *err);
/* Carries out all acts upon what was put aside since they came. */
bool withholding_enforce_asides(struct db *db, struct err *err);

/* Every entry here that an act is about: the one in its stream with that record, and tails with the same
 * payload that were journaled again under a later epoch (superseded).  `each` may be called with entries
 * whose payload is gone. */
typedef bool withholding_copy(void *ctx, const struct logged *entry, bool superseded, struct err *err);
bool withholding_copies(struct db *db, const struct withholding *act, withholding_copy *each, void *ctx,
                        struct err *err);

#endif
