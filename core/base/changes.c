#include "core/base/changes.h"

#include "core/base/sqlite.h"

#include <string.h>

enum { TABLE_NAME_MAX = 64 };

int64_t value_int(const struct value *v)
{
  if (v->kind != VALUE_INT) return 0;
  struct reader r = reader_of(v->p, 8);
  return (int64_t)get_u64(&r);
}

double value_real(const struct value *v)
{
  double out = 0;
  if (v->kind != VALUE_REAL) return out;
  struct reader r = reader_of(v->p, 8);
  uint64_t bits = get_u64(&r);
  memcpy(&out, &bits, sizeof out);
  return out;
}

struct changes changes_of(const void *p, size_t n)
{
  struct changes walk = {.bytes = reader_of(p, n)};
  walk.begin = walk.bytes.p;
  return walk;
}

bool changes_done(const struct changes *walk)
{
  return !walk->bad && reader_done(&walk->bytes);
}

static bool fault(struct changes *walk, struct err *err, const char *what)
{
  walk->bad = true;
  return err_rule(err, ERR_INPUT, "changeset", "changeset", "changeset: %s at byte %zu%s%s", what,
                  (size_t)(walk->bytes.p - walk->begin), walk->table ? " in table " : "",
                  walk->table ? walk->table : "");
}

/* SQLite's big-endian varint of at most 32 bits, shortest form only. */
static uint32_t get_length(struct reader *r)
{
  uint64_t v = 0;
  for (int i = 0; i < 5; i++) {
    uint8_t byte = get_u8(r);
    if (i == 0 && byte == 0x80) break;
    v = v << 7 | (byte & 0x7f);
    if (byte & 0x80) continue;
    if (v > INT32_MAX) break;
    return r->bad ? 0 : (uint32_t)v;
  }
  r->bad = true;
  return 0;
}

bool value_read(struct value *v, struct reader *r)
{
  uint8_t kind = get_u8(r);
  *v = (struct value){.kind = kind};
  switch (kind) {
  case VALUE_ABSENT:
  case VALUE_NULL: break;
  case VALUE_INT:
  case VALUE_REAL:
    v->size = 8;
    v->p = get_bytes(r, 8);
    break;
  case VALUE_TEXT:
  case VALUE_BLOB:
    v->size = get_length(r);
    v->p = get_bytes(r, v->size);
    if (kind == VALUE_TEXT && !r->bad && !utf8_valid(v->p, v->size)) r->bad = true;
    break;
  default: r->bad = true;
  }
  return !r->bad;
}

static bool get_row(struct changes *walk, struct value *out)
{
  for (int i = 0; i < walk->columns; i++)
    if (!value_read(&out[i], &walk->bytes)) return false;
  return true;
}

static bool get_table(struct changes *walk, struct err *err)
{
  struct reader *r = &walk->bytes;
  walk->table = NULL;
  walk->header = r->p;
  get_u8(r);
  uint32_t columns = get_length(r);
  if (r->bad || columns < 1 || columns > CHANGE_COLUMNS_MAX) return fault(walk, err, "bad column count");
  walk->columns = (int)columns;
  walk->key = get_bytes(r, columns);
  if (!walk->key) return fault(walk, err, "cut short in a table header");
  bool any = false;
  for (uint32_t i = 0; i < columns; i++) {
    if (walk->key[i] > columns) return fault(walk, err, "bad key flag");
    any = any || walk->key[i];
  }
  if (!any) return fault(walk, err, "a table without a key");
  size_t left = reader_left(r);
  const uint8_t *name = r->p;
  const uint8_t *zero = memchr(name, 0, left < TABLE_NAME_MAX + 1 ? left : TABLE_NAME_MAX + 1);
  if (!zero || zero == name || !utf8_valid(name, (size_t)(zero - name)))
    return fault(walk, err, "bad table name");
  get_bytes(r, (size_t)(zero - name) + 1);
  walk->table = (const char *)name;
  walk->header_size = (size_t)(r->p - walk->header);
  return true;
}

