#include "sync/frame.h"

#include "core/base/limits.h"
#include "sync/keep_message.h"
#include "sync/keepers.h"
#include "sync/log_message.h"
#include "sync/lost_message.h"
#include "sync/recall_message.h"
#include "sync/standing.h"

#include <string.h>

enum { KEEP_SIZE = 4 * 1024 }; /* an empty input holds no more */

static const struct {
  const char *name;
  size_t size_max;
} types[FRAME_TYPE_END] = {
    [FRAME_HELLO] = {"HELLO", MESSAGE_SIZE_MAX},
    [FRAME_WELCOME] = {"WELCOME", MESSAGE_SIZE_MAX},
    [FRAME_BATCH] = {"BATCH", FRAME_SIZE_MAX},
    [FRAME_RECEIPT] = {"RECEIPT", ENROL_SIZE_MAX},
    [FRAME_CURSOR] = {"CURSOR", ENROL_SIZE_MAX},
    [FRAME_ENROL] = {"ENROL", ENROL_SIZE_MAX},
    [FRAME_ENROLLED] = {"ENROLLED", ENROLLED_SIZE_MAX},
    [FRAME_REFUSE] = {"REFUSE", ENROL_SIZE_MAX},
    [FRAME_CHECKPOINT] = {"CHECKPOINT", LOG_MESSAGE_SIZE_MAX},
    [FRAME_LEAVES] = {"LEAVES", LOG_MESSAGE_SIZE_MAX},
    [FRAME_WITNESSED] = {"WITNESSED", LOG_NOTE_MAX},
    [FRAME_MIRROR] = {"MIRROR", FRAME_SIZE_MAX},
    [FRAME_RECALL] = {"RECALL", ENROL_SIZE_MAX},
    [FRAME_RECALLED] = {"RECALLED", ENROLLED_SIZE_MAX},
    [FRAME_SIGNATURES] = {"SIGNATURES", SIGNATURES_SIZE_MAX},
    [FRAME_RENEW] = {"RENEW", ENROL_SIZE_MAX},
    [FRAME_RENEWED] = {"RENEWED", ENROLLED_SIZE_MAX},
    [FRAME_STANDING] = {"STANDING", STANDING_SIZE},
    [FRAME_BROUGHT] = {"BROUGHT", 1}, /* and it is empty */
    [FRAME_HELD] = {"HELD", HELD_SIZE_MAX},
    [FRAME_LOST] = {"LOST", LOST_SIZE_MAX},
    [FRAME_TILES] = {"TILES", FRAME_SIZE_MAX},
    [FRAME_KEEPERS] = {"KEEPERS", KEEPERS_SIZE_MAX},
    [FRAME_WANT] = {"WANT", WANT_SIZE},
};

size_t frame_size_max(enum frame_type type)
{
  return type > 0 && type < FRAME_TYPE_END ? types[type].size_max : 0;
}

const char *frame_name(enum frame_type type)
{
  return type > 0 && type < FRAME_TYPE_END && types[type].name ? types[type].name : "unknown";
}

size_t frame_begin(struct buf *out, enum frame_type type)
{
  size_t mark = out->size;
  put_u32(out, 0);
  put_u8(out, (uint8_t)type);
  return mark;
}

void frame_end(struct buf *out, size_t mark)
{
  if (out->bad) return;
  size_t size = out->size - mark - FRAME_HEAD_SIZE;
  for (int i = 0; i < 4; i++)
    out->data[mark + (size_t)i] = (uint8_t)(size >> (8 * (3 - i)));
}

void frame_put(struct buf *out, enum frame_type type, const void *body, size_t size)
{
  size_t mark = frame_begin(out, type);
  put_bytes(out, body, size);
  frame_end(out, mark);
}

void frame_input_wipe(struct frame_input *in)
{
  buf_wipe(&in->held);
  memset(in, 0, sizeof *in);
}

bool frame_input_feed(struct frame_input *in, const void *p, size_t n, struct err *err)
{
  /* The only place where held moves: what frame_input_next gave out is borrowed until here. */
  if (in->taken > 0) buf_drop(&in->held, in->taken);
  in->taken = 0;
  if (in->held.size == 0 && in->held.room > KEEP_SIZE) buf_wipe(&in->held);
  put_bytes(&in->held, p, n);
  if (in->held.bad) return err_set(err, ERR_LIMIT, "no memory for %zu bytes of input", n);
  return true;
}

/* The head of the frame that is begun; false while its five bytes are not all here. */
static bool head_of(const struct frame_input *in, uint32_t *size, uint8_t *type)
{
  if (in->held.size - in->taken < FRAME_HEAD_SIZE) return false;
  struct reader r = reader_of(in->held.data + in->taken, FRAME_HEAD_SIZE);
  *size = get_u32(&r);
  *type = get_u8(&r);
  return true;
}

int frame_input_next(struct frame_input *in, struct frame *frame, struct err *err)
{
  uint32_t size;
  uint8_t type;
  if (in->bad) {
    (void)err_rule(err, ERR_INPUT, "frame", "frame_unexpected", "the input went bad before");
    return -1;
  }
  if (!head_of(in, &size, &type)) return 0;
  if (frame_size_max((enum frame_type)type) == 0 || !(in->allowed & FRAME_BIT(type))) {
    in->bad = true;
    (void)err_rule(err, ERR_INPUT, "frame", "frame_unexpected", "a frame of type %u (%s) may not come now",
                   type, frame_name((enum frame_type)type));
    return -1;
  }
  if (size > types[type].size_max) {
    in->bad = true;
    (void)err_rule(err, ERR_LIMIT, "frame", "frame_oversized", "a %s of %u bytes, at most %zu are allowed",
                   types[type].name, size, types[type].size_max);
    return -1;
  }
  if (in->held.size - in->taken - FRAME_HEAD_SIZE < size) return 0;
  *frame = (struct frame){
      .type = (enum frame_type)type, .body = in->held.data + in->taken + FRAME_HEAD_SIZE, .size = size};
  in->taken += FRAME_HEAD_SIZE + size;
  return 1;
}

size_t frame_input_lacking(const struct frame_input *in)
{
  uint32_t size;
  uint8_t type;
  size_t left = in->held.size - in->taken;
  if (left == 0) return 0;
  if (!head_of(in, &size, &type)) return FRAME_HEAD_SIZE - left;
  return left >= FRAME_HEAD_SIZE + (size_t)size ? 0 : FRAME_HEAD_SIZE + size - left;
}
