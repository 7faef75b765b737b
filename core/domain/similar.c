#include "core/domain/similar.h"

#include "core/domain/pinyin.h"
#include "core/domain/search.h"

#include <stdio.h>
#include <string.h>

enum { FOLDED_SIZE = 1024, PART_MIN = 6 }; /* bytes of a name that says something: two Chinese characters */

/* One thing's names, folded, without blanks but in English. */
struct names {
  char name[FOLDED_SIZE], aliases[FOLDED_SIZE], pinyin[FOLDED_SIZE], english[FOLDED_SIZE];
  int64_t place;
};

const char *similar_why_name(enum similar_why why)
{
  static const char *const names[] = {"name", "alias", "pinyin", "english", "close", "part", ""};
  return names[why];
}

static void fold(char out[FOLDED_SIZE], const char *text, char u_umlaut)
{
  search_fold(out, FOLDED_SIZE, text, u_umlaut);
}

static void fold_tight(char out[FOLDED_SIZE], const char *text, char u_umlaut)
{
  size_t used = 0;
  fold(out, text, u_umlaut);
  for (const char *s = out; *s; s++)
    if (*s != ' ') out[used++] = *s;
  out[used] = '\0';
}

static void fold_names(struct names *out, const char *name, const char *aliases, const char *pinyin,
                       const char *english, int64_t place)
{
  fold_tight(out->name, name, 'u');
  fold_tight(out->aliases, aliases, 'u');
  fold_tight(out->pinyin, pinyin, 'v');
  fold(out->english, english, 'u');
  out->place = place;
}

/* The next name of a list parted by 、; false at its end. */
static bool next_alias(const char **at, char out[FOLDED_SIZE])
{
  if (!**at) return false;
  const char *end = strstr(*at, "\u3001");
  size_t n = end ? (size_t)(end - *at) : strlen(*at);
  snprintf(out, FOLDED_SIZE, "%.*s", (int)n, *at);
  *at += n + (end ? strlen("\u3001") : 0);
  return true;
}

static bool same(const char *a, const char *b)
{
  return *a && strcmp(a, b) == 0;
}

static bool called(const struct names *names, const char *name)
{
  char alias[FOLDED_SIZE];
  const char *at = names->aliases;
  if (same(names->name, name)) return true;
  while (next_alias(&at, alias))
    if (same(alias, name)) return true;
  return false;
}

static bool share_a_name(const struct names *a, const struct names *b)
{
  char alias[FOLDED_SIZE];
  const char *at = a->aliases;
  if (called(b, a->name)) return true;
  while (next_alias(&at, alias))
    if (called(b, alias)) return true;
  return false;
}

static size_t characters(const char *text)
{
  size_t n = 0;
  for (; *text; text++)
    n += ((unsigned char)*text & 0xc0) != 0x80;
  return n;
}

/* Does a search for one name find the other, or would it with one character changed? */
static enum similar_why alike(const char *a, const char *b)
{
  const struct search_text text[] = {{a, "", "", "", ""}, {b, "", "", "", ""}};
  struct search for_a, for_b;
  if (strlen(a) < PART_MIN || strlen(b) < PART_MIN) return SIMILAR_NONE;
  search_parse(&for_a, a);
  search_parse(&for_b, b);
  if (!for_a.count || !for_b.count) return SIMILAR_NONE;
  size_t n = characters(a), m = characters(b);
  if (n <= m + 1 && m <= n + 1 && search_close(&for_a, &text[1])) return SIMILAR_CLOSE;
  bool part =
      search_match(&for_a, &text[1]) > SEARCH_RELATED || search_match(&for_b, &text[0]) > SEARCH_RELATED;
  return part ? SIMILAR_PART : SIMILAR_NONE;
}

static enum similar_why best_of(enum similar_why a, enum similar_why b)
{
  return a < b ? a : b;
}

/* One name with the name and the aliases of the other. */
static enum similar_why alike_any(const char *name, const struct names *other)
{
  char alias[FOLDED_SIZE];
  const char *at = other->aliases;
  enum similar_why best = alike(name, other->name);
  while (next_alias(&at, alias))
    best = best_of(best, alike(name, alias));
  return best;
}

static enum similar_why compare(const struct names *a, const struct names *b)
{
  char alias[FOLDED_SIZE];
  const char *at = a->aliases;
  if (same(a->name, b->name)) return SIMILAR_NAME;
  if (share_a_name(a, b)) return SIMILAR_ALIAS;
  if (same(a->pinyin, b->pinyin)) return SIMILAR_READING;
  if (same(a->english, b->english)) return SIMILAR_ENGLISH;
  enum similar_why best = alike_any(a->name, b);
  while (next_alias(&at, alias))
    best = best_of(best, alike_any(alias, b));
  return best;
}

/* -- the most alike -- */

struct likeness {
  int64_t id;
  enum similar_why why;
  bool here; /* of the proposed place */
};

