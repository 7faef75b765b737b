/* A node that enrolled again signs under a new key and epoch.  What the hub already has stays as it is; the
 * tail it has not got is journaled once more, the same payloads in the same order with the same seqs, chained
 * to the hub's head and under the new epoch; the first version is kept as superseded.  Everything happens in
 * the opening transaction, so a crash leaves the old tail or the new one. */
/* PROTOCOL 2.3: "the same payloads, names, clocks and schema in the same order with the same seqs" */
#include "sync/store_state.h"

#include "core/base/clock.h"
#include "sync/follows.h"
#include "sync/hole_aside.h"
#include "sync/leaves.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/tlog.h"
#include "sync/witness.h"

#include <string.h>

/* Does our chain go through the hub's head?  If not, this disk and the hub's memory have parted. */
static bool base_matches(struct store *store, struct stream stream, bool *matches, struct err *err)
{
  static const uint8_t zeros[HASH_SIZE];
  int64_t pos = -1;
  struct logged entry;
  struct lost_leaf leaf;
  bool lost = false;
  struct buf keep = BUF_INIT;
  if (store->base_seq == 0) {
    *matches = memcmp(store->base_hash, zeros, HASH_SIZE) == 0;
    return true;
  }
  bool ok = stream_find(store->db, stream, store->base_seq, &pos, err) &&
            entry_read_or_lost(store->db, pos, &entry, &keep, &leaf, &lost, err);
  if (ok && lost) *matches = memcmp(leaf.leaf.bytes, store->base_hash, HASH_SIZE) == 0;
  if (ok && !lost) ok = follows_on(store->db, pos, entry.hash, store->base_hash, matches, err);
  buf_wipe(&keep);
  return ok;
}

static bool journal_again(struct store *store, struct stream_state *state, int64_t old_pos, struct err *err)
{
  struct logged old;
  struct buf keep = BUF_INIT;
  bool ok = entry_read(store->db, old_pos, &old, &keep, err);
  if (ok && !old.payload)
    ok = err_set(err, ERR_CORRUPT, "entry %llu has no payload to journal again",
                 (unsigned long long)old.record.seq);
  /* The province may have gone back behind what it proved, and nobody has read that since it was received. */
  if (ok && !record_names(&old.record, old.payload))
    ok = err_set(err, ERR_CORRUPT, "the content of entry %llu is not what was signed: it is not signed again",
                 (unsigned long long)old.record.seq);
  ok = ok && store_seal(store, state, &old.record, old.payload, old.received_ms, err);
  buf_wipe(&keep);
  return ok;
}

/* Through which seq the tail can be written as it was.  Behind that is one that nobody has: its province said
 * that it is lost, and has not got it; or one whose content is withheld. */
static bool fits_through(struct store *store, struct stream stream, uint64_t last_seq, uint64_t *through,
                         struct err *err)
{
  struct buf keep = BUF_INIT;
  bool ok = true, fits = true;
  for (*through = store->base_seq; ok && fits && *through < last_seq; *through += fits) {
    struct logged entry;
    struct lost_leaf leaf;
    bool lost = false;
    int64_t pos = -1;
    ok = stream_find(store->db, stream, *through + 1, &pos, err) &&
         entry_read_or_lost(store->db, pos, &entry, &keep, &leaf, &lost, err);
    fits = ok && !lost && entry.payload;
  }
  buf_wipe(&keep);
  return ok;
}

/* All from there on has another place from now on: as a parted tail it waits for the province (aside.h).  A
 * province that no longer has what it proved went back, and denies no hole by that. */
static bool cut_unfit(struct store *store, struct stream_state *state, uint64_t seq, bool went_back,
                      int64_t now_ms, struct err *err)
{
  struct lost_leaf hole;
  bool found = false;
  if (!lost_leaf_next(store->db, state->stream, seq, &hole, &found, err)) return false;
  return found && hole.seq == seq && !went_back ? hole_cut(store, state, seq, HOLE_NO_PLACE, now_ms, err)
                                                : aside_cut(store, state, seq - 1, now_ms, err);
}

