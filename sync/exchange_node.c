#include "sync/apply.h"
#include "sync/content.h"
#include "sync/exchange_node_state.h"
#include "sync/hole_aside.h"
#include "sync/log_message.h"
#include "sync/prefix.h"
#include "sync/restored.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/tlog.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void pump(struct exchange_node *x, struct moment now)
{
  struct err err = ERR_INIT;
  if (x->recall.asked) {
    if (!recalled_fill(&x->recall, x->config.db, &x->wire, now, &err)) end_store(x, &err, now);
    return;
  }
  /* What this disk holds may have another history by now (aside.h): the province speaks first. */
  if (!x->facts.welcome || x->facts.restoring || !sender_wants(&x->up, &x->wire)) return;
  if (!store_sign_head(x->config.store, now.wall_ms, &err)) {
    sender_pause(&x->up, now.mono_ms + x->config.hello_every_ms, &err);
    return;
  }
  if (!sender_fill(&x->up, x->config.db, &x->wire, now, &err)) end_store(x, &err, now);
}

/* As if entry seq were the newest; zeros for 0. */
static bool head_at(struct exchange_node *x, struct stream stream, uint64_t seq, struct head *out,
                    struct err *err)
{
  int64_t pos = -1;
  struct logged entry;
  struct lost_leaf hole;
  bool lost = false;
  struct buf keep = BUF_INIT;
  memset(out, 0, sizeof *out);
  if (seq == 0) return true;
  bool ok = stream_find(x->config.db, stream, seq, &pos, err) &&
            entry_read_or_lost(x->config.db, pos, &entry, &keep, &hole, &lost, err);
  if (ok && lost) {
    *out = (struct head){.lost = true, .epoch = hole.epoch, .seq = seq};
    memcpy(out->hash, hole.leaf.bytes, HASH_SIZE);
  } else if (ok) {
    *out = (struct head){.epoch = entry.record.epoch, .seq = seq};
    memcpy(out->hash, entry.hash, HASH_SIZE);
  }
  buf_wipe(&keep);
  return ok;
}

/* How far a stream of the province is here whole: what lacks its content (content.h) is to come again, and so
 * is a hole at its end or right before that. */
static bool whole_head(struct exchange_node *x, struct stream stream, struct head *out, struct err *err)
{
  uint64_t missing = 0;
  bool found = false;
  if (!content_missing_next(x->config.db, stream, 1, &missing, &found, err)) return false;
  return found ? hole_before(x->config.db, stream, missing - 1, out, err)
               : hole_head(x->config.db, stream, out, err);
}

static void mark_lane(struct lane_mark *mark, const struct head *head)
{
  mark->seq = head->seq;
  memcpy(mark->hash, head->hash, HASH_SIZE);
}

static bool fill_hello(struct exchange_node *x, struct hello *m, struct moment now, struct err *err)
{
  struct head own;
  struct head shared;
  struct head directed;
  int64_t received_ms;
  memset(m, 0, sizeof *m);
  if (!stream_head(x->config.db, x->up.stream, &own, err) || !whole_head(x, x->shared, &shared, err) ||
      !whole_head(x, x->directed, &directed, err) ||
      !stream_acked(x->config.db, x->up.stream, &m->acked_seq, &received_ms, err))
    return false;
  /* A rebuilt node may hold receipts for what it has not got back yet. */
  if (m->acked_seq > own.seq) m->acked_seq = own.seq;
  if (own.seq > m->acked_seq &&
      !prefix_made_ms(x->config.db, x->up.stream, m->acked_seq + 1, &m->oldest_ms, err))
    return false;
  m->branch = x->up.stream.author;
  m->epoch = store_epoch(x->config.store);
  store_schema(x->config.store, &m->schema, m->schema_hash);
  (void)snprintf(m->program, sizeof m->program, "%s", x->config.program);
  m->wall_ms = now.wall_ms;
  /* The newest that the province has proved to hold: no parting lies before it. */
  if (x->parted && !head_at(x, x->up.stream, m->acked_seq, &own, err)) return false;
  m->head_epoch = own.epoch;
  m->head_seq = own.seq;
  memcpy(m->head_hash, own.hash, HASH_SIZE);
  m->shared_seq = shared.seq;
  m->directed_seq = directed.seq;
  mark_lane(&x->hello_lanes[LANE_SHARED], &shared);
  mark_lane(&x->hello_lanes[LANE_DIRECTED], &directed);
  m->refused = x->config.refused;
  const struct err *trouble = x->up.why.kind ? &x->up.why : &x->facts.down;
  if (x->distrust.kind) trouble = &x->distrust;
  const char *word = trouble->rule[0]    ? trouble->rule
                     : x->facts.twin_ms  ? "cloned"
                     : x->facts.two_hubs ? "two_hubs"
                                         : "";
  (void)snprintf(m->trouble, sizeof m->trouble, "%s", word);
  return true;
}

