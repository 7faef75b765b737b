/* A province burns, and branches with it, and some of those that are left lie: `burnt_sim [SEEDS [FIRST]]`.
 *
 * One hub and six branches with real stores live through ordinary days.  Then the province's disk is gone,
 * with it the disks of some branches; some are away; and of those that come a few lie about what they keep of
 * the log: whose a leaf is, when it came, what a tile's hash is.  People say that what nobody brings is lost.
 * The province starts again, all that are left come, burnt branches with new disks, and in some seeds a burnt
 * disk is found.  It happens twice, the second time over the holes of the first.  Then must hold: each
 * branch's chain is the province's, everything is proved to be received, what any disk that is left had of
 * prices is at the province, once; nobody is accused, nothing is forked, every store proves itself.  A seed
 * that fails is printed; it fails the same way again. */
#include "sync/keep_leaves.h"
#include "sync/store_keys.h"
#include "sync/store_log.h"
#include "sync/streams.h"
#include "tests/sim/dice.h"
#include "tests/sim/lost.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BRANCHES = 6, DAYS = 30, LOSSES = 2 };

static const int64_t START_MS = 1795316000000;

static struct province p;
static struct lost lost;
static int64_t fen; /* of the newest price: each has another */

/* What becomes of a branch in one loss. */
static enum fate { IS_THERE, LIES, IS_AWAY, BURNS } fates[BRANCHES];

static int64_t wall(void)
{
  return START_MS + p.mono_ms;
}

static struct site *site_of(size_t i)
{
  return &p.members[i].site;
}

/* ---- ordinary days ---- */

static void sign(void)
{
  must(store_sign_log(p.hub.store, wall(), NULL), NULL, "store_sign_log");
}

/* A new disk waits for its history. */
static void write_some(size_t i)
{
  struct site *site = site_of(i);
  if (site_head(site, site->code, 0).seq < site->base_seq) return;
  for (uint64_t n = dice(4); n > 0; n--)
    site_price(site, 1 + (int64_t)dice(50), ++fen, wall());
}

static void edit(void)
{
  char name[32];
  (void)snprintf(name, sizeof name, "product %llu", (unsigned long long)dice(1000000));
  if (chance(700))
    site_product(&p.hub, 1 + (int64_t)dice(20), name, wall());
  else
    site_decide(&p.hub, site_of(dice(p.count))->code, name, wall());
  sign();
}

/* Sometimes the line breaks before all is said. */
static void meet(size_t i, bool whole)
{
  struct member *m = &p.members[i];
  p.mono_ms += 60000;
  province_connect(&p, m);
  if (!whole && chance(300)) {
    for (uint64_t n = dice(12); n > 0 && m->node; n--) {
      (void)province_turn(&p, m, 1 + dice(600));
      province_ingest(&p, 1, false);
    }
    province_hang_up(&p, m);
    return;
  }
  province_settle(&p);
  for (int n = 0; m->node && n < (whole ? 3 : (int)dice(2)); n++) {
    p.mono_ms += 31000;
    province_tick(&p);
    province_settle(&p);
  }
  if (m->node) province_hang_up(&p, m);
}

static bool is_present(size_t i)
{
  return fates[i] == IS_THERE || fates[i] == LIES;
}

static void ordinary_days(int days)
{
  for (int day = 0; day < days; day++) {
    size_t i = dice(p.count);
    write_some(i);
    if (chance(300)) edit();
    if (chance(600) && fates[i] != IS_AWAY) meet(i, false);
  }
}

static void everybody_meets(void)
{
  for (int round = 0; round < 2; round++)
    for (size_t i = 0; i < p.count; i++) {
      meet(i, true);
      sign();
    }
}

/* ---- lies ---- */

static void in_branch(size_t i, const char *sql)
{
  struct err err = ERR_INIT;
  must(db_exec(site_of(i)->db, "PRAGMA query_only = 0", &err), &err, "PRAGMA");
  must(db_exec(site_of(i)->db, sql, &err), &err, sql);
}

/* All that come tell the same lies, and nobody is away. */
static bool all_lie;
enum { LIES_MAX = 1024 };
static struct a_lie {
  uint64_t kind;
  int64_t later_ms;
  uint64_t further;
  struct stream stream;
  uint64_t seq;
} agreed[LIES_MAX];

