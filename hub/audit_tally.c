#include "hub/audit_tally.h"

#include "core/base/clock.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 8 }; /* an octave */

int delay_step(int64_t ms)
{
  uint64_t v = ms < 0 ? (uint64_t)-ms : (uint64_t)ms;
  int octave = 0;
  if (v == 0) return 0;
  while (v >> (octave + 1))
    octave++;
  uint64_t part = octave >= 3 ? v >> (octave - 3) & 7 : v << (3 - octave) & 7;
  int step = 1 + octave * STEPS + (int)part;
  return ms < 0 ? -step : step;
}

int64_t delay_of_step(int step)
{
  int at = abs(step) - 1, octave = at / STEPS, part = at % STEPS;
  if (step == 0) return 0;
  /* Twice the lower edge in sixteenths of the octave's start, plus half a step. */
  int64_t sixteenths = 16 + 2 * part + 1;
  int64_t ms = octave < 4 ? ((16 + 2 * part) << octave) / 16 : sixteenths << (octave - 4);
  return step < 0 ? -ms : ms;
}

void audit_tally_init(struct audit_tally *tally, struct db *db)
{
  *tally = (struct audit_tally){.db = db};
}

void audit_tally_wipe(struct audit_tally *tally)
{
  free(tally->streams);
  free(tally->delays);
  *tally = (struct audit_tally){.db = NULL};
}

bool audit_tally_empty(struct db *db, struct err *err)
{
  return db_exec(db,
                 "DELETE FROM audit_hash; DELETE FROM audit_stream; DELETE FROM audit_delay;"
                 " DELETE FROM audit_break",
                 err);
}

static bool read_sums(struct db *db, struct stream_sums *s, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT entries, seq_max, missing, repeats, last_seq, last_claimed_ms,"
                              " last_received_ms, early, early_max_ms, back, delay_max_ms, delay_max_pos"
                              " FROM audit_stream WHERE author = ?1 AND lane = ?2",
                              err);
  query_int(&q, 1, s->stream.author);
  query_int(&q, 2, s->stream.lane);
  if (query_row(&q)) {
    int64_t *const into[] = {
        &s->entries,         &s->seq_max,          &s->missing, &s->repeats,      &s->last_seq,
        &s->last_claimed_ms, &s->last_received_ms, &s->early,   &s->early_max_ms, &s->back,
        &s->delay_max_ms,    &s->delay_max_pos};
    for (size_t i = 0; i < sizeof into / sizeof *into; i++)
      *into[i] = column_int(&q, (int)i);
  }
  return query_close(&q);
}

/* One more element at the end of an array that doubles. */
static bool make_room(void **array, size_t count, size_t *room, size_t size, struct err *err)
{
  if (count < *room) return true;
  size_t wanted = *room ? 2 * *room : 64;
  void *grown = realloc(*array, wanted * size);
  if (!grown) return err_set(err, ERR_IO, "out of memory for the audit index");
  *array = grown;
  *room = wanted;
  return true;
}

/* Entries of one stream come in runs: the last one found is asked first. */
static struct stream_sums *sums_of(struct audit_tally *t, struct stream stream, struct err *err)
{
  for (size_t i = t->stream_count; i-- > 0;)
    if (t->streams[i].stream.author == stream.author && t->streams[i].stream.lane == stream.lane)
      return &t->streams[i];
  if (!make_room((void **)&t->streams, t->stream_count, &t->stream_room, sizeof *t->streams, err))
    return NULL;
  struct stream_sums *s = &t->streams[t->stream_count];
  *s = (struct stream_sums){.stream = stream};
  if (!read_sums(t->db, s, err)) return NULL;
  t->stream_count++;
  return s;
}

static bool add_delay(struct audit_tally *t, uint32_t author, int step, struct err *err)
{
  for (size_t i = t->delay_count; i-- > 0;)
    if (t->delays[i].author == author && t->delays[i].step == step) {
      t->delays[i].entries++;
      return true;
    }
  if (!make_room((void **)&t->delays, t->delay_count, &t->delay_room, sizeof *t->delays, err)) return false;
  t->delays[t->delay_count++] = (struct delay_sum){author, step, 1};
  return true;
}

