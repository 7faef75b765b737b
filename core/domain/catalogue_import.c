#include "core/domain/catalogue_import.h"

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "core/base/sheet_read.h"
#include "core/domain/catalogue_row.h"
#include "core/domain/catalogue_table.h"
#include "core/domain/form.h"
#include "core/domain/item.h"
#include "core/domain/pinyin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
  CHUNK_BYTES = PAYLOAD_SIZE_MAX * 3 / 4, /* of estimated changes: an estimate wants room */
  ROW_IDS_MAX = 40                        /* a product, its windows and a revision row for each field */
};

struct catalogue_import {
  struct catalogue_row *rows;    /* as in the file */
  struct catalogue_row **sorted; /* by name and code */
  size_t count, next;
  size_t added, changed, same;
  struct pinyin *pinyin;       /* for names that come without */
  struct product_names *names; /* the catalogue's and the new rows', when read and again when written */
  char unread[400];            /* grid.unread */
  char above[GRID_HEADING_ROWS][200]; /* the heading; "": nothing stands in that row */
};

static int compare_key(const struct catalogue_row *a, const char *name, int64_t code)
{
  int by_name = strcmp(a->name, name);
  if (by_name) return by_name;
  return (a->code > code) - (a->code < code);
}

static int compare_rows(const void *a, const void *b)
{
  const struct catalogue_row *x = *(struct catalogue_row *const *)a, *y = *(struct catalogue_row *const *)b;
  int by_key = compare_key(x, y->name, y->code);
  return by_key ? by_key : (x->line > y->line) - (x->line < y->line);
}

