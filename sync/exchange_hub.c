#include "sync/exchange_hub.h"

#include "sync/apply.h"
#include "sync/keys.h"
#include "sync/log_message.h"
#include "sync/peer_pace.h"
#include "sync/prefix.h"
#include "sync/prover.h"
#include "sync/sender.h"
#include "sync/streams.h"
#include "sync/tlog.h"
#include "sync/wire.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t NEVER = INT64_MAX;

/* What goes down, in the order it is filled: a rebuilt node's own history before all else. */
enum { DOWN_HISTORY, DOWN_SHARED, DOWN_DIRECTED, DOWN_COUNT };

/* A batch that came and is not answered yet.  Receipts leave oldest first. */
struct slot {
  uint64_t ticket;
  bool done;
  struct receipt receipt;
};

struct exchange_hub {
  struct exchange_hub_config config;
  struct stream own; /* the node's */
  struct wire wire;
  struct sender down[DOWN_COUNT];
  struct prover prover;
  uint64_t log_size; /* of our newest checkpoint, at the newest HELLO */
  bool behind;       /* the node says it holds a larger one, which WITNESSED will prove, or */
  bool lanes_behind; /* has our own streams otherwise than we do, which HELD will prove */
  bool quiet;        /* nothing of ours goes down: exchange_hub_hold */
  int64_t twin_ms;
  uint64_t history_to;                  /* the node gets its own stream back through here; 0: it has it */
  struct slot slots[BATCHES_IN_FLIGHT]; /* a ring */
  unsigned oldest;
  unsigned count;
  uint64_t tickets;
  int64_t opened_ms;
  int64_t heard_ms;
  struct peer_pace pace;
  struct moment now;  /* of the newest call */
  bool renewal_asked; /* once a connection */
  bool told;          /* the violation that ended it was given out as an action */
  bool greeting;      /* a HELLO waits for exchange_hub_welcome, and what came behind it too */
  int64_t greeted_ms; /* since then */
  struct buf tail;    /* of the HELLO */
  struct hello hello; /* what actions borrow */
  struct enrol enrol;
  struct cursor cursor;
  struct exchange_hub_facts facts;
};

static void end_store(struct exchange_hub *x, const struct err *why)
{
  wire_end(&x->wire, END_STORE, why, x->now);
}

static void violation(struct exchange_hub *x, const struct err *why)
{
  wire_end(&x->wire, END_PROTOCOL, why, x->now);
}

/* Counts what costs the peer nothing; false: it has done so too often, and is dropped. */
static bool claim(struct exchange_hub *x)
{
  struct err err = ERR_INIT;
  if (peer_pace_claim(&x->pace, &err)) return true;
  violation(x, &err);
  return false;
}

static void pump(struct exchange_hub *x)
{
  struct err err = ERR_INIT;
  if (!x->facts.welcomed) return;
  for (int i = 0; i < DOWN_COUNT && !x->wire.end; i++) {
    if (i == DOWN_HISTORY && x->down[i].sent_seq >= x->history_to) continue;
    /* What a province wrote after its disk went back would contradict what this branch has of it. */
    if (i != DOWN_HISTORY && (x->behind || x->quiet)) continue;
    if (!sender_fill(&x->down[i], x->config.db, &x->wire, x->now, &err)) end_store(x, &err);
  }
  if (!x->wire.end && !prover_fill(&x->prover, x->config.db, &x->wire, x->now, &err)) end_store(x, &err);
}

/* Sends the receipts that are due.  A refusal says how far the stream is now, after all before it. */
static void send_receipts(struct exchange_hub *x)
{
  struct err err = ERR_INIT;
  while (x->count > 0 && x->slots[x->oldest].done && !x->wire.end) {
    struct receipt *m = &x->slots[x->oldest].receipt;
    struct head head;
    if (!stream_head(x->config.db, x->own, &head, &err)) {
      end_store(x, &err);
      return;
    }
    if (m->answer == ANSWER_REFUSED || m->answer == ANSWER_FAILED) m->through = head.seq;
    size_t mark = frame_begin(&x->wire.out, FRAME_RECEIPT);
    receipt_encode(&x->wire.out, m);
    frame_end(&x->wire.out, mark);
    wire_queued(&x->wire, x->now);
    if (m->through > x->facts.received_seq) x->facts.received_seq = m->through;
    if (m->through > x->facts.head_seq) x->facts.head_seq = m->through;
    x->oldest = (x->oldest + 1) % BATCHES_IN_FLIGHT;
    x->count--;
  }
  if (!x->wire.end && !prover_fill(&x->prover, x->config.db, &x->wire, x->now, &err)) end_store(x, &err);
}

