/* province_bench.c - many nodes come back in the same second to one real hub.
 *
 * Each simulated node has a real store with the catalogue, a few entries of its own that the province has
 * not, and lacks some the province made meanwhile; all are threads of this process, over real TLS.  They dial
 * at once, as after an outage, and the clock runs until each is current both ways.  Both processes share the
 * machine, so its processors do the nodes' half of the work, too.
 * usage: province_bench [NODES [ENTRIES EACH [NEW AT THE HUB [FOLDER]]]]     (90 20 200 /tmp) */
#include "core/base/clock.h"
#include "core/domain/enrolment.h"
#include "net/cert_authority.h"
#include "net/tls.h"
#include "program/app.h"
#include "program/descriptors.h"
#include "program/line.h"
#include "sync/apply.h"
#include "sync/exchange_node.h"
#include "sync/store_keys.h"
#include "sync/streams.h"
#include "tests/process/rig.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FIRST_CODE = 400001, DIAL_MS = 60000, STACK_SIZE = 256 * 1024, WAIT_MS = 300000 };

struct sim {
  uint32_t code;
  struct identity identity;
  struct store *store;
  struct db *db;
  struct tls *tls;
  pthread_t thread;
  int64_t current_us; /* when it was; 0: not yet */
};

static struct rig rig,
    memory; /* the hub's folder on disk; the nodes' in memory, so as not to compete for it */
static struct program hub;
static struct sim *sims;
static int sim_count;
static uint64_t entries_each, shared_head;
static pthread_barrier_t gate;
static atomic_int current_count, dial_failures;
static atomic_bool stopping;

static void must(bool ok, const struct err *err)
{
  if (!ok) rig_fail("%s", err->text);
}

static struct moment now(void)
{
  return (struct moment){.mono_ms = clock_mono_ms(), .wall_ms = clock_wall_ms()};
}

/* ---- before the hub runs ---- */

struct grant {
  uint32_t code;
  char serial[2 * CERT_SERIAL_SIZE + 1];
  int64_t until_ms;
};

static bool add_certificate(struct tx *tx, void *ctx, struct err *err)
{
  const struct grant *g = ctx;
  return certificate_add(tx, g->serial, g->code, 1, g->until_ms, err);
}

static void grant(struct sim *sim, struct cert_authority *authority, const struct buf *public_der,
                  struct store *store)
{
  char name[64], path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct buf der = BUF_INIT;
  struct cert_facts facts;
  struct grant g = {.code = sim->code};
  const struct cert_request request = {.use = CERT_NODE,
                                       .code = sim->code,
                                       .public_key = public_der->data,
                                       .public_key_size = public_der->size,
                                       .now_ms = clock_wall_ms()};
  must(cert_issue(authority, &request, &der, &err), &err);
  must(cert_read(&facts, der.data, der.size, &err), &err);
  snprintf(name, sizeof name, "%u.crt", sim->code);
  must(cert_save(rig_path(&rig, name, path), der.data, der.size, &err), &err);
  hex_encode(g.serial, facts.serial, sizeof facts.serial);
  g.until_ms = facts.not_after_ms;
  must(store_local(store, clock_wall_ms(), add_certificate, &g, &err), &err);
  struct key key = {.author = sim->code, .epoch = 1, .since_ms = 1};
  sim->identity = (struct identity){.code = sim->code, .province = PROVINCE_CODE, .epoch = 1};
  sign_pair(key.public_key, sim->identity.secret);
  must(store_key_add(store, &key, &err), &err);
  buf_wipe(&der);
}

static bool touch_product(struct tx *tx, void *ctx, struct err *err)
{
  const int *i = ctx;
  struct query q =
      query_open(tx->db,
                 "UPDATE product SET rev = rev + 1 WHERE id = (SELECT id FROM product ORDER BY id"
                 " LIMIT 1 OFFSET ?1)",
                 err);
  query_int(&q, 1, *i % 500);
  return query_run(&q);
}

/* The province's stream as it stands before the outage, and its key: what every node holds already. */
static struct buf catalogue[8];
static int catalogue_count;
static struct key province_key;

static bool keep_key(void *ctx, const struct key *key)
{
  *(struct key *)ctx = *key;
  return true;
}

static void read_catalogue(struct db *db)
{
  struct err err = ERR_INIT;
  struct batch_head head = {0};
  must(key_list(db, PROVINCE_CODE, keep_key, &province_key, &err), &err);
  for (uint64_t after = 0; catalogue_count < 8; after = batch_last_seq(&head)) {
    struct buf *bytes = &catalogue[catalogue_count];
    must(store_batch_read(db, (struct stream){PROVINCE_CODE, 0}, after, NULL, &head, bytes, &err), &err);
    if (bytes->size == 0) return;
    catalogue_count++;
  }
}

static void apply_catalogue(struct sim *sim)
{
  struct err err = ERR_INIT;
  struct apply_result result;
  must(store_key_add(sim->store, &province_key, &err), &err);
  for (int i = 0; i < catalogue_count; i++) {
    struct batch *batch = NULL;
    must(batch_accept(&batch, sim->db, catalogue[i].data, catalogue[i].size, &err), &err);
    must(store_apply(sim->store, &batch, 1, clock_wall_ms(), &result, &err), &err);
    batch_close(batch);
  }
}

