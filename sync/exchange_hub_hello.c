/* The greeting of a node, as the hub takes it: who speaks, where both ends stand, what is to be sent. */
#include "sync/exchange_hub_state.h"

#include "sync/hub_runs.h"
#include "sync/keys.h"
#include "sync/lost_message.h"
#include "sync/prefix.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <string.h>

/* HELLO, three times over: who speaks, where both stand, what to send. */

static bool hello_allowed(struct exchange_hub *x, const struct hello *m, struct err *err)
{
  struct key key;
  if (m->branch != x->config.branch)
    return err_rule(err, ERR_DENIED, "branch", "wrong_branch",
                    "HELLO of branch %u over the certificate of %u", m->branch, x->config.branch);
  return key_in_force(x->config.db, m->branch, m->epoch, &key, err) &&
         peer_pace_hello(&x->pace, x->now.mono_ms, err);
}

/* Where the two ends of the node's stream stand to each other; see compare_heads in exchange_node.c. */
static bool fill_welcome(struct exchange_hub *x, const struct hello *hello, struct welcome *m,
                         struct err *err)
{
  struct head own;
  struct head shared;
  struct head directed;
  enum prefix prefix;
  bool frozen;
  struct db *db = x->config.db;
  memset(m, 0, sizeof *m);
  if (!stream_head(db, x->own, &own, err) || !stream_head(db, x->down[DOWN_SHARED].stream, &shared, err) ||
      !stream_head(db, x->down[DOWN_DIRECTED].stream, &directed, err) ||
      !stream_frozen(db, x->own, &frozen, err) ||
      !prefix_compare(db, x->own, hello->head_seq, hello->head_hash, &prefix, err))
    return false;
  m->schema = x->config.schema;
  memcpy(m->schema_hash, x->config.schema_hash, sizeof m->schema_hash);
  (void)snprintf(m->program, sizeof m->program, "%s", x->config.program);
  m->wall_ms = x->now.wall_ms;
  m->head_epoch = own.epoch;
  m->head_seq = own.seq;
  memcpy(m->head_hash, own.hash, HASH_SIZE);
  m->shared_seq = shared.seq;
  m->directed_seq = directed.seq;
  m->state = prefix == PREFIX_OTHER ? STREAM_DIVERGED : frozen ? STREAM_FROZEN : STREAM_FINE;
  return true;
}

void hub_look_again(struct exchange_hub *x)
{
  for (int i = 0; i < DOWN_COUNT; i++)
    sender_look(&x->down[i]);
}

/* The node's cursors move a sender only while nothing is in flight: else the CURSOR frames know better. */
static void aim(struct sender *s, uint64_t cursor)
{
  if (s->count == 0) sender_rewind(s, cursor);
}

/* Has the node of our own streams what we have?  More, or another entry at one place, means that our disk
 * went back, and what we write now contradicts it. */
static bool compare_lanes(struct exchange_hub *x, const struct welcome *welcome, struct lane_mark ours[LANES],
                          bool *told, struct err *err)
{
  struct lane_mark theirs[LANES] = {{.seq = x->hello.shared_seq}, {.seq = x->hello.directed_seq}};
  x->lanes_behind =
      theirs[LANE_SHARED].seq > welcome->shared_seq || theirs[LANE_DIRECTED].seq > welcome->directed_seq;
  *told = tail_get_hashes(x->hello.tail, theirs);
  for (int i = 0; *told && i < LANES; i++) {
    const struct stream stream = x->down[i == LANE_SHARED ? DOWN_SHARED : DOWN_DIRECTED].stream;
    bool lost = false; /* theirs may be it */
    if (!prefix_at(x->config.db, stream, theirs[i].seq, &ours[i].seq, ours[i].hash, &lost, err)) return false;
    if (ours[i].seq != theirs[i].seq ||
        (!lost && ours[i].seq > 0 && memcmp(ours[i].hash, theirs[i].hash, HASH_SIZE) != 0))
      x->lanes_behind = true;
  }
  *told = *told && x->lanes_behind;
  return true;
}

static bool signed_size(struct exchange_hub *x, struct err *err)
{
  struct tlog_state log;
  struct buf note = BUF_INIT;
  bool ok = tlog_checkpoint(x->config.db, &note, &log, err);
  buf_wipe(&note);
  if (ok) x->log_size = log.size;
  return ok;
}

static bool send_welcome(struct exchange_hub *x, struct welcome *m, struct err *err)
{
  struct lane_mark ours[LANES];
  bool told = false;
  if (!compare_lanes(x, m, ours, &told, err) || !signed_size(x, err)) return false;
  struct buf tail = BUF_INIT;
  tail_put_u64(&tail, TAIL_LOG_SIZE, x->log_size);
  if (x->config.run && !x->facts.welcomed) tail_put_u64(&tail, TAIL_HUB_RUN, x->config.run);
  if (x->twin_ms) tail_put_u64(&tail, TAIL_TWIN, (uint64_t)x->twin_ms);
  if (x->off_ms && m->wall_ms > x->off_ms) tail_put_u64(&tail, TAIL_TIME, (uint64_t)(m->wall_ms - x->off_ms));
  if (told) tail_put_marks(&tail, ours);
  if (!keep_sender_greet(&x->prover.keep, x->config.db, x->hello.tail, &tail, err) ||
      !lost_tail_put(&tail, x->config.db, x->own, x->now.wall_ms, err)) {
    buf_wipe(&tail);
    return false;
  }
  m->tail = (struct span){tail.data, tail.size};
  size_t mark = frame_begin(&x->wire.out, FRAME_WELCOME);
  welcome_encode(&x->wire.out, m);
  frame_end(&x->wire.out, mark);
  wire_queued(&x->wire, x->now);
  buf_wipe(&tail);
  return true;
}

