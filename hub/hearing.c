#include "hub/hearing.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "sync/log_message.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS_KEPT = 8 };

struct run {
  uint64_t id;
  int64_t displaced_ms; /* monotonic: when another took its place; 0: it has it */
};

struct voice {
  uint32_t branch;
  struct run runs[RUNS_KEPT]; /* a ring */
  unsigned next;
  bool awaited; /* it could call already when we started */
  bool called;  /* since the start */
  int64_t turned_ms, turned_wall_ms;
  int64_t two_ms; /* monotonic: when it last said that it had met another hub; 0: never */
};

struct hearing {
  struct hub *hub;
  int64_t (*mono_ms)(void);
  pthread_mutex_t lock;
  struct voice *voices;
  size_t count, room;
  bool listening;
  int64_t size;               /* that was signed when we began */
  int64_t branches;           /* that could call when we started */
  int64_t called;             /* of them */
  int64_t first_ms, until_ms; /* monotonic: the first call, and the end of waiting */
  int64_t wait_ms;
};

/* Under the lock; NULL without memory, and then nobody is turned away. */
static struct voice *voice_of(struct hearing *h, uint32_t branch)
{
  for (size_t i = 0; i < h->count; i++)
    if (h->voices[i].branch == branch) return &h->voices[i];
  if (h->count == h->room) {
    size_t room = h->room ? h->room * 2 : 64;
    struct voice *voices = realloc(h->voices, room * sizeof *voices);
    if (!voices) return NULL;
    h->voices = voices;
    h->room = room;
  }
  struct voice *voice = &h->voices[h->count++];
  *voice = (struct voice){.branch = branch};
  return voice;
}

/* ---- our own disk ---- */

/* Who may hold more of our log than we: whoever is enrolled from now on does not. */
static bool await(struct hearing *h, struct db *db, struct err *err)
{
  struct query q = query_open(
      db, "SELECT DISTINCT branch FROM certificate WHERE revoked_ms = 0 /* scan: a few rows a branch */",
      err);
  bool ok = true;
  while (ok && query_row(&q)) {
    struct voice *voice = voice_of(h, (uint32_t)column_int(&q, 0));
    ok = voice || err_set(err, ERR_IO, "out of memory for branches that call");
    if (voice) voice->awaited = true;
    h->branches++;
  }
  return query_close(&q) && ok;
}

/* A database that knows no branch waits for any. */
static bool counts(const struct hearing *h, const struct voice *voice)
{
  return voice->awaited || h->branches == 0;
}

static bool begin(struct hearing *h, struct err *err)
{
  struct db *db = NULL;
  int64_t wait_s = HEARING_MS / 1000;
  bool ok = conf_int(h->hub->app.conf, "hub.hearing_s", 1, HEARING_MS / 1000, wait_s, &wait_s, err) &&
            readers_take(h->hub->app.readers, &db, err) && await(h, db, err) &&
            db_int(db, "SELECT max(size) FROM sync_checkpoint", 0, &h->size, err);
  readers_give(h->hub->app.readers, db);
  h->listening = ok;
  h->wait_ms = wait_s * 1000;
  h->until_ms = h->mono_ms() + h->wait_ms;
  store_listen(h->hub->app.store, h->listening);
  if (h->listening && h->branches > 0)
    log_info("nothing new is signed until the branches have called, or for %" PRId64 " s", wait_s);
  else if (h->listening)
    log_info("this database knows no branch: nothing new is signed until one calls, or for %" PRId64
             " s, for there may have been some",
             wait_s);
  return ok;
}

/* Under the lock. */
static void stop_listening(struct hearing *h, const char *why)
{
  h->listening = false;
  store_listen(h->hub->app.store, false);
  log_info("signing goes on: %s", why);
  bell_ring(&h->hub->news);
}

bool hearing_open(struct hearing **out, struct hub *hub, int64_t (*mono_ms)(void), struct err *err)
{
  struct hearing *h = calloc(1, sizeof *h);
  if (!h) return err_set(err, ERR_IO, "out of memory for branches that call");
  h->hub = hub;
  h->mono_ms = mono_ms;
  pthread_mutex_init(&h->lock, NULL);
  *out = h;
  return begin(h, err);
}

void hearing_close(struct hearing *h)
{
  if (!h) return;
  pthread_mutex_destroy(&h->lock);
  free(h->voices);
  free(h);
}

/* Under the lock. */
static void judge(struct hearing *h)
{
  int64_t now_ms = h->mono_ms();
  if (!h->listening) return;
  if (h->called > 0 && h->called >= h->branches)
    stop_listening(h, "all branches have called");
  else if (2 * h->called > h->branches && now_ms >= h->first_ms + HEARING_MORE_MS)
    stop_listening(h, "more than half of the branches have called");
  else if (now_ms >= h->until_ms)
    stop_listening(h, "branches that have not called are waited for no longer");
}

void hearing_turn(struct hearing *h)
{
  pthread_mutex_lock(&h->lock);
  judge(h);
  pthread_mutex_unlock(&h->lock);
}

