#include "node/uplink.h"

#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/log.h"
#include "core/domain/heard.h"
#include "core/domain/refusal.h"
#include "core/domain/security_event.h"
#include "node/contacts.h"
#include "node/renewal.h"
#include "program/line.h"
#include "sync/exchange_node.h"
#include "sync/hole_aside.h"
#include "sync/lost_said.h"
#include "sync/retry.h"

#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { DIAL_MS = 15 * 1000, GOODBYE_MS = 2000 };

struct uplink {
  struct node *node;
  struct tls *tls;
  char hub[IDENTITY_ADDRESS_MAX];
  int64_t hello_every_ms;
  int wake_fd; /* wakes the thread while there is no line */
  pthread_t thread;
  atomic_bool stopping;
  atomic_bool asked; /* somebody wants an answer now */
  pthread_mutex_t lock;
  struct link *live; /* under lock: the open line, for waking and cutting it */
  struct retry retry;
  uint64_t run;             /* names this run in HELLO */
  struct hub_runs hubs;     /* the thread's: which hubs it has met */
  bool two_told;            /* that there are two of them */
  bool strayed_told;        /* that what came of the log to keep led elsewhere, on this line */
  bool history_coming;      /* as it is written down */
  bool resting;             /* turned away for what new work does not mend */
  struct contacts contacts; /* the thread's, and these two: */
  struct renewal renewal;
  bool renewed; /* the line ends to begin again with the new certificate */
};

static struct moment now(void)
{
  return (struct moment){.mono_ms = clock_mono_ms(), .wall_ms = clock_wall_ms()};
}

static void set_live(struct uplink *up, struct link *link)
{
  pthread_mutex_lock(&up->lock);
  up->live = link;
  pthread_mutex_unlock(&up->lock);
}

/* One of the few words for a broken line that pages translate; the whole sentence goes to the log. */
static const char *word_of(const struct err *why)
{
  if (!why->kind) return "closed";
  if (strcmp(why->field, "certificate") == 0) return "tls";
  if (strcmp(why->rule, "timeout") == 0) return "no_answer";
  if (strcmp(why->rule, err_kind_name(why->kind)) != 0) return why->rule; /* more than the kind is known */
  return why->kind == ERR_DENIED ? "tls" : "no_answer";
}

static void set_state(struct uplink *up, enum link_state state, const struct err *why)
{
  struct node *node = up->node;
  pthread_mutex_lock(&node->app.lock);
  bool news = node->link.state != state;
  if (news) node->link.since_ms = clock_wall_ms();
  node->link.state = state;
  snprintf(node->link.error, sizeof node->link.error, "%s", state == LINK_UP ? "" : word_of(why));
  node->link.next_try_ms = state == LINK_UP ? 0 : clock_wall_ms() + (up->retry.next_ms - clock_mono_ms());
  pthread_mutex_unlock(&node->app.lock);
  if (!news) return;
  if (state == LINK_UP)
    log_info_of(up->hub, "the line to %s is up", up->hub);
  else
    log_warning_of(up->hub, "the line to %s is down: %s", up->hub, why->kind ? why->text : "it ended");
}

/* Work to do has brought the next try forward. */
static void tell_next_try(struct uplink *up)
{
  pthread_mutex_lock(&up->node->app.lock);
  up->node->link.next_try_ms = clock_wall_ms() + (up->retry.next_ms - clock_mono_ms());
  pthread_mutex_unlock(&up->node->app.lock);
}

/* Turned away for a reason that time will not heal, such as a revoked certificate: a person is needed. */
static void note_refusal(struct uplink *up, const struct err *why)
{
  struct node_link *link = &up->node->link;
  if (strcmp(why->rule, "stopping") == 0) return;
  pthread_mutex_lock(&up->node->app.lock);
  snprintf(link->stall, sizeof link->stall, "%.*s", (int)sizeof link->stall - 1, why->text);
  memcpy(link->stall_rule, why->rule, sizeof link->stall_rule);
  pthread_mutex_unlock(&up->node->app.lock);
}

/* How many refusals wait for somebody here: the province's board shows it. */
static uint32_t refused(struct uplink *up, struct db *db)
{
  int64_t open = 0;
  refusal_count(db, up->node->app.code, &open, NULL);
  return (uint32_t)open;
}

static bool write_history(struct tx *tx, void *ctx, struct err *err)
{
  return heard_history(tx, *(bool *)ctx, err);
}

/* Whether the branch's own records are all here outlives the line, and this run. */
static void note_history(struct uplink *up, bool coming)
{
  if (coming == up->history_coming) return;
  if (app_local(&up->node->app, write_history, &coming, NULL)) up->history_coming = coming;
}

static bool write_denied(struct tx *tx, void *ctx, struct err *err)
{
  return security_event_leave(tx, "hole_denied", ctx, err);
}