static void say_hello(struct exchange_node *x, struct moment now)
{
  struct err err = ERR_INIT;
  struct hello hello;
  struct buf tail = BUF_INIT;
  if (x->wire.end) return;
  if (!node_log_distrust(x, &err) || !fill_hello(x, &hello, now, &err) ||
      !node_log_tail(x, &tail, now, &err)) {
    buf_wipe(&tail);
    end_store(x, &err, now);
    return;
  }
  if (hello.shared_seq || hello.directed_seq) tail_put_hashes(&tail, x->hello_lanes);
  put_bytes(&tail, x->came.data, x->came.size);
  hello.tail = (struct span){tail.data, tail.size};
  size_t mark = frame_begin(&x->wire.out, FRAME_HELLO);
  hello_encode(&x->wire.out, &hello);
  frame_end(&x->wire.out, mark);
  buf_wipe(&tail);
  wire_queued(&x->wire, now);
  x->hello_open = true;
  x->hello_ms = now.mono_ms;
  x->next_hello_ms = now.mono_ms + x->config.hello_every_ms;
}

static void pause_up(struct exchange_node *x, enum err_kind kind, const char *rule, const char *text)
{
  struct err why = ERR_INIT;
  (void)err_rule(&why, kind, "stream", rule, "%s", text);
  sender_pause(&x->up, NEVER, &why);
}

/* Our chain and the province's are two: this disk went back, and wrote.  Nothing of that has left it, for
 * nothing is sent before a WELCOME; so we greet as if we had what is proved alone, are given our history from
 * there, and the store puts aside what is not in it (aside.h).  Refused even so, what is proved is denied,
 * and only a person can help: one has when this branch was enrolled again since, and then the proofs go aside
 * and all of the history comes. */
static void greet_as_proved(struct exchange_node *x, struct moment now)
{
  x->parted = true;
  x->facts.restoring = true;
  say_hello(x, now);
}

static void part(struct exchange_node *x, const struct welcome *m, struct moment now)
{
  char text[100];
  bool denied = false;
  struct err err = ERR_INIT;
  if (x->parted && !x->distrust.kind && !store_denied(x->config.store, now.wall_ms, &denied, &err)) {
    end_store(x, &err, now);
    return;
  }
  if ((x->parted && !denied) || x->distrust.kind) {
    (void)snprintf(text, sizeof text, "the province has another record at %llu",
                   (unsigned long long)m->head_seq);
    pause_up(x, ERR_CONFLICT, "diverged", text);
    return;
  }
  greet_as_proved(x, now);
}

/* WELCOME says how far the hub has our stream.  Three cases: it is a prefix of ours, the normal one; ours is
 * a prefix of it (a new disk, an old backup), so we first take our history back; or the two have parted. */
