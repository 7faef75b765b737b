#include "core/domain/refusal.h"

#include "core/base/clock.h"
#include "core/domain/form.h"
#include "core/domain/security_event.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A price or evaluation is settled by the row that replaces it, or when it is withheld and so not here any
 * more; anything else by a person of the branch who says what was done (refusal_handle). */
#define SETTLED                                                                                              \
  "CASE f.subject_table"                                                                                     \
  " WHEN 'price' THEN EXISTS(SELECT 1 FROM price r WHERE r.branch = f.branch AND r.replaces = f.subject_id)" \
  " OR NOT EXISTS(SELECT 1 FROM price r WHERE r.branch = f.branch AND r.id = f.subject_id)"                  \
  " WHEN 'evaluation' THEN EXISTS(SELECT 1 FROM evaluation r WHERE r.branch = f.branch"                      \
  " AND r.replaces = f.subject_id)"                                                                          \
  " OR NOT EXISTS(SELECT 1 FROM evaluation r WHERE r.branch = f.branch AND r.id = f.subject_id)"             \
  " ELSE EXISTS(SELECT 1 FROM security_event s WHERE s.branch = f.branch AND s.kind = 'handled'"             \
  " AND s.detail >= 'refusal ' || f.id || ' ' AND s.detail < 'refusal ' || f.id || '!') END" /* begins so */
#define SELECT                                                                                               \
  "SELECT f.branch, f.id, f.subject_table, f.subject_id, f.rule, f.detail, f.at_ms, " SETTLED ","            \
  " coalesce(p.no, e.no, t.no, ''), coalesce(g.name_zh, '')"                                                 \
  " FROM refusal f"                                                                                          \
  " LEFT JOIN price p ON f.subject_table = 'price' AND p.branch = f.branch AND p.id = f.subject_id"          \
  " LEFT JOIN evaluation e ON f.subject_table = 'evaluation' AND e.branch = f.branch AND e.id = "            \
  "f.subject_id"                                                                                             \
  " LEFT JOIN proposal t ON f.subject_table = 'proposal' AND t.branch = f.branch AND t.id = f.subject_id"    \
  " LEFT JOIN product g ON g.id = coalesce(p.product, e.product, t.target)"

static void call(struct query *q, void (*each)(void *ctx, const struct refusal *row), void *ctx)
{
  struct refusal row = {.branch = (uint32_t)column_int(q, 0),
                        .id = column_int(q, 1),
                        .subject_table = column_text(q, 2),
                        .subject_id = column_int(q, 3),
                        .rule = column_text(q, 4),
                        .detail = column_text(q, 5),
                        .at_ms = column_int(q, 6),
                        .settled = column_int(q, 7) != 0,
                        .no = column_text(q, 8),
                        .title = column_text(q, 9)};
  each(ctx, &row);
}

bool refusal_list(struct db *db, uint32_t branch, enum refusal_which which, int max,
                  void (*each)(void *ctx, const struct refusal *row), void *ctx, struct err *err)
{
  struct query q =
      query_open(db, SELECT " WHERE f.branch = ?1 AND " SETTLED " = ?2 ORDER BY f.id DESC LIMIT ?3", err);
  query_int(&q, 1, branch);
  query_int(&q, 2, which == REFUSAL_SETTLED);
  query_int(&q, 3, max);
  while (query_row(&q))
    call(&q, each, ctx);
  return query_close(&q);
}

static void take_word(const struct query *q, bool *refused, struct refusal_word *out)
{
  snprintf(out->rule, sizeof out->rule, "%s", column_text(q, 0));
  out->at_ms = column_int(q, 1);
  *refused = true;
}

/* Of refused entries one row names many, "5-9, 12": the next of its runs. */
static bool next_run(const char **at, uint64_t *first, uint64_t *last)
{
  char *end;
  *first = strtoull(*at, &end, 10);
  if (end == *at) return false;
  *last = *end == '-' ? strtoull(end + 1, &end, 10) : *first;
  *at = end + strspn(end, ", ");
  return true;
}

