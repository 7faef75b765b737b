#include "sync/aside.h"

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "sync/again.h"
#include "sync/leaves.h"
#include "sync/origins.h"
#include "sync/rows.h"
#include "sync/same_record.h"
#include "sync/store_state.h"
#include "sync/streams.h"
#include "sync/withholding.h"

#include <stdio.h>
#include <string.h>

/* ---- cutting ---- */

/* The newest first, so that each finds its rows as it left them. */
static bool undo(struct store *store, struct stream stream, uint64_t seq, struct err *err)
{
  int64_t pos = -1;
  struct logged entry;
  struct buf keep = BUF_INIT;
  bool applied = false;
  if (!stream_find_kept(store->db, stream, seq, &pos, err)) return false;
  if (pos < 0) return true; /* it is lost: nothing came of it */
  bool ok = entry_read(store->db, pos, &entry, &keep, err) &&
            quarantine_was_applied(store->db, stream, seq, pos, &applied, err);
  if (ok && applied && entry.payload) {
    const bool was_open = store->guard_open;
    store->guard_open = store->withholding = true; /* append-only tables too give back what was not theirs */
    ok = rows_undo(store->db, &store->tables, entry.payload, entry.record.payload_size, err);
    store->withholding = false;
    store->guard_open = was_open;
  }
  buf_wipe(&keep);
  return ok;
}

static bool note(struct store *store, struct stream stream, uint64_t seq, int64_t *cut, int64_t now_ms,
                 struct err *err)
{
  int64_t pos = -1;
  struct logged entry;
  struct buf keep = BUF_INIT;
  if (!stream_find_kept(store->db, stream, seq, &pos, err)) return false;
  if (pos < 0) return true;
  bool ok = entry_read(store->db, pos, &entry, &keep, err);
  if (ok) {
    struct query q =
        query_open(store->db,
                   "INSERT INTO sync_aside(id, cut, author, lane, epoch, seq, pos, made_ms, aside_ms, state,"
                   " reason) VALUES((SELECT coalesce(max(id), 0) + 1 FROM sync_aside),"
                   " coalesce(nullif(?1, 0), (SELECT coalesce(max(id), 0) + 1 FROM sync_aside)),"
                   " ?2, ?3, ?4, ?5, ?6, ?7, ?8, iif(?9, 'waiting', 'kept'), iif(?9, '', 'withheld'))",
                   err);
    query_int(&q, 1, *cut);
    query_int(&q, 2, stream.author);
    query_int(&q, 3, stream.lane);
    query_int(&q, 4, entry.record.epoch);
    query_int(&q, 5, (int64_t)seq);
    query_int(&q, 6, pos);
    query_int(&q, 7, hlc_ms(entry.record.hlc));
    query_int(&q, 8, now_ms);
    query_int(&q, 9, entry.payload != NULL);
    ok = query_run(&q);
    if (ok && *cut == 0) ok = db_int(store->db, "SELECT max(id) FROM sync_aside", 0, cut, err);
  }
  buf_wipe(&keep);
  return ok;
}

/* What waited or was refused among them is judged anew when it is journaled again. */
static bool forget_judgements(struct store *store, struct stream_state *state, uint64_t seq, struct err *err)
{
  struct query q = query_open(store->db,
                              "DELETE FROM sync_quarantine WHERE author = ?1 AND lane = ?2 AND seq > ?3"
                              " /* scan: what is wrong, not what is right */",
                              err);
  query_int(&q, 1, state->stream.author);
  query_int(&q, 2, state->stream.lane);
  query_int(&q, 3, (int64_t)seq);
  if (!query_run(&q)) return false;
  return state->waiting_seq <= seq || journal_wait(&store->journal, state, 0, err);
}

/* Acts may have come before what they are about went aside.  The bytes are to leave the write-ahead log too.
 */
static bool withhold_asides(struct store *store, struct err *err)
{
  int64_t any = 0;
  if (!db_int(store->db, "SELECT EXISTS(SELECT 1 FROM withholding)", 0, &any, err)) return false;
  if (!any) return true;
  store->wal_holds = true;
  return withholding_enforce_asides(store->db, err);
}