static bool compare_heads(struct exchange_node *x, const struct welcome *m, struct moment now,
                          struct err *err)
{
  enum prefix prefix;
  if (!node_lost_compare(x, m->tail, err)) return false;
  if (x->comparing == COMPARE_NOW && !x->parted) {
    greet_as_proved(x, now); /* the leaves come down in the place of our entries: node_lost_take */
    return true;
  }
  if (!prefix_compare(x->config.db, x->up.stream, m->head_seq, m->head_hash, &prefix, err)) return false;
  if (prefix == PREFIX_OTHER && node_lost_is_told(m->tail, m->head_seq)) prefix = PREFIX_SAME;
  uint64_t acked = 0;
  int64_t received_ms = 0;
  if (!stream_acked(x->config.db, x->up.stream, &acked, &received_ms, err)) return false;
  bool false_hole = false;
  if (!x->parted && !node_lost_differs(x, m, &false_hole, err)) return false;
  if (false_hole) prefix = PREFIX_OTHER;
  bool other = prefix == PREFIX_OTHER && (!x->parted || m->head_seq <= acked);
  if (m->state == STREAM_DIVERGED || other) {
    part(x, m, now);
    return true;
  }
  x->facts.restoring = x->parted || prefix == PREFIX_AHEAD;
  /* A later epoch of ours is a person's answer to a fork: our first batch thaws the stream. */
  bool frozen = m->state == STREAM_FROZEN && store_epoch(x->config.store) <= m->head_epoch;
  if (frozen) pause_up(x, ERR_DENIED, "frozen", "the province holds two records for one place");
  if (x->facts.restoring) return true;
  if (!store_heard(x->config.store, now.wall_ms, err)) return false;
  if (frozen || x->distrust.kind) return true;
  if (x->up.paused_until == NEVER) sender_resume(&x->up); /* a person has acted at the province */
  /* With batches in flight their receipts decide; without, the hub's head does: it may also have gone back.
   */
  uint64_t from = m->head_seq;
  bool said = false;
  if (!node_lost_came(x, m->tail, &said, err)) return false;
  if (said) {
    x->facts.restoring = true; /* nothing goes up before that greeting is answered */
    say_hello(x, now);
    return true;
  }
  if (!node_lost_bring(x, m->tail, &from, now, err)) return false;
  if (x->up.count == 0 || from < m->head_seq) sender_rewind(&x->up, from);
  return true;
}

static void take_welcome(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  struct welcome m;
  if (!welcome_decode(&m, frame->body, frame->size, &err)) {
    wire_end(&x->wire, END_PROTOCOL, &err, now);
    return;
  }
  if (!x->hello_open) {
    (void)err_rule(&err, ERR_INPUT, "WELCOME", "unasked", "a WELCOME without a HELLO");
    wire_end(&x->wire, END_PROTOCOL, &err, now);
    return;
  }
  x->hello_open = false;
  x->wire.in.allowed |= FRAME_BIT(FRAME_BATCH) | FRAME_BIT(FRAME_RECEIPT) | FRAME_BIT(FRAME_CHECKPOINT) |
                        FRAME_BIT(FRAME_LEAVES) | FRAME_BIT(FRAME_MIRROR) | FRAME_BIT(FRAME_TILES) |
                        FRAME_BIT(FRAME_KEEPERS) | FRAME_BIT(FRAME_LOST);
  x->hub_head_seq = m.head_seq;
  sender_look(&x->up); /* in case a wake-up was lost */
  x->facts.welcome = true;
  x->facts.welcome_ms = now.wall_ms;
  x->facts.welcome_mono_ms = now.mono_ms;
  x->facts.hub_wall_ms = m.wall_ms;
  uint64_t told_ms = 0;
  if (tail_get_u64(m.tail, TAIL_TIME, &told_ms) && told_ms <= TIME_MS_MAX)
    x->facts.hub_wall_ms = (int64_t)told_ms;
  x->facts.hub_schema = m.schema;
  memcpy(x->facts.hub_program, m.program, sizeof x->facts.hub_program);
  uint64_t twin_ms = 0;
  (void)tail_get_u64(m.tail, TAIL_TWIN, &twin_ms);
  x->facts.twin_ms = (int64_t)twin_ms;
  if (!node_log_meet(x, &m, now, &err) || !compare_heads(x, &m, now, &err) ||
      !node_log_compare(x, &m, now, &err) || !node_lost_deny(x, &m, now, &err)) {
    end_store(x, &err, now);
    return;
  }
  node_keep_welcome(x, &m, now);
  pump(x, now);
}

