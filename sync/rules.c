#include "sync/rules.h"

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/text.h"
#include "core/base/tx.h"
#include "sync/tables.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {
    [RULE_NONE] = "",           [RULE_ID] = "id",       [RULE_NUMBER] = "number",
    [RULE_TIME] = "time",       [RULE_DATE] = "date",   [RULE_NAME] = "name",
    [RULE_REMARK] = "remark",   [RULE_CODE] = "code",   [RULE_WORD] = "word",
    [RULE_OBJECT] = "object",   [RULE_ROW] = "row",     [RULE_TARGET] = "target",
    [RULE_EARLIER] = "earlier", [RULE_BYTES] = "bytes", [RULE_PROVINCE] = "province",
    [RULE_AS_IS] = "as_is"};

static const int64_t TIME_END_MS = 253402300800000; /* the year 10,000: PROTOCOL, a time */

/* ---- loading ---- */

static enum rule_kind kind_of(const char *word)
{
  for (int i = RULE_ID; i <= RULE_AS_IS; i++)
    if (strcmp(kinds[i], word) == 0) return (enum rule_kind)i;
  return RULE_NONE;
}

/* The statement that finds a row of a shared table by its key, which must be one column. */
static char *make_lookup(struct db *db, const char *name, struct err *err)
{
  char sql[300] = "";
  struct query q = query_open(db, "SELECT name FROM pragma_table_info(?1) WHERE pk = 1", err);
  query_text(&q, 1, name);
  if (query_row(&q))
    snprintf(sql, sizeof sql, "SELECT 1 FROM \"%.64s\" WHERE \"%.64s\" = ?1", name, column_text(&q, 0));
  return query_close(&q) && *sql ? strdup(sql) : NULL;
}

static bool load_rule(struct rule *rule, struct db *db, const struct query *q, struct err *err)
{
  *rule = (struct rule){.kind = kind_of(column_text(q, 1)),
                        .low = column_int(q, 2),
                        .high = column_int(q, 3),
                        .refers = strdup(column_text(q, 4)),
                        .since = (uint32_t)column_int(q, 5)};
  if (!rule->refers) return err_set(err, ERR_IO, "out of memory reading the schema");
  if (rule->kind != RULE_ROW) return true;
  rule->lookup = make_lookup(db, rule->refers, err);
  return rule->lookup || err_set(err, ERR_INPUT, "a rule refers to %.64s, which is no table", rule->refers);
}

bool rules_load(struct table *table, struct db *db, struct err *err)
{
  int64_t any = 0;
  /* In a proof the database under test is attached (verify.c); names are found in it all the same. */
  if (!db_int(db, "SELECT count(*) FROM pragma_table_info('column_rule')", 0, &any, err)) return false;
  if (!any) return true;
  struct query q = query_open(
      db, "SELECT column_name, kind, low, high, refers, since FROM column_rule WHERE table_name = ?1", err);
  query_text(&q, 1, table->name);
  bool ok = true;
  while (ok && query_row(&q)) {
    int at = -1;
    for (int i = 0; i < table->columns; i++)
      if (strcmp(table->names[i], column_text(&q, 0)) == 0) at = i;
    if (at < 0)
      ok = err_set(err, ERR_INPUT, "a rule names %.64s.%.64s, which is no column", table->name,
                   column_text(&q, 0));
    else
      ok = load_rule(&table->rules[at], db, &q, err);
  }
  return query_close(&q) && ok;
}

void rules_wipe(struct table *table)
{
  for (int i = 0; i < table->columns; i++) {
    free(table->rules[i].refers);
    free(table->rules[i].lookup);
  }
}

/* ---- one value ---- */

/* What is being asked, and where the answer goes. */
struct question {
  const struct table *table;
  struct db *db;
  const struct origin *origin;
  const struct change *change;
  int column;
  struct refusal *why;
  struct err *err;
};

