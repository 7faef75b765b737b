#include "sync/recall_state.h"
#include "sync/streams.h"

#include <stdio.h>
#include <string.h>

/* ---- what is not so ---- */

bool recall_blame(struct recall *r, uint32_t source, bool is_void, const char *why, struct err *err)
{
  struct query q = query_open(r->db,
                              "INSERT INTO fault(source, void, why) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE"
                              " SET void = max(void, excluded.void), why = CASE why WHEN '' THEN excluded.why"
                              " ELSE why END",
                              err);
  query_int(&q, 1, source);
  query_int(&q, 2, is_void);
  query_text(&q, 3, why);
  return query_run(&q);
}

bool recall_is_void(struct recall *r, uint32_t source, bool *is_void, struct err *err)
{
  struct query q = query_open(r->db, "SELECT void FROM fault WHERE source = ?1", err);
  query_int(&q, 1, source);
  *is_void = query_row(&q) && column_int(&q, 0);
  return query_close(&q);
}

/* ---- runs ---- */

static bool add_run(struct recall *r, uint32_t source, const struct mirror_run *run, struct err *err)
{
  struct query q =
      query_open(r->db,
                 "INSERT INTO run(source, first_pos, author, lane, first_seq, count, received_ms)"
                 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                 err);
  query_int(&q, 1, source);
  query_int(&q, 2, (int64_t)run->first_pos);
  query_int(&q, 3, run->stream.author);
  query_int(&q, 4, run->stream.lane);
  query_int(&q, 5, (int64_t)run->first_seq);
  query_int(&q, 6, (int64_t)run->count);
  query_int(&q, 7, run->received_ms);
  r->kept += sizeof *run;
  return query_run(&q);
}

/* The entry of the stream that is due in the source's next run. */
static bool due(struct recall *r, uint32_t source, struct stream stream, uint64_t *seq, struct err *err)
{
  struct head head;
  struct query q =
      query_open(r->db, "SELECT next_seq FROM reach WHERE source = ?1 AND author = ?2 AND lane = ?3", err);
  query_int(&q, 1, source);
  query_int(&q, 2, stream.author);
  query_int(&q, 3, stream.lane);
  bool found = query_row(&q);
  if (found) *seq = (uint64_t)column_int(&q, 0);
  if (!query_close(&q) || found) return found;
  if (!stream_head(r->log, stream, &head, err)) return false;
  *seq = head.seq + 1;
  return true;
}

static bool set_due(struct recall *r, uint32_t source, struct stream stream, uint64_t seq, struct err *err)
{
  struct query q =
      query_open(r->db, "REPLACE INTO reach(source, author, lane, next_seq) VALUES(?1, ?2, ?3, ?4)", err);
  query_int(&q, 1, source);
  query_int(&q, 2, stream.author);
  query_int(&q, 3, stream.lane);
  query_int(&q, 4, (int64_t)seq);
  return query_run(&q);
}

/* No log of this province has streams of another's counties. */
bool recall_is_stream(const struct recall *r, struct stream stream)
{
  if (stream.author / 10000 != r->province / 10000) return false;
  return stream.author == r->province || stream.lane == 0;
}

/* What is being taken of one mirror. */
struct taking {
  struct recall *r;
  uint32_t source;
  uint64_t from;   /* the first leaf that is new */
  uint64_t mapped; /* and the first behind the runs */
  uint64_t limit;  /* of the largest checkpoint shown: what begins behind it is of no use */
  bool is_void;
  struct err *err;
};

static bool is_false(struct taking *t, uint64_t pos, struct stream stream, uint64_t seq, uint64_t next)
{
  char why[200];
  (void)snprintf(
      why, sizeof why,
      "its mirror has entry %llu of %u/%u at leaf %llu, where %llu is the next of that stream: it is "
      "not used",
      (unsigned long long)seq, stream.author, stream.lane, (unsigned long long)pos, (unsigned long long)next);
  t->is_void = true;
  return recall_blame(t->r, t->source, true, why, t->err);
}

/* A log has the entries of a stream one after the other.  The backup may end inside a run. */
static bool take_run(struct taking *t, struct mirror_run run)
{
  uint64_t next = 0;
  if (run.first_pos + run.count <= t->mapped) return true;
  if (run.first_pos < t->mapped) {
    uint64_t gone = t->mapped - run.first_pos;
    run.first_pos += gone;
    run.first_seq += gone;
    run.count -= gone;
  }
  if (!due(t->r, t->source, run.stream, &next, t->err)) return false;
  if (!recall_is_stream(t->r, run.stream) || run.first_seq != next)
    return is_false(t, run.first_pos, run.stream, run.first_seq, next);
  t->mapped += run.count;
  return add_run(t->r, t->source, &run, t->err) &&
         set_due(t->r, t->source, run.stream, run.first_seq + run.count, t->err);
}

/* ---- entries ---- */

/* Does it stand in the run as the entry it is?  Runs and entries both ascend. */
static bool is_of_run(const struct taking *t, const struct mirror_run *run, const struct mirror_entry *entry,
                      const struct record *record)
{
  return record->stream.author == t->r->province && record->stream.lane != 0 &&
         record->stream.author == run->stream.author && record->stream.lane == run->stream.lane &&
         record->seq == run->first_seq + (entry->pos - run->first_pos);
}

static bool take_entry(struct taking *t, const struct mirror_run *run, const struct mirror_entry *entry)
{
  struct record record;
  char why[160];
  if (!record_decode(&record, entry->record, entry->record_size, t->err)) return false;
  if (is_of_run(t, run, entry, &record)) return ours_add_sealed(t->r, t->source, entry, &record, t->err);
  (void)snprintf(why, sizeof why,
                 "its mirror has entry %llu of %u/%u at leaf %llu, where its runs have another",
                 (unsigned long long)record.seq, record.stream.author, record.stream.lane,
                 (unsigned long long)entry->pos);
  return recall_blame(t->r, t->source, false, why, t->err);
}

static bool take_entries(struct taking *t, struct mirror_reader *m)
{
  struct mirror_reader runs = *m;
  struct mirror_run run = {0};
  struct mirror_entry entry;
  bool ok = true;
  while (ok && mirror_next_entry(m, &entry) && entry.pos < t->mapped) {
    while (run.first_pos + run.count <= entry.pos && mirror_next_run(&runs, &run)) {
    }
    if (entry.pos >= t->from) ok = take_entry(t, &run, &entry);
  }
  return ok;
}

static bool take_mirror(struct taking *t, struct mirror_reader *m)
{
  struct mirror_reader runs = *m;
  struct mirror_run run;
  bool ok = true;
  if (t->is_void || m->from > t->mapped) return true; /* what is here is passed over */
  while (ok && !t->is_void && mirror_next_run(&runs, &run) && run.first_pos < t->limit)
    ok = take_run(t, run);
  return ok && take_entries(t, m);
}

bool recall_take_mirror(struct recall *r, uint32_t source, struct mirror_reader *m, struct err *err)
{
  struct taking t = {.r = r, .source = source, .err = err};
  if (!recall_begin(r, err)) return false;
  bool ok = recall_mapped(r, source, &t.from, err) && recall_limit(r, &t.limit, err) &&
            recall_is_void(r, source, &t.is_void, err);
  t.mapped = t.from;
  return recall_end(r, ok && take_mirror(&t, m) && recall_spend(r, source, err), err);
}
