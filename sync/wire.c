#include "sync/wire.h"

#include <assert.h>
#include <string.h>

enum { KEEP_SIZE = 4 * 1024 }; /* of a buffer that is empty: a thousand lines are idle most of the time */

void wire_init(struct wire *wire, uint32_t allowed)
{
  memset(wire, 0, sizeof *wire);
  wire->in.allowed = allowed;
  wire->frame_by = INT64_MAX;
  wire->send_by = INT64_MAX;
}

void wire_wipe(struct wire *wire)
{
  frame_input_wipe(&wire->in);
  buf_wipe(&wire->out);
}

/* Keeps frame_by true after bytes came or frames were taken. */
static void time_the_frame(struct wire *wire, struct moment now)
{
  size_t lacking = frame_input_lacking(&wire->in);
  size_t held = wire->in.held.size - wire->in.taken;
  if (lacking == 0) {
    wire->frame_by = INT64_MAX;
    wire->frame_sized = false;
    return;
  }
  bool sized = held >= FRAME_HEAD_SIZE;
  if (wire->frame_by == INT64_MAX || (sized && !wire->frame_sized))
    wire->frame_by = now.mono_ms + wire_wait_ms(FRAME_WAIT_MS, lacking);
  wire->frame_sized = sized;
}

void wire_feed(struct wire *wire, const void *p, size_t n, struct moment now)
{
  struct err err = ERR_INIT;
  if (wire->end) return;
  wire->bytes_in += n;
  if (!frame_input_feed(&wire->in, p, n, &err)) {
    wire_end(wire, END_STORE, &err, now);
    return;
  }
  time_the_frame(wire, now);
}

bool wire_next(struct wire *wire, struct frame *frame, struct moment now)
{
  struct err err = ERR_INIT;
  if (wire->end) return false;
  int got = frame_input_next(&wire->in, frame, &err);
  if (got < 0) wire_end(wire, END_PROTOCOL, &err, now);
  if (got <= 0) return false;
  /* A frame begun behind this one starts its wait now. */
  wire->frame_by = INT64_MAX;
  wire->frame_sized = false;
  time_the_frame(wire, now);
  return true;
}

void wire_queued(struct wire *wire, struct moment now)
{
  if (wire->out.bad) {
    struct err err = ERR_INIT;
    (void)err_set(&err, ERR_LIMIT, "no memory for what is to be sent");
    wire->out.size = wire->out_sent; /* a torn frame must not leave */
    wire_end(wire, END_STORE, &err, now);
    return;
  }
  if (wire_output(wire).size > 0 && wire->send_by == INT64_MAX) wire->send_by = now.mono_ms + FRAME_WAIT_MS;
}

struct span wire_output(const struct wire *wire)
{
  size_t left = wire->out.size - wire->out_sent;
  return (struct span){left > 0 ? wire->out.data + wire->out_sent : NULL, left};
}

void wire_sent(struct wire *wire, size_t n, struct moment now)
{
  if (n == 0) return;
  assert(n <= wire->out.size - wire->out_sent);
  wire->bytes_out += n;
  wire->out_sent += n;
  wire->send_by = now.mono_ms + FRAME_WAIT_MS;
  if (wire->out_sent < wire->out.size) return;
  wire->send_by = INT64_MAX;
  wire->out_sent = 0;
  if (wire->out.room > KEEP_SIZE)
    buf_wipe(&wire->out);
  else
    buf_clear(&wire->out);
}

void wire_end(struct wire *wire, enum exchange_end end, const struct err *why, struct moment now)
{
  if (wire->end) return;
  wire->end = end;
  if (why) wire->why = *why;
  if (end == END_PROTOCOL || end == END_DISMISSED) {
    size_t mark = frame_begin(&wire->out, FRAME_REFUSE);
    refuse_encode(&wire->out, wire->why.rule, wire->why.text);
    frame_end(&wire->out, mark);
    wire_queued(wire, now);
  }
}

void wire_tick(struct wire *wire, struct moment now)
{
  struct err err = ERR_INIT;
  if (wire->end || now.mono_ms < wire_deadline(wire)) return;
  if (now.mono_ms >= wire->frame_by)
    (void)err_rule(&err, ERR_IO, "frame", "frame_timeout", "a frame was begun and lacks %zu bytes",
                   frame_input_lacking(&wire->in));
  else
    (void)err_rule(&err, ERR_IO, "output", "send_timeout", "%zu bytes could not be sent",
                   wire_output(wire).size);
  wire_end(wire, END_TIMEOUT, &err, now);
}

int64_t wire_deadline(const struct wire *wire)
{
  if (wire->end) return INT64_MAX;
  return wire->frame_by < wire->send_by ? wire->frame_by : wire->send_by;
}
