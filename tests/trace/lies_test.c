/* A province that lies, over real stores and the real machines: whatever it does to its log, and whatever
 * keys it holds, the next honest branch that is shown the result proves it, keeps the proof, sends nothing
 * more, says why, and goes on working.  The liar's database is changed by hand while its program is stopped;
 * its tree is then built and signed anew with the true key, as a thief of the whole machine could. */
#include "sync/apply.h"
#include "sync/frame.h"
#include "sync/keep.h"
#include "sync/lost.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "sync/verify.h"
#include "tests/sim/liar.h"
#include "tests/sim/lost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;

/* What the hub heard over its lines since the last hush(). */
static struct {
  unsigned batches;
  unsigned witnessed;
  char trouble[48]; /* of the newest HELLO */
  char refused[48]; /* why the node ended the line */
} heard;

static struct province p;

static void saw_action(void *ctx, struct member *m, const struct exchange_hub_action *action)
{
  (void)ctx;
  (void)m;
  if (action->kind == HUB_HELLO) memcpy(heard.trouble, action->hello->trouble, sizeof heard.trouble);
  heard.batches += action->kind == HUB_INGEST;
  heard.witnessed += action->kind == HUB_WITNESSED;
}

static void saw_end(void *ctx, struct member *m)
{
  (void)ctx;
  const struct exchange_hub_facts *facts = exchange_hub_facts(m->hub);
  if (facts->end == END_REFUSED) memcpy(heard.refused, facts->why.rule, sizeof heard.refused);
}

static void hush(void)
{
  memset(&heard, 0, sizeof heard);
}

static struct member *chunan(void)
{
  return &p.members[0];
}

static struct member *tonglu(void)
{
  return &p.members[1];
}

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

/* Two branches with a few entries each, all of them received and witnessed by both. */
static void begin(void)
{
  province_open(&p, 2, START_MS);
  p.saw_action = saw_action;
  p.saw_end = saw_end;
  hush();
  site_product(&p.hub, 1, "radish", wall());
  site_prices(&chunan()->site, 3, wall());
  site_prices(&tonglu()->site, 2, wall());
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  for (int i = 0; i < 2; i++) {
    province_connect(&p, chunan());
    province_connect(&p, tonglu());
    province_settle(&p);
    province_hang_up(&p, chunan());
    province_hang_up(&p, tonglu());
    p.mono_ms += 60000;
  }
  hush();
}

static void end(void)
{
  p.saw_end = NULL;
  p.saw_action = NULL;
  province_close(&p);
}

static void meet(struct member *m)
{
  province_meet(&p, m);
}

static void copy_of(char out[200], const char *name)
{
  (void)snprintf(out, 200, "%s/%s.copy", p.folder, name);
}

static int64_t pos_of(struct member *m, uint64_t seq)
{
  struct err err = ERR_INIT;
  int64_t pos = -1;
  must(stream_find(p.hub.db, (struct stream){m->site.code, 0}, seq, &pos, &err), &err, "stream_find");
  assert_true(pos >= 0);
  return pos;
}

/* The branch has proof of the lie, and the province has its word; nothing goes up, work goes on. */
static void assert_caught(struct member *m, const char *rule)
{
  char sql[160];
  (void)snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM sync_evidence WHERE rule = '%s' AND length(held) > 100", rule);
  assert_int_equal(site_count(&m->site, sql), 1);
  assert_string_equal(heard.refused, rule);
  int64_t seq = (int64_t)site_head(&m->site, m->site.code, 0).seq;
  site_price(&m->site, 7, 700, wall());
  assert_int_equal(site_head(&m->site, m->site.code, 0).seq, seq + 1);
  hush();
  meet(m);
  assert_int_equal(heard.batches, 0);
  assert_string_equal(heard.trouble, rule);
  assert_true(site_verifies(&m->site));
}

