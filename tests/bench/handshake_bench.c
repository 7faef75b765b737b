/* What one mutual TLS handshake costs the hub, how many it does in a second, and what an idle line keeps.
 *
 *   handshake_bench [HANDSHAKES [IDLE]]
 *
 * Clients and server are one process: the server's CPU is the process's without the client's thread's. */
#include "province.h"

#include "core/base/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static int64_t cpu_us(int who)
{
  struct rusage u;
  getrusage(who, &u);
  return (int64_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec + u.ru_stime.tv_usec;
}

static long resident_kb(void)
{
  long all = 0, pages = 0;
  FILE *file = fopen("/proc/self/statm", "re");
  if (!file || fscanf(file, "%ld %ld", &all, &pages) != 2) pages = 0;
  if (file) fclose(file);
  return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

static void measure_handshakes(struct tls *client, uint16_t port, int n)
{
  int64_t start_ms = clock_mono_ms(), all_us = cpu_us(RUSAGE_SELF), own_us = cpu_us(RUSAGE_THREAD);
  for (int i = 0; i < n; i++) {
    struct link *link = province_dial(client, port);
    if (!link || !province_greeted(link, "330127")) exit(1);
    link_close(link);
  }
  int64_t client_us = cpu_us(RUSAGE_THREAD) - own_us, server_us = cpu_us(RUSAGE_SELF) - all_us - client_us;
  printf("mutual handshake, %d one after another: server %.2f ms of CPU (goal <= 12), client %.2f ms, %.0f a "
         "second\n",
         n, (double)server_us / 1000 / n, (double)client_us / 1000 / n,
         1000.0 * n / (double)(clock_mono_ms() - start_ms));
}

static void measure_idle(struct tls *client, uint16_t port, int n)
{
  struct link **links = calloc((size_t)n, sizeof(struct link *));
  if (!links) exit(1);
  long before_kb = resident_kb();
  for (int i = 0; i < n; i++) {
    links[i] = province_dial(client, port);
    if (!links[i] || !province_greeted(links[i], "330127")) exit(1);
  }
  printf("idle line, both ends, with a thread on one: %.1f KB\n", (double)(resident_kb() - before_kb) / n);
  for (int i = 0; i < n; i++)
    link_close(links[i]);
  free(links);
}

int main(int argc, char **argv)
{
  int handshakes = argc > 1 ? atoi(argv[1]) : 500, idle = argc > 2 ? atoi(argv[2]) : 200;
  struct province p;
  province_open(&p);
  struct tls *server = province_tls(&p, TLS_SYNC_SERVER, "hub", "ca");
  struct tls *client = province_tls(&p, TLS_SYNC_CLIENT, "node", "ca");
  struct listener *port =
      province_echo(server, &(struct listener_config){.connections_max = idle + 16,
                                                      .connections_per_peer_max = idle + 16,
                                                      .burst_per_peer = 1000000});
  measure_handshakes(client, listener_port(port), handshakes);
  measure_idle(client, listener_port(port), idle);
  listener_close(port);
  tls_close(server);
  tls_close(client);
  province_close(&p);
  return 0;
}
