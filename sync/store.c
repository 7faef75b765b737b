#include "sync/store.h"

#include "core/base/clock.h"
#include "core/base/limits.h"
#include "sync/apply.h"
#include "sync/settle.h"
#include "sync/store_state.h"
#include "sync/streams.h"
#include "sync/tlog.h"
#include "sync/withholding.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

extern const unsigned char sync_schema_01[];
extern const unsigned char sync_schema_02[];
extern const unsigned char sync_schema_03[];
extern const unsigned char sync_schema_04[];
extern const unsigned char sync_schema_05[];
extern const unsigned char sync_schema_06[];
extern const unsigned char sync_schema_07[];
extern const unsigned char sync_schema_08[];
extern const unsigned char sync_schema_09[];
extern const unsigned char sync_schema_10[];
extern const unsigned char sync_schema_11[];
extern const unsigned char sync_schema_12[];
extern const unsigned char sync_schema_13[];
extern const unsigned char sync_schema_14[];
extern const unsigned char sync_schema_15[];
extern const unsigned char sync_schema_16[];
const struct migration sync_migrations[] = {
    {.number = 1, .sql = (const char *)sync_schema_01},  {.number = 2, .sql = (const char *)sync_schema_02},
    {.number = 3, .sql = (const char *)sync_schema_03},  {.number = 4, .sql = (const char *)sync_schema_04},
    {.number = 5, .sql = (const char *)sync_schema_05},  {.number = 6, .sql = (const char *)sync_schema_06},
    {.number = 7, .sql = (const char *)sync_schema_07},  {.number = 8, .sql = (const char *)sync_schema_08},
    {.number = 9, .sql = (const char *)sync_schema_09},  {.number = 10, .sql = (const char *)sync_schema_10},
    {.number = 11, .sql = (const char *)sync_schema_11}, {.number = 12, .sql = (const char *)sync_schema_12},
    {.number = 13, .sql = (const char *)sync_schema_13}, {.number = 14, .sql = (const char *)sync_schema_14},
    {.number = 15, .sql = (const char *)sync_schema_15}, {.number = 16, .sql = (const char *)sync_schema_16}};
const size_t sync_migrations_count = sizeof sync_migrations / sizeof sync_migrations[0];

/* ---- transactions ---- */

void store_damaged(struct store *store, const struct err *why)
{
  pthread_mutex_lock(&store->lock);
  if (!store->damage.kind) store->damage = *why;
  pthread_mutex_unlock(&store->lock);
}

/* What a database that contradicted itself still holds may be all there is. */
bool store_is_whole(struct store *store, struct err *err)
{
  return !store->damage.kind ||
         err_rule(err, ERR_CORRUPT, "", "store_damaged",
                  "the database is damaged and is not written to: %.200s", store->damage.text);
}

bool store_begin(struct store *store, struct err *err)
{
  pthread_mutex_lock(&store->lock);
  if (store_is_whole(store, err) && journal_load(&store->journal, err) && db_begin(store->db, err)) {
    store->journal.touched = false;
    store->before.restored = store->restored;
    store->before.any_denied = atomic_load(&store->any_denied);
    store->before.aside_waits = store->aside_waits;
    return true;
  }
  pthread_mutex_unlock(&store->lock);
  return false;
}

bool store_end(struct store *store, bool ok, struct err *err)
{
  /* A work function that commits or rolls back by itself would tear rows and entry apart. */
  assert(!ok || db_in_transaction(store->db));
  store->guard_open = false;
  store->fence.closed = false;
  store->tables.acts_from = 0;
  if (store->keeps_log && store->journal.touched) ok = ok && tlog_integrate(store->db, err);
  ok = ok && db_commit(store->db, err);
  if (!ok) {
    db_rollback(store->db);
    store->journal.stale = store->journal.touched;
    store->restored = store->before.restored;
    store->aside_waits = store->before.aside_waits;
    if (!store->before.any_denied) atomic_store(&store->any_denied, false);
    if (err && err->kind == ERR_CORRUPT && !store->damage.kind) store->damage = *err;
  }
  pthread_mutex_unlock(&store->lock);
  return ok;
}

/* ---- withholding ---- */

