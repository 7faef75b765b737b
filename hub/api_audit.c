/* The audit trail: the list with its filters, and one entry decoded, with its bytes and what can be checked.
 */
#include "core/base/clock.h"
#include "core/base/tx.h"
#include "core/domain/describe.h"
#include "hub/api.h"
#include "hub/audit_index.h"
#include "hub/entry_proof.h"
#include "site/answer.h"
#include "site/division_names.h"
#include "site/entry_words.h"
#include "sync/keys.h"
#include "sync/streams.h"

#include <stdio.h>
#include <string.h>

struct trail {
  struct json_out *out;
  struct db *db;
  struct err *err;
  struct entry_words words;
  struct division_names names;
  struct buf keep, title;
  struct logged entry; /* the last one read */
  bool bad;
};

static void row_members_out(struct trail *trail, const struct audit_row *row)
{
  struct json_out *out = trail->out;
  out_int(out, "pos", row->pos);
  out_int(out, "author", row->author);
  out_text(out, "author_name", division_name(&trail->names, row->author));
  out_int(out, "lane", row->lane);
  out_int(out, "epoch", row->epoch);
  out_int(out, "seq", (int64_t)row->seq);
  out_int(out, "claimed_ms", row->claimed_ms);
  out_int(out, "received_ms", row->received_ms);
  out_text(out, "actor", row->actor);
  out_text(out, "action", row->action);
  out_text(out, "action_title", describe_action(row->action, trail->words.language));
  out_text(out, "subject", row->subject);
  buf_clear(&trail->title);
  if (trail->entry.payload && !entry_words_title(&trail->words, trail->entry.payload,
                                                 trail->entry.record.payload_size, &trail->title, trail->err))
    trail->bad = true;
  out_text(out, "title", trail->title.size && !trail->title.bad ? (const char *)trail->title.data : "");
  out_text(out, "state", row->state);
  out_text(out, "reason", row->reason);
}

static void each_row(void *ctx, const struct audit_row *row)
{
  struct trail *trail = ctx;
  if (trail->bad) return;
  if (!entry_read(trail->db, row->pos, &trail->entry, &trail->keep, trail->err)) {
    trail->bad = true;
    return;
  }
  out_object(trail->out, NULL);
  row_members_out(trail, row);
  out_end(trail->out);
}

static bool trail_open(struct trail *trail, struct web_request *request, struct db *db, struct json_out *out,
                       struct err *err)
{
  memset(trail, 0, sizeof *trail);
  trail->out = out;
  trail->db = db;
  trail->err = err;
  enum language language = answer_language(request);
  return entry_words_open(&trail->words, db, language, err) &&
         division_names_open(&trail->names, db, language, err);
}

static void trail_close(struct trail *trail)
{
  entry_words_close(&trail->words);
  division_names_close(&trail->names);
  buf_wipe(&trail->keep);
  buf_wipe(&trail->title);
}

static bool read_filter(struct web_request *request, struct audit_filter *filter, struct err *err)
{
  static const char *const states[] = {"verified", "quarantined", "parked", "fork", NULL};
  int from, to, state, offset;
  int64_t author;
  memset(filter, 0, sizeof *filter);
  filter->action = web_query(request, "action");
  filter->text = web_query(request, "q");
  if (filter->action && !*filter->action) filter->action = NULL;
  if (filter->text && !*filter->text) filter->text = NULL;
  if (filter->text && strlen(filter->text) > NAME_SIZE_MAX)
    return err_rule(err, ERR_INPUT, "q", "length", "q is longer than %d bytes", NAME_SIZE_MAX);
  if (!web_query_int_or(request, "author", 110000, 659999, 0, &author, err) ||
      !answer_query_date(request, "from", &from, err) || !answer_query_date(request, "to", &to, err) ||
      !answer_query_word(request, "state", states, &state, err) ||
      !web_query_int_or(request, "before", 1, INT64_MAX, 0, &filter->before, err) ||
      !answer_page(request, &offset, &filter->limit, err))
    return false;
  filter->author = (uint32_t)author;
  filter->from_ms = from ? date_start_ms(from) : 0;
  filter->to_ms = to ? date_start_ms(date_add_days(to, 1)) : 0;
  filter->state = state >= 0 ? states[state] : NULL;
  return true;
}

/* A number that people see, such as JG330127-202611-0031, leads to its row and the row's id to the entry that
 * made it; pos is -1 when the text is no such number. */
