/* db.h - one SQLite connection with its cached statements, and queries that read as one sentence.
 *
 *   struct query q = query_open(db, "SELECT price_fen FROM price WHERE branch = ?1 AND id = ?2", err);
 *   query_int(&q, 1, branch);
 *   query_int(&q, 2, id);
 *   while (query_row(&q))
 *     price_fen = column_int(&q, 0);
 *   if (!query_close(&q)) return false;
 *
 * Errors are sticky in the query: binds and rows after a fault do nothing, query_close reports it. Statements
 * are cached by the address of the SQL text, so the SQL must be a literal or live as long as the connection.
 * THREADS: a connection belongs to one thread at a time.  A full disk or a read-only file is ERR_IO, a lock
 * that did not come within five seconds ERR_BUSY, a damaged file ERR_CORRUPT, a broken CHECK ERR_INPUT. */
#ifndef SUNLIT_BASE_DB_H
#define SUNLIT_BASE_DB_H

#include "core/base/bytes.h"
#include "core/base/err.h"

#include <stdint.h>

struct db;

enum db_mode {
  DB_CREATE, /* read, write, make it if it is not there: WAL, synchronous=FULL, foreign keys on */
  DB_WRITE,  /* the same, but it must exist */
  DB_READ    /* query_only; for pages and reports */
};

bool db_open(struct db **out, const char *path, enum db_mode mode, struct err *err);
void db_close(struct db *db); /* NULL is fine */
const char *db_path(const struct db *db);
/* From any thread, while the connection is open: what it is asking now fails (ERR_IO). */
void db_interrupt(struct db *db);

/* Statements on this connection are stopped (ERR_BUSY rule "busy") when clock_mono_ms passes until_ms, or
 * *hurry_ms where that is not 0; with until_ms 0 they take as long as they take.  For connections that only
 * read. */
void db_until(struct db *db, int64_t until_ms, const _Atomic int64_t *hurry_ms);

/* Runs statements without parameters or results, such as a schema. */
bool db_exec(struct db *db, const char *sql, struct err *err);
bool db_begin(struct db *db,
              struct err *err); /* BEGIN IMMEDIATE; only the store and migrations call these three */
bool db_commit(struct db *db, struct err *err);
void db_rollback(struct db *db);
bool db_in_transaction(struct db *db);
int64_t db_changes(struct db *db); /* rows the last statement changed */

struct query {
  struct db *db;
  void *stmt;
  void *slot; /* where the statement is cached; NULL: it is this query's own */
  struct err *err;
  bool bad;
};

struct query query_open(struct db *db, const char *sql, struct err *err);
void query_int(struct query *q, int index, int64_t v);
void query_text(struct query *q, int index, const char *s); /* NULL binds NULL; copied */
void query_textn(struct query *q, int index, const char *s, size_t n);
void query_blob(struct query *q, int index, const void *p, size_t n); /* borrowed until query_close */
void query_null(struct query *q, int index);
void query_real(struct query *q, int index, double v);
bool query_row(struct query *q);   /* true while there is a row; false at the end or on a fault */
bool query_close(struct query *q); /* resets the statement; false when anything went wrong, err says what */
bool query_run(struct query *q);   /* steps to the end and closes: INSERT, UPDATE, DELETE */

int64_t column_int(const struct query *q, int index);
const char *column_text(const struct query *q, int index); /* "" for NULL; borrowed until the next row */
const void *column_blob(const struct query *q, int index, size_t *n);
double column_real(const struct query *q, int index);
bool column_null(const struct query *q, int index);

/* One integer from a statement without parameters; `fallback` when there is no row. */
bool db_int(struct db *db, const char *sql, int64_t fallback, int64_t *out, struct err *err);

/* Defines the SQL function without arguments that guard triggers call: it fails while *open is false. */
bool db_define_guard(struct db *db, const char *name, const bool *open, struct err *err);

/* Defines the SQL function without arguments that says 1 while *flag is true, else 0. */
bool db_define_flag(struct db *db, const char *name, const bool *flag, struct err *err);

/* Defines the SQL function of two integers whose value `number` says; it may ask the same connection. */
typedef bool db_number(struct db *db, int64_t a, int64_t b, int64_t *out, struct err *err);
bool db_define_number(struct db *db, const char *name, db_number *number, struct err *err);

/* Moves what the write-ahead log holds into the database and empties that file, if no reader is in the way at
 * this moment; *done says so. */
bool db_empty_wal(struct db *db, bool *done, struct err *err);

/* Copies the whole database into a file of its own, online and consistent. */
bool db_copy(struct db *db, const char *path, struct err *err);
/* PRAGMA quick_check; ERR_CORRUPT with SQLite's first line. */
bool db_check(struct db *db, struct err *err);
/* EXPLAIN QUERY PLAN of sql: each SCAN line is appended to out, one per line, and each SEARCH of all rows of
 * a branch that is done again for every row of something else.  What a table-valued function makes of its
 * argument is a scan only then, too.  For the full-scan test. */
bool db_scans(struct db *db, const char *sql, struct buf *out, struct err *err);
/* All of it, a step a line. */
bool db_plan(struct db *db, const char *sql, struct buf *out, struct err *err);
/* Every statement prepared on this connection so far, for the same test. */
void db_each_statement(struct db *db, void (*each)(void *ctx, const char *sql), void *ctx);

#endif