static void a_rewritten_record_is_caught_by_the_next_branch(void **state)
{
  (void)state;
  begin();
  liar_rewrite(&p, pos_of(chunan(), 1));
  site_price(&tonglu()->site, 5, 500, wall());
  meet(tonglu());
  assert_caught(tonglu(), "log_rewritten");
  end();
}

static void a_dropped_leaf_is_caught_by_the_next_branch(void **state)
{
  (void)state;
  begin();
  /* All of Chun'an's entries go, as if they had never come; new ones of the province's own fill the place. */
  liar_drop(&p, pos_of(chunan(), 1), 3);
  for (int i = 0; i < 4; i++)
    site_product(&p.hub, 2 + i, "carp", wall());
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  meet(tonglu());
  assert_caught(tonglu(), "log_rewritten");
  end();
}

static void another_record_of_ours_is_caught_by_us(void **state)
{
  (void)state;
  begin();
  site_prices(&tonglu()->site, 2, wall());
  /* The batch is taken; before it is proved, its first record is changed and the log signed over it. */
  p.mono_ms += 60000;
  province_connect(&p, tonglu());
  while (p.ingest_count == 0)
    assert_true(province_turn(&p, tonglu(), SIZE_MAX / 8));
  province_ingest(&p, 1, false);
  province_hang_up(&p, tonglu());
  liar_rewrite(&p, pos_of(tonglu(), 3)); /* what was signed before that batch stays as it was */
  hush();
  meet(tonglu());
  assert_caught(tonglu(), "leaves_differ");
  end();
}

static void a_fork_for_one_branch_is_caught_when_it_sees_the_other_side(void **state)
{
  char truth[200];
  (void)state;
  begin();
  copy_of(truth, "truth");
  site_backup(&p.hub, truth);
  /* One product is for Tonglu's eyes alone. */
  site_product(&p.hub, 8, "eel", wall());
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  meet(tonglu());
  assert_int_equal(site_count(&tonglu()->site, "SELECT count(*) FROM product"), 2);
  /* Everybody else, and from now on Tonglu too, sees another log of the same length. */
  site_restore(&p.hub, truth, wall());
  site_product(&p.hub, 8, "shrimp", wall());
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  meet(chunan());
  assert_string_equal(heard.refused, "");
  site_price(&chunan()->site, 5, 500, wall());
  meet(chunan());
  hush();
  meet(tonglu());
  assert_caught(tonglu(), "log_rewritten");
  /* Tonglu's cosignature over its side cannot be shown for the other. */
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_cosignature WHERE name LIKE '330102%' AND "
                                      "size = (SELECT max(size) FROM sync_checkpoint)"),
                   0);
  end();
}

/* The branch gets the province's newest entries, and the line breaks before the checkpoint that has them. */
static void take_down_unwitnessed(struct member *m)
{
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct batch_head head;
  struct batch *batch = NULL;
  struct apply_result result;
  const struct batch_limits limits = {.entries_max = 100};
  must(store_sign_head(p.hub.store, wall(), &err), &err, "store_sign_head");
  must(store_batch_read(p.hub.db, (struct stream){PROVINCE, 0}, site_head(&m->site, PROVINCE, 0).seq, &limits,
                        &head, &bytes, &err),
       &err, "store_batch_read");
  must(batch_accept(&batch, m->site.db, bytes.data, bytes.size, &err), &err, "batch_accept");
  must(store_apply(m->site.store, &batch, 1, wall(), &result, &err), &err, "store_apply");
  assert_int_equal(result.outcome, OUTCOME_TAKEN);
  batch_close(batch);
  buf_wipe(&bytes);
}

/* Nothing that is signed over the log shows it: the branch had not witnessed that much.  It has the entries.
 */
