/* price.h - what a branch paid, was quoted or saw: observations that are never changed.
 *
 * A mistake is corrected by a new row that names the one it replaces, or taken back by a void row.  A row
 * counts when nothing replaces it, it is not void, the province did not refuse it, and, if it is far from the
 * others', a person of the province has read why (price_doubt.h). */
#ifndef SUNLIT_DOMAIN_PRICE_H
#define SUNLIT_DOMAIN_PRICE_H

#include "core/base/tx.h"
#include "core/domain/bookmark.h"
#include "core/domain/domain.h"
#include "core/domain/faults.h"
#include "core/domain/record_find.h"

enum {
  PRICE_FEN_MAX = 100000000, /* a million yuan for one unit */
  PRICE_AGE_DAYS_MAX = 400,  /* a year and the month it is entered in; as far ahead once confirmed */
  PRICE_OUTLIER_FACTOR = 5,  /* more than 5 times, or less than a fifth, of the province's median */
  PRICE_MEDIAN_BRANCHES =
      3, /* with fewer, one wrong price is the median, or half of it: nobody is held to it */
  PRICE_OWN_FACTOR =
      3, /* without such a median: more than 3 times, or less than a third, of the branch's last */
  PRICE_OWN_DAYS = 90,        /* ... within so many days of it */
  PRICE_NOTE_MAX = 200,       /* characters, by whichever door */
  PRICE_DATE_MIN = 20000101,  /* the table takes none before, also where a clock stands in 1970 */
  PRICE_UNIT_SIZE = 40,       /* a unit's code with its end */
  PRICE_OUTLIER_BRANCHES = 5, /* the province refuses only against this many other branches */
  PRICE_OUTLIER_DAYS = 45     /* ... who observed within so many days of it */
};

struct price_new {
  int64_t product;
  int64_t price_fen;  /* per unit of the product */
  int64_t qty_milli;  /* thousandths of the unit; 0: not said */
  const char *unit;   /* the one it was filled in for; NULL: not said */
  int64_t supplier;   /* 0: not said */
  const char *source; /* settled quoted market */
  int observed_date;  /* yyyymmdd */
  const char *note;   /* may be NULL */
  int64_t replaces;   /* 0: nothing */
  int today;          /* the latest day it may be by the clocks that are known; 0: by the entry's own */
  int today_least;    /* ... and the earliest */
  bool confirm_outlier;
  bool confirm_date; /* the day is right, although this machine's has not come to it */
  bool ask_repeat;   /* one that is recorded already is refused as "repeated"; a correction never is */
};

struct written {
  int64_t id;
  char no[NUMBER_SIZE];
};

struct price_against;
/* What an amount is recorded in now: the product's unit, or that of the price it corrects; "" of none. */
bool price_unit_now(struct db *db, uint32_t branch, const struct price_new *in, char unit[PRICE_UNIT_SIZE],
                    struct err *err);
/* All rules, without writing; for a sheet before its first row is written.
 * Rule "outlier" (ERR_CONFLICT, field price_fen) unless confirmed with a note; the text names the median.
 * Only when at least PRICE_MEDIAN_BRANCHES branches have a price in the province's median; with fewer, the
 * branch's own last price stands for it (price_held_against). What is recorded already is no fault of a row:
 * price_add refuses it when it is to ask.
 * Rule "future" (ERR_INPUT, field date) of a later day than this machine's, unless that is confirmed: its
 * clock may be the one that is wrong.
 * Rule "unit_changed" (ERR_CONFLICT, field unit) when it was filled in for another unit than it would be
 * recorded in now (price_unit_now): amounts are not converted, so a person looks again. */
bool price_check(struct db *db, uint32_t branch, int today, const struct price_new *in,
                 const struct price_against *against, struct check *check, struct err *err);
bool price_add(struct tx *tx, const struct price_new *in, struct written *out, struct faults *faults,
               struct err *err);
/* Takes a row back; the reason is kept as the note. */
bool price_void(struct tx *tx, int64_t id, const char *reason, struct written *out, struct err *err);

