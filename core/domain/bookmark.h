/* bookmark.h - where a list was left off: the key by which its last row stands where it stands.
 *
 * A page that is cut by counting rows shows a row twice when one arrived above it, and misses one when a row
 * left. A page that begins behind a key does neither, whatever is written meanwhile.  Whoever asks gives back
 * what the page before named; only the list that wrote a bookmark knows what its key is, so a bookmark says
 * which list that was: of another it would name a place where nothing stands, or too much. */
#ifndef SUNLIT_DOMAIN_BOOKMARK_H
#define SUNLIT_DOMAIN_BOOKMARK_H

#include "core/base/db.h"

enum { BOOKMARK_TEXT_SIZE = 600, BOOKMARK_SIZE = BOOKMARK_TEXT_SIZE + 100 };

struct bookmark {
  uint32_t of;   /* which list, by which filter in which order: whoever prints and reads it says */
  bool set;      /* false: the beginning; of a next page: there is none */
  int64_t first; /* the keys of the list's order, as far as it has them */
  int64_t second;
  uint32_t branch;
  int64_t id;
  char text[BOOKMARK_TEXT_SIZE];
};

/* One page of a list as a filter asks for it. */
struct page {
  uint32_t of;           /* becomes that of the next page's bookmark */
  int limit;             /* 0: all */
  struct bookmark after; /* unset: from the beginning */
  struct bookmark *next; /* may be NULL: becomes where the page after this one begins */
};

void bookmark_set(struct bookmark *bookmark, int64_t first, int64_t second, uint32_t branch, int64_t id,
                  const char *text);
/* "of.first.second.branch.id.text" */
const char *bookmark_print(const struct bookmark *bookmark, char out[BOOKMARK_SIZE]);
bool bookmark_parse(struct bookmark *bookmark, const char *text);

/* LIMIT: one row more than are shown tells whether there is a next page. */
int64_t page_rows(const struct page *page);
/* The next row of the page: false at its end, and then *page->next is set when there are more rows than it
 * shows. `shown` counts, from 0. */
bool page_row(const struct page *page, struct query *q, int *shown);
/* No more rows fit, and there is a next page: what would follow from another query is left for it. */
bool page_full(const struct page *page, int shown);
/* Remembers the row just read as the last one. */
void page_keep(const struct page *page, int64_t first, int64_t second, uint32_t branch, int64_t id,
               const char *text);

#endif