static void a_hub_that_lost_what_a_branch_has_and_has_not_witnessed_is_told(void **state)
{
  char old[200];
  char now[200];
  (void)state;
  begin();
  copy_of(old, "old");
  copy_of(now, "now");
  site_backup(&p.hub, old);
  site_product(&p.hub, 77, "sent and not witnessed", wall());
  take_down_unwitnessed(tonglu());
  site_backup(&p.hub, now);
  site_restore(&p.hub, old, wall());
  int64_t entries = site_count(&p.hub, "SELECT count(*) FROM sync_entry");
  site_price(&tonglu()->site, 5, 500, wall());
  hush();
  province_connect(&p, tonglu());
  province_settle(&p);
  p.mono_ms += 31000; /* the next greeting of the same line */
  province_tick(&p);
  province_settle(&p);
  province_hang_up(&p, tonglu());
  assert_int_equal(heard.batches, 0);
  assert_string_equal(heard.trouble, "log_rolled_back");
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_entry"), entries);
  /* With the true disk back, everything goes on by itself. */
  site_restore(&p.hub, now, wall());
  meet(tonglu());
  assert_int_equal(site_head(&p.hub, tonglu()->site.code, 0).seq,
                   site_head(&tonglu()->site, tonglu()->site.code, 0).seq);
  end();
}

/* Its disk went back to before an entry that a branch was sent, and it wrote another in its place. */
static void write_another_in_its_place(char now[200])
{
  char old[200];
  copy_of(old, "old");
  copy_of(now, "now");
  site_backup(&p.hub, old);
  site_product(&p.hub, 77, "sent and not witnessed", wall());
  take_down_unwitnessed(tonglu());
  site_backup(&p.hub, now);
  site_restore(&p.hub, old, wall());
  store_listen(p.hub.store, true);
  site_product(&p.hub, 78, "another in its place", wall());
  assert_int_equal(site_head(&p.hub, PROVINCE, 0).seq, site_head(&tonglu()->site, PROVINCE, 0).seq);
}

static bool adds_nothing(struct err *err)
{
  return !store_writable(p.hub.store, err);
}

static void a_hub_that_wrote_another_entry_in_the_place_of_one_it_sent_is_told(void **state)
{
  char now[200];
  struct err err = ERR_INIT;
  (void)state;
  begin();
  write_another_in_its_place(now);
  int64_t entries = site_count(&p.hub, "SELECT count(*) FROM sync_entry");
  site_price(&tonglu()->site, 5, 500, wall());
  hush();
  province_connect(&p, tonglu());
  province_settle(&p);
  p.mono_ms += 31000; /* the next greeting of the same line */
  province_tick(&p);
  province_settle(&p);
  province_hang_up(&p, tonglu());
  assert_int_equal(heard.batches, 0);
  assert_string_equal(heard.trouble, "log_rolled_back");
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_evidence WHERE rule = 'log_rolled_back'"),
                   1);
  assert_int_equal(site_count(&tonglu()->site, "SELECT count(*) FROM product WHERE name LIKE 'another%'"), 0);
  /* It knows for good, and says so to everybody. */
  site_crash(&p.hub, wall());
  assert_true(adds_nothing(&err));
  assert_string_equal(err.rule, "log_rolled_back");
  site_price(&chunan()->site, 6, 600, wall());
  meet(chunan());
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_entry"), entries);
  /* With the true disk back, everything goes on by itself. */
  site_restore(&p.hub, now, wall());
  meet(tonglu());
  assert_int_equal(site_head(&p.hub, tonglu()->site.code, 0).seq,
                   site_head(&tonglu()->site, tonglu()->site.code, 0).seq);
  end();
}

/* It had listened long enough, and went on with another branch before the one called that has the lost entry.
 */
