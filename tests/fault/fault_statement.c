#include "tests/fault/fault_statement.h"

#include <sqlite3.h>
#include <stddef.h>
#include <string.h>

static int armed, seen;
static bool due, hit;

/* To go back is to end what was said already. */
static int begun(unsigned type, void *ctx, void *statement, void *sql)
{
  (void)type;
  (void)ctx;
  (void)statement;
  if (strcmp(sql, "ROLLBACK") == 0) return 0;
  if (armed && ++seen == armed) due = true;
  return 0;
}

static int step(void *ctx)
{
  (void)ctx;
  if (!due) return 0;
  due = false;
  hit = true;
  return 1;
}

static int look_at(sqlite3 *db, const char **why, const struct sqlite3_api_routines *api)
{
  (void)why;
  (void)api;
  sqlite3_progress_handler(db, 1, step, NULL);
  return sqlite3_trace_v2(db, SQLITE_TRACE_STMT, begun, NULL);
}

void fault_statement_install(void)
{
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* as db.c has it: this is SQLite's first use */
  sqlite3_auto_extension((void (*)(void))look_at);
}

void fault_statement_arm(int n)
{
  armed = n;
  seen = 0;
  due = hit = false;
}

bool fault_statement_disarm(void)
{
  armed = 0;
  due = false;
  return hit;
}
