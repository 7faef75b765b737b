#include "core/base/migrate.h"

#include <assert.h>

static bool current(struct db *db, const char *part, int64_t *number, struct err *err)
{
  struct query q = query_open(db, "SELECT number FROM schema_version WHERE part = ?1", err);
  query_text(&q, 1, part);
  *number = 0;
  if (query_row(&q)) *number = column_int(&q, 0);
  return query_close(&q);
}

static bool apply(struct db *db, const char *part, const struct migration *step, struct err *err)
{
  if (!db_begin(db, err)) return false;
  bool ok = db_exec(db, step->sql, err);
  if (ok) {
    struct query q = query_open(db,
                                "INSERT INTO schema_version(part, number) VALUES(?1, ?2)"
                                " ON CONFLICT(part) DO UPDATE SET number = excluded.number",
                                err);
    query_text(&q, 1, part);
    query_int(&q, 2, step->number);
    ok = query_run(&q);
  }
  ok = ok && db_commit(db, err);
  if (!ok) db_rollback(db);
  return ok || err_prefix(err, "schema step %s %d", part, step->number);
}

static bool not_newer(struct db *db, const char *part, int64_t have, size_t count, struct err *err)
{
  return have <= (int64_t)count ||
         err_rule(err, ERR_INPUT, part, "newer_schema",
                  "%s has schema %s %lld, this program knows %zu: upgrade the program first", db_path(db),
                  part, (long long)have, count);
}

bool migrate_waits(struct db *db, const char *part, size_t count, bool *waits, struct err *err)
{
  int64_t have = 0;
  if (!current(db, part, &have, err) || !not_newer(db, part, have, count, err)) return false;
  *waits = have < (int64_t)count;
  return true;
}

bool migrate(struct db *db, const char *part, const struct migration *steps, size_t count, struct err *err)
{
  if (!db_exec(db,
               "CREATE TABLE IF NOT EXISTS schema_version("
               "part TEXT PRIMARY KEY NOT NULL, number INTEGER NOT NULL) STRICT",
               err))
    return false;
  int64_t have = 0;
  if (!current(db, part, &have, err) || !not_newer(db, part, have, count, err)) return false;
  for (size_t i = 0; i < count; i++) {
    assert(steps[i].number == (int)i + 1);
    if (steps[i].number > have && !apply(db, part, &steps[i], err)) return false;
  }
  return true;
}