static void what_others_have_witnessed_stays_and_one_branch_stands_alone(void **state)
{
  char now[200];
  struct err err = ERR_INIT;
  (void)state;
  begin();
  write_another_in_its_place(now);
  store_listen(p.hub.store, false);
  must(store_sign_log(p.hub.store, wall(), &err), &err, "store_sign_log");
  province_connect(&p, chunan());
  province_settle(&p);
  p.mono_ms += 31000; /* the next greeting brings the cosignature */
  province_tick(&p);
  province_settle(&p);
  province_hang_up(&p, chunan());
  hush();
  meet(tonglu());
  assert_false(adds_nothing(&err));
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_lost"), 0);
  assert_true(site_count(&tonglu()->site, "SELECT count(*) FROM sync_evidence") > 0);
  site_product(&p.hub, 79, "and on", wall());
  meet(chunan());
  assert_int_equal(site_count(&chunan()->site, "SELECT count(*) FROM product WHERE name = 'and on'"), 1);
  meet(tonglu());
  assert_int_equal(site_count(&tonglu()->site, "SELECT count(*) FROM product WHERE name = 'and on'"), 0);
  assert_false(adds_nothing(&err));
  end();
}

/* The item of HELLO that a peer of before does not know: it becomes another one on the way, or another hash.
 */
static uint8_t rename_to;
static void change_lanes(void *ctx, struct member *m, bool up, uint8_t *bytes, size_t n)
{
  (void)ctx;
  (void)m;
  const size_t size = LANES * HASH_SIZE;
  for (size_t i = 0; up && i + 3 + size <= n; i++) {
    if (bytes[i] != TAIL_LANES || bytes[i + 1] != 0 || bytes[i + 2] != size) continue;
    if (rename_to)
      bytes[i] = rename_to;
    else
      bytes[i + 3] ^= 1;
    return;
  }
}

static void a_branch_that_names_no_hashes_talks_as_before(void **state)
{
  char now[200];
  struct err err = ERR_INIT;
  (void)state;
  begin();
  p.saw_bytes = change_lanes;
  rename_to = 99;
  site_price(&tonglu()->site, 5, 500, wall());
  site_product(&p.hub, 2, "carp", wall());
  meet(tonglu());
  assert_int_equal(site_count(&tonglu()->site, "SELECT max(seq) FROM sync_receipt"), 3);
  assert_int_equal(site_count(&tonglu()->site, "SELECT count(*) FROM product"), 2);
  write_another_in_its_place(now);
  meet(tonglu());
  assert_false(adds_nothing(&err));
  p.saw_bytes = NULL;
  end();
}

static void a_branch_that_claims_another_entry_stops_nobody_but_itself(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  begin();
  p.saw_bytes = change_lanes;
  rename_to = 0;
  site_product(&p.hub, 2, "carp", wall());
  meet(tonglu());
  assert_int_equal(site_count(&tonglu()->site, "SELECT count(*) FROM product"), 1);
  assert_false(adds_nothing(&err));
  p.saw_bytes = NULL;
  site_price(&chunan()->site, 6, 600, wall());
  meet(chunan());
  assert_int_equal(site_count(&chunan()->site, "SELECT max(seq) FROM sync_receipt"), 4);
  assert_int_equal(site_count(&chunan()->site, "SELECT count(*) FROM product"), 2);
  end();
}

static void an_entry_that_is_not_ours_proves_nothing(void **state)
{
  struct err err = ERR_INIT;
  enum lost_verdict lost = LOST_NOW;
  struct logged entry;
  struct buf keep = BUF_INIT;
  (void)state;
  begin();
  must(entry_read(p.hub.db, pos_of(chunan(), 1), &entry, &keep, &err), &err, "entry_read");
  struct held_message held = {.record = {entry.bytes, entry.size}};
  assert_false(store_lost(p.hub.store, tonglu()->site.code, &held, wall(), &lost, &err));
  assert_string_equal(err.rule, "wrong_stream");
  err_clear(&err);
  int64_t pos = -1;
  must(stream_find(p.hub.db, (struct stream){PROVINCE, 0}, 1, &pos, &err) &&
           entry_read(p.hub.db, pos, &entry, &keep, &err),
       &err, "entry_read");
  held.record = (struct span){entry.bytes, entry.size};
  assert_false(store_lost(p.hub.store, tonglu()->site.code, &held, wall(), &lost, &err));
  assert_string_equal(err.rule, "signature");
  err_clear(&err);
  memcpy(held.signature, entry.signature, SIGNATURE_SIZE);
  must(store_lost(p.hub.store, tonglu()->site.code, &held, wall(), &lost, &err), &err, "store_lost");
  assert_int_equal(lost, LOST_NOT); /* our log has it */
  assert_false(adds_nothing(&err));
  buf_wipe(&keep);
  end();
}

