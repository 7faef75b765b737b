#include "core/domain/security_event.h"

#include "core/base/text.h"

#include "core/base/json.h"

#include <stdio.h>
#include <string.h>

enum { DETAIL_MAX = 200 }; /* characters, as the rule of the column has it */

static const char everybody[] = "*"; /* the gate all peers share */

/* What the gate of one kind and peer allows: write now, or count. */
struct gate {
  int64_t start_ms, written, held;
};

static bool read_gate(struct tx *tx, const char *kind, const char *peer, struct gate *gate, struct err *err)
{
  *gate = (struct gate){.start_ms = tx->now_ms};
  struct query q = query_open(
      tx->db, "SELECT start_ms, written, held FROM security_gate WHERE kind = ?1 AND peer = ?2", err);
  query_text(&q, 1, kind);
  query_text(&q, 2, peer);
  if (query_row(&q)) *gate = (struct gate){column_int(&q, 0), column_int(&q, 1), column_int(&q, 2)};
  return query_close(&q);
}

static bool write_gate(struct tx *tx, const char *kind, const char *peer, const struct gate *gate,
                       struct err *err)
{
  struct query q = query_open(tx->db,
                              "INSERT OR REPLACE INTO security_gate(kind, peer, start_ms, written, held)"
                              " VALUES(?1, ?2, ?3, ?4, ?5)",
                              err);
  query_text(&q, 1, kind);
  query_text(&q, 2, peer);
  query_int(&q, 3, gate->start_ms);
  query_int(&q, 4, gate->written);
  query_int(&q, 5, gate->held);
  return query_run(&q);
}

static void cut(char *text, size_t characters_max)
{
  size_t size = strlen(text), at = 0;
  uint32_t code;
  while (characters_max-- > 0 && at < size)
    at += text_next(text + at, size - at, &code); /* it is clean */
  text[at] = 0;
}

static bool insert(struct tx *tx, const char *kind, const char *actor, const char *detail, const char *peer,
                   int64_t count, struct err *err)
{
  int64_t id;
  char kind_[41], actor_[65], detail_[DETAIL_MAX * 4 + 1], peer_[65];
  text_clean(TEXT_NAME, kind_, sizeof kind_, *kind ? kind : "other");
  text_clean(TEXT_NAME, actor_, sizeof actor_, actor);
  text_clean(TEXT_NAME, detail_, sizeof detail_, detail);
  cut(detail_, DETAIL_MAX);
  text_clean(TEXT_NAME, peer_, sizeof peer_, peer);
  if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
  struct query q =
      query_open(tx->db,
                 "INSERT INTO security_event(branch, id, kind, actor, detail, peer, count, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                 err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  query_text(&q, 3, kind_);
  query_text(&q, 4, actor_);
  query_text(&q, 5, detail_);
  query_text(&q, 6, peer_);
  query_int(&q, 7, count);
  query_int(&q, 8, tx->now_ms);
  return query_run(&q);
}

bool security_event_record(struct tx *tx, const char *kind, const char *actor, const char *detail,
                           const char *peer, int64_t count, struct err *err)
{
  return insert(tx, kind, actor, detail, peer, count, err);
}

bool security_event_leave(struct tx *tx, const char *kind, const char *detail, struct err *err)
{
  struct query q = query_open(tx->db, "INSERT INTO untold(kind, detail) VALUES(?1, ?2)", err);
  query_text(&q, 1, kind);
  query_text(&q, 2, detail);
  return query_run(&q);
}

static bool tell_left(struct tx *tx, struct err *err)
{
  struct query q = query_open(tx->db,
                              "SELECT kind, detail FROM untold ORDER BY id"
                              " /* scan: meant, what commands did within a minute */",
                              err);
  bool ok = true;
  while (ok && query_row(&q))
    ok = insert(tx, column_text(&q, 0), "command line", column_text(&q, 1), "", 1, err);
  if (!query_close(&q) || !ok) return false;
  q = query_open(tx->db, "DELETE FROM untold /* scan: meant, all of it has been told */", err);
  return query_run(&q);
}

/* A window that is over tells what it held back and makes room for a new one. */
static bool close_window(struct tx *tx, const char *kind, const char *peer, struct gate *gate,
                         struct err *err)
{
  if (tx->now_ms - gate->start_ms < SECURITY_WINDOW_MS && tx->now_ms >= gate->start_ms) return true;
  if (gate->held && !insert(tx, kind, "", "so many more within ten minutes", peer, gate->held, err))
    return false;
  *gate = (struct gate){.start_ms = tx->now_ms};
  return true;
}

/* Peers beyond the bound of all share one gate, so the gates themselves stay few. */
bool security_event_add(struct tx *tx, const char *kind, const char *actor, const char *detail,
                        const char *peer, struct err *err)
{
  struct gate all, own;
  char peer_[65];
  text_clean(TEXT_NAME, peer_, sizeof peer_, peer);
  if (!read_gate(tx, everybody, everybody, &all, err) || !close_window(tx, "many", "", &all, err))
    return false;
  bool full = all.written >= SECURITY_ROWS_ALL;
  const char *at = full ? everybody : peer_;
  if (!read_gate(tx, kind, at, &own, err) || !close_window(tx, kind, full ? "" : peer_, &own, err))
    return false;
  bool write = !full && own.written < SECURITY_ROWS_PEER;
  own.written += write;
  own.held += !write;
  all.written += write;
  return (!write || insert(tx, kind, actor, detail, peer, 1, err)) && write_gate(tx, kind, at, &own, err) &&
         write_gate(tx, everybody, everybody, &all, err);
}

/* Also one that began in the future: the clock was wrong then. */
#define OVER "(start_ms <= ?1 - ?2 OR start_ms > ?1)"

bool security_event_due(struct db *db, int64_t now_ms, bool *due, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT 1 FROM security_gate WHERE " OVER " UNION ALL SELECT 1 FROM untold"
                              " LIMIT 1 /* scan: meant, at most a hundred rows and one for each kind */",
                              err);
  query_int(&q, 1, now_ms);
  query_int(&q, 2, SECURITY_WINDOW_MS);
  *due = query_row(&q);
  return query_close(&q);
}