static void take_acceptance(struct exchange_node *x, const struct receipt *m, const struct sent_batch *batch,
                            struct moment now)
{
  struct err err = ERR_INIT;
  struct head own;
  if (!stream_head(x->config.db, x->up.stream, &own, &err)) {
    end_store(x, &err, now);
    return;
  }
  if (m->through < batch->last_seq || m->through > own.seq) {
    (void)err_rule(&err, ERR_INPUT, "through", "receipt", "a receipt through %llu for a batch through %llu",
                   (unsigned long long)m->through, (unsigned long long)batch->last_seq);
    wire_end(&x->wire, END_PROTOCOL, &err, now);
    return;
  }
  /* It is stored there, says the hub.  It is received when the hub proves it: LEAVES follow. */
  x->facts.entries_sent += batch->last_seq - batch->first_seq + 1;
  x->facts.entries_refused += m->quarantined;
}

static void take_receipt(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  struct receipt m;
  if (!receipt_decode(&m, frame->body, frame->size, &err)) {
    wire_end(&x->wire, END_PROTOCOL, &err, now);
    return;
  }
  const struct sent_batch *oldest = x->up.count > 0 ? &x->up.flight[x->up.oldest] : NULL;
  bool names_it = oldest && m.first_seq == oldest->first_seq && m.last_seq == oldest->last_seq;
  if (!oldest || (m.last_seq && !names_it)) {
    (void)err_rule(&err, ERR_INPUT, "RECEIPT", "unasked", "a receipt for %llu..%llu, which is not in flight",
                   (unsigned long long)m.first_seq, (unsigned long long)m.last_seq);
    wire_end(&x->wire, END_PROTOCOL, &err, now);
    return;
  }
  struct sent_batch batch =
      sender_answered(&x->up, m.answer, m.through, m.rule, m.text, x->config.hello_every_ms, now);
  if (m.answer == ANSWER_TAKEN || m.answer == ANSWER_REPLAY) take_acceptance(x, &m, &batch, now);
  pump(x, now);
}

static bool is_stream(struct stream a, struct stream b)
{
  return a.author == b.author && a.lane == b.lane;
}

/* What the store says about a batch, in the words of the wire. */
static void answer_of(struct cursor *m, const struct apply_result *result)
{
  static_assert(ANSWER_TAKEN == (int)OUTCOME_TAKEN && ANSWER_REPLAY == (int)OUTCOME_REPLAY &&
                    ANSWER_GAP == (int)OUTCOME_GAP && ANSWER_FORK == (int)OUTCOME_FORK &&
                    ANSWER_FROZEN == (int)OUTCOME_FROZEN && ANSWER_REFUSED == (int)OUTCOME_REFUSED,
                "answers are outcomes");
  m->answer = (enum answer)result->outcome;
  m->through = result->through_seq;
  m->quarantined = result->quarantined;
  m->parked = result->parked;
  (void)snprintf(m->rule, sizeof m->rule, "%s", result->reason);
  (void)snprintf(m->text, sizeof m->text, "%s", result->detail);
}

/* Verifies and applies one batch; m says what became of it.  Never ends the line: whatever is wrong with one
 * stream is told to the hub, and the others go on. */
