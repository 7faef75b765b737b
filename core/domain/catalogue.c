#include "core/domain/catalogue.h"

#include "core/domain/describe.h"
#include "core/domain/division.h"
#include "core/domain/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const group_names[GROUP_COUNT] = {"aquatic", "livestock", "produce", "processed"};
const char *const storage_names[STORAGE_COUNT] = {"live", "chilled", "frozen", "ambient", "dry"};
const char *const origin_names[ORIGIN_COUNT] = {"county", "prefecture", "other"};

/* What finding needs beside what pages show. */
struct entry {
  struct catalogue_item item;
  struct search_text text;
  unsigned months; /* on sale in month m: bit m */
  bool all_year;
  int group, storage, origin;
};

/* Text of a snapshot lives in blocks that never move. */
struct block {
  struct block *next;
  size_t used;
  char bytes[65536 - 16];
};

struct catalogue {
  struct entry *entries; /* in the order of ids */
  int count, room;
  struct block *blocks;
  uint64_t stamp;
  int64_t rev, at_ms;
  uint32_t own_code;
};

static const char *keep(struct catalogue *catalogue, const char *text)
{
  size_t n = strlen(text) + 1;
  struct block *block = catalogue->blocks;
  if (n > sizeof block->bytes) return "";
  if (!block || block->used + n > sizeof block->bytes) {
    block = malloc(sizeof *block);
    if (!block) return NULL;
    block->next = catalogue->blocks;
    block->used = 0;
    catalogue->blocks = block;
  }
  char *at = block->bytes + block->used;
  memcpy(at, text, n);
  block->used += n;
  return at;
}

void catalogue_close(struct catalogue *catalogue)
{
  if (!catalogue) return;
  while (catalogue->blocks) {
    struct block *next = catalogue->blocks->next;
    free(catalogue->blocks);
    catalogue->blocks = next;
  }
  free(catalogue->entries);
  free(catalogue);
}

bool catalogue_state(struct db *db, int64_t *rev, int64_t *at_ms, int64_t *products, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT rev, at_ms, (SELECT count(*) FROM product WHERE status = 'active')"
                              " FROM catalogue WHERE id = 1 /* scan: meant, a count for the status page */",
                              err);
  *rev = *at_ms = *products = 0;
  if (query_row(&q)) {
    *rev = column_int(&q, 0);
    *at_ms = column_int(&q, 1);
    *products = column_int(&q, 2);
  }
  return query_close(&q);
}

bool catalogue_raise(struct tx *tx, bool score, struct err *err)
{
  struct query q = query_open(
      tx->db,
      "INSERT INTO catalogue(id, rev, score_rev, at_ms, entry, score_entry)"
      " VALUES(1, ?1, ?2, ?3, ?1 * ?4, ?2 * ?4) ON CONFLICT(id) DO UPDATE SET"
      " rev = rev + (?1 AND entry <> ?4), score_rev = score_rev + (?2 AND score_entry <> ?4),"
      " at_ms = iif(?1, ?3, at_ms), entry = iif(?1, ?4, entry), score_entry = iif(?2, ?4, score_entry)",
      err);
  query_int(&q, 1, !score);
  query_int(&q, 2, score);
  query_int(&q, 3, tx->now_ms);
  query_int(&q, 4, tx->ids[SCOPE_SHARED].base);
  return query_run(&q);
}

/* splitmix64: spreads each number over all bits before they meet. */
static uint64_t mix(uint64_t hash, int64_t v)
{
  uint64_t z = hash + (uint64_t)v + UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

bool catalogue_stamp(struct db *db, uint32_t own_code, int today, uint64_t *stamp, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT coalesce((SELECT rev FROM catalogue WHERE id = 1), 0),"
                 " coalesce((SELECT score_rev FROM catalogue WHERE id = 1), 0),"
                 " coalesce((SELECT id FROM price WHERE branch = ?1 ORDER BY id DESC LIMIT 1), 0),"
                 " coalesce((SELECT id FROM evaluation WHERE branch = ?1 ORDER BY id DESC LIMIT 1), 0),"
                 " coalesce((SELECT id FROM confirmation WHERE branch = ?1 ORDER BY id DESC LIMIT 1), 0),"
                 " coalesce((SELECT id FROM refusal WHERE branch = ?1 ORDER BY id DESC LIMIT 1), 0),"
                 " coalesce((SELECT id FROM price_accepted WHERE branch = ?1 ORDER BY id DESC LIMIT 1), 0),"
                 " coalesce((SELECT max(id) FROM withholding), 0)",
                 err);
  query_int(&q, 1, own_code);
  uint64_t hash = mix(own_code, today);
  if (query_row(&q))
    for (int i = 0; i < 8; i++)
      hash = mix(hash, column_int(&q, i));
  if (!query_close(&q)) return false;
  *stamp = hash;
  return true;
}

