#include "sync/tables.h"

#include "core/base/limits.h"
#include "core/base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool refuse(struct refusal *why, const char *reason, const char *format, ...)
{
  snprintf(why->reason, sizeof why->reason, "%s", reason);
  va_list args;
  va_start(args, format);
  vsnprintf(why->detail, sizeof why->detail, format, args);
  va_end(args);
  return false;
}

/* ---- loading ---- */

static bool bad_table(const struct table *table, struct err *err, const char *what)
{
  return err_rule(err, ERR_INPUT, table->name, "replicated_table", "the replicated table %s %s", table->name,
                  what);
}

static char *text_of(struct buf *buf)
{
  put_u8(buf, 0);
  if (buf->bad) {
    buf_wipe(buf);
    return NULL;
  }
  return (char *)buf->data;
}

static void put_list(struct buf *out, const struct table *t, int columns)
{
  for (int i = 0; i < columns; i++) {
    put_text(out, i ? ", \"" : "\"");
    put_text(out, t->names[i]);
    put_text(out, "\"");
  }
}

static void put_number(struct buf *out, int n)
{
  char digits[12];
  snprintf(digits, sizeof digits, "%d", n);
  put_text(out, digits);
}

/* The key's columns as "a" = ?(step * i + step), for column i. */
static void put_key(struct buf *out, const struct table *t, int step)
{
  put_text(out, " WHERE ");
  const char *sep = "";
  for (int i = 0; i < t->columns; i++) {
    if (!t->key[i]) continue;
    put_text(out, sep);
    put_text(out, "\"");
    put_text(out, t->names[i]);
    put_text(out, "\" = ?");
    put_number(out, step * i + step);
    sep = " AND ";
  }
}

const char *table_insert(struct table *t, int columns)
{
  if (t->insert[columns]) return t->insert[columns];
  struct buf sql = BUF_INIT;
  put_text(&sql, "INSERT INTO \"");
  put_text(&sql, t->name);
  put_text(&sql, "\"(");
  put_list(&sql, t, columns);
  put_text(&sql, ") VALUES(");
  for (int i = 0; i < columns; i++) {
    put_text(&sql, i ? ", ?" : "?");
    put_number(&sql, i + 1);
  }
  put_text(&sql, ")");
  t->insert[columns] = text_of(&sql);
  return t->insert[columns];
}

static bool make_statements(struct table *t, struct err *err)
{
  struct buf select = BUF_INIT, update = BUF_INIT, remove = BUF_INIT;
  put_text(&select, "SELECT ");
  put_list(&select, t, t->columns);
  put_text(&select, " FROM \"");
  put_text(&select, t->name);
  put_text(&select, "\"");
  put_key(&select, t, 1);
  put_text(&update, "UPDATE \"");
  put_text(&update, t->name);
  put_text(&update, "\" SET ");
  const char *sep = "";
  for (int i = 0; i < t->columns; i++) {
    if (t->key[i]) continue;
    char part[320];
    snprintf(part, sizeof part, "%s\"%s\" = CASE WHEN ?%d THEN ?%d ELSE \"%s\" END", sep, t->names[i],
             2 * i + 1, 2 * i + 2, t->names[i]);
    put_text(&update, part);
    sep = ", ";
  }
  put_key(&update, t, 2);
  put_text(&remove, "DELETE FROM \"");
  put_text(&remove, t->name);
  put_text(&remove, "\"");
  put_key(&remove, t, 1);
  t->select = text_of(&select);
  t->update = text_of(&update);
  t->remove = text_of(&remove);
  if (t->select && t->update && t->remove && table_insert(t, t->columns)) return true;
  return err_set(err, ERR_IO, "out of memory reading the schema");
}

static enum value_kind type_of(const char *declared)
{
  static const struct {
    const char *name;
    enum value_kind kind;
  } types[] = {{"INTEGER", VALUE_INT},
               {"INT", VALUE_INT},
               {"TEXT", VALUE_TEXT},
               {"BLOB", VALUE_BLOB},
               {"REAL", VALUE_REAL}};
  for (size_t i = 0; i < sizeof types / sizeof *types; i++)
    if (strcmp(types[i].name, declared) == 0) return types[i].kind;
  return VALUE_ABSENT;
}

