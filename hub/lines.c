#include "hub/lines.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/domain/enrolment.h"
#include "hub/admit.h"
#include "hub/board.h"
#include "hub/branch_pace.h"
#include "hub/hearing.h"
#include "hub/ingest.h"
#include "hub/renewal.h"
#include "hub/sync_port.h"
#include "hub/witness.h"
#include "program/clock_watch.h"
#include "program/line.h"
#include "sync/exchange_hub.h"
#include "sync/store_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { READERS_MAX = 16, SETTLE_LOOK_MS = 20, QUIET_MS = 10 * 1000 };

struct settled {
  uint64_t ticket;
  bool taken; /* result is set */
  struct apply_result result;
  int64_t received_ms;
  struct err why;
};

/* One connection.  Its thread and every batch it has at ingest hold a share; the last one frees it. */
struct node_line {
  struct lines *lines;
  pthread_mutex_t lock;
  int shares;        /* under lock */
  struct link *link; /* under lock; NULL once the thread has left */
  struct settled answers[BATCHES_IN_FLIGHT];
  int answer_count; /* under lock */
  uint32_t branch;  /* 0: a stranger */
  int64_t opened_ms;
  bool greeted;                     /* under lines->lock: older lines of the branch were cut, */
  bool settled;                     /* and what came over them is stored: it was welcomed */
  bool greeting;                    /* the thread's: a HELLO waits for that */
  int64_t costs[BATCHES_IN_FLIGHT]; /* the thread's: what each batch took of the pace, by its ticket */
  char serial[2 * CERT_SERIAL_SIZE + 1];
  struct node_line *next; /* under lines->lock */
};

struct lines {
  struct hub *hub;
  struct readers *readers; /* of all lines together */
  struct sync_port port;
  pthread_mutex_t lock;
  struct node_line *first;
  uint32_t quiet;             /* under lock: nobody of this branch is welcomed; 0: of none */
  struct lines_counts counts; /* under lock; of lines that have ended, and refused */
};

static struct moment now(void)
{
  return (struct moment){.mono_ms = clock_mono_ms(), .wall_ms = clock_wall_ms()};
}

static void drop_share(struct node_line *line)
{
  pthread_mutex_lock(&line->lock);
  int left = --line->shares;
  pthread_mutex_unlock(&line->lock);
  if (left) return;
  pthread_mutex_destroy(&line->lock);
  free(line);
}

void lines_answer(void *ctx, uint64_t ticket, const struct apply_result *result, int64_t received_ms,
                  const struct err *why)
{
  struct node_line *line = ctx;
  pthread_mutex_lock(&line->lock);
  if (line->link && line->answer_count < BATCHES_IN_FLIGHT) {
    struct settled *answer = &line->answers[line->answer_count++];
    memset(answer, 0, sizeof *answer);
    answer->ticket = ticket;
    answer->taken = result;
    answer->received_ms = received_ms;
    if (result) answer->result = *result;
    if (why) answer->why = *why;
    link_wake(line->link);
  }
  pthread_mutex_unlock(&line->lock);
  drop_share(line);
}

/* An older line of the branch is dead, or of a program that has ended: it is cut when a newer one greets. */
static void cut_older(struct node_line *line)
{
  struct lines *lines = line->lines;
  pthread_mutex_lock(&lines->lock);
  if (line->greeted) {
    pthread_mutex_unlock(&lines->lock);
    return;
  }
  line->greeted = true;
  for (struct node_line *other = line->next; other; other = other->next) {
    if (other->branch != line->branch) continue;
    pthread_mutex_lock(&other->lock);
    if (other->link) link_cut(other->link);
    pthread_mutex_unlock(&other->lock);
  }
  pthread_mutex_unlock(&lines->lock);
}

static bool other_live(struct node_line *line)
{
  struct lines *lines = line->lines;
  bool live = false;
  pthread_mutex_lock(&lines->lock);
  for (struct node_line *other = lines->first; other && !live; other = other->next)
    live = other != line && other->branch == line->branch && other->greeted;
  pthread_mutex_unlock(&lines->lock);
  return live;
}