bool aside_cut(struct store *store, struct stream_state *state, uint64_t seq, int64_t now_ms, struct err *err)
{
  const struct stream stream = state->stream;
  const uint64_t last = state->head.seq;
  int64_t cut = 0;
  for (uint64_t at = last; at > seq; at--)
    if (!undo(store, stream, at, err)) return false;
  for (uint64_t at = seq + 1; at <= last; at++)
    if (!note(store, stream, at, &cut, now_ms, err)) return false;
  store->aside_waits = store->aside_waits || last > seq;
  return forget_judgements(store, state, seq, err) &&
         (!state->frozen || journal_thaw(&store->journal, state, err)) &&
         leaves_set_aside(store->db, stream, seq, err) &&
         journal_supersede(&store->journal, state, seq, err) && withhold_asides(store, err);
}

/* ---- journaling again ---- */

bool store_load_aside(struct store *store, struct err *err)
{
  int64_t any = 0;
  bool ok =
      db_int(store->db, "SELECT EXISTS(SELECT 1 FROM sync_aside WHERE state = 'waiting')", 0, &any, err);
  store->aside_waits = any != 0;
  return ok;
}

/* One entry on its way back into the stream. */
struct again {
  struct store *store;
  const char *state;    /* as it was found: waiting, or kept; another may have had it since */
  int64_t id, pos;      /* pos -1: it lies in sync_aside */
  struct record record; /* borrows from keep */
  const void *payload;
  struct buf keep, payload_keep;
  uint8_t hash[HASH_SIZE]; /* of the record it was first */
  uint32_t epoch;          /* the place it gets, */
  uint64_t seq;
  int rows;      /* and how many ids of it are used */
  uint64_t lost; /* it speaks of this entry, which stays aside; 0: of none */
  char number_was[STORE_NO_SIZE], number_is[STORE_NO_SIZE];
  struct tx tx;
  struct refusal why;
  struct err *err;
};

static bool read_copy(struct again *a)
{
  struct query q = query_open(a->store->db, "SELECT record, payload FROM sync_aside WHERE id = ?1", a->err);
  query_int(&q, 1, a->id);
  if (query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 0, &n);
    put_bytes(&a->keep, bytes, n);
    bytes = column_blob(&q, 1, &n);
    put_bytes(&a->payload_keep, bytes, n);
  }
  if (!query_close(&q)) return false;
  a->payload = a->payload_keep.data;
  if (a->keep.bad || a->payload_keep.bad) return err_set(a->err, ERR_IO, "out of memory");
  record_hash(a->hash, a->keep.data, a->keep.size);
  return record_decode(&a->record, a->keep.data, a->keep.size, a->err);
}

static bool read_entry(struct again *a)
{
  struct logged entry;
  if (a->pos < 0) return read_copy(a);
  if (!entry_read(a->store->db, a->pos, &entry, &a->keep, a->err)) return false;
  a->record = entry.record;
  memcpy(a->hash, entry.hash, HASH_SIZE);
  a->payload = entry.payload;
  return true;
}

static bool is_signed_one(const struct again *a)
{
  return (a->pos >= 0 || a->payload_keep.size == a->record.payload_size) &&
         record_names(&a->record, a->payload);
}

/* Ids of entries that were journaled again, and of itself, are others now; all else stays.  What stays aside
 * has none any more: the one it had may be that of a record of the true history. */
static bool map_id(struct again *a, int64_t *id)
{
  const uint64_t seq = id_seq(*id);
  const int n = (int)(*id & (ENTRY_ROWS_MAX - 1));
  struct origin_entry was = {ORIGIN_AGAIN, a->store->epoch, a->seq};
  if (*id < 0 || id_epoch(*id) == 0 || id_epoch(*id) > a->record.epoch || seq == 0 || seq > a->record.seq)
    return true;
  if (seq == a->record.seq && n >= a->rows) a->rows = n + 1;
  if (seq < a->record.seq && !origin_of(a->store->db, &a->record, seq, &was, a->err)) return false;
  if (was.kind == ORIGIN_UNKNOWN) a->lost = seq;
  if (was.kind == ORIGIN_AGAIN) *id = id_of(was.epoch, was.seq, n);
  return true;
}

