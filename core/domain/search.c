#include "core/domain/search.h"

#include <stdint.h>
#include <string.h>

static bool latin(unsigned char c)
{
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static size_t character_size(const char *s)
{
  unsigned char c = (unsigned char)*s;
  size_t n = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
  return strnlen(s, n);
}

/* One character of the text: what it becomes (at most 4 bytes, maybe none). */
static size_t fold_character(char out[4], const char *s, size_t n, char u_umlaut)
{
  const unsigned char *p = (const unsigned char *)s;
  if (n == 1) {
    out[0] = (char)(p[0] >= 'A' && p[0] <= 'Z' ? p[0] + 32 : p[0]);
    return out[0] == '\'' ? 0 : 1;
  }
  if (n == 2 && p[0] == 0xc3 && (p[1] == 0xbc || p[1] == 0x9c)) { /* u with dots, small and capital */
    out[0] = u_umlaut;
    return 1;
  }
  if (n == 3 && p[0] == 0xef && (p[1] == 0xbc || p[1] == 0xbd)) { /* U+FF01 to U+FF5E: full-width ASCII */
    int code = 0xff00 + (p[1] - 0xbc) * 64 + (p[2] - 0x80);
    if (code >= 0xff01 && code <= 0xff5e) {
      char plain = (char)(code - 0xff00 + 0x20);
      return fold_character(out, &plain, 1, u_umlaut);
    }
  }
  if (n == 3 && memcmp(s, "\u3000", 3) == 0) { /* the ideographic space */
    out[0] = ' ';
    return 1;
  }
  if (n == 3 && memcmp(s, "\u2019", 3) == 0) return 0;
  memcpy(out, s, n);
  return n;
}

void search_fold(char *out, size_t size, const char *text, char u_umlaut)
{
  size_t used = 0;
  for (size_t n; *text; text += n) {
    char folded[4];
    n = character_size(text);
    size_t m = fold_character(folded, text, n, u_umlaut);
    if (used + m >= size) break;
    memcpy(out + used, folded, m);
    used += m;
  }
  out[used] = '\0';
}

/* 0: separates words; 1: Latin; 2: any other script. */
static int script(const char *s)
{
  unsigned char c = (unsigned char)*s;
  if (c >= 0x80) return memcmp(s, "\u3001", 3) == 0 ? 0 : 2;
  return latin(c) ? 1 : 0;
}

static void append(char *word, size_t *used, const char *s, size_t n)
{
  if (*used + n >= SEARCH_WORD_SIZE) return;
  memcpy(word + *used, s, n);
  *used += n;
  word[*used] = '\0';
}

void search_parse(struct search *search, const char *text)
{
  *search = (struct search){0};
  char folded[512];
  search_fold(folded, sizeof folded, text, 'v');
  size_t in_word = 0, in_whole = 0, in_phrase = 0;
  int before = 0;
  size_t n;
  for (const char *s = folded; *s; s += n) {
    n = character_size(s);
    int now = n >= 3 || (unsigned char)*s < 0x80 ? script(s) : 2;
    if (now && now != before) {
      if (search->count == SEARCH_WORDS_MAX) break;
      if (search->count++) append(search->phrase, &in_phrase, " ", 1);
      in_word = 0;
    }
    if (now) {
      append(search->words[search->count - 1], &in_word, s, n);
      append(search->whole, &in_whole, s, n);
      append(search->phrase, &in_phrase, s, n);
    }
    before = now;
  }
}

/* Does word, from its start, spell beginnings of consecutive syllables, the first at `syllables`?  A set of
 * reachable positions in word is kept, one bit each, so nothing is tried twice.  whole: every syllable is
 * used up and begun. */
static bool spells(const char *word, const char *syllables, bool *whole)
{
  size_t n = strlen(word);
  uint64_t at = 1;
  const char *s = syllables;
  while (*s && at) {
    size_t size = strcspn(s, " ");
    uint64_t next = 0;
    for (size_t p = 0; p < n; p++) {
      if (!(at >> p & 1)) continue;
      for (size_t i = 0; i < size && p + i < n && word[p + i] == s[i]; i++)
        next |= UINT64_C(1) << (p + i + 1);
    }
    s += size;
    s += strspn(s, " ");
    at = next;
    if (at >> n & 1) {
      *whole = *s == '\0';
      return true;
    }
  }
  return false;
}

/* Full pinyin or initials alone are the whole name; "zho shan" merely begins it. */
static bool whole_pinyin(const char *word, const char *pinyin)
{
  size_t n = strlen(word), full = 0, initials = 0;
  bool same_full = true, same_initials = true, begins = true;
  for (const char *s = pinyin; *s; s++) {
    if (*s == ' ') {
      begins = true;
      continue;
    }
    if (same_full) same_full = full < n && word[full++] == *s;
    if (begins && same_initials) same_initials = initials < n && word[initials++] == *s;
    begins = false;
  }
  return n && ((same_full && full == n) || (same_initials && initials == n));
}

static enum search_rank match_pinyin(const char *word, const char *pinyin)
{
  bool whole = false;
  if (whole_pinyin(word, pinyin)) return SEARCH_EXACT;
  if (spells(word, pinyin, &whole)) return SEARCH_PREFIX;
  for (const char *s = strchr(pinyin, ' '); s; s = strchr(s, ' '))
    if (spells(word, ++s, &whole)) return SEARCH_WORD;
  return SEARCH_NONE;
}

static enum search_rank match_english(const char *word, const char *english)
{
  size_t n = strlen(word);
  if (strcmp(word, english) == 0) return SEARCH_EXACT;
  enum search_rank best = SEARCH_NONE;
  for (const char *at = strstr(english, word); at; at = strstr(at + 1, word)) {
    if (at == english) return SEARCH_PREFIX;
    if (!latin((unsigned char)at[-1]))
      best = SEARCH_WORD;
    else if (n >= 3 && best < SEARCH_PART)
      best = SEARCH_PART;
  }
  return best;
}

static enum search_rank match_chinese(const char *word, const char *name)
{
  size_t n = strlen(word), size = strlen(name);
  const char *at = strstr(name, word);
  if (!at) return SEARCH_NONE;
  if (n == size) return SEARCH_EXACT;
  if (at == name) return SEARCH_PREFIX;
  return size > n && strcmp(name + size - n, word) == 0 ? SEARCH_WORD : SEARCH_PART; /* 蟹 ends 梭子蟹 */
}

static enum search_rank match_aliases(const char *word, const char *aliases)
{
  enum search_rank best = SEARCH_NONE;
  while (*aliases) {
    const char *end = strstr(aliases, "\u3001");
    size_t n = end ? (size_t)(end - aliases) : strlen(aliases);
    char alias[SEARCH_WORD_SIZE * 4];
    if (n < sizeof alias) {
      memcpy(alias, aliases, n);
      alias[n] = '\0';
      enum search_rank rank = match_chinese(word, alias);
      if (rank > best) best = rank;
    }
    aliases += n + (end ? 3 : 0);
  }
  return best;
}

static bool match_related(const char *word, const char *related, bool is_latin)
{
  for (const char *at = strstr(related, word); at; at = strstr(at + 1, word))
    if (!is_latin || at == related || at[-1] == ' ') return true;
  return false;
}

static enum search_rank best_of(enum search_rank a, enum search_rank b)
{
  return a > b ? a : b;
}

static enum search_rank match_word(const char *word, const struct search_text *text)
{
  bool is_latin = latin((unsigned char)word[0]);
  enum search_rank rank = is_latin
                              ? best_of(match_pinyin(word, text->pinyin), match_english(word, text->english))
                              : match_chinese(word, text->name);
  if (rank < SEARCH_EXACT) rank = best_of(rank, match_aliases(word, text->aliases));
  if (rank == SEARCH_NONE && match_related(word, text->related, is_latin)) rank = SEARCH_RELATED;
  return rank;
}

enum search_rank search_match(const struct search *search, const struct search_text *text)
{
  if (search->count == 0) return SEARCH_RELATED;
  enum search_rank worst = SEARCH_EXACT;
  for (size_t i = 0; i < search->count; i++) {
    enum search_rank rank = match_word(search->words[i], text);
    if (rank < worst) worst = rank;
  }
  if (search->count == 1) return worst;
  enum search_rank together =
      best_of(match_word(search->whole, text), match_english(search->phrase, text->english));
  return best_of(worst, together);
}
