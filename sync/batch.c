/* The bytes, in the order they are written (docs/PROTOCOL.md 3.1):
 *
 *   version u8 | suite u8 | author varint | lane varint | epoch varint | schema varint | schema_hash[8]
 *   | first_seq varint | count varint | prev[32] | packing u8 | body_size varint | body | signature[64]
 *
 * and unpacked, the body is columns and then payloads:
 *
 *   payload sizes  count varints, size * 2 + 1 when the payload is withheld
 *   hashes         32 bytes for each withheld payload
 *   hlcs           the first as u64, then count - 1 varints, each the distance to the one before, > 0
 *   actors, actions, subjects    count names each
 *   payloads       one after the other, to the end
 *
 * A name is u8 n and n bytes; or u8 n + 128 and a varint: the n bytes at that offset of its own payload.
 *
 * PROTOCOL 3.2: "Nothing of a payload is parsed before that." */
#include "sync/batch.h"

#include "core/base/limits.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { PACK_STORED = 0, PACK_ZSTD = 1, ZSTD_LEVEL = 3, REFERENCE = 0x80, REFERENCE_MIN = 4 };

static bool wrong(const char *field, struct err *err, const char *what)
{
  return err_rule(err, ERR_INPUT, field, "batch", "batch: %s: %s", field, what);
}

/* ---- reading ---- */

static uint32_t get_u32_varint(struct reader *r)
{
  uint64_t v = get_varint(r);
  if (v > UINT32_MAX) r->bad = true;
  return r->bad ? 0 : (uint32_t)v;
}

static bool get_head(struct reader *r, struct batch_head *out, struct err *err)
{
  struct batch_head head;
  memset(&head, 0, sizeof head);
  uint8_t version = get_u8(r);
  if (r->bad || version != RECORD_VERSION) return wrong("version", err, "not version 1");
  if (get_u8(r) != SUITE_ED25519_SHA256) return wrong("suite", err, "not suite 1");
  head.stream.author = get_u32_varint(r);
  head.stream.lane = get_u32_varint(r);
  head.epoch = get_u32_varint(r);
  head.schema = get_u32_varint(r);
  const uint8_t *hash = get_bytes(r, SCHEMA_HASH_SIZE);
  head.first_seq = get_varint(r);
  head.count = get_u32_varint(r);
  const uint8_t *prev = get_bytes(r, HASH_SIZE);
  if (r->bad) return wrong("head", err, "cut short or a number out of its form");
  memcpy(head.schema_hash, hash, SCHEMA_HASH_SIZE);
  memcpy(head.prev, prev, HASH_SIZE);
  if (head.stream.author == 0) return wrong("author", err, "is 0");
  if (head.epoch == 0 || head.epoch > EPOCH_MAX) return wrong("epoch", err, "out of its bounds");
  if (head.count == 0 || head.count > BATCH_ENTRIES_MAX) return wrong("count", err, "out of its bounds");
  if (head.first_seq == 0 || head.first_seq > SEQ_MAX - head.count + 1)
    return wrong("first_seq", err, "out of its bounds");
  *out = head;
  return true;
}

bool batch_peek(struct batch_head *out, const void *p, size_t n, struct err *err)
{
  struct reader r = reader_of(p, n);
  return get_head(&r, out, err);
}

/* One zstd frame that says its size, and nothing behind it. */
static bool unpack(struct buf *out, uint8_t packing, const uint8_t *p, size_t n, struct err *err)
{
  if (packing == PACK_STORED) {
    if (n > BATCH_SIZE_MAX) return err_rule(err, ERR_LIMIT, "body", "batch_size", "batch: %zu bytes", n);
    put_bytes(out, p, n);
    return !out->bad || err_set(err, ERR_IO, "out of memory for a batch of %zu bytes", n);
  }
  if (packing != PACK_ZSTD) return wrong("packing", err, "neither stored nor zstd");
  unsigned long long size = ZSTD_getFrameContentSize(p, n);
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN)
    return wrong("body", err, "not a zstd frame that states its size");
  if (size > BATCH_SIZE_MAX)
    return err_rule(err, ERR_LIMIT, "body", "batch_size", "batch: %llu bytes unpacked, more than %d", size,
                    BATCH_SIZE_MAX);
  if (ZSTD_findFrameCompressedSize(p, n) != n) return wrong("body", err, "not exactly one zstd frame");
  uint8_t *at = buf_reserve(out, (size_t)size);
  if (!at) return err_set(err, ERR_IO, "out of memory for a batch of %llu bytes", size);
  if (ZSTD_decompress(at, (size_t)size, p, n) != size) return wrong("body", err, "damaged zstd data");
  return true;
}

