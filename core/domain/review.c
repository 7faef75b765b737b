#include "core/domain/review.h"

#include "core/base/text.h"
#include "core/domain/field.h"
#include "core/domain/form.h"
#include "core/domain/item.h"
#include "core/domain/proposal.h"
#include "core/domain/proposal_talk.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The proposal under review, its JSON parsed. */
struct subject {
  bool fresh, delisting, decided, withdrawn, readable;
  enum item_kind target_kind;
  int64_t target, base_rev;
  char no[NUMBER_SIZE];
  char reason[2000];
  json_t *base, *patch;
};

static void read_row(void *ctx, const struct proposal_row *row)
{
  struct subject *subject = ctx;
  subject->fresh = strncmp(row->kind, "new_", 4) == 0;
  subject->delisting = strcmp(row->kind, "delisting") == 0;
  subject->decided = row->verdict[0] != '\0';
  subject->withdrawn = strcmp(row->state, "withdrawn") == 0;
  subject->target = row->target;
  subject->base_rev = row->base_rev;
  snprintf(subject->no, sizeof subject->no, "%s", row->no);
  snprintf(subject->reason, sizeof subject->reason, "%s", row->reason);
  subject->base = json_parse(row->base, strlen(row->base), NULL);
  subject->patch = json_parse(row->patch, strlen(row->patch), NULL);
  subject->readable = item_kind_of(row->target_kind, &subject->target_kind, NULL) &&
                      (!subject->fresh || strcmp(row->kind + 4, row->target_kind) == 0);
}

static bool fields_known(const struct subject *subject)
{
  const char *key;
  json_t *value;
  const char *status = json_string_value(json_object_get(subject->patch, "status"));
  if (!json_is_object(subject->base) || !json_is_object(subject->patch)) return false;
  if (subject->delisting)
    return json_object_size(subject->patch) == 1 && status && strcmp(status, "delisted") == 0;
  json_object_foreach(subject->patch, key, value)
  {
    if (!field_find(subject->target_kind, key)) return false;
  }
  return json_object_size(subject->patch) > 0;
}

/* *there false: the branch speaks of something that is not here. */
static bool target_there(const struct subject *subject, struct db *db, bool *there, struct err *err)
{
  struct err fault = ERR_INIT;
  json_t *now = NULL;
  *there = subject->fresh || item_values(db, subject->target_kind, subject->target, &now, NULL, &fault);
  json_decref(now);
  if (*there || fault.kind == ERR_MISSING) return true;
  if (err) *err = fault;
  return false;
}

static void wipe(struct subject *subject)
{
  json_decref(subject->base);
  json_decref(subject->patch);
}

/* A branch may have sent anything: what cannot be read has no fields, and stays decidable. */
static bool open_subject(struct subject *subject, struct db *db, uint32_t branch, int64_t id, struct err *err)
{
  bool there = false;
  *subject = (struct subject){.readable = false};
  if (!proposal_get(db, branch, id, read_row, subject, err)) return false;
  subject->readable = subject->readable && fields_known(subject);
  if (subject->readable && !target_there(subject, db, &there, err)) {
    wipe(subject);
    return false;
  }
  if (subject->readable && there) return true;
  subject->readable = false;
  wipe(subject);
  subject->base = json_object();
  subject->patch = json_object();
  return (subject->base && subject->patch) || err_set(err, ERR_IO, "out of memory reading a proposal");
}

/* The newest revision since base of each field, looked for while the fields are gone through. */
struct last_change {
  const char *field;
  int64_t rev, at_ms;
  char by[65];
};

static void see_revision(void *ctx, const struct revision *row)
{
  struct last_change *change = ctx;
  if (change->rev || strcmp(row->field, change->field) != 0) return;
  change->rev = row->rev;
  change->at_ms = row->at_ms;
  snprintf(change->by, sizeof change->by, "%.64s", row->actor);
}

static bool field_stale(const struct subject *subject, const json_t *now, const char *key,
                        const json_t *proposed)
{
  const json_t *today = json_object_get(now, key);
  return now && !json_equal(today, json_object_get(subject->base, key)) && !json_equal(today, proposed);
}

static bool call_fields(const struct subject *subject, struct db *db, const json_t *now,
                        void (*each)(void *ctx, const struct review_field *field), void *ctx, struct err *err)
{
  const char *key;
  json_t *proposed;
  json_object_foreach(subject->patch, key, proposed)
  {
    struct last_change change = {.field = key};
    if (now && !item_history(db, subject->target_kind, subject->target, subject->base_rev, see_revision,
                             &change, err))
      return false;
    struct review_field field = {.field = key,
                                 .base = json_object_get(subject->base, key),
                                 .now = json_object_get(now, key),
                                 .proposed = proposed,
                                 .stale = field_stale(subject, now, key, proposed),
                                 .same = now && json_equal(json_object_get(now, key), proposed),
                                 .changed_by = change.by,
                                 .changed_rev = change.rev,
                                 .changed_ms = change.at_ms};
    each(ctx, &field);
  }
  return true;
}