bool security_event_flush(struct tx *tx, struct err *err)
{
  struct query q =
      query_open(tx->db,
                 "SELECT kind, peer, held FROM security_gate WHERE " OVER " AND held > 0"
                 " ORDER BY kind, peer /* scan: meant, at most a hundred rows and one for each kind */",
                 err);
  query_int(&q, 1, tx->now_ms);
  query_int(&q, 2, SECURITY_WINDOW_MS);
  bool ok = true;
  while (ok && query_row(&q)) {
    const char *peer = column_text(&q, 1);
    ok = insert(tx, column_text(&q, 0), "", "so many more within ten minutes",
                strcmp(peer, everybody) ? peer : "", column_int(&q, 2), err);
  }
  if (!query_close(&q) || !ok || !tell_left(tx, err)) return false;
  q = query_open(tx->db,
                 "DELETE FROM security_gate WHERE " OVER
                 " /* scan: meant, at most a hundred rows and one for each kind */",
                 err);
  query_int(&q, 1, tx->now_ms);
  query_int(&q, 2, SECURITY_WINDOW_MS);
  return query_run(&q);
}

/* One statement a way in: by branch along its key, or the newest of all by time. */
#define KINDS " AND (?2 IS NULL OR instr(?2, ',' || kind || ','))"
#define COLUMNS "SELECT branch, id, kind, actor, detail, peer, count, at_ms FROM security_event"
static const char *const count_sql[] = {"SELECT count(*) FROM security_event WHERE ?1 = 0" KINDS
                                        " /* scan: meant, all branches */",
                                        "SELECT count(*) FROM security_event WHERE branch = ?1" KINDS};
static const char *const list_sql[] = {
    COLUMNS " WHERE ?1 = 0" KINDS
            " AND at_ms >= ?7 AND at_ms <= ?4 AND (at_ms < ?4 OR (branch, id) > (?5, ?6))"
            " ORDER BY at_ms DESC, branch, id LIMIT ?3"
            " /* scan: meant, the newest by index */",
    COLUMNS " WHERE branch = ?1" KINDS " AND id < ?6 ORDER BY id DESC LIMIT ?3"};

/* Of all branches: what claims a moment from `since` up to `until`, newest first. */
static bool list_part(struct db *db, const struct security_filter *filter, int64_t since, int64_t until,
                      int *shown, void (*each)(void *ctx, const struct security_event *row), void *ctx,
                      struct err *err)
{
  const struct bookmark *after = &filter->page.after;
  bool here = after->set && after->first <= until;
  struct query q = query_open(db, list_sql[filter->branch ? 1 : 0], err);
  query_int(&q, 1, filter->branch);
  query_text(&q, 2, filter->kinds);
  query_int(&q, 3, page_rows(&filter->page));
  if (!filter->branch) query_int(&q, 4, here && after->first >= since ? after->first : until);
  if (!filter->branch) query_int(&q, 5, here && after->first >= since ? after->branch : 0);
  query_int(&q, 6, filter->branch ? (after->set ? after->id : INT64_MAX) : here ? after->id : 0);
  if (!filter->branch) query_int(&q, 7, since);
  while (page_row(&filter->page, &q, shown)) {
    struct security_event row = {.branch = (uint32_t)column_int(&q, 0),
                                 .id = column_int(&q, 1),
                                 .kind = column_text(&q, 2),
                                 .actor = column_text(&q, 3),
                                 .detail = column_text(&q, 4),
                                 .peer = column_text(&q, 5),
                                 .count = column_int(&q, 6),
                                 .at_ms = column_int(&q, 7)};
    each(ctx, &row);
    page_keep(&filter->page, row.at_ms, 0, row.branch, row.id, "");
  }
  return query_close(&q);
}

/* A moment that has not come yet is not the newest one: first all up to now, then what claims to be later. */
static bool list_all(struct db *db, const struct security_filter *filter,
                     void (*each)(void *ctx, const struct security_event *row), void *ctx, struct err *err)
{
  int shown = 0;
  int64_t now_ms = filter->now_ms ? filter->now_ms : INT64_MAX;
  bool beyond = filter->page.after.set && filter->page.after.first > now_ms;
  if (!beyond && !list_part(db, filter, INT64_MIN, now_ms, &shown, each, ctx, err)) return false;
  if (filter->branch || now_ms == INT64_MAX || page_full(&filter->page, shown)) return true;
  struct security_filter later = *filter;
  if (!beyond) later.page.after.set = false;
  return list_part(db, &later, now_ms + 1, INT64_MAX, &shown, each, ctx, err);
}

bool security_event_list(struct db *db, const struct security_filter *filter,
                         void (*each)(void *ctx, const struct security_event *row), void *ctx, int64_t *total,
                         struct err *err)
{
  if (!list_all(db, filter, each, ctx, err)) return false;
  if (!total) return true;
  struct query q = query_open(db, count_sql[filter->branch ? 1 : 0], err);
  query_int(&q, 1, filter->branch);
  query_text(&q, 2, filter->kinds);
  if (query_row(&q)) *total = column_int(&q, 0);
  return query_close(&q);
}
