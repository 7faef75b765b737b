#include "sync/journal.h"

#include "core/base/limits.h"
#include "sync/batch.h"
#include "sync/streams.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

void journal_init(struct journal *journal, struct db *db, uint32_t author)
{
  *journal = (struct journal){.db = db, .author = author, .stale = true};
}

void journal_wipe(struct journal *journal)
{
  free(journal->streams);
  memset(journal, 0, sizeof *journal);
}

static bool same(struct stream a, struct stream b)
{
  return a.author == b.author && a.lane == b.lane;
}

struct stream_state *journal_stream(struct journal *journal, struct stream stream, struct err *err)
{
  for (size_t i = 0; i < journal->count; i++)
    if (same(journal->streams[i].stream, stream)) return &journal->streams[i];
  if (journal->count == journal->room) {
    size_t room = journal->room ? journal->room * 2 : 8;
    struct stream_state *streams = realloc(journal->streams, room * sizeof *streams);
    if (!streams) {
      err_set(err, ERR_IO, "out of memory for %zu streams", room);
      return NULL;
    }
    journal->streams = streams;
    journal->room = room;
  }
  struct stream_state *state = &journal->streams[journal->count++];
  *state = (struct stream_state){.stream = stream, .head_pos = -1};
  return state;
}

/* ---- loading ---- */

static bool load_list(struct journal *journal, struct err *err)
{
  struct query q =
      query_open(journal->db, "SELECT author, lane, frozen_ms, waiting_seq FROM sync_stream", err);
  bool ok = true;
  while (ok && query_row(&q)) {
    struct stream stream = {.author = (uint32_t)column_int(&q, 0), .lane = (uint32_t)column_int(&q, 1)};
    struct stream_state *state = journal_stream(journal, stream, err);
    ok = state != NULL;
    if (!ok) break;
    state->listed = true;
    state->frozen = column_int(&q, 2) != 0;
    state->waiting_seq = (uint64_t)column_int(&q, 3);
  }
  return query_close(&q) && ok;
}

static bool load_open(struct journal *journal, struct err *err)
{
  if (!log_end(journal->db, &journal->next_pos, err)) return false;
  struct query q = query_open(journal->db,
                              "SELECT author, lane, first_seq, epoch, first_pos FROM sync_span"
                              " WHERE count = 0",
                              err);
  journal->open = (struct stream){0};
  if (query_row(&q)) {
    journal->open.author = (uint32_t)column_int(&q, 0);
    journal->open.lane = (uint32_t)column_int(&q, 1);
    journal->open_seq = (uint64_t)column_int(&q, 2);
    journal->open_epoch = (uint32_t)column_int(&q, 3);
    journal->open_pos = column_int(&q, 4);
  }
  return query_close(&q);
}

static bool load_head(struct journal *journal, struct stream_state *state, struct err *err)
{
  struct query q =
      query_open(journal->db,
                 "SELECT first_seq, first_pos + CASE count WHEN 0 THEN ?3 - first_pos ELSE count END"
                 " - 1 FROM sync_span WHERE author = ?1 AND lane = ?2 AND superseded = 0"
                 " ORDER BY first_seq DESC LIMIT 1",
                 err);
  query_int(&q, 1, state->stream.author);
  query_int(&q, 2, state->stream.lane);
  query_int(&q, 3, journal->next_pos);
  state->head_pos = -1;
  memset(&state->head, 0, sizeof state->head);
  if (query_row(&q)) {
    state->span_seq = (uint64_t)column_int(&q, 0);
    state->head_pos = column_int(&q, 1);
  }
  if (!query_close(&q)) return false;
  return state->head_pos < 0 || stream_head(journal->db, state->stream, &state->head, err);
}

/* Walks back from the head of a stream of our own to its newest signature, or to what is lost. */
static bool load_unsigned(struct journal *journal, struct stream_state *state, struct err *err)
{
  state->unsigned_count = 0;
  state->unsigned_cost = 0;
  struct buf keep = BUF_INIT;
  bool ok = true;
  for (uint64_t seq = state->head.seq; ok && seq > 0; seq--) {
    int64_t pos = -1;
    struct logged entry;
    struct lost_leaf leaf;
    bool lost = false;
    ok = stream_find(journal->db, state->stream, seq, &pos, err) &&
         entry_read_or_lost(journal->db, pos, &entry, &keep, &leaf, &lost, err);
    if (!ok || lost || entry.is_signed) break;
    state->unsigned_count++;
    state->unsigned_cost += batch_cost(&entry.record);
  }
  buf_wipe(&keep);
  return ok;
}

static bool of_our_epoch(const struct journal *journal, uint32_t epoch)
{
  return journal->epoch == 0 || journal->epoch == epoch;
}