/* The node as a witness: which checkpoint it holds, and what it lacks proof of. */
static bool greet_witness(struct exchange_hub *x, struct err *err)
{
  uint64_t held_size = 0;
  uint64_t mirrored = 0;
  (void)tail_get_u64(x->hello.tail, TAIL_LOG_SIZE, &held_size);
  if (tail_get_u64(x->hello.tail, TAIL_MIRRORED, &mirrored)) prover_aim_mirror(&x->prover, mirrored);
  prover_aim(&x->prover, x->hello.acked_seq, held_size, x->facts.received_seq);
  x->behind = held_size > x->log_size || x->lanes_behind;
  return prover_tell(&x->prover, x->config.db, &x->wire, x->now, err);
}

/* The tail outlives its frame: more bytes may come before HELLO is answered. */
static bool keep_tail(struct exchange_hub *x, struct err *err)
{
  buf_clear(&x->tail);
  put_bytes(&x->tail, x->hello.tail.p, x->hello.tail.size);
  x->hello.tail = (struct span){x->tail.data, x->tail.size};
  return !x->tail.bad || err_set(err, ERR_IO, "out of memory for a greeting");
}

/* What HELLO says is given out first; it is answered by exchange_hub_welcome. */
bool hub_take_hello(struct exchange_hub *x, const struct frame *frame, struct exchange_hub_action *action)
{
  struct err err = ERR_INIT;
  struct welcome welcome;
  struct lane_mark ours[LANES];
  bool told = false;
  uint64_t held_size = 0;
  if (!hello_decode(&x->hello, frame->body, frame->size, &err) || !hello_allowed(x, &x->hello, &err)) {
    violation(x, &err);
    return false;
  }
  if (!keep_tail(x, &err) || !fill_welcome(x, &x->hello, &welcome, &err) ||
      !compare_lanes(x, &welcome, ours, &told, &err) || !signed_size(x, &err)) {
    end_store(x, &err);
    return false;
  }
  (void)tail_get_u64(x->hello.tail, TAIL_LOG_SIZE, &held_size);
  action->cosigned_count = tail_get_cosigned(x->hello.tail, action->cosigned);
  x->other_hub = x->other_hub || hub_runs_other(x->hello.tail, x->config.run);
  action->other_hub = x->other_hub;
  x->greeting = true;
  x->greeted_ms = x->now.mono_ms;
  action->kind = HUB_HELLO;
  action->hello = &x->hello;
  action->shows_more = x->lanes_behind || held_size > x->log_size;
  return true;
}

static bool answer_hello(struct exchange_hub *x, struct err *err)
{
  struct welcome welcome;
  if (!fill_welcome(x, &x->hello, &welcome, err) || !send_welcome(x, &welcome, err)) return false;
  x->wire.in.allowed = FRAME_BIT(FRAME_HELLO) | FRAME_BIT(FRAME_BATCH) | FRAME_BIT(FRAME_CURSOR) |
                       FRAME_BIT(FRAME_WITNESSED) | FRAME_BIT(FRAME_HELD) | FRAME_BIT(FRAME_WANT) |
                       FRAME_BIT(FRAME_REFUSE);
  if (!x->renewal_asked) x->wire.in.allowed |= FRAME_BIT(FRAME_RENEW);
  x->facts.welcomed = true;
  x->facts.head_seq = x->hello.head_seq;
  x->facts.received_seq = welcome.head_seq;

  aim(&x->down[DOWN_SHARED], x->hello.shared_seq);
  aim(&x->down[DOWN_DIRECTED], x->hello.directed_seq);
  /* Its own history, when ours is longer and its is the beginning of ours. */
  bool history = welcome.state != STREAM_DIVERGED && welcome.head_seq > x->hello.head_seq;
  x->history_to = history ? welcome.head_seq : 0;
  if (history) aim(&x->down[DOWN_HISTORY], x->hello.head_seq);
  if (!greet_witness(x, err)) return false;
  if (welcome.state == STREAM_DIVERGED)
    x->prover.next_seq = 0; /* it cannot recognise what it did not write */
  hub_look_again(x);        /* in case a wake-up was lost */
  hub_pump(x);
  return true;
}

void exchange_hub_welcome(struct exchange_hub *x, struct moment now)
{
  struct err err = ERR_INIT;
  x->now = now;
  if (!x->greeting || x->wire.end) return;
  x->greeting = false;
  if (!answer_hello(x, &err)) end_store(x, &err);
}
