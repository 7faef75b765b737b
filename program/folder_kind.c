#include "program/folder_kind.h"

#include "program/app.h"

#include <ftw.h>
#include <stdio.h>
#include <string.h>

static const char *const programs[] = {"sunlit-node", "sunlit-hub"};

static void describe(const struct identity *identity, char out[40])
{
  snprintf(out, 40, identity->code == identity->province ? "the province %u" : "branch %u", identity->code);
}

/* These make the database, or take keys alone; rebuild --from-branches begins with an empty log. */
static bool needs_database(const struct cli_args *args)
{
  static const char *const without[] = {"init", "enroll", "restore", "witness"};
  for (size_t i = 0; i < sizeof without / sizeof without[0]; i++)
    if (strcmp(args->command->name, without[i]) == 0) return false;
  return !cli_value(args, "from-branches");
}

static bool fits(const struct cli_args *args, bool province, struct err *err)
{
  const char *path = cli_value(args, "dir");
  char whose[40];
  struct data_dir dir = {.lock = -1};
  struct identity identity;
  struct err none = ERR_INIT;
  if (!path || strlen(path) >= sizeof dir.path) return true;
  snprintf(dir.path, sizeof dir.path, "%s", path);
  /* A crash may have left them decided and not in place: then they are the keys (data_dir.h). */
  const char *folder = data_dir_has(&dir, "keys.next") ? "keys.next" : "keys";
  if (!identity_read(&dir, folder, &identity, &none)) return true;
  bool is_province = identity.code == identity.province;
  describe(&identity, whose);
  bool ok = is_province == province ||
            err_rule(err, ERR_INPUT, "dir", "wrong_folder",
                     "%s is the folder of %s: it is %s that works on it", path, whose, programs[is_province]);
  ok = ok && (!needs_database(args) || app_need_database(&dir, &identity, err));
  identity_wipe(&identity);
  return ok;
}

bool folder_of_province(const struct cli_args *args, struct err *err)
{
  return fits(args, true, err);
}

bool folder_of_branch(const struct cli_args *args, struct err *err)
{
  return fits(args, false, err);
}

static int drop(const char *path, const struct stat *facts, int kind, struct FTW *where)
{
  (void)facts;
  (void)kind;
  (void)where;
  return remove(path);
}

bool backup_fits(const struct cli_args *args, const char *path, const struct identity *identity,
                 struct err *err)
{
  enum { FOLDERS_OPEN = 8 };
  char whose[40];
  bool is_province = identity->code == identity->province;
  if (!args->program || strcmp(args->program, programs[!is_province]) != 0) return true;
  describe(identity, whose);
  nftw(path, drop, FOLDERS_OPEN, FTW_DEPTH | FTW_PHYS);
  return err_rule(err, ERR_INPUT, "in", "wrong_backup",
                  "this is a backup of %s, and nothing of it was restored: it is %s that takes it", whose,
                  programs[is_province]);
}