static bool no(struct question *q, const char *rule, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static bool no(struct question *q, const char *rule, const char *format, ...)
{
  char what[160];
  va_list args;
  va_start(args, format);
  vsnprintf(what, sizeof what, format, args);
  va_end(args);
  snprintf(q->why->column, sizeof q->why->column, "%.64s", q->table->names[q->column]);
  return refuse(q->why, rule, "%s %s", q->table->names[q->column], what);
}

static bool check_type(struct question *q, const struct value *v)
{
  static const char *const names[] = {"nothing", "a whole number", "a number", "text", "bytes", "empty"};
  enum value_kind wanted = q->table->types[q->column];
  if (v->kind == VALUE_NULL) return q->table->nullable[q->column] || no(q, "required", "is missing");
  if (wanted == VALUE_ABSENT || v->kind == wanted) return true;
  return no(q, "type", "is %s, not %s", names[v->kind], names[wanted]);
}

static bool check_number(struct question *q, int64_t n, int64_t low, int64_t high)
{
  if (n >= low && n <= high) return true;
  return no(q, "range", "%" PRId64 " is not between %" PRId64 " and %" PRId64, n, low, high);
}

static bool check_date(struct question *q, const struct rule *rule, int64_t n)
{
  if (n == 0 && rule->low == 0) return true;
  if (n >= rule->low && n <= 29991231 && date_valid((int)n)) return true;
  return no(q, "date", "%" PRId64 " is no day of the calendar", n);
}

static bool check_length(struct question *q, const struct rule *rule, size_t n, const char *what)
{
  if ((int64_t)n >= rule->low && (int64_t)n <= rule->high) return true;
  if (n == 0) return no(q, "required", "is empty");
  return no(q, "length", "has %zu %s, not %" PRId64 " to %" PRId64, n, what, rule->low, rule->high);
}

static bool check_text(struct question *q, enum text_kind kind, const void *text, size_t size)
{
  struct err wrong = ERR_INIT;
  const char *name = q->table->names[q->column];
  if (text_check(kind, name, text, size, &wrong)) return true;
  size_t skip = strlen(name) + 1; /* the sentence begins with the name, as ours will */
  return no(q, wrong.rule, "%.150s", strlen(wrong.text) > skip ? wrong.text + skip : wrong.text);
}

static bool check_characters(struct question *q, const struct rule *rule, const struct value *v)
{
  size_t n = 0;
  if (!check_text(q, rule->kind == RULE_NAME ? TEXT_NAME : TEXT_REMARK, v->p, v->size)) return false;
  for (uint32_t i = 0; i < v->size; i++)
    n += (v->p[i] & 0xc0) != 0x80;
  return check_length(q, rule, n, "characters");
}

static bool check_code(struct question *q, const struct rule *rule, const struct value *v)
{
  for (uint32_t i = 0; i < v->size; i++) {
    uint8_t c = v->p[i];
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-') continue;
    return no(q, "character", "holds something other than letters, digits and '-' at byte %u", i + 1);
  }
  return check_length(q, rule, v->size, "characters");
}

static bool check_word(struct question *q, const struct rule *rule, const struct value *v)
{
  char shown[60];
  for (const char *word = rule->refers; *word;) {
    size_t n = strcspn(word, ",");
    if (n == v->size && memcmp(word, v->p, n) == 0) return true;
    word += n + (word[n] == ',');
  }
  snprintf(shown, sizeof shown, "%.*s", (int)(v->size < 40 ? v->size : 40), (const char *)v->p);
  text_clean(TEXT_NAME, shown, sizeof shown, shown);
  return no(q, "one_of", "cannot be \"%s\"", shown);
}

/* Texts inside, names of members too, wherever they stand. */
static bool check_member(struct question *q, const json_t *value)
{
  const char *key;
  json_t *member;
  size_t i;
  if (json_is_string(value))
    return check_text(q, TEXT_REMARK, json_string_value(value), json_string_length(value));
  json_array_foreach((json_t *)(uintptr_t)value, i, member)
  {
    if (!check_member(q, member)) return false;
  }
  json_object_foreach((json_t *)(uintptr_t)value, key, member)
  {
    if (!check_text(q, TEXT_NAME, key, strlen(key)) || !check_member(q, member)) return false;
  }
  return true;
}

static bool check_object(struct question *q, const struct rule *rule, const struct value *v)
{
  struct err wrong = ERR_INIT;
  json_t *object = json_parse((const char *)v->p, v->size, &wrong);
  bool ok = true;
  if (!object)
    ok = no(q, wrong.rule, "is no JSON object: %.120s", wrong.text);
  else if (!json_is_object(object))
    ok = no(q, "json", "is JSON, but no object");
  else if ((int64_t)json_object_size(object) > rule->high)
    ok = no(q, "count", "has %zu members, more than %" PRId64, json_object_size(object), rule->high);
  else
    ok = check_member(q, object);
  json_decref(object);
  return ok;
}

static bool find_row(struct question *q, const char *lookup, const char *table, int64_t key)
{
  struct query look = query_open(q->db, lookup, q->err);
  query_int(&look, 1, key);
  bool found = query_row(&look);
  if (!query_close(&look)) return false;
  return found || no(q, "unknown_row", "%" PRId64 " names no %.40s that is known here", key, table);
}

/* What waited for a newer program is written later than its place in the log says: by then others have made
 * rows that were not there at that place, so it is not asked (apply.c, verify.c). */
static bool check_row(struct question *q, const struct rule *rule, int64_t key)
{
  if ((key == 0 && rule->low == 0) || q->origin->waited) return true;
  return find_row(q, rule->lookup, rule->refers, key);
}

static bool check_target(struct question *q, const struct rule *rule, int64_t key)
{
  const struct value *name = NULL;
  char table[65], *lookup;
  if ((key == 0 && rule->low == 0) || q->origin->waited) return true;
  for (int i = 0; i < q->change->columns; i++)
    if (strcmp(q->table->names[i], rule->refers) == 0) name = &q->change->after[i];
  if (!name || name->kind != VALUE_TEXT) return true; /* that column's own rule speaks */
  snprintf(table, sizeof table, "%.*s", (int)(name->size < 64 ? name->size : 64), (const char *)name->p);
  lookup = make_lookup(q->db, table, q->err);
  if (!lookup) return q->err->kind == ERR_NONE; /* no table: that column's own rule says so */
  bool ok = find_row(q, lookup, table, key);
  free(lookup);
  return ok;
}

static bool check_earlier(struct question *q, const struct rule *rule, int64_t id)
{
  if (id == 0 && rule->low == 0) return true;
  if (id > 0 && id_seq(id) >= 1 && id_seq(id) <= q->origin->seq && id_epoch(id) >= 1 &&
      id_epoch(id) <= q->origin->epoch)
    return true;
  return no(q, "unknown_row", "%" PRId64 " names no earlier record of this author", id);
}

/* A table the province keeps for itself: each of its rows belongs to it, as others' belong to a branch. */
static bool check_province(struct question *q, int64_t branch)
{
  if (branch == (int64_t)q->origin->province) return true;
  return no(q, "scope", "%" PRId64 " is not the province, which alone writes %.40s", branch, q->table->name);
}

static bool check_value(struct question *q, const struct rule *rule, const struct value *v)
{
  if (!check_type(q, v)) return false;
  if (v->kind == VALUE_NULL) return true;
  switch (rule->kind) {
  case RULE_ID: return v->kind != VALUE_INT || check_number(q, value_int(v), 0, INT64_MAX);
  case RULE_NUMBER: return check_number(q, value_int(v), rule->low, rule->high);
  case RULE_TIME: return check_number(q, value_int(v), 0, TIME_END_MS - 1);
  case RULE_DATE: return check_date(q, rule, value_int(v));
  case RULE_NAME:
  case RULE_REMARK: return check_characters(q, rule, v);
  case RULE_CODE: return check_code(q, rule, v);
  case RULE_WORD: return check_word(q, rule, v);
  case RULE_OBJECT: return check_object(q, rule, v);
  case RULE_ROW: return check_row(q, rule, value_int(v));
  case RULE_TARGET: return check_target(q, rule, value_int(v));
  case RULE_EARLIER: return check_earlier(q, rule, value_int(v));
  case RULE_BYTES: return check_length(q, rule, v->size, "bytes");
  case RULE_PROVINCE: return check_province(q, value_int(v));
  case RULE_AS_IS:
  case RULE_NONE: break;
  }
  return true;
}

bool rules_check(const struct table *table, struct db *db, const struct origin *origin,
                 const struct change *change, struct refusal *why, struct err *err)
{
  struct question q = {.table = table, .db = db, .origin = origin, .change = change, .why = why, .err = err};
  for (int i = 0; change->after && i < change->columns; i++) {
    const struct rule *rule = &table->rules[i];
    if (rule->kind == RULE_NONE || rule->since > origin->level) continue;
    if (change->after[i].kind == VALUE_ABSENT) continue;
    q.column = i;
    if (!check_value(&q, rule, &change->after[i])) return false;
  }
  return true;
}