/* A node goes on behind what WELCOME tells it, and its disk may be older than what it sent before: so that
 * comes first, whatever of it is still with the thread of an older line or waits at ingest. */
static bool settle(struct node_line *line)
{
  struct lines *lines = line->lines;
  pthread_mutex_lock(&lines->lock);
  bool ready = true, settled = line->settled;
  for (struct node_line *older = line->next; older && ready; older = older->next)
    ready = older->branch != line->branch;
  pthread_mutex_unlock(&lines->lock);
  /* In this order: no thread is left that could still give ingest something. */
  if (settled || !ready || ingest_waits(lines->hub->ingest, line->branch)) return settled;
  pthread_mutex_lock(&lines->lock);
  settled = line->settled = lines->quiet != line->branch;
  pthread_mutex_unlock(&lines->lock);
  return settled;
}

static void enter(struct node_line *line)
{
  struct lines *lines = line->lines;
  pthread_mutex_lock(&lines->lock);
  line->next = lines->first;
  lines->first = line;
  pthread_mutex_unlock(&lines->lock);
}

/* Out of the list.  The board hears of a loss only when no newer line of the branch has come. */
static void leave(struct node_line *line, const struct exchange_hub_facts *facts)
{
  struct lines *lines = line->lines;
  bool last = line->branch != 0;
  pthread_mutex_lock(&lines->lock);
  for (struct node_line **at = &lines->first; *at;) {
    if (*at == line) {
      *at = line->next;
      continue;
    }
    if ((*at)->branch == line->branch) last = false;
    at = &(*at)->next;
  }
  if (facts) {
    lines->counts.entries_in += facts->entries_received;
    lines->counts.entries_out += facts->entries_sent;
    lines->counts.bytes_in += facts->bytes_in;
    lines->counts.bytes_out += facts->bytes_out;
  }
  pthread_mutex_unlock(&lines->lock);
  if (last) board_lost(lines->hub->board, line->branch);
  pthread_mutex_lock(&line->lock);
  line->link = NULL;
  pthread_mutex_unlock(&line->lock);
}

static void take_answers(struct node_line *line, struct exchange_hub *x)
{
  struct settled answers[BATCHES_IN_FLIGHT];
  pthread_mutex_lock(&line->lock);
  int n = line->answer_count;
  memcpy(answers, line->answers, (size_t)n * sizeof answers[0]);
  line->answer_count = 0;
  pthread_mutex_unlock(&line->lock);
  for (int i = 0; i < n; i++) {
    const struct settled *answer = &answers[i];
    if (!answer->taken || answer->result.taken == 0)
      branch_pace_give(line->lines->hub->pace, line->branch, line->costs[answer->ticket % BATCHES_IN_FLIGHT]);
    exchange_hub_ingested(x, answer->ticket, answer->taken ? &answer->result : NULL, answer->received_ms,
                          &answer->why, now());
  }
}

/* False: the branch has sent too much, and is answered so. */
static bool in_pace(struct node_line *line, struct exchange_hub *x, const struct exchange_hub_action *action,
                    const char *peer)
{
  struct hub *hub = line->lines->hub;
  struct err why = ERR_INIT;
  bool first = false;
  int64_t cost = branch_pace_cost(action->batch->head.count, action->batch->plain.size);
  line->costs[action->ticket % BATCHES_IN_FLIGHT] = cost;
  if (branch_pace_take(hub->pace, line->branch, cost, clock_boot_ms(), &first, &why)) return true;
  if (first) admit_event(hub, line->branch, peer, &why);
  batch_close(action->batch);
  exchange_hub_ingested(x, action->ticket, NULL, clock_wall_ms(), &why, now());
  return false;
}