static bool names(const char *entries, uint64_t seq)
{
  uint64_t first, last;
  while (next_run(&entries, &first, &last))
    if (first <= seq && seq <= last) return true;
  return false;
}

/* A row that names this entry begins at it or before.  The province has begun at most 40 rows side by side
 * when one of them ends (hub/told.c), so it is among the nearest. */
static bool entry_of(struct db *db, uint32_t branch, int64_t id, bool *refused, struct refusal_word *out,
                     int64_t *subject_id, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT rule, at_ms, subject_id, coalesce(detail ->> '$.entries', '') FROM refusal"
                 " WHERE branch = ?1 AND subject_table = 'entry' AND subject_id BETWEEN ?2 AND ?3"
                 " ORDER BY subject_id DESC LIMIT 64",
                 err);
  query_int(&q, 1, branch);
  query_int(&q, 2, id_of(id_epoch(id), 0, 0));
  query_int(&q, 3, id_of(id_epoch(id), id_seq(id), ENTRY_ROWS_MAX - 1));
  while (!*refused && query_row(&q)) {
    *subject_id = column_int(&q, 2);
    if (*subject_id >> 12 == id >> 12 || names(column_text(&q, 3), id_seq(id))) take_word(&q, refused, out);
  }
  return query_close(&q);
}

bool refusal_of(struct db *db, uint32_t branch, const char *table, int64_t id, bool *refused,
                struct refusal_word *out, struct err *err)
{
  int64_t subject_id;
  struct query q = query_open(db,
                              "SELECT rule, at_ms FROM refusal WHERE branch = ?1 AND subject_table = ?2"
                              " AND subject_id = ?3 LIMIT 1",
                              err);
  query_int(&q, 1, branch);
  query_text(&q, 2, table);
  query_int(&q, 3, id);
  *refused = false;
  if (query_row(&q)) take_word(&q, refused, out);
  return query_close(&q) && (*refused || entry_of(db, branch, id, refused, out, &subject_id, err));
}

/* A row replaces an older one, so the way back ends. */
#define CHAIN                                                                                                \
  "WITH RECURSIVE chain(of, id) AS ("                                                                        \
  "SELECT 'price', id FROM price WHERE branch = ?1 AND id BETWEEN ?2 AND ?3"                                 \
  " UNION SELECT 'evaluation', id FROM evaluation WHERE branch = ?1 AND id BETWEEN ?2 AND ?3"                \
  " UNION SELECT 'proposal', id FROM proposal WHERE branch = ?1 AND id BETWEEN ?2 AND ?3"                    \
  " UNION SELECT 'price', r.replaces FROM chain c JOIN price r ON c.of = 'price' AND r.branch = ?1"          \
  " AND r.id = c.id AND r.replaces < r.id"                                                                   \
  " UNION SELECT 'evaluation', r.replaces FROM chain c JOIN evaluation r ON c.of = 'evaluation'"             \
  " AND r.branch = ?1 AND r.id = c.id AND r.replaces < r.id) "

/* Appends "[[of, at]]" for what refused whole entries of them: the id it is of, and the entry that it names.
 */
static bool put_refused_whole(struct db *db, uint32_t branch, int64_t first_id, int64_t last_id,
                              struct buf *out, struct err *err)
{
  struct query q = query_open(db, CHAIN "SELECT id >> 12 FROM chain UNION SELECT ?2 >> 12 ORDER BY 1", err);
  bool ok = true;
  query_int(&q, 1, branch);
  query_int(&q, 2, first_id);
  query_int(&q, 3, last_id);
  put_text(out, "[");
  while (ok && query_row(&q)) {
    char pair[64];
    struct refusal_word word;
    bool refused = false;
    int64_t at = column_int(&q, 0) * ENTRY_ROWS_MAX, of = 0;
    ok = entry_of(db, branch, at, &refused, &word, &of, err);
    snprintf(pair, sizeof pair, "%s[%" PRId64 ",%" PRId64 "]", out->size > 1 ? "," : "", of, at);
    if (refused) put_text(out, pair);
  }
  put_text(out, "]");
  put_u8(out, 0);
  return query_close(&q) && ok && (!out->bad || err_set(err, ERR_IO, "no memory for the refused entries"));
}

