#include "hub/recall_lines.h"

#include "core/base/clock.h"
#include "core/base/log.h"
#include "core/base/readers.h"
#include "core/domain/enrolment.h"
#include "hub/admit.h"
#include "hub/recall_crowd.h"
#include "hub/sync_port.h"
#include "program/line.h"
#include "sync/recall_line.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { READERS_MAX = 4, MUCH = 1 << 30 };

struct recall_lines {
  struct recall *recall;
  struct readers *readers; /* of the backup: certificates */
  struct sync_port port;
  pthread_mutex_t lock;
  size_t live; /* under lock, as all below */
  uint64_t bytes;
  struct crowd crowd;
};

static struct moment now(void)
{
  return (struct moment){.mono_ms = clock_mono_ms(), .wall_ms = clock_wall_ms()};
}

/* Who this is, by its certificate; false: it may not come, err says why. */
static bool identify(struct recall_lines *lines, struct link *link, struct recall_guest *guest,
                     struct err *err)
{
  struct tls_peer peer;
  struct db *db = NULL;
  uint32_t code = 0, epoch = 0;
  if (!link_branch(link, &peer, err)) {
    if (admit_is_of_dates(err)) return false;
    err_clear(err);
    return err_rule(
        err, ERR_DENIED, "certificate", "rebuilding",
        "the province is being rebuilt from its branches and enrols nobody meanwhile: when that has "
        "ended, give this again. A branch whose disk is gone is not to be waited for: who rebuilds "
        "ends it with --without and its code");
  }
  *guest = (struct recall_guest){.branch = peer.code, .until_ms = peer.not_after_ms};
  hex_encode(guest->serial, peer.serial, sizeof peer.serial);
  bool left_out = false;
  if (!recall_left_out(lines->recall, guest, &left_out, err)) return false;
  if (left_out)
    return err_rule(
        err, ERR_DENIED, "branch", "left_out",
        "the province is being rebuilt, and who does it has left this branch or its certificate %s out "
        "(--without)",
        guest->serial);
  bool ok = readers_take(lines->readers, &db, err);
  guest->known = ok && certificate_check(db, guest->serial, clock_wall_ms(), &code, &epoch, err);
  readers_give(lines->readers, db);
  if (guest->known || !ok || strcmp(err->rule, "unknown_certificate") != 0) return guest->known;
  err_clear(err);
  return true;
}

/* What one branch brings lies on our disk: people see whose it is before the disk is full. */
static void tell_much(const struct recall_guest *guest, uint64_t before, uint64_t now_bytes)
{
  if (before / MUCH == now_bytes / MUCH) return;
  log_warning("branch %u (certificate %s) has brought %llu GiB over this line and goes on", guest->branch,
              guest->serial, (unsigned long long)(now_bytes / MUCH));
}

/* One event of the link; false when the line is at its end. */
static bool step(struct recall_lines *lines, struct line *line, struct recall_line *x, uint64_t *bytes)
{
  size_t sent = 0, got = 0;
  enum link_event event = line_turn(line, recall_line_output(x), &sent, &got, recall_line_deadline(x), NULL);
  if (event == LINK_FAILED) return false;
  if (sent) recall_line_sent(x, sent, now());
  if (got) recall_line_input(x, line->in, got, now());
  if (event == LINK_TIMEOUT) recall_line_tick(x, now());
  pthread_mutex_lock(&lines->lock);
  lines->bytes += got;
  pthread_mutex_unlock(&lines->lock);
  *bytes += got;
  return event != LINK_END || got;
}

static void tell_end(const struct recall_guest *guest, const struct recall_line_facts *facts, uint64_t bytes)
{
  char name[16];
  snprintf(name, sizeof name, "%u", guest->branch);
  if (facts->complete)
    log_info("branch %u (certificate %s) has brought what it has: %.0f kB", guest->branch, guest->serial,
             (double)bytes / 1e3);
  else if (facts->end == END_PROTOCOL || facts->end == END_STORE)
    log_error_of(name, "branch %u (certificate %s): %s", guest->branch, guest->serial, facts->why.text);
  else
    log_warning_of(name, "branch %u: its line ended: %s", guest->branch,
                   facts->why.kind ? facts->why.text : "it hung up");
}