/* The values of one change as they are now, and the room they need. */
struct mapped {
  struct value before[CHANGE_COLUMNS_MAX], after[CHANGE_COLUMNS_MAX];
  uint8_t numbers[2 * CHANGE_COLUMNS_MAX][8];
  size_t numbers_count;
};

static bool map_number(struct again *a, const struct table *t, int column, struct value *v)
{
  char was[STORE_NO_SIZE], is[STORE_NO_SIZE];
  if (!a->store->renumber || v->kind != VALUE_TEXT || v->size >= STORE_NO_SIZE) return true;
  snprintf(was, sizeof was, "%.*s", (int)v->size, (const char *)v->p);
  memcpy(is, was, sizeof is);
  if (!a->store->renumber(&a->tx, t->name, t->names[column], is, a->err)) return false;
  if (strcmp(was, is) == 0) return true;
  memcpy(a->number_was, was, sizeof was);
  memcpy(a->number_is, is, sizeof is);
  v->p = (const uint8_t *)a->number_is;
  v->size = (uint32_t)strlen(is);
  return true;
}

static bool map_values(struct again *a, const struct table *t, const struct value *from, int columns,
                       bool inserted, struct value *to, struct mapped *m)
{
  for (int i = 0; i < columns; i++) {
    to[i] = from[i];
    if (inserted && !map_number(a, t, i, &to[i])) return false;
    if (from[i].kind != VALUE_INT || !table_names_a_row(t, i)) continue;
    int64_t id = value_int(&from[i]);
    if (!map_id(a, &id)) return false;
    uint8_t *room = m->numbers[m->numbers_count++];
    for (int b = 0; b < 8; b++)
      room[b] = (uint8_t)((uint64_t)id >> (56 - 8 * b));
    to[i].p = room;
  }
  return true;
}

static enum rows_outcome write_change(struct again *a, const struct origin *origin, const struct change *was)
{
  struct mapped m = {.numbers_count = 0};
  struct change is = *was;
  struct table *t = tables_find(&a->store->tables, was->table);
  if (!t || was->columns > t->columns) {
    refuse(&a->why, "unknown_table", "%.64s is not a table as it was", was->table);
    return ROWS_REFUSED;
  }
  if (was->before && !map_values(a, t, was->before, was->columns, false, m.before, &m)) return ROWS_FAILED;
  if (was->after && !map_values(a, t, was->after, was->columns, was->op == CHANGE_INSERT, m.after, &m))
    return ROWS_FAILED;
  if (a->lost) {
    refuse(&a->why, "kept_aside", "it speaks of entry %llu, which stays aside, or which nobody here knows",
           (unsigned long long)a->lost);
    return ROWS_REFUSED;
  }
  if (was->before) is.before = m.before;
  if (was->after) is.after = m.after;
  return rows_write_one(a->store->db, &a->store->tables, origin, &is, &a->why, a->err);
}

static enum rows_outcome write_rows(struct again *a)
{
  struct store *store = a->store;
  struct changes walk = changes_of(a->payload, a->record.payload_size);
  struct change change;
  const struct origin origin = {.stream = a->record.stream,
                                .province = store->province,
                                .epoch = store->epoch,
                                .seq = a->seq,
                                .older_schema = a->record.schema < store->schema,
                                .level = store->schema};
  enum rows_outcome outcome = ROWS_WRITTEN;
  tables_walk(&store->tables);
  while (outcome == ROWS_WRITTEN && changes_next(&walk, &change, a->err))
    outcome = write_change(a, &origin, &change);
  return outcome == ROWS_WRITTEN && !changes_done(&walk) ? ROWS_FAILED : outcome;
}

/* Rows of branches stand in one stream of their author; the province has others too. */
static struct stream note_stream(const struct store *store)
{
  return (struct stream){store->author, store->author == store->province ? store->author : 0};
}

static bool holds_note(const struct again *a)
{
  return a->record.stream.lane == note_stream(a->store).lane;
}

