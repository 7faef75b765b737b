#include "hub/completeness.h"

#include "core/domain/enrolment.h"
#include "hub/audit_index.h"
#include "sync/streams.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct reading {
  struct completeness *all;
  struct db *db;
  uint32_t province;
  int64_t now_ms;
  struct err *err;
  bool bad;
};

/* The account of an author, made when it is new; NULL without memory. */
static struct author_account *author_of(struct reading *r, uint32_t author)
{
  struct completeness *all = r->all;
  for (size_t i = 0; i < all->count; i++)
    if (all->authors[i].author == author) return &all->authors[i];
  if (all->count == all->room) {
    size_t room = all->room ? 2 * all->room : 128;
    void *grown = realloc(all->authors, room * sizeof *all->authors);
    if (!grown) {
      r->bad = true;
      err_set(r->err, ERR_IO, "out of memory for the branches");
      return NULL;
    }
    all->authors = grown;
    all->room = room;
  }
  struct author_account *a = &all->authors[all->count++];
  *a = (struct author_account){.author = author, .reason = ""};
  return a;
}

/* A stream belongs to the row of the branch it comes from or goes to. */
static struct stream_account *stream_of(struct reading *r, struct stream stream)
{
  bool directed = stream.author == r->province && stream.lane != 0;
  struct author_account *a = author_of(r, directed ? stream.lane : stream.author);
  return !a ? NULL : directed ? &a->down : &a->own;
}

static void take_branch(void *ctx, const struct branch_state *row)
{
  struct reading *r = ctx;
  struct author_account *a = r->bad ? NULL : author_of(r, row->code);
  if (!a) return;
  a->enrolled = row->enrolled;
  a->connected = row->connected;
  a->heard = row->last_contact_ms > 0;
  a->last_contact_ms = row->last_contact_ms;
  a->skew_ms = row->skew_ms;
  int64_t quiet = r->now_ms - row->last_contact_ms;
  if (a->heard && !a->connected && quiet > r->all->silent_after_ms) a->silent_ms = quiet;
}

static bool read_sums(struct reading *r)
{
  struct query q =
      query_open(r->db,
                 "SELECT author, lane, entries, seq_max, missing, repeats, last_seq, last_claimed_ms,"
                 " last_received_ms, early, early_max_ms, back, delay_max_ms, delay_max_pos FROM audit_stream"
                 " ORDER BY author, lane /* scan: one row a stream */",
                 r->err);
  while (query_row(&q)) {
    struct stream stream = {(uint32_t)column_int(&q, 0), (uint32_t)column_int(&q, 1)};
    struct stream_account *to = stream_of(r, stream);
    if (!to) break;
    to->sums = (struct stream_sums){.stream = stream,
                                    .entries = column_int(&q, 2),
                                    .seq_max = column_int(&q, 3),
                                    .missing = column_int(&q, 4),
                                    .repeats = column_int(&q, 5),
                                    .last_seq = column_int(&q, 6),
                                    .last_claimed_ms = column_int(&q, 7),
                                    .last_received_ms = column_int(&q, 8),
                                    .early = column_int(&q, 9),
                                    .early_max_ms = column_int(&q, 10),
                                    .back = column_int(&q, 11),
                                    .delay_max_ms = column_int(&q, 12),
                                    .delay_max_pos = column_int(&q, 13)};
  }
  return query_close(&q) && !r->bad;
}

static bool read_streams(struct reading *r)
{
  struct query q = query_open(r->db,
                              "SELECT author, lane, frozen_ms, frozen_reason, waiting_seq FROM sync_stream"
                              " ORDER BY author, lane /* scan: one row a stream */",
                              r->err);
  while (query_row(&q)) {
    struct stream stream = {(uint32_t)column_int(&q, 0), (uint32_t)column_int(&q, 1)};
    struct stream_account *to = stream_of(r, stream);
    if (!to) break;
    to->sums.stream = stream;
    to->frozen_ms = column_int(&q, 2);
    snprintf(to->frozen_reason, sizeof to->frozen_reason, "%s", column_text(&q, 3));
    to->waiting_seq = column_int(&q, 4);
  }
  return query_close(&q) && !r->bad;
}

static bool read_superseded(struct reading *r, struct stream_account *s)
{
  if (s->sums.repeats == 0) return true;
  struct query q = query_open(r->db,
                              "SELECT coalesce(sum(count), 0) FROM sync_span"
                              " WHERE author = ?1 AND lane = ?2 AND superseded = 1",
                              r->err);
  query_int(&q, 1, s->sums.stream.author);
  query_int(&q, 2, s->sums.stream.lane);
  if (query_row(&q)) s->superseded = column_int(&q, 0);
  return query_close(&q);
}

static bool read_breaks(struct reading *r, struct stream_account *s)
{
  if (s->sums.repeats == 0 && s->sums.missing == 0) return true;
  struct query q = query_open(r->db,
                              "SELECT pos, seq, expected FROM audit_break WHERE author = ?1 AND lane = ?2"
                              " ORDER BY pos LIMIT ?3",
                              r->err);
  query_int(&q, 1, s->sums.stream.author);
  query_int(&q, 2, s->sums.stream.lane);
  query_int(&q, 3, BREAKS_SHOWN);
  while (s->break_count < BREAKS_SHOWN && query_row(&q)) {
    s->breaks[s->break_count].pos = column_int(&q, 0);
    s->breaks[s->break_count].seq = column_int(&q, 1);
    s->breaks[s->break_count++].expected = column_int(&q, 2);
  }
  return query_close(&q);
}

