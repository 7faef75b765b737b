#include "hub/recall.h"

#include "core/base/clock.h"
#include "core/base/conf.h"
#include "core/base/log.h"
#include "core/base/say.h"
#include "core/domain/account.h"
#include "hub/audit_index.h"
#include "hub/enrolled.h"
#include "hub/let_go.h"
#include "hub/recall_lines.h"
#include "hub/recall_options.h"
#include "hub/recall_report.h"
#include "hub/recall_tell.h"
#include "hub/told.h"
#include "net/tls.h"
#include "program/app.h"
#include "program/carried.h"
#include "program/left_out.h"
#include "program/rebuild.h"
#include "program/stop.h"
#include "site/division_names.h"
#include "sync/carry_history.h"
#include "sync/cut.h"
#include "sync/lost.h"
#include "sync/lost_leaf.h"
#include "sync/stranger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char GATHERED[] = "recall.db", BASE[] = "recall.base.db";
/* Branches dial within a minute: who has not by CALLS_MS is not there. */
enum { LOOK_MS = 500, TELL_MS = 10000, CALLS_MS = 90 * 1000 };

/* ---- files of branches without a line ---- */

static bool take_file(struct recall *recall, const char *path, struct err *err)
{
  struct buf file = BUF_INIT;
  struct recall_guest guest = {0};
  bool ok = carried_read(path, &file, err) &&
            recall_take_carried(recall, file.data, file.size, clock_wall_ms(), &guest, err);
  buf_wipe(&file);
  if (ok) log_info("%s: what branch %u holds is here (%s)", path, guest.branch, guest.serial);
  return ok || err_prefix(err, "%s", path);
}

static bool take_files(struct recall *recall, const char *list, struct err *err)
{
  char path[DATA_PATH_MAX];
  bool ok = true;
  while (ok && list && *list) {
    size_t n = strcspn(list, ",");
    snprintf(path, sizeof path, "%.*s", (int)n, list);
    ok = take_file(recall, path, err);
    list += n + (list[n] == ',');
  }
  return ok;
}

/* ---- waiting for branches ---- */

struct gathering {
  struct data_dir dir;
  struct identity identity;
  struct codes without, named;
  struct names without_these;
  struct checkpoints not_to;
  bool lost_too; /* what nobody brings is lost */
  struct recall *recall;
  struct recall_lines *lines;
  struct recall_state state;
  struct division_names names;
  struct recall_report report;
  struct recall_guest *guests;
  size_t guest_count;
  uint64_t have, base; /* leaves of the database, and of them those that nobody doubts */
  bool as_it_was;      /* nothing is missing but what the database knew of branches */
  bool is_new;         /* there was no database at all: it is empty */
  uint64_t shown;      /* of them, as far as a branch that came has witnessed what is here */
  struct buf enrolled; /* what is to be said of certificates, at the end */
  bool asked_once;     /* what mirrors were found to be is kept from one round to the next */
  struct recall_telling telling;
};

static bool is_waited_for(const struct gathering *g, uint32_t branch)
{
  for (size_t i = 0; i < g->without.count; i++)
    if (g->without.branch[i] == branch) return false;
  return true;
}

static size_t count_waited_for(const struct gathering *g)
{
  size_t n = 0;
  for (size_t i = 0; i < g->state.waiting_count; i++)
    n += is_waited_for(g, g->state.waiting[i]);
  return n;
}

/* It has certificates, and none of them is good: it calls in vain. */
static bool is_revoked(const struct gathering *g, uint32_t branch)
{
  char store[DATA_PATH_MAX];
  struct db *db = NULL;
  bool revoked = false;
  struct err unreadable = ERR_INIT;
  if (db_open(&db, data_dir_path(&g->dir, "store.db", store), DB_READ, &unreadable)) {
    struct query q =
        query_open(db, "SELECT count(*) > 0 AND sum(revoked_ms = 0) = 0 FROM certificate WHERE branch = ?1",
                   &unreadable);
    query_int(&q, 1, branch);
    revoked = query_row(&q) && column_int(&q, 0);
    (void)query_close(&q);
  }
  db_close(db);
  return revoked;
}

