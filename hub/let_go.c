#include "hub/let_go.h"

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/say.h"
#include "core/domain/security_event.h"
#include "hub/audit_index.h"
#include "hub/empty_log.h"
#include "program/app.h"
#include "sync/beyond.h"
#include "sync/let_go_said.h"
#include "sync/lost.h"
#include "sync/restored.h"
#include "sync/store_log.h"
#include "sync/stranger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 256, WHAT_SIZE = 128 };

enum item_kind { CHECKPOINT, ENTRY, CERTIFICATE };

/* One thing that stops the hub, as the word that lets it go names it. */
struct item {
  enum item_kind kind;
  uint32_t branch, lane; /* lane: of an entry */
  struct beyond beyond;  /* of a checkpoint */
  char serial[65];       /* of a certificate */
  int64_t at_ms;
  char what[WHAT_SIZE];
};

struct items {
  struct item all[ITEMS_MAX];
  size_t count;
};

static struct item *add(struct items *items, enum item_kind kind, uint32_t branch, int64_t at_ms)
{
  static struct item beyond_the_bound; /* told when the others are let go */
  struct item *item = items->count < ITEMS_MAX ? &items->all[items->count++] : &beyond_the_bound;
  *item = (struct item){.kind = kind, .branch = branch, .at_ms = at_ms};
  return item;
}

static void add_checkpoint(void *ctx, const struct beyond *row)
{
  char text[LET_GO_TEXT_SIZE];
  struct item *item = add(ctx, CHECKPOINT, row->branch, row->at_ms);
  item->beyond = *row;
  let_go_text(text, row);
  snprintf(item->what, sizeof item->what, "%s", strchr(text, ' ') + 1);
}

static void add_entry(void *ctx, const struct lost_entry *row)
{
  char hash[2 * HASH_SIZE + 1];
  struct item *item = add(ctx, ENTRY, row->branch, row->at_ms);
  hex_encode(hash, row->hash, HASH_SIZE);
  item->lane = row->lane;
  snprintf(item->what, sizeof item->what, "entry:%" PRIu32 ":%" PRIu64 ":%s", row->lane, row->seq, hash);
}

static void add_certificate(void *ctx, uint32_t branch, const char *serial, int64_t at_ms)
{
  struct item *item = add(ctx, CERTIFICATE, branch, at_ms);
  snprintf(item->serial, sizeof item->serial, "%.64s", serial);
  snprintf(item->what, sizeof item->what, "certificate:%s", item->serial);
}

static bool collect(struct db *db, uint32_t province, struct items *items, struct err *err)
{
  items->count = 0;
  return beyond_list(db, add_checkpoint, items, err) && lost_list(db, province, add_entry, items, err) &&
         stranger_list(db, add_certificate, items, err);
}

static void list(const struct items *items, const char *dir)
{
  char at[30];
  say("this hub adds nothing, because branches have shown what its log does not have. First sunlit-hub "
      "rebuild --from-branches, which takes it back from whoever has it. Only when nobody will: each line "
      "goes on without one of them for good. Its entries are lost where no branch has them, and what is "
      "signed again in their place contradicts what the branch holds, which stands alone when it comes "
      "back. A checkpoint that several branches hold is let go once, for all of them\n");
  for (size_t i = 0; i < items->count; i++) {
    time_format(at, items->all[i].at_ms);
    say("%s branch %" PRIu32 ":\n  sunlit-hub let-go --dir %s --branch %" PRIu32 " --what %s\n", at,
        items->all[i].branch, dir, items->all[i].branch, items->all[i].what);
  }
}

/* A checkpoint that several branches have shown goes for all of them at once; all else is one branch's. */
static bool goes_with(const struct item *item, const struct item *named)
{
  return item == named || (item->kind == CHECKPOINT && strcmp(item->what, named->what) == 0);
}

static bool leave_events(struct tx *tx, const struct items *items, const struct item *named, struct err *err)
{
  char detail[WHAT_SIZE + 16];
  for (size_t i = 0; i < items->count; i++) {
    if (!goes_with(&items->all[i], named)) continue;
    snprintf(detail, sizeof detail, "%" PRIu32 " %s", items->all[i].branch, named->what);
    if (!security_event_leave(tx, "let_go", detail, err)) return false;
  }
  return true;
}

static bool carry_out(struct db *db, const struct identity *identity, const struct items *items,
                      const struct item *item, struct err *err)
{
  struct tx tx = {.db = db,
                  .author = identity->code,
                  .now_ms = clock_wall_ms(),
                  .actor = "command line",
                  .role = "admin"};
  if (!leave_events(&tx, items, item, err)) return false;
  switch (item->kind) {
  case CHECKPOINT: return beyond_let_go(db, identity->code, &item->beyond, err);
  case ENTRY: return lost_let_go(db, item->lane, err);
  case CERTIFICATE: return stranger_settle(db, item->branch, item->serial, tx.now_ms, err);
  }
  return false;
}

static const struct item *find(const struct items *items, long branch, const char *what)
{
  for (size_t i = 0; i < items->count; i++)
    if ((long)items->all[i].branch == branch && strcmp(items->all[i].what, what) == 0) return &items->all[i];
  return NULL;
}

