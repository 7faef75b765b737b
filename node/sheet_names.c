#include "node/sheet_names.h"

#include "core/base/typed.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PRODUCTS_ALL = 100000 };

enum kind { PRODUCT, ALIAS, GONE, GONE_NUMBER, SUPPLIER };

struct entry {
  const char *name; /* in text, once that moves no more */
  size_t at;
  int64_t id;
  enum kind kind;
  uint32_t place; /* of a product: index into places */
};

/* Where products come from; a county is there once. */
struct place {
  uint32_t code;
  const char *county, *prefecture; /* borrowed from the catalogue */
  bool asked;                      /* it is what the origin that is asked for says */
};

struct sheet_names {
  const struct catalogue *catalogue;
  struct buf text;              /* folded names, each ended by a zero */
  struct buf entries;           /* struct entry, sorted once all are there */
  struct buf places;            /* struct place */
  char origin[SHEET_NAME_SIZE]; /* that places are marked for */
};

static struct entry *entries(const struct sheet_names *names, size_t *count)
{
  *count = names->entries.size / sizeof(struct entry);
  return (void *)names->entries.data;
}

static struct place *places(const struct sheet_names *names, size_t *count)
{
  *count = names->places.size / sizeof(struct place);
  return (void *)names->places.data;
}

static void add(struct sheet_names *names, enum kind kind, const char *name, int64_t id, uint32_t place)
{
  char folded[SHEET_NAME_SIZE];
  struct entry entry = {.at = names->text.size, .id = id, .kind = kind, .place = place};
  typed_fold(folded, sizeof folded, name);
  put_bytes(&names->text, folded, strlen(folded) + 1);
  put_bytes(&names->entries, &entry, sizeof entry);
}

/* "甲、乙" */
static void add_aliases(struct sheet_names *names, const struct catalogue_item *item, uint32_t place)
{
  for (const char *p = item->aliases; *p;) {
    const char *end = strstr(p, "、");
    size_t n = end ? (size_t)(end - p) : strlen(p);
    char one[SHEET_NAME_SIZE];
    snprintf(one, sizeof one, "%.*s", (int)(n < sizeof one ? n : sizeof one - 1), p);
    add(names, ALIAS, one, item->id, place);
    p += n + (end ? strlen("、") : 0);
  }
}

static uint32_t place_of(struct sheet_names *names, const struct catalogue_item *item)
{
  size_t count, i = 0;
  const struct place *list = places(names, &count);
  while (i < count && list[i].code != item->origin_code)
    i++;
  const struct place place = {
      .code = item->origin_code, .county = item->origin_name, .prefecture = item->prefecture_name};
  if (i == count) put_bytes(&names->places, &place, sizeof place);
  return (uint32_t)i;
}

static int compare(const struct entry *a, enum kind kind, const char *name, int64_t id)
{
  if (a->kind != kind) return a->kind < kind ? -1 : 1;
  int order = strcmp(a->name, name);
  return order ? order : (a->id > id) - (a->id < id);
}

static int compare_entries(const void *a, const void *b)
{
  const struct entry *other = b;
  return compare(a, other->kind, other->name, other->id);
}

/* -- loading -- */

static bool load_rows(struct sheet_names *names, struct db *db, struct err *err)
{
  struct query q = query_open(db, "SELECT id, name, uscc FROM supplier /* scan: meant, once a sheet */", err);
  while (query_row(&q)) {
    add(names, SUPPLIER, column_text(&q, 1), column_int(&q, 0), 0);
    add(names, SUPPLIER, column_text(&q, 2), column_int(&q, 0), 0);
  }
  if (!query_close(&q)) return false;
  q = query_open(
      db, "SELECT id, name_zh FROM product WHERE status <> 'active' /* scan: meant, once a sheet */", err);
  while (query_row(&q)) {
    add(names, GONE, column_text(&q, 1), column_int(&q, 0), 0);
    add(names, GONE_NUMBER, "", column_int(&q, 0), 0);
  }
  return query_close(&q);
}

static bool load(struct sheet_names *names, struct readers *readers, struct err *err)
{
  struct db *db = NULL;
  struct catalogue_page all = {.items = NULL};
  const struct catalogue_filter everything = {.page = {.limit = PRODUCTS_ALL}};
  if (!readers_take(readers, &db, err)) return false;
  bool ok = load_rows(names, db, err);
  readers_give(readers, db);
  if (!ok || !catalogue_find(names->catalogue, &everything, &all, err)) return false;
  for (int i = 0; i < all.count; i++) {
    uint32_t place = place_of(names, all.items[i]);
    add(names, PRODUCT, all.items[i]->name_zh, all.items[i]->id, place);
    add_aliases(names, all.items[i], place);
  }
  catalogue_page_wipe(&all);
  return true;
}

