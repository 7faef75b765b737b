/* score.h - the live evaluation: what all branches together know of a product or supplier.
 *
 * A score is drawn towards the province's mean by as much as five ratings would weigh, and shown from five
 * ratings on; overall is 40 % quality, 30 % price, 30 % delivery.  The trend compares the last 92 days with
 * all before (at least three ratings on each side, 0.20 apart).  Only counted rows count.
 *
 * The hub publishes in two steps: score_open computes everything in SQL on a read connection, which may take
 * a while and blocks nobody, and keeps the rows that differ from what is published; score_write puts them
 * into the shared tables, a chunk in a transaction.  Run twice, the second finds nothing to write. */
#ifndef SUNLIT_DOMAIN_SCORE_H
#define SUNLIT_DOMAIN_SCORE_H

#include "core/base/tx.h"

enum { SCORE_RATINGS_MIN = 5, SCORE_PRICE_DAYS = 30, SCORE_TREND_DAYS = 92, SCORE_ROWS_CHUNK = 2000 };

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

struct score_work;
/* Whether anything arrived, or a day began, since the last complete publication.  Lookups by key. */
bool score_due(struct db *db, int today, bool *due, struct err *err);
bool score_open(struct score_work **out, struct db *db, int today, struct err *err);
size_t score_left(const struct score_work *work); /* rows still to write */
bool score_write(struct tx *tx, struct score_work *work,
                 struct err *err); /* at most SCORE_ROWS_CHUNK of them */
/* Local: the next evaluation is due, whatever came since the last one: what it was computed from is not all
 * there any more. */
bool score_forget(struct tx *tx, struct err *err);
/* Local: remembers what this work had seen, unless some of it was forgotten meanwhile; when nothing is left.
 */
bool score_published(struct tx *tx, const struct score_work *work, struct err *err);
void score_close(struct score_work *work);

#endif