static bool let_go(struct db *db, const struct identity *identity, const struct cli_args *args,
                   struct items *items, struct err *err)
{
  const char *what = cli_value(args, "what");
  long branch = 0;
  if (!what || !cli_value(args, "branch"))
    return err_rule(err, ERR_INPUT, "what", "usage", "--branch and --what go together");
  if (!cli_int("branch", cli_value(args, "branch"), 100000, 999999, &branch, err)) return false;
  const struct item *item = find(items, branch, what);
  if (!item)
    return err_rule(err, ERR_MISSING, "what", "not_shown",
                    "branch %ld has not shown %.100s, or it stops nothing: let-go without more words lists "
                    "what does",
                    branch, what);
  bool ok = db_begin(db, err) && carry_out(db, identity, items, item, err) && db_commit(db, err);
  if (!ok) {
    db_rollback(db);
    return false;
  }
  for (size_t i = 0; i < items->count; i++)
    if (goes_with(&items->all[i], item))
      say("let go: branch %" PRIu32 ", %s; the audit trail says so when the hub runs\n", items->all[i].branch,
          what);
  if (item->kind == CERTIFICATE)
    say("what that branch holds comes back all the same: sunlit-hub invite --branch %" PRIu32
        ", and at the branch sunlit-node enroll in its own directory, which keeps its data. When it holds a "
        "longer "
        "log than this, it stops the hub once more: let-go lists that checkpoint then, and its records come "
        "with "
        "export --all and accept\n",
        item->branch);
  return collect(db, identity->code, items, err);
}

static bool say_free(struct db *db, bool any_more, struct err *err)
{
  int64_t copied_ms = 0;
  if (!restored_state(db, &copied_ms, err)) return false;
  if (copied_ms)
    say("no branch stops this hub; it was put back from a backup and adds nothing until sunlit-hub rebuild "
        "--from-branches,\nor resume when nothing came after the backup\n");
  else
    say(any_more ? "nothing stops this hub any more: sunlit-hub run\n" : "nothing stops this hub\n");
  return true;
}

static bool work(struct db *db, const struct identity *identity, const struct cli_args *args, struct err *err)
{
  struct items *items = calloc(1, sizeof *items);
  bool acts = cli_value(args, "branch") || cli_value(args, "what");
  bool ok = items || err_set(err, ERR_IO, "out of memory");
  ok = ok && collect(db, identity->code, items, err) && (!acts || let_go(db, identity, args, items, err));
  if (ok && items->count)
    list(items, cli_value(args, "dir"));
  else if (ok)
    ok = say_free(db, acts, err);
  free(items);
  return ok;
}

bool let_go_command(const struct cli_args *args, struct err *err)
{
  char path[DATA_PATH_MAX];
  struct data_dir dir;
  struct identity identity;
  struct db *db = NULL;
  if (!crypto_start(err) || !data_dir_open(&dir, cli_value(args, "dir"), DATA_DIR_LOCKED, err)) return false;
  bool ok = identity_read(&dir, "keys", &identity, err) && app_migrate(&dir, audit_index_migrate, err) &&
            db_open(&db, data_dir_path(&dir, "store.db", path), DB_WRITE, err) &&
            empty_log_none(db, &dir, err) && work(db, &identity, args, err);
  identity_wipe(&identity);
  db_close(db);
  data_dir_close(&dir);
  return ok;
}

static bool restore(struct db *db, const struct beyond *row, int64_t at_ms, struct err *err)
{
  struct query q = query_open(db,
                              "INSERT INTO sync_beyond(branch, size, root, note, at_ms, let_go)"
                              " VALUES(?1, ?2, ?3, '', ?4, 1) ON CONFLICT DO UPDATE SET let_go = 1"
                              " WHERE let_go = 0",
                              err);
  query_int(&q, 1, row->branch);
  query_int(&q, 2, (int64_t)row->size);
  query_blob(&q, 3, row->root.bytes, HASH_SIZE);
  query_int(&q, 4, at_ms);
  return query_run(&q);
}

static bool restore_all(struct db *db, uint32_t province, struct err *err)
{
  struct query q = query_open(db,
                              "SELECT detail, at_ms FROM security_event WHERE branch = ?1 AND kind ="
                              " 'let_go' ORDER BY id /* scan: at a rebuilding */",
                              err);
  bool ok = true;
  query_int(&q, 1, province);
  while (ok && query_row(&q)) {
    struct beyond row;
    if (let_go_text_read(&row, column_text(&q, 0))) ok = restore(db, &row, column_int(&q, 1), err);
  }
  return query_close(&q) && ok;
}

bool let_go_restore(const char *path, uint32_t province, struct err *err)
{
  struct db *db = NULL;
  bool ok = db_open(&db, path, DB_WRITE, err) && db_begin(db, err);
  if (ok) {
    ok = restore_all(db, province, err) && db_commit(db, err);
    if (!ok) db_rollback(db);
  }
  db_close(db);
  return ok;
}

bool let_go_hint(struct db *db, uint32_t province, struct err *err)
{
  bool went_back = false;
  if (!log_went_back(db, province, &went_back, err)) return false;
  if (went_back)
    say("a branch has shown more than this log has, and has not brought it: the hub adds nothing yet. When "
        "that branch will never come, sunlit-hub let-go names what it has shown, and goes on without it\n");
  return true;
}
