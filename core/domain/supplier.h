/* supplier.h - who sells: a supplier's row with its licence state and score, and its channels.
 * Changes go through item.h. */
#ifndef SUNLIT_DOMAIN_SUPPLIER_H
#define SUNLIT_DOMAIN_SUPPLIER_H

#include "core/base/db.h"
#include "core/domain/bookmark.h"

enum licence_state { LICENCE_NONE, LICENCE_OK, LICENCE_SOON, LICENCE_OVER };
enum { LICENCE_SOON_DAYS = 60 };

/* by the last valid day, yyyymmdd; 0 is LICENCE_NONE.  days_left may be negative, may be NULL. */
enum licence_state licence_state_of(int until_date, int today, int *days_left);
const char *licence_state_name(enum licence_state state); /* "none" "ok" "soon" "over" */

struct supplier {
  int64_t id;
  const char *uscc, *name;
  uint32_t division;
  const char *division_name, *division_name_en;
  const char *contact_name, *contact_phone, *licence_no;
  int licence_until_date;
  const char *status, *status_reason;
  int64_t rev;
  const char *changed_by;
  int64_t changed_ms;
  int channels;
  int64_t score_count;
  int overall_centi, quality_centi, price_centi, delivery_centi; /* 0: fewer than five ratings */
  const char *trend;                                             /* "" when unknown */
};

enum supplier_order {
  SUPPLIERS_USUAL, /* who may be ordered from first, then by name */
  SUPPLIERS_BY_NAME,
  SUPPLIERS_BY_PLACE,
  SUPPLIERS_BY_LICENCE, /* by its last day; none stands last either way */
  SUPPLIERS_BY_CHANNELS,
  SUPPLIERS_BY_SCORE, /* too few ratings stand last either way */
  SUPPLIERS_BY_STATUS
};

struct supplier_filter {
  const char *text;   /* part of a name, or of a code; NULL: all */
  const char *status; /* NULL: all */
  uint32_t division;  /* county or prefecture; 0: all */
  enum supplier_order order;
  bool descending;
  struct page page;
};

bool supplier_get(struct db *db, int64_t id, void (*each)(void *ctx, const struct supplier *row), void *ctx,
                  struct err *err);
bool supplier_list(struct db *db, const struct supplier_filter *filter,
                   void (*each)(void *ctx, const struct supplier *row), void *ctx, int64_t *total,
                   struct err *err);

struct channel {
  int64_t id;
  int64_t product;
  const char *product_name, *product_name_en, *unit;
  const char *way;
  int64_t min_order_qty; /* 0: none */
  const char *delivery_area, *note;
  int64_t rev;
  struct supplier supplier; /* without scores */
};
/* By product, or by supplier when product is 0: active suppliers first, then by name. */
bool channel_list(struct db *db, int64_t product, int64_t supplier,
                  void (*each)(void *ctx, const struct channel *row), void *ctx, struct err *err);

#endif
