#include "core/base/capture.h"

#include "core/base/changes.h"
#include "core/base/sqlite.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SLOTS_MIN = 64, NOTHING = -1 };

/* One row that was touched: where its key lies in the arena, and its image before, if it existed. */
struct touched {
  size_t key, key_size;
  size_t image, image_size;
  int next; /* of the same table, in order; NOTHING ends */
  bool existed;
};

struct watched {
  char *name;
  char *select; /* the row of a key: ?1 ... are the key's columns in table order */
  int columns;
  uint8_t key[CHANGE_COLUMNS_MAX];
  struct buf defaults; /* what a row from before a column was added holds in it, as values */
  size_t default_at[CHANGE_COLUMNS_MAX + 1]; /* column i: from [i] to [i + 1]; nothing there: NULL */
  int first, last;                           /* touched rows */
  struct watched *next;                      /* tables in the order in which they were first touched */
};

struct capture {
  struct db *db;
  struct watched *tables;
  size_t count;
  bool active;
  bool effect; /* a trigger touched a watched table */
  bool out_of_memory;
  struct watched *touched_first, *touched_last;
  struct touched *rows;
  size_t row_count, row_room;
  int *slots; /* open addressing over rows, by table and key; NOTHING: free */
  size_t slot_count;
  struct buf arena;
};

/* ---- encoding, as sessions do ---- */

/* SQLite's varint: big-endian groups of seven bits, all but the last with the high bit set. */
static void put_length(struct buf *out, uint32_t v)
{
  uint8_t bytes[5];
  int n = 0;
  do {
    bytes[n++] = (uint8_t)(v & 0x7f);
    v >>= 7;
  } while (v);
  while (n-- > 0)
    put_u8(out, (uint8_t)(bytes[n] | (n ? 0x80 : 0)));
}

static void put_run(struct buf *out, uint8_t kind, const void *p, int n)
{
  put_u8(out, kind);
  put_length(out, (uint32_t)n);
  put_bytes(out, p, (size_t)n);
}

static void put_value(struct buf *out, sqlite3_value *v)
{
  double real;
  uint64_t bits;
  switch (sqlite3_value_type(v)) {
  case SQLITE_INTEGER:
    put_u8(out, VALUE_INT);
    put_u64(out, (uint64_t)sqlite3_value_int64(v));
    break;
  case SQLITE_FLOAT:
    real = sqlite3_value_double(v);
    memcpy(&bits, &real, sizeof bits);
    put_u8(out, VALUE_REAL);
    put_u64(out, bits);
    break;
  case SQLITE_TEXT: {
    const void *text = sqlite3_value_text(v);
    put_run(out, VALUE_TEXT, text, sqlite3_value_bytes(v));
    break;
  }
  case SQLITE_BLOB: {
    const void *blob = sqlite3_value_blob(v);
    put_run(out, VALUE_BLOB, blob, sqlite3_value_bytes(v));
    break;
  }
  default: put_u8(out, VALUE_NULL);
  }
}

/* ---- the hook ---- */

/* Keys of different tables may be equal bytes, so a key in the arena begins with the number of its table. */
static uint64_t hash_of(const uint8_t *key, size_t size)
{
  uint64_t h = UINT64_C(0xcbf29ce484222325); /* FNV-1a */
  for (size_t i = 0; i < size; i++)
    h = (h ^ key[i]) * UINT64_C(0x100000001b3);
  return h ^ h >> 29;
}

static int *find_slot(struct capture *c, const uint8_t *key, size_t size, uint64_t hash)
{
  for (size_t i = hash & (c->slot_count - 1);; i = (i + 1) & (c->slot_count - 1)) {
    int at = c->slots[i];
    if (at == NOTHING) return &c->slots[i];
    const struct touched *row = &c->rows[at];
    if (row->key_size == size && memcmp(c->arena.data + row->key, key, size) == 0) return &c->slots[i];
  }
}

