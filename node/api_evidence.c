/* What this branch holds against its province's log, and which of the province's entries it could not enter.
 */
#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/domain.h"
#include "core/domain/refusal.h"
#include "node/api.h"
#include "site/access_record.h"
#include "site/aside_page.h"
#include "site/edit.h"
#include "site/entry_words.h"
#include "sync/consistency.h"
#include "sync/streams.h"
#include "sync/tlog.h"
#include "sync/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_SHOWN = 100 };

static bool evidence_out(struct json_out *out, struct db *db, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT id, origin, rule, detail, at_ms FROM sync_evidence ORDER BY id DESC LIMIT ?1"
                 " /* scan: the newest by key */",
                 err);
  query_int(&q, 1, ROWS_SHOWN);
  out_array(out, "items");
  while (query_row(&q)) {
    out_object(out, NULL);
    out_int(out, "id", column_int(&q, 0));
    out_text(out, "origin", column_text(&q, 1));
    out_text(out, "rule", column_text(&q, 2));
    out_text(out, "detail", column_text(&q, 3));
    out_int(out, "at_ms", column_int(&q, 4));
    out_end(out);
  }
  out_end(out);
  return query_close(&q);
}

static bool held_out(struct json_out *out, struct app *app, struct db *db, struct err *err)
{
  struct witness_held held;
  char origin[TLOG_ORIGIN_SIZE];
  tlog_origin(origin, app->identity.province);
  if (!witness_held(db, origin, &held, err)) return false;
  out_text(out, "origin", origin);
  out_text_or_null(out, "distrust", held.distrust);
  if (held.size == 0) {
    out_null(out, "held");
    return true;
  }
  out_object(out, "held");
  out_int(out, "size", (int64_t)held.size);
  out_int(out, "verified_ms", held.verified_ms);
  out_end(out);
  return true;
}

/* -- entries of the province that this branch could not enter -- */

static bool title_out(struct json_out *out, struct db *db, const struct entry_words *words, int64_t pos,
                      struct err *err)
{
  struct logged entry;
  struct buf keep = BUF_INIT, title = BUF_INIT;
  bool ok = entry_read(db, pos, &entry, &keep, err);
  if (ok && entry.payload)
    ok = entry_words_title(words, entry.payload, entry.record.payload_size, &title, err);
  if (ok) {
    char action[NAME_SIZE_MAX + 1];
    snprintf(action, sizeof action, "%.*s", (int)entry.record.action.size, entry.record.action.text);
    out_text(out, "action_title", describe_action(action, words->language));
    out_text(out, "title", title.size && !title.bad ? (const char *)title.data : "");
    out_int(out, "schema", entry.record.schema);
  }
  buf_wipe(&keep);
  buf_wipe(&title);
  return ok;
}

static bool quarantine_out(struct json_out *out, struct db *db, const struct entry_words *words,
                           struct err *err)
{
  bool ok = true;
  struct query q = query_open(db,
                              "SELECT pos, author, seq, reason, detail, state = 'waiting', at_ms"
                              " FROM sync_quarantine WHERE state <> 'done' ORDER BY pos DESC LIMIT ?1"
                              " /* scan: what is wrong, not what is right */",
                              err);
  query_int(&q, 1, ROWS_SHOWN);
  out_array(out, "quarantine");
  while (ok && query_row(&q)) {
    out_object(out, NULL);
    out_int(out, "author", column_int(&q, 1));
    out_int(out, "seq", column_int(&q, 2));
    out_text(out, "reason", column_text(&q, 3));
    out_text(out, "reason_title", describe_rule(column_text(&q, 3), words->language));
    out_text(out, "detail", column_text(&q, 4));
    out_bool(out, "waits", column_int(&q, 5) != 0);
    out_int(out, "at_ms", column_int(&q, 6));
    ok = title_out(out, db, words, column_int(&q, 0), err);
    out_end(out);
  }
  out_end(out);
  return query_close(&q) && ok;
}

static bool read_evidence(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                          struct err *err)
{
  struct entry_words words;
  if (!entry_words_open(&words, db, answer_language(request), err)) return false;
  out_object(out, NULL);
  bool ok = held_out(out, app, db, err) && evidence_out(out, db, err) && quarantine_out(out, db, &words, err);
  out_int(out, "schema", domain_schema_number());
  out_end(out);
  entry_words_close(&words);
  return ok;
}

void node_get_evidence(struct web_request *request, void *app)
{
  answer_reading(request, app, read_evidence);
}

/* -- entries of this branch that were put aside -- */

void node_get_aside(struct web_request *request, void *app)
{
  answer_reading(request, app, aside_read);
}

/* -- one of them as a file -- */

static bool checkpoint_size(const char *note, size_t note_size, uint64_t *size)
{
  struct note opened;
  struct checkpoint checkpoint;
  if (!note_open(&opened, note, note_size, NULL) ||
      !checkpoint_decode(&checkpoint, opened.text, opened.text_size, NULL))
    return false;
  *size = checkpoint.size;
  return true;
}