static void apply_batch(struct exchange_node *x, const struct frame *frame, struct cursor *m,
                        struct moment now)
{
  struct err err = ERR_INIT;
  struct batch *batch = NULL;
  struct apply_result result;
  err = x->distrust;
  if (!x->distrust.kind && batch_accept(&batch, x->config.db, frame->body, frame->size, &err) &&
      store_apply(x->config.store, &batch, 1, now.wall_ms, &result, &err)) {
    answer_of(m, &result);
    x->facts.entries_got += result.taken;
  } else {
    m->answer = err_is_fault(&err) || batch ? ANSWER_FAILED : ANSWER_REFUSED;
    (void)snprintf(m->rule, sizeof m->rule, "%s", err.rule[0] ? err.rule : err_kind_name(err.kind));
    (void)snprintf(m->text, sizeof m->text, "%.*s", RULE_TEXT_MAX, err.text);
  }
  batch_close(batch);
  err_clear(&x->facts.down);
  if (m->answer != ANSWER_TAKEN && m->answer != ANSWER_REPLAY && m->answer != ANSWER_GAP)
    (void)err_rule(&x->facts.down, ERR_CONFLICT, "batch", m->rule, "%s", m->text);
}

/* A piece of our own history is back, through there: what the hub sends, the hub has.  With the last one the
 * upload begins. */
void node_history_grew(struct exchange_node *x, uint64_t through, struct moment now)
{
  struct err err = ERR_INIT;
  if (through < x->hub_head_seq) return;
  if (!store_heard(x->config.store, now.wall_ms, &err)) {
    end_store(x, &err, now);
    return;
  }
  x->facts.restoring = false;
  sender_rewind(&x->up, through);
  if (x->comparing == COMPARE_NOW) { /* what is lost there and here goes up before what is behind it */
    x->comparing = COMPARE_DONE;
    x->parted = false;
    x->facts.restoring = true;
    say_hello(x, now);
  }
  pump(x, now);
}

static void take_batch(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  struct batch_head head;
  struct head have;
  if (!batch_peek(&head, frame->body, frame->size, &err)) {
    wire_end(&x->wire, END_PROTOCOL, &err, now);
    return;
  }
  bool own = is_stream(head.stream, x->up.stream);
  if (!own && !is_stream(head.stream, x->shared) && !is_stream(head.stream, x->directed)) {
    (void)err_rule(&err, ERR_DENIED, "stream", "wrong_stream", "a batch of %u/%u is not for branch %u",
                   head.stream.author, head.stream.lane, x->up.stream.author);
    wire_end(&x->wire, END_PROTOCOL, &err, now);
    return;
  }
  if (!stream_head(x->config.db, head.stream, &have, &err)) {
    end_store(x, &err, now);
    return;
  }
  struct cursor m = {.author = head.stream.author, .lane = head.stream.lane, .through = have.seq};
  apply_batch(x, frame, &m, now);
  size_t mark = frame_begin(&x->wire.out, FRAME_CURSOR);
  cursor_encode(&x->wire.out, &m);
  frame_end(&x->wire.out, mark);
  wire_queued(&x->wire, now);
  if (own && m.answer == ANSWER_TAKEN) x->parted = false; /* what is here is the province's again */
  if (own && x->facts.restoring && (m.answer == ANSWER_TAKEN || m.answer == ANSWER_REPLAY))
    node_history_grew(x, batch_last_seq(&head), now);
}

/* The province is being rebuilt from its branches: on this line we bring what we have, and nothing else. */
static void take_recall(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  struct recall_marks have;
  if (!recall_decode(&have, frame->body, frame->size, &err)) {
    wire_end(&x->wire, END_PROTOCOL, &err, now);
    return;
  }
  x->hello_open = false;
  x->next_hello_ms = NEVER;
  x->wire.in.allowed = FRAME_BIT(FRAME_REFUSE);
  sender_init(&x->up, x->up.stream, 0); /* what went up behind HELLO is not answered here */
  sender_pause(&x->up, NEVER, &err);
  x->recall = (struct recall_answer){.province = x->shared.author, .branch = x->up.stream.author};
  if (!store_sign_head(x->config.store, now.wall_ms, &err) ||
      !recalled_begin(&x->recall, x->config.db, &have, &x->wire, now, &err)) {
    end_store(x, &err, now);
    return;
  }
  pump(x, now);
}