bool store_withhold(struct store *store, struct err *err)
{
  if (store->tables.acts_from == 0) return true;
  store->withholding = true;
  bool ok = withholding_enforce(store->db, &store->tables, store->tables.acts_from, err);
  store->withholding = false;
  store->tables.acts_from = 0;
  store->wal_holds = true;
  return ok;
}

/* After the commit, and again each second while readers are in the way: only then are the bytes gone. */
static bool empty_wal(struct store *store, struct err *err)
{
  bool done = true, ok = true;
  pthread_mutex_lock(&store->lock);
  if (store->wal_holds) ok = db_empty_wal(store->db, &done, err);
  if (ok && done) store->wal_holds = false;
  pthread_mutex_unlock(&store->lock);
  return ok;
}

/* A crash may have come between the commit of an act and that. */
static bool load_wal_holds(struct store *store, struct err *err)
{
  int64_t any = 0;
  bool ok = db_int(store->db, "SELECT EXISTS(SELECT 1 FROM withholding)", 0, &any, err);
  store->wal_holds = any != 0;
  return ok;
}

/* ---- sealing entries of our own ---- */

/* PROTOCOL 2.1: "There is a signature within every 1,024 entries, within every stretch whose payloads and
 * names fit one batch, and before every entry of another schema", for a batch ends there. */
bool store_keep_signed(struct store *store, struct stream_state *state, const struct record *next,
                       struct err *err)
{
  const bool fits =
      state->unsigned_count < BATCH_ENTRIES_MAX && state->unsigned_cost + batch_cost(next) <= BATCH_SIZE_MAX;
  if (state->unsigned_count == 0 || (fits && state->head.schema == next->schema)) return true;
  return journal_sign(&store->journal, state, store->secret, err);
}

bool store_seal(struct store *store, struct stream_state *state, struct record *record, const void *payload,
                int64_t now_ms, struct err *err)
{
  if (state->head.seq >= SEQ_MAX)
    return err_rule(err, ERR_LIMIT, "seq", "seq", "this epoch's stream is full; enrol again");
  record->stream = state->stream;
  record->epoch = store->epoch;
  record->seq = state->head.seq + 1;
  memcpy(record->prev, state->head.hash, HASH_SIZE);
  sha256(record->payload_sha256, payload, record->payload_size);
  buf_clear(&store->record);
  if (!record_encode(&store->record, record, err)) return false;
  uint8_t hash[HASH_SIZE];
  record_hash(hash, store->record.data, store->record.size);
  struct append entry = {.record = record,
                         .bytes = store->record.data,
                         .size = store->record.size,
                         .hash = hash,
                         .payload = payload,
                         .received_ms = now_ms};
  uint8_t signature[SIGNATURE_SIZE];
  if (store->keeps_log) {
    /* A leaf of the log holds its entry's signature and never changes, so the log's keeper signs at once. */
    head_sign(signature, hash, store->secret);
    entry.signature = signature;
  }
  return store_keep_signed(store, state, record, err) && journal_append(&store->journal, state, &entry, err);
}

bool store_sign_head(struct store *store, int64_t now_ms, struct err *err)
{
  if (!empty_wal(store, err)) return false;
  pthread_mutex_lock(&store->lock);
  bool any = store->journal.stale;
  for (size_t i = 0; i < store->journal.count; i++)
    any = any || (store->journal.streams[i].stream.author == store->author &&
                  store->journal.streams[i].unsigned_count > 0);
  pthread_mutex_unlock(&store->lock);
  if (!any) return store_sign_log(store, now_ms, err);
  if (!store_begin(store, err)) return false;
  bool ok = true;
  for (size_t i = 0; ok && i < store->journal.count; i++) {
    struct stream_state *state = &store->journal.streams[i];
    /* An old epoch's head can only be signed by its own key, which is gone; rejournaling replaced that tail.
     */
    if (state->stream.author != store->author || state->unsigned_count == 0) continue;
    if (state->head.epoch == store->epoch) ok = journal_sign(&store->journal, state, store->secret, err);
  }
  return store_end(store, ok, err);
}

