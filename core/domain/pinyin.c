#include "core/domain/pinyin.h"

#include "core/base/text.h"
#include "core/base/typed.h"

#include <stdlib.h>
#include <string.h>

enum { SYLLABLE_SIZE = 8, NAME_CHARACTERS_MAX = 64 };

/* A character was read so, this many times, behind that one; before 0: behind any. */
struct reading {
  uint32_t before, code;
  char syllable[SYLLABLE_SIZE];
  int count;
};

struct pinyin {
  struct reading *list; /* by before, code; the most frequent first */
  size_t count, room;
};

static bool add(struct pinyin *pinyin, uint32_t before, uint32_t code, const char *syllable, size_t size)
{
  if (pinyin->count == pinyin->room) {
    size_t room = pinyin->room ? pinyin->room * 2 : 4096;
    struct reading *list = realloc(pinyin->list, room * sizeof *list);
    if (!list) return false;
    pinyin->list = list;
    pinyin->room = room;
  }
  struct reading *r = &pinyin->list[pinyin->count++];
  memset(r, 0, sizeof *r);
  r->before = before;
  r->code = code;
  r->count = 1;
  memcpy(r->syllable, syllable, size);
  return true;
}

/* A name whose syllables are as many as its characters teaches each of them. */
static bool learn(struct pinyin *pinyin, const char *name, const char *syllables)
{
  uint32_t codes[NAME_CHARACTERS_MAX];
  const char *at[NAME_CHARACTERS_MAX];
  size_t n = 0, k = 0, left = strlen(name);
  for (size_t size; left && n < NAME_CHARACTERS_MAX; name += size, left -= size) {
    size = text_next(name, left, &codes[n]);
    if (!size || codes[n] < 0x2e80) return true; /* Latin among the Chinese: nothing to learn surely */
    n++;
  }
  for (const char *s = syllables; *s && k < NAME_CHARACTERS_MAX; s += strspn(s, " ")) {
    at[k++] = s;
    if (strcspn(s, " ") >= SYLLABLE_SIZE) return true;
    s += strcspn(s, " ");
  }
  if (n != k || left) return true;
  for (size_t i = 0; i < n; i++) {
    size_t size = strcspn(at[i], " ");
    if (!add(pinyin, 0, codes[i], at[i], size)) return false;
    if (i && !add(pinyin, codes[i - 1], codes[i], at[i], size)) return false;
  }
  return true;
}

static int compare_key(const struct reading *a, uint32_t before, uint32_t code)
{
  if (a->before != before) return a->before < before ? -1 : 1;
  return (a->code > code) - (a->code < code);
}

static int compare_words(const void *a, const void *b)
{
  const struct reading *x = a, *y = b;
  int key = compare_key(x, y->before, y->code);
  return key ? key : strcmp(x->syllable, y->syllable);
}

static int compare_counts(const void *a, const void *b)
{
  const struct reading *x = a, *y = b;
  int key = compare_key(x, y->before, y->code);
  if (key) return key;
  return x->count != y->count ? (x->count < y->count) - (x->count > y->count)
                              : strcmp(x->syllable, y->syllable);
}

/* Equal readings become one that is counted, and the most frequent comes first. */
static void count(struct pinyin *pinyin)
{
  if (!pinyin->count) return;
  qsort(pinyin->list, pinyin->count, sizeof *pinyin->list, compare_words);
  size_t kept = 0;
  for (size_t i = 1; i < pinyin->count; i++) {
    if (compare_words(&pinyin->list[kept], &pinyin->list[i]) == 0)
      pinyin->list[kept].count++;
    else
      pinyin->list[++kept] = pinyin->list[i];
  }
  pinyin->count = kept + 1;
  qsort(pinyin->list, pinyin->count, sizeof *pinyin->list, compare_counts);
}

bool pinyin_open(struct pinyin **out, struct db *db, struct err *err)
{
  struct pinyin *pinyin = calloc(1, sizeof *pinyin);
  if (!pinyin) return err_set(err, ERR_IO, "no memory for syllables");
  struct query q = query_open(db,
                              "SELECT name_zh, name_pinyin FROM product UNION ALL"
                              " SELECT name_zh, pinyin FROM division /* scan: meant, every name */",
                              err);
  bool room = true;
  while (room && query_row(&q))
    room = learn(pinyin, column_text(&q, 0), column_text(&q, 1));
  bool ok = query_close(&q) && (room || err_set(err, ERR_IO, "no memory for syllables"));
  if (!ok) {
    pinyin_close(pinyin);
    return false;
  }
  count(pinyin);
  *out = pinyin;
  return true;
}

void pinyin_close(struct pinyin *pinyin)
{
  if (!pinyin) return;
  free(pinyin->list);
  free(pinyin);
}

static const char *find(const struct pinyin *pinyin, uint32_t before, uint32_t code)
{
  size_t low = 0, high = pinyin->count;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (compare_key(&pinyin->list[middle], before, code) < 0)
      low = middle + 1;
    else
      high = middle;
  }
  bool found = low < pinyin->count && compare_key(&pinyin->list[low], before, code) == 0;
  return found ? pinyin->list[low].syllable : NULL;
}

void pinyin_of(const struct pinyin *pinyin, const char *name, struct buf *out, struct buf *unknown)
{
  char folded[400];
  uint32_t before = 0, code = 0;
  typed_fold(folded, sizeof folded, name);
  size_t left = strlen(folded);
  const char *at = folded;
  bool word = false; /* inside Latin letters */
  for (size_t n; left && (n = text_next(at, left, &code)); at += n, left -= n, before = code) {
    bool latin = (code >= 'a' && code <= 'z') || (code >= '0' && code <= '9');
    const char *syllable = latin ? NULL : find(pinyin, before, code);
    if (!syllable) syllable = latin ? NULL : find(pinyin, 0, code);
    if (out->size && (syllable || (latin && !word))) put_u8(out, ' ');
    if (syllable) put_text(out, syllable);
    if (latin) put_u8(out, (uint8_t)code);
    if (!syllable && !latin && code >= 0x2e80 && unknown && (code < 0x3000 || code > 0x303f))
      put_bytes(unknown, at, n);
    word = latin;
  }
  put_u8(out, 0);
  if (unknown) put_u8(unknown, 0);
}
