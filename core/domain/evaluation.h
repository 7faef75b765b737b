/* evaluation.h - a branch's judgement of one delivery: quality, price and delivery from 1 to 5, and a remark.
 * Append-only like prices: corrected by a row that replaces, taken back by a void row. */
#ifndef SUNLIT_DOMAIN_EVALUATION_H
#define SUNLIT_DOMAIN_EVALUATION_H

#include "core/domain/price.h"

struct evaluation_new {
  int64_t product;
  int64_t supplier; /* 0: not said */
  int64_t quality, price, delivery;
  const char *remark; /* may be NULL */
  int64_t replaces;
};

bool evaluation_add(struct tx *tx, const struct evaluation_new *in, struct written *out,
                    struct faults *faults, struct err *err);
bool evaluation_void(struct tx *tx, int64_t id, const char *reason, struct written *out, struct err *err);

struct evaluation_row {
  uint32_t branch;
  int64_t id;
  const char *no;
  int64_t product, supplier;
  const char *product_name, *product_name_en, *supplier_name, *branch_name, *branch_name_en;
  int quality, price, delivery;
  const char *remark;
  int64_t replaces, replaced_by;
  bool is_void;
  const char *actor;
  int64_t at_ms;
};

/* By time, or by the sum of the three marks, of equal ones the newest first. */
enum evaluation_order { EVALUATIONS_NEWEST, EVALUATIONS_OLDEST, EVALUATIONS_BEST, EVALUATIONS_WORST };

struct evaluation_filter {
  uint32_t branch; /* 0: all */
  int64_t product; /* 0: all */
  int64_t supplier;
  bool counted_only;
  bool records_only;      /* leave out the rows that only take another back */
  int64_t from_ms, to_ms; /* 0: open; to_ms not included */
  int64_t now_ms;         /* what claims to be later stands behind all others; 0: where it falls */
  struct record_find find;
  enum evaluation_order order;
  struct page page;
};
/* ERR_MISSING "unknown_evaluation". */
bool evaluation_get(struct db *db, uint32_t branch, int64_t id,
                    void (*each)(void *ctx, const struct evaluation_row *row), void *ctx, struct err *err);
bool evaluation_list(struct db *db, const struct evaluation_filter *filter,
                     void (*each)(void *ctx, const struct evaluation_row *row), void *ctx, int64_t *total,
                     struct err *err);

#endif
