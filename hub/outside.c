#include "hub/outside.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "net/post.h"
#include "sync/add_checkpoint.h"
#include "sync/meeting.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
  EVERY_DEFAULT_S = 30,
  EVERY_MAX_S = 3600,
  BACK_OFF_MAX_MS = 3600 * 1000,
  QUESTIONS_MAX = 3 /* a witness may name a newer size once or twice while others ask it too */
};
static const char AUTHORITIES[] = "/etc/ssl/certs/ca-certificates.crt";

struct witness {
  struct note_key key;
  struct post *post;
  uint64_t old;               /* where its next proof starts; the thread's */
  unsigned fails;             /* in a row; the thread's */
  struct outside_state state; /* under the lock of outside */
  int64_t due_ms;             /* of clock_boot_ms: when it is asked next */
};

struct outside {
  struct hub *hub;
  struct db *db; /* the thread's */
  int64_t every_ms;
  struct witness *witnesses;
  size_t count;
  pthread_t thread;
  bool started;
  pthread_mutex_t lock;
  pthread_cond_t stop;
  bool stopping;          /* under lock */
  uint64_t asked, failed; /* under lock */
};

/* ---- one question ---- */

/* The meeting when the witness has not come to it yet, else the newest signed checkpoint, and the proof that
 * it continues the first `old` entries. */
static bool make_question(struct outside *o, uint64_t old, struct buf *out, struct tlog_state *now,
                          struct err *err)
{
  struct buf note = BUF_INIT;
  struct add_checkpoint question = {.old = old};
  struct tlog_reader *reader = malloc(sizeof *reader);
  if (!reader) return err_set(err, ERR_IO, "no memory for a proof");
  struct meeting meeting;
  bool ok = meeting_get(o->db, &meeting, err) &&
            (meeting.size > old ? tlog_checkpoint_of(o->db, meeting.size, &note, now, err)
                                : tlog_checkpoint(o->db, &note, now, err));
  if (ok && old > now->size)
    ok = err_rule(err, ERR_CONFLICT, "size", "log_rolled_back",
                  "the witness has cosigned a log of %llu entries, this one has signed %llu",
                  (unsigned long long)old, (unsigned long long)now->size);
  if (ok && old > 0 && old < now->size) {
    struct merkle_source source = tlog_source(reader, o->db, now->size);
    ok = merkle_prove_consistency(&source, old, now->size, &question.proof, err);
  }
  question.note = (const char *)note.data;
  question.note_size = note.size;
  if (ok) add_checkpoint_encode(out, &question);
  if (ok && (note.bad || out->bad)) ok = err_set(err, ERR_IO, "no memory for a question");
  free(reader);
  buf_wipe(&note);
  return ok;
}

/* The line of the key we know among those that came; lines of others are none of our business. */
static bool take_lines(struct outside *o, const struct witness *w, const struct reply *reply, uint64_t size,
                       struct err *err)
{
  const char *at = (const char *)reply->body.data, *end = at + reply->body.size;
  struct err why = ERR_INIT;
  err_rule(&why, ERR_MISSING, "cosignature", "cosignature", "no line of %s is among what it answered",
           w->key.name);
  while (at < end) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop) break;
    struct cosignature came = {.size = size,
                               .line = at,
                               .line_size = (size_t)(stop + 1 - at),
                               .heard_ms = clock_wall_ms(),
                               .outside = true};
    struct err bad = ERR_INIT;
    if (store_cosignature_outside(o->hub->app.store, &w->key, &came, &bad)) return true;
    if (bad.kind != ERR_DENIED) why = bad;
    at = stop + 1;
  }
  if (err) *err = why;
  return false;
}

static bool refused(const struct reply *reply, struct err *err)
{
  char said[120] = "";
  size_t n = reply->body.size < sizeof said - 1 ? reply->body.size : sizeof said - 1;
  for (size_t i = 0; i < n; i++)
    said[i] = reply->body.data[i] >= 0x20 && reply->body.data[i] < 0x7f ? (char)reply->body.data[i] : ' ';
  return err_rule(err, ERR_DENIED, "status", "witness_refused", "it answered %d %s", reply->status, said);
}

