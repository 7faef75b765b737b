#include "sync/recall_line.h"

#include "sync/log_message.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct recall_line {
  struct recall *recall;
  struct recall_guest guest;
  struct wire wire;
  bool asked; /* and answered: what comes now is what it brings */
  int64_t opened_ms, heard_ms;
  struct moment now;
  struct recall_line_facts facts;
};

/* Its fault is said to the branch; ours ends the line. */
static bool settle(struct recall_line *x, bool ok, const struct err *err)
{
  bool theirs = err->kind == ERR_INPUT || err->kind == ERR_DENIED || err->kind == ERR_REFUTED;
  if (!ok) wire_end(&x->wire, theirs ? END_PROTOCOL : END_STORE, err, x->now);
  return ok;
}

static bool take_hello(struct recall_line *x, const struct frame *frame, struct err *err)
{
  struct hello m;
  struct recall_marks have;
  if (!hello_decode(&m, frame->body, frame->size, err)) return false;
  if (m.branch != x->guest.branch)
    return err_rule(err, ERR_DENIED, "branch", "wrong_branch",
                    "HELLO of branch %u over the certificate of %u", m.branch, x->guest.branch);
  if (!recall_arrive(x->recall, x->guest.branch, x->guest.serial, &x->guest.source, err) ||
      !recall_have(x->recall, x->guest.source, &have, err))
    return false;
  struct span item;
  have.keeps = tail_get(m.tail, TAIL_KEEPING, &item); /* an older one knows no tiles */
  x->facts.greeted = true;
  x->guest.epoch = m.epoch;
  size_t mark = frame_begin(&x->wire.out, FRAME_RECALL);
  recall_encode(&x->wire.out, &have);
  frame_end(&x->wire.out, mark);
  wire_queued(&x->wire, x->now);
  x->wire.in.allowed = FRAME_BIT(FRAME_BATCH) | FRAME_BIT(FRAME_RECALLED) | FRAME_BIT(FRAME_REFUSE);
  return true;
}

static bool take_answer(struct recall_line *x, const struct frame *frame, struct err *err)
{
  struct recalled *m = malloc(sizeof *m);
  if (!m) return err_set(err, ERR_IO, "out of memory for a branch's answer");
  bool ok = recalled_decode(m, frame->body, frame->size, err) &&
            recall_take_answer(x->recall, x->guest.source, m, x->now.wall_ms, err);
  free(m);
  x->asked = true;
  x->wire.in.allowed = FRAME_BIT(FRAME_BATCH) | FRAME_BIT(FRAME_MIRROR) | FRAME_BIT(FRAME_TILES) |
                       FRAME_BIT(FRAME_SIGNATURES) | FRAME_BIT(FRAME_BROUGHT) | FRAME_BIT(FRAME_REFUSE);
  return ok;
}

static bool take_batch(struct recall_line *x, const struct frame *frame, struct err *err)
{
  if (!x->asked) return true; /* it went up behind HELLO, and comes again */
  return recall_take_batch(x->recall, x->guest.source, frame->body, frame->size, err);
}

static bool take_mirror(struct recall_line *x, const struct frame *frame, struct err *err)
{
  struct mirror_reader m;
  return mirror_open(&m, frame->body, frame->size, err) &&
         recall_take_mirror(x->recall, x->guest.source, &m, err);
}

static bool take_tiles(struct recall_line *x, const struct frame *frame, struct err *err)
{
  struct tiles *m = malloc(sizeof *m);
  if (!m) return err_set(err, ERR_IO, "out of memory for a branch's tiles");
  bool ok =
      tiles_decode(m, frame->body, frame->size, err) && recall_take_tiles(x->recall, x->guest.source, m, err);
  free(m);
  return ok;
}

static bool take_signatures(struct recall_line *x, const struct frame *frame, struct err *err)
{
  struct signatures m;
  return signatures_decode(&m, frame->body, frame->size, err) &&
         recall_take_signatures(x->recall, x->guest.source, &m, err);
}

static bool take_end(struct recall_line *x, const struct frame *frame, struct err *err)
{
  if (frame->size) return err_rule(err, ERR_INPUT, "BROUGHT", "message", "a BROUGHT frame is malformed");
  if (!recall_take_end(x->recall, &x->guest, x->now.wall_ms, err)) return false;
  x->facts.complete = true;
  recall_line_dismiss(x, "rebuilding",
                      "the province is being rebuilt from its branches; it has what this one holds", x->now);
  return true;
}

