/* catalogue.h - all active products in memory, ready to be searched, filtered, counted and sorted.
 *
 * A snapshot is built from the database in one pass and then never changes, so any number of threads may read
 * one without a lock; whoever holds it replaces it when catalogue_stamp says that the database has moved on.
 * tests/unit/domain/catalogue_test prints what building and searching take.
 * OWNERSHIP: the snapshot owns all text; pointers in items live as long as it does. */
#ifndef SUNLIT_DOMAIN_CATALOGUE_H
#define SUNLIT_DOMAIN_CATALOGUE_H

#include "core/base/tx.h"
#include "core/domain/bookmark.h"
#include "core/domain/season.h"

struct catalogue;

struct catalogue_item {
  int64_t id;
  const char *name_zh, *name_pinyin, *name_en, *aliases;
  const char *group, *subgroup;
  uint32_t origin_code;
  const char *origin_name, *origin_name_en, *prefecture_name;
  const char *storage, *storage_note_zh, *unit;
  bool geo_indication;
  bool confirmed;
  bool confirmed_before; /* not now: this branch has, and the province changed it or took it back since */
  int64_t rev;
  struct season seasons[SEASONS_MAX];
  size_t season_count;
  int64_t own_price_fen; /* 0: none */
  int own_price_date;
  int64_t median_fen; /* 0: none */
  int score_centi;    /* 0: fewer than five ratings */
  int64_t score_count;
  bool own_rated;  /* this branch has evaluated it */
  int distance_km; /* -1 own county, 0 own prefecture, else between prefecture seats */
};

enum season_choice { SEASON_ANY, SEASON_NOW, SEASON_MONTH, SEASON_ALL_YEAR };
enum catalogue_sort { SORT_NEAR, SORT_NAME, SORT_PRICE, SORT_ENDING, SORT_SCORE };
enum { GROUP_COUNT = 4, STORAGE_COUNT = 5, ORIGIN_COUNT = 3 };
enum origin { ORIGIN_COUNTY, ORIGIN_PREFECTURE, ORIGIN_OTHER };

extern const char *const group_names[GROUP_COUNT];     /* aquatic livestock produce processed */
extern const char *const storage_names[STORAGE_COUNT]; /* live chilled frozen ambient dry */
extern const char *const origin_names[ORIGIN_COUNT];   /* county prefecture other */

struct catalogue_filter {
  const char *text; /* NULL or "": all */
  enum season_choice season;
  int month; /* 1..12 for SEASON_MONTH */
  /* Sets as bits by the order of the names above; 0: all. */
  unsigned groups, storages, origins;
  int confirmed;  /* 1: only what is confirmed, -1: only what is not, 0: all */
  bool rated_4;   /* score >= 4.00 */
  bool own_rated; /* this branch has evaluated it */
  enum catalogue_sort sort;
  int today; /* yyyymmdd, local */
  struct page page;
};

/* How many products each choice would give, were it chosen with all other filters as they are. SEASON_NOW and
 * SEASON_MONTH leave out what is sold all year: that is its own choice. */
struct catalogue_facets {
  int season_now, season_next, season_all_year;
  int group[GROUP_COUNT];
  int storage[STORAGE_COUNT];
  int origin[ORIGIN_COUNT];
  int rated_4, own_rated;
};

struct catalogue_page {
  const struct catalogue_item **items; /* taken: free with catalogue_page_wipe */
  int count;
  int total;
  bool close; /* nothing answers the text; these would with one character of it changed */
  struct catalogue_facets facets;
};

/* What the database holds on that day: equal stamps, equal snapshots.  Eight lookups by key. */
bool catalogue_stamp(struct db *db, uint32_t own_code, int today, uint64_t *stamp, struct err *err);
/* own_code: the county of this node; the province's code on the hub (then nothing is near). */
/* today: what claims a later day is not the last price. */
bool catalogue_open(struct catalogue **out, struct db *db, uint32_t own_code, int today, struct err *err);
void catalogue_close(struct catalogue *catalogue);
uint64_t catalogue_stamp_of(const struct catalogue *catalogue);
int64_t catalogue_rev(const struct catalogue *catalogue);
int64_t catalogue_at_ms(const struct catalogue *catalogue);
int catalogue_count(const struct catalogue *catalogue);

bool catalogue_find(const struct catalogue *catalogue, const struct catalogue_filter *filter,
                    struct catalogue_page *page, struct err *err);
void catalogue_page_wipe(struct catalogue_page *page);
const struct catalogue_item *catalogue_get(const struct catalogue *catalogue, int64_t id); /* NULL: none */

/* rev and time of the shared catalogue without a snapshot. */
bool catalogue_state(struct db *db, int64_t *rev, int64_t *at_ms, int64_t *products, struct err *err);
/* For every writer of shared tables: raises rev, or score_rev, once in a transaction. */
bool catalogue_raise(struct tx *tx, bool score, struct err *err);

#endif