static void give_to_ingest(struct node_line *line, const struct exchange_hub_action *action)
{
  const struct ingest_job job = {.batch = action->batch, .line = line, .ticket = action->ticket};
  pthread_mutex_lock(&line->lock);
  line->shares++;
  pthread_mutex_unlock(&line->lock);
  ingest_put(line->lines->hub->ingest, &job);
}

static void renew(struct node_line *line, struct exchange_hub *x, struct span tls_key, const char *address)
{
  const struct renewal_peer peer = {.branch = line->branch, .serial = line->serial, .address = address};
  renewal_grant(line->lines->hub, x, &peer, tls_key, now());
}

/* It has met a copy of this machine since it met this one: that is told once an hour of each. */
static void met_another(struct node_line *line, const char *peer)
{
  struct hub *hub = line->lines->hub;
  struct err why = ERR_INIT;
  if (!hearing_two_hubs_now(hub->hearing, line->branch)) return;
  (void)err_rule(
      &why, ERR_CONFLICT, "hub", "two_hubs",
      "branch %u has met another program with the keys of this province since it met this one: a copy "
      "of this machine runs beside it, and signs another log; stop the copy",
      line->branch);
  log_error("%s", why.text);
  admit_event(hub, line->branch, peer, &why);
}

static void act(struct node_line *line, struct exchange_hub *x, const char *peer)
{
  struct hub *hub = line->lines->hub;
  struct exchange_hub_action action;
  struct err twin = ERR_INIT;
  while (exchange_hub_action(x, &action)) {
    switch (action.kind) {
    case HUB_HELLO:
      if (!hearing_greeted(hub->hearing, action.hello,
                           &(struct hearing_line){line->opened_ms, other_live(line), action.shows_more},
                           &twin)) {
        admit_event(hub, line->branch, peer, &twin);
        exchange_hub_refuse(x, twin.rule, twin.text, now());
        return;
      }
      if (action.other_hub) met_another(line, peer);
      cut_older(line);
      board_heard(hub->board, action.hello, clock_wall_ms());
      witness_cosigned(hub, line->branch, &action);
      line->greeting = !settle(line);
      if (!line->greeting) exchange_hub_welcome(x, now());
      break;
    case HUB_WITNESSED: witness_shown(hub, line->branch, action.note); break;
    case HUB_HELD: witness_lost(hub, line->branch, &action.held); break;
    case HUB_CURSOR: board_cursor(hub->board, line->branch, action.cursor, clock_wall_ms()); break;
    case HUB_INGEST:
      if (in_pace(line, x, &action, peer)) give_to_ingest(line, &action);
      break;
    case HUB_ENROL: admit_enrol(hub, x, action.enrol, peer, now()); break;
    case HUB_RENEW: renew(line, x, action.tls_key, peer); break;
    case HUB_VIOLATION: admit_event(hub, line->branch, peer, &action.why); break;
    }
  }
}

/* A thousand lines share a few read connections, each for as long as one event takes.  While all are lent
 * this one's node waits, and so do its bytes in the socket. */
static bool borrow(struct node_line *node, struct exchange_hub *x, struct db **db)
{
  struct err err = ERR_INIT;
  while (!readers_take(node->lines->readers, db, &err)) {
    if (err.kind != ERR_BUSY || listener_stopping(node->lines->port.listener)) {
      app_note(&node->lines->hub->app, false, &err);
      return false;
    }
    err_clear(&err);
  }
  exchange_hub_lend(x, *db);
  return true;
}

