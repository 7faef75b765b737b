/* A province that lost its disk: from an old backup and what its branches bring, the same log and the same
 * tables; or a clear word about what is missing. */
#include "sync/apply.h"
#include "sync/carry_history.h"
#include "sync/keys.h"
#include "sync/lost.h"
#include "sync/recall_line.h"
#include "sync/streams.h"
#include "sync/tlog.h"
#include "tests/sim/lost.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const int64_t START_MS = 1795316000000;

static struct province p;
static struct lost lost;
static struct tlog_state root_before;
static char *products_before, *prices_before;

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static void meet(size_t i)
{
  province_meet(&p, &p.members[i]);
}

static void meet_all(void)
{
  for (size_t round = 0; round < 2; round++)
    for (size_t i = 0; i < p.count; i++)
      meet(i);
}

/* Three counties, one of them away for long, a backup of the first minutes, and a life after it: entries for
 * all, for one that is there, for one that is not, for nobody. */
static void a_life(void)
{
  struct err err = ERR_INIT;
  province_open(&p, 3, START_MS);
  site_product(&p.hub, 1, "radish", wall());
  site_prices(&p.members[0].site, 2, wall());
  meet(0);
  lost_backup(&lost, &p);
  meet_all();
  site_prices(&p.members[0].site, 30, wall());
  site_prices(&p.members[2].site, 3, wall());
  meet(2);
  meet(0);
  site_product(&p.hub, 2, "bamboo", wall());
  site_decide(&p.hub, p.members[0].site.code, "for one that is there", wall());
  site_decide(&p.hub, p.members[1].site.code, "for one that is away", wall());
  site_product(&p.hub, 3, "tea", wall());
  site_price(&p.members[2].site, 1, 5, wall());
  meet(2);
  meet(0);
  meet(2);
  must(tlog_state(p.hub.db, &root_before, &err), &err, "tlog_state");
  products_before = site_rows(&p.hub, "SELECT * FROM product ORDER BY 1", 0);
  prices_before = site_rows(&p.hub, "SELECT * FROM price ORDER BY 1, 2", 0);
}

static void is_as_before(void)
{
  struct err err = ERR_INIT;
  struct tlog_state now;
  lost_start(&lost, &p);
  must(tlog_state(p.hub.db, &now, &err), &err, "tlog_state");
  assert_int_equal(now.size, root_before.size);
  assert_memory_equal(&now.root, &root_before.root, sizeof now.root);
  char *products = site_rows(&p.hub, "SELECT * FROM product ORDER BY 1", 0);
  char *prices = site_rows(&p.hub, "SELECT * FROM price ORDER BY 1, 2", 0);
  assert_string_equal(products, products_before);
  assert_string_equal(prices, prices_before);
  free(products);
  free(prices);
  assert_true(site_verifies(&p.hub));
}

static void end(void)
{
  lost_end(&lost);
  free(products_before);
  free(prices_before);
  province_close(&p);
}

static void the_log_comes_back_leaf_by_leaf_to_the_same_root(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  struct recall_state look;
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  for (size_t i = 0; i < 3; i++)
    assert_true(lost_bring(&lost, &p, i, SIZE_MAX));
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.target, root_before.size);
  assert_int_equal(look.mapped, root_before.size);
  assert_int_equal(look.missing, 0);
  assert_int_equal(look.gap_count, 0);
  assert_int_equal(look.waiting_count, 0);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.size, root_before.size);
  is_as_before();
  /* And life goes on: what branches held back arrives, nobody sees another past. */
  site_price(&p.members[1].site, 1, 7, wall());
  site_product(&p.hub, 4, "wax", wall());
  meet_all();
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM price"), 2 + 30 + 3 + 1 + 1);
  assert_int_equal(site_count(&p.members[1].site, "SELECT count(*) FROM decision"), 1);
  for (size_t i = 0; i < 3; i++)
    assert_int_equal(site_count(&p.members[i].site, "SELECT count(*) FROM sync_evidence"), 0);
  end();
}

static void a_line_that_breaks_anywhere_goes_on_where_it_was(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  int tries = 0;
  for (size_t i = 0; i < 3; i++)
    for (size_t budget = 700; !lost_bring(&lost, &p, i, budget); budget += 300)
      tries++;
  assert_true(tries > 3);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  is_as_before();
  end();
}

