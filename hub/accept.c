#include "hub/accept.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "hub/audit_index.h"
#include "program/carried.h"
#include "sync/carry.h"

#include <stdio.h>

bool accept_carried(struct app *app, const struct buf *file, struct buf *receipt, struct buf *words,
                    struct err *err)
{
  struct carry_facts facts;
  struct db *db = NULL;
  char line[240];
  bool ok = readers_take(app->readers, &db, err) &&
            carry_take(app->store, db, file->data, file->size, clock_wall_ms(), receipt, &facts, err);
  readers_give(app->readers, db);
  if (!ok) return false;
  snprintf(line, sizeof line,
           "branch %u: %llu batches, %llu new entries, %llu of them quarantined; its journal is here through "
           "entry %llu; the log has %llu\n",
           facts.branch, (unsigned long long)facts.batches, (unsigned long long)facts.entries,
           (unsigned long long)facts.quarantined, (unsigned long long)facts.through,
           (unsigned long long)facts.log_size);
  put_text(words, line);
  if (facts.cosigned) {
    snprintf(line, sizeof line, "it has cosigned the log up to %llu entries\n",
             (unsigned long long)facts.cosigned);
    put_text(words, line);
  }
  return true;
}

bool accept_command(const struct cli_args *args, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct buf receipt = BUF_INIT;
  const char *out = cli_value(args, "receipt");
  if (!out) {
    snprintf(path, sizeof path, "%s.receipt", args->operand);
    out = path;
  }
  bool ok = crypto_start(err) && carried_accept(cli_value(args, "dir"), args->operand, APP_HUB,
                                                audit_index_migrate, accept_carried, &receipt, err);
  if (ok && out == path) remove(path); /* the one beside the file is always the newest */
  ok = ok && carried_write(out, &receipt, err);
  buf_wipe(&receipt);
  if (ok) say("receipt for the branch: %s\n", out);
  return ok;
}