static void prepare_hub(int fresh)
{
  char path[RIG_PATH_MAX], key_path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct data_dir dir;
  struct identity identity;
  struct store *store = NULL;
  struct db *db = NULL;
  struct cert_authority *authority = NULL;
  struct cert_key *key = NULL;
  struct buf public_der = BUF_INIT;
  must(data_dir_open(&dir, rig_path(&rig, "hub", path), DATA_DIR_LOCKED, &err), &err);
  must(identity_read(&dir, "keys", &identity, &err), &err);
  must(app_store_open(&store, &dir, &identity, &err), &err);
  store_listen(store, false);
  must(db_open(&db, rig_path(&rig, "hub/store.db", path), DB_READ, &err), &err);
  read_catalogue(db);
  must(cert_authority_open(&authority, rig_path(&rig, "hub/keys/ca.crt", path),
                           rig_path(&rig, "hub/keys/ca.key", key_path), &err),
       &err);
  must(cert_key_make(&key, &err) && cert_key_save(key, rig_path(&rig, "sim.key", path), &err), &err);
  must(cert_key_public(key, &public_der, &err), &err);
  for (int i = 0; i < sim_count; i++)
    grant(&sims[i], authority, &public_der, store);
  for (int i = 0; i < fresh; i++) {
    const struct act act = {
        .actor = "admin", .role = "admin", .action = "product.change", .now_ms = clock_wall_ms()};
    must(store_commit(store, &act, touch_product, &i, NULL, &err), &err);
  }
  must(store_sign_head(store, clock_wall_ms(), &err), &err);
  struct head head;
  must(stream_head(db, (struct stream){PROVINCE_CODE, 0}, &head, &err), &err);
  shared_head = head.seq;
  buf_wipe(&public_der);
  cert_key_close(key);
  cert_authority_close(authority);
  db_close(db);
  store_close(store);
  data_dir_close(&dir);
}

/* ---- one simulated node ---- */

static bool confirm(struct tx *tx, void *ctx, struct err *err)
{
  int64_t id;
  (void)ctx;
  if (!tx_id(tx, SCOPE_BRANCH, &id, err)) return false;
  struct query q = query_open(tx->db,
                              "INSERT INTO confirmation(branch, id, product, note, actor, at_ms, rev)"
                              " SELECT ?1, ?2, min(id), 'seen at the market', 'officer', ?3, 1 FROM product",
                              err);
  query_int(&q, 1, tx->author);
  query_int(&q, 2, id);
  query_int(&q, 3, tx->now_ms);
  return query_run(&q);
}

