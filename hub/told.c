#include "hub/told.h"

#include "core/base/changes.h"
#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/log.h"
#include "core/base/text.h"
#include "core/domain/contact.h"
#include "core/domain/describe.h"
#include "core/domain/refusal.h"
#include "sync/entry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char CURSOR[] = "quarantine_told_turn";

/* Of how many entries one refusal speaks, and how many refusals one entry of the log may hold.  A transaction
 * of so many takes some milliseconds, and others wait for the store meanwhile. */
enum { CASES_MAX = 2000, GROUPS_MAX = 40, ENTRIES_TEXT = 1200, TURN_CASES = 10000, TURN_MS = 100 };

/* Texts of it are what a branch signed, or from before there were rules: as one line each. */
struct told_case {
  int64_t turn, pos;
  uint32_t author;
  char table[65];
  char column[65];
  char reason[48];
  char detail[256];
  uint32_t epoch; /* of the ids of its rows */
  uint64_t seq;
};

/* Entries of one branch that were refused for one reason: one refusal, which names each of them. */
struct group {
  struct told_case first;
  uint64_t begun, last; /* of the newest run of numbers */
  size_t run_at;        /* where it stands in entries */
  int64_t count;
  char entries[ENTRIES_TEXT + 48]; /* "5-9, 12" */
};

/* What is told in one transaction: the refused entries of one branch that stand one behind the other. */
struct piece {
  uint32_t author;
  int64_t turn; /* of the newest case looked at */
  int cases;
  size_t count, from, to; /* groups; those being written */
  struct group groups[GROUPS_MAX];
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

static void say_passed_over(const struct told_case *c, const struct err *why)
{
  char name[16];
  snprintf(name, sizeof name, "%u", c->author);
  log_warning_of(name, "the refusal of entry %lld cannot be told to %u: %s", (long long)c->pos, c->author,
                 why->text);
}

static void write_run(struct group *g)
{
  const char *comma = g->run_at ? ", " : "";
  if (g->last > g->begun)
    snprintf(g->entries + g->run_at, sizeof g->entries - g->run_at, "%s%llu-%llu", comma,
             (unsigned long long)g->begun, (unsigned long long)g->last);
  else
    snprintf(g->entries + g->run_at, sizeof g->entries - g->run_at, "%s%llu", comma,
             (unsigned long long)g->begun);
}

static bool takes(const struct group *g, const struct told_case *c)
{
  return g->first.epoch == c->epoch && g->last < c->seq && strlen(g->entries) < ENTRIES_TEXT &&
         strcmp(g->first.reason, c->reason) == 0 && strcmp(g->first.table, c->table) == 0 &&
         strcmp(g->first.column, c->column) == 0;
}

/* False: there is no room for another reason. */
static bool add(struct piece *piece, const struct told_case *c)
{
  struct group *g = NULL;
  for (size_t i = 0; i < piece->count && !g; i++)
    if (takes(&piece->groups[i], c)) g = &piece->groups[i];
  if (!g) {
    if (piece->count == GROUPS_MAX) return false;
    g = &piece->groups[piece->count++];
    *g = (struct group){.first = *c, .begun = c->seq};
  } else if (c->seq != g->last + 1) {
    g->run_at = strlen(g->entries);
    g->begun = c->seq;
  }
  g->last = c->seq;
  g->count++;
  write_run(g);
  return true;
}

/* Of an entry that an enrolment has journaled again the record is of the new epoch and its rows keep the ids
 * of the one before (PROTOCOL 1.5), under which its branch knows them.  What has no row that can be read is
 * known by its record. */
static uint32_t epoch_of_rows(const struct query *q, int column, const struct record *record)
{
  size_t n = 0;
  const void *payload = column_blob(q, column, &n);
  struct changes walk = changes_of(payload, payload ? n : 0);
  struct change change;
  while (changes_next(&walk, &change, NULL)) {
    const int64_t id =
        change.op == CHANGE_INSERT && change.columns > 1 ? value_int(&change.after[1]) : INT64_C(0);
    if (id > 0 && id_seq(id) == record->seq && id_epoch(id) >= 1 && id_epoch(id) <= record->epoch)
      return id_epoch(id);
  }
  return record->epoch;
}

static bool read_case(struct query *q, struct told_case *out, struct err *err)
{
  struct record record;
  size_t n = 0;
  *out = (struct told_case){
      .turn = column_int(q, 0), .pos = column_int(q, 1), .author = (uint32_t)column_int(q, 2)};
  text_clean(TEXT_NAME, out->table, sizeof out->table, column_text(q, 3));
  text_clean(TEXT_NAME, out->column, sizeof out->column, column_text(q, 4));
  text_clean(TEXT_NAME, out->reason, sizeof out->reason, column_text(q, 5));
  text_clean(TEXT_NAME, out->detail, sizeof out->detail, column_text(q, 6));
  const void *p = column_blob(q, 7, &n);
  if (!record_decode(&record, p, n, err)) return false;
  out->epoch = epoch_of_rows(q, 8, &record);
  out->seq = record.seq;
  return true;
}

/* The next refused entries behind the cursor, in the order they were refused; none: no cases.  One that only
 * lacks its content is not refused: it is asked for again, and counts when it comes (sync/content.h). */
static bool gather(struct db *db, int64_t after, struct piece *piece, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT q.turn, q.pos, q.author, q.table_name, q.column_name, q.reason,"
                 " q.detail, e.record, e.payload FROM sync_quarantine q JOIN sync_entry e ON e.pos = q.pos"
                 " WHERE q.turn > ?1 AND q.state = 'refused' AND q.reason <> 'withheld'"
                 " ORDER BY q.turn LIMIT ?2",
                 err);
  query_int(&q, 1, after);
  query_int(&q, 2, CASES_MAX);
  piece->count = 0;
  piece->cases = 0;
  piece->turn = after;
  while (query_row(&q)) {
    struct told_case c;
    struct err why = ERR_INIT;
    bool readable = read_case(&q, &c, &why);
    if (piece->cases > 0 && c.author != piece->author) break;
    if (readable && !add(piece, &c)) break;
    if (!readable) say_passed_over(&c, &why);
    piece->author = c.author;
    piece->turn = c.turn;
    piece->cases++;
  }
  return query_close(&q);
}

