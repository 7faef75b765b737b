#include "hub/told.h"

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/domain/contact.h"
#include "core/domain/describe.h"
#include "core/domain/refusal.h"
#include "sync/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char CURSOR[] = "quarantine_told";

struct case_of {
  int64_t pos;
  uint32_t author;
  int64_t row_id;
  char table[64];
  char reason[48];
  char detail[256];
  int64_t entry_id; /* epoch and seq as the id of a row */
};

static bool read_cursor(struct db *db, int64_t *pos, struct err *err)
{
  struct buf text = BUF_INIT;
  bool ok = setting_get(db, CURSOR, "0", &text, err);
  put_u8(&text, 0);
  if (ok) *pos = text.data ? strtoll((const char *)text.data, NULL, 10) : 0;
  buf_wipe(&text);
  return ok;
}

/* The next refused entry behind the cursor; pos 0 when there is none. */
static bool next_case(struct db *db, int64_t after, struct case_of *out, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT pos, author, table_name, row_id, reason, detail FROM sync_quarantine"
                              " WHERE pos > ?1 AND state = 'refused' ORDER BY pos LIMIT 1",
                              err);
  query_int(&q, 1, after);
  memset(out, 0, sizeof *out);
  if (query_row(&q)) {
    out->pos = column_int(&q, 0);
    out->author = (uint32_t)column_int(&q, 1);
    snprintf(out->table, sizeof out->table, "%s", column_text(&q, 2));
    out->row_id = column_int(&q, 3);
    snprintf(out->reason, sizeof out->reason, "%s", column_text(&q, 4));
    snprintf(out->detail, sizeof out->detail, "%s", column_text(&q, 5));
  }
  return query_close(&q);
}

static bool refuse(struct tx *tx, void *ctx, struct err *err)
{
  const struct case_of *c = ctx;
  struct buf detail = BUF_INIT;
  json_t *object = json_pack("{s:s, s:s}", "table", c->table, "text", c->detail);
  bool ok = (object && json_write(&detail, object)) || err_set(err, ERR_IO, "out of memory");
  put_u8(&detail, 0);
  ok = ok && refusal_add(tx, c->author, "entry", c->entry_id, c->reason, (const char *)detail.data, err);
  json_decref(object);
  buf_wipe(&detail);
  return ok;
}

static bool advance(struct tx *tx, void *ctx, struct err *err)
{
  const struct case_of *c = ctx;
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)c->pos);
  return setting_set(tx, CURSOR, text, err);
}

static bool tell(struct hub *hub, struct db *db, struct case_of *c, struct err *err)
{
  struct logged logged;
  struct buf keep = BUF_INIT;
  bool ok = entry_read(db, c->pos, &logged, &keep, err);
  if (ok) c->entry_id = id_of(logged.record.epoch, logged.record.seq, 0);
  buf_wipe(&keep);
  const struct act act = {.actor = "system",
                          .role = "system",
                          .action = ACTION_ENTRY_REFUSE,
                          .lane = c->author,
                          .now_ms = clock_wall_ms()};
  if (ok && c->author != hub->app.code) ok = app_commit(&hub->app, &act, refuse, c, NULL, err);
  return ok && app_local(&hub->app, advance, c, err);
}

bool told_catch_up(struct hub *hub, struct db *db, struct err *err)
{
  struct case_of c;
  int64_t after = 0;
  if (!read_cursor(db, &after, err)) return false;
  for (;;) {
    if (!next_case(db, after, &c, err)) return false;
    if (c.pos == 0) return true;
    if (!tell(hub, db, &c, err)) return false;
    after = c.pos;
  }
}
