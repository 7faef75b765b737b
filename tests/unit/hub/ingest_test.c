/* Batches that share a transaction do not share its failure: each is then tried alone and answered for
 * itself. */
#include "hub/ingest.h"
#include "tests/fault/fault_vfs.h"
#include "tests/unit/sync/forge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { JOBS = INGEST_TOGETHER_MAX + 2 };

struct answered {
  bool came, taken;
  enum outcome outcome;
  uint64_t through_seq;
  char rule[48];
  struct ingest_counts counts; /* as they were then, */
  int64_t signed_size;         /* and the log */
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
  ingest_count(ingest, &a->counts);
  a->signed_size = site_int(&hub, "SELECT coalesce(max(size), 0) FROM sync_checkpoint");
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

static void let_go(void)
{
  pthread_mutex_lock(&lock);
  go = true;
  pthread_cond_broadcast(&change);
  pthread_mutex_unlock(&lock);
}

static void let_go_and_finish(void)
{
  let_go();
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
  assert_int_equal(answers[1].counts.failed, 1);
  assert_int_equal(answers[1].counts.commits, 1);
  assert_int_equal(site_int(&hub, "SELECT count(*) FROM price"), 1);
}

/* A branch counts an entry as received when the log proves it. */
static void what_is_answered_is_in_the_signed_log(void **state)
{
  (void)state;
  for (int i = 0; i < 2; i++)
    record(&chunan, i);
  hold();
  put(&chunan, 1, 1);
  let_go_and_finish();
  assert_int_equal(answers[0].signed_size, 1);
  assert_int_equal(answers[1].signed_size, 2);
}

static void whichever_step_the_disk_fails_at_is_shown(void **state)
{
  bool hit = true;
  for (int step = 1; hit; step++) {
    if (step > 1) end(state);
    if (step > 1) begin(state);
    for (int i = 0; i < 2; i++)
      record(&chunan, i);
    hold();
    put(&chunan, 1, 1);
    fault_arm(FAULT_UNDONE, step);
    let_go_and_finish();
    fault_disarm(&hit);
    assert_int_equal(app.trouble.rule[0] != '\0', hit);
  }
}

/* What the province's metrics say. */
static void each_batch_is_counted_for_what_it_was(void **state)
{
  (void)state;
  for (int i = 0; i < 4; i++)
    record(&chunan, i);
  record(&tonglu, 5);
  hold();
  put(&chunan, 0, 1); /* the same again */
  put(&chunan, 3, 2); /* two are missing before it */
  struct batch *wrong =
      forge_next(&hub, (struct stream){CHUNAN, 0}, "UPDATE price SET price_fen = 200 WHERE id = 1");
  ingest_put(ingest, &(struct ingest_job){.batch = wrong, .ticket = 3});
  put(&tonglu, 0, 4);
  let_go_and_finish();
  struct ingest_counts c = answers[4].counts;
  assert_int_equal(answers[1].outcome, OUTCOME_REPLAY);
  assert_int_equal(answers[2].outcome, OUTCOME_GAP);
  assert_int_equal(c.batches, 5);
  assert_int_equal(c.entries, 3);
  assert_int_equal(c.refused, 1);
  assert_int_equal(c.quarantined, 1);
  assert_int_equal(c.failed, 0);
  assert_int_equal(c.commits, 2);
  assert_int_equal(c.waiting, 0);
}

static void one_transaction_holds_so_many_and_no_more(void **state)
{
  (void)state;
  record(&chunan, 0);
  hold();
  for (uint64_t i = 1; i <= INGEST_TOGETHER_MAX + 1; i++)
    put(&chunan, 0, i);
  let_go_and_finish();
  for (size_t i = 1; i <= INGEST_TOGETHER_MAX + 1; i++)
    assert_true(answers[i].came && answers[i].taken);
  assert_int_equal(answers[INGEST_TOGETHER_MAX].counts.commits, 2);
  assert_int_equal(answers[INGEST_TOGETHER_MAX + 1].counts.commits, 3);
}

/* The steward does its longer work while nobody waits for the store. */
static void it_rests_only_when_all_is_answered(void **state)
{
  (void)state;
  record(&chunan, 0);
  hold();
  assert_int_equal(ingest_idle_ms(ingest), 0); /* nothing waits, but one is being answered */
  put(&chunan, 0, 1);
  assert_int_equal(ingest_idle_ms(ingest), 0);
  let_go();
  while (ingest_idle_ms(ingest) == 0)
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  assert_true(answers[1].came);
  assert_in_range(ingest_idle_ms(ingest), 1, 600000);
  ingest_close(ingest);
}

/* As if it had unpacked to so much. */
static void put_large(struct site *from, size_t size, uint64_t ticket)
{
  const struct ingest_job job = {.batch = site_batch(from, (struct stream){from->author, 0}, 0, 1),
                                 .ticket = ticket};
  job.batch->plain.room = size;
  ingest_put(ingest, &job);
}

static bool third_is_in;

static void *put_a_third(void *arg)
{
  (void)arg;
  put_large(&tonglu, INGEST_BYTES_MAX / 2, 3);
  pthread_mutex_lock(&lock);
  third_is_in = true;
  pthread_mutex_unlock(&lock);
  return NULL;
}

/* That is the flow control: who waits reads nothing more from its socket. */
static void who_finds_the_queue_full_waits_until_there_is_room(void **state)
{
  struct ingest_counts c = {0};
  pthread_t putter;
  (void)state;
  record(&chunan, 0);
  record(&tonglu, 5);
  third_is_in = false;
  hold();
  put_large(&chunan, INGEST_BYTES_MAX / 2, 1);
  put(&chunan, 0, 2); /* there is room for a small one */
  assert_int_equal(pthread_create(&putter, NULL, put_a_third, NULL), 0);
  nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* time to do wrong; right is to do nothing */
  ingest_count(ingest, &c);
  assert_int_equal(c.waiting, 2);
  assert_in_range(c.waiting_bytes, INGEST_BYTES_MAX / 2, INGEST_BYTES_MAX);
  pthread_mutex_lock(&lock);
  assert_false(third_is_in);
  pthread_mutex_unlock(&lock);
  let_go();
  pthread_join(putter, NULL);
  ingest_close(ingest);
  assert_true(answers[3].came && answers[3].taken);
}

/* A branch is welcomed when nothing of it is on its way any more. */
static void whose_batches_wait_or_are_written_is_known(void **state)
{
  (void)state;
  record(&chunan, 0);
  record(&tonglu, 5);
  hold(); /* the first of Chun'an is written, and not settled yet */
  assert_true(ingest_waits(ingest, CHUNAN));
  assert_false(ingest_waits(ingest, TONGLU));
  put(&tonglu, 0, 1);
  assert_true(ingest_waits(ingest, TONGLU));
  assert_false(ingest_waits(ingest, PROVINCE));
  let_go();
  while (ingest_idle_ms(ingest) == 0)
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
  assert_false(ingest_waits(ingest, CHUNAN) || ingest_waits(ingest, TONGLU));
  ingest_close(ingest);
}

/* To the last byte: what each weighs besides its content is seen at the first. */
static void the_queue_is_full_when_nothing_more_fits(void **state)
{
  const size_t half = INGEST_BYTES_MAX / 2;
  struct ingest_counts held_one, with_half, full;
  (void)state;
  record(&chunan, 0);
  hold();
  ingest_count(ingest, &held_one);
  put_large(&chunan, half, 1);
  ingest_count(ingest, &with_half);
  size_t besides = (size_t)(with_half.waiting_bytes - held_one.waiting_bytes) - half;
  put_large(&chunan, INGEST_BYTES_MAX - (size_t)with_half.waiting_bytes - besides, 2);
  ingest_count(ingest, &full);
  assert_int_equal(full.waiting_bytes, INGEST_BYTES_MAX);
  let_go_and_finish();
}

static void what_is_larger_than_the_queue_goes_in_alone(void **state)
{
  (void)state;
  record(&chunan, 0);
  go = true;
  put_large(&chunan, (size_t)INGEST_BYTES_MAX + 1, 0);
  ingest_close(ingest);
  assert_true(answers[0].came && answers[0].taken);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(what_waits_together_is_committed_together, begin, end),
      cmocka_unit_test_setup_teardown(a_failed_commit_of_many_is_tried_one_by_one, begin, end),
      cmocka_unit_test_setup_teardown(one_that_fails_alone_is_answered_with_the_reason, begin, end),
      cmocka_unit_test_setup_teardown(what_is_answered_is_in_the_signed_log, begin, end),
      cmocka_unit_test_setup_teardown(whichever_step_the_disk_fails_at_is_shown, begin, end),
      cmocka_unit_test_setup_teardown(each_batch_is_counted_for_what_it_was, begin, end),
      cmocka_unit_test_setup_teardown(one_transaction_holds_so_many_and_no_more, begin, end),
      cmocka_unit_test_setup_teardown(it_rests_only_when_all_is_answered, begin, end),
      cmocka_unit_test_setup_teardown(who_finds_the_queue_full_waits_until_there_is_room, begin, end),
      cmocka_unit_test_setup_teardown(whose_batches_wait_or_are_written_is_known, begin, end),
      cmocka_unit_test_setup_teardown(the_queue_is_full_when_nothing_more_fits, begin, end),
      cmocka_unit_test_setup_teardown(what_is_larger_than_the_queue_goes_in_alone, begin, end),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
