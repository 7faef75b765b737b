#include "site/entry_words.h"

#include "site/entry_refs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHANGES_SHOWN = 500 }; /* of one entry: a page, not a dump; the bytes are a click away */

bool entry_words_open(struct entry_words *words, struct db *db, enum language language, struct err *err)
{
  *words = (struct entry_words){.db = db, .language = language};
  char table[64] = "";
  struct query q = query_open(db,
                              "SELECT s.name, c.name FROM table_scope s, pragma_table_info(s.name) c"
                              " ORDER BY s.name, c.cid /* scan: the schema itself */",
                              err);
  while (query_row(&q)) {
    if (strcmp(table, column_text(&q, 0)) != 0) {
      if (*table) put_u8(&words->names, 0);
      snprintf(table, sizeof table, "%s", column_text(&q, 0));
      put_bytes(&words->names, table, strlen(table) + 1);
    }
    put_bytes(&words->names, column_text(&q, 1), strlen(column_text(&q, 1)) + 1);
  }
  put_u8(&words->names, 0);
  put_u8(&words->names, 0);
  bool ok = query_close(&q);
  if (ok && words->names.bad) ok = err_set(err, ERR_IO, "no memory for the schema's names");
  if (!ok) entry_words_close(words);
  return ok;
}

void entry_words_close(struct entry_words *words)
{
  buf_wipe(&words->names);
}

const char *entry_words_column(const struct entry_words *words, const char *table, int column, char spare[8])
{
  const char *at = (const char *)words->names.data;
  while (*at) {
    bool here = strcmp(at, table) == 0;
    at += strlen(at) + 1;
    for (int i = 0; *at; i++, at += strlen(at) + 1)
      if (here && i == column) return at;
    if (here) break;
    at++;
  }
  snprintf(spare, 8, "#%d", column & 0xFF);
  return spare;
}

/* The place of a column in a table, -1 when it has none of that name. */
static int find_column(const struct entry_words *words, const struct change *change, const char *name)
{
  char spare[8];
  for (int i = 0; i < change->columns; i++)
    if (strcmp(entry_words_column(words, change->table, i, spare), name) == 0) return i;
  return -1;
}

const struct value *entry_value(const struct entry_words *words, const struct change *change,
                                const char *name)
{
  int i = find_column(words, change, name);
  if (i < 0) return NULL;
  if (change->after && change->after[i].kind != VALUE_ABSENT) return &change->after[i];
  if (change->before && change->before[i].kind != VALUE_ABSENT) return &change->before[i];
  return NULL;
}

static void put_place(void *ctx, uint32_t code, struct buf *out)
{
  entry_ref_name(ctx, "division", 0, code, out, NULL);
}

/* What stands beside a security event is read by its kind. */
static void put_event(const struct entry_words *words, const struct change *change, const struct value *v,
                      struct buf *out)
{
  char kind_[44] = "", detail[400] = "";
  const struct value *kind = entry_value(words, change, "kind");
  const struct event_reader reader = {words->language, put_place, (void *)(uintptr_t)words};
  if (kind && kind->kind == VALUE_TEXT && kind->size < sizeof kind_) memcpy(kind_, kind->p, kind->size);
  if (v->size >= sizeof detail) {
    put_bytes(out, v->p, v->size);
    return;
  }
  memcpy(detail, v->p, v->size);
  describe_event(out, &reader, kind_, detail);
}

/* The words that stand in a column of the row, "" when it is longer or none. */
static const char *word_of(const struct entry_words *words, const struct change *change, const char *column,
                           char out[48])
{
  const struct value *v = entry_value(words, change, column);
  memset(out, 0, 48);
  if (v && v->kind == VALUE_TEXT && v->size < 48) memcpy(out, v->p, v->size);
  return out;
}

/* What a revision says is in the words of the field that it is of. */
static bool put_revised(const struct entry_words *words, const struct change *change, const char *column,
                        const struct value *v, struct buf *out)
{
  char kind[48], field[48], digits[12] = "";
  if (strcmp(change->table, "revision") != 0 || v->kind != VALUE_TEXT) return false;
  word_of(words, change, "target_kind", kind);
  word_of(words, change, "field", field);
  if (strcmp(column, "field") == 0) {
    put_text(out, describe_column(kind, field, words->language));
    return true;
  }
  if (strcmp(column, "before") != 0 && strcmp(column, "after") != 0) return false;
  if (v->size < sizeof digits) memcpy(digits, v->p, v->size);
  size_t before = out->size;
  if (strcmp(field, "origin_code") == 0 || strcmp(field, "division") == 0)
    put_place((void *)(uintptr_t)words, (uint32_t)strtoul(digits, NULL, 10), out);
  if (out->size == before) describe_field(out, kind, field, (const char *)v->p, v->size, words->language);
  return true;
}

