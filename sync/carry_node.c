/* The branch's side of carrying by hand: entries out, receipts in. */
#include "sync/apply.h"
#include "sync/aside.h"
#include "sync/carry.h"
#include "sync/late.h"
#include "sync/prefix.h"
#include "sync/restored.h"
#include "sync/standing.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdlib.h>
#include <string.h>

static bool fill_head(struct db *db, struct carry_head *head, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  struct witness_held held;
  struct head shared, directed;
  int64_t received_ms = 0;
  tlog_origin(origin, head->province);
  if (!witness_held(db, origin, &held, err) ||
      !stream_acked(db, (struct stream){head->branch, 0}, &head->acked_seq, &received_ms, err) ||
      !stream_head(db, (struct stream){head->province, 0}, &shared, err) ||
      !stream_head(db, (struct stream){head->province, head->branch}, &directed, err))
    return false;
  if (held.distrust[0])
    return err_rule(
        err, ERR_DENIED, "log", held.distrust,
        "the province's log contradicted what it had signed before, and nothing is handed to it: once "
        "people know why, sunlit-node trust comes first, then the export");
  head->held_size = held.size;
  head->shared_seq = shared.seq;
  head->directed_seq = directed.seq;
  return true;
}

/* The note of the checkpoint held, and our line behind it: still a note. */
static bool put_witnessed(struct db *db, const struct carry_wanted *what, struct buf *out, uint32_t *count,
                          struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE], name[TLOG_ORIGIN_SIZE];
  struct note_key key;
  tlog_origin(origin, what->province);
  tlog_witness_name(name, what->branch);
  struct query q = query_open(db, "SELECT note FROM sync_witness WHERE origin = ?1 AND size > 0", err);
  query_text(&q, 1, origin);
  bool held = query_row(&q);
  size_t mark = out->size;
  if (held) {
    mark = frame_begin(out, FRAME_WITNESSED);
    put_text(out, column_text(&q, 0));
  }
  if (!query_close(&q)) return false;
  if (!held) return true;
  bool ok = note_key_init(&key, name, NOTE_KEY_COSIGNATURE, what->secret + SEED_SIZE, err) &&
            witness_cosign(db, origin, &key, what->secret, what->now_ms, out, err);
  if (!ok) return false;
  frame_end(out, mark);
  ++*count;
  return true;
}

/* What has the province of this stream?  A disk does not know that it went back, so each file asks; a
 * restored copy, which waits for the answer, with its challenge. */
static bool put_standing(struct db *db, const struct head *newest, struct buf *out, uint32_t *count,
                         struct err *err)
{
  struct standing standing = {.head = *newest};
  bool restored = false;
  if (!challenge_get(db, standing.challenge, &restored, err)) return false;
  size_t mark = frame_begin(out, FRAME_STANDING);
  standing_encode(out, &standing);
  frame_end(out, mark);
  ++*count;
  return true;
}