/* Who waits for a branch that is no more waits for ever, unless it is told how to end that. */
static void tell_ways_on(const struct gathering *g, size_t waiting)
{
  const struct recall_state *s = &g->state;
  const bool whole = s->brought_count > 0 && (s->target <= s->have || s->whole);
  const bool lose = !whole && s->can_lose;
  if (whole || lose)
    log_info(
        "%s of what the others have witnessed. When %s of these will never call, for the disk is gone or "
        "it is revoked, end this (SIGINT) and give the same command again with --without and its code%s; "
        "it is invited when this has ended and the hub runs",
        whole ? "nothing is missing" : "something is missing", waiting == 1 ? "the one" : "one",
        lose ? ", and --lost for what only it had" : "");
}

static void tell_waiting(struct gathering *g, size_t waiting)
{
  enum { NAMED_MAX = 5 };
  char line[800];
  size_t at = 0, named = 0;
  line[0] = 0;
  for (size_t i = 0; i < g->state.waiting_count && named < NAMED_MAX; i++) {
    uint32_t code = g->state.waiting[i];
    if (!is_waited_for(g, code)) continue;
    int n = snprintf(line + at, sizeof line - at, "%s %u %s%s", named++ ? "," : "", code,
                     division_name(&g->names, code),
                     is_revoked(g, code)
                         ? " (it is revoked, and refused when it calls with a certificate that is known here)"
                         : "");
    if (n > 0 && (size_t)n < sizeof line - at) at += (size_t)n;
  }
  log_info("waiting for %zu branches:%s%s", waiting, line, waiting > NAMED_MAX ? ", ..." : "");
  tell_ways_on(g, waiting);
}

/* Whose the missing leaves are is the first to have them. */
static void tell_owner(struct gathering *g, size_t gap)
{
  uint32_t owner = g->state.gaps[gap].run.stream.author;
  bool come = owner == g->identity.code || (gap && g->state.gaps[gap - 1].run.stream.author == owner);
  for (size_t i = 0; i < g->state.brought_count; i++)
    come = come || g->state.brought[i] == owner;
  if (!come)
    log_info("%u %s has not come, and leaves that are missing are its own: let it come, or bring its export "
             "--history; only when neither will ever be are they lost",
             owner, division_name(&g->names, owner));
}

/* A mirror is its branch's word: whose it is belongs to it.  In tiles the leaf is proved, and its keepers say
 * whose it is. */
static void tell_gaps(struct gathering *g)
{
  for (size_t i = 0; i < g->state.gap_count; i++)
    tell_owner(g, i);
  const uint32_t mirror_of = g->state.mirror_of;
  if (g->state.by_tiles)
    log_info("leaves of the log whose entry nobody has brought%s",
             g->lost_too || !g->state.can_lose
                 ? ":"
                 : " (when nobody has them any more, --lost ends without them):");
  else
    log_info("by the mirror of %u %s:", mirror_of, division_name(&g->names, mirror_of));
  for (size_t i = 0; i < g->state.gap_count; i++) {
    const struct recall_gap *gap = &g->state.gaps[i];
    log_info("missing: %llu of the leaves %llu..%llu, entries %llu..%llu of %u %s",
             (unsigned long long)gap->missing, (unsigned long long)gap->run.first_pos,
             (unsigned long long)(gap->run.first_pos + gap->run.count - 1),
             (unsigned long long)gap->run.first_seq,
             (unsigned long long)(gap->run.first_seq + gap->run.count - 1), gap->run.stream.author,
             division_name(&g->names, gap->run.stream.author));
  }
}

static void tell(struct gathering *g, size_t waiting)
{
  const struct recall_state *s = &g->state;
  uint64_t bytes = 0;
  size_t live = 0;
  recall_lines_count(g->lines, &bytes, &live);
  char shown[160] = "";
  if (s->target)
    snprintf(shown, sizeof shown, " (%u %s has witnessed them)", s->shown_by,
             division_name(&g->names, s->shown_by));
  log_info("%llu leaves in the backup, %llu to reach%s, %llu have a place, %llu of these are missing; %zu "
           "branches have brought all, %zu lines open, %.0f kB came",
           (unsigned long long)s->have, (unsigned long long)s->target, shown, (unsigned long long)s->mapped,
           (unsigned long long)s->missing, s->brought_count, live, (double)bytes / 1e3);
  if (waiting) tell_waiting(g, waiting);
  if (s->missing) tell_gaps(g);
}

