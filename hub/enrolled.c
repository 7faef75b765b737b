#include "hub/enrolled.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/enrolment.h"
#include "core/domain/security_event.h"
#include "hub/revoke.h"
#include "sync/keys.h"
#include "sync/restored.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- what the log is told ---- */

/* "330127 epoch 2 enrolled 7d7c.. until 1795316000000 key 5a1f..", or renewed. */
bool enrolled_record(struct tx *tx, const struct enrolled_certificate *given, struct err *err)
{
  struct key key;
  char branch[16], hex[2 * PUBLIC_SIZE + 1], detail[200];
  if (!key_get(tx->db, given->branch, given->epoch, &key, err)) return false;
  hex_encode(hex, key.public_key, PUBLIC_SIZE);
  (void)snprintf(branch, sizeof branch, "%06" PRIu32, given->branch);
  (void)snprintf(detail, sizeof detail, "%s epoch %" PRIu32 " %s %s until %" PRId64 " key %s", branch,
                 given->epoch, given->renewed ? "renewed" : "enrolled", given->serial, given->until_ms, hex);
  return security_event_record(tx, "enrol", branch, detail, "", 1, err);
}

/* ---- what the log says ---- */

struct said {
  uint32_t branch, epoch;
  bool revoked, renewed; /* neither: enrolled */
  char serial[2 * CERT_SERIAL_SIZE + 1];
  uint8_t key[PUBLIC_SIZE];
  int64_t until_ms, at_ms;
};

struct log_says {
  struct said *of; /* in the order of the log */
  size_t count, room;
};

/* False: it is not one that names a branch and an epoch, and says nothing. */
static bool read_detail(struct said *out, bool revoked, const char *text)
{
  char how[16], serial[66], key[66];
  *out = (struct said){.revoked = revoked};
  if (sscanf(text, "%6" SCNu32 " epoch %9" SCNu32, &out->branch, &out->epoch) != 2) return false;
  if (revoked) return true;
  if (sscanf(text, "%*u epoch %*u %15s %65s until %18" SCNd64 " key %65s", how, serial, &out->until_ms,
             key) != 4 ||
      out->epoch == 0 || strlen(serial) >= sizeof out->serial || !hex_decode(out->key, PUBLIC_SIZE, key))
    return false;
  (void)snprintf(out->serial, sizeof out->serial, "%.*s", (int)sizeof out->serial - 1, serial);
  out->renewed = strcmp(how, "renewed") == 0;
  return true;
}

static bool add_said(struct log_says *log, const struct said *one, struct err *err)
{
  if (log->count == log->room) {
    size_t room = log->room ? 2 * log->room : 256;
    struct said *grown = realloc(log->of, room * sizeof *grown);
    if (!grown) return err_set(err, ERR_IO, "out of memory for what the log says of enrolments");
    log->of = grown;
    log->room = room;
  }
  log->of[log->count++] = *one;
  return true;
}

/* Only the province's own events: rows of its branch number are entries of its own. */
static bool read_log(struct db *db, uint32_t province, struct log_says *log, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT kind = 'revoke', detail, at_ms FROM security_event WHERE branch = ?1 AND kind IN"
                 " ('enrol', 'revoke') ORDER BY id /* scan: at start and after a rebuilding */",
                 err);
  bool ok = true;
  query_int(&q, 1, province);
  while (ok && query_row(&q)) {
    struct said one;
    if (!read_detail(&one, column_int(&q, 0) != 0, column_text(&q, 1))) continue;
    one.at_ms = column_int(&q, 2);
    ok = add_said(log, &one, err);
  }
  return query_close(&q) && ok;
}

bool enrolled_newest(struct db *db, uint32_t province, uint32_t branch, uint32_t *epoch, struct err *err)
{
  struct log_says log = {0};
  bool ok = read_log(db, province, &log, err);
  *epoch = 0;
  for (size_t i = 0; i < log.count; i++)
    if (log.of[i].branch == branch && log.of[i].epoch > *epoch) *epoch = log.of[i].epoch;
  free(log.of);
  return ok;
}

static bool is_named(const struct log_says *log, const char *serial)
{
  for (size_t i = 0; i < log->count; i++)
    if (strcmp(log->of[i].serial, serial) == 0) return true;
  return false;
}