static bool find_numbered(struct db *db, const char *text, int64_t *pos, struct err *err)
{
  static const struct {
    const char *prefix, *sql;
  } kinds[] = {{"JG", "SELECT id FROM price WHERE branch = ?1 AND no = ?2"},
               {"PJ", "SELECT id FROM evaluation WHERE branch = ?1 AND no = ?2"},
               {"TY", "SELECT id FROM proposal WHERE branch = ?1 AND no = ?2"}};
  unsigned branch = 0;
  *pos = -1;
  for (size_t i = 0; text && i < sizeof kinds / sizeof *kinds; i++) {
    if (strncmp(text, kinds[i].prefix, 2) != 0 || sscanf(text + 2, "%6u-", &branch) != 1) continue;
    struct query q = query_open(db, kinds[i].sql, err);
    query_int(&q, 1, branch);
    query_text(&q, 2, text);
    int64_t id = query_row(&q) ? column_int(&q, 0) : 0;
    if (!query_close(&q)) return false;
    int64_t newest = -1; /* the index may be a moment behind the log */
    if (id && !stream_find(db, (struct stream){branch, 0}, id_seq(id), pos, err)) return false;
    if (!db_int(db, "SELECT max(pos) FROM audit", -1, &newest, err)) return false;
    if (*pos > newest) *pos = -1;
    return true;
  }
  return true;
}

/* Each action once, by jumps through its index. */
static bool actions_out(struct json_out *out, struct db *db, struct err *err)
{
  struct query q =
      query_open(db,
                 "WITH RECURSIVE a(x) AS (SELECT min(action) FROM audit UNION ALL"
                 " SELECT (SELECT min(action) FROM audit WHERE action > a.x) FROM a WHERE a.x IS NOT NULL)"
                 " SELECT x FROM a WHERE x IS NOT NULL /* scan: of a list of thirty words */",
                 err);
  out_array(out, "actions");
  while (query_row(&q))
    out_text(out, NULL, column_text(&q, 0));
  out_end(out);
  return query_close(&q);
}

static bool read_audit(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                       struct err *err)
{
  struct trail trail;
  struct audit_filter filter;
  int64_t total = 0, lag = 0;
  (void)app;
  if (!read_filter(request, &filter, err)) return false;
  int64_t numbered;
  if (!find_numbered(db, filter.text, &numbered, err)) return false;
  bool all =
      !filter.author && !filter.action && !filter.from_ms && !filter.to_ms && !filter.text && !filter.state;
  bool ok = trail_open(&trail, request, db, out, err);
  out_object(out, NULL);
  out_array(out, "items");
  if (numbered >= 0)
    ok = ok && audit_get(db, numbered, each_row, &trail, err) && !trail.bad && (total = 1);
  else
    ok = ok && audit_list(db, &filter, each_row, &trail, all ? NULL : &total, err) && !trail.bad;
  /* Positions are dense: without a filter nothing needs counting. */
  ok = ok && (!all || db_int(db, "SELECT max(pos) + 1 FROM audit", 0, &total, err));
  out_end(out);
  out_int(out, "total", total);
  ok = ok && actions_out(out, db, err) && audit_lag(db, &lag, err);
  out_int(out, "lag", lag);
  out_end(out);
  trail_close(&trail);
  return ok;
}

void hub_get_audit(struct web_request *request, void *app)
{
  answer_reading(request, app, read_audit);
}

void hub_get_audit_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"pos", "总账位置", CELL_INT, 12, NULL},      {"claimed_ms", "发生", CELL_MS, 20, NULL},
      {"received_ms", "收到", CELL_MS, 20, NULL},   {"author_name", "作者", CELL_TEXT, 14, NULL},
      {"author", "作者代码", CELL_TEXT, 10, NULL},  {"epoch", "密钥序", CELL_INT, 8, NULL},
      {"seq", "序号", CELL_INT, 10, NULL},          {"actor", "经办", CELL_TEXT, 14, NULL},
      {"action", "做了什么", CELL_NAMED, 16, NULL}, {"title", "内容", CELL_TEXT, 40, NULL},
      {"subject", "编号", CELL_TEXT, 26, NULL},     {"state", "验证", CELL_SITE, 12, NULL},
      {"reason", "原因", CELL_RULE, 20, NULL},
  };
  static const struct list_sheet sheet = {"审计", "items", columns, sizeof columns / sizeof *columns};
  answer_workbook(request, app, read_audit, &sheet);
}

/* -- one entry -- */

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
  row_members_out(ctx, row);
}

static bool write_entry(struct trail *trail, int64_t pos, struct err *err)
{
  struct json_out *out = trail->out;
  const struct logged *entry = &trail->entry;
  struct err none = ERR_INIT;
  out_object(out, NULL);
  if (!entry_read(trail->db, pos, &trail->entry, &trail->keep, &none)) {
    if (none.kind == ERR_MISSING)
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
  if (!checks_out(trail, err) || !key_out(trail, err)) return false;
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
  trail_close(&trail);
  return ok;
}

void hub_get_audit_entry(struct web_request *request, void *app)
{
  answer_reading(request, app, read_entry);
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
  bool ok = web_param_int(request, "pos", 0, INT64_MAX, &pos, &err) && readers_take(app->readers, &db, &err);
  if (ok) {
    ok = read_bytes(db, pos, &bytes, &err);
    readers_give(app->readers, db);
  }
  if (ok) {
    snprintf(name, sizeof name, "entry-%lld.bin", (long long)pos);
    web_reply_file(request, "application/octet-stream", name, bytes.data, bytes.size);
  } else {
    answer_err(request, &err);
  }
  buf_wipe(&bytes);
}
