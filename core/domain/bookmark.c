#include "core/domain/bookmark.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void bookmark_set(struct bookmark *bookmark, int64_t first, int64_t second, uint32_t branch, int64_t id,
                  const char *text)
{
  *bookmark = (struct bookmark){
      .of = bookmark->of, .set = true, .first = first, .second = second, .branch = branch, .id = id};
  snprintf(bookmark->text, sizeof bookmark->text, "%s", text);
}

const char *bookmark_print(const struct bookmark *bookmark, char out[BOOKMARK_SIZE])
{
  snprintf(out, BOOKMARK_SIZE, "%" PRIu32 ".%" PRId64 ".%" PRId64 ".%" PRIu32 ".%" PRId64 ".%s", bookmark->of,
           bookmark->first, bookmark->second, bookmark->branch, bookmark->id, bookmark->text);
  return out;
}

static bool number(const char **at, int64_t *out)
{
  char *end = NULL;
  if (**at != '-' && (**at < '0' || **at > '9')) return false;
  *out = strtoll(*at, &end, 10);
  bool ok = end != *at && *end == '.';
  *at = ok ? end + 1 : end;
  return ok;
}

bool bookmark_parse(struct bookmark *bookmark, const char *text)
{
  int64_t of, first, second, branch, id;
  if (!number(&text, &of) || !number(&text, &first) || !number(&text, &second) || !number(&text, &branch) ||
      !number(&text, &id))
    return false;
  if (of < 0 || of > UINT32_MAX || branch < 0 || branch > UINT32_MAX || strlen(text) >= BOOKMARK_TEXT_SIZE)
    return false;
  bookmark->of = (uint32_t)of;
  bookmark_set(bookmark, first, second, (uint32_t)branch, id, text);
  return true;
}

int64_t page_rows(const struct page *page)
{
  return page->limit > 0 ? (int64_t)page->limit + 1 : -1;
}

bool page_row(const struct page *page, struct query *q, int *shown)
{
  bool more = query_row(q);
  bool full = page->limit > 0 && *shown == page->limit;
  if (page->next) page->next->set = more && full;
  *shown += more && !full;
  return more && !full;
}

bool page_full(const struct page *page, int shown)
{
  return page->limit > 0 && shown == page->limit && (!page->next || page->next->set);
}

void page_keep(const struct page *page, int64_t first, int64_t second, uint32_t branch, int64_t id,
               const char *text)
{
  if (!page->next) return;
  page->next->of = page->of;
  bookmark_set(page->next, first, second, branch, id, text);
}
