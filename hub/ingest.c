#include "hub/ingest.h"

#include "core/base/clock.h"
#include "core/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct waiting {
  struct ingest_job job;
  size_t size;
  struct waiting *next;
};

struct ingest {
  struct app *app;
  ingest_answer answer;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t news;  /* something to do, or to end */
  pthread_cond_t space; /* room for who waits in put */
  struct waiting *first, **last;
  size_t bytes;
  uint32_t writing[INGEST_TOGETHER_MAX]; /* whose batches are being stored, */
  size_t writing_count;                  /* so many */
  bool busy, stopping;
  int64_t idle_since_ms; /* monotonic */
  struct ingest_counts counts;
};

static size_t weight(const struct batch *batch)
{
  return sizeof(struct waiting) + batch->plain.room + batch->records.room +
         batch->head.count * sizeof(struct batch_entry);
}

void ingest_put(struct ingest *ingest, const struct ingest_job *job)
{
  struct waiting *w = malloc(sizeof *w);
  if (!w) {
    struct err why = ERR_INIT;
    err_set(&why, ERR_IO, "out of memory for a batch");
    batch_close(job->batch);
    ingest->answer(job->line, job->ticket, NULL, clock_wall_ms(), &why);
    return;
  }
  *w = (struct waiting){.job = *job, .size = weight(job->batch)};
  pthread_mutex_lock(&ingest->lock);
  while (ingest->bytes > 0 && ingest->bytes + w->size > INGEST_BYTES_MAX)
    pthread_cond_wait(&ingest->space, &ingest->lock);
  ingest->bytes += w->size;
  ingest->counts.waiting++;
  *ingest->last = w;
  ingest->last = &w->next;
  pthread_cond_signal(&ingest->news);
  pthread_mutex_unlock(&ingest->lock);
}

/* The first that wait, in the order they came.  Called with the lock held. */
static size_t take(struct ingest *ingest, struct waiting *taken[INGEST_TOGETHER_MAX])
{
  size_t n = 0;
  while (n < INGEST_TOGETHER_MAX && ingest->first) {
    taken[n] = ingest->first;
    ingest->writing[n] = taken[n]->job.batch->head.stream.author;
    ingest->first = taken[n]->next;
    n++;
  }
  ingest->writing_count = n;
  if (!ingest->first) ingest->last = &ingest->first;
  ingest->counts.waiting -= n;
  return n;
}

static void count(struct ingest *ingest, const struct apply_result *result)
{
  pthread_mutex_lock(&ingest->lock);
  ingest->counts.batches++;
  if (!result) ingest->counts.failed++;
  if (result) ingest->counts.entries += result->taken;
  if (result) ingest->counts.quarantined += result->quarantined;
  if (result && result->outcome > OUTCOME_REPLAY) ingest->counts.refused++;
  pthread_mutex_unlock(&ingest->lock);
}

static void settle(struct ingest *ingest, struct waiting *w, const struct apply_result *result,
                   int64_t received_ms, const struct err *why)
{
  count(ingest, result);
  if (result && (result->outcome > OUTCOME_REPLAY || result->quarantined || result->parked)) {
    char name[16];
    snprintf(name, sizeof name, "%u", w->job.batch->head.stream.author);
    log_warning_of(name, "branch %s: %s through %llu, %u quarantined, %u parked: %s %s", name,
                   outcome_name(result->outcome), (unsigned long long)result->through_seq,
                   result->quarantined, result->parked, result->reason, result->detail);
  }
  size_t size = w->size;
  batch_close(w->job.batch);
  ingest->answer(w->job.line, w->job.ticket, result, received_ms, why);
  free(w);
  pthread_mutex_lock(&ingest->lock);
  ingest->bytes -= size;
  pthread_cond_broadcast(&ingest->space);
  pthread_mutex_unlock(&ingest->lock);
}