/* A price that stands already, counted or not yet, of the same product, day, source and supplier. */
struct price_same {
  int64_t id;
  char no[NUMBER_SIZE], actor[NAME_SIZE_MAX + 1];
  int64_t price_fen, at_ms;
};
bool price_find_same(struct db *db, uint32_t branch, const struct price_new *in, bool *found,
                     struct price_same *out, struct err *err);

/* What a price is judged by where it is entered: the province's median, or, where too few branches make one,
 * the newest counted price of the branch itself about that day, but the one it replaces. */
struct price_against {
  int64_t fen; /* 0: nothing */
  int factor;
  int own_date; /* 0: fen is the province's median */
};
bool price_held_against(struct db *db, uint32_t branch, int today, const struct price_new *in,
                        struct price_against *out, struct err *err);
/* Recorded all the same, it waits for a person of the province and is nobody's last price until then. */
bool price_outlier(int64_t price_fen, const struct price_against *against);
/* The same where `rows`, which count at once, are recorded before it: the newest of them may be the own last
 * price then. */
void price_hold_against_rows(const struct price_new *in, const struct price_new *rows, size_t count,
                             struct price_against *against);

struct price_row {
  uint32_t branch;
  int64_t id;
  const char *no;
  int64_t product;
  const char *product_name, *product_name_en, *branch_name, *branch_name_en, *unit;
  int64_t price_fen, qty_milli;
  int64_t supplier;
  const char *supplier_name;
  const char *source;
  int observed_date;
  const char *note;
  int64_t replaces;
  bool is_void, outlier;
  const char *actor;
  int64_t at_ms;
  int64_t replaced_by; /* 0: nothing */
  const char *refused; /* the rule, "" when not refused */
  bool waits;          /* for a person of the province (price_doubt.h) */
};

enum price_order { PRICE_NEWEST, PRICE_OLDEST, PRICE_DEAREST, PRICE_CHEAPEST, PRICE_BY_NAME };

struct price_filter {
  uint32_t branch; /* 0: all branches */
  int64_t product; /* 0: all */
  int64_t supplier;
  int from_date, to_date; /* 0: open; both included */
  int today;          /* PRICE_NEWEST: what claims a later day stands behind all others; 0: where it falls */
  const char *source; /* NULL: all */
  bool counted_only;  /* leave out what is void, replaced, refused or unread */
  bool compared_only; /* ... and what is in another unit than the product is counted in now */
  bool standing_only; /* leave out what is void, replaced or refused: what a person could still correct */
  bool records_only;  /* leave out the rows that only take another back */
  struct record_find find;
  enum price_order order; /* of the day observed, of the price, of the name */
  struct page page;
};

/* In the order asked for, and then the newest record first. */
bool price_list(struct db *db, const struct price_filter *filter,
                void (*each)(void *ctx, const struct price_row *row), void *ctx, int64_t *total,
                struct err *err);
bool price_get(struct db *db, uint32_t branch, int64_t id,
               void (*each)(void *ctx, const struct price_row *row), void *ctx, struct err *err);
/* How many of a branch's standing prices claim a later day than today: they were recorded under a clock that
 * was wrong, and are the latest nowhere until a person corrects them or their day comes. */
bool price_count_later(struct db *db, uint32_t branch, int today, int64_t *count, struct err *err);
/* How many counted prices of a product, of all branches that are here, are in the unit it has now: with
 * another unit they stay as they are, and are compared with nothing more (docs/decisions/0212). */
bool price_count_in_unit(struct db *db, int64_t product, int64_t *count, struct err *err);
/* Whether a price is in the unit its product has now: else it is compared with nothing either. */
bool price_is_in_unit(struct db *db, uint32_t branch, int64_t id, bool *is, struct err *err);
/* The newest counted price of a branch for a product, no later than today; *price_fen 0 when there is none.
 */
bool price_latest(struct db *db, uint32_t branch, int64_t product, int today, int64_t *price_fen, int *date,
                  struct err *err);

#endif
