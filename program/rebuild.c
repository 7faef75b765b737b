/* The story of the exchange, and what a crash after each step leaves: the copy is made (an extra file), its
 * tables are rebuilt and verified (an extra file), the old database gets a second name (both names lead to
 * it), the copy takes the first name in one step (done).  At every moment store.db is a whole database. */
#include "program/rebuild.h"

#include "core/base/crypto.h"
#include "core/base/data_dir.h"
#include "core/base/db.h"
#include "core/base/say.h"
#include "sync/rebuild.h"
#include "sync/verify.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char COPY[] = "rebuilt.db", BEFORE[] = "store.before-rebuild.db";

static void drop(const struct data_dir *dir, const char *name)
{
  static const char *const tails[] = {"", "-wal", "-shm", "-journal"};
  char path[DATA_PATH_MAX], file[64];
  for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
    snprintf(file, sizeof file, "%s%s", name, tails[i]);
    unlink(data_dir_path(dir, file, path));
  }
}

static bool copy(const struct data_dir *dir, struct err *err)
{
  char from[DATA_PATH_MAX], to[DATA_PATH_MAX];
  struct db *db = NULL;
  drop(dir, COPY);
  bool ok = db_open(&db, data_dir_path(dir, "store.db", from), DB_READ, err) &&
            db_copy(db, data_dir_path(dir, COPY, to), err);
  db_close(db);
  return ok;
}

/* Chains, signatures and hashes of the log, and the fold once more by the other program part. */
static bool prove(const char *path, struct err *err)
{
  struct verify_report report = {0};
  bool ok = store_verify(path, &report, err);
  if (ok && report.faults && report.faults == report.kept_faults)
    say("what is kept of the log for the province does not lead to the checkpoint that is held: it is no "
        "part "
        "of this branch's records, and comes again over the line\n");
  if (ok && report.faults > report.kept_faults) {
    say_lines(report.text.data, report.text.size);
    ok =
        err_rule(err, ERR_CORRUPT, "", "not_verified",
                 "the rebuilt database has %llu faults: the log itself is damaged, restore a backup; nothing "
                 "was changed",
                 (unsigned long long)report.faults);
  }
  buf_wipe(&report.text);
  buf_wipe(&report.lost_text);
  return ok;
}

static bool has_journal(const struct data_dir *dir, const char *name)
{
  char path[DATA_PATH_MAX], file[64];
  struct stat st;
  snprintf(file, sizeof file, "%s-wal", name);
  return stat(data_dir_path(dir, file, path), &st) == 0 && st.st_size > 0;
}

/* A journal that was left beside the old database must not be read into the new one.  Closing a database says
 * nothing of what kept it from emptying its journal, so that is tried once more. */
static bool no_journal(const struct data_dir *dir, const char *name, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  bool done = false;
  if (!has_journal(dir, name)) return true;
  bool ok = db_open(&db, data_dir_path(dir, name, path), DB_WRITE, err) && db_empty_wal(db, &done, err);
  db_close(db);
  if (!ok || !has_journal(dir, name)) return ok;
  return err_set(err, ERR_IO, "%s-wal is still there: the database could not be closed", path);
}

static bool swap(const struct data_dir *dir, struct err *err)
{
  char live[DATA_PATH_MAX], made[DATA_PATH_MAX], before[DATA_PATH_MAX];
  data_dir_path(dir, "store.db", live);
  data_dir_path(dir, COPY, made);
  data_dir_path(dir, BEFORE, before);
  if (!no_journal(dir, "store.db", err) || !no_journal(dir, COPY, err)) return false;
  unlink(before);
  if (link(live, before) == 0 && rename(made, live) == 0) return true;
  return err_disk(err, "put in place", made);
}

static void tell(const struct rebuild_report *report)
{
  say("%llu entries, %llu of them folded into %llu tables; %llu rows were missing and %llu were not the "
      "log's\n",
      (unsigned long long)report->entries, (unsigned long long)report->folded,
      (unsigned long long)report->tables, (unsigned long long)report->missing,
      (unsigned long long)report->extra);
  if (report->refused)
    say("%llu of the new ones are not applied: they break a rule, or wait for a newer program\n",
        (unsigned long long)report->refused);
  if (report->lost)
    say("%llu entries are lost: the log has their hashes, and nothing of them is in the tables\n",
        (unsigned long long)report->lost);
  if (report->log_size)
    say("the log's root is the one signed at %llu entries\n", (unsigned long long)report->log_size);
}

bool rebuild_dir(const struct data_dir *dir, rebuild_grow grow, rebuild_settle settle, void *ctx,
                 struct err *err)
{
  char live[DATA_PATH_MAX], made[DATA_PATH_MAX];
  struct rebuild_report report;
  int64_t fresh_from = INT64_MAX;
  data_dir_path(dir, "store.db", live);
  data_dir_path(dir, COPY, made);
  const int bar = data_dir_bar(dir, err); /* what a command wrote from here on would not be in the copy */
  if (bar < 0) return false;
  bool ok = copy(dir, err) && (!grow || grow(made, ctx, &fresh_from, err)) &&
            rebuild_tables_from(made, live, fresh_from, &report, err) &&
            (!settle || settle(made, ctx, err)) && prove(made, err);
  if (ok) tell(&report);
  ok = ok && swap(dir, err);
  drop(dir, COPY);
  close(bar);
  if (ok) say("verified and put in place; the database as it was: %s/%s\n", dir->path, BEFORE);
  return ok;
}

bool rebuild_command(const struct cli_args *args, struct err *err)
{
  struct data_dir dir;
  if (!crypto_start(err) || !data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_LOCKED, err)) return false;
  data_dir_say_rebuild(&dir);
  bool ok = rebuild_dir(&dir, NULL, NULL, NULL, err);
  data_dir_close(&dir);
  return ok;
}
