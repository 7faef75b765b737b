#include "node/status.h"

#include "core/base/clock.h"
#include "core/base/json.h"
#include "core/base/say.h"
#include "core/domain/catalogue.h"
#include "core/domain/contact.h"
#include "core/domain/heard.h"
#include "core/domain/price.h"
#include "core/domain/refusal.h"
#include "node/now.h"
#include "node/pending.h"
#include "program/identity.h"
#include "program/left_out.h"
#include "sync/aside.h"
#include "sync/keep_prove.h"
#include "sync/older.h"
#include "sync/restored.h"
#include "sync/streams.h"
#include "sync/tlog.h"
#include "sync/witness.h"

#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

struct status {
  struct identity identity;
  struct head head;
  struct backlog pending;
  uint64_t acked;
  int64_t received_ms; /* of the newest acknowledged entry */
  int64_t later;       /* own prices of a day that has not come */
  int64_t refused, catalogue_rev, catalogue_ms, products;
  enum unheard unheard;
  bool frozen;
  int64_t denied; /* holes that were not the log's */
  struct aside_counts aside;
  int64_t strayed_ms; /* what it keeps of the log led elsewhere then, and has not been proved since; 0: no */
  char contact_kind[8];
  int64_t contact_ms;
  enum now_answer running;
  struct now now;       /* what the running program says of itself */
  struct trouble wrong; /* why a person is needed; rule "" when nobody is */
};

static void set_wrong(struct status *s, const char *rule, const char *text)
{
  snprintf(s->wrong.rule, sizeof s->wrong.rule, "%s", rule);
  snprintf(s->wrong.text, sizeof s->wrong.text, "%s", text);
}

/* Whether the disk would take a write now, for a program that does not run or could not say so. */
static void look_at_disk(struct status *s, const struct data_dir *dir)
{
  struct statvfs disk;
  if (statvfs(dir->path, &disk) != 0) return;
  if (disk.f_flag & ST_RDONLY)
    set_wrong(s, "read_only", "the disk is read-only");
  else if (disk.f_blocks > 0 && disk.f_bavail == 0)
    set_wrong(s, "disk_full", "there is no room on the disk");
}

/* Worst first: nothing can be saved, the branch's journal is in doubt, the line cannot go on. */
static bool find_wrong(struct status *s, const struct data_dir *dir, struct db *db, struct err *err)
{
  char origin[TLOG_ORIGIN_SIZE];
  struct witness_held held;
  int64_t copied_ms = 0;
  tlog_origin(origin, s->identity.province);
  if (!witness_held(db, origin, &held, err) || !restored_state(db, &copied_ms, err)) return false;
  if (s->running == NOW_SAID) s->wrong = s->now.trouble;
  if (!*s->wrong.rule) look_at_disk(s, dir);
  if (!*s->wrong.rule && held.distrust[0])
    set_wrong(s, held.distrust, "the province's log contradicted what it had signed before");
  if (!*s->wrong.rule && s->frozen)
    set_wrong(s, "frozen", "the province holds another record for one place of this branch's journal");
  if (!*s->wrong.rule && s->running == NOW_SAID && *s->now.stall_rule)
    set_wrong(s, s->now.stall_rule, s->now.stall);
  if (!*s->wrong.rule && data_dir_rebuilds(dir))
    set_wrong(s, "rebuilding",
              "its tables are being made anew: what is said here is of the database as it was");
  if (!*s->wrong.rule && s->running == NOW_SILENT)
    set_wrong(s, "silent",
              "the program runs and has not said how it is for ten seconds: it hangs, or its disk does");
  if (!*s->wrong.rule && copied_ms)
    set_wrong(s, "restored", "it was put back from a backup and waits for what the province has");
  return true;
}

static void newest(void *ctx, const struct contact *row)
{
  struct status *s = ctx;
  if (s->contact_ms) return;
  s->contact_ms = row->at_ms + row->took_ms;
  snprintf(s->contact_kind, sizeof s->contact_kind, "%s", row->kind);
}

static bool gather(struct db *db, struct status *s, struct err *err)
{
  uint64_t after;
  const struct stream own = {s->identity.code, 0};
  return stream_head(db, own, &s->head, err) && stream_frozen(db, own, &s->frozen, err) &&
         aside_count(db, &s->aside, err) &&
         db_int(db, "SELECT count(*) FROM sync_evidence WHERE rule = 'hole_denied' /* scan: few */", 0,
                &s->denied, err) &&
         stream_acked(db, own, &s->acked, &s->received_ms, err) &&
         pending_look(db, &s->identity, s->acked, &after, &s->pending, err) &&
         refusal_count(db, s->identity.code, &s->refused, err) &&
         catalogue_state(db, &s->catalogue_rev, &s->catalogue_ms, &s->products, err) &&
         heard_look(db, &s->unheard, err) && keep_strayed(db, &s->strayed_ms, err) &&
         contact_list(db, 1, newest, s, err);
}

/* By the province's day, as far as the running program knows it. */
static bool find_later(struct status *s, struct db *db, struct err *err)
{
  int64_t known = 0;
  if (!db_int(db, "SELECT count(*) FROM pragma_table_list('standing_price')", 0, &known, err)) return false;
  if (!known)
    return true; /* a database of before what stands was kept by a view, until the program runs on it */
  int64_t off_ms = s->running == NOW_SAID ? s->now.off_ms : 0;
  return price_count_later(db, s->identity.code, date_of_ms(clock_wall_ms() - off_ms), &s->later, err);
}