static bool compare_head(struct reading *r, struct stream_account *s)
{
  struct head head = {0};
  if (s->sums.stream.author && !stream_head(r->db, s->sums.stream, &head, r->err)) return false;
  s->agrees = r->all->lag > 0 || (int64_t)head.seq == s->sums.last_seq;
  return read_superseded(r, s) && read_breaks(r, s);
}

/* What is counted of an author in one row each: SQL gives author, kind, count. */
static bool read_counts(struct reading *r)
{
  struct query q = query_open(
      r->db,
      "SELECT author, CASE state WHEN 'refused' THEN 0 ELSE 1 END, count(*) FROM sync_quarantine"
      " WHERE state <> 'done' GROUP BY 1, 2"
      " UNION ALL SELECT author, 2, count(*) FROM sync_fork GROUP BY 1"
      " UNION ALL SELECT branch, 3, count(*) FROM refusal GROUP BY 1"
      " UNION ALL SELECT author, 5, count(*) FROM sync_lost_leaf WHERE found_ms = 0 GROUP BY 1"
      " UNION ALL SELECT author, 4, count(*) FROM sync_key GROUP BY 1 /* scan: of what is wrong, and keys */",
      r->err);
  while (query_row(&q)) {
    struct author_account *a = author_of(r, (uint32_t)column_int(&q, 0));
    if (!a) break;
    int64_t n = column_int(&q, 2);
    switch (column_int(&q, 1)) {
    case 0: a->quarantined = n; break;
    case 1: a->waiting = n; break;
    case 2: a->forks = n; break;
    case 3: a->refused = n; break;
    case 5: a->lost = n; break;
    default: a->keys = (int)n; break;
    }
  }
  return query_close(&q) && !r->bad;
}

/* The median is where half the entries are passed, going up the steps. */
static bool read_median(struct reading *r, struct author_account *a)
{
  int64_t passed = 0;
  struct query q =
      query_open(r->db, "SELECT coalesce(sum(entries), 0) FROM audit_delay WHERE author = ?1", r->err);
  query_int(&q, 1, a->author);
  if (query_row(&q)) a->delays = column_int(&q, 0);
  if (!query_close(&q)) return false;
  q = query_open(r->db, "SELECT step, entries FROM audit_delay WHERE author = ?1 ORDER BY step", r->err);
  query_int(&q, 1, a->author);
  while (2 * passed < a->delays && query_row(&q)) {
    passed += column_int(&q, 1);
    a->median_ms = delay_of_step((int)column_int(&q, 0));
  }
  return query_close(&q);
}

bool stream_is_whole(const struct stream_account *s)
{
  return s->sums.missing == 0 && s->sums.repeats == s->superseded && s->agrees;
}

static const char *fault_of(const struct stream_account *s)
{
  return s->sums.missing                    ? "gap"
         : s->sums.repeats != s->superseded ? "repeat"
         : !s->agrees                       ? "disagrees"
         : s->frozen_ms                     ? "frozen"
                                            : "";
}

static void judge(struct author_account *a, uint32_t province)
{
  const char *own = fault_of(&a->own), *down = fault_of(&a->down);
  a->state = AUTHOR_BROKEN;
  a->reason = a->forks         ? "fork"
              : *own           ? own
              : *down          ? down
              : a->lost        ? "lost"
              : a->waiting     ? "parked"
              : a->quarantined ? "quarantined"
                               : "";
  if (*a->reason) return;
  a->state = AUTHOR_WHOLE;
  if (a->author == province) return;
  if (!a->heard) {
    a->state = AUTHOR_NEVER;
    a->reason = "never";
  } else if (a->silent_ms) {
    a->state = AUTHOR_SILENT;
    a->reason = "silent";
  }
}

bool completeness_read(struct completeness *all, struct db *db, uint32_t province, int64_t now_ms,
                       int64_t silent_after_ms, struct err *err)
{
  struct reading r = {.all = all, .db = db, .province = province, .now_ms = now_ms, .err = err};
  *all = (struct completeness){.silent_after_ms = silent_after_ms};
  if (!author_of(&r, province) || !log_end(db, &all->entries, err) || !audit_lag(db, &all->lag, err) ||
      !branch_list(db, now_ms, take_branch, &r, err) || r.bad || !read_sums(&r) || !read_streams(&r) ||
      !read_counts(&r))
    return false;
  for (size_t i = 0; i < all->count; i++) {
    struct author_account *a = &all->authors[i];
    if (!compare_head(&r, &a->own) || !compare_head(&r, &a->down) || !read_median(&r, a)) return false;
    judge(a, province);
    all->counts[a->state]++;
  }
  return true;
}

void completeness_wipe(struct completeness *all)
{
  free(all->authors);
  *all = (struct completeness){.count = 0};
}