/* Everybody we know of has come, and by one mirror everything has its place; or no mirror is left that could
 * lead there. */
static bool is_whole(const struct gathering *g, size_t waiting)
{
  const struct recall_state *s = &g->state;
  return waiting == 0 && s->brought_count > 0 &&
         (s->target <= s->have || s->whole || s->hopeless || (s->can_lose && (g->lost_too || s->said_lost)));
}

/* What a branch brings cannot say that there is none that knows more.  People can, by naming them all; or
 * else the database, which knows most of them, once whoever it does not know has had the time to call. */
static bool is_complete(const struct gathering *g, size_t waiting, int64_t quiet_ms)
{
  if (!is_whole(g, waiting)) return false;
  return g->named.count > 0 || (g->state.known > 0 && quiet_ms >= CALLS_MS);
}

static void tell_unnamed(const struct gathering *g, int64_t quiet_ms)
{
  char list[CODES_MAX * 7 + 1];
  size_t at = 0;
  list[0] = 0;
  for (size_t i = 0; i < g->state.brought_count && at + 8 < sizeof list; i++)
    at += (size_t)snprintf(list + at, sizeof list - at, "%s%u", i ? "," : "", g->state.brought[i]);
  if (g->state.known)
    log_info("all that this database knows of have brought what they have; whoever was enrolled later is "
             "waited for another %lld s, or named with --branches",
             (long long)(CALLS_MS - quiet_ms) / 1000);
  else
    log_warning(
        "this database does not know which branches there were, and one that has not come may hold "
        "more of the log: it is waited for until people say who there was. So far have come: %s. When "
        "these are all, end this (SIGINT) and give the same command again with --branches %s; with "
        "others, which are then waited for, when they are not",
        list, list);
}

/* The hub was not told of every cosignature before its disk went back: a branch may show that more of what is
 * here is the log it has witnessed, and then nobody needs to bring that again. */
static bool base_rises(struct gathering *g, size_t waiting, bool *rises, struct err *err)
{
  char store[DATA_PATH_MAX];
  uint64_t size = 0;
  *rises = false;
  if (waiting || g->state.brought_count == 0 || g->state.target <= g->base || g->state.target > g->have)
    return true;
  return recall_begins(g->recall, data_dir_path(&g->dir, "store.db", store), &size, rises, err) &&
         (!*rises || (g->shown = size, true));
}

static bool none_leads_there(const struct gathering *g, struct err *err)
{
  const struct recall_state *s = &g->state;
  return err_rule(err, ERR_REFUTED, "log", "other_root",
                  "nothing that the branches brought leads to the root that was signed at %llu%s%.200s",
                  (unsigned long long)s->target, s->fault_count ? "; " : "",
                  s->fault_count ? s->faults[0].why : "");
}

/* Looking costs what was gathered: the more there is, the more seldom. */
static bool gather(struct gathering *g, struct err *err)
{
  int64_t tell_ms = 0, look_ms = LOOK_MS, news_ms = clock_mono_ms();
  size_t came = 0;
  for (;;) {
    int64_t began_ms = clock_mono_ms();
    if (!recall_look(g->recall, &g->state, err)) return false;
    size_t waiting = count_waited_for(g);
    int64_t now_ms = clock_mono_ms();
    recall_tell_found(&g->telling, &g->state);
    if (g->state.brought_count != came) news_ms = now_ms;
    if (g->state.brought_count > came && is_whole(g, waiting)) tell_ms = now_ms;
    came = g->state.brought_count;
    bool complete = is_complete(g, waiting, now_ms - news_ms), rises = false;
    if (!base_rises(g, waiting, &rises, err)) return false;
    if (rises)
      return err_rule(err, ERR_CONFLICT, "", "base_rises",
                      "a branch has witnessed the first %llu leaves as they are here",
                      (unsigned long long)g->shown);
    if (complete || now_ms >= tell_ms) {
      tell(g, waiting);
      if (!complete && is_whole(g, waiting)) tell_unnamed(g, now_ms - news_ms);
      tell_ms = now_ms + TELL_MS;
    }
    if (complete) return !g->state.hopeless || none_leads_there(g, err);
    look_ms = (now_ms - began_ms) * 10 > LOOK_MS ? (now_ms - began_ms) * 10 : LOOK_MS;
    if (g->state.looking) look_ms = now_ms - began_ms; /* a part of what is to be looked at */
    if (stop_wait((int)look_ms))
      return err_rule(err, ERR_BUSY, "", "interrupted",
                      "stopped; what was brought is kept in %s/%s, the same command goes on from there",
                      g->dir.path, GATHERED);
  }
}

