#include "forge.h"

#include "core/base/capture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

static const char more_sql[] =
    "CREATE TABLE other(id INTEGER PRIMARY KEY, v TEXT) STRICT;"
    "INSERT INTO price VALUES(330127, 1, 'JG', 1, 100, 'kg', NULL, NULL, 'market', 20261124, '', NULL, 0, 0, "
    "'a', 1);"
    "INSERT INTO stock VALUES(330127, 1, 'rice', 10);"
    "INSERT INTO product VALUES(1, '茶', 'kg', NULL, 1.5), (2, 'rice', 'kg', NULL, 0.5);";

void forge_payload(struct buf *out, const char *sql)
{
  static const char *const tables[] = {"price", "stock", "product",        "decision",
                                       "draft", "other", "journaled_again"};
  struct db *db = NULL;
  struct capture *capture = NULL;
  char path[200];
  snprintf(path, sizeof path, "%s/forge.db", fixture_folder());
  remove(path);
  site_migrate(path);
  struct err err = ERR_INIT;
  bool ok = db_open(&db, path, DB_WRITE, &err) && db_exec(db, more_sql, &err) &&
            capture_open(&capture, db, tables, sizeof tables / sizeof tables[0], &err);
  if (ok) capture_begin(capture);
  ok = ok && db_exec(db, sql, &err) && capture_end(capture, out, &err);
  if (!ok) print_message("forging %s: %s\n", sql, err.text);
  assert_true(ok);
  capture_close(capture);
  db_close(db);
}

struct batch *forge_batch(struct site *like, const struct forgery *f, const struct buf *payloads,
                          uint32_t count)
{
  static const uint8_t zeros[SCHEMA_HASH_SIZE];
  struct err err = ERR_INIT;
  struct batch_writer *writer = NULL;
  struct batch *batch = NULL;
  struct buf bytes = BUF_INIT;
  uint8_t public_key[PUBLIC_SIZE], secret[SECRET_SIZE], signature[SIGNATURE_SIZE] = {0}, prev[HASH_SIZE],
                                                        hash[HASH_SIZE];
  struct batch_head head = {.stream = f->stream, .epoch = f->epoch ? f->epoch : 1, .first_seq = f->first_seq};
  store_schema(like->store, &head.schema, head.schema_hash);
  if (f->schema) head.schema = f->schema;
  if (memcmp(f->schema_hash, zeros, sizeof zeros) != 0)
    memcpy(head.schema_hash, f->schema_hash, SCHEMA_HASH_SIZE);
  memcpy(head.prev, f->prev, HASH_SIZE);
  memcpy(prev, f->prev, HASH_SIZE);
  assert_true(batch_writer_open(&writer, &head, &err));
  site_key(f->stream.author, head.epoch, public_key, secret);
  for (uint32_t i = 0; i < count; i++) {
    struct buf encoded = BUF_INIT;
    struct record r = {.stream = f->stream,
                       .epoch = head.epoch,
                       .seq = f->first_seq + i,
                       .schema = head.schema,
                       .hlc = (f->hlc ? f->hlc : ((uint64_t)FIXTURE_NOW_MS << 16) + f->first_seq) + i,
                       .actor = name_of(f->actor ? f->actor : "mallory"),
                       .action = name_of(f->action ? f->action : "forge"),
                       .subject = name_of(f->subject ? f->subject : ""),
                       .payload_size = (uint32_t)payloads[i].size};
    memcpy(r.schema_hash, head.schema_hash, SCHEMA_HASH_SIZE);
    memcpy(r.prev, prev, HASH_SIZE);
    sha256(r.payload_sha256, payloads[i].data ? payloads[i].data : (const uint8_t *)"", payloads[i].size);
    assert_true(record_encode(&encoded, &r, &err));
    record_hash(hash, encoded.data, encoded.size);
    memcpy(prev, hash, HASH_SIZE);
    buf_wipe(&encoded);
    assert_true(batch_add(writer, &r, payloads[i].data ? payloads[i].data : (const uint8_t *)""));
  }
  head_sign(signature, hash, secret);
  assert_true(batch_finish(writer, signature, &bytes, &err));
  batch_writer_close(writer);
  assert_true(batch_open(&batch, bytes.data, bytes.size, &err));
  assert_true(batch_verify(batch, public_key, &err));
  buf_wipe(&bytes);
  return batch;
}

struct batch *forge_next(struct site *to, struct stream stream, const char *sql)
{
  struct err err = ERR_INIT;
  struct head head;
  struct buf payload = BUF_INIT;
  assert_true(stream_head(to->reader, stream, &head, &err));
  struct forgery f = {.stream = stream, .first_seq = head.seq + 1, .epoch = head.epoch, .hlc = head.hlc + 1};
  memcpy(f.prev, head.hash, HASH_SIZE);
  forge_payload(&payload, sql);
  struct batch *batch = forge_batch(to, &f, &payload, 1);
  buf_wipe(&payload);
  return batch;
}
