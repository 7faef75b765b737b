#include "sync/enrolment.h"

#include "sync/wire.h"

#include <stdlib.h>

struct enrolment {
  struct wire wire;
  int64_t answer_by;
  struct buf body; /* the answer borrows from it */
  struct enrolled answer;
};

bool enrolment_open(struct enrolment **out, const struct enrol *ask, const uint8_t secret[SECRET_SIZE],
                    struct moment now, struct err *err)
{
  struct enrolment *x = calloc(1, sizeof *x);
  if (!x) return err_set(err, ERR_LIMIT, "no memory for an enrolment");
  wire_init(&x->wire, FRAME_BIT(FRAME_ENROLLED) | FRAME_BIT(FRAME_REFUSE));
  x->answer_by = now.mono_ms + ENROL_WAIT_MS;
  size_t mark = frame_begin(&x->wire.out, FRAME_ENROL);
  enrol_encode(&x->wire.out, ask, secret);
  frame_end(&x->wire.out, mark);
  wire_queued(&x->wire, now);
  *out = x;
  return true;
}

void enrolment_close(struct enrolment *x)
{
  if (!x) return;
  wire_wipe(&x->wire);
  buf_wipe(&x->body);
  free(x);
}

struct span enrolment_output(const struct enrolment *x)
{
  return wire_output(&x->wire);
}

void enrolment_sent(struct enrolment *x, size_t n, struct moment now)
{
  wire_sent(&x->wire, n, now);
}

static void take_refuse(struct enrolment *x, const struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  struct err why = ERR_INIT;
  struct refuse m;
  if (refuse_decode(&m, frame->body, frame->size, &err)) {
    (void)err_rule(&why, ERR_DENIED, "enrolment", m.rule, "%s", m.text);
    wire_end(&x->wire, END_REFUSED, &why, now);
  } else {
    wire_end(&x->wire, END_PROTOCOL, &err, now);
  }
}

void enrolment_input(struct enrolment *x, const void *p, size_t n, struct moment now)
{
  struct err err = ERR_INIT;
  struct frame frame;
  wire_feed(&x->wire, p, n, now);
  while (wire_next(&x->wire, &frame, now)) {
    if (frame.type == FRAME_REFUSE) {
      take_refuse(x, &frame, now);
      continue;
    }
    put_bytes(&x->body, frame.body, frame.size);
    if (x->body.bad) (void)err_set(&err, ERR_LIMIT, "no memory for the answer");
    bool good = !x->body.bad && enrolled_decode(&x->answer, x->body.data, x->body.size, &err);
    wire_end(&x->wire, good ? END_DONE : END_PROTOCOL, good ? NULL : &err, now);
  }
}

void enrolment_tick(struct enrolment *x, struct moment now)
{
  struct err err = ERR_INIT;
  wire_tick(&x->wire, now);
  if (x->wire.end || now.mono_ms < x->answer_by) return;
  (void)err_rule(&err, ERR_IO, "ENROLLED", "enrol_timeout", "the province did not answer");
  wire_end(&x->wire, END_TIMEOUT, &err, now);
}

int64_t enrolment_deadline(const struct enrolment *x)
{
  int64_t at = wire_deadline(&x->wire);
  return !x->wire.end && x->answer_by < at ? x->answer_by : at;
}

enum enrolment_state enrolment_state(const struct enrolment *x, const struct enrolled **answer,
                                     struct err *err)
{
  if (!x->wire.end) return ENROLMENT_WAITS;
  if (x->wire.end == END_DONE) {
    *answer = &x->answer;
    return ENROLMENT_DONE;
  }
  (void)err_rule(err, x->wire.why.kind, x->wire.why.field, x->wire.why.rule, "%s", x->wire.why.text);
  return ENROLMENT_FAILED;
}
