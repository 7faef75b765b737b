#include "node/carry.h"

#include "core/base/clock.h"
#include "program/carried.h"
#include "sync/carry_history.h"
#include "sync/standing.h"

#include <stdio.h>

/* All that the province would need of this branch, had it lost its disk. */
static bool export_history(const struct cli_args *args, struct db *db, const struct identity *identity,
                           struct err *err)
{
  struct buf out = BUF_INIT;
  bool ok = carry_history(db, identity->province, identity->code, &out, err) &&
            carried_write(cli_value(args, "out"), &out, err);
  buf_wipe(&out);
  if (ok)
    printf("%s: all that branch %u holds of the log, for sunlit-hub rebuild --from-branches\n",
           cli_value(args, "out"), identity->code);
  return ok;
}

static bool export_entries(const struct cli_args *args, struct db *db, const struct identity *identity,
                           struct err *err)
{
  struct buf out = BUF_INIT;
  struct head through = {0};
  uint64_t left = 0;
  const struct carry_wanted what = {.province = identity->province,
                                    .branch = identity->code,
                                    .all = cli_value(args, "all") != NULL,
                                    .secret = identity->secret,
                                    .now_ms = clock_wall_ms()};
  bool ok =
      carry_export(db, &what, &out, &through, &left, err) && carried_write(cli_value(args, "out"), &out, err);
  buf_wipe(&out);
  if (ok)
    printf("%s: branch %u through entry %llu; carry it to the province, and its receipt back\n",
           cli_value(args, "out"), identity->code, (unsigned long long)through.seq);
  if (ok && left)
    printf("%llu newer entries are not in it: not signed yet, or more than one file holds\n",
           (unsigned long long)left);
  return ok;
}

/* A restored copy asks the province what it has, once: one row, in a short transaction of its own. */
static bool ask(const struct data_dir *dir, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  bool ok = db_open(&db, data_dir_path(dir, "store.db", path), DB_WRITE, err) && db_begin(db, err) &&
            challenge_make(db, err) && db_commit(db, err);
  if (!ok && db) db_rollback(db);
  db_close(db);
  return ok;
}

/* Reads the entries: the running program signs what is new within a second, a stopped one signed it when it
 * ended. */
bool export_command(const struct cli_args *args, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct data_dir dir;
  struct identity identity;
  struct db *db = NULL;
  if (!crypto_start(err) || !data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_SHARED, err)) return false;
  bool ok = identity_read(&dir, "keys", &identity, err) && ask(&dir, err) &&
            db_open(&db, data_dir_path(&dir, "store.db", path), DB_READ, err) &&
            (cli_value(args, "history") ? export_history : export_entries)(args, db, &identity, err);
  identity_wipe(&identity);
  db_close(db);
  data_dir_close(&dir);
  return ok;
}

bool accept_carried(struct app *app, const struct buf *file, struct buf *answer, struct buf *words,
                    struct err *err)
{
  struct carry_facts facts;
  struct db *db = NULL;
  char line[200];
  (void)answer;
  bool ok = readers_take(app->readers, &db, err) &&
            carry_receive(app->store, db, file->data, file->size, clock_wall_ms(), &facts, err);
  readers_give(app->readers, db);
  if (!ok) return false;
  snprintf(
      line, sizeof line,
      "received by the province through entry %llu; %llu entries of the province came along; its log has "
      "%llu\n",
      (unsigned long long)facts.through, (unsigned long long)facts.entries,
      (unsigned long long)facts.log_size);
  put_text(words, line);
  if (facts.waits)
    put_text(words,
             "this is a restored copy, and this receipt does not say what the province has of it: export, "
             "carry, accept again\n");
  return true;
}

bool accept_command(const struct cli_args *args, struct err *err)
{
  struct buf answer = BUF_INIT;
  bool ok = crypto_start(err) && carried_accept(cli_value(args, "dir"), args->operand, APP_NODE, NULL,
                                                accept_carried, &answer, err);
  buf_wipe(&answer);
  return ok;
}