/* One transaction for these; false: nothing of them is stored and nobody was answered. */
static bool commit(struct ingest *ingest, struct waiting **list, size_t n, struct err *why)
{
  struct batch *batches[INGEST_TOGETHER_MAX];
  struct apply_result results[INGEST_TOGETHER_MAX];
  int64_t received_ms = clock_wall_ms();
  memset(results, 0, n * sizeof results[0]);
  for (size_t i = 0; i < n; i++)
    batches[i] = list[i]->job.batch;
  bool ok = store_apply(ingest->app->store, batches, n, received_ms, results, why);
  app_note(ingest->app, ok, why);
  pthread_mutex_lock(&ingest->lock);
  ingest->counts.commits += ok;
  pthread_mutex_unlock(&ingest->lock);
  /* Receipts follow the signature: a branch counts an entry as received when the log proves it. */
  struct err unsigned_log = ERR_INIT;
  if (ok && !store_sign_log(ingest->app->store, received_ms, &unsigned_log))
    app_note(ingest->app, false, &unsigned_log);
  for (size_t i = 0; ok && i < n; i++)
    settle(ingest, list[i], &results[i], received_ms, NULL);
  return ok;
}

static void commit_or_each_alone(struct ingest *ingest, struct waiting **list, size_t n)
{
  struct err why = ERR_INIT;
  if (commit(ingest, list, n, &why)) return;
  for (size_t i = 0; i < n; i++) {
    struct err own = ERR_INIT;
    if (n > 1 && commit(ingest, list + i, 1, &own)) continue;
    settle(ingest, list[i], NULL, clock_wall_ms(), n > 1 ? &own : &why);
  }
}

static void *run(void *arg)
{
  struct ingest *ingest = arg;
  struct waiting *taken[INGEST_TOGETHER_MAX];
  pthread_mutex_lock(&ingest->lock);
  for (;;) {
    while (!ingest->first && !ingest->stopping)
      pthread_cond_wait(&ingest->news, &ingest->lock);
    if (!ingest->first) break;
    size_t n = take(ingest, taken);
    ingest->busy = true;
    pthread_mutex_unlock(&ingest->lock);
    commit_or_each_alone(ingest, taken, n);
    pthread_mutex_lock(&ingest->lock);
    ingest->busy = false;
    ingest->writing_count = 0;
    ingest->idle_since_ms = clock_mono_ms();
  }
  pthread_mutex_unlock(&ingest->lock);
  return NULL;
}

bool ingest_open(struct ingest **out, struct app *app, ingest_answer answer, struct err *err)
{
  struct ingest *ingest = calloc(1, sizeof *ingest);
  if (!ingest) return err_set(err, ERR_IO, "out of memory for ingest");
  ingest->app = app;
  ingest->answer = answer;
  ingest->last = &ingest->first;
  pthread_mutex_init(&ingest->lock, NULL);
  pthread_cond_init(&ingest->news, NULL);
  pthread_cond_init(&ingest->space, NULL);
  if (pthread_create(&ingest->thread, NULL, run, ingest) != 0) {
    free(ingest);
    return err_set(err, ERR_IO, "no thread for ingest");
  }
  *out = ingest;
  return true;
}

void ingest_close(struct ingest *ingest)
{
  if (!ingest) return;
  pthread_mutex_lock(&ingest->lock);
  ingest->stopping = true;
  pthread_cond_signal(&ingest->news);
  pthread_mutex_unlock(&ingest->lock);
  pthread_join(ingest->thread, NULL);
  pthread_cond_destroy(&ingest->space);
  pthread_cond_destroy(&ingest->news);
  pthread_mutex_destroy(&ingest->lock);
  free(ingest);
}

bool ingest_waits(struct ingest *ingest, uint32_t branch)
{
  bool waits = false;
  pthread_mutex_lock(&ingest->lock);
  for (size_t i = 0; i < ingest->writing_count && !waits; i++)
    waits = ingest->writing[i] == branch;
  for (struct waiting *w = ingest->first; w && !waits; w = w->next)
    waits = w->job.batch->head.stream.author == branch;
  pthread_mutex_unlock(&ingest->lock);
  return waits;
}

int64_t ingest_idle_ms(struct ingest *ingest)
{
  pthread_mutex_lock(&ingest->lock);
  bool idle = !ingest->first && !ingest->busy;
  int64_t since_ms = ingest->idle_since_ms;
  pthread_mutex_unlock(&ingest->lock);
  return idle ? clock_mono_ms() - since_ms : 0;
}

void ingest_count(struct ingest *ingest, struct ingest_counts *out)
{
  pthread_mutex_lock(&ingest->lock);
  *out = ingest->counts;
  out->waiting_bytes = ingest->bytes;
  pthread_mutex_unlock(&ingest->lock);
}
