/* The route of one write, and what a crash after each step leaves:
 *
 *   1. BEGIN IMMEDIATE, the capture watches           nothing
 *   2. the domain's SQL runs, guard open, fence closed nothing
 *   3. the changeset is taken, the guard closes       nothing
 *   4. every row is checked as a receiver would, and goes to the stream of its table's scope
 *   5. one entry per touched stream is appended       nothing: the transaction is not committed
 *      acts among the rows are carried out (withholding.h)
 *      work that is more than one entry holds goes on at 2
 *   6. COMMIT                                         rows and entries, both
 *   7. within a second the newest entry is signed     before it: an unsigned tail, signed at the next opening
 *
 * So there is no moment at which a row exists without its entry, or an entry without its row (I1). */
#include "sync/store.h"

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "sync/store_state.h"

#include <stdio.h>
#include <string.h>

#define CLOCK_LEAP_MAX_MS (CLOCK_LEAP_DAYS * INT64_C(86400000))

/* The stream rows of a scope go to; author 0: none in this transaction. */
static struct stream stream_of(const struct store *store, enum scope scope, uint32_t lane)
{
  bool hub = store->author == store->province;
  struct stream stream = {.author = store->author, .lane = 0};
  if (scope == SCOPE_BRANCH && hub) stream.lane = store->author;
  if (scope == SCOPE_DIRECTED) stream.lane = lane;
  if (scope == SCOPE_LOCAL || (scope != SCOPE_BRANCH && !hub)) stream.author = 0;
  if (scope == SCOPE_DIRECTED && (lane == 0 || lane == store->author)) stream.author = 0;
  return stream;
}

static bool is_frozen(const struct stream_state *state, struct err *err)
{
  if (!state->frozen) return false;
  (void)err_rule(err, ERR_CONFLICT, "", "frozen",
                 "the stream %u/%u is frozen: two different entries were signed for one place in it",
                 state->stream.author, state->stream.lane);
  return true;
}

/* What the domain gets: ids say which entry will create the row, so the next seq of each stream is fixed now.
 */
static bool prepare_tx(struct store *store, const struct act *act, struct tx *tx, struct err *err)
{
  *tx = (struct tx){.db = store->db,
                    .author = store->author,
                    .now_ms = act->now_ms,
                    .actor = act->actor,
                    .role = act->role};
  snprintf(tx->subject, sizeof tx->subject, "%s", act->subject ? act->subject : "");
  for (int scope = 0; scope < SCOPE_COUNT; scope++) {
    struct stream stream = stream_of(store, (enum scope)scope, act->lane);
    tx->ids[scope].next = ENTRY_ROWS_MAX; /* no ids for what has no stream */
    if (stream.author == 0) continue;
    struct stream_state *state = journal_stream(&store->journal, stream, err);
    if (!state) return false;
    if (is_frozen(state, err)) return false;
    tx->ids[scope] = (struct ids){.base = id_of(store->epoch, state->head.seq + 1, 0)};
  }
  return true;
}

/* Sorts the rows of the changeset into one part per scope, checking each as its receivers will. */
static bool sort_rows(struct store *store, uint32_t lane, struct err *err)
{
  struct changes walk = changes_of(store->changeset.data, store->changeset.size);
  struct change change;
  const char *header[SCOPE_COUNT] = {0};
  for (int scope = 0; scope < SCOPE_COUNT; scope++)
    buf_clear(&store->parts[scope]);
  tables_walk(&store->tables);
  while (changes_next(&walk, &change, err)) {
    struct table *table = tables_find(&store->tables, change.table);
    enum scope scope = table ? table->scope : SCOPE_LOCAL;
    struct stream stream = stream_of(store, scope, lane);
    struct refusal why = {0};
    if (stream.author == 0)
      return err_rule(err, ERR_DENIED, change.table, "scope", "%u may not write the table %s here",
                      store->author, change.table);
    struct stream_state *state = journal_stream(&store->journal, stream, err);
    if (!state) return false;
    struct origin origin = {.stream = stream,
                            .province = store->province,
                            .epoch = store->epoch,
                            .seq = state->head.seq + 1,
                            .level = store->schema};
    if (!tables_check(&store->tables, store->db, &origin, &change, &table, &why, err))
      return err_rule(err, *why.column ? ERR_INPUT : ERR_DENIED, *why.column ? why.column : change.table,
                      why.reason, "%s", why.detail);
    tables_note_act(&store->tables, table, &change);
    struct buf *part = &store->parts[scope];
    if (header[scope] != change.table) put_bytes(part, walk.header, walk.header_size);
    header[scope] = change.table;
    put_bytes(part, change.start, change.size);
    if (part->bad) return err_set(err, ERR_IO, "out of memory for a changeset");
  }
  return changes_done(&walk);
}

/* The newest moment that is known to have been; 0: none, as at a province that writes its first entry.  What
 * branches claim is not asked: one with a wrong clock would take the province along. */
static int64_t newest_known_ms(const struct store *store)
{
  int64_t known_ms = hlc_ms(store->journal.hlc);
  if (store->heard_ms > known_ms) known_ms = store->heard_ms;
  if (store->enrolled_ms > known_ms) known_ms = store->enrolled_ms;
  for (size_t i = 0; i < store->journal.count && store->author != store->province; i++) {
    const struct stream_state *state = &store->journal.streams[i];
    if (state->stream.author == store->province && hlc_ms(state->head.hlc) > known_ms)
      known_ms = hlc_ms(state->head.hlc);
  }
  return known_ms;
}

