#include "sync/late.h"

#include "core/base/clock.h"
#include "sync/again.h"
#include "sync/apply.h"
#include "sync/follows.h"
#include "sync/same_record.h"
#include "sync/settle.h"
#include "sync/store_state.h"
#include "sync/streams.h"

#include <string.h>

/* ---- putting aside ---- */

/* Does the stream have it, as it is or journaled again by an enrolment since? */
static bool stands(struct db *db, const struct batch_entry *e, bool *here, struct err *err)
{
  uint32_t epoch = 0;
  struct record record;
  return record_decode(&record, e->record, e->record_size, err) &&
         same_record_stands(db, &record, here, &epoch, err);
}

/* Is it put aside already, here or where it stood in the log; or does it stand in the log, where it was or
 * journaled again behind? */
static bool is_known(struct db *db, const struct batch *batch, uint32_t i, bool *known, struct err *err)
{
  const struct batch_head *head = &batch->head;
  struct refusal again = {0};
  if (!stands(db, &batch->entries[i], known, err) ||
      (!*known && !again_stands(db, head->stream, batch->entries[i].hash, &again, err)))
    return false;
  *known = *known || again.reason[0];
  if (*known) return true;
  struct query q = query_open(db,
                              "SELECT 1 FROM sync_aside a LEFT JOIN sync_entry e ON e.pos = a.pos"
                              " WHERE a.author = ?1 AND a.lane = ?2 AND a.seq = ?3"
                              " AND coalesce(a.record, e.record) = ?4 LIMIT 1",
                              err);
  query_int(&q, 1, head->stream.author);
  query_int(&q, 2, head->stream.lane);
  query_int(&q, 3, (int64_t)(head->first_seq + i));
  query_blob(&q, 4, batch->entries[i].record, batch->entries[i].record_size);
  *known = query_row(&q);
  if (!query_close(&q)) return false;
  return *known || settle_is_back(db, head->stream, head->first_seq + i, batch->entries[i].record,
                                  batch->entries[i].record_size, known, err);
}

/* With its content it waits to be journaled again, without it is kept as a name. */
static bool put_aside(struct db *db, const struct batch *batch, uint32_t i, bool content, int64_t now_ms,
                      struct err *err)
{
  const struct batch_head *head = &batch->head;
  const struct batch_entry *e = &batch->entries[i];
  const bool waits = content && e->payload;
  struct query q = query_open(
      db,
      "INSERT INTO sync_aside(cut, author, lane, epoch, seq, record, payload, made_ms, aside_ms,"
      " state, reason) VALUES(coalesce((SELECT min(id) FROM sync_aside WHERE author = ?1 AND lane = ?2"
      " AND aside_ms = ?8), 0), ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, iif(?9, 'waiting', 'kept'), ?10)",
      err);
  query_int(&q, 1, head->stream.author);
  query_int(&q, 2, head->stream.lane);
  query_int(&q, 3, head->epoch);
  query_int(&q, 4, (int64_t)(head->first_seq + i));
  query_blob(&q, 5, e->record, e->record_size);
  if (waits) query_blob(&q, 6, e->payload, e->payload_size);
  query_int(&q, 7, hlc_ms(e->hlc));
  query_int(&q, 8, now_ms);
  query_int(&q, 9, waits);
  query_text(&q, 10, waits ? "" : content ? "withheld" : LATE_RULE);
  return query_run(&q) &&
         db_exec(db, "UPDATE sync_aside SET cut = id WHERE cut = 0 /* scan: bad days are few */", err);
}

static bool put_all_aside(struct db *db, const struct batch *batch, uint32_t from, bool content,
                          int64_t now_ms, uint64_t *count, struct err *err)
{
  bool ok = true, known = false;
  for (uint32_t i = from; ok && i < batch->head.count; i++) {
    ok = is_known(db, batch, i, &known, err) && (known || put_aside(db, batch, i, content, now_ms, err));
    *count += ok && !known;
  }
  return ok;
}

/* ---- the province ---- */

bool late_name(struct db *db, const struct batch *batch, uint32_t from, int64_t now_ms, struct err *err)
{
  uint64_t count = 0;
  return put_all_aside(db, batch, from, false, now_ms, &count, err);
}

bool store_late(struct store *store, const struct batch *batch, int64_t now_ms, struct err *err)
{
  return store_begin(store, err) && store_end(store, late_name(store->db, batch, 0, now_ms, err), err);
}