static bool insert_note(struct again *a, int64_t id)
{
  struct query q = query_open(
      a->store->db, "INSERT INTO journaled_again(branch, id, record_hash) VALUES(?1, ?2, ?3)", a->err);
  query_int(&q, 1, a->store->author);
  query_int(&q, 2, id);
  query_blob(&q, 3, a->hash, HASH_SIZE);
  return query_run(&q);
}

/* Which entry it was: part of the entry, */
static bool note_within(struct again *a)
{
  if (!holds_note(a)) return true;
  if (a->rows >= ENTRY_ROWS_MAX) return err_rule(a->err, ERR_LIMIT, "", "entry_rows", "no id is left");
  return insert_note(a, id_of(a->store->epoch, a->seq, a->rows));
}

/* The row is of the record of that hash, which was put aside too and stands in its place again. */
static bool is_back(struct again *a, const struct query *row, const uint8_t hash[HASH_SIZE], bool *yes)
{
  size_t n = 0;
  uint8_t made[HASH_SIZE];
  struct record was;
  const void *bytes = column_blob(row, 1, &n);
  record_hash(made, bytes, n);
  *yes = memcmp(made, hash, HASH_SIZE) == 0;
  if (!*yes) return true;
  if (!record_decode(&was, bytes, n, a->err) ||
      !same_record_stands(a->store->db, &was, yes, &a->epoch, a->err))
    return false;
  if (*yes) a->seq = was.seq;
  return true;
}

/* That one it was first, and is where that one stands. */
static bool find_first(void *ctx, const uint8_t hash[HASH_SIZE], struct err *err)
{
  struct again *a = ctx;
  int64_t id = 0;
  bool ok = true, back = false;
  struct query q =
      query_open(a->store->db,
                 "SELECT a.id, coalesce(a.record, e.record) FROM sync_aside a LEFT JOIN sync_entry e"
                 " ON e.pos = a.pos WHERE a.author = ?1 AND a.lane = ?2 AND a.state = 'again'"
                 " /* scan: bad days are few */",
                 err);
  query_int(&q, 1, a->record.stream.author);
  query_int(&q, 2, a->record.stream.lane);
  while (ok && !back && query_row(&q)) {
    id = column_int(&q, 0);
    ok = is_back(a, &q, hash, &back);
  }
  if (!query_close(&q) || !ok) return false;
  if (!back) return true;
  q = query_open(a->store->db, "UPDATE sync_aside SET again_epoch = ?2, again_seq = ?3 WHERE id = ?1", err);
  query_int(&q, 1, id);
  query_int(&q, 2, a->epoch);
  query_int(&q, 3, (int64_t)a->seq);
  return query_run(&q);
}

/* Was it, before this disk went back once more, or by an enrolment?  Then that is where it stands. */
static bool find_again(struct again *a)
{
  bool stands = false;
  if (!same_record_stands(a->store->db, &a->record, &stands, &a->epoch, a->err)) return false;
  if (stands) {
    a->seq = a->record.seq;
    return true;
  }
  if (!again_named(a->payload, a->record.payload_size, find_first, a, a->err)) return false;
  if (a->seq) return true;
  struct query q = query_open(
      a->store->db, "SELECT id FROM journaled_again WHERE record_hash = ?1 AND branch = ?2", a->err);
  query_blob(&q, 1, a->hash, HASH_SIZE);
  query_int(&q, 2, a->store->author);
  int64_t id = query_row(&q) ? column_int(&q, 0) : 0;
  a->seq = id_seq(id);
  a->epoch = id ? id_epoch(id) : a->store->epoch;
  return query_close(&q);
}

/* The same rows under their new ids, watched as any work of the domain is. */
static enum rows_outcome capture_rows(struct again *a)
{
  struct store *store = a->store;
  buf_clear(&store->changeset);
  capture_begin(store->capture);
  store->guard_open = true;
  enum rows_outcome outcome = write_rows(a);
  if (outcome == ROWS_WRITTEN && !note_within(a)) outcome = ROWS_FAILED;
  store->guard_open = false;
  if (outcome != ROWS_WRITTEN) {
    capture_drop(store->capture);
    return outcome;
  }
  return capture_end(store->capture, &store->changeset, a->err) ? ROWS_WRITTEN : ROWS_FAILED;
}

