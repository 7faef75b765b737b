#include "sync/rows.h"

#include <stdio.h>
#include <string.h>

/* SQLite speaks of a broken constraint in SQL; people are told which table, and which columns it names. */
static void tell_constraint(const struct table *t, const char *said, struct refusal *why)
{
  static const struct {
    const char *says, *words;
    bool columns;
  } list[] = {{"UNIQUE constraint failed: ", "another row has the same", true},
              {"NOT NULL constraint failed: ", "a value is missing:", true},
              {"CHECK constraint failed", "a value is not one that the table allows", false},
              {"cannot store ", "a value is of another type than its column", false}};
  for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
    char columns[120] = "";
    if (strncmp(said, list[i].says, strlen(list[i].says)) != 0) continue;
    for (int c = 0; list[i].columns && c < t->columns; c++) {
      char full[140];
      snprintf(full, sizeof full, "%s.%s", t->name, t->names[c]);
      const char *at = strstr(said, full);
      if (!at || (at[strlen(full)] != ',' && at[strlen(full)] != ' ')) continue;
      strncat(columns, *columns ? ", " : " ", sizeof columns - strlen(columns) - 1);
      strncat(columns, t->names[c], sizeof columns - strlen(columns) - 1);
    }
    refuse(why, "constraint", "%s: %s%s", t->name, list[i].words, columns);
    return;
  }
  refuse(why, "constraint", "%s: it breaks a rule of the table", t->name);
}

/* A broken rule of the database refuses the entry; everything else stops the transaction. */
static enum rows_outcome outcome_of(const struct table *t, const struct err *fault, bool exists,
                                    struct refusal *why, struct err *err)
{
  if (fault->kind != ERR_INPUT) {
    if (err->kind == ERR_NONE) *err = *fault;
    return ROWS_FAILED;
  }
  if (exists)
    refuse(why, "row_exists", "%s: a row of that key is here already", t->name);
  else
    tell_constraint(t, fault->text, why);
  return ROWS_REFUSED;
}

static void bind_key(struct query *q, const struct table *t, const struct value *row, int step)
{
  for (int i = 0; i < t->columns; i++)
    if (t->key[i]) query_value(q, step * i + step, &row[i]);
}

/* Looks the row up and compares it with the before-image; *exists without one. */
static enum rows_outcome look(struct db *db, const struct table *t, const struct change *change, bool *exists,
                              int *differs, struct err *err)
{
  const struct value *row = change->op == CHANGE_INSERT ? change->after : change->before;
  struct query q = query_open(db, t->select, err);
  bind_key(&q, t, row, 1);
  *exists = query_row(&q);
  *differs = -1;
  for (int i = 0; *exists && change->before && i < change->columns && *differs < 0; i++)
    if (change->before[i].kind != VALUE_ABSENT && !column_is(&q, i, &change->before[i])) *differs = i;
  return query_close(&q) ? ROWS_WRITTEN : ROWS_FAILED;
}

static enum rows_outcome insert(struct db *db, struct table *t, const struct change *change,
                                struct refusal *why, struct err *err)
{
  struct err fault = ERR_INIT;
  const char *sql = table_insert(t, change->columns);
  if (!sql) {
    err_set(err, ERR_IO, "out of memory writing %s", t->name);
    return ROWS_FAILED;
  }
  struct query q = query_open(db, sql, &fault);
  for (int i = 0; i < change->columns; i++)
    query_value(&q, i + 1, &change->after[i]);
  if (query_run(&q)) return ROWS_WRITTEN;
  bool exists = false;
  int differs = 0;
  if (fault.kind == ERR_INPUT && look(db, t, change, &exists, &differs, err) == ROWS_FAILED)
    return ROWS_FAILED;
  return outcome_of(t, &fault, exists, why, err);
}

static enum rows_outcome change_row(struct db *db, const struct table *t, const struct change *change,
                                    struct refusal *why, struct err *err)
{
  bool exists = false;
  int differs = -1;
  if (look(db, t, change, &exists, &differs, err) == ROWS_FAILED) return ROWS_FAILED;
  if (!exists) {
    refuse(why, "row_missing", "%s: the row to change is not here", t->name);
    return ROWS_REFUSED;
  }
  if (differs >= 0) {
    refuse(why, "row_differs", "%s: %s is not what the author changed", t->name, t->names[differs]);
    return ROWS_REFUSED;
  }
  struct err fault = ERR_INIT;
  bool removes = change->op == CHANGE_DELETE;
  struct query q = query_open(db, removes ? t->remove : t->update, &fault);
  bind_key(&q, t, change->before, removes ? 1 : 2);
  for (int i = 0; !removes && i < change->columns; i++) {
    if (t->key[i] || change->after[i].kind == VALUE_ABSENT) continue;
    query_int(&q, 2 * i + 1, 1);
    query_value(&q, 2 * i + 2, &change->after[i]);
  }
  if (query_run(&q)) return ROWS_WRITTEN;
  return outcome_of(t, &fault, false, why, err);
}

enum rows_outcome rows_write_one(struct db *db, struct tables *tables, const struct origin *origin,
                                 const struct change *change, struct refusal *why, struct err *err)
{
  struct table *t = NULL;
  struct err fault = ERR_INIT;
  if (!tables_check(tables, db, origin, change, &t, why, &fault)) {
    if (fault.kind == ERR_NONE) return ROWS_REFUSED;
    if (err->kind == ERR_NONE) *err = fault;
    return ROWS_FAILED;
  }
  tables_note_act(tables, t, change);
  return change->op == CHANGE_INSERT ? insert(db, t, change, why, err) : change_row(db, t, change, why, err);
}