static bool note_break(struct audit_tally *t, int64_t pos, const struct record *record, int64_t expected,
                       struct err *err)
{
  struct query q = query_open(t->db, "INSERT OR REPLACE INTO audit_break VALUES(?1, ?2, ?3, ?4, ?5)", err);
  query_int(&q, 1, pos);
  query_int(&q, 2, record->stream.author);
  query_int(&q, 3, record->stream.lane);
  query_int(&q, 4, (int64_t)record->seq);
  query_int(&q, 5, expected);
  return query_run(&q);
}

/* The number must be the next one.  After a break the count goes on from what is here. */
static bool count_seq(struct audit_tally *t, struct stream_sums *s, int64_t pos, const struct record *record,
                      struct err *err)
{
  int64_t seq = (int64_t)record->seq, expected = s->last_seq + 1;
  bool broken = seq != expected;
  s->entries++;
  s->last_seq = seq;
  if (seq > s->seq_max) {
    s->missing += seq - s->seq_max - 1;
    s->seq_max = seq;
  } else {
    s->repeats++;
  }
  return !broken || note_break(t, pos, record, expected, err);
}

bool audit_tally_add(struct audit_tally *t, int64_t pos, const struct record *record, int64_t received_ms,
                     int *odd, struct err *err)
{
  struct stream_sums *s = sums_of(t, record->stream, err);
  int64_t claimed_ms = hlc_ms(record->hlc), delay = received_ms - claimed_ms;
  if (!s) return false;
  *odd = 0;
  if (record->hlc == 0) return count_seq(t, s, pos, record, err); /* it is lost, and so is its clock */
  if (delay < -AUDIT_GRACE_MS) {
    *odd |= AUDIT_EARLY;
    s->early++;
    if (-delay > s->early_max_ms) s->early_max_ms = -delay;
  }
  if (s->last_seq && claimed_ms < s->last_claimed_ms) {
    *odd |= AUDIT_BACK;
    s->back++;
  }
  if (delay > s->delay_max_ms) {
    s->delay_max_ms = delay;
    s->delay_max_pos = pos;
  }
  if (!count_seq(t, s, pos, record, err)) return false;
  s->last_claimed_ms = claimed_ms;
  s->last_received_ms = received_ms;
  return add_delay(t, record->stream.author, delay_step(delay), err);
}

static bool write_sums(struct db *db, const struct stream_sums *s, struct err *err)
{
  const int64_t values[] = {s->stream.author,    s->stream.lane,  s->entries,      s->seq_max,
                            s->missing,          s->repeats,      s->last_seq,     s->last_claimed_ms,
                            s->last_received_ms, s->early,        s->early_max_ms, s->back,
                            s->delay_max_ms,     s->delay_max_pos};
  struct query q = query_open(db,
                              "INSERT OR REPLACE INTO audit_stream(author, lane, entries, seq_max, missing,"
                              " repeats, last_seq, last_claimed_ms, last_received_ms, early, early_max_ms,"
                              " back, delay_max_ms, delay_max_pos)"
                              " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                              err);
  for (size_t i = 0; i < sizeof values / sizeof *values; i++)
    query_int(&q, (int)i + 1, values[i]);
  return query_run(&q);
}

static bool write_delay(struct db *db, const struct delay_sum *d, struct err *err)
{
  struct query q = query_open(db,
                              "INSERT INTO audit_delay(author, step, entries) VALUES(?1, ?2, ?3)"
                              " ON CONFLICT DO UPDATE SET entries = entries + excluded.entries",
                              err);
  query_int(&q, 1, d->author);
  query_int(&q, 2, d->step);
  query_int(&q, 3, d->entries);
  return query_run(&q);
}

bool audit_tally_write(struct audit_tally *t, struct err *err)
{
  bool ok = true;
  for (size_t i = 0; ok && i < t->stream_count; i++)
    ok = write_sums(t->db, &t->streams[i], err);
  for (size_t i = 0; ok && i < t->delay_count; i++)
    ok = write_delay(t->db, &t->delays[i], err);
  return ok;
}