/* A session writes whole rows for INSERT and DELETE; for UPDATE the key and the changed columns before, the
 * changed columns after. */
static bool well_formed(const struct changes *walk, const struct change *change)
{
  int changed = 0;
  for (int i = 0; i < walk->columns; i++) {
    bool has_before = change->before && change->before[i].kind != VALUE_ABSENT;
    bool has_after = change->after && change->after[i].kind != VALUE_ABSENT;
    const struct value *key = change->op == CHANGE_INSERT ? &walk->after[i] : &walk->before[i];
    if (walk->key[i] && key->kind == VALUE_NULL) return false;
    switch (change->op) {
    case CHANGE_INSERT:
      if (!has_after) return false;
      break;
    case CHANGE_DELETE:
      if (!has_before) return false;
      break;
    case CHANGE_UPDATE:
      if (walk->key[i] ? !has_before || has_after : has_before != has_after) return false;
      changed += has_after;
      break;
    }
  }
  return change->op != CHANGE_UPDATE || changed > 0;
}

bool changes_next(struct changes *walk, struct change *out, struct err *err)
{
  struct reader *r = &walk->bytes;
  if (walk->bad || reader_done(r)) return false;
  if (*r->p == 'T') {
    if (!get_table(walk, err)) return false;
    if (reader_done(r)) return fault(walk, err, "a table without a row");
  }
  if (!walk->table) return fault(walk, err, "no table header");
  const uint8_t *start = r->p;
  uint8_t op = get_u8(r);
  if (op != CHANGE_INSERT && op != CHANGE_UPDATE && op != CHANGE_DELETE)
    return fault(walk, err, "unknown operation");
  if (get_u8(r) != 0 || r->bad) return fault(walk, err, "an indirect change or a row cut short");
  if (op != CHANGE_INSERT && !get_row(walk, walk->before)) return fault(walk, err, "bad value before");
  if (op != CHANGE_DELETE && !get_row(walk, walk->after)) return fault(walk, err, "bad value after");
  struct change change = {.op = op,
                          .table = walk->table,
                          .columns = walk->columns,
                          .key = walk->key,
                          .before = op == CHANGE_INSERT ? NULL : walk->before,
                          .after = op == CHANGE_DELETE ? NULL : walk->after,
                          .start = start,
                          .size = (size_t)(r->p - start)};
  if (!well_formed(walk, &change)) return fault(walk, err, "a row that no session writes");
  *out = change;
  return true;
}

void query_value(struct query *q, int index, const struct value *v)
{
  switch (v->kind) {
  case VALUE_INT: query_int(q, index, value_int(v)); break;
  case VALUE_REAL: query_real(q, index, value_real(v)); break;
  case VALUE_TEXT:
    if (q->bad) return;
    if (sqlite3_bind_text64(q->stmt, index, (const char *)v->p, v->size, SQLITE_STATIC, SQLITE_UTF8)) {
      q->bad = true;
      err_set(q->err, ERR_IO, "cannot bind a text of %u bytes", v->size);
    }
    break;
  case VALUE_BLOB: query_blob(q, index, v->p, v->size); break;
  case VALUE_NULL:
  case VALUE_ABSENT: query_null(q, index); break;
  }
}

bool column_is(const struct query *q, int index, const struct value *v)
{
  static const int types[] = {0, SQLITE_INTEGER, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL};
  if (sqlite3_column_type(q->stmt, index) != types[v->kind]) return false;
  if (v->kind == VALUE_NULL) return true;
  if (v->kind == VALUE_INT) return column_int(q, index) == value_int(v);
  if (v->kind == VALUE_REAL) {
    double have = column_real(q, index), want = value_real(v);
    /* Bit for bit, as changesets do.  NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
    return memcmp(&have, &want, sizeof have) == 0;
  }
  size_t n = 0;
  const void *p = column_blob(q, index, &n);
  return n == v->size && (n == 0 || memcmp(p, v->p, n) == 0);
}
