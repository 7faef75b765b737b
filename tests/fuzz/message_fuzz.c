/* Frames and messages: however a stream is cut into reads, the same frames come out; what decodes is
 * canonical. The first byte is the size of each read. */
#include "sync/frame.h"
#include "sync/keep_message.h"
#include "sync/keepers.h"
#include "sync/log_message.h"
#include "sync/lost_message.h"
#include "sync/message.h"
#include "sync/mirror.h"
#include "sync/recall_message.h"
#include "sync/renewal.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* Sealed entries have one form too, and end before the tile does. */
static bool tiles_again(struct buf *out, struct tiles *m)
{
  static struct merkle_hash hashes[TILES_HASHES_MAX];
  struct mirror_entry entry;
  struct buf entries = BUF_INIT;
  const uint64_t count = m->entries.left;
  switch (m->kind) {
  case TILES_HASHES:
    memcpy(hashes, m->hashes, m->count * sizeof *hashes);
    tiles_encode_hashes(out, m->from, hashes, m->count, m->shared, m->directed);
    break;
  case TILES_LEAVES:
    CLAIM(m->from % TILE_WIDTH + m->count <= TILE_WIDTH);
    while (mirror_entries_next(&m->entries, &entry))
      mirror_entry_put(&entries, entry.pos - m->from, &entry);
    tiles_encode_leaves(out, m->from, &m->leaves, count, &entries);
    buf_wipe(&entries);
    break;
  default: tiles_encode_places(out, m->from, m->places, m->count);
  }
  return true;
}

static bool again(struct buf *out, const struct frame *f)
{
  static struct enrolled enrolled;
  static struct checkpoint_message checkpoint;
  static struct leaves_message leaves;
  struct err err = ERR_INIT;
  struct hello hello;
  struct welcome welcome;
  struct receipt receipt;
  struct cursor cursor;
  struct refuse refuse;
  struct enrol enrol;
  struct span body;
  static struct recalled recalled;
  struct recall_marks marks;
  struct signatures signatures;
  struct signature_of one;
  struct renew renew;
  struct renewed renewed;
  struct mirror_reader mirror;
  struct mirror_run run;
  struct mirror_entry entry;
  static struct tiles tiles;
  static struct keepers keepers;
  static struct lost_message lost;
  uint64_t tile;
  bool ok = false;
  switch (f->type) {
  case FRAME_HELLO:
    if ((ok = hello_decode(&hello, f->body, f->size, &err))) {
      (void)tail_get(hello.tail, 1, &body);
      hello_encode(out, &hello);
    }
    break;
  case FRAME_WELCOME:
    if ((ok = welcome_decode(&welcome, f->body, f->size, &err))) welcome_encode(out, &welcome);
    break;
  case FRAME_RECEIPT:
    if ((ok = receipt_decode(&receipt, f->body, f->size, &err))) receipt_encode(out, &receipt);
    break;
  case FRAME_CURSOR:
    if ((ok = cursor_decode(&cursor, f->body, f->size, &err))) cursor_encode(out, &cursor);
    break;
  case FRAME_REFUSE:
    if ((ok = refuse_decode(&refuse, f->body, f->size, &err))) refuse_encode(out, refuse.rule, refuse.text);
    break;
  case FRAME_ENROLLED:
    if ((ok = enrolled_decode(&enrolled, f->body, f->size, &err))) enrolled_encode(out, &enrolled);
    break;
  case FRAME_ENROL:
    if (enrol_decode(&enrol, f->body, f->size, &err)) CLAIM(enrol.tls_key.size > 0);
    break; /* signed: not ours to encode */
  case FRAME_CHECKPOINT:
    if ((ok = checkpoint_message_decode(&checkpoint, f->body, f->size, &err)))
      checkpoint_message_encode(out, &checkpoint);
    break;
  case FRAME_LEAVES:
    if ((ok = leaves_message_decode(&leaves, f->body, f->size, &err))) leaves_message_encode(out, &leaves);
    break;
  case FRAME_MIRROR:
    if (mirror_open(&mirror, f->body, f->size, &err)) {
      uint64_t leaves_left = mirror.to - mirror.from;
      while (mirror_next_run(&mirror, &run))
        leaves_left -= run.count;
      CLAIM(leaves_left == 0);
      while (mirror_next_entry(&mirror, &entry))
        CLAIM(entry.pos < mirror.to);
      return false; /* varints have one form, counts do not matter: nothing more to compare */
    }
    break;
  case FRAME_TILES:
    if (tiles_decode(&tiles, f->body, f->size, &err)) return tiles_again(out, &tiles);
    break;
  case FRAME_KEEPERS:
    if ((ok = keepers_decode(&keepers, f->body, f->size, &err))) keepers_encode(out, &keepers);
    break;
  case FRAME_LOST:
    if ((ok = lost_message_decode(&lost, f->body, f->size, &err))) lost_message_encode(out, &lost);
    break;
  case FRAME_WANT:
    if ((ok = want_decode(&tile, f->body, f->size, &err))) want_encode(out, tile);
    break;
  case FRAME_RECALL:
    if ((ok = recall_decode(&marks, f->body, f->size, &err))) recall_encode(out, &marks);
    break;
  case FRAME_RECALLED:
    if ((ok = recalled_decode(&recalled, f->body, f->size, &err))) recalled_encode(out, &recalled);
    break;
  case FRAME_SIGNATURES:
    if (signatures_decode(&signatures, f->body, f->size, &err)) {
      uint64_t last = 0;
      for (; signatures_next(&signatures, &one); last = one.seq)
        CLAIM(one.seq > last);
      return false;
    }
    break;
  case FRAME_RENEW:
    if ((ok = renew_decode(&renew, f->body, f->size, &err))) renew_encode(out, &renew);
    break;
  case FRAME_RENEWED:
    if ((ok = renewed_decode(&renewed, f->body, f->size, &err))) renewed_encode(out, &renewed);
    break;
  default: return false; /* judged elsewhere, or of no type that is in use */
  }
  CLAIM(ok || f->type == FRAME_ENROL || err.text[0]);
  return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  struct frame_input in = {.allowed = 0xffffffff};
  struct err err = ERR_INIT;
  struct frame frame;
  size_t step = size > 0 ? 1 + (size_t)data[0] : 1;
  for (size_t at = 1; at < size; at += step) {
    size_t n = size - at < step ? size - at : step;
    if (!frame_input_feed(&in, data + at, n, &err)) break;
    while (frame_input_next(&in, &frame, &err) == 1) {
      struct buf out = BUF_INIT;
      CLAIM(frame.size <= frame_size_max(frame.type));
      if (again(&out, &frame)) CLAIM(out.size == frame.size && memcmp(out.data, frame.body, out.size) == 0);
      buf_wipe(&out);
    }
  }
  frame_input_wipe(&in);
  return 0;
}
