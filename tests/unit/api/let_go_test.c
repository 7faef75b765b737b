/* A hub that went back, and the branch that shows it is gone for good: the recovery ends by a person's word,
 * which names the branch and what is let go. */
#include "core/base/cli.h"
#include "core/base/clock.h"
#include "core/domain/security_event.h"
#include "hub/audit_index.h"
#include "hub/hub.h"
#include "hub/let_go.h"
#include "hub/resume.h"
#include "hub/run.h"
#include "rig.h"
#include "sync/beyond.h"
#include "sync/let_go_said.h"
#include "sync/note.h"
#include "sync/store_log.h"
#include "sync/stranger.h"
#include "sync/tlog.h"

#include <stdio.h>
#include <string.h>

enum { GONE = 330127, HERE = 330122 };

static struct hub hub;
static char dir[400];

static void must(bool ok, const struct err *err)
{
  if (!ok) fail_msg("%s: %s", err->rule, err->text);
}

static int begin(void **state)
{
  (void)state;
  memset(&hub, 0, sizeof hub);
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  rig_seed(&hub.app);
  snprintf(dir, sizeof dir, "%s", hub.app.dir.path);
  return 0;
}

static int end(void **state)
{
  (void)state;
  rig_site_close(&hub.app);
  return 0;
}

static void open_again(void)
{
  struct err err = ERR_INIT;
  must(app_open(&hub.app, APP_HUB, dir, audit_index_migrate, &err), &err);
  store_listen(hub.app.store, false);
}

/* The program is stopped, the command is typed, the program starts again; the exit code. */
static int typed(const char *branch, const char *what)
{
  static const struct cli_command commands[] = {
      {"let-go",
       "goes on without",
       NULL,
       {{"dir", "D", true, "where"}, {"branch", "CODE", false, "whose"}, {"what", "WORD", false, "what"}},
       let_go_command}};
  static const struct cli cli = {"sunlit-hub", "a program for tests", commands, 1, NULL};
  char words[8][420] = {"sunlit-hub", "let-go", "--dir"};
  char *argv[8];
  int argc = 4;
  snprintf(words[3], sizeof words[3], "%s", dir);
  if (branch) snprintf(words[argc++], sizeof words[0], "--branch");
  if (branch) snprintf(words[argc++], sizeof words[0], "%s", branch);
  if (what) snprintf(words[argc++], sizeof words[0], "--what");
  if (what) snprintf(words[argc++], sizeof words[0], "%s", what);
  for (int i = 0; i < argc; i++)
    argv[i] = words[i];
  app_close(&hub.app);
  int code = cli_main(&cli, argc, argv);
  open_again();
  return code;
}

/* A checkpoint with our signature over a log that is not here: what a lost disk had signed. */
static void write_checkpoint(uint64_t size, uint8_t root, char note[600])
{
  struct err err = ERR_INIT;
  struct checkpoint lost = {.size = size};
  struct note_key key;
  struct buf text = BUF_INIT, out = BUF_INIT;
  tlog_origin(lost.origin, PROVINCE_CODE);
  memset(lost.root.bytes, root, HASH_SIZE);
  must(note_key_init(&key, lost.origin, NOTE_KEY_ED25519, hub.app.identity.secret + SEED_SIZE, &err), &err);
  checkpoint_encode(&out, &lost);
  put_bytes(&text, out.data, out.size);
  put_text(&out, "\n");
  note_sign(&out, (const char *)text.data, text.size, &key, hub.app.identity.secret);
  snprintf(note, 600, "%.*s", (int)out.size, (const char *)out.data);
  buf_wipe(&text);
  buf_wipe(&out);
}

static bool shows(uint32_t branch, uint64_t size, uint8_t root)
{
  struct err err = ERR_INIT;
  char note[600];
  bool rolled_back = false;
  write_checkpoint(size, root, note);
  must(store_witnessed(hub.app.store, branch, note, strlen(note), clock_wall_ms(), &rolled_back, &err), &err);
  return rolled_back;
}

static bool adds(void)
{
  return store_writable(hub.app.store, NULL);
}

static void name_checkpoint(char what[128], uint64_t size, uint8_t root)
{
  char hex[2 * HASH_SIZE + 1];
  uint8_t bytes[HASH_SIZE];
  memset(bytes, root, sizeof bytes);
  hex_encode(hex, bytes, sizeof bytes);
  snprintf(what, 128, "checkpoint:%d:%s", (int)size, hex);
}

/* The command line's events are told when the program flushes. */
static bool flush(struct tx *tx, void *ctx, struct err *err)
{
  (void)ctx;
  return security_event_flush(tx, err);
}

