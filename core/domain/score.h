/* score.h - the live evaluation: what all branches together know of a product or supplier.
 *
 * A score is drawn towards the province's mean by as much as five ratings would weigh, and shown from five
 * ratings on; overall is 40 % quality, 30 % price, 30 % delivery.  The trend compares the last 92 days with
 * all before (at least three ratings on each side, 0.20 apart).  Only counted rows count.
 * Publishing computes everything in SQL and writes only rows that differ: run twice, the second writes none.
 */
#ifndef SUNLIT_DOMAIN_SCORE_H
#define SUNLIT_DOMAIN_SCORE_H

#include "core/base/tx.h"

enum { SCORE_RATINGS_MIN = 5, SCORE_PRICE_DAYS = 30, SCORE_TREND_DAYS = 92 };

struct product_score {
  int64_t count;
  int overall_centi, quality_centi, price_centi, delivery_centi; /* 0: not shown yet */
  const char *trend;                                             /* "up" "flat" "down" or "" */
  int64_t median_fen, p25_fen, p75_fen;                          /* 0: none in the last 30 days */
  int branches;
  int64_t last_fen;
  int last_date;
  int prefectures;
  int64_t low_fen, high_fen;
  uint32_t low_prefecture, high_prefecture;
  int64_t at_ms;
};
/* found is false when the province has published nothing for it; trend is a literal. */
bool score_product(struct db *db, int64_t product, struct product_score *out, bool *found, struct err *err);

/* Hub.  Each writes at most SCORE_ROWS_CHUNK rows; call until *written is 0. */
enum { SCORE_ROWS_CHUNK = 2000 };
bool score_publish_products(struct tx *tx, int today, int *written, struct err *err);
bool score_publish_suppliers(struct tx *tx, int today, int *written, struct err *err);
bool score_publish_periods(struct tx *tx, int today, int *written, struct err *err);
/* Whether any of the three would write, by a cheap look at what arrived since the last publication. */
bool score_due(struct db *db, int today, bool *due, struct err *err);
/* Local: remembers what the last complete publication had seen. */
bool score_published(struct tx *tx, int today, struct err *err);

#endif