static int index_of(const char *const *names, int count, const char *word)
{
  for (int i = 0; i < count; i++)
    if (strcmp(names[i], word) == 0) return i;
  return 0;
}

static const char *const load_sql =
    "SELECT p.id, p.name_zh, p.name_pinyin, p.name_en, p.aliases, p.group_code, p.subgroup, p.origin_code,"
    " d.name_zh, d.name_en, f.name_zh, p.storage, p.unit, p.geo_indication,"
    " p.confirmed OR EXISTS(SELECT 1 FROM counted_confirmation c WHERE c.product = p.id), p.rev,"
    " o.price_fen, o.observed_date, s.median_fen, s.overall_centi, s.count,"
    " EXISTS(SELECT 1 FROM counted_evaluation e WHERE e.branch = ?1 AND e.product = p.id), d.pinyin,"
    " p.storage_note_zh, EXISTS(SELECT 1 FROM confirmation c WHERE c.product = p.id AND c.branch = ?1"
    " AND c.id >> 12 NOT IN (SELECT entry FROM refused_entry))"
    " FROM product p LEFT JOIN division d ON d.code = p.origin_code"
    " LEFT JOIN division f ON f.code = d.prefecture_code"
    " LEFT JOIN product_score s ON s.product = p.id"
    " LEFT JOIN price o ON o.branch = ?1 AND o.id = (SELECT c.id FROM counted_price c WHERE c.product = p.id"
    " AND c.branch = ?1 AND c.observed_date <= ?2 AND c.unit = p.unit ORDER BY c.observed_date DESC, c.id "
    "DESC LIMIT 1)"
    " WHERE p.status = 'active' ORDER BY p.id /* scan: meant, the snapshot holds every product */";

static const char *keep_folded(struct catalogue *catalogue, const char *text, char u_umlaut)
{
  char folded[1024];
  search_fold(folded, sizeof folded, text, u_umlaut);
  return keep(catalogue, folded);
}

/* Everything that is not the name but may be asked for: county, prefecture, kind, storage. */
static const char *keep_related(struct catalogue *catalogue, const struct catalogue_item *item,
                                const char *pinyin)
{
  char joined[120], text[1024];
  size_t used = 0;
  for (const char *s = pinyin; *s && used + 1 < sizeof joined; s++)
    if (*s != ' ') joined[used++] = *s;
  joined[used] = '\0';
  snprintf(text, sizeof text, "%s %s %s %s %s %s %s", item->origin_name, item->prefecture_name, joined,
           item->subgroup, describe_word("subgroup", item->subgroup, LANGUAGE_ZH),
           describe_word("group", item->group, LANGUAGE_ZH), item->group);
  return keep_folded(catalogue, text, 'v');
}

static bool grow(struct catalogue *catalogue)
{
  if (catalogue->count < catalogue->room) return true;
  int room = catalogue->room ? catalogue->room * 2 : 1024;
  struct entry *entries = realloc(catalogue->entries, (size_t)room * sizeof *entries);
  if (!entries) return false;
  catalogue->entries = entries;
  catalogue->room = room;
  return true;
}

static void place_entry(struct entry *entry, uint32_t own_code)
{
  struct catalogue_item *item = &entry->item;
  bool near = division_prefecture(item->origin_code) == division_prefecture(own_code);
  entry->origin = item->origin_code == own_code ? ORIGIN_COUNTY : near ? ORIGIN_PREFECTURE : ORIGIN_OTHER;
  item->distance_km = entry->origin == ORIGIN_COUNTY ? -1
                      : entry->origin == ORIGIN_PREFECTURE
                          ? 0
                          : division_distance_km(own_code, item->origin_code);
  entry->group = index_of(group_names, GROUP_COUNT, item->group);
  entry->storage = index_of(storage_names, STORAGE_COUNT, item->storage);
}

