/* quorum_test.c - a log that is written to all the time, three branches that cosign, a policy that wants two
 * of them: sunlit-verify --policy over the network succeeds every time it is asked, and what is witnessed
 * keeps up. usage: quorum_test SUNLIT_VERIFY */
#include "core/base/clock.h"
#include "tests/process/ask.h"
#include "tests/process/http.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BRANCHES = 3, TIMES = 12 };
/* Slower than the connections of one address that a port takes in the long run. */
enum { EVERY_MS = 150 };
static const unsigned codes[BRANCHES] = {330127, 330122, 330182};

static struct rig rig;
static struct program hub, nodes[BRANCHES];
static char cookie[160], fish[24], today[11];
static atomic_bool over;

static void write_file(const char *name, const char *text)
{
  char path[RIG_PATH_MAX];
  FILE *out = fopen(rig_path(&rig, name, path), "we");
  if (!out || fputs(text, out) < 0 || fclose(out) != 0) rig_fail("cannot write %s", path);
}

/* The first branch records a price again and again. */
static void *records(void *unused)
{
  static struct http_answer answer;
  for (int i = 0; !atomic_load(&over); i++, rig_sleep_ms(EVERY_MS)) {
    char key[32], body[200];
    snprintf(key, sizeof key, "quorum-%08d", i);
    snprintf(body, sizeof body, "{\"product\":%s,\"price_fen\":%d,\"source\":\"market\",\"date\":\"%s\"}",
             fish, 1000 + i, today);
    const struct http_call call = {.port = nodes[0].http_port,
                                   .method = "POST",
                                   .path = "/api/v1/prices",
                                   .cookie = cookie,
                                   .key = key,
                                   .body = body};
    if (!http_do(&call, &answer) || answer.status != 201)
      rig_fail("a price: %d %s", answer.status, answer.body);
  }
  return unused;
}

/* Log and branches as `sunlit-hub policy` prints them, with a quorum of two. */
static void make_policy(void)
{
  char text[8192], policy[8192] = "";
  const char *const argv[] = {rig_program(true), "policy", "--dir", ask_path(&rig, "hub"), NULL};
  if (rig_run(text, sizeof text, argv) != 0) rig_fail("policy: %s", text);
  char *rest = NULL;
  for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
    if (strncmp(line, "log ", 4) == 0 || strncmp(line, "witness ", 8) == 0) {
      strcat(policy, line);
      strcat(policy, "\n");
    }
  strcat(policy, "group all 2 330127 330122 330182\nquorum all\n");
  write_file("policy", policy);
}

static int verify(const char *program, char *out, int room)
{
  char url[100];
  snprintf(url, sizeof url, "http://127.0.0.1:%d/log", hub.http_port);
  const char *const argv[] = {
      program, "--policy", ask_path(&rig, "policy"), "--token", ask_path(&rig, "token"), url, NULL};
  return rig_run(out, room, argv);
}

static void set_up(void)
{
  char name[24], file[40], token[200];
  rig_open(&rig, NULL);
  rig_init(&rig);
  rig_start_hub(&rig, &hub);
  for (int i = 0; i < BRANCHES; i++) {
    snprintf(name, sizeof name, "node%d", i);
    rig_enroll(&rig, name, codes[i]);
    snprintf(file, sizeof file, "%s/sunlit.conf", name);
    write_file(file, "[node]\nhello_s = 2\n");
    rig_start_node(&rig, &nodes[i], name, hub.sync_port);
    if (i == 0) http_first_login(nodes[0].http_port, rig.password, cookie, sizeof cookie);
  }
  ask_wait(&rig, "node0", "SELECT count(*) FROM product",
           ask_number(&rig, "hub", "SELECT count(*) FROM product"));
  snprintf(fish, sizeof fish, "%lld", (long long)ask_number(&rig, "node0", "SELECT min(id) FROM product"));
  date_format(today, date_of_ms(clock_wall_ms()));
  make_policy();
  const char *const ask[] = {rig_program(true), "log-token", "--dir", ask_path(&rig, "hub"),
                             "--for",           "auditor",   NULL};
  if (rig_run(token, sizeof token, ask) != 0) rig_fail("log-token: %s", token);
  static const char *const unseen[] = {"audit\u200b", "\u202eaudit", "au\x1b[2Jdit", " audit", ""};
  for (size_t i = 0; i < sizeof unseen / sizeof *unseen; i++)
    ask_expect(ask_run(true, "log-token", "--dir", ask_path(&rig, "hub"), "--for", unseen[i], NULL), 1,
               "a name nobody sees whole");
  write_file("token", token);
}

int main(int argc, char **argv)
{
  static char out[16384];
  pthread_t writer;
  if (argc != 2) return 2;
  setvbuf(stdout, NULL, _IOLBF, 0);
  set_up();
  if (pthread_create(&writer, NULL, records, NULL) != 0) rig_fail("no thread");
  ask_wait(&rig, "hub", "SELECT coalesce(max(lines), 0) >= 2 FROM sync_quorum", 1);
  int64_t first = ask_number(&rig, "hub", "SELECT size FROM sync_quorum");
  int behind = 0;
  for (int i = 0; i < TIMES; i++) {
    if (verify(argv[1], out, sizeof out) != 0) rig_fail("verification %d: %s", i + 1, out);
    behind += strstr(out, "has witnessed the first") != NULL;
    rig_sleep_ms(300);
  }
  if (behind == 0) rig_fail("the log was never ahead of its witnesses: this test tests nothing");
  /* It keeps up: what was the newest just now is witnessed soon, however slow the machine is. */
  int64_t newest = ask_number(&rig, "hub", "SELECT max(size) FROM sync_checkpoint");
  char reached[100];
  snprintf(reached, sizeof reached, "SELECT size >= %lld AND lines >= 2 FROM sync_quorum", (long long)newest);
  ask_wait(&rig, "hub", reached, 1);
  int64_t later = ask_number(&rig, "hub", "SELECT size FROM sync_quorum");
  atomic_store(&over, true);
  pthread_join(writer, NULL);
  printf("%d verifications under load, each with its quorum; witnessed from %lld to %lld\n", TIMES,
         (long long)first, (long long)later);
  for (int i = 0; i < BRANCHES; i++)
    rig_stop(&nodes[i]);
  rig_stop(&hub);
  rig_verify(&rig, true, "hub");
  rig_close(&rig);
  return 0;
}