static void take_refuse(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  struct err why = ERR_INIT;
  struct refuse m;
  if (!refuse_decode(&m, frame->body, frame->size, &err)) {
    wire_end(&x->wire, END_PROTOCOL, &err, now);
    return;
  }
  (void)err_rule(&why, ERR_DENIED, "link", m.rule, "%s", m.text);
  wire_end(&x->wire, END_REFUSED, &why, now);
}

bool exchange_node_renew(struct exchange_node *x, struct span tls_key, struct moment now)
{
  if (x->wire.end || !x->facts.welcome || x->asked_renewal) return false;
  const struct renew m = {.tls_key = tls_key};
  size_t mark = frame_begin(&x->wire.out, FRAME_RENEW);
  renew_encode(&x->wire.out, &m);
  frame_end(&x->wire.out, mark);
  wire_queued(&x->wire, now);
  x->asked_renewal = true;
  x->wire.in.allowed |= FRAME_BIT(FRAME_RENEWED);
  return true;
}

static void take_renewed(struct exchange_node *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  struct renewed m;
  x->wire.in.allowed &= ~FRAME_BIT(FRAME_RENEWED);
  if (!renewed_decode(&m, frame->body, frame->size, &err))
    wire_end(&x->wire, END_PROTOCOL, &err, now);
  else
    put_bytes(&x->renewed, frame->body, frame->size);
  x->got_renewal = x->renewed.size > 0 && !x->renewed.bad;
}

bool exchange_node_renewed(struct exchange_node *x, struct renewed *out)
{
  bool news = x->got_renewal;
  x->got_renewal = false;
  return news && renewed_decode(out, x->renewed.data, x->renewed.size, NULL);
}

bool exchange_node_open(struct exchange_node **out, const struct exchange_node_config *config,
                        struct moment now, struct err *err)
{
  uint64_t acked;
  int64_t acked_ms;
  struct exchange_node *x = calloc(1, sizeof *x);
  if (!x) return err_set(err, ERR_LIMIT, "no memory for an exchange");
  uint32_t province = store_province(config->store);
  x->config = *config;
  if (x->config.hello_every_ms == 0) x->config.hello_every_ms = HELLO_EVERY_MS;
  struct stream own = {store_author(config->store), 0};
  x->shared = (struct stream){province, 0};
  x->directed = (struct stream){province, own.author};
  x->heard_ms = now.mono_ms;
  wire_init(&x->wire, FRAME_BIT(FRAME_WELCOME) | FRAME_BIT(FRAME_RECALL) | FRAME_BIT(FRAME_REFUSE));
  if (!stream_acked(config->db, own, &acked, &acked_ms, err)) {
    free(x);
    return false;
  }
  sender_init(&x->up, own, acked);
  say_hello(x, now);
  pump(x, now);
  *out = x;
  return true;
}

void exchange_node_close(struct exchange_node *x)
{
  if (!x) return;
  wire_wipe(&x->wire);
  buf_wipe(&x->renewed);
  buf_wipe(&x->came);
  for (int i = 0; i < COSIGNED_MAX; i++)
    buf_wipe(&x->cosigned[i]);
  free(x);
}

void exchange_node_input(struct exchange_node *x, const void *p, size_t n, struct moment now)
{
  struct frame frame;
  x->heard_ms = now.mono_ms;
  wire_feed(&x->wire, p, n, now);
  while (wire_next(&x->wire, &frame, now)) {
    switch (frame.type) {
    case FRAME_WELCOME: take_welcome(x, &frame, now); break;
    case FRAME_RECEIPT: take_receipt(x, &frame, now); break;
    case FRAME_CHECKPOINT: node_log_checkpoint(x, &frame, now); break;
    case FRAME_LEAVES: node_log_leaves(x, &frame, now); break;
    case FRAME_MIRROR: node_log_mirror(x, &frame, now); break;
    case FRAME_TILES: node_keep_tiles(x, &frame, now); break;
    case FRAME_KEEPERS: node_keep_keepers(x, &frame, now); break;
    case FRAME_BATCH: take_batch(x, &frame, now); break;
    case FRAME_LOST: node_lost_take(x, &frame, now); break;
    case FRAME_RECALL: take_recall(x, &frame, now); break;
    case FRAME_RENEWED: take_renewed(x, &frame, now); break;
    case FRAME_REFUSE: take_refuse(x, &frame, now); break;
    default: assert(false); /* wire.in.allowed lets nothing else through */
    }
  }
}