static bool load_row(struct catalogue *c, const struct query *q)
{
  if (!grow(c)) return false;
  struct entry *entry = &c->entries[c->count++];
  *entry = (struct entry){.item = {.id = column_int(q, 0),
                                   .name_zh = keep(c, column_text(q, 1)),
                                   .name_pinyin = keep(c, column_text(q, 2)),
                                   .name_en = keep(c, column_text(q, 3)),
                                   .aliases = keep(c, column_text(q, 4)),
                                   .group = keep(c, column_text(q, 5)),
                                   .subgroup = keep(c, column_text(q, 6)),
                                   .origin_code = (uint32_t)column_int(q, 7),
                                   .origin_name = keep(c, column_text(q, 8)),
                                   .origin_name_en = keep(c, column_text(q, 9)),
                                   .prefecture_name = keep(c, column_text(q, 10)),
                                   .storage = keep(c, column_text(q, 11)),
                                   .unit = keep(c, column_text(q, 12)),
                                   .geo_indication = column_int(q, 13) != 0,
                                   .confirmed = column_int(q, 14) != 0,
                                   .rev = column_int(q, 15),
                                   .own_price_fen = column_int(q, 16),
                                   .own_price_date = (int)column_int(q, 17),
                                   .median_fen = column_int(q, 18),
                                   .score_centi = (int)column_int(q, 19),
                                   .score_count = column_int(q, 20),
                                   .own_rated = column_int(q, 21) != 0,
                                   .storage_note_zh = keep(c, column_text(q, 23)),
                                   .confirmed_before = !column_int(q, 14) && column_int(q, 24)}};
  struct catalogue_item *item = &entry->item;
  if (!item->name_zh || !item->unit || !item->storage_note_zh) return false;
  entry->text = (struct search_text){.name = keep_folded(c, item->name_zh, 'u'),
                                     .aliases = keep_folded(c, item->aliases, 'u'),
                                     .pinyin = keep_folded(c, item->name_pinyin, 'v'),
                                     .english = keep_folded(c, item->name_en, 'u'),
                                     .related = keep_related(c, item, column_text(q, 22))};
  place_entry(entry, c->own_code);
  return entry->text.name && entry->text.aliases && entry->text.pinyin && entry->text.english &&
         entry->text.related;
}

static bool load_products(struct catalogue *catalogue, struct db *db, int today, struct err *err)
{
  struct query q = query_open(db, load_sql, err);
  query_int(&q, 1, catalogue->own_code);
  query_int(&q, 2, today);
  bool ok = true;
  while (ok && query_row(&q))
    ok = load_row(catalogue, &q);
  if (!query_close(&q)) return false;
  return ok || err_set(err, ERR_IO, "out of memory building the catalogue");
}

static int compare_id(const void *key, const void *at)
{
  int64_t id = *(const int64_t *)key, other = ((const struct entry *)at)->item.id;
  return (id > other) - (id < other);
}

static struct entry *find_entry(const struct catalogue *catalogue, int64_t id)
{
  if (!catalogue->count) return NULL;
  return bsearch(&id, catalogue->entries, (size_t)catalogue->count, sizeof(struct entry), compare_id);
}

static bool load_seasons(struct catalogue *catalogue, struct db *db, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT product, kind = 'closed', start_md, end_md FROM season"
                 " ORDER BY product, start_md /* scan: meant, the snapshot holds every product */",
                 err);
  while (query_row(&q)) {
    struct entry *entry = find_entry(catalogue, column_int(&q, 0));
    if (!entry || entry->item.season_count == SEASONS_MAX) continue;
    entry->item.seasons[entry->item.season_count++] = (struct season){.closed = column_int(&q, 1) != 0,
                                                                      .start_md = (int)column_int(&q, 2),
                                                                      .end_md = (int)column_int(&q, 3)};
  }
  if (!query_close(&q)) return false;
  for (int i = 0; i < catalogue->count; i++) {
    struct entry *entry = &catalogue->entries[i];
    entry->all_year = season_all_year(entry->item.seasons, entry->item.season_count);
    for (int month = 1; month <= 12; month++)
      if (season_in_month(entry->item.seasons, entry->item.season_count, month)) entry->months |= 1U << month;
  }
  return true;
}

