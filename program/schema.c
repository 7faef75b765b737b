#include "program/schema.h"

#include "core/base/db.h"
#include "core/base/migrate.h"
#include "core/base/say.h"
#include "core/domain/domain.h"
#include "sync/store.h"

#include <string.h>

bool schema_command(const struct cli_args *args, struct err *err)
{
  (void)args;
  struct db *db = NULL;
  bool ok = db_open(&db, ":memory:", DB_CREATE, err) &&
            migrate(db, "sync", sync_migrations, sync_migrations_count, err) && domain_migrate(db, err);
  if (ok) {
    say("-- sunlit " SUNLIT_VERSION ", schema %d: the tables whose rows travel, for sqlite3changeset_apply\n",
        domain_schema_number());
    struct query q = query_open(db,
                                "SELECT m.sql FROM sqlite_schema m JOIN table_scope s ON s.name = m.tbl_name"
                                " WHERE m.type IN ('table', 'index') AND m.sql IS NOT NULL"
                                " ORDER BY m.type DESC, m.name /* scan: the schema itself */",
                                err);
    while (query_row(&q)) {
      const char *sql = column_text(&q, 0);
      say_lines(sql, strlen(sql));
      say(";\n");
    }
    ok = query_close(&q);
  }
  db_close(db);
  return ok;
}
