#include "program/app.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/contact.h"
#include "core/domain/domain.h"
#include "core/domain/number.h"
#include "sync/keys.h"
#include "sync/store_log.h"
#include "sync/streams.h"

#include <assert.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum {
  READERS_MAX = 8,                   /* 2 MB of cache each; a request holds one for about a millisecond */
  CHECK_SIZE_MAX = 16 * 1024 * 1024, /* a database up to this is read whole at start: 30 ms */
  PROBE_MS = 5000,
  ARENAS_MAX = 2,
  MAPPED_FROM = 128 * 1024 /* bytes: bigger blocks go back to the system when they are freed */
};

/* Every setting of D/sunlit.conf; docs/OPERATIONS.md says what they do. */
static const char *const settings[] = {"people.listen",
                                       "people.loopback_http",
                                       "people.addresses",
                                       "people.writes_at_once",
                                       "sync.listen",
                                       "sync.address",
                                       "node.hub",
                                       "node.hello_s",
                                       "hub.evaluate_s",
                                       "hub.silent_hours",
                                       "hub.hearing_s",
                                       "hub.unwitnessed_hours",
                                       "hub.outside_s",
                                       "hub.outside_authorities",
                                       "hub.branch_mib",
                                       "witness.serve",
                                       NULL};

static bool check(struct db *db, const char *path, struct err *err)
{
  struct stat st;
  int64_t tables = 0;
  if (stat(path, &st) != 0) return err_set(err, ERR_IO, "cannot look at %s", path);
  if (st.st_size <= CHECK_SIZE_MAX) return db_check(db, err);
  return db_int(db, "SELECT count(*) FROM sqlite_schema", 0, &tables, err);
}

bool app_migrate(const struct data_dir *dir, app_migration more, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  data_dir_path(dir, "store.db", path);
  bool ok = db_open(&db, path, DB_CREATE, err) && check(db, path, err);
  ok = ok && migrate(db, "sync", sync_migrations, sync_migrations_count, err) && domain_migrate(db, err) &&
       (!more || more(db, err));
  db_close(db);
  if (!ok && err->kind == ERR_CORRUPT)
    err_prefix(err,
               "the database is damaged and was not touched; keep %s, then restore a backup or enrol again"
               " (docs/OPERATIONS.md, Damaged database)",
               dir->path);
  return ok;
}

bool app_store_open(struct store **out, const struct data_dir *dir, const struct identity *identity,
                    struct err *err)
{
  char path[DATA_PATH_MAX];
  struct store_config config = {
      .path = data_dir_path(dir, "store.db", path),
      .author = identity->code,
      .province = identity->province,
      .epoch = identity->epoch,
      .schema = (uint32_t)domain_schema_number(),
      .base_seq = identity->base_seq,
      .enrolled_ms = identity->enrolled_ms,
      .now_ms = clock_wall_ms(),
      /* A hub that runs ends this (hub/hearing.h); a command that writes leaves it. */
      .listens = identity->code == identity->province,
      .renumber = number_again};
  static_assert((int)NUMBER_SIZE == (int)STORE_NO_SIZE, "a number has one size");
  memcpy(config.secret, identity->secret, sizeof config.secret);
  memcpy(config.base_hash, identity->base_hash, sizeof config.base_hash);
  bool ok = store_open(out, &config, err);
  crypto_wipe(config.secret, sizeof config.secret);
  return ok;
}

/* Keys are placed last of all that sets a directory up, so a directory with keys had a database.  A fresh one
 * in its place would sign first entries anew, and damn the stream of whoever has these keys. */
