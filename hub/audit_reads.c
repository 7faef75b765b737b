#include "hub/audit_reads.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/security_event.h"
#include "hub/hub.h"
#include "site/access_record.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READERS_MAX = 64, ADDRESS_MAX = 80 };

/* One account's window; account "" is a free place. */
struct window {
  char account[40], peer[WEB_PEER_SIZE];
  int64_t start_ms;
  int64_t lists, rows, entries;  /* counted since the first look, which has its own entry */
  int64_t pos_min, pos_max;      /* of the entries */
  char address[ADDRESS_MAX + 1]; /* of the last list */
};

struct audit_reads {
  pthread_mutex_t lock;
  struct window windows[READERS_MAX];
};

bool audit_reads_open(struct audit_reads **out, struct err *err)
{
  *out = calloc(1, sizeof **out);
  if (!*out) return err_set(err, ERR_IO, "out of memory for the readers of the trail");
  pthread_mutex_init(&(*out)->lock, NULL);
  return true;
}

void audit_reads_close(struct audit_reads *reads)
{
  if (!reads) return;
  pthread_mutex_destroy(&reads->lock);
  free(reads);
}

struct line {
  const char *account, *peer, *detail;
  int64_t count;
};

static bool write_line(struct tx *tx, void *ctx, struct err *err)
{
  const struct line *line = ctx;
  snprintf(tx->subject, sizeof tx->subject, "read");
  return security_event_record(tx, "read", line->account, line->detail, line->peer, line->count, err);
}

