/* One entry of the audit trail: decoded, with what can be checked of it now, and its bytes. */
#include "core/base/tx.h"
#include "hub/api.h"
#include "hub/audit_reads.h"
#include "hub/entry_proof.h"
#include "hub/trail.h"
#include "site/access_record.h"
#include "site/rulings.h"
#include "sync/keys.h"

#include <stdio.h>
#include <string.h>

static void check_out(struct json_out *out, const char *name, const struct entry_check *check)
{
  out_object(out, NULL);
  out_text(out, "name", name);
  if (check->ok == CHECK_OPEN)
    out_null(out, "ok");
  else
    out_bool(out, "ok", check->ok == CHECK_PASSED);
  out_text(out, "detail", check->detail);
  out_end(out);
}

static bool checks_out(struct trail *trail, struct err *err)
{
  struct entry_check signature = {0}, chain = {0}, payload = {0}, scope = {0}, log = {0}, witness = {0};
  enum language language = trail->words.language;
  if (!entry_proof_signature(trail->db, trail->entry.pos, language, &signature, err) ||
      !entry_proof_chain(trail->db, &trail->entry, language, &chain, err) ||
      !entry_proof_scope(trail->db, &trail->entry, language, &scope, err) ||
      !entry_proof_log(trail->db, &trail->entry, language, &log, err) ||
      !entry_proof_witnesses(trail->db, &trail->entry, language, &witness, err))
    return false;
  entry_proof_payload(&trail->entry, language, &payload);
  out_array(trail->out, "checks");
  check_out(trail->out, "signature", &signature);
  check_out(trail->out, "chain", &chain);
  check_out(trail->out, "payload", &payload);
  check_out(trail->out, "scope", &scope);
  check_out(trail->out, "log", &log);
  check_out(trail->out, "witnesses", &witness);
  out_end(trail->out);
  return true;
}

static bool key_out(struct trail *trail, struct err *err)
{
  struct key key;
  struct err none = ERR_INIT;
  struct json_out *out = trail->out;
  const struct record *record = &trail->entry.record;
  if (!key_get(trail->db, record->stream.author, record->epoch, &key, &none)) {
    out_null(out, "key");
    if (none.kind == ERR_DENIED) return true;
    *err = none;
    return false;
  }
  out_object(out, "key");
  out_int(out, "epoch", key.epoch);
  out_hex(out, "public_hex", key.public_key, sizeof key.public_key);
  out_int(out, "since_ms", key.since_ms);
  out_int_or_null(out, "revoked_ms", key.revoked_ms);
  out_end(out);
  return true;
}

static void write_row(void *ctx, const struct audit_row *row)
{
  trail_members_out(ctx, row);
}

/* What became of a branch's own records that the entry made. */
static bool entry_rulings_out(struct trail *trail, struct err *err)
{
  const struct record *record = &trail->entry.record;
  const struct rulings to = {.out = trail->out, .db = trail->db, .language = trail->words.language};
  return rulings_out(&to, record->stream.author, id_of(record->epoch, record->seq, 0),
                     id_of(record->epoch, record->seq + 1, 0) - 1, err);
}

static bool write_entry(struct trail *trail, int64_t pos, struct err *err)
{
  struct json_out *out = trail->out;
  const struct logged *entry = &trail->entry;
  struct err none = ERR_INIT;
  out_object(out, NULL);
  if (!entry_read(trail->db, pos, &trail->entry, &trail->keep, &none)) {
    if (none.kind == ERR_MISSING && strcmp(none.rule, "entry_lost") != 0)
      return err_rule(err, ERR_MISSING, "pos", "not_found", "there is no entry %lld", (long long)pos);
    *err = none;
    return false;
  }
  if (!audit_get(trail->db, pos, write_row, trail, err) || trail->bad) return false;
  out_int(out, "schema", entry->record.schema);
  entry_words_changes(&trail->words, entry->payload ? entry->payload : (const uint8_t *)"",
                      entry->payload ? entry->record.payload_size : 0, out);
  out_hex(out, "record_hex", entry->bytes, entry->size);
  out_hex(out, "record_hash", entry->hash, sizeof entry->hash);
  out_hex(out, "prev_hash", entry->record.prev, sizeof entry->record.prev);
  out_int(out, "payload_size", entry->record.payload_size);
  out_hex(out, "payload_sha256", entry->record.payload_sha256, sizeof entry->record.payload_sha256);
  out_bool(out, "withheld", !entry->payload);
  if (entry->is_signed)
    out_hex(out, "signature_hex", entry->signature, sizeof entry->signature);
  else
    out_null(out, "signature_hex");
  if (!checks_out(trail, err) || !key_out(trail, err) || !entry_rulings_out(trail, err)) return false;
  out_end(out);
  return true;
}

static bool read_entry(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                       struct err *err)
{
  struct trail trail;
  int64_t pos;
  (void)app;
  if (!web_param_int(request, "pos", 0, INT64_MAX, &pos, err)) return false;
  bool ok = trail_open(&trail, request, db, out, err) && write_entry(&trail, pos, err);
  site_caller(request)->pos = pos;
  trail_close(&trail);
  return ok;
}

void hub_get_audit_entry(struct web_request *request, void *app)
{
  answer_trail(request, app, read_entry);
}

static bool read_bytes(struct db *db, int64_t pos, struct buf *out, struct err *err)
{
  struct logged entry;
  struct buf keep = BUF_INIT;
  bool ok = entry_read(db, pos, &entry, &keep, err);
  if (ok) {
    size_t payload_size = entry.payload ? entry.record.payload_size : 0;
    put_vec16(out, entry.bytes, entry.size);
    put_vec8(out, entry.signature, entry.is_signed ? SIGNATURE_SIZE : 0);
    put_u32(out, (uint32_t)payload_size);
    put_bytes(out, entry.payload, payload_size);
    ok = !out->bad || err_rule(err, ERR_BUSY, "", "busy", "no memory for this entry");
  }
  buf_wipe(&keep);
  return ok;
}

void hub_get_audit_bytes(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  struct db *db = NULL;
  struct buf bytes = BUF_INIT;
  struct err err = ERR_INIT;
  int64_t pos;
  char name[64];
  if (answer_head_only(request, "application/octet-stream")) return;
  bool ok = web_param_int(request, "pos", 0, INT64_MAX, &pos, &err) && access_pace(app, request, &err) &&
            readers_take(app->readers, &db, &err);
  if (ok) {
    ok = read_bytes(db, pos, &bytes, &err);
    readers_give(app->readers, db);
  }
  const struct access_fact fact = {.kind = "export", .rows = 1, .file = bytes.data, .file_size = bytes.size};
  if (ok && access_record(app, request, &fact, &err)) {
    snprintf(name, sizeof name, "entry-%lld.bin", (long long)pos);
    web_reply_file(request, "application/octet-stream", name, bytes.data, bytes.size);
  } else {
    answer_err(request, &err);
  }
  buf_wipe(&bytes);
}