static void put_value(const struct entry_words *words, struct buf *out, const struct change *change,
                      const char *column, const struct value *v)
{
  const char *table = change->table;
  char number[40];
  if (v->kind == VALUE_TEXT && strcmp(table, "security_event") == 0 && strcmp(column, "detail") == 0) {
    put_event(words, change, v, out);
  } else if (put_revised(words, change, column, v, out)) {
    return;
  } else if (v->kind == VALUE_INT) {
    describe_int(out, table, column, value_int(v), words->language);
  } else if (v->kind == VALUE_TEXT) {
    describe_text(out, table, column, (const char *)v->p, v->size, words->language);
  } else if (v->kind == VALUE_REAL) {
    snprintf(number, sizeof number, "%.6g", value_real(v));
    put_text(out, number);
  } else if (v->kind == VALUE_BLOB) {
    snprintf(number, sizeof number, words->language == LANGUAGE_ZH ? "%u 字节" : "%u bytes", v->size);
    put_text(out, number);
  }
}

/* -- the title -- */

/* Tables in the order in which they say best what an entry was about, and the columns of the line. */
static const struct title_rule {
  const char *table, *product, *supplier, *also;
} title_rules[] = {
    {"price", "product", NULL, "price_fen"},
    {"evaluation", "product", NULL, "quality"},
    {"confirmation", "product", NULL, NULL},
    {"proposal", "target", "target", "no"},
    {"decision", NULL, NULL, "verdict"},
    {"refusal", NULL, NULL, "rule"},
    {"product", "id", NULL, NULL},
    {"supplier", NULL, "id", NULL},
    {"channel", "product", "supplier", NULL},
    {"season", "product", NULL, NULL},
    {"security_event", NULL, NULL, "kind"},
    {"product_score", "product", NULL, NULL},
    {"price_stat", "product", NULL, NULL},
    {"division", NULL, NULL, "name_zh"},
};
enum { TITLE_RULES = sizeof title_rules / sizeof *title_rules };

static bool put_name(struct db *db, const char *sql, int64_t id, struct buf *out, struct err *err)
{
  struct query q = query_open(db, sql, err);
  query_int(&q, 1, id);
  if (query_row(&q)) {
    if (out->size) put_u8(out, ' ');
    put_text(out, column_text(&q, 0));
  }
  return query_close(&q);
}

static bool put_title(const struct entry_words *words, const struct change *change,
                      const struct title_rule *rule, struct buf *out, struct err *err)
{
  const struct value *product = rule->product ? entry_value(words, change, rule->product) : NULL;
  const struct value *supplier = rule->supplier ? entry_value(words, change, rule->supplier) : NULL;
  const struct value *kind = entry_value(words, change, "target_kind");
  if (kind && kind->kind == VALUE_TEXT && kind->size == 8) /* "supplier", not "product" */
    product = NULL;
  else if (kind)
    supplier = NULL;
  if (product && value_int(product) &&
      !put_name(words->db,
                words->language == LANGUAGE_EN
                    ? "SELECT iif(name_en = '', name_zh, name_en) FROM product WHERE id = ?1"
                    : "SELECT name_zh FROM product WHERE id = ?1",
                value_int(product), out, err))
    return false;
  if (supplier && value_int(supplier) &&
      !put_name(words->db, "SELECT name FROM supplier WHERE id = ?1", value_int(supplier), out, err))
    return false;
  const struct value *also = rule->also ? entry_value(words, change, rule->also) : NULL;
  if (also && also->kind != VALUE_NULL) {
    if (out->size) put_u8(out, ' ');
    put_value(words, out, change, rule->also, also);
  }
  return true;
}

static int rule_of(const char *table)
{
  int i = 0;
  while (i < TITLE_RULES && strcmp(title_rules[i].table, table) != 0)
    i++;
  return i;
}

bool entry_words_title(const struct entry_words *words, const void *payload, size_t size, struct buf *out,
                       struct err *err)
{
  struct changes walk = changes_of(payload, size);
  struct change change;
  struct buf line = BUF_INIT;
  int best = TITLE_RULES, rows = 0;
  bool ok = true;
  while (ok && changes_next(&walk, &change, NULL)) {
    int rule = rule_of(change.table);
    if (rule == best) rows++;
    if (rule >= best) continue;
    best = rule;
    rows = 1;
    buf_clear(&line);
    ok = put_title(words, &change, &title_rules[rule], &line, err);
  }
  put_bytes(out, line.data, line.size);
  if (rows > 1 && best < TITLE_RULES) {
    char more[40];
    snprintf(more, sizeof more, words->language == LANGUAGE_ZH ? " 等 %d 条" : " and %d more",
             words->language == LANGUAGE_ZH ? rows : rows - 1);
    put_text(out, more);
  }
  put_u8(out, 0);
  buf_wipe(&line);
  return ok && (!out->bad || err_set(err, ERR_IO, "no memory for a title"));
}