static bool seal(struct again *a, struct stream_state *state, int64_t now_ms)
{
  struct store *store = a->store;
  struct record record = a->record;
  record.hlc = hlc_next(store->journal.hlc, store_claim_ms(store, now_ms));
  record.schema = store->schema;
  record.payload_size = (uint32_t)store->changeset.size;
  memcpy(record.schema_hash, store->tables.hash, SCHEMA_HASH_SIZE);
  bool numbered = a->number_was[0] && record.subject.size == strlen(a->number_was) &&
                  memcmp(record.subject.text, a->number_was, record.subject.size) == 0;
  if (numbered) record.subject = name_of(a->number_is);
  return store_seal(store, state, &record, store->changeset.data, now_ms, a->err);
}

/* or, where such rows may not stand, an entry of its own in the same transaction. */
static bool note_beside(struct again *a, int64_t now_ms)
{
  struct store *store = a->store;
  if (holds_note(a)) return true;
  struct stream_state *state = journal_stream(&store->journal, note_stream(store), a->err);
  if (!state) return false;
  buf_clear(&store->changeset);
  capture_begin(store->capture);
  store->guard_open = true;
  bool ok = insert_note(a, id_of(store->epoch, state->head.seq + 1, 0));
  store->guard_open = false;
  if (!ok) {
    capture_drop(store->capture);
    return false;
  }
  return capture_end(store->capture, &store->changeset, a->err) && seal(a, state, now_ms);
}

/* The content is in the entry that was journaled now: it lies nowhere twice. */
static bool mark_again(struct again *a)
{
  struct query q = query_open(a->store->db,
                              "UPDATE sync_aside SET state = 'again', again_epoch = ?2, again_seq = ?3,"
                              " payload = NULL WHERE id = ?1",
                              a->err);
  query_int(&q, 1, a->id);
  query_int(&q, 2, a->epoch);
  query_int(&q, 3, (int64_t)a->seq);
  if (!query_run(&q)) return false;
  q = query_open(a->store->db, "UPDATE sync_entry SET payload = NULL WHERE pos = ?1", a->err);
  query_int(&q, 1, a->pos);
  return a->pos < 0 || query_run(&q);
}

static bool mark_kept(struct again *a)
{
  struct query q = query_open(
      a->store->db, "UPDATE sync_aside SET state = 'kept', reason = ?2 WHERE id = ?1 AND state = ?3", a->err);
  query_int(&q, 1, a->id);
  query_text(&q, 2, a->why.reason);
  query_text(&q, 3, a->state);
  return query_run(&q);
}

/* The line, a receipt and a person may come for one row at once: whoever is second finds where it stands by
 * now, or that it is no more, and changes nothing. */
static bool is_as_found(struct again *a, bool *yes)
{
  struct query q =
      query_open(a->store->db, "SELECT state = ?2, again_seq FROM sync_aside WHERE id = ?1", a->err);
  query_int(&q, 1, a->id);
  query_text(&q, 2, a->state);
  const bool found = query_row(&q);
  *yes = found && column_int(&q, 0);
  if (found && !*yes) a->seq = (uint64_t)column_int(&q, 1);
  return query_close(&q);
}

/* *refused: it cannot be journaled again, and nothing of it was written. */
static bool journal_again(struct again *a, int64_t now_ms, bool *refused)
{
  struct store *store = a->store;
  if (!read_entry(a)) return false;
  if (!a->payload) {
    refuse(&a->why, "withheld", "its content is withheld by law");
    *refused = true;
    return false;
  }
  if (!is_signed_one(a)) {
    refuse(&a->why, "changeset", "its content is not what was signed");
    *refused = true;
    return false;
  }
  struct stream_state *state = journal_stream(&store->journal, a->record.stream, a->err);
  if (!state) return false;
  if (!find_again(a)) return false;
  if (a->seq) return mark_again(a);
  a->seq = state->head.seq + 1;
  a->tx = (struct tx){.db = store->db, .author = store->author, .now_ms = now_ms, .actor = "system"};
  enum rows_outcome outcome = capture_rows(a);
  *refused = outcome == ROWS_REFUSED;
  return outcome == ROWS_WRITTEN && seal(a, state, now_ms) && store_withhold(store, a->err) &&
         note_beside(a, now_ms) && mark_again(a);
}

