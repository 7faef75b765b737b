/* The transparency log for everybody, as C2SP lays it out. */
#include "core/base/clock.h"
#include "hub/api.h"
#include "hub/audit_reads.h"
#include "hub/hub.h"
#include "hub/log_reader.h"
#include "site/answer.h"
#include "sync/archive.h"
#include "sync/keys.h"
#include "sync/meeting.h"
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

static bool read_quorum(struct web_request *request, struct db *db, struct buf *out, struct err *err)
{
  struct tlog_state state;
  (void)request;
  return quorum_note(db, out, &state, err) &&
         (state.size > 0 ||
          err_rule(err, ERR_MISSING, "checkpoint", "no_quorum", "no checkpoint has its quorum yet"));
}

void hub_get_log_checkpoint_witnessed(struct web_request *request, void *app)
{
  serve(request, app, read_quorum, "text/plain; charset=utf-8", "no-cache");
}

void hub_get_log_checkpoint(struct web_request *request, void *app)
{
  serve(request, app, read_checkpoint, "text/plain; charset=utf-8", "no-cache");
}

/* The tree over the entries is everybody's, the entries are not: a record names the account that made it. */
static bool may_read_entries(struct web_request *request, struct app *app, struct err *err)
{
  struct caller *caller = site_caller(request);
  struct db *db = NULL;
  char name[LOG_READER_NAME_SIZE];
  bool found = false;
  if (caller->role) return site_admits(request, app, ROLE_HUB, err);
  bool ok = readers_take(app->readers, &db, err) &&
            log_reader_find(db, web_header(request, "Authorization"), clock_wall_ms(), name, &found, err);
  readers_give(app->readers, db);
  if (!ok) return false;
  if (!found)
    return err_rule(
        err, ERR_DENIED, "", "login_required",
        "the entries of the log name people's accounts: log in, or send the token that sunlit-hub log-token "
        "printed as Authorization: Bearer");
  snprintf(caller->session.account, sizeof caller->session.account, "log-token %.22s", name);
  return true;
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

/* A tile of a given width never changes. */
void hub_get_log_tile(struct web_request *request, void *app)
{
  struct tile tile;
  struct err err = ERR_INIT;
  if (!tile_parse(&tile, request->path + strlen("/log/"), &err)) {
    answer_err(request, &err);
  } else if (tile.level != TILE_ENTRIES) {
    serve(request, app, read_tile, "application/octet-stream", "public, max-age=31536000, immutable");
  } else if (!may_read_entries(request, app, &err)) {
    web_set_header(request, "WWW-Authenticate", "Bearer");
    answer_err(request, &err);
  } else {
    serve(request, app, read_tile, "application/octet-stream", "private, max-age=31536000, immutable");
    audit_reads_note(hub_of(app)->reads, app, request, (int64_t)tile.width, -1);
  }
}

static bool read_witnessed_days(struct web_request *request, struct db *db, struct buf *out, struct err *err)
{
  (void)request;
  return archive_list(db, out, err);
}

void hub_get_log_witnessed(struct web_request *request, void *app)
{
  serve(request, app, read_witnessed_days, "text/plain; charset=utf-8", "no-cache");
}

static bool read_witnessed(struct web_request *request, struct db *db, struct buf *out, struct err *err)
{
  int64_t day = 0, n = 0;
  return web_param_int(request, "day", 19700101, 99991231, &day, err) &&
         web_param_int(request, "n", 0, INT32_MAX, &n, err) && archive_note(db, (int)day, (int)n, out, err);
}

void hub_get_log_witnessed_note(struct web_request *request, void *app)
{
  /* What is archived never changes. */
  serve(request, app, read_witnessed, "text/plain; charset=utf-8", "public, max-age=31536000, immutable");
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
