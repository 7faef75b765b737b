#include "program/current.h"

#include "core/base/migrate.h"
#include "core/base/say.h"
#include "core/domain/domain.h"
#include "program/app.h"
#include "sync/store.h"

static bool is_older(const struct data_dir *dir, const struct current_more *more, bool *older,
                     struct err *err)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  bool sync = false, domain = false, own = false;
  bool ok = db_open(&db, data_dir_path(dir, "store.db", path), DB_READ, err) &&
            migrate_waits(db, "sync", sync_migrations_count, &sync, err) && domain_waits(db, &domain, err) &&
            (!more || more->waits(db, &own, err));
  db_close(db);
  *older = sync || domain || own;
  return ok;
}

bool current_tables(const struct data_dir *dir, const struct current_more *more, struct err *err)
{
  bool older = false;
  struct data_dir locked;
  struct err busy = ERR_INIT;
  if (!is_older(dir, more, &older, err)) return false;
  if (!older) return true;
  if (!data_dir_open(&locked, dir->path, DATA_DIR_LOCKED, &busy)) {
    if (busy.kind != ERR_BUSY) return err_rule(err, busy.kind, busy.field, busy.rule, "%s", busy.text);
    return err_rule(
        err, ERR_BUSY, "dir", "upgrade_waits",
        "%s is of an earlier release, and a program of that release still runs on it: stop that one, start "
        "this one with run, then give the command again",
        dir->path);
  }
  bool ok = app_migrate(&locked, more ? more->migrate : NULL, err);
  data_dir_close(&locked);
  if (ok) say_wrong("%s was of an earlier release: its tables are brought up to date\n", dir->path);
  return ok;
}
