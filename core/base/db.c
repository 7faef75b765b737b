#include "core/base/db.h"

#include "core/base/clock.h"
#include "core/base/sqlite.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

enum { CACHE_SLOTS = 512, BUSY_WAIT_MS = 5000 };

struct cached {
  const char *sql;
  sqlite3_stmt *stmt;
  bool in_use;
};

struct db {
  sqlite3 *handle;
  char *path;
  int64_t until_ms; /* db_until */
  const _Atomic int64_t *hurry_ms;
  bool stopped; /* the last statement, because it took too long */
  struct cached cache[CACHE_SLOTS];
};

void db_interrupt(struct db *db)
{
  sqlite3_interrupt(db->handle);
}

sqlite3 *db_handle(struct db *db)
{
  return db->handle;
}

static enum err_kind kind_of(int code)
{
  switch (code & 0xff) {
  case SQLITE_BUSY:
  case SQLITE_LOCKED: return ERR_BUSY;
  case SQLITE_CONSTRAINT:
  case SQLITE_MISMATCH:
  case SQLITE_TOOBIG: return ERR_INPUT;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB: return ERR_CORRUPT;
  case SQLITE_AUTH: return ERR_DENIED;
  default: return ERR_IO;
  }
}

/* What a person can do something about has a word of its own.  SQLite only knows that writing or making a
 * file failed: `why`, the system's errno, is not always the first, so the file system is asked as well. */
static const char *rule_of(const char *path, int code, int why)
{
  struct statvfs disk;
  switch (code & 0xff) {
  case SQLITE_FULL: return "disk_full";
  case SQLITE_IOERR:
  case SQLITE_CANTOPEN:
  case SQLITE_READONLY: /* a disk that was so when it was opened, or a file that is */
    if (why == ENOSPC || why == EDQUOT) return "disk_full";
    if (statvfs(path, &disk) != 0) return "io";
    if (disk.f_flag & ST_RDONLY) return "read_only";
    return disk.f_bavail == 0 && (code & 0xff) != SQLITE_READONLY ? "disk_full" : "io";
  default: return "database";
  }
}

/* A full disk, or a read-only one: what to do.  False for everything else.  A commit whose flush was refused
 * may stand in the journal all the same, and then the next who opens finds it. */
static bool disk_said(const char *path, const char *rule, int code, struct err *err)
{
  bool full = strcmp(rule, "disk_full") == 0;
  if (!full && strcmp(rule, "read_only") != 0) return false;
  const char *mend = full ? "make room" : "mend it", *is = full ? "full" : "read-only";
  if (code == SQLITE_IOERR_FSYNC)
    err_rule(err, ERR_IO, "", rule,
             "%s: the disk is %s, and whether this was written is not known: %s, then look, and do it again "
             "if it is not there",
             path, is, mend);
  else
    err_rule(err, ERR_IO, "", rule, "%s: the disk is %s, nothing of it was written: %s, then do it again",
             path, is, mend);
  return true;
}

/* A statement of ours names a table or a column that is not there: somebody else has been at the schema.
 * Other faults of a statement (SQLITE_ERROR) are of what it computes, and say nothing about the database. */
static bool lacks_table(int code, const char *why)
{
  static const char *const lacks[] = {"no such table", "no such column", "no such index"};
  for (size_t i = 0; code == SQLITE_ERROR && i < sizeof lacks / sizeof *lacks; i++)
    if (strncmp(why, lacks[i], strlen(lacks[i])) == 0) return true;
  return code == SQLITE_ERROR && strstr(why, " has no column named ");
}

static bool fail(struct db *db, const char *sql, struct err *err)
{
  int code = sqlite3_extended_errcode(db->handle);
  if (code == SQLITE_INTERRUPT && db->stopped)
    return err_rule(err, ERR_BUSY, "", "busy", "a question took too long and was stopped: %.60s", sql);
  int shown = 60;
  const char *rule = rule_of(db->path, code, sqlite3_system_errno(db->handle));
  /* What a person must do something about is said in words; the rest is a fault of the program or a rule of a
   * table, and says where. */
  if (lacks_table(code, sqlite3_errmsg(db->handle)))
    return err_rule(err, ERR_CORRUPT, "", "store_damaged",
                    "%s: its tables are not as this program made them: %s, in: %.*s", db->path,
                    sqlite3_errmsg(db->handle), shown, sql);
  if (disk_said(db->path, rule, code, err)) return false;
  if (strcmp(rule, "io") == 0)
    return err_rule(err, kind_of(code), "", rule, "%s: %s (SQLite %d)", db->path, sqlite3_errmsg(db->handle),
                    code);
  return err_rule(err, kind_of(code), "", rule, "%s (SQLite %d) in: %.*s", sqlite3_errmsg(db->handle), code,
                  shown, sql);
}

