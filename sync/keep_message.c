#include "sync/keep_message.h"

#include "core/base/limits.h"

#include <string.h>

static void put_head(struct buf *out, uint64_t from, enum tiles_kind kind)
{
  put_u64(out, from);
  put_u8(out, (uint8_t)kind);
}

void tiles_encode_hashes(struct buf *out, uint64_t from, const struct merkle_hash *hashes, unsigned count,
                         uint64_t shared, uint64_t directed)
{
  put_head(out, from, TILES_HASHES);
  put_varint(out, count);
  for (unsigned i = 0; i < count; i++)
    put_bytes(out, hashes[i].bytes, HASH_SIZE);
  put_varint(out, shared);
  put_varint(out, directed);
}

void tiles_encode_leaves(struct buf *out, uint64_t from, const struct keep_leaves *leaves, uint64_t entries,
                         const struct buf *entry_bytes)
{
  put_head(out, from, TILES_LEAVES);
  keep_leaves_encode(out, leaves);
  put_varint(out, entries);
  put_bytes(out, entry_bytes->data, entry_bytes->size);
}

void tiles_encode_places(struct buf *out, uint64_t from, const struct keep_place *places, unsigned count)
{
  put_head(out, from, TILES_PLACES);
  put_varint(out, count);
  for (unsigned i = 0; i < count; i++) {
    put_varint(out, places[i].first_seq);
    put_varint(out, places[i].count);
    put_varint(out, places[i].first_pos);
    put_varint(out, (uint64_t)places[i].received_ms);
    put_u8(out, places[i].last_signed);
  }
}

static void get_hashes(struct reader *r, struct tiles *m)
{
  const uint64_t count = get_varint(r);
  if (count == 0 || count > TILES_HASHES_MAX || m->from % TILE_WIDTH) r->bad = true;
  if (r->bad) return;
  m->count = (unsigned)count;
  m->hashes = get_bytes(r, m->count * (size_t)HASH_SIZE);
  m->shared = get_varint(r);
  m->directed = get_varint(r);
  if (m->shared > SEQ_MAX || m->directed > SEQ_MAX) r->bad = true;
}

static void get_leaves(struct reader *r, struct tiles *m)
{
  keep_leaves_get(r, &m->leaves);
  m->count = m->leaves.count;
  if (m->from % TILE_WIDTH + m->count > TILE_WIDTH) r->bad = true;
  if (!r->bad) mirror_entries_get(r, m->from, m->from + m->count, &m->entries);
}

/* Ascending, and from the seq that the frame begins at. */
static void get_places(struct reader *r, struct tiles *m)
{
  const uint64_t count = get_varint(r);
  uint64_t due = m->from;
  if (count == 0 || count > TILES_PLACES_MAX) r->bad = true;
  for (uint64_t i = 0; i < count && !r->bad; i++) {
    struct keep_place *place = &m->places[i];
    place->first_seq = get_varint(r);
    place->count = get_varint(r);
    place->first_pos = get_varint(r);
    const uint64_t ms = get_varint(r);
    const uint8_t last_signed = get_u8(r);
    if (place->first_seq < 1 || place->first_seq < due || place->first_seq > SEQ_MAX || place->count < 1 ||
        place->count > SEQ_MAX - place->first_seq + 1 || place->first_pos > INT64_MAX - place->count ||
        ms > INT64_MAX || last_signed > 1)
      r->bad = true;
    place->received_ms = (int64_t)ms;
    place->last_signed = last_signed;
    due = place->first_seq + place->count;
  }
  m->count = (unsigned)count;
}

bool tiles_decode(struct tiles *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  m->from = get_u64(&r);
  m->kind = (enum tiles_kind)get_u8(&r);
  if (m->from > INT64_MAX - (uint64_t)TILES_HASHES_MAX * TILE_WIDTH) r.bad = true;
  switch (m->kind) {
  case TILES_HASHES: get_hashes(&r, m); break;
  case TILES_LEAVES: get_leaves(&r, m); break;
  case TILES_PLACES: get_places(&r, m); break;
  default: r.bad = true;
  }
  return reader_done(&r) || err_rule(err, ERR_INPUT, "TILES", "message", "a TILES frame is malformed");
}

void want_encode(struct buf *out, uint64_t tile)
{
  put_u64(out, tile);
}

bool want_decode(uint64_t *tile, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  *tile = get_u64(&r);
  if (*tile > INT64_MAX / TILE_WIDTH) r.bad = true;
  return reader_done(&r) || err_rule(err, ERR_INPUT, "WANT", "message", "a WANT frame is malformed");
}