static bool load_columns(struct table *t, struct db *db, struct buf *canon, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT cid, name, type, \"notnull\", coalesce(dflt_value, ''), pk, hidden"
                              " FROM pragma_table_xinfo(?1)",
                              err);
  query_text(&q, 1, t->name);
  bool ok = true;
  int keys = 0;
  while (ok && query_row(&q)) {
    int i = t->columns;
    const char *name = column_text(&q, 1);
    if (i == CHANGE_COLUMNS_MAX || strlen(name) > 100)
      ok = bad_table(t, err, "has too many or too long columns");
    if (ok && column_int(&q, 6) != 0) ok = bad_table(t, err, "has a generated column");
    if (!ok) break;
    t->names[i] = strdup(name);
    t->key[i] = (uint8_t)column_int(&q, 5);
    t->types[i] = type_of(column_text(&q, 2));
    t->nullable[i] = column_int(&q, 3) == 0 && t->key[i] == 0;
    keys += t->key[i] > 0;
    /* An INTEGER PRIMARY KEY is the rowid and never NULL; any other key column must say so. */
    bool rowid = t->key[i] == 1 && strcmp(column_text(&q, 2), "INTEGER") == 0;
    if (t->key[i] && !rowid && column_int(&q, 3) == 0) ok = bad_table(t, err, "has a key that may be NULL");
    if (t->key[i] && t->types[i] == VALUE_REAL) ok = bad_table(t, err, "has a key of type REAL");
    char line[400];
    snprintf(line, sizeof line, "%d|%s|%s|%d|%.100s|%d\n", i, name, column_text(&q, 2),
             (int)column_int(&q, 3), column_text(&q, 4), (int)column_int(&q, 5));
    put_text(canon, line);
    if (ok) t->columns = i + 1;
    if (!t->names[i]) ok = err_set(err, ERR_IO, "out of memory reading the schema");
  }
  if (!query_close(&q) || !ok) return false;
  if (t->columns == 0) return bad_table(t, err, "does not exist");
  if (keys == 0) return bad_table(t, err, "has no primary key");
  if (t->scope != SCOPE_SHARED && t->key[0] != 1)
    return bad_table(t, err, "has a key that does not begin with the branch");
  t->withholds = strcmp(t->name, "withholding") == 0;
  t->has_row_id = t->scope != SCOPE_SHARED && t->columns > 1 && t->key[1] && strcmp(t->names[1], "id") == 0;
  return true;
}

static bool no_foreign_key(struct table *t, struct db *db, struct err *err)
{
  struct query q = query_open(db, "SELECT 1 FROM pragma_foreign_key_list(?1)", err);
  query_text(&q, 1, t->name);
  bool any = query_row(&q);
  if (!query_close(&q)) return false;
  return !any || bad_table(t, err, "has a foreign key: what it points to has another author");
}

/* A key is what its bytes are, on every side. */
static bool plain_key(struct table *t, struct db *db, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT 1 FROM pragma_index_list(?1) i, pragma_index_xinfo(i.name) c"
                              " WHERE i.origin = 'pk' AND c.key AND c.coll <> 'BINARY'",
                              err);
  query_text(&q, 1, t->name);
  bool any = query_row(&q);
  if (!query_close(&q)) return false;
  return !any || bad_table(t, err, "has a key that is not compared by its bytes");
}

static bool load_rules(struct table *t, struct db *db, struct err *err)
{
  if (!rules_load(t, db, err)) return false;
  t->exact_from = UINT32_MAX;
  for (int i = 0; i < t->columns; i++)
    if (t->rules[i].kind != RULE_NONE && t->rules[i].since < t->exact_from) t->exact_from = t->rules[i].since;
  return true;
}

static enum scope scope_of(const char *word)
{
  if (strcmp(word, "branch") == 0) return SCOPE_BRANCH;
  if (strcmp(word, "shared") == 0) return SCOPE_SHARED;
  return strcmp(word, "directed") == 0 ? SCOPE_DIRECTED : SCOPE_LOCAL;
}

