#include "core/domain/proposal.h"

#include "core/domain/field.h"
#include "core/domain/form.h"
#include "core/domain/number.h"
#include "core/domain/proposal_talk.h"

#include <inttypes.h>
#include <string.h>

enum { JSON_LENGTH_MAX = 8000 }; /* the bound of the columns */

static const char *const kinds[] = {"new_product", "new_supplier", "correction", "delisting", NULL};

/* What is to be written: base and patch as objects of our own. */
struct draft {
  const char *kind;
  enum item_kind target_kind;
  json_t *base, *patch;
};

static void wipe(struct draft *draft)
{
  json_decref(draft->base);
  json_decref(draft->patch);
}

static bool read_kind(const struct proposal_new *in, struct draft *draft, struct check *check)
{
  form_word(check, "kind", in->kind, kinds);
  form_text(check, "reason", in->reason, 1, 400);
  if (check->bad) return false;
  draft->kind = in->kind;
  draft->target_kind = strcmp(in->kind, "new_supplier") == 0 ? ITEM_SUPPLIER : ITEM_PRODUCT;
  if (strcmp(in->kind, "correction") == 0 && in->target_kind && strcmp(in->target_kind, "supplier") == 0)
    draft->target_kind = ITEM_SUPPLIER;
  else if (in->target_kind && strcmp(in->target_kind, item_kind_name(draft->target_kind)) != 0)
    check_fault(check, ERR_INPUT, "target_kind", "one_of", "%s is not about a %.40s", in->kind,
                in->target_kind);
  return !check->bad;
}

/* Keeps what the proposer saw of each field; a field that would stay as it is, is a fault. */
static void compare(struct draft *draft, const json_t *now, struct check *check)
{
  const char *key;
  json_t *value;
  json_object_foreach(draft->patch, key, value)
  {
    json_t *same = field_canonical(key, value), *before = json_object_get(now, key);
    if (json_equal(same, before))
      check_fault(check, ERR_INPUT, key, "unchanged", "%s already has that value", key);
    json_object_set(draft->base, key, before);
    json_decref(same);
  }
}

static bool draft_change(struct tx *tx, const struct proposal_new *in, struct draft *draft,
                         struct faults *faults, struct check *check, struct err *err)
{
  json_t *now = NULL;
  int64_t rev = 0;
  if (!item_values(tx->db, draft->target_kind, in->target, &now, &rev, err)) return false;
  bool ok = rev == in->base_rev ||
            err_rule(err, ERR_CONFLICT, "base_rev", "stale",
                     "the %s is at revision %" PRId64 ", the proposal was made against %" PRId64,
                     item_kind_name(draft->target_kind), rev, in->base_rev);
  if (ok && strcmp(draft->kind, "correction") == 0)
    ok = item_check(tx->db, draft->target_kind, ITEM_PROPOSE_CHANGE, draft->patch, faults, err);
  if (ok) compare(draft, now, check);
  const char *name =
      json_string_value(json_object_get(now, draft->target_kind == ITEM_PRODUCT ? "name_zh" : "name"));
  if (ok && name) form_subject(tx, name);
  json_decref(now);
  return ok && !check->bad;
}

static bool fill(struct tx *tx, const struct proposal_new *in, struct draft *draft, struct faults *faults,
                 struct check *check, struct err *err)
{
  draft->base = json_object();
  if (strcmp(draft->kind, "delisting") == 0)
    draft->patch = json_pack("{ss}", "status", "delisted");
  else
    draft->patch = in->patch ? json_deep_copy(in->patch) : json_object();
  if (!draft->base || !draft->patch) return err_set(err, ERR_IO, "out of memory making a proposal");
  if (strncmp(draft->kind, "new_", 4) != 0) return draft_change(tx, in, draft, faults, check, err);
  /* A supplier may be a person, and what a record names can never be withheld: that is its number instead. */
  const char *name = in->kind[4] == 'p' ? json_string_value(json_object_get(draft->patch, "name_zh")) : NULL;
  if (name) form_subject(tx, name);
  return item_check(tx->db, draft->target_kind, ITEM_PROPOSE_ADD, draft->patch, faults, err);
}