static bool configure(struct db *db, enum db_mode mode, struct err *err)
{
  sqlite3_busy_timeout(db->handle, BUSY_WAIT_MS);
  sqlite3_extended_result_codes(db->handle, 1);
  sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
  sqlite3_limit(db->handle, SQLITE_LIMIT_ATTACHED, 1);
  if (mode == DB_READ) return db_exec(db, "PRAGMA query_only=1; PRAGMA cache_size=-2000;", err);
  return db_exec(db,
                 "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=1;"
                 "PRAGMA wal_autocheckpoint=1000; PRAGMA journal_size_limit=16777216;"
                 "PRAGMA secure_delete=1;", /* what is deleted is overwritten, so that erasing erases */
                 err);
}

/* SQLite counts every allocation of the process under one lock, which the threads of a busy hub spend more
 * time on than on their work; nobody here asks for that count.  Only possible before SQLite's first use. */
static void settle_process(void)
{
  sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

bool db_open(struct db **out, const char *path, enum db_mode mode, struct err *err)
{
  static pthread_once_t settled = PTHREAD_ONCE_INIT;
  pthread_once(&settled, settle_process);
  struct db *db = calloc(1, sizeof *db);
  if (!db) return err_set(err, ERR_IO, "out of memory opening %s", path);
  db->path = strdup(path);
  /* A reader too: even to read in WAL mode is to write in the shared index. */
  int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_READWRITE;
  if (mode == DB_CREATE) flags |= SQLITE_OPEN_CREATE;
  int code = db->path ? sqlite3_open_v2(path, &db->handle, flags, NULL) : SQLITE_NOMEM;
  bool ok = code == SQLITE_OK;
  if (!ok && !disk_said(path, rule_of(path, code, sqlite3_system_errno(db->handle)), code, err))
    err_set(err, kind_of(code), "%s: %s", path, sqlite3_errstr(code));
  ok = ok && configure(db, mode, err);
  if (!ok) {
    db_close(db);
    if (err && strncmp(err->text, path, strlen(path)) != 0) err_prefix(err, "%s", path);
    return false;
  }
  *out = db;
  return true;
}

void db_close(struct db *db)
{
  if (!db) return;
  for (int i = 0; i < CACHE_SLOTS; i++)
    sqlite3_finalize(db->cache[i].stmt);
  sqlite3_close_v2(db->handle);
  free(db->path);
  free(db);
}

/* Asked every some ten thousand steps of SQLite's machine: a fraction of a millisecond. */
static int is_too_late(void *ctx)
{
  struct db *db = ctx;
  int64_t now_ms = clock_mono_ms(), hurry_ms = *db->hurry_ms;
  db->stopped = now_ms > db->until_ms || (hurry_ms && now_ms > hurry_ms);
  return db->stopped;
}

void db_until(struct db *db, int64_t until_ms, const _Atomic int64_t *hurry_ms)
{
  enum { STEPS = 20000 };
  db->stopped = false;
  db->until_ms = until_ms;
  db->hurry_ms = hurry_ms;
  sqlite3_progress_handler(db->handle, STEPS, until_ms ? is_too_late : NULL, db);
}

const char *db_path(const struct db *db)
{
  return db->path;
}

bool db_exec(struct db *db, const char *sql, struct err *err)
{
  if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK) return true;
  return fail(db, sql, err);
}

bool db_begin(struct db *db, struct err *err)
{
  struct query q = query_open(db, "BEGIN IMMEDIATE", err);
  return query_run(&q);
}

bool db_commit(struct db *db, struct err *err)
{
  struct query q = query_open(db, "COMMIT", err);
  return query_run(&q);
}

