/* tables.h - the replicated tables of a database: their scopes, their shape, and what may be done to them.
 *
 * Loaded once from table_scope and the schema.  tables_check is the one place that decides whether a change
 * may come from an author; the author's own store asks it before it seals an entry, a receiver before it
 * writes a row.  Refused at loading: a table without an explicit key, with a nullable key, a foreign key or a
 * generated column, or a branch or directed table whose key does not begin with its first column.
 * OWNERSHIP: tables_close frees everything; the SQL texts must outlive the connection that used them. */
#ifndef SUNLIT_SYNC_TABLES_H
#define SUNLIT_SYNC_TABLES_H

#include "core/base/changes.h"
#include "core/base/tx.h"
#include "sync/entry.h"
#include "sync/rules.h"

struct table {
  char *name;
  enum scope scope;
  bool append_only;
  bool has_row_id; /* (branch, id): ids say which entry made them */
  bool withholds;  /* its rows are acts: withholding.h */
  int columns;
  uint8_t key[CHANGE_COLUMNS_MAX]; /* 1-based place in the primary key, 0: not in it */
  char *names[CHANGE_COLUMNS_MAX];
  enum value_kind types[CHANGE_COLUMNS_MAX]; /* as declared; VALUE_ABSENT: anything */
  bool nullable[CHANGE_COLUMNS_MAX];
  struct rule rules[CHANGE_COLUMNS_MAX]; /* RULE_NONE: only what the schema says */
  uint32_t exact_from;                   /* the level from which its header must be as an author writes it */
  uint64_t walked;                       /* the walk that met it last */
  char *select, *update, *remove;
  char *insert[CHANGE_COLUMNS_MAX + 1]; /* by number of columns, made when first needed */
};

struct tables {
  struct table *all;
  size_t count;
  struct table *last; /* changesets come table by table */
  uint64_t walk;      /* of one payload's changes, */
  const char *header; /* and the table header it is behind */
  int64_t acts_from;  /* the first act written since somebody set this to 0: to be carried out */
  uint8_t hash[SCHEMA_HASH_SIZE];
};

bool tables_load(struct tables *out, struct db *db, struct err *err);
void tables_close(struct tables *tables);
struct table *tables_find(struct tables *tables, const char *name); /* NULL: local or unknown */
/* Makes the guard and append-only triggers that are missing or not as they should be. */
bool tables_guard(const struct tables *tables, struct db *db, struct err *err);
/* Remembers in acts_from that a change of this table is an act. */
void tables_note_act(struct tables *tables, const struct table *table, const struct change *change);
/* Does the column hold an id of the author's, its own row's or another's? */
bool table_names_a_row(const struct table *table, int column);
/* The INSERT of the first `columns` columns; NULL without memory. */
const char *table_insert(struct table *table, int columns);

/* Why a change is not applied.  reason is one of the words of docs/PROTOCOL.md 4.3. */
struct refusal {
  char reason[48];
  char detail[200];
  char table[65];
  char column[65]; /* "": the row as a whole */
  int64_t row_id;
};
/* Always false. */
bool refuse(struct refusal *why, const char *reason, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What tables_check must know of the entry a change belongs to. */
struct origin {
  struct stream stream;
  uint32_t province;
  uint32_t epoch;
  uint64_t seq;
  bool older_schema; /* then trailing columns may be missing */
  /* The newest schema number under which the province had signed an entry of its own before this one came:
   * column rules up to it hold.  In the author's own store: the number of the program.  0: none do. */
  uint32_t level;
  bool waited; /* for a newer program */
};

/* Before the changes of one payload are checked. */
void tables_walk(struct tables *tables);
/* True: the author may make this change in this stream, and its values are what they must be; *table is its
 * table.  False: refused as why says, or err has a fault of the database. */
bool tables_check(struct tables *tables, struct db *db, const struct origin *origin,
                  const struct change *change, struct table **table, struct refusal *why, struct err *err);

#endif