/* Whoever counts as one that has brought all must not be locked out when the rebuilding ends at that. */
static void who_has_brought_all_has_left_its_certificate(void **state)
{
  struct err err = ERR_INIT;
  struct recall_state look;
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  for (size_t i = 0; i < 3; i++)
    for (size_t budget = 100, left = 1; left; budget += 400) {
      struct recall_guest *guests = NULL;
      size_t count = 0;
      left = !lost_bring(&lost, &p, i, budget);
      must(recall_look(lost.recall, &look, &err), &err, "recall_look");
      must(recall_guests(lost.recall, &guests, &count, &err), &err, "recall_guests");
      assert_int_equal(look.brought_count, i + !left);
      assert_int_equal(count, look.brought_count);
      if (!left) {
        assert_int_equal(guests[i].branch, p.members[i].site.code);
        assert_int_equal(guests[i].epoch, 1);
        assert_string_equal(guests[i].serial, "5e");
        assert_int_equal(guests[i].known, i == 0);
      }
      free(guests);
    }
  end();
}

/* The first of a branch that knows of no other must not be taken for all there was. */
static void who_has_begun_or_is_named_is_waited_for(void **state)
{
  struct err err = ERR_INIT;
  struct recall_state look;
  struct db *db = NULL;
  (void)state;
  a_life();
  must(db_open(&db, lost.backup, DB_WRITE, &err), &err, "db_open");
  must(db_exec(db, "DELETE FROM sync_key WHERE author <> 330000", &err), &err, "nobody is known");
  db_close(db);
  lost_disk(&lost, &p);
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.known, 0);
  assert_int_equal(look.waiting_count, 0);
  for (size_t budget = 100; look.waiting_count == 0; budget++)
    assert_false(lost_bring(&lost, &p, 1, budget) || !recall_look(lost.recall, &look, &err));
  assert_int_equal(look.waiting[0], p.members[1].site.code);
  assert_true(lost_bring(&lost, &p, 1, SIZE_MAX));
  must(recall_expect(lost.recall, 330999, &err), &err, "recall_expect");
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.brought_count, 1);
  assert_int_equal(look.brought[0], p.members[1].site.code);
  assert_int_equal(look.waiting[look.waiting_count - 1], 330999);
  end();
}

/* Somebody who shows another key than the backup has proves nothing with it, and keeps the branch itself from
 * nothing. */
static void who_shows_another_key_stops_nobody(void **state)
{
  static struct recalled m; /* large */
  struct err err = ERR_INIT;
  struct recall_report report;
  struct recall_state look;
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  m.keys_count = 2;
  m.keys[0] = (struct known_key){.epoch = 7, .since_ms = START_MS, .public_key = {8}};
  m.keys[1] = (struct known_key){.epoch = 1, .since_ms = START_MS, .public_key = {9}};
  must(recall_take_answer(lost.recall, p.members[0].site.code + 1000000, &m, wall(), &err), &err,
       "recall_take_answer");
  for (size_t i = 0; i < 3; i++)
    assert_true(lost_bring(&lost, &p, i, SIZE_MAX));
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.brought_count, 3);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  is_as_before();
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_key WHERE substr(public_key, 2) ="
                                      " zeroblob(31)"),
                   0);
  end();
}

static void in_db(const char *path, const char *sql, uint32_t author)
{
  struct err err = ERR_INIT;
  struct db *db = NULL;
  must(db_open(&db, path, DB_WRITE, &err), &err, "db_open");
  struct query q = query_open(db, sql, &err);
  query_int(&q, 1, author);
  must(query_run(&q), &err, sql);
  db_close(db);
}

static int64_t hub_knows(uint32_t author, const char *key)
{
  char sql[160];
  snprintf(sql, sizeof sql,
           "SELECT count(*) FROM sync_key WHERE author = %u AND epoch = 1 AND public_key = %s", author, key);
  return site_count(&p.hub, sql);
}

/* The branch signed with another key in that epoch itself, and keeps the one that the province named for what
 * it has given back (own_epochs.h). */