/* ---- afterwards ---- */

/* Who is who, by the log that came back, before it takes its place. */
static bool settle_enrolled(const char *path, void *ctx, struct err *err)
{
  struct gathering *g = ctx;
  char store[DATA_PATH_MAX];
  struct db *before = NULL;
  if (!db_open(&before, data_dir_path(&g->dir, "store.db", store), DB_READ, err)) return false;
  const struct enrolled_settling with = {.before = before,
                                         .province = g->identity.code,
                                         .now_ms = clock_wall_ms(),
                                         .guests = g->guests,
                                         .guest_count = g->guest_count,
                                         .out = &g->enrolled};
  struct db *db = NULL;
  buf_clear(&g->enrolled);
  bool ok = db_open(&db, path, DB_WRITE, err) && db_begin(db, err);
  if (ok) {
    ok = enrolled_settle(db, &with, err) && db_commit(db, err);
    if (!ok) db_rollback(db);
  }
  db_close(db);
  db_close(before);
  return ok && let_go_restore(path, g->identity.code, err);
}

/* What was shown is seen to, and who came with one that the log does not name has been told so. */
static bool settle(struct db *db, const struct gathering *g, struct err *err)
{
  bool ok = true;
  for (size_t i = 0; ok && i < g->guest_count; i++)
    if (g->guests[i].serial[0])
      ok = stranger_settle(db, g->guests[i].branch, g->guests[i].serial, clock_wall_ms(), err);
  return ok && stranger_settle_all(db, err);
}

static bool settle_strangers(const struct gathering *g, struct err *err)
{
  char store[DATA_PATH_MAX];
  struct db *db = NULL;
  bool ok = db_open(&db, data_dir_path(&g->dir, "store.db", store), DB_WRITE, err) && db_begin(db, err);
  if (ok) {
    ok = settle(db, g, err) && db_commit(db, err);
    if (!ok) db_rollback(db);
  }
  db_close(db);
  return ok;
}

struct first {
  struct one_time once;
};

/* Not when this is called again: the first call may have made it. */
static bool has_account(const struct app *app, bool *has, struct err *err)
{
  struct db *db = NULL;
  int64_t accounts = 0;
  bool ok = readers_take(app->readers, &db, err) &&
            db_int(db, "SELECT count(*) FROM account /* scan: a few */", 0, &accounts, err);
  readers_give(app->readers, db);
  *has = accounts > 0;
  return ok;
}

static bool put_admin(struct tx *tx, void *ctx, struct err *err)
{
  const struct first *first = ctx;
  return account_add(tx, SITE_HUB, "admin", "admin", first->once.hash, err);
}

static bool first_account(const char *path, struct err *err)
{
  struct app app;
  struct first first;
  if (!app_open(&app, APP_HUB, path, audit_index_migrate, err)) return false;
  bool has = false;
  bool ok = has_account(&app, &has, err) &&
            (has || (one_time_make(&first.once, err) && app_local(&app, put_admin, &first, err)));
  app_close(&app);
  if (ok && !has) say("first administrator: admin  one-time password: %s\n", first.once.password);
  crypto_wipe(&first, sizeof first);
  return ok;
}

/* ---- the command ---- */

/* The audit index is a cache of leaves, and so is how far refusals were told. */
static bool forget_index(const char *copy, struct err *err)
{
  struct db *db = NULL;
  bool ok = db_open(&db, copy, DB_WRITE, err) &&
            db_exec(db, "DELETE FROM audit; DELETE FROM audit_hash; DELETE FROM audit_break;", err) &&
            told_cut(db, err);
  db_close(db);
  return ok;
}

