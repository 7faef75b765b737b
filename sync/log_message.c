#include "sync/log_message.h"

#include "core/base/limits.h"

#include <string.h>

static void put_proof(struct buf *out, const struct merkle_proof *proof)
{
  put_u8(out, (uint8_t)proof->count);
  put_bytes(out, proof->hashes, proof->count * HASH_SIZE);
}

static void get_proof(struct reader *r, size_t max, struct merkle_proof *proof)
{
  proof->count = get_u8(r);
  if (proof->count > max) r->bad = true;
  const uint8_t *hashes = get_bytes(r, r->bad ? 0 : proof->count * HASH_SIZE);
  if (r->bad) proof->count = 0;
  if (proof->count > 0) memcpy(proof->hashes, hashes, proof->count * HASH_SIZE);
}

static bool done(const struct reader *r, const char *name, struct err *err)
{
  return reader_done(r) || err_rule(err, ERR_INPUT, name, "message", "a %s frame is malformed", name);
}

void checkpoint_message_encode(struct buf *out, const struct checkpoint_message *m)
{
  put_u64(out, m->old_size);
  put_proof(out, &m->proof);
  put_vec16(out, m->note.p, m->note.size);
}

bool checkpoint_message_decode(struct checkpoint_message *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  m->old_size = get_u64(&r);
  get_proof(&r, MERKLE_PROOF_MAX, &m->proof);
  m->note.p = get_vec16(&r, &m->note.size);
  if (m->note.size > LOG_NOTE_MAX) r.bad = true;
  return done(&r, "CHECKPOINT", err);
}

void leaves_message_encode(struct buf *out, const struct leaves_message *m)
{
  put_u64(out, m->size);
  put_u64(out, m->first_seq);
  put_u32(out, m->count);
  put_u64(out, m->first_pos);
  put_u64(out, (uint64_t)m->received_ms);
  put_u8(out, m->told ? 2 : m->last_signed);
  put_proof(out, &m->proof);
  if (m->told) put_bytes(out, m->signature, SIGNATURE_SIZE);
}

bool leaves_message_decode(struct leaves_message *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  m->size = get_u64(&r);
  m->first_seq = get_u64(&r);
  m->count = get_u32(&r);
  m->first_pos = get_u64(&r);
  m->received_ms = (int64_t)get_u64(&r);
  uint8_t last_signed = get_u8(&r);
  m->last_signed = last_signed >= 1;
  m->told = last_signed == 2;
  get_proof(&r, MERKLE_RANGE_PROOF_MAX, &m->proof);
  const uint8_t *signature = get_bytes(&r, m->told ? SIGNATURE_SIZE : 0);
  if (m->told && !r.bad) memcpy(m->signature, signature, SIGNATURE_SIZE);
  bool sane = last_signed <= 2 && m->count >= 1 && m->count <= BATCH_ENTRIES_MAX && m->first_seq >= 1 &&
              m->size <= INT64_MAX && m->first_pos < m->size && m->count <= m->size - m->first_pos &&
              m->received_ms >= 0;
  if (!sane) r.bad = true;
  return done(&r, "LEAVES", err);
}

void held_message_encode(struct buf *out, const struct held_message *m)
{
  put_u64(out, m->parted);
  put_vec16(out, m->record.p, m->record.size);
  put_bytes(out, m->signature, SIGNATURE_SIZE);
  if (m->chain_count == 0) return;
  struct reader chain = m->chain;
  size_t n = reader_left(&chain);
  put_u16(out, m->chain_count);
  put_bytes(out, get_bytes(&chain, n), n);
}

bool held_message_next(struct held_message *m, struct span *record)
{
  if (m->chain_count == 0) return false;
  m->chain_count--;
  record->p = get_vec16(&m->chain, &record->size);
  return !m->chain.bad;
}

