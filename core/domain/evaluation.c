#include "core/domain/evaluation.h"

#include "core/domain/form.h"
#include "core/domain/listed.h"
#include "core/domain/number.h"

#include <inttypes.h>
#include <string.h>

static bool check_supplier(struct tx *tx, int64_t supplier, struct check *check, struct err *err)
{
  struct query q = query_open(tx->db, "SELECT 1 FROM supplier WHERE id = ?1", err);
  query_int(&q, 1, supplier);
  if (!query_row(&q))
    check_fault(check, ERR_INPUT, "supplier", "unknown_supplier", "there is no supplier %" PRId64, supplier);
  return query_close(&q);
}

static bool check_replaces(struct tx *tx, int64_t product, int64_t replaces, struct check *check,
                           struct err *err)
{
  if (replaces == 0) return true;
  struct query q =
      query_open(tx->db,
                 "SELECT product, void, EXISTS(SELECT 1 FROM evaluation r WHERE r.branch = e.branch AND"
                 " r.replaces = e.id), actor FROM evaluation e WHERE branch = ?1 AND id = ?2",
                 err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, replaces);
  if (!query_row(&q))
    check_fault(check, ERR_MISSING, "replaces", "unknown_evaluation",
                "this branch has no evaluation %" PRId64, replaces);
  else if (column_int(&q, 1) || column_int(&q, 2))
    check_fault(check, ERR_CONFLICT, "replaces", "replaced",
                "evaluation %" PRId64 " is already corrected or taken back", replaces);
  else if (!form_may_change(tx, column_text(&q, 3)))
    check_fault(check, ERR_DENIED, "replaces", "not_yours",
                "evaluation %" PRId64
                " was given by %.40s: they, an officer or an administrator can change it",
                replaces, column_text(&q, 3));
  else if (product && column_int(&q, 0) != product)
    check_fault(check, ERR_INPUT, "replaces", "other_product", "evaluation %" PRId64 " is of another product",
                replaces);
  return query_close(&q);
}

static bool insert(struct tx *tx, const struct evaluation_new *in, bool is_void, struct written *out,
                   struct err *err)
{
  struct written row;
  if (!number_next(tx, NUMBER_EVALUATION, row.no, err) || !tx_id(tx, SCOPE_BRANCH, &row.id, err))
    return false;
  struct query q =
      query_open(tx->db,
                 "INSERT INTO evaluation(branch, id, no, product, supplier, quality, price, delivery,"
                 " remark, replaces, void, actor, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, nullif(?5, 0), ?6, ?7, ?8, ?9, nullif(?10, 0), ?11, ?12, ?13)",
                 err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, row.id);
  query_text(&q, 3, row.no);
  query_int(&q, 4, in->product);
  query_int(&q, 5, in->supplier);
  query_int(&q, 6, in->quality);
  query_int(&q, 7, in->price);
  query_int(&q, 8, in->delivery);
  query_text(&q, 9, in->remark ? in->remark : "");
  query_int(&q, 10, in->replaces);
  query_int(&q, 11, is_void);
  query_text(&q, 12, tx->actor);
  query_int(&q, 13, tx->now_ms);
  if (!query_run(&q)) return false;
  *out = row;
  return true;
}

bool evaluation_add(struct tx *tx, const struct evaluation_new *in, struct written *out,
                    struct faults *faults, struct err *err)
{
  struct check check = {.faults = faults, .err = err};
  struct listed listed;
  if (!listed_look(tx->db, in->product, &listed, err)) return false;
  listed_check(&check, in->product, &listed, in->replaces != 0);
  if (listed.found) form_subject(tx, listed.name);
  if (in->supplier && !check_supplier(tx, in->supplier, &check, err)) return false;
  form_range(&check, "quality", in->quality, 1, 5);
  form_range(&check, "price", in->price, 1, 5);
  form_range(&check, "delivery", in->delivery, 1, 5);
  form_text(&check, "remark", in->remark, 0, 400);
  if (!check_replaces(tx, in->product, in->replaces, &check, err)) return false;
  return !check.bad && insert(tx, in, false, out, err);
}

