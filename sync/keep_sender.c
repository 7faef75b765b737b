#include "sync/keep_sender.h"

#include "sync/log_message.h"
#include "sync/tlog.h"

#include <stdlib.h>
#include <string.h>

/* The keepers of now, as KEEPERS says them. */
static bool encode_keepers(struct keep_sender *k, struct db *db, struct buf *out, struct err *err)
{
  struct keepers *all = malloc(sizeof *all);
  if (!all) return err_set(err, ERR_LIMIT, "no memory for the keepers");
  bool ok = keepers_read(all, db, k->log.province, err);
  if (ok) keepers_encode(out, all);
  free(all);
  return ok && (!out->bad || err_set(err, ERR_LIMIT, "no memory for the keepers"));
}

/* A later HELLO says it when a piece was not kept: it is sent again from there. */
bool keep_sender_greet(struct keep_sender *k, struct db *db, struct span hello_tail, struct buf *welcome_tail,
                       struct err *err)
{
  struct span item;
  uint8_t id[KEEPERS_ID_SIZE];
  struct buf all = BUF_INIT;
  const bool told = tail_get(hello_tail, TAIL_KEEPING, &item) && item.size == 8 + KEEPERS_ID_SIZE;
  if (!told && !k->aimed) return true;
  if (told) {
    struct reader r = reader_of(item.p, item.size);
    k->sent = get_u64(&r);
    k->aimed = true;
  }
  if (told) memcpy(k->id, item.p + 8, sizeof k->id);
  bool ok = encode_keepers(k, db, &all, err);
  if (ok) {
    keepers_id(id, all.data, all.size);
    k->other = memcmp(id, k->id, sizeof id) != 0;
    if (told) tail_put(welcome_tail, TAIL_KEEPING, id, sizeof id);
  }
  buf_wipe(&all);
  return ok;
}

void keep_sender_want(struct keep_sender *k, uint64_t tile)
{
  if (k->wants && k->want / TILE_WIDTH == tile) return; /* it is coming */
  k->wants = k->aimed;
  k->want = tile * TILE_WIDTH;
}

static bool send_keepers(struct keep_sender *k, struct db *db, struct wire *wire, struct moment now,
                         struct err *err)
{
  size_t mark = frame_begin(&wire->out, FRAME_KEEPERS);
  k->other = false;
  if (!encode_keepers(k, db, &wire->out, err)) {
    wire->out.size = mark;
    return false;
  }
  keepers_id(k->id, wire->out.data + mark + FRAME_HEAD_SIZE, wire->out.size - mark - FRAME_HEAD_SIZE);
  frame_end(&wire->out, mark);
  wire_queued(wire, now);
  return true;
}

/* One piece; *more false: there is none. */
static bool send_piece(struct keep_sender *k, struct db *db, uint64_t size, struct wire *wire,
                       struct moment now, bool *more, struct err *err)
{
  const bool next = k->sent < size;
  const uint64_t from = next ? k->sent : k->want;
  uint64_t to = from;
  *more = next || (k->wants && (k->want / TILE_WIDTH + 1) * TILE_WIDTH <= size);
  if (!*more) return true;
  size_t mark = frame_begin(&wire->out, FRAME_TILES);
  bool ok = next ? keep_log_next(db, &k->log, from, size, &to, &wire->out, err)
                 : keep_log_leaves(db, &k->log, from, size, &to, &wire->out, err);
  *more = ok && to > from;
  if (!*more) {
    wire->out.size = mark;
    k->wants = k->wants && next;
    return ok;
  }
  frame_end(&wire->out, mark);
  wire_queued(wire, now);
  if (next)
    k->sent = to;
  else {
    k->want = to;
    k->wants = to % TILE_WIDTH != 0;
  }
  return true;
}

bool keep_sender_fill(struct keep_sender *k, struct db *db, uint64_t told, struct wire *wire,
                      struct moment now, struct err *err)
{
  struct tlog_state log;
  bool more = true;
  if (!k->aimed || wire->end || wire_output(wire).size >= KEEP_PIECE ||
      (k->sent >= told && !k->wants && !k->other))
    return true;
  if (!tlog_state(db, &log, err)) return false;
  if (told > log.size) return true; /* we are the one that went back */
  if (k->other && !send_keepers(k, db, wire, now, err)) return false;
  while (more && !wire->end && wire_output(wire).size < KEEP_PIECE)
    if (!send_piece(k, db, told, wire, now, &more, err)) return false;
  return true;
}