/* ---- at start ---- */

static bool find_unnamed(struct db *db, const struct log_says *log, struct log_says *unnamed, struct err *err)
{
  struct query q =
      query_open(db,
                 "SELECT c.branch, c.epoch, c.serial, c.until_ms FROM certificate c JOIN sync_key k ON"
                 " k.author = c.branch AND k.epoch = c.epoch WHERE c.revoked_ms = 0"
                 " ORDER BY c.branch, c.since_ms /* scan: once, at start */",
                 err);
  bool ok = true;
  while (ok && query_row(&q)) {
    struct said one = {.branch = (uint32_t)column_int(&q, 0),
                       .epoch = (uint32_t)column_int(&q, 1),
                       .until_ms = column_int(&q, 3)};
    (void)snprintf(one.serial, sizeof one.serial, "%s", column_text(&q, 2));
    if (!is_named(log, one.serial)) ok = add_said(unnamed, &one, err);
  }
  return query_close(&q) && ok;
}

static bool look(struct db *db, uint32_t province, struct log_says *unnamed, struct err *err)
{
  struct log_says log = {0};
  bool ok = read_log(db, province, &log, err) && find_unnamed(db, &log, unnamed, err);
  free(log.of);
  return ok;
}

/* As more certificates of their epoch: which of several is the newest was not said then.  Whoever is being
 * enrolled is named by that meanwhile: it is looked for once more, where nothing comes in between. */
static bool record_unnamed(struct tx *tx, void *ctx, struct err *err)
{
  struct log_says unnamed = {0};
  (void)ctx;
  bool ok = look(tx->db, tx->author, &unnamed, err);
  for (size_t i = 0; ok && i < unnamed.count && i < ENTRY_ROWS_MAX; i++) {
    const struct said *one = &unnamed.of[i];
    const struct enrolled_certificate given = {.branch = one->branch,
                                               .epoch = one->epoch,
                                               .serial = one->serial,
                                               .until_ms = one->until_ms,
                                               .renewed = true};
    ok = enrolled_record(tx, &given, err);
  }
  free(unnamed.of);
  return ok;
}

bool enrolled_catch_up(struct hub *hub, struct db *db, struct err *err)
{
  struct log_says unnamed = {0};
  const struct act act = {
      .actor = "system", .role = "system", .action = ACTION_SECURITY, .now_ms = clock_wall_ms()};
  bool ok = look(db, hub->app.code, &unnamed, err) &&
            (unnamed.count == 0 || app_commit(&hub->app, &act, record_unnamed, NULL, NULL, err));
  free(unnamed.of);
  return ok;
}

/* ---- after a rebuilding ---- */

struct settling {
  struct db *db;
  const struct enrolled_settling *with;
  struct log_says log, before; /* and what the database knew of it */
  struct log_says events;      /* revocations of here that will be in the log: their events wait */
  struct log_says marks;       /* and those that have none yet */
  struct err *err;
};

/* What the log says of one branch. */
struct standing {
  uint32_t branch;
  uint32_t ended;  /* every epoch up to this one was revoked */
  uint32_t here;   /* the same, when this database has revoked more than the log says; else 0 */
  uint32_t newest; /* the newest that there is a key of: older ones were ended by enrolling again */
  int64_t last_ms; /* when the log last said something */
};

static void say_of(const struct settling *s, const char *text)
{
  if (s->with->out) put_text(s->with->out, text);
}

/* The database may have another key of that epoch, which it learned when its disk had gone back.  What stands
 * in the log is proved by its own; where nothing does, the log's word counts. */
static bool put_key(const struct settling *s, const struct said *one)
{
  struct query q = query_open(s->db,
                              "INSERT INTO sync_key(author, epoch, public_key, since_ms, revoked_ms)"
                              " VALUES(?1, ?2, ?3, ?4, 0) ON CONFLICT DO UPDATE SET"
                              " public_key = excluded.public_key, since_ms = excluded.since_ms,"
                              " revoked_ms = 0 WHERE public_key <> excluded.public_key AND NOT EXISTS"
                              " (SELECT 1 FROM sync_span AS s WHERE s.author = excluded.author AND"
                              " s.epoch = excluded.epoch)",
                              s->err);
  query_int(&q, 1, one->branch);
  query_int(&q, 2, one->epoch);
  query_blob(&q, 3, one->key, PUBLIC_SIZE);
  query_int(&q, 4, one->at_ms);
  return query_run(&q);
}

