/* A province lives through bad days: `province_sim [SEEDS [FIRST]]`.
 *
 * One hub and 20 nodes with real stores write, sync and suffer: lines are cut at any byte, dead connections
 * go on delivering, batches come again and out of order from elsewhere, nodes and hub lose power between
 * commit and receipt, disks of nodes go back and are written on, clocks are days off, and the province
 * withholds records by law.  Then the weather
 * clears, and the invariants must hold: I1, I3, I5 every store proves itself: chains, signatures, tables =
 * fold of the log, seqs without gaps I2          what a node holds a receipt for is at the hub, byte for byte
 * (checked all the time) I4          every node still has all it wrote I6          no fork anywhere: nothing
 * was ever signed twice I7          nobody was left behind: all pending went up, all of the hub's went down.
 * Then the hub's disk goes back and is written on before anybody calls; at last the hub loses its disk, and
 * from a copy of its early days and what the nodes bring its log has the same root again.  A seed that fails
 * is printed; the same seed fails the same way. */
#include "sync/apply.h"
#include "sync/streams.h"
#include "sync/tlog.h"
#include "tests/sim/dice.h"
#include "tests/sim/lost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 20, STEPS = 350, THREE_DAYS_MS = 3 * 86400 * 1000 };

static const int64_t START_MS = 1795316000000;

static void write_something(struct province *p, struct member *m)
{
  int n = chance(50) ? 40 : 1 + (int)dice(3);
  for (int i = 0; i < n; i++)
    site_price(&m->site, (int64_t)dice(50) + 1, (int64_t)dice(10000), province_now(p, m).wall_ms);
  if (m->node)
    exchange_node_wake(m->node, province_now(p, m));
  else
    retry_work(&m->retry, p->mono_ms);
}

static void edit_catalogue(struct province *p)
{
  char name[32];
  (void)snprintf(name, sizeof name, "product %llu", (unsigned long long)dice(1000));
  if (chance(600))
    site_product(&p->hub, (int64_t)dice(60) + 1, name, province_now(p, NULL).wall_ms);
  else
    site_decide(&p->hub, p->members[dice(p->count)].site.code, name, province_now(p, NULL).wall_ms);
  province_wake(p);
}

/* By law, anything the province has of a branch or has told it: also while that branch is away. */
static void withhold_something(struct province *p)
{
  uint32_t code = p->members[dice(p->count)].site.code;
  bool own = chance(700);
  struct head head = own ? site_head(&p->hub, code, 0) : site_head(&p->hub, PROVINCE, code);
  if (head.seq == 0) return;
  site_withhold(&p->hub, own ? code : PROVINCE, own ? 0 : code, 1 + dice(head.seq),
                province_now(p, NULL).wall_ms);
  province_wake(p);
}

static void dial(struct province *p, struct member *m)
{
  if (m->node || !retry_due(&m->retry, p->mono_ms)) return;
  retry_tried(&m->retry, p->mono_ms);
  if (!chance(300)) province_connect(p, m); /* else the line is down */
}

/* A copy of a node's disk as it is now; later it is put back, and people go on as if nothing were wrong.
 * Sticks with what they write then are not carried: aside_test and the golden trace "forked" say what becomes
 * of those. */
static struct {
  char copy[200];
  size_t member; /* of the copy */
  bool made;
} disk;

static bool unheard[MEMBERS_MAX];

static void copy_disk(struct province *p)
{
  disk.member = dice(p->count);
  struct member *m = &p->members[disk.member];
  (void)snprintf(disk.copy, sizeof disk.copy, "%s/disk.copy", p->folder);
  site_backup(&m->site, disk.copy);
  disk.made = true;
}

/* What the older disk had sent may still wait at the province or be on a dead line: it is stored before the
 * newer one is welcomed, or never. */
