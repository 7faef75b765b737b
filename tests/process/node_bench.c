/* node_bench.c - what one node costs: its start, its memory, its line while nothing happens and while the
 * province's log grows by another branch's entries, and how soon it answers when 50 people use it at once.
 *
 * Real programs on one machine; the people are threads of this one over plain HTTP on loopback, each with an
 * address and a kept connection of its own, thinking 100 to 900 ms between two requests.
 * usage: node_bench [COMMAND...]   COMMAND is run at the end with the node's port and a session's cookie
 * added: a browser that opens its pages. */
#include "core/base/clock.h"
#include "core/base/crypto.h"
#include "core/base/db.h"
#include "tests/process/http.h"
#include "tests/process/relay.h"
#include "tests/process/rig.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BRANCH = 330127, OTHER = 330122, STARTS = 11, WATCH_S = 10, PEOPLE = 50, ASKED_EACH = 30 };

static struct rig rig;
static struct program hub, node, other;
static char cookie[160], other_cookie[160];
static long long product;
static int64_t taken_us[PEOPLE * ASKED_EACH];

static int64_t number(const char *file, const char *sql)
{
  char path[RIG_PATH_MAX];
  struct err err = ERR_INIT;
  struct db *db = NULL;
  int64_t n = 0;
  if (!db_open(&db, rig_path(&rig, file, path), DB_READ, &err) || !db_int(db, sql, 0, &n, &err))
    rig_fail("%s", err.text);
  db_close(db);
  return n;
}

static int by_value(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void set_hello(const char *file)
{
  char path[RIG_PATH_MAX];
  FILE *conf = fopen(rig_path(&rig, file, path), "we");
  fputs("[node]\nhello_s = 2\n", conf);
  fclose(conf);
}

static void set_up(void)
{
  char first[24];
  rig_open(&rig, NULL);
  rig_init(&rig);
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "other", OTHER);
  snprintf(first, sizeof first, "%s", rig.password);
  rig_enroll(&rig, "node", BRANCH);
  set_hello("node/sunlit.conf");
  rig_start_node(&rig, &node, "node", hub.sync_port);
  rig_start_node(&rig, &other, "other", hub.sync_port);
  http_first_login(node.http_port, rig.password, cookie, sizeof cookie);
  http_first_login(other.http_port, first, other_cookie, sizeof other_cookie);
  int64_t products = number("hub/store.db", "SELECT count(*) FROM product");
  while (number("node/store.db", "SELECT count(*) FROM product") < products ||
         number("other/store.db", "SELECT count(*) FROM product") < products)
    rig_sleep_ms(20);
  product = number("hub/store.db", "SELECT min(id) FROM product");
  rig_stop(&node);
}

static void measure_start(int hub_port)
{
  int64_t ms[STARTS];
  for (int i = 0; i < STARTS; i++) {
    if (node.pid) rig_stop(&node);
    rig_start_node(&rig, &node, "node", hub_port);
    ms[i] = node.ready_ms;
  }
  qsort(ms, STARTS, sizeof *ms, by_value);
  printf("start               %lld ms, the median of %d (%lld to %lld)\n", (long long)ms[STARTS / 2], STARTS,
         (long long)ms[0], (long long)ms[STARTS - 1]);
}

static void other_writes(int i)
{
  static struct http_answer answer;
  char key[48], body[256], today[16];
  date_format(today, date_of_ms(clock_wall_ms()));
  snprintf(key, sizeof key, "other-%08d", i);
  snprintf(body, sizeof body, "{\"product\":%lld,\"price_fen\":%d,\"source\":\"market\",\"date\":\"%s\"}",
           product, 1000 + i, today);
  struct http_call call = {.port = other.http_port,
                           .method = "POST",
                           .path = "/api/v1/prices",
                           .cookie = other_cookie,
                           .key = key,
                           .body = body};
  if (!http_do(&call, &answer) || answer.status != 201)
    rig_fail("a price was answered %d: %s", answer.status, answer.body);
}

static void measure_line(struct relay *relay)
{
  uint64_t up = 0, down = 0;
  rig_sleep_ms(3000);
  relay_count(relay, &up, &down);
  rig_sleep_ms(1000 * WATCH_S);
  relay_count(relay, &up, &down);
  printf("idle, log quiet     %.0f bytes a round trip, both ways, TLS included\n",
         (double)(up + down) / WATCH_S);
  printf("memory, idle        %ld KB\n", rig_memory_kb(&node, false));
  for (int i = 0; i < 2; i++) /* the first growth is not like the others: there was no proof to continue */
    other_writes(i);
  rig_sleep_ms(3000);
  relay_count(relay, &up, &down);
  for (int i = 0; i < 2 * WATCH_S; i++) {
    other_writes(2 + i);
    rig_sleep_ms(500);
  }
  relay_count(relay, &up, &down);
  printf(
      "idle, log moved     %.0f bytes a second at a HELLO a second, %d entries of another branch a second\n",
      (double)(up + down) / WATCH_S, 2);
}