bool journal_load(struct journal *journal, struct err *err)
{
  if (!journal->stale) return true;
  journal->count = 0;
  journal->hlc = 0;
  journal->schema = 0;
  if (!load_list(journal, err) || !load_open(journal, err)) return false;
  for (size_t i = 0; i < journal->count; i++) {
    struct stream_state *state = &journal->streams[i];
    if (!load_head(journal, state, err)) return false;
    if (state->stream.author != journal->author) continue;
    if (!load_unsigned(journal, state, err)) return false;
    if (of_our_epoch(journal, state->head.epoch) && state->head.hlc > journal->hlc)
      journal->hlc = state->head.hlc;
    if (state->head.schema > journal->schema) journal->schema = state->head.schema;
  }
  journal->stale = false;
  return true;
}

/* ---- appending ---- */

static bool list_stream(struct journal *journal, struct stream_state *state, struct err *err)
{
  if (state->listed) return true;
  struct query q = query_open(journal->db, "INSERT INTO sync_stream(author, lane) VALUES(?1, ?2)", err);
  query_int(&q, 1, state->stream.author);
  query_int(&q, 2, state->stream.lane);
  state->listed = query_run(&q);
  return state->listed;
}

/* Writes how many entries the open span has in the end. */
static bool close_open(struct journal *journal, struct err *err)
{
  if (journal->open.author == 0) return true;
  struct query q = query_open(journal->db,
                              "UPDATE sync_span SET count = ?5 WHERE author = ?1 AND lane = ?2"
                              " AND superseded = 0 AND first_seq = ?3 AND epoch = ?4",
                              err);
  query_int(&q, 1, journal->open.author);
  query_int(&q, 2, journal->open.lane);
  query_int(&q, 3, (int64_t)journal->open_seq);
  query_int(&q, 4, journal->open_epoch);
  query_int(&q, 5, journal->next_pos - journal->open_pos);
  journal->open = (struct stream){0};
  return query_run(&q);
}

static bool open_span(struct journal *journal, struct stream_state *state, uint64_t seq, uint32_t epoch,
                      struct err *err)
{
  if (same(journal->open, state->stream) && journal->open_epoch == epoch) return true;
  if (!close_open(journal, err) || !list_stream(journal, state, err)) return false;
  journal->open = state->stream;
  journal->open_seq = seq;
  journal->open_epoch = epoch;
  journal->open_pos = journal->next_pos;
  state->span_seq = seq;
  struct query q =
      query_open(journal->db,
                 "INSERT INTO sync_span(author, lane, superseded, first_seq, epoch, count, first_pos)"
                 " VALUES(?1, ?2, 0, ?3, ?4, 0, ?5)",
                 err);
  query_int(&q, 1, state->stream.author);
  query_int(&q, 2, state->stream.lane);
  query_int(&q, 3, (int64_t)seq);
  query_int(&q, 4, epoch);
  query_int(&q, 5, journal->next_pos);
  return query_run(&q);
}

bool journal_append(struct journal *journal, struct stream_state *state, const struct append *entry,
                    struct err *err)
{
  const struct record *record = entry->record;
  assert(record->seq == state->head.seq + 1);
  journal->touched = true;
  if (!open_span(journal, state, record->seq, record->epoch, err)) return false;
  struct query q = query_open(journal->db,
                              "INSERT INTO sync_entry(pos, record, payload, signature, received_ms)"
                              " VALUES(?1, ?2, ?3, ?4, ?5)",
                              err);
  query_int(&q, 1, journal->next_pos);
  query_blob(&q, 2, entry->bytes, entry->size);
  if (entry->payload) query_blob(&q, 3, entry->payload, record->payload_size);
  if (entry->signature) query_blob(&q, 4, entry->signature, SIGNATURE_SIZE);
  query_int(&q, 5, entry->received_ms);
  if (!query_run(&q)) return false;
  state->head =
      (struct head){.epoch = record->epoch, .seq = record->seq, .hlc = record->hlc, .schema = record->schema};
  memcpy(state->head.hash, entry->hash, HASH_SIZE);
  state->head_pos = journal->next_pos++;
  state->unsigned_count = entry->signature ? 0 : state->unsigned_count + 1;
  state->unsigned_cost = entry->signature ? 0 : state->unsigned_cost + batch_cost(record);
  if (state->stream.author != journal->author) return true;
  if (of_our_epoch(journal, record->epoch) && record->hlc > journal->hlc) journal->hlc = record->hlc;
  if (record->schema > journal->schema) journal->schema = record->schema;
  return true;
}

