/* The catalogue as a list: searched, filtered, counted, as JSON or as a workbook. */
#include "core/base/clock.h"
#include "core/domain/division.h"
#include "program/clock_watch.h"
#include "site/routes.h"

#include <stdlib.h>
#include <string.h>

enum { QUERY_TEXT_MAX = 60 };

/* A comma list of words as a set of bits by their order. */
static bool read_set(struct web_request *request, const char *name, const char *const *words, int count,
                     unsigned *out, struct err *err)
{
  const char *text = web_query(request, name);
  *out = 0;
  while (text && *text) {
    size_t size = strcspn(text, ",");
    int i = 0;
    while (i < count && (strlen(words[i]) != size || strncmp(words[i], text, size) != 0))
      i++;
    if (i == count)
      return err_rule(err, ERR_INPUT, name, "one_of", "%s does not know \"%.*s\"", name,
                      (int)(size < 40 ? size : 40), text);
    *out |= 1u << i;
    text += size + (text[size] == ',');
  }
  return true;
}

static bool read_season(struct web_request *request, struct catalogue_filter *filter, struct err *err)
{
  const char *text = web_query(request, "season");
  if (!text || !*text || strcmp(text, "all") == 0) return true;
  if (strcmp(text, "now") == 0) {
    filter->season = SEASON_NOW;
  } else if (strcmp(text, "all_year") == 0) {
    filter->season = SEASON_ALL_YEAR;
  } else {
    char *end = NULL;
    long month = strncmp(text, "month:", 6) == 0 ? strtol(text + 6, &end, 10) : 0;
    if (month < 1 || month > 12 || *end)
      return err_rule(err, ERR_INPUT, "season", "one_of",
                      "season \"%.40s\" is none of now, all, all_year, month:1 to month:12", text);
    filter->season = SEASON_MONTH;
    filter->month = (int)month;
  }
  return true;
}

static size_t characters(const char *text)
{
  size_t n = 0;
  for (; *text; text++)
    n += ((unsigned char)*text & 0xC0) != 0x80;
  return n;
}

static bool read_filter(struct web_request *request, struct app *app, struct catalogue_filter *filter,
                        struct bookmark *next, struct err *err)
{
  static const char *const rated[] = {"4", "own", NULL};
  static const char *const sorts[] = {"near", "name", "price", "season", "score", NULL};
  static const enum catalogue_sort kinds[] = {SORT_NEAR, SORT_NAME, SORT_PRICE, SORT_ENDING, SORT_SCORE};
  static const char *const confirmed[] = {"yes", "no", NULL};
  int rate, sort, sure;
  *filter = (struct catalogue_filter){.text = web_query(request, "q"),
                                      .today = clock_province_day(app, clock_wall_ms())};
  if (filter->text && characters(filter->text) > QUERY_TEXT_MAX)
    return err_rule(err, ERR_INPUT, "q", "length", "q is longer than %d characters", QUERY_TEXT_MAX);
  if (!read_season(request, filter, err) ||
      !read_set(request, "group", group_names, GROUP_COUNT, &filter->groups, err) ||
      !read_set(request, "storage", storage_names, STORAGE_COUNT, &filter->storages, err) ||
      !read_set(request, "origin", origin_names, ORIGIN_COUNT, &filter->origins, err) ||
      !answer_query_word(request, "rated", rated, &rate, err) ||
      !answer_query_word(request, "confirmed", confirmed, &sure, err) ||
      !answer_query_word(request, "sort", sorts, &sort, err) ||
      !answer_page(request, &filter->page, next, err))
    return false;
  filter->confirmed = sure == 0 ? 1 : sure == 1 ? -1 : 0;
  filter->rated_4 = rate == 0;
  filter->own_rated = rate == 1;
  filter->sort = sort >= 0 ? kinds[sort] : app->kind == APP_HUB ? SORT_NAME : SORT_NEAR;
  return true;
}

void seasons_out(struct json_out *out, const struct season *list, size_t count)
{
  out_array(out, "seasons");
  for (size_t i = 0; i < count; i++) {
    out_object(out, NULL);
    out_text(out, "kind", list[i].closed ? "closed" : "open");
    out_int(out, "start_md", list[i].start_md);
    out_int(out, "end_md", list[i].end_md);
    out_end(out);
  }
  out_end(out);
}

void item_out(struct json_out *out, const char *key, const struct catalogue_item *item)
{
  out_object(out, key);
  out_int(out, "id", item->id);
  out_int(out, "rev", item->rev);
  out_text(out, "name_zh", item->name_zh);
  out_text(out, "name_pinyin", item->name_pinyin);
  out_text(out, "name_en", item->name_en);
  out_text(out, "group", item->group);
  out_text(out, "subgroup", item->subgroup);
  out_int(out, "origin_code", item->origin_code);
  out_text(out, "origin_name", item->origin_name);
  out_text(out, "origin_name_en", item->origin_name_en);
  out_int(out, "prefecture_code", division_prefecture(item->origin_code));
  out_text(out, "prefecture_name", item->prefecture_name);
  out_text(out, "storage", item->storage);
  out_text(out, "storage_note_zh", item->storage_note_zh);
  out_text(out, "unit", item->unit);
  out_bool(out, "geo_indication", item->geo_indication);
  out_bool(out, "confirmed", item->confirmed);
  out_bool(out, "confirmed_before", item->confirmed_before);
  out_text(out, "status", "active");
  seasons_out(out, item->seasons, item->season_count);
  if (item->own_price_fen) {
    out_object(out, "own_price");
    out_int(out, "price_fen", item->own_price_fen);
    out_date(out, "date", item->own_price_date);
    out_end(out);
  } else {
    out_null(out, "own_price");
  }
  out_int_or_null(out, "median_fen", item->median_fen);
  out_centi(out, "score", item->score_centi);
  out_int(out, "score_count", item->score_count);
  out_end(out);
}