static bool load_names(struct tables *out, struct db *db, struct buf *canon, struct err *err)
{
  struct query q = query_open(db, "SELECT name, scope, append_only FROM table_scope ORDER BY name", err);
  bool ok = true;
  while (ok && query_row(&q)) {
    struct table *all = realloc(out->all, (out->count + 1) * sizeof *all);
    char *name = strdup(column_text(&q, 0));
    if (all) out->all = all;
    if (!all || !name) {
      free(name);
      ok = err_set(err, ERR_IO, "out of memory reading the schema");
      break;
    }
    struct table *t = &all[out->count++];
    *t = (struct table){
        .name = name, .scope = scope_of(column_text(&q, 1)), .append_only = column_int(&q, 2) != 0};
    char line[200];
    snprintf(line, sizeof line, "table|%s|%s|%d\n", t->name, column_text(&q, 1), t->append_only);
    put_text(canon, line);
    if (strlen(t->name) > 64) ok = bad_table(t, err, "has too long a name");
    ok = ok && load_columns(t, db, canon, err) && no_foreign_key(t, db, err) && plain_key(t, db, err) &&
         make_statements(t, err) && load_rules(t, db, err);
  }
  return query_close(&q) && ok;
}

bool tables_load(struct tables *out, struct db *db, struct err *err)
{
  struct buf canon = BUF_INIT;
  memset(out, 0, sizeof *out);
  bool ok = load_names(out, db, &canon, err);
  if (ok && canon.bad) ok = err_set(err, ERR_IO, "out of memory reading the schema");
  uint8_t hash[HASH_SIZE];
  if (ok) sha256(hash, canon.data ? canon.data : (const uint8_t *)"", canon.size);
  if (ok) memcpy(out->hash, hash, SCHEMA_HASH_SIZE);
  buf_wipe(&canon);
  if (!ok) tables_close(out);
  return ok;
}

void tables_close(struct tables *tables)
{
  for (size_t i = 0; i < tables->count; i++) {
    struct table *t = &tables->all[i];
    rules_wipe(t);
    for (int k = 0; k < CHANGE_COLUMNS_MAX; k++)
      free(t->names[k]);
    for (int k = 0; k <= CHANGE_COLUMNS_MAX; k++)
      free(t->insert[k]);
    free(t->select);
    free(t->update);
    free(t->remove);
    free(t->name);
  }
  free(tables->all);
  memset(tables, 0, sizeof *tables);
}

struct table *tables_find(struct tables *tables, const char *name)
{
  if (tables->last && strcmp(tables->last->name, name) == 0) return tables->last;
  for (size_t i = 0; i < tables->count; i++)
    if (strcmp(tables->all[i].name, name) == 0) return tables->last = &tables->all[i];
  return NULL;
}

bool table_names_a_row(const struct table *table, int column)
{
  return (table->has_row_id && column == 1) || table->rules[column].kind == RULE_EARLIER;
}

void tables_note_act(struct tables *tables, const struct table *table, const struct change *change)
{
  if (table->withholds && change->op == CHANGE_INSERT && tables->acts_from == 0)
    tables->acts_from = value_int(&change->after[0]);
}

/* ---- triggers ---- */

static bool make_trigger(struct db *db, const struct table *t, const char *verb, bool forbidden,
                         struct err *err)
{
  char name[120], sql[400];
  snprintf(name, sizeof name, "sunlit_guard_%s_%s", t->name, verb);
  /* What is withheld leaves append-only tables too: sunlit_withholding() says that it is this that goes on.
   */
  if (forbidden)
    snprintf(
        sql, sizeof sql,
        "CREATE TRIGGER \"%s\" BEFORE %s ON \"%s\" %sBEGIN SELECT RAISE(ABORT, '%s is append-only'); END",
        name, verb, t->name, strcmp(verb, "DELETE") == 0 ? "WHEN NOT sunlit_withholding() " : "", t->name);
  else
    snprintf(sql, sizeof sql, "CREATE TRIGGER \"%s\" BEFORE %s ON \"%s\" BEGIN SELECT sunlit_guard(); END",
             name, verb, t->name);
  struct query q = query_open(db, "SELECT sql FROM sqlite_schema WHERE type = 'trigger' AND name = ?1", err);
  query_text(&q, 1, name);
  bool exists = query_row(&q);
  bool same = exists && strcmp(column_text(&q, 0), sql) == 0;
  if (!query_close(&q)) return false;
  if (same) return true;
  char drop[160];
  snprintf(drop, sizeof drop, "DROP TRIGGER \"%s\"", name);
  return (!exists || db_exec(db, drop, err)) && db_exec(db, sql, err);
}

bool tables_guard(const struct tables *tables, struct db *db, struct err *err)
{
  for (size_t i = 0; i < tables->count; i++) {
    const struct table *t = &tables->all[i];
    if (!make_trigger(db, t, "INSERT", false, err) || !make_trigger(db, t, "UPDATE", t->append_only, err) ||
        !make_trigger(db, t, "DELETE", t->append_only, err))
      return false;
  }
  return true;
}