static void a_hub_from_an_old_snapshot_is_told_and_adds_nothing(void **state)
{
  char old[200];
  char now[200];
  struct err err = ERR_INIT;
  (void)state;
  begin();
  copy_of(old, "old");
  copy_of(now, "now");
  site_backup(&p.hub, old);
  site_prices(&tonglu()->site, 2, wall());
  meet(tonglu());
  site_backup(&p.hub, now);
  site_restore(&p.hub, old, wall());
  int64_t entries = site_count(&p.hub, "SELECT count(*) FROM sync_entry");
  site_price(&tonglu()->site, 5, 500, wall());
  hush();
  meet(tonglu());
  assert_int_equal(heard.witnessed, 1);
  assert_int_equal(heard.batches, 0); /* not even those that came right behind HELLO */
  /* The hub knows, and says so to everybody. */
  site_price(&chunan()->site, 6, 600, wall());
  meet(chunan());
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_entry"), entries);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_evidence WHERE rule = 'log_rolled_back'"),
                   1);
  assert_false(store_sign_log(p.hub.store, wall(), &err) &&
               site_count(&p.hub, "SELECT max(size) FROM sync_checkpoint") > entries);
  /* It stays known over a restart. */
  site_crash(&p.hub, wall());
  meet(chunan());
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_entry"), entries);
  hush();
  province_connect(&p, tonglu());
  province_settle(&p);
  p.mono_ms += 31000; /* the next greeting of the same line */
  province_tick(&p);
  province_settle(&p);
  province_hang_up(&p, tonglu());
  assert_int_equal(heard.batches, 0);
  assert_string_equal(heard.trouble, "log_rolled_back");
  assert_int_equal(site_count(&tonglu()->site, "SELECT count(*) FROM sync_evidence"), 1);
  /* With the true log back, everything goes on by itself. */
  site_restore(&p.hub, now, wall());
  meet(tonglu());
  meet(chunan());
  assert_int_equal(site_head(&p.hub, tonglu()->site.code, 0).seq, 5);
  assert_int_equal(site_count(&tonglu()->site, "SELECT max(seq) FROM sync_receipt"), 5);
  assert_int_equal(site_count(&chunan()->site, "SELECT max(seq) FROM sync_receipt"), 4);
  end();
}

static void a_branch_that_is_told_to_trust_again_still_holds_what_it_saw(void **state)
{
  char truth[200];
  struct err err = ERR_INIT;
  (void)state;
  begin();
  copy_of(truth, "truth");
  site_backup(&p.hub, truth);
  liar_rewrite(&p, pos_of(chunan(), 1));
  site_price(&tonglu()->site, 5, 500, wall());
  meet(tonglu());
  assert_caught(tonglu(), "log_rewritten");
  /* A person lets it listen again while the lie goes on: caught again, with its own proof. */
  must(store_trust(tonglu()->site.store, &err), &err, "store_trust");
  meet(tonglu());
  assert_int_equal(site_count(&tonglu()->site, "SELECT count(*) FROM sync_evidence"), 2);
  /* And once the province is what it was, all is received. */
  site_restore(&p.hub, truth, wall());
  must(store_trust(tonglu()->site.store, &err), &err, "store_trust");
  meet(tonglu());
  meet(tonglu());
  assert_int_equal(site_count(&tonglu()->site, "SELECT max(seq) FROM sync_receipt"), 4);
  end();
}