static bool commit_line(struct app *app, const struct line *line, const char *role, struct err *err)
{
  struct line copy = *line;
  const struct act act = {
      .actor = line->account, .role = role, .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
  return app_commit(app, &act, write_line, &copy, NULL, err);
}

/* Counts the look in its account's window; false when that look is the first of one. */
static bool count_look(struct audit_reads *reads, const char *account, const struct window *look)
{
  bool counted = false;
  pthread_mutex_lock(&reads->lock);
  for (int i = 0; i < READERS_MAX && !counted; i++) {
    struct window *w = &reads->windows[i];
    if (strcmp(w->account, account) != 0) continue;
    counted = true;
    w->lists += look->lists;
    w->rows += look->rows;
    if (look->lists) memcpy(w->address, look->address, sizeof w->address);
    if (!look->entries) continue;
    if (!w->entries || look->pos_min < w->pos_min) w->pos_min = look->pos_min;
    if (!w->entries || look->pos_max > w->pos_max) w->pos_max = look->pos_max;
    w->entries++;
  }
  pthread_mutex_unlock(&reads->lock);
  return counted;
}

/* With all places taken a look is simply written each time: 64 people at once are no flood of accounts. */
static void begin_window(struct audit_reads *reads, const struct window *look, int64_t now_ms)
{
  pthread_mutex_lock(&reads->lock);
  for (int i = 0; i < READERS_MAX; i++) {
    struct window *w = &reads->windows[i];
    if (*w->account) continue;
    *w = (struct window){.start_ms = now_ms};
    memcpy(w->account, look->account, sizeof w->account);
    memcpy(w->peer, look->peer, sizeof w->peer);
    break;
  }
  pthread_mutex_unlock(&reads->lock);
}

static bool write_first(struct app *app, const struct web_request *request, const struct window *look,
                        struct err *err)
{
  struct buf detail = BUF_INIT;
  char rows[32];
  put_access_address(&detail, request, ADDRESS_MAX);
  snprintf(rows, sizeof rows, " rows=%" PRId64, look->rows);
  if (look->lists) put_text(&detail, rows);
  bool ok = put_access_log(&detail, app, err);
  put_u8(&detail, 0);
  if (ok && detail.bad) ok = err_set(err, ERR_IO, "out of memory for a record of reading");
  const struct line line = {look->account, look->peer, (const char *)detail.data, 1};
  ok = ok && commit_line(app, &line, site_caller(request)->session.role, err);
  buf_wipe(&detail);
  return ok;
}

void audit_reads_note(struct audit_reads *reads, struct app *app, const struct web_request *request,
                      int64_t rows, int64_t pos)
{
  struct window look = {.lists = pos < 0, .rows = rows, .entries = pos >= 0, .pos_min = pos, .pos_max = pos};
  struct buf address = BUF_INIT;
  struct err err = ERR_INIT;
  snprintf(look.account, sizeof look.account, "%s", site_caller(request)->session.account);
  snprintf(look.peer, sizeof look.peer, "%s", request->peer);
  put_access_address(&address, request, ADDRESS_MAX);
  if (!address.bad) memcpy(look.address, address.data, address.size);
  buf_wipe(&address);
  if (count_look(reads, look.account, &look)) return;
  if (write_first(app, request, &look, &err))
    begin_window(reads, &look, clock_wall_ms());
  else
    log_warning_of(look.account, "a reading of the audit trail could not be recorded: %s", err.rule);
}

/* Takes one window that is over out of the list. */
static bool take_over(struct audit_reads *reads, int64_t now_ms, bool all, struct window *out)
{
  bool taken = false;
  pthread_mutex_lock(&reads->lock);
  for (int i = 0; i < READERS_MAX && !taken; i++) {
    struct window *w = &reads->windows[i];
    bool over = now_ms - w->start_ms >= AUDIT_READS_WINDOW_MS || now_ms < w->start_ms;
    if (!*w->account || (!all && !over)) continue;
    *out = *w;
    *w = (struct window){.start_ms = 0};
    taken = true;
  }
  pthread_mutex_unlock(&reads->lock);
  return taken;
}

static bool write_counts(struct app *app, const struct window *w, struct err *err)
{
  struct buf detail = BUF_INIT;
  char text[160];
  if (w->lists + w->entries == 0) return true;
  snprintf(text, sizeof text, "lists=%" PRId64 " rows=%" PRId64 " entries=%" PRId64, w->lists, w->rows,
           w->entries);
  put_text(&detail, text);
  snprintf(text, sizeof text, " pos=%" PRId64 "..%" PRId64, w->pos_min, w->pos_max);
  if (w->entries) put_text(&detail, text);
  bool ok = put_access_log(&detail, app, err);
  if (*w->address) {
    put_text(&detail, " last ");
    put_text(&detail, w->address);
  }
  put_u8(&detail, 0);
  if (ok && detail.bad) ok = err_set(err, ERR_IO, "out of memory for a record of reading");
  const struct line line = {w->account, w->peer, (const char *)detail.data, w->lists + w->entries};
  ok = ok && commit_line(app, &line, "", err);
  buf_wipe(&detail);
  return ok;
}

static void put_back(struct audit_reads *reads, const struct window *w)
{
  pthread_mutex_lock(&reads->lock);
  for (int i = 0; i < READERS_MAX; i++) {
    if (*reads->windows[i].account) continue;
    reads->windows[i] = *w;
    break;
  }
  pthread_mutex_unlock(&reads->lock);
}

bool audit_reads_flush(struct audit_reads *reads, struct app *app, int64_t now_ms, bool all, struct err *err)
{
  struct window w;
  for (int i = 0; i < READERS_MAX && take_over(reads, now_ms, all, &w); i++) {
    if (write_counts(app, &w, err)) continue;
    put_back(reads, &w);
    return false;
  }
  return true;
}

void answer_trail(struct web_request *request, struct app *app, answer_read *read)
{
  struct json_out out = JSON_OUT_INIT;
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct caller *caller = site_caller(request);
  assert(hub_of(app)->reads);
  caller->pos = -1;
  bool ok = readers_take(app->readers, &db, &err);
  if (ok) {
    ok = read(request, app, db, &out, &err);
    readers_give(app->readers, db);
  }
  if (ok) {
    if (strcmp(request->method, "HEAD") != 0) /* which reads nothing */
      audit_reads_note(hub_of(app)->reads, app, request, caller->rows, caller->pos);
    answer_out(request, 200, &out);
  } else {
    buf_wipe(&out.bytes);
    answer_err(request, &err);
  }
}