/* Somebody with the province's key has said what its log has not: the trail is told. */
static void note_denied(struct uplink *up)
{
  char subject[LOST_SUBJECT_SIZE];
  struct lost_run run;
  store_hole_news(up->node->app.store, &run);
  if (run.count == 0) return;
  lost_subject(subject, &run);
  log_error(
      "%s was said to be lost, with the province's key, and the province's log has no such hole: it was "
      "put aside, and what was written behind it is written again",
      subject);
  (void)app_local(&up->node->app, write_denied, subject, NULL);
}

/* What the machine has come to know goes to the pages and, when there is news, to the contact list. */
static void look(struct uplink *up, struct exchange_node *x, struct db *db)
{
  const struct exchange_node_facts *facts = exchange_node_facts(x);
  if (!facts->welcome) return;
  note_history(up, facts->restoring);
  note_denied(up);
  if (facts->entries_got != up->contacts.seen_got) exchange_node_refused(x, refused(up, db));
  if (!up->contacts.up) {
    retry_worked(&up->retry, clock_mono_ms());
    set_state(up, LINK_UP, NULL);
  }
  if (facts->two_hubs && !up->two_told)
    log_error(
        "two programs run with the keys of this province, one of them is a copy: this branch stays with the "
        "one whose log continues what it has witnessed; tell the province to stop the copy");
  up->two_told = facts->two_hubs;
  if (facts->kept_strayed && !up->strayed_told)
    log_warning(
        "what the province gave of its log to keep does not lead to the checkpoint that it signed: it "
        "was let go, and is asked for again");
  up->strayed_told = facts->kept_strayed != 0;
  contacts_answered(&up->contacts, up->node, facts);
  contacts_progress(&up->contacts, &up->node->app, facts);
}

static bool open_tls(struct uplink *up, struct err *err)
{
  char certificate[DATA_PATH_MAX], key[DATA_PATH_MAX], authority[DATA_PATH_MAX];
  const struct data_dir *dir = &up->node->app.dir;
  struct tls *fresh = NULL;
  const struct tls_config config = {.use = TLS_SYNC_CLIENT,
                                    .certificate_path = data_dir_path(dir, "keys/tls.crt", certificate),
                                    .key_path = data_dir_path(dir, "keys/tls.key", key),
                                    .authority_path = data_dir_path(dir, "keys/ca.crt", authority)};
  if (!tls_open(&fresh, &config, err)) return false;
  if (up->tls) tls_close(up->tls);
  up->tls = fresh;
  return true;
}

static void tell_certificate(struct uplink *up)
{
  pthread_mutex_lock(&up->node->app.lock);
  up->node->link.certificate_until_ms = up->renewal.until_ms;
  pthread_mutex_unlock(&up->node->app.lock);
}

/* Asks for new certificates when it is time, and takes them when they come. */
static void renew(struct uplink *up, struct exchange_node *x)
{
  struct err err = ERR_INIT;
  struct renewed answer;
  const struct span key = {up->renewal.public_key.data, up->renewal.public_key.size};
  if (renewal_due(&up->renewal, now()) && exchange_node_renew(x, key, now()))
    up->renewal.asked_ms = clock_mono_ms();
  if (!exchange_node_renewed(x, &answer)) return;
  if (!renewal_place(&up->renewal, &answer, &err) || !open_tls(up, &err)) {
    log_warning("new certificates: %s", err.text);
    return;
  }
  log_info("the province has given this branch new certificates");
  tell_certificate(up);
  atomic_store(&up->node->certificates_moved, true);
  up->renewed = true;
}

/* One event of the link goes into the machine; false when the line is at its end. */
static bool step(struct uplink *up, struct line *line, struct exchange_node *x, struct err *err)
{
  size_t sent = 0, got = 0;
  int64_t deadline_ms = exchange_node_deadline(x);
  if (up->contacts.due_ms && up->contacts.due_ms < deadline_ms) deadline_ms = up->contacts.due_ms;
  enum link_event event = line_turn(line, exchange_node_output(x), &sent, &got, deadline_ms, err);
  if (sent) exchange_node_sent(x, sent, now());
  if (got) exchange_node_input(x, line->in, got, now());
  switch (event) {
  case LINK_BYTES:
  case LINK_SENT: return true;
  case LINK_WOKEN:
    exchange_node_wake(x, now());
    if (atomic_exchange(&up->asked, false)) exchange_node_hello(x, now());
    return true;
  case LINK_TIMEOUT: exchange_node_tick(x, now()); return true;
  case LINK_END: return err_rule(err, ERR_IO, "", "closed", "the province hung up");
  case LINK_FAILED: return false;
  }
  return false;
}

