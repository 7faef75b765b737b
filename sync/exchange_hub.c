#include "sync/exchange_hub_state.h"

#include "sync/apply.h"
#include "sync/lost_message.h"
#include "sync/prefix.h"
#include "sync/streams.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Counts what costs the peer nothing; false: it has done so too often, and is dropped. */
static bool claim(struct exchange_hub *x)
{
  struct err err = ERR_INIT;
  if (peer_pace_claim(&x->pace, &err)) return true;
  violation(x, &err);
  return false;
}

void hub_pump(struct exchange_hub *x)
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
  /* Last, and little at a time; nothing of another past. */
  if (!x->wire.end && !x->behind && !x->quiet &&
      !prover_keep(&x->prover, x->config.db, &x->wire, x->now, &err))
    end_store(x, &err);
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

/* A disk that was found brings what is lost under a key that an enrolment has ended since, and what is behind
 * it once more: what is in the log, or has its place there by its hash, needs no key. */
static bool open_ended(struct exchange_hub *x, const struct batch_head *head, const struct frame *frame,
                       struct batch **out, struct err *err)
{
  struct err why = ERR_INIT;
  struct batch *batch = NULL;
  enum prefix prefix = PREFIX_OTHER;
  if (strcmp(err->rule, "revoked_key") != 0 || !batch_open(&batch, frame->body, frame->size, &why))
    return false;
  if (!prefix_compare(x->config.db, head->stream, batch_last_seq(head), batch->entries[head->count - 1].hash,
                      &prefix, &why) ||
      prefix != PREFIX_SAME) {
    batch_close(batch);
    return false;
  }
  batch->ended = true;
  *out = batch;
  err_clear(err);
  return true;
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
  if (!peeked || (!batch_accept(&batch, x->config.db, frame->body, frame->size, &err) &&
                  !open_ended(x, &head, frame, &batch, &err))) {
    refuse_batch(x, slot, err_is_fault(&err) ? ANSWER_FAILED : ANSWER_REFUSED, &err);
    if (!err_is_fault(&err) && !claim(x)) return false;
    action->kind = HUB_VIOLATION;
    action->why = err;
    return true;
  }
  came_tail_read(x->hello.tail, batch);
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
  hub_pump(x);
  action->kind = HUB_CURSOR;
  action->cursor = m;
  return true;
}

static bool take_want(struct exchange_hub *x, const struct frame *frame)
{
  struct err err = ERR_INIT;
  uint64_t tile = 0;
  if (want_decode(&tile, frame->body, frame->size, &err)) {
    keep_sender_want(&x->prover.keep, tile);
    hub_pump(x);
  } else
    violation(x, &err);
  return false;
}

static bool take_held(struct exchange_hub *x, const struct frame *frame, struct exchange_hub_action *action)
{
  struct err err = ERR_INIT;
  if (!held_message_decode(&action->held, frame->body, frame->size, &err)) {
    violation(x, &err);
    return false;
  }
  action->kind = HUB_HELD;
  return !x->other_hub;
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
  case FRAME_HELLO: return hub_take_hello(x, frame, action);
  case FRAME_BATCH: return take_batch(x, frame, action);
  case FRAME_CURSOR: return take_cursor(x, frame, action);
  case FRAME_WITNESSED:
    if (x->other_hub) return false;
    action->kind = HUB_WITNESSED;
    action->note = (struct span){frame->body, frame->size};
    return true;
  case FRAME_HELD: return take_held(x, frame, action);
  case FRAME_WANT: return take_want(x, frame);
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
  x->prover.keep.log = (struct keep_log){.province = config->province, .branch = config->branch};
  memcpy(x->prover.keep.log.key, config->mirror_key, BOX_KEY_SIZE);
  sender_init(&x->down[DOWN_HISTORY], x->own, 0);
  sender_init(&x->down[DOWN_SHARED], (struct stream){config->province, 0}, 0);
  sender_init(&x->down[DOWN_DIRECTED], (struct stream){config->province, config->branch}, 0);
  for (int i = 0; i < DOWN_COUNT; i++)
    x->down[i].gives_lost = true;
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

void exchange_hub_clock(struct exchange_hub *x, int64_t off_ms)
{
  x->off_ms = off_ms;
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
  hub_look_again(x);
  hub_pump(x);
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
  hub_pump(x);
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
  hub_pump(x);
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