/* The superseded entries behind the base, oldest first. */
static bool journal_tail(struct store *store, struct stream stream, uint64_t last_seq, uint32_t old_epoch,
                         struct err *err)
{
  for (uint64_t seq = store->base_seq + 1; seq <= last_seq; seq++) {
    struct query q =
        query_open(store->db,
                   "SELECT first_pos + ?3 - first_seq FROM sync_span WHERE author = ?1 AND lane = ?2"
                   " AND superseded = 1 AND first_seq <= ?3 AND first_seq + count > ?3"
                   " AND epoch <= ?4 ORDER BY epoch DESC, first_pos DESC LIMIT 1",
                   err);
    query_int(&q, 1, stream.author);
    query_int(&q, 2, stream.lane);
    query_int(&q, 3, (int64_t)seq);
    query_int(&q, 4, old_epoch);
    int64_t pos = query_row(&q) ? column_int(&q, 0) : -1;
    if (!query_close(&q)) return false;
    if (pos < 0)
      return err_set(err, ERR_CORRUPT, "entry %llu to journal again is missing", (unsigned long long)seq);
    struct stream_state *state = journal_stream(&store->journal, stream, err);
    if (!state || !journal_again(store, state, pos, err)) return false;
  }
  return true;
}

/* The province denies what it has proved to hold behind seq: its disk went back.  That is on record beside
 * the checkpoint that we hold, and the proofs stay with the entries they are about.  *any: there were some.
 */
static bool set_aside_proofs(struct store *store, struct stream stream, uint64_t seq, int64_t now_ms,
                             bool *any, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  const struct merkle_proof none = {0};
  const struct witness_claim claim = {"", 0, &none};
  struct err why = ERR_INIT;
  uint64_t acked = 0;
  int64_t received_ms = 0;
  if (!stream_acked(store->db, stream, &acked, &received_ms, err)) return false;
  *any = acked > seq;
  if (!*any) return true;
  tlog_origin(origin, store->province);
  (void)err_rule(
      &why, ERR_CONFLICT, "head", "log_rolled_back",
      "the province had proved to hold this branch's entries through %llu, and when it enrolled the "
      "branch again, behind entry %llu, it had not",
      (unsigned long long)acked, (unsigned long long)store->base_seq);
  return witness_accuse(store->db, origin, &claim, now_ms, &why, err) &&
         leaves_set_aside(store->db, stream, seq, err);
}

bool store_denied(struct store *store, int64_t now_ms, bool *any, struct err *err)
{
  const struct stream stream = {.author = store->author, .lane = 0};
  *any = false;
  if (!store_begin(store, err)) return false;
  struct stream_state *state = journal_stream(&store->journal, stream, err);
  bool ok = state != NULL;
  if (ok && state->head.epoch < store->epoch) ok = set_aside_proofs(store, stream, 0, now_ms, any, err);
  return store_end(store, ok, err);
}

bool store_rejournal(struct store *store, int64_t now_ms, struct err *err)
{
  struct stream stream = {.author = store->author, .lane = 0};
  struct stream_state *state = journal_stream(&store->journal, stream, err);
  if (!state) return false;
  if (state->head.epoch > store->epoch)
    return err_rule(err, ERR_CONFLICT, "epoch", "older_epoch",
                    "the key is of epoch %u, the journal is in epoch %u already", store->epoch,
                    state->head.epoch);
  if (store->author == store->province || state->head.epoch == store->epoch) return true;
  if (state->head.seq < store->base_seq || state->head.seq == 0)
    return true; /* gets its history back first */
  bool matches = false;
  if (!base_matches(store, stream, &matches, err)) return false;
  /* The chains have parted: the province gives our history back, and then the tail is journaled again
   * (aside.h).  A person has acted: what was frozen goes on. */
  if (state->frozen && !journal_thaw(&store->journal, state, err)) return false;
  if (!matches) return true;
  bool any = false;
  if (!set_aside_proofs(store, stream, store->base_seq, now_ms, &any, err)) return false;
  uint64_t last_seq = state->head.seq, fit = last_seq;
  uint32_t old_epoch = state->head.epoch;
  if (last_seq == store->base_seq) return true;
  if (!fits_through(store, stream, last_seq, &fit, err) ||
      (fit < last_seq && !cut_unfit(store, state, fit + 1, any, now_ms, err)))
    return false;
  if (fit == store->base_seq) return true;
  return journal_supersede(&store->journal, state, store->base_seq, err) &&
         journal_tail(store, stream, fit, old_epoch, err);
}
