/* The node's part in what the province has lost (lost_leaf.h): holes of a stream come down in their place,
 * and what the branch still has goes up again. */
#include "sync/exchange_node_state.h"

#include "sync/hole_aside.h"
#include "sync/lost_message.h"
#include "sync/restored.h"
#include "sync/store_log.h"
#include "sync/streams.h"

#include <stdio.h>
#include <stdlib.h>

static bool is_stream(struct stream a, struct stream b)
{
  return a.author == b.author && a.lane == b.lane;
}

/* Of our own stream it is history that is given back; anything else would be a way to take entries from us.
 */
static void put_holes(struct exchange_node *x, struct lost_message *lost, struct cursor *m, struct moment now)
{
  struct err err = x->distrust;
  bool own = is_stream(lost->stream, x->up.stream);
  if (own && !x->facts.restoring)
    (void)err_rule(&err, ERR_DENIED, "LOST", "unasked", "LOST of our own stream, which is whole");
  if (!err.kind && store_lost_leaves(x->config.store, lost, now.wall_ms, &m->through, &m->answer, &err))
    return;
  m->answer = err_is_fault(&err) ? ANSWER_FAILED : ANSWER_REFUSED;
  (void)snprintf(m->rule, sizeof m->rule, "%s", err.rule[0] ? err.rule : err_kind_name(err.kind));
  (void)snprintf(m->text, sizeof m->text, "%.*s", RULE_TEXT_MAX, err.text);
}

static void take(struct exchange_node *x, struct lost_message *lost, struct moment now)
{
  struct err err = ERR_INIT;
  struct head have;
  bool own = is_stream(lost->stream, x->up.stream);
  if (!own && !is_stream(lost->stream, x->shared) && !is_stream(lost->stream, x->directed)) {
    (void)err_rule(&err, ERR_DENIED, "stream", "wrong_stream", "LOST of %u/%u is not for branch %u",
                   lost->stream.author, lost->stream.lane, x->up.stream.author);
    wire_end(&x->wire, END_PROTOCOL, &err, now);
    return;
  }
  if (!stream_head(x->config.db, lost->stream, &have, &err)) {
    end_store(x, &err, now);
    return;
  }
  struct cursor m = {.author = lost->stream.author, .lane = lost->stream.lane, .through = have.seq};
  put_holes(x, lost, &m, now);
  size_t mark = frame_begin(&x->wire.out, FRAME_CURSOR);
  cursor_encode(&x->wire.out, &m);
  frame_end(&x->wire.out, mark);
  wire_queued(&x->wire, now);
  if (own && m.answer == ANSWER_TAKEN) x->parted = false;
  if (own && x->facts.restoring && (m.answer == ANSWER_TAKEN || m.answer == ANSWER_REPLAY))
    node_history_grew(x, lost->first_seq + lost->count - 1, now);
}

void node_lost_take(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  struct lost_message *lost = calloc(1, sizeof *lost);
  if (!lost)
    (void)err_set(&err, ERR_LIMIT, "no memory for what is lost");
  else if (lost_message_decode(lost, frame->body, frame->size, &err))
    take(x, lost, now);
  if (err.kind) wire_end(&x->wire, lost ? END_PROTOCOL : END_STORE, &err, now);
  free(lost);
}

/* Entries that are here, one behind the other, and that our signatures lead to: what can go up. */
struct stretch {
  uint64_t first, last;
};

/* Of [seq, end): what is not lost to us too. */
static bool next_here(struct exchange_node *x, uint64_t seq, uint64_t end, struct stretch *out, bool *any,
                      struct err *err)
{
  struct lost_leaf hole;
  struct head head;
  bool found = false;
  *any = false;
  if (!lost_leaf_through(x->config.db, x->up.stream, seq, &out->first, err) ||
      !stream_head(x->config.db, x->up.stream, &head, err))
    return false;
  out->first++;
  if (!lost_leaf_next(x->config.db, x->up.stream, out->first, &hole, &found, err)) return false;
  out->last = (end <= head.seq ? end : head.seq + 1) - 1;
  if (found && hole.seq <= out->last) out->last = hole.seq - 1;
  *any = out->first <= out->last;
  return true;
}

/* Before a hole of ours the signature may have been lost with it.  Of a key that an enrolment has ended since
 * none is needed there; else the province's word stands in for it here (sync_vouch), and brings nothing back
 * there.  Ends the stretch behind the last entry that is signed. */
static bool cut_unsigned(struct exchange_node *x, struct stretch *s, bool *any, struct err *err)
{
  int64_t pos = -1, signed_pos = -1;
  struct logged last;
  struct buf bytes = BUF_INIT;
  *any = false;
  if (!stream_find_kept(x->config.db, x->up.stream, s->last, &pos, err)) return false;
  if (pos < 0) return true;
  bool read = entry_read(x->config.db, pos, &last, &bytes, err);
  buf_wipe(&bytes);
  *any = read && last.record.epoch < store_epoch(x->config.store);
  if (!read || *any) return read;
  if (!entry_signed_by(x->config.db, pos, &signed_pos, err)) return false;
  *any = signed_pos >= 0;
  for (; !*any && s->last > s->first; s->last--) {
    struct logged entry;
    struct buf keep = BUF_INIT;
    bool ok = stream_find(x->config.db, x->up.stream, s->last - 1, &pos, err) &&
              entry_read(x->config.db, pos, &entry, &keep, err);
    *any = ok && entry.is_signed;
    buf_wipe(&keep);
    if (!ok) return false;
  }
  return true;
}