/* ---- the check ---- */

static bool check_shape(const struct table *t, const struct origin *origin, const struct change *change,
                        struct refusal *why)
{
  bool fits = change->columns == t->columns || (origin->older_schema && change->columns < t->columns);
  if (!fits)
    return refuse(why, "columns", "%s has %d columns here, %d in the entry", t->name, t->columns,
                  change->columns);
  bool exact = origin->level >= t->exact_from;
  for (int i = 0; i < t->columns; i++) {
    uint8_t theirs = i < change->columns ? change->key[i] : 0;
    if (exact ? t->key[i] != theirs : !t->key[i] != !theirs)
      return refuse(why, "columns", "%s has another key here", t->name);
  }
  return true;
}

/* Changesets come table by table. */
static bool check_once(struct tables *tables, struct table *t, const struct origin *origin,
                       const struct change *change, struct refusal *why)
{
  bool again = t->walked == tables->walk && tables->header != change->table;
  tables->header = change->table;
  t->walked = tables->walk;
  if (!again || origin->level < t->exact_from) return true;
  return refuse(why, "changeset", "%s stands in it twice", t->name);
}

void tables_walk(struct tables *tables)
{
  tables->walk++;
  tables->header = NULL;
}

static bool check_author(const struct table *t, const struct origin *origin, int64_t branch,
                         struct refusal *why)
{
  const struct stream *s = &origin->stream;
  bool by_province = s->author == origin->province;
  switch (t->scope) {
  case SCOPE_SHARED:
    if (by_province && s->lane == 0) return true;
    return refuse(why, "scope", "%s is shared: only the province writes it, in lane 0; not %u in lane %u",
                  t->name, s->author, s->lane);
  case SCOPE_DIRECTED:
    if (by_province && s->lane != 0 && s->lane != s->author && branch == (int64_t)s->lane) return true;
    return refuse(why, "scope", "%s is directed: a row for %lld cannot come from %u in lane %u", t->name,
                  (long long)branch, s->author, s->lane);
  case SCOPE_BRANCH:
    if (branch == (int64_t)s->author && s->lane == (by_province ? s->author : 0)) return true;
    return refuse(why, "scope", "%s belongs to each branch: a row of %lld cannot come from %u in lane %u",
                  t->name, (long long)branch, s->author, s->lane);
  default: return refuse(why, "scope", "%s is local", t->name);
  }
}

static bool check_row(struct tables *tables, struct table *t, const struct origin *origin,
                      const struct change *change, struct refusal *why)
{
  const struct value *row = change->op == CHANGE_INSERT ? change->after : change->before;
  int64_t id = value_int(&row[t->has_row_id ? 1 : 0]);
  why->row_id = id;
  if (!check_once(tables, t, origin, change, why)) return false;
  if (t->scope != SCOPE_SHARED && row[0].kind != VALUE_INT)
    return refuse(why, "scope", "%s: the branch of a row is not a number", t->name);
  if (!check_author(t, origin, value_int(&row[0]), why)) return false;
  if (t->append_only && change->op != CHANGE_INSERT)
    return refuse(why, "append_only", "%s is append-only", t->name);
  /* Made by this entry, perhaps when it was first journaled under an earlier epoch. */
  if (t->has_row_id && change->op == CHANGE_INSERT &&
      (row[1].kind != VALUE_INT || id < 0 || id_seq(id) != origin->seq || id_epoch(id) > origin->epoch))
    return refuse(why, "row_id", "%s: the id %lld does not belong to entry %u/%llu", t->name, (long long)id,
                  origin->epoch, (unsigned long long)origin->seq);
  return true;
}

bool tables_check(struct tables *tables, struct db *db, const struct origin *origin,
                  const struct change *change, struct table **table, struct refusal *why, struct err *err)
{
  struct table *t = tables_find(tables, change->table);
  text_clean(TEXT_NAME, why->table, sizeof why->table, change->table);
  why->column[0] = '\0';
  why->row_id = 0;
  if (!t) return refuse(why, "unknown_table", "%s is not a replicated table", why->table);
  if (!check_shape(t, origin, change, why) || !check_row(tables, t, origin, change, why) ||
      !rules_check(t, db, origin, change, why, err))
    return false;
  *table = t;
  return true;
}