static void converse(struct recall_lines *lines, struct link *link, const struct recall_guest *guest,
                     const struct err *denied)
{
  struct line line;
  struct recall_line *x = NULL;
  uint64_t bytes = 0;
  bool ok = line_init(&line, link, NULL) && recall_line_open(&x, lines->recall, guest, now(), NULL);
  if (ok && denied->kind) {
    log_warning_of(link_peer(link), "%s refused: %s", link_peer(link), denied->text);
    recall_line_dismiss(x, denied->rule, denied->text, now());
  }
  while (ok && !recall_line_ended(x)) {
    if (listener_stopping(lines->port.listener))
      recall_line_dismiss(x, "stopping", "the province restarts", now());
    else {
      uint64_t before = bytes;
      ok = step(lines, &line, x, &bytes);
      tell_much(guest, before, bytes);
    }
  }
  if (x) {
    const struct recall_line_facts *facts = recall_line_facts(x);
    if (!denied->kind) tell_end(guest, facts, bytes);
    line_flush(&line, recall_line_output(x), clock_mono_ms() + SYNC_GOODBYE_MS);
  }
  recall_line_close(x);
  line_wipe(&line);
}

/* Who opens many lines at once keeps nobody else out, and is named. */
static void enter(struct recall_lines *lines, struct crowd_line *mine, const struct recall_guest *guest)
{
  char name[16];
  pthread_mutex_lock(&lines->lock);
  struct crowd_line *oldest = crowd_enter(&lines->crowd, mine);
  if (oldest) link_cut(oldest->link);
  pthread_mutex_unlock(&lines->lock);
  if (!oldest) return;
  (void)snprintf(name, sizeof name, "%u", guest->branch);
  log_warning_of(
      name,
      "branch %u (certificate %s) has more than %d lines at once, the oldest is cut; --without leaves a "
      "branch or a certificate out",
      guest->branch, guest->serial, LINES_A_BRANCH);
}

static void serve(struct link *link, void *ctx)
{
  struct recall_lines *lines = ctx;
  struct recall_guest guest = {0};
  struct err denied = ERR_INIT;
  pthread_mutex_lock(&lines->lock);
  lines->live++;
  pthread_mutex_unlock(&lines->lock);
  struct crowd_line mine = {.link = link};
  identify(lines, link, &guest, &denied);
  mine.branch = guest.branch; /* 0: of nobody, who is sent away */
  if (!denied.kind) enter(lines, &mine, &guest);
  converse(lines, link, &guest, &denied);
  pthread_mutex_lock(&lines->lock);
  crowd_leave(&lines->crowd, &mine);
  lines->live--;
  pthread_mutex_unlock(&lines->lock);
}

bool recall_lines_open(struct recall_lines **out, const struct data_dir *dir, struct recall *recall,
                       const char *listen, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct recall_lines *lines = calloc(1, sizeof *lines);
  if (!lines) return err_set(err, ERR_IO, "out of memory for the sync port");
  lines->recall = recall;
  pthread_mutex_init(&lines->lock, NULL);
  bool ok = readers_open(&lines->readers, data_dir_path(dir, "store.db", path), READERS_MAX, err) &&
            sync_port_open(&lines->port, dir, listen, serve, lines, err);
  if (ok)
    *out = lines;
  else
    recall_lines_close(lines);
  return ok;
}

void recall_lines_close(struct recall_lines *lines)
{
  if (!lines) return;
  sync_port_close(&lines->port);
  readers_close(lines->readers);
  pthread_mutex_destroy(&lines->lock);
  free(lines);
}

uint16_t recall_lines_port(const struct recall_lines *lines)
{
  return listener_port(lines->port.listener);
}

void recall_lines_count(struct recall_lines *lines, uint64_t *bytes, size_t *live)
{
  pthread_mutex_lock(&lines->lock);
  *bytes = lines->bytes;
  *live = lines->live;
  pthread_mutex_unlock(&lines->lock);
}
