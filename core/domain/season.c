#include "core/domain/season.h"

#include "core/base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool season_holds(const struct season *window, int md)
{
  if (window->start_md <= window->end_md) return md >= window->start_md && md <= window->end_md;
  return md >= window->start_md || md <= window->end_md;
}

/* The day after end is start: the window is a full ring. */
static bool whole_year(const struct season *window)
{
  if (window->start_md == 101) return window->end_md >= 1231;
  int day_after = date_add_days(20240000 + window->end_md, 1) % 10000; /* 2024 has a 29 February */
  return day_after == window->start_md;
}

bool season_all_year(const struct season *list, size_t n)
{
  bool whole = false;
  for (size_t i = 0; i < n; i++) {
    if (list[i].closed) return false;
    whole = whole || whole_year(&list[i]);
  }
  return whole;
}

static bool on_sale(const struct season *list, size_t n, int md)
{
  bool open = false;
  for (size_t i = 0; i < n; i++) {
    if (!season_holds(&list[i], md)) continue;
    if (list[i].closed) return false;
    open = true;
  }
  return open;
}

bool season_in_month(const struct season *list, size_t n, int month)
{
  for (int day = 1; day <= 31; day++)
    if (date_valid(20240000 + month * 100 + day) && on_sale(list, n, month * 100 + day)) return true;
  return false;
}

struct season_state season_state_of(const struct season *list, size_t n, int date)
{
  int md = date % 10000, month = md / 100;
  struct season_state state = {.on_sale = on_sale(list, n, md), .all_year = season_all_year(list, n)};
  for (size_t i = 0; i < n; i++) {
    bool holds = season_holds(&list[i], md);
    if (list[i].closed) {
      state.closed = state.closed || holds;
      continue;
    }
    if (!holds || !state.on_sale || state.all_year) continue;
    state.starts = state.starts || list[i].start_md / 100 == month;
    state.ends = state.ends || list[i].end_md / 100 == month;
  }
  return state;
}

static bool parse_md(const json_t *window, const char *key, int *md, struct err *err)
{
  int64_t v = 0;
  if (!json_get_int(window, key, 101, 1231, &v, err)) return false;
  if (!date_valid(20240000 + (int)v))
    return err_rule(err, ERR_INPUT, "seasons", "date", "%s %lld is no day of a year (month * 100 + day)", key,
                    (long long)v);
  *md = (int)v;
  return true;
}

static bool parse_window(const json_t *window, struct season *out, struct err *err)
{
  static const char *const keys[] = {"kind", "start_md", "end_md", NULL};
  const char *kind = NULL;
  if (!json_is_object(window))
    return err_rule(err, ERR_INPUT, "seasons", "type", "a season window is not an object");
  if (!json_only(window, keys, err) || !json_get_text(window, "kind", 1, 10, &kind, err)) return false;
  out->closed = strcmp(kind, "closed") == 0;
  if (!out->closed && strcmp(kind, "open") != 0)
    return err_rule(err, ERR_INPUT, "seasons", "one_of", "a season window is open or closed, not %s", kind);
  return parse_md(window, "start_md", &out->start_md, err) && parse_md(window, "end_md", &out->end_md, err);
}

static int compare(const void *a, const void *b)
{
  const struct season *x = a, *y = b;
  if (x->closed != y->closed) return x->closed ? 1 : -1;
  if (x->start_md != y->start_md) return x->start_md < y->start_md ? -1 : 1;
  return (x->end_md > y->end_md) - (x->end_md < y->end_md);
}

bool season_parse(const json_t *array, struct season out[SEASONS_MAX], size_t *n, struct err *err)
{
  if (!json_is_array(array))
    return err_rule(err, ERR_INPUT, "seasons", "type", "seasons is not a list of windows");
  size_t count = json_array_size(array);
  if (count > SEASONS_MAX)
    return err_rule(err, ERR_INPUT, "seasons", "count", "%zu season windows; at most %d", count, SEASONS_MAX);
  for (size_t i = 0; i < count; i++) {
    struct err why = ERR_INIT;
    if (parse_window(json_array_get(array, i), &out[i], &why)) continue;
    return err_rule(err, ERR_INPUT, "seasons", why.rule, "%s", why.text);
  }
  qsort(out, count, sizeof *out, compare);
  for (size_t i = 1; i < count; i++)
    if (compare(&out[i - 1], &out[i]) == 0)
      return err_rule(err, ERR_INPUT, "seasons", "duplicate", "the window %d to %d is there twice",
                      out[i].start_md, out[i].end_md);
  *n = count;
  return true;
}

void season_write(struct buf *out, const struct season *list, size_t n)
{
  struct season sorted[SEASONS_MAX];
  if (n > SEASONS_MAX) n = SEASONS_MAX;
  if (n) memcpy(sorted, list, n * sizeof *list);
  qsort(sorted, n, sizeof *sorted, compare);
  put_text(out, "[");
  for (size_t i = 0; i < n; i++) {
    char window[80];
    snprintf(window, sizeof window, "%s{\"kind\":\"%s\",\"start_md\":%d,\"end_md\":%d}", i ? "," : "",
             sorted[i].closed ? "closed" : "open", sorted[i].start_md, sorted[i].end_md);
    put_text(out, window);
  }
  put_text(out, "]");
}
