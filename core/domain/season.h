/* season.h - when a product is on sale: open windows, and closed ones such as a fishing ban that cut into
 * them.
 *
 * A window is two days of the year as month * 100 + day, both included; start after end wraps the year end.
 * Pure functions over a short array; the rows live in the table season. */
#ifndef SUNLIT_DOMAIN_SEASON_H
#define SUNLIT_DOMAIN_SEASON_H

#include "core/base/json.h"

#include <stddef.h>

enum { SEASONS_MAX = 8 };

struct season {
  bool closed;
  int start_md;
  int end_md;
};

struct season_state {
  bool on_sale;  /* an open window holds the day and no closed one does */
  bool all_year; /* an open window is the whole year and nothing is closed */
  bool starts;   /* on sale, not all year, and a window began this month */
  bool ends;     /* on sale, not all year, and a window ends this month */
  bool closed;   /* a closed window holds the day */
};

bool season_holds(const struct season *window, int md);
struct season_state season_state_of(const struct season *list, size_t n, int date);
bool season_in_month(const struct season *list, size_t n, int month); /* on sale on any day of it */
bool season_all_year(const struct season *list, size_t n);

/* [{"kind":"open","start_md":901,"end_md":131}, ...] both ways; the text is canonical: sorted, compact. */
bool season_parse(const json_t *array, struct season out[SEASONS_MAX], size_t *n, struct err *err);
void season_write(struct buf *out, const struct season *list, size_t n);

#endif