/* Is there a leaf that no signed checkpoint covers? */
static bool log_grew(struct store *store, bool *grew, struct err *err)
{
  pthread_mutex_lock(&store->lock);
  int64_t more = 0;
  bool ok = db_int(store->db,
                   "SELECT coalesce((SELECT size FROM sync_tree), 0) >"
                   " coalesce((SELECT max(size) FROM sync_checkpoint), 0)",
                   0, &more, err);
  pthread_mutex_unlock(&store->lock);
  *grew = more != 0;
  return ok;
}

bool store_sign_log(struct store *store, int64_t now_ms, struct err *err)
{
  bool grew = false;
  if (!store->keeps_log || store->rolled_back || atomic_load(&store->listening)) return true;
  if (!log_grew(store, &grew, err)) return false;
  if (!grew) return true;
  char origin[TLOG_ORIGIN_SIZE];
  tlog_origin(origin, store->province);
  return store_begin(store, err) &&
         store_end(store, store->rolled_back || tlog_sign(store->db, origin, store->secret, now_ms, err),
                   err);
}

void store_listen(struct store *store, bool listening)
{
  atomic_store(&store->listening, listening);
}

bool store_listens(const struct store *store)
{
  return atomic_load(&store->listening) || atomic_load(&store->rolled_back);
}

/* ---- opening ---- */

static bool set_schema(struct store *store, struct err *err)
{
  struct query q = query_open(store->db, "SELECT hash FROM sync_schema WHERE number = ?1", err);
  query_int(&q, 1, store->schema);
  size_t n = 0;
  bool known = query_row(&q);
  const void *hash = known ? column_blob(&q, 0, &n) : NULL;
  bool same = known && n == SCHEMA_HASH_SIZE && memcmp(hash, store->tables.hash, n) == 0;
  if (!query_close(&q)) return false;
  if (known && !same)
    return err_rule(err, ERR_CORRUPT, "schema", "schema_changed",
                    "the replicated tables of %s are not those of schema %u any more: they were altered "
                    "outside of this program",
                    db_path(store->db), store->schema);
  if (known) return true;
  q = query_open(store->db, "INSERT INTO sync_schema(number, hash) VALUES(?1, ?2)", err);
  query_int(&q, 1, store->schema);
  query_blob(&q, 2, store->tables.hash, SCHEMA_HASH_SIZE);
  return query_run(&q);
}

/* The database is filled under a new identity before the identity is put in its place. */
static bool not_ahead(struct store *store, struct err *err)
{
  struct query q = query_open(store->db, "SELECT max(epoch) FROM sync_key WHERE author = ?1", err);
  query_int(&q, 1, store->author);
  int64_t newest = query_row(&q) ? column_int(&q, 0) : 0;
  if (!query_close(&q)) return false;
  if (newest <= (int64_t)store->epoch) return true;
  return err_rule(
      err, ERR_CONFLICT, "epoch", "older_epoch",
      "the keys are of epoch %u, the database is of epoch %lld: an enrolment was not finished, or older keys "
      "were put back; give enroll again with the same invitation, and when that is refused with a new one",
      store->epoch, (long long)newest);
}

static bool add_own_key(struct store *store, int64_t now_ms, struct err *err)
{
  struct key key = {.author = store->author, .epoch = store->epoch, .since_ms = now_ms};
  memcpy(key.public_key, store->secret + SECRET_SIZE - PUBLIC_SIZE, PUBLIC_SIZE);
  return store_keys_put(store->db, &key, err);
}

/* Whose database this is never changes: a file copied from elsewhere is refused. */
static bool set_self(struct store *store, const char *name, uint32_t value, struct err *err)
{
  struct query q = query_open(store->db, "SELECT value FROM sync_self WHERE name = ?1", err);
  query_text(&q, 1, name);
  bool known = query_row(&q);
  int64_t have = known ? column_int(&q, 0) : 0;
  if (!query_close(&q)) return false;
  if (known && have == (int64_t)value) return true;
  if (known)
    return err_rule(err, ERR_CONFLICT, name, "other_site", "%s belongs to the %s %lld, not %u",
                    db_path(store->db), name, (long long)have, value);
  q = query_open(store->db, "INSERT INTO sync_self(name, value) VALUES(?1, ?2)", err);
  query_text(&q, 1, name);
  query_int(&q, 2, value);
  return query_run(&q);
}

