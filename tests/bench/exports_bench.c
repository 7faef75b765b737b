/* The memory of a branch while people take out workbooks: 30 at once of 10,000 rows each, again and again.
 *
 *   exports_bench [ROUNDS]     3 rounds
 *
 * The site runs in this process, over the real web and the real store; those who ask are in another.  The
 * budget is 64 MB at most, whatever people do (docs/OPERATIONS.md). */
#include "node/api.h"
#include "node/node.h"
#include "rig.h"

#include "core/base/clock.h"
#include "core/domain/describe.h"
#include "core/domain/price.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PRICES = 10500, A_COMMIT = 500, AT_ONCE = 30 };

static struct rig rig;
static struct node node;
static struct app hub;

static bool add_prices(struct tx *tx, void *ctx, struct err *err)
{
  struct written row;
  for (int i = 0; i < A_COMMIT; i++) {
    struct price_new in = {.product = *(int64_t *)ctx,
                           .price_fen = 11800 + i,
                           .source = "settled",
                           .observed_date = date_of_ms(tx->now_ms),
                           .note = "到货，个体匀，当天上午验收"};
    if (!price_add(tx, &in, &row, NULL, err)) return false;
  }
  return true;
}

static void fill(int64_t product)
{
  struct err err = ERR_INIT;
  for (int i = 0; i < PRICES / A_COMMIT; i++) {
    const struct act act = {
        .actor = "officer", .role = "officer", .action = ACTION_PRICE_ADD, .now_ms = clock_wall_ms()};
    if (!app_commit(&node.app, &act, add_prices, &product, NULL, &err)) {
      fprintf(stderr, "%s\n", err.text);
      exit(1);
    }
  }
}

/* In kB; HWM begins anew at each call of forget_peak. */
static long memory(const char *name)
{
  char line[128];
  long kb = 0;
  FILE *f = fopen("/proc/self/status", "re");
  while (f && fgets(line, sizeof line, f))
    if (strncmp(line, name, strlen(name)) == 0) kb = strtol(line + strlen(name) + 1, NULL, 10);
  if (f) fclose(f);
  return kb;
}

static void forget_peak(void)
{
  FILE *f = fopen("/proc/self/clear_refs", "we");
  if (!f) return;
  fputs("5", f);
  fclose(f);
}

/* -- those who ask, in a process of their own -- */

static struct sockaddr_in where;
static char head[400];

struct one {
  pthread_t thread;
  int status;
};

static void *ask(void *ctx)
{
  struct one *one = ctx;
  char piece[16384];
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ssize_t n = 0;
  if (connect(fd, (struct sockaddr *)&where, sizeof where) == 0 && send(fd, head, strlen(head), 0) > 0)
    n = recv(fd, piece, sizeof piece - 1, 0);
  if (n > 12) one->status = (int)strtol(piece + 9, NULL, 10);
  while (n > 0)
    n = recv(fd, piece, sizeof piece, 0);
  close(fd);
  return NULL;
}

static int ask_all(void)
{
  struct one ones[AT_ONCE] = {{.status = 0}};
  int made = 0, busy = 0;
  int64_t since = clock_mono_ms();
  for (int i = 0; i < AT_ONCE; i++)
    pthread_create(&ones[i].thread, NULL, ask, &ones[i]);
  for (int i = 0; i < AT_ONCE; i++) {
    pthread_join(ones[i].thread, NULL);
    made += ones[i].status == 200;
    busy += ones[i].status == 503;
  }
  printf("  %d workbooks made, %d told to come again, %.1f s\n", made, busy,
         (double)(clock_mono_ms() - since) / 1000);
  return made + busy == AT_ONCE ? 0 : 1;
}

static int round_of(void)
{
  fflush(stdout);
  pid_t child = fork();
  if (child == 0) {
    int status = ask_all();
    fflush(stdout);
    _exit(status);
  }
  int status = 1;
  waitpid(child, &status, 0);
  return status;
}

int main(int argc, char **argv)
{
  long rounds = argc > 1 ? strtol(argv[1], NULL, 10) : 3;
  int status = 0;
  rig_site(&hub, APP_HUB, PROVINCE_CODE, NULL);
  rig_site(&node.app, APP_NODE, COUNTY, NULL);
  rig_seed(&hub);
  rig_carry(&hub, &node.app);
  rig_site_close(&hub);
  fill(rig_product(&node.app, "舟山三疣梭子蟹"));
  rig_open(&rig, &node.app, node_routes, node_route_count);
  where = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(web_port(rig.web))};
  inet_pton(AF_INET, "127.0.0.1", &where.sin_addr);
  for (long i = 0; i < rounds && !status; i++) {
    char name[32]; /* another account each time: one may not take out so much */
    snprintf(name, sizeof name, "officer%ld", i);
    rig_account(&node.app, name, "officer", "a-bench-takes-it");
    struct visitor who = rig_login(&rig, name, "a-bench-takes-it");
    snprintf(head, sizeof head,
             "GET /api/v1/prices.xlsx HTTP/1.1\r\nHost: x\r\nCookie: %s\r\nConnection: close\r\n\r\n",
             who.cookie);
    long before = memory("VmRSS:");
    forget_peak();
    printf("round %ld: %.1f MB before\n", i + 1, (double)before / 1024);
    status = round_of();
    printf("  peak %.1f MB, %.1f MB after\n", (double)memory("VmHWM:") / 1024,
           (double)memory("VmRSS:") / 1024);
  }
  rig_close(&rig);
  rig_site_close(&node.app);
  return status != 0;
}