/* What the branches' log surely continues: a restored backup whole, for nothing was added to it; else as much
 * as a branch has cosigned, and `below` what was tried before. */
static bool find_base(struct gathering *g, const char *store, uint64_t below, struct err *err)
{
  struct db *db = NULL;
  int64_t have = 0, restored = 0;
  bool ok = db_open(&db, store, DB_READ, err) && log_end(db, &have, err) &&
            db_int(db, "SELECT count(*) FROM sync_restored", 0, &restored, err);
  g->have = g->base = (uint64_t)have;
  g->is_new = have == 0;
  if (ok && (below <= g->have || !restored)) ok = cut_place(db, below, &g->base, err);
  if (g->shown < below && g->shown > g->base) g->base = g->shown;
  db_close(db);
  return ok;
}

/* The log to begin with: the database's, or a copy of it that is cut back. */
static bool make_base(struct gathering *g, const char *store, char log[DATA_PATH_MAX], struct err *err)
{
  struct db *db = NULL;
  snprintf(log, DATA_PATH_MAX, "%s", store);
  if (g->base == g->have) return true;
  data_dir_path(&g->dir, BASE, log);
  unlink(log);
  log_info("%llu leaves are here; as far as %llu a branch has witnessed them: from there on the log is taken "
           "from the branches, and what it has otherwise is put aside",
           (unsigned long long)g->have, (unsigned long long)g->base);
  bool ok = db_open(&db, store, DB_READ, err) && db_copy(db, log, err);
  db_close(db);
  return ok && cut_log(log, g->base, clock_wall_ms(), err);
}

/* Keys without a database: an empty log, which the branches fill. */
static bool make_database(struct gathering *g, struct err *err)
{
  struct store *store = NULL;
  bool has = false;
  struct err unreadable = ERR_INIT;
  if (!app_has_database(&g->dir, &has, &unreadable) || has) return true; /* app_migrate judges it */
  log_warning("there is no database here: everything is taken from the branches");
  bool ok =
      app_migrate(&g->dir, audit_index_migrate, err) && app_store_open(&store, &g->dir, &g->identity, err);
  store_close(store);
  return ok;
}

static void tell_asides(const struct data_dir *dir)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  struct err err = ERR_INIT;
  if (db_open(&db, data_dir_path(dir, "store.db", path), DB_READ, &err))
    (void)left_out_tell(db, &err); /* what waits is journaled again when the hub starts */
  db_close(db);
}

static bool grow(const char *copy, void *ctx, int64_t *fresh_from, struct err *err)
{
  struct gathering *g = ctx;
  bool cut = g->base < g->have;
  if (cut) *fresh_from = (int64_t)g->base;
  if ((cut && !cut_log(copy, g->base, clock_wall_ms(), err)) ||
      !recall_assemble(g->recall, copy, &g->report, err) || (cut && !cut_settle(copy, err)) ||
      (cut && !forget_index(copy, err)))
    return false;
  recall_report_say(&g->report);
  return true;
}

/* Something may still stop the hub that none of those who came has brought. */
static void tell_stopped(const struct gathering *g)
{
  char path[DATA_PATH_MAX];
  struct db *db = NULL;
  struct err err = ERR_INIT;
  if (db_open(&db, data_dir_path(&g->dir, "store.db", path), DB_READ, &err))
    (void)let_go_hint(db, g->identity.code, &err);
  db_close(db);
}

static bool open_names(struct gathering *g, const char *store, struct err *err)
{
  struct db *db = NULL;
  bool ok = db_open(&db, store, DB_READ, err) && division_names_open(&g->names, db, LANGUAGE_ZH, err);
  db_close(db);
  return ok;
}

static bool restored_at(const char *store, int64_t *copied_ms, struct err *err)
{
  struct db *db = NULL;
  bool ok = db_open(&db, store, DB_READ, err) &&
            db_int(db, "SELECT copied_ms FROM sync_restored", 0, copied_ms, err);
  db_close(db);
  return ok;
}

