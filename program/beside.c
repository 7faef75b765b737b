#include "program/beside.h"

#include "core/base/crypto.h"
#include "core/base/data_dir.h"
#include "program/current.h"

bool beside_run(const struct cli_args *args, enum beside_mode mode,
                bool (*work)(const struct beside *beside, struct err *err), struct err *err)
{
  char path[DATA_PATH_MAX];
  struct data_dir dir;
  struct beside beside = {.args = args};
  if (!crypto_start(err) || !data_dir_open(&dir, cli_value(args, "dir"),
                                           mode == BESIDE_WRITES ? DATA_DIR_BESIDE : DATA_DIR_SHARED, err))
    return false;
  bool ok = identity_read(&dir, "keys", &beside.identity, err) &&
            (mode != BESIDE_WRITES || current_tables(&dir, NULL, err)) &&
            db_open(&beside.db, data_dir_path(&dir, "store.db", path),
                    mode == BESIDE_READS ? DB_READ : DB_WRITE, err) &&
            work(&beside, err);
  identity_wipe(&beside.identity);
  db_close(beside.db);
  data_dir_close(&dir);
  return ok;
}