/* Was the epoch given to another key before?  Then that is what was put aside when a disk had gone back, and
 * journaled again: it happened, and the province's log has no place for what came of it. */
static bool is_of_another_past(const struct log_says *log, const struct said *one)
{
  for (const struct said *had = log->of; had < one; had++)
    if (!had->revoked && had->branch == one->branch && had->epoch == one->epoch)
      return memcmp(had->key, one->key, PUBLIC_SIZE) != 0;
  return false;
}

static bool newest_key(const struct settling *s, uint32_t branch, uint32_t *epoch)
{
  struct query q =
      query_open(s->db, "SELECT coalesce(max(epoch), 0) FROM sync_key WHERE author = ?1", s->err);
  query_int(&q, 1, branch);
  *epoch = query_row(&q) ? (uint32_t)column_int(&q, 0) : 0;
  return query_close(&q);
}

static bool put_keys(const struct settling *s, struct standing *of)
{
  bool ok = true;
  for (size_t i = 0; ok && i < s->log.count; i++) {
    const struct said *one = &s->log.of[i];
    if (one->branch != of->branch) continue;
    if (one->at_ms > of->last_ms) of->last_ms = one->at_ms;
    if (one->revoked && one->epoch > of->ended) of->ended = one->epoch;
    ok = one->revoked || is_of_another_past(&s->log, one) || put_key(s, one);
  }
  return ok && newest_key(s, of->branch, &of->newest);
}

static bool is_in(const struct log_says *log, const struct said *one)
{
  for (size_t i = 0; i < log->count; i++) {
    const struct said *had = &log->of[i];
    if (had->branch == one->branch && had->epoch == one->epoch && had->revoked == one->revoked &&
        had->at_ms == one->at_ms && strcmp(had->serial, one->serial) == 0)
      return true;
  }
  return false;
}

/* ---- revocations of here ---- */

/* Every epoch of the branch up to this one is revoked by them; 0: none is. */
static uint32_t last_revoked(const struct log_says *in, uint32_t branch)
{
  uint32_t last = 0;
  for (size_t i = 0; i < in->count; i++)
    if (in->of[i].branch == branch && in->of[i].revoked && in->of[i].epoch > last) last = in->of[i].epoch;
  return last;
}

/* Of a past that is put aside, and journaled again when the province starts; or left to be signed then. */
static bool find_events(struct settling *s)
{
  struct said one;
  bool ok = true;
  for (size_t i = 0; ok && i < s->before.count; i++)
    if (s->before.of[i].revoked && !is_in(&s->log, &s->before.of[i]))
      ok = add_said(&s->events, &s->before.of[i], s->err);
  if (!ok) return false;
  struct query q = query_open(
      s->db, "SELECT detail FROM untold WHERE kind = 'revoke' /* scan: meant, what commands left */", s->err);
  while (ok && query_row(&q))
    ok = !read_detail(&one, true, column_text(&q, 0)) || add_said(&s->events, &one, s->err);
  return query_close(&q) && ok;
}

/* The command line marks certificates, and the running hub makes the event and ends the keys (revoke.h).  Of
 * a backup that was made between the two, the log brings that event; but not of what was marked while the log
 * was still to come back. */
