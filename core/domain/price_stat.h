/* price_stat.h - prices by half-months: the branch's own, and the province's median and middle half.
 *
 * A half-month is named by its first day, yyyymm01 or yyyymm16.  The province's figures are over branches:
 * each branch counts once, with its newest counted price of the half-month, so that a branch which records
 * daily does not outvote the others.  Quartiles interpolate linearly (type 7), rounded to the fen. */
#ifndef SUNLIT_DOMAIN_PRICE_STAT_H
#define SUNLIT_DOMAIN_PRICE_STAT_H

#include "core/base/tx.h"

int period_of_date(int date);
int period_next(int period);
int period_before(int period, int count); /* that many half-months earlier */

struct price_period {
  int period;
  int64_t own_fen;    /* the branch's newest of the half-month; 0: none */
  int64_t median_fen; /* 0: none */
  int64_t p25_fen, p75_fen;
  int branches;
};
/* Every half-month from from_period to that of to_date once, in order, whether it has prices or not; own
 * prices no later than to_date.  branch 0: no own prices. */
bool price_periods(struct db *db, uint32_t branch, int64_t product, int from_period, int to_date,
                   void (*each)(void *ctx, const struct price_period *row), void *ctx, struct err *err);

/* Hub: one product over the counties that have a counted price from from_date to to_date, newest of each. */
struct price_county {
  uint32_t branch;
  const char *branch_name, *branch_name_en;
  uint32_t prefecture_code;
  const char *prefecture_name;
  int64_t last_fen;
  int last_date;
  const char *source;
  int64_t count;      /* counted prices since from_date */
  int64_t median_fen; /* of that branch's prices */
  int vs_median_pct;  /* last_fen against median_fen of all counties' last; 8 means 8 % above */
};
struct price_province {
  int64_t median_fen, p25_fen, p75_fen; /* 0: none */
  int64_t low_fen, high_fen;
  int branches;
};
bool price_compare(struct db *db, int64_t product, int from_date, int to_date,
                   struct price_province *province, void (*each)(void *ctx, const struct price_county *row),
                   void *ctx, struct err *err);

#endif