static void has_two_keys(struct site *branch, char key[80])
{
  struct err err = ERR_INIT;
  struct key had;
  key[0] = 'x';
  key[1] = '\'';
  must(key_get(branch->db, branch->code, 1, &had, &err), &err, "key_get");
  hex_encode(key + 2, had.public_key, PUBLIC_SIZE);
  memcpy(key + 2 + 2 * PUBLIC_SIZE, "'", 2);
  in_db(branch->path,
        "INSERT INTO sync_key_other(author, epoch, public_key, told_ms) SELECT author, epoch, public_key, 1"
        " FROM sync_key WHERE author = ?1",
        branch->code);
  in_db(branch->path, "UPDATE sync_key SET public_key = zeroblob(32) WHERE author = ?1", branch->code);
}

static void a_branch_with_two_keys_of_one_epoch_brings_all(void **state)
{
  (void)state;
  for (int way = 0; way < 4; way++) {
    struct err err = ERR_INIT;
    struct recall_report report;
    struct recall_guest guest = {0};
    struct buf file = BUF_INIT;
    char key[80];
    a_life();
    struct site *branch = &p.members[2].site;
    has_two_keys(branch, key);
    if (way & 1) in_db(lost.backup, "DELETE FROM sync_key WHERE author = ?1", branch->code);
    lost_disk(&lost, &p);
    if (way & 2) {
      must(carry_history(branch->db, PROVINCE, branch->code, &file, &err), &err, "carry_history");
      must(recall_take_carried(lost.recall, file.data, file.size, wall(), &guest, &err), &err, "recall_take");
    } else {
      assert_true(lost_bring(&lost, &p, 2, SIZE_MAX));
    }
    assert_true(lost_bring(&lost, &p, 0, SIZE_MAX) && lost_bring(&lost, &p, 1, SIZE_MAX));
    must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
    is_as_before();
    assert_int_equal(hub_knows(branch->code, key), 1);
    buf_wipe(&file);
    end();
  }
}

/* It gave the epoch once more when its disk had gone back.  Not a key that has signed what is common: there
 * the other has signed nothing. */
static void a_key_that_was_learned_behind_what_is_common_gives_way(void **state)
{
  (void)state;
  for (size_t i = 0; i < 3; i += 2) {
    struct err err = ERR_INIT;
    struct recall_report report;
    a_life();
    in_db(lost.backup, "UPDATE sync_key SET public_key = zeroblob(32) WHERE author = ?1",
          p.members[i].site.code);
    lost_disk(&lost, &p);
    for (size_t k = 0; k < 3; k++)
      assert_true(lost_bring(&lost, &p, k, SIZE_MAX));
    assert_int_equal(lost_assemble(&lost, &report, &err), i != 0);
    if (i != 0) is_as_before();
    if (i != 0) assert_int_equal(hub_knows(p.members[i].site.code, "zeroblob(32)"), 0);
    if (i == 0) assert_non_null(strstr(err.text, "that its key did not make"));
    end();
  }
}

/* Who says nothing is not waited for; who has greeted may be silent for longer, while it reads its disk. */
static void a_silent_line_ends_later_when_it_has_greeted(void **state)
{
  struct err err = ERR_INIT;
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  struct site *site = &p.members[0].site;
  const struct exchange_node_config config = {.store = site->store, .db = site->db, .program = "1.0.0"};
  const struct recall_guest guest = {.branch = site->code, .serial = "5e"};
  const struct moment start = {p.mono_ms, wall()};
  for (int greets = 0; greets < 2; greets++) {
    struct exchange_node *node = NULL;
    struct recall_line *line = NULL;
    must(exchange_node_open(&node, &config, start, &err), &err, "exchange_node_open");
    must(recall_line_open(&line, lost.recall, &guest, start, &err), &err, "recall_line_open");
    if (greets) {
      struct span hello = exchange_node_output(node);
      recall_line_input(line, hello.p, hello.size, start);
      recall_line_sent(line, recall_line_output(line).size, start);
    }
    struct moment now = start;
    now.mono_ms += (greets ? SILENCE_WAIT_MS : HELLO_WAIT_MS) - 1;
    recall_line_tick(line, now);
    assert_int_equal(recall_line_facts(line)->end, 0);
    now.mono_ms++;
    recall_line_tick(line, now);
    assert_int_equal(recall_line_facts(line)->end, END_TIMEOUT);
    recall_line_close(line);
    exchange_node_close(node);
  }
  end();
}