static bool run(struct db *db, const char *sql, struct err *err)
{
  struct query q = query_open(db, sql, err);
  return query_run(&q);
}

/* A savepoint only when there is more than one row: a single statement is undone by SQLite itself. */
enum rows_outcome rows_write(struct db *db, struct tables *tables, const struct origin *origin,
                             const void *payload, size_t size, struct refusal *why, struct err *err)
{
  struct changes walk = changes_of(payload, size);
  struct change change;
  struct err fault = ERR_INIT;
  enum rows_outcome outcome = ROWS_WRITTEN;
  bool savepoint = false;
  memset(why, 0, sizeof *why);
  tables_walk(tables);
  while (outcome == ROWS_WRITTEN && changes_next(&walk, &change, &fault)) {
    if (!savepoint && reader_left(&walk.bytes) > 0) {
      if (!run(db, "SAVEPOINT entry", err)) return ROWS_FAILED;
      savepoint = true;
    }
    outcome = rows_write_one(db, tables, origin, &change, why, err);
  }
  if (outcome == ROWS_WRITTEN && (!changes_done(&walk) || size == 0)) {
    refuse(why, "changeset", "%.180s", size ? fault.text : "the payload is empty");
    outcome = ROWS_REFUSED;
  }
  if (outcome == ROWS_FAILED || !savepoint) return outcome;
  if (outcome == ROWS_REFUSED && !run(db, "ROLLBACK TO entry", err)) return ROWS_FAILED;
  return run(db, "RELEASE entry", err) ? outcome : ROWS_FAILED;
}

bool quarantine_was_applied(struct db *db, struct stream stream, uint64_t seq, int64_t pos, bool *applied,
                            struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT EXISTS(SELECT 1 FROM sync_quarantine WHERE pos = ?1 AND state = 'refused') OR"
                 " EXISTS(SELECT 1 FROM sync_stream WHERE author = ?2 AND lane = ?3 AND waiting_seq > 0"
                 " AND waiting_seq <= ?4)",
                 err);
  query_int(&q, 1, pos);
  query_int(&q, 2, stream.author);
  query_int(&q, 3, stream.lane);
  query_int(&q, 4, (int64_t)seq);
  *applied = query_row(&q) && !column_int(&q, 0);
  return query_close(&q);
}

bool quarantine_keep(struct db *db, struct stream stream, uint64_t seq, int64_t pos,
                     const struct refusal *why, const char *state, int64_t at_ms, struct err *err)
{
  struct query q =
      query_open(db,
                 "INSERT INTO sync_quarantine(pos, author, lane, seq, reason, detail, table_name, row_id,"
                 " state, at_ms, column_name, turn) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,"
                 " 1 + coalesce((SELECT max(turn) FROM sync_quarantine), 0) WHERE true"
                 " ON CONFLICT(pos) DO UPDATE SET reason = excluded.reason, detail = excluded.detail,"
                 " table_name = excluded.table_name, row_id = excluded.row_id, state = excluded.state,"
                 " column_name = excluded.column_name, turn = excluded.turn",
                 err);
  query_int(&q, 1, pos);
  query_int(&q, 2, stream.author);
  query_int(&q, 3, stream.lane);
  query_int(&q, 4, (int64_t)seq);
  query_text(&q, 5, why->reason);
  query_text(&q, 6, why->detail);
  query_text(&q, 7, why->table);
  query_int(&q, 8, why->row_id);
  query_text(&q, 9, state);
  query_int(&q, 10, at_ms);
  query_text(&q, 11, why->column);
  return query_run(&q);
}

bool rows_remove(struct db *db, struct tables *tables, const void *payload, size_t size, struct err *err)
{
  struct changes walk = changes_of(payload, size);
  struct change change;
  while (changes_next(&walk, &change, err)) {
    const struct table *t = tables_find(tables, change.table);
    if (!t || change.op != CHANGE_INSERT)
      return err_set(err, ERR_CORRUPT, "a row of %.64s cannot be taken back", change.table);
    struct query q = query_open(db, t->remove, err);
    bind_key(&q, t, change.after, 1);
    if (!query_run(&q)) return false;
  }
  return changes_done(&walk);
}

static bool put_back(struct db *db, struct table *t, const struct change *change, struct err *err)
{
  const char *sql = table_insert(t, change->columns);
  if (!sql) return err_set(err, ERR_IO, "out of memory writing %s", t->name);
  struct query q = query_open(db, sql, err);
  for (int i = 0; i < change->columns; i++)
    query_value(&q, i + 1, &change->before[i]);
  return query_run(&q);
}

static bool undo_row(struct db *db, struct table *t, const struct change *change, struct err *err)
{
  if (change->op == CHANGE_DELETE) return put_back(db, t, change, err);
  bool added = change->op == CHANGE_INSERT;
  struct query q = query_open(db, added ? t->remove : t->update, err);
  bind_key(&q, t, added ? change->after : change->before, added ? 1 : 2);
  for (int i = 0; !added && i < change->columns; i++) {
    if (t->key[i] || change->after[i].kind == VALUE_ABSENT) continue;
    query_int(&q, 2 * i + 1, 1);
    query_value(&q, 2 * i + 2, &change->before[i]);
  }
  return query_run(&q);
}

bool rows_undo(struct db *db, struct tables *tables, const void *payload, size_t size, struct err *err)
{
  struct changes walk = changes_of(payload, size);
  struct change change;
  while (changes_next(&walk, &change, err)) {
    struct table *t = tables_find(tables, change.table);
    if (!t || change.columns > t->columns)
      return err_set(err, ERR_CORRUPT, "a row of %.64s cannot be taken back", change.table);
    if (!undo_row(db, t, &change, err)) return false;
  }
  return changes_done(&walk);
}
