#include "core/domain/search.h"

#include "core/base/text.h"
#include "core/domain/hanzi.h"

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

/* A Latin letter without its accent; 0: none.  Pinyin is typed with its tones, or pasted with them. */
static char plain_letter(uint32_t code, char u_umlaut)
{
  static const struct {
    uint32_t first, last;
    char plain;
  } list[] = {{0xc0, 0xc5, 'a'},   {0xc8, 0xcb, 'e'},   {0xcc, 0xcf, 'i'},   {0xd2, 0xd6, 'o'},
              {0xd9, 0xdb, 'u'},   {0xe0, 0xe5, 'a'},   {0xe8, 0xeb, 'e'},   {0xec, 0xef, 'i'},
              {0xf2, 0xf6, 'o'},   {0xf9, 0xfb, 'u'},   {0x100, 0x105, 'a'}, {0x112, 0x11b, 'e'},
              {0x128, 0x12f, 'i'}, {0x143, 0x148, 'n'}, {0x14c, 0x14f, 'o'}, {0x168, 0x16b, 'u'},
              {0x1cd, 0x1ce, 'a'}, {0x1cf, 0x1d0, 'i'}, {0x1d1, 0x1d2, 'o'}, {0x1d3, 0x1d4, 'u'},
              {0x1f8, 0x1f9, 'n'}};
  if (code == 0xfc || code == 0xdc || (code >= 0x1d5 && code <= 0x1dc)) return u_umlaut;
  for (size_t i = 0; i < sizeof list / sizeof *list; i++)
    if (code >= list[i].first && code <= list[i].last) return list[i].plain;
  return '\0';
}

/* One character of the text: what it becomes (at most 4 bytes, maybe none). */
static size_t fold_character(char out[4], const char *s, size_t n, uint32_t code, char u_umlaut)
{
  if (text_is_space(code) ||
      (code >= 0x3000 && code <= 0x303f && code != 0x3001 && code != 0x3005 && code != 0x3007) ||
      code == 0xb7 || code == 0xff61) {
    out[0] =
        ' '; /* 。《》 and their kind part words; 、 parts the names of one product, 々 and 〇 are letters */
    return 1;
  }
  if (text_is_unseen(code) || code == 0x2019 || code == 0x2018 || (code >= 0x300 && code <= 0x36f)) return 0;
  if (code >= 0xff01 && code <= 0xff5e) code -= 0xfee0; /* full-width ASCII */
  if (code < 0x80) {
    out[0] = (char)(code >= 'A' && code <= 'Z' ? code + 32 : code);
    return out[0] == '\'' ? 0 : 1;
  }
  out[0] = plain_letter(code, u_umlaut);
  if (out[0]) return 1;
  memcpy(out, n == 3 ? hanzi_simple(s) : s, n);
  return n;
}

void search_fold(char *out, size_t size, const char *text, char u_umlaut)
{
  size_t used = 0, left = strlen(text);
  uint32_t code = 0;
  for (size_t n; left; text += n, left -= n) {
    char folded[4];
    n = text_next(text, left, &code);
    if (!n) n = 1, code = ' ';
    size_t m = fold_character(folded, text, n, code, u_umlaut);
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

/* -- one wrong character -- */

enum { CLOSE_MAX = 256, CLOSE_CHINESE = 3, CLOSE_LATIN = 5 }; /* shorter words have too many neighbours */

static size_t codes_of(uint32_t out[CLOSE_MAX], const char *text, bool join)
{
  size_t count = 0, left = strlen(text);
  for (size_t n; left && count < CLOSE_MAX; text += n, left -= n) {
    n = text_next(text, left, &out[count]);
    if (!n) break;
    count += !join || out[count] != ' ';
  }
  return count;
}

/* Do the first n characters of a become the first m of b (m is n, n - 1 or n + 1) with one change at most? */
static bool one_change(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
  size_t head = 0, tail = 0, shorter = n < m ? n : m;
  while (head < shorter && a[head] == b[head])
    head++;
  while (tail < shorter - head && a[n - 1 - tail] == b[m - 1 - tail])
    tail++;
  return head + tail + (n == m) >= shorter;
}

static bool close_to(const char *word, const char *text, bool is_latin)
{
  uint32_t w[CLOSE_MAX], t[CLOSE_MAX];
  size_t n = codes_of(w, word, true), count = codes_of(t, text, is_latin);
  if (n < (is_latin ? CLOSE_LATIN : CLOSE_CHINESE)) return false;
  for (size_t m = n - 1; m <= n + 1; m++)
    for (size_t i = 0; i + m <= count; i++)
      if ((m == n || n > CLOSE_CHINESE) && one_change(w, n, t + i, m)) return true;
  return false;
}

static bool word_close(const char *word, const struct search_text *text)
{
  bool is_latin = latin((unsigned char)word[0]);
  if (match_word(word, text) != SEARCH_NONE) return true;
  if (is_latin) return close_to(word, text->pinyin, true) || close_to(word, text->english, true);
  return close_to(word, text->name, false) || close_to(word, text->aliases, false);
}

bool search_close(const struct search *search, const struct search_text *text)
{
  for (size_t i = 0; i < search->count; i++)
    if (!word_close(search->words[i], text)) return search->count > 1 && word_close(search->whole, text);
  return search->count > 0;
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
