#include "hub/quorum.h"

#include "core/domain/enrolment.h"
#include "hub/hub.h"
#include "sync/meeting.h"
#include "sync/store_log.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTACT_MS (24LL * 3600 * 1000)
#define MEETING_MS (90LL * 1000) /* three greetings of an idle branch: it was told, and has answered */
enum { BRANCHES_MAX = 4096, LIMIT_DEFAULT_H = 24, LIMIT_MAX_H = 10000 };

/* ---- the rule ---- */

/* A policy for another log would never be met by this one, and nobody would know why. */
static bool check_logs(const struct quorum *quorum, const struct app *app, struct err *err)
{
  const struct note_key *logs = NULL;
  struct note_key ours;
  struct db *db = NULL;
  size_t count = policy_logs(quorum->policy, &logs);
  if (count == 0) return true;
  bool ok = readers_take(app->readers, &db, err) && log_key(db, app->code, &ours, err);
  readers_give(app->readers, db);
  for (size_t i = 0; ok && i < count; i++)
    if (strcmp(logs[i].name, ours.name) == 0 && memcmp(logs[i].public_key, ours.public_key, PUBLIC_SIZE) == 0)
      return true;
  return ok && err_rule(err, ERR_INPUT, "policy", "policy", "%s/policy names other logs than this one, %s",
                        app->dir.path, ours.name);
}

bool quorum_open(struct quorum *quorum, const struct app *app, struct err *err)
{
  int64_t hours = LIMIT_DEFAULT_H;
  struct buf text = BUF_INIT;
  memset(quorum, 0, sizeof *quorum);
  snprintf(quorum->rule, sizeof quorum->rule, "branches");
  if (!conf_int(app->conf, "hub.unwitnessed_hours", 1, LIMIT_MAX_H, LIMIT_DEFAULT_H, &hours, err))
    return false;
  quorum->limit_ms = hours * 3600 * 1000;
  if (!data_dir_has(&app->dir, "policy")) return true;
  bool ok = data_dir_read(&app->dir, "policy", POLICY_SIZE_MAX, &text, err) &&
            (policy_open(&quorum->policy, (const char *)text.data, text.size, err) ||
             err_prefix(err, "%s/policy", app->dir.path)) &&
            check_logs(quorum, app, err);
  if (ok) {
    uint8_t hash[HASH_SIZE];
    sha256(hash, text.data, text.size);
    hex_encode(quorum->rule, hash, HASH_SIZE);
  }
  buf_wipe(&text);
  return ok;
}

void quorum_close(struct quorum *quorum)
{
  policy_close(quorum->policy);
  quorum->policy = NULL;
}

/* ---- how far it reaches ---- */

struct reach {
  struct db *db;
  int64_t now_ms;
  const struct note *note; /* NULL: what each vouches for; else who stands in it: 1, or 0 */
  struct err *err;
  bool bad;
  size_t count;
  uint64_t sizes[BRANCHES_MAX];
  uint32_t codes[BRANCHES_MAX];
};

static uint64_t size_of(void *ctx, const struct note_key *key)
{
  struct reach *reach = ctx;
  uint64_t size = 0;
  /* As whoever is served the note will judge it: a name may be another key's, or a key's of before. */
  if (reach->note) return note_verify(reach->note, key, NULL, NULL) ? 1 : 0;
  if (!reach->bad && !cosigner_size(reach->db, key, &size, NULL, reach->err)) reach->bad = true;
  return size;
}

static void count_branch(void *ctx, const struct branch_state *row)
{
  struct reach *reach = ctx;
  if (!row->enrolled || reach->now_ms - row->last_contact_ms > CONTACT_MS || reach->count == BRANCHES_MAX)
    return;
  reach->codes[reach->count++] = row->code;
}

static int larger_first(const void *left, const void *right)
{
  uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
  return a > b ? -1 : a < b;
}

/* A branch that is without a key in force is a witness of nothing, and keeps nobody from being counted. */
static bool size_of_branch(struct reach *reach, uint32_t branch, uint64_t *size)
{
  struct note_key key;
  struct err why = ERR_INIT;
  *size = 0;
  if (store_branch_witness(reach->db, branch, &key, &why)) {
    *size = size_of(reach, &key);
    return true;
  }
  if (why.kind == ERR_DENIED) return true;
  *reach->err = why;
  return false;
}

/* More than half of n reach as far as the one in the middle, or just behind it. */
static bool reach_of_branches(struct reach *reach, uint64_t *out)
{
  *out = 0;
  if (!branch_list(reach->db, reach->now_ms, count_branch, reach, reach->err)) return false;
  for (size_t i = 0; i < reach->count; i++)
    if (!size_of_branch(reach, reach->codes[i], &reach->sizes[i])) return false;
  if (reach->bad) return false;
  qsort(reach->sizes, reach->count, sizeof *reach->sizes, larger_first);
  if (reach->count > 0) *out = reach->sizes[reach->count / 2];
  return true;
}