static void counts_out(struct json_out *out, const char *key, const char *const *names, const int *counts,
                       int count)
{
  out_object(out, key);
  for (int i = 0; i < count; i++)
    out_int(out, names[i], counts[i]);
  out_end(out);
}

static void facets_out(struct json_out *out, const struct catalogue_facets *facets)
{
  out_object(out, "facets");
  out_object(out, "season");
  out_int(out, "now", facets->season_now);
  out_int(out, "all_year", facets->season_all_year);
  out_int(out, "next", facets->season_next);
  out_end(out);
  counts_out(out, "group", group_names, facets->group, GROUP_COUNT);
  counts_out(out, "storage", storage_names, facets->storage, STORAGE_COUNT);
  counts_out(out, "origin", origin_names, facets->origin, ORIGIN_COUNT);
  out_object(out, "rated");
  out_int(out, "4", facets->rated_4);
  out_int(out, "own", facets->own_rated);
  out_end(out);
  out_end(out);
}

static void write_page(struct json_out *out, const struct catalogue *catalogue,
                       const struct catalogue_page *page, const struct bookmark *next)
{
  out_object(out, NULL);
  out_int(out, "rev", catalogue_rev(catalogue));
  out_int_or_null(out, "at_ms", catalogue_at_ms(catalogue));
  total_out(out, page->total);
  out_bool(out, "close", page->close);
  out_int(out, "all_year", page->facets.season_all_year);
  facets_out(out, &page->facets);
  out_array(out, "items");
  for (int i = 0; i < page->count; i++)
    item_out(out, NULL, page->items[i]);
  out_end(out);
  next_out(out, next);
  out_end(out);
}

static bool read_catalogue(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                           struct err *err)
{
  struct catalogue_filter filter;
  struct bookmark next;
  struct catalogue_page page = {.items = NULL};
  const struct catalogue *catalogue;
  if (!read_filter(request, app, &filter, &next, err) || !site_catalogue(app, db, &catalogue, err))
    return false;
  bool ok = catalogue_find(catalogue, &filter, &page, err);
  if (ok) {
    write_page(out, catalogue, &page, &next);
    catalogue_page_wipe(&page);
  }
  site_catalogue_give(app, catalogue);
  return ok;
}

void get_catalogue(struct web_request *request, void *app)
{
  answer_reading(request, app, read_catalogue);
}

void get_catalogue_workbook(struct web_request *request, void *app)
{
  static const struct list_column columns[] = {
      {"name_zh", "品名", CELL_TEXT, 22, NULL},
      {"group", "品类", CELL_WORD, 10, "group_code"},
      {"subgroup", "小类", CELL_WORD, 14, NULL},
      {"prefecture_name", "地市", CELL_TEXT, 10, NULL},
      {"origin_name", "产地", CELL_TEXT, 12, NULL},
      {"origin_code", "产地代码", CELL_TEXT, 10, NULL},
      {"seasons", "上市", CELL_SEASONS, 24, NULL},
      {"storage", "储存", CELL_WORD, 8, NULL},
      {"unit", "单位", CELL_WORD, 8, NULL},
      {"geo_indication", "地理标志", CELL_YES, 10, NULL},
      {"confirmed", "已核实", CELL_YES, 8, NULL},
      {"own_price.price_fen", "本行最近价（元）", CELL_FEN, 16, NULL},
      {"own_price.date", "采价日期", CELL_DATE, 12, NULL},
      {"median_fen", "全省中位价（元）", CELL_FEN, 16, NULL},
      {"score", "评价", CELL_REAL, 8, NULL},
      {"score_count", "评价次数", CELL_INT, 10, NULL},
      {"name_en", "英文名", CELL_TEXT, 28, NULL},
      {"id", "编号", CELL_TEXT, 18, NULL},
      {"rev", "版本", CELL_INT, 8, NULL},
  };
  enum { COLUMNS = sizeof columns / sizeof *columns };
  struct list_column shown[COLUMNS];
  size_t count = 0;
  for (size_t i = 0; i < COLUMNS; i++) /* the province has no price of its own */
    if (((const struct app *)app)->kind != APP_HUB || strncmp(columns[i].path, "own_price.", 10) != 0)
      shown[count++] = columns[i];
  const struct list_sheet sheet = {"采购信息库", "items", shown, count};
  answer_workbook(request, app, read_catalogue, &sheet);
}

static void each_division(void *ctx, const struct division *row)
{
  struct json_out *out = ctx;
  out_object(out, NULL);
  out_int(out, "code", row->code);
  out_text(out, "name_zh", row->name_zh);
  out_text(out, "name_en", row->name_en);
  out_text(out, "pinyin", row->pinyin);
  out_int(out, "prefecture_code", row->prefecture_code);
  out_text(out, "level", row->county ? "county" : "prefecture");
  out_end(out);
}

static bool read_divisions(struct web_request *request, struct app *app, struct db *db, struct json_out *out,
                           struct err *err)
{
  int64_t total;
  (void)request;
  (void)app;
  out_object(out, NULL);
  out_array(out, "items");
  if (!division_list(db, each_division, out, err) ||
      !db_int(db, "SELECT count(*) FROM division /* scan: 101 rows */", 0, &total, err))
    return false;
  out_end(out);
  out_int(out, "total", total);
  out_end(out);
  return true;
}

void get_divisions(struct web_request *request, void *app)
{
  answer_reading(request, app, read_divisions);
}
