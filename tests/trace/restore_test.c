/* A backup that is put back: it signs nothing that the other side could contradict, and loses nothing. */
#include "sync/apply.h"
#include "sync/frame.h"
#include "sync/message.h"
#include "sync/restored.h"
#include "sync/store_keys.h"
#include "sync/streams.h"
#include "tests/sim/province.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;

static struct province p;

static struct member *branch(void)
{
  return &p.members[0];
}

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static void meet(void)
{
  province_meet(&p, branch());
}

static void backup(const struct site *site, char path[200])
{
  struct err err = ERR_INIT;
  struct db *db;
  (void)snprintf(path, 200, "%s/%u.backup", p.folder, site->code);
  site_backup(site, path);
  must(db_open(&db, path, DB_WRITE, &err), &err, "db_open");
  must(restored_mark(db, wall(), &err), &err, "restored_mark");
  db_close(db);
}

static bool nothing(struct tx *tx, void *ctx, struct err *err)
{
  (void)tx;
  (void)ctx;
  (void)err;
  return true;
}

static bool may_write(struct site *site)
{
  struct err err = ERR_INIT;
  const struct act act = {.actor = "officer", .role = "officer", .action = "test", .now_ms = wall()};
  bool ok = store_commit(site->store, &act, nothing, NULL, NULL, &err);
  if (!ok) assert_string_equal(err.rule, "restoring");
  return ok;
}

static void a_restored_branch_writes_only_behind_what_the_province_has(void **state)
{
  char path[200];
  (void)state;
  province_open(&p, 1, START_MS);
  site_prices(&branch()->site, 2, wall());
  meet();
  backup(&branch()->site, path);
  assert_true(may_write(&branch()->site)); /* the mark is in the copy alone */
  site_prices(&branch()->site, 3, wall());
  meet();
  site_restore(&branch()->site, path, wall());
  assert_false(may_write(&branch()->site));
  site_crash(&branch()->site, wall()); /* over a restart too */
  assert_false(may_write(&branch()->site));
  meet();
  assert_true(may_write(&branch()->site));
  site_price(&branch()->site, 9, 900, wall());
  meet();
  assert_int_equal(site_head(&p.hub, branch()->site.code, 0).seq, 6);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_int_equal(site_count(&branch()->site, "SELECT max(seq) FROM sync_receipt"), 6);
  assert_true(site_verifies(&branch()->site));
  province_close(&p);
}

static void a_restored_branch_that_lacks_nothing_sends_what_waited(void **state)
{
  char path[200];
  (void)state;
  province_open(&p, 1, START_MS);
  site_prices(&branch()->site, 2, wall());
  backup(&branch()->site, path);
  site_restore(&branch()->site, path, wall());
  assert_false(may_write(&branch()->site));
  meet();
  assert_true(may_write(&branch()->site));
  assert_int_equal(site_head(&p.hub, branch()->site.code, 0).seq, 2);
  province_close(&p);
}

static void a_restored_hub_adds_nothing_until_a_person_says_so(void **state)
{
  char path[200];
  struct err err = ERR_INIT;
  (void)state;
  province_open(&p, 1, START_MS);
  site_product(&p.hub, 1, "radish", wall());
  backup(&p.hub, path);
  site_restore(&p.hub, path, wall());
  site_prices(&branch()->site, 2, wall());
  assert_false(may_write(&p.hub));
  const struct key key = {.author = 330199, .epoch = 1, .since_ms = 1};
  assert_false(store_key_add(p.hub.store, &key, &err));
  assert_string_equal(err.rule, "restoring");
  p.mono_ms += 60000;
  province_connect(&p, branch());
  while (p.ingest_count == 0)
    assert_true(province_turn(&p, branch(), SIZE_MAX / 8));
  struct apply_result result;
  err_clear(&err);
  assert_false(store_apply(p.hub.store, &p.ingest[0].batch, 1, wall(), &result, &err));
  assert_string_equal(err.rule, "restoring");
  must(store_heard(p.hub.store, 1, &err), NULL, "store_heard");
  province_settle(&p);
  assert_int_equal(site_head(&p.hub, branch()->site.code, 0).seq, 2);
  assert_true(may_write(&p.hub));
  province_close(&p);
}