static bool listen_address(const struct cli_args *args, const struct data_dir *dir, char out[136],
                           struct err *err)
{
  char path[DATA_PATH_MAX];
  struct conf *conf = NULL;
  struct cli_address address;
  const char *told = cli_value(args, "sync");
  if (!conf_open(&conf, data_dir_path(dir, "sunlit.conf", path), err)) return false;
  snprintf(out, 136, "%s", told ? told : conf_text(conf, "sync.listen", "0.0.0.0:7443"));
  conf_close(conf);
  return cli_address("sync", out, &address, err);
}

static bool expect_named(struct gathering *g, struct err *err)
{
  bool ok = true;
  for (size_t i = 0; ok && i < g->named.count; i++)
    ok = recall_expect(g->recall, g->named.branch[i], err);
  for (size_t i = 0; ok && i < g->without.count; i++)
    ok = recall_leave_out(g->recall, g->without.branch[i], err);
  for (size_t i = 0; ok && i < g->without_these.count; i++) {
    bool had_come = false;
    ok = recall_leave_out_one(g->recall, g->without_these.of[i], &had_come, err);
    if (ok && had_come) log_info("%s: what it brought is forgotten", g->without_these.of[i]);
  }
  for (size_t i = 0; ok && i < g->not_to.count; i++)
    ok = recall_not_to(g->recall, g->not_to.of[i].size, &g->not_to.of[i].root, err);
  return ok;
}

static bool from_base(struct gathering *g, const struct cli_args *args, uint64_t below, struct err *err)
{
  char gathered[DATA_PATH_MAX], store[DATA_PATH_MAX], listen[136], log[DATA_PATH_MAX];
  data_dir_path(&g->dir, GATHERED, gathered);
  data_dir_path(&g->dir, "store.db", store);
  bool ok =
      listen_address(args, &g->dir, listen, err) && find_base(g, store, below, err) &&
      make_base(g, store, log, err) && recall_open(&g->recall, gathered, log, g->identity.secret, err) &&
      (g->asked_once || recall_try_again(g->recall, err)) && expect_named(g, err) &&
      recall_read_bound(args, g->recall, err) && take_files(g->recall, cli_value(args, "carried"), err) &&
      recall_lines_open(&g->lines, &g->dir, g->recall, listen, err);
  if (ok) recall_lost_too(g->recall, g->lost_too);
  if (ok) log_info("waiting for the branches on port %u", recall_lines_port(g->lines));
  free(g->guests);
  g->guests = NULL;
  g->guest_count = 0;
  g->asked_once = ok;
  ok = ok && gather(g, err);
  recall_lines_close(g->lines); /* from here on nothing is brought any more */
  g->lines = NULL;
  ok = ok && recall_guests(g->recall, &g->guests, &g->guest_count, err) &&
       rebuild_dir(&g->dir, grow, settle_enrolled, g, err);
  recall_close(g->recall);
  g->recall = NULL;
  return ok;
}

static bool has_strangers(const struct gathering *g, const char *store)
{
  struct db *db = NULL;
  bool any = false;
  struct err unreadable = ERR_INIT;
  if (db_open(&db, store, DB_READ, &unreadable) && !stranger_any(db, &any, &unreadable)) any = false;
  db_close(db);
  for (size_t i = 0; g->guests && i < g->guest_count && !any; i++)
    any = !g->guests[i].known;
  return any;
}

/* A branch had shown an entry of ours that is not here, and nobody brings it: its disk is gone, or it is left
 * out. People have decided that by starting this; the log goes on as it is. */
static bool let_go(const char *store, uint32_t province, bool *done, struct err *err)
{
  struct db *db = NULL;
  bool ok = db_open(&db, store, DB_WRITE, err) && lost_any(db, province, done, err) &&
            (!*done || (db_begin(db, err) && lost_settle(db, err) && db_commit(db, err)));
  if (db && !ok) db_rollback(db);
  db_close(db);
  if (ok && *done)
    say("an entry of the province that a branch had shown was not brought by any: the log of this "
        "database goes "
        "on as it is\n");
  return ok;
}

/* A checkpoint that was cosigned after the disk went back is no common past either: then an older one is
 * tried. */