static void disk_goes_back(struct province *p)
{
  struct member *m = &p->members[disk.member];
  if (!disk.made) return;
  disk.made = false;
  province_cut(p, m, dice(m->up.size + 1));
  province_hang_up(p, m);
  site_restore(&m->site, disk.copy, province_now(p, m).wall_ms);
  unheard[disk.member] = true;
  if (chance(700)) write_something(p, m);
}

static void crash_node(struct province *p, struct member *m)
{
  province_cut(p, m, dice(m->up.size + 1));
  province_hang_up(p, m);
  site_crash(&m->site, province_now(p, m).wall_ms);
}

/* Some batch of the past turns up again, as if from a stick: from any seq, behind or ahead of the hub. */
static void deliver_old_batch(struct province *p, struct member *m)
{
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct batch_head head;
  struct batch *batch = NULL;
  struct head own = site_head(&m->site, m->site.code, 0);
  struct batch_limits limits = {.entries_max = 1 + (uint32_t)dice(20)};
  must(store_sign_head(m->site.store, province_now(p, m).wall_ms, &err), &err, "store_sign_head");
  must(store_batch_read(m->site.db, (struct stream){m->site.code, 0}, dice(own.seq + 1), &limits, &head,
                        &bytes, &err),
       &err, "store_batch_read");
  if (head.count > 0 && p->ingest_count < INGEST_MAX) {
    must(batch_accept(&batch, p->hub.db, bytes.data, bytes.size, &err), &err, "batch_accept");
    p->ingest[p->ingest_count++] = (struct waiting_batch){NULL, 0, batch};
  }
  buf_wipe(&bytes);
}

/* I2: the receipt a node holds is for an entry the hub has, and it is the same entry. */
static void check_receipt(struct province *p, struct member *m)
{
  struct err err = ERR_INIT;
  uint64_t acked;
  int64_t ms;
  int64_t here = -1;
  int64_t there = -1;
  struct stream stream = {m->site.code, 0};
  struct buf keep_here = BUF_INIT;
  struct buf keep_there = BUF_INIT;
  struct logged a;
  struct logged b;
  must(stream_acked(m->site.db, stream, &acked, &ms, &err), &err, "stream_acked");
  if (acked == 0) return;
  must(stream_find(m->site.db, stream, acked, &here, &err), &err, "stream_find");
  must(stream_find(p->hub.db, stream, acked, &there, &err), &err, "stream_find");
  if (here < 0 || there < 0)
    fprintf(stderr, "acked %llu here %lld there %lld  head here %llu hub %llu lives %u hub %u\n",
            (unsigned long long)acked, (long long)here, (long long)there,
            (unsigned long long)site_head(&m->site, m->site.code, 0).seq,
            (unsigned long long)site_head(&p->hub, m->site.code, 0).seq, m->site.lives, p->hub.lives);
  demand(here >= 0 && there >= 0, "I2: acknowledged is on both disks", m->site.code);
  must(entry_read(m->site.db, here, &a, &keep_here, &err), &err, "entry_read");
  must(entry_read(p->hub.db, there, &b, &keep_there, &err), &err, "entry_read");
  demand(memcmp(a.hash, b.hash, HASH_SIZE) == 0, "I2: and is the same", m->site.code);
  buf_wipe(&keep_here);
  buf_wipe(&keep_there);
}

static void live(struct province *p, struct member *m)
{
  if (chance(40)) write_something(p, m);
  if (chance(3)) m->skew_ms = (int64_t)dice(2 * (uint64_t)THREE_DAYS_MS) - THREE_DAYS_MS;
  dial(p, m);
  for (uint64_t i = dice(4); i > 0; i--)
    (void)province_turn(p, m, 1 + dice(chance(500) ? 60 : 20000));
  if (m->node && exchange_node_facts(m->node)->welcome) retry_worked(&m->retry, p->mono_ms);
  if (m->node && exchange_node_facts(m->node)->welcome && !exchange_node_facts(m->node)->restoring)
    unheard[m - p->members] = false;
  if (chance(15)) province_cut(p, m, dice(m->up.size + 1));
  if (chance(4)) crash_node(p, m);
  if (chance(5) && !unheard[m - p->members]) deliver_old_batch(p, m);
  if (chance(50)) check_receipt(p, m);
}

