/* kill9_test.c - a hub and a node are killed again and again while people write; nothing that was answered is
 * lost, nothing is there twice, and both databases prove themselves.
 *
 * Two writers record prices at the node over HTTP and send each request again, with its idempotency key,
 * until it is answered.  One writer confirms products at the hub in the same way.  Meanwhile a node, a hub or
 * both get SIGKILL at a random moment and are started again.  At the end every answered row is looked for: at
 * the node, and once the line is up, at the hub; the hub's, at the node. usage: kill9_test [KILLS [SEED]]
 * (200) */
#include "core/base/clock.h"
#include "core/base/db.h"
#include "tests/process/http.h"
#include "tests/process/rig.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BRANCH = 330127, ANSWERS_MAX = 200000, CURRENT_WAIT_MS = 60000 };

static struct rig rig;
static struct program hub, node;
static atomic_int node_port, hub_port;
static char node_cookie[160], hub_cookie[160];
static atomic_bool stopping;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long long answered[ANSWERS_MAX]; /* ids of prices, under lock */
static int answered_count;
static atomic_int edits_answered;
static int64_t product; /* what the prices are of */
static char today[11];

/* Sends until an answer comes, however often the program dies under it. */
static bool insist(struct http_call *call, atomic_int *port, struct http_answer *answer)
{
  while (!atomic_load(&stopping)) {
    call->port = atomic_load(port);
    if (http_do(call, answer) && answer->status != 503) return true;
    rig_sleep_ms(5);
  }
  return false;
}

static void write_as_fast_as_one_can(const char *name)
{
  char file[40], path[RIG_PATH_MAX];
  snprintf(file, sizeof file, "%s/sunlit.conf", name);
  FILE *out = fopen(rig_path(&rig, file, path), "ae");
  if (!out || fputs("[people]\nwrites_at_once = 1000000\n", out) < 0 || fclose(out) != 0)
    rig_fail("cannot write %s", path);
}

static void *write_prices(void *arg)
{
  const char *who = arg;
  struct http_answer *answer = malloc(sizeof *answer);
  for (int i = 0; answer && !atomic_load(&stopping); i++) {
    char key[48], body[200];
    snprintf(key, sizeof key, "%s-%08d", who, i);
    snprintf(body, sizeof body,
             "{\"product\":%lld,\"price_fen\":%d,\"source\":\"market\",\"date\":\"%s\",\"note\":\"%s\","
             "\"confirm_repeat\":true}",
             (long long)product, 1000 + i % 500, today, key);
    struct http_call call = {
        .method = "POST", .path = "/api/v1/prices", .cookie = node_cookie, .key = key, .body = body};
    if (!insist(&call, &node_port, answer)) break;
    if (answer->status != 201) rig_fail("a price was answered %d: %s", answer->status, answer->body);
    pthread_mutex_lock(&lock);
    if (answered_count < ANSWERS_MAX) answered[answered_count++] = http_number(answer, "id");
    pthread_mutex_unlock(&lock);
  }
  free(answer);
  return NULL;
}

static void *write_products(void *arg)
{
  struct http_answer *answer = malloc(sizeof *answer);
  (void)arg;
  for (int i = 0; answer && !atomic_load(&stopping); i++) {
    char key[48], body[512];
    snprintf(key, sizeof key, "hub-%08d", i);
    snprintf(
        body, sizeof body,
        "{\"name_zh\":\"试品%d\",\"name_pinyin\":\"shipin\",\"name_en\":\"Trial %d\",\"group\":\"produce\","
        "\"subgroup\":\"vegetable\",\"origin_code\":330127,\"unit\":\"kg\",\"storage\":\"ambient\","
        "\"seasons\":[{\"kind\":\"open\",\"start_md\":301,\"end_md\":531}]}",
        i, i);
    struct http_call call = {
        .method = "POST", .path = "/api/v1/products", .cookie = hub_cookie, .key = key, .body = body};
    if (!insist(&call, &hub_port, answer)) break;
    if (answer->status != 201) rig_fail("a product was answered %d: %s", answer->status, answer->body);
    atomic_fetch_add(&edits_answered, 1);
    rig_sleep_ms(20);
  }
  free(answer);
  return NULL;
}

static struct db *look_into(const char *name)
{
  char file[64], path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  snprintf(file, sizeof file, "%s/store.db", name);
  if (!db_open(&db, rig_path(&rig, file, path), DB_READ, &err)) rig_fail("%s", err.text);
  return db;
}

static int64_t number(struct db *db, const char *sql)
{
  struct err err = ERR_INIT;
  int64_t n = 0;
  if (!db_int(db, sql, 0, &n, &err)) rig_fail("%s", err.text);
  return n;
}

static bool is_current(struct db *at_node, struct db *at_hub)
{
  static const char up[] = "SELECT count(*) FROM price WHERE branch = 330127";
  static const char down[] = "SELECT count(*) FROM product";
  return number(at_node, up) == number(at_hub, up) && number(at_node, down) == number(at_hub, down);
}

