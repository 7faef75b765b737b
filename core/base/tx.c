#include "core/base/tx.h"

#include "core/base/limits.h"

bool tx_id(struct tx *tx, enum scope scope, int64_t *id, struct err *err)
{
  struct ids *ids = &tx->ids[scope];
  if (ids->next >= ENTRY_ROWS_MAX)
    return err_rule(err, ERR_LIMIT, "", "entry_rows", "one transaction creates at most %d rows",
                    ENTRY_ROWS_MAX);
  *id = ids->base + ids->next++;
  return true;
}