/* One event of the link; false when the line is at its end. */
static bool step(struct node_line *node, struct line *line, struct exchange_hub *x)
{
  size_t sent = 0, got = 0;
  struct db *db = NULL;
  int64_t until_ms = exchange_hub_deadline(x);
  if (node->greeting && until_ms > clock_mono_ms() + SETTLE_LOOK_MS)
    until_ms = clock_mono_ms() + SETTLE_LOOK_MS;
  enum link_event event = line_turn(line, exchange_hub_output(x), &sent, &got, until_ms, NULL);
  if (event == LINK_FAILED || !borrow(node, x, &db)) return false;
  exchange_hub_hold(x, store_listens(node->lines->hub->app.store),
                    hearing_twin_ms(node->lines->hub->hearing, node->branch));
  exchange_hub_clock(x, clock_heard_off_ms(&node->lines->hub->app, clock_wall_ms()));
  if (sent) exchange_hub_sent(x, sent, now());
  if (got) exchange_hub_input(x, line->in, got, now());
  if (event == LINK_WOKEN) {
    take_answers(node, x);
    exchange_hub_wake(x, now());
  }
  if (event == LINK_TIMEOUT) exchange_hub_tick(x, now());
  if (node->greeting && settle(node)) {
    node->greeting = false;
    exchange_hub_welcome(x, now());
  }
  act(node, x, link_peer(line->link));
  exchange_hub_lend(x, NULL);
  readers_give(node->lines->readers, db);
  return event != LINK_END || got;
}

static void converse(struct node_line *node, struct link *link, const struct err *denied)
{
  struct hub *hub = node->lines->hub;
  struct line line;
  struct exchange_hub *x = NULL;
  struct exchange_hub_config config = {
      .province = hub->app.code, .branch = node->branch, .program = SUNLIT_VERSION, .run = hub->run};
  store_schema(hub->app.store, &config.schema, config.schema_hash);
  store_mirror_key(hub->app.store, config.mirror_key);
  bool ok = line_init(&line, link, NULL) && exchange_hub_open(&x, &config, now(), NULL);
  if (ok && denied->kind) exchange_hub_refuse(x, denied->rule, denied->text, now());
  enter(node);
  while (ok && !exchange_hub_ended(x)) {
    if (listener_stopping(node->lines->port.listener))
      exchange_hub_refuse(x, "stopping", "the province restarts", now());
    else
      ok = step(node, &line, x);
  }
  /* The node ended it and said why: what it accuses us of is for the auditors too. */
  const struct exchange_hub_facts *facts = x ? exchange_hub_facts(x) : NULL;
  if (facts && facts->end == END_REFUSED) admit_event(hub, node->branch, link_peer(link), &facts->why);
  if (x && ok) line_flush(&line, exchange_hub_output(x), clock_mono_ms() + SYNC_GOODBYE_MS);
  leave(node, facts);
  exchange_hub_close(x);
  line_wipe(&line);
}

static bool identify(struct node_line *node, struct link *link, struct err *denied)
{
  struct db *db = NULL;
  bool ok = readers_take(node->lines->readers, &db, denied) &&
            admit_identify(link, db, &node->branch, node->serial, denied);
  if (ok && node->branch) renewal_used(node->lines->hub, db, node->serial);
  readers_give(node->lines->readers, db);
  if (!ok && strcmp(denied->rule, "log_rolled_back") == 0) witness_stranger(node->lines->hub, link);
  if (!ok && strcmp(denied->rule, "certificate_early") == 0) hearing_kept_out(node->lines->hub->hearing);
  return ok;
}

static void serve(struct link *link, void *ctx)
{
  struct lines *lines = ctx;
  struct err denied = ERR_INIT;
  struct node_line *node = calloc(1, sizeof *node);
  if (!node) return;
  node->lines = lines;
  node->link = link;
  node->opened_ms = clock_mono_ms();
  node->shares = 1;
  pthread_mutex_init(&node->lock, NULL);
  if (!identify(node, link, &denied) && denied.kind == ERR_DENIED) {
    pthread_mutex_lock(&lines->lock);
    lines->counts.refused++;
    pthread_mutex_unlock(&lines->lock);
    admit_event(lines->hub, 0, link_peer(link), &denied);
  }
  converse(node, link, &denied);
  drop_share(node);
}

void lines_wake(struct lines *lines)
{
  listener_wake(lines->port.listener, 0);
}

