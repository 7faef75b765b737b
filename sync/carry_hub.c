/* The province's side of carrying by hand: entries in, a receipt out. */
#include "sync/apply.h"
#include "sync/beyond.h"
#include "sync/carry.h"
#include "sync/late.h"
#include "sync/leaves.h"
#include "sync/lost_leaf.h"
#include "sync/prefix.h"
#include "sync/standing.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdlib.h>
#include <string.h>

/* What of it is the leaf of a lost entry is put into its place. */
static bool fill_holes(struct store *store, struct batch *batch, int64_t now_ms, struct carry_facts *facts,
                       struct err *err)
{
  struct apply_result result;
  batch->ended = true;
  if (!store_apply(store, &batch, 1, now_ms, &result, err)) return false;
  facts->entries += result.taken;
  facts->quarantined += result.quarantined;
  return true;
}

/* A batch whose key has ended, or went with a disk of the province: that all of it is in the log needs no
 * key, nor does what the log has the hash of; and nothing new is taken by it. */
static bool take_ended(struct store *store, struct db *db, const struct batch_head *head,
                       const struct frame *item, int64_t now_ms, const struct err *why,
                       struct carry_facts *facts, struct err *err)
{
  struct batch *batch = NULL;
  struct note_key key;
  enum prefix prefix = PREFIX_OTHER;
  if (!batch_open(&batch, item->body, item->size, err)) return false;
  bool ok = fill_holes(store, batch, now_ms, facts, err) &&
            prefix_compare(db, head->stream, batch_last_seq(head), batch->entries[head->count - 1].hash,
                           &prefix, err);
  batch_close(batch);
  if (!ok) return false;
  if (prefix == PREFIX_SAME) {
    facts->batches++;
    return true;
  }
  if (!store_branch_witness(db, head->stream.author, &key, NULL)) { /* it was revoked and is nobody now */
    if (err) *err = *why;
    return false;
  }
  return err_rule(err, ERR_DENIED, "file", "ended_key",
                  "entries %llu to %llu are signed with a key of branch %u that ended when it was enrolled "
                  "again: give this file to the branch (sunlit-node accept, or its page for receipts), which "
                  "records again what is missing",
                  (unsigned long long)head->first_seq, (unsigned long long)batch_last_seq(head),
                  head->stream.author);
}

/* One batch with the checks of a line: the branch the file names is the only one it may speak for. */
static bool take_batch(struct store *store, struct db *db, const struct carry_head *head,
                       const struct frame *item, int64_t now_ms, struct carry_facts *facts, struct err *err)
{
  struct batch_head peek;
  struct batch *batch = NULL;
  struct apply_result result;
  struct key key;
  struct err why = ERR_INIT;
  if (!batch_peek(&peek, item->body, item->size, err)) return false;
  if (peek.stream.author != head->branch || peek.stream.lane != 0)
    return err_rule(err, ERR_DENIED, "file", "wrong_stream", "a batch of %u/%u in a file of branch %u",
                    peek.stream.author, peek.stream.lane, head->branch);
  if (!key_in_force(db, peek.stream.author, peek.epoch, &key, &why)) {
    if (strcmp(why.rule, "revoked_key") == 0 || strcmp(why.rule, "unknown_key") == 0)
      return take_ended(store, db, &peek, item, now_ms, &why, facts, err);
    if (err) *err = why;
    return false;
  }
  if (!batch_accept(&batch, db, item->body, item->size, err)) return false;
  batch->carried = true;
  memset(&result, 0, sizeof result);
  /* What comes behind an entry that has lost its place has none either. */
  bool ok = facts->late_to ? store_late(store, batch, now_ms, err)
                           : store_apply(store, &batch, 1, now_ms, &result, err);
  batch_close(batch);
  if (!ok) return false;
  facts->batches++;
  if (facts->late_to || strcmp(result.reason, LATE_RULE) == 0) {
    if (!facts->late_to) facts->late_from = result.late_seq;
    facts->late_to = batch_last_seq(&peek);
    return true;
  }
  facts->entries += result.taken;
  facts->quarantined += result.quarantined;
  if (result.outcome == OUTCOME_TAKEN || result.outcome == OUTCOME_REPLAY) return true;
  return err_rule(err, ERR_CONFLICT, "file", result.reason, "%s", result.detail);
}