static bool gather_and_rebuild(struct gathering *g, const struct cli_args *args, int64_t *copied_ms,
                               struct err *err)
{
  char store[DATA_PATH_MAX];
  uint64_t below = INT64_MAX;
  data_dir_path(&g->dir, "store.db", store);
  g->lost_too = cli_value(args, "lost") != NULL;
  if (!recall_read_without(args, &g->without, &g->without_these, &g->not_to, err) ||
      !recall_read_codes(args, "branches", &g->named, err) ||
      !identity_read(&g->dir, "keys", &g->identity, err) || !make_database(g, err) ||
      !app_migrate(&g->dir, audit_index_migrate, err) || !let_go_restore(store, g->identity.code, err) ||
      !restored_at(store, copied_ms, err) || !open_names(g, store, err))
    return false;
  for (;;) {
    struct err why = ERR_INIT;
    bool done = false;
    if (from_base(g, args, below, &why)) return true;
    if (strcmp(why.rule, "base_rises") == 0) {
      log_info("%s", why.text);
      continue;
    }
    if (strcmp(why.rule, "nothing_missing") == 0) {
      struct err fault = ERR_INIT;
      bool settled = let_go(store, g->identity.code, &done, &fault) && done;
      /* It went back behind enrolments and nothing else that anybody has: they are taken over.  A restored
       * copy is resumed then. */
      g->as_it_was = !fault.kind && !*copied_ms && has_strangers(g, store);
      if (g->as_it_was) say("%s: the log stays as it is\n", why.text);
      if (settled || g->as_it_was) return settle_enrolled(store, g, err);
      if (fault.kind) why = fault;
    }
    if (strcmp(why.rule, "other_root") != 0 || g->base == 0) {
      *err = why;
      return false;
    }
    log_warning("%s", why.text);
    below = g->base;
  }
}

static void remove_gathered(const struct data_dir *dir)
{
  static const char *const tails[] = {"", "-wal", "-shm"};
  const char *const files[] = {GATHERED, BASE};
  char path[DATA_PATH_MAX], name[64];
  for (size_t f = 0; f < 2; f++)
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
      snprintf(name, sizeof name, "%s%s", files[f], tails[i]);
      unlink(data_dir_path(dir, name, path));
    }
}

static bool from_branches(const struct cli_args *args, struct err *err)
{
  struct gathering g = {.dir.lock = -1};
  g.telling.names = &g.names;
  int64_t copied_ms = 0;
  stop_start();
  if (!tls_start(err) || !data_dir_open(&g.dir, cli_value(args, "dir"), DATA_DIR_LOCKED, err)) return false;
  data_dir_say_rebuild(&g.dir);
  bool ok = gather_and_rebuild(&g, args, &copied_ms, err);
  recall_close(g.recall);
  g.recall = NULL;
  if (ok) remove_gathered(&g.dir);
  if (ok) tell_asides(&g.dir);
  ok = ok && settle_strangers(&g, err);
  if (ok || strcmp(err->rule, "nothing_missing") == 0) tell_stopped(&g);
  data_dir_close(&g.dir); /* app_open locks it itself */
  if (ok && g.is_new) ok = first_account(cli_value(args, "dir"), err);
  if (ok) say_lines(g.enrolled.data, g.enrolled.size);
  buf_wipe(&g.enrolled);
  free(g.guests);
  division_names_close(&g.names);
  identity_wipe(&g.identity);
  if (ok)
    say("%s; the newest checkpoint with its quorum is kept again once witnesses have cosigned the next one\n"
        "sunlit-hub run goes on from here\n",
        g.is_new
            ? "accounts, invitations and the log tokens of auditors are to be made anew "
              "(sunlit-hub log-token --for NAME)"
            : "accounts, passwords, invitations and the log tokens of auditors are those of the database "
              "it began with: what was made after it is to be made again (sunlit-hub log-token lists "
              "and makes tokens)");
  return ok;
}

bool recall_command(const struct cli_args *args, struct err *err)
{
  if (cli_value(args, "from-branches")) return from_branches(args, err);
  if (cli_value(args, "sync") || cli_value(args, "without") || cli_value(args, "branches") ||
      cli_value(args, "carried") || cli_value(args, "most-gib") || cli_value(args, "lost"))
    return err_rule(
        err, ERR_INPUT, "from-branches", "usage",
        "--sync, --branches, --carried, --without, --lost and --most-gib go with --from-branches");
  return rebuild_command(args, err);
}
