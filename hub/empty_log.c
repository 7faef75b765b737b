#include "hub/empty_log.h"

#include "sync/streams.h"

bool empty_log_none(struct db *db, const struct data_dir *dir, struct err *err)
{
  int64_t end = 0;
  if (!log_end(db, &end, err)) return false;
  return end > 0 || err_rule(err, ERR_MISSING, "store.db", "empty_log",
                             "%s has the keys of the province and a log without entries: rebuilding it from "
                             "its branches has not "
                             "come to its end. sunlit-hub rebuild --dir %s --from-branches --branches "
                             "CODE,... goes on with what "
                             "was brought; with any backup, however old, sunlit-hub restore it into a new "
                             "directory and rebuild "
                             "there",
                             dir->path, dir->path);
}