/* The stamp is read first: a change that lands while the snapshot is built makes it old, never wrong. */
bool catalogue_open(struct catalogue **out, struct db *db, uint32_t own_code, int today, struct err *err)
{
  struct catalogue *catalogue = calloc(1, sizeof *catalogue);
  if (!catalogue) return err_set(err, ERR_IO, "out of memory building the catalogue");
  catalogue->own_code = own_code;
  int64_t products;
  bool ok = catalogue_stamp(db, own_code, today, &catalogue->stamp, err) &&
            catalogue_state(db, &catalogue->rev, &catalogue->at_ms, &products, err) &&
            load_products(catalogue, db, today, err) && load_seasons(catalogue, db, err);
  if (!ok) {
    catalogue_close(catalogue);
    return false;
  }
  *out = catalogue;
  return true;
}

uint64_t catalogue_stamp_of(const struct catalogue *catalogue)
{
  return catalogue->stamp;
}

int64_t catalogue_rev(const struct catalogue *catalogue)
{
  return catalogue->rev;
}

int64_t catalogue_at_ms(const struct catalogue *catalogue)
{
  return catalogue->at_ms;
}

int catalogue_count(const struct catalogue *catalogue)
{
  return catalogue->count;
}

const struct catalogue_item *catalogue_get(const struct catalogue *catalogue, int64_t id)
{
  const struct entry *entry = find_entry(catalogue, id);
  return entry ? &entry->item : NULL;
}

/* One found product with what it is sorted by. */
struct hit {
  const struct entry *entry;
  enum search_rank rank;
  int64_t key;
};

enum { MISS_SEASON = 1, MISS_GROUP = 2, MISS_STORAGE = 4, MISS_ORIGIN = 8, MISS_RATED = 16 };

static bool season_fits(const struct entry *entry, const struct catalogue_filter *filter, bool now)
{
  switch (filter->season) {
  case SEASON_ANY: return true;
  case SEASON_NOW: return now && !entry->all_year;
  case SEASON_MONTH: return (entry->months >> filter->month & 1) && !entry->all_year;
  case SEASON_ALL_YEAR: break;
  }
  return entry->all_year;
}

/* Which dimensions of the filter the product misses. */
static unsigned misses(const struct entry *entry, const struct catalogue_filter *filter, bool now)
{
  unsigned miss = 0;
  bool rated =
      (!filter->rated_4 || entry->item.score_centi >= 400) && (!filter->own_rated || entry->item.own_rated);
  if (!season_fits(entry, filter, now)) miss |= MISS_SEASON;
  if (filter->groups && !(filter->groups >> entry->group & 1)) miss |= MISS_GROUP;
  if (filter->storages && !(filter->storages >> entry->storage & 1)) miss |= MISS_STORAGE;
  if (filter->origins && !(filter->origins >> entry->origin & 1)) miss |= MISS_ORIGIN;
  if (!rated) miss |= MISS_RATED;
  return miss;
}

/* A product counts for a choice of one dimension when it misses no other dimension. */
static void count_facets(struct catalogue_facets *facets, const struct entry *entry, unsigned miss, bool now,
                         int next_month)
{
  if (!(miss & ~(unsigned)MISS_SEASON)) {
    if (entry->all_year)
      facets->season_all_year++;
    else {
      facets->season_now += now;
      if (entry->months >> next_month & 1U) facets->season_next++;
    }
  }
  if (!(miss & ~(unsigned)MISS_GROUP)) facets->group[entry->group]++;
  if (!(miss & ~(unsigned)MISS_STORAGE)) facets->storage[entry->storage]++;
  if (!(miss & ~(unsigned)MISS_ORIGIN)) facets->origin[entry->origin]++;
  if (!(miss & ~(unsigned)MISS_RATED)) {
    facets->rated_4 += entry->item.score_centi >= 400;
    facets->own_rated += entry->item.own_rated;
  }
}

/* Months until the window that is open now ends; 99 when none does. */
static int64_t ending_key(const struct entry *entry, int today)
{
  int month = today / 100 % 100, left = 99;
  if (entry->all_year) return left;
  for (size_t i = 0; i < entry->item.season_count; i++) {
    const struct season *window = &entry->item.seasons[i];
    if (window->closed || !season_holds(window, today % 10000)) continue;
    int months = (window->end_md / 100 - month + 12) % 12;
    if (months < left) left = months;
  }
  return left;
}

static int64_t sort_key(const struct entry *entry, const struct catalogue_filter *filter)
{
  const struct catalogue_item *item = &entry->item;
  int64_t price = item->median_fen ? item->median_fen : item->own_price_fen;
  switch (filter->sort) {
  case SORT_NEAR: return item->distance_km;
  case SORT_PRICE: return price ? price : INT64_MAX;
  case SORT_ENDING: return ending_key(entry, filter->today);
  case SORT_SCORE: return -item->score_centi;
  case SORT_NAME: break;
  }
  return 0;
}