struct made_by {
  const struct note *note;
  struct span line; /* p NULL: none of the keys made one */
  bool in_force;
};

static bool find_line(void *ctx, const struct key *key)
{
  struct made_by *made = ctx;
  struct note_key witness;
  char name[TLOG_ORIGIN_SIZE];
  tlog_witness_name(name, key->author);
  if (!note_key_init(&witness, name, NOTE_KEY_COSIGNATURE, key->public_key, NULL)) return true;
  const char *at = made->note->lines, *end = at + made->note->lines_size;
  for (const char *stop; at < end && (stop = memchr(at, '\n', (size_t)(end - at))); at = stop + 1) {
    size_t n = (size_t)(stop - at);
    if (!note_line_verify(at, n, made->note->text, made->note->text_size, &witness, NULL, NULL)) continue;
    made->line = (struct span){(const uint8_t *)at, n + 1};
    made->in_force = key->revoked_ms == 0;
    return false;
  }
  return true;
}

/* The line of the note that is not the log's: it must be the branch's over that very text, or the file is
 * damaged.  Whether it is over the log as it stands here is another question: a branch that was once shown a
 * false log has cosigned that, and its entries are good all the same.  A file of before an enrolment has the
 * line of the key of then: it is whole, and witnesses nothing. */
static bool cosignature_of(struct db *db, uint32_t branch, const struct note *note, struct made_by *made,
                           struct err *err)
{
  *made = (struct made_by){.note = note};
  return key_list(db, branch, find_line, made, err) &&
         (made->line.p ||
          err_rule(err, ERR_DENIED, "file", "cosignature",
                   "branch %u has not cosigned what it brings with a key that is known here: the file is "
                   "damaged, or of before it was enrolled by a province whose log went back since. "
                   "Then invite the branch, enroll it in its own directory, and bring a new export; or "
                   "give it this file (sunlit-node accept)",
                   branch));
}

static bool take_witnessed(struct store *store, struct db *db, const struct frame *item, int64_t now_ms,
                           struct carry_facts *facts, struct err *err)
{
  struct note note;
  struct checkpoint shown;
  struct made_by made;
  bool rolled_back = false;
  if (!note_open(&note, (const char *)item->body, item->size, err) ||
      !checkpoint_decode(&shown, note.text, note.text_size, err) ||
      !cosignature_of(db, facts->branch, &note, &made, err) ||
      !store_witnessed(store, facts->branch, (const char *)item->body, item->size, now_ms, &rolled_back, err))
    return false;
  if (note.line_count != 2)
    return err_rule(err, ERR_INPUT, "file", "carry", "a witnessed checkpoint has two lines, not %zu",
                    note.line_count);
  if (rolled_back)
    return err_rule(err, ERR_CONFLICT, "file", "log_rolled_back",
                    "the branch shows our signature for a log of %llu entries: nothing is added to this one",
                    (unsigned long long)shown.size);
  if (!made.in_force) return true;
  const struct cosignature came = {
      .size = shown.size, .line = made.line.p, .line_size = made.line.size, .heard_ms = now_ms};
  struct err why = ERR_INIT;
  bool ours = store_cosignature(store, facts->branch, &came, &why);
  if (!ours && why.kind != ERR_DENIED) {
    if (err) *err = why;
    return false;
  }
  if (ours) facts->cosigned = shown.size;
  return true;
}

/* ---- the receipt ---- */

