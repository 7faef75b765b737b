#include "sync/sender.h"

#include "sync/lost_message.h"
#include "sync/streams.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* More than this is not queued: a batch travels while the next is made, and what is queued can no longer be
 * overtaken. */
enum { OUTPUT_FULL = 16 * 1024, GAPS_MAX = 3 };

void sender_init(struct sender *s, struct stream stream, uint64_t after_seq)
{
  memset(s, 0, sizeof *s);
  s->stream = stream;
  s->sent_seq = after_seq;
}

static void settle_rewind(struct sender *s)
{
  if (!s->rewind || s->count > 0) return;
  s->sent_seq = s->rewind_seq;
  s->rewind = false;
  s->dry = false;
}

void sender_rewind(struct sender *s, uint64_t seq)
{
  s->rewind = true;
  s->rewind_seq = seq;
  settle_rewind(s);
}

void sender_look(struct sender *s)
{
  s->dry = false;
}

void sender_pause(struct sender *s, int64_t until_ms, const struct err *why)
{
  if (s->paused_until == INT64_MAX && until_ms < INT64_MAX) return; /* time does not end that one */
  s->paused_until = until_ms;
  s->why = *why;
}

void sender_resume(struct sender *s)
{
  s->paused_until = 0;
  s->gaps = 0;
  s->dry = false;
  err_clear(&s->why);
}

static void put_in_flight(struct sender *s, const struct sent_batch *batch, struct moment now)
{
  s->flight[(s->oldest + s->count) % BATCHES_IN_FLIGHT] = *batch;
  s->count++;
  s->bytes += batch->size;
  s->moved_ms = now.mono_ms;
  s->sent_seq = batch->last_seq;
}

/* Going up to fill what the peer has lost: entries before a hole of ours that no signature of ours leads to
 * cannot, and what is behind them can. */
static bool pass_unsigned(struct sender *s, struct db *db, bool *passed, struct err *err)
{
  struct lost_leaf hole;
  bool found = false;
  if (s->sent_seq >= s->as_made_to) return true;
  if (!lost_leaf_next(db, s->stream, s->sent_seq + 1, &hole, &found, err)) return false;
  *passed = found && hole.seq <= s->as_made_to;
  if (*passed) s->sent_seq = hole.seq - 1;
  return true;
}

/* What is lost right behind sent_seq; *sent stays false when nothing is. */
static bool send_lost(struct sender *s, struct db *db, struct wire *wire, bool *sent, struct moment now,
                      struct err *err)
{
  struct lost_message *m = calloc(1, sizeof *m);
  if (!m) return err_set(err, ERR_LIMIT, "no memory for what is lost");
  bool ok = lost_message_read(db, s->stream, s->sent_seq, m, err);
  *sent = ok && m->count > 0;
  if (*sent && s->gives_lost) {
    size_t mark = frame_begin(&wire->out, FRAME_LOST);
    lost_message_encode(&wire->out, m);
    frame_end(&wire->out, mark);
    const struct sent_batch batch = {m->first_seq, m->first_seq + m->count - 1, wire->out.size - mark};
    wire_queued(wire, now);
    if (!wire->end) put_in_flight(s, &batch, now);
  } else if (*sent) {
    s->sent_seq += m->count;
  } else if (ok) {
    ok = pass_unsigned(s, db, sent, err);
  }
  free(m);
  return ok;
}

/* One batch behind sent_seq.  *sent stays false when there is nothing to send. */
static bool send_batch(struct sender *s, struct db *db, struct wire *wire, bool *sent, struct moment now,
                       struct err *err)
{
  struct batch_head head;
  size_t mark = frame_begin(&wire->out, FRAME_BATCH);
  const bool fills = s->sent_seq < s->as_made_to;
  const struct batch_limits limits = {
      .first_signed = fills, .by_author = fills, .unsigned_before = fills ? s->unsigned_before : 0};
  bool ok = store_batch_read(db, s->stream, s->sent_seq, &limits, &head, &wire->out, err);
  if (!ok || head.count == 0) {
    wire->out.size = mark;
    return ok && send_lost(s, db, wire, sent, now, err);
  }
  frame_end(&wire->out, mark);
  struct sent_batch batch = {head.first_seq, batch_last_seq(&head), wire->out.size - mark};
  wire_queued(wire, now);
  if (wire->end) return true;
  assert(batch.size - FRAME_HEAD_SIZE <= frame_size_max(FRAME_BATCH));
  put_in_flight(s, &batch, now);
  *sent = true;
  return true;
}

bool sender_wants(const struct sender *s, const struct wire *wire)
{
  return !wire->end && !s->dry && !s->rewind && !s->paused_until && s->count < BATCHES_IN_FLIGHT &&
         wire_output(wire).size < OUTPUT_FULL;
}

bool sender_fill(struct sender *s, struct db *db, struct wire *wire, struct moment now, struct err *err)
{
  while (sender_wants(s, wire)) {
    bool sent = false;
    if (!send_batch(s, db, wire, &sent, now, err)) return false;
    s->dry = !sent;
  }
  return true;
}

/* Not taken: when to try again. */
static void pause_for(struct sender *s, enum answer answer, const struct err *why, int64_t failed_wait_ms,
                      struct moment now)
{
  switch (answer) {
  case ANSWER_GAP:
    if (++s->gaps > GAPS_MAX) sender_pause(s, now.mono_ms + STALL_RETRY_MS, why);
    break;
  case ANSWER_FORK:
  case ANSWER_FROZEN: sender_pause(s, INT64_MAX, why); break;
  case ANSWER_REFUSED: sender_pause(s, now.mono_ms + STALL_RETRY_MS, why); break;
  case ANSWER_FAILED: sender_pause(s, now.mono_ms + failed_wait_ms, why); break;
  case ANSWER_TAKEN:
  case ANSWER_REPLAY:
  case ANSWER_END: break;
  }
}

struct sent_batch sender_answered(struct sender *s, enum answer answer, uint64_t through, const char *rule,
                                  const char *text, int64_t failed_wait_ms, struct moment now)
{
  assert(s->count > 0);
  struct sent_batch batch = s->flight[s->oldest];
  s->oldest = (s->oldest + 1) % BATCHES_IN_FLIGHT;
  s->count--;
  s->bytes -= batch.size;
  s->moved_ms = now.mono_ms;
  if (answer == ANSWER_TAKEN || answer == ANSWER_REPLAY) {
    s->gaps = 0;
  } else if (!s->rewind) { /* else it fell with the one before it */
    struct err why = ERR_INIT;
    (void)err_rule(&why, ERR_CONFLICT, "batch", rule[0] ? rule : answer_name(answer), "%s", text);
    s->rewind = true;
    s->rewind_seq = through;
    pause_for(s, answer, &why, failed_wait_ms, now);
  }
  settle_rewind(s);
  return batch;
}

int64_t sender_deadline(const struct sender *s, int64_t wait_ms, int64_t heard_ms)
{
  if (s->count == 0) return INT64_MAX;
  int64_t since = s->moved_ms > heard_ms ? s->moved_ms : heard_ms;
  return since + wire_wait_ms(wait_ms, s->bytes);
}