static bool find_marks(struct settling *s, struct db *before, bool restored)
{
  struct query q =
      query_open(before,
                 "SELECT c.branch, c.epoch, c.reason = ?2 FROM certificate c WHERE c.reason IN (?1, ?2)"
                 " AND NOT EXISTS(SELECT 1 FROM certificate n WHERE n.branch = c.branch AND"
                 " (n.revoked_ms = 0 OR n.epoch > c.epoch)) AND EXISTS(SELECT 1 FROM sync_key k WHERE"
                 " k.author = c.branch AND k.revoked_ms = 0) /* scan: meant, once after a rebuilding */",
                 s->err);
  bool ok = true;
  query_text(&q, 1, REVOKED_BY_COMMAND);
  query_text(&q, 2, REVOKED_MEANWHILE);
  while (ok && query_row(&q)) {
    const struct said one = {
        .branch = (uint32_t)column_int(&q, 0), .epoch = (uint32_t)column_int(&q, 1), .revoked = true};
    const bool meanwhile = column_int(&q, 2) != 0;
    if (one.epoch <= last_revoked(&s->before, one.branch)) continue;
    if (restored && !meanwhile && one.epoch <= last_revoked(&s->log, one.branch)) continue;
    ok = add_said(&s->marks, &one, s->err);
  }
  return query_close(&q) && ok;
}

static bool find_revoked_here(struct settling *s)
{
  struct db *before = s->with->before ? s->with->before : s->db;
  int64_t copied_ms = 0;
  return restored_state(before, &copied_ms, s->err) && find_events(s) &&
         find_marks(s, before, copied_ms != 0);
}

/* The newest enrolment that the rebuilding brought: it was given before the log was lost. */
static uint32_t newest_brought(const struct settling *s, uint32_t branch)
{
  uint32_t newest = 0;
  for (size_t i = 0; s->with->before && i < s->log.count; i++) {
    const struct said *one = &s->log.of[i];
    if (one->branch == branch && !one->revoked && one->epoch > newest && !is_in(&s->before, one) &&
        !is_of_another_past(&s->log, one))
      newest = one->epoch;
  }
  return newest;
}

/* A revocation of here came after all that the rebuilding brings of the branch, and ends it, too.  One that
 * has no event yet was never followed by an enrolment: it ends whatever there is. */
static bool revoke_what_was_brought(const struct settling *s, struct standing *of)
{
  char text[160];
  const uint32_t event = last_revoked(&s->events, of->branch), mark = last_revoked(&s->marks, of->branch);
  uint32_t through = event;
  if (event && newest_brought(s, of->branch) > through) through = newest_brought(s, of->branch);
  if (mark && mark > through) through = mark;
  if (mark && of->newest > through) through = of->newest;
  if (through <= of->ended) return true;
  of->ended = of->here = through;
  if (through <= event) return true;
  struct tx tx = {.db = s->db, .author = s->with->province, .now_ms = s->with->now_ms, .actor = "system"};
  (void)snprintf(text, sizeof text, "%" PRIu32 " epoch %" PRIu32 " " REVOKED_BY_COMMAND, of->branch, through);
  return security_event_leave(&tx, "revoke", text, s->err);
}

/* Everything of an epoch that a later one or a revocation ended. */
static bool end_older(const struct settling *s, const struct standing *of, int64_t *ended)
{
  static const char *const steps[] = {
      "UPDATE sync_key SET revoked_ms = ?4 WHERE author = ?1 AND revoked_ms = 0"
      " AND (epoch <= ?2 OR epoch < ?3)",
      "UPDATE certificate SET revoked_ms = ?4, reason = iif(epoch <= ?2, 'revoked, says the log',"
      " 'enrolled again, says the log') WHERE branch = ?1 AND revoked_ms = 0"
      " AND (epoch <= ?2 OR epoch < ?3)"};
  bool ok = true;
  *ended = 0;
  for (size_t i = 0; ok && i < sizeof steps / sizeof *steps; i++) {
    struct query q = query_open(s->db, steps[i], s->err);
    query_int(&q, 1, of->branch);
    query_int(&q, 2, of->ended);
    query_int(&q, 3, of->newest);
    query_int(&q, 4, s->with->now_ms);
    ok = query_run(&q);
    *ended += ok ? db_changes(s->db) : 0;
  }
  return ok;
}

/* The log says something of the branch that the database did not know: all invitations that it has are of
 * before that, whatever the clock said when they were made. */
static bool has_news(const struct settling *s, uint32_t branch)
{
  for (size_t i = 0; s->with->before && i < s->log.count; i++)
    if (s->log.of[i].branch == branch && !is_in(&s->before, &s->log.of[i])) return true;
  return false;
}

/* Those of before it are used up or were withdrawn, whatever the backup says of them.  Whoever made one that
 * looks good is told. */