/* ---- the branch ---- */

/* The first entry of the batch that is not known here; count when all are.  *ahead: it is behind our head,
 * and follows on it. */
static bool find_parting(struct db *db, const struct batch *batch, uint32_t *at, bool *ahead, struct err *err)
{
  struct head head;
  bool ok = stream_head(db, batch->head.stream, &head, err), here = true;
  int64_t pos = -1;
  *ahead = false;
  for (*at = 0; ok && *at < batch->head.count; ++*at) {
    const uint64_t seq = batch->head.first_seq + *at;
    const uint8_t *prev = *at ? batch->entries[*at - 1].hash : batch->head.prev;
    if (seq > head.seq) {
      ok = seq > head.seq + 1 || (stream_find(db, batch->head.stream, head.seq, &pos, err) &&
                                  follows_on_head(db, pos, &head, prev, ahead, err));
      break;
    }
    ok = is_known(db, batch, *at, &here, err);
    if (ok && !here) break;
  }
  return ok;
}

/* Is all of it received?  What the province gave as lost is in its log, whether it has turned up here or not.
 */
static bool nothing_waits(struct db *db, struct stream own, uint64_t acked, uint64_t head, bool *yes,
                          struct err *err)
{
  *yes = true;
  for (uint64_t seq = head; *yes && seq > acked; seq--) {
    int64_t pos = -1;
    if (!stream_find(db, own, seq, &pos, err) || !lost_leaf_was(db, pos, yes, err)) return false;
  }
  return true;
}

/* Else the province might have it, and would give it back: it would stand here twice. */
static bool all_received(struct store *store, struct db *db, struct err *err)
{
  const struct stream own = {store_author(store), 0};
  struct head head;
  uint64_t acked = 0;
  int64_t received_ms = 0;
  bool yes = false;
  if (!stream_head(db, own, &head, err) || !stream_acked(db, own, &acked, &received_ms, err) ||
      !nothing_waits(db, own, acked, head.seq, &yes, err))
    return false;
  return yes ||
         err_rule(err, ERR_CONFLICT, "file", "unreceived",
                  "this file has records that this disk lost; they are taken when the province has received "
                  "all that "
                  "is here (entry %llu of %llu): bring that first, then give this file again",
                  (unsigned long long)acked, (unsigned long long)head.seq);
}

static bool wait_again(struct store *store, const struct batch *batch, uint32_t from, int64_t now_ms,
                       struct returned *out, struct err *err)
{
  if (!store_begin(store, err)) return false;
  bool ok = put_all_aside(store->db, batch, from, true, now_ms, &out->entries, err);
  if (!store_end(store, ok, err)) return false;
  store->aside_waits = true;
  return true;
}

static bool take_ahead(struct store *store, struct batch *batch, int64_t now_ms, struct returned *out,
                       struct err *err)
{
  struct apply_result result;
  batch->carried = true; /* our own word, not the province's */
  if (!store_apply(store, &batch, 1, now_ms, &result, err)) return false;
  out->entries += result.taken;
  return result.outcome == OUTCOME_TAKEN || result.outcome == OUTCOME_REPLAY ||
         err_rule(err, ERR_CONFLICT, "file", result.reason, "%s", result.detail);
}

bool store_return_holes(struct store *store, struct batch *batch, int64_t now_ms, struct returned *out,
                        struct err *err)
{
  struct apply_result result;
  batch->ended = true;
  bool ok = store_apply(store, &batch, 1, now_ms, &result, err);
  batch->ended = false;
  if (ok) out->entries += result.taken;
  return ok;
}

bool store_return(struct store *store, struct db *db, struct batch *batch, int64_t now_ms,
                  struct returned *out, struct err *err)
{
  uint32_t at = 0;
  bool ahead = false;
  if (!store_return_holes(store, batch, now_ms, out, err)) return false;
  if (!out->parted && !find_parting(db, batch, &at, &ahead, err)) return false;
  if (at == batch->head.count) return true;
  /* Signed by a key that an enrolment has ended since, it proves nothing to the province: it is signed anew.
   */
  if (ahead && batch->head.epoch == store->epoch) return take_ahead(store, batch, now_ms, out, err);
  if (!out->parted && !all_received(store, db, err)) return false;
  out->parted = true;
  return wait_again(store, batch, at, now_ms, out, err);
}

bool store_return_end(struct store *store, int64_t now_ms, struct err *err)
{
  return store_again(store, now_ms, err);
}