static struct a_lie make_up(void)
{
  const uint32_t code = site_of(dice(p.count))->code;
  return (struct a_lie){.kind = dice(1000) < 150 ? dice(4) : 9,
                        .later_ms = 1 + (int64_t)dice(1000),
                        .further = 1 + dice(3),
                        .stream = {code, 0},
                        .seq = site_head(site_of(dice(p.count)), code, 0).seq + 1 + dice(2)};
}

static void agree(void)
{
  for (size_t k = 0; k < LIES_MAX; k++)
    agreed[k] = make_up();
}

static void lie_about(struct keep_leaf *leaf, const struct a_lie *how)
{
  switch (how->kind) {
  case 0: leaf->received_ms += how->later_ms; break;
  case 1: leaf->seq += how->further; break;
  case 2: leaf->stream = (struct stream){PROVINCE, 0}; break;
  case 3:
    leaf->stream = how->stream;
    leaf->seq = how->seq;
    break;
  default: break;
  }
}

static void lie(size_t i)
{
  static struct keep_leaves leaves;
  struct err err = ERR_INIT;
  in_branch(i, "CREATE TABLE honest AS SELECT * FROM sync_keep_tile");
  for (int64_t tile = 0; tile < site_count(site_of(i), "SELECT count(*) FROM sync_keep_tile"); tile++) {
    struct buf packed = BUF_INIT;
    size_t n = 0;
    struct query q = query_open(
        site_of(i)->db, "SELECT leaves FROM sync_keep_tile WHERE n = ?1 AND leaves IS NOT NULL", &err);
    query_int(&q, 1, tile);
    const void *bytes = query_row(&q) ? column_blob(&q, 0, &n) : NULL;
    struct reader r = reader_of(bytes, n);
    if (n) keep_leaves_get(&r, &leaves);
    must(query_close(&q), &err, "leaves");
    if (!n) continue;
    for (unsigned k = 0; k < leaves.count; k++) {
      const struct a_lie own = make_up();
      lie_about(&leaves.of[k], all_lie ? &agreed[(tile * TILE_WIDTH + k) % LIES_MAX] : &own);
    }
    keep_leaves_encode(&packed, &leaves);
    q = query_open(site_of(i)->db, "UPDATE sync_keep_tile SET leaves = ?2 WHERE n = ?1", &err);
    query_int(&q, 1, tile);
    query_blob(&q, 2, packed.data, packed.size);
    must(query_run(&q), &err, "lie");
    buf_wipe(&packed);
  }
  if (!all_lie && chance(200))
    in_branch(i, "UPDATE sync_keep_tile SET hash = zeroblob(32) WHERE hash IS NOT NULL");
}

static void repent(size_t i)
{
  in_branch(i, "DELETE FROM sync_keep_tile; INSERT INTO sync_keep_tile SELECT * FROM honest;"
               " DROP TABLE honest");
}

/* ---- a bad day ---- */

/* Fewer lie than tell the truth. */
static void deal_fates(void)
{
  size_t there = 0, liars = 0;
  for (size_t i = 0; i < p.count; i++)
    fates[i] = chance(300) ? BURNS : chance(250) ? IS_AWAY : IS_THERE;
  for (size_t i = 0; i < 3; i++)
    if (fates[i] != IS_THERE && chance(900)) fates[i] = IS_THERE;
  fates[dice(p.count)] = IS_THERE;
  for (size_t i = 0; i < p.count; i++)
    there += fates[i] == IS_THERE;
  for (size_t i = 0; i < p.count; i++)
    if (fates[i] == IS_THERE && chance(500) && 2 * (liars + 1) < there) {
      fates[i] = LIES;
      liars++;
    }
  all_lie = chance(400);
  for (size_t i = 0; i < p.count; i++)
    if (all_lie && is_present(i)) fates[i] = LIES;
  for (size_t i = 0; i < p.count; i++)
    if (all_lie && fates[i] == IS_AWAY) fates[i] = LIES;
}

