/* A line that stays cut: the entries the province has not received as a file for a stick, and the receipt
 * that comes back on it.  The same as `export` and `accept` (carry.h), for a person at a page. */
#include "core/base/clock.h"
#include "node/api.h"
#include "node/carry.h"
#include "site/access_record.h"
#include "site/answer.h"
#include "sync/carry.h"
#include "sync/restored.h"

#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

static const char carry_type[] = "application/octet-stream";

/* What was saved a moment ago is signed now, not left out; where nothing can be written, what is signed goes.
 */
static bool make_file(struct app *app, struct buf *out, struct head *through, struct err *err)
{
  const struct carry_wanted what = {.province = app->identity.province,
                                    .branch = app->code,
                                    .secret = app->identity.secret,
                                    .now_ms = clock_wall_ms()};
  struct db *db = NULL;
  uint64_t left = 0;
  (void)store_sign_head(app->store, what.now_ms, NULL);
  if (!store_ask(app->store, err) || !readers_take(app->readers, &db, err)) return false;
  bool ok = carry_export(db, &what, out, through, &left, err);
  readers_give(app->readers, db);
  return ok;
}

void node_get_carry(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  struct buf file = BUF_INIT;
  struct head through = {0};
  struct err err = ERR_INIT;
  struct gate_place place;
  char name[80];
  if (!access_pace(app, request, &err) ||
      !gate_enter(site_bundles(app), &place, site_caller(request)->session.account, request->peer, &err)) {
    answer_err(request, &err);
    return;
  }
  readers_patience(SITE_FILE_PATIENCE_MS);
  if (make_file(app, &file, &through, &err)) {
    snprintf(name, sizeof name, "sunlit-%" PRIu32 "-%" PRIu64 ".carry", app->code, through.seq);
    web_reply_file(request, carry_type, name, file.data, file.size);
  } else {
    answer_err(request, &err);
  }
  buf_wipe(&file);
  malloc_trim(0);
  gate_leave(site_bundles(app), &place);
}

static void facts_out(struct json_out *out, const struct carry_facts *facts)
{
  out_object(out, NULL);
  out_int(out, "through", (int64_t)facts->through);
  out_int(out, "entries", (int64_t)facts->entries);
  out_int(out, "returned", (int64_t)facts->returned);
  out_int(out, "recorded", (int64_t)facts->again);
  out_int(out, "kept", (int64_t)facts->kept);
  out_bool(out, "again", facts->waits);
  out_end(out);
}

/* Whose file it is, for who brought the wrong one. */
static void refuse_file(struct web_request *request, struct db *db, const struct err *err)
{
  struct carry_reader reader;
  struct json_out params = JSON_OUT_INIT;
  struct err altered = *err;
  if (strcmp(err->rule, "bad_signature") == 0 || strcmp(err->rule, "duplicate_signature") == 0) {
    snprintf(altered.rule, sizeof altered.rule, "carry");
    err = &altered;
  }
  bool named = db && strncmp(err->rule, "carry_", 6) == 0 &&
               carry_open(&reader, request->body, request->body_size, NULL);
  if (named) {
    struct query q = query_open(db, "SELECT name_zh, name_en FROM division WHERE code = ?1", NULL);
    query_int(&q, 1, reader.head.branch);
    out_object(&params, NULL);
    out_int(&params, "branch", reader.head.branch);
    if (query_row(&q)) {
      out_text(&params, "name", column_text(&q, 0));
      out_text(&params, "name_en", column_text(&q, 1));
    }
    out_end(&params);
    put_u8(&params.bytes, 0);
    named = query_close(&q) && !params.bytes.bad;
  }
  answer_faults(request, err, NULL, named ? (const char *)params.bytes.data : NULL);
  buf_wipe(&params.bytes);
}

void node_post_carry(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  struct carry_facts facts = {0};
  struct json_out out = JSON_OUT_INIT;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  bool ok = carry_is(request->body, request->body_size) ||
            err_rule(&err, ERR_INPUT, "file", "not_carried", "this is no file of entries or receipts");
  if (ok && (ok = readers_take(app->readers, &db, &err))) {
    ok = carry_receive(app->store, db, request->body, request->body_size, clock_wall_ms(), &facts, &err);
    if (!ok) refuse_file(request, db, &err);
    readers_give(app->readers, db);
    app_note(app, ok, &err);
    if (!ok) return;
  }
  if (!ok) {
    answer_err(request, &err);
    return;
  }
  if (app->wake) app->wake(app);
  facts_out(&out, &facts);
  answer_out(request, 200, &out);
}