bool journal_append_lost(struct journal *journal, struct stream_state *state, const struct lost_leaf *said,
                         struct err *err)
{
  /* Its epoch is known at best: one before it that turned up since may have told of a later one. */
  struct lost_leaf known = *said;
  const struct lost_leaf *leaf = &known;
  if (known.epoch < state->head.epoch) known.epoch = state->head.epoch;
  if (leaf->pos != journal->next_pos || leaf->seq != state->head.seq + 1)
    return err_rule(err, ERR_REFUTED, "seq", "lost_leaf",
                    "lost entry %llu of %u/%u at pos %lld does not follow entry %llu at the end of the log",
                    (unsigned long long)leaf->seq, leaf->stream.author, leaf->stream.lane,
                    (long long)leaf->pos, (unsigned long long)state->head.seq);
  journal->touched = true;
  if (!open_span(journal, state, leaf->seq, leaf->epoch, err) || !lost_leaf_put(journal->db, leaf, err))
    return false;
  state->head = (struct head){.lost = true, .epoch = leaf->epoch, .seq = leaf->seq};
  memcpy(state->head.hash, leaf->leaf.bytes, HASH_SIZE);
  state->head_pos = journal->next_pos++;
  state->unsigned_count = 0;
  state->unsigned_cost = 0;
  return true;
}

bool journal_sign(struct journal *journal, struct stream_state *state, const uint8_t secret[SECRET_SIZE],
                  struct err *err)
{
  uint8_t signature[SIGNATURE_SIZE];
  journal->touched = true;
  head_sign(signature, state->head.hash, secret);
  struct query q = query_open(journal->db, "UPDATE sync_entry SET signature = ?2 WHERE pos = ?1", err);
  query_int(&q, 1, state->head_pos);
  query_blob(&q, 2, signature, sizeof signature);
  if (!query_run(&q)) return false;
  state->unsigned_count = 0;
  state->unsigned_cost = 0;
  return true;
}

static bool set_frozen(struct journal *journal, struct stream_state *state, const char *reason, int64_t at_ms,
                       struct err *err)
{
  journal->touched = true;
  if (!list_stream(journal, state, err)) return false;
  state->frozen = at_ms != 0;
  struct query q = query_open(journal->db,
                              "UPDATE sync_stream SET frozen_ms = ?3, frozen_reason = ?4"
                              " WHERE author = ?1 AND lane = ?2",
                              err);
  query_int(&q, 1, state->stream.author);
  query_int(&q, 2, state->stream.lane);
  query_int(&q, 3, at_ms);
  query_text(&q, 4, reason);
  return query_run(&q);
}

bool journal_freeze(struct journal *journal, struct stream_state *state, const char *reason, int64_t now_ms,
                    struct err *err)
{
  return set_frozen(journal, state, reason, now_ms > 0 ? now_ms : 1, err);
}

bool journal_thaw(struct journal *journal, struct stream_state *state, struct err *err)
{
  return set_frozen(journal, state, "", 0, err);
}

bool journal_wait(struct journal *journal, struct stream_state *state, uint64_t seq, struct err *err)
{
  journal->touched = true;
  state->waiting_seq = seq;
  struct query q =
      query_open(journal->db, "UPDATE sync_stream SET waiting_seq = ?3 WHERE author = ?1 AND lane = ?2", err);
  query_int(&q, 1, state->stream.author);
  query_int(&q, 2, state->stream.lane);
  query_int(&q, 3, (int64_t)seq);
  return query_run(&q);
}

/* ---- superseding ---- */

/* The span that reaches past seq from before it is cut in two; those wholly behind it change sides. */
static bool cut_span(struct journal *journal, struct stream stream, uint64_t seq, struct err *err)
{
  struct query q =
      query_open(journal->db,
                 "INSERT INTO sync_span(author, lane, superseded, first_seq, epoch, count, first_pos)"
                 " SELECT author, lane, 1, ?3 + 1, epoch, first_seq + count - ?3 - 1,"
                 " first_pos + ?3 + 1 - first_seq FROM sync_span WHERE author = ?1 AND lane = ?2"
                 " AND superseded = 0 AND first_seq <= ?3 AND first_seq + count > ?3 + 1",
                 err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  if (!query_run(&q)) return false;
  q = query_open(journal->db,
                 "UPDATE sync_span SET count = ?3 + 1 - first_seq WHERE author = ?1 AND lane = ?2"
                 " AND superseded = 0 AND first_seq <= ?3 AND first_seq + count > ?3 + 1",
                 err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  if (!query_run(&q)) return false;
  q = query_open(journal->db,
                 "UPDATE sync_span SET superseded = 1 WHERE author = ?1 AND lane = ?2 AND superseded = 0"
                 " AND first_seq > ?3",
                 err);
  query_int(&q, 1, stream.author);
  query_int(&q, 2, stream.lane);
  query_int(&q, 3, (int64_t)seq);
  return query_run(&q);
}

bool journal_supersede(struct journal *journal, struct stream_state *state, uint64_t seq, struct err *err)
{
  journal->touched = true;
  /* The hub acknowledged seq, so it was sent, so a signature covers it. */
  state->unsigned_count = 0;
  state->unsigned_cost = 0;
  return close_open(journal, err) && cut_span(journal, state->stream, seq, err) &&
         load_head(journal, state, err);
}