/* As what the log says of enrolments does. */
static void know_keys(void)
{
  for (size_t i = 0; i < p.count; i++) {
    const struct site *site = site_of(i);
    must(store_key_revoke(p.hub.store, site->code, EPOCH_MAX, wall(), NULL), NULL, "store_key_revoke");
    for (uint32_t epoch = 1; epoch <= site->epoch; epoch++) {
      char sql[160];
      (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM sync_key WHERE author = %u AND epoch = %u",
                     site->code, epoch);
      if (site_count(&p.hub, sql) == 0) site_trust(&p.hub, site->code, epoch);
      if (epoch < site->epoch)
        must(store_key_revoke(p.hub.store, site->code, EPOCH_MAX, wall(), NULL), NULL, "store_key_revoke");
    }
    struct err err = ERR_INIT;
    struct db *db = NULL;
    must(db_open(&db, p.hub.path, DB_WRITE, &err), &err, "db_open");
    struct query q =
        query_open(db, "UPDATE sync_key SET revoked_ms = 0 WHERE author = ?1 AND epoch = ?2", &err);
    query_int(&q, 1, site->code);
    query_int(&q, 2, site->epoch);
    must(query_run(&q), &err, "the key in force");
    db_close(db);
  }
}

static void put_together(void)
{
  struct err err = ERR_INIT;
  struct recall_report report;
  agree();
  (void)remove(lost.gathered);
  lost_disk(&lost, &p);
  for (size_t i = 0; i < p.count; i++) {
    if (fates[i] == LIES) lie(i);
    for (size_t budget = chance(500) ? SIZE_MAX : 400 + dice(9000);
         is_present(i) && !lost_bring(&lost, &p, i, budget);
         budget = budget < SIZE_MAX / 2 ? budget * 2 : budget) {
    }
    if (fates[i] == LIES) repent(i);
  }
  recall_lost_too(lost.recall, true);
  must(lost_assemble(&lost, &report, &err), &err, "recall_assemble");
  lost_start(&lost, &p);
  lost_end(&lost);
  know_keys();
  must(store_vouch(p.hub.store, &err), &err, "store_vouch");
  sign();
}

/* Enrolled again: on the disk it has, or on a new one. */
static void enrol_again(size_t i, bool new_disk)
{
  struct site *site = site_of(i);
  struct head head = site_head(&p.hub, site->code, 0);
  const uint32_t epoch = site->epoch;
  must(store_key_revoke(p.hub.store, site->code, EPOCH_MAX, wall(), NULL), NULL, "store_key_revoke");
  if (new_disk) {
    site_new_disk(site, &p.hub, p.folder, wall());
    return;
  }
  site_trust(site, site->code, epoch + 1);
  site_enrol_again(site, &head, wall());
  site_trust(&p.hub, site->code, epoch + 1);
}

/* Prices that some disk has while nobody works. */
static struct {
  int64_t fen[20000];
  uint32_t whose[20000];
  size_t count;
} owed;

static void owe(struct site *site)
{
  struct err err = ERR_INIT;
  struct query q = query_open(site->db, "SELECT price_fen FROM price WHERE branch = ?1", &err);
  query_int(&q, 1, site->code);
  while (query_row(&q) && owed.count < sizeof owed.fen / sizeof *owed.fen) {
    owed.whose[owed.count] = site->code;
    owed.fen[owed.count++] = column_int(&q, 0);
  }
  must(query_close(&q), &err, "prices");
}

static const char *ash(size_t i)
{
  static char path[200];
  (void)snprintf(path, sizeof path, "%s/burnt.%zu", p.folder, i);
  return path;
}

/* The disk that was given up is found, after another went on in its place; it is enrolled and goes on
 * itself. */
static void is_found(size_t i, uint32_t its_epoch)
{
  struct site *site = site_of(i);
  const uint32_t epoch = site->epoch;
  site->epoch = its_epoch;
  site_restore(site, ash(i), wall());
  for (uint32_t later = its_epoch + 1; later <= epoch; later++)
    site_trust(site, site->code, later);
  site->epoch = epoch;
  owe(site);
  enrol_again(i, false);
}

/* ---- what must hold ---- */

static void all_owed_is_there(void)
{
  for (size_t i = 0; i < owed.count; i++) {
    char sql[100];
    (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM price WHERE price_fen = %lld /* scan: a test */",
                   (long long)owed.fen[i]);
    const int64_t n = site_count(&p.hub, sql);
    if (n != 1) (void)fprintf(stderr, "price %lld: %lld times\n", (long long)owed.fen[i], (long long)n);
    demand(n == 1, "what a disk has is at the province, once", owed.whose[i]);
  }
}