static struct catalogue_row *find_row(const struct catalogue_import *import, const char *name, int64_t code)
{
  size_t low = 0, high = import->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = compare_key(import->sorted[middle], name, code);
    if (order == 0) return import->sorted[middle];
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

static void sort_rows(struct catalogue_import *import, struct check *check)
{
  for (size_t i = 0; i < import->count; i++)
    import->sorted[i] = &import->rows[i];
  qsort(import->sorted, import->count, sizeof *import->sorted, compare_rows);
  for (size_t i = 1; i < import->count; i++) {
    const struct catalogue_row *first = import->sorted[i - 1], *again = import->sorted[i];
    if (compare_key(first, again->name, again->code) != 0) continue;
    check->row = again->line;
    check_fault(check, ERR_INPUT, "name_zh", "duplicate", "%.60s of %lld is already on line %lld",
                again->name, (long long)again->code, (long long)first->line);
  }
}

/* A new product is not named as one that is there or as one of another row, by what only a keyboard makes
 * different.  Equal rows are told of already. */
static bool check_names(const struct catalogue_import *import, struct check *check, struct err *err)
{
  bool ok = true;
  for (size_t i = 0; ok && i < import->count; i++) {
    const struct catalogue_row *row = import->sorted[i], *last = i ? import->sorted[i - 1] : NULL;
    if (row->there.id || !*row->name || (last && compare_key(last, row->name, row->code) == 0)) continue;
    check->row = row->line;
    if (product_names_has(import->names, row->name, row->code))
      check_fault(check, ERR_CONFLICT, "name_zh", "exists",
                  "%.60s of that origin is already in the catalogue or in the file", row->name);
    ok = product_names_add(import->names, row->name, row->code, err);
  }
  return ok;
}

static bool refuse(const struct check *check, struct err *err)
{
  if (!check->bad) return true;
  struct err first = check->err ? *check->err : (struct err)ERR_INIT;
  return err_rule(err, ERR_INPUT, first.field, "faults", "nothing was imported; the first fault: %.250s",
                  first.text);
}

void catalogue_import_changes(const struct catalogue_import *import, catalogue_change_each *each, void *ctx)
{
  for (size_t i = 0; i < import->count; i++)
    if (import->rows[i].there.fields || import->rows[i].there.delisted) each(ctx, &import->rows[i].there);
}

static bool take_row(struct catalogue_import *import, struct db *db, const struct catalogue_table *table,
                     size_t i, struct check *check, struct err *err)
{
  size_t before = check->faults ? check->faults->count : 0;
  bool bad = check->bad;
  check->bad = false;
  if (catalogue_table_readable(table, i, check)) {
    struct catalogue_row *row = &import->rows[import->count++];
    if (!catalogue_table_row(db, table, i, row, check, err)) return false;
    /* With a fault there is nothing to compare, but it is no new product either (check_names). */
    if (!(check->bad ? catalogue_row_find(db, row, &row->there, err)
                     : catalogue_row_compare(db, row, check, err)))
      return false;
  }
  catalogue_table_show(table, check->faults, before);
  check->bad = check->bad || bad;
  return true;
}

static bool read_rows(struct catalogue_import *import, struct db *db, struct catalogue_table *table,
                      struct faults *faults, struct err *err)
{
  struct err first = ERR_INIT;
  struct check check = {.faults = faults, .err = &first};
  const struct grid *grid = &table->grid;
  catalogue_table_columns(table, &check);
  catalogue_table_show(table, faults, 0);
  if (check.bad) return refuse(&check, err);
  import->rows = calloc(grid->rows + 1, sizeof *import->rows);
  import->sorted = calloc(grid->rows + 1, sizeof(struct catalogue_row *));
  if (!import->rows || !import->sorted) return err_set(err, ERR_IO, "out of memory reading a table");
  for (size_t i = table->heading + 1; i < grid->rows; i++) {
    if (!grid_row_empty(grid, i) && !take_row(import, db, table, i, &check, err)) return false;
  }
  if (import->count == 0 && !check.bad) check_fault(&check, ERR_INPUT, "", "empty", "the file has no rows");
  size_t before = faults ? faults->count : 0;
  sort_rows(import, &check);
  if (!check_names(import, &check, err)) return false;
  catalogue_table_show(table, faults, before);
  return refuse(&check, err);
}

bool catalogue_import_open(struct catalogue_import **out, struct db *db, const void *bytes, size_t n,
                           struct faults *faults, struct err *err)
{
  struct catalogue_table table;
  if (!catalogue_table_open(&table, bytes, n, err)) {
    faults_add(faults, 0, err);
    return false;
  }
  struct catalogue_import *import = calloc(1, sizeof *import);
  bool ok = import || err_set(err, ERR_IO, "out of memory");
  ok = ok && pinyin_open(&import->pinyin, db, err) && product_names_open(&import->names, db, err) &&
       read_rows(import, db, &table, faults, err);
  if (ok) memcpy(import->unread, table.grid.unread, sizeof import->unread);
  for (size_t row = 0; ok && row < table.heading; row++)
    grid_row_text(&table.grid, row, import->above[row], sizeof import->above[row]);
  catalogue_table_wipe(&table);
  if (!ok) {
    catalogue_import_close(import);
    return false;
  }
  *out = import;
  return true;
}

const char *catalogue_import_unread(const struct catalogue_import *import)
{
  return import->unread;
}

void catalogue_import_above(const struct catalogue_import *import, catalogue_above_each *each, void *ctx)
{
  for (size_t row = 0; row < GRID_HEADING_ROWS; row++)
    if (*import->above[row]) each(ctx, (int64_t)row + 1, import->above[row]);
}

void catalogue_import_close(struct catalogue_import *import)
{
  if (!import) return;
  for (size_t i = 0; i < import->count; i++) {
    json_decref(import->rows[i].fields);
    json_decref(import->rows[i].open);
    json_decref(import->rows[i].closed);
    json_decref(import->rows[i].there.fields);
  }
  pinyin_close(import->pinyin);
  product_names_close(import->names);
  free(import->rows);
  free(import->sorted);
  free(import);
}

static const char *side_cell(const struct grid *grid, size_t row, int column)
{
  return grid_cell(grid, row, (size_t)column);
}

/* A side table: each row must name a product of the import; `each` takes what it says. */
static bool read_side(struct catalogue_import *import, const void *bytes, size_t n, const char *const *names,
                      void (*each)(struct catalogue_row *row, const struct grid *grid, size_t i,
                                   const int *at, struct check *check),
                      struct faults *faults, struct err *err)
{
  struct grid grid = GRID_INIT;
  struct err first = ERR_INIT;
  struct check check = {.faults = faults, .row = 1, .err = &first};
  int at[8];
  if (!sheet_read(&grid, bytes, n, NULL, err)) return false;
  for (size_t c = 0; names[c]; c++) {
    at[c] = grid_column(&grid, 0, names[c]);
    if (at[c] < 0)
      check_fault(&check, ERR_INPUT, names[c], "missing_column", "the column %s is missing", names[c]);
  }
  for (size_t i = 1; i < grid.rows && !check.bad; i++) {
    int64_t code = 0;
    const char *name = side_cell(&grid, i, at[0]), *of = side_cell(&grid, i, at[1]);
    struct catalogue_row *row = catalogue_table_number(of, &code) ? find_row(import, name, code) : NULL;
    check.row = (int64_t)i + 1;
    if (row)
      each(row, &grid, i, at, &check);
    else if (!grid_row_empty(&grid, i))
      check_fault(&check, ERR_INPUT, "name_zh", "unknown_product",
                  "%.60s of %s is not in the file of products", name, of);
  }
  grid_wipe(&grid);
  return refuse(&check, err);
}

static void take_basis(struct catalogue_row *row, const struct grid *grid, size_t i, const int *at,
                       struct check *check)
{
  const char *basis = side_cell(grid, i, at[2]);
  form_text(check, "basis", basis, 1, 400);
  json_object_set_new(row->fields, "geo_basis", json_string(basis));
}

bool catalogue_import_basis(struct catalogue_import *import, const void *bytes, size_t n,
                            struct faults *faults, struct err *err)
{
  static const char *const names[] = {"name_zh", "gb2260", "basis", NULL};
  return read_side(import, bytes, n, names, take_basis, faults, err);
}

static void take_closed(struct catalogue_row *row, const struct grid *grid, size_t i, const int *at,
                        struct check *check)
{
  int64_t md[2] = {0, 0};
  for (int k = 0; k < 2; k++) {
    const char *cell = side_cell(grid, i, at[2 + k]);
    if (!catalogue_table_number(cell, &md[k]) || md[k] > 1231 || !date_valid(20240000 + (int)md[k]))
      check_fault(check, ERR_INPUT, k ? "end_md" : "start_md", "date", "\"%.40s\" is no day of a year", cell);
  }
  if (!row->closed) row->closed = json_array();
  json_array_append_new(row->closed, catalogue_row_window("closed", md[0], md[1]));
}

bool catalogue_import_closed(struct catalogue_import *import, const void *bytes, size_t n,
                             struct faults *faults, struct err *err)
{
  static const char *const names[] = {"name_zh", "gb2260", "start_md", "end_md", NULL};
  return read_side(import, bytes, n, names, take_closed, faults, err);
}

/* A new product without syllables is read as the names that are here are. */
static void add_pinyin(const struct catalogue_import *import, const struct catalogue_row *row, json_t *fields)
{
  struct buf syllables = BUF_INIT;
  if (json_object_get(fields, "name_pinyin")) return;
  pinyin_of(import->pinyin, row->name, &syllables, NULL);
  if (!syllables.bad) json_object_set_new(fields, "name_pinyin", json_string((const char *)syllables.data));
  buf_wipe(&syllables);
}

/* An empty entry takes any row: what is too much for one is refused by it. */
static bool entry_is_full(const struct tx *tx, const struct catalogue_row *row, size_t bytes)
{
  const int64_t ids = tx->ids[SCOPE_SHARED].next + ROW_IDS_MAX + row->there.orders;
  return bytes > 0 && (bytes > CHUNK_BYTES || ids > ENTRY_ROWS_MAX);
}

static bool write_row(struct tx *tx, struct catalogue_import *import, const struct catalogue_row *row,
                      size_t *bytes, struct err *err)
{
  struct catalogue_change now;
  int64_t new_rev = 0;
  json_t *before = NULL;
  if (!catalogue_row_find(tx->db, row, &now, err)) return false;
  int64_t id = now.id, rev = now.rev;
  if (rev != row->there.rev) /* what was asked about is no longer what would be written */
    return err_rule(err, ERR_CONFLICT, "rev", "stale", "line %lld: %.60s was changed just now",
                    (long long)row->line, row->name);
  if (id && !item_values(tx->db, ITEM_PRODUCT, id, &before, NULL, err)) return false;
  json_t *fields = json_copy(row->fields);
  json_object_set_new(fields, "seasons", catalogue_row_seasons(row, json_object_get(before, "seasons")));
  if (!id) add_pinyin(import, row, fields);
  bool ok = catalogue_row_emptied(tx->db, id, before, fields, bytes, err);
  ok = ok && (id ? item_change(tx, ITEM_PRODUCT, id, rev, fields, &new_rev, NULL, err)
                 : item_add_among(tx, import->names, fields, &id, err));
  bool written = !before || new_rev != rev;
  if (ok && !before) import->added++;
  if (ok && before && written) import->changed++;
  if (ok && before && !written) import->same++;
  /* The JSON with its keys is longer than the row; a change also keeps before and after of each field. */
  if (written) *bytes += 100 + (before ? 3 : 1) * json_dumpb(fields, NULL, 0, JSON_COMPACT);
  json_decref(fields);
  json_decref(before);
  return ok || err_prefix(err, "line %lld", (long long)row->line);
}

bool catalogue_import_write(struct tx *tx, struct catalogue_import *import, struct err *err)
{
  char subject[32];
  size_t bytes = 0;
  snprintf(subject, sizeof subject, "%zu", import->count - import->next);
  form_subject(tx, subject);
  if (import->next == 0) { /* the names as they are now */
    product_names_close(import->names);
    import->names = NULL;
    if (!product_names_open(&import->names, tx->db, err)) return false;
  }
  while (import->next < import->count) {
    if (entry_is_full(tx, &import->rows[import->next], bytes)) break;
    if (!write_row(tx, import, &import->rows[import->next], &bytes, err)) return false;
    import->next++;
  }
  tx->more = import->next < import->count;
  return true;
}

void catalogue_import_counts(const struct catalogue_import *import, size_t *added, size_t *changed,
                             size_t *same)
{
  *added = import->added;
  *changed = import->changed;
  *same = import->same;
}