bool refusal_history(struct db *db, uint32_t branch, int64_t first_id, int64_t last_id,
                     void (*each)(void *ctx, const struct refusal *row), void *ctx, struct err *err)
{
  struct buf whole = BUF_INIT;
  if (!put_refused_whole(db, branch, first_id, last_id, &whole, err)) {
    buf_wipe(&whole);
    return false;
  }
  struct query q = query_open(db,
                              CHAIN SELECT " JOIN (SELECT of, id, id AS at FROM chain UNION ALL"
                                           " SELECT 'entry', value ->> 0, value ->> 1 FROM json_each(?4)) c"
                                           " ON c.of = f.subject_table AND c.id = f.subject_id"
                                           " WHERE f.branch = ?1 ORDER BY c.at, f.id",
                              err);
  query_int(&q, 1, branch);
  query_int(&q, 2, first_id);
  query_int(&q, 3, last_id);
  query_text(&q, 4, (const char *)whole.data);
  while (query_row(&q))
    call(&q, each, ctx);
  bool ok = query_close(&q);
  buf_wipe(&whole);
  return ok;
}

bool refusal_count(struct db *db, uint32_t branch, int64_t *open, struct err *err)
{
  struct query q = query_open(db, "SELECT count(*) FROM refusal f WHERE f.branch = ?1 AND NOT " SETTLED, err);
  query_int(&q, 1, branch);
  *open = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q);
}

bool refusal_handle(struct tx *tx, int64_t id, const char *note, const char *peer, struct err *err)
{
  char table[41] = "", line[300];
  bool settled = false;
  struct query q = query_open(
      tx->db, "SELECT f.subject_table, " SETTLED " FROM refusal f WHERE f.branch = ?1 AND f.id = ?2", err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  if (query_row(&q)) {
    snprintf(table, sizeof table, "%s", column_text(&q, 0));
    settled = column_int(&q, 1) != 0;
  }
  if (!query_close(&q)) return false;
  if (!*table) return err_rule(err, ERR_MISSING, "id", "not_found", "there is no refusal %" PRId64, id);
  if (settled)
    return err_rule(err, ERR_CONFLICT, "id", "handled", "refusal %" PRId64 " is settled already", id);
  if (strcmp(table, "price") == 0 || strcmp(table, "evaluation") == 0)
    return err_rule(err, ERR_CONFLICT, "id", "correct_it", "a refused %s is corrected or taken back", table);
  snprintf(line, sizeof line, "refusal %" PRId64 " %s", id, note);
  snprintf(tx->subject, sizeof tx->subject, "refusal %" PRId64, id);
  return security_event_record(tx, "handled", tx->actor, line, peer, 1, err);
}

static bool known(struct db *db, uint32_t branch, const char *subject_table, int64_t subject_id,
                  bool *is_known, struct err *err)
{
  struct query q = query_open(
      db, "SELECT 1 FROM refusal WHERE branch = ?1 AND subject_table = ?2 AND subject_id = ?3", err);
  query_int(&q, 1, branch);
  query_text(&q, 2, subject_table);
  query_int(&q, 3, subject_id);
  *is_known = query_row(&q);
  return query_close(&q);
}

bool refusal_add(struct tx *tx, uint32_t branch, const char *subject_table, int64_t subject_id,
                 const char *rule, const char *detail, struct err *err)
{
  bool is_known = false;
  int64_t id;
  if (!known(tx->db, branch, subject_table, subject_id, &is_known, err)) return false;
  if (is_known) return true;
  if (!tx_id(tx, SCOPE_DIRECTED, &id, err)) return false;
  struct query q =
      query_open(tx->db,
                 "INSERT INTO refusal(branch, id, subject_table, subject_id, rule, detail, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                 err);
  query_int(&q, 1, branch);
  query_int(&q, 2, id);
  query_text(&q, 3, subject_table);
  query_int(&q, 4, subject_id);
  query_text(&q, 5, rule);
  query_text(&q, 6, detail);
  query_int(&q, 7, tx->now_ms);
  return query_run(&q);
}
