/* search.h - does one product answer what somebody typed, and how well?
 *
 * Words are parted by spaces and where Chinese meets Latin; all of them must match.  Chinese matches names
 * and aliases; Latin letters match pinyin by the beginnings of its syllables, so "zhoushandaiyu", "zhoush",
 * "zsdy" and "zhshdy" all find zhou shan dai yu, and English by the beginnings of its words.  Origin and kind
 * match too, behind everything that matched a name.  Pure functions over text prepared by search_fold. */
#ifndef SUNLIT_DOMAIN_SEARCH_H
#define SUNLIT_DOMAIN_SEARCH_H

#include <stdbool.h>
#include <stddef.h>

enum search_rank { SEARCH_NONE, SEARCH_RELATED, SEARCH_PART, SEARCH_WORD, SEARCH_PREFIX, SEARCH_EXACT };

enum { SEARCH_WORDS_MAX = 8, SEARCH_WORD_SIZE = 64 };

struct search {
  char words[SEARCH_WORDS_MAX][SEARCH_WORD_SIZE];
  size_t count;
  char whole[SEARCH_WORD_SIZE];  /* without any spaces */
  char phrase[SEARCH_WORD_SIZE]; /* with one space between words */
};

struct search_text {
  const char *name;    /* Chinese */
  const char *aliases; /* Chinese, parted by 、 */
  const char *pinyin;  /* folded syllables, parted by spaces */
  const char *english; /* folded */
  const char *related; /* Chinese and folded words parted by spaces: origin, prefecture, kind */
};

/* Lower case, full-width to half-width, simplified characters, letters without accents, without apostrophes
 * and what nobody sees; spaces of every script and Chinese points are spaces; u_umlaut is what an u with dots
 * becomes: v for pinyin, u for English.  out has room for size bytes, cut at a character. */
void search_fold(char *out, size_t size, const char *text, char u_umlaut);
void search_parse(struct search *search, const char *text); /* more than 8 words: the first 8 */
enum search_rank search_match(const struct search *search, const struct search_text *text);
/* For a search that nothing answers: whether the product would with one character of each word wrong, missing
 * or too many.  Words of fewer than three Chinese characters or five letters must be right. */
bool search_close(const struct search *search, const struct search_text *text);

#endif