static void one_step(struct province *p)
{
  p->mono_ms += 1 + (int64_t)dice(chance(20) ? 40000 : 400);
  province_tick(p);
  for (size_t i = 0; i < p->count; i++)
    live(p, &p->members[i]);
  if (chance(100)) edit_catalogue(p);
  if (chance(60)) withhold_something(p);
  if (chance(30)) copy_disk(p);
  if (chance(30)) disk_goes_back(p);
  if (chance(600)) province_ingest(p, 1 + dice(8), chance(8));
}

static bool member_current(struct province *p, struct member *m)
{
  struct err err = ERR_INIT;
  uint64_t acked;
  int64_t ms;
  uint32_t code = m->site.code;
  must(stream_acked(m->site.db, (struct stream){code, 0}, &acked, &ms, &err), &err, "stream_acked");
  return acked == site_head(&m->site, code, 0).seq &&
         site_head(&m->site, PROVINCE, 0).seq == site_head(&p->hub, PROVINCE, 0).seq &&
         site_head(&m->site, PROVINCE, code).seq == site_head(&p->hub, PROVINCE, code).seq;
}

/* The weather clears.  Two virtual hours is far more than any wait of the protocol. */
static void clear_up(struct province *p)
{
  int64_t until = p->mono_ms + 2 * 3600 * 1000;
  bool current = false;
  while (!current) {
    current = true;
    p->mono_ms += 1000;
    demand(p->mono_ms < until, "I7: everybody catches up", PROVINCE);
    province_tick(p);
    province_wake(p);
    for (size_t i = 0; i < p->count; i++) {
      struct member *m = &p->members[i];
      province_ghost_end(p, m);
      if (!m->node) province_connect(p, m);
    }
    province_settle(p);
    for (size_t i = 0; i < p->count; i++)
      current = current && member_current(p, &p->members[i]);
  }
}

static void check_same_rows(struct site *a, struct site *b, const char *sql, int64_t parameter,
                            const char *what)
{
  char *here = site_rows(a, sql, parameter);
  char *there = site_rows(b, sql, parameter);
  demand(strcmp(here, there) == 0, what, a->code);
  free(here);
  free(there);
}

static int64_t acts(struct site *site, uint32_t author, uint32_t lane)
{
  char sql[120];
  (void)snprintf(sql, sizeof sql,
                 "SELECT count(DISTINCT seq) FROM withholding WHERE author = %u AND lane = %u", author, lane);
  return site_count(site, sql);
}

static void check_member(struct province *p, struct member *m)
{
  int64_t code = m->site.code;
  struct head here = site_head(&m->site, m->site.code, 0);
  struct head there = site_head(&p->hub, m->site.code, 0);
  demand(here.seq == there.seq && memcmp(here.hash, there.hash, HASH_SIZE) == 0,
         "I4: one chain on both disks", m->site.code);
  check_same_rows(&m->site, &p->hub,
                  "SELECT id || ' ' || product || ' ' || price_fen FROM price WHERE branch = ?1 ORDER BY id",
                  code, "the hub has the branch's rows");
  check_same_rows(&m->site, &p->hub, "SELECT id || ' ' || name FROM product ORDER BY id", 0,
                  "the branch has the shared rows");
  check_same_rows(&m->site, &p->hub,
                  "SELECT id || ' ' || verdict FROM decision WHERE branch = ?1 ORDER BY id", code,
                  "the branch has its decisions");
  demand(site_count(&m->site, "SELECT count(*) FROM price") + acts(&m->site, m->site.code, 0) ==
             (int64_t)here.seq,
         "one entry, one row, or an act that withholds it", m->site.code);
  demand(site_count(&m->site, "SELECT count(*) FROM decision WHERE branch <> 0") +
                 acts(&m->site, PROVINCE, m->site.code) ==
             (int64_t)site_head(&p->hub, PROVINCE, m->site.code).seq,
         "no decision of another branch", m->site.code);
  demand(site_count(&m->site, "SELECT count(*) FROM sync_entry WHERE payload IS NULL"
                              " AND pos NOT IN (SELECT pos FROM sync_aside WHERE pos IS NOT NULL)") ==
             acts(&m->site, m->site.code, 0) + acts(&m->site, PROVINCE, m->site.code),
         "what is withheld is gone, and nothing else", m->site.code);
  demand(site_count(&m->site, "SELECT count(*) FROM sync_fork") == 0, "I6", m->site.code);
  demand(site_count(&m->site, "SELECT count(*) FROM sync_quarantine") == 0, "nothing quarantined",
         m->site.code);
  demand(site_verifies(&m->site), "I1 I3 I5", m->site.code);
}