/* Also when it had come already, and with a checkpoint that nobody else can lead to. */
static void who_is_left_out_is_waited_for_in_nothing(void **state)
{
  struct err err = ERR_INIT;
  struct recall_state look;
  bool out = true;
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  const uint32_t code = p.members[2].site.code;
  const struct recall_guest guest = {.branch = code, .serial = "5e"};
  assert_true(lost_bring(&lost, &p, 2, SIZE_MAX));
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.target, root_before.size);
  must(recall_left_out(lost.recall, &guest, &out, &err), &err, "recall_left_out");
  assert_false(out);
  must(recall_leave_out(lost.recall, code, &err), &err, "recall_leave_out");
  must(recall_left_out(lost.recall, &guest, &out, &err), &err, "recall_left_out");
  assert_true(out);
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.target, 0);
  assert_int_equal(look.brought_count, 0);
  end();
}

static void a_branch_without_a_line_comes_by_stick(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  struct recall_state look;
  struct buf file = BUF_INIT;
  struct recall_guest guest = {0};
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  must(carry_history(p.members[2].site.db, PROVINCE, p.members[2].site.code, &file, &err), &err,
       "carry_history");
  assert_true(lost_bring(&lost, &p, 0, SIZE_MAX));
  assert_true(lost_bring(&lost, &p, 1, SIZE_MAX));
  for (int twice = 0; twice < 2; twice++)
    must(recall_take_carried(lost.recall, file.data, file.size, wall(), &guest, &err), &err,
         "recall_take_carried");
  assert_int_equal(guest.branch, p.members[2].site.code);
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.waiting_count, 0);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  is_as_before();
  /* Any changed byte is refused, or it changes nothing that counts. */
  file.data[file.size / 2] ^= 1;
  if (recall_take_carried(lost.recall, file.data, file.size, wall(), &guest, &err))
    must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  buf_wipe(&file);
  end();
}

static void a_branch_that_does_not_come_is_named_with_its_leaves(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  struct recall_state look;
  (void)state;
  a_life();
  lost_disk(&lost, &p);
  assert_true(lost_bring(&lost, &p, 0, SIZE_MAX));
  assert_true(lost_bring(&lost, &p, 1, SIZE_MAX));
  must(recall_look(lost.recall, &look, &err), &err, "recall_look");
  assert_int_equal(look.missing, 4);
  assert_int_equal(look.waiting_count, 1);
  assert_int_equal(look.waiting[0], p.members[2].site.code);
  assert_int_equal(look.gaps[0].run.stream.author, p.members[2].site.code);
  assert_false(lost_assemble(&lost, &report, &err));
  assert_string_equal(err.rule, "leaf_missing");
  assert_non_null(strstr(err.text, "330103"));
  err_clear(&err);
  assert_true(lost_bring(&lost, &p, 2, SIZE_MAX));
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  is_as_before();
  end();
}

static void a_false_mirror_leads_nowhere_and_another_ones_does(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  lost_mirrors(&p);
  /* The one whose mirror is tried first says other times than were. */
  must(db_exec(p.members[2].site.db, "PRAGMA query_only = 0", &err), &err, "PRAGMA");
  must(db_exec(p.members[2].site.db,
               "UPDATE sync_mirror_run SET received_ms = received_ms + 1 WHERE first_pos > 5", &err),
       &err, "UPDATE");
  lost_disk(&lost, &p);
  assert_true(lost_bring(&lost, &p, 2, SIZE_MAX));
  assert_true(lost_bring(&lost, &p, 1, SIZE_MAX));
  bool ok = lost_assemble(&lost, &report, &err);
  assert_false(ok);
  err_clear(&err);
  assert_true(lost_bring(&lost, &p, 0, SIZE_MAX));
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_not_equal(report.mirror_of, p.members[2].site.code);
  is_as_before();
  end();
}

static void in_branch(size_t member, const char *sql)
{
  struct err err = ERR_INIT;
  must(db_exec(p.members[member].site.db, "PRAGMA query_only = 0", &err), &err, "PRAGMA");
  must(db_exec(p.members[member].site.db, sql, &err), &err, sql);
}

/* The disk was lost between the moment when a branch got entries of the province and the one when it saw the
 * log that has them. */
