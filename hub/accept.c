#include "hub/accept.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "hub/hub.h"
#include "hub/lines.h"
#include "program/carried.h"
#include "sync/carry.h"

#include <stdio.h>

/* What a line of the branch is about to bring would be written in ignorance of the file: it greets anew
 * behind it. */
static bool take(struct app *app, struct db *db, const struct buf *file, struct buf *receipt,
                 struct carry_facts *facts, struct err *err)
{
  struct carry_reader reader;
  struct lines *lines = hub_of(app)->lines;
  if (!carry_open(&reader, file->data, file->size, err)) return false;
  bool quiet = lines_quiet(lines, reader.head.branch);
  bool ok =
      quiet
          ? carry_take(app->store, db, file->data, file->size, clock_wall_ms(), receipt, facts, err)
          : err_rule(err, ERR_BUSY, "file", "busy",
                     "what branch %u has sent over its line is still being stored; nothing is lost, give the "
                     "file again",
                     reader.head.branch);
  lines_quiet_end(lines);
  return ok;
}

/* The disk that wrote the file went back, or has gone back since; which of the two only the branch can tell:
 * so it is given the receipt first, and then what it misses even so is in the file. */
static void put_parted(struct buf *words, const struct carry_facts *facts)
{
  char line[320];
  if (facts->late_to) {
    snprintf(line, sizeof line,
             "its entries %llu to %llu are not taken: the branch's disk went back, and others stand in their "
             "places here.\n",
             (unsigned long long)facts->late_from, (unsigned long long)facts->late_to);
    put_text(words, line);
  }
  if (facts->given_from) {
    snprintf(line, sizeof line,
             "The receipt brings the branch its own entries from %llu on, which are here%s\n",
             (unsigned long long)facts->given_from,
             facts->late_to ? "; what stands in their places there is recorded again behind them" : "");
    put_text(words, line);
  }
  if (facts->late_to)
    put_text(words,
             facts->given_from
                 ? "Nothing is lost: at the branch, sunlit-node accept --dir D takes the receipt, and "
                   "then this file, from which comes back what is missing there even so\n"
                 : "Nothing is lost: at the branch, sunlit-node accept --dir D FILE takes this file "
                   "back; if it says that all of it is there, the branch needs its line for a moment\n");
}

bool accept_carried(struct app *app, const struct buf *file, struct buf *receipt, struct buf *words,
                    struct err *err)
{
  struct carry_facts facts;
  struct db *db = NULL;
  char line[320];
  bool ok = readers_take(app->readers, &db, err) && take(app, db, file, receipt, &facts, err);
  readers_give(app->readers, db);
  if (!ok) return false;
  snprintf(line, sizeof line,
           "branch %u: %llu batches, %llu new entries, %llu of them quarantined; its journal is here through "
           "entry %llu; the log has %llu\n",
           facts.branch, (unsigned long long)facts.batches, (unsigned long long)facts.entries,
           (unsigned long long)facts.quarantined, (unsigned long long)facts.through,
           (unsigned long long)facts.log_size);
  put_text(words, line);
  put_parted(words, &facts);
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
  bool ok = crypto_start(err) &&
            carried_accept(cli_value(args, "dir"), args->operand, APP_HUB, accept_carried, &receipt, err);
  if (ok && out == path) remove(path); /* the one beside the file is always the newest */
  ok = ok && carried_write(out, &receipt, err);
  buf_wipe(&receipt);
  if (ok) say("receipt for the branch: %s\n", out);
  return ok;
}
