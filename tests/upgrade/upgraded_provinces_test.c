/* A province and its branch as an earlier release left them: opened by this one, both prove themselves, what
 * had not been sent arrives, rows from then are changed and deleted from both sides, the auditors' index is
 * made anew, and the tables made from the log are the same tables. usage: upgraded_provinces_test
 * NAME.tar.xz...   (tests/upgrade/make writes them) */
#include "hub/audit_index.h"
#include "hub/hub.h"
#include "sync/rebuild.h"
#include "tests/unit/sync/fixture.h"

#include "core/domain/domain.h"
#include "core/domain/refusal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *archive; /* of the test that runs */
static struct hub hub_app;
static struct app node_app;
static struct site hub, node;
static const struct stream up = {CHUNAN, 0}, down = {PROVINCE, 0}, told = {PROVINCE, CHUNAN};

static void unpack(void)
{
  pid_t pid = fork();
  if (pid == 0) {
    execl("/bin/tar", "tar", "-xf", archive, "-C", fixture_folder(), (char *)NULL);
    _exit(127);
  }
  int status = 0;
  assert_int_equal(waitpid(pid, &status, 0), pid);
  assert_int_equal(status, 0);
}

static void open_one(struct site *site, struct app *app, enum app_kind kind, const char *name,
                     app_migration more)
{
  struct err err = ERR_INIT;
  char folder[200];
  snprintf(folder, sizeof folder, "%s/%s", fixture_folder(), name);
  bool ok = app_open(app, kind, folder, more, &err);
  if (!ok) print_message("%s: %s\n", archive, err.text);
  assert_true(ok);
  store_listen(app->store, false);
  memset(site, 0, sizeof *site);
  snprintf(site->path, sizeof site->path, "%.140s/store.db", folder);
  site->author = app->code;
  site->store = app->store;
  assert_true(db_open(&site->reader, site->path, DB_READ, &err));
}

/* Up to which entry that release had told its branches of refusals; it knew them by their place in the log.
 */
static void had_told_through(int pos)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[200];
  snprintf(path, sizeof path, "%s/hub/store.db", fixture_folder());
  assert_true(db_open(&db, path, DB_WRITE, &err));
  struct query q =
      query_open(db, "INSERT OR REPLACE INTO setting(key, value) VALUES('quarantine_told', ?1)", &err);
  query_int(&q, 1, pos);
  assert_true(query_run(&q));
  db_close(db);
}

/* Its name says what it was written by: sync7-domain4.tar.xz. */
struct schemas {
  int sync, domain;
};

static struct schemas schemas_of_archive(void)
{
  const char *name = strrchr(archive, '/');
  struct schemas of = {0};
  assert_int_equal(sscanf(name ? name + 1 : archive, "sync%d-domain%d", &of.sync, &of.domain), 2);
  return of;
}

static int sync_schema_of_archive(void)
{
  return schemas_of_archive().sync;
}

static void open_both(void)
{
  open_one(&hub, &hub_app.app, APP_HUB, "hub", audit_index_migrate);
  open_one(&node, &node_app, APP_NODE, "node", NULL);
}

static void close_both(void)
{
  db_close(hub.reader);
  db_close(node.reader);
  app_close(&hub_app.app);
  app_close(&node_app);
}

static void both_verify(void)
{
  assert_true(site_verifies(&hub));
  assert_true(site_verifies(&node));
}

static void exchange(void)
{
  assert_int_equal(site_pull(&hub, &node, up).quarantined, 0);
  assert_int_equal(site_pull(&node, &hub, down).quarantined, 0);
  assert_int_equal(site_pull(&node, &hub, told).quarantined, 0);
  struct site *sides[] = {&hub, &node};
  for (int i = 0; i < 2; i++)
    assert_int_equal(site_int(sides[i], "SELECT count(*) FROM sync_quarantine"), 0);
}

/* "UPDATE t SET c = c, ..." would touch nothing; a text or number of each table that may change is changed.
 */
static void change_every_old_row(void)
{
  struct err err = ERR_INIT;
  bool ok = site_commit(&hub, 0, "UPDATE product SET name_en = name_en || '.' WHERE id < 40", NULL, &err) &&
            site_commit(&hub, 0, "UPDATE catalogue SET rev = rev + 1", NULL, &err) &&
            site_commit(&hub, 0, "DELETE FROM season WHERE rowid IN (SELECT rowid FROM season LIMIT 3)", NULL,
                        &err);
  if (!ok) print_message("%s\n", err.text);
  assert_true(ok);
}

