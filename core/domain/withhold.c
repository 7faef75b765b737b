#include "core/domain/withhold.h"

#include "core/domain/form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { REASON_MIN = 2, REASON_MAX = 400, OWN_PASSWORD_MS = 24 * 60 * 60 * 1000 };

const char *const withhold_rules[] = {"pipl_47", "civil_1037", "secrecy", "court", "other_law", NULL};

/* Only the province asks and answers.  What a branch had signed before its entries were held to that stands
 * in the tables, and is nobody's request.  By GB/T 2260 a province's code ends in four zeros, no county's
 * does. */
#define BY_PROVINCE "r.branch % 10000 = 0"

/* What two persons are told from one by: who set an account's password, that it took its own, who gave it its
 * role or let it in again. */
#define PASSWORD_SET "'account_add', 'account_reset'"
#define PASSWORD_OWN "'password_change'"
#define ACCOUNT_SET PASSWORD_SET ", 'account_role', 'account_enable'"

/* What a province that lost its disk goes by: whose keys and certificates count, what nobody brings any more,
 * which checkpoint was let go. */
#define REBUILT_BY "'enrol', 'revoke', 'let_go', 'entry_lost', 'entry_found'"

/* ---- asking ---- */

static bool is_open(struct db *db, const struct withhold_request *in, bool *open, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT 1 FROM withhold_request r WHERE " BY_PROVINCE
                              " AND r.author = ?1 AND r.lane = ?2 AND r.seq = ?3"
                              " AND NOT EXISTS(SELECT 1 FROM withhold_answer a WHERE a.branch = r.branch"
                              " AND a.request = r.id)",
                              err);
  query_int(&q, 1, in->author);
  query_int(&q, 2, in->lane);
  query_int(&q, 3, (int64_t)in->seq);
  *open = query_row(&q);
  return query_close(&q);
}