static void refuse_batch(struct exchange_hub *x, struct slot *slot, enum answer answer, const struct err *why)
{
  slot->done = true;
  slot->receipt.answer = answer;
  (void)snprintf(slot->receipt.rule, sizeof slot->receipt.rule, "%s",
                 why->rule[0] ? why->rule : err_kind_name(why->kind));
  (void)snprintf(slot->receipt.text, sizeof slot->receipt.text, "%.*s", RULE_TEXT_MAX, why->text);
  send_receipts(x);
}

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

static void look_again(struct exchange_hub *x)
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
  if (x->twin_ms) tail_put_u64(&tail, TAIL_TWIN, (uint64_t)x->twin_ms);
  if (told) tail_put_marks(&tail, ours);
  m->tail = (struct span){tail.data, tail.size};
  size_t mark = frame_begin(&x->wire.out, FRAME_WELCOME);
  welcome_encode(&x->wire.out, m);
  frame_end(&x->wire.out, mark);
  wire_queued(&x->wire, x->now);
  buf_wipe(&tail);
  return true;
}

/* The node as a witness: which checkpoint it holds, and what it lacks proof of; */
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

/* and its cosignatures. */
static void collect_cosignatures(struct exchange_hub *x, struct exchange_hub_action *action)
{
  struct span line;
  for (struct span rest = x->hello.tail; tail_next(&rest, TAIL_COSIGNATURE, &line);) {
    struct reader r = reader_of(line.p, line.size);
    uint64_t size = get_u64(&r);
    if (line.size <= 8 || action->cosigned_count == COSIGNED_MAX) continue;
    action->cosigned[action->cosigned_count].size = size;
    action->cosigned[action->cosigned_count++].line = (struct span){line.p + 8, line.size - 8};
  }
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
static bool take_hello(struct exchange_hub *x, const struct frame *frame, struct exchange_hub_action *action)
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
  collect_cosignatures(x, action);
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
                       FRAME_BIT(FRAME_WITNESSED) | FRAME_BIT(FRAME_HELD) | FRAME_BIT(FRAME_REFUSE);
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
  look_again(x);            /* in case a wake-up was lost */
  pump(x);
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

/* A batch that does not verify is answered, told to the auditor, and stops nothing else. */
static bool take_batch(struct exchange_hub *x, const struct frame *frame, struct exchange_hub_action *action)
{
  struct err err = ERR_INIT;
  struct batch_head head;
  struct batch *batch = NULL;
  if (x->count == BATCHES_IN_FLIGHT) {
    (void)err_rule(&err, ERR_LIMIT, "BATCH", "too_many_in_flight", "more than %d batches unanswered",
                   BATCHES_IN_FLIGHT);
    violation(x, &err);
    return false;
  }
  bool peeked = batch_peek(&head, frame->body, frame->size, &err);
  if (peeked && (head.stream.author != x->own.author || head.stream.lane != 0)) {
    (void)err_rule(&err, ERR_DENIED, "stream", "wrong_stream", "a batch of %u/%u from branch %u",
                   head.stream.author, head.stream.lane, x->own.author);
    violation(x, &err);
    return false;
  }
  struct slot *slot = &x->slots[(x->oldest + x->count++) % BATCHES_IN_FLIGHT];
  memset(slot, 0, sizeof *slot);
  slot->ticket = ++x->tickets;
  slot->receipt.first_seq = peeked ? head.first_seq : 0;
  slot->receipt.last_seq = peeked ? batch_last_seq(&head) : 0;
  if (x->behind) {
    (void)err_rule(&err, ERR_CONFLICT, "log", "log_rolled_back",
                   "the branch holds more of this log than it has: nothing is added to it");
    refuse_batch(x, slot, ANSWER_FAILED, &err);
    claim(x);
    return false;
  }
  if (!peeked || !batch_accept(&batch, x->config.db, frame->body, frame->size, &err)) {
    refuse_batch(x, slot, err_is_fault(&err) ? ANSWER_FAILED : ANSWER_REFUSED, &err);
    if (!err_is_fault(&err) && !claim(x)) return false;
    action->kind = HUB_VIOLATION;
    action->why = err;
    return true;
  }
  action->kind = HUB_INGEST;
  action->ticket = slot->ticket;
  action->batch = batch;
  return true;
}

static struct sender *sender_of(struct exchange_hub *x, uint32_t author, uint32_t lane)
{
  for (int i = 0; i < DOWN_COUNT; i++)
    if (x->down[i].stream.author == author && x->down[i].stream.lane == lane) return &x->down[i];
  return NULL;
}

static bool take_cursor(struct exchange_hub *x, const struct frame *frame, struct exchange_hub_action *action)
{
  struct err err = ERR_INIT;
  struct cursor *m = &x->cursor;
  if (!cursor_decode(m, frame->body, frame->size, &err)) {
    violation(x, &err);
    return false;
  }
  struct sender *s = sender_of(x, m->author, m->lane);
  bool good = m->answer == ANSWER_TAKEN || m->answer == ANSWER_REPLAY;
  if (!s || s->count == 0 || (good && m->through < s->flight[s->oldest].last_seq)) {
    (void)err_rule(&err, ERR_INPUT, "CURSOR", "unasked", "a cursor of %u/%u through %llu answers no batch",
                   m->author, m->lane, (unsigned long long)m->through);
    violation(x, &err);
    return false;
  }
  struct sent_batch batch =
      sender_answered(s, m->answer, m->through, m->rule, m->text, HELLO_EVERY_MS, x->now);
  /* It has more than we sent: a file brought it. */
  if (good && m->through > s->sent_seq) sender_rewind(s, m->through);
  if (good) x->facts.entries_sent += batch.last_seq - batch.first_seq + 1;
  pump(x);
  action->kind = HUB_CURSOR;
  action->cursor = m;
  return true;
}

static bool take_held(struct exchange_hub *x, const struct frame *frame, struct exchange_hub_action *action)
{
  struct err err = ERR_INIT;
  if (!held_message_decode(&action->held, frame->body, frame->size, &err)) {
    violation(x, &err);
    return false;
  }
  action->kind = HUB_HELD;
  return true;
}

static bool take_enrol(struct exchange_hub *x, const struct frame *frame, struct exchange_hub_action *action)
{
  struct err err = ERR_INIT;
  x->wire.in.allowed = FRAME_BIT(FRAME_REFUSE); /* one question a connection */
  if (!enrol_decode(&x->enrol, frame->body, frame->size, &err)) {
    violation(x, &err);
    return false;
  }
  action->kind = HUB_ENROL;
  action->enrol = &x->enrol;
  return true;
}

static bool take_renew(struct exchange_hub *x, const struct frame *frame, struct exchange_hub_action *action)
{
  struct err err = ERR_INIT;
  struct renew m;
  x->renewal_asked = true;
  x->wire.in.allowed &= ~FRAME_BIT(FRAME_RENEW);
  if (!renew_decode(&m, frame->body, frame->size, &err)) {
    violation(x, &err);
    return false;
  }
  action->kind = HUB_RENEW;
  action->tls_key = m.tls_key;
  return true;
}

static bool take_refuse(struct exchange_hub *x, const struct frame *frame)
{
  struct err err = ERR_INIT;
  struct err why = ERR_INIT;
  struct refuse m;
  if (!refuse_decode(&m, frame->body, frame->size, &err)) {
    violation(x, &err);
    return false;
  }
  (void)err_rule(&why, ERR_DENIED, "link", m.rule, "%s", m.text);
  wire_end(&x->wire, END_REFUSED, &why, x->now);
  return false;
}

static bool take(struct exchange_hub *x, const struct frame *frame, struct exchange_hub_action *action)
{
  if ((frame->type == FRAME_WITNESSED || frame->type == FRAME_HELD) && !claim(x)) return false;
  switch (frame->type) {
  case FRAME_HELLO: return take_hello(x, frame, action);
  case FRAME_BATCH: return take_batch(x, frame, action);
  case FRAME_CURSOR: return take_cursor(x, frame, action);
  case FRAME_WITNESSED:
    action->kind = HUB_WITNESSED;
    action->note = (struct span){frame->body, frame->size};
    return true;
  case FRAME_HELD: return take_held(x, frame, action);
  case FRAME_ENROL: return take_enrol(x, frame, action);
  case FRAME_RENEW: return take_renew(x, frame, action);
  case FRAME_REFUSE: return take_refuse(x, frame);
  default: assert(false); /* wire.in.allowed lets nothing else through */
  }
  return false;
}

bool exchange_hub_open(struct exchange_hub **out, const struct exchange_hub_config *config, struct moment now,
                       struct err *err)
{
  struct exchange_hub *x = calloc(1, sizeof *x);
  if (!x) return err_set(err, ERR_LIMIT, "no memory for an exchange");
  x->config = *config;
  x->own = (struct stream){config->branch, 0};
  x->opened_ms = x->heard_ms = now.mono_ms;
  peer_pace_init(&x->pace, now.mono_ms);
  x->now = now;
  x->facts.branch = config->branch;
  x->prover.stream = x->own;
  memcpy(x->prover.mirror.key, config->mirror_key, BOX_KEY_SIZE);
  sender_init(&x->down[DOWN_HISTORY], x->own, 0);
  sender_init(&x->down[DOWN_SHARED], (struct stream){config->province, 0}, 0);
  sender_init(&x->down[DOWN_DIRECTED], (struct stream){config->province, config->branch}, 0);
  wire_init(&x->wire, FRAME_BIT(config->branch ? FRAME_HELLO : FRAME_ENROL) | FRAME_BIT(FRAME_REFUSE));
  *out = x;
  return true;
}

void exchange_hub_lend(struct exchange_hub *x, struct db *db)
{
  x->config.db = db;
}

void exchange_hub_hold(struct exchange_hub *x, bool quiet, int64_t twin_ms)
{
  x->quiet = quiet;
  x->twin_ms = twin_ms;
}

void exchange_hub_close(struct exchange_hub *x)
{
  if (!x) return;
  wire_wipe(&x->wire);
  buf_wipe(&x->tail);
  free(x);
}

void exchange_hub_input(struct exchange_hub *x, const void *p, size_t n, struct moment now)
{
  x->now = now;
  x->heard_ms = now.mono_ms;
  wire_feed(&x->wire, p, n, now);
  /* Nothing is taken while HELLO waits, and nobody needs to say more than one frame before it is answered. */
  if (x->greeting && !x->wire.end && x->wire.in.held.size - x->wire.in.taken > FRAME_SIZE_MAX) {
    struct err err = ERR_INIT;
    (void)err_rule(&err, ERR_LIMIT, "HELLO", "too_much", "more than a frame before the WELCOME");
    wire_end(&x->wire, END_PROTOCOL, &err, now);
  }
}

bool exchange_hub_action(struct exchange_hub *x, struct exchange_hub_action *action)
{
  struct frame frame;
  memset(action, 0, sizeof *action);
  while (!x->greeting && wire_next(&x->wire, &frame, x->now))
    if (take(x, &frame, action)) return true;
  if (x->wire.end != END_PROTOCOL || x->told) return false;
  x->told = true;
  action->kind = HUB_VIOLATION;
  action->why = x->wire.why;
  return true;
}

void exchange_hub_wake(struct exchange_hub *x, struct moment now)
{
  x->now = now;
  look_again(x);
  pump(x);
}

void exchange_hub_ingested(struct exchange_hub *x, uint64_t ticket, const struct apply_result *result,
                           int64_t received_ms, const struct err *why, struct moment now)
{
  struct err unknown = ERR_INIT;
  x->now = now;
  for (unsigned i = 0; i < x->count; i++) {
    struct slot *slot = &x->slots[(x->oldest + i) % BATCHES_IN_FLIGHT];
    if (slot->ticket != ticket || slot->done) continue;
    slot->receipt.received_ms = received_ms;
    if (!result) {
      (void)err_set(&unknown, ERR_BUSY, "the province could not store it now");
      refuse_batch(x, slot, ANSWER_FAILED, why ? why : &unknown);
      if (why && why->kind == ERR_LIMIT) claim(x);
      return;
    }
    slot->done = true;
    slot->receipt.answer = (enum answer)result->outcome; /* the same numbers: exchange_node.c asserts it */
    slot->receipt.through = result->through_seq;
    slot->receipt.quarantined = result->quarantined;
    slot->receipt.parked = result->parked;
    (void)snprintf(slot->receipt.rule, sizeof slot->receipt.rule, "%s", result->reason);
    (void)snprintf(slot->receipt.text, sizeof slot->receipt.text, "%s", result->detail);
    x->facts.entries_received += result->taken;
    send_receipts(x);
    if (result->outcome > OUTCOME_REPLAY) claim(x);
    return;
  }
  assert(x->wire.end); /* a ticket is answered once */
}

void exchange_hub_enrolled(struct exchange_hub *x, const struct enrolled *answer, struct moment now)
{
  x->now = now;
  size_t mark = frame_begin(&x->wire.out, FRAME_ENROLLED);
  enrolled_encode(&x->wire.out, answer);
  frame_end(&x->wire.out, mark);
  wire_queued(&x->wire, now);
  wire_end(&x->wire, END_DONE, NULL, now);
}

void exchange_hub_renewed(struct exchange_hub *x, const struct renewed *answer, struct moment now)
{
  x->now = now;
  size_t mark = frame_begin(&x->wire.out, FRAME_RENEWED);
  renewed_encode(&x->wire.out, answer);
  frame_end(&x->wire.out, mark);
  wire_queued(&x->wire, now);
}

void exchange_hub_refuse(struct exchange_hub *x, const char *rule, const char *text, struct moment now)
{
  struct err why = ERR_INIT;
  x->now = now;
  (void)err_rule(&why, ERR_DENIED, "link", rule, "%s", text);
  wire_end(&x->wire, END_DISMISSED, &why, now);
}

static int64_t sooner(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

/* Before the first HELLO a peer has HELLO_WAIT_MS to say something; then silence is what ends it.  A stranger
 * who asked to be enrolled waits for the program. */
static int64_t speak_by(const struct exchange_hub *x)
{
  if (!x->config.branch && !(x->wire.in.allowed & FRAME_BIT(FRAME_ENROL))) return NEVER;
  if (x->greeting) return NEVER;
  return x->facts.welcomed ? x->heard_ms + SILENCE_WAIT_MS : x->opened_ms + HELLO_WAIT_MS;
}

/* The node waits for WELCOME a little longer than this, and then dials again. */
static int64_t settled_by(const struct exchange_hub *x)
{
  return x->greeting ? x->greeted_ms + SETTLE_WAIT_MS : NEVER;
}

static int64_t cursor_by(const struct exchange_hub *x)
{
  int64_t by = NEVER;
  for (int i = 0; i < DOWN_COUNT; i++)
    by = sooner(by, sender_deadline(&x->down[i], CURSOR_WAIT_MS, x->heard_ms));
  return by;
}

static int64_t resume_at(const struct exchange_hub *x)
{
  int64_t at = NEVER;
  for (int i = 0; i < DOWN_COUNT; i++)
    if (x->down[i].paused_until) at = sooner(at, x->down[i].paused_until);
  return at;
}

void exchange_hub_tick(struct exchange_hub *x, struct moment now)
{
  struct err err = ERR_INIT;
  x->now = now;
  wire_tick(&x->wire, now);
  if (!x->wire.end && now.mono_ms >= speak_by(x)) {
    (void)err_rule(&err, ERR_IO, "HELLO", "silent", "the node said nothing for too long");
    wire_end(&x->wire, END_TIMEOUT, &err, now);
  }
  if (!x->wire.end && now.mono_ms >= cursor_by(x)) {
    (void)err_rule(&err, ERR_IO, "CURSOR", "cursor_timeout", "the node did not answer a batch");
    wire_end(&x->wire, END_TIMEOUT, &err, now);
  }
  if (!x->wire.end && now.mono_ms >= settled_by(x)) {
    (void)err_rule(&err, ERR_BUSY, "HELLO", "settling", "what came over an earlier line is not stored yet");
    wire_end(&x->wire, END_TIMEOUT, &err, now);
  }
  for (int i = 0; i < DOWN_COUNT; i++)
    if (x->down[i].paused_until && now.mono_ms >= x->down[i].paused_until) sender_resume(&x->down[i]);
  pump(x);
}

struct span exchange_hub_output(const struct exchange_hub *x)
{
  return wire_output(&x->wire);
}

void exchange_hub_sent(struct exchange_hub *x, size_t n, struct moment now)
{
  x->now = now;
  wire_sent(&x->wire, n, now);
  for (int i = 0; i < DOWN_COUNT; i++)
    x->down[i].moved_ms = now.mono_ms;
  pump(x);
}

int64_t exchange_hub_deadline(const struct exchange_hub *x)
{
  if (x->wire.end) return NEVER;
  return sooner(sooner(wire_deadline(&x->wire), sooner(speak_by(x), settled_by(x))),
                sooner(cursor_by(x), resume_at(x)));
}

bool exchange_hub_ended(const struct exchange_hub *x)
{
  return x->wire.end != END_NOT;
}

const struct exchange_hub_facts *exchange_hub_facts(struct exchange_hub *x)
{
  x->facts.bytes_in = x->wire.bytes_in;
  x->facts.bytes_out = x->wire.bytes_out;
  x->facts.end = x->wire.end;
  x->facts.why = x->wire.why;
  err_clear(&x->facts.down);
  for (int i = 0; i < DOWN_COUNT; i++)
    if (x->down[i].why.kind && !x->facts.down.kind) x->facts.down = x->down[i].why;
  return &x->facts;
}
