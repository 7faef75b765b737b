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

static bool bear_all(struct db *db, struct db *now, struct err *err)
{
  struct query q = query_open(now,
                              "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql IS NOT NULL"
                              " AND name LIKE 'sync~_%' ESCAPE '~' /* scan: of an empty database */",
                              err);
  bool ok = true, there = false;
  while (ok && query_row(&q)) {
    ok = has(db, column_text(&q, 0), &there, err);
    if (ok && !there) ok = make_empty(db, column_text(&q, 1), err);
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
            (mode != DB_READ || db_exec(db, "PRAGMA query_only = 0", err)) && bear_all(db, now, err) &&
            (mode != DB_READ || db_exec(db, "PRAGMA query_only = 1", err));
  db_close(now);
  return ok;
}