static bool grow(struct capture *c)
{
  if (c->row_count == c->row_room) {
    size_t room = c->row_room ? c->row_room * 2 : SLOTS_MIN / 2;
    struct touched *rows = realloc(c->rows, room * sizeof *rows);
    if (!rows) return false;
    c->rows = rows;
    c->row_room = room;
  }
  if (c->slots && c->row_count * 2 < c->slot_count) return true;
  size_t slot_count = c->slot_count ? c->slot_count * 2 : SLOTS_MIN;
  int *slots = malloc(slot_count * sizeof *slots);
  if (!slots) return false;
  free(c->slots);
  c->slots = slots;
  c->slot_count = slot_count;
  memset(slots, 0xff, slot_count * sizeof *slots);
  for (size_t i = 0; i < c->row_count; i++) {
    const uint8_t *key = c->arena.data + c->rows[i].key;
    *find_slot(c, key, c->rows[i].key_size, hash_of(key, c->rows[i].key_size)) = (int)i;
  }
  return true;
}

static void put_image(struct capture *c, const struct watched *t, sqlite3 *handle, bool old, bool key_only)
{
  for (int i = 0; i < t->columns; i++) {
    sqlite3_value *v = NULL;
    if (key_only && !t->key[i]) continue;
    int code = old ? sqlite3_preupdate_old(handle, i, &v) : sqlite3_preupdate_new(handle, i, &v);
    if (code != SQLITE_OK || !v) {
      c->out_of_memory = true;
      return;
    }
    size_t added = t->default_at[i + 1] - t->default_at[i];
    if (old && added && sqlite3_value_type(v) == SQLITE_NULL)
      put_bytes(&c->arena, t->defaults.data + t->default_at[i], added);
    else
      put_value(&c->arena, v);
  }
}

/* Notes the row that has this key before the change (existed) or after it, unless it is noted already. */
static void touch(struct capture *c, struct watched *t, sqlite3 *handle, bool existed)
{
  if (!grow(c)) c->out_of_memory = true;
  struct touched row = {.key = c->arena.size, .next = NOTHING, .existed = existed};
  put_u16(&c->arena, (uint16_t)(t - c->tables));
  put_image(c, t, handle, existed, true);
  if (c->out_of_memory || c->arena.bad) return;
  row.key_size = c->arena.size - row.key;
  const uint8_t *key = c->arena.data + row.key;
  int *slot = find_slot(c, key, row.key_size, hash_of(key, row.key_size));
  if (*slot != NOTHING) {
    c->arena.size = row.key;
    return;
  }
  row.image = c->arena.size;
  if (existed) put_image(c, t, handle, existed, false);
  row.image_size = c->arena.size - row.image;
  int at = (int)c->row_count;
  if (t->first == NOTHING) {
    t->first = at;
    t->next = NULL;
    if (c->touched_last)
      c->touched_last->next = t;
    else
      c->touched_first = t;
    c->touched_last = t;
  } else {
    c->rows[t->last].next = at;
  }
  t->last = at;
  c->rows[c->row_count++] = row;
  *slot = at;
}

static void before_change(void *ctx, sqlite3 *handle, int op, const char *schema, const char *table,
                          sqlite3_int64 old_rowid, sqlite3_int64 new_rowid)
{
  (void)old_rowid;
  (void)new_rowid;
  struct capture *c = ctx;
  if (!c->active || strcmp(schema, "main") != 0) return;
  struct watched *t = NULL;
  for (size_t i = 0; i < c->count && !t; i++)
    if (strcmp(c->tables[i].name, table) == 0) t = &c->tables[i];
  if (!t) return;
  if (sqlite3_preupdate_depth(handle) > 0) c->effect = true;
  if (op != SQLITE_INSERT) touch(c, t, handle, true);
  /* An UPDATE of the key leaves one row and makes another. */
  if (op != SQLITE_DELETE) touch(c, t, handle, false);
}

/* ---- opening ---- */

static void add_text(char *out, size_t size, const char *text)
{
  size_t n = strlen(out);
  snprintf(out + n, size - n, "%s", text);
}

