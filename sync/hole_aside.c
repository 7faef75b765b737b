#include "sync/hole_aside.h"

#include "sync/found.h"
#include "sync/lost_leaf.h"
#include "sync/store_state.h"
#include "sync/streams.h"

#include <string.h>

bool hole_denied(struct db *db, struct stream own, uint64_t through, uint64_t *seq, struct err *err)
{
  struct lost_leaf hole;
  uint64_t acked = 0;
  int64_t received_ms = 0;
  bool found = false;
  *seq = 0;
  if (!stream_acked(db, own, &acked, &received_ms, err) ||
      !lost_leaf_next(db, own, (through > acked ? through : acked) + 1, &hole, &found, err))
    return false;
  if (found) *seq = hole.seq;
  return true;
}

bool hole_differs(struct db *db, struct stream own, uint64_t seq, const uint8_t hash[HASH_SIZE], bool *yes,
                  struct err *err)
{
  struct lost_leaf hole;
  bool found = false;
  if (!lost_leaf_next(db, own, seq, &hole, &found, err)) return false;
  *yes = found && hole.seq == seq && memcmp(hole.leaf.bytes, hash, HASH_SIZE) != 0;
  return true;
}

bool hole_before(struct db *db, struct stream stream, uint64_t seq, struct head *out, struct err *err)
{
  struct buf keep = BUF_INIT;
  bool ok = true, lost = true;
  memset(out, 0, sizeof *out);
  for (; ok && lost && seq > 0; seq--) {
    struct lost_leaf leaf;
    struct logged entry;
    int64_t pos = -1;
    ok = stream_find(db, stream, seq, &pos, err) &&
         entry_read_or_lost(db, pos, &entry, &keep, &leaf, &lost, err);
    if (!ok || lost) continue;
    *out = (struct head){
        .epoch = entry.record.epoch, .seq = seq, .hlc = entry.record.hlc, .schema = entry.record.schema};
    memcpy(out->hash, entry.hash, HASH_SIZE);
  }
  buf_wipe(&keep);
  return ok;
}

bool hole_head(struct db *db, struct stream stream, struct head *out, struct err *err)
{
  return stream_head(db, stream, out, err) && (!out->lost || hole_before(db, stream, out->seq - 1, out, err));
}

bool hole_cut(struct store *store, struct stream_state *state, uint64_t seq, enum hole_denial denial,
              int64_t now_ms, struct err *err)
{
  static const char *const shows[] = {[HOLE_NO_PLACE] = "a journal that ends before it",
                                      [HOLE_OTHER_LEAF] = "another hash in its place",
                                      [HOLE_AN_ENTRY] = "an entry in its place that has another hash"};
  struct err why = ERR_INIT;
  uint64_t last = seq;
  if (!lost_leaf_through(store->db, state->stream, seq, &last, err)) return false;
  (void)err_rule(
      &why, ERR_CONFLICT, "LOST", "hole_denied",
      "over a line with the province's key it was said that entries %llu to %llu of %u/%u are lost "
      "and the log has their hashes; the province now shows %s",
      (unsigned long long)seq, (unsigned long long)last, state->stream.author, state->stream.lane,
      shows[denial]);
  store->denied = (struct lost_run){.stream = state->stream, .first_seq = seq, .count = last - seq + 1};
  atomic_store(&store->any_denied, true);
  return store_keep_evidence(store, &why, "", 0, now_ms, err) &&
         aside_cut(store, state, seq - 1, now_ms, err);
}

bool store_hole_aside(struct store *store, uint64_t seq, int64_t now_ms, struct err *err)
{
  const struct stream own = {.author = store->author};
  if (!store_begin(store, err)) return false;
  struct stream_state *state = journal_stream(&store->journal, own, err);
  return store_end(store, state && hole_cut(store, state, seq, HOLE_NO_PLACE, now_ms, err), err);
}

void store_hole_news(struct store *store, struct lost_run *out)
{
  *out = (struct lost_run){.count = 0};
  if (!atomic_exchange(&store->any_denied, false)) return;
  pthread_mutex_lock(&store->lock);
  *out = store->denied;
  pthread_mutex_unlock(&store->lock);
}

/* Of a lane of the province only the holes at its end go: nothing that it wrote was put behind them. */
static bool before_end_holes(struct store *store, const struct stream_state *state, uint64_t *seq,
                             struct err *err)
{
  struct head head;
  if (!hole_head(store->db, state->stream, &head, err)) return false;
  *seq = head.seq;
  return true;
}

bool hole_part(struct store *store, struct stream_state *state, const struct batch *batch, int64_t now_ms,
               struct err *err)
{
  struct lost_leaf hole;
  uint64_t acked = 0;
  int64_t received_ms = 0;
  bool found = true;
  if (!stream_acked(store->db, state->stream, &acked, &received_ms, err) ||
      (state->stream.author != store->author && !before_end_holes(store, state, &acked, err)))
    return false;
  uint64_t seq = batch->head.first_seq > acked ? batch->head.first_seq : acked + 1;
  for (; seq <= state->head.seq; seq = hole.seq + 1) {
    bool is_signed = false;
    if (!lost_leaf_next(store->db, state->stream, seq, &hole, &found, err)) return false;
    if (!found || hole.seq > batch_last_seq(&batch->head)) return true;
    if (!found_is(batch, (uint32_t)(hole.seq - batch->head.first_seq), &hole, &is_signed))
      return hole_cut(store, state, hole.seq, HOLE_AN_ENTRY, now_ms, err);
  }
  return true;
}
