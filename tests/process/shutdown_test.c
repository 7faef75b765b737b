/* shutdown_test.c - both programs end by SIGTERM in the middle of work, in every order, and each time
 * cleanly: exit 0, nothing that was answered is lost.
 *
 * It means most under the address sanitizer, which ./check runs it with: a part that outlives what it uses
 * ends the program with a report and not with 0.  Two people record prices at the node, an auditor reads the
 * trail at the hub (what he reads is itself recorded when the hub ends), an administrator makes invitations.
 */
#include "core/base/clock.h"
#include "tests/process/ask.h"
#include "tests/process/http.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BRANCH = 330127, WORK_MS = 700 };

static struct rig rig;
static struct program hub, node;
static char node_cookie[160], hub_cookie[160];
static atomic_int node_port, hub_port;
static atomic_bool stopping;
static atomic_int answered;
static long long product;
static char today[11];

static void *record_prices(void *arg)
{
  const char *who = arg;
  struct http_answer *answer = malloc(sizeof *answer);
  for (int i = 0; answer && !atomic_load(&stopping); i++) {
    char key[48], body[200];
    snprintf(key, sizeof key, "%s-%08d", who, i);
    snprintf(body, sizeof body,
             "{\"product\":%lld,\"price_fen\":%d,\"source\":\"market\",\"date\":\"%s\",\"note\":\"%s\","
             "\"confirm_repeat\":true}",
             product, 1000 + i % 500, today, key);
    const struct http_call call = {.port = atomic_load(&node_port),
                                   .method = "POST",
                                   .path = "/api/v1/prices",
                                   .cookie = node_cookie,
                                   .key = key,
                                   .body = body};
    if (http_do(&call, answer) && answer->status == 201)
      atomic_fetch_add(&answered, 1);
    else
      rig_sleep_ms(5);
  }
  free(answer);
  return NULL;
}

static void *look(const char *const *paths, int count)
{
  struct http_answer *answer = malloc(sizeof *answer);
  for (int i = 0; answer && !atomic_load(&stopping); i++) {
    const struct http_call call = {
        .port = atomic_load(&hub_port), .method = "GET", .path = paths[i % count], .cookie = hub_cookie};
    if (!http_do(&call, answer)) rig_sleep_ms(5);
  }
  free(answer);
  return NULL;
}

static void *read_trail(void *arg)
{
  static const char *const paths[] = {"/api/v1/audit", "/api/v1/audit/events", "/api/v1/board"};
  (void)arg;
  return look(paths, 3);
}

static void *invite(void *arg)
{
  char open_ms[24] = "null";
  struct http_answer *answer = malloc(sizeof *answer);
  (void)arg;
  for (int i = 0; answer && !atomic_load(&stopping); i++) {
    char key[48], body[80];
    snprintf(key, sizeof key, "invite-%08d", i);
    snprintf(body, sizeof body, "{\"branch\":330122,\"replaces_ms\":%s}", open_ms);
    const struct http_call call = {.port = atomic_load(&hub_port),
                                   .method = "POST",
                                   .path = "/api/v1/invites",
                                   .cookie = hub_cookie,
                                   .key = key,
                                   .body = body};
    if (http_do(&call, answer)) http_open_invite(answer, open_ms);
    rig_sleep_ms(20);
  }
  free(answer);
  return NULL;
}

static void start(void)
{
  rig_start_hub(&rig, &hub);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  atomic_store(&hub_port, hub.http_port);
  atomic_store(&node_port, node.http_port);
}

static void set_up(void)
{
  char hub_password[24];
  rig_open(&rig, NULL);
  rig_init(&rig);
  memcpy(hub_password, rig.password, sizeof hub_password);
  rig_start_hub(&rig, &hub);
  rig_enroll(&rig, "node", BRANCH);
  rig_start_node(&rig, &node, "node", hub.sync_port);
  http_first_login(hub.http_port, hub_password, hub_cookie, sizeof hub_cookie);
  http_first_login(node.http_port, rig.password, node_cookie, sizeof node_cookie);
  atomic_store(&hub_port, hub.http_port);
  atomic_store(&node_port, node.http_port);
  ask_wait(&rig, "node", "SELECT count(*) > 500 FROM product", 1);
  product = ask_number(&rig, "node", "SELECT min(id) FROM product");
  date_format(today, date_of_ms(clock_wall_ms()));
}

int main(void)
{
  static void *(*const work[])(void *) = {record_prices, record_prices, read_trail, invite};
  static const char *const names[] = {"phone", "desk", "auditor", "admin"};
  pthread_t people[4];
  setvbuf(stdout, NULL, _IOLBF, 0);
  set_up();
  for (int i = 0; i < 4; i++)
    pthread_create(&people[i], NULL, work[i], (void *)(uintptr_t)names[i]);
  /* The hub under its node, the node under its hub. */
  for (int round = 0; round < 2; round++) {
    rig_sleep_ms(WORK_MS);
    if (round % 2) rig_stop(&node);
    rig_stop(&hub);
    rig_stop(&node);
    start();
    printf("round %d: %d prices answered\n", round + 1, atomic_load(&answered));
  }
  atomic_store(&stopping, true);
  for (int i = 0; i < 4; i++)
    pthread_join(people[i], NULL);
  int64_t had = atomic_load(&answered);
  if (had < 20) rig_fail("only %lld prices were answered: nobody worked", (long long)had);
  ask_wait(&rig, "hub", "SELECT count(*) FROM price", ask_number(&rig, "node", "SELECT count(*) FROM price"));
  rig_stop(&node);
  rig_stop(&hub);
  if (ask_number(&rig, "node", "SELECT count(*) FROM price") < had) rig_fail("an answered price is lost");
  if (ask_number(&rig, "hub", "SELECT count(*) FROM security_event WHERE kind = 'read'") < 1)
    rig_fail("nobody's reading of the trail was recorded");
  rig_verify(&rig, true, "hub");
  rig_verify(&rig, false, "node");
  rig_close(&rig);
  return 0;
}
