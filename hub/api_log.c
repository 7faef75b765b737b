/* The transparency log for everybody, as C2SP lays it out, and the evidence of one entry for those who may.
 */
#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/security_event.h"
#include "hub/api.h"
#include "hub/evidence.h"
#include "site/answer.h"
#include "sync/keys.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <string.h>

typedef bool log_read(struct web_request *request, struct db *db, struct buf *out, struct err *err);

/* Reads from a connection of this thread's own and replies; caching as tlog-tiles advises. */
static void serve(struct web_request *request, struct app *app, log_read *read, const char *type,
                  const char *cache)
{
  struct db *db = NULL;
  struct buf bytes = BUF_INIT;
  struct err err = ERR_INIT;
  bool ok = readers_take(app->readers, &db, &err);
  if (ok) {
    ok = read(request, db, &bytes, &err);
    readers_give(app->readers, db);
  }
  if (ok && bytes.bad) ok = err_rule(&err, ERR_BUSY, "", "busy", "no memory for this answer");
  if (ok) {
    web_set_header(request, "Cache-Control", cache);
    web_reply(request, 200, type, bytes.data, bytes.size);
  } else {
    answer_err(request, &err);
  }
  buf_wipe(&bytes);
}

static bool read_checkpoint(struct web_request *request, struct db *db, struct buf *out, struct err *err)
{
  struct tlog_state state;
  (void)request;
  return tlog_published(db, out, &state, err);
}

void hub_get_log_checkpoint(struct web_request *request, void *app)
{
  serve(request, app, read_checkpoint, "text/plain; charset=utf-8", "no-cache");
}

static bool read_tile(struct web_request *request, struct db *db, struct buf *out, struct err *err)
{
  struct tile tile;
  struct tlog_state state;
  struct buf note = BUF_INIT;
  bool ok = tile_parse(&tile, request->path + strlen("/log/"), err) &&
            tlog_checkpoint(db, &note, &state, err) && tlog_tile(db, &tile, state.size, out, err);
  buf_wipe(&note);
  return ok;
}

void hub_get_log_tile(struct web_request *request, void *app)
{
  /* A tile of a given width never changes. */
  serve(request, app, read_tile, "application/octet-stream", "public, max-age=31536000, immutable");
}

static bool key_line(void *ctx, const struct key *key)
{
  struct buf *out = ctx;
  char hex[2 * PUBLIC_SIZE + 1];
  char line[200];
  hex_encode(hex, key->public_key, PUBLIC_SIZE);
  snprintf(line, sizeof line, "author %u epoch %u since %lld revoked %lld %s\n", key->author, key->epoch,
           (long long)key->since_ms, (long long)key->revoked_ms, hex);
  put_text(out, line);
  return !out->bad;
}

static bool read_keys(struct web_request *request, struct db *db, struct buf *out, struct err *err)
{
  (void)request;
  return key_list(db, 0, key_line, out, err);
}

/* What sunlit-verify --keys wants; an auditor compares it with the one kept from last time. */
void hub_get_log_keys(struct web_request *request, void *app)
{
  serve(request, app, read_keys, "text/plain; charset=utf-8", "no-cache");
}

/* -- evidence -- */

struct taken {
  int64_t pos;
  const char *peer;
};

static bool record(struct tx *tx, void *ctx, struct err *err)
{
  const struct taken *taken = ctx;
  char detail[60];
  snprintf(detail, sizeof detail, "evidence of entry %lld", (long long)taken->pos);
  return security_event_add(tx, "export", tx->actor, detail, taken->peer, err);
}

/* Taking evidence is itself an entry: it is written first, so that nothing leaves unrecorded. */
void hub_get_evidence(struct web_request *request, void *ctx)
{
  struct app *app = ctx;
  struct db *db = NULL;
  struct buf bundle = BUF_INIT;
  struct err err = ERR_INIT;
  struct taken taken = {.peer = request->peer};
  char name[64];
  const struct caller *caller = site_caller(request);
  const struct act act = {.actor = caller->session.account,
                          .role = caller->session.role,
                          .action = ACTION_SECURITY,
                          .now_ms = clock_wall_ms()};
  bool ok = web_param_int(request, "pos", 0, INT64_MAX, &taken.pos, &err) &&
            app_commit(app, &act, record, &taken, NULL, &err) && readers_take(app->readers, &db, &err);
  if (ok) {
    ok = evidence_of(db, app->code, &taken.pos, 1, act.now_ms, &bundle, &err);
    readers_give(app->readers, db);
  }
  if (ok) {
    snprintf(name, sizeof name, "sunlit-evidence-%lld.tar", (long long)taken.pos);
    web_reply_file(request, "application/x-tar", name, bundle.data, bundle.size);
  } else {
    answer_err(request, &err);
  }
  buf_wipe(&bundle);
}
