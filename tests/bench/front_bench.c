/* Requests a second through the people's port: TLS, the front, CivetWeb and a small JSON answer.
 *
 *   front_bench [REQUESTS [CONNECTIONS]]
 *
 * Each connection is kept and asks one request after another, so its time is also the answer's. */
#include "province.h"

#include "net/front.h"
#include "webui/web.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct front *front;
static struct tls *client;
static int requests = 20000, connections = 8;

static void answer(struct web_request *r, void *app)
{
  static const char json[] =
      "{\"items\":[{\"id\":4,\"name_zh\":\"千岛湖有机鱼\",\"price_fen\":4280}],\"total\":1}";
  (void)app;
  web_reply(r, 200, "application/json", json, sizeof json - 1);
}

static bool peer(void *app, const char *source, char out[WEB_PEER_SIZE], bool *secure)
{
  (void)app;
  return front_peer(front, source, out, secure);
}

static int64_t now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

struct run {
  bool secure;
  int count;
  int64_t *taken_us;
};

static struct link *dial(bool secure)
{
  struct link *link = NULL;
  struct err err = ERR_INIT;
  if (secure) return province_dial(client, front_port(front));
  return link_open(&link, NULL, province_socket(front_loopback_port(front)), &err) ? link : NULL;
}

static void *ask(void *arg)
{
  static const char request[] = "GET /api/v1/catalogue HTTP/1.1\r\nHost: hub.sunlit\r\n\r\n";
  struct run *run = arg;
  struct link *link = dial(run->secure);
  if (!link) exit(1);
  for (int i = 0; i < run->count; i++) {
    char in[4096];
    size_t size = 0, n;
    int64_t since_us = now_us();
    if (!link_write(link, request, sizeof request - 1, clock_mono_ms() + 10000, NULL)) exit(1);
    do {
      if (link_read(link, in + size, sizeof in - 1 - size, &n, clock_mono_ms() + 10000, NULL) != LINK_BYTES)
        exit(1);
      size += n;
      in[size] = 0;
    } while (!strstr(in, "\"total\":1}"));
    run->taken_us[i] = now_us() - since_us;
  }
  link_close(link);
  return NULL;
}

static int by_value(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

static void measure(bool secure)
{
  int each = requests / connections;
  int64_t *taken_us = calloc((size_t)(each * connections), sizeof *taken_us);
  struct run *runs = calloc((size_t)connections, sizeof *runs);
  pthread_t *threads = calloc((size_t)connections, sizeof *threads);
  if (!taken_us || !runs || !threads) exit(1);
  int64_t start_us = now_us();
  for (int i = 0; i < connections; i++) {
    runs[i] = (struct run){.secure = secure, .count = each, .taken_us = taken_us + (size_t)(i * each)};
    pthread_create(&threads[i], NULL, ask, &runs[i]);
  }
  for (int i = 0; i < connections; i++)
    pthread_join(threads[i], NULL);
  int64_t spent_us = now_us() - start_us;
  int n = each * connections;
  qsort(taken_us, (size_t)n, sizeof *taken_us, by_value);
  printf("%s, %d connections: %.0f requests a second, median %.2f ms, p99 %.2f ms (clients included)\n",
         secure ? "https" : "http on loopback", connections, 1e6 * n / (double)spent_us,
         (double)taken_us[n / 2] / 1000, (double)taken_us[n / 100 * 99] / 1000);
  free(taken_us);
  free(runs);
  free(threads);
}

int main(int argc, char **argv)
{
  static const struct web_route routes[] = {{"GET", "/api/v1/catalogue", answer, 0, 0, NULL}};
  struct province p;
  struct web *web;
  struct err err = ERR_INIT;
  if (argc > 1) requests = atoi(argv[1]);
  if (argc > 2) connections = atoi(argv[2]);
  province_open(&p);
  struct tls *tls = province_tls(&p, TLS_PEOPLE_SERVER, "people", "ca");
  client = province_tls(&p, TLS_SYNC_CLIENT, "node", "ca");
  const struct front_config config = {
      .listen = "127.0.0.1:0", .tls = tls, .connections_per_peer_max = 240, .burst_per_peer = 100000};
  if (!front_open(&front, &config, &err) ||
      !web_open(&web, &(struct web_config){.routes = routes, .route_count = 1, .peer = peer}, &err)) {
    fprintf(stderr, "%s\n", err.text);
    return 1;
  }
  front_backend(front, web_port(web));
  measure(true);
  measure(false);
  front_close(front);
  web_close(web);
  tls_close(tls);
  tls_close(client);
  province_close(&p);
  return 0;
}