/* The columns of a body, each read as the entries are rebuilt one by one. */
struct columns {
  struct reader sizes, hashes, hlcs, actors, actions, subjects, payloads;
};

static void skip_names(struct reader *r, uint32_t count)
{
  for (uint32_t i = 0; i < count && !r->bad; i++) {
    uint8_t n = get_u8(r);
    if (n & REFERENCE)
      get_varint(r);
    else
      get_bytes(r, n);
  }
}

static struct reader since(const struct reader *r, const uint8_t *start)
{
  return reader_of(start, r->bad ? 0 : (size_t)(r->p - start));
}

static bool split(struct columns *out, const struct buf *plain, uint32_t count, struct err *err)
{
  struct reader r = reader_of(plain->data, plain->size);
  const uint8_t *start = r.p;
  uint64_t total = 0;
  size_t withheld = 0;
  for (uint32_t i = 0; i < count && !r.bad; i++) {
    uint64_t size = get_varint(&r);
    if (size >> 1 > PAYLOAD_SIZE_MAX) return wrong("payload_size", err, "more than a payload may have");
    if (size & 1)
      withheld++;
    else
      total += size >> 1;
  }
  out->sizes = since(&r, start);
  start = r.p;
  get_bytes(&r, withheld * HASH_SIZE);
  out->hashes = since(&r, start);
  start = r.p;
  get_u64(&r);
  for (uint32_t i = 1; i < count && !r.bad; i++)
    get_varint(&r);
  out->hlcs = since(&r, start);
  struct reader *names[] = {&out->actors, &out->actions, &out->subjects};
  for (int i = 0; i < 3; i++) {
    start = r.p;
    skip_names(&r, count);
    *names[i] = since(&r, start);
  }
  if (r.bad) return wrong("columns", err, "cut short or a number out of its form");
  if (reader_left(&r) != total) return wrong("payloads", err, "their sizes do not add up to the body");
  out->payloads = r;
  return true;
}

static bool get_name(struct reader *r, struct name *out, const uint8_t *payload, size_t payload_size)
{
  uint8_t n = get_u8(r);
  if (!(n & REFERENCE)) {
    *out = (struct name){.text = (const char *)get_bytes(r, n), .size = n};
    return !r->bad;
  }
  n = (uint8_t)(n & ~REFERENCE);
  uint64_t offset = get_varint(r);
  if (r->bad || !payload || offset > payload_size || n > payload_size - offset) return false;
  *out = (struct name){.text = (const char *)payload + offset, .size = n};
  return true;
}

/* The next entry out of the columns: everything a record has that is not the same for the whole batch. */
static bool next_entry(struct columns *c, struct record *record, struct batch_entry *entry, bool first,
                       struct err *err)
{
  uint64_t size = get_varint(&c->sizes);
  entry->payload_size = record->payload_size = (uint32_t)(size >> 1);
  if (size & 1) {
    memcpy(record->payload_sha256, get_bytes(&c->hashes, HASH_SIZE), HASH_SIZE);
  } else {
    entry->payload = get_bytes(&c->payloads, entry->payload_size);
    sha256(record->payload_sha256, entry->payload, entry->payload_size);
  }
  uint64_t step = first ? get_u64(&c->hlcs) : get_varint(&c->hlcs);
  if (!first && (step == 0 || step > UINT64_MAX - record->hlc)) return wrong("hlc", err, "does not rise");
  entry->hlc = record->hlc = first ? step : record->hlc + step;
  if (!get_name(&c->actors, &record->actor, entry->payload, entry->payload_size) ||
      !get_name(&c->actions, &record->action, entry->payload, entry->payload_size) ||
      !get_name(&c->subjects, &record->subject, entry->payload, entry->payload_size))
    return wrong("names", err, "a reference that leaves its payload");
  return true;
}

static bool rebuild(struct batch *batch, struct err *err)
{
  struct columns columns;
  uint32_t count = batch->head.count;
  if (!split(&columns, &batch->plain, count, err)) return false;
  batch->entries = calloc(count, sizeof *batch->entries);
  /* Records never move: their room is taken once, at the most they can need. */
  size_t room = (size_t)count * (RECORD_SIZE_MIN + 3 * NAME_SIZE_MAX);
  if (!batch->entries || !buf_reserve(&batch->records, room))
    return err_set(err, ERR_IO, "out of memory for a batch of %u entries", count);
  batch->records.size = 0;
  struct record record = {.stream = batch->head.stream,
                          .epoch = batch->head.epoch,
                          .seq = batch->head.first_seq,
                          .schema = batch->head.schema};
  memcpy(record.schema_hash, batch->head.schema_hash, SCHEMA_HASH_SIZE);
  memcpy(record.prev, batch->head.prev, HASH_SIZE);
  for (uint32_t i = 0; i < count; i++, record.seq++) {
    struct batch_entry *entry = &batch->entries[i];
    if (!next_entry(&columns, &record, entry, i == 0, err)) return false;
    size_t at = batch->records.size;
    if (!record_encode(&batch->records, &record, err)) return false;
    entry->record = batch->records.data + at;
    entry->record_size = (uint32_t)(batch->records.size - at);
    record_hash(entry->hash, entry->record, entry->record_size);
    memcpy(record.prev, entry->hash, HASH_SIZE);
  }
  return true;
}

