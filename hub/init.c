#include "hub/init.h"

#include "core/base/clock.h"
#include "core/base/say.h"
#include "core/base/text.h"
#include "core/domain/account.h"
#include "core/domain/describe.h"
#include "core/domain/seed.h"
#include "hub/audit_index.h"
#include "hub/certificates.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct act seeding = {.actor = "system", .role = "system", .action = ACTION_SEED};

static struct act seeding_now(void)
{
  struct act act = seeding;
  act.now_ms = clock_wall_ms();
  return act;
}

static bool divisions(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return seed_divisions(tx, err);
}

static bool products(struct tx *tx, void *ctx, struct err *err)
{
  return catalogue_import_write(tx, ctx, err);
}

static bool seed(struct store *store, const char *path, struct err *err)
{
  struct act act = seeding_now();
  struct db *db = NULL;
  struct catalogue_import *import = NULL;
  bool ok = store_commit(store, &act, divisions, NULL, NULL, err) && db_open(&db, path, DB_READ, err) &&
            seed_open(&import, db, err);
  act = seeding_now();
  ok = ok && store_commit(store, &act, products, import, NULL, err);
  catalogue_import_close(import);
  db_close(db);
  return ok;
}

static bool first_account(struct tx *tx, void *ctx, struct err *err)
{
  const struct one_time *once = ctx;
  return account_add(tx, SITE_HUB, "admin", "admin", once->hash, err);
}

/* A directory is a province's, or one that an init was broken off in: that one has keys which were never
 * placed, and so a database that no program has run on. */
static bool is_free(const struct data_dir *dir, struct err *err)
{
  if (data_dir_has(dir, "keys"))
    return err_rule(err, ERR_CONFLICT, "dir", "exists", "%s is a province already", dir->path);
  if (!data_dir_has(dir, "store.db") || data_dir_has(dir, "keys.new")) return true;
  return err_rule(
      err, ERR_CONFLICT, "dir", "keys_missing",
      "%s has a database and not the keys it was made with: put keys/ back as it was, or restore a "
      "backup into another directory; nothing was touched",
      dir->path);
}

/* What a broken init left of a database is worth nothing. */
static void drop_database(const struct data_dir *dir)
{
  static const char *const files[] = {"store.db", "store.db-wal", "store.db-shm"};
  char path[DATA_PATH_MAX];
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
    unlink(data_dir_path(dir, files[i], path));
}

static bool fill(const struct data_dir *dir, const struct identity *identity, const struct one_time *once,
                 struct err *err)
{
  char path[DATA_PATH_MAX];
  struct store *store = NULL;
  drop_database(dir);
  bool ok = app_migrate(dir, audit_index_migrate, err) && app_store_open(&store, dir, identity, err) &&
            (store_listen(store, false), true) && /* there is nobody who could call */
            seed(store, data_dir_path(dir, "store.db", path), err) &&
            store_local(store, clock_wall_ms(), first_account, (void *)(uintptr_t)once, err);
  store_close(store);
  return ok;
}

static bool make(const struct data_dir *dir, uint32_t code, const char *name, struct err *err)
{
  struct identity identity = {.code = code, .province = code, .epoch = 1};
  struct one_time once;
  snprintf(identity.name, sizeof identity.name, "%s", name);
  bool ok = data_dir_keys_begin(dir, err) && identity_key(dir, "keys.new", identity.secret, err) &&
            certificates_make(dir, code, err) && identity_write(dir, "keys.new", &identity, err) &&
            one_time_make(&once, err) && fill(dir, &identity, &once, err);
  /* Before the keys are placed: a crash between the two makes another password, never none. */
  if (ok)
    say("province %u %s\nfirst administrator: admin  one-time password: %s\n", code, name, once.password);
  if (ok && fflush(stdout) != 0) ok = err_set(err, ERR_IO, "what was made cannot be printed");
  identity_wipe(&identity);
  crypto_wipe(&once, sizeof once);
  return ok && data_dir_keys_place(dir, err);
}

bool init_command(const struct cli_args *args, struct err *err)
{
  struct data_dir dir;
  const char *name = cli_value(args, "name"), *province = cli_value(args, "province");
  long number = PROVINCE_CODE / 10000;
  if (!name) name = "浙江省阳光后勤";
  if (strlen(name) > SITE_NAME_MAX || strpbrk(name, "\r\n"))
    return err_rule(err, ERR_INPUT, "name", "length", "a name is one line of at most %d bytes",
                    SITE_NAME_MAX);
  if (!text_check(TEXT_NAME, "name", name, strlen(name), err)) return false;
  if (!text_said(name, strlen(name)))
    return err_rule(err, ERR_INPUT, "name", "required", "a province has a name that can be read");
  if (province && !cli_int("province", province, 11, 82, &number, err)) return false;
  if (!crypto_start(err) || !tls_start(err)) return false;
  if (!data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_CREATE, err)) return false;
  bool ok = is_free(&dir, err) && make(&dir, (uint32_t)number * 10000, name, err);
  data_dir_close(&dir);
  return ok;
}