static void a_checkpoint_is_let_go_by_its_branch_size_and_root(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char what[128], other[128], detail[300];
  assert_true(shows(GONE, 100000, 7));
  assert_false(adds());
  assert_int_equal(typed(NULL, NULL), 0); /* only lists */
  assert_false(adds());
  name_checkpoint(what, 100000, 7);
  name_checkpoint(other, 100000, 8);
  assert_int_equal(typed("330127", other), 1);
  assert_int_equal(typed("330122", what), 1);
  assert_int_equal(typed("330127", NULL), 1);
  assert_int_equal(typed(NULL, what), 1);
  assert_false(adds());
  assert_int_equal(typed("330127", what), 0);
  assert_true(adds());
  must(store_sign_log(hub.app.store, clock_wall_ms(), &err), &err);
  const struct act act = {
      .actor = "system", .role = "system", .action = "security.event", .now_ms = clock_wall_ms()};
  must(app_commit(&hub.app, &act, flush, NULL, NULL, &err), &err);
  snprintf(detail, sizeof detail,
           "SELECT count(*) FROM security_event WHERE kind = 'let_go' AND detail = '330127 %s'", what);
  assert_int_equal(rig_count(&hub.app, detail), 1);
  /* Nor does it stop when that branch comes all the same, or another has it; also after a start. */
  assert_false(shows(GONE, 100000, 7));
  assert_false(shows(HERE, 100000, 7));
  assert_true(adds());
  assert_int_equal(typed("330127", what), 1); /* there is nothing left to let go */
  assert_true(adds());
}

static void what_was_not_named_goes_on_stopping(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char what[128];
  bool first = false;
  assert_true(shows(GONE, 100000, 7));
  assert_true(shows(HERE, 90000, 9));
  must(store_stranger(hub.app.store, 330182, "4a", clock_wall_ms(), &first, &err), &err);
  name_checkpoint(what, 100000, 7);
  assert_int_equal(typed("330127", what), 0);
  assert_false(adds());
  assert_int_equal(rig_count(&hub.app, "SELECT size FROM sync_witness"), 90000); /* signed below: never */
  name_checkpoint(what, 90000, 9);
  assert_int_equal(typed("330122", what), 0);
  assert_false(adds());
  assert_int_equal(typed("330182", "certificate:4b"), 1);
  assert_int_equal(typed("330182", "certificate:4a"), 0);
  assert_true(adds());
  must(store_stranger(hub.app.store, 330182, "4a", clock_wall_ms(), &first, &err), &err);
  assert_true(adds());
  must(store_stranger(hub.app.store, 330182, "4b", clock_wall_ms(), &first, &err), &err);
  assert_false(adds());
  assert_int_equal(typed("330182", "certificate:4b"), 0);
  assert_true(adds());
  assert_true(shows(GONE, 100001, 7)); /* another one of that branch is another matter */
  assert_false(adds());
}

static int64_t events_of(uint32_t branch, const char *what)
{
  char sql[300];
  snprintf(sql, sizeof sql, "SELECT count(*) FROM security_event WHERE kind = 'let_go' AND detail = '%u %s'",
           branch, what);
  return rig_count(&hub.app, sql);
}

/* All branches of a healthy province hold the same one: it is one thing, and each of them stands alone. */
static void a_checkpoint_that_several_hold_goes_for_all_of_them(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  char what[128], other[128];
  const struct act act = {
      .actor = "system", .role = "system", .action = "security.event", .now_ms = clock_wall_ms()};
  assert_true(shows(GONE, 100000, 7));
  assert_true(shows(HERE, 100000, 7));
  assert_true(shows(330182, 100000, 8)); /* not that one */
  name_checkpoint(what, 100000, 7);
  name_checkpoint(other, 100000, 8);
  assert_int_equal(typed("330122", what), 0);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM sync_beyond WHERE let_go"), 2);
  assert_false(adds());
  assert_int_equal(typed("330127", what), 1);
  assert_int_equal(typed("330182", other), 0);
  assert_true(adds());
  must(app_commit(&hub.app, &act, flush, NULL, NULL, &err), &err);
  assert_int_equal(events_of(GONE, what), 1);
  assert_int_equal(events_of(HERE, what), 1);
  assert_int_equal(events_of(330182, what), 0);
  assert_int_equal(events_of(330182, other), 1);
}

static bool note_row(void *ctx, const struct beyond *row)
{
  struct beyond *last = ctx;
  *last = *row;
  return true;
}

