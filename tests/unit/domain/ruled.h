/* ruled.h - the price rule as the hub lets it act.  Include it once in each test program, after fixture.h. */
#ifndef SUNLIT_TESTS_DOMAIN_RULED_H
#define SUNLIT_TESTS_DOMAIN_RULED_H

#include "core/domain/price_rule.h"

/* One piece of what it finds for that branch and act, as the hub writes it. */
__attribute__((unused)) static bool rule_acts(struct tx *tx, uint32_t branch, int today,
                                              enum price_rule_act act, int *written, struct err *err)
{
  struct price_rule_rows rows;
  size_t at = 0, count = 0;
  *written = 0;
  bool ok = price_rule_find(tx->db, today, &rows, err);
  while (at < rows.count && (rows.list[at].branch != branch || rows.list[at].act != act))
    at++;
  while (at + count < rows.count && rows.list[at + count].branch == branch &&
         rows.list[at + count].act == act)
    count++;
  if (count > PRICE_RULE_CHUNK) count = PRICE_RULE_CHUNK;
  ok = ok && (!count || price_rule_apply(tx, rows.list + at, count, written, err));
  price_rule_free(&rows);
  return ok;
}

#endif
