/* A chore that could not be done is tried again, also when nothing else changes the database. */
#include "core/base/clock.h"
#include "hub/audit_index.h"
#include "hub/chores.h"
#include "hub/hearing.h"
#include "hub/ingest.h"
#include "rig.h"
#include "sync/entry.h"
#include "sync/store_state.h"

#include <stdio.h>
#include <time.h>

static struct hub hub;

static void nobody(void *line, uint64_t ticket, const struct apply_result *result, int64_t received_ms,
                   const struct err *why)
{
  (void)line;
  (void)ticket;
  (void)result;
  (void)received_ms;
  (void)why;
}

static void pause_ms(long ms)
{
  const struct timespec pause = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L};
  nanosleep(&pause, NULL);
}

/* In a place before the log, where nobody else looks. */
static void quarantine_one(void)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  struct buf bytes = BUF_INIT;
  char path[DATA_PATH_MAX];
  const struct record record = {.stream = {330127, 0},
                                .epoch = 3,
                                .seq = 7,
                                .schema = 1,
                                .actor = name_of("a"),
                                .action = name_of("price.add"),
                                .subject = name_of("")};
  if (!record_encode(&bytes, &record, &err)) fail_msg("%s", err.text);
  assert_true(db_open(&db, data_dir_path(&hub.app.dir, "store.db", path), DB_WRITE, &err));
  assert_true(db_begin(db, &err));
  struct query q = query_open(
      db, "INSERT INTO sync_entry(pos, record, payload, received_ms) VALUES(-7, ?1, NULL, 1)", &err);
  query_blob(&q, 1, bytes.data, bytes.size);
  if (!query_run(&q)) fail_msg("%s", err.text);
  if (!db_exec(
          db,
          "INSERT INTO sync_quarantine(pos, author, lane, seq, reason, detail, table_name, row_id, state,"
          " at_ms, turn) VALUES(-7, 330127, 0, 7, 'range', 'why', 'price', 0, 'refused', 1, 7)",
          &err))
    fail_msg("%s", err.text);
  assert_true(db_commit(db, &err));
  db_close(db);
  buf_wipe(&bytes);
}

static int64_t told_of(void)
{
  return rig_count(&hub.app, "SELECT count(*) FROM refusal");
}

static void a_refusal_that_could_not_be_told_is_told_later(void **state)
{
  (void)state;
  enum { BEATS_MS = 2500, WAIT_MS = 20000, STEP_MS = 50 };
  struct err err = ERR_INIT;
  rig_site(&hub.app, APP_HUB, PROVINCE_CODE, audit_index_migrate);
  bell_init(&hub.news);
  assert_true(hearing_open(&hub.hearing, &hub, clock_mono_ms, &err));
  assert_true(ingest_open(&hub.ingest, &hub.app, nobody, &err));
  hub.app.store->rolled_back = true; /* nothing is added for now */
  quarantine_one();
  assert_true(chores_open(&hub.chores, &hub, INT64_C(3600000), &err));
  pause_ms(BEATS_MS);
  assert_int_equal(told_of(), 0);
  hub.app.store->rolled_back = false;
  for (int waited = 0; told_of() == 0 && waited < WAIT_MS; waited += STEP_MS)
    pause_ms(STEP_MS);
  assert_int_equal(told_of(), 1);
  chores_close(hub.chores);
  ingest_close(hub.ingest);
  hearing_close(hub.hearing);
  bell_wipe(&hub.news);
  rig_site_close(&hub.app);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_refusal_that_could_not_be_told_is_told_later),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