bool review_get(struct db *db, uint32_t branch, int64_t id,
                void (*head)(void *ctx, const struct review *review),
                void (*each)(void *ctx, const struct review_field *field), void *ctx, struct err *err)
{
  struct subject subject;
  struct review review = {0};
  json_t *now = NULL;
  if (!open_subject(&subject, db, branch, id, err)) return false;
  bool ok = subject.fresh || !subject.readable ||
            item_values(db, subject.target_kind, subject.target, &now, &review.now_rev, err);
  const char *key;
  json_t *proposed;
  json_object_foreach(subject.patch, key, proposed)
  {
    review.stale = review.stale || field_stale(&subject, now, key, proposed);
  }
  review.now = now;
  review.decided = subject.decided;
  review.readable = subject.readable;
  if (ok) {
    head(ctx, &review);
    ok = call_fields(&subject, db, now, each, ctx, err);
  }
  json_decref(now);
  wipe(&subject);
  return ok;
}

/* Every field of the patch decided, no other; what is accepted is taken into `accepted`. */
static void sort_fields(const struct subject *subject, const json_t *fields, json_t *accepted,
                        struct check *check)
{
  const char *key;
  json_t *value;
  json_object_foreach(subject->patch, key, value)
  {
    const char *word = json_string_value(json_object_get(fields, key));
    if (word && strcmp(word, "accepted") == 0)
      json_object_set(accepted, key, value);
    else if (!word || strcmp(word, "rejected") != 0)
      check_fault(check, ERR_INPUT, key, word ? "one_of" : "required", "%s is neither accepted nor rejected",
                  key);
  }
  json_object_foreach((json_t *)(uintptr_t)fields, key, value)
  {
    if (!json_object_get(subject->patch, key))
      check_fault(check, ERR_INPUT, key, "unknown_field", "the proposal does not speak of %.40s", key);
  }
}

/* The reason of a status is one line; what the branch wrote may have more. */
static json_t *reason_line(const char *reason)
{
  char line[2000];
  snprintf(line, sizeof line, "%s", reason);
  for (char *at = line; (at = strpbrk(at, "\n\t")) != NULL;)
    *at = ' ';
  text_clean(TEXT_NAME, line, sizeof line, line);
  size_t n = strlen(line), skip = strspn(line, " ");
  while (n > skip && line[n - 1] == ' ')
    line[--n] = '\0';
  return json_string(line + skip);
}

static bool take(struct tx *tx, const struct subject *subject, const struct verdict *in, json_t *accepted,
                 int64_t *created, struct faults *faults, struct err *err)
{
  if (json_object_size(accepted) == 0) return true;
  /* What a branch may not propose is not accepted either, whoever wrote its row. */
  enum item_use use = subject->fresh ? ITEM_PROPOSE_ADD : ITEM_PROPOSE_CHANGE;
  if (!subject->delisting && !item_check(tx->db, subject->target_kind, use, accepted, faults, err))
    return false;
  if (subject->fresh) {
    if (subject->target_kind == ITEM_PRODUCT) json_object_set_new(accepted, "confirmed", json_true());
    return item_add(tx, subject->target_kind, accepted, created, faults, err);
  }
  if (subject->delisting) json_object_set_new(accepted, "status_reason", reason_line(subject->reason));
  return item_change(tx, subject->target_kind, subject->target, in->rev, accepted, NULL, faults, err);
}

/* A mended value takes the place of the proposed one, which is kept beside it. */
static void mend_fields(const struct subject *subject, const struct verdict *in, json_t *accepted,
                        struct check *check)
{
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)in->mends, key, value)
  {
    if (subject->delisting || !json_object_get(accepted, key))
      check_fault(check, ERR_INPUT, key, "unknown_field", "%.40s is not accepted, so it cannot be mended",
                  key);
    else
      json_object_set(accepted, key, value);
  }
}

