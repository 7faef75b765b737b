#include "hub/withhold.h"

#include "core/base/changes.h"
#include "core/domain/form.h"
#include "core/domain/score.h"
#include "core/domain/withhold.h"
#include "sync/rows.h"
#include "sync/streams.h"
#include "sync/withholding.h"

#include <stdio.h>
#include <string.h>

/* ---- what goes together ---- */

static bool add(struct withhold_set *set, int64_t pos, struct err *err)
{
  for (size_t i = 0; i < set->count; i++)
    if (set->entries[i].pos == pos) return true;
  if (set->count == WITHHOLD_TOGETHER_MAX)
    return err_rule(err, ERR_LIMIT, "pos", "withhold_together",
                    "more than %d entries would have to go together", WITHHOLD_TOGETHER_MAX);
  set->entries[set->count].pos = pos;
  set->entries[set->count++].no[0] = 0;
  return true;
}

/* Numbers of one month compare as text once they have the same length. */
static void keep_highest(char no[41], const char *other)
{
  size_t have = strlen(no), more = strlen(other);
  if (more > have || (more == have && strcmp(other, no) > 0)) snprintf(no, 41, "%s", other);
}

static bool is_free(struct db *db, const struct row_name *row, struct err *err)
{
  enum withhold_base base;
  if (strncmp(row->table, "withhold", 8) == 0)
    return err_rule(err, ERR_CONFLICT, row->table, "withhold_act",
                    "%s says why something is missing and stays", row->table);
  if (!withhold_built_on(db, row, &base, err)) return false;
  if (base == WITHHOLD_BASE_REBUILDING)
    return err_rule(err, ERR_CONFLICT, row->table, "withhold_rebuilding",
                    "it says who may write or what is lost: a province that lost its disk goes by it");
  return base == WITHHOLD_BASE_NONE ||
         err_rule(err, ERR_CONFLICT, row->table, "withhold_account",
                  "it says who set an account's password or role: two persons are told from one by it");
}

static bool look_at_row(struct db *db, const struct change *change, struct withhold_set *set, size_t at,
                        struct err *err)
{
  struct row_name row = {.branch = (uint32_t)value_int(&change->after[0]),
                         .id = value_int(&change->after[1])};
  struct row_name with;
  char no[41];
  bool found = false;
  int64_t pos = -1;
  snprintf(row.table, sizeof row.table, "%s", change->table);
  set->rows++;
  if (!is_free(db, &row, err) || !withhold_number(db, &row, no, sizeof no, err) ||
      !withhold_with(db, &row, &with, &found, err))
    return false;
  keep_highest(set->entries[at].no, no);
  if (!found) return true;
  if (!stream_find(db, (struct stream){with.branch, 0}, id_seq(with.id), &pos, err)) return false;
  bool here = pos >= 0;
  struct logged entry;
  struct buf keep = BUF_INIT;
  bool ok = !here || entry_read(db, pos, &entry, &keep, err);
  here = here && ok && entry.payload;
  buf_wipe(&keep);
  return ok && (!here || add(set, pos, err));
}

static bool look_at_entry(struct db *db, struct withhold_set *set, size_t at, struct err *err)
{
  struct logged entry;
  struct buf keep = BUF_INIT;
  int64_t pos = set->entries[at].pos;
  struct change change;
  bool applied = false;
  bool ok = withholding_allowed(db, pos, err) && entry_read(db, pos, &entry, &keep, err) &&
            quarantine_was_applied(db, entry.record.stream, entry.record.seq, pos, &applied, err);
  /* One that was never applied has nothing in the tables, and what it says of rows is of others: it goes
   * alone. */
  if (ok && applied) {
    struct changes walk = changes_of(entry.payload, entry.record.payload_size);
    while (ok && changes_next(&walk, &change, NULL))
      if (change.op == CHANGE_INSERT && change.columns > 1) ok = look_at_row(db, &change, set, at, err);
  }
  buf_wipe(&keep);
  return ok;
}