/* Everybody greets once more, so that the whole log is witnessed. */
static void greet(struct province *p)
{
  for (size_t i = 0; i < p->count; i++)
    if (!p->members[i].node) province_connect(p, &p->members[i]);
  for (int i = 0; i < 4; i++) {
    p->mono_ms += HELLO_EVERY_MS;
    province_tick(p);
    province_settle(p);
  }
}

/* The hub's disk is gone, lines break while the branches bring what they have, and the log is the same again.
 */
static void lose_the_hub(struct province *p, struct lost *lost)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  struct tlog_state before, after;
  greet(p);
  must(tlog_state(p->hub.db, &before, &err), &err, "tlog_state");
  char *decisions = site_rows(&p->hub, "SELECT * FROM decision ORDER BY branch, id", 0);
  for (size_t i = 0; i < p->count; i++)
    province_hang_up(p, &p->members[i]);
  lost_disk(lost, p);
  for (size_t i = 0; i < p->count; i++)
    for (size_t budget = 500 + (size_t)dice(20000); !lost_bring(lost, p, i, budget); budget *= 2) {
    }
  must(lost_assemble(lost, &report, &err), &err, "recall_assemble");
  lost_start(lost, p);
  lost_end(lost);
  must(tlog_state(p->hub.db, &after, &err), &err, "tlog_state");
  demand(after.size == before.size && memcmp(&after.root, &before.root, sizeof after.root) == 0,
         "the rebuilt root is the root that was lost", PROVINCE);
  char *again = site_rows(&p->hub, "SELECT * FROM decision ORDER BY branch, id", 0);
  demand(strcmp(decisions, again) == 0, "the rebuilt tables are those that were lost", PROVINCE);
  free(decisions);
  free(again);
  clear_up(p);
  for (size_t i = 0; i < p->count; i++) {
    check_member(p, &p->members[i]);
    demand(site_count(&p->members[i].site, "SELECT count(*) FROM sync_evidence"
                                           " WHERE rule <> 'log_rolled_back'") == 0,
           "nobody saw another past", p->members[i].site.code);
  }
  demand(site_count(&p->hub, "SELECT count(*) FROM sync_entry WHERE payload IS NULL") ==
             site_count(&p->hub, "SELECT count(*) FROM (SELECT DISTINCT author, lane, seq FROM withholding)"),
         "what was withheld stays so", PROVINCE);
  demand(site_verifies(&p->hub), "I1 I3 I5 after rebuilding", PROVINCE);
}

/* The hub's disk goes back behind what its branches have witnessed, and is written on before any of them has
 * called; it says so to nobody, learns it from the first, and is put together again. */