/* Follows the size that a 409 names.  *size: what is cosigned now. */
static bool ask(struct outside *o, struct witness *w, uint64_t *size, struct err *err)
{
  for (int n = 0; n < QUESTIONS_MAX; n++) {
    struct buf question = BUF_INIT;
    struct tlog_state now;
    struct reply reply = {.status = 0};
    bool sent = make_question(o, w->old, &question, &now, err) &&
                post_send(w->post, "text/plain; charset=utf-8", question.data, question.size, &reply, err);
    buf_wipe(&question);
    if (!sent) return false;
    uint64_t held = 0;
    bool elsewhere = reply.status == 409 && strcmp(reply.type, ADD_CHECKPOINT_SIZE_TYPE) == 0 &&
                     add_checkpoint_size_decode(&held, reply.body.data, reply.body.size) && held != w->old;
    bool ok =
        reply.status == 200 ? take_lines(o, w, &reply, now.size, err) : elsewhere || refused(&reply, err);
    buf_wipe(&reply.body);
    if (!ok) return false;
    w->old = elsewhere ? held : now.size;
    *size = now.size;
    if (!elsewhere) return true;
  }
  return err_rule(err, ERR_CONFLICT, "old", "stale", "it names another size each time it is asked");
}

/* ---- its turn ---- */

static int64_t pause_ms(const struct outside *o, const struct witness *w)
{
  int64_t ms = o->every_ms;
  for (unsigned i = 0; i < w->fails && ms < BACK_OFF_MAX_MS; i++)
    ms *= 2;
  if (ms > BACK_OFF_MAX_MS) ms = BACK_OFF_MAX_MS;
  uint8_t dice = 0;
  crypto_random(&dice, 1);
  return w->fails ? ms - ms / 4 * dice / 256 : ms;
}

static void note_down(struct outside *o, struct witness *w, bool ok, uint64_t size, const struct err *err)
{
  struct outside_state *s = &w->state;
  int64_t now_ms = clock_wall_ms();
  bool news = ok ? s->rule[0] : strcmp(s->rule, err->rule[0] ? err->rule : "line") != 0;
  w->fails = ok ? 0 : w->fails + 1;
  pthread_mutex_lock(&o->lock);
  o->asked++;
  o->failed += !ok;
  s->asked_ms = now_ms;
  if (ok) {
    s->size = size;
    s->failing_since_ms = 0;
    s->rule[0] = s->text[0] = 0;
  } else {
    if (!s->failing_since_ms) s->failing_since_ms = now_ms;
    snprintf(s->rule, sizeof s->rule, "%s", err->rule[0] ? err->rule : "line");
    snprintf(s->text, sizeof s->text, "%.199s", err->text);
  }
  int64_t pause = pause_ms(o, w);
  s->next_ms = now_ms + pause;
  w->due_ms = clock_boot_ms() + pause; /* a clock that was ahead must not keep it waiting for years */
  pthread_mutex_unlock(&o->lock);
  if (news && ok) log_info("outside witness %s cosigns again", w->key.name);
  if (news && !ok) log_warning("outside witness %s: %s", w->key.name, err->text);
}

static bool stopping(struct outside *o)
{
  pthread_mutex_lock(&o->lock);
  bool yes = o->stopping;
  pthread_mutex_unlock(&o->lock);
  return yes;
}

/* Asked only when there is something it has not cosigned. */
static void turn(struct outside *o, struct witness *w)
{
  struct err err = ERR_INIT;
  uint64_t size = 0;
  int64_t newest = 0;
  if (clock_boot_ms() < w->due_ms) return;
  if (!db_int(o->db, "SELECT max(size) FROM sync_checkpoint", 0, &newest, &err)) {
    log_warning("outside witnesses: %s", err.text);
    return;
  }
  if ((uint64_t)newest == w->state.size) return;
  bool ok = ask(o, w, &size, &err);
  if (!stopping(o)) note_down(o, w, ok, size, &err);
}

static void *run(void *arg)
{
  struct outside *o = arg;
  struct timespec until;
  for (;;) {
    for (size_t i = 0; i < o->count && !stopping(o); i++)
      turn(o, &o->witnesses[i]);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&o->lock);
    if (!o->stopping) pthread_cond_timedwait(&o->stop, &o->lock, &until);
    bool end = o->stopping;
    pthread_mutex_unlock(&o->lock);
    if (end) return NULL;
  }
}

/* ---- opening and closing ---- */