void db_rollback(struct db *db)
{
  if (!db_in_transaction(db)) return;
  sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

bool db_in_transaction(struct db *db)
{
  return !sqlite3_get_autocommit(db->handle);
}

int64_t db_changes(struct db *db)
{
  return sqlite3_changes64(db->handle);
}

/* The statement of this SQL text, prepared once.  A full cache or one in use gets a statement of its own, and
 * no slot. */
static sqlite3_stmt *prepare(struct db *db, const char *sql, void **taken, struct err *err)
{
  size_t start = ((uintptr_t)sql >> 3) % CACHE_SLOTS;
  struct cached *slot = NULL;
  for (size_t i = 0; i < 16 && !slot; i++) {
    struct cached *at = &db->cache[(start + i) % CACHE_SLOTS];
    if (at->sql == sql && !at->in_use && strcmp(sqlite3_sql(at->stmt), sql) == 0) {
      at->in_use = true;
      *taken = at;
      return at->stmt;
    }
    if (!at->sql) slot = at;
  }
  sqlite3_stmt *stmt = NULL;
  unsigned flags = slot ? SQLITE_PREPARE_PERSISTENT : 0;
  if (sqlite3_prepare_v3(db->handle, sql, -1, flags, &stmt, NULL) != SQLITE_OK) {
    fail(db, sql, err);
    return NULL;
  }
  if (slot) *slot = (struct cached){.sql = sql, .stmt = stmt, .in_use = true};
  *taken = slot;
  return stmt;
}

static void release(struct query *q)
{
  struct cached *slot = q->slot;
  if (!slot) {
    sqlite3_finalize(q->stmt);
    return;
  }
  sqlite3_reset(q->stmt);
  sqlite3_clear_bindings(q->stmt);
  slot->in_use = false;
}

struct query query_open(struct db *db, const char *sql, struct err *err)
{
  struct query q = {.db = db, .err = err};
  q.stmt = prepare(db, sql, &q.slot, err);
  q.bad = !q.stmt;
  return q;
}

static void bound(struct query *q, int code)
{
  if (code == SQLITE_OK) return;
  q->bad = true;
  fail(q->db, sqlite3_sql(q->stmt), q->err);
}

void query_int(struct query *q, int index, int64_t v)
{
  if (!q->bad) bound(q, sqlite3_bind_int64(q->stmt, index, v));
}

void query_text(struct query *q, int index, const char *s)
{
  query_textn(q, index, s, s ? strlen(s) : 0);
}

void query_textn(struct query *q, int index, const char *s, size_t n)
{
  if (!q->bad) bound(q, sqlite3_bind_text64(q->stmt, index, s, n, SQLITE_TRANSIENT, SQLITE_UTF8));
}

void query_blob(struct query *q, int index, const void *p, size_t n)
{
  if (!q->bad) bound(q, sqlite3_bind_blob64(q->stmt, index, p ? p : "", n, SQLITE_STATIC));
}

void query_null(struct query *q, int index)
{
  if (!q->bad) bound(q, sqlite3_bind_null(q->stmt, index));
}

void query_real(struct query *q, int index, double v)
{
  if (!q->bad) bound(q, sqlite3_bind_double(q->stmt, index, v));
}

bool query_row(struct query *q)
{
  if (q->bad) return false;
  int code = sqlite3_step(q->stmt);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) bound(q, code);
  return false;
}

bool query_close(struct query *q)
{
  if (q->stmt) release(q);
  q->stmt = NULL;
  return !q->bad;
}

bool query_run(struct query *q)
{
  while (query_row(q))
    ;
  return query_close(q);
}

int64_t column_int(const struct query *q, int index)
{
  return sqlite3_column_int64(q->stmt, index);
}

const char *column_text(const struct query *q, int index)
{
  const char *text = (const char *)sqlite3_column_text(q->stmt, index);
  return text ? text : "";
}

const void *column_blob(const struct query *q, int index, size_t *n)
{
  const void *p = sqlite3_column_blob(q->stmt, index);
  *n = (size_t)sqlite3_column_bytes(q->stmt, index);
  return p;
}

double column_real(const struct query *q, int index)
{
  return sqlite3_column_double(q->stmt, index);
}