void lines_recheck(struct lines *lines, struct db *db)
{
  int64_t now_ms = clock_wall_ms();
  pthread_mutex_lock(&lines->lock);
  for (struct node_line *line = lines->first; line; line = line->next) {
    uint32_t branch = 0, epoch = 0;
    struct err why = ERR_INIT;
    if (!line->branch || certificate_check(db, line->serial, now_ms, &branch, &epoch, &why)) continue;
    if (why.kind != ERR_DENIED) continue; /* the database did not answer: not a reason to cut */
    log_warning("branch %u: its line is cut: %s", line->branch, why.text);
    pthread_mutex_lock(&line->lock);
    if (line->link) link_cut(line->link);
    pthread_mutex_unlock(&line->lock);
  }
  pthread_mutex_unlock(&lines->lock);
}

static bool any_welcomed(struct lines *lines, uint32_t branch)
{
  bool any = false;
  pthread_mutex_lock(&lines->lock);
  for (struct node_line *line = lines->first; line && !any; line = line->next)
    any = line->branch == branch && line->settled;
  pthread_mutex_unlock(&lines->lock);
  return any || ingest_waits(lines->hub->ingest, branch);
}

bool lines_quiet(struct lines *lines, uint32_t branch)
{
  const struct timespec pause = {.tv_nsec = SETTLE_LOOK_MS * 1000000L};
  int64_t until_ms = clock_mono_ms() + QUIET_MS;
  pthread_mutex_lock(&lines->lock);
  lines->quiet = branch;
  for (struct node_line *line = lines->first; line; line = line->next) {
    if (line->branch != branch) continue;
    pthread_mutex_lock(&line->lock);
    if (line->link) link_cut(line->link);
    pthread_mutex_unlock(&line->lock);
  }
  pthread_mutex_unlock(&lines->lock);
  while (any_welcomed(lines, branch) && clock_mono_ms() < until_ms)
    nanosleep(&pause, NULL);
  return !any_welcomed(lines, branch);
}

void lines_quiet_end(struct lines *lines)
{
  pthread_mutex_lock(&lines->lock);
  lines->quiet = 0;
  pthread_mutex_unlock(&lines->lock);
}

bool lines_connected(struct lines *lines, uint32_t branch)
{
  bool found = false;
  pthread_mutex_lock(&lines->lock);
  for (struct node_line *line = lines->first; line && !found; line = line->next)
    found = line->branch == branch;
  pthread_mutex_unlock(&lines->lock);
  return found;
}

void lines_count(struct lines *lines, struct lines_counts *out)
{
  pthread_mutex_lock(&lines->lock);
  *out = lines->counts;
  out->live = 0;
  for (struct node_line *line = lines->first; line; line = line->next)
    out->live += line->branch != 0;
  pthread_mutex_unlock(&lines->lock);
  listener_count(lines->port.listener, &out->listener);
}

bool lines_open(struct lines **out, struct hub *hub, const char *listen, struct err *err)
{
  struct lines *lines = calloc(1, sizeof *lines);
  if (!lines) return err_set(err, ERR_IO, "out of memory for the sync port");
  lines->hub = hub;
  pthread_mutex_init(&lines->lock, NULL);
  char path[DATA_PATH_MAX];
  hub->lines = lines; /* before the first connection */
  if (readers_open(&lines->readers, data_dir_path(&hub->app.dir, "store.db", path), READERS_MAX, err) &&
      sync_port_open(&lines->port, &hub->app.dir, listen, serve, lines, err)) {
    *out = lines;
    return true;
  }
  lines_close(lines);
  hub->lines = NULL;
  return false;
}

void lines_close(struct lines *lines)
{
  if (!lines) return;
  sync_port_close(&lines->port);
  readers_close(lines->readers);
  pthread_mutex_destroy(&lines->lock);
  free(lines);
}

uint16_t lines_port(const struct lines *lines)
{
  return listener_port(lines->port.listener);
}