static bool newest_size(struct db *db, uint64_t *size, struct err *err)
{
  int64_t n = 0;
  bool ok = db_int(db, "SELECT max(size) FROM sync_checkpoint", 0, &n, err);
  *size = (uint64_t)n;
  return ok;
}

/* note: as in struct reach. */
static bool find_reach(const struct hub *hub, struct db *db, const struct note *note, int64_t now_ms,
                       uint64_t *out, struct err *err)
{
  struct reach *reach = calloc(1, sizeof *reach);
  if (!reach) return err_set(err, ERR_IO, "no memory to count witnesses");
  reach->db = db;
  reach->now_ms = now_ms;
  reach->note = note;
  reach->err = err;
  bool ok = true;
  if (hub->quorum.policy)
    *out = policy_reach(hub->quorum.policy, size_of, reach);
  else
    ok = reach_of_branches(reach, out);
  ok = ok && !reach->bad;
  free(reach);
  return ok;
}

bool quorum_follow(struct hub *hub, struct db *db, int64_t now_ms, struct err *err)
{
  struct witnessed mark, now = {.at_ms = now_ms};
  uint64_t size = 0;
  if (!witnessed_get(db, &mark, err) || !newest_size(db, &size, err)) return false;
  bool same_rule = strcmp(mark.rule, hub->quorum.rule) == 0;
  if (same_rule && mark.size >= size) return true;
  if (!find_reach(hub, db, NULL, now_ms, &now.size, err)) return false;
  if (now.size > size) now.size = size;
  if (same_rule && now.size <= mark.size) return true;
  snprintf(now.rule, sizeof now.rule, "%s", hub->quorum.rule);
  return store_witnessed_mark(hub->app.store, &now, err);
}

/* ---- a checkpoint that has it by itself ---- */

/* Keeps the note of that size when its own cosignatures are a quorum, or are more than those kept. */
static bool look_at_size(struct hub *hub, struct db *db, uint64_t size, int64_t now_ms, struct err *err)
{
  uint64_t kept = 0, reach = 0;
  size_t kept_lines = 0, lines = 0;
  struct buf note = BUF_INIT;
  struct note opened;
  if (size == 0 || !quorum_size(db, &kept, &kept_lines, err)) return size == 0;
  if (size < kept) return true;
  bool ok = meeting_note(db, size, &note, &lines, err);
  bool news = ok && (size > kept || lines > kept_lines);
  if (news)
    ok = note_open(&opened, (const char *)note.data, note.size, err) &&
         find_reach(hub, db, &opened, now_ms, &reach, err);
  if (ok && news && reach > 0) ok = store_quorum(hub->app.store, size, &note, lines, now_ms, err);
  buf_wipe(&note);
  return ok;
}

bool quorum_meet(struct hub *hub, struct db *db, int64_t now_ms, bool *waits, struct err *err)
{
  struct meeting meeting;
  uint64_t newest = 0, kept = 0;
  size_t lines = 0;
  *waits = false;
  if (!meeting_get(db, &meeting, err) || !newest_size(db, &newest, err) ||
      !look_at_size(hub, db, meeting.size, now_ms, err) || !look_at_size(hub, db, newest, now_ms, err) ||
      !quorum_size(db, &kept, &lines, err))
    return false;
  if (newest <= meeting.size) return true;
  bool over = meeting.size == 0 || kept >= meeting.size || now_ms - meeting.since_ms > MEETING_MS ||
              now_ms < meeting.since_ms;
  *waits = !over;
  return !over || store_meeting(hub->app.store, now_ms, err);
}

/* ---- saying it ---- */

bool quorum_read(const struct hub *hub, struct db *db, int64_t now_ms, struct quorum_state *out,
                 struct err *err)
{
  struct witnessed mark;
  memset(out, 0, sizeof *out);
  if (!witnessed_get(db, &mark, err) || !newest_size(db, &out->size, err) ||
      !witnessed_waits(db, mark.size, &out->waits_since_ms, err))
    return false;
  out->witnessed = mark.size;
  out->by_policy = hub->quorum.policy != NULL;
  out->late = out->waits_since_ms > 0 && now_ms - out->waits_since_ms > hub->quorum.limit_ms;
  return true;
}

void quorum_out(struct json_out *out, const struct hub *hub, const struct quorum_state *state)
{
  out_object(out, "log");
  out_int(out, "size", (int64_t)state->size);
  out_int(out, "witnessed", (int64_t)state->witnessed);
  out_int_or_null(out, "waits_since_ms", state->waits_since_ms);
  out_int(out, "limit_ms", hub->quorum.limit_ms);
  out_bool(out, "late", state->late);
  out_text(out, "rule", state->by_policy ? "policy" : "branches");
  out_end(out);
}