static bool withdraw_invites(const struct settling *s, const struct standing *of)
{
  char line[240];
  int64_t open_ms = 0, still_ms = 0;
  if (!invite_open_until(s->db, of->branch, s->with->now_ms, &open_ms, s->err)) return false;
  struct query q = query_open(s->db,
                              "UPDATE invite SET withdrawn_ms = ?2 WHERE branch = ?1 AND used_ms = 0"
                              " AND withdrawn_ms = 0 AND (?4 OR made_ms <= ?3)",
                              s->err);
  query_int(&q, 1, of->branch);
  query_int(&q, 2, s->with->now_ms);
  query_int(&q, 3, of->last_ms);
  query_int(&q, 4, has_news(s, of->branch));
  if (!query_run(&q) || !invite_open_until(s->db, of->branch, s->with->now_ms, &still_ms, s->err))
    return false;
  if (!open_ms || still_ms) return true;
  (void)snprintf(line, sizeof line,
                 "%" PRIu32
                 ": its open invitation is of before what the log last says of it, and is withdrawn; "
                 "another one: sunlit-hub invite --branch %" PRIu32 "\n",
                 of->branch, of->branch);
  say_of(s, line);
  return true;
}

static bool put_certificate(const struct settling *s, const struct said *one, bool in_force, bool *fresh)
{
  struct query q = query_open(
      s->db,
      "INSERT INTO certificate(serial, branch, epoch, since_ms, until_ms, revoked_ms, reason)"
      " VALUES(?1, ?2, ?3, ?4, ?5, ?6, iif(?6, 'ended, says the log', ''))"
      " ON CONFLICT(serial) DO UPDATE SET revoked_ms = excluded.revoked_ms, reason = excluded.reason"
      " WHERE certificate.revoked_ms = 0 AND excluded.revoked_ms <> 0",
      s->err);
  query_text(&q, 1, one->serial);
  query_int(&q, 2, one->branch);
  query_int(&q, 3, one->epoch);
  query_int(&q, 4, one->at_ms);
  query_int(&q, 5, one->until_ms);
  query_int(&q, 6, in_force ? 0 : s->with->now_ms);
  if (!query_run(&q)) return false;
  *fresh = *fresh || (in_force && db_changes(s->db) > 0);
  return true;
}

/* In force are those of the newest epoch, from its last enrolment on, which ended all before it.  The others
 * are put in as ended, or end: who shows one is refused by name, and is no stranger. */
static bool put_certificates(const struct settling *s, const struct standing *of, bool *fresh)
{
  size_t first = 0;
  bool ok = true;
  *fresh = false;
  for (size_t i = 0; i < s->log.count; i++) {
    const struct said *one = &s->log.of[i];
    if (one->branch == of->branch && one->epoch == of->newest && !one->revoked && !one->renewed &&
        !is_of_another_past(&s->log, one))
      first = i;
  }
  for (size_t i = 0; ok && i < s->log.count; i++) {
    const struct said *one = &s->log.of[i];
    bool in_force =
        one->epoch == of->newest && of->newest > of->ended && i >= first && !is_of_another_past(&s->log, one);
    if (one->branch == of->branch && !one->revoked) ok = put_certificate(s, one, in_force, fresh);
  }
  if (!ok || !*fresh) return ok;
  struct tx tx = {.db = s->db, .author = s->with->province, .now_ms = s->with->now_ms, .actor = "system"};
  return branch_contact_enrolled(&tx, of->branch, of->newest, s->err);
}

/* What the database gave when its disk had gone back, for a key that is not the epoch's: whoever has it is
 * not the branch that the log knows. */