bool withhold_collect(struct db *db, int64_t pos, struct withhold_set *out, struct err *err)
{
  out->count = 0;
  out->rows = 0;
  bool ok = add(out, pos, err);
  for (size_t i = 0; ok && i < out->count; i++) /* grows while it is walked */
    ok = look_at_entry(db, out, i, err);
  return ok;
}

/* ---- doing it ---- */

static void take_id(void *ctx, const struct withhold_request *row)
{
  int64_t *id = ctx;
  *id = row->id;
}

bool withhold_same_request(struct db *db, int64_t pos, int64_t seen, struct err *err)
{
  struct logged entry;
  struct buf keep = BUF_INIT;
  int64_t open = 0;
  bool ok = entry_read(db, pos, &entry, &keep, err) &&
            withhold_list(db, entry.record.stream.author, entry.record.stream.lane, entry.record.seq, true,
                          take_id, &open, err);
  buf_wipe(&keep);
  if (!ok || open == seen) return ok;
  if (open == 0)
    return err_rule(err, ERR_CONFLICT, "request", "not_asked",
                    "nobody has asked that this entry be withheld, or it was answered");
  return err_rule(err, ERR_CONFLICT, "request", "other_request",
                  "request %lld was answered; %lld is the one that waits", (long long)seen, (long long)open);
}

/* Nothing is deleted that the one who decides has not been shown. */
static bool same_entries(const struct withhold_set *set, const struct withhold_seen *seen, struct err *err)
{
  bool same = seen->count == set->count - 1;
  for (size_t i = 0; same && i < seen->count; i++)
    same = seen->with[i] == set->entries[i + 1].pos;
  return same || err_rule(err, ERR_CONFLICT, "with", "other_with",
                          "other entries would go along than the %zu that were shown", seen->count);
}

bool withhold_subject(struct tx *tx, const struct withhold_set *set, struct err *err)
{
  struct logged entry;
  struct buf keep = BUF_INIT;
  char place[60] = "";
  bool ok = entry_read(tx->db, set->entries[0].pos, &entry, &keep, err);
  if (ok)
    snprintf(place, sizeof place, "%u/%u/%llu", entry.record.stream.author, entry.record.stream.lane,
             (unsigned long long)entry.record.seq);
  buf_wipe(&keep);
  form_subject(tx, set->entries[0].no[0] ? set->entries[0].no : place);
  return ok;
}

struct grounds {
  char rule[41], reason[1601], asked_by[65];
  int64_t asked_ms;
};

static void take_grounds(void *ctx, const struct withhold_request *row)
{
  struct grounds *g = ctx;
  snprintf(g->rule, sizeof g->rule, "%s", row->rule);
  snprintf(g->reason, sizeof g->reason, "%s", row->reason);
  snprintf(g->asked_by, sizeof g->asked_by, "%s", row->actor);
  g->asked_ms = row->at_ms;
}

static bool withhold_all(struct tx *tx, const struct withhold_set *set, int64_t request,
                         const struct grounds *g, struct err *err)
{
  for (size_t i = 0; i < set->count; i++) {
    const struct withholding act = {.no = set->entries[i].no,
                                    .rule = g->rule,
                                    .reason = g->reason,
                                    .request = request,
                                    .asked_by = g->asked_by,
                                    .asked_ms = g->asked_ms};
    if (!withholding_add(tx, set->entries[i].pos, &act, err)) return false;
  }
  return true;
}

bool withhold_carry_out(struct tx *tx, int64_t pos, const struct withhold_seen *seen, struct err *err)
{
  struct grounds grounds;
  struct withhold_set set;
  if (!withhold_same_request(tx->db, pos, seen->request, err) ||
      !withhold_reply(tx, seen->request, "withheld", "", err) ||
      !withhold_get(tx->db, seen->request, take_grounds, &grounds, err) ||
      !withhold_collect(tx->db, pos, &set, err) || !same_entries(&set, seen, err) ||
      !withhold_subject(tx, &set, err))
    return false;
  /* What the province made of it, medians and scores, is computed again without it. */
  return withhold_all(tx, &set, seen->request, &grounds, err) && score_forget(tx, err);
}