/* Two records for one place did reach the province, as by a stick: the branch is enrolled again where it
 * stands, and what the province has not got goes up under its new key; whether it had met the province before
 * or not. */
static void forked_and_enrolled_again(bool meets_before)
{
  char old[200];
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct batch_head head;
  struct batch *batch = NULL;
  struct stream own;
  province_open(&p, 1, START_MS);
  own = (struct stream){branch()->site.code, 0};
  (void)snprintf(old, sizeof old, "%s/old.copy", p.folder);
  site_prices(&branch()->site, 2, wall());
  meet();
  meet();
  site_backup(&branch()->site, old);
  site_prices(&branch()->site, 3, wall());
  meet();
  site_restore(&branch()->site, old, wall());
  site_price(&branch()->site, 7, 777, wall());
  site_price(&branch()->site, 8, 888, wall());
  must(store_sign_head(branch()->site.store, wall(), &err), &err, "store_sign_head");
  must(store_batch_read(branch()->site.db, own, 2, NULL, &head, &bytes, &err), &err, "store_batch_read");
  must(batch_accept(&batch, p.hub.db, bytes.data, bytes.size, &err), &err, "batch_accept");
  p.ingest[p.ingest_count++] = (struct waiting_batch){NULL, 0, batch};
  buf_wipe(&bytes);
  province_settle(&p);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 1);
  if (meets_before) meet();
  struct head known = site_head(&p.hub, own.author, 0);
  site_trust(&p.hub, own.author, 2);
  site_enrol_again(&branch()->site, &known, wall());
  if (meets_before) site_price(&branch()->site, 9, 999, wall());
  meet();
  meet();
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), meets_before ? 8 : 7);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price WHERE price_fen IN (777, 888)"), 2);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_stream WHERE frozen_ms > 0"), 0);
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM price"), meets_before ? 8 : 7);
  assert_true(may_write(&branch()->site));
  assert_true(site_verifies(&branch()->site) && site_verifies(&p.hub));
  province_close(&p);
}

static void a_branch_that_forked_is_enrolled_again_in_place(void **state)
{
  (void)state;
  forked_and_enrolled_again(true);
  forked_and_enrolled_again(false);
}

/* Its batch came and waits to be stored; its disk goes back to before it, and it writes on and dials. */
static void older_disk_has_sent(void)
{
  char path[200];
  province_open(&p, 1, START_MS);
  site_prices(&branch()->site, 3, wall());
  meet();
  (void)snprintf(path, sizeof path, "%s/disk.copy", p.folder);
  site_backup(&branch()->site, path);
  site_prices(&branch()->site, 2, wall());
  province_connect(&p, branch());
  while (p.ingest_count == 0)
    assert_true(province_turn(&p, branch(), SIZE_MAX / 8));
  province_hang_up(&p, branch());
  site_restore(&branch()->site, path, wall());
  site_price(&branch()->site, 9, 900, wall());
  p.mono_ms += 60000;
  province_connect(&p, branch());
  while (province_turn(&p, branch(), SIZE_MAX / 8)) {
  }
  assert_false(exchange_node_facts(branch()->node)->welcome);
}

static void what_an_older_disk_sent_is_stored_before_the_newer_is_welcomed(void **state)
{
  (void)state;
  older_disk_has_sent();
  province_settle(&p);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_int_equal(site_head(&p.hub, branch()->site.code, 0).seq, 6);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 6);
  assert_int_equal(site_count(&branch()->site, "SELECT count(*) FROM price"), 6);
  assert_true(site_verifies(&branch()->site) && site_verifies(&p.hub));
  province_close(&p);
}