/* One conversation, until either side or the line ends it; err says why. */
static void converse(struct uplink *up, struct link *link, struct err *err)
{
  struct app *app = &up->node->app;
  struct line line;
  struct db *db = NULL;
  struct exchange_node *x = NULL;
  struct exchange_node_config config = {.store = app->store,
                                        .program = SUNLIT_VERSION,
                                        .hello_every_ms = up->hello_every_ms,
                                        .run = up->run,
                                        .hubs = &up->hubs};
  bool ok = line_init(&line, link, err) && readers_take(app->readers, &db, err) &&
            heard_coming(db, &up->history_coming, err);
  config.db = db;
  config.refused = ok ? refused(up, db) : 0;
  ok = ok && exchange_node_open(&x, &config, now(), err);
  while (ok && !exchange_node_ended(x) && !up->renewed && !atomic_load(&up->stopping)) {
    ok = step(up, &line, x, err);
    look(up, x, db);
    renew(up, x);
  }
  if (x) {
    const struct exchange_node_facts *facts = exchange_node_facts(x);
    if (exchange_node_ended(x)) {
      line_flush(&line, exchange_node_output(x), clock_mono_ms() + GOODBYE_MS);
      if (facts->why.kind && !err->kind) *err = facts->why;
      if (facts->end == END_REFUSED) note_refusal(up, &facts->why);
      up->resting = facts->end == END_REFUSED && strcmp(facts->why.rule, "cloned") == 0;
      if (up->resting) retry_rest(&up->retry, clock_mono_ms());
    }
    app_note(app, facts->end != END_STORE, &facts->why);
    contacts_end(&up->contacts, app, word_of(err));
  }
  exchange_node_close(x);
  readers_give(app->readers, db);
  line_wipe(&line);
}

static void try_once(struct uplink *up)
{
  struct err err = ERR_INIT;
  struct link *link = NULL;
  retry_tried(&up->retry, clock_mono_ms());
  up->renewed = false;
  if (link_dial(&link, up->tls, up->hub, clock_mono_ms() + DIAL_MS, &err)) {
    set_live(up, link);
    struct err why = ERR_INIT;
    if (!renewal_at(&up->renewal, link_local(link), &why))
      log_warning("the pages' certificate: %s", why.text);
    converse(up, link, &err);
    set_live(up, NULL);
    link_close(link);
  }
  if (up->renewed)
    retry_work(&up->retry, clock_mono_ms());
  else if (!atomic_load(&up->stopping))
    set_state(up, LINK_DOWN, &err);
}

/* Until the next try is due: work to do brings it forward. */
static void wait_for_turn(struct uplink *up)
{
  while (!atomic_load(&up->stopping) && !retry_due(&up->retry, clock_mono_ms())) {
    int64_t left = up->retry.next_ms - clock_mono_ms();
    struct pollfd wake = {.fd = up->wake_fd, .events = POLLIN};
    uint64_t times;
    if (poll(&wake, 1, left < 1 ? 1 : left > 60000 ? 60000 : (int)left) <= 0) continue;
    if (read(up->wake_fd, &times, sizeof times) != sizeof times && errno != EAGAIN) return;
    if (up->resting && !atomic_load(&up->asked)) continue;
    retry_work(&up->retry, clock_mono_ms());
    tell_next_try(up);
  }
}

static void *run(void *arg)
{
  struct uplink *up = arg;
  while (!atomic_load(&up->stopping)) {
    wait_for_turn(up);
    if (!atomic_load(&up->stopping)) try_once(up);
  }
  return NULL;
}

bool uplink_open(struct uplink **out, struct node *node, const struct uplink_config *config, struct err *err)
{
  struct uplink *up = calloc(1, sizeof *up);
  if (!up) return err_set(err, ERR_IO, "out of memory for the uplink");
  uint64_t seed;
  crypto_random(&seed, sizeof seed);
  crypto_random(&up->run, sizeof up->run);
  up->run |= 1;
  up->node = node;
  up->hello_every_ms = config->hello_every_ms;
  snprintf(up->hub, sizeof up->hub, "%s", config->hub);
  retry_init(&up->retry, seed, clock_mono_ms());
  pthread_mutex_init(&up->lock, NULL);
  up->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  bool ok = up->wake_fd >= 0 || err_set(err, ERR_IO, "no event descriptor: %s", strerror(errno));
  ok = ok && renewal_open(&up->renewal, &node->app.dir, node->app.code, err) && open_tls(up, err);
  if (ok) tell_certificate(up);
  *out = up; /* before its thread commits something and so wakes it */
  ok = ok && (pthread_create(&up->thread, NULL, run, up) == 0 || err_set(err, ERR_IO, "no thread"));
  if (ok) return true;
  *out = NULL;
  if (up->tls) tls_close(up->tls);
  renewal_wipe(&up->renewal);
  if (up->wake_fd >= 0) close(up->wake_fd);
  free(up);
  return false;
}

void uplink_wake(struct uplink *up)
{
  const uint64_t once = 1;
  pthread_mutex_lock(&up->lock);
  if (up->live) link_wake(up->live);
  pthread_mutex_unlock(&up->lock);
  ssize_t written = write(up->wake_fd, &once, sizeof once);
  (void)written; /* full means: it is awake already */
}

void uplink_retry(struct uplink *up)
{
  atomic_store(&up->asked, true);
  uplink_wake(up);
}

void uplink_close(struct uplink *up)
{
  if (!up) return;
  atomic_store(&up->stopping, true);
  uplink_wake(up);
  pthread_join(up->thread, NULL);
  tls_close(up->tls);
  renewal_wipe(&up->renewal);
  close(up->wake_fd);
  pthread_mutex_destroy(&up->lock);
  free(up);
}