static bool insert_request(struct tx *tx, const struct withhold_request *in, int64_t id, struct err *err)
{
  struct query q = query_open(tx->db,
                              "INSERT INTO withhold_request(branch, id, author, lane, seq, rule, reason,"
                              " actor, at_ms) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                              err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  query_int(&q, 3, in->author);
  query_int(&q, 4, in->lane);
  query_int(&q, 5, (int64_t)in->seq);
  query_text(&q, 6, in->rule);
  query_text(&q, 7, in->reason);
  query_text(&q, 8, tx->actor);
  query_int(&q, 9, tx->now_ms);
  return query_run(&q);
}

bool withhold_ask(struct tx *tx, const struct withhold_request *in, int64_t *id, struct err *err)
{
  struct check check = {.err = err};
  bool open = false;
  form_word(&check, "rule", in->rule, withhold_rules);
  form_text(&check, "reason", in->reason, REASON_MIN, REASON_MAX);
  if (check.bad || !is_open(tx->db, in, &open, err)) return false;
  if (open)
    return err_rule(err, ERR_CONFLICT, "", "asked",
                    "somebody has asked for it already and waits for an answer");
  return tx_id(tx, SCOPE_BRANCH, id, err) && insert_request(tx, in, *id, err);
}

/* ---- answering ---- */

struct asked {
  char by[65];
  int64_t at_ms;
  bool answered;
};

static void note(void *ctx, const struct withhold_request *row)
{
  struct asked *asked = ctx;
  snprintf(asked->by, sizeof asked->by, "%s", row->actor);
  asked->at_ms = row->at_ms;
  asked->answered = row->verdict[0] != 0;
}

/* Who set an account's password last, before a row of that id: made or reset it. */
struct setting_of {
  int64_t id, at_ms; /* id 0: nobody */
  char by[65];
};

static bool find_setting(struct tx *tx, const char *account, int64_t before, struct setting_of *out,
                         struct err *err)
{
  struct query q = query_open(tx->db,
                              "SELECT id, at_ms, actor FROM security_event WHERE branch = ?1 AND id < ?2"
                              " AND kind IN (" PASSWORD_SET ")"
                              " AND (detail = ?3 OR detail GLOB ?3 || ' *') ORDER BY id DESC LIMIT 1",
                              err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, before);
  query_text(&q, 3, account);
  *out = (struct setting_of){.id = 0};
  if (query_row(&q)) {
    out->id = column_int(&q, 0);
    out->at_ms = column_int(&q, 1);
    snprintf(out->by, sizeof out->by, "%s", column_text(&q, 2));
  }
  return query_close(&q);
}

/* A password of its own, taken at least a day before: whose password was reset by another has missed it by
 * then. */
static bool has_own_password(struct tx *tx, const char *account, int64_t since, int64_t before, int64_t at_ms,
                             bool *has, struct err *err)
{
  struct query q = query_open(tx->db,
                              "SELECT 1 FROM security_event WHERE branch = ?1 AND id > ?2 AND id < ?3"
                              " AND kind = " PASSWORD_OWN " AND actor = ?4 AND at_ms <= ?5 LIMIT 1",
                              err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, since);
  query_int(&q, 3, before);
  query_text(&q, 4, account);
  query_int(&q, 5, at_ms - OWN_PASSWORD_MS);
  *has = query_row(&q);
  return query_close(&q);
}

/* At the row of that id and time: is the account in the hand of `other`, who set its password, or that of the
 * account that did, and so on? */
static bool in_hand(struct tx *tx, const char *account, const char *other, int64_t before, int64_t at_ms,
                    bool *is, struct err *err)
{
  struct setting_of set = {.id = 0};
  char name[65];
  snprintf(name, sizeof name, "%s", account);
  *is = false;
  for (;;) { /* each is before the one it leads from */
    bool own = false;
    if (!find_setting(tx, name, before, &set, err)) return false;
    if (set.id == 0) return true;
    if (!has_own_password(tx, name, set.id, before, at_ms, &own, err)) return false;
    if (own) return true;
    *is = strcmp(set.by, other) == 0;
    if (*is) return true;
    before = set.id;
    at_ms = set.at_ms;
    snprintf(name, sizeof name, "%s", set.by);
  }
}

/* The account that decides was made, reset, enabled or given its role after the request, or last by whoever
 * asked.  An administrator who is neither sets it right by a reset. */
static bool was_changed(struct tx *tx, int64_t request, const char *asked_by, bool *changed, struct err *err)
{
  struct query q = query_open(tx->db,
                              "SELECT id > ?2 OR actor = ?3 FROM security_event WHERE branch = ?1 AND kind IN"
                              " (" ACCOUNT_SET ")"
                              " AND (detail = ?4 OR detail GLOB ?4 || ' *') ORDER BY id DESC LIMIT 1",
                              err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, request);
  query_text(&q, 3, asked_by);
  query_text(&q, 4, tx->actor);
  *changed = query_row(&q) && column_int(&q, 0);
  return query_close(&q);
}

/* One person with two accounts, whichever of the two that person made (docs/decisions/0254). */
static bool is_second_person(struct tx *tx, int64_t request, const struct asked *asked, struct err *err)
{
  bool close = false, made_asker = false;
  if (!was_changed(tx, request, asked->by, &close, err) ||
      (!close && !in_hand(tx, tx->actor, asked->by, INT64_MAX, tx->now_ms, &close, err)))
    return false;
  if (close)
    return err_rule(err, ERR_DENIED, "", "two_persons",
                    "the account %s was made or changed after the request, or by %s who asked: somebody"
                    " else must decide, or another administrator resets %s before it is asked again",
                    tx->actor, asked->by, tx->actor);
  if (!in_hand(tx, asked->by, tx->actor, request, asked->at_ms, &made_asker, err)) return false;
  return !made_asker ||
         err_rule(err, ERR_DENIED, "", "two_persons",
                  "%s set the password of %s, who asked less than a day after taking another: somebody else"
                  " must decide, or it is asked again",
                  tx->actor, asked->by);
}

bool withhold_second(struct tx *who, const struct withhold_request *row, bool *is, struct err *err)
{
  struct asked asked = {.answered = false};
  struct err why = ERR_INIT;
  note(&asked, row);
  *is = !asked.answered && strcmp(asked.by, who->actor) != 0 && is_second_person(who, row->id, &asked, &why);
  if (!why.kind || why.kind == ERR_DENIED) return true;
  *err = why;
  return false;
}

static bool may_answer(struct tx *tx, int64_t request, bool withholds, struct err *err)
{
  struct asked asked = {.answered = false};
  if (!withhold_get(tx->db, request, note, &asked, err)) return false;
  if (asked.answered)
    return err_rule(err, ERR_CONFLICT, "", "answered", "this request has been answered already");
  if (withholds && strcmp(asked.by, tx->actor) == 0)
    return err_rule(err, ERR_DENIED, "", "two_persons",
                    "%s asked for it: somebody else must decide that it is withheld", asked.by);
  return !withholds || is_second_person(tx, request, &asked, err);
}

bool withhold_reply(struct tx *tx, int64_t request, const char *verdict, const char *reason, struct err *err)
{
  struct check check = {.err = err};
  bool withholds = strcmp(verdict, "withheld") == 0;
  int64_t id;
  form_text(&check, "reason", reason, withholds ? 0 : REASON_MIN, REASON_MAX);
  if (check.bad || !may_answer(tx, request, withholds, err) || !tx_id(tx, SCOPE_BRANCH, &id, err))
    return false;
  struct query q =
      query_open(tx->db,
                 "INSERT INTO withhold_answer(branch, id, request, verdict, reason, actor, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                 err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  query_int(&q, 3, request);
  query_text(&q, 4, verdict);
  query_text(&q, 5, reason);
  query_text(&q, 6, tx->actor);
  query_int(&q, 7, tx->now_ms);
  return query_run(&q);
}

/* ---- reading ---- */

#define REQUESTS                                                                                             \
  "SELECT r.id, r.author, r.lane, r.seq, r.rule, r.reason, r.actor, r.at_ms, a.verdict, a.reason, a.actor,"  \
  " a.at_ms FROM withhold_request r LEFT JOIN withhold_answer a ON a.branch = r.branch AND a.request = r.id"

static void call(const struct query *q, withhold_each *each, void *ctx)
{
  const struct withhold_request row = {.id = column_int(q, 0),
                                       .author = (uint32_t)column_int(q, 1),
                                       .lane = (uint32_t)column_int(q, 2),
                                       .seq = (uint64_t)column_int(q, 3),
                                       .rule = column_text(q, 4),
                                       .reason = column_text(q, 5),
                                       .actor = column_text(q, 6),
                                       .at_ms = column_int(q, 7),
                                       .verdict = column_text(q, 8),
                                       .answer_reason = column_text(q, 9),
                                       .answer_actor = column_text(q, 10),
                                       .answer_ms = column_int(q, 11)};
  each(ctx, &row);
}

bool withhold_get(struct db *db, int64_t request, withhold_each *each, void *ctx, struct err *err)
{
  struct query q = query_open(
      db, REQUESTS " WHERE " BY_PROVINCE " AND r.id = ?1 /* scan: meant, requests are few */", err);
  query_int(&q, 1, request);
  bool found = query_row(&q);
  if (found) call(&q, each, ctx);
  if (!query_close(&q)) return false;
  return found ||
         err_rule(err, ERR_MISSING, "id", "unknown_request", "there is no request %" PRId64, request);
}

bool withhold_list(struct db *db, uint32_t author, uint32_t lane, uint64_t seq, bool open_only,
                   withhold_each *each, void *ctx, struct err *err)
{
  struct query q =
      query_open(db,
                 seq ? REQUESTS " WHERE " BY_PROVINCE " AND r.author = ?1 AND r.lane = ?2 AND r.seq = ?3"
                                " AND (?4 = 0 OR a.verdict IS NULL) ORDER BY r.id DESC"
                     : REQUESTS " WHERE " BY_PROVINCE
                                " AND ?1 >= 0 AND ?2 >= 0 AND ?3 = 0 AND (?4 = 0 OR a.verdict IS NULL)"
                                " ORDER BY r.id DESC /* scan: meant, requests are few */",
                 err);
  query_int(&q, 1, author);
  query_int(&q, 2, lane);
  query_int(&q, 3, (int64_t)seq);
  query_int(&q, 4, open_only);
  while (query_row(&q))
    call(&q, each, ctx);
  return query_close(&q);
}

/* ---- what goes with a row ---- */

bool withhold_with(struct db *db, const struct row_name *row, struct row_name *out, bool *found,
                   struct err *err)
{
  static const struct {
    const char *table, *sql;
  } kinds[] = {
      {"price", "SELECT 'price', replaces FROM price WHERE branch = ?1 AND id = ?2 AND replaces IS NOT NULL"},
      {"evaluation", "SELECT 'evaluation', replaces FROM evaluation WHERE branch = ?1 AND id = ?2 AND "
                     "replaces IS NOT NULL"},
      {"decision", "SELECT 'proposal', proposal FROM decision WHERE branch = ?1 AND id = ?2"},
      {"proposal_answer", "SELECT 'proposal', proposal FROM proposal_answer WHERE branch = ?1 AND id = ?2"
                          " AND kind = 'withdrawal'"},
      {"refusal", "SELECT subject_table, subject_id FROM refusal WHERE branch = ?1 AND id = ?2"
                  " AND subject_table IN ('price', 'evaluation', 'proposal')"},
  };
  *found = false;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(kinds[i].table, row->table) != 0) continue;
    struct query q = query_open(db, kinds[i].sql, err);
    query_int(&q, 1, row->branch);
    query_int(&q, 2, row->id);
    *found = query_row(&q);
    if (*found) {
      snprintf(out->table, sizeof out->table, "%s", column_text(&q, 0));
      out->branch = row->branch;
      out->id = column_int(&q, 1);
    }
    return query_close(&q);
  }
  return true;
}