/* -- all of it -- */

static void out_value(const struct entry_words *words, struct json_out *out, const char *key,
                      const struct change *change, const char *column, const struct value *v)
{
  struct buf text = BUF_INIT;
  if (!v || v->kind == VALUE_ABSENT || v->kind == VALUE_NULL) {
    out_null(out, key);
    return;
  }
  put_value(words, &text, change, column, v);
  out_textn(out, key, text.data ? (const char *)text.data : "", text.size);
  if (text.bad) out->bytes.bad = true;
  buf_wipe(&text);
}

/* Which row: by what people call it, 淳安县，JG330127-202611-0031; by the number it has where nothing calls
 * it. */
static void put_key(const struct entry_words *words, const struct change *change, int i, struct buf *out)
{
  char spare[8];
  const struct value *row = change->op == CHANGE_INSERT ? change->after : change->before;
  const char *column = entry_words_column(words, change->table, i, spare);
  if (!change->key[i] || !row) return;
  bool own = strcmp(column, "id") == 0;
  const char *kind = own ? change->table : entry_ref_kind(words, change, column);
  size_t before = out->size;
  if (before) put_text(out, words->language == LANGUAGE_ZH ? "，" : ", ");
  size_t begin = out->size;
  if (kind && row[i].kind == VALUE_INT)
    entry_ref_name(words, kind, entry_ref_branch(words, change), value_int(&row[i]), out, NULL);
  if (out->size > begin) return;
  put_text(out, describe_column(change->table, column, words->language));
  put_text(out, " ");
  put_value(words, out, change, column, &row[i]);
}

static void out_key(const struct entry_words *words, const struct change *change, struct json_out *out)
{
  struct buf text = BUF_INIT;
  for (int i = 0; i < change->columns; i++)
    put_key(words, change, i, &text);
  out_textn(out, "key", text.data ? (const char *)text.data : "", text.size);
  if (text.bad) out->bytes.bad = true;
  buf_wipe(&text);
}

static void out_ref_name(const struct entry_words *words, struct json_out *out, const char *key,
                         const char *kind, int64_t branch, const struct value *v)
{
  struct buf name = BUF_INIT;
  if (v && v->kind == VALUE_INT) /* without a name the id stands alone */
    entry_ref_name(words, kind, branch, value_int(v), &name, NULL);
  if (name.size)
    out_textn(out, key, name.data, name.size);
  else
    out_null(out, key);
  if (name.bad) out->bytes.bad = true;
  buf_wipe(&name);
}

/* What the value names, where it names a row: the kind, the branch it belongs to, and names for both sides.
 */
static void out_ref(const struct entry_words *words, const struct change *change, const char *column,
                    const struct value *before, const struct value *after, struct json_out *out)
{
  const char *kind = entry_ref_kind(words, change, column);
  if (!kind) {
    out_null(out, "ref");
    return;
  }
  int64_t branch = entry_ref_branch(words, change);
  out_object(out, "ref");
  out_text(out, "kind", kind);
  out_int_or_null(out, "branch", branch);
  out_ref_name(words, out, "before", kind, branch, before);
  out_ref_name(words, out, "after", kind, branch, after);
  out_end(out);
}

static void out_change(const struct entry_words *words, const struct change *change, struct json_out *out)
{
  char spare[8];
  out_object(out, NULL);
  out_text(out, "table", change->table);
  out_text(out, "title", describe_table(change->table, words->language));
  out_text(out, "op",
           change->op == CHANGE_INSERT   ? "insert"
           : change->op == CHANGE_DELETE ? "delete"
                                         : "update");
  out_key(words, change, out);
  out_array(out, "fields");
  for (int i = 0; i < change->columns; i++) {
    const struct value *before = change->before ? &change->before[i] : NULL;
    const struct value *after = change->after ? &change->after[i] : NULL;
    /* Of an update only what changed is shown; the key is above. */
    if (change->op == CHANGE_UPDATE && after && after->kind == VALUE_ABSENT) continue;
    const char *name = entry_words_column(words, change->table, i, spare);
    out_object(out, NULL);
    out_text(out, "name", name);
    out_text(out, "title", describe_column(change->table, name, words->language));
    out_value(words, out, "before", change, name, before);
    out_value(words, out, "after", change, name, after);
    out_ref(words, change, name, before, after, out);
    out_end(out);
  }
  out_end(out);
  out_end(out);
}