static bool insert(struct tx *tx, const struct proposal_new *in, const struct draft *draft,
                   const struct buf *base, const struct buf *patch, struct written *out, struct err *err)
{
  struct written row;
  bool fresh = strncmp(draft->kind, "new_", 4) == 0;
  if (!number_next(tx, NUMBER_PROPOSAL, row.no, err) || !tx_id(tx, SCOPE_BRANCH, &row.id, err)) return false;
  struct query q =
      query_open(tx->db,
                 "INSERT INTO proposal(branch, id, no, kind, target_kind, target, base_rev, base, patch,"
                 " reason, actor, at_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
                 err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, row.id);
  query_text(&q, 3, row.no);
  query_text(&q, 4, draft->kind);
  query_text(&q, 5, item_kind_name(draft->target_kind));
  query_int(&q, 6, fresh ? 0 : in->target);
  query_int(&q, 7, fresh ? 0 : in->base_rev);
  query_textn(&q, 8, (const char *)base->data, base->size);
  query_textn(&q, 9, (const char *)patch->data, patch->size);
  query_text(&q, 10, in->reason);
  query_text(&q, 11, tx->actor);
  query_int(&q, 12, tx->now_ms);
  if (!query_run(&q)) return false;
  form_subject(tx, row.no);
  *out = row;
  return true;
}

static bool write(struct tx *tx, const struct proposal_new *in, const struct draft *draft,
                  struct written *out, struct err *err)
{
  struct buf base = BUF_INIT, patch = BUF_INIT;
  bool ok = json_write(&base, draft->base) && json_write(&patch, draft->patch);
  if (!ok) err_set(err, ERR_IO, "out of memory making a proposal");
  if (ok && (base.size > JSON_LENGTH_MAX || patch.size > JSON_LENGTH_MAX))
    ok = err_rule(err, ERR_LIMIT, "patch", "length", "the proposal is longer than %d bytes", JSON_LENGTH_MAX);
  ok = ok && insert(tx, in, draft, &base, &patch, out, err);
  buf_wipe(&base);
  buf_wipe(&patch);
  return ok;
}

bool proposal_add(struct tx *tx, const struct proposal_new *in, struct written *out, struct faults *faults,
                  struct err *err)
{
  struct draft draft = {0};
  struct check check = {.faults = faults, .err = err};
  if (!read_kind(in, &draft, &check)) return false;
  bool ok = fill(tx, in, &draft, faults, &check, err) && write(tx, in, &draft, out, err);
  wipe(&draft);
  return ok;
}

#define PROPOSAL_COLUMNS                                                                                     \
  "SELECT p.branch, coalesce(b.name_zh, ''), coalesce(b.name_en, ''), p.id, p.no, p.kind, p.target_kind,"    \
  " p.target, coalesce(g.name_zh, s.name, CASE WHEN json_valid(p.patch) THEN"                                \
  " coalesce(json_extract(p.patch, '$.name_zh'), json_extract(p.patch, '$.name')) END, ''), p.base_rev, "    \
  "coalesce(g.rev, s.rev, 0), p.base, p.patch, p.reason,"                                                    \
  " p.actor, p.at_ms, d.verdict, d.fields, d.reason, d.actor, d.id, d.at_ms, d.created,"                     \
  " coalesce(g.name_en, s.name, CASE WHEN json_valid(p.patch) THEN json_extract(p.patch, '$.name_en') END, " \
  "''), " PROPOSAL_STATE
#define PROPOSALS                                                                                            \
  " proposal p"                                                                                              \
  " LEFT JOIN division b ON b.code = p.branch"                                                               \
  " LEFT JOIN product g ON p.target_kind = 'product' AND g.id = p.target"                                    \
  " LEFT JOIN supplier s ON p.target_kind = 'supplier' AND s.id = p.target"                                  \
  " LEFT JOIN decision d ON d.branch = p.branch AND d.proposal = p.id"