struct nearest {
  struct likeness list[SIMILAR_MAX];
  int count;
};

static bool nearer(const struct likeness *a, const struct likeness *b)
{
  if (a->why != b->why) return a->why < b->why;
  if (a->here != b->here) return a->here;
  return a->id < b->id;
}

static void keep(struct nearest *nearest, struct likeness one)
{
  int at = nearest->count;
  while (at > 0 && nearer(&one, &nearest->list[at - 1]))
    at--;
  if (at == SIMILAR_MAX) return;
  if (nearest->count < SIMILAR_MAX) nearest->count++;
  memmove(&nearest->list[at + 1], &nearest->list[at],
          (size_t)(nearest->count - at - 1) * sizeof nearest->list[0]);
  nearest->list[at] = one;
}

static const char *text_of(const json_t *fields, const char *key)
{
  const char *text = json_string_value(json_object_get(fields, key));
  return text ? text : "";
}

/* A name that is proposed without its pinyin is read as others are. */
static bool wanted_names(struct db *db, enum item_kind kind, const json_t *fields, struct names *out,
                         struct err *err)
{
  bool product = kind == ITEM_PRODUCT;
  const char *name = text_of(fields, product ? "name_zh" : "name");
  struct pinyin *reader = NULL;
  struct buf read = BUF_INIT, unread = BUF_INIT;
  bool ok = true;
  if (product && *name && !*text_of(fields, "name_pinyin")) {
    ok = pinyin_open(&reader, db, err);
    if (ok) pinyin_of(reader, name, &read, &unread);
    if (ok && (read.bad || unread.bad)) ok = err_set(err, ERR_IO, "out of memory reading a name");
    pinyin_close(reader);
  }
  /* Half a reading is none: unread ends in a zero. */
  const char *pinyin = unread.size > 1 ? ""
                       : read.size     ? (const char *)read.data
                                       : text_of(fields, "name_pinyin");
  if (ok)
    fold_names(out, name, text_of(fields, "aliases"), pinyin, text_of(fields, "name_en"),
               json_integer_value(json_object_get(fields, product ? "origin_code" : "division")));
  buf_wipe(&read);
  buf_wipe(&unread);
  return ok;
}

static bool find(struct db *db, enum item_kind kind, const struct names *wanted, struct nearest *nearest,
                 struct err *err)
{
  struct names names;
  struct query q = query_open(
      db,
      kind == ITEM_PRODUCT
          ? "SELECT id, name_zh, aliases, name_pinyin, name_en, origin_code FROM product"
            " /* scan: meant, each name is held against the proposed one */"
          : "SELECT id, name, '', '', '', division FROM supplier /* scan: meant, as with products */",
      err);
  while (query_row(&q)) {
    fold_names(&names, column_text(&q, 1), column_text(&q, 2), column_text(&q, 3), column_text(&q, 4),
               column_int(&q, 5));
    enum similar_why why = compare(wanted, &names);
    if (why != SIMILAR_NONE)
      keep(nearest, (struct likeness){column_int(&q, 0), why, names.place == wanted->place});
  }
  return query_close(&q);
}

static bool call(struct db *db, enum item_kind kind, const struct likeness *one,
                 void (*each)(void *ctx, const struct similar *row), void *ctx, struct err *err)
{
  struct query q =
      query_open(db,
                 kind == ITEM_PRODUCT
                     ? "SELECT p.name_zh, p.name_en, p.aliases, coalesce(d.name_zh, ''), coalesce(d.name_en, "
                       "''), p.status"
                       " FROM product p LEFT JOIN division d ON d.code = p.origin_code WHERE p.id = ?1"
                     : "SELECT p.name, '', '', coalesce(d.name_zh, ''), coalesce(d.name_en, ''), p.status"
                       " FROM supplier p LEFT JOIN division d ON d.code = p.division WHERE p.id = ?1",
                 err);
  query_int(&q, 1, one->id);
  if (query_row(&q))
    each(ctx, &(struct similar){.id = one->id,
                                .name = column_text(&q, 0),
                                .name_en = column_text(&q, 1),
                                .aliases = column_text(&q, 2),
                                .place = column_text(&q, 3),
                                .place_en = column_text(&q, 4),
                                .status = column_text(&q, 5),
                                .why = one->why});
  return query_close(&q);
}

bool similar_list(struct db *db, enum item_kind kind, const json_t *fields,
                  void (*each)(void *ctx, const struct similar *row), void *ctx, struct err *err)
{
  struct names wanted;
  struct nearest nearest = {.count = 0};
  if (!wanted_names(db, kind, fields, &wanted, err) || !find(db, kind, &wanted, &nearest, err)) return false;
  for (int i = 0; i < nearest.count; i++)
    if (!call(db, kind, &nearest.list[i], each, ctx, err)) return false;
  return true;
}