static void a_new_disk_gets_proofs_of_all_it_got_back(void **state)
{
  (void)state;
  begin();
  /* Its history came in several batches, each with its own signature; it goes back in one. */
  for (int i = 0; i < 3; i++) {
    site_prices(&chunan()->site, 2, wall());
    meet(chunan());
  }
  struct head head = site_head(&p.hub, chunan()->site.code, 0);
  site_close(&chunan()->site);
  (void)remove(chunan()->site.path);
  site_make(&chunan()->site, p.folder, chunan()->site.code, wall());
  site_trust(&chunan()->site, PROVINCE, 1);
  site_enrol_again(&chunan()->site, &head, wall());
  site_trust(&p.hub, chunan()->site.code, 2);
  hush();
  meet(chunan());
  meet(chunan());
  assert_string_equal(heard.refused, "");
  assert_int_equal(site_head(&chunan()->site, chunan()->site.code, 0).seq, head.seq);
  assert_int_equal(site_count(&chunan()->site, "SELECT max(seq) FROM sync_receipt"), head.seq);
  assert_int_equal(site_count(&chunan()->site, "SELECT sum(count) FROM sync_leaf_run"), head.seq);
  assert_true(site_verifies(&chunan()->site));
  end();
}

static void a_greeting_that_crosses_a_checkpoint_is_no_lie(void **state)
{
  (void)state;
  begin();
  p.mono_ms += 60000;
  province_connect(&p, tonglu());
  province_settle(&p);
  tonglu()->down_held = true;
  site_price(&tonglu()->site, 5, 500, wall());
  exchange_node_wake(tonglu()->node, province_now(&p, tonglu()));
  province_settle(&p); /* its checkpoint and proof are on the way */
  site_product(&p.hub, 2, "carp", wall());
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  p.mono_ms += 31000;
  province_tick(&p); /* HELLO names the checkpoint before it */
  province_settle(&p);
  tonglu()->down_held = false;
  province_settle(&p);
  assert_non_null(tonglu()->node);
  assert_int_equal(site_count(&tonglu()->site, "SELECT max(seq) FROM sync_receipt"), 3);
  end();
}

static uint64_t kept(struct member *m)
{
  uint64_t pos = 0;
  assert_true(keep_through(m->site.db, &pos, NULL));
  return pos;
}

/* A line brings a piece of the log to keep and breaks before its checkpoint; the hub goes back to before that
 * piece and writes another.  No lie and nobody's fault: nobody held what is gone. */
static void what_is_kept_ahead_of_its_checkpoint_goes_with_its_line(void **state)
{
  char old[200];
  (void)state;
  begin();
  copy_of(old, "old");
  site_backup(&p.hub, old);
  uint64_t held = kept(tonglu());
  province_connect(&p, chunan());
  province_settle(&p);
  chunan()->down_held = true; /* what it is told now does not arrive */
  site_price(&chunan()->site, 6, 600, wall());
  exchange_node_wake(chunan()->node, province_now(&p, chunan()));
  province_settle(&p);
  province_hang_up(&p, chunan());
  chunan()->down_held = false;
  province_connect(&p, tonglu());
  while (kept(tonglu()) == held)
    if (!province_turn(&p, tonglu(), 1)) fail_msg("nothing came");
  province_hang_up(&p, tonglu());
  site_restore(&p.hub, old, wall());
  site_price(&tonglu()->site, 5, 500, wall());
  meet(tonglu());
  meet(chunan());
  meet(tonglu());
  assert_int_equal(site_count(&tonglu()->site, "SELECT count(*) FROM sync_evidence"), 0);
  assert_int_equal(site_count(&tonglu()->site, "SELECT max(seq) FROM sync_receipt"), 3);
  assert_int_equal(kept(tonglu()), site_count(&p.hub, "SELECT size FROM sync_tree"));
  assert_true(site_verifies(&tonglu()->site));
  end();
}