bool sheet_names_open(struct sheet_names **out, struct readers *readers, const struct catalogue *catalogue,
                      struct err *err)
{
  struct sheet_names *names = calloc(1, sizeof *names);
  if (!names) return err_set(err, ERR_IO, "no memory for a sheet");
  names->catalogue = catalogue;
  bool ok = load(names, readers, err);
  if (ok && (names->text.bad || names->entries.bad || names->places.bad))
    ok = err_set(err, ERR_IO, "no memory for a sheet");
  if (!ok) {
    sheet_names_close(names);
    return false;
  }
  size_t count;
  struct entry *list = entries(names, &count);
  for (size_t i = 0; i < count; i++)
    list[i].name = (const char *)names->text.data + list[i].at;
  if (count) qsort(list, count, sizeof *list, compare_entries);
  *out = names;
  return true;
}

void sheet_names_close(struct sheet_names *names)
{
  if (!names) return;
  buf_wipe(&names->text);
  buf_wipe(&names->entries);
  buf_wipe(&names->places);
  free(names);
}

/* -- asking -- */

/* The first that is not before (kind, name, id). */
static size_t first(const struct sheet_names *names, enum kind kind, const char *name, int64_t id)
{
  size_t count, low = 0;
  const struct entry *list = entries(names, &count);
  for (size_t high = count; low < high;) {
    size_t mid = low + (high - low) / 2;
    if (compare(&list[mid], kind, name, id) < 0)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

static bool has(const struct sheet_names *names, enum kind kind, const char *name, int64_t id)
{
  size_t count, i = first(names, kind, name, id);
  const struct entry *list = entries(names, &count);
  return i < count && compare(&list[i], kind, name, id) == 0;
}

/* A product that has a name twice is one, and so is a supplier whose name is its code. */
static int find(const struct sheet_names *names, enum kind kind, const char *name, bool placed, int64_t *id)
{
  size_t count, place_count;
  const struct entry *list = entries(names, &count);
  const struct place *from = places(names, &place_count);
  int found = 0;
  for (size_t i = first(names, kind, name, INT64_MIN);
       found < 2 && i < count && list[i].kind == kind && strcmp(list[i].name, name) == 0; i++) {
    if ((placed && !from[list[i].place].asked) || (found && list[i].id == *id)) continue;
    *id = list[i].id;
    found++;
  }
  return found;
}

bool sheet_same_place(const char *typed, const char *place)
{
  char full[SHEET_NAME_SIZE];
  typed_fold(full, sizeof full, place);
  size_t n = strlen(typed), m = strlen(full);
  static const char tail[] = "支行";
  if (n > sizeof tail - 1 && strcmp(typed + n - (sizeof tail - 1), tail) == 0) n -= sizeof tail - 1;
  if (n == m) return memcmp(typed, full, n) == 0;
  return m > 3 && n == m - 3 && memcmp(typed, full, n) == 0; /* without 县, 市 or 区 */
}

/* A column of origins says the same in row after row. */
static void mark_places(struct sheet_names *names, const char *origin)
{
  size_t count;
  struct place *list = places(names, &count);
  if (strcmp(names->origin, origin) == 0) return;
  snprintf(names->origin, sizeof names->origin, "%s", origin);
  for (size_t i = 0; i < count; i++)
    list[i].asked = sheet_same_place(origin, list[i].county) || sheet_same_place(origin, list[i].prefecture);
}

int sheet_names_product(struct sheet_names *names, const char *name, const char *origin,
                        const struct catalogue_item **item)
{
  int64_t id = 0;
  if (*origin) mark_places(names, origin);
  int found = find(names, PRODUCT, name, *origin, &id);
  if (!found) found = find(names, ALIAS, name, *origin, &id);
  *item = found == 1 ? catalogue_get(names->catalogue, id) : NULL;
  return found;
}

bool sheet_names_fits(const struct sheet_names *names, const struct catalogue_item *item, const char *name)
{
  return has(names, PRODUCT, name, item->id) || has(names, ALIAS, name, item->id);
}

bool sheet_names_gone(const struct sheet_names *names, int64_t number, const char *name)
{
  int64_t id = number;
  return number ? has(names, GONE_NUMBER, "", number) : find(names, GONE, name, false, &id) > 0;
}

int sheet_names_supplier(const struct sheet_names *names, const char *name, int64_t *id)
{
  return find(names, SUPPLIER, name, false, id);
}
