#include "sync/carry_history.h"

#include "sync/recalled.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the branch ---- */

/* Moves the frames that are ready into the file. */
static bool take_frames(struct wire *wire, struct buf *out, uint32_t *count, struct err *err)
{
  struct span ready = wire_output(wire);
  struct reader r = reader_of(ready.p, ready.size);
  while (reader_left(&r) >= FRAME_HEAD_SIZE) {
    uint32_t size = get_u32(&r);
    (void)get_u8(&r);
    (void)get_bytes(&r, size);
    ++*count;
  }
  put_bytes(out, ready.p, ready.size);
  wire_sent(wire, ready.size, (struct moment){0});
  if (*count <= CARRY_ITEMS_MAX && out->size <= CARRY_SIZE_MAX) return true;
  return err_rule(err, ERR_LIMIT, "out", "carry_size",
                  "this branch's history does not fit a file of %d MiB: it needs a line",
                  CARRY_SIZE_MAX / 1024 / 1024);
}

bool carry_history(struct db *db, uint32_t province, uint32_t branch, struct buf *out, struct err *err)
{
  const struct carry_head head = {.kind = CARRY_HISTORY, .province = province, .branch = branch};
  const struct recall_marks nothing = {.keeps = true, .places = 1};
  const struct moment now = {0};
  struct recall_answer answer = {.province = province, .branch = branch};
  struct wire wire;
  uint32_t count = 0;
  carry_begin(out, &head);
  wire_init(&wire, 0);
  bool ok = recalled_begin(&answer, db, &nothing, &wire, now, err);
  while (ok && !answer.ended)
    ok = recalled_fill(&answer, db, &wire, now, err) && take_frames(&wire, out, &count, err);
  wire_wipe(&wire);
  return ok && carry_end(out, count, err);
}

/* ---- the province ---- */

static bool take_answer(struct recall *recall, uint32_t source, const struct frame *item, int64_t now_ms,
                        struct err *err)
{
  struct recalled *m = malloc(sizeof *m);
  if (!m) return err_set(err, ERR_IO, "out of memory for a branch's answer");
  bool ok =
      recalled_decode(m, item->body, item->size, err) && recall_take_answer(recall, source, m, now_ms, err);
  free(m);
  return ok;
}

static bool take_tiles(struct recall *recall, uint32_t source, const struct frame *item, struct err *err)
{
  struct tiles *m = malloc(sizeof *m);
  if (!m) return err_set(err, ERR_IO, "out of memory for a branch's tiles");
  bool ok = tiles_decode(m, item->body, item->size, err) && recall_take_tiles(recall, source, m, err);
  free(m);
  return ok;
}

static bool take(struct recall *recall, const struct recall_guest *guest, const struct frame *item,
                 int64_t now_ms, struct err *err)
{
  const struct recall_guest end = {.branch = guest->branch, .source = guest->source};
  struct signatures signatures;
  struct mirror_reader mirror;
  switch (item->type) {
  case FRAME_RECALLED: return take_answer(recall, guest->source, item, now_ms, err);
  case FRAME_SIGNATURES:
    return signatures_decode(&signatures, item->body, item->size, err) &&
           recall_take_signatures(recall, guest->source, &signatures, err);
  case FRAME_MIRROR:
    return mirror_open(&mirror, item->body, item->size, err) &&
           recall_take_mirror(recall, guest->source, &mirror, err);
  case FRAME_TILES: return take_tiles(recall, guest->source, item, err);
  case FRAME_BATCH: return recall_take_batch(recall, guest->source, item->body, item->size, err);
  default: /* carry_open lets nothing else through */ return recall_take_end(recall, &end, now_ms, err);
  }
}

/* Who made a file does not say the file: each is a source of its own. */
static void name_file(char out[CAME_WITH_SIZE], const void *p, size_t n)
{
  enum { NAMED_BY = 8 };
  uint8_t hash[HASH_SIZE];
  sha256(hash, p, n);
  memcpy(out, "file-", 5);
  hex_encode(out + 5, hash, NAMED_BY);
}

bool recall_take_carried(struct recall *recall, const void *p, size_t n, int64_t now_ms,
                         struct recall_guest *guest, struct err *err)
{
  struct carry_reader reader;
  struct frame item;
  bool left_out = false;
  if (!carry_open(&reader, p, n, err)) return false;
  if (!carry_fits(&reader.head, &(struct carry_door){.kind = CARRY_HISTORY}, err))
    return err_prefix(err, "sunlit-node export --history writes what is wanted here");
  *guest = (struct recall_guest){.branch = reader.head.branch};
  name_file(guest->serial, p, n);
  if (!recall_left_out(recall, guest, &left_out, err)) return false;
  if (left_out)
    return err_rule(err, ERR_DENIED, "file", "left_out", "--without leaves out %s, or its branch %u",
                    guest->serial, guest->branch);
  bool ok = recall_arrive(recall, guest->branch, guest->serial, &guest->source, err);
  recall_from_file(recall, true);
  while (ok && carry_next(&reader, &item))
    ok = take(recall, guest, &item, now_ms, err);
  recall_from_file(recall, false);
  return ok;
}