bool app_has_database(const struct data_dir *dir, bool *has, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct stat st;
  struct db *db = NULL;
  int64_t rows = 0;
  *has = false;
  if (stat(data_dir_path(dir, "store.db", path), &st) != 0 || st.st_size == 0) return true;
  bool ok = db_open(&db, path, DB_READ, err) &&
            db_int(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'sync_self'", 0, &rows, err) &&
            (rows == 0 || db_int(db, "SELECT count(*) FROM sync_self", 0, &rows, err));
  db_close(db);
  *has = rows > 0;
  return ok;
}

/* Once the database is known to be none. */
static const char *what_is_wrong(const char *path)
{
  struct stat st;
  if (stat(path, &st) != 0) return "is missing";
  return st.st_size == 0 ? "is empty" : "has no tables of this program";
}

/* A file or a key that was copied here from elsewhere.  What cannot be read is judged later. */
static bool is_of_these_keys(const struct data_dir *dir, const struct identity *identity, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  int64_t author = 0;
  struct key key; /* an epoch that never ran is not known */
  bool read =
      db_open(&db, data_dir_path(dir, "store.db", path), DB_READ, NULL) &&
      db_int(db, "SELECT coalesce(max(value), 0) FROM sync_self WHERE name = 'author'", 0, &author, NULL);
  bool other_key = read && key_get(db, identity->code, identity->epoch, &key, NULL) &&
                   memcmp(key.public_key, identity->secret + SECRET_SIZE - PUBLIC_SIZE, PUBLIC_SIZE) != 0;
  db_close(db);
  if (author && author != (int64_t)identity->code)
    return err_rule(err, ERR_CONFLICT, "store.db", "other_site",
                    "%s belongs to %lld, and the keys beside it to %u: one of them was copied here from "
                    "elsewhere. Nothing was changed",
                    path, (long long)author, identity->code);
  return !other_key ||
         err_rule(err, ERR_CONFLICT, "keys", "other_key",
                  "%s/keys/author.key is not the key of epoch %u that %s signs with: it was copied here from "
                  "elsewhere. Nothing was changed",
                  dir->path, identity->epoch, path);
}

bool app_need_database(const struct data_dir *dir, const struct identity *identity, struct err *err)
{
  char path[DATA_PATH_MAX];
  bool has = false;
  struct err unreadable = ERR_INIT;
  if (!app_has_database(dir, &has, &unreadable)) return true; /* what is damaged is judged later */
  if (has) return is_of_these_keys(dir, identity, err);
  const char *wrong = what_is_wrong(data_dir_path(dir, "store.db", path));
  if (identity->code != identity->province)
    return err_rule(err, ERR_MISSING, "store.db", "no_database",
                    "%s has the keys of branch %u and no database: %s %s. Nothing was changed. At the "
                    "province: sunlit-hub invite --branch %u; then here: sunlit-node enroll --dir %s "
                    "--invite LINE, then run. Its records come back from the province",
                    dir->path, identity->code, path, wrong, identity->code, dir->path);
  return err_rule(err, ERR_MISSING, "store.db", "no_database",
                  "%s has the keys of the province and no database: %s %s. Nothing was changed. sunlit-hub "
                  "restore the newest backup into a new directory, then sunlit-hub rebuild --from-branches "
                  "there; without any backup: sunlit-hub rebuild --dir %s --from-branches",
                  dir->path, path, wrong, dir->path);
}

static bool is_of_the_disk(const struct err *err)
{
  return strcmp(err->rule, "disk_full") == 0 || strcmp(err->rule, "read_only") == 0 ||
         strcmp(err->rule, err_kind_name(ERR_IO)) == 0;
}

static void name_site(struct app *app)
{
  struct note_key log;
  struct db *db = NULL;
  struct err none = ERR_INIT;
  uint8_t id[4] = {0};
  app->code = app->identity.code;
  bool known = readers_take(app->readers, &db, &none) && log_key(db, app->identity.province, &log, &none);
  if (known) memcpy(id, log.id, sizeof id);
  if (db) readers_give(app->readers, db);
  int n = snprintf(app->site_id, sizeof app->site_id, "%u", app->code);
  if (known)
    snprintf(app->site_id + n, sizeof app->site_id - (size_t)n, "-%02x%02x%02x%02x", id[0], id[1], id[2],
             id[3]);
}

bool app_open(struct app *app, enum app_kind kind, const char *path, app_migration more, struct err *err)
{
  char file[DATA_PATH_MAX];
  memset(app, 0, sizeof *app);
  app->kind = kind;
  app->dir.lock = -1;
  pthread_mutex_init(&app->lock, NULL);
  app->started_ms = clock_wall_ms();
  /* Else the first big block that is freed raises this bound for good, and later ones stay in the heap. */
  mallopt(M_MMAP_THRESHOLD, MAPPED_FROM);
  /* Eight a core otherwise, and what a thousand lines free in one is of no use in another. */
  mallopt(M_ARENA_MAX, ARENAS_MAX);
  bool ok = data_dir_open(&app->dir, path, DATA_DIR_LOCKED, err) &&
            conf_open(&app->conf, data_dir_path(&app->dir, "sunlit.conf", file), err) &&
            conf_only(app->conf, settings, err) && identity_read(&app->dir, "keys", &app->identity, err) &&
            app_need_database(&app->dir, &app->identity, err) && app_migrate(&app->dir, more, err) &&
            app_store_open(&app->store, &app->dir, &app->identity, err) &&
            readers_open(&app->readers, data_dir_path(&app->dir, "store.db", file), READERS_MAX, err);
  if (ok) readers_define(app->readers, stream_define_came);
  if (ok) name_site(app);
  if (!ok && err->kind == ERR_IO && is_of_the_disk(err))
    err_prefix(err, "%s cannot be opened%s", app->dir.path,
               strcmp(err->rule, err_kind_name(ERR_IO)) == 0 ? ": mend its disk, then start again" : "");
  if (!ok) app_close(app);
  return ok;
}

void app_close(struct app *app)
{
  readers_close(app->readers);
  store_close(app->store);
  conf_close(app->conf);
  identity_wipe(&app->identity);
  data_dir_close(&app->dir);
  pthread_mutex_destroy(&app->lock);
}

void app_wrote(struct app *app)
{
  pthread_mutex_lock(&app->lock);
  const struct trouble before = app->trouble;
  memset(&app->trouble, 0, sizeof app->trouble);
  app->try_now = false;
  pthread_mutex_unlock(&app->lock);
  if (before.rule[0]) log_info("writing works again after %s", before.rule);
}

/* The first failure of a kind is told; the thousand after it, while the disk stays full, are not. */
void app_note(struct app *app, bool ok, const struct err *err)
{
  bool bad = !ok && (err->kind == ERR_IO || err->kind == ERR_CORRUPT);
  if (!ok && !bad) return;
  if (bad && err->kind == ERR_CORRUPT) store_damaged(app->store, err);
  pthread_mutex_lock(&app->lock);
  const char *rule = !bad ? "" : err->kind == ERR_CORRUPT ? "store_damaged" : err->rule;
  bool news = bad && strcmp(app->trouble.rule, rule) != 0;
  app->try_now = ok && app->trouble.rule[0];
  if (news) {
    snprintf(app->trouble.rule, sizeof app->trouble.rule, "%s", rule);
    snprintf(app->trouble.text, sizeof app->trouble.text, "%s", err->text);
    app->trouble.since_ms = clock_wall_ms();
  }
  pthread_mutex_unlock(&app->lock);
  if (news) log_error("writing fails, reading goes on: %s", err->text);
}

void app_trouble(struct app *app, struct trouble *out)
{
  pthread_mutex_lock(&app->lock);
  *out = app->trouble;
  pthread_mutex_unlock(&app->lock);
}

/* What waits for the other side is not what keeps it from writing while its disk takes nothing: whoever is
 * told to wait would wait for ever. */
static void name_the_disk(struct app *app, struct err *why)
{
  struct trouble trouble;
  app_trouble(app, &trouble);
  if (!*trouble.rule || why->kind != ERR_BUSY) return;
  err_clear(why);
  (void)err_rule(why, ERR_IO, "", trouble.rule, "%s", trouble.text);
}

bool app_commit(struct app *app, const struct act *act, store_work work, void *ctx, struct done *done,
                struct err *err)
{
  struct done own = {0};
  struct err why = ERR_INIT;
  bool ok = store_commit(app->store, act, work, ctx, &own, &why);
  bool wrote = own.branch.seq || own.shared.seq || own.directed.seq;
  if (ok && wrote)
    app_wrote(app);
  else
    app_note(app, ok, &why);
  if (!ok) {
    name_the_disk(app, &why);
    if (err) *err = why;
    return false;
  }
  if (done) *done = own;
  if (wrote && app->wake) app->wake(app);
  return true;
}

bool app_local(struct app *app, store_work work, void *ctx, struct err *err)
{
  struct err why = ERR_INIT;
  bool ok = store_local(app->store, clock_wall_ms(), work, ctx, &why);
  app_note(app, ok, &why);
  if (!ok && err) *err = why;
  return ok;
}

static bool probe(struct tx *tx, void *ctx, struct err *err)
{
  char text[24];
  (void)ctx;
  snprintf(text, sizeof text, "%lld", (long long)tx->now_ms);
  return setting_set(tx, "probe_ms", text, err);
}

void app_beat(struct app *app, int64_t now_ms)
{
  struct err err = ERR_INIT;
  struct trouble trouble;
  app_trouble(app, &trouble);
  if (strcmp(trouble.rule, "store_damaged") == 0) return;
  if (!store_sign_head(app->store, now_ms, &err)) app_note(app, false, &err);
  pthread_mutex_lock(&app->lock);
  bool now = app->try_now || (now_ms - trouble.since_ms) / 1000 % (PROBE_MS / 1000) == 0;
  app->try_now = false;
  pthread_mutex_unlock(&app->lock);
  if (trouble.rule[0] && now && app_local(app, probe, NULL, NULL)) app_wrote(app);
}