#define STATE                                                                                                \
  " AND p.at_ms >= ?11 AND (?12 = 0 OR p.at_ms < ?12)"                                                       \
  " AND (?2 IN (0, CASE " PROPOSAL_STATE " WHEN 'open' THEN 1 WHEN 'asked' THEN 3 ELSE 2 END)"               \
  " OR (?2 = 4 AND " PROPOSAL_STATE " = 'decided'))"                                                         \
  " AND (?13 IS NULL OR p.actor = ?13)"                                                                      \
  " AND (?4 IS NULL OR p.kind = ?4) AND (?5 IS NULL OR p.actor = ?5 OR instr(p.no, upper(?5)) OR"            \
  " instr(p.reason, ?5) OR instr(p.patch, ?5) OR EXISTS(SELECT 1 FROM product n WHERE n.id = p.target AND"   \
  " p.target_kind = 'product' AND instr(n.name_zh || ' ' || lower(n.name_en), lower(?5)))"                   \
  " OR EXISTS(SELECT 1 FROM supplier n WHERE n.id = p.target AND p.target_kind = 'supplier' AND"             \
  " instr(n.name, ?5)))"
#define PROPOSAL_SELECT PROPOSAL_COLUMNS " FROM" PROPOSALS
/* All branches: the page begins behind (?6, ?7, ?8), and has of each branch no more than fill it. */
#define ALL(after, order)                                                                                    \
  PROPOSAL_COLUMNS                                                                                           \
  ", came(p.branch, p.id) FROM division a CROSS JOIN" PROPOSALS                                              \
  " WHERE p.branch = a.code AND p.id IN (SELECT p.id FROM proposal p WHERE p.branch = a.code"                \
  " AND ?1 = 0" STATE " AND (came(p.branch, p.id), p.branch, p.id) " after                                   \
  " (?6, ?7, ?8) ORDER BY p.id " order " LIMIT ?3) ORDER BY came(p.branch, p.id) " order ", p.branch " order \
  ", p.id " order " LIMIT ?3"
#define REPLIED " AND (d.at_ms, p.id) < (?6, ?8) ORDER BY d.at_ms DESC, p.id DESC LIMIT ?3"

static void call(struct query *q, void (*each)(void *ctx, const struct proposal_row *row), void *ctx)
{
  struct proposal_row row = {.branch = (uint32_t)column_int(q, 0),
                             .branch_name = column_text(q, 1),
                             .branch_name_en = column_text(q, 2),
                             .id = column_int(q, 3),
                             .no = column_text(q, 4),
                             .kind = column_text(q, 5),
                             .target_kind = column_text(q, 6),
                             .target = column_int(q, 7),
                             .target_name = column_text(q, 8),
                             .base_rev = column_int(q, 9),
                             .now_rev = column_int(q, 10),
                             .base = column_text(q, 11),
                             .patch = column_text(q, 12),
                             .reason = column_text(q, 13),
                             .actor = column_text(q, 14),
                             .at_ms = column_int(q, 15),
                             .verdict = column_text(q, 16),
                             .fields = column_text(q, 17),
                             .decision_reason = column_text(q, 18),
                             .decided_by = column_text(q, 19),
                             .decision_id = column_int(q, 20),
                             .decided_ms = column_int(q, 21),
                             .created = column_int(q, 22),
                             .target_name_en = column_text(q, 23),
                             .state = column_text(q, 24)};
  each(ctx, &row);
}

static void bind(struct query *q, const struct proposal_filter *filter)
{
  query_int(q, 1, filter->branch);
  query_int(q, 2, filter->state);
  query_text(q, 4, filter->kind);
  query_text(q, 5, filter->text && *filter->text ? filter->text : NULL);
  query_int(q, 11, filter->from_ms ? filter->from_ms : INT64_MIN);
  query_int(q, 12, filter->to_ms);
  query_text(q, 13, filter->actor && *filter->actor ? filter->actor : NULL);
}

static bool by_decision(const struct proposal_filter *filter)
{
  return filter->branch && filter->state == PROPOSAL_REPLIED && filter->order == PROPOSALS_USUAL;
}

static bool oldest_first(const struct proposal_filter *filter)
{
  if (filter->order != PROPOSALS_USUAL) return filter->order == PROPOSALS_OLDEST;
  return !filter->branch && filter->state == PROPOSAL_OPEN;
}