bool evaluation_void(struct tx *tx, int64_t id, const char *reason, struct written *out, struct err *err)
{
  struct check check = {.err = err};
  form_text(&check, "reason", reason, 1, 400);
  if (!check_replaces(tx, 0, id, &check, err) || check.bad) return false;
  struct evaluation_new copy = {.replaces = id, .remark = reason};
  struct query q = query_open(tx->db,
                              "SELECT e.product, e.supplier, e.quality, e.price, e.delivery, p.name_zh"
                              " FROM evaluation e LEFT JOIN product p ON p.id = e.product"
                              " WHERE e.branch = ?1 AND e.id = ?2",
                              err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  if (query_row(&q)) {
    copy.product = column_int(&q, 0);
    copy.supplier = column_int(&q, 1);
    copy.quality = column_int(&q, 2);
    copy.price = column_int(&q, 3);
    copy.delivery = column_int(&q, 4);
    form_subject(tx, column_text(&q, 5));
  }
  return query_close(&q) && insert(tx, &copy, true, out, err);
}

#define EVALUATION_WHERE                                                                                     \
  " AND (?3 = 0 OR e.supplier = ?3) AND (?4 = 0 OR e.void = 0) AND (?4 < 2 OR"                               \
  " EXISTS(SELECT 1 FROM counted_evaluation c WHERE c.branch = e.branch AND c.id = e.id))"                   \
  " AND e.at_ms >= ?5 AND e.at_ms < ?6" RECORD_FIND("e", "evaluation", "remark")
#define EVALUATION_SELECT                                                                                    \
  "SELECT e.branch, e.id, e.no, e.product, e.supplier, coalesce(p.name_zh, ''), coalesce(s.name, ''),"       \
  " coalesce(d.name_zh, ''), e.quality, e.price, e.delivery, e.remark, e.replaces,"                          \
  " (SELECT r.id FROM evaluation r WHERE r.branch = e.branch AND r.replaces = e.id), e.void, e.actor,"       \
  " e.at_ms, coalesce(p.name_en, ''), coalesce(d.name_en, '')"
#define EVALUATION_JOIN                                                                                      \
  " LEFT JOIN product p ON p.id = e.product LEFT JOIN supplier s ON s.id = e.supplier"                       \
  " LEFT JOIN division d ON d.code = e.branch"
/* The page begins behind (?8, ?9, ?10); ?8 is past all time at first. */
#define BY_TIME                                                                                              \
  " AND e.at_ms <= ?8 AND (e.at_ms < ?8 OR e.branch > ?9 OR (e.branch = ?9 AND e.id < ?10))"                 \
  " ORDER BY e.at_ms DESC, e.branch, e.id DESC LIMIT ?7"
#define BY_ID " AND e.id < ?10 ORDER BY e.id DESC LIMIT ?7"
/* Any other order: everything that fits is sorted. */
#define MARKS "e.quality + e.price + e.delivery"
#define FIRST "CASE ?11 WHEN 1 THEN e.at_ms WHEN 2 THEN -(" MARKS ") ELSE " MARKS " END"
#define SORTED                                                                                               \
  " AND (?12 = 0 OR (" FIRST ", -e.at_ms, e.branch, -e.id) > (?8, -?13, ?9, -?10)) ORDER BY " FIRST          \
  ", -e.at_ms, e.branch, e.id DESC LIMIT ?7"
#define FORM(where, order)                                                                                   \
  {                                                                                                          \
    "SELECT count(*) FROM evaluation e" where EVALUATION_WHERE,                                              \
        EVALUATION_SELECT " FROM evaluation e" EVALUATION_JOIN where EVALUATION_WHERE order,                 \
        EVALUATION_SELECT ", " FIRST " FROM evaluation e" EVALUATION_JOIN where EVALUATION_WHERE SORTED      \
  }

static const struct form {
  const char *count, *select, *sorted;
} forms[3] = {
    FORM(" WHERE e.product = ?2 AND (?1 = 0 OR e.branch = ?1)", BY_TIME),
    FORM(" WHERE e.branch = ?1 AND ?2 = 0", BY_ID),
    FORM(" WHERE ?1 = 0 AND ?2 = 0 /* scan: meant, a list of everything */", BY_TIME),
};

static void bind(struct query *q, const struct evaluation_filter *filter)
{
  query_int(q, 1, filter->branch);
  query_int(q, 2, filter->product);
  query_int(q, 3, filter->supplier);
  query_int(q, 4, filter->counted_only ? 2 : filter->records_only ? 1 : 0);
  query_int(q, 5, filter->from_ms ? filter->from_ms : INT64_MIN);
  query_int(q, 6, filter->to_ms ? filter->to_ms : INT64_MAX);
  record_find_bind(q, &filter->find);
}

static void call(struct query *q, void (*each)(void *ctx, const struct evaluation_row *row), void *ctx)
{
  struct evaluation_row row = {.branch = (uint32_t)column_int(q, 0),
                               .id = column_int(q, 1),
                               .no = column_text(q, 2),
                               .product = column_int(q, 3),
                               .supplier = column_int(q, 4),
                               .product_name = column_text(q, 5),
                               .supplier_name = column_text(q, 6),
                               .branch_name = column_text(q, 7),
                               .quality = (int)column_int(q, 8),
                               .price = (int)column_int(q, 9),
                               .delivery = (int)column_int(q, 10),
                               .remark = column_text(q, 11),
                               .replaces = column_int(q, 12),
                               .replaced_by = column_int(q, 13),
                               .is_void = column_int(q, 14) != 0,
                               .actor = column_text(q, 15),
                               .at_ms = column_int(q, 16),
                               .product_name_en = column_text(q, 17),
                               .branch_name_en = column_text(q, 18)};
  each(ctx, &row);
}

bool evaluation_get(struct db *db, uint32_t branch, int64_t id,
                    void (*each)(void *ctx, const struct evaluation_row *row), void *ctx, struct err *err)
{
  struct query q = query_open(
      db, EVALUATION_SELECT " FROM evaluation e" EVALUATION_JOIN " WHERE e.branch = ?1 AND e.id = ?2", err);
  query_int(&q, 1, branch);
  query_int(&q, 2, id);
  bool found = query_row(&q);
  if (found) call(&q, each, ctx);
  if (!query_close(&q)) return false;
  return found || err_rule(err, ERR_MISSING, "id", "unknown_evaluation",
                           "there is no rating %" PRId64 " of %u", id, branch);
}

static bool list_part(struct db *db, const struct evaluation_filter *filter, int *shown,
                      void (*each)(void *ctx, const struct evaluation_row *row), void *ctx, struct err *err)
{
  const struct form *form = &forms[filter->product ? 0 : filter->branch ? 1 : 2];
  const struct bookmark *after = &filter->page.after;
  bool by_id = form == &forms[1];
  struct query q = query_open(db, form->select, err);
  bind(&q, filter);
  query_int(&q, 7, page_rows(&filter->page));
  if (!by_id) query_int(&q, 8, after->set ? after->first : INT64_MAX);
  if (!by_id) query_int(&q, 9, after->branch);
  query_int(&q, 10, after->set ? after->id : INT64_MAX);
  while (page_row(&filter->page, &q, shown)) {
    call(&q, each, ctx);
    page_keep(&filter->page, column_int(&q, 16), 0, (uint32_t)column_int(&q, 0), column_int(&q, 1), "");
  }
  return query_close(&q);
}

static bool list_sorted(struct db *db, const struct evaluation_filter *filter, int *shown,
                        void (*each)(void *ctx, const struct evaluation_row *row), void *ctx, struct err *err)
{
  const struct form *form = &forms[filter->product ? 0 : filter->branch ? 1 : 2];
  const struct bookmark *after = &filter->page.after;
  struct query q = query_open(db, form->sorted, err);
  bind(&q, filter);
  query_int(&q, 7, page_rows(&filter->page));
  query_int(&q, 8, after->first);
  query_int(&q, 9, after->branch);
  query_int(&q, 10, after->id);
  query_int(&q, 11, filter->order);
  query_int(&q, 12, after->set);
  query_int(&q, 13, after->second);
  while (page_row(&filter->page, &q, shown)) {
    call(&q, each, ctx);
    page_keep(&filter->page, column_int(&q, 19), column_int(&q, 16), (uint32_t)column_int(&q, 0),
              column_int(&q, 1), "");
  }
  return query_close(&q);
}

/* A moment that has not come yet is not the newest one: first all up to now, then what claims to be later. */
static bool list_newest(struct db *db, const struct evaluation_filter *filter, int *shown,
                        void (*each)(void *ctx, const struct evaluation_row *row), void *ctx, struct err *err)
{
  struct evaluation_filter come = *filter, later = *filter;
  const struct bookmark *after = &filter->page.after;
  bool beyond = after->set && after->first > filter->now_ms;
  if (!filter->to_ms || filter->to_ms > filter->now_ms) come.to_ms = filter->now_ms + 1;
  if (filter->from_ms <= filter->now_ms) later.from_ms = filter->now_ms + 1;
  if (!beyond) later.page.after.set = false;
  if (!beyond && !list_part(db, &come, shown, each, ctx, err)) return false;
  if (page_full(&filter->page, *shown)) return true;
  return list_part(db, &later, shown, each, ctx, err);
}

bool evaluation_list(struct db *db, const struct evaluation_filter *filter,
                     void (*each)(void *ctx, const struct evaluation_row *row), void *ctx, int64_t *total,
                     struct err *err)
{
  const struct form *form = &forms[filter->product ? 0 : filter->branch ? 1 : 2];
  int64_t count = 0;
  int shown = 0;
  struct query q = query_open(db, form->count, err);
  bind(&q, filter);
  if (query_row(&q)) count = column_int(&q, 0);
  if (!query_close(&q)) return false;
  bool apart = form != &forms[1] && filter->now_ms; /* by id needs no clock */
  if (!(filter->order ? list_sorted : apart ? list_newest : list_part)(db, filter, &shown, each, ctx, err))
    return false;
  if (total) *total = count;
  return true;
}