bool column_null(const struct query *q, int index)
{
  return sqlite3_column_type(q->stmt, index) == SQLITE_NULL;
}

bool db_int(struct db *db, const char *sql, int64_t fallback, int64_t *out, struct err *err)
{
  struct query q = query_open(db, sql, err);
  int64_t v = fallback;
  if (query_row(&q)) v = column_int(&q, 0);
  if (!query_close(&q)) return false;
  *out = v;
  return true;
}

static void guard(sqlite3_context *context, int count, sqlite3_value **values)
{
  (void)count;
  (void)values;
  const bool *open = sqlite3_user_data(context);
  if (*open)
    sqlite3_result_int(context, 1);
  else
    sqlite3_result_error(context, "replicated tables change only through the store", -1);
}

bool db_define_guard(struct db *db, const char *name, const bool *open, struct err *err)
{
  void *flag = (void *)(uintptr_t)open;
  int code = sqlite3_create_function_v2(db->handle, name, 0, SQLITE_UTF8, flag, guard, NULL, NULL, NULL);
  return code == SQLITE_OK || fail(db, name, err);
}

static void flag_value(sqlite3_context *context, int count, sqlite3_value **values)
{
  (void)count;
  (void)values;
  const bool *flag = sqlite3_user_data(context);
  sqlite3_result_int(context, *flag);
}

bool db_define_flag(struct db *db, const char *name, const bool *flag, struct err *err)
{
  void *ctx = (void *)(uintptr_t)flag;
  int code = sqlite3_create_function_v2(db->handle, name, 0, SQLITE_UTF8, ctx, flag_value, NULL, NULL, NULL);
  return code == SQLITE_OK || fail(db, name, err);
}

struct number {
  struct db *db;
  db_number *ask;
};

static void number_value(sqlite3_context *context, int count, sqlite3_value **values)
{
  (void)count;
  const struct number *number = sqlite3_user_data(context);
  struct err err = ERR_INIT;
  int64_t v = 0;
  if (number->ask(number->db, sqlite3_value_int64(values[0]), sqlite3_value_int64(values[1]), &v, &err))
    sqlite3_result_int64(context, v);
  else
    sqlite3_result_error_code(context, sqlite3_extended_errcode(number->db->handle));
}

bool db_define_number(struct db *db, const char *name, db_number *ask, struct err *err)
{
  struct number *number = malloc(sizeof *number);
  if (!number) return err_set(err, ERR_IO, "out of memory defining %s", name);
  *number = (struct number){db, ask};
  int code =
      sqlite3_create_function_v2(db->handle, name, 2, SQLITE_UTF8, number, number_value, NULL, NULL, free);
  return code == SQLITE_OK || fail(db, name, err);
}

bool db_empty_wal(struct db *db, bool *done, struct err *err)
{
  sqlite3_busy_timeout(db->handle, 0);
  int code = sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
  sqlite3_busy_timeout(db->handle, BUSY_WAIT_MS);
  *done = code == SQLITE_OK;
  return *done || (code & 0xff) == SQLITE_BUSY || fail(db, "checkpoint", err);
}

