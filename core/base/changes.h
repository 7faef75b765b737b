/* changes.h - a walk over the bytes of a changeset, bounded and strict.
 *
 * The bytes are in the format of SQLite's session extension (sqlite3session_changeset) and come from a peer:
 * tables of 'T', column count, key flags, name; then rows of operation, indirect flag, old and new values.
 * The walker takes no memory, never reads past the end, and refuses anything a session would not write:
 * unknown types, bad lengths, missing values, text that is not UTF-8, indirect changes, more than
 * CHANGE_COLUMNS_MAX columns.
 *
 *   struct changes walk = changes_of(p, n);
 *   while (changes_next(&walk, &change, err)) ...
 *   if (!changes_done(&walk)) return false;       err says what and at which byte
 *
 * OWNERSHIP: names and values are borrowed from the bytes.  THREADS: pure. */
#ifndef SUNLIT_BASE_CHANGES_H
#define SUNLIT_BASE_CHANGES_H

#include "core/base/bytes.h"
#include "core/base/db.h"
#include "core/base/err.h"

enum { CHANGE_COLUMNS_MAX = 64 };

enum change_op { CHANGE_DELETE = 9, CHANGE_INSERT = 18, CHANGE_UPDATE = 23 }; /* as SQLite numbers them */
enum value_kind { VALUE_ABSENT, VALUE_INT, VALUE_REAL, VALUE_TEXT, VALUE_BLOB, VALUE_NULL };

struct value {
  enum value_kind kind;
  uint32_t size;    /* of text or blob */
  const uint8_t *p; /* 8 bytes big-endian for numbers */
};

bool value_read(struct value *v,
                struct reader *r);        /* one value; false and r bad when it is not well-formed */
int64_t value_int(const struct value *v); /* 0 for anything but an integer */
double value_real(const struct value *v);

struct change {
  enum change_op op;
  const char *table; /* zero-terminated inside the changeset */
  int columns;
  const uint8_t *key;         /* columns flags: 0, or 1-based place in the primary key */
  const struct value *before; /* UPDATE, DELETE; an UPDATE has the key and the changed columns */
  const struct value *after;  /* INSERT, UPDATE; an UPDATE has the changed columns only */
  const uint8_t *start;       /* the row's own bytes, for sorting rows into streams */
  size_t size;
};

struct changes {
  struct reader bytes;
  const uint8_t *begin;
  const char *table;
  int columns;
  const uint8_t *key;
  const uint8_t *header; /* the table's header bytes */
  size_t header_size;
  struct value before[CHANGE_COLUMNS_MAX];
  struct value after[CHANGE_COLUMNS_MAX];
  bool bad;
};

struct changes changes_of(const void *p, size_t n);
bool changes_next(struct changes *walk, struct change *out, struct err *err);
bool changes_done(const struct changes *walk); /* every byte was a well-formed change */

/* Binds without copying: the changeset must live until query_close. */
void query_value(struct query *q, int index, const struct value *v);
/* Is the column of the current row exactly this value, type included? */
bool column_is(const struct query *q, int index, const struct value *v);

#endif