static void check(size_t i)
{
  struct site *site = site_of(i);
  struct head here = site_head(site, site->code, 0), there = site_head(&p.hub, site->code, 0);
  demand(here.seq == there.seq, "one chain on both sides", site->code);
  demand(here.lost || there.lost || memcmp(here.hash, there.hash, HASH_SIZE) == 0, "which ends in the same",
         site->code);
  demand((uint64_t)site_count(site, "SELECT coalesce(max(seq), 0) FROM sync_receipt") >= here.seq ||
             here.lost,
         "all of it is proved to be received", site->code);
  char *rows = site_rows(site, "SELECT price_fen FROM price WHERE branch = ?1 ORDER BY 1", site->code);
  char *theirs = site_rows(&p.hub, "SELECT price_fen FROM price WHERE branch = ?1 ORDER BY 1", site->code);
  demand(strcmp(rows, theirs) == 0, "the province has the branch's rows", site->code);
  free(rows);
  free(theirs);
  demand(site_head(site, PROVINCE, 0).seq == site_head(&p.hub, PROVINCE, 0).seq, "the shared lane came down",
         site->code);
  demand(site_count(site, "SELECT count(*) FROM sync_aside WHERE state = 'waiting'") == 0,
         "nothing waits to be journaled again", site->code);
  demand(site_count(site, "SELECT count(*) FROM sync_fork") == 0, "no fork", site->code);
  demand(site_count(site, "SELECT count(*) FROM sync_evidence") == 0, "nobody is accused", site->code);
  demand(site_verifies(site), "the branch's store proves itself", site->code);
}

static void check_all(void)
{
  for (size_t i = 0; i < p.count; i++)
    check(i);
  all_owed_is_there();
  demand(site_count(&p.hub, "SELECT count(*) FROM sync_fork") == 0, "no fork", PROVINCE);
  demand(p.violations == 0, "nobody broke the protocol", PROVINCE);
  demand(site_verifies(&p.hub), "the province's store proves itself", PROVINCE);
}

/* ---- the story ---- */

static void a_bad_day(void)
{
  for (size_t i = 0; i < p.count; i++)
    fates[i] = IS_THERE;
  ordinary_days(DAYS / 2);
  everybody_meets();
  deal_fates();
  ordinary_days(DAYS / 3);
  for (size_t i = 0; i < p.count; i++)
    if (is_present(i)) meet(i, true);
  for (size_t i = 0; i < p.count; i++)
    if (chance(500)) write_some(i);
  owed.count = 0;
  for (size_t i = 0; i < p.count; i++)
    if (fates[i] != BURNS) owe(site_of(i));
  for (size_t i = 0; i < p.count; i++)
    if (p.members[i].node) province_hang_up(&p, &p.members[i]);
  uint32_t epochs[BRANCHES];
  for (size_t i = 0; i < p.count; i++) {
    epochs[i] = site_of(i)->epoch;
    site_backup(site_of(i), ash(i));
  }
  put_together();
  for (size_t i = 0; i < p.count; i++) {
    if (fates[i] == BURNS) enrol_again(i, true);
    if (fates[i] == IS_AWAY && chance(300)) enrol_again(i, false);
    if (fates[i] != BURNS && chance(500)) write_some(i);
  }
  const size_t found = fates[0] == BURNS && !all_lie && chance(500) ? 0 : p.count;
  for (size_t i = 0; i < p.count; i++)
    fates[i] = IS_THERE;
  ordinary_days(DAYS / 3);
  edit();
  everybody_meets();
  if (found < p.count) is_found(found, epochs[found]);
  everybody_meets();
  everybody_meets();
  for (size_t i = 0; i < p.count; i++)
    owe(site_of(i));
  check_all();
}

static void run(uint64_t seed)
{
  dice_seed(seed);
  fen = 0;
  memset(fates, 0, sizeof fates);
  province_open(&p, BRANCHES, START_MS);
  edit();
  ordinary_days((int)dice(10));
  lost_backup(&lost, &p);
  for (int loss = 0; loss < LOSSES; loss++) {
    a_bad_day();
    /* Of false names that all agreed on only a backup knows: keepers go on saying the true ones. */
    if (all_lie || chance(500)) lost_backup(&lost, &p);
  }
  (void)printf(
      "seed %llu: burnt %d times; %lld entries, %lld lost and %lld found again; all invariants hold\n",
      (unsigned long long)seed, LOSSES, (long long)site_count(&p.hub, "SELECT count(*) FROM sync_entry"),
      (long long)site_count(&p.hub, "SELECT count(*) FROM sync_lost_leaf WHERE found_ms = 0"),
      (long long)site_count(&p.hub, "SELECT count(*) FROM sync_lost_leaf WHERE found_ms > 0"));
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
