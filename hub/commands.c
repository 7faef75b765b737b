#include "hub/commands.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "core/domain/catalogue_import.h"
#include "core/domain/contact.h"
#include "core/domain/describe.h"
#include "core/domain/enrolment.h"
#include "hub/audit_index.h"
#include "hub/hub.h"
#include "hub/invite.h"
#include "hub/revoke.h"
#include "program/stop.h"
#include "sync/restored.h"
#include "sync/store_log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* One short transaction beside a running hub, on local rows only: the guard refuses all others. */
static bool write_beside(const struct data_dir *dir, const struct identity *identity,
                         bool (*work)(struct tx *tx, void *ctx, struct err *err), void *ctx, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  if (!db_open(&db, data_dir_path(dir, "store.db", path), DB_WRITE, err)) return false;
  struct tx tx = {.db = db,
                  .author = identity->code,
                  .now_ms = clock_wall_ms(),
                  .actor = "command line",
                  .role = "admin"};
  bool ok = db_begin(db, err) && work(&tx, ctx, err) && db_commit(db, err);
  if (!ok) db_rollback(db);
  db_close(db);
  return ok;
}

static bool open_beside(const struct cli_args *args, struct data_dir *dir, struct identity *identity,
                        uint32_t *branch, struct err *err)
{
  long code = 0;
  if (!cli_int("branch", cli_value(args, "branch"), 100000, 999999, &code, err)) return false;
  *branch = (uint32_t)code;
  return crypto_start(err) && tls_start(err) &&
         data_dir_open(dir, cli_value(args, "dir"), DATA_DIR_BESIDE, err) &&
         identity_read(dir, "keys", identity, err) && current_tables(dir, &audit_index_tables, err);
}

/* Which rule says that the log is still to come back: "rebuilding", "restoring", "log_rolled_back"; "": it is
 * here. */
static bool why_log_is_away(const struct data_dir *dir, const struct identity *identity, const char **rule,
                            struct err *err)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  int64_t copied_ms = 0;
  bool went_back = false;
  bool ok = db_open(&db, data_dir_path(dir, "store.db", path), DB_READ, err) &&
            restored_state(db, &copied_ms, err) && log_went_back(db, identity->code, &went_back, err);
  db_close(db);
  *rule = data_dir_rebuilds(dir) ? "rebuilding"
          : went_back            ? "log_rolled_back"
          : copied_ms            ? "restoring"
                                 : "";
  return ok;
}

/* What the log brings of a branch ends the invitations that it had. */
static bool may_invite(const struct data_dir *dir, const struct identity *identity, struct err *err)
{
  const char *rule = "";
  if (!why_log_is_away(dir, identity, &rule, err)) return false;
  return !*rule ||
         err_rule(
             err, ERR_BUSY, "dir", rule,
             "%s; nobody is invited before the log is back: sunlit-hub rebuild --from-branches brings it%s. "
             "Then give this again",
             strcmp(rule, "rebuilding") == 0  ? "the database is being rebuilt"
             : strcmp(rule, "restoring") == 0 ? "this is a restored backup"
                                              : "the disk went back, and branches hold more than it has",
             strcmp(rule, "restoring") == 0 ? ", or sunlit-hub resume when nothing came after the backup"
                                            : "");
}

/* Where nodes dial: as told, or as the hub last ran. */
static bool address_of(const struct data_dir *dir, const char *given, char out[INVITATION_ADDRESS_MAX],
                       struct err *err)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  struct buf text = BUF_INIT;
  struct cli_address address;
  if (given && cli_address("address", given, &address, err)) {
    snprintf(out, INVITATION_ADDRESS_MAX, "%s", given);
    return true;
  }
  if (given) return false;
  bool ok = db_open(&db, data_dir_path(dir, "store.db", path), DB_READ, err) &&
            setting_get(db, "sync_address", "", &text, err);
  put_u8(&text, 0);
  if (ok) snprintf(out, INVITATION_ADDRESS_MAX, "%s", text.data ? (const char *)text.data : "");
  if (ok && !out[0])
    ok = err_rule(err, ERR_INPUT, "address", "required",
                  "the hub has not run yet: say where nodes reach it with --address HOST:PORT");
  buf_wipe(&text);
  db_close(db);
  return ok;
}

static bool withdraw_command(const struct cli_args *args, struct err *err)
{
  struct data_dir dir;
  struct identity identity;
  uint32_t branch = 0;
  if (cli_value(args, "address"))
    return err_rule(err, ERR_INPUT, "address", "contradiction",
                    "--withdraw makes no line: leave out --address");
  if (!open_beside(args, &dir, &identity, &branch, err)) return false;
  bool ok = write_beside(&dir, &identity, invite_withdraw_beside, &branch, err);
  if (ok) say("withdrawn: the invitation of %u\n", branch);
  identity_wipe(&identity);
  data_dir_close(&dir);
  return ok;
}