bool withhold_built_on(struct db *db, const struct row_name *row, enum withhold_base *base, struct err *err)
{
  *base = WITHHOLD_BASE_NONE;
  if (strcmp(row->table, "security_event") != 0) return true;
  struct query q = query_open(
      db,
      "SELECT iif(r.kind IN (" REBUILT_BY "), ?4, ?3) FROM security_event r WHERE " BY_PROVINCE
      " AND r.branch = ?1 AND r.id = ?2 AND r.kind IN (" ACCOUNT_SET ", " PASSWORD_OWN ", " REBUILT_BY ")",
      err);
  query_int(&q, 1, row->branch);
  query_int(&q, 2, row->id);
  query_int(&q, 3, WITHHOLD_BASE_PERSONS);
  query_int(&q, 4, WITHHOLD_BASE_REBUILDING);
  if (query_row(&q)) *base = (enum withhold_base)column_int(&q, 0);
  return query_close(&q);
}

bool withhold_number(struct db *db, const struct row_name *row, char *no, size_t size, struct err *err)
{
  static const struct {
    const char *table, *sql;
  } kinds[] = {
      {"price", "SELECT no FROM price WHERE branch = ?1 AND id = ?2"},
      {"evaluation", "SELECT no FROM evaluation WHERE branch = ?1 AND id = ?2"},
      {"proposal", "SELECT no FROM proposal WHERE branch = ?1 AND id = ?2"},
  };
  no[0] = 0;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    if (strcmp(kinds[i].table, row->table) != 0) continue;
    struct query q = query_open(db, kinds[i].sql, err);
    query_int(&q, 1, row->branch);
    query_int(&q, 2, row->id);
    if (query_row(&q)) snprintf(no, size, "%s", column_text(&q, 0));
    return query_close(&q);
  }
  return true;
}
