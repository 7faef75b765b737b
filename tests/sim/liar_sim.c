/* A province that lies in every way it can: `liar_sim [SEEDS [FIRST]]`.
 *
 * One hub and six branches with real stores live through ordinary days in which everybody sees another part
 * of the log.  Then the province lies, once in each way, in random order: it rewrites an entry, drops some,
 * changes their order, shows one branch a log of its own, goes back to an older one, proves entries where
 * others stand or at another time, or proves nothing at all.  Each lie is told to one branch, picked among
 * those that have witnessed what was changed; it must prove it at once, keep the proof, send nothing more,
 * say why, and go on working.  After each lie the honest province comes back, and everybody must have
 * everything: nothing that any branch wrote is lost, nothing is there twice, no stream is forked, and what
 * each branch keeps of the log is the log.  A seed that fails is printed; it fails the same way again. */
#include "sync/keep_leaves.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "tests/sim/dice.h"
#include "tests/sim/liar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BRANCHES = 6, DAYS = 40 };

static const int64_t START_MS = 1795316000000;

/* What the hub heard since the newest hush(). */
static struct {
  unsigned batches;
  char trouble[48]; /* of the newest HELLO */
  char refused[48]; /* why a branch ended its line */
} heard;

static struct province p;

static void saw_action(void *ctx, struct member *m, const struct exchange_hub_action *action)
{
  (void)ctx;
  (void)m;
  if (action->kind == HUB_HELLO) memcpy(heard.trouble, action->hello->trouble, sizeof heard.trouble);
  heard.batches += action->kind == HUB_INGEST;
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

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static struct member *somebody(void)
{
  return &p.members[dice(p.count)];
}

/* ---- ordinary days ---- */

static void meet(struct member *m)
{
  p.mono_ms += 60000;
  province_connect(&p, m);
  province_settle(&p);
  if (m->node && chance(500)) { /* the next greeting brings its cosignature */
    p.mono_ms += 31000;
    province_tick(&p);
    province_settle(&p);
  }
  if (m->node) province_hang_up(&p, m);
}

static void write_some(struct member *m)
{
  for (uint64_t i = dice(4); i > 0; i--)
    site_price(&m->site, (int64_t)dice(50) + 1, (int64_t)dice(10000), wall());
}

static void sign(void)
{
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
}

static void edit_product(void)
{
  char name[32];
  (void)snprintf(name, sizeof name, "product %llu", (unsigned long long)dice(1000000));
  site_product(&p.hub, (int64_t)dice(20) + 1, name, wall());
  sign();
}

static void edit(void)
{
  if (chance(700)) {
    edit_product();
  } else {
    site_decide(&p.hub, somebody()->site.code, "accepted", wall());
    sign();
  }
}

static void ordinary_days(int days)
{
  for (int day = 0; day < days; day++) {
    write_some(somebody());
    if (chance(400)) edit();
    if (chance(600)) meet(somebody());
  }
}

/* Twice: what the first round brought from others is shown in the second. */
static void everybody_meets(void)
{
  for (int round = 0; round < 2; round++)
    for (size_t i = 0; i < p.count; i++)
      meet(&p.members[i]);
}

static uint64_t held(struct member *m)
{
  return (uint64_t)site_count(&m->site, "SELECT coalesce(max(size), 0) FROM sync_witness");
}

static uint64_t most_held(void)
{
  uint64_t most = 0;
  for (size_t i = 0; i < p.count; i++)
    if (held(&p.members[i]) > most) most = held(&p.members[i]);
  return most;
}

static uint64_t log_size(void)
{
  return (uint64_t)site_count(&p.hub, "SELECT coalesce(max(size), 0) FROM sync_checkpoint");
}

/* ---- what must hold ---- */

static int64_t evidence(struct member *m, const char *rule)
{
  char sql[160];
  (void)snprintf(sql, sizeof sql,
                 "SELECT count(*) FROM sync_evidence WHERE rule = '%s' AND length(held) > 100", rule);
  return site_count(&m->site, sql);
}

/* The branch has the proof and the province its word; it works, and nothing goes up. */
static void is_caught(struct member *m, const char *rule, int64_t before)
{
  uint32_t code = m->site.code;
  demand(evidence(m, rule) == before + 1, "the lie is proved and kept", code);
  demand(strcmp(heard.refused, rule) == 0, "the province is told which rule it broke", code);
  uint64_t seq = site_head(&m->site, code, 0).seq;
  site_price(&m->site, 7, 700, wall());
  demand(site_head(&m->site, code, 0).seq == seq + 1, "the branch goes on working", code);
  hush();
  meet(m);
  demand(heard.batches == 0, "nothing more is sent", code);
  demand(strcmp(heard.trouble, rule) == 0, "and the reason is said", code);
  demand(site_verifies(&m->site), "the branch's store is whole", code);
}

static void same_rows(struct site *a, struct site *b, const char *sql, int64_t parameter, const char *what)
{
  char *here = site_rows(a, sql, parameter);
  char *there = site_rows(b, sql, parameter);
  demand(strcmp(here, there) == 0, what, a->code);
  free(here);
  free(there);
}

static bool is_there(const struct keep_leaf *leaf, uint64_t pos)
{
  int64_t there = -1;
  struct err err = ERR_INIT;
  must(stream_find(p.hub.db, leaf->stream, leaf->seq, &there, &err), &err, "stream_find");
  return there == (int64_t)pos;
}

/* What the branch keeps of the log is what the log has there; its hashes site_verifies has led to the root.
 */
static void what_is_kept_is_true(struct member *m)
{
  static struct keep_leaves leaves;
  struct err err = ERR_INIT;
  bool right = true;
  struct query q =
      query_open(m->site.db, "SELECT n, leaves FROM sync_keep_tile WHERE have > 0 ORDER BY n", &err);
  while (query_row(&q)) {
    size_t n = 0;
    const void *bytes = column_blob(&q, 1, &n);
    struct reader r = reader_of(bytes, n);
    keep_leaves_get(&r, &leaves);
    right = right && reader_done(&r);
    for (unsigned i = 0; i < leaves.count; i++)
      right = right && is_there(&leaves.of[i], (uint64_t)column_int(&q, 0) * TILE_WIDTH + i);
  }
  must(query_close(&q), &err, "what is kept");
  demand(right, "what the branch keeps of the log is the log", m->site.code);
}

static void nothing_is_lost(void)
{
  int64_t rows = 0;
  everybody_meets();
  for (size_t i = 0; i < p.count; i++) {
    struct member *m = &p.members[i];
    int64_t code = m->site.code;
    struct head here = site_head(&m->site, m->site.code, 0);
    struct head there = site_head(&p.hub, m->site.code, 0);
    demand(here.seq == there.seq && memcmp(here.hash, there.hash, HASH_SIZE) == 0, "one chain on both sides",
           m->site.code);
    demand((uint64_t)site_count(&m->site, "SELECT coalesce(max(seq), 0) FROM sync_receipt") == here.seq,
           "all of it is proved to be received", m->site.code);
    same_rows(&m->site, &p.hub,
              "SELECT id || ' ' || product || ' ' || price_fen FROM price WHERE branch = ?1 ORDER BY id",
              code, "the province has the branch's rows");
    same_rows(&m->site, &p.hub, "SELECT id || ' ' || name FROM product ORDER BY id", 0,
              "the branch has the shared rows and no others");
    demand(site_count(&m->site, "SELECT count(*) FROM sync_fork") +
                   site_count(&m->site, "SELECT count(*) FROM sync_quarantine") ==
               0,
           "no fork, nothing quarantined", m->site.code);
    demand(site_verifies(&m->site), "the branch's store is whole", m->site.code);
    what_is_kept_is_true(m);
    rows += (int64_t)here.seq;
  }
  demand(site_count(&p.hub, "SELECT count(*) FROM price") == rows, "one entry, one row", PROVINCE);
  demand(site_verifies(&p.hub), "the province's store is whole", PROVINCE);
}

/* ---- the lies ---- */

/* A branch that has witnessed at least that much. */
static struct member *witness_of(uint64_t least)
{
  for (;;) {
    struct member *m = somebody();
    if (held(m) >= least) return m;
  }
}

/* What was taken out is filled up, so that the log is longer than any that was witnessed. */
static void fill_up(uint64_t to)
{
  while (log_size() <= to)
    edit_product();
}

static void truth_comes_back(struct member *m)
{
  liar_repent(&p);
  must(store_trust(m->site.store, NULL), NULL, "store_trust");
  nothing_is_lost();
}

static void lie_about_the_past(int how)
{
  uint64_t most = most_held();
  struct member *m = witness_of(3);
  int64_t last = (int64_t)held(m) - 2;
  int64_t pos = (int64_t)dice((uint64_t)last);
  int64_t before = evidence(m, "log_rewritten");
  liar_remember(&p);
  if (how == 0) liar_rewrite(&p, pos);
  if (how == 1) liar_drop(&p, pos, 1 + (int64_t)dice((uint64_t)(last - pos)));
  if (how == 2) liar_swap(&p, pos);
  fill_up(most);
  write_some(m);
  hush();
  meet(m);
  is_caught(m, "log_rewritten", before);
  truth_comes_back(m);
}

static void rewrites(void)
{
  lie_about_the_past(0);
}

static void drops(void)
{
  lie_about_the_past(1);
}

static void reorders(void)
{
  lie_about_the_past(2);
}

/* The branch comes back on a new disk with all it has, that which only the false log acknowledged too. */
static void start_again(struct member *m)
{
  struct err err = ERR_INIT;
  struct buf bytes = BUF_INIT;
  struct batch_head head = {.count = 1};
  uint32_t code = m->site.code;
  must(store_sign_head(m->site.store, wall(), &err), &err, "store_sign_head");
  for (uint64_t after = site_head(&p.hub, code, 0).seq; head.count > 0; after = batch_last_seq(&head)) {
    struct batch *batch = NULL;
    buf_clear(&bytes);
    must(store_batch_read(m->site.db, (struct stream){code, 0}, after, NULL, &head, &bytes, &err), &err,
         "store_batch_read");
    if (head.count == 0) break;
    must(batch_accept(&batch, p.hub.db, bytes.data, bytes.size, &err), &err, "batch_accept");
    p.ingest[p.ingest_count++] = (struct waiting_batch){NULL, 0, batch};
    province_ingest(&p, 1, false);
  }
  buf_wipe(&bytes);
  struct head there = site_head(&p.hub, code, 0);
  uint32_t epoch = m->site.epoch;
  site_close(&m->site);
  (void)remove(m->site.path);
  site_make(&m->site, p.folder, code, wall());
  site_trust(&m->site, PROVINCE, 1);
  for (uint32_t old = 1; old <= epoch; old++)
    site_trust(&m->site, code, old);
  m->site.epoch = epoch;
  site_enrol_again(&m->site, &there, wall());
  site_trust(&p.hub, code, epoch + 1);
}

static void forks_for_one(void)
{
  struct member *m = somebody();
  int64_t before = evidence(m, "log_rewritten");
  everybody_meets();
  liar_remember(&p);
  for (uint64_t i = 1 + dice(3); i > 0; i--)
    edit();
  write_some(m);
  hush();
  meet(m); /* and believes: it continues what it has seen */
  demand(heard.refused[0] == 0 && held(m) == log_size(), "a fork alone shows nothing", m->site.code);
  uint64_t seen = held(m);
  liar_repent(&p);
  edit();
  fill_up(seen);
  struct member *other = somebody();
  while (other == m)
    other = somebody();
  write_some(other);
  meet(other);
  demand(heard.refused[0] == 0, "the others see the true side", other->site.code);
  hush();
  meet(m);
  is_caught(m, "log_rewritten", before);
  start_again(m);
  nothing_is_lost();
}

static void goes_back(void)
{
  char old[200];
  struct member *m = somebody();
  everybody_meets();
  (void)snprintf(old, sizeof old, "%s/old.copy", p.folder);
  site_backup(&p.hub, old);
  ordinary_days(6);
  write_some(m);
  site_price(&m->site, 1, 100, wall());
  meet(m);
  liar_remember(&p);
  site_restore(&p.hub, old, wall());
  int64_t entries = site_count(&p.hub, "SELECT count(*) FROM sync_entry");
  site_price(&m->site, 5, 500, wall());
  hush();
  meet(m);
  demand(evidence(m, "log_rolled_back") >= 1, "the lie is proved and kept", m->site.code);
  struct member *other = somebody();
  write_some(other);
  meet(other);
  demand(site_count(&p.hub, "SELECT count(*) FROM sync_entry") == entries, "nothing is added to it",
         PROVINCE);
  demand(site_count(&p.hub, "SELECT count(*) FROM sync_evidence WHERE rule = 'log_rolled_back'") >= 1,
         "the province itself knows", PROVINCE);
  /* What was believed goes on by itself once it is whole again. */
  liar_repent(&p);
  nothing_is_lost();
}

/* Entries are taken, and what is said of them on the way down is not true. */
static void forges(enum forgery how)
{
  struct member *m = somebody();
  everybody_meets();
  int64_t before = evidence(m, "leaves_differ");
  int64_t received = site_count(&m->site, "SELECT coalesce(max(seq), 0) FROM sync_receipt");
  hush();
  p.mono_ms += 60000;
  province_connect(&p, m);
  province_settle(&p); /* a branch sends nothing before WELCOME */
  site_prices(&m->site, 1 + (int)dice(5), wall());
  m->down_held = true;
  exchange_node_wake(m->node, province_now(&p, m));
  province_settle(&p);
  demand(liar_forge(&p, m, how, log_size()) > 0, "there is something to forge", m->site.code);
  m->down_held = false;
  province_settle(&p);
  demand(site_count(&m->site, "SELECT coalesce(max(seq), 0) FROM sync_receipt") == received,
         "what is not proved does not count as received", m->site.code);
  if (m->node) province_hang_up(&p, m);
  if (how == FORGE_SILENCE) {
    demand(heard.refused[0] == 0, "silence is no proof of a lie", m->site.code);
  } else {
    is_caught(m, "leaves_differ", before);
    must(store_trust(m->site.store, NULL), NULL, "store_trust");
  }
  nothing_is_lost();
}

static void proves_another_place(void)
{
  forges(FORGE_PLACE);
}

static void proves_another_time(void)
{
  forges(FORGE_TIME);
}

static void proves_nothing(void)
{
  forges(FORGE_SILENCE);
}

static void run(uint64_t seed)
{
  void (*lies[])(void) = {
      rewrites,      drops, reorders, forks_for_one, goes_back, proves_another_place, proves_another_time,
      proves_nothing};
  size_t count = sizeof lies / sizeof *lies;
  dice_seed(seed);
  province_open(&p, BRANCHES, START_MS);
  p.saw_action = saw_action;
  p.saw_end = saw_end;
  hush();
  edit();
  ordinary_days(DAYS);
  nothing_is_lost();
  for (size_t left = count; left > 0; left--) {
    size_t i = dice(left);
    lies[i]();
    lies[i] = lies[left - 1];
    ordinary_days(10);
  }
  nothing_is_lost();
  (void)printf("seed %llu: %zu lies about a log of %llu entries, each caught; nothing lost\n",
               (unsigned long long)seed, count, (unsigned long long)log_size());
  p.saw_end = NULL;
  p.saw_action = NULL;
  province_close(&p);
}

int main(int argc, char **argv)
{
  struct err err = ERR_INIT;
  uint64_t seeds = argc > 1 ? strtoull(argv[1], NULL, 10) : 8;
  uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
  must(crypto_start(&err), &err, "crypto_start");
  for (uint64_t seed = first; seed < first + seeds; seed++)
    run(seed);
  return 0;
}