/* From an address of its own, as 50 telephones have: the port for people bounds what one address may dial. */
static int person_dial(int who)
{
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
  const struct timeval wait = {.tv_sec = 10};
  struct sockaddr_in from = {.sin_family = AF_INET}, to = {.sin_family = AF_INET};
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 512 + (uint32_t)who);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  to.sin_port = htons((uint16_t)node.http_port);
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(fd, (const struct sockaddr *)&from, sizeof from) != 0 ||
      connect(fd, (const struct sockaddr *)&to, sizeof to) != 0)
    rig_fail("person %d cannot dial", who);
  return fd;
}

/* One request on a kept connection, its whole answer read; false when the connection had been closed. */
static bool person_ask(int fd, const char *path)
{
  static _Thread_local char text[131072];
  size_t size = 0, whole = 0;
  int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: %s\r\n\r\n", path,
                   node.http_port, cookie);
  if (send(fd, text, (size_t)n, MSG_NOSIGNAL) != n) return false;
  while (!whole || size < whole) {
    ssize_t got = recv(fd, text + size, sizeof text - 1 - size, 0);
    if (got <= 0) return false;
    text[size += (size_t)got] = 0;
    const char *end = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\nContent-Length:");
    if (!whole && end && length) whole = (size_t)(end + 4 - text) + (size_t)atol(length + 17);
  }
  if (strncmp(text, "HTTP/1.1 200", 12) != 0) rig_fail("%s was answered %.60s", path, text);
  return true;
}

static void *person(void *arg)
{
  static const char *const asks[] = {"catalogue?season=all&limit=50", "catalogue?q=xia&season=all", NULL,
                                     "prices?limit=50", "status"};
  int64_t *us = arg;
  int who = (int)((us - taken_us) / ASKED_EACH), fd = person_dial(who);
  unsigned seed = (unsigned)who + 1;
  for (int i = 0; i < ASKED_EACH; i++) {
    char path[96] = "/api/v1/";
    if (i % 5 == 2)
      snprintf(path + 8, sizeof path - 8, "products/%lld", product);
    else
      snprintf(path + 8, sizeof path - 8, "%s", asks[i % 5]);
    seed = seed * 1103515245u + 12345u;
    rig_sleep_ms(100 + (int)(seed >> 16) % 800);
    int64_t begun = rig_now_us();
    for (int dials = 0; !person_ask(fd, path); fd = person_dial(who)) {
      close(fd);
      if (++dials > 2) rig_fail("%s was not answered", path);
    }
    us[i] = rig_now_us() - begun;
  }
  close(fd);
  return NULL;
}

static void measure_people(void)
{
  pthread_t threads[PEOPLE];
  int64_t begun = rig_now_us();
  for (int i = 0; i < PEOPLE; i++)
    pthread_create(&threads[i], NULL, person, taken_us + (ptrdiff_t)i * ASKED_EACH);
  for (int i = 0; i < PEOPLE; i++)
    pthread_join(threads[i], NULL);
  double s = (double)(rig_now_us() - begun) / 1e6;
  int n = PEOPLE * ASKED_EACH;
  qsort(taken_us, (size_t)n, sizeof *taken_us, by_value);
  printf("answers             %d people, %.0f requests a second: median %.1f ms, p99 %.1f ms\n", PEOPLE,
         n / s, (double)taken_us[n / 2] / 1000, (double)taken_us[n * 99 / 100] / 1000);
  printf("memory, peak        %ld KB\n", rig_memory_kb(&node, true));
}

static void run_command(int argc, char **argv)
{
  const char *command[16];
  char port[16], out[4096];
  int n = 0;
  for (int i = 1; i < argc && n < 13; i++)
    command[n++] = argv[i];
  snprintf(port, sizeof port, "%d", node.http_port);
  command[n++] = port;
  command[n++] = cookie;
  command[n] = NULL;
  int status = rig_run(out, sizeof out, command);
  printf("%s", out);
  if (status != 0) printf("page                the command ended with %d\n", status);
}

int main(int argc, char **argv)
{
  struct err err = ERR_INIT;
  if (!crypto_start(&err)) rig_fail("%s", err.text);
  set_up();
  struct relay *relay = relay_open(hub.sync_port);
  relay_release(relay);
  measure_start(relay_port(relay));
  measure_line(relay);
  measure_people();
  if (argc > 1) run_command(argc, argv);
  rig_stop(&node);
  rig_stop(&other);
  rig_stop(&hub);
  rig_close(&rig);
  return 0;
}