/* The number in its id says how many more entries it speaks of: a longer one with the same first entry, of a
 * log that was cut and brought again, is another refusal. */
static int64_t subject_of(const struct group *g)
{
  int64_t more = g->count - 1;
  return id_of(g->first.epoch, g->first.seq, (int)(more < ENTRY_ROWS_MAX ? more : ENTRY_ROWS_MAX - 1));
}

static bool refuse_group(struct tx *tx, const struct group *g, struct err *err)
{
  struct buf detail = BUF_INIT;
  json_t *object = json_pack("{s:s, s:s, s:s, s:s, s:I}", "table", g->first.table, "column", g->first.column,
                             "text", g->first.detail, "entries", g->entries, "count", (json_int_t)g->count);
  bool ok = (object && json_write(&detail, object)) || err_set(err, ERR_IO, "out of memory");
  put_u8(&detail, 0);
  ok = ok && refusal_add(tx, g->first.author, "entry", subject_of(g), g->first.reason,
                         (const char *)detail.data, err);
  json_decref(object);
  buf_wipe(&detail);
  return ok;
}

static bool advance(struct tx *tx, void *ctx, struct err *err)
{
  const struct piece *piece = ctx;
  char text[24];
  snprintf(text, sizeof text, "%lld", (long long)piece->turn);
  return setting_set(tx, CURSOR, text, err);
}

/* Rows and cursor in one transaction, when it is about all of the piece: what is told is told once. */
static bool refuse(struct tx *tx, void *ctx, struct err *err)
{
  const struct piece *piece = ctx;
  for (size_t i = piece->from; i < piece->to; i++)
    if (!refuse_group(tx, &piece->groups[i], err)) return false;
  return piece->to - piece->from < piece->count || advance(tx, ctx, err);
}

static bool commit(struct hub *hub, struct piece *piece, size_t from, size_t to, struct err *err)
{
  const struct act act = {.actor = "system",
                          .role = "system",
                          .action = ACTION_ENTRY_REFUSE,
                          .lane = piece->author,
                          .now_ms = clock_wall_ms()};
  piece->from = from;
  piece->to = to;
  return app_commit(&hub->app, &act, refuse, piece, NULL, err);
}

/* One that cannot be told stands in nobody's way: it stays in the quarantine, where the province sees it.  A
 * store that cannot write now is another matter, and the same for every case. */
static bool tell_each(struct hub *hub, struct piece *piece, struct err *err)
{
  for (size_t i = 0; i < piece->count; i++) {
    struct err why = ERR_INIT;
    if (commit(hub, piece, i, i + 1, &why)) continue;
    if (!err_is_about_input(&why)) {
      *err = why;
      return false;
    }
    say_passed_over(&piece->groups[i].first, &why);
  }
  return app_local(&hub->app, advance, piece, err);
}

static bool tell(struct hub *hub, struct piece *piece, struct err *err)
{
  struct err why = ERR_INIT;
  if (piece->count == 0 || piece->author == hub->app.code) return app_local(&hub->app, advance, piece, err);
  if (commit(hub, piece, 0, piece->count, &why)) return true;
  if (err_is_about_input(&why)) return tell_each(hub, piece, err);
  *err = why;
  return false;
}

bool told_catch_up(struct hub *hub, struct db *db, bool *more, struct err *err)
{
  int64_t after = 0, until_ms = clock_mono_ms() + TURN_MS;
  struct piece *piece = malloc(sizeof *piece);
  *more = false;
  if (!piece) return err_set(err, ERR_IO, "out of memory for what was refused");
  bool ok = read_cursor(db, &after, err), done = false;
  for (int cases = 0; ok && !done && !*more; cases += piece->cases) {
    ok = gather(db, after, piece, err);
    done = piece->cases == 0;
    ok = ok && (done || tell(hub, piece, err));
    after = piece->turn;
    *more = ok && !done && (cases + piece->cases >= TURN_CASES || clock_mono_ms() >= until_ms);
  }
  free(piece);
  return ok;
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