/* The value of a column's default in the column's own type. */
static bool put_default(struct watched *t, struct db *db, const char *type, const char *expression,
                        struct err *err)
{
  char sql[400];
  sqlite3_stmt *stmt = NULL;
  const bool any = strcmp(type, "ANY") == 0;
  int n = snprintf(sql, sizeof sql, any ? "SELECT (%s)" : "SELECT CAST((%s) AS %s)", expression, type);
  bool ok = n > 0 && (size_t)n < sizeof sql &&
            sqlite3_prepare_v2(db_handle(db), sql, -1, &stmt, NULL) == SQLITE_OK &&
            sqlite3_step(stmt) == SQLITE_ROW;
  if (ok) put_value(&t->defaults, sqlite3_column_value(stmt, 0));
  sqlite3_finalize(stmt);
  return ok ||
         err_set(err, ERR_INPUT, "the table %s cannot be captured: the default %.100s", t->name, expression);
}

/* SQLite 3.40 shows NULL as the image before of a column that the stored row is too old to have, whatever its
 * default.  In a column that may not be NULL that can only mean the default; in one that may be, a default
 * would be ambiguous, and is refused. */
static bool load_defaults(struct watched *t, struct db *db, struct err *err)
{
  int i = 0;
  struct query q = query_open(
      db, "SELECT name, type, \"notnull\", pk, dflt_value FROM pragma_table_info(?1) ORDER BY cid", err);
  query_text(&q, 1, t->name);
  bool ok = true;
  for (; ok && query_row(&q); i++) {
    const char *expression = column_null(&q, 4) ? NULL : column_text(&q, 4);
    bool has = expression && strcasecmp(expression, "NULL") != 0 && !column_int(&q, 3);
    if (has && !column_int(&q, 2))
      ok =
          err_set(err, ERR_INPUT,
                  "the table %s cannot be captured: %s may be NULL and has a default, so rows from before it "
                  "was added could mean either",
                  t->name, column_text(&q, 0));
    else if (has)
      ok = put_default(t, db, column_text(&q, 1), expression, err);
    t->default_at[i + 1] = t->defaults.size;
  }
  if (!query_close(&q) || !ok) return false;
  return !t->defaults.bad || err_set(err, ERR_IO, "out of memory capturing %s", t->name);
}

static bool load_table(struct watched *t, struct db *db, struct err *err)
{
  char key[2048] = "", columns[8192] = "", part[256];
  int keys = 0;
  struct query q = query_open(db, "SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid", err);
  query_text(&q, 1, t->name);
  bool fits = true;
  while (fits && query_row(&q)) {
    fits = t->columns < CHANGE_COLUMNS_MAX && strlen(column_text(&q, 0)) <= 100;
    if (!fits) break;
    snprintf(part, sizeof part, "%s\"%s\"", t->columns ? ", " : "", column_text(&q, 0));
    add_text(columns, sizeof columns, part);
    t->key[t->columns] = (uint8_t)column_int(&q, 1);
    if (t->key[t->columns++] == 0) continue;
    snprintf(part, sizeof part, "%s\"%s\" = ?%d", keys ? " AND " : "", column_text(&q, 0), keys + 1);
    add_text(key, sizeof key, part);
    keys++;
  }
  if (!query_close(&q)) return false;
  if (!fits || t->columns == 0 || keys == 0 || strlen(key) >= sizeof key - 120)
    return err_set(err, ERR_INPUT, "the table %s cannot be captured: it has no key, or too many columns",
                   t->name);
  size_t size = strlen(columns) + strlen(t->name) + strlen(key) + 32;
  t->select = malloc(size);
  if (!t->select) return err_set(err, ERR_IO, "out of memory capturing %s", t->name);
  snprintf(t->select, size, "SELECT %s FROM \"%s\" WHERE %s", columns, t->name, key);
  return load_defaults(t, db, err);
}