static void a_branch_that_cannot_be_welcomed_in_time_dials_again(void **state)
{
  (void)state;
  older_disk_has_sent();
  p.mono_ms += SETTLE_WAIT_MS - 1;
  province_tick(&p);
  assert_false(exchange_hub_ended(branch()->hub));
  p.mono_ms += 1;
  province_tick(&p);
  assert_true(exchange_hub_ended(branch()->hub));
  assert_string_equal(exchange_hub_facts(branch()->hub)->why.rule, "settling");
  province_hang_up(&p, branch());
  province_ingest(&p, INGEST_MAX, false);
  meet();
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_fork"), 0);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 6);
  province_close(&p);
}

/* A hub's end of one line, and what a peer that is no program of ours puts on it. */
struct caller {
  struct site hub, branch;
  struct exchange_hub *x;
  struct hello hello;
  struct moment now;
  char folder[128];
};

static void call(struct caller *c)
{
  struct err err = ERR_INIT;
  *c = (struct caller){.now = {1000, START_MS}};
  c->hello = (struct hello){.branch = 330127, .epoch = 1, .program = "1.0.0", .wall_ms = START_MS};
  site_folder(c->folder);
  site_make(&c->hub, c->folder, PROVINCE, START_MS);
  site_trust(&c->hub, c->hello.branch, 1);
  struct exchange_hub_config config = {
      .db = c->hub.db, .province = PROVINCE, .branch = c->hello.branch, .program = "1.0.0"};
  store_schema(c->hub.store, &config.schema, config.schema_hash);
  assert_true(exchange_hub_open(&c->x, &config, c->now, &err));
}

static void put_down(struct caller *c)
{
  exchange_hub_close(c->x);
  site_close(&c->branch);
  site_close(&c->hub);
  site_folder_remove(c->folder);
}

static void say(struct caller *c, uint8_t type, const void *body, size_t size)
{
  struct buf bytes = BUF_INIT;
  size_t mark = frame_begin(&bytes, type);
  put_bytes(&bytes, body, size);
  frame_end(&bytes, mark);
  exchange_hub_input(c->x, bytes.data, bytes.size, c->now);
  buf_wipe(&bytes);
}

/* What the hub's program is to do about it; 0: nothing. */
static int heard(struct caller *c)
{
  struct exchange_hub_action action;
  return exchange_hub_action(c->x, &action) ? (int)action.kind : 0;
}

static void greet(struct caller *c)
{
  struct buf body = BUF_INIT;
  hello_encode(&body, &c->hello);
  say(c, FRAME_HELLO, body.data, body.size);
  buf_wipe(&body);
  assert_int_equal(heard(c), HUB_HELLO);
}

/* Nothing is taken while a greeting waits, so little is kept of what comes meanwhile. */
static void who_talks_on_before_the_welcome_is_dropped(void **state)
{
  (void)state;
  struct caller c;
  struct buf bytes = BUF_INIT;
  call(&c);
  greet(&c);
  for (int i = 0; i < 1000; i++)
    frame_end(&bytes, frame_begin(&bytes, FRAME_WITNESSED));
  size_t said = 0;
  for (; said <= FRAME_SIZE_MAX && !exchange_hub_ended(c.x); said += bytes.size)
    exchange_hub_input(c.x, bytes.data, bytes.size, c.now);
  assert_true(said > FRAME_SIZE_MAX / 2); /* an honest frame would have been borne */
  assert_true(exchange_hub_ended(c.x));
  assert_string_equal(exchange_hub_facts(c.x)->why.rule, "too_much");
  buf_wipe(&bytes);
  put_down(&c);
}

static void claim_a_checkpoint(struct caller *c)
{
  say(c, FRAME_WITNESSED, "a note", 6);
}

static void claim_an_entry(struct caller *c)
{
  struct buf body = BUF_INIT;
  const struct held_message m = {.record = {(const uint8_t *)"a record", 8}};
  held_message_encode(&body, &m);
  say(c, FRAME_HELD, body.data, body.size);
  buf_wipe(&body);
}

