#include "core/domain/price_doubt.h"

#include "core/base/json.h"
#include "core/domain/form.h"
#include "core/domain/refusal.h"

#include <inttypes.h>

bool price_doubt_add(struct tx *tx, uint32_t branch, int64_t price, int64_t median_fen, int64_t branches,
                     struct err *err)
{
  int64_t id;
  struct query q = query_open(tx->db, "SELECT 1 FROM price_doubt WHERE branch = ?1 AND price = ?2", err);
  query_int(&q, 1, branch);
  query_int(&q, 2, price);
  bool known = query_row(&q);
  if (!query_close(&q)) return false;
  if (known) return true;
  if (!tx_id(tx, SCOPE_DIRECTED, &id, err)) return false;
  q = query_open(tx->db,
                 "INSERT INTO price_doubt(branch, id, price, median_fen, branches, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                 err);
  query_int(&q, 1, branch);
  query_int(&q, 2, id);
  query_int(&q, 3, price);
  query_int(&q, 4, median_fen);
  query_int(&q, 5, branches);
  query_int(&q, 6, tx->now_ms);
  return query_run(&q);
}

#define WAITING                                                                                              \
  " FROM price_doubt d JOIN price p ON p.branch = d.branch AND p.id = d.price"                               \
  " WHERE " PRICE_WAITS

static int64_t count_waiting(struct db *db, struct err *err)
{
  struct query q = query_open(db, "SELECT count(*)" WAITING " /* scan: meant, doubts are few */", err);
  int64_t n = query_row(&q) ? column_int(&q, 0) : 0;
  return query_close(&q) ? n : -1;
}

bool price_doubt_list(struct db *db, void (*each)(void *ctx, const struct price_doubt *row), void *ctx,
                      int64_t *total, struct err *err)
{
  if ((*total = count_waiting(db, err)) < 0) return false;
  struct query q = query_open(
      db,
      "SELECT d.branch, (SELECT v.name_zh FROM division v WHERE v.code = d.branch),"
      " (SELECT v.name_en FROM division v WHERE v.code = d.branch), p.id, p.no, p.product,"
      " (SELECT g.name_zh FROM product g WHERE g.id = p.product),"
      " (SELECT g.name_en FROM product g WHERE g.id = p.product), p.unit, p.price_fen, d.median_fen,"
      " d.branches, p.observed_date, p.note, p.actor, p.at_ms, p.source,"
      " coalesce(p.qty_milli, 0)" WAITING
      " ORDER BY d.at_ms, d.branch, d.id LIMIT 200 /* scan: meant, doubts are few */",
      err);
  while (query_row(&q)) {
    struct price_doubt row = {.branch = (uint32_t)column_int(&q, 0),
                              .branch_name = column_text(&q, 1),
                              .branch_name_en = column_text(&q, 2),
                              .id = column_int(&q, 3),
                              .no = column_text(&q, 4),
                              .product = column_int(&q, 5),
                              .product_name = column_text(&q, 6),
                              .product_name_en = column_text(&q, 7),
                              .unit = column_text(&q, 8),
                              .price_fen = column_int(&q, 9),
                              .median_fen = column_int(&q, 10),
                              .branches = column_int(&q, 11),
                              .observed_date = (int)column_int(&q, 12),
                              .note = column_text(&q, 13),
                              .actor = column_text(&q, 14),
                              .at_ms = column_int(&q, 15),
                              .source = column_text(&q, 16),
                              .qty_milli = column_int(&q, 17)};
    each(ctx, &row);
  }
  return query_close(&q);
}

/* What the answer is about; *open false: it is answered, corrected or taken back already. */
struct subject {
  bool open;
  int64_t price_fen, median_fen;
};

static bool find(struct tx *tx, uint32_t branch, int64_t price, struct subject *subject, struct err *err)
{
  struct query q = query_open(tx->db,
                              "SELECT p.no, p.price_fen, d.median_fen, " PRICE_WAITS
                              " FROM price_doubt d JOIN price p ON p.branch = d.branch AND p.id = d.price"
                              " WHERE d.branch = ?1 AND d.price = ?2",
                              err);
  query_int(&q, 1, branch);
  query_int(&q, 2, price);
  bool found = query_row(&q);
  if (found) {
    form_subject(tx, column_text(&q, 0));
    *subject = (struct subject){
        .price_fen = column_int(&q, 1), .median_fen = column_int(&q, 2), .open = column_int(&q, 3) != 0};
  }
  if (!query_close(&q)) return false;
  return found || err_rule(err, ERR_MISSING, "id", "unknown_price",
                           "no price %" PRId64 " of %u waits for an answer", price, branch);
}

static bool accept(struct tx *tx, uint32_t branch, int64_t price, struct err *err)
{
  int64_t id;
  if (!tx_id(tx, SCOPE_DIRECTED, &id, err)) return false;
  struct query q = query_open(
      tx->db, "INSERT INTO price_accepted(branch, id, price, actor, at_ms) VALUES(?1, ?2, ?3, ?4, ?5)", err);
  query_int(&q, 1, branch);
  query_int(&q, 2, id);
  query_int(&q, 3, price);
  query_text(&q, 4, tx->actor);
  query_int(&q, 5, tx->now_ms);
  return query_run(&q);
}

static bool refuse(struct tx *tx, uint32_t branch, int64_t price, const struct subject *subject,
                   const char *reason, struct err *err)
{
  struct buf text = BUF_INIT;
  json_t *detail = json_pack("{sI sI ss ss}", "price_fen", (json_int_t)subject->price_fen, "median_fen",
                             (json_int_t)subject->median_fen, "reason", reason, "by", tx->actor);
  bool ok = detail && json_write(&text, detail);
  put_u8(&text, 0);
  ok = (ok && !text.bad) || err_set(err, ERR_IO, "out of memory refusing a price");
  ok = ok && refusal_add(tx, branch, "price", price, "price_judged", (const char *)text.data, err);
  buf_wipe(&text);
  json_decref(detail);
  return ok;
}

bool price_doubt_answer(struct tx *tx, uint32_t branch, int64_t price, bool accepted, const char *reason,
                        struct err *err)
{
  struct check check = {.err = err};
  struct subject subject = {.open = false};
  if (!accepted) form_text(&check, "reason", reason, 2, 400);
  if (check.bad || !find(tx, branch, price, &subject, err)) return false;
  if (!subject.open)
    return err_rule(err, ERR_CONFLICT, "id", "decided", "the price %" PRId64 " waits for nobody any more",
                    price);
  return accepted ? accept(tx, branch, price, err) : refuse(tx, branch, price, &subject, reason, err);
}