static bool one_again(struct store *store, struct again *a, int64_t now_ms)
{
  bool refused = false, mine = false;
  if (!store_begin(store, a->err)) return false;
  bool ok = is_as_found(a, &mine) && (!mine || journal_again(a, now_ms, &refused));
  ok = store_end(store, ok, a->err);
  if (ok) return true;
  if (!refused && (a->err->kind == ERR_INPUT || a->err->kind == ERR_LIMIT || a->err->kind == ERR_DENIED)) {
    refuse(&a->why, a->err->rule[0] ? a->err->rule : "changeset", "%.180s", a->err->text);
    refused = true;
  }
  if (!refused) return false;
  err_clear(a->err);
  return store_begin(store, a->err) && store_end(store, mark_kept(a), a->err);
}

static bool next_waiting(struct store *store, struct again *a, bool *any)
{
  pthread_mutex_lock(&store->lock);
  struct query q = query_open(store->db,
                              "SELECT id, coalesce(pos, -1) FROM sync_aside WHERE state = 'waiting'"
                              " ORDER BY id LIMIT 1",
                              a->err);
  *any = query_row(&q);
  if (*any) {
    a->id = column_int(&q, 0);
    a->pos = column_int(&q, 1);
  }
  bool ok = query_close(&q);
  if (ok && !*any) store->aside_waits = false;
  pthread_mutex_unlock(&store->lock);
  return ok;
}

bool store_again(struct store *store, int64_t now_ms, struct err *err)
{
  const bool stopped = store->keeps_log && (store->restored || store->rolled_back);
  bool any = store->aside_waits && !stopped && !store_own_waits(store);
  bool ok = !any || (store_begin(store, err) && store_end(store, withhold_asides(store, err), err));
  while (ok && any) {
    struct err why = ERR_INIT;
    struct again a = {.store = store, .state = "waiting", .err = &why};
    ok = next_waiting(store, &a, &any) && (!any || one_again(store, &a, now_ms));
    buf_wipe(&a.keep);
    buf_wipe(&a.payload_keep);
    if (!ok && err && err->kind == ERR_NONE) *err = why;
  }
  return ok;
}

/* ---- once more, because a person asks ---- */

static bool no_such_row(int64_t id, struct err *err)
{
  return err_rule(err, ERR_MISSING, "id", "not_found", "no entry put aside has the number %lld",
                  (long long)id);
}

static bool load_kept(struct store *store, struct again *a, char reason[49], struct err *err)
{
  uint32_t author = 0;
  char state[12] = "";
  bool content = false;
  struct query q =
      query_open(store->db,
                 "SELECT coalesce(a.pos, -1), a.author, a.state, a.reason,"
                 " coalesce(a.payload, e.payload) IS NOT NULL FROM sync_aside a LEFT JOIN sync_entry e"
                 " ON e.pos = a.pos WHERE a.id = ?1",
                 err);
  query_int(&q, 1, a->id);
  bool found = query_row(&q);
  if (found) {
    a->pos = column_int(&q, 0);
    author = (uint32_t)column_int(&q, 1);
    snprintf(state, sizeof state, "%s", column_text(&q, 2));
    snprintf(reason, 49, "%s", column_text(&q, 3));
    content = column_int(&q, 4) != 0;
  }
  if (!query_close(&q)) return false;
  if (!found) return no_such_row(a->id, err);
  if (author != store->author)
    return err_rule(err, ERR_CONFLICT, "id", "of_branch", "it is of author %u, who brings it again", author);
  if (strcmp(state, "kept") != 0)
    return err_rule(err, ERR_CONFLICT, "id", "not_kept", "entry %lld put aside is %s", (long long)a->id,
                    state);
  return content || err_rule(err, ERR_CONFLICT, "id", "withheld", "its content is withheld by law");
}