/* Two notes and a proof are the file of sync/consistency.h, which sunlit-verify reads; anything else is plain
 * text with the bytes in hex. */
static void file_out(struct buf *out, const char *words, struct consistency *both, const void *proof,
                     size_t proof_size)
{
  uint64_t held = 0, offered = 0;
  bool notes = checkpoint_size(both->older, both->older_size, &held) &&
               checkpoint_size(both->newer, both->newer_size, &offered);
  if (notes && proof_size % HASH_SIZE == 0 && proof_size / HASH_SIZE <= MERKLE_PROOF_MAX) {
    both->proof.count = proof_size / HASH_SIZE;
    if (proof_size) memcpy(both->proof.hashes, proof, proof_size);
    if (held > offered) {
      const struct consistency turned = {.older = both->newer,
                                         .older_size = both->newer_size,
                                         .newer = both->older,
                                         .newer_size = both->older_size,
                                         .proof = both->proof};
      *both = turned;
    }
    consistency_encode(out, both);
    return;
  }
  put_text(out, words);
  put_text(out, "\nheld\n");
  put_bytes(out, both->older, both->older_size);
  put_text(out, "\noffered\n");
  put_bytes(out, both->newer, both->newer_size);
  put_text(out, "\nbytes\n");
  char hex[3];
  for (size_t i = 0; i < proof_size; i++) {
    hex_encode(hex, (const uint8_t *)proof + i, 1);
    put_text(out, hex);
  }
  put_text(out, "\n");
}

static bool read_file(struct db *db, int64_t id, struct buf *out, struct err *err)
{
  struct query q = query_open(
      db, "SELECT origin, rule, detail, at_ms, held, offered, proof FROM sync_evidence WHERE id = ?1", err);
  query_int(&q, 1, id);
  bool found = query_row(&q);
  if (found) {
    char words[700], at[30];
    struct consistency both = {0};
    size_t proof_size = 0;
    both.older = column_blob(&q, 4, &both.older_size);
    both.newer = column_blob(&q, 5, &both.newer_size);
    const void *proof = column_blob(&q, 6, &proof_size);
    time_format(at, column_int(&q, 3));
    snprintf(words, sizeof words, "evidence %lld of %s\n%s: %s\n%s\n", (long long)id, column_text(&q, 0),
             column_text(&q, 1), column_text(&q, 2), at);
    file_out(out, words, &both, proof, proof_size);
  }
  if (!query_close(&q)) return false;
  if (!found)
    return err_rule(err, ERR_MISSING, "id", "not_found", "there is no evidence %lld", (long long)id);
  return !out->bad || err_rule(err, ERR_BUSY, "", "busy", "no memory for this answer");
}

void node_get_evidence_file(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  struct db *db = NULL;
  struct buf file = BUF_INIT;
  struct err err = ERR_INIT;
  int64_t id;
  char name[64];
  if (answer_head_only(request, "text/plain; charset=utf-8")) return;
  bool ok = web_param_int(request, "id", 1, INT64_MAX, &id, &err) && access_pace(app, request, &err) &&
            readers_take(app->readers, &db, &err);
  if (ok) {
    ok = read_file(db, id, &file, &err);
    readers_give(app->readers, db);
  }
  const struct access_fact fact = {.kind = "evidence", .rows = 1, .file = file.data, .file_size = file.size};
  if (ok && access_record(app, request, &fact, &err)) {
    snprintf(name, sizeof name, "sunlit-evidence-%u-%lld.txt", app->code, (long long)id);
    web_reply_file(request, "text/plain; charset=utf-8", name, file.data, file.size);
  } else {
    answer_err(request, &err);
  }
  buf_wipe(&file);
}

/* -- a refusal that nothing replaces is dealt with by a recorded act -- */

static bool handle_work(struct tx *tx, struct edit *edit, void *ctx, struct err *err)
{
  const char *note;
  int64_t id = *(const int64_t *)ctx;
  if (!json_get_text(edit->body, "note", 2, 50, &note, err) ||
      !refusal_handle(tx, id, note, edit->request->peer, err))
    return false;
  out_object(&edit->out, NULL);
  out_int(&edit->out, "id", id);
  out_text(&edit->out, "actor", tx->actor);
  out_int(&edit->out, "at_ms", tx->now_ms);
  out_end(&edit->out);
  return true;
}

void node_post_handled(struct web_request *request, void *app)
{
  static const char *const fields[] = {"note", NULL};
  static const struct edit_plan plan = {.action = ACTION_ENTRY_HANDLE, .fields = fields, .work = handle_work};
  struct err err = ERR_INIT;
  int64_t id;
  if (web_param_int(request, "id", 1, INT64_MAX, &id, &err))
    edit_run(request, app, &plan, &id);
  else
    answer_err(request, &err);
}
