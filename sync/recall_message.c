#include "sync/recall_message.h"

#include "sync/log_message.h"
#include "sync/tile.h"

#include <string.h>

static void put_marks(struct buf *out, const struct recall_marks *m)
{
  put_u64(out, m->own);
  put_u64(out, m->shared);
  put_u64(out, m->directed);
  put_u64(out, m->mirror);
}

static void put_kept(struct buf *out, const struct recall_marks *m)
{
  if (!m->keeps) return;
  put_u64(out, m->hashes);
  put_u64(out, m->leaves);
  put_u64(out, m->places);
}

/* What follows on the rest, or nothing. */
static void get_kept(struct reader *r, struct recall_marks *m)
{
  m->keeps = reader_left(r) > 0;
  m->hashes = m->leaves = m->places = 0;
  if (!m->keeps) return;
  m->hashes = get_u64(r);
  m->leaves = get_u64(r);
  m->places = get_u64(r);
  if (m->hashes > INT64_MAX / TILE_WIDTH || m->leaves > INT64_MAX || m->places > SEQ_MAX + UINT64_C(1))
    r->bad = true;
}

static void get_marks(struct reader *r, struct recall_marks *m)
{
  m->own = get_u64(r);
  m->shared = get_u64(r);
  m->directed = get_u64(r);
  m->mirror = get_u64(r);
  if (m->own > SEQ_MAX || m->shared > SEQ_MAX || m->directed > SEQ_MAX || m->mirror > INT64_MAX)
    r->bad = true;
}

static bool done(const struct reader *r, const char *name, struct err *err)
{
  return reader_done(r) || err_rule(err, ERR_INPUT, name, "message", "a %s frame is malformed", name);
}

void recall_encode(struct buf *out, const struct recall_marks *have)
{
  put_marks(out, have);
  put_kept(out, have);
}

bool recall_decode(struct recall_marks *have, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  get_marks(&r, have);
  get_kept(&r, have);
  return done(&r, "RECALL", err);
}

void recalled_encode(struct buf *out, const struct recalled *m)
{
  put_marks(out, &m->marks);
  put_vec16(out, m->note.p, m->note.size);
  put_u16(out, (uint16_t)m->keys_count);
  for (size_t i = 0; i < m->keys_count; i++) {
    const struct known_key *key = &m->keys[i];
    put_u32(out, key->epoch);
    put_u64(out, (uint64_t)key->since_ms);
    put_u64(out, (uint64_t)key->revoked_ms);
    put_bytes(out, key->public_key, PUBLIC_SIZE);
  }
  put_kept(out, &m->marks);
}

bool recalled_decode(struct recalled *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  memset(m, 0, sizeof *m);
  get_marks(&r, &m->marks);
  m->note.p = get_vec16(&r, &m->note.size);
  m->keys_count = get_u16(&r);
  if (m->note.size > LOG_NOTE_MAX || m->keys_count > ENROL_KEYS_MAX) r.bad = true;
  for (size_t i = 0; i < m->keys_count && !r.bad; i++) {
    struct known_key *key = &m->keys[i];
    key->epoch = get_u32(&r);
    key->since_ms = (int64_t)get_u64(&r);
    key->revoked_ms = (int64_t)get_u64(&r);
    const uint8_t *bytes = get_bytes(&r, PUBLIC_SIZE);
    if (bytes) memcpy(key->public_key, bytes, PUBLIC_SIZE);
    if (key->epoch == 0 || key->epoch > EPOCH_MAX || key->since_ms < 0 || key->revoked_ms < 0) r.bad = true;
  }
  get_kept(&r, &m->marks);
  return done(&r, "RECALLED", err);
}

bool signatures_decode(struct signatures *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  struct signature_of one;
  uint64_t last = 0;
  m->count = get_u16(&r);
  m->left = r;
  bool sane = !r.bad && m->count <= SIGNATURES_MAX && reader_left(&r) == m->count * (8 + SIGNATURE_SIZE);
  for (struct signatures walk = *m; sane && signatures_next(&walk, &one); last = one.seq)
    sane = one.seq > last && one.seq <= SEQ_MAX;
  return sane || err_rule(err, ERR_INPUT, "SIGNATURES", "message", "a SIGNATURES frame is malformed");
}

bool signatures_next(struct signatures *m, struct signature_of *out)
{
  if (m->count == 0) return false;
  m->count--;
  out->seq = get_u64(&m->left);
  out->bytes = get_bytes(&m->left, SIGNATURE_SIZE);
  return !m->left.bad;
}
