#include "net/admission.h"

#include <assert.h>
#include <stdlib.h>

enum { PROBES = 16, MINUTE_MS = 60000 };

struct row {
  uint64_t peer;
  int64_t filled_ms; /* when `tokens` was true */
  int64_t tokens;    /* in 1 / MINUTE_MS of a connection, so that a refill is exact */
  int live;          /* connections */
  int served;        /* of them */
  int shaking;       /* handshakes among those */
  bool used, proved;
};

struct admission {
  struct admission_limits limits;
  struct row rows[];
};

struct admission *admission_open(const struct admission_limits *limits)
{
  assert(limits->peers_max > 0 && (limits->peers_max & (limits->peers_max - 1)) == 0);
  struct admission *a = calloc(1, sizeof *a + (size_t)limits->peers_max * sizeof a->rows[0]);
  if (a) a->limits = *limits;
  return a;
}

void admission_close(struct admission *admission)
{
  free(admission);
}

static int64_t bucket_size(const struct admission *a)
{
  return (int64_t)a->limits.burst * MINUTE_MS;
}

static void refill(const struct admission *a, struct row *row, int64_t now_ms)
{
  if (now_ms <= row->filled_ms) return;
  row->tokens += (now_ms - row->filled_ms) * a->limits.per_minute;
  row->filled_ms = now_ms;
  if (row->tokens > bucket_size(a)) row->tokens = bucket_size(a);
}

static uint64_t mix(uint64_t x)
{
  x = (x ^ x >> 33) * 0xff51afd7ed558ccdu; /* the finalizer of MurmurHash3: neighbours spread */
  x = (x ^ x >> 33) * 0xc4ceb9fe1a85ec53u;
  return x ^ x >> 33;
}

static struct row *row_at(struct admission *a, uint64_t peer, int probe)
{
  return &a->rows[(mix(peer) + (uint64_t)probe) & (uint64_t)(a->limits.peers_max - 1)];
}

static struct row *find(struct admission *a, uint64_t peer)
{
  for (int i = 0; i < PROBES; i++) {
    struct row *row = row_at(a, peer, i);
    if (row->used && row->peer == peer) return row;
  }
  return NULL;
}

/* A row for a newcomer: one that is as good as unknown, of who has proved nothing if there is such a one. */
static struct row *reusable(struct admission *a, uint64_t peer, int64_t now_ms)
{
  struct row *of_proved = NULL;
  for (int i = 0; i < PROBES; i++) {
    struct row *at = row_at(a, peer, i);
    if (!at->used) return at;
    refill(a, at, now_ms);
    if (at->live > 0 || at->tokens < bucket_size(a)) continue;
    if (!at->proved) return at;
    if (!of_proved) of_proved = at;
  }
  return of_proved;
}

/* Rows are never emptied, only reused, so a search goes through all its probes. */
static struct row *find_or_make(struct admission *a, uint64_t peer, int64_t now_ms)
{
  struct row *row = find(a, peer);
  if (row) return row;
  row = reusable(a, peer, now_ms);
  if (row) *row = (struct row){.peer = peer, .filled_ms = now_ms, .tokens = bucket_size(a), .used = true};
  return row;
}

enum admission_answer admission_enter(struct admission *admission, uint64_t peer, int64_t now_ms)
{
  struct row *row = find_or_make(admission, peer, now_ms);
  if (!row) return ADMISSION_FULL;
  refill(admission, row, now_ms);
  if (row->tokens < MINUTE_MS) return ADMISSION_RATE;
  row->tokens -= MINUTE_MS; /* also when it is refused now: asking costs */
  if (row->live >= admission->limits.per_peer) return ADMISSION_PEER;
  row->live++;
  return ADMISSION_YES;
}

void admission_leave(struct admission *admission, uint64_t peer, bool served)
{
  struct row *row = find(admission, peer);
  assert(row && row->live > 0 && (!served || row->served > 0));
  row->live--;
  row->served -= served;
}

static bool may_begin(const struct admission *a, const struct row *row)
{
  return row->shaking < a->limits.handshakes_per_peer && row->served < a->limits.served_per_peer;
}

bool admission_begin(struct admission *admission, uint64_t peer)
{
  struct row *row = find(admission, peer);
  assert(row && row->live > 0);
  if (!may_begin(admission, row)) return false;
  row->shaking++;
  row->served++;
  return true;
}

void admission_end(struct admission *admission, uint64_t peer)
{
  struct row *row = find(admission, peer);
  assert(row && row->shaking > 0);
  row->shaking--;
}

bool admission_may_begin(struct admission *admission, uint64_t peer)
{
  const struct row *row = find(admission, peer);
  return row && may_begin(admission, row);
}

int admission_shaking(struct admission *admission, uint64_t peer)
{
  const struct row *row = find(admission, peer);
  return row ? row->shaking : 0;
}

void admission_prove(struct admission *admission, uint64_t peer)
{
  struct row *row = find(admission, peer);
  if (row) row->proved = true;
}

bool admission_proved(struct admission *admission, uint64_t peer)
{
  const struct row *row = find(admission, peer);
  return row && row->proved;
}