static bool keep_mend(struct tx *tx, const struct verdict *in, const char *field, const json_t *before,
                      const json_t *after, struct err *err)
{
  struct buf was = BUF_INIT, is = BUF_INIT;
  int64_t id;
  bool ok = tx_id(tx, SCOPE_DIRECTED, &id, err);
  if (ok && (!json_write(&was, before) || !json_write(&is, after)))
    ok = err_set(err, ERR_IO, "out of memory keeping a mended value");
  if (ok) {
    struct query q = query_open(tx->db,
                                "INSERT INTO decision_mend(branch, id, proposal, field, before, after)"
                                " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                                err);
    query_int(&q, 1, in->branch);
    query_int(&q, 2, id);
    query_int(&q, 3, in->proposal);
    query_text(&q, 4, field);
    query_textn(&q, 5, (const char *)was.data, was.size);
    query_textn(&q, 6, (const char *)is.data, is.size);
    ok = query_run(&q);
  }
  buf_wipe(&was);
  buf_wipe(&is);
  return ok;
}

static bool keep_mends(struct tx *tx, const struct subject *subject, const struct verdict *in,
                       struct err *err)
{
  const char *key;
  json_t *value;
  json_object_foreach((json_t *)(uintptr_t)in->mends, key, value)
  {
    const json_t *proposed = json_object_get(subject->patch, key);
    if (!json_equal(proposed, value) && !keep_mend(tx, in, key, proposed, value, err)) return false;
  }
  return true;
}

static bool insert(struct tx *tx, const struct verdict *in, const char *word, const struct buf *fields,
                   int64_t created, int64_t *decision_id, struct err *err)
{
  int64_t id;
  if (!tx_id(tx, SCOPE_DIRECTED, &id, err)) return false;
  struct query q =
      query_open(tx->db,
                 "INSERT INTO decision(branch, id, proposal, verdict, fields, reason, created, actor, at_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                 err);
  query_int(&q, 1, in->branch);
  query_int(&q, 2, id);
  query_int(&q, 3, in->proposal);
  query_text(&q, 4, word);
  query_textn(&q, 5, (const char *)fields->data, fields->size);
  query_text(&q, 6, in->reason ? in->reason : "");
  query_int(&q, 7, created);
  query_text(&q, 8, tx->actor);
  query_int(&q, 9, tx->now_ms);
  if (!query_run(&q)) return false;
  if (decision_id) *decision_id = id;
  return true;
}

/* Also a rejection is made against what the reviewer saw. */
static bool check_rev(struct tx *tx, const struct subject *subject, int64_t rev, struct err *err)
{
  json_t *now = NULL;
  int64_t now_rev = 0;
  if (subject->fresh || !subject->readable) return true;
  if (!item_values(tx->db, subject->target_kind, subject->target, &now, &now_rev, err)) return false;
  json_decref(now);
  return now_rev == rev ||
         err_rule(err, ERR_CONFLICT, "rev", "stale",
                  "the %s is at revision %" PRId64 ", the decision was made looking at %" PRId64,
                  item_kind_name(subject->target_kind), now_rev, rev);
}

/* What is said stays and keeps its place, also withheld: so many were read, or more has come. */
static bool check_talk(struct tx *tx, const struct verdict *in, struct err *err)
{
  int64_t said = 0;
  if (!proposal_said_count(tx->db, in->branch, in->proposal, &said, err)) return false;
  return said == in->talk || err_rule(err, ERR_CONFLICT, "talk", "stale",
                                      "%" PRId64 " questions and answers stand here, the decision was made "
                                      "looking at %" PRId64,
                                      said, in->talk);
}

static bool decide(struct tx *tx, const struct subject *subject, const struct verdict *in, json_t *accepted,
                   int64_t *decision_id, struct faults *faults, struct err *err)
{
  struct check check = {.faults = faults, .err = err};
  struct buf fields = BUF_INIT;
  int64_t created = 0;
  if (!subject->readable && json_object_size(in->fields) > 0)
    return err_rule(err, ERR_INPUT, "patch", "json",
                    "the proposal %s cannot be read as fields and values; it can be turned down as a whole",
                    subject->no);
  sort_fields(subject, in->fields, accepted, &check);
  mend_fields(subject, in, accepted, &check);
  size_t all = json_object_size(subject->patch), taken = json_object_size(accepted);
  form_text(&check, "reason", in->reason, taken < all || !subject->readable ? 1 : 0, 400);
  if (check.bad || !check_rev(tx, subject, in->rev, err)) return false;
  form_subject(tx, subject->no);
  const char *word = taken == 0 ? "rejected" : taken < all ? "partly" : "accepted";
  bool ok = take(tx, subject, in, accepted, &created, faults, err);
  if (ok && !json_write(&fields, in->fields)) ok = err_set(err, ERR_IO, "out of memory deciding a proposal");
  ok = ok && insert(tx, in, word, &fields, created, decision_id, err) && keep_mends(tx, subject, in, err);
  buf_wipe(&fields);
  return ok;
}

bool review_decide(struct tx *tx, const struct verdict *in, int64_t *decision_id, struct faults *faults,
                   struct err *err)
{
  struct subject subject;
  if (!json_is_object(in->fields))
    return err_rule(err, ERR_INPUT, "fields", "type", "fields is not an object of decisions");
  if (!open_subject(&subject, tx->db, in->branch, in->proposal, err)) return false;
  json_t *accepted = json_object();
  bool ok = !subject.decided ||
            err_rule(err, ERR_CONFLICT, "proposal", "decided", "%s has been decided already", subject.no);
  ok = ok && (!subject.withdrawn || err_rule(err, ERR_CONFLICT, "proposal", "withdrawn",
                                             "the branch has withdrawn %s", subject.no));
  ok = ok && check_talk(tx, in, err) && decide(tx, &subject, in, accepted, decision_id, faults, err);
  json_decref(accepted);
  wipe(&subject);
  return ok;
}