/* One transaction that leaves a checked, guarded, signed store, or nothing. */
static bool prepare(struct store *store, int64_t now_ms, struct err *err)
{
  if (!store_begin(store, err)) return false;
  bool ok = set_self(store, "author", store->author, err) &&
            set_self(store, "province", store->province, err) && set_schema(store, err) &&
            tables_guard(&store->tables, store->db, err) && not_ahead(store, err) &&
            add_own_key(store, now_ms, err) && store_rejournal(store, now_ms, err);
  if (store->keeps_log)
    store->journal.touched = true; /* entries from before the log was kept become leaves */
  return store_end(store, ok, err);
}

static bool check_config(const struct store_config *config, struct err *err)
{
  if (config->epoch == 0 || config->epoch > EPOCH_MAX)
    return err_rule(err, ERR_INPUT, "epoch", "range", "epoch %u is not between 1 and %d", config->epoch,
                    EPOCH_MAX);
  if (config->author == 0 || config->province == 0)
    return err_rule(err, ERR_INPUT, "author", "range", "the author or the province is 0");
  return true;
}

static bool open_capture(struct store *store, struct err *err)
{
  const char **names = calloc(store->tables.count + 1, sizeof *names);
  if (!names) return err_set(err, ERR_IO, "out of memory opening a store");
  for (size_t i = 0; i < store->tables.count; i++)
    names[i] = store->tables.all[i].name;
  bool ok = capture_open(&store->capture, store->db, names, store->tables.count, err);
  free(names);
  return ok;
}

/* What a crash left undone.  On a full disk it is left again, and the store can be read; it is done with the
 * next head that is signed. */
static bool catch_up(struct store *store, int64_t now_ms, struct err *err)
{
  struct err why = ERR_INIT;
  if (store_settle(store, &why) && store_retry_parked(store, now_ms, NULL, &why) &&
      (!store->keeps_log || store_again(store, now_ms, &why)) && store_sign_head(store, now_ms, &why) &&
      store_sign_log(store, now_ms, &why))
    return true;
  if (why.kind == ERR_IO) return true;
  *err = why;
  return false;
}

bool store_open(struct store **out, const struct store_config *config, struct err *err)
{
  if (!check_config(config, err)) return false;
  struct store *store = calloc(1, sizeof *store);
  if (!store) return err_set(err, ERR_IO, "out of memory opening %s", config->path);
  pthread_mutex_init(&store->lock, NULL);
  store->renumber = config->renumber;
  store->author = config->author;
  store->province = config->province;
  store->epoch = config->epoch;
  store->schema = config->schema;
  store->base_seq = config->base_seq;
  memcpy(store->base_hash, config->base_hash, HASH_SIZE);
  store->enrolled_ms = config->enrolled_ms;
  memcpy(store->secret, config->secret, SECRET_SIZE);
  store->keeps_log = config->author == config->province;
  atomic_store(&store->listening, config->listens && store->keeps_log);
  store->fence.prefix = "sync_";
  store->changeset.max = PAYLOAD_SIZE_MAX;
  bool ok = db_open(&store->db, config->path, DB_WRITE, err) &&
            db_define_guard(store->db, "sunlit_guard", &store->guard_open, err) &&
            db_define_flag(store->db, "sunlit_withholding", &store->withholding, err) &&
            load_wal_holds(store, err) && db_fence(store->db, &store->fence, err) &&
            tables_load(&store->tables, store->db, err) && open_capture(store, err);
  journal_init(&store->journal, store->db, store->author);
  store->journal.epoch = store->epoch;
  ok = ok && store_load_restored(store, err) && store_load_aside(store, err);
  if (store->keeps_log) ok = ok && store_load_floor(store, err);
  ok = ok && prepare(store, config->now_ms, err) && catch_up(store, config->now_ms, err);
  if (!ok) {
    store_close(store);
    return false;
  }
  *out = store;
  (void)store_newest_ms(store);
  return true;
}