/* To the end, and no record is longer than one may be. */
static bool is_chain(struct held_message m)
{
  struct span record;
  bool ok = m.chain_count > 0;
  while (ok && m.chain_count > 0)
    ok = held_message_next(&m, &record) && record.size <= RECORD_SIZE_MAX;
  return ok && reader_left(&m.chain) == 0;
}

bool held_message_decode(struct held_message *m, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  m->parted = get_u64(&r);
  m->record.p = get_vec16(&r, &m->record.size);
  if (m->record.size > RECORD_SIZE_MAX || m->parted > SEQ_MAX) r.bad = true;
  const uint8_t *signature = get_bytes(&r, SIGNATURE_SIZE);
  if (!r.bad) memcpy(m->signature, signature, SIGNATURE_SIZE);
  m->chain_count = 0;
  if (!r.bad && reader_left(&r)) {
    m->chain_count = get_u16(&r);
    m->chain = r;
    if (r.bad || !is_chain(*m)) r.bad = true;
    (void)get_bytes(&r, reader_left(&r));
  }
  return done(&r, "HELD", err);
}

void tail_put_hashes(struct buf *out, const struct lane_mark marks[LANES])
{
  uint8_t bytes[LANES * HASH_SIZE];
  for (int i = 0; i < LANES; i++)
    memcpy(bytes + i * HASH_SIZE, marks[i].hash, HASH_SIZE);
  tail_put(out, TAIL_LANES, bytes, sizeof bytes);
}

bool tail_get_hashes(struct span tail, struct lane_mark marks[LANES])
{
  struct span body;
  if (!tail_get(tail, TAIL_LANES, &body) || body.size != LANES * HASH_SIZE) return false;
  for (int i = 0; i < LANES; i++)
    memcpy(marks[i].hash, body.p + i * HASH_SIZE, HASH_SIZE);
  return true;
}

void tail_put_marks(struct buf *out, const struct lane_mark marks[LANES])
{
  struct buf body = BUF_INIT;
  for (int i = 0; i < LANES; i++) {
    put_u64(&body, marks[i].seq);
    put_bytes(&body, marks[i].hash, HASH_SIZE);
  }
  if (!body.bad) tail_put(out, TAIL_LANES, body.data, body.size);
  buf_wipe(&body);
}

bool tail_get_marks(struct span tail, struct lane_mark marks[LANES])
{
  struct span body;
  struct lane_mark got[LANES];
  if (!tail_get(tail, TAIL_LANES, &body)) return false;
  struct reader r = reader_of(body.p, body.size);
  for (int i = 0; i < LANES; i++) {
    got[i].seq = get_u64(&r);
    const uint8_t *hash = get_bytes(&r, HASH_SIZE);
    if (r.bad || got[i].seq > SEQ_MAX) return false;
    memcpy(got[i].hash, hash, HASH_SIZE);
  }
  if (!reader_done(&r)) return false;
  memcpy(marks, got, sizeof got);
  return true;
}

unsigned tail_get_cosigned(struct span tail, struct cosigned out[COSIGNED_MAX])
{
  struct span line;
  unsigned count = 0;
  for (struct span rest = tail; tail_next(&rest, TAIL_COSIGNATURE, &line);) {
    struct reader r = reader_of(line.p, line.size);
    uint64_t size = get_u64(&r);
    if (line.size > 8 && count < COSIGNED_MAX)
      out[count++] = (struct cosigned){size, {line.p + 8, line.size - 8}};
  }
  return count;
}

void tail_put_u64(struct buf *out, uint8_t kind, uint64_t v)
{
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++)
    bytes[i] = (uint8_t)(v >> (56 - 8 * i));
  tail_put(out, kind, bytes, sizeof bytes);
}

bool tail_get_u64(struct span tail, uint8_t kind, uint64_t *v)
{
  struct span body;
  if (!tail_get(tail, kind, &body) || body.size != 8) return false;
  struct reader r = reader_of(body.p, body.size);
  *v = get_u64(&r);
  return true;
}