static bool put_checkpoint(struct db *db, const struct carry_head *head, struct buf *out, uint32_t *count,
                           uint64_t *size, struct err *err)
{
  struct tlog_state state;
  struct tlog_reader reader;
  struct buf note = BUF_INIT;
  bool ok = tlog_checkpoint(db, &note, &state, err);
  if (ok && state.size > head->held_size) {
    struct merkle_source source = tlog_source(&reader, db, state.size);
    struct checkpoint_message m = {.old_size = head->held_size, .note = {note.data, note.size}};
    ok = merkle_prove_consistency(&source, head->held_size, state.size, &m.proof, err);
    size_t mark = frame_begin(out, FRAME_CHECKPOINT);
    checkpoint_message_encode(out, &m);
    frame_end(out, mark);
    ++*count;
  }
  buf_wipe(&note);
  *size = state.size;
  return ok;
}

static bool put_leaves(struct db *db, const struct carry_head *head, uint64_t through, uint64_t size,
                       struct buf *out, uint32_t *count, struct err *err)
{
  struct leaves_message *m = calloc(1, sizeof *m);
  if (!m) return err_set(err, ERR_LIMIT, "no memory for a proof");
  bool ok = true;
  for (uint64_t seq = head->acked_seq + 1, lost = 0; ok && seq <= through && *count < CARRY_ITEMS_MAX / 2;) {
    ok = lost_leaf_through(db, (struct stream){head->branch, 0}, seq, &lost, err);
    if (!ok) break;
    if (lost >= seq) { /* nobody has what could be proved */
      seq = lost + 1;
      continue;
    }
    ok = leaves_find(db, (struct stream){head->branch, 0}, seq, m, err) && leaves_prove(db, size, m, err);
    if (!ok) break;
    m->told = m->last_signed;
    size_t mark = frame_begin(out, FRAME_LEAVES);
    leaves_message_encode(out, m);
    frame_end(out, mark);
    seq += m->count;
    ++*count;
  }
  free(m);
  return ok;
}

static bool put_stream(struct db *db, struct stream stream, uint64_t after, struct buf *out, uint32_t *count,
                       struct err *err)
{
  struct batch_head batch = {.count = 1};
  while (batch.count > 0 && out->size < CARRY_SIZE_MAX && *count < CARRY_ITEMS_MAX) {
    size_t mark = frame_begin(out, FRAME_BATCH);
    if (!store_batch_read(db, stream, after, NULL, &batch, out, err)) return false;
    if (batch.count == 0) {
      out->size = mark;
      return true;
    }
    frame_end(out, mark);
    after = batch_last_seq(&batch);
    ++*count;
  }
  return true;
}

/* Where the branch's stream and ours are the same, as far as the file tells: it lacks what is behind. */
static bool find_common(struct db *db, const struct carry_head *head, const struct standing *asked,
                        const struct carry_facts *facts, uint64_t *through, struct err *err)
{
  enum prefix prefix;
  if (!prefix_compare(db, (struct stream){head->branch, 0}, asked->head.seq, asked->head.hash, &prefix, err))
    return false;
  *through = asked->head.seq;
  if (prefix == PREFIX_OTHER) *through = head->acked_seq;
  if (facts->late_from) *through = facts->late_from - 1; /* the first that is another here */
  return true;
}

/* How far we have its stream, and what of it the branch lacks or has others of: its disk went back.  A hole
 * in that comes over a line alone, so nothing of it is given: half a history would leave the branch waiting.
 * Nor behind one where they part: it may be of what is lost that the branch has another. */
static bool put_standing(struct db *db, const struct carry_head *head, const struct standing *asked,
                         struct buf *out, uint32_t *count, struct carry_facts *facts, struct err *err)
{
  const struct stream own = {head->branch, 0};
  struct standing told = *asked;
  struct lost_leaf hole;
  uint64_t common = 0;
  bool lost = false;
  if (!find_common(db, head, asked, facts, &common, err) || !stream_head(db, own, &told.head, err))
    return false;
  size_t mark = frame_begin(out, FRAME_STANDING);
  standing_encode(out, &told);
  frame_end(out, mark);
  ++*count;
  if (told.head.seq <= common) return true;
  if (!lost_leaf_next(db, own, facts->late_from ? common : common + 1, &hole, &lost, err)) return false;
  if (lost) return true;
  facts->given_from = common + 1;
  return put_stream(db, own, common, out, count, err);
}

