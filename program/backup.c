#include "program/backup.h"

#include "core/base/clock.h"
#include "core/base/migrate.h"
#include "core/base/say.h"
#include "core/base/sealed.h"
#include "program/folder_kind.h"
#include "program/identity.h"
#include "program/passphrase.h"
#include "sync/carry.h"
#include "sync/restored.h"
#include "sync/store.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char COPY[] = "backup.db"; /* in the data directory, while it is made */

struct contents {
  struct sealed_member members[SEALED_MEMBERS_MAX];
  char names[SEALED_MEMBERS_MAX][64];
  char paths[SEALED_MEMBERS_MAX][DATA_PATH_MAX];
  size_t count;
};

static bool add(struct contents *c, const struct data_dir *dir, const char *name, const char *file,
                struct err *err)
{
  if (c->count == SEALED_MEMBERS_MAX || strlen(name) >= sizeof c->names[0])
    return err_set(err, ERR_LIMIT, "%s/keys holds more files, or longer names, than this program makes",
                   dir->path);
  size_t i = c->count++;
  snprintf(c->names[i], sizeof c->names[i], "%s", name);
  data_dir_path(dir, file, c->paths[i]);
  c->members[i] = (struct sealed_member){.name = c->names[i], .path = c->paths[i]};
  return true;
}

/* A directory without keys was never finished: they come last, so that half a restore is not taken for one.
 */
static bool add_keys(struct contents *c, const struct data_dir *dir, struct err *err)
{
  char path[DATA_PATH_MAX];
  DIR *folder = opendir(data_dir_path(dir, "keys", path));
  if (!folder) return err_set(err, ERR_IO, "cannot read %s", path);
  bool ok = true;
  for (struct dirent *d = readdir(folder); ok && d; d = readdir(folder)) {
    char name[300];
    if (d->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "keys/%s", d->d_name);
    ok = add(c, dir, name, name, err);
  }
  closedir(folder);
  return ok;
}

/* What a program cannot start without, or nobody can put there again. */
static bool keys_are_whole(const struct data_dir *dir, struct err *err)
{
  static const char *const files[] = {"ca.crt", "tls.crt", "tls.key", "people.crt", "people.key", "ca.key"};
  struct identity identity;
  if (!identity_read(dir, "keys", &identity, err)) return false;
  const size_t count = identity.code == identity.province ? 6 : 5; /* ca.key is the province's */
  identity_wipe(&identity);
  for (size_t i = 0; i < count; i++) {
    char name[32], path[DATA_PATH_MAX];
    struct stat st;
    snprintf(name, sizeof name, "keys/%s", files[i]);
    if (stat(data_dir_path(dir, name, path), &st) != 0 || st.st_size == 0)
      return err_rule(
          err, ERR_MISSING, "keys", "no_key",
          "%s is missing or empty: a backup of this would not start. Nothing was written, and the "
          "backup of before is the better one",
          path);
  }
  return true;
}

static void drop_copy(const struct data_dir *dir)
{
  static const char *const tails[] = {"", "-wal", "-shm", "-journal"};
  char path[DATA_PATH_MAX + 16];
  for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
    char name[DATA_PATH_MAX];
    snprintf(path, sizeof path, "%s%s", data_dir_path(dir, COPY, name), tails[i]);
    unlink(path);
  }
}

/* Early releases had no place for all of the mark: such a copy has the tables of now. */
static bool mark(struct db *copy, struct err *err)
{
  int64_t known = 0;
  return db_int(copy, "SELECT count(*) FROM pragma_table_info('sync_restored') WHERE name = 'challenge'", 0,
                &known, err) &&
         (known || migrate(copy, "sync", sync_migrations, sync_migrations_count, err)) &&
         restored_mark(copy, clock_wall_ms(), err);
}

/* As of one moment, checked, and marked. */
static bool make_copy(const struct data_dir *dir, struct err *err)
{
  char from[DATA_PATH_MAX], to[DATA_PATH_MAX];
  struct db *db = NULL, *copy = NULL;
  drop_copy(dir);
  bool ok = db_open(&db, data_dir_path(dir, "store.db", from), DB_READ, err) &&
            db_copy(db, data_dir_path(dir, COPY, to), err) && db_open(&copy, to, DB_WRITE, err) &&
            db_check(copy, err) && mark(copy, err);
  db_close(copy);
  db_close(db);
  return ok;
}