/* All of one run that the province says is lost; *any false: none of it is here. */
static bool have(struct exchange_node *x, uint64_t first, uint64_t count, struct stretch *all, bool *any,
                 struct err *err)
{
  struct stretch s;
  bool here = true, can = false;
  *any = false;
  for (uint64_t seq = first; here && seq < first + count;) {
    if (!next_here(x, seq, first + count, &s, &here, err)) return false;
    seq = s.last + 1;
    if (here && !cut_unsigned(x, &s, &can, err)) return false;
    if (!here || !can) continue;
    if (!*any) all->first = s.first;
    all->last = s.last;
    *any = true;
  }
  return true;
}

bool node_lost_is_told(struct span tail, uint64_t seq)
{
  uint64_t first = 0, count = 0;
  while (lost_tail_next(&tail, &first, &count))
    if (count > 0 && seq >= first && seq - first < count) return true;
  return false;
}

bool node_lost_compare(struct exchange_node *x, struct span tail, struct err *err)
{
  uint64_t first = 0, count = 0, acked = 0;
  int64_t received_ms = 0;
  if (x->comparing != COMPARE_NOT || x->distrust.kind || x->parted) return true;
  if (!stream_acked(x->config.db, x->up.stream, &acked, &received_ms, err)) return false;
  while (x->comparing == COMPARE_NOT && lost_tail_next(&tail, &first, &count)) {
    struct stretch s;
    bool any = false;
    if (count == 0 || first + count - 1 <= acked) continue;
    if (!next_here(x, first > acked ? first : acked + 1, first + count, &s, &any, err)) return false;
    if (any) x->comparing = COMPARE_NOW;
  }
  return true;
}

bool node_lost_differs(struct exchange_node *x, const struct welcome *m, bool *yes, struct err *err)
{
  return hole_differs(x->config.db, x->up.stream, m->head_seq, m->head_hash, yes, err);
}

bool node_lost_deny(struct exchange_node *x, const struct welcome *m, struct moment now, struct err *err)
{
  uint64_t seq = 0;
  if (x->facts.restoring || x->distrust.kind || x->up.paused_until == NEVER || x->up.count > 0) return true;
  if (!hole_denied(x->config.db, x->up.stream, m->head_seq, &seq, err)) return false;
  if (seq == 0) return true;
  if (!store_hole_aside(x->config.store, seq, now.wall_ms, err) ||
      !store_heard(x->config.store, now.wall_ms, err))
    return false;
  sender_resume(&x->up);
  sender_rewind(&x->up, m->head_seq);
  return true;
}

/* The province was given it and still says that it is nowhere: kept for people, beside the checkpoint held.
 */
static bool accuse(struct exchange_node *x, uint64_t seq, struct moment now, struct err *err)
{
  struct err why = ERR_INIT;
  (void)err_rule(&why, ERR_CONFLICT, "LOST", "lost_here",
                 "the province says that entry %llu of this branch is lost, and was brought it on this line",
                 (unsigned long long)seq);
  return store_accuse(x->config.store, &why, "", 0, false, now.wall_ms, err);
}

static bool is_settled(const struct exchange_node *x)
{
  return x->brought && x->up.count == 0 && x->up.sent_seq >= x->up.as_made_to;
}

static bool was_brought(const struct exchange_node *x, const struct stretch *s)
{
  return s->first >= x->brought_of.first && s->last <= x->brought_of.last;
}

/* One WELCOME names no more than TAIL_LOST_MAX.  Once those have been brought, others are as the first of the
 * line: when they came is said before they go up. */
static bool begin_others(struct exchange_node *x, struct span tail, struct err *err)
{
  uint64_t first = 0, count = 0;
  while (is_settled(x) && lost_tail_next(&tail, &first, &count)) {
    struct stretch here;
    bool any = false;
    if (count == 0) continue;
    if (!have(x, first, count, &here, &any, err)) return false;
    if (!any || was_brought(x, &here)) continue;
    x->brought = false;
    buf_wipe(&x->came);
  }
  return true;
}

bool node_lost_came(struct exchange_node *x, struct span tail, bool *said, struct err *err)
{
  *said = false;
  if (!begin_others(x, tail, err)) return false;
  if (x->brought || x->came.size) return true;
  if (!came_tail_put(&x->came, x->config.db, tail, err)) return false;
  *said = x->came.size > 0;
  return true;
}

bool node_lost_bring(struct exchange_node *x, struct span tail, uint64_t *from, struct moment now,
                     struct err *err)
{
  uint64_t first = 0, count = 0;
  const bool settled = is_settled(x);
  if (x->brought && !settled) return true;
  while (lost_tail_next(&tail, &first, &count)) {
    struct stretch here;
    bool any = false;
    if (count == 0) continue;
    if (!have(x, first, count, &here, &any, err)) return false;
    if (!any) continue;
    if (settled && !accuse(x, here.first, now, err)) return false;
    if (settled) continue;
    if (!x->brought || here.first < x->brought_of.first) x->brought_of.first = here.first;
    if (!x->brought || here.last > x->brought_of.last) x->brought_of.last = here.last;
    x->brought = true;
    if (here.first - 1 < *from) *from = here.first - 1;
    if (here.last > x->up.as_made_to) x->up.as_made_to = here.last;
    x->up.unsigned_before = store_epoch(x->config.store);
  }
  return true;
}
