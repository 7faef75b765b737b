#include "hub/told.h"

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/domain/contact.h"
#include "core/domain/describe.h"
#include "core/domain/refusal.h"
#include "sync/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char CURSOR[] = "quarantine_told_turn";

/* Texts of it are what a branch signed, or from before there were rules: as one line each. */
struct case_of {
  int64_t turn, pos;
  uint32_t author;
  char table[65];
  char column[65];
  char reason[48];
  char detail[256];
  int64_t entry_id; /* epoch and seq as the id of a row */
};

static bool read_cursor(struct db *db, int64_t *turn, struct err *err)
{
  struct buf text = BUF_INIT;
  bool ok = setting_get(db, CURSOR, "0", &text, err);
  put_u8(&text, 0);
  if (ok) *turn = text.data ? strtoll((const char *)text.data, NULL, 10) : 0;
  buf_wipe(&text);
  return ok;
}

/* The next refused entry behind the cursor, in the order they were refused; turn 0 when there is none. */
static bool next_case(struct db *db, int64_t after, struct case_of *out, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT turn, pos, author, table_name, column_name, reason, detail"
                 " FROM sync_quarantine WHERE turn > ?1 AND state = 'refused' ORDER BY turn LIMIT 1",
                 err);
  query_int(&q, 1, after);
  memset(out, 0, sizeof *out);
  if (query_row(&q)) {
    out->turn = column_int(&q, 0);
    out->pos = column_int(&q, 1);
    out->author = (uint32_t)column_int(&q, 2);
    text_clean(TEXT_NAME, out->table, sizeof out->table, column_text(&q, 3));
    text_clean(TEXT_NAME, out->column, sizeof out->column, column_text(&q, 4));
    text_clean(TEXT_NAME, out->reason, sizeof out->reason, column_text(&q, 5));
    text_clean(TEXT_NAME, out->detail, sizeof out->detail, column_text(&q, 6));
  }
  return query_close(&q);
}

static bool refuse(struct tx *tx, void *ctx, struct err *err)
{
  const struct case_of *c = ctx;
  struct buf detail = BUF_INIT;
  json_t *object = json_pack("{s:s, s:s, s:s}", "table", c->table, "column", c->column, "text", c->detail);
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
  snprintf(text, sizeof text, "%lld", (long long)c->turn);
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
  return ok && (c->author == hub->app.code || app_commit(&hub->app, &act, refuse, c, NULL, err));
}

/* One case that cannot be told stands in nobody's way: it stays in the quarantine, where the province sees
 * it. A store that cannot write now is another matter, and the same for every case. */
bool told_catch_up(struct hub *hub, struct db *db, struct err *err)
{
  struct case_of c;
  int64_t after = 0;
  if (!read_cursor(db, &after, err)) return false;
  for (;;) {
    struct err why = ERR_INIT;
    if (!next_case(db, after, &c, err)) return false;
    if (c.turn == 0) return true;
    if (!tell(hub, db, &c, &why)) {
      if (!err_is_about_input(&why)) {
        *err = why;
        return false;
      }
      char name[16];
      snprintf(name, sizeof name, "%u", c.author);
      log_warning_of(name, "the refusal of entry %lld cannot be told to %u: %s", (long long)c.pos, c.author,
                     why.text);
    }
    if (!app_local(&hub->app, advance, &c, err)) return false;
    after = c.turn;
  }
}

bool told_cut(struct db *copy, struct err *err)
{
  struct query q = query_open(copy,
                              "UPDATE setting SET value = CAST(min(CAST(value AS INTEGER), (SELECT"
                              " coalesce(max(turn), 0) FROM sync_quarantine)) AS TEXT) WHERE key = ?1",
                              err);
  query_text(&q, 1, CURSOR);
  return query_run(&q);
}