static void bind_page(struct query *q, const struct proposal_filter *filter)
{
  const struct bookmark *after = &filter->page.after;
  bool oldest = oldest_first(filter);
  query_int(q, 3, page_rows(&filter->page));
  int64_t start = oldest ? INT64_MIN : INT64_MAX;
  if (by_decision(filter) || !filter->branch) query_int(q, 6, after->set ? after->first : start);
  if (!filter->branch) query_int(q, 7, after->set ? after->branch : start);
  query_int(q, 8, after->set ? after->id : start);
}

bool proposal_list(struct db *db, const struct proposal_filter *filter,
                   void (*each)(void *ctx, const struct proposal_row *row), void *ctx, int64_t *total,
                   struct err *err)
{
  int64_t count = 0;
  struct query q =
      query_open(db,
                 filter->branch ? "SELECT count(*) FROM proposal p WHERE p.branch = ?1" STATE
                                : "SELECT count(*) FROM (SELECT 1 FROM proposal p WHERE ?1 = 0" STATE
                                  " LIMIT ?3) /* scan: meant, the queue of all branches */",
                 err);
  bind(&q, filter);
  if (!filter->branch) query_int(&q, 3, PROPOSALS_COUNTED);
  if (query_row(&q)) count = column_int(&q, 0);
  if (!query_close(&q)) return false;
  static const char *const lists[2][2] = {
      /* [of one branch?][oldest first?] */
      {ALL("<", "DESC") " /* scan: meant, all branches */",
       ALL(">", "ASC") " /* scan: meant, the queue of all branches */"},
      {PROPOSAL_SELECT " WHERE p.branch = ?1" STATE " AND p.id < ?8 ORDER BY p.id DESC LIMIT ?3",
       PROPOSAL_SELECT " WHERE p.branch = ?1" STATE " AND p.id > ?8 ORDER BY p.id LIMIT ?3"}};
  q = query_open(db,
                 by_decision(filter) ? PROPOSAL_SELECT " WHERE p.branch = ?1" STATE REPLIED
                                     : lists[filter->branch != 0][oldest_first(filter)],
                 err);
  bind(&q, filter);
  bind_page(&q, filter);
  for (int shown = 0; page_row(&filter->page, &q, &shown);) {
    call(&q, each, ctx);
    page_keep(&filter->page, column_int(&q, filter->branch ? 21 : 25), 0, (uint32_t)column_int(&q, 0),
              column_int(&q, 3), "");
  }
  if (!query_close(&q)) return false;
  if (total) *total = count;
  return true;
}

bool proposal_count_open(struct db *db, int64_t *count, struct err *err)
{
  struct query branches = query_open(db, "SELECT code FROM division /* scan: meant, a hundred */", err);
  *count = 0;
  bool ok = true;
  while (ok && *count < PROPOSALS_COUNTED && query_row(&branches)) {
    struct query q = query_open(db,
                                "SELECT count(*) FROM (SELECT 1 FROM (SELECT branch, id, no FROM proposal"
                                " WHERE branch = ?1 ORDER BY id DESC LIMIT ?2) p"
                                " WHERE " PROPOSAL_STATE " = 'open' LIMIT ?3)",
                                err);
    query_int(&q, 1, column_int(&branches, 0));
    query_int(&q, 2, PROPOSALS_COUNTED_IN);
    query_int(&q, 3, PROPOSALS_COUNTED - *count);
    if (query_row(&q)) *count += column_int(&q, 0);
    ok = query_close(&q);
  }
  return query_close(&branches) && ok;
}

bool proposal_get(struct db *db, uint32_t branch, int64_t id,
                  void (*each)(void *ctx, const struct proposal_row *row), void *ctx, struct err *err)
{
  struct query q = query_open(db, PROPOSAL_SELECT " WHERE p.branch = ?1 AND p.id = ?2", err);
  query_int(&q, 1, branch);
  query_int(&q, 2, id);
  bool found = query_row(&q);
  if (found) call(&q, each, ctx);
  if (!query_close(&q)) return false;
  return found || err_rule(err, ERR_MISSING, "id", "unknown_proposal",
                           "there is no proposal %" PRId64 " of %u", id, branch);
}