bool capture_open(struct capture **out, struct db *db, const char *const *tables, size_t count,
                  struct err *err)
{
  struct capture *c = calloc(1, sizeof *c);
  if (c) c->tables = calloc(count ? count : 1, sizeof *c->tables);
  bool ok = c && c->tables && count < UINT16_MAX;
  for (size_t i = 0; ok && i < count; i++) {
    struct watched *t = &c->tables[c->count++];
    *t = (struct watched){.name = strdup(tables[i]), .first = NOTHING, .last = NOTHING};
    ok = t->name != NULL;
    if (ok && !load_table(t, db, err)) {
      capture_close(c);
      return false;
    }
  }
  if (!ok) {
    capture_close(c);
    return err_set(err, ERR_IO, "out of memory opening a capture");
  }
  c->db = db;
  sqlite3_preupdate_hook(db_handle(db), before_change, c);
  *out = c;
  return true;
}

void capture_close(struct capture *c)
{
  if (!c) return;
  if (c->db) sqlite3_preupdate_hook(db_handle(c->db), NULL, NULL);
  for (size_t i = 0; i < c->count; i++) {
    free(c->tables[i].name);
    free(c->tables[i].select);
    buf_wipe(&c->tables[i].defaults);
  }
  free(c->tables);
  free(c->rows);
  free(c->slots);
  buf_wipe(&c->arena);
  free(c);
}

static void forget(struct capture *c)
{
  for (struct watched *t = c->touched_first; t; t = t->next)
    t->first = t->last = NOTHING;
  c->touched_first = c->touched_last = NULL;
  /* A large transaction's table of slots is not kept: clearing it would cost every small one. */
  if (c->slot_count > SLOTS_MIN) {
    free(c->slots);
    c->slots = NULL;
    c->slot_count = 0;
  }
  if (c->slots && c->row_count) memset(c->slots, 0xff, c->slot_count * sizeof *c->slots);
  c->row_count = 0;
  buf_clear(&c->arena);
  c->effect = c->out_of_memory = false;
}

void capture_begin(struct capture *c)
{
  forget(c);
  c->active = true;
}

void capture_drop(struct capture *c)
{
  forget(c);
  c->active = false;
}

/* ---- the difference ---- */

static size_t put_header(struct buf *out, const struct watched *t)
{
  size_t start = out->size;
  put_u8(out, 'T');
  put_length(out, (uint32_t)t->columns);
  put_bytes(out, t->key, (size_t)t->columns);
  put_bytes(out, t->name, strlen(t->name) + 1);
  return start;
}

/* The next value of an image, as its own bytes. */
static struct reader next_value(struct reader *image)
{
  const uint8_t *start = image->p;
  uint8_t kind = get_u8(image);
  if (kind == VALUE_INT || kind == VALUE_REAL) get_bytes(image, 8);
  if (kind == VALUE_TEXT || kind == VALUE_BLOB) {
    uint32_t n = 0;
    uint8_t byte;
    do {
      byte = get_u8(image);
      n = n << 7 | (byte & 0x7f);
    } while (byte & 0x80);
    get_bytes(image, n);
  }
  return reader_of(start, (size_t)(image->p - start));
}

static void put_now(struct buf *out, const struct query *q, int column)
{
  put_value(out, sqlite3_column_value(q->stmt, column));
}

static void put_insert(struct buf *out, const struct watched *t, const struct query *q)
{
  put_u8(out, CHANGE_INSERT);
  put_u8(out, 0);
  for (int i = 0; i < t->columns; i++)
    put_now(out, q, i);
}

static void put_delete(struct buf *out, const uint8_t *image, size_t size)
{
  put_u8(out, CHANGE_DELETE);
  put_u8(out, 0);
  put_bytes(out, image, size);
}

