#include "core/domain/price_basis.h"
#include "core/domain/price_rule.h"

#include "core/base/clock.h"
#include "core/domain/refusal.h"

#include <inttypes.h>
#include <string.h>

extern const char report_price_basis_sql[];

/* How it was judged: by which of the two reports, on which day. */
struct judgement {
  bool found, by_rule;
  int today;
};

static bool find_judgement(struct db *db, uint32_t branch, int64_t id, struct judgement *how,
                           struct price_basis *out, struct err *err)
{
  struct query q = query_open(
      db,
      "SELECT 1, coalesce(f.detail ->> '$.price_fen', 0), coalesce(f.detail ->> '$.median_fen', 0),"
      " coalesce(f.detail ->> '$.branches', 0), f.at_ms FROM refusal f WHERE f.branch = ?1 AND"
      " f.subject_table = 'price' AND f.subject_id = ?2 AND f.rule = 'price_outlier'"
      " UNION ALL SELECT 0, p.price_fen, d.median_fen, d.branches, d.at_ms FROM price_doubt d"
      " JOIN price p ON p.branch = d.branch AND p.id = d.price WHERE d.branch = ?1 AND d.price = ?2"
      " LIMIT 1",
      err);
  query_int(&q, 1, branch);
  query_int(&q, 2, id);
  how->found = query_row(&q);
  if (how->found) {
    how->by_rule = column_int(&q, 0) == 1;
    *out = (struct price_basis){.price_fen = column_int(&q, 1),
                                .median_fen = column_int(&q, 2),
                                .branches = column_int(&q, 3),
                                .at_ms = column_int(&q, 4)};
    how->today = date_of_ms(out->at_ms);
  }
  return query_close(&q);
}

/* The two in the middle, met so far: rows come cheapest first. */
static int64_t middle(const int64_t *fen, int64_t n)
{
  if (n == 0) return 0;
  return n % 2 ? fen[n / 2] : (1 + fen[n / 2 - 1] + fen[n / 2]) / 2;
}

bool price_basis(struct db *db, uint32_t branch, int64_t id,
                 void (*each)(void *ctx, const struct price_row *row), void *ctx, struct price_basis *out,
                 struct err *err)
{
  enum { BRANCHES_MAX = 1024 }; /* each gives one */
  int64_t fen[BRANCHES_MAX];
  struct judgement how = {.found = false};
  memset(out, 0, sizeof *out);
  if (!find_judgement(db, branch, id, &how, out, err)) return false;
  if (!how.found)
    return err_rule(err, ERR_MISSING, "price", "unknown_price", "no price %" PRId64 " of %u was judged", id,
                    branch);
  struct query q = query_open(db, report_price_basis_sql, err);
  query_int(&q, 1, branch);
  query_int(&q, 2, id);
  query_int(&q, 3, date_add_days(how.today, how.by_rule ? -PRICE_RULE_DAYS : -PRICE_DOUBT_DAYS));
  query_int(&q, 4, how.by_rule ? how.today : date_add_days(how.today, PRICE_DOUBT_DAYS));
  query_int(&q, 5, how.by_rule);
  bool ok = true;
  while (ok && out->now_branches < BRANCHES_MAX && query_row(&q)) {
    fen[out->now_branches++] = column_int(&q, 2);
    ok = price_get(db, (uint32_t)column_int(&q, 0), column_int(&q, 1), each, ctx, err);
  }
  if (!query_close(&q) || !ok) return false;
  out->now_fen = middle(fen, out->now_branches);
  return true;
}