static void open_sim(struct sim *sim)
{
  char name[64], file[DATA_PATH_MAX], path[RIG_PATH_MAX], key[RIG_PATH_MAX], ca[RIG_PATH_MAX],
      crt[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct data_dir dir;
  snprintf(name, sizeof name, "%u", sim->code);
  must(data_dir_open(&dir, rig_path(&memory, name, path), DATA_DIR_CREATE, &err), &err);
  must(app_migrate(&dir, NULL, &err), &err);
  must(app_store_open(&sim->store, &dir, &sim->identity, &err), &err);
  must(db_open(&sim->db, data_dir_path(&dir, "store.db", file), DB_READ, &err), &err);
  apply_catalogue(sim);
  for (uint64_t i = 0; i < entries_each; i++) {
    const struct act act = {
        .actor = "officer", .role = "officer", .action = "confirmation.add", .now_ms = clock_wall_ms()};
    must(store_commit(sim->store, &act, confirm, NULL, NULL, &err), &err);
  }
  snprintf(name, sizeof name, "%u.crt", sim->code);
  const struct tls_config tls = {.use = TLS_SYNC_CLIENT,
                                 .certificate_path = rig_path(&rig, name, crt),
                                 .key_path = rig_path(&rig, "sim.key", key),
                                 .authority_path = rig_path(&rig, "hub/keys/ca.crt", ca)};
  must(tls_open(&sim->tls, &tls, &err), &err);
}

static void look(struct sim *sim)
{
  struct err err = ERR_INIT;
  struct head head;
  uint64_t acked = 0;
  int64_t ms = 0;
  if (sim->current_us) return;
  must(stream_acked(sim->db, (struct stream){sim->code, 0}, &acked, &ms, &err), &err);
  must(stream_head(sim->db, (struct stream){PROVINCE_CODE, 0}, &head, &err), &err);
  if (acked < entries_each || head.seq < shared_head) return;
  sim->current_us = rig_now_us();
  atomic_fetch_add(&current_count, 1);
}

static void converse(struct sim *sim, struct link *link)
{
  struct err err = ERR_INIT;
  struct line line;
  struct exchange_node *x = NULL;
  const struct exchange_node_config config = {.store = sim->store, .db = sim->db, .program = "sim"};
  must(line_init(&line, link, &err) && exchange_node_open(&x, &config, now(), &err), &err);
  while (!exchange_node_ended(x) && !atomic_load(&stopping)) {
    size_t sent = 0, got = 0;
    int64_t soon = clock_mono_ms() + 500, deadline = exchange_node_deadline(x);
    enum link_event event =
        line_turn(&line, exchange_node_output(x), &sent, &got, deadline < soon ? deadline : soon, &err);
    if (sent) exchange_node_sent(x, sent, now());
    if (got) exchange_node_input(x, line.in, got, now());
    if (event == LINK_TIMEOUT) exchange_node_tick(x, now());
    if (event == LINK_FAILED || event == LINK_END) break;
    look(sim);
  }
  exchange_node_close(x);
  line_wipe(&line);
}

static void *run_sim(void *arg)
{
  struct sim *sim = arg;
  char address[32];
  snprintf(address, sizeof address, "127.0.0.1:%d", hub.sync_port);
  pthread_barrier_wait(&gate);
  while (!atomic_load(&stopping)) {
    struct err err = ERR_INIT;
    struct link *link = NULL;
    if (link_dial(&link, sim->tls, address, clock_mono_ms() + DIAL_MS, &err)) {
      converse(sim, link);
      link_close(link);
    } else {
      atomic_fetch_add(&dial_failures, 1);
    }
    if (!atomic_load(&stopping)) rig_sleep_ms(500);
  }
  return NULL;
}

static double cpu_s(const struct program *program)
{
  char path[64], line[1024];
  unsigned long user = 0, kernel = 0;
  snprintf(path, sizeof path, "/proc/%ld/stat", (long)program->pid);
  FILE *in = fopen(path, "re");
  if (in && fgets(line, sizeof line, in)) {
    const char *at = strrchr(line, ')');
    if (at) sscanf(at + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &kernel);
  }
  if (in) fclose(in);
  return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static int by_time(const void *a, const void *b)
{
  const struct sim *x = a, *y = b;
  return x->current_us < y->current_us ? -1 : x->current_us > y->current_us;
}

static void tell(int64_t begun, double cpu)
{
  qsort(sims, (size_t)sim_count, sizeof *sims, by_time);
  double total = (double)sim_count * (double)entries_each;
  double all_s = (double)(sims[sim_count - 1].current_us - begun) / 1e6;
  printf("first current       %8.3f s\nhalf current        %8.3f s\nall current         %8.3f s\n",
         (double)(sims[0].current_us - begun) / 1e6, (double)(sims[sim_count / 2].current_us - begun) / 1e6,
         all_s);
  printf("received            %8.0f entries/s; dials that failed %d\n", total / all_s,
         atomic_load(&dial_failures));
  printf("hub                 %.1f s of processor, memory %ld KB, peak %ld KB\n", cpu_s(&hub) - cpu,
         rig_memory_kb(&hub, false), rig_memory_kb(&hub, true));
}

int main(int argc, char **argv)
{
  sim_count = argc > 1 ? atoi(argv[1]) : 90;
  entries_each = argc > 2 ? (uint64_t)atoi(argv[2]) : 20;
  int fresh = argc > 3 ? atoi(argv[3]) : 200;
  struct err err = ERR_INIT;
  pthread_attr_t small;
  descriptors_raise();
  must(crypto_start(&err) && tls_start(&err), &err);
  sims = calloc((size_t)sim_count, sizeof *sims);
  rig_open(&rig, argc > 4 ? argv[4] : NULL);
  rig_open(&memory, "/dev/shm");
  rig_init(&rig);
  for (int i = 0; i < sim_count; i++)
    sims[i].code = (uint32_t)(FIRST_CODE + i);
  prepare_hub(fresh);
  for (int i = 0; i < sim_count; i++)
    open_sim(&sims[i]);
  rig_start_hub(&rig, &hub);
  printf("%d nodes, %llu entries up each, %d entries down each; hub ready in %lld ms, %ld KB\n", sim_count,
         (unsigned long long)entries_each, fresh, (long long)hub.ready_ms, rig_memory_kb(&hub, false));
  pthread_barrier_init(&gate, NULL, (unsigned)sim_count + 1);
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, STACK_SIZE);
  for (int i = 0; i < sim_count; i++)
    if (pthread_create(&sims[i].thread, &small, run_sim, &sims[i]) != 0) rig_fail("no thread");
  double cpu = cpu_s(&hub);
  pthread_barrier_wait(&gate);
  int64_t begun = rig_now_us();
  while (atomic_load(&current_count) < sim_count) {
    if (rig_now_us() - begun > WAIT_MS * 1000LL)
      rig_fail("%d of %d are current after %d s", atomic_load(&current_count), sim_count, WAIT_MS / 1000);
    rig_sleep_ms(5);
  }
  tell(begun, cpu);
  atomic_store(&stopping, true);
  for (int i = 0; i < sim_count; i++)
    pthread_join(sims[i].thread, NULL);
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  rig_close(&memory);
  rig_close(&rig);
  return 0;
}