static void what_a_branch_has_of_the_province_and_has_not_witnessed_comes_back_too(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life();
  in_branch(0, "CREATE TABLE kept AS SELECT * FROM sync_witness");
  site_product(&p.hub, 4, "late", wall());
  site_decide(&p.hub, p.members[0].site.code, "late too", wall());
  meet(0);
  assert_int_equal(site_count(&p.members[0].site, "SELECT count(*) FROM product"), 4);
  in_branch(0, "DELETE FROM sync_witness; INSERT INTO sync_witness SELECT * FROM kept; DROP TABLE kept");
  lost_disk(&lost, &p);
  for (size_t i = 0; i < 3; i++)
    assert_true(lost_bring(&lost, &p, i, SIZE_MAX));
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.size, root_before.size);
  lost_start(&lost, &p);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM product"), 4);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM decision"), 3);
  site_product(&p.hub, 5, "wax", wall());
  meet_all();
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(site_count(&p.members[i].site, "SELECT count(*) FROM sync_evidence"), 0);
    assert_int_equal(site_count(&p.members[i].site, "SELECT count(*) FROM sync_fork"), 0);
    assert_int_equal(site_count(&p.members[i].site, "SELECT count(*) FROM product"), 5);
  }
  assert_true(site_verifies(&p.hub));
  end();
}

static void what_a_branch_keeps_for_others_it_cannot_read(void **state)
{
  (void)state;
  a_life();
  assert_true(site_count(&p.members[0].site, "SELECT count(*) FROM sync_keep_entry") > 0);
  assert_int_equal(site_count(&p.members[0].site, "SELECT count(*) FROM sync_keep_entry WHERE"
                                                  " instr(sealed, CAST('away' AS BLOB)) > 0"),
                   0);
  assert_int_equal(site_count(&p.members[0].site, "SELECT count(*) FROM decision"), 1);
  end();
}

/* The branch was sent an entry and the line broke before the checkpoint that has it. */
static void send_unwitnessed(struct member *m)
{
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct batch_head head;
  struct batch *batch = NULL;
  struct apply_result result;
  const struct stream shared = {PROVINCE, 0};
  must(store_batch_read(p.hub.db, shared, site_head(&m->site, PROVINCE, 0).seq, NULL, &head, &bytes, &err),
       &err, "store_batch_read");
  must(batch_accept(&batch, m->site.db, bytes.data, bytes.size, &err), &err, "batch_accept");
  must(store_apply(m->site.store, &batch, 1, wall(), &result, &err), &err, "store_apply");
  assert_int_equal(result.outcome, OUTCOME_TAKEN);
  batch_close(batch);
  buf_wipe(&bytes);
}

/* Both have witnessed all there was; then the province sends one of them two entries, its disk goes back, and
 * it writes another in their place. */
static void a_life_with_another_past(void)
{
  char old[200];
  province_open(&p, 2, START_MS);
  (void)snprintf(old, sizeof old, "%s/old.copy", p.folder);
  site_product(&p.hub, 1, "radish", wall());
  site_prices(&p.members[0].site, 2, wall());
  meet_all();
  for (size_t i = 0; i < 2; i++) {
    site_prices(&p.members[1].site, 1, wall());
    province_connect(&p, &p.members[i]);
    province_settle(&p);
    p.mono_ms += 31000; /* the next greeting brings the cosignature */
    province_tick(&p);
    province_settle(&p);
    province_hang_up(&p, &p.members[i]);
  }
  site_backup(&p.hub, old);
  site_product(&p.hub, 2, "sent", wall());
  site_product(&p.hub, 3, "and sent", wall());
  send_unwitnessed(&p.members[0]);
  site_restore(&p.hub, old, wall());
  store_listen(p.hub.store, true);
  site_product(&p.hub, 4, "another in their place", wall());
  meet(0);
  assert_false(store_writable(p.hub.store, NULL));
}