static void send_what_does_not_verify(struct caller *c)
{
  say(c, FRAME_BATCH, "no batch", 8);
}

/* A batch of its own that no entry of it leads up to, well signed: it costs nothing to send it again. */
static void send_what_comes_to(struct caller *c, const struct apply_result *result, const struct err *why)
{
  struct exchange_hub_action action;
  struct err err = ERR_INIT;
  struct batch_head head;
  struct buf bytes = BUF_INIT;
  if (!c->branch.store) {
    site_make(&c->branch, c->folder, c->hello.branch, START_MS);
    site_prices(&c->branch, 2, START_MS);
    must(store_sign_head(c->branch.store, START_MS, &err), &err, "store_sign_head");
  }
  const struct stream own = {c->hello.branch, 0};
  must(store_batch_read(c->branch.db, own, 1, NULL, &head, &bytes, &err), &err, "store_batch_read");
  say(c, FRAME_BATCH, bytes.data, bytes.size);
  buf_wipe(&bytes);
  if (exchange_hub_ended(c->x)) return;
  assert_true(exchange_hub_action(c->x, &action));
  assert_int_equal(action.kind, HUB_INGEST);
  exchange_hub_ingested(c->x, action.ticket, result, START_MS, why, c->now);
  batch_close(action.batch);
}

static void send_what_does_not_follow(struct caller *c)
{
  const struct apply_result gap = {.outcome = OUTCOME_GAP, .reason = "gap"};
  send_what_comes_to(c, &gap, NULL);
}

static void send_what_is_too_much(struct caller *c)
{
  struct err why = ERR_INIT;
  (void)err_rule(&why, ERR_LIMIT, "batch", "branch_pace", "more than a branch may send at once");
  send_what_comes_to(c, NULL, &why);
}

/* Each of them costs the peer nothing and us a line, an event or a transaction. */
static void who_claims_without_end_is_dropped(void **state)
{
  (void)state;
  static const struct {
    void (*say)(struct caller *c);
    int action;
  } claims[] = {{claim_a_checkpoint, HUB_WITNESSED},
                {claim_an_entry, HUB_HELD},
                {send_what_does_not_verify, HUB_VIOLATION},
                {send_what_does_not_follow, 0},
                {send_what_is_too_much, 0}};
  for (size_t i = 0; i < sizeof claims / sizeof *claims; i++) {
    struct caller c;
    call(&c);
    for (int round = 0; round < 3; round++) {
      greet(&c);
      exchange_hub_welcome(c.x, c.now);
      for (int n = 0; n < CLAIMS_MAX; n++) {
        claims[i].say(&c);
        assert_int_equal(heard(&c), claims[i].action);
        assert_false(exchange_hub_ended(c.x));
      }
    }
    claims[i].say(&c);
    assert_int_equal(heard(&c), HUB_VIOLATION); /* the auditor is told, once */
    assert_int_equal(heard(&c), 0);
    assert_true(exchange_hub_ended(c.x));
    assert_string_equal(exchange_hub_facts(c.x)->why.rule, "claims_too_often");
    put_down(&c);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_restored_branch_writes_only_behind_what_the_province_has),
      cmocka_unit_test(a_restored_branch_that_lacks_nothing_sends_what_waited),
      cmocka_unit_test(a_restored_hub_adds_nothing_until_a_person_says_so),
      cmocka_unit_test(what_an_older_disk_sent_is_stored_before_the_newer_is_welcomed),
      cmocka_unit_test(a_branch_that_cannot_be_welcomed_in_time_dials_again),
      cmocka_unit_test(a_branch_that_forked_is_enrolled_again_in_place),
      cmocka_unit_test(who_talks_on_before_the_welcome_is_dropped),
      cmocka_unit_test(who_claims_without_end_is_dropped),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
