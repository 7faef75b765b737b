#include "core/domain/price_rule.h"

#include "core/base/clock.h"
#include "core/domain/form.h"
#include "core/domain/price_doubt.h"
#include "core/domain/refusal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const char report_price_rule_sql[], report_price_explained_sql[];

static bool room_for_one(struct price_rule_rows *rows, struct err *err)
{
  if (rows->count < rows->room) return true;
  size_t room = rows->room ? rows->room * 2 : 256;
  struct price_rule_row *list = realloc(rows->list, room * sizeof *list);
  if (!list) return err_set(err, ERR_IO, "no memory for %zu prices that the rule found", room);
  rows->list = list;
  rows->room = room;
  return true;
}

/* The rows come by branch. */
static bool take(struct query *q, struct price_rule_rows *out, enum price_rule_act act, struct err *err)
{
  size_t most = act == PRICE_RULE_DOUBT ? PRICE_RULE_DOUBTS : PRICE_RULE_BRANCH;
  int figures = act == PRICE_RULE_DOUBT ? 2 : 3;
  size_t of_branch = 0;
  bool ok = true;
  while (ok && query_row(q)) {
    uint32_t branch = (uint32_t)column_int(q, 0);
    const struct price_rule_row *last = of_branch ? &out->list[out->count - 1] : NULL;
    of_branch = last && last->branch == branch ? of_branch : 0;
    if (of_branch == most) {
      out->more = true;
      continue;
    }
    ok = room_for_one(out, err);
    if (!ok) break;
    of_branch++;
    out->list[out->count++] = (struct price_rule_row){.branch = branch,
                                                      .act = act,
                                                      .id = column_int(q, 1),
                                                      .price_fen = figures > 2 ? column_int(q, 2) : 0,
                                                      .median_fen = column_int(q, figures),
                                                      .branches = column_int(q, figures + 1)};
  }
  return query_close(q) && ok;
}

bool price_rule_find(struct db *db, int today, struct price_rule_rows *out, struct err *err)
{
  *out = (struct price_rule_rows){0};
  struct query rule = query_open(db, report_price_rule_sql, err);
  query_int(&rule, 1, date_add_days(today, -PRICE_RULE_DAYS));
  query_int(&rule, 2, today);
  if (!take(&rule, out, PRICE_RULE_REFUSE, err)) return false;
  struct query explained = query_open(db, report_price_explained_sql, err);
  query_int(&explained, 1, date_add_days(today, -PRICE_DOUBT_DAYS));
  query_int(&explained, 2, date_add_days(today, PRICE_DOUBT_DAYS));
  query_int(&explained, 3, PRICE_RULE_DOUBTS + 1); /* one more says that there are more */
  return take(&explained, out, PRICE_RULE_DOUBT, err);
}

void price_rule_free(struct price_rule_rows *rows)
{
  free(rows->list);
  *rows = (struct price_rule_rows){0};
}

/* *still: it is what it was when the rule found it; tx->subject becomes its number. */
static bool look_again(struct tx *tx, const struct price_rule_row *row, bool *still, struct err *err)
{
  struct query q = query_open(
      tx->db,
      row->act == PRICE_RULE_DOUBT
          ? "SELECT p.no FROM price p WHERE p.branch = ?1 AND p.id = ?2 AND " PRICE_WAITS
            " AND NOT EXISTS(SELECT 1 FROM price_doubt w WHERE w.branch = p.branch AND w.price = p.id)"
          : "SELECT p.no FROM counted_price p WHERE p.branch = ?1 AND p.id = ?2"
            " AND NOT EXISTS(SELECT 1 FROM price_accepted a WHERE a.branch = p.branch AND a.price = p.id)",
      err);
  query_int(&q, 1, row->branch);
  query_int(&q, 2, row->id);
  *still = query_row(&q);
  if (*still) form_subject(tx, column_text(&q, 0));
  return query_close(&q);
}

static bool refuse(struct tx *tx, const struct price_rule_row *row, struct err *err)
{
  char detail[160];
  snprintf(detail, sizeof detail,
           "{\"price_fen\":%" PRId64 ",\"median_fen\":%" PRId64 ",\"branches\":%" PRId64 "}", row->price_fen,
           row->median_fen, row->branches);
  return refusal_add(tx, row->branch, "price", row->id, "price_outlier", detail, err);
}

bool price_rule_apply(struct tx *tx, const struct price_rule_row *rows, size_t count, int *written,
                      struct err *err)
{
  *written = 0;
  for (const struct price_rule_row *row = rows; row < rows + count; row++) {
    bool still = false;
    if (!look_again(tx, row, &still, err)) return false;
    if (!still) continue;
    if (!(row->act == PRICE_RULE_DOUBT
              ? price_doubt_add(tx, row->branch, row->id, row->median_fen, row->branches, err)
              : refuse(tx, row, err)))
      return false;
    ++*written;
  }
  return true;
}