static bool end_of_another_past(const struct settling *s, const struct said *one)
{
  char line[400];
  struct query q = query_open(
      s->db,
      "UPDATE certificate SET revoked_ms = ?3, reason = 'of another key, says the log' WHERE serial = ?1"
      " AND revoked_ms = 0 AND EXISTS(SELECT 1 FROM sync_key AS k WHERE k.author = certificate.branch"
      " AND k.epoch = certificate.epoch AND k.public_key <> ?2)",
      s->err);
  query_text(&q, 1, one->serial);
  query_blob(&q, 2, one->key, PUBLIC_SIZE);
  query_int(&q, 3, s->with->now_ms);
  if (!query_run(&q)) return false;
  if (db_changes(s->db) == 0) return true;
  (void)snprintf(line, sizeof line,
                 "%" PRIu32 ": certificate %s was given when the disk had gone back, and the log that came "
                 "back has another key of epoch %" PRIu32 ": it is not in force. If that machine is the "
                 "branch's, invite it again: sunlit-hub invite --branch %" PRIu32 "\n",
                 one->branch, one->serial, one->epoch, one->branch);
  say_of(s, line);
  return true;
}

static bool settle_branch(const struct settling *s, uint32_t branch)
{
  struct standing of = {.branch = branch};
  int64_t ended = 0;
  bool fresh = false;
  char line[240];
  if (!put_keys(s, &of) || !revoke_what_was_brought(s, &of) || !end_older(s, &of, &ended) ||
      !put_certificates(s, &of, &fresh) || !withdraw_invites(s, &of))
    return false;
  if (fresh)
    (void)snprintf(line, sizeof line,
                   "%" PRIu32 " is in the log with certificates that are taken over from it\n", branch);
  else if (of.here)
    (void)snprintf(line, sizeof line,
                   "%" PRIu32
                   " was revoked in this database, and so is all that the log has of it, up to epoch "
                   "%" PRIu32 ": if it shall come back, sunlit-hub invite --branch %" PRIu32 "\n",
                   branch, of.here, branch);
  else if (ended && of.newest <= of.ended)
    (void)snprintf(
        line, sizeof line,
        "%" PRIu32 " was revoked, says the log, and is so again: invite it if it shall come back\n", branch);
  else
    return true;
  say_of(s, line);
  return true;
}

/* Everybody of whom the log says something, and everybody who has a key. */
static bool settle_branches(const struct settling *s)
{
  uint32_t last = 0;
  bool ok = true;
  for (;;) {
    uint32_t next = UINT32_MAX;
    struct query q =
        query_open(s->db, "SELECT coalesce(min(author), ?2) FROM sync_key WHERE author > ?1", s->err);
    query_int(&q, 1, last);
    query_int(&q, 2, UINT32_MAX);
    if (query_row(&q)) next = (uint32_t)column_int(&q, 0);
    ok = query_close(&q);
    for (size_t i = 0; i < s->log.count; i++)
      if (s->log.of[i].branch > last && s->log.of[i].branch < next) next = s->log.of[i].branch;
    if (!ok || next == UINT32_MAX) return ok;
    last = next;
    if (last != s->with->province && !settle_branch(s, last)) return false;
  }
}

static bool name_guest(const struct settling *s, const struct recall_guest *guest)
{
  char line[400];
  struct query q = query_open(s->db, "SELECT 1 FROM certificate WHERE serial = ?1", s->err);
  query_text(&q, 1, guest->serial);
  bool known = query_row(&q);
  if (!query_close(&q)) return false;
  if (known) return true;
  (void)snprintf(line, sizeof line,
                 "%" PRIu32
                 " came with certificate %s, which the log does not name: it is not in force. If that "
                 "machine is the branch's, invite it again: sunlit-hub invite --branch %" PRIu32 "\n",
                 guest->branch, guest->serial, guest->branch);
  say_of(s, line);
  return true;
}

bool enrolled_settle(struct db *db, const struct enrolled_settling *with, struct err *err)
{
  struct settling s = {.db = db, .with = with, .err = err};
  bool ok = read_log(db, with->province, &s.log, err) &&
            (!with->before || read_log(with->before, with->province, &s.before, err)) &&
            find_revoked_here(&s) && settle_branches(&s);
  for (size_t i = 0; ok && i < s.before.count; i++)
    ok = s.before.of[i].revoked || is_named(&s.log, s.before.of[i].serial) ||
         end_of_another_past(&s, &s.before.of[i]);
  for (size_t i = 0; ok && i < with->guest_count; i++)
    ok = name_guest(&s, &with->guests[i]);
  free(s.log.of);
  free(s.before.of);
  free(s.events.of);
  free(s.marks.of);
  return ok;
}