void store_clock_heard(struct store *store, int64_t peer_ms)
{
  pthread_mutex_lock(&store->lock);
  store->heard_ms = peer_ms;
  pthread_mutex_unlock(&store->lock);
}

/* How far ahead our clock was when it made the newest entry that the other side received: an entry is never
 * made after it was received. */
static int64_t lead_ms(struct store *store)
{
  const struct stream own = {store->author, 0};
  struct buf bytes = BUF_INIT;
  struct logged entry;
  uint64_t seq = 0;
  int64_t pos = -1, received_ms = 0, ahead_ms = 0;
  if (!store->keeps_log && stream_acked(store->db, own, &seq, &received_ms, NULL) && seq > 0 &&
      stream_find_kept(store->db, own, seq, &pos, NULL) && pos >= 0 &&
      entry_read(store->db, pos, &entry, &bytes, NULL) && entry.record.epoch == store->epoch)
    ahead_ms = hlc_ms(entry.record.hlc) - received_ms;
  buf_wipe(&bytes);
  return ahead_ms > 0 ? ahead_ms : 0;
}

int64_t store_newest_ms(struct store *store)
{
  if (pthread_mutex_trylock(&store->lock) == 0) {
    if (journal_load(&store->journal, NULL))
      atomic_store(&store->newest_ms, store->journal.hlc ? hlc_ms(store->journal.hlc) - lead_ms(store) : 0);
    pthread_mutex_unlock(&store->lock);
  }
  return atomic_load(&store->newest_ms);
}

void store_close(struct store *store)
{
  if (!store) return;
  if (store->db && !store->journal.stale) store_sign_head(store, 0, NULL);
  capture_close(store->capture);
  db_close(store->db);
  tables_close(&store->tables);
  journal_wipe(&store->journal);
  buf_wipe(&store->changeset);
  buf_wipe(&store->record);
  for (int i = 0; i < SCOPE_COUNT; i++)
    buf_wipe(&store->parts[i]);
  crypto_wipe(store->secret, sizeof store->secret);
  pthread_mutex_destroy(&store->lock);
  free(store);
}

/* ---- small transactions ---- */

bool store_receipt(struct store *store, struct stream stream, uint64_t seq, int64_t received_ms,
                   struct err *err)
{
  if (!store_begin(store, err)) return false;
  struct query q = query_open(store->db,
                              "INSERT INTO sync_receipt(author, lane, seq, received_ms) SELECT ?1, ?2, ?3, ?4"
                              " WHERE NOT EXISTS (SELECT 1 FROM sync_receipt WHERE author = ?1 AND lane = ?2"
                              " AND seq >= ?3)",
                              err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  query_int(&q, 4, received_ms);
  return store_end(store, query_run(&q), err);
}

bool store_cursor(struct store *store, uint32_t peer, struct stream stream, uint64_t seq, int64_t at_ms,
                  struct err *err)
{
  if (!store_begin(store, err)) return false;
  struct query q =
      query_open(store->db,
                 "INSERT INTO sync_cursor(peer, author, lane, seq, at_ms) VALUES(?1, ?2, ?3, ?4, ?5)"
                 " ON CONFLICT(peer, author, lane) DO UPDATE SET seq = excluded.seq,"
                 " at_ms = excluded.at_ms",
                 err);
  query_int(&q, 1, peer);
  query_int(&q, 2, stream.author);
  query_int(&q, 3, stream.lane);
  query_int(&q, 4, (int64_t)seq);
  query_int(&q, 5, at_ms);
  return store_end(store, query_run(&q), err);
}

uint32_t store_author(const struct store *store)
{
  return store->author;
}

uint32_t store_province(const struct store *store)
{
  return store->province;
}

uint32_t store_epoch(const struct store *store)
{
  return store->epoch;
}

void store_schema(const struct store *store, uint32_t *number, uint8_t hash[SCHEMA_HASH_SIZE])
{
  *number = store->schema;
  memcpy(hash, store->tables.hash, SCHEMA_HASH_SIZE);
}

uint32_t store_level(struct store *store)
{
  pthread_mutex_lock(&store->lock);
  uint32_t level = journal_load(&store->journal, NULL) ? store->journal.schema : 0;
  pthread_mutex_unlock(&store->lock);
  return level;
}