static void the_hub_goes_back(struct province *p)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  struct lost lost;
  struct tlog_state before, after;
  char old[200];
  (void)snprintf(old, sizeof old, "%s/hub.copy", p->folder);
  greet(p);
  site_backup(&p->hub, old);
  for (int step = 0; step < STEPS / 10; step++)
    one_step(p);
  clear_up(p);
  greet(p);
  must(tlog_state(p->hub.db, &before, &err), &err, "tlog_state");
  for (size_t i = 0; i < p->count; i++)
    province_hang_up(p, &p->members[i]);
  site_restore(&p->hub, old, province_now(p, NULL).wall_ms);
  store_listen(p->hub.store, true);
  for (int i = 0; i < 5; i++)
    edit_catalogue(p);
  int64_t decisions = site_count(&p->hub, "SELECT count(*) FROM sync_checkpoint");
  struct member *first = &p->members[dice(p->count)];
  province_connect(p, first);
  province_settle(p);
  demand(store_listens(p->hub.store), "it knows that it went back", PROVINCE);
  demand(site_count(&p->hub, "SELECT count(*) FROM sync_checkpoint") == decisions, "and has signed nothing",
         PROVINCE);
  province_hang_up(p, first);
  lost_went_back(&lost, p);
  for (size_t i = 0; i < p->count; i++)
    while (!lost_bring(&lost, p, i, SIZE_MAX)) {
    }
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  lost_start(&lost, p);
  lost_end(&lost);
  must(tlog_state(p->hub.db, &after, &err), &err, "tlog_state");
  demand(report.size == before.size && memcmp(&report.root, &before.root, sizeof before.root) == 0,
         "the log its branches witnessed is back", PROVINCE);
  demand(site_count(&p->hub, "SELECT count(*) FROM sync_aside WHERE state = 'waiting'") == 0,
         "what it wrote is journaled again, or kept", PROVINCE);
  clear_up(p);
  for (size_t i = 0; i < p->count; i++)
    check_member(p, &p->members[i]);
  demand(site_verifies(&p->hub), "I1 I3 I5 after its disk went back", PROVINCE);
}

static void run(uint64_t seed)
{
  static struct province p;
  struct lost lost;
  int64_t rows = 0;
  dice_seed(seed);
  disk.made = false;
  memset(unheard, 0, sizeof unheard);
  province_open(&p, NODES, START_MS);
  for (size_t i = 0; i < p.count; i++)
    p.members[i].skew_ms = (int64_t)dice(2 * (uint64_t)THREE_DAYS_MS) - THREE_DAYS_MS;
  for (int step = 0; step < STEPS; step++) {
    if (step == STEPS / 10) lost_backup(&lost, &p);
    one_step(&p);
  }
  clear_up(&p);
  for (size_t i = 0; i < p.count; i++) {
    check_member(&p, &p.members[i]);
    rows += site_count(&p.members[i].site, "SELECT count(*) FROM price");
  }
  demand(site_count(&p.hub, "SELECT count(*) FROM price") == rows, "the hub's rows are the union", PROVINCE);
  demand(site_count(&p.hub, "SELECT count(*) FROM sync_fork") == 0, "I6", PROVINCE);
  demand(site_count(&p.hub, "SELECT count(*) FROM sync_quarantine") == 0, "nothing quarantined", PROVINCE);
  demand(p.violations == 0, "nobody broke the protocol", PROVINCE);
  demand(site_verifies(&p.hub), "I1 I3 I5", PROVINCE);
  the_hub_goes_back(&p);
  lose_the_hub(&p, &lost);
  (void)printf("seed %llu: %lld entries up, %lld products, %lld withheld, all invariants hold\n",
               (unsigned long long)seed, (long long)rows,
               (long long)site_count(&p.hub, "SELECT count(*) FROM product"),
               (long long)site_count(&p.hub, "SELECT count(*) FROM withholding"));
  province_close(&p);
}

int main(int argc, char **argv)
{
  struct err err = ERR_INIT;
  uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 5;
  uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  must(crypto_start(&err), &err, "crypto_start");
  for (uint64_t seed = first; seed < first + seeds; seed++)
    run(seed);
  return 0;
}