static void every_fault_of_a_mirror_is_found_and_named(void **state)
{
  static const struct {
    const char *sql, *found;
  } faults[] = {
      {"DELETE FROM sync_mirror_run WHERE first_pos = (SELECT min(first_pos) FROM sync_mirror_run)", "gap"},
      {"DELETE FROM sync_mirror_run WHERE first_pos = (SELECT first_pos FROM sync_mirror_run ORDER BY "
       "first_pos"
       " LIMIT 1 OFFSET 1)",
       "gap"},
      {"UPDATE sync_mirror_run SET received_ms = received_ms + 1", "another run"},
      {"UPDATE sync_mirror_run SET first_seq = first_seq + 1", "another run"},
      {"UPDATE sync_mirror_run SET author = 330182", "another run"},
      {"UPDATE sync_mirror_run SET lane = 1", "another run"},
      {"UPDATE sync_mirror_entry SET pos = 1000000", "no run of the province"},
      {"UPDATE sync_mirror_run SET author = 330182 WHERE first_pos = (SELECT max(first_pos) FROM "
       "sync_mirror_run"
       " WHERE first_pos <= (SELECT pos FROM sync_mirror_entry))",
       "no run of the province"},
  };
  char honest[200];
  (void)state;
  begin();
  site_decide(&p.hub, tonglu()->site.code, "away", wall()); /* sealed for Chunan */
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
  meet(chunan());
  meet(chunan());
  lost_mirrors(&p);
  assert_int_equal(site_count(&chunan()->site, "SELECT count(*) FROM sync_mirror_entry"), 1);
  assert_true(site_verifies(&chunan()->site));
  copy_of(honest, "honest");
  site_backup(&chunan()->site, honest);
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
    struct verify_report report;
    struct err err = ERR_INIT;
    site_restore(&chunan()->site, honest, wall());
    must(db_exec(chunan()->site.db, "PRAGMA query_only = 0", &err), &err, "PRAGMA");
    must(db_exec(chunan()->site.db, faults[i].sql, &err), &err, faults[i].sql);
    must(store_verify(chunan()->site.path, &report, &err), &err, "store_verify");
    put_u8(&report.text, 0);
    if (!strstr((const char *)report.text.data, faults[i].found))
      fail_msg("%s\n-> %s", faults[i].sql, (const char *)report.text.data);
    buf_wipe(&report.text);
  }
  end();
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_rewritten_record_is_caught_by_the_next_branch),
      cmocka_unit_test(a_dropped_leaf_is_caught_by_the_next_branch),
      cmocka_unit_test(another_record_of_ours_is_caught_by_us),
      cmocka_unit_test(a_fork_for_one_branch_is_caught_when_it_sees_the_other_side),
      cmocka_unit_test(a_hub_from_an_old_snapshot_is_told_and_adds_nothing),
      cmocka_unit_test(a_hub_that_lost_what_a_branch_has_and_has_not_witnessed_is_told),
      cmocka_unit_test(a_hub_that_wrote_another_entry_in_the_place_of_one_it_sent_is_told),
      cmocka_unit_test(what_others_have_witnessed_stays_and_one_branch_stands_alone),
      cmocka_unit_test(a_branch_that_names_no_hashes_talks_as_before),
      cmocka_unit_test(a_branch_that_claims_another_entry_stops_nobody_but_itself),
      cmocka_unit_test(an_entry_that_is_not_ours_proves_nothing),
      cmocka_unit_test(a_branch_that_is_told_to_trust_again_still_holds_what_it_saw),
      cmocka_unit_test(a_greeting_that_crosses_a_checkpoint_is_no_lie),
      cmocka_unit_test(what_is_kept_ahead_of_its_checkpoint_goes_with_its_line),
      cmocka_unit_test(every_fault_of_a_mirror_is_found_and_named),
      cmocka_unit_test(a_new_disk_gets_proofs_of_all_it_got_back),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