bool batch_open(struct batch **out, const void *p, size_t n, struct err *err)
{
  struct batch *batch = calloc(1, sizeof *batch);
  if (!batch) return err_set(err, ERR_IO, "out of memory for a batch");
  struct reader r = reader_of(p, n);
  bool ok = get_head(&r, &batch->head, err);
  if (ok) {
    uint8_t packing = get_u8(&r);
    uint64_t size = get_varint(&r);
    const uint8_t *body = get_bytes(&r, size);
    const uint8_t *signature = get_bytes(&r, SIGNATURE_SIZE);
    if (r.bad) ok = wrong("size", err, "cut short");
    if (ok && !reader_done(&r)) ok = wrong("size", err, "trailing bytes");
    if (ok) memcpy(batch->signature, signature, SIGNATURE_SIZE);
    ok = ok && unpack(&batch->plain, packing, body, (size_t)size, err) && rebuild(batch, err);
  }
  if (!ok) {
    batch_close(batch);
    return false;
  }
  *out = batch;
  return true;
}

void batch_close(struct batch *batch)
{
  if (!batch) return;
  free(batch->entries);
  buf_wipe(&batch->plain);
  buf_wipe(&batch->records);
  free(batch);
}

bool batch_verify(struct batch *batch, const uint8_t public_key[PUBLIC_SIZE], struct err *err)
{
  const struct batch_head *head = &batch->head;
  if (!head_verify(batch->signature, batch->entries[head->count - 1].hash, public_key))
    return err_rule(err, ERR_DENIED, "signature", "signature",
                    "the signature of entries %llu to %llu of author %u, lane %u is wrong",
                    (unsigned long long)head->first_seq, (unsigned long long)batch_last_seq(head),
                    head->stream.author, head->stream.lane);
  memcpy(batch->public_key, public_key, PUBLIC_SIZE);
  batch->verified = true;
  return true;
}

static bool try_key(void *ctx, const struct key *key)
{
  struct batch *batch = ctx;
  batch->vouched = batch_verify(batch, key->public_key, NULL);
  return !batch->vouched;
}

/* Its author's signature was lost (lost_leaf.h), and it is its author who is given it back. */
static bool verify_vouched(struct batch *batch, struct db *db, struct err *err)
{
  int64_t self = 0, province = 0;
  return db_int(db, "SELECT value FROM sync_self WHERE name = 'author'", 0, &self, err) &&
         db_int(db, "SELECT value FROM sync_self WHERE name = 'province'", 0, &province, err) &&
         self != province && batch->head.stream.author == (uint32_t)self &&
         key_list(db, (uint32_t)province, try_key, batch, err) && batch->vouched;
}

bool batch_accept(struct batch **out, struct db *db, const void *p, size_t n, struct err *err)
{
  struct batch_head head;
  struct key key;
  struct batch *batch = NULL;
  if (!batch_peek(&head, p, n, err)) return false;
  if (!key_in_force(db, head.stream.author, head.epoch, &key, err)) return false;
  if (!batch_open(&batch, p, n, err)) return false;
  bool good = false;
  if (!key_signed(db, &key, batch->signature, batch->entries[head.count - 1].hash, &good, err) ||
      (!batch_verify(batch, key.public_key, err) && !verify_vouched(batch, db, NULL))) {
    batch_close(batch);
    return false;
  }
  *out = batch;
  return true;
}

/* ---- writing ---- */

struct batch_writer {
  struct batch_head head;
  uint64_t hlc;
  struct buf sizes, hashes, hlcs, actors, actions, subjects, payloads;
};

bool batch_writer_open(struct batch_writer **out, const struct batch_head *head, struct err *err)
{
  struct batch_writer *writer = calloc(1, sizeof *writer);
  if (!writer) return err_set(err, ERR_IO, "out of memory for a batch");
  writer->head = *head;
  writer->head.count = 0;
  *out = writer;
  return true;
}

