#include "sync/older.h"

#include "core/base/bytes.h"
#include "core/base/migrate.h"
#include "sync/store.h"

static bool has(struct db *db, const char *name, bool *yes, struct err *err)
{
  struct query q = query_open(db, "SELECT 1 FROM pragma_table_list(?1)", err);
  query_text(&q, 1, name);
  *yes = query_row(&q);
  return query_close(&q);
}

static bool has_column(struct db *db, const char *table, const char *name, bool *yes, struct err *err)
{
  struct query q = query_open(db, "SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2", err);
  query_text(&q, 1, table);
  query_text(&q, 2, name);
  *yes = query_row(&q);
  return query_close(&q);
}

/* sql: as this program's schema has it, "CREATE TABLE name(...". */
static bool make_empty(struct db *db, const char *sql, struct err *err)
{
  static const char create[] = "CREATE ";
  struct buf temp = BUF_INIT;
  put_text(&temp, "CREATE TEMP ");
  put_text(&temp, sql + sizeof create - 1);
  put_u8(&temp, 0);
  bool ok = !temp.bad || err_set(err, ERR_IO, "out of memory for an older database");
  ok = ok && db_exec(db, (const char *)temp.data, err);
  buf_wipe(&temp);
  return ok;
}

/* A column that came later is what a new row has there, for whoever only reads: writers would meet a view. */
static bool add_columns(struct db *db, struct db *now, const char *table, struct err *err)
{
  struct buf sql = BUF_INIT;
  bool any = false;
  struct query q =
      query_open(now, "SELECT name, coalesce(dflt_value, 'NULL') FROM pragma_table_info(?1)", err);
  query_text(&q, 1, table);
  put_text(&sql, "CREATE TEMP VIEW ");
  put_text(&sql, table);
  put_text(&sql, " AS SELECT *");
  bool ok = true, there = false;
  while (ok && query_row(&q)) {
    ok = has_column(db, table, column_text(&q, 0), &there, err);
    if (there) continue;
    any = true;
    put_text(&sql, ", ");
    put_text(&sql, column_text(&q, 1));
    put_text(&sql, " AS ");
    put_text(&sql, column_text(&q, 0));
  }
  put_text(&sql, " FROM main.");
  put_text(&sql, table);
  put_u8(&sql, 0);
  if (!query_close(&q)) ok = false;
  if (ok && sql.bad) ok = err_set(err, ERR_IO, "out of memory for an older database");
  ok = ok && (!any || db_exec(db, (const char *)sql.data, err));
  buf_wipe(&sql);
  return ok;
}

static bool bear_all(struct db *db, struct db *now, enum db_mode mode, struct err *err)
{
  struct query q = query_open(now,
                              "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL"
                              " AND name LIKE 'sync~_%' ESCAPE '~' /* scan: of an empty database */",
                              err);
  bool ok = true, there = false;
  while (ok && query_row(&q)) {
    ok = has(db, column_text(&q, 0), &there, err);
    if (ok && !there) ok = make_empty(db, column_text(&q, 1), err);
    if (ok && there && mode == DB_READ) ok = add_columns(db, now, column_text(&q, 0), err);
  }
  return query_close(&q) && ok;
}

bool older_bear(struct db *db, enum db_mode mode, struct err *err)
{
  struct db *now = NULL;
  int64_t number = 0;
  if (!db_int(db, "SELECT number FROM schema_version WHERE part = 'sync'", 0, &number, err)) return false;
  if (number >= (int64_t)sync_migrations_count) return true;
  bool ok = db_open(&now, ":memory:", DB_CREATE, err) &&
            migrate(now, "sync", sync_migrations, sync_migrations_count, err) &&
            (mode != DB_READ || db_exec(db, "PRAGMA query_only = 0", err)) && bear_all(db, now, mode, err) &&
            (mode != DB_READ || db_exec(db, "PRAGMA query_only = 1", err));
  db_close(now);
  return ok;
}