static bool write_backup(const struct data_dir *dir, const char *out, const char *passphrase, struct err *err)
{
  struct contents c = {.count = 0};
  const int only = data_dir_only(dir, "backup.lock", "another backup of it is being made", err);
  if (only < 0) return false;
  bool ok = keys_are_whole(dir, err) && make_copy(dir, err) && add(&c, dir, "store.db", COPY, err) &&
            (!data_dir_has(dir, "sunlit.conf") || add(&c, dir, "sunlit.conf", "sunlit.conf", err)) &&
            (!data_dir_has(dir, "policy") || add(&c, dir, "policy", "policy", err)) &&
            add_keys(&c, dir, err) && sealed_write(out, passphrase, c.members, c.count, err);
  drop_copy(dir);
  close(only);
  return ok;
}

bool backup_command(const struct cli_args *args, struct err *err)
{
  char passphrase[PASSPHRASE_MAX] = "";
  struct data_dir dir;
  if (!crypto_start(err) || !data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_SHARED, err)) return false;
  bool ok =
      passphrase_read(passphrase, true, err) && write_backup(&dir, cli_value(args, "out"), passphrase, err);
  crypto_wipe(passphrase, sizeof passphrase);
  data_dir_close(&dir);
  if (ok) say("%s: written, read back and verified\n", cli_value(args, "out"));
  return ok;
}

static bool tell(const struct cli_args *args, const char *path, struct err *err)
{
  char file[DATA_PATH_MAX], at[30];
  struct data_dir dir;
  struct identity identity;
  struct db *db = NULL;
  int64_t copied_ms = 0;
  if (!data_dir_open(&dir, path, DATA_DIR_SHARED, err)) return false;
  bool ok = identity_read(&dir, "keys", &identity, err) && backup_fits(args, path, &identity, err) &&
            db_open(&db, data_dir_path(&dir, "store.db", file), DB_READ, err) && db_check(db, err) &&
            restored_state(db, &copied_ms, err);
  time_format(at, copied_ms);
  if (ok && identity.code == identity.province)
    say("restored the province %u as of %s\nnow sunlit-hub rebuild --from-branches takes back what came "
        "after the copy; when nothing did, sunlit-hub resume lets it add entries again\naccounts, passwords, "
        "invitations and log tokens are those of the copy: what was made or ended after it is to be made or "
        "ended again (sunlit-hub account, log-token)\n",
        identity.code, at);
  else if (ok)
    say("restored the branch %u, epoch %u, as of %s\nit writes when the province has given back what came "
        "after; accounts and passwords are those of the copy (sunlit-node account)\n",
        identity.code, identity.epoch, at);
  identity_wipe(&identity);
  db_close(db);
  data_dir_close(&dir);
  return ok;
}

/* The copy is in place: what fails from here on keeps nobody from it. */
static bool tell_restored(const struct cli_args *args, const char *path, struct err *err)
{
  struct err why = ERR_INIT;
  if (tell(args, path, &why)) return true;
  const bool full = strcmp(why.rule, "disk_full") == 0;
  if (!full && strcmp(why.rule, "read_only") != 0) {
    if (err) *err = why;
    return false;
  }
  return err_rule(err, ERR_IO, "dir", why.rule,
                  "%s is restored, whole and marked as a copy; what it is of could not be read, for the disk "
                  "is %s: %s, then ask it (status) and go on. It is not to be restored again",
                  path, full ? "full" : "read-only", full ? "make room" : "mend it");
}

/* What is no backup is refused where it is read; of what is carried by hand it is said what it is. */
static bool is_not_carried(const char *path, struct err *err)
{
  uint8_t head[CARRY_HEAD_SIZE];
  FILE *file = fopen(path, "rbe");
  size_t n = file ? fread(head, 1, sizeof head, file) : 0;
  if (file) fclose(file);
  return carry_may_be(head, n, CARRY_NONE, err);
}

bool restore_command(const struct cli_args *args, struct err *err)
{
  char passphrase[PASSPHRASE_MAX] = "";
  const char *dir = cli_value(args, "dir");
  bool ok = crypto_start(err) && is_not_carried(cli_value(args, "in"), err) &&
            passphrase_read(passphrase, false, err) &&
            sealed_extract(cli_value(args, "in"), passphrase, dir, err);
  crypto_wipe(passphrase, sizeof passphrase);
  return ok && tell_restored(args, dir, err);
}