bool store_aside_retry(struct store *store, int64_t id, int64_t now_ms, struct aside_retry *out,
                       struct err *err)
{
  struct err why = ERR_INIT;
  struct again a = {.store = store, .state = "kept", .id = id, .err = &why};
  *out = (struct aside_retry){.again = false};
  if (!store_writable(store, err)) return false;
  pthread_mutex_lock(&store->lock);
  bool ok = load_kept(store, &a, out->reason, err);
  pthread_mutex_unlock(&store->lock);
  if (!ok) return false;
  ok = one_again(store, &a, now_ms);
  if (ok && !a.why.reason[0] && a.seq == 0) ok = no_such_row(id, &why);
  out->again = ok && !a.why.reason[0];
  out->seq = out->again ? a.seq : 0;
  if (ok) snprintf(out->reason, sizeof out->reason, "%s", a.why.reason);
  buf_wipe(&a.keep);
  buf_wipe(&a.payload_keep);
  if (!ok && err && err->kind == ERR_NONE) *err = why;
  return ok;
}

/* ---- looking ---- */

bool aside_count(struct db *db, struct aside_counts *out, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT count(*) FILTER (WHERE state = 'waiting'),"
                 " count(*) FILTER (WHERE state = 'again'), count(*) FILTER (WHERE state = 'kept')"
                 " FROM sync_aside /* scan: bad days are few */",
                 err);
  memset(out, 0, sizeof *out);
  if (query_row(&q))
    *out = (struct aside_counts){
        .waiting = column_int(&q, 0), .again = column_int(&q, 1), .kept = column_int(&q, 2)};
  return query_close(&q);
}

#define LOOK                                                                                                 \
  "SELECT a.id, coalesce(a.record, e.record), coalesce(a.payload, e.payload), a.made_ms, a.aside_ms, "       \
  "a.state,"                                                                                                 \
  " a.again_epoch, a.again_seq, a.reason FROM sync_aside a LEFT JOIN sync_entry e ON e.pos = a.pos"

static bool read_row(const struct query *q, struct aside_row *row, struct err *err)
{
  size_t n = 0, payload_size = 0;
  const void *bytes = column_blob(q, 1, &n), *payload = column_blob(q, 2, &payload_size);
  *row = (struct aside_row){.id = column_int(q, 0),
                            .made_ms = column_int(q, 3),
                            .aside_ms = column_int(q, 4),
                            .state = column_text(q, 5),
                            .again_epoch = (uint32_t)column_int(q, 6),
                            .again_seq = (uint64_t)column_int(q, 7),
                            .reason = column_text(q, 8)};
  record_hash(row->hash, bytes, n);
  if (!record_decode(&row->record, bytes, n, err)) return false;
  if (payload && payload_size == row->record.payload_size) row->payload = payload;
  return true;
}

bool aside_list(struct db *db, int limit, void (*each)(void *ctx, const struct aside_row *row), void *ctx,
                struct err *err)
{
  struct query q =
      query_open(db,
                 LOOK " ORDER BY CASE a.state WHEN 'waiting' THEN 0 WHEN 'kept' THEN 1 ELSE 2 END,"
                      " a.id DESC LIMIT ?1 /* scan: bad days are few */",
                 err);
  struct aside_row row;
  bool ok = true;
  query_int(&q, 1, limit);
  while (ok && query_row(&q)) {
    ok = read_row(&q, &row, err);
    if (ok) each(ctx, &row);
  }
  return query_close(&q) && ok;
}

bool aside_get(struct db *db, int64_t id, void (*each)(void *ctx, const struct aside_row *row), void *ctx,
               struct err *err)
{
  struct query q = query_open(db, LOOK " WHERE a.id = ?1", err);
  struct aside_row row;
  query_int(&q, 1, id);
  bool found = query_row(&q), ok = !found || read_row(&q, &row, err);
  if (found && ok) each(ctx, &row);
  if (!query_close(&q) || !ok) return false;
  return found || no_such_row(id, err);
}
