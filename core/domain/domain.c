#include "core/domain/domain.h"

#include "core/base/crypto.h"
#include "core/base/migrate.h"

#include <string.h>

extern const char domain_01_sql[], domain_02_sql[], domain_03_sql[], domain_04_sql[], domain_05_sql[],
    domain_06_sql[], domain_07_sql[], domain_08_sql[], domain_local_01_sql[], domain_local_02_sql[],
    domain_local_03_sql[];

enum { DOMAIN_STEPS = 8, LOCAL_STEPS = 3 };

bool domain_migrate(struct db *db, struct err *err)
{
  const struct migration domain[DOMAIN_STEPS] = {{1, domain_01_sql}, {2, domain_02_sql}, {3, domain_03_sql},
                                                 {4, domain_04_sql}, {5, domain_05_sql}, {6, domain_06_sql},
                                                 {7, domain_07_sql}, {8, domain_08_sql}};
  const struct migration local[LOCAL_STEPS] = {
      {1, domain_local_01_sql}, {2, domain_local_02_sql}, {3, domain_local_03_sql}};
  return migrate(db, "domain", domain, DOMAIN_STEPS, err) && migrate(db, "local", local, LOCAL_STEPS, err);
}

bool domain_waits(struct db *db, bool *waits, struct err *err)
{
  bool local = false;
  bool ok = migrate_waits(db, "domain", DOMAIN_STEPS, waits, err) &&
            migrate_waits(db, "local", LOCAL_STEPS, &local, err);
  *waits = *waits || local;
  return ok;
}

int domain_schema_number(void)
{
  return DOMAIN_STEPS;
}

/* One line a column: what an applier relies on, and nothing that may differ without harm (such as an index).
 */
bool domain_schema_hash(struct db *db, uint8_t out[SCHEMA_HASH_SIZE], struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT s.name || ' ' || s.scope || ' ' || s.append_only || ' ' || c.cid || ' ' ||"
                 " c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || c.pk || char(10)"
                 " FROM table_scope s, pragma_table_info(s.name) c ORDER BY s.name, c.cid"
                 " /* scan: meant, once at start */",
                 err);
  struct buf text = BUF_INIT;
  while (query_row(&q))
    put_text(&text, column_text(&q, 0));
  bool ok = query_close(&q);
  if (ok && text.bad) ok = err_set(err, ERR_IO, "out of memory hashing the schema");
  uint8_t hash[HASH_SIZE];
  sha256(hash, text.data, text.size);
  buf_wipe(&text);
  if (ok) memcpy(out, hash, SCHEMA_HASH_SIZE);
  return ok;
}