static void each_column(struct batch_writer *w, void (*each)(void *ctx, struct buf *column), void *ctx)
{
  struct buf *columns[] = {&w->sizes,   &w->hashes,   &w->hlcs,    &w->actors,
                           &w->actions, &w->subjects, &w->payloads};
  for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
    each(ctx, columns[i]);
}

static void wipe(void *ctx, struct buf *column)
{
  (void)ctx;
  buf_wipe(column);
}

static void measure(void *ctx, struct buf *column)
{
  *(size_t *)ctx += column->size;
}

static void join(void *ctx, struct buf *column)
{
  struct buf *out = ctx;
  out->bad = out->bad || column->bad;
  put_bytes(out, column->data, column->size);
}

void batch_writer_close(struct batch_writer *writer)
{
  if (!writer) return;
  each_column(writer, wipe, NULL);
  free(writer);
}

size_t batch_cost(const struct record *r)
{
  size_t names = r->actor.size + r->action.size + r->subject.size + 3;
  size_t payload = r->payload_size > HASH_SIZE ? r->payload_size : HASH_SIZE;
  return payload + names + 14; /* ten bytes of hlc, four of size */
}

static void put_name(struct buf *out, const struct name *name, const void *payload, size_t size)
{
  const uint8_t *at = NULL;
  if (payload && name->size >= REFERENCE_MIN) at = memmem(payload, size, name->text, name->size);
  size_t offset = at ? (size_t)(at - (const uint8_t *)payload) : 0;
  if (!at || offset >= 1U << 14) { /* past that a reference could take more than the name it stands for */
    put_vec8(out, name->text, name->size);
    return;
  }
  put_u8(out, (uint8_t)(REFERENCE | name->size));
  put_varint(out, offset);
}

bool batch_add(struct batch_writer *w, const struct record *r, const void *payload)
{
  assert(r->seq == w->head.first_seq + w->head.count && r->epoch == w->head.epoch);
  size_t size = 0;
  each_column(w, measure, &size);
  if (w->head.count == BATCH_ENTRIES_MAX || size + batch_cost(r) > BATCH_SIZE_MAX) return false;
  if (w->head.count == 0)
    put_u64(&w->hlcs, r->hlc);
  else
    put_varint(&w->hlcs, r->hlc - w->hlc);
  w->hlc = r->hlc;
  put_varint(&w->sizes, (uint64_t)r->payload_size << 1 | (payload ? 0 : 1));
  put_name(&w->actors, &r->actor, payload, r->payload_size);
  put_name(&w->actions, &r->action, payload, r->payload_size);
  put_name(&w->subjects, &r->subject, payload, r->payload_size);
  if (payload)
    put_bytes(&w->payloads, payload, r->payload_size);
  else
    put_bytes(&w->hashes, r->payload_sha256, HASH_SIZE);
  w->head.count++;
  return true;
}

static bool put_body(struct buf *out, const struct buf *plain, struct err *err)
{
  size_t room = ZSTD_compressBound(plain->size);
  struct buf packed = BUF_INIT;
  uint8_t *at = buf_reserve(&packed, room);
  if (!at) return err_set(err, ERR_IO, "out of memory for a batch of %zu bytes", plain->size);
  size_t n = ZSTD_compress(at, room, plain->data, plain->size, ZSTD_LEVEL);
  bool smaller = !ZSTD_isError(n) && n < plain->size;
  put_u8(out, smaller ? PACK_ZSTD : PACK_STORED);
  put_varint(out, smaller ? n : plain->size);
  put_bytes(out, smaller ? at : plain->data, smaller ? n : plain->size);
  buf_wipe(&packed);
  return true;
}

bool batch_finish(struct batch_writer *w, const uint8_t signature[SIGNATURE_SIZE], struct buf *out,
                  struct err *err)
{
  assert(w->head.count > 0);
  struct buf plain = BUF_INIT;
  each_column(w, join, &plain);
  put_u8(out, RECORD_VERSION);
  put_u8(out, SUITE_ED25519_SHA256);
  put_varint(out, w->head.stream.author);
  put_varint(out, w->head.stream.lane);
  put_varint(out, w->head.epoch);
  put_varint(out, w->head.schema);
  put_bytes(out, w->head.schema_hash, SCHEMA_HASH_SIZE);
  put_varint(out, w->head.first_seq);
  put_varint(out, w->head.count);
  put_bytes(out, w->head.prev, HASH_SIZE);
  bool ok = !plain.bad && put_body(out, &plain, err);
  put_bytes(out, signature, SIGNATURE_SIZE);
  buf_wipe(&plain);
  if (ok && !out->bad) return true;
  return err_set(err, ERR_IO, "out of memory for a batch of %u entries", w->head.count);
}