static bool write_receipt(struct db *db, const struct carry_head *from, const struct standing *asked,
                          struct buf *out, struct carry_facts *facts, struct err *err)
{
  struct carry_head head = *from;
  struct head own;
  uint32_t count = 0;
  head.kind = CARRY_RECEIPT;
  carry_begin(out, &head);
  if (!stream_head(db, (struct stream){head.branch, 0}, &own, err) ||
      (asked && !put_standing(db, &head, asked, out, &count, facts, err)) ||
      !put_checkpoint(db, &head, out, &count, &facts->log_size, err) ||
      !put_leaves(db, &head, own.seq, facts->log_size, out, &count, err) ||
      !put_stream(db, (struct stream){head.province, 0}, head.shared_seq, out, &count, err) ||
      !put_stream(db, (struct stream){head.province, head.branch}, head.directed_seq, out, &count, err))
    return false;
  facts->through = own.seq;
  return carry_end(out, count, err);
}

/* The head of a file is signed by nobody: that its branch has witnessed a longer log than this says the note
 * it brings, WITNESSED, which is the first item.  The province signed that, so it stops the store as over a
 * line; unless it is what people have let go of: then the branch stands alone, and its records are taken. */
static bool holds_more(struct store *store, struct db *db, struct carry_reader reader, int64_t now_ms,
                       uint64_t size, struct err *err)
{
  struct frame first;
  struct note note;
  struct checkpoint shown;
  bool alone = false, rolled_back = false;
  if (!carry_next(&reader, &first) || first.type != FRAME_WITNESSED ||
      !note_open(&note, (const char *)first.body, first.size, NULL) ||
      !checkpoint_decode(&shown, note.text, note.text_size, NULL) || shown.size != reader.head.held_size)
    return err_rule(err, ERR_INPUT, "file", "carry",
                    "the file says that its branch holds a checkpoint of %llu entries, and does not bring it",
                    (unsigned long long)reader.head.held_size);
  if (!beyond_is_let_go(db, shown.size, &shown.root, &alone, err)) return false;
  if (alone) return true;
  if (!store_witnessed(store, reader.head.branch, (const char *)first.body, first.size, now_ms, &rolled_back,
                       err))
    return false;
  return !rolled_back ||
         err_rule(err, ERR_CONFLICT, "file", "log_rolled_back",
                  "the branch has witnessed a log of %llu entries, this one has %llu: nothing is added to it",
                  (unsigned long long)shown.size, (unsigned long long)size);
}

bool carry_take(struct store *store, struct db *db, const void *p, size_t n, int64_t now_ms,
                struct buf *receipt, struct carry_facts *facts, struct err *err)
{
  struct carry_reader reader;
  struct frame item;
  struct tlog_state state;
  struct standing asked;
  bool asks = false;
  struct buf note = BUF_INIT;
  memset(facts, 0, sizeof *facts);
  if (!carry_open(&reader, p, n, err)) return false;
  facts->branch = reader.head.branch;
  const struct carry_door door = {.kind = CARRY_ENTRIES, .province = store_province(store)};
  if (!carry_fits(&reader.head, &door, err)) return false;
  bool ok = tlog_checkpoint(db, &note, &state, err) &&
            (reader.head.held_size <= state.size || holds_more(store, db, reader, now_ms, state.size, err));
  buf_wipe(&note);
  if (!ok) return false;
  while (carry_next(&reader, &item)) {
    ok = item.type == FRAME_WITNESSED  ? take_witnessed(store, db, &item, now_ms, facts, err)
         : item.type == FRAME_STANDING ? (asks = standing_decode(&asked, item.body, item.size, err))
                                       : take_batch(store, db, &reader.head, &item, now_ms, facts, err);
    if (!ok) return false;
  }
  return store_sign_log(store, now_ms, err) &&
         write_receipt(db, &reader.head, asks ? &asked : NULL, receipt, facts, err);
}