void entry_words_changes(const struct entry_words *words, const void *payload, size_t size,
                         struct json_out *out)
{
  struct changes walk = changes_of(payload, size);
  struct change change;
  struct err why = ERR_INIT;
  int64_t count = 0;
  out_array(out, "changes");
  while (changes_next(&walk, &change, &why))
    if (count++ < CHANGES_SHOWN) out_change(words, &change, out);
  out_end(out);
  out_int(out, "change_count", count);
  out_text_or_null(out, "change_fault", changes_done(&walk) ? NULL : why.text);
}

/* ---- the same for a person ---- */

static bool given(const struct value *v)
{
  return v && v->kind != VALUE_ABSENT && v->kind != VALUE_NULL;
}

/* The value, and behind an id what people call that row. */
static void text_value(const struct entry_words *words, const struct change *change, const char *column,
                       const struct value *v, struct buf *out)
{
  if (!given(v)) {
    put_text(out, words->language == LANGUAGE_ZH ? "（无）" : "(none)");
    return;
  }
  const char *kind = entry_ref_kind(words, change, column);
  struct buf name = BUF_INIT;
  if (kind && v->kind == VALUE_INT)
    entry_ref_name(words, kind, entry_ref_branch(words, change), value_int(v), &name, NULL);
  if (name.size) put_bytes(out, name.data, name.size);
  if (name.size) put_text(out, words->language == LANGUAGE_ZH ? "（" : " (");
  put_value(words, out, change, column, v);
  if (name.size) put_text(out, words->language == LANGUAGE_ZH ? "）" : ")");
  buf_wipe(&name);
}

static void text_field(const struct entry_words *words, const struct change *change, int i, struct buf *out)
{
  char spare[8];
  const struct value *before = change->before ? &change->before[i] : NULL;
  const struct value *after = change->after ? &change->after[i] : NULL;
  const char *column = entry_words_column(words, change->table, i, spare);
  bool update = change->op == CHANGE_UPDATE;
  if (update && (!after || after->kind == VALUE_ABSENT) && !change->key[i]) return;
  if (!update && !given(after) && !given(before)) return;
  put_text(out, "    ");
  put_text(out, describe_column(change->table, column, words->language));
  put_text(out, words->language == LANGUAGE_ZH ? "：" : ": ");
  text_value(words, change, column, change->op == CHANGE_INSERT ? after : before, out);
  if (update && !change->key[i]) {
    put_text(out, " → ");
    text_value(words, change, column, after, out);
  }
  put_text(out, "\n");
}

void entry_words_text(const struct entry_words *words, const void *payload, size_t size, struct buf *out)
{
  static const char *const ops[][2] = {{"新增", "added"}, {"改动", "changed"}, {"删除", "removed"}};
  struct changes walk = changes_of(payload, size);
  struct change change;
  struct err why = ERR_INIT;
  int count = 0;
  while (changes_next(&walk, &change, &why)) {
    if (count++ >= CHANGES_SHOWN) continue;
    int op = change.op == CHANGE_INSERT ? 0 : change.op == CHANGE_UPDATE ? 1 : 2;
    put_text(out, "  ");
    put_text(out, describe_table(change.table, words->language));
    put_text(out, words->language == LANGUAGE_ZH ? "，" : ", ");
    put_text(out, ops[op][words->language == LANGUAGE_EN]);
    put_text(out, "\n");
    for (int i = 0; i < change.columns; i++)
      text_field(words, &change, i, out);
  }
  char more[80];
  snprintf(more, sizeof more, words->language == LANGUAGE_ZH ? "  另有 %d 行\n" : "  and %d more rows\n",
           count - CHANGES_SHOWN);
  if (count > CHANGES_SHOWN) put_text(out, more);
  if (!changes_done(&walk))
    put_text(out,
             words->language == LANGUAGE_ZH ? "  其余内容读不懂\n" : "  the rest of it cannot be read\n");
}

void entry_words_number(const struct entry_words *words, const void *payload, size_t size, struct buf *out)
{
  struct changes walk = changes_of(payload, size);
  struct change change;
  for (bool found = false; !found && changes_next(&walk, &change, NULL);) {
    const struct value *no = entry_value(words, &change, "no");
    found = no && no->kind == VALUE_TEXT;
    if (found) put_bytes(out, no->p, no->size);
  }
  put_u8(out, 0);
}
