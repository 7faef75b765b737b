#include "sync/keep_leaves.h"

#include "core/base/limits.h"

#include <assert.h>
#include <string.h>

static uint64_t zigzag(int64_t v)
{
  return ((uint64_t)v << 1) ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t v)
{
  return (int64_t)(v >> 1) ^ -(int64_t)(v & 1);
}

/* The streams of a list, in the order in which they come. */
struct streams {
  unsigned count;
  struct stream of[TILE_WIDTH];
  uint64_t due[TILE_WIDTH];
};

static unsigned find(const struct streams *s, struct stream stream)
{
  unsigned i = 0;
  while (i < s->count && (s->of[i].author != stream.author || s->of[i].lane != stream.lane))
    i++;
  return i;
}

static unsigned find_or_add(struct streams *s, struct stream stream)
{
  unsigned i = find(s, stream);
  if (i < s->count) return i;
  s->of[i] = stream;
  s->due[i] = 0;
  return s->count++;
}

void keep_leaves_encode(struct buf *out, const struct keep_leaves *leaves)
{
  struct streams s = {.count = 0};
  int64_t before_ms = 0;
  for (unsigned i = 0; i < leaves->count; i++)
    (void)find_or_add(&s, leaves->of[i].stream);
  put_varint(out, leaves->count);
  put_varint(out, s.count);
  for (unsigned i = 0; i < s.count; i++) {
    put_u32(out, s.of[i].author);
    put_u32(out, s.of[i].lane);
  }
  for (unsigned i = 0; i < leaves->count; i++) {
    const struct keep_leaf *leaf = &leaves->of[i];
    unsigned at = find(&s, leaf->stream);
    put_bytes(out, leaf->hash.bytes, HASH_SIZE);
    put_varint(out, 2 * (uint64_t)at + leaf->is_signed);
    put_varint(out, zigzag((int64_t)leaf->seq - (int64_t)s.due[at]));
    put_varint(out, zigzag(leaf->received_ms - before_ms));
    s.due[at] = leaf->seq + 1;
    before_ms = leaf->received_ms;
  }
}

static void get_streams(struct reader *r, unsigned leaves, struct streams *s)
{
  uint64_t count = get_varint(r);
  if (count == 0 || count > leaves) r->bad = true;
  for (uint64_t i = 0; i < count && !r->bad; i++) {
    struct stream stream = {.author = get_u32(r)};
    stream.lane = get_u32(r);
    if (r->bad || stream.author == 0 || find(s, stream) < s->count)
      r->bad = true;
    else
      (void)find_or_add(s, stream);
  }
}

/* *seen: how many of the streams have come; the next new one is the next of the list. */
static void get_leaf(struct reader *r, struct streams *s, unsigned *seen, int64_t before_ms,
                     struct keep_leaf *out)
{
  const uint8_t *hash = get_bytes(r, HASH_SIZE);
  const uint64_t which = get_varint(r), step = get_varint(r), later = get_varint(r);
  const uint64_t at = which / 2;
  if (r->bad || at > *seen || at >= s->count) {
    r->bad = true;
    return;
  }
  *seen += at == *seen;
  memcpy(out->hash.bytes, hash, HASH_SIZE);
  out->stream = s->of[at];
  out->is_signed = which % 2;
  const int64_t by = unzigzag(step), after = unzigzag(later);
  if (by < -(int64_t)SEQ_MAX - 1 || by > SEQ_MAX) r->bad = true;
  if (!r->bad) out->seq = (uint64_t)((int64_t)s->due[at] + by);
  if (!r->bad && (out->seq < 1 || out->seq > SEQ_MAX)) r->bad = true;
  if (after > 0 ? before_ms > INT64_MAX - after : before_ms + after < 0) r->bad = true;
  if (r->bad) return;
  out->received_ms = before_ms + after;
  s->due[at] = out->seq + 1;
}

void keep_leaves_get(struct reader *r, struct keep_leaves *out)
{
  struct streams s = {.count = 0};
  unsigned seen = 0;
  int64_t before_ms = 0;
  const uint64_t count = get_varint(r);
  out->count = 0;
  if (count == 0 || count > TILE_WIDTH) r->bad = true;
  if (!r->bad) get_streams(r, (unsigned)count, &s);
  for (uint64_t i = 0; i < count && !r->bad; i++) {
    get_leaf(r, &s, &seen, before_ms, &out->of[i]);
    if (!r->bad) before_ms = out->of[i].received_ms;
  }
  if (seen != s.count) r->bad = true;
  if (!r->bad) out->count = (unsigned)count;
}

void keep_leaves_root(struct merkle_hash *out, const struct keep_leaves *leaves)
{
  struct merkle_hash row[TILE_WIDTH];
  assert(leaves->count == TILE_WIDTH);
  for (unsigned i = 0; i < TILE_WIDTH; i++)
    row[i] = leaves->of[i].hash;
  for (unsigned n = TILE_WIDTH; n > 1; n /= 2)
    for (unsigned i = 0; i < n / 2; i++)
      merkle_node(&row[i], &row[2 * i], &row[2 * i + 1]);
  *out = row[0];
}
