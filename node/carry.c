#include "node/carry.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "program/beside.h"
#include "program/carried.h"
#include "sync/carry_history.h"
#include "sync/older.h"
#include "sync/standing.h"
#include "sync/streams.h"

#include <stdio.h>
#include <time.h>

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
    say("%s: all that branch %u holds of the log, for sunlit-hub rebuild --from-branches\n", file,
        identity->code);
  return ok;
}

enum { SIGN_WAIT_MS = 5000, SIGN_LOOK_MS = 50 };

static bool newest_signed(const struct beside *beside, bool *is_signed, struct err *err)
{
  const struct stream own = {beside->identity.code, 0};
  struct head head;
  struct logged entry;
  struct buf keep = BUF_INIT;
  int64_t pos = 0;
  *is_signed = true;
  bool ok = stream_head(beside->db, own, &head, err);
  if (ok && head.seq > 0 && !head.lost) {
    ok = stream_find(beside->db, own, head.seq, &pos, err) && entry_read(beside->db, pos, &entry, &keep, err);
    if (ok) *is_signed = entry.is_signed;
  }
  buf_wipe(&keep);
  return ok;
}

/* Nobody runs the branch: what a killed program left unsigned is signed here.  ERR_BUSY when somebody does.
 */
static bool sign_ourselves(const struct beside *beside, struct err *err)
{
  struct data_dir dir;
  struct store *store = NULL;
  if (!data_dir_open(&dir, cli_value(beside->args, "dir"), DATA_DIR_LOCKED, err)) return false;
  bool ok =
      app_store_open(&store, &dir, &beside->identity, err) && store_sign_head(store, clock_wall_ms(), err);
  store_close(store);
  data_dir_close(&dir);
  return ok;
}

/* A stick without the newest records would be a stick with nothing on it: the running program signs them
 * within a second of their commit, and that is waited for. */
static bool wait_for_signature(const struct beside *beside, struct err *err)
{
  const struct timespec look = {.tv_nsec = SIGN_LOOK_MS * 1000000L};
  for (int64_t until = clock_mono_ms() + SIGN_WAIT_MS;;) {
    bool is_signed = false;
    struct err why = ERR_INIT;
    if (!newest_signed(beside, &is_signed, err)) return false;
    if (is_signed || sign_ourselves(beside, &why)) return true;
    if (why.kind != ERR_BUSY) return err_set(err, why.kind, "%s", why.text);
    if (clock_mono_ms() > until)
      return err_rule(
          err, ERR_BUSY, "", "unsigned",
          "the newest records are not signed yet: the program that runs has not done it in %d seconds "
          "(sunlit-node status says why); nothing was written",
          SIGN_WAIT_MS / 1000);
    nanosleep(&look, NULL);
  }
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
  bool ok = wait_for_signature(beside, err) && carry_export(beside->db, &what, &out, &through, &left, err) &&
            carried_write(file, &out, err);
  buf_wipe(&out);
  if (ok)
    say("%s: branch %u through entry %llu; carry it to the province, and its receipt back\n", file,
        identity->code, (unsigned long long)through.seq);
  if (ok && left)
    say("%llu newer entries are not in it, made since or more than one file holds: export again after its "
        "receipt\n",
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
  return older_bear(beside->db, DB_WRITE, err) && ask(beside->db, err) &&
         (cli_value(beside->args, "history") ? export_history : export_entries)(beside, err);
}

bool export_command(const struct cli_args *args, struct err *err)
{
  return beside_run(args, BESIDE_LOOKS, write_file, err);
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
  if (facts.returned) {
    snprintf(line, sizeof line, "%llu entries of this branch that were missing here are back\n",
             (unsigned long long)facts.returned);
    put_text(words, line);
  }
  if (facts.again) {
    snprintf(
        line, sizeof line,
        "%llu records that were written here in their places are recorded again behind them: export, and "
        "carry that to the province\n",
        (unsigned long long)facts.again);
    put_text(words, line);
  }
  if (facts.kept) {
    snprintf(line, sizeof line,
             "%llu more are kept aside and are not recorded again: the page about the line says why, and "
             "tries again\n",
             (unsigned long long)facts.kept);
    put_text(words, line);
  }
  if (facts.waits)
    put_text(words,
             "this is a restored copy, and this receipt does not say what the province has of it: export, "
             "carry, accept again\n");
  return true;
}

bool accept_command(const struct cli_args *args, struct err *err)
{
  struct buf answer = BUF_INIT;
  bool ok = crypto_start(err) &&
            carried_accept(cli_value(args, "dir"), args->operand, APP_NODE, accept_carried, &answer, err);
  buf_wipe(&answer);
  return ok;
}