/* A database that was put together from branches has the event, and nothing that branches had shown. */
static void the_log_says_what_was_let_go(void **state)
{
  (void)state;
  struct err err = ERR_INIT;
  struct beyond row = {.size = 0};
  struct db *db = NULL;
  char what[128], path[DATA_PATH_MAX];
  const struct act act = {
      .actor = "system", .role = "system", .action = "security.event", .now_ms = clock_wall_ms()};
  data_dir_path(&hub.app.dir, "store.db", path);
  assert_true(shows(GONE, 100000, 7));
  name_checkpoint(what, 100000, 7);
  assert_int_equal(typed("330127", what), 0);
  must(app_commit(&hub.app, &act, flush, NULL, NULL, &err), &err);
  must(db_open(&db, path, DB_WRITE, &err), &err);
  struct query q = query_open(db, "SELECT payload FROM sync_entry ORDER BY pos DESC LIMIT 1", &err);
  assert_true(query_row(&q));
  size_t n = 0;
  const void *payload = column_blob(&q, 0, &n);
  assert_true(let_go_said(payload, n, note_row, &row));
  must(query_close(&q), &err);
  assert_int_equal(row.branch, GONE);
  assert_int_equal(row.size, 100000);
  assert_int_equal(row.root.bytes[HASH_SIZE - 1], 7);
  must(db_exec(db, "DELETE FROM sync_beyond", &err), &err);
  db_close(db);
  for (int twice = 0; twice < 2; twice++)
    must(let_go_restore(path, PROVINCE_CODE, &err), &err);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM sync_beyond WHERE let_go"), 1);
  assert_false(shows(GONE, 100000, 7));
  assert_true(adds());
}

static void only_a_checkpoint_is_read_as_one(void **state)
{
  (void)state;
  char text[LET_GO_TEXT_SIZE];
  struct beyond row, again;
  static const char *const others[] = {"",
                                       "330127",
                                       "330127 certificate:4a",
                                       "330127 entry:0:4:00",
                                       "330127 checkpoint:0:00",
                                       "330127 checkpoint:-5:00",
                                       "330127 checkpoint:5:00",
                                       "330127  checkpoint:5:00",
                                       "checkpoint:5:00"};
  memset(&row, 0, sizeof row);
  row.branch = GONE;
  row.size = INT64_MAX;
  row.root.bytes[3] = 0xa5;
  let_go_text(text, &row);
  assert_true(let_go_text_read(&again, text));
  assert_memory_equal(&again, &row, sizeof row);
  text[strlen(text) - 1] = 'G';
  assert_false(let_go_text_read(&again, text));
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    assert_false(let_go_text_read(&again, others[i]));
}

/* Of each branch the furthest is kept, and one piece of evidence: it may hold thousands. */
static void who_shows_many_fills_nothing(void **state)
{
  (void)state;
  for (uint64_t size = 50000; size < 50300; size++)
    assert_true(shows(GONE, size, 7));
  assert_true(shows(GONE, 50001, 7));
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM sync_beyond"), 1);
  assert_int_equal(rig_count(&hub.app, "SELECT max(size) FROM sync_beyond"), 50299);
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM sync_evidence"), 1);
}

/* Keys beside an empty log are no new province: a rebuilding has not come to its end. */
static void an_empty_log_is_not_run_as_a_province(void **state)
{
  (void)state;
  static const struct cli_command commands[] = {
      {"run", "serves", NULL, {{"dir", "D", true, "where"}}, run_command},
      {"resume", "adds again", NULL, {{"dir", "D", true, "where"}}, resume_command}};
  static const struct cli cli = {"sunlit-hub", "a program for tests", commands, 2, NULL};
  char program[] = "sunlit-hub", names[2][8] = {"run", "resume"}, option[] = "--dir";
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  snprintf(dir, sizeof dir, "%s", hub.app.dir.path);
  assert_int_equal(typed(NULL, NULL), 1);
  app_close(&hub.app);
  for (size_t i = 0; i < 2; i++) {
    char *argv[] = {program, names[i], option, dir, NULL};
    assert_int_equal(cli_main(&cli, 4, argv), 1);
  }
  open_again();
  assert_int_equal(rig_count(&hub.app, "SELECT count(*) FROM sync_entry"), 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(a_checkpoint_is_let_go_by_its_branch_size_and_root, begin, end),
      cmocka_unit_test_setup_teardown(what_was_not_named_goes_on_stopping, begin, end),
      cmocka_unit_test_setup_teardown(a_checkpoint_that_several_hold_goes_for_all_of_them, begin, end),
      cmocka_unit_test_setup_teardown(the_log_says_what_was_let_go, begin, end),
      cmocka_unit_test(only_a_checkpoint_is_read_as_one),
      cmocka_unit_test_setup_teardown(who_shows_many_fills_nothing, begin, end),
      cmocka_unit_test_teardown(an_empty_log_is_not_run_as_a_province, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