static void an_entry_that_was_sent_and_not_witnessed_comes_back_behind_the_log(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  (void)state;
  a_life_with_another_past();
  lost_went_back(&lost, &p);
  for (size_t i = 0; i < 2; i++)
    assert_true(lost_bring(&lost, &p, i, SIZE_MAX));
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  assert_int_equal(report.tail, 2);
  lost_start(&lost, &p);
  assert_true(store_writable(p.hub.store, &err));
  /* Behind them stands what it wrote meanwhile. */
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM product"), 4);
  assert_int_equal(site_head(&p.hub, PROVINCE, 0).seq, 4);
  assert_int_equal(site_count(&p.hub, "SELECT count(*) FROM sync_aside WHERE state <> 'again'"), 0);
  meet_all();
  for (size_t i = 0; i < 2; i++) {
    assert_int_equal(site_count(&p.members[i].site, "SELECT count(*) FROM product"), 4);
    assert_int_equal(site_count(&p.members[i].site, "SELECT count(*) FROM sync_fork"), 0);
    assert_int_equal(site_count(&p.members[i].site, "SELECT max(seq) FROM sync_receipt"), 2);
  }
  assert_true(site_verifies(&p.hub));
  lost_end(&lost);
  province_close(&p);
}

/* The branch that showed it is gone; and when it comes back all the same, the province does not stop again.
 */
static void what_no_branch_brings_is_settled(void **state)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  bool any = false;
  (void)state;
  a_life_with_another_past();
  lost_went_back(&lost, &p);
  assert_true(lost_bring(&lost, &p, 1, SIZE_MAX));
  assert_false(lost_assemble(&lost, &report, &err));
  assert_string_equal(err.rule, "nothing_missing");
  err_clear(&err);
  lost_end(&lost);
  struct db *db = NULL;
  must(db_open(&db, lost.backup, DB_WRITE, &err), &err, "db_open");
  must(lost_any(db, PROVINCE, &any, &err), &err, "lost_any");
  assert_true(any);
  /* It has shown only the first of them, and keeps the rest for later. */
  must(db_exec(db, "UPDATE sync_lost SET seq = seq - 1", &err), &err, "an earlier one");
  must(lost_settle(db, &err), &err, "lost_settle");
  db_close(db);
  site_restore(&p.hub, lost.backup, wall());
  assert_true(store_writable(p.hub.store, &err));
  site_product(&p.hub, 5, "and on", wall());
  meet(0);
  assert_true(store_writable(p.hub.store, &err));
  meet(1);
  assert_int_equal(site_count(&p.members[1].site, "SELECT count(*) FROM product WHERE name = 'and on'"), 1);
  /* That branch stands alone, and knows why. */
  assert_int_equal(site_count(&p.members[0].site, "SELECT count(*) FROM product WHERE name = 'and on'"), 0);
  assert_true(site_count(&p.members[0].site,
                         "SELECT count(*) FROM sync_evidence WHERE rule = 'log_rolled_back'") > 0);
  province_close(&p);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_log_comes_back_leaf_by_leaf_to_the_same_root),
      cmocka_unit_test(an_entry_that_was_sent_and_not_witnessed_comes_back_behind_the_log),
      cmocka_unit_test(what_no_branch_brings_is_settled),
      cmocka_unit_test(a_line_that_breaks_anywhere_goes_on_where_it_was),
      cmocka_unit_test(who_has_brought_all_has_left_its_certificate),
      cmocka_unit_test(who_has_begun_or_is_named_is_waited_for),
      cmocka_unit_test(who_shows_another_key_stops_nobody),
      cmocka_unit_test(a_branch_with_two_keys_of_one_epoch_brings_all),
      cmocka_unit_test(a_key_that_was_learned_behind_what_is_common_gives_way),
      cmocka_unit_test(a_silent_line_ends_later_when_it_has_greeted),
      cmocka_unit_test(who_is_left_out_is_waited_for_in_nothing),
      cmocka_unit_test(a_branch_without_a_line_comes_by_stick),
      cmocka_unit_test(a_branch_that_does_not_come_is_named_with_its_leaves),
      cmocka_unit_test(a_false_mirror_leads_nowhere_and_another_ones_does),
      cmocka_unit_test(what_a_branch_has_of_the_province_and_has_not_witnessed_comes_back_too),
      cmocka_unit_test(what_a_branch_keeps_for_others_it_cannot_read),
  };
  struct err err = ERR_INIT;
  must(crypto_start(&err), &err, "crypto_start");
  return cmocka_run_group_tests(tests, NULL, NULL);
}
