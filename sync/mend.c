/* What is missing among the entries that stand here already, and comes in a batch: intake.h. */
#include "sync/again.h"
#include "sync/content.h"
#include "sync/follows.h"
#include "sync/found.h"
#include "sync/intake.h"
#include "sync/streams.h"
#include "sync/withholding.h"

#include <string.h>

/* Its successor, if it is here, names it. */
static bool joins(struct intake *in, const struct batch_entry *entry, const struct lost_leaf *leaf, bool *yes)
{
  int64_t pos = -1;
  struct logged next;
  struct lost_leaf hole;
  struct buf keep = BUF_INIT;
  bool lost = false;
  *yes = true;
  if (leaf->seq == in->state->head.seq) return true;
  bool ok = stream_find(in->store->db, leaf->stream, leaf->seq + 1, &pos, in->err) &&
            entry_read_or_lost(in->store->db, pos, &next, &keep, &hole, &lost, in->err);
  if (ok && !lost) ok = follows_on(in->store->db, leaf->pos, entry->hash, next.record.prev, yes, in->err);
  buf_wipe(&keep);
  return ok;
}

static void refresh_head(struct intake *in, const struct batch_entry *entry)
{
  struct head *head = &in->state->head;
  if (!head->lost) return;
  *head = (struct head){
      .epoch = in->batch->head.epoch, .seq = head->seq, .hlc = entry->hlc, .schema = in->batch->head.schema};
  memcpy(head->hash, entry->hash, HASH_SIZE);
}

static bool stands_again(struct intake *in, int64_t pos, bool *yes)
{
  const struct again_asked asked = {in->store->db, &in->store->tables, in->store->province, "main"};
  struct logged first;
  struct buf keep = BUF_INIT;
  bool named = false;
  bool ok = entry_read(in->store->db, pos, &first, &keep, in->err) &&
            again_is(&asked, &first, yes, &named, in->err);
  buf_wipe(&keep);
  return ok;
}

/* A record that was journaled again meanwhile stands there. */
static bool apply_once(struct intake *in, const struct batch_entry *entry, uint64_t seq,
                       const uint8_t *payload, int64_t pos)
{
  struct refusal why = {0};
  bool again = false;
  if (!stands_again(in, pos, &again)) return false;
  if (!again) return intake_apply(in, entry, seq, payload, pos);
  again_keep_out(&why);
  in->result->quarantined++;
  return quarantine_keep(in->store->db, in->batch->head.stream, seq, pos, &why, "refused", in->received_ms,
                         in->err);
}

/* An act over an entry that was journaled again is over the record that it was first, too: that one stays
 * lost.
 */
static bool is_withheld(struct intake *in, const struct batch_entry *entry, uint64_t seq, bool *yes)
{
  struct query q =
      query_open(in->store->db,
                 "SELECT 1 FROM withholding WHERE author = ?1 AND record_hash = ?2 AND seq <> ?3", in->err);
  query_int(&q, 1, in->batch->head.stream.author);
  query_blob(&q, 2, entry->hash, HASH_SIZE);
  query_int(&q, 3, (int64_t)seq);
  *yes = query_row(&q);
  return query_close(&q);
}

/* One entry that was lost, into its place; what is not that leaf is passed over, and the hole stays. */
static bool mend_entry(struct intake *in, const struct lost_leaf *leaf)
{
  struct store *store = in->store;
  const struct batch_head *head = &in->batch->head;
  uint32_t i = (uint32_t)(leaf->seq - head->first_seq);
  const struct batch_entry *entry = &in->batch->entries[i];
  struct found_when when = {.now_ms = in->received_ms, .log_end = store->journal.next_pos};
  const uint8_t *payload = NULL;
  bool is_signed = false, fits = false, withheld = false;
  if (!found_is(in->batch, i, leaf, &is_signed)) return true;
  if (!joins(in, entry, leaf, &fits) || !is_withheld(in, entry, leaf->seq, &withheld)) return false;
  if (!fits || withheld) return true;
  if (!entry->payload && !in->any_withheld) return true; /* it may still come whole */
  store->journal.touched = true;
  if (!intake_payload(in, entry, leaf->seq, &payload) ||
      !found_put(store->db, in->batch, i, leaf, is_signed, payload, &when, in->err))
    return false;
  if (leaf->seq == in->state->head.seq) refresh_head(in, entry);
  in->result->taken++;
  return apply_once(in, entry, leaf->seq, payload, leaf->pos);
}

/* Entries of the batch that are lost here (lost_leaf.h) turn up. */
static bool mend_lost(struct intake *in, uint32_t overlap)
{
  const struct batch_head *head = &in->batch->head;
  struct lost_leaf leaf;
  bool found = true;
  for (uint64_t seq = head->first_seq; found; seq = leaf.seq + 1) {
    if (!lost_leaf_next(in->store->db, head->stream, seq, &leaf, &found, in->err)) return false;
    found = found && leaf.seq < head->first_seq + overlap;
    if (found &&
        (!withholding_any(in->store->db, head->stream, leaf.seq, leaf.seq, &in->any_withheld, in->err) ||
         !mend_entry(in, &leaf)))
      return false;
  }
  return true;
}

/* The content of one entry that stands here without it. */
static bool mend_content(struct intake *in, uint64_t seq)
{
  struct store *store = in->store;
  const struct batch_entry *entry = &in->batch->entries[seq - in->batch->head.first_seq];
  struct logged ours;
  struct buf keep = BUF_INIT;
  int64_t pos = -1;
  bool withheld = false;
  if (!entry->payload) return true;
  bool ok = withholding_any(store->db, in->batch->head.stream, seq, seq, &withheld, in->err) &&
            stream_find(store->db, in->batch->head.stream, seq, &pos, in->err) &&
            entry_read(store->db, pos, &ours, &keep, in->err);
  if (ok && !withheld && !ours.payload && memcmp(ours.hash, entry->hash, HASH_SIZE) == 0) {
    store->journal.touched = true;
    ok = content_put(store->db, &ours, entry->payload, store->journal.next_pos, in->received_ms, in->err) &&
         apply_once(in, entry, seq, entry->payload, pos);
    in->result->taken += ok;
  }
  buf_wipe(&keep);
  return ok;
}

static bool mend_contents(struct intake *in, uint32_t overlap)
{
  const struct batch_head *head = &in->batch->head;
  bool found = true;
  for (uint64_t seq = head->first_seq; found; seq++) {
    if (!content_missing_next(in->store->db, head->stream, seq, &seq, &found, in->err)) return false;
    found = found && seq < head->first_seq + overlap;
    if (found && !mend_content(in, seq)) return false;
  }
  return true;
}

bool intake_mend(struct intake *in, uint32_t overlap)
{
  const struct batch_head *head = &in->batch->head;
  struct refusal unknown = {0};
  if (in->state->waiting_seq || !intake_schema_known(in->store, head->schema, head->schema_hash, &unknown))
    return true;
  return mend_lost(in, overlap) && mend_contents(in, overlap);
}