bool db_copy(struct db *db, const char *path, struct err *err)
{
  sqlite3 *target = NULL;
  int code = sqlite3_open_v2(path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
  sqlite3_backup *copy = code == SQLITE_OK ? sqlite3_backup_init(target, "main", db->handle, "main") : NULL;
  if (copy) {
    sqlite3_backup_step(copy, -1);
    sqlite3_backup_finish(copy);
  }
  code = sqlite3_errcode(target);
  const char *rule = rule_of(path, code, sqlite3_system_errno(target));
  sqlite3_close_v2(target);
  if (code == SQLITE_OK && copy) return true;
  if (disk_said(path, rule, code, err)) return false;
  return err_set(err, kind_of(code), "cannot copy %s to %s: %s", db->path, path, sqlite3_errstr(code));
}

bool db_check(struct db *db, struct err *err)
{
  struct query q = query_open(db, "PRAGMA quick_check(1)", err);
  char first[160] = "";
  if (query_row(&q)) snprintf(first, sizeof first, "%s", column_text(&q, 0));
  if (!query_close(&q)) return err_prefix(err, "%s is damaged", db->path);
  if (strcmp(first, "ok") == 0) return true;
  return err_set(err, ERR_CORRUPT, "%s is damaged: %s", db->path, first);
}

/* One step of a plan, and under which other one it stands. */
struct step {
  int id, parent;
  bool correlated, looks;
  char made[64]; /* the rows it makes for others of the statement: the name of a WITH */
};
enum { STEPS_MAX = 128 };

/* Is it done again for every row of something else: under a correlated subquery, or behind another table? */
static bool is_repeated(const struct step *steps, int count, int parent)
{
  for (int i = 0; i < count; i++)
    if ((steps[i].id == parent && steps[i].correlated) || (steps[i].parent == parent && steps[i].looks))
      return true;
  return false;
}

/* "SCAN run" goes through what the statement has made itself, and is no table. */
static bool is_made(const struct step *steps, int count, const char *detail)
{
  for (int i = 0; i < count; i++)
    if (*steps[i].made && strncmp(detail, "SCAN ", 5) == 0 && strcmp(detail + 5, steps[i].made) == 0)
      return true;
  return false;
}

/* Each line of the plan; the statement is not cached, whose text may be anybody's. */
static bool explain(struct db *db, const char *sql,
                    void (*line)(void *ctx, int id, int parent, const char *detail), void *ctx,
                    struct err *err)
{
  char *text = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
  sqlite3_stmt *stmt = NULL;
  bool ok = text && sqlite3_prepare_v2(db->handle, text, -1, &stmt, NULL) == SQLITE_OK;
  if (!ok) fail(db, sql, err);
  while (ok && sqlite3_step(stmt) == SQLITE_ROW) {
    const char *detail = (const char *)sqlite3_column_text(stmt, 3);
    if (detail) line(ctx, sqlite3_column_int(stmt, 0), sqlite3_column_int(stmt, 1), detail);
  }
  sqlite3_finalize(stmt);
  sqlite3_free(text);
  return ok;
}

struct scans {
  struct step steps[STEPS_MAX];
  int count;
  struct buf *out;
};

static void look_for_scan(void *ctx, int id, int parent, const char *detail)
{
  struct scans *s = ctx;
  bool scan = strncmp(detail, "SCAN", 4) == 0;
  bool repeated = is_repeated(s->steps, s->count, parent);
  /* All rows of a branch, for each row of another table: as good as a scan. */
  bool of_a_branch = strstr(detail, "USING PRIMARY KEY (branch=?)") && repeated;
  /* What a function makes of its argument, such as json_each, is read once; index 0 has none, and is whole.
   */
  bool of_an_argument = strstr(detail, " VIRTUAL TABLE INDEX ") && !strstr(detail, " INDEX 0:") && !repeated;
  bool of_its_own = is_made(s->steps, s->count, detail) && !repeated;
  if ((scan && !of_an_argument && !of_its_own) || of_a_branch) {
    put_text(s->out, detail);
    put_text(s->out, "\n");
  }
  if (s->count == STEPS_MAX) return;
  struct step *step = &s->steps[s->count++];
  *step = (struct step){.id = id,
                        .parent = parent,
                        .correlated = strncmp(detail, "CORRELATED", 10) == 0,
                        .looks = scan || strncmp(detail, "SEARCH", 6) == 0};
  if (strncmp(detail, "CO-ROUTINE ", 11) == 0 || strncmp(detail, "MATERIALIZE ", 12) == 0)
    snprintf(step->made, sizeof step->made, "%s", strchr(detail, ' ') + 1);
}

bool db_scans(struct db *db, const char *sql, struct buf *out, struct err *err)
{
  struct scans scans = {.out = out};
  return explain(db, sql, look_for_scan, &scans, err);
}

static void put_line(void *ctx, int id, int parent, const char *detail)
{
  (void)id;
  (void)parent;
  put_text(ctx, detail);
  put_text(ctx, "\n");
}

bool db_plan(struct db *db, const char *sql, struct buf *out, struct err *err)
{
  return explain(db, sql, put_line, out, err);
}

void db_each_statement(struct db *db, void (*each)(void *ctx, const char *sql), void *ctx)
{
  for (int i = 0; i < CACHE_SLOTS; i++)
    if (db->cache[i].stmt) each(ctx, sqlite3_sql(db->cache[i].stmt));
}
