#include "site/access_record.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/security_event.h"
#include "site/checkpoint_now.h"
#include "webui/url.h"

#include <stdio.h>
#include <string.h>

enum { ADDRESS_MAX = 110, DIGEST_BYTES = 8, ROOT_BYTES = 4 };

/* Cuts a text at a whole character, escaped or not, and names the rest by the hash of all of it. */
static void cut(struct buf *line, size_t begin, size_t max)
{
  uint8_t hash[HASH_SIZE];
  char tail[24], hex[2 * 4 + 1];
  if (line->bad || line->size - begin <= max) return;
  sha256(hash, line->data + begin, line->size - begin);
  hex_encode(hex, hash, 4);
  int n = snprintf(tail, sizeof tail, "...#%s", hex);
  size_t keep = begin + max - (size_t)n;
  while (keep > begin && (line->data[keep] & 0xc0) == 0x80)
    keep--;
  for (size_t back = 1; back <= 2 && keep >= begin + back; back++)
    if (line->data[keep - back] == '%') keep -= back;
  line->size = keep;
  put_text(line, tail);
}

void put_access_address(struct buf *out, const struct web_request *request, size_t max)
{
  static const char root[] = "/api/v1";
  const char *path = request->path;
  struct buf query = BUF_INIT;
  size_t begin = out->size;
  if (strncmp(path, root, sizeof root - 1) == 0 && path[sizeof root - 1] == '/') path += sizeof root - 1;
  url_put_escaped(out, path);
  web_query_all(request, &query);
  if (query.size) {
    put_u8(out, '?');
    put_bytes(out, query.data, query.size);
  }
  out->bad = out->bad || query.bad;
  buf_wipe(&query);
  cut(out, begin, max);
}

bool put_access_log(struct buf *out, struct app *app, struct err *err)
{
  struct checkpoint_now log;
  struct db *db = NULL;
  char text[64];
  if (app->kind != APP_HUB) return true;
  if (!readers_take(app->readers, &db, err)) return false;
  bool ok = checkpoint_now(db, app->code, &log, err);
  readers_give(app->readers, db);
  if (!ok || log.size == 0) return ok;
  snprintf(text, sizeof text, " log=%llu:%s", (unsigned long long)log.size, log.root_hex);
  put_text(out, text);
  return true;
}

struct access_line {
  struct app *app;
  const struct web_request *request;
  const char *kind, *detail;
};

static bool record_work(struct tx *tx, void *ctx, struct err *err)
{
  const struct access_line *r = ctx;
  if (!site_still_admits(r->request, r->app, tx->db, err)) return false;
  snprintf(tx->subject, sizeof tx->subject, "%s", r->kind);
  return security_event_record(tx, r->kind, tx->actor, r->detail, r->request->peer, 1, err);
}

static bool write_record(struct app *app, const struct web_request *request, const char *kind,
                         const char *detail, struct err *err)
{
  struct access_line r = {.app = app, .request = request, .kind = kind, .detail = detail};
  const struct caller *caller = site_caller(request);
  const struct act act = {.actor = caller->session.account,
                          .role = caller->session.role,
                          .action = ACTION_SECURITY,
                          .now_ms = clock_wall_ms()};
  return app_commit(app, &act, record_work, &r, NULL, err);
}

bool access_pace(struct app *app, const struct web_request *request, struct err *err)
{
  return export_pace_take(site_exports(app), site_caller(request)->session.account, clock_boot_ms(), err);
}

bool access_record(struct app *app, const struct web_request *request, const struct access_fact *fact,
                   struct err *err)
{
  struct buf line = BUF_INIT;
  uint8_t hash[HASH_SIZE];
  char text[64], hex[2 * DIGEST_BYTES + 1];
  put_access_address(&line, request, ADDRESS_MAX);
  if (fact->rows >= 0) {
    snprintf(text, sizeof text, " rows=%lld", (long long)fact->rows);
    put_text(&line, text);
  }
  bool ok = put_access_log(&line, app, err);
  if (fact->file) {
    sha256(hash, fact->file, fact->file_size);
    hex_encode(hex, hash, DIGEST_BYTES);
    put_text(&line, " sha256=");
    put_text(&line, hex);
  }
  if (fact->more) {
    put_u8(&line, ' ');
    put_text(&line, fact->more);
  }
  put_u8(&line, 0);
  if (ok && line.bad) ok = err_rule(err, ERR_BUSY, "", "busy", "no memory for this answer");
  ok = ok && write_record(app, request, fact->kind, (const char *)line.data, err);
  buf_wipe(&line);
  return ok;
}