/* Key and changed columns as they were, changed columns as they are; nothing when no column changed. */
static void put_update(struct buf *out, const struct watched *t, const struct query *q, const uint8_t *image,
                       size_t size, struct buf *now)
{
  struct reader r = reader_of(image, size);
  size_t start = out->size;
  bool any = false;
  buf_clear(now);
  put_u8(out, CHANGE_UPDATE);
  put_u8(out, 0);
  for (int i = 0; i < t->columns; i++) {
    struct reader before = next_value(&r);
    size_t n = (size_t)(before.end - before.p), at = now->size;
    put_now(now, q, i);
    bool same = now->bad || (now->size - at == n && memcmp(now->data + at, before.p, n) == 0);
    any = any || !same;
    if (same) {
      now->size = at;
      put_u8(now, VALUE_ABSENT);
    }
    if (t->key[i] || !same)
      put_bytes(out, before.p, n);
    else
      put_u8(out, VALUE_ABSENT);
  }
  if (now->bad) out->bad = true;
  if (any)
    put_bytes(out, now->data, now->size);
  else if (!out->bad)
    out->size = start;
}

static bool put_row(struct capture *c, const struct watched *t, const struct touched *row, struct buf *out,
                    struct buf *now, struct err *err)
{
  struct query q = query_open(c->db, t->select, err);
  struct reader key = reader_of(c->arena.data + row->key + 2, row->key_size - 2);
  for (int i = 1; reader_left(&key) > 0; i++) {
    struct reader v = next_value(&key);
    struct value value;
    value_read(&value, &v);
    query_value(&q, i, &value);
  }
  const uint8_t *image = c->arena.data + row->image;
  bool exists = query_row(&q);
  if (exists && row->existed)
    put_update(out, t, &q, image, row->image_size, now);
  else if (exists)
    put_insert(out, t, &q);
  else if (row->existed)
    put_delete(out, image, row->image_size);
  return query_close(&q);
}

static bool put_table(struct capture *c, const struct watched *t, struct buf *out, struct buf *now,
                      struct err *err)
{
  size_t start = put_header(out, t);
  size_t header_end = out->size;
  for (int at = t->first; at != NOTHING && !out->bad; at = c->rows[at].next)
    if (!put_row(c, t, &c->rows[at], out, now, err)) return false;
  if (!out->bad && out->size == header_end) out->size = start;
  return true;
}

bool capture_end(struct capture *c, struct buf *out, struct err *err)
{
  struct buf now = BUF_INIT;
  bool ok = true;
  c->active = false;
  if (c->effect)
    ok = err_rule(err, ERR_INPUT, c->touched_first ? c->touched_first->name : "", "trigger_effect",
                  "a trigger changes a replicated table");
  if (ok && (c->out_of_memory || c->arena.bad))
    ok = err_set(err, ERR_IO, "out of memory capturing a transaction");
  for (struct watched *t = c->touched_first; ok && t; t = t->next)
    ok = put_table(c, t, out, &now, err);
  buf_wipe(&now);
  forget(c);
  if (ok && out->bad)
    return err_rule(err, ERR_LIMIT, "", "payload_size", "the transaction changes more than %zu bytes",
                    out->max);
  return ok;
}

/* ---- the fence ---- */

/* While closed, everything is refused that is not reading, or changing rows of a table outside the prefix. */
static int authorize(void *ctx, int action, const char *a, const char *b, const char *schema,
                     const char *trigger)
{
  (void)b;
  (void)schema;
  (void)trigger;
  const struct fence *fence = ctx;
  if (!fence->closed) return SQLITE_OK;
  switch (action) {
  case SQLITE_SELECT:
  case SQLITE_READ:
  case SQLITE_FUNCTION:
  case SQLITE_RECURSIVE: return SQLITE_OK;
  case SQLITE_INSERT:
  case SQLITE_UPDATE:
  case SQLITE_DELETE:
    return a && strncmp(a, fence->prefix, strlen(fence->prefix)) == 0 ? SQLITE_DENY : SQLITE_OK;
  default: return SQLITE_DENY;
  }
}

bool db_fence(struct db *db, const struct fence *fence, struct err *err)
{
  void *ctx = (void *)(uintptr_t)fence;
  int code = sqlite3_set_authorizer(db_handle(db), authorize, ctx);
  return code == SQLITE_OK || err_set(err, ERR_IO, "cannot set the authorizer: %s", sqlite3_errstr(code));
}
