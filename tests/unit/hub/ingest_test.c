/* Batches that share a transaction do not share its failure: each is then tried alone and answered for
 * itself. */
#include "hub/ingest.h"
#include "tests/fault/fault_vfs.h"
#include "tests/unit/sync/fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

enum { JOBS = 3 };

struct answered {
  bool came, taken;
  enum outcome outcome;
  uint64_t through_seq;
  char rule[48];
};

static struct site hub, chunan, tonglu;
static struct app app;
static struct ingest *ingest;
static struct answered answers[JOBS + 1];

/* The first job holds ingest in its answer until the others wait. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t change = PTHREAD_COND_INITIALIZER;
static bool held, go;

static void answer(void *line, uint64_t ticket, const struct apply_result *result, int64_t received_ms,
                   const struct err *why)
{
  struct answered *a = &answers[ticket];
  (void)line;
  (void)received_ms;
  a->came = true;
  a->taken = result != NULL;
  if (result) a->outcome = result->outcome;
  if (result) a->through_seq = result->through_seq;
  if (why) snprintf(a->rule, sizeof a->rule, "%s", why->rule);
  if (ticket != 0) return;
  pthread_mutex_lock(&lock);
  held = true;
  pthread_cond_broadcast(&change);
  while (!go)
    pthread_cond_wait(&change, &lock);
  pthread_mutex_unlock(&lock);
}

static int begin(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  fault_vfs_install();
  fixture_begin();
  site_open(&hub, "hub", PROVINCE, 1);
  site_open(&chunan, "chunan", CHUNAN, 1);
  site_open(&tonglu, "tonglu", TONGLU, 1);
  sites_meet(&hub, &chunan);
  sites_meet(&hub, &tonglu);
  memset(&app, 0, sizeof app);
  memset(answers, 0, sizeof answers);
  held = go = false;
  pthread_mutex_init(&app.lock, NULL);
  app.store = hub.store;
  assert_true(ingest_open(&ingest, &app, answer, &err));
  return 0;
}

static int end(void **state)
{
  (void)state;
  site_close(&tonglu);
  site_close(&chunan);
  site_close(&hub);
  pthread_mutex_destroy(&app.lock);
  fixture_end();
  return 0;
}

/* Signed, so that a batch can end with it. */
static void record(struct site *from, int n)
{
  struct err err = ERR_INIT;
  site_record_price(from, n);
  assert_true(store_sign_head(from->store, FIXTURE_NOW_MS, &err));
}

static void put(struct site *from, uint64_t after_seq, uint64_t ticket)
{
  const struct ingest_job job = {.batch = site_batch(from, (struct stream){from->author, 0}, after_seq, 1),
                                 .ticket = ticket};
  assert_non_null(job.batch);
  ingest_put(ingest, &job);
}

/* Ingest has answered job 0 and waits; what is put now goes into one transaction. */
static void hold(void)
{
  put(&chunan, 0, 0);
  pthread_mutex_lock(&lock);
  while (!held)
    pthread_cond_wait(&change, &lock);
  pthread_mutex_unlock(&lock);
}

static void let_go_and_finish(void)
{
  pthread_mutex_lock(&lock);
  go = true;
  pthread_cond_broadcast(&change);
  pthread_mutex_unlock(&lock);
  ingest_close(ingest);
}

static void what_waits_together_is_committed_together(void **state)
{
  struct ingest_counts counts = {0};
  (void)state;
  for (int i = 0; i < 2; i++)
    record(&chunan, i);
  record(&tonglu, 5);
  hold();
  put(&chunan, 1, 1);
  put(&tonglu, 0, 2);
  ingest_count(ingest, &counts);
  assert_int_equal(counts.waiting, 2);
  uint64_t commits = counts.commits;
  let_go_and_finish();
  assert_true(answers[1].taken && answers[2].taken);
  assert_int_equal(commits, 1);
  assert_int_equal(site_int(&hub, "SELECT count(DISTINCT received_ms) FROM sync_entry WHERE pos >= 2"), 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 3);
}

/* The disk fails once, under the transaction of both: both are tried again, each alone, and both are taken.
 */
static void a_failed_commit_of_many_is_tried_one_by_one(void **state)
{
  bool hit = false;
  (void)state;
  for (int i = 0; i < 2; i++)
    record(&chunan, i);
  record(&tonglu, 5);
  hold();
  put(&chunan, 1, 1);
  put(&tonglu, 0, 2);
  fault_arm(FAULT_UNDONE, 1);
  let_go_and_finish();
  fault_disarm(&hit);
  assert_true(hit);
  for (int i = 1; i <= 2; i++) {
    assert_true(answers[i].came && answers[i].taken);
    assert_int_equal(answers[i].outcome, OUTCOME_TAKEN);
    assert_string_equal(answers[i].rule, "");
  }
  assert_int_equal(answers[1].through_seq, 2);
  assert_int_equal(answers[2].through_seq, 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 3);
  assert_true(site_verifies(&hub));
}

/* Alone there is nobody to part from: it is answered with what the store said, and sent again by its node. */
static void one_that_fails_alone_is_answered_with_the_reason(void **state)
{
  bool hit = false;
  (void)state;
  for (int i = 0; i < 2; i++)
    record(&chunan, i);
  hold();
  put(&chunan, 1, 1);
  fault_arm(FAULT_UNDONE, 1);
  let_go_and_finish();
  fault_disarm(&hit);
  assert_true(hit);
  assert_true(answers[1].came);
  assert_false(answers[1].taken);
  assert_string_not_equal(answers[1].rule, "");
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 1);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_waits_together_is_committed_together, begin, end),
      cmocka_unit_test_setup_teardown(a_failed_commit_of_many_is_tried_one_by_one, begin, end),
      cmocka_unit_test_setup_teardown(one_that_fails_alone_is_answered_with_the_reason, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