/* Better match first, then the key, then as a dictionary would. */
static int compare_hit(const struct hit *x, int64_t rank, int64_t key, const char *pinyin, int64_t id)
{
  if (x->rank != rank) return x->rank > rank ? -1 : 1;
  if (x->key != key) return x->key < key ? -1 : 1;
  int by_name = strcmp(x->entry->text.pinyin, pinyin);
  if (by_name) return by_name;
  return (x->entry->item.id > id) - (x->entry->item.id < id);
}

static int compare_hits(const void *a, const void *b)
{
  const struct hit *y = b;
  return compare_hit(a, y->rank, y->key, y->entry->text.pinyin, y->entry->item.id);
}

/* The bookmark holds rank, key, name and id of the last one shown: it need not be here any more. */
static int first_behind(const struct catalogue_page *page, const struct hit *hits,
                        const struct bookmark *after)
{
  int i = 0;
  while (after->set && i < page->total &&
         compare_hit(&hits[i], after->first, after->second, after->text, after->id) <= 0)
    i++;
  return i;
}

static bool cut_page(struct catalogue_page *page, const struct hit *hits,
                     const struct catalogue_filter *filter, struct err *err)
{
  int first = first_behind(page, hits, &filter->page.after);
  int count = page->total - first, limit = filter->page.limit;
  bool more = limit > 0 && count > limit;
  if (more) count = limit;
  if (filter->page.next) filter->page.next->set = false;
  if (more) {
    const struct hit *last = &hits[first + count - 1];
    page_keep(&filter->page, last->rank, last->key, 0, last->entry->item.id, last->entry->text.pinyin);
  }
  page->items = calloc((size_t)count + 1, sizeof *page->items);
  if (!page->items) return err_set(err, ERR_IO, "out of memory searching the catalogue");
  for (int i = 0; i < count; i++)
    page->items[i] = &hits[first + i].entry->item;
  page->count = count;
  return true;
}

/* Every product that answers the text into hits or, where it misses the filter, into the facets alone;
 * returns how many answered. */
static int find_hits(const struct catalogue *catalogue, const struct catalogue_filter *filter,
                     const struct search *search, bool close, struct catalogue_page *page, struct hit *hits)
{
  int next_month = filter->today / 100 % 100 % 12 + 1, answered = 0;
  for (int i = 0; i < catalogue->count; i++) {
    const struct entry *entry = &catalogue->entries[i];
    if (filter->confirmed && (filter->confirmed > 0) != entry->item.confirmed) continue;
    enum search_rank rank =
        close ? (enum search_rank)search_close(search, &entry->text) : search_match(search, &entry->text);
    if (rank == SEARCH_NONE) continue;
    answered++;
    bool now = season_state_of(entry->item.seasons, entry->item.season_count, filter->today).on_sale;
    unsigned miss = misses(entry, filter, now);
    count_facets(&page->facets, entry, miss, now, next_month);
    if (miss) continue;
    hits[page->total++] = (struct hit){.entry = entry, .rank = rank, .key = sort_key(entry, filter)};
  }
  return answered;
}

bool catalogue_find(const struct catalogue *catalogue, const struct catalogue_filter *filter,
                    struct catalogue_page *page, struct err *err)
{
  *page = (struct catalogue_page){0};
  if (filter->season == SEASON_MONTH && (filter->month < 1 || filter->month > 12))
    return err_rule(err, ERR_INPUT, "season", "range", "there is no month %d", filter->month);
  struct search search;
  search_parse(&search, filter->text ? filter->text : "");
  bool asked = filter->text && filter->text[strspn(filter->text, " \t")];
  struct hit *hits = calloc((size_t)catalogue->count + 1, sizeof *hits);
  if (!hits) return err_set(err, ERR_IO, "out of memory searching the catalogue");
  bool words = !asked || search.count; /* nothing but punctuation matches nothing */
  if (words && !find_hits(catalogue, filter, &search, false, page, hits) && asked)
    page->close = find_hits(catalogue, filter, &search, true, page, hits) > 0;
  qsort(hits, (size_t)page->total, sizeof *hits, compare_hits);
  bool ok = cut_page(page, hits, filter, err);
  free(hits);
  return ok;
}

void catalogue_page_wipe(struct catalogue_page *page)
{
  free(page->items);
  *page = (struct catalogue_page){0};
}
