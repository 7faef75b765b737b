/* product.h - one product as pages show it: its row, its origin in words, its season windows.
 * Lists of products come from catalogue.h; changes go through item.h. */
#ifndef SUNLIT_DOMAIN_PRODUCT_H
#define SUNLIT_DOMAIN_PRODUCT_H

#include "core/base/db.h"
#include "core/domain/season.h"

struct product {
  int64_t id;
  const char *name_zh, *name_pinyin, *name_en, *aliases;
  const char *group, *subgroup;
  uint32_t origin_code;
  const char *origin_name, *origin_name_en, *prefecture_name;
  const char *unit, *storage, *storage_note_zh;
  bool geo_indication;
  const char *geo_basis;
  const char *status, *status_reason;
  bool confirmed;        /* by the province, or by a county (then the confirmations that count say which) */
  uint32_t confirmed_by; /* as published; 0 while only confirmations that were not published yet count */
  int64_t rev;
  const char *changed_by;
  int64_t changed_ms;
  struct season seasons[SEASONS_MAX];
  size_t season_count;
};

/* Calls each once, also for a delisted product; ERR_MISSING "unknown_product". Text is borrowed in the call.
 */
bool product_get(struct db *db, int64_t id, void (*each)(void *ctx, const struct product *row), void *ctx,
                 struct err *err);

struct confirmation {
  uint32_t branch;
  int64_t id;
  const char *branch_name, *branch_name_en;
  const char *note, *actor;
  int64_t at_ms;
  int64_t rev; /* of the product, as it was looked at; 0: not said */
  bool counts; /* the province has changed nothing of it since, nor taken it back */
};
bool confirmation_list(struct db *db, int64_t product,
                       void (*each)(void *ctx, const struct confirmation *row), void *ctx, struct err *err);

#endif
