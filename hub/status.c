#include "hub/status.h"

#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/data_dir.h"
#include "core/base/say.h"
#include "program/identity.h"
#include "program/left_out.h"
#include "sync/lost_leaf.h"
#include "sync/older.h"
#include "sync/restored.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <string.h>

struct status {
  struct identity identity;
  int64_t entries;           /* in the log */
  struct tlog_state signed_; /* the newest checkpoint; size 0: none */
  int64_t branches;
  bool running;      /* a program on this folder */
  bool rebuilding;   /* and that is a rebuilding */
  struct buf frozen; /* text: branches that sent two records for one place, with commas */
  bool went_back;    /* its disk, as branches have shown */
  int64_t copied_ms; /* it was made from a backup of then, and waits; 0: it does not */
};

static bool find_frozen(struct db *db, struct buf *out, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT DISTINCT author FROM sync_stream WHERE frozen_ms <> 0 ORDER BY author "
                              "/* scan: a row a stream */",
                              err);
  while (query_row(&q)) {
    char code[16];
    snprintf(code, sizeof code, "%s%lld", out->size ? "," : "", (long long)column_int(&q, 0));
    put_text(out, code);
  }
  put_u8(out, 0);
  return query_close(&q) && (!out->bad || err_set(err, ERR_IO, "out of memory"));
}

static bool gather(struct db *db, struct status *s, struct err *err)
{
  struct buf note = BUF_INIT;
  bool ok = log_end(db, &s->entries, err) && tlog_checkpoint(db, &note, &s->signed_, err) &&
            db_int(db, "SELECT count(DISTINCT author) FROM sync_key /* scan: a row a branch and epoch */", 0,
                   &s->branches, err) &&
            log_went_back(db, s->identity.code, &s->went_back, err) &&
            restored_state(db, &s->copied_ms, err) && find_frozen(db, &s->frozen, err);
  buf_wipe(&note);
  if (s->branches > 0) s->branches--; /* its own */
  return ok;
}

static bool print_json(struct db *db, const struct status *s, struct err *err)
{
  struct buf text = BUF_INIT;
  json_t *o =
      json_pack("{s:I, s:s, s:I, s:I, s:I, s:b, s:b, s:s, s:s}", "code", (json_int_t)s->identity.code,
                "name_zh", s->identity.name, "entries", (json_int_t)s->entries, "signed",
                (json_int_t)s->signed_.size, "branches", (json_int_t)s->branches, "running", s->running,
                "rebuilding", s->rebuilding, "frozen", (const char *)s->frozen.data, "rule",
                s->went_back   ? "log_rolled_back"
                : s->copied_ms ? "restoring"
                               : "");
  bool made = o != NULL, ok = made && left_out_json(db, o, err);
  bool written = ok && json_write(&text, o);
  if (written) say_lines(text.data, text.size);
  if (written) say("\n");
  json_decref(o);
  buf_wipe(&text);
  if (made && !ok) return false;
  return written || err_set(err, ERR_IO, "out of memory");
}

static bool print_words(struct db *db, const struct status *s, struct err *err)
{
  say("%u %s\nthe log has %lld entries of %lld branches and of the province, signed as far as %llu\n",
      s->identity.code, s->identity.name, (long long)s->entries, (long long)s->branches,
      (unsigned long long)s->signed_.size);
  say(s->rebuilding
          ? "it is being rebuilt: what that waits for its own output says; what is said here is of the "
            "database as it was\n"
      : s->running ? "the program runs; what keeps it from writing its pages and GET /healthz say\n"
                   : "no program runs on it\n");
  if (s->frozen.data[0])
    say("frozen: two records for one place came from %s; nothing more of that is taken until it is enrolled "
        "again\n(docs/OPERATIONS.md, A stream is frozen)\n",
        (const char *)s->frozen.data);
  if (s->went_back)
    say("log_rolled_back: its disk went back, branches hold more than it has; it adds nothing. Stop it, "
        "then\n"
        "sunlit-hub rebuild --from-branches --branches CODE,CODE... with the codes of all branches. When one "
        "that has shown more will never come again, sunlit-hub let-go\n");
  if (s->copied_ms) {
    char when[30];
    time_format(when, s->copied_ms);
    say("restoring: it was put back from a backup of %s and adds nothing. sunlit-hub rebuild --from-branches "
        "takes "
        "back what came after it;\nwhen nothing did, sunlit-hub resume\n",
        when);
  }
  return left_out_tell(db, err);
}

bool status_command(const struct cli_args *args, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct data_dir dir;
  struct db *db = NULL;
  struct status status = {.entries = 0};
  if (!crypto_start(err) || !data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_SHARED, err)) return false;
  status.running = data_dir_held(&dir);
  status.rebuilding = data_dir_rebuilds(&dir);
  bool ok = identity_read(&dir, "keys", &status.identity, err) &&
            db_open(&db, data_dir_path(&dir, "store.db", path), DB_READ, err) &&
            older_bear(db, DB_READ, err) && gather(db, &status, err);
  crypto_wipe(status.identity.secret, SECRET_SIZE);
  if (ok) ok = cli_value(args, "json") ? print_json(db, &status, err) : print_words(db, &status, err);
  buf_wipe(&status.frozen);
  db_close(db);
  data_dir_close(&dir);
  return ok;
}