static bool refuse_an_entry(struct tx *tx, void *ctx, struct err *err)
{
  return refusal_add(tx, CHUNAN, "entry", *(const int64_t *)ctx >> 12 << 12, "row_differs", "{}", err);
}

/* It is told to the branch as an entry that the province has not: that branch counts it no more, and nothing
 * else changes.  The province counts what it has. */
static void a_refused_entry_counts_at_its_branch_no_more(void)
{
  struct err err = ERR_INIT;
  struct act act = {.actor = "system",
                    .role = "system",
                    .action = "entry.refuse",
                    .lane = CHUNAN,
                    .now_ms = FIXTURE_NOW_MS};
  int64_t price = site_int(&node, "SELECT min(id) FROM price");
  assert_int_equal(site_int(&node, "SELECT count(*) FROM counted_price"), 6);
  assert_true(store_commit(hub.store, &act, refuse_an_entry, &price, NULL, &err));
  exchange();
  assert_int_equal(site_int(&node, "SELECT count(*) FROM counted_price"), 5);
  assert_int_equal(
      site_int(&node, "SELECT count(*) FROM counted_price WHERE id = (SELECT min(id) FROM price)"), 0);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM counted_evaluation"), 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM counted_price"), 6);
}

static void index_follows(void)
{
  struct err err = ERR_INIT;
  bool more = true;
  while (more)
    assert_true(audit_index_follow(&hub_app.app, hub.reader, 500, &more, &err));
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM audit"),
                   site_int(&hub, "SELECT count(*) FROM sync_entry"));
}

static void rebuilt_is_the_same(struct site *site)
{
  struct err err = ERR_INIT;
  struct rebuild_report report = {0};
  char copy[200];
  snprintf(copy, sizeof copy, "%.190s.copy", site->path);
  assert_true(db_copy(site->reader, copy, &err));
  bool ok = rebuild_tables(copy, site->path, &report, &err);
  if (!ok) print_message("%s: %s\n", archive, err.text);
  assert_true(ok);
  assert_int_equal(report.missing + report.extra, 0);
}

static void it_goes_on_with_this_release(void **state)
{
  (void)state;
  fixture_begin();
  unpack();
  bool told_by_place = sync_schema_of_archive() < 8;
  if (told_by_place) had_told_through(7);
  open_both();
  both_verify();
  /* of what stood at 7 in the log, and before, nobody is told again: its turn is 8 (schema 08 of sync) */
  if (told_by_place)
    assert_int_equal(site_int(&hub, "SELECT CAST(value AS INTEGER) FROM setting"
                                    " WHERE key = 'quarantine_told_turn'"),
                     8);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 4);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM price"), 6);
  /* its confirmation did not say of what, before domain 06: of what has always been there */
  int of_nothing = schemas_of_archive().domain < 6;
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM counted_confirmation"), 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM counted_confirmation WHERE rev IS NULL"), of_nothing);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM counted_confirmation WHERE rev IS NULL"),
                   of_nothing);
  change_every_old_row();
  exchange();
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 6);
  assert_int_equal(site_int(&node, "SELECT count(*) FROM product WHERE name_en LIKE '%.'"),
                   site_int(&hub, "SELECT count(*) FROM product WHERE name_en LIKE '%.'"));
  a_refused_entry_counts_at_its_branch_no_more();
  index_follows();
  both_verify();
  rebuilt_is_the_same(&hub);
  rebuilt_is_the_same(&node);
  close_both();
  open_both(); /* and the second opening finds nothing left to do */
  both_verify();
  close_both();
  fixture_end();
}

/* 0 when it ended well; what it says is shown when it did not. */
static int does(const char *program, const char *words)
{
  char line[1200];
  snprintf(line, sizeof line,
           "cd %s && export SUNLIT_PASSPHRASE=fixture-of-the-past && %s %s > said 2>&1 || { echo '%s:'; cat "
           "said; exit 1; }",
           fixture_folder(), program, words, words);
  return system(line);
}

/* 0 when it refuses with these words. */
static int says(const char *program, const char *words, const char *why)
{
  char line[1200];
  snprintf(line, sizeof line,
           "cd %s && ! %s %s > said 2>&1 && { grep -Eq '%s' said || { cat said; exit 1; }; }",
           fixture_folder(), program, words, why);
  return system(line);
}

static int schema_of(const char *name)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  char path[200];
  int64_t number = 0;
  snprintf(path, sizeof path, "%s/%s/store.db", fixture_folder(), name);
  assert_true(db_open(&db, path, DB_READ, &err));
  assert_true(db_int(db, "SELECT number FROM schema_version WHERE part = 'sync'", 0, &number, &err));
  db_close(db);
  return (int)number;
}

