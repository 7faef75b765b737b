#include "node/carry.h"

#include "core/base/clock.h"
#include "program/beside.h"
#include "program/carried.h"
#include "sync/carry_history.h"
#include "sync/standing.h"

#include <stdio.h>

/* All that the province would need of this branch, had it lost its disk. */
static bool export_history(const struct beside *beside, struct err *err)
{
  const struct identity *identity = &beside->identity;
  const char *file = cli_value(beside->args, "out");
  struct buf out = BUF_INIT;
  bool ok = carry_history(beside->db, identity->province, identity->code, &out, err) &&
            carried_write(file, &out, err);
  buf_wipe(&out);
  if (ok)
    printf("%s: all that branch %u holds of the log, for sunlit-hub rebuild --from-branches\n", file,
           identity->code);
  return ok;
}

static bool export_entries(const struct beside *beside, struct err *err)
{
  const struct identity *identity = &beside->identity;
  const char *file = cli_value(beside->args, "out");
  struct buf out = BUF_INIT;
  struct head through = {0};
  uint64_t left = 0;
  const struct carry_wanted what = {.province = identity->province,
                                    .branch = identity->code,
                                    .all = cli_value(beside->args, "all") != NULL,
                                    .secret = identity->secret,
                                    .now_ms = clock_wall_ms()};
  bool ok = carry_export(beside->db, &what, &out, &through, &left, err) && carried_write(file, &out, err);
  buf_wipe(&out);
  if (ok)
    printf("%s: branch %u through entry %llu; carry it to the province, and its receipt back\n", file,
           identity->code, (unsigned long long)through.seq);
  if (ok && left)
    printf("%llu newer entries are not in it: not signed yet, or more than one file holds\n",
           (unsigned long long)left);
  return ok;
}

/* A restored copy asks the province what it has, once: one row, in a short transaction of its own. */
static bool ask(struct db *db, struct err *err)
{
  bool ok = db_begin(db, err) && challenge_make(db, err) && db_commit(db, err);
  if (!ok) db_rollback(db);
  return ok;
}

static bool write_file(const struct beside *beside, struct err *err)
{
  return ask(beside->db, err) &&
         (cli_value(beside->args, "history") ? export_history : export_entries)(beside, err);
}

/* Reads the entries: the running program signs what is new within a second, a stopped one signed it when it
 * ended. */
bool export_command(const struct cli_args *args, struct err *err)
{
  return beside_run(args, DB_WRITE, write_file, err);
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