void exchange_node_wake(struct exchange_node *x, struct moment now)
{
  sender_look(&x->up);
  pump(x, now);
}

void exchange_node_hello(struct exchange_node *x, struct moment now)
{
  if (!x->recall.asked && !x->hello_open && now.mono_ms >= x->hello_ms + HELLO_LEAST_MS) say_hello(x, now);
}

void exchange_node_refused(struct exchange_node *x, uint32_t refused)
{
  x->config.refused = refused;
}

static int64_t later(int64_t a, int64_t b)
{
  return a > b ? a : b;
}

static int64_t sooner(int64_t a, int64_t b)
{
  return a < b ? a : b;
}

/* Waiting for an answer starts anew whenever bytes come: see exchange.h. */
static int64_t welcome_by(const struct exchange_node *x)
{
  if (!x->hello_open) return NEVER;
  size_t ahead = x->up.bytes + wire_output(&x->wire).size;
  return later(x->hello_ms, x->heard_ms) + wire_wait_ms(WELCOME_WAIT_MS, ahead);
}

static int64_t receipt_by(const struct exchange_node *x)
{
  return sender_deadline(&x->up, RECEIPT_WAIT_MS, x->heard_ms);
}

void exchange_node_tick(struct exchange_node *x, struct moment now)
{
  struct err err = ERR_INIT;
  wire_tick(&x->wire, now);
  if (!x->wire.end && now.mono_ms >= welcome_by(x)) {
    (void)err_rule(&err, ERR_IO, "WELCOME", "welcome_timeout", "the province did not answer HELLO");
    wire_end(&x->wire, END_TIMEOUT, &err, now);
  }
  if (!x->wire.end && now.mono_ms >= receipt_by(x)) {
    (void)err_rule(&err, ERR_IO, "RECEIPT", "receipt_timeout", "the province did not answer a batch");
    wire_end(&x->wire, END_TIMEOUT, &err, now);
  }
  if (x->up.paused_until && now.mono_ms >= x->up.paused_until) {
    sender_resume(&x->up);
    pump(x, now);
  }
  if (!x->hello_open && now.mono_ms >= x->next_hello_ms) say_hello(x, now);
}

struct span exchange_node_output(const struct exchange_node *x)
{
  return wire_output(&x->wire);
}

void exchange_node_sent(struct exchange_node *x, size_t n, struct moment now)
{
  wire_sent(&x->wire, n, now);
  x->up.moved_ms = now.mono_ms;
  pump(x, now);
}

int64_t exchange_node_deadline(const struct exchange_node *x)
{
  if (x->wire.end) return NEVER;
  int64_t at = sooner(wire_deadline(&x->wire), sooner(welcome_by(x), receipt_by(x)));
  if (x->up.paused_until) at = sooner(at, x->up.paused_until);
  if (!x->hello_open) at = sooner(at, x->next_hello_ms);
  return at;
}

bool exchange_node_ended(const struct exchange_node *x)
{
  return x->wire.end != END_NOT;
}

const struct exchange_node_facts *exchange_node_facts(struct exchange_node *x)
{
  x->facts.bytes_in = x->wire.bytes_in;
  x->facts.bytes_out = x->wire.bytes_out;
  x->facts.up = x->up.why;
  x->facts.end = x->wire.end;
  x->facts.why = x->wire.why;
  return &x->facts;
}