/* The program is a new one and nobody has let it run yet: a status, a proof, a rebuilding and the file that
 * saves a branch's records from a machine that cannot run any more ask for nothing that is not there. */
static void it_is_read_before_it_runs(void **state)
{
  (void)state;
  fixture_begin();
  unpack();
  assert_int_equal(does(HUB_PROGRAM, "status --dir hub"), 0);
  assert_int_equal(does(HUB_PROGRAM, "verify --dir hub"), 0);
  assert_int_equal(does(NODE_PROGRAM, "status --dir node"), 0);
  assert_int_equal(does(NODE_PROGRAM, "verify --dir node"), 0);
  assert_int_equal(does(NODE_PROGRAM, "export --dir node --all --out all"), 0);
  assert_int_equal(does(NODE_PROGRAM, "export --dir node --history --out history"), 0);
  assert_int_equal(does(NODE_PROGRAM, "proof --dir node --seq 1 --out proof"), 0);
  assert_int_equal(does(HUB_PROGRAM, "evidence --dir hub --pos 1 --out evidence"), 0);
  assert_int_equal(does(VERIFY_PROGRAM, "evidence"), 0);
  assert_int_equal(does(HUB_PROGRAM, "policy --dir hub"), 0);
  assert_int_equal(does(NODE_PROGRAM, "witness --dir node"), 0);
  assert_int_equal(does(HUB_PROGRAM, "backup --dir hub --out hub.backup"), 0);
  assert_int_equal(does(NODE_PROGRAM, "backup --dir node --out node.backup"), 0);
  assert_int_equal(schema_of("hub"), sync_schema_of_archive()); /* and nothing was done to it */
  assert_int_equal(schema_of("node"), sync_schema_of_archive());
  assert_int_equal(does(HUB_PROGRAM, "rebuild --dir hub"), 0);
  assert_int_equal(does(NODE_PROGRAM, "rebuild --dir node"), 0);
  open_both();
  both_verify();
  close_both();
  fixture_end();
}

/* What has to write needs the tables of now: it makes them, or it says who stands in the way. */
static void what_writes_brings_it_up_to_date(void **state)
{
  (void)state;
  static const struct {
    const char *program, *name, *words;
  } commands[] = {{HUB_PROGRAM, "hub", "account --dir hub"},
                  {HUB_PROGRAM, "hub", "account --dir hub --reset --name admin"},
                  {HUB_PROGRAM, "hub", "account --dir hub --unlock"},
                  {HUB_PROGRAM, "hub", "invite --dir hub --branch 330127 --address x:1"},
                  {HUB_PROGRAM, "hub", "revoke --dir hub --branch 330127"},
                  {HUB_PROGRAM, "hub", "log-token --dir hub --for auditor"},
                  {HUB_PROGRAM, "hub", "log-token --dir hub"},
                  {HUB_PROGRAM, "hub", "let-go --dir hub"},
                  {NODE_PROGRAM, "node", "account --dir node"},
                  {NODE_PROGRAM, "node", "account --dir node --reset --name admin"}};
  if (sync_schema_of_archive() == (int)sync_migrations_count)
    skip(); /* it is of now: there is nothing to make */
  fixture_begin();
  for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
    struct data_dir held;
    struct err err = ERR_INIT;
    char folder[200];
    unpack();
    snprintf(folder, sizeof folder, "%s/%s", fixture_folder(), commands[i].name);
    assert_true(data_dir_open(&held, folder, DATA_DIR_LOCKED, &err)); /* as the earlier program does */
    assert_int_equal(says(commands[i].program, commands[i].words, "still runs on it|is in use by process"),
                     0);
    assert_int_equal(schema_of(commands[i].name), sync_schema_of_archive());
    data_dir_close(&held);
    assert_int_equal(does(commands[i].program, commands[i].words), 0);
    assert_int_equal(schema_of(commands[i].name), (int)sync_migrations_count);
  }
  fixture_end();
}

int main(int argc, char **argv)
{
  int failed = 0;
  const struct CMUnitTest tests[] = {cmocka_unit_test(it_is_read_before_it_runs),
                                     cmocka_unit_test(what_writes_brings_it_up_to_date),
                                     cmocka_unit_test(it_goes_on_with_this_release)};
  if (argc < 2) return 2;
  for (int i = 1; i < argc; i++) {
    archive = argv[i];
    print_message("%s\n", archive);
    failed += cmocka_run_group_tests(tests, NULL, NULL);
  }
  return failed != 0;
}