static bool add(struct outside *o, const struct policy *policy, size_t i, const char *authorities,
                struct err *err)
{
  char url[POLICY_URL_MAX + 20];
  const char *prefix = policy_witness_url(policy, i);
  struct witness *w = &o->witnesses[o->count];
  if (!prefix) return true;
  size_t n = strlen(prefix);
  while (n > 0 && prefix[n - 1] == '/')
    n--;
  w->key = *policy_witness(policy, i);
  snprintf(url, sizeof url, "%.*s/add-checkpoint", (int)n, prefix);
  snprintf(w->state.name, sizeof w->state.name, "%s", w->key.name);
  snprintf(w->state.url, sizeof w->state.url, "%s", prefix);
  if (!post_open(&w->post, url, authorities, err)) return err_prefix(err, "witness %s", w->key.name);
  o->count++; /* what was opened is closed, whatever follows */
  if (!cosigner_size(o->db, &w->key, &w->old, NULL, err)) return false;
  w->state.size = w->old;
  return true;
}

static bool prepare(struct outside *o, struct err *err)
{
  char path[DATA_PATH_MAX];
  const struct conf *conf = o->hub->app.conf;
  const struct policy *policy = o->hub->quorum.policy;
  int64_t every_s = EVERY_DEFAULT_S;
  o->witnesses = calloc(policy_witnesses(policy) + 1, sizeof *o->witnesses);
  if (!o->witnesses) return err_set(err, ERR_IO, "no memory for outside witnesses");
  if (!conf_int(conf, "hub.outside_s", 1, EVERY_MAX_S, EVERY_DEFAULT_S, &every_s, err) ||
      !db_open(&o->db, data_dir_path(&o->hub->app.dir, "store.db", path), DB_READ, err))
    return false;
  o->every_ms = every_s * 1000;
  for (size_t i = 0; i < policy_witnesses(policy); i++)
    if (!add(o, policy, i, conf_text(conf, "hub.outside_authorities", AUTHORITIES), err)) return false;
  return true;
}

bool outside_open(struct outside **out, struct hub *hub, struct err *err)
{
  pthread_condattr_t monotonic;
  *out = NULL;
  if (!hub->quorum.policy) return true;
  struct outside *o = calloc(1, sizeof *o);
  if (!o) return err_set(err, ERR_IO, "no memory for outside witnesses");
  o->hub = hub;
  pthread_mutex_init(&o->lock, NULL);
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&o->stop, &monotonic);
  pthread_condattr_destroy(&monotonic);
  bool ok = prepare(o, err);
  if (ok && o->count > 0) {
    o->started = pthread_create(&o->thread, NULL, run, o) == 0;
    ok = o->started || err_set(err, ERR_IO, "no thread for outside witnesses");
  }
  if (o->started)
    *out = o;
  else
    outside_close(o);
  return ok;
}

void outside_close(struct outside *o)
{
  if (!o) return;
  pthread_mutex_lock(&o->lock);
  o->stopping = true;
  pthread_cond_signal(&o->stop);
  pthread_mutex_unlock(&o->lock);
  for (size_t i = 0; i < o->count; i++)
    post_cut(o->witnesses[i].post);
  if (o->started) pthread_join(o->thread, NULL);
  for (size_t i = 0; i < o->count; i++)
    post_close(o->witnesses[i].post);
  db_close(o->db);
  pthread_cond_destroy(&o->stop);
  pthread_mutex_destroy(&o->lock);
  free(o->witnesses);
  free(o);
}

/* ---- saying it ---- */

void outside_count(struct outside *o, struct outside_counts *out)
{
  memset(out, 0, sizeof *out);
  if (!o) return;
  pthread_mutex_lock(&o->lock);
  out->witnesses = o->count;
  out->asked = o->asked;
  out->failed = o->failed;
  for (size_t i = 0; i < o->count; i++)
    out->failing += o->witnesses[i].state.failing_since_ms > 0;
  pthread_mutex_unlock(&o->lock);
}

void outside_out(struct json_out *out, struct outside *o)
{
  out_array(out, "outside");
  for (size_t i = 0; o && i < o->count; i++) {
    pthread_mutex_lock(&o->lock);
    struct outside_state s = o->witnesses[i].state;
    pthread_mutex_unlock(&o->lock);
    out_object(out, NULL);
    out_text(out, "name", s.name);
    out_text(out, "url", s.url);
    out_int(out, "size", (int64_t)s.size);
    out_int_or_null(out, "asked_ms", s.asked_ms);
    out_int_or_null(out, "failing_since_ms", s.failing_since_ms);
    out_text_or_null(out, "rule", s.rule);
    out_text_or_null(out, "text", s.text);
    out_end(out);
  }
  out_end(out);
}