static bool take_refuse(struct recall_line *x, const struct frame *frame, struct err *err)
{
  struct refuse m;
  struct err why = ERR_INIT;
  if (!refuse_decode(&m, frame->body, frame->size, err)) return false;
  (void)err_rule(&why, ERR_DENIED, "link", m.rule, "%s", m.text);
  wire_end(&x->wire, END_REFUSED, &why, x->now);
  return true;
}

static bool take(struct recall_line *x, const struct frame *frame, struct err *err)
{
  switch (frame->type) {
  case FRAME_HELLO: return take_hello(x, frame, err);
  case FRAME_RECALLED: return take_answer(x, frame, err);
  case FRAME_BATCH: return take_batch(x, frame, err);
  case FRAME_MIRROR: return take_mirror(x, frame, err);
  case FRAME_TILES: return take_tiles(x, frame, err);
  case FRAME_SIGNATURES: return take_signatures(x, frame, err);
  case FRAME_BROUGHT: return take_end(x, frame, err);
  case FRAME_REFUSE: return take_refuse(x, frame, err);
  default: assert(false); /* wire.in.allowed lets nothing else through */
  }
  return false;
}

bool recall_line_open(struct recall_line **out, struct recall *recall, const struct recall_guest *guest,
                      struct moment now, struct err *err)
{
  struct recall_line *x = calloc(1, sizeof *x);
  if (!x) return err_set(err, ERR_LIMIT, "no memory for a line");
  x->recall = recall;
  x->guest = *guest;
  x->opened_ms = x->heard_ms = now.mono_ms;
  x->now = now;
  wire_init(&x->wire, FRAME_BIT(FRAME_HELLO) | FRAME_BIT(FRAME_REFUSE));
  *out = x;
  return true;
}

void recall_line_close(struct recall_line *x)
{
  if (!x) return;
  wire_wipe(&x->wire);
  free(x);
}

void recall_line_input(struct recall_line *x, const void *p, size_t n, struct moment now)
{
  struct frame frame;
  x->now = now;
  x->heard_ms = now.mono_ms;
  wire_feed(&x->wire, p, n, now);
  while (wire_next(&x->wire, &frame, now)) {
    struct err err = ERR_INIT;
    if (!settle(x, take(x, &frame, &err), &err)) return;
    x->facts.frames++;
  }
}

void recall_line_dismiss(struct recall_line *x, const char *rule, const char *text, struct moment now)
{
  struct err why = ERR_INIT;
  (void)err_rule(&why, ERR_DENIED, "link", rule, "%s", text);
  wire_end(&x->wire, END_DISMISSED, &why, now);
}

static int64_t speak_by(const struct recall_line *x)
{
  return x->facts.greeted ? x->heard_ms + SILENCE_WAIT_MS : x->opened_ms + HELLO_WAIT_MS;
}

void recall_line_tick(struct recall_line *x, struct moment now)
{
  struct err err = ERR_INIT;
  x->now = now;
  wire_tick(&x->wire, now);
  if (x->wire.end || now.mono_ms < speak_by(x)) return;
  (void)err_rule(&err, ERR_IO, "HELLO", "silent", "the node said nothing for too long");
  wire_end(&x->wire, END_TIMEOUT, &err, now);
}

struct span recall_line_output(const struct recall_line *x)
{
  return wire_output(&x->wire);
}

void recall_line_sent(struct recall_line *x, size_t n, struct moment now)
{
  x->now = now;
  wire_sent(&x->wire, n, now);
}

int64_t recall_line_deadline(const struct recall_line *x)
{
  if (x->wire.end) return INT64_MAX;
  int64_t wire = wire_deadline(&x->wire), speak = speak_by(x);
  return wire < speak ? wire : speak;
}

bool recall_line_ended(const struct recall_line *x)
{
  return x->wire.end != END_NOT;
}

const struct recall_line_facts *recall_line_facts(struct recall_line *x)
{
  x->facts.end = x->wire.end;
  x->facts.why = x->wire.why;
  return &x->facts;
}