/* Worst first, as the pages' chip. */
static const char *state_of(const struct status *s)
{
  if (*s->wrong.rule || s->refused) return "attention";
  if (!s->contact_ms) return "unknown";
  if (s->running == NOW_SAID ? s->now.link == LINK_DOWN : strcmp(s->contact_kind, "down") == 0)
    return "offline";
  return s->pending.count ? "pending" : "synced";
}

static bool print_json(struct db *db, const struct status *s, struct err *err)
{
  struct buf text = BUF_INIT;
  json_t *o = json_pack(
      "{s:s, s:I, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s?, s:b, s:b, s:s?, s:s?, s:{s:s, s:I}, "
      "s:{s:I, "
      "s:I, "
      "s:I}}",
      "state", state_of(s), "code", (json_int_t)s->identity.code, "name_zh", s->identity.name, "epoch",
      (json_int_t)s->identity.epoch, "seq", (json_int_t)s->head.seq, "acked", (json_int_t)s->acked, "pending",
      (json_int_t)s->pending.count, "pending_bytes", (json_int_t)s->pending.bytes, "oldest_pending_ms",
      (json_int_t)s->pending.oldest_ms, "refused", (json_int_t)s->refused, "later", (json_int_t)s->later,
      "unheard", heard_word(s->unheard), "frozen", s->frozen, "running", s->running, "wrong",
      *s->wrong.rule ? s->wrong.rule : NULL, "why", *s->wrong.rule ? s->wrong.text : NULL, "last_contact",
      "kind", s->contact_kind, "at_ms", (json_int_t)s->contact_ms, "catalogue", "rev",
      (json_int_t)s->catalogue_rev, "at_ms", (json_int_t)s->catalogue_ms, "products",
      (json_int_t)s->products);
  if (s->strayed_ms) json_object_set_new(o, "kept_strayed_ms", json_integer((json_int_t)s->strayed_ms));
  bool made = o != NULL, named = made && left_out_json(db, o, err), ok = named && json_write(&text, o);
  if (ok) say_lines(text.data, text.size);
  if (ok) say("\n");
  json_decref(o);
  buf_wipe(&text);
  if (made && !named) return false;
  return ok || err_set(err, ERR_IO, "out of memory");
}

static bool print_words(struct db *db, const struct status *s, struct err *err)
{
  char at[30] = "never";
  if (s->contact_ms) time_format(at, s->contact_ms);
  say("%u %s  %s\n", s->identity.code, s->identity.name, state_of(s));
  say("entries %llu, received by the province %llu, pending %llu (%llu bytes), refused %lld\n",
      (unsigned long long)s->head.seq, (unsigned long long)s->acked, (unsigned long long)s->pending.count,
      (unsigned long long)s->pending.bytes, (long long)s->refused);
  say("last contact %s %s\ncatalogue revision %lld, %lld products\n", at, s->contact_kind,
      (long long)s->catalogue_rev, (long long)s->products);
  if (s->unheard == UNHEARD_CATALOGUE)
    say("the province has not been heard here: what it and this branch have recorded is not known yet\n");
  if (s->unheard == UNHEARD_HISTORY)
    say("what this branch had recorded is coming back from the province and is not all here\n");
  if (s->later)
    say("%lld own prices claim a day that has not come and are compared with nothing until then: correct "
        "their "
        "day or take them back on the page /records?state=later\n",
        (long long)s->later);
  if (s->aside.again || s->aside.waiting || s->aside.kept)
    say("written on a disk that had gone back: %lld entries journaled again, %lld wait for the province, "
        "%lld are "
        "kept aside\n",
        (long long)s->aside.again, (long long)s->aside.waiting, (long long)s->aside.kept);
  if (s->strayed_ms) {
    time_format(at, s->strayed_ms);
    say("what the province gave of its log to keep did not lead to the checkpoint that it signed, last on "
        "%s: it was let go, and is asked for again\n",
        at);
  }
  if (s->denied)
    say("said to be lost with the province's key, and not so by its log: %lld times; what was written "
        "behind is written again, the evidence is on the page /sync\n",
        (long long)s->denied);
  if (!left_out_tell(db, err)) return false;
  if (s->running == NOW_STOPPED) say("the program does not run\n");
  if (s->running == NOW_SAID && s->now.link == LINK_DOWN) say("the line is down: %s\n", s->now.error);
  return true;
}

bool status_command(const struct cli_args *args, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct data_dir dir;
  struct db *db = NULL;
  struct status status = {0};
  if (!crypto_start(err) || !data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_SHARED, err)) return false;
  bool ok = identity_read(&dir, "keys", &status.identity, err) &&
            db_open(&db, data_dir_path(&dir, "store.db", path), DB_READ, err) &&
            older_bear(db, DB_READ, err) && gather(db, &status, err);
  status.running = now_read(&dir, &status.now);
  ok = ok && find_later(&status, db, err) && find_wrong(&status, &dir, db, err);
  crypto_wipe(status.identity.secret, SECRET_SIZE);
  if (ok) ok = cli_value(args, "json") ? print_json(db, &status, err) : print_words(db, &status, err);
  db_close(db);
  data_dir_close(&dir);
  if (ok && *status.wrong.rule)
    return err_rule(err, ERR_CONFLICT, "", status.wrong.rule, "%s: %s", status.wrong.rule, status.wrong.text);
  return ok;
}