bool invite_command(const struct cli_args *args, struct err *err)
{
  if (cli_value(args, "withdraw")) return withdraw_command(args, err);
  struct data_dir dir;
  struct identity identity;
  char address[INVITATION_ADDRESS_MAX], line[INVITATION_LINE_MAX];
  struct invite_ask ask = {.dir = &dir, .address = address};
  if (!open_beside(args, &dir, &identity, &ask.invitation.branch, err)) return false;
  bool ok = may_invite(&dir, &identity, err) && address_of(&dir, cli_value(args, "address"), address, err) &&
            invite_fill(&ask, err) && write_beside(&dir, &identity, invite_beside, &ask, err);
  if (ok) {
    invitation_write(&ask.invitation, line);
    say("%s\n", line);
  }
  identity_wipe(&identity);
  data_dir_close(&dir);
  return ok;
}

struct revocation {
  uint32_t branch;
  bool log_is_away; /* and may bring more of the branch */
  int revoked;
};

static bool revoke(struct tx *tx, void *ctx, struct err *err)
{
  struct revocation *r = ctx;
  const char *reason = r->log_is_away ? REVOKED_MEANWHILE : REVOKED_BY_COMMAND;
  if (!certificate_revoke(tx, r->branch, reason, &r->revoked, err)) return false;
  return r->revoked > 0 ||
         err_rule(err, ERR_CONFLICT, "branch", "not_enrolled", "%u has no certificate to revoke%s", r->branch,
                  r->log_is_away
                      ? " here, and the log that is still to come back may have one: give this again "
                        "when it is back"
                      : "");
}

bool revoke_command(const struct cli_args *args, struct err *err)
{
  struct data_dir dir;
  struct identity identity;
  struct revocation r = {0};
  const char *away = "";
  if (!open_beside(args, &dir, &identity, &r.branch, err)) return false;
  bool ok = why_log_is_away(&dir, &identity, &away, err);
  r.log_is_away = *away != 0;
  ok = ok && write_beside(&dir, &identity, revoke, &r, err);
  if (ok) say("revoked %u: %d certificates\n", r.branch, r.revoked);
  if (ok && r.log_is_away)
    say("and all that the log has of %u when it is back; if it shall come in again, invite it then\n",
        r.branch);
  identity_wipe(&identity);
  data_dir_close(&dir);
  return ok;
}

static bool write_import(struct tx *tx, void *ctx, struct err *err)
{
  return catalogue_import_write(tx, ctx, err);
}

static void print_faults(const char *file, const struct faults *faults)
{
  for (size_t i = 0; i < faults->count; i++) {
    const struct fault *fault = &faults->list[i];
    say_wrong("%s:%lld: %s: %s\n", file, (long long)fault->row,
              *fault->column ? fault->column : fault->err.field, fault->err.text);
  }
  if (faults->total > faults->count) say_wrong("%s: and %zu more\n", file, faults->total - faults->count);
}

static bool import_bytes(struct app *app, const char *file, const struct buf *bytes, struct err *err)
{
  struct catalogue_import *import = NULL;
  struct faults faults = {0};
  struct db *db = NULL;
  size_t added = 0, changed = 0, same = 0;
  bool ok = readers_take(app->readers, &db, err) &&
            catalogue_import_open(&import, db, bytes->data, bytes->size, &faults, err);
  const struct act act = {
      .actor = "command line", .role = "admin", .action = ACTION_CATALOGUE_IMPORT, .now_ms = clock_wall_ms()};
  ok = ok && app_commit(app, &act, write_import, import, NULL, err);
  if (ok) {
    catalogue_import_counts(import, &added, &changed, &same);
    say("%zu added, %zu changed, %zu as they were\n", added, changed, same);
  }
  print_faults(file, &faults);
  faults_wipe(&faults);
  catalogue_import_close(import);
  readers_give(app->readers, db);
  return ok;
}

static bool read_file(const char *path, struct buf *out, struct err *err)
{
  FILE *file = fopen(path, "re");
  if (!file) return err_set(err, ERR_MISSING, "cannot open %s: %s", path, strerror(errno));
  size_t n;
  do {
    uint8_t *at = buf_reserve(out, 65536);
    n = at ? fread(at, 1, 65536, file) : 0;
    if (at) out->size -= 65536 - n;
  } while (n > 0 && out->size <= HTTP_UPLOAD_MAX);
  bool ok = !ferror(file) && !out->bad;
  fclose(file);
  if (!ok) return err_set(err, ERR_IO, "cannot read %s", path);
  return out->size <= HTTP_UPLOAD_MAX ||
         err_rule(err, ERR_LIMIT, "file", "file_size", "%s has more than %d bytes", path, HTTP_UPLOAD_MAX);
}

bool import_command(const struct cli_args *args, struct err *err)
{
  struct app app;
  struct buf bytes = BUF_INIT;
  if (!crypto_start(err) || !read_file(args->operand, &bytes, err)) return false;
  bool ok = app_open(&app, APP_HUB, cli_value(args, "dir"), audit_index_migrate, err);
  if (ok) {
    ok = import_bytes(&app, args->operand, &bytes, err);
    app_close(&app);
  }
  buf_wipe(&bytes);
  return ok;
}