bool hearing_listens(struct hearing *h)
{
  pthread_mutex_lock(&h->lock);
  bool listens = h->listening;
  pthread_mutex_unlock(&h->lock);
  return listens;
}

void hearing_look(struct hearing *h, struct hearing_state *out)
{
  out->listens = false;
  if (!h) return;
  pthread_mutex_lock(&h->lock);
  out->listens = h->listening;
  out->until_ms = clock_wall_ms() + h->until_ms - clock_mono_ms();
  out->branches = h->branches;
  out->heard_count = 0;
  for (size_t i = 0; i < h->count && out->heard_count < HEARD_MAX; i++)
    if (h->voices[i].called && counts(h, &h->voices[i])) out->heard[out->heard_count++] = h->voices[i].branch;
  pthread_mutex_unlock(&h->lock);
}

/* ---- a branch's twin ---- */

static struct run *run_of(struct voice *voice, uint64_t id)
{
  for (int i = 0; i < RUNS_KEPT; i++)
    if (voice->runs[i].id == id) return &voice->runs[i];
  return NULL;
}

static void take_place(struct voice *voice, uint64_t id, int64_t now_ms)
{
  for (int i = 0; i < RUNS_KEPT; i++)
    if (voice->runs[i].id && !voice->runs[i].displaced_ms) voice->runs[i].displaced_ms = now_ms;
  struct run *run = run_of(voice, id);
  if (!run) run = &voice->runs[voice->next++ % RUNS_KEPT];
  *run = (struct run){.id = id};
}

/* Did this run lose its place before it opened this line, to one that is still there?  Else it is the
 * greeting of a program that has ended since, late on the way, or the one that is left of two. */
static bool is_twin(struct voice *voice, uint64_t id, const struct hearing_line *line, int64_t now_ms)
{
  struct run *run = run_of(voice, id);
  bool displaced = run && run->displaced_ms;
  if (displaced && run->displaced_ms >= line->opened_ms) return false;
  if (!displaced || !line->other_live) {
    take_place(voice, id, now_ms);
    return false;
  }
  voice->turned_ms = now_ms;
  voice->turned_wall_ms = clock_wall_ms();
  return true;
}

bool hearing_greeted(struct hearing *h, const struct hello *hello, const struct hearing_line *line,
                     struct err *err)
{
  uint64_t id = 0, held = 0;
  (void)tail_get_u64(hello->tail, TAIL_LOG_SIZE, &held);
  int64_t now_ms = h->mono_ms();
  bool named = tail_get_u64(hello->tail, TAIL_RUN, &id) && id != 0;
  pthread_mutex_lock(&h->lock);
  struct voice *voice = voice_of(h, hello->branch);
  bool twin = named && voice && is_twin(voice, id, line, now_ms);
  if (voice && !voice->called && held <= (uint64_t)h->size && !line->shows_more) {
    voice->called = true;
    if (counts(h, voice) && h->called++ == 0) h->first_ms = now_ms;
    judge(h);
  }
  pthread_mutex_unlock(&h->lock);
  return !twin || err_rule(err, ERR_DENIED, "branch", "cloned",
                           "two machines run with the keys of branch %" PRIu32
                           ": stop one of them, and enrol it again "
                           "if it shall be another branch",
                           hello->branch);
}

void hearing_kept_out(struct hearing *h)
{
  pthread_mutex_lock(&h->lock);
  int64_t until_ms = h->mono_ms() + h->wait_ms;
  if (h->listening && until_ms > h->until_ms) h->until_ms = until_ms;
  pthread_mutex_unlock(&h->lock);
}

int64_t hearing_twin_ms(struct hearing *h, uint32_t branch)
{
  int64_t ms = 0;
  pthread_mutex_lock(&h->lock);
  for (size_t i = 0; i < h->count; i++)
    if (h->voices[i].branch == branch && h->voices[i].turned_ms &&
        h->mono_ms() - h->voices[i].turned_ms < TWIN_TOLD_MS)
      ms = h->voices[i].turned_wall_ms;
  pthread_mutex_unlock(&h->lock);
  return ms;
}

/* ---- our own twin ---- */

static bool is_recent(struct hearing *h, int64_t two_ms)
{
  return two_ms && h->mono_ms() - two_ms < TWO_HUBS_TOLD_MS;
}

bool hearing_two_hubs_now(struct hearing *h, uint32_t branch)
{
  pthread_mutex_lock(&h->lock);
  struct voice *voice = voice_of(h, branch);
  bool first = !voice || !is_recent(h, voice->two_ms);
  if (voice) voice->two_ms = h->mono_ms();
  pthread_mutex_unlock(&h->lock);
  return first;
}

bool hearing_two_hubs(struct hearing *h, uint32_t branch)
{
  bool said = false;
  if (!h) return false;
  pthread_mutex_lock(&h->lock);
  for (size_t i = 0; i < h->count; i++)
    said = said || (h->voices[i].branch == branch && is_recent(h, h->voices[i].two_ms));
  pthread_mutex_unlock(&h->lock);
  return said;
}