static bool newest_epoch(struct db *db, uint32_t branch, uint32_t *epoch, struct err *err)
{
  struct query q = query_open(db, "SELECT max(epoch) FROM sync_key WHERE author = ?1", err);
  query_int(&q, 1, branch);
  *epoch = query_row(&q) ? (uint32_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

bool carry_export(struct db *db, const struct carry_wanted *what, struct buf *out, struct head *through,
                  uint64_t *unsigned_tail, struct err *err)
{
  const struct stream own = {what->branch, 0};
  struct carry_head head = {.kind = CARRY_ENTRIES, .province = what->province, .branch = what->branch};
  struct batch_head batch;
  struct head newest;
  uint32_t count = 0;
  /* As it went over a line when it was made: the leaf of the last of each may have its signature in it, and
   * if the province has lost that one, no other batch is it. */
  struct batch_limits limits = {.first_signed = true};
  if (!stream_head(db, own, &newest, err) || !fill_head(db, &head, err) ||
      !newest_epoch(db, what->branch, &limits.unsigned_before, err))
    return false;
  if (what->all) head.acked_seq = 0;
  memset(through, 0, sizeof *through);
  through->seq = head.acked_seq < newest.seq ? head.acked_seq : newest.seq;
  carry_begin(out, &head);
  if ((what->secret && !put_witnessed(db, what, out, &count, err)) ||
      !put_standing(db, &newest, out, &count, err))
    return false;
  for (bool more = true; more && out->size < CARRY_SIZE_MAX && count < CARRY_ITEMS_MAX;) {
    if (count > CARRY_ITEMS_MAX / 2)
      limits.first_signed = false; /* one file shall hold all of a long stream */
    size_t mark = frame_begin(out, FRAME_BATCH);
    if (!store_batch_read(db, own, through->seq, &limits, &batch, out, err)) return false;
    more = batch.count > 0;
    if (more) {
      frame_end(out, mark);
      through->seq = batch_last_seq(&batch);
      through->epoch = batch.epoch;
      count++;
    } else {
      uint64_t lost = 0; /* the province gave it to us as lost: it is passed over */
      out->size = mark;
      if (!lost_leaf_through(db, own, through->seq + 1, &lost, err)) return false;
      more = lost > through->seq;
      if (more) through->seq = lost;
    }
  }
  if (unsigned_tail) *unsigned_tail = newest.seq - through->seq;
  return carry_end(out, count, err);
}

/* ---- the receipt ---- */

static bool stale(struct err *err)
{
  return err_rule(err, ERR_CONFLICT, "file", "carry_stale",
                  "this receipt answers an older export than the newest that was answered: export again");
}

/* Over a line the province itself speaks; a file may be old, or damaged by whoever carried it.  So a smaller
 * checkpoint is a file that lay about, not a log that shrank, and a proof that does not hold is refused
 * without being held against the province.  *old: it is not offered. */
static bool worth_offering(struct store *store, struct db *db, const struct checkpoint_message *m, bool *old,
                           struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  struct witness_held held;
  struct note note;
  struct checkpoint shown;
  tlog_origin(origin, store_province(store));
  if (!witness_held(db, origin, &held, err) ||
      !note_open(&note, (const char *)m->note.p, m->note.size, err) ||
      !checkpoint_decode(&shown, note.text, note.text_size, err))
    return false;
  *old = shown.size < held.size;
  if (*old || shown.size == held.size || m->old_size != held.size ||
      merkle_verify_consistency(held.size, &held.root, shown.size, &shown.root, &m->proof))
    return true;
  return err_rule(err, ERR_INPUT, "file", "log_rewritten",
                  "the receipt's log of %llu entries does not continue the %llu that this branch holds: the "
                  "file is damaged, or the log is",
                  (unsigned long long)shown.size, (unsigned long long)held.size);
}

static bool take_checkpoint(struct store *store, struct db *db, const struct frame *item, int64_t now_ms,
                            struct err *err)
{
  struct checkpoint_message m;
  enum witness_verdict verdict = WITNESS_UNSIGNED;
  struct err why = ERR_INIT;
  bool old = false;
  if (!checkpoint_message_decode(&m, item->body, item->size, err) ||
      !worth_offering(store, db, &m, &old, err))
    return false;
  if (old) return true;
  if (!store_witness(store, &m, now_ms, &verdict, &why, err)) return false;
  if (verdict == WITNESS_TAKEN || verdict == WITNESS_HELD) return true;
  if (verdict == WITNESS_STALE) return stale(err);
  if (err) *err = why;
  return false;
}

/* Over a line that would be the province's lie; a file may be of before this disk went back. */
static bool other_records(struct err *err)
{
  return err_rule(err, ERR_CONFLICT, "file", "carry_other_records",
                  "this receipt is about other records of this branch than are here: this disk went back "
                  "since, or the file was changed. Export again and carry that: its receipt brings what the "
                  "province has (a line does, where it has lost some of it), and what is here goes behind "
                  "it");
}

static bool take_leaves(struct store *store, struct db *db, const struct frame *item, struct err *err)
{
  uint64_t acked = 0;
  int64_t acked_ms = 0;
  struct err why = ERR_INIT;
  struct leaves_message *m = calloc(1, sizeof *m);
  if (!m) return err_set(err, ERR_LIMIT, "no memory for a proof");
  bool ok = leaves_message_decode(m, item->body, item->size, err) &&
            stream_acked(db, (struct stream){store_author(store), 0}, &acked, &acked_ms, err);
  if (ok && m->first_seq + m->count - 1 > acked && !store_leaves(store, m, &why)) {
    ok = false;
    if (strcmp(why.rule, "stale") == 0)
      stale(err);
    else if (strcmp(why.rule, "leaves_differ") == 0 || why.kind == ERR_MISSING)
      other_records(err);
    else if (err)
      *err = why;
  }
  free(m);
  return ok;
}

static bool take_batch(struct store *store, struct db *db, const struct frame *item, int64_t now_ms,
                       struct carry_facts *facts, struct err *err)
{
  struct batch *batch = NULL;
  struct apply_result result;
  bool ok = batch_accept(&batch, db, item->body, item->size, err);
  const bool own = ok && batch->head.stream.author == store_author(store);
  if (ok) batch->carried = true; /* whoever put the file together, it is no word of the province's */
  ok = ok && store_apply(store, &batch, 1, now_ms, &result, err);
  batch_close(batch);
  if (!ok) return false;
  facts->batches++;
  *(own ? &facts->returned : &facts->entries) += result.taken;
  facts->quarantined += result.quarantined;
  if (result.outcome == OUTCOME_TAKEN || result.outcome == OUTCOME_REPLAY) return true;
  if (own && result.outcome == OUTCOME_GAP) return other_records(err);
  return err_rule(err, ERR_CONFLICT, "file", result.reason, "%s", result.detail);
}

/* What the province says of our stream in a receipt. */
struct hearing {
  struct standing told;
  bool is_told; /* it says it, */
  bool is_ours; /* and to our challenge, so after we asked */
};

static bool take_standing(struct db *db, const struct frame *item, struct hearing *answer, struct err *err)
{
  uint8_t challenge[CHALLENGE_SIZE];
  bool asks = false;
  if (!standing_decode(&answer->told, item->body, item->size, err) ||
      !challenge_get(db, challenge, &asks, err))
    return false;
  answer->is_told = true;
  answer->is_ours = asks && memcmp(challenge, answer->told.challenge, CHALLENGE_SIZE) == 0;
  return true;
}

/* With everything the province has of our stream here, what was put aside goes behind it.  A restored copy
 * writes only when it is told so after it asked; any other may be told by an old file: what it journals again
 * too early is put aside once more by the next. */
static bool end_waiting(struct store *store, struct db *db, const struct hearing *answer, int64_t now_ms,
                        struct err *err)
{
  enum prefix prefix;
  int64_t copied_ms = 0;
  const struct head *head = &answer->told.head;
  if (!answer->is_told) return true;
  if (!restored_state(db, &copied_ms, err) ||
      !prefix_compare(db, (struct stream){store_author(store), 0}, head->seq, head->hash, &prefix, err))
    return false;
  if (prefix == PREFIX_OTHER && answer->is_ours)
    return err_rule(err, ERR_CONFLICT, "stream", "diverged",
                    "the province has another record at %llu, or lost the one there: that comes over a line "
                    "alone",
                    (unsigned long long)head->seq);
  bool heard = prefix == PREFIX_SAME && (copied_ms == 0 || answer->is_ours);
  return !heard || store_heard(store, now_ms, err);
}

/* By whichever of our own keys: that one has ended since says the province of what is new to it, not of what
 * we made ourselves.  *is_signed false: by none that is known here. */
static bool open_own(struct batch **out, struct store *store, struct db *db, const struct frame *item,
                     bool *is_signed, struct err *err)
{
  struct batch_head head;
  struct key key;
  if (!batch_peek(&head, item->body, item->size, err)) return false;
  if (head.stream.author != store_author(store))
    return err_rule(err, ERR_DENIED, "file", "wrong_stream", "a batch of %u in a file of this branch",
                    head.stream.author);
  return key_get(db, head.stream.author, head.epoch, &key, err) &&
         batch_open(out, item->body, item->size, err) &&
         key_signed(db, &key, (*out)->signature, (*out)->entries[head.count - 1].hash, is_signed, err) &&
         (!*is_signed || batch_verify(*out, key.public_key, err));
}

/* What has its place here by its leaf, or stands here, needs no signature, and a lost one is not in the file.
 */
static bool take_unsigned(struct store *store, struct db *db, struct batch *batch, int64_t now_ms,
                          struct returned *back, struct err *err)
{
  const struct batch_head *head = &batch->head;
  enum prefix prefix = PREFIX_OTHER;
  if (!store_return_holes(store, batch, now_ms, back, err) ||
      !prefix_compare(db, head->stream, batch_last_seq(head), batch->entries[head->count - 1].hash, &prefix,
                      err))
    return false;
  return prefix == PREFIX_SAME ||
         err_rule(
             err, ERR_DENIED, "file", "signature",
             "entries %llu to %llu are signed with another key of epoch %u than this directory knows: the "
             "file is damaged, or another directory of this branch wrote it. Enroll that directory, and "
             "what it holds comes by itself",
             (unsigned long long)head->first_seq, (unsigned long long)batch_last_seq(head), head->epoch);
}

/* Our own export: what this disk lost since comes back. */
static bool take_back(struct store *store, struct db *db, struct carry_reader *reader, int64_t now_ms,
                      struct carry_facts *facts, struct err *err)
{
  struct returned back = {0};
  struct frame item;
  struct aside_counts before = {0}, now = {0};
  bool ok = store_writable(store, err) && aside_count(db, &before, err);
  while (ok && carry_next(reader, &item)) {
    struct batch *batch = NULL;
    if (item.type != FRAME_BATCH) continue;
    bool is_signed = false;
    ok = open_own(&batch, store, db, &item, &is_signed, err) &&
         (is_signed ? store_return : take_unsigned)(store, db, batch, now_ms, &back, err);
    batch_close(batch);
    facts->batches += ok;
  }
  ok = (!back.parted || store_return_end(store, now_ms, err)) && ok && aside_count(db, &now, err);
  if (ok && now.kept > before.kept) facts->kept = (uint64_t)(now.kept - before.kept);
  facts->returned = back.entries - facts->kept;
  if (!ok || back.entries) return ok;
  return err_rule(err, ERR_INPUT, "file", "carry_entries",
                  "this is the file of branch %u on its way out, and all that is in it is here: sunlit-hub "
                  "accept takes it at the province, and the receipt it writes is what comes here",
                  reader->head.branch);
}

/* The province's receipt. */
static bool take_items(struct store *store, struct db *db, struct carry_reader *reader, int64_t now_ms,
                       struct carry_facts *facts, struct err *err)
{
  struct frame item;
  struct hearing answer = {.is_told = false};
  struct aside_counts before = {0}, now = {0};
  bool ok = aside_count(db, &before, err);
  while (ok && carry_next(reader, &item))
    ok = item.type == FRAME_CHECKPOINT ? take_checkpoint(store, db, &item, now_ms, err)
         : item.type == FRAME_LEAVES   ? take_leaves(store, db, &item, err)
         : item.type == FRAME_STANDING ? take_standing(db, &item, &answer, err)
                                       : take_batch(store, db, &item, now_ms, facts, err);
  ok = ok && end_waiting(store, db, &answer, now_ms, err) && aside_count(db, &now, err);
  if (ok && now.again > before.again) facts->again = (uint64_t)(now.again - before.again);
  if (ok && now.kept > before.kept) facts->kept = (uint64_t)(now.kept - before.kept);
  return ok;
}

bool carry_receive(struct store *store, struct db *db, const void *p, size_t n, int64_t now_ms,
                   struct carry_facts *facts, struct err *err)
{
  struct carry_reader reader;
  int64_t received_ms = 0, copied_ms = 0;
  char origin[TLOG_ORIGIN_SIZE];
  struct witness_held held;
  memset(facts, 0, sizeof *facts);
  if (!carry_open(&reader, p, n, err)) return false;
  facts->branch = reader.head.branch;
  const bool ours = reader.head.kind == CARRY_ENTRIES;
  const struct carry_door door = {ours ? CARRY_ENTRIES : CARRY_RECEIPT, store_province(store),
                                  store_author(store)};
  if (!carry_fits(&reader.head, &door, err) ||
      !(ours ? take_back : take_items)(store, db, &reader, now_ms, facts, err) ||
      !restored_state(db, &copied_ms, err))
    return false;
  facts->waits = copied_ms != 0;
  tlog_origin(origin, store_province(store));
  if (!witness_held(db, origin, &held, err)) return false;
  facts->log_size = held.size;
  return stream_acked(db, (struct stream){store_author(store), 0}, &facts->through, &received_ms, err);
}