/* PROTOCOL 1.2: "An author whose clock leaps more than 40 days ahead of the newest it knows does not follow
 * it" */
int64_t store_claim_ms(const struct store *store, int64_t now_ms)
{
  int64_t known_ms = newest_known_ms(store);
  return known_ms == 0 || now_ms <= known_ms + CLOCK_LEAP_MAX_MS ? now_ms : known_ms;
}

static bool seal_part(struct store *store, const struct act *act, const struct tx *tx, enum scope scope,
                      struct sealed *sealed, struct err *err)
{
  const struct buf *part = &store->parts[scope];
  if (part->size == 0) return true;
  struct stream_state *state = journal_stream(&store->journal, stream_of(store, scope, act->lane), err);
  if (!state) return false;
  struct record record = {.hlc = hlc_next(store->journal.hlc, store_claim_ms(store, act->now_ms)),
                          .schema = store->schema,
                          .actor = name_of(act->actor),
                          .action = name_of(act->action),
                          .subject = name_of(tx->subject),
                          .payload_size = (uint32_t)part->size};
  memcpy(record.schema_hash, store->tables.hash, SCHEMA_HASH_SIZE);
  if (!store_seal(store, state, &record, part->data, act->now_ms, err)) return false;
  *sealed = (struct sealed){.epoch = state->head.epoch, .seq = state->head.seq, .pos = state->head_pos};
  memcpy(sealed->hash, state->head.hash, HASH_SIZE);
  return true;
}

/* Steps 2 and 3. */
static bool capture_work(struct store *store, struct tx *tx, store_work work, void *ctx, struct err *err)
{
  buf_clear(&store->changeset);
  capture_begin(store->capture);
  store->guard_open = true;
  store->fence.closed = true;
  bool ok = work(tx, ctx, err);
  store->fence.closed = false;
  store->guard_open = false;
  if (ok) return capture_end(store->capture, &store->changeset, err);
  capture_drop(store->capture);
  return false;
}

bool store_own_waits(const struct store *store)
{
  for (size_t i = 0; i < store->journal.count; i++)
    if (store->journal.streams[i].stream.author == store->author && store->journal.streams[i].waiting_seq)
      return true;
  return false;
}

static bool restored(const struct store *store, struct err *err)
{
  if (!store_not_restored(store, err)) return false;
  uint64_t have = 0;
  if (store_own_waits(store))
    return err_rule(err, ERR_BUSY, "", "history_newer",
                    "this machine's own entries were made by a newer program and wait for it: upgrade first");
  for (size_t i = 0; i < store->journal.count; i++)
    if (store->journal.streams[i].stream.author == store->author &&
        store->journal.streams[i].stream.lane == 0)
      have = store->journal.streams[i].head.seq;
  if (have >= store->base_seq && !store->aside_waits) return true;
  if (have >= store->base_seq)
    return err_rule(err, ERR_BUSY, "", "restoring",
                    "what was put aside when this disk had gone back waits to be recorded again, behind "
                    "entry %llu and what else the province has: the line, or a receipt, brings that",
                    (unsigned long long)have);
  return err_rule(err, ERR_BUSY, "", "restoring",
                  "this node has %llu of its %llu entries back from the province; it writes when it has all",
                  (unsigned long long)have, (unsigned long long)store->base_seq);
}

bool store_writable(struct store *store, struct err *why)
{
  pthread_mutex_lock(&store->lock);
  bool yes = store_is_whole(store, why) && journal_load(&store->journal, why) && restored(store, why) &&
             store_not_rolled_back(store, why);
  for (size_t i = 0; yes && i < store->journal.count; i++)
    if (store->journal.streams[i].stream.author == store->author)
      yes = !is_frozen(&store->journal.streams[i], why);
  pthread_mutex_unlock(&store->lock);
  return yes;
}

/* Steps 2 to 5, for one entry of each class. */
static bool make_entries(struct store *store, const struct act *act, store_work work, void *ctx,
                         struct done *done, bool *more, struct err *err)
{
  struct tx tx;
  bool ok = prepare_tx(store, act, &tx, err) && capture_work(store, &tx, work, ctx, err) &&
            sort_rows(store, act->lane, err) &&
            seal_part(store, act, &tx, SCOPE_BRANCH, &done->branch, err) &&
            seal_part(store, act, &tx, SCOPE_SHARED, &done->shared, err) &&
            seal_part(store, act, &tx, SCOPE_DIRECTED, &done->directed, err) && store_withhold(store, err);
  *more = ok && tx.more;
  return ok;
}

bool store_commit(struct store *store, const struct act *act, store_work work, void *ctx, struct done *done,
                  struct err *err)
{
  struct err fault = ERR_INIT;
  struct done sealed = {0};
  bool more = true;
  if (!err) err = &fault;
  if (!store_begin(store, err)) return false;
  bool ok = restored(store, err) && store_not_rolled_back(store, err);
  while (ok && more)
    ok = make_entries(store, act, work, ctx, &sealed, &more, err);
  if (!store_end(store, ok, err)) return false;
  if (done) *done = sealed;
  return true;
}

bool store_local(struct store *store, int64_t now_ms, store_work work, void *ctx, struct err *err)
{
  if (!store_begin(store, err)) return false;
  struct tx tx = {.db = store->db, .author = store->author, .now_ms = now_ms, .actor = "system", .role = ""};
  for (int scope = 0; scope < SCOPE_COUNT; scope++)
    tx.ids[scope].next = ENTRY_ROWS_MAX;
  store->fence.closed = true;
  bool ok = work(&tx, ctx, err);
  store->fence.closed = false;
  return store_end(store, ok, err);
}