static void wait_until_current(void)
{
  struct db *at_node = look_into("node"), *at_hub = look_into("hub");
  int64_t begun = rig_now_us();
  while (!is_current(at_node, at_hub)) {
    if (rig_now_us() - begun > CURRENT_WAIT_MS * 1000LL) rig_fail("the two are not current after a minute");
    rig_sleep_ms(20);
  }
  printf("current %lld ms after the last kill\n", (long long)(rig_now_us() - begun) / 1000);
  db_close(at_node);
  db_close(at_hub);
}

/* The auditors' index follows the log, through every kill, without a hole. */
static void wait_until_indexed(void)
{
  struct db *db = look_into("hub");
  for (int64_t begun = rig_now_us();
       number(db, "SELECT count(*) FROM audit") != number(db, "SELECT count(*) FROM sync_entry");
       rig_sleep_ms(50))
    if (rig_now_us() - begun > CURRENT_WAIT_MS * 1000LL)
      rig_fail("the audit index is not complete after a minute");
  db_close(db);
}

static void find_all(const char *name)
{
  struct db *db = look_into(name);
  struct err err = ERR_INIT;
  for (int i = 0; i < answered_count; i++) {
    struct query q = query_open(db, "SELECT 1 FROM price WHERE branch = ?1 AND id = ?2", &err);
    query_int(&q, 1, BRANCH);
    query_int(&q, 2, answered[i]);
    bool found = query_row(&q);
    if (!query_close(&q)) rig_fail("%s", err.text);
    if (!found) rig_fail("price %lld was answered and is not at the %s", answered[i], name);
  }
  /* Each request carried its key as the note: a second row of one request would show here. */
  int64_t rows = number(db, "SELECT count(*) FROM price WHERE branch = 330127");
  int64_t different = number(db, "SELECT count(DISTINCT note) FROM price WHERE branch = 330127");
  if (rows != different)
    rig_fail("%lld rows for %lld requests at the %s", (long long)rows, (long long)different, name);
  if (rows < answered_count) rig_fail("%lld rows for %d answers", (long long)rows, answered_count);
  db_close(db);
}

static void kill_some(unsigned *seed)
{
  int what = rand_r(seed) % 5;
  bool kill_node = what != 0 && what != 1, kill_hub = what <= 1 || what == 4;
  rig_sleep_ms(20 + rand_r(seed) % 250);
  if (kill_node) rig_kill(&node);
  if (kill_hub) rig_kill(&hub);
  if (kill_hub) rig_spawn_hub(&rig, &hub);
  if (kill_node) rig_spawn_node(&rig, &node, "node", hub.sync_port);
  if (kill_hub) rig_ready(&rig, &hub);
  if (kill_node) rig_ready(&rig, &node);
  atomic_store(&hub_port, hub.http_port);
  atomic_store(&node_port, node.http_port);
}

static void set_up(void)
{
  char hub_password[24];
  rig_open(&rig, NULL);
  rig_init(&rig);
  memcpy(hub_password, rig.password, sizeof hub_password);
  write_as_fast_as_one_can("hub");
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  write_as_fast_as_one_can("node");
  rig_start_node(&rig, &node, "node", hub.sync_port);
  atomic_store(&hub_port, hub.http_port);
  atomic_store(&node_port, node.http_port);
  http_first_login(hub.http_port, hub_password, hub_cookie, sizeof hub_cookie);
  http_first_login(node.http_port, rig.password, node_cookie, sizeof node_cookie);
  wait_until_current();
  struct db *db = look_into("node");
  product = number(db, "SELECT min(id) FROM product");
  date_format(today, date_of_ms(clock_wall_ms()));
  db_close(db);
}

int main(int argc, char **argv)
{
  int kills = argc > 1 ? atoi(argv[1]) : 200;
  unsigned seed = argc > 2 ? (unsigned)atoi(argv[2]) : (unsigned)rig_now_us();
  pthread_t writers[3];
  printf("kill9: %d kills, seed %u\n", kills, seed);
  setvbuf(stdout, NULL, _IOLBF, 0);
  set_up();
  pthread_create(&writers[0], NULL, write_prices, (void *)(uintptr_t) "phone");
  pthread_create(&writers[1], NULL, write_prices, (void *)(uintptr_t) "desk");
  pthread_create(&writers[2], NULL, write_products, NULL);
  int64_t begun = rig_now_us(), slowest_node = 0, slowest_hub = 0;
  for (int i = 0; i < kills; i++) {
    kill_some(&seed);
    if (node.ready_ms > slowest_node && node.ready_ms < 100000) slowest_node = node.ready_ms;
    if (hub.ready_ms > slowest_hub && hub.ready_ms < 100000) slowest_hub = hub.ready_ms;
  }
  atomic_store(&stopping, true);
  for (int i = 0; i < 3; i++)
    pthread_join(writers[i], NULL);
  printf("%d kills in %lld s; %d prices and %d products answered; slowest start: node %lld ms, hub %lld ms\n",
         kills, (long long)(rig_now_us() - begun) / 1000000, answered_count, atomic_load(&edits_answered),
         (long long)slowest_node, (long long)slowest_hub);
  wait_until_current();
  wait_until_indexed();
  rig_stop(&node);
  rig_stop(&hub);
  find_all("node");
  find_all("hub");
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  rig_close(&rig);
  printf("nothing lost, nothing twice, both verified\n");
  return 0;
}
